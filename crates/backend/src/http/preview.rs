//! The call that tries a definition out.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::preview::PreviewRequest;

use crate::ask;
use crate::ask::backend::Backend;
use crate::error::Error;
use crate::http::request::{Input, NoParams, Params};
use crate::http::respond;

/// `POST /segments/preview`
pub async fn preview(
    State(backend): State<Arc<Backend>>,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<PreviewRequest>,
) -> Result<Response, Error> {
    let preview = ask::preview::preview(&backend, &request).await?;
    respond::json(StatusCode::OK, &preview)
}
