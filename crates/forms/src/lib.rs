//! Forms of definitions and queries: what a person edits, possibly unfinished.
//!
//! A form is plain data. It becomes a type of the model, or says by JSON pointer what is missing; the rules are the
//! model's. Forms are read back from what they stand for, and from links. Nothing here knows a browser.
#![forbid(unsafe_code)]

pub mod audience;
pub mod cohort;
pub mod criteria;
pub mod did;
pub mod draft;
pub mod error;
pub mod event;
pub mod filter;
pub mod funnel;
pub mod group;
pub mod history;
pub mod interval;
pub mod link;
pub mod measure;
pub mod naming;
pub mod number;
pub mod occurrence;
pub mod range;
pub mod rows;
pub mod segmentation;
pub mod tool;
pub mod user_properties;
pub mod users;
mod whole;
