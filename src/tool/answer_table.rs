//! The table of an answer: its columns and rows are data. It is sorted by any column, its rows can be shown or hidden in the
//! chart, and each figure that has users can be pressed. A long one begins with some of its rows.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::scene::Anchor;
use segments_format as format;
use segments_model::limits::MAX_GROUPS;
use segments_model::sort::sort_by;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::series::SeriesKey;
use segments_ui::table::sorted_after;
use segments_ui::{Glyph, Icon, SortDirection, SortHead};

use crate::tool::state::QueryState;

/// How many cells a table begins with: so many are there at once. The rest comes when it is asked for.
const FIRST_CELLS: usize = 240;
/// As few rows it begins with, however many cells they have.
const FEWEST_ROWS: usize = 5;

pub struct AnswerTable {
    /// What it is, for those who do not see it.
    pub caption: String,
    /// The head of the first column, which has the rows' names.
    pub name: String,
    /// The other columns.
    pub columns: Vec<AnswerColumn>,
    /// The rows, as they came.
    pub rows: Vec<AnswerRow>,
    /// The figure of a row in a column, by their places, to sort by.
    pub figure: Box<dyn Fn(usize, usize) -> Option<f64> + Send + Sync>,
    /// What stands in a cell.
    pub cell: Box<dyn Fn(usize, usize) -> AnswerCell + Send + Sync>,
}

