//! Which buckets the axis of time names, and how.

use chrono::{Datelike as _, NaiveDateTime, Timelike as _};

use crate::scale::text_width;
use crate::time::TimeBucket;

/// The gap between two names, in px.
const APART: f64 = 14.0;

/// A name on an axis of time.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTick {
    pub bucket: usize,
    /// Where the middle of its name is.
    pub x: f64,
    pub text: String,
}

/// The names of the first and the last bucket, and between them of as many as have room, where hours, days, weeks, months
/// or years begin by the clock of the zone. No name overlaps another or leaves the room `from` to `to`. Where the buckets
/// lie in several years, a name tells its year if the one before it does not say it already.
#[must_use]
pub fn time_ticks(
    buckets: &[TimeBucket],
    x: impl Fn(usize) -> f64,
    (from, to): (f64, f64),
) -> Vec<TimeTick> {
    let Some(last) = buckets.len().checked_sub(1) else {
        return Vec::new();
    };
    let axis = Axis::of(buckets);
    let tick = |bucket: usize, text: String| {
        let half = text_width(&text) / 2.0;
        TimeTick {
            bucket,
            x: x(bucket).min(to - half).max(from + half),
            text,
        }
    };
    let first = tick(0, axis.first());
    if last == 0 {
        return vec![first];
    }
    let row = Row {
        axis: &axis,
        tick: &tick,
        first: &first,
        last,
    };
    let found = if axis.starts.is_empty() {
        row.with(axis.strides((x(last) - x(0)) / last as f64))
    } else {
        BEATS
            .into_iter()
            .find_map(|beat| row.with(axis.begins(beat)))
    };
    let mut ticks = found.unwrap_or_else(|| vec![first.clone()]);
    if let Some(end) = ticks.last().map(|before| row.end_after(before))
        && ticks.last().is_some_and(|before| is_free(before, &end))
    {
        ticks.push(end);
    }
    ticks
}

/// Names between the first and the last one.
struct Row<'a, F> {
    axis: &'a Axis<'a>,
    tick: &'a F,
    first: &'a TimeTick,
    last: usize,
}

/// How many names may have no room beside the first one, and beside the last one.
const MOST_LEFT_OUT: usize = 2;

impl<F: Fn(usize, String) -> TimeTick> Row<'_, F> {
    /// The first name and those of some buckets; none where they have no room.
    fn with(&self, buckets: impl IntoIterator<Item = usize>) -> Option<Vec<TimeTick>> {
        let mut ticks = vec![self.first.clone()];
        let (mut left_out, mut left_out_last) = (0, 0);
        for bucket in buckets {
            let before = ticks.last()?;
            let year = self.axis.year(before.bucket);
            let next = (self.tick)(bucket, self.axis.name(bucket, year, true));
            if !is_free(before, &next) {
                left_out += 1;
                if ticks.len() > 1 || left_out > MOST_LEFT_OUT {
                    return None;
                }
            } else if is_free(&next, &self.end_after(&next)) {
                ticks.push(next);
            } else {
                left_out_last += 1;
                if left_out_last > MOST_LEFT_OUT {
                    return None;
                }
            }
        }
        Some(ticks)
    }

    /// The last name where another is the one before it.
    fn end_after(&self, before: &TimeTick) -> TimeTick {
        let year = self.axis.year(before.bucket);
        let name = self.axis.name(self.last, year, false);
        let name = match self.axis.another_day(before.bucket, self.last) {
            Some(day) => format!("{day}, {name}"),
            None => name,
        };
        (self.tick)(self.last, name)
    }
}

fn is_free(one: &TimeTick, other: &TimeTick) -> bool {
    let half = |tick: &TimeTick| text_width(&tick.text) / 2.0;
    (other.x - half(other)) - (one.x + half(one)) >= APART - 0.5
}

/// Where the clock and the calendar have a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beat {
    Hours(u32),
    Days(i32),
    Weeks(i32),
    Months(i32),
    Years(i32),
}

/// The beats, the densest first.
const BEATS: [Beat; 19] = [
    Beat::Hours(1),
    Beat::Hours(2),
    Beat::Hours(3),
    Beat::Hours(4),
    Beat::Hours(6),
    Beat::Hours(12),
    Beat::Days(1),
    Beat::Days(2),
    Beat::Weeks(1),
    Beat::Weeks(2),
    Beat::Months(1),
    Beat::Months(2),
    Beat::Months(3),
    Beat::Months(6),
    Beat::Years(1),
    Beat::Years(2),
    Beat::Years(5),
    Beat::Years(10),
    Beat::Years(50),
];

