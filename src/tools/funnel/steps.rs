//! The step chart: heads above the bars, what was lost below them, all of it to click.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use segments_charts::funnel::{FunnelLayout, FunnelPart, layout};
use segments_forms::funnel::ShareOf;
use segments_ui::charts::drawing::Drawing;
use segments_ui::charts::series::Legend;
use segments_ui::size::element_width;
use segments_ui::{Glyph, Icon};
use web_sys::MouseEvent;

use crate::parts::fields::Select;
use crate::tools::funnel::over_time_chart::value_words;
use crate::tools::funnel::picks::{Pick, Side};
use crate::tools::funnel::shown::{Shown, length};
use crate::tools::funnel::state::{SAY, View};

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
struct Column {
    number: usize,
    name: String,
    optional: bool,
    share: String,
    users: String,
    lost: Option<LostWords>,
    time: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct LostWords {
    users: u64,
    count: String,
    share: String,
    from: usize,
    pending: u64,
}

fn columns(shown: &Shown, group: usize, of: ShareOf) -> Vec<Column> {
    let Some(group) = shown.groups().get(group) else {
        return Vec::new();
    };
    let has_optional = shown.steps.iter().any(|step| step.optional);
    shown
        .steps
        .iter()
        .zip(&group.steps)
        .enumerate()
        .map(|(index, (name, step))| Column {
            number: name.number,
            name: name.name.clone(),
            optional: name.optional,
            share: SAY.share(match of {
                ShareOf::Start => step.from_start,
                ShareOf::Previous => step.from_previous,
            }),
            users: SAY.users(step.users),
            lost: shown.lost(&group.steps, index).map(|lost| LostWords {
                users: lost.users,
                count: (SAY.count)(lost.users),
                share: SAY.share(lost.share),
                from: shown.number(lost.from),
                pending: if shown.has_limit() { lost.pending } else { 0 },
            }),
            time: step.median_seconds.map(|seconds| {
                let before = if has_optional {
                    "the step before".to_owned()
                } else {
                    format!("step {}", shown.number(index.saturating_sub(1)))
                };
                format!("median {} from {before}", length(Some(seconds)))
            }),
        })
        .collect()
}

/// What stands above and below the steps, for a picture: lines a step.
#[must_use]
pub fn column_lines(
    shown: &Shown,
    group: usize,
    of: ShareOf,
) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    columns(shown, group, of)
        .into_iter()
        .map(|column| {
            let optional = if column.optional { ", optional" } else { "" };
            let head = vec![
                format!("{} {}{optional}", column.number, column.name),
                column.share,
                column.users,
            ];
            let lost = column.lost.map(|lost| {
                let pending = (lost.pending > 0)
                    .then(|| format!("{} still have time", (SAY.count)(lost.pending)));
                (format!("{} dropped, {}", lost.count, lost.share), pending)
            });
            let (dropped, pending) = lost.unzip();
            let foot = [dropped, pending.flatten(), column.time];
            (head, foot.into_iter().flatten().collect())
        })
        .unzip()
}

/// The chart as a sentence.
fn sentence(shown: &Shown, group: usize) -> String {
    let Some(group) = shown.groups().get(group) else {
        return String::new();
    };
    let steps: Vec<String> = shown
        .steps
        .iter()
        .zip(&group.steps)
        .map(|(name, step)| format!("{} {}", name.name, SAY.users(step.users)))
        .collect();
    format!("Funnel of {} steps. {}.", steps.len(), steps.join(", "))
}

/// What the shares of the chart are of.
#[component]
pub fn ShareSelect() -> impl IntoView {
    let view = View::expect();
    let form = view.state.form();
    view! {
        <div class="funnel-share">
            <Select
                label="Shares of"
                bare=true
                options=vec![
                    (ShareOf::Start, "Shares of step 1"),
                    (ShareOf::Previous, "Shares of the step before"),
                ]
                value=Signal::derive(move || form.with(|form| form.share))
                on_change=Callback::new(move |of| {
                    view.state.change("change the shares", None, |form| form.share = of);
                })
            />
        </div>
    }
    .into_any()
}

