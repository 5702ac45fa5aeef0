//! Criteria: the conditions that say who belongs to a segment.

use serde::{Deserialize, Serialize};

use crate::measure::{Compare, Measure};
use crate::range::{CalendarUnit, Window};
use crate::{Filter, Instant, Range};

/// One condition on users. A segment's *definition* is a criterion, usually a tree of them.
///
/// For every criterion, the users that meet it and the users that meet its `Not` are disjoint and together all users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Criterion {
    /// Every one of these; of none: every user.
    All {
        /// The criteria.
        of: Vec<Criterion>,
    },
    /// At least one of these; of none: no user.
    Any {
        /// The criteria.
        of: Vec<Criterion>,
    },
    /// Not this.
    Not {
        /// The criterion.
        of: Box<Criterion>,
    },
    /// An event was completed so often, or a figure over its occurrences compares so.
    Event(EventCriterion),
    /// The first occurrence ever falls into a range.
    FirstEvent(FirstEventCriterion),
    /// The user's properties or segments meet a filter.
    User {
        /// The filter, of user properties and segments only.
        #[serde(rename = "where")]
        filter: Filter,
    },
    /// Events were completed one after the other.
    Sequence(SequenceCriterion),
    /// Came back, or did not, after a start.
    Cohort(CohortCriterion),
    /// In another segment.
    Segment(SegmentCriterion),
    /// One of these users.
    Users(UsersCriterion),
}

impl Criterion {
    /// The criterion that every user meets.
    #[must_use]
    pub const fn everyone() -> Self {
        Self::All { of: Vec::new() }
    }
}

/// An event was completed so often, or a figure over its occurrences compares so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventCriterion {
    /// The event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What else has to have been performed, or not, relative to each occurrence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<Did>,
    /// What is worked out over the occurrences.
    #[serde(default, skip_serializing_if = "is_default")]
    pub measure: Measure,
    /// What the measure is held against.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compare: Compare,
    /// When the occurrences happened.
    pub during: Range,
}

/// The first occurrence ever that matches falls into a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstEventCriterion {
    /// The event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// When the first one happened.
    pub during: Range,
}

/// Another event strictly before or after an occurrence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Did {
    /// Whether it has to have been performed, or must not have been.
    pub performed: bool,
    /// The other event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// On which side of the occurrence.
    pub when: When,
    /// How far from it, at most; none: any distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Window>,
    /// How often.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compare: Compare,
}

/// A side of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Strictly before it.
    Before,
    /// Strictly after it.
    After,
}

/// Events were completed one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceCriterion {
    /// The steps.
    pub steps: Vec<Step>,
    /// How the steps follow each other.
    #[serde(default)]
    pub order: Order,
    /// How long it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// What must not happen between two steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Exclusion>,
    /// When the first step happened.
    pub during: Range,
    /// The step that was reached, counted from 1.
    pub reached: u32,
    /// The step that was not, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_reached: Option<u32>,
    /// All the steps of the best run, counted from 1; the last of them is `reached`. None: whichever they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<u32>>,
}

impl SequenceCriterion {
    /// The step that its users did not reach, counted from 1: after a path it is the next one that is not optional.
    #[must_use]
    pub fn stop(&self) -> Option<u32> {
        match &self.path {
            None => self.not_reached,
            Some(_) => (1..)
                .zip(&self.steps)
                .find(|(number, step)| *number > self.reached && !step.optional)
                .map(|(number, _)| number),
        }
    }
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What else has to have been performed, or not, relative to each occurrence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<Did>,
    /// Whether the sequence goes on without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// How steps follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Each step strictly later than the one before; anything may happen between.
    #[default]
    Sequential,
    /// As sequential, and no other event of the user strictly between.
    Strict,
    /// In any order.
    Any,
}

/// How long a sequence may take, the limit itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// What is limited.
    pub of: WithinOf,
    /// How many units, at least 1.
    pub count: u32,
    /// The unit.
    pub unit: crate::range::WindowUnit,
}

impl Within {
    /// The length of time.
    #[must_use]
    pub const fn window(self) -> Window {
        Window {
            count: self.count,
            unit: self.unit,
        }
    }
}

/// What a limit of time counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithinOf {
    /// From step 1.
    Funnel,
    /// From the step before.
    Step,
}

/// An event that must not happen strictly between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// The event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// After this step, counted from 1.
    pub from: u32,
    /// Before this one.
    pub to: u32,
}

/// Came back, or did not, after a start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortCriterion {
    /// The event that starts, or the chain of them, each strictly later than the one before.
    pub start: Vec<Behaviour>,
    /// Whether only the first start ever counts.
    pub first_time: bool,
    /// The event that returns.
    #[serde(rename = "return")]
    pub returning: Behaviour,
    /// The unit of generations and periods.
    pub unit: CohortUnit,
    /// When the start happened.
    pub started: Range,
    /// The first instant of the generation; none: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<Instant>,
    /// What the occurrence that started has to be like, judged after it was found: unlike a condition of the start it does
    /// not make another occurrence the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation_where: Option<Filter>,
    /// The period, counted from 0; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
    /// Whether a later return counts too.
    #[serde(rename = "match")]
    pub matching: CohortMatch,
    /// Which users.
    pub outcome: CohortOutcome,
}

/// An event with a filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// The event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

/// The unit of a cohort's generations and periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortUnit {
    /// An hour of the zone's clock.
    Hour,
    /// A local day.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl CohortUnit {
    /// The unit of the calendar.
    #[must_use]
    pub const fn unit(self) -> CalendarUnit {
        match self {
            Self::Hour => CalendarUnit::Hour,
            Self::Day => CalendarUnit::Day,
            Self::Week => CalendarUnit::Week,
            Self::Month => CalendarUnit::Month,
        }
    }
}

/// Which return counts for a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortMatch {
    /// One in the period.
    On,
    /// One in the period or later.
    OnOrAfter,
    /// One in the period or earlier.
    OnOrBefore,
}

/// Which users of a cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortOutcome {
    /// Those who started.
    Started,
    /// Those who started and returned.
    Returned,
    /// Those who started and did not return.
    NotReturned,
}

/// In another segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentCriterion {
    /// The segment's id.
    pub id: String,
    /// The instant that a dynamic segment is evaluated for; none: that of the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
}

/// One of these users: ids or an uploaded list, exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersCriterion {
    /// User ids, at most [`UsersCriterion::MAX_IDS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// The id of an uploaded list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

impl UsersCriterion {
    /// How many ids may stand in a definition; more are uploaded as a list.
    pub const MAX_IDS: usize = crate::limits::MAX_IDS;
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
