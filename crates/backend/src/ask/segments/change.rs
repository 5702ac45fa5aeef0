//! Segments: listed, made, changed, taken away and brought back.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use segments_model::problem::{Code, InputError, Reference};
use segments_model::segment::{
    CategoryFacet, CreatorFacet, EvaluateSegments, EvaluatedSegment, EvaluatedSegments, Evaluation,
    EvaluationStatus, NewSegment, Person, SegmentColumn, SegmentFacets, SegmentKind, SegmentPage,
    SegmentPatch, SegmentQuery, SegmentSort, SegmentSummary,
};
use segments_model::{Instant, Segment};

use crate::ask::backend::Backend;
use crate::ask::creation::Creation;
use crate::ask::cursor::{Cursor, fingerprint};
use crate::ask::moment::Moment;
use crate::ask::purge;
use crate::ask::question::{Place, Question, Subject};
use crate::ask::stamp::share;
use crate::ask::versions;
use crate::ask::words;
use crate::error::Error;
use crate::http::request::{
    At, IdempotencyKey, Input, NoInput, NoParams, Params, may_match, must_match,
};
use crate::http::respond;
use crate::store::library::{Entry, Found, Shelf, Stored, fold, put_segment, write};
use crate::store::user_sets::put_members;
use crate::{Change, Collection};

/// The shortest time between two points of a trend.
const TREND_STEP_MILLIS: i64 = 3_600_000;
/// How many points a trend has at most.
const TREND_POINTS: usize = 30;
/// How old the last evaluation may be where nobody says for which instant to evaluate, in milliseconds.
const FRESH_MILLIS: i64 = 60_000;

type Shared = State<Arc<Backend>>;

// ---- what is answered

/// A segment as lists show it.
fn summary(moment: &Moment, entry: &Entry) -> SegmentSummary {
    let segment = &entry.segment;
    let found = moment.shelf.found(&entry.id).map(|found| &found.value);
    SegmentSummary {
        id: entry.id.clone(),
        name: segment.name.clone(),
        description: segment.description.clone(),
        category: segment.category.clone(),
        kind: segment.kind,
        time_zone: segment.time_zone.clone(),
        creator: segment.creator.clone(),
        created_at: segment.created_at,
        updated_at: segment.updated_at,
        version: segment.version,
        archived_at: segment.archived_at,
        evaluation: evaluation(moment, entry, found),
        trend: found
            .map(|found| found.trend.iter().map(|(_, users)| *users).collect())
            .unwrap_or_default(),
        sentence: words::sentence(&moment.shelf, &segment.definition),
        hash: entry.hash().to_owned(),
        has_origin: segment.origin.is_some(),
    }
}

/// What the last evaluation found, as far as it still answers the segment's question.
fn evaluation(moment: &Moment, entry: &Entry, found: Option<&Found>) -> Evaluation {
    let current = |found: &&Found| {
        entry.segment.kind == SegmentKind::Static
            || (found.as_of <= moment.now
                && Question::fingerprint_of(&moment.shelf, entry)
                    .is_some_and(|question| question == found.question))
    };
    let Some(found) = found.filter(current) else {
        return Evaluation {
            as_of: None,
            users: None,
            share: None,
            status: EvaluationStatus::Computing,
            detail: None,
        };
    };
    let is_ready =
        entry.segment.kind == SegmentKind::Static || found.data_version == moment.data_version;
    Evaluation {
        as_of: Some(found.as_of),
        users: Some(found.users),
        share: Some(share(found.users, found.all_users)),
        status: if is_ready {
            EvaluationStatus::Ready
        } else {
            EvaluationStatus::Computing
        },
        detail: None,
    }
}

fn whole(moment: &Moment, entry: &Entry) -> Segment {
    Segment {
        summary: summary(moment, entry),
        definition: entry.segment.definition.clone(),
        origin: entry.segment.origin.clone(),
    }
}

