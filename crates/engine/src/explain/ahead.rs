//! When parts of a definition turn round by time alone.

use segments_model::Instant;
use segments_model::criterion::Order;
use segments_model::explain::FLIP_HORIZON_DAYS;

use crate::Progress;
use crate::column::Cell;
use crate::evaluate::Evaluation;
use crate::moving::Moving;
use crate::plan::{EventTable, Kind, Part, PartId, Plan};
use crate::store::Store;

const DAY_MILLIS: i64 = 86_400_000;

/// What working a definition out for one user costs besides the rows, in rows.
const OVERHEAD: usize = 1_000;

/// Goes ahead in time for one user, with the events that there are.
///
/// Only ranges move on, so nothing changes but where a value enters or leaves a range. From one such instant to the next
/// what moved is worked out again.
#[derive(Debug)]
pub(super) struct Ahead {
    user: u32,
    until: Instant,
    clocks: Vec<Clock>,
    awaited: Vec<PartId>,
    /// Whether each part holds as of the beginning.
    before: Vec<bool>,
    /// When each part has first turned round.
    turned: Vec<Option<Instant>>,
    /// The parts that are awaited still, and those that these build on.
    needed: Vec<bool>,
    /// The instant that is being worked out.
    at: Option<Instant>,
    /// What one instant costs, in rows.
    cost: usize,
}

/// The values of a user that enter and leave a range of a part.
#[derive(Debug)]
struct Clock {
    part: PartId,
    moving: Moving,
    /// Ascending.
    values: Vec<i64>,
    next: Option<Instant>,
}

impl Ahead {
    /// Prepares to go on from where an evaluation of the user, which is done, was asked about, until the parts that are
    /// awaited have turned round.
    pub(super) fn new(
        store: &Store,
        evaluation: &Evaluation,
        awaited: Vec<PartId>,
        user: u32,
        as_of: Instant,
    ) -> Self {
        let plan = evaluation.plan();
        let mut clocks = Vec::new();
        for (place, part) in plan.parts.iter().enumerate() {
            each_moving(store, part, user, &mut |moving, mut values| {
                values.sort_unstable();
                values.dedup();
                let next = moving.next_change(&values, as_of);
                clocks.push(Clock {
                    part: place,
                    moving: moving.clone(),
                    values,
                    next,
                });
            });
        }
        let mut ahead = Self {
            user,
            until: as_of.saturating_add_millis(FLIP_HORIZON_DAYS * DAY_MILLIS),
            cost: clocks.iter().map(|clock| clock.values.len()).sum::<usize>() + OVERHEAD,
            clocks,
            awaited,
            before: holding(evaluation, user),
            turned: vec![None; plan.parts.len()],
            needed: Vec::new(),
            at: None,
        };
        ahead.look(plan);
        ahead
    }

    /// Works on about so many rows, at least on some; true once every part has turned round or will not.
    pub(super) fn step(&mut self, evaluation: &mut Evaluation, rows: usize) -> bool {
        let mut budget = rows.max(1);
        while budget > 0 {
            let at = match self.at {
                Some(at) => at,
                None => {
                    let next = self.clocks.iter().filter_map(|clock| clock.next).min();
                    let Some(at) = next.filter(|next| *next <= self.until) else {
                        return true;
                    };
                    let due = self.clocks.iter().filter(|clock| clock.next == Some(at));
                    let moved: Vec<PartId> = due.map(|clock| clock.part).collect();
                    evaluation.move_to(self.user, at, &moved, &self.needed);
                    self.at = Some(at);
                    at
                }
            };
            if let Progress::Working { .. } = evaluation.step(budget) {
                return false;
            }
            self.at = None;
            self.note(evaluation, at);
            budget = budget.saturating_sub(self.cost);
        }
        false
    }

    /// When a part has first turned round.
    pub(super) fn turned(&self, part: PartId) -> Option<Instant> {
        self.turned.get(part).copied().flatten()
    }

