//! A chart over time to look at and to operate.
//!
//! The drawing is made once for a chart and a size. What moves with the cursor is a few elements in a layer of their own
//! above it, so that the browser has nothing of the drawing to paint again.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use leptos::{ev, html};
use segments_charts::scale::text_width;
use segments_charts::scene::Anchor;
use segments_charts::series::{STYLES, marker};
use segments_charts::time::cursor::{Cursor, Deed, figure, sentence};
use segments_charts::time::layout::{Room, Sides, Spot, TimeLayout, layout};
use segments_charts::time::{Figures, TimeChart, TimeKind, TimePick};
use web_sys::{KeyboardEvent, PointerEvent};

use crate::charts::anchor_of;
use crate::charts::drawing::Drawing;
use crate::charts::series::SeriesKey;
use crate::dom::unique_id;
use crate::size::element_width;
use crate::task::{Task, sleep, spawn};

/// How long the cursor rests before its point is read out.
const REST_MS: u32 = 250;
/// So many series have a line in the box at the cursor.
const MOST_LINES: usize = 16;
/// The box's distance from the cursor.
const BESIDE: f64 = 12.0;
/// How far from a point a finger may press that means it.
const FINGER: f64 = 22.0;
/// What is chosen is at least so wide and high on the screen.
const LEAST: f64 = 8.0;

/// A chart over time. The arrow keys move a cursor over buckets and series, Enter chooses.
#[component]
pub fn TimePlot(
    #[prop(into)] chart: Signal<Arc<TimeChart>>,
    /// What it shows, as a sentence with its finding.
    #[prop(into)]
    label: Signal<String>,
    /// The height in px.
    #[prop(default = 252.0)]
    height: f64,
    /// The bucket under the cursor; several charts one above the other share it.
    cursor: RwSignal<Option<usize>>,
    /// The series and bucket that was chosen.
    #[prop(into, optional)]
    chosen: Signal<Option<(usize, usize)>>,
    /// Whether the axis of time stands below; of charts above each other only the lowest has one.
    #[prop(default = true)]
    axis: bool,
    /// Called with what was chosen; none: nothing can be.
    #[prop(optional, into)]
    on_pick: Option<Callback<TimePick>>,
    /// The charts above and below, whose plots stand in line with this one's.
    #[prop(into, optional)]
    beside: Signal<Vec<Arc<TimeChart>>>,
    /// Becomes the image, for those who export it.
    #[prop(optional)]
    drawing: Option<NodeRef<Svg>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let state = PlotState::new(chart, cursor, beside, element_width(node), height, axis);
    let spots = Memo::new(move |_| state.spots());
    let input = PlotInput::new(state, node, spots, on_pick);
    let escape = window_event_listener(ev::keydown, move |event| {
        // The pointer may be here while the focus is elsewhere.
        if event.key() == "Escape" && state.active.try_get_untracked() == Some(true) {
            input.send_away();
        }
    });
    on_cleanup(move || escape.remove());
    let image = unique_id("chart");
    let hint = unique_id("chart-keys");
    let scene = Memo::new(move |_| state.laid.with(|laid| laid.scene.clone()));
    let drawn = match drawing {
        Some(drawing) => view! { <Drawing scene label node=drawing id=image.clone() /> }.into_any(),
        None => view! { <Drawing scene label id=image.clone() /> }.into_any(),
    };
    view! {
        <div
            class="us-chart"
            class:us-chart--pick=on_pick.is_some()
            node_ref=node
            tabindex="0"
            // Arrow keys are the chart's own, with a screen reader too.
            role="application"
            aria-roledescription="chart"
            aria-labelledby=image
            aria-describedby=hint.clone()
            style:block-size=format!("{height}px")
            on:keydown=move |event| input.on_key(&event)
            on:pointermove=move |event| input.on_move(&event)
            on:pointerdown=move |event| input.on_down(&event)
            on:pointerleave=move |event| input.on_leave(&event)
            on:focus=move |_| input.on_focus()
            on:focusout=move |_| state.leave()
            on:click=move |_| input.on_click()
        >
            {drawn}
            <Overlay state spots chosen />
            <CursorBox state />
            {axis.then(|| view! { <NameBelow state /> })}
        </div>
        <p class="us-vh" id=hint>
            {if on_pick.is_some() {
                "Left and right arrow keys move through time, Page Up and Page Down in larger steps, up and down through the series. Press Enter to select, Escape to leave."
            } else {
                "Left and right arrow keys move through time, Page Up and Page Down in larger steps, up and down through the series. Press Escape to leave."
            }}
        </p>
        <p class="us-vh" role="status">{move || input.said.get()}</p>
    }
    .into_any()
}

