//! Funnels in order that restrict nothing but the time that all of it may take, of one table for each step, told of all
//! users together: straight from the tables.
//!
//! A block of users is looked at at once, and each step's events of the block are found before any user is looked at: then
//! those of a user are a place in a list away. All other funnels go the way in [`share`](super::share), which would give
//! the same of these.

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of a block's users and of steps, and runs lie within the times that they were found in"
)]

use std::ops::Range;

use roaring::RoaringBitmap;
use segments_model::validate::MAX_PARTS;

use super::question::{FunnelQuestion, Task};
use super::tally::Plain;
use crate::column::Times;
use crate::filter_scan::{BLOCK, FilterScan};
use crate::plan::Sequence;
use crate::plan::{EventTable, RowFilter};
use crate::source::ahead;
use crate::store::{Store, Table};

/// How many users are looked at at once: as many as leave what is known of them in the nearest cache.
const USERS: u32 = if cfg!(test) { 8 } else { 1 << 10 };

/// Goes over the users of a range until the budget of rows is used up. Gives what was found and the first user that was not
/// looked at; none where the funnel is none of these.
pub(super) fn step(
    task: &Task<'_>,
    users: &Range<u32>,
    budget: &mut usize,
) -> Option<(Plain, u32)> {
    let Task {
        store,
        question,
        results,
    } = task;
    let sequence = &question.sequence;
    let tables = tables(question)?;
    let audience = question.audience.and_then(|part| results.get(part));
    let whole: Option<Vec<Whole<'_>>> = (tables.iter())
        .map(|table| Whole::new(store, table, users.start))
        .collect();
    if let Some(lanes) = whole {
        let rules = Rules::of_seconds(sequence, store.base)?;
        return Some(Walk::new(lanes, rules).go(users, audience, budget));
    }
    let sifted: Option<Vec<Sifted<'_>>> = (tables.iter().zip(&sequence.events))
        .map(|(table, event)| {
            let filter_scan = FilterScan::new(store, table, (event.start, event.end), results)?;
            Some(Sifted::new(filter_scan, store.base, users.start))
        })
        .collect();
    let rules = Rules::of_millis(sequence)?;
    Some(Walk::new(sifted?, rules).go(users, audience, budget))
}

/// The table of each step; none where the funnel is none of these.
fn tables(question: &FunnelQuestion) -> Option<Vec<&EventTable>> {
    if !question.sequence.shape.is_plain() || question.by.is_some() || question.buckets.is_some() {
        return None;
    }
    let events = question.sequence.events.iter();
    let only = events.map(|event| match event.tables.as_slice() {
        [table] if event.did.is_empty() => Some(table),
        _ => None,
    });
    only.collect()
}

/// An instant or a length of time, in whichever unit a walk is in.
trait Tick: Copy + Ord {
    const LEAST: Self;
    const ONE: Self;

    fn plus(self, length: Self) -> Self;
    fn minus(self, length: Self) -> Self;
    /// The milliseconds since an earlier instant.
    fn millis_since(self, earlier: Self) -> i64;
}

/// Seconds since the base.
impl Tick for u32 {
    const LEAST: Self = Self::MIN;
    const ONE: Self = 1;

    fn plus(self, length: Self) -> Self {
        self.saturating_add(length)
    }

    fn minus(self, length: Self) -> Self {
        self.saturating_sub(length)
    }

    fn millis_since(self, earlier: Self) -> i64 {
        i64::from(self - earlier) * 1_000
    }
}

/// Milliseconds since 1970.
impl Tick for i64 {
    const LEAST: Self = Self::MIN;
    const ONE: Self = 1;

    fn plus(self, length: Self) -> Self {
        self.saturating_add(length)
    }

    fn minus(self, length: Self) -> Self {
        self.saturating_sub(length)
    }

    fn millis_since(self, earlier: Self) -> i64 {
        self - earlier
    }
}

