//! The data: kept in files, loaded when it is asked for first, questioned in steps.
//!
//! A record of the catalog, the manifest, says where the data comes from and which files hold it; putting another manifest
//! in its place is what makes an import happen. Whoever asks gets a [`Data`], which stays as it is however often the
//! manifest changes meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot;
use futures_util::FutureExt as _;
use futures_util::future::Shared;
use segments_engine_api::{Engine, EngineError, Snapshot};
use segments_model::Instant;
use segments_model::project::DataSource;
use serde::{Deserialize, Serialize};

use crate::ask::context::RequestContext;
use crate::ask::data::Data;
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
    /// Made up for the day; nothing of it is stored.
    Demo {
        /// Whether the demo's segments have yet to be added.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_unfinished: bool,
    },
    /// Imported: the file of each of the store's blobs.
    Imported {
        /// Differs from every version before.
        version: String,
        /// Names of files by the names of blobs.
        blobs: BTreeMap<String, String>,
    },
}

/// The data over the catalog's manifest and the files that it names.
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
}

/// What all who wait for the same data share.
type Loading = Shared<oneshot::Receiver<Result<Arc<Data>, Error>>>;

impl Memory {
    fn held(&self) -> MutexGuard<'_, InMemory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, data: Arc<Data>) {
        *self.held() = InMemory {
            data: Some(data),
            loading: None,
        };
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
    fn end(self, data: &Arc<Data>) {
        let mut memory = self.memory.held();
        if memory
            .loading
            .as_ref()
            .is_some_and(|(version, _)| *version == self.version)
        {
            memory.data = Some(Arc::clone(data));
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
                is_unfinished: true
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
            let loaded = loaded.unwrap_or_else(|_| {
                Err(Error::Unavailable("the loading was broken off".to_owned()))
            });
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
        let load = Load {
            memory: Arc::clone(&self.memory),
            version: version.to_owned(),
        };
        let (files, host) = (Arc::clone(&self.files), Arc::clone(&self.host));
        let engine = Arc::clone(&self.engine);
        self.host.spawn(Box::pin(async move {
            let loaded = match manifest {
                None => Ok((DataSource::Empty, engine.empty())),
                Some(Manifest::Demo { .. }) => {
                    crate::ask::demo_data::snapshot(&*engine, &*host, now)
                        .await
                        .map(|snapshot| (DataSource::Demo, snapshot))
                }
                Some(Manifest::Imported { blobs, .. }) => read(&*engine, &*files, &blobs)
                    .await
                    .map(|snapshot| (DataSource::Imported, snapshot)),
            };
            let version = load.version.clone();
            let loaded =
                loaded.map(|(source, snapshot)| Arc::new(Data::new(version, source, snapshot)));
            match &loaded {
                Ok(data) => load.end(data),
                // The next who asks tries again.
                Err(_) => drop(load),
            }
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
        let demo = &Manifest::Demo { is_unfinished };
        let id = &format!("{:032x}", self.host.random());
        let put = |library: Arc<LibrarySnapshot>| async move {
            if manifest(&library)?.as_ref() == Some(demo) {
                return Ok((Vec::new(), Vec::new()));
            }
            let mut changes = vec![put_manifest(&library, demo)?];
            let replaced = manifest_files(&library)?;
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
            Some(Manifest::Demo { .. }) => Trust::Full,
            Some(Manifest::Imported { blobs, .. }) => {
                let files: BTreeSet<String> = self.files.list().await?.into_iter().collect();
                let is_whole = blobs.values().all(|file| files.contains(file));
                kept.extend(blobs.into_values());
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

/// The name of a file of a version of the data.
#[must_use]
pub fn file_name(version: &str, number: usize) -> String {
    format!("store-{version}-{number}")
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
    Ok(match manifest(library)? {
        Some(Manifest::Imported { blobs, .. }) => blobs.into_values().collect(),
        Some(Manifest::Demo { .. }) | None => Vec::new(),
    })
}

fn manifest(library: &LibrarySnapshot) -> Result<Option<Manifest>, Error> {
    library.data().map(parse).transpose()
}

fn version(manifest: Option<&Manifest>, now: Instant) -> String {
    match manifest {
        None => "empty".to_owned(),
        Some(Manifest::Demo { .. }) => format!("demo-{}", now.to_utc().date_naive()),
        Some(Manifest::Imported { version, .. }) => version.clone(),
    }
}
