//! The curve of all generations together, over the columns of the heat map.

use std::ops::Range;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::heat::{Columns, CurveLook, CurvePoint, curve};
use segments_charts::scene::Scene;
use segments_ui::charts::drawing::Drawing;

use crate::tools::cohort::answer::Seen;
use crate::tools::cohort::grid::{Part, interval};

/// The height of the curve in px.
const HEIGHT: f64 = 172.0;

/// The curve, with the figures of a few of its points written large.
pub fn curve_view(
    seen: Memo<Option<Arc<Seen>>>,
    periods: Memo<Range<usize>>,
    columns: Memo<Columns>,
    chosen: Memo<Option<Part>>,
    node: NodeRef<Svg>,
) -> AnyView {
    let scene = Memo::new(move |_| {
        let Some(seen) = seen.get() else {
            return Scene::default();
        };
        let periods = periods.get();
        let points: Vec<_> = periods.clone().map(|period| point(&seen, period)).collect();
        let words = &seen.words;
        let look = CurveLook {
            height: HEIGHT,
            figure: &|rate| words.short_rate(rate),
            tick: &|tick| words.round_rate(tick),
            chosen: chosen
                .get()
                .filter(|part| part.generation.is_none())
                .and_then(|part| part.period?.checked_sub(periods.start)),
        };
        curve(&points, &columns.get(), &look)
    });
    let label = Signal::derive(move || {
        seen.with(|seen| seen.as_ref().map(|seen| finding(seen)).unwrap_or_default())
    });
    let stats = move || {
        seen.get().map(|seen| {
            let stat = |period: usize| {
                let rate = seen.grid.overall.cell(period)?.rate?;
                Some(view! {
                    <div class="us-stat">
                        <dt>{format!("{} {period}", seen.words.unit())}</dt>
                        <dd>{seen.words.rate(rate)}</dd>
                    </div>
                })
            };
            seen.grid
                .notable()
                .into_iter()
                .filter_map(stat)
                .collect_view()
        })
    };
    view! {
        <dl class="cohort-stats">{stats}</dl>
        <Drawing scene label node />
    }
    .into_any()
}

/// All generations together in a period. An interval has only what is a share.
fn point(seen: &Seen, period: usize) -> Option<CurvePoint> {
    let cell = seen.grid.overall.cell(period)?;
    Some(CurvePoint {
        figure: cell.rate?,
        interval: seen
            .words
            .counts_users()
            .then(|| interval(cell.value, cell.users))
            .flatten(),
    })
}

/// What the curve shows, as a sentence.
fn finding(seen: &Seen) -> String {
    let words = &seen.words;
    let cells = seen.grid.overall.cells.iter().enumerate();
    let told: Vec<_> = cells
        .filter_map(|(period, cell)| Some((period, cell.as_ref()?.rate?)))
        .map(|(period, rate)| format!("{} in {}", words.rate(rate), words.period(period)))
        .collect();
    match told.as_slice() {
        [] => format!("All cohorts: no {} is over yet", words.word()),
        [only] => format!("All cohorts together: {only}"),
        [first, .., last] => format!("All cohorts together: from {first} to {last}"),
    }
}
