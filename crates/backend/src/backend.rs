//! What the calls share: the parts below, the moment that a request looks at, and the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use segments_engine_api::Engine;
use segments_model::Instant;
use segments_model::calendar::Zone;
use segments_model::problem::Code;
use segments_model::segment::Person;

use crate::creation::Made;
use crate::demo;
use crate::engine::{Data, LocalEngine};
use crate::error::Error;
use crate::exports::{self, Exports};
use crate::imports::{self, Imports};
use crate::library::{Library, Shelf, StoredProject, Tries, parse};
use crate::versions;
use crate::{Catalog, CatalogError, Change, Collection, Files, Host};

pub use segments_model::limits::LIMITS;

/// How long a start waits for the demo that another one makes, in milliseconds.
const PATIENCE_MS: f64 = 30_000.0;
/// How long nothing is cleaned after it was, in milliseconds.
const CLEAN_EVERY_MILLIS: i64 = 3_600_000;
/// How many items a page has where nobody says.
const PAGE: u32 = 50;

/// What a backend stands on.
#[derive(Clone)]
pub struct Parts {
    /// Keeps the records.
    pub catalog: Arc<dyn Catalog>,
    /// Keeps the columns.
    pub files: Arc<dyn Files>,
    /// Answers the questions.
    pub engine: Arc<dyn Engine>,
    /// The outside world.
    pub host: Arc<dyn Host>,
}

/// How a backend is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether a project that has no data yet begins with the demo, and can go back to it.
    pub demo: bool,
    /// The IANA zone of a project for which nobody chose one, which it has from then on; none: UTC, as long as nobody
    /// chooses one.
    pub time_zone: Option<String>,
}

/// The backend: what every call gets.
pub struct Backend {
    /// The records.
    pub library: Library,
    /// The data.
    pub engine: LocalEngine,
    /// The exports.
    pub exports: Exports,
    /// The imports.
    pub imports: Imports,
    /// The outside world.
    pub host: Arc<dyn Host>,
    /// Whether there is a demo to go back to.
    pub demo: bool,
    /// From when on what is kept no longer is to be taken away again, in milliseconds since 1970.
    clean_at: AtomicI64,
}

/// What a request looks at, from its beginning to its end.
pub struct Moment {
    /// The instant that stands for now.
    pub now: Instant,
    /// The records.
    pub shelf: Arc<Shelf>,
    /// The version of the data.
    pub data_version: String,
}

impl Backend {
    /// Puts a backend together.
    #[must_use]
    pub fn new(parts: &Parts, options: &Options) -> Self {
        Self {
            library: Library::new(Arc::clone(&parts.catalog)),
            engine: LocalEngine::new(parts),
            exports: Exports::default(),
            imports: Imports::default(),
            host: Arc::clone(&parts.host),
            demo: options.demo,
            clean_at: AtomicI64::new(i64::MIN),
        }
    }

