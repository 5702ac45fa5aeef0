//! Which occurrences: an event, its filter, and what else was performed or not. The rows of all tools begin so.

use leptos::prelude::*;
use segments_forms::occurrence::OccurrenceForm;

use crate::parts::conditions::Conditions;
use crate::parts::field::Field;
use crate::parts::pickers::EventPicker;

/// An event as a token with its filter and what else was performed as tokens below, as in a row of a query. The first of
/// its elements is the line of the event; the others go below.
#[component]
pub fn OccurrenceEditor(
    #[prop(into)] value: Signal<OccurrenceForm>,
    /// Called with each change: what was done in words, and what is meant now.
    on_change: Callback<(&'static str, OccurrenceForm)>,
    /// What it belongs to, for the names of buttons: "measure A".
    #[prop(into)]
    owner: Signal<String>,
    /// Whether "did" and "did not" can be added.
    #[prop(default = true)]
    with_did: bool,
    /// What stands between the event and its filter, such as what is measured.
    #[prop(into, optional)]
    middle: Option<ViewFn>,
) -> impl IntoView {
    let occurrence = Field::new(value, on_change);
    let conditions = Conditions::new(occurrence, owner, Signal::stored(None));
    let event = occurrence.part(|form| &mut form.event);
    view! {
        <div class="query-event">
            <EventPicker event=event.called("choose an event") fill=true />
            {conditions.button(with_did)}
        </div>
        {middle.map(|middle| view! { <div class="query-middle">{middle.run()}</div> })}
        {conditions.lines()}
    }
    .into_any()
}
