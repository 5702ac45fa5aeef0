//! The traits of this crate in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::files::is_file_name;
use crate::{Catalog, CatalogError, Change, Collection, Files, FilesError, Record, WriteGuard};
use segments_engine_api::Boxed;

fn ready<T: Send + 'static>(value: T) -> Boxed<'static, T> {
    Box::pin(std::future::ready(value))
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A catalog in memory; clones share the records, as tabs do.
#[derive(Clone, Default)]
pub struct MemoryCatalog(Arc<Mutex<Records>>);

#[derive(Clone, Default)]
struct Records {
    generation: u64,
    records: BTreeMap<(Collection, String), Record>,
}

impl Records {
    fn apply(&mut self, changes: Vec<Change>) -> Result<u64, CatalogError> {
        self.generation += 1;
        for change in changes {
            let (collection, id) = change.target();
            let key = (collection, id.to_owned());
            if self.records.get(&key).map(|record| record.revision) != change.expected() {
                return Err(CatalogError::Conflict {
                    collection,
                    id: key.1,
                });
            }
            match change {
                Change::Put {
                    collection,
                    id,
                    unique,
                    body,
                    ..
                } => {
                    let revision = self.generation;
                    self.records.insert(
                        key,
                        Record {
                            collection,
                            id,
                            revision,
                            unique,
                            body,
                        },
                    );
                }
                Change::Delete { .. } => {
                    self.records.remove(&key);
                }
            }
        }
        let mut texts = std::collections::BTreeSet::new();
        for record in self.records.values() {
            if let Some(unique) = &record.unique
                && !texts.insert((record.collection, unique))
            {
                return Err(CatalogError::Taken {
                    collection: record.collection,
                    unique: unique.clone(),
                });
            }
        }
        Ok(self.generation)
    }
}

impl Catalog for MemoryCatalog {
    fn generation(&self) -> Boxed<'_, Result<u64, CatalogError>> {
        ready(Ok(held(&self.0).generation))
    }

    fn get<'a>(
        &'a self,
        collection: Collection,
        id: &'a str,
    ) -> Boxed<'a, Result<Option<Record>, CatalogError>> {
        let key = (collection, id.to_owned());
        ready(Ok(held(&self.0).records.get(&key).cloned()))
    }

    fn all(&self, collection: Collection) -> Boxed<'_, Result<Vec<Record>, CatalogError>> {
        ready(Ok(held(&self.0)
            .records
            .values()
            .filter(|record| record.collection == collection)
            .cloned()
            .collect()))
    }

    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<u64, CatalogError>> {
        let mut records = held(&self.0);
        let mut changed = records.clone();
        let outcome = changed.apply(changes);
        if outcome.is_ok() {
            *records = changed;
        }
        ready(outcome)
    }
}

/// Files in memory; clones share them, as tabs do.
#[derive(Clone, Default)]
pub struct MemoryFiles {
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    aside: Arc<Mutex<Vec<String>>>,
    locked: Arc<AtomicBool>,
}

impl MemoryFiles {
    /// The names of the files that were set aside, in that order.
    #[must_use]
    pub fn aside(&self) -> Vec<String> {
        held(&self.aside).clone()
    }
}

struct Unlock(Arc<AtomicBool>);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Files for MemoryFiles {
    fn write<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Boxed<'a, Result<(), FilesError>> {
        if !is_file_name(name) {
            return ready(Err(FilesError::Name(name.to_owned())));
        }
        held(&self.files).insert(name.to_owned(), bytes);
        ready(Ok(()))
    }

    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<u8>, FilesError>> {
        ready(
            held(&self.files)
                .get(name)
                .cloned()
                .ok_or_else(|| FilesError::Missing(name.to_owned())),
        )
    }

    fn remove<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<(), FilesError>> {
        held(&self.files).remove(name);
        ready(Ok(()))
    }

    fn set_aside<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<String, FilesError>> {
        let file = held(&self.files).remove(name);
        ready(match file {
            Some(_) => {
                held(&self.aside).push(name.to_owned());
                Ok(format!("{name}, set aside"))
            }
            None => Err(FilesError::Missing(name.to_owned())),
        })
    }

    fn list(&self) -> Boxed<'_, Result<Vec<String>, FilesError>> {
        ready(Ok(held(&self.files).keys().cloned().collect()))
    }

    fn try_lock(&self) -> Boxed<'_, Result<Option<WriteGuard>, FilesError>> {
        let was_locked = self.locked.swap(true, Ordering::SeqCst);
        ready(Ok(
            (!was_locked).then(|| WriteGuard::new(Unlock(Arc::clone(&self.locked))))
        ))
    }
}