    /// Sees what has turned round, and lets the clocks go on.
    fn note(&mut self, evaluation: &Evaluation, at: Instant) {
        let now = holding(evaluation, self.user);
        let mut any = false;
        for (turned, (now, before)) in self.turned.iter_mut().zip(now.iter().zip(&self.before)) {
            if turned.is_none() && now != before {
                *turned = Some(at);
                any = true;
            }
        }
        for clock in &mut self.clocks {
            if clock.next == Some(at) {
                clock.next = clock.moving.next_change(&clock.values, at);
            }
        }
        if any {
            self.look(evaluation.plan());
        }
    }

    /// Finds out which parts matter still, and stops the clocks of the others.
    fn look(&mut self, plan: &Plan) {
        let mut needed = vec![false; plan.parts.len()];
        for part in &self.awaited {
            if let (Some(needed), None) = (needed.get_mut(*part), self.turned(*part)) {
                *needed = true;
            }
        }
        // Parents come after their children.
        for (place, part) in plan.parts.iter().enumerate().rev() {
            if needed.get(place) == Some(&true) {
                part.each_below(&mut |below| {
                    if let Some(needed) = needed.get_mut(below) {
                        *needed = true;
                    }
                });
            }
        }
        self.clocks
            .retain(|clock| needed.get(clock.part) == Some(&true));
        self.needed = needed;
    }
}

/// Whether the user is in each part.
fn holding(evaluation: &Evaluation, user: u32) -> Vec<bool> {
    let results = evaluation.results().iter();
    results.map(|users| users.contains(user)).collect()
}

/// Shows each range of a part that moves on with as-of, with the user's values that have to lie in it.
fn each_moving(store: &Store, part: &Part, user: u32, show: &mut impl FnMut(&Moving, Vec<i64>)) {
    match &part.kind {
        Kind::Events(events) => {
            if let Some(moving) = &events.moving {
                show(moving, times(store, [&events.tables], user, part.as_of));
            }
        }
        Kind::Sequence {
            sequence, moving, ..
        } => {
            if let Some(moving) = moving {
                // Of the events of a run it is the first that has to lie in the range.
                let first = match sequence.shape.order {
                    Order::Any => sequence.shape.steps(),
                    Order::Sequential | Order::Strict => 1,
                };
                let steps = sequence.events.iter().take(first);
                let tables = steps.map(|step| &step.tables);
                show(moving, times(store, tables, user, part.as_of));
            }
        }
        Kind::Cohort(condition) => {
            if let Some(moving) = &condition.moving {
                let last = condition.cohort.chain.last();
                let tables = last.map(|start| &start.tables);
                show(moving, times(store, tables, user, part.as_of));
            }
        }
        Kind::UserProperty {
            property,
            predicate,
        } => {
            let property = property.and_then(|place| store.users.properties.get(place));
            let value = property.and_then(|property| property.values.get(user as usize));
            if let (Some(moving), Some(Cell::Datetime(value))) = (predicate.moving(), value) {
                show(moving, vec![value]);
            }
        }
        Kind::All(_) | Kind::Any(_) | Kind::Not(_) | Kind::Fixed(_) => {}
    }
    part.each_filter(&mut |table, filter| {
        let Some(table) = store.tables.get(table) else {
            return;
        };
        filter.each_moving(&mut |property, moving| {
            let Some(column) = table.column(property) else {
                return;
            };
            let cells = table.rows_of(user).filter_map(|row| column.get(row));
            let values = cells.filter_map(|cell| match cell {
                Cell::Datetime(value) => Some(value),
                _ => None,
            });
            show(moving, values.collect());
        });
    });
}

/// When the user has rows in tables, before an instant in milliseconds.
fn times<'p>(
    store: &Store,
    tables: impl IntoIterator<Item = &'p Vec<EventTable>>,
    user: u32,
    known: i64,
) -> Vec<i64> {
    let mut times = Vec::new();
    for table in tables.into_iter().flatten() {
        if let Some(table) = store.tables.get(table.table) {
            let rows = table.rows_of(user);
            times.extend(rows.map(|row| table.times.get(row, store.base)));
        }
    }
    times.retain(|time| *time < known);
    times
}
