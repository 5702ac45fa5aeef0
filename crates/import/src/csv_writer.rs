//! Values as CSV, for people: the one place where CSV is written.

use csv_core::{Terminator, WriteResult, Writer, WriterBuilder};

/// Writes rows one after the other, with commas between values and `\r\n` behind rows.
///
/// A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, and is
/// no number) gets an apostrophe before it: such files are opened by people, and what their users typed must not run on
/// their machines.
#[derive(Debug)]
pub struct CsvWriter {
    writer: Writer,
    bytes: Vec<u8>,
    is_first: bool,
}

impl Default for CsvWriter {
    fn default() -> Self {
        Self {
            writer: WriterBuilder::new().terminator(Terminator::CRLF).build(),
            bytes: Vec::new(),
            is_first: true,
        }
    }
}

impl CsvWriter {
    /// Adds a text to the row.
    pub fn text(&mut self, text: &str) {
        if is_formula(text) {
            self.field(&format!("'{text}"));
        } else {
            self.field(text);
        }
    }

    /// Adds what is no text, such as a number, as it is written.
    pub fn plain(&mut self, value: &str) {
        self.field(value);
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        self.write(4, |writer, room| writer.terminator(room));
        self.is_first = true;
    }

    /// How many bytes wait to be taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether none do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes written since the last call.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn field(&mut self, value: &str) {
        if !std::mem::take(&mut self.is_first) {
            self.write(2, |writer, room| writer.delimiter(room));
        }
        let mut rest = value.as_bytes();
        // Each quote is written twice, and there is one at each end.
        self.write(value.len() * 2 + 2, |writer, room| {
            let (result, read, written) = writer.field(rest, room);
            rest = rest.get(read..).unwrap_or_default();
            (result, written)
        });
    }

    fn write(
        &mut self,
        room: usize,
        mut step: impl FnMut(&mut Writer, &mut [u8]) -> (WriteResult, usize),
    ) {
        loop {
            let begin = self.bytes.len();
            self.bytes.resize(begin + room, 0);
            let (result, written) = match self.bytes.get_mut(begin..) {
                Some(space) => step(&mut self.writer, space),
                None => return,
            };
            self.bytes.truncate(begin + written);
            if matches!(result, WriteResult::InputEmpty) {
                return;
            }
        }
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
        && text
            .parse::<f64>()
            .map_or(true, |number| !number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::CsvWriter;

    fn written(rows: &[&[&str]]) -> String {
        let mut csv = CsvWriter::default();
        for row in rows {
            for value in *row {
                csv.text(value);
            }
            csv.end_row();
        }
        String::from_utf8(csv.take()).unwrap()
    }

    #[test]
    fn values_are_quoted_where_they_have_to_be() {
        assert_eq!(
            written(&[
                &["a", "b c", ""],
                &["a,b", "\"", "x\ny"],
                &["", "", "\"\"\""]
            ]),
            "a,b c,\r\n\"a,b\",\"\"\"\",\"x\ny\"\r\n,,\"\"\"\"\"\"\"\"\r\n"
        );
    }

    #[test]
    fn no_spreadsheet_takes_a_text_for_a_formula() {
        for formula in ["=1+1", "+a", "-a", "@SUM(A1)", "\tx", "-inf", "+1-2"] {
            assert_eq!(written(&[&[formula]]), format!("'{formula}\r\n"));
        }
        assert_eq!(
            written(&[&["\r=1", "=\"a\""]]),
            "\"'\r=1\",\"'=\"\"a\"\"\"\r\n"
        );
        for text in ["-5", "+1.5e3", "a=1", "'=1", " =1"] {
            assert_eq!(written(&[&[text]]), format!("{text}\r\n"));
        }
    }
}
