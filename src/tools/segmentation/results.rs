//! The results: charts one above the other, and the table below.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::time::{TimeChart, TimePick};
use segments_forms::audience::{AudienceForm, AudienceKind};
use segments_forms::range::RangeKind;
use segments_forms::segmentation::{Chart, SegmentationForm, longer_range};
use segments_model::query::Interval;
use segments_ui::charts::plot::TimePlot;
use segments_ui::{EmptyState, Glyph, Icon};

use crate::tool::page::AsOf;
use crate::tool::state::ToolState;
use crate::tools::segmentation::figures::Measured;
use crate::tools::segmentation::numbers::Numbers;
use crate::tools::segmentation::outcome::{PaneKey, Results};
use crate::tools::segmentation::table::SeriesTable;
use crate::tools::segmentation::toolbar::{Drawings, NOT_ADDED, Why};
use crate::tools::segmentation::{figures, words};

type State = ToolState<SegmentationForm>;

/// The height of the only pane, of the first of several, and of the others, in px.
const ONLY: f64 = 300.0;
const FIRST: f64 = 252.0;
const OTHER: f64 = 152.0;

/// Everything below the head of the page, once there is an answer.
#[component]
pub fn ResultsView(
    /// What it is made of.
    results: Results,
    /// Becomes what is drawn.
    drawings: Drawings,
) -> impl IntoView {
    let chart = Memo::new(move |_| results.shown.with(|form| form.chart));
    let nothing = results.nothing;
    let hidden = Memo::new(move |_| !nothing.get() && results.panes.with(|panes| panes.is_empty()));
    let units = Signal::derive(move || results.panes.with(|panes| words::units(panes)));
    let stamp = Memo::new(move |_| {
        results
            .outcome
            .with(|outcome| outcome.as_ref().map(|outcome| outcome.answer.stamp.clone()))
    });
    let by_user_properties = results.state.by_user_properties();
    let body = move || {
        if nothing.get() {
            return view! { <NoMatch /> }.into_any();
        }
        if hidden.get() {
            return view! {
                <EmptyState
                    glyph=Glyph::Eye
                    title="Everything is hidden"
                    detail="Show a measure or a formula by its menu in the query."
                />
            }
            .into_any();
        }
        match chart.get() {
            Chart::Table => view! { <SeriesTable results all=true /> }.into_any(),
            Chart::Number => view! {
                <Numbers results />
                <SeriesTable results />
            }
            .into_any(),
            Chart::Line | Chart::Area | Chart::Bar | Chart::StackedBar => view! {
                <Panes results drawings />
                <SeriesTable results />
            }
            .into_any(),
        }
    };
    view! {
        {body}
        <LeftOut results />
        {move || {
            stamp
                .get()
                .map(|first| {
                    let stamp = Signal::derive(move || stamp.get().unwrap_or_else(|| first.clone()));
                    view! { <AsOf stamp unit=units by_user_properties /> }
                })
        }}
    }
    .into_any()
}

/// A chart for everything that is measured alike, one above the other with one cursor.
#[component]
fn Panes(results: Results, drawings: Drawings) -> impl IntoView {
    let cursor = RwSignal::new(None::<usize>);
    let keys = Memo::new(move |_| {
        results.panes.with(|panes| {
            let count = panes.len();
            panes
                .iter()
                .enumerate()
                .map(|(place, pane)| PaneKey {
                    measured: pane.measured.clone(),
                    height: match (count, place) {
                        (1, _) => ONLY,
                        (_, 0) => FIRST,
                        _ => OTHER,
                    },
                    last: place + 1 == count,
                })
                .collect::<Vec<_>>()
        })
    });
    let charts = Memo::new(move |_| {
        let panes = results.panes.get();
        let charts = results.with(|outcome, form, names| {
            panes
                .iter()
                .filter_map(|pane| {
                    let name = |shown: &figures::Shown| {
                        words::chart_words(shown, pane, &outcome.query, form, names)
                    };
                    let chart =
                        figures::chart(pane, form.chart, &outcome.answer, &outcome.axis, &name)?;
                    Some((pane.measured.clone(), Arc::new(chart)))
                })
                .collect::<Vec<_>>()
        });
        charts.unwrap_or_default()
    });
    view! {
        <div class="seg-panes">
            <For
                each=move || keys.get()
                key=|key| format!("{key:?}")
                children=move |key| view! { <PaneView results charts key cursor drawings /> }
            />
        </div>
    }
    .into_any()
}

