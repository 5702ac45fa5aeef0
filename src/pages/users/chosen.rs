//! The users of a part of an answer: who they are, the way back to the query, and a segment of them.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::tool::Tool;
use segments_model::selection::Selected;
use segments_ui::states::sentence;
use segments_ui::{EmptyState, Glyph, Icon};

use crate::client::Client;
use crate::pages::users::selected::Found;
use crate::pages::users::user_list::UserList;
use crate::parts::create_segment::CreateOfSelection;
use crate::parts::states::ErrorState;
use crate::parts::vocabulary::Vocabulary;
use crate::parts::words::{begin, sentence_view, words};
use crate::shell::route::Navigator;

/// What they have in common, as of when, the way back, and the button that makes a segment of them.
#[component]
pub fn ChosenBar(users: UserList) -> impl IntoView {
    let there = Memo::new(move |_| users.found.link().is_some());
    view! {
        <Show when=move || there.get()>
            <ChosenUsersBar users />
        </Show>
    }
}

#[component]
fn ChosenUsersBar(users: UserList) -> impl IntoView {
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
    let back = move || link.with(|link| link.as_ref().map(|link| navigator.href_of(link)));
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
                        <strong>"These may not be the users you selected. "</strong>
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
        <section class="users-chosen" aria-label="Listed users">
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
pub fn UsersNotFound(users: UserList) -> impl IntoView {
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
                                    format!("{} Go back to the query and select them again.", sentence(&detail)),
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
                            title="The selected users did not load"
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
