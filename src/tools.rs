//! The tools, a folder each. None uses another.

pub mod cohort;
pub mod funnel;
pub mod segmentation;
