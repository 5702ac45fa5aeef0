//! The imports of this process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::AbortHandle;
use segments_model::import::{Import, ImportStatus};
use segments_model::limits::MAX_FAILED_IMPORTS;

use crate::error::Error;

/// After how many imports those that are too many are forgotten.
const FORGET_AFTER: usize = 100;

/// The imports of this process.
#[derive(Default)]
pub struct Imports {
    /// Those that are under way or came to nothing.
    jobs: Mutex<BTreeMap<String, Arc<Job>>>,
    /// How many were stored since the last cleaning that this caused.
    stored: AtomicUsize,
}

/// An import under way.
pub struct Job {
    pub total: Option<u64>,
    pub bytes: AtomicU64,
    pub lines: AtomicU64,
    pub state: Mutex<Phase>,
    /// Set as soon as somebody cancels.
    pub is_cancelled: AtomicBool,
    pub reading: AbortHandle,
}

#[derive(Clone, PartialEq)]
pub enum Phase {
    Reading,
    Building,
    /// The commit is under way: too late to cancel.
    Committing,
    Failed(String),
    Cancelled,
}

impl Imports {
    pub fn jobs(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one that was stored; whether so many are now that it is time to clean.
    pub fn count(&self) -> bool {
        let is_time = self.stored.fetch_add(1, Ordering::Relaxed) + 1 >= FORGET_AFTER;
        if is_time {
            self.stored.store(0, Ordering::Relaxed);
        }
        is_time
    }

    pub fn job(&self, id: &str) -> Option<Arc<Job>> {
        self.jobs().get(id).cloned()
    }

    /// Begins an import, unless one of this id is under way.
    pub fn begin(&self, id: &str, job: &Arc<Job>) -> Result<(), Error> {
        let mut jobs = self.jobs();
        if jobs.get(id).is_some_and(|job| job.phase().is_under_way()) {
            return Err(Error::NotNow(format!(
                "import \"{id}\" is under way: ask for it, or cancel it first"
            )));
        }
        if jobs.len() >= MAX_FAILED_IMPORTS {
            jobs.retain(|_, job| job.phase().is_under_way());
        }
        jobs.insert(id.to_owned(), Arc::clone(job));
        Ok(())
    }
}

impl Phase {
    pub const fn is_under_way(&self) -> bool {
        matches!(self, Self::Reading | Self::Building | Self::Committing)
    }
}

impl Job {
    pub fn state(&self) -> MutexGuard<'_, Phase> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn phase(&self) -> Phase {
        self.state().clone()
    }

    /// Goes on to another phase.
    pub fn enter(&self, phase: Phase) -> Result<(), Error> {
        let mut state = self.state();
        if self.is_cancelled.load(Ordering::SeqCst) {
            return Err(cancelled());
        }
        *state = phase;
        Ok(())
    }

    /// Ends without anything stored.
    pub fn end(&self, error: &Error) {
        let mut state = self.state();
        *state = if self.is_cancelled.load(Ordering::SeqCst) {
            Phase::Cancelled
        } else {
            Phase::Failed(error.to_string())
        };
    }

    /// Cancels, unless it is too late.
    pub fn cancel(&self) -> Result<(), Error> {
        let mut state = self.state();
        if *state == Phase::Committing {
            return Err(Error::NotNow(
                "the import is being stored: it is too late to cancel it".to_owned(),
            ));
        }
        self.is_cancelled.store(true, Ordering::SeqCst);
        if state.is_under_way() {
            *state = Phase::Cancelled;
        }
        self.reading.abort();
        Ok(())
    }

    pub fn shown(&self, id: &str) -> Import {
        let (status, detail) = match self.phase() {
            Phase::Reading => (ImportStatus::Reading, None),
            Phase::Building | Phase::Committing => (ImportStatus::Building, None),
            Phase::Failed(detail) => (ImportStatus::Failed, Some(detail)),
            Phase::Cancelled => (ImportStatus::Cancelled, None),
        };
        Import {
            id: id.to_owned(),
            status,
            bytes_read: self.bytes.load(Ordering::Relaxed),
            bytes_total: self.total,
            lines: self.lines.load(Ordering::Relaxed),
            report: None,
            detail,
        }
    }
}

pub fn cancelled() -> Error {
    Error::NotNow("the import was cancelled: nothing was imported".to_owned())
}

/// Marks an import as ended if whoever sends it goes away.
pub struct Ended<'a>(pub &'a Job);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if *state == Phase::Reading {
            *state = Phase::Cancelled;
        }
    }
}
