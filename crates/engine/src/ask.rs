//! The queries of the tools, answered step by step.

mod cohort;
mod funnel;
mod group;
mod segmentation;
mod tally;

use std::sync::Arc;

use segments_model::Instant;
use segments_model::answer::Answer;
use segments_model::query::Query;
use segments_model::range::Bounds;
use segments_model::stamp::{Stamp, Unit};

use roaring::RoaringBitmap;

use crate::Progress;
use crate::evaluate::Evaluation;
use crate::plan::Plan;
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// Answers a query step by step, so that whoever runs it can give way or stop in between. Dropping it stops it.
#[derive(Debug)]
pub struct Asking(Tool);

#[derive(Debug)]
enum Tool {
    Segmentation(Box<segmentation::Asking>),
    Funnel(Box<funnel::Asking>),
    Cohort(Box<cohort::Asking>),
}

impl Asking {
    /// Prepares to answer a query, which has to be valid. Its as-of and zone are those of the context.
    ///
    /// # Errors
    /// When the query refers to what is not there, with a pointer into it.
    pub fn new(store: Arc<Store>, query: &Query, context: &Context) -> Result<Self, EvaluateError> {
        Ok(Self(match query {
            Query::Segmentation(query) => {
                Tool::Segmentation(Box::new(segmentation::Asking::new(store, query, context)?))
            }
            Query::Funnel(query) => {
                Tool::Funnel(Box::new(funnel::Asking::new(store, query, context)?))
            }
            Query::Cohort(query) => {
                Tool::Cohort(Box::new(cohort::Asking::new(store, query, context)?))
            }
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

/// How far the work on a query is: the conditions on users come first, then its own rows.
#[derive(Debug)]
struct Work {
    conditions: Evaluation,
    /// How many rows the conditions take, once that is known.
    before: u64,
    /// How many of its own rows the query has looked at, and how many there are.
    done: u64,
    total: u64,
}

impl Work {
    fn new(store: &Arc<Store>, plan: Plan, context: &Context, total: u64) -> Self {
        Self {
            conditions: Evaluation::prepared(Arc::clone(store), plan, context, None),
            before: 0,
            done: 0,
            total,
        }
    }

    /// Works on the conditions on users; none once they are known.
    fn on_users(&mut self, rows: usize) -> Option<Progress<Answer>> {
        let Progress::Working { done, total } = self.conditions.step(rows) else {
            return None;
        };
        self.before = total;
        Some(Progress::Working {
            done,
            total: total + self.total,
        })
    }

    /// The users of each part of the plan, once they are known.
    fn users(&self) -> &[RoaringBitmap] {
        self.conditions.results()
    }

    /// How far it is with its own rows.
    fn progress(&self) -> Progress<Answer> {
        Progress::Working {
            done: self.before + self.done,
            total: self.before + self.total,
        }
    }
}

/// What a query's figures are true for. The version of the data and the time taken are left open.
fn stamp(context: &Context, bounds: Bounds, unit: Unit) -> Stamp {
    Stamp {
        as_of: context.as_of,
        time_zone: context.zone.name().to_owned(),
        start: (bounds.start > Instant::MIN).then_some(bounds.start),
        end: Some(bounds.end),
        unit,
        exact: true,
        data_version: String::new(),
        took_ms: 0.0,
    }
}
