//! A field that offers what fits what is typed: one or several of a list, or free text.

use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::choice::{Choice, SHOWN, best, fitting};
use crate::dom::{Move, unique_id};
use crate::icon::{Glyph, Icon};
use crate::popover::{Align, OnMove, place};

/// The greatest height of a list, in px.
const LIST_HEIGHT: f64 = 320.0;

/// Puts the list below its field, or above it, as wide as the field at least and not too high.
fn put_list(field: &HtmlElement, list: &HtmlElement) {
    let width = field.get_bounding_client_rect().width();
    // A length in px is always a valid value.
    drop(
        list.style()
            .set_property("min-inline-size", &format!("{width}px")),
    );
    place(field, list, Align::Start, LIST_HEIGHT);
}

/// In how many frames a field tries to take the focus.
const FOCUS_TRIES: u32 = 30;

/// Gives the focus to a field as soon as it takes it: what floats cannot have it before it stands in its place.
fn take_focus(field: HtmlInputElement, tries: u32, then: impl FnOnce() + 'static) {
    request_animation_frame(move || {
        drop(field.focus());
        let has_it = document().active_element().as_ref() == Some(field.as_ref());
        if has_it || tries == 0 {
            // The window may be another's for now, which then hears of no focus.
            select_all(&field);
            then();
        } else if field.is_connected() {
            take_focus(field, tries - 1, then);
        }
    });
}

/// Selects the text from its end, so that its beginning is in sight: what is typed takes its place.
fn select_all(field: &HtmlInputElement) {
    let end = field.value().encode_utf16().count() as u32;
    // Only a field without a text selection refuses, such as one for numbers.
    drop(field.set_selection_range_with_direction(0, end, "backward"));
}

/// What a combobox knows and does, apart from how it looks.
#[derive(Clone, Copy)]
struct Picking {
    choices: Signal<Vec<Choice>>,
    value: Signal<Vec<String>>,
    on_change: Callback<Vec<String>>,
    on_search: Option<Callback<String>>,
    multiple: bool,
    free: bool,
    in_panel: bool,
    /// What is typed; none while the field shows what is chosen.
    typed: RwSignal<Option<String>>,
    open: RwSignal<bool>,
    /// Where the arrow keys have led.
    moved_to: RwSignal<Option<usize>>,
    /// The entries of the list.
    shown: Memo<Vec<Choice>>,
    /// The entry that Enter takes.
    active: Memo<Option<usize>>,
}

impl Picking {
    fn label_of(self, value: &str) -> String {
        self.choices.with(|choices| {
            choices
                .iter()
                .find(|choice| choice.value == value)
                .map_or_else(|| value.to_owned(), |choice| choice.label.clone())
        })
    }

    /// What the field shows.
    fn text(self) -> String {
        self.typed.get().unwrap_or_else(|| {
            let chosen = self.value.with(|value| value.first().cloned());
            chosen
                .filter(|_| !self.multiple)
                .map(|chosen| self.label_of(&chosen))
                .unwrap_or_default()
        })
    }

    /// What is typed, without the space around it; none: nothing.
    fn typed_text(self) -> Option<String> {
        self.typed.with_untracked(|typed| {
            let text = typed.as_deref().unwrap_or_default().trim();
            (!text.is_empty()).then(|| text.to_owned())
        })
    }

    fn has(self, value: &str) -> bool {
        self.value
            .with_untracked(|chosen| chosen.iter().any(|one| one == value))
    }

    fn search(self, text: &str) {
        if let Some(search) = self.on_search {
            search.run(text.to_owned());
        }
    }

    fn show(self) {
        if !self.open.get_untracked() {
            self.open.set(true);
            self.search("");
        }
        self.go_to_chosen();
    }

    /// The list begins at what is chosen.
    fn go_to_chosen(self) {
        if !self.multiple && self.typed.with_untracked(Option::is_none) {
            let chosen = self.value.get_untracked();
            let place = self.shown.with_untracked(|shown| {
                shown
                    .iter()
                    .position(|choice| chosen.first() == Some(&choice.value))
            });
            self.moved_to.set(place);
        }
    }

    fn close(self) {
        // A list that is a part of a panel goes with the panel.
        self.open.set(self.in_panel);
        self.moved_to.set(None);
    }

