//! The forms of "did" and "did not": another event strictly before or after an occurrence.

use leptos::html;
use leptos::prelude::*;
use segments_model::Compare;
use segments_model::criterion::{Did, When};
use segments_model::filter::Scope;
use segments_model::range::{Window, WindowUnit};
use segments_model::validate::MAX_WINDOW_MILLIS;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::event::EventChoice;
use super::fields::{NumberField, Select, open_first_unset};
use super::filter::{FilterDraft, FilterItem, PropertyDraft};
use super::filter_editor::FilterEditor;
use super::form::{Errors, FormError};
use super::measure::{CompareDraft, MeasureKind};
use super::number::Entry;
use super::pickers::{ComparePicker, EventPicker};
use crate::ui::dom::{all_below, focus, unique_id};
use crate::ui::{
    Align, Glyph, Icon, MenuButton, MenuCheck, MenuItem, PopoverButton, Segmented, SegmentedOption,
};

/// The units of a length of time, with their words after a number.
const UNITS: [(WindowUnit, &str); 5] = [
    (WindowUnit::Second, "seconds"),
    (WindowUnit::Minute, "minutes"),
    (WindowUnit::Hour, "hours"),
    (WindowUnit::Day, "days"),
    (WindowUnit::Week, "weeks"),
];

/// The form of another event that was performed, or not, relative to an occurrence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DidDraft {
    /// Whether it has to have been performed, or must not have been.
    pub performed: bool,
    /// The other event.
    pub event: EventChoice,
    /// Which of its occurrences count.
    pub filter: FilterDraft,
    /// On which side of the occurrence.
    pub when: When,
    /// How far from it, at most; none: any distance.
    pub within: Option<Window>,
    /// How often.
    pub compare: CompareDraft,
}

impl Default for DidDraft {
    fn default() -> Self {
        Self {
            performed: true,
            event: EventChoice::Unset,
            filter: FilterDraft::default(),
            when: When::Before,
            within: None,
            compare: CompareDraft::from(Compare::default()),
        }
    }
}

impl From<&Did> for DidDraft {
    fn from(did: &Did) -> Self {
        Self {
            performed: did.performed,
            event: EventChoice::from(&did.event),
            filter: FilterDraft::from(did.filter.as_ref()),
            when: did.when,
            within: did.within,
            compare: CompareDraft::from(did.compare),
        }
    }
}

impl DidDraft {
    /// What the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place.
    pub fn did(&self) -> Result<Did, Vec<FormError>> {
        let mut errors = Errors::default();
        let event = errors.note("/event", self.event.event());
        let filter = errors.part("/where", self.filter.filter());
        let compare = errors.part("/compare", self.compare.compare());
        let did = (|| {
            Some(Did {
                performed: self.performed,
                event: event?,
                filter: filter?,
                when: self.when,
                within: self.within,
                compare: compare?,
            })
        })();
        errors.finish(did)
    }
}

impl DidDraft {
    /// One that is still to be filled in.
    #[must_use]
    pub fn blank(performed: bool) -> Self {
        Self {
            performed,
            ..Self::default()
        }
    }

    /// On which side of the occurrence, and how far from it: `after it within 7 days`.
    #[must_use]
    pub fn when_words(&self) -> String {
        let side = match self.when {
            When::Before => "before it",
            When::After => "after it",
        };
        match self.within {
            None => side.to_owned(),
            Some(within) => {
                let plural = if within.count == 1 { "" } else { "s" };
                format!(
                    "{side} within {} {}{plural}",
                    within.count,
                    within.unit.word()
                )
            }
        }
    }

    /// Whether its number of times goes without saying.
    #[must_use]
    pub fn is_any_number(&self) -> bool {
        self.compare == CompareDraft::default()
    }
}

/// How many of a unit there may be.
fn most_of(unit: WindowUnit) -> u32 {
    u32::try_from(MAX_WINDOW_MILLIS / unit.millis()).unwrap_or(u32::MAX)
}

