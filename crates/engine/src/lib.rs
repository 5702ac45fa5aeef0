//! The columnar event store and the evaluator of definitions over it: no I/O, no clock, no globals.
#![forbid(unsafe_code)]

pub mod batch;
pub mod codec;
mod column;
mod dictionary;
mod loader;
mod people;
mod progress;
mod store;

pub use dictionary::{Suggesting, Survey};
pub use loader::{Building, LoadError, Loader, MAX_NUMBER};
pub use people::{Facts, Listing, UserFacts};
pub use progress::Progress;
pub use store::{Memory, Store};
