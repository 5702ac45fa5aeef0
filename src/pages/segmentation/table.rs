//! The tables: what the series come to, and every figure of every bucket.

use leptos::prelude::*;
use segments_model::query::Interval;

use super::figures::{self, Column, Row, Shown};
use super::numbers::Delta;
use super::outcome::{Results, written};
use super::results::anchor_of;
use super::words;
use crate::charts::series::SeriesKey;
use crate::charts::time::Figures;
use crate::format;
use crate::ui::{SortDirection, SortHead};

/// How many figures a row of the table of series has.
const COLUMNS: usize = 6;
/// How many buckets the table of all figures has columns for.
const MOST_COLUMNS: usize = 200;

/// How many cells a table begins with: so many are there at once. The rest comes when it is asked for.
const FIRST_CELLS: usize = 300;

/// A series with its figures.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    shown: Shown,
    name: String,
    row: Row,
}

fn lines(results: Results) -> Vec<Line> {
    let panes = results.panes.get();
    let lines = results.with(|outcome, draft, names| {
        panes
            .iter()
            .flat_map(|pane| &pane.series)
            .filter_map(|shown| {
                let series = outcome.answer.series.get(shown.place)?;
                Some(Line {
                    name: words::series_words(shown, &outcome.query, draft, names),
                    row: figures::row(series, &outcome.answer.buckets),
                    shown: shown.clone(),
                })
            })
            .collect::<Vec<_>>()
    });
    lines.unwrap_or_default()
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
    let page = (FIRST_CELLS / cells.max(1)).max(5);
    rows.min(page.saturating_mul(pages))
}

/// A figure that can be pressed; of a formula it cannot be.
#[component]
fn Figure(
    results: Results,
    shown: Shown,
    name: String,
    when: String,
    figure: Option<f64>,
    bucket: Option<usize>,
) -> impl IntoView {
    let text = written(shown.figures, figure);
    let place = shown.place;
    if shown.measure().is_none() || figure.is_none() {
        let why = match figure {
            None => "There is nothing to measure there.",
            Some(_) => "A formula has no users of its own: choose one of its measures.",
        };
        return view! { <span title=why>{text}</span> }.into_any();
    }
    let says = format!("{text}, {} {name}, {when}", shown.mark);
    view! {
        <button
            class="seg-cell"
            type="button"
            aria-label=says
            on:click=move |event| {
                let anchor = anchor_of(&event);
                results.pick(place, bucket, anchor);
            }
        >
            {text}
        </button>
    }
    .into_any()
}

/// The name of a series with a box that shows or hides it.
#[component]
fn Name(results: Results, line: Line) -> impl IntoView {
    let shown = line.shown;
    let says = format!("Show {} {}", shown.mark, line.name);
    let drawn = shown.drawn;
    let (of, group) = (shown.of, shown.group.clone());
    view! {
        <label class="us-check seg-series">
            <input
                class="us-box"
                type="checkbox"
                aria-label=says
                prop:checked=drawn
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    let group = group.clone();
                    results.bench.change("show or hide a series", None, |draft| {
                        if let Some(key) = draft.key(of, &group) {
                            draft.show_series(key, on);
                        }
                    });
                }
            />
            <SeriesKey style=shown.style />
            <span class="seg-mark">{shown.mark}</span>
            <span class="us-truncate" title=line.name.clone()>{line.name.clone()}</span>
        </label>
    }
}

