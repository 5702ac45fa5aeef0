//! Parts of questions that every tool asks by: which event, which property, which values, when, who.
//!
//! A part is a *draft*, the plain and testable state of a form, and a token that opens that form. Drafts become types of
//! the model, or say what is missing by JSON pointer.

pub mod audience;
pub mod create_segment;
pub mod criteria;
pub mod date_range;
pub mod did;
pub mod draft;
pub mod event;
pub mod fields;
pub mod filter;
pub mod filter_editor;
pub mod form;
pub mod group;
pub mod history;
pub mod interval;
pub mod link;
pub mod measure;
pub mod naming;
pub mod number;
pub mod occurrence;
pub mod picked;
pub mod pickers;
pub mod pins;
pub mod range;
pub mod range_picker;
pub mod rows;
pub mod segment_search;
pub mod size_over_time;
pub mod tool;
pub mod tool_page;
pub mod user_ids;
pub mod user_properties;
pub mod users;
pub mod vocabulary;
pub mod words;
pub mod workbench;
