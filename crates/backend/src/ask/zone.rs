//! Time zones.

use segments_model::calendar::Zone;

use crate::error::Error;

/// A zone that was checked before it was stored.
///
/// # Errors
/// [`Error::Broken`]
pub fn stored_zone(name: &str) -> Result<Zone, Error> {
    Zone::parse(name).map_err(|error| Error::Broken(error.to_string()))
}
