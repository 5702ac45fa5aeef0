//! The heat map as a table of buttons: every row, column and cell opens its users. The arrow keys go over it.

use std::ops::Range;
use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use segments_charts::heat::Columns;
use segments_format as format;
use segments_forms::cohort::{CellFigure, CohortLook};
use segments_ui::charts::anchor_of;
use segments_ui::dom::{active_element, all_below, focus};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent};

use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::grid::{CohortPart, Generation, GridRow};
use crate::tools::cohort::state::CohortState;

#[component]
pub fn HeatTable(
    view: Arc<CohortView>,
    look: CohortLook,
    /// Which rows of the answer are on this page of it.
    rows: Range<usize>,
    /// The same of the periods.
    periods: Range<usize>,
    /// Where the columns stand.
    columns: Columns,
) -> impl IntoView {
    let state = CohortState::expect();
    let table = NodeRef::<html::Table>::new();
    let on_page = view.grid.rows.iter().skip(rows.start).take(rows.len());
    let places = Arc::new(Places {
        generations: on_page.clone().map(|row| row.generation.clone()).collect(),
        first: periods.start,
    });
    Effect::new({
        let places = Arc::clone(&places);
        move |_| {
            let at = state.selected.with(|part| places.place(part.as_ref()?));
            if let Some(table) = table.get() {
                mark(&table, at);
            }
        }
    });
    let sheet = Sheet {
        view: Arc::clone(&view),
        look,
        periods: periods.clone(),
    };
    let heads = periods
        .enumerate()
        .map(|(place, period)| sheet.column(place, period));
    let body = std::iter::once(&view.grid.overall)
        .chain(on_page)
        .enumerate();
    let body = body.map(|(place, row)| sheet.row(place + 1, row));
    let caption = format!("{}: {}", view.title(), sheet.caption());
    let width = |width: f64| format!("{width}px");
    let cols = (0..columns.count).map(|_| view! { <col style:inline-size=width(columns.cell) /> });
    let press = move |event: MouseEvent| {
        let button = target(&event).and_then(|target| target.closest("button[data-row]").ok()?);
        if let Some(button) = button
            && let Some(part) = place(&button).and_then(|at| places.part(at))
        {
            state.select(&part, anchor_of(&button));
        }
    };
    view! {
        <table
            class="us-heat cohort-heat"
            role="grid"
            node_ref=table
            style:inline-size=width(columns.width())
            on:click=press
            on:keydown=move |event| {
                if let Some(table) = table.get_untracked() {
                    go(&table, &event);
                }
            }
            on:focusin=move |event| {
                // Tab comes back to where it left.
                if let (Some(table), Some(target)) = (table.get_untracked(), target(&event)) {
                    stop_at(&table, &target);
                }
            }
        >
            <caption class="us-vh">{caption}</caption>
            <colgroup>
                <col style:inline-size=width(columns.head) />
                <col style:inline-size=width(columns.detail) />
                {cols.collect_view()}
            </colgroup>
            <thead>
                <tr>
                    <th class="cohort-corner" scope="col">
                        <span class="us-truncate" title=view.start.clone()>
                            {view.start.clone()}
                        </span>
                    </th>
                    <th class="cohort-size" scope="col">
                        "Users"
                    </th>
                    {heads.collect_view()}
                </tr>
            </thead>
            <tbody>{body.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn target(event: &web_sys::Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Which part of the answer stands where: below the heads a row of all generations and one for each of them, beside the heads
/// a column for each period. One listener for the whole table then does for thousands of buttons.
struct Places {
    generations: Vec<Generation>,
    first: usize,
}

impl Places {
    fn part(&self, (row, column): (usize, usize)) -> Option<CohortPart> {
        Some(CohortPart {
            generation: match row.checked_sub(2) {
                Some(place) => self.generations.get(place)?.clone(),
                None => None,
            },
            period: column.checked_sub(1).map(|place| self.first + place),
        })
    }

    /// Where a part is; of a column its figure, not its head. None where it is not on this page.
    fn place(&self, part: &CohortPart) -> Option<(usize, usize)> {
        let row = match part.generation {
            Some(_) => {
                let mut generations = self.generations.iter();
                2 + generations.position(|generation| *generation == part.generation)?
            }
            None => 1,
        };
        let column = match part.period {
            Some(period) => 1 + period.checked_sub(self.first)?,
            None => 0,
        };
        Some((row, column))
    }
}

/// What all cells of a table share.
struct Sheet {
    view: Arc<CohortView>,
    look: CohortLook,
    periods: Range<usize>,
}

impl Sheet {
    fn caption(&self) -> &'static str {
        match (self.look.figure, self.view.counts_users()) {
            (CellFigure::Rate, true) => "percent of users who started",
            (CellFigure::Rate, false) => "sum per user who started",
            (CellFigure::Value, true) => "users",
            (CellFigure::Value, false) => "sum",
            (CellFigure::Change, true) => "percentage points, change from the previous period",
            (CellFigure::Change, false) => "per user, change from the previous period",
        }
    }

    fn column(&self, place: usize, period: usize) -> AnyView {
        let words = &self.view;
        let text = words.column(period, place == 0);
        let cell = self.view.grid.overall.cell(period);
        match cell {
            Some(cell) => {
                let name = words.cell(&words.whole(&None), period, &cell, CellFigure::Rate);
                view! { <th scope="col">{button((0, place + 1), name, text)}</th> }.into_any()
            }
            None => view! { <th scope="col">{text}</th> }.into_any(),
        }
    }

    fn row(&self, row: usize, of: &GridRow) -> AnyView {
        let words = &self.view;
        let all = of.generation.is_none();
        let head = words.head(&of.generation, self.look.figure);
        let whole = words.whole(&of.generation);
        // What is read out has what is seen in it.
        let name = format!(
            "{}: {} started",
            if whole.contains(&head) { &whole } else { &head },
            format::plural(of.users, "user", "users")
        );
        let title = head.clone();
        let cells = self
            .periods
            .clone()
            .enumerate()
            .map(|(place, period)| self.cell((row, place + 1), of, &whole, period))
            .collect_view();
        view! {
            <tr class:us-heat__sum=all>
                <th scope="row" title=title>
                    {button((row, 0), name, head)}
                </th>
                <td class="us-num cohort-size">{format::count(of.users)}</td>
                {cells}
            </tr>
        }
        .into_any()
    }

    fn cell(&self, at: (usize, usize), row: &GridRow, whole: &str, period: usize) -> AnyView {
        let all = row.generation.is_none();
        let Some(cell) = row.cell(period).filter(|cell| self.look.has(cell.complete)) else {
            let mark = all.then_some("\u{2013}");
            return view! { <td class="us-muted">{mark}</td> }.into_any();
        };
        let words = &self.view;
        let figure = words
            .figure(&cell, self.look.figure)
            .unwrap_or_else(|| "\u{2013}".to_owned());
        let text = if cell.complete {
            figure
        } else {
            format!("{figure}*")
        };
        let name = words.cell(whole, period, &cell, self.look.figure);
        let level = self.view.grid.scale.level(cell.rate.unwrap_or_default());
        view! {
            <td data-h=level.to_string() class:is-part=!cell.complete>
                {button(at, name, text)}
            </td>
        }
        .into_any()
    }
}

/// A button of the grid, at a row and column of it.
fn button(at: (usize, usize), name: String, text: String) -> impl IntoView + use<> {
    // The arrow keys lead to all of them, Tab to one.
    let tabindex = if at == (1, 0) { "0" } else { "-1" };
    view! {
        <button
            type="button"
            tabindex=tabindex
            data-row=at.0.to_string()
            data-column=at.1.to_string()
            aria-label=name
            aria-haspopup="dialog"
        >
            {text}
        </button>
    }
}

/// Marks what stands at a place as chosen, and nothing else.
fn mark(table: &Element, at: Option<(usize, usize)>) {
    // An attribute of this name can always be set, and a class of this name given.
    for before in all_below(table, ".is-on") {
        drop(before.class_list().remove_1("is-on"));
        drop(before.remove_attribute("aria-selected"));
    }
    let button = at.and_then(|(row, column)| {
        let selector = format!("button[data-row='{row}'][data-column='{column}']");
        table.query_selector(&selector).ok().flatten()
    });
    if let Some(cell) = button.and_then(|button| button.parent_element()) {
        drop(cell.class_list().add_1("is-on"));
        drop(cell.set_attribute("aria-selected", "true"));
    }
}

fn buttons(table: &Element) -> Vec<HtmlElement> {
    all_below(table, "button[data-row]")
}

/// Where a button is in the grid.
fn place(button: &Element) -> Option<(usize, usize)> {
    let number = |name: &str| button.get_attribute(name)?.parse().ok();
    Some((number("data-row")?, number("data-column")?))
}

/// Lets Tab lead to one button, and away from the others.
fn stop_at(table: &Element, button: &Element) {
    if place(button).is_none() {
        return;
    }
    if let Ok(Some(before)) = table.query_selector("button[tabindex='0']") {
        // An attribute of this name can always be set.
        drop(before.set_attribute("tabindex", "-1"));
    }
    drop(button.set_attribute("tabindex", "0"));
}

/// Goes over the grid: to the next button in a direction, to the ends of the row, or with Ctrl to the first and the last.
fn go(table: &Element, event: &KeyboardEvent) {
    if event.alt_key() || event.meta_key() {
        return;
    }
    let Some(at) = active_element().and_then(|active| place(&active)) else {
        return;
    };
    let places: Vec<_> = buttons(table)
        .into_iter()
        .filter_map(|button| Some((place(&button)?, button)))
        .collect();
    let only: Vec<_> = places.iter().map(|(place, _)| *place).collect();
    if let Some(to) = next(&only, at, &event.key(), event.ctrl_key())
        && let Some((_, button)) = places.into_iter().find(|(place, _)| *place == to)
    {
        event.prevent_default();
        focus(&button);
    }
}

/// The place that a key leads to. Places that nothing stands at are passed over.
fn next(
    places: &[(usize, usize)],
    (row, column): (usize, usize),
    key: &str,
    control: bool,
) -> Option<(usize, usize)> {
    let in_row = || places.iter().filter(move |place| place.0 == row);
    let in_column = || places.iter().filter(move |place| place.1 == column);
    let to = match key {
        "ArrowRight" => in_row().find(|place| place.1 > column),
        "ArrowLeft" => in_row().rev().find(|place| place.1 < column),
        "ArrowDown" => in_column().find(|place| place.0 > row),
        "ArrowUp" => in_column().rev().find(|place| place.0 < row),
        "Home" if control => places.first(),
        "End" if control => places.last(),
        "Home" => in_row().next(),
        "End" => in_row().next_back(),
        _ => None,
    };
    to.copied()
}

#[cfg(test)]
mod tests {
    use segments_model::Value;

    use super::{Places, next};
    use crate::tools::cohort::grid::CohortPart;

    #[test]
    fn every_place_has_a_part_and_every_part_on_the_page_a_place() {
        let generations = vec![Some(Some(Value::from("a"))), Some(None)];
        let places = Places {
            generations: generations.clone(),
            first: 40,
        };
        for (row, generation) in [(1, None), (2, generations[0].clone()), (3, Some(None))] {
            for (column, period) in [(0, None), (1, Some(40)), (7, Some(46))] {
                let part = CohortPart {
                    generation: generation.clone(),
                    period,
                };
                assert_eq!(places.place(&part), Some((row, column)));
                assert_eq!(places.part((row, column)), Some(part));
            }
        }
        let head = places.part((0, 3)).unwrap();
        assert_eq!(places.place(&head), Some((1, 3)));
        assert_eq!(places.part((4, 1)), None);
        let other = |generation, period| places.place(&CohortPart { generation, period });
        assert_eq!(other(Some(Some(Value::from("b"))), None), None);
        assert_eq!(other(None, Some(39)), None);
    }

    #[test]
    fn keys_go_over_the_grid_and_pass_over_what_is_empty() {
        // A column head, the row of all, a short row and a shorter one.
        let places = [(0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (2, 3), (3, 0)];
        let go = |at, key| next(&places, at, key, false);
        assert_eq!(go((2, 1), "ArrowRight"), Some((2, 3)));
        assert_eq!(go((2, 3), "ArrowRight"), None);
        assert_eq!(go((2, 3), "ArrowLeft"), Some((2, 1)));
        assert_eq!(go((2, 1), "ArrowUp"), Some((1, 1)));
        assert_eq!(go((1, 1), "ArrowUp"), Some((0, 1)));
        assert_eq!(go((2, 0), "ArrowDown"), Some((3, 0)));
        assert_eq!(go((2, 1), "ArrowDown"), None);
        assert_eq!(go((2, 1), "Home"), Some((2, 0)));
        assert_eq!(go((2, 0), "End"), Some((2, 3)));
        assert_eq!(next(&places, (2, 1), "Home", true), Some((0, 1)));
        assert_eq!(next(&places, (2, 1), "End", true), Some((3, 0)));
        assert_eq!(go((2, 1), "a"), None);
    }
}
