//! How long those who converted took: as a chart of its own, and in short beside the table.

use leptos::html;
use leptos::prelude::*;
use segments_charts::distribution::{Distribution, layout};
use segments_ui::charts::drawing::Drawing;
use segments_ui::charts::series::Legend;
use segments_ui::size::element_width;
use segments_ui::{EmptyState, Glyph};

use crate::tools::funnel::shown::time_words;
use crate::tools::funnel::state::{SAY, View};

/// The chart of the groups that are shown.
#[component]
pub fn TimesChart() -> impl IntoView {
    let view = View::expect();
    let has_times = Memo::new(move |_| {
        let in_charts = view.in_charts.get();
        view.with(|shown| in_charts.iter().any(|(place, _)| shown.has_times(*place)))
            .unwrap_or_default()
    });
    let one_step = Memo::new(move |_| {
        view.with(|shown| shown.steps.len() == 1)
            .unwrap_or_default()
    });
    let title = Signal::derive(move || {
        if one_step.get() {
            "One step takes no time".to_owned()
        } else {
            "Nobody converted".to_owned()
        }
    });
    let detail = Signal::derive(move || {
        if one_step.get() {
            "Add a second step to see how long the way to it takes.".to_owned()
        } else {
            "So there is no time to tell.".to_owned()
        }
    });
    view! {
        {move || {
            if has_times.get() {
                view! {
                    <Show when=move || view.is_several()>
                        <div class="funnel-tools">
                            <Legend items=Signal::derive(move || view.legend()) filled=true />
                        </div>
                    </Show>
                    <Times coarse=false />
                }
                .into_any()
            } else {
                view! {
                    <EmptyState glyph=Glyph::Clock title detail />
                }
                .into_any()
            }
        }}
    }
    .into_any()
}

/// The same of the leading group, in short.
#[component]
pub fn TimesCard() -> impl IntoView {
    let view = View::expect();
    let has_times = Memo::new(move |_| view.lead_has_times());
    view! {
        <Show when=move || has_times.get()>
            <section class="us-card funnel-card">
                <div class="us-card__head">
                    <h2>"Time to convert"</h2>
                </div>
                <div class="us-card__body">
                    <Times coarse=true />
                </div>
            </section>
        </Show>
    }
    .into_any()
}

#[component]
fn Times(
    /// Only the leading group, in fewer stretches.
    coarse: bool,
) -> impl IntoView {
    let view = View::expect();
    let frame = NodeRef::<html::Div>::new();
    let width = element_width(frame);
    let groups = Memo::new(move |_| {
        if coarse {
            vec![(view.lead(), 0)]
        } else {
            view.in_charts.get()
        }
    });
    let distribution = Memo::new(move |_| {
        let groups = groups.get();
        view.with(|shown| shown.times(&groups, coarse, SAY))
            .unwrap_or_default()
    });
    let scene = Signal::derive(move || {
        let width = width.get();
        distribution.with(|distribution| layout(distribution, width))
    });
    let words = Memo::new(move |_| {
        view.with(|shown| {
            shown
                .groups()
                .get(view.lead())
                .and_then(|group| time_words(group, SAY))
        })
        .flatten()
        .unwrap_or_default()
    });
    let label = Signal::derive(move || {
        let told = distribution.with(|distribution| {
            let series = distribution.series.first();
            distribution
                .stretches
                .iter()
                .zip(series.map_or(&[][..], |series| series.bars.as_slice()))
                .map(|(stretch, bar)| format!("{stretch} {}", bar.percent))
                .collect::<Vec<_>>()
                .join(", ")
        });
        format!("Time to convert. {}. {told}.", words.get())
    });
    view! {
        <div class="funnel-times" node_ref=frame>
            {if coarse {
                view! { <Drawing scene label /> }.into_any()
            } else {
                view! { <Drawing scene label node=view.drawing /> }.into_any()
            }}
        </div>
        <p class="us-xs us-muted funnel-half">{move || words.get()}</p>
        {(!coarse).then(|| view! { <TimesTable distribution /> })}
    }
    .into_any()
}

/// The stretches as a table, for those who would rather read.
#[component]
fn TimesTable(distribution: Memo<Distribution>) -> impl IntoView {
    let view = View::expect();
    let heads = move || {
        view.legend()
            .into_iter()
            .map(|item| view! { <th scope="col" class="us-num">{item.name}</th> })
            .collect_view()
    };
    let rows = move || {
        distribution.with(|distribution| {
            distribution
                .stretches
                .iter()
                .enumerate()
                .map(|(place, stretch)| {
                    let cells: Vec<_> = distribution
                        .series
                        .iter()
                        .filter_map(|series| series.bars.get(place))
                        .map(|bar| {
                            let words = format!("{}, {}", bar.count, bar.percent);
                            view! { <td class="us-num">{words}</td> }
                        })
                        .collect();
                    view! {
                        <tr>
                            <th scope="row">{stretch.clone()}</th>
                            {cells}
                        </tr>
                    }
                })
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
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
