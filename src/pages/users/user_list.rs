//! The list with its state: which users, in which order, with which columns.

use leptos::prelude::*;
use segments_model::criterion::SegmentCriterion;
use segments_model::dictionary::Dictionary;
use segments_model::segment::{SegmentQuery, SegmentSummary};
use segments_model::user::{UserPage, UserSearch};
use segments_model::{Criterion, Instant, ValueType};
use segments_ui::ColumnKind;

use crate::client::{Client, Loader};
use crate::pages::users::selected::{ChosenUsers, Found};
use crate::pages::users::state::{FACTS, ListState, PAGE};
use crate::shell::route::{Navigator, Route};
use crate::shell::storage;

/// How long the search waits for the next letter, in milliseconds.
pub const DEBOUNCE_MS: u32 = 200;
/// The columns are kept in the browser under this name, one a line.
const STORED_COLUMNS: &str = "users.columns";
/// The user property that is shown in place of the id.
pub const NAME: &str = "name";
/// What stands for a part of an answer among the segments; no segment has this id.
pub const CHOSEN: &str = "?";
/// How many segments are offered at once; more are found by their name.
const OFFERED_SEGMENTS: u32 = 100;

/// A column that can be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct UserColumn {
    /// As in a search.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// Figures are numbers and times: to the right, and greatest first.
    pub kind: ColumnKind,
    /// Its least width, in px.
    pub width: f64,
}

impl UserColumn {
    fn new(name: &str, label: &str, value_type: ValueType) -> Self {
        let (kind, width) = match value_type {
            ValueType::String => (ColumnKind::Text, 128.0),
            ValueType::Boolean => (ColumnKind::Text, 96.0),
            ValueType::Number => (ColumnKind::Figure, 96.0),
            ValueType::Datetime => (ColumnKind::Figure, 172.0),
        };
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            width,
        }
    }
}

/// The list with its state. Cheap to copy.
#[derive(Clone, Copy)]
pub struct UserList {
    pub state: RwSignal<ListState>,
    /// The cursors of the pages before this one and of this one.
    pub cursors: RwSignal<Vec<String>>,
    /// Those chosen; none: nobody chose.
    pub chosen: RwSignal<Option<Vec<String>>>,
    pub columns: Memo<Vec<UserColumn>>,
    pub page: Loader<UserPage>,
    pub dictionary: Loader<Dictionary>,
    pub segments: Loader<Vec<SegmentSummary>>,
    pub segment_search: RwSignal<String>,
    /// Those of a part of an answer, where the URL names one.
    pub found: ChosenUsers,
}

/// Who is listed: which definition, as of when, in which zone.
#[derive(Clone, Debug, Default, PartialEq)]
struct ListedUsers {
    definition: Option<Criterion>,
    as_of: Option<Instant>,
    time_zone: Option<String>,
}

impl UserList {
    /// Reads the state from the URL and begins to ask.
    #[must_use]
    pub fn start() -> Self {
        let navigator = Navigator::expect();
        let client: Client = expect_context();
        let state = RwSignal::new(ListState::from_params(&navigator.params().get_untracked()));
        let cursors = RwSignal::new(Vec::new());
        let chosen = RwSignal::new(
            storage::get(STORED_COLUMNS)
                .map(|columns| columns.lines().map(str::to_owned).collect::<Vec<_>>()),
        );
        let dictionary = {
            let client = client.clone();
            Loader::new(
                || Some(()),
                move |()| {
                    let client = client.clone();
                    async move { client.dictionary().await }
                },
            )
        };
        let columns = Memo::new(move |_| {
            let all = dictionary
                .map(possible_columns)
                .unwrap_or_else(|| possible_columns(&Dictionary::default()));
            match chosen.get() {
                Some(names) => names
                    .iter()
                    .filter_map(|name| all.iter().find(|column| column.name == *name).cloned())
                    .collect(),
                None => default_columns(&all),
            }
        });
        let found = ChosenUsers::start(state);
        let who = Memo::new(move |_| {
            if let Some(id) = state.with(|state| state.segment.clone()) {
                return Some(ListedUsers {
                    definition: Some(Criterion::Segment(SegmentCriterion { id, as_of: None })),
                    ..ListedUsers::default()
                });
            }
            match found.found() {
                Found::All => Some(ListedUsers::default()),
                Found::Users(_, selected) => Some(ListedUsers {
                    definition: Some(selected.definition),
                    as_of: Some(selected.as_of),
                    time_zone: Some(selected.time_zone),
                }),
                Found::Unreadable(_) | Found::Asked | Found::Slow | Found::Failed(_) => None,
            }
        });
        let page = {
            let client = client.clone();
            Loader::debounced(
                DEBOUNCE_MS,
                move || {
                    // Which columns there are is known with the dictionary, or when there is none to be had.
                    let known = dictionary.status().with(|status| !status.is_pending());
                    let named = dictionary.map(has_name).unwrap_or_default();
                    let who = who.get().filter(|_| known)?;
                    Some(search(who, state, columns, named, cursors))
                },
                move |search| {
                    let client = client.clone();
                    async move { client.users(&search).await }
                },
            )
        };
        let segment_search = RwSignal::new(String::new());
        let segments = Loader::debounced(
            DEBOUNCE_MS,
            move || {
                Some((
                    segment_search.get(),
                    state.with(|state| state.segment.clone()),
                ))
            },
            move |(search, chosen): (String, Option<String>)| {
                let client = client.clone();
                async move { offered_segments(&client, search, chosen).await }
            },
        );
        let users = Self {
            state,
            cursors,
            chosen,
            columns,
            page,
            dictionary,
            segments,
            segment_search,
            found,
        };
        users.follow_url(navigator);
        // A cursor of data that is gone leads nowhere: the list begins again.
        page.when_gone(move || cursors.set(Vec::new()));
        users
    }

