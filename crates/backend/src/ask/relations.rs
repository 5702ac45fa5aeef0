//! How segments lie to each other: same, inside, around, apart, laid over each other, and who refers to whom.

use std::cmp::Ordering;
use std::sync::Arc;

use segments_engine_api::{MemberSet, SetOperation, Snapshot};
use segments_model::criterion::SegmentCriterion;
use segments_model::history::{MAX_OVERLAP, Overlap, OverlapRequest, Region, Related, Relations};
use segments_model::problem::{Code, InputError};
use segments_model::segment::SegmentKind;
use segments_model::sort::sort_by;
use segments_model::version::{Usage, UsedBy};
use segments_model::{Criterion, Instant};

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::history::as_whole;
use crate::ask::question::{Question, Subject};
use crate::ask::stamp::stamp;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::Entry;
use segments_engine_api::StepTimer;

/// Who a stored segment holds as of an instant.
pub async fn members_of(
    backend: &Backend,
    context: &RequestContext,
    data: &Data,
    entry: &Entry,
    as_of: Instant,
) -> Result<MemberSet, Error> {
    let stored = Criterion::Segment(SegmentCriterion {
        id: entry.id.clone(),
        as_of: None,
    });
    let (subject, definition) = match entry.segment.kind {
        // Asked as the list of segments asks for its size, so that one answer serves both.
        SegmentKind::Dynamic => (Subject::from(entry), &entry.segment.definition),
        SegmentKind::Static => (Subject::from(&stored), &stored),
    };
    let zone = stored_zone(&entry.segment.time_zone)?;
    let question = Question::ask(
        &backend.user_sets,
        &context.library,
        subject,
        zone,
        as_of,
        None,
    )
    .await?;
    data.evaluate(definition, &question).await
}

/// How a segment lies to the others: evaluates every segment that is not archived, and gives way between them.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Deleted`], [`Error::Meaningless`] of the zone and of a definition that cannot be evaluated,
/// [`Error::Unavailable`], [`Error::Full`], [`Error::Broken`]
pub async fn relations(
    backend: &Backend,
    id: &str,
    as_of: Option<Instant>,
    time_zone: Option<&str>,
) -> Result<Relations, Error> {
    let begin = backend.host.elapsed_ms();
    let context = backend.context().await?;
    let entry = context.library.entry(id)?;
    let zone = backend.zone_param(&context, time_zone)?;
    let as_of = as_of.unwrap_or(context.now);
    let data = backend.data(&context).await?;
    let here = members_of(backend, &context, &data, entry, as_of)
        .await
        .map_err(as_whole)?;
    let users = here.len();
    let mut relations = Relations {
        stamp: stamp(backend, &data, &zone, as_of, begin),
        users,
        same: Vec::new(),
        inside: Vec::new(),
        around: Vec::new(),
        apart: Vec::new(),
        overlapping: Vec::new(),
        failed: Vec::new(),
    };
    let mut others: Vec<&Arc<Entry>> = context
        .library
        .entries()
        .filter(|other| other.id != id && other.segment.archived_at.is_none())
        .collect();
    sort_by(&mut others, |a, b| {
        (&a.folded, &a.id).cmp(&(&b.folded, &b.id))
    });
    let mut timer = StepTimer::begin(backend.host.as_ref());
    for other in others {
        match members_of(backend, &context, &data, other, as_of).await {
            Ok(there) => {
                let related = Related {
                    id: other.id.clone(),
                    name: other.segment.name.clone(),
                    users: there.len(),
                    shared: data.snapshot().shared(&here, &there).await?,
                };
                kind(&mut relations, &related).push(related);
            }
            Err(error @ (Error::Unavailable(_) | Error::Full(_))) => return Err(error),
            // That one cannot be evaluated does not hide how the others lie.
            Err(_) => relations.failed.push(other.reference()),
        }
        timer.yield_if_due().await;
    }
    // Sorting is stable: segments that are equal stay by name.
    sort_by(&mut relations.inside, |a, b| b.users.cmp(&a.users));
    sort_by(&mut relations.around, |a, b| a.users.cmp(&b.users));
    sort_by(&mut relations.overlapping, |a, b| {
        let union = |related: &Related| users + related.users - related.shared;
        let (a, b) = (
            u128::from(a.shared) * u128::from(union(b)),
            u128::from(b.shared) * u128::from(union(a)),
        );
        b.cmp(&a)
    });
    relations.stamp.took_ms = backend.host.elapsed_ms() - begin;
    Ok(relations)
}

/// Where a segment belongs. Segments without users are the same as each other, and apart from all others.
fn kind<'a>(relations: &'a mut Relations, related: &Related) -> &'a mut Vec<Related> {
    let Related { users, shared, .. } = *related;
    match (relations.users.cmp(&shared), users.cmp(&shared)) {
        (Ordering::Equal, Ordering::Equal) => &mut relations.same,
        _ if shared == 0 => &mut relations.apart,
        (_, Ordering::Equal) => &mut relations.inside,
        (Ordering::Equal, _) => &mut relations.around,
        _ => &mut relations.overlapping,
    }
}

