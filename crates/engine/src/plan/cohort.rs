//! Who started and who came back.

use std::sync::{Arc, OnceLock};

use segments_model::criterion::{CohortMatch, CohortOutcome};

use super::filter::RowFilter;
use super::occurrences::Occurrences;
use crate::moving::Moving;
use crate::store::Store;
use crate::units::Units;

/// The events of a cohort.
#[derive(Debug)]
pub(crate) struct Cohort {
    /// The chain of starting events; the last one's time is the range unless only the first start ever counts.
    pub(crate) chain: Vec<Occurrences>,
    /// Milliseconds: starts from the first on and before the second.
    pub(crate) range: (i64, i64),
    /// The event that returns.
    pub(crate) returning: Occurrences,
}

impl Cohort {
    /// How many rows there are to look at.
    pub(crate) fn rows(&self, store: &Store) -> u64 {
        let events = self.chain.iter().chain([&self.returning]);
        let tables = events.flat_map(|event| &event.tables);
        tables
            .filter_map(|table| store.tables.get(table.table))
            .map(|table| table.rows() as u64)
            .sum()
    }
}

/// A cohort as a condition on users.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) cohort: Cohort,
    /// The range of starts, where it moves on with as-of.
    pub(crate) moving: Option<Moving>,
    /// Whether only the first start ever counts.
    pub(crate) first_time: bool,
    /// Milliseconds: the start lies from the first on and before the second; none where every start passes.
    pub(crate) generation: Option<(i64, i64)>,
    /// Judged on the row that is the start; none where every start passes.
    pub(crate) generation_where: Option<RowFilter>,
    /// The units that starts and returns lie in, which is worked out before; only one where no period is asked for.
    pub(super) units: Arc<OnceLock<Units>>,
    pub(crate) period: Option<u32>,
    pub(crate) matching: CohortMatch,
    pub(crate) outcome: CohortOutcome,
}

impl Condition {
    /// Moves the range of starts, in milliseconds.
    pub(crate) fn move_to(&mut self, start: i64, end: i64) {
        self.cohort.range = (start, end);
        if !self.first_time
            && let Some(last) = self.cohort.chain.last_mut()
        {
            (last.start, last.end) = (start, end);
        }
    }

    /// The units that starts and returns lie in.
    pub(crate) fn units(&self) -> &Units {
        static ONE: OnceLock<Units> = OnceLock::new();
        let one = || Units::new(Vec::new(), 0);
        self.units.get().unwrap_or_else(|| ONE.get_or_init(one))
    }

    /// Whether a return so many units after the start counts.
    pub(crate) fn counts(&self, period: u32) -> bool {
        match (self.period, self.matching) {
            (None, _) => true,
            (Some(wanted), CohortMatch::On) => period == wanted,
            (Some(wanted), CohortMatch::OnOrAfter) => period >= wanted,
            (Some(wanted), CohortMatch::OnOrBefore) => period <= wanted,
        }
    }
}
