//! A table of an event, gone through user by user.

#![expect(clippy::indexing_slicing, reason = "a cursor lies within its table")]

use std::ops::Range;

use roaring::RoaringBitmap;

use crate::column::Times;
use crate::filter_scan::{BLOCK, FilterScan};
use crate::plan::EventTable;
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

/// A table, and where one is in it.
pub(crate) struct Source<'s> {
    pub(crate) filter_scan: FilterScan<'s>,
    /// The table's place in the store.
    table: u32,
    base: i64,
    /// The first user that was not passed by, by place.
    pub(crate) cursor: usize,
    /// The place after the last user.
    end: usize,
    /// Whether the user that was reached last has rows in the table.
    pub(crate) here: bool,
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
        let filter_scan = FilterScan::new(store, table, window, results)?;
        let place = |user: u32| {
            filter_scan
                .table
                .users
                .partition_point(|other| *other < user)
        };
        let (cursor, end) = (place(users.start), place(users.end));
        Some(Source {
            filter_scan,
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
    pub(crate) fn user(&self) -> Option<u32> {
        (self.cursor < self.end).then(|| self.filter_scan.table.users[self.cursor])
    }

    pub(crate) fn is_read(&self) -> bool {
        self.filter_scan.has(self.cursor)
    }

    /// Reads the block that starts at the cursor, unless that was done.
    pub(crate) fn read(&mut self, budget: &mut usize) {
        if !self.is_read() {
            let block = self
                .filter_scan
                .fill(self.cursor, self.end, (*budget).max(1));
            let starts = &self.filter_scan.table.starts;
            *budget = budget.saturating_sub((starts[block.end] - starts[block.start]) as usize);
        }
    }

    /// Moves the cursor on to a user, or to the first one after.
    pub(crate) fn seek(&mut self, user: u32) {
        self.cursor = ahead(&self.filter_scan.table.users[..self.end], self.cursor, user);
    }

    /// Moves on to a user, who is not before the last one, and reads the rows; whether there are any in the table.
    pub(crate) fn reach(&mut self, user: u32) -> bool {
        self.seek(user);
        self.here = self.user() == Some(user);
        if self.here && !self.is_read() {
            // Where most users of a block are asked for, long blocks are read quickest, where few are short ones.
            self.most = if self.visits * 4 >= self.filter_scan.users() {
                (self.most * 2).min(BLOCK)
            } else {
                (self.most / 2).max(64)
            };
            self.visits = 0;
            self.filter_scan.fill(self.cursor, self.end, self.most);
        }
        self.visits += usize::from(self.here);
        self.here
    }

    /// Adds the times of the user that was reached.
    pub(crate) fn times(&self, times: &mut Vec<i64>) {
        if !self.here {
            return;
        }
        let rows = self.filter_scan.rows(self.cursor);
        let base = self.base;
        match &self.filter_scan.table.times {
            Times::Seconds(seconds) => {
                times.extend(rows.map(|row| (base + i64::from(seconds[row])) * 1_000));
            }
            Times::Millis { seconds, millis } => times.extend(
                rows.map(|row| (base + i64::from(seconds[row])) * 1_000 + i64::from(millis[row])),
            ),
            Times::Wide(wide) => times.extend(rows.map(|row| wide[row])),
        }
    }

    pub(crate) fn rows(&self, rows: &mut Vec<Row>) {
        if self.here {
            let times = &self.filter_scan.table.times;
            rows.extend(self.filter_scan.rows(self.cursor).map(|row| Row {
                time: times.get(row, self.base),
                table: self.table,
                row: row as u32,
            }));
        }
    }
}
