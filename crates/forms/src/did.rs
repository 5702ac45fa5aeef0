//! The forms of "did" and "did not": another event strictly before or after an occurrence.

use segments_model::Compare;
use segments_model::criterion::{Did, When};
use segments_model::range::Window;
use serde::{Deserialize, Serialize};

use crate::error::Errors;
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
    /// One that is still to be filled in.
    #[must_use]
    pub fn blank(performed: bool) -> Self {
        Self {
            performed,
            ..Self::default()
        }
    }

    /// What the form stands for, with its holes filled.
    pub fn fill(&self, errors: &mut Errors) -> Did {
        Did {
            performed: self.performed,
            event: self.event.event(),
            filter: errors.at("/where", |errors| self.filter.fill(errors)),
            when: self.when,
            within: self.within,
            compare: errors.at("/compare", |errors| self.compare.fill(errors)),
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
    use crate::error::Errors;
    use crate::number::Entry;
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
        let any = Did {
            performed: true,
            event: None,
            filter: None,
            when: When::Before,
            within: None,
            ..did()
        };
        for did in [did(), any] {
            let again = Errors::checked(|errors| DidForm::from(&did).fill(errors), |_| vec![]);
            assert_eq!(again, Ok(did));
        }
    }

    #[test]
    fn what_is_missing_has_its_place() {
        let mut form = DidForm::from(&did());
        form.compare.value = Entry::read("often");
        let errors = Errors::checked(|errors| form.fill(errors), |_| vec![]).unwrap_err();
        assert_eq!(errors[0].pointer, "/compare/value");
        assert!(!form.is_any_number());
        assert!(DidForm::blank(false).is_any_number());
    }
}
