//! The table of series: what each comes to, or every figure of every bucket.

use leptos::prelude::*;
use segments_charts::time::Figures;
use segments_format as format;
use segments_forms::segmentation::SeriesOf;
use segments_model::query::Interval;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::series::SeriesKey;
use segments_ui::table::sorted_after;
use segments_ui::{SortDirection, SortHead};

use crate::tools::segmentation::figures::{Change, Column, Shown};
use crate::tools::segmentation::numbers::Delta;
use crate::tools::segmentation::outcome::{Outcome, Results, written};
use crate::tools::segmentation::words::WHOLE_RANGE;
use crate::tools::segmentation::{figures, words};

/// How many buckets the table of all figures has columns for.
const MOST_COLUMNS: usize = 200;
/// How many cells a table begins with: so many are there at once. The rest comes when it is asked for.
const FIRST_CELLS: usize = 240;
/// As few rows it begins with, however many cells they have.
const FEWEST_ROWS: usize = 5;

/// A column with what it is called.
#[derive(Clone, Debug, PartialEq)]
struct Head {
    column: Column,
    label: String,
}

/// A row: a series with what stands in its columns. Whether it is drawn is no part of it, so that it stays as it is, with the
/// focus in it, when that changes.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    place: usize,
    of: SeriesOf<usize>,
    group: segments_model::answer::Group,
    mark: String,
    style: usize,
    name: String,
    cells: Vec<Cell>,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    /// A figure.
    Figure {
        column: Column,
        text: String,
        /// The bucket that it is of; none: it is of several.
        bucket: Option<usize>,
        /// Whose figure it is, for those who choose it; none: it has no users.
        says: Option<String>,
        /// What a hint says: the bucket, or why it has no users.
        hint: String,
    },
    /// What has become of the range before.
    Change(Change),
}

/// The columns of an answer: what its series come to, or all buckets, the last of them at least.
fn heads(outcome: &Outcome, all: bool) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut head = |column, label: String| heads.push(Head { column, label });
    let buckets = &outcome.answer.buckets;
    let bucket_label = |place: usize| {
        let name = outcome
            .names
            .get(place)
            .map_or("", |names| names.head.as_str());
        match buckets.get(place) {
            Some(bucket) if bucket.complete => name.to_owned(),
            Some(bucket) if words::is_running(bucket, &outcome.answer.stamp) => {
                format!("{name}, so far")
            }
            _ => format!("{name}, in part"),
        }
    };
    head(Column::Name, "Series".to_owned());
    head(Column::Total, WHOLE_RANGE.to_owned());
    let unit = words::interval_word(outcome.query.interval);
    match buckets.len().checked_sub(1) {
        // The only bucket is the range itself.
        _ if outcome.query.interval == Interval::Full => {}
        _ if all => {
            for place in left_out(outcome)..buckets.len() {
                head(Column::Bucket(place), bucket_label(place));
            }
        }
        Some(last) => {
            head(Column::Mean, format!("Mean per {unit}"));
            head(Column::Lowest, format!("Lowest {unit}"));
            head(Column::Highest, format!("Highest {unit}"));
            head(Column::Bucket(last), bucket_label(last));
        }
        None => {}
    }
    if let Some(previous) = &outcome.answer.previous {
        let days = words::whole_days(previous.start, previous.end);
        head(Column::Change, words::previous_words(days));
    }
    heads
}

/// How many buckets, the earliest of all, have no column.
fn left_out(outcome: &Outcome) -> usize {
    outcome.answer.buckets.len().saturating_sub(MOST_COLUMNS)
}

fn cell(outcome: &Outcome, shown: &Shown, name: &str, column: Column) -> Option<Cell> {
    let series = outcome.answer.series.get(shown.place)?;
    if column == Column::Change {
        return Some(Cell::Change(figures::change_of(series)));
    }
    let (figure, bucket) = figures::cell(series, column, &outcome.answer.buckets);
    let text = match (column, shown.figures, figure) {
        // A mean of whole numbers has one decimal.
        (Column::Mean, Figures::Counts, Some(mean)) => {
            format::decimal((mean * 10.0).round() / 10.0)
        }
        _ => written(shown.figures, figure),
    };
    let when = bucket.and_then(|bucket| outcome.names.get(bucket));
    let hint = match (figure, shown.of, column) {
        (None, ..) => "There is nothing to measure there.".to_owned(),
        (Some(_), SeriesOf::Formula(_), _) => words::NO_USERS.to_owned(),
        (Some(_), _, Column::Lowest | Column::Highest) => {
            when.map(|names| names.head.clone()).unwrap_or_default()
        }
        _ => String::new(),
    };
    let has_users = figure.is_some() && shown.measure().is_some() && column != Column::Mean;
    let says = has_users.then(|| {
        let when = when.map_or("whole range", |names| names.head.as_str());
        format!("{text}, {} {name}, {when}", shown.mark)
    });
    Some(Cell::Figure {
        column,
        text,
        bucket,
        says,
        hint,
    })
}

