//! The conversion over time: a line a group, a point for those who began in a bucket.

use std::sync::Arc;

use chrono::{Datelike as _, NaiveDateTime, Weekday};
use leptos::prelude::*;
use segments_model::Instant;
use segments_model::answer::Bucket;
use segments_model::query::Interval;

use super::picks::{Pick, Side};
use super::results::{SAY, View, value_words};
use super::shown::Shown;
use crate::charts::series::Legend;
use crate::charts::table::ChartTable;
use crate::charts::time::{
    Figures, TimeBucket, TimeChart, TimeKind, TimePick, TimePlot, TimeSeries,
};
use crate::format;
use crate::query::fields::Select;
use crate::ui::{EmptyState, Glyph};

/// How long a bucket is.
#[component]
pub fn IntervalSelect() -> impl IntoView {
    let view = View::expect();
    let draft = view.bench.draft();
    let interval = Memo::new(move |_| draft.with(|draft| draft.interval.unwrap_or(Interval::Day)));
    view! {
            <div class="funnel-share">
                <Select
                    label="Interval"
                    bare=true
                    options=vec![
                        (Interval::Hour, "Hours"),
                        (Interval::Day, "Days"),
                        (Interval::Week, "Weeks"),
                        (Interval::Month, "Months"),
                        (Interval::Quarter, "Quarters"),
                        (Interval::Full, "The whole range"),
                    ]
                    value=interval
                    on_change=Callback::new(move |interval| {
                        view.bench
                            .change("change the interval", None, |draft| draft.interval = Some(interval));
                    })
                />
            </div>
    }
    .into_any()
}

/// The chart.
#[component]
pub fn OverTime() -> impl IntoView {
    let view = View::expect();
    let chart = Memo::new(move |_| {
        let in_charts = view.in_charts.get();
        view.with(|shown| Arc::new(chart_of(shown, &in_charts)))
            .unwrap_or_default()
    });
    let chosen = Signal::derive(move || {
        let pick = view.marked.get()?;
        let series = view
            .in_charts
            .with(|shown| shown.iter().position(|(place, _)| *place == pick.group))?;
        Some((series, pick.bucket?))
    });
    let label = Signal::derive(move || {
        chart.with(|chart| {
            let ends = |values: &[Option<f64>]| {
                let mut told = values.iter().flatten();
                let first = told.next()?;
                let last = told.next_back().unwrap_or(first);
                Some(format!(
                    "{} at first, {} at last",
                    (SAY.percent)(*first),
                    (SAY.percent)(*last)
                ))
            };
            let series: Vec<String> = chart
                .series
                .iter()
                .filter_map(|series| Some(format!("{}: {}", series.name, ends(&series.values)?)))
                .collect();
            format!("Conversion over time. {}.", series.join(". "))
        })
    });
    let on_pick = Callback::new(move |pick: TimePick| {
        let group = view
            .in_charts
            .with_untracked(|shown| shown.get(pick.series).map(|(place, _)| *place));
        let last = view.with_untracked(Shown::last);
        if let Some((group, step)) = group.zip(last) {
            view.pick(
                Pick {
                    group,
                    step,
                    side: Side::Reached,
                    bucket: Some(pick.bucket),
                },
                pick.anchor,
            );
        }
    });
    let open =
        Memo::new(move |_| chart.with(|chart| chart.buckets.iter().any(|bucket| !bucket.complete)));
    let is_untold = Memo::new(move |_| chart.with(|chart| chart.buckets.is_empty()));
    let cursor = RwSignal::new(None);
    view! {
        <div class="funnel-tools">
            <Legend
                items=Signal::derive(move || view.legend())
                shaded=Signal::derive(move || {
                    chart
                        .with(|chart| chart.buckets.iter().any(|bucket| bucket.weekend))
                        .then_some("Weekend")
                })
                hatched=Signal::derive(move || open.get().then_some("May still convert"))
            />
        </div>
        {move || {
            if is_untold.get() {
                view! {
                    <EmptyState
                        glyph=Glyph::Trend
                        title="Nothing over time yet"
                        detail=Signal::stored("The conversion of each interval is being worked out.".to_owned())
                    />
                }
                .into_any()
            } else {
                view! {
                    <TimePlot chart label cursor chosen on_pick height=288.0 drawing=view.drawing />
                }
                .into_any()
            }
        }}
        <p class="us-xs us-muted funnel-half">
            {move || {
                if open.get() {
                    "By when step 1 happened. Of what is drawn as unfinished some users may still convert."
                } else {
                    "By when step 1 happened."
                }
            }}
        </p>
        <details class="funnel-figures">
            <summary>"View as table"</summary>
            <ChartTable chart caption="Conversion over time" />
        </details>
    }
    .into_any()
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
