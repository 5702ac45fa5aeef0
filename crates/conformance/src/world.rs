//! Plain rows: what there is to ask about.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use segments_model::{Criterion, ValueType};

/// A property's value. Missing is the absence of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    Text(String),
    Number(f64),
    Boolean(bool),
    /// Milliseconds since 1970.
    Datetime(i64),
}

impl Plain {
    /// Its type.
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Text(_) => ValueType::String,
            Self::Number(_) => ValueType::Number,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Datetime(_) => ValueType::Datetime,
        }
    }
}

pub type Properties = BTreeMap<String, Plain>;

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub user: String,
    pub name: String,
    /// Milliseconds since 1970.
    pub time: i64,
    pub properties: Properties,
}

#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a world has a few segments; a box would only be in the way"
)]
pub enum StoredSegment {
    Dynamic { definition: Criterion, zone: Tz },
    Static(BTreeSet<String>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub events: Vec<Event>,
    /// Every user with properties, those without events included.
    pub users: BTreeMap<String, Properties>,
    pub segments: BTreeMap<String, StoredSegment>,
    /// Uploaded lists of users by id.
    pub lists: BTreeMap<String, BTreeSet<String>>,
}

impl World {
    /// The users that exist for a question: those with an event before as-of, and those without any event.
    pub fn universe(&self, as_of: i64) -> BTreeSet<String> {
        let mut universe = BTreeSet::new();
        for event in &self.events {
            if event.time < as_of {
                universe.insert(event.user.clone());
            }
        }
        for user in self.users.keys() {
            if !self.events.iter().any(|event| event.user == *user) {
                universe.insert(user.clone());
            }
        }
        universe
    }
}
