//! Editors of one piece of a question: which event, which property, which values, when, who.
//!
//! A part shows a form of `segments-forms` as tokens that open to edit, and gives back the changed form.

pub mod audience;
pub mod conditions;
pub mod create_segment;
pub mod criteria;
pub mod cursor_pages;
pub mod date_range;
pub mod exports;
pub mod field;
pub mod fields;
pub mod filter_editor;
pub mod group;
pub mod interval;
pub mod occurrence;
pub mod pickers;
pub mod range_picker;
pub mod rows;
pub mod segment_search;
pub mod size_over_time;
pub mod stamp;
pub mod states;
pub mod user_ids;
pub mod vocabulary;
pub mod words;
