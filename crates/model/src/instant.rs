//! Points in time, in whole milliseconds.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant: whole milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
///
/// In JSON it is RFC 3339 in UTC with milliseconds (`2026-11-23T14:14:00.000Z`); any offset is understood and anything
/// finer than a millisecond is floored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The earliest instant that can be said: 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The latest instant that can be said: 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The instant this many milliseconds after the epoch, or none outside [`MIN`](Self::MIN)..=[`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis < Self::MIN.0 || millis > Self::MAX.0 {
            None
        } else {
            Some(Self(millis))
        }
    }

    /// The instant this many milliseconds after the epoch, moved to the nearest one that can be said.
    #[must_use]
    pub const fn from_millis_saturating(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by so many milliseconds, staying within what can be said.
    #[must_use]
    pub const fn saturating_add_millis(self, millis: i64) -> Self {
        Self::from_millis_saturating(self.0.saturating_add(millis))
    }

    /// This instant as a UTC date and time.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Reads RFC 3339; anything finer than a millisecond is floored.
    ///
    /// # Errors
    /// When the text is no RFC 3339 instant of the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, ParseInstantError> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .and_then(|time| Self::from_millis(time.timestamp_millis()))
            .ok_or_else(|| ParseInstantError(text.to_owned()))
    }
}

/// A text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no instant: give RFC 3339 such as 2026-11-23T14:14:00.000Z")]
pub struct ParseInstantError(String);

impl fmt::Display for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[test]
    fn finer_input_is_floored_also_before_the_epoch() {
        assert_eq!(
            Instant::parse("1970-01-01T00:00:00.0019Z")
                .unwrap()
                .millis(),
            1
        );
        assert_eq!(
            Instant::parse("1969-12-31T23:59:59.9999Z")
                .unwrap()
                .millis(),
            -1
        );
        assert_eq!(
            Instant::parse("1969-12-31T23:59:59.9981Z")
                .unwrap()
                .millis(),
            -2
        );
    }

    #[test]
    fn the_bounds_read_and_write_themselves() {
        for instant in [Instant::MIN, Instant::MAX] {
            assert_eq!(Instant::parse(&instant.to_string()), Ok(instant));
        }
        assert_eq!(Instant::MIN.to_string(), "0001-01-01T00:00:00.000Z");
        assert_eq!(Instant::MAX.to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Instant::from_millis(Instant::MAX.millis() + 1), None);
    }
}
