//! The step chart: heads above the bars, what was lost below them, all of it to click.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use segments_charts::funnel::{FunnelHit, FunnelPart, layout};
use segments_format as format;
use segments_forms::funnel::ShareOf;
use segments_model::answer::FunnelStep;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::drawing::Drawing;
use segments_ui::size::element_width;
use segments_ui::{Glyph, Icon};
use web_sys::MouseEvent;

use crate::parts::fields::Select;
use crate::tool::state::field;
use crate::tools::funnel::answer::{FunnelView, StepName, length, share, still_have_time, users};
use crate::tools::funnel::selections::{Side, StepPart};
use crate::tools::funnel::state::FunnelState;
use crate::tools::funnel::times::GroupLegend;

/// The height of the drawing in px.
const HEIGHT: f64 = 280.0;
/// The room for the words of the axis, and the width below which there is none.
const LEFT: f64 = 40.0;
const NARROW: f64 = 560.0;
/// The least room for a step; with more steps the chart scrolls.
const LEAST: f64 = 112.0;
const LEAST_NARROW: f64 = 84.0;
/// The room for a step below which its words stand in more lines.
const TIGHT: f64 = 160.0;

/// A step as its head and its foot show it.
#[derive(Clone, Debug, Default, PartialEq)]
struct StepColumn {
    number: usize,
    name: String,
    optional: bool,
    share: String,
    users: String,
    lost: Option<LostWords>,
    time: Option<String>,
}

/// What was lost before a step.
#[derive(Clone, Debug, Default, PartialEq)]
struct LostWords {
    nobody: bool,
    count: String,
    share: String,
    from: usize,
    pending: Option<String>,
}

fn columns(view: &FunnelView, group: usize, of: ShareOf) -> Vec<StepColumn> {
    let Some(group) = view.groups().get(group) else {
        return Vec::new();
    };
    let has_optional = view.steps.iter().any(|step| step.optional);
    let steps = view.steps.iter().zip(&group.steps).enumerate();
    let column = |(index, (name, step)): (usize, (&StepName, &FunnelStep))| {
        let lost = view.lost(&group.steps, index).map(|lost| LostWords {
            nobody: lost.users == 0,
            count: format::count(lost.users),
            share: share(lost.share),
            from: view.number(lost.from),
            pending: (view.has_limit() && lost.pending > 0).then(|| still_have_time(lost.pending)),
        });
        let time = step.median_seconds.map(|seconds| {
            let before = match index.checked_sub(1) {
                Some(before) if !has_optional => format!("step {}", view.number(before)),
                _ => "the previous step".to_owned(),
            };
            format!("median {} from {before}", length(Some(seconds)))
        });
        StepColumn {
            number: name.number,
            name: name.name.clone(),
            optional: name.optional,
            share: share(match of {
                ShareOf::Start => step.from_start,
                ShareOf::Previous => step.from_previous,
            }),
            users: users(step.users),
            lost,
            time,
        }
    };
    steps.map(column).collect()
}

/// What stands above and below the steps, for a picture: lines a step.
#[must_use]
pub fn column_lines(
    view: &FunnelView,
    group: usize,
    of: ShareOf,
) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let lines = columns(view, group, of).into_iter().map(|column| {
        let optional = if column.optional { ", optional" } else { "" };
        let title = format!("{} {}{optional}", column.number, column.name);
        let lost = column.lost.map(|lost| {
            (
                format!("{} dropped, {}", lost.count, lost.share),
                lost.pending,
            )
        });
        let (dropped, pending) = lost.unzip();
        let foot = [dropped, pending.flatten(), column.time];
        let foot = foot.into_iter().flatten().collect();
        (vec![title, column.share, column.users], foot)
    });
    lines.unzip()
}

/// The chart as a sentence.
fn finding(view: &FunnelView, group: usize) -> String {
    let steps = view
        .groups()
        .get(group)
        .map_or(&[][..], |group| &group.steps);
    let steps = view.steps.iter().zip(steps);
    let steps: Vec<String> = steps
        .map(|(name, step)| format!("{} {}", name.name, users(step.users)))
        .collect();
    format!("Funnel of {} steps. {}.", steps.len(), steps.join(", "))
}

/// What the shares of the chart are of.
#[component]
pub fn ShareSelect() -> impl IntoView {
    let tool = FunnelState::expect().tool;
    let share = field!(tool.share, "change the shares");
    let options = vec![
        (ShareOf::Start, "Share of step 1"),
        (ShareOf::Previous, "Share of previous step"),
    ];
    view! {
        <div class="funnel-share">
            <Select label="Share of" bare=true options value=share.value on_change=share.on_change />
        </div>
    }
    .into_any()
}

