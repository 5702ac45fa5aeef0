//! Which call is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use http::{Method, Uri};

use crate::backend::Backend;
use crate::error::Error;
use crate::{
    dictionary, explain, exports, history, imports, preview, project, query, relations, rerun,
    segments, user_lists, users, versions,
};

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
            get(imports::read_one)
                .put(imports::put)
                .delete(imports::cancel),
        )
        .route("/imports/{id}/rejects", get(imports::rejects))
        .route("/exports", post(exports::create))
        .route("/exports/{id}", get(exports::read).delete(exports::cancel))
        .route("/exports/{id}/file", get(exports::file))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .with_state(backend);
    Router::new().nest("/api/v1", calls).fallback(no_route)
}

async fn no_route(uri: Uri) -> Error {
    Error::NoRoute(uri.path().to_owned())
}

async fn no_method(method: Method, uri: Uri) -> Error {
    Error::Method {
        method,
        path: uri.path().to_owned(),
    }
}
