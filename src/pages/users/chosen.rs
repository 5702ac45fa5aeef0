//! The users of a part of an answer: who they are, the way back to the query, and a segment of them.

use leptos::prelude::*;
use segments_model::selection::{Selected, SelectionRequest};

use super::list::UserList;
use super::state::ListState;
use crate::client::{ApiError, Client, Loader, Status};
use crate::format;
use crate::query::create_segment::{CreateOfSelection, name_of};
use crate::query::link::{Link, Opened};
use crate::query::picked::request_of;
use crate::query::tool::Tool;
use crate::query::vocabulary::Vocabulary;
use crate::query::words::{begin, sentence_view, words};
use crate::route::Navigator;
use crate::ui::states::sentence;
use crate::ui::{EmptyState, ErrorState, Glyph, Icon};

/// Who is meant by the URL. Cheap to copy.
#[derive(Clone, Copy)]
pub struct ChosenUsers {
    opened: Memo<Option<Result<Opened, String>>>,
    selected: Loader<(SelectionRequest, Selected)>,
}

/// How far finding them is.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The URL names no part of an answer.
    All,
    /// What it says makes no sense; a sentence says why.
    Unreadable(String),
    /// Asked a moment ago.
    Asked,
    /// Asked a while ago.
    Slow,
    /// Nobody knows.
    Failed(ApiError),
    /// These are they.
    Users(Box<Link>, Box<Selected>),
}

impl ChosenUsers {
    /// Begins to ask, and asks again when the URL names others.
    #[must_use]
    pub fn start(state: RwSignal<ListState>) -> Self {
        let client: Client = expect_context();
        let opened = Memo::new(move |_| state.with(|state| Some(state.chosen.as_ref()?.read())));
        let selected = Loader::new(
            move || opened.with(|opened| request_of(&opened.as_ref()?.as_ref().ok()?.link)),
            move |request: SelectionRequest| {
                let client = client.clone();
                async move {
                    let selected = client.selection(&request).await?;
                    Ok((request, selected))
                }
            },
        );
        Self { opened, selected }
    }

    /// How far finding them is.
    #[must_use]
    pub fn found(self) -> Found {
        let link = match self.opened.get() {
            None => return Found::All,
            Some(Err(detail)) => return Found::Unreadable(detail),
            Some(Ok(opened)) => opened.link,
        };
        let asked = request_of(&link);
        self.selected.status().with(|status| match status {
            // An answer to another link says nothing of this one.
            Status::Ready((request, selected)) if Some(request) == asked.as_ref() => {
                Found::Users(Box::new(link), Box::new(selected.clone()))
            }
            Status::Ready(_) | Status::Loading(_) => Found::Asked,
            Status::Slow(_) => Found::Slow,
            Status::Failed(error, _) => Found::Failed(error.clone()),
        })
    }

    /// What the link says, where it could be read.
    #[must_use]
    pub fn link(self) -> Option<Link> {
        self.opened
            .with(|opened| Some(opened.as_ref()?.as_ref().ok()?.link.clone()))
    }

    /// What they may be called.
    #[must_use]
    pub fn name(self) -> Option<String> {
        name_of(&self.link()?)
    }

    /// What stands for them among the segments.
    #[must_use]
    pub fn label(self) -> String {
        self.link().map_or_else(
            || "From a link".to_owned(),
            |link| format!("From {}", Tool::of(&link.query).label()),
        )
    }

    fn selected(self) -> Option<Selected> {
        match self.found() {
            Found::Users(_, selected) => Some(*selected),
            _ => None,
        }
    }
}

/// What they have in common, as of when, the way back, and the button that makes a segment of them.
#[component]
pub fn ChosenBar(users: UserList) -> impl IntoView {
    let there = Memo::new(move |_| users.found.link().is_some());
    view! {
        <Show when=move || there.get()>
            <Bar users />
        </Show>
    }
}

