//! The occurrences of several events, user by user: in order of time, whichever tables they stand in.
//!
//! Only users are visited that have rows of one of the events, the *leading* one; the rows of the others are looked for
//! when they are asked for. Of a user that is left early, later events cost nothing.

#![expect(
    clippy::indexing_slicing,
    reason = "there is a stream for each event that was given, and a source's cursor lies within its table"
)]

use std::ops::Range;

use roaring::RoaringBitmap;

use crate::column::Times;
use crate::did::Dids;
use crate::plan::{EventTable, Occurrences};
use crate::sieve::{BLOCK, Sieve};
use crate::store::Store;

/// A row that was found. Rows are ordered by time, and at one time by table and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// The table's place in the store.
    pub(crate) table: u32,
    /// The row in the table.
    pub(crate) row: u32,
}

/// Goes over the users of a range.
pub(crate) struct Gather<'s> {
    streams: Vec<Stream<'s>>,
    /// The place of the leading event.
    leading: usize,
    /// The first user that was not looked at.
    next: u32,
    /// The user after the last one.
    end: u32,
    /// What was found of the user that is looked at, by event.
    times: Vec<Vec<i64>>,
    rows: Vec<Vec<Row>>,
    has_times: Vec<bool>,
    has_rows: Vec<bool>,
}

/// The rows of an event.
struct Stream<'s> {
    sources: Vec<Source<'s>>,
    dids: Dids<'s>,
    /// Whether the rows of the user were judged by what else the user did.
    judged: bool,
}

impl<'s> Gather<'s> {
    /// Prepares to look for the occurrences of events, of the users of a range that have rows of the leading one.
    pub(crate) fn new(
        store: &'s Store,
        events: &'s [Occurrences],
        leading: usize,
        results: &'s [RoaringBitmap],
        users: Range<u32>,
    ) -> Self {
        let streams: Vec<Stream<'s>> = events
            .iter()
            .map(|event| Stream {
                sources: sources(
                    store,
                    &event.tables,
                    (event.start, event.end),
                    results,
                    &users,
                ),
                dids: Dids::new(store, &event.did, results, &users),
                judged: false,
            })
            .collect();
        Self {
            leading,
            next: users.start,
            end: users.end,
            times: vec![Vec::new(); streams.len()],
            rows: vec![Vec::new(); streams.len()],
            has_times: vec![false; streams.len()],
            has_rows: vec![false; streams.len()],
            streams,
        }
    }

    /// Goes on to the next user that has rows of the leading event, before what else the user did is judged. None at the
    /// end, and when the budget of rows is used up: then [`next_user`](Self::next_user) is not the end of the range.
    pub(crate) fn advance(&mut self, budget: &mut usize) -> Option<u32> {
        self.has_times.fill(false);
        self.has_rows.fill(false);
        for stream in &mut self.streams {
            stream.judged = false;
        }
        let next = self.next;
        let sources = &mut self.streams.get_mut(self.leading)?.sources;
        for source in sources.iter_mut() {
            source.seek(next);
        }
        loop {
            let least = sources.iter().filter_map(Source::user).min();
            let Some(user) = least else {
                self.next = self.end;
                return None;
            };
            self.next = user;
            let at = |source: &&mut Source<'_>| source.user() == Some(user);
            let unread = |source: &&mut Source<'_>| at(source) && !source.is_read();
            if *budget == 0 && sources.iter_mut().any(|source| unread(&&mut *source)) {
                return None;
            }
            let mut found = false;
            for source in sources.iter_mut().filter(at) {
                source.read(budget);
                found |= source.sieve.any(source.cursor);
            }
            if found {
                self.next = user + 1;
                return Some(user);
            }
            for source in sources.iter_mut().filter(at) {
                source.cursor += 1;
            }
        }
    }

    /// The first user that was not looked at; the end of the range when all were.
    pub(crate) fn next_user(&self) -> u32 {
        self.next
    }

    /// When an event happened to the user that is looked at, in order.
    pub(crate) fn times(&mut self, event: usize, budget: &mut usize) -> &[i64] {
        if !self.has_times[event] {
            self.has_times[event] = true;
            self.times[event].clear();
            let several = self.judge(event, budget) > 1;
            let times = &mut self.times[event];
            for source in &self.streams[event].sources {
                source.times(times);
            }
            if several {
                times.sort_unstable();
            }
            *budget = budget.saturating_sub(times.len());
        }
        &self.times[event]
    }