#[component]
fn PaneView(
    results: Results,
    charts: Memo<Vec<(Measured, Arc<TimeChart>)>>,
    key: PaneKey,
    cursor: RwSignal<Option<usize>>,
    drawings: Drawings,
) -> impl IntoView {
    let drawing = NodeRef::<Svg>::new();
    let mine = key.clone();
    drawings.update(|drawings| drawings.push((mine.clone(), drawing)));
    on_cleanup(move || {
        drawings.try_update(|drawings| drawings.retain(|(key, _)| *key != mine));
    });
    let form = results.shown;
    let measured = key.measured.clone();
    let pane = Memo::new(move |_| {
        results
            .panes
            .with(|panes| panes.iter().find(|pane| pane.measured == measured).cloned())
    });
    let mine = key.measured.clone();
    let chart = Memo::new(move |_| {
        charts.with(|charts| {
            charts
                .iter()
                .find(|(measured, _)| *measured == mine)
                .map(|(_, chart)| Arc::clone(chart))
                .unwrap_or_default()
        })
    });
    let mine = key.measured.clone();
    let beside = Memo::new(move |_| {
        charts.with(|charts| {
            charts
                .iter()
                .filter(|(measured, _)| *measured != mine)
                .map(|(_, chart)| Arc::clone(chart))
                .collect::<Vec<_>>()
        })
    });
    let chosen = results.chosen();
    let marked = Memo::new(move |_| {
        let (Some(place), Some(bucket)) = chosen.get()? else {
            return None;
        };
        pane.with(|pane| {
            let series = figures::drawn(pane.as_ref()?).position(|shown| shown.place == place)?;
            Some((series, bucket))
        })
    });
    let on_pick = Callback::new(move |pick: TimePick| {
        let place = pane.with_untracked(|pane| {
            figures::drawn(pane.as_ref()?)
                .nth(pick.series)
                .map(|shown| shown.place)
        });
        if let Some(place) = place {
            results.pick(place, Some(pick.bucket), pick.anchor);
        }
    });
    let titles = Memo::new(move |_| {
        pane.with(|pane| {
            let pane = pane.as_ref()?;
            results.with(|outcome, form, names| {
                pane.of
                    .iter()
                    .map(|of| {
                        (
                            figures::mark(*of, outcome.query.formulas.len()),
                            words::pane_words(*of, &outcome.query, form, pane.cumulative, names),
                        )
                    })
                    .collect::<Vec<_>>()
            })
        })
        .unwrap_or_default()
    });
    let label = Signal::derive(move || {
        let titles = titles.with(|titles| {
            let words: Vec<&str> = titles.iter().map(|(_, words)| words.as_str()).collect();
            words.join("; ")
        });
        chart.with(|chart| finding(&titles, chart))
    });
    let not_added = Memo::new(move |_| {
        let asked = form.with(|form| form.cumulative);
        asked && pane.with(|pane| pane.as_ref().is_some_and(|pane| !pane.cumulative))
    });
    let is_formula = matches!(key.measured, Measured::Formula(_));
    let plot = if is_formula {
        view! {
            <TimePlot chart label height=key.height cursor chosen=marked axis=key.last beside drawing />
        }
        .into_any()
    } else {
        view! {
            <TimePlot chart label height=key.height cursor chosen=marked axis=key.last beside on_pick drawing />
        }
        .into_any()
    };
    view! {
        <section class="seg-pane">
            <h2 class="seg-pane__t">
                {move || {
                    titles
                        .get()
                        .into_iter()
                        .map(|(mark, words)| {
                            view! {
                                <span class="seg-pane__of">
                                    <span class="seg-mark">{mark}</span>
                                    <span>{words}</span>
                                </span>
                            }
                        })
                        .collect_view()
                }}
                {is_formula
                    .then(|| {
                        view! {
                            <Why
                                text=words::NO_USERS
                                name="Why this chart cannot be chosen from"
                            />
                        }
                    })}
                <Show when=move || not_added.get()>
                    <Why text=NOT_ADDED name="Why this is not added up" />
                </Show>
            </h2>
            {plot}
        </section>
    }
    .into_any()
}

