//! The toolbar: the interval, how the answer is shown, what is selected, and the legend.

use leptos::prelude::*;
use segments_charts::csv::time_csv;
use segments_charts::picture::PictureWords;
use segments_charts::series::LegendItem;
use segments_charts::time::{TimeBucket, TimeChart};
use segments_format as format;
use segments_forms::segmentation::SegmentationChart;
use segments_model::query::Interval;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::export::ChartMenu;
use segments_ui::charts::series::Legend;
use segments_ui::{Glyph, Icon, Segmented, SegmentedOption};

use crate::parts::interval::IntervalPicker;
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use crate::tool::page::stamp;
use crate::tool::state::{Lens, field};
use crate::tools::segmentation::answer::SegmentationView;
use crate::tools::segmentation::chart::{NOT_ADDED, Why, chart, is_filled, together};
use crate::tools::segmentation::state::SegmentationState;

/// How many series the legend names.
const MOST_NAMED: usize = 12;
/// Why the whole range is not added up.
const ONE_BUCKET: &str = "The whole range is one interval, so there is nothing to add up.";
/// Why nothing is compared.
const NOTHING_BEFORE: &str = "All time has no previous period.";

/// The toolbar. It is there before the answer is: of the answer it has what is selected and the legend.
#[component]
pub fn SegmentationToolbar() -> impl IntoView {
    let state = SegmentationState::expect();
    let tool = state.tool;
    let session = Session::expect();
    let interval = field!(tool.interval, "change the interval");
    let kind = field!(tool.chart, "change the chart");
    let is_over_time = Memo::new(move |_| kind.value.get().is_over_time());
    let has_answer = Memo::new(move |_| state.view.get().is_some());
    let no_before = tool.part(|form| (!form.has_before()).then_some(NOTHING_BEFORE));
    let not_added = tool.part(|form| match form.interval {
        _ if form.may_add_up() => None,
        Interval::Full => Some(ONE_BUCKET),
        _ => Some(NOT_ADDED),
    });
    let kinds = SegmentationChart::ALL.map(|(kind, label)| SegmentedOption::new(kind, label));
    view! {
        <div class="seg-bar">
            <div class="seg-bar__line">
                <IntervalPicker
                    value=interval.value
                    range=tool.during().value
                    zone=tool.zone()
                    first_event=Signal::derive(move || session.project().map(|project| project.value.data.first_event_at)?)
                    on_change=interval.on_change
                />
                <Segmented legend="Chart" options=kinds.to_vec() value=kind.value on_change=kind.on_change />
                <Show when=move || has_answer.get()>
                    <SegmentationFiles />
                </Show>
            </div>
            <div class="seg-bar__line">
                <Toggle
                    label="Previous period"
                    on=field!(tool.compare, "compare with the previous period")
                    why_not=no_before
                />
                <Show when=move || is_over_time.get()>
                    <Toggle
                        label="Cumulative"
                        on=field!(tool.cumulative, "add the figures up")
                        why_not=not_added
                    />
                </Show>
                <Selected />
                <Show when=move || is_over_time.get() && !state.nothing.get()>
                    <ChartLegend />
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
    on: Lens<bool>,
    why_not: Memo<Option<&'static str>>,
) -> impl IntoView {
    let is_off = move || why_not.get().is_some();
    view! {
        <span class="seg-toggle">
            <label class="us-check us-2" class:is-off=is_off>
                <input
                    class="us-switch"
                    type="checkbox"
                    role="switch"
                    disabled=is_off
                    prop:checked=move || on.value.get() && !is_off()
                    on:change=move |event| on.on_change.run(event_target_checked(&event))
                />
                {label}
            </label>
            {move || why_not.get().map(|text| view! { <Why text name=format!("Why {label} is off") /> })}
        </span>
    }
}

/// What is shown, to be kept as a file.
#[component]
fn SegmentationFiles() -> impl IntoView {
    let state = SegmentationState::expect();
    let title = Navigator::expect().title();
    let csv = Callback::new(move |()| {
        let csv = |view: &SegmentationView| time_csv(&together(view), &view.answer.stamp.time_zone);
        untrack(|| state.view.with(csv)).unwrap_or_default()
    });
    let words = Callback::new(move |()| {
        let kind = state.painted.with_untracked(|form| form.chart);
        untrack(|| state.view.with(|view| picture_words(view, kind))).unwrap_or_default()
    });
    let drawings = Signal::derive(move || {
        let drawings = state.drawings.get();
        let drawing = |view: &SegmentationView| {
            let panes = view.panes.iter();
            let nodes = panes.filter_map(|pane| {
                let mut drawings = drawings.iter();
                drawings.find(|(_, measured, _)| *measured == pane.measured)
            });
            nodes.map(|(.., node)| *node).collect::<Vec<_>>()
        };
        state.view.with(drawing).unwrap_or_default()
    });
    view! {
        <div class="seg-files">
            <ChartMenu title csv drawings words />
        </div>
    }
    .into_any()
}

/// What a picture of the panes says around them.
fn picture_words(view: &SegmentationView, kind: SegmentationChart) -> PictureWords {
    let charts = view.panes.iter().filter_map(|pane| chart(view, pane, kind));
    let charts: Vec<TimeChart> = charts.collect();
    let left_out = view.answer.groups_left_out;
    let left_out = (left_out > 0).then(|| {
        let groups = format::plural(left_out, "more group", "more groups");
        format!("{groups} not shown.")
    });
    PictureWords {
        headings: view.panes.iter().map(|pane| pane.title(true)).collect(),
        notes: left_out.into_iter().collect(),
        stamp: stamp::parts(&view.answer.stamp, Some(view.units())).to_vec(),
        ..PictureWords::of_charts(&charts.iter().collect::<Vec<_>>())
    }
}

/// The series that are drawn, each style once, as far as the title of the chart does not say it all.
#[component]
fn ChartLegend() -> impl IntoView {
    let state = SegmentationState::expect();
    let all = state.view.part(|view| {
        let mut items: Vec<LegendItem> = Vec::new();
        for pane in &view.panes {
            for series in pane.drawn() {
                let item = LegendItem {
                    name: pane.name(series),
                    style: series.style,
                    shown: true,
                };
                if !items.contains(&item) {
                    items.push(item);
                }
            }
        }
        if items.len() == 1 && view.query.group_by.is_empty() {
            items.clear();
        }
        items
    });
    let named = move || all.with(|all| all.iter().take(MOST_NAMED).cloned().collect());
    let more = Memo::new(move |_| all.with(|all| all.len().saturating_sub(MOST_NAMED)));
    let filled = Memo::new(move |_| state.painted.with(|form| is_filled(form.chart)));
    let has = move |has: fn(&TimeBucket) -> bool, words: &'static str| {
        let has = state.view.part(move |view| view.axis.iter().any(has));
        Signal::derive(move || has.get().then_some(words))
    };
    view! {
        <div class="seg-legend">
            <Legend
                items=Signal::derive(named)
                filled
                shaded=has(|bucket| bucket.weekend, "Weekend")
                hatched=has(|bucket| !bucket.complete, "Partial interval")
            />
            <Show when=move || more.get() != 0>
                <span class="us-help">{move || format!("and {} more in the table", more.get())}</span>
            </Show>
        </div>
    }
    .into_any()
}

