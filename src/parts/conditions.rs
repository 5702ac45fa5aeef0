//! Conditions on occurrences: a filter, and what else was performed or not, on lines below the event.

use leptos::html;
use leptos::prelude::*;
use segments_forms::did::DidForm;
use segments_forms::filter::{FilterForm, PropertyForm};
use segments_forms::measure::MeasureKind;
use segments_forms::number::Entry;
use segments_forms::occurrence::OccurrenceForm;
use segments_model::criterion::When;
use segments_model::filter::Scope;
use segments_model::range::{Window, WindowUnit};
use segments_model::{sentence, validate};
use segments_ui::dom::{all_below, focus, unique_id};
use segments_ui::{
    Align, Glyph, Icon, MenuButton, MenuCheck, MenuItem, PopoverButton, Segmented, SegmentedOption,
};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::parts::field::Field;
use crate::parts::fields::{NumberField, Select, open_first_unset};
use crate::parts::filter_editor::FilterEditor;
use crate::parts::pickers::{ComparePicker, EventPicker};

/// The units of a length of time, with their words after a number.
const UNITS: [(WindowUnit, &str); 5] = [
    (WindowUnit::Second, "seconds"),
    (WindowUnit::Minute, "minutes"),
    (WindowUnit::Hour, "hours"),
    (WindowUnit::Day, "days"),
    (WindowUnit::Week, "weeks"),
];

/// The conditions of an occurrence.
#[derive(Clone, Copy)]
pub struct Conditions {
    occurrence: Field<OccurrenceForm>,
    /// What they belong to, for the names of buttons: "measure A".
    owner: Signal<String>,
    /// A segment that cannot be chosen in a filter.
    without: Signal<Option<String>>,
    /// The id of the element that holds what else was performed; that of the filter ends in `-where`.
    lines: StoredValue<String>,
}

impl Conditions {
    /// The conditions of what belongs to somebody.
    #[must_use]
    pub fn new(
        occurrence: Field<OccurrenceForm>,
        owner: Signal<String>,
        without: Signal<Option<String>>,
    ) -> Self {
        Self {
            occurrence,
            owner,
            without,
            lines: StoredValue::new(unique_id("conditions")),
        }
    }

    fn filter(self) -> Field<FilterForm> {
        let filter = self.occurrence.part(|form| &mut form.filter);
        filter.called("change the filter")
    }

    fn where_id(self) -> String {
        format!("{}-where", self.lines.get_value())
    }

    fn add_filter(self) {
        self.occurrence
            .called("add a filter")
            .update(OccurrenceForm::add_condition);
        open_first_unset(self.where_id());
    }

    fn add_did(self, performed: bool) {
        let label = if performed {
            "add \u{201c}did\u{201d}"
        } else {
            "add \u{201c}did not\u{201d}"
        };
        self.occurrence
            .called(label)
            .update(|form| form.did.push(DidForm::blank(performed)));
        open_first_unset(self.lines.get_value());
    }

    /// The button that adds one: a filter, and where that can be said what else was performed, or not.
    pub fn button(self, did: bool) -> AnyView {
        if !did {
            return add_filter_button(self.owner, move || self.add_filter());
        }
        let items = move || {
            let has_filter = untrack(|| self.occurrence.with(|form| !form.filter.is_empty()));
            let did = |glyph, label: &'static str, performed| {
                view! {
                    <MenuItem glyph label on_select=Callback::new(move |()| self.add_did(performed)) />
                }
            };
            view! {
                <MenuItem
                    glyph=Glyph::Filter
                    label=if has_filter { "And where\u{2026}" } else { "Where\u{2026}" }
                    on_select=Callback::new(move |()| self.add_filter())
                />
                {did(Glyph::Check, "Did\u{2026}", true)}
                {did(Glyph::Not, "Did not\u{2026}", false)}
            }
        };
        view! {
            <MenuButton
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-adds"
                label=Signal::derive(move || format!("Add a condition to {}", self.owner.get()))
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::Filter small=true /> })
                menu_label="Add a condition"
                align=Align::End
            >
                {items()}
            </MenuButton>
        }
        .into_any()
    }

    /// The conditions, one below the other.
    pub fn lines(self) -> AnyView {
        let count = self.occurrence.memo(|form| form.did.len());
        let element = NodeRef::<html::Div>::new();
        let remove = move |index: usize| {
            self.occurrence.called("remove a condition").update(|form| {
                if index < form.did.len() {
                    form.did.remove(index);
                }
            });
            if let Some(lines) = element.get_untracked() {
                focus_beside(lines.into(), index);
            }
        };
        let event = Signal::derive(move || {
            self.occurrence
                .with(|form| form.event.name().map(str::to_owned))
        });
        view! {
            <div class="query-lines" id=self.where_id()>
                {where_line(self.filter(), event, self.without, self.owner)}
            </div>
            <div class="query-lines" id=self.lines.get_value() node_ref=element>
                <For
                    each=move || 0..count.get()
                    key=|index| *index
                    children=move |index| {
                        let did = self.occurrence.maybe(move |form| form.did.get_mut(index));
                        did_line(did, self, move || remove(index))
                    }
                />
            </div>
        }
        .into_any()
    }
}

