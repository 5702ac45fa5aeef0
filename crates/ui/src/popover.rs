//! Things that float beside their button, on the platform's Popover API: above everything else, closed by Escape and by
//! a click elsewhere.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{DomRect, Element, Event, HtmlElement, ToggleEvent};

use crate::dom::unique_id;
use crate::size::Observed;

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

/// Puts a floating element of `position: fixed` below its anchor, or above it where there is more room; it is at most so high,
/// and scrolls inside itself.
pub fn place(anchor: &Element, floating: &HtmlElement, align: Align, most: f64) {
    let at = anchor.get_bounding_client_rect();
    let (width, height) = window_size();
    let below = height - at.bottom() - 2.0 * GAP;
    let above = at.top() - 2.0 * GAP;
    let wanted = f64::from(floating.scroll_height()).min(most);
    let up = wanted > below && above > below;
    let room = if up { above } else { below };
    set_px(floating, "max-block-size", room.max(LEAST_HEIGHT).min(most));
    let size = floating.get_bounding_client_rect();
    let top = if up {
        at.top() - GAP - size.height()
    } else {
        at.bottom() + GAP
    };
    let left = match align {
        Align::Start => at.left(),
        Align::End => at.right() - size.width(),
    };
    set_px(floating, "top", top.max(GAP));
    set_px(
        floating,
        "left",
        left.min(width - size.width() - GAP).max(GAP),
    );
    drop(floating.set_attribute("data-placed", ""));
}

/// The gap between a place and what points at it.
const TIP_GAP: f64 = 10.0;
/// How far the tip stays from the corners.
const TIP_MARGIN: f64 = 14.0;

/// Puts a floating element of `position: fixed` beside a place that need not be an element's: below or above what is wide,
/// to the right or left of what is tall. `data-side` says on which side of it the place is, and `--tip` where along that side,
/// for a tip that points there.
pub fn place_beside(at: &DomRect, floating: &HtmlElement) {
    let (width, height) = window_size();
    let size = floating.get_bounding_client_rect();
    set_px(
        floating,
        "max-block-size",
        (height - 2.0 * GAP).max(LEAST_HEIGHT),
    );
    let needs = (size.width() + TIP_GAP + GAP, size.height() + TIP_GAP + GAP);
    let room = |side: &Side| match side {
        Side::Left => width - at.right() - needs.0,
        Side::Right => at.left() - needs.0,
        Side::Top => height - at.bottom() - needs.1,
        Side::Bottom => at.top() - needs.1,
    };
    let sides = if at.width() > at.height() {
        [Side::Top, Side::Bottom, Side::Left, Side::Right]
    } else {
        [Side::Left, Side::Right, Side::Top, Side::Bottom]
    };
    let most = |side: Side, other: &Side| {
        if room(other) > room(&side) {
            *other
        } else {
            side
        }
    };
    let side = sides
        .iter()
        .copied()
        .find(|side| room(side) >= 0.0)
        .unwrap_or_else(|| sides.iter().fold(Side::Top, most));
    let middle = (at.left() + at.width() / 2.0, at.top() + at.height() / 2.0);
    let within = |start: f64, length: f64, most: f64| start.min(most - length - GAP).max(GAP);
    let (left, top, tip) = match side {
        Side::Left | Side::Right => {
            let left = if side == Side::Left {
                at.right() + TIP_GAP
            } else {
                at.left() - TIP_GAP - size.width()
            };
            let top = within(middle.1 - size.height() / 3.0, size.height(), height);
            (
                within(left, size.width(), width),
                top,
                (middle.1 - top, size.height()),
            )
        }
        Side::Top | Side::Bottom => {
            let top = if side == Side::Top {
                at.bottom() + TIP_GAP
            } else {
                at.top() - TIP_GAP - size.height()
            };
            let left = within(middle.0 - size.width() / 3.0, size.width(), width);
            (
                left,
                within(top, size.height(), height),
                (middle.0 - left, size.width()),
            )
        }
    };
    let (tip, along) = tip;
    set_px(floating, "left", left);
    set_px(floating, "top", top);
    set_px(
        floating,
        "--tip",
        (tip - 4.5).min(along - TIP_MARGIN).max(TIP_MARGIN),
    );
    drop(floating.set_attribute("data-side", side.word()));
    drop(floating.set_attribute("data-placed", ""));
}

/// Which side of a floating thing points at its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

impl Side {
    const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Bottom => "bottom",
        }
    }
}

/// What is lower than this is not worth scrolling in, in px.
const LEAST_HEIGHT: f64 = 96.0;

fn window_size() -> (f64, f64) {
    document().document_element().map_or((0.0, 0.0), |root| {
        (
            f64::from(root.client_width()),
            f64::from(root.client_height()),
        )
    })
}

fn set_px(element: &HtmlElement, name: &str, value: f64) {
    // A length in px is always a valid value.
    drop(element.style().set_property(name, &format!("{value}px")));
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
    #[prop(into)] class: Signal<String>,
    /// The button's name, where what it shows is none.
    #[prop(default = None)]
    label: Option<Signal<String>>,
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
    let moved = StoredValue::new_local(None::<(OnMove, Option<Observed>)>);
    let children = StoredValue::new(children);
    // What is inside goes after the panel has closed: the browser gives the focus back to the button only as long as
    // something inside has it.
    let there = RwSignal::new(false);
    let put = move || {
        if let (Some(anchor), Some(panel)) = (anchor.get_untracked(), panel.get_untracked()) {
            place(&anchor, &panel, align, f64::INFINITY);
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
                    there.set(true);
                    open.set(true);
                }
            }
            on:toggle=move |event: Event| {
                if is_opening(&event) {
                    put();
                    if let Some(panel) = panel.get_untracked() {
                        // What is inside may come later, and need another place.
                        let grown = Observed::new(&panel, move |_| put());
                        moved.set_value(Some((OnMove::new(move |_| put()), grown)));
                        if let Some(on_open) = on_open {
                            on_open.run(panel.into());
                        }
                    }
                } else {
                    there.set(false);
                    open.set(false);
                    moved.set_value(None);
                    if let Some(panel) = panel.get_untracked() {
                        drop(panel.remove_attribute("data-placed"));
                    }
                }
            }
        >
            <Show when=move || there.get()>{move || children.with_value(|children| children())}</Show>
        </div>
    }
}
