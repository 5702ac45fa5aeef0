//! The builder of definitions: rows of criteria, nested in groups.

pub mod actions;
pub mod criterion;
pub mod editor;
pub mod effect;
pub mod rows;