#[component]
fn Bar(users: UserList) -> impl IntoView {
    let navigator = Navigator::expect();
    let client: Client = expect_context();
    let found = users.found;
    // Only here the names of segments and categories are needed.
    let vocabulary = Vocabulary::load(client);
    provide_context(vocabulary);
    let creating = RwSignal::new(false);
    let link = Memo::new(move |_| found.link());
    let selected = Memo::new(move |_| found.selected());
    let tool = move || link.with(|link| link.as_ref().map(|link| Tool::of(&link.query)));
    let back = move || link.with(|link| link.as_ref().map(|link| link.href(navigator)));
    let who = move || {
        selected.with(|selected| {
            let selected = selected.as_ref()?;
            Some(sentence_view(begin(words(
                vocabulary,
                &selected.definition,
            ))))
        })
    };
    let stamp = move || {
        selected.with(|selected| {
            let Selected {
                users,
                as_of,
                time_zone,
                ..
            } = selected.as_ref()?;
            Some(view! {
                <p class="us-asof">
                    <span>
                        <strong>{format::plural(*users, "user", "users")}</strong>
                    </span>
                    <span>
                        "As of " <strong>{format::date_time(*as_of, time_zone)}</strong>
                    </span>
                    <span>{time_zone.clone()}</span>
                    <span>
                        <strong>"Exact"</strong>
                    </span>
                </p>
            })
        })
    };
    let lost = move || {
        let opened = found.opened.get()?.ok()?;
        (!opened.lost.is_empty()).then(|| {
            view! {
                <p class="us-banner us-banner--warn" role="status">
                    <Icon glyph=Glyph::Warning small=true />
                    <span>
                        <strong>"These may be other users than were chosen. "</strong>
                        {opened.lost.join(" ")}
                    </span>
                </p>
            }
        })
    };
    let nobody = Memo::new(move |_| {
        selected.with(|selected| selected.as_ref().is_none_or(|selected| selected.users == 0))
    });
    view! {
        <section class="users-chosen" aria-label="Who is listed">
            <div class="us-grow users-chosen__text">
                <p class="us-2 sent">{who}</p>
                {stamp}
                {lost}
            </div>
            <div class="us-row users-chosen__acts">
                <a class="us-btn" href=back>
                    <Icon glyph=Glyph::Left small=true />
                    {move || tool().map(|tool| format!("Back to {}", tool.label()))}
                </a>
                <button
                    class="us-btn us-btn--primary"
                    type="button"
                    disabled=move || nobody.get()
                    on:click=move |_| creating.set(true)
                >
                    "Create User Segment"
                </button>
            </div>
        </section>
        <CreateOfSelection
            open=creating
            link
            selected
            from=Signal::derive(move || {
                tool().map(|tool| format!("a {} query", tool.word())).unwrap_or_default()
            })
            choice=Signal::derive(move || found.name().unwrap_or_default())
        />
    }
    .into_any()
}

/// Who is meant could not be found out.
#[component]
pub fn NotFound(users: UserList) -> impl IntoView {
    let found = Memo::new(move |_| users.found.found());
    let everybody = move || {
        view! {
            <button class="us-btn" type="button" on:click=move |_| users.show_everybody()>
                "Show all users"
            </button>
        }
    };
    view! {
        <div class="us-tablewrap">
            {move || match found.get() {
                Found::Unreadable(detail) => {
                    view! {
                        <div role="alert">
                            <EmptyState
                                glyph=Glyph::Warning
                                title="The link to these users cannot be read"
                                detail=Signal::stored(
                                    format!("{} Go back to the query and choose them again.", sentence(&detail)),
                                )
                            >
                                {everybody()}
                            </EmptyState>
                        </div>
                    }
                        .into_any()
                }
                Found::Failed(error) => {
                    view! {
                        <ErrorState
                            title="Which users these are is not known"
                            error
                            on_retry=Callback::new(move |()| users.found.selected.reload())
                        />
                    }
                        .into_any()
                }
                Found::All | Found::Asked | Found::Slow | Found::Users(..) => ().into_any(),
            }}
        </div>
    }
    .into_any()
}
