//! Answers: what the tools' [queries](crate::query) come back with.

use serde::{Deserialize, Serialize};

use crate::{Instant, Stamp, Value};

/// The values that make a group, one for each thing that the query groups by; none is the group of missing values. Whether
/// a user is in a segment is `true` or `false`. Empty: not grouped.
pub type Group = Vec<Option<Value>>;

/// What a query comes back with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Answer {
    /// Of a segmentation.
    Segmentation(SegmentationAnswer),
    /// Of a funnel.
    Funnel(FunnelAnswer),
    /// Of a cohort.
    Cohort(CohortAnswer),
}

impl Answer {
    /// What its figures are true for.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        match self {
            Self::Segmentation(answer) => &answer.stamp,
            Self::Funnel(answer) => &answer.stamp,
            Self::Cohort(answer) => &answer.stamp,
        }
    }
}

/// A stretch of time that figures are told for: a unit of the calendar, cut to the query's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The first instant; none where the whole range is one bucket and has no start.
    pub start: Option<Instant>,
    /// The first instant after it.
    pub end: Instant,
    /// Whether it is a whole unit, and over by as-of.
    pub complete: bool,
}

/// What a segmentation comes back with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentationAnswer {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The buckets, the earliest first.
    pub buckets: Vec<Bucket>,
    /// Each row by each group, then each formula by each group; groups in one order, the most frequent first.
    pub series: Vec<Series>,
    /// How many groups there are besides those told.
    pub groups_left_out: u64,
    /// The range that the answer is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousRange>,
}

/// The figures of one row or formula and one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The row, counted from 0; none for a formula.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<u32>,
    /// The formula, counted from 0; none for a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<u32>,
    /// The group.
    pub group: Group,
    /// A figure for each bucket; none where it is missing.
    pub values: Vec<Option<f64>>,
    /// The figure over the whole range.
    pub total: Option<f64>,
    /// The figures of the previous range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousFigures>,
}

/// The range before the query's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviousRange {
    /// The first instant.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// Its buckets, the earliest first; there can be more or fewer than in the query's range.
    pub buckets: Vec<Bucket>,
}

/// The figures of the previous range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviousFigures {
    /// A figure for each bucket of the previous range.
    pub values: Vec<Option<f64>>,
    /// The figure over the whole previous range.
    pub total: Option<f64>,
}

/// What a funnel comes back with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelAnswer {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// All users together, then each group, the largest first.
    pub groups: Vec<FunnelGroup>,
    /// How many groups there are besides those told.
    pub groups_left_out: u64,
}

/// The funnel of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelGroup {
    /// The group; empty for all users together.
    pub group: Group,
    /// How many users reached step 1.
    pub users: u64,
    /// The steps.
    pub steps: Vec<FunnelStep>,
    /// Half of those who converted took no longer, in seconds; missing where nobody did.
    pub median_seconds: Option<f64>,
    /// How long they took on average, in seconds.
    pub average_seconds: Option<f64>,
    /// How long those who converted took; from the first to the last stretch that has users.
    pub times: Vec<TimeStretch>,
    /// Which optional steps the users' best runs took, the most frequent first; empty without optional steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<FunnelPath>,
    /// The funnel over time; empty where the query has no interval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<FunnelBucket>,
}

/// A step of a funnel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelStep {
    /// How many users reached it.
    pub users: u64,
    /// How many users reached the required step before it, not this one, and may still do so.
    pub pending: u64,
    /// The share of the users of step 1, 0 to 1; missing where there are none.
    pub from_start: Option<f64>,
    /// The share of the users of the required step before it, 0 to 1; 1 for step 1.
    pub from_previous: Option<f64>,
    /// Half of the best runs took no longer from the step before it, in seconds; missing for step 1.
    pub median_seconds: Option<f64>,
    /// How long the best runs took from the step before it on average, in seconds.
    pub average_seconds: Option<f64>,
}

/// How many users took so long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeStretch {
    /// At least so many seconds.
    pub from_seconds: f64,
    /// Less than so many; none: without an end.
    pub to_seconds: Option<f64>,
    /// How many users.
    pub users: u64,
}

/// A way through a funnel with optional steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelPath {
    /// The steps taken, counted from 1.
    pub steps: Vec<u32>,
    /// How many users' best run it is.
    pub users: u64,
}

/// The funnel of those whose first step lies in a stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelBucket {
    /// When the first step happened.
    #[serde(flatten)]
    pub bucket: Bucket,
    /// The steps.
    pub steps: Vec<FunnelStep>,
}

/// What a cohort comes back with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortAnswer {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The generations: by time the earliest first, by property the largest first, by segment those in it first.
    pub rows: Vec<CohortRow>,
    /// All generations together, complete cells only.
    pub overall: CohortOverall,
    /// How many generations there are besides those told.
    pub groups_left_out: u64,
    /// Of generations by time, the first instants of the units that follow each other: period `p` of the row at place `r` is
    /// from the instant at `r + p` to the next one. They end with the first one that is not before as-of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Instant>,
}

/// A generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortRow {
    /// Which one: its first instant as text, the property's value (none: missing), or whether in the segment.
    pub generation: Option<Value>,
    /// How many users started in it.
    pub users: u64,
    /// A cell for each period, from 0 on.
    pub cells: Vec<CohortCell>,
}

/// All generations together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortOverall {
    /// How many users started.
    pub users: u64,
    /// A cell for each period, from 0 on.
    pub cells: Vec<CohortCell>,
}

/// A generation in a period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortCell {
    /// How many users returned, or the sum of their property; missing where the period has not begun.
    pub value: Option<f64>,
    /// Of how many users: by time those of the generation, elsewhere those for whom the period is over.
    pub users: u64,
    /// Whether the period is over.
    pub complete: bool,
}
