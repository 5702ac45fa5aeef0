//! The native server: the backend's router under hyper, with SQLite and files below.
//!
//! A project is a folder: `catalog.sqlite` with the records, `files/` with the engine's columns, and `write.lock`, which
//! whoever imports holds. Several processes may use a folder at once: what one has committed the others see.
#![forbid(unsafe_code)]

pub mod disk;
mod error;
mod headers;
pub mod host;
pub mod import;
pub mod serve;
mod site;
pub mod sqlite;

use std::path::Path;
use std::sync::Arc;

pub use error::ServerError;
use segments_backend::Parts;

/// The parts of a backend over a folder, which is made where it is missing.
///
/// # Errors
/// When the folder cannot be made or what is in it cannot be opened.
pub fn parts(folder: &Path) -> Result<Parts, ServerError> {
    std::fs::create_dir_all(folder).map_err(|error| ServerError::Folder {
        path: folder.to_owned(),
        error,
    })?;
    Ok(Parts {
        catalog: Arc::new(sqlite::SqliteCatalog::open(&folder.join("catalog.sqlite"))?),
        files: Arc::new(disk::DiskFiles::open(folder)?),
        host: Arc::new(host::ServerHost::new().map_err(ServerError::Host)?),
    })
}
