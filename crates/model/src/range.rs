//! Ranges of time as people say them.

use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _};
use serde::{Deserialize, Serialize};

use crate::Instant;

/// A range of time. Whatever it says, it ends at the question's as-of at the latest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Range {
    /// Everything before as-of.
    AllTime {},
    /// The running unit and the `count - 1` before it; with `complete` the `count` units before the running one.
    Last {
        /// How many units, at least 1.
        count: u32,
        /// The unit.
        unit: CalendarUnit,
        /// Leave the running unit out.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        complete: bool,
    },
    /// The running unit.
    This {
        /// The unit.
        unit: CalendarUnit,
    },
    /// From the start of one local day to the end of another, both taken in.
    Between {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
    /// From the start of a local day on.
    Since {
        /// The first day.
        from: NaiveDate,
    },
    /// From the start of the unit that lies so far back to the end of the other.
    Ago {
        /// The unit that the range starts with.
        from: Ago,
        /// The unit that the range ends with.
        to: Ago,
    },
    /// Two instants: `start` is in, `end` is not.
    Instants {
        /// The first instant of the range.
        start: Instant,
        /// The first instant after the range.
        end: Instant,
    },
}

/// Where a range starts or ends, by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Before everything.
    Beginning,
    /// Where a local day starts.
    Day(NaiveDate),
    /// Where the hour so many hours before the running one starts; 0 is the running one.
    Hour(u32),
    /// At as-of.
    AsOf,
    /// At an instant.
    At(Instant),
}

impl Edge {
    fn unit_before(unit: CalendarUnit, today: NaiveDate, count: u32) -> Self {
        if unit == CalendarUnit::Hour {
            Self::Hour(count)
        } else {
            unit.before(today, count).map_or(Self::Beginning, Self::Day)
        }
    }

    /// A local date and time, none before everything.
    fn shown(
        self,
        as_of: Instant,
        clock: &impl Fn(Instant) -> NaiveDateTime,
    ) -> Option<NaiveDateTime> {
        Some(match self {
            Self::Beginning => return None,
            Self::Day(date) => date.and_time(chrono::NaiveTime::MIN),
            Self::Hour(count) => {
                let now = clock(as_of);
                let into = i64::from(now.num_seconds_from_midnight() % 3_600) * 1_000
                    + as_of.millis().rem_euclid(1_000);
                let back = i64::from(count) * WindowUnit::Hour.millis();
                clock(as_of.saturating_add_millis(-into - back))
            }
            Self::AsOf => clock(as_of),
            Self::At(Instant::MIN) => return None,
            Self::At(instant) => clock(instant),
        })
    }
}

/// What the clock of a time zone shows at the bounds of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalBounds {
    /// At the start; none: the range has none.
    pub start: Option<NaiveDateTime>,
    /// At the end, which the range does not hold itself; at least the start.
    pub end: NaiveDateTime,
    /// Whether the range ends at as-of, and so moves on.
    pub is_open: bool,
}

impl LocalBounds {
    /// Whether no instant lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == Some(self.end)
    }

    /// The last day that has a part in the range, or the day of the end where there is none.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        if self.is_empty() {
            return self.end.date();
        }
        self.end
            .checked_sub_signed(TimeDelta::milliseconds(1))
            .unwrap_or(self.end)
            .date()
    }
}

impl Range {
    /// Where the range starts and ends, asked on this local day. This alone says which days a range means: its [`Bounds`] are
    /// the instants of these edges, and its [`local_bounds`](Self::local_bounds) what a clock shows there.
    #[must_use]
    pub fn edges(&self, today: NaiveDate) -> (Edge, Edge) {
        match *self {
            Self::AllTime {} => (Edge::Beginning, Edge::AsOf),
            Self::Last { count: 0, .. } => (Edge::AsOf, Edge::AsOf),
            Self::Last {
                count,
                unit,
                complete: false,
            } => (Edge::unit_before(unit, today, count - 1), Edge::AsOf),
            Self::Last {
                count,
                unit,
                complete: true,
            } => (
                Edge::unit_before(unit, today, count),
                Edge::unit_before(unit, today, 0),
            ),
            Self::This { unit } => (Edge::unit_before(unit, today, 0), Edge::AsOf),
            Self::Between { from, to } => {
                (Edge::Day(from), to.succ_opt().map_or(Edge::AsOf, Edge::Day))
            }
            Self::Since { from } => (Edge::Day(from), Edge::AsOf),
            Self::Ago { from, to } => (
                Edge::unit_before(from.unit, today, from.count),
                // The running unit ends after as-of, where every range is cut.
                to.count
                    .checked_sub(1)
                    .map_or(Edge::AsOf, |count| Edge::unit_before(to.unit, today, count)),
            ),
            Self::Instants { start, end } => (Edge::At(start), Edge::At(end)),
        }
    }

