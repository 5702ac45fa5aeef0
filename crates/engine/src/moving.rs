//! Ranges that move on while time goes on.

use segments_model::calendar::Zone;
use segments_model::range::Bounds;
use segments_model::{Instant, Range};

/// A range whose bounds depend on as-of.
#[derive(Clone, Debug)]
pub(crate) struct Moving {
    pub(crate) range: Range,
    pub(crate) zone: Zone,
}

impl Moving {
    /// A range, unless there is none or as-of is fixed.
    pub(crate) fn new(range: Option<&Range>, fixed: bool, zone: &Zone) -> Option<Self> {
        range.filter(|_| !fixed).map(|range| Self {
            range: range.clone(),
            zone: zone.clone(),
        })
    }

    /// Its bounds as of an instant.
    pub(crate) fn bounds(&self, as_of: Instant) -> Bounds {
        self.zone.bounds(&self.range, as_of)
    }

    /// The first of these values, ascending, to enter or to leave the range after an instant, and when. An instant that is
    /// too early does no harm, one that is too late would.
    ///
    /// Both bounds only ever move on, so of the values it is always the first one that is not before the start to leave
    /// next, and the first one that is not before the end to enter next.
    pub(crate) fn next_change(&self, values: &[i64], after: Instant) -> Option<Instant> {
        let bounds = self.bounds(after);
        let first_from = |bound: Instant| {
            let place = values.partition_point(|value| *value < bound.millis());
            values
                .get(place)
                .copied()
                .map(Instant::from_millis_saturating)
        };
        let leaves = first_from(bounds.start).and_then(|value| self.leaves(value));
        let enters = first_from(bounds.end).map(|value| self.enters(value));
        let changes = leaves.into_iter().chain(enters);
        changes.filter(|change| *change > after).min()
    }

    /// The first as-of for which the range starts after a value; none where there is no such.
    fn leaves(&self, value: Instant) -> Option<Instant> {
        let (unit, back) = match self.range {
            Range::Last {
                count,
                unit,
                complete,
            } => (unit, count.saturating_sub(u32::from(!complete))),
            Range::This { unit } => (unit, 0),
            Range::Ago { from, .. } => (from.unit, from.count),
            Range::AllTime {}
            | Range::Between { .. }
            | Range::Since { .. }
            | Range::Instants { .. } => return None,
        };
        Some(self.zone.unit_after(unit, value, back.saturating_add(1)))
    }

    /// The first as-of for which the range ends after a value, if it ever does.
    fn enters(&self, value: Instant) -> Instant {
        // No range reaches beyond as-of.
        let known = value.saturating_add_millis(1);
        let unit = match self.range {
            Range::Last {
                unit,
                complete: true,
                ..
            } => self.zone.unit_after(unit, value, 1),
            Range::Ago { to, .. } => self.zone.unit_after(to.unit, value, to.count),
            _ => return known,
        };
        unit.max(known)
    }
}
