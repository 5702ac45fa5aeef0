//! WebAssembly modules, as far as their sections.

/// The module's magic number and version.
const HEADER: usize = 8;
/// The number of sections that the standard says nothing of.
pub const CUSTOM: u8 = 0;

/// A section of a module.
pub struct Section<'m> {
    pub id: u8,
    pub body: &'m [u8],
    /// With its number and its length.
    whole: &'m [u8],
}

impl<'m> Section<'m> {
    /// The name of a custom section.
    pub fn name(&self) -> Option<&'m [u8]> {
        let (length, rest) = leb128(self.body)?;
        rest.get(..length)
    }

    /// What follows the name of a custom section.
    pub fn custom(&self) -> Option<&'m [u8]> {
        let (length, rest) = leb128(self.body)?;
        rest.get(length..)
    }
}

/// The sections of a module; `None` if this is none.
pub fn sections(module: &[u8]) -> Option<Vec<Section<'_>>> {
    let (header, mut rest) = module.split_at_checked(HEADER)?;
    if !header.starts_with(b"\0asm") {
        return None;
    }
    let mut sections = Vec::new();
    while let Some((&id, after_id)) = rest.split_first() {
        let (size, body) = leb128(after_id)?;
        let (body, next) = body.split_at_checked(size)?;
        let whole = rest.get(..rest.len() - next.len())?;
        sections.push(Section { id, body, whole });
        rest = next;
    }
    Some(sections)
}

/// The module without the custom section that holds the functions' names: nobody reads them in a release, and they
/// are two fifths of the page. `None` if this is no module.
///
/// wasm-bindgen can leave the section out, but trunk cannot tell it to; stripped by the compiler, the module would
/// lose the list of target features as well, which wasm-bindgen needs.
pub fn without_names(module: &[u8]) -> Option<Vec<u8>> {
    let sections = sections(module)?;
    let mut kept = module.get(..HEADER)?.to_vec();
    for section in sections {
        if section.id != CUSTOM || section.name()? != b"name" {
            kept.extend_from_slice(section.whole);
        }
    }
    Some(kept)
}

/// An unsigned number of up to 32 bits, and what follows it.
pub fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, &byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0\
        \x01\x04\x01\x60\0\0\
        \0\x07\x04name\x01\x02\
        \0\x05\x04kept";

    #[test]
    fn only_the_names_go() {
        let kept = without_names(MODULE).expect("a module");
        assert_eq!(kept, b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\0\x05\x04kept");
        assert_eq!(without_names(&kept).expect("a module"), kept);
    }

    #[test]
    fn what_is_no_module_is_told() {
        assert_eq!(without_names(b"<html></html>"), None);
        assert_eq!(without_names(MODULE.get(..20).expect("a part")), None);
    }
}
