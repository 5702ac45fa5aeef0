//! IndexedDB as futures, by hand: the dozen calls that are needed here.
//!
//! A transaction ends by itself as soon as nobody asks anything of it, so between its requests nothing else may be waited
//! for.

use std::{cell::RefCell, future::IntoFuture as _, rc::Rc};

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbIndexParameters, IdbObjectStoreParameters, IdbOpenDbRequest, IdbRequest,
    IdbTransaction,
};

pub(crate) use web_sys::{IdbKeyRange, IdbObjectStore};

use crate::storage::{StorageError, scope};

/// The catalog's records: `{collection, id, revision, unique?, body}` under `[collection, id]`.
pub(crate) const RECORDS: &str = "records";
/// Numbers and texts about the whole database under their names.
pub(crate) const NUMBERS: &str = "numbers";
/// Files, where there is no file system for them: bytes under their names.
pub(crate) const FILES: &str = "files";

/// Raised when the stores below change; a database of a greater version belongs to a newer app.
const VERSION: u32 = 1;

#[wasm_bindgen]
extern "C" {
    /// A database whose transactions can say how durable they are to be, which `web-sys` does not offer yet.
    #[wasm_bindgen(extends = IdbDatabase)]
    type DurableDatabase;

    #[wasm_bindgen(catch, method)]
    fn transaction(
        this: &DurableDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}

/// A named database; it is opened when it is first used, and again when the browser has closed it.
pub struct Database {
    name: String,
    connection: Rc<RefCell<Option<IdbDatabase>>>,
}

impl Database {
    /// Opens the database of this name, and creates it where there is none.
    ///
    /// # Errors
    /// [`StorageError`] where the browser has no IndexedDB for this page, or another version of the app holds it.
    pub async fn open(name: &str) -> Result<Self, StorageError> {
        let database = Self {
            name: name.to_owned(),
            connection: Rc::default(),
        };
        database.connect().await?;
        Ok(database)
    }

    /// Deletes the database of this name with all that is in it; every open one is closed by this.
    ///
    /// # Errors
    /// [`StorageError`] where the browser refuses.
    pub async fn delete(name: &str) -> Result<(), StorageError> {
        let request = factory()?.delete_database(name)?;
        answer(&request).await?;
        Ok(())
    }

    async fn connect(&self) -> Result<IdbDatabase, StorageError> {
        if let Some(connection) = &*self.connection.borrow() {
            return Ok(connection.clone());
        }
        let request = factory()?.open_with_u32(&self.name, VERSION)?;
        let upgrade = Closure::once({
            let request = request.clone();
            move |_: JsValue| create_stores(&request)
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let opened = Promise::new(&mut |resolve, reject| {
            request.set_onsuccess(Some(&resolve));
            request.set_onerror(Some(&reject));
            request.set_onblocked(Some(&reject));
        });
        if JsFuture::from(opened).await.is_err() {
            return Err(request
                .error()
                // No error, but also not done: it is blocked.
                .map_or(StorageError::Blocked, |error| {
                    error.map_or(StorageError::Blocked, |error| {
                        StorageError::from(JsValue::from(error))
                    })
                }));
        }
        let connection: IdbDatabase = request.result()?.unchecked_into();
        self.let_go(&connection);
        *self.connection.borrow_mut() = Some(connection.clone());
        Ok(connection)
    }

    /// Lets go of the connection when a newer version of the app, or somebody who deletes the database, waits for that,
    /// and when the browser itself has closed it.
    fn let_go(&self, connection: &IdbDatabase) {
        let slot = Rc::clone(&self.connection);
        let forget = Closure::<dyn Fn(JsValue)>::new(move |_| {
            if let Some(connection) = slot.take() {
                connection.close();
            }
        })
        .into_js_value();
        let forget: &Function = forget.unchecked_ref();
        connection.set_onversionchange(Some(forget));
        connection.set_onclose(Some(forget));
    }

    /// A text about the whole database.
    pub(crate) async fn text(&self, key: &str) -> Result<Option<String>, StorageError> {
        let transaction = self.read(&[NUMBERS]).await?;
        let text = answer(&transaction.store(NUMBERS)?.get(&key.into())?).await?;
        Ok(text.as_string())
    }

    /// The same, put there where there is none yet.
    pub(crate) async fn text_or(&self, key: &str, text: &str) -> Result<String, StorageError> {
        let transaction = self.write(&[NUMBERS]).await?;
        let numbers = transaction.store(NUMBERS)?;
        if let Some(there) = answer(&numbers.get(&key.into())?).await?.as_string() {
            return Ok(there);
        }
        answer(&numbers.put_with_key(&text.into(), &key.into())?).await?;
        transaction.done().await?;
        Ok(text.to_owned())
    }

    /// Starts a transaction that only reads.
    pub(crate) async fn read(&self, stores: &[&str]) -> Result<Transaction, StorageError> {
        self.start(stores, "readonly").await
    }

    /// Starts a transaction that writes; its writes are on disk when it is done.
    pub(crate) async fn write(&self, stores: &[&str]) -> Result<Transaction, StorageError> {
        self.start(stores, "readwrite").await
    }

    async fn start(&self, stores: &[&str], mode: &str) -> Result<Transaction, StorageError> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let stores: Array = stores
            .iter()
            .map(|store| JsValue::from_str(store))
            .collect();
        let begin = |connection: IdbDatabase| {
            connection
                .unchecked_into::<DurableDatabase>()
                .transaction(&stores, mode, &options)
        };
        let transaction = match begin(self.connect().await?) {
            Ok(transaction) => transaction,
            // The connection was closed, and its `close` event has not come yet.
            Err(_) => {
                self.connection.take();
                begin(self.connect().await?)?
            }
        };
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        Ok(Transaction {
            done: Some(done.into_future()),
            transaction,
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.set_onversionchange(None);
            connection.set_onclose(None);
            connection.close();
        }
    }
}

/// A transaction; dropped before it is [done](Transaction::done) nothing of it stays.
pub(crate) struct Transaction {
    transaction: IdbTransaction,
    done: Option<JsFuture>,
}

impl Transaction {
    /// A store that it was started for.
    pub(crate) fn store(&self, name: &str) -> Result<IdbObjectStore, StorageError> {
        Ok(self.transaction.object_store(name)?)
    }

    /// Waits until all that was asked of it is on disk.
    pub(crate) async fn done(mut self) -> Result<(), StorageError> {
        let Some(done) = self.done.take() else {
            return Ok(());
        };
        if done.await.is_err() {
            return Err(self.transaction.error().map_or_else(
                || StorageError::Other("the transaction was aborted".to_owned()),
                |error| StorageError::from(JsValue::from(error)),
            ));
        }
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.done.is_some() {
            // Refused when it has aborted by itself, which is as good.
            let _ = self.transaction.abort();
        }
    }
}

/// Waits for a request's result.
pub(crate) async fn answer(request: &IdbRequest) -> Result<JsValue, StorageError> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    if JsFuture::from(answered).await.is_err()
        && let Some(error) = request.error()?
    {
        return Err(JsValue::from(error).into());
    }
    Ok(request.result()?)
}

fn factory() -> Result<web_sys::IdbFactory, StorageError> {
    scope()?
        .indexed_db()
        .ok()
        .flatten()
        .ok_or(StorageError::Denied("IndexedDB"))
}

fn create_stores(request: &IdbOpenDbRequest) -> Result<(), JsValue> {
    let database: IdbDatabase = request.result()?.unchecked_into();
    let key = IdbObjectStoreParameters::new();
    key.set_key_path(&Array::of2(&"collection".into(), &"id".into()));
    let records = database.create_object_store_with_optional_parameters(RECORDS, &key)?;
    let unique = IdbIndexParameters::new();
    unique.set_unique(true);
    // Records without the text are not in it.
    records.create_index_with_str_sequence_and_optional_parameters(
        "unique",
        &Array::of2(&"collection".into(), &"unique".into()),
        &unique,
    )?;
    database.create_object_store(NUMBERS)?;
    database.create_object_store(FILES)?;
    Ok(())
}
