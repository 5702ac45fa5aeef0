//! The app's files, beside the contract's calls.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use segments_backend::Error;
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

use crate::headers::{HEADERS, cache_control};

/// What the page reads to find its backend.
const CONFIG: &str = r#"{"backend": "/api/v1"}"#;

/// Serves the app's files wherever no call of the contract is.
pub fn with_site(calls: Router, folder: &Path) -> Router {
    let site = Site {
        files: ServeDir::new(folder)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false)
            .redirect_to_trailing_slash(false),
        page: ServeFile::new(folder.join("index.html"))
            .precompressed_br()
            .precompressed_gzip(),
    };
    calls.fallback(move |request: Request| site.clone().answer(request))
}

#[derive(Clone)]
struct Site {
    files: ServeDir,
    page: ServeFile,
}

impl Site {
    async fn answer(self, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        let path = parts.uri.path().to_owned();
        if path == "/api" || path.starts_with("/api/") {
            return Error::NoRoute(path).into_response();
        }
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return Error::Method {
                method: parts.method.to_string(),
                path,
            }
            .into_response();
        }
        if path == "/config.json" {
            let headers = [(CONTENT_TYPE, "application/json")];
            return sent((headers, CONFIG).into_response(), Path::new(&path));
        }
        let found = self
            .files
            .oneshot(Request::from_parts(parts.clone(), Body::empty()))
            .await;
        let found = match found {
            Ok(found) => found.map(Body::new),
            Err(never) => match never {},
        };
        if found.status() != StatusCode::NOT_FOUND {
            return sent(found, Path::new(&path));
        }
        // A path without an extension is one of the app's own routes.
        if Path::new(&path).extension().is_some() {
            return Error::NoRoute(path).into_response();
        }
        match self
            .page
            .oneshot(Request::from_parts(parts, Body::empty()))
            .await
        {
            Ok(page) => sent(page.map(Body::new), Path::new("index.html")),
            Err(never) => match never {},
        }
    }
}

/// A file with the headers that all of them have.
fn sent(mut response: Response, file: &Path) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control(file)));
    if let Some(value) = headers.get(CONTENT_TYPE)
        && value.as_bytes().starts_with(b"text/")
        && let Ok(value) = HeaderValue::try_from([value.as_bytes(), b"; charset=utf-8"].concat())
    {
        headers.insert(CONTENT_TYPE, value);
    }
    response
}
