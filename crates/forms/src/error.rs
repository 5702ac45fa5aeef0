//! What is wrong with a form before it is sent.

use segments_model::problem::InputError;

/// A part of a form that says nothing yet, or something that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// Where: a JSON pointer into what the form stands for.
    pub pointer: String,
    /// What would be right, for a person.
    pub detail: String,
}

impl FormError {
    /// An error at a place.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }

    /// Whether it is at a place or inside of it.
    #[must_use]
    pub fn is_within(&self, pointer: &str) -> bool {
        is_within(&self.pointer, pointer)
    }
}

/// Whether a JSON pointer names a place or something inside of it.
#[must_use]
pub fn is_within(pointer: &str, place: &str) -> bool {
    pointer
        .strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl From<InputError> for FormError {
    fn from(error: InputError) -> Self {
        Self::new(error.pointer, error.detail)
    }
}

/// Collects what is wrong with the parts of a form, so that all of it is shown at once.
///
/// A form is something of the model with holes. To become one, its holes are filled with anything that does, and noted here;
/// names that are still to be chosen stay empty, which the model itself refuses. Then the model says what else is wrong.
#[derive(Debug, Default)]
pub struct Errors {
    errors: Vec<FormError>,
    place: String,
}

impl Errors {
    /// What a form stands for, as long as it has no hole and the model has nothing against it.
    ///
    /// # Errors
    /// The holes, and what the model says of the rest.
    pub fn checked<T>(
        fill: impl FnOnce(&mut Self) -> T,
        check: impl FnOnce(&T) -> Vec<InputError>,
    ) -> Result<T, Vec<FormError>> {
        let mut errors = Self::default();
        let value = fill(&mut errors);
        errors.add(check(&value));
        errors.finish(Some(value))
    }

    /// Goes to a part: what is noted meanwhile is noted there.
    pub fn at<T>(&mut self, place: &str, go: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.place.len();
        self.place.push_str(place);
        let value = go(self);
        self.place.truncate(length);
        value
    }

    /// The value, or with the error noted what fills the hole.
    pub fn fill<T>(&mut self, place: &str, result: Result<T, String>, filling: T) -> T {
        self.note(place, result).unwrap_or(filling)
    }

    /// Two values that are compared with each other: where one is missing the other one stands for it.
    pub fn pair<T: Clone + Default>(
        &mut self,
        [first, second]: [(&str, Result<T, String>); 2],
    ) -> (T, T) {
        let filling = first.1.as_ref().or(second.1.as_ref());
        let filling = filling.cloned().unwrap_or_default();
        (
            self.fill(first.0, first.1, filling.clone()),
            self.fill(second.0, second.1, filling),
        )
    }

    /// Notes what the model says of what was filled, but for what it says of the fillings.
    pub fn add(&mut self, found: impl IntoIterator<Item = InputError>) {
        let holes = self.errors.len();
        for error in found {
            let place = format!("{}{}", self.place, error.pointer);
            let mut known = self.errors.iter().take(holes);
            if !known.any(|hole| hole.is_within(&place)) {
                self.errors.push(FormError::new(place, error.detail));
            }
        }
    }

    /// The value, or none with the error noted.
    pub fn note<T>(&mut self, place: &str, result: Result<T, String>) -> Option<T> {
        let noted = result.map_err(|detail| {
            let pointer = format!("{}{place}", self.place);
            self.errors.push(FormError::new(pointer, detail));
        });
        noted.ok()
    }

    /// The value, or none with the part's errors noted under the part's place.
    pub fn part<T>(&mut self, place: &str, result: Result<T, Vec<FormError>>) -> Option<T> {
        let noted = result.map_err(|errors| {
            for error in errors {
                let pointer = format!("{}{place}{}", self.place, error.pointer);
                self.errors.push(FormError { pointer, ..error });
            }
        });
        noted.ok()
    }

    /// The value, where there was one and nothing was noted.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FormError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn places_end_at_a_slash() {
        assert!(is_within("/of/1/where", "/of/1"));
        assert!(is_within("/of/1", "/of/1"));
        assert!(is_within("/of", ""));
        assert!(!is_within("/of/10", "/of/1"));
    }
}