/// Everything else that has to have been performed, or not, one below the other.
#[component]
pub fn DidLines(
    /// The id of the element that holds them, for [`open_first_unset`].
    id: String,
    /// What has to have been performed, or not.
    #[prop(into)]
    value: Signal<Vec<DidDraft>>,
    /// Called with each change: what was done in words, and what is meant now.
    on_change: Callback<(&'static str, Vec<DidDraft>)>,
    /// What it belongs to, for the names of buttons: "measure A".
    #[prop(into)]
    owner: Signal<String>,
    /// A segment that cannot be chosen in a filter.
    #[prop(into, optional)]
    without: Signal<Option<String>>,
) -> impl IntoView {
    let count = Memo::new(move |_| value.with(Vec::len));
    let element = NodeRef::<html::Div>::new();
    let line = move |index: usize| {
        view! {
            <DidEditor
                value=Signal::derive(move || {
                    value.with(|value| value.get(index).cloned()).unwrap_or_default()
                })
                on_change=Callback::new(move |(label, did): (&'static str, DidDraft)| {
                    let mut dids = value.get_untracked();
                    if let Some(place) = dids.get_mut(index) {
                        *place = did;
                        on_change.run((label, dids));
                    }
                })
                on_remove=Callback::new(move |()| {
                    let mut dids = value.get_untracked();
                    if index < dids.len() {
                        dids.remove(index);
                        on_change.run(("remove a condition", dids));
                        if let Some(lines) = element.get_untracked() {
                            focus_beside(lines.into(), index);
                        }
                    }
                })
                owner
                without
            />
        }
    };
    view! {
        <div class="query-lines" id=id node_ref=element>
            <For each=move || 0..count.get() key=|index| *index children=line />
        </div>
    }
    .into_any()
}

/// Gives the focus to the line that has come to a place, or to the last one; without any, to what adds another.
fn focus_beside(lines: HtmlElement, place: usize) {
    request_animation_frame(move || {
        let mut left = all_below(&lines, ".query-did__remove");
        let found = if place < left.len() {
            Some(left.swap_remove(place))
        } else {
            left.pop()
        };
        let found = found.or_else(|| {
            let adds = lines.parent_element()?.query_selector(".query-adds");
            adds.ok()??.dyn_into().ok()
        });
        if let Some(found) = found {
            focus(&found);
        }
    });
}

/// A button that adds a condition on occurrences: a filter, or what else has to have been performed, or not.
#[component]
pub fn AddCondition(
    /// What it belongs to, for the button's name: "measure A".
    #[prop(into)]
    owner: Signal<String>,
    /// Whether there is a filter already, which then gets another condition.
    #[prop(into)]
    has_filter: Signal<bool>,
    /// Called when a filter shall be added.
    on_where: Callback<()>,
    /// Called when another event shall be added: whether it has to have been performed.
    on_did: Callback<bool>,
) -> impl IntoView {
    view! {
        <MenuButton
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-adds"
            label=Signal::derive(move || format!("Add a condition to {}", owner.get()))
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Filter small=true /> })
            menu_label="Add a condition"
            align=Align::End
        >
            <MenuItem
                glyph=Glyph::Filter
                label=if has_filter.get_untracked() { "And where\u{2026}" } else { "Where\u{2026}" }
                on_select=Callback::new(move |()| on_where.run(()))
            />
            <MenuItem
                glyph=Glyph::Check
                label="Did\u{2026}"
                on_select=Callback::new(move |()| on_did.run(true))
            />
            <MenuItem
                glyph=Glyph::Not
                label="Did not\u{2026}"
                on_select=Callback::new(move |()| on_did.run(false))
            />
        </MenuButton>
    }
    .into_any()
}

