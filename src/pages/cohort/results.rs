//! The answer: how it is shown, the large figures, the curve over the heat map, or lines.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::svg::Svg;
use segments_model::answer::{Answer, CohortAnswer};
use segments_model::query::Query;

use super::draft::{CellFigure, Chart, CohortDraft, Shown};
use super::file;
use super::grid::{Grid, Part, interval};
use super::lines::Lines;
use super::table::HeatTable;
use super::words::Words;
use crate::charts::Anchor;
use crate::charts::drawing::Drawing;
use crate::charts::export::ChartMenu;
use crate::charts::heat::{Columns, CurveLook, CurvePoint, LEVELS, curve, layout};
use crate::format;
use crate::query::picked::{PickMenu, Picked};
use crate::query::tool::ToolDraft as _;
use crate::query::tool_page::AsOf;
use crate::query::vocabulary::Vocabulary;
use crate::query::workbench::{Answered, Workbench};
use crate::ui::size::element_width;
use crate::ui::{EmptyState, Glyph, Pagination, Segmented, SegmentedOption, Switch};

/// How many generations, and how many periods, a page of the heat map has.
const PAGE: usize = 60;
/// The height of the curve in px.
const CURVE: f64 = 172.0;

/// An answer with its figures and what they are called.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The answer with what was asked.
    pub answered: Arc<Answered>,
    /// Its figures.
    pub grid: Grid,
    /// What they are called.
    pub words: Words,
}

impl Seen {
    fn of(answered: Arc<Answered>, vocabulary: Vocabulary) -> Option<Self> {
        let (Query::Cohort(query), Answer::Cohort(answer)) = (&answered.query, &answered.answer)
        else {
            return None;
        };
        Some(Self {
            grid: Grid::of(answer),
            words: Words::of(query, answer, vocabulary),
            answered,
        })
    }

    /// The answer itself.
    #[must_use]
    pub fn answer(&self) -> Option<&CohortAnswer> {
        match &self.answered.answer {
            Answer::Cohort(answer) => Some(answer),
            _ => None,
        }
    }
}

/// The images that can be had as files.
#[derive(Clone, Copy, Default)]
struct Drawings {
    curve: NodeRef<Svg>,
    heat: NodeRef<Svg>,
    lines: NodeRef<Svg>,
}

/// What the answer says, with everything to choose of it.
#[component]
pub fn Results(
    /// What the query is called.
    title: Signal<String>,
) -> impl IntoView {
    let bench = Workbench::<CohortDraft>::expect();
    let vocabulary = Vocabulary::expect();
    let answered = bench.answered();
    let seen = Memo::new(move |_| {
        answered
            .get()
            .and_then(|answered| Seen::of(answered, vocabulary))
            .map(Arc::new)
    });
    let shown = Memo::new(move |_| bench.draft().with(|draft| draft.shown.clone()));
    let chosen = Memo::new(move |_| {
        bench
            .selection()
            .with(|selection| selection.as_ref().and_then(Part::of))
    });
    let drawings = Drawings::default();
    let picked = RwSignal::new(None::<Picked>);
    let on_pick = Callback::new(move |(part, anchor): (Part, Anchor)| {
        let of = seen.with_untracked(|seen| {
            let seen = seen.as_ref()?;
            let view = bench.draft().with_untracked(CohortDraft::view);
            seen.words
                .picked(&part, &seen.grid, seen.answered.pinned(), view, anchor)
        });
        if let Some(choice) = of.as_ref().and_then(|of| of.choices.first()) {
            bench.selection().set(Some(choice.selection.clone()));
        }
        picked.set(of);
    });
    let started = Memo::new(move |_| {
        seen.with(|seen| seen.as_ref().is_some_and(|seen| !seen.grid.rows.is_empty()))
    });
    let chart = Memo::new(move |_| shown.with(|shown| shown.chart));
    let body = move || {
        if !started.get() {
            return nobody();
        }
        match chart.get() {
            Chart::Heat => view! { <Heat seen shown chosen on_pick drawings /> }.into_any(),
            Chart::Lines => {
                view! { <Lines seen shown chosen on_pick drawing=drawings.lines /> }.into_any()
            }
        }
    };
    view! {
        <div class="cohort">
            {toolbar(bench, seen, title, drawings)}
            {body}
            {move || {
                seen.with(|seen| seen.as_ref().map(|seen| seen.answered.answer.stamp().clone()))
                    .map(|stamp| view! { <AsOf stamp=Signal::stored(stamp) /> })
            }}
            <PickMenu picked from=title />
        </div>
    }
    .into_any()
}