/// How a chart is operated: by the keys, the pointer and a finger. Cheap to copy.
#[derive(Clone, Copy)]
struct PlotInput {
    state: PlotState,
    node: NodeRef<html::Div>,
    spots: Memo<Vec<Option<Spot>>>,
    on_pick: Option<Callback<TimePick>>,
    /// What is read out.
    said: RwSignal<String>,
    /// Reads it out once the cursor rests.
    saying: StoredValue<Option<Task>, LocalStorage>,
    /// Where the cursor was when something was chosen: it is there again when the focus comes back from the menu.
    kept: StoredValue<Option<Cursor>>,
    /// What Escape has sent away stays away until the pointer has been elsewhere or presses.
    sent_away: StoredValue<bool>,
    /// A finger has nothing to point with before it presses: its first tap shows a point, the next one chooses it.
    only_shows: StoredValue<bool>,
}

impl PlotInput {
    fn new(
        state: PlotState,
        node: NodeRef<html::Div>,
        spots: Memo<Vec<Option<Spot>>>,
        on_pick: Option<Callback<TimePick>>,
    ) -> Self {
        Self {
            state,
            node,
            spots,
            on_pick,
            said: RwSignal::new(String::new()),
            saying: StoredValue::new_local(None),
            kept: StoredValue::new(None),
            sent_away: StoredValue::new(false),
            only_shows: StoredValue::new(false),
        }
    }

    fn say(self) {
        let Self { state, said, .. } = self;
        let said_later = spawn(async move {
            sleep(REST_MS).await;
            let sentence = state
                .chart
                .try_with_untracked(|chart| sentence(chart, state.place(), Figures::write));
            if let Some(sentence) = sentence {
                // The page may have gone in between.
                let _ = said.try_set(sentence);
            }
        });
        self.saying.set_value(Some(said_later));
    }

    fn pick(self) {
        let place = self.state.place();
        let (Some(on_pick), Some(bucket), Some(element)) =
            (self.on_pick, place.bucket, self.node.get_untracked())
        else {
            return;
        };
        let spot = self
            .spots
            .with_untracked(|spots| spots.get(place.series).copied().flatten());
        if let Some(spot) = spot {
            self.kept.set_value(Some(place));
            on_pick.run(TimePick {
                series: place.series,
                bucket,
                anchor: on_screen(anchor_of(&element), spot),
            });
        }
    }

    fn send_away(self) {
        self.sent_away.set_value(true);
        self.state.leave();
    }

    fn on_key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let state = self.state;
        let (buckets, series) = state
            .chart
            .with_untracked(|chart| (chart.buckets.len(), chart.series.len()));
        let Some(deed) = state.place().key(&event.key(), buckets, series) else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        match deed {
            Deed::Go(to) => {
                state.go(to);
                self.say();
            }
            Deed::Choose => self.pick(),
            Deed::Leave => self.send_away(),
        }
    }

    /// Where the pointer is, in px of the chart.
    fn place_of(self, event: &PointerEvent) -> Option<(f64, f64)> {
        let element = self.node.get_untracked()?;
        let rect = anchor_of(&element);
        Some((
            f64::from(event.client_x()) - rect.x,
            f64::from(event.client_y()) - rect.y,
        ))
    }

    fn on_move(self, event: &PointerEvent) {
        if !self.sent_away.get_value()
            && let Some((x, y)) = self.place_of(event)
        {
            self.state.point(x, y);
        }
    }

    fn on_down(self, event: &PointerEvent) {
        let state = self.state;
        self.sent_away.set_value(false);
        self.kept.set_value(None);
        let Some((x, y)) = self.place_of(event) else {
            return;
        };
        let before = state.active.get_untracked().then(|| state.place());
        let is_touch = event.pointer_type() == "touch";
        match before.and_then(|before| before.bucket) {
            Some(bucket) if is_touch && state.is_beside(bucket, x) => state.point_at(bucket, x, y),
            _ => state.point(x, y),
        }
        self.only_shows
            .set_value(is_touch && before != Some(state.place()));
    }

    fn on_leave(self, event: &PointerEvent) {
        self.sent_away.set_value(false);
        // A finger that was lifted has pointed at what it touched.
        if event.pointer_type() != "touch" {
            self.state.leave();
        }
    }

    fn on_focus(self) {
        if let Some(place) = self.kept.try_update_value(Option::take).flatten() {
            self.state.go(place);
        }
    }

    fn on_click(self) {
        if !self.only_shows.get_value() {
            self.pick();
        }
    }
}

