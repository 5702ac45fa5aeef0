//! What every figure comes with.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// What a figure is true for. Every answer that holds figures carries one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// The instant that the figure is true for.
    pub as_of: Instant,
    /// The IANA time zone whose days, weeks and months were meant.
    pub time_zone: String,
    /// The first instant of the range; none where it has no start or the definition has several ranges.
    pub start: Option<Instant>,
    /// The first instant after the range; at most as-of.
    pub end: Option<Instant>,
    /// What is counted.
    pub unit: Unit,
    /// Whether the figure is exact rather than an estimate.
    pub exact: bool,
    /// The version of the data that was asked.
    pub data_version: String,
    /// How long the answer took to work out, in milliseconds.
    pub took_ms: f64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Users.
    Users,
    /// Events.
    Events,
}
