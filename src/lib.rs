//! User Segments: the page.
//!
//! [`app::App`] is the whole of it: a shell around one page at a time. Pages and tools ask the backend through [`client`] and
//! are put together from [`parts`] and the widgets of `segments-ui`; which page it is stands in the URL, read and written by
//! [`shell::route`]. The layers, the upper ones first: `app`, `pages` and `tools`, `tool`, `parts`, `shell`, `client`.

pub mod app;
pub mod client;
pub mod pages;
pub mod parts;
pub mod shell;
pub mod tool;
pub mod tools;