/// What each series comes to: sorted by any column, and each figure can be pressed.
#[component]
pub fn SeriesTable(
    /// What it is made of.
    results: Results,
) -> impl IntoView {
    let sorting = RwSignal::new(None::<(Column, SortDirection)>);
    let lines = Memo::new(move |_| lines(results));
    let ordered = Memo::new(move |_| {
        lines.with(|lines| {
            let rows: Vec<(String, Row)> = lines
                .iter()
                .map(|line| (line.name.clone(), line.row.clone()))
                .collect();
            figures::sorted(&rows, sorting.get())
                .into_iter()
                .filter_map(|place| lines.get(place).cloned())
                .collect::<Vec<_>>()
        })
    });
    let chosen = results.chosen();
    // What the columns are called; none where the whole range is the only bucket.
    let buckets = Memo::new(move |_| {
        results
            .with(|outcome, _, _| {
                if outcome.query.interval == Interval::Full {
                    return None;
                }
                let last = outcome.names.last()?.head.clone();
                let running = outcome
                    .answer
                    .buckets
                    .last()
                    .is_some_and(|last| words::is_running(last, &outcome.answer.stamp));
                let last = if running {
                    format!("{last}, so far")
                } else {
                    last
                };
                Some((words::interval_word(outcome.query.interval), last))
            })
            .flatten()
    });
    let compared = Memo::new(move |_| {
        results
            .with(|outcome, _, _| {
                let previous = outcome.answer.previous.as_ref()?;
                Some(words::previous_words(words::whole_days(
                    previous.start,
                    previous.end,
                )))
            })
            .flatten()
    });
    let bucket_name = move |bucket: usize| {
        results
            .with(|outcome, _, _| outcome.names.get(bucket).map(|names| names.head.clone()))
            .flatten()
            .unwrap_or_default()
    };
    let head = move |column: Column, label: String, number: bool| {
        view! {
            <SortHead
                label=label
                class=if number { "us-num" } else { "" }
                sorted=Signal::derive(move || {
                    sorting.get().filter(|(by, _)| *by == column).map(|(_, direction)| direction)
                })
                on_sort=Callback::new(move |()| {
                    sorting
                        .update(|sorting| {
                            let first = if column == Column::Name {
                                SortDirection::Ascending
                            } else {
                                SortDirection::Descending
                            };
                            *sorting = match *sorting {
                                Some((by, direction)) if by == column && direction == first => {
                                    Some((column, turned(direction)))
                                }
                                // The third time the order is that of the answer again.
                                Some((by, _)) if by == column => None,
                                _ => Some((column, first)),
                            };
                        });
                })
            />
        }
    };
    let pages = RwSignal::new(1);
    let count = Signal::derive(move || ordered.with(Vec::len));
    let seen = Signal::derive(move || rows_seen(count.get(), COLUMNS, pages.get()));
    let row = move |line: Line| {
        let place = line.shown.place;
        let name = line.name.clone();
        let shown = line.shown.clone();
        let figures = line.row.clone();
        let cell = move |figure: Option<f64>, bucket: Option<usize>, when: String| {
            view! {
                <Figure
                    results
                    shown=shown.clone()
                    name=name.clone()
                    when=when
                    figure=figure
                    bucket=bucket
                />
            }
        };
        let total = cell(figures.total, None, "whole range".to_owned());
        let inner = buckets.get().map(|(_, last_name)| {
            let mean = mean_written(line.shown.figures, figures.mean);
            let extreme = |figure: Option<(usize, f64)>| {
                let when = figure
                    .map(|(bucket, _)| bucket_name(bucket))
                    .unwrap_or_default();
                let title = when.clone();
                let cell = cell(
                    figure.map(|(_, value)| value),
                    figure.map(|(bucket, _)| bucket),
                    when,
                );
                view! {
                    <td class="us-num" title=title>
                        {cell}
                    </td>
                }
            };
            let last_bucket = results
                .with(|outcome, _, _| outcome.answer.buckets.len().checked_sub(1))
                .flatten();
            let last = cell(figures.last, last_bucket, last_name);
            view! {
                <td class="us-num">{mean}</td>
                {extreme(figures.lowest)}
                {extreme(figures.highest)}
                <td class="us-num">{last}</td>
            }
        });
        let change = figures.change;
        view! {
            <tr aria-selected=move || {
                chosen.get().is_some_and(|(series, _)| series == Some(place)).then_some("true")
            }>
                <th scope="row">
                    <Name results line=line.clone() />
                </th>
                <td class="us-num">
                    <b>{total}</b>
                </td>
                {inner}
                {compared
                    .get()
                    .map(|_| {
                        view! {
                            <td class="us-num">
                                <Delta change />
                            </td>
                        }
                    })}
            </tr>
        }
    };
    view! {
        <div class="us-scrollx seg-scroll">
            <div class="us-tablewrap" tabindex="0" role="region" aria-label="Series">
                <table class="us-table seg-table">
                    <caption class="us-vh">
                        "What each series comes to. Mean, lowest and highest are of complete buckets."
                    </caption>
                    <thead>
                        <tr>
                            {head(Column::Name, "Series".to_owned(), false)}
                            {head(Column::Total, "Whole range".to_owned(), true)}
                            {move || {
                                buckets
                                    .get()
                                    .map(|(unit, last)| {
                                        view! {
                                            {head(Column::Mean, format!("Mean per {unit}"), true)}
                                            {head(Column::Lowest, format!("Lowest {unit}"), true)}
                                            {head(Column::Highest, format!("Highest {unit}"), true)}
                                            {head(Column::Last, last, true)}
                                        }
                                    })
                            }}
                            {move || compared.get().map(|words| head(Column::Change, words, true))}
                        </tr>
                    </thead>
                    <tbody>{move || ordered.get().into_iter().take(seen.get()).map(row).collect_view()}</tbody>
                </table>
            </div>
            <MoreRows rows=count seen pages />
        </div>
    }
    .into_any()
}

const fn turned(direction: SortDirection) -> SortDirection {
    match direction {
        SortDirection::Ascending => SortDirection::Descending,
        SortDirection::Descending => SortDirection::Ascending,
    }
}

