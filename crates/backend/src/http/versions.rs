//! The versions of segments.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use crate::ask::backend::Backend;
use crate::ask::versions;
use crate::error::Error;
use crate::http::request::{At, Params};
use crate::http::respond;

/// Parameters of a segment's versions.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionParams {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// `GET /segments/{id}/versions`: the newest first.
pub async fn list(
    State(backend): State<Arc<Backend>>,
    At(id): At<String>,
    Params(params): Params<VersionParams>,
) -> Result<Response, Error> {
    let page = versions::list(&backend, &id, params.limit, params.cursor.as_deref()).await?;
    respond::json(StatusCode::OK, &page)
}
