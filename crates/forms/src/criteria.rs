//! Forms of definitions: one of each criterion, and the tree that they stand in.

pub mod criterion;
pub mod tree;
