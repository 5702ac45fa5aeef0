//! The conversion of groups over time as a chart, and when the users of a bucket began.

use chrono::{Datelike as _, NaiveDateTime, Weekday};
use segments_charts::time::{Figures, TimeBucket, TimeChart, TimeKind, TimeSeries};
use segments_format as format;
use segments_model::answer::Bucket;
use segments_model::query::Interval;
use segments_model::{Instant, Value};

use crate::tools::funnel::shown::Shown;

/// A property's value.
pub fn value_words(value: &Value, zone: &str) -> String {
    format::value(value, zone)
}

/// The conversion of some groups over time.
#[must_use]
pub fn chart_of(shown: &Shown, in_charts: &[(usize, usize)]) -> TimeChart {
    let interval = interval_of(shown);
    let buckets = shown
        .groups()
        .first()
        .map(|group| {
            group
                .buckets
                .iter()
                .map(|bucket| {
                    let start = bucket
                        .bucket
                        .start
                        .map(|start| format::clock(start, shown.zone()));
                    let local = start.map(|start| start.naive_local());
                    TimeBucket {
                        start,
                        ..bucket_words(local, interval, is_over(shown, &bucket.bucket))
                    }
                })
                .collect()
        })
        .unwrap_or_default();
    let series = in_charts
        .iter()
        .filter_map(|(place, style)| {
            let group = shown.groups().get(*place)?;
            Some(TimeSeries {
                name: shown.group_name(&group.group, value_words),
                unit: "converted".to_owned(),
                style: *style,
                values: group
                    .buckets
                    .iter()
                    .map(|bucket| bucket.steps.get(shown.last())?.from_start)
                    .collect(),
                previous: Vec::new(),
                running_from: None,
            })
        })
        .collect();
    TimeChart {
        kind: TimeKind::Line,
        buckets,
        series,
        figures: Figures::Shares,
    }
}

/// Whether a bucket is whole, and nobody who began in it has time any more.
fn is_over(shown: &Shown, bucket: &Bucket) -> bool {
    bucket.complete
        && shown
            .open_until(bucket.end)
            .is_none_or(|until| until <= shown.as_of())
}

/// A bucket by what the clock shows at its start.
fn bucket_words(start: Option<NaiveDateTime>, interval: Interval, complete: bool) -> TimeBucket {
    let Some(start) = start else {
        return TimeBucket {
            short: "All".to_owned(),
            long: "The whole range".to_owned(),
            complete,
            ..TimeBucket::default()
        };
    };
    let day = start.format("%-d %b");
    let (short, long) = match interval {
        Interval::Hour => (
            start.format("%H:%M").to_string(),
            start.format("%a %-d %b %Y, %H:%M").to_string(),
        ),
        Interval::Day => (day.to_string(), start.format("%a %-d %b %Y").to_string()),
        Interval::Week => (
            day.to_string(),
            format!("Week from {}", start.format("%-d %b %Y")),
        ),
        Interval::Month => (
            start.format("%b").to_string(),
            start.format("%B %Y").to_string(),
        ),
        Interval::Quarter => {
            let quarter = format!("Q{}", start.month0() / 3 + 1);
            let long = format!("{quarter} {}", start.year());
            (quarter, long)
        }
        Interval::Full => (
            "All".to_owned(),
            format!("From {}", start.format("%-d %b %Y")),
        ),
    };
    TimeBucket {
        short,
        long,
        complete,
        weekend: interval == Interval::Day
            && matches!(start.weekday(), Weekday::Sat | Weekday::Sun),
        start: None,
    }
}

/// When those of a bucket began, by its start: `on Sat 14 Nov 2026`, `in the week from 9 Nov 2026`.
#[must_use]
pub fn began_words(shown: &Shown, start: Instant) -> String {
    in_bucket(format::local(start, shown.zone()), interval_of(shown))
}

fn in_bucket(start: NaiveDateTime, interval: Interval) -> String {
    let words = bucket_words(Some(start), interval, true).long;
    match interval {
        Interval::Hour | Interval::Day => format!("on {words}"),
        Interval::Week => format!("in the w{}", words.trim_start_matches('W')),
        Interval::Month | Interval::Quarter => format!("in {words}"),
        Interval::Full => "in the whole range".to_owned(),
    }
}

fn interval_of(shown: &Shown) -> Interval {
    shown
        .query()
        .and_then(|query| query.interval)
        .unwrap_or(Interval::Day)
}

#[cfg(test)]
mod tests {
    use super::{bucket_words, in_bucket};
    use chrono::NaiveDate;
    use segments_model::query::Interval;

    #[test]
    fn buckets_are_called_by_the_clock_at_their_start() {
        let at = |hour| {
            NaiveDate::from_ymd_opt(2026, 11, 14)
                .unwrap()
                .and_hms_opt(hour, 0, 0)
        };
        let words = |interval| {
            let words = bucket_words(at(0), interval, true);
            (words.short, words.long, words.weekend)
        };
        let told = |short: &str, long: &str, weekend| (short.to_owned(), long.to_owned(), weekend);
        assert_eq!(
            words(Interval::Day),
            told("14 Nov", "Sat 14 Nov 2026", true)
        );
        assert_eq!(
            words(Interval::Week),
            told("14 Nov", "Week from 14 Nov 2026", false)
        );
        assert_eq!(words(Interval::Month), told("Nov", "November 2026", false));
        assert_eq!(words(Interval::Quarter), told("Q4", "Q4 2026", false));
        assert_eq!(bucket_words(at(9), Interval::Hour, true).short, "09:00");
        assert_eq!(
            bucket_words(None, Interval::Full, true).long,
            "The whole range"
        );
    }

    #[test]
    fn those_of_a_bucket_began_in_it() {
        let start = "2026-11-09T00:00:00".parse().unwrap();
        for (interval, expected) in [
            (Interval::Hour, "on Mon 9 Nov 2026, 00:00"),
            (Interval::Day, "on Mon 9 Nov 2026"),
            (Interval::Week, "in the week from 9 Nov 2026"),
            (Interval::Month, "in November 2026"),
            (Interval::Quarter, "in Q4 2026"),
            (Interval::Full, "in the whole range"),
        ] {
            assert_eq!(in_bucket(start, interval), expected);
        }
    }
}
