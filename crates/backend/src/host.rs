//! The outside world, as far as the backend asks for it.

use segments_engine_api::{Boxed, Runtime};
use segments_model::Instant;
use segments_model::project::{BackendKind, Me};

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
pub trait Host: Runtime {
    /// What time it is.
    fn now(&self) -> Instant;

    /// 128 random bits that nobody can guess.
    fn random(&self) -> u128;

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

    /// Tells whoever looks after the project of something that it should know.
    fn warn(&self, message: &str) {
        let _ = message;
    }

    /// What the backend is.
    fn kind(&self) -> BackendKind;

    /// Who asks.
    fn me(&self) -> Me;
}
