//! The app's files, beside the contract's calls.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use segments_backend::Error;

/// Nothing is fetched from, and nothing leaves for, any other place.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
    connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
    manifest-src 'self'; form-action 'none'; base-uri 'none'";

/// What the page reads to find its backend.
const CONFIG: &str = r#"{"backend": "/api/v1"}"#;

/// Serves the app's files wherever no call of the contract is.
pub fn with_site(calls: Router, folder: PathBuf) -> Router {
    let folder: Arc<Path> = folder.into();
    calls.fallback(move |method: Method, uri: Uri| {
        let folder = Arc::clone(&folder);
        async move { answer(&folder, method, uri.path()).await }
    })
}

async fn answer(folder: &Path, method: Method, path: &str) -> Response {
    if path == "/api" || path.starts_with("/api/") {
        return Error::NoRoute(path.to_owned()).into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return Error::Method {
            method,
            path: path.to_owned(),
        }
        .into_response();
    }
    if path == "/config.json" {
        return file(Path::new("config.json"), CONFIG.as_bytes().to_vec());
    }
    let Some(relative) = inside(path) else {
        return Error::NoRoute(path.to_owned()).into_response();
    };
    if let Ok(bytes) = tokio::fs::read(folder.join(&relative)).await {
        return file(&relative, bytes);
    }
    // A path without an extension is one of the app's own routes.
    if relative.extension().is_none() {
        let page = Path::new("index.html");
        if let Ok(bytes) = tokio::fs::read(folder.join(page)).await {
            return file(page, bytes);
        }
    }
    Error::NoRoute(path.to_owned()).into_response()
}

/// The path of a file below the folder; none where it would lead out of it.
fn inside(path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.strip_prefix('/')?);
    let is_inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_inside.then(|| relative.to_owned())
}

fn file(path: &Path, bytes: Vec<u8>) -> Response {
    let cache = if is_named_by_content(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers: [(HeaderName, &'static str); 6] = [
        (CONTENT_TYPE, media_type(path)),
        (CACHE_CONTROL, cache),
        (CONTENT_SECURITY_POLICY, POLICY),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether a file's name, or that of its folder, changes with what is in it: then it has a fingerprint in it.
fn is_named_by_content(file: &Path) -> bool {
    file.iter()
        .rev()
        .take(2)
        .filter_map(|part| part.to_str())
        .any(|part| {
            part.split(['-', '.', '_'])
                .any(|word| word.len() >= 15 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
}
