//! The demo's data, made up for a day.

use std::sync::Arc;

use chrono::NaiveDate;
use segments_demo::{SEED, demo};
use segments_engine_api::{Engine, Snapshot, StepTimer};

use crate::Host;
use crate::error::Error;

/// The demo's data of a UTC day.
///
/// # Errors
/// [`Error::Broken`] where it does not fit into the engine.
pub async fn snapshot(
    engine: &dyn Engine,
    host: &dyn Host,
    day: NaiveDate,
) -> Result<Arc<dyn Snapshot>, Error> {
    let mut loading = engine.load(None)?;
    let mut timer = StepTimer::begin(host);
    for batch in demo(SEED, day) {
        let pushed = loading.push(&batch);
        pushed.map_err(|error| Error::Broken(error.to_string()))?;
        timer.yield_if_due().await;
    }
    Ok(loading.finish().await?)
}
