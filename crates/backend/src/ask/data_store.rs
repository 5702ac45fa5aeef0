//! The data: kept in files, loaded when it is asked for first, questioned in steps.
//!
//! A record of the catalog, the manifest, says where the data comes from and which files hold it; putting another manifest
//! in its place is what makes an import happen. Whoever asks gets a [`Data`], which stays as it is however often the
//! manifest changes meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use futures_channel::oneshot;
use futures_util::FutureExt as _;
use futures_util::future::Shared;
use segments_demo::EDITION;
use segments_engine_api::{Engine, EngineError, Snapshot};
use segments_model::Instant;
use segments_model::project::DataSource;
use segments_model::sort::set_of;
use serde::{Deserialize, Serialize};

use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::demo_data;
use crate::ask::part_files::PartFiles;
use crate::ask::parts::Parts;
use crate::error::Error;
use crate::store::library::{Library, LibrarySnapshot, parse, write};
use crate::store::removals::{self, Trust};
use crate::{Change, Collection, Files, FilesError, Host, WriteGuard};

/// The id of the manifest's record.
const MANIFEST: &str = "manifest";
/// How often data is read anew because its files have gone while they were being read.
const RELOADS: usize = 5;

/// Where the data comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case", deny_unknown_fields)]
pub enum Manifest {
    /// Made up for the day.
    Demo {
        /// Whether the demo's segments have yet to be added.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_unfinished: bool,
        /// What of it is stored; none: it is made up in memory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stored: Option<StoredDemo>,
    },
    /// Imported: the file of each of the store's blobs.
    Imported {
        /// Differs from every version before.
        version: String,
        /// Names of files by the names of blobs.
        blobs: BTreeMap<String, String>,
    },
}

impl Manifest {
    /// Names of files by the names of blobs; none where nothing is stored.
    const fn blobs(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Demo { stored: None, .. } => None,
            Self::Demo {
                stored: Some(StoredDemo { blobs, .. }),
                ..
            }
            | Self::Imported { blobs, .. } => Some(blobs),
        }
    }
}

/// A demo in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredDemo {
    /// The UTC day that it was made for.
    day: NaiveDate,
    /// The edition of the demo.
    edition: u32,
    /// Names of files by the names of blobs.
    blobs: BTreeMap<String, String>,
}

impl StoredDemo {
    /// Whether the demo of a day would be the same.
    fn is_of(&self, day: NaiveDate) -> bool {
        (self.day, self.edition) == (day, EDITION)
    }
}

/// The data over the catalog's manifest and the files that it names.
#[derive(Clone)]
pub struct DataStore {
    engine: Arc<dyn Engine>,
    files: Arc<dyn Files>,
    host: Arc<dyn Host>,
    memory: Arc<Memory>,
}

/// What is in memory, and what is about to be.
#[derive(Default)]
struct Memory(Mutex<InMemory>);

#[derive(Default)]
struct InMemory {
    data: Option<Arc<Data>>,
    /// The version that is being loaded, and its outcome.
    loading: Option<(String, Loading)>,
    /// What there is to know about storing the demo.
    demo: DemoInMemory,
}

#[derive(Default)]
struct DemoInMemory {
    /// Whether what is stored of it could not be read, so that it was made up.
    is_unreadable: bool,
    /// Whether it is being stored.
    is_being_stored: bool,
    /// The day whose demo was to be stored last: once a day is enough where the storage refuses it.
    tried: Option<NaiveDate>,
}

impl DemoInMemory {
    /// Whether the demo of a day is not stored yet.
    fn is_due(&self, manifest: Option<&Manifest>, day: NaiveDate) -> bool {
        match manifest {
            Some(Manifest::Demo {
                is_unfinished: false,
                stored,
            }) => self.is_unreadable || !stored.as_ref().is_some_and(|demo| demo.is_of(day)),
            _ => false,
        }
    }
}

/// What all who wait for the same data share.
type Loading = Shared<oneshot::Receiver<Result<Arc<Data>, Error>>>;

impl Memory {
    fn held(&self) -> MutexGuard<'_, InMemory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, data: Arc<Data>) {
        let mut memory = self.held();
        memory.data = Some(data);
        memory.loading = None;
        memory.demo.is_unreadable = false;
    }
}

/// The work of loading a version: whatever becomes of it, in the end it is no longer under way.
struct Load {
    memory: Arc<Memory>,
    version: String,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.memory
            .held()
            .loading
            .take_if(|(version, _)| *version == self.version);
    }
}

impl Load {
    /// Keeps the data, unless another version is wanted by now.
    fn end(self, data: &Arc<Data>, is_unreadable: bool) {
        let mut memory = self.memory.held();
        if memory
            .loading
            .as_ref()
            .is_some_and(|(version, _)| *version == self.version)
        {
            memory.data = Some(Arc::clone(data));
            memory.demo.is_unreadable = is_unreadable;
        }
    }
}

