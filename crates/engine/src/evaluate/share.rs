//! The parts of a plan, worked out for a range of the users.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;

use crate::cohort;
use crate::column::Packed;
use crate::job::Step;
use crate::plan::{Kind, Part, PartId, Plan};
use crate::scan::Scan;
use crate::sequence::{Search, Target};
use crate::store::Store;

/// A range of the users, for whom the parts are worked out one after the other.
#[derive(Debug)]
pub(super) struct Share {
    users: Range<u32>,
    /// The users of the parts that are done.
    pub(super) results: Vec<RoaringBitmap>,
    /// The users that exist, by as-of.
    universes: BTreeMap<i64, Arc<RoaringBitmap>>,
    under_way: Option<UnderWay>,
}

/// A part that is being worked out.
#[derive(Debug)]
enum UnderWay {
    Users { next: u32, found: RoaringBitmap },
    Events(Scan),
    Sequence(Search),
    Cohort(cohort::Scan),
}

/// What all shares look at.
#[derive(Clone, Copy)]
pub(super) struct Shared<'e> {
    pub(super) store: &'e Store,
    pub(super) plan: &'e Plan,
    pub(super) known: &'e [Option<Arc<RoaringBitmap>>],
}

/// The users of a part that is done.
pub(super) fn of_part(results: &[RoaringBitmap], part: PartId) -> &RoaringBitmap {
    static NOBODY: OnceLock<RoaringBitmap> = OnceLock::new();
    results
        .get(part)
        .unwrap_or_else(|| NOBODY.get_or_init(RoaringBitmap::new))
}

impl Share {
    pub(super) fn new(plan: &Plan, users: Range<u32>) -> Self {
        Self {
            users,
            results: Vec::with_capacity(plan.parts.len()),
            universes: BTreeMap::new(),
            under_way: None,
        }
    }

    /// Works on about so many rows.
    pub(super) fn step(&mut self, shared: Shared<'_>, rows: usize) -> Step {
        let mut budget = rows.max(1);
        let parts = shared.plan.parts.len();
        while self.results.len() < parts {
            match self.work(shared, &mut budget) {
                Some(found) => self.results.push(found),
                None => break,
            }
        }
        Step {
            looked: rows.max(1) - budget,
            done: self.results.len() >= parts,
        }
    }

    /// The users of the next part, unless the budget ends first.
    fn work(&mut self, shared: Shared<'_>, budget: &mut usize) -> Option<RoaringBitmap> {
        let Shared { store, plan, known } = shared;
        let part = plan.parts.get(self.results.len())?;
        let universe = &*self.universe(store, part.as_of, budget)?;
        if let Some(Some(users)) = known.get(self.results.len()) {
            return Some(universe & &**users);
        }
        let found = match &part.kind {
            Kind::All(of) => {
                let mut users = universe.clone();
                for part in of {
                    users &= self.result(*part);
                }
                users
            }
            Kind::Any(of) => {
                let mut users = RoaringBitmap::new();
                for part in of {
                    users |= self.result(*part);
                }
                users & universe
            }
            Kind::Not(of) => universe - self.result(*of),
            Kind::Fixed(users) => universe & &**users,
            Kind::UserProperty {
                property,
                predicate,
            } => {
                let values = property
                    .and_then(|place| store.users.properties.get(place))
                    .map(|property| &property.values);
                let (mut next, mut found) = match self.under_way.take() {
                    Some(UnderWay::Users { next, found }) => (next, found),
                    _ => (self.users.start, RoaringBitmap::new()),
                };
                let end = self.users.end;
                let most = u32::try_from(*budget).unwrap_or(u32::MAX).max(1);
                let stop = end.min(next.saturating_add(most));
                *budget = budget.saturating_sub((stop - next) as usize);
                let empty = Packed::Code8(Vec::new());
                let values = values.unwrap_or(&empty);
                let passing = (next..stop).filter(|user| predicate.passes(values, *user as usize));
                found.extend(passing);
                next = stop;
                if next < end {
                    self.under_way = Some(UnderWay::Users { next, found });
                    return None;
                }
                found & universe
            }
            Kind::Events(events) => {
                let mut scan = match self.under_way.take() {
                    Some(UnderWay::Events(scan)) => scan,
                    _ => {
                        let among = self.among(part, universe);
                        Scan::new(store, events, &self.users, among.as_ref())
                    }
                };
                if !scan.step(store, events, part.as_of, &self.results, budget) {
                    self.under_way = Some(UnderWay::Events(scan));
                    return None;
                }
                if events.figure.passes_without_rows() {
                    universe - scan.into_found()
                } else {
                    universe & scan.into_found()
                }
            }
            Kind::Sequence {
                sequence,
                reached,
                not_reached,
                path,
                ..
            } => {
                let mut search = match self.under_way.take() {
                    Some(UnderWay::Sequence(search)) => search,
                    _ => Search::new(self.users.start, self.among(part, universe)),
                };
                let target = Target {
                    sequence,
                    reached: *reached,
                    not_reached: *not_reached,
                    path: *path,
                };
                if !search.step(store, target, &self.results, self.users.end, budget) {
                    self.under_way = Some(UnderWay::Sequence(search));
                    return None;
                }
                universe & search.into_found()
            }
            Kind::Cohort(condition) => {
                let mut scan = match self.under_way.take() {
                    Some(UnderWay::Cohort(scan)) => scan,
                    _ => {
                        let among = self.among(part, universe);
                        cohort::Scan::new(self.users.clone(), condition, among)
                    }
                };
                if !scan.step(store, condition, &self.results, budget) {
                    self.under_way = Some(UnderWay::Cohort(scan));
                    return None;
                }
                universe & scan.into_found(condition)
            }
        };
        Some(found)
    }

    /// The users that exist as of an instant, unless the budget ended before they are found.
    fn universe(
        &mut self,
        store: &Store,
        as_of: i64,
        budget: &mut usize,
    ) -> Option<Arc<RoaringBitmap>> {
        /// How many users are looked at in the time of a row.
        const FAST: usize = 4;
        if let Some(universe) = self.universes.get(&as_of) {
            return Some(Arc::clone(universe));
        }
        if *budget == 0 {
            return None;
        }
        *budget = budget.saturating_sub(self.users.len() / FAST);
        let universe = Arc::new(store.everyone_of(&self.users, as_of));
        self.universes.insert(as_of, Arc::clone(&universe));
        Some(universe)
    }

    /// The only users about whom it matters whether they are in a part; none where it matters of all.
    fn among(&self, part: &Part, universe: &RoaringBitmap) -> Option<RoaringBitmap> {
        let (first, others) = part.among.split_first()?;
        let mut users = universe & self.result(*first);
        for part in others {
            users &= self.result(*part);
        }
        Some(users)
    }

    fn result(&self, part: PartId) -> &RoaringBitmap {
        of_part(&self.results, part)
    }
}
