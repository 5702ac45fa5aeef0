//! The toolbar above the charts: the interval, how the answer is shown, what was chosen, and the legend.

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::csv::time_csv;
use segments_charts::picture::PictureWords;
use segments_charts::series::LegendItem;
use segments_charts::time::{TimeBucket, TimeChart};
use segments_format as format;
use segments_forms::segmentation::{Chart, SegmentationForm};
use segments_model::query::Interval;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::export::ChartMenu;
use segments_ui::charts::series::Legend;
use segments_ui::{Glyph, Icon, Segmented, SegmentedOption, Tip};

use crate::parts::interval::IntervalPicker;
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use crate::tool::page::as_of_words;
use crate::tools::segmentation::figures::Shown;
use crate::tools::segmentation::outcome::{PaneKey, Results};
use crate::tools::segmentation::{figures, words};

/// The drawings of the panes that are there, in any order.
pub type Drawings = RwSignal<Vec<(PaneKey, NodeRef<Svg>)>>;

/// How many series the legend names.
const MOST_NAMED: usize = 12;
/// Why figures are not added up.
pub const NOT_ADDED: &str = "Only total counts and sums can be added up: a user can be in several buckets, and averages are no parts \
                             of a whole.";
/// Why the whole range is not added up.
const ONE_BUCKET: &str = "The whole range is one bucket: there is nothing to add it to.";
/// Why nothing is compared.
const NOTHING_BEFORE: &str = "Nothing lies before all time.";

/// The toolbar. It is there before the answer is: of the answer it shows what was chosen and the legend.
#[component]
pub fn Toolbar(
    /// What is shown.
    results: Results,
    /// What can be kept as a picture.
    drawings: Drawings,
) -> impl IntoView {
    let state = results.state;
    let form = state.form();
    let session = Session::expect();
    let zone = Signal::derive(move || {
        form.with(|form| form.zone.clone())
            .unwrap_or_else(|| session.zone().get())
    });
    let charts = Chart::ALL
        .map(|chart| SegmentedOption::new(chart, chart.label()))
        .to_vec();
    let chart = Memo::new(move |_| form.with(|form| form.chart));
    let is_chart = Memo::new(move |_| !matches!(chart.get(), Chart::Table | Chart::Number));
    let has_answer = Memo::new(move |_| results.outcome.with(Option::is_some));
    let has_before = Memo::new(move |_| form.with(SegmentationForm::has_before));
    let not_added = Memo::new(move |_| {
        form.with(|form| {
            (!form.may_add_up()).then_some(if form.interval == Interval::Full {
                ONE_BUCKET
            } else {
                NOT_ADDED
            })
        })
    });
    view! {
        <div class="seg-bar">
            <div class="seg-bar__line">
                <IntervalPicker
                    value=Memo::new(move |_| form.with(|form| form.interval))
                    range=Signal::derive(move || form.with(|form| form.range.clone()))
                    zone
                    first_event=Signal::derive(move || session.project().map(|project| project.value.data.first_event_at)?)
                    on_change=Callback::new(move |interval| {
                        state.change("change the interval", None, |form| form.interval = interval);
                    })
                />
                <Segmented
                    legend="Chart"
                    options=charts
                    value=chart
                    on_change=Callback::new(move |chart| {
                        state.change("change the chart", None, |form| form.chart = chart);
                    })
                />
                <Show when=move || has_answer.get()>
                    <Files results drawings />
                </Show>
            </div>
            <div class="seg-bar__line">
                <Toggle
                    label="Previous range"
                    on=Memo::new(move |_| form.with(|form| form.compare))
                    why_not=Memo::new(move |_| (!has_before.get()).then_some(NOTHING_BEFORE))
                    on_change=Callback::new(move |on| {
                        state.change("compare with the previous range", None, |form| form.compare = on);
                    })
                />
                <Show when=move || is_chart.get()>
                    <Toggle
                        label="Cumulative"
                        on=Memo::new(move |_| form.with(|form| form.cumulative))
                        why_not=not_added
                        on_change=Callback::new(move |on| {
                            state.change("add the figures up", None, |form| form.cumulative = on);
                        })
                    />
                </Show>
                <Chosen results />
                <Show when=move || is_chart.get() && !results.nothing.get()>
                    <ChartLegend results />
                </Show>
            </div>
        </div>
    }
    .into_any()
}