/// What the parts of a chart share.
#[derive(Clone, Copy)]
struct PlotState {
    chart: Signal<Arc<TimeChart>>,
    laid: Memo<Arc<TimeLayout>>,
    /// The bucket, shared between charts.
    cursor: RwSignal<Option<usize>>,
    /// The series under the cursor.
    series: RwSignal<usize>,
    /// Whether it is this chart that the pointer or the focus is on: it alone tells its figures.
    active: RwSignal<bool>,
    /// The bucket under the cursor, one that there is.
    at: Memo<Option<usize>>,
}

impl PlotState {
    /// Lays a chart out in this width and height, in line with those beside it.
    fn new(
        chart: Signal<Arc<TimeChart>>,
        cursor: RwSignal<Option<usize>>,
        beside: Signal<Vec<Arc<TimeChart>>>,
        width: Signal<f64>,
        height: f64,
        axis: bool,
    ) -> Self {
        let laid = Memo::new(move |_| {
            let room = Room {
                width: width.get(),
                height,
                axis,
            };
            chart.with(|chart| {
                let own = Sides::of(chart, room, &Figures::write_ticks);
                let sides = beside.with(|beside| {
                    beside.iter().fold(own, |sides, chart| {
                        sides.and(Sides::of(chart, room, &Figures::write_ticks))
                    })
                });
                Arc::new(layout(chart, room, sides, &Figures::write_ticks))
            })
        });
        Self {
            chart,
            laid,
            cursor,
            series: RwSignal::new(0),
            active: RwSignal::new(false),
            at: Memo::new(move |_| {
                let last = chart.with(|chart| chart.buckets.len()).checked_sub(1)?;
                cursor.get().map(|bucket| bucket.min(last))
            }),
        }
    }

    fn place(self) -> Cursor {
        let last = self
            .chart
            .try_with_untracked(|chart| chart.series.len().saturating_sub(1));
        Cursor {
            bucket: self.at.try_get_untracked().flatten(),
            series: self
                .series
                .try_get_untracked()
                .unwrap_or_default()
                .min(last.unwrap_or_default()),
        }
    }

    fn spots(self) -> Vec<Option<Spot>> {
        let Some(bucket) = self.at.get() else {
            return Vec::new();
        };
        self.laid
            .with(|laid| self.chart.with(|chart| laid.spots(chart, bucket)))
    }

    /// The pointer is here, in px of the chart.
    fn point(self, x: f64, y: f64) {
        let laid = self.laid.get_untracked();
        if let Some(bucket) = laid.bucket_at(x) {
            self.point_at(bucket, x, y);
        }
    }

    /// Whether a finger that presses at `x` may mean a bucket: it is broader than most of them.
    fn is_beside(self, bucket: usize, x: f64) -> bool {
        self.laid
            .with_untracked(|laid| (laid.x(bucket) - x).abs() <= FINGER)
    }

    fn point_at(self, bucket: usize, x: f64, y: f64) {
        let laid = self.laid.get_untracked();
        let series = self.chart.with_untracked(|chart| {
            let spots = laid.spots(chart, bucket);
            laid.series_at(&spots, x, y)
        });
        // What stays the same is not told again: every pixel would be a change.
        if self.cursor.get_untracked() != Some(bucket) {
            self.cursor.set(Some(bucket));
        }
        if let Some(series) = series
            && self.series.get_untracked() != series
        {
            self.series.set(series);
        }
        if !self.active.get_untracked() {
            self.active.set(true);
        }
    }

    fn go(self, to: Cursor) {
        self.active.set(true);
        self.series.set(to.series);
        self.cursor.set(to.bucket);
    }

    fn leave(self) {
        // Leaving may be because the page is going.
        let _ = self.active.try_set(false);
        let _ = self.cursor.try_set(None);
    }

    /// How many series there are and how each looks; changes with the chart alone.
    fn styles(self) -> Vec<usize> {
        self.chart
            .with(|chart| chart.series.iter().map(|series| series.style).collect())
    }
}

