//! Who meets a definition.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use segments_model::preview::CriterionEffect;
use segments_model::{Criterion, Instant};

use crate::Progress;
use crate::cohort;
use crate::column::Packed;
use crate::kept::Kept;
use crate::plan::{Kind, Part, PartId, Plan, plan};
use crate::question::{Context, EvaluateError};
use crate::scan::Scan;
use crate::sequence::{Search, Sought};
use crate::share::ranges;
use crate::store::Store;
use crate::threads::at_once;

/// Finds the users that meet a definition, step by step, so that whoever runs it can give way or stop in between.
///
/// Costs one pass over the rows of the events that the definition names, for each different criterion in it. Dropping it
/// stops it.
#[derive(Debug)]
pub struct Evaluation {
    store: Arc<Store>,
    plan: Plan,
    kept: Option<Arc<Kept>>,
    /// What is known of parts from earlier questions.
    known: Vec<Option<Arc<RoaringBitmap>>>,
    shares: Vec<Share>,
    /// The users of each part, once all shares are done.
    results: Vec<RoaringBitmap>,
    total: u64,
}

/// A range of the users, for whom the parts are worked out one after the other.
#[derive(Debug)]
struct Share {
    users: Range<u32>,
    /// The users of the parts that are done.
    results: Vec<RoaringBitmap>,
    /// The users that exist, by as-of.
    universes: BTreeMap<i64, Arc<RoaringBitmap>>,
    under_way: Option<UnderWay>,
    done: u64,
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
struct Shared<'e> {
    store: &'e Store,
    plan: &'e Plan,
    known: &'e [Option<Arc<RoaringBitmap>>],
}

impl Evaluation {
    /// Prepares to find the users of a definition.
    ///
    /// # Errors
    /// When the definition refers to what is not there, or asks what the engine does not answer.
    pub fn new(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let mut plan = plan(&store, definition, context)?;
        plan.narrow();
        Ok(Self::prepared(store, plan, context, None))
    }

    /// Prepares to find out whether one user meets a definition: touches the events of that user only.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_user(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
        user: u32,
    ) -> Result<Self, EvaluateError> {
        let plan = plan(&store, definition, context)?;
        Ok(Self::prepared(store, plan, context, Some(user)))
    }

    /// Prepares to work out the parts of a plan, of one user where only that one is asked about.
    pub(crate) fn prepared(
        store: Arc<Store>,
        plan: Plan,
        context: &Context,
        only: Option<u32>,
    ) -> Self {
        let ranges = match only {
            Some(user) => std::iter::once(user..user.saturating_add(1)).collect(),
            None => ranges(store.user_count(), context.shares),
        };
        let shares = ranges
            .into_iter()
            .map(|users| Share::new(&plan, users))
            .collect();
        // What holds for one user is quicker to work out than to look up and no use to others.
        let kept = context.kept.clone().filter(|_| only.is_none());
        let known = plan
            .parts
            .iter()
            .map(|part| kept.as_ref()?.get(part.key.as_ref()?))
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
            kept,
            known,
            shares,
            results: Vec::new(),
            total,
        }
    }

    /// Works on about so many rows of each share, at least on some, and tells the users once they are found.
    pub fn step(&mut self, rows: usize) -> Progress<RoaringBitmap> {
        let mut rows = rows.max(1);
        while let Some(preparation) = self.plan.preparations.last_mut() {
            if !preparation.step(&self.store, &mut rows) {
                return Progress::Working {
                    done: 0,
                    total: self.total,
                };
            }
            self.plan.preparations.pop();
        }
        let shared = Shared {
            store: &self.store,
            plan: &self.plan,
            known: &self.known,
        };
        at_once(&mut self.shares, |share| share.step(shared, rows));
        let parts = self.plan.parts.len();
        if self.shares.iter().any(|share| share.results.len() < parts) {
            return Progress::Working {
                done: self.shares.iter().map(|share| share.done).sum(),
                total: self.total,
            };
        }
        if self.results.is_empty() {
            self.finish();
        }
        Progress::Done(self.result(self.plan.root).clone())
    }

    /// Moves parts of one user's evaluation, which is done, on to another as-of. In the steps that follow these and what
    /// builds on them are worked out anew, where they are needed.
    pub(crate) fn move_to(&mut self, user: u32, as_of: Instant, moved: &[PartId], needed: &[bool]) {
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
        let users = user..user.saturating_add(1);
        self.shares = vec![Share::new(&self.plan, users)];
    }

    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Puts together what the shares have found.
    fn finish(&mut self) {
        let mut shares = self.shares.iter_mut();
        if let Some(first) = shares.next() {
            self.results = std::mem::take(&mut first.results);
        }
        for share in shares {
            for (result, more) in self
                .results
                .iter_mut()
                .zip(std::mem::take(&mut share.results))
            {
                *result |= more;
            }
        }
        // A share that has nothing left would begin anew.
        self.shares.clear();
        if let Some(kept) = &self.kept {
            for ((part, result), known) in
                self.plan.parts.iter().zip(&self.results).zip(&self.known)
            {
                if let (Some(key), None, true) = (&part.key, known, part.among.is_empty()) {
                    kept.put(key, result);
                }
            }
        }
    }

    fn result(&self, part: PartId) -> &RoaringBitmap {
        of_part(&self.results, part)
    }

    /// The users of each part, once all are done.
    pub(crate) fn results(&self) -> &[RoaringBitmap] {
        &self.results
    }

    fn part_at(&self, pointer: &str) -> &RoaringBitmap {
        self.result(self.place(pointer))
    }

    /// The part of the criterion, or of the condition on users, at a pointer.
    pub(crate) fn place(&self, pointer: &str) -> PartId {
        self.plan
            .places
            .get(pointer)
            .copied()
            .unwrap_or(PartId::MAX)
    }
}

