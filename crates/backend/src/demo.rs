//! The demo project: its data, made up for the day, and a few segments over it.

use segments_engine::Store;
use segments_model::Instant;

use crate::Host;
use crate::backend::Backend;
use crate::error::Error;

/// The demo's data of the day that an instant lies in.
pub async fn store(_host: &dyn Host, _now: Instant) -> Store {
    Store::empty()
}

/// Adds the demo's segments, those whose name is free.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn add_segments(_backend: &Backend) -> Result<(), Error> {
    Ok(())
}