fn add_filter_button(owner: Signal<String>, add: impl Fn() + Send + Sync + 'static) -> AnyView {
    view! {
        <button
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-adds"
            type="button"
            title="Add a condition"
            aria-label=move || format!("Add a condition to {}", owner.get())
            on:click=move |_| add()
        >
            <Icon glyph=Glyph::Filter small=true />
        </button>
    }
    .into_any()
}

/// The filter on a line of its own, once there is one.
fn where_line(
    filter: Field<FilterForm>,
    event: Signal<Option<String>>,
    without: Signal<Option<String>>,
    owner: Signal<String>,
) -> AnyView {
    let has_filter = filter.memo(|filter| !filter.is_empty());
    view! {
        <Show when=move || has_filter.get()>
            <div class="query-toks query-where">
                <span class="query-w">"where"</span>
                <FilterEditor filter event without owner adds=false />
            </div>
        </Show>
    }
    .into_any()
}

/// Gives the focus to the line that has come to a place, or to the last one; without any, to what adds another.
fn focus_beside(lines: HtmlElement, place: usize) {
    request_animation_frame(move || {
        let mut left = all_below(&lines, ".query-did__remove");
        let element = if place < left.len() {
            Some(left.swap_remove(place))
        } else {
            left.pop()
        };
        let element = element.or_else(|| {
            let adds = lines.parent_element()?.query_selector(".query-adds");
            adds.ok()??.dyn_into().ok()
        });
        if let Some(element) = element {
            focus(&element);
        }
    });
}

/// Another event that was performed, or not, as tokens on lines of their own.
fn did_line(
    did: Field<DidForm>,
    conditions: Conditions,
    remove: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    let id = StoredValue::new(unique_id("did"));
    let performed = did.memo(|form| form.performed);
    let verb = move || if performed.get() { "did" } else { "did not" };
    let name =
        Signal::derive(move || format!("\u{201c}{}\u{201d} of {}", verb(), conditions.owner.get()));
    // "did not … at least once" says no more than "did not".
    let counted = RwSignal::new(false);
    let says_number =
        did.memo(move |form| counted.get() || form.performed || !form.is_any_number());
    let event = did.part(|form| &mut form.event).called("choose an event");
    let compare = did
        .part(|form| &mut form.compare)
        .called("change how often");
    let filter = did
        .part(|form| &mut form.filter)
        .called("change the condition");
    let add_filter = move || {
        let filter = filter.called("add a condition");
        filter.update(|filter| filter.add(PropertyForm::unset(Scope::Event)));
        open_first_unset(id.get_value());
    };
    let verbs = move || {
        [(true, "Did perform"), (false, "Did not perform")]
            .into_iter()
            .map(|(this, label)| {
                view! {
                    <MenuCheck
                        label
                        checked=Signal::derive(move || performed.get() == this)
                        radio=true
                        on_toggle=Callback::new(move |()| {
                            let did = did.called("change did and did not");
                            did.update(|form| form.performed = this);
                        })
                    />
                }
            })
            .collect_view()
    };
    view! {
        <div class="query-did" id=id.get_value() role="group" aria-label=move || name.get()>
            <div class="query-toks">
                <MenuButton
                    class="us-tok us-tok--op query-did__verb"
                    label=Signal::derive(move || format!("{}: change", verb()))
                    button=ViewFn::from(move || view! { {verb()} <Icon glyph=Glyph::Down /> })
                    menu_label="Performed or not"
                >
                    {verbs}
                    <Show when=move || !says_number.get()>
                        <hr />
                        <MenuItem
                            glyph=Glyph::Edit
                            label="Set how often"
                            on_select=Callback::new(move |()| counted.set(true))
                        />
                    </Show>
                </MenuButton>
                <EventPicker event />
                <Show when=move || says_number.get()>
                    <ComparePicker compare measure=Signal::stored(MeasureKind::Count) />
                </Show>
                {when_token(did.called("change when"))}
                {add_filter_button(name, add_filter)}
                <button
                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-did__remove"
                    type="button"
                    title="Remove"
                    aria-label=move || format!("Remove {}", name.get())
                    on:click=move |_| remove()
                >
                    <Icon glyph=Glyph::Cross small=true />
                </button>
            </div>
            {where_line(
                filter,
                Signal::derive(move || event.with(|event| event.name().map(str::to_owned))),
                conditions.without,
                name,
            )}
        </div>
    }
    .into_any()
}

