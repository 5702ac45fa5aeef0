//! Settings › User Segments: all segments of the project, whoever made them.

mod actions;
mod bulk;
mod edit;
mod keys;
mod manage;
mod manager;
mod row;
mod state;
mod toolbar;

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_model::Instant;
use segments_model::segment::{EvaluationStatus, SegmentKind, SegmentSummary};
use segments_ui::{Checkbox, EmptyState, Glyph, Icon, SortDirection, Table, TableSection};

use crate::parts::cursor_pages::CursorPages;
use crate::parts::states::{ListPlaceholder, ListWait, Outdated};
use crate::shell::lazy::Loading;
use crate::shell::look::Look;
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;
use bulk::Bulk;
use edit::EditDialog;
use manage::OPEN_QUERY;
use manager::Manager;
use state::{Filters, PAGE_SIZE};
use toolbar::SegmentsToolbar;

/// Loads what the manager does not show at once.
pub fn load() -> Loading<()> {
    OPEN_QUERY.load()
}

/// The segment manager.
#[component]
pub fn SegmentsPage() -> impl IntoView {
    let navigator = Navigator::expect();
    let session = Session::expect();
    let look = use_context::<Look>();
    let manager = Manager::start();
    provide_context(manager);
    let search = NodeRef::<html::Input>::new();
    let body = NodeRef::<html::Div>::new();
    keys::listen(manager, search, body, look);
    keys::keep_focus(manager, body);

    let count = move || {
        session
            .library()
            .map(|library| format::count(library.dynamic + library.fixed))
    };
    view! {
        <div class="us-page">
            <header class="us-pagehead">
                <div class="us-pagehead__text">
                    <div class="us-pagehead__title">
                        <h1>"User Segments"</h1>
                        {move || count().map(|count| view! { <span class="us-badge">{count}</span> })}
                    </div>
                    <p class="us-pagehead__sub">
                        "Named groups of users. View the users in one, or build another segment from it."
                    </p>
                </div>
                <div class="us-pagehead__actions">
                    <a class="us-btn us-btn--primary" href=navigator.href(&Route::Composer)>
                        <Icon glyph=Glyph::Plus />
                        "New segment"
                    </a>
                </div>
            </header>
            <SegmentsToolbar manager search />
            <Outdated
                error=Signal::derive(move || manager.list.outdated())
                on_retry=Callback::new(move |()| manager.list.reload())
            />
            <div node_ref=body>
                <SegmentList manager />
            </div>
            <Bulk manager />
        </div>
        <EditDialog editing=manager.editing actions=manager.actions.get_value() />
    }
}

/// What stands in place of the table, or the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SegmentListState {
    Wait(ListWait),
    Empty,
    NoMatch,
    Table,
}

#[component]
fn SegmentList(manager: Manager) -> impl IntoView {
    let navigator = Navigator::expect();
    let session = Session::expect();
    let body = Memo::new(move |_| {
        let library = session
            .library()
            .map(|library| library.dynamic + library.fixed + library.archived);
        manager.list.status().with(|status| match status.value() {
            Some(page) if !page.items.is_empty() => SegmentListState::Table,
            Some(_) if manager.filters.with(Filters::narrow) || library.unwrap_or_default() > 0 => {
                SegmentListState::NoMatch
            }
            _ => ListWait::of(status).map_or(SegmentListState::Empty, SegmentListState::Wait),
        })
    });
    let composer = StoredValue::new(navigator.href(&Route::Composer));
    move || {
        match body.get() {
        SegmentListState::Wait(wait) => view! {
            <ListPlaceholder
                wait
                class="segs-wait"
                busy="Loading segments"
                rows=8
                title="Segments did not load"
                error=manager.list.status().with(|status| status.error().cloned())
                on_retry=Callback::new(move |()| manager.list.reload())
            />
        }
        .into_any(),
        SegmentListState::Empty => view! {
            <div class="us-tablewrap">
                <EmptyState
                    glyph=Glyph::Segment
                    title="No segments yet"
                    detail="A segment is a named group of users. Describe the behaviour you are looking for and see at once which users match."
                >
                    <a class="us-btn us-btn--primary" href=composer.get_value()>
                        "Open Composer"
                    </a>
                </EmptyState>
            </div>
        }
        .into_any(),
        SegmentListState::NoMatch => {
            let title = Signal::derive(move || {
                manager.filters.with(|filters| match filters.search.trim() {
                    "" if filters.narrow() => "No segment matches these filters".to_owned(),
                    "" => "All segments are archived".to_owned(),
                    search => format!("No segment matches “{search}”"),
                })
            });
            view! {
                <div class="us-tablewrap">
                    <EmptyState glyph=Glyph::Search title>
                        <button
                            class="us-btn"
                            type="button"
                            on:click=move |_| {
                                manager.filters.update(|filters| *filters = filters.cleared());
                            }
                        >
                            "Clear search and filters"
                        </button>
                        <Show when=move || !manager.filters.with(|filters| filters.archived)>
                            <button
                                class="us-btn"
                                type="button"
                                on:click=move |_| {
                                    manager.filters.update(|filters| filters.archived = true);
                                }
                            >
                                "Show archived"
                            </button>
                        </Show>
                    </EmptyState>
                </div>
            }
            .into_any()
        }
        SegmentListState::Table => view! { <SegmentTable manager /> }.into_any(),
    }
    }
}