/// The answer that shows a segment as it is now.
async fn shown(backend: &Backend, id: &str, status: StatusCode) -> Result<Response, Error> {
    let moment = backend.moment().await?;
    let entry = moment.shelf.entry(id)?;
    respond::tagged(status, entry.revision, &whole(&moment, entry))
}

// ---- list

/// `GET /segments`
pub async fn list(
    State(backend): Shared,
    Params(query): Params<SegmentQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let moment = backend.moment().await?;
    let limit = backend.page(query.limit)?;
    let sort = query.sort.unwrap_or(SegmentSort {
        by: SegmentColumn::Name,
        descending: false,
    });
    let mut entries: Vec<&Arc<Entry>> = filtered(&moment.shelf, &query).collect();
    order(&moment.shelf, &mut entries, sort);

    let question = write(&SegmentQuery {
        limit: None,
        cursor: None,
        ..query.clone()
    })?;
    let question = fingerprint([question.as_bytes()]);
    let ids = fingerprint(entries.iter().map(|entry| entry.id.as_bytes()));
    let offset = match &query.cursor {
        None => 0,
        Some(cursor) => {
            let cursor = Cursor::parse(cursor)?;
            cursor.check(&question, &ids)?;
            usize::try_from(cursor.offset).unwrap_or(usize::MAX)
        }
    };
    let total = entries.len();
    let items: Vec<SegmentSummary> = entries
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(|entry| summary(&moment, entry))
        .collect();
    let end = offset.saturating_add(items.len());
    let next_cursor = (end < total && !items.is_empty()).then(|| {
        Cursor {
            offset: end as u64,
            as_of: moment.now,
            question,
            data: ids,
        }
        .to_string()
    });
    let page = SegmentPage {
        items,
        next_cursor,
        total: total as u64,
        facets: facets(&moment.shelf),
    };
    // A cursor tells when its page was asked for; two equal lists are to have equal tags all the same.
    let comparable = SegmentPage {
        next_cursor: None,
        ..page.clone()
    };
    respond::known_or(&headers, 0, &comparable, &page)
}

fn filtered<'a>(
    shelf: &'a Shelf,
    query: &SegmentQuery,
) -> impl Iterator<Item = &'a Arc<Entry>> + use<'a> {
    let search = query.search.as_deref().map(fold).unwrap_or_default();
    let category = query.category.as_deref().map(fold);
    let (kind, creator) = (query.kind, query.creator.clone());
    let archived = query.archived.unwrap_or_default();
    shelf.entries().filter(move |entry| {
        let segment = &entry.segment;
        (archived || segment.archived_at.is_none())
            && kind.is_none_or(|kind| kind == segment.kind)
            && category
                .as_ref()
                .is_none_or(|category| *category == entry.folded_category)
            && creator
                .as_ref()
                .is_none_or(|creator| *creator == segment.creator.id)
            && entry.matches(&search)
    })
}

fn order(shelf: &Shelf, entries: &mut [&Arc<Entry>], sort: SegmentSort) {
    let users = |entry: &Entry| shelf.found(&entry.id).map(|found| found.value.users);
    let compare = |a: &Entry, b: &Entry| match sort.by {
        SegmentColumn::Name => a.folded.cmp(&b.folded),
        SegmentColumn::Category => a.folded_category.cmp(&b.folded_category),
        SegmentColumn::Kind => {
            (a.segment.kind == SegmentKind::Dynamic).cmp(&(b.segment.kind == SegmentKind::Dynamic))
        }
        SegmentColumn::Users => users(a).cmp(&users(b)),
        SegmentColumn::Creator => {
            let key = |entry: &Entry| {
                (
                    fold(&entry.segment.creator.name),
                    entry.segment.creator.id.clone(),
                )
            };
            key(a).cmp(&key(b))
        }
        SegmentColumn::CreatedAt => a.segment.created_at.cmp(&b.segment.created_at),
        SegmentColumn::UpdatedAt => a.segment.updated_at.cmp(&b.segment.updated_at),
    };
    entries.sort_by(|a, b| {
        let unsized_last = match sort.by {
            SegmentColumn::Users => users(a).is_none().cmp(&users(b).is_none()),
            _ => Ordering::Equal,
        };
        let by_column = if sort.descending {
            compare(a, b).reverse()
        } else {
            compare(a, b)
        };
        unsized_last
            .then(by_column)
            .then_with(|| (&a.folded, &a.id).cmp(&(&b.folded, &b.id)))
    });
}

