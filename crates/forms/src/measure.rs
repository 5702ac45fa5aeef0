//! The form of what is worked out over an event's occurrences and what it is compared with.

use segments_model::measure::Aggregate;
use segments_model::{Compare, Measure};
use serde::{Deserialize, Serialize};

use crate::error::{Errors, FormError};
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

/// The form of a measure.
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
    /// The measure that the form stands for.
    ///
    /// # Errors
    /// When it needs a property and has none.
    pub fn measure(&self) -> Result<Measure, Vec<FormError>> {
        match self.kind {
            MeasureKind::Count => Ok(Measure::Count),
            MeasureKind::DistinctDays => Ok(Measure::DistinctDays),
            MeasureKind::Of(_) if self.property.is_empty() => {
                Err(vec![FormError::new("/property", "Choose a property")])
            }
            MeasureKind::Of(aggregate) => Ok(Measure::Of {
                aggregate,
                property: self.property.clone(),
            }),
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
    /// Less.
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
    /// The comparison that the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be.
    pub fn compare(&self) -> Result<Compare, Vec<FormError>> {
        let mut errors = Errors::default();
        let between = self.op == CompareOp::Between;
        let value = errors.note(
            if between { "/value/0" } else { "/value" },
            self.value.number(),
        );
        let compare = match self.op {
            CompareOp::AtLeast => value.map(Compare::AtLeast),
            CompareOp::AtMost => value.map(Compare::AtMost),
            CompareOp::Exactly => value.map(Compare::Exactly),
            CompareOp::MoreThan => value.map(Compare::MoreThan),
            CompareOp::LessThan => value.map(Compare::LessThan),
            CompareOp::Between => {
                let upper = errors.note("/value/1", self.upper.number());
                match value.zip(upper) {
                    Some((least, most)) if most < least => errors.note(
                        "/value/1",
                        Err("The second value must not be less than the first".to_owned()),
                    ),
                    bounds => bounds.map(|(least, most)| Compare::Between(least, most)),
                }
            }
        };
        errors.finish(compare)
    }

    /// The numbers as they stand on a token: "3", "3 and 5".
    #[must_use]
    pub fn value_words(&self) -> String {
        let shown = |entry: &Entry| match entry.write() {
            text if text.trim().is_empty() => "\u{2026}".to_owned(),
            text => text,
        };
        if self.op == CompareOp::Between {
            format!("{} and {}", shown(&self.value), shown(&self.upper))
        } else {
            shown(&self.value)
        }
    }

    /// How often, in words: "at least once", "on at least 3 days".
    #[must_use]
    pub fn times_words(&self, kind: MeasureKind) -> String {
        let days = kind == MeasureKind::DistinctDays;
        let single = self.op != CompareOp::Between && self.value == Entry::from(1);
        match (days, single) {
            (true, true) => format!("on {} 1 day", self.op.label()),
            (true, false) => format!("on {} {} days", self.op.label(), self.value_words()),
            (false, true) => format!("{} once", self.op.label()),
            (false, false) => format!("{} {} times", self.op.label(), self.value_words()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CompareForm, CompareOp, MeasureForm, MeasureKind};
    use crate::number::Entry;
    use segments_model::Compare;
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
            assert_eq!(CompareForm::from(compare).compare(), Ok(compare));
        }
    }

    #[test]
    fn a_backward_between_is_refused() {
        assert_eq!(
            CompareForm::from(Compare::Between(2.0, 1.0))
                .compare()
                .unwrap_err()[0]
                .pointer,
            "/value/1"
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
    fn a_figure_needs_its_property() {
        for kind in MeasureKind::ALL {
            let form = MeasureForm {
                kind,
                property: String::new(),
            };
            assert_eq!(
                form.measure().is_err(),
                matches!(kind, MeasureKind::Of(_)),
                "{}",
                kind.label()
            );
        }
    }

    #[test]
    fn times_read_as_people_say_them() {
        let words = |compare: CompareForm, kind| compare.times_words(kind);
        let once = CompareForm::default();
        assert_eq!(words(once.clone(), MeasureKind::Count), "at least once");
        assert_eq!(words(once, MeasureKind::DistinctDays), "on at least 1 day");
        let between = CompareForm {
            op: CompareOp::Between,
            value: Entry::from(2),
            upper: Entry::default(),
        };
        assert_eq!(
            words(between, MeasureKind::Count),
            "between 2 and \u{2026} times"
        );
    }
}
