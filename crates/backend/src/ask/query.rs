//! The queries of the tools, and what is clicked in their answers.

use std::sync::Arc;

use segments_engine_api::OnProgress;
use segments_model::answer::Answer;
use segments_model::filter::Scope;
use segments_model::limits::LIMITS;
use segments_model::problem::InputError;
use segments_model::query::Query;
use segments_model::selection::{Selected, SelectionRequest, definition};
use segments_model::validate::check_query;

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::question::{Question, Subject};
use crate::ask::validity::stamp_of;
use crate::ask::words;
use crate::error::Error;

/// Puts a valid query together with what it refers to. It stands at `pointer` in the request's body.
async fn asked(
    backend: &Backend,
    context: &RequestContext,
    query: &Query,
    pointer: &str,
) -> Result<Question, Error> {
    let errors = check_query(query, &LIMITS);
    if !errors.is_empty() {
        return Err(Error::Input(errors).below(pointer));
    }
    let zone = backend.zone(context, query.time_zone(), &format!("{pointer}/time_zone"))?;
    let as_of = query.as_of().unwrap_or(context.now);
    let subject = Subject::from(query);
    let library = &context.library;
    subject
        .check(&backend.user_sets, library, pointer, None)
        .await?;
    Question::ask(&backend.user_sets, library, subject, zone, as_of, None).await
}

/// The answer to a query.
///
/// Equal questions of the same data get the same answer, to the time that it took to work out, as of the same instant or of
/// others between which nothing changes. `on_progress` is called with how far the work is.
///
/// # Errors
/// [`Error::Input`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn query(
    backend: &Backend,
    query: &Query,
    on_progress: Option<&OnProgress>,
) -> Result<Arc<Answer>, Error> {
    let begin = backend.host.elapsed_ms();
    let context = backend.context().await?;
    let question = asked(backend, &context, query, "").await?;
    let data = backend.data(&context).await?;
    if let Some(answer) = data.known_answer(query, &question).await? {
        return Ok(answer);
    }
    let mut answer = data.answer(query, &question, on_progress).await?;
    stamp_of(&mut answer).took_ms = backend.host.elapsed_ms() - begin;
    data.keep_answer(query, &question, answer).await
}

/// Who is in the part of an answer that was clicked, as a definition.
///
/// # Errors
/// [`Error::Input`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn selection(backend: &Backend, request: &SelectionRequest) -> Result<Selected, Error> {
    let SelectionRequest { query, selection } = request;
    let context = backend.context().await?;
    let question = asked(backend, &context, query, "/query").await?;
    let data = backend.data(&context).await?;
    let types = |scope: Scope, name: &str| match scope {
        Scope::Event => data.schema().event_properties.get(name).copied(),
        Scope::User => data.schema().user_properties.get(name).copied(),
    };
    let (zone, as_of) = (question.zone, question.as_of);
    let definition = definition(query, selection, &zone, as_of, &types).map_err(Error::Input)?;
    let question = Question::ask(
        &backend.user_sets,
        &context.library,
        &definition,
        zone.clone(),
        as_of,
        None,
    )
    .await?;
    let members = data
        .evaluate(&definition, &question)
        .await
        .map_err(|error| match error {
            // Places in the definition are none in the request, but whatever is wrong came with the query.
            Error::Input(errors) => Error::Input(
                errors
                    .into_iter()
                    .map(|error| InputError {
                        pointer: "/query".to_owned(),
                        ..error
                    })
                    .collect(),
            ),
            other => other,
        })?;
    Ok(Selected {
        sentence: words::sentence(&context.library, &definition),
        time_zone: zone.name().to_owned(),
        as_of,
        users: members.len(),
        definition,
    })
}
