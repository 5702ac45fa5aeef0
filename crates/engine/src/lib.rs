//! The columnar event store and the evaluator of definitions over it: no I/O, no clock, no globals but the threads that
//! shares of the users are worked on with.
//!
//! Rows come in as batches ([`batch`]), a [`Loader`] makes a [`Store`] of them, [`Evaluation`] and [`Preview`] answer who
//! meets a definition. Both building and answering go in steps ([`Progress`]), so that whoever calls can give way or stop.
//!
//! Each layer uses those below it: `store` and what it is made of, `plan` (a definition's parts and the planner that makes
//! them), the kernels (`filter_scan`, `user_scan`, `scan`, `sequence`, `cohort`), and on top the jobs that go over shares of the users
//! (`evaluate`, `ask`, `explain`, `dictionary`), which all have one driver (`job`).
#![forbid(unsafe_code)]

mod ask;
mod checksum;
pub mod codec;
mod cohort;
mod column;
mod dictionary;
mod did;
mod embedded;
mod evaluate;
mod explain;
mod filter_scan;
mod job;
mod loader;
mod moving;
mod number;
mod patterns;
mod people;
mod plan;
mod predicate;
mod prepare;
mod question;
mod scan;
mod sequence;
mod source;
mod store;
#[cfg(test)]
mod testing;
mod threads;
mod units;
mod user_scan;

pub use ask::QueryJob;
pub use dictionary::{Suggesting, Survey};
pub use embedded::EmbeddedEngine;
pub use evaluate::{Evaluation, Preview, Previewed};
pub use explain::Explaining;
pub use loader::{Building, Loader};
pub use people::Listing;
pub use question::{Context, PartCache, Source};
pub use segments_engine_api::{
    DamagedPart, EvaluateError, Explained, Facts, LoadError, Progress, QuestionLimit, StorePart,
    UserFacts, batch,
};
pub use store::{Memory, Store};
