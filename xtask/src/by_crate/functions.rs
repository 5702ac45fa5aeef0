//! The functions of a WebAssembly module: their names and how large they are.

use std::collections::HashMap;

use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload, TypeRef};

/// The names and sizes in bytes of all functions that the module has itself; those without a name have an empty one.
pub fn of(module: &[u8]) -> Result<Vec<(&str, usize)>, BinaryReaderError> {
    let mut imported = 0;
    let mut sizes = Vec::new();
    let mut names = HashMap::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.as_bytes().len()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(parts) = section.as_known() {
                    for part in parts {
                        if let Name::Function(functions) = part? {
                            for function in functions {
                                let function = function?;
                                names.insert(function.index, function.name);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let named = |(index, size)| (names.get(&index).copied().unwrap_or(""), size);
    Ok((imported..).zip(sizes).map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn functions_have_names_and_sizes() {
        let module = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x0e\x02\x01m\x01f\0\0\x01m\x01g\x03\x7f\0\
            \x03\x03\x02\0\0\
            \x0a\x07\x02\x02\0\x0b\x02\0\x0b\
            \0\x0c\x04name\x01\x05\x01\x01\x02ab";
        assert_eq!(of(module).unwrap(), [("ab", 2), ("", 2)]);
        assert!(of(b"no module").is_err());
    }
}
