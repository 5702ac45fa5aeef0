//! The calls about users and their events.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::Instant;
use segments_model::range::CalendarUnit;
use segments_model::user::UserSearch;
use serde::Deserialize;

use crate::ask::backend::Backend;
use crate::ask::users;
use crate::error::Error;
use crate::http::request::{At, Input, NoParams, Params, during_param};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// `POST /users/search`
pub async fn search(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    Input { value: search, .. }: Input<UserSearch>,
) -> Result<Response, Error> {
    respond::json(StatusCode::OK, &users::search(&backend, &search).await?)
}

/// Parameters of a question about one user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserParams {
    as_of: Option<Instant>,
    time_zone: Option<String>,
}

/// `GET /users/{id}`
pub async fn read(
    State(backend): Shared,
    At(id): At<String>,
    Params(params): Params<UserParams>,
) -> Result<Response, Error> {
    let zone = params.time_zone.as_deref();
    let user = users::read(&backend, &id, params.as_of, zone).await?;
    respond::json(StatusCode::OK, &user)
}

/// Parameters of a user's events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsParams {
    event: Option<String>,
    during: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    as_of: Option<Instant>,
    time_zone: Option<String>,
}

/// `GET /users/{id}/events`
pub async fn events(
    State(backend): Shared,
    At(id): At<String>,
    Params(params): Params<EventsParams>,
) -> Result<Response, Error> {
    let options = users::EventsOptions {
        event: params.event,
        during: during_param(params.during.as_deref())?,
        limit: params.limit,
        cursor: params.cursor,
        as_of: params.as_of,
        time_zone: params.time_zone,
    };
    let page = users::events(&backend, &id, &options).await?;
    respond::json(StatusCode::OK, &page)
}

/// Parameters of a user's activity.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityParams {
    unit: Option<CalendarUnit>,
    as_of: Option<Instant>,
    time_zone: Option<String>,
}

/// `GET /users/{id}/activity`
pub async fn activity(
    State(backend): Shared,
    At(id): At<String>,
    Params(params): Params<ActivityParams>,
) -> Result<Response, Error> {
    let zone = params.time_zone.as_deref();
    let activity = users::activity(&backend, &id, params.unit, params.as_of, zone).await?;
    respond::json(StatusCode::OK, &activity)
}

/// `GET /users/{id}/segments`
pub async fn segments(
    State(backend): Shared,
    At(id): At<String>,
    Params(params): Params<UserParams>,
) -> Result<Response, Error> {
    let zone = params.time_zone.as_deref();
    let segments = users::segments(&backend, &id, params.as_of, zone).await?;
    respond::json(StatusCode::OK, &segments)
}