    /// What is there now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn moment(&self) -> Result<Moment, Error> {
        let shelf = self.library.shelf().await?;
        let now = self.host.now();
        let data_version = self.engine.version(&shelf, now)?;
        Ok(Moment {
            now,
            shelf,
            data_version,
        })
    }

    /// The data as it is at a moment.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn data(&self, moment: &Moment) -> Result<Arc<Data>, Error> {
        self.engine.data(&self.library, moment).await
    }

    /// The project's name.
    #[must_use]
    pub fn project_name(&self, shelf: &Shelf) -> String {
        let stored = shelf
            .project()
            .and_then(|project| project.value.name.clone());
        stored.unwrap_or_else(|| match self.engine.is_demo(shelf) {
            Ok(true) => segments_demo::NAME.to_owned(),
            _ => "My project".to_owned(),
        })
    }

    /// The name of the project's zone.
    #[must_use]
    pub fn project_zone<'a>(&self, shelf: &'a Shelf) -> &'a str {
        shelf
            .project()
            .map_or("UTC", |project| &project.value.time_zone)
    }

    /// The zone that a body asks for at `pointer`, or that of the project.
    ///
    /// # Errors
    /// [`Error::Input`] where there is no such zone.
    pub fn zone(&self, moment: &Moment, name: Option<&str>, pointer: &str) -> Result<Zone, Error> {
        match name {
            Some(name) => Zone::parse(name)
                .map_err(|error| Error::input(pointer, Code::UnknownTimeZone, error.to_string())),
            None => self.stored_zone(self.project_zone(&moment.shelf)),
        }
    }

    /// The zone that a query string asks for, or that of the project.
    ///
    /// # Errors
    /// [`Error::Meaningless`] where there is no such zone.
    pub fn zone_param(&self, moment: &Moment, name: Option<&str>) -> Result<Zone, Error> {
        match name {
            Some(name) => {
                Zone::parse(name).map_err(|error| Error::Meaningless(format!("time_zone: {error}")))
            }
            None => self.zone(moment, None, ""),
        }
    }

    /// A zone that was checked before it was stored.
    ///
    /// # Errors
    /// [`Error::Broken`]
    pub fn stored_zone(&self, name: &str) -> Result<Zone, Error> {
        Zone::parse(name).map_err(|error| Error::Broken(error.to_string()))
    }

    /// How many items a page has.
    ///
    /// # Errors
    /// [`Error::Meaningless`] where it is none, or more than the limit.
    pub fn page(&self, limit: Option<u32>) -> Result<usize, Error> {
        let limit = limit.unwrap_or(PAGE);
        if (1..=LIMITS.page).contains(&limit) {
            Ok(limit as usize)
        } else {
            Err(Error::Meaningless(format!(
                "limit: give 1 to {}, not {limit}",
                LIMITS.page
            )))
        }
    }

    /// Who asks, as the maker of something.
    #[must_use]
    pub fn person(&self) -> Person {
        let me = self.host.me();
        Person {
            id: me.id,
            name: me.name,
        }
    }

    /// An id that nothing has had yet.
    #[must_use]
    pub fn new_id(&self) -> String {
        format!("{:032x}", self.host.random())
    }

    /// Whether there is an uploaded list.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn has_list(&self, id: &str) -> Result<bool, Error> {
        Ok(self.revision(Collection::Lists, id).await?.is_some())
    }

    /// The revision of a record; none where it is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn revision(&self, collection: Collection, id: &str) -> Result<Option<u64>, Error> {
        let record = self.library.catalog().get(collection, id).await?;
        Ok(record.map(|record| record.revision))
    }

    /// The revision of the members of a static segment.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn members_revision(&self, id: &str) -> Result<Option<u64>, Error> {
        self.revision(Collection::Members, id).await
    }

    /// The changes that take away what is kept no longer: segments deleted too long ago, and keys.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn purge(&self, moment: &Moment) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        for entry in moment.shelf.purge(moment.now) {
            changes.extend(versions::purge(self, entry).await?);
            let records = [
                (Collection::Segments, Some(entry.revision)),
                (
                    Collection::Evaluations,
                    moment.shelf.found(&entry.id).map(|found| found.revision),
                ),
                (Collection::Members, self.members_revision(&entry.id).await?),
            ];
            for (collection, revision) in records {
                changes.extend(revision.map(|expected| Change::Delete {
                    collection,
                    id: entry.id.clone(),
                    expected,
                }));
            }
        }
        for record in self.library.catalog().all(Collection::Keys).await? {
            if parse::<Made>(&record)?.is_over(moment.now) {
                changes.push(Change::Delete {
                    collection: Collection::Keys,
                    id: record.id,
                    expected: record.revision,
                });
            }
        }
        Ok(changes)
    }

    /// Tidies up what was stopped half-way, keeps the zone that the project is to have, and begins with the demo where there
    /// is no data yet.
    ///
    /// # Errors
    /// [`Error::CatalogLost`] where the catalog is not the one that belongs to the files, [`Error::Unavailable`],
    /// [`Error::Broken`]
    pub async fn begin(&self, zone: Option<&Zone>) -> Result<(), Error> {
        let begin = self.host.elapsed_ms();
        loop {
            if let Some(guard) = self.engine.files().try_lock().await? {
                self.engine.tidy(&self.library, &guard).await?;
                self.keep_zone(zone).await?;
                let shelf = self.library.shelf().await?;
                if self.demo && self.engine.lacks_demo(&shelf)? {
                    demo::put(self, &guard).await?;
                }
                return Ok(());
            }
            // Whoever has the right to write is at work. Where that is another first start its demo is waited for.
            let shelf = self.library.shelf().await?;
            let is_begun = !self.demo || !self.engine.lacks_demo(&shelf)?;
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
        let mut tries = Tries::default();
        loop {
            let shelf = self.library.shelf().await?;
            if shelf.project().is_some() {
                return Ok(());
            }
            let project = StoredProject {
                name: None,
                time_zone: zone.name().to_owned(),
            };
            let changes = vec![shelf.put_project(&project)?];
            if tries.settle(self.library.commit(changes).await)?.is_some() {
                return Ok(());
            }
        }
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
        let moment = self.moment().await?;
        let changes = self.purge(&moment).await?;
        if changes.is_empty() {
            return Ok(());
        }
        match self.library.commit(changes).await {
            // Whoever was quicker has cleaned too.
            Ok(_) | Err(CatalogError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes it due to take away what is kept no longer.
    pub fn clean_soon(&self) {
        self.clean_at.store(i64::MIN, Ordering::SeqCst);
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
