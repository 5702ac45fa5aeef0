//! What the engine promises, told case by case: the rules of the numbers, loading, and the file format.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bounds;
mod data;
mod did;
mod explain;
mod files;
mod funnel;
mod loading;
mod rules;
mod segmentation;
mod sharing;
