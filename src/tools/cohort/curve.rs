//! The curve of all generations together, over the columns of the heat map.

use std::ops::Range;

use leptos::prelude::*;
use segments_charts::heat::{Columns, CurveLook, CurvePoint, curve};
use segments_ui::charts::drawing::Drawing;

use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::grid::interval;
use crate::tools::cohort::state::CohortState;

/// The height of the curve in px.
const HEIGHT: f64 = 172.0;

/// The curve, with the figures of a few of its points written large.
#[component]
pub fn Curve(periods: Memo<Range<usize>>, columns: Memo<Columns>) -> impl IntoView {
    let state = CohortState::expect();
    let scene = state.view.part(move |view| {
        let periods = periods.get();
        let points: Vec<_> = periods.clone().map(|period| point(view, period)).collect();
        let selected = state
            .selected
            .get()
            .filter(|part| part.generation.is_none());
        let look = CurveLook {
            height: HEIGHT,
            figure: &|rate| view.short_rate(rate),
            tick: &|tick| view.round_rate(tick),
            chosen: selected.and_then(|part| part.period?.checked_sub(periods.start)),
        };
        curve(&points, &columns.get(), &look)
    });
    let stats = state.view.part(|view| {
        let stat = |period| {
            let rate = view.grid.overall.cell(period)?.rate?;
            Some((view.column(period, true), view.rate(rate)))
        };
        let periods = view.grid.notable().into_iter();
        periods.filter_map(stat).collect::<Vec<_>>()
    });
    let stat = |(name, figure): (String, String)| {
        view! {
            <div class="us-stat">
                <dt>{name}</dt>
                <dd>{figure}</dd>
            </div>
        }
    };
    view! {
        <dl class="cohort-stats">{move || stats.get().into_iter().map(stat).collect_view()}</dl>
        <Drawing scene label=state.view.part(finding) node=state.curve />
    }
    .into_any()
}

/// All generations together in a period. An interval has only what is a share.
fn point(view: &CohortView, period: usize) -> Option<CurvePoint> {
    let cell = view.grid.overall.cell(period)?;
    let is_share = view.counts_users();
    Some(CurvePoint {
        figure: cell.rate?,
        interval: interval(cell.value, cell.users).filter(|_| is_share),
    })
}

/// What the curve shows, as a sentence.
fn finding(view: &CohortView) -> String {
    let cells = view.grid.overall.cells.iter().enumerate();
    let figures = cells.filter_map(|(period, cell)| {
        let rate = view.rate(cell.as_ref()?.rate?);
        Some(format!("{rate} in {}", view.period(period)))
    });
    let figures: Vec<String> = figures.collect();
    match figures.as_slice() {
        [] => format!("All cohorts: no {} is over yet", view.unit()),
        [only] => format!("All cohorts together: {only}"),
        [first, .., last] => format!("All cohorts together: from {first} to {last}"),
    }
}
