//! The data dictionary.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use segments_model::Instant;
use segments_model::dictionary::EntryKind;
use serde::Deserialize;

use crate::ask::backend::Backend;
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
    let moment = backend.moment().await?;
    let data = backend.data(&moment).await?;
    let dictionary = data.dictionary(params.as_of.unwrap_or(moment.now)).await?;
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

/// `GET /dictionary/{kind}/{name}/values`: values of a property. Of an event: its name alone, where the search matches.
pub async fn values(
    State(backend): Shared,
    At((kind, name)): At<(String, String)>,
    Params(params): Params<ValuesParams>,
) -> Result<Response, Error> {
    let (kind, what) = match kind.as_str() {
        "events" => (EntryKind::Events, "event"),
        "event_properties" => (EntryKind::EventProperties, "event property"),
        "user_properties" => (EntryKind::UserProperties, "user property"),
        _ => {
            return Err(Error::NotFound {
                what: "kind of entry",
                id: kind,
            });
        }
    };
    let limit = backend.page(params.limit)?;
    let moment = backend.moment().await?;
    let data = backend.data(&moment).await?;
    let as_of = params.as_of.unwrap_or(moment.now);
    let suggestions = data
        .snapshot()
        .values(kind, &name, &params.search, limit, as_of)
        .await?
        .ok_or(Error::NotFound { what, id: name })?;
    respond::json(StatusCode::OK, &suggestions)
}
