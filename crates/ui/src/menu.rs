//! Menus: a button that opens a list of things to do.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::dom::{Move, active_element, all_below, focus, move_focus};
use crate::icon::{Glyph, Icon};
use crate::popover::{Align, PopoverButton};

const ITEMS: &str = "[role^=menuitem]:not([aria-disabled=true])";

/// The open menu, for its items to close.
#[derive(Clone, Copy)]
struct OpenMenu(RwSignal<bool>);

/// A button that opens a menu. The arrow keys, Home, End and the first letters of an item move within it.
#[component]
pub fn MenuButton(
    #[prop(into)] class: Signal<String>,
    /// The button's name, where what it shows is none.
    #[prop(into, optional)]
    label: Option<Signal<String>>,
    button: ViewFn,
    #[prop(into)] menu_label: Signal<String>,
    /// Which edges of button and menu meet.
    #[prop(optional)]
    align: Align,
    /// Whether it is open; set to false to close it.
    #[prop(optional)]
    open: Option<RwSignal<bool>>,
    /// Whether the button can be pressed.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// [`MenuItem`], [`MenuLink`], [`MenuCheck`], `<hr/>`.
    children: ChildrenFn,
) -> impl IntoView {
    let open = open.unwrap_or_else(|| RwSignal::new(false));
    let children = StoredValue::new(children);
    let on_open = Callback::new(|menu: HtmlElement| {
        move_focus(&menu, ITEMS, Move::First);
    });
    view! {
        <PopoverButton
            class
            label
            button
            role="menu"
            panel_label=menu_label
            panel_class="us-menu"
            align
            open
            on_open
            disabled
        >
            <div class="us-menu__items" role="none" on:keydown=on_key>
                {
                    provide_context(OpenMenu(open));
                    children.with_value(|children| children())
                }
            </div>
        </PopoverButton>
    }
}

fn on_key(event: KeyboardEvent) {
    let Some(menu) = event
        .current_target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let key = event.key();
    let handled = match Move::vertical(&key) {
        Some(to) => move_focus(&menu, ITEMS, to),
        None => {
            let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
            plain && key.chars().count() == 1 && key != " " && focus_by_letter(&menu, &key)
        }
    };
    if handled {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// Moves to the next item that begins with a letter.
fn focus_by_letter(menu: &Element, letter: &str) -> bool {
    let items = all_below(menu, ITEMS);
    let active = active_element();
    let place = items
        .iter()
        .position(|item| Some(item) == active.as_ref())
        .map_or(0, |place| place + 1);
    let letter = letter.to_lowercase();
    let found = items
        .iter()
        .cycle()
        .skip(place)
        .take(items.len())
        .find(|item| {
            item.text_content()
                .is_some_and(|text| text.trim().to_lowercase().starts_with(&letter))
        });
    if let Some(item) = found {
        focus(item);
    }
    found.is_some()
}

/// Something to do.
#[component]
pub fn MenuItem(
    #[prop(into, optional)] glyph: Option<Glyph>,
    #[prop(into)] label: Signal<String>,
    /// The key that does the same elsewhere on the page.
    #[prop(optional)]
    key: Option<&'static str>,
    /// Whether it takes something away.
    #[prop(optional)]
    danger: bool,
    /// Called when it is chosen; the menu is closed by then.
    on_select: Callback<()>,
) -> impl IntoView {
    let menu = use_context::<OpenMenu>();
    view! {
        <button
            class="us-menu__item"
            class:us-menu__item--bad=danger
            type="button"
            role="menuitem"
            tabindex="-1"
            on:click=move |_| {
                if let Some(OpenMenu(open)) = menu {
                    open.set(false);
                }
                on_select.run(());
            }
        >
            {glyph.map(|glyph| view! { <Icon glyph /> })}
            <span class="us-grow">{move || label.get()}</span>
            {key.map(|key| view! { <kbd class="us-kbd" aria-hidden="true">{key}</kbd> })}
        </button>
    }
}

/// Somewhere to go.
#[component]
pub fn MenuLink(
    #[prop(into, optional)] glyph: Option<Glyph>,
    #[prop(into)] label: Signal<String>,
    /// The key that does the same elsewhere on the page.
    #[prop(optional)]
    key: Option<&'static str>,
    #[prop(into)] href: String,
) -> impl IntoView {
    let menu = use_context::<OpenMenu>();
    view! {
        <a
            class="us-menu__item"
            role="menuitem"
            tabindex="-1"
            href=href
            on:click=move |_| {
                if let Some(OpenMenu(open)) = menu {
                    open.set(false);
                }
            }
        >
            {glyph.map(|glyph| view! { <Icon glyph /> })}
            <span class="us-grow">{move || label.get()}</span>
            {key.map(|key| view! { <kbd class="us-kbd" aria-hidden="true">{key}</kbd> })}
        </a>
    }
}

/// Something to switch on and off, or to choose one of; the menu stays open.
#[component]
pub fn MenuCheck(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] checked: Signal<bool>,
    /// Whether only one of its group is on.
    #[prop(optional)]
    radio: bool,
    /// What stands at its end, such as a count.
    #[prop(into, optional)]
    detail: Option<Signal<String>>,
    /// Whether it stays as it is.
    #[prop(optional)]
    fixed: bool,
    /// Called when it is chosen.
    on_toggle: Callback<()>,
) -> impl IntoView {
    let role = if radio {
        "menuitemradio"
    } else {
        "menuitemcheckbox"
    };
    view! {
        <button
            class="us-menu__item"
            type="button"
            role=role
            tabindex="-1"
            aria-checked=move || checked.get().to_string()
            aria-disabled=fixed.then_some("true")
            on:click=move |_| {
                if !fixed {
                    on_toggle.run(());
                }
            }
        >
            <span class="us-menu__tick" aria-hidden="true">
                <Show when=move || checked.get()>
                    <Icon glyph=Glyph::Check />
                </Show>
            </span>
            <span class="us-grow">{move || label.get()}</span>
            {detail.map(|detail| view! { <small>{move || detail.get()}</small> })}
        </button>
    }
}