fn facets(shelf: &Shelf) -> SegmentFacets {
    let mut facets = SegmentFacets::default();
    let mut categories: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    let mut creators: BTreeMap<&str, (&Person, u64)> = BTreeMap::new();
    for entry in shelf.entries() {
        let segment = &entry.segment;
        match (segment.archived_at, segment.kind) {
            (Some(_), _) => facets.archived += 1,
            (None, SegmentKind::Dynamic) => facets.dynamic += 1,
            (None, SegmentKind::Static) => facets.fixed += 1,
        }
        if !segment.category.is_empty() {
            categories
                .entry(&entry.folded_category)
                .or_insert((&segment.category, 0))
                .1 += 1;
        }
        creators
            .entry(&segment.creator.id)
            .or_insert((&segment.creator, 0))
            .1 += 1;
    }
    facets.categories = categories
        .into_values()
        .map(|(category, segments)| CategoryFacet {
            category: category.to_owned(),
            segments,
        })
        .collect();
    facets.creators = creators
        .into_values()
        .map(|(creator, segments)| CreatorFacet {
            creator: creator.clone(),
            segments,
        })
        .collect();
    facets
        .creators
        .sort_by_cached_key(|facet| fold(&facet.creator.name));
    facets
}

// ---- one

/// `GET /segments/{id}`
pub async fn read(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let moment = backend.moment().await?;
    let entry = moment.shelf.entry(&id)?;
    let segment = whole(&moment, entry);
    respond::known_or(&headers, entry.revision, &segment, &segment)
}

/// `POST /segments`
pub async fn create(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    input: Input<NewSegment>,
) -> Result<Response, Error> {
    let new = input.value;
    let creation = &Creation::begin(
        "POST /segments",
        key.map(|IdempotencyKey(key)| key),
        &input.bytes,
    );
    let mut errors = texts(Some(&new.name), Some(&new.description), Some(&new.category));
    errors.extend(words::check(&new.definition, "/definition"));
    none_or(errors)?;

    let (backend, new) = (&*backend, &new);
    let id = backend
        .change(move |moment| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(&backend.library, moment.now).await? {
                return Ok((Vec::new(), id));
            }
            let id = backend.new_id();
            let mut changes =
                new_segment(backend, &moment, &id, new, backend.person(), &[]).await?;
            changes.extend(creation.change(&id, moment.now)?);
            Ok((changes, id))
        })
        .await?;
    created(backend, &id).await
}