impl Beat {
    /// Which stretch of the beat an instant lies in. Days are counted from the first one: no calendar has every second.
    fn stretch(self, at: NaiveDateTime, first: i32) -> (i32, u32) {
        let day = at.num_days_from_ce();
        match self {
            Self::Hours(hours) => (day, at.hour() / hours),
            Self::Days(days) => ((day - first).div_euclid(days), 0),
            // The first day of all was a Monday.
            Self::Weeks(weeks) => ((day - 1).div_euclid(7 * weeks), 0),
            Self::Months(months) => ((at.year() * 12 + at.month0() as i32).div_euclid(months), 0),
            Self::Years(years) => (at.year().div_euclid(years), 0),
        }
    }
}

/// The strides of buckets that have no time.
const STRIDES: [usize; 14] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 48];

struct Axis<'a> {
    buckets: &'a [TimeBucket],
    /// What the clock shows at each bucket's start; empty where one is not known.
    starts: Vec<NaiveDateTime>,
    /// Whether a day has several buckets.
    hours: bool,
    /// Whether there is more than one year.
    years: bool,
}

impl<'a> Axis<'a> {
    fn of(buckets: &'a [TimeBucket]) -> Self {
        let starts: Vec<NaiveDateTime> = buckets
            .iter()
            .map_while(|bucket| Some(bucket.start?.naive_local()))
            .collect();
        let starts = if starts.len() == buckets.len() {
            starts
        } else {
            Vec::new()
        };
        let ends = starts.first().zip(starts.last());
        Self {
            hours: starts
                .windows(2)
                .any(|pair| matches!(pair, [one, other] if one.date() == other.date())),
            years: ends.is_some_and(|(first, last)| first.year() != last.year()),
            buckets,
            starts,
        }
    }

    fn year(&self, bucket: usize) -> Option<i32> {
        self.starts.get(bucket).map(NaiveDateTime::year)
    }

    /// The name of the first bucket: an hour's tells its day.
    fn first(&self) -> String {
        let name = self.name(0, None, false);
        match self.starts.first() {
            Some(start) if self.hours && start.hour() != 0 => {
                format!("{}, {name}", day_words(start))
            }
            _ => name,
        }
    }

    /// The day of an hour, where the name before it is of another one.
    fn another_day(&self, before: usize, hour: usize) -> Option<String> {
        let (before, start) = (self.starts.get(before)?, self.starts.get(hour)?);
        (self.hours && start.hour() != 0 && before.date() != start.date()).then(|| day_words(start))
    }

    /// The name of a bucket after one of another year, or after none. Of hours, the first of a day has the day's.
    fn name(&self, bucket: usize, before: Option<i32>, of_beat: bool) -> String {
        let short = self
            .buckets
            .get(bucket)
            .map_or("", |bucket| bucket.short.as_str());
        let Some(start) = self.starts.get(bucket) else {
            return short.to_owned();
        };
        let begins_day = self.hours
            && (start.hour() == 0
                || of_beat
                    && bucket
                        .checked_sub(1)
                        .and_then(|before| self.starts.get(before))
                        .is_some_and(|before| before.date() != start.date()));
        let name = if begins_day {
            day_words(start)
        } else {
            short.to_owned()
        };
        let year = start.year();
        let tells_time = self.hours && !begins_day;
        if !self.years || before == Some(year) || tells_time || name.contains(&year.to_string()) {
            name
        } else {
            format!("{name} {year}")
        }
    }

    /// The buckets that a stretch of a beat begins with, neither the first nor the last.
    fn begins(&self, beat: Beat) -> impl Iterator<Item = usize> {
        let last = self.starts.len().saturating_sub(1);
        let first = self
            .starts
            .first()
            .map_or(0, NaiveDateTime::num_days_from_ce);
        self.starts
            .windows(2)
            .enumerate()
            .filter(move |(_, pair)| match pair {
                [one, other] => beat.stretch(*one, first) != beat.stretch(*other, first),
                _ => false,
            })
            .map(|(place, _)| place + 1)
            .filter(move |place| *place < last)
    }

    /// Every so many, of buckets without a time.
    fn strides(&self, step: f64) -> Vec<usize> {
        let widest = self
            .buckets
            .iter()
            .map(|bucket| text_width(&bucket.short))
            .fold(0.0, f64::max);
        let wanted = if step > 0.0 {
            ((widest + APART) / step).ceil().max(1.0) as usize
        } else {
            1
        };
        let stride = STRIDES
            .into_iter()
            .find(|stride| *stride >= wanted)
            .unwrap_or_else(|| wanted.div_ceil(50) * 50);
        let last = self.buckets.len().saturating_sub(1);
        (stride..last).step_by(stride).collect()
    }
}