fn nobody() -> AnyView {
    view! {
        <EmptyState
            glyph=Glyph::Cohort
            title="Nobody started"
            detail="No user of the audience did this in the date range. Try a longer range, another event, or any start in place of the first ever."
                .to_owned()
        />
    }
    .into_any()
}

fn toolbar(
    bench: Workbench<CohortDraft>,
    seen: Memo<Option<Arc<Seen>>>,
    title: Signal<String>,
    drawings: Drawings,
) -> AnyView {
    let draft = bench.draft();
    let counts_users = Memo::new(move |_| {
        seen.with(|seen| seen.as_ref().is_none_or(|seen| seen.words.counts_users()))
    });
    let figures = Signal::derive(move || {
        let (rate, value) = if counts_users.get() {
            ("% of cohort", "Users")
        } else {
            ("Per user", "Sum")
        };
        vec![
            SegmentedOption::new(CellFigure::Rate, rate),
            SegmentedOption::new(CellFigure::Value, value),
            SegmentedOption::new(CellFigure::Change, "Change"),
        ]
    });
    let charts = vec![
        SegmentedOption::new(Chart::Heat, "Heat map"),
        SegmentedOption::new(Chart::Lines, "Lines"),
    ];
    let is_heat = Memo::new(move |_| draft.with(|draft| draft.shown.chart == Chart::Heat));
    let csv = Callback::new(move |()| {
        seen.with_untracked(|seen| seen.as_ref().map(|seen| file::csv(seen)))
            .unwrap_or_default()
    });
    let download = move || {
        let drawings = if is_heat.get() {
            vec![drawings.curve, drawings.heat]
        } else {
            vec![drawings.lines]
        };
        view! { <ChartMenu title csv drawings /> }
    };
    let show = move |label: &'static str, change: &dyn Fn(&mut Shown)| {
        bench.change(label, None, |draft| change(&mut draft.shown));
    };
    view! {
        <div class="us-row us-row--wrap us-row--3 cohort-bar">
            <Segmented
                legend="Cell values"
                options=figures
                value=Memo::new(move |_| draft.with(|draft| draft.shown.figure))
                on_change=Callback::new(move |figure| {
                    show("change the figures", &|shown| shown.figure = figure);
                })
            />
            <Segmented
                legend="Chart"
                options=charts
                value=Memo::new(move |_| draft.with(|draft| draft.shown.chart))
                on_change=Callback::new(move |chart| show("change the chart", &|shown| shown.chart = chart))
            />
            <Show when=move || is_heat.get()>
                <Switch
                    on=Memo::new(move |_| draft.with(|draft| draft.shown.incomplete))
                    on_change=Callback::new(move |on| {
                        show("change what is shown", &|shown| shown.incomplete = on);
                    })
                >
                    "Incomplete"
                </Switch>
                <Switch
                    on=Memo::new(move |_| draft.with(|draft| draft.shown.curve))
                    on_change=Callback::new(move |on| show("change what is shown", &|shown| shown.curve = on))
                >
                    "Curve"
                </Switch>
            </Show>
            <span class="cohort-bar__end">{download}</span>
        </div>
    }
    .into_any()
}

/// How wide the heads of the rows are.
fn head_width(words: &Words) -> f64 {
    if words.is_by_time() { 124.0 } else { 168.0 }
}

