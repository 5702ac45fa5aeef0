//! `/dictionary`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::Instant;
use segments_model::dictionary::EntryKind;
use serde::Deserialize;

use crate::ask::backend::Backend;
use crate::ask::dictionary::{self, ValuesOf};
use crate::error::Error;
use crate::http::request::{At, Params};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// Parameters of the dictionary.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DictionaryParams {
    as_of: Option<Instant>,
}

/// `GET /dictionary`
pub async fn read(
    State(backend): Shared,
    Params(params): Params<DictionaryParams>,
) -> Result<Response, Error> {
    let dictionary = dictionary::dictionary(&backend, params.as_of).await?;
    respond::json(StatusCode::OK, dictionary.as_ref())
}

/// Parameters of the values to suggest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValuesParams {
    #[serde(default)]
    search: String,
    limit: Option<u32>,
    as_of: Option<Instant>,
}

/// `GET /dictionary/{kind}/{name}/values`
pub async fn values(
    State(backend): Shared,
    At((kind, name)): At<(String, String)>,
    Params(params): Params<ValuesParams>,
) -> Result<Response, Error> {
    let kind = match kind.as_str() {
        "events" => EntryKind::Events,
        "event_properties" => EntryKind::EventProperties,
        "user_properties" => EntryKind::UserProperties,
        _ => {
            return Err(Error::NotFound {
                what: "kind of entry",
                id: kind,
            });
        }
    };
    let of = ValuesOf {
        kind,
        name: &name,
        search: &params.search,
        limit: params.limit,
        as_of: params.as_of,
    };
    respond::json(StatusCode::OK, &dictionary::values(&backend, &of).await?)
}
