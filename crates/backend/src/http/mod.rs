//! The contract over HTTP: which call is answered by what, how requests are read and answers written. The only place that
//! knows axum, HTTP and the bodies' JSON.

pub mod dictionary;
pub mod explain;
pub mod exports;
pub mod history;
pub mod imports;
pub mod preview;
pub mod problem;
pub mod project;
pub mod query;
pub mod relations;
pub mod request;
pub mod rerun;
pub mod respond;
pub mod router;
pub mod segments;
pub mod user_lists;
pub mod users;
pub mod versions;
