//! JSON read and written by way of a [`Value`]: so a type is taken from one format alone and put into one, and the code that
//! does it, which a program has once for each type and format, is there once. It is most of what reading and writing weigh
//! in a module for the browser. The detour costs about as much time as the reading itself: what may be large is better read at once.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Reads a type from the text of its JSON.
///
/// # Errors
/// Where it is not JSON, or not that of the type.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_value(value(json)?)
}

/// Writes a type's JSON.
///
/// # Errors
/// Where it has a map whose keys are no texts.
pub fn write<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_value(value).map(|value| value.to_string())
}

fn value(json: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(json)
}
