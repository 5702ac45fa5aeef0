//! Everything that is known of one entry.

use leptos::prelude::*;
use segments_format as format;
use segments_format::url::Params;
use segments_model::Instant;
use segments_model::dictionary::{Dictionary, EntryKind};
use segments_model::segment::SegmentSummary;
use segments_ui::{CopyButton, Glyph, Icon};

use crate::client::{Client, Loader};
use crate::pages::dictionary::entries::{Kind, Subject, type_look};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// Everything that is known of one entry, beside the list.
#[component]
pub fn Details(
    subject: Subject,
    /// Events and properties.
    dictionary: Loader<Dictionary>,
    segments: Loader<Vec<SegmentSummary>>,
    /// Goes to another entry, or back to the list alone.
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let found = Memo::new(move |_| match subject.kind {
        Kind::Segments => segments
            .map(|segments| {
                Known::of_segment(segments.iter().find(|segment| segment.id == subject.name)?)
            })
            .flatten(),
        _ => dictionary
            .map(|dictionary| Known::of(dictionary, &subject))
            .flatten(),
    });
    move || {
        let known = found.get()?;
        let label = known.label.clone();
        Some(view! {
            <aside
                class="us-drawer"
                aria-label=label
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        select.run(None);
                    }
                }
            >
                <DetailsHead known=known.clone() select />
                <div class="us-drawer__body">
                    <EntryFacts known select />
                </div>
            </aside>
        })
    }
}

