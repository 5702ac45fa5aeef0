//! What is asked of a funnel.

use roaring::RoaringBitmap;
use segments_model::Instant;
use segments_model::answer::Bucket;
use segments_model::buckets::MAX_BUCKETS;
use segments_model::filter::Scope;
use segments_model::query::{DEFAULT_GROUPS, FunnelGroupBy, FunnelQuery};
use segments_model::stamp::{Stamp, Unit};
use segments_model::validate::MAX_OPTIONAL;

use crate::ask::group::{Dimension, Groups};
use crate::ask::query::stamp;
use crate::plan::{PartId, Plan, Planner, Sequence, SequenceSpec};
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// What is asked.
#[derive(Debug)]
pub(super) struct FunnelQuestion {
    pub(super) sequence: Sequence,
    /// Who is asked about; none: every user.
    pub(super) audience: Option<PartId>,
    pub(super) by: Option<By>,
    /// The buckets over time; none: not told over time.
    pub(super) buckets: Option<Vec<Bucket>>,
    pub(super) most: usize,
    pub(super) stamp: Stamp,
}

/// What the answer is broken down by.
#[derive(Debug)]
pub(super) struct By {
    pub(super) dimension: Dimension,
    pub(super) groups: Groups,
    pub(super) at: At,
}

/// What is filtered to the value of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Users,
    EveryStep,
    /// Counted from 0.
    Step(usize),
}

/// What all shares look at.
pub(super) struct Task<'a> {
    pub(super) store: &'a Store,
    pub(super) question: &'a FunnelQuestion,
    pub(super) results: &'a [RoaringBitmap],
}

impl FunnelQuestion {
    /// What a query asks, and the plan of its conditions on users.
    pub(super) fn new(
        store: &Store,
        query: &FunnelQuery,
        context: &Context,
    ) -> Result<(Self, Plan), EvaluateError> {
        check(query)?;
        let mut planner = Planner::new(store, context);
        let audience = planner.audience(query.audience.as_ref())?;
        let question = SequenceSpec {
            steps: &query.steps,
            order: query.order,
            within: query.within,
            exclude: &query.exclude,
            during: &query.during,
        };
        let sequence = planner.sequence(question, "", &planner.outermost())?;
        let by = query
            .group_by
            .as_ref()
            .map(|group| By::new(store, group, &mut planner))
            .transpose()?;
        let bounds = context.zone.bounds(&query.during, context.as_of);
        let buckets = query.interval.map(|interval| {
            let first = store.first_event(context.known(context.as_of));
            context
                .zone
                .buckets(interval.unit(), bounds, context.as_of, first)
                .ok_or_else(|| EvaluateError::TooLong {
                    pointer: "/interval".to_owned(),
                    most: MAX_BUCKETS,
                })
        });
        let question = FunnelQuestion {
            by,
            buckets: buckets.transpose()?,
            audience: query.audience.is_some().then_some(audience),
            most: query.max_groups.unwrap_or(DEFAULT_GROUPS) as usize,
            stamp: stamp(context, bounds, Unit::Users),
            sequence,
        };
        Ok((question, planner.finish(audience)?))
    }
}

impl By {
    pub(super) fn new<'c>(
        store: &Store,
        group: &'c FunnelGroupBy,
        planner: &mut Planner<'c>,
    ) -> Result<Self, EvaluateError> {
        let (dimension, at) = match group {
            FunnelGroupBy::Segment(group) => {
                let part = planner.segment(&group.segment, "/group_by/segment")?;
                (Dimension::Segment(part), At::Users)
            }
            FunnelGroupBy::Property(group) => {
                let at = match (group.scope, group.step) {
                    (Scope::User, _) => At::Users,
                    (Scope::Event, None) => At::EveryStep,
                    (Scope::Event, Some(step)) => At::Step(step.saturating_sub(1) as usize),
                };
                let (scope, name) = (group.scope, &group.name);
                let pointer = "/group_by/name";
                (Dimension::of_property(scope, name, planner, pointer)?, at)
            }
        };
        Ok(Self {
            groups: Groups::new(store, vec![dimension]),
            dimension,
            at,
        })
    }

    /// The step by which groups are counted.
    pub(super) const fn step(&self) -> usize {
        match self.at {
            At::Users | At::EveryStep => 0,
            At::Step(step) => step,
        }
    }
}

/// What would make an answer impossible, whether or not somebody has looked before.
fn check(query: &FunnelQuery) -> Result<(), EvaluateError> {
    let wrong = |pointer: &str, detail: String| {
        Err(EvaluateError::Value {
            pointer: pointer.to_owned(),
            detail,
        })
    };
    if query.steps.iter().filter(|step| step.optional).count() > MAX_OPTIONAL {
        return wrong(
            "/steps",
            format!("at most {MAX_OPTIONAL} steps can be optional"),
        );
    }
    if query.steps.last().is_some_and(|last| last.optional) {
        return wrong("/steps", "the last step cannot be optional".to_owned());
    }
    let steps = query.steps.len();
    match &query.group_by {
        Some(FunnelGroupBy::Property(group))
            if group
                .step
                .is_some_and(|step| !(1..=steps).contains(&(step as usize))) =>
        {
            wrong("/group_by/step", format!("give a step: 1 to {steps}"))
        }
        _ => Ok(()),
    }
}

/// The first millisecond of a bucket and the first after it.
pub(super) fn stretch(bucket: &Bucket) -> std::ops::Range<i64> {
    bucket.start.unwrap_or(Instant::MIN).millis()..bucket.end.millis()
}
