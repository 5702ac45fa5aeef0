//! Stored data that could not be read.

use std::fmt;

/// A part of the data that could not be read and is left out: whatever needs it has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedPart {
    /// Which part.
    pub part: StorePart,
    /// The blob that it is kept in.
    pub blob: String,
    /// What is wrong with it.
    pub what: &'static str,
}

/// What the rest of the data can do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePart {
    /// All events of a name.
    Events {
        /// The name.
        event: String,
    },
    /// An event property.
    EventProperty {
        /// The event whose values are missing; none: those of every event.
        event: Option<String>,
        /// The property.
        property: String,
    },
    /// A user property.
    UserProperty {
        /// The property.
        property: String,
    },
}

impl fmt::Display for StorePart {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events { event } => write!(to, "the events \"{event}\""),
            Self::EventProperty {
                event: Some(event),
                property,
            } => write!(to, "the event property \"{property}\" of \"{event}\""),
            Self::EventProperty {
                event: None,
                property,
            } => write!(to, "the event property \"{property}\""),
            Self::UserProperty { property } => write!(to, "the user property \"{property}\""),
        }
    }
}

impl fmt::Display for DamagedPart {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} (part \"{}\": {})", self.part, self.blob, self.what)
    }
}
