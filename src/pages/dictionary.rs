//! The data dictionary: what events, properties and segments there are, and what is known of them.

mod details;
mod entries;

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_format::url::Params;
use segments_model::dictionary::Dictionary;
use segments_model::segment::{SegmentColumn, SegmentQuery, SegmentSort, SegmentSummary};
use segments_ui::dom::{Move, is_dialog_open, is_typing, move_focus};
use segments_ui::states::sentence;
use segments_ui::{
    ColumnKind, EmptyState, Glyph, Icon, SearchField, Segmented, SegmentedOption, Table,
    TableColumn, TableRow, TableSection,
};
use web_sys::KeyboardEvent;

use crate::client::{Client, Loader};
use crate::parts::states::{ListPlaceholder, ListWait};
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use details::Details;
use entries::{DictionaryEntry, DictionarySection, Figure, Kind, Listing, Subject};

/// How many segments are listed at most; the manager lists them all.
const SEGMENTS: u32 = 200;

/// The data dictionary.
#[component]
pub fn DictionaryPage() -> impl IntoView {
    let session = Session::expect();
    let navigator = Navigator::expect();
    let (dictionary, segments) = load();

    let params = navigator.params();
    let search = RwSignal::new(
        params.with_untracked(|params| params.get("q").unwrap_or_default().to_owned()),
    );
    let kind =
        Memo::new(move |_| params.with(|params| params.get("kind").and_then(Kind::from_word)));
    let open =
        Memo::new(move |_| params.with(|params| params.get("open").and_then(Subject::parse)));
    let set_param = move |name: &'static str, value: Option<String>| {
        navigator.set_params(&params.get_untracked().with_opt(name, value));
    };
    Effect::new(move |before: Option<()>| {
        let text = search.get();
        if before.is_some() {
            set_param("q", (!text.is_empty()).then_some(text));
        }
    });
    let listing = Memo::new(move |_| {
        let segments = segments.value().unwrap_or_default();
        dictionary.map(|dictionary| {
            Listing::new(
                dictionary,
                &segments,
                session.project().map(|project| project.value.data.users),
            )
        })
    });
    let shown = Memo::new(move |_| {
        listing.with(|listing| {
            listing
                .as_ref()
                .map(|listing| listing.matching(kind.get(), &search.get()))
        })
    });

    let field = NodeRef::<html::Input>::new();
    let body = NodeRef::<html::Section>::new();
    listen(field, body);
    let select = Callback::new(move |subject: Option<Subject>| {
        set_param("open", subject.map(|subject| subject.to_text()));
    });
    view! {
        <div class="dict" class:us-split-view=move || open.with(Option::is_some)>
            <section class="dpage" aria-label="Dictionary" node_ref=body>
                <header class="us-pagehead">
                    <div class="us-pagehead__text">
                        <h1>"Data dictionary"</h1>
                    </div>
                </header>
                <div class="us-toolbar" role="search" aria-label="Dictionary">
                    <Segmented
                        legend="Kind"
                        options=Signal::derive(move || listing.with(|listing| kinds(listing.as_ref())))
                        value=kind
                        on_change=Callback::new(move |kind: Option<Kind>| {
                            set_param("kind", kind.map(|kind| kind.word().to_owned()));
                        })
                    />
                    <SearchField
                        label="Search the dictionary"
                        placeholder="Search names, descriptions and values"
                        value=search
                        on_input=Callback::new(move |text| search.set(text))
                        element=field
                        slash=true
                    />
                </div>
                <DictionaryBody dictionary segments shown open search select />
            </section>
            {move || {
                let subject = open.get()?;
                Some(
                    view! {
                        <Details
                            subject
                            dictionary
                            segments
                            select
                        />
                    },
                )
            }}
        </div>
    }
}

