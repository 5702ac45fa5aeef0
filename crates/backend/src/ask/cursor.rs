//! Cursors: where a page of a list ends, bound to the question and to what it was asked of.

use segments_model::Instant;
use segments_model::list::Page;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Where the next page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// How many items the pages before had.
    pub offset: u64,
    /// The instant that the question was asked for.
    pub as_of: Instant,
    /// The [`fingerprint`] of the question.
    pub question: String,
    /// The [`fingerprint`] of what it was asked of.
    pub data: String,
}

impl Cursor {
    /// Reads a cursor as [`Display`](std::fmt::Display) writes it.
    ///
    /// # Errors
    /// [`Error::Malformed`] where it was not made here.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let unknown =
            || Error::Malformed("cursor: give the next_cursor of a page as it is".to_owned());
        let mut parts = text.split('-');
        let (Some(offset), Some(as_of), Some(question), Some(data), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(unknown());
        };
        Ok(Self {
            offset: offset.parse().map_err(|_| unknown())?,
            as_of: u64::from_str_radix(as_of, 16)
                .ok()
                .and_then(|millis| Instant::from_millis(millis.cast_signed()))
                .ok_or_else(unknown)?,
            question: question.to_owned(),
            data: data.to_owned(),
        })
    }

    /// Whether it belongs to this question, and to what this question is asked of.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the question is another one, [`Error::CursorGone`] where the data is.
    pub fn check(&self, question: &str, data: &str) -> Result<(), Error> {
        if self.question != question {
            return Err(Error::Malformed(
                "cursor: it belongs to another question; only limit may change between pages"
                    .to_owned(),
            ));
        }
        if self.data != data {
            return Err(Error::CursorGone);
        }
        Ok(())
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let as_of = self.as_of.millis().cast_unsigned();
        let (offset, question, data) = (self.offset, &self.question, &self.data);
        write!(formatter, "{offset}-{as_of:x}-{question}-{data}")
    }
}

/// A list whose pages are cut from all of its items.
pub struct Pages {
    /// The instant that it is asked for.
    pub as_of: Instant,
    /// The [`fingerprint`] of the question.
    pub question: String,
    /// The [`fingerprint`] of what it is asked of.
    pub data: String,
}

impl Pages {
    /// The page that begins where a cursor says, the first one where there is none, with its items as they are shown.
    ///
    /// # Errors
    /// Those of [`Cursor::parse`] and [`Cursor::check`]
    pub fn page<I, T>(
        self,
        items: &[I],
        limit: usize,
        cursor: Option<&str>,
        shown: impl FnMut(&I) -> T,
    ) -> Result<Page<T>, Error> {
        let offset = match cursor {
            None => 0,
            Some(cursor) => {
                let cursor = Cursor::parse(cursor)?;
                cursor.check(&self.question, &self.data)?;
                usize::try_from(cursor.offset).unwrap_or(usize::MAX)
            }
        };
        let total = items.len();
        let items: Vec<T> = items.iter().skip(offset).take(limit).map(shown).collect();
        let end = offset.saturating_add(items.len());
        let next_cursor = (end < total && !items.is_empty()).then(|| {
            Cursor {
                offset: end as u64,
                as_of: self.as_of,
                question: self.question,
                data: self.data,
            }
            .to_string()
        });
        Ok(Page {
            items,
            next_cursor,
            total: total as u64,
        })
    }
}

/// A short text that is the same for the same parts and for no others.
#[must_use]
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex(hasher.finalize().iter().take(12).copied())
}

/// Bytes in hexadecimal.
pub fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes
        .into_iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use segments_model::Instant;

    use super::{Cursor, fingerprint};

    #[test]
    fn a_cursor_reads_as_it_is_written() {
        for as_of in [Instant::MIN, Instant::MAX] {
            let cursor = Cursor {
                offset: 50,
                as_of,
                question: fingerprint([b"a".as_slice()]),
                data: fingerprint([b"b".as_slice()]),
            };
            assert_eq!(Cursor::parse(&cursor.to_string()).unwrap(), cursor);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "1",
            "a-b-c-d",
            "1-2-3",
            "1-2-3-4-5",
            "-1-0-a-b",
            "1-ffffffffffffffff0-a-b",
        ] {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(
            fingerprint([b"ab".as_slice(), b"c"]),
            fingerprint([b"a".as_slice(), b"bc"])
        );
    }
}
