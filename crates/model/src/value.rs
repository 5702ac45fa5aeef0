//! Property values and their types.

use std::fmt;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::Instant;

/// The type of a property: one per property, found over all of its values. *Missing* is not a value and has no type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Text.
    String,
    /// A finite number, at most 10^15 in size.
    Number,
    /// True or false.
    Boolean,
    /// An instant.
    Datetime,
}

impl fmt::Display for ValueType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
        })
    }
}

/// One value as it stands in JSON: of a filter, of an event, of a user.
///
/// A datetime is its RFC 3339 text here; which text is an instant follows from the property's type.
#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text, or an instant or local date as text.
    String(String),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// The local date that a text `YYYY-MM-DD` is.
#[must_use]
pub fn local_date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped
        .then(|| text.parse().ok())
        .flatten()
        .filter(|date: &NaiveDate| date.year() >= 1)
}

/// Whether a text is a value of type datetime: RFC 3339 or a local date.
#[must_use]
pub fn is_datetime(text: &str) -> bool {
    local_date(text).is_some() || Instant::parse(text).is_ok()
}