/// What a chart shows, with its highest figure.
fn finding(title: &str, chart: &TimeChart) -> String {
    let highest = chart
        .series
        .iter()
        .flat_map(|series| {
            series
                .values
                .iter()
                .enumerate()
                .filter_map(move |(bucket, value)| Some((series, bucket, (*value)?)))
        })
        .reduce(|best, next| if next.2 > best.2 { next } else { best });
    let Some((series, bucket, value)) = highest else {
        return format!("{title}. There is no figure.");
    };
    let when = chart
        .buckets
        .get(bucket)
        .map(|bucket| bucket.long.clone())
        .unwrap_or_default();
    format!(
        "{title}. {} is highest: {} on {when}.",
        series.name,
        chart.figures.write(value)
    )
}

/// The groups that are not told.
#[component]
fn LeftOut(results: Results) -> impl IntoView {
    let state = results.state;
    let left_out = Memo::new(move |_| {
        results.outcome.with(|outcome| {
            outcome
                .as_ref()
                .map_or(0, |outcome| outcome.answer.groups_left_out)
        })
    });
    let may_more = Memo::new(move |_| {
        state
            .form()
            .with(|form| form.told_groups() < segments_forms::segmentation::MOST_GROUPS)
    });
    view! {
        <Show when=move || left_out.get() != 0>
            <p class="us-banner seg-more" role="status">
                <Icon glyph=Glyph::Breakdown small=true />
                <span class="us-grow">
                    {move || {
                        let left_out = left_out.get();
                        let (is, they) = if left_out == 1 { ("is", "It") } else { ("are", "They") };
                        let groups = segments_format::plural(left_out, "more group", "more groups");
                        format!("{groups} {is} not shown. {they} cannot be chosen from.")
                    }}
                </span>
                <Show when=move || may_more.get()>
                    <button
                        class="us-btn us-btn--sm"
                        type="button"
                        on:click=move |_| {
                            let left_out = left_out.get_untracked();
                            state.change("show more groups", None, |form| {
                                form.tell_more_groups(left_out);
                            });
                        }
                    >
                        "Show more"
                    </button>
                </Show>
            </p>
        </Show>
    }
    .into_any()
}

/// Nothing was found: what to loosen.
#[component]
fn NoMatch() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let filtered = Memo::new(move |_| form.with(SegmentationForm::has_filters));
    let everybody = Memo::new(move |_| form.with(|form| form.audience.kind == AudienceKind::All));
    let always = Memo::new(move |_| form.with(|form| form.range.kind == RangeKind::AllTime));
    view! {
        <div role="status">
            <EmptyState
                glyph=Glyph::Search
                title="No match"
                detail="Nobody did this in the range, with these filters and in this audience. Loosen one of them."
            >
                <Show when=move || !always.get()>
                    <button
                        class="us-btn"
                        type="button"
                        on:click=move |_| {
                            state.change("look at 12 months", None, |form| {
                                form.range = longer_range();
                                form.interval = Interval::Month;
                            });
                        }
                    >
                        "Look at the last 12 months"
                    </button>
                </Show>
                <Show when=move || filtered.get()>
                    <button
                        class="us-btn"
                        type="button"
                        on:click=move |_| {
                            state.change("take the filters away", None, SegmentationForm::clear_filters);
                        }
                    >
                        "Take the filters away"
                    </button>
                </Show>
                <Show when=move || !everybody.get()>
                    <button
                        class="us-btn"
                        type="button"
                        on:click=move |_| {
                            state.change("ask about all users", None, |form| {
                                form.audience = AudienceForm::default();
                            });
                        }
                    >
                        "Ask about all users"
                    </button>
                </Show>
            </EmptyState>
        </div>
    }
    .into_any()
}
