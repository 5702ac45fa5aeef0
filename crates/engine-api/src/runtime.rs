//! Long work in short steps.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::Boxed;
use crate::progress::Progress;

/// How long a step may take before others have their turn, in milliseconds.
const BUDGET_MS: f64 = 8.0;
/// How many rows the first step works on.
const FIRST_ROWS: f64 = 50_000.0;

/// How long work goes on between two calls of [`OnProgress`], in milliseconds.
const PROGRESS_MS: f64 = 100.0;

/// What work needs of the place where it runs.
pub trait Runtime: Send + Sync + 'static {
    /// Milliseconds, with a fraction, since some fixed point in the life of this program; never goes back.
    fn elapsed_ms(&self) -> f64;

    /// Gives way: comes back after everything else that waits to be run has had its turn, messages that end the work
    /// included.
    fn pause(&self) -> Boxed<'static, ()>;

    /// How many threads may work on a question at the same time.
    fn threads(&self) -> usize {
        1
    }
}

/// Called with how far work is: the rows worked on so far and the rows in all, about every 100 milliseconds.
///
/// Whoever carries a request puts it into the request's extensions, if there is a way to pass progress on.
#[derive(Clone)]
pub struct OnProgress(Arc<dyn Fn(u64, u64) + Send + Sync>);

impl OnProgress {
    /// Calls a function.
    pub fn new(call: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    /// Calls it with so many rows of so many.
    pub fn call(&self, done: u64, total: u64) {
        (self.0)(done, total);
    }
}

/// How long work has gone on since it last gave way to others.
pub struct StepTimer<'a> {
    runtime: &'a dyn Runtime,
    begin: f64,
}

impl<'a> StepTimer<'a> {
    /// Begins a step.
    pub fn begin(runtime: &'a dyn Runtime) -> Self {
        Self {
            runtime,
            begin: runtime.elapsed_ms(),
        }
    }

    /// Gives way and begins another step, if this one was long enough.
    pub async fn yield_if_due(&mut self) {
        if self.runtime.elapsed_ms() - self.begin >= BUDGET_MS / 2.0 {
            self.runtime.pause().await;
            self.begin = self.runtime.elapsed_ms();
        }
    }
}

/// Work that may take so much computing time only, and none once it has taken more.
///
/// What counts is the time in which the work goes on, not that in which it waits for its turn, for the storage or for the
/// request's body: a question does not fail because others are asked at the same time.
pub struct Budgeted<F> {
    runtime: Arc<dyn Runtime>,
    work: Option<Pin<Box<F>>>,
    left_ms: f64,
}

impl<F: Future> Budgeted<F> {
    /// Work that may take so many milliseconds.
    pub fn new(runtime: Arc<dyn Runtime>, millis: f64, work: F) -> Self {
        Self {
            runtime,
            work: Some(Box::pin(work)),
            left_ms: millis,
        }
    }
}

impl<F: Future> Future for Budgeted<F> {
    /// None where the work took too long. It is dropped then.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let begin = self.runtime.elapsed_ms();
        let Some(work) = &mut self.work else {
            return Poll::Ready(None);
        };
        let polled = work.as_mut().poll(context);
        self.left_ms -= self.runtime.elapsed_ms() - begin;
        match polled {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.left_ms < 0.0 => {
                self.work = None;
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Does work in steps of about 8 milliseconds and gives way between them, so that whoever no longer waits for it can say
/// so: dropping the future ends the work.
pub async fn in_steps<T>(
    runtime: &dyn Runtime,
    on_progress: Option<&OnProgress>,
    mut step: impl FnMut(usize) -> Progress<T>,
) -> T {
    let mut rows = FIRST_ROWS;
    let mut timer = StepTimer::begin(runtime);
    let mut called = runtime.elapsed_ms();
    loop {
        let begin = runtime.elapsed_ms();
        let (done, total) = match step(rows as usize) {
            Progress::Done(done) => return done,
            Progress::Working { done, total } => (done, total),
        };
        let end = runtime.elapsed_ms();
        rows = next(rows, end - begin);
        if let Some(on_progress) = on_progress
            && end - called >= PROGRESS_MS
        {
            called = end;
            on_progress.call(done, total);
        }
        timer.yield_if_due().await;
    }
}

/// How many rows the next step works on after one of so many took so long.
fn next(rows: f64, took_ms: f64) -> f64 {
    // A clock can be coarse, and a step can be slow for reasons of its own: no step is ten times another.
    let factor = (BUDGET_MS / took_ms.max(0.1)).clamp(0.1, 10.0);
    (rows * factor).clamp(1_000.0, 100_000_000.0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use super::{Budgeted, OnProgress, Runtime, in_steps, next};
    use crate::{Boxed, Progress};

    /// A clock on which 10 milliseconds go by whenever somebody looks at it.
    #[derive(Default)]
    struct Ticking(AtomicU64);

    impl Runtime for Ticking {
        fn elapsed_ms(&self) -> f64 {
            self.0.fetch_add(10, Ordering::Relaxed) as f64
        }

        fn pause(&self) -> Boxed<'static, ()> {
            Box::pin(async {})
        }
    }

    #[tokio::test]
    async fn progress_comes_now_and_then() {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let calling = Arc::clone(&calls);
        let on_progress = OnProgress::new(move |done, total| {
            if let Ok(mut calls) = calling.lock() {
                calls.push((done, total));
            }
        });
        let mut done = 0;
        let step = |_| {
            done += 1;
            if done == 40 {
                Progress::Done("all")
            } else {
                Progress::Working { done, total: 40 }
            }
        };
        assert_eq!(
            in_steps(&Ticking::default(), Some(&on_progress), step).await,
            "all"
        );
        let calls = calls.lock().map(|calls| calls.clone()).unwrap_or_default();
        assert!((8..20).contains(&calls.len()), "{calls:?}");
        assert!(calls.is_sorted() && calls.iter().all(|(_, total)| *total == 40));
    }

    #[tokio::test]
    async fn work_ends_when_its_budget_is_spent() {
        // Each step takes 10 milliseconds on the clock.
        let steps = |count: usize| async move {
            for _ in 0..count {
                tokio::task::yield_now().await;
            }
            count
        };
        let budgeted =
            |millis, count| Budgeted::new(Arc::new(Ticking::default()), millis, steps(count));
        assert_eq!(budgeted(1_000.0, 50).await, Some(50));
        assert_eq!(budgeted(1_000.0, 150).await, None);

        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let work = async move {
            let _held = held;
            steps(usize::MAX).await
        };
        let mut budgeted = Budgeted::new(Arc::new(Ticking::default()), 1_000.0, work);
        assert_eq!((&mut budgeted).await, None);
        assert_eq!(Arc::strong_count(&alive), 1, "it is dropped at once");
    }

    #[test]
    fn steps_come_to_the_budget() {
        let per_ms = 70_000.0;
        let mut rows = super::FIRST_ROWS;
        for _ in 0..5 {
            rows = next(rows, rows / per_ms);
        }
        assert!((rows / per_ms - super::BUDGET_MS).abs() < 0.01);
        assert_eq!(next(rows, 0.0), rows * 10.0, "a coarse clock");
        assert_eq!(next(10_000.0, 10_000.0), 1_000.0);
    }
}
