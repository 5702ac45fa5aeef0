//! The outside world, as far as the backend asks for it.

use segments_engine_api::{Boxed, Runtime};
use segments_model::Instant;
use segments_model::project::{BackendKind, Me};

/// Where the backend runs.
pub trait Host: Runtime {
    /// What time it is.
    fn now(&self) -> Instant;

    /// 128 random bits that nobody can guess.
    fn random(&self) -> u128;

    /// Runs a task to its end beside the requests.
    fn spawn(&self, task: Boxed<'static, ()>);

    /// What the backend is.
    fn kind(&self) -> BackendKind;

    /// Who asks.
    fn me(&self) -> Me;
}
