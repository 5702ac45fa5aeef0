//! A field that offers what fits what is typed: one or several of a list, or free text.

use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::dom::{Move, unique_id};
use crate::icon::{Glyph, Icon};
use crate::popover::{Align, OnMove, place};

/// How many choices are shown at once; more are found by typing.
const SHOWN: usize = 200;

/// Something to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What it stands for.
    pub value: String,
    /// Its words.
    pub label: String,
    /// What stands at its end, such as a count.
    pub detail: String,
    /// What it means: a line below its words, which is searched too.
    pub description: String,
    /// Its icon.
    pub glyph: Option<Glyph>,
    /// What it belongs to: choices of a group stand together below its name.
    pub group: String,
}

impl Choice {
    /// A choice whose words are what it stands for.
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            label: value.clone(),
            value,
            ..Self::default()
        }
    }

    /// With other words.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With something at its end.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With what it means.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With an icon.
    #[must_use]
    pub const fn glyph(mut self, glyph: Glyph) -> Self {
        self.glyph = Some(glyph);
        self
    }

    /// In a group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }
}

/// The choices that fit a text: those that begin with it, then those that have it in them, then those whose meaning
/// speaks of it.
fn fitting(choices: &[Choice], text: &str) -> Vec<Choice> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return choices.iter().take(SHOWN).cloned().collect();
    }
    let mut starting = Vec::new();
    let mut containing = Vec::new();
    let mut described = Vec::new();
    for choice in choices {
        let label = choice.label.to_lowercase();
        if label.starts_with(&text) {
            starting.push(choice.clone());
        } else if label.contains(&text) || choice.value.to_lowercase().contains(&text) {
            containing.push(choice.clone());
        } else if choice.description.to_lowercase().contains(&text) {
            described.push(choice.clone());
        }
    }
    // Groups stay together: a group comes where its first choice would.
    starting.append(&mut containing);
    starting.append(&mut described);
    let mut groups: Vec<String> = Vec::new();
    for choice in &starting {
        if !groups.contains(&choice.group) {
            groups.push(choice.group.clone());
        }
    }
    starting.sort_by_key(|choice| groups.iter().position(|group| *group == choice.group));
    starting.truncate(SHOWN);
    starting
}

/// The greatest height of a list, in px.
const LIST_HEIGHT: f64 = 320.0;

/// Puts the list below its field, or above it, as wide as the field at least and not too high.
fn put_list(field: &HtmlElement, list: &HtmlElement) {
    let style = list.style();
    let set = |name: &str, value: f64| {
        // A length in px is always a valid value.
        drop(style.set_property(name, &format!("{value}px")));
    };
    let at = field.get_bounding_client_rect();
    set("min-inline-size", at.width());
    place(field, list, Align::Start);
    let now = list.get_bounding_client_rect();
    if now.height() > LIST_HEIGHT {
        set("max-block-size", LIST_HEIGHT);
        if now.top() < at.top() {
            set("top", now.bottom() - LIST_HEIGHT);
        }
    }
}

/// In how many frames a field tries to take the focus.
const FOCUS_TRIES: u32 = 30;

/// Gives the focus to a field as soon as it takes it: what floats cannot have it before it stands in its place.
fn take_focus(field: HtmlInputElement, tries: u32, then: impl FnOnce() + 'static) {
    request_animation_frame(move || {
        drop(field.focus());
        let has_it = document().active_element().as_ref() == Some(field.as_ref());
        if has_it || tries == 0 {
            // What is typed searches: it takes the place of what is chosen.
            field.select();
            then();
        } else if field.is_connected() {
            take_focus(field, tries - 1, then);
        }
    });
}

