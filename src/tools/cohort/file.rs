//! The answer as files: every cell as a line of CSV, the heat map as a drawing, and what the drawings say when they are taken
//! along.

use std::ops::Range;

use segments_charts::csv;
use segments_charts::heat::{HeatCell, HeatMap, HeatRow};
use segments_charts::picture::PictureWords;
use segments_format as format;
use segments_forms::cohort::{CellFigure, CohortChart, CohortLook};

use crate::tool::page::stamp;
use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::lines::chart;

/// A line a cell, numbers as they are.
#[must_use]
pub fn csv(view: &CohortView) -> String {
    let (value, rate) = if view.counts_users() {
        ("Returned", "Share")
    } else {
        ("Sum", "Per user")
    };
    let unit = view.capital_unit();
    let head = [
        "Cohort", "Started", &unit, value, "Of users", rate, "Complete",
    ];
    let lines = view.grid.all().flat_map(|row| {
        let name = view.whole(&row.generation);
        let cells = row.cells.iter().enumerate();
        cells.filter_map(move |(period, cell)| {
            let cell = cell.as_ref()?;
            Some([
                name.clone(),
                row.users.to_string(),
                period.to_string(),
                cell.value.to_string(),
                cell.users.to_string(),
                cell.rate.map(|rate| rate.to_string()).unwrap_or_default(),
                if cell.complete { "yes" } else { "no" }.to_owned(),
            ])
        })
    });
    let lines: Vec<_> = std::iter::once(head.map(str::to_owned))
        .chain(lines)
        .collect();
    csv::csv(lines.iter().map(|line| line.iter().map(String::as_str)))
}

/// The heat map as it is drawn: the rows and periods of a page.
#[must_use]
pub fn map(
    view: &CohortView,
    look: &CohortLook,
    on_page: Range<usize>,
    periods: Range<usize>,
) -> HeatMap {
    let page = view
        .grid
        .rows
        .iter()
        .skip(on_page.start)
        .take(on_page.len());
    let rows = std::iter::once(&view.grid.overall).chain(page).map(|row| {
        let cell = |period: usize| {
            let cell = row.cell(period).filter(|cell| look.has(cell.complete))?;
            let mark = if cell.complete { "" } else { "*" };
            Some(HeatCell {
                text: format!("{}{mark}", view.figure(&cell, look.figure)?),
                level: view.grid.scale.level(cell.rate.unwrap_or_default()),
                part: !cell.complete,
            })
        };
        HeatRow {
            name: view.head(&row.generation, look.figure),
            detail: format::count(row.users),
            strong: row.generation.is_none(),
            cells: periods.clone().map(cell).collect(),
        }
    });
    let rows: Vec<HeatRow> = rows.collect();
    let mut cells = rows.iter().flat_map(|row| row.cells.iter().flatten());
    let note = cells
        .any(|cell| cell.part)
        .then(|| format!("* {} still running", view.unit()));
    HeatMap {
        corner: (view.start.clone(), "Users".to_owned()),
        columns: periods
            .clone()
            .map(|period| view.column(period, period == periods.start))
            .collect(),
        note: note.unwrap_or_default(),
        rows,
    }
}

/// The words around the drawings of an answer as it is shown.
#[must_use]
pub fn picture_words(view: &CohortView, look: &CohortLook) -> PictureWords {
    let figure = match (look.figure, view.counts_users()) {
        (CellFigure::Rate, true) => "% of cohort".to_owned(),
        (CellFigure::Rate, false) => "per user".to_owned(),
        (CellFigure::Value, true) => "users".to_owned(),
        (CellFigure::Value, false) => "sum".to_owned(),
        (CellFigure::Change, _) => format!("change from the previous {}", view.unit()),
    };
    let figures = format!("{}, {figure}", view.title());
    let words = match look.chart {
        CohortChart::Lines => {
            let chart = chart(view, look);
            let mut series = chart.series.iter();
            let is_any_running = series
                .any(|series| (0..chart.buckets.len()).any(|bucket| series.is_running(bucket)));
            let running = || format!("Dotted: {} still running", view.unit());
            PictureWords {
                headings: vec![figures],
                notes: is_any_running.then(running).into_iter().collect(),
                ..PictureWords::of_charts(&[&chart])
            }
        }
        CohortChart::Heat => {
            let curve = if view.counts_users() {
                "All cohorts, weighted, with the 95% interval (Wilson)"
            } else {
                "All cohorts, weighted"
            };
            let is_drawn = look.curve && view.grid.has_average();
            let curve = is_drawn.then(|| curve.to_owned());
            PictureWords {
                headings: curve.into_iter().chain([figures]).collect(),
                ..PictureWords::default()
            }
        }
    };
    PictureWords {
        stamp: stamp::parts(&view.answer.stamp, None).to_vec(),
        ..words
    }
}
