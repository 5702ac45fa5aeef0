//! The lines that were refused.

use segments_model::import::Reject;
use segments_model::sort::sort_by;

use crate::csv_writer::CsvWriter;
use crate::error::LineError;

/// How many characters of a refused line are kept.
const TEXT: usize = 1_000;

/// The lines that were refused, as many as there is room for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejects {
    listed: Vec<Reject>,
    count: u64,
    bytes: usize,
    room: usize,
}

impl Rejects {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            room,
            ..Self::default()
        }
    }

    /// How many lines were refused.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The refused lines that there was room for, in the file's order.
    #[must_use]
    pub fn listed(&self) -> &[Reject] {
        &self.listed
    }

    /// Whether there were more than are listed.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.count > self.listed.len() as u64
    }

    pub(crate) fn has_room(&self) -> bool {
        self.bytes < self.room
    }

    pub(crate) fn push(&mut self, line: u64, error: &LineError, text: &[u8]) {
        self.count += 1;
        if !self.has_room() {
            return;
        }
        let reason = error.to_string();
        let text = excerpt(text);
        self.bytes += reason.len() + text.len() + 16;
        self.listed.push(Reject { line, reason, text });
    }

    /// Adds lines that were refused later than others after them, with those that are no longer known one by one.
    pub(crate) fn merge(&mut self, lines: Vec<(u64, LineError, String)>, unlisted: u64) {
        for (line, error, text) in lines {
            self.push(line, &error, text.as_bytes());
        }
        self.count += unlisted;
        sort_by(&mut self.listed, |a, b| a.line.cmp(&b.line));
    }

    /// The refused lines as CSV: `line,reason,text`. Where there were more than are listed, the last row says so.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = CsvWriter::default();
        for name in ["line", "reason", "text"] {
            csv.text(name);
        }
        csv.end_row();
        for reject in &self.listed {
            csv.plain(&reject.line.to_string());
            csv.text(&reject.reason);
            csv.text(&reject.text);
            csv.end_row();
        }
        if self.is_cut() {
            let more = self.count - self.listed.len() as u64;
            csv.plain("");
            csv.text(&format!(
                "{more} more rows were rejected than are listed here"
            ));
            csv.plain("");
            csv.end_row();
        }
        // Only texts went in.
        String::from_utf8(csv.take()).unwrap_or_default()
    }
}

/// The beginning of a line, readable whatever it is.
pub(crate) fn excerpt(text: &[u8]) -> String {
    let start = text.get(..TEXT * 4).unwrap_or(text);
    String::from_utf8_lossy(start).chars().take(TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::Rejects;
    use crate::error::LineError;

    #[test]
    fn the_list_says_where_it_is_cut() {
        let mut rejects = Rejects::new(40);
        for line in 2..10 {
            rejects.push(line, &LineError::Nul, b"a \"b\", \xff\n");
        }
        assert_eq!(rejects.count(), 8);
        assert!(rejects.is_cut());
        assert_eq!(
            rejects.to_csv(),
            "line,reason,text\r\n\
             2,\"the line has a NUL byte, which text cannot have\",\"a \"\"b\"\", \u{fffd}\n\"\r\n\
             ,7 more rows were rejected than are listed here,\r\n"
        );
    }

    #[test]
    fn no_line_runs_as_a_formula_where_the_list_is_opened() {
        let mut rejects = Rejects::new(1 << 20);
        let line = br#"=HYPERLINK("http://shop.example"),x"#;
        rejects.push(2, &LineError::Nul, line);
        rejects.push(3, &LineError::Nul, b"-5");
        let csv = rejects.to_csv();
        let rows: Vec<&str> = csv.lines().skip(1).collect();
        assert!(rows[0].ends_with(r#","'=HYPERLINK(""http://shop.example""),x""#));
        assert!(rows[1].ends_with(",-5"), "a number is none");
    }

    #[test]
    fn long_lines_are_shown_cut() {
        let mut rejects = Rejects::new(1 << 20);
        rejects.push(1, &LineError::Nul, "ü".repeat(5_000).as_bytes());
        assert_eq!(rejects.listed()[0].text, "ü".repeat(1_000));
        assert!(!rejects.is_cut());
    }
}
