//! Which of many stretches of time a row lies in.

#![expect(
    clippy::indexing_slicing,
    reason = "rows lie within the table's columns, and a slot's number is cut to those that there are"
)]

use crate::column::Times;

/// How many slots a table has at most. Stretches that would need more are searched for.
const MOST_SLOTS: usize = 1 << 20;

/// Stretches of time that follow each other without a gap. What is before the first one counts as in it, and what is after
/// the last one too.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    /// The first instant of each, in milliseconds, ascending.
    starts: Vec<i64>,
    /// The store's: see [`Store::base`](crate::store::Store::base).
    base: i64,
    /// Seconds since the base that slots start at.
    origin: u32,
    /// A slot is two to the power of this many seconds long: at most as long as the shortest stretch.
    shift: u32,
    /// Empty where they would be too many.
    slots: Vec<Slot>,
}

/// A piece of time so short that at most one stretch starts in it.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The stretch that the second before the slot lies in.
    unit: u32,
    /// The second at which the next one starts.
    next: u32,
}

impl Units {
    /// The stretches that start at these instants, in milliseconds and ascending; `base` is the store's.
    pub(crate) fn new(starts: Vec<i64>, base: i64) -> Self {
        let mut units = Self {
            starts,
            base,
            origin: 0,
            shift: 0,
            slots: Vec::new(),
        };
        units.make_slots();
        units
    }

    fn make_slots(&mut self) {
        let base = self.base;
        let since = |start: &i64| start.div_euclid(1_000) - base;
        let later = self.starts.get(1..).unwrap_or(&[]);
        // Calendars change at whole seconds; only the first stretch may be cut elsewhere.
        if later.iter().any(|start| start.rem_euclid(1_000) != 0) {
            return;
        }
        let before = later.iter().filter(|start| since(start) <= 0).count();
        let bounds: Vec<u32> = later
            .iter()
            .skip(before)
            .map_while(|start| u32::try_from(since(start)).ok())
            .collect();
        let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else {
            self.slots.push(Slot {
                unit: before as u32,
                next: u32::MAX,
            });
            return;
        };
        let shortest = bounds.windows(2).map(|pair| pair[1] - pair[0]).min();
        let shift = shortest.map_or(31, |seconds| seconds.max(1).ilog2());
        let count = ((last - first) >> shift) as usize + 2;
        if count > MOST_SLOTS {
            return;
        }
        (self.origin, self.shift) = (*first, shift);
        let mut passed = 0;
        self.slots = (0..count as u64)
            .map(|slot| {
                let start = u64::from(*first) + (slot << shift);
                while bounds
                    .get(passed)
                    .is_some_and(|bound| u64::from(*bound) < start)
                {
                    passed += 1;
                }
                Slot {
                    unit: (before + passed) as u32,
                    next: bounds.get(passed).copied().unwrap_or(u32::MAX),
                }
            })
            .collect();
    }

    /// The first instant of each, in milliseconds, ascending.
    pub(crate) fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// The stretch that an instant in milliseconds lies in.
    pub(crate) fn of(&self, millis: i64) -> u32 {
        let second = u32::try_from(millis.div_euclid(1_000) - self.base);
        if let (Ok(second), Some(last)) = (second, self.slots.len().checked_sub(1)) {
            return self.of_second(second, last);
        }
        let after = self.starts.partition_point(|start| *start <= millis);
        after.saturating_sub(1) as u32
    }

    /// The stretch of a second since the base, by the slots, of which this is the last one's place.
    fn of_second(&self, second: u32, last: usize) -> u32 {
        let slot = second.saturating_sub(self.origin) >> self.shift;
        let slot = self.slots[(slot as usize).min(last)];
        slot.unit + u32::from(second >= slot.next)
    }

    /// Adds the stretch of each of these rows.
    pub(crate) fn of_rows(&self, times: &Times, rows: &[u32], units: &mut Vec<u32>) {
        match (times, self.slots.len().checked_sub(1)) {
            (Times::Seconds(seconds) | Times::Millis { seconds, .. }, Some(last)) => {
                let of = |row: &u32| self.of_second(seconds[*row as usize], last);
                units.extend(rows.iter().map(of));
            }
            _ => units.extend(
                rows.iter()
                    .map(|row| self.of(times.get(*row as usize, self.base))),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Units;
    use crate::column::Times;

    proptest! {
        #[test]
        fn rows_are_found_as_by_search(
            mut times in proptest::collection::vec(0_i64..400_000, 1..60),
            mut starts in proptest::collection::btree_set(-20_i64..500, 1..20),
            cut in 0_i64..1_000,
            whole in any::<bool>(),
            far in any::<bool>(),
        ) {
            let base = 7;
            times.iter_mut().for_each(|time| *time += base * 1_000);
            if whole {
                times.iter_mut().for_each(|time| *time -= *time % 1_000);
            }
            if far {
                starts.insert(i64::from(u32::MAX) * 4);
            }
            let mut starts: Vec<i64> = starts.into_iter().map(|start| start * 1_000).collect();
            starts[0] -= cut;
            let packed = Times::pack(&times, base);
            let units = Units::new(starts.clone(), base);
            let rows: Vec<u32> = (0..times.len() as u32).collect();
            let mut found = Vec::new();
            units.of_rows(&packed, &rows, &mut found);
            for (time, found) in times.iter().zip(found) {
                let expected = starts.iter().filter(|start| **start <= *time).count().max(1) - 1;
                prop_assert_eq!(found as usize, expected, "{} in {:?}", time, starts);
                prop_assert_eq!(units.of(*time), found);
            }
        }
    }
}