/// What decides how far a user got.
struct Rules<T> {
    /// The first event of a run lies from `start` on and before `end`, the others before `until`.
    start: T,
    end: T,
    until: T,
    limit: Option<T>,
    /// Runs that begin from here on can go on at as-of.
    recent: T,
}

impl Rules<i64> {
    fn of_millis(sequence: &Sequence) -> Option<Self> {
        let limit = sequence.shape.funnel_limit();
        let first = sequence.events.first()?;
        Some(Self {
            start: first.start,
            end: first.end,
            until: sequence.events.last()?.end,
            limit,
            recent: limit.map_or(i64::MIN, |limit| sequence.shape.as_of.minus(limit)),
        })
    }
}

impl Rules<u32> {
    /// No row is before the base, and none at the latest second after it.
    fn of_seconds(sequence: &Sequence, base: i64) -> Option<Self> {
        let rules = Rules::of_millis(sequence)?;
        // A whole second is at or after an instant if it is at or after the next whole second.
        let whole = |instant: i64| {
            let since = instant.saturating_sub(base * 1_000).max(0);
            u32::try_from(since.saturating_add(999) / 1_000).unwrap_or(u32::MAX)
        };
        // Of the seconds between two events all are whole.
        let limit = |millis: i64| u32::try_from(millis / 1_000).unwrap_or(u32::MAX);
        Some(Self {
            start: whole(rules.start),
            end: whole(rules.end),
            until: whole(rules.until),
            limit: rules.limit.map(limit),
            recent: whole(rules.recent),
        })
    }
}

/// The events of a step, a block of users at a time.
trait Lane {
    type Time: Tick;

    fn cursor(&self) -> &Cursor<'_>;

    /// Finds the events of a block of users, who come after those of the block before. Gives how many rows were looked at.
    fn load(&mut self, users: &Range<u32>) -> usize;

    /// The times of the events of a user of the block, in order.
    fn of(&self, place: usize) -> &[Self::Time];
}

/// A place in a table, and what was found of the users of the block before it.
struct Cursor<'s> {
    table: &'s Table,
    /// The first user that was not passed by.
    next: usize,
    /// Where the events of each user of the block start and end in a list.
    runs: Vec<(u32, u32)>,
}

impl<'s> Cursor<'s> {
    fn new(table: &'s Table, first: u32) -> Self {
        let next = table.users.partition_point(|user| *user < first);
        Self {
            table,
            next,
            runs: vec![(0, 0); USERS as usize],
        }
    }

    /// The next users to look at, some of whom have events: up to about so many rows of them.
    fn block(&self, end: u32, rows: usize) -> Option<Range<u32>> {
        let Table { users, starts, .. } = self.table;
        let first = *users.get(self.next).filter(|user| **user < end)?;
        let most = users.len().min(self.next + USERS as usize);
        let last = (starts[self.next] as usize).saturating_add(rows);
        let whole = starts[self.next + 1..=most].partition_point(|start| *start as usize <= last);
        let after = users[self.next + whole.max(1) - 1].saturating_add(1);
        Some(first..after.min(first.saturating_add(USERS)).min(end))
    }

    /// Moves on behind some users. Gives the places of those who are in the table.
    fn pass(&mut self, users: &Range<u32>) -> Range<usize> {
        let all = &self.table.users;
        let start = ahead(all, self.next, users.start);
        let near = &all[start..all.len().min(start + users.len())];
        self.next = start + near.partition_point(|user| *user < users.end);
        start..self.next
    }

    /// Keeps where the events of the users at some places lie, instead of those of the block before: those of each end where
    /// those of the next start. Gives how many rows these users have.
    fn keep(&mut self, first: u32, places: Range<usize>, bounds: &[u32]) -> usize {
        let Table { users, starts, .. } = self.table;
        self.runs.fill((0, 0));
        let rows = (starts[places.end] - starts[places.start]) as usize;
        for (user, run) in users[places].iter().zip(bounds.windows(2)) {
            self.runs[(user - first) as usize] = (run[0], run[1]);
        }
        rows
    }