/// Has a table of many rows begin with some of them: how many there are, and how many of them are to be seen.
#[component]
fn MoreRows(rows: Signal<usize>, seen: Signal<usize>, pages: RwSignal<usize>) -> impl IntoView {
    let has_more = move || seen.get() < rows.get();
    view! {
        <Show when=has_more>
            <p class="us-row us-row--between seg-help" role="status">
                <span class="us-help">
                    {move || {
                        format!(
                            "{} of {} series are shown.",
                            format::count(seen.get() as u64),
                            format::count(rows.get() as u64),
                        )
                    }}
                </span>
                <button class="us-btn us-btn--sm" type="button" on:click=move |_| pages.update(|pages| *pages += 1)>
                    "Show more series"
                </button>
            </p>
        </Show>
    }
    .into_any()
}

/// How many rows are to be seen after so many requests for more, where each has so many cells.
fn rows_seen(rows: usize, cells: usize, pages: usize) -> usize {
    let page = (FIRST_CELLS / cells.max(1)).max(FEWEST_ROWS);
    rows.min(page.saturating_mul(pages))
}

/// The name of a series with a box that shows or hides it.
#[component]
fn Name(results: Results, line: Line) -> impl IntoView {
    let says = format!("Show {} {}", line.mark, line.name);
    let (place, of, group) = (line.place, line.of, line.group);
    let drawn = Memo::new(move |_| results.is_drawn(place));
    let filled = Memo::new(move |_| results.shown.with(|form| form.chart.is_filled()));
    view! {
        <label class="us-check seg-series">
            <input
                class="us-box"
                type="checkbox"
                aria-label=says
                prop:checked=move || drawn.get()
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    let group = group.clone();
                    results.state.change("show or hide a series", None, |form| {
                        if let Some(key) = form.key(of, &group) {
                            form.show_series(key, on);
                        }
                    });
                }
            />
            {move || view! { <SeriesKey style=line.style filled=filled.get() /> }}
            <span class="seg-mark">{line.mark}</span>
            <span class="us-truncate" title=line.name.clone()>{line.name.clone()}</span>
        </label>
    }
}

/// A cell of the table; a figure can be pressed where it has users.
#[component]
fn CellView(
    results: Results,
    place: usize,
    cell: Cell,
    chosen: Memo<Option<(Option<usize>, Option<usize>)>>,
) -> impl IntoView {
    let Cell::Figure {
        column,
        text,
        bucket,
        says,
        hint,
    } = cell
    else {
        let Cell::Change(change) = cell else {
            return ().into_any();
        };
        return view! {
            <td class="us-num">
                <Delta change />
            </td>
        }
        .into_any();
    };
    let selected = bucket.map(|bucket| {
        move || (chosen.get() == Some((Some(place), Some(bucket)))).then_some("true")
    });
    let class = if column == Column::Total {
        "us-num seg-total"
    } else {
        "us-num"
    };
    let title = (!hint.is_empty()).then_some(hint);
    let figure = match says {
        None => text.into_any(),
        Some(says) => view! {
            <button
                class="seg-cell"
                type="button"
                aria-label=says
                on:click=move |event| {
                    let anchor = anchor_of_pressed(&event);
                    results.pick(place, bucket, anchor);
                }
            >
                {text}
            </button>
        }
        .into_any(),
    };
    view! {
        <td class=class title=title aria-selected=selected>
            {figure}
        </td>
    }
    .into_any()
}

