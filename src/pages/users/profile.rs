//! One user: who it is, which segments hold the user, how active, and what was done.

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_model::range::CalendarUnit;
use segments_model::user::{Activity, FailedSegment, PropertyValue, User, UserSegments};
use segments_model::{Instant, Value};
use segments_ui::charts::bars::Bars;
use segments_ui::dom::{focus, unique_id};
use segments_ui::states::sentence;
use segments_ui::{Avatar, Busy, CopyButton, EmptyState, Glyph, Icon};

use crate::client::{ApiError, Client, Loader};
use crate::pages::users::timeline::Timeline;
use crate::pages::users::user_list::UserList;
use crate::parts::states::ErrorState;
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// Up to so many days are shown day by day, more of them week by week.
const MOST_DAYS: i64 = 120;
const DAY_MS: i64 = 86_400_000;

/// A user, beside the list.
#[component]
pub fn Profile(
    /// The user's id.
    id: String,
    /// The list that the user was opened from.
    users: UserList,
) -> impl IntoView {
    let navigator = Navigator::expect();
    let client: Client = expect_context();
    let user = {
        let id = id.clone();
        Loader::new(
            move || Some(id.clone()),
            move |id| {
                let client = client.clone();
                async move { client.user(&id).await }
            },
        )
    };
    let name = {
        let id = id.clone();
        Memo::new(move |_| {
            user.map(display_name)
                .flatten()
                .unwrap_or_else(|| id.clone())
        })
    };
    navigator.set_title(move || Some(name.get()));
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            heading.set_tab_index(-1);
            focus(&heading);
        }
    });
    let missing = Memo::new(move |_| {
        user.status()
            .with(|status| status.error().and_then(|error| error.status()) == Some(404))
    });
    let failed = move || {
        user.status()
            .with(|status| status.error().cloned().filter(|_| status.value().is_none()))
    };
    let id = StoredValue::new(id);
    view! {
        <aside
            class="us-drawer profile"
            aria-label=move || format!("Profile of {}", name.get())
            on:keydown=move |event| {
                if event.key() == "Escape" && !event.default_prevented() {
                    users.close(navigator);
                }
            }
        >
            <div class="us-drawer__head">
                <div class="us-row us-row--3 profile__head">
                    <Avatar name id=id.get_value() large=true />
                    <div class="us-two us-grow">
                        <h2 node_ref=heading>
                            <bdi>{name}</bdi>
                        </h2>
                        <span class="us-id">
                            {id.get_value()} <CopyButton label="Copy user id" text=id.get_value() />
                        </span>
                    </div>
                    <ProfileButtons id=id.get_value() users />
                </div>
            </div>
            <div class="us-drawer__body profile__body">
                {move || match (missing.get(), failed()) {
                    (true, _) => {
                        view! {
                            <EmptyState
                                glyph=Glyph::User
                                title="User not found"
                                detail="No user has this id. The data may have been replaced since this link was created."
                            />
                        }
                            .into_any()
                    }
                    (false, Some(error)) => {
                        view! {
                            <ErrorState
                                title="The user did not load"
                                error
                                on_retry=Callback::new(move |()| user.reload())
                            />
                        }
                            .into_any()
                    }
                    (false, None) => {
                        view! {
                            <Segments id=id.get_value() />
                            <Properties user />
                            <ActivityChart id=id.get_value() user />
                            <Timeline id=id.get_value() events=Signal::derive(move || users.event_names()) />
                        }
                            .into_any()
                    }
                }}
            </div>
        </aside>
    }
}

/// The way to the users before and after this one in the list, and back to the list.
#[component]
fn ProfileButtons(id: String, users: UserList) -> impl IntoView {
    let navigator = Navigator::expect();
    let id = StoredValue::new(id);
    let neighbour = move |step: isize| {
        let ids = users.ids();
        let here = id.with_value(|id| ids.iter().position(|other| other == id))?;
        ids.get(here.checked_add_signed(step)?).cloned()
    };
    let button = move |step: isize, label: &'static str, glyph: Glyph| {
        view! {
            <button
                class="us-btn us-btn--ghost us-btn--icon"
                type="button"
                aria-label=label
                disabled=move || neighbour(step).is_none()
                on:click=move |_| {
                    if let Some(id) = untrack(|| neighbour(step)) {
                        users.open(navigator, &id);
                    }
                }
            >
                <Icon glyph small=true />
            </button>
        }
    };
    view! {
        <span class="us-row us-row--1">
            {button(-1, "Previous user", Glyph::Up)}
            {button(1, "Next user", Glyph::Down)}
            <button
                class="us-btn us-btn--ghost us-btn--icon"
                type="button"
                aria-label="Close profile"
                on:click=move |_| users.close(navigator)
            >
                <Icon glyph=Glyph::Cross />
            </button>
        </span>
    }
}

