//! Who started and who came back.
//!
//! First the start of each user is found, then the returns of those who started: the rows of others are not looked at.

#![expect(
    clippy::indexing_slicing,
    reason = "a cursor lies within its table, and a start's user within the range of users"
)]

use std::ops::Range;

use roaring::RoaringBitmap;
use segments_model::criterion::CohortOutcome;

use crate::filter_scan::{BLOCK, FilterScan};
use crate::plan::{Cohort, Condition, Occurrences, PartId, RowFilter};
use crate::source::Row;
use crate::store::{Store, Table};
use crate::units::Units;
use crate::user_scan::UserScan;

/// Where fewer than one of so many users of a table matter, one user is looked at at a time.
const FEW: usize = 8;

/// The occurrence that is a user's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) user: u32,
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// The table's place in the store.
    pub(crate) table: u32,
    /// The row in the table.
    pub(crate) row: u32,
}

/// Looks for the starts of a range of users.
#[derive(Debug)]
pub(crate) struct Starting {
    users: Range<u32>,
    /// The only users that matter; as a list where they are few, ascending.
    among: Option<RoaringBitmap>,
    few: Option<Vec<u32>>,
    /// The table of the only starting event that is looked at, and the next user of it by place; none before the first one.
    table: usize,
    cursor: Option<usize>,
    /// The next user, where several events follow each other.
    next: u32,
    found: Vec<Start>,
    /// The earliest row of each user, where the only starting event has several tables.
    earliest: Vec<Start>,
}

/// What stands for a user without a start.
const NO_START: Start = Start {
    user: 0,
    time: i64::MAX,
    table: 0,
    row: 0,
};

impl Starting {
    pub(crate) fn new(users: Range<u32>, cohort: &Cohort, among: Option<RoaringBitmap>) -> Self {
        let several = match cohort.chain.as_slice() {
            [only] => only.tables.len() > 1,
            _ => false,
        };
        let few = |among: &&RoaringBitmap| among.len() * (FEW as u64) < users.len() as u64;
        Self {
            few: among
                .as_ref()
                .filter(few)
                .map(|among| among.iter().collect()),
            among,
            table: 0,
            cursor: None,
            next: users.start,
            found: Vec::new(),
            earliest: vec![NO_START; if several { users.len() } else { 0 }],
            users,
        }
    }

    /// Goes on until the budget of rows is used up; true when every user was looked at.
    pub(crate) fn step(
        &mut self,
        store: &Store,
        cohort: &Cohort,
        results: &[RoaringBitmap],
        budget: &mut usize,
    ) -> bool {
        match cohort.chain.as_slice() {
            [only] => self.step_of_one(store, only, results, budget),
            chain => self.step_of_chain(store, chain, results, budget),
        }
    }

    /// The starts, by user.
    pub(crate) fn into_starts(self, cohort: &Cohort) -> Vec<Start> {
        let mut starts = match self.found.is_empty() {
            true => self.earliest,
            false => self.found,
        };
        let (first, after) = cohort.range;
        let matters = |user| self.among.as_ref().is_none_or(|among| among.contains(user));
        starts.retain(|start| first <= start.time && start.time < after && matters(start.user));
        starts
    }

    fn step_of_one(
        &mut self,
        store: &Store,
        event: &Occurrences,
        results: &[RoaringBitmap],
        budget: &mut usize,
    ) -> bool {
        while let Some(table) = event.tables.get(self.table) {
            let window = (event.start, event.end);
            let Some(mut filter_scan) = FilterScan::new(store, table, window, results) else {
                self.table += 1;
                continue;
            };
            let place = |user: u32| {
                filter_scan
                    .table
                    .users
                    .partition_point(|other| *other < user)
            };
            let end = place(self.users.end);
            let mut cursor = self.cursor.unwrap_or_else(|| place(self.users.start));
            while cursor < end {
                if *budget == 0 {
                    self.cursor = Some(cursor);
                    return false;
                }
                let (mut end, mut most) = (end, *budget);
                if let Some(few) = &self.few {
                    let users = &filter_scan.table.users[..end];
                    let next = few.partition_point(|user| *user < users[cursor]);
                    let Some(next) = few.get(next) else { break };
                    cursor += ahead(&users[cursor..], |user| user < next);
                    if users.get(cursor) != Some(next) {
                        continue;
                    }
                    (end, most) = (cursor + 1, BLOCK);
                }
                let block = filter_scan.fill(cursor, end, most);
                let starts = &filter_scan.table.starts;
                *budget = budget.saturating_sub((starts[block.end] - starts[block.start]) as usize);
                cursor = block.end;
                for place in block {
                    let Some(row) = filter_scan.rows(place).next() else {
                        continue;
                    };
                    let start = Start {
                        user: filter_scan.table.users[place],
                        time: filter_scan.table.times.get(row, store.base),
                        table: table.table as u32,
                        row: row as u32,
                    };
                    if self.earliest.is_empty() {
                        self.found.push(start);
                        continue;
                    }
                    let known = &mut self.earliest[(start.user - self.users.start) as usize];
                    let order = |start: &Start| (start.time, name(store, start.table));
                    if order(&start) < order(known) {
                        *known = start;
                    }
                }
            }
            self.cursor = None;
            self.table += 1;
        }
        true
    }

