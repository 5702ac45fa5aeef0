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
use segments_ui::{Busy, EmptyState, Glyph, Icon, SearchField, Segmented, SegmentedOption};
use web_sys::KeyboardEvent;

use crate::client::{Client, Loader};
use crate::parts::states::ErrorState;
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use details::Details;
use entries::{Entry, Figure, Kind, Listing, Section, Subject};

/// How many segments are listed at most; the manager lists them all.
const SEGMENTS: u32 = 200;

/// The data dictionary.
#[component]
pub fn DictionaryPage() -> impl IntoView {
    let client: Client = expect_context();
    let session = Session::expect();
    let navigator = Navigator::expect();
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

    let params = navigator.params();
    let search = RwSignal::new(
        params.with_untracked(|params| params.get("q").unwrap_or_default().to_owned()),
    );
    let kind =
        Memo::new(move |_| params.with(|params| params.get("kind").and_then(Kind::from_word)));
    let open =
        Memo::new(move |_| params.with(|params| params.get("open").and_then(Subject::parse)));
    Effect::new(move |before: Option<()>| {
        let text = search.get();
        if before.is_some() {
            let text = (!text.is_empty()).then_some(text);
            navigator.set_params(&params.get_untracked().with_opt("q", text));
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

    let set_param = move |name: &'static str, value: Option<String>| {
        navigator.set_params(&params.get_untracked().with_opt(name, value));
    };
    let select = Callback::new(move |subject: Option<Subject>| {
        set_param("open", subject.map(|subject| subject.to_text()));
    });
    let kinds =
        Signal::derive(move || {
            let count = |kind: Option<Kind>| {
                listing.with(|listing| {
                    listing
                        .as_ref()
                        .map(|listing| format::count(listing.count(kind) as u64))
                        .unwrap_or_default()
                })
            };
            let mut options = vec![SegmentedOption::new(None, "All").detail(count(None))];
            options.extend(Kind::ALL.map(|kind| {
                SegmentedOption::new(Some(kind), kind.label()).detail(count(Some(kind)))
            }));
            options
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
                        options=kinds
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
                <Body dictionary segments shown open search select />
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

#[component]
fn Body(
    dictionary: Loader<Dictionary>,
    segments: Loader<Vec<SegmentSummary>>,
    shown: Memo<Option<Vec<Section>>>,
    open: Memo<Option<Subject>>,
    search: RwSignal<String>,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Nothing,
        Busy,
        Failed,
        NoMatch,
        Table,
    }
    let state = Memo::new(move |_| {
        dictionary.status().with(|status| {
            if shown.with(|shown| shown.as_ref().is_some_and(|shown| !shown.is_empty())) {
                State::Table
            } else if status.value().is_some() {
                State::NoMatch
            } else if status.error().is_some() {
                State::Failed
            } else if status.is_slow() {
                State::Busy
            } else {
                State::Nothing
            }
        })
    });
    let segments_failed = move || {
        segments
            .status()
            .with(|status| status.error().map(ToString::to_string))
    };
    let table = move || {
        view! {
            <div class="us-tablewrap">
                <table class="us-table dtable">
                    <caption class="us-vh">"Events, properties and segments"</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="c-name">
                                "Name"
                            </th>
                            <th scope="col" class="c-about">
                                "Description"
                            </th>
                            <th scope="col" class="c-kind">
                                "Type"
                            </th>
                            <th scope="col" class="c-figure">
                                "Volume or fill"
                            </th>
                            <th scope="col" class="c-samples">
                                "Sample values"
                            </th>
                        </tr>
                    </thead>
                    {move || {
                        shown
                            .get()
                            .unwrap_or_default()
                            .into_iter()
                            .map(|section| view! { <Group section open select /> })
                            .collect_view()
                    }}
                </table>
            </div>
        }
    };
    view! {
        {move || match state.get() {
            State::Nothing => ().into_any(),
            State::Busy => view! {
                <div class="us-tablewrap">
                    <Busy label="Loading the dictionary" rows=8 />
                </div>
            }
            .into_any(),
            State::Failed => dictionary
                .status()
                .with(|status| status.error().cloned())
                .map(|error| {
                    view! {
                        <div class="us-tablewrap">
                            <ErrorState
                                title="The dictionary did not load"
                                error
                                on_retry=Callback::new(move |()| dictionary.reload())
                            />
                        </div>
                    }
                })
                .into_any(),
            State::NoMatch => view! { <NoMatch search /> }.into_any(),
            State::Table => table().into_any(),
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
                                "Retry"
                            </button>
                        </div>
                    }
                })
        }}
    }
}

#[component]
fn NoMatch(search: RwSignal<String>) -> impl IntoView {
    let title = Signal::derive(move || match search.get().trim() {
        "" => "Nothing of this kind".to_owned(),
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

#[component]
fn Group(
    section: Section,
    open: Memo<Option<Subject>>,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let Section {
        kind,
        summary,
        entries,
    } = section;
    let rows = entries
        .into_iter()
        .map(|entry| view! { <Row entry open select /> })
        .collect_view();
    view! {
        <tbody>
            <tr class="us-table__group">
                <th colspan="5" scope="rowgroup">
                    {kind.label()}
                    " "
                    <span class="dict__summary">{summary}</span>
                </th>
            </tr>
            {rows}
        </tbody>
    }
}

#[component]
fn Row(
    entry: Entry,
    open: Memo<Option<Subject>>,
    select: Callback<Option<Subject>>,
) -> impl IntoView {
    let zone = Session::expect().zone();
    let navigator = Navigator::expect();
    let Entry {
        subject,
        label,
        about,
        type_word,
        glyph,
        figure,
        samples,
        ..
    } = entry;
    let this = subject.clone();
    let is_open = Memo::new(move |_| open.with(|open| open.as_ref() == Some(&this)));
    let params = Params::new().with("open", subject.to_text());
    let href = navigator.href_with(&crate::shell::route::Route::Dictionary, &params);
    let title = about.clone();
    let samples = move || samples.text(&zone.get());
    let figure = match figure {
        Figure::Count(count) => view! { <b>{format::count(count)}</b> }.into_any(),
        Figure::Share { share, words } => view! {
            <b>{words}</b>
            <span class="us-meter" style=("--v", format!("{:.1}%", share * 100.0))>
                <i></i>
            </span>
        }
        .into_any(),
        Figure::Unknown => view! { <b>"–"</b> }.into_any(),
    };
    view! {
        <tr aria-selected=move || is_open.get().to_string()>
            <th scope="row">
                <span class="nm">
                    <Icon glyph small=true />
                    <a
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
            </th>
            <td class="us-2" title=title>
                {about}
            </td>
            <td class="us-2">{type_word}</td>
            <td>
                <span class="vol">{figure}</span>
            </td>
            <td class="us-2">{samples}</td>
        </tr>
    }
}
