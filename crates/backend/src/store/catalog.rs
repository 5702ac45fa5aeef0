//! What is stored: records of JSON, changed by compare-and-swap.

use segments_engine_api::Boxed;

/// Keeps the records of a project.
///
/// Several tabs, or several processes, may use the same stored records at the same time through a `Catalog` each: what one
/// has committed the others see from then on, and of two that change the same record at once only one wins.
pub trait Catalog: Send + Sync + 'static {
    /// The number of the last commit, whoever made it; 0 before the first one. Cheap: asked with every request to find
    /// out whether anything has changed.
    ///
    /// # Errors
    /// [`CatalogError::Unavailable`]
    fn generation(&self) -> Boxed<'_, Result<u64, CatalogError>>;

    /// One record.
    ///
    /// # Errors
    /// [`CatalogError::Unavailable`]
    fn get<'a>(
        &'a self,
        collection: Collection,
        id: &'a str,
    ) -> Boxed<'a, Result<Option<Record>, CatalogError>>;

    /// All records of a collection, by id, as one commit left them.
    ///
    /// # Errors
    /// [`CatalogError::Unavailable`]
    fn all(&self, collection: Collection) -> Boxed<'_, Result<Vec<Record>, CatalogError>>;

    /// Makes all of the changes or none of them, and says the number of this commit, which is greater than that of every
    /// commit before and becomes the [`Record::revision`] of the records put. Durable when it returns.
    ///
    /// The changes name different records. Uniqueness is judged after all of them: one commit may free a text and give it
    /// to another record.
    ///
    /// # Errors
    /// [`CatalogError::Conflict`] where a record is not at the revision that its change expects,
    /// [`CatalogError::Taken`] where another record of the collection has the unique text,
    /// [`CatalogError::Unavailable`]
    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<u64, CatalogError>>;
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    /// The project's name and zone: one record.
    Project,
    /// Which files hold the data: one record, the commit point of an import.
    Data,
    /// Segments, the deleted ones that can be brought back included. Unique: the name without regard to case.
    Segments,
    /// What the last evaluations of segments found, by the segment's id.
    Evaluations,
    /// The members of static segments, by the segment's id, and those that earlier versions had.
    Members,
    /// The versions of segments.
    Versions,
    /// Uploaded lists of users.
    Lists,
    /// Imports that have ended, with their reports.
    Imports,
    Exports,
    /// Answers to requests with an idempotency key.
    Keys,
    /// Files that may be removed: those that no other record names yet, and those that none names any more.
    Removals,
}

impl Collection {
    /// Every collection.
    pub const ALL: [Self; 11] = [
        Self::Project,
        Self::Data,
        Self::Segments,
        Self::Evaluations,
        Self::Members,
        Self::Versions,
        Self::Lists,
        Self::Imports,
        Self::Exports,
        Self::Keys,
        Self::Removals,
    ];

    /// The name to store it under.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Data => "data",
            Self::Segments => "segments",
            Self::Evaluations => "evaluations",
            Self::Members => "members",
            Self::Versions => "versions",
            Self::Lists => "lists",
            Self::Imports => "imports",
            Self::Exports => "exports",
            Self::Keys => "keys",
            Self::Removals => "removals",
        }
    }
}

/// A stored record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The kind of record.
    pub collection: Collection,
    /// Names it within its collection.
    pub id: String,
    /// The number of the commit that put it: no two states of a record, or of records that had its id before, share one.
    pub revision: u64,
    /// A text that no other record of the collection has.
    pub unique: Option<String>,
    /// JSON.
    pub body: String,
}

/// A change of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts a record in place, whole.
    Put {
        /// The kind of record.
        collection: Collection,
        /// Names it within its collection.
        id: String,
        /// The revision that it must be at; none: it must not exist.
        expected: Option<u64>,
        /// A text that no other record of the collection may have.
        unique: Option<String>,
        /// JSON.
        body: String,
    },
    /// Takes a record away.
    Delete {
        /// The kind of record.
        collection: Collection,
        /// Names it within its collection.
        id: String,
        /// The revision that it must be at.
        expected: u64,
    },
}

impl Change {
    /// The collection and id of the record that it changes.
    #[must_use]
    pub fn target(&self) -> (Collection, &str) {
        match self {
            Self::Put { collection, id, .. } | Self::Delete { collection, id, .. } => {
                (*collection, id)
            }
        }
    }

    /// The revision that the record must be at; none: it must not exist.
    #[must_use]
    pub const fn expected(&self) -> Option<u64> {
        match self {
            Self::Put { expected, .. } => *expected,
            Self::Delete { expected, .. } => Some(*expected),
        }
    }
}

/// Why a catalog did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// A record is not at the revision expected: somebody else was quicker.
    #[error("{} \"{id}\" has changed in the meantime", collection.name())]
    Conflict {
        /// The kind of record.
        collection: Collection,
        /// The record's id.
        id: String,
    },
    /// Another record has the unique text.
    #[error("another of {} has \"{unique}\"", collection.name())]
    Taken {
        /// The kind of record.
        collection: Collection,
        /// The text.
        unique: String,
    },
    /// The storage below failed.
    #[error("the catalog cannot be used: {0}")]
    Unavailable(String),
}