    fn write(self, text: String) {
        self.moved_to.set(None);
        self.open.set(true);
        self.search(&text);
        self.typed.set(Some(text));
    }

    fn choose(self, chosen: String) {
        let mut values = self.value.get_untracked();
        self.typed.set(None);
        if self.multiple {
            match values.iter().position(|value| *value == chosen) {
                Some(place) => drop(values.remove(place)),
                None => values.push(chosen),
            }
            self.moved_to.set(None);
            self.search("");
        } else {
            values = vec![chosen];
            self.close();
        }
        self.on_change.run(values);
    }

    fn remove(self, chosen: &str) {
        let mut values = self.value.get_untracked();
        values.retain(|value| value != chosen);
        self.on_change.run(values);
    }

    /// Takes the entry that is marked. Returns whether there was one.
    fn take_active(self) -> bool {
        let place = self
            .active
            .get_untracked()
            .filter(|_| self.open.get_untracked());
        let entry =
            place.and_then(|place| self.shown.with_untracked(|shown| shown.get(place).cloned()));
        let Some(entry) = entry else { return false };
        // Typing what is chosen already does not take it away.
        let is_typed = self.moved_to.with_untracked(Option::is_none);
        if self.multiple && is_typed && self.has(&entry.value) {
            self.typed.set(None);
        } else {
            self.choose(entry.value);
        }
        true
    }

    /// What is typed as the field is left: what is called so, else the text itself where any will do and the list has
    /// nothing to offer for it, or the field shows it as a text field does.
    fn settle(self) {
        let Some(text) = self.typed.get_untracked() else {
            return;
        };
        let text = text.trim().to_owned();
        let same = self.choices.with_untracked(|choices| {
            let same = choices.iter().find(|choice| choice.is(&text));
            same.map(|choice| choice.value.clone())
        });
        let no_other = self.shown.with_untracked(|shown| shown.len() <= 1);
        self.typed.set(None);
        let value = match same {
            _ if text.is_empty() => {
                if !self.multiple && self.value.with_untracked(|value| !value.is_empty()) {
                    self.on_change.run(Vec::new());
                }
                return;
            }
            Some(same) => same,
            None if self.free && (no_other || !self.multiple) => text,
            None => return,
        };
        if !self.has(&value) {
            self.choose(value);
        }
    }

    fn on_key(self, event: &KeyboardEvent) {
        let key = event.key();
        match key.as_str() {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if self.open.get_untracked() {
                    let count = self.shown.with_untracked(Vec::len);
                    if let Some(to) = Move::vertical(&key) {
                        self.moved_to
                            .set(to.from(self.active.get_untracked(), count));
                    }
                } else {
                    self.show();
                }
            }
            "Enter" => {
                let typed = self.typed.with_untracked(Option::is_some);
                if self.take_active() {
                    event.prevent_default();
                } else if typed {
                    event.prevent_default();
                    self.settle();
                    self.close();
                }
            }
            "Escape" if self.open.get_untracked() => {
                self.typed.set(None);
                // The list takes this Escape, and a dialog around the field the next one. A panel that the list is a part of
                // closes by it.
                if !self.in_panel {
                    event.prevent_default();
                    event.stop_propagation();
                    self.close();
                }
            }
            "Backspace" if self.multiple && self.typed.with_untracked(is_blank) => {
                let mut values = self.value.get_untracked();
                if values.pop().is_some() {
                    self.on_change.run(values);
                }
            }
            "Tab" => {
                // A text of one's own is not completed by leaving it.
                let completes = self.typed_text().is_some() && (self.multiple || !self.free);
                if !(completes && self.take_active()) {
                    self.settle();
                }
                self.close();
            }
            _ => {}
        }
    }
}

fn is_blank(typed: &Option<String>) -> bool {
    typed.as_ref().is_none_or(String::is_empty)
}

