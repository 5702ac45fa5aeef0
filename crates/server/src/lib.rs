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

use axum::Router;
pub use error::ServerError;
use segments_backend::{Error, Options, Parts, Runtime};
use segments_engine::EmbeddedEngine;

/// The parts of a backend over a folder, which is made where it is missing.
///
/// # Errors
/// When the folder cannot be made or what is in it cannot be opened.
pub fn parts(folder: &Path) -> Result<Parts, ServerError> {
    std::fs::create_dir_all(folder).map_err(|error| ServerError::Folder {
        path: folder.to_owned(),
        error,
    })?;
    let host = Arc::new(host::ServerHost::new().map_err(ServerError::Host)?);
    let runtime: Arc<dyn Runtime> = Arc::<host::ServerHost>::clone(&host);
    Ok(Parts {
        catalog: Arc::new(sqlite::SqliteCatalog::open(&folder.join("catalog.sqlite"))?),
        files: Arc::new(disk::DiskFiles::open(folder)?),
        engine: Arc::new(EmbeddedEngine::new(runtime)),
        host,
    })
}

/// Opens the project in a folder, which is made where it is missing.
///
/// # Errors
/// When the folder cannot be made, or what is in it cannot be opened or does not go together.
pub async fn open(folder: &Path, options: Options) -> Result<Router, ServerError> {
    segments_backend::open(parts(folder)?, options)
        .await
        .map_err(|error| match error {
            Error::CatalogLost { .. } => ServerError::CatalogLost {
                folder: folder.to_owned(),
                error,
            },
            error => error.into(),
        })
}
