//! The conversion over time: a line a group, a point for those who began in a bucket.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::time::{Figures, TimeChart, TimeKind, TimePick, TimeSeries};
use segments_format as format;
use segments_model::answer::Bucket;
use segments_model::query::Interval;
use segments_ui::charts::plot::TimePlot;
use segments_ui::charts::series::Legend;
use segments_ui::charts::table::ChartTable;
use segments_ui::{EmptyState, Glyph};

use crate::parts::fields::Select;
use crate::tool::buckets::axis;
use crate::tools::funnel::answer::FunnelView;
use crate::tools::funnel::selections::{Side, StepPart};
use crate::tools::funnel::state::FunnelState;

/// The conversion of some groups over time.
#[must_use]
pub fn chart_of(view: &FunnelView, in_charts: &[(usize, usize)]) -> TimeChart {
    let first = view.groups().first();
    let buckets: Vec<Bucket> = first.map_or_else(Vec::new, |group| {
        let buckets = group.buckets.iter().map(|bucket| bucket.bucket);
        let is_over = |bucket: &Bucket| {
            let until = view.open_until(bucket.end);
            bucket.complete && until.is_none_or(|until| until <= view.answer.stamp.as_of)
        };
        // One in which nobody has time any more is complete.
        buckets
            .map(|bucket| Bucket {
                complete: is_over(&bucket),
                ..bucket
            })
            .collect()
    });
    let series = in_charts.iter().filter_map(|(place, style)| {
        let group = view.groups().get(*place)?;
        let values = group.buckets.iter();
        Some(TimeSeries {
            name: view.name(*place).to_owned(),
            unit: "converted".to_owned(),
            style: *style,
            values: values
                .map(|bucket| bucket.steps.get(view.last())?.from_start)
                .collect(),
            ..TimeSeries::default()
        })
    });
    let (_, mut axis) = axis(view.interval(), &buckets, view.zone());
    for (named, bucket) in axis.iter_mut().zip(&buckets) {
        named.complete = bucket.complete;
    }
    TimeChart {
        kind: TimeKind::Line,
        buckets: axis,
        series: series.collect(),
        figures: Figures::Shares,
    }
}

/// How long a bucket is.
#[component]
pub fn IntervalSelect() -> impl IntoView {
    let tool = FunnelState::expect().tool;
    let interval = tool.part(|form| form.interval.unwrap_or(Interval::Day));
    let options = vec![
        (Interval::Hour, "Hours"),
        (Interval::Day, "Days"),
        (Interval::Week, "Weeks"),
        (Interval::Month, "Months"),
        (Interval::Quarter, "Quarters"),
        (Interval::Full, "The whole range"),
    ];
    let choose = move |interval| {
        tool.change("change the interval", None, |form| {
            form.interval = Some(interval)
        });
    };
    view! {
        <div class="funnel-share">
            <Select label="Interval" bare=true options value=interval on_change=Callback::new(choose) />
        </div>
    }
    .into_any()
}

#[component]
pub fn OverTime() -> impl IntoView {
    let state = FunnelState::expect();
    let chart = Memo::new(move |_| {
        let in_charts = state.in_charts.get();
        state
            .view
            .with(|view| Arc::new(chart_of(view, &in_charts)))
            .unwrap_or_default()
    });
    let selected = Signal::derive(move || {
        let part = state.selected.get()?;
        let mut in_charts = state.in_charts.get().into_iter();
        Some((
            in_charts.position(|(place, _)| place == part.group)?,
            part.bucket?,
        ))
    });
    let label = Signal::derive(move || chart.with(|chart| finding(chart)));
    let on_pick = Callback::new(move |pick: TimePick| {
        let group = state
            .in_charts
            .with_untracked(|in_charts| in_charts.get(pick.series).copied());
        let last = untrack(|| state.view.with(FunnelView::last));
        if let Some(((group, _), step)) = group.zip(last) {
            let part = StepPart {
                bucket: Some(pick.bucket),
                ..StepPart::new(group, step, Side::Reached)
            };
            state.select(part, pick.anchor);
        }
    });
    let any = move |is: fn(&segments_charts::time::TimeBucket) -> bool| {
        Memo::new(move |_| chart.with(|chart| chart.buckets.iter().any(is)))
    };
    let open = any(|bucket| !bucket.complete);
    let weekend = any(|bucket| bucket.weekend);
    let is_empty = Memo::new(move |_| chart.with(|chart| chart.buckets.is_empty()));
    let cursor = RwSignal::new(None);
    let plot = move || {
        if is_empty.get() {
            return view! {
                <EmptyState
                    glyph=Glyph::Trend
                    title="No conversion over time yet"
                    detail="Calculating the conversion of each interval.".to_owned()
                />
            }
            .into_any();
        }
        let drawing = state.drawing;
        view! { <TimePlot chart label cursor chosen=selected on_pick height=288.0 drawing /> }
            .into_any()
    };
    view! {
        <div class="funnel-tools">
            <Legend
                items=Signal::derive(move || state.legend())
                shaded=Signal::derive(move || weekend.get().then_some("Weekend"))
                hatched=Signal::derive(move || open.get().then_some("May still convert"))
            />
        </div>
        {plot}
        <p class="us-xs us-muted funnel-half">
            "By when step 1 happened."
            {move || open.get().then_some(" Users in the shaded part may still convert.")}
        </p>
        <details class="funnel-figures">
            <summary>"View as table"</summary>
            <ChartTable chart caption="Conversion over time" />
        </details>
    }
    .into_any()
}

/// What the chart shows, as a sentence.
fn finding(chart: &TimeChart) -> String {
    let ends = |series: &TimeSeries| {
        let mut values = series.values.iter().flatten();
        let first = values.next()?;
        let last = values.next_back().unwrap_or(first);
        let (first, last) = (format::percent(*first), format::percent(*last));
        Some(format!("{}: from {first} to {last}", series.name))
    };
    let series: Vec<String> = chart.series.iter().filter_map(ends).collect();
    format!("Conversion over time. {}.", series.join(". "))
}
