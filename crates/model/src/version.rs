//! The versions of a segment, and static segments run again.

use serde::{Deserialize, Serialize};

use crate::segment::{Person, SegmentKind};
use crate::user::UserRow;
use crate::{Criterion, Instant, Stamp};

/// A segment as somebody left it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentVersion {
    /// The number, counted from 1.
    pub version: u64,
    /// When it came into force.
    pub at: Instant,
    /// Who made it.
    pub author: Person,
    /// What is not as in the version before; empty for the first one, and for one that was there before versions were kept.
    pub changed: Vec<SegmentField>,
    /// The segment's name.
    pub name: String,
    /// What it was for.
    pub description: String,
    /// What it belonged to; empty for none.
    pub category: String,
    /// Whether its members were frozen.
    pub kind: SegmentKind,
    /// The IANA time zone of its days, weeks and months.
    pub time_zone: String,
    /// Who belonged to it.
    pub definition: Criterion,
    /// The definition in words.
    pub sentence: String,
    /// Of a static segment the instant that its members were found for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_as_of: Option<Instant>,
}

/// A part of a segment that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentField {
    /// Its name.
    Name,
    /// What it is for.
    Description,
    /// What it belongs to.
    Category,
    /// Static or dynamic.
    Kind,
    /// Who belongs to it.
    Definition,
    /// Its zone.
    TimeZone,
    /// The members of a static one, by running it again.
    Members,
}

/// A static segment to evaluate again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RerunRequest {
    /// Whether what is found becomes the segment's members; else it is only told.
    #[serde(default)]
    pub apply: bool,
    /// The instant to evaluate for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
}

/// What evaluating a static segment again finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rerun {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The instant that the members before were found for.
    pub before_as_of: Option<Instant>,
    /// How many members there were before.
    pub before: u64,
    /// How many users are found now.
    pub users: u64,
    /// Those who are found and were no members.
    pub joined: RerunMoves,
    /// Those who were members and are not found, users included that the data does not have any more.
    pub left: RerunMoves,
    /// Whether it was applied.
    pub applied: bool,
    /// The segment's version, which is a new one where it was applied.
    pub version: u64,
}

/// Users that join or leave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RerunMoves {
    /// How many.
    pub users: u64,
    /// A few of them.
    pub sample: Vec<UserRow>,
}

/// What refers to a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The segments whose definitions name it, by name.
    pub segments: Vec<UsedBy>,
    /// The segments that change with it though their definitions do not name it, through those that do; nearer ones first.
    pub indirect: Vec<crate::problem::Reference>,
}

/// A segment whose definition names another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether its members are frozen.
    pub kind: SegmentKind,
    /// Whether it is archived.
    pub archived: bool,
    /// Where in its definition: JSON pointers.
    pub pointers: Vec<String>,
}
