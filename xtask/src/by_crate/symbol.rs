//! The compiler's names of functions (v0, RFC 2603), as far as the crates in them.

/// The crate that a function was written in and the one that it was made for. `None` where the name tells none.
pub fn crates(name: &str) -> Option<(&str, &str)> {
    let mut symbol = Symbol {
        text: name.strip_prefix("_R")?,
        at: 0,
    };
    let written_in = symbol.path()?;
    let made_for = match symbol.next() {
        Some(b'C' | b'B') => symbol.path()?,
        _ => written_in,
    };
    Some((written_in, made_for))
}

/// A name without its prefix, and where in it one is.
struct Symbol<'n> {
    text: &'n str,
    at: usize,
}

impl<'n> Symbol<'n> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let next = self.next()?;
        self.at += 1;
        Some(next)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The crate that a path begins with, or that the impl is in which it leads into.
    fn path(&mut self) -> Option<&'n str> {
        match self.take()? {
            b'C' => self.identifier().filter(|name| !name.is_empty()),
            b'M' => {
                let written_in = self.impl_path()?;
                self.kind()?;
                Some(written_in)
            }
            b'X' => {
                let written_in = self.impl_path()?;
                self.kind()?;
                self.path()?;
                Some(written_in)
            }
            // What a trait gives to all types.
            b'Y' => {
                self.kind()?;
                self.path()
            }
            b'N' => {
                self.take()?;
                let written_in = self.path()?;
                self.identifier()?;
                Some(written_in)
            }
            b'I' => {
                let written_in = self.path()?;
                while !self.eat(b'E') {
                    self.argument()?;
                }
                Some(written_in)
            }
            b'B' => {
                let before = self.at - 1;
                let place = self.number()?;
                let after = std::mem::replace(&mut self.at, place);
                // It leads back, so this comes to an end.
                let written_in = (place < before).then(|| self.path()).flatten();
                self.at = after;
                written_in
            }
            _ => None,
        }
    }

    fn impl_path(&mut self) -> Option<&'n str> {
        self.disambiguator()?;
        self.path()
    }

    fn argument(&mut self) -> Option<()> {
        match self.next()? {
            b'L' => self.lifetime(),
            b'K' => {
                self.take()?;
                self.constant()
            }
            _ => self.kind(),
        }
    }

    /// Passes a type by.
    fn kind(&mut self) -> Option<()> {
        match self.next()? {
            b'a'..=b'z' => self.take().map(drop),
            b'A' => {
                self.take()?;
                self.kind()?;
                self.constant()
            }
            b'S' | b'P' | b'O' => {
                self.take()?;
                self.kind()
            }
            b'R' | b'Q' => {
                self.take()?;
                if self.next() == Some(b'L') {
                    self.lifetime()?;
                }
                self.kind()
            }
            b'T' => {
                self.take()?;
                self.kinds()
            }
            b'F' => {
                self.take()?;
                self.binder()?;
                self.eat(b'U');
                if self.eat(b'K') && !self.eat(b'C') {
                    self.word()?;
                }
                self.kinds()?;
                self.kind()
            }
            b'D' => {
                self.take()?;
                self.binder()?;
                while !self.eat(b'E') {
                    self.path()?;
                    while self.eat(b'p') {
                        self.word()?;
                        self.kind()?;
                    }
                }
                self.lifetime()
            }
            b'B' => {
                self.take()?;
                self.number().map(drop)
            }
            _ => self.path().map(drop),
        }
    }

    fn kinds(&mut self) -> Option<()> {
        while !self.eat(b'E') {
            self.kind()?;
        }
        Some(())
    }

    fn constant(&mut self) -> Option<()> {
        match self.take()? {
            b'p' => Some(()),
            b'B' => self.number().map(drop),
            b'a'..=b'z' => {
                self.eat(b'n');
                while self.take()? != b'_' {}
                Some(())
            }
            _ => None,
        }
    }

    fn lifetime(&mut self) -> Option<()> {
        self.eat(b'L').then_some(())?;
        self.number().map(drop)
    }

    fn binder(&mut self) -> Option<()> {
        if self.eat(b'G') {
            self.number()?;
        }
        Some(())
    }

    fn disambiguator(&mut self) -> Option<()> {
        if self.eat(b's') {
            self.number()?;
        }
        Some(())
    }

    /// A word that may have a number, which tells it from others.
    fn identifier(&mut self) -> Option<&'n str> {
        self.disambiguator()?;
        self.word()
    }

    /// A word with its length before it.
    fn word(&mut self) -> Option<&'n str> {
        self.eat(b'u');
        let mut length = 0_usize;
        while let Some(digit @ b'0'..=b'9') = self.next() {
            length = length
                .checked_mul(10)?
                .checked_add(usize::from(digit - b'0'))?;
            self.at += 1;
        }
        self.eat(b'_');
        let start = self.at;
        self.at = start.checked_add(length)?;
        self.text.get(start..self.at)
    }

    /// A number of base 62, with `_` at its end.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        if self.eat(b'_') {
            return Some(number);
        }
        loop {
            let digit = match self.take()? {
                b'_' => return number.checked_add(1),
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'z' => digit - b'a' + 10,
                digit @ b'A'..=b'Z' => digit - b'A' + 36,
                _ => return None,
            };
            number = number.checked_mul(62)?.checked_add(usize::from(digit))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::crates;

    #[test]
    fn a_name_tells_two_crates() {
        let js = "_RNvXNvCse1cLdRzoZTX_6js_syssf5_1__NtB4_10Uint8ArrayNtNtCs7jVFn3eN2S3_12wasm_bindgen8describe12WasmDescribe8describe";
        assert_eq!(crates(js), Some(("js_sys", "js_sys")));
        let slice = "_RNvXs1_NtCs7jVFn3eN2S3_12wasm_bindgen8describeSlNtB5_12WasmDescribe8describeCse1cLdRzoZTX_6js_sys";
        assert_eq!(crates(slice), Some(("wasm_bindgen", "js_sys")));
        // `.` and what follows it is the linker's.
        let boxed = "_RNvNtCs5cOc02OMXlo_5alloc5boxed14box_new_uninit.1555";
        assert_eq!(crates(boxed), Some(("alloc", "alloc")));
        // Of a trait, for a closure that takes a function and an array.
        let given = "_RINvYFUKCRLlAh8_EuNtCs1_4core5Trait4callNCNvCs2_3app4main0ECs2_3app";
        assert_eq!(crates(given), None, "a length is a constant with its type");
        let given = "_RINvYFUKCRL_Ahj8_EuNtCs1_4core5Trait4callNCNvCs2_3app4main0ECs2_3app";
        assert_eq!(crates(given), Some(("core", "app")));
        let bound = "_RINvCs1_4core4dropDG_NtCs1_4core3Anyp4ItemjNtB2_4SendEL_EB2_";
        assert_eq!(crates(bound), Some(("core", "core")));
        for other in ["memcpy", "_R", "_RNvC", "_RB_", "_RB5_"] {
            assert_eq!(crates(other), None, "{other}");
        }
    }
}
