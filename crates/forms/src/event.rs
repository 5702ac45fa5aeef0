//! Which event a form is about.

use serde::{Deserialize, Serialize};

/// An event as a form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventChoice {
    /// None was chosen yet.
    #[default]
    Unset,
    Any,
    Named(String),
}

impl From<&Option<String>> for EventChoice {
    fn from(event: &Option<String>) -> Self {
        event
            .as_ref()
            .map_or(Self::Any, |name| Self::Named(name.clone()))
    }
}

impl EventChoice {
    /// The event as the model has it; of one that was not chosen yet the empty name, which the model refuses.
    #[must_use]
    pub fn event(&self) -> Option<String> {
        match self {
            Self::Unset => Some(String::new()),
            Self::Any => None,
            Self::Named(name) => Some(name.clone()),
        }
    }

    /// Its name, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Unset | Self::Any => None,
        }
    }

    /// How it reads on a token.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Unset => "Choose an event",
            Self::Any => "any event",
            Self::Named(name) => name,
        }
    }
}
