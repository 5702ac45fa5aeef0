//! WebAssembly modules: what is left out of a release, and what they are made of.

use std::convert::Infallible;

use wasm_encoder::Module;
use wasm_encoder::reencode::{Error, Reencode};
use wasmparser::{CustomSectionReader, Parser, Payload};

use crate::failure::{Failure, Result};

/// The module without custom sections and without the linker's padding: nobody reads the functions' names in a release,
/// and they are two fifths of the page; what the linker notes to cut it into parts is as much again.
///
/// Neither trunk nor the tool that cuts can leave these out. Left out by the compiler, wasm-bindgen would miss some.
pub fn bare(module: &[u8]) -> Result<Vec<u8>> {
    let mut bare = Module::new();
    Bare.parse_core_module(&mut bare, Parser::new(0), module)
        .map_err(|error| Failure::new(format!("no module: {error}")))?;
    Ok(bare.finish())
}

struct Bare;

impl Reencode for Bare {
    type Error = Infallible;

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> std::result::Result<(), Error<Infallible>> {
        Ok(())
    }
}

/// Whether the name of a function in the module has a text in it.
pub fn names_have(module: &[u8], text: &str) -> Result<bool> {
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| Failure::new(format!("no module: {error}")))?;
        if let Payload::CustomSection(section) = payload
            && section.name() == "name"
        {
            return Ok(contains(section.data(), text.as_bytes()));
        }
    }
    Ok(false)
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function's type with a length that takes five bytes, a section of names, and another one.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\
        \x01\x84\x80\x80\x80\0\x01\x60\0\0\
        \0\x07\x04name\x01\x02\
        \0\x05\x04kept";

    #[test]
    fn what_nobody_runs_goes() {
        let bare = bare(MODULE).expect("a module");
        assert_eq!(bare, b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0");
        assert_eq!(super::bare(&bare).expect("a module"), bare);
    }

    #[test]
    fn names_are_looked_for_in_their_section() {
        assert!(names_have(MODULE, "\u{1}\u{2}").expect("a module"));
        assert!(!names_have(MODULE, "kept").expect("a module"));
    }

    #[test]
    fn what_is_no_module_is_told() {
        assert!(bare(b"<html></html>").is_err());
        assert!(bare(MODULE.get(..30).expect("a part")).is_err());
    }
}
