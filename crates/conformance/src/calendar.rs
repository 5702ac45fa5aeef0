//! Ranges by another library and another time-zone database than the engine's, and by the plainest means.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveTime, TimeZone, Timelike,
    Utc,
};
use chrono_tz::Tz;
use segments_model::answer::Bucket;
use segments_model::query::Interval;
use segments_model::range::CalendarUnit;
use segments_model::{Instant, Range};

const MINUTE: i64 = 60_000;

fn local(time: i64, zone: Tz) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_millis(time)
        .unwrap()
        .with_timezone(&zone)
}

/// The local day of an instant.
pub fn date_of(time: i64, zone: Tz) -> NaiveDate {
    local(time, zone).date_naive()
}

/// The first instant of a local day: midnight, or where the clock skips it the next minute that there is.
pub fn day_start(date: NaiveDate, zone: Tz) -> i64 {
    let mut clock = date.and_time(NaiveTime::MIN);
    loop {
        match zone.from_local_datetime(&clock) {
            MappedLocalTime::Single(time) => return time.timestamp_millis(),
            MappedLocalTime::Ambiguous(first, _) => return first.timestamp_millis(),
            MappedLocalTime::None => clock += chrono::TimeDelta::minutes(1),
        }
    }
}

fn hour_label(time: i64, zone: Tz) -> (NaiveDate, u32, i32) {
    use chrono::Offset as _;
    let local = local(time, zone);
    (
        local.date_naive(),
        local.hour(),
        local.offset().fix().local_minus_utc(),
    )
}

/// An hour lasts as long as the clock shows it at one offset: walk back by minutes while it does.
fn hour_start(time: i64, zone: Tz) -> i64 {
    let label = hour_label(time, zone);
    let mut start = time.div_euclid(MINUTE) * MINUTE;
    while hour_label(start - 1, zone) == label {
        start -= MINUTE;
    }
    start
}

fn next_hour(start: i64, zone: Tz) -> i64 {
    let label = hour_label(start, zone);
    let mut end = start;
    while hour_label(end, zone) == label {
        end += MINUTE;
    }
    end
}

fn first_day(date: NaiveDate, unit: CalendarUnit) -> NaiveDate {
    match unit {
        CalendarUnit::Hour => unreachable!("hours have no first day"),
        CalendarUnit::Day => date,
        CalendarUnit::Week => date - Days::new(u64::from(date.weekday().num_days_from_monday())),
        CalendarUnit::Month => date.with_day(1).unwrap(),
        CalendarUnit::Quarter => {
            NaiveDate::from_ymd_opt(date.year(), (date.month0() / 3) * 3 + 1, 1).unwrap()
        }
        CalendarUnit::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap(),
    }
}

fn days_back(day: NaiveDate, unit: CalendarUnit, count: u32) -> NaiveDate {
    match unit {
        CalendarUnit::Hour => unreachable!("hours are no days"),
        CalendarUnit::Day => day - Days::new(u64::from(count)),
        CalendarUnit::Week => day - Days::new(7 * u64::from(count)),
        CalendarUnit::Month => day - Months::new(count),
        CalendarUnit::Quarter => day - Months::new(3 * count),
        CalendarUnit::Year => day - Months::new(12 * count),
    }
}

fn days_on(day: NaiveDate, unit: CalendarUnit) -> NaiveDate {
    match unit {
        CalendarUnit::Hour => unreachable!("hours are no days"),
        CalendarUnit::Day => day + Days::new(1),
        CalendarUnit::Week => day + Days::new(7),
        CalendarUnit::Month => day + Months::new(1),
        CalendarUnit::Quarter => day + Months::new(3),
        CalendarUnit::Year => day + Months::new(12),
    }
}

/// The unit that lies `back` units before the one of as-of: its first instant and the first instant after it.
pub fn unit_before(as_of: i64, unit: CalendarUnit, back: u32, zone: Tz) -> (i64, i64) {
    if unit == CalendarUnit::Hour {
        let mut start = hour_start(as_of, zone);
        for _ in 0..back {
            start = hour_start(start - 1, zone);
        }
        return (start, next_hour(start, zone));
    }
    let first = days_back(first_day(date_of(as_of, zone), unit), unit, back);
    (
        day_start(first, zone),
        day_start(days_on(first, unit), zone),
    )
}

/// The unit that an instant lies in.
pub fn unit_of(time: i64, unit: CalendarUnit, zone: Tz) -> (i64, i64) {
    unit_before(time, unit, 0, zone)
}

