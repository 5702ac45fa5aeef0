//! Charts: a pure layout that says where the marks are, and SVG that shows them.

pub mod bars;
pub mod spark;
