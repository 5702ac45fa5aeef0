//! Cohort queries.

#![expect(
    clippy::indexing_slicing,
    reason = "a grid has a row for each generation that starts are said to be in"
)]

use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use segments_model::answer::{Answer, CohortAnswer, CohortCell, CohortOverall, CohortRow};
use segments_model::buckets::MAX_BUCKETS;
use segments_model::calendar::Zone;
use segments_model::query::{CohortMeasure, CohortQuery, DEFAULT_GROUPS, GenerationBy, QueryMatch};
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::stamp::{Stamp, Unit};
use segments_model::{Instant, Value};

use super::group::{Counts, Dimension, Groups, Key, LEFT_OUT};
use super::query::{Prepared, Query, stamp};
use crate::cohort::{Returning, Start, Starting};
use crate::column::Packed;
use crate::job::{Job, Run, Step, ranges};
use crate::number::millionths;
use crate::plan::{Cohort, EventSpec, Occurrences, Planner, RowFilter};
use crate::question::{Context, EvaluateError};
use crate::store::{Store, Table};
use crate::units::Units;

#[derive(Debug)]
struct Cohorts {
    store: Arc<Store>,
    question: CohortQuestion,
    /// How many shares of the users to work on at the same time.
    shares: usize,
    /// The users of each part of the plan.
    users: Vec<RoaringBitmap>,
    stage: Stage,
    total: u64,
    /// The generations, once they are known.
    keys: GenerationKeys,
    /// What was found of all users.
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Starting,
    Returning,
}

/// What is asked.
#[derive(Debug)]
struct CohortQuestion {
    cohort: Cohort,
    by: By,
    /// The property whose sum is told; without one it is how many users returned.
    sum: Option<Option<u32>>,
    times: Times,
    counting: Counting,
    most: usize,
    stamp: Stamp,
}

/// What generations are.
#[derive(Debug)]
enum By {
    Time,
    Property(Dimension, Groups),
    Segment(Dimension),
}

/// The units of generations and periods.
#[derive(Debug)]
struct Times {
    /// Those that the range touches, and as many after them as periods reach or time has come to.
    units: Units,
    /// How many of them the range touches.
    generations: usize,
    /// How many of them are over.
    over: usize,
    as_of: Instant,
    /// The last period.
    last: usize,
}

/// Which periods a return counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counting {
    Own,
    /// Its own and those before.
    Before,
    /// Its own and those after.
    After,
}

/// The generations by property or segment; by time they are units.
#[derive(Debug, Default)]
struct GenerationKeys {
    keys: Vec<Key>,
    left_out: u64,
}

/// What is added up: for each generation a cell for each period, and one more.
#[derive(Clone, Debug)]
struct Grid {
    counting: Counting,
    width: usize,
    cells: Vec<i128>,
}

impl Grid {
    fn new(counting: Counting, rows: usize, last: usize) -> Self {
        let width = last + 2;
        Self {
            counting,
            width,
            cells: vec![0; rows * width],
        }
    }

    /// Adds to the periods that a return of this period counts for, up to the last one that is told of the user.
    fn add(&mut self, row: usize, period: usize, last: usize, amount: i128) {
        let row = &mut self.cells[row * self.width..][..self.width];
        match self.counting {
            Counting::Own if period <= last => row[period] += amount,
            Counting::Before => row[period.min(last)] += amount,
            Counting::After if period <= last => {
                row[period] += amount;
                row[last + 1] -= amount;
            }
            Counting::Own | Counting::After => {}
        }
    }

