//! Static segments evaluated again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use segments_model::version::RerunRequest;

use crate::ask::backend::Backend;
use crate::ask::principal::Principal;
use crate::ask::rerun;
use crate::error::Error;
use crate::http::request::{At, MayInput, NoParams, Params, may_match};
use crate::http::respond;

/// `POST /segments/{id}/rerun`
pub async fn rerun(
    State(backend): State<Arc<Backend>>,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    MayInput(request): MayInput<RerunRequest>,
) -> Result<Response, Error> {
    let expected = may_match(&headers);
    let outcome = rerun::rerun(&backend, &principal, &id, &expected, &request).await?;
    respond::json(StatusCode::OK, &outcome)
}
