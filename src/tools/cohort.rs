//! The tool Cohort: who comes back, and when.
//!
//! [`form`] is the form of the query, [`grid`] what of its answer is shown where; both are plain. The rest shows them.

mod answer;
mod curve;
mod file;
pub mod grid;
mod legend;
mod lines;
mod panel;
mod picture;
mod results;
mod table;
mod words;

use leptos::prelude::*;
use segments_forms::cohort::CohortForm;
use segments_forms::event::EventChoice;
use segments_model::query::QueryMatch;
use segments_ui::{EmptyState, Glyph};

use crate::client::Client;
use crate::parts::vocabulary::Vocabulary;
use crate::tool::page::ToolPage;
use crate::tool::state::ToolState;
use results::Results;

/// The page.
#[component]
pub fn CohortPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let vocabulary = Vocabulary::load(client.clone());
    provide_context(vocabulary);
    let state = ToolState::<CohortForm>::start(client);
    provide_context(state);
    let form = state.form();
    let title = Signal::derive(move || form.with(|form| title_of(form, vocabulary)));
    let summary = Signal::derive(move || {
        form.with(|form| {
            let who = form
                .audience
                .words(|id| vocabulary.segment_name(id).unwrap_or_else(|| id.to_owned()));
            let unit = form.unit.unit().word();
            let later = match form.matching {
                QueryMatch::On => "",
                QueryMatch::OnOrAfter => " or later",
            };
            (
                title_of(form, vocabulary),
                format!("{who}, by {unit}{later}, {}", form.during.words()),
            )
        })
    });
    view! {
        <ToolPage
            state=state
            title
            summary
            panel=ViewFn::from(panel::panel)
            results=ViewFn::from(move || view! { <Results title /> })
            empty=ViewFn::from(move || empty(state, vocabulary))
        />
    }
    .into_any()
}

/// The query by itself: `Signed Up, then Product Viewed`.
fn title_of(form: &CohortForm, vocabulary: Vocabulary) -> String {
    if form.is_blank() {
        return "Cohort".to_owned();
    }
    let name = |choice: &EventChoice| {
        choice.name().map_or_else(
            || choice.words().to_owned(),
            |name| vocabulary.event_label(name),
        )
    };
    let starts = form.start.all().iter().map(|row| {
        if row.name.is_empty() {
            name(&row.value.event)
        } else {
            row.name.clone()
        }
    });
    let mut events: Vec<_> = starts.collect();
    events.push(name(&form.returning.event));
    segments_ui::states::sentence(&events.join(", then "))
        .trim_end_matches('.')
        .to_owned()
}

/// What to ask about, from the data's own events.
fn empty(state: ToolState<CohortForm>, vocabulary: Vocabulary) -> AnyView {
    let example = move |start: EventChoice, returning: EventChoice| {
        let words = |choice: &EventChoice| {
            choice.name().map_or_else(
                || choice.words().to_owned(),
                |name| vocabulary.event_label(name),
            )
        };
        let label = format!("First {}, then {}", words(&start), words(&returning));
        view! {
            <button
                class="us-btn"
                type="button"
                on:click=move |_| {
                    let (start, returning) = (start.clone(), returning.clone());
                    state.change("take an example", None, |form| panel::fill(form, start, returning));
                }
            >
                {label}
            </button>
        }
    };
    let examples = move || {
        let mut frequent = vocabulary
            .frequent_events(2)
            .into_iter()
            .map(|(name, _)| EventChoice::Named(name));
        let (most, second) = (frequent.next(), frequent.next());
        [
            Some((EventChoice::Any, EventChoice::Any)),
            most.clone().map(|event| (event.clone(), event)),
            second.zip(most),
        ]
        .into_iter()
        .flatten()
        .map(|(start, returning)| example(start, returning))
        .collect_view()
    };
    let half = Memo::new(move |_| state.form().with(|form| !form.is_blank()));
    view! {
        <EmptyState
            glyph=Glyph::Cohort
            title=Signal::derive(move || {
                if half.get() { "Choose what is missing" } else { "Choose what starts a cohort" }.to_owned()
            })
            detail="Users are grouped by when they did something first. Each group is then followed: how many come back, and how long after."
                .to_owned()
        >
            <Show when=move || !half.get()>{examples}</Show>
        </EmptyState>
    }
    .into_any()
}
