//! The sections of a query panel that every tool has: when, who, by what, and in which zone.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::group::GroupForm;
use segments_forms::tool::FrameForm;
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon};

use crate::parts::audience::AudienceEditor;
use crate::parts::date_range::{DateRangePicker, ZonePicker};
use crate::parts::fields::ErrorText;
use crate::parts::group::GroupByEditor;
use crate::tool::state::{Lens, QueryState, Typed};

/// A section with its heading.
#[component]
pub fn PanelSection(
    #[prop(into)] title: Signal<String>,
    /// What stands at the end of the heading's line.
    #[prop(into, optional)]
    aside: Option<ViewFn>,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("us-query__sec {class}")>
            <header>
                <h2>{move || title.get()}</h2>
                {aside.map(|aside| aside.run())}
            </header>
            {children()}
        </section>
    }
    .into_any()
}

/// What is wrong at a place of the query.
#[component]
pub fn Problem(#[prop(into)] error: Signal<Option<String>>) -> impl IntoView {
    // A text that is not said again while it stays the same.
    let error = Memo::new(move |_| error.get());
    view! { <ErrorText id=unique_id("query-error") error=error.into() /> }
}

#[component]
pub fn When(
    #[prop(default = "Date range")] title: &'static str,
    /// What happens then, where that does not go without saying.
    #[prop(optional)]
    of: &'static str,
    /// What else depends on it.
    #[prop(into, optional)]
    more: Option<ViewFn>,
) -> impl IntoView {
    let state = QueryState::expect();
    let during = state.during();
    let stamp = Memo::new(move |_| {
        let answered = state.answered().get().filter(|_| !state.is_stale());
        answered.map(|answered| answered.answer.stamp().clone())
    });
    view! {
        <PanelSection
            title
            aside=ViewFn::from(move || {
                (!of.is_empty()).then(|| view! { <span class="us-xs us-muted">{of}</span> })
            })
        >
            <DateRangePicker value=during.value zone=state.zone() stamp on_change=during.on_change />
            {more.map(|more| more.run())}
            <AsOfChip state />
            <Problem error=Signal::derive(move || state.error_at("/during")) />
        </PanelSection>
    }
    .into_any()
}

/// The instant that the query is asked for, where it came with one: it can be given up for now.
#[component]
fn AsOfChip(state: QueryState) -> impl IntoView {
    let as_of = frame(
        state,
        |frame| &frame.as_of,
        |frame| &mut frame.as_of,
        "run as of now",
    );
    let zone = state.zone();
    move || {
        as_of.value.get().map(|as_of_now| {
            let words = format!("As of {}", format::date_time(as_of_now, &zone.get()));
            view! {
                <span class="us-chip tool__chip">
                    <Icon glyph=Glyph::Clock />
                    {words}
                    <button
                        type="button"
                        aria-label="Run as of now"
                        on:click=move |_| as_of.on_change.run(None)
                    >
                        <Icon glyph=Glyph::Cross />
                    </button>
                </span>
            }
        })
    }
}

fn frame<T: Clone + PartialEq + Send + Sync + 'static>(
    state: QueryState,
    get: fn(&FrameForm) -> &T,
    get_mut: fn(&mut FrameForm) -> &mut T,
    label: &'static str,
) -> Lens<T> {
    state.frame(get, get_mut, label, Typed::AtOnce)
}

#[component]
pub fn Who() -> impl IntoView {
    let audience = frame(
        QueryState::expect(),
        |frame| &frame.audience,
        |frame| &mut frame.audience,
        "change the audience",
    );
    view! { <AudienceEditor value=audience.value on_change=audience.on_change /> }
}

/// By what the answer is broken down.
#[component]
pub fn Breakdown(
    #[prop(into)] groups: Signal<Vec<GroupForm>>,
    on_change: Callback<Vec<GroupForm>>,
    /// How many there may be.
    most: usize,
    /// The events whose properties are offered first.
    #[prop(into)]
    events: Signal<Vec<String>>,
    /// What else belongs to it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <PanelSection title="Breakdown">
            <GroupByEditor value=groups most events on_change />
            {children.map(|children| children())}
        </PanelSection>
    }
    .into_any()
}

#[component]
pub fn Zone() -> impl IntoView {
    let zone = frame(
        QueryState::expect(),
        |frame| &frame.time_zone,
        |frame| &mut frame.time_zone,
        "change the time zone",
    );
    view! {
        <PanelSection title="Time zone">
            <ZonePicker value=zone.value on_change=zone.on_change />
        </PanelSection>
    }
    .into_any()
}