/// Which users stored segments share with each other, and which they do not.
///
/// # Errors
/// [`Error::Input`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn overlap(backend: &Backend, request: &OverlapRequest) -> Result<Overlap, Error> {
    let begin = backend.host.elapsed_ms();
    let ids = &request.segments;
    if !(2..=MAX_OVERLAP).contains(&ids.len()) {
        return Err(Error::input(
            "/segments",
            if ids.len() > MAX_OVERLAP {
                Code::TooLarge
            } else {
                Code::Empty
            },
            format!("give 2 to {MAX_OVERLAP} segments, not {}", ids.len()),
        ));
    }
    let context = backend.context().await?;
    let mut errors = Vec::new();
    let mut entries: Vec<&Arc<Entry>> = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let (code, detail) = match context.library.entry(id) {
            Ok(entry) if entries.iter().any(|other| other.id == *id) => (
                Code::NotAllowed,
                format!("\"{}\" is given twice", entry.segment.name),
            ),
            Ok(entry) => {
                entries.push(entry);
                continue;
            }
            Err(error) => (Code::Unknown, error.to_string()),
        };
        errors.push(InputError {
            pointer: format!("/segments/{at}"),
            code,
            detail,
        });
    }
    if !errors.is_empty() {
        return Err(Error::Input(errors));
    }
    let zone = backend.zone(&context, None, "")?;
    let as_of = request.as_of.unwrap_or(context.now);
    let data = backend.data(&context).await?;
    let mut sets: Vec<(&Entry, MemberSet)> = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let members = members_of(backend, &context, &data, entry, as_of)
            .await
            .map_err(|error| match error {
                // What is wrong inside of the segment's definition is no place of this request.
                Error::Input(_) => Error::input(
                    format!("/segments/{at}"),
                    Code::NotAllowed,
                    error.to_string(),
                ),
                other => other,
            })?;
        sets.push((entry, members));
    }
    let regions = regions(data.snapshot().as_ref(), &sets).await?;
    let segments = sets
        .iter()
        .map(|(entry, members)| {
            let alone = regions
                .iter()
                .find(|region| region.segments == [entry.id.as_str()]);
            Related {
                id: entry.id.clone(),
                name: entry.segment.name.clone(),
                users: members.len(),
                shared: members.len() - alone.map_or(0, |region| region.users),
            }
        })
        .collect();
    Ok(Overlap {
        segments,
        regions,
        stamp: stamp(backend, &data, &zone, as_of, begin),
    })
}

/// The regions that have users, the largest first, and of equal ones that of the segments named first.
async fn regions(
    snapshot: &dyn Snapshot,
    sets: &[(&Entry, MemberSet)],
) -> Result<Vec<Region>, Error> {
    use SetOperation::{And, Without};
    let mut regions: Vec<(Vec<String>, MemberSet)> = Vec::new();
    for (entry, members) in sets {
        let mut rest = members.clone();
        let mut parts = Vec::new();
        for (segments, users) in regions {
            rest = snapshot.combine(Without, &rest, &users).await?;
            let with: Vec<String> = segments.iter().chain([&entry.id]).cloned().collect();
            parts.push((with, snapshot.combine(And, &users, members).await?));
            let without = snapshot.combine(Without, &users, members).await?;
            parts.push((segments, without));
        }
        parts.push((vec![entry.id.clone()], rest));
        parts.retain(|(_, users)| !users.is_empty());
        regions = parts;
    }
    let place = |id: &String| sets.iter().position(|(entry, _)| entry.id == *id);
    sort_by(&mut regions, |(one, one_users), (other, other_users)| {
        let by_size = other_users.len().cmp(&one_users.len());
        by_size.then_with(|| one.iter().map(place).cmp(other.iter().map(place)))
    });
    Ok(regions
        .into_iter()
        .map(|(segments, users)| Region {
            segments,
            users: users.len(),
        })
        .collect())
}

/// Which segments refer to a segment.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Deleted`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn usage(backend: &Backend, id: &str) -> Result<Usage, Error> {
    let context = backend.context().await?;
    let library = &context.library;
    library.entry(id)?;
    let direct = library.used_by(id);
    let segments = direct
        .iter()
        .map(|entry| UsedBy {
            id: entry.id.clone(),
            name: entry.segment.name.clone(),
            kind: entry.segment.kind,
            archived: entry.segment.archived_at.is_some(),
            pointers: entry
                .outline
                .segments
                .iter()
                .filter(|mention| mention.id == id)
                .map(|mention| mention.pointer.clone())
                .collect(),
        })
        .collect();
    let indirect = library
        .dependents(id)
        .into_iter()
        .filter(|entry| !entry.refers_to.contains(id))
        .map(|entry| entry.reference())
        .collect();
    Ok(Usage { segments, indirect })
}
