//! What a user did before or after an occurrence of an event.

#![expect(
    clippy::indexing_slicing,
    reason = "a window's bounds stop at the number of times"
)]

use std::ops::Range;

use roaring::RoaringBitmap;
use segments_model::Compare;
use segments_model::criterion::When;

use crate::filter_scan::FilterScan;
use crate::plan::Did;
use crate::source::{Source, sources};
use crate::store::Store;

/// The conditions of an event on what else a user did.
pub(crate) struct Dids<'s> {
    base: i64,
    others: Vec<Other<'s>>,
}

/// Another event.
struct Other<'s> {
    sources: Vec<Source<'s>>,
    condition: Condition,
    /// When it happened to the user, in order.
    times: Vec<i64>,
}

/// How often another event has to lie near an occurrence, or must not.
#[derive(Clone, Copy)]
struct Condition {
    performed: bool,
    when: When,
    within: i64,
    compare: Compare,
}

impl<'s> Dids<'s> {
    pub(crate) fn new(
        store: &'s Store,
        dids: &'s [Did],
        results: &'s [RoaringBitmap],
        users: &Range<u32>,
    ) -> Self {
        let others = dids
            .iter()
            .map(|did| Other {
                sources: sources(store, &did.tables, (i64::MIN, did.as_of), results, users),
                condition: Condition {
                    performed: did.performed,
                    when: did.when,
                    within: did.within.unwrap_or(i64::MAX),
                    compare: did.compare,
                },
                times: Vec::new(),
            })
            .collect();
        Self {
            base: store.base,
            others,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.others.is_empty()
    }

    /// Looks for what a user did, who is not before the last one.
    pub(crate) fn load(&mut self, user: u32, budget: &mut usize) {
        for other in &mut self.others {
            let times = &mut other.times;
            times.clear();
            let mut several = 0;
            for source in &mut other.sources {
                several += usize::from(source.reach(user));
                source.times(times);
            }
            if several > 1 {
                times.sort_unstable();
            }
            *budget = budget.saturating_sub(times.len());
        }
    }

    /// Leaves out the rows of the user at a place of the block that fail a condition.
    pub(crate) fn judge(&self, filter_scan: &mut FilterScan<'_>, place: usize) {
        let times = &filter_scan.table.times;
        for other in &self.others {
            let mut near = Near::new(other.condition, &other.times);
            filter_scan.retain(place, |row| near.passes(times.get(row, self.base)));
        }
    }
}

/// Counts another event near occurrences that come in order of time.
struct Near<'t> {
    condition: Condition,
    times: &'t [i64],
    /// The places of those that lie in the window of the last occurrence.
    window: Range<usize>,
}

impl<'t> Near<'t> {
    fn new(condition: Condition, times: &'t [i64]) -> Self {
        Self {
            condition,
            times,
            window: 0..0,
        }
    }

    fn passes(&mut self, time: i64) -> bool {
        let Condition {
            performed,
            when,
            within,
            compare,
        } = self.condition;
        // The first and the last instant of the window.
        let (first, last) = match when {
            When::Before => (time.saturating_sub(within), time - 1),
            When::After => (time + 1, time.saturating_add(within)),
        };
        let times = self.times;
        let window = &mut self.window;
        while window.start < times.len() && times[window.start] < first {
            window.start += 1;
        }
        window.end = window.end.max(window.start);
        while window.end < times.len() && times[window.end] <= last {
            window.end += 1;
        }
        compare.holds(window.len() as f64) == performed
    }
}
