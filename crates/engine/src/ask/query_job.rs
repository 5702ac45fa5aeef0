//! A query of whichever tool, answered step by step.

use std::fmt;
use std::sync::Arc;

use segments_model::answer::Answer;
use segments_model::query::Query;

use super::query::Running;
use super::{cohort, funnel, segmentation};
use crate::Progress;
use crate::evaluate::Evaluation;
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// Answers a query step by step, so that whoever runs it can give way or stop in between. Dropping it stops it.
pub struct QueryJob {
    /// The conditions on users, until they are known.
    conditions: Option<Evaluation>,
    /// How many rows they take.
    before: u64,
    query: Box<dyn Running>,
}

impl fmt::Debug for QueryJob {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("QueryJob").finish_non_exhaustive()
    }
}

impl QueryJob {
    /// Prepares to answer a query, which has to be valid. Its as-of and zone are those of the context.
    ///
    /// # Errors
    /// When the query refers to what is not there, with a pointer into it.
    pub fn new(store: Arc<Store>, query: &Query, context: &Context) -> Result<Self, EvaluateError> {
        let (plan, query) = match query {
            Query::Segmentation(query) => segmentation::prepare(&store, query, context)?,
            Query::Funnel(query) => funnel::prepare(&store, query, context)?,
            Query::Cohort(query) => cohort::prepare(&store, query, context)?,
        };
        let conditions = Evaluation::prepared(store, plan, context, None);
        Ok(Self {
            before: conditions.total(),
            conditions: Some(conditions),
            query,
        })
    }

    /// Works on about so many rows, at least on some, and gives the answer once it is found. Of its stamp the version of the
    /// data and the time taken are left open.
    pub fn step(&mut self, rows: usize) -> Progress<Answer> {
        if let Some(conditions) = &mut self.conditions {
            if let Progress::Working { done, total } = conditions.step(rows) {
                let total = total + self.query.total();
                return Progress::Working { done, total };
            }
            self.query.know(conditions.take_results());
            self.conditions = None;
        }
        match self.query.step(rows) {
            Progress::Done(answer) => Progress::Done(answer),
            Progress::Working { done, total } => Progress::Working {
                done: self.before + done,
                total: self.before + total,
            },
        }
    }
}
