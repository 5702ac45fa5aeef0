//! The answer as files: every cell as a line of CSV, and the heat map as a drawing.

use std::ops::Range;

use segments_charts::csv;
use segments_charts::heat::{HeatCell, HeatMap, HeatRow};
use segments_format as format;
use segments_forms::cohort::Shown;

use crate::tools::cohort::answer::Seen;
use crate::tools::cohort::grid::GridRow;

/// A line a cell, numbers as they are.
#[must_use]
pub fn csv(seen: &Seen) -> String {
    let words = &seen.words;
    let (value, rate) = if words.counts_users() {
        ("Returned", "Share")
    } else {
        ("Sum", "Per user")
    };
    let head = [
        "Cohort",
        "Started",
        words.unit(),
        value,
        "Of users",
        rate,
        "Complete",
    ];
    let lines = rows(seen).flat_map(|row| {
        let name = words.whole(row.generation.as_ref());
        row.cells
            .iter()
            .enumerate()
            .filter_map(move |(period, cell)| {
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

fn rows(seen: &Seen) -> impl Iterator<Item = &GridRow> {
    std::iter::once(&seen.grid.overall).chain(&seen.grid.rows)
}

/// The heat map as it is drawn: the rows and periods of a page.
#[must_use]
pub fn map(seen: &Seen, shown: &Shown, on_page: Range<usize>, periods: Range<usize>) -> HeatMap {
    let words = &seen.words;
    let page = seen
        .grid
        .rows
        .iter()
        .skip(on_page.start)
        .take(on_page.len());
    let mut any_part = false;
    let rows = std::iter::once(&seen.grid.overall)
        .chain(page)
        .map(|row| HeatRow {
            name: words.head(row.generation.as_ref(), shown.figure),
            detail: format::count(row.users),
            strong: row.generation.is_none(),
            cells: periods
                .clone()
                .map(|period| {
                    let cell = row.cell(period).filter(|cell| shown.has(cell.complete))?;
                    any_part |= !cell.complete;
                    let mark = if cell.complete { "" } else { "*" };
                    Some(HeatCell {
                        text: format!("{}{mark}", words.figure(&cell, shown.figure)?),
                        level: seen.grid.scale.level(cell.rate.unwrap_or_default()),
                        part: !cell.complete,
                    })
                })
                .collect(),
        })
        .collect();
    let note = if any_part {
        format!("* {} still running", words.word())
    } else {
        String::new()
    };
    HeatMap {
        corner: (words.start().to_owned(), "Users".to_owned()),
        columns: periods
            .clone()
            .map(|period| words.column(period, period == periods.start))
            .collect(),
        rows,
        note,
    }
}
