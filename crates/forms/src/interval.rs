//! How long the buckets of an answer are, and which lengths fit a range.

use chrono::{NaiveDateTime, Timelike as _};
use segments_model::query::{Interval, MAX_BUCKETS};
use segments_model::range::{CalendarUnit, LocalBounds};
use segments_model::sentence::group_digits;

/// The most buckets of a chart that is still easy to read.
const MOST_SHOWN: u64 = 400;

/// The most buckets that are proposed.
const MOST_PROPOSED: u64 = 100;

/// The word of an interval.
#[must_use]
pub const fn label(interval: Interval) -> &'static str {
    match interval {
        Interval::Hour => "Hour",
        Interval::Day => "Day",
        Interval::Week => "Week",
        Interval::Month => "Month",
        Interval::Quarter => "Quarter",
        Interval::Full => "Whole range",
    }
}

/// How many units of the calendar a range touches, by what its clock shows: exact, but for hours that a clock skips or repeats.
/// A range without a start begins with the data's first event; none where that is not known.
#[must_use]
pub fn buckets(
    interval: Interval,
    bounds: LocalBounds,
    first: Option<NaiveDateTime>,
) -> Option<u64> {
    let Some(unit) = interval.unit() else {
        return Some(1);
    };
    let start = bounds.start.or(first)?;
    if start >= bounds.end {
        return Some(0);
    }
    let last = bounds
        .end
        .checked_sub_signed(chrono::TimeDelta::milliseconds(1))?;
    let days = |start: NaiveDateTime, last: NaiveDateTime| (last.date() - start.date()).num_days();
    let count = match unit {
        CalendarUnit::Hour => {
            days(start, last) * 24 + i64::from(last.hour()) - i64::from(start.hour())
        }
        CalendarUnit::Day => days(start, last),
        CalendarUnit::Week => {
            (unit.first_day(last.date()) - unit.first_day(start.date())).num_days() / 7
        }
        CalendarUnit::Month => months(last) - months(start),
        CalendarUnit::Quarter => months(last) / 3 - months(start) / 3,
        CalendarUnit::Year => months(last) / 12 - months(start) / 12,
    };
    u64::try_from(count + 1).ok()
}

/// The months from year 0 to a time.
fn months(time: NaiveDateTime) -> i64 {
    use chrono::Datelike as _;
    i64::from(time.year()) * 12 + i64::from(time.month0())
}

/// Why an interval cannot be chosen for a range; none: it can.
#[must_use]
pub fn refusal(
    interval: Interval,
    bounds: LocalBounds,
    first: Option<NaiveDateTime>,
) -> Option<String> {
    let count = buckets(interval, bounds, first)?;
    let most = u64::try_from(MAX_BUCKETS).unwrap_or(u64::MAX);
    let unit = interval.unit().map_or("interval", CalendarUnit::word);
    (count > most).then(|| {
        let grouped = |number: u64| group_digits(&number.to_string());
        let (count, most) = (grouped(count), grouped(most));
        format!("The range has {count} {unit}s. The limit is {most}")
    })
}

/// The interval for a range that has changed: the one there is while it fits, else the shortest that makes a chart that is
/// easy to read. The whole range always fits.
#[must_use]
pub fn fitting(interval: Interval, bounds: LocalBounds, first: Option<NaiveDateTime>) -> Interval {
    let Some(count) = buckets(interval, bounds, first) else {
        return interval;
    };
    if interval == Interval::Full || count == 0 || (2..=MOST_SHOWN).contains(&count) {
        return interval;
    }
    Interval::ALL
        .into_iter()
        .filter(|other| *other != Interval::Full)
        .find(|other| buckets(*other, bounds, first).is_some_and(|count| count <= MOST_PROPOSED))
        .unwrap_or(Interval::Quarter)
}

#[cfg(test)]
mod tests {
    use segments_model::query::{Interval, MAX_BUCKETS};
    use segments_model::range::LocalBounds;

    use super::{buckets, fitting, refusal};

    fn between(start: &str, end: &str) -> LocalBounds {
        LocalBounds {
            start: Some(start.parse().unwrap()),
            end: end.parse().unwrap(),
            is_open: false,
        }
    }

    #[test]
    fn buckets_are_the_units_that_a_range_touches() {
        let count = |interval, start, end| buckets(interval, between(start, end), None);
        let (start, end) = ("2024-02-29T00:00:00", "2025-01-01T00:00:00");
        for (interval, expected) in [
            (Interval::Hour, 307 * 24),
            (Interval::Day, 307),
            (Interval::Week, 45),
            (Interval::Month, 11),
            (Interval::Quarter, 4),
            (Interval::Full, 1),
        ] {
            assert_eq!(count(interval, start, end), Some(expected), "{interval:?}");
        }
        let (start, end) = ("2026-12-31T23:59:59", "2027-01-01T00:00:01");
        for interval in [
            Interval::Hour,
            Interval::Day,
            Interval::Month,
            Interval::Quarter,
        ] {
            assert_eq!(count(interval, start, end), Some(2), "{interval:?}");
        }
        // A Thursday and a Friday of one week.
        assert_eq!(count(Interval::Week, start, end), Some(1));
        assert_eq!(count(Interval::Day, end, end), Some(0));
    }

    #[test]
    fn a_range_without_a_start_begins_with_the_data() {
        let bounds = LocalBounds {
            start: None,
            ..between("2026-01-01T00:00:00", "2026-11-23T09:14:00")
        };
        assert_eq!(buckets(Interval::Month, bounds, None), None);
        assert_eq!(refusal(Interval::Hour, bounds, None), None);
        let first = "2026-09-30T23:00:00".parse().ok();
        assert_eq!(buckets(Interval::Month, bounds, first), Some(3));
        assert_eq!(fitting(Interval::Hour, bounds, None), Interval::Hour);
    }

    #[test]
    fn an_interval_of_too_many_buckets_is_refused() {
        // 10,000 hours are 416 days and 16 hours.
        let all = between("2025-01-01T00:00:00", "2026-02-21T16:00:00");
        assert_eq!(
            buckets(Interval::Hour, all, None).map(|count| usize::try_from(count).unwrap()),
            Some(MAX_BUCKETS)
        );
        assert_eq!(refusal(Interval::Hour, all, None), None);
        let more = between("2025-01-01T00:00:00", "2026-02-21T16:00:00.001");
        let reason = refusal(Interval::Hour, more, None).unwrap();
        assert!(reason.contains("10,001"), "{reason}");
        assert_eq!(refusal(Interval::Day, more, None), None);
        assert_eq!(refusal(Interval::Full, more, None), None);
    }

    #[test]
    fn an_interval_stays_while_it_fits() {
        let day = between("2026-11-23T00:00:00", "2026-11-23T09:14:00");
        let month = between("2026-10-25T00:00:00", "2026-11-23T09:14:00");
        let year = between("2025-12-01T00:00:00", "2026-11-23T09:14:00");
        let century = between("1926-01-01T00:00:00", "2026-01-01T00:00:00");
        for (now, range, next) in [
            (Interval::Day, day, Interval::Hour),
            (Interval::Hour, day, Interval::Hour),
            (Interval::Day, month, Interval::Day),
            (Interval::Week, month, Interval::Week),
            (Interval::Hour, month, Interval::Day),
            (Interval::Quarter, month, Interval::Day),
            (Interval::Day, year, Interval::Day),
            (Interval::Hour, year, Interval::Week),
            (Interval::Day, century, Interval::Quarter),
            (Interval::Full, century, Interval::Full),
        ] {
            assert_eq!(fitting(now, range, None), next, "{now:?}");
        }
    }
}
