//! Queries: what the tools ask of the data.
//!
//! What each of them means to the last user is told in `docs/meaning.md`; their answers are in [`answer`](crate::answer),
//! and a clicked part of an answer is a [`Selection`](crate::selection::Selection).

use serde::{Deserialize, Serialize};

use crate::criterion::{Behaviour, CohortUnit, Did, Exclusion, Order, Step, Within};
use crate::filter::Scope;
use crate::measure::Aggregate;
use crate::range::CalendarUnit;
use crate::{Criterion, Filter, Instant, Range, Stamp};

/// A question of one of the tools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Query {
    /// How much, how often, by how many users, over time and by group.
    Segmentation(SegmentationQuery),
    /// How many users get from step to step.
    Funnel(FunnelQuery),
    /// How many users come back.
    Cohort(CohortQuery),
}

/// How many groups an answer has where the query does not say.
pub const DEFAULT_GROUPS: u32 = 10;

impl Query {
    /// The instant that the query is asked for; none: now.
    #[must_use]
    pub const fn as_of(&self) -> Option<Instant> {
        match self {
            Self::Segmentation(query) => query.as_of,
            Self::Funnel(query) => query.as_of,
            Self::Cohort(query) => query.as_of,
        }
    }

    /// The IANA zone whose days, weeks and months are meant; none: the project's.
    #[must_use]
    pub fn time_zone(&self) -> Option<&str> {
        match self {
            Self::Segmentation(query) => query.time_zone.as_deref(),
            Self::Funnel(query) => query.time_zone.as_deref(),
            Self::Cohort(query) => query.time_zone.as_deref(),
        }
    }

    /// The same query for the instant and the zone that an answer is true for.
    #[must_use]
    pub fn pinned(mut self, stamp: &Stamp) -> Self {
        let (as_of, time_zone) = match &mut self {
            Self::Segmentation(query) => (&mut query.as_of, &mut query.time_zone),
            Self::Funnel(query) => (&mut query.as_of, &mut query.time_zone),
            Self::Cohort(query) => (&mut query.as_of, &mut query.time_zone),
        };
        *as_of = Some(stamp.as_of);
        *time_zone = Some(stamp.time_zone.clone());
        self
    }

    /// Who is asked about; none: every user.
    #[must_use]
    pub const fn audience(&self) -> Option<&Criterion> {
        match self {
            Self::Segmentation(query) => query.audience.as_ref(),
            Self::Funnel(query) => query.audience.as_ref(),
            Self::Cohort(query) => query.audience.as_ref(),
        }
    }
}

/// How much, how often, by how many users, over time and by group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentationQuery {
    /// What is measured: 1 to 26 rows, called A, B, … in formulas.
    pub measures: Vec<QueryMeasure>,
    /// What is worked out from the rows: at most 20 formulas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<Formula>,
    /// Who is asked about; none: every user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Criterion>,
    /// What the answer is broken down by, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<GroupBy>,
    /// When the occurrences happened.
    pub during: Range,
    /// How long a bucket is.
    pub interval: Interval,
    /// What the answer is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Comparison>,
    /// How many groups are told, 1 to 1,000; none: [`DEFAULT_GROUPS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_groups: Option<u32>,
    /// The instant that the answer is true for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// One row of a segmentation: a figure over the occurrences of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryMeasure {
    /// The event's name; none: any event.
    #[serde(deserialize_with = "Option::deserialize")]
    pub event: Option<String>,
    /// Which of its occurrences count.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What else has to have been performed, or not, relative to each occurrence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<Did>,
    /// Which figure.
    pub aggregate: QueryAggregate,
}

/// A figure over occurrences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryAggregate {
    /// Which one.
    pub of: Figure,
    /// The event property that it is worked out over: for all but `total` and `users`, which take none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// The mean, over the users that have a match, of each user's own figure; `users` has none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_user: bool,
}

/// Which figure a row of a segmentation tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// How many occurrences.
    Total,
    /// How many users have at least one.
    Users,
    /// The sum of a number property, exact to six decimals.
    Sum,
    /// The sum divided by the number of values.
    Average,
    /// The value in the middle, of an even number of values the mean of the two.
    Median,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// How many different values; of a property of any type.
    Distinct,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 8] = [
        Self::Total,
        Self::Users,
        Self::Sum,
        Self::Average,
        Self::Median,
        Self::Min,
        Self::Max,
        Self::Distinct,
    ];

    /// The figure over a property's values that this is; none for those that take no property.
    #[must_use]
    pub const fn aggregate(self) -> Option<Aggregate> {
        match self {
            Self::Total | Self::Users => None,
            Self::Sum => Some(Aggregate::Sum),
            Self::Average => Some(Aggregate::Average),
            Self::Median => Some(Aggregate::Median),
            Self::Min => Some(Aggregate::Min),
            Self::Max => Some(Aggregate::Max),
            Self::Distinct => Some(Aggregate::Distinct),
        }
    }
}

