//! The versions of segments as they are stored.

use segments_model::segment::{Person, SegmentKind};
use segments_model::version::SegmentField;
use segments_model::{Criterion, Instant};
use serde::{Deserialize, Serialize};

/// A version as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredVersion {
    /// When it came into force.
    pub at: Instant,
    /// Who made it.
    pub author: Person,
    /// What is not as in the version before.
    pub changed: Vec<SegmentField>,
    /// The segment's name.
    pub name: String,
    pub description: String,
    /// What it belonged to.
    pub category: String,
    /// Whether its members were frozen.
    pub kind: SegmentKind,
    /// Who belonged to it.
    pub definition: Criterion,
    /// Its IANA zone.
    pub time_zone: String,
    /// Of a static segment: which members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<FoundMembers>,
}

/// Where the members of a static segment are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundMembers {
    /// The version that they were found for.
    pub version: u64,
    /// The instant that they were found for.
    pub as_of: Instant,
}