/// The step chart.
#[component]
pub fn StepChart() -> impl IntoView {
    let view = View::expect();
    let form = view.state.form();
    let of = Memo::new(move |_| form.with(|form| form.share));
    let frame = NodeRef::<html::Div>::new();
    let given = element_width(frame);
    let narrow = Memo::new(move |_| given.get() < NARROW);
    let left = move || if narrow.get() { 0.0 } else { LEFT };
    let steps = Memo::new(move |_| view.with(|shown| shown.steps.len()).unwrap_or_default());
    let width = Memo::new(move |_| {
        let least = if narrow.get() { LEAST_NARROW } else { LEAST };
        let room = left() + least * steps.get() as f64;
        if given.get() > 0.0 {
            given.get().max(room)
        } else {
            0.0
        }
    });
    let tight = Memo::new(move |_| {
        let room = (width.get() - left()) / steps.get().max(1) as f64;
        room < TIGHT
    });
    let lead = Memo::new(move |_| view.lead());
    let lead_name = move || {
        view.with(|shown| {
            let group = shown.groups().get(lead.get())?;
            Some(format!(
                "Figures at the steps: {}",
                shown.group_name(&group.group, value_words)
            ))
        })
        .flatten()
    };
    let columns = Memo::new(move |_| {
        view.with(|shown| columns(shown, lead.get(), of.get()))
            .unwrap_or_default()
    });
    let laid = Memo::new(move |_| {
        let in_charts = view.in_charts.get();
        let on = view.marked.get().filter(|pick| pick.bucket.is_none());
        let on = on.and_then(|pick| {
            Some(FunnelPart {
                group: in_charts
                    .iter()
                    .position(|(place, _)| *place == pick.group)?,
                step: pick.step,
                side: pick.side,
            })
        });
        view.with(|shown| {
            let mut picture = shown.picture(&in_charts, of.get(), SAY);
            picture.on = on;
            Arc::new(layout(&picture, width.get(), HEIGHT, left()))
        })
        .unwrap_or_else(|| Arc::new(FunnelLayout::default()))
    });
    let scene = Signal::derive(move || laid.with(|laid| laid.scene.clone()));
    let label = Signal::derive(move || {
        view.with(|shown| sentence(shown, lead.get()))
            .unwrap_or_default()
    });
    let pick_part = move |part: FunnelPart, event: MouseEvent| {
        let group = view
            .in_charts
            .with_untracked(|shown| shown.get(part.group).map(|(place, _)| *place));
        if let Some(group) = group {
            view.pick_at(Pick::new(group, part.step, part.side), &event);
        }
    };
    view! {
        <Show when=move || view.is_several()>
            <div class="funnel-tools">
                <Legend items=Signal::derive(move || view.legend()) filled=true />
                <span class="us-xs us-muted">{lead_name}</span>
            </div>
        </Show>
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
                <ol class="funnel-heads">
                    <For
                        each=move || 0..steps.get()
                        key=|step| *step
                        children=move |step| view! { <Head step columns lead /> }
                    />
                </ol>
                <div class="funnel-plot">
                    <Drawing scene label node=view.drawing />
                    <div aria-hidden="true">
                        {move || {
                            laid.with(|laid| {
                                laid.hits
                                    .iter()
                                    .map(|hit| {
                                        let part = hit.part;
                                        view! {
                                            <button
                                                class="funnel-hit"
                                                type="button"
                                                tabindex="-1"
                                                style:left=format!("{:.1}px", hit.x)
                                                style:top=format!("{:.1}px", hit.y)
                                                style:width=format!("{:.1}px", hit.width)
                                                style:height=format!("{:.1}px", hit.height)
                                                on:click=move |event| pick_part(part, event)
                                            ></button>
                                        }
                                    })
                                    .collect_view()
                            })
                        }}
                    </div>
                </div>
                <ol class="funnel-heads funnel-feet">
                    <For
                        each=move || 0..steps.get()
                        key=|step| *step
                        children=move |step| view! { <Foot step columns lead /> }
                    />
                </ol>
            </div>
        </div>
    }
    .into_any()
}

