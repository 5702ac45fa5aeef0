//! Occurrences of events, before anything is known of users.

use segments_model::Compare;
use segments_model::criterion::When;

use super::filter::RowFilter;
use crate::store::{Store, Table};

/// A table with the filter of its rows.
#[derive(Debug)]
pub(crate) struct EventTable {
    /// The table's place in the store.
    pub(crate) table: usize,
    pub(crate) filter: RowFilter,
}

/// Occurrences of an event: rows of its tables in a time.
#[derive(Debug)]
pub(crate) struct Occurrences {
    pub(crate) tables: Vec<EventTable>,
    /// Milliseconds: rows from `start` on and before `end`.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) did: Vec<Did>,
}

impl Occurrences {
    /// How many rows its tables have.
    pub(crate) fn rows(&self, store: &Store) -> usize {
        let tables = self.tables.iter();
        tables
            .filter_map(|table| store.tables.get(table.table))
            .map(Table::rows)
            .sum()
    }

    pub(super) fn each_table<'p>(&'p self, show: &mut impl FnMut(&'p [EventTable])) {
        show(&self.tables);
        self.did.iter().for_each(|did| show(&did.tables));
    }

    pub(super) fn each_table_mut(&mut self, show: &mut impl FnMut(&mut [EventTable])) {
        show(&mut self.tables);
        self.did.iter_mut().for_each(|did| show(&mut did.tables));
    }
}

/// Another event strictly before or after an occurrence.
#[derive(Debug)]
pub(crate) struct Did {
    pub(crate) performed: bool,
    /// The other event.
    pub(crate) tables: Vec<EventTable>,
    /// Milliseconds: the other event's rows before this exist.
    pub(crate) as_of: i64,
    pub(crate) when: When,
    /// Milliseconds that the other event is at most away.
    pub(crate) within: Option<i64>,
    pub(crate) compare: Compare,
}
