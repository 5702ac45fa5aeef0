//! The demo's data, made up for the day.

use std::sync::Arc;

use segments_demo::{SEED, demo};
use segments_engine_api::{Engine, Snapshot, StepTimer};
use segments_model::Instant;

use crate::Host;
use crate::error::Error;

/// The demo's data of the UTC day that an instant lies in.
///
/// # Errors
/// [`Error::Broken`] where it does not fit into the engine.
pub async fn snapshot(
    engine: &dyn Engine,
    host: &dyn Host,
    now: Instant,
) -> Result<Arc<dyn Snapshot>, Error> {
    let mut loading = engine.load(None)?;
    let mut timer = StepTimer::begin(host);
    for batch in demo(SEED, now.to_utc().date_naive()) {
        let pushed = loading.push(&batch);
        pushed.map_err(|error| Error::Broken(error.to_string()))?;
        timer.yield_if_due().await;
    }
    Ok(loading.finish().await?)
}
