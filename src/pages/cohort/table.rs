//! The heat map as a table of buttons: every row, column and cell opens its users. The arrow keys go over it.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::draft::{CellFigure, Shown};
use super::grid::{GridRow, Part};
use super::results::Seen;
use crate::charts::Anchor;
use crate::charts::heat::Columns;
use crate::format;
use crate::ui::dom::{active_element, focus};

/// The heat map.
#[component]
pub fn HeatTable(
    /// What the answer is.
    seen: Arc<Seen>,
    /// How it is shown.
    shown: Shown,
    /// Which rows of the answer, and which periods: what is on this page of it.
    rows: std::ops::Range<usize>,
    /// The same of the periods.
    periods: std::ops::Range<usize>,
    /// Where the columns stand.
    columns: Columns,
    /// The part that was chosen.
    #[prop(into)]
    chosen: Signal<Option<Part>>,
    /// Called with the part that is chosen now, and where it is.
    on_pick: Callback<(Part, Anchor)>,
) -> impl IntoView {
    let table = NodeRef::<html::Table>::new();
    let words = &seen.words;
    let sheet = Sheet {
        seen: Arc::clone(&seen),
        shown,
        periods: periods.clone(),
        chosen,
        on_pick,
    };
    let heads = periods
        .clone()
        .enumerate()
        .map(|(place, period)| sheet.column(place, period))
        .collect_view();
    let body = std::iter::once(&seen.grid.overall)
        .chain(seen.grid.rows.iter().skip(rows.start).take(rows.len()))
        .enumerate()
        .map(|(place, row)| sheet.row(place + 1, row))
        .collect_view();
    let caption = format!(
        "{} by {}: {}",
        words.returning_title(),
        words.word(),
        sheet.caption()
    );
    let cells = columns.count;
    view! {
        <table
            class="us-heat cohort-heat"
            role="grid"
            node_ref=table
            style:inline-size=format!("{}px", columns.width())
            on:keydown=move |event| {
                if let Some(table) = table.get_untracked() {
                    go(&table, &event);
                }
            }
            on:focusin=move |event| {
                // Tab comes back to where it left.
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if let (Some(table), Some(target)) = (table.get_untracked(), target) {
                    stop_at(&table, &target);
                }
            }
        >
            <caption class="us-vh">{caption}</caption>
            <colgroup>
                <col style:inline-size=format!("{}px", columns.head) />
                <col style:inline-size=format!("{}px", columns.detail) />
                {(0..cells)
                    .map(|_| view! { <col style:inline-size=format!("{}px", columns.cell) /> })
                    .collect_view()}
            </colgroup>
            <thead>
                <tr>
                    <th class="cohort-corner" scope="col">
                        <span class="us-truncate" title=words.start().to_owned()>
                            {words.start().to_owned()}
                        </span>
                    </th>
                    <th class="cohort-size" scope="col">
                        "Users"
                    </th>
                    {heads}
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}

/// What all cells of a table share.
struct Sheet {
    seen: Arc<Seen>,
    shown: Shown,
    periods: std::ops::Range<usize>,
    chosen: Signal<Option<Part>>,
    on_pick: Callback<(Part, Anchor)>,
}

impl Sheet {
    fn caption(&self) -> &'static str {
        match (self.shown.figure, self.seen.words.counts_users()) {
            (CellFigure::Rate, true) => "percent of those who started",
            (CellFigure::Rate, false) => "sum for each user who started",
            (CellFigure::Value, true) => "users",
            (CellFigure::Value, false) => "sum",
            (CellFigure::Change, true) => "percentage points against the period before",
            (CellFigure::Change, false) => "difference to the period before for each user",
        }
    }

    /// A button of the grid, at a row and column of it.
    fn button(
        &self,
        at: (usize, usize),
        name: String,
        text: String,
        part: Part,
    ) -> impl IntoView + use<> {
        let on_pick = self.on_pick;
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
                on:click=move |event| {
                    let target = event.current_target();
                    if let Some(button) = target.and_then(|target| target.dyn_into::<Element>().ok()) {
                        on_pick.run((part.clone(), Anchor::of(&button)));
                    }
                }
            >
                {text}
            </button>
        }
    }

    fn is_on(&self, part: &Part) -> impl Fn() -> bool + Clone + Send + Sync + 'static + use<> {
        let part = part.clone();
        let chosen = self.chosen;
        move || chosen.with(|chosen| chosen.as_ref() == Some(&part))
    }

    fn column(&self, place: usize, period: usize) -> AnyView {
        let words = &self.seen.words;
        let text = words.column(period, place == 0);
        let cell = self.seen.grid.overall.cells.get(period).copied().flatten();
        let part = Part {
            generation: None,
            period: Some(period),
        };
        match cell {
            Some(cell) => {
                let name = words.cell(&part, &cell, CellFigure::Rate);
                view! { <th scope="col">{self.button((0, place + 1), name, text, part)}</th> }
                    .into_any()
            }
            None => view! { <th scope="col">{text}</th> }.into_any(),
        }
    }

    fn row(&self, row: usize, of: &GridRow) -> AnyView {
        let words = &self.seen.words;
        let part = Part {
            generation: of.generation.clone(),
            period: None,
        };
        let all = of.generation.is_none();
        let head = if all {
            if words.counts_users() {
                "All, weighted".to_owned()
            } else {
                "All".to_owned()
            }
        } else {
            words.head(of.generation.as_ref())
        };
        // What is read out has what is seen in it.
        let whole = words.whole(of.generation.as_ref());
        let name = format!(
            "{}: {} started",
            if whole.contains(&head) { &whole } else { &head },
            format::plural(of.users, "user", "users")
        );
        let title = head.clone();
        let is_on = self.is_on(&part);
        let cells = self
            .periods
            .clone()
            .enumerate()
            .map(|(place, period)| self.cell((row, place + 1), of, period))
            .collect_view();
        view! {
            <tr class:us-heat__sum=all>
                <th scope="row" class:is-on=is_on title=title>
                    {self.button((row, 0), name, head, part)}
                </th>
                <td class="us-num cohort-size">{format::count(of.users)}</td>
                {cells}
            </tr>
        }
        .into_any()
    }

    fn cell(&self, at: (usize, usize), row: &GridRow, period: usize) -> AnyView {
        let all = row.generation.is_none();
        let cell = row.cells.get(period).copied().flatten();
        let Some(cell) = cell.filter(|cell| cell.complete || self.shown.incomplete) else {
            let mark = all.then_some("\u{2013}");
            return view! { <td class="us-muted">{mark}</td> }.into_any();
        };
        let words = &self.seen.words;
        let part = Part {
            generation: row.generation.clone(),
            period: Some(period),
        };
        let figure = words
            .figure(&cell, self.shown.figure)
            .unwrap_or_else(|| "\u{2013}".to_owned());
        let text = if cell.complete {
            figure
        } else {
            format!("{figure}*")
        };
        let name = words.cell(&part, &cell, self.shown.figure);
        let level = self.seen.grid.scale.level(cell.rate.unwrap_or_default());
        let is_on = self.is_on(&part);
        view! {
            <td data-h=level.to_string() class:is-part=!cell.complete class:is-on=is_on>
                {self.button(at, name, text, part)}
            </td>
        }
        .into_any()
    }
}

fn buttons(table: &Element) -> Vec<HtmlElement> {
    crate::ui::dom::all_below(table, "button[data-row]")
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
    use super::next;

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