/// A figure worked out from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// What it is called, 1 to 200 characters.
    pub name: String,
    /// Rows by their letters, numbers, `+ - * /` and brackets: `A / B * 100`.
    pub expression: String,
}

/// What an answer is broken down by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum GroupBy {
    /// The values of a property.
    Property(PropertyGroup),
    /// Whether the user is in a segment.
    Segment(SegmentGroup),
}

/// The values of a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyGroup {
    /// Whose property.
    pub scope: Scope,
    /// The property's name.
    pub name: String,
}

/// In a segment, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentGroup {
    /// The segment's id.
    pub segment: String,
}

pub use crate::limits::MAX_BUCKETS;

/// How long a bucket of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// An hour of the zone's clock.
    Hour,
    /// A local day.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// The whole range.
    Full,
}

impl Interval {
    /// Every interval, the shortest first.
    pub const ALL: [Self; 6] = [
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Full,
    ];

    /// The unit of the calendar; none: the whole range.
    #[must_use]
    pub const fn unit(self) -> Option<CalendarUnit> {
        match self {
            Self::Hour => Some(CalendarUnit::Hour),
            Self::Day => Some(CalendarUnit::Day),
            Self::Week => Some(CalendarUnit::Week),
            Self::Month => Some(CalendarUnit::Month),
            Self::Quarter => Some(CalendarUnit::Quarter),
            Self::Full => None,
        }
    }
}

/// What an answer is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// As much time, just before the range.
    PreviousRange,
}

/// How many users get from step to step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelQuery {
    /// The steps, 1 to 20; in any order 1 to 10. The first and the last are not optional; at most 4 are.
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
    /// Who is asked about; none: every user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Criterion>,
    /// What the answer is broken down by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<FunnelGroupBy>,
    /// How long a bucket of the conversion over time is; none: it is not told over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// How many groups are told besides all users together, 1 to 1,000; none: [`DEFAULT_GROUPS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_groups: Option<u32>,
    /// The instant that the answer is true for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What a funnel is broken down by: the same funnel with a step, or all of them, filtered to the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FunnelGroupBy {
    /// The values of a property.
    Property(FunnelPropertyGroup),
    /// Whether the user is in a segment.
    Segment(SegmentGroup),
}

/// The values of a property, at one step or at all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelPropertyGroup {
    /// Whose property.
    pub scope: Scope,
    /// The property's name.
    pub name: String,
    /// The step whose occurrences are filtered, counted from 1; none: all steps. Makes no difference to user properties.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
}

/// How many users come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortQuery {
    /// The event that starts, or the chain of them, each strictly later than the one before.
    pub start: Vec<Behaviour>,
    /// Whether only the first start ever counts.
    pub first_time: bool,
    /// The event that returns.
    #[serde(rename = "return")]
    pub returning: Behaviour,
    /// What a cell tells.
    #[serde(default)]
    pub measure: CohortMeasure,
    /// What the generations are.
    #[serde(default)]
    pub generation: GenerationBy,
    /// The unit of generations and periods.
    pub unit: CohortUnit,
    /// The last period, counted from 0: at most 366.
    pub periods: u32,
    /// Which return counts for a period: `on` or `on_or_after`.
    #[serde(rename = "match")]
    pub matching: QueryMatch,
    /// Whether a cell takes the periods before it too; not with `on_or_after`.
    #[serde(default)]
    pub cumulative: bool,
    /// When the start happened.
    pub during: Range,
    /// Who is asked about; none: every user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Criterion>,
    /// How many generations by property are told, 1 to 1,000; none: [`DEFAULT_GROUPS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_groups: Option<u32>,
    /// The instant that the answer is true for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Which return counts for a period of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryMatch {
    /// One in the period.
    On,
    /// One in the period or later.
    OnOrAfter,
}

/// What a cell of a cohort tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum CohortMeasure {
    /// How many users returned.
    #[default]
    Users,
    /// The sum of a number property of the returns, exact to six decimals.
    Sum {
        /// The event property.
        property: String,
    },
}

/// What the generations of a cohort are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum GenerationBy {
    /// The unit in which the start falls.
    #[default]
    Time,
    /// The value of a property: of the starting event, or of the user.
    Property {
        /// Whose property.
        scope: Scope,
        /// The property's name.
        name: String,
    },
    /// Whether the user is in a segment.
    Segment {
        /// The segment's id.
        id: String,
    },
}
