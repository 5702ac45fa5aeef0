//! Segments changed, taken away and brought back.

use segments_model::Segment;
use segments_model::segment::SegmentPatch;

use crate::Change;
use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::principal::{Action, Principal};
use crate::ask::question::{Place, Subject};
use crate::ask::revision::{Expected, Revised};
use crate::ask::segments::check::{name_is_free, none_or, texts};
use crate::ask::segments::evaluate::evaluate;
use crate::ask::segments::summary::read;
use crate::ask::{purge, versions, words};
use crate::error::Error;
use crate::store::library::{Entry, Stored};

/// Changes a segment; where it asks something else then, it is evaluated.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Input`], [`Error::NotFound`], [`Error::Deleted`], [`Error::Stale`],
/// [`Error::NameTaken`], [`Error::Cycle`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn patch(
    backend: &Backend,
    principal: &Principal,
    id: &str,
    expected: &Expected,
    patch: &SegmentPatch,
) -> Result<Revised<Segment>, Error> {
    principal.may(Action::Write)?;
    let mut errors = texts(
        patch.name.as_deref(),
        patch.description.as_deref(),
        patch.category.as_deref(),
    );
    if let Some(definition) = &patch.definition {
        errors.extend(words::check(definition, "/definition"));
    }
    none_or(errors)?;

    backend
        .change(move |context| async move {
            let entry = context.library.entry(id)?;
            expected.check(entry.revision)?;
            let before = &entry.segment;
            let mut segment = patched(backend, &context, before, patch)?;
            if segment == *before {
                return Ok((Vec::new(), ()));
            }
            segment.version += 1;
            segment.updated_at = context.now;
            name_is_free(&context.library, &segment.name, Some(id))?;

            let asks_anew =
                segment.definition != before.definition || segment.time_zone != before.time_zone;
            let is_evaluated = asks_anew || segment.kind != before.kind;
            let found_at = is_evaluated.then_some(context.now);
            let author = principal.person();
            let mut changes = vec![entry.put(&segment)?];
            changes.extend(
                versions::next(backend, &context.library, entry, &segment, author, found_at)
                    .await?,
            );
            if is_evaluated {
                changes.extend(evaluated(backend, &context, id, &segment).await?);
            }
            Ok((changes, ()))
        })
        .await?;
    read(backend, id).await
}

/// The segment with what a patch says of it.
fn patched(
    backend: &Backend,
    context: &RequestContext,
    before: &Stored,
    patch: &SegmentPatch,
) -> Result<Stored, Error> {
    let zone = patch.time_zone.as_deref();
    let zone = zone.map(|zone| backend.zone(context, Some(zone), "/time_zone"));
    let zone = zone.transpose()?;
    let text = |text: &Option<String>, before: &String| {
        text.as_deref()
            .map_or_else(|| before.clone(), |text| text.trim().to_owned())
    };
    Ok(Stored {
        name: text(&patch.name, &before.name),
        description: text(&patch.description, &before.description),
        category: text(&patch.category, &before.category),
        kind: patch.kind.unwrap_or(before.kind),
        definition: patch
            .definition
            .clone()
            .unwrap_or_else(|| before.definition.clone()),
        time_zone: zone.map_or_else(|| before.time_zone.clone(), |zone| zone.name().to_owned()),
        ..before.clone()
    })
}

/// The changes that store what a changed segment finds now.
async fn evaluated(
    backend: &Backend,
    context: &RequestContext,
    id: &str,
    segment: &Stored,
) -> Result<Vec<Change>, Error> {
    let subject = Subject::from(&segment.definition);
    let place = Place {
        id: Some(id),
        kind: segment.kind,
    };
    let (user_sets, library) = (&backend.user_sets, &context.library);
    subject
        .check(user_sets, library, "/definition", Some(place))
        .await?;
    let evaluated = evaluate(backend, context, segment, subject, context.now).await?;
    let members = backend.members_revision(id).await?;
    let stored = evaluated.changes(backend, context, id, segment.kind, members);
    let mut changes = stored.await?;
    changes.push(library.touch_references());
    Ok(changes)
}