/// Whether a part of the leading group is marked.
fn is_on(view: View, lead: Memo<usize>, step: usize, side: Side) -> Memo<bool> {
    Memo::new(move |_| view.marked.get() == Some(Pick::new(lead.get(), step, side)))
}

/// A step of the chart, as it changes.
fn column_at(columns: Memo<Vec<Column>>, step: usize) -> Memo<Column> {
    Memo::new(move |_| columns.with(|columns| columns.get(step).cloned().unwrap_or_default()))
}

#[component]
fn Head(step: usize, columns: Memo<Vec<Column>>, lead: Memo<usize>) -> impl IntoView {
    let view = View::expect();
    let column = column_at(columns, step);
    let on = is_on(view, lead, step, Side::Reached);
    view! {
        <li class:is-on=move || on.get()>
            <button
                class="funnel-head"
                type="button"
                on:click=move |event| {
                    view.pick_at(Pick::new(lead.get_untracked(), step, Side::Reached), &event);
                }
            >
                <span class="query-mark">
                    <span class="us-vh">"Step "</span>
                    {move || column.with(|column| column.number)}
                </span>
                <span class="funnel-head__name" title=move || column.with(|column| column.name.clone())>
                    {move || column.with(|column| column.name.clone())}
                </span>
                <b>{move || column.with(|column| column.share.clone())}</b>
                <span class="funnel-head__users">
                    {move || column.with(|column| column.users.clone())}
                    <Show when=move || column.with(|column| column.optional)>
                        <span class="us-badge">"Optional"</span>
                    </Show>
                </span>
            </button>
        </li>
    }
    .into_any()
}

#[component]
fn Foot(step: usize, columns: Memo<Vec<Column>>, lead: Memo<usize>) -> impl IntoView {
    let view = View::expect();
    let column = column_at(columns, step);
    let on = is_on(view, lead, step, Side::Lost);
    let lost = Memo::new(move |_| column.with(|column| column.lost.clone()));
    let has_lost = Memo::new(move |_| lost.with(Option::is_some));
    let between = move || {
        let number = column.with(|column| column.number);
        lost.with(|lost| {
            lost.as_ref()
                .map(|lost| format!(" between step {} and step {number}", lost.from))
        })
    };
    let pending = move || {
        let pending = lost.with(|lost| lost.as_ref().map_or(0, |lost| lost.pending));
        (pending > 0).then(|| {
            let verb = if pending == 1 { "has" } else { "have" };
            view! {
                <span class="us-muted funnel-pending">
                    {format!("{} still {verb} time", (SAY.count)(pending))}
                </span>
            }
        })
    };
    let top = move || {
        if !has_lost.get() {
            let words = if step == 0 {
                "Start"
            } else {
                "May be left out"
            };
            return view! { <span class="us-muted">{words}</span> }.into_any();
        }
        view! {
            <button
                class="funnel-drop"
                type="button"
                disabled=move || lost.with(|lost| lost.as_ref().is_none_or(|lost| lost.users == 0))
                on:click=move |event| {
                    view.pick_at(Pick::new(lead.get_untracked(), step, Side::Lost), &event);
                }
            >
                <Icon glyph=Glyph::ArrowDown small=true />
                {move || lost.with(|lost| lost.as_ref().map(|lost| format!("{} dropped ", lost.count)))}
                <span>{move || lost.with(|lost| lost.as_ref().map(|lost| lost.share.clone()))}</span>
                <span class="us-vh">{between}</span>
            </button>
            {pending}
        }
        .into_any()
    };
    view! {
        <li class:is-on=move || on.get()>
            {top}
            {move || {
                column
                    .with(|column| column.time.clone())
                    .map(|time| view! { <span class="us-muted funnel-time">{time}</span> })
            }}
        </li>
    }
    .into_any()
}
