//! The versions of segments: as they were after each change, with who changed what, and when.
//!
//! Each is a record of its own, put in the commit that makes the change. Versions from before they were kept are not
//! there; the current one of these is kept when it is changed for the first time.

use segments_model::Instant;
use segments_model::list::Page;
use segments_model::segment::{Person, SegmentKind};
use segments_model::version::{SegmentField, SegmentVersion};

use crate::ask::backend::Backend;
use crate::ask::cursor::{Pages, fingerprint};
use crate::ask::words;
use crate::error::Error;
use crate::store::library::{Entry, LibrarySnapshot, Stored, parse, write};
use crate::store::user_sets::{UserSet, put_members};
use crate::store::versions::{FoundMembers, StoredVersion};
use crate::{Change, Collection};

impl StoredVersion {
    fn new(
        segment: &Stored,
        author: Person,
        changed: Vec<SegmentField>,
        members: Option<FoundMembers>,
    ) -> Self {
        Self {
            at: segment.updated_at,
            author,
            changed,
            name: segment.name.clone(),
            description: segment.description.clone(),
            category: segment.category.clone(),
            kind: segment.kind,
            definition: segment.definition.clone(),
            time_zone: segment.time_zone.clone(),
            members,
        }
    }

    fn shown(&self, library: &LibrarySnapshot, version: u64) -> SegmentVersion {
        SegmentVersion {
            version,
            at: self.at,
            author: self.author.clone(),
            changed: self.changed.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            category: self.category.clone(),
            kind: self.kind,
            time_zone: self.time_zone.clone(),
            definition: self.definition.clone(),
            sentence: words::sentence(library, &self.definition),
            members_as_of: self.members.map(|members| members.as_of),
        }
    }
}

/// The id of the record of a version, and of that of members that are a version's and no longer the segment's.
fn record_id(id: &str, version: u64) -> String {
    format!("{id}/{version}")
}

async fn read(backend: &Backend, id: &str, version: u64) -> Result<Option<StoredVersion>, Error> {
    let id = record_id(id, version);
    let catalog = backend.library.catalog();
    let record = catalog.get(Collection::Versions, &id).await?;
    record.as_ref().map(parse).transpose()
}

async fn put(
    backend: &Backend,
    id: &str,
    number: u64,
    version: &StoredVersion,
) -> Result<Change, Error> {
    let id = record_id(id, number);
    Ok(Change::Put {
        collection: Collection::Versions,
        expected: backend.revision(Collection::Versions, &id).await?,
        id,
        unique: None,
        body: write(version)?,
    })
}

/// The version that a segment from before versions were kept is at.
fn from_before(library: &LibrarySnapshot, entry: &Entry) -> StoredVersion {
    let segment = &entry.segment;
    let found = library.found(&entry.id).map(|found| found.value.as_of);
    let members = (segment.kind == SegmentKind::Static).then(|| FoundMembers {
        version: segment.version,
        as_of: found.unwrap_or(segment.updated_at),
    });
    StoredVersion::new(segment, segment.creator.clone(), Vec::new(), members)
}

/// All versions of a segment that are kept with their numbers, the newest first. There is at least one.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn all(
    backend: &Backend,
    library: &LibrarySnapshot,
    entry: &Entry,
) -> Result<Vec<(u64, StoredVersion)>, Error> {
    let mut versions = Vec::new();
    for number in (1..=entry.segment.version).rev() {
        match read(backend, &entry.id, number).await? {
            Some(version) => versions.push((number, version)),
            None => break,
        }
    }
    if versions.is_empty() {
        versions.push((entry.segment.version, from_before(library, entry)));
    }
    Ok(versions)
}

/// The members that a static segment had in a version; none where they are not stored.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn members(
    backend: &Backend,
    id: &str,
    found: FoundMembers,
) -> Result<Option<UserSet>, Error> {
    match backend
        .user_sets
        .members(&record_id(id, found.version))
        .await?
    {
        // Those of the current version are the segment's.
        None => backend.user_sets.members(id).await,
        earlier => Ok(earlier),
    }
}

