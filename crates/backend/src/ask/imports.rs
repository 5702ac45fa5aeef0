//! Files of events and users coming in.
//!
//! A file is read while it arrives; what of it is taken stands in memory until the last line was read, then the store is
//! built, written to files of its own, and the manifest put in place that names them, together with the import's report.
//! Before that commit nothing of an import can be seen; after it everything is there, whatever happens.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::Stream;
use segments_import::{Imported, Importer, Known, Limits, SAMPLE_BYTES};
use segments_model::import::{Import, ImportKind, ImportOptions, Inspection};
use segments_model::limits::{IMPORT_DAYS, MAX_IMPORTS};
use segments_model::project::DataSource;
use segments_model::sort::sort_by;

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::data_store::{self, Manifest};
use crate::ask::import_jobs::{Ended, Job, Phase, cancelled};
use crate::ask::part_files::PartFiles;
use crate::ask::principal::{Action, Principal};
use crate::error::Error;
use crate::store::imports::StoredImport;
use crate::store::library::{parse, write};
use crate::store::removals;
use crate::{CatalogError, Change, Collection, WriteGuard};

/// A file as it comes in.
pub trait Upload: Stream<Item = Result<Bytes, Error>> + Send + Unpin {}

impl<S: Stream<Item = Result<Bytes, Error>> + Send + Unpin> Upload for S {}

// ---- what comes in

/// What a file looks like, of which no more than the beginning is read.
///
/// # Errors
/// [`Error::Meaningless`] where it is none that can be imported, and those of the upload.
pub async fn inspect(upload: &mut impl Upload) -> Result<Inspection, Error> {
    let mut start: Vec<u8> = Vec::new();
    while start.len() < SAMPLE_BYTES
        && let Some(bytes) = upload.try_next().await?
    {
        start.extend_from_slice(&bytes);
    }
    segments_import::inspect(&start).map_err(refused)
}

fn refused(error: segments_import::ImportError) -> Error {
    Error::Meaningless(error.to_string())
}

/// What became of a file.
pub struct Taken {
    /// Whether it was taken in now, and not before.
    pub is_new: bool,
    pub import: Import,
}

/// Takes a file in, of `total` bytes where that is known, unless an import of this id is stored already.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Meaningless`], [`Error::Busy`], [`Error::NotNow`], [`Error::Full`],
/// [`Error::Unavailable`], [`Error::Broken`], and those of the upload.
pub async fn put(
    backend: &Arc<Backend>,
    principal: &Principal,
    id: &str,
    options: ImportOptions,
    total: Option<u64>,
    upload: &mut impl Upload,
) -> Result<Taken, Error> {
    principal.may(Action::ChangeData)?;
    let taken = take(backend, id, options, total, upload).await?;
    if taken.is_new && backend.imports.count() {
        backend.clean_soon();
    }
    backend.clean_when_due();
    Ok(taken)
}

async fn take(
    backend: &Arc<Backend>,
    id: &str,
    options: ImportOptions,
    total: Option<u64>,
    upload: &mut impl Upload,
) -> Result<Taken, Error> {
    const LONGEST: usize = 100;
    if id.is_empty()
        || id.len() > LONGEST
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return Err(Error::Meaningless(format!(
            "an import's id has 1 to {LONGEST} of the characters A-Z, a-z, 0-9, - and _"
        )));
    }
    if let Some(stored) = stored(backend, id).await? {
        return Ok(Taken {
            is_new: false,
            import: stored.shown(id),
        });
    }
    let (abort, registration) = AbortHandle::new_pair();
    let job = Arc::new(Job {
        total,
        bytes: AtomicU64::new(0),
        lines: AtomicU64::new(0),
        state: Mutex::new(Phase::Reading),
        is_cancelled: AtomicBool::new(false),
        reading: abort,
    });
    backend.imports.begin(id, &job)?;
    let _ended = Ended(&job);
    let outcome =
        match Abortable::new(take_rows(backend, &job, options, upload), registration).await {
            Ok(Ok(rows)) => store_apart(backend, id, &job, rows).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Err(cancelled()),
        };
    match outcome {
        Ok(stored) => {
            backend.imports.jobs().remove(id);
            Ok(Taken {
                is_new: true,
                import: stored.shown(id),
            })
        }
        Err(error) => {
            job.end(&error);
            Err(error)
        }
    }
}

/// A file that was read, with what it is to be added to.
struct Rows {
    context: RequestContext,
    base: Option<Arc<Data>>,
    /// What of the data could not be read: parts of the base or, where there is none, all of it.
    damage: Option<String>,
    imported: Imported,
    guard: WriteGuard,
}

