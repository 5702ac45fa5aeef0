//! Definitions tried out before they are saved.

use segments_engine_api::MemberSet;
use segments_model::Instant;
use segments_model::preview::{Changes, DependentChanges, Preview, PreviewRequest};
use segments_model::segment::SegmentKind;

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::data::Data;
use crate::ask::question::{Instead, Place, Question, Subject};
use crate::ask::relations::members_of;
use crate::ask::stamp::{share, stamp};
use crate::ask::zone::stored_zone;
use crate::ask::{lint, words};
use crate::error::Error;

/// How many users a preview shows.
pub const SAMPLE: usize = 10;

/// Who would meet a definition, and what is striking about it.
///
/// # Errors
/// [`Error::Input`], [`Error::Cycle`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn preview(backend: &Backend, request: &PreviewRequest) -> Result<Preview, Error> {
    let errors = words::check(&request.definition, "/definition");
    if !errors.is_empty() {
        return Err(Error::Input(errors));
    }
    let begin = backend.host.elapsed_ms();
    let context = backend.context().await?;
    let zone = backend.zone(&context, request.time_zone.as_deref(), "/time_zone")?;
    let as_of = request.as_of.unwrap_or(context.now);
    let subject = Subject::from(&request.definition);
    // It is tried out to be saved, so what could not be saved is told here.
    let place = Place {
        id: request.against.as_deref(),
        kind: SegmentKind::Dynamic,
    };
    let library = &context.library;
    subject
        .check(&backend.user_sets, library, "/definition", Some(place))
        .await?;
    let data = backend.data(&context).await?;
    let question = Question::ask(
        &backend.user_sets,
        library,
        subject.clone(),
        zone.clone(),
        as_of,
        None,
    )
    .await?;
    let outcome = data
        .preview(&request.definition, &question)
        .await
        .map_err(|error| error.below("/definition"))?;
    let changes = match &request.against {
        Some(id) => {
            let instead = Instead {
                id,
                definition: &request.definition,
                subject: &subject,
                zone: &zone,
            };
            Some(changes(backend, &context, &data, instead, as_of, &outcome.members).await?)
        }
        None => None,
    };
    let users = outcome.members.len();
    let facts = data.facts(as_of).await?;
    let all_users = facts.users;
    let lint = lint::lint(
        backend.host.as_ref(),
        &request.definition,
        &question,
        data.schema(),
        &facts,
        &outcome,
    )
    .await;
    let sample = data.snapshot().sample(&outcome.members, SAMPLE).await?;
    Ok(Preview {
        users,
        share: share(users, all_users),
        all_users,
        sentence: words::sentence(library, &request.definition),
        sample,
        criteria: outcome.criteria,
        lint,
        changes,
        stamp: stamp(backend, &data, &zone, as_of, begin),
    })
}

/// What would change if a stored segment had another definition, which these users meet.
async fn changes(
    backend: &Backend,
    context: &RequestContext,
    data: &Data,
    instead: Instead<'_>,
    as_of: Instant,
    after: &MemberSet,
) -> Result<Changes, Error> {
    let library = &context.library;
    let entry = library.entry(instead.id).map_err(|error| {
        Error::input(
            "/against",
            segments_model::problem::Code::Unknown,
            error.to_string(),
        )
    })?;
    let before = members_of(backend, context, data, entry, as_of).await?;
    let (joined, left) = moved(data, &before, after).await?;
    let mut changes = Changes {
        joined,
        left,
        dependents: Vec::new(),
    };
    for dependent in library.dependents(instead.id) {
        let before = members_of(backend, context, data, dependent, as_of).await?;
        let zone = stored_zone(&dependent.segment.time_zone)?;
        let subject = Subject::from(&**dependent);
        let question = Question::ask(
            &backend.user_sets,
            library,
            subject,
            zone,
            as_of,
            Some(instead),
        )
        .await?;
        let definition = &dependent.segment.definition;
        let after = data.evaluate(definition, &question).await?;
        let (joined, left) = moved(data, &before, &after).await?;
        changes.dependents.push(DependentChanges {
            id: dependent.id.clone(),
            name: dependent.segment.name.clone(),
            joined,
            left,
        });
    }
    Ok(changes)
}

/// How many users are in the second set only, and how many in the first only.
async fn moved(data: &Data, before: &MemberSet, after: &MemberSet) -> Result<(u64, u64), Error> {
    let shared = data.snapshot().shared(before, after).await?;
    Ok((after.len() - shared, before.len() - shared))
}
