//! The part of an answer that somebody clicked, made into a definition.

use serde::{Deserialize, Serialize};

use crate::answer::Group;
use crate::query::Query;
use crate::{Criterion, Instant, Value};

#[cfg(feature = "zones")]
mod definition;

#[cfg(feature = "zones")]
pub use definition::definition;

/// The part of an answer that somebody clicked. Which kind it is follows from the query's tool; of a funnel it is a step or a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Selection {
    /// Of a segmentation.
    Segmentation(SegmentationSelection),
    /// A step of a funnel.
    Funnel(FunnelSelection),
    /// A path of a funnel.
    Path(PathSelection),
    /// Of a cohort.
    Cohort(CohortSelection),
}

/// A point, a series or a total of a segmentation: the users with at least one of its occurrences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentationSelection {
    /// The row, counted from 0.
    pub measure: u32,
    /// The group; none: all of them together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// The first instant of the bucket; none: the whole range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Instant>,
}

/// A step of a funnel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelSelection {
    /// The step, counted from 1.
    pub step: u32,
    /// Which of its users.
    pub outcome: FunnelOutcome,
    /// The group; none or empty: all users together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// The first instant of the bucket; none: the whole range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Instant>,
}

/// Which users of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelOutcome {
    /// Those who got at least so far.
    Reached,
    /// Those who got to the next required step too.
    Converted,
    /// Those who did not get to the next required step.
    Dropped,
}

/// A way through a funnel with optional steps: the users whose best run it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathSelection {
    /// The steps taken, counted from 1.
    pub path: Vec<u32>,
    /// The group; none or empty: all users together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
}

/// A cell, a row or a column of a cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortSelection {
    /// The generation as its row tells it, `null` for missing; left out: all of them together.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "there"
    )]
    pub generation: Option<Option<Value>>,
    /// The period, counted from 0; none: the whole row, or all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
    /// Which users.
    pub outcome: crate::criterion::CohortOutcome,
}

/// What is there, be it `null`.
fn there<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Value>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Selection {
    /// Whether it is of the kind that the query's answer has.
    #[must_use]
    pub const fn fits(&self, query: &Query) -> bool {
        matches!(
            (self, query),
            (Self::Segmentation(_), Query::Segmentation(_))
                | (Self::Funnel(_) | Self::Path(_), Query::Funnel(_))
                | (Self::Cohort(_), Query::Cohort(_))
        )
    }
}

/// A part of an answer to make a definition of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SelectionFields")]
pub struct SelectionRequest {
    /// The query.
    pub query: Query,
    /// The part of its answer.
    pub selection: Selection,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectionFields {
    query: Query,
    selection: Selection,
}

impl TryFrom<SelectionFields> for SelectionRequest {
    type Error = &'static str;

    fn try_from(fields: SelectionFields) -> Result<Self, Self::Error> {
        if fields.selection.fits(&fields.query) {
            Ok(Self {
                query: fields.query,
                selection: fields.selection,
            })
        } else {
            Err("the selection is of another tool than the query")
        }
    }
}

/// The users behind a part of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selected {
    /// Who they are.
    pub definition: Criterion,
    /// The definition in words.
    pub sentence: String,
    /// The IANA time zone of the definition.
    pub time_zone: String,
    /// The instant that the number of users is true for.
    pub as_of: Instant,
    /// How many there are.
    pub users: u64,
}
