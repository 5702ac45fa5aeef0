//! Times as files write them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use segments_model::Instant;
use segments_model::calendar::LocalClock;
use segments_model::import::TimeFormat;

const DAY: i64 = 86_400_000;

/// A time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A time that says by itself which instant it is.
    Instant(Instant, TimeFormat),
    /// A time of the import's zone.
    Local(NaiveDateTime),
}

impl Written {
    /// Which instant it is, and how it was written.
    pub(crate) fn resolve(self, clock: &mut LocalClock<'_>) -> (Instant, TimeFormat) {
        match self {
            Self::Instant(instant, format) => (instant, format),
            Self::Local(time) => (clock.instant(time), TimeFormat::Local),
        }
    }
}

/// Reads the time of an event: a calendar time, or a number since 1970 whose unit its size tells.
pub(crate) fn event_time(text: &str) -> Option<Written> {
    let text = text.trim_ascii();
    calendar(text).or_else(|| {
        let (instant, format) = epoch(text)?;
        Some(Written::Instant(instant, format))
    })
}

/// Reads `YYYY-MM-DD`, with a time of day after `T` or a blank, with an offset or without.
pub(crate) fn calendar(text: &str) -> Option<Written> {
    let bytes = text.as_bytes();
    let (date, rest) = bytes.split_at_checked(10)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return None;
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    if year == 0 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year as i32, two(m1, m2)?, two(d1, d2)?)?;
    let (millis, offset) = match rest {
        [] => (0, None),
        [b'T' | b't' | b' ', h1, h2, b':', m1, m2, rest @ ..] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let (seconds, rest) = seconds(rest)?;
            (
                i64::from(hours * 60 + minutes) * 60_000 + seconds,
                offset(rest)?,
            )
        }
        _ => return None,
    };
    let Some(offset) = offset else {
        // A leap second has no place on a local clock; it is the last millisecond before it is over.
        let millis = millis.min(DAY - 1) as u32;
        let time = NaiveTime::from_num_seconds_from_midnight_opt(
            millis / 1_000,
            millis % 1_000 * 1_000_000,
        )?;
        return Some(Written::Local(date.and_time(time)));
    };
    let days = i64::from(date.to_epoch_days());
    let instant = Instant::from_millis(days * DAY + millis - offset)?;
    Some(Written::Instant(instant, TimeFormat::Rfc3339))
}

/// `[:SS[.frac]]` in milliseconds, and what follows.
fn seconds(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b':', s1, s2, rest @ ..] = text else {
        return Some((0, text));
    };
    let whole = two(*s1, *s2)?;
    // 60 is a leap second.
    if whole > 60 {
        return None;
    }
    let mut millis = i64::from(whole) * 1_000;
    let [b'.' | b',', fraction @ ..] = rest else {
        return Some((millis, rest));
    };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
    let mut count = 0;
    for (digit, unit) in digits.zip([100, 10, 1].into_iter().chain(std::iter::repeat(0))) {
        millis += i64::from(digit - b'0') * unit;
        count += 1;
    }
    if count == 0 {
        return None;
    }
    Some((millis, fraction.get(count..)?))
}

