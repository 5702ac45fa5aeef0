//! What the engine promises, told case by case: the rules of the numbers, loading, and the file format.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod data;
mod files;
mod loading;
mod rules;
mod sharing;