/// A combobox as the ARIA Authoring Practices Guide has it: the focus stays in the field, the arrow keys move in the
/// list, Enter takes what is marked, which is what fits best until the arrow keys are used, and Escape leaves.
#[component]
pub fn Combobox(
    /// Its name, where no `<label for=id>` gives it one.
    #[prop(into, optional)]
    label: Option<String>,
    /// The field's id.
    #[prop(into, optional)]
    id: Option<String>,
    /// What it shows while it is empty.
    #[prop(into, optional)]
    placeholder: String,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    /// What is chosen; of a field for one: one or none.
    #[prop(into)]
    value: Signal<Vec<String>>,
    /// Called with what shall be chosen.
    on_change: Callback<Vec<String>>,
    /// Whether several can be chosen.
    #[prop(optional)]
    multiple: bool,
    /// Whether any text will do, in the list or not: it is the list's last entry.
    #[prop(optional)]
    free: bool,
    /// Called with what is typed, for choices that are searched elsewhere; they are shown as they are then.
    #[prop(into, optional)]
    on_search: Option<Callback<String>>,
    /// Whether choices that are searched elsewhere are picked out by what is typed all the same, as only some of them are.
    #[prop(optional)]
    filtered: bool,
    /// What is said below the field while it is open and has nothing to choose.
    #[prop(into, optional)]
    nothing: Option<Signal<Option<String>>>,
    /// Whether choices are under way.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// Whether what is chosen is wrong.
    #[prop(into, optional)]
    invalid: Signal<bool>,
    /// The id of what explains it.
    #[prop(into, optional)]
    described_by: Option<String>,
    /// Whether it stands in a panel that was opened for it: the list is a part of the panel, above what stands below the
    /// field, and the field takes the focus as soon as it is there.
    #[prop(optional)]
    in_panel: bool,
) -> impl IntoView {
    let typed = RwSignal::new(None::<String>);
    let moved_to = RwSignal::new(None::<usize>);
    let own = own_text(choices, typed, free);
    let shown = entries(choices, typed, own, on_search.is_none() || filtered);
    let picking = Picking {
        choices,
        value,
        on_change,
        on_search,
        multiple,
        free,
        in_panel,
        typed,
        open: RwSignal::new(in_panel),
        moved_to,
        shown,
        active: active_entry(typed, moved_to, shown, own),
    };
    let open = picking.open;
    let id = id.unwrap_or_else(|| unique_id("combobox"));
    let list_id = format!("{id}-list");
    let wrap = NodeRef::<html::Div>::new();

    // Where only what is in the list will do, it says so when nothing there fits.
    let fits_none = Memo::new(move |_| {
        let tells = nothing.is_none() && !free && !typed.with(is_blank) && !busy.get();
        tells && shown.with(Vec::is_empty)
    });
    let is_shown = Memo::new(move |_| {
        open.get() && (busy.get() || fits_none.get() || shown.with(|shown| !shown.is_empty()))
    });
    let chips = move || {
        let values = if multiple { value.get() } else { Vec::new() };
        values
            .into_iter()
            .map(|chosen| chip(picking, chosen))
            .collect_view()
    };
    let list_name = label.clone().unwrap_or_else(|| "Choices".to_owned());
    view! {
        <div class="us-combobox" class:us-combobox--multiple=multiple node_ref=wrap>
            {chips}
            <ComboboxInput
                picking
                id
                label
                placeholder
                list_id=list_id.clone()
                is_shown
                invalid
                described_by
            />
            <span class="us-combobox__end" aria-hidden="true">
                <Icon glyph=Glyph::Down small=true />
            </span>
        </div>
        {list(picking, wrap, list_id, list_name, busy, is_shown, fits_none)}
        {nothing
            .map(|nothing| {
                view! {
                    <p class="us-help" role="status">
                        {move || nothing.get().filter(|_| open.get() && shown.with(Vec::is_empty))}
                    </p>
                }
            })}
    }
}

/// What is typed, where any text will do and the list does not have this one.
fn own_text(
    choices: Signal<Vec<Choice>>,
    typed: RwSignal<Option<String>>,
    free: bool,
) -> Memo<Option<String>> {
    Memo::new(move |_| {
        let text = typed.get().unwrap_or_default().trim().to_owned();
        let is_own = free && !text.is_empty();
        (is_own && !choices.with(|choices| choices.iter().any(|choice| choice.is(&text))))
            .then_some(text)
    })
}

