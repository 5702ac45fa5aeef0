//! Users and their events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Criterion, Instant, Stamp, Value, ValueType};

/// Which users to list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSearch {
    /// Who; none: every user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Criterion>,
    /// A text that the id, or the value of a text column that is asked for, has in it, whatever the case.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// What to tell of each: names of user properties, `first_event_at`, `last_event_at`, `events`.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The order; none: by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// How many users a page has; none: 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The instant to evaluate for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// An order of users. Missing values come last both ways; users that are equal come by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// A column as in [`UserSearch::columns`], or `id`.
    pub by: String,
    /// The greatest first.
    #[serde(default)]
    pub descending: bool,
}

/// Users, a page of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPage {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The users.
    pub items: Vec<UserRow>,
    /// What to ask for the next page with; none on the last page.
    pub next_cursor: Option<String>,
    /// How many users all the pages have.
    pub total: u64,
}

/// A user as lists show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserRow {
    /// The user's id.
    pub id: String,
    /// The columns that were asked for; those without a value are left out.
    pub values: BTreeMap<String, Value>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// What the figures are true for; properties are current values whatever the as-of.
    pub stamp: Stamp,
    /// The user's id.
    pub id: String,
    /// The user's first event.
    pub first_event_at: Option<Instant>,
    /// The user's last event.
    pub last_event_at: Option<Instant>,
    /// How many events the user has.
    pub events: u64,
    /// The user's properties, by name; every user property of the data is there.
    pub properties: Vec<PropertyValue>,
}

/// A property with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertyValue {
    /// The property's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// The value; none: missing.
    pub value: Option<Value>,
}

/// An event of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The event's name.
    pub event: String,
    /// When it happened.
    pub time: Instant,
    /// The event's properties; missing ones are left out.
    pub properties: BTreeMap<String, Value>,
}

/// How many events a user has in each unit of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// What the figures are true for.
    pub stamp: Stamp,
    /// The units from the first event to the last one, those without an event included.
    pub buckets: Vec<ActivityBucket>,
}

/// The events of a unit of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityBucket {
    /// The first instant.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// How many events.
    pub events: u64,
}

/// The segments that hold a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserSegments {
    /// What the answer is true for.
    pub stamp: Stamp,
    /// The segments, by name.
    pub items: Vec<UserSegment>,
    /// The segments of which it cannot be told, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedSegment>,
}

/// A segment that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedSegment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why.
    pub detail: String,
}

/// A segment that holds a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSegment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who belongs to it, in words.
    pub sentence: String,
}
