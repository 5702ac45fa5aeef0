//! Funnel queries.
//!
//! The events of a user are gathered once, and the user's way is worked out for all users together, for each group that the
//! user can be in, and for each bucket that has an event to start with. Only if there are very many groups, those that are
//! told are worked out in a second pass.

mod direct;
mod share;
mod tally;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use segments_model::Instant;
use segments_model::answer::{Answer, Bucket, FunnelAnswer};
use segments_model::buckets::MAX_BUCKETS;
use segments_model::filter::Scope;
use segments_model::query::{DEFAULT_GROUPS, FunnelGroupBy, FunnelQuery};
use segments_model::stamp::{Stamp, Unit};

use self::share::{Share, Task};
use self::tally::{Shown, Tally};
use super::Work;
use super::group::{Counts, Dimension, Groups, Key};
use crate::Progress;
use crate::plan::Sequence;
use crate::plan::{PartId, Planner, SequenceSpec};
use crate::question::{Context, EvaluateError};
use crate::share::{look_at_once, ranges};
use crate::store::Store;

/// How many steps of a funnel may be left out: the best of its runs is sought with each choice of them.
const MOST_OPTIONAL: usize = 4;

#[derive(Debug)]
pub(super) struct Asking {
    store: Arc<Store>,
    asked: Asked,
    work: Work,
    stage: Stage,
    shares: Vec<Share>,
    /// What was found of all users, once that is done, with how many users each group has.
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Conditions on users are worked out.
    Users,
    /// All users together, and groups unless there are too many of them.
    First,
    /// The groups that are told.
    Again,
}

/// What is asked.
#[derive(Debug)]
struct Asked {
    sequence: Sequence,
    /// Who is asked about; none: every user.
    audience: Option<PartId>,
    by: Option<By>,
    /// The buckets over time; none: not told over time.
    buckets: Option<Vec<Bucket>>,
    most: usize,
    stamp: Stamp,
}

/// What the answer is broken down by.
#[derive(Debug)]
struct By {
    dimension: Dimension,
    groups: Groups,
    at: At,
}

/// What is filtered to the value of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Users,
    EveryStep,
    /// Counted from 0.
    Step(usize),
}

#[derive(Debug, Default)]
struct Found {
    overall: Tally,
    /// What it would be if nothing served the step of the groups.
    without: Tally,
    groups: Vec<(u64, Grouped)>,
    left_out: u64,
}

/// What was found of a group.
#[derive(Debug, Default)]
struct Grouped {
    /// How many users reached the step of the groups.
    users: u64,
    /// The users with the value. Of those that also count without it, what they come to so has to go.
    more: Tally,
    less: Tally,
}

impl Asking {
    pub(super) fn new(
        store: Arc<Store>,
        query: &FunnelQuery,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        check(query)?;
        let mut planner = Planner::new(&store, context);
        let audience = planner.audience(query.audience.as_ref())?;
        let asked = SequenceSpec {
            steps: &query.steps,
            order: query.order,
            within: query.within,
            exclude: &query.exclude,
            during: &query.during,
        };
        let sequence = planner.sequence(asked, "", &planner.outermost())?;
        let by = query
            .group_by
            .as_ref()
            .map(|group| By::new(&store, group, &mut planner))
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
        let asked = Asked {
            by,
            buckets: buckets.transpose()?,
            audience: query.audience.is_some().then_some(audience),
            most: query.max_groups.unwrap_or(DEFAULT_GROUPS) as usize,
            stamp: super::stamp(context, bounds, Unit::Users),
            sequence,
        };
        let events = asked.sequence.events.iter();
        let total = events.map(|event| event.rows(&store) as u64).sum();
        Ok(Self {
            work: Work::new(&store, planner.finish(audience)?, context, total),
            shares: ranges(store.user_count(), context.shares)
                .into_iter()
                .map(Share::new)
                .collect(),
            store,
            asked,
            stage: Stage::Users,
            found: Found::default(),
        })
    }