/// The entries of the list: those choices that fit what is typed, or all where they are searched elsewhere, and the text
/// itself.
fn entries(
    choices: Signal<Vec<Choice>>,
    typed: RwSignal<Option<String>>,
    own: Memo<Option<String>>,
    only_fitting: bool,
) -> Memo<Vec<Choice>> {
    Memo::new(move |_| {
        let typed = typed.get().unwrap_or_default();
        let mut entries = choices.with(|choices| {
            if only_fitting {
                fitting(choices, &typed)
            } else {
                choices.iter().take(SHOWN).cloned().collect()
            }
        });
        entries.extend(own.get().map(|text| {
            let label = format!("Use \u{201c}{text}\u{201d}");
            Choice::new(text).label(label).glyph(Glyph::Plus)
        }));
        entries
    })
}

/// The place of the entry that Enter takes: where the arrow keys have led, else what fits best, else the text itself.
fn active_entry(
    typed: RwSignal<Option<String>>,
    moved_to: RwSignal<Option<usize>>,
    shown: Memo<Vec<Choice>>,
    own: Memo<Option<String>>,
) -> Memo<Option<usize>> {
    Memo::new(move |_| {
        let text = typed.get().unwrap_or_default();
        shown.with(|shown| {
            let listed = shown.len() - usize::from(own.with(Option::is_some));
            match moved_to.get() {
                Some(place) => shown.len().checked_sub(1).map(|last| place.min(last)),
                None => best(shown.get(..listed)?, text.trim())
                    .or_else(|| (listed < shown.len()).then_some(listed)),
            }
        })
    })
}