/// The changes that make a segment, its size and members included; `earlier` are instants, the first one first, whose sizes
/// its trend begins with.
///
/// # Errors
/// [`Error::NameTaken`], [`Error::Input`] with pointers into `new`, [`Error::Unavailable`], [`Error::Broken`]
pub async fn new_segment(
    backend: &Backend,
    moment: &Moment,
    id: &str,
    new: &NewSegment,
    creator: Person,
    earlier: &[Instant],
) -> Result<Vec<Change>, Error> {
    let zone = backend.zone(moment, new.time_zone.as_deref(), "/time_zone")?;
    name_is_free(&moment.shelf, &new.name, None)?;
    let subject = Subject::from(&new.definition);
    let place = Place {
        id: None,
        kind: new.kind,
    };
    subject
        .check(
            &backend.user_sets,
            &moment.shelf,
            "/definition",
            Some(place),
        )
        .await?;
    let segment = Stored {
        name: new.name.trim().to_owned(),
        description: new.description.trim().to_owned(),
        category: new.category.trim().to_owned(),
        kind: new.kind,
        definition: new.definition.clone(),
        origin: new.origin.clone(),
        time_zone: zone.name().to_owned(),
        creator,
        created_at: moment.now,
        updated_at: moment.now,
        version: 1,
        archived_at: None,
        deleted_at: None,
    };
    let as_of = match (new.as_of, new.kind) {
        (None, _) => moment.now,
        (Some(as_of), SegmentKind::Static) => as_of,
        // What is kept of a dynamic segment is its size now, which one of the future would hide until then.
        (Some(as_of), SegmentKind::Dynamic) => as_of.min(moment.now),
    };
    let mut evaluated = evaluate(backend, moment, &segment, subject.clone(), as_of).await?;
    let mut trend = Vec::new();
    for instant in earlier {
        let subject = subject.clone();
        let earlier = evaluate(backend, moment, &segment, subject, *instant).await?;
        trend.extend(earlier.found.trend);
    }
    evaluated.found.trend.splice(..0, trend);
    let mut changes = vec![
        put_segment(id, None, &segment)?,
        moment.shelf.touch_references(),
    ];
    changes.push(versions::first(backend, id, &segment, as_of).await?);
    changes.extend(
        evaluated
            .changes(backend, moment, id, segment.kind, None)
            .await?,
    );
    Ok(changes)
}

async fn created(backend: &Backend, id: &str) -> Result<Response, Error> {
    let response = shown(backend, id, StatusCode::CREATED).await?;
    respond::located(response, &format!("/api/v1/segments/{id}"))
}

/// `PATCH /segments/{id}`
pub async fn patch(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    Input { value: patch, .. }: Input<SegmentPatch>,
) -> Result<Response, Error> {
    let mut errors = texts(
        patch.name.as_deref(),
        patch.description.as_deref(),
        patch.category.as_deref(),
    );
    if let Some(definition) = &patch.definition {
        errors.extend(words::check(definition, "/definition"));
    }
    none_or(errors)?;

    let (backend, id, headers, patch) = (&*backend, &*id, &headers, &patch);
    backend
        .change(move |moment| async move {
            let entry = moment.shelf.entry(id)?;
            must_match(headers)?.check(entry.revision)?;
            let zone = patch
                .time_zone
                .as_deref()
                .map(|zone| backend.zone(&moment, Some(zone), "/time_zone"))
                .transpose()?;
            let before = &entry.segment;
            let text = |text: &Option<String>, before: &String| {
                text.as_deref()
                    .map_or_else(|| before.clone(), |text| text.trim().to_owned())
            };
            let mut segment = Stored {
                name: text(&patch.name, &before.name),
                description: text(&patch.description, &before.description),
                category: text(&patch.category, &before.category),
                kind: patch.kind.unwrap_or(before.kind),
                definition: patch
                    .definition
                    .clone()
                    .unwrap_or_else(|| before.definition.clone()),
                time_zone: zone
                    .map_or_else(|| before.time_zone.clone(), |zone| zone.name().to_owned()),
                ..before.clone()
            };
            if segment == *before {
                return Ok((Vec::new(), ()));
            }
            segment.version += 1;
            segment.updated_at = moment.now;
            name_is_free(&moment.shelf, &segment.name, Some(id))?;

            let asks_anew =
                segment.definition != before.definition || segment.time_zone != before.time_zone;
            let is_evaluated = asks_anew || segment.kind != before.kind;
            let mut changes = vec![entry.put(&segment)?];
            changes.extend(
                versions::next(
                    backend,
                    &moment.shelf,
                    entry,
                    &segment,
                    is_evaluated.then_some(moment.now),
                )
                .await?,
            );
            if is_evaluated {
                let subject = Subject::from(&segment.definition);
                let place = Place {
                    id: Some(id),
                    kind: segment.kind,
                };
                subject
                    .check(
                        &backend.user_sets,
                        &moment.shelf,
                        "/definition",
                        Some(place),
                    )
                    .await?;
                let evaluated = evaluate(backend, &moment, &segment, subject, moment.now).await?;
                let members = backend.members_revision(id).await?;
                let stored = evaluated.changes(backend, &moment, id, segment.kind, members);
                changes.extend(stored.await?);
                changes.push(moment.shelf.touch_references());
            }
            Ok((changes, ()))
        })
        .await?;
    shown(backend, id, StatusCode::OK).await
}