#[component]
pub fn StepChart() -> impl IntoView {
    let state = FunnelState::expect();
    let of = state.tool.part(|form| form.share);
    let frame = NodeRef::<html::Div>::new();
    let given = element_width(frame);
    let narrow = Memo::new(move |_| given.get() < NARROW);
    let left = move || if narrow.get() { 0.0 } else { LEFT };
    let steps = state.view.part(|view| view.steps.len());
    let width = Memo::new(move |_| {
        let least = if narrow.get() { LEAST_NARROW } else { LEAST };
        let room = left() + least * steps.get() as f64;
        if given.get() > 0.0 {
            given.get().max(room)
        } else {
            0.0
        }
    });
    let tight = Memo::new(move |_| (width.get() - left()) / (steps.get().max(1) as f64) < TIGHT);
    let lead_name = Signal::derive(move || {
        let name = state
            .view
            .with(|view| view.name(state.lead.get()).to_owned());
        name.map(|name| format!("Figures at the steps: {name}"))
    });
    let columns = state
        .view
        .part(move |view| columns(view, state.lead.get(), of.get()));
    let laid = Memo::new(move |_| {
        let in_charts = state.in_charts.get();
        let on = state.selected.get().filter(|part| part.bucket.is_none());
        let on = on.and_then(|part| {
            let mut groups = in_charts.iter();
            Some(FunnelPart {
                group: groups.position(|(place, _)| *place == part.group)?,
                step: part.step,
                side: part.side,
            })
        });
        let laid = state.view.with(|view| {
            let mut picture = view.picture(&in_charts, of.get());
            picture.on = on;
            layout(&picture, width.get(), HEIGHT, left())
        });
        Arc::new(laid.unwrap_or_default())
    });
    let label = state.view.part(move |view| finding(view, state.lead.get()));
    let hits = move || {
        let hit = |hit: &FunnelHit| {
            let part = hit.part;
            let select = move |event| {
                let group = state
                    .in_charts
                    .with_untracked(|in_charts| in_charts.get(part.group).copied());
                if let Some((group, _)) = group {
                    let at = StepPart::new(group, part.step, part.side);
                    state.select(at, anchor_of_pressed(&event));
                }
            };
            view! {
                <button
                    class="funnel-hit"
                    type="button"
                    tabindex="-1"
                    style:left=format!("{:.1}px", hit.x)
                    style:top=format!("{:.1}px", hit.y)
                    style:width=format!("{:.1}px", hit.width)
                    style:height=format!("{:.1}px", hit.height)
                    on:click=select
                ></button>
            }
        };
        laid.with(|laid| laid.hits.iter().map(hit).collect_view())
    };
    let heads = move |class: &'static str,
                      at: fn(FunnelState, usize, Memo<StepColumn>) -> AnyView| {
        let head = move |step: usize| {
            let column = move || columns.with(|columns| columns.get(step).cloned());
            at(
                state,
                step,
                Memo::new(move |_| column().unwrap_or_default()),
            )
        };
        view! {
            <ol class=class>
                <For each=move || 0..steps.get() key=|step| *step children=head />
            </ol>
        }
    };
    view! {
        <GroupLegend aside=lead_name />
        <div
            class="funnel-frame"
            class:is-narrow=move || narrow.get()
            class:is-tight=move || tight.get()
            node_ref=frame
        >
            <div
                class="funnel-sheet"
                style:inline-size=move || format!("{}px", width.get())
                style:--funnel-left=move || format!("{}px", left())
                style:--funnel-steps=move || steps.get().max(1).to_string()
            >
                {heads("funnel-heads", head)}
                <div class="funnel-plot">
                    <Drawing
                        scene=Signal::derive(move || laid.with(|laid| laid.scene.clone()))
                        label
                        node=state.drawing
                    />
                    <div aria-hidden="true">{hits}</div>
                </div>
                {heads("funnel-heads funnel-feet", foot)}
            </div>
        </div>
    }
    .into_any()
}

/// Users of a step of the leading group: whether they are selected, and how to select them.
fn part_of(
    state: FunnelState,
    step: usize,
    side: Side,
) -> (Memo<bool>, impl Fn(MouseEvent) + Copy) {
    let part = move || StepPart::new(state.lead.get(), step, side);
    let on = Memo::new(move |_| state.selected.get() == Some(part()));
    let select = move |event| state.select(untrack(part), anchor_of_pressed(&event));
    (on, select)
}

fn head(state: FunnelState, step: usize, column: Memo<StepColumn>) -> AnyView {
    let (on, select) = part_of(state, step, Side::Reached);
    view! {
        <li class:is-on=move || on.get()>
            <button class="funnel-head" type="button" on:click=select>
                {move || {
                    let StepColumn { number, name, share, users, optional, .. } = column.get();
                    let badge = optional.then(|| view! { <span class="us-badge">"Optional"</span> });
                    view! {
                        <span class="query-mark"><span class="us-vh">"Step "</span> {number}</span>
                        <span class="funnel-head__name" title=name.clone()>{name.clone()}</span>
                        <b>{share}</b>
                        <span class="funnel-head__users">{users} {badge}</span>
                    }
                }}
            </button>
        </li>
    }
    .into_any()
}

fn foot(state: FunnelState, step: usize, column: Memo<StepColumn>) -> AnyView {
    let (on, select) = part_of(state, step, Side::Lost);
    let has_lost = Memo::new(move |_| column.with(|column| column.lost.is_some()));
    let lost = Memo::new(move |_| {
        column
            .with(|column| column.lost.clone())
            .unwrap_or_default()
    });
    let top = move || {
        if !has_lost.get() {
            let words = if step == 0 {
                "Start"
            } else {
                "Optional: nobody drops here"
            };
            return view! { <span class="us-muted">{words}</span> }.into_any();
        }
        let words = move || {
            let LostWords {
                count, share, from, ..
            } = lost.get();
            let number = column.with(|column| column.number);
            view! {
                {format!("{count} dropped ")}
                <span>{share}</span>
                <span class="us-vh">{format!(" between step {from} and step {number}")}</span>
            }
        };
        let pending = move || {
            let pending = lost.get().pending;
            pending.map(|pending| view! { <span class="us-muted funnel-pending">{pending}</span> })
        };
        view! {
            <button
                class="funnel-drop"
                type="button"
                disabled=move || lost.with(|lost| lost.nobody)
                on:click=select
            >
                <Icon glyph=Glyph::ArrowDown small=true />
                {words}
            </button>
            {pending}
        }
        .into_any()
    };
    let time = move || {
        let time = column.with(|column| column.time.clone());
        time.map(|time| view! { <span class="us-muted funnel-time">{time}</span> })
    };
    view! { <li class:is-on=move || on.get()>{top} {time}</li> }.into_any()
}