/// The field that is typed into.
#[component]
fn ComboboxInput(
    picking: Picking,
    id: String,
    label: Option<String>,
    placeholder: String,
    list_id: String,
    is_shown: Memo<bool>,
    invalid: Signal<bool>,
    described_by: Option<String>,
) -> impl IntoView {
    let Picking {
        in_panel,
        typed,
        open,
        active,
        ..
    } = picking;
    let input = NodeRef::<html::Input>::new();
    let had_focus = StoredValue::new(false);
    Effect::new(move |_| {
        if let Some(input) = input.get()
            && in_panel
        {
            take_focus(input, FOCUS_TRIES, move || {
                // It may be gone by the next frame, or something typed by then.
                if let Some(typed) = typed.try_get_untracked() {
                    picking.search(&typed.unwrap_or_default());
                    picking.go_to_chosen();
                }
            });
        }
    });
    let active_id = {
        let list_id = list_id.clone();
        Signal::derive(move || {
            let place = active.get().filter(|_| open.get())?;
            Some(option_id(&list_id, place))
        })
    };
    // Keeps the active choice in sight.
    Effect::new(move |_| {
        if let Some(option) = active_id
            .get()
            .and_then(|id| document().get_element_by_id(&id))
        {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    view! {
        <input
            id=id
            class="us-input us-input--md"
            type="text"
            role="combobox"
            autocomplete="off"
            spellcheck="false"
            node_ref=input
            placeholder=placeholder
            aria-label=label
            aria-autocomplete="list"
            aria-expanded=move || is_shown.get().to_string()
            aria-controls=list_id
            aria-activedescendant=move || active_id.get()
            aria-invalid=move || invalid.get().then_some("true")
            aria-describedby=described_by
            prop:value=move || picking.text()
            on:input=move |event| picking.write(event_target_value(&event))
            on:pointerdown=move |event| {
                had_focus.set_value(event.target() == document().active_element().map(Into::into));
            }
            on:click=move |event| {
                picking.show();
                // What is typed takes the place of what is chosen, unless the pointer chose a place in it.
                if !had_focus.get_value() {
                    select_all(&event_target(&event));
                }
            }
            on:focus=move |event| select_all(&event_target(&event))
            on:keydown=move |event| picking.on_key(&event)
            on:blur=move |_| {
                // A field that is taken off the page while it has the focus loses that last of all.
                if !typed.is_disposed() {
                    picking.settle();
                    picking.close();
                }
            }
        />
    }
}

fn option_id(list_id: &str, place: usize) -> String {
    format!("{list_id}-{place}")
}

/// One of several that are chosen.
fn chip(picking: Picking, chosen: String) -> AnyView {
    let label = picking.label_of(&chosen);
    view! {
        <span class="us-chip">
            <span class="us-truncate">{label.clone()}</span>
            <button
                type="button"
                aria-label=format!("Remove {label}")
                on:click=move |_| picking.remove(&chosen)
            >
                <Icon glyph=Glyph::Cross />
            </button>
        </span>
    }
    .into_any()
}

/// The list: it floats below its field, or is a part of the field's panel.
fn list(
    picking: Picking,
    wrap: NodeRef<html::Div>,
    id: String,
    name: String,
    busy: Signal<bool>,
    is_shown: Memo<bool>,
    fits_none: Memo<bool>,
) -> AnyView {
    let Picking {
        in_panel,
        multiple,
        shown,
        ..
    } = picking;
    let element = NodeRef::<html::Ul>::new();
    let moved = StoredValue::new_local(None::<OnMove>);
    let put = move || {
        // The field may be gone by the next frame.
        let wrap = wrap.try_get_untracked().flatten();
        if let Some((wrap, list)) = wrap.zip(element.try_get_untracked().flatten()) {
            put_list(&wrap, &list);
        }
    };
    Effect::new(move |_| {
        let Some(list) = element.get().filter(|_| !in_panel) else {
            return;
        };
        shown.track();
        if is_shown.get() {
            // Showing what is shown, or hiding what is hidden, is refused and changes nothing.
            drop(list.show_popover());
            request_animation_frame(put);
            moved.set_value(Some(OnMove::new(move |_| put())));
        } else {
            moved.set_value(None);
            drop(list.hide_popover());
        }
    });
    let list_id = id.clone();
    let options = move || {
        let mut group = String::new();
        shown
            .get()
            .into_iter()
            .enumerate()
            .map(|(place, choice)| {
                let heading = (choice.group != group).then(|| choice.group.clone());
                group.clone_from(&choice.group);
                option(picking, option_id(&list_id, place), place, choice, heading)
            })
            .collect_view()
    };
    view! {
        <ul
            id=id
            class=if in_panel { "us-listbox us-listbox--in" } else { "us-menu us-float us-listbox" }
            node_ref=element
            popover=(!in_panel).then_some("manual")
            role="listbox"
            aria-label=name
            aria-multiselectable=multiple.then_some("true")
            aria-busy=move || busy.get().to_string()
        >
            {options}
            <Show when=move || fits_none.get()>
                <li class="us-menu__none" role="presentation">
                    "No matches"
                </li>
            </Show>
        </ul>
    }
    .into_any()
}

/// An entry of the list, with the name of the group that it begins.
fn option(
    picking: Picking,
    id: String,
    place: usize,
    choice: Choice,
    heading: Option<String>,
) -> AnyView {
    let Choice {
        value,
        label,
        detail,
        description,
        glyph,
        ..
    } = choice;
    let this = value.clone();
    let is_chosen = Signal::derive(move || picking.value.with(|chosen| chosen.contains(&value)));
    let means = (!description.is_empty()).then(|| format!("{id}-means"));
    // Its meaning is read after its name, not as a part of it.
    let described_by = means.clone();
    let name = means.as_ref().map(|_| {
        if detail.is_empty() {
            label.clone()
        } else {
            format!("{label}, {detail}")
        }
    });
    view! {
        {heading
            .map(|heading| {
                view! {
                    <li class="us-menu__title" role="presentation">
                        {heading}
                    </li>
                }
            })}
        <li
            id=id
            class="us-menu__item"
            class:is-active=move || picking.active.get() == Some(place)
            role="option"
            aria-selected=move || is_chosen.get().to_string()
            aria-label=name
            aria-describedby=described_by
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| picking.choose(this.clone())
        >
            {glyph.map(|glyph| view! { <Icon glyph /> })}
            <span class="us-grow us-option">
                <span class="us-truncate">{label}</span>
                {means
                    .map(|means| {
                        view! {
                            <span class="us-option__means" id=means>
                                {description}
                            </span>
                        }
                    })}
            </span>
            {(!detail.is_empty()).then(|| view! { <small>{detail}</small> })}
            <Show when=move || is_chosen.get()>
                <Icon glyph=Glyph::Check small=true />
            </Show>
        </li>
    }
    .into_any()
}
