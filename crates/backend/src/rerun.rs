//! Static segments evaluated again.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use segments_model::Instant;
use segments_model::segment::SegmentKind;
use segments_model::version::{Rerun, RerunMoves, RerunRequest};

use crate::ask::backend::Backend;
use crate::ask::data::Data;
use crate::ask::preview::SAMPLE;
use crate::ask::question::{Subject, not_stored};
use crate::ask::stamp::stamp;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::http::request::{At, MayInput, NoParams, Params, may_match};
use crate::http::respond;
use crate::segments::{evaluate, grown};
use crate::store::library::{Found, Stored};
use crate::versions;

/// `POST /segments/{id}/rerun`
pub async fn rerun(
    State(backend): State<Arc<Backend>>,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    MayInput(request): MayInput<RerunRequest>,
) -> Result<Response, Error> {
    let begin = backend.host.elapsed_ms();
    let (backend, id, headers, request) = (&*backend, &*id, &headers, &request);
    let mut outcome = backend
        .change(move |moment| async move {
        let entry = moment.shelf.entry(id)?;
        may_match(headers).check(entry.revision)?;
        if entry.segment.kind == SegmentKind::Dynamic {
            return Err(Error::Meaningless(
                "a dynamic segment is evaluated whenever it is asked for: only a static one is run again"
                    .to_owned(),
            ));
        }
        let as_of = request.as_of.unwrap_or(moment.now);
        let data = backend.data(&moment).await?;
        let subject = Subject::from(&**entry);
        let mut evaluated = evaluate(backend, &moment, &entry.segment, subject, as_of).await?;
        let before = backend.user_sets.members(id).await?;
        let before = before.ok_or_else(|| not_stored(id))?;
        let ids = before.ids().await?;
        let ids: Vec<&str> = ids.iter().collect();
        let found = evaluated.ids.as_deref().unwrap_or_default();
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let known = moment.shelf.found(id).map(|found| &found.value);
        let mut outcome = Rerun {
            stamp: stamp(
                backend,
                &data,
                &stored_zone(&entry.segment.time_zone)?,
                as_of,
                begin,
            ),
            before_as_of: known.map(|found| found.as_of),
            before: before.stored.len(),
            users: found.len() as u64,
            joined: moves(&data, &found, &ids, as_of).await?,
            left: moves(&data, &ids, &found, as_of).await?,
            applied: request.apply,
            version: entry.segment.version,
        };
        let mut changes = Vec::new();
        if request.apply {
            let segment = Stored {
                version: entry.segment.version + 1,
                updated_at: moment.now,
                ..entry.segment.clone()
            };
            outcome.version = segment.version;
            evaluated.found = Found {
                trend: grown(known, &evaluated.found, moment.now).trend,
                ..evaluated.found
            };
            changes.push(entry.put(&segment)?);
            changes.extend(
                versions::next(backend, &moment.shelf, entry, &segment, Some(as_of)).await?,
            );
            let members = backend.members_revision(id).await?;
            let stored = evaluated.changes(backend, &moment, id, segment.kind, members);
            changes.extend(stored.await?);
            }
            Ok((changes, outcome))
        })
        .await?;
    outcome.stamp.took_ms = backend.host.elapsed_ms() - begin;
    respond::json(StatusCode::OK, &outcome)
}

/// Those who are in the one list and not in the other.
async fn moves(
    data: &Data,
    these: &[&str],
    without: &[&str],
    as_of: Instant,
) -> Result<RerunMoves, Error> {
    let without: HashSet<&str> = without.iter().copied().collect();
    let moved = these.iter().copied().filter(|id| !without.contains(id));
    let moved: Vec<&str> = moved.collect();
    let known = data.snapshot().find(&moved, Some(as_of)).await?;
    Ok(RerunMoves {
        users: moved.len() as u64,
        sample: data.snapshot().sample(&known, SAMPLE).await?,
    })
}
