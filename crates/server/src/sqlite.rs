//! The catalog in SQLite.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params,
};
use segments_backend::{Boxed, Catalog, CatalogError, Change, Collection, Record};

use crate::ServerError;

/// The version of the tables.
const VERSION: i64 = 1;
/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

const TABLES: &str = "
    CREATE TABLE records (
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        unique_text TEXT,
        body TEXT NOT NULL,
        PRIMARY KEY (collection, id)
    ) STRICT;
    CREATE UNIQUE INDEX records_unique ON records (collection, unique_text) WHERE unique_text IS NOT NULL;
    CREATE TABLE commits (number INTEGER NOT NULL) STRICT;
    INSERT INTO commits VALUES (0);
    PRAGMA user_version = 1;
";

/// Keeps records in a SQLite database. Several processes may open the same one.
///
/// Readers do not wait for writers: the journal is a write-ahead log, and reading has a connection of its own. A commit is
/// on the disk when it returns.
pub struct SqliteCatalog {
    reader: Arc<Mutex<Connection>>,
    writer: Arc<Mutex<Connection>>,
}

impl SqliteCatalog {
    /// Opens a database, and makes it where there is none.
    ///
    /// # Errors
    /// When it cannot be opened, or was made by a later version.
    pub fn open(path: &Path) -> Result<Self, ServerError> {
        let failed = |error| ServerError::Catalog {
            path: path.to_owned(),
            error,
        };
        let mut writer = connect(path).map_err(failed)?;
        let version = prepare(&mut writer).map_err(failed)?;
        if version != VERSION {
            return Err(ServerError::CatalogVersion {
                path: path.to_owned(),
                found: version,
                known: VERSION,
            });
        }
        let reader = connect(path).map_err(failed)?;
        Ok(Self {
            reader: Arc::new(Mutex::new(reader)),
            writer: Arc::new(Mutex::new(writer)),
        })
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Makes the tables where there are none; the version of those that are there.
fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = |transaction: &Transaction<'_>| {
        transaction.pragma_query_value(None, "user_version", |row| row.get(0))
    };
    if version(&transaction)? == 0_i64 {
        transaction.execute_batch(TABLES)?;
    }
    let version = version(&transaction)?;
    transaction.commit()?;
    Ok(version)
}

/// Runs blocking work with a connection on a thread for such work.
fn with<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    work: impl FnOnce(&mut Connection) -> Result<T, CatalogError> + Send + 'static,
) -> Boxed<'static, Result<T, CatalogError>> {
    let connection = Arc::clone(connection);
    let task = tokio::task::spawn_blocking(move || {
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection)
    });
    Box::pin(async move { task.await.unwrap_or_else(|error| Err(unavailable(error))) })
}

fn unavailable(error: impl std::fmt::Display) -> CatalogError {
    CatalogError::Unavailable(error.to_string())
}

fn number(value: i64) -> u64 {
    value.unsigned_abs()
}

impl Catalog for SqliteCatalog {
    fn generation(&self) -> Boxed<'_, Result<u64, CatalogError>> {
        with(&self.reader, |connection| {
            connection
                .prepare_cached("SELECT number FROM commits")
                .and_then(|mut query| query.query_row([], |row| row.get(0)))
                .map(number)
                .map_err(unavailable)
        })
    }

    fn get<'a>(
        &'a self,
        collection: Collection,
        id: &'a str,
    ) -> Boxed<'a, Result<Option<Record>, CatalogError>> {
        let id = id.to_owned();
        with(&self.reader, move |connection| {
            connection
                .prepare_cached(
                    "SELECT revision, unique_text, body FROM records WHERE collection = ?1 AND id = ?2",
                )
                .and_then(|mut query| {
                    query
                        .query_row(params![collection.name(), id], |row| {
                            Ok(Record {
                                collection,
                                id: id.clone(),
                                revision: number(row.get(0)?),
                                unique: row.get(1)?,
                                body: row.get(2)?,
                            })
                        })
                        .optional()
                })
                .map_err(unavailable)
        })
    }

    fn all(&self, collection: Collection) -> Boxed<'_, Result<Vec<Record>, CatalogError>> {
        with(&self.reader, move |connection| {
            connection
                .prepare_cached(
                    "SELECT id, revision, unique_text, body FROM records WHERE collection = ?1 ORDER BY id",
                )
                .and_then(|mut query| {
                    query
                        .query_map([collection.name()], |row| {
                            Ok(Record {
                                collection,
                                id: row.get(0)?,
                                revision: number(row.get(1)?),
                                unique: row.get(2)?,
                                body: row.get(3)?,
                            })
                        })?
                        .collect()
                })
                .map_err(unavailable)
        })
    }

    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<u64, CatalogError>> {
        with(&self.writer, move |connection| {
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(unavailable)?;
            let revision = apply(&transaction, changes)?;
            transaction.commit().map_err(unavailable)?;
            Ok(revision)
        })
    }
}

fn apply(transaction: &Transaction<'_>, changes: Vec<Change>) -> Result<u64, CatalogError> {
    // All records are taken away before any is put, so that texts can change hands within a commit.
    for change in &changes {
        let (collection, id) = change.target();
        let found: Option<i64> = transaction
            .prepare_cached(
                "DELETE FROM records WHERE collection = ?1 AND id = ?2 RETURNING revision",
            )
            .and_then(|mut query| {
                query
                    .query_row(params![collection.name(), id], |row| row.get(0))
                    .optional()
            })
            .map_err(unavailable)?;
        if found.map(number) != change.expected() {
            return Err(CatalogError::Conflict {
                collection,
                id: id.to_owned(),
            });
        }
    }
    let revision: i64 = transaction
        .prepare_cached("UPDATE commits SET number = number + 1 RETURNING number")
        .and_then(|mut query| query.query_row([], |row| row.get(0)))
        .map_err(unavailable)?;
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
        transaction
            .prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5)")
            .and_then(|mut query| {
                query.execute(params![collection.name(), id, revision, unique, body])
            })
            .map_err(|error| match (error.sqlite_error_code(), unique) {
                (Some(ErrorCode::ConstraintViolation), Some(unique)) => {
                    CatalogError::Taken { collection, unique }
                }
                _ => unavailable(error),
            })?;
    }
    Ok(number(revision))
}
