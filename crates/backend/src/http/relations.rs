//! The calls about how segments lie to each other.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::Instant;
use segments_model::history::OverlapRequest;
use serde::Deserialize;

use crate::ask::backend::Backend;
use crate::ask::relations;
use crate::error::Error;
use crate::http::request::{At, Input, NoParams, Params};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// Parameters of a segment's relations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationsParams {
    as_of: Option<Instant>,
    time_zone: Option<String>,
}

/// `GET /segments/{id}/relations`
pub async fn relations(
    State(backend): Shared,
    At(id): At<String>,
    Params(params): Params<RelationsParams>,
) -> Result<Response, Error> {
    let zone = params.time_zone.as_deref();
    let relations = relations::relations(&backend, &id, params.as_of, zone).await?;
    respond::json(StatusCode::OK, &relations)
}

/// `POST /segments/overlap`
pub async fn overlap(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<OverlapRequest>,
) -> Result<Response, Error> {
    let overlap = relations::overlap(&backend, &request).await?;
    respond::json(StatusCode::OK, &overlap)
}

/// `GET /segments/{id}/usage`
pub async fn usage(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Error> {
    respond::json(StatusCode::OK, &relations::usage(&backend, &id).await?)
}
