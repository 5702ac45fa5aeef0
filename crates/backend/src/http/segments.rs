//! Segments: listed, made, changed, taken away and brought back, and their sizes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use segments_model::Segment;
use segments_model::segment::{
    EvaluateSegments, NewSegment, SegmentPage, SegmentPatch, SegmentQuery,
};

use crate::ask::backend::Backend;
use crate::ask::creation::Creation;
use crate::ask::principal::Principal;
use crate::ask::revision::Revised;
use crate::ask::segments::{change, create, list, sizes, summary};
use crate::error::Error;
use crate::http::request::{
    At, IdempotencyKey, Input, NoInput, NoParams, Params, may_match, must_match,
};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// `GET /segments`
pub async fn list(
    State(backend): Shared,
    Params(query): Params<SegmentQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let page = list::list(&backend, &query).await?;
    // A cursor tells when its page was asked for; two equal lists are to have equal tags all the same.
    let comparable = SegmentPage {
        next_cursor: None,
        ..page.clone()
    };
    respond::known_or(&headers, 0, &comparable, &page)
}

/// `GET /segments/{id}`
pub async fn read(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Revised { revision, value } = summary::read(&backend, &id).await?;
    respond::known_or(&headers, revision, &value, &value)
}

/// `POST /segments`
pub async fn create(
    State(backend): Shared,
    principal: Principal,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    input: Input<NewSegment>,
) -> Result<Response, Error> {
    let key = key.map(|IdempotencyKey(key)| key);
    let creation = Creation::begin("POST /segments", key, &input.bytes);
    created(&create::create(&backend, &principal, &creation, &input.value).await?)
}

/// `POST /segments/{id}/duplicate`
pub async fn duplicate(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    headers: HeaderMap,
    NoInput: NoInput,
) -> Result<Response, Error> {
    let key = key.map(|IdempotencyKey(key)| key);
    let creation = Creation::begin(&format!("POST /segments/{id}/duplicate"), key, &[]);
    let expected = may_match(&headers);
    created(&create::duplicate(&backend, &principal, &creation, &id, &expected).await?)
}

/// `PATCH /segments/{id}`
pub async fn patch(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    Input { value: patch, .. }: Input<SegmentPatch>,
) -> Result<Response, Error> {
    let expected = must_match(&headers);
    shown(&change::patch(&backend, &principal, &id, &expected, &patch).await?)
}

/// `DELETE /segments/{id}`
pub async fn delete(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Result<StatusCode, Error> {
    change::delete(&backend, &principal, &id, &must_match(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /segments/{id}/archive`
pub async fn archive(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    NoInput: NoInput,
) -> Result<Response, Error> {
    shown(&change::archive(&backend, &principal, &id, &may_match(&headers)).await?)
}

/// `POST /segments/{id}/restore`
pub async fn restore(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    NoInput: NoInput,
) -> Result<Response, Error> {
    shown(&change::restore(&backend, &principal, &id, &may_match(&headers)).await?)
}

/// `POST /segments/evaluate`
pub async fn evaluate_all(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<EvaluateSegments>,
) -> Result<Response, Error> {
    let sizes = sizes::evaluate_all(&backend, &request).await?;
    respond::json(StatusCode::OK, &sizes)
}

fn shown(segment: &Revised<Segment>) -> Result<Response, Error> {
    respond::tagged(StatusCode::OK, segment.revision, &segment.value)
}

fn created(segment: &Revised<Segment>) -> Result<Response, Error> {
    let Revised { revision, value } = segment;
    let response = respond::tagged(StatusCode::CREATED, *revision, value)?;
    respond::located(response, &format!("/api/v1/segments/{}", value.summary.id))
}
