//! Small fields that the pickers are made of.

use leptos::prelude::*;
use segments_forms::error::FormError;
use segments_forms::number::Entry;
use segments_ui::dom::{focus, unique_id};
use segments_ui::{Glyph, Icon};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

/// A field for a number. What is typed stays as it was typed for as long as it reads as the value.
#[component]
pub fn NumberField(
    #[prop(into)] label: String,
    /// The number, or what stands for it.
    #[prop(into)]
    value: Signal<Entry>,
    on_change: Callback<Entry>,
    /// What is wrong with it.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = unique_id("number");
    let error_id = format!("{id}-error");
    let describes = error_id.clone();
    let typed = RwSignal::new(None::<String>);
    // A field that nobody has written into yet is not wrong.
    let shown_error = Memo::new(move |_| {
        error.get().filter(|_| {
            typed.with(Option::is_some) || value.with(|value| *value != Entry::default())
        })
    });
    let text = move || {
        typed
            .get()
            .filter(|typed| Entry::read(typed) == value.get())
            .unwrap_or_else(|| value.get().write())
    };
    view! {
        <div class="us-field">
            <label class="us-label" for=id.clone()>
                {label}
            </label>
            <input
                class="us-input us-input--md"
                id=id
                type="text"
                inputmode="decimal"
                autocomplete="off"
                aria-invalid=move || shown_error.with(Option::is_some).then_some("true")
                aria-describedby=move || shown_error.with(Option::is_some).then(|| describes.clone())
                prop:value=text
                on:input=move |event| {
                    let text = event_target_value(&event);
                    let entry = Entry::read(&text);
                    typed.set(Some(text));
                    on_change.run(entry);
                }
                // What was typed gives way to how it was read.
                on:change=move |_| {
                    if value.with_untracked(|value| matches!(value, Entry::Number(_))) {
                        typed.set(None);
                    }
                }
            />
            <ErrorText id=error_id error=shown_error.into() />
        </div>
    }
}

/// A field for a local day, by the browser's own calendar.
#[component]
pub fn DayField(
    #[prop(into)] label: String,
    /// The day, `YYYY-MM-DD`; another text, such as an instant, is shown below the field and kept until a day is chosen.
    #[prop(into)]
    value: Signal<String>,
    on_change: Callback<String>,
    /// What is wrong with it.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = unique_id("day");
    let error_id = format!("{id}-error");
    let describes = error_id.clone();
    let is_day = move |text: &str| text.parse::<chrono::NaiveDate>().is_ok();
    view! {
        <div class="us-field">
            <label class="us-label" for=id.clone()>
                {label}
            </label>
            <input
                class="us-input us-input--md"
                id=id
                type="date"
                min="0001-01-01"
                max="9999-12-31"
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || error.get().map(|_| describes.clone())
                prop:value=move || value.get()
                on:input=move |event| on_change.run(event_target_value(&event))
            />
            {move || {
                let text = value.get();
                (!text.is_empty() && !is_day(&text))
                    .then(|| view! { <span class="us-help">{format!("Now {text}")}</span> })
            }}
            <ErrorText id=error_id error />
        </div>
    }
}

/// What is wrong with the field above.
#[component]
pub fn ErrorText(
    /// Its id, for the field's `aria-describedby`.
    id: String,
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        {move || {
            error
                .get()
                .map(|error| {
                    view! {
                        <span class="us-error" id=id.clone()>
                            <Icon glyph=Glyph::Warning />
                            <span>{error}</span>
                        </span>
                    }
                })
        }}
    }
}

/// One of a few, by the browser's own list.
#[component]
pub fn Select<T>(
    #[prop(into)] label: String,
    /// Hides the name from all but screen readers.
    #[prop(optional)]
    bare: bool,
    /// What can be chosen, with words.
    options: Vec<(T, &'static str)>,
    #[prop(into)] value: Signal<T>,
    on_change: Callback<T>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let (choices, words): (Vec<T>, Vec<_>) = options.into_iter().unzip();
    let known = choices.clone();
    let chosen = Signal::derive(move || {
        let value = value.get();
        known.iter().position(|choice| *choice == value)
    });
    let choose = Callback::new(move |place: usize| {
        if let Some(choice) = choices.get(place) {
            on_change.run(*choice);
        }
    });
    select(label, bare, words, chosen, choose)
}

/// The list by places, whatever they stand for.
fn select(
    label: String,
    bare: bool,
    words: Vec<&'static str>,
    chosen: Signal<Option<usize>>,
    choose: Callback<usize>,
) -> AnyView {
    let options: Vec<_> = words
        .into_iter()
        .enumerate()
        .map(|(place, words)| {
            view! {
                <option value=place.to_string() prop:selected=move || chosen.get() == Some(place)>
                    {words}
                </option>
            }
        })
        .collect();
    view! {
        <label class="us-field">
            <span class=if bare { "us-vh" } else { "us-label" }>{label}</span>
            <span class="us-selectwrap">
                <select
                    class="us-select"
                    on:change=move |event| {
                        if let Ok(place) = event_target_value(&event).parse() {
                            choose.run(place);
                        }
                    }
                >
                    {options}
                </select>
                <Icon glyph=Glyph::Down small=true />
            </span>
        </label>
    }
    .into_any()
}

/// The classes of a token, which is set off while something is wrong with it.
pub fn token_class(
    class: &'static str,
    is_bad: impl Fn() -> bool + Send + Sync + 'static,
) -> Signal<String> {
    Signal::derive(move || {
        let bad = if is_bad() { " us-tok--bad" } else { "" };
        format!("{class}{bad}")
    })
}

/// One of several things that a list has chosen: it takes lists.
pub fn chosen(value: Signal<String>) -> Signal<Vec<String>> {
    Signal::derive(move || {
        let value = Some(value.get()).filter(|value| !value.is_empty());
        value.into_iter().collect()
    })
}

/// What is wrong at one of these places or inside of it.
pub fn error_at(
    errors: Signal<Vec<FormError>>,
    is_there: impl Fn(&FormError) -> bool + Send + Sync + 'static,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        errors.with(|errors| {
            let error = errors.iter().find(|error| is_there(error));
            error.map(|error| error.detail.clone())
        })
    })
}

/// Opens the first token below an element that still has to say something, once it is on the page. For what was just
/// added.
pub fn open_first_unset(element_id: String) {
    request_animation_frame(move || {
        let token = document()
            .get_element_by_id(&element_id)
            .and_then(|element| {
                element
                    .query_selector(".us-tok--bad[popovertarget]")
                    .ok()
                    .flatten()
            })
            .and_then(|token| token.dyn_into::<HtmlElement>().ok());
        if let Some(token) = token {
            reveal(&token);
            token.click();
        }
    });
}

/// Gives the focus to an element where one sees it.
pub fn reveal(element: &HtmlElement) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
    focus(element);
}