    pub(super) fn step(&mut self, rows: usize) -> Progress<Answer> {
        let mut left = rows.max(1);
        loop {
            if self.stage == Stage::Users {
                if let Some(working) = self.work.on_users(left) {
                    return working;
                }
                self.stage = Stage::First;
            }
            let task = Task {
                store: &self.store,
                asked: &self.asked,
                results: self.work.users(),
            };
            let looked = look_at_once(&mut self.shares, &mut left, |share, rows| {
                share.step(&task, rows)
            });
            self.work.done += looked;
            if self.shares.iter().any(|share| !share.is_finished()) {
                return self.work.progress();
            }
            if self.stage == Stage::First && !self.finish_first() {
                self.stage = Stage::Again;
                // All rows are looked at once more.
                self.work.total *= 2;
                continue;
            }
            if self.stage == Stage::Again {
                self.finish_again();
            }
            return Progress::Done(self.answer());
        }
    }

    /// Puts together what the shares have found, and chooses the groups that are told; whether all that is needed of them is known.
    fn finish_first(&mut self) -> bool {
        let mut groups: FxHashMap<u64, Grouped> = FxHashMap::default();
        let mut complete = true;
        for share in &mut self.shares {
            complete &= share.is_complete();
            self.found.overall.merge(std::mem::take(&mut share.overall));
            self.found.without.merge(std::mem::take(&mut share.without));
            for (bits, group) in std::mem::take(&mut share.groups) {
                groups.entry(bits).or_default().merge(group);
            }
        }
        let Some(by) = &self.asked.by else {
            return true;
        };
        let counts = groups.iter().filter(|(_, group)| group.users > 0);
        let counts = counts.map(|(bits, group)| (key(*bits), group.users));
        let counts = Counts::Sparse(counts.collect());
        let (told, left_out) = by
            .groups
            .most_frequent(&self.store, &counts, self.asked.most);
        self.found.left_out = left_out;
        self.found.groups = told
            .into_iter()
            .map(|[bits, ..]| (bits, groups.remove(&bits).unwrap_or_default()))
            .collect();
        if !complete {
            let wanted: Vec<u64> = self.found.groups.iter().map(|(bits, _)| *bits).collect();
            for share in &mut self.shares {
                share.begin_again(&wanted);
            }
        }
        complete
    }

    fn finish_again(&mut self) {
        for (bits, group) in &mut self.found.groups {
            *group = Grouped::default();
            for share in &mut self.shares {
                group.merge(share.groups.remove(bits).unwrap_or_default());
            }
        }
    }

    fn answer(&mut self) -> Answer {
        let mut found = std::mem::take(&mut self.found);
        let shown = Shown {
            shape: &self.asked.sequence.shape,
            buckets: self.asked.buckets.as_deref().unwrap_or(&[]),
        };
        let mut groups = vec![found.overall.group(shown, Vec::new())];
        if let Some(by) = &self.asked.by {
            found.without.sort();
            for (bits, group) in found.groups {
                let mut tally = group.more;
                tally.add_without(&found.without, group.less);
                groups.push(tally.group(shown, by.groups.values(&self.store, &key(bits))));
            }
        }
        Answer::Funnel(FunnelAnswer {
            stamp: self.asked.stamp.clone(),
            groups,
            groups_left_out: found.left_out,
        })
    }
}

impl By {
    fn new<'c>(
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
    const fn step(&self) -> usize {
        match self.at {
            At::Users | At::EveryStep => 0,
            At::Step(step) => step,
        }
    }
}

impl Grouped {
    fn merge(&mut self, other: Self) {
        self.users += other.users;
        self.more.merge(other.more);
        self.less.merge(other.less);
    }
}

const fn key(bits: u64) -> Key {
    [bits, 0, 0, 0, 0]
}

/// What would make an answer impossible, whether or not somebody has looked before.
fn check(query: &FunnelQuery) -> Result<(), EvaluateError> {
    let wrong = |pointer: &str, detail: String| {
        Err(EvaluateError::Value {
            pointer: pointer.to_owned(),
            detail,
        })
    };
    if query.steps.iter().filter(|step| step.optional).count() > MOST_OPTIONAL {
        return wrong(
            "/steps",
            format!("at most {MOST_OPTIONAL} steps can be optional"),
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
fn stretch(bucket: &Bucket) -> std::ops::Range<i64> {
    bucket.start.unwrap_or(Instant::MIN).millis()..bucket.end.millis()
}
