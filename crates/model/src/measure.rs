//! What is counted or worked out over the occurrences of an event, and what it is compared with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is worked out over the occurrences of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "MeasureFields", into = "MeasureFields")]
pub enum Measure {
    /// How often.
    #[default]
    Count,
    /// On how many days of the segment's time zone.
    DistinctDays,
    /// A figure over a property's values.
    Of {
        /// Which figure.
        aggregate: Aggregate,
        /// The event property.
        property: String,
    },
}

/// A figure over the values of a property. Missing values take no part in any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The sum, exact to six decimals; of no value 0.
    Sum,
    /// The sum divided by the number of values; of no value missing.
    Average,
    /// The value in the middle, of an even number the mean of the two; of no value missing.
    Median,
    /// The least; of no value missing.
    Min,
    /// The greatest; of no value missing.
    Max,
    /// How many different values; of no value 0.
    Distinct,
}

impl Aggregate {
    /// Every aggregate.
    pub const ALL: [Self; 6] = [
        Self::Sum,
        Self::Average,
        Self::Median,
        Self::Min,
        Self::Max,
        Self::Distinct,
    ];

    /// Whether it needs numbers; the others take values of every type.
    #[must_use]
    pub const fn needs_numbers(self) -> bool {
        !matches!(self, Self::Distinct)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasureFields {
    of: MeasureName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    property: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MeasureName {
    Count,
    DistinctDays,
    Sum,
    Average,
    Median,
    Min,
    Max,
    Distinct,
}

impl TryFrom<MeasureFields> for Measure {
    type Error = &'static str;

    fn try_from(fields: MeasureFields) -> Result<Self, Self::Error> {
        let aggregate = match fields.of {
            MeasureName::Count | MeasureName::DistinctDays if fields.property.is_some() => {
                return Err("\"count\" and \"distinct_days\" take no \"property\"");
            }
            MeasureName::Count => return Ok(Self::Count),
            MeasureName::DistinctDays => return Ok(Self::DistinctDays),
            MeasureName::Sum => Aggregate::Sum,
            MeasureName::Average => Aggregate::Average,
            MeasureName::Median => Aggregate::Median,
            MeasureName::Min => Aggregate::Min,
            MeasureName::Max => Aggregate::Max,
            MeasureName::Distinct => Aggregate::Distinct,
        };
        match fields.property {
            Some(property) => Ok(Self::Of {
                aggregate,
                property,
            }),
            None => Err("this measure needs a \"property\""),
        }
    }
}

impl From<Measure> for MeasureFields {
    fn from(measure: Measure) -> Self {
        let (of, property) = match measure {
            Measure::Count => (MeasureName::Count, None),
            Measure::DistinctDays => (MeasureName::DistinctDays, None),
            Measure::Of {
                aggregate,
                property,
            } => (
                match aggregate {
                    Aggregate::Sum => MeasureName::Sum,
                    Aggregate::Average => MeasureName::Average,
                    Aggregate::Median => MeasureName::Median,
                    Aggregate::Min => MeasureName::Min,
                    Aggregate::Max => MeasureName::Max,
                    Aggregate::Distinct => MeasureName::Distinct,
                },
                Some(property),
            ),
        };
        Self { of, property }
    }
}

/// What a measure is held against. A missing measure fails every comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "op",
    content = "value",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum Compare {
    /// As great or greater.
    AtLeast(f64),
    /// As small or less.
    AtMost(f64),
    /// Equal.
    Exactly(f64),
    /// Greater.
    MoreThan(f64),
    /// Less.
    LessThan(f64),
    /// Between the two, both included.
    Between(f64, f64),
}

impl Default for Compare {
    /// At least 1: "did it".
    fn default() -> Self {
        Self::AtLeast(1.0)
    }
}

impl Compare {
    /// Whether a figure passes.
    #[must_use]
    pub fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
            Self::Exactly(value) => figure == value,
            Self::MoreThan(value) => figure > value,
            Self::LessThan(value) => figure < value,
            Self::Between(least, most) => least <= figure && figure <= most,
        }
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Median => "median",
            Self::Min => "min",
            Self::Max => "max",
            Self::Distinct => "distinct",
        })
    }
}
