//! The outside world, as far as the backend asks for it.

use segments_model::Instant;
use segments_model::project::{BackendKind, Me};

use crate::Boxed;

/// What the work of a request is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A question, which computes. There may be many of them: so many are worked on at the same time, so many wait.
    Question,
    /// An import. There is one at a time anyway, and it waits for its file most of the time.
    Import,
}

/// So many questions wait already that this one is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooBusy;

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

    /// Runs the work of a request where it does not hold up what is answered at once, to its end or until the future is
    /// dropped. Where there is one thread for all, that is right here: the work gives way by itself.
    ///
    /// # Errors
    /// [`TooBusy`], and the work is not begun.
    fn run(&self, _: Work, work: Boxed<'static, ()>) -> Boxed<'static, Result<(), TooBusy>> {
        Box::pin(async move {
            work.await;
            Ok(())
        })
    }

    /// How many threads may work on a question at the same time.
    fn threads(&self) -> usize {
        1
    }

    /// What the backend is.
    fn kind(&self) -> BackendKind;

    /// Who asks.
    fn me(&self) -> Me;
}