fn day_words(start: &NaiveDateTime) -> String {
    start.format("%-d %b").to_string()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _};

    use super::{APART, TimeTick, time_ticks};
    use crate::scale::text_width;
    use crate::time::TimeBucket;

    fn at(year: i32, month: u32, day: u32, hour: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(year, month, day)
            .unwrap()
            .and_hms_opt(hour, 0, 0)
            .unwrap()
    }

    fn bucket(start: DateTime<FixedOffset>, pattern: &str) -> TimeBucket {
        TimeBucket {
            short: start.format(pattern).to_string(),
            start: Some(start),
            ..TimeBucket::default()
        }
    }

    fn utc() -> FixedOffset {
        FixedOffset::east_opt(0).unwrap()
    }

    /// Buckets of one length after another, in UTC.
    fn every(
        first: NaiveDateTime,
        length: TimeDelta,
        count: i32,
        pattern: &str,
    ) -> Vec<TimeBucket> {
        (0..count)
            .map(|place| bucket(utc().from_utc_datetime(&(first + length * place)), pattern))
            .collect()
    }

    fn days(first: NaiveDateTime, count: i32) -> Vec<TimeBucket> {
        every(first, TimeDelta::days(1), count, "%-d %b")
    }

    fn hours(first: NaiveDateTime, count: i32) -> Vec<TimeBucket> {
        every(first, TimeDelta::hours(1), count, "%H:%M")
    }

    fn months(year: i32, first: u32, count: u32, step: u32, pattern: &str) -> Vec<TimeBucket> {
        (0..count)
            .map(|place| {
                let month = first - 1 + place * step;
                let start = at(year + (month / 12) as i32, month % 12 + 1, 1, 0);
                bucket(utc().from_utc_datetime(&start), pattern)
            })
            .collect()
    }

    fn ticks(buckets: &[TimeBucket], width: f64) -> Vec<TimeTick> {
        let last = buckets.len().max(2) - 1;
        let step = (width - 44.0) / last as f64;
        time_ticks(buckets, |bucket| 36.0 + bucket as f64 * step, (0.0, width))
    }

    fn texts(buckets: &[TimeBucket], width: f64) -> String {
        let texts: Vec<String> = ticks(buckets, width)
            .into_iter()
            .map(|tick| tick.text)
            .collect();
        texts.join(" | ")
    }

    #[test]
    fn weeks_begin_on_mondays() {
        assert_eq!(
            texts(&days(at(2026, 10, 28, 0), 30), 740.0),
            "28 Oct | 2 Nov | 9 Nov | 16 Nov | 23 Nov | 26 Nov"
        );
        assert_eq!(
            texts(&days(at(2026, 11, 20, 0), 7), 740.0),
            "20 Nov | 21 Nov | 22 Nov | 23 Nov | 24 Nov | 25 Nov | 26 Nov"
        );
    }

    #[test]
    fn a_year_that_ends_is_told_once() {
        assert_eq!(
            texts(&days(at(2026, 12, 14, 0), 35), 740.0),
            "14 Dec 2026 | 21 Dec | 28 Dec | 4 Jan 2027 | 11 Jan | 17 Jan"
        );
        assert_eq!(
            texts(&days(at(2025, 11, 26, 0), 366), 740.0),
            "26 Nov 2025 | 1 Mar 2026 | 1 May | 1 Jul | 1 Sep | 26 Nov"
        );
        assert_eq!(
            texts(&days(at(2025, 11, 26, 0), 366), 326.0),
            "26 Nov 2025 | 1 Apr 2026 | 1 Jul | 26 Nov"
        );
    }

    #[test]
    fn months_and_quarters_begin_with_the_year() {
        assert_eq!(
            texts(&months(2025, 12, 12, 1, "%b %Y"), 1_100.0)
                .split(" | ")
                .count(),
            12
        );
        assert_eq!(
            texts(&months(2025, 11, 13, 1, "%b"), 740.0),
            "Nov 2025 | Dec | Jan 2026 | Feb | Mar | Apr | May | Jun | Jul | Aug | Sep | Oct | Nov"
        );
        assert_eq!(
            texts(&months(2024, 11, 25, 1, "%b %Y"), 740.0),
            "Nov 2024 | Apr 2025 | Jul 2025 | Oct 2025 | Jan 2026 | Apr 2026 | Jul 2026 | Nov 2026"
        );
        assert_eq!(
            texts(&months(2020, 1, 27, 3, "Q %Y"), 500.0),
            "Q 2020 | Q 2021 | Q 2022 | Q 2023 | Q 2024 | Q 2025 | Q 2026"
        );
    }

    #[test]
    fn hours_have_their_day_where_it_begins() {
        assert_eq!(
            texts(&hours(at(2026, 11, 25, 14), 24), 740.0),
            "25 Nov, 14:00 | 18:00 | 20:00 | 22:00 | 26 Nov | 02:00 | 04:00 | 06:00 | 08:00 | 10:00 | 13:00"
        );
        assert_eq!(
            texts(&hours(at(2026, 11, 1, 0), 600), 740.0),
            "1 Nov | 3 Nov | 5 Nov | 7 Nov | 9 Nov | 11 Nov | 13 Nov | 15 Nov | 17 Nov | 19 Nov | 21 Nov | 25 Nov, 23:00"
        );
        assert_eq!(
            texts(&hours(at(2026, 11, 20, 0), 168), 740.0),
            "20 Nov | 12:00 | 21 Nov | 12:00 | 22 Nov | 12:00 | 23 Nov | 12:00 | 24 Nov | 12:00 | 25 Nov | 12:00 | 26 Nov | 23:00"
        );
    }

    #[test]
    fn clocks_that_change_move_no_name() {
        // In New York the night to 1 November 2026 has an hour more, that to 8 March 2026 one less.
        let new_york =
            |first: DateTime<FixedOffset>, change: NaiveDateTime, after: i32, count: i32| {
                let hours: Vec<TimeBucket> = (0..count)
                    .map(|place| {
                        let instant = first + TimeDelta::hours(i64::from(place));
                        let start = if instant.naive_utc() < change {
                            instant
                        } else {
                            instant.with_timezone(&FixedOffset::east_opt(after * 3_600).unwrap())
                        };
                        bucket(start, "%H:%M")
                    })
                    .collect();
                hours
            };
        let edt = FixedOffset::east_opt(-4 * 3_600).unwrap();
        let est = FixedOffset::east_opt(-5 * 3_600).unwrap();
        let autumn = new_york(
            edt.from_local_datetime(&at(2026, 10, 30, 0)).unwrap(),
            at(2026, 11, 1, 6),
            -5,
            121,
        );
        assert_eq!(
            texts(&autumn, 740.0),
            "30 Oct | 12:00 | 31 Oct | 12:00 | 1 Nov | 12:00 | 2 Nov | 12:00 | 3 Nov | 12:00 | 23:00"
        );
        let spring = new_york(
            est.from_local_datetime(&at(2026, 3, 7, 0)).unwrap(),
            at(2026, 3, 8, 7),
            -4,
            47,
        );
        assert_eq!(
            texts(&spring, 740.0),
            "7 Mar | 04:00 | 08:00 | 12:00 | 16:00 | 20:00 | 8 Mar | 04:00 | 08:00 | 12:00 | 16:00 | 23:00"
        );
    }

    #[test]
    fn buckets_without_a_time_are_counted() {
        let periods: Vec<TimeBucket> = (0..25)
            .map(|period| TimeBucket {
                short: period.to_string(),
                ..TimeBucket::default()
            })
            .collect();
        assert_eq!(
            texts(&periods, 300.0),
            "0 | 3 | 6 | 9 | 12 | 15 | 18 | 21 | 24"
        );
    }

    #[test]
    fn names_never_overlap_and_both_ends_are_named() {
        for count in [1, 2, 3, 7, 30, 31, 90, 365, 10_000] {
            for width in [120.0, 326.0, 800.0, 1_600.0] {
                for buckets in [
                    hours(at(2026, 11, 25, 5), count),
                    days(at(1999, 12, 24, 0), count),
                    every(at(2026, 1, 5, 0), TimeDelta::weeks(1), count, "%-d %b"),
                    days(at(1999, 12, 24, 0), count)
                        .into_iter()
                        .map(|bucket| TimeBucket {
                            start: None,
                            ..bucket
                        })
                        .collect(),
                ] {
                    let ticks = ticks(&buckets, width);
                    assert_eq!(ticks[0].bucket, 0);
                    if width > 300.0 {
                        assert_eq!(ticks.last().unwrap().bucket, buckets.len() - 1);
                    }
                    if width > 700.0 && count >= 30 {
                        assert!(ticks.len() > 4, "{count} {width} {ticks:?}");
                    }
                    for tick in &ticks {
                        let half = text_width(&tick.text) / 2.0;
                        assert!(tick.x - half > -0.01 && tick.x + half < width + 0.01);
                    }
                    for pair in ticks.windows(2) {
                        let edge = |tick: &TimeTick| text_width(&tick.text) / 2.0;
                        let gap = (pair[1].x - edge(&pair[1])) - (pair[0].x + edge(&pair[0]));
                        assert!(gap > APART - 1.0, "{count} {width} {pair:?}");
                    }
                }
            }
        }
        assert!(time_ticks(&[], |_| 0.0, (0.0, 100.0)).is_empty());
    }
}