/// Where a figure is in the window.
fn on_screen(chart: Anchor, spot: Spot) -> Anchor {
    let width = spot.width.max(LEAST);
    let height = (spot.y - spot.from).abs().max(LEAST);
    let top = if spot.y == spot.from {
        spot.y - height / 2.0
    } else {
        spot.y.min(spot.from)
    };
    Anchor {
        x: chart.x + spot.x - width / 2.0,
        y: chart.y + top,
        width,
        height,
    }
}

fn moved(x: f64, y: f64) -> String {
    format!("translate({x:.1} {y:.1})")
}

/// What moves with the cursor, and what is chosen.
#[component]
fn Overlay(
    state: PlotState,
    spots: Memo<Vec<Option<Spot>>>,
    chosen: Signal<Option<(usize, usize)>>,
) -> impl IntoView {
    let PlotState { laid, at, .. } = state;
    let kind = Memo::new(move |_| state.chart.with(|chart| chart.kind));
    let styles = Memo::new(move |_| state.styles());
    let spot = move |series: usize| spots.with(|spots| spots.get(series).copied().flatten());
    let cross = move || {
        at.get()
            .map(|bucket| laid.with(|laid| moved(laid.x(bucket), laid.plot.top)))
    };
    let markers = move || {
        if matches!(kind.get(), TimeKind::Bar | TimeKind::StackedBar) {
            let on = move || spot(state.series.get());
            return view! { <Outline class="us-chart__bar" spot=Signal::derive(on) /> }.into_any();
        }
        let marker_of = move |(series, style): (usize, usize)| {
            view! {
                <path
                    class="dot"
                    class:dot--on=move || state.series.get() == series && state.active.get()
                    data-series=(style % STYLES).to_string()
                    d=marker(style)
                    visibility=move || spot(series).is_none().then_some("hidden")
                    transform=move || spot(series).map(|spot| moved(spot.x, spot.y))
                ></path>
            }
        };
        // The first series lies on top, as in the drawing.
        styles
            .get()
            .into_iter()
            .enumerate()
            .rev()
            .map(marker_of)
            .collect_view()
            .into_any()
    };
    view! {
        <svg
            class="us-plot us-plot--sized us-chart__over"
            aria-hidden="true"
            width=move || laid.with(|laid| laid.scene.width)
            height=move || laid.with(|laid| laid.scene.height)
        >
            <Chosen state chosen />
            <g visibility=move || at.get().is_none().then_some("hidden")>
                <line
                    class="cross"
                    x1="0"
                    x2="0"
                    y1="0"
                    y2=move || laid.with(|laid| laid.plot.height)
                    transform=cross
                ></line>
                {markers}
            </g>
        </svg>
    }
    .into_any()
}

/// What was chosen, until something else is.
#[component]
fn Chosen(state: PlotState, chosen: Signal<Option<(usize, usize)>>) -> impl IntoView {
    let spot = Memo::new(move |_| {
        let (series, bucket) = chosen.get()?;
        state.laid.with(|laid| {
            state.chart.with(|chart| {
                let style = chart.series.get(series)?.style;
                let spot = laid.spots(chart, bucket).get(series).copied().flatten()?;
                Some((style, spot))
            })
        })
    });
    move || {
        spot.get().map(|(style, spot)| {
            if spot.width > 0.0 {
                view! { <Outline class="us-chart__bar is-chosen" spot=Signal::stored(Some(spot)) /> }
                    .into_any()
            } else {
                view! {
                    <g
                        class="us-chart__chosen"
                        data-series=(style % STYLES).to_string()
                        transform=moved(spot.x, spot.y)
                    >
                        <circle class="halo" r="9"></circle>
                        <path class="dot dot--on" d=marker(style)></path>
                    </g>
                }
                .into_any()
            }
        })
    }
}

/// The outline of a bar.
#[component]
fn Outline(class: &'static str, spot: Signal<Option<Spot>>) -> impl IntoView {
    let of = move |get: fn(&Spot) -> f64| move || spot.with(|spot| spot.as_ref().map(get));
    view! {
        <rect
            class=class
            visibility=move || spot.with(Option::is_none).then_some("hidden")
            x=of(|spot| spot.x - spot.width / 2.0)
            y=of(|spot| spot.y.min(spot.from))
            width=of(|spot| spot.width)
            height=of(|spot| (spot.y - spot.from).abs())
        ></rect>
    }
}

