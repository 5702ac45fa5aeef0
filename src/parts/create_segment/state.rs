//! What becomes of the dialog that makes a segment.

use segments_model::limits::NAME_CHARACTERS;
use segments_model::problem::Code;
use segments_model::validate;

use crate::client::ApiError;

/// Where a new segment is on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CreationState {
    /// Nobody has tried to save it: what is not filled in yet is not wrong.
    #[default]
    New,
    /// Its fields are changed after a try.
    Changing,
    /// It is on its way to the backend.
    Saving,
    /// Another segment has its name; a name to take instead, once one is found.
    NameTaken(Option<String>),
    /// The backend refused it, or could not be reached.
    Refused(ApiError),
}

impl CreationState {
    /// What the answer to a try leads to, where that failed.
    #[must_use]
    pub fn failed(error: ApiError) -> Self {
        let is_taken = error
            .at("/name")
            .is_some_and(|error| error.code == Code::NameTaken)
            || error
                .problem()
                .is_some_and(|problem| problem.kind.ends_with("/name-taken"));
        if is_taken {
            Self::NameTaken(None)
        } else {
            Self::Refused(error)
        }
    }

    /// A field is changed: what was said of it before no longer holds.
    pub fn change(&mut self) {
        if matches!(self, Self::NameTaken(_) | Self::Refused(_)) {
            *self = Self::Changing;
        }
    }

    /// What is wrong with the name.
    #[must_use]
    pub fn name_error(&self, name: &str) -> Option<String> {
        match self {
            Self::New => None,
            Self::NameTaken(_) => Some("This name is taken".to_owned()),
            Self::Refused(error) if error.at("/name").is_some() => {
                error.at("/name").map(|error| error.detail.clone())
            }
            Self::Changing | Self::Saving | Self::Refused(_) => name_error(name),
        }
    }

    /// A name to take instead of one that is taken.
    #[must_use]
    pub fn instead(&self) -> Option<&str> {
        match self {
            Self::NameTaken(free) => free.as_deref(),
            _ => None,
        }
    }

    /// What else went wrong.
    #[must_use]
    pub fn other_error(&self) -> Option<String> {
        match self {
            Self::Refused(error) if error.is_unreachable() => Some(
                "Not saved: the backend cannot be reached. What you typed is still here".to_owned(),
            ),
            Self::Refused(error) if error.at("/name").is_none() => Some(error.to_string()),
            _ => None,
        }
    }
}

/// What is wrong with a name before anybody is asked.
#[must_use]
pub fn name_error(name: &str) -> Option<String> {
    validate::text(name, NAME_CHARACTERS, false, "/name").map(|error| error.detail)
}

#[cfg(test)]
mod tests {
    use super::CreationState;
    use crate::client::ApiError;

    #[test]
    fn what_was_said_of_a_name_goes_when_it_is_changed() {
        assert_eq!(CreationState::New.name_error(""), None);
        let mut state = CreationState::NameTaken(Some("Cart 2".to_owned()));
        assert_eq!(
            state.name_error("Cart").as_deref(),
            Some("This name is taken")
        );
        assert_eq!(state.instead(), Some("Cart 2"));
        state.change();
        assert_eq!(state, CreationState::Changing);
        assert_eq!(state.name_error("Cart 2"), None);
        assert_eq!(state.name_error(" ").as_deref(), Some("Enter a name"));
    }

    #[test]
    fn other_failures_stand_beside_the_buttons() {
        let state = CreationState::failed(ApiError::Status {
            place: "The server".to_owned(),
            status: 500,
        });
        assert_eq!(state.name_error("Cart"), None);
        assert!(state.other_error().is_some());
    }
}
