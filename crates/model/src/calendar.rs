//! Calendars turned into instants: the days, weeks and months of an IANA time zone.
//!
//! This is the one place that knows time zones; whoever evaluates a question gets instants from here.
//!
//! # What a unit is
//!
//! - A *day* starts at the first instant at which the zone's clock shows that date or a later one, and ends where the next
//!   day starts. So the days of a zone follow each other without a gap, also where midnight is skipped (the day starts at
//!   the first instant there is), where it comes twice (at the first of the two) and where a whole date is skipped (that
//!   day is empty). Weeks (from Monday), months, quarters and years start with their first day.
//! - An *hour* starts where the clock shows a full hour and where the clock jumps, and ends where the next hour starts. The
//!   hour that a clock repeats is therefore two hours, and around a shift of half an hour one hour is only half as long.
//!
//! # Which database
//!
//! jiff's bundled copy of the IANA database, the same on every machine, whatever the system has. As wasm it costs 334 KiB
//! (103 KiB gzipped), where chrono-tz costs 893 KiB (125 KiB gzipped); it lists the changes of a clock, which makes long
//! spans quick; and it goes on by rule after the last listed one. chrono-tz is the judge in the tests.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::Instant;
use crate::range::{Bounds, CalendarUnit, Edge, Range};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// More than any clock is ever away from UTC.
const FURTHEST: i64 = 26 * HOUR;

/// More often than any clock was changed so far. Counting hours back over more changes than that, an hour is 60 minutes: only
/// by rules that go on for centuries does it matter, and the work stays bounded.
const MOST_CHANGES: usize = 1_000;

/// An IANA time zone.
///
/// Cheap to clone. Parsing the same name again is a look-up. Every method is total: what lies outside of the years 1 to
/// 9999 is moved to [`Instant::MIN`] or [`Instant::MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// A name that the time-zone database does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a time zone of the IANA database: give a name such as Europe/Berlin, America/New_York or UTC"
)]
pub struct UnknownZone(pub String);

impl Zone {
    /// The zone of this IANA name, whatever its case.
    ///
    /// # Errors
    /// When the bundled database has no such zone.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(name.to_owned());
        let rules = TimeZoneDatabase::bundled()
            .get(name)
            .map_err(|_| unknown())?;
        let name = rules.iana_name().ok_or_else(unknown)?.to_owned();
        Ok(Self { name, rules })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// The zone's IANA name as the database writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of all zones that [`parse`](Self::parse) knows, in alphabetical order.
    #[must_use]
    pub fn names() -> Vec<String> {
        let database = TimeZoneDatabase::bundled();
        let mut names: Vec<String> = database
            .available()
            .map(|name| name.as_str().to_owned())
            .collect();
        crate::sort::sort(&mut names);
        names
    }

    /// The instants of a range as of an instant: half-open and cut at `as_of`. An empty range has its end at its start.
    ///
    /// Takes a few microseconds, whatever the range's counts.
    #[must_use]
    pub fn bounds(&self, range: &Range, as_of: Instant) -> Bounds {
        let (start, end) = range.edges(self.date(as_of));
        let instant = |edge: Edge| match edge {
            Edge::Beginning => Instant::MIN,
            Edge::Day(date) => self.day_start(date),
            Edge::Hour(count) => self.hour_before(as_of, count),
            Edge::AsOf => as_of,
            Edge::At(instant) => instant,
        };
        let (start, end) = (instant(start), instant(end));
        Bounds::cut(start, end, as_of)
    }

    /// The first instant of the unit that this instant lies in.
    #[must_use]
    pub fn unit_start(&self, unit: CalendarUnit, instant: Instant) -> Instant {
        self.unit_before(unit, instant, 0)
    }

    /// The first instant of the next unit that is not empty.
    #[must_use]
    pub fn next_unit(&self, unit: CalendarUnit, instant: Instant) -> Instant {
        if unit == CalendarUnit::Hour {
            let period = self.period(instant.millis());
            let next = period.full_hour(instant.millis()).saturating_add(HOUR);
            return Instant::from_millis_saturating(next.min(period.end));
        }
        let mut date = self.date(instant);
        while let Some(next) = unit.after(date, 1) {
            let start = self.day_start(next);
            if start > instant || start == Instant::MAX {
                return start;
            }
            date = next;
        }
        Instant::MAX
    }

    /// The first instant of the unit so many units before the one that this instant lies in; 0 is that one itself.
    #[must_use]
    pub fn unit_before(&self, unit: CalendarUnit, instant: Instant, count: u32) -> Instant {
        if unit == CalendarUnit::Hour {
            return self.hour_before(instant, count);
        }
        match unit.before(self.date(instant), count) {
            Some(date) => self.day_start(date),
            None => Instant::MIN,
        }
    }

