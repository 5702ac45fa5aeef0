//! Small things that several widgets need of the document.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

/// An id that no other element has, for `aria-controls` and the like.
#[must_use]
pub fn unique_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("us-{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The element that has the focus.
#[must_use]
pub fn active_element() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// The elements below one that match a selector, in order.
#[must_use]
pub fn all_below(element: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(nodes) = element.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..nodes.length())
        .filter_map(|index| nodes.get(index)?.dyn_into().ok())
        .collect()
}

/// Gives the focus to an element, if it takes it.
pub fn focus(element: &HtmlElement) {
    // An element that cannot take the focus leaves it where it is.
    drop(element.focus());
}

/// Marks a tooltip that stands for a text that is cut short.
const CUT: &str = "data-cut";

/// How far above the pointer the text may be cut.
const CUT_DEPTH: usize = 4;

/// Gives a text that is cut short its whole as a tooltip, as the pointer comes to it. For `pointerover` of whatever holds
/// the page; a tooltip of its own is left alone.
pub fn title_what_is_cut(event: &Event) {
    let mut below = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok());
    for _ in 0..CUT_DEPTH {
        let Some(element) = below else { return };
        let is_ours = element.has_attribute(CUT);
        if is_cut(&element) {
            if is_ours || !element.has_attribute("title") {
                element.set_title(element.inner_text().trim());
                drop(element.set_attribute(CUT, ""));
            }
            return;
        }
        if is_ours {
            drop(element.remove_attribute("title"));
            drop(element.remove_attribute(CUT));
        }
        below = element
            .parent_element()
            .and_then(|parent| parent.dyn_into().ok());
    }
}

fn is_cut(element: &HtmlElement) -> bool {
    let style = |name: &str| {
        let style = window().get_computed_style(element).ok()??;
        style.get_property_value(name).ok()
    };
    let too_wide = element.scroll_width() > element.client_width();
    let too_high = element.scroll_height() > element.client_height();
    too_wide && style("text-overflow").as_deref() == Some("ellipsis")
        || too_high && style("-webkit-line-clamp").is_some_and(|lines| lines != "none")
}

/// Where the focus goes in a list of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To the next one, after the last to the first.
    Next,
    /// To the one before, before the first to the last.
    Previous,
    First,
    Last,
}

impl Move {
    /// The move that an arrow key, Home or End means in a vertical list.
    #[must_use]
    pub fn vertical(key: &str) -> Option<Self> {
        match key {
            "ArrowDown" => Some(Self::Next),
            "ArrowUp" => Some(Self::Previous),
            "Home" => Some(Self::First),
            "End" => Some(Self::Last),
            _ => None,
        }
    }

    /// The place in a list of so many that this leads to, from this place or from none.
    #[must_use]
    pub const fn from(self, place: Option<usize>, count: usize) -> Option<usize> {
        if count == 0 {
            return None;
        }
        Some(match (self, place) {
            (Self::Next, Some(place)) if place + 1 < count => place + 1,
            (Self::Next | Self::First, _) => 0,
            (Self::Previous, Some(place)) if place > 0 => place - 1,
            (Self::Previous | Self::Last, _) => count - 1,
        })
    }
}

/// Moves the focus within the elements below one that match a selector. Returns whether there was one to go to.
pub fn move_focus(container: &Element, selector: &str, to: Move) -> bool {
    let elements = all_below(container, selector);
    let active = document().active_element();
    let place = active.and_then(|active| {
        elements
            .iter()
            .position(|element| element.contains(Some(&active)))
    });
    match to
        .from(place, elements.len())
        .and_then(|place| elements.get(place))
    {
        Some(element) => {
            focus(element);
            true
        }
        None => false,
    }
}

/// Whether a key press goes to a field that takes text, or comes with a modifier: not for a page's shortcuts then.
#[must_use]
pub fn is_typing(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return true;
    }
    is_in_text(event)
        || is_in(
            event,
            "select, [role=listbox], [role^=menu], [role=combobox]",
        )
}

/// Whether a key press goes to a field that takes text.
#[must_use]
pub fn is_in_text(event: &KeyboardEvent) -> bool {
    is_in(
        event,
        "textarea, [contenteditable], input:not([type=checkbox], [type=radio])",
    )
}

fn is_in(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Whether a dialog is open, which takes all keys.
#[must_use]
pub fn is_dialog_open() -> bool {
    is_there("dialog[open]")
}

/// The same of dialogs that are not a part of the page itself, as a [`Sheet`](crate::Sheet) is.
#[must_use]
pub fn is_other_dialog_open() -> bool {
    is_there("dialog[open]:not(.us-sheet)")
}

fn is_there(selector: &str) -> bool {
    document()
        .query_selector(selector)
        .is_ok_and(|found| found.is_some())
}

#[cfg(test)]
mod tests {
    use super::Move;

    #[test]
    fn moves_go_round() {
        assert_eq!(Move::Next.from(Some(2), 3), Some(0));
        assert_eq!(Move::Next.from(None, 3), Some(0));
        assert_eq!(Move::Previous.from(Some(0), 3), Some(2));
        assert_eq!(Move::Previous.from(None, 3), Some(2));
        assert_eq!(Move::Last.from(Some(0), 3), Some(2));
        assert_eq!(Move::First.from(Some(2), 3), Some(0));
        assert_eq!(Move::Next.from(None, 0), None);
    }
}
