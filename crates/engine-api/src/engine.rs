//! Engines.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Boxed;
use crate::batch::Batch;
use crate::error::EngineError;
use crate::snapshot::Snapshot;

/// Answers questions about users and events. What is stored of segments, and where the bytes of the data lie, is none of its
/// business.
pub trait Engine: Send + Sync + 'static {
    /// The types of criteria that it evaluates, as in the JSON.
    fn criteria(&self) -> &[&'static str];

    /// The tools whose queries it answers, as in the JSON.
    fn tools(&self) -> &[&'static str];

    /// Data without users and events.
    fn empty(&self) -> Arc<dyn Snapshot>;

    /// The data that these parts hold, by the names that [`Snapshot::parts`] gave them. A part that is not there, or is
    /// damaged, is told by [`Snapshot::damaged`] where the rest can do without it.
    ///
    /// # Errors
    /// [`EngineError::Damaged`] where nothing can be answered without a part.
    fn open(&self, parts: BTreeMap<String, Vec<u8>>) -> Result<Arc<dyn Snapshot>, EngineError>;

    /// Begins to take rows in, on top of data that this engine has, or from nothing. Nothing changes for whoever asks the
    /// snapshot below.
    ///
    /// # Errors
    /// [`EngineError::Foreign`] where another engine made the data.
    fn load(&self, onto: Option<&Arc<dyn Snapshot>>) -> Result<Box<dyn Loading>, EngineError>;
}

/// Rows coming in.
pub trait Loading: Send {
    /// Takes rows. Of a batch that is refused nothing is taken.
    ///
    /// # Errors
    /// Where the rows do not fit together, or the engine has no room for more.
    fn push(&mut self, batch: &Batch) -> Result<(), LoadError>;

    /// The data with these rows.
    fn finish(self: Box<Self>) -> Boxed<'static, Result<Arc<dyn Snapshot>, EngineError>>;
}

/// Why rows were not taken. Of a batch that is refused, nothing is taken; after [`LoadError::Full`] the loader is of no
/// further use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A column has more or fewer rows than the batch.
    #[error("the column \"{column}\" has {found} rows, the batch has {expected}")]
    Rows {
        /// The column.
        column: String,
        /// How many rows it has.
        found: usize,
        /// How many the batch has.
        expected: usize,
    },
    /// A user id or an event name is missing, or a code that its dictionary does not have.
    #[error("row {row} has no {what}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// The row of the batch, counted from 0.
        row: usize,
    },
    /// A time outside of the years 1 to 9999.
    #[error("row {row}: the time lies outside of the years 1 to 9999")]
    Time {
        /// The row of the batch, counted from 0.
        row: usize,
    },
    /// A number that is infinite or greater than [`MAX_NUMBER`](segments_model::validate::MAX_NUMBER) in size.
    #[error(
        "row {row}: \"{column}\" is not a number between -1,000,000,000,000,000 and 1,000,000,000,000,000"
    )]
    Number {
        /// The column.
        column: String,
        /// The row of the batch, counted from 0.
        row: usize,
    },
    /// More users, names, texts or rows than a store can have.
    #[error("more {0} than a store can have")]
    Full(&'static str),
}
