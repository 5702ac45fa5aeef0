//! What is checked of a segment beside its definition.

use segments_model::problem::{Code, InputError};

use crate::ask::words;
use crate::error::Error;
use crate::store::library::LibrarySnapshot;

/// Nothing is wrong, or all of this is.
///
/// # Errors
/// [`Error::Input`]
pub fn none_or(errors: Vec<InputError>) -> Result<(), Error> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Input(errors))
    }
}

/// What is wrong with the texts of a segment.
pub fn texts(
    name: Option<&str>,
    description: Option<&str>,
    category: Option<&str>,
) -> Vec<InputError> {
    let mut errors = Vec::new();
    let mut check = |pointer: &str, text: Option<&str>, most: usize, lines: bool| {
        let Some(text) = text else { return };
        let wrong = if text.trim().chars().count() > most {
            Some((Code::TooLarge, format!("at most {most} characters")))
        } else if text.chars().any(|character| {
            character.is_control() && !(lines && matches!(character, '\n' | '\r' | '\t'))
        }) {
            Some((Code::NotAllowed, "no control characters".to_owned()))
        } else {
            None
        };
        if let Some((code, detail)) = wrong {
            errors.push(InputError {
                pointer: pointer.to_owned(),
                code,
                detail,
            });
        }
    };
    check("/name", name, words::NAME_CHARACTERS, false);
    check(
        "/description",
        description,
        words::DESCRIPTION_CHARACTERS,
        true,
    );
    check("/category", category, words::CATEGORY_CHARACTERS, false);
    if name.is_some_and(|name| name.trim().is_empty()) {
        errors.push(InputError {
            pointer: "/name".to_owned(),
            code: Code::Empty,
            detail: "give the segment a name".to_owned(),
        });
    }
    errors
}

/// Whether no other segment than `id` has the name.
///
/// # Errors
/// [`Error::NameTaken`]
pub fn name_is_free(library: &LibrarySnapshot, name: &str, id: Option<&str>) -> Result<(), Error> {
    match library.named(name, id) {
        None => Ok(()),
        Some(other) => Err(Error::NameTaken {
            name: other.segment.name.clone(),
            pointer: Some("/name"),
        }),
    }
}
