//! Segments: definitions with a name.

use serde::{Deserialize, Serialize};

use crate::{Criterion, Instant};

/// A user segment, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Everything but the definition.
    #[serde(flatten)]
    pub summary: SegmentSummary,
    /// Who belongs to it.
    pub definition: Criterion,
    /// The query and selection that it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// A segment as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentSummary {
    /// Its id, given by the backend.
    pub id: String,
    /// Its name, unique in the project whatever the case.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it belongs to; empty for none.
    pub category: String,
    /// Whether its members are frozen.
    pub kind: SegmentKind,
    /// The IANA time zone that its days, weeks and months are those of.
    pub time_zone: String,
    /// Who made it.
    pub creator: Person,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Counts its changes, from 1.
    pub version: u64,
    /// When it was archived; none: it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Instant>,
    /// How many users it has.
    pub evaluation: Evaluation,
    /// Its size at its last evaluations, the oldest first.
    #[serde(default)]
    pub trend: Vec<u64>,
    /// Who belongs to it, in words.
    pub sentence: String,
    /// The same for equal definitions everywhere.
    pub hash: String,
    /// Whether it has an origin to reopen.
    #[serde(default)]
    pub has_origin: bool,
}

/// Whether a segment's members come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// The members found at one instant, frozen.
    Static,
    /// Evaluated whenever it is asked for.
    Dynamic,
}

/// A person who uses the product.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// The person's name; the id where no name is known.
    pub name: String,
}

/// The query and selection that a segment was made from. The backend keeps them as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The query.
    pub query: serde_json::Value,
    /// The part of its result that was clicked.
    pub selection: serde_json::Value,
    /// How it was shown.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub view: serde_json::Value,
}

/// A segment's size at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The instant that the size is true for; of a static segment the instant of its members.
    pub as_of: Option<Instant>,
    /// How many users; none before the first evaluation.
    pub users: Option<u64>,
    /// The share of all users, 0 to 1.
    pub share: Option<f64>,
    /// How far the evaluation is.
    pub status: EvaluationStatus,
    /// What failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How far an evaluation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationStatus {
    /// Done.
    Ready,
    /// Under way, or not started.
    Computing,
    /// It failed; `detail` says why.
    Failed,
}

/// A segment to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSegment {
    /// Its name: 1 to 200 characters, unique in the project whatever the case.
    pub name: String,
    /// What it is for, at most 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// What it belongs to, at most 100 characters.
    #[serde(default)]
    pub category: String,
    /// Whether its members are frozen.
    pub kind: SegmentKind,
    /// Who belongs to it.
    pub definition: Criterion,
    /// The query and selection that it is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The instant that its first evaluation is for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// Its IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A change of a segment: what is there is changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentPatch {
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its new description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its new category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether its members are frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SegmentKind>,
    /// Who belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Criterion>,
    /// Its new IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Which segments to bring up to date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluateSegments {
    /// Their ids.
    pub ids: Vec<String>,
    /// The instant to evaluate for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
}

/// The sizes of segments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluatedSegments {
    /// One a segment, in the order asked for.
    pub items: Vec<EvaluatedSegment>,
}

/// The size of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluatedSegment {
    /// The segment's id.
    pub id: String,
    /// Its size.
    pub evaluation: Evaluation,
}
