//! What the calls share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use segments_model::calendar::Zone;
use segments_model::limits::LIMITS;
use segments_model::problem::Code;

use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::data_store::DataStore;
use crate::ask::export_jobs::Exports;
use crate::ask::import_jobs::Imports;
use crate::ask::parts::{Options, Parts};
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::{Library, LibrarySnapshot};
use crate::store::user_sets::UserSets;
use crate::{Change, Collection, Host, WriteGuard};

/// How long the right to write is waited for while the demo is being stored, in milliseconds.
const PATIENCE_MS: f64 = 5_000.0;
/// How many items a page has where nobody says.
const PAGE: u32 = 50;

/// The backend: what every call gets.
pub struct Backend {
    /// The records.
    pub library: Arc<Library>,
    /// The users of static segments and of uploaded lists.
    pub user_sets: UserSets,
    pub data_store: DataStore,
    pub exports: Exports,
    pub imports: Imports,
    /// The outside world.
    pub host: Arc<dyn Host>,
    /// Whether there is a demo to go back to.
    pub demo: bool,
    /// From when on what is kept no longer is to be taken away again, in milliseconds since 1970.
    pub clean_at: AtomicI64,
}

impl Backend {
    /// Puts a backend together.
    #[must_use]
    pub fn new(parts: &Parts, options: &Options) -> Self {
        let library = Arc::new(Library::new(Arc::clone(&parts.catalog)));
        Self {
            user_sets: UserSets::new(
                Arc::clone(&library),
                Arc::clone(&parts.files),
                Arc::clone(&parts.host),
            ),
            library,
            data_store: DataStore::new(parts),
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
    pub async fn context(&self) -> Result<RequestContext, Error> {
        self.context_of(self.library.snapshot().await?)
    }

    fn context_of(&self, library: Arc<LibrarySnapshot>) -> Result<RequestContext, Error> {
        let now = self.host.now();
        let data_version = self.data_store.version(&library, now)?;
        Ok(RequestContext {
            now,
            library,
            data_version,
        })
    }

    /// The data as it is at a moment.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn data(&self, context: &RequestContext) -> Result<Arc<Data>, Error> {
        let data = self.data_store.data(&self.library, context).await?;
        self.data_store
            .renew_demo_when_due(&self.library, context)?;
        Ok(data)
    }

    /// Takes the right to write the data.
    ///
    /// # Errors
    /// [`Error::Busy`] where somebody else has it, [`Error::Unavailable`], [`Error::Broken`]
    pub async fn write_guard(&self) -> Result<WriteGuard, Error> {
        let begin = self.host.elapsed_ms();
        // Whoever has it then may have it for storing the demo, here or in another tab, and be done in a moment.
        let is_demo_due = self.data_store.is_demo_due(&self.context().await?)?;
        loop {
            if let Some(guard) = self.data_store.files().try_lock().await? {
                return Ok(guard);
            }
            if !is_demo_due || self.host.elapsed_ms() - begin >= PATIENCE_MS {
                return Err(Error::Busy);
            }
            self.host.pause().await;
        }
    }

    /// The project's name.
    #[must_use]
    pub fn project_name(&self, library: &LibrarySnapshot) -> String {
        let stored = library
            .project()
            .and_then(|project| project.value.name.clone());
        stored.unwrap_or_else(|| match self.data_store.is_demo(library) {
            Ok(true) => segments_demo::NAME.to_owned(),
            _ => "My project".to_owned(),
        })
    }

    /// The name of the project's zone.
    #[must_use]
    pub fn project_zone<'a>(&self, library: &'a LibrarySnapshot) -> &'a str {
        library
            .project()
            .map_or("UTC", |project| &project.value.time_zone)
    }

    /// The zone that a body asks for at `pointer`, or that of the project.
    ///
    /// # Errors
    /// [`Error::Input`] where there is no such zone.
    pub fn zone(
        &self,
        context: &RequestContext,
        name: Option<&str>,
        pointer: &str,
    ) -> Result<Zone, Error> {
        match name {
            Some(name) => Zone::parse(name)
                .map_err(|error| Error::input(pointer, Code::UnknownTimeZone, error.to_string())),
            None => stored_zone(self.project_zone(&context.library)),
        }
    }

    /// The zone that a query string asks for, or that of the project.
    ///
    /// # Errors
    /// [`Error::Meaningless`] where there is no such zone.
    pub fn zone_param(&self, context: &RequestContext, name: Option<&str>) -> Result<Zone, Error> {
        match name {
            Some(name) => {
                Zone::parse(name).map_err(|error| Error::Meaningless(format!("time_zone: {error}")))
            }
            None => self.zone(context, None, ""),
        }
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

    /// An id that nothing has had yet.
    #[must_use]
    pub fn new_id(&self) -> String {
        format!("{:032x}", self.host.random())
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

    /// Changes what is there: `make` says by which changes, and what comes of them. Where somebody else was quicker it is
    /// asked again, about what is there then. Without changes nothing is committed.
    ///
    /// # Errors
    /// Those of `make`, and [`Error::Unavailable`], also after too many tries.
    pub async fn change<T, F: Future<Output = Result<(Vec<Change>, T), Error>>>(
        &self,
        mut make: impl FnMut(RequestContext) -> F,
    ) -> Result<T, Error> {
        let make = |library| {
            let made = self.context_of(library).map(&mut make);
            async { made?.await }
        };
        let (made, _) = self.library.change(make).await?;
        Ok(made)
    }

    /// Makes it due to take away what is kept no longer.
    pub fn clean_soon(&self) {
        self.clean_at.store(i64::MIN, Ordering::SeqCst);
    }
}
