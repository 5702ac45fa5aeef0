//! Cuts a stream of bytes into lines, whatever the chunks it comes in.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr, memchr2};

/// A line of the file; where a value in quotes spans several lines, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// The number of its first line, counted from 1.
    pub(crate) number: u64,
    /// Its bytes without the end of the line.
    pub(crate) raw: &'a [u8],
    /// What is to be made of it.
    pub(crate) form: Form<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    /// It stands as it is: it has no quotes, or quotes mean nothing.
    Plain,
    /// Values with their quotes taken off, end to end, and where each ends.
    Unquoted { values: &'a [u8], ends: &'a [usize] },
    /// It is longer than a line may be; `raw` is its beginning.
    TooLong,
    /// A quote is opened in it that is not closed within the length that a line may have.
    Unclosed,
}

/// How much of a line that is too long is shown.
const SHOWN: usize = 4_000;

/// Cuts lines at LF, CR and CRLF, and with quotes not inside of them.
pub(crate) struct Lines {
    limit: usize,
    quotes: Option<Quotes>,
    /// The beginning of a line whose end has not come yet, at most one byte longer than a line may be.
    pending: Vec<u8>,
    /// How much of the pending line was searched for its end.
    searched: usize,
    /// The number of the line to come.
    number: u64,
    /// The last line ended in CR: an LF that follows belongs to it.
    after_return: bool,
    /// The line is too long: everything up to its end is left out.
    skipping: bool,
}

impl Lines {
    /// Lines of at most so many bytes; with a delimiter, quotes hold values together.
    pub(crate) fn new(limit: usize, delimiter: Option<u8>) -> Self {
        Self {
            limit,
            quotes: delimiter.map(Quotes::new),
            pending: Vec::new(),
            searched: 0,
            number: 1,
            after_return: false,
            skipping: false,
        }
    }

    /// Which number the line to come has.
    pub(crate) const fn next_number(&self) -> u64 {
        self.number
    }

    /// Hands every line that these bytes complete to `sink`.
    pub(crate) fn push<E>(
        &mut self,
        mut chunk: &[u8],
        sink: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while !chunk.is_empty() {
            if self.skipping {
                let Some(end) = memchr2(b'\n', b'\r', chunk) else {
                    return Ok(());
                };
                self.skipping = false;
                self.after_return = chunk.get(end) == Some(&b'\r');
                chunk = chunk.get(end + 1..).unwrap_or_default();
            } else if self.pending.is_empty() {
                let used = self.cut(chunk, false, sink)?;
                chunk = chunk.get(used..).unwrap_or_default();
                if !self.skipping {
                    self.pending.extend_from_slice(chunk);
                    return Ok(());
                }
            } else {
                let room = (self.limit + 1).saturating_sub(self.pending.len());
                let end = memchr2(b'\n', b'\r', chunk).map_or(chunk.len(), |end| end + 1);
                let (taken, rest) = chunk
                    .split_at_checked(end.min(room))
                    .unwrap_or((chunk, &[]));
                self.pending.extend_from_slice(taken);
                chunk = rest;
                let mut pending = std::mem::take(&mut self.pending);
                let used = self.cut(&pending, false, sink)?;
                pending.drain(..used);
                self.pending = pending;
            }
        }
        Ok(())
    }

    /// Hands what is left to `sink`: the last line may have no end.
    pub(crate) fn finish<E>(
        &mut self,
        sink: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let pending = std::mem::take(&mut self.pending);
        self.cut(&pending, true, sink).map(|_| ())
    }

    /// Cuts off every line that is whole, and says how many bytes that are. `bytes` start at a line.
    fn cut<E>(
        &mut self,
        bytes: &[u8],
        at_end: bool,
        sink: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut used = 0;
        loop {
            let mut rest = bytes.get(used..).unwrap_or_default();
            if std::mem::take(&mut self.after_return) {
                if let [b'\n', after @ ..] = rest {
                    rest = after;
                    used += 1;
                } else if rest.is_empty() {
                    self.after_return = true;
                }
            }
            if rest.is_empty() {
                return Ok(used);
            }
            let unsearched = rest.get(self.searched..).unwrap_or_default();
            let end = match memchr2(b'\n', b'\r', unsearched) {
                Some(end) => self.searched + end,
                None if at_end || rest.len() > self.limit => rest.len(),
                None => {
                    self.searched = rest.len();
                    return Ok(used);
                }
            };
            // Of a line that goes on in quotes the first end is found again each time.
            self.searched = end;
            let first = rest.get(..end).unwrap_or_default();
            if first.len() > self.limit {
                self.skipping = end == rest.len();
                used += self.hand_on(first, Form::TooLong, rest, sink)?;
                if self.skipping {
                    return Ok(used);
                }
                continue;
            }
            let quotes = self
                .quotes
                .as_mut()
                .filter(|_| memchr(b'"', first).is_some());
            let Some(quotes) = quotes else {
                used += self.hand_on(first, Form::Plain, rest, sink)?;
                continue;
            };
            let window = rest.get(..self.limit + 1).unwrap_or(rest);
            match quotes.read(window, at_end) {
                Some(length) => {
                    let raw = without_end(rest.get(..length).unwrap_or(rest));
                    let number = self.number;
                    self.searched = 0;
                    self.number += ends(raw) + 1;
                    self.after_return = length > raw.len() && rest.get(length - 1) == Some(&b'\r');
                    used += length;
                    let form = quotes.take();
                    sink(Line { number, raw, form })?;
                }
                None if at_end || window.len() > self.limit => {
                    quotes.reset();
                    used += self.hand_on(first, Form::Unclosed, rest, sink)?;
                }
                None => return Ok(used),
            }
        }
    }

