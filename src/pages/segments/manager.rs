//! The state of the manager: what is listed, selected, edited and on its way.

use std::collections::BTreeMap;

use leptos::prelude::*;
use segments_model::segment::{EvaluateSegments, SegmentKind, SegmentPage, SegmentSummary};
use segments_ui::task::{Task, spawn};

use crate::client::{Client, Loader};
use crate::pages::segments::actions::Actions;
use crate::pages::segments::manage::OPEN_QUERY;
use crate::pages::segments::state::{Columns, Filters, OptionalColumn};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// How many sizes are brought up to date by one request: few, so that the first ones show soon.
pub const EVALUATED_AT_ONCE: usize = 10;
/// How long the search waits for the next letter, in milliseconds.
pub const DEBOUNCE_MS: u32 = 150;

/// What the parts of the page share. From the context.
#[derive(Clone, Copy)]
pub struct Manager {
    pub list: Loader<SegmentPage>,
    pub filters: RwSignal<Filters>,
    pub columns: RwSignal<Columns>,
    pub selection: RwSignal<BTreeMap<String, SegmentSummary>>,
    pub editing: RwSignal<Option<SegmentSummary>>,
    pub deleting: RwSignal<Vec<SegmentSummary>>,
    /// The segment whose query is about to be opened.
    pub opening: RwSignal<Option<String>>,
    pub opening_task: StoredValue<Option<Task>, LocalStorage>,
    /// The cursors of the pages before this one and of this one.
    pub cursors: RwSignal<Vec<String>>,
    pub actions: StoredValue<Actions>,
}

impl Manager {
    pub fn start() -> Self {
        let navigator = Navigator::expect();
        let client: Client = expect_context();
        let filters = RwSignal::new(Filters::from_params(&navigator.params().get_untracked()));
        let cursors = RwSignal::new(Vec::new());
        let selection = RwSignal::new(BTreeMap::new());
        let list = {
            let client = client.clone();
            Loader::debounced(
                DEBOUNCE_MS,
                move || {
                    Some(
                        filters
                            .get()
                            .query(cursors.with(|cursors| cursors.last().cloned())),
                    )
                },
                move |query| {
                    let client = client.clone();
                    async move { client.segments(&query).await }
                },
            )
        };
        let manager = Self {
            list,
            filters,
            columns: RwSignal::new(Columns::stored()),
            selection,
            editing: RwSignal::new(None),
            deleting: RwSignal::new(Vec::new()),
            opening: RwSignal::new(None),
            opening_task: StoredValue::new_local(None),
            cursors,
            actions: StoredValue::new(Actions::new(list, selection)),
        };
        manager.follow_filters(navigator);
        // A cursor of data that is gone leads nowhere: the list begins again.
        list.when_gone(move || cursors.set(Vec::new()));
        manager.evaluate(client);
        Effect::new(move |before: Option<()>| {
            manager.columns.with(|columns| {
                if before.is_some() {
                    columns.store();
                }
            });
        });
        manager
    }

    /// The URL says the filters; other filters begin at the first page, and nothing hidden stays selected.
    pub fn follow_filters(self, navigator: Navigator) {
        Effect::new(move |before: Option<Filters>| {
            let filters = self.filters.get();
            if before.is_some_and(|before| before != filters) {
                navigator.set_params(&filters.to_params());
                self.cursors.set(Vec::new());
                self.selection.set(BTreeMap::new());
            }
            filters
        });
        let params = navigator.params();
        let route = navigator.route();
        Effect::new(move |_| {
            let filters = Filters::from_params(&params.get());
            if route.get_untracked() == Some(Route::Segments)
                && filters != self.filters.get_untracked()
            {
                self.filters.set(filters);
            }
        });
    }

    /// Brings the sizes of what is in sight up to date, a few at a time.
    pub fn evaluate(self, client: Client) {
        // Which sizes are wanted changes with the segments, not with their sizes.
        let wanted = Memo::new(move |_| {
            self.list
                .map(|page| {
                    page.items
                        .iter()
                        .filter(|item| {
                            item.kind == SegmentKind::Dynamic || item.evaluation.users.is_none()
                        })
                        .filter(|item| item.archived_at.is_none())
                        .map(|item| (item.id.clone(), item.version))
                        .collect::<Vec<_>>()
                })
                .unwrap_or_default()
        });
        let data = Session::expect().project();
        let version = Memo::new(move |_| data.map(|project| project.value.data.version.clone()));
        let task = StoredValue::new_local(None::<Task>);
        Effect::new(move |_| {
            let ids: Vec<String> = wanted.get().into_iter().map(|(id, _)| id).collect();
            let _: Option<String> = version.get();
            let client = client.clone();
            task.set_value(Some(spawn(async move {
                for ids in ids.chunks(EVALUATED_AT_ONCE) {
                    let request = EvaluateSegments {
                        ids: ids.to_vec(),
                        as_of: None,
                    };
                    // The list keeps the sizes that it came with; the list itself says what is wrong with the backend.
                    let Ok(evaluated) = client.evaluate_segments(&request).await else {
                        return;
                    };
                    self.list.change(|page| {
                        for new in evaluated.items {
                            if let Some(item) = page.items.iter_mut().find(|item| item.id == new.id)
                            {
                                item.evaluation = new.evaluation;
                            }
                        }
                    });
                }
            })));
        });
    }

    /// Goes to the query that a segment was made from, with its range, zone, chart and selection; without one, to its
    /// definition. Another one opened meanwhile comes in its place.
    pub fn open_query(self, navigator: Navigator, segment: &SegmentSummary) {
        if !segment.has_origin {
            navigator.go(&Route::ComposerOf(segment.id.clone()));
            return;
        }
        let actions = self.actions.get_value();
        let segment = segment.clone();
        self.opening.set(Some(segment.id.clone()));
        self.opening_task.set_value(Some(spawn(async move {
            let opened = match OPEN_QUERY.call((actions.clone(), segment.clone())).await {
                Ok(opened) => opened.await,
                Err(error) => {
                    let title = format!("The query of “{}” was not opened", segment.name);
                    actions.fail(&title, &error);
                    None
                }
            };
            self.opening.try_set(None);
            if let Some((route, params)) = opened {
                navigator.go_with(&route, &params);
            }
        })));
    }

    pub fn segment(self, id: &str) -> Option<SegmentSummary> {
        self.list
            .map(|page| page.items.iter().find(|item| item.id == id).cloned())
            .flatten()
    }

    pub fn has(self, column: OptionalColumn) -> bool {
        self.columns.with(|columns| columns.has(column))
    }

    pub fn ids(self) -> Vec<String> {
        self.list
            .map(|page| page.items.iter().map(|item| item.id.clone()).collect())
            .unwrap_or_default()
    }

    pub fn select(self, id: &str, selected: bool) {
        if let Some(segment) = untrack(|| self.segment(id)) {
            self.selection.update(|selection| {
                if selected {
                    selection.insert(segment.id.clone(), segment);
                } else {
                    selection.remove(id);
                }
            });
        }
    }
}
