//! The catalog in IndexedDB.

use js_sys::{Array, Object, Reflect};
use segments_backend::{Boxed, Catalog, CatalogError, Change, Collection, Record};
use send_wrapper::SendWrapper;
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::{
    database::{Database, IdbKeyRange, IdbObjectStore, NUMBERS, RECORDS, answer},
    storage::StorageError,
    task,
};

/// The key of the number of the last commit.
const GENERATION: &str = "generation";

/// Keeps records in an IndexedDB [`Database`].
///
/// Each commit is one transaction that compares and swaps, and the browser runs those that write one after the other,
/// whichever tab they are from.
pub struct IndexedDbCatalog(SendWrapper<Rc<Database>>);

impl IndexedDbCatalog {
    /// A catalog in this database.
    #[must_use]
    pub fn new(database: Rc<Database>) -> Self {
        Self(SendWrapper::new(database))
    }
}

impl Catalog for IndexedDbCatalog {
    fn generation(&self) -> Boxed<'_, Result<u64, CatalogError>> {
        Box::pin(SendWrapper::new(async {
            let transaction = self.0.read(&[NUMBERS]).await?;
            Ok(generation(&transaction.store(NUMBERS)?).await?)
        }))
    }

    fn get<'a>(
        &'a self,
        collection: Collection,
        id: &'a str,
    ) -> Boxed<'a, Result<Option<Record>, CatalogError>> {
        Box::pin(SendWrapper::new(async move {
            let transaction = self.0.read(&[RECORDS]).await?;
            Ok(find(&transaction.store(RECORDS)?, collection, id).await?)
        }))
    }

    fn all(&self, collection: Collection) -> Boxed<'_, Result<Vec<Record>, CatalogError>> {
        Box::pin(SendWrapper::new(async move {
            let transaction = self.0.read(&[RECORDS]).await?;
            Ok(all(&transaction.store(RECORDS)?, collection).await?)
        }))
    }

    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<u64, CatalogError>> {
        let database = Rc::clone(&self.0);
        Box::pin(SendWrapper::new(async move {
            // In a task of its own nothing comes between its requests, whoever polls this future, and however late.
            task::finish(async move {
                let transaction = database.write(&[RECORDS, NUMBERS]).await?;
                let number = apply(
                    &transaction.store(RECORDS)?,
                    &transaction.store(NUMBERS)?,
                    &changes,
                )
                .await?;
                transaction.done().await?;
                Ok(number)
            })
            .await
        }))
    }
}

/// Compares and swaps; an error leaves the transaction to be dropped, and with it all that was done so far.
async fn apply(
    records: &IdbObjectStore,
    numbers: &IdbObjectStore,
    changes: &[Change],
) -> Result<u64, CatalogError> {
    for change in changes {
        let (collection, id) = change.target();
        let stored = find(records, collection, id).await?;
        if stored.map(|record| record.revision) != change.expected() {
            return Err(CatalogError::Conflict {
                collection,
                id: id.to_owned(),
            });
        }
    }
    // All old records go before any new one comes: the unique index is judged with every single put.
    for change in changes {
        if change.expected().is_some() {
            let (collection, id) = change.target();
            let request = records.delete(&key(collection, id)).map_err(storage)?;
            answer(&request).await?;
        }
    }
    let number = generation(numbers).await? + 1;
    for change in changes {
        let Change::Put {
            collection,
            id,
            unique,
            body,
            ..
        } = change
        else {
            continue;
        };
        let entry = entry(*collection, id, number, unique.as_deref(), body).map_err(storage)?;
        let request = records.put(&entry).map_err(storage)?;
        match (answer(&request).await, unique) {
            (Err(StorageError::Constraint), Some(unique)) => {
                return Err(CatalogError::Taken {
                    collection: *collection,
                    unique: unique.clone(),
                });
            }
            (outcome, _) => outcome?,
        };
    }
    let request = numbers
        .put_with_key(&to_number(number), &GENERATION.into())
        .map_err(storage)?;
    answer(&request).await?;
    Ok(number)
}

fn storage(error: JsValue) -> CatalogError {
    StorageError::from(error).into()
}

/// Whether nothing was ever committed to a database.
pub(crate) async fn is_new(database: &Database) -> Result<bool, StorageError> {
    let transaction = database.read(&[NUMBERS]).await?;
    Ok(generation(&transaction.store(NUMBERS)?).await? == 0)
}

async fn generation(numbers: &IdbObjectStore) -> Result<u64, StorageError> {
    Ok(from_number(
        &answer(&numbers.get(&GENERATION.into())?).await?,
    ))
}

async fn find(
    records: &IdbObjectStore,
    collection: Collection,
    id: &str,
) -> Result<Option<Record>, StorageError> {
    let entry = answer(&records.get(&key(collection, id))?).await?;
    (!entry.is_undefined())
        .then(|| record(collection, &entry))
        .transpose()
}

async fn all(
    records: &IdbObjectStore,
    collection: Collection,
) -> Result<Vec<Record>, StorageError> {
    let name = JsValue::from_str(collection.name());
    // An array is greater than any text.
    let range = IdbKeyRange::bound(&Array::of1(&name), &Array::of2(&name, &Array::new()))?;
    let entries: Array = answer(&records.get_all_with_key(&range)?)
        .await?
        .unchecked_into();
    entries
        .iter()
        .map(|entry| record(collection, &entry))
        .collect()
}

fn key(collection: Collection, id: &str) -> JsValue {
    Array::of2(&collection.name().into(), &id.into()).into()
}

fn entry(
    collection: Collection,
    id: &str,
    revision: u64,
    unique: Option<&str>,
    body: &str,
) -> Result<JsValue, JsValue> {
    let entry = Object::new();
    let put = |name: &str, value: JsValue| Reflect::set(&entry, &name.into(), &value);
    put("collection", collection.name().into())?;
    put("id", id.into())?;
    put("revision", to_number(revision))?;
    if let Some(unique) = unique {
        put("unique", unique.into())?;
    }
    put("body", body.into())?;
    Ok(entry.into())
}

fn record(collection: Collection, entry: &JsValue) -> Result<Record, StorageError> {
    let field = |name: &str| Reflect::get(entry, &name.into());
    let text = |name: &str| -> Result<String, StorageError> {
        field(name)?
            .as_string()
            .ok_or_else(|| StorageError::Other(format!("a stored record without its \"{name}\"")))
    };
    Ok(Record {
        collection,
        id: text("id")?,
        revision: from_number(&field("revision")?),
        unique: field("unique")?.as_string(),
        body: text("body")?,
    })
}

/// JavaScript's numbers are exact for as many commits as anybody will make.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn to_number(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "written by `to_number`"
)]
fn from_number(value: &JsValue) -> u64 {
    value.as_f64().map_or(0, |value| value as u64)
}
