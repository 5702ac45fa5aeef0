//! Which occurrences: an event, its filter, and what else was performed or not. The rows of all tools begin so.

use leptos::prelude::*;
use segments_forms::did::DidForm;
use segments_forms::event::EventChoice;
use segments_forms::filter::{FilterForm, FilterItem, PropertyForm};
use segments_forms::occurrence::OccurrenceForm;
use segments_model::filter::Scope;
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon};

use crate::parts::did::{AddCondition, DidLines};
use crate::parts::fields::open_first_unset;
use crate::parts::filter_editor::FilterEditor;
use crate::parts::pickers::EventPicker;

/// An event as a token with its filter and what else was performed as tokens below, as in a row of a query. The first of
/// its elements is the line of the event; the others go below.
#[component]
pub fn OccurrenceEditor(
    /// What is meant.
    #[prop(into)]
    value: Signal<OccurrenceForm>,
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
    let id = unique_id("occurrence");
    let part = Part { value, on_change };
    let where_id = format!("{id}-where");
    let dids_id = format!("{id}-did");
    let has_filter = Memo::new(move |_| value.with(|value| !value.filter.is_empty()));
    let add = if with_did {
        let (line, lines) = (where_id.clone(), dids_id.clone());
        view! {
            <AddCondition
                owner
                has_filter
                on_where=Callback::new(move |()| part.add_where(line.clone()))
                on_did=Callback::new(move |performed| part.add_did(performed, lines.clone()))
            />
        }
        .into_any()
    } else {
        let where_id = where_id.clone();
        view! {
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-adds"
                type="button"
                title="Add a filter"
                aria-label=move || format!("Add a filter to {}", owner.get())
                on:click=move |_| part.add_where(where_id.clone())
            >
                <Icon glyph=Glyph::Filter small=true />
            </button>
        }
        .into_any()
    };
    view! {
        <div class="query-event">
            <EventPicker
                value=Signal::derive(move || value.with(|value| value.event.clone()))
                on_change=Callback::new(move |event: EventChoice| {
                    part.change("choose an event", |form| form.event = event);
                })
                fill=true
            />
            {add}
        </div>
        {middle.map(|middle| view! { <div class="query-middle">{middle.run()}</div> })}
        <div class="query-lines" id=where_id>
            <Show when=move || has_filter.get()>
                <div class="query-toks query-where">
                    <span class="query-w">"where"</span>
                    <FilterEditor
                        filter=Signal::derive(move || value.with(|value| value.filter.clone()))
                        on_change=Callback::new(move |filter: FilterForm| {
                            part.change("change the filter", |form| form.filter = filter);
                        })
                        event=Signal::derive(move || {
                            value.with(|value| value.event.name().map(str::to_owned))
                        })
                        owner
                        adds=false
                    />
                </div>
            </Show>
        </div>
        <DidLines
            id=dids_id
            value=Signal::derive(move || value.with(|value| value.did.clone()))
            on_change=Callback::new(move |(label, did): (&'static str, Vec<DidForm>)| {
                part.change(label, |form| form.did = did);
            })
            owner
        />
    }
    .into_any()
}

/// What the parts of an occurrence's editor share.
#[derive(Clone, Copy)]
struct Part {
    value: Signal<OccurrenceForm>,
    on_change: Callback<(&'static str, OccurrenceForm)>,
}

impl Part {
    fn change(self, label: &'static str, change: impl FnOnce(&mut OccurrenceForm)) {
        let mut form = self.value.get_untracked();
        change(&mut form);
        self.on_change.run((label, form));
    }

    fn add_where(self, line: String) {
        self.change("add a filter", |form| {
            form.filter = std::mem::take(&mut form.filter)
                .adding(&[], FilterItem::property(PropertyForm::unset(Scope::Event)));
        });
        open_first_unset(line);
    }

    fn add_did(self, performed: bool, lines: String) {
        let label = if performed {
            "add \u{201c}did\u{201d}"
        } else {
            "add \u{201c}did not\u{201d}"
        };
        self.change(label, |form| form.did.push(DidForm::blank(performed)));
        open_first_unset(lines);
    }
}
