//! The data: kept in files, loaded when it is asked for first, questioned in steps.
//!
//! A record of the catalog, the manifest, says where the data comes from and which files hold it; putting another manifest
//! in its place is what makes an import happen. Whoever asks gets a [`Data`], which stays as it is however often the
//! manifest changes meanwhile.

mod data;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use segments_engine::Store;
use segments_model::Instant;
use segments_model::project::DataSource;
use serde::{Deserialize, Serialize};

pub use data::{Data, Members};

use crate::backend::Moment;
use crate::error::Error;
use crate::library::{Library, Shelf, Tries, parse, write};
use crate::removals::{self, Trust};
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

/// The engine over the catalog's manifest and the files that it names.
pub struct LocalEngine {
    files: Arc<dyn Files>,
    host: Arc<dyn Host>,
    kept: Mutex<Option<Arc<Data>>>,
    loading: futures_util::lock::Mutex<()>,
}

impl LocalEngine {
    /// Loads nothing yet.
    #[must_use]
    pub fn new(files: Arc<dyn Files>, host: Arc<dyn Host>) -> Self {
        Self {
            files,
            host,
            kept: Mutex::new(None),
            loading: futures_util::lock::Mutex::new(()),
        }
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
        Ok(matches!(manifest(shelf)?, Some(Manifest::Demo { .. })))
    }

    /// Whether there is neither imported data nor a demo with all of its segments.
    ///
    /// # Errors
    /// [`Error::Broken`] where the manifest cannot be read.
    pub fn lacks_demo(&self, shelf: &Shelf) -> Result<bool, Error> {
        Ok(matches!(
            manifest(shelf)?,
            None | Some(Manifest::Demo {
                is_unfinished: true
            })
        ))
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
                None => Some((DataSource::Empty, Store::empty())),
                Some(Manifest::Demo { .. }) => Some((
                    DataSource::Demo,
                    crate::demo::store(self.host.as_ref(), moment.now).await?,
                )),
                Some(Manifest::Imported { blobs, .. }) => self
                    .read(&blobs)
                    .await?
                    .map(|store| (DataSource::Imported, store)),
            };
            if let Some((source, store)) = loaded {
                let host = Arc::clone(&self.host);
                let data = Arc::new(Data::new(version, source, Arc::new(store), host));
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
    pub fn keep_imported(&self, version: String, store: Store) {
        self.keep(Arc::new(Data::new(
            version,
            DataSource::Imported,
            Arc::new(store),
            Arc::clone(&self.host),
        )));
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
        let demo = Manifest::Demo { is_unfinished };
        let id = format!("{:032x}", self.host.random());
        let mut tries = Tries::default();
        loop {
            let shelf = library.shelf().await?;
            if manifest(&shelf)?.as_ref() == Some(&demo) {
                return Ok(());
            }
            let mut changes = vec![put_manifest(&shelf, &demo)?];
            let replaced = manifest_files(&shelf)?;
            if !replaced.is_empty() {
                changes.push(removals::put(&id, None, replaced.clone())?);
            }
            if let Some(revision) = tries.settle(library.commit(changes).await)? {
                if !replaced.is_empty() {
                    removals::carry_out(library, &*self.files, &id, revision, &replaced).await;
                }
                return Ok(());
            }
        }
    }

    /// Removes what imports have left behind, and sets aside what the catalog does not know. Whoever calls it holds the
    /// right to write.
    ///
    /// # Errors
    /// [`Error::CatalogLost`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn tidy(&self, library: &Library, _: &WriteGuard) -> Result<(), Error> {
        let mut kept = crate::imports::kept_files(library.catalog()).await?;
        let shelf = library.shelf().await?;
        let trust = match manifest(&shelf)? {
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

    /// Reads a store; none where files of it are gone, because another manifest is in place by now.
    async fn read(&self, blobs: &BTreeMap<String, String>) -> Result<Option<Store>, Error> {
        let mut read = BTreeMap::new();
        for (blob, file) in blobs {
            match self.files.read(file).await {
                Ok(bytes) => read.insert(blob.as_str(), bytes),
                Err(FilesError::Missing(_)) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
        }
        Store::decode(|blob| {
            read.remove(blob)
                .ok_or_else(|| FilesError::Missing(blob.to_owned()))
        })
        .map(Some)
        .map_err(|error| Error::Broken(format!("the stored data cannot be read: {error}")))
    }
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
pub fn put_manifest(shelf: &Shelf, manifest: &Manifest) -> Result<Change, Error> {
    Ok(Change::Put {
        collection: Collection::Data,
        id: MANIFEST.to_owned(),
        expected: shelf.data().map(|record| record.revision),
        unique: None,
        body: write(manifest)?,
    })
}

/// The files that the manifest names.
///
/// # Errors
/// [`Error::Broken`] where it cannot be read.
pub fn manifest_files(shelf: &Shelf) -> Result<Vec<String>, Error> {
    Ok(match manifest(shelf)? {
        Some(Manifest::Imported { blobs, .. }) => blobs.into_values().collect(),
        Some(Manifest::Demo { .. }) | None => Vec::new(),
    })
}

fn manifest(shelf: &Shelf) -> Result<Option<Manifest>, Error> {
    shelf.data().map(parse).transpose()
}

fn version(manifest: Option<&Manifest>, now: Instant) -> String {
    match manifest {
        None => "empty".to_owned(),
        Some(Manifest::Demo { .. }) => format!("demo-{}", now.to_utc().date_naive()),
        Some(Manifest::Imported { version, .. }) => version.clone(),
    }
}
