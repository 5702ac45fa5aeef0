//! What can go wrong with the browser's storage, in words that help.

use js_sys::Reflect;
use segments_backend::{CatalogError, FilesError};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, DomException};

/// Why the browser's storage did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The browser gives this page no storage of this kind: a private window, a setting, or a page that is not served
    /// from https or localhost.
    #[error(
        "the browser gives this page no {0}; a window that is not private, and https or localhost, would have it"
    )]
    Denied(&'static str),
    /// The disk, or what the browser grants this site of it, is full.
    #[error(
        "the browser's storage for this site is full; removing data, or freeing disk space, makes room"
    )]
    Full,
    /// Another tab runs a newer version of the app, which has changed how things are stored.
    #[error("a newer version of the app has been opened in another tab; reload this one")]
    Outdated,
    /// Another tab runs an older version of the app and does not give the storage free.
    #[error("another tab still runs an older version of the app; close it, then reload this one")]
    Blocked,
    /// The browser's file system fails, perhaps only for a moment.
    #[error(
        "the browser's file system, where the data of this app is, cannot be used at the moment ({0}); reload this tab to try again"
    )]
    Passing(String),
    /// There is already a record with this unique value.
    #[error("there is already a record with this unique value")]
    Constraint,
    /// What was asked for is not there.
    #[error("there is no such entry")]
    NotFound,
    /// Whatever else the browser says.
    #[error("the browser's storage failed: {0}")]
    Other(String),
}

impl From<JsValue> for StorageError {
    fn from(value: JsValue) -> Self {
        let Some(exception) = value.dyn_ref::<DomException>() else {
            return Self::Other(text_of(&value));
        };
        match exception.name().as_str() {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Outdated,
            "ConstraintError" => Self::Constraint,
            "NotFoundError" => Self::NotFound,
            name => Self::Other(format!("{name}: {}", exception.message())),
        }
    }
}

impl From<StorageError> for CatalogError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl StorageError {
    /// The same, said of a file.
    pub(crate) fn of_file(self, name: &str) -> FilesError {
        match self {
            Self::Full => FilesError::Full(name.to_owned()),
            Self::NotFound => FilesError::Missing(name.to_owned()),
            other => FilesError::Unavailable(other.to_string()),
        }
    }
}

/// What an exception says; any JavaScript value can be thrown.
pub(crate) fn text_of(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.to_string()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}

/// The worker's global scope.
///
/// # Errors
/// [`StorageError::Denied`] anywhere but in a dedicated worker.
pub(crate) fn scope() -> Result<DedicatedWorkerGlobalScope, StorageError> {
    js_sys::global()
        .dyn_into()
        .map_err(|_| StorageError::Denied("dedicated worker"))
}

/// Whether an object has such a property; browsers leave out what they do not offer.
pub(crate) fn has(object: &JsValue, property: &str) -> bool {
    Reflect::get(object, &JsValue::from_str(property))
        .is_ok_and(|value| !value.is_undefined() && !value.is_null())
}
