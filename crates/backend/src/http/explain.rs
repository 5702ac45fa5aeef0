//! The call that tells why a user meets a definition, or does not.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::explain::ExplainRequest;

use crate::ask;
use crate::ask::backend::Backend;
use crate::error::Error;
use crate::http::request::{At, Input, NoParams, Params};
use crate::http::respond;

/// `POST /users/{id}/explain`
pub async fn explain(
    State(backend): State<Arc<Backend>>,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    Input { value: request, .. }: Input<ExplainRequest>,
) -> Result<Response, Error> {
    let explanation = ask::explain::explain(&backend, &id, request).await?;
    respond::json(StatusCode::OK, &explanation)
}
