//! The queries of the tools, answered step by step.

mod asking;
mod cohort;
mod funnel;
mod group;
mod query;
mod segmentation;
mod tally;

pub use asking::Asking;
