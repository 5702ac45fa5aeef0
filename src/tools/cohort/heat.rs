//! The heat map: page by page, with the curve of all generations above it.

use leptos::html;
use leptos::prelude::*;
use segments_charts::heat::{Columns, layout};
use segments_ui::Pagination;
use segments_ui::charts::drawing::Drawing;
use segments_ui::size::element_width;

use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::curve::Curve;
use crate::tools::cohort::file;
use crate::tools::cohort::heat_table::HeatTable;
use crate::tools::cohort::legend::Legend;
use crate::tools::cohort::state::CohortState;

/// How many generations, and how many periods, a page of the heat map has: no more than can be drawn at once.
const PAGE_SIZE: u32 = 40;
const PAGE: usize = PAGE_SIZE as usize;

/// How wide the heads of the rows are.
fn head_width(view: &CohortView) -> f64 {
    if view.is_by_time() { 124.0 } else { 168.0 }
}

#[component]
pub fn Heat() -> impl IntoView {
    let state = CohortState::expect();
    let frame = NodeRef::<html::Div>::new();
    let width = element_width(frame);
    // What a link has selected is on the page that opens.
    let selected = state.selected.get_untracked();
    let at = untrack(|| {
        state
            .view
            .with(|view| Some(view.grid.place(selected.as_ref()?)))
    });
    let (row, period) = at.flatten().unwrap_or_default();
    let row_page = RwSignal::new(row / PAGE);
    let period_page = RwSignal::new(period / PAGE);
    let sizes = state
        .view
        .part(|view| (view.grid.rows.len(), view.grid.periods));
    // Of another answer the pages begin anew where they would lie beyond it.
    let range = move |page: RwSignal<usize>, of: usize| {
        let first = page.get() * PAGE;
        let first = if first < of { first } else { 0 };
        first..(first + PAGE).min(of)
    };
    let rows = Memo::new(move |_| range(row_page, sizes.get().0));
    let periods = Memo::new(move |_| range(period_page, sizes.get().1));
    let columns = Memo::new(move |_| {
        let head = state.view.with(head_width).unwrap_or_default();
        Columns::fit(width.get(), head, periods.with(ExactSizeIterator::len))
    });
    let ready = Memo::new(move |_| width.get() > 0.0);
    let table = move || {
        let view = state.view.get().filter(|_| ready.get())?;
        let (rows, periods) = (rows.get(), periods.get());
        Some(view! {
            <HeatTable view look=state.look.get() rows periods columns=columns.get() />
        })
    };
    let image = state.view.part(move |view| {
        let look = state.look.get();
        layout(
            &file::map(view, &look, rows.get(), periods.get()),
            &columns.get(),
        )
    });
    let has_average = state.view.part(|view| view.grid.has_average());
    let has_curve =
        Memo::new(move |_| ready.get() && state.look.with(|look| look.curve) && has_average.get());
    view! {
        <div class="cohort-frame" node_ref=frame>
            <div class="us-scrollx cohort-scroll">
                <div class="cohort-wrap" style:inline-size=move || format!("{}px", columns.get().width())>
                    <Show when=move || has_curve.get()>
                        <Curve periods columns />
                    </Show>
                    {table}
                </div>
            </div>
        </div>
        <div class="cohort-image" aria-hidden="true">
            <Drawing scene=image label="Heat map" node=state.heat />
        </div>
        {move || pager("Cohorts", row_page, sizes.get().0)}
        {move || pager("Periods", period_page, sizes.get().1)}
        <Legend />
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