    /// Brings amounts to all the periods that they count for.
    fn finish(&mut self) {
        for row in self.cells.chunks_mut(self.width) {
            let (mut sum, after) = (0, self.counting == Counting::After);
            match self.counting {
                Counting::Own => continue,
                Counting::Before | Counting::After => {
                    for place in 0..row.len() {
                        let place = if after { place } else { row.len() - 1 - place };
                        sum += row[place];
                        row[place] = sum;
                    }
                }
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            *cell += more;
        }
    }

    fn get(&self, row: usize, period: usize) -> i128 {
        self.cells
            .get(row * self.width + period)
            .copied()
            .unwrap_or(0)
    }
}

/// Prepares to answer a query.
pub(super) fn prepare(
    store: &Arc<Store>,
    query: &CohortQuery,
    context: &Context,
) -> Result<Prepared, EvaluateError> {
    let mut planner = Planner::new(store, context);
    let audience = planner.audience(query.audience.as_ref())?;
    let bounds = context.zone.bounds(&query.during, context.as_of);
    let known = context.known(context.as_of).millis();
    let range = (bounds.start.millis(), bounds.end.millis().min(known));
    let ever = (i64::MIN, known);
    let inside = planner.outermost();
    let last = query.start.len().saturating_sub(1);
    let mut chain = Vec::new();
    for (place, start) in query.start.iter().enumerate() {
        let window = match place == last && !query.first_time {
            true => range,
            false => ever,
        };
        let question = EventSpec::new(start);
        let pointer = format!("/start/{place}");
        let mut event = planner.occurrences(question, window, &pointer, &inside)?;
        if query.audience.is_some() {
            for table in &mut event.tables {
                let filter = std::mem::replace(&mut table.filter, RowFilter::Constant(true));
                table.filter = RowFilter::All(vec![RowFilter::User(audience), filter]);
            }
        }
        chain.push(event);
    }
    let question = EventSpec::new(&query.returning);
    let mut returning = planner.occurrences(question, ever, "/return", &inside)?;
    let sum = match &query.measure {
        CohortMeasure::Users => None,
        CohortMeasure::Sum { property } => {
            let event = query.returning.event.as_deref();
            let place = planner.event_property_at(event, property, "/measure/property")?;
            keep_numbers(store, &mut returning, place);
            Some(place)
        }
    };
    let by = match &query.generation {
        GenerationBy::Time => By::Time,
        GenerationBy::Property { scope, name } => {
            let pointer = "/generation/name";
            let dimension = Dimension::of_property(*scope, name, &mut planner, pointer)?;
            By::Property(dimension, Groups::new(store, vec![dimension]))
        }
        GenerationBy::Segment { id } => {
            By::Segment(Dimension::Segment(planner.segment(id, "/generation/id")?))
        }
    };
    let question = CohortQuestion {
        times: Times::new(store, query, bounds, context)?,
        counting: match (query.cumulative, query.matching) {
            (true, _) => Counting::After,
            (false, QueryMatch::On) => Counting::Own,
            (false, QueryMatch::OnOrAfter) => Counting::Before,
        },
        most: query.max_groups.unwrap_or(DEFAULT_GROUPS) as usize,
        stamp: stamp(context, bounds, Unit::Users),
        cohort: Cohort {
            chain,
            range,
            returning,
        },
        by,
        sum,
    };
    let query = Cohorts {
        shares: context.shares,
        users: Vec::new(),
        stage: Stage::Starting,
        total: question.cohort.rows(store),
        keys: GenerationKeys::default(),
        found: Found::new(&question, 0),
        store: Arc::clone(store),
        question,
    };
    Ok((planner.finish(audience)?, Box::new(Run::new(query))))
}

impl Query for Cohorts {
    fn know(&mut self, users: Vec<RoaringBitmap>) {
        self.users = users;
    }
}

impl Job for Cohorts {
    type Share = Share;
    type Answer = Answer;

    fn total(&self) -> u64 {
        self.total
    }

    fn split(&mut self) -> Vec<Share> {
        self.stage = Stage::Starting;
        let ranges = ranges(self.store.user_count(), self.shares).into_iter();
        let starting = |users| Starting::new(users, &self.question.cohort, None);
        ranges.map(|users| Share::new(starting(users))).collect()
    }

