//! The contract as one router, over what a place can store and do.
//!
//! The same router runs under hyper on a server and in a Web Worker in the browser. What differs between the two are the
//! implementations of three small traits: [`Catalog`] keeps records, [`Files`] keeps the engine's columns, [`Host`] has the
//! clock, the dice and the person who asks. Nothing else in here touches the outside world.
#![forbid(unsafe_code)]

pub mod catalog;
pub mod files;
pub mod host;
#[cfg(feature = "testing")]
pub mod testing;

use std::pin::Pin;

pub use catalog::{Catalog, CatalogError, Change, Collection, Record};
pub use files::{Files, FilesError, WriteGuard};
pub use host::Host;

/// A future behind a pointer, as the traits of this crate return it so that they can be used as trait objects.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
