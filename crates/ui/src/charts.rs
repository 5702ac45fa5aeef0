//! Charts on the screen: the one SVG renderer of scenes, what is operated above it, legends, tables and downloads.

pub mod bars;
pub mod drawing;
pub mod export;
pub mod plot;
pub mod series;
pub mod spark;
pub mod table;

use segments_charts::scene::Anchor;
use wasm_bindgen::JsCast as _;

/// Where an element stands on the screen.
#[must_use]
pub fn anchor_of(element: &web_sys::Element) -> Anchor {
    let rect = element.get_bounding_client_rect();
    Anchor {
        x: rect.left(),
        y: rect.top(),
        width: rect.width(),
        height: rect.height(),
    }
}

/// Where the element stands that was pressed.
#[must_use]
pub fn anchor_of_pressed(event: &web_sys::MouseEvent) -> Anchor {
    event
        .current_target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .map(|element| anchor_of(&element))
        .unwrap_or_default()
}
