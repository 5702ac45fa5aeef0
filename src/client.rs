//! The contract's calls: the only place that asks a backend.
//!
//! [`Client`] has one async function for each call. Dropping the future that one of them returned cancels the request:
//! a fetch is aborted, the worker is told to stop. [`Loader`] keeps what a page shows of an answer.

mod api;
mod error;
mod fetch;
mod loader;
mod transport;
mod worker;

pub mod config;

pub use api::{Client, UserEvents, Versioned};
pub use error::ApiError;
pub use fetch::Fetch;
pub use loader::{Loader, SLOW_AFTER_MS, Status};
pub use transport::{Answer, Asked, Call, Method, RequestBody, Transport, Watcher};
pub use worker::WorkerTransport;