#[component]
fn SegmentTable(manager: Manager) -> impl IntoView {
    let ids = Memo::new(move |_| manager.ids());
    let selected = move |all: bool| {
        let mut count = 0;
        manager.selection.with(|selection| {
            ids.with(|ids| {
                count = ids.iter().filter(|id| selection.contains_key(*id)).count();
                count > 0 && (count == ids.len()) == all
            })
        })
    };
    let select = move || {
        view! {
            <Checkbox
                label="Select all segments of this page"
                checked=Signal::derive(move || selected(true))
                mixed=Signal::derive(move || selected(false))
                on_change=Callback::new(move |selected: bool| {
                    for id in ids.get_untracked() {
                        manager.select(&id, selected);
                    }
                })
            />
        }
    };
    let caption = Signal::derive(move || {
        let sort = manager.filters.with(|filters| filters.sort);
        let order = if sort.descending {
            "descending"
        } else {
            "ascending"
        };
        format!(
            "User segments, sorted by {}, {order}",
            sort.by.word().replace('_', " ")
        )
    });
    view! {
        <Table
            caption
            columns=row::columns(manager, ViewFn::from(select))
            sections=Signal::derive(move || TableSection::only(ids.get()))
            row=Callback::new(move |id| row::row(manager, id))
            sorted=Signal::derive(move || {
                let sort = manager.filters.with(|filters| filters.sort);
                Some((row::key_of(sort.by), SortDirection::of(sort.descending)))
            })
            on_sort=Callback::new(move |key: String| {
                if let Some(by) = row::sort_of(&key) {
                    manager.filters.update(|filters| *filters = filters.sorted_by(by));
                }
            })
            busy=Signal::derive(move || manager.list.status().with(|status| status.is_slow()))
            tall=true
        />
        <SegmentsFoot manager />
    }
}

/// How many, of whom, and for when the sizes are true.
#[component]
fn SegmentsFoot(manager: Manager) -> impl IntoView {
    let session = Session::expect();
    let total = Signal::derive(move || manager.list.map(|page| page.total).unwrap_or_default());
    let shown = move || {
        let library = session
            .library()
            .map(|library| library.dynamic + library.fixed + library.archived);
        match library {
            Some(all) => format!(
                "{} of {} segments",
                format::count(total.get()),
                format::count(all)
            ),
            None => format::plural(total.get(), "segment", "segments"),
        }
    };
    let whole = move || {
        session.project().map(|project| {
            format!(
                "% of {} in {}",
                format::plural(project.value.data.users, "user", "users"),
                project.value.name
            )
        })
    };
    let stamp = move || {
        let as_of = manager
            .list
            .map(|page| oldest_size(&page.items))
            .flatten()?;
        let zone = session.zone().get();
        Some(format!(
            "Dynamic sizes as of {} · exact",
            format::date_time(as_of, &zone)
        ))
    };
    let next = Signal::derive(move || manager.list.map(|page| page.next_cursor.clone()).flatten());
    view! {
        <div class="us-tablefoot">
            <span>{shown}</span>
            {move || whole().map(|whole| view! { <span>{whole}</span> })}
            {move || stamp().map(|stamp| view! { <span>{stamp}</span> })}
            <CursorPages cursors=manager.cursors page_size=PAGE_SIZE total label="Segments" next />
        </div>
    }
}

/// The instant that all sizes of dynamic segments in sight are at least as new as.
fn oldest_size(items: &[SegmentSummary]) -> Option<Instant> {
    items
        .iter()
        .filter(|item| item.kind == SegmentKind::Dynamic)
        .filter(|item| item.evaluation.status == EvaluationStatus::Ready)
        .filter_map(|item| item.evaluation.as_of)
        .min()
}
