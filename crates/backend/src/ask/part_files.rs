//! The files that a version of the data is written into, before a manifest names them.

use std::collections::BTreeMap;

use segments_engine_api::Snapshot;
use segments_model::sort::map_of;

use crate::error::Error;
use crate::store::library::Library;
use crate::store::removals;
use crate::{CatalogError, Change, Files};

/// Files that are being written. A record says from the beginning that they may be removed; the commit that puts the
/// manifest in place has that record name the files that it replaces.
pub struct PartFiles<'a> {
    library: &'a Library,
    files: &'a dyn Files,
    /// The record, and its revision.
    id: String,
    revision: u64,
    /// Names of files by the names of the parts that go into them.
    blobs: BTreeMap<String, String>,
    /// The file of what else belongs to this version.
    other: Option<String>,
}

impl<'a> PartFiles<'a> {
    /// Names files for the parts of the data, all of which begin with `prefix` and have the id in them, and puts the record
    /// down, which names another file too. Whoever calls it holds the right to write.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn begin(
        library: &'a Library,
        files: &'a dyn Files,
        prefix: &str,
        id: String,
        snapshot: &dyn Snapshot,
        other: Option<String>,
    ) -> Result<Self, Error> {
        let parts = snapshot.part_names().into_iter().enumerate();
        let blobs = map_of(parts.map(|(number, part)| (part, format!("{prefix}{id}-{number}"))));
        let names = blobs.values().chain(&other).cloned().collect();
        let record = removals::put(&id, None, names)?;
        let revision = library.commit(vec![record]).await?;
        Ok(Self {
            library,
            files,
            id,
            revision,
            blobs,
            other,
        })
    }

    /// Names of files by the names of the parts that go into them.
    #[must_use]
    pub const fn blobs(&self) -> &BTreeMap<String, String> {
        &self.blobs
    }

    /// Writes the parts, one after another. Before each of them `go_on` can end it.
    ///
    /// # Errors
    /// Those of `go_on`, [`Error::Full`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn write(
        &self,
        snapshot: &dyn Snapshot,
        go_on: impl Fn() -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (part, bytes) in snapshot.parts() {
            go_on()?;
            let file = self.blobs.get(&part).ok_or_else(|| {
                Error::Broken(format!("the blob \"{part}\" has no file to go into"))
            })?;
            self.files.write(file, bytes).await?;
        }
        Ok(())
    }

    /// The change that belongs into the commit of the manifest: from then on these files may be removed instead.
    ///
    /// # Errors
    /// [`Error::Broken`] where it cannot be written.
    pub fn replace(&self, replaced: Vec<String>) -> Result<Change, Error> {
        removals::put(&self.id, Some(self.revision), replaced)
    }

    /// Removes what nobody needs: after the commit of this number the files that it replaced; after a commit that somebody
    /// else was quicker than, or without any, those that were written. Whether a commit was made that failed otherwise
    /// nobody knows: the next start sees which files the manifest names.
    pub async fn clear(self, commit: Option<&Result<u64, CatalogError>>, replaced: &[String]) {
        match commit {
            Some(Ok(revision)) => {
                removals::carry_out(self.library, self.files, &self.id, *revision, replaced).await;
            }
            None | Some(Err(CatalogError::Conflict { .. } | CatalogError::Taken { .. })) => {
                let written: Vec<String> = self.blobs.into_values().chain(self.other).collect();
                let (library, files) = (self.library, self.files);
                removals::carry_out(library, files, &self.id, self.revision, &written).await;
            }
            Some(Err(CatalogError::Unavailable(_))) => {}
        }
    }
}