impl DataStore {
    /// Loads nothing yet.
    #[must_use]
    pub fn new(parts: &Parts) -> Self {
        Self {
            engine: Arc::clone(&parts.engine),
            files: Arc::clone(&parts.files),
            host: Arc::clone(&parts.host),
            memory: Arc::default(),
        }
    }

    /// The engine below.
    #[must_use]
    pub fn engine(&self) -> &dyn Engine {
        self.engine.as_ref()
    }

    /// The files below.
    #[must_use]
    pub fn files(&self) -> Arc<dyn Files> {
        Arc::clone(&self.files)
    }

    /// The version that the data has, without loading it.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn version(&self, library: &LibrarySnapshot, now: Instant) -> Result<String, Error> {
        Ok(version(manifest(library)?.as_ref(), now))
    }

    /// Whether the data is the demo's.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn is_demo(&self, library: &LibrarySnapshot) -> Result<bool, Error> {
        Ok(matches!(manifest(library)?, Some(Manifest::Demo { .. })))
    }

    /// Whether there is neither imported data nor a demo with all of its segments.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn lacks_demo(&self, library: &LibrarySnapshot) -> Result<bool, Error> {
        Ok(matches!(
            manifest(library)?,
            None | Some(Manifest::Demo {
                is_unfinished: true,
                ..
            })
        ))
    }

    /// The data as it is now, loaded where it is not in memory.
    ///
    /// # Errors
    /// [`Error::Damaged`] where what is stored cannot be read, [`Error::Unavailable`], [`Error::Broken`]
    pub async fn data(
        &self,
        library: &Library,
        context: &RequestContext,
    ) -> Result<Arc<Data>, Error> {
        let mut snapshot = Arc::clone(&context.library);
        for _ in 0..RELOADS {
            let version = self.version(&snapshot, context.now)?;
            if let Some(data) = self.in_memory(&version) {
                return Ok(data);
            }
            let loaded = self.load(&version, manifest(&snapshot)?, context.now).await;
            let loaded = loaded
                .unwrap_or_else(|_| Err(Error::Unavailable("loading was interrupted".to_owned())));
            let is_damaged = match &loaded {
                Ok(data) => !data.damaged().is_empty(),
                Err(error) => matches!(error, Error::Damaged { .. }),
            };
            if !is_damaged {
                return loaded;
            }
            // Files may be gone because another manifest is in place by now.
            snapshot = library.snapshot().await?;
            if self.version(&snapshot, context.now)? == version {
                return loaded;
            }
        }
        Err(Error::Unavailable(
            "the data is being replaced again and again".to_owned(),
        ))
    }

    fn in_memory(&self, version: &str) -> Option<Arc<Data>> {
        let memory = self.memory.held();
        let data = memory.data.as_ref();
        data.filter(|data| data.version() == version)
            .map(Arc::clone)
    }

    /// Loads a version in a task of its own, which goes on whoever stops waiting for it; all who ask meanwhile share it.
    fn load(&self, version: &str, manifest: Option<Manifest>, now: Instant) -> Loading {
        let mut memory = self.memory.held();
        if let Some((loading, outcome)) = &memory.loading
            && loading == version
        {
            return outcome.clone();
        }
        let (tell, outcome) = oneshot::channel();
        let outcome = outcome.shared();
        memory.loading = Some((version.to_owned(), outcome.clone()));
        drop(memory);
        // Where it fails the next who asks tries again.
        let load_work = Load {
            memory: Arc::clone(&self.memory),
            version: version.to_owned(),
        };
        let (files, host) = (Arc::clone(&self.files), Arc::clone(&self.host));
        let engine = Arc::clone(&self.engine);
        self.host.spawn(Box::pin(async move {
            let loaded = load(&*engine, &*files, &*host, manifest, now).await;
            let version = load_work.version.clone();
            let loaded = loaded.map(|loaded| {
                let data = Arc::new(Data::new(version, loaded.source, loaded.snapshot));
                load_work.end(&data, loaded.is_unreadable);
                data
            });
            // Nobody may be waiting any more.
            drop(tell.send(loaded));
        }));
        outcome
    }

    /// Keeps what an import has just stored in memory, so that nobody has to read it.
    pub fn keep_imported(&self, version: String, snapshot: Arc<dyn Snapshot>) {
        self.memory
            .keep(Arc::new(Data::new(version, DataSource::Imported, snapshot)));
    }

    /// Puts the demo in the data's place. Whoever calls it holds the right to write.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn put_demo(
        &self,
        library: &Library,
        is_unfinished: bool,
        _: &WriteGuard,
    ) -> Result<(), Error> {
        let id = &self.new_id();
        let put = |library: Arc<LibrarySnapshot>| async move {
            let before = manifest(&library)?;
            let (stored, replaced) = match &before {
                Some(Manifest::Demo { stored, .. }) => (stored.clone(), Vec::new()),
                _ => (None, manifest_files(&library)?),
            };
            let demo = Manifest::Demo {
                is_unfinished,
                stored,
            };
            if before.as_ref() == Some(&demo) {
                return Ok((Vec::new(), Vec::new()));
            }
            let mut changes = vec![put_manifest(&library, &demo)?];
            if !replaced.is_empty() {
                changes.push(removals::put(id, None, replaced.clone())?);
            }
            Ok((changes, replaced))
        };
        let (replaced, revision) = library.change(put).await?;
        if let Some(revision) = revision
            && !replaced.is_empty()
        {
            removals::carry_out(library, &*self.files, id, revision, &replaced).await;
        }
        Ok(())
    }

    /// Whether the demo of today is not stored yet, or just being so.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn is_demo_due(&self, context: &RequestContext) -> Result<bool, Error> {
        let manifest = manifest(&context.library)?;
        let memory = self.memory.held();
        Ok(memory.demo.is_being_stored || memory.demo.is_due(manifest.as_ref(), day(context.now)))
    }

    /// Makes the demo of today and stores it, in a task beside the questions, where what is stored is another day's or
    /// nothing. Until that is done everybody is answered from what there is.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn renew_demo_when_due(
        &self,
        library: &Arc<Library>,
        context: &RequestContext,
    ) -> Result<(), Error> {
        let manifest = manifest(&context.library)?;
        let day = day(context.now);
        let mut memory = self.memory.held();
        let demo = &mut memory.demo;
        if demo.is_being_stored || demo.tried == Some(day) || !demo.is_due(manifest.as_ref(), day) {
            return Ok(());
        }
        demo.is_being_stored = true;
        drop(memory);
        let (store, library) = (self.clone(), Arc::clone(library));
        self.host.spawn(Box::pin(async move {
            if let Err(error) = store.renew_demo(&library).await {
                let message = format!("the demo could not be stored: {error}");
                store.host.warn(&message);
            }
            store.memory.held().demo.is_being_stored = false;
        }));
        Ok(())
    }

    /// Makes the demo of today, unless it is in memory, and puts it in the place of what is stored of it. Where there is no
    /// room for it, it is in memory alone from then on.
    async fn renew_demo(&self, library: &Library) -> Result<(), Error> {
        let Some(_guard) = self.files.try_lock().await? else {
            // Somebody else stores it, or data to take its place.
            return Ok(());
        };
        let current = library.snapshot().await?;
        let day = day(self.host.now());
        let before = manifest(&current)?;
        {
            let demo = &mut self.memory.held().demo;
            if !demo.is_due(before.as_ref(), day) {
                return Ok(());
            }
            demo.tried = Some(day);
        }
        let version = demo_version(day, EDITION);
        let data = match self.in_memory(&version) {
            Some(data) => data,
            None => {
                let snapshot = demo_data::snapshot(&*self.engine, &*self.host, day).await?;
                Arc::new(Data::new(version, DataSource::Demo, snapshot))
            }
        };
        let snapshot = &**data.snapshot();
        let (files, id) = (&*self.files, self.new_id());
        let parts = PartFiles::begin(library, files, removals::DEMO, id, snapshot, None).await?;
        let written = parts.write(snapshot, || Ok(())).await;
        let mut replaced = manifest_files(&current)?;
        let stored = match written {
            Ok(()) => Some(StoredDemo {
                day,
                edition: EDITION,
                blobs: parts.blobs().clone(),
            }),
            Err(_) => {
                replaced.extend(parts.blobs().values().cloned());
                None
            }
        };
        let manifest = Manifest::Demo {
            is_unfinished: false,
            stored,
        };
        let changes = vec![
            put_manifest(&current, &manifest)?,
            parts.replace(replaced.clone())?,
        ];
        let commit = library.commit(changes).await;
        if commit.is_ok() {
            self.memory.keep(data);
        }
        parts.clear(Some(&commit), &replaced).await;
        commit?;
        written
    }

    fn new_id(&self) -> String {
        format!("{:032x}", self.host.random())
    }

    /// Removes what imports have left behind, and sets aside what the catalog does not know. Whoever calls it holds the
    /// right to write.
    ///
    /// # Errors
    /// [`Error::CatalogLost`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn tidy(&self, library: &Library, _: &WriteGuard) -> Result<(), Error> {
        let mut kept = crate::store::imports::kept_files(library.catalog()).await?;
        let snapshot = library.snapshot().await?;
        let trust = match manifest(&snapshot)? {
            None => Trust::None,
            Some(manifest) => {
                let files = set_of(self.files.list().await?.into_iter());
                let blobs: Vec<&String> = manifest
                    .blobs()
                    .into_iter()
                    .flat_map(BTreeMap::values)
                    .collect();
                let is_whole = blobs.iter().all(|file| files.contains(*file));
                kept.extend(blobs.into_iter().cloned());
                if is_whole {
                    Trust::Full
                } else {
                    Trust::Doubtful
                }
            }
        };
        removals::tidy(library, &*self.files, &*self.host, trust, &kept).await
    }
}