    /// What the clock of a time zone shows at the bounds of the range, for whoever has a clock but no time-zone database.
    ///
    /// Days, weeks and everything longer are those of the instants' bounds. An hour is taken for 60 minutes, so where a clock
    /// was changed by a part of an hour, an hour's bound can be off by that part.
    #[must_use]
    pub fn local_bounds(
        &self,
        as_of: Instant,
        clock: impl Fn(Instant) -> NaiveDateTime,
    ) -> LocalBounds {
        let now = clock(as_of);
        let (start, end) = self.edges(now.date());
        let shown = |edge: Edge| edge.shown(as_of, &clock).map(|time| time.min(now));
        let start = shown(start);
        let end = shown(end).unwrap_or_else(|| clock(Instant::MIN).min(now));
        let end = start.map_or(end, |start| end.max(start));
        LocalBounds {
            start,
            end,
            is_open: end == now,
        }
    }
}

/// The instants that a range covers: `start` is in, `end` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// The first instant.
    pub start: Instant,
    /// The first instant after; at least `start`.
    pub end: Instant,
}

impl Bounds {
    /// The part of [`start`, `end`) that is before `as_of`. Where nothing is left the end is at the start.
    #[must_use]
    pub fn cut(start: Instant, end: Instant, as_of: Instant) -> Self {
        let start = start.min(as_of);
        Self {
            start,
            end: end.min(as_of).max(start),
        }
    }

    /// Whether an instant lies inside.
    #[must_use]
    pub fn contains(self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether no instant lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A calendar unit so many units before the running one; 0 is the running one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ago {
    /// How many units back.
    pub count: u32,
    /// The unit.
    pub unit: CalendarUnit,
}

/// A unit of the calendar of some time zone: weeks run from Monday, and a day has as many hours as its zone gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUnit {
    /// An hour of the zone's clock.
    Hour,
    /// A local day.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

impl CalendarUnit {
    /// Every unit, the shortest first.
    pub const ALL: [Self; 6] = [
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
    ];

    /// The unit's word: `day`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The first day of the unit that a day lies in; of an hour that day itself.
    #[must_use]
    pub fn first_day(self, day: NaiveDate) -> NaiveDate {
        let first = match self {
            Self::Hour | Self::Day => Some(day),
            Self::Week => {
                day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))
            }
            Self::Month => day.with_day(1),
            Self::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
            Self::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
        };
        first.unwrap_or(day)
    }

    /// The first day of the unit so many units before the one that a day lies in; none before all calendars. Of hours: days.
    #[must_use]
    pub fn before(self, day: NaiveDate, count: u32) -> Option<NaiveDate> {
        let first = self.first_day(day);
        match self.months() {
            Some(months) => first.checked_sub_months(Months::new(count.saturating_mul(months))),
            None => first.checked_sub_days(self.days(count)),
        }
    }

    /// The first day of the unit so many units after the one that a day lies in; none after all calendars. Of hours: days.
    #[must_use]
    pub fn after(self, day: NaiveDate, count: u32) -> Option<NaiveDate> {
        let first = self.first_day(day);
        match self.months() {
            Some(months) => first.checked_add_months(Months::new(count.saturating_mul(months))),
            None => first.checked_add_days(self.days(count)),
        }
    }

    const fn months(self) -> Option<u32> {
        match self {
            Self::Hour | Self::Day | Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
        }
    }

    fn days(self, count: u32) -> Days {
        let length = if self == Self::Week { 7 } else { 1 };
        Days::new(u64::from(count) * length)
    }
}

/// A length of time between two occurrences, always of the same number of milliseconds: a day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// How many units, at least 1. The limit itself is inside.
    pub count: u32,
    /// The unit.
    pub unit: WindowUnit,
}

impl Window {
    /// The length in milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.count as i64 * self.unit.millis()
    }
}

/// A unit of fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowUnit {
    /// 1,000 milliseconds.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
}

impl WindowUnit {
    /// The unit's length in milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        match self {
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Week => 604_800_000,
        }
    }

    /// The unit's word: `day`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}