/// A combobox as the ARIA Authoring Practices Guide has it: the focus stays in the field, the arrow keys move in the
/// list, Enter chooses, Escape closes the list and then empties the field.
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
    /// What can be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// What is chosen; of a field for one: one or none.
    #[prop(into)]
    value: Signal<Vec<String>>,
    /// Called with what shall be chosen.
    on_change: Callback<Vec<String>>,
    /// Whether several can be chosen.
    #[prop(optional)]
    multiple: bool,
    /// Whether any text will do, in the list or not.
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
    /// Whether to take the focus, and show the list, as soon as it is there.
    #[prop(optional)]
    autofocus: bool,
    /// Called when the field is left.
    #[prop(into, optional)]
    on_leave: Option<Callback<()>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| unique_id("combobox"));
    let list_id = format!("{id}-list");
    let wrap = NodeRef::<html::Div>::new();
    let input = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Ul>::new();
    let moved = StoredValue::new_local(None::<OnMove>);
    // What is typed; none while the field shows what is chosen.
    let typed = RwSignal::new(None::<String>);
    let open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);

    let label_of = move |value: &str| {
        choices.with(|choices| {
            choices
                .iter()
                .find(|choice| choice.value == value)
                .map_or_else(|| value.to_owned(), |choice| choice.label.clone())
        })
    };
    let text = Memo::new(move |_| {
        typed.get().unwrap_or_else(|| {
            if multiple {
                String::new()
            } else {
                value
                    .get()
                    .first()
                    .map(|value| label_of(value))
                    .unwrap_or_default()
            }
        })
    });
    let shown = Memo::new(move |_| {
        let typed = typed.get().unwrap_or_default();
        if on_search.is_some() && !filtered {
            choices.with(|choices| choices.iter().take(SHOWN).cloned().collect())
        } else {
            choices.with(|choices| fitting(choices, &typed))
        }
    });

    let put = move || {
        // The field may be gone by the next frame.
        let wrap = wrap.try_get_untracked().flatten();
        let list = list.try_get_untracked().flatten();
        if let Some((wrap, list)) = wrap.zip(list) {
            put_list(&wrap, &list);
        }
    };
    // Where only what is in the list will do, it says so when nothing there fits.
    let fits_none = Memo::new(move |_| {
        let typed =
            typed.with(|typed| typed.as_ref().is_some_and(|typed| !typed.trim().is_empty()));
        let tells = nothing.is_none() && !free && typed && !busy.get();
        tells && shown.with(Vec::is_empty)
    });
    let is_shown = Memo::new(move |_| {
        open.get() && (busy.get() || fits_none.get() || shown.with(|shown| !shown.is_empty()))
    });
    Effect::new(move |_| {
        let Some(list) = list.get() else { return };
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
    Effect::new(move |_| {
        if let Some(input) = input.get()
            && autofocus
        {
            take_focus(input, FOCUS_TRIES, move || {
                // It may be gone by the next frame, or something typed by then.
                if open.try_set(true).is_none()
                    && let Some(search) = on_search
                {
                    search.run(typed.get_untracked().unwrap_or_default());
                }
            });
        }
    });

    let show = move || {
        if !open.get_untracked() {
            active.set(None);
            open.set(true);
            if let Some(search) = on_search {
                search.run(String::new());
            }
        }
    };
    let close = move || {
        open.set(false);
        active.set(None);
    };
    let choose = move |chosen: String| {
        let mut values = value.get_untracked();
        if multiple {
            match values.iter().position(|value| *value == chosen) {
                Some(place) => drop(values.remove(place)),
                None => values.push(chosen),
            }
            typed.set(None);
            if let Some(search) = on_search {
                search.run(String::new());
            }
        } else {
            values = vec![chosen];
            typed.set(None);
            close();
        }
        on_change.run(values);
    };
    // What is typed and left, where any text will do.
    let settle = move || {
        let Some(text) = typed.get_untracked() else {
            return;
        };
        let text = text.trim().to_owned();
        typed.set(None);
        if text.is_empty() {
            if !multiple && !value.get_untracked().is_empty() {
                on_change.run(Vec::new());
            }
        } else if let Some(choice) = choices.with_untracked(|choices| {
            choices
                .iter()
                .find(|choice| choice.label.eq_ignore_ascii_case(&text) || choice.value == text)
                .cloned()
        }) {
            if !value.with_untracked(|value| value.contains(&choice.value)) {
                choose(choice.value);
            }
        } else if free && !value.with_untracked(|value| value.contains(&text)) {
            choose(text);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let key = event.key();
        match key.as_str() {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if open.get_untracked() {
                    let count = shown.with_untracked(Vec::len);
                    if let Some(to) = Move::vertical(&key) {
                        active.set(to.from(active.get_untracked(), count));
                    }
                } else {
                    show();
                }
            }
            "Enter" => {
                let at = active.get_untracked().filter(|_| open.get_untracked());
                let chosen = at.and_then(|at| shown.with_untracked(|shown| shown.get(at).cloned()));
                // What is typed and no value by itself means what fits it best, where all that fits is known.
                let best = || {
                    let typed = typed
                        .get_untracked()
                        .filter(|_| open.get_untracked() && !free)?;
                    let typed = typed.trim();
                    shown.with_untracked(|shown| match shown.as_slice() {
                        _ if typed.is_empty() => None,
                        [first, rest @ ..] if rest.is_empty() || on_search.is_none() => {
                            let same = |choice: &&Choice| choice.label.eq_ignore_ascii_case(typed);
                            Some(shown.iter().find(same).unwrap_or(first).clone())
                        }
                        _ => None,
                    })
                };
                if let Some(choice) = chosen.or_else(best) {
                    event.prevent_default();
                    choose(choice.value);
                } else if typed.get_untracked().is_some() {
                    event.prevent_default();
                    settle();
                    close();
                }
            }
            "Escape" if open.get_untracked() => {
                // The list takes this Escape; a dialog around the field gets the next one.
                event.prevent_default();
                event.stop_propagation();
                typed.set(None);
                close();
            }
            "Backspace" if multiple && typed.get_untracked().unwrap_or_default().is_empty() => {
                let mut values = value.get_untracked();
                if values.pop().is_some() {
                    on_change.run(values);
                }
            }
            "Tab" => {
                settle();
                close();
            }
            _ => {}
        }
    };
    // Keeps the active choice in sight.
    let list_of_options = list_id.clone();
    let option_id = move |place: usize| format!("{list_of_options}-{place}");
    let active_id = {
        let option_id = option_id.clone();
        move || active.get().filter(|_| open.get()).map(&option_id)
    };
    let scroll_id = active_id.clone();
    Effect::new(move |_| {
        if let Some(option) = scroll_id().and_then(|id| document().get_element_by_id(&id)) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });

    let chips = move || {
        let values = if multiple { value.get() } else { Vec::new() };
        values
            .into_iter()
            .map(|chosen| {
                let label = label_of(&chosen);
                view! {
                    <span class="us-chip">
                        <span class="us-truncate">{label.clone()}</span>
                        <button
                            type="button"
                            aria-label=format!("Remove {label}")
                            on:click=move |_| {
                                let mut values = value.get_untracked();
                                values.retain(|value| *value != chosen);
                                on_change.run(values);
                            }
                        >
                            <Icon glyph=Glyph::Cross />
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    let option_view = {
        let option_id = option_id.clone();
        move |place: usize, choice: Choice, heading: Option<String>| {
            let this = choice.value.clone();
            let chosen = choice.value.clone();
            let is_chosen = Signal::derive(move || value.with(|value| value.contains(&chosen)));
            let id = option_id(place);
            let means = (!choice.description.is_empty()).then(|| format!("{id}-means"));
            // Its meaning is told after its name, not as a part of it.
            let name = means.as_ref().map(|_| {
                if choice.detail.is_empty() {
                    choice.label.clone()
                } else {
                    format!("{}, {}", choice.label, choice.detail)
                }
            });
            let words = match means.clone() {
                Some(means) => view! {
                    <span class="us-grow us-option">
                        <span class="us-truncate">{choice.label}</span>
                        <span class="us-option__means" id=means>
                            {choice.description}
                        </span>
                    </span>
                }
                .into_any(),
                None => {
                    view! { <span class="us-grow us-truncate">{choice.label}</span> }.into_any()
                }
            };
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
                    class:is-active=move || active.get() == Some(place)
                    role="option"
                    aria-selected=move || is_chosen.get().to_string()
                    aria-label=name
                    aria-describedby=means
                    on:mousedown=|event| event.prevent_default()
                    on:click=move |_| choose(this.clone())
                >
                    {choice.glyph.map(|glyph| view! { <Icon glyph /> })}
                    {words}
                    {(!choice.detail.is_empty()).then(|| view! { <small>{choice.detail}</small> })}
                    <Show when=move || is_chosen.get()>
                        <Icon glyph=Glyph::Check small=true />
                    </Show>
                </li>
            }
        }
    };
    let options = move || {
        let mut group = String::new();
        shown
            .get()
            .into_iter()
            .enumerate()
            .map(|(place, choice)| {
                let heading = (choice.group != group).then(|| choice.group.clone());
                group.clone_from(&choice.group);
                option_view(place, choice, heading)
            })
            .collect_view()
    };
    let list_name = label.clone().unwrap_or_else(|| "Choices".to_owned());
    view! {
        <div class="us-combobox" class:us-combobox--multiple=multiple node_ref=wrap>
            {chips}
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
                aria-controls=list_id.clone()
                aria-activedescendant=active_id
                aria-invalid=move || invalid.get().then_some("true")
                aria-describedby=described_by
                prop:value=move || text.get()
                on:input=move |event| {
                    let text = event_target_value(&event);
                    active.set(None);
                    open.set(true);
                    if let Some(search) = on_search {
                        search.run(text.clone());
                    }
                    typed.set(Some(text));
                }
                on:click=move |_| show()
                on:keydown=on_key
                on:blur=move |_| {
                    // A field that is taken off the page while it has the focus loses that last of all.
                    if typed.is_disposed() {
                        return;
                    }
                    settle();
                    close();
                    if let Some(leave) = on_leave {
                        leave.run(());
                    }
                }
            />
            <span class="us-combobox__end" aria-hidden="true">
                <Icon glyph=Glyph::Down small=true />
            </span>
        </div>
        <ul
            id=list_id
            class="us-menu us-float us-listbox"
            node_ref=list
            popover="manual"
            role="listbox"
            aria-label=list_name
            aria-multiselectable=multiple.then_some("true")
            aria-busy=move || busy.get().to_string()
        >
            {options}
            <Show when=move || fits_none.get()>
                <li class="us-menu__none" role="presentation">
                    "Nothing fits this."
                </li>
            </Show>
        </ul>
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

#[cfg(test)]
mod tests {
    use super::{Choice, fitting};

    fn labels(choices: &[Choice]) -> Vec<&str> {
        choices.iter().map(|choice| choice.label.as_str()).collect()
    }

    #[test]
    fn what_begins_with_the_text_comes_first() {
        let choices = ["Order Completed", "Reorder", "Signed Up", "order_id"].map(Choice::new);
        assert_eq!(
            labels(&fitting(&choices, " ORDER ")),
            ["Order Completed", "order_id", "Reorder"]
        );
        assert_eq!(fitting(&choices, "").len(), 4);
        assert!(fitting(&choices, "zebra").is_empty());
    }

    #[test]
    fn meanings_are_searched_last() {
        let choices = [
            Choice::new("Signed Up").description("An order of accounts"),
            Choice::new("Reorder"),
            Choice::new("Order Completed"),
        ];
        assert_eq!(
            labels(&fitting(&choices, "order")),
            ["Order Completed", "Reorder", "Signed Up"]
        );
    }

    #[test]
    fn groups_stay_together() {
        let choices = [
            Choice::new("about").group("b"),
            Choice::new("bat").group("a"),
            Choice::new("abbot").group("a"),
        ];
        assert_eq!(labels(&fitting(&choices, "b")), ["bat", "abbot", "about"]);
    }
}
