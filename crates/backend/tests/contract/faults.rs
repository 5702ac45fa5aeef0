//! Storage that gives way at every call, fails when it is told to, and counts what is asked of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use segments_backend::testing::{MemoryCatalog, MemoryFiles};
use segments_backend::{
    Boxed, Catalog, CatalogError, Change, Collection, Files, FilesError, Host, Options, Parts,
    Record, Runtime, WriteGuard, open,
};
use segments_engine::EmbeddedEngine;
use segments_engine_api::{Engine, EngineError, Loading, Snapshot};
use segments_model::Instant;
use segments_model::project::{BackendKind, Me};

use crate::support::{Backend, TestHost};

/// How a call goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done.
    Before,
    /// It is done, but whoever asked is told that it failed.
    After,
}

/// What the storage does next, and what was asked of it.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    commits: VecDeque<Option<Fault>>,
    reads: VecDeque<Option<Fault>>,
    is_full: bool,
    asked: BTreeMap<String, usize>,
}

impl Faults {
    /// How the next commits go.
    pub fn of_commits(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.0.lock().unwrap().commits = faults.into_iter().collect();
    }

    /// How the next files are read.
    pub fn of_reads(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.0.lock().unwrap().reads = faults.into_iter().collect();
    }

    /// From now on there is no room for files, or there is again.
    pub fn be_full(&self, is_full: bool) {
        self.0.lock().unwrap().is_full = is_full;
    }

    /// How often something was asked: `read store-…`, `list`, `all exports`, `load` for rows taken in by the engine.
    pub fn asked(&self, what: &str) -> usize {
        let state = self.0.lock().unwrap();
        state
            .asked
            .iter()
            .filter(|(asked, _)| asked.starts_with(what))
            .map(|(_, count)| count)
            .sum()
    }

    fn ask(&self, what: String) {
        *self.0.lock().unwrap().asked.entry(what).or_default() += 1;
    }

    /// Opens a backend over this storage in front of another backend's.
    pub async fn before(
        &self,
        below: &Backend,
        options: Options,
    ) -> Result<Backend, segments_backend::Error> {
        let host = Arc::clone(&below.host) as Arc<dyn Host>;
        self.before_on(below, options, host).await
    }

    /// The same on another host.
    pub async fn before_on(
        &self,
        below: &Backend,
        options: Options,
        host: Arc<dyn Host>,
    ) -> Result<Backend, segments_backend::Error> {
        let runtime: Arc<dyn Runtime> = Arc::<dyn Host>::clone(&host);
        let parts = Parts {
            catalog: Arc::new(Faulty(below.catalog.clone(), self.clone())),
            files: Arc::new(Faulty(below.files.clone(), self.clone())),
            engine: Arc::new(Counting(EmbeddedEngine::new(runtime), self.clone())),
            host,
        };
        Ok(Backend {
            router: open(parts, options).await?,
            host: Arc::clone(&below.host),
            catalog: below.catalog.clone(),
            files: below.files.clone(),
        })
    }
}

/// An engine that tells how often it takes rows in.
struct Counting(EmbeddedEngine, Faults);

impl Engine for Counting {
    fn criteria(&self) -> &[&'static str] {
        self.0.criteria()
    }

    fn tools(&self) -> &[&'static str] {
        self.0.tools()
    }

    fn empty(&self) -> Arc<dyn Snapshot> {
        self.0.empty()
    }

    fn open(&self, parts: BTreeMap<String, Vec<u8>>) -> Result<Arc<dyn Snapshot>, EngineError> {
        self.0.open(parts)
    }

    fn load(&self, onto: Option<&Arc<dyn Snapshot>>) -> Result<Box<dyn Loading>, EngineError> {
        self.1.ask("load".to_owned());
        self.0.load(onto)
    }
}

struct Faulty<T>(T, Faults);

impl Catalog for Faulty<MemoryCatalog> {
    fn generation(&self) -> Boxed<'_, Result<u64, CatalogError>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            self.0.generation().await
        })
    }

    fn get<'a>(
        &'a self,
        collection: Collection,
        id: &'a str,
    ) -> Boxed<'a, Result<Option<Record>, CatalogError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.get(collection, id).await
        })
    }

    fn all(&self, collection: Collection) -> Boxed<'_, Result<Vec<Record>, CatalogError>> {
        self.1.ask(format!("all {}", collection.name()));
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.all(collection).await
        })
    }

    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<u64, CatalogError>> {
        let fault = self.1.0.lock().unwrap().commits.pop_front().flatten();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let failed = || CatalogError::Unavailable("the disk is away".to_owned());
            if fault == Some(Fault::Before) {
                return Err(failed());
            }
            let outcome = self.0.commit(changes).await;
            tokio::task::yield_now().await;
            match fault {
                Some(Fault::After) => Err(failed()),
                _ => outcome,
            }
        })
    }
}

impl Files for Faulty<MemoryFiles> {
    fn write<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Boxed<'a, Result<(), FilesError>> {
        self.1.ask(format!("write {name}"));
        let is_full = self.1.0.lock().unwrap().is_full;
        Box::pin(async move {
            tokio::task::yield_now().await;
            if is_full {
                return Err(FilesError::Full(name.to_owned()));
            }
            self.0.write(name, bytes).await
        })
    }

    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<u8>, FilesError>> {
        self.1.ask(format!("read {name}"));
        let fault = self.1.0.lock().unwrap().reads.pop_front().flatten();
        Box::pin(async move {
            tokio::task::yield_now().await;
            match fault {
                Some(_) => Err(FilesError::Unavailable("the disk is away".to_owned())),
                None => self.0.read(name).await,
            }
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<(), FilesError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.remove(name).await
        })
    }

    fn set_aside<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<String, FilesError>> {
        self.0.set_aside(name)
    }

    fn list(&self) -> Boxed<'_, Result<Vec<String>, FilesError>> {
        self.1.ask("list".to_owned());
        Box::pin(async move {
            // A folder takes its time.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            self.0.list().await
        })
    }

    fn try_lock(&self) -> Boxed<'_, Result<Option<WriteGuard>, FilesError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.try_lock().await
        })
    }
}

/// A host on which whatever gives way while it is stuck never comes back.
pub struct StuckHost {
    host: Arc<TestHost>,
    is_stuck: AtomicBool,
    waiting: Arc<AtomicUsize>,
}

impl StuckHost {
    pub fn over(host: &Arc<TestHost>) -> Arc<Self> {
        Arc::new(Self {
            host: Arc::clone(host),
            is_stuck: AtomicBool::new(false),
            waiting: Arc::default(),
        })
    }

    pub fn be_stuck(&self, is_stuck: bool) {
        self.is_stuck.store(is_stuck, Ordering::SeqCst);
    }

    /// How much work is waiting to come back.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Runtime for StuckHost {
    fn elapsed_ms(&self) -> f64 {
        self.host.elapsed_ms()
    }

    fn pause(&self) -> Boxed<'static, ()> {
        if !self.is_stuck.load(Ordering::SeqCst) {
            return self.host.pause();
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let waiting = Waiting(Arc::clone(&self.waiting));
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(waiting);
        })
    }
}

impl Host for StuckHost {
    fn now(&self) -> Instant {
        self.host.now()
    }

    fn random(&self) -> u128 {
        self.host.random()
    }

    fn spawn(&self, task: Boxed<'static, ()>) {
        self.host.spawn(task);
    }

    fn kind(&self) -> BackendKind {
        self.host.kind()
    }

    fn me(&self) -> Me {
        self.host.me()
    }
}

/// Lets everything that can go on do so for a while.
pub async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