async fn take_rows(
    backend: &Backend,
    job: &Job,
    options: ImportOptions,
    upload: &mut impl Upload,
) -> Result<Rows, Error> {
    let guard = backend.write_guard().await?;
    let context = backend.context().await?;
    let zone = backend.zone_param(&context, None)?;
    // A first file takes the place of the demo; further ones are added to it.
    let (base, damage) = match backend.data(&context).await {
        Ok(data) => {
            let damaged: Vec<String> = data.damaged();
            let damage = (!damaged.is_empty()).then(|| damaged.join("; "));
            let is_imported = data.source() == DataSource::Imported;
            (is_imported.then_some(data), damage)
        }
        Err(Error::Damaged { what }) => (None, Some(what)),
        Err(error) => return Err(error),
    };
    let known: Known = match (&base, options.kind) {
        (None, _) => Known::new(),
        (Some(data), ImportKind::Events) => data.schema().event_properties.clone(),
        (Some(data), ImportKind::Users) => data.schema().user_properties.clone(),
    };
    let mut importer = Importer::new(options, &zone, known, Limits::default()).map_err(refused)?;
    while let Some(bytes) = upload.try_next().await? {
        /// About how many bytes are read in a few milliseconds.
        const SLICE: usize = 256 * 1024;
        for slice in bytes.chunks(SLICE) {
            importer.push(slice).map_err(refused)?;
            let progress = importer.progress();
            job.bytes.store(progress.bytes, Ordering::Relaxed);
            job.lines.store(progress.lines, Ordering::Relaxed);
            backend.host.pause().await;
        }
    }
    job.enter(Phase::Building)?;
    let imported = importer.finish().map_err(refused)?;
    Ok(Rows {
        context,
        base,
        damage,
        imported,
        guard,
    })
}

/// Stores what was read in a task of its own: a commit must not be dropped half-way with the request that asked for it.
async fn store_apart(
    backend: &Arc<Backend>,
    id: &str,
    job: &Arc<Job>,
    rows: Rows,
) -> Result<StoredImport, Error> {
    let (send, receive) = futures_channel::oneshot::channel();
    let (task_backend, task_id, task_job) = (Arc::clone(backend), id.to_owned(), Arc::clone(job));
    backend.host.spawn(Box::pin(async move {
        let outcome = store(&task_backend, &task_id, &task_job, rows).await;
        if let Err(error) = &outcome {
            task_job.end(error);
        } else {
            task_backend.imports.jobs().remove(&task_id);
        }
        // Where nobody waits any more the outcome can still be asked for.
        drop(send.send(outcome));
    }));
    receive
        .await
        .unwrap_or_else(|_| Err(Error::Unavailable("the backend is stopping".to_owned())))
}

