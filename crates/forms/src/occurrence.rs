//! Which occurrences: an event, its filter, and what else was performed or not.

use segments_model::Filter;
use segments_model::criterion::Did;
use segments_model::filter::Scope;
use serde::{Deserialize, Serialize};

use crate::did::DidForm;
use crate::error::Errors;
use crate::event::EventChoice;
use crate::filter::{FilterForm, PropertyForm};

/// The form of which occurrences are meant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OccurrenceForm {
    pub event: EventChoice,
    /// Which of its occurrences count.
    pub filter: FilterForm,
    /// What else has to have been performed, or not, relative to each occurrence.
    pub did: Vec<DidForm>,
}

/// Which occurrences are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// The event's name; none: any event.
    pub event: Option<String>,
    /// Which of its occurrences count.
    pub filter: Option<Filter>,
    /// What else has to have been performed, or not.
    pub did: Vec<Did>,
}

impl OccurrenceForm {
    /// The form of what a query says.
    #[must_use]
    pub fn of(event: &Option<String>, filter: Option<&Filter>, did: &[Did]) -> Self {
        Self {
            event: EventChoice::from(event),
            filter: FilterForm::from(filter),
            did: did.iter().map(DidForm::from).collect(),
        }
    }

    /// What the form stands for, with its holes filled.
    pub fn fill(&self, errors: &mut Errors) -> Occurrence {
        Occurrence {
            event: self.event.event(),
            filter: errors.at("/where", |errors| self.filter.fill(errors)),
            did: self
                .did
                .iter()
                .enumerate()
                .map(|(place, did)| errors.at(&format!("/did/{place}"), |errors| did.fill(errors)))
                .collect(),
        }
    }

    /// Adds a condition on a property that is still to be chosen.
    pub fn add_condition(&mut self) {
        self.filter.add(PropertyForm::unset(Scope::Event));
    }
}

#[cfg(test)]
mod tests {
    use super::{Occurrence, OccurrenceForm};
    use crate::did::DidForm;
    use crate::event::EventChoice;
    use segments_model::Compare;
    use segments_model::criterion::{Did, When};

    #[test]
    fn what_a_form_reads_it_says_again() {
        let did = Did {
            performed: true,
            event: None,
            filter: None,
            when: When::Before,
            within: None,
            compare: Compare::default(),
        };
        let event = Some("Signed Up".to_owned());
        let form = OccurrenceForm::of(&event, None, std::slice::from_ref(&did));
        let occurrence = Occurrence::try_from(&form).unwrap();
        assert_eq!(occurrence.event, event);
        assert_eq!(occurrence.filter, None);
        assert_eq!(occurrence.did, [did]);
    }

    #[test]
    fn everything_that_is_missing_is_shown_at_once() {
        let mut form = OccurrenceForm {
            event: EventChoice::Unset,
            did: vec![DidForm::blank(false)],
            ..OccurrenceForm::default()
        };
        form.add_condition();
        let places: Vec<_> = Occurrence::try_from(&form)
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        assert_eq!(
            places,
            ["/event", "/where/name", "/where/values", "/did/0/event"]
        );
    }
}