/// `DELETE /segments/{id}`
pub async fn delete(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Result<StatusCode, Error> {
    let (backend, id, headers) = (&*backend, &*id, &headers);
    backend
        .change(move |moment| async move {
            let entry = moment.shelf.entry(id)?;
            must_match(headers)?.check(entry.revision)?;
            let used_by = moment.shelf.used_by(id);
            if !used_by.is_empty() {
                return Err(Error::InUse {
                    name: entry.segment.name.clone(),
                    used_by: used_by.into_iter().map(|entry| reference(entry)).collect(),
                });
            }
            let deleted = Stored {
                deleted_at: Some(moment.now),
                ..entry.segment.clone()
            };
            let mut changes = vec![entry.put(&deleted)?, moment.shelf.touch_references()];
            changes.extend(purge::changes(backend, &moment).await?);
            Ok((changes, ()))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A segment that is named in an answer.
pub fn reference(entry: &Entry) -> Reference {
    Reference {
        id: entry.id.clone(),
        name: entry.segment.name.clone(),
    }
}

/// `POST /segments/{id}/duplicate`
pub async fn duplicate(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    headers: HeaderMap,
    NoInput: NoInput,
) -> Result<Response, Error> {
    let creation = &Creation::begin(
        &format!("POST /segments/{id}/duplicate"),
        key.map(|IdempotencyKey(key)| key),
        &[],
    );
    let (backend, id, headers) = (&*backend, &*id, &headers);
    let copy_id = backend
        .change(move |moment| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(&backend.library, moment.now).await? {
                return Ok((Vec::new(), id));
            }
            let entry = moment.shelf.entry(id)?;
            may_match(headers).check(entry.revision)?;
            let copy = Stored {
                name: free_name(&moment.shelf, &entry.segment.name),
                creator: backend.person(),
                created_at: moment.now,
                updated_at: moment.now,
                version: 1,
                archived_at: None,
                ..entry.segment.clone()
            };
            let copy_id = backend.new_id();
            let mut changes = vec![
                put_segment(&copy_id, None, &copy)?,
                moment.shelf.touch_references(),
            ];
            if let Some(found) = moment.shelf.found(id) {
                changes.push(moment.shelf.put_found(&copy_id, &found.value)?);
            }
            if let Some(members) = backend.user_sets.members(id).await? {
                changes.push(put_members(&copy_id, None, &members.stored)?);
            }
            let found_at = moment.shelf.found(id).map(|found| found.value.as_of);
            let found_at = found_at.unwrap_or(moment.now);
            changes.push(versions::first(backend, &copy_id, &copy, found_at).await?);
            changes.extend(creation.change(&copy_id, moment.now)?);
            Ok((changes, copy_id))
        })
        .await?;
    created(backend, &copy_id).await
}

/// A name that nothing has yet: "Buyers (copy)", "Buyers (copy 2)", ….
fn free_name(shelf: &Shelf, name: &str) -> String {
    let original = name
        .rsplit_once(" (copy")
        .filter(|(_, rest)| {
            rest.strip_suffix(')')
                .is_some_and(|number| number.is_empty() || number.trim().parse::<u32>().is_ok())
        })
        .map_or(name, |(original, _)| original);
    let mut number = 1_u32;
    loop {
        let suffix = if number == 1 {
            " (copy)".to_owned()
        } else {
            format!(" (copy {number})")
        };
        let room = words::NAME_CHARACTERS - suffix.chars().count();
        let start: String = original.chars().take(room).collect();
        let candidate = format!("{}{suffix}", start.trim_end());
        if shelf.named(&candidate, None).is_none() {
            return candidate;
        }
        number += 1;
    }
}

/// `POST /segments/{id}/archive`
pub async fn archive(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    NoInput: NoInput,
) -> Result<Response, Error> {
    let (backend, id, headers) = (&*backend, &*id, &headers);
    backend
        .change(move |moment| async move {
            let entry = moment.shelf.entry(id)?;
            may_match(headers).check(entry.revision)?;
            if entry.segment.archived_at.is_some() {
                return Ok((Vec::new(), ()));
            }
            let archived = Stored {
                archived_at: Some(moment.now),
                ..entry.segment.clone()
            };
            Ok((vec![entry.put(&archived)?], ()))
        })
        .await?;
    shown(backend, id, StatusCode::OK).await
}

/// `POST /segments/{id}/restore`: brings a deleted segment back, and takes an archived one out of the archive.
pub async fn restore(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    NoInput: NoInput,
) -> Result<Response, Error> {
    let (backend, id, headers) = (&*backend, &*id, &headers);
    backend
        .change(move |moment| async move {
            let entry = moment.shelf.any_entry(id)?;
            may_match(headers).check(entry.revision)?;
            let mut restored = entry.segment.clone();
            let mut changes = Vec::new();
            if entry.is_deleted() {
                if let Some(other) = moment.shelf.named(&restored.name, Some(id)) {
                    return Err(Error::NameTaken {
                        name: other.segment.name.clone(),
                        pointer: None,
                    });
                }
                let gone: Vec<String> = entry
                    .refers_to
                    .iter()
                    .filter(|id| moment.shelf.entry(id).is_err())
                    .map(|id| format!("\"{}\"", moment.shelf.name(id).unwrap_or(id)))
                    .collect();
                if !gone.is_empty() {
                    return Err(Error::DanglingReferences(gone));
                }
                // What it refers to may have grown while it was gone.
                let place = Place {
                    id: Some(id),
                    kind: restored.kind,
                };
                Subject::from(&**entry)
                    .check(&backend.user_sets, &moment.shelf, "", Some(place))
                    .await?;
                restored.deleted_at = None;
                changes.push(moment.shelf.touch_references());
            } else if restored.archived_at.take().is_none() {
                return Ok((changes, ()));
            }
            changes.push(entry.put(&restored)?);
            Ok((changes, ()))
        })
        .await?;
    shown(backend, id, StatusCode::OK).await
}

// ---- sizes

/// `POST /segments/evaluate`
pub async fn evaluate_all(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<EvaluateSegments>,
) -> Result<Response, Error> {
    let most = segments_model::limits::LIMITS.page as usize;
    if request.ids.len() > most {
        return Err(Error::input(
            "/ids",
            Code::TooLarge,
            format!("at most {most} segments at once"),
        ));
    }
    let moment = backend.moment().await?;
    let mut fresh: BTreeMap<&str, (Evaluation, Option<Found>)> = BTreeMap::new();
    for id in &request.ids {
        if !fresh.contains_key(id.as_str()) {
            let outcome = bring_up_to_date(&backend, &moment, id, request.as_of).await;
            // Each segment has an answer of its own: that one is gone does not hide the sizes of the others.
            let outcome = outcome.or_else(|error| match error {
                Error::Unavailable(_) | Error::Full(_) => Err(error),
                error => Ok((failed(&error), None)),
            })?;
            fresh.insert(id, outcome);
        }
    }
    let found: Vec<(&str, &Found)> = fresh
        .iter()
        .filter_map(|(id, (_, found))| Some((*id, found.as_ref()?)))
        .collect();
    keep_found(&backend, &found).await?;
    let items = request
        .ids
        .iter()
        .filter_map(|id| {
            let (evaluation, _) = fresh.get(id.as_str())?;
            Some(EvaluatedSegment {
                id: id.clone(),
                evaluation: evaluation.clone(),
            })
        })
        .collect();
    respond::json(StatusCode::OK, &EvaluatedSegments { items })
}

fn failed(error: &Error) -> Evaluation {
    Evaluation {
        as_of: None,
        users: None,
        share: None,
        status: EvaluationStatus::Failed,
        detail: Some(error.to_string()),
    }
}

/// The size of a segment, and what was found where it had to be evaluated.
async fn bring_up_to_date(
    backend: &Backend,
    moment: &Moment,
    id: &str,
    as_of: Option<Instant>,
) -> Result<(Evaluation, Option<Found>), Error> {
    let entry = moment.shelf.entry(id)?;
    let known = moment.shelf.found(id).map(|found| &found.value);
    if entry.segment.kind == SegmentKind::Static {
        return Ok((evaluation(moment, entry, known), None));
    }
    let data = backend.data(moment).await?;
    let is_fresh = |found: &&Found| match as_of {
        Some(as_of) => found.as_of == as_of,
        None => (0..FRESH_MILLIS).contains(&(moment.now.millis() - found.as_of.millis())),
    };
    let question = Question::fingerprint_of(&moment.shelf, entry);
    if let Some(known) = known.filter(is_fresh)
        && Some(&known.question) == question.as_ref()
        && known.data_version == data.version()
    {
        return Ok((evaluation(moment, entry, Some(known)), None));
    }
    let as_of = as_of.unwrap_or(moment.now);
    let subject = Subject::from(&**entry);
    let found = evaluate(backend, moment, &entry.segment, subject, as_of)
        .await?
        .found;
    let evaluation = Evaluation {
        as_of: Some(found.as_of),
        users: Some(found.users),
        share: Some(share(found.users, found.all_users)),
        status: EvaluationStatus::Ready,
        detail: None,
    };
    Ok((evaluation, Some(found)))
}

/// Keeps what was found as of now or before, unless something newer is kept already.
async fn keep_found(backend: &Backend, found: &[(&str, &Found)]) -> Result<(), Error> {
    backend
        .change(move |Moment { now, shelf, .. }| async move {
            let mut changes = Vec::new();
            for (id, found) in found.iter().filter(|(_, found)| found.as_of <= now) {
                let known = shelf.found(id).map(|found| &found.value);
                let is_newer =
                    known.is_none_or(|known| known.as_of < found.as_of || known.as_of > now);
                if shelf.entry(id).is_ok() && is_newer {
                    changes.push(shelf.put_found(id, &grown(known, found, now))?);
                }
            }
            Ok((changes, ()))
        })
        .await
}

/// What was found, its trend being that of before, as far as it is no later than now, and one point more.
pub fn grown(known: Option<&Found>, found: &Found, now: Instant) -> Found {
    let mut trend = known.map(|known| known.trend.clone()).unwrap_or_default();
    trend.retain(|(at, _)| *at <= now);
    // The last point moves on with each evaluation until it is far enough from the one before it.
    if let [.., (before, _), (last, _)] = trend.as_slice()
        && last.millis() - before.millis() < TREND_STEP_MILLIS
    {
        trend.pop();
    }
    trend.push((found.as_of, found.users));
    let surplus = trend.len().saturating_sub(TREND_POINTS);
    trend.drain(..surplus);
    Found {
        trend,
        ..found.clone()
    }
}

/// An evaluation of a segment that is not stored yet.
pub struct Evaluated {
    /// What it found.
    pub found: Found,
    /// Of a static segment the members.
    pub ids: Option<Vec<String>>,
}

/// Evaluates a segment, whose definition is the subject.
///
/// # Errors
/// [`Error::Input`], [`Error::DanglingReferences`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn evaluate(
    backend: &Backend,
    moment: &Moment,
    segment: &Stored,
    subject: Subject,
    as_of: Instant,
) -> Result<Evaluated, Error> {
    let zone = backend.zone(moment, Some(&segment.time_zone), "/time_zone")?;
    let question = Question::ask(
        &backend.user_sets,
        &moment.shelf,
        subject,
        zone,
        as_of,
        None,
    )
    .await?;
    let data = backend.data(moment).await?;
    let members = data
        .evaluate(&segment.definition, &question)
        .await
        .map_err(|error| error.below("/definition"))?;
    let users = members.len();
    Ok(Evaluated {
        found: Found {
            as_of,
            users,
            all_users: data.users_at(as_of).await?,
            question: question.fingerprint,
            data_version: data.version().to_owned(),
            trend: vec![(as_of, users)],
        },
        ids: match segment.kind {
            SegmentKind::Static => Some(data.snapshot().ids(&members).await?),
            SegmentKind::Dynamic => None,
        },
    })
}

impl Evaluated {
    /// The changes that store it: `members` is the revision of the members stored before.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn changes(
        self,
        backend: &Backend,
        moment: &Moment,
        id: &str,
        kind: SegmentKind,
        members: Option<u64>,
    ) -> Result<Vec<Change>, Error> {
        let mut changes = vec![moment.shelf.put_found(id, &self.found)?];
        match (kind, self.ids, members) {
            (SegmentKind::Static, Some(ids), _) => {
                let stored = backend.user_sets.write(&ids).await?;
                changes.push(put_members(id, members, &stored)?);
            }
            (_, _, Some(expected)) => changes.push(Change::Delete {
                collection: Collection::Members,
                id: id.to_owned(),
                expected,
            }),
            (_, _, None) => {}
        }
        Ok(changes)
    }
}

// ---- what is checked

fn none_or(errors: Vec<InputError>) -> Result<(), Error> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Input(errors))
    }
}

