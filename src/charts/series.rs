//! What tells the series of a chart apart: a colour, a dash and a marker each, so that no colour has to be seen.
//!
//! Colours and dashes are the stylesheet's, by `data-series`; markers and the textures of bars are shapes and stand here.

use leptos::prelude::*;

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

/// The sign of a series for legends and tables: a piece of its line with its marker, or of its bars.
#[component]
pub fn SeriesKey(
    /// Which series.
    style: usize,
    /// Whether it is drawn as bars or areas.
    #[prop(optional)]
    filled: bool,
) -> impl IntoView {
    let style = style % STYLES;
    let sign = if filled {
        view! {
            <rect class="solid" x="1" y="1" width="16" height="8"></rect>
            <path
                class="texture"
                transform="translate(1 1)"
                // Two tiles side by side.
                d=texture(style)
            ></path>
            <path class="texture" transform="translate(9 1)" d=texture(style)></path>
        }
        .into_any()
    } else {
        view! {
            <line x1="0" y1="5" x2="18" y2="5"></line>
            <path transform="translate(9 5)" d=marker(style)></path>
        }
        .into_any()
    };
    view! {
        <svg class="us-key" data-series=style.to_string() viewBox="0 0 18 10" aria-hidden="true">
            {sign}
        </svg>
    }
}

/// A series as a legend names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LegendItem {
    /// Its name.
    pub name: String,
    /// Its colour, dash and marker.
    pub style: usize,
    /// Whether it is shown.
    pub shown: bool,
}

/// The keys of a chart's series with their names.
#[component]
pub fn Legend(
    /// The series.
    #[prop(into)]
    items: Signal<Vec<LegendItem>>,
    /// Whether they are drawn as bars or areas.
    #[prop(into, optional)]
    filled: Signal<bool>,
    /// What is shaded, where something is: `Weekend`.
    #[prop(into, optional)]
    shaded: Signal<Option<&'static str>>,
    /// What is hatched, where something is: `Not over yet`.
    #[prop(into, optional)]
    hatched: Signal<Option<&'static str>>,
    /// Called with the place of a series that is to be shown or not; none: all are.
    #[prop(optional)]
    on_toggle: Option<Callback<usize>>,
) -> impl IntoView {
    let numbered = move || items.get().into_iter().enumerate().collect::<Vec<_>>();
    let item = move |(place, item): (usize, LegendItem)| {
        let key = move || view! { <SeriesKey style=item.style filled=filled.get() /> };
        match on_toggle {
            Some(on_toggle) => view! {
                <li>
                    <button
                        class="us-legend__item"
                        type="button"
                        aria-pressed=item.shown.to_string()
                        on:click=move |_| on_toggle.run(place)
                    >
                        {key}
                        <span>{item.name}</span>
                    </button>
                </li>
            }
            .into_any(),
            None => view! { <li>{key}<span>{item.name}</span></li> }.into_any(),
        }
    };
    let sign = |class: &'static str, words: Signal<Option<&'static str>>| {
        move || {
            words.get().map(|words| {
                view! {
                    <li>
                        <span class=class aria-hidden="true"></span>
                        <span>{words}</span>
                    </li>
                }
            })
        }
    };
    view! {
        <ul class="us-legend" aria-label="Legend">
            <For each=numbered key=Clone::clone children=item />
            {sign("us-legend__band", shaded)}
            {sign("us-legend__hatch", hatched)}
        </ul>
    }
    .into_any()
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
