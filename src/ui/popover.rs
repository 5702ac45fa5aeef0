//! Things that float beside their button, on the platform's Popover API: above everything else, closed by Escape and by
//! a click elsewhere.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement, ToggleEvent};

use super::dom::unique_id;

/// Which edges of a floating thing and its anchor meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Where the line begins.
    #[default]
    Start,
    /// Where the line ends.
    End,
}

/// The gap between an anchor and what floats beside it, and the least one to the window's edge, in px.
const GAP: f64 = 4.0;

/// Puts a floating element of `position: fixed` below its anchor, or above it where there is more room.
pub fn place(anchor: &Element, floating: &HtmlElement, align: Align) {
    let at = anchor.get_bounding_client_rect();
    let root = document().document_element();
    let (width, height) = root.map_or((0.0, 0.0), |root| {
        (
            f64::from(root.client_width()),
            f64::from(root.client_height()),
        )
    });
    let style = floating.style();
    let set = |name: &str, value: f64| {
        // A length in px is always a valid value.
        drop(style.set_property(name, &format!("{value}px")));
    };
    let below = height - at.bottom() - 2.0 * GAP;
    let above = at.top() - 2.0 * GAP;
    let size = floating.get_bounding_client_rect();
    let wanted = f64::from(floating.scroll_height());
    let up = wanted > below && above > below;
    set("max-block-size", if up { above } else { below }.max(96.0));
    let shown = wanted.min(if up { above } else { below }.max(96.0));
    let top = if up {
        at.top() - GAP - shown.max(size.height().min(above))
    } else {
        at.bottom() + GAP
    };
    let left = match align {
        Align::Start => at.left(),
        Align::End => at.right() - size.width(),
    };
    set("top", top.max(GAP));
    set("left", left.min(width - size.width() - GAP).max(GAP));
    drop(floating.set_attribute("data-placed", ""));
}

/// Calls back whenever something scrolls or the window changes its size, until it is dropped.
pub struct OnMove {
    callback: Closure<dyn FnMut(Event)>,
}

impl OnMove {
    /// Starts listening.
    pub fn new(moved: impl FnMut(Event) + 'static) -> Self {
        let callback = Closure::new(moved);
        let listener = callback.as_ref().unchecked_ref();
        // Scrolling does not bubble, so it is caught on its way down.
        drop(window().add_event_listener_with_callback_and_bool("scroll", listener, true));
        drop(window().add_event_listener_with_callback("resize", listener));
        Self { callback }
    }
}

impl Drop for OnMove {
    fn drop(&mut self) {
        let listener = self.callback.as_ref().unchecked_ref();
        drop(window().remove_event_listener_with_callback_and_bool("scroll", listener, true));
        drop(window().remove_event_listener_with_callback("resize", listener));
    }
}

/// A button with something that floats beside it while it is open.
#[component]
pub fn PopoverButton(
    /// The button's classes.
    #[prop(into)]
    class: Signal<String>,
    /// The button's name, where what it shows is none.
    #[prop(default = None)]
    label: Option<Signal<String>>,
    /// What the button shows.
    button: ViewFn,
    /// What is inside: `dialog`, `menu`, `listbox`, …; becomes its role and the button's `aria-haspopup`.
    #[prop(default = "dialog")]
    role: &'static str,
    /// The name of what is inside.
    #[prop(into)]
    panel_label: Signal<String>,
    /// The classes of what is inside.
    #[prop(default = "us-popover")]
    panel_class: &'static str,
    /// Which edges meet.
    #[prop(optional)]
    align: Align,
    /// Whether it is open; set to false to close it.
    #[prop(optional)]
    open: Option<RwSignal<bool>>,
    /// Called when it has opened and stands in its place, with the panel.
    #[prop(optional, into)]
    on_open: Option<Callback<HtmlElement>>,
    /// Whether the button can be pressed.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// What is inside, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let id = unique_id("popover");
    let open = open.unwrap_or_else(|| RwSignal::new(false));
    let anchor = NodeRef::<html::Button>::new();
    let panel = NodeRef::<html::Div>::new();
    let moved = StoredValue::new_local(None::<OnMove>);
    let children = StoredValue::new(children);
    let put = move || {
        if let (Some(anchor), Some(panel)) = (anchor.get_untracked(), panel.get_untracked()) {
            place(&anchor, &panel, align);
        }
    };
    Effect::new(move |_| {
        if let Some(panel) = panel.get()
            && !open.get()
        {
            // It is closed already unless the page itself has just closed it.
            drop(panel.hide_popover());
        }
    });
    let is_opening = |event: &Event| {
        event
            .dyn_ref::<ToggleEvent>()
            .is_some_and(|event| event.new_state() == "open")
    };
    view! {
        <button
            class=move || class.get()
            type="button"
            node_ref=anchor
            popovertarget=id.clone()
            aria-haspopup=role
            aria-expanded=move || open.get().to_string()
            aria-label=move || label.map(|label| label.get())
            disabled=move || disabled.get()
        >
            {move || button.run()}
        </button>
        <div
            id=id
            class=format!("{panel_class} us-float")
            node_ref=panel
            popover="auto"
            role=role
            tabindex="-1"
            aria-label=move || panel_label.get()
            on:beforetoggle=move |event: ToggleEvent| {
                // Closing is noted when it is done: a panel that is asked to close while it closes complains.
                if event.new_state() == "open" {
                    open.set(true);
                }
            }
            on:toggle=move |event: Event| {
                if is_opening(&event) {
                    put();
                    moved.set_value(Some(OnMove::new(move |_| put())));
                    if let (Some(on_open), Some(panel)) = (on_open, panel.get_untracked()) {
                        on_open.run(panel.into());
                    }
                } else {
                    open.set(false);
                    moved.set_value(None);
                    if let Some(panel) = panel.get_untracked() {
                        drop(panel.remove_attribute("data-placed"));
                    }
                }
            }
        >
            <Show when=move || open.get()>{move || children.with_value(|children| children())}</Show>
        </div>
    }
}
