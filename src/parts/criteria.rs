//! The builder of definitions: rows of criteria, nested in groups.

pub mod editor;
pub mod effect;
pub mod rows;
