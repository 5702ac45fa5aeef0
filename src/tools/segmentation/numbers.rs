//! The figures over the whole range, large, each with its course.

use leptos::prelude::*;
use segments_charts::series::STYLES;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::series::SeriesKey;
use segments_ui::charts::spark::Spark;

use crate::tool::answer_table::figure_view;
use crate::tools::segmentation::answer::{Change, Pane, SegmentationView, SeriesView, change_of};
use crate::tools::segmentation::columns::change_cell;
use crate::tools::segmentation::selections::NO_USERS;
use crate::tools::segmentation::state::SegmentationState;

/// A figure with what is said beside it.
#[derive(Clone, Debug, PartialEq)]
struct Tile {
    shown: SeriesView,
    unit: String,
    figure: String,
    change: Change,
    spark: Vec<u64>,
}

fn tile(view: &SegmentationView, pane: &Pane, shown: &SeriesView) -> Option<Tile> {
    let series = view.answer.series.get(shown.place)?;
    Some(Tile {
        unit: pane.measured.unit(),
        figure: shown.write(series.total),
        change: change_of(series),
        spark: spark(&series.values),
        shown: shown.clone(),
    })
}

/// A course as whole numbers, for a sparkline: the least is 0, the greatest 1,000; what is missing is left out.
fn spark(values: &[Option<f64>]) -> Vec<u64> {
    let values = || values.iter().copied().flatten();
    let least = values().fold(f64::INFINITY, f64::min);
    let greatest = values().fold(f64::NEG_INFINITY, f64::max);
    let span = greatest - least;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number from 0 to 1,000"
    )]
    let height = |value: f64| match span > 0.0 {
        true => ((value - least) / span * 1_000.0).round() as u64,
        false => 0,
    };
    values().map(height).collect()
}

/// A tile a series that is drawn.
#[component]
pub fn Numbers() -> impl IntoView {
    let state = SegmentationState::expect();
    let tiles = state.view.part(|view| {
        let drawn = view
            .panes
            .iter()
            .flat_map(|pane| pane.drawn().map(move |series| (pane, series)));
        drawn
            .filter_map(|(pane, series)| tile(view, pane, series))
            .collect::<Vec<_>>()
    });
    view! {
        <ul class="seg-numbers">
            {move || tiles.get().into_iter().map(|tile| tile_view(state, tile)).collect_view()}
        </ul>
    }
    .into_any()
}

fn tile_view(state: SegmentationState, tile: Tile) -> impl IntoView {
    let Tile {
        shown,
        unit,
        figure,
        change,
        spark,
    } = tile;
    let name = shown.name().to_owned();
    let place = shown.place;
    let label = format!("{figure} {unit}, {} {name}: select its users", shown.mark);
    let number = if shown.has_users() {
        view! {
            <button
                class="seg-number__figure us-figure"
                type="button"
                aria-label=label
                on:click=move |event| state.select(place, None, anchor_of_pressed(&event))
            >
                {figure}
            </button>
        }
        .into_any()
    } else {
        view! {
            <span class="seg-number__figure us-figure" title=NO_USERS>
                {figure}
            </span>
        }
        .into_any()
    };
    view! {
        <li
            class="seg-number"
            data-series=(shown.style % STYLES).to_string()
            class:is-on=move || state.selected.get() == Some((Some(place), None))
        >
            <span class="seg-number__name">
                <SeriesKey style=shown.style />
                <span class="seg-mark">{shown.mark}</span>
                <span class="us-truncate" title=name.clone()>{name.clone()}</span>
            </span>
            <span class="seg-number__row">{number} <small class="us-muted">{unit}</small></span>
            <span class="seg-number__row">
                {figure_view(change_cell(change))} <Spark values=spark label=format!("{name} over time") />
            </span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::spark;

    #[test]
    fn a_sparkline_leaves_out_what_is_missing() {
        assert_eq!(
            spark(&[Some(1.0), None, Some(3.0), Some(2.0)]),
            [0, 1_000, 500]
        );
        assert_eq!(spark(&[Some(2.0), Some(2.0)]), [0, 0]);
    }
}
