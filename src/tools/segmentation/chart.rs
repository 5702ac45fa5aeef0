//! The charts, one above the other with one cursor: one for everything that is measured alike.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::time::{TimeChart, TimeKind, TimePick, TimeSeries};
use segments_forms::segmentation::SegmentationChart;
use segments_ui::charts::plot::TimePlot;
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon, Tip};

use crate::tools::segmentation::answer::{Measured, Pane, SegmentationView, SeriesView};
use crate::tools::segmentation::selections::NO_USERS;
use crate::tools::segmentation::state::SegmentationState;

/// The height of the only pane, of the first of several, and of the others, in px.
const ONLY: f64 = 300.0;
const FIRST: f64 = 252.0;
const OTHER: f64 = 152.0;

/// Why figures are not added up.
pub const NOT_ADDED: &str = "Only total counts and sums add up: a user can be in several intervals, and averages do not add up.";

/// The figures of a series as the chart has them: each bucket by itself, or with all those before it.
fn course(values: &[Option<f64>], cumulative: bool) -> Vec<Option<f64>> {
    let mut sum = 0.0;
    let add = |value: &Option<f64>| {
        sum = exact(sum + value.unwrap_or(0.0));
        Some(sum)
    };
    if cumulative {
        values.iter().map(add).collect()
    } else {
        values.to_vec()
    }
}

/// A sum to the six decimals that the figures have.
fn exact(sum: f64) -> f64 {
    let rounded = (sum * 1e6).round() / 1e6;
    if rounded.is_finite() { rounded } else { sum }
}

/// The chart of a pane; none for a kind that is no chart. One bucket has no course: it is shown as bars.
#[must_use]
pub fn chart(view: &SegmentationView, pane: &Pane, kind: SegmentationChart) -> Option<TimeChart> {
    let kind = match (time_kind(kind)?, view.axis.len()) {
        // A point alone is no line.
        (TimeKind::Line, ..=1) => TimeKind::Bar,
        (TimeKind::Area, ..=1) => TimeKind::StackedBar,
        (kind, _) => kind,
    };
    Some(TimeChart {
        kind,
        buckets: view.axis.clone(),
        series: series(view, pane, |series| pane.name(series)),
        figures: pane.measured.figures(),
    })
}

/// How a chart over time is drawn; none for what is not one.
pub const fn time_kind(chart: SegmentationChart) -> Option<TimeKind> {
    match chart {
        SegmentationChart::Line => Some(TimeKind::Line),
        SegmentationChart::Area => Some(TimeKind::Area),
        SegmentationChart::Bar => Some(TimeKind::Bar),
        SegmentationChart::StackedBar => Some(TimeKind::StackedBar),
        SegmentationChart::Table | SegmentationChart::Number => None,
    }
}

/// Whether its series are surfaces rather than lines.
pub fn is_filled(chart: SegmentationChart) -> bool {
    time_kind(chart).is_some_and(TimeKind::is_filled)
}

fn series(
    view: &SegmentationView,
    pane: &Pane,
    name: impl Fn(&SeriesView) -> String,
) -> Vec<TimeSeries> {
    let series = pane.drawn().filter_map(|shown| {
        let series = view.answer.series.get(shown.place)?;
        let before = series.previous.as_ref().map(|before| {
            let mut values = course(&before.values, pane.cumulative);
            values.resize(view.axis.len(), None);
            values
        });
        Some(TimeSeries {
            name: name(shown),
            unit: pane.measured.unit(),
            style: shown.style,
            values: course(&series.values, pane.cumulative),
            previous: before.unwrap_or_default(),
            running_from: None,
        })
    });
    series.collect()
}

/// Everything that is drawn as one chart, for a file: each series under its whole name.
#[must_use]
pub fn together(view: &SegmentationView) -> TimeChart {
    let panes = view.panes.iter();
    TimeChart {
        buckets: view.axis.clone(),
        series: panes
            .flat_map(|pane| series(view, pane, |series| series.whole_name()))
            .collect(),
        ..TimeChart::default()
    }
}

#[component]
pub fn Panes() -> impl IntoView {
    let state = SegmentationState::expect();
    let cursor = RwSignal::new(None::<usize>);
    // What tells a pane from the others, and how it is drawn: its height, and whether it has the axis of time.
    let keys = state.view.part(|view| {
        let count = view.panes.len();
        let key = |(place, pane): (usize, &Pane)| {
            let height = match (count, place) {
                (1, _) => ONLY,
                (_, 0) => FIRST,
                _ => OTHER,
            };
            (pane.measured.clone(), height, place + 1 == count)
        };
        view.panes.iter().enumerate().map(key).collect::<Vec<_>>()
    });
    let charts = Memo::new(move |_| {
        let kind = state.painted.with(|form| form.chart);
        let charts = state.view.with(|view| {
            let chart =
                |pane: &Pane| Some((pane.measured.clone(), Arc::new(chart(view, pane, kind)?)));
            view.panes.iter().filter_map(chart).collect::<Vec<_>>()
        });
        charts.unwrap_or_default()
    });
    view! {
        <div class="seg-panes">
            <For
                each=move || keys.get()
                key=|key| format!("{key:?}")
                children=move |(measured, height, last)| {
                    view! { <PaneView charts measured height last cursor /> }
                }
            />
        </div>
    }
    .into_any()
}