    /// Hands one line on, and says how long it is together with its end.
    fn hand_on<E>(
        &mut self,
        line: &[u8],
        form: Form<'_>,
        rest: &[u8],
        sink: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let number = self.number;
        self.searched = 0;
        self.number += 1;
        let ended = rest.get(line.len());
        self.after_return = ended == Some(&b'\r');
        let raw = match form {
            Form::TooLong => line.get(..SHOWN).unwrap_or(line),
            _ => line,
        };
        if !raw.is_empty() {
            sink(Line { number, raw, form })?;
        }
        Ok(line.len() + usize::from(ended.is_some()))
    }
}

/// How many line ends are in these bytes.
fn ends(bytes: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let returns = memchr::memchr_iter(b'\r', bytes)
        .filter(|at| bytes.get(at + 1) != Some(&b'\n'))
        .count();
    (feeds + returns) as u64
}

fn without_end(line: &[u8]) -> &[u8] {
    match line {
        [line @ .., b'\n' | b'\r'] => line,
        line => line,
    }
}

/// Reads a line with quotes, as much of it as is there, and goes on when more has come.
struct Quotes {
    reader: Reader,
    /// How much of the line was read.
    read: usize,
    values: Vec<u8>,
    values_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
}

impl Quotes {
    fn new(delimiter: u8) -> Self {
        let mut quotes = Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            read: 0,
            values: vec![0; 1_024],
            values_len: 0,
            ends: vec![0; 64],
            ends_len: 0,
        };
        quotes.reset();
        quotes
    }

    fn reset(&mut self) {
        self.reader.reset();
        // The reader takes a byte order mark off the first bytes that it sees, but what starts here is a value.
        self.reader.read_record(b"\n", &mut [0], &mut [0]);
        self.read = 0;
        self.values_len = 0;
        self.ends_len = 0;
    }

    /// Reads on in a line, and says how long it is with its end if that has been found.
    fn read(&mut self, line: &[u8], at_end: bool) -> Option<usize> {
        loop {
            let input = line.get(self.read..).unwrap_or_default();
            // An end that is not in the file closes a line, unless it stands in quotes.
            let closing = at_end && input.is_empty();
            let input = if closing { b"\n" } else { input };
            let (result, read, written, ended) = self.reader.read_record(
                input,
                self.values.get_mut(self.values_len..).unwrap_or_default(),
                self.ends.get_mut(self.ends_len..).unwrap_or_default(),
            );
            self.values_len += written;
            self.ends_len += ended;
            if !closing {
                self.read += read;
            }
            match result {
                ReadRecordResult::Record => return Some(self.read),
                ReadRecordResult::OutputFull => self.values.resize(self.values.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {
                    if closing || (!at_end && self.read >= line.len()) {
                        return None;
                    }
                }
            }
        }
    }

    /// The values of the line that was read; the next one starts afresh.
    fn take(&mut self) -> Form<'_> {
        let (values, ends) = (self.values_len, self.ends_len);
        self.reset();
        Form::Unquoted {
            values: self.values.get(..values).unwrap_or_default(),
            ends: self.ends.get(..ends).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Lines};

    fn cut(file: &[u8], chunk: usize) -> Vec<(u64, String, Vec<String>)> {
        let mut read = Vec::new();
        let mut sink = |line: super::Line<'_>| {
            let raw = String::from_utf8_lossy(line.raw).into_owned();
            let values = match line.form {
                Form::Plain => vec!["plain".to_owned()],
                Form::TooLong => vec!["too long".to_owned()],
                Form::Unclosed => vec!["unclosed".to_owned()],
                Form::Unquoted { values, ends } => {
                    let mut start = 0;
                    ends.iter()
                        .map(|end| {
                            let value = String::from_utf8_lossy(&values[start..*end]).into_owned();
                            start = *end;
                            value
                        })
                        .collect()
                }
            };
            read.push((line.number, raw, values));
            Ok::<(), ()>(())
        };
        let mut lines = Lines::new(20, Some(b','));
        for chunk in file.chunks(chunk) {
            lines.push(chunk, &mut sink).unwrap();
        }
        lines.finish(&mut sink).unwrap();
        read
    }

    #[test]
    fn lines_are_cut_alike_in_chunks_of_any_size() {
        let file = b"a,b\r\n\r\n1,\"2\"\"\r\n3\"\r\n4,5\rx,\"y\"\r\"z\"\n\"open\nwhole\nline of 21 characters\nlast,\"one\"";
        let expected = cut(file, file.len());
        let lines: Vec<(u64, &str, Vec<&str>)> = expected
            .iter()
            .map(|(number, raw, values)| {
                (
                    *number,
                    raw.as_str(),
                    values.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                (1, "a,b", vec!["plain"]),
                (3, "1,\"2\"\"\r\n3\"", vec!["1", "2\"\r\n3"]),
                (5, "4,5", vec!["plain"]),
                (6, "x,\"y\"", vec!["x", "y"]),
                (7, "\"z\"", vec!["z"]),
                (8, "\"open", vec!["unclosed"]),
                (9, "whole", vec!["plain"]),
                (10, "line of 21 characters", vec!["too long"]),
                (11, "last,\"one\"", vec!["last", "one"]),
            ]
        );
        for chunk in 1..file.len() {
            assert_eq!(cut(file, chunk), expected, "chunks of {chunk}");
        }
    }
}