    fn step_of_chain(
        &mut self,
        store: &Store,
        chain: &[Occurrences],
        results: &[RoaringBitmap],
        budget: &mut usize,
    ) -> bool {
        let Some(last) = chain.len().checked_sub(1) else {
            return true;
        };
        let mut user_scan = UserScan::new(store, chain, 0, results, self.next..self.users.end);
        while let Some(user) = user_scan.advance(budget) {
            let among = self.among.as_ref();
            if among.is_some_and(|among| !among.contains(user)) {
                continue;
            }
            let mut before = i64::MIN;
            let started = (0..last).all(|event| {
                let next = user_scan
                    .times(event, budget)
                    .iter()
                    .find(|time| **time > before);
                before = next.copied().unwrap_or(before);
                next.is_some()
            });
            if !started {
                continue;
            }
            let rows = user_scan.rows(last, budget).iter();
            let order = |row: &&Row| (row.time, name(store, row.table), row.row);
            if let Some(row) = rows.filter(|row| row.time > before).min_by_key(order) {
                self.found.push(Start {
                    user,
                    time: row.time,
                    table: row.table,
                    row: row.row,
                });
            }
        }
        self.next = user_scan.next_user();
        self.next == self.users.end
    }
}

/// The name of a table's event: it decides between rows of one instant.
fn name(store: &Store, table: u32) -> Option<&str> {
    let table = store.tables.get(table as usize)?;
    Some(&table.name)
}

/// Looks for the returns of those who started.
#[derive(Debug, Default)]
pub(crate) struct Returning {
    /// The table of the returning event, and the next user of it by place.
    table: usize,
    cursor: usize,
    /// The rows of a block that are asked for with their units, and where those of each user end.
    rows: Vec<u32>,
    units: Vec<u32>,
    ends: Vec<u32>,
}

impl Returning {
    /// Goes on until the budget of rows is used up; true when every start was looked at. Tells returns with the place of their
    /// start, their table, their rows and the unit of each.
    pub(crate) fn step(
        &mut self,
        store: &Store,
        event: &Occurrences,
        (starts, units): (&[Start], &Units),
        results: &[RoaringBitmap],
        budget: &mut usize,
        mut each: impl FnMut(usize, &Table, &[u32], &[u32]),
    ) -> bool {
        while let Some(table) = event.tables.get(self.table) {
            let window = (event.start, event.end);
            if let Some(mut filter_scan) = FilterScan::new(store, table, window, results) {
                let few = starts.len() * FEW < filter_scan.table.users.len();
                let mut at = match filter_scan.table.users.get(self.cursor) {
                    Some(user) => starts.partition_point(|start| start.user < *user),
                    None => starts.len(),
                };
                while let Some(start) = starts.get(at) {
                    let left = &filter_scan.table.users[self.cursor..];
                    self.cursor += ahead(left, |user| *user < start.user);
                    let Some(user) = filter_scan.table.users.get(self.cursor) else {
                        break;
                    };
                    at += ahead(&starts[at..], |start| start.user < *user);
                    if starts.get(at).is_none_or(|start| start.user != *user) {
                        continue;
                    }
                    if *budget == 0 {
                        return false;
                    }
                    let (end, most) = match few {
                        true => (self.cursor + 1, BLOCK),
                        false => (filter_scan.table.users.len(), *budget),
                    };
                    let block = filter_scan.fill(self.cursor, end, most);
                    self.cursor = block.end;
                    let firsts = &filter_scan.table.starts;
                    let looked = firsts[block.end] - firsts[block.start];
                    *budget = budget.saturating_sub(looked as usize);
                    self.rows.clear();
                    self.units.clear();
                    self.ends.clear();
                    filter_scan.select_runs(block.clone(), &mut self.rows, &mut self.ends);
                    let times = &filter_scan.table.times;
                    units.of_rows(times, &self.rows, &mut self.units);
                    let mut first = 0;
                    for (user, end) in filter_scan.table.users[block].iter().zip(&self.ends) {
                        let run = std::mem::replace(&mut first, *end as usize)..*end as usize;
                        while starts.get(at).is_some_and(|start| start.user < *user) {
                            at += 1;
                        }
                        let Some(start) = starts.get(at) else { break };
                        if start.user != *user || run.is_empty() {
                            continue;
                        }
                        // Rows come in order of time.
                        let late = |row: &u32| times.get(*row as usize, store.base) > start.time;
                        if let Some(before) = self.rows[run.clone()].iter().position(late) {
                            let later = run.start + before..run.end;
                            let units = &self.units[later.clone()];
                            each(at, filter_scan.table, &self.rows[later], units);
                        }
                    }
                }
            }
            self.cursor = 0;
            self.table += 1;
        }
        true
    }
}