    fn step(&self, share: &mut Share, rows: usize) -> Step {
        let task = Task {
            store: &self.store,
            question: &self.question,
            results: &self.users,
        };
        let looked = share.step(&task, self.stage, rows);
        Step {
            looked,
            done: share.finished,
        }
    }

    fn merge(&mut self, shares: &mut Vec<Share>) -> bool {
        if self.stage == Stage::Starting {
            self.tell_generations(shares);
            self.stage = Stage::Returning;
            return true;
        }
        let mut found = std::mem::take(shares).into_iter().map(|share| share.found);
        if let Some(first) = found.next() {
            self.found = first;
        }
        for more in found {
            self.found.merge(&more);
        }
        self.found.returns.finish();
        self.found.over.finish();
        false
    }

    fn finish(&mut self) -> Answer {
        self.answer()
    }
}

impl Cohorts {
    /// Finds the generations that are told, once all starts are known.
    fn tell_generations(&mut self, shares: &mut [Share]) {
        let results = &self.users;
        let (store, question) = (&self.store, &self.question);
        let bits = |dimension: Dimension, start: &Start| {
            let table = store.tables.get(start.table as usize);
            table.map_or(0, |table| {
                dimension.bits_of(store, (table, start.row as usize), start.user, results)
            })
        };
        let rows = match &question.by {
            By::Time => {
                for share in &mut *shares {
                    share.rows.clone_from(&share.units);
                }
                question.times.generations
            }
            By::Segment(dimension) => {
                for share in &mut *shares {
                    // Those in it come first.
                    let row = |start: &Start| 1 - bits(*dimension, start) as u32;
                    share.rows = share.starts.iter().map(row).collect();
                }
                self.keys.keys = vec![[1, 0, 0, 0, 0], Key::default()];
                self.keys.keys.len()
            }
            By::Property(dimension, groups) => {
                let mut counts: FxHashMap<Key, u64> = FxHashMap::default();
                let key = |start: &Start| -> Key { [bits(*dimension, start), 0, 0, 0, 0] };
                for start in shares.iter().flat_map(|share| &share.starts) {
                    *counts.entry(key(start)).or_default() += 1;
                }
                let counts = Counts::Sparse(counts);
                let (keys, left_out) = groups.most_frequent(store, &counts, question.most);
                let numbers: FxHashMap<Key, u32> = keys.iter().copied().zip(0..).collect();
                for share in &mut *shares {
                    let row = |start: &Start| numbers.get(&key(start)).copied().unwrap_or(LEFT_OUT);
                    share.rows = share.starts.iter().map(row).collect();
                }
                self.keys = GenerationKeys { keys, left_out };
                self.keys.keys.len()
            }
        };
        for share in shares {
            share.prepare(question, rows);
        }
    }