/// What a manifest stands for.
struct Loaded {
    source: DataSource,
    snapshot: Arc<dyn Snapshot>,
    /// Whether it is a demo whose files could not be read, so that it was made up.
    is_unreadable: bool,
}

async fn load(
    engine: &dyn Engine,
    files: &dyn Files,
    host: &dyn Host,
    manifest: Option<Manifest>,
    now: Instant,
) -> Result<Loaded, Error> {
    let (source, snapshot, is_unreadable) = match manifest {
        None => (DataSource::Empty, engine.empty(), false),
        Some(Manifest::Imported { blobs, .. }) => {
            let snapshot = read(engine, files, &blobs).await?;
            (DataSource::Imported, snapshot, false)
        }
        Some(Manifest::Demo { stored: None, .. }) => {
            let snapshot = demo_data::snapshot(engine, host, day(now)).await?;
            (DataSource::Demo, snapshot, false)
        }
        Some(Manifest::Demo {
            stored: Some(demo), ..
        }) => match read(engine, files, &demo.blobs).await {
            Ok(snapshot) if snapshot.damaged().is_empty() => (DataSource::Demo, snapshot, false),
            // Nothing is lost by it.
            _ => {
                let snapshot = demo_data::snapshot(engine, host, demo.day).await?;
                (DataSource::Demo, snapshot, true)
            }
        },
    };
    Ok(Loaded {
        source,
        snapshot,
        is_unreadable,
    })
}

