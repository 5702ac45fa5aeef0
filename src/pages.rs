//! The pages, a folder each. None uses another.

pub mod composer;
pub mod data;
pub mod dictionary;
pub mod preferences;
pub mod segments;
pub mod users;
