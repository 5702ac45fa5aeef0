//! What the tools' queries have in common.

use roaring::RoaringBitmap;
use segments_model::Instant;
use segments_model::answer::Answer;
use segments_model::range::Bounds;
use segments_model::stamp::{Stamp, Unit};

use crate::Progress;
use crate::job::{Job, Run};
use crate::plan::Plan;
use crate::question::Context;

/// A query as a job on its own rows, once it is known who meets the conditions on users.
pub(super) trait Query: Job<Answer = Answer> {
    /// Takes the users of each part of its plan.
    fn know(&mut self, users: Vec<RoaringBitmap>);
}

/// A query of whichever tool while it is worked out.
pub(super) trait Running: Send + Sync {
    /// How many rows of its own there are to look at.
    fn total(&self) -> u64;
    /// Takes the users of each part of its plan.
    fn know(&mut self, users: Vec<RoaringBitmap>);
    /// Works on about so many rows.
    fn step(&mut self, rows: usize) -> Progress<Answer>;
}

impl<Q> Running for Run<Q>
where
    Q: Query + Send + Sync,
    Q::Share: Sync,
{
    fn total(&self) -> u64 {
        self.job().total()
    }

    fn know(&mut self, users: Vec<RoaringBitmap>) {
        self.restart().know(users);
    }

    fn step(&mut self, rows: usize) -> Progress<Answer> {
        Run::step(self, rows)
    }
}

/// A query that is ready to be worked out, and the plan of its conditions on users.
pub(super) type Prepared = (Plan, Box<dyn Running>);

/// What a query's figures are true for. The version of the data and the time taken are left open.
pub(super) fn stamp(context: &Context, bounds: Bounds, unit: Unit) -> Stamp {
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
