//! Long work in short steps.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use segments_engine::Progress;

use crate::Host;

/// How long a step may take before others have their turn, in milliseconds.
const BUDGET_MS: f64 = 8.0;
/// How many rows the first step works on.
const FIRST_ROWS: f64 = 50_000.0;

/// How long work goes on between two times that it tells how far it is, in milliseconds.
const TELL_MS: f64 = 100.0;

/// Is told how far the work on a request is: whoever carries the requests puts it into the request's extensions, if there is
/// a way to pass it on.
#[derive(Clone)]
pub struct Watcher(Arc<dyn Fn(u64, u64) + Send + Sync>);

impl Watcher {
    /// A watcher that is told the rows worked on so far and the rows in all, about every 100 milliseconds.
    pub fn new(told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    /// Tells it.
    pub fn tell(&self, done: u64, total: u64) {
        (self.0)(done, total);
    }
}

/// A turn of work between giving way.
pub struct Turn<'a> {
    host: &'a dyn Host,
    begin: f64,
}

impl<'a> Turn<'a> {
    /// Begins a turn.
    pub fn begin(host: &'a dyn Host) -> Self {
        Self {
            host,
            begin: host.elapsed_ms(),
        }
    }

    /// Gives way and begins another turn, if this one was long enough.
    pub async fn give_way(&mut self) {
        if self.host.elapsed_ms() - self.begin >= BUDGET_MS / 2.0 {
            self.host.pause().await;
            self.begin = self.host.elapsed_ms();
        }
    }
}

/// Work that may take so much computing time only, and none once it has taken more.
///
/// What counts is the time in which the work goes on, not that in which it waits for its turn, for the storage or for the
/// request's body: a question does not fail because others are asked at the same time.
pub struct Budgeted<F> {
    host: Arc<dyn Host>,
    work: Option<Pin<Box<F>>>,
    left_ms: f64,
}

impl<F: Future> Budgeted<F> {
    /// Work that may take so many milliseconds.
    pub fn new(host: Arc<dyn Host>, millis: f64, work: F) -> Self {
        Self {
            host,
            work: Some(Box::pin(work)),
            left_ms: millis,
        }
    }
}

impl<F: Future> Future for Budgeted<F> {
    /// None where the work took too long. It is dropped then.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let begin = self.host.elapsed_ms();
        let Some(work) = &mut self.work else {
            return Poll::Ready(None);
        };
        let polled = work.as_mut().poll(context);
        self.left_ms -= self.host.elapsed_ms() - begin;
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
pub async fn in_steps<T>(host: &dyn Host, step: impl FnMut(usize) -> Progress<T>) -> T {
    in_watched_steps(host, None, step).await
}

/// The same, telling how far it is.
pub async fn in_watched_steps<T>(
    host: &dyn Host,
    watcher: Option<&Watcher>,
    mut step: impl FnMut(usize) -> Progress<T>,
) -> T {
    let mut rows = FIRST_ROWS;
    let mut turn = Turn::begin(host);
    let mut told = host.elapsed_ms();
    loop {
        let begin = host.elapsed_ms();
        let (done, total) = match step(rows as usize) {
            Progress::Done(done) => return done,
            Progress::Working { done, total } => (done, total),
        };
        let end = host.elapsed_ms();
        rows = next(rows, end - begin);
        if let Some(watcher) = watcher
            && end - told >= TELL_MS
        {
            told = end;
            watcher.tell(done, total);
        }
        turn.give_way().await;
    }
}

/// How many rows the next step works on after one of so many took so long.
fn next(rows: f64, took_ms: f64) -> f64 {
    // A clock can be coarse, and a step can be slow for reasons of its own: no step is ten times another.
    let factor = (BUDGET_MS / took_ms.max(0.1)).clamp(0.1, 10.0);
    (rows * factor).clamp(1_000.0, 100_000_000.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use segments_engine::Progress;
    use segments_model::Instant;
    use segments_model::project::{BackendKind, Me, Role};

    use super::{Budgeted, Watcher, in_watched_steps, next};
    use crate::{Boxed, Host};

    /// A host on which 10 milliseconds go by whenever somebody looks at the clock.
    #[derive(Default)]
    pub(crate) struct Ticking(AtomicU64);

    impl Host for Ticking {
        fn now(&self) -> Instant {
            Instant::from_millis_saturating(0)
        }

        fn elapsed_ms(&self) -> f64 {
            self.0.fetch_add(10, Ordering::Relaxed) as f64
        }

        fn random(&self) -> u128 {
            0
        }

        fn pause(&self) -> Boxed<'static, ()> {
            Box::pin(async {})
        }

        fn spawn(&self, _: Boxed<'static, ()>) {}

        fn kind(&self) -> BackendKind {
            BackendKind::Server
        }

        fn me(&self) -> Me {
            Me {
                id: String::new(),
                name: String::new(),
                role: Role::Admin,
            }
        }
    }

    #[tokio::test]
    async fn whoever_watches_is_told_now_and_then() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let watcher = Watcher::new(move |done, total| {
            if let Ok(mut told) = telling.lock() {
                told.push((done, total));
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
            in_watched_steps(&Ticking::default(), Some(&watcher), step).await,
            "all"
        );
        let told = told.lock().map(|told| told.clone()).unwrap_or_default();
        assert!((8..20).contains(&told.len()), "{told:?}");
        assert!(told.is_sorted() && told.iter().all(|(_, total)| *total == 40));
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
