//! The list: which users, in which order, with which columns.

use std::collections::BTreeMap;

use leptos::prelude::*;
use segments_format as format;
use segments_model::dictionary::Dictionary;
use segments_model::export::{ExportFormat, NewExport};
use segments_model::user::UserRow;
use segments_model::{Criterion, Value};
use segments_ui::{
    Align, Avatar, Choice, ColumnKind, Combobox, EmptyState, Glyph, Icon, MenuButton, MenuCheck,
    MenuItem, SearchField, SortDirection, Table, TableColumn, TableRow, TableSection, Toaster,
};

use crate::client::Client;
use crate::pages::users::chosen::{ChosenBar, UsersNotFound};
use crate::pages::users::selected::Found;
use crate::pages::users::state::{ListState, PAGE};
use crate::pages::users::user_list::{CHOSEN, NAME, UserList, possible_columns};
use crate::parts::cursor_pages::CursorPages;
use crate::parts::exports;
use crate::parts::states::{ListPlaceholder, ListWait, Outdated};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// The head, the tools and the table.
#[component]
pub fn UserListView(users: UserList, open: Memo<Option<String>>) -> impl IntoView {
    let navigator = Navigator::expect();
    let choices = Signal::derive(move || {
        // What stands for no segment is no match for a text.
        let nothing_typed = users.segment_search.with(String::is_empty);
        let all = nothing_typed.then(|| Choice::new("").label("All users"));
        let segments = users.segments.map(|segments| {
            segments
                .iter()
                .map(|segment| {
                    let choice = Choice::new(&segment.id).label(&segment.name);
                    match segment.evaluation.users {
                        Some(users) => choice.detail(format::count(users)),
                        None => choice,
                    }
                })
                .collect::<Vec<_>>()
        });
        let chosen = users
            .state
            .with(|state| state.chosen.is_some() && nothing_typed)
            .then(|| Choice::new(CHOSEN).label(users.found.label()));
        let fixed = all.into_iter().chain(chosen);
        fixed
            .chain(segments.into_iter().flatten())
            .collect::<Vec<_>>()
    });
    let segment = Signal::derive(move || {
        users
            .state
            .with(|state| match (&state.segment, &state.chosen) {
                (Some(id), _) => vec![id.clone()],
                (None, Some(_)) => vec![CHOSEN.to_owned()],
                (None, None) => vec![String::new()],
            })
    });
    view! {
        <header class="us-pagehead users-head">
            <div class="us-pagehead__text">
                <h1>"Users"</h1>
            </div>
            <div class="us-pagehead__actions">
                {move || {
                    users
                        .state
                        .with(|state| state.segment.clone())
                        .map(|id| {
                            view! {
                                <a class="us-btn" href=navigator.href(&Route::ComposerOf(id))>
                                    <Icon glyph=Glyph::Compose />
                                    <span class="us-hide-s">"Edit segment"</span>
                                </a>
                            }
                        })
                }} <ExportMenu users />
            </div>
        </header>
        <div class="us-toolbar" role="search" aria-label="Users">
            <div class="users-segment">
                <Combobox
                    label="Segment"
                    choices
                    value=segment
                    placeholder="All users"
                    busy=Signal::derive(move || users.segments.status().with(|status| status.is_slow()))
                    on_search=Callback::new(move |search| users.segment_search.set(search))
                    on_change=Callback::new(move |chosen: Vec<String>| {
                        let segment = chosen.into_iter().next().filter(|id| !id.is_empty());
                        if segment.as_deref() != Some(CHOSEN) {
                            users
                                .change(|state| {
                                    state.segment = segment;
                                    state.chosen = None;
                                });
                        }
                    })
                />
            </div>
            <div class="users-search">
                <SearchField
                    label="Search users"
                    placeholder="Search ids and columns"
                    value=Signal::derive(move || users.state.with(|state| state.search.clone()))
                    on_input=Callback::new(move |text| users.change(|state| state.search = text))
                />
            </div>
            <div class="us-hide-s">
                <UserColumnsMenu users />
            </div>
        </div>
        <ChosenBar users />
        <UserListBody users open />
    }
}