/// A mean of whole numbers with one decimal.
fn mean_written(figures: Figures, mean: Option<f64>) -> String {
    match (figures, mean) {
        (Figures::Counts, Some(mean)) => format::decimal((mean * 10.0).round() / 10.0),
        (figures, mean) => written(figures, mean),
    }
}

/// Every figure: a row a series, a column a bucket.
#[component]
pub fn BucketTable(
    /// What it is made of.
    results: Results,
) -> impl IntoView {
    let lines = Memo::new(move |_| lines(results));
    let chosen = results.chosen();
    // The places of the buckets that have a column, with their names; whether they are over; how many there are.
    let columns = Memo::new(move |_| {
        results
            .with(|outcome, _, _| {
                let buckets = &outcome.answer.buckets;
                let left_out = buckets.len().saturating_sub(MOST_COLUMNS);
                let columns: Vec<(usize, String, Option<&'static str>)> = buckets
                    .iter()
                    .zip(&outcome.names)
                    .enumerate()
                    .skip(left_out)
                    .map(|(place, (bucket, names))| {
                        let part = if bucket.complete || outcome.query.interval == Interval::Full {
                            None
                        } else if words::is_running(bucket, &outcome.answer.stamp) {
                            Some("so far")
                        } else {
                            Some("in part")
                        };
                        (place, names.head.clone(), part)
                    })
                    .collect();
                let is_full = outcome.query.interval == Interval::Full;
                (if is_full { Vec::new() } else { columns }, left_out)
            })
            .unwrap_or_default()
    });
    let pages = RwSignal::new(1);
    let count = Signal::derive(move || lines.with(Vec::len));
    let seen = Signal::derive(move || {
        let cells = columns.with(|(columns, _)| columns.len() + 1);
        rows_seen(count.get(), cells, pages.get())
    });
    let row = move |line: Line| {
        let place = line.shown.place;
        let shown = line.shown.clone();
        let name = line.name.clone();
        let values = results
            .with(|outcome, _, _| {
                outcome
                    .answer
                    .series
                    .get(place)
                    .map(|series| series.values.clone())
            })
            .flatten()
            .unwrap_or_default();
        let total = line.row.total;
        let cells = columns
            .get()
            .0
            .into_iter()
            .map(|(bucket, when, _)| {
                view! {
                    <td
                        class="us-num"
                        aria-selected=move || {
                            (chosen.get() == Some((Some(place), Some(bucket)))).then_some("true")
                        }
                    >
                        <Figure
                            results
                            shown=shown.clone()
                            name=name.clone()
                            when=when
                            figure=values.get(bucket).copied().flatten()
                            bucket=Some(bucket)
                        />
                    </td>
                }
            })
            .collect_view();
        view! {
            <tr>
                <th scope="row">
                    <Name results line=line.clone() />
                </th>
                <td class="us-num">
                    <b>
                        <Figure
                            results
                            shown=line.shown.clone()
                            name=line.name.clone()
                            when="whole range".to_owned()
                            figure=total
                            bucket=None
                        />
                    </b>
                </td>
                {cells}
            </tr>
        }
    };
    view! {
        <Show when=move || columns.with(|(_, left_out)| *left_out > 0)>
            <p class="us-help seg-help" role="status">
                {move || {
                    let left_out = columns.with(|(_, left_out)| *left_out);
                    format!(
                        "The last {MOST_COLUMNS} are shown, {} before them are not: a longer interval shows the whole range.",
                        format::count(left_out as u64),
                    )
                }}
            </p>
        </Show>
        <div class="seg-scroll">
            <div class="us-tablewrap" tabindex="0" role="region" aria-label="All figures">
                <table class="us-table seg-table seg-table--all">
                    <caption class="us-vh">"Every figure, a column a bucket"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Series"</th>
                            <th scope="col" class="us-num">
                                "Whole range"
                            </th>
                            {move || {
                                columns
                                    .get()
                                    .0
                                    .into_iter()
                                    .map(|(_, name, part)| {
                                        view! {
                                            <th scope="col" class="us-num">
                                                {name}
                                                {part.map(|part| view! { <small>{format!(" {part}")}</small> })}
                                            </th>
                                        }
                                    })
                                    .collect_view()
                            }}
                        </tr>
                    </thead>
                    <tbody>{move || lines.get().into_iter().take(seen.get()).map(row).collect_view()}</tbody>
                </table>
            </div>
            <MoreRows rows=count seen pages />
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::rows_seen;

    #[test]
    fn a_table_begins_with_some_rows_and_ends_with_all() {
        assert_eq!(rows_seen(40, 6, 1), 40);
        assert_eq!(rows_seen(800, 6, 1), 50);
        assert_eq!(rows_seen(800, 6, 16), 800);
        assert_eq!(rows_seen(20, 201, 1), 5);
        assert_eq!(rows_seen(0, 0, 1), 0);
    }
}
