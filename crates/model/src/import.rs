//! Files of events and users coming in.

use serde::{Deserialize, Serialize};

use crate::{Instant, ValueType};

/// What a file's lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// A line an event.
    Events,
    /// A line a user.
    Users,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Values apart by commas, tabs, semicolons or bars, names in the first line.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// What was made of the first part of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// How it is written.
    pub format: FileFormat,
    /// For CSV: what stands between two values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What its lines seem to be.
    pub kind: ImportKind,
    /// Its columns, in the file's order.
    pub columns: Vec<InspectedColumn>,
    /// The column that seems to hold the user's id.
    pub user: Option<String>,
    /// The column that seems to hold the event's name.
    pub event: Option<String>,
    /// The column that seems to hold the event's time.
    pub time: Option<String>,
    /// How the times are written, as far as seen.
    pub time_format: Option<TimeFormat>,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InspectedColumn {
    /// Its name.
    pub name: String,
    /// The type of what was seen of it; none where every value was missing.
    #[serde(rename = "type")]
    pub value_type: Option<ValueType>,
    /// The first few values that differ, as they stand.
    pub samples: Vec<String>,
}

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// Seconds since 1970, with or without a fraction.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// Microseconds since 1970.
    EpochMicros,
    /// Nanoseconds since 1970.
    EpochNanos,
    /// RFC 3339: with an offset of its own.
    Rfc3339,
    /// `YYYY-MM-DD[ HH:MM:SS[.frac]]` of the import's zone.
    Local,
}

impl TimeFormat {
    /// Every way to write a time.
    pub const ALL: [Self; 6] = [
        Self::EpochSeconds,
        Self::EpochMillis,
        Self::EpochMicros,
        Self::EpochNanos,
        Self::Rfc3339,
        Self::Local,
    ];
}

/// Which column is what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportOptions {
    /// What the lines are.
    pub kind: ImportKind,
    /// The column of the user's id; none: the one recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The column of the event's name; none: the one recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The column of the event's time; none: the one recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The IANA zone of times that carry none; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// An import, under way or ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// Its id, made by the client.
    pub id: String,
    /// How far it is.
    pub status: ImportStatus,
    /// Bytes of the file read so far.
    pub bytes_read: u64,
    /// Bytes of the file in all, where the client said so.
    pub bytes_total: Option<u64>,
    /// Lines read so far.
    pub lines: u64,
    /// What was taken and what was refused, once it has ended.
    pub report: Option<ImportReport>,
    /// Why it failed; of a complete one, what else is to be known of it.
    pub detail: Option<String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Lines are coming in.
    Reading,
    /// All lines are there; the store is being built.
    Building,
    /// It is stored.
    Complete,
    /// It failed; nothing of it stayed.
    Failed,
    /// It was cancelled; nothing of it stayed.
    Cancelled,
}

/// What an import took and refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// What the lines are.
    pub kind: ImportKind,
    /// How the file is written.
    pub format: FileFormat,
    /// Which column was taken for the user's id.
    pub user: String,
    /// Which column was taken for the event's name.
    pub event: Option<String>,
    /// Which column was taken for the event's time.
    pub time: Option<String>,
    /// How times were written, every way that was met, with how often.
    pub time_formats: Vec<TimeFormatCount>,
    /// The zone that times without one were read in.
    pub time_zone: String,
    /// How many lines were taken.
    pub accepted: u64,
    /// How many lines were refused.
    pub rejected: u64,
    /// How many users the accepted lines name.
    pub users: u64,
    /// The first time among the accepted lines.
    pub first_event_at: Option<Instant>,
    /// The last time among the accepted lines.
    pub last_event_at: Option<Instant>,
    /// The type of each property, over the whole file and the data that was there before.
    pub types: Vec<PropertyType>,
    /// The first lines that were refused, at most [`ImportReport::MAX_REJECTS`].
    pub rejects: Vec<Reject>,
}

impl ImportReport {
    /// How many refused lines a report shows; the others are in the file of refused lines.
    pub const MAX_REJECTS: usize = crate::limits::MAX_REJECTS;
}

/// How many times were written so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeFormatCount {
    /// How.
    pub format: TimeFormat,
    /// How many.
    pub count: u64,
}

/// The type that a property was found to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyType {
    /// The property's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// How many lines of the file have a value of it.
    pub values: u64,
}

/// A line that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The line's number in the file, counted from 1; of a value over several lines the first.
    pub line: u64,
    /// Why, in words.
    pub reason: String,
    /// The line as it stands, cut at 1,000 characters.
    pub text: String,
}
