//! A funnel without steps: where to begin.

use leptos::prelude::*;
use segments_forms::event::EventChoice;
use segments_forms::funnel::{FunnelForm, StepForm};
use segments_forms::occurrence::OccurrenceForm;
use segments_ui::{EmptyState, Glyph, Icon};

use crate::parts::vocabulary::Vocabulary;
use crate::tool::state::ToolState;
use crate::tools::funnel::panel::STEP;

/// How many events are offered.
const OFFERED: usize = 4;

/// Asks for the first step, with the most frequent events to choose from.
#[component]
pub fn Start() -> impl IntoView {
    let state = ToolState::<FunnelForm>::expect();
    let vocabulary = Vocabulary::expect();
    let has_steps = Memo::new(move |_| state.form().with(|form| !form.steps.is_empty()));
    let title = Signal::derive(move || {
        if has_steps.get() {
            "Choose an event for each step".to_owned()
        } else {
            "Choose the first step".to_owned()
        }
    });
    let offered = Memo::new(move |_| vocabulary.frequent_events(OFFERED));
    let begin = move |event: String| {
        let label = format!("add {}", STEP.name(0));
        state.change(&label, None, |form| {
            form.steps.add(StepForm {
                what: OccurrenceForm {
                    event: EventChoice::Named(event),
                    ..OccurrenceForm::default()
                },
                optional: false,
            });
        });
    };
    view! {
        <EmptyState
            glyph=Glyph::Funnel
            title
            detail=Signal::stored("A funnel shows how many users go on from one step to the next.".to_owned())
        >
            <Show when=move || !has_steps.get()>
                <For
                    each=move || offered.get()
                    key=|(value, _)| value.clone()
                    children=move |(value, label)| {
                        view! {
                            <button
                                class="us-btn us-btn--sm"
                                type="button"
                                on:click=move |_| begin(value.clone())
                            >
                                <Icon glyph=Glyph::Bolt small=true />
                                {label}
                            </button>
                        }
                    }
                />
            </Show>
        </EmptyState>
    }
    .into_any()
}
