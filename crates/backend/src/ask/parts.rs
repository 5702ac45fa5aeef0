//! What a backend is put together from.

use std::sync::Arc;

use segments_engine_api::Engine;

use crate::{Catalog, Files, Host};

/// What a backend stands on.
#[derive(Clone)]
pub struct Parts {
    /// Keeps the records.
    pub catalog: Arc<dyn Catalog>,
    /// Keeps the columns.
    pub files: Arc<dyn Files>,
    /// Answers the questions.
    pub engine: Arc<dyn Engine>,
    /// The outside world.
    pub host: Arc<dyn Host>,
}

/// How a backend is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether a project that has no data yet begins with the demo, and can go back to it.
    pub demo: bool,
    /// The IANA zone of a project for which nobody chose one, which it has from then on; none: UTC, as long as nobody
    /// chooses one.
    pub time_zone: Option<String>,
}
