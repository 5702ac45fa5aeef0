//! What an answer is broken down by.

use leptos::html;
use leptos::prelude::*;
use segments_forms::group::{GroupForm, moved};
use segments_model::query::GroupBy;
use segments_model::segment::SegmentSummary;
use segments_model::sentence;
use segments_ui::dom::{all_below, focus};
use segments_ui::{Choice, Combobox, Glyph, Icon, PopoverButton};
use web_sys::KeyboardEvent;

use crate::parts::segment_search::SegmentSearch;
use crate::parts::vocabulary::Vocabulary;

/// What an answer is broken down by, as chips with a button that adds one. The order counts and can be changed.
#[component]
pub fn GroupByEditor(
    /// What it is broken down by.
    #[prop(into)]
    value: Signal<Vec<GroupForm>>,
    /// How many there may be.
    most: usize,
    /// The events whose properties are offered first; empty: those of every event.
    #[prop(into)]
    events: Signal<Vec<String>>,
    /// Whether properties of events are offered at all.
    #[prop(default = true)]
    of_events: bool,
    on_change: Callback<Vec<GroupForm>>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let editor = Breakdowns {
        value,
        events,
        of_events,
        on_change,
        vocabulary,
        list: NodeRef::new(),
        announcement: RwSignal::new(String::new()),
    };
    let count = Memo::new(move |_| value.with(Vec::len));
    view! {
        <div class="query-groups">
            <Show when=move || { count.get() > 0 }>
                <ol class="query-chips" node_ref=editor.list>
                    <For
                        each=move || 0..count.get()
                        key=|place| *place
                        children=move |place| chip(editor, place)
                    />
                </ol>
            </Show>
            <Show when=move || count.get() < most>{adder(editor)}</Show>
            <p class="us-vh" role="status">
                {move || editor.announcement.get()}
            </p>
        </div>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Breakdowns {
    value: Signal<Vec<GroupForm>>,
    events: Signal<Vec<String>>,
    of_events: bool,
    on_change: Callback<Vec<GroupForm>>,
    vocabulary: Vocabulary,
    list: NodeRef<html::Ol>,
    /// What was done last, for a screen reader.
    announcement: RwSignal<String>,
}

impl Breakdowns {
    fn at(self, place: usize) -> Option<GroupForm> {
        self.value.with(|value| value.get(place).cloned())
    }

    /// What one is called on its chip: "plan of the user".
    fn name(self, group: &GroupForm) -> String {
        sentence::breakdown(&GroupBy::from(group), &|id| {
            self.vocabulary.segment_name(id)
        })
    }

    fn lacks(self, group: &GroupForm) -> bool {
        match group {
            GroupForm::Property { scope, name } => self.vocabulary.lacks_property(*scope, name),
            GroupForm::Segment(id) => self.vocabulary.lacks_segment(id),
        }
    }

    /// What can be chosen, also of what was found, but for what is chosen elsewhere.
    fn choices(self, at: Option<usize>, results: &[SegmentSummary]) -> Vec<(GroupForm, Choice)> {
        let taken = self.value.get();
        self.events
            .with(|events| {
                self.vocabulary
                    .group_choices(events, self.of_events, results)
            })
            .into_iter()
            .filter(|(group, _)| {
                !taken
                    .iter()
                    .enumerate()
                    .any(|(place, one)| Some(place) != at && one == group)
            })
            .collect()
    }

    fn move_by(self, place: usize, later: bool) {
        let groups = self.value.get_untracked();
        let Some((groups, to)) = moved(&groups, place, later) else {
            return;
        };
        let name = groups
            .get(to)
            .map_or_else(String::new, |group| self.name(group));
        self.announcement.set(format!(
            "Moved {name} to position {} of {}",
            to + 1,
            groups.len()
        ));
        self.on_change.run(groups);
        self.focus_chip(to);
    }

    fn remove(self, place: usize) {
        let mut groups = self.value.get_untracked();
        if place < groups.len() {
            let name = self.name(&groups.remove(place));
            self.announcement.set(format!("Removed {name}"));
            let left = groups.len();
            self.on_change.run(groups);
            self.focus_chip(place.min(left.saturating_sub(1)));
        }
    }

    /// Gives the focus to a chip once it is there.
    fn focus_chip(self, place: usize) {
        request_animation_frame(move || {
            let list = self.list.try_get_untracked().flatten();
            if let Some(button) =
                list.and_then(|list| all_below(&list, ".query-chip__name").into_iter().nth(place))
            {
                focus(&button);
            }
        });
    }
}

fn chip(editor: Breakdowns, place: usize) -> AnyView {
    let group = Memo::new(move |_| editor.at(place));
    let name = Memo::new(move |_| {
        group.with(|group| {
            group
                .as_ref()
                .map_or_else(String::new, |group| editor.name(group))
        })
    });
    let lacks = Memo::new(move |_| {
        group.with(|group| group.as_ref().is_some_and(|group| editor.lacks(group)))
    });
    let open = RwSignal::new(false);
    let count = Memo::new(move |_| editor.value.with(Vec::len));
    // What the data lacks is not in the list and has no name there.
    let chosen = Signal::derive(move || {
        group.with(|group| {
            group
                .iter()
                .filter(|group| !editor.lacks(group))
                .map(GroupForm::choice_value)
                .collect::<Vec<_>>()
        })
    });
    let choose = Callback::new(move |group: GroupForm| {
        open.set(false);
        let mut groups = editor.value.get_untracked();
        if let Some(at) = groups.get_mut(place) {
            *at = group;
            editor.on_change.run(groups);
        }
    });
    let mover = move |later: bool| {
        let (glyph, label) = if later {
            (Glyph::Right, "Later")
        } else {
            (Glyph::Left, "Earlier")
        };
        let at_end = move || {
            if later {
                place + 1 >= count.get()
            } else {
                place == 0
            }
        };
        view! {
            <button
                class="us-btn us-btn--sm"
                type="button"
                disabled=at_end
                on:click=move |_| {
                    open.set(false);
                    editor.move_by(place, later);
                }
            >
                <Icon glyph small=true />
                {label}
            </button>
        }
    };
    view! {
        <li
            class="us-chip query-chip"
            class:is-bad=move || lacks.get()
            on:keydown=move |event: KeyboardEvent| {
                let later = match event.key().as_str() {
                    "ArrowUp" | "ArrowLeft" => false,
                    "ArrowDown" | "ArrowRight" => true,
                    _ => return,
                };
                if event.alt_key() && !event.ctrl_key() && !event.meta_key() {
                    event.prevent_default();
                    event.stop_propagation();
                    editor.move_by(place, later);
                }
            }
        >
            {move || {
                let glyph = if lacks.get() { Glyph::Warning } else { Glyph::Breakdown };
                view! { <Icon glyph /> }
            }}
            <PopoverButton
                class="query-chip__name"
                label=Some(Signal::derive(move || format!("Breakdown {}: {}", place + 1, name.get())))
                button=ViewFn::from(move || view! { <span class="us-truncate">{name.get()}</span> })
                panel_label="Breakdown"
                panel_class="us-popover query-pick"
                open
            >
                <div class="us-popover__body">
                    {picker(editor, Some(place), chosen, choose)}
                    {move || {
                        lacks
                            .get()
                            .then(|| view! { <p class="us-help">"The data has no property or segment with this name."</p> })
                    }}
                    <Show when=move || { count.get() > 1 }>
                        <div class="us-row">{mover(false)} {mover(true)}</div>
                        <p class="us-help">"Or press Alt and an arrow key on the chip."</p>
                    </Show>
                </div>
            </PopoverButton>
            <button
                type="button"
                aria-label=move || format!("Remove breakdown {}", name.get())
                on:click=move |_| editor.remove(place)
            >
                <Icon glyph=Glyph::Cross />
            </button>
        </li>
    }
    .into_any()
}

fn adder(editor: Breakdowns) -> AnyView {
    let open = RwSignal::new(false);
    let choose = Callback::new(move |group: GroupForm| {
        open.set(false);
        let mut groups = editor.value.get_untracked();
        let place = groups.len();
        editor
            .announcement
            .set(format!("Added {}", editor.name(&group)));
        groups.push(group);
        editor.on_change.run(groups);
        editor.focus_chip(place);
    });
    view! {
        <PopoverButton
            class="us-add"
            button=ViewFn::from(|| {
                view! {
                    <Icon glyph=Glyph::Plus />
                    "Property or segment"
                }
            })
            panel_label="Break down by"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                {picker(editor, None, Signal::stored(Vec::new()), choose)}
            </div>
        </PopoverButton>
    }
    .into_any()
}

/// The list of properties and segments to search.
fn picker(
    editor: Breakdowns,
    at: Option<usize>,
    chosen: Signal<Vec<String>>,
    on_choose: Callback<GroupForm>,
) -> AnyView {
    let search = SegmentSearch::start();
    let choices = Memo::new(move |_| editor.choices(at, &search.results()));
    view! {
        <Combobox
            label="Property or segment"
            placeholder="Search properties and segments"
            choices=Signal::derive(move || {
                choices.with(|choices| choices.iter().map(|(_, choice)| choice.clone()).collect::<Vec<_>>())
            })
            value=chosen
            on_change=Callback::new(move |chosen: Vec<String>| {
                let group = choices
                    .with_untracked(|choices| {
                        let chosen = chosen.first()?;
                        let (group, _) = choices.iter().find(|(_, choice)| choice.value == *chosen)?;
                        Some(group.clone())
                    });
                if let Some(group) = group {
                    if let GroupForm::Segment(id) = &group {
                        search.chosen(id);
                    }
                    on_choose.run(group);
                }
            })
            on_search=Callback::new(move |text| search.look_for(text))
            filtered=true
            nothing=Signal::derive(move || search.nothing("property or segment"))
            in_panel=true
        />
    }
    .into_any()
}
