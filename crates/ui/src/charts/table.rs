//! The figures of a chart as a table: for those who would rather read than look.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::csv::{time_head, time_row};
use segments_charts::time::{Figures, TimeChart};

/// So many buckets are there at first, and come with each press of the button.
const ROWS: usize = 500;

/// The figures of a chart over time: a row a bucket, a column a series. It scrolls inside itself.
#[component]
pub fn ChartTable(
    #[prop(into)] chart: Signal<Arc<TimeChart>>,
    /// What the table holds.
    #[prop(into)]
    caption: Signal<String>,
    /// What the buckets are: `Day`.
    #[prop(into, default = "Time".into())]
    bucket: Signal<String>,
) -> impl IntoView {
    let wanted = RwSignal::new(ROWS);
    // Another chart begins at its beginning.
    Effect::new(move |before: Option<()>| {
        chart.track();
        if before.is_some() {
            wanted.set(ROWS);
        }
    });
    let count = Memo::new(move |_| chart.with(|chart| chart.buckets.len()));
    let head = move || {
        let names = chart.with(|chart| bucket.with(|bucket| time_head(chart, bucket)));
        names
            .into_iter()
            .enumerate()
            .map(|(place, name)| {
                view! {
                    <th scope="col" class=(place > 0).then_some("us-num")>
                        {name}
                    </th>
                }
            })
            .collect_view()
    };
    let row = move |place: usize| {
        let (cells, part) = chart.with(|chart| {
            let write = |value| Figures::write(chart.figures, value);
            let complete = chart
                .buckets
                .get(place)
                .is_none_or(|bucket| bucket.complete);
            (time_row(chart, place, write), !complete)
        });
        let mut cells = cells.into_iter();
        let name = cells.next();
        view! {
            <tr>
                <th scope="row">
                    {name}
                    {part.then(|| view! { <span class="us-muted">" (partial)"</span> })}
                </th>
                {cells
                    .map(|cell| {
                        let cell = if cell.is_empty() { "–".to_owned() } else { cell };
                        view! { <td class="us-num">{cell}</td> }
                    })
                    .collect_view()}
            </tr>
        }
    };
    let rows = move || (0..count.get().min(wanted.get())).map(row).collect_view();
    let left = move || count.get().saturating_sub(wanted.get());
    let is_longer = Memo::new(move |_| left() > 0);
    view! {
        <div
            class="us-tablewrap us-charttable"
            tabindex="0"
            role="region"
            aria-label=move || caption.get()
        >
            <table class="us-table">
                <caption class="us-vh">{move || caption.get()}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Show when=move || is_longer.get()>
            <button
                class="us-btn us-btn--sm us-charttable__more"
                type="button"
                on:click=move |_| wanted.update(|wanted| *wanted += ROWS)
            >
                {move || format!("Show {} more of {}", left().min(ROWS), left())}
            </button>
        </Show>
    }
    .into_any()
}
