//! Numbers as people type them.

use serde::{Deserialize, Serialize};

/// Reads a number, generous about grouping: spaces and apostrophes never matter, and of two different marks the last one
/// is the decimal mark. A mark that stands once is a decimal mark, unless it is a comma before exactly three digits.
#[must_use]
pub fn read(text: &str) -> Option<f64> {
    let mut digits = String::with_capacity(text.len());
    for mark in text.trim().chars() {
        match mark {
            '\u{2212}' => digits.push('-'),
            '\'' | '\u{2019}' | '_' => {}
            space if space.is_whitespace() => {}
            other => digits.push(other),
        }
    }
    let commas = digits.matches(',').count();
    let points = digits.matches('.').count();
    let decimal = match (commas, points) {
        (0, 1) => Some('.'),
        (1, 0) => {
            let after = digits.rsplit(',').next().map_or(0, str::len);
            (after != 3).then_some(',')
        }
        (0, _) | (_, 0) => None,
        _ => match (digits.rfind(','), digits.rfind('.')) {
            (Some(comma), Some(point)) if comma > point => Some(','),
            _ => Some('.'),
        },
    };
    if decimal.is_some_and(|mark| digits.matches(mark).count() > 1) {
        return None;
    }
    let plain: String = digits
        .chars()
        .filter_map(|mark| match mark {
            mark if Some(mark) == decimal => Some('.'),
            ',' | '.' => None,
            mark => Some(mark),
        })
        .collect();
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let starts = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !starts || !unsigned.contains(|mark: char| mark.is_ascii_digit()) {
        return None;
    }
    plain
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
}

/// What stands in a field for a number: a number, or a text that is none (yet).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Entry {
    /// It reads as this number.
    Number(f64),
    /// It does not read as a number; empty: nothing was typed.
    Text(String),
}

impl Default for Entry {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<f64> for Entry {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Entry {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl Entry {
    /// What a text stands for.
    #[must_use]
    pub fn read(text: &str) -> Self {
        read(text).map_or_else(|| Self::Text(text.to_owned()), Self::Number)
    }

    /// The text to put into the field, without grouping so that it can be edited.
    #[must_use]
    pub fn write(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// The number.
    ///
    /// # Errors
    /// A sentence for the field when there is none.
    pub fn number(&self) -> Result<f64, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) if text.trim().is_empty() => Err("Enter a number".to_owned()),
            Self::Text(text) => Err(format!("\u{201c}{text}\u{201d} is not a number")),
        }
    }

    /// The number, where it is whole and in the range given, bounds included.
    ///
    /// # Errors
    /// A sentence for the field when there is none.
    pub fn whole(&self, least: u32, most: u32) -> Result<u32, String> {
        let number = self.number()?;
        if number.fract() == 0.0 && number >= f64::from(least) && number <= f64::from(most) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number between two u32"
            )]
            Ok(number as u32)
        } else {
            Err(format!("Enter a whole number from {least} to {most}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, read};

    #[test]
    fn numbers_are_read_however_they_are_grouped() {
        for (text, number) in [
            ("12", Some(12.0)),
            ("-3", Some(-3.0)),
            ("\u{2212}3", Some(-3.0)),
            ("1,234", Some(1234.0)),
            ("1.234", Some(1.234)),
            ("1,5", Some(1.5)),
            ("1.5", Some(1.5)),
            ("1,234.5", Some(1234.5)),
            ("1.234,5", Some(1234.5)),
            ("1.234.567", Some(1_234_567.0)),
            ("1,234,567", Some(1_234_567.0)),
            ("1\u{202f}234,5", Some(1234.5)),
            ("1'234.5", Some(1234.5)),
            (".5", Some(0.5)),
            ("1e3", Some(1000.0)),
            ("", None),
            ("-", None),
            ("twelve", None),
            ("1.2,3.4", None),
            ("inf", None),
            ("NaN", None),
            ("1e999", None),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for number in [0.0, 1.234, 1234.0, -0.5, 1e15, 0.000_001, 123_456.789] {
            assert_eq!(read(&Entry::from(number).write()), Some(number));
        }
    }

    #[test]
    fn whole_numbers_stay_in_their_range() {
        assert_eq!(Entry::from(7).whole(1, 10), Ok(7));
        assert!(Entry::from(0).whole(1, 10).is_err());
        assert!(Entry::from(1.5).whole(1, 10).is_err());
        assert_eq!(
            Entry::default().whole(1, 10),
            Err("Enter a number".to_owned())
        );
    }
}
