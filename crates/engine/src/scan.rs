//! What the rows of each user amount to.

#![expect(
    clippy::indexing_slicing,
    reason = "a scan has a place for each sieve, and sieves give rows of their tables"
)]

use std::ops::Range;

use roaring::RoaringBitmap;
use segments_model::Compare;
use segments_model::calendar::Days;
use segments_model::measure::Aggregate;

use crate::column::{Cell, Packed};
use crate::did::Dids;
use crate::filter_scan::FilterScan;
use crate::number::millionths;
use crate::plan::{Events, Figure};
use crate::source::Row;
use crate::store::Store;

/// Where less than one user in so many matters, each is sought; where more do, it is quicker to look at all of them.
const FEW: u64 = 16;

/// Where a scan is. What it finds are the users that pass or, where users without rows pass, those that do not.
#[derive(Debug)]
pub(crate) struct Scan {
    /// The next user of each table, by place.
    cursors: Vec<usize>,
    /// The places after the last user of each table.
    ends: Vec<usize>,
    /// The only users to look at, ascending, where they are few.
    few: Option<Vec<u32>>,
    /// Rows counted so far of each user, where several tables are counted.
    counts: Vec<u32>,
    /// The first user of `counts` and, rounded down to a multiple of 64, of `found`.
    first: u32,
    /// A bit for each user. A bitmap of the other kind looks for its greatest member at each one that is added.
    found: Vec<u64>,
}

impl Scan {
    /// Prepares to look at the users of a range; where only some of them matter, the others may be left out.
    pub(crate) fn new(
        store: &Store,
        events: &Events,
        users: &Range<u32>,
        among: Option<&RoaringBitmap>,
    ) -> Self {
        let (cursors, ends) = events
            .tables
            .iter()
            .map(|table| {
                let having = store
                    .tables
                    .get(table.table)
                    .map_or(&[][..], |table| &table.users);
                (
                    having.partition_point(|user| *user < users.start),
                    having.partition_point(|user| *user < users.end),
                )
            })
            .unzip();
        let first = users.start;
        let users = users.len();
        let few = among.filter(|among| among.len() * FEW < users as u64);
        let counted = matches!(events.figure, Figure::Count(_))
            && events.tables.len() > 1
            && events.did.is_empty();
        Self {
            cursors,
            ends,
            few: few.map(|among| among.iter().collect()),
            counts: vec![0; if counted { users } else { 0 }],
            first,
            found: vec![0; ((first % 64) as usize + users).div_ceil(64)],
        }
    }

    pub(crate) fn into_found(self) -> RoaringBitmap {
        RoaringBitmap::from_lsb0_bytes(self.first / 64 * 64, bytemuck::cast_slice(&self.found))
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
        let window = events.window(as_of);
        let mut filter_scans: Vec<FilterScan<'_>> = events
            .tables
            .iter()
            .filter_map(|table| FilterScan::new(store, table, window, results))
            .collect();
        let wanted = !events.figure.passes_without_rows();
        let mut dids = Dids::new(store, &events.did, results, &(self.first..u32::MAX));
        match (&events.figure, filter_scans.as_mut_slice()) {
            (Figure::Count(compare), [filter_scan]) if dids.is_empty() => {
                let holds = Holds::new(*compare);
                self.each_user(0, filter_scan, budget, |scan, (user, count), _| {
                    if holds.of(count) == wanted {
                        scan.find(user);
                    }
                })
            }
            (Figure::Count(compare), filter_scans) if dids.is_empty() => {
                for (table, filter_scan) in filter_scans.iter_mut().enumerate() {
                    let all =
                        self.each_user(table, filter_scan, budget, |scan, (user, count), _| {
                            scan.counts[(user - scan.first) as usize] += count;
                        });
                    if !all {
                        return false;
                    }
                }
                let holds = Holds::new(*compare);
                for (user, count) in (self.first..).zip(std::mem::take(&mut self.counts)) {
                    if holds.of(count) == wanted {
                        self.find(user);
                    }
                }
                true
            }
            (figure, filter_scans) => {
                let asked = Asked {
                    figure,
                    bounds: (events.start, events.end),
                    base: store.base,
                    wanted,
                };
                let mut values = Values::default();
                match filter_scans {
                    [filter_scan] if dids.is_empty() => {
                        self.each_user(0, filter_scan, budget, |scan, (user, count), row| {
                            // Users without rows are not what is looked for; see `found`.
                            if count > 0 && asked.passes(&[row], &mut values) == wanted {
                                scan.find(user);
                            }
                        })
                    }
                    filter_scans => {
                        self.merge(&asked, filter_scans, &mut dids, &mut values, budget)
                    }
                }
            }
        }
    }

