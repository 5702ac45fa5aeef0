//! Looks for the users that got so far in a sequence.

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of steps and of their events, which are counted here"
)]

use roaring::RoaringBitmap;
use segments_model::criterion::Order;

use super::facts::{Facts, Marked, NEVER, Outcome, bits, mark};
use super::kernel::Kernel;
use crate::plan::{Sequence, Shape};
use crate::source::Row;
use crate::store::Store;
use crate::user_scan::UserScan;

/// Gathers the times of a user's events for a sequence in order, step by step, as long as there is a later event. Gives how
/// many steps there are lists for.
pub(crate) fn load(user_scan: &mut UserScan<'_>, shape: &Shape, budget: &mut usize) -> usize {
    let mut earliest = NEVER;
    for (step, optional) in shape.optional.iter().enumerate() {
        let times = user_scan.times(step, budget);
        if *optional {
            continue;
        }
        match times.get(times.partition_point(|time| *time <= earliest)) {
            Some(time) => earliest = *time,
            None => return step,
        }
    }
    shape.steps()
}

/// Gathers what must not come between the steps.
pub(crate) fn load_others(user_scan: &mut UserScan<'_>, sequence: &Sequence, budget: &mut usize) {
    for event in sequence.shape.steps()..sequence.events.len() {
        user_scan.times(event, budget);
    }
}

/// Gathers the events of a user for a sequence of so many steps in any order.
pub(crate) fn load_marked(
    user_scan: &mut UserScan<'_>,
    steps: usize,
    rows: &mut Vec<(Row, u32)>,
    marked: &mut Vec<Marked>,
    budget: &mut usize,
) {
    for step in 0..steps {
        user_scan.rows(step, budget);
    }
    let found = user_scan.all_rows().iter().take(steps);
    mark(found.map(Vec::as_slice).enumerate(), rows, marked);
}

/// What is asked about a sequence: the step that was reached, and one that was not.
#[derive(Clone, Copy)]
pub(crate) struct Target<'q> {
    pub(crate) sequence: &'q Sequence,
    pub(crate) reached: usize,
    pub(crate) not_reached: Option<usize>,
    /// The steps of the best run as bits, not where any order will do; none: whichever they are.
    pub(crate) path: Option<u32>,
}

/// Where a search for the users that got so far is.
#[derive(Debug)]
pub(crate) struct Search {
    /// The next user.
    next: u32,
    /// The only users that matter.
    among: Option<RoaringBitmap>,
    /// Those that were found, ascending.
    found: Vec<u32>,
}

impl Search {
    pub(crate) fn new(first: u32, among: Option<RoaringBitmap>) -> Self {
        Self {
            next: first,
            among,
            found: Vec::new(),
        }
    }

    pub(crate) fn into_found(self) -> RoaringBitmap {
        self.found.into_iter().collect()
    }

    /// Goes on until the budget of rows is used up; true when every user was looked at.
    pub(crate) fn step(
        &mut self,
        store: &Store,
        target: Target<'_>,
        results: &[RoaringBitmap],
        end: u32,
        budget: &mut usize,
    ) -> bool {
        let Sequence { shape, events } = target.sequence;
        // Whoever got so far has events of each of these, so those that are the fewest lead.
        let needed = |step: &usize| {
            let on_path = target.path.is_some_and(|path| path >> step & 1 == 1);
            !shape.optional[*step] || *step == target.reached || on_path
        };
        let leading = (0..=target.reached)
            .filter(needed)
            .min_by_key(|step| events[*step].rows(store))
            .unwrap_or(0);
        let mut user_scan = UserScan::new(store, events, leading, results, self.next..end);
        let mut kernel = Kernel::new(shape);
        let (mut rows, mut marked) = (Vec::new(), Vec::new());
        let range = shape.start..shape.end;
        while let Some(user) = user_scan.advance(budget) {
            if self
                .among
                .as_ref()
                .is_some_and(|among| !among.contains(user))
            {
                continue;
            }
            let facts = if shape.order == Order::Any {
                load_marked(
                    &mut user_scan,
                    shape.steps(),
                    &mut rows,
                    &mut marked,
                    budget,
                );
                Facts {
                    marked: &marked,
                    ..Facts::NONE
                }
            } else {
                let count = load(&mut user_scan, shape, budget);
                if count <= target.reached {
                    continue;
                }
                load_others(&mut user_scan, target.sequence, budget);
                Facts::new(shape, user_scan.all_times(), count)
            };
            let reached = kernel.reached(&facts, range.clone());
            let has = |step: usize| reached >> step & 1 == 1;
            if has(target.reached)
                && !target.not_reached.is_some_and(has)
                && target
                    .path
                    .is_none_or(|path| kernel.taken(&facts, reached) == path)
            {
                self.found.push(user);
            }
        }
        self.next = user_scan.next_user();
        self.next >= end
    }
}

/// How far one user got: the steps that were reached, as bits, and the events of the best run, in order, with the steps that
/// they served, which are not told where any order will do.
pub(crate) fn of_user(
    store: &Store,
    sequence: &Sequence,
    results: &[RoaringBitmap],
    user: u32,
) -> (u32, Vec<(Row, Option<usize>)>) {
    let Sequence { shape, events } = sequence;
    let mut budget = usize::MAX;
    let mut user_scan = UserScan::new(store, events, 0, results, user..user + 1);
    // Nobody gets anywhere without events of the first step.
    if user_scan.advance(&mut budget).is_none() {
        return (0, Vec::new());
    }
    let mut kernel = Kernel::new(shape);
    let range = shape.start..shape.end;
    let any = shape.order == Order::Any;
    let mut outcome = Outcome::NONE;
    if any {
        let (mut rows, mut marked) = (Vec::new(), Vec::new());
        let steps = shape.steps();
        load_marked(&mut user_scan, steps, &mut rows, &mut marked, &mut budget);
        let facts = Facts {
            marked: &marked,
            ..Facts::NONE
        };
        kernel.outcome(&facts, range, &mut outcome);
    } else {
        let count = load(&mut user_scan, shape, &mut budget);
        load_others(&mut user_scan, sequence, &mut budget);
        let facts = Facts::new(shape, user_scan.all_times(), count);
        kernel.outcome(&facts, range, &mut outcome);
    }
    let mut run: Vec<(Row, Option<usize>)> = Vec::new();
    for step in bits(outcome.taken) {
        let at = outcome.times[step];
        let serving = match any {
            true => 0..shape.steps(),
            false => step..step + 1,
        };
        let mut rows = Vec::new();
        for step in serving {
            let happened = user_scan.rows(step, &mut budget).iter();
            rows.extend(happened.filter(|row| row.time == at).copied());
        }
        let new = |row: &Row| !run.iter().any(|(other, _)| other == row);
        if let Some(row) = rows.into_iter().find(new) {
            run.push((row, (!any).then_some(step)));
        }
    }
    (outcome.reached, run)
}