/// The change that keeps the first version of a segment; `found_at` is the instant that its members were found for.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn first(
    backend: &Backend,
    id: &str,
    segment: &Stored,
    found_at: Instant,
) -> Result<Change, Error> {
    let members = (segment.kind == SegmentKind::Static).then_some(FoundMembers {
        version: segment.version,
        as_of: found_at,
    });
    let version = StoredVersion::new(segment, segment.creator.clone(), Vec::new(), members);
    put(backend, id, segment.version, &version).await
}

/// The changes that keep the next version of a segment, which is the author's, and what the one before has that is about to
/// go; `found_at` is the instant that it was evaluated for, where it was.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn next(
    backend: &Backend,
    library: &LibrarySnapshot,
    entry: &Entry,
    segment: &Stored,
    author: Person,
    found_at: Option<Instant>,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let number = entry.segment.version;
    let before = match read(backend, &entry.id, number).await? {
        Some(before) => before,
        None => {
            let before = from_before(library, entry);
            changes.push(put(backend, &entry.id, number, &before).await?);
            before
        }
    };
    let members = match (segment.kind, found_at) {
        (SegmentKind::Dynamic, _) => None,
        (SegmentKind::Static, Some(as_of)) => Some(FoundMembers {
            version: segment.version,
            as_of,
        }),
        (SegmentKind::Static, None) => before.members,
    };
    if let Some(found) = before.members
        && members != before.members
        && let Some(kept) = backend.user_sets.members(&entry.id).await?
    {
        let id = record_id(&entry.id, found.version);
        let expected = backend.members_revision(&id).await?;
        changes.push(put_members(&id, expected, &kept.stored)?);
    }
    let changed = changed(&before, segment, found_at);
    let version = StoredVersion::new(segment, author, changed, members);
    changes.push(put(backend, &entry.id, segment.version, &version).await?);
    Ok(changes)
}

fn changed(
    before: &StoredVersion,
    segment: &Stored,
    found_at: Option<Instant>,
) -> Vec<SegmentField> {
    let is_static = before.kind == SegmentKind::Static && segment.kind == SegmentKind::Static;
    [
        (SegmentField::Name, before.name != segment.name),
        (
            SegmentField::Description,
            before.description != segment.description,
        ),
        (SegmentField::Category, before.category != segment.category),
        (SegmentField::Kind, before.kind != segment.kind),
        (
            SegmentField::Definition,
            before.definition != segment.definition,
        ),
        (
            SegmentField::TimeZone,
            before.time_zone != segment.time_zone,
        ),
        (SegmentField::Members, is_static && found_at.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, is_changed)| is_changed.then_some(field))
    .collect()
}

/// The changes that take away all versions of a segment, and the members that they had.
///
/// # Errors
/// [`Error::Unavailable`]
pub async fn purge(backend: &Backend, entry: &Entry) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for number in (1..=entry.segment.version).rev() {
        let id = record_id(&entry.id, number);
        let records = [Collection::Versions, Collection::Members];
        let before = changes.len();
        for collection in records {
            if let Some(expected) = backend.revision(collection, &id).await? {
                changes.push(Change::Delete {
                    collection,
                    id: id.clone(),
                    expected,
                });
            }
        }
        if changes.len() == before {
            break;
        }
    }
    Ok(changes)
}

/// A page of a segment's versions, the newest first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Deleted`], [`Error::Meaningless`], [`Error::Malformed`], [`Error::CursorGone`],
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn list(
    backend: &Backend,
    id: &str,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<SegmentVersion>, Error> {
    let context = backend.context().await?;
    let limit = backend.page(limit)?;
    let entry = context.library.entry(id)?;
    let versions = all(backend, &context.library, entry).await?;
    let pages = Pages {
        as_of: context.now,
        question: fingerprint([b"versions", id.as_bytes()]),
        data: fingerprint([entry.segment.version.to_string().as_bytes()]),
    };
    pages.page(&versions, limit, cursor, |(number, version)| {
        version.shown(&context.library, *number)
    })
}