impl PartialEq for AnswerTable {
    /// Each is made of another answer, or shown otherwise.
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerColumn {
    /// A number before its name.
    pub number: Option<usize>,
    pub label: String,
    /// More classes of its cells.
    pub class: &'static str,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerRow {
    /// The letter before its name.
    pub mark: String,
    pub name: String,
    /// Whether it stays above the others however they are sorted.
    pub is_total: bool,
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerCell {
    /// A sign before the text.
    pub glyph: Option<Glyph>,
    pub text: String,
    pub below: Option<String>,
    /// What a hint says; empty: nothing.
    pub hint: String,
    /// What pressing it is called; none: it has no users to choose.
    pub press: Option<String>,
}

impl AnswerCell {
    /// A text that cannot be pressed.
    #[must_use]
    pub fn text(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

/// A cell by its places; no column: the row.
pub type At = (usize, Option<usize>);

/// Which rows are in the chart, and how that is changed.
#[derive(Clone, Copy)]
pub struct InChart {
    /// Whether a row is there.
    pub has: Callback<usize, bool>,
    /// The style of a row, where its sign stands before its name.
    pub style: Callback<usize, Option<usize>>,
    /// Whether the chart draws surfaces.
    pub filled: Signal<bool>,
    /// Why no other row can be there; none: it can.
    pub full: Signal<Option<&'static str>>,
    /// What the box of a row is called.
    pub label: fn(&AnswerRow) -> String,
    /// Shows or hides a row.
    pub on_toggle: Callback<(usize, bool)>,
}

/// What a table is sorted by: a column, or none for the rows' names.
type Sorting = (Option<usize>, SortDirection);

/// The order of rows: the totals first, the others by a column, or as they came.
fn order(table: &AnswerTable, by: Option<Sorting>) -> Vec<usize> {
    let mut places: Vec<usize> = (0..table.rows.len()).collect();
    let Some((column, direction)) = by else {
        return places;
    };
    let row = |place: usize| table.rows.get(place);
    let compare = |left: usize, right: usize| match (column, direction) {
        (Some(column), _) => {
            direction.order((table.figure)(left, column), (table.figure)(right, column))
        }
        (None, SortDirection::Ascending) => name(row(left)).cmp(name(row(right))),
        (None, SortDirection::Descending) => name(row(right)).cmp(name(row(left))),
    };
    let is_below = |place: usize| !row(place).is_some_and(|row| row.is_total);
    sort_by(&mut places, |left, right| {
        is_below(*left)
            .cmp(&is_below(*right))
            .then_with(|| compare(*left, *right))
    });
    places
}

fn name(row: Option<&AnswerRow>) -> &str {
    row.map_or("", |row| &row.name)
}

/// How many rows are there after so many requests for more, where each has so many cells.
fn rows_shown(rows: usize, cells: usize, pages: usize) -> usize {
    let page = (FIRST_CELLS / cells.max(1)).max(FEWEST_ROWS);
    rows.min(page.saturating_mul(pages))
}

#[component]
pub fn AnswerTableView(
    #[prop(into)] table: Signal<Option<Arc<AnswerTable>>>,
    /// The first part of its classes.
    class: &'static str,
    #[prop(optional)] more_class: &'static str,
    #[prop(into)] label: Signal<String>,
    /// Which rows are in the chart; none: that is not to be chosen.
    #[prop(into)]
    in_chart: Signal<Option<InChart>>,
    /// Whether a cell or a row is selected.
    is_selected: Callback<At, bool>,
    /// Called with the cell that is pressed.
    on_press: Callback<(usize, usize, Anchor)>,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<Sorting>);
    let pages = RwSignal::new(1);
    let heads = Memo::new(move |_| {
        table.with(|table| {
            let table = table.as_ref()?;
            Some((table.name.clone(), table.columns.clone(), table.rows.len()))
        })
    });
    let count = move || heads.with(|heads| heads.as_ref().map_or(0, |(.., rows)| *rows));
    let visible = Memo::new(move |_| {
        let cells = heads.with(|heads| heads.as_ref().map_or(0, |(_, columns, _)| columns.len()));
        rows_shown(count(), cells, pages.get())
    });
    // What was sorted by need not be there any more.
    let by = Memo::new(move |_| {
        let columns = heads.with(|heads| heads.as_ref().map_or(0, |(_, columns, _)| columns.len()));
        let by = chosen.get();
        by.filter(|(column, _)| column.is_none_or(|column| column < columns))
    });
    let lines = Memo::new(move |_| {
        let Some(table) = table.get() else {
            return Vec::new();
        };
        let places = order(&table, by.get()).into_iter().take(visible.get());
        let line = |place: usize| {
            let row = table.rows.get(place).cloned().unwrap_or_default();
            let cells = (0..table.columns.len()).map(|column| (table.cell)(place, column));
            (place, row, cells.collect::<Vec<_>>())
        };
        places.map(line).collect::<Vec<_>>()
    });
    let heads_row = move || {
        let (name, columns, rows) = heads.get()?;
        let totals = table.with(|table| {
            let rows = table.as_ref().map_or(&[][..], |table| &table.rows);
            rows.iter().filter(|row| row.is_total).count()
        });
        let first = AnswerColumn {
            label: name,
            ..AnswerColumn::default()
        };
        // One row has no order.
        let sorting = (rows - totals > 1).then_some(TableSorting { by, chosen });
        let others = columns.into_iter().enumerate();
        let others = others.map(|(place, column)| (Some(place), column));
        let heads = std::iter::once((None, first)).chain(others);
        let heads = heads.map(|(place, column)| head_view(place, column, class, sorting));
        Some(heads.collect_view())
    };
    let row = move |(place, row, cells): (usize, AnswerRow, Vec<AnswerCell>)| {
        let classes = table.with_untracked(|table| {
            let columns = table.as_ref().map_or(&[][..], |table| &table.columns);
            columns
                .iter()
                .map(|column| column.class)
                .collect::<Vec<_>>()
        });
        let cells = cells.into_iter().zip(classes).enumerate();
        let cells = cells.map(|(column, (cell, more))| {
            let on = Memo::new(move |_| is_selected.run((place, Some(column))));
            cell_view(cell, class, more, on, move |anchor| {
                on_press.run((place, column, anchor))
            })
        });
        let is_total = row.is_total;
        view! {
            <tr class:is-total=is_total aria-selected=move || is_selected.run((place, None)).then_some("true")>
                <th scope="row">{name_view(place, row, class, in_chart)}</th>
                {cells.collect_view()}
            </tr>
        }
    };
    let caption = move || table.with(|table| Some(table.as_ref()?.caption.clone()));
    view! {
        <div class=format!("{class}-scroll")>
            <div class="us-tablewrap" tabindex="0" role="region" aria-label=move || label.get()>
                <table class=format!("us-table {class}-table {more_class}")>
                    <caption class="us-vh">{caption}</caption>
                    <thead>
                        <tr>{heads_row}</tr>
                    </thead>
                    <tbody>
                        // A row stays as it is, with the focus in it, while nothing in it changes.
                        <For each=move || lines.get() key=|line| format!("{line:?}") children=row />
                    </tbody>
                </table>
            </div>
            <MoreRows rows=Signal::derive(count) visible pages />
        </div>
    }
    .into_any()
}

/// What a table is sorted by, and what changes that.
#[derive(Clone, Copy)]
struct TableSorting {
    by: Memo<Option<Sorting>>,
    chosen: RwSignal<Option<Sorting>>,
}

/// The head of a column, or of the rows' names, which have no place; no `sorting`: it is not to be sorted.
fn head_view(
    place: Option<usize>,
    column: AnswerColumn,
    class: &'static str,
    sorting: Option<TableSorting>,
) -> AnyView {
    let AnswerColumn {
        number,
        label,
        class: more,
    } = column;
    let title = label.clone();
    let words = move || {
        let number =
            number.map(|number| view! { <span class="query-mark">{number}</span> "\u{a0}" });
        view! { <span class=format!("{class}-th")>{number} {label}</span> }
    };
    let (numeric, first) = if place.is_some() {
        ("us-num", SortDirection::Descending)
    } else {
        ("", SortDirection::Ascending)
    };
    let class = format!("{numeric} {more}");
    let Some(TableSorting { by, chosen }) = sorting else {
        return view! {
            <th scope="col" class=class title=title>
                {words()}
            </th>
        }
        .into_any();
    };
    let sorted = move || {
        let by = by.get().filter(|(by, _)| *by == place);
        by.map(|(_, direction)| direction)
    };
    let on_sort = move |()| chosen.update(|by| *by = sorted_after(*by, place, first));
    view! {
        <SortHead label=title class sorted=Signal::derive(sorted) on_sort=Callback::new(on_sort)>
            {words()}
        </SortHead>
    }
    .into_any()
}

/// Has a table of many rows begin with some of them.
#[component]
fn MoreRows(rows: Signal<usize>, visible: Memo<usize>, pages: RwSignal<usize>) -> impl IntoView {
    let words = move || {
        let (visible, rows) = (visible.get() as u64, rows.get() as u64);
        format!(
            "Showing {} of {} rows.",
            format::count(visible),
            format::count(rows)
        )
    };
    view! {
        <Show when=move || visible.get() < rows.get()>
            <p class="us-row us-row--between tool__more" role="status">
                <span class="us-help">{words}</span>
                <button
                    class="us-btn us-btn--sm"
                    type="button"
                    on:click=move |_| pages.update(|pages| *pages += 1)
                >
                    "Show more rows"
                </button>
            </p>
        </Show>
    }
    .into_any()
}

/// The groups that an answer leaves out.
#[component]
pub fn GroupsLeftOut(#[prop(into)] left_out: Signal<u64>) -> impl IntoView {
    let state = QueryState::expect();
    let may_more = Memo::new(move |_| state.most_groups() < MAX_GROUPS);
    let words = move || {
        let left_out = left_out.get();
        let is = if left_out == 1 { "is" } else { "are" };
        let groups = format::plural(left_out, "more group", "more groups");
        format!("{groups} {is} not shown.")
    };
    view! {
        <Show when=move || left_out.get() != 0>
            <p class="us-banner tool__left-out" role="status">
                <Icon glyph=Glyph::Breakdown small=true />
                <span class="us-grow">{words}</span>
                <Show when=move || may_more.get()>
                    <button
                        class="us-btn us-btn--sm"
                        type="button"
                        on:click=move |_| state.show_more_groups(left_out.get_untracked())
                    >
                        "Show more"
                    </button>
                </Show>
            </p>
        </Show>
    }
    .into_any()
}

/// The name of a row, with a box that shows or hides it where that can be chosen.
fn name_view(
    place: usize,
    row: AnswerRow,
    class: &'static str,
    in_chart: Signal<Option<InChart>>,
) -> impl IntoView {
    let words = {
        let (mark, name) = (row.mark.clone(), row.name.clone());
        move || {
            let mark =
                (!mark.is_empty()).then(|| view! { <span class="seg-mark">{mark.clone()}</span> });
            view! {
                {mark}
                <span class="us-truncate" title=name.clone()>
                    {name.clone()}
                </span>
            }
        }
    };
    let has_box = Memo::new(move |_| in_chart.with(Option::is_some));
    move || {
        let Some(chart) = in_chart.get_untracked().filter(|_| has_box.get()) else {
            return words().into_any();
        };
        let has = Memo::new(move |_| chart.has.run(place));
        let full = Memo::new(move |_| chart.full.get().filter(|_| !has.get()));
        let style = Memo::new(move |_| chart.style.run(place));
        let key = move || {
            let style = style.get();
            style.map(|style| view! { <SeriesKey style filled=chart.filled.get() /> })
        };
        view! {
            <label class=format!("us-check {class}-series")>
                <input
                    class="us-box"
                    type="checkbox"
                    aria-label=(chart.label)(&row)
                    title=move || full.get()
                    disabled=move || full.get().is_some()
                    prop:checked=move || has.get()
                    on:change=move |event| chart.on_toggle.run((place, event_target_checked(&event)))
                />
                {key}
                {words()}
            </label>
        }
        .into_any()
    }
}

fn cell_view(
    cell: AnswerCell,
    class: &'static str,
    more: &'static str,
    on: Memo<bool>,
    press: impl Fn(Anchor) + 'static,
) -> impl IntoView {
    let title = (!cell.hint.is_empty()).then(|| cell.hint.clone());
    let (press_name, below) = (cell.press.clone(), cell.below.clone());
    // Two figures are read as the sentence that names the button, which has other words between them.
    let is_sentence = press_name.is_some() && below.is_some();
    let hidden = is_sentence.then_some("true");
    let below = below.map(|text| view! { <small aria-hidden=hidden>{text}</small> });
    let figure = match press_name {
        None => view! { {figure_view(cell)} {below} }.into_any(),
        Some(name) => {
            let (sentence, label) = if is_sentence {
                (Some(view! { <span class="us-vh">{name}</span> }), None)
            } else {
                (None, Some(name))
            };
            view! {
                <button
                    class=format!("{class}-cell")
                    class:is-on=move || on.get()
                    type="button"
                    aria-label=label
                    on:click=move |event| press(anchor_of_pressed(&event))
                >
                    {sentence}
                    <span aria-hidden=hidden>{cell.text}</span>
                    {below}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <td
            class=format!("us-num {more}")
            title=title
            aria-selected=move || on.get().then_some("true")
        >
            {figure}
        </td>
    }
}

/// A figure with its sign, or a dash with why there is none.
pub fn figure_view(cell: AnswerCell) -> AnyView {
    let AnswerCell {
        glyph, text, hint, ..
    } = cell;
    if text.is_empty() && !hint.is_empty() {
        return view! {
            <span class="us-muted seg-nochange" title=hint.clone()>
                <span aria-hidden="true">"\u{2013}"</span>
                <span class="us-vh">{hint.clone()}</span>
            </span>
        }
        .into_any();
    }
    match glyph {
        None => text.into_any(),
        Some(glyph) => view! {
            <span class="us-delta us-2">
                <Icon glyph small=true />
                {text}
            </span>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::{AnswerCell, AnswerRow, AnswerTable, order, rows_shown};
    use segments_ui::SortDirection::{Ascending, Descending};

    #[test]
    fn totals_stay_first_and_what_has_no_figure_comes_last() {
        let rows = [
            ("All users", [Some(100.0), Some(5.0)]),
            ("Web", [Some(60.0), None]),
            ("iOS", [Some(40.0), Some(9.0)]),
            ("Android", [Some(30.0), Some(2.0)]),
        ];
        let table = AnswerTable {
            caption: String::new(),
            name: String::new(),
            columns: Vec::new(),
            rows: rows
                .iter()
                .map(|(name, _)| AnswerRow {
                    name: (*name).to_owned(),
                    is_total: *name == "All users",
                    ..AnswerRow::default()
                })
                .collect(),
            figure: Box::new(move |row, column| rows[row].1[column]),
            cell: Box::new(|_, _| AnswerCell::default()),
        };
        let by = |column, direction| order(&table, Some((column, direction)));
        assert_eq!(order(&table, None), [0, 1, 2, 3]);
        assert_eq!(by(None, Ascending), [0, 3, 1, 2]);
        assert_eq!(by(None, Descending), [0, 2, 1, 3]);
        assert_eq!(by(Some(0), Ascending), [0, 3, 2, 1]);
        assert_eq!(by(Some(1), Descending), [0, 2, 3, 1]);
        assert_eq!(by(Some(1), Ascending), [0, 3, 2, 1]);
    }

    #[test]
    fn a_table_begins_with_some_rows_and_ends_with_all() {
        assert_eq!(rows_shown(40, 6, 1), 40);
        assert_eq!(rows_shown(400, 6, 1), 40);
        assert_eq!(rows_shown(400, 6, 3), 120);
        assert_eq!(rows_shown(400, 6, 99), 400);
        assert_eq!(rows_shown(100, 200, 1), 5);
        assert_eq!(rows_shown(0, 0, 1), 0);
    }
}