    /// The first instant of the unit so many units after the one that this instant lies in; 0 is that one itself.
    ///
    /// From it on, and not earlier, the unit that is `count - 1` units back starts after `instant`.
    #[must_use]
    pub fn unit_after(&self, unit: CalendarUnit, instant: Instant, count: u32) -> Instant {
        if unit == CalendarUnit::Hour {
            return self.hour_after(instant, count);
        }
        match unit.after(self.date(instant), count) {
            Some(date) => self.day_start(date),
            None => Instant::MAX,
        }
    }

    /// The local day that an instant lies in.
    #[must_use]
    pub fn date(&self, instant: Instant) -> NaiveDate {
        date_of(self.day_of(instant.millis()))
    }

    /// The number of the local day that an instant lies in: days since 1970-01-01.
    #[must_use]
    pub fn day_number(&self, instant: Instant) -> i32 {
        narrow(self.day_of(instant.millis()))
    }

    /// The first instant of a local day.
    #[must_use]
    pub fn day_start(&self, date: NaiveDate) -> Instant {
        self.start_of_number(number_of(date))
    }

    /// The first instant after a local day.
    #[must_use]
    pub fn day_end(&self, date: NaiveDate) -> Instant {
        self.start_of_number(number_of(date) + 1)
    }

    /// The instant at which the zone's clock shows this, to the millisecond (finer is floored).
    ///
    /// What the clock shows twice is the first of the two. What it skips is read with the offset that held before, so it
    /// comes out as much after the jump as it was meant to be after it.
    #[must_use]
    pub fn local(&self, time: NaiveDateTime) -> Instant {
        self.local_clock().instant(time)
    }

    /// What [`local`](Self::local) tells, quickly for many times that lie near each other.
    #[must_use]
    pub fn local_clock(&self) -> LocalClock<'_> {
        LocalClock {
            zone: self,
            period: self.period(0),
        }
    }

    /// The local days between two instants as a small table, for whoever has many instants to number.
    ///
    /// The table is right for every instant from `start` to `end`, both included. Takes about a microsecond for each change
    /// of the zone's clock between them.
    #[must_use]
    pub fn days(&self, start: Instant, end: Instant) -> Days {
        let (start, end) = (start.millis(), end.millis().max(start.millis()));
        let mut period = self.period(start);
        let mut day = self.day_of(start);
        let mut days = Days { pieces: Vec::new() };
        let mut from = start;
        loop {
            let caught_up = (day * DAY).saturating_sub(period.offset);
            if from < caught_up {
                // The clock was put back over midnight: the day that had begun goes on until the clock is there again.
                days.push(from, day * DAY - from);
                if caught_up < period.end {
                    days.push(caught_up, period.offset);
                }
            } else {
                days.push(from, period.offset);
            }
            if period.end > end {
                return days;
            }
            day = day.max((period.end - 1 + period.offset).div_euclid(DAY));
            from = period.end;
            period = self.period(from);
        }
    }

    fn start_of_number(&self, day: i64) -> Instant {
        let (start, _) = self.first_showing(day.saturating_mul(DAY));
        Instant::from_millis_saturating(start)
    }

    fn hour_before(&self, instant: Instant, count: u32) -> Instant {
        let mut left = i64::from(count);
        let mut at = instant.millis();
        for _ in 0..MOST_CHANGES {
            let period = self.period(at);
            at = period.full_hour(at).max(period.start);
            // How many hours back it is to the first one since the clock was changed.
            let within = at.saturating_sub(period.start).saturating_add(HOUR - 1) / HOUR;
            if left < within || left == 0 {
                return Instant::from_millis_saturating(at.saturating_sub(left * HOUR));
            }
            left -= within;
            at = period.start;
            if left == 0 || at <= Instant::MIN.millis() {
                return Instant::from_millis_saturating(at);
            }
            at -= 1;
            left -= 1;
        }
        Instant::from_millis_saturating(at.saturating_sub(left * HOUR))
    }

    fn hour_after(&self, instant: Instant, count: u32) -> Instant {
        let mut left = i64::from(count);
        let mut period = self.period(instant.millis());
        let mut at = period.full_hour(instant.millis()).max(period.start);
        for _ in 0..MOST_CHANGES {
            // How many hours start after this one before the clock is changed.
            let full = period.full_hour(at);
            let within = (period.end - 1).saturating_sub(full) / HOUR;
            if left == 0 {
                return Instant::from_millis_saturating(at);
            }
            if left <= within {
                return Instant::from_millis_saturating(full + left * HOUR);
            }
            left -= within + 1;
            at = period.end;
            if at >= Instant::MAX.millis() {
                return Instant::MAX;
            }
            period = self.period(at);
        }
        Instant::from_millis_saturating(at.saturating_add(left * HOUR))
    }

    fn day_of(&self, millis: i64) -> i64 {
        let mut day = (millis + self.offset(millis)).div_euclid(DAY);
        // A clock that is put back over midnight shows the date before again; the day that had begun goes on.
        while self.first_showing((day + 1) * DAY).0 <= millis {
            day += 1;
        }
        day
    }

    /// The first instant at which the clock shows this or something later, and, where it is only later, what was the
    /// offset before.
    fn first_showing(&self, local: i64) -> (i64, Option<i64>) {
        let mut period = self.period(local.saturating_sub(FURTHEST));
        let mut before = None;
        loop {
            let shown = local.saturating_sub(period.offset);
            let first = shown.max(period.start);
            if first < period.end {
                return (first, before.filter(|_| first > shown));
            }
            before = Some(period.offset);
            period = self.period(period.end);
        }
    }

    fn offset(&self, millis: i64) -> i64 {
        i64::from(self.rules.to_offset(timestamp(millis)).seconds()) * 1_000
    }

    /// The time around an instant over which the clock keeps its distance from UTC.
    fn period(&self, millis: i64) -> Period {
        let offset = self.offset(millis);
        let mut period = Period {
            start: i64::MIN,
            end: i64::MAX,
            offset,
        };
        // The database also lists changes of a zone's name or of what counts as summer time, which leave the clock alone.
        if let Some(next) = self
            .rules
            .following(timestamp(millis))
            .find(|change| i64::from(change.offset().seconds()) * 1_000 != offset)
        {
            period.end = next.timestamp().as_second() * 1_000;
        }
        let mut since = None;
        for change in self
            .rules
            .preceding(timestamp(millis.saturating_add(1_000)))
        {
            if i64::from(change.offset().seconds()) * 1_000 != offset {
                break;
            }
            since = Some(change.timestamp().as_second() * 1_000);
        }
        if let Some(start) = since
            && self.offset(start - 1_000) != offset
        {
            period.start = start;
        }
        period
    }
}

