//! Definitions tried out before they are saved.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_engine_api::MemberSet;
use segments_model::calendar::Zone;
use segments_model::preview::{Changes, DependentChanges, Preview, PreviewRequest};
use segments_model::stamp::Unit;
use segments_model::{Criterion, Instant, Stamp};

use crate::backend::{Backend, Moment};
use crate::engine::Data;
use crate::error::Error;
use crate::question::{Instead, Question, Subject};
use crate::request::{Input, NoParams, Params};
use crate::segments::share;
use crate::{lint, respond, words};

/// How many users a preview shows.
pub const SAMPLE: usize = 10;

/// `POST /segments/preview`
pub async fn preview(
    State(backend): State<Arc<Backend>>,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<PreviewRequest>,
) -> Result<Response, Error> {
    let errors = words::check(&request.definition, "/definition");
    if !errors.is_empty() {
        return Err(Error::Input(errors));
    }
    let begin = backend.host.elapsed_ms();
    let moment = backend.moment().await?;
    let zone = backend.zone(&moment, request.time_zone.as_deref(), "/time_zone")?;
    let as_of = request.as_of.unwrap_or(moment.now);
    let against = request.against.as_deref();
    Subject::from(&request.definition)
        .check(&backend, &moment.shelf, "/definition", against)
        .await?;
    let data = backend.data(&moment).await?;
    let question = Question::ask(
        &backend,
        &moment.shelf,
        &request.definition,
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
            Some(changes(&backend, &moment, &data, &request.definition, &question, id).await?)
        }
        None => None,
    };
    let users = outcome.members.len();
    let all_users = data.users_at(as_of).await?;
    let facts = data.facts(as_of).await?;
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
    let preview = Preview {
        users,
        share: share(users, all_users),
        all_users,
        sentence: words::sentence(&moment.shelf, &request.definition),
        sample,
        criteria: outcome.criteria,
        lint,
        changes,
        stamp: stamp(&backend, &data, &zone, as_of, begin),
    };
    respond::json(StatusCode::OK, &preview)
}

/// What a figure about users is true for.
pub fn stamp(backend: &Backend, data: &Data, zone: &Zone, as_of: Instant, begin: f64) -> Stamp {
    Stamp {
        as_of,
        time_zone: zone.name().to_owned(),
        start: None,
        end: Some(as_of),
        unit: Unit::Users,
        exact: true,
        data_version: data.version().to_owned(),
        took_ms: backend.host.elapsed_ms() - begin,
    }
}

/// What would change if the stored segment `id` had this definition.
async fn changes(
    backend: &Backend,
    moment: &Moment,
    data: &Data,
    definition: &Criterion,
    question: &Question,
    id: &str,
) -> Result<Changes, Error> {
    let ask = async |definition: &Criterion, zone: Zone, instead: Option<Instead<'_>>| {
        let question = Question::ask(
            backend,
            &moment.shelf,
            definition,
            zone,
            question.as_of,
            instead,
        )
        .await?;
        data.evaluate(definition, &question).await
    };
    let entry = moment.shelf.entry(id).map_err(|error| {
        Error::input(
            "/against",
            segments_model::problem::Code::Unknown,
            error.to_string(),
        )
    })?;
    let stored = Criterion::Segment(segments_model::criterion::SegmentCriterion {
        id: id.to_owned(),
        as_of: None,
    });
    let before = ask(&stored, question.zone.clone(), None).await?;
    let after = data.evaluate(definition, question).await?;
    let (joined, left) = moved(data, &before, &after).await?;
    let mut changes = Changes {
        joined,
        left,
        dependents: Vec::new(),
    };
    let instead = Instead {
        id: &entry.id,
        definition,
        zone: &question.zone,
    };
    for dependent in moment.shelf.dependents(id) {
        let zone = backend.stored_zone(&dependent.segment.time_zone)?;
        let definition = &dependent.segment.definition;
        let before = ask(definition, zone.clone(), None).await?;
        let after = ask(definition, zone, Some(instead)).await?;
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