/// Another event that was performed, or not, as tokens on lines of their own.
#[component]
pub fn DidEditor(
    /// What has to have been performed, or not.
    #[prop(into)]
    value: Signal<DidDraft>,
    /// Called with each change: what was done in words, and what is meant now.
    on_change: Callback<(&'static str, DidDraft)>,
    /// Called when it shall be taken away.
    on_remove: Callback<()>,
    /// What it belongs to, for the names of buttons: "measure A".
    #[prop(into)]
    owner: Signal<String>,
    /// A segment that cannot be chosen in its filter.
    #[prop(into, optional)]
    without: Signal<Option<String>>,
) -> impl IntoView {
    let id = unique_id("did");
    let change = move |label: &'static str, change: &dyn Fn(&mut DidDraft)| {
        let mut draft = value.get_untracked();
        change(&mut draft);
        on_change.run((label, draft));
    };
    let performed = Memo::new(move |_| value.with(|value| value.performed));
    let name = Signal::derive(move || {
        let owner = owner.get();
        let verb = if performed.get() { "did" } else { "did not" };
        format!("\u{201c}{verb}\u{201d} of {owner}")
    });
    // "did not … at least once" says no more than "did not".
    let counted = RwSignal::new(false);
    let says_number = Memo::new(move |_| {
        counted.get() || performed.get() || value.with(|value| !value.is_any_number())
    });
    let has_filter = Memo::new(move |_| value.with(|value| !value.filter.is_empty()));
    let where_id = format!("{id}-where");
    let add_where = {
        let where_id = where_id.clone();
        move || {
            change("add a condition", &|draft| {
                draft.filter = std::mem::take(&mut draft.filter).adding(
                    &[],
                    FilterItem::property(PropertyDraft::unset(Scope::Event)),
                );
            });
            open_first_unset(where_id.clone());
        }
    };
    let verb_menu = move || {
        [(true, "Did perform"), (false, "Did not perform")]
            .into_iter()
            .map(|(this, label)| {
                view! {
                    <MenuCheck
                        label
                        checked=Signal::derive(move || performed.get() == this)
                        radio=true
                        on_toggle=Callback::new(move |()| {
                            change("change did and did not", &|draft| draft.performed = this);
                        })
                    />
                }
            })
            .collect_view()
    };
    view! {
        <div class="query-did" id=id role="group" aria-label=move || name.get()>
            <div class="query-toks">
                <MenuButton
                    class="us-tok us-tok--op query-did__verb"
                    label=Signal::derive(move || {
                        format!("{}: change", if performed.get() { "did" } else { "did not" })
                    })
                    button=ViewFn::from(move || {
                        view! {
                            {if performed.get() { "did" } else { "did not" }}
                            <Icon glyph=Glyph::Down />
                        }
                    })
                    menu_label="Performed or not"
                >
                    {verb_menu}
                    <Show when=move || !says_number.get()>
                        <hr />
                        <MenuItem
                            glyph=Glyph::Edit
                            label="Say how often"
                            on_select=Callback::new(move |()| counted.set(true))
                        />
                    </Show>
                </MenuButton>
                <EventPicker
                    value=Signal::derive(move || value.with(|value| value.event.clone()))
                    on_change=Callback::new(move |event: EventChoice| {
                        change("choose an event", &|draft| draft.event = event.clone());
                    })
                />
                <Show when=move || says_number.get()>
                    <ComparePicker
                        value=Signal::derive(move || value.with(|value| value.compare.clone()))
                        measure=Signal::stored(MeasureKind::Count)
                        on_change=Callback::new(move |compare: CompareDraft| {
                            change("change how often", &|draft| draft.compare = compare.clone());
                        })
                    />
                </Show>
                {when_token(value, on_change)}
                <button
                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-adds"
                    type="button"
                    title="Add a condition"
                    aria-label=move || format!("Add a condition to {}", name.get())
                    on:click=move |_| add_where()
                >
                    <Icon glyph=Glyph::Filter small=true />
                </button>
                <button
                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-did__remove"
                    type="button"
                    title="Remove"
                    aria-label=move || format!("Remove {}", name.get())
                    on:click=move |_| on_remove.run(())
                >
                    <Icon glyph=Glyph::Cross small=true />
                </button>
            </div>
            <div id=where_id>
                <Show when=move || has_filter.get()>
                    <div class="query-toks query-where">
                        <span class="query-w">"where"</span>
                        <FilterEditor
                            filter=Signal::derive(move || value.with(|value| value.filter.clone()))
                            on_change=Callback::new(move |filter: FilterDraft| {
                                change("change the condition", &|draft| draft.filter = filter.clone());
                            })
                            event=Signal::derive(move || {
                                value.with(|value| value.event.name().map(str::to_owned))
                            })
                            without
                            owner=name
                            adds=false
                        />
                    </div>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

/// On which side and how far from the occurrence, as a token.
fn when_token(value: Signal<DidDraft>, on_change: Callback<(&'static str, DidDraft)>) -> AnyView {
    let change = move |change: &dyn Fn(&mut DidDraft)| {
        let mut draft = value.get_untracked();
        change(&mut draft);
        on_change.run(("change when", draft));
    };
    let within = Memo::new(move |_| value.with(|value| value.within));
    // What is typed stands here until it reads as a length of time.
    let typed = RwSignal::new(None::<Entry>);
    let unit = Memo::new(move |_| within.get().map_or(WindowUnit::Day, |within| within.unit));
    let count = move || {
        typed.get().unwrap_or_else(|| {
            within
                .get()
                .map_or_else(Entry::default, |within| Entry::from(within.count))
        })
    };
    let error = Signal::derive(move || {
        let typed = typed.get()?;
        typed.whole(1, most_of(unit.get())).err()
    });
    let limits = vec![
        SegmentedOption::new(false, "At any distance"),
        SegmentedOption::new(true, "Within"),
    ];
    view! {
        <PopoverButton
            class="us-tok us-tok--val"
            button=ViewFn::from(move || value.with(DidDraft::when_words))
            panel_label="When"
        >
            <div class="us-popover__body">
                <Segmented
                    legend="Before or after"
                    class="us-seg--fill"
                    options=vec![
                        SegmentedOption::new(When::Before, "Before it"),
                        SegmentedOption::new(When::After, "After it"),
                    ]
                    value=Signal::derive(move || value.with(|value| value.when))
                    on_change=Callback::new(move |when| change(&|draft| draft.when = when))
                />
                <Segmented
                    legend="How far from it"
                    class="us-seg--fill"
                    options=limits.clone()
                    value=Signal::derive(move || within.get().is_some())
                    on_change=Callback::new(move |limited: bool| {
                        typed.set(None);
                        let window = limited.then_some(Window { count: 7, unit: WindowUnit::Day });
                        change(&|draft| draft.within = window);
                    })
                />
                <Show when=move || within.get().is_some()>
                    <div class="query-pair">
                        <NumberField
                            label="Number"
                            value=Signal::derive(count)
                            error
                            on_change=Callback::new(move |entry: Entry| {
                                let unit = unit.get_untracked();
                                let whole = entry.whole(1, most_of(unit));
                                typed.set(Some(entry));
                                if let Ok(count) = whole {
                                    change(&|draft| draft.within = Some(Window { count, unit }));
                                }
                            })
                        />
                        <Select
                            label="Unit"
                            options=UNITS.to_vec()
                            value=unit
                            on_change=Callback::new(move |unit| {
                                change(&|draft| {
                                    if let Some(within) = &mut draft.within {
                                        within.unit = unit;
                                        within.count = within.count.min(most_of(unit));
                                    }
                                });
                            })
                        />
                    </div>
                </Show>
                <p class="us-help">
                    {move || {
                        if value.with(|value| value.when == When::After) && within.get().is_some() {
                            "Counted from each occurrence. What can still happen counts as not performed so far."
                        } else {
                            "Counted from each occurrence; what happens at the same instant is neither before nor after."
                        }
                    }}
                </p>
            </div>
        </PopoverButton>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{DidDraft, UNITS, most_of};
    use crate::query::event::EventChoice;
    use segments_model::criterion::{Did, When};
    use segments_model::filter::{Operator, PropertyFilter, Scope};
    use segments_model::range::{Window, WindowUnit};
    use segments_model::{Compare, Filter, Value};

    fn did() -> Did {
        Did {
            performed: false,
            event: Some("Order Completed".to_owned()),
            filter: Some(Filter::Property(PropertyFilter {
                scope: Scope::Event,
                name: "plan".to_owned(),
                op: Operator::Is,
                values: vec![Value::String("Pro".to_owned())],
                during: None,
                ignore_case: false,
            })),
            when: When::After,
            within: Some(Window {
                count: 7,
                unit: WindowUnit::Day,
            }),
            compare: Compare::AtLeast(2.0),
        }
    }

    #[test]
    fn what_a_form_reads_it_says_again() {
        let mut dids = vec![did()];
        dids.push(Did {
            performed: true,
            event: None,
            filter: None,
            when: When::Before,
            within: None,
            ..did()
        });
        for did in dids {
            assert_eq!(DidDraft::from(&did).did(), Ok(did));
        }
    }

    #[test]
    fn what_is_missing_has_its_place() {
        let errors = DidDraft::blank(true).did().unwrap_err();
        assert_eq!(errors[0].pointer, "/event");
        let mut draft = DidDraft::from(&did());
        draft.compare.value = super::Entry::read("often");
        draft.event = EventChoice::Any;
        assert_eq!(draft.did().unwrap_err()[0].pointer, "/compare/value");
    }

    #[test]
    fn distances_read_as_people_say_them() {
        let mut draft = DidDraft::from(&did());
        assert_eq!(draft.when_words(), "after it within 7 days");
        draft.within = Some(Window {
            count: 1,
            unit: WindowUnit::Hour,
        });
        assert_eq!(draft.when_words(), "after it within 1 hour");
        draft.within = None;
        draft.when = When::Before;
        assert_eq!(draft.when_words(), "before it");
        assert!(!draft.is_any_number());
        assert!(DidDraft::blank(false).is_any_number());
    }

    #[test]
    fn every_unit_can_be_chosen_and_ends_at_a_hundred_years() {
        assert_eq!(most_of(WindowUnit::Day), 36_525);
        assert_eq!(UNITS.len(), 5);
        for (unit, words) in UNITS {
            assert_eq!(words, format!("{}s", unit.word()));
        }
    }
}
