//! The size of a segment over time, and how segments lie to each other.

use serde::{Deserialize, Serialize};

use crate::range::CalendarUnit;
use crate::{Criterion, Instant, Range, Stamp};

/// The size of a segment over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The instants at which units end within the range and the end of the range, the earliest first.
    pub points: Vec<HistoryPoint>,
}

/// The size of a segment at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// The instant that the size is true for.
    pub at: Instant,
    /// How many users.
    pub users: u64,
    /// Who is in it and was not at the point before; nothing at the first point.
    pub joined: Moves,
    /// Who is not in it and was at the point before; nothing at the first point.
    pub left: Moves,
}

/// Users that joined or left, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// All of them.
    pub total: u64,
    /// By events that happened since the point before.
    pub new_event: u64,
    /// By time alone: a range or a window moved on.
    pub window_passed: u64,
    /// By a change of the definition, or by another evaluation of a static segment.
    pub definition_edited: u64,
}

/// A definition whose size over time is asked for before it is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizesRequest {
    /// Who would belong.
    pub definition: Criterion,
    /// The time to tell of; none: the last 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<Range>,
    /// How far apart the points are; none: a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<CalendarUnit>,
    /// The instant that the range is counted back from and cut at; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// How many users meet a definition over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The instants at which units end within the range and the end of the range, the earliest first.
    pub points: Vec<SizePoint>,
}

/// How many users meet a definition as of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizePoint {
    /// The instant that the size is true for.
    pub at: Instant,
    /// How many users.
    pub users: u64,
}

/// How other segments of the library lie to one segment, as of the same instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relations {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// How many users the segment has.
    pub users: u64,
    /// Those with exactly its users.
    pub same: Vec<Related>,
    /// Those that lie inside of it: all of their users are among its users, which are more.
    pub inside: Vec<Related>,
    /// Those that lie around it: all of its users are among theirs, which are more.
    pub around: Vec<Related>,
    /// Those with none of its users.
    pub apart: Vec<Related>,
    /// Those that share some users and each have others, the most alike first.
    pub overlapping: Vec<Related>,
    /// Those that could not be evaluated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<crate::problem::Reference>,
}

/// Another segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many users it has.
    pub users: u64,
    /// How many of them are the segment's too.
    pub shared: u64,
}

/// Segments to lay over each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverlapRequest {
    /// Their ids, 2 to [`MAX_OVERLAP`].
    pub segments: Vec<String>,
    /// The instant to evaluate for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
}

pub use crate::limits::MAX_OVERLAP;

/// Segments laid over each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// Each segment, in the order asked for, with how many users it has; `shared` counts those in any other one too.
    pub segments: Vec<Related>,
    /// The regions that have users, the largest first.
    pub regions: Vec<Region>,
}

/// The users that are in these segments and in none of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// The ids of the segments.
    pub segments: Vec<String>,
    /// How many users.
    pub users: u64,
}
