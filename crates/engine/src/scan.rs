//! A look at the rows of some tables, user by user.

#![expect(
    clippy::indexing_slicing,
    reason = "the rows of a user lie within the table's columns, which the loader and the codec see to"
)]

use std::ops::Range;

use roaring::RoaringBitmap;
use segments_model::calendar::Days;
use segments_model::measure::Aggregate;

use crate::column::{Packed, Times};
use crate::number::millionths;
use crate::plan::{Events, Figure, RowFilter};
use crate::predicate::Predicate;
use crate::store::{Store, Table};

/// Where a scan is. What it finds are the users that pass or, where users without rows pass, those that do not.
#[derive(Debug)]
pub(crate) struct Scan {
    /// The next user of each table, by place.
    cursors: Vec<usize>,
    /// The places after the last user of each table.
    ends: Vec<usize>,
    found: RoaringBitmap,
}

impl Scan {
    pub(crate) fn new(store: &Store, events: &Events, only: Option<u32>) -> Self {
        let (cursors, ends) = events
            .tables
            .iter()
            .map(|table| {
                let users = store
                    .tables
                    .get(table.table)
                    .map_or(&[][..], |table| &table.users);
                match only {
                    None => (0, users.len()),
                    Some(user) => match users.binary_search(&user) {
                        Ok(place) => (place, place + 1),
                        Err(_) => (0, 0),
                    },
                }
            })
            .unzip();
        Self {
            cursors,
            ends,
            found: RoaringBitmap::new(),
        }
    }

    pub(crate) fn into_found(self) -> RoaringBitmap {
        self.found
    }

    /// Goes on until the budget of rows is used up; true when every user was looked at.
    pub(crate) fn step(
        &mut self,
        store: &Store,
        events: &Events,
        as_of: i64,
        results: &[RoaringBitmap],
        budget: &mut usize,
    ) -> bool {
        let tables: Vec<Rows<'_>> = events
            .tables
            .iter()
            .filter_map(|table| {
                let rows = store.tables.get(table.table)?;
                // What a first event is compared with is the first one ever.
                let (start, end) = match events.figure {
                    Figure::First => (i64::MIN, as_of),
                    _ => (events.start, events.end),
                };
                Some(Rows {
                    table: rows,
                    window: Window::new(&rows.times, store.base, start, end),
                    filter: Bound::new(&table.filter, rows, results),
                })
            })
            .collect();
        let wanted = !events.figure.passes_without_rows();
        match (tables.as_slice(), &events.figure) {
            ([rows], Figure::Count(compare)) => {
                // The most frequent question has a loop of its own.
                let (cursor, end) = (&mut self.cursors[0], self.ends[0]);
                while *cursor < end {
                    if *budget == 0 {
                        return false;
                    }
                    let user = rows.table.users[*cursor];
                    let run = rows.table.run(*cursor);
                    *budget = budget.saturating_sub(run.len());
                    *cursor += 1;
                    let count = rows.filter.count(rows.window.within(run), user);
                    if compare.holds(count as f64) == wanted {
                        self.found.push_unchecked_order(user);
                    }
                }
                true
            }
            _ => self.step_users(store, events, &tables, wanted, budget),
        }
    }

    fn step_users(
        &mut self,
        store: &Store,
        events: &Events,
        tables: &[Rows<'_>],
        wanted: bool,
        budget: &mut usize,
    ) -> bool {
        let mut runs: Vec<(usize, Range<usize>)> = Vec::with_capacity(tables.len());
        let mut values = Vec::new();
        loop {
            let next = tables
                .iter()
                .enumerate()
                .filter(|(place, _)| self.cursors[*place] < self.ends[*place])
                .map(|(place, rows)| rows.table.users[self.cursors[place]])
                .min();
            let Some(user) = next else { return true };
            if *budget == 0 {
                return false;
            }
            runs.clear();
            for (place, rows) in tables.iter().enumerate() {
                let cursor = self.cursors[place];
                if cursor < self.ends[place] && rows.table.users[cursor] == user {
                    let run = rows.table.run(cursor);
                    *budget = budget.saturating_sub(run.len());
                    self.cursors[place] += 1;
                    runs.push((place, rows.window.within(run)));
                }
            }
            let rows = Passing {
                tables,
                runs: &runs,
                user,
            };
            if rows.pass(&events.figure, store.base, events, &mut values) == wanted {
                self.found.push_unchecked_order(user);
            }
        }
    }
}

/// Adds a user that is greater than all before.
trait PushInOrder {
    fn push_unchecked_order(&mut self, user: u32);
}

impl PushInOrder for RoaringBitmap {
    fn push_unchecked_order(&mut self, user: u32) {
        // Users come in ascending order; were one out of order, it would still have to be there.
        if self.try_push(user).is_err() {
            self.insert(user);
        }
    }
}

/// A table's rows with what they have to pass.
struct Rows<'s> {
    table: &'s Table,
    window: Window<'s>,
    filter: Bound<'s>,
}

