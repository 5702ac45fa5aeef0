//! Segments: definitions with a name.

use std::fmt;
use std::str::FromStr;

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

/// Which segments to list, as in the list's query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentQuery {
    /// A text that the name, the description or the id has in it, whatever the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only those of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SegmentKind>,
    /// Only those of this category; the empty text: those without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only those that the person with this id made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// Whether archived ones are listed too; none: they are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// The order; none: by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<SegmentSort>,
    /// How many segments a page has; none: 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// An order of segments, in JSON and query strings a column's word, with `-` before it for the greatest first.
///
/// Segments that are equal come by name, and those without a size come last both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SegmentSort {
    /// By what.
    pub by: SegmentColumn,
    /// The greatest first.
    pub descending: bool,
}

/// What segments can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentColumn {
    /// The name, whatever the case.
    Name,
    /// The category, whatever the case.
    Category,
    /// Static or dynamic.
    Kind,
    /// The size at the last evaluation.
    Users,
    /// The creator's name.
    Creator,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

impl SegmentColumn {
    /// Every column.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Category,
        Self::Kind,
        Self::Users,
        Self::Creator,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];

    /// The column's word: `created_at`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Category => "category",
            Self::Kind => "kind",
            Self::Users => "users",
            Self::Creator => "creator",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

impl fmt::Display for SegmentSort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.descending {
            formatter.write_str("-")?;
        }
        formatter.write_str(self.by.word())
    }
}

impl FromStr for SegmentSort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, UnknownSort> {
        let word = text.strip_prefix('-');
        SegmentColumn::ALL
            .into_iter()
            .find(|column| column.word() == word.unwrap_or(text))
            .map(|by| Self {
                by,
                descending: word.is_some(),
            })
            .ok_or_else(|| UnknownSort(text.to_owned()))
    }
}

impl TryFrom<String> for SegmentSort {
    type Error = UnknownSort;

    fn try_from(text: String) -> Result<Self, UnknownSort> {
        text.parse()
    }
}

impl From<SegmentSort> for String {
    fn from(sort: SegmentSort) -> Self {
        sort.to_string()
    }
}

/// A text that is no order of segments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no order of segments: give name, category, kind, users, creator, created_at or updated_at, with - before it for the greatest first"
)]
pub struct UnknownSort(String);

/// A page of segments, with what the filters can choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentPage {
    /// The segments, in the order that was asked for.
    pub items: Vec<SegmentSummary>,
    /// What to ask for the next page with; none on the last page.
    pub next_cursor: Option<String>,
    /// How many segments all the pages have.
    pub total: u64,
    /// What the whole library has, whatever the filters.
    pub facets: SegmentFacets,
}

/// What the library has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFacets {
    /// How many dynamic segments are in use.
    pub dynamic: u64,
    /// How many static segments are in use.
    #[serde(rename = "static")]
    pub fixed: u64,
    /// How many segments are archived.
    pub archived: u64,
    /// The categories, by name; that of segments without one is left out.
    pub categories: Vec<CategoryFacet>,
    /// Who made segments, by name.
    pub creators: Vec<CreatorFacet>,
}

/// A category with how often it stands, archived segments included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryFacet {
    /// The category.
    pub category: String,
    /// How many segments have it.
    pub segments: u64,
}

/// A person with how many segments are theirs, archived ones included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatorFacet {
    /// Who.
    pub creator: Person,
    /// How many segments the person made.
    pub segments: u64,
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

#[cfg(test)]
mod tests {
    use super::{SegmentColumn, SegmentSort};

    #[test]
    fn every_order_reads_as_it_is_written() {
        for by in SegmentColumn::ALL {
            for descending in [false, true] {
                let sort = SegmentSort { by, descending };
                assert_eq!(sort.to_string().parse(), Ok(sort));
            }
        }
        assert!("-size".parse::<SegmentSort>().is_err());
    }
}