/// Takes a segment away, for a while: until it goes for good, it can be brought back.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Deleted`], [`Error::Stale`], [`Error::InUse`],
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn delete(
    backend: &Backend,
    principal: &Principal,
    id: &str,
    expected: &Expected,
) -> Result<(), Error> {
    principal.may(Action::Write)?;
    backend
        .change(move |context| async move {
            let entry = context.library.entry(id)?;
            expected.check(entry.revision)?;
            let used_by = context.library.used_by(id);
            if !used_by.is_empty() {
                return Err(Error::InUse {
                    name: entry.segment.name.clone(),
                    used_by: used_by.into_iter().map(|entry| entry.reference()).collect(),
                });
            }
            let deleted = Stored {
                deleted_at: Some(context.now),
                ..entry.segment.clone()
            };
            let mut changes = vec![entry.put(&deleted)?, context.library.touch_references()];
            changes.extend(purge::changes(backend, &context).await?);
            Ok((changes, ()))
        })
        .await
}

/// Puts a segment into the archive.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Deleted`], [`Error::Stale`], [`Error::Unavailable`],
/// [`Error::Broken`]
pub async fn archive(
    backend: &Backend,
    principal: &Principal,
    id: &str,
    expected: &Expected,
) -> Result<Revised<Segment>, Error> {
    principal.may(Action::Write)?;
    backend
        .change(move |context| async move {
            let entry = context.library.entry(id)?;
            expected.check(entry.revision)?;
            if entry.segment.archived_at.is_some() {
                return Ok((Vec::new(), ()));
            }
            let archived = Stored {
                archived_at: Some(context.now),
                ..entry.segment.clone()
            };
            Ok((vec![entry.put(&archived)?], ()))
        })
        .await?;
    read(backend, id).await
}

/// Brings a deleted segment back, and takes an archived one out of the archive.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Stale`], [`Error::NameTaken`], [`Error::DanglingReferences`],
/// [`Error::Input`], [`Error::Cycle`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn restore(
    backend: &Backend,
    principal: &Principal,
    id: &str,
    expected: &Expected,
) -> Result<Revised<Segment>, Error> {
    principal.may(Action::Write)?;
    backend
        .change(move |context| async move {
            let entry = context.library.any_entry(id)?;
            expected.check(entry.revision)?;
            let mut restored = entry.segment.clone();
            let mut changes = Vec::new();
            if entry.is_deleted() {
                may_come_back(backend, &context, entry).await?;
                restored.deleted_at = None;
                changes.push(context.library.touch_references());
            } else if restored.archived_at.take().is_none() {
                return Ok((changes, ()));
            }
            changes.push(entry.put(&restored)?);
            Ok((changes, ()))
        })
        .await?;
    read(backend, id).await
}

/// Whether a deleted segment can be what it was.
async fn may_come_back(
    backend: &Backend,
    context: &RequestContext,
    entry: &Entry,
) -> Result<(), Error> {
    let (id, library) = (&entry.id, &context.library);
    if let Some(other) = library.named(&entry.segment.name, Some(id)) {
        return Err(Error::NameTaken {
            name: other.segment.name.clone(),
            pointer: None,
        });
    }
    let gone: Vec<String> = entry
        .refers_to
        .iter()
        .filter(|id| library.entry(id).is_err())
        .map(|id| format!("\"{}\"", library.name(id).unwrap_or(id)))
        .collect();
    if !gone.is_empty() {
        return Err(Error::DanglingReferences(gone));
    }
    // What it refers to may have grown while it was gone.
    let place = Place {
        id: Some(id),
        kind: entry.segment.kind,
    };
    Subject::from(entry)
        .check(&backend.user_sets, library, "", Some(place))
        .await
}
