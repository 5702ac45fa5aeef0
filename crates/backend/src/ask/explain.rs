//! Why a user meets a definition, or does not.

use std::sync::Arc;

use segments_engine_api::Explained;
use segments_model::Instant;
use segments_model::explain::{ExplainRequest, Explanation, Found};
use segments_model::problem::{Code, InputError};
use segments_model::segment::SegmentKind;

use crate::ask::backend::Backend;
use crate::ask::question::{Question, Subject};
use crate::ask::stamp::stamp;
use crate::ask::words;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::{Entry, LibrarySnapshot};

/// Why a user meets a definition or a stored segment, or does not, criterion by criterion.
///
/// # Errors
/// [`Error::Input`], [`Error::NotFound`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn explain(
    backend: &Backend,
    id: &str,
    request: ExplainRequest,
) -> Result<Explanation, Error> {
    let begin = backend.host.elapsed_ms();
    let context = backend.context().await?;
    let library = &context.library;
    let (definition, entry, pointer) = match (request.segment, request.definition) {
        (Some(segment), None) => {
            let entry = stored(library, &segment)?;
            (entry.segment.definition.clone(), Some(entry), "/segment")
        }
        (None, Some(definition)) => {
            let errors = words::check(&definition, "/definition");
            if !errors.is_empty() {
                return Err(Error::Input(errors));
            }
            (definition, None, "/definition")
        }
        _ => {
            return Err(Error::input(
                "",
                Code::NotAllowed,
                "give either \"segment\" or \"definition\"",
            ));
        }
    };
    let subject = match entry {
        Some(entry) => Subject::from(&**entry),
        None => Subject::from(&definition),
    };
    if entry.is_none() {
        subject
            .check(&backend.user_sets, library, pointer, None)
            .await?;
    }
    let zone = match (&request.time_zone, entry) {
        (None, Some(entry)) => stored_zone(&entry.segment.time_zone)?,
        (name, _) => backend.zone(&context, name.as_deref(), "/time_zone")?,
    };
    // Who is in a static segment was found at an instant, and stays in it whatever time it is.
    let frozen = entry.filter(|entry| entry.segment.kind == SegmentKind::Static);
    let found = frozen.and_then(|entry| members_found(library, &entry.id));
    let as_of = request.as_of.or(found).unwrap_or(context.now);
    let data = backend.data(&context).await?;
    let question = Question::ask(
        &backend.user_sets,
        library,
        subject,
        zone.clone(),
        as_of,
        None,
    )
    .await?;
    let Explained {
        holds,
        mut criteria,
        flip,
        mut flips_at,
    } = data
        .explain(id, &definition, &question)
        .await
        .map_err(|error| error.below(pointer))?
        .ok_or_else(|| Error::NotFound {
            what: "user",
            id: id.to_owned(),
        })?;
    for criterion in &mut criteria {
        if frozen.is_some() {
            criterion.flips_at = None;
        }
        if let Some(Found::Segment { id, as_of }) = &mut criterion.found
            && let Some(found) = members_found(library, id)
        {
            *as_of = found;
        }
    }
    if frozen.is_some() {
        flips_at = None;
    }
    Ok(Explanation {
        stamp: stamp(backend, &data, &zone, as_of, begin),
        sentence: words::sentence(library, &definition),
        definition,
        holds,
        criteria,
        flip,
        flips_at,
    })
}

fn stored<'s>(library: &'s LibrarySnapshot, id: &str) -> Result<&'s Arc<Entry>, Error> {
    library.entry(id).map_err(|error| {
        Error::Input(vec![InputError {
            pointer: "/segment".to_owned(),
            code: Code::Unknown,
            detail: error.to_string(),
        }])
    })
}

/// When the members of a static segment were found; none of another one.
fn members_found(library: &LibrarySnapshot, id: &str) -> Option<Instant> {
    let entry = library.entry(id).ok()?;
    let is_static = entry.segment.kind == SegmentKind::Static;
    let found = library.found(id).filter(|_| is_static)?;
    Some(found.value.as_of)
}
