//! What a user did: events in sessions, the newest first.

use leptos::prelude::*;
use segments_format as format;
use segments_model::list::Page;
use segments_model::user::Event;
use segments_ui::states::sentence;
use segments_ui::task::{Task, spawn};
use segments_ui::{Busy, Choice, Combobox, Glyph, Icon};

use crate::client::{ApiError, Client, Loader, UserEvents};
use crate::pages::users::sessions::{Visit, sessions};
use crate::shell::session::Session;

/// How many events come at once.
const PAGE: u32 = 100;
/// So many properties are told in an event's line.
const BRIEF: usize = 2;

/// A user's events.
#[component]
pub fn Timeline(
    /// The user's id.
    id: String,
    /// The names of the data's events.
    events: Signal<Vec<String>>,
) -> impl IntoView {
    let zone = Session::expect().zone();
    let client: Client = expect_context();
    let filter = RwSignal::new(None::<String>);
    let page = {
        let id = id.clone();
        Loader::new(
            move || Some((id.clone(), filter.get())),
            move |(id, event)| {
                let client = client.clone();
                async move { client.user_events(&id, &which(event, None)).await }
            },
        )
    };
    view! {
        <section>
            <h3 class="profile__title">
                "Timeline " <small class="us-muted">{move || format!("times in {}", zone.get())}</small>
            </h3>
            <EventFilter events filter />
            {move || {
                let zone = zone.get();
                page.status()
                    .with(|status| match (status.value(), status.error()) {
                        (Some(page), _) => {
                            event_list(page, &zone, filter.with_untracked(Option::is_some))
                        }
                        (None, Some(error)) => {
                            view! {
                                <p class="us-error">{sentence(&error.to_string())}</p>
                                <button class="us-btn" type="button" on:click=move |_| page.reload()>
                                    "Try again"
                                </button>
                            }
                                .into_any()
                        }
                        (None, None) if status.is_slow() => {
                            view! { <Busy label="Loading events" rows=6 /> }.into_any()
                        }
                        (None, None) => view! { <p class="profile__wait"></p> }.into_any(),
                    })
            }}
            <OlderEvents page id filter />
        </section>
    }
}

