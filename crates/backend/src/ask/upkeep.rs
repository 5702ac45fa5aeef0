//! What is done beside the requests: at the start, and now and then.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use segments_model::calendar::Zone;

use crate::CatalogError;
use crate::ask::backend::Backend;
use crate::ask::{demo, exports, imports, purge};
use crate::error::Error;
use crate::store::library::{LibrarySnapshot, StoredProject};

/// How long a start waits for the demo that another one makes, in milliseconds.
const PATIENCE_MS: f64 = 30_000.0;
/// How long nothing is cleaned after it was, in milliseconds.
const CLEAN_EVERY_MILLIS: i64 = 3_600_000;

impl Backend {
    /// Tidies up what was stopped half-way, keeps the zone that the project is to have, and begins with the demo where there
    /// is no data yet.
    ///
    /// # Errors
    /// [`Error::CatalogLost`] where the catalog is not the one that belongs to the files, [`Error::Unavailable`],
    /// [`Error::Broken`]
    pub async fn begin(&self, zone: Option<&Zone>) -> Result<(), Error> {
        let begin = self.host.elapsed_ms();
        loop {
            if let Some(guard) = self.data_store.files().try_lock().await? {
                self.data_store.tidy(&self.library, &guard).await?;
                self.keep_zone(zone).await?;
                let library = self.library.snapshot().await?;
                if self.demo && self.data_store.lacks_demo(&library)? {
                    demo::put(self, &guard).await?;
                }
                return Ok(());
            }
            // Whoever has the right to write is at work. Where that is another first start its demo is waited for.
            let library = self.library.snapshot().await?;
            let is_begun = !self.demo || !self.data_store.lacks_demo(&library)?;
            if is_begun || self.host.elapsed_ms() - begin >= PATIENCE_MS {
                return self.keep_zone(zone).await;
            }
            self.host.pause().await;
        }
    }

    /// Keeps a zone as the project's, unless it has one.
    async fn keep_zone(&self, zone: Option<&Zone>) -> Result<(), Error> {
        let Some(zone) = zone else {
            return Ok(());
        };
        let put = |library: Arc<LibrarySnapshot>| async move {
            if library.project().is_some() {
                return Ok((Vec::new(), ()));
            }
            let project = StoredProject {
                name: None,
                time_zone: zone.name().to_owned(),
            };
            Ok((vec![library.put_project(&project)?], ()))
        };
        self.library.change(put).await?;
        Ok(())
    }

    /// Tidies up the sets of users and their files.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn tidy_user_sets(&self) -> Result<(), Error> {
        let library = self.library.snapshot().await?;
        let version = self.data_store.version(&library, self.host.now())?;
        self.user_sets.tidy(&version).await
    }

    /// Takes away what is kept no longer, now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn clean(&self) -> Result<(), Error> {
        let next = self.host.now().saturating_add_millis(CLEAN_EVERY_MILLIS);
        self.clean_at.store(next.millis(), Ordering::SeqCst);
        exports::remove_expired(self).await?;
        imports::forget(self).await?;
        let context = self.context().await?;
        let changes = purge::changes(self, &context).await?;
        if changes.is_empty() {
            return Ok(());
        }
        match self.library.commit(changes).await {
            // Whoever was quicker has cleaned too.
            Ok(_) | Err(CatalogError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes away what is kept no longer, in a task beside the requests, where that was not done for some time.
    pub fn clean_when_due(self: &Arc<Self>) {
        let (due, now) = (self.clean_at.load(Ordering::SeqCst), self.host.now());
        if now.millis() < due {
            return;
        }
        let next = now.saturating_add_millis(CLEAN_EVERY_MILLIS).millis();
        if self.clean_at.swap(next, Ordering::SeqCst) != due {
            // Somebody else does it.
            return;
        }
        let backend = Arc::clone(self);
        self.host.spawn(Box::pin(async move {
            if let Err(error) = backend.clean().await {
                let message = format!("what is kept no longer could not be removed: {error}");
                backend.host.warn(&message);
            }
        }));
    }
}