    /// The rows of an event of the user that is looked at, in order.
    pub(crate) fn rows(&mut self, event: usize, budget: &mut usize) -> &[Row] {
        if !self.has_rows[event] {
            self.has_rows[event] = true;
            self.rows[event].clear();
            let several = self.judge(event, budget) > 1;
            let rows = &mut self.rows[event];
            for source in &self.streams[event].sources {
                source.rows(rows);
            }
            if several {
                rows.sort_unstable();
            }
            *budget = budget.saturating_sub(rows.len());
        }
        &self.rows[event]
    }

    /// What [`times`](Self::times) has found of each event; of those that were not asked for of this user it means nothing.
    pub(crate) fn all_times(&self) -> &[Vec<i64>] {
        &self.times
    }

    /// What [`rows`](Self::rows) has found of each event; of those that were not asked for of this user it means nothing.
    pub(crate) fn all_rows(&self) -> &[Vec<Row>] {
        &self.rows
    }

    /// Brings the sources of an event to the user, and leaves out the rows that fail by what else the user did. Gives the
    /// number of sources that have the user.
    fn judge(&mut self, event: usize, budget: &mut usize) -> usize {
        let user = self.next - 1;
        let stream = &mut self.streams[event];
        let mut having = 0;
        for source in &mut stream.sources {
            having += usize::from(source.reach(user));
        }
        if !stream.judged && !stream.dids.is_empty() && having > 0 {
            stream.dids.load(user, budget);
            for source in stream.sources.iter_mut().filter(|source| source.here) {
                stream.dids.judge(&mut source.sieve, source.cursor);
            }
        }
        stream.judged = true;
        having
    }
}

/// A table, and where one is in it.
pub(crate) struct Source<'s> {
    sieve: Sieve<'s>,
    /// The table's place in the store.
    table: u32,
    base: i64,
    /// The first user that was not passed by, by place.
    cursor: usize,
    /// The place after the last user.
    end: usize,
    /// Whether the user that was reached last has rows in the table.
    here: bool,
    /// How many rows to read at once, and how many users of the block that was read last were asked for.
    most: usize,
    visits: usize,
}

/// The sources of the tables of an event.
pub(crate) fn sources<'s>(
    store: &'s Store,
    tables: &'s [EventTable],
    window: (i64, i64),
    results: &'s [RoaringBitmap],
    users: &Range<u32>,
) -> Vec<Source<'s>> {
    let source = |table: &'s EventTable| {
        let sieve = Sieve::new(store, table, window, results)?;
        let place = |user: u32| sieve.table.users.partition_point(|other| *other < user);
        let (cursor, end) = (place(users.start), place(users.end));
        Some(Source {
            sieve,
            table: table.table as u32,
            base: store.base,
            cursor,
            end,
            here: false,
            most: 512,
            visits: 0,
        })
    };
    tables.iter().filter_map(source).collect()
}

/// The place of a user, or of the first one after, from a place on.
pub(crate) fn ahead(users: &[u32], mut place: usize, user: u32) -> usize {
    let mut step = 1;
    let mut low = place;
    // The user is probably near: steps that double lead to it, and back.
    while low < users.len() && users[low] < user {
        place = low + 1;
        low += step;
        step *= 2;
    }
    let between = &users[place..low.min(users.len())];
    place + between.partition_point(|other| *other < user)
}

