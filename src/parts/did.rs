//! The forms of "did" and "did not": another event strictly before or after an occurrence.

use leptos::html;
use leptos::prelude::*;
use segments_forms::did::DidForm;
use segments_forms::event::EventChoice;
use segments_forms::filter::{FilterForm, FilterItem, PropertyForm};
use segments_forms::measure::{CompareForm, MeasureKind};
use segments_forms::number::Entry;
use segments_model::criterion::When;
use segments_model::filter::Scope;
use segments_model::range::{Window, WindowUnit};
use segments_model::validate::MAX_WINDOW_MILLIS;
use segments_ui::dom::{all_below, focus, unique_id};
use segments_ui::{
    Align, Glyph, Icon, MenuButton, MenuCheck, MenuItem, PopoverButton, Segmented, SegmentedOption,
};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

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
    value: Signal<Vec<DidForm>>,
    /// Called with each change: what was done in words, and what is meant now.
    on_change: Callback<(&'static str, Vec<DidForm>)>,
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
                on_change=Callback::new(move |(label, did): (&'static str, DidForm)| {
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
    value: Signal<DidForm>,
    /// Called with each change: what was done in words, and what is meant now.
    on_change: Callback<(&'static str, DidForm)>,
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
    let change = move |label: &'static str, change: &dyn Fn(&mut DidForm)| {
        let mut form = value.get_untracked();
        change(&mut form);
        on_change.run((label, form));
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
            change("add a condition", &|form| {
                form.filter = std::mem::take(&mut form.filter)
                    .adding(&[], FilterItem::property(PropertyForm::unset(Scope::Event)));
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
                            change("change did and did not", &|form| form.performed = this);
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
                        change("choose an event", &|form| form.event = event.clone());
                    })
                />
                <Show when=move || says_number.get()>
                    <ComparePicker
                        value=Signal::derive(move || value.with(|value| value.compare.clone()))
                        measure=Signal::stored(MeasureKind::Count)
                        on_change=Callback::new(move |compare: CompareForm| {
                            change("change how often", &|form| form.compare = compare.clone());
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
                            on_change=Callback::new(move |filter: FilterForm| {
                                change("change the condition", &|form| form.filter = filter.clone());
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
fn when_token(value: Signal<DidForm>, on_change: Callback<(&'static str, DidForm)>) -> AnyView {
    let change = move |change: &dyn Fn(&mut DidForm)| {
        let mut form = value.get_untracked();
        change(&mut form);
        on_change.run(("change when", form));
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
            button=ViewFn::from(move || value.with(DidForm::when_words))
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
                    on_change=Callback::new(move |when| change(&|form| form.when = when))
                />
                <Segmented
                    legend="How far from it"
                    class="us-seg--fill"
                    options=limits.clone()
                    value=Signal::derive(move || within.get().is_some())
                    on_change=Callback::new(move |limited: bool| {
                        typed.set(None);
                        let window = limited.then_some(Window { count: 7, unit: WindowUnit::Day });
                        change(&|form| form.within = window);
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
                                    change(&|form| form.within = Some(Window { count, unit }));
                                }
                            })
                        />
                        <Select
                            label="Unit"
                            options=UNITS.to_vec()
                            value=unit
                            on_change=Callback::new(move |unit| {
                                change(&|form| {
                                    if let Some(within) = &mut form.within {
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
    use super::{UNITS, most_of};
    use segments_model::range::WindowUnit;

    #[test]
    fn every_unit_can_be_chosen_and_ends_at_a_hundred_years() {
        assert_eq!(most_of(WindowUnit::Day), 36_525);
        assert_eq!(UNITS.len(), 5);
        for (unit, words) in UNITS {
            assert_eq!(words, format!("{}s", unit.word()));
        }
    }
}
