//! Imports as they are stored.

use std::collections::BTreeSet;

use segments_model::Instant;
use segments_model::import::{Import, ImportReport, ImportStatus};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::library::parse;
use crate::{Catalog, Collection};

/// An import that is stored.
#[derive(Serialize, Deserialize)]
pub struct StoredImport {
    /// How many bytes the file had.
    pub bytes: u64,
    /// How many lines it had.
    pub lines: u64,
    /// When it was stored; of earlier versions of the program none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// What was taken of it and what was refused.
    pub report: ImportReport,
    /// The file of the refused lines.
    pub rejects: Option<String>,
    /// What else is to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl StoredImport {
    /// As it is answered.
    #[must_use]
    pub fn shown(self, id: &str) -> Import {
        Import {
            id: id.to_owned(),
            status: ImportStatus::Complete,
            bytes_read: self.bytes,
            bytes_total: Some(self.bytes),
            lines: self.lines,
            report: Some(self.report),
            detail: self.detail,
        }
    }
}

/// The files of refused lines that are kept.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn kept_files(catalog: &dyn Catalog) -> Result<BTreeSet<String>, Error> {
    let mut kept = BTreeSet::new();
    for record in catalog.all(Collection::Imports).await? {
        kept.extend(parse::<StoredImport>(&record)?.rejects);
    }
    Ok(kept)
}
