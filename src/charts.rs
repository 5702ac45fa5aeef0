//! Charts: pure layouts that say where the marks are, and one SVG renderer that shows them.
//!
//! Data, such as [`time::TimeChart`], goes into a layout with a size in px; out comes a [`scene::Scene`], which
//! [`drawing::Drawing`] renders. A layout formats nothing by itself and asks no browser, so that it is tested natively.

pub mod bars;
pub mod distribution;
pub mod drawing;
pub mod export;
pub mod figures;
pub mod funnel;
#[cfg(test)]
pub(crate) mod golden;
pub mod heat;
pub mod picture;
pub mod scale;
pub mod scene;
pub mod series;
pub mod spark;
pub mod table;
pub mod time;

/// Where on the screen something was chosen, in px of the window: what floats beside it stands here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Anchor {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Anchor {
    /// Where an element stands.
    #[must_use]
    pub fn of(element: &web_sys::Element) -> Self {
        let rect = element.get_bounding_client_rect();
        Self {
            x: rect.left(),
            y: rect.top(),
            width: rect.width(),
            height: rect.height(),
        }
    }
}
