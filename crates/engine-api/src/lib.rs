//! What the backend asks of an engine, whatever answers: rows in, questions down, answers up.
//!
//! An [`Engine`] makes a [`Snapshot`] of rows; a snapshot never changes and answers every question that the contract knows.
//! Who meets a definition is a [`MemberSet`], which only the engine that made it can look into: the engine of this project
//! keeps bits in memory, another one may keep a table on another machine.
//!
//! Questions are answered in futures that give way: dropping one stops the work behind it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod batch;
mod cache;
mod damage;
mod engine;
mod error;
mod members;
mod progress;
mod question;
mod runtime;
mod snapshot;

use std::pin::Pin;

pub use cache::WeightedCache;
pub use damage::{DamagedPart, StorePart};
pub use engine::{Engine, LoadError, Loading};
pub use error::{EngineError, EvaluateError, QuestionLimit};
pub use members::{MemberSet, SetOperation};
pub use progress::Progress;
pub use question::{QuestionContext, Source};
pub use runtime::{Budgeted, OnProgress, Runtime, StepTimer, in_steps};
pub use snapshot::{
    Explained, Facts, Listing, Previewed, RowStream, Schema, Snapshot, UserFacts, is_fixed_column,
};

/// A future behind a pointer, so that traits with asynchronous methods can be used as trait objects.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
