//! The funnel as a table: a row a group, a column a step.

use leptos::prelude::*;
use segments_model::answer::Group;
use segments_model::query::DEFAULT_GROUPS;
use segments_model::validate::MAX_GROUPS;

use super::picks::{Pick, Side};
use super::results::{SAY, View, value_words};
use super::shown::{MOST_SHOWN, Shown, length};
use crate::charts::series::SeriesKey;
use crate::format;

/// A group as its row shows it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    group: Group,
    name: String,
    cells: Vec<Cell>,
    overall: String,
    time: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Cell {
    users: String,
    from_previous: Option<String>,
    /// Whose figure it is, for those who do not see the heads: `Mobile, step 2: `.
    owner: String,
}

fn lines(shown: &Shown) -> Vec<Line> {
    shown
        .groups()
        .iter()
        .map(|group| {
            let name = shown.group_name(&group.group, value_words);
            let cells = group.steps.iter().enumerate().map(|(index, step)| {
                let number = shown.steps.get(index).map_or(index + 1, |step| step.number);
                let from_previous = (index > 0).then(|| SAY.share(step.from_previous));
                Cell {
                    users: (SAY.count)(step.users),
                    owner: format!("{name}, step {number}: "),
                    from_previous,
                }
            });
            Line {
                cells: cells.collect(),
                overall: SAY.share(
                    group
                        .steps
                        .get(shown.last())
                        .and_then(|step| step.from_start),
                ),
                time: length(group.median_seconds),
                group: group.group.clone(),
                name,
            }
        })
        .collect()
}