/// Asks for the dictionary of the newest data, and for the segments that use it.
fn load() -> (Loader<Dictionary>, Loader<Vec<SegmentSummary>>) {
    let client: Client = expect_context();
    let session = Session::expect();
    let dictionary = {
        let client = client.clone();
        // The dictionary describes one version of the data.
        let version = Memo::new(move |_| {
            session
                .project()
                .map(|project| project.value.data.version.clone())
        });
        Loader::new(
            move || Some(version.get()),
            move |_| {
                let client = client.clone();
                async move { client.dictionary().await }
            },
        )
    };
    let segments = Loader::new(
        || Some(()),
        move |()| {
            let client = client.clone();
            async move {
                let query = SegmentQuery {
                    limit: Some(SEGMENTS),
                    sort: Some(SegmentSort {
                        by: SegmentColumn::Users,
                        descending: true,
                    }),
                    ..SegmentQuery::default()
                };
                client.segments(&query).await.map(|page| page.items)
            }
        },
    );
    (dictionary, segments)
}

/// The keys of the page: one leads into the search field, two go through the rows.
fn listen(field: NodeRef<html::Input>, body: NodeRef<html::Section>) {
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if is_typing(&event) || is_dialog_open() {
            return;
        }
        let to = match event.key().as_str() {
            "/" => {
                if let Some(field) = field.try_get_untracked().flatten() {
                    event.prevent_default();
                    segments_ui::dom::focus(&field);
                }
                return;
            }
            "j" => Move::Next,
            "k" => Move::Previous,
            _ => return,
        };
        if let Some(body) = body.try_get_untracked().flatten() {
            move_focus(&body, "[data-row-link]", to);
        }
    });
    on_cleanup(move || keys.remove());
}

/// The kinds to choose from, each with how many entries it has once that is known.
fn kinds(listing: Option<&Listing>) -> Vec<SegmentedOption<Option<Kind>>> {
    let count = |kind: Option<Kind>| {
        listing
            .map(|listing| format::count(listing.count(kind) as u64))
            .unwrap_or_default()
    };
    let mut options = vec![SegmentedOption::new(None, "All").detail(count(None))];
    options.extend(
        Kind::ALL
            .map(|kind| SegmentedOption::new(Some(kind), kind.label()).detail(count(Some(kind)))),
    );
    options
}

/// What stands in place of the table, or the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DictionaryState {
    Wait(ListWait),
    NoMatch,
    Table,
}

#[component]
fn DictionaryBody(
    dictionary: Loader<Dictionary>,
    segments: Loader<Vec<SegmentSummary>>,
    shown: Memo<Option<Vec<DictionarySection>>>,
    open: Memo<Option<Subject>>,
    search: RwSignal<String>,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let state = Memo::new(move |_| {
        if shown.with(|shown| shown.as_ref().is_some_and(|shown| !shown.is_empty())) {
            return DictionaryState::Table;
        }
        let wait = dictionary.status().with(ListWait::of);
        wait.map_or(DictionaryState::NoMatch, DictionaryState::Wait)
    });
    let segments_failed = move || {
        segments
            .status()
            .with(|status| status.error().map(ToString::to_string))
    };
    view! {
        {move || match state.get() {
            DictionaryState::Wait(wait) => view! {
                <ListPlaceholder
                    wait
                    busy="Loading the dictionary"
                    rows=8
                    title="The dictionary did not load"
                    error=dictionary.status().with(|status| status.error().cloned())
                    on_retry=Callback::new(move |()| dictionary.reload())
                />
            }
            .into_any(),
            DictionaryState::NoMatch => view! { <NoEntryMatches search /> }.into_any(),
            DictionaryState::Table => view! { <EntryTable shown open select /> }.into_any(),
        }}
        {move || {
            segments_failed()
                .map(|detail| {
                    view! {
                        <div class="us-banner us-banner--warn" role="status">
                            <Icon glyph=Glyph::Warning small=true />
                            <span class="us-grow">
                                <strong>"Segments did not load. "</strong>
                                {sentence(&detail)}
                            </span>
                            <button class="us-link" type="button" on:click=move |_| segments.reload()>
                                "Try again"
                            </button>
                        </div>
                    }
                })
        }}
    }
}

#[component]
fn NoEntryMatches(search: RwSignal<String>) -> impl IntoView {
    let title = Signal::derive(move || match search.get().trim() {
        "" => "No entries of this kind".to_owned(),
        search => format!("Nothing matches “{search}”"),
    });
    view! {
        <div class="us-tablewrap">
            <EmptyState glyph=Glyph::Search title>
                <Show when=move || !search.with(String::is_empty)>
                    <button class="us-btn" type="button" on:click=move |_| search.set(String::new())>
                        "Clear search"
                    </button>
                </Show>
            </EmptyState>
        </div>
    }
}

