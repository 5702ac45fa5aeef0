//! Why a user meets a definition, or does not.

use serde::{Deserialize, Serialize};

use crate::{Compare, Criterion, Filter, Instant, Stamp, Value};

/// A definition, or a stored segment, to explain for a user: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainRequest {
    /// The definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Criterion>,
    /// The stored segment's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The instant to explain for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the segment's, or else the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Why a user meets a definition, or does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What the answer is true for.
    pub stamp: Stamp,
    /// The definition.
    pub definition: Criterion,
    /// The definition in words.
    pub sentence: String,
    /// Whether the user meets it.
    pub holds: bool,
    /// Each criterion of the tree, the root first and each group before its members.
    pub criteria: Vec<CriterionExplanation>,
    /// The fewest leaves of the tree that would have to be the other way round for the whole to be the other way round, in
    /// the order of the definition; missing where no change of leaves does it. The leaves are all criteria but `all`, `any`
    /// and `not`. Of several such choices it is the one that comes first in the definition.
    pub flip: Option<Vec<FlippedLeaf>>,
    /// When the whole will be the other way round if nothing happens but that time goes on; missing where it will not be, or
    /// not within [`FLIP_HORIZON_DAYS`].
    pub flips_at: Option<Instant>,
}

/// How far ahead of as-of a change by time alone is looked for, in days of 24 hours.
pub const FLIP_HORIZON_DAYS: i64 = 3_653;

/// One criterion of a tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CriterionExplanation {
    /// Where it stands: a JSON pointer into the definition, `""` for the root.
    pub pointer: String,
    /// Whether the user meets it.
    pub holds: bool,
    /// What was found; `all`, `any` and `not` have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// When it will be the other way round by time alone, as the whole in [`Explanation::flips_at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flips_at: Option<Instant>,
}

/// What was found of a user for one criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Found {
    /// A figure over occurrences.
    Figure {
        /// The figure; missing where there is none.
        value: Option<f64>,
        /// What it is held against.
        compare: Compare,
        /// The first instant of the range; none without a start.
        start: Option<Instant>,
        /// The first instant after the range.
        end: Instant,
        /// The occurrences that the figure is worked out over, the latest first, at most [`MAX_EVENTS`].
        events: Vec<DecidingEvent>,
        /// How many there are in all.
        events_total: u64,
    },
    /// The first occurrence ever.
    First {
        /// It; missing where there is none.
        event: Option<DecidingEvent>,
        /// The first instant of the range; none without a start.
        start: Option<Instant>,
        /// The first instant after the range.
        end: Instant,
    },
    /// The best run through a sequence.
    Sequence {
        /// The furthest step that was reached, counted from 1; 0 where there is none.
        reached: u32,
        /// The events of the best run, in order.
        events: Vec<DecidingEvent>,
        /// The first instant of the range; none without a start.
        start: Option<Instant>,
        /// The first instant after the range.
        end: Instant,
    },
    /// A start and the first return that counts.
    Cohort {
        /// The start in the range; missing where there is none.
        started: Option<DecidingEvent>,
        /// The first instant of the unit of the start.
        generation: Option<Instant>,
        /// The first return that counts.
        returned: Option<DecidingEvent>,
        /// The first instant at which a return counts.
        returns_from: Option<Instant>,
        /// The first instant at which one does no more, which may lie ahead; missing where every later one counts.
        returns_until: Option<Instant>,
        /// The first instant of the range of starts; none without a start.
        start: Option<Instant>,
        /// The first instant after the range.
        end: Instant,
    },
    /// What each condition of a filter on users came to.
    Conditions {
        /// Those on properties and segments, in the order of the filter.
        conditions: Vec<FoundCondition>,
    },
    /// Membership of a segment.
    Segment {
        /// The segment's id.
        id: String,
        /// The instant that the membership is true for.
        as_of: Instant,
    },
    /// Membership of a list.
    Users {},
}

/// How many deciding events are told of a criterion.
pub const MAX_EVENTS: usize = 10;

/// An event that decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecidingEvent {
    /// Its name.
    pub event: String,
    /// When it happened.
    pub time: Instant,
    /// The step that it served, counted from 1; not told where any order will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
}

/// A condition on a user: on a property, or a segment to be in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundCondition {
    /// Where it stands: a JSON pointer into the definition.
    pub pointer: String,
    /// The condition.
    pub condition: Filter,
    /// The user's value of the property; missing where there is none.
    pub value: Option<Value>,
    /// Of a condition with a range, the first instant of it; none without a start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Instant>,
    /// Of a condition with a range, the first instant after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Instant>,
    /// Whether the condition holds.
    pub holds: bool,
}

/// A leaf that would have to be the other way round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlippedLeaf {
    /// Where it stands, as JSON pointers: a criterion that stands in a definition more than once is one leaf.
    pub pointers: Vec<String>,
    /// What it would have to be.
    pub to: bool,
}
