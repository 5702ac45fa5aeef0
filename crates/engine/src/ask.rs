//! The queries of the tools, answered step by step.

mod cohort;
mod funnel;
mod segmentation;

use std::sync::Arc;

use segments_model::answer::Answer;
use segments_model::query::Query;

use crate::Progress;
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// Answers a query step by step, so that whoever runs it can give way or stop in between. Dropping it stops it.
#[derive(Debug)]
pub struct Asking(Tool);

#[derive(Debug)]
enum Tool {
    Segmentation(segmentation::Asking),
    Funnel(funnel::Asking),
    Cohort(cohort::Asking),
}

impl Asking {
    /// Prepares to answer a query, which has to be valid. Its as-of and zone are those of the context.
    ///
    /// # Errors
    /// When the query refers to what is not there, with a pointer into it.
    pub fn new(store: Arc<Store>, query: &Query, context: &Context) -> Result<Self, EvaluateError> {
        Ok(Self(match query {
            Query::Segmentation(query) => {
                Tool::Segmentation(segmentation::Asking::new(store, query, context)?)
            }
            Query::Funnel(query) => Tool::Funnel(funnel::Asking::new(store, query, context)?),
            Query::Cohort(query) => Tool::Cohort(cohort::Asking::new(store, query, context)?),
        }))
    }

    /// Works on about so many rows, at least on some, and gives the answer once it is found. Of its stamp the version of the
    /// data and the time taken are left open.
    pub fn step(&mut self, rows: usize) -> Progress<Answer> {
        match &mut self.0 {
            Tool::Segmentation(asking) => asking.step(rows),
            Tool::Funnel(asking) => asking.step(rows),
            Tool::Cohort(asking) => asking.step(rows),
        }
    }
}
