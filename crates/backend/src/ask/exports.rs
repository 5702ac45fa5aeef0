//! Exports: the users of a segment or a definition as a file.
//!
//! An export is worked out beside the requests and written in parts, so that it never stands in memory whole. Until it is
//! complete only the process that works on it knows of it; then its record says which files it is made of, and for how
//! long they are kept.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::{self, Stream};
use segments_model::calendar::Zone;
use segments_model::criterion::SegmentCriterion;
use segments_model::export::{Export, ExportFormat, ExportStatus, NewExport};
use segments_model::problem::{Code, InputError};
use segments_model::{Criterion, Instant};
use serde::{Deserialize, Serialize};

use crate::ask::backend::Backend;
use crate::ask::columns::unknown_columns;
use crate::ask::context::RequestContext;
use crate::ask::creation::Creation;
use crate::ask::export_jobs::{Begun, Job, KEPT_MILLIS, Status};
use crate::ask::principal::{Action, Principal};
use crate::ask::question::{Question, Subject};
use crate::ask::table::Table;
use crate::ask::words;
use crate::error::Error;
use crate::store::library::{parse, write};
use crate::{CatalogError, Change, Collection, Files, FilesError, Host};

/// How many users are written at a time.
const ROWS: usize = 2_000;
/// About how many bytes a part has.
const PART_BYTES: usize = 4 << 20;

/// A complete export.
#[derive(Clone, Serialize, Deserialize)]
struct Complete {
    format: ExportFormat,
    as_of: Instant,
    users: u64,
    expires_at: Instant,
    parts: Vec<Part>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Part {
    file: String,
    bytes: u64,
}

impl Complete {
    fn shown(&self, id: &str) -> Export {
        Export {
            id: id.to_owned(),
            status: ExportStatus::Complete,
            format: self.format,
            as_of: self.as_of,
            written: self.users,
            users: Some(self.users),
            href: None,
            expires_at: Some(self.expires_at),
            detail: None,
        }
    }
}

/// What an export is of.
struct Order {
    criterion: Criterion,
    zone: Zone,
    as_of: Instant,
    format: ExportFormat,
    columns: Vec<String>,
}

/// What becomes of a request for an export.
enum Start<'a> {
    /// It was started before.
    Known(Export),
    /// It is started under this id.
    New(String, Begun<'a>),
}

/// Starts an export. Whoever sends the same once more gets what it has started.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Input`], [`Error::KeyReused`], those of the segments that it refers to,
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn create(
    backend: &Arc<Backend>,
    principal: &Principal,
    new: NewExport,
    creation: &Creation,
) -> Result<Export, Error> {
    principal.may(Action::Export)?;
    let context = backend.context().await?;
    let order = order(backend, &context, new).await?;

    let (work, registration) = AbortHandle::new_pair();
    let job = Arc::new(Job {
        format: order.format,
        as_of: order.as_of,
        written: AtomicU64::new(0),
        users: AtomicU64::new(0),
        state: Mutex::new(Status::Pending),
        is_cancelled: AtomicBool::new(false),
        work,
        storing: futures_util::lock::Mutex::default(),
    });
    let begin = {
        let (backend, job) = (&**backend, &job);
        move |context: RequestContext| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(&backend.library, context.now).await?
                && let Some(export) = find(backend, &id).await?
            {
                return Ok((Vec::new(), Start::Known(export)));
            }
            let id = backend.new_id();
            // Known before its key is: whoever sends the same key meanwhile finds it.
            let begun = backend.exports.begin(&id, job);
            let changes = creation.change(&id, context.now)?.into_iter().collect();
            Ok((changes, Start::New(id, begun)))
        }
    };
    let id = match backend.change(begin).await? {
        Start::New(id, begun) => {
            begun.keep();
            id
        }
        Start::Known(export) => return Ok(export),
    };
    backend.clean_when_due();

    let shown = job.shown(&id);
    let (host, backend) = (Arc::clone(&backend.host), Arc::clone(backend));
    host.spawn(Box::pin(async move {
        let work = Abortable::new(run(&backend, &id, &job, &context, &order), registration);
        let outcome = match work.await {
            Ok(Ok((complete, parts))) => store(&backend, &id, &job, complete, parts).await,
            Ok(Err(error)) => Err(error),
            // Whoever cancelled it has made it unknown.
            Err(_) => return,
        };
        match outcome {
            Ok(()) => drop(backend.exports.jobs().remove(&id)),
            Err(error) => {
                let now = backend.host.now();
                job.set(Status::Failed {
                    detail: error.to_string(),
                    at: now,
                });
                backend.exports.forget(now);
            }
        }
    }));
    Ok(shown)
}

