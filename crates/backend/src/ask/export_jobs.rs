//! The exports that this process works on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::AbortHandle;
use segments_model::Instant;
use segments_model::export::{Export, ExportFormat, ExportStatus};
use segments_model::limits::MAX_FAILED_EXPORTS;
use segments_model::sort::sort;

/// How long an export is kept, in milliseconds.
pub const KEPT_MILLIS: i64 = 86_400_000;

/// The exports that this process works on.
#[derive(Default)]
pub struct Exports(Mutex<BTreeMap<String, Arc<Job>>>);

/// An export under way, or one that failed.
pub struct Job {
    pub format: ExportFormat,
    pub as_of: Instant,
    pub written: AtomicU64,
    /// How many users there are, plus one; 0 as long as nobody knows.
    pub users: AtomicU64,
    pub state: Mutex<Status>,
    pub is_cancelled: AtomicBool,
    /// Stops the work, but not the storing of what came of it.
    pub work: AbortHandle,
    /// Held while what came of the work is stored: whoever cancels waits for the outcome.
    pub storing: futures_util::lock::Mutex<()>,
}

#[derive(Clone)]
pub enum Status {
    Pending,
    Running,
    Failed { detail: String, at: Instant },
}

impl Exports {
    pub fn job(&self, id: &str) -> Option<Arc<Job>> {
        self.jobs().get(id).cloned()
    }

    /// Makes an export known, until what is returned is dropped.
    pub fn begin<'a>(&'a self, id: &str, job: &Arc<Job>) -> Begun<'a> {
        self.jobs().insert(id.to_owned(), Arc::clone(job));
        Begun {
            exports: self,
            id: Some(id.to_owned()),
        }
    }

    /// Forgets failed exports: those of long ago, and the oldest where there are too many.
    pub fn forget(&self, now: Instant) {
        let mut jobs = self.jobs();
        let mut failed: Vec<(Instant, String)> = jobs
            .iter()
            .filter_map(|(id, job)| Some((job.failed_at()?, id.clone())))
            .collect();
        sort(&mut failed);
        let too_many = failed.len().saturating_sub(MAX_FAILED_EXPORTS);
        for (number, (at, id)) in failed.into_iter().enumerate() {
            if number < too_many || at.saturating_add_millis(KEPT_MILLIS) <= now {
                jobs.remove(&id);
            }
        }
    }

    pub fn jobs(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An export that is known as long as this is there.
pub struct Begun<'a> {
    exports: &'a Exports,
    id: Option<String>,
}

impl Begun<'_> {
    /// Leaves it to its own task to make it unknown again.
    pub fn keep(mut self) {
        self.id = None;
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.exports.jobs().remove(id);
        }
    }
}

impl Job {
    pub fn set(&self, status: Status) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    pub fn status(&self) -> Status {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn failed_at(&self) -> Option<Instant> {
        match self.status() {
            Status::Failed { at, .. } => Some(at),
            Status::Pending | Status::Running => None,
        }
    }

    pub fn shown(&self, id: &str) -> Export {
        let (status, detail) = match self.status() {
            Status::Pending => (ExportStatus::Pending, None),
            Status::Running => (ExportStatus::Running, None),
            Status::Failed { detail, .. } => (ExportStatus::Failed, Some(detail)),
        };
        Export {
            id: id.to_owned(),
            status,
            format: self.format,
            as_of: self.as_of,
            written: self.written.load(Ordering::Relaxed),
            users: self.users.load(Ordering::Relaxed).checked_sub(1),
            href: None,
            expires_at: None,
            detail,
        }
    }
}
