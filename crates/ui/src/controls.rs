//! Small controls.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::dom::unique_id;
use crate::icon::{Glyph, Icon};
use crate::popover::{Align, place};
use crate::task::{Task, sleep, spawn};

/// A box to tick, which can also be in between.
#[component]
pub fn Checkbox(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] checked: Signal<bool>,
    /// Whether it is in between.
    #[prop(into, optional)]
    mixed: Signal<bool>,
    /// Called with what it shall be.
    on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="us-check">
            <input
                class="us-box"
                class:is-mixed=move || mixed.get()
                type="checkbox"
                aria-label=move || label.get()
                prop:checked=move || checked.get()
                prop:indeterminate=move || mixed.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
        </label>
    }
}

/// Something that is on or off.
#[component]
pub fn Switch(
    #[prop(into)] on: Signal<bool>,
    /// Called with what it shall be.
    on_change: Callback<bool>,
    /// Its name, shown beside it.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="us-check us-2">
            <input
                class="us-switch"
                type="checkbox"
                role="switch"
                prop:checked=move || on.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            {children()}
        </label>
    }
}

/// A field to search with, which the key / leads to where a page says so.
#[component]
pub fn SearchField(
    #[prop(into)] label: String,
    /// What it shows while it is empty.
    #[prop(into)]
    placeholder: String,
    #[prop(into)] value: Signal<String>,
    on_input: Callback<String>,
    /// The element, for a page that gives it the focus.
    #[prop(optional)]
    element: NodeRef<html::Input>,
    /// Whether to show that / leads here.
    #[prop(optional)]
    slash: bool,
) -> impl IntoView {
    view! {
        <div class="us-inputwrap us-grow">
            <Icon glyph=Glyph::Search small=true />
            <input
                class="us-input us-input--md"
                type="search"
                node_ref=element
                placeholder=placeholder
                aria-label=label
                aria-keyshortcuts=slash.then_some("/")
                prop:value=move || value.get()
                on:input=move |event| on_input.run(event_target_value(&event))
                on:keydown=move |event| {
                    if event.key() == "Escape" && !value.get_untracked().is_empty() {
                        event.prevent_default();
                        on_input.run(String::new());
                    }
                }
            />
            {slash.then(|| {
                view! {
                    <span class="us-inputwrap__end" aria-hidden="true">
                        <kbd class="us-kbd">"/"</kbd>
                    </span>
                }
            })}
        </div>
    }
}

/// A button that copies a text, and says so.
#[component]
pub fn CopyButton(
    /// Its name: "Copy id of …".
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let task = StoredValue::new_local(None::<Task>);
    let copy = move |_| {
        let text = text.clone();
        task.set_value(Some(spawn(async move {
            if JsFuture::from(window().navigator().clipboard().write_text(&text))
                .await
                .is_ok()
            {
                copied.try_set(true);
                sleep(2_000).await;
                copied.try_set(false);
            }
        })));
    };
    view! {
        <button
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
            type="button"
            aria-label=label
            on:click=copy
        >
            {move || {
                if copied.get() {
                    view! { <Icon glyph=Glyph::Check small=true /> }
                } else {
                    view! { <Icon glyph=Glyph::Copy small=true /> }
                }
            }}
        </button>
        <span class="us-vh" role="status">
            {move || copied.get().then_some("Copied")}
        </span>
    }
}

/// Something with an explanation that shows while the pointer or the focus is on it.
#[component]
pub fn Tip(
    #[prop(into)] text: Signal<String>,
    /// What it explains; give it `tabindex="0"` if it takes no focus of its own.
    children: Children,
) -> impl IntoView {
    let id = unique_id("tip");
    let anchor = NodeRef::<html::Span>::new();
    let tip = NodeRef::<html::Span>::new();
    let show = move || {
        if let (Some(anchor), Some(tip)) = (anchor.get_untracked(), tip.get_untracked()) {
            // It is shown already when pointer and focus come together.
            drop(tip.show_popover());
            place(&anchor, &tip, Align::Start, f64::INFINITY);
        }
    };
    let hide = move || {
        if let Some(tip) = tip.get_untracked() {
            drop(tip.hide_popover());
        }
    };
    view! {
        <span
            class="us-anchor"
            node_ref=anchor
            aria-describedby=id.clone()
            on:mouseenter=move |_| show()
            on:mouseleave=move |_| hide()
            on:focusin=move |_| show()
            on:focusout=move |_| hide()
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    hide();
                }
            }
        >
            {children()}
        </span>
        <span id=id class="us-tip us-float" node_ref=tip role="tooltip" popover="manual">
            {move || text.get()}
        </span>
    }
}
