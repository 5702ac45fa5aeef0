//! Static segments evaluated again.

use std::collections::HashSet;

use segments_model::Instant;
use segments_model::segment::SegmentKind;
use segments_model::version::{Rerun, RerunMoves, RerunRequest};

use crate::Change;
use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::preview::SAMPLE;
use crate::ask::principal::{Action, Principal};
use crate::ask::question::{Subject, not_stored};
use crate::ask::revision::Expected;
use crate::ask::segments::evaluate::{Evaluated, evaluate};
use crate::ask::segments::sizes::grown;
use crate::ask::stamp::stamp;
use crate::ask::versions;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::{Entry, Found, Stored};

/// Who would join a static segment and who would leave it if it were evaluated again, which is kept where the request says
/// so.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Deleted`], [`Error::Stale`], [`Error::Meaningless`],
/// [`Error::Input`], [`Error::DanglingReferences`], [`Error::Full`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn rerun(
    backend: &Backend,
    principal: &Principal,
    id: &str,
    expected: &Expected,
    request: &RerunRequest,
) -> Result<Rerun, Error> {
    if request.apply {
        principal.may(Action::Write)?;
    }
    let begin = backend.host.elapsed_ms();
    let mut outcome = backend
        .change(move |context| async move {
            let entry = context.library.entry(id)?;
            expected.check(entry.revision)?;
            if entry.segment.kind == SegmentKind::Dynamic {
                return Err(Error::Meaningless(
                    "a dynamic segment is evaluated whenever it is asked for: only a static one is run again"
                        .to_owned(),
                ));
            }
            let as_of = request.as_of.unwrap_or(context.now);
            let data = backend.data(&context).await?;
            let subject = Subject::from(&**entry);
            let evaluated = evaluate(backend, &context, &entry.segment, subject, as_of).await?;
            let before = backend.user_sets.members(id).await?;
            let before = before.ok_or_else(|| not_stored(id))?;
            let ids = before.ids().await?;
            let ids: Vec<&str> = ids.iter().collect();
            let found = evaluated.ids.as_deref().unwrap_or_default();
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            let zone = stored_zone(&entry.segment.time_zone)?;
            let mut outcome = Rerun {
                stamp: stamp(backend, &data, &zone, as_of, begin),
                before_as_of: context.library.found(id).map(|found| found.value.as_of),
                before: before.stored.len(),
                users: found.len() as u64,
                joined: moves(&data, &found, &ids, as_of).await?,
                left: moves(&data, &ids, &found, as_of).await?,
                applied: request.apply,
                version: entry.segment.version,
            };
            let mut changes = Vec::new();
            if request.apply {
                outcome.version += 1;
                changes = applied(backend, principal, &context, entry, evaluated).await?;
            }
            Ok((changes, outcome))
        })
        .await?;
    outcome.stamp.took_ms = backend.host.elapsed_ms() - begin;
    Ok(outcome)
}

/// The changes that make the next version of a segment, with the members found.
async fn applied(
    backend: &Backend,
    principal: &Principal,
    context: &RequestContext,
    entry: &Entry,
    evaluated: Evaluated,
) -> Result<Vec<Change>, Error> {
    let (id, library, as_of) = (&entry.id, &context.library, evaluated.found.as_of);
    let segment = Stored {
        version: entry.segment.version + 1,
        updated_at: context.now,
        ..entry.segment.clone()
    };
    let known = library.found(id).map(|found| &found.value);
    let evaluated = Evaluated {
        found: Found {
            trend: grown(known, &evaluated.found, context.now).trend,
            ..evaluated.found
        },
        ..evaluated
    };
    let mut changes = vec![entry.put(&segment)?];
    let author = principal.person();
    changes.extend(versions::next(backend, library, entry, &segment, author, Some(as_of)).await?);
    let members = backend.members_revision(id).await?;
    let stored = evaluated.changes(backend, context, id, segment.kind, members);
    changes.extend(stored.await?);
    Ok(changes)
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