    /// Where the events of a user of the block lie.
    fn run(&self, place: usize) -> Range<usize> {
        let (start, end) = self.runs[place];
        start as usize..end as usize
    }
}

/// All rows of a table that keeps whole seconds, where they are.
struct Whole<'s> {
    seconds: &'s [u32],
    cursor: Cursor<'s>,
}

impl<'s> Whole<'s> {
    fn new(store: &'s Store, table: &EventTable, first: u32) -> Option<Self> {
        let all = matches!(table.filter, RowFilter::Constant(true));
        let table = store.tables.get(table.table).filter(|_| all)?;
        let Times::Seconds(seconds) = &table.times else {
            return None;
        };
        Some(Self {
            seconds,
            cursor: Cursor::new(table, first),
        })
    }
}

impl Lane for Whole<'_> {
    type Time = u32;

    fn cursor(&self) -> &Cursor<'_> {
        &self.cursor
    }

    fn load(&mut self, users: &Range<u32>) -> usize {
        let places = self.cursor.pass(users);
        let bounds = &self.cursor.table.starts[places.start..=places.end];
        self.cursor.keep(users.start, places, bounds)
    }

    fn of(&self, place: usize) -> &[u32] {
        &self.seconds[self.cursor.run(place)]
    }
}

/// Those rows of a table that lie in a time and pass a filter.
struct Sifted<'s> {
    filter_scan: FilterScan<'s>,
    base: i64,
    cursor: Cursor<'s>,
    /// The rows of the block, where those of each user end, and their times.
    rows: Vec<u32>,
    ends: Vec<u32>,
    times: Vec<i64>,
}

impl<'s> Sifted<'s> {
    fn new(filter_scan: FilterScan<'s>, base: i64, first: u32) -> Self {
        Self {
            cursor: Cursor::new(filter_scan.table, first),
            filter_scan,
            base,
            rows: Vec::new(),
            ends: Vec::new(),
            times: Vec::new(),
        }
    }
}

impl Lane for Sifted<'_> {
    type Time = i64;

    fn cursor(&self) -> &Cursor<'_> {
        &self.cursor
    }

    fn load(&mut self, users: &Range<u32>) -> usize {
        let places = self.cursor.pass(users);
        let table = self.cursor.table;
        self.rows.clear();
        self.ends.clear();
        self.ends.push(0);
        let mut next = places.start;
        while next < places.end {
            let block = self.filter_scan.fill(next, places.end, BLOCK);
            next = block.end;
            self.filter_scan
                .select_runs(block, &mut self.rows, &mut self.ends);
        }
        let (rows, base) = (self.rows.iter().map(|row| *row as usize), self.base);
        self.times.clear();
        match &table.times {
            Times::Seconds(seconds) => {
                let time = |row: usize| (base + i64::from(seconds[row])) * 1_000;
                self.times.extend(rows.map(time));
            }
            times => self.times.extend(rows.map(|row| times.get(row, base))),
        }
        self.cursor.keep(users.start, places, &self.ends)
    }

    fn of(&self, place: usize) -> &[i64] {
        &self.times[self.cursor.run(place)]
    }
}

/// Goes over users, with the events of each step.
struct Walk<L: Lane> {
    lanes: Vec<L>,
    rules: Rules<L::Time>,
    found: Plain,
}

impl<L: Lane> Walk<L> {
    fn new(lanes: Vec<L>, rules: Rules<L::Time>) -> Self {
        Self {
            found: Plain::new(lanes.len()),
            lanes,
            rules,
        }
    }