    fn answer(&self) -> Answer {
        let (question, times) = (&self.question, &self.question.times);
        let found = &self.found;
        let rows = found.users.len() - 1;
        let value = |amount: i128| match question.sum {
            Some(_) => amount as f64 / 1e6,
            None => amount as f64,
        };
        // Only those for whom the period is over.
        let of_complete = |row: usize, period: usize, amount: i128| {
            let complete = times.generations > 0 && period < times.over;
            CohortCell {
                value: complete.then(|| value(amount)),
                users: match complete {
                    true => found.over.get(question.row_of_over(row), period) as u64,
                    false => 0,
                },
                complete,
            }
        };
        let periods = 0..=times.last;
        let by_time = |row: usize| CohortRow {
            generation: times
                .start(row)
                .map(|start| Value::String(start.to_string())),
            users: found.users[row],
            cells: periods
                .clone()
                .map(|period| CohortCell {
                    value: times
                        .start(row + period)
                        .is_some_and(|start| start < times.as_of)
                        .then(|| value(found.returns.get(row, period))),
                    users: found.users[row],
                    complete: row + period < times.over,
                })
                .collect(),
        };
        let by_value = |row: usize, generation: Option<Value>| CohortRow {
            generation,
            users: found.users[row],
            cells: periods
                .clone()
                .map(|period| of_complete(row, period, found.returns.get(row, period)))
                .collect(),
        };
        let overall = |period: usize| match question.by {
            By::Time => (0..rows.min(times.over.saturating_sub(period)))
                .map(|row| found.returns.get(row, period))
                .sum(),
            _ => found.returns.get(rows, period),
        };
        Answer::Cohort(CohortAnswer {
            stamp: question.stamp.clone(),
            rows: match &question.by {
                By::Time => (0..rows).map(by_time).collect(),
                By::Segment(_) => [true, false]
                    .into_iter()
                    .enumerate()
                    .map(|(row, within)| by_value(row, Some(within.into())))
                    .collect(),
                By::Property(_, groups) => (self.keys.keys.iter().enumerate())
                    .map(|(row, key)| {
                        let values = groups.values(&self.store, key);
                        by_value(row, values.into_iter().next().flatten())
                    })
                    .collect(),
            },
            overall: CohortOverall {
                users: found.users[rows],
                cells: periods
                    .clone()
                    .map(|period| of_complete(rows, period, overall(period)))
                    .collect(),
            },
            groups_left_out: self.keys.left_out,
            units: match question.by {
                By::Time => times.keys(),
                By::Property(..) | By::Segment(_) => Vec::new(),
            },
        })
    }
}

impl CohortQuestion {
    /// The row that tells for how many users of a generation a period is over.
    fn row_of_over(&self, row: usize) -> usize {
        match self.by {
            By::Time => 0,
            By::Property(..) | By::Segment(_) => row,
        }
    }
}

impl Times {
    fn new(
        store: &Store,
        query: &CohortQuery,
        bounds: Bounds,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let (zone, unit) = (&context.zone, query.unit.unit());
        let last = query.periods as usize;
        let first = match bounds.start > Instant::MIN {
            true => Some(bounds.start),
            false => store.first_event(context.known(context.as_of)),
        };
        let mut starts = Vec::new();
        let mut generations = 0;
        if let Some(first) = first.filter(|_| !bounds.is_empty()) {
            (starts, generations) = units(zone, unit, (first, bounds.end, context.as_of), last)
                .ok_or_else(|| EvaluateError::TooLong {
                    pointer: "/unit".to_owned(),
                    most: MAX_BUCKETS,
                })?;
        }
        let as_of = context.as_of.millis();
        let ends = starts.get(1..).unwrap_or(&[]);
        Ok(Self {
            generations,
            over: ends.partition_point(|end| *end <= as_of),
            as_of: context.as_of,
            last,
            units: Units::new(starts, store.base),
        })
    }

    /// The first instant of a unit.
    fn start(&self, unit: usize) -> Option<Instant> {
        let start = self.units.starts().get(unit)?;
        Some(Instant::from_millis_saturating(*start))
    }

    /// The first instants of the units that cells have, and the one after the last.
    fn keys(&self) -> Vec<Instant> {
        let most = match self.generations {
            0 => 0,
            generations => generations + self.last + 1,
        };
        (0..most).map_while(|unit| self.start(unit)).collect()
    }

