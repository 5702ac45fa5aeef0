//! The builder of criteria: a tree that is edited row by row with its effect beside it.
//!
//! [`tree`] is the pure core: edits that answer a new tree or say why not. [`criterion`] has the forms of criteria;
//! [`editor`] holds them together with the backend's live answer, and [`rows`] shows them.

pub mod criterion;
pub mod editor;
pub mod effect;
pub mod rows;
pub mod tree;
