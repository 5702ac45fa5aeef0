//! Settings › Data: what data there is and where, and a file of one's own coming in.

mod arrival;
mod form;
mod mapping;
mod progress;
mod report;

use leptos::prelude::*;
use segments_format as format;
use segments_model::project::{BackendKind, Capabilities, DataSource, Project};
use segments_ui::drop::SendFile;
use segments_ui::states::sentence;
use segments_ui::task::spawn;
use segments_ui::{Confirm, FileDrop, Glyph, Icon, Toast, Toaster};

use crate::client::Client;
use crate::parts::states::ErrorState;
use crate::shell::session::Session;
use arrival::{Arrival, Stage};
use form::ImportForm;
use progress::ImportProgress;
use report::Report;

#[component]
pub fn DataPage() -> impl IntoView {
    let arrival = Arrival::new();
    view! {
        <div class="us-page data-page">
            <header class="us-pagehead">
                <div class="us-pagehead__text">
                    <h1>"Data"</h1>
                    <p class="us-pagehead__sub">
                        "The events and users behind every page. Import your own files here."
                    </p>
                </div>
            </header>
            <Current />
            <section class="us-card data-card" aria-labelledby="data-import">
                <div class="us-card__head">
                    <h2 id="data-import">"Import a file"</h2>
                </div>
                <div class="us-card__body">
                    <Arriving arrival />
                </div>
            </section>
        </div>
    }
}

/// The data that is there, and the backend that has it.
#[component]
fn Current() -> impl IntoView {
    let session = Session::expect();
    let project = session.project();
    let shown = move |project: &Project| {
        let zone = project.time_zone.as_str();
        let embedded = project.capabilities.backend == BackendKind::Embedded;
        let source = match project.data.source {
            DataSource::Demo => "Demo shop (sample data)",
            DataSource::Imported => "Imported files",
            DataSource::Empty => "No data yet",
        };
        let place = if embedded {
            "This browser tab. Nothing leaves it."
        } else {
            "A server"
        };
        let span = match (project.data.first_event_at, project.data.last_event_at) {
            (Some(first), Some(last)) => format!(
                "{} to {}",
                format::date_time(first, zone),
                format::date_time(last, zone)
            ),
            _ => "none".to_owned(),
        };
        let can_reset = project.capabilities.reset && project.data.source != DataSource::Demo;
        view! {
            {damage(project)}
            <dl class="us-facts">
                <dt>"Source"</dt>
                <dd>{source}</dd>
                <dt>"Stored in"</dt>
                <dd>{place}</dd>
                <dt>"Events"</dt>
                <dd>{format::count(project.data.events)}</dd>
                <dt>"Users"</dt>
                <dd>{format::count(project.data.users)}</dd>
                <dt>"From, to"</dt>
                <dd>{span}</dd>
                <dt>"Version"</dt>
                <dd class="us-mono">{project.data.version.clone()}</dd>
            </dl>
            <p class="us-asof data-asof">
                <span>"As of "<strong>{format::date_time(project.now, zone)}</strong></span>
                <span>"Times in "{project.time_zone.clone()}</span>
                <span>"Exact"</span>
            </p>
            {can_reset.then(|| view! { <BackToDemo /> })}
        }
        .into_any()
    };
    view! {
        <section class="us-card data-card" aria-labelledby="data-current">
            <div class="us-card__head">
                <h2 id="data-current">"Current data"</h2>
            </div>
            <div class="us-card__body">
                {move || {
                    project
                        .status()
                        .with(|status| match (status.value(), status.error()) {
                            (Some(project), _) => shown(&project.value),
                            (None, Some(error)) => {
                                view! {
                                    <ErrorState
                                        title="The project did not load"
                                        error=error.clone()
                                        on_retry=Callback::new(move |()| project.reload())
                                    />
                                }
                                    .into_any()
                            }
                            (None, None) => view! { <p class="data-wait"></p> }.into_any(),
                        })
                }}
            </div>
        </section>
    }
}

/// What of the imported data cannot be read, and what to do about it.
fn damage(project: &Project) -> Option<impl IntoView + use<>> {
    let damaged = &project.data.damaged;
    let texts = damaged.iter().map(|text| sentence(text));
    // Of data that is lost as a whole the backend says itself what to do.
    let is_lost = project.data.users == 0 && project.data.events == 0;
    let (title, body) = if is_lost {
        let texts: Vec<String> = texts.collect();
        let title = "The imported data cannot be read. ";
        (title, texts.join(" ").into_any())
    } else {
        let parts = texts.map(|text| view! { <li>{text}</li> }).collect_view();
        let view = view! {
            <ul>{parts}</ul>
            <p>{advice(&project.capabilities)}</p>
        };
        ("Part of the imported data cannot be read.", view.into_any())
    };
    (!damaged.is_empty()).then(|| {
        view! {
            <div class="us-banner us-banner--warn data-damaged" role="status">
                <Icon glyph=Glyph::Warning small=true />
                <div class="us-grow">
                    <strong>{title}</strong>
                    {body}
                </div>
            </div>
        }
    })
}

