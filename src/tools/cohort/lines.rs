//! The answer as lines: one for all generations together, and one for each that is chosen.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::series::STYLES;
use segments_charts::time::{Figures, TimeBucket, TimeChart, TimeKind, TimePick, TimeSeries};
use segments_format as format;
use segments_forms::cohort::{CellFigure, CohortLook};
use segments_model::Value;
use segments_ui::charts::plot::TimePlot;
use segments_ui::charts::series::SeriesKey;

use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::grid::{CohortPart, GridCell, GridRow};
use crate::tools::cohort::legend::Legend;
use crate::tools::cohort::state::CohortState;

/// The height of the chart in px.
const HEIGHT: f64 = 300.0;

/// Lines over periods, with the generations to choose from below.
#[component]
pub fn Lines() -> impl IntoView {
    let state = CohortState::expect();
    let chart = state
        .view
        .part(move |view| Arc::new(chart(view, &state.look.get())));
    let label = state.view.part(move |view| {
        let lines = state.look.with(|look| drawn(view, look).len());
        let lines = format::plural(lines as u64, "line", "lines");
        format!("{}, {lines}", view.title())
    });
    let selected = Signal::derive(move || {
        let part = state.selected.get()?;
        let line = state.view.with(|view| {
            let drawn = state.look.with(|look| drawn(view, look));
            drawn
                .iter()
                .position(|(row, _)| row.generation == part.generation)
        })?;
        Some((line?, part.period?))
    });
    let pick = Callback::new(move |pick: TimePick| {
        let generation = untrack(|| {
            state.view.with(|view| {
                let drawn = state.look.with(|look| drawn(view, look));
                drawn
                    .get(pick.series)
                    .map(|(row, _)| row.generation.clone())
            })
        });
        if let Some(generation) = generation.flatten() {
            let period = Some(pick.bucket);
            state.select(&CohortPart { generation, period }, pick.anchor);
        }
    });
    let drawing = state.lines;
    let cursor = RwSignal::new(None);
    view! {
        <TimePlot chart label height=HEIGHT cursor chosen=selected on_pick=pick drawing />
        <Legend />
        {move || {
            let look = state.look.get();
            state.view.with(|view| choices(state, view, &look))
        }}
    }
    .into_any()
}

/// The rows that have a line, each with its look: all cohorts together have the first one for themselves.
fn drawn<'a>(view: &'a CohortView, look: &CohortLook) -> Vec<(&'a GridRow, usize)> {
    let usual = || view.grid.usual_lines(view.is_by_time());
    let chosen = look.lines.clone().unwrap_or_else(usual);
    let all = view
        .has_line_of_all(look)
        .then_some((&view.grid.overall, 0));
    let rows = view.grid.rows.iter().enumerate();
    let rows = rows.filter(|(_, row)| {
        let generation = row.generation.as_ref();
        generation.is_some_and(|generation| chosen.contains(generation))
    });
    let rows = rows.map(|(place, row)| (row, style(place)));
    all.into_iter().chain(rows).collect()
}

const fn style(place: usize) -> usize {
    1 + place % (STYLES - 1)
}

/// The lines as a chart.
#[must_use]
pub fn chart(view: &CohortView, look: &CohortLook) -> TimeChart {
    let bucket = |period| TimeBucket {
        short: view.column(period, period == 0),
        long: view.column(period, true),
        complete: true,
        ..TimeBucket::default()
    };
    let lines = drawn(view, look).into_iter();
    TimeChart {
        kind: TimeKind::Line,
        buckets: (0..view.grid.periods).map(bucket).collect(),
        series: lines
            .map(|(row, style)| line(view, look, row, style))
            .collect(),
        figures: match (look.figure, view.counts_users()) {
            (CellFigure::Value, true) => Figures::Counts,
            (_, true) => Figures::Shares,
            (_, false) => Figures::Numbers,
        },
    }
}

fn line(view: &CohortView, look: &CohortLook, row: &GridRow, style: usize) -> TimeSeries {
    let figure = |cell: GridCell| match look.figure {
        CellFigure::Rate => cell.rate,
        CellFigure::Value => Some(cell.value),
        CellFigure::Change => cell.change,
    };
    let counts = look.figure == CellFigure::Value && view.counts_users();
    let is_running = |cell: &Option<GridCell>| cell.is_some_and(|cell| !cell.complete);
    let cells = row.cells.iter();
    let values = cells.map(|cell| cell.filter(|cell| look.has(cell.complete)).and_then(figure));
    TimeSeries {
        name: view.head(&row.generation, look.figure),
        unit: if counts { "users" } else { "" }.to_owned(),
        style,
        values: values.collect(),
        previous: Vec::new(),
        running_from: row.cells.iter().position(is_running),
    }
}

/// Which generations have a line.
fn choices(state: CohortState, view: &CohortView, look: &CohortLook) -> AnyView {
    let now = drawn(view, look).into_iter();
    let now: Vec<Option<Value>> = now.filter_map(|(row, _)| row.generation.clone()).collect();
    let rows = view.grid.rows.iter().enumerate().map(|(place, row)| {
        let generation = row.generation.clone().flatten();
        let on = now.contains(&generation);
        let now = now.clone();
        let change = move |event| {
            let mut lines = now.clone();
            lines.retain(|line| *line != generation);
            if event_target_checked(&event) {
                lines.push(generation.clone());
            }
            state.tool.change("change the lines", None, |form| {
                form.look.lines = Some(lines)
            });
        };
        view! {
            <label class="us-check cohort-choice">
                <input class="us-box" type="checkbox" prop:checked=on on:change=change />
                {on.then(|| view! { <SeriesKey style=style(place) /> })}
                <span class="us-truncate">{view.head(&row.generation, CellFigure::default())}</span>
                <span class="us-num us-muted">{format::count(row.users)}</span>
            </label>
        }
    });
    view! {
        <fieldset class="cohort-choices">
            <legend class="us-label">"Lines"</legend>
            {rows.collect_view()}
        </fieldset>
    }
    .into_any()
}
