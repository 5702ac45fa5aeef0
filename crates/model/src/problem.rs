//! Errors as the backend answers them: RFC 9457 `application/problem+json`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{title}: {detail}")]
pub struct Problem {
    /// What kind of problem: a stable URI reference such as `/problems/name-taken`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words, the same for every problem of the kind.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// This problem, in a sentence that says what would be right.
    pub detail: String,
    /// What is wrong with the input, and where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InputError>,
    /// For "in use": what uses it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<Reference>,
    /// For "over budget" and "too busy": the limit that was exceeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exceeded: Option<Exceeded>,
}

/// A limit that a request went over while it was worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exceeded {
    /// Its name among the `limits` of `GET /project`.
    pub limit: String,
    /// How much there may be at most.
    pub most: u64,
}

/// Something that refers to a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The id of the segment that refers.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputError {
    /// Where: a JSON pointer (RFC 6901) into the request's body, `""` for the whole of it.
    pub pointer: String,
    /// What, for a program.
    pub code: Code,
    /// What, for a person, and what would be right.
    pub detail: String,
}

impl fmt::Display for InputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.pointer, self.detail)
    }
}

/// What is wrong with a part of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No JSON, or JSON of another form than expected: a wrong type, an unknown or a missing field.
    Malformed,
    /// A text that must not be empty is.
    Empty,
    /// A text, a list or a tree is larger than allowed.
    TooLarge,
    /// A number is outside of what is allowed.
    OutOfRange,
    /// The operator does not fit the property's type or the values' type.
    OperatorMismatch,
    /// So many values do not fit the operator.
    ValueCount,
    /// A value has a type that the operator does not take.
    ValueType,
    /// A regular expression that cannot be read.
    InvalidPattern,
    /// A formula that cannot be read.
    InvalidFormula,
    /// An id that nothing has.
    Unknown,
    /// A name that another one has.
    NameTaken,
    /// A reference that closes a loop.
    Cycle,
    /// A time zone that the time-zone database does not have.
    UnknownTimeZone,
    /// Something is not allowed at this place, such as an event property in a condition on users.
    NotAllowed,
    /// Something that this backend cannot answer yet; its capabilities say what it can.
    Unsupported,
}