    fn go(
        mut self,
        users: &Range<u32>,
        audience: Option<&RoaringBitmap>,
        budget: &mut usize,
    ) -> (Plain, u32) {
        let mut next = users.start;
        while *budget > 0 && next < users.end {
            let first = self.lanes.first().map(Lane::cursor);
            let Some(block) = first.and_then(|first| first.block(users.end, *budget)) else {
                return (self.found, users.end);
            };
            for lane in &mut self.lanes {
                *budget = budget.saturating_sub(lane.load(&block));
            }
            next = block.end;
            let mut room = Room::new();
            for (place, user) in block.enumerate() {
                if audience.is_none_or(|audience| audience.contains(user)) {
                    let best = self.rules.best(&self.lanes, place, &mut room);
                    add(&mut self.found, self.lanes.len(), best, &room.best);
                }
            }
        }
        (self.found, next)
    }
}

/// Adds a user with the best of the runs.
fn add<T: Tick>(found: &mut Plain, steps: usize, best: Best, times: &[T]) {
    found.add(best.steps, best.pending);
    let times = &times[..best.steps];
    for (step, pair) in times.windows(2).enumerate() {
        found.took(step + 1, pair[1].millis_since(pair[0]));
    }
    if best.steps == steps {
        found.took_all(times[steps - 1].millis_since(times[0]));
    }
}

/// How far a user got.
struct Best {
    steps: usize,
    pending: bool,
}

/// Room for one user after the other.
struct Room<'l, T> {
    /// Of each step that was looked at, the events that were not passed by.
    ahead: [&'l [T]; MAX_PARTS],
    /// When the run that is looked at came to each step, and when the best one did.
    times: [T; MAX_PARTS],
    best: [T; MAX_PARTS],
}

impl<T: Tick> Room<'_, T> {
    fn new() -> Self {
        Self {
            ahead: [&[]; MAX_PARTS],
            times: [T::LEAST; MAX_PARTS],
            best: [T::LEAST; MAX_PARTS],
        }
    }
}

impl<T: Tick> Rules<T> {
    /// Finds how far a user of the block got: from each start with the earliest event of each step.
    fn best<'l, L: Lane<Time = T>>(
        &self,
        lanes: &'l [L],
        place: usize,
        room: &mut Room<'l, T>,
    ) -> Best {
        let Room { ahead, times, best } = room;
        let last = self.until.minus(T::ONE);
        let (mut most, mut recent, mut opened) = (0, 0, 1);
        let mut starts = from(lanes[0].of(place), self.start);
        while let Some((start, later)) = starts.split_first()
            && *start < self.end
        {
            times[0] = *start;
            let deadline = self.limit.map_or(last, |limit| start.plus(limit).min(last));
            let mut steps = 1;
            // Where there is no later event of a step, only starts matter that one at as-of could follow in time.
            let mut next = self.recent;
            while steps < lanes.len() {
                if steps == opened {
                    ahead[steps] = lanes[steps].of(place);
                    opened += 1;
                }
                ahead[steps] = from(ahead[steps], times[steps - 1].plus(T::ONE));
                let Some(time) = ahead[steps].first().filter(|time| **time <= last) else {
                    break;
                };
                if *time > deadline {
                    // Starts that are too early for this event are so for later ones.
                    next = self.limit.map_or(next, |limit| time.minus(limit));
                    break;
                }
                times[steps] = *time;
                steps += 1;
            }
            if steps > most {
                most = steps;
                best[..steps].copy_from_slice(&times[..steps]);
            }
            if *start >= self.recent {
                recent = recent.max(steps);
            }
            // Without a limit no later start gets further.
            if most == lanes.len() || self.limit.is_none() {
                break;
            }
            starts = from(later, next);
        }
        Best {
            steps: most,
            pending: recent == most,
        }
    }
}

/// The times from an instant on; it is near.
fn from<T: Tick>(mut times: &[T], instant: T) -> &[T] {
    while let Some((_, later)) = times.split_first().filter(|(time, _)| **time < instant) {
        times = later;
    }
    times
}
