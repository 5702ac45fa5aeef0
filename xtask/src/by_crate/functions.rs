//! The functions of a WebAssembly module: their names and how large they are.

use std::collections::HashMap;

use crate::module::{self, leb128};

const IMPORTS: u8 = 2;
const CODE: u8 = 10;
/// The part of the section of names that names functions.
const FUNCTION_NAMES: u8 = 1;

/// The names and sizes in bytes of all functions that the module has itself; those without a name have an empty one. `None`
/// if this is no module.
pub fn of(module: &[u8]) -> Option<Vec<(&str, usize)>> {
    let mut imported = 0;
    let mut sizes = Vec::new();
    let mut names = HashMap::new();
    for section in module::sections(module)? {
        match section.id {
            IMPORTS => imported = imported_functions(section.body)?,
            CODE => sizes = code_sizes(section.body)?,
            module::CUSTOM if section.name() == Some(b"name") => {
                names = function_names(section.custom()?)?;
            }
            _ => {}
        }
    }
    let named = |(place, size)| (names.get(&(imported + place)).copied().unwrap_or(""), size);
    Some(sizes.into_iter().enumerate().map(named).collect())
}

fn imported_functions(body: &[u8]) -> Option<usize> {
    let (count, mut rest) = leb128(body)?;
    let mut functions = 0;
    for _ in 0..count {
        // The module that it comes from, and its name there.
        for _ in 0..2 {
            let (length, after) = leb128(rest)?;
            rest = after.get(length..)?;
        }
        let (kind, after) = rest.split_first()?;
        rest = match kind {
            0 => {
                functions += 1;
                leb128(after)?.1
            }
            // A table: the type of what is in it, then its limits.
            1 => limits(after.get(1..)?)?,
            2 => limits(after)?,
            // A global's type and whether it changes.
            3 => after.get(2..)?,
            // A tag's attribute and type.
            4 => leb128(after.get(1..)?)?.1,
            _ => return None,
        };
    }
    Some(functions)
}

fn limits(bytes: &[u8]) -> Option<&[u8]> {
    let (flags, after) = bytes.split_first()?;
    let (_, after) = leb128(after)?;
    match flags & 1 {
        0 => Some(after),
        _ => Some(leb128(after)?.1),
    }
}

fn code_sizes(body: &[u8]) -> Option<Vec<usize>> {
    let (count, mut rest) = leb128(body)?;
    let mut sizes = Vec::with_capacity(count);
    for _ in 0..count {
        let (size, after) = leb128(rest)?;
        sizes.push(size + rest.len() - after.len());
        rest = after.get(size..)?;
    }
    Some(sizes)
}

fn function_names(mut rest: &[u8]) -> Option<HashMap<usize, &str>> {
    let mut names = HashMap::new();
    while let Some((id, after)) = rest.split_first() {
        let (size, after) = leb128(after)?;
        let (mut part, next) = after.split_at_checked(size)?;
        rest = next;
        if *id != FUNCTION_NAMES {
            continue;
        }
        let count;
        (count, part) = leb128(part)?;
        for _ in 0..count {
            let (function, after) = leb128(part)?;
            let (length, after) = leb128(after)?;
            let (name, after) = after.split_at_checked(length)?;
            names.insert(function, std::str::from_utf8(name).ok()?);
            part = after;
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn functions_have_names_and_sizes() {
        let module = b"\0asm\x01\0\0\0\
            \x02\x0e\x02\x01m\x01f\0\0\x01m\x01g\x03\x7f\0\
            \x0a\x07\x02\x02\0\x0b\x02\0\x0b\
            \0\x0c\x04name\x01\x05\x01\x01\x02ab";
        assert_eq!(of(module), Some(vec![("ab", 3), ("", 3)]));
        assert_eq!(of(b"no module"), None);
    }
}
