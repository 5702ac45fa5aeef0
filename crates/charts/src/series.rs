//! What tells the series of a chart apart: a colour, a dash and a marker each, so that no colour has to be seen.
//!
//! Colours and dashes are the stylesheet's, by `data-series`; markers and the textures of bars are shapes and stand here.

/// How many series look different; what comes after begins anew.
pub const STYLES: usize = 8;

/// The side of a texture's tile in px.
pub const TILE: u32 = 8;

/// The marker of a series as a path around 0, 0: a circle, a square, a diamond, triangles, a cross, a star, a bar.
#[must_use]
pub const fn marker(style: usize) -> &'static str {
    match style % STYLES {
        0 => "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z",
        1 => "M-3.2 -3.2h6.4v6.4h-6.4Z",
        2 => "M0 -4.4L4.4 0L0 4.4L-4.4 0Z",
        3 => "M0 -4.2L4.2 3.2H-4.2Z",
        4 => "M0 4.2L4.2 -3.2H-4.2Z",
        5 => "M-1.4 -4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8Z",
        6 => "M0 -4.6L1.3 -1.4L4.6 -1.2L2 0.9L2.9 4.2L0 2.4L-2.9 4.2L-2 0.9L-4.6 -1.2L-1.3 -1.4Z",
        _ => "M-4.6 -1.9h9.2v3.8h-9.2Z",
    }
}

/// What is drawn over the colour of a series' bars and areas, in a tile of [`TILE`]; the first series is plain.
#[must_use]
pub const fn texture(style: usize) -> Option<&'static str> {
    match style % STYLES {
        0 => None,
        1 => Some("M-2 2L2 -2M0 8L8 0M6 10L10 6"),
        2 => Some("M2 2h.01M6 6h.01"),
        3 => Some("M0 2h8M0 6h8"),
        4 => Some("M0 0L8 8M0 8L8 0"),
        5 => Some("M2 0v8M6 0v8"),
        6 => Some("M-2 6L2 10M0 0L8 8M6 -2L10 2"),
        _ => Some("M0 4h8M4 0v8"),
    }
}

/// A series as a legend names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LegendItem {
    pub name: String,
    /// Its colour, dash and marker.
    pub style: usize,
    /// Whether it is shown.
    pub shown: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{STYLES, marker, texture};

    #[test]
    fn every_series_has_a_marker_and_a_texture_of_its_own() {
        let markers: HashSet<&str> = (0..STYLES).map(marker).collect();
        let textures: HashSet<Option<&str>> = (0..STYLES).map(texture).collect();
        assert_eq!(markers.len(), STYLES);
        assert_eq!(textures.len(), STYLES);
        assert_eq!(marker(STYLES), marker(0));
    }
}