/// The value of the property `name`.
fn display_name(user: &User) -> Option<String> {
    user.properties
        .iter()
        .find(|property| property.name == "name")
        .and_then(|property| match &property.value {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        })
}

#[component]
fn Segments(id: String) -> impl IntoView {
    let navigator = Navigator::expect();
    let client: Client = expect_context();
    let segments = Loader::new(
        move || Some(id.clone()),
        move |id| {
            let client = client.clone();
            async move { client.user_segments(&id).await }
        },
    );
    let list = move |found: &UserSegments| {
        let items: Vec<_> = found
            .items
            .iter()
            .map(|segment| {
                let href = navigator.href_with(
                    &Route::Users,
                    &segments_format::url::Params::new().with("segment", segment.id.as_str()),
                );
                entry(
                    Glyph::Segment,
                    href,
                    &segment.name,
                    segment.sentence.clone(),
                )
            })
            .collect();
        let none = match (items.is_empty(), found.failed.is_empty()) {
            (false, _) => None,
            (true, true) => Some("This user is not in any segment."),
            (true, false) => Some("This user is not in any other segment."),
        };
        view! {
            {none.map(|none| view! { <p class="us-muted profile__none">{none}</p> })}
            {(!items.is_empty()).then(|| view! { <ul class="profile__segments">{items}</ul> })}
            {not_evaluated(navigator, &found.failed)}
        }
        .into_any()
    };
    view! {
        <section>
            <h3 class="profile__title">"In segments"</h3>
            {move || {
                segments
                    .status()
                    .with(|status| match (status.value(), status.error()) {
                        (Some(found), _) => list(found),
                        (None, Some(error)) => {
                            not_loaded(error, Callback::new(move |()| segments.reload())).into_any()
                        }
                        (None, None) if status.is_slow() => {
                            view! { <Busy label="Loading segments" rows=2 /> }.into_any()
                        }
                        (None, None) => view! { <p class="profile__wait"></p> }.into_any(),
                    })
            }}
        </section>
    }
}

/// The segments of which it is not known whether they hold the user, each with the way to where it can be mended.
fn not_evaluated(navigator: Navigator, failed: &[FailedSegment]) -> Option<impl IntoView + use<>> {
    let items: Vec<_> = failed
        .iter()
        .map(|segment| {
            let href = navigator.href(&Route::ComposerOf(segment.id.clone()));
            entry(
                Glyph::Warning,
                href,
                &segment.name,
                sentence(&segment.detail),
            )
        })
        .collect();
    let heading = unique_id("failed");
    (!items.is_empty()).then(|| {
        view! {
            <div class="profile__failed">
                <h4 id=heading.clone()>"Could not be evaluated"</h4>
                <ul class="profile__segments" aria-labelledby=heading>
                    {items}
                </ul>
            </div>
        }
    })
}

/// A segment's name as a link, and a line about it.
fn entry(glyph: Glyph, href: String, name: &str, line: String) -> impl IntoView + use<> {
    view! {
        <li>
            <Icon glyph small=true />
            <span class="us-two">
                <a href=href>
                    <bdi>{name.to_owned()}</bdi>
                </a>
                <span class="us-muted">{line}</span>
            </span>
        </li>
    }
}

/// Why a part of the profile is missing.
fn not_loaded(error: &ApiError, again: Callback<()>) -> impl IntoView + use<> {
    view! {
        <p class="us-error">{sentence(&error.to_string())}</p>
        <button class="us-btn us-btn--sm" type="button" on:click=move |_| again.run(())>
            "Try again"
        </button>
    }
}