/// How many of the first items pass; all those that pass come first, and probably they are few.
fn ahead<T>(items: &[T], passes: impl Fn(&T) -> bool) -> usize {
    let mut low = 0;
    let mut step = 1;
    while items.get(low + step - 1).is_some_and(&passes) {
        low += step;
        step *= 2;
    }
    let high = items.len().min(low + step - 1);
    low + items[low..high].partition_point(passes)
}

/// Looks for the users of a range that meet a condition.
#[derive(Debug)]
pub(crate) struct Scan {
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Starting(Starting),
    Returning {
        starts: Vec<Start>,
        /// The unit of each start.
        units: Vec<u32>,
        returned: Vec<bool>,
        returning: Returning,
    },
}

impl Scan {
    pub(crate) fn new(
        users: Range<u32>,
        condition: &Condition,
        among: Option<RoaringBitmap>,
    ) -> Self {
        Self {
            stage: Stage::Starting(Starting::new(users, &condition.cohort, among)),
        }
    }

    /// Goes on until the budget of rows is used up; true when every user was looked at.
    pub(crate) fn step(
        &mut self,
        store: &Store,
        condition: &Condition,
        results: &[RoaringBitmap],
        budget: &mut usize,
    ) -> bool {
        let cohort = &condition.cohort;
        if let Stage::Starting(starting) = &mut self.stage {
            if !starting.step(store, cohort, results, budget) {
                return false;
            }
            let nobody = Starting::new(0..0, cohort, None);
            let mut starts = std::mem::replace(starting, nobody).into_starts(cohort);
            if let Some((first, after)) = condition.generation {
                starts.retain(|start| first <= start.time && start.time < after);
            }
            if let Some(filter) = &condition.generation_where {
                starts.retain(|start| passes(store, filter, start, results));
            }
            self.stage = Stage::Returning {
                units: starts
                    .iter()
                    .map(|start| condition.units().of(start.time))
                    .collect(),
                returned: vec![false; starts.len()],
                returning: Returning::default(),
                starts,
            };
        }
        let Stage::Returning {
            starts,
            units,
            returned,
            returning,
        } = &mut self.stage
        else {
            return true;
        };
        if condition.outcome == CohortOutcome::Started {
            return true;
        }
        let what = (starts.as_slice(), condition.units());
        returning.step(
            store,
            &cohort.returning,
            what,
            results,
            budget,
            |start, _, _, of_returns| {
                let mut periods = of_returns.iter().map(|unit| unit - units[start]);
                returned[start] |= periods.any(|period| condition.counts(period));
            },
        )
    }

    /// The users that were found.
    pub(crate) fn into_found(self, condition: &Condition) -> RoaringBitmap {
        let Stage::Returning {
            starts, returned, ..
        } = self.stage
        else {
            return RoaringBitmap::new();
        };
        let found = starts
            .iter()
            .zip(returned)
            .filter(|(_, returned)| match condition.outcome {
                CohortOutcome::Started => true,
                CohortOutcome::Returned => *returned,
                CohortOutcome::NotReturned => !*returned,
            });
        found.map(|(start, _)| start.user).collect()
    }
}

fn passes(store: &Store, filter: &RowFilter, start: &Start, results: &[RoaringBitmap]) -> bool {
    let is_in = |part: PartId| {
        let members = results.get(part);
        members.is_some_and(|members| members.contains(start.user))
    };
    let table = store.tables.get(start.table as usize);
    table.is_some_and(|table| filter.passes(table, start.row as usize, &is_in))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ahead;

    proptest! {
        #[test]
        fn steps_that_double_find_what_a_search_finds(length in 0_usize..70, passing in 0_usize..80) {
            let items: Vec<usize> = (0..length).collect();
            prop_assert_eq!(ahead(&items, |item| *item < passing), passing.min(length));
        }
    }
}
