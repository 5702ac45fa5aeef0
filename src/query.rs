//! Parts of questions that every tool asks by: which event, which property, which values, when, who.
//!
//! A part is a *draft*, the plain and testable state of a form, and a token that opens that form. Drafts become types of
//! the model, or say what is missing by JSON pointer.

pub mod event;
pub mod fields;
pub mod filter;
pub mod filter_editor;
pub mod form;
pub mod measure;
pub mod number;
pub mod pickers;
pub mod range;
pub mod range_picker;
pub mod user_ids;
pub mod users;
pub mod vocabulary;
