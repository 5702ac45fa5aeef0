//! Segments: listed, made, changed, taken away and brought back, and their sizes.

pub mod change;