/// Which event is shown; none: all of them.
#[component]
fn EventFilter(events: Signal<Vec<String>>, filter: RwSignal<Option<String>>) -> impl IntoView {
    let choices = Signal::derive(move || {
        std::iter::once(Choice::new("").label("All events"))
            .chain(events.get().into_iter().map(Choice::new))
            .collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || vec![filter.get().unwrap_or_default()]);
    view! {
        <div class="timeline-filter">
            <Combobox
                label="Events to show"
                choices
                value=chosen
                placeholder="All events"
                on_change=Callback::new(move |chosen: Vec<String>| {
                    filter.set(chosen.into_iter().next().filter(|event| !event.is_empty()));
                })
            />
        </div>
    }
}

/// The events that were loaded, in sessions unless only some of them are shown.
fn event_list(page: &Page<Event>, zone: &str, is_filtered: bool) -> AnyView {
    if page.items.is_empty() {
        return view! { <p class="us-muted">"No events."</p> }.into_any();
    }
    // With some events left out, a pause between two of those shown says nothing.
    if is_filtered {
        let rows: Vec<_> = page
            .items
            .iter()
            .map(|event| row(event, zone, true))
            .collect();
        return view! { <ol class="visit">{rows}</ol> }.into_any();
    }
    let more = page.next_cursor.is_some();
    let visits: Vec<_> = sessions(&page.items, more)
        .iter()
        .map(|visit| session(visit, zone))
        .collect();
    view! { <div>{visits}</div> }.into_any()
}

/// Loads the events before those shown, and says why they did not come.
#[component]
fn OlderEvents(
    page: Loader<Page<Event>>,
    id: String,
    filter: RwSignal<Option<String>>,
) -> impl IntoView {
    let client: Client = expect_context();
    let failure = RwSignal::new(None::<ApiError>);
    let under_way = RwSignal::new_local(None::<Task>);
    // Another question: what was under way belongs to the one before.
    Effect::new(move |_| {
        filter.track();
        under_way.set(None);
        failure.set(None);
    });
    let client = StoredValue::new(client);
    let id = StoredValue::new(id);
    let load = move || {
        let Some(cursor) = page
            .status()
            .with_untracked(|status| status.value().and_then(|page| page.next_cursor.clone()))
        else {
            return;
        };
        let which = which(filter.get_untracked(), Some(cursor));
        failure.set(None);
        under_way.set(Some(spawn(async move {
            match client
                .get_value()
                .user_events(&id.get_value(), &which)
                .await
            {
                Ok(older) => page.change(|page| {
                    page.items.extend(older.items);
                    page.next_cursor = older.next_cursor;
                }),
                // Events came in meanwhile: pages would no longer fit together.
                Err(error) if error.status() == Some(410) => page.reload(),
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            under_way.try_set(None);
        })));
    };
    view! {
        {move || {
            failure
                .get()
                .map(|error| {
                    view! { <p class="us-error" role="alert">{sentence(&error.to_string())}</p> }
                })
        }}
        <Show when=move || {
            page.status()
                .with(|status| status.value().is_some_and(|page| page.next_cursor.is_some()))
        }>
            <button
                class="us-btn timeline-more"
                type="button"
                aria-busy=move || under_way.with(Option::is_some).to_string()
                disabled=move || under_way.with(Option::is_some)
                on:click=move |_| load()
            >
                "Load older events"
            </button>
        </Show>
    }
}

fn which(event: Option<String>, cursor: Option<String>) -> UserEvents {
    UserEvents {
        event,
        limit: Some(PAGE),
        cursor,
        ..UserEvents::default()
    }
}

fn session(visit: &Visit, zone: &str) -> impl IntoView + use<> {
    let newest = visit.events.first().map(|event| event.time);
    let oldest = visit.events.last().map(|event| event.time);
    let (Some(newest), Some(oldest)) = (newest, oldest) else {
        return ().into_any();
    };
    let (from, to) = (format::time(oldest, zone), format::time(newest, zone));
    let span = if from == to {
        from
    } else {
        format!("{from} to {to}")
    };
    let count = format::plural(visit.events.len() as u64, "event", "events");
    let count = if visit.open {
        format!("{count} so far")
    } else {
        count
    };
    let rows: Vec<_> = visit
        .events
        .iter()
        .map(|event| row(event, zone, false))
        .collect();
    view! {
        <h4 class="visit__head">{format::date(newest, zone)}" " <small>{span}" · "{count}</small></h4>
        <ol class="visit">{rows}</ol>
    }
    .into_any()
}

fn row(event: &Event, zone: &str, with_date: bool) -> impl IntoView + use<> {
    let time = if with_date {
        format::date_time(event.time, zone)
    } else {
        format::time(event.time, zone)
    };
    let brief: Vec<String> = event
        .properties
        .values()
        .take(BRIEF)
        .map(|value| format::value(value, zone))
        .collect();
    let head = view! {
        <time datetime=event.time.to_string() title=format::exact(event.time, zone)>
            {time}
        </time>
        <b>
            <bdi>{event.event.clone()}</bdi>
        </b>
    };
    if event.properties.is_empty() {
        return view! { <li class="visit__event"><div class="visit__line">{head}</div></li> }
            .into_any();
    }
    let properties: Vec<_> = event
        .properties
        .iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>
                        <bdi>{name.clone()}</bdi>
                    </dt>
                    <dd>
                        <bdi>{format::value(value, zone)}</bdi>
                    </dd>
                </div>
            }
        })
        .collect();
    view! {
        <li class="visit__event">
            <details>
                <summary class="visit__line">
                    {head} <span class="us-muted us-truncate">{brief.join(", ")}</span>
                    <Icon glyph=Glyph::Down small=true />
                </summary>
                <dl class="profile__properties">{properties}</dl>
            </details>
        </li>
    }
    .into_any()
}
