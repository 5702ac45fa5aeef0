//! Ranges cut into the units of a calendar, and the range before a range.

use crate::Instant;
use crate::answer::Bucket;
use crate::calendar::Zone;
use crate::range::{Bounds, CalendarUnit, Range};

pub use crate::query::MAX_BUCKETS;

impl Zone {
    /// The units of the calendar that a range touches, each cut to the range; with no unit the whole range. None where
    /// there are more than [`MAX_BUCKETS`].
    ///
    /// They lie side by side: each ends where the next one starts. A unit is complete if it is whole and over by `as_of`, the
    /// whole range if it ends before `as_of`.
    ///
    /// `bounds` are those of the range as of `as_of`. A range without a start begins with the unit of `first_event`, the
    /// data's first, and has no unit where there is none before its end. An empty range has no units, and as a whole one bucket.
    #[must_use]
    pub fn buckets(
        &self,
        unit: Option<CalendarUnit>,
        bounds: Bounds,
        as_of: Instant,
        first_event: Option<Instant>,
    ) -> Option<Vec<Bucket>> {
        let started = bounds.start > Instant::MIN;
        let Some(unit) = unit else {
            return Some(vec![Bucket {
                start: started.then_some(bounds.start),
                end: bounds.end,
                complete: bounds.end < as_of,
            }]);
        };
        let mut start = match (started, first_event) {
            (true, _) => bounds.start,
            (false, Some(first)) if first < bounds.end => self.unit_start(unit, first),
            (false, _) => return Some(Vec::new()),
        };
        let mut buckets = Vec::new();
        while start < bounds.end {
            if buckets.len() == MAX_BUCKETS {
                return None;
            }
            let next = self.next_unit(unit, start);
            // Only the first one can begin inside of its unit.
            let whole = !buckets.is_empty() || self.unit_start(unit, start) == start;
            buckets.push(Bucket {
                start: Some(start),
                end: next.min(bounds.end),
                complete: whole && next <= bounds.end,
            });
            start = next;
        }
        Some(buckets)
    }

    /// The range just before a range, as long as it: of `last` and `this` as many units, of whole days as many days, else as
    /// many milliseconds. A unit or day in which `as_of` cuts the range counts whole. None before a range that has no start.
    #[must_use]
    pub fn previous(&self, range: &Range, as_of: Instant) -> Option<Bounds> {
        let bounds = self.bounds(range, as_of);
        if bounds.start == Instant::MIN {
            return None;
        }
        let whole_days = |from: CalendarUnit, to: CalendarUnit| {
            from != CalendarUnit::Hour && to != CalendarUnit::Hour
        };
        let is_day = |instant: Instant| self.unit_start(CalendarUnit::Day, instant) == instant;
        let days = match *range {
            Range::AllTime {} => return None,
            Range::Last { count, unit, .. } => return Some(self.units_before(bounds, unit, count)),
            Range::This { unit } => return Some(self.units_before(bounds, unit, 1)),
            Range::Between { .. } | Range::Since { .. } => true,
            Range::Ago { from, to } => whole_days(from.unit, to.unit),
            Range::Instants { start, end } => is_day(start) && is_day(end),
        };
        if bounds.is_empty() {
            return Some(Bounds {
                end: bounds.start,
                ..bounds
            });
        }
        if days {
            let last = bounds.end.saturating_add_millis(-1);
            let count = self.day_number(last) - self.day_number(bounds.start) + 1;
            let count = u32::try_from(count).unwrap_or(0);
            return Some(self.units_before(bounds, CalendarUnit::Day, count));
        }
        let length = bounds.end.millis() - bounds.start.millis();
        Some(Bounds {
            start: bounds.start.saturating_add_millis(-length),
            end: bounds.start,
        })
    }

    fn units_before(&self, bounds: Bounds, unit: CalendarUnit, count: u32) -> Bounds {
        Bounds {
            start: self.unit_before(unit, bounds.start, count),
            end: bounds.start,
        }
    }
}
