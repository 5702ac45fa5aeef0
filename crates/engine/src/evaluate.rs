//! Who meets a definition.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::preview::CriterionEffect;
use segments_model::{Criterion, Instant};

use crate::Progress;
use crate::column::Packed;
use crate::plan::{Kind, Plan};
use crate::question::{Context, EvaluateError};
use crate::scan::Scan;
use crate::store::Store;

/// Finds the users that meet a definition, step by step, so that whoever runs it can give way or stop in between.
///
/// Costs one pass over the rows of the events that the definition names, for each different criterion in it. Dropping it
/// stops it.
#[derive(Debug)]
pub struct Evaluation {
    store: Arc<Store>,
    plan: Plan,
    /// Only this user is asked about.
    only: Option<u32>,
    /// The users of the parts that are done.
    results: Vec<RoaringBitmap>,
    /// The users that exist, by as-of.
    universes: BTreeMap<i64, RoaringBitmap>,
    under_way: Option<UnderWay>,
    done: u64,
    total: u64,
}

/// A part that is being worked out.
#[derive(Debug)]
enum UnderWay {
    Users { next: u32, found: RoaringBitmap },
    Events(Scan),
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
        Self::prepared(store, definition, context, None)
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
        Self::prepared(store, definition, context, Some(user))
    }

    fn prepared(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
        only: Option<u32>,
    ) -> Result<Self, EvaluateError> {
        let plan = Plan::new(&store, definition, context)?;
        let mut universes = BTreeMap::new();
        for part in &plan.parts {
            universes
                .entry(part.as_of)
                .or_insert_with(|| universe(&store, part.as_of, only));
        }
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
                _ => 0,
            })
            .sum();
        Ok(Self {
            results: Vec::with_capacity(plan.parts.len()),
            store,
            plan,
            only,
            universes,
            under_way: None,
            done: 0,
            total,
        })
    }

    /// Works on about so many rows, at least on some, and tells the users once they are found.
    pub fn step(&mut self, rows: usize) -> Progress<RoaringBitmap> {
        let mut budget = rows.max(1);
        while self.results.len() < self.plan.parts.len() {
            match self.work(&mut budget) {
                Some(found) => self.results.push(found),
                None => {
                    return Progress::Working {
                        done: self.done,
                        total: self.total,
                    };
                }
            }
        }
        Progress::Done(self.result(self.plan.root).clone())
    }

    /// The users of the next part, unless the budget ends first.
    fn work(&mut self, budget: &mut usize) -> Option<RoaringBitmap> {
        let part = self.plan.parts.get(self.results.len())?;
        let universe = self.universes.get(&part.as_of)?;
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
            Kind::Fixed(users) => universe & users,
            Kind::UserProperty {
                property,
                predicate,
            } => {
                let values = property
                    .and_then(|place| self.store.users.properties.get(place))
                    .map(|property| &property.values);
                let (mut next, mut found) = match self.under_way.take() {
                    Some(UnderWay::Users { next, found }) => (next, found),
                    _ => (self.only.unwrap_or(0), RoaringBitmap::new()),
                };
                let end = self
                    .only
                    .map_or(self.store.user_count(), |user| user.saturating_add(1));
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
                    _ => Scan::new(&self.store, events, self.only),
                };
                if !scan.step(&self.store, events, part.as_of, &self.results, budget) {
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
        };
        self.done += (before - *budget) as u64;
        Some(found)
    }

    fn result(&self, part: usize) -> &RoaringBitmap {
        static NOBODY: std::sync::OnceLock<RoaringBitmap> = std::sync::OnceLock::new();
        self.results
            .get(part)
            .unwrap_or_else(|| NOBODY.get_or_init(RoaringBitmap::new))
    }

    fn part_at(&self, pointer: &str) -> &RoaringBitmap {
        let place = self
            .plan
            .places
            .iter()
            .find(|(other, _)| other == pointer)
            .map_or(usize::MAX, |(_, part)| *part);
        self.result(place)
    }
}

/// The users that exist as of an instant: those with an event before it, and those without any event.
fn universe(store: &Store, as_of: i64, only: Option<u32>) -> RoaringBitmap {
    match only {
        Some(user) => store
            .exists(user, as_of)
            .then_some(user)
            .into_iter()
            .collect(),
        None => store.everyone(Instant::from_millis_saturating(as_of)),
    }
}

/// A definition tried out: who meets it, and what each of its criteria does.
#[derive(Debug)]
pub struct Preview {
    definition: Criterion,
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
        Ok(Self {
            evaluation: Evaluation::new(store, definition, context)?,
            definition: definition.clone(),
        })
    }

    /// Works on about so many rows, at least on some.
    pub fn step(&mut self, rows: usize) -> Progress<Previewed> {
        match self.evaluation.step(rows) {
            Progress::Working { done, total } => Progress::Working { done, total },
            Progress::Done(members) => {
                let everyone = self
                    .evaluation
                    .plan
                    .parts
                    .get(self.evaluation.plan.root)
                    .and_then(|root| self.evaluation.universes.get(&root.as_of));
                let mut criteria = Vec::new();
                if let Some(everyone) = everyone {
                    let kept = members.len();
                    self.effects(
                        &self.definition,
                        String::new(),
                        everyone,
                        (kept, everyone.len() - kept),
                        &mut criteria,
                    );
                }
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
