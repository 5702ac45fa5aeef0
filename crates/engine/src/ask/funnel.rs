//! Funnel queries.

use std::sync::Arc;

use segments_model::answer::Answer;
use segments_model::query::FunnelQuery;

use crate::Progress;
use crate::question::{Context, EvaluateError};
use crate::store::Store;

#[derive(Debug)]
pub(super) struct Asking;

impl Asking {
    pub(super) fn new(
        _store: Arc<Store>,
        _query: &FunnelQuery,
        _context: &Context,
    ) -> Result<Self, EvaluateError> {
        Err(EvaluateError::Unsupported {
            pointer: String::new(),
            what: "this query",
        })
    }

    pub(super) fn step(&mut self, _rows: usize) -> Progress<Answer> {
        Progress::Working { done: 0, total: 0 }
    }
}