#[component]
fn Heat(
    seen: Memo<Option<Arc<Seen>>>,
    shown: Memo<Shown>,
    chosen: Memo<Option<Part>>,
    on_pick: Callback<(Part, Anchor)>,
    drawings: Drawings,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let width = element_width(frame);
    let row_page = RwSignal::new(0_usize);
    let period_page = RwSignal::new(0_usize);
    let sizes = Memo::new(move |_| {
        seen.with(|seen| {
            seen.as_ref()
                .map_or((0, 0), |seen| (seen.grid.rows.len(), seen.grid.periods))
        })
    });
    // Of another answer the pages begin anew where they would lie beyond it.
    let range = move |page: RwSignal<usize>, of: usize| {
        let first = page.get() * PAGE;
        let first = if first < of { first } else { 0 };
        first..(first + PAGE).min(of)
    };
    let rows = Memo::new(move |_| range(row_page, sizes.get().0));
    let periods = Memo::new(move |_| range(period_page, sizes.get().1));
    let columns = Memo::new(move |_| {
        let head = seen.with(|seen| seen.as_ref().map_or(0.0, |seen| head_width(&seen.words)));
        Columns::fit(width.get(), head, periods.with(ExactSizeIterator::len))
    });
    let ready = Memo::new(move |_| width.get() > 0.0);
    let table = move || {
        let seen = seen.get().filter(|_| ready.get())?;
        Some(view! {
            <HeatTable
                seen
                shown=shown.get()
                rows=rows.get()
                periods=periods.get()
                columns=columns.get()
                chosen
                on_pick
            />
        })
    };
    let image = Memo::new(move |_| {
        seen.with(|seen| {
            let map = file::map(seen.as_ref()?, &shown.get(), rows.get(), periods.get());
            Some(layout(&map, &columns.get()))
        })
        .unwrap_or_default()
    });
    let has_curve = Memo::new(move |_| ready.get() && shown.with(|shown| shown.curve));
    view! {
        <div class="cohort-frame" node_ref=frame>
            <div class="us-scrollx cohort-scroll">
                <div class="cohort-wrap" style:inline-size=move || format!("{}px", columns.get().width())>
                    <Show when=move || has_curve.get()>
                        {curve_view(seen, periods, columns, chosen, drawings.curve)}
                    </Show>
                    {table}
                </div>
            </div>
        </div>
        <div class="cohort-image" aria-hidden="true">
            <Drawing scene=image label="Heat map" node=drawings.heat />
        </div>
        {move || pager("Cohorts", row_page, sizes.get().0)}
        {move || pager("Periods", period_page, sizes.get().1)}
        {move || seen.get().map(|seen| legend(&seen, &shown.get()))}
    }
    .into_any()
}

fn pager(label: &'static str, page: RwSignal<usize>, total: usize) -> Option<AnyView> {
    (total > PAGE).then(|| {
        view! {
            <div class="us-row us-xs us-2 cohort-pages">
                <span>{label}</span>
                <Pagination
                    page
                    page_size=60
                    total=total as u64
                    label
                    has_next=Signal::derive(move || (page.get() + 1) * PAGE < total)
                    on_previous=Callback::new(move |()| page.update(|page| *page = page.saturating_sub(1)))
                    on_next=Callback::new(move |()| page.update(|page| *page += 1))
                />
            </div>
        }
        .into_any()
    })
}

