//! Sets of users by their ids, kept in files: the members of static segments, and uploaded lists.
//!
//! A record of the catalog names the file, which is written before the commit that puts the record and is never changed.
//! Several records may name one file: a copy of a segment has its members, and so has the version before a change. A file
//! that no record names is removed at a start once it is older than a day, as whoever has written it may not have
//! committed yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use segments_model::Instant;
use segments_model::limits::USER_LIST_KEPT_MILLIS;
use segments_model::query::Query;
use segments_model::walk::Outline;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::files::is_file_name;
use crate::store::library::{Library, LibrarySnapshot, parse, write};
use crate::store::versions::StoredVersion;
use crate::{CatalogError, Change, Collection, Files, Host, Record};
use segments_engine_api::StepTimer;

/// What the names of the files begin with.
const PREFIX: &str = "members-";
/// What the names of the files begin with that hold a set as the engine has it, for one version of the data. They only save
/// time: no record names them, and without one the ids are looked up.
const BITMAP: &str = "bitmap-";
/// Fewer users than this are looked up as quickly as they are read.
const BITMAP_FROM: u64 = 5_000;
/// What the files begin with.
const MAGIC: [u8; 8] = *b"userids1";
/// How long a file may wait for the commit that names it, in milliseconds.
const UNNAMED_MILLIS: i64 = 86_400_000;
/// How many ids are worked on before others have their turn.
pub const TURN: usize = 10_000;

/// Users as a record says where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StoredUsers {
    File {
        /// Its name.
        file: String,
        /// How many users there are.
        users: u64,
        /// How large the file is.
        bytes: u64,
    },
    /// In the record itself, as they were stored at first.
    Inline { ids: Vec<String> },
}

/// An uploaded list of users as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredList {
    /// The users, each once, those that the data does not have included.
    #[serde(flatten)]
    pub users: StoredUsers,
    /// How many ids stood there once more.
    pub duplicate: u64,
    /// When it was uploaded; none: before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

impl StoredUsers {
    /// How many users there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::File { users, .. } => *users,
            Self::Inline { ids } => ids.len() as u64,
        }
    }

    /// How many bytes they take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Self::File { bytes, .. } => *bytes,
            Self::Inline { ids } => ids.iter().map(|id| id.len() as u64 + 4).sum(),
        }
    }

    fn file(&self) -> Option<&str> {
        match self {
            Self::File { file, .. } => Some(file),
            Self::Inline { .. } => None,
        }
    }
}

/// A stored set of users that can be read.
#[derive(Clone)]
pub struct UserSet {
    /// Where they are.
    pub stored: StoredUsers,
    /// The same for the same users.
    key: String,
    files: Arc<dyn Files>,
}

impl UserSet {
    /// The same for the same users, and for no others.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The users' ids.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`] where they are not there or cannot be read.
    pub async fn ids(&self) -> Result<Ids, Error> {
        match &self.stored {
            StoredUsers::File { file, .. } => Ids::decode(self.files.read(file).await?)
                .ok_or_else(|| Error::Broken(format!("the file \"{file}\" is damaged"))),
            StoredUsers::Inline { ids } => Ok(Ids::encode(ids.iter().map(String::as_str))),
        }
    }
}

impl UserSet {
    /// What was kept of it for a version of the data; none where nothing was, or cannot be read.
    pub async fn bitmap(&self, version: &str) -> Option<Vec<u8>> {
        let file = self.bitmap_file(version)?;
        self.files.read(&file).await.ok()
    }

    /// Keeps the set as the engine has it for a version of the data. Where there is no room for it, it is not kept.
    pub async fn keep_bitmap(&self, version: &str, bytes: Vec<u8>) {
        if let Some(file) = self.bitmap_file(version) {
            // One that is damaged may be there.
            drop(self.files.remove(&file).await);
            drop(self.files.write(&file, bytes).await);
        }
    }