    /// Looks at each user of a table, with the number of rows asked for, until the budget is used up; true at the end of the
    /// table.
    fn each_user<'s>(
        &mut self,
        table: usize,
        filter_scan: &mut FilterScan<'s>,
        budget: &mut usize,
        mut each: impl FnMut(&mut Self, (u32, u32), (&FilterScan<'s>, usize)),
    ) -> bool {
        while self.cursors[table] < self.ends[table] {
            if *budget == 0 {
                return false;
            }
            let Some(end) = self.seek(table, &filter_scan.table.users) else {
                return true;
            };
            let block = filter_scan.fill(self.cursors[table], end, *budget);
            let rows = filter_scan.table.starts[block.end] - filter_scan.table.starts[block.start];
            *budget = budget.saturating_sub(rows as usize);
            self.cursors[table] = block.end;
            for (place, counted) in block.zip(filter_scan.counts()) {
                each(self, counted, (filter_scan, place));
            }
        }
        true
    }

    /// Moves on to the next user that matters and gives the place to look up to; none where no more users matter.
    fn seek(&mut self, table: usize, users: &[u32]) -> Option<usize> {
        let (cursor, end) = (self.cursors[table], self.ends[table]);
        let Some(few) = &self.few else {
            return Some(end);
        };
        let mut place = cursor;
        let mut next = few.partition_point(|user| *user < users[cursor]);
        while let Some(user) = few.get(next) {
            place += users[place..end].partition_point(|other| other < user);
            if place == end {
                break;
            }
            if users[place] == *user {
                self.cursors[table] = place;
                return Some(place + 1);
            }
            next += 1;
        }
        self.cursors[table] = end;
        None
    }

    /// Looks at one user after the other, in all tables at once.
    fn merge(
        &mut self,
        asked: &Asked<'_>,
        filter_scans: &mut [FilterScan<'_>],
        dids: &mut Dids<'_>,
        values: &mut Values,
        budget: &mut usize,
    ) -> bool {
        loop {
            let next = filter_scans
                .iter()
                .enumerate()
                .filter(|(table, _)| self.cursors[*table] < self.ends[*table])
                .map(|(table, filter_scan)| filter_scan.table.users[self.cursors[table]])
                .min();
            let Some(user) = next else { return true };
            if *budget == 0 {
                return false;
            }
            let mut loaded = dids.is_empty();
            for (table, filter_scan) in filter_scans.iter_mut().enumerate() {
                let place = self.cursors[table];
                if place < self.ends[table] && filter_scan.table.users[place] == user {
                    *budget = budget.saturating_sub(filter_scan.table.run(place).len());
                    filter_scan.reach(place, self.ends[table]);
                    if !loaded && filter_scan.any(place) {
                        dids.load(user, budget);
                        loaded = true;
                    }
                    dids.judge(filter_scan, place);
                    self.cursors[table] += 1;
                }
            }
            let having: Vec<(&FilterScan<'_>, usize)> = filter_scans
                .iter()
                .zip(&self.cursors)
                .filter_map(|(filter_scan, cursor)| Some((filter_scan, cursor.checked_sub(1)?)))
                .filter(|(filter_scan, place)| {
                    filter_scan.table.users[*place] == user && filter_scan.any(*place)
                })
                .collect();
            if !having.is_empty() && asked.passes(&having, values) == asked.wanted {
                self.find(user);
            }
        }
    }

    fn find(&mut self, user: u32) {
        let bit = (user - self.first / 64 * 64) as usize;
        self.found[bit / 64] |= 1 << (bit % 64);
    }
}

/// What the rows of one user amount to; none where that is missing, and of a first row. With the rows, in order of time:
/// those that have a value, where a property is measured.
pub(crate) fn of_user(
    store: &Store,
    events: &Events,
    as_of: i64,
    results: &[RoaringBitmap],
    user: u32,
) -> (Option<f64>, Vec<Row>) {
    let mut dids = Dids::new(store, &events.did, results, &(user..user + 1));
    dids.load(user, &mut 0);
    let mut filter_scans: Vec<(usize, FilterScan<'_>, usize)> = Vec::new();
    for table in &events.tables {
        let window = events.window(as_of);
        if let Some(mut filter_scan) = FilterScan::new(store, table, window, results)
            && let Ok(place) = filter_scan.table.users.binary_search(&user)
        {
            filter_scan.reach(place, place + 1);
            dids.judge(&mut filter_scan, place);
            filter_scans.push((table.table, filter_scan, place));
        }
    }
    let asked = Asked {
        figure: &events.figure,
        bounds: (events.start, events.end),
        base: store.base,
        wanted: true,
    };
    let having: Vec<_> = filter_scans
        .iter()
        .map(|(_, filter_scan, place)| (filter_scan, *place))
        .collect();
    let amount = asked.amount(&having, &mut Values::default());
    let mut found = Vec::new();
    for (table, filter_scan, place) in &filter_scans {
        let measured = |row: &usize| match events.figure.property() {
            None => true,
            Some(property) => property
                .and_then(|property| filter_scan.table.column(property)?.get(*row))
                .is_some(),
        };
        found.extend(filter_scan.rows(*place).filter(measured).map(|row| Row {
            time: filter_scan.table.times.get(row, store.base),
            table: *table as u32,
            row: row as u32,
        }));
    }
    found.sort_unstable();
    (amount, found)
}

/// Whether a comparison holds for a count, looked up where the count is small.
struct Holds {
    compare: Compare,
    small: [bool; 64],
}

impl Holds {
    fn new(compare: Compare) -> Self {
        Self {
            compare,
            small: std::array::from_fn(|count| compare.holds(count as f64)),
        }
    }

    fn of(&self, count: u32) -> bool {
        match self.small.get(count as usize) {
            Some(holds) => *holds,
            None => self.compare.holds(f64::from(count)),
        }
    }
}

/// What is asked of each user.
struct Asked<'e> {
    figure: &'e Figure,
    /// Milliseconds: from the first on and before the second.
    bounds: (i64, i64),
    /// Of the store: see [`Store::base`].
    base: i64,
    wanted: bool,
}

/// Room for the values of one user, kept from one to the next.
#[derive(Default)]
struct Values {
    numbers: Vec<f64>,
    different: Vec<u64>,
}

impl Asked<'_> {
    /// Whether a user passes that has rows in these tables, there at these places.
    fn passes(&self, tables: &[(&FilterScan<'_>, usize)], values: &mut Values) -> bool {
        let Some(compare) = self.figure.compare() else {
            let firsts = tables.iter().filter_map(|(filter_scan, place)| {
                let first = filter_scan.rows(*place).next()?;
                Some(filter_scan.table.times.get(first, self.base))
            });
            return firsts
                .min()
                .is_some_and(|first| self.bounds.0 <= first && first < self.bounds.1);
        };
        self.amount(tables, values)
            .is_some_and(|amount| compare.holds(amount))
    }

    /// The figure of a user that has rows in these tables, there at these places; none where it is missing.
    fn amount(&self, tables: &[(&FilterScan<'_>, usize)], values: &mut Values) -> Option<f64> {
        let tables = tables.iter().copied();
        match self.figure {
            Figure::Count(_) => {
                let rows = tables.map(|(filter_scan, place)| filter_scan.rows(place).count());
                Some(rows.sum::<usize>() as f64)
            }
            Figure::Days(days, _) => Some(self.days(days, tables, &mut values.different) as f64),
            Figure::Distinct(property, _) => {
                let count = property.map_or(0, |property| {
                    distinct(property, tables, &mut values.different)
                });
                Some(count as f64)
            }
            Figure::Numbers(aggregate, property, _) => {
                values.numbers.clear();
                for (filter_scan, place) in tables {
                    let column = property.and_then(|property| filter_scan.table.column(property));
                    if let Some(Packed::Number(numbers)) = column {
                        let all = filter_scan.rows(place).map(|row| numbers[row]);
                        values.numbers.extend(all.filter(|number| !number.is_nan()));
                    }
                }
                aggregated(*aggregate, &mut values.numbers)
            }
            Figure::First => None,
        }
    }

    fn days<'s, 't: 's>(
        &self,
        days: &Days,
        tables: impl Iterator<Item = (&'s FilterScan<'t>, usize)>,
        different: &mut Vec<u64>,
    ) -> usize {
        different.clear();
        for (filter_scan, place) in tables {
            let times = &filter_scan.table.times;
            different.extend(filter_scan.rows(place).map(|row| {
                let day = days.number(times.get(row, self.base));
                u64::from(day.cast_unsigned())
            }));
        }
        count_different(different)
    }
}

fn distinct<'s, 't: 's>(
    property: u32,
    tables: impl Iterator<Item = (&'s FilterScan<'t>, usize)>,
    different: &mut Vec<u64>,
) -> usize {
    different.clear();
    for (filter_scan, place) in tables {
        let Some(column) = filter_scan.table.column(property) else {
            continue;
        };
        let cells = filter_scan.rows(place).filter_map(|row| column.get(row));
        different.extend(cells.map(|cell| match cell {
            Cell::Code(code) => u64::from(code),
            // Adding 0 makes one zero of the two that there are.
            Cell::Number(number) => (number + 0.0).to_bits(),
            Cell::Boolean(boolean) => u64::from(boolean),
            Cell::Datetime(time) => time.cast_unsigned(),
        }));
    }
    count_different(different)
}

pub(crate) fn count_different(values: &mut Vec<u64>) -> usize {
    values.sort_unstable();
    values.dedup();
    values.len()
}

/// A figure over numbers; none where it is missing.
pub(crate) fn aggregated(aggregate: Aggregate, numbers: &mut [f64]) -> Option<f64> {
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
