//! The calls of the tools.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_engine_api::OnProgress;
use segments_model::query::Query;
use segments_model::selection::SelectionRequest;

use crate::ask;
use crate::ask::backend::Backend;
use crate::error::Error;
use crate::http::request::{Input, NoParams, Params};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// `POST /query`
///
/// An [`OnProgress`] among the request's extensions is called with how far the work is.
pub async fn query(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    on_progress: Option<Extension<OnProgress>>,
    Input { value: query, .. }: Input<Query>,
) -> Result<Response, Error> {
    let on_progress = on_progress.as_deref();
    let answer = ask::query::query(&backend, &query, on_progress).await?;
    respond::json(StatusCode::OK, &*answer)
}

/// `POST /selection`
pub async fn selection(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<SelectionRequest>,
) -> Result<Response, Error> {
    let selected = ask::query::selection(&backend, &request).await?;
    respond::json(StatusCode::OK, &selected)
}
