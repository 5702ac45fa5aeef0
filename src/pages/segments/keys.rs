//! The manager by keyboard.

use leptos::html;
use leptos::prelude::*;
use segments_model::segment::SegmentSummary;
use segments_ui::dom::{
    Move, active_element, all_below, focus, is_dialog_open, is_typing, move_focus,
};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::pages::segments::manager::Manager;
use crate::pages::segments::row::users_href;
use crate::shell::look::Look;
use crate::shell::route::{Navigator, Route};

/// The link that stands for a row: what j and k go from and to.
const ROW_LINKS: &str = "[data-row-link]";

/// Takes the manager's keys as long as the page is there.
pub fn listen(
    manager: Manager,
    search: NodeRef<html::Input>,
    body: NodeRef<html::Div>,
    look: Option<Look>,
) {
    let navigator = Navigator::expect();
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let off = look.is_some_and(|look| !look.keys.get_untracked());
        if off || event.default_prevented() || is_typing(&event) || is_dialog_open() {
            return;
        }
        let body = body.try_get_untracked().flatten();
        let search = search.try_get_untracked().flatten();
        if press(
            manager,
            navigator,
            &event,
            search.as_deref(),
            body.as_deref(),
        ) {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
}

fn press(
    manager: Manager,
    navigator: Navigator,
    event: &KeyboardEvent,
    search: Option<&HtmlElement>,
    body: Option<&HtmlElement>,
) -> bool {
    let key = event.key();
    match key.as_str() {
        "/" => return search.is_some_and(|search| search.focus().is_ok()),
        "c" => {
            navigator.go(&Route::Composer);
            return true;
        }
        _ => {}
    }
    let Some(body) = body else { return false };
    let in_row = current_row(body);
    let to = match key.as_str() {
        "j" => Some(Move::Next),
        "k" => Some(Move::Previous),
        // The arrow keys scroll until somebody is in the list.
        "ArrowDown" | "ArrowUp" | "Home" | "End" if in_row.is_some() => Move::vertical(&key),
        _ => None,
    };
    if let Some(to) = to {
        return move_row(body, to);
    }
    let Some(segment) = in_row.and_then(|id| untrack(|| manager.segment(&id))) else {
        return false;
    };
    match key.as_str() {
        "x" => {
            let selected = manager
                .selection
                .with_untracked(|selection| selection.contains_key(&segment.id));
            manager.select(&segment.id, !selected);
        }
        "o" => manager.open_query(navigator, &segment),
        "v" => navigator_to_users(navigator, &segment),
        "e" => manager.editing.set(Some(segment)),
        "d" => manager
            .actions
            .with_value(|actions| actions.duplicate(&segment)),
        "a" => manager
            .actions
            .with_value(|actions| actions.archive_or_restore(&segment)),
        "Delete" => manager.deleting.set(vec![segment]),
        _ => return false,
    }
    true
}

fn navigator_to_users(navigator: Navigator, segment: &SegmentSummary) {
    let url = users_href(navigator, &segment.id);
    if let Some((_, query)) = url.split_once('?') {
        navigator.go_with(&Route::Users, &segments_format::url::Params::parse(query));
    }
}

/// Where in the list somebody was: the segment, and its place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seat {
    id: String,
    place: usize,
}

/// Gives the focus back to the list when what had it is gone: to the same segment, or, where that is gone too, to the
/// one that is at its place now.
pub fn keep_focus(manager: Manager, body: NodeRef<html::Div>) {
    let seat = StoredValue::new(None::<Seat>);
    let came = window_event_listener(leptos::ev::focusin, move |_| {
        let Some(body) = body.try_get_untracked().flatten() else {
            return;
        };
        if let Some(id) = current_row(&body) {
            let place = untrack(|| manager.ids())
                .iter()
                .position(|other| *other == id);
            seat.set_value(place.map(|place| Seat { id, place }));
        } else if !is_dialog_open() {
            seat.set_value(None);
        }
    });
    // A click elsewhere leaves the list for good, though nothing else may take the focus.
    let left = window_event_listener(leptos::ev::pointerdown, move |event| {
        let inside = body
            .try_get_untracked()
            .flatten()
            .zip(event.target())
            .is_some_and(|(body, target)| body.contains(target.dyn_ref()));
        if !inside && !is_dialog_open() {
            seat.set_value(None);
        }
    });
    on_cleanup(move || {
        came.remove();
        left.remove();
    });
    Effect::new(move |_| {
        manager.list.status().track();
        manager.editing.track();
        let Some(Seat { id, place }) = seat.get_value() else {
            return;
        };
        request_animation_frame(move || {
            let Some(body) = body.try_get_untracked().flatten() else {
                return;
            };
            let lost = active_element().is_none_or(|active| active.tag_name() == "BODY");
            if !lost || is_dialog_open() {
                return;
            }
            let links = all_below(&body, ROW_LINKS);
            let same = links.iter().find(|link| row_id(link).as_ref() == Some(&id));
            let place = place.min(links.len().saturating_sub(1));
            if let Some(link) = same.or_else(|| links.get(place)) {
                focus(link);
            }
        });
    });
}

fn row_id(element: &Element) -> Option<String> {
    element
        .closest("[data-segment]")
        .ok()??
        .get_attribute("data-segment")
}

/// The id of the segment whose row has the focus.
fn current_row(body: &Element) -> Option<String> {
    let active = active_element()?;
    if body.contains(Some(&active)) {
        row_id(&active)
    } else {
        None
    }
}

/// Moves from the row that has the focus, wherever in it that is, to another one's link.
fn move_row(body: &Element, to: Move) -> bool {
    let row = active_element().and_then(|active| active.closest("[data-segment]").ok()?);
    let link = row.and_then(|row| row.query_selector(ROW_LINKS).ok()?);
    if let Some(link) = link.and_then(|link| link.dyn_into().ok()) {
        focus(&link);
    }
    move_focus(body, ROW_LINKS, to)
}
