//! The ways through a funnel with optional steps: which of them were taken by how many, each to click.

use leptos::prelude::*;

use crate::tools::funnel::over_time_chart::value_words;
use crate::tools::funnel::picks::PathPick;
use crate::tools::funnel::shown::Shown;
use crate::tools::funnel::state::{SAY, View};

/// A way as its row shows it.
#[derive(Clone, Debug, PartialEq)]
struct Way {
    steps: String,
    outcome: &'static str,
    users: String,
    share: String,
}

fn ways(shown: &Shown, group: usize) -> Vec<Way> {
    let Some(group) = shown.groups().get(group) else {
        return Vec::new();
    };
    group
        .paths
        .iter()
        .map(|path| {
            let steps = shown.steps_of(path);
            let names: Vec<String> = steps
                .iter()
                .filter_map(|step| {
                    let called = shown.steps.get(*step)?;
                    Some(format!("{} {}", called.number, called.name))
                })
                .collect();
            Way {
                steps: names.join(" \u{2192} "),
                outcome: if steps.last() == Some(&shown.last()) {
                    "converted"
                } else {
                    "dropped"
                },
                users: (SAY.count)(path.users),
                share: SAY.share((group.users > 0).then(|| path.users as f64 / group.users as f64)),
            }
        })
        .collect()
}

/// Which optional steps were taken, by those of the leading group.
#[component]
pub fn Paths() -> impl IntoView {
    let view = View::expect();
    let lead = Memo::new(move |_| view.lead());
    let ways = Memo::new(move |_| {
        view.with(|shown| ways(shown, lead.get()))
            .unwrap_or_default()
    });
    let count = Memo::new(move |_| ways.with(Vec::len));
    let of_group = Memo::new(move |_| {
        if !view.is_several() {
            return None;
        }
        view.with(|shown| {
            let group = shown.groups().get(lead.get())?;
            Some(shown.group_name(&group.group, value_words))
        })
        .flatten()
    });
    view! {
        <Show when=move || { count.get() > 0 }>
            <section class="us-card funnel-paths">
                <div class="us-card__head">
                    <h2>"Ways through the steps"</h2>
                    <span class="us-xs us-muted">{move || of_group.get()}</span>
                </div>
                <ul class="us-card__body funnel-paths__list">
                    <For
                        each=move || 0..count.get()
                        key=|path| *path
                        children=move |path| {
                            let way = Memo::new(move |_| ways.with(|ways| ways.get(path).cloned()));
                            view! { <Row path lead way /> }
                        }
                    />
                </ul>
            </section>
        </Show>
    }
    .into_any()
}

#[component]
fn Row(path: usize, lead: Memo<usize>, way: Memo<Option<Way>>) -> impl IntoView {
    let view = View::expect();
    let pick = move || PathPick {
        group: lead.get(),
        path,
    };
    let on = Memo::new(move |_| view.marked_path.get() == Some(pick()));
    let part = move |of: fn(Way) -> String| way.get().map(of);
    view! {
        <li>
            <button
                class="funnel-way"
                class:is-on=move || on.get()
                type="button"
                on:click=move |event| view.pick_path_at(untrack(pick), &event)
            >
                <span class="funnel-way__steps">{move || part(|way| way.steps)}</span>
                <span class="us-muted">{move || part(|way| way.outcome.to_owned())}</span>
                <span class="us-num">
                    {move || part(|way| way.users)} <span class="us-vh">" users"</span>
                </span>
                <span class="us-num us-muted">{move || part(|way| way.share)}</span>
            </button>
        </li>
    }
    .into_any()
}
