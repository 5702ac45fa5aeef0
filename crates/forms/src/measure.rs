//! The form of what is worked out over an event's occurrences and what it is compared with.

use segments_model::measure::Aggregate;
use segments_model::{Compare, Measure, sentence};
use serde::{Deserialize, Serialize};

use crate::error::Errors;
use crate::number::Entry;

/// What is worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// How often.
    #[default]
    Count,
    /// On how many days.
    DistinctDays,
    /// A figure over a property's values.
    Of(Aggregate),
}

impl MeasureKind {
    /// Every kind, in the order of the menu.
    pub const ALL: [Self; 8] = [
        Self::Count,
        Self::DistinctDays,
        Self::Of(Aggregate::Sum),
        Self::Of(Aggregate::Average),
        Self::Of(Aggregate::Median),
        Self::Of(Aggregate::Min),
        Self::Of(Aggregate::Max),
        Self::Of(Aggregate::Distinct),
    ];

    /// How it reads before the property or the event.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Count => "number of times",
            Self::DistinctDays => "number of days with",
            Self::Of(Aggregate::Sum) => "sum of",
            Self::Of(Aggregate::Average) => "average of",
            Self::Of(Aggregate::Median) => "median of",
            Self::Of(Aggregate::Min) => "smallest",
            Self::Of(Aggregate::Max) => "greatest",
            Self::Of(Aggregate::Distinct) => "number of different values of",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeasureForm {
    /// What is worked out.
    pub kind: MeasureKind,
    /// The event property, where one is needed; empty: none was chosen yet.
    pub property: String,
}

impl From<&Measure> for MeasureForm {
    fn from(measure: &Measure) -> Self {
        match measure {
            Measure::Count => Self::default(),
            Measure::DistinctDays => Self {
                kind: MeasureKind::DistinctDays,
                property: String::new(),
            },
            Measure::Of {
                aggregate,
                property,
            } => Self {
                kind: MeasureKind::Of(*aggregate),
                property: property.clone(),
            },
        }
    }
}

impl MeasureForm {
    /// The measure that the form stands for; of a property that was not chosen yet with an empty name, which the model
    /// refuses.
    #[must_use]
    pub fn measure(&self) -> Measure {
        match self.kind {
            MeasureKind::Count => Measure::Count,
            MeasureKind::DistinctDays => Measure::DistinctDays,
            MeasureKind::Of(aggregate) => Measure::Of {
                aggregate,
                property: self.property.clone(),
            },
        }
    }
}

/// How a figure is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareOp {
    /// As great or greater.
    #[default]
    AtLeast,
    /// As small or less.
    AtMost,
    /// Equal.
    Exactly,
    /// Greater.
    MoreThan,
    LessThan,
    /// Between two, both included.
    Between,
}

impl CompareOp {
    /// Every one, in the order of the menu.
    pub const ALL: [Self; 6] = [
        Self::AtLeast,
        Self::AtMost,
        Self::Exactly,
        Self::MoreThan,
        Self::LessThan,
        Self::Between,
    ];

    /// How it reads before a number.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
            Self::Exactly => "exactly",
            Self::MoreThan => "more than",
            Self::LessThan => "less than",
            Self::Between => "between",
        }
    }

    /// How it reads where there is little room.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => "\u{2265}",
            Self::AtMost => "\u{2264}",
            Self::Exactly => "=",
            Self::MoreThan => ">",
            Self::LessThan => "<",
            Self::Between => "between",
        }
    }
}

/// The form of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompareForm {
    /// How.
    pub op: CompareOp,
    /// With what; of `Between` the lower bound.
    pub value: Entry,
    /// Of `Between` the upper bound.
    pub upper: Entry,
}

impl Default for CompareForm {
    fn default() -> Self {
        Self::from(Compare::default())
    }
}

