//! How the buckets of an answer are called, and the axis of time that they make.

use chrono::{Datelike as _, NaiveDateTime, TimeDelta, Weekday};
use segments_charts::time::TimeBucket;
use segments_format as format;
use segments_forms::interval::label;
use segments_model::Stamp;
use segments_model::answer::Bucket;
use segments_model::query::Interval;

/// What the whole range is called.
pub const WHOLE_RANGE: &str = label(Interval::Full);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketNames {
    /// For an axis: `16 Nov`.
    pub short: String,
    /// For the head of a column: `Mon 16 Nov`.
    pub head: String,
    /// By itself: `Mon 16 Nov 2026`.
    pub long: String,
}

/// The names of a bucket by the clock of its zone: from its first instant to the last one within.
#[must_use]
pub fn bucket_names(
    interval: Interval,
    start: Option<NaiveDateTime>,
    last: NaiveDateTime,
) -> BucketNames {
    let at = |time: NaiveDateTime, format: &str| time.format(format).to_string();
    let Some(start) = start else {
        return BucketNames {
            short: WHOLE_RANGE.to_owned(),
            head: WHOLE_RANGE.to_owned(),
            long: at(last, "until %-d %b %Y"),
        };
    };
    let days = || {
        let from = if start.date() == last.date() {
            return at(start, "%a %-d %b %Y");
        } else if (start.year(), start.month()) == (last.year(), last.month()) {
            "%-d"
        } else {
            "%-d %b %Y"
        };
        format!("{} to {}", at(start, from), at(last, "%-d %b %Y"))
    };
    let day = || at(start, "%-d %b");
    let (short, head, long) = match interval {
        Interval::Hour => {
            let time = at(start, "%H:%M");
            let short = if time == "00:00" { day() } else { time };
            let until = midnight(last + TimeDelta::milliseconds(1));
            let long = format!("{} to {until}", at(start, "%a %-d %b %Y, %H:%M"));
            (short, at(start, "%-d %b, %H:%M"), long)
        }
        Interval::Day => (day(), at(start, "%a %-d %b"), days()),
        Interval::Week => (
            day(),
            format!("{} \u{2013} {}", day(), at(last, "%-d %b")),
            days(),
        ),
        Interval::Month => {
            let month = at(start, "%b %Y");
            (month.clone(), month.clone(), month)
        }
        Interval::Quarter => {
            let quarter = format!("Q{} {}", start.month0() / 3 + 1, start.year());
            (quarter.clone(), quarter.clone(), quarter)
        }
        Interval::Full => (WHOLE_RANGE.to_owned(), WHOLE_RANGE.to_owned(), days()),
    };
    BucketNames { short, head, long }
}

/// The end of a stretch within a day: its last midnight is 24:00.
fn midnight(end: NaiveDateTime) -> String {
    end.format("%H:%M").to_string().replace("00:00", "24:00")
}

/// The bounds of a bucket with the time zone's name: `Mon 16 Nov 2026, 00:00 to 24:00 EST`.
#[must_use]
pub fn bucket_bounds(bucket: &Bucket, zone: &str) -> String {
    let Some(start) = bucket.start else {
        return format!("Until {}", format::date_time(bucket.end, zone));
    };
    let (from, to) = (format::local(start, zone), format::local(bucket.end, zone));
    let last = to - TimeDelta::milliseconds(1);
    let words = (
        format::zone_word(start, zone),
        format::zone_word(bucket.end, zone),
    );
    if from.date() == last.date() && words.0 == words.1 {
        let from = from.format("%a %-d %b %Y, %H:%M");
        return format!("{from} to {} {}", midnight(to), words.0);
    }
    let date = "%-d %b %Y, %H:%M";
    format!(
        "{} {} to {} {}",
        from.format(date),
        words.0,
        to.format(date),
        words.1
    )
}

/// The buckets of an answer: their names, and the axis that they make.
#[must_use]
pub fn axis(
    interval: Interval,
    buckets: &[Bucket],
    zone: &str,
) -> (Vec<BucketNames>, Vec<TimeBucket>) {
    let of = |bucket: &Bucket| {
        let start = bucket.start.map(|start| format::clock(start, zone));
        let local = start.map(|start| start.naive_local());
        let last = format::local(bucket.end.saturating_add_millis(-1), zone);
        let names = bucket_names(interval, local, last);
        let is_weekend = |start: NaiveDateTime| {
            interval == Interval::Day && matches!(start.weekday(), Weekday::Sat | Weekday::Sun)
        };
        let bucket = TimeBucket {
            short: names.short.clone(),
            long: names.long.clone(),
            // The range is what was asked for: nothing of it is missing.
            complete: bucket.complete || interval == Interval::Full,
            weekend: local.is_some_and(is_weekend),
            start,
        };
        (names, bucket)
    };
    buckets.iter().map(of).unzip()
}

/// Whether a bucket that is not complete is so because it is not over; else the range cuts it.
#[must_use]
pub fn is_running(bucket: &Bucket, stamp: &Stamp) -> bool {
    !bucket.complete && bucket.end >= stamp.as_of
}

#[cfg(test)]
mod tests {
    use super::{BucketNames, bucket_names};
    use segments_model::query::Interval;

    fn names(interval: Interval, start: &str, last: &str) -> BucketNames {
        bucket_names(interval, start.parse().ok(), last.parse().unwrap())
    }

    #[test]
    fn buckets_are_named_as_calendars_name_them() {
        let day = names(
            Interval::Day,
            "2026-11-11T00:00:00",
            "2026-11-11T23:59:59.999",
        );
        assert_eq!(
            (day.short.as_str(), day.head.as_str()),
            ("11 Nov", "Wed 11 Nov")
        );
        assert_eq!(day.long, "Wed 11 Nov 2026");
        let hour = names(
            Interval::Hour,
            "2026-11-11T23:00:00",
            "2026-11-11T23:59:59.999",
        );
        assert_eq!(
            (hour.short.as_str(), hour.head.as_str()),
            ("23:00", "11 Nov, 23:00")
        );
        assert_eq!(hour.long, "Wed 11 Nov 2026, 23:00 to 24:00");
        let week = names(
            Interval::Week,
            "2026-11-30T00:00:00",
            "2026-12-06T23:59:59.999",
        );
        assert_eq!(week.head, "30 Nov \u{2013} 6 Dec");
        assert_eq!(week.long, "30 Nov 2026 to 6 Dec 2026");
        for (interval, long) in [
            (Interval::Quarter, "Q4 2026"),
            (Interval::Month, "Oct 2026"),
            (Interval::Full, "1 to 8 Oct 2026"),
        ] {
            let names = names(interval, "2026-10-01T00:00:00", "2026-10-08T23:59:59.999");
            assert_eq!(names.long, long);
        }
        let open = bucket_names(Interval::Full, None, "2026-10-08T11:59:00".parse().unwrap());
        assert_eq!(open.long, "until 8 Oct 2026");
    }
}
