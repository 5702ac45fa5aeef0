//! The tool Funnel: how many users get from step to step.
//!
//! `draft` is the form of a query and `shown` an answer as the page shows it, both plain; `picks` says what a click
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
use segments_forms::funnel::FunnelDraft;

use crate::client::Client;
use crate::parts::vocabulary::Vocabulary;
use crate::tool::page::ToolPage;
use crate::tool::state::Workbench;
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
    let bench = Workbench::<FunnelDraft>::start(client);
    provide_context(bench);
    provide_context(View::start(bench));
    let draft = bench.draft();
    let event = move |name: &str| vocabulary.event_label(name);
    let segment = move |id: &str| {
        vocabulary
            .segment_name(id)
            .unwrap_or_else(|| "a segment".to_owned())
    };
    view! {
        <ToolPage
            workbench=bench
            title=Signal::derive(move || draft.with(|draft| draft.title(event, segment)))
            summary=Signal::derive(move || draft.with(|draft| draft.summary(segment)))
            panel=ViewFn::from(|| view! { <Panel /> })
            results=ViewFn::from(|| view! { <Results /> })
            empty=ViewFn::from(|| view! { <Start /> })
        />
    }
    .into_any()
}
