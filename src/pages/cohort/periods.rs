//! When the periods of a generation are, in a page that knows no time zones but by the clock that the browser shows.

use chrono::{Days, Months, NaiveDateTime, NaiveTime};
use segments_model::Instant;
use segments_model::criterion::CohortUnit;

/// An hour in ms.
pub const HOUR: i64 = 3_600_000;

/// The first instant of a period of a generation and the first one after it. `units` are the first instants of the units that
/// the answer tells: as they follow each other without a gap, a period is a unit of a later generation where there is
/// one. The clock says what local time it is at an instant.
#[must_use]
pub fn bounds(
    units: &[Instant],
    generation: Instant,
    period: usize,
    unit: CohortUnit,
    clock: &dyn Fn(Instant) -> NaiveDateTime,
) -> Option<(Instant, Instant)> {
    let place = units.iter().position(|unit| *unit == generation);
    let at = |period: usize| {
        place
            .and_then(|place| units.get(place + period).copied())
            .or_else(|| after(generation, period, unit, clock))
    };
    at(period).zip(at(period + 1))
}

/// The first instant of the unit so many units after another one.
fn after(
    first: Instant,
    count: usize,
    unit: CohortUnit,
    clock: &dyn Fn(Instant) -> NaiveDateTime,
) -> Option<Instant> {
    let count = u32::try_from(count).ok()?;
    let date = clock(first).date();
    let date = match unit {
        CohortUnit::Hour => return Some(first.saturating_add_millis(i64::from(count) * HOUR)),
        CohortUnit::Day => date.checked_add_days(Days::new(count.into()))?,
        CohortUnit::Week => date.checked_add_days(Days::new(u64::from(count) * 7))?,
        CohortUnit::Month => date.checked_add_months(Months::new(count))?,
    };
    let midnight = date.and_time(NaiveTime::MIN);
    // The offset at the instant that UTC calls so is the one at midnight, unless the clock is changed in between.
    let mut at = Instant::from_millis_saturating(midnight.and_utc().timestamp_millis());
    for _ in 0..2 {
        let ahead = clock(at).signed_duration_since(midnight);
        at = at.saturating_add_millis(-ahead.num_milliseconds());
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that is so many hours behind UTC until 06:00 on 1 November 2026, and so many from then on.
    fn clock(before: i64, after: i64) -> impl Fn(Instant) -> NaiveDateTime {
        let change = at("2026-11-01T06:00:00Z");
        move |instant| {
            let hours = if instant < change { before } else { after };
            instant
                .saturating_add_millis(-hours * HOUR)
                .to_utc()
                .naive_utc()
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn the_units_of_the_answer_say_when_a_period_is() {
        let units = [
            "2026-10-12T04:00:00Z",
            "2026-10-19T04:00:00Z",
            "2026-10-26T05:30:00Z",
        ]
        .map(at);
        let bounds = |period| {
            bounds(&units, units[0], period, CohortUnit::Week, &|_| {
                NaiveDateTime::default()
            })
        };
        assert_eq!(bounds(1), Some((units[1], units[2])));
        assert_eq!(bounds(0), Some((units[0], units[1])));
    }

    #[test]
    fn beyond_them_the_calendar_does() {
        let zone = clock(4, 5);
        let when = |first: &str, period, unit| bounds(&[], at(first), period, unit, &zone).unwrap();
        assert_eq!(
            when("2026-10-12T04:00:00Z", 3, CohortUnit::Week),
            (at("2026-11-02T05:00:00Z"), at("2026-11-09T05:00:00Z"))
        );
        assert_eq!(
            when("2026-10-01T04:00:00Z", 1, CohortUnit::Month),
            (at("2026-11-01T04:00:00Z"), at("2026-12-01T05:00:00Z"))
        );
        assert_eq!(
            when("2026-10-31T04:00:00Z", 1, CohortUnit::Day),
            (at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z"))
        );
        assert_eq!(
            when("2026-10-31T04:00:00Z", 30, CohortUnit::Hour),
            (at("2026-11-01T10:00:00Z"), at("2026-11-01T11:00:00Z"))
        );
        let zone = clock(-9, -9);
        assert_eq!(
            bounds(&[], at("2026-01-31T15:00:00Z"), 0, CohortUnit::Month, &zone),
            Some((at("2026-01-31T15:00:00Z"), at("2026-02-28T15:00:00Z")))
        );
    }
}
