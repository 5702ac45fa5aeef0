//! What a request looks at.

use std::sync::Arc;

use segments_model::Instant;

use crate::store::library::LibrarySnapshot;

/// What a request looks at, from its beginning to its end.
pub struct RequestContext {
    /// The instant that stands for now.
    pub now: Instant,
    /// The records.
    pub library: Arc<LibrarySnapshot>,
    pub data_version: String,
}
