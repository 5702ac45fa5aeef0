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
use segments_ui::{
    Busy, Checkbox, EmptyState, Glyph, Icon, Pagination, SortDirection, Table, TableSection,
};

use crate::parts::states::{ErrorState, Outdated};
use crate::shell::lazy::Loading;
use crate::shell::look::Look;
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;
use bulk::Bulk;
use edit::EditDialog;
use manage::OPEN_QUERY;
use manager::Manager;
use state::{Filters, PAGE_SIZE};
use toolbar::Toolbar;

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
            <Toolbar manager search />
            <Outdated
                error=Signal::derive(move || manager.list.outdated())
                on_retry=Callback::new(move |()| manager.list.reload())
            />
            <div node_ref=body>
                <List manager />
            </div>
            <Bulk manager />
        </div>
        <EditDialog editing=manager.editing actions=manager.actions.get_value() />
    }
}

/// What stands in place of the table, or the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Nothing,
    Busy,
    Failed,
    Empty,
    NoMatch,
    Table,
}

#[component]
fn List(manager: Manager) -> impl IntoView {
    let navigator = Navigator::expect();
    let session = Session::expect();
    let body = Memo::new(move |_| {
        let library = session
            .library()
            .map(|library| library.dynamic + library.fixed + library.archived);
        manager.list.status().with(|status| match status.value() {
            None if status.error().is_some() => Body::Failed,
            None if status.is_slow() => Body::Busy,
            None => Body::Nothing,
            Some(page) if !page.items.is_empty() => Body::Table,
            Some(_) if manager.filters.with(Filters::narrow) || library.unwrap_or_default() > 0 => {
                Body::NoMatch
            }
            Some(_) => Body::Empty,
        })
    });
    let composer = StoredValue::new(navigator.href(&Route::Composer));
    move || {
        match body.get() {
        Body::Nothing => view! { <div class="us-tablewrap segs-wait"></div> }.into_any(),
        Body::Busy => view! {
            <div class="us-tablewrap">
                <Busy label="Loading segments" rows=8 />
            </div>
        }
        .into_any(),
        Body::Failed => {
            let error = manager.list.status().with(|status| status.error().cloned());
            error
                .map(|error| {
                    view! {
                        <div class="us-tablewrap">
                            <ErrorState
                                title="Segments did not load"
                                error
                                on_retry=Callback::new(move |()| manager.list.reload())
                            />
                        </div>
                    }
                })
                .into_any()
        }
        Body::Empty => view! {
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
        Body::NoMatch => {
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
        Body::Table => view! { <SegmentTable manager /> }.into_any(),
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
        <Foot manager />
    }
}

/// How many, of whom, and for when the sizes are true.
#[component]
fn Foot(manager: Manager) -> impl IntoView {
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
    let page = Signal::derive(move || manager.cursors.with(Vec::len));
    let next = move || manager.list.map(|page| page.next_cursor.clone()).flatten();
    view! {
        <div class="us-tablefoot">
            <span>{shown}</span>
            {move || whole().map(|whole| view! { <span>{whole}</span> })}
            {move || stamp().map(|stamp| view! { <span>{stamp}</span> })}
            <Show when=move || { total.get() > u64::from(PAGE_SIZE) }>
                <Pagination
                    page
                    page_size=PAGE_SIZE
                    total
                    label="Segments"
                    has_next=Signal::derive(move || next().is_some())
                    on_previous=Callback::new(move |()| {
                        manager
                            .cursors
                            .update(|cursors| {
                                cursors.pop();
                            });
                    })
                    on_next=Callback::new(move |()| {
                        if let Some(next) = untrack(next) {
                            manager.cursors.update(|cursors| cursors.push(next));
                        }
                    })
                />
            </Show>
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