/// On which side and how far from the occurrence, as a token.
fn when_token(did: Field<DidForm>) -> AnyView {
    let when = did.part(|form| &mut form.when);
    let within = did.part(|form| &mut form.within);
    // What is typed stands here until it reads as a length of time.
    let typed = RwSignal::new(None::<Entry>);
    let unit = within.memo(|within| within.map_or(WindowUnit::Day, |within| within.unit));
    let count = move || {
        let known = || within.with(|within| within.map(|within| Entry::from(within.count)));
        typed.get().or_else(known).unwrap_or_default()
    };
    let read = |entry: &Entry, unit| {
        let window = Window {
            count: entry.count()?,
            unit,
        };
        let wrong = validate::window(window).into_iter().next();
        wrong.map_or(Ok(window), |error| Err(error.detail))
    };
    let error = Signal::derive(move || read(&count(), unit.get()).err());
    let set_count = Callback::new(move |entry: Entry| {
        let window = read(&entry, unit.get_untracked());
        typed.set(Some(entry));
        if let Ok(window) = window {
            within.set(Some(window));
        }
    });
    view! {
        <PopoverButton
            class="us-tok us-tok--val"
            button=ViewFn::from(move || sentence::side(when.get(), within.get()))
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
                    value=when.value()
                    on_change=when.on_change()
                />
                <Segmented
                    legend="Time limit"
                    class="us-seg--fill"
                    options=vec![
                        SegmentedOption::new(false, "Any time"),
                        SegmentedOption::new(true, "Within"),
                    ]
                    value=within.memo(Option::is_some)
                    on_change=Callback::new(move |limited: bool| {
                        typed.set(None);
                        within.set(limited.then_some(Window { count: 7, unit: WindowUnit::Day }));
                    })
                />
                <Show when=move || within.with(Option::is_some)>
                    <div class="query-pair">
                        <NumberField
                            label="Number"
                            value=Signal::derive(count)
                            error
                            on_change=set_count
                        />
                        <Select
                            label="Unit"
                            options=UNITS.to_vec()
                            value=unit
                            on_change=Callback::new(move |unit| {
                                within
                                    .update(|within| {
                                        *within = within.map(|within| Window { unit, ..within });
                                    });
                            })
                        />
                    </div>
                </Show>
                <p class="us-help">
                    {move || {
                        if when.get() == When::After && within.with(Option::is_some) {
                            "Counted from each occurrence. An event that can still happen counts as not performed."
                        } else {
                            "Counted from each occurrence. An event at the same instant is neither before nor after."
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
    use super::UNITS;

    #[test]
    fn every_unit_can_be_chosen() {
        assert_eq!(UNITS.len(), 5);
        for (unit, words) in UNITS {
            assert_eq!(words, format!("{}s", unit.word()));
        }
    }
}