    /// The last period that is over for those who started in a unit; none where not even the first one is.
    fn last_over(&self, unit: usize) -> Option<usize> {
        Some(self.over.checked_sub(unit + 1)?.min(self.last))
    }
}

/// The first instants of the units from the one of `first` on, and how many of them are before `end`; there is one more
/// than periods need or time has come to. None where too many are before `end`.
fn units(
    zone: &Zone,
    unit: CalendarUnit,
    (first, end, as_of): (Instant, Instant, Instant),
    last: usize,
) -> Option<(Vec<i64>, usize)> {
    let mut starts = Vec::new();
    let mut generations = 0;
    let mut start = zone.unit_start(unit, first);
    loop {
        generations += usize::from(start < end);
        if generations > MAX_BUCKETS {
            return None;
        }
        starts.push(start.millis());
        if start >= as_of || starts.len() > generations + last + 1 {
            return Some((starts, generations));
        }
        start = zone.next_unit(unit, start);
    }
}

/// Leaves only the tables that have numbers of a property.
fn keep_numbers(store: &Store, event: &mut Occurrences, property: Option<u32>) {
    event.tables.retain(|table| {
        let table = store.tables.get(table.table).zip(property);
        let column = table.and_then(|(table, property)| table.column(property));
        matches!(column, Some(Packed::Number(_)))
    });
}

/// What the shares look at.
struct Task<'t> {
    store: &'t Store,
    question: &'t CohortQuestion,
    results: &'t [RoaringBitmap],
}

/// A share of the users, and what was found of them.
#[derive(Debug)]
struct Share {
    starting: Option<Starting>,
    starts: Vec<Start>,
    /// The unit of each start, and its generation.
    units: Vec<u32>,
    rows: Vec<u32>,
    returning: Returning,
    /// The periods in which each user returned, as bits; the one after the last is for all later ones.
    returned: Vec<u64>,
    found: Found,
    finished: bool,
}

/// What starts and returns amount to, by generation; all of them together come last.
#[derive(Debug)]
struct Found {
    users: Vec<u64>,
    returns: Grid,
    /// How many users each period is over for; of generations by time only of all of them together.
    over: Grid,
}

impl Found {
    fn new(question: &CohortQuestion, rows: usize) -> Self {
        let last = question.times.last;
        Self {
            users: vec![0; rows + 1],
            returns: Grid::new(question.counting, rows + 1, last),
            over: Grid::new(Counting::Before, question.row_of_over(rows) + 1, last),
        }
    }

    fn merge(&mut self, other: &Self) {
        for (users, more) in self.users.iter_mut().zip(&other.users) {
            *users += more;
        }
        self.returns.merge(&other.returns);
        self.over.merge(&other.over);
    }

    /// Adds a return of a user who started in a unit and belongs to a row.
    fn add(
        &mut self,
        question: &CohortQuestion,
        (unit, row): (usize, u32),
        period: usize,
        amount: i128,
    ) {
        if let By::Time = question.by {
            self.returns
                .add(row as usize, period, question.times.last, amount);
            return;
        }
        let Some(last) = question.times.last_over(unit) else {
            return;
        };
        let all = self.users.len() - 1;
        self.returns.add(all, period, last, amount);
        if row != LEFT_OUT {
            self.returns.add(row as usize, period, last, amount);
        }
    }
}

impl Share {
    fn new(starting: Starting) -> Self {
        Self {
            starting: Some(starting),
            starts: Vec::new(),
            units: Vec::new(),
            rows: Vec::new(),
            returning: Returning::default(),
            returned: Vec::new(),
            found: Found {
                users: vec![0],
                returns: Grid::new(Counting::Own, 0, 0),
                over: Grid::new(Counting::Own, 0, 0),
            },
            finished: false,
        }
    }

    /// Looks at about so many rows, and tells at how many.
    fn step(&mut self, task: &Task<'_>, stage: Stage, budget: usize) -> usize {
        if self.finished {
            return 0;
        }
        let mut left = budget;
        self.finished = match stage {
            Stage::Starting => self.start(task, &mut left),
            Stage::Returning => self.come_back(task, &mut left),
        };
        budget - left
    }

    /// Looks for starts; true when all were found.
    fn start(&mut self, task: &Task<'_>, left: &mut usize) -> bool {
        let cohort = &task.question.cohort;
        let Some(starting) = &mut self.starting else {
            return true;
        };
        if !starting.step(task.store, cohort, task.results, left) {
            return false;
        }
        if let Some(starting) = self.starting.take() {
            self.starts = starting.into_starts(cohort);
            let units = &task.question.times.units;
            self.units = self
                .starts
                .iter()
                .map(|start| units.of(start.time))
                .collect();
        }
        true
    }

