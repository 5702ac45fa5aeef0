//! The tool Segmentation: how much, how often, by how many users, over time and by group.
//!
//! `answer` is an answer as the results show it and `selections` the parts of it that can be selected, both plain and tested
//! by themselves. The rest shows them: the `panel`, the `toolbar`, the `chart`s, the `columns` of the table, the `numbers`.

mod answer;
mod chart;
mod columns;
mod numbers;
mod panel;
mod selections;
mod state;
#[cfg(test)]
mod tests;
mod toolbar;

use leptos::prelude::*;
use segments_forms::audience::{AudienceForm, AudienceKind};
use segments_forms::segmentation::{MeasureRow, SegmentationChart, SegmentationForm};
use segments_ui::{EmptyState, Glyph};

use crate::tool::answer_table::GroupsLeftOut;
use crate::tool::page::{ToolPage, start};
use crate::tool::state::ToolState;
use answer::SegmentationView;
use chart::Panes;
use columns::SeriesTable;
use numbers::Numbers;
use panel::SegmentationPanel;
use state::SegmentationState;
use toolbar::SegmentationToolbar;

#[component]
pub fn SegmentationPage() -> impl IntoView {
    let tool = ToolState::<SegmentationForm>::provide();
    let state = SegmentationState::provide(tool);
    let start = start(
        tool,
        "Choose an event",
        "Choose an event under Measures, or start with one of these.",
        |events| {
            let example = |(name, label): &(String, String)| {
                let label = format!("Users who performed {label}, last 30 days, by day");
                (label, SegmentationForm::of([MeasureRow::users_of(name)]))
            };
            events.iter().map(example).collect()
        },
    );
    view! {
        <ToolPage
            state=tool
            panel=ViewFn::from(|| view! { <SegmentationPanel /> })
            toolbar=ViewFn::from(|| view! { <SegmentationToolbar /> })
            results=ViewFn::from(|| view! { <SegmentationResults /> })
            start
            units=state.view.part(SegmentationView::units)
        />
    }
    .into_any()
}

/// Everything below the toolbar, once there is an answer.
#[component]
fn SegmentationResults() -> impl IntoView {
    let state = SegmentationState::expect();
    let kind = Memo::new(move |_| state.painted.with(|form| form.chart));
    let hidden = state.view.part(|view| view.panes.is_empty());
    let left_out = state.view.part(|view| view.answer.groups_left_out);
    let body = move || {
        if state.nothing.get() {
            return view! { <NoEvents /> }.into_any();
        }
        if hidden.get() {
            return view! {
                <EmptyState
                    glyph=Glyph::Eye
                    title="Everything is hidden"
                    detail="Show a measure or a formula from its menu in the query.".to_owned()
                />
            }
            .into_any();
        }
        match kind.get() {
            SegmentationChart::Table => view! { <SeriesTable all=true /> }.into_any(),
            SegmentationChart::Number => view! { <Numbers /> <SeriesTable /> }.into_any(),
            _ => view! { <Panes /> <SeriesTable /> }.into_any(),
        }
    };
    view! {
        {body}
        <GroupsLeftOut left_out />
    }
    .into_any()
}

/// Nothing was found: what to loosen.
#[component]
fn NoEvents() -> impl IntoView {
    let tool = ToolState::<SegmentationForm>::expect();
    let offer = move |applies: fn(&SegmentationForm) -> bool,
                      words: &'static str,
                      label: &'static str,
                      change: fn(&mut SegmentationForm)| {
        let applies = tool.part(applies);
        view! {
            <Show when=move || applies.get()>
                <button class="us-btn" type="button" on:click=move |_| tool.change(label, None, change)>
                    {words}
                </button>
            </Show>
        }
    };
    view! {
        <div role="status">
            <EmptyState
                glyph=Glyph::Search
                title="No match"
                detail="Nobody in this audience did this in the date range with these filters. Loosen one of them.".to_owned()
            >
                {offer(
                    SegmentationForm::has_before,
                    "Use the last 12 months",
                    "use the last 12 months",
                    SegmentationForm::ask_longer,
                )}
                {offer(
                    SegmentationForm::has_filters,
                    "Clear filters",
                    "clear the filters",
                    SegmentationForm::clear_filters,
                )}
                {offer(
                    |form| form.frame.audience.kind != AudienceKind::All,
                    "Include all users",
                    "include all users",
                    |form| form.frame.audience = AudienceForm::default(),
                )}
            </EmptyState>
        </div>
    }
    .into_any()
}
