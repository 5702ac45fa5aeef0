//! How long those who converted took: as a chart of its own, and in short beside the table.

use leptos::html;
use leptos::prelude::*;
use segments_charts::distribution::{Distribution, layout};
use segments_ui::charts::drawing::Drawing;
use segments_ui::charts::series::Legend;
use segments_ui::size::element_width;
use segments_ui::{EmptyState, Glyph};

use crate::tools::funnel::answer::time_words;
use crate::tools::funnel::state::FunnelState;

/// The chart of the groups that are shown.
#[component]
pub fn TimesChart() -> impl IntoView {
    let state = FunnelState::expect();
    let has_times = state.view.part(move |view| {
        state
            .in_charts
            .with(|in_charts| in_charts.iter().any(|(place, _)| view.has_times(*place)))
    });
    let one_step = state.view.part(|view| view.steps.len() == 1);
    let empty = move || {
        let (title, detail) = if one_step.get() {
            (
                "One step takes no time",
                "Add a second step to see how long users take to reach it.",
            )
        } else {
            ("Nobody converted", "There are no times to show.")
        };
        view! { <EmptyState glyph=Glyph::Clock title detail=detail.to_owned() /> }
    };
    move || {
        if has_times.get() {
            view! {
                <GroupLegend />
                <Times coarse=false />
            }
            .into_any()
        } else {
            empty().into_any()
        }
    }
}

/// The groups of a chart, where there are several.
#[component]
pub fn GroupLegend(
    /// What stands beside it.
    #[prop(into, optional)]
    aside: Signal<Option<String>>,
) -> impl IntoView {
    let state = FunnelState::expect();
    view! {
        <Show when=move || state.several.get()>
            <div class="funnel-tools">
                <Legend items=Signal::derive(move || state.legend()) filled=true />
                <span class="us-xs us-muted">{move || aside.get()}</span>
            </div>
        </Show>
    }
}

/// The same of the leading group, in short.
#[component]
pub fn TimesCard() -> impl IntoView {
    view! {
        <section class="us-card funnel-card">
            <div class="us-card__head">
                <h2>"Time to convert"</h2>
            </div>
            <div class="us-card__body">
                <Times coarse=true />
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Times(
    /// Only the leading group, in fewer stretches.
    coarse: bool,
) -> impl IntoView {
    let state = FunnelState::expect();
    let frame = NodeRef::<html::Div>::new();
    let width = element_width(frame);
    let distribution = state.view.part(move |view| {
        let groups = if coarse {
            vec![(state.lead.get(), 0)]
        } else {
            state.in_charts.get()
        };
        view.times(&groups, coarse)
    });
    let scene = Signal::derive(move || distribution.with(|times| layout(times, width.get())));
    let words = state.view.part(move |view| {
        let lead = view.groups().get(state.lead.get());
        lead.and_then(time_words).unwrap_or_default()
    });
    let label = Signal::derive(move || {
        let stretches = distribution.with(|distribution| {
            let bars = distribution
                .series
                .first()
                .map_or(&[][..], |series| &series.bars);
            let stretches = distribution.stretches.iter().zip(bars);
            let stretches = stretches.map(|(stretch, bar)| format!("{stretch} {}", bar.percent));
            stretches.collect::<Vec<_>>().join(", ")
        });
        format!("Time to convert. {}. {stretches}.", words.get())
    });
    // The picture that can be kept is that of the large chart.
    let node = if coarse {
        NodeRef::new()
    } else {
        state.drawing
    };
    view! {
        <div class="funnel-times" node_ref=frame>
            <Drawing scene label node />
        </div>
        <p class="us-xs us-muted funnel-half">{move || words.get()}</p>
        {(!coarse).then(|| view! { <TimesTable distribution /> })}
    }
    .into_any()
}

/// The stretches as a table, for those who would rather read.
#[component]
fn TimesTable(distribution: Memo<Distribution>) -> impl IntoView {
    let state = FunnelState::expect();
    let head = |item: segments_charts::series::LegendItem| {
        view! { <th scope="col" class="us-num">{item.name}</th> }
    };
    let row = |distribution: &Distribution, (place, stretch): (usize, &String)| {
        let bars = distribution
            .series
            .iter()
            .filter_map(|series| series.bars.get(place));
        let cells = bars.map(|bar| {
            view! { <td class="us-num">{format!("{}, {}", bar.count, bar.percent)}</td> }
        });
        view! {
            <tr>
                <th scope="row">{stretch.clone()}</th>
                {cells.collect_view()}
            </tr>
        }
    };
    let rows = move || {
        distribution.with(|distribution| {
            let stretches = distribution.stretches.iter().enumerate();
            stretches
                .map(|stretch| row(distribution, stretch))
                .collect_view()
        })
    };
    view! {
        <details class="funnel-figures">
            <summary>"View as table"</summary>
            <div class="us-tablewrap">
                <table class="us-table">
                    <caption class="us-vh">"Time to convert"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Took"</th>
                            {move || state.legend().into_iter().map(head).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
