//! Files that may be removed, and files of which nobody knows whether they may.
//!
//! Before an import writes files that no record names, it puts a record here that does; the commit that makes the import
//! happen changes that record to name the files that it replaces. So whatever a record here names, and the manifest does
//! not, is certainly not needed, and whenever the program ends nothing is left that no record knows. Files that are there
//! all the same belong to another catalog than this one, and are set aside.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::library::{Library, parse, write};
use crate::{CatalogError, Change, Collection, Files, FilesError, Host};

/// What the names of files begin with that hold imported data.
pub const IMPORTED: &str = "store-";
/// What the names of files begin with that hold the demo, which can always be made anew.
pub const DEMO: &str = "demo-";
/// What the names of files begin with that a record has to name.
const RECORDED: [&str; 3] = [IMPORTED, DEMO, "rejects-"];

/// Files that may be removed.
#[derive(Serialize, Deserialize)]
struct Removal {
    files: Vec<String>,
}

/// The change that puts a record of files that may be removed, in the place of the one at the revision `expected`.
///
/// # Errors
/// [`Error::Broken`] where it cannot be written.
pub fn put(id: &str, expected: Option<u64>, files: Vec<String>) -> Result<Change, Error> {
    Ok(Change::Put {
        collection: Collection::Removals,
        id: id.to_owned(),
        expected,
        unique: None,
        body: write(&Removal { files })?,
    })
}

/// Removes the files that the record of this id and revision names, then the record. What cannot be removed now is removed
/// at the next start.
pub async fn carry_out(
    library: &Library,
    files: &dyn Files,
    id: &str,
    revision: u64,
    names: &[String],
) {
    for name in names {
        if files.remove(name).await.is_err() {
            return;
        }
    }
    let change = Change::Delete {
        collection: Collection::Removals,
        id: id.to_owned(),
        expected: revision,
    };
    drop(library.commit(vec![change]).await);
}

/// What the manifest says about the files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// There is no manifest.
    None,
    /// Files that it names are missing: it may be an older one than the files.
    Doubtful,
    /// All files that it names are there.
    Full,
}

/// Removes what may be removed, and sets aside what the catalog does not know. `kept` are the files that it needs. Whoever
/// calls it holds the right to write, so that it never meets the files of an import under way.
///
/// # Errors
/// [`Error::CatalogLost`] where there is data but no manifest: nothing is changed then. [`Error::Unavailable`],
/// [`Error::Broken`]
pub async fn tidy(
    library: &Library,
    files: &dyn Files,
    host: &dyn Host,
    trust: Trust,
    kept: &BTreeSet<String>,
) -> Result<(), Error> {
    let records = library.catalog().all(Collection::Removals).await?;
    let mut may_go = BTreeSet::new();
    for record in &records {
        may_go.extend(parse::<Removal>(record)?.files);
    }
    let mut left = files.list().await?;
    left.retain(|file| {
        RECORDED.iter().any(|prefix| file.starts_with(prefix)) && !kept.contains(file)
    });
    if trust == Trust::None {
        let mut unknown = left
            .iter()
            .filter(|file| file.starts_with(IMPORTED) && !may_go.contains(*file));
        if let Some(file) = unknown.next() {
            return Err(Error::CatalogLost {
                file: file.clone(),
                files: unknown.count() + 1,
            });
        }
    }
    for file in left {
        let may_go = trust == Trust::Full && may_go.contains(&file);
        if may_go || file.starts_with(DEMO) {
            files.remove(&file).await?;
        } else {
            set_aside(files, host, &file).await;
        }
    }
    if !records.is_empty() {
        let changes = records
            .into_iter()
            .map(|record| Change::Delete {
                collection: Collection::Removals,
                id: record.id,
                expected: record.revision,
            })
            .collect();
        match library.commit(changes).await {
            // Whoever has taken a record away has removed its files too.
            Ok(_) | Err(CatalogError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Sets a file aside, and says so. One that cannot be moved stays where it is, where it is in nobody's way.
pub async fn set_aside(files: &dyn Files, host: &dyn Host, file: &str) {
    match files.set_aside(file).await {
        Ok(place) => host.warn(&format!(
            "the catalog does not know the file \"{file}\": it was set aside and is now {place}"
        )),
        Err(FilesError::Missing(_)) => {}
        Err(error) => host.warn(&format!(
            "the catalog does not know the file \"{file}\", and it cannot be set aside: {error}"
        )),
    }
}
