//! Ranges of time as people say them.

use chrono::NaiveDate;
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
