//! The data dictionary: events and properties with what is known of them.

use serde::{Deserialize, Serialize};

use crate::{Instant, Value, ValueType};

/// What the data has, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dictionary {
    /// The version of the data that it describes.
    pub data_version: String,
    /// Events.
    pub events: Vec<EventEntry>,
    /// Event properties.
    pub event_properties: Vec<EventPropertyEntry>,
    /// User properties.
    pub user_properties: Vec<UserPropertyEntry>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventEntry {
    /// The name in the data.
    pub name: String,
    /// How often it happened.
    pub volume: u64,
    /// How many users did it.
    pub users: u64,
    /// When it happened first.
    pub first_seen: Option<Instant>,
    /// When it happened last.
    pub last_seen: Option<Instant>,
    /// The event properties that it carries.
    pub properties: Vec<String>,
    /// What people wrote about it.
    #[serde(flatten)]
    pub notes: Notes,
}

/// An event property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventPropertyEntry {
    /// The name in the data.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// How many events have a value of it.
    pub volume: u64,
    /// The share of events with a value among those of the events that carry it, 0 to 1.
    pub fill_rate: f64,
    /// The events that carry it.
    pub events: Vec<String>,
    /// A few values.
    pub samples: Vec<Value>,
    /// What people wrote about it.
    #[serde(flatten)]
    pub notes: Notes,
}

/// A user property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPropertyEntry {
    /// The name in the data.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// How many users have a value of it.
    pub volume: u64,
    /// The share of users with a value, 0 to 1.
    pub fill_rate: f64,
    /// A few values.
    pub samples: Vec<Value>,
    /// What people wrote about it.
    #[serde(flatten)]
    pub notes: Notes,
}

/// What people wrote about an entry of the dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether pickers leave it out.
    #[serde(default)]
    pub hidden: bool,
}

/// What kind of entry of the dictionary, as in its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// An event.
    Events,
    /// An event property.
    EventProperties,
    /// A user property.
    UserProperties,
}

/// Values of a property to suggest, or the names of events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Suggestions {
    /// The values with how often they stand, the most frequent first.
    pub items: Vec<Suggestion>,
    /// How many different values match, those left out included.
    pub total: u64,
}

/// A value to suggest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The value.
    pub value: Value,
    /// How many events, or users, have it.
    pub count: u64,
}
