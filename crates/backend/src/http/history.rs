//! The calls about sizes over time.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::Instant;
use segments_model::history::SizesRequest;
use segments_model::range::CalendarUnit;
use serde::Deserialize;

use crate::ask::backend::Backend;
use crate::ask::history;
use crate::error::Error;
use crate::http::request::{At, Input, NoParams, Params, during_param};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// Parameters of a segment's history.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryParams {
    during: Option<String>,
    unit: Option<CalendarUnit>,
    as_of: Option<Instant>,
    time_zone: Option<String>,
}

/// `GET /segments/{id}/history`
pub async fn history(
    State(backend): Shared,
    At(id): At<String>,
    Params(params): Params<HistoryParams>,
) -> Result<Response, Error> {
    let options = history::HistoryOptions {
        during: during_param(params.during.as_deref())?,
        unit: params.unit,
        as_of: params.as_of,
        time_zone: params.time_zone,
    };
    let history = history::history(&backend, &id, &options).await?;
    respond::json(StatusCode::OK, &history)
}

/// `POST /segments/preview/history`
pub async fn preview(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<SizesRequest>,
) -> Result<Response, Error> {
    let sizes = history::preview(&backend, &request).await?;
    respond::json(StatusCode::OK, &sizes)
}
