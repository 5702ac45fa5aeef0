//! Cohorts of one user: the start and the periods after it.

use chrono_tz::Tz;
use segments_model::criterion::{CohortMatch, CohortUnit};
use segments_model::range::CalendarUnit;

use crate::calendar;
use crate::world::Event;

/// The occurrences that complete the chain of starting events, the earliest first.
fn completing<'w>(chain: &[Vec<&'w Event>]) -> Vec<&'w Event> {
    let (last, before) = chain.split_last().unwrap();
    let mut ends = last.clone();
    if !before.is_empty() {
        let earlier = completing(before);
        ends.retain(|end| earlier.iter().any(|earlier| earlier.time < end.time));
    }
    ends
}

/// The occurrence that is the user's start, of the user's occurrences of each event of the chain.
pub fn start<'w>(
    chain: &[Vec<&'w Event>],
    first_time: bool,
    range: (i64, i64),
) -> Option<&'w Event> {
    let mut ends = completing(chain);
    ends.sort_by_key(|event| (event.time, &event.name));
    let inside = |event: &&Event| range.0 <= event.time && event.time < range.1;
    if first_time {
        ends.into_iter().next().filter(inside)
    } else {
        ends.into_iter().find(inside)
    }
}

/// Whether a return counts for a period after a start.
pub fn counts(
    event: &Event,
    start: &Event,
    unit: CohortUnit,
    period: u32,
    matching: CohortMatch,
    zone: Tz,
) -> bool {
    let (from, to) = calendar::unit_after(start.time, calendar_unit(unit), period, zone);
    match matching {
        CohortMatch::On => from <= event.time && event.time < to,
        CohortMatch::OnOrAfter => from <= event.time,
        CohortMatch::OnOrBefore => event.time < to,
    }
}

pub fn calendar_unit(unit: CohortUnit) -> CalendarUnit {
    match unit {
        CohortUnit::Hour => CalendarUnit::Hour,
        CohortUnit::Day => CalendarUnit::Day,
        CohortUnit::Week => CalendarUnit::Week,
        CohortUnit::Month => CalendarUnit::Month,
    }
}
