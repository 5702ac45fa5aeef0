//! What a page shows of an answer that may take a while.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, LocalBoxFuture, select};
use leptos::prelude::*;
use segments_ui::task::{Task, sleep, spawn};

use crate::client::ApiError;

/// After this time without an answer a page says that it waits; before, a change would only flicker.
pub const SLOW_AFTER_MS: u32 = 300;

/// How far a question is. While a new answer is under way, and when it fails, the old one stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Status<T> {
    /// Asked a moment ago.
    Loading(Option<T>),
    /// Asked more than [`SLOW_AFTER_MS`] ago.
    Slow(Option<T>),
    Failed(ApiError, Option<T>),
    /// This is the answer.
    Ready(T),
}

impl<T> Status<T> {
    /// The answer, or the one before as long as there is no newer one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Loading(value) | Self::Slow(value) | Self::Failed(_, value) => value.as_ref(),
            Self::Ready(value) => Some(value),
        }
    }

    /// The same, to change.
    pub const fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Loading(value) | Self::Slow(value) | Self::Failed(_, value) => value.as_mut(),
            Self::Ready(value) => Some(value),
        }
    }

    /// The same, taken out.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Loading(value) | Self::Slow(value) | Self::Failed(_, value) => value,
            Self::Ready(value) => Some(value),
        }
    }

    /// Why there is no newer answer.
    pub const fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Failed(error, _) => Some(error),
            _ => None,
        }
    }

    /// Whether an answer is under way.
    pub const fn is_pending(&self) -> bool {
        matches!(self, Self::Loading(_) | Self::Slow(_))
    }

    /// Whether an answer is under way for so long that the page should say so.
    pub const fn is_slow(&self) -> bool {
        matches!(self, Self::Slow(_))
    }
}

/// Asks whenever its question changes, and keeps what came of it. Lives as long as the component that made it: when
/// that goes, or when the question changes, the request under way is cancelled.
pub struct Loader<T: Send + Sync + 'static> {
    status: RwSignal<Status<T>>,
    again: Trigger,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// Asks what `question` says, at once and whenever it changes; while it is none, nothing is asked.
    pub fn new<Q, F>(
        question: impl Fn() -> Option<Q> + 'static,
        ask: impl Fn(Q) -> F + 'static,
    ) -> Self
    where
        Q: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::debounced(0, question, ask)
    }

    /// The same, waiting this many milliseconds for another change before it asks again. The first question is asked
    /// at once.
    pub fn debounced<Q, F>(
        millis: u32,
        question: impl Fn() -> Option<Q> + 'static,
        ask: impl Fn(Q) -> F + 'static,
    ) -> Self
    where
        Q: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let status = RwSignal::new(Status::Loading(None));
        let again = Trigger::new();
        let ask = Rc::new(ask);
        let under_way = StoredValue::new_local(None::<Task>);
        Effect::new(move |before: Option<Option<Q>>| {
            again.track();
            let question = question();
            // What is under way answers a question that nobody asks any more.
            under_way.set_value(None);
            let Some(asked) = question.clone() else {
                return question;
            };
            let wait = match before.flatten() {
                Some(before) if before != asked => millis,
                _ => 0,
            };
            status.update(|status| *status = Status::Loading(take(status)));
            let ask = Rc::clone(&ask);
            let answer = Box::pin(async move { ask(asked).await });
            under_way.set_value(Some(spawn(follow(wait, answer, status))));
            question
        });
        Self { status, again }
    }

    /// How far it is.
    #[must_use]
    pub const fn status(self) -> RwSignal<Status<T>> {
        self.status
    }

    /// The answer, or the one before as long as there is no newer one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        self.status.with(|status| status.value().cloned())
    }

    /// Something of the answer, or of the one before.
    pub fn map<U>(self, get: impl FnOnce(&T) -> U) -> Option<U> {
        self.status.with(|status| status.value().map(get))
    }

    /// Why what is shown may be out of date: there is an answer, and no newer one was to be had.
    #[must_use]
    pub fn outdated(self) -> Option<ApiError> {
        self.status.with(|status| {
            status.value()?;
            status.error().cloned()
        })
    }

    /// Does this whenever what was asked for is gone for good, as a page of a list is whose data has changed since.
    pub fn when_gone(self, then: impl Fn() + 'static) {
        Effect::new(move |_| {
            let gone = self
                .status
                .with(|status| status.error().and_then(ApiError::status) == Some(410));
            if gone {
                then();
            }
        });
    }

    /// Asks the same again.
    pub fn reload(self) {
        self.again.notify();
    }

    /// Changes what is shown, such as by what a call has just answered.
    pub fn change(self, change: impl FnOnce(&mut T)) {
        self.status.try_update(|status| {
            if let Some(value) = status.value_mut() {
                change(value);
            }
        });
    }
}

/// Waits, then asks, and says how far that is. Compiled once for each kind of answer, not for each loader.
async fn follow<T: Send + Sync + 'static>(
    wait: u32,
    mut answer: LocalBoxFuture<'static, Result<T, ApiError>>,
    status: RwSignal<Status<T>>,
) {
    if wait > 0 {
        sleep(wait).await;
    }
    let answer = match select(&mut answer, pin!(sleep(SLOW_AFTER_MS))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), answer)) => {
            status.try_update(|status| *status = Status::Slow(take(status)));
            answer.await
        }
    };
    status.try_update(|status| {
        *status = match answer {
            Ok(value) => Status::Ready(value),
            Err(error) => Status::Failed(error, take(status)),
        };
    });
}

fn take<T>(status: &mut Status<T>) -> Option<T> {
    std::mem::replace(status, Status::Loading(None)).into_value()
}