#[component]
fn UserColumnsMenu(users: UserList) -> impl IntoView {
    let all = Memo::new(move |_| {
        users
            .dictionary
            .map(possible_columns)
            .unwrap_or_else(|| possible_columns(&Dictionary::default()))
    });
    view! {
        <MenuButton
            class="us-btn"
            menu_label="Columns"
            align=Align::End
            button=ViewFn::from(move || {
                view! {
                    <Icon glyph=Glyph::Columns />
                    "Columns "
                    <span class="us-muted">{move || users.columns.with(Vec::len)}</span>
                }
            })
        >
            <MenuCheck label="User" checked=true fixed=true on_toggle=Callback::new(|()| ()) />
            {move || {
                all.get()
                    .into_iter()
                    .map(|column| {
                        let name = column.name.clone();
                        let shown = Signal::derive(move || {
                            users.columns.with(|columns| columns.iter().any(|other| other.name == name))
                        });
                        let name = column.name;
                        view! {
                            <MenuCheck
                                label=column.label
                                checked=shown
                                on_toggle=Callback::new(move |()| users.toggle_column(&name))
                            />
                        }
                    })
                    .collect_view()
            }}
        </MenuButton>
    }
}

#[component]
fn ExportMenu(users: UserList) -> impl IntoView {
    let client: Client = expect_context();
    let toaster = Toaster::expect();
    let total = move || users.page.map(|page| page.total).unwrap_or_default();
    let export = move |format: ExportFormat| {
        let client = client.clone();
        Callback::new(move |()| {
            let title = untrack(|| users.title());
            let segment = users.state.with_untracked(|state| state.segment.clone());
            let selected = match untrack(|| users.found.found()) {
                Found::Users(_, selected) if segment.is_none() => Some(selected),
                _ => None,
            };
            let new = NewExport {
                as_of: selected.as_ref().map(|selected| selected.as_of),
                time_zone: selected.as_ref().map(|selected| selected.time_zone.clone()),
                definition: segment.is_none().then(|| {
                    selected.map_or_else(Criterion::everyone, |selected| selected.definition)
                }),
                segment,
                format,
                columns: users.columns.with_untracked(|columns| {
                    columns.iter().map(|column| column.name.clone()).collect()
                }),
            };
            exports::export(client.clone(), toaster, title, new);
        })
    };
    view! {
        <MenuButton
            class="us-btn"
            menu_label="Export"
            align=Align::End
            disabled=Signal::derive(move || total() == 0)
            button=ViewFn::from(|| {
                view! {
                    <Icon glyph=Glyph::Download />
                    "Export"
                    <Icon glyph=Glyph::Down small=true />
                }
            })
        >
            <MenuItem label="CSV" on_select=export(ExportFormat::Csv) />
            <MenuItem label="NDJSON" on_select=export(ExportFormat::Ndjson) />
            <MenuItem label="JSON" on_select=export(ExportFormat::Json) />
        </MenuButton>
    }
}

/// What stands in place of the table, or the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UserListState {
    Wait(ListWait),
    /// Who is meant is not known.
    NotFound,
    Empty,
    Table,
}

#[component]
fn UserListBody(users: UserList, open: Memo<Option<String>>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        match users.found.found() {
            Found::Unreadable(_) | Found::Failed(_) => return UserListState::NotFound,
            // The list that is there is of others.
            Found::Asked => return UserListState::Wait(ListWait::Begun),
            Found::Slow => return UserListState::Wait(ListWait::Slow),
            Found::All | Found::Users(..) => {}
        }
        users.page.status().with(|status| match status.value() {
            Some(page) if page.items.is_empty() => UserListState::Empty,
            _ => ListWait::of(status).map_or(UserListState::Table, UserListState::Wait),
        })
    });
    view! {
        <Outdated
            error=Signal::derive(move || users.page.outdated())
            on_retry=Callback::new(move |()| users.page.reload())
        />
        {move || match shown.get() {
            UserListState::Wait(wait) => {
                view! {
                    <ListPlaceholder
                        wait
                        class="users-wait"
                        busy="Loading users"
                        rows=10
                        title="Users did not load"
                        error=users.page.status().with(|status| status.error().cloned())
                        on_retry=Callback::new(move |()| users.page.reload())
                    />
                }
                    .into_any()
            }
            UserListState::NotFound => view! { <UsersNotFound users /> }.into_any(),
            UserListState::Empty => view! { <NoUsers users /> }.into_any(),
            UserListState::Table => view! { <UserTable users open /> }.into_any(),
        }}
    }
}

#[component]
fn NoUsers(users: UserList) -> impl IntoView {
    let title = Signal::derive(move || {
        users
            .state
            .with(|state| match (state.search.trim(), &state.segment) {
                ("", None) if state.chosen.is_some() => "No users in this selection".to_owned(),
                ("", None) => "No users yet".to_owned(),
                ("", Some(_)) => "No users in this segment right now".to_owned(),
                (search, _) => format!("No user matches “{search}”"),
            })
    });
    let narrow = move || {
        users.state.with(|state| {
            !state.search.trim().is_empty() || state.segment.is_some() || state.chosen.is_some()
        })
    };
    let data = Navigator::expect().href(&Route::Data);
    view! {
        <div class="us-tablewrap">
            <EmptyState glyph=Glyph::Users title>
                {move || {
                    if narrow() {
                        view! {
                            <button
                                class="us-btn"
                                type="button"
                                on:click=move |_| users.show_everybody()
                            >
                                "Show all users"
                            </button>
                        }
                            .into_any()
                    } else {
                        view! {
                            <a class="us-btn us-btn--primary" href=data.clone()>
                                "Import data"
                            </a>
                        }
                            .into_any()
                    }
                }}
            </EmptyState>
        </div>
    }
}