impl Source<'_> {
    /// The user at the cursor.
    fn user(&self) -> Option<u32> {
        (self.cursor < self.end).then(|| self.sieve.table.users[self.cursor])
    }

    fn is_read(&self) -> bool {
        self.sieve.has(self.cursor)
    }

    /// Reads the block that starts at the cursor, unless that was done.
    fn read(&mut self, budget: &mut usize) {
        if !self.is_read() {
            let block = self.sieve.fill(self.cursor, self.end, (*budget).max(1));
            let starts = &self.sieve.table.starts;
            *budget = budget.saturating_sub((starts[block.end] - starts[block.start]) as usize);
        }
    }

    /// Moves the cursor on to a user, or to the first one after.
    fn seek(&mut self, user: u32) {
        self.cursor = ahead(&self.sieve.table.users[..self.end], self.cursor, user);
    }

    /// Moves on to a user, who is not before the last one, and reads the rows; whether there are any in the table.
    pub(crate) fn reach(&mut self, user: u32) -> bool {
        self.seek(user);
        self.here = self.user() == Some(user);
        if self.here && !self.is_read() {
            // Where most users of a block are asked for, long blocks are read quickest, where few are short ones.
            self.most = if self.visits * 4 >= self.sieve.users() {
                (self.most * 2).min(BLOCK)
            } else {
                (self.most / 2).max(64)
            };
            self.visits = 0;
            self.sieve.fill(self.cursor, self.end, self.most);
        }
        self.visits += usize::from(self.here);
        self.here
    }

    /// Adds the times of the user that was reached.
    pub(crate) fn times(&self, times: &mut Vec<i64>) {
        if !self.here {
            return;
        }
        let rows = self.sieve.rows(self.cursor);
        let base = self.base;
        match &self.sieve.table.times {
            Times::Seconds(seconds) => {
                times.extend(rows.map(|row| (base + i64::from(seconds[row])) * 1_000));
            }
            Times::Millis { seconds, millis } => times.extend(
                rows.map(|row| (base + i64::from(seconds[row])) * 1_000 + i64::from(millis[row])),
            ),
            Times::Wide(wide) => times.extend(rows.map(|row| wide[row])),
        }
    }

    fn rows(&self, rows: &mut Vec<Row>) {
        if self.here {
            let times = &self.sieve.table.times;
            rows.extend(self.sieve.rows(self.cursor).map(|row| Row {
                time: times.get(row, self.base),
                table: self.table,
                row: row as u32,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use segments_model::Compare;
    use segments_model::criterion::When;

    use super::Gather;
    use crate::plan::{Did, Occurrences};
    use crate::testing::{occurrences, store, tables};

    const NAMES: [&str; 3] = ["a", "b", "c"];

    proptest! {
        /// Whatever the budget, one event or several, led by either: the rows that are there, in order.
        #[test]
        fn rows_of_every_user_are_found(
            mut events in proptest::collection::vec((0_u32..40, 0_usize..3, 0_i64..60), 1..300),
            (first, second) in (0_usize..4, 0_usize..4),
            leading in 0_usize..2,
            (start, end) in (0_i64..60, 0_i64..60),
            budget in 1_usize..50,
            did in proptest::option::of((any::<bool>(), any::<bool>(), 0_usize..4, 1_i64..30, 0_u8..3)),
        ) {
            // So that users are numbered by their ids.
            events.sort_unstable_by_key(|event| event.0);
            let mut users: Vec<u32> = events.iter().map(|event| event.0).collect();
            users.dedup();
            let rows: Vec<_> = events.iter().map(|(user, name, time)| (*user, NAMES[*name], *time)).collect();
            let store = store(&rows);
            let name = |place: usize| NAMES.get(place).copied();
            let mut asked: Vec<Occurrences> = vec![
                occurrences(&store, name(first), (start, end)),
                occurrences(&store, name(second), (i64::MIN, 50)),
            ];
            if let Some((performed, before, other, within, least)) = did {
                asked[0].did.push(Did {
                    performed,
                    tables: tables(&store, name(other)),
                    as_of: 55,
                    when: if before { When::Before } else { When::After },
                    within: Some(within),
                    compare: Compare::AtLeast(f64::from(least)),
                });
            }
            let found = |user: u32, place: usize, judged: bool| {
                let passes = |time: i64| did.is_none_or(|(performed, before, other, within, least)| {
                    let count = events.iter().filter(|event| {
                        let away = if before { time - event.2 } else { event.2 - time };
                        event.0 == user && (other == 3 || event.1 == other) && event.2 < 55 && 0 < away && away <= within
                    }).count();
                    (count >= usize::from(least)) == performed
                });
                let (named, from, until) = [(first, start, end), (second, i64::MIN, 50)][place];
                let mut times: Vec<i64> = events
                    .iter()
                    .filter(|event| event.0 == user && (named == 3 || event.1 == named))
                    .filter(|event| from <= event.2 && event.2 < until)
                    .filter(|event| place == 1 || !judged || passes(event.2))
                    .map(|event| event.2)
                    .collect();
                times.sort_unstable();
                times
            };
            let mut told = Vec::new();
            let mut next = 0;
            while next < users.len() as u32 {
                let mut budget = budget;
                let mut gather = Gather::new(&store, &asked, leading, &[], next..users.len() as u32);
                while let Some(user) = gather.advance(&mut budget) {
                    told.push(users[user as usize]);
                    for place in [1, 0] {
                        let expected = found(users[user as usize], place, true);
                        prop_assert_eq!(gather.times(place, &mut budget), &expected);
                        let rows = gather.rows(place, &mut budget);
                        prop_assert!(rows.iter().map(|row| row.time).eq(expected.iter().copied()));
                        for row in rows {
                            let table = &store.tables[row.table as usize];
                            prop_assert_eq!(table.times.get(row.row as usize, store.base), row.time);
                        }
                    }
                }
                prop_assert!(gather.next_user() > next);
                next = gather.next_user();
            }
            let expected: Vec<u32> = users
                .iter()
                .copied()
                .filter(|user| !found(*user, leading, false).is_empty())
                .collect();
            prop_assert_eq!(told, expected);
        }
    }
}