/// A user's rows in the window, per table.
struct Passing<'p, 's> {
    tables: &'p [Rows<'s>],
    runs: &'p [(usize, Range<usize>)],
    user: u32,
}

impl<'p, 's> Passing<'p, 's> {
    /// The rows that pass the filters, table by table, of each in order of time.
    fn rows(&self) -> impl Iterator<Item = (&'p Table, usize)> + use<'p, 's> {
        let (tables, user) = (self.tables, self.user);
        self.runs.iter().flat_map(move |(place, run)| {
            let rows = &tables[*place];
            run.clone()
                .filter(move |row| rows.filter.passes(*row, user))
                .map(move |row| (rows.table, row))
        })
    }

    fn pass(&self, figure: &Figure, base: i64, events: &Events, values: &mut Vec<f64>) -> bool {
        match figure {
            Figure::Count(compare) => compare.holds(self.rows().count() as f64),
            Figure::Days(days, compare) => compare.holds(self.days(days, base) as f64),
            Figure::Distinct(property, compare) => {
                compare.holds(property.map_or(0, |property| self.distinct(property)) as f64)
            }
            Figure::Numbers(aggregate, property, compare) => {
                values.clear();
                values.extend(
                    property
                        .into_iter()
                        .flat_map(|property| self.numbers(*property)),
                );
                aggregated(*aggregate, values).is_some_and(|figure| compare.holds(figure))
            }
            Figure::First => self
                .runs
                .iter()
                .filter_map(|(place, run)| {
                    let rows = &self.tables[*place];
                    let first = run
                        .clone()
                        .find(|row| rows.filter.passes(*row, self.user))?;
                    Some(rows.table.times.get(first, base))
                })
                .min()
                .is_some_and(|first| events.start <= first && first < events.end),
        }
    }

    fn days(&self, days: &Days, base: i64) -> usize {
        let mut numbers: Vec<i32> = self
            .rows()
            .map(|(table, row)| days.number(table.times.get(row, base)))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len()
    }

    fn numbers(&self, property: u32) -> impl Iterator<Item = f64> + use<'p, 's> {
        self.rows()
            .filter_map(move |(table, row)| match table.column(property) {
                Some(Packed::Number(numbers)) => Some(numbers[row]),
                _ => None,
            })
            .filter(|number| !number.is_nan())
    }

    fn distinct(&self, property: u32) -> usize {
        use crate::column::Cell;
        let mut values: Vec<u64> = self
            .rows()
            .filter_map(|(table, row)| {
                Some(match table.column(property)?.get(row)? {
                    Cell::Code(code) => u64::from(code),
                    // Adding 0 makes one zero of the two that there are.
                    Cell::Number(number) => (number + 0.0).to_bits(),
                    Cell::Boolean(boolean) => u64::from(boolean),
                    Cell::Datetime(time) => time.cast_unsigned(),
                })
            })
            .collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    }
}

/// A figure over numbers; none where it is missing.
fn aggregated(aggregate: Aggregate, numbers: &mut [f64]) -> Option<f64> {
    let sum = |numbers: &[f64]| {
        let millionths: i128 = numbers.iter().copied().map(millionths).sum();
        millionths as f64 / 1e6
    };
    if numbers.is_empty() {
        return (aggregate == Aggregate::Sum).then_some(0.0);
    }
    match aggregate {
        Aggregate::Sum => Some(sum(numbers)),
        Aggregate::Average => Some(sum(numbers) / numbers.len() as f64),
        Aggregate::Min => numbers.iter().copied().reduce(f64::min),
        Aggregate::Max => numbers.iter().copied().reduce(f64::max),
        Aggregate::Median => {
            let middle = numbers.len() / 2;
            let even = numbers.len().is_multiple_of(2);
            let (below, upper, _) = numbers.select_nth_unstable_by(middle, f64::total_cmp);
            let upper = *upper;
            Some(if even {
                let lower = below.iter().copied().reduce(f64::max).unwrap_or(upper);
                (lower + upper) / 2.0
            } else {
                upper
            })
        }
        // Not of numbers alone: answered elsewhere.
        Aggregate::Distinct => None,
    }
}