/// The columns: key, name, kind, least width, priority.
const COLUMNS: [(&str, &str, ColumnKind, f64, usize); 5] = [
    ("name", "Name", ColumnKind::Heading, 220.0, 0),
    ("about", "Description", ColumnKind::Text, 180.0, 3),
    ("type", "Type", ColumnKind::Text, 88.0, 2),
    ("figure", "Volume or fill", ColumnKind::Figure, 136.0, 1),
    ("samples", "Sample values", ColumnKind::Text, 160.0, 4),
];

#[component]
fn EntryTable(
    shown: Memo<Option<Vec<DictionarySection>>>,
    open: Memo<Option<Subject>>,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let columns: Vec<_> = COLUMNS
        .into_iter()
        .map(|(key, label, kind, width, priority)| {
            TableColumn::new(kind, key, label.to_owned(), width).priority(priority)
        })
        .collect();
    let sections = Memo::new(move |_| {
        let section = |section: &DictionarySection| TableSection {
            title: section.kind.label().to_owned(),
            detail: section.summary.clone(),
            rows: section
                .entries
                .iter()
                .map(|entry| entry.subject.to_text())
                .collect(),
        };
        shown.with(|shown| shown.iter().flatten().map(section).collect::<Vec<_>>())
    });
    view! {
        <Table
            caption="Events, properties and segments"
            columns=Signal::stored(columns)
            sections
            row=Callback::new(move |key: String| row(&key, shown, open, select))
        />
    }
}

fn row(
    key: &str,
    shown: Memo<Option<Vec<DictionarySection>>>,
    open: Memo<Option<Subject>>,
    select: Callback<Option<Subject>>,
) -> TableRow {
    let zone = Session::expect().zone();
    let navigator = Navigator::expect();
    let subject = Subject::parse(key);
    let this = subject.clone();
    let is_open = Signal::derive(move || open.with(|open| this.is_some() && *open == this));
    let entry = Memo::new(move |_| {
        shown.with(|shown| {
            let subject = subject.as_ref()?;
            let sections = shown.as_ref()?;
            let section = sections
                .iter()
                .find(|section| section.kind == subject.kind)?;
            section
                .entries
                .iter()
                .find(|entry| entry.subject == *subject)
                .cloned()
        })
    });
    TableRow {
        selected: is_open,
        cell: Callback::new(move |column: String| {
            (move || {
                let entry = entry.get()?;
                Some(match column.as_str() {
                    "name" => view! { <EntryName entry is_open navigator select /> }.into_any(),
                    "about" => entry.about.into_any(),
                    "type" => entry.type_word.into_any(),
                    "figure" => figure(entry.figure),
                    _ => (move || entry.samples.text(&zone.get())).into_any(),
                })
            })
            .into_any()
        }),
    }
}

#[component]
fn EntryName(
    entry: DictionaryEntry,
    is_open: Signal<bool>,
    navigator: Navigator,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let DictionaryEntry {
        subject,
        label,
        glyph,
        ..
    } = entry;
    let params = Params::new().with("open", subject.to_text());
    let href = navigator.href_with(&crate::shell::route::Route::Dictionary, &params);
    view! {
        <span class="nm">
            <Icon glyph small=true />
            <a
                class="us-truncate"
                href=href
                data-row-link
                aria-current=move || is_open.get().then_some("true")
                on:click=move |event| {
                    let modified = event.ctrl_key() || event.meta_key() || event.shift_key();
                    if !modified {
                        event.prevent_default();
                        select.run(Some(subject.clone()));
                    }
                }
            >
                {label}
            </a>
        </span>
    }
}

fn figure(figure: Figure) -> AnyView {
    match figure {
        Figure::Count(count) => view! { <b>{format::count(count)}</b> }.into_any(),
        Figure::Share { share, words } => view! {
            <span class="us-meter" style=("--v", format!("{:.1}%", share * 100.0))>
                <i></i>
            </span>
            <b>{words}</b>
        }
        .into_any(),
        Figure::Unknown => "–".into_any(),
    }
}
