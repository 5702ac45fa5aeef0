//! Which occurrences: an event, its filter, and what else was performed or not. The rows of all tools begin so.

use leptos::prelude::*;
use segments_model::Filter;
use segments_model::criterion::Did;
use segments_model::filter::Scope;

use super::did::{AddCondition, DidDraft, DidLines};
use super::event::EventChoice;
use super::fields::open_first_unset;
use super::filter::{FilterDraft, FilterItem, PropertyDraft};
use super::filter_editor::FilterEditor;
use super::form::{Errors, FormError};
use super::pickers::EventPicker;
use crate::ui::dom::unique_id;
use crate::ui::{Glyph, Icon};

/// The form of which occurrences are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OccurrenceDraft {
    /// The event.
    pub event: EventChoice,
    /// Which of its occurrences count.
    pub filter: FilterDraft,
    /// What else has to have been performed, or not, relative to each occurrence.
    pub did: Vec<DidDraft>,
}

/// Which occurrences are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// The event's name; none: any event.
    pub event: Option<String>,
    /// Which of its occurrences count.
    pub filter: Option<Filter>,
    /// What else has to have been performed, or not.
    pub did: Vec<Did>,
}

impl OccurrenceDraft {
    /// The form of what a query says.
    #[must_use]
    pub fn of(event: &Option<String>, filter: Option<&Filter>, did: &[Did]) -> Self {
        Self {
            event: EventChoice::from(event),
            filter: FilterDraft::from(filter),
            did: did.iter().map(DidDraft::from).collect(),
        }
    }

    /// What the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place: `/event`, `/where`, `/did/0/…`.
    pub fn occurrence(&self) -> Result<Occurrence, Vec<FormError>> {
        let mut errors = Errors::default();
        let event = errors.note("/event", self.event.event());
        let filter = errors.part("/where", self.filter.filter());
        let mut did = Vec::with_capacity(self.did.len());
        for (place, draft) in self.did.iter().enumerate() {
            did.extend(errors.part(&format!("/did/{place}"), draft.did()));
        }
        let occurrence = event
            .zip(filter)
            .map(|(event, filter)| Occurrence { event, filter, did });
        errors.finish(occurrence)
    }
}

/// An event as a token with its filter and what else was performed as tokens below, as in a row of a query. The first of
/// its elements is the line of the event; the others go below.
#[component]
pub fn OccurrenceEditor(
    /// What is meant.
    #[prop(into)]
    value: Signal<OccurrenceDraft>,
    /// Called with each change: what was done in words, and what is meant now.
    on_change: Callback<(&'static str, OccurrenceDraft)>,
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
                    part.change("choose an event", |draft| draft.event = event);
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
                        on_change=Callback::new(move |filter: FilterDraft| {
                            part.change("change the filter", |draft| draft.filter = filter);
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
            on_change=Callback::new(move |(label, did): (&'static str, Vec<DidDraft>)| {
                part.change(label, |draft| draft.did = did);
            })
            owner
        />
    }
    .into_any()
}

/// What the parts of an occurrence's editor share.
#[derive(Clone, Copy)]
struct Part {
    value: Signal<OccurrenceDraft>,
    on_change: Callback<(&'static str, OccurrenceDraft)>,
}

impl Part {
    fn change(self, label: &'static str, change: impl FnOnce(&mut OccurrenceDraft)) {
        let mut draft = self.value.get_untracked();
        change(&mut draft);
        self.on_change.run((label, draft));
    }

    fn add_where(self, line: String) {
        self.change("add a filter", |draft| {
            draft.filter = std::mem::take(&mut draft.filter).adding(
                &[],
                FilterItem::property(PropertyDraft::unset(Scope::Event)),
            );
        });
        open_first_unset(line);
    }

    fn add_did(self, performed: bool, lines: String) {
        let label = if performed {
            "add \u{201c}did\u{201d}"
        } else {
            "add \u{201c}did not\u{201d}"
        };
        self.change(label, |draft| draft.did.push(DidDraft::blank(performed)));
        open_first_unset(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::OccurrenceDraft;
    use crate::query::did::DidDraft;
    use crate::query::event::EventChoice;
    use crate::query::filter::{FilterItem, PropertyDraft};
    use segments_model::Compare;
    use segments_model::criterion::{Did, When};
    use segments_model::filter::Scope;

    #[test]
    fn what_a_form_reads_it_says_again() {
        let did = Did {
            performed: true,
            event: None,
            filter: None,
            when: When::Before,
            within: None,
            compare: Compare::default(),
        };
        let event = Some("Signed Up".to_owned());
        let occurrence = OccurrenceDraft::of(&event, None, std::slice::from_ref(&did))
            .occurrence()
            .unwrap();
        assert_eq!(occurrence.event, event);
        assert_eq!(occurrence.filter, None);
        assert_eq!(occurrence.did, [did]);
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let mut draft = OccurrenceDraft {
            event: EventChoice::Unset,
            did: vec![DidDraft::blank(false)],
            ..OccurrenceDraft::default()
        };
        draft
            .filter
            .items
            .push(FilterItem::property(PropertyDraft::unset(Scope::Event)));
        let places: Vec<_> = draft
            .occurrence()
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        assert_eq!(
            places,
            ["/event", "/where/name", "/where/values", "/did/0/event"]
        );
    }
}