/// `Z`, `UTC`, `±HH:MM`, `±HHMM` or `±HH` in milliseconds, a blank before it or not; none where there is nothing.
fn offset(text: &[u8]) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    let text = text.trim_ascii_start();
    let (sign, hours, minutes) = match text {
        [b'Z' | b'z'] | b"UTC" => return Some(Some(0)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            (sign, two(*h1, *h2)?, two(*m1, *m2)?)
        }
        [sign @ (b'+' | b'-'), h1, h2] => (sign, two(*h1, *h2)?, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = i64::from(hours * 60 + minutes) * 60_000;
    Some(Some(if *sign == b'-' { -offset } else { offset }))
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

/// Reads a number since 1970. Below 10^11 it counts seconds (up to the year 5138), below 10^14 milliseconds (from March
/// 1973), below 10^17 microseconds, above nanoseconds.
pub(crate) fn epoch(text: &str) -> Option<(Instant, TimeFormat)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() > 19 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // 20240313 is a day rather than a second of 1970.
    if digits.len() == 8 && !negative && looks_like_a_day(whole) {
        return None;
    }
    let whole: i128 = whole.parse().ok()?;
    let mut billionths = whole * 1_000_000_000;
    let mut unit = 100_000_000;
    let mut finer = false;
    for digit in fraction.bytes() {
        billionths += i128::from(digit - b'0') * unit;
        finer |= unit == 0 && digit != b'0';
        unit /= 10;
    }
    if negative {
        billionths = -billionths - i128::from(finer);
    }
    let (format, divisor) = match whole {
        0..100_000_000_000 => (TimeFormat::EpochSeconds, 1_000_000),
        100_000_000_000..100_000_000_000_000 => (TimeFormat::EpochMillis, 1_000_000_000),
        100_000_000_000_000..100_000_000_000_000_000 => {
            (TimeFormat::EpochMicros, 1_000_000_000_000)
        }
        _ => (TimeFormat::EpochNanos, 1_000_000_000_000_000),
    };
    let millis = i64::try_from(billionths.div_euclid(divisor)).ok()?;
    Some((Instant::from_millis(millis)?, format))
}

fn looks_like_a_day(digits: &str) -> bool {
    matches!(digits.get(..2), Some("19" | "20"))
        && NaiveDate::parse_from_str(digits, "%Y%m%d").is_ok()
}

#[cfg(test)]
mod tests {
    use segments_model::calendar::Zone;
    use segments_model::import::TimeFormat;

    use super::event_time;

    fn read(text: &str, zone: &str) -> Option<(String, TimeFormat)> {
        let zone = Zone::parse(zone).unwrap();
        let (instant, format) = event_time(text)?.resolve(&mut zone.local_clock());
        Some((instant.to_string(), format))
    }

    fn utc(text: &str) -> Option<(String, TimeFormat)> {
        read(text, "UTC")
    }

    #[track_caller]
    fn is(text: &str, instant: &str, format: TimeFormat) {
        assert_eq!(utc(text), Some((instant.to_owned(), format)), "{text}");
    }

    #[test]
    fn numbers_since_1970_are_told_apart_by_their_size() {
        is("0", "1970-01-01T00:00:00.000Z", TimeFormat::EpochSeconds);
        is(
            "1710325274",
            "2024-03-13T10:21:14.000Z",
            TimeFormat::EpochSeconds,
        );
        is(
            "1710325274.1239",
            "2024-03-13T10:21:14.123Z",
            TimeFormat::EpochSeconds,
        );
        is(
            "1710325274123",
            "2024-03-13T10:21:14.123Z",
            TimeFormat::EpochMillis,
        );
        is(
            "1710325274123999",
            "2024-03-13T10:21:14.123Z",
            TimeFormat::EpochMicros,
        );
        is(
            "1710325274123999999",
            "2024-03-13T10:21:14.123Z",
            TimeFormat::EpochNanos,
        );
        is(
            "99999999999",
            "5138-11-16T09:46:39.000Z",
            TimeFormat::EpochSeconds,
        );
        is(
            "100000000000",
            "1973-03-03T09:46:40.000Z",
            TimeFormat::EpochMillis,
        );
        is(
            "100000000000000",
            "1973-03-03T09:46:40.000Z",
            TimeFormat::EpochMicros,
        );
        is(
            "100000000000000000",
            "1973-03-03T09:46:40.000Z",
            TimeFormat::EpochNanos,
        );
    }

    #[test]
    fn finer_than_a_millisecond_is_floored_before_1970_too() {
        is("-1.5", "1969-12-31T23:59:58.500Z", TimeFormat::EpochSeconds);
        is(
            "-0.0001",
            "1969-12-31T23:59:59.999Z",
            TimeFormat::EpochSeconds,
        );
        is(
            "-0.0000000000001",
            "1969-12-31T23:59:59.999Z",
            TimeFormat::EpochSeconds,
        );
        is(
            "1969-12-31T23:59:59.9999Z",
            "1969-12-31T23:59:59.999Z",
            TimeFormat::Rfc3339,
        );
    }

    #[test]
    fn a_day_without_dashes_is_no_second_of_1970() {
        assert_eq!(utc("20240313"), None);
        is(
            "20241313",
            "1970-08-23T06:35:13.000Z",
            TimeFormat::EpochSeconds,
        );
    }

    #[test]
    fn calendar_times_with_an_offset() {
        let instant = "2024-03-13T10:21:14.000Z";
        for text in [
            "2024-03-13T10:21:14Z",
            "2024-03-13t10:21:14z",
            "2024-03-13 10:21:14 UTC",
            "2024-03-13 12:21:14+02:00",
            "2024-03-13 12:21:14 +0200",
            "2024-03-13T04:51:14-0530",
            "2024-03-13T12:21:14.000999999+02",
            " 2024-03-13T10:21:14Z ",
        ] {
            is(text, instant, TimeFormat::Rfc3339);
        }
        is(
            "2016-12-31T23:59:60Z",
            "2017-01-01T00:00:00.000Z",
            TimeFormat::Rfc3339,
        );
        assert_eq!(utc("0001-01-01T00:00:00+01:00"), None);
        assert_eq!(utc("0000-01-01"), None);
    }

    #[test]
    fn calendar_times_without_an_offset_are_of_the_zone() {
        let berlin = |text| read(text, "Europe/Berlin").map(|(instant, _)| instant);
        for (text, instant) in [
            ("2024-03-13", "2024-03-12T23:00:00.000Z"),
            ("2024-03-13 10:21", "2024-03-13T09:21:00.000Z"),
            ("2024-03-13T10:21:14.5", "2024-03-13T09:21:14.500Z"),
            ("2024-07-01 00:00:00", "2024-06-30T22:00:00.000Z"),
            // Skipped: as much after the jump as meant.
            ("2024-03-31 02:30:00", "2024-03-31T01:30:00.000Z"),
            // There twice: the first.
            ("2024-10-27 02:30:00", "2024-10-27T00:30:00.000Z"),
        ] {
            assert_eq!(berlin(text).as_deref(), Some(instant), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "x",
            "13/03/2024",
            "2024-13-01",
            "2024-02-30",
            "2024-3-1",
            "2024-03-13 25:00",
            "2024-03-13 10:60",
            "2024-03-13 10:21:61",
            "2024-03-13 10:21:14.",
            "2024-03-13x",
            "2024-03-13 10:21:14 CET",
            "2024-03-13 10:21:14+24:00",
            "1e9",
            "+1",
            "1.",
            ".5",
            "1 2",
            "99999999999999999999",
            "９",
            "2024-03-1３",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
