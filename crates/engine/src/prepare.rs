//! What has to be known before parts of a definition can be worked out, and takes long: done in steps, as rows are.

use std::sync::{Arc, OnceLock};

use segments_model::Instant;
use segments_model::calendar::Zone;
use segments_model::range::CalendarUnit;

use crate::batch::Texts;
use crate::predicate::{Codes, TextTest};
use crate::store::Store;
use crate::units::Units;

/// What finding the start of a unit costs, in rows.
const UNIT_ROWS: usize = 64;

/// Something to be worked out before.
#[derive(Debug)]
pub(crate) enum Preparation {
    Texts(TextTable),
    Units(UnitTable),
}

/// Where the texts of a property are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dictionary {
    /// The event property at this place of the store.
    Event(u32),
    /// The user property at this place of the store.
    User(usize),
}

impl Dictionary {
    pub(crate) fn texts(self, store: &Store) -> Option<&Texts> {
        match self {
            Self::Event(place) => Some(&store.properties.get(place as usize)?.texts),
            Self::User(place) => Some(&store.users.properties.get(place)?.texts),
        }
    }
}

/// Finds out which texts of a property pass.
#[derive(Debug)]
pub(crate) struct TextTable {
    of: Dictionary,
    test: TextTest,
    codes: Codes,
    passes: Vec<bool>,
}

/// Finds the units that a stretch of time touches.
#[derive(Debug)]
pub(crate) struct UnitTable {
    zone: Zone,
    unit: CalendarUnit,
    /// The start of the next unit, and the instant that the last one starts after.
    next: Instant,
    until: Instant,
    starts: Vec<i64>,
    units: Arc<OnceLock<Units>>,
}

impl Preparation {
    pub(crate) fn texts(of: Dictionary, test: TextTest, codes: Codes) -> Self {
        Self::Texts(TextTable {
            of,
            test,
            codes,
            passes: Vec::new(),
        })
    }

    /// The units from the one that `from` lies in to the first one that starts after `until`.
    pub(crate) fn units(
        zone: &Zone,
        unit: CalendarUnit,
        (from, until): (Instant, Instant),
        units: Arc<OnceLock<Units>>,
    ) -> Self {
        Self::Units(UnitTable {
            next: zone.unit_start(unit, from),
            zone: zone.clone(),
            unit,
            until,
            starts: Vec::new(),
            units,
        })
    }

    /// Goes on until the budget of rows is used up; true when it is done.
    pub(crate) fn step(&mut self, store: &Store, budget: &mut usize) -> bool {
        match self {
            Self::Texts(table) => table.step(store, budget),
            Self::Units(table) => table.step(store, budget),
        }
    }
}

impl TextTable {
    fn step(&mut self, store: &Store, budget: &mut usize) -> bool {
        let empty = Texts::new();
        let texts = self.of.texts(store).unwrap_or(&empty);
        while let Some(text) = texts.get(self.passes.len() as u32) {
            if *budget == 0 {
                return false;
            }
            *budget = budget.saturating_sub(self.test.cost(text));
            self.passes.push(self.test.passes(text));
        }
        self.codes.set(std::mem::take(&mut self.passes));
        true
    }
}

impl UnitTable {
    fn step(&mut self, store: &Store, budget: &mut usize) -> bool {
        loop {
            if *budget == 0 {
                return false;
            }
            *budget = budget.saturating_sub(UNIT_ROWS);
            self.starts.push(self.next.millis());
            if self.next > self.until || self.next >= Instant::MAX {
                break;
            }
            self.next = self.zone.next_unit(self.unit, self.next);
        }
        let units = Units::new(std::mem::take(&mut self.starts), store.base);
        // What is known already is the same.
        let _ = self.units.set(units);
        true
    }
}

/// About how many units a stretch of time touches.
pub(crate) fn units_touched(unit: CalendarUnit, (from, until): (Instant, Instant)) -> usize {
    const HOUR: i64 = 3_600_000;
    let least = match unit {
        CalendarUnit::Hour => HOUR,
        CalendarUnit::Day => 24 * HOUR,
        CalendarUnit::Week => 7 * 24 * HOUR,
        CalendarUnit::Month => 28 * 24 * HOUR,
        CalendarUnit::Quarter => 89 * 24 * HOUR,
        CalendarUnit::Year => 365 * 24 * HOUR,
    };
    let length = until.millis().saturating_sub(from.millis()).max(0);
    usize::try_from(length / least)
        .unwrap_or(usize::MAX)
        .saturating_add(2)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use segments_model::Instant;
    use segments_model::calendar::Zone;
    use segments_model::range::CalendarUnit;

    use super::{Preparation, units_touched};
    use crate::store::Store;
    use crate::units::Units;

    /// The starts of the units, and in how many steps of one unit each they were found.
    fn starts(zone: &str, unit: CalendarUnit, range: (Instant, Instant)) -> (Vec<i64>, usize) {
        let units: Arc<OnceLock<Units>> = Arc::default();
        let zone = Zone::parse(zone).unwrap();
        let mut preparation = Preparation::units(&zone, unit, range, Arc::clone(&units));
        let mut steps = 1;
        while !preparation.step(&Store::empty(), &mut 1) {
            steps += 1;
        }
        (units.get().unwrap().starts().to_vec(), steps)
    }

    #[test]
    fn units_go_on_to_the_first_one_after_the_last_instant() {
        let at = |text| Instant::parse(text).unwrap();
        let (first, last) = (at("2026-03-28T12:00:00Z"), at("2026-03-29T22:00:00Z"));
        let expected = [
            "2026-03-27T23:00:00Z",
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            "2026-03-30T22:00:00Z",
        ];
        let (found, steps) = starts("Europe/Berlin", CalendarUnit::Day, (first, last));
        assert_eq!(found, expected.map(|start| at(start).millis()));
        assert_eq!(steps, 4, "it gives way between them");
    }

    #[test]
    fn more_units_than_are_expected_are_none() {
        let at = |text| Instant::parse(text).unwrap();
        let range = (at("2019-01-31T12:00:00Z"), at("2026-03-01T22:00:00Z"));
        for unit in CalendarUnit::ALL {
            let (found, _) = starts("Australia/Lord_Howe", unit, range);
            let expected = units_touched(unit, range);
            assert!(
                // Some hours are half ones.
                found.len() <= expected + expected / 1_000 + 2,
                "{unit:?}: {} of {expected}",
                found.len()
            );
            assert!(expected <= found.len() * 12 / 10 + 3, "{unit:?}");
        }
    }
}
