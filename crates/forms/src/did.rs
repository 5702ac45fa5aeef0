//! The forms of "did" and "did not": another event strictly before or after an occurrence.

use segments_model::Compare;
use segments_model::criterion::{Did, When};
use segments_model::range::Window;
use serde::{Deserialize, Serialize};

use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::filter::FilterForm;
use crate::measure::CompareForm;

/// The form of another event that was performed, or not, relative to an occurrence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DidForm {
    /// Whether it has to have been performed, or must not have been.
    pub performed: bool,
    /// The other event.
    pub event: EventChoice,
    /// Which of its occurrences count.
    pub filter: FilterForm,
    /// On which side of the occurrence.
    pub when: When,
    /// How far from it, at most; none: any distance.
    pub within: Option<Window>,
    /// How often.
    pub compare: CompareForm,
}

impl Default for DidForm {
    fn default() -> Self {
        Self {
            performed: true,
            event: EventChoice::Unset,
            filter: FilterForm::default(),
            when: When::Before,
            within: None,
            compare: CompareForm::from(Compare::default()),
        }
    }
}

impl From<&Did> for DidForm {
    fn from(did: &Did) -> Self {
        Self {
            performed: did.performed,
            event: EventChoice::from(&did.event),
            filter: FilterForm::from(did.filter.as_ref()),
            when: did.when,
            within: did.within,
            compare: CompareForm::from(did.compare),
        }
    }
}

impl DidForm {
    /// What the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place.
    pub fn did(&self) -> Result<Did, Vec<FormError>> {
        let mut errors = Errors::default();
        let event = errors.note("/event", self.event.event());
        let filter = errors.part("/where", self.filter.filter());
        let compare = errors.part("/compare", self.compare.compare());
        let did = (|| {
            Some(Did {
                performed: self.performed,
                event: event?,
                filter: filter?,
                when: self.when,
                within: self.within,
                compare: compare?,
            })
        })();
        errors.finish(did)
    }
}

impl DidForm {
    /// One that is still to be filled in.
    #[must_use]
    pub fn blank(performed: bool) -> Self {
        Self {
            performed,
            ..Self::default()
        }
    }

    /// On which side of the occurrence, and how far from it: `after it within 7 days`.
    #[must_use]
    pub fn when_words(&self) -> String {
        let side = match self.when {
            When::Before => "before it",
            When::After => "after it",
        };
        match self.within {
            None => side.to_owned(),
            Some(within) => {
                let plural = if within.count == 1 { "" } else { "s" };
                format!(
                    "{side} within {} {}{plural}",
                    within.count,
                    within.unit.word()
                )
            }
        }
    }

    /// Whether its number of times goes without saying.
    #[must_use]
    pub fn is_any_number(&self) -> bool {
        self.compare == CompareForm::default()
    }
}

#[cfg(test)]
mod tests {
    use super::DidForm;
    use crate::event::EventChoice;
    use segments_model::criterion::{Did, When};
    use segments_model::filter::{Operator, PropertyFilter, Scope};
    use segments_model::range::{Window, WindowUnit};
    use segments_model::{Compare, Filter, Value};

    fn did() -> Did {
        Did {
            performed: false,
            event: Some("Order Completed".to_owned()),
            filter: Some(Filter::Property(PropertyFilter {
                scope: Scope::Event,
                name: "plan".to_owned(),
                op: Operator::Is,
                values: vec![Value::String("Pro".to_owned())],
                during: None,
                ignore_case: false,
            })),
            when: When::After,
            within: Some(Window {
                count: 7,
                unit: WindowUnit::Day,
            }),
            compare: Compare::AtLeast(2.0),
        }
    }

    #[test]
    fn what_a_form_reads_it_says_again() {
        let mut dids = vec![did()];
        dids.push(Did {
            performed: true,
            event: None,
            filter: None,
            when: When::Before,
            within: None,
            ..did()
        });
        for did in dids {
            assert_eq!(DidForm::from(&did).did(), Ok(did));
        }
    }

    #[test]
    fn what_is_missing_has_its_place() {
        let errors = DidForm::blank(true).did().unwrap_err();
        assert_eq!(errors[0].pointer, "/event");
        let mut form = DidForm::from(&did());
        form.compare.value = crate::number::Entry::read("often");
        form.event = EventChoice::Any;
        assert_eq!(form.did().unwrap_err()[0].pointer, "/compare/value");
    }

    #[test]
    fn distances_read_as_people_say_them() {
        let mut form = DidForm::from(&did());
        assert_eq!(form.when_words(), "after it within 7 days");
        form.within = Some(Window {
            count: 1,
            unit: WindowUnit::Hour,
        });
        assert_eq!(form.when_words(), "after it within 1 hour");
        form.within = None;
        form.when = When::Before;
        assert_eq!(form.when_words(), "before it");
        assert!(!form.is_any_number());
        assert!(DidForm::blank(false).is_any_number());
    }
}
