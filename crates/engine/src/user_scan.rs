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

use crate::did::Dids;
use crate::plan::Occurrences;
use crate::source::{Row, Source, sources};
use crate::store::Store;

/// Goes over the users of a range.
pub(crate) struct UserScan<'s> {
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

impl<'s> UserScan<'s> {
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
                found |= source.filter_scan.any(source.cursor);
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
                stream.dids.judge(&mut source.filter_scan, source.cursor);
            }
        }
        stream.judged = true;
        having
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use segments_model::Compare;
    use segments_model::criterion::When;

    use super::UserScan;
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
                let mut user_scan = UserScan::new(&store, &asked, leading, &[], next..users.len() as u32);
                while let Some(user) = user_scan.advance(&mut budget) {
                    told.push(users[user as usize]);
                    for place in [1, 0] {
                        let expected = found(users[user as usize], place, true);
                        prop_assert_eq!(user_scan.times(place, &mut budget), &expected);
                        let rows = user_scan.rows(place, &mut budget);
                        prop_assert!(rows.iter().map(|row| row.time).eq(expected.iter().copied()));
                        for row in rows {
                            let table = &store.tables[row.table as usize];
                            prop_assert_eq!(table.times.get(row.row as usize, store.base), row.time);
                        }
                    }
                }
                prop_assert!(user_scan.next_user() > next);
                next = user_scan.next_user();
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