/// What is wrong with the texts of a segment.
fn texts(name: Option<&str>, description: Option<&str>, category: Option<&str>) -> Vec<InputError> {
    let mut errors = Vec::new();
    let mut check = |pointer: &str, text: Option<&str>, most: usize, lines: bool| {
        let Some(text) = text else { return };
        let wrong = if text.trim().chars().count() > most {
            Some((Code::TooLarge, format!("at most {most} characters")))
        } else if text.chars().any(|character| {
            character.is_control() && !(lines && matches!(character, '\n' | '\r' | '\t'))
        }) {
            Some((Code::NotAllowed, "no control characters".to_owned()))
        } else {
            None
        };
        if let Some((code, detail)) = wrong {
            errors.push(InputError {
                pointer: pointer.to_owned(),
                code,
                detail,
            });
        }
    };
    check("/name", name, words::NAME_CHARACTERS, false);
    check(
        "/description",
        description,
        words::DESCRIPTION_CHARACTERS,
        true,
    );
    check("/category", category, words::CATEGORY_CHARACTERS, false);
    if name.is_some_and(|name| name.trim().is_empty()) {
        errors.push(InputError {
            pointer: "/name".to_owned(),
            code: Code::Empty,
            detail: "give the segment a name".to_owned(),
        });
    }
    errors
}

