//! The contract as one router, over what a place can store and do.
//!
//! The same router runs under hyper on a server and in a Web Worker in the browser. What differs between the two are the
//! implementations of four small traits: [`Catalog`] keeps records, [`Files`] keeps the engine's columns,
//! [`Engine`](segments_engine_api::Engine) answers questions, [`Host`] has the clock, the dice and the person who asks. Nothing else in here touches the outside world.
#![forbid(unsafe_code)]

pub mod host;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

mod ask;
mod error;
mod http;

use std::sync::Arc;

use segments_model::calendar::Zone;

pub use ask::parts::{Options, Parts};
pub use error::Error;
pub use host::{Host, TooBusy, Work};
pub use segments_engine_api::{Boxed, OnProgress, Runtime};
pub use store::catalog::{Catalog, CatalogError, Change, Collection, Record};
pub use store::files::{Files, FilesError, WriteGuard};

/// Opens a project and gives the contract's calls, all of them below `/api/v1`.
///
/// Takes away what an import left that was stopped half-way, and what is kept no longer; a project without data begins
/// with the demo where the options say so. Data is not loaded before somebody asks for it.
///
/// # Errors
/// [`Error::CatalogLost`] when there are files of imported data, but a catalog that knows nothing of them; others when the
/// catalog or the files cannot be used, what is stored cannot be read, or the zone of the options is none.
pub async fn open(parts: Parts, options: Options) -> Result<axum::Router, Error> {
    let zone = options.time_zone.as_deref().map(Zone::parse).transpose();
    let zone = zone.map_err(|error| Error::Meaningless(error.to_string()))?;
    let backend = Arc::new(ask::backend::Backend::new(&parts, &options));
    // First, because it changes nothing where the catalog is not the one that belongs to the files.
    backend.begin(zone.as_ref()).await?;
    backend.clean().await?;
    // What cannot be tidied up now is in nobody's way, and is tidied up at the next start.
    drop(backend.tidy_user_sets().await);
    Ok(http::router::router(backend))
}
