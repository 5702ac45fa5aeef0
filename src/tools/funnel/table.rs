//! The funnel as a table: a row a group, a column a step. It is sorted by any column; all users stay first.

use leptos::prelude::*;
use segments_format as format;
use segments_model::answer::Group;
use segments_model::query::DEFAULT_GROUPS;
use segments_model::validate::MAX_GROUPS;
use segments_ui::charts::series::SeriesKey;
use segments_ui::table::{SortDirection, SortHead, sorted_after};

use crate::tools::funnel::over_time_chart::value_words;
use crate::tools::funnel::picks::{Pick, Side};
use crate::tools::funnel::shown::{MOST_SHOWN, Shown};
use crate::tools::funnel::state::{SAY, View};

/// A group as its row shows it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    group: Group,
    name: String,
    cells: Vec<Cell>,
    overall: String,
    time: String,
    /// What it is sorted by.
    figures: Figures,
}

/// The figures of a row as numbers.
#[derive(Clone, Debug, Default, PartialEq)]
struct Figures {
    users: Vec<u64>,
    overall: Option<f64>,
    seconds: Option<f64>,
}

/// A column that the table is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    /// A step, counted from 0.
    Step(usize),
    Overall,
    Time,
}

impl Column {
    /// Names begin with the first, figures with the greatest.
    const fn first(self) -> SortDirection {
        match self {
            Self::Name => SortDirection::Ascending,
            Self::Step(_) | Self::Overall | Self::Time => SortDirection::Descending,
        }
    }

    fn figure(self, figures: &Figures) -> Option<f64> {
        match self {
            Self::Name => None,
            Self::Step(step) => figures.users.get(step).map(|users| *users as f64),
            Self::Overall => figures.overall,
            Self::Time => figures.seconds,
        }
    }
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
                let number = shown.number(index);
                let from_previous = (index > 0).then(|| SAY.share(step.from_previous));
                Cell {
                    users: (SAY.count)(step.users),
                    owner: format!("{name}, step {number}: "),
                    from_previous,
                }
            });
            let overall = group
                .steps
                .get(shown.last())
                .and_then(|step| step.from_start);
            Line {
                cells: cells.collect(),
                overall: SAY.share(overall),
                time: shown.took(group.median_seconds),
                figures: Figures {
                    users: group.steps.iter().map(|step| step.users).collect(),
                    overall,
                    seconds: group.median_seconds,
                },
                group: group.group.clone(),
                name,
            }
        })
        .collect()
}

/// The places of rows as they are sorted: all users first, the others by a column, or as they came.
fn order(rows: &[Line], by: Option<(Column, SortDirection)>) -> Vec<usize> {
    let mut rows: Vec<(usize, &Line)> = rows.iter().enumerate().collect();
    if let Some((column, direction)) = by {
        rows.sort_by(|(_, left), (_, right)| {
            let all_first = right.group.is_empty().cmp(&left.group.is_empty());
            all_first.then_with(|| match (column, direction) {
                (Column::Name, SortDirection::Ascending) => left.name.cmp(&right.name),
                (Column::Name, SortDirection::Descending) => right.name.cmp(&left.name),
                _ => direction.order(column.figure(&left.figures), column.figure(&right.figures)),
            })
        });
    }
    rows.into_iter().map(|(place, _)| place).collect()
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
    let sorted = RwSignal::new(None::<(Column, SortDirection)>);
    let places = Memo::new(move |_| rows.with(|rows| order(rows, sorted.get())));
    // Of all users alone there is nothing to sort.
    let can_sort = Memo::new(move |_| rows.with(|rows| rows.len() > 2));
    let head = move |column: Column, number: Option<usize>, name: String| {
        let class = if column == Column::Name { "" } else { "us-num" };
        let words = {
            let name = name.clone();
            move || {
                view! {
                    <span class="funnel-th">
                        {number.map(|number| view! { <span class="query-mark">{number}</span> "\u{a0}" })}
                        {name}
                    </span>
                }
            }
        };
        if can_sort.get() {
            view! {
                <SortHead
                    label=name
                    class
                    sorted=Signal::derive(move || {
                        sorted.get().filter(|(by, _)| *by == column).map(|(_, direction)| direction)
                    })
                    on_sort=Callback::new(move |()| {
                        sorted
                            .update(|sorted| {
                                *sorted = sorted_after(*sorted, column, column.first());
                            });
                    })
                >
                    {words()}
                </SortHead>
            }
            .into_any()
        } else {
            view! {
                <th scope="col" class=class title=name>
                    {words()}
                </th>
            }
            .into_any()
        }
    };
    let steps = move || {
        heads
            .get()
            .into_iter()
            .enumerate()
            .map(|(step, (number, name, optional))| {
                let optional = if optional { " (optional)" } else { "" };
                head(
                    Column::Step(step),
                    Some(number),
                    format!("{name}{optional}"),
                )
            })
            .collect_view()
    };
    view! {
        <div class="funnel-tablebox">
            <div class="us-tablewrap">
                <table class="us-table funnel-table">
                    <caption class="us-vh">{caption}</caption>
                    <thead>
                        <tr>
                            {move || {
                                let name = breakdown.get().unwrap_or_else(|| "Users".to_owned());
                                head(Column::Name, None, name)
                            }}
                            {steps} {move || head(Column::Overall, None, "Overall".to_owned())}
                            {move || head(Column::Time, None, "Median time".to_owned())}
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || places.get()
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
        view.state.change("choose groups", Some("groups"), |form| {
            form.shown = Some(groups);
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
    let on = Memo::new(move |_| view.marked.get() == Some(Pick::new(place, step, Side::Reached)));
    view! {
        <button
            class="funnel-cell"
            class:is-on=move || on.get()
            type="button"
            on:click=move |event| view.pick_at(Pick::new(place, step, Side::Reached), &event)
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
        view.state
            .form()
            .with(|form| form.max_groups.unwrap_or(DEFAULT_GROUPS))
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
                            view.state
                                .change("show more groups", None, |form| form.max_groups = Some(more));
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

#[cfg(test)]
mod tests {
    use super::{Column, Figures, Line, order};
    use segments_ui::table::SortDirection::{Ascending, Descending};

    #[test]
    fn all_users_stay_first_however_the_groups_are_sorted() {
        let line = |name: &str, users: [u64; 2], seconds| Line {
            group: if name == "All users" {
                Vec::new()
            } else {
                vec![Some(name.into())]
            },
            name: name.to_owned(),
            figures: Figures {
                users: users.to_vec(),
                overall: Some(users[1] as f64 / users[0] as f64),
                seconds,
            },
            ..Line::default()
        };
        let rows = [
            line("All users", [100, 20], Some(5.0)),
            line("Web", [60, 10], None),
            line("iOS", [40, 12], Some(9.0)),
            line("Android", [30, 3], Some(2.0)),
        ];
        let by = |column, direction| order(&rows, Some((column, direction)));
        assert_eq!(order(&rows, None), [0, 1, 2, 3]);
        assert_eq!(by(Column::Name, Ascending), [0, 3, 1, 2]);
        assert_eq!(by(Column::Name, Descending), [0, 2, 1, 3]);
        assert_eq!(by(Column::Step(1), Descending), [0, 2, 1, 3]);
        assert_eq!(by(Column::Step(0), Ascending), [0, 3, 2, 1]);
        assert_eq!(by(Column::Overall, Descending), [0, 2, 1, 3]);
        assert_eq!(by(Column::Time, Descending), [0, 2, 3, 1]);
        assert_eq!(by(Column::Time, Ascending), [0, 3, 2, 1]);
    }
}