/// What an export is to be of, where everything that it names is there.
async fn order(
    backend: &Backend,
    context: &RequestContext,
    new: NewExport,
) -> Result<Order, Error> {
    let criterion = match (new.segment, new.definition) {
        (Some(id), None) => Criterion::Segment(SegmentCriterion { id, as_of: None }),
        (None, Some(definition)) => definition,
        _ => {
            return Err(Error::input(
                "",
                Code::NotAllowed,
                "give either \"segment\" or \"definition\"",
            ));
        }
    };
    let is_stored = matches!(&criterion, Criterion::Segment(_));
    let mut errors = words::check(&criterion, "/definition");
    let data = backend.data(context).await?;
    errors.extend(unknown_columns(&data, &new.columns));
    if !errors.is_empty() {
        return Err(Error::Input(errors));
    }
    Subject::from(&criterion)
        .check(&backend.user_sets, &context.library, "/definition", None)
        .await
        .map_err(|error| match error {
            Error::Input(errors) if is_stored => Error::Input(
                errors
                    .into_iter()
                    .map(|error| InputError {
                        pointer: "/segment".to_owned(),
                        ..error
                    })
                    .collect(),
            ),
            other => other,
        })?;
    Ok(Order {
        criterion,
        zone: backend.zone(context, new.time_zone.as_deref(), "/time_zone")?,
        as_of: new.as_of.unwrap_or(context.now),
        format: new.format,
        columns: new.columns,
    })
}

/// Files that are removed again unless they are [kept](Parts::keep).
struct Parts {
    files: Arc<dyn Files>,
    host: Arc<dyn Host>,
    parts: Vec<Part>,
}

impl Parts {
    async fn add(&mut self, id: &str, now: Instant, bytes: Vec<u8>) -> Result<(), Error> {
        let part = Part {
            file: file_name(id, now, self.parts.len()),
            bytes: bytes.len() as u64,
        };
        let file = part.file.clone();
        self.parts.push(part);
        Ok(self.files.write(&file, bytes).await?)
    }

    fn keep(mut self) {
        self.parts.clear();
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let files = Arc::clone(&self.files);
        let parts = std::mem::take(&mut self.parts);
        if !parts.is_empty() {
            self.host.spawn(Box::pin(async move {
                for part in parts {
                    // What cannot be removed now is removed as an orphan later.
                    drop(files.remove(&part.file).await);
                }
            }));
        }
    }
}

fn file_name(id: &str, now: Instant, part: usize) -> String {
    format!("export-{}-{id}-{part}", now.millis())
}

async fn run(
    backend: &Backend,
    id: &str,
    job: &Job,
    context: &RequestContext,
    order: &Order,
) -> Result<(Complete, Parts), Error> {
    job.set(Status::Running);
    let data = backend.data(context).await?;
    let question = Question::ask(
        &backend.user_sets,
        &context.library,
        &order.criterion,
        order.zone.clone(),
        order.as_of,
        None,
    )
    .await?;
    let members = data.evaluate(&order.criterion, &question).await?;
    let users = members.len();
    job.users.store(users + 1, Ordering::Relaxed);

    let mut parts = Parts {
        files: backend.data_store.files(),
        host: Arc::clone(&backend.host),
        parts: Vec::new(),
    };
    let mut table = Table::begin(order.format, &order.columns);
    let snapshot = data.snapshot();
    let mut rows = snapshot.rows(&members, &order.columns, order.as_of).await?;
    loop {
        let rows = rows.next(ROWS).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            table.push(row)?;
        }
        job.written.fetch_add(rows.len() as u64, Ordering::Relaxed);
        if table.len() >= PART_BYTES {
            parts.add(id, context.now, table.take()).await?;
        }
        backend.host.pause().await;
    }
    parts.add(id, context.now, table.finish()).await?;

    let complete = Complete {
        format: order.format,
        as_of: order.as_of,
        users,
        expires_at: backend.host.now().saturating_add_millis(KEPT_MILLIS),
        parts: parts.parts.clone(),
    };
    Ok((complete, parts))
}

/// Makes a complete export known to everybody, unless it was cancelled.
async fn store(
    backend: &Backend,
    id: &str,
    job: &Job,
    complete: Complete,
    parts: Parts,
) -> Result<(), Error> {
    let _storing = job.storing.lock().await;
    if job.is_cancelled.load(Ordering::SeqCst) {
        return Ok(());
    }
    let change = Change::Put {
        collection: Collection::Exports,
        id: id.to_owned(),
        expected: None,
        unique: None,
        body: write(&complete)?,
    };
    let outcome = backend.library.commit(vec![change]).await;
    match &outcome {
        // Where nobody knows whether the commit was made the files are left to the cleaning.
        Ok(_) | Err(CatalogError::Unavailable(_)) => parts.keep(),
        Err(CatalogError::Conflict { .. } | CatalogError::Taken { .. }) => drop(parts),
    }
    outcome?;
    Ok(())
}

async fn complete(backend: &Backend, id: &str) -> Result<Option<(u64, Complete)>, Error> {
    let record = backend
        .library
        .catalog()
        .get(Collection::Exports, id)
        .await?;
    let Some(record) = record else {
        return Ok(None);
    };
    let complete: Complete = parse(&record)?;
    if complete.expires_at <= backend.host.now() {
        return Err(Error::Expired(format!(
            "the export expired at {}: start another one",
            complete.expires_at
        )));
    }
    Ok(Some((record.revision, complete)))
}

