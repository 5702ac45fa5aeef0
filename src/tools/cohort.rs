//! The tool Cohort: who comes back, and when.
//!
//! `grid` is which figures of an answer are shown where, `answer` what they are called, `selections` the parts of it that can
//! be selected; all of them are plain. The rest shows them: the `panel`, the `heat` map with its table and `curve`, the
//! `lines`, the `legend`, the files.

mod answer;
mod curve;
mod file;
pub mod grid;
mod heat;
mod heat_table;
mod legend;
mod lines;
mod panel;
mod selections;
mod state;

use leptos::prelude::*;
use segments_forms::cohort::{CellFigure, CohortChart, CohortForm};
use segments_forms::event::EventChoice;
use segments_ui::charts::export::ChartMenu;
use segments_ui::charts::series::SeriesKey;
use segments_ui::{EmptyState, Glyph, Segmented, SegmentedOption, Switch};

use crate::shell::route::Navigator;
use crate::tool::answer_table::GroupsLeftOut;
use crate::tool::page::{ToolPage, start};
use crate::tool::state::{ToolState, field};
use answer::CohortView;
use heat::Heat;
use lines::Lines;
use panel::CohortPanel;
use state::CohortState;

#[component]
pub fn CohortPage() -> impl IntoView {
    let tool = ToolState::<CohortForm>::provide();
    CohortState::provide(tool);
    let start = start(
        tool,
        "Choose what starts a cohort",
        "A cohort is a group of users who started at the same time. See how many come back, and how long after.",
        examples,
    );
    view! {
        <ToolPage
            state=tool
            panel=ViewFn::from(|| view! { <CohortPanel /> })
            results=ViewFn::from(|| view! { <CohortResults /> })
            start
        />
    }
    .into_any()
}

/// Any event and its return, the most frequent one and its return, and what leads to that.
fn examples(events: &[(String, String)]) -> Vec<(String, CohortForm)> {
    let any = || (EventChoice::Any, "any event".to_owned());
    let event = |place: usize| {
        let (name, label) = events.get(place)?.clone();
        Some((EventChoice::Named(name), label))
    };
    let examples = [
        Some((any(), any())),
        event(0).zip(event(0)),
        event(1).zip(event(0)),
    ];
    let example = |((start, first), (returning, then))| {
        let label = format!("First {first}, then {then}");
        (label, CohortForm::of(start, returning))
    };
    examples.into_iter().flatten().map(example).collect()
}

/// What the answer says, with everything to select of it.
#[component]
fn CohortResults() -> impl IntoView {
    let state = CohortState::expect();
    let started = state.view.part(|view| !view.grid.rows.is_empty());
    let chart = Memo::new(move |_| state.look.with(|look| look.chart));
    let body = move || match (started.get(), chart.get()) {
        (false, _) => {
            let detail = state.view.part(nobody);
            view! { <EmptyState glyph=Glyph::Cohort title="Nobody started" detail /> }.into_any()
        }
        (true, CohortChart::Heat) => view! { <Heat /> }.into_any(),
        (true, CohortChart::Lines) => view! { <Lines /> }.into_any(),
    };
    view! {
        <div class="cohort">
            <Show when=move || started.get()>
                <CohortToolbar />
            </Show>
            {body}
            <GroupsLeftOut left_out=state.view.part(|view| view.answer.groups_left_out) />
        </div>
    }
    .into_any()
}

/// Why there is nothing, and what to try.
fn nobody(view: &CohortView) -> String {
    let did = if view.query.start.len() > 1 {
        "did these events one after the other"
    } else {
        "did this"
    };
    let (first, or) = if view.query.first_time {
        (
            " for the first time",
            ", another event, or Any in place of First",
        )
    } else {
        ("", " or another event")
    };
    format!("No user in the audience {did}{first} in the date range. Try a longer range{or}.")
}

#[component]
fn CohortToolbar() -> impl IntoView {
    let state = CohortState::expect();
    let tool = state.tool;
    let figure = field!(tool.look.figure, "change the figures");
    let chart = field!(tool.look.chart, "change the chart");
    let incomplete = field!(tool.look.incomplete, "change what is shown");
    let curve = field!(tool.look.curve, "change what is shown");
    let counts_users = state.view.part(CohortView::counts_users);
    let figures = Signal::derive(move || {
        let (rate, value) = if counts_users.get() {
            ("% of cohort", "Users")
        } else {
            ("Per user", "Sum")
        };
        vec![
            SegmentedOption::new(CellFigure::Rate, rate),
            SegmentedOption::new(CellFigure::Value, value),
            SegmentedOption::new(CellFigure::Change, "Change"),
        ]
    });
    let charts = vec![
        SegmentedOption::new(CohortChart::Heat, "Heat map"),
        SegmentedOption::new(CohortChart::Lines, "Lines"),
    ];
    let is_heat = Memo::new(move |_| chart.value.get() == CohortChart::Heat);
    let has_average = state.view.part(|view| view.grid.has_average());
    let unit = state.view.part(CohortView::unit);
    let average = move || {
        if counts_users.get() {
            "Weighted average, 95% interval"
        } else {
            "Average per user"
        }
    };
    view! {
        <div class="us-row us-row--wrap us-row--3 cohort-bar">
            <Segmented legend="Cell values" options=figures value=figure.value on_change=figure.on_change />
            <Segmented legend="Chart" options=charts value=chart.value on_change=chart.on_change />
            <Switch on=incomplete.value on_change=incomplete.on_change>
                <span>"Incomplete"<span class="us-vh">{move || format!(" {}s", unit.get())}</span></span>
            </Switch>
            <div class="us-row us-row--wrap us-row--3 cohort-bar__end">
                <Show when=move || is_heat.get() && has_average.get()>
                    <Switch on=curve.value on_change=curve.on_change>
                        <SeriesKey style=0 />
                        <span class="us-hide-s">{average}</span>
                        <span class="cohort-short">"Average"</span>
                    </Switch>
                </Show>
                <CohortFiles is_heat />
            </div>
        </div>
    }
    .into_any()
}

/// What is shown, to be kept as a file.
#[component]
fn CohortFiles(is_heat: Memo<bool>) -> impl IntoView {
    let state = CohortState::expect();
    let title = Navigator::expect().title();
    let csv = Callback::new(move |()| untrack(|| state.view.with(file::csv)).unwrap_or_default());
    let words = Callback::new(move |()| {
        let look = state.look.get_untracked();
        untrack(|| state.view.with(|view| file::picture_words(view, &look))).unwrap_or_default()
    });
    let drawings = Signal::derive(move || match is_heat.get() {
        true => vec![state.curve, state.heat],
        false => vec![state.lines],
    });
    view! {
        <span>
            <ChartMenu title csv drawings words />
        </span>
    }
}
