//! Which call is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use futures_channel::oneshot;
use http::{Method, Uri};
use segments_engine_api::{Budgeted, Runtime};
use segments_model::limits::{BODY_BYTES, LIMITS, LIST_BYTES};

use crate::ask::backend::Backend;
use crate::error::Error;
use crate::host::{Host, TooBusy, Work};
use crate::http::request::read;
use crate::http::{
    dictionary, explain, exports, history, imports, preview, project, query, relations, rerun,
    segments, user_lists, users, versions,
};

const PREFIX: &str = "/api/v1";

/// The calls that go through the data, with the largest bodies that they take. All others look things up and are answered
/// at once.
const QUESTIONS: [(Method, &str, u64); 21] = [
    (Method::GET, "/dictionary", BODY_BYTES),
    (Method::GET, "/dictionary/{kind}/{name}/values", BODY_BYTES),
    (Method::POST, "/segments", BODY_BYTES),
    (Method::POST, "/segments/evaluate", BODY_BYTES),
    (Method::POST, "/segments/preview", BODY_BYTES),
    (Method::POST, "/segments/preview/history", BODY_BYTES),
    (Method::POST, "/segments/overlap", BODY_BYTES),
    (Method::PATCH, "/segments/{id}", BODY_BYTES),
    (Method::POST, "/segments/{id}/duplicate", BODY_BYTES),
    (Method::POST, "/segments/{id}/rerun", BODY_BYTES),
    (Method::GET, "/segments/{id}/history", BODY_BYTES),
    (Method::GET, "/segments/{id}/relations", BODY_BYTES),
    (Method::POST, "/query", BODY_BYTES),
    (Method::POST, "/selection", BODY_BYTES),
    (Method::POST, "/user_lists", LIST_BYTES),
    (Method::POST, "/users/search", BODY_BYTES),
    (Method::GET, "/users/{id}/events", BODY_BYTES),
    (Method::GET, "/users/{id}/activity", BODY_BYTES),
    (Method::GET, "/users/{id}/segments", BODY_BYTES),
    (Method::POST, "/users/{id}/explain", BODY_BYTES),
    (Method::POST, "/exports", BODY_BYTES),
];

/// The calls that read a file as it comes in.
const IMPORTS: [(Method, &str); 2] = [
    (Method::PUT, "/imports/{id}"),
    (Method::POST, "/imports/inspect"),
];

/// The contract, all of it below `/api/v1`.
pub fn router(backend: Arc<Backend>) -> Router {
    let calls = Router::new()
        .route("/project", get(project::read).patch(project::patch))
        .route("/project/reset", post(project::reset))
        .route("/dictionary", get(dictionary::read))
        .route("/dictionary/{kind}/{name}/values", get(dictionary::values))
        .route("/segments", get(segments::list).post(segments::create))
        .route("/segments/evaluate", post(segments::evaluate_all))
        .route("/segments/preview", post(preview::preview))
        .route("/segments/preview/history", post(history::preview))
        .route("/segments/overlap", post(relations::overlap))
        .route(
            "/segments/{id}",
            get(segments::read)
                .patch(segments::patch)
                .delete(segments::delete),
        )
        .route("/segments/{id}/duplicate", post(segments::duplicate))
        .route("/segments/{id}/archive", post(segments::archive))
        .route("/segments/{id}/restore", post(segments::restore))
        .route("/segments/{id}/rerun", post(rerun::rerun))
        .route("/segments/{id}/versions", get(versions::list))
        .route("/segments/{id}/history", get(history::history))
        .route("/segments/{id}/usage", get(relations::usage))
        .route("/segments/{id}/relations", get(relations::relations))
        .route("/query", post(query::query))
        .route("/selection", post(query::selection))
        .route("/user_lists", post(user_lists::create))
        .route("/users/search", post(users::search))
        .route("/users/{id}", get(users::read))
        .route("/users/{id}/events", get(users::events))
        .route("/users/{id}/activity", get(users::activity))
        .route("/users/{id}/segments", get(users::segments))
        .route("/users/{id}/explain", post(explain::explain))
        .route("/imports/inspect", post(imports::inspect))
        .route(
            "/imports/{id}",
            get(imports::read).put(imports::put).delete(imports::cancel),
        )
        .route("/imports/{id}/rejects", get(imports::rejects))
        .route("/exports", post(exports::create))
        .route("/exports/{id}", get(exports::read).delete(exports::cancel))
        .route("/exports/{id}/file", get(exports::file))
        .layer(from_fn_with_state(Arc::clone(&backend), worked_on))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .with_state(backend);
    Router::new().nest(PREFIX, calls).fallback(no_route)
}

/// Hands what takes long over to the host, so that it holds up nobody who is answered at once, and ends it when it takes
/// too long or nobody waits for it any more.
async fn worked_on(
    State(backend): State<Arc<Backend>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let path = path.as_str().strip_prefix(PREFIX).unwrap_or_default();
    let method = match request.method() {
        &Method::HEAD => &Method::GET,
        method => method,
    };
    let question = QUESTIONS
        .iter()
        .find(|call| (&call.0, call.1) == (method, path));
    if let Some((_, _, most)) = question {
        // The body first: whoever sends it slowly is in nobody's way.
        let (parts, body) = request.into_parts();
        let body = read(Request::new(body), *most).await?;
        let request = Request::from_parts(parts, Body::from(body));
        let runtime: Arc<dyn Runtime> = Arc::<dyn Host>::clone(&backend.host);
        let millis = f64::from(LIMITS.question_ms);
        let answer = Budgeted::new(runtime, millis, next.run(request));
        let answer = handed_over(&backend, Work::Question, answer).await?;
        return answer.ok_or(Error::OverBudget);
    }
    if IMPORTS
        .iter()
        .any(|call| (&call.0, call.1) == (method, path))
    {
        return handed_over(&backend, Work::Import, next.run(request)).await;
    }
    Ok(next.run(request).await)
}

async fn handed_over<T: Send + 'static>(
    backend: &Backend,
    work: Work,
    answer: impl Future<Output = T> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = oneshot::channel();
    let done = backend.host.run(
        work,
        Box::pin(async move {
            // Nobody may wait any more.
            drop(sender.send(answer.await));
        }),
    );
    done.await.map_err(|TooBusy| Error::TooBusy)?;
    receiver
        .await
        .map_err(|_| Error::Broken("the work ended without an answer".to_owned()))
}

async fn no_route(uri: Uri) -> Error {
    Error::NoRoute(uri.path().to_owned())
}

async fn no_method(method: Method, uri: Uri) -> Error {
    Error::Method {
        method: method.to_string(),
        path: uri.path().to_owned(),
    }
}