/// Reads data from the files of its parts.
async fn read(
    engine: &dyn Engine,
    files: &dyn Files,
    blobs: &BTreeMap<String, String>,
) -> Result<Arc<dyn Snapshot>, Error> {
    let mut read = BTreeMap::new();
    for (part, file) in blobs {
        match files.read(file).await {
            Ok(bytes) => read.insert(part.clone(), bytes),
            // The engine says whether it can do without it.
            Err(FilesError::Missing(_)) => continue,
            Err(error) => return Err(error.into()),
        };
    }
    engine.open(read).map_err(|error| match error {
        EngineError::Damaged { part, what } => {
            let file = blobs.get(&part).map_or("no file", String::as_str);
            Error::Damaged {
                what: format!("the file \"{file}\", the part {part}, {what}"),
            }
        }
        error => error.into(),
    })
}

/// The change that puts another manifest in place.
///
/// # Errors
/// [`Error::Broken`] where it cannot be written.
pub fn put_manifest(library: &LibrarySnapshot, manifest: &Manifest) -> Result<Change, Error> {
    Ok(Change::Put {
        collection: Collection::Data,
        id: MANIFEST.to_owned(),
        expected: library.data().map(|record| record.revision),
        unique: None,
        body: write(manifest)?,
    })
}

/// The files that the manifest names.
///
/// # Errors
/// [`Error::Broken`] where it cannot be read.
pub fn manifest_files(library: &LibrarySnapshot) -> Result<Vec<String>, Error> {
    let manifest = manifest(library)?;
    let blobs = manifest.as_ref().and_then(Manifest::blobs);
    Ok(blobs
        .into_iter()
        .flat_map(BTreeMap::values)
        .cloned()
        .collect())
}

fn manifest(library: &LibrarySnapshot) -> Result<Option<Manifest>, Error> {
    library.data().map(parse).transpose()
}

fn version(manifest: Option<&Manifest>, now: Instant) -> String {
    match manifest {
        None => "empty".to_owned(),
        Some(Manifest::Imported { version, .. }) => version.clone(),
        Some(Manifest::Demo { stored: None, .. }) => demo_version(day(now), EDITION),
        Some(Manifest::Demo {
            stored: Some(demo), ..
        }) => demo_version(demo.day, demo.edition),
    }
}

fn demo_version(day: NaiveDate, edition: u32) -> String {
    format!("demo-{day}-{edition}")
}

/// The UTC day that an instant lies in.
fn day(now: Instant) -> NaiveDate {
    now.to_utc().date_naive()
}
