//! The language of user segments.
//!
//! A question travels down from the page as one of these types and its answer travels back up as another, so this crate
//! owns the meaning of the product: what a [`Criterion`] is, which definitions are valid and what is wrong with the
//! others ([`validate`]), when two of them are the same ([`canonical`]), how one reads in plain words ([`sentence`]) and
//! which instants a [`Range`] covers in a time zone (behind the feature `zones`).
//!
//! Nothing here reads a clock, a file or the network: the instant that an answer is true for is always an argument.
//!
//! Conventions of the JSON: `snake_case`, instants as RFC 3339 in UTC with milliseconds ([`Instant`]), local dates as
//! `YYYY-MM-DD`, ids as opaque strings; unknown fields of a request are an error.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod answer;
#[cfg(feature = "zones")]
pub mod buckets;
#[cfg(feature = "zones")]
pub mod calendar;
pub mod canonical;
pub mod criterion;
pub mod decode;
pub mod dictionary;
pub mod explain;
pub mod export;
pub mod facts;
pub mod filter;
pub mod formula;
pub mod history;
pub mod import;
pub mod instant;
pub mod json;
pub mod limits;
pub mod list;
pub mod measure;
pub mod preview;
pub mod problem;
pub mod project;
pub mod query;
pub mod range;
pub mod segment;
pub mod selection;
pub mod sentence;
pub mod sort;
pub mod stamp;
pub mod user;
pub mod user_list;
pub mod validate;
pub mod value;
pub mod version;
pub mod walk;

pub use criterion::Criterion;
pub use filter::Filter;
pub use instant::Instant;
pub use measure::{Compare, Measure};
pub use problem::Problem;
pub use range::{Bounds, Range};
pub use segment::Segment;
pub use stamp::Stamp;
pub use value::{Value, ValueType};
