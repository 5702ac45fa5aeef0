//! The answer: how it is shown, the large figures, the curve over the heat map, or lines.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::heat::{Columns, layout};
use segments_charts::scene::Anchor;
use segments_forms::cohort::{CellFigure, Chart, CohortForm, Shown};
use segments_forms::tool::ToolForm as _;
use segments_ui::charts::drawing::Drawing;
use segments_ui::charts::export::ChartMenu;
use segments_ui::charts::series::SeriesKey;
use segments_ui::size::element_width;
use segments_ui::{EmptyState, Glyph, Pagination, Segmented, SegmentedOption, Switch};

use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::Navigator;
use crate::tool::page::AsOf;
use crate::tool::picked::{PickMenu, Picked};
use crate::tool::state::ToolState;
use crate::tools::cohort::answer::Seen;
use crate::tools::cohort::curve::curve_view;
use crate::tools::cohort::grid::Part;
use crate::tools::cohort::legend::legend;
use crate::tools::cohort::lines::Lines;
use crate::tools::cohort::table::HeatTable;
use crate::tools::cohort::words::Words;
use crate::tools::cohort::{file, picture};

/// How many generations, and how many periods, a page of the heat map has: no more than can be drawn at once.
const PAGE_SIZE: u32 = 40;
const PAGE: usize = PAGE_SIZE as usize;

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
    let state = ToolState::<CohortForm>::expect();
    let vocabulary = Vocabulary::expect();
    let answered = state.answered();
    let seen = Memo::new(move |_| {
        answered
            .get()
            .and_then(|answered| Seen::of(answered, vocabulary))
            .map(Arc::new)
    });
    let shown = Memo::new(move |_| state.form().with(|form| form.shown.clone()));
    let chosen = Memo::new(move |_| {
        state
            .selection()
            .with(|selection| selection.as_ref().and_then(Part::of))
    });
    let drawings = Drawings::default();
    let picked = RwSignal::new(None::<Picked>);
    let on_pick = Callback::new(move |(part, anchor): (Part, Anchor)| {
        let of = seen.with_untracked(|seen| {
            let seen = seen.as_ref()?;
            let view = state.form().with_untracked(CohortForm::view);
            seen.words
                .picked(&part, &seen.grid, seen.answered.pinned(), view, anchor)
        });
        if let Some(choice) = of.as_ref().and_then(|of| of.choices.first()) {
            state.selection().set(Some(choice.selection.clone()));
        }
        picked.set(of);
    });
    let started = Memo::new(move |_| {
        seen.with(|seen| seen.as_ref().is_some_and(|seen| !seen.grid.rows.is_empty()))
    });
    let chart = Memo::new(move |_| shown.with(|shown| shown.chart));
    let by_user_properties = state.by_user_properties();
    let body = move || {
        if !started.get() {
            return nobody(seen);
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
            {move || started.get().then(|| toolbar(state, seen, drawings))}
            {body}
            {move || {
                seen.with(|seen| seen.as_ref().map(|seen| seen.answered.answer.stamp().clone()))
                    .map(|stamp| view! { <AsOf stamp=Signal::stored(stamp) by_user_properties /> })
            }}
            <PickMenu picked from=title />
        </div>
    }
    .into_any()
}

fn nobody(seen: Memo<Option<Arc<Seen>>>) -> AnyView {
    let detail = move || {
        let (first_time, is_chain) = seen.with(|seen| {
            seen.as_ref().map_or((false, false), |seen| {
                (seen.words.is_first_time(), seen.words.is_chain())
            })
        });
        let did = if is_chain {
            "did these events one after the other"
        } else {
            "did this"
        };
        if first_time {
            format!(
                "No user of the audience {did} for the first time in the date range. Try a longer range, another event, or Any in place of First."
            )
        } else {
            format!(
                "No user of the audience {did} in the date range. Try a longer range or another event."
            )
        }
    };
    view! {
        <EmptyState
            glyph=Glyph::Cohort
            title="Nobody started"
            detail=Signal::derive(detail)
        />
    }
    .into_any()
}

fn toolbar(
    state: ToolState<CohortForm>,
    seen: Memo<Option<Arc<Seen>>>,
    drawings: Drawings,
) -> AnyView {
    let title = Navigator::expect().title();
    let form = state.form();
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
    let is_heat = Memo::new(move |_| form.with(|form| form.shown.chart == Chart::Heat));
    let has_curve = Memo::new(move |_| is_heat.get() && has_average(seen));
    let word =
        Memo::new(move |_| seen.with(|seen| seen.as_ref().map_or("", |seen| seen.words.word())));
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
        let words = Callback::new(move |()| {
            let shown = form.with_untracked(|form| form.shown.clone());
            seen.with_untracked(|seen| seen.as_ref().map(|seen| picture::words(seen, &shown)))
                .unwrap_or_default()
        });
        view! { <ChartMenu title csv drawings words /> }
    };
    let show = move |label: &'static str, change: &dyn Fn(&mut Shown)| {
        state.change(label, None, |form| change(&mut form.shown));
    };
    view! {
        <div class="us-row us-row--wrap us-row--3 cohort-bar">
            <Segmented
                legend="Cell values"
                options=figures
                value=Memo::new(move |_| form.with(|form| form.shown.figure))
                on_change=Callback::new(move |figure| {
                    show("change the figures", &|shown| shown.figure = figure);
                })
            />
            <Segmented
                legend="Chart"
                options=charts
                value=Memo::new(move |_| form.with(|form| form.shown.chart))
                on_change=Callback::new(move |chart| show("change the chart", &|shown| shown.chart = chart))
            />
            <Switch
                on=Memo::new(move |_| form.with(|form| form.shown.incomplete))
                on_change=Callback::new(move |on| {
                    show("change what is shown", &|shown| shown.incomplete = on);
                })
            >
                <span>"Incomplete"<span class="us-vh">{move || format!(" {}s", word.get())}</span></span>
            </Switch>
            <div class="us-row us-row--wrap us-row--3 cohort-bar__end">
                <Show when=move || has_curve.get()>
                    <Switch
                        on=Memo::new(move |_| form.with(|form| form.shown.curve))
                        on_change=Callback::new(move |on| show("change what is shown", &|shown| shown.curve = on))
                    >
                        <SeriesKey style=0 />
                        <span class="us-hide-s">
                            {move || {
                                if counts_users.get() { "Weighted average, 95% interval" } else { "Average per user" }
                            }}
                        </span>
                        <span class="cohort-short">"Average"</span>
                    </Switch>
                </Show>
                <span>{download}</span>
            </div>
        </div>
    }
    .into_any()
}

fn has_average(seen: Memo<Option<Arc<Seen>>>) -> bool {
    seen.with(|seen| seen.as_ref().is_some_and(|seen| seen.grid.has_average()))
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
    // What a link has chosen is on the page that opens.
    let (row, period) = seen
        .with_untracked(|seen| {
            chosen.with_untracked(|part| Some(seen.as_ref()?.grid.place(part.as_ref()?)))
        })
        .unwrap_or_default();
    let row_page = RwSignal::new(row / PAGE);
    let period_page = RwSignal::new(period / PAGE);
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
    let has_curve =
        Memo::new(move |_| ready.get() && shown.with(|shown| shown.curve) && has_average(seen));
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
                    page_size=PAGE_SIZE
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
