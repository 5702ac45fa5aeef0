//! User Segments: the page.
//!
//! [`app::App`] is the whole of it: a shell around one page at a time. Pages ask the backend through [`client`] and are
//! put together from [`ui`]; which page it is stands in the URL, read and written by [`route`].
#![forbid(unsafe_code)]

pub mod app;
pub mod charts;
pub mod client;
pub mod exports;
pub mod format;
pub mod look;
pub mod pages;
pub mod query;
pub mod route;
pub mod session;
pub mod storage;
pub mod task;
pub mod ui;
pub mod url;
