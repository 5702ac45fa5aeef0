//! The signs of series, and legends of them.

use leptos::prelude::*;
use segments_charts::series::{LegendItem, STYLES, marker, texture};

/// The sign of a series for legends and tables: a piece of its line with its marker, or of its bars.
#[component]
pub fn SeriesKey(
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

/// The keys of a chart's series with their names.
#[component]
pub fn Legend(
    #[prop(into)] items: Signal<Vec<LegendItem>>,
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
