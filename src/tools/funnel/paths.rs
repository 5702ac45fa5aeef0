//! The paths through a funnel with optional steps: which of them were taken by how many, each to click.

use leptos::prelude::*;
use segments_format as format;
use segments_model::answer::{FunnelGroup, FunnelPath};
use segments_ui::charts::anchor_of_pressed;

use crate::tools::funnel::answer::{FunnelView, share, share_of};
use crate::tools::funnel::selections::PathPart;
use crate::tools::funnel::state::FunnelState;

/// A path as its row shows it: its steps, what became of its users, how many these are, and which share.
type PathRow = [String; 4];

fn row(view: &FunnelView, group: &FunnelGroup, path: &FunnelPath) -> PathRow {
    let steps = view.steps_of(path);
    let name = |step: &usize| {
        let step = view.steps.get(*step)?;
        Some(format!("{} {}", step.number, step.name))
    };
    let names: Vec<String> = steps.iter().filter_map(name).collect();
    let has_converted = steps.last() == Some(&view.last());
    [
        names.join(" \u{2192} "),
        if has_converted {
            "converted"
        } else {
            "dropped"
        }
        .to_owned(),
        format::count(path.users),
        share(share_of(path.users, group.users)),
    ]
}

/// Which optional steps were taken, by those of the leading group.
#[component]
pub fn Paths() -> impl IntoView {
    let state = FunnelState::expect();
    let rows = state.view.part(move |view| {
        let group = view.groups().get(state.lead.get());
        let paths = group
            .into_iter()
            .flat_map(|group| group.paths.iter().map(move |path| (group, path)));
        paths
            .map(|(group, path)| row(view, group, path))
            .collect::<Vec<_>>()
    });
    let of_group = move || {
        let name = state
            .view
            .with(|view| view.name(state.lead.get()).to_owned());
        name.filter(|_| state.several.get())
    };
    let row = move |path: usize| {
        let row = Memo::new(move |_| rows.with(|rows| rows.get(path).cloned().unwrap_or_default()));
        let part = move || PathPart {
            group: state.lead.get(),
            path,
        };
        let on = Memo::new(move |_| state.selected_path.get() == Some(part()));
        let press = move |event| state.select_path(untrack(part), anchor_of_pressed(&event));
        view! {
            <li>
                <button class="funnel-way" class:is-on=move || on.get() type="button" on:click=press>
                    {move || {
                        let [steps, became, users, share] = row.get();
                        view! {
                            <span class="funnel-way__steps">{steps}</span>
                            <span class="us-muted">{became}</span>
                            <span class="us-num">{users} <span class="us-vh">" users"</span></span>
                            <span class="us-num us-muted">{share}</span>
                        }
                    }}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || rows.with(|rows| !rows.is_empty())>
            <section class="us-card funnel-paths">
                <div class="us-card__head">
                    <h2>"Paths through the steps"</h2>
                    <span class="us-xs us-muted">{of_group}</span>
                </div>
                <ul class="us-card__body funnel-paths__list">
                    <For each=move || 0..rows.with(Vec::len) key=|path| *path children=row />
                </ul>
            </section>
        </Show>
    }
    .into_any()
}