/// Reads what a zone's clock shows; see [`Zone::local_clock`].
#[derive(Clone, Debug)]
pub struct LocalClock<'zone> {
    zone: &'zone Zone,
    period: Period,
}

impl LocalClock<'_> {
    /// What [`Zone::local`] tells. A few nanoseconds, unless the clock was changed since the time before.
    pub fn instant(&mut self, time: NaiveDateTime) -> Instant {
        let local = time.and_utc().timestamp_millis();
        // Further from the changes than the clock can be put forward or back, only one offset is possible.
        let instant = local.saturating_sub(self.period.offset);
        let millis = if self.period.start.saturating_add(FURTHEST) <= instant
            && instant < self.period.end.saturating_sub(FURTHEST)
        {
            instant
        } else {
            let (first, skipped) = self.zone.first_showing(local);
            let instant = skipped.map_or(first, |offset| local.saturating_sub(offset));
            self.period = self.zone.period(instant);
            instant
        };
        Instant::from_millis_saturating(millis)
    }
}

/// The local days of a zone between two instants; see [`Zone::days`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    pieces: Vec<DayPiece>,
}

/// A stretch of time over which instants become day numbers with one sum: `(millis + shift).div_euclid(86_400_000)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayPiece {
    /// The first instant, in milliseconds since 1970; the piece ends where the next one starts.
    pub start: i64,
    /// What to add to an instant, in milliseconds.
    pub shift: i64,
}

impl DayPiece {
    /// The number of the local day of an instant in this piece.
    #[must_use]
    pub const fn day(self, millis: i64) -> i32 {
        narrow((millis + self.shift).div_euclid(DAY))
    }
}

impl Days {
    /// The pieces in order of time; at least one.
    #[must_use]
    pub fn pieces(&self) -> &[DayPiece] {
        &self.pieces
    }

    /// The number of the local day of an instant in milliseconds: days since 1970-01-01.
    #[must_use]
    pub fn number(&self, millis: i64) -> i32 {
        let after = self.pieces.partition_point(|piece| piece.start <= millis);
        self.pieces
            .get(after.saturating_sub(1))
            .map_or(0, |piece| piece.day(millis))
    }

    fn push(&mut self, start: i64, shift: i64) {
        if self.pieces.last().is_none_or(|last| last.shift != shift) {
            self.pieces.push(DayPiece { start, shift });
        }
    }
}

/// A stretch of time over which a clock keeps its distance from UTC. All in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period {
    start: i64,
    end: i64,
    offset: i64,
}

impl Period {
    /// Where the clock showed the last full hour, also if it had another offset then.
    fn full_hour(&self, millis: i64) -> i64 {
        millis - (millis + self.offset).rem_euclid(HOUR)
    }
}

fn timestamp(millis: i64) -> Timestamp {
    let second = millis.div_euclid(1_000);
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn number_of(date: NaiveDate) -> i64 {
    date.and_time(chrono::NaiveTime::MIN)
        .and_utc()
        .timestamp()
        .div_euclid(DAY / 1_000)
}

fn date_of(day: i64) -> NaiveDate {
    DateTime::from_timestamp(day.saturating_mul(DAY / 1_000), 0).map_or(
        if day < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        },
        |time| time.date_naive(),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the day is moved into the range of the type before"
)]
const fn narrow(day: i64) -> i32 {
    if day < i32::MIN as i64 {
        i32::MIN
    } else if day > i32::MAX as i64 {
        i32::MAX
    } else {
        day as i32
    }
}