/// Something that is on or off; where it cannot be on, why.
#[component]
fn Toggle(
    label: &'static str,
    on: Memo<bool>,
    why_not: Memo<Option<&'static str>>,
    on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <span class="seg-toggle">
            <label class="us-check us-2" class:is-off=move || why_not.get().is_some()>
                <input
                    class="us-switch"
                    type="checkbox"
                    role="switch"
                    disabled=move || why_not.get().is_some()
                    prop:checked=move || on.get() && why_not.get().is_none()
                    on:change=move |event| on_change.run(event_target_checked(&event))
                />
                {label}
            </label>
            {move || {
                why_not.get().map(|text| view! { <Why text name=format!("Why {label} is off") /> })
            }}
        </span>
    }
}

/// A small sign with an explanation.
#[component]
pub fn Why(
    /// The explanation.
    text: &'static str,
    /// What it explains: "Why this is not added up".
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <Tip text=text>
            <button class="us-btn us-btn--ghost us-btn--sm us-btn--icon" type="button" aria-label=name>
                <Icon glyph=Glyph::Info small=true />
            </button>
        </Tip>
    }
}

/// What is shown, to be kept as a file.
#[component]
fn Files(results: Results, drawings: Drawings) -> impl IntoView {
    let title = Navigator::expect().title();
    let csv = Callback::new(move |()| {
        let panes = results.panes.get_untracked();
        let table = untrack(|| {
            results.with(|outcome, form, names| {
                let name = |shown: &Shown| words::file_words(shown, &outcome.query, form, names);
                figures::together(&panes, &outcome.answer, &outcome.axis, &name)
            })
        });
        let zone = untrack(|| results.with(|outcome, _, _| outcome.answer.stamp.time_zone.clone()));
        table
            .zip(zone)
            .map(|(table, zone)| time_csv(&table, &zone))
            .unwrap_or_default()
    });
    let words = Callback::new(move |()| untrack(|| picture_words(results)));
    let shown = Signal::derive(move || {
        let drawings = drawings.get();
        results.panes.with(|panes| {
            panes
                .iter()
                .filter_map(|pane| {
                    let drawing = drawings
                        .iter()
                        .find(|(key, _)| key.measured == pane.measured);
                    drawing.map(|(_, node)| *node)
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <div class="seg-files">
            <ChartMenu title csv drawings=shown words />
        </div>
    }
    .into_any()
}

/// What a picture of the panes says around them.
fn picture_words(results: Results) -> PictureWords {
    let panes = results.panes.get();
    let words = results.with(|outcome, form, names| {
        let charts: Vec<TimeChart> = panes
            .iter()
            .filter_map(|pane| {
                let name =
                    |shown: &Shown| words::chart_words(shown, pane, &outcome.query, form, names);
                figures::chart(pane, form.chart, &outcome.answer, &outcome.axis, &name)
            })
            .collect();
        let heading = |pane: &figures::Pane| {
            let rows = pane.of.iter().map(|of| {
                let mark = figures::mark(*of, outcome.query.formulas.len());
                let words = words::pane_words(*of, &outcome.query, form, pane.cumulative, names);
                format!("{mark} {words}")
            });
            rows.collect::<Vec<_>>().join("; ")
        };
        let left_out = outcome.answer.groups_left_out;
        let left_out = (left_out > 0).then(|| {
            let groups = format::plural(left_out, "more group", "more groups");
            format!("{groups} not shown.")
        });
        PictureWords {
            headings: panes.iter().map(heading).collect(),
            notes: left_out.into_iter().collect(),
            stamp: as_of_words(&outcome.answer.stamp, Some(words::units(&panes))),
            ..PictureWords::of_charts(&charts.iter().collect::<Vec<_>>())
        }
    });
    words.unwrap_or_default()
}

/// The series that are drawn, each style once, as far as the title of the chart does not say it all.
#[component]
fn ChartLegend(results: Results) -> impl IntoView {
    let all = Memo::new(move |_| {
        let panes = results.panes.get();
        let items = results.with(|outcome, form, names| {
            let mut items: Vec<LegendItem> = Vec::new();
            for pane in panes.iter() {
                for shown in figures::drawn(pane) {
                    let item = LegendItem {
                        name: words::chart_words(shown, pane, &outcome.query, form, names),
                        style: shown.style,
                        shown: true,
                    };
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
            }
            if items.len() == 1 && outcome.query.group_by.is_empty() {
                items.clear();
            }
            items
        });
        items.unwrap_or_default()
    });
    let named = Memo::new(move |_| {
        all.with(|all| all.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>())
    });
    let more = Memo::new(move |_| all.with(|all| all.len().saturating_sub(MOST_NAMED)));
    let filled = Memo::new(move |_| results.shown.with(|form| form.chart.is_filled()));
    let has = move |has: fn(&TimeBucket) -> bool| {
        results.outcome.with(|outcome| {
            outcome
                .as_ref()
                .is_some_and(|outcome| outcome.axis.iter().any(has))
        })
    };
    view! {
        <div class="seg-legend">
            <Legend
                items=named
                filled
                shaded=Signal::derive(move || has(|bucket| bucket.weekend).then_some("Weekend"))
                hatched=Signal::derive(move || has(|bucket| !bucket.complete).then_some("Not a whole unit"))
            />
            <Show when=move || more.get() != 0>
                <span class="us-help">{move || format!("and {} more in the table", more.get())}</span>
            </Show>
        </div>
    }
    .into_any()
}

/// What was chosen: opens it again as long as the answer has it, or lets it go.
#[component]
fn Chosen(results: Results) -> impl IntoView {
    let state = results.state;
    let chosen = results.chosen();
    let words = Memo::new(move |_| {
        let chosen = chosen.get();
        if state.selection().with(Option::is_none) {
            return None;
        }
        let Some((series, bucket)) = chosen else {
            return Some((
                "What was chosen is no part of this answer.".to_owned(),
                None,
            ));
        };
        results.with(|outcome, form, names| {
            let when = bucket
                .and_then(|bucket| outcome.names.get(bucket))
                .map_or_else(|| "whole range".to_owned(), |names| names.long.clone());
            let panes = results.panes.get();
            let who = series
                .and_then(|place| {
                    panes
                        .iter()
                        .flat_map(|pane| &pane.series)
                        .find(|shown| shown.place == place)
                })
                .map_or_else(
                    || "All groups".to_owned(),
                    |shown| {
                        let words = words::series_words(shown, &outcome.query, form, names);
                        if outcome.query.group_by.is_empty() {
                            words
                        } else {
                            format!("{} {words}", shown.mark)
                        }
                    },
                );
            (
                format!("{who}, {when}"),
                series.map(|place| (place, bucket)),
            )
        })
    });
    view! {
        {move || {
            words
                .get()
                .map(|(words, part)| {
                    let words = match part {
                        Some((place, bucket)) => view! {
                            <button
                                class="seg-chosen__open"
                                type="button"
                                title="Open what was chosen"
                                on:click=move |event| {
                                    let anchor = anchor_of_pressed(&event);
                                    results.pick(place, bucket, anchor);
                                }
                            >
                                <span class="us-vh">"Chosen: "</span>
                                {words}
                            </button>
                        }
                        .into_any(),
                        None => view! { <span>{words}</span> }.into_any(),
                    };
                    view! {
                        <span class="us-chip seg-chosen">
                            <Icon glyph=Glyph::Users />
                            {words}
                            <button
                                type="button"
                                aria-label="Let go of what was chosen"
                                on:click=move |_| {
                                    results.picked.set(None);
                                    state.selection().set(None);
                                }
                            >
                                <Icon glyph=Glyph::Cross />
                            </button>
                        </span>
                    }
                })
        }}
    }
    .into_any()
}
