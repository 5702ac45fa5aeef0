//! `/imports`

use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use segments_model::import::ImportOptions;

use crate::ask::backend::Backend;
use crate::ask::imports::{self, Upload};
use crate::ask::principal::Principal;
use crate::error::Error;
use crate::http::request::{At, NoParams, Params};
use crate::http::respond;

type Shared = State<Arc<Backend>>;

/// How much of a body is read on, after its import has failed, so that whoever sends it hears why.
const DRAINED_BYTES: u64 = 4 << 30;

/// A body as it comes in.
fn upload(body: Body) -> impl Upload {
    let next = async |body: Option<BodyDataStream>| {
        let mut body = body?;
        Some(match body.next().await? {
            Ok(bytes) => (Ok(bytes), Some(body)),
            // Nothing comes after this.
            Err(error) => (
                Err(Error::Malformed(format!("the file was cut off: {error}"))),
                None,
            ),
        })
    };
    Box::pin(stream::unfold(Some(body.into_data_stream()), next).fuse())
}

/// Reads on to the end: whoever sends a file hears the answer only after the last byte.
async fn drain(upload: &mut impl Upload) {
    let mut drained = 0;
    while drained < DRAINED_BYTES
        && let Some(Ok(bytes)) = upload.next().await
    {
        drained += bytes.len() as u64;
    }
}

/// `POST /imports/inspect`
pub async fn inspect(Params(NoParams {}): Params<NoParams>, body: Body) -> Result<Response, Error> {
    let mut upload = upload(body);
    let inspection = imports::inspect(&mut upload).await;
    drain(&mut upload).await;
    respond::json(StatusCode::OK, &inspection?)
}

/// `PUT /imports/{id}`
pub async fn put(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(options): Params<ImportOptions>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let mut upload = upload(body);
    let taken = async {
        check_media_type(&headers)?;
        let total = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        imports::put(&backend, &principal, &id, options, total, &mut upload).await
    };
    let taken = taken.await;
    drain(&mut upload).await;
    let taken = taken?;
    let status = if taken.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    respond::json(status, &taken.import)
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Error> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // The format is told by the file's first bytes. A type says something only where it is one that cannot be read.
    if given.contains("parquet")
        || given.starts_with("multipart/")
        || given.ends_with("form-urlencoded")
    {
        return Err(Error::MediaType(format!(
            "files of {given} cannot be imported: send the bytes of a CSV or NDJSON file"
        )));
    }
    Ok(())
}

/// `GET /imports/{id}`
pub async fn read(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Error> {
    respond::json(StatusCode::OK, &imports::read(&backend, &id).await?)
}

/// `DELETE /imports/{id}`
pub async fn cancel(
    State(backend): Shared,
    principal: Principal,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<StatusCode, Error> {
    imports::cancel(&backend, &principal, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /imports/{id}/rejects`
pub async fn rejects(
    State(backend): Shared,
    At(id): At<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Error> {
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"rejected-rows.csv\"",
        ),
    ];
    let bytes = imports::rejects(&backend, &id).await?;
    Ok((headers, bytes).into_response())
}