/// The series, sorted by any column; each figure with users can be pressed.
#[component]
pub fn SeriesTable(
    /// What it is made of.
    results: Results,
    /// Whether every bucket has a column; else a series is told by what it comes to.
    #[prop(optional)]
    all: bool,
) -> impl IntoView {
    let sorting = RwSignal::new(None::<(Column, SortDirection)>);
    let pages = RwSignal::new(1);
    let chosen = results.chosen();
    let heads = Memo::new(move |_| {
        results.outcome.with(|outcome| {
            outcome
                .as_ref()
                .map_or_else(Vec::new, |outcome| heads(outcome, all))
        })
    });
    let count = Memo::new(move |_| {
        results
            .panes
            .with(|panes| panes.iter().map(|pane| pane.series.len()).sum::<usize>())
    });
    let seen = Memo::new(move |_| {
        let cells = heads.with(|heads| heads.len().saturating_sub(1));
        rows_seen(count.get(), cells, pages.get())
    });
    let lines = Memo::new(move |_| {
        let (panes, heads) = (results.panes.get(), heads.get());
        // What was sorted by need not be there any more.
        let by = sorting
            .get()
            .filter(|(column, _)| heads.iter().any(|head| head.column == *column));
        let lines = results.with(|outcome, form, names| {
            let name = |shown: &Shown| words::series_words(shown, &outcome.query, form, names);
            figures::sorted(&panes, &outcome.answer, by, &name)
                .into_iter()
                .take(seen.get())
                .map(|shown| {
                    let name = name(shown);
                    Line {
                        place: shown.place,
                        of: shown.of,
                        group: shown.group.clone(),
                        mark: shown.mark.clone(),
                        style: shown.style,
                        cells: heads
                            .iter()
                            .filter(|head| head.column != Column::Name)
                            .filter_map(|head| cell(outcome, shown, &name, head.column))
                            .collect(),
                        name,
                    }
                })
                .collect::<Vec<_>>()
        });
        lines.unwrap_or_default()
    });
    let left_out = Memo::new(move |_| {
        results
            .outcome
            .with(|outcome| outcome.as_ref().map_or(0, |outcome| left_out(outcome)))
    });
    let head = move |Head { column, label }: Head| {
        view! {
            <SortHead
                label=label
                class=if column == Column::Name { "" } else { "us-num" }
                sorted=Signal::derive(move || {
                    sorting.get().filter(|(by, _)| *by == column).map(|(_, direction)| direction)
                })
                on_sort=Callback::new(move |()| sorting.update(|sorting| *sorting = sorted_after(*sorting, column, first(column))))
            />
        }
    };
    let row = move |line: Line| {
        let place = line.place;
        let cells = line
            .cells
            .iter()
            .cloned()
            .map(|cell| view! { <CellView results place cell chosen /> })
            .collect_view();
        view! {
            <tr aria-selected=move || {
                chosen.get().is_some_and(|(series, _)| series == Some(place)).then_some("true")
            }>
                <th scope="row">
                    <Name results line />
                </th>
                {cells}
            </tr>
        }
    };
    let (label, caption) = if all {
        ("All figures", "Every figure, a column a bucket.")
    } else {
        (
            "Series",
            "What each series comes to. Mean, lowest and highest are of complete buckets.",
        )
    };
    view! {
        <Show when=move || all && left_out.get() != 0>
            <p class="us-help seg-help" role="status">
                {move || {
                    format!(
                        "The last {MOST_COLUMNS} are shown, {} before them are not: a longer interval shows the whole range.",
                        format::count(left_out.get() as u64),
                    )
                }}
            </p>
        </Show>
        <div class="seg-scroll">
            <div class="us-tablewrap" tabindex="0" role="region" aria-label=label>
                <table class="us-table seg-table" class:seg-table--all=all>
                    <caption class="us-vh">{caption}</caption>
                    <thead>
                        <tr>{move || heads.get().into_iter().map(head).collect_view()}</tr>
                    </thead>
                    <tbody>
                        <For each=move || lines.get() key=|line| format!("{line:?}") children=row />
                    </tbody>
                </table>
            </div>
            <MoreRows rows=count.into() seen=seen.into() pages />
        </div>
    }
    .into_any()
}

/// Which way a column is sorted first: names from A on, figures from the greatest on.
fn first(column: Column) -> SortDirection {
    if column == Column::Name {
        SortDirection::Ascending
    } else {
        SortDirection::Descending
    }
}

#[cfg(test)]
mod tests {
    use super::{first, rows_seen};
    use crate::tools::segmentation::figures::Column;
    use segments_ui::SortDirection::{Ascending, Descending};

    #[test]
    fn a_table_begins_with_some_rows_and_ends_with_all() {
        assert_eq!(rows_seen(40, 6, 1), 40);
        assert_eq!(rows_seen(800, 6, 1), 40);
        assert_eq!(rows_seen(800, 6, 20), 800);
        assert_eq!(rows_seen(20, 201, 1), 5);
        assert_eq!(rows_seen(0, 0, 1), 0);
    }

    #[test]
    fn names_come_from_a_on_and_figures_from_the_greatest_on() {
        assert_eq!(first(Column::Name), Ascending);
        assert_eq!(first(Column::Total), Descending);
    }
}