fn name_is_free(shelf: &Shelf, name: &str, id: Option<&str>) -> Result<(), Error> {
    match shelf.named(name, id) {
        None => Ok(()),
        Some(other) => Err(Error::NameTaken {
            name: other.segment.name.clone(),
            pointer: Some("/name"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use segments_model::Instant;

    use super::{Found, grown};

    fn found(minutes: i64) -> Found {
        let as_of = Instant::from_millis_saturating(minutes * 60_000);
        Found {
            as_of,
            users: minutes.unsigned_abs(),
            all_users: 0,
            question: String::new(),
            data_version: String::new(),
            trend: vec![(as_of, minutes.unsigned_abs())],
        }
    }

    #[test]
    fn a_trend_has_points_an_hour_apart_and_the_last_one() {
        let mut known = found(0);
        for minutes in [10, 30, 59, 61, 70, 130, 131] {
            known = grown(Some(&known), &found(minutes), Instant::MAX);
        }
        let points: Vec<u64> = known.trend.iter().map(|(_, users)| *users).collect();
        assert_eq!(points, [0, 61, 130, 131]);
        for hour in 3..100 {
            known = grown(Some(&known), &found(hour * 60), Instant::MAX);
        }
        assert_eq!(known.trend.len(), 30);
        assert_eq!(known.trend.last().map(|(_, users)| *users), Some(99 * 60));
    }
}
