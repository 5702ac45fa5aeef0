//! The figures over the whole range, large, each with its course.

use leptos::prelude::*;
use segments_charts::series::STYLES;
use segments_format as format;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::series::SeriesKey;
use segments_ui::charts::spark::Spark;
use segments_ui::{Glyph, Icon};

use crate::tools::segmentation::figures::{Change, Measured, Shown};
use crate::tools::segmentation::outcome::{Results, written};
use crate::tools::segmentation::{figures, words};

/// A figure with what is said beside it.
#[derive(Clone, Debug, PartialEq)]
struct Tile {
    shown: Shown,
    name: String,
    unit: String,
    figure: String,
    change: Change,
    spark: Vec<u64>,
}

/// A tile a series that is shown.
#[component]
pub fn Numbers(
    /// What it is made of.
    results: Results,
) -> impl IntoView {
    let tiles = Memo::new(move |_| {
        let panes = results.panes.get();
        let tiles = results.with(|outcome, form, names| {
            panes
                .iter()
                .flat_map(|pane| figures::drawn(pane).map(move |shown| (pane, shown)))
                .filter_map(|(pane, shown)| {
                    let series = outcome.answer.series.get(shown.place)?;
                    let unit = match pane.measured {
                        Measured::Formula(_) => String::new(),
                        ref measured => measured.word(),
                    };
                    Some(Tile {
                        name: words::series_words(shown, &outcome.query, form, names),
                        unit,
                        figure: written(shown.figures, series.total),
                        change: figures::change_of(series),
                        spark: figures::spark(&series.values),
                        shown: shown.clone(),
                    })
                })
                .collect::<Vec<_>>()
        });
        tiles.unwrap_or_default()
    });
    let chosen = results.chosen();
    view! {
        <ul class="seg-numbers">
            {move || {
                tiles
                    .get()
                    .into_iter()
                    .map(|tile| {
                        let place = tile.shown.place;
                        let figure = tile.figure.clone();
                        let says = format!(
                            "{figure} {}, {} {}: choose its users",
                            tile.unit,
                            tile.shown.mark,
                            tile.name,
                        );
                        let number = if tile.shown.measure().is_some() {
                            view! {
                                <button
                                    class="seg-number__figure us-figure"
                                    type="button"
                                    aria-label=says
                                    on:click=move |event| {
                                        let anchor = anchor_of_pressed(&event);
                                        results.pick(place, None, anchor);
                                    }
                                >
                                    {figure}
                                </button>
                            }
                            .into_any()
                        } else {
                            view! {
                                <span
                                    class="seg-number__figure us-figure"
                                    title=words::NO_USERS
                                >
                                    {figure}
                                </span>
                            }
                            .into_any()
                        };
                        view! {
                            <li
                                class="seg-number"
                                data-series=(tile.shown.style % STYLES).to_string()
                                class:is-on=move || chosen.get() == Some((Some(place), None))
                            >
                                <span class="seg-number__name">
                                    <SeriesKey style=tile.shown.style />
                                    <span class="seg-mark">{tile.shown.mark.clone()}</span>
                                    <span class="us-truncate" title=tile.name.clone()>{tile.name.clone()}</span>
                                </span>
                                <span class="seg-number__row">
                                    {number} <small class="us-muted">{tile.unit.clone()}</small>
                                </span>
                                <span class="seg-number__row">
                                    <Delta change=tile.change />
                                    <Spark values=tile.spark label=format!("Course of {}", tile.name) />
                                </span>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
    .into_any()
}

/// What has become of the figure of the range before, or why that cannot be told.
#[component]
pub fn Delta(
    /// What has become.
    change: Change,
) -> impl IntoView {
    match change {
        Change::None => ().into_any(),
        Change::By(share) => {
            let (glyph, sign) = if share > 0.0 {
                (Some(Glyph::Up), "+")
            } else if share < 0.0 {
                (Some(Glyph::ArrowDown), "\u{2212}")
            } else {
                (None, "")
            };
            view! {
                <span class="us-delta us-2">
                    {glyph.map(|glyph| view! { <Icon glyph small=true /> })}
                    {format!("{sign}{}", format::percent(share.abs()))}
                </span>
            }
            .into_any()
        }
        Change::WasZero | Change::WasMissing | Change::IsMissing => {
            let why = words::no_change(change).unwrap_or_default();
            view! {
                <span class="us-muted seg-nochange" title=why>
                    <span aria-hidden="true">"\u{2013}"</span>
                    <span class="us-vh">{why}</span>
                </span>
            }
            .into_any()
        }
    }
}
