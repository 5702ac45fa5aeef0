//! Which occurrences: an event, its filter, and what else was performed or not.

use segments_model::Filter;
use segments_model::criterion::Did;

use crate::did::DidForm;
use crate::error::{Errors, FormError};
use crate::event::EventChoice;
use crate::filter::FilterForm;

/// The form of which occurrences are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OccurrenceForm {
    /// The event.
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

    /// What the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place: `/event`, `/where`, `/did/0/…`.
    pub fn occurrence(&self) -> Result<Occurrence, Vec<FormError>> {
        let mut errors = Errors::default();
        let event = errors.note("/event", self.event.event());
        let filter = errors.part("/where", self.filter.filter());
        let mut did = Vec::with_capacity(self.did.len());
        for (place, form) in self.did.iter().enumerate() {
            did.extend(errors.part(&format!("/did/{place}"), form.did()));
        }
        let occurrence = event
            .zip(filter)
            .map(|(event, filter)| Occurrence { event, filter, did });
        errors.finish(occurrence)
    }
}

#[cfg(test)]
mod tests {
    use super::OccurrenceForm;
    use crate::did::DidForm;
    use crate::event::EventChoice;
    use crate::filter::{FilterItem, PropertyForm};
    use segments_model::Compare;
    use segments_model::criterion::{Did, When};
    use segments_model::filter::Scope;

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
        let occurrence = OccurrenceForm::of(&event, None, std::slice::from_ref(&did))
            .occurrence()
            .unwrap();
        assert_eq!(occurrence.event, event);
        assert_eq!(occurrence.filter, None);
        assert_eq!(occurrence.did, [did]);
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let mut form = OccurrenceForm {
            event: EventChoice::Unset,
            did: vec![DidForm::blank(false)],
            ..OccurrenceForm::default()
        };
        form.filter
            .items
            .push(FilterItem::property(PropertyForm::unset(Scope::Event)));
        let places: Vec<_> = form
            .occurrence()
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