/// The users of a part that is done.
fn of_part(results: &[RoaringBitmap], part: PartId) -> &RoaringBitmap {
    static NOBODY: OnceLock<RoaringBitmap> = OnceLock::new();
    results
        .get(part)
        .unwrap_or_else(|| NOBODY.get_or_init(RoaringBitmap::new))
}

impl Share {
    fn new(plan: &Plan, users: Range<u32>) -> Self {
        Self {
            users,
            results: Vec::with_capacity(plan.parts.len()),
            universes: BTreeMap::new(),
            under_way: None,
            done: 0,
        }
    }

    fn step(&mut self, shared: Shared<'_>, rows: usize) {
        let mut budget = rows.max(1);
        while self.results.len() < shared.plan.parts.len() {
            match self.work(shared, &mut budget) {
                Some(found) => self.results.push(found),
                None => return,
            }
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
        let before = *budget;
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
                    self.done += (before - *budget) as u64;
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
                    self.done += (before - *budget) as u64;
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
                let sought = Sought {
                    sequence,
                    reached: *reached,
                    not_reached: *not_reached,
                    path: *path,
                };
                if !search.step(store, sought, &self.results, self.users.end, budget) {
                    self.done += (before - *budget) as u64;
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
                    self.done += (before - *budget) as u64;
                    self.under_way = Some(UnderWay::Cohort(scan));
                    return None;
                }
                universe & scan.into_found(condition)
            }
        };
        self.done += (before - *budget) as u64;
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

/// A definition tried out: who meets it, and what each of its criteria does.
#[derive(Debug)]
pub struct Preview {
    definition: Criterion,
    /// The users that exist.
    everyone: RoaringBitmap,
    evaluation: Evaluation,
}

/// What a preview finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Previewed {
    /// Who meets the definition.
    pub members: RoaringBitmap,
    /// What each criterion does, the root first and each group before its members.
    pub criteria: Vec<CriterionEffect>,
}

impl Preview {
    /// Prepares to try a definition out.
    ///
    /// # Errors
    /// As [`Evaluation::new`].
    pub fn new(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let everyone = store.everyone(context.known(context.as_of));
        // Of each criterion all users are told, so none may be left out of any.
        let plan = plan(&store, definition, context)?;
        Ok(Self {
            definition: definition.clone(),
            everyone,
            evaluation: Evaluation::prepared(store, plan, context, None),
        })
    }

    /// Works on about so many rows, at least on some.
    pub fn step(&mut self, rows: usize) -> Progress<Previewed> {
        match self.evaluation.step(rows) {
            Progress::Working { done, total } => Progress::Working { done, total },
            Progress::Done(members) => {
                let mut criteria = Vec::new();
                let kept = members.len();
                self.effects(
                    &self.definition,
                    String::new(),
                    &self.everyone,
                    (kept, self.everyone.len() - kept),
                    &mut criteria,
                );
                Progress::Done(Previewed { members, criteria })
            }
        }
    }

    /// What a criterion and those below it do to the users that are left before it.
    fn effects(
        &self,
        criterion: &Criterion,
        pointer: String,
        left: &RoaringBitmap,
        (kept, dropped): (u64, u64),
        effects: &mut Vec<CriterionEffect>,
    ) {
        effects.push(CriterionEffect {
            users: self.evaluation.part_at(&pointer).len(),
            kept,
            dropped,
            pointer: pointer.clone(),
        });
        match criterion {
            Criterion::All { of } => {
                let mut left = left.clone();
                for (place, inner) in of.iter().enumerate() {
                    let pointer = format!("{pointer}/of/{place}");
                    let after = &left & self.evaluation.part_at(&pointer);
                    let change = (after.len(), left.len() - after.len());
                    self.effects(inner, pointer, &left, change, effects);
                    left = after;
                }
            }
            Criterion::Any { of } => {
                let mut found = RoaringBitmap::new();
                for (place, inner) in of.iter().enumerate() {
                    let pointer = format!("{pointer}/of/{place}");
                    let more = left & self.evaluation.part_at(&pointer);
                    let before = found.len();
                    found |= more;
                    let change = (found.len(), found.len() - before);
                    self.effects(inner, pointer, left, change, effects);
                }
            }
            Criterion::Not { of } => {
                let pointer = format!("{pointer}/of");
                let meeting = left.intersection_len(self.evaluation.part_at(&pointer));
                let change = (meeting, left.len() - meeting);
                self.effects(of, pointer, left, change, effects);
            }
            _ => {}
        }
    }
}
