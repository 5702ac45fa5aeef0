//! Segments: listed, made, changed, taken away and brought back, and their sizes.

pub mod change;
pub mod check;
pub mod create;
pub mod evaluate;
pub mod list;
pub mod sizes;
pub mod summary;