    /// Makes ready to look for returns: the generation of each start is known.
    fn prepare(&mut self, question: &CohortQuestion, rows: usize) {
        self.finished = false;
        self.found = Found::new(question, rows);
        let words = match question.sum {
            Some(_) => 0,
            None => words(question),
        };
        self.returned = vec![0; self.starts.len() * words];
        for (unit, row) in self.units.iter().zip(&self.rows) {
            let last = question.times.last_over(*unit as usize);
            let row = Some(*row as usize).filter(|_| *row != LEFT_OUT);
            for row in [Some(rows), row].into_iter().flatten() {
                self.found.users[row] += 1;
            }
            let Some(last) = last else { continue };
            self.found
                .over
                .add(question.row_of_over(rows), last, last, 1);
            if let (By::Property(..) | By::Segment(_), Some(row)) = (&question.by, row) {
                self.found.over.add(row, last, last, 1);
            }
        }
    }

    /// Looks for returns; true when all were found.
    fn come_back(&mut self, task: &Task<'_>, left: &mut usize) -> bool {
        let Self {
            starts,
            units,
            rows,
            returned,
            found,
            returning,
            ..
        } = self;
        let question = task.question;
        let event = &question.cohort.returning;
        let what = (starts.as_slice(), &question.times.units);
        let (store, results) = (task.store, task.results);
        match question.sum {
            Some(property) => {
                let mut add = |at: usize, table: &Table, returns: &[u32], of_returns: &[u32]| {
                    let column = property.and_then(|property| table.column(property));
                    let Some(Packed::Number(numbers)) = column else {
                        return;
                    };
                    let start = (units[at] as usize, rows[at]);
                    for (row, unit) in returns.iter().zip(of_returns) {
                        let number = numbers[*row as usize];
                        if !number.is_nan() {
                            let period = (unit - units[at]) as usize;
                            found.add(question, start, period, millionths(number));
                        }
                    }
                };
                returning.step(store, event, what, results, left, &mut add)
            }
            None => {
                let (words, beyond) = (words(question), question.times.last as u32 + 1);
                let mark = |at: usize, _: &Table, _: &[u32], of_returns: &[u32]| {
                    let (first, periods) = (units[at], &mut returned[at * words..][..words]);
                    let mut last = None;
                    for unit in of_returns {
                        // Many returns of a period follow each other.
                        if last.replace(*unit) != Some(*unit) {
                            let period = (unit - first).min(beyond);
                            periods[(period / 64) as usize] |= 1 << (period % 64);
                        }
                    }
                };
                let all = returning.step(store, event, what, results, left, mark);
                if all {
                    for (at, periods) in returned.chunks(words).enumerate() {
                        let start = (units[at] as usize, rows[at]);
                        each_period(question.counting, periods, |period| {
                            found.add(question, start, period, 1);
                        });
                    }
                }
                all
            }
        }
    }
}

/// How many words the bits of a user's periods take.
fn words(question: &CohortQuestion) -> usize {
    (question.times.last + 2).div_ceil(64)
}

/// The periods of a user's returns that stand for all of them.
fn each_period(counting: Counting, periods: &[u64], mut each: impl FnMut(usize)) {
    let mut words = periods.iter().enumerate().filter(|(_, bits)| **bits != 0);
    match counting {
        Counting::Own => {
            for (word, bits) in words {
                let mut left = *bits;
                while left != 0 {
                    each(word * 64 + left.trailing_zeros() as usize);
                    left &= left - 1;
                }
            }
        }
        Counting::Before => {
            if let Some((word, bits)) = words.next_back() {
                each(word * 64 + 63 - bits.leading_zeros() as usize);
            }
        }
        Counting::After => {
            if let Some((word, bits)) = words.next() {
                each(word * 64 + bits.trailing_zeros() as usize);
            }
        }
    }
}
