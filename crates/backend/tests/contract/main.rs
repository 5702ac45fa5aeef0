//! The contract, call by call: what is answered, and what is refused and how.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod budgets;
mod damage;
mod demo;
mod explain;
mod exports;
mod faults;
mod imports;
mod library;
mod lists;
mod project;
mod queries;
mod segments;
mod starts;
mod support;
mod users;