    /// Whether the set is so large that it is worth keeping as the engine has it.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.stored.len() >= BITMAP_FROM
    }

    fn bitmap_file(&self, version: &str) -> Option<String> {
        let set = self.stored.file()?.strip_prefix(PREFIX)?;
        let file = format!("{BITMAP}{version}.{set}");
        (self.is_large() && is_file_name(&file)).then_some(file)
    }
}

/// Whether a file holds a set for another version of the data than this one, or a set that is not among these files.
fn is_old_bitmap(file: &str, version: &str, sets: &BTreeSet<String>) -> bool {
    let Some(rest) = file.strip_prefix(BITMAP) else {
        return false;
    };
    rest.rsplit_once('.')
        .is_none_or(|(of, set)| of != version || !sets.contains(&format!("{PREFIX}{set}")))
}

/// Ids of users, one after the other as in the file: how many there are, and each with its length before it.
pub struct Ids(Vec<u8>);

impl Ids {
    fn encode<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        let mut bytes = MAGIC.to_vec();
        for id in ids {
            // An id has at most some thousand bytes.
            bytes.extend_from_slice(&u32::try_from(id.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(id.as_bytes());
        }
        Self(bytes)
    }

    /// None where it is not what [`encode`](Self::encode) writes.
    fn decode(bytes: Vec<u8>) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MAGIC)?;
        while !rest.is_empty() {
            let (id, after) = Self::first(rest)?;
            std::str::from_utf8(id).ok()?;
            rest = after;
        }
        Some(Self(bytes))
    }

    fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let (length, rest) = bytes.split_first_chunk()?;
        rest.split_at_checked(u32::from_le_bytes(*length) as usize)
    }

    /// The ids, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.0.get(MAGIC.len()..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (id, after) = Self::first(rest)?;
            rest = after;
            std::str::from_utf8(id).ok()
        })
    }
}

/// The users that records and their files hold.
pub struct UserSets {
    library: Arc<Library>,
    files: Arc<dyn Files>,
    host: Arc<dyn Host>,
}

impl UserSets {
    /// The sets that the records of a library name.
    #[must_use]
    pub fn new(library: Arc<Library>, files: Arc<dyn Files>, host: Arc<dyn Host>) -> Self {
        Self {
            library,
            files,
            host,
        }
    }

    fn user_set(&self, record: &Record, stored: StoredUsers) -> UserSet {
        let key = match stored.file() {
            Some(file) => file.to_owned(),
            None => format!(
                "{} {} {}",
                record.collection.name(),
                record.id,
                record.revision
            ),
        };
        UserSet {
            stored,
            key,
            files: Arc::clone(&self.files),
        }
    }

