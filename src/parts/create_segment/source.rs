//! What a new segment is made of.

use segments_model::segment::Origin;
use segments_model::{Criterion, Instant};

/// What a segment is made of, counted.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentSource {
    /// Who belongs to it.
    pub definition: Criterion,
    /// How many users these are.
    pub users: u64,
    /// The share of all users, 0 to 1, and how many these are; none: not known.
    pub share: Option<(f64, u64)>,
    /// The instant that the number is true for, and that the segment is evaluated for first.
    pub as_of: Instant,
    /// The zone whose days are meant.
    pub time_zone: String,
    /// Whether the number is exact.
    pub exact: bool,
    /// The query and selection that it is made from.
    pub origin: Option<Origin>,
}

/// What stands in the fields at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggested {
    pub name: String,
    pub description: String,
    pub category: String,
}
