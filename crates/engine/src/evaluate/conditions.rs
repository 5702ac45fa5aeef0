//! The parts of a plan, worked out for all users or for one.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::Instant;

use super::share::{Share, Shared, of_part};
use crate::job::{Job, Step, ranges};
use crate::plan::{Kind, PartId, Plan};
use crate::prepare::Preparation;
use crate::question::{Context, PartCache};
use crate::store::Store;

/// The parts of a plan while they are worked out. First comes what has to be prepared for them.
#[derive(Debug)]
pub(super) struct Conditions {
    store: Arc<Store>,
    plan: Plan,
    cache: Option<Arc<PartCache>>,
    /// What is known of parts from earlier questions.
    known: Vec<Option<Arc<RoaringBitmap>>>,
    /// The users of each share.
    ranges: Vec<Range<u32>>,
    /// The users of each part, once all shares are done.
    results: Vec<RoaringBitmap>,
    total: u64,
}

/// What is worked on in a pass.
#[derive(Debug)]
pub(super) enum Pass {
    Preparing(Vec<Preparation>),
    Users(Share),
}

impl Conditions {
    pub(super) fn new(store: Arc<Store>, plan: Plan, context: &Context, only: Option<u32>) -> Self {
        let ranges = match only {
            Some(user) => std::iter::once(user..user.saturating_add(1)).collect(),
            None => ranges(store.user_count(), context.shares),
        };
        // What holds for one user is quicker to work out than to look up and no use to others.
        let cache = context.cache.clone().filter(|_| only.is_none());
        let known = plan
            .parts
            .iter()
            .map(|part| cache.as_ref()?.get(part.key.as_ref()?))
            .collect();
        let total = plan
            .parts
            .iter()
            .map(|part| match &part.kind {
                _ if only.is_some() => 1,
                Kind::UserProperty { .. } => u64::from(store.user_count()),
                Kind::Events(events) => events
                    .tables
                    .iter()
                    .filter_map(|table| store.tables.get(table.table))
                    .map(|table| table.rows() as u64)
                    .sum(),
                Kind::Sequence { sequence, .. } => {
                    let events = sequence.events.iter();
                    events.map(|event| event.rows(&store) as u64).sum()
                }
                Kind::Cohort(condition) => condition.cohort.rows(&store),
                _ => 0,
            })
            .sum();
        Self {
            store,
            plan,
            cache,
            known,
            ranges,
            results: Vec::new(),
            total,
        }
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The users of each part, once all are done.
    pub(super) fn results(&self) -> &[RoaringBitmap] {
        &self.results
    }

    /// Gives the users of each part away.
    pub(super) fn take_results(&mut self) -> Vec<RoaringBitmap> {
        std::mem::take(&mut self.results)
    }

    /// Moves parts of one user's evaluation, which is done, on to another as-of. These and what builds on them are worked out
    /// anew, where they are needed.
    pub(super) fn move_to(&mut self, user: u32, as_of: Instant, moved: &[PartId], needed: &[bool]) {
        let mut anew = vec![false; self.plan.parts.len()];
        for (place, part) in self.plan.parts.iter_mut().enumerate() {
            let mut changes = moved.contains(&place);
            if changes {
                part.move_to(as_of);
            }
            part.each_below(&mut |below| changes |= anew.get(below) == Some(&true));
            if let Some(anew) = anew.get_mut(place) {
                *anew = changes && needed.get(place) == Some(&true);
            }
        }
        let results = std::mem::take(&mut self.results);
        for ((known, result), anew) in self.known.iter_mut().zip(results).zip(anew) {
            if anew {
                *known = None;
            } else if known.is_none() {
                *known = Some(Arc::new(result));
            }
        }
        self.ranges = std::iter::once(user..user.saturating_add(1)).collect();
    }

    fn users(&self) -> Vec<Pass> {
        let ranges = self.ranges.iter().cloned();
        ranges
            .map(|users| Pass::Users(Share::new(&self.plan, users)))
            .collect()
    }
}

impl Job for Conditions {
    type Share = Pass;
    type Answer = RoaringBitmap;

    fn total(&self) -> u64 {
        self.total
    }

    fn split(&mut self) -> Vec<Pass> {
        let preparations = std::mem::take(&mut self.plan.preparations);
        if preparations.is_empty() {
            return self.users();
        }
        let most = preparations.len().div_ceil(self.ranges.len().max(1));
        let mut shares = Vec::new();
        let mut left = preparations.into_iter().peekable();
        while left.peek().is_some() {
            shares.push(Pass::Preparing(left.by_ref().take(most).collect()));
        }
        shares
    }

    fn step(&self, share: &mut Pass, rows: usize) -> Step {
        match share {
            Pass::Preparing(preparations) => {
                let mut left = rows;
                while let Some(preparation) = preparations.last_mut() {
                    if !preparation.step(&self.store, &mut left) {
                        break;
                    }
                    preparations.pop();
                }
                Step {
                    looked: rows - left,
                    done: preparations.is_empty(),
                }
            }
            Pass::Users(share) => {
                let shared = Shared {
                    store: &self.store,
                    plan: &self.plan,
                    known: &self.known,
                };
                share.step(shared, rows)
            }
        }
    }

    fn merge(&mut self, shares: &mut Vec<Pass>) -> bool {
        let mut results: Option<Vec<RoaringBitmap>> = None;
        for share in std::mem::take(shares) {
            let Pass::Users(share) = share else { continue };
            match &mut results {
                None => results = Some(share.results),
                Some(results) => {
                    for (result, more) in results.iter_mut().zip(share.results) {
                        *result |= more;
                    }
                }
            }
        }
        let Some(results) = results else {
            // All is prepared.
            *shares = self.users();
            return true;
        };
        self.results = results;
        if let Some(cache) = &self.cache {
            let parts = self.plan.parts.iter().zip(&self.results).zip(&self.known);
            for ((part, result), known) in parts {
                if let (Some(key), None, true) = (&part.key, known, part.among.is_empty()) {
                    let bytes = result.serialized_size();
                    cache.put(&**key, Arc::new(result.clone()), bytes);
                }
            }
        }
        false
    }

    fn finish(&mut self) -> RoaringBitmap {
        of_part(&self.results, self.plan.root).clone()
    }
}
