//! Numbers as people type them.

use serde::{Deserialize, Serialize};

/// Reads a number as it is written in English, and in any other way that can mean only one number. Digits may be grouped in
/// threes by one kind of mark; nothing is dropped that groups nothing. A comma that cannot group is a decimal mark: 0,125
/// and 12,5. One that can, groups: 1,250.
#[must_use]
pub fn read(text: &str) -> Option<f64> {
    let text = text.trim();
    let unsigned = text
        .strip_prefix(['-', '+', '\u{2212}'])
        .map_or(text, str::trim_start);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, decimals) = split(mantissa)?;
    let whole = ungrouped(whole)?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(decimals) || whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let mut plain = format!("0{whole}.{decimals}0");
    if let Some(exponent) = exponent {
        plain = format!("{plain}e{}", exponent.replace('\u{2212}', "-"));
    }
    let number = plain.parse::<f64>().ok().filter(|it| it.is_finite())?;
    Some(if text.starts_with(['-', '\u{2212}']) {
        -number
    } else {
        number
    })
}

/// What stands before the decimal mark and behind it. None where what could be one stands more than once.
fn split(text: &str) -> Option<(&str, &str)> {
    let points = text.matches('.').count();
    let commas = text.matches(',').count();
    let has_other_groups = text.contains(is_quiet_group_mark);
    let decimal = match (commas, points) {
        (0, 1) => Some('.'),
        (1, 0) => (has_other_groups || ungrouped(text).is_none()).then_some(','),
        (0, _) | (_, 0) => None,
        _ if text.rfind(',') > text.rfind('.') => Some(','),
        _ => Some('.'),
    };
    match decimal {
        None => Some((text, "")),
        Some(mark) => text
            .split_once(mark)
            .filter(|(_, decimals)| !decimals.contains(mark)),
    }
}

/// Digits without the marks that group them. None where something else is there, or does not group them in threes.
fn ungrouped(text: &str) -> Option<String> {
    let Some(mark) = text.chars().find(|mark| !mark.is_ascii_digit()) else {
        return Some(text.to_owned());
    };
    if !matches!(mark, ',' | '.') && !is_quiet_group_mark(mark) {
        return None;
    }
    let mut groups = text.split(mark);
    let first = groups.next()?;
    let is_first = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let fits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let are_threes = groups.all(|group| group.len() == 3 && fits(group));
    (is_first && fits(first) && are_threes).then(|| text.replace(mark, ""))
}

/// Whether a mark can group digits and nothing else.
fn is_quiet_group_mark(mark: char) -> bool {
    mark.is_whitespace() || matches!(mark, '\'' | '\u{2019}' | '_')
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
            Self::Text(text) => Err(refusal(text)),
        }
    }

    /// The number, where it counts something.
    ///
    /// # Errors
    /// A sentence for the field when it does not.
    pub fn count(&self) -> Result<u32, String> {
        self.number()?;
        self.whole(0, u32::MAX)
            .map_err(|_| "Enter a whole number".to_owned())
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

/// Why a text is not a number, and what would be.
fn refusal(text: &str) -> String {
    let text = text.trim();
    let is_marked = text
        .contains(|mark: char| matches!(mark, ',' | '.') || is_quiet_group_mark(mark))
        && text.contains(|mark: char| mark.is_ascii_digit())
        && !text.contains(char::is_alphabetic);
    if is_marked {
        format!(
            "\u{201c}{text}\u{201d} is not a number. Write thousands as 1,250 and decimals as 0.125"
        )
    } else {
        format!("\u{201c}{text}\u{201d} is not a number")
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
            ("0,125", Some(0.125)),
            ("-0,125", Some(-0.125)),
            ("0.125", Some(0.125)),
            ("00,125", Some(0.125)),
            ("1,250", Some(1250.0)),
            ("-1,250", Some(-1250.0)),
            ("999,999", Some(999_999.0)),
            ("12,5", Some(12.5)),
            ("1,25", Some(1.25)),
            ("1,2500", Some(1.25)),
            ("1234,567", Some(1234.567)),
            (",5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1,5", Some(1.5)),
            ("1.5", Some(1.5)),
            ("1,234.5", Some(1234.5)),
            ("1.234,5", Some(1234.5)),
            ("1.234.567", Some(1_234_567.0)),
            ("1,234,567", Some(1_234_567.0)),
            ("1\u{202f}234,5", Some(1234.5)),
            ("1 234,567", Some(1234.567)),
            ("1'234.5", Some(1234.5)),
            ("1_000", Some(1000.0)),
            (".5", Some(0.5)),
            ("- 7", Some(-7.0)),
            ("1e3", Some(1000.0)),
            ("1.5e\u{2212}1", Some(0.15)),
            // What groups nothing is not dropped.
            ("1,2,3", None),
            ("1,25,000", None),
            ("0,125,000", None),
            ("0.125,5", None),
            ("1,2.5", None),
            ("1,234,5", None),
            ("1234,567,890", None),
            ("1,,250", None),
            ("12 5", None),
            ("1 23", None),
            ("5'", None),
            ("1'234,567'890", None),
            ("1.2.3", None),
            (",", None),
            (".", None),
            ("e3", None),
            ("1e", None),
            ("1e1,000", None),
            ("--1", None),
            ("1-2", None),
            ("0x10", None),
            ("\u{661}\u{662}", None),
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
    fn a_refusal_says_how_marks_are_read() {
        for (text, tells) in [
            ("1,25,000", true),
            ("12 5", true),
            ("often", false),
            ("v1.2", false),
        ] {
            let refusal = Entry::read(text).number().unwrap_err();
            assert!(refusal.contains(text), "{refusal}");
            assert_eq!(refusal.contains("1,250"), tells, "{refusal}");
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