    /// The ids of the users in sight.
    #[must_use]
    pub fn ids(self) -> Vec<String> {
        self.page
            .map(|page| page.items.iter().map(|user| user.id.clone()).collect())
            .unwrap_or_default()
    }

    /// The URL of a user beside this list.
    #[must_use]
    pub fn href_of(self, navigator: Navigator, id: &str) -> String {
        let params = self.state.with(ListState::to_params);
        navigator.href_with(&Route::User(id.to_owned()), &params)
    }

    /// Goes to a user beside this list.
    pub fn open(self, navigator: Navigator, id: &str) {
        let params = self.state.with_untracked(ListState::to_params);
        navigator.go_with(&Route::User(id.to_owned()), &params);
    }

    /// Goes back to the list alone.
    pub fn close(self, navigator: Navigator) {
        let params = self.state.with_untracked(ListState::to_params);
        navigator.go_with(&Route::Users, &params);
    }

    /// The names of the data's events.
    #[must_use]
    pub fn event_names(self) -> Vec<String> {
        self.dictionary
            .map(|dictionary| {
                dictionary
                    .events
                    .iter()
                    .map(|event| event.name.clone())
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Lists others.
    pub fn change(self, change: impl FnOnce(&mut ListState)) {
        self.state.update(change);
        self.cursors.set(Vec::new());
    }

    /// Lists every user.
    pub fn show_everybody(self) {
        self.change(|state| {
            state.search.clear();
            state.segment = None;
            state.chosen = None;
        });
    }

    /// The URL says the state, and the other way round.
    pub fn follow_url(self, navigator: Navigator) {
        Effect::new(move |before: Option<ListState>| {
            let state = self.state.get();
            if before.is_some_and(|before| before != state) {
                navigator.set_params(&state.to_params());
            }
            state
        });
        let params = navigator.params();
        let route = navigator.route();
        Effect::new(move |_| {
            let state = ListState::from_params(&params.get());
            let here = matches!(route.get_untracked(), Some(Route::Users | Route::User(_)));
            if here && state != self.state.get_untracked() {
                self.change(|old| *old = state);
            }
        });
    }

    pub fn toggle_column(self, name: &str) {
        let mut names: Vec<String> = self
            .columns
            .with_untracked(|columns| columns.iter().map(|column| column.name.clone()).collect());
        match names.iter().position(|other| other == name) {
            Some(place) => {
                names.remove(place);
            }
            None => names.push(name.to_owned()),
        }
        storage::set(STORED_COLUMNS, Some(&names.join("\n")));
        self.chosen.set(Some(names));
    }

    /// What the list is of, for titles and file names.
    pub fn title(self) -> String {
        let id = self.state.with(|state| state.segment.clone());
        match id {
            None => self.found.name().unwrap_or_else(|| "All users".to_owned()),
            Some(id) => self
                .segments
                .map(|segments| {
                    segments
                        .iter()
                        .find(|segment| segment.id == id)
                        .map(|segment| segment.name.clone())
                })
                .flatten()
                .unwrap_or(id),
        }
    }
}

fn search(
    who: ListedUsers,
    state: RwSignal<ListState>,
    columns: Memo<Vec<UserColumn>>,
    named: bool,
    cursors: RwSignal<Vec<String>>,
) -> UserSearch {
    let mut names: Vec<String> =
        columns.with(|columns| columns.iter().map(|column| column.name.clone()).collect());
    if named && !names.iter().any(|name| name == NAME) {
        names.push(NAME.to_owned());
    }
    state.with(|state| UserSearch {
        definition: who.definition,
        as_of: who.as_of,
        time_zone: who.time_zone,
        search: state.search.trim().to_owned(),
        columns: names,
        sort: Some(state.order()),
        limit: Some(PAGE),
        cursor: cursors.with(|cursors| cursors.last().cloned()),
    })
}

/// The segments that a search offers, and the chosen one in any case.
async fn offered_segments(
    client: &Client,
    search: String,
    chosen: Option<String>,
) -> Result<Vec<SegmentSummary>, crate::client::ApiError> {
    let query = SegmentQuery {
        search: (!search.trim().is_empty()).then_some(search),
        limit: Some(OFFERED_SEGMENTS),
        ..SegmentQuery::default()
    };
    let mut segments = client.segments(&query).await?.items;
    if let Some(id) = chosen
        && !segments.iter().any(|segment| segment.id == id)
        // A segment that is gone is told by the list of users.
        && let Ok(segment) = client.segment(&id).await
    {
        segments.push(segment.value.summary);
    }
    Ok(segments)
}

/// Whether users have names to show in place of their ids.
fn has_name(dictionary: &Dictionary) -> bool {
    dictionary
        .user_properties
        .iter()
        .any(|property| property.name == NAME)
}

/// Every column there can be.
#[must_use]
pub fn possible_columns(dictionary: &Dictionary) -> Vec<UserColumn> {
    let properties = dictionary.user_properties.iter().map(|property| {
        let label = property.notes.display_name.as_ref();
        let label = label.unwrap_or(&property.name);
        UserColumn::new(&property.name, label, property.value_type)
    });
    let facts = FACTS.map(|(name, label, value_type)| UserColumn::new(name, label, value_type));
    properties.chain(facts).collect()
}

/// A few texts that say who somebody is, then when they were seen last and how active they are.
fn default_columns(all: &[UserColumn]) -> Vec<UserColumn> {
    let texts = all
        .iter()
        .filter(|column| column.kind == ColumnKind::Text && column.name != NAME)
        .take(4);
    let facts = all
        .iter()
        .filter(|column| ["events", "last_event_at"].contains(&column.name.as_str()));
    texts.chain(facts).cloned().collect()
}
