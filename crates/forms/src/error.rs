//! What is wrong with a form before it is sent.

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

/// Collects the errors of the parts of a form, so that all of them are told at once.
#[derive(Debug, Default)]
pub struct Errors(Vec<FormError>);

impl Errors {
    /// The value, or none with the error noted.
    pub fn note<T>(&mut self, pointer: &str, result: Result<T, String>) -> Option<T> {
        result
            .map_err(|detail| self.0.push(FormError::new(pointer, detail)))
            .ok()
    }

    /// The value, or none with the part's errors noted under the part's place.
    pub fn part<T>(&mut self, place: &str, result: Result<T, Vec<FormError>>) -> Option<T> {
        result
            .map_err(|errors| {
                self.0.extend(errors.into_iter().map(|error| FormError {
                    pointer: format!("{place}{}", error.pointer),
                    ..error
                }));
            })
            .ok()
    }

    /// The value, where there was one and nothing was noted.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FormError>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
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
