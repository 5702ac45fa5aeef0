//! Imports from the command line: the same call as over the network, made in this process.

use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use segments_backend::Options;
use segments_model::Problem;
use segments_model::import::{Import, ImportKind, ImportOptions};
use serde_json::from_slice;
use tokio::io::AsyncReadExt as _;
use tower::ServiceExt as _;

use crate::host::random;
use crate::{ServerError, open};

/// How often the progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(500);
/// How much of the file is read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// What to import.
#[derive(Clone, Debug)]
pub struct FileImport {
    /// The project's folder.
    pub data: PathBuf,
    pub file: PathBuf,
    /// Which column is what.
    pub options: ImportOptions,
}

/// Imports a file; `told` hears how far it is.
///
/// # Errors
/// When the project cannot be opened, the file cannot be read, or the import was refused; nothing of it stays then.
pub async fn import(import: FileImport, told: impl Fn(&Import)) -> Result<Import, ServerError> {
    let failed = |error| ServerError::File {
        path: import.file.clone(),
        error,
    };
    let file = tokio::fs::File::open(&import.file).await.map_err(failed)?;
    let length = file.metadata().await.map_err(failed)?.len();
    let router = open(&import.data, Options::default()).await?;
    let path = format!("/api/v1/imports/cli-{:032x}", random());

    let body = Body::from_stream(stream::unfold(file, async |mut file| {
        let mut chunk = vec![0; CHUNK_BYTES];
        match file.read(&mut chunk).await {
            Ok(0) => None,
            Ok(read) => {
                chunk.truncate(read);
                Some((Ok(Bytes::from(chunk)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    }));
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("{path}?{}", query(&import.options)))
        .header("content-length", length)
        .body(body)
        .map_err(|error| ServerError::Import(error.to_string()))?;
    let mut importing = std::pin::pin!(ask(&router, request));
    let (status, body) = loop {
        tokio::select! {
            answer = &mut importing => break answer?,
            () = tokio::time::sleep(TOLD_EVERY) => {
                let request = Request::get(&path)
                    .body(Body::empty())
                    .map_err(|error| ServerError::Import(error.to_string()))?;
                let (status, body) = ask(&router, request).await?;
                if status == StatusCode::OK && let Ok(progress) = from_slice(&body) {
                    told(&progress);
                }
            }
        }
    };
    if status.is_success() {
        return from_slice(&body).map_err(|error| ServerError::Import(error.to_string()));
    }
    let reason = from_slice::<Problem>(&body).map_or_else(
        |_| format!("the import ended with {status}"),
        |problem| problem.detail,
    );
    Err(ServerError::Import(reason))
}

async fn ask(router: &Router, request: Request<Body>) -> Result<(StatusCode, Bytes), ServerError> {
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(|error| ServerError::Import(error.to_string()))?;
    Ok((status, body.to_bytes()))
}

fn query(options: &ImportOptions) -> String {
    let kind = match options.kind {
        ImportKind::Events => "events",
        ImportKind::Users => "users",
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("kind", kind);
    for (name, value) in [
        ("user", &options.user),
        ("event", &options.event),
        ("time", &options.time),
        ("time_zone", &options.time_zone),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}
