//! Cohorts of one user: the start, the periods after it and the returns.

use segments_model::criterion::{
    Behaviour, CohortCriterion, CohortMatch, CohortOutcome, CohortUnit,
};
use segments_model::range::CalendarUnit;

use crate::calendar;
use crate::evaluate::{Asked, occurrences, passes};
use crate::world::Event;

fn found<'w>(behaviour: &Behaviour, user: &str, asked: Asked<'w>) -> Vec<&'w Event> {
    let (name, filter) = (behaviour.event.as_deref(), behaviour.filter.as_ref());
    occurrences(name, filter, &[], user, asked)
}

/// The occurrences that complete the chain of starting events, the earliest first.
fn completing<'w>(chain: &[Behaviour], user: &str, asked: Asked<'w>) -> Vec<&'w Event> {
    let (last, before) = chain.split_last().unwrap();
    let mut ends = found(last, user, asked);
    if !before.is_empty() {
        let earlier = completing(before, user, asked);
        ends.retain(|end| earlier.iter().any(|earlier| earlier.time < end.time));
    }
    ends
}

/// The occurrence that is the user's start.
pub fn start<'w>(
    chain: &[Behaviour],
    first_time: bool,
    range: (i64, i64),
    user: &str,
    asked: Asked<'w>,
) -> Option<&'w Event> {
    let mut ends = completing(chain, user, asked);
    ends.sort_by_key(|event| (event.time, &event.name));
    let inside = |event: &&Event| range.0 <= event.time && event.time < range.1;
    if first_time {
        ends.into_iter().next().filter(inside)
    } else {
        ends.into_iter().find(inside)
    }
}

/// The returns of a user who started, in the order of their times.
pub fn returns<'w>(
    returning: &Behaviour,
    start: &Event,
    user: &str,
    asked: Asked<'w>,
) -> Vec<&'w Event> {
    let mut returns = found(returning, user, asked);
    returns.retain(|event| event.time > start.time);
    returns
}

/// Whether a return counts for a period after a start.
pub fn counts(
    event: &Event,
    start: &Event,
    unit: CohortUnit,
    period: u32,
    matching: CohortMatch,
    asked: Asked<'_>,
) -> bool {
    let (from, to) = calendar::unit_after(start.time, calendar_unit(unit), period, asked.zone);
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

/// Whether a user meets a cohort criterion.
pub fn meets(cohort: &CohortCriterion, user: &str, asked: Asked<'_>) -> bool {
    let range = calendar::bounds(&cohort.started, asked.as_of, asked.zone);
    let Some(start) = start(&cohort.start, cohort.first_time, range, user, asked) else {
        return false;
    };
    let (generation, _) = calendar::unit_of(start.time, calendar_unit(cohort.unit), asked.zone);
    if cohort
        .generation
        .is_some_and(|wanted| wanted.millis() != generation)
    {
        return false;
    }
    if let Some(filter) = &cohort.generation_where
        && !passes(filter, Some(start), user, asked)
    {
        return false;
    }
    let returned = returns(&cohort.returning, start, user, asked)
        .into_iter()
        .any(|event| {
            cohort.period.is_none_or(|period| {
                counts(event, start, cohort.unit, period, cohort.matching, asked)
            })
        });
    match cohort.outcome {
        CohortOutcome::Started => true,
        CohortOutcome::Returned => returned,
        CohortOutcome::NotReturned => !returned,
    }
}
