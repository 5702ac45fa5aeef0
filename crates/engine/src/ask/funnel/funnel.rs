//! A funnel while it is worked out.

use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use segments_model::answer::{Answer, FunnelAnswer};
use segments_model::query::FunnelQuery;

use super::question::{FunnelQuestion, Task};
use super::share::Share;
use super::tally::{Grouped, Tally, TallyShape};
use crate::ask::group::{Counts, Key};
use crate::ask::query::{Prepared, Query};
use crate::job::{Job, Run, Step, ranges};
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// Prepares to answer a query.
pub(in crate::ask) fn prepare(
    store: &Arc<Store>,
    query: &FunnelQuery,
    context: &Context,
) -> Result<Prepared, EvaluateError> {
    let (question, plan) = FunnelQuestion::new(store, query, context)?;
    let events = question.sequence.events.iter();
    let funnel = Funnel {
        total: events.map(|event| event.rows(store) as u64).sum(),
        store: Arc::clone(store),
        question,
        shares: context.shares,
        users: Vec::new(),
        stage: Stage::First,
        found: Found::default(),
    };
    Ok((plan, Box::new(Run::new(funnel))))
}

#[derive(Debug)]
struct Funnel {
    store: Arc<Store>,
    question: FunnelQuestion,
    /// How many shares of the users to work on at the same time.
    shares: usize,
    /// The users of each part of the plan.
    users: Vec<RoaringBitmap>,
    stage: Stage,
    total: u64,
    /// What was found of all users, once that is done, with how many users each group has.
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// All users together, and groups unless there are too many of them.
    First,
    /// The groups that are told.
    Again,
}

#[derive(Debug, Default)]
struct Found {
    overall: Tally,
    /// What it would be if nothing served the step of the groups.
    without: Tally,
    groups: Vec<(u64, Grouped)>,
    left_out: u64,
}

impl Query for Funnel {
    fn know(&mut self, users: Vec<RoaringBitmap>) {
        self.users = users;
    }
}

impl Job for Funnel {
    type Share = Share;
    type Answer = Answer;

    fn total(&self) -> u64 {
        self.total
    }

    fn split(&mut self) -> Vec<Share> {
        let ranges = ranges(self.store.user_count(), self.shares);
        ranges.into_iter().map(Share::new).collect()
    }

    fn step(&self, share: &mut Share, rows: usize) -> Step {
        let task = Task {
            store: &self.store,
            question: &self.question,
            results: &self.users,
        };
        let looked = share.step(&task, rows);
        Step {
            looked,
            done: share.is_finished(),
        }
    }

    fn merge(&mut self, shares: &mut Vec<Share>) -> bool {
        if self.stage == Stage::Again {
            self.finish_again(shares);
            return false;
        }
        if self.finish_first(shares) {
            return false;
        }
        self.stage = Stage::Again;
        // All rows are looked at once more.
        self.total *= 2;
        true
    }

    fn finish(&mut self) -> Answer {
        self.answer()
    }
}

impl Funnel {
    /// Puts together what the shares have found, and chooses the groups that are told; whether all that is needed of them is known.
    fn finish_first(&mut self, shares: &mut [Share]) -> bool {
        let mut groups: FxHashMap<u64, Grouped> = FxHashMap::default();
        let mut complete = true;
        for share in &mut *shares {
            complete &= share.is_complete();
            self.found.overall.merge(std::mem::take(&mut share.overall));
            self.found.without.merge(std::mem::take(&mut share.without));
            for (bits, group) in std::mem::take(&mut share.groups) {
                groups.entry(bits).or_default().merge(group);
            }
        }
        let Some(by) = &self.question.by else {
            return true;
        };
        let counts = groups.iter().filter(|(_, group)| group.users > 0);
        let counts = counts.map(|(bits, group)| (key(*bits), group.users));
        let counts = Counts::Sparse(counts.collect());
        let (told, left_out) = by
            .groups
            .most_frequent(&self.store, &counts, self.question.most);
        self.found.left_out = left_out;
        self.found.groups = told
            .into_iter()
            .map(|[bits, ..]| (bits, groups.remove(&bits).unwrap_or_default()))
            .collect();
        if !complete {
            let wanted: Vec<u64> = self.found.groups.iter().map(|(bits, _)| *bits).collect();
            for share in shares {
                share.begin_again(&wanted);
            }
        }
        complete
    }

    fn finish_again(&mut self, shares: &mut [Share]) {
        for (bits, group) in &mut self.found.groups {
            *group = Grouped::default();
            for share in &mut *shares {
                group.merge(share.groups.remove(bits).unwrap_or_default());
            }
        }
    }

    fn answer(&mut self) -> Answer {
        let mut found = std::mem::take(&mut self.found);
        let shown = TallyShape {
            shape: &self.question.sequence.shape,
            buckets: self.question.buckets.as_deref().unwrap_or(&[]),
        };
        let mut groups = vec![found.overall.group(shown, Vec::new())];
        if let Some(by) = &self.question.by {
            found.without.sort();
            for (bits, group) in found.groups {
                let mut tally = group.more;
                tally.add_without(&found.without, group.less);
                groups.push(tally.group(shown, by.groups.values(&self.store, &key(bits))));
            }
        }
        Answer::Funnel(FunnelAnswer {
            stamp: self.question.stamp.clone(),
            groups,
            groups_left_out: found.left_out,
        })
    }
}

const fn key(bits: u64) -> Key {
    [bits, 0, 0, 0, 0]
}
