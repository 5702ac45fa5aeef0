//! Segments made anew, or as copies of others.

use segments_model::Instant;
use segments_model::Segment;
use segments_model::segment::{NewSegment, Person, SegmentKind};

use crate::Change;
use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::creation::Creation;
use crate::ask::principal::{Action, Principal};
use crate::ask::question::{Place, Subject};
use crate::ask::revision::{Expected, Revised};
use crate::ask::segments::check::{name_is_free, none_or, texts};
use crate::ask::segments::evaluate::evaluate;
use crate::ask::segments::summary::read;
use crate::ask::{versions, words};
use crate::error::Error;
use crate::store::library::{LibrarySnapshot, Stored, put_segment};
use crate::store::user_sets::put_members;

/// Makes a segment.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::KeyReused`], and those of [`new_segment`]
pub async fn create(
    backend: &Backend,
    principal: &Principal,
    creation: &Creation,
    new: &NewSegment,
) -> Result<Revised<Segment>, Error> {
    principal.may(Action::Write)?;
    let mut errors = texts(Some(&new.name), Some(&new.description), Some(&new.category));
    errors.extend(words::check(&new.definition, "/definition"));
    none_or(errors)?;

    let id = backend
        .change(move |context| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(&backend.library, context.now).await? {
                return Ok((Vec::new(), id));
            }
            let id = backend.new_id();
            let creator = principal.person();
            let mut changes = new_segment(backend, &context, &id, new, creator, &[]).await?;
            changes.extend(creation.change(&id, context.now)?);
            Ok((changes, id))
        })
        .await?;
    read(backend, &id).await
}

/// The changes that make a segment, its size and members included; `earlier` are instants, the first one first, whose sizes
/// its trend begins with.
///
/// # Errors
/// [`Error::NameTaken`], [`Error::Input`] with pointers into `new`, [`Error::Unavailable`], [`Error::Broken`]
pub async fn new_segment(
    backend: &Backend,
    context: &RequestContext,
    id: &str,
    new: &NewSegment,
    creator: Person,
    earlier: &[Instant],
) -> Result<Vec<Change>, Error> {
    let zone = backend.zone(context, new.time_zone.as_deref(), "/time_zone")?;
    name_is_free(&context.library, &new.name, None)?;
    let subject = Subject::from(&new.definition);
    let place = Place {
        id: None,
        kind: new.kind,
    };
    subject
        .check(
            &backend.user_sets,
            &context.library,
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
        created_at: context.now,
        updated_at: context.now,
        version: 1,
        archived_at: None,
        deleted_at: None,
    };
    let as_of = match (new.as_of, new.kind) {
        (None, _) => context.now,
        (Some(as_of), SegmentKind::Static) => as_of,
        // What is kept of a dynamic segment is its size now, which one of the future would hide until then.
        (Some(as_of), SegmentKind::Dynamic) => as_of.min(context.now),
    };
    let mut evaluated = evaluate(backend, context, &segment, subject.clone(), as_of).await?;
    let mut trend = Vec::new();
    for instant in earlier {
        let subject = subject.clone();
        let earlier = evaluate(backend, context, &segment, subject, *instant).await?;
        trend.extend(earlier.found.trend);
    }
    evaluated.found.trend.splice(..0, trend);
    let mut changes = vec![
        put_segment(id, None, &segment)?,
        context.library.touch_references(),
    ];
    changes.push(versions::first(backend, id, &segment, as_of).await?);
    changes.extend(
        evaluated
            .changes(backend, context, id, segment.kind, None)
            .await?,
    );
    Ok(changes)
}

/// Makes a copy of a segment, under a name that nothing has yet.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::KeyReused`], [`Error::NotFound`], [`Error::Deleted`], [`Error::Stale`],
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn duplicate(
    backend: &Backend,
    principal: &Principal,
    creation: &Creation,
    id: &str,
    expected: &Expected,
) -> Result<Revised<Segment>, Error> {
    principal.may(Action::Write)?;
    let copy_id = backend
        .change(move |context| async move {
            let mut creation = creation.clone();
            if let Some(id) = creation.done(&backend.library, context.now).await? {
                return Ok((Vec::new(), id));
            }
            let entry = context.library.entry(id)?;
            expected.check(entry.revision)?;
            let copy = Stored {
                name: free_name(&context.library, &entry.segment.name),
                creator: principal.person(),
                created_at: context.now,
                updated_at: context.now,
                version: 1,
                archived_at: None,
                ..entry.segment.clone()
            };
            let copy_id = backend.new_id();
            let mut changes = vec![
                put_segment(&copy_id, None, &copy)?,
                context.library.touch_references(),
            ];
            if let Some(found) = context.library.found(id) {
                changes.push(context.library.put_found(&copy_id, &found.value)?);
            }
            if let Some(members) = backend.user_sets.members(id).await? {
                changes.push(put_members(&copy_id, None, &members.stored)?);
            }
            let found_at = context.library.found(id).map(|found| found.value.as_of);
            let found_at = found_at.unwrap_or(context.now);
            changes.push(versions::first(backend, &copy_id, &copy, found_at).await?);
            changes.extend(creation.change(&copy_id, context.now)?);
            Ok((changes, copy_id))
        })
        .await?;
    read(backend, &copy_id).await
}

/// A name that nothing has yet: "Buyers (copy)", "Buyers (copy 2)", ….
fn free_name(library: &LibrarySnapshot, name: &str) -> String {
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
        if library.named(&candidate, None).is_none() {
            return candidate;
        }
        number += 1;
    }
}
