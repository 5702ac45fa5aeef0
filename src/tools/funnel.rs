//! The tool Funnel: how many users get from step to step.
//!
//! `form` is the form of a query and `shown` an answer as the page shows it, both plain; `picks` says what a click
//! chooses. The rest is views of these: the `panel` and the `results` with their charts and the table.

mod over_time;
mod over_time_chart;
mod panel;
mod paths;
mod picks;
mod results;
mod shown;
mod start;
mod state;
mod steps;
mod table;
mod times;

use leptos::prelude::*;
use segments_forms::funnel::FunnelForm;

use crate::client::Client;
use crate::parts::vocabulary::Vocabulary;
use crate::tool::page::ToolPage;
use crate::tool::state::ToolState;
use panel::Panel;
use results::Results;
use start::Start;
use state::View;

/// The page.
#[component]
pub fn FunnelPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let vocabulary = Vocabulary::load(client.clone());
    provide_context(vocabulary);
    let state = ToolState::<FunnelForm>::start(client);
    provide_context(state);
    provide_context(View::start(state));
    let form = state.form();
    let event = move |name: &str| vocabulary.event_label(name);
    let segment = move |id: &str| {
        vocabulary
            .segment_name(id)
            .unwrap_or_else(|| "a segment".to_owned())
    };
    view! {
        <ToolPage
            state=state
            title=Signal::derive(move || form.with(|form| form.title(event, segment)))
            summary=Signal::derive(move || form.with(|form| form.summary(segment)))
            panel=ViewFn::from(|| view! { <Panel /> })
            results=ViewFn::from(|| view! { <Results /> })
            empty=ViewFn::from(|| view! { <Start /> })
        />
    }
    .into_any()
}