async fn find(backend: &Backend, id: &str) -> Result<Option<Export>, Error> {
    // The record first: a job ends only after its record is there.
    if let Some((_, complete)) = complete(backend, id).await? {
        return Ok(Some(complete.shown(id)));
    }
    if let Some(job) = backend.exports.job(id) {
        return Ok(Some(job.shown(id)));
    }
    Ok(complete(backend, id)
        .await?
        .map(|(_, complete)| complete.shown(id)))
}

fn missing(id: &str) -> Error {
    Error::NotFound {
        what: "export",
        id: id.to_owned(),
    }
}

/// An export.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Expired`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn read(backend: &Backend, id: &str) -> Result<Export, Error> {
    find(backend, id).await?.ok_or_else(|| missing(id))
}

/// Stops the work, and takes away the file where there is one.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Expired`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn cancel(backend: &Backend, principal: &Principal, id: &str) -> Result<(), Error> {
    principal.may(Action::Export)?;
    let job = backend.exports.jobs().remove(id);
    if let Some(job) = &job {
        job.is_cancelled.store(true, Ordering::SeqCst);
        job.work.abort();
        drop(job.storing.lock().await);
    }
    match complete(backend, id).await? {
        Some((revision, complete)) => remove(backend, id, revision, &complete).await,
        None if job.is_none() => Err(missing(id)),
        None => Ok(()),
    }
}

async fn remove(
    backend: &Backend,
    id: &str,
    revision: u64,
    complete: &Complete,
) -> Result<(), Error> {
    let change = Change::Delete {
        collection: Collection::Exports,
        id: id.to_owned(),
        expected: revision,
    };
    match backend.library.commit(vec![change]).await {
        // Whoever was quicker has removed it too.
        Ok(_) | Err(CatalogError::Conflict { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let files = backend.data_store.files();
    for part in &complete.parts {
        files.remove(&part.file).await?;
    }
    Ok(())
}

/// Takes away the exports that are over, and files of exports that were never completed.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn remove_expired(backend: &Backend) -> Result<(), Error> {
    let now = backend.host.now();
    backend.exports.forget(now);
    let mut kept = std::collections::BTreeSet::new();
    for record in backend.library.catalog().all(Collection::Exports).await? {
        let complete: Complete = parse(&record)?;
        if complete.expires_at <= now {
            remove(backend, &record.id, record.revision, &complete).await?;
        } else {
            kept.extend(complete.parts.into_iter().map(|part| part.file));
        }
    }
    let files = backend.data_store.files();
    for file in files.list().await? {
        let begun = file
            .strip_prefix("export-")
            .and_then(|rest| rest.split('-').next()?.parse::<i64>().ok());
        if begun.is_some_and(|begun| begun.saturating_add(KEPT_MILLIS) <= now.millis())
            && !kept.contains(&file)
        {
            files.remove(&file).await?;
        }
    }
    Ok(())
}

/// The file of a complete export.
pub struct ExportFile {
    pub format: ExportFormat,
    /// How many bytes it has.
    pub length: u64,
    parts: Vec<Part>,
    files: Arc<dyn Files>,
}

/// The file of an export.
///
/// # Errors
/// [`Error::NotNow`] where it is not complete, [`Error::NotFound`], [`Error::Expired`], [`Error::Unavailable`],
/// [`Error::Broken`]
pub async fn file(backend: &Backend, id: &str) -> Result<ExportFile, Error> {
    let Some((_, complete)) = complete(backend, id).await? else {
        return Err(match backend.exports.job(id) {
            Some(_) => Error::NotNow("the export is not complete yet".to_owned()),
            None => missing(id),
        });
    };
    Ok(ExportFile {
        format: complete.format,
        length: complete.parts.iter().map(|part| part.bytes).sum(),
        parts: complete.parts,
        files: backend.data_store.files(),
    })
}

impl ExportFile {
    /// So many of its bytes, read part by part as they are asked for.
    pub fn read(self, range: Range<u64>) -> impl Stream<Item = Result<Bytes, Error>> + Send {
        let mut pieces = Vec::new();
        let mut at = 0;
        for part in self.parts {
            let (from, to) = (range.start.max(at), range.end.min(at + part.bytes));
            if from < to {
                pieces.push((part.file, from - at, to - at));
            }
            at += part.bytes;
        }
        let files = self.files;
        stream::unfold(pieces.into_iter(), move |mut pieces| {
            let files = Arc::clone(&files);
            async move {
                let (file, from, to) = pieces.next()?;
                let piece = files.read(&file).await.and_then(|bytes| {
                    let bytes = Bytes::from(bytes);
                    let (from, to) = (usize::try_from(from), usize::try_from(to));
                    match (from, to) {
                        (Ok(from), Ok(to)) if to <= bytes.len() => Ok(bytes.slice(from..to)),
                        _ => Err(FilesError::Missing(file)),
                    }
                });
                Some((piece.map_err(Error::from), pieces))
            }
        })
    }
}