impl From<Compare> for CompareForm {
    fn from(compare: Compare) -> Self {
        let (op, value, upper) = match compare {
            Compare::AtLeast(value) => (CompareOp::AtLeast, value, None),
            Compare::AtMost(value) => (CompareOp::AtMost, value, None),
            Compare::Exactly(value) => (CompareOp::Exactly, value, None),
            Compare::MoreThan(value) => (CompareOp::MoreThan, value, None),
            Compare::LessThan(value) => (CompareOp::LessThan, value, None),
            Compare::Between(least, most) => (CompareOp::Between, least, Some(most)),
        };
        Self {
            op,
            value: Entry::from(value),
            upper: upper.map_or_else(Entry::default, Entry::from),
        }
    }
}

impl CompareForm {
    /// The comparison that the form stands for, with its holes filled.
    pub fn fill(&self, errors: &mut Errors) -> Compare {
        let one = match self.op {
            CompareOp::AtLeast => Compare::AtLeast,
            CompareOp::AtMost => Compare::AtMost,
            CompareOp::Exactly => Compare::Exactly,
            CompareOp::MoreThan => Compare::MoreThan,
            CompareOp::LessThan => Compare::LessThan,
            CompareOp::Between => {
                let (least, most) = errors.pair([
                    ("/value/0", self.value.number()),
                    ("/value/1", self.upper.number()),
                ]);
                return Compare::Between(least, most);
            }
        };
        one(errors.fill("/value", self.value.number(), 1.0))
    }

    /// How a figure of this kind compares, as it stands on a token: `at least once`, `on at least 3 different days`, `≥ 3`.
    #[must_use]
    pub fn words(&self, kind: MeasureKind) -> String {
        let Ok(compare) = Compare::try_from(self) else {
            return format!("{} \u{2026}", self.op.label());
        };
        match kind {
            MeasureKind::Count => sentence::times(compare),
            MeasureKind::DistinctDays => sentence::days(compare),
            MeasureKind::Of(_) => {
                let words = sentence::compare(compare);
                words.replacen(self.op.label(), self.op.sign(), 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CompareForm, CompareOp, MeasureKind};
    use crate::number::Entry;
    use segments_model::Compare;
    use segments_model::measure::Aggregate;
    use std::collections::HashSet;

    #[test]
    fn comparisons_go_through_the_form_unchanged() {
        for compare in [
            Compare::AtLeast(1.0),
            Compare::AtMost(-2.5),
            Compare::Exactly(0.0),
            Compare::MoreThan(3.0),
            Compare::LessThan(1e15),
            Compare::Between(1.0, 1.0),
        ] {
            assert_eq!(Compare::try_from(&CompareForm::from(compare)), Ok(compare));
        }
    }

    #[test]
    fn a_backward_between_is_refused() {
        assert_eq!(
            Compare::try_from(&CompareForm::from(Compare::Between(2.0, 1.0))).unwrap_err()[0]
                .pointer,
            "/value"
        );
    }

    #[test]
    fn labels_tell_the_choices_apart() {
        let measures: HashSet<_> = MeasureKind::ALL
            .into_iter()
            .map(MeasureKind::label)
            .collect();
        assert_eq!(measures.len(), MeasureKind::ALL.len());
        let comparisons: HashSet<_> = CompareOp::ALL.into_iter().map(CompareOp::label).collect();
        assert_eq!(comparisons.len(), CompareOp::ALL.len());
    }

    #[test]
    fn comparisons_read_as_people_say_them() {
        let once = CompareForm::default();
        assert_eq!(once.words(MeasureKind::Count), "at least once");
        assert_eq!(
            once.words(MeasureKind::DistinctDays),
            "on at least 1 different day"
        );
        assert_eq!(once.words(MeasureKind::Of(Aggregate::Sum)), "\u{2265} 1");
        let between = CompareForm {
            op: CompareOp::Between,
            value: Entry::from(2),
            upper: Entry::default(),
        };
        assert_eq!(between.words(MeasureKind::Count), "between \u{2026}");
    }
}
