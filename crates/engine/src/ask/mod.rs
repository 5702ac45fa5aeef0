//! The queries of the tools, answered step by step.

mod cohort;
mod funnel;
mod group;
mod query;
mod query_job;
mod segmentation;
mod tally;

pub use query_job::QueryJob;
