//! What has to be known to read the heat map or the lines.

use leptos::prelude::*;
use segments_charts::heat::LEVELS;
use segments_charts::series::marker;
use segments_format as format;
use segments_forms::cohort::{CellFigure, Chart, Shown};
use segments_ui::charts::series::SeriesKey;

use crate::tools::cohort::answer::{Seen, has_all};

/// The colours or the lines, the mark of what is still running, and what is not shown.
pub fn legend(seen: &Seen, shown: &Shown) -> AnyView {
    let is_any_running = || {
        let rows = seen.grid.rows.iter();
        rows.flat_map(|row| row.cells.iter().flatten())
            .any(|cell| !cell.complete)
    };
    let running = (shown.incomplete && is_any_running()).then(|| running(seen, shown));
    let signs = match shown.chart {
        Chart::Heat => Some(colours(seen)),
        Chart::Lines if has_all(seen, shown) => Some(line_of_all(seen, shown)),
        Chart::Lines => None,
    };
    let notes = notes(seen, shown)
        .into_iter()
        .map(|note| view! { <span>{note}</span> })
        .collect_view();
    view! { <div class="us-row us-row--wrap us-xs us-2 cohort-legend">{signs} {running} {notes}</div> }
        .into_any()
}

/// Every colour with the figure that it begins at.
fn colours(seen: &Seen) -> AnyView {
    let words = &seen.words;
    let unit = if words.counts_users() {
        "%"
    } else {
        "per user"
    };
    let begins = seen.grid.scale.begins();
    let ramp = std::iter::once(&0.0)
        .chain(begins)
        .zip(1..=LEVELS)
        .map(|(begin, level)| {
            let begin = words.round_rate(*begin).trim_end_matches('%').to_owned();
            view! { <i data-h=level.to_string()>{begin}</i> }
        })
        .collect_view();
    view! {
        <span class="us-row">
            <span>"Colours begin at"</span>
            <span class="us-heat cohort-ramp">{ramp}</span>
            <span>{unit}</span>
        </span>
    }
    .into_any()
}

fn line_of_all(seen: &Seen, shown: &Shown) -> AnyView {
    view! {
        <span class="us-row">
            <SeriesKey style=0 />
            <span>{seen.words.head(None, shown.figure)}</span>
        </span>
    }
    .into_any()
}

fn running(seen: &Seen, shown: &Shown) -> AnyView {
    let words = &seen.words;
    let left_out = match (shown.chart, shown.figure) {
        (Chart::Lines, CellFigure::Value) => "",
        (Chart::Heat, CellFigure::Value) => ", not in the sum",
        (_, CellFigure::Rate | CellFigure::Change) => ", not in the average",
    };
    let (sign, word) = match shown.chart {
        Chart::Heat => {
            let sign = view! {
                <span class="us-heat cohort-ramp" aria-hidden="true">
                    <i class="is-part" data-h="3"></i>
                </span>
            };
            (sign.into_any(), format!("* {}", words.word()))
        }
        Chart::Lines => {
            let sign = view! {
                <svg class="us-key cohort-running" viewBox="0 0 18 10" aria-hidden="true">
                    <line x1="0" y1="5" x2="18" y2="5"></line>
                    <path transform="translate(9 5)" d=marker(0)></path>
                </svg>
            };
            (sign.into_any(), words.unit().to_owned())
        }
    };
    view! {
        <span class="us-row">
            {sign}
            <span>{format!("{word} still running{left_out}")}</span>
        </span>
    }
    .into_any()
}

fn notes(seen: &Seen, shown: &Shown) -> Vec<String> {
    let (words, grid) = (&seen.words, &seen.grid);
    let (unit, word) = (words.unit(), words.word());
    let is_without = shown.chart == Chart::Lines && shown.figure == CellFigure::Value;
    let no_line = is_without
        .then(|| format!("No line for all cohorts: fewer of them have come to each later {word}"));
    let change = (shown.figure == CellFigure::Change).then(|| {
        let points = if words.counts_users() {
            "percentage points"
        } else {
            "per user"
        };
        let colours = match shown.chart {
            Chart::Heat => "; colours are of the figures themselves",
            Chart::Lines => "",
        };
        format!("Change against the {word} before, {points}{colours}")
    });
    let later = match (grid.periods, grid.not_begun) {
        (_, 0) => None,
        (first, 1) => Some(format!("{unit} {first} has not begun for anybody")),
        (first, count) => Some(format!(
            "{unit}s {first} to {} have not begun for anybody",
            first + count - 1
        )),
    };
    let left_out = seen.answer().map_or(0, |answer| answer.groups_left_out);
    let left_out = (left_out > 0).then(|| {
        let groups = format::plural(left_out, "smaller group", "smaller groups");
        format!("{groups} not shown, but in all cohorts together")
    });
    [no_line, change, later, left_out]
        .into_iter()
        .flatten()
        .collect()
}
