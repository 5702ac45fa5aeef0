//! Changing texts that others have written.

use crate::failure::{Failure, Result};

/// The text with `old`, which has to stand in it once, replaced by `new`.
pub fn replace_once(text: &str, old: &str, new: &str) -> Result<String> {
    match text.split_once(old) {
        Some((before, after)) if !after.contains(old) => Ok([before, new, after].concat()),
        _ => Err(Failure::new(format!("`{old}` does not stand there once"))),
    }
}