#[component]
fn PaneView(
    charts: Memo<Vec<(Measured, Arc<TimeChart>)>>,
    measured: Measured,
    height: f64,
    last: bool,
    cursor: RwSignal<Option<usize>>,
) -> impl IntoView {
    let state = SegmentationState::expect();
    let drawing = NodeRef::<Svg>::new();
    let mine = measured.clone();
    let id = unique_id("pane");
    state
        .drawings
        .update(|drawings| drawings.push((id.clone(), mine.clone(), drawing)));
    on_cleanup(move || {
        state
            .drawings
            .try_update(|drawings| drawings.retain(|(other, ..)| *other != id));
    });
    let is_formula = matches!(measured, Measured::Formula(_));
    let pane = state.view.part(move |view| {
        let pane = view.panes.iter().find(|pane| pane.measured == mine);
        pane.cloned()
    });
    let mine = measured.clone();
    let of_this = move |this: bool| {
        charts.with(|charts| {
            let charts = charts.iter();
            let charts = charts.filter(|(measured, _)| (*measured == mine) == this);
            charts
                .map(|(_, chart)| Arc::clone(chart))
                .collect::<Vec<_>>()
        })
    };
    let others = of_this.clone();
    let chart = Memo::new(move |_| of_this(true).pop().unwrap_or_default());
    let beside = Memo::new(move |_| others(false));
    let selected = Memo::new(move |_| {
        let (Some(place), Some(bucket)) = state.selected.get()? else {
            return None;
        };
        pane.with(|pane| {
            let series = pane
                .as_ref()?
                .drawn()
                .position(|series| series.place == place)?;
            Some((series, bucket))
        })
    });
    let on_pick = Callback::new(move |pick: TimePick| {
        let place = pane.with_untracked(|pane| {
            let series = pane.as_ref()?.drawn().nth(pick.series)?;
            Some(series.place)
        });
        if let Some(place) = place {
            state.select(place, Some(pick.bucket), pick.anchor);
        }
    });
    let label = Signal::derive(move || {
        let title = pane.with(|pane| Some(pane.as_ref()?.title(false)));
        chart.with(|chart| finding(&title.unwrap_or_default(), chart))
    });
    let not_added = Memo::new(move |_| {
        let is_cumulative = state.painted.with(|form| form.cumulative);
        is_cumulative && pane.with(|pane| pane.as_ref().is_some_and(|pane| !pane.cumulative))
    });
    let titles = move || {
        let titles = pane.get().map(|pane| pane.titles).unwrap_or_default();
        let title = |(mark, title)| {
            view! {
                <span class="seg-pane__of">
                    <span class="seg-mark">{mark}</span>
                    <span>{title}</span>
                </span>
            }
        };
        titles.into_iter().map(title).collect_view()
    };
    let plot = if is_formula {
        view! { <TimePlot chart label height cursor chosen=selected axis=last beside drawing /> }
            .into_any()
    } else {
        view! { <TimePlot chart label height cursor chosen=selected axis=last beside on_pick drawing /> }
            .into_any()
    };
    view! {
        <section class="seg-pane">
            <h2 class="seg-pane__t">
                {titles}
                {is_formula.then(|| view! { <Why text=NO_USERS name="Why this chart has no users" /> })}
                <Show when=move || not_added.get()>
                    <Why text=NOT_ADDED name="Why this is not cumulative" />
                </Show>
            </h2>
            {plot}
        </section>
    }
    .into_any()
}

/// A small sign with an explanation.
#[component]
pub fn Why(
    text: &'static str,
    /// What it explains: "Why this is not cumulative".
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <Tip text=text>
            <button class="us-btn us-btn--ghost us-btn--sm us-btn--icon" type="button" aria-label=name>
                <Icon glyph=Glyph::Info small=true />
            </button>
        </Tip>
    }
}

/// What a chart shows, with its highest figure.
fn finding(title: &str, chart: &TimeChart) -> String {
    let figures = chart.series.iter().flat_map(|series| {
        let values = series.values.iter().enumerate();
        values.filter_map(move |(bucket, value)| Some((series, bucket, (*value)?)))
    });
    let highest = figures.reduce(|best, next| if next.2 > best.2 { next } else { best });
    let Some((series, bucket, value)) = highest else {
        return format!("{title}. No data.");
    };
    let when = chart.buckets.get(bucket).map_or("", |bucket| &bucket.long);
    let figure = chart.figures.write(value);
    format!("{title}. {} is highest: {figure} on {when}.", series.name)
}