#[component]
fn Properties(user: Loader<User>) -> impl IntoView {
    let zone = Session::expect().zone();
    let fact = |name: &'static str, value: String| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let property = |property: &PropertyValue, zone: &str| {
        let value = property
            .value
            .as_ref()
            .map(|value| format::value(value, zone));
        view! {
            <div>
                <dt>
                    <bdi>{property.name.clone()}</bdi>
                </dt>
                <dd>
                    {match value {
                        Some(value) => view! { <bdi>{value}</bdi> }.into_any(),
                        None => view! { <span class="us-muted">"not set"</span> }.into_any(),
                    }}
                </dd>
            </div>
        }
    };
    let time = |at: Option<Instant>, zone: &str| {
        at.map_or_else(|| "never".to_owned(), |at| format::date_time(at, zone))
    };
    view! {
        <section>
            <h3 class="profile__title">"Properties " <small class="us-muted">"current values"</small></h3>
            {move || {
                let zone = zone.get();
                user.status()
                    .with(|status| match status.value() {
                        Some(user) => {
                            let properties: Vec<_> = user
                                .properties
                                .iter()
                                .map(|value| property(value, &zone))
                                .collect();
                            view! {
                                <dl class="profile__properties">
                                    {fact("First seen", time(user.first_event_at, &zone))}
                                    {fact("Last seen", time(user.last_event_at, &zone))}
                                    {fact("Events", format::count(user.events))} {properties}
                                </dl>
                            }
                                .into_any()
                        }
                        None if status.is_slow() => {
                            view! { <Busy label="Loading properties" rows=3 /> }.into_any()
                        }
                        None => view! { <p class="profile__wait"></p> }.into_any(),
                    })
            }}
        </section>
    }
}

/// The unit in which a user's events are counted: so that there are neither too few nor too many bars.
fn activity_unit(user: &User) -> CalendarUnit {
    match (user.first_event_at, user.last_event_at) {
        (Some(first), Some(last)) if last.millis() - first.millis() > MOST_DAYS * DAY_MS => {
            CalendarUnit::Week
        }
        _ => CalendarUnit::Day,
    }
}

#[component]
fn ActivityChart(id: String, user: Loader<User>) -> impl IntoView {
    let zone = Session::expect().zone();
    let client: Client = expect_context();
    let unit = Memo::new(move |_| user.map(activity_unit));
    let activity = Loader::new(
        move || unit.get().map(|unit| (id.clone(), unit)),
        move |(id, unit)| {
            let client = client.clone();
            async move { client.user_activity(&id, unit).await }
        },
    );
    let chart = move |activity: &Activity, zone: &str| {
        let unit = unit.get().unwrap_or(CalendarUnit::Day);
        let (Some(first), Some(last)) = (activity.buckets.first(), activity.buckets.last()) else {
            return view! { <p class="us-muted">"No events yet."</p> }.into_any();
        };
        let values: Vec<u64> = activity
            .buckets
            .iter()
            .map(|bucket| bucket.events)
            .collect();
        let most = activity.buckets.iter().max_by_key(|bucket| bucket.events);
        let finding = most.map_or_else(String::new, |most| {
            let from = match unit {
                CalendarUnit::Day => "",
                _ => "from ",
            };
            format!(
                "Busiest {}: {from}{}, {}",
                unit.word(),
                format::date(most.start, zone),
                format::plural(most.events, "event", "events")
            )
        });
        let label = format!("Events per {}. {finding}.", unit.word());
        view! {
            <Bars values label />
            <p class="profile__axis">
                <span>{format::date(first.start, zone)}</span>
                <span>{format::date(last.start, zone)}</span>
            </p>
            <p class="us-muted profile__note">{finding}"."</p>
        }
        .into_any()
    };
    view! {
        <section>
            <h3 class="profile__title">
                "Activity "
                <small class="us-muted">
                    {move || unit.get().map(|unit| format!("events per {}", unit.word()))}
                </small>
            </h3>
            {move || {
                let zone = zone.get();
                activity
                    .status()
                    .with(|status| match (status.value(), status.error()) {
                        (Some(activity), _) => chart(activity, &zone),
                        (None, Some(error)) => {
                            not_loaded(error, Callback::new(move |()| activity.reload())).into_any()
                        }
                        (None, None) => view! { <p class="profile__wait"></p> }.into_any(),
                    })
            }}
        </section>
    }
}