async fn store(backend: &Backend, id: &str, job: &Job, rows: Rows) -> Result<StoredImport, Error> {
    let Rows {
        context,
        base,
        damage,
        imported,
        // Held to the end: nobody else may write meanwhile, or take the files for left over.
        guard: _guard,
    } = rows;
    let had_base = base.is_some();
    let base = base.as_ref().map(|data| data.snapshot());
    let mut loading = backend.data_store.engine().load(base)?;
    backend.host.pause().await;
    loading
        .push(&imported.batch)
        .map_err(|error| Error::Meaningless(error.to_string()))?;
    let snapshot = loading.finish().await?;

    let version = backend.new_id();
    let rejects = (imported.rejects.count() > 0).then(|| format!("rejects-{version}"));
    let files = backend.data_store.files();
    let parts = PartFiles::begin(
        &backend.library,
        &*files,
        removals::IMPORTED,
        version.clone(),
        &*snapshot,
        rejects.clone(),
    )
    .await?;
    let outcome = async {
        parts
            .write(&*snapshot, || job.enter(Phase::Building))
            .await?;
        if let Some(file) = &rejects {
            let csv = imported.rejects.to_csv().into_bytes();
            files.write(file, csv).await?;
        }
        let stored = StoredImport {
            bytes: job.bytes.load(Ordering::Relaxed),
            lines: job.lines.load(Ordering::Relaxed),
            at: Some(backend.host.now()),
            report: imported.report,
            rejects,
            detail: damage.as_deref().map(|what| damage_detail(what, had_base)),
        };
        let manifest = Manifest::Imported {
            version: version.clone(),
            blobs: parts.blobs().clone(),
        };
        let replaced = data_store::manifest_files(&context.library)?;
        // What is damaged may still be of use to somebody: no record says that it may go.
        let (aside, removed) = match damage {
            None => (Vec::new(), replaced),
            Some(_) => (replaced, Vec::new()),
        };
        let changes = vec![
            data_store::put_manifest(&context.library, &manifest)?,
            Change::Put {
                collection: Collection::Imports,
                id: id.to_owned(),
                expected: None,
                unique: None,
                body: write(&stored)?,
            },
            parts.replace(removed.clone())?,
        ];
        job.enter(Phase::Committing)?;
        Ok((
            stored,
            aside,
            removed,
            backend.library.commit(changes).await,
        ))
    }
    .await;
    match outcome {
        Ok((stored, aside, removed, commit)) => {
            if commit.is_ok() {
                backend.data_store.keep_imported(version, snapshot);
                for file in &aside {
                    removals::set_aside(&*files, &*backend.host, file).await;
                }
            }
            parts.clear(Some(&commit), &removed).await;
            match commit {
                Ok(_) => Ok(stored),
                Err(CatalogError::Conflict { .. } | CatalogError::Taken { .. }) => {
                    Err(Error::NotNow(
                        "the data changed during the import: import the file again".to_owned(),
                    ))
                }
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => {
            parts.clear(None, &[]).await;
            Err(error)
        }
    }
}

/// What becomes of data that could not be read, whole or in parts, when a file was added to the rest of it.
fn damage_detail(what: &str, had_base: bool) -> String {
    if had_base {
        format!(
            "parts of the earlier data could not be read and were removed: {what}. Their files were set aside"
        )
    } else {
        format!(
            "the earlier data could not be read, because {what}. This import replaced it, and its remaining files were set aside"
        )
    }
}

// ---- what is asked

async fn stored(backend: &Backend, id: &str) -> Result<Option<StoredImport>, Error> {
    let record = backend
        .library
        .catalog()
        .get(Collection::Imports, id)
        .await?;
    record.as_ref().map(parse).transpose()
}

fn missing(id: &str) -> Error {
    Error::NotFound {
        what: "import",
        id: id.to_owned(),
    }
}

/// An import.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unavailable`], [`Error::Broken`]; so of the others.
pub async fn read(backend: &Backend, id: &str) -> Result<Import, Error> {
    let job = backend.imports.job(id);
    // The record wins: an import is forgotten only after its record is there.
    match (stored(backend, id).await?, job) {
        (Some(stored), _) => Ok(stored.shown(id)),
        (None, Some(job)) => Ok(job.shown(id)),
        (None, None) => Err(missing(id)),
    }
}

/// Cancels; nothing of it stays.
///
/// # Errors
/// [`Error::Forbidden`], and [`Error::NotNow`] where it is too late.
pub async fn cancel(backend: &Backend, principal: &Principal, id: &str) -> Result<(), Error> {
    principal.may(Action::ChangeData)?;
    match backend.imports.job(id) {
        Some(job) => job.cancel(),
        None if stored(backend, id).await?.is_some() => Err(Error::NotNow(
            "the import is complete: there is nothing to cancel".to_owned(),
        )),
        None => Err(missing(id)),
    }
}

/// The lines that were refused, as CSV.
///
/// # Errors
/// [`Error::NotNow`] where it is not complete.
pub async fn rejects(backend: &Backend, id: &str) -> Result<Vec<u8>, Error> {
    let Some(stored) = stored(backend, id).await? else {
        return Err(match backend.imports.job(id) {
            Some(_) => Error::NotNow("the import is not complete".to_owned()),
            None => missing(id),
        });
    };
    match stored.rejects {
        Some(file) => Ok(backend.data_store.files().read(&file).await?),
        None => Ok(b"line,reason,text\r\n".to_vec()),
    }
}

/// Forgets the imports that are too many or of too long ago, and removes the files of their refused lines.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn forget(backend: &Backend) -> Result<(), Error> {
    const DAY_MILLIS: i64 = 86_400_000;
    let first = backend
        .host
        .now()
        .saturating_add_millis(-IMPORT_DAYS * DAY_MILLIS);
    let mut records = backend.library.catalog().all(Collection::Imports).await?;
    sort_by(&mut records, |a, b| b.revision.cmp(&a.revision));
    let (mut changes, mut rejects) = (Vec::new(), Vec::new());
    for (number, record) in records.into_iter().enumerate() {
        let stored: StoredImport = parse(&record)?;
        if number < MAX_IMPORTS && stored.at.is_none_or(|at| at > first) {
            continue;
        }
        rejects.extend(stored.rejects);
        changes.push(Change::Delete {
            collection: Collection::Imports,
            id: record.id,
            expected: record.revision,
        });
    }
    if changes.is_empty() {
        return Ok(());
    }
    let id = backend.new_id();
    changes.push(removals::put(&id, None, rejects.clone())?);
    match backend.library.commit(changes).await {
        Ok(revision) => {
            let files = backend.data_store.files();
            removals::carry_out(&backend.library, &*files, &id, revision, &rejects).await;
            Ok(())
        }
        // Whoever was quicker has forgotten them too.
        Err(CatalogError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
