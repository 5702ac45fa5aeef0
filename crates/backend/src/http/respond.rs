//! What goes out: JSON with its entity tag.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::error::Error;
use crate::http::request::Tag;

/// The body of an answer.
///
/// # Errors
/// [`Error::Broken`] where it cannot be written.
pub fn bytes(value: &impl Serialize) -> Result<Bytes, Error> {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .map_err(|error| Error::Broken(error.to_string()))
}

/// An answer whose body is written already, without an entity tag.
#[must_use]
pub fn written(status: StatusCode, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Kept by whoever asked, shown only after asking whether it is still so.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

fn with(mut response: Response, name: http::HeaderName, value: &str) -> Result<Response, Error> {
    let value = HeaderValue::from_str(value).map_err(|error| Error::Broken(error.to_string()))?;
    response.headers_mut().insert(name, value);
    Ok(response)
}

/// An answer without an entity tag.
///
/// # Errors
/// [`Error::Broken`] where it cannot be written; so of the others.
pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Error> {
    Ok(written(status, bytes(value)?))
}

/// A resource at its revision.
pub fn tagged(
    status: StatusCode,
    revision: u64,
    value: &impl Serialize,
) -> Result<Response, Error> {
    let body = bytes(value)?;
    let tag = Tag::new(revision, &body);
    with(written(status, body), ETAG, &tag.to_string())
}

/// A resource at its revision, or that the client has it already. Two answers are equal where their `comparable` parts
/// are.
pub fn known_or(
    headers: &HeaderMap,
    revision: u64,
    comparable: &impl Serialize,
    value: &impl Serialize,
) -> Result<Response, Error> {
    let tag = Tag::new(revision, &bytes(comparable)?);
    let response = if tag.is_known(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        written(StatusCode::OK, bytes(value)?)
    };
    with(response, ETAG, &tag.to_string())
}

/// The answer with the path of what was made.
pub fn located(response: Response, path: &str) -> Result<Response, Error> {
    with(response, LOCATION, path)
}
