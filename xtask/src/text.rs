//! Changing texts that others have written.

use crate::failure::{Failure, Result};

/// The text with `old`, which has to stand in it once, replaced by `new`.
pub fn replace_once(text: &str, old: &str, new: &str) -> Result<String> {
    match text.split_once(old) {
        Some((before, after)) if !after.contains(old) => Ok([before, new, after].concat()),
        _ => Err(Failure::new(format!("`{old}` does not stand there once"))),
    }
}

/// Stylesheets without what is said in them.
pub fn without_comments(rules: &str) -> String {
    let mut pieces = rules.split("/*");
    let first = pieces.next().unwrap_or_default();
    let rest = pieces.map(|piece| piece.split_once("*/").map_or("", |(_, rest)| rest));
    std::iter::once(first).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go() {
        assert_eq!(without_comments("/* a */b{}/* c\n */d{}"), "b{}d{}");
        assert_eq!(without_comments("b{} /* never ends"), "b{} ");
    }
}