/// What is selected: opens it again as long as the answer has it, or clears it.
#[component]
fn Selected() -> impl IntoView {
    let state = SegmentationState::expect();
    let tool = state.tool;
    let words = Memo::new(move |_| {
        if tool.selection().with(Option::is_none) {
            return None;
        }
        let Some((series, bucket)) = state.selected.get() else {
            return Some(("These results do not have the selection.".to_owned(), None));
        };
        state.view.with(|view| {
            let names = bucket.and_then(|bucket| view.names.get(bucket));
            let when = names.map_or("whole range", |names| &names.long);
            let who = match series.and_then(|place| view.series_at(place)) {
                None => "All groups".to_owned(),
                Some(series) if series.group_name.is_empty() => series.row.clone(),
                Some(series) => format!("{} {}", series.mark, series.group_name),
            };
            (
                format!("{who}, {when}"),
                series.map(|place| (place, bucket)),
            )
        })
    });
    let chip = move |(words, part): (String, Option<(usize, Option<usize>)>)| {
        let words = match part {
            None => view! { <span>{words}</span> }.into_any(),
            Some((place, bucket)) => view! {
                <button
                    class="seg-chosen__open"
                    type="button"
                    title="Open selection"
                    on:click=move |event| state.select(place, bucket, anchor_of_pressed(&event))
                >
                    <span class="us-vh">"Selected: "</span>
                    {words}
                </button>
            }
            .into_any(),
        };
        view! {
            <span class="us-chip seg-chosen">
                <Icon glyph=Glyph::Users />
                {words}
                <button type="button" aria-label="Clear selection" on:click=move |_| tool.deselect()>
                    <Icon glyph=Glyph::Cross />
                </button>
            </span>
        }
    };
    move || words.get().map(chip)
}