/// How to get back what cannot be read: importing it once more would double what can be.
fn advice(capabilities: &Capabilities) -> String {
    let is_server = capabilities.backend == BackendKind::Server;
    let backup = "restore the files from a backup and restart the server";
    let again = "restore the demo data and import all your files again";
    let way = match (is_server, capabilities.reset) {
        (true, true) => format!("{backup}, or {again}"),
        (true, false) => backup.to_owned(),
        (false, _) => again.to_owned(),
    };
    format!(
        "Everything else still works. To get these parts back, {way}. Files that you import now are added to the data that can still be read."
    )
}

/// Takes the imported data away and brings the demo back.
#[component]
fn BackToDemo() -> impl IntoView {
    let client: Client = expect_context();
    let session = Session::expect();
    let toaster = Toaster::expect();
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let reset = Callback::new(move |()| {
        let client = client.clone();
        busy.set(true);
        spawn(async move {
            toaster.show(match client.reset_project().await {
                Ok(()) => Toast::done("Demo data restored"),
                Err(error) => {
                    Toast::failed("Demo data was not restored").detail(sentence(&error.to_string()))
                }
            });
            session.data_changed();
            busy.try_set(false);
        })
        .detach();
    });
    view! {
        <button
            class="us-btn data-reset"
            type="button"
            disabled=move || busy.get()
            aria-busy=move || busy.get().to_string()
            on:click=move |_| asking.set(true)
        >
            <Icon glyph=Glyph::History />
            "Restore demo data"
        </button>
        <Confirm
            open=asking
            title="Restore the demo data?"
            action="Delete imported data"
            danger=true
            on_confirm=reset
        >
            <p>
                "This deletes all imported events and users and loads the demo shop instead. Your own files do not change."
            </p>
        </Confirm>
    }
}

/// The file that comes in, at each stage.
#[component]
fn Arriving(arrival: Arrival) -> impl IntoView {
    let place = Memo::new(move |_| {
        arrival.stage.with(|stage| match stage {
            Stage::Idle => 0_u8,
            Stage::Inspecting => 1,
            Stage::Mapping(_) => 2,
            Stage::Importing(_) => 3,
            Stage::Done(_) => 4,
            Stage::Failed(_) => 5,
        })
    });
    let demo = {
        let project = arrival.session.project();
        move || project.map(|project| project.value.data.source == DataSource::Demo)
    };
    move || {
        // Read, not only tracked: a memo that nobody reads follows nothing. Progress inside a stage builds nothing anew.
        let _: u8 = place.get();
        match arrival.stage.get_untracked() {
            Stage::Idle => view! {
                <FileDrop
                    label="Drop a file of events or users here: CSV, tab-separated or NDJSON"
                    accept=".csv,.tsv,.txt,.ndjson,.jsonl,.json"
                    on_file=Callback::new(move |file| arrival.take(file))
                />
                <p class="us-help">
                    {move || match demo() {
                        Some(true) => "Your file replaces the demo data.",
                        Some(false) => "A file adds to the existing data. Identical rows count as separate events.",
                        None => "",
                    }}
                </p>
            }
            .into_any(),
            Stage::Inspecting => view! {
                <p role="status">
                    "Reading "
                    <strong>
                        <bdi>{arrival.name}</bdi>
                    </strong>
                    "…"
                </p>
            }
            .into_any(),
            Stage::Mapping(inspection) => view! { <ImportForm arrival inspection /> }.into_any(),
            Stage::Importing(_) => view! { <ImportProgress arrival /> }.into_any(),
            Stage::Done(import) => view! { <Report arrival import /> }.into_any(),
            Stage::Failed(error) => {
                let details: Vec<String> = error
                    .problem()
                    .map(|problem| {
                        problem
                            .errors
                            .iter()
                            .map(|error| error.detail.clone())
                            .collect()
                    })
                    .unwrap_or_default();
                view! {
                    <div class="us-banner us-banner--bad" role="alert">
                        <Icon glyph=Glyph::Warning small=true />
                        <span class="us-grow">
                            <strong>
                                <bdi>{arrival.name}</bdi>
                                " was not imported. "
                            </strong>
                            {sentence(&error.to_string())}
                            " Nothing was imported, and your existing data is unchanged."
                        </span>
                    </div>
                    {(!details.is_empty())
                        .then(|| {
                            view! {
                                <ul class="data-errors">
                                    {details
                                        .into_iter()
                                        .map(|detail| view! { <li>{sentence(&detail)}</li> })
                                        .collect_view()}
                                </ul>
                            }
                        })}
                    <div class="us-row data-actions">
                        {arrival
                            .mapping
                            .with_untracked(Option::is_some)
                            .then(|| {
                                view! {
                                    <button
                                        class="us-btn"
                                        type="button"
                                        on:click=move |_| {
                                            if let Some(file) = arrival.file.get_value() {
                                                arrival.take(SendFile(send_wrapper::SendWrapper::new(file)));
                                            }
                                        }
                                    >
                                        "Change columns"
                                    </button>
                                }
                            })}
                        <button
                            class="us-btn us-btn--primary"
                            type="button"
                            on:click=move |_| arrival.clear()
                        >
                            "Choose another file"
                        </button>
                    </div>
                }
                .into_any()
            }
        }
    }
}