/// What is known of an entry, of whatever kind.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    subject: Subject,
    label: String,
    about: String,
    glyph: Glyph,
    facts: Vec<(&'static str, Fact)>,
    /// Entries that go with it, under a heading.
    related: Option<(&'static str, Vec<Related>)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Fact {
    Words(String),
    Users(u64),
    Times(Option<Instant>, Option<Instant>),
}

#[derive(Clone, Debug, PartialEq)]
struct Related {
    subject: Subject,
    glyph: Glyph,
    figure: String,
}

impl Known {
    fn of(dictionary: &Dictionary, subject: &Subject) -> Option<Self> {
        match subject.kind {
            Kind::Events => Self::of_event(dictionary, subject),
            Kind::EventProperties => Self::of_event_property(dictionary, subject),
            Kind::UserProperties => Self::of_user_property(dictionary, subject),
            Kind::Segments => None,
        }
    }

    fn of_event(dictionary: &Dictionary, subject: &Subject) -> Option<Self> {
        let event = dictionary
            .events
            .iter()
            .find(|event| event.name == subject.name)?;
        let properties = event
            .properties
            .iter()
            .map(|name| {
                let known = dictionary
                    .event_properties
                    .iter()
                    .find(|property| property.name == *name);
                Related {
                    subject: Subject::new(Kind::EventProperties, name),
                    glyph: known.map_or(Glyph::Text, |known| type_look(known.value_type).1),
                    figure: known
                        .map(|known| format::percent(known.fill_rate))
                        .unwrap_or_default(),
                }
            })
            .collect();
        Some(Self {
            subject: subject.clone(),
            label: event
                .notes
                .display_name
                .clone()
                .unwrap_or_else(|| event.name.clone()),
            about: event.notes.description.clone().unwrap_or_default(),
            glyph: Glyph::Bolt,
            facts: vec![
                (
                    "Volume",
                    Fact::Words(format::plural(event.volume, "event", "events")),
                ),
                ("Users", Fact::Users(event.users)),
                (
                    "First, last",
                    Fact::Times(event.first_seen, event.last_seen),
                ),
            ],
            related: Some(("Properties", properties)),
        })
    }

    fn of_event_property(dictionary: &Dictionary, subject: &Subject) -> Option<Self> {
        let property = dictionary
            .event_properties
            .iter()
            .find(|property| property.name == subject.name)?;
        let (type_word, glyph) = type_look(property.value_type);
        let events = property
            .events
            .iter()
            .map(|name| Related {
                subject: Subject::new(Kind::Events, name),
                glyph: Glyph::Bolt,
                figure: dictionary
                    .events
                    .iter()
                    .find(|event| event.name == *name)
                    .map(|event| format::count(event.volume))
                    .unwrap_or_default(),
            })
            .collect();
        Some(Self {
            subject: subject.clone(),
            label: property
                .notes
                .display_name
                .clone()
                .unwrap_or_else(|| property.name.clone()),
            about: property.notes.description.clone().unwrap_or_default(),
            glyph,
            facts: vec![
                ("Type", Fact::Words(type_word.to_owned())),
                (
                    "Values",
                    Fact::Words(format::plural(property.volume, "event", "events")),
                ),
                (
                    "Fill rate",
                    Fact::Words(format!(
                        "{} of the events that have it",
                        format::percent(property.fill_rate)
                    )),
                ),
            ],
            related: Some(("Events that have it", events)),
        })
    }

    fn of_user_property(dictionary: &Dictionary, subject: &Subject) -> Option<Self> {
        let property = dictionary
            .user_properties
            .iter()
            .find(|property| property.name == subject.name)?;
        let (type_word, glyph) = type_look(property.value_type);
        Some(Self {
            subject: subject.clone(),
            label: property
                .notes
                .display_name
                .clone()
                .unwrap_or_else(|| property.name.clone()),
            about: property.notes.description.clone().unwrap_or_default(),
            glyph,
            facts: vec![
                ("Type", Fact::Words(type_word.to_owned())),
                ("Users", Fact::Users(property.volume)),
                (
                    "Fill rate",
                    Fact::Words(format!(
                        "{} of all users",
                        format::percent(property.fill_rate)
                    )),
                ),
            ],
            related: None,
        })
    }

    fn of_segment(segment: &SegmentSummary) -> Option<Self> {
        let mut facts = vec![(
            "Type",
            Fact::Words(
                match segment.kind {
                    segments_model::segment::SegmentKind::Static => "static",
                    segments_model::segment::SegmentKind::Dynamic => "dynamic",
                }
                .to_owned(),
            ),
        )];
        facts.extend(
            segment
                .evaluation
                .users
                .map(|users| ("Users", Fact::Users(users))),
        );
        if !segment.category.is_empty() {
            facts.push(("Category", Fact::Words(segment.category.clone())));
        }
        facts.push(("Creator", Fact::Words(segment.creator.name.clone())));
        facts.push((
            "Created, updated",
            Fact::Times(Some(segment.created_at), Some(segment.updated_at)),
        ));
        let mut about = segment.description.clone();
        if about.is_empty() {
            about.clone_from(&segment.sentence);
        }
        Some(Self {
            subject: Subject::new(Kind::Segments, &segment.id),
            label: segment.name.clone(),
            about,
            glyph: Glyph::Segment,
            facts,
            related: None,
        })
    }
}

#[component]
fn DetailsHead(known: Known, select: Callback<Option<Subject>>) -> impl IntoView {
    let name = known.subject.name;
    let copy = format!("Copy {name}");
    view! {
        <div class="us-drawer__head">
            <div class="us-row dict__head">
                <span class="ic">
                    <Icon glyph=known.glyph />
                </span>
                <div class="us-two us-grow">
                    <h2>{known.label}</h2>
                    <span class="us-mono us-row us-row--1">
                        <span class="us-truncate">{name.clone()}</span>
                        <CopyButton label=copy text=name />
                    </span>
                </div>
                <button
                    class="us-btn us-btn--ghost us-btn--icon"
                    type="button"
                    aria-label="Close"
                    on:click=move |_| select.run(None)
                >
                    <Icon glyph=Glyph::Cross />
                </button>
            </div>
        </div>
    }
}

#[component]
fn EntryFacts(known: Known, select: Callback<Option<Subject>>) -> impl IntoView {
    let session = Session::expect();
    let navigator = Navigator::expect();
    let zone = session.zone();
    let fact = move |fact: Fact| match fact {
        Fact::Words(words) => words,
        Fact::Users(users) => {
            let all = session.project().map(|project| project.value.data.users);
            match all {
                Some(all) if all > 0 => format!(
                    "{}, {} of {}",
                    format::count(users),
                    format::percent(users as f64 / all as f64),
                    format::count(all)
                ),
                _ => format::count(users),
            }
        }
        Fact::Times(first, last) => {
            let time = |instant: Option<Instant>| {
                instant.map_or_else(
                    || "never".to_owned(),
                    |instant| format::date_time(instant, &zone.get()),
                )
            };
            format!("{} to {}", time(first), time(last))
        }
    };
    let facts = known
        .facts
        .into_iter()
        .map(|(name, value)| {
            view! {
                <dt>{name}</dt>
                <dd>{move || fact(value.clone())}</dd>
            }
        })
        .collect_view();
    let is_segment = known.subject.kind == Kind::Segments;
    let values = known
        .subject
        .kind
        .with_values()
        .map(|kind| view! { <Values kind name=known.subject.name.clone() /> });
    let related = known
        .related
        .filter(|(_, related)| !related.is_empty())
        .map(|(heading, related)| view! { <RelatedEntries heading related select /> });
    let actions = is_segment.then(|| {
        let id = known.subject.name.clone();
        let open = navigator.href(&Route::ComposerOf(id.clone()));
        let users = navigator.href_with(&Route::Users, &Params::new().with("segment", id));
        view! {
            <section class="us-row us-row--15">
                <a class="us-btn" href=open>
                    <Icon glyph=Glyph::Compose />
                    "Open Query"
                </a>
                <a class="us-btn" href=users>
                    <Icon glyph=Glyph::Users />
                    "View Users"
                </a>
            </section>
        }
    });
    view! {
        {(!known.about.is_empty()).then(|| view! { <p class="us-2">{known.about}</p> })}
        <dl class="us-facts us-xs">{facts}</dl>
        {values}
        {related}
        {actions}
    }
}

#[component]
fn RelatedEntries(
    heading: &'static str,
    related: Vec<Related>,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let count = format::count(related.len() as u64);
    let items = related
        .into_iter()
        .map(
            |Related {
                 subject,
                 glyph,
                 figure,
             }| {
                let name = subject.name.clone();
                view! {
                    <li>
                        <Icon glyph small=true />
                        <button
                            class="us-link us-truncate"
                            type="button"
                            on:click=move |_| select.run(Some(subject.clone()))
                        >
                            {name}
                        </button>
                        <span class="us-num us-muted">{figure}</span>
                    </li>
                }
            },
        )
        .collect_view();
    view! {
        <section>
            <h3 class="sec">
                {heading}
                " "
                <span class="us-muted">{count}</span>
            </h3>
            <ul class="eprops">{items}</ul>
        </section>
    }
}

/// The most frequent values of a property.
#[component]
fn Values(kind: EntryKind, name: String) -> impl IntoView {
    let client: Client = expect_context();
    let zone = Session::expect().zone();
    let values = Loader::new(
        move || Some(name.clone()),
        move |name: String| {
            let client = client.clone();
            async move { client.values(kind, &name, "").await }
        },
    );
    let items = move || {
        let suggestions = values.value()?;
        let most = suggestions
            .items
            .iter()
            .map(|item| item.count)
            .max()
            .unwrap_or(1)
            .max(1);
        let left_out = suggestions
            .total
            .saturating_sub(suggestions.items.len() as u64);
        let rows = suggestions
            .items
            .into_iter()
            .map(|item| {
                let share = item.count as f64 / most as f64 * 100.0;
                view! {
                    <li>
                        <span class="us-truncate">{move || format::value(&item.value, &zone.get())}</span>
                        <span class="us-meter" style=("--v", format!("{share:.1}%"))>
                            <i></i>
                        </span>
                        <span class="us-num">{format::count(item.count)}</span>
                    </li>
                }
            })
            .collect_view();
        Some(view! {
            <ul class="dvalues">{rows}</ul>
            {(left_out > 0)
                .then(|| {
                    view! {
                        <p class="us-xs us-muted">
                            {format!("and {}", format::plural(left_out, "other value", "other values"))}
                        </p>
                    }
                })}
        })
    };
    let failure = move || {
        values
            .status()
            .with(|status| status.error().map(ToString::to_string))
            .map(|detail| view! { <p class="us-error">{detail}</p> })
    };
    view! {
        <section>
            <h3 class="sec">"Values"</h3>
            {items}
            {failure}
        </section>
    }
}
