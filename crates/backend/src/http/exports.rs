//! `/exports`

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use segments_model::export::{Export, ExportFormat, ExportStatus, NewExport};

use crate::ask::backend::Backend;
use crate::ask::creation::Creation;
use crate::ask::exports;
use crate::ask::principal::Principal;
use crate::error::Error;
use crate::http::request::{At, IdempotencyKey, Input, NoParams, Params};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

fn shown(status: StatusCode, mut export: Export) -> Result<Response, Error> {
    // The id is as hard to guess as a password and is told to nobody but whoever started the export.
    export.href = (export.status == ExportStatus::Complete)
        .then(|| format!("/api/v1/exports/{}/file", export.id));
    respond::json(status, &export)
}

/// `POST /exports`
pub async fn create(
    State(backend): Shared,
    principal: Principal,
    Params(NoParams {}): Params<NoParams>,
    key: Option<IdempotencyKey>,
    Input { value: new, bytes }: Input<NewExport>,
) -> Result<Response, Error> {
    let key = key.map(|IdempotencyKey(key)| key);
    let creation = Creation::begin("POST /exports", key, &bytes);
    let export = exports::create(&backend, &principal, new, &creation).await?;
    let path = format!("/api/v1/exports/{}", export.id);
    respond::located(shown(StatusCode::ACCEPTED, export)?, &path)
}

/// `GET /exports/{id}`
pub async fn read(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Error> {
    shown(StatusCode::OK, exports::read(&backend, &id).await?)
}

/// `DELETE /exports/{id}`
pub async fn cancel(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<StatusCode, Error> {
    exports::cancel(&backend, &principal, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /exports/{id}/file`
pub async fn file(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let file = exports::file(&backend, &id).await?;
    let (format, length) = (file.format, file.length);
    let tag = format!("\"{id}\"");
    let may_range = headers
        .get(IF_RANGE)
        .is_none_or(|value| value.as_bytes() == tag.as_bytes());
    let range = headers
        .get(RANGE)
        .filter(|_| may_range)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| range(value, length));
    let (status, start, end) = match range {
        None => (StatusCode::OK, 0, length),
        Some(Some((start, end))) => (StatusCode::PARTIAL_CONTENT, start, end),
        Some(None) => return Err(Error::Range { length }),
    };

    let mut response = (status, Body::from_stream(file.read(start..end))).into_response();
    let mut set = |name, value: &str| -> Result<(), Error> {
        let value =
            HeaderValue::from_str(value).map_err(|error| Error::Broken(error.to_string()))?;
        response.headers_mut().insert(name, value);
        Ok(())
    };
    set(CONTENT_TYPE, media_type(format))?;
    set(CONTENT_LENGTH, &(end - start).to_string())?;
    set(ACCEPT_RANGES, "bytes")?;
    set(ETAG, &tag)?;
    set(CACHE_CONTROL, "private, no-store")?;
    set(
        CONTENT_DISPOSITION,
        &format!("attachment; filename=\"users.{}\"", format.extension()),
    )?;
    if status == StatusCode::PARTIAL_CONTENT {
        set(
            CONTENT_RANGE,
            &format!("bytes {start}-{}/{length}", end - 1),
        )?;
    }
    Ok(response)
}

const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Json => "application/json",
    }
}

/// The bytes that a header `Range` asks for, the end not included; `Some(None)` where it asks for none that there are, and
/// none where it is to be ignored: another unit, several ranges, or not understood.
fn range(header: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    let range = if first.is_empty() {
        let count: u64 = last.parse().ok()?;
        (length.saturating_sub(count), length)
    } else {
        let first: u64 = first.parse().ok()?;
        let end = if last.is_empty() {
            length
        } else {
            let last: u64 = last.parse().ok()?;
            if last < first {
                return None;
            }
            last.saturating_add(1).min(length)
        };
        (first, end)
    };
    Some((range.0 < range.1).then_some(range))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_cut_to_the_file() {
        for (header, expected) in [
            ("bytes=0-9", Some(Some((0, 10)))),
            ("bytes=10-", Some(Some((10, 100)))),
            ("bytes=90-200", Some(Some((90, 100)))),
            ("bytes=-10", Some(Some((90, 100)))),
            ("bytes=-200", Some(Some((0, 100)))),
            ("bytes=100-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=5-3", None),
            ("bytes=0-1,5-6", None),
            ("lines=0-1", None),
            ("bytes=a-b", None),
            ("bytes=", None),
        ] {
            assert_eq!(range(header, 100), expected, "{header}");
        }
        assert_eq!(range("bytes=0-", 0), Some(None));
    }
}