/// The table, with what it does not tell below it.
#[component]
pub fn GroupTable() -> impl IntoView {
    let view = View::expect();
    let rows = Memo::new(move |_| view.with(lines).unwrap_or_default());
    let heads = Memo::new(move |_| {
        view.with(|shown| {
            shown
                .steps
                .iter()
                .map(|step| (step.number, step.name.clone(), step.optional))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let breakdown = Memo::new(move |_| view.with(|shown| shown.breakdown.clone()).flatten());
    let caption = move || {
        breakdown.get().map_or_else(
            || "Funnel".to_owned(),
            |breakdown| format!("Funnel by {breakdown}"),
        )
    };
    let count = Memo::new(move |_| rows.with(Vec::len));
    view! {
        <div class="funnel-tablebox">
            <div class="us-tablewrap">
                <table class="us-table funnel-table">
                    <caption class="us-vh">{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">
                                {move || breakdown.get().unwrap_or_else(|| "Users".to_owned())}
                            </th>
                            {move || {
                                heads
                                    .get()
                                    .into_iter()
                                    .map(|(number, name, optional)| {
                                        let title = name.clone();
                                        view! {
                                            <th scope="col" class="us-num" title=title>
                                                <span class="query-mark">{number}</span>
                                                " "
                                                {name}
                                                {optional.then_some(" (optional)")}
                                            </th>
                                        }
                                    })
                                    .collect_view()
                            }}
                            <th scope="col" class="us-num">"Overall"</th>
                            <th scope="col" class="us-num">"Median time"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || 0..count.get()
                            key=|place| *place
                            children=move |place| view! { <Row place rows /> }
                        />
                    </tbody>
                </table>
            </div>
            <Below />
        </div>
    }
    .into_any()
}

#[component]
fn Row(place: usize, rows: Memo<Vec<Line>>) -> impl IntoView {
    let line = Memo::new(move |_| rows.with(|rows| rows.get(place).cloned().unwrap_or_default()));
    let can_choose = Memo::new(move |_| rows.with(|rows| rows.len() > 1));
    let cells = Memo::new(move |_| line.with(|line| line.cells.len()));
    let name = move || line.with(|line| line.name.clone());
    let first = move || {
        if can_choose.get() {
            view! { <Choose place line /> }.into_any()
        } else {
            view! { {name} }.into_any()
        }
    };
    view! {
        <tr class:is-total=move || line.with(|line| line.group.is_empty())>
            <th scope="row">{first}</th>
            <For
                each=move || 0..cells.get()
                key=|step| *step
                children=move |step| {
                    view! {
                        <td class="us-num">
                            <StepCell place step line />
                        </td>
                    }
                }
            />
            <td class="us-num">
                <b>{move || line.with(|line| line.overall.clone())}</b>
            </td>
            <td class="us-num us-nowrap">{move || line.with(|line| line.time.clone())}</td>
        </tr>
    }
    .into_any()
}

/// Whether a group is in the chart.
#[component]
fn Choose(place: usize, line: Memo<Line>) -> impl IntoView {
    let view = View::expect();
    let style = Memo::new(move |_| {
        view.in_charts.with(|shown| {
            shown
                .iter()
                .find(|(shown, _)| *shown == place)
                .map(|(_, style)| *style)
        })
    });
    let full = Memo::new(move |_| {
        style.get().is_none() && view.in_charts.with(|shown| shown.len() >= MOST_SHOWN)
    });
    let toggle = move |on: bool| {
        let places = view.in_charts.get_untracked();
        let mut groups: Vec<Group> = view
            .with_untracked(|shown| {
                places
                    .iter()
                    .filter_map(|(place, _)| Some(shown.groups().get(*place)?.group.clone()))
                    .collect()
            })
            .unwrap_or_default();
        let this = line.with_untracked(|line| line.group.clone());
        groups.retain(|group| *group != this);
        if on {
            groups.push(this);
        }
        view.bench.change("choose groups", Some("groups"), |draft| {
            draft.shown = Some(groups);
        });
    };
    view! {
        <label class="us-check">
            <input
                class="us-box"
                type="checkbox"
                aria-label=move || line.with(|line| format!("{} in the chart", line.name))
                title=move || full.get().then(|| format!("{MOST_SHOWN} groups at most are in the chart"))
                disabled=move || full.get()
                prop:checked=move || style.get().is_some()
                on:change=move |event| toggle(event_target_checked(&event))
            />
            {move || {
                style
                    .get()
                    .filter(|_| view.is_several())
                    .map(|style| view! { <SeriesKey style filled=true /> })
            }}
            <span class="us-truncate">{move || line.with(|line| line.name.clone())}</span>
        </label>
    }
    .into_any()
}

#[component]
fn StepCell(place: usize, step: usize, line: Memo<Line>) -> impl IntoView {
    let view = View::expect();
    let cell =
        Memo::new(move |_| line.with(|line| line.cells.get(step).cloned().unwrap_or_default()));
    let on = Memo::new(move |_| {
        view.marked.get().is_some_and(|pick| {
            pick == Pick {
                group: place,
                step,
                side: Side::Reached,
                bucket: None,
            }
        })
    });
    view! {
        <button
            class="funnel-cell"
            class:is-on=move || on.get()
            type="button"
            on:click=move |event| {
                let pick = Pick {
                    group: place,
                    step,
                    side: Side::Reached,
                    bucket: None,
                };
                view.pick_at(pick, &event);
            }
        >
            <span>
                <span class="us-vh">{move || cell.with(|cell| cell.owner.clone())}</span>
                {move || cell.with(|cell| cell.users.clone())}
                <span class="us-vh">" users"</span>
            </span>
            {move || {
                cell.with(|cell| cell.from_previous.clone())
                    .map(|share| {
                        view! {
                            <small>
                                {share}
                                <span class="us-vh">" of the step before"</span>
                            </small>
                        }
                    })
            }}
        </button>
    }
    .into_any()
}

/// What the table does not tell: that groups overlap, and that there are more.
#[component]
fn Below() -> impl IntoView {
    let view = View::expect();
    let overlap = Memo::new(move |_| {
        view.with(|shown| shown.groups().len() > 1 && shown.groups_overlap())
            .unwrap_or_default()
    });
    let left_out = Memo::new(move |_| {
        view.with(|shown| shown.answer().map(|answer| answer.groups_left_out))
            .flatten()
            .unwrap_or_default()
    });
    let most = Memo::new(move |_| {
        view.bench
            .draft()
            .with(|draft| draft.max_groups.unwrap_or(DEFAULT_GROUPS))
    });
    view! {
        <Show when=move || overlap.get()>
            <p class="us-xs us-muted funnel-note">"A user can be in several groups."</p>
        </Show>
        <Show when=move || { left_out.get() > 0 }>
            <p class="us-xs us-muted funnel-note">
                {move || format!("{} not shown. ", format::plural(left_out.get(), "group is", "groups are"))}
                <Show when=move || { most.get() < MAX_GROUPS }>
                    <button
                        class="us-link"
                        type="button"
                        on:click=move |_| {
                            let more = most.get_untracked().saturating_mul(2).min(MAX_GROUPS);
                            view.bench
                                .change("show more groups", None, |draft| draft.max_groups = Some(more));
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
