//! Files in the origin private file system, or in IndexedDB where there is none.

mod folder;

use std::rc::Rc;

use futures_util::lock::Mutex;
use js_sys::Uint8Array;
use segments_backend::{Boxed, Files, FilesError, WriteGuard, store::files::is_file_name};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::{
    catalog,
    database::{Database, FILES, answer},
    files::folder::{Folder, aside_name},
    lock,
    storage::StorageError,
    task,
};

/// The key of the place of the files.
const FILES_PLACE: &str = "files";
/// The place in the origin private file system.
const IN_FOLDER: &str = "folder";
/// The place in the database.
const IN_DATABASE: &str = "database";

/// Immutable files in the browser's storage.
pub struct BrowserFiles {
    lock: String,
    place: SendWrapper<Rc<Place>>,
    /// Writing and removing take turns: a write that nobody waits for any more still runs to its end, and a file can
    /// only be removed once it is closed.
    exclusive: SendWrapper<Rc<Mutex<()>>>,
}

enum Place {
    Folder(Folder),
    Database(Rc<Database>),
}

impl BrowserFiles {
    /// The files that belong to a database, which says where they are. The first time they get a place: the folder of
    /// this name in the origin private file system or, where the browser has no such system, which is so in the private
    /// windows of some, the database. There they stay: a file system that fails later is an error, not another place.
    ///
    /// # Errors
    /// [`StorageError`] where the place cannot be used.
    pub async fn open(name: &str, database: Rc<Database>) -> Result<Self, StorageError> {
        let place = match database.text(FILES_PLACE).await? {
            Some(place) => place,
            None => {
                let place = first_place(name, &database).await?;
                // Another tab may have been quicker.
                database.text_or(FILES_PLACE, place).await?
            }
        };
        match place.as_str() {
            IN_FOLDER => Self::in_folder(name).await,
            IN_DATABASE => Ok(Self::in_database(name, database)),
            other => Err(StorageError::Other(format!(
                "this version of the app does not know where \"{other}\" is, the place of its files"
            ))),
        }
    }

    /// Files in the origin private file system, in the folder of this name.
    ///
    /// # Errors
    /// [`StorageError::Denied`] where the browser has no such system, other [`StorageError`]s where it fails.
    pub async fn in_folder(name: &str) -> Result<Self, StorageError> {
        Ok(Self::at(name, Place::Folder(Folder::open(name).await?)))
    }

    /// Files in the database. The name is that of the right to write.
    #[must_use]
    pub fn in_database(name: &str, database: Rc<Database>) -> Self {
        Self::at(name, Place::Database(database))
    }

    fn at(name: &str, place: Place) -> Self {
        Self {
            lock: format!("{name}/data"),
            place: SendWrapper::new(Rc::new(place)),
            exclusive: SendWrapper::new(Rc::default()),
        }
    }

    /// Takes the folder of this name away with all that is in it.
    ///
    /// # Errors
    /// [`StorageError`] where the browser refuses, as it does while a file in it is being written.
    pub async fn delete_folder(name: &str) -> Result<(), StorageError> {
        Folder::delete(name).await
    }
}

/// Where files go that have no place yet.
async fn first_place(name: &str, database: &Database) -> Result<&'static str, StorageError> {
    // Earlier versions of the app wrote no place down, and began with a commit.
    let was_used = !catalog::is_new(database).await?;
    if was_used && !list(database).await?.is_empty() {
        return Ok(IN_DATABASE);
    }
    match Folder::open(name).await {
        Ok(_) => Ok(IN_FOLDER),
        Err(StorageError::Denied(_)) => Ok(IN_DATABASE),
        // Nothing is stored yet, so nothing can be left behind.
        Err(StorageError::Passing(_)) if !was_used => Ok(IN_DATABASE),
        Err(error) => Err(error),
    }
}

