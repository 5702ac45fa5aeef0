//! What a request looks at.

use std::sync::Arc;

use segments_model::Instant;

use crate::store::library::Shelf;

/// What a request looks at, from its beginning to its end.
pub struct Moment {
    /// The instant that stands for now.
    pub now: Instant,
    /// The records.
    pub shelf: Arc<Shelf>,
    /// The version of the data.
    pub data_version: String,
}
