//! How much memory a broken file can take.

use segments_model::limits::{LINE_BYTES, MAX_UNCLOSED_QUOTES, REJECT_BYTES};

/// What bounds the memory that a broken file can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes a line may have, or a row whose values in quotes span several lines. Longer ones are refused.
    pub line_bytes: usize,
    /// How many bytes of refused lines and reasons are kept; further ones are counted.
    pub reject_bytes: usize,
    /// After how many quotes that are opened and not closed the file is refused.
    pub unclosed_quotes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: LINE_BYTES,
            reject_bytes: REJECT_BYTES,
            unclosed_quotes: MAX_UNCLOSED_QUOTES,
        }
    }
}
