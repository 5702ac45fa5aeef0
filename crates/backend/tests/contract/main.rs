//! The contract, call by call: what is answered, and what is refused and how.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod exports;
mod imports;
mod project;
mod segments;
mod support;
mod users;