/// The rows of a time.
enum Window<'s> {
    /// By whole seconds since the base, from the first to before the second.
    Seconds(&'s [u32], u32, u32),
    /// By milliseconds.
    Exact(&'s Times, i64, i64, i64),
}

impl<'s> Window<'s> {
    fn new(times: &'s Times, base: i64, start: i64, end: i64) -> Self {
        // A whole second is at or after an instant if it is at or after the next whole second.
        let seconds = |millis: i64| {
            let second = millis.div_euclid(1_000) + i64::from(millis.rem_euclid(1_000) > 0);
            second.saturating_sub(base).clamp(0, i64::from(u32::MAX)) as u32
        };
        let latest = (base + i64::from(u32::MAX)) * 1_000;
        match times {
            Times::Seconds(all) if end <= latest => {
                Self::Seconds(all, seconds(start), seconds(end))
            }
            Times::Millis { seconds: all, .. }
                if end <= latest && start.rem_euclid(1_000) == 0 && end.rem_euclid(1_000) == 0 =>
            {
                Self::Seconds(all, seconds(start), seconds(end))
            }
            _ => Self::Exact(times, base, start, end),
        }
    }

    /// Those rows of a user that lie within; a user's rows are in order of time.
    fn within(&self, run: Range<usize>) -> Range<usize> {
        match self {
            Self::Seconds(seconds, start, end) => {
                let times = &seconds[run.clone()];
                let (before, until) = if times.len() <= 16 {
                    (
                        times.iter().filter(|time| *time < start).count(),
                        times.iter().filter(|time| *time < end).count(),
                    )
                } else {
                    (
                        times.partition_point(|time| time < start),
                        times.partition_point(|time| time < end),
                    )
                };
                run.start + before..run.start + until.max(before)
            }
            Self::Exact(times, base, start, end) => {
                let first = |instant: i64| {
                    let (mut low, mut high) = (run.start, run.end);
                    while low < high {
                        let middle = low + (high - low) / 2;
                        if times.get(middle, *base) < instant {
                            low = middle + 1;
                        } else {
                            high = middle;
                        }
                    }
                    low
                };
                let before = first(*start);
                before..first(*end).max(before)
            }
        }
    }
}

/// A filter with the columns that it looks at.
enum Bound<'s> {
    Constant(bool),
    Code8(&'s [u8], Box<[bool; 256]>),
    Column(&'s Packed, &'s Predicate),
    User(&'s RoaringBitmap),
    All(Vec<Bound<'s>>),
    Any(Vec<Bound<'s>>),
    Not(Box<Bound<'s>>),
}

impl<'s> Bound<'s> {
    fn new(filter: &'s RowFilter, table: &'s Table, results: &'s [RoaringBitmap]) -> Self {
        let each = |of: &'s [RowFilter]| {
            of.iter()
                .map(|filter| Self::new(filter, table, results))
                .collect()
        };
        match filter {
            RowFilter::All(of) => Self::All(each(of)),
            RowFilter::Any(of) => Self::Any(each(of)),
            RowFilter::Not(of) => Self::Not(Box::new(Self::new(of, table, results))),
            RowFilter::Constant(passes) => Self::Constant(*passes),
            RowFilter::User(part) => match results.get(*part) {
                Some(users) => Self::User(users),
                None => Self::Constant(false),
            },
            RowFilter::Property {
                property,
                predicate,
            } => match (table.column(*property), predicate) {
                (None, predicate) => Self::Constant(predicate.of_missing()),
                (Some(Packed::Code8(codes)), Predicate::Codes(passes)) => {
                    let mut table = Box::new([predicate.of_missing(); 256]);
                    for (place, passes) in table.iter_mut().zip(passes) {
                        *place = *passes;
                    }
                    table[0xFF] = predicate.of_missing();
                    Self::Code8(codes, table)
                }
                (Some(column), predicate) => Self::Column(column, predicate),
            },
        }
    }

    fn passes(&self, row: usize, user: u32) -> bool {
        match self {
            Self::Constant(passes) => *passes,
            Self::Code8(codes, table) => table[usize::from(codes[row])],
            Self::Column(column, predicate) => predicate.passes(column, row),
            Self::User(users) => users.contains(user),
            Self::All(of) => of.iter().all(|filter| filter.passes(row, user)),
            Self::Any(of) => of.iter().any(|filter| filter.passes(row, user)),
            Self::Not(of) => !of.passes(row, user),
        }
    }

    /// How many rows pass.
    fn count(&self, rows: Range<usize>, user: u32) -> usize {
        match self {
            Self::Constant(true) => rows.len(),
            Self::Constant(false) => 0,
            Self::Code8(codes, table) => codes[rows]
                .iter()
                .map(|code| usize::from(table[usize::from(*code)]))
                .sum(),
            Self::User(users) if users.contains(user) => rows.len(),
            Self::User(_) => 0,
            filter => rows.filter(|row| filter.passes(*row, user)).count(),
        }
    }
}