/// The box at the cursor: the bucket's name and every series' figure.
#[component]
fn CursorBox(state: PlotState) -> impl IntoView {
    let PlotState {
        chart, laid, at, ..
    } = state;
    let is_off = Memo::new(move |_| at.get().is_none() || !state.active.get());
    let place = move || {
        let bucket = at.get()?;
        Some(laid.with(|laid| {
            let x = laid.x(bucket);
            // On the side that has more room.
            if x > laid.scene.width / 2.0 {
                format!("translate({:.1}px, 0) translateX(-100%)", x - BESIDE)
            } else {
                format!("translate({:.1}px, 0)", x + BESIDE)
            }
        }))
    };
    let name = move || {
        at.get().map(|bucket| {
            chart.with(|chart| chart.buckets.get(bucket).map(|bucket| bucket.long.clone()))
        })
    };
    let is_part = Memo::new(move |_| {
        at.get().is_some_and(|bucket| {
            chart.with(|chart| {
                chart
                    .buckets
                    .get(bucket)
                    .is_some_and(|bucket| !bucket.complete)
            })
        })
    });
    let is_running = Memo::new(move |_| {
        at.get().is_some_and(|bucket| {
            chart.with(|chart| chart.series.iter().any(|series| series.is_running(bucket)))
        })
    });
    let written = move |series: usize, previous: bool| {
        move || {
            let bucket = at.get()?;
            chart.with(|chart| {
                let own = chart.series.get(series)?;
                let values = if previous { &own.previous } else { &own.values };
                let figures = chart.figures;
                let mut text = figure(values, bucket, |value| figures.write(value));
                if !previous && own.is_running(bucket) {
                    text.push('*');
                }
                Some(text)
            })
        }
    };
    let lines = move || {
        chart.with(|chart| {
            let compared = chart.series.iter().any(|series| !series.previous.is_empty());
            let filled = chart.kind.is_filled();
            let lines = chart.series.iter().take(MOST_LINES).enumerate();
            let lines: Vec<AnyView> = lines
                .map(|(place, series)| {
                    view! {
                        <div class="us-chart__line" class:is-on=move || state.series.get() == place>
                            <SeriesKey style=series.style filled />
                            <span class="us-truncate">{series.name.clone()}</span>
                            <b>{written(place, false)}</b>
                            {compared.then(|| view! { <span class="us-chart__before">{written(place, true)}</span> })}
                        </div>
                    }
                    .into_any()
                })
                .collect();
            let more = chart.series.len().saturating_sub(MOST_LINES);
            view! {
                {compared.then(|| view! { <p class="us-chart__head">"This period, previous period"</p> })}
                {lines}
                {(more > 0).then(|| view! { <p>{format!("and {more} more in the table")}</p> })}
            }
            .into_any()
        })
    };
    view! {
        <div class="us-chart__box" aria-hidden="true" class:is-off=move || is_off.get() style:transform=place>
            <strong>{name}</strong>
            {move || is_part.get().then(|| view! { <p>"Partial interval"</p> })}
            {lines}
            {move || is_running.get().then(|| view! { <p>"* still running"</p> })}
        </div>
    }
    .into_any()
}

/// The name of the bucket under the cursor, on the axis.
#[component]
fn NameBelow(state: PlotState) -> impl IntoView {
    let PlotState {
        chart, laid, at, ..
    } = state;
    let name = Memo::new(move |_| {
        let bucket = at.get()?;
        chart.with(|chart| Some(chart.buckets.get(bucket)?.short.clone()))
    });
    let place = move || {
        let (bucket, name) = at.get().zip(name.get())?;
        let half = text_width(&name) / 2.0 + 4.0;
        Some(laid.with(|laid| {
            let x = laid.x(bucket).min(laid.scene.width - half).max(half);
            format!("translate({x:.1}px, 0) translateX(-50%)")
        }))
    };
    let cover = move || {
        let (bucket, name) = at.get().zip(name.get())?;
        let half = text_width(&name) / 2.0 + 4.0;
        Some(laid.with(|laid| {
            let x = laid.x(bucket).min(laid.scene.width - half).max(half);
            let (from, to) = laid.covered(x - half, x + half);
            format!("translate({from:.1}px, 0) scaleX({:.1})", to - from)
        }))
    };
    view! {
        <i
            class="us-chart__cover"
            aria-hidden="true"
            class:is-off=move || name.with(Option::is_none)
            style:transform=cover
        ></i>
        <span
            class="us-chart__at"
            aria-hidden="true"
            class:is-off=move || name.with(Option::is_none)
            style:transform=place
        >
            {move || name.get()}
        </span>
    }
    .into_any()
}
