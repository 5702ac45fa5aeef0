//! The answer as lines: one for all generations together, and one for each that is chosen.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::scene::Anchor;
use segments_charts::series::STYLES;
use segments_charts::time::{Figures, TimeBucket, TimeChart, TimeKind, TimePick, TimeSeries};
use segments_format as format;
use segments_forms::cohort::{CellFigure, CohortForm, Shown};
use segments_model::Value;
use segments_ui::charts::plot::TimePlot;
use segments_ui::charts::series::SeriesKey;

use crate::tool::state::ToolState;
use crate::tools::cohort::answer::{Seen, has_all};
use crate::tools::cohort::grid::{GridCell, GridRow, Part};
use crate::tools::cohort::legend::legend;

/// The height of the chart in px.
const HEIGHT: f64 = 300.0;

/// Lines over periods, with the generations to choose from below.
#[component]
pub fn Lines(
    /// The answer.
    seen: Memo<Option<Arc<Seen>>>,
    /// How it is shown.
    shown: Memo<Shown>,
    /// The part that was chosen.
    chosen: Memo<Option<Part>>,
    /// Called with the part that is chosen now, and where it is.
    on_pick: Callback<(Part, Anchor)>,
    /// Becomes the image.
    drawing: NodeRef<Svg>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| {
        let seen = seen.get()?;
        Some(Arc::new(drawn(&seen, &shown.get())))
    });
    let chart = Signal::derive(move || {
        drawn
            .get()
            .map(|drawn| Arc::clone(&drawn.chart))
            .unwrap_or_default()
    });
    let label = Signal::derive(move || {
        let lines = chart.with(|chart| chart.series.len());
        seen.with(|seen| {
            seen.as_ref().map_or_else(String::new, |seen| {
                format!(
                    "{} by {}, {}",
                    seen.words.returning_title(),
                    seen.words.word(),
                    format::plural(lines as u64, "line", "lines")
                )
            })
        })
    });
    let at = Signal::derive(move || {
        let part = chosen.get()?;
        let line = drawn.with(|drawn| {
            let lines = &drawn.as_ref()?.lines;
            lines.iter().position(|line| *line == part.generation)
        })?;
        Some((line, part.period?))
    });
    let pick = Callback::new(move |pick: TimePick| {
        let generation = drawn.with_untracked(|drawn| {
            let lines = &drawn.as_ref()?.lines;
            lines.get(pick.series).cloned()
        });
        if let Some(generation) = generation {
            let period = Some(pick.bucket);
            on_pick.run((Part { generation, period }, pick.anchor));
        }
    });
    view! {
        <TimePlot chart label height=HEIGHT cursor=RwSignal::new(None) chosen=at on_pick=pick drawing />
        {move || seen.get().map(|seen| legend(&seen, &shown.get()))}
        {move || drawn.get().zip(seen.get()).map(|(drawn, seen)| choices(&seen, &drawn))}
    }
    .into_any()
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    chart: Arc<TimeChart>,
    /// Which generation each line is of.
    lines: Vec<Option<Option<Value>>>,
}

/// The lines as a chart.
#[must_use]
pub fn chart(seen: &Seen, shown: &Shown) -> Arc<TimeChart> {
    drawn(seen, shown).chart
}

fn drawn(seen: &Seen, shown: &Shown) -> Drawn {
    let words = &seen.words;
    let chosen = lines_of(seen, shown);
    let all = has_all(seen, shown).then_some((&seen.grid.overall, 0));
    let rows = seen.grid.rows.iter().enumerate();
    let rows = rows.filter(|(_, row)| {
        row.generation
            .as_ref()
            .is_some_and(|generation| chosen.contains(generation))
    });
    let rows = all
        .into_iter()
        .chain(rows.map(|(place, row)| (row, style(place))));
    let (lines, series) = rows
        .map(|(row, style)| (row.generation.clone(), line(seen, shown, row, style)))
        .unzip();
    let figures = match (shown.figure, words.counts_users()) {
        (CellFigure::Value, true) => Figures::Counts,
        (_, true) => Figures::Shares,
        (_, false) => Figures::Numbers,
    };
    let buckets = (0..seen.grid.periods)
        .map(|period| TimeBucket {
            short: words.column(period, period == 0),
            long: words.column(period, true),
            complete: true,
            ..TimeBucket::default()
        })
        .collect();
    Drawn {
        chart: Arc::new(TimeChart {
            kind: TimeKind::Line,
            buckets,
            series,
            figures,
        }),
        lines,
    }
}

/// The look of the line of a row: all cohorts together have the first one for themselves.
const fn style(place: usize) -> usize {
    1 + place % (STYLES - 1)
}

fn lines_of(seen: &Seen, shown: &Shown) -> Vec<Option<Value>> {
    shown
        .lines
        .clone()
        .unwrap_or_else(|| seen.grid.usual_lines(seen.words.is_by_time()))
}

fn line(seen: &Seen, shown: &Shown, row: &GridRow, style: usize) -> TimeSeries {
    let figure = |cell: &GridCell| match shown.figure {
        CellFigure::Rate => cell.rate,
        CellFigure::Value => Some(cell.value),
        CellFigure::Change => cell.change,
    };
    let unit = match shown.figure {
        CellFigure::Value if seen.words.counts_users() => "users",
        _ => "",
    };
    let is_running = |cell: &Option<GridCell>| cell.is_some_and(|cell| !cell.complete);
    TimeSeries {
        name: seen.words.head(row.generation.as_ref(), shown.figure),
        unit: unit.to_owned(),
        style,
        values: row
            .cells
            .iter()
            .map(|cell| {
                cell.as_ref()
                    .filter(|cell| shown.has(cell.complete))
                    .and_then(figure)
            })
            .collect(),
        previous: Vec::new(),
        running_from: row.cells.iter().position(is_running),
    }
}

/// Which generations have a line.
fn choices(seen: &Seen, drawn: &Drawn) -> AnyView {
    let state = ToolState::<CohortForm>::expect();
    let words = &seen.words;
    let now: Vec<Option<Value>> = drawn.lines.iter().flatten().cloned().collect();
    let rows = seen
        .grid
        .rows
        .iter()
        .enumerate()
        .map(|(place, row)| {
            let generation = row.generation.clone().flatten();
            let on = now.contains(&generation);
            let key = on.then(|| view! { <SeriesKey style=style(place) /> });
            let now = now.clone();
            let name = words.head(row.generation.as_ref(), CellFigure::default());
            view! {
                <label class="us-check cohort-choice">
                    <input
                        class="us-box"
                        type="checkbox"
                        prop:checked=on
                        on:change=move |event| {
                            let mut lines = now.clone();
                            lines.retain(|line| *line != generation);
                            if event_target_checked(&event) {
                                lines.push(generation.clone());
                            }
                            state
                                .change(
                                    "change the lines",
                                    None,
                                    |form| form.shown.lines = Some(lines),
                                );
                        }
                    />
                    {key}
                    <span class="us-truncate">{name}</span>
                    <span class="us-num us-muted">{format::count(row.users)}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="cohort-choices">
            <legend class="us-label">"Lines"</legend>
            {rows}
        </fieldset>
    }
    .into_any()
}
