//! A query that says nothing yet: examples from the data's own events, or where data comes from.

use leptos::prelude::*;
use segments_forms::tool::{Tool, ToolForm};
use segments_ui::{EmptyState, Glyph, Icon};

use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::{Navigator, Route};
use crate::tool::state::{AnyForm, QueryState, ToolState};

/// How many events are offered to begin with.
const OFFERED: usize = 4;

/// What a tool's sign is.
pub(super) const fn glyph(tool: Tool) -> Glyph {
    match tool {
        Tool::Segmentation => Glyph::Trend,
        Tool::Funnel => Glyph::Funnel,
        Tool::Cohort => Glyph::Cohort,
    }
}

/// A form to begin with, after what it is called.
pub type Example<D> = (String, D);
/// The examples of frequent events, each event a name and a label.
pub type Examples<D> = fn(&[(String, String)]) -> Vec<Example<D>>;

/// Says what to choose first, with examples made of the most frequent events.
pub fn start<D: ToolForm>(
    state: ToolState<D>,
    title: &'static str,
    detail: &'static str,
    examples: Examples<D>,
) -> ViewFn {
    let vocabulary = Vocabulary::expect();
    let examples = Signal::derive(move || {
        let examples = examples(&vocabulary.frequent_events(OFFERED));
        let examples = examples.into_iter();
        examples
            .map(|(label, form)| (label, AnyForm::of(form)))
            .collect()
    });
    ViewFn::from(move || start_view(state.into(), title, detail, examples))
}

fn start_view(
    state: QueryState,
    title: &'static str,
    detail: &'static str,
    examples: Signal<Vec<Example<AnyForm>>>,
) -> AnyView {
    let vocabulary = Vocabulary::expect();
    let data = Navigator::expect().href(&Route::Data);
    let is_empty = Memo::new(move |_| vocabulary.has_no_events());
    let example = move |(label, form): Example<AnyForm>| {
        view! {
            <li>
                <button
                    class="us-btn"
                    type="button"
                    on:click=move |_| state.put(form.clone(), "start with an example", None)
                >
                    <Icon glyph=Glyph::Bolt />
                    {label}
                </button>
            </li>
        }
    };
    view! {
        {move || {
            if is_empty.get() {
                let data = data.clone();
                return view! {
                    <EmptyState
                        glyph=Glyph::Database
                        title="There is no data yet"
                        detail="Import events, then ask who did what."
                    >
                        <a class="us-btn us-btn--primary" href=data>
                            "Go to Data"
                        </a>
                    </EmptyState>
                }
                .into_any();
            }
            view! {
                <EmptyState glyph=glyph(state.tool()) title detail=detail.to_owned()>
                    <ul class="tool__examples">
                        {move || examples.get().into_iter().map(example).collect_view()}
                    </ul>
                </EmptyState>
            }
            .into_any()
        }}
    }
    .into_any()
}