/// The unit that comes so many units after the one that an instant lies in. A day that the zone skips is no unit.
pub fn unit_after(time: i64, unit: CalendarUnit, on: u32, zone: Tz) -> (i64, i64) {
    let mut current = unit_of(time, unit, zone);
    for _ in 0..on {
        current = unit_of(current.1, unit, zone);
    }
    current
}

/// The half-open instants of a range before it is cut at as-of.
fn uncut(range: &Range, as_of: i64, zone: Tz) -> (i64, i64) {
    match *range {
        Range::AllTime {} => (i64::MIN, i64::MAX),
        Range::Last {
            count,
            unit,
            complete: false,
        } => (
            unit_before(as_of, unit, count - 1, zone).0,
            unit_before(as_of, unit, 0, zone).1,
        ),
        Range::Last {
            count,
            unit,
            complete: true,
        } => (
            unit_before(as_of, unit, count, zone).0,
            unit_before(as_of, unit, 0, zone).0,
        ),
        Range::This { unit } => unit_before(as_of, unit, 0, zone),
        Range::Between { from, to } => (day_start(from, zone), day_start(to + Days::new(1), zone)),
        Range::Since { from } => (day_start(from, zone), i64::MAX),
        Range::Ago { from, to } => (
            unit_before(as_of, from.unit, from.count, zone).0,
            unit_before(as_of, to.unit, to.count, zone).1,
        ),
        Range::Instants { start, end } => (start.millis(), end.millis()),
    }
}

/// The half-open instants of a range, cut at as-of. Where nothing is left of it, it ends where it starts.
pub fn bounds(range: &Range, as_of: i64, zone: Tz) -> (i64, i64) {
    let (start, end) = uncut(range, as_of, zone);
    let start = start.min(as_of);
    (start, end.min(as_of).max(start))
}

/// Whether a time lies in a range.
pub fn holds(range: &Range, time: i64, as_of: i64, zone: Tz) -> bool {
    let (start, end) = bounds(range, as_of, zone);
    start <= time && time < end
}

/// The units of the calendar that some instants touch, cut to them; with no unit all of the instants. Where they have no start,
/// they begin with the unit of the first event.
pub fn buckets(
    (start, end): (i64, i64),
    interval: Interval,
    first_event: Option<i64>,
    as_of: i64,
    zone: Tz,
) -> Vec<Bucket> {
    let Some(unit) = interval.unit() else {
        return vec![Bucket {
            start: (start != i64::MIN).then(|| instant(start)),
            end: instant(end),
            complete: end < as_of,
        }];
    };
    let mut from = match (start, first_event) {
        (i64::MIN, None) => return Vec::new(),
        (i64::MIN, Some(first)) => unit_of(first, unit, zone).0,
        (start, _) => start,
    };
    let mut buckets = Vec::new();
    while from < end {
        let whole = unit_of(from, unit, zone);
        buckets.push(Bucket {
            start: Some(instant(from)),
            end: instant(whole.1.min(end)),
            complete: whole.0 == from && whole.1 <= end,
        });
        from = whole.1;
    }
    buckets
}

/// The instants of the range before a range; none before a range without a start.
pub fn previous(range: &Range, as_of: i64, zone: Tz) -> Option<(i64, i64)> {
    let (start, end) = bounds(range, as_of, zone);
    let whole_day = |time: i64| day_start(date_of(time, zone), zone) == time;
    let (count, unit) = match *range {
        Range::AllTime {} => return None,
        Range::Last { count, unit, .. } => (count, unit),
        Range::This { unit } => (1, unit),
        _ if start == end => return Some((start, start)),
        Range::Between { .. } | Range::Since { .. } => (days(start, end, zone), CalendarUnit::Day),
        Range::Ago { from, to }
            if from.unit != CalendarUnit::Hour && to.unit != CalendarUnit::Hour =>
        {
            (days(start, end, zone), CalendarUnit::Day)
        }
        // What the range says decides, not where as-of cuts it.
        Range::Instants {
            start: from,
            end: to,
        } if whole_day(from.millis()) && whole_day(to.millis()) => {
            (days(start, end, zone), CalendarUnit::Day)
        }
        _ => return Some((start - (end - start), start)),
    };
    Some((unit_before(start, unit, count, zone).0, start))
}

/// How many local days some instants touch.
fn days(start: i64, end: i64, zone: Tz) -> u32 {
    let days = date_of(end - 1, zone) - date_of(start, zone);
    u32::try_from(days.num_days() + 1).unwrap()
}

/// An instant of the language.
pub fn instant(time: i64) -> Instant {
    Instant::from_millis_saturating(time)
}