    /// The members of a static segment, by its id, or those that an earlier version of it had, by the id of the version.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn members(&self, id: &str) -> Result<Option<UserSet>, Error> {
        let record = self.library.catalog().get(Collection::Members, id).await?;
        record
            .map(|record| Ok(self.user_set(&record, parse(&record)?)))
            .transpose()
    }

    /// An uploaded list with its record.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn list(&self, id: &str) -> Result<Option<(StoredList, UserSet)>, Error> {
        let record = self.library.catalog().get(Collection::Lists, id).await?;
        record
            .map(|record| {
                let list: StoredList = parse(&record)?;
                let users = self.user_set(&record, list.users.clone());
                Ok((list, users))
            })
            .transpose()
    }

    /// Whether there is an uploaded list.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn has_list(&self, id: &str) -> Result<bool, Error> {
        let record = self.library.catalog().get(Collection::Lists, id).await?;
        Ok(record.is_some())
    }

    /// Uploaded lists by their ids.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn lists(
        &self,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, UserSet>, Error> {
        let mut lists = BTreeMap::new();
        for id in ids {
            if lists.contains_key(&id) {
                continue;
            }
            let list = self.list(&id).await?;
            let (_, users) =
                list.ok_or_else(|| Error::Broken(format!("the list \"{id}\" is not stored")))?;
            lists.insert(id, users);
        }
        Ok(lists)
    }

    /// Writes users to a file of their own, for a record to name.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`]
    pub async fn write(&self, ids: &[String]) -> Result<StoredUsers, Error> {
        // The name tells when it was written, so that a start can leave alone what is about to be named.
        let (now, random) = (self.host.now().millis().max(0), self.host.random());
        let file = format!("{PREFIX}{now:x}-{random:032x}");
        let Ids(bytes) = Ids::encode(ids.iter().map(String::as_str));
        let length = bytes.len() as u64;
        self.files.write(&file, bytes).await?;
        Ok(StoredUsers::File {
            file,
            users: ids.len() as u64,
            bytes: length,
        })
    }

    /// Moves users out of records into files, takes lists away that nothing uses, and removes files that nothing names, or that
    /// are of another version of the data.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn tidy(&self, version: &str) -> Result<(), Error> {
        self.move_users_to_files().await?;
        self.remove_unused_lists().await?;
        let files: BTreeSet<String> = self.files.list().await?.into_iter().collect();
        self.remove_unnamed_files(&files).await?;
        self.remove_old_bitmaps(version, &files).await
    }

    /// A bitmap that outlives its set by one start is taken away by the next.
    async fn remove_old_bitmaps(
        &self,
        version: &str,
        files: &BTreeSet<String>,
    ) -> Result<(), Error> {
        for file in files {
            if is_old_bitmap(file, version, files) {
                self.files.remove(file).await?;
            }
        }
        Ok(())
    }

    /// Users stood in the records themselves at first, to be read whole whenever one of them was asked for.
    async fn move_users_to_files(&self) -> Result<(), Error> {
        let mut timer = StepTimer::begin(self.host.as_ref());
        for collection in [Collection::Members, Collection::Lists] {
            for record in self.library.catalog().all(collection).await? {
                let list = match collection {
                    Collection::Lists => Some(parse::<StoredList>(&record)?),
                    _ => None,
                };
                let users = match &list {
                    Some(list) => list.users.clone(),
                    None => parse(&record)?,
                };
                let StoredUsers::Inline { ids } = users else {
                    continue;
                };
                let users = self.write(&ids).await?;
                let body = match list {
                    Some(list) => write(&StoredList {
                        users,
                        at: Some(list.at.unwrap_or_else(|| self.host.now())),
                        ..list
                    })?,
                    None => write(&users)?,
                };
                let change = Change::Put {
                    collection,
                    id: record.id,
                    expected: Some(record.revision),
                    unique: None,
                    body,
                };
                self.commit_or_leave(vec![change]).await?;
                timer.yield_if_due().await;
            }
        }
        Ok(())
    }

    /// Takes away the lists that were uploaded longer than a day ago and that no definition uses: neither of a segment that
    /// can still be brought back, nor of an earlier version, nor of the query that a segment was made from.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn remove_unused_lists(&self) -> Result<(), Error> {
        // Read before anything is looked at: whoever comes to use one of the lists meanwhile is in the way of the commit.
        let library = self.library.snapshot().await?;
        let catalog = self.library.catalog();
        let now = self.host.now();
        let mut unused: BTreeMap<String, u64> = BTreeMap::new();
        for record in catalog.all(Collection::Lists).await? {
            let list: StoredList = parse(&record)?;
            let until = |at: Instant| at.saturating_add_millis(USER_LIST_KEPT_MILLIS);
            if list.at.is_some_and(|at| until(at) <= now) {
                unused.insert(record.id, record.revision);
            }
        }
        for id in used_lists(&library) {
            unused.remove(&id);
        }
        if unused.is_empty() {
            return Ok(());
        }
        let mut timer = StepTimer::begin(self.host.as_ref());
        for record in catalog.all(Collection::Versions).await? {
            let version: StoredVersion = parse(&record)?;
            for list in Outline::from(&version.definition).lists {
                unused.remove(&list.id);
            }
            timer.yield_if_due().await;
        }
        let mut changes: Vec<Change> = unused
            .into_iter()
            .map(|(id, expected)| Change::Delete {
                collection: Collection::Lists,
                id,
                expected,
            })
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        changes.push(library.touch_references());
        self.commit_or_leave(changes).await
    }

    /// Removes the files that no record names, unless they are so new that one may be about to. Where a file is missing
    /// that a record names, or where no record names any, the records may not be those that belong to the files: then
    /// nothing is removed.
    async fn remove_unnamed_files(&self, files: &BTreeSet<String>) -> Result<(), Error> {
        let found: BTreeSet<&String> = files
            .iter()
            .filter(|file| file.starts_with(PREFIX))
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        let named = self.named_user_files().await?;
        if named.is_empty() || !named.is_subset(files) {
            return Ok(());
        }
        let now = self.host.now();
        for file in found.into_iter().filter(|file| !named.contains(*file)) {
            if written_at(file).is_some_and(|at| at.saturating_add_millis(UNNAMED_MILLIS) <= now) {
                self.files.remove(file).await?;
            }
        }
        Ok(())
    }

    /// The files of users that records name.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Broken`]
    pub async fn named_user_files(&self) -> Result<BTreeSet<String>, Error> {
        let catalog = self.library.catalog();
        let mut named = BTreeSet::new();
        for record in catalog.all(Collection::Members).await? {
            named.extend(parse::<StoredUsers>(&record)?.file().map(str::to_owned));
        }
        for record in catalog.all(Collection::Lists).await? {
            let list: StoredList = parse(&record)?;
            named.extend(list.users.file().map(str::to_owned));
        }
        Ok(named)
    }

    /// Commits what somebody else may do as well.
    async fn commit_or_leave(&self, changes: Vec<Change>) -> Result<(), Error> {
        match self.library.commit(changes).await {
            Ok(_) | Err(CatalogError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The change that stores the members of a static segment.
///
/// # Errors
/// [`Error::Broken`]
pub fn put_members(
    id: &str,
    expected: Option<u64>,
    members: &StoredUsers,
) -> Result<Change, Error> {
    Ok(Change::Put {
        collection: Collection::Members,
        id: id.to_owned(),
        expected,
        unique: None,
        body: write(members)?,
    })
}

/// The lists that segments use, and the queries that they were made from.
fn used_lists(library: &LibrarySnapshot) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for entry in library.all() {
        used.extend(entry.lists.iter().cloned());
        let origin = entry.segment.origin.as_ref();
        let query = origin.and_then(|origin| Query::deserialize(&origin.query).ok());
        let lists = query.map(|query| Outline::from(&query).lists);
        used.extend(lists.into_iter().flatten().map(|list| list.id));
    }
    used
}

/// When a file was written, as its name tells.
fn written_at(file: &str) -> Option<Instant> {
    let (millis, _) = file.strip_prefix(PREFIX)?.split_once('-')?;
    Instant::from_millis(i64::from_str_radix(millis, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{Ids, StoredList, StoredUsers};

    #[test]
    fn ids_are_read_as_they_were_written() {
        let ids = ["ann", "", "zoë\nline", "a".repeat(1_000).as_str()].map(str::to_owned);
        let Ids(bytes) = Ids::encode(ids.iter().map(String::as_str));
        let read = Ids::decode(bytes.clone()).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), ids);
        assert_eq!(Ids::encode([].into_iter()).iter().count(), 0);
        for broken in [
            &bytes[..bytes.len() - 1],
            &bytes[1..],
            b"userids1\x01\0\0\0\xff",
            b"",
        ] {
            assert!(Ids::decode(broken.to_vec()).is_none());
        }
    }

    #[test]
    fn records_from_before_there_were_files_are_read() {
        let list: StoredList =
            serde_json::from_str(r#"{"ids": ["a", "b"], "duplicate": 3}"#).unwrap();
        assert_eq!((list.users.len(), list.duplicate, list.at), (2, 3, None));
        let users: StoredUsers =
            serde_json::from_str(r#"{"file": "members-1-2", "users": 5, "bytes": 60}"#).unwrap();
        assert_eq!((users.len(), users.bytes()), (5, 60));
    }
}
