//! The values of a CSV line.

use std::ops::Range;

use memchr::memchr_iter;

use crate::error::LineError;
use crate::lines::{Form, Line};

/// Where the values of a line lie in its text; kept from line to line.
pub(crate) type Bounds = Vec<Range<usize>>;

/// Finds the values of a line and gives the text that they lie in.
pub(crate) fn split<'a>(
    line: &Line<'a>,
    delimiter: u8,
    bounds: &mut Bounds,
) -> Result<&'a str, LineError> {
    bounds.clear();
    // The whole line first: bytes of two broken values may make a character where they meet.
    let text = std::str::from_utf8(line.raw).map_err(|_| LineError::Encoding)?;
    let mut start = 0;
    match line.form {
        Form::Unquoted { values, ends } => {
            for end in ends {
                bounds.push(start..*end);
                start = *end;
            }
            std::str::from_utf8(values).map_err(|_| LineError::Encoding)
        }
        Form::Plain | Form::TooLong | Form::Unclosed => {
            for end in memchr_iter(delimiter, line.raw) {
                bounds.push(start..end);
                start = end + 1;
            }
            bounds.push(start..line.raw.len());
            Ok(text)
        }
    }
}
