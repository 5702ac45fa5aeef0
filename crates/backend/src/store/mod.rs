//! What is stored: records and files, and the library that is made of them. Knows nothing of who asks.

pub mod catalog;
pub mod files;
pub mod imports;
pub mod library;
pub mod removals;
pub(crate) mod user_sets;
pub mod versions;
