//! What the calls share: the parts below, the moment that a request looks at, and the limits.

use std::sync::Arc;

use segments_model::Instant;
use segments_model::calendar::Zone;
use segments_model::problem::Code;
use segments_model::project::Limits;
use segments_model::segment::Person;

use crate::creation::Made;
use crate::demo;
use crate::engine::{Data, LocalEngine};
use crate::error::Error;
use crate::exports::Exports;
use crate::imports::Imports;
use crate::library::{Library, Shelf, StoredProject, parse};
use crate::request::BODY_BYTES;
use crate::versions;
use crate::{Catalog, CatalogError, Change, Collection, Files, Host};

/// How much this backend takes.
pub const LIMITS: Limits = Limits {
    page: 500,
    criteria: 200,
    body_bytes: BODY_BYTES,
};

/// How many items a page has where nobody says.
const PAGE: u32 = 50;

/// What a backend stands on.
#[derive(Clone)]
pub struct Parts {
    /// Keeps the records.
    pub catalog: Arc<dyn Catalog>,
    /// Keeps the columns.
    pub files: Arc<dyn Files>,
    /// The outside world.
    pub host: Arc<dyn Host>,
}

/// How a backend is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether a project that has no data yet begins with the demo, and can go back to it.
    pub demo: bool,
    /// The IANA zone of a project for which nobody chose one; none: UTC.
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
    zone: Zone,
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
    ///
    /// # Errors
    /// [`Error::Meaningless`] where the zone of the options is none.
    pub fn new(parts: &Parts, options: &Options) -> Result<Self, Error> {
        let zone = Zone::parse(options.time_zone.as_deref().unwrap_or("UTC"))
            .map_err(|error| Error::Meaningless(error.to_string()))?;
        Ok(Self {
            library: Library::new(Arc::clone(&parts.catalog)),
            engine: LocalEngine::new(Arc::clone(&parts.files), Arc::clone(&parts.host)),
            exports: Exports::default(),
            imports: Imports::default(),
            host: Arc::clone(&parts.host),
            demo: options.demo,
            zone,
        })
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

    /// The project as it is now.
    #[must_use]
    pub fn project(&self, shelf: &Shelf) -> StoredProject {
        shelf
            .project()
            .map(|project| project.value.clone())
            .unwrap_or_else(|| StoredProject {
                name: match self.engine.is_demo(shelf) {
                    Ok(true) => segments_demo::NAME.to_owned(),
                    _ => "My project".to_owned(),
                },
                time_zone: self.zone.name().to_owned(),
            })
    }

    /// The zone that a body asks for at `pointer`, or that of the project.
    ///
    /// # Errors
    /// [`Error::Input`] where there is no such zone.
    pub fn zone(&self, moment: &Moment, name: Option<&str>, pointer: &str) -> Result<Zone, Error> {
        match name {
            Some(name) => Zone::parse(name)
                .map_err(|error| Error::input(pointer, Code::UnknownTimeZone, error.to_string())),
            None => self.stored_zone(&self.project(&moment.shelf).time_zone),
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

    /// Begins with the demo where there is no data yet, and removes the files of imports that were stopped half-way.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn begin(self: &Arc<Self>) -> Result<(), Error> {
        // Whoever has the right to write is at work: neither is it the first start, nor are its files orphans.
        let Some(guard) = self.engine.files().try_lock().await? else {
            return Ok(());
        };
        self.engine.remove_orphans(&self.library, &guard).await?;
        let is_new = self.library.shelf().await?.data().is_none();
        drop(guard);
        if self.demo && is_new {
            self.engine.reset(&self.library).await?;
            demo::add_segments(self).await?;
        }
        Ok(())
    }

    /// Takes away what is kept no longer, now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn clean(&self) -> Result<(), Error> {
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
}