impl Files for BrowserFiles {
    fn write<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Boxed<'a, Result<(), FilesError>> {
        Box::pin(SendWrapper::new(async move {
            if !is_file_name(name) {
                return Err(FilesError::Name(name.to_owned()));
            }
            let (place, exclusive, file) = (
                Rc::clone(&self.place),
                Rc::clone(&self.exclusive),
                name.to_owned(),
            );
            task::finish(async move {
                let _guard = exclusive.lock().await;
                match &*place {
                    Place::Folder(folder) => folder.write(&file, &bytes).await,
                    Place::Database(database) => write(database, &file, &bytes).await,
                }
            })
            .await
            .map_err(|error| error.of_file(name))
        }))
    }

    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<u8>, FilesError>> {
        Box::pin(SendWrapper::new(async move {
            if !is_file_name(name) {
                return Err(FilesError::Missing(name.to_owned()));
            }
            match &**self.place {
                Place::Folder(folder) => folder.read(name).await,
                Place::Database(database) => read(database, name).await,
            }
            .map_err(|error| error.of_file(name))
        }))
    }

    fn remove<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<(), FilesError>> {
        Box::pin(SendWrapper::new(async move {
            if !is_file_name(name) {
                return Ok(());
            }
            let _guard = self.exclusive.lock().await;
            match &**self.place {
                Place::Folder(folder) => folder.remove(name).await,
                Place::Database(database) => remove(database, name).await,
            }
            .map_err(|error| error.of_file(name))
        }))
    }

    fn set_aside<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<String, FilesError>> {
        Box::pin(SendWrapper::new(async move {
            if !is_file_name(name) {
                return Err(FilesError::Missing(name.to_owned()));
            }
            let _guard = self.exclusive.lock().await;
            match &**self.place {
                Place::Folder(folder) => folder.set_aside(name).await,
                Place::Database(database) => set_aside(database, name).await,
            }
            .map_err(|error| error.of_file(name))
        }))
    }

    fn list(&self) -> Boxed<'_, Result<Vec<String>, FilesError>> {
        Box::pin(SendWrapper::new(async move {
            let mut names = match &**self.place {
                Place::Folder(folder) => folder.list().await,
                Place::Database(database) => list(database).await,
            }
            .map_err(|error| FilesError::Unavailable(error.to_string()))?;
            // What was set aside has a name that no file can have.
            names.retain(|name| is_file_name(name));
            Ok(names)
        }))
    }

    fn try_lock(&self) -> Boxed<'_, Result<Option<WriteGuard>, FilesError>> {
        Box::pin(SendWrapper::new(async move {
            lock::attempt(&self.lock)
                .await
                .map(|held| held.map(WriteGuard::new))
                .map_err(|error| FilesError::Unavailable(error.to_string()))
        }))
    }
}

async fn write(database: &Database, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
    let transaction = database.write(&[FILES]).await?;
    let value = Uint8Array::from(bytes);
    answer(
        &transaction
            .store(FILES)?
            .put_with_key(&value, &name.into())?,
    )
    .await?;
    transaction.done().await
}

async fn read(database: &Database, name: &str) -> Result<Vec<u8>, StorageError> {
    let transaction = database.read(&[FILES]).await?;
    answer(&transaction.store(FILES)?.get(&name.into())?)
        .await?
        .dyn_into::<Uint8Array>()
        .map(|bytes| bytes.to_vec())
        .map_err(|_| StorageError::NotFound)
}

async fn remove(database: &Database, name: &str) -> Result<(), StorageError> {
    let transaction = database.write(&[FILES]).await?;
    answer(&transaction.store(FILES)?.delete(&name.into())?).await?;
    transaction.done().await
}

async fn set_aside(database: &Database, name: &str) -> Result<String, StorageError> {
    let transaction = database.write(&[FILES]).await?;
    let files = transaction.store(FILES)?;
    let bytes = answer(&files.get(&name.into())?).await?;
    if bytes.is_undefined() {
        return Err(StorageError::NotFound);
    }
    let mut number = 1;
    let aside = loop {
        let aside = aside_name(name, number);
        if answer(&files.get_key(&aside.as_str().into())?)
            .await?
            .is_undefined()
        {
            break aside;
        }
        number += 1;
    };
    answer(&files.put_with_key(&bytes, &aside.as_str().into())?).await?;
    answer(&files.delete(&name.into())?).await?;
    transaction.done().await?;
    Ok(format!("\"{aside}\" in the database of this site"))
}

async fn list(database: &Database) -> Result<Vec<String>, StorageError> {
    let transaction = database.read(&[FILES]).await?;
    let names: js_sys::Array = answer(&transaction.store(FILES)?.get_all_keys()?)
        .await?
        .unchecked_into();
    Ok(names
        .iter()
        .filter_map(|name: JsValue| name.as_string())
        .collect())
}
