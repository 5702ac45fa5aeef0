//! The columnar event store and the evaluator of definitions over it: no I/O, no clock, no globals.
#![forbid(unsafe_code)]

pub mod batch;
pub mod codec;
mod column;
mod loader;
mod progress;
mod store;

pub use loader::{Building, LoadError, Loader, MAX_NUMBER};
pub use progress::Progress;
pub use store::{Memory, Store};
