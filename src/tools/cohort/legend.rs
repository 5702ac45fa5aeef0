//! What has to be known to read the heat map or the lines.

use leptos::prelude::*;
use segments_charts::heat::LEVELS;
use segments_charts::series::marker;
use segments_forms::cohort::{CellFigure, CohortChart, CohortLook};
use segments_ui::charts::series::SeriesKey;

use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::state::CohortState;

/// The colours or the lines, the mark of what is still running, and what is not shown.
#[component]
pub fn Legend() -> impl IntoView {
    let state = CohortState::expect();
    move || {
        let look = state.look.get();
        state.view.with(|view| legend(view, &look))
    }
}

fn legend(view: &CohortView, look: &CohortLook) -> AnyView {
    let is_any_running = || {
        let mut cells = view
            .grid
            .rows
            .iter()
            .flat_map(|row| row.cells.iter().flatten());
        cells.any(|cell| !cell.complete)
    };
    let running = (look.incomplete && is_any_running()).then(|| running(view, look));
    let signs = match look.chart {
        CohortChart::Heat => Some(colours(view)),
        CohortChart::Lines => view.has_line_of_all(look).then(|| {
            let name = view.head(&None, look.figure);
            view! { <span class="us-row"><SeriesKey style=0 /> <span>{name}</span></span> }
                .into_any()
        }),
    };
    let notes = notes(view, look)
        .into_iter()
        .map(|note| view! { <span>{note}</span> });
    view! {
        <div class="us-row us-row--wrap us-xs us-2 cohort-legend">
            {signs} {running} {notes.collect_view()}
        </div>
    }
    .into_any()
}

/// Every colour with the figure that it begins at.
fn colours(view: &CohortView) -> AnyView {
    let unit = if view.counts_users() { "%" } else { "per user" };
    let begins = std::iter::once(&0.0).chain(view.grid.scale.begins());
    let ramp = begins.zip(1..=LEVELS).map(|(begin, level)| {
        let begin = view.round_rate(*begin).trim_end_matches('%').to_owned();
        view! { <i data-h=level.to_string()>{begin}</i> }
    });
    view! {
        <span class="us-row">
            <span>"Colours start at"</span>
            <span class="us-heat cohort-ramp">{ramp.collect_view()}</span>
            <span>{unit}</span>
        </span>
    }
    .into_any()
}

fn running(view: &CohortView, look: &CohortLook) -> AnyView {
    let left_out = match (look.chart, look.figure) {
        (CohortChart::Lines, CellFigure::Value) => "",
        (CohortChart::Heat, CellFigure::Value) => ", not in the sum",
        (_, CellFigure::Rate | CellFigure::Change) => ", not in the average",
    };
    let (sign, unit) = match look.chart {
        CohortChart::Heat => {
            let sign = view! {
                <span class="us-heat cohort-ramp" aria-hidden="true">
                    <i class="is-part" data-h="3"></i>
                </span>
            };
            (sign.into_any(), format!("* {}", view.unit()))
        }
        CohortChart::Lines => {
            let sign = view! {
                <svg class="us-key cohort-running" viewBox="0 0 18 10" aria-hidden="true">
                    <line x1="0" y1="5" x2="18" y2="5"></line>
                    <path transform="translate(9 5)" d=marker(0)></path>
                </svg>
            };
            (sign.into_any(), view.capital_unit())
        }
    };
    view! {
        <span class="us-row">
            {sign} <span>{format!("{unit} still running{left_out}")}</span>
        </span>
    }
    .into_any()
}

fn notes(view: &CohortView, look: &CohortLook) -> Vec<String> {
    let grid = &view.grid;
    let (capital, unit) = (view.capital_unit(), view.unit());
    let is_lines = look.chart == CohortChart::Lines;
    let no_line = (is_lines && look.figure == CellFigure::Value)
        .then(|| format!("No line for all cohorts: fewer cohorts reach each later {unit}"));
    let change = (look.figure == CellFigure::Change).then(|| {
        let points = if view.counts_users() {
            "percentage points"
        } else {
            "per user"
        };
        let colours = if is_lines {
            ""
        } else {
            "; colours show the figures themselves"
        };
        format!("Change from the previous {unit}, {points}{colours}")
    });
    let later = match (grid.periods, grid.not_begun) {
        (_, 0) => None,
        (first, 1) => Some(format!("{capital} {first} has not started for any cohort")),
        (first, count) => {
            let last = first + count - 1;
            Some(format!(
                "{capital}s {first} to {last} have not started for any cohort"
            ))
        }
    };
    [no_line, change, later].into_iter().flatten().collect()
}