fn curve_view(
    seen: Memo<Option<Arc<Seen>>>,
    periods: Memo<std::ops::Range<usize>>,
    columns: Memo<Columns>,
    chosen: Memo<Option<Part>>,
    node: NodeRef<Svg>,
) -> AnyView {
    let scene = Memo::new(move |_| {
        let Some(seen) = seen.get() else {
            return crate::charts::scene::Scene::default();
        };
        let periods = periods.get();
        let points: Vec<_> = periods.clone().map(|period| point(&seen, period)).collect();
        let words = &seen.words;
        let percent = |rate: f64| words.rate(rate).trim_end_matches('%').to_owned();
        let look = CurveLook {
            height: CURVE,
            figure: &percent,
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
            seen.grid
                .notable()
                .into_iter()
                .filter_map(|period| {
                    let rate = seen
                        .grid
                        .overall
                        .cells
                        .get(period)
                        .copied()
                        .flatten()?
                        .rate?;
                    Some(view! {
                        <div class="us-stat">
                            <dt>{format!("{} {period}", seen.words.unit())}</dt>
                            <dd>{seen.words.rate(rate)}</dd>
                        </div>
                    })
                })
                .collect_view()
        })
    };
    view! {
        <dl class="cohort-stats us-hide-s">{stats}</dl>
        <Drawing scene label node />
    }
    .into_any()
}

/// All generations together in a period. An interval has only what is a share.
fn point(seen: &Seen, period: usize) -> Option<CurvePoint> {
    let cell = seen.grid.overall.cells.get(period).copied().flatten()?;
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

fn legend(seen: &Seen, shown: &Shown) -> AnyView {
    let words = &seen.words;
    let scale = seen.grid.scale;
    let per = if words.counts_users() {
        ""
    } else {
        " per user"
    };
    let steps: Vec<_> = scale
        .begins()
        .iter()
        .map(|begin| words.round_rate(*begin))
        .collect();
    let ramp = (1..=LEVELS)
        .map(|level| view! { <i data-h=level.to_string()></i> })
        .collect_view();
    let incomplete = shown.incomplete
        && seen
            .grid
            .rows
            .iter()
            .flat_map(|row| row.cells.iter().flatten())
            .any(|cell| !cell.complete);
    let change = (shown.figure == CellFigure::Change).then(|| {
        let unit = if words.counts_users() {
            "percentage points"
        } else {
            "per user"
        };
        view! { <span>{format!("Change against the {} before, {unit}; colours are of the figures themselves", words.word())}</span> }
    });
    let interval = (shown.chart == Chart::Heat && shown.curve && words.counts_users()).then(
        || view! { <span>"Curve: all cohorts, weighted, with the 95% interval (Wilson)"</span> },
    );
    let later = (seen.grid.not_begun > 0).then(|| {
        let last = seen.grid.periods + seen.grid.not_begun - 1;
        view! {
            <span>
                {if seen.grid.not_begun == 1 {
                    format!("{} {last} has not begun for anybody", words.unit())
                } else {
                    format!("{}s {} to {last} have not begun for anybody", words.unit(), seen.grid.periods)
                }}
            </span>
        }
    });
    let left_out = seen
        .answer()
        .map(|answer| answer.groups_left_out)
        .filter(|left_out| *left_out > 0)
        .map(|left_out| {
            view! {
                <span>
                    {format!("{} not shown, but in all cohorts together", format::plural(left_out, "smaller group", "smaller groups"))}
                </span>
            }
        });
    view! {
        <div class="us-row us-row--wrap us-xs us-2 cohort-legend">
            <span class="us-row us-row--wrap">
                <span>{if words.counts_users() { "0%".to_owned() } else { format!("0{per}") }}</span>
                <span class="us-heat cohort-ramp" aria-hidden="true">{ramp}</span>
                <span>{format!("{}{per} and more", words.round_rate(scale.last()))}</span>
                <span class="us-vh">{format!("Darker steps begin at {}", steps.join(", "))}</span>
            </span>
            {incomplete
                .then(|| {
                    view! {
                        <span class="us-row">
                            <span class="us-heat cohort-ramp" aria-hidden="true">
                                <i class="is-part" data-h="3"></i>
                            </span>
                            <span>{format!("* {} still running, not in the average", words.word())}</span>
                        </span>
                    }
                })}
            {interval}
            {change}
            {later}
            {left_out}
        </div>
    }
    .into_any()
}
