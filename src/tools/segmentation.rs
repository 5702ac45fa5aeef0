//! The tool Segmentation: how much, how often, by how many users, over time and by group.
//!
//! [`form`] is the form of its query, [`figures`] and [`words`] are what of an answer is shown and how it reads: all of them
//! plain and tested by themselves. The rest shows it.

pub mod figures;
mod numbers;
mod outcome;
mod panel;
mod results;
mod table;
mod toolbar;
pub mod words;

use leptos::prelude::*;
use segments_forms::segmentation;
use segments_forms::segmentation::{MeasureRow, SegmentationForm};
use segments_ui::{EmptyState, Glyph, Icon};

use crate::client::Client;
use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::{Navigator, Route};
use crate::tool::page::ToolPage;
use crate::tool::picked::{PickMenu, Picked};
use crate::tool::state::ToolState;
use outcome::Results;
use panel::Panel;
use results::ResultsView;
use toolbar::{Drawings, Toolbar};

/// How many events are offered to begin with.
const EXAMPLES: usize = 3;

/// The page.
#[component]
pub fn SegmentationPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let vocabulary = Vocabulary::load(client.clone());
    provide_context(vocabulary);
    let state = ToolState::<SegmentationForm>::start(client);
    provide_context(state);
    let picked = RwSignal::new(None::<Picked>);
    let results = Results::of(state, picked);
    let drawings = Drawings::default();
    let form = state.form();
    let title = Memo::new(move |_| {
        form.with(|form| {
            segmentation::title(form, &|name| vocabulary.event_label(name), &|id| {
                vocabulary.segment_name(id)
            })
        })
    });
    let summary = Memo::new(move |_| form.with(|form| summary(form, vocabulary)));
    view! {
        <ToolPage
            state=state
            title
            summary
            panel=ViewFn::from(|| view! { <Panel /> })
            toolbar=ViewFn::from(move || view! { <Toolbar results drawings /> })
            results=ViewFn::from(move || view! { <ResultsView results drawings /> })
            empty=ViewFn::from(|| view! { <Start /> })
        />
        <PickMenu picked from=title />
    }
    .into_any()
}

/// The query in two short lines.
fn summary(form: &SegmentationForm, vocabulary: Vocabulary) -> (String, String) {
    let what = if form.is_blank() {
        "No event is chosen yet".to_owned()
    } else {
        segmentation::what_words(form, &|name| vocabulary.event_label(name))
    };
    let segment = |id: &str| vocabulary.segment_name(id);
    let who = form
        .audience
        .words(|id| segment(id).unwrap_or_else(|| "a segment".to_owned()));
    let mut rest = format!("{who}, {}", form.range.words());
    if !form.groups.is_empty() {
        rest.push_str(", by ");
        rest.push_str(&segmentation::group_words(&form.groups, &segment));
    }
    (what, rest)
}

/// How to begin: the most frequent events as examples, or where data comes from.
#[component]
fn Start() -> impl IntoView {
    let state = ToolState::<SegmentationForm>::expect();
    let vocabulary = Vocabulary::expect();
    let data = Navigator::expect().href(&Route::Data);
    let examples = Memo::new(move |_| vocabulary.frequent_events(EXAMPLES));
    let is_empty = Memo::new(move |_| vocabulary.has_no_events());
    view! {
        {move || {
            if is_empty.get() {
                let data = data.clone();
                return view! {
                    <EmptyState
                        glyph=Glyph::Database
                        title="There is no data yet"
                        detail="Bring in events, then ask who did what."
                    >
                        <a class="us-btn us-btn--primary" href=data>
                            "Go to Data"
                        </a>
                    </EmptyState>
                }
                .into_any();
            }
            view! {
                <EmptyState
                    glyph=Glyph::Trend
                    title="Choose an event"
                    detail="Choose what users did under Measures, or begin with one of these."
                >
                    <ul class="seg-examples">
                        {move || {
                            examples
                            .get()
                            .into_iter()
                            .map(|(name, label)| {
                                view! {
                                    <li>
                                        <button
                                            class="us-btn"
                                            type="button"
                                            on:click=move |_| {
                                                state.change("begin with an example", None, |form| {
                                                    *form = SegmentationForm::of([MeasureRow::users_of(&name)]);
                                                });
                                            }
                                        >
                                            <Icon glyph=Glyph::Bolt />
                                            {format!("Users who performed {label}, last 30 days, by day")}
                                        </button>
                                    </li>
                                }
                            })
                            .collect_view()}}
                    </ul>
                </EmptyState>
            }
            .into_any()
        }}
    }
    .into_any()
}