#[component]
fn UserTable(users: UserList, open: Memo<Option<String>>) -> impl IntoView {
    let columns = Signal::derive(move || {
        let user = TableColumn::new(ColumnKind::Heading, USER, "User".to_owned(), 220.0).sorts();
        let chosen = users.columns.get().into_iter().enumerate();
        let chosen = chosen.map(|(place, column)| {
            TableColumn::new(column.kind, column.name, column.label, column.width)
                .priority(place + 1)
                .sorts()
        });
        std::iter::once(user).chain(chosen).collect::<Vec<_>>()
    });
    view! {
        <Table
            caption=Signal::derive(move || format!("Users: {}", users.title()))
            columns
            sections=Signal::derive(move || TableSection::only(users.ids()))
            row=Callback::new(move |id| row(users, id, open))
            sorted=Signal::derive(move || {
                let order = users.state.with(ListState::order);
                Some((order.by, SortDirection::of(order.descending)))
            })
            on_sort=Callback::new(move |key: String| {
                let column = users
                    .columns
                    .with_untracked(|columns| columns.iter().find(|column| column.name == key).cloned());
                let is_figure = column.is_some_and(|column| column.kind == ColumnKind::Figure);
                users.change(|state| *state = state.sorted_by(&key, is_figure));
            })
            busy=Signal::derive(move || users.page.status().with(|status| status.is_slow()))
        />
        <UsersFoot users />
    }
}

/// The column of the users themselves, which are sorted by their id.
const USER: &str = "id";

fn row(users: UserList, id: String, open: Memo<Option<String>>) -> TableRow {
    let zone = Session::expect().zone();
    let navigator = Navigator::expect();
    let this = id.clone();
    let user = Memo::new(move |_| {
        let found = users
            .page
            .map(|page| page.items.iter().find(|user| user.id == this).cloned());
        found.flatten()
    });
    TableRow {
        selected: Signal::derive(move || open.with(|open| open.as_ref() == Some(&id))),
        cell: Callback::new(move |column: String| {
            (move || {
                let user = user.get()?;
                if column == USER {
                    return Some(user_cell(users, navigator, user));
                }
                let value = user.values.get(&column);
                Some(match value.map(|value| format::value(value, &zone.get())) {
                    Some(text) => text.into_any(),
                    None => view! { <span class="us-muted">"none"</span> }.into_any(),
                })
            })
            .into_any()
        }),
    }
}

fn user_cell(users: UserList, navigator: Navigator, user: UserRow) -> AnyView {
    let name = text_of(&user.values, NAME);
    let id = user.id;
    let shown = name.clone().unwrap_or_else(|| id.clone());
    let this = id.clone();
    let href = move || users.href_of(navigator, &this);
    view! {
        <span class="us-who">
            <Avatar name=shown.clone() id=id.clone() />
            <span class="us-two">
                <a class="us-truncate" href=href>
                    <bdi>{shown}</bdi>
                </a>
                {name.is_some().then(|| view! { <span class="us-mono us-truncate">{id}</span> })}
            </span>
        </span>
    }
    .into_any()
}

/// The text of a property.
pub fn text_of(values: &BTreeMap<String, Value>, name: &str) -> Option<String> {
    match values.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// How many, when that is true, and the pages.
#[component]
fn UsersFoot(users: UserList) -> impl IntoView {
    let session = Session::expect();
    let total = Signal::derive(move || users.page.map(|page| page.total).unwrap_or_default());
    let stamp = move || {
        let as_of = users.page.map(|page| page.stamp.as_of)?;
        let zone = session.zone().get();
        Some(format!(
            "As of {} · times in {zone} · exact",
            format::date_time(as_of, &zone)
        ))
    };
    let next = Signal::derive(move || users.page.map(|page| page.next_cursor.clone()).flatten());
    view! {
        <div class="us-tablefoot">
            <span role="status">{move || format::plural(total.get(), "user", "users")}</span>
            <span class="us-grow">{stamp}</span>
            <CursorPages cursors=users.cursors page_size=PAGE total label="Users" next />
        </div>
    }
}
