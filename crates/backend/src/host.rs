//! The outside world, as far as the backend asks for it.

use segments_model::Instant;
use segments_model::project::{BackendKind, Me};

use crate::Boxed;

/// Where the backend runs.
pub trait Host: Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> Instant;

    /// Milliseconds, with a fraction, since some fixed point in the life of this program; never goes back.
    fn elapsed_ms(&self) -> f64;

    /// 128 random bits that nobody can guess.
    fn random(&self) -> u128;

    /// Gives way: comes back after everything else that waits to be run has had its turn, messages that end the work
    /// included.
    fn pause(&self) -> Boxed<'static, ()>;

    /// Runs a task to its end beside the requests.
    fn spawn(&self, task: Boxed<'static, ()>);

    /// How many threads may work on a question at the same time.
    fn threads(&self) -> usize {
        1
    }

    /// Tells whoever looks after the project of something that it should know.
    fn warn(&self, message: &str) {
        let _ = message;
    }

    /// What the backend is.
    fn kind(&self) -> BackendKind;

    /// Who asks.
    fn me(&self) -> Me;
}
