//! The conversion over time: a line a group, a point for those who began in a bucket.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::time::TimePick;
use segments_model::query::Interval;
use segments_ui::charts::plot::TimePlot;
use segments_ui::charts::series::Legend;
use segments_ui::charts::table::ChartTable;
use segments_ui::{EmptyState, Glyph};

use crate::parts::fields::Select;
use crate::tools::funnel::over_time_chart::chart_of;
use crate::tools::funnel::picks::{Pick, Side};
use crate::tools::funnel::shown::Shown;
use crate::tools::funnel::state::{SAY, View};

/// How long a bucket is.
#[component]
pub fn IntervalSelect() -> impl IntoView {
    let view = View::expect();
    let form = view.state.form();
    let interval = Memo::new(move |_| form.with(|form| form.interval.unwrap_or(Interval::Day)));
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
                        view.state
                            .change("change the interval", None, |form| form.interval = Some(interval));
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
