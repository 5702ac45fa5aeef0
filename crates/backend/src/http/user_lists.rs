//! `/user_lists`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::ask::backend::Backend;
use crate::ask::creation::Creation;
use crate::ask::principal::Principal;
use crate::ask::user_lists;
use crate::error::Error;
use crate::http::request::{IdempotencyKey, ListInput, NoParams, Params};
use crate::http::respond;

/// `POST /user_lists`
pub async fn create(
    State(backend): State<Arc<Backend>>,
    principal: Principal,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    ListInput { is_csv, bytes }: ListInput,
) -> Result<Response, Error> {
    let key = key.map(|IdempotencyKey(key)| key);
    let creation = Creation::begin("POST /user_lists", key, &bytes);
    let list = user_lists::create(&backend, &principal, &bytes, is_csv, &creation).await?;
    respond::json(StatusCode::CREATED, &list)
}
