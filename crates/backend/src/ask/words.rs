//! What the model says of a definition, with the names of the library.

use segments_model::criterion::FirstEventCriterion;
use segments_model::problem::InputError;
use segments_model::{Criterion, Range, sentence as plain, validate};

use crate::error::Error;
use crate::store::library::LibrarySnapshot;
use segments_model::limits::LIMITS;

pub use segments_model::limits::{CATEGORY_CHARACTERS, DESCRIPTION_CHARACTERS, NAME_CHARACTERS};

/// What is wrong with a definition that stands at `pointer` in the request's body.
#[must_use]
pub fn check(definition: &Criterion, pointer: &str) -> Vec<InputError> {
    validate::validate(definition, &LIMITS)
        .into_iter()
        .map(|error| InputError {
            pointer: format!("{pointer}{}", error.pointer),
            ..error
        })
        .collect()
}

/// What is wrong with a range that is the member `during` of something.
#[must_use]
pub fn check_during(range: &Range) -> Vec<InputError> {
    // A range is checked as part of a criterion; which one does not matter.
    let criterion = Criterion::FirstEvent(FirstEventCriterion {
        event: None,
        filter: None,
        during: range.clone(),
    });
    check(&criterion, "")
}

/// Whether a range that is the parameter `during` of a query string can be asked for.
///
/// # Errors
/// [`Error::Meaningless`]
pub fn check_during_param(range: Option<&Range>) -> Result<(), Error> {
    match range.and_then(|range| check_during(range).into_iter().next()) {
        None => Ok(()),
        Some(error) => Err(Error::Meaningless(error.to_string())),
    }
}

/// A definition in words.
#[must_use]
pub fn sentence(library: &LibrarySnapshot, definition: &Criterion) -> String {
    plain::sentence(definition, &|id: &str| library.name(id).map(str::to_owned))
}
