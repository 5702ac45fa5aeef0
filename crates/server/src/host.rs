//! The outside world as a server sees it.

use std::io;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Instant as Moment, SystemTime, UNIX_EPOCH};

use segments_backend::{Boxed, Host, Runtime, TooBusy, Work};
use segments_model::Instant;
use segments_model::limits::{MAX_WAITING, QUESTIONS_PER_PROCESSOR};
use segments_model::project::{BackendKind, Me, Role};
use tokio::runtime::{Builder, Handle, Runtime as Threads};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The system's clock and dice, threads to work on, and one local administrator.
#[derive(Debug)]
pub struct ServerHost {
    begin: Moment,
    workers: Workers,
}

/// Threads of their own for what takes long, so that those that answer are always free.
#[derive(Debug)]
struct Workers {
    runtime: Option<Threads>,
    handle: Handle,
    /// Room for questions that are worked on, and for those that wait.
    taken: Arc<Semaphore>,
    /// Room for questions that are worked on.
    running: Arc<Semaphore>,
}

impl Workers {
    fn start(threads: usize, running: usize, waiting: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("work")
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            taken: Arc::new(Semaphore::new(running + waiting)),
            running: Arc::new(Semaphore::new(running)),
        })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, which may not be done where others are answered.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl ServerHost {
    /// A host whose life begins now.
    ///
    /// # Errors
    /// When its threads cannot be started, or the system has no random numbers.
    pub fn new() -> io::Result<Self> {
        getrandom::fill(&mut [0; 16])?;
        let processors = processors();
        Self::with(
            processors,
            processors * QUESTIONS_PER_PROCESSOR,
            MAX_WAITING,
        )
    }

    fn with(threads: usize, running: usize, waiting: usize) -> io::Result<Self> {
        Ok(Self {
            begin: Moment::now(),
            workers: Workers::start(threads, running, waiting)?,
        })
    }
}

fn processors() -> usize {
    available_parallelism().map_or(1, std::num::NonZero::get)
}

/// 128 random bits of the system's, which nobody can guess.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    let mut rolled = getrandom::fill(&mut bytes);
    // There were some when the host began. What is not random must not be taken for it.
    while rolled.is_err() {
        std::thread::yield_now();
        rolled = getrandom::fill(&mut bytes);
    }
    u128::from_le_bytes(bytes)
}

impl Runtime for ServerHost {
    fn elapsed_ms(&self) -> f64 {
        self.begin.elapsed().as_secs_f64() * 1_000.0
    }

    fn pause(&self) -> Boxed<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }

    fn threads(&self) -> usize {
        processors()
    }
}

impl Host for ServerHost {
    fn now(&self) -> Instant {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Instant::from_millis_saturating(millis)
    }

    fn random(&self) -> u128 {
        random()
    }

    fn spawn(&self, task: Boxed<'static, ()>) {
        drop(self.workers.handle.spawn(task));
    }

    fn run(&self, work: Work, task: Boxed<'static, ()>) -> Boxed<'static, Result<(), TooBusy>> {
        let handle = self.workers.handle.clone();
        let taken = match work {
            Work::Import => None,
            Work::Question => match Arc::clone(&self.workers.taken).try_acquire_owned() {
                Ok(taken) => Some(taken),
                Err(_) => return Box::pin(std::future::ready(Err(TooBusy))),
            },
        };
        let running = Arc::clone(&self.workers.running);
        Box::pin(async move {
            let place = match taken {
                None => None,
                Some(taken) => {
                    let running = running.acquire_owned().await.map_err(|_| TooBusy)?;
                    Some((taken, running))
                }
            };
            // Dropping the set ends the task; its place is free when it has ended.
            let mut tasks = JoinSet::new();
            tasks.spawn_on(
                async move {
                    task.await;
                    drop(place);
                },
                &handle,
            );
            tasks.join_next().await;
            Ok(())
        })
    }

    fn warn(&self, message: &str) {
        tracing::warn!("{message}");
    }

    fn kind(&self) -> BackendKind {
        BackendKind::Server
    }

    fn me(&self) -> Me {
        Me {
            id: "admin".to_owned(),
            name: "Admin".to_owned(),
            role: Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::future::{pending, ready};
    use std::sync::{Arc, Mutex, mpsc};

    use axum::body::Body;
    use futures_util::FutureExt as _;
    use segments_backend::{Host, Options, TooBusy, Work, open};
    use tokio::sync::mpsc::channel;
    use tokio::sync::oneshot;
    use tower::ServiceExt as _;

    use super::{ServerHost, random};

    #[test]
    fn no_two_rolls_are_the_same() {
        let rolls: BTreeSet<u128> = (0..1_000).map(|_| random()).collect();
        assert_eq!(rolls.len(), 1_000);
    }

    #[tokio::test]
    async fn so_many_questions_wait_and_no_more() {
        let host = ServerHost::with(1, 1, 1).unwrap();
        let (started, has_started) = oneshot::channel();
        let work = async move {
            let _ = started.send(());
            pending().await
        };
        let running = tokio::spawn(host.run(Work::Question, Box::pin(work)));
        has_started.await.unwrap();
        let waiting = host.run(Work::Question, Box::pin(ready(())));
        let refused = host.run(Work::Question, Box::pin(ready(())));
        assert_eq!(refused.now_or_never(), Some(Err(TooBusy)));
        let import = host.run(Work::Import, Box::pin(ready(())));
        assert_eq!(import.await, Ok(()), "imports take no place");
        // Whoever no longer waits for it ends it, and makes room.
        running.abort();
        assert_eq!(waiting.await, Ok(()));
    }

    #[tokio::test]
    async fn what_is_looked_up_is_answered_while_all_threads_compute() {
        let folder = tempfile::tempdir().unwrap();
        let parts = crate::parts(folder.path()).unwrap();
        let host = Arc::clone(&parts.host);
        let router = open(parts, Options::default()).await.unwrap();
        let status = async |request: http::Request<Body>| {
            router.clone().oneshot(request).await.unwrap().status()
        };
        // Loading the data is work: from here on it is there.
        let project = http::Request::get("/api/v1/project").body(Body::empty());
        assert_eq!(status(project.unwrap()).await, 200);
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let (started, mut has_started) = channel(host.threads());
        let computing: Vec<_> = (0..host.threads())
            .map(|_| {
                let (started, released) = (started.clone(), Arc::clone(&released));
                let work = async move {
                    started.send(()).await.unwrap();
                    // Holds the thread until the other end is gone.
                    let _ = released.lock().unwrap().recv();
                };
                tokio::spawn(host.run(Work::Question, Box::pin(work)))
            })
            .collect();
        for _ in &computing {
            has_started.recv().await.unwrap();
        }
        let preview = http::Request::post("/api/v1/segments/preview")
            .header("content-type", "application/json")
            .body(Body::from(r#"{"definition": {"type": "all", "of": []}}"#))
            .unwrap();
        let mut question = Box::pin(status(preview));
        for path in ["/api/v1/project", "/api/v1/segments"] {
            let request = http::Request::get(path).body(Body::empty()).unwrap();
            assert_eq!(status(request).await, 200);
            assert!((&mut question).now_or_never().is_none(), "it waits");
        }
        drop(release);
        assert_eq!(question.await, 200);
        for work in computing {
            assert_eq!(work.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn dropping_the_host_waits_for_nobody() {
        let host = ServerHost::with(1, 1, 1).unwrap();
        let (release, released) = mpsc::channel::<()>();
        host.spawn(Box::pin(async move {
            let _ = released.recv();
        }));
        drop(host);
        drop(release);
    }
}
