//! The contract over HTTP: which call is answered by what, how requests are read and answers written. The only place that
//! knows axum, HTTP and the bodies' JSON.

pub mod dictionary;
pub mod exports;
pub mod imports;
pub mod problem;
pub mod project;
pub mod request;
pub mod respond;
pub mod router;
pub mod user_lists;
