//! The funnel as tables: on the page a row a group and a column a step, in files every figure.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::csv::csv;
use segments_format as format;
use segments_model::answer::{FunnelStep, Group};

use crate::tool::answer_table::{
    AnswerCell, AnswerColumn, AnswerRow, AnswerTable, AnswerTableView, At, GroupsLeftOut, InChart,
};
use crate::tools::funnel::answer::{FunnelView, MOST_SHOWN, share};
use crate::tools::funnel::selections::{Side, StepPart};
use crate::tools::funnel::state::FunnelState;

/// All users stay first; below their figures stand the shares of the step before.
fn table(view: &Arc<FunnelView>) -> AnswerTable {
    let steps = view.steps.iter().map(|step| {
        let optional = if step.optional { " (optional)" } else { "" };
        AnswerColumn {
            number: Some(step.number),
            label: format!("{}{optional}", step.name),
            ..AnswerColumn::default()
        }
    });
    let plain = |label: &str, class| AnswerColumn {
        label: label.to_owned(),
        class,
        ..AnswerColumn::default()
    };
    let ends = [
        plain("Overall", "funnel-overall"),
        plain("Median time", "us-nowrap"),
    ];
    let rows = view
        .groups()
        .iter()
        .enumerate()
        .map(|(place, group)| AnswerRow {
            name: view.name(place).to_owned(),
            is_total: group.group.is_empty(),
            ..AnswerRow::default()
        });
    let by = view.breakdown.as_deref();
    let count = view.steps.len();
    let of = Arc::clone(view);
    let figure = move |row: usize, column: usize| {
        let group = of.groups().get(row)?;
        match column.checked_sub(count) {
            None => group.steps.get(column).map(|step| step.users as f64),
            Some(0) => group.steps.get(of.last())?.from_start,
            Some(_) => group.median_seconds,
        }
    };
    let of = Arc::clone(view);
    let cell = move |row: usize, column: usize| {
        let Some(group) = of.groups().get(row) else {
            return AnswerCell::default();
        };
        let step = group.steps.get(column.min(of.last()));
        match (column.checked_sub(count), step) {
            (None, Some(step)) => step_cell(&of, row, column, step),
            (Some(0), Some(last)) => AnswerCell::text(share(last.from_start)),
            _ => AnswerCell::text(of.took(group.median_seconds)),
        }
    };
    AnswerTable {
        caption: by.map_or_else(|| "Funnel".to_owned(), |by| format!("Funnel by {by}")),
        name: by.unwrap_or("Users").to_owned(),
        columns: steps.chain(ends).collect(),
        rows: rows.collect(),
        figure: Box::new(figure),
        cell: Box::new(cell),
    }
}

fn step_cell(view: &FunnelView, group: usize, index: usize, step: &FunnelStep) -> AnswerCell {
    let below = (index > 0).then(|| share(step.from_previous));
    let users = format::count(step.users);
    let of_before = below
        .as_ref()
        .map(|share| format!(", {share} of the previous step"));
    AnswerCell {
        press: Some(format!(
            "{}, step {}: {users} users{}",
            view.name(group),
            view.number(index),
            of_before.unwrap_or_default()
        )),
        text: users,
        below,
        ..AnswerCell::default()
    }
}

/// The table, with what it leaves out below it.
#[component]
pub fn GroupTable() -> impl IntoView {
    let state = FunnelState::expect();
    let table = Memo::new(move |_| Some(Arc::new(table(&state.view.get()?))));
    let groups = state.view.part(|view| view.groups().len());
    let style = move |row| {
        let mut in_charts = state.in_charts.get().into_iter();
        Some(in_charts.find(|(place, _)| *place == row)?.1)
    };
    let toggle = move |(row, on): (usize, bool)| {
        let places = state.in_charts.get_untracked();
        let shown = untrack(|| {
            state.view.with(|view| {
                let group = |place: usize| Some(view.groups().get(place)?.group.clone());
                let this = group(row);
                let others = places.iter().filter_map(|(place, _)| group(*place));
                let others = others.filter(|group| Some(group) != this.as_ref());
                others
                    .chain(this.clone().filter(|_| on))
                    .collect::<Vec<Group>>()
            })
        });
        state
            .tool
            .change("choose groups", Some("groups"), |form| form.shown = shown);
    };
    let full = move || {
        let is_full = state
            .in_charts
            .with(|in_charts| in_charts.len() >= MOST_SHOWN);
        is_full.then_some("The chart has room for 8 groups")
    };
    let in_chart = InChart {
        has: Callback::new(move |row| style(row).is_some()),
        style: Callback::new(move |row| style(row).filter(|_| state.several.get())),
        filled: Signal::stored(true),
        full: Signal::derive(full),
        label: |row| format!("{} in the chart", row.name),
        on_toggle: Callback::new(toggle),
    };
    let is_selected = move |(row, column): At| {
        let part = column.map(|step| StepPart::new(row, step, Side::Reached));
        part.is_some() && state.selected.get() == part
    };
    let press = move |(row, step, anchor)| {
        state.select(StepPart::new(row, step, Side::Reached), anchor);
    };
    let overlap = state.view.part(FunnelView::groups_overlap);
    view! {
        <div class="funnel-tablebox">
            <AnswerTableView
                table
                class="funnel"
                label="Funnel"
                in_chart=Signal::derive(move || (groups.get() > 1).then_some(in_chart))
                is_selected=Callback::new(is_selected)
                on_press=Callback::new(press)
            />
            <Show when=move || overlap.get()>
                <p class="us-xs us-muted funnel-note">"A user can be in several groups."</p>
            </Show>
            <GroupsLeftOut left_out=state.view.part(|view| view.answer.groups_left_out) />
        </div>
    }
    .into_any()
}

fn plain(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// Rows of fields below a head.
fn file<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.collect();
    let rows = rows.iter().map(|row| row.each_ref().map(String::as_str));
    csv(std::iter::once(head).chain(rows))
}

/// The funnel as a file, figures as plain numbers: a row a group and step.
#[must_use]
pub fn steps_file(view: &FunnelView) -> String {
    let head = [
        "Group",
        "Step",
        "Name",
        "Optional",
        "Users",
        "Of step 1",
        "Of the previous step",
        "Dropped before it",
        "Still have time",
        "Median seconds from the previous step",
        "Average seconds from the previous step",
    ];
    let rows = view.groups().iter().enumerate().flat_map(|(place, group)| {
        let steps = group.steps.iter().zip(&view.steps).enumerate();
        steps.map(move |(index, (step, name))| {
            let lost = view.lost(&group.steps, index);
            [
                view.name(place).to_owned(),
                name.number.to_string(),
                name.name.clone(),
                if name.optional { "yes" } else { "no" }.to_owned(),
                step.users.to_string(),
                plain(step.from_start),
                plain(step.from_previous),
                lost.map(|lost| lost.users.to_string()).unwrap_or_default(),
                step.pending.to_string(),
                plain(step.median_seconds),
                plain(step.average_seconds),
            ]
        })
    });
    file(head, rows)
}

/// The times to convert as a file: a row a group and stretch.
#[must_use]
pub fn times_file(view: &FunnelView) -> String {
    let rows = view.groups().iter().enumerate().flat_map(|(place, group)| {
        group.times.iter().map(move |time| {
            [
                view.name(place).to_owned(),
                time.from_seconds.to_string(),
                plain(time.to_seconds),
                time.users.to_string(),
            ]
        })
    });
    file(["Group", "From seconds", "To seconds", "Users"], rows)
}
