//! The data: kept in files, loaded when it is asked for first, questioned in steps.
//!
//! A record of the catalog, the manifest, says where the data comes from and which files hold it; putting another manifest
//! in its place is what makes an import happen. Whoever asks gets a [`Data`], which stays as it is however often the
//! manifest changes meanwhile.

mod data;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use segments_engine_api::{Engine, Snapshot};
use segments_model::Instant;
use segments_model::project::DataSource;
use serde::{Deserialize, Serialize};

pub use data::Data;

use crate::backend::{Moment, Parts};
use crate::error::Error;
use crate::library::{Library, Shelf, Tries, parse, write};
use crate::{Change, Collection, Files, FilesError, Host, WriteGuard};

/// The id of the manifest's record.
const MANIFEST: &str = "manifest";
/// What the names of the engine's files begin with.
const PREFIX: &str = "store-";
/// How often data is read anew because its files have gone while they were being read.
const RELOADS: usize = 5;

/// Where the data comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case", deny_unknown_fields)]
pub enum Manifest {
    /// Made up for the day; nothing of it is stored.
    Demo {},
    /// Imported: the file of each of the store's blobs.
    Imported {
        /// Differs from every version before.
        version: String,
        /// Names of files by the names of blobs.
        blobs: BTreeMap<String, String>,
    },
}

/// The engine over the catalog's manifest and the files that it names.
pub struct LocalEngine {
    engine: Arc<dyn Engine>,
    files: Arc<dyn Files>,
    host: Arc<dyn Host>,
    kept: Mutex<Option<Arc<Data>>>,
    loading: futures_util::lock::Mutex<()>,
}

impl LocalEngine {
    /// Loads nothing yet.
    #[must_use]
    pub fn new(parts: &Parts) -> Self {
        Self {
            engine: Arc::clone(&parts.engine),
            files: Arc::clone(&parts.files),
            host: Arc::clone(&parts.host),
            kept: Mutex::new(None),
            loading: futures_util::lock::Mutex::new(()),
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
    pub fn version(&self, shelf: &Shelf, now: Instant) -> Result<String, Error> {
        Ok(version(manifest(shelf)?.as_ref(), now))
    }

    /// Whether the data is the demo's.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn is_demo(&self, shelf: &Shelf) -> Result<bool, Error> {
        Ok(manifest(shelf)? == Some(Manifest::Demo {}))
    }

    /// The data as it is now, loaded where it is not in memory.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`] where what is stored cannot be read.
    pub async fn data(&self, library: &Library, moment: &Moment) -> Result<Arc<Data>, Error> {
        if let Some(data) = self.in_memory(&moment.data_version) {
            return Ok(data);
        }
        // One loads, all others wait for it.
        let _loading = self.loading.lock().await;
        let mut shelf = Arc::clone(&moment.shelf);
        for _ in 0..RELOADS {
            let version = self.version(&shelf, moment.now)?;
            if let Some(data) = self.in_memory(&version) {
                return Ok(data);
            }
            let loaded = match manifest(&shelf)? {
                None => Some((DataSource::Empty, self.engine.empty())),
                Some(Manifest::Demo {}) => Some((
                    DataSource::Demo,
                    crate::demo::snapshot(self.engine(), self.host.as_ref(), moment.now).await?,
                )),
                Some(Manifest::Imported { blobs, .. }) => self
                    .read(&blobs)
                    .await?
                    .map(|snapshot| (DataSource::Imported, snapshot)),
            };
            if let Some((source, snapshot)) = loaded {
                let data = Arc::new(Data::new(version, source, snapshot));
                self.keep(Arc::clone(&data));
                return Ok(data);
            }
            shelf = library.shelf().await?;
        }
        Err(Error::Unavailable(
            "the data is being replaced again and again".to_owned(),
        ))
    }

    fn in_memory(&self, version: &str) -> Option<Arc<Data>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|data| data.version() == version)
            .map(Arc::clone)
    }

    fn keep(&self, data: Arc<Data>) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(data);
    }

    /// Keeps what an import has just stored in memory, so that nobody has to read it.
    pub fn keep_imported(&self, version: String, snapshot: Arc<dyn Snapshot>) {
        self.keep(Arc::new(Data::new(version, DataSource::Imported, snapshot)));
    }

    /// Goes back to the demo.
    ///
    /// # Errors
    /// [`Error::Busy`] while an import is under way, [`Error::Unavailable`], [`Error::Broken`]
    pub async fn reset(&self, library: &Library) -> Result<(), Error> {
        let guard = self.files.try_lock().await?.ok_or(Error::Busy)?;
        let mut tries = Tries::default();
        loop {
            let shelf = library.shelf().await?;
            if manifest(&shelf)? == Some(Manifest::Demo {}) {
                return Ok(());
            }
            let changes = vec![put_manifest(&shelf, &Manifest::Demo {})?];
            if tries.settle(library.commit(changes).await)?.is_some() {
                return self.remove_orphans(library, &guard).await;
            }
        }
    }

    /// Removes the files that neither the manifest nor an import's record names. Whoever calls it holds the right to
    /// write, so that it never meets the files of an import under way.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn remove_orphans(&self, library: &Library, _: &WriteGuard) -> Result<(), Error> {
        let mut kept = crate::imports::kept_files(library.catalog()).await?;
        if let Some(Manifest::Imported { blobs, .. }) = manifest(library.shelf().await?.as_ref())? {
            kept.extend(blobs.into_values());
        }
        for file in self.files.list().await? {
            if (file.starts_with(PREFIX) || file.starts_with("rejects-")) && !kept.contains(&file) {
                self.files.remove(&file).await?;
            }
        }
        Ok(())
    }

    /// Reads stored data; none where files of it are gone, because another manifest is in place by now.
    async fn read(
        &self,
        blobs: &BTreeMap<String, String>,
    ) -> Result<Option<Arc<dyn Snapshot>>, Error> {
        let mut read = BTreeMap::new();
        for (blob, file) in blobs {
            match self.files.read(file).await {
                Ok(bytes) => read.insert(blob.clone(), bytes),
                Err(FilesError::Missing(_)) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(Some(self.engine.open(read)?))
    }
}

/// The name of a file of a version of the data.
#[must_use]
pub fn file_name(version: &str, number: usize) -> String {
    format!("{PREFIX}{version}-{number}")
}

/// The change that puts another manifest in place.
///
/// # Errors
/// [`Error::Broken`] where it cannot be written.
pub fn put_manifest(shelf: &Shelf, manifest: &Manifest) -> Result<Change, Error> {
    Ok(Change::Put {
        collection: Collection::Data,
        id: MANIFEST.to_owned(),
        expected: shelf.data().map(|record| record.revision),
        unique: None,
        body: write(manifest)?,
    })
}

fn manifest(shelf: &Shelf) -> Result<Option<Manifest>, Error> {
    shelf.data().map(parse).transpose()
}

fn version(manifest: Option<&Manifest>, now: Instant) -> String {
    match manifest {
        None => "empty".to_owned(),
        Some(Manifest::Demo {}) => format!("demo-{}", now.to_utc().date_naive()),
        Some(Manifest::Imported { version, .. }) => version.clone(),
    }
}
