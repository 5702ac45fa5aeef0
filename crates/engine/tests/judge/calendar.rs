//! Ranges by another library and another time-zone database than the engine's, and by the plainest means.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveTime, TimeZone, Timelike,
    Utc,
};
use chrono_tz::Tz;
use segments_model::Range;
use segments_model::range::CalendarUnit;

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

/// The half-open instants of a range, cut at as-of.
pub fn bounds(range: &Range, as_of: i64, zone: Tz) -> (i64, i64) {
    let (start, end) = match *range {
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
    };
    (start, end.min(as_of))
}

/// Whether a time lies in a range.
pub fn holds(range: &Range, time: i64, as_of: i64, zone: Tz) -> bool {
    let (start, end) = bounds(range, as_of, zone);
    start <= time && time < end
}
