//! `/project`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use segments_model::project::{Project, ProjectPatch};

use crate::ask::backend::Backend;
use crate::ask::principal::Principal;
use crate::ask::project;
use crate::ask::revision::Revised;
use crate::error::Error;
use crate::http::request::{Input, NoInput, NoParams, Params, must_match};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

fn shown(project: &Revised<Project>) -> Result<Response, Error> {
    respond::tagged(StatusCode::OK, project.revision, &project.value)
}

/// `GET /project`
pub async fn read(
    State(backend): Shared,
    principal: Principal,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Error> {
    shown(&project::read(&backend, &principal).await?)
}

/// `PATCH /project`
pub async fn patch(
    State(backend): Shared,
    principal: Principal,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    Input { value: patch, .. }: Input<ProjectPatch>,
) -> Result<Response, Error> {
    let expected = must_match(&headers);
    shown(&project::patch(&backend, &principal, &patch, &expected).await?)
}

/// `POST /project/reset`
pub async fn reset(
    State(backend): Shared,
    principal: Principal,
    Params(NoParams {}): Params<NoParams>,
    NoInput: NoInput,
) -> Result<Response, Error> {
    shown(&project::reset(&backend, &principal).await?)
}
