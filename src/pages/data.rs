//! Settings › Data: what data there is and where, and a file of one's own coming in.

mod form;
mod mapping;
mod progress;
mod report;

use leptos::prelude::*;
use segments_model::import::{Import, ImportOptions, ImportStatus, Inspection};
use segments_model::project::{BackendKind, Capabilities, DataSource, Project};
use web_sys::File;

use crate::client::{ApiError, Client};
use crate::format;
use crate::session::Session;
use crate::storage;
use crate::task::{Task, sleep, spawn};
use crate::ui::drop::SendFile;
use crate::ui::states::sentence;
use crate::ui::{Confirm, ErrorState, FileDrop, Glyph, Icon, Toast, Toaster};
use form::Form;
use mapping::{Mapping, media_type};
use progress::ImportProgress;
use report::Report;

/// So much of a file is looked at to recognise its columns, in bytes.
const LOOKED_AT: f64 = 262_144.0;
/// How often an import is asked how far it is, in milliseconds.
const ASK_MS: u32 = 250;

/// How far a file is.
#[derive(Clone)]
enum Stage {
    /// There is none.
    Idle,
    /// Its first part is being looked at.
    Inspecting,
    /// Its columns are being mapped.
    Mapping(Inspection),
    /// It is coming in.
    Importing(Option<Import>),
    /// It is in.
    Done(Import),
    /// It is not, and nothing of it stayed.
    Failed(ApiError),
}

/// A file on its way in. Cheap to copy; lives as long as the page.
#[derive(Clone, Copy)]
struct Arrival {
    stage: RwSignal<Stage>,
    file: StoredValue<Option<File>, LocalStorage>,
    name: RwSignal<String>,
    size: RwSignal<u64>,
    mapping: RwSignal<Option<Mapping>>,
    id: StoredValue<String>,
    under_way: StoredValue<Option<Task>, LocalStorage>,
    client: StoredValue<Client>,
    session: Session,
}

impl Arrival {
    fn new() -> Self {
        let client: Client = expect_context();
        Self {
            stage: RwSignal::new(Stage::Idle),
            file: StoredValue::new_local(None),
            name: RwSignal::new(String::new()),
            size: RwSignal::new(0),
            mapping: RwSignal::new(None),
            id: StoredValue::new(String::new()),
            under_way: StoredValue::new_local(None),
            client: StoredValue::new(client),
            session: Session::expect(),
        }
    }

    /// Looks at a file's first part.
    fn take(self, SendFile(file): SendFile) {
        let file = file.take();
        self.name.set(file.name());
        self.size.set(file.size() as u64);
        let start = file.slice_with_f64_and_f64(0.0, LOOKED_AT);
        self.file.set_value(Some(file));
        self.stage.set(Stage::Inspecting);
        let Ok(start) = start else {
            self.stage.set(Stage::Failed(unreadable()));
            return;
        };
        let zone = self.session.zone();
        self.run(async move {
            match self.client.get_value().inspect_import(start).await {
                Ok(inspection) => {
                    let zone = zone.get_untracked();
                    self.mapping
                        .set(Some(Mapping::recognised(&inspection, &zone)));
                    self.stage.set(Stage::Mapping(inspection));
                }
                Err(error) => self.stage.set(Stage::Failed(error)),
            }
        });
    }

    /// Sends the file.
    fn import(self, inspection: &Inspection, options: ImportOptions) {
        let Some(file) = self.file.get_value() else {
            self.stage.set(Stage::Failed(unreadable()));
            return;
        };
        let embedded = untrack(|| {
            self.session
                .project()
                .map(|project| project.value.capabilities.backend == BackendKind::Embedded)
        });
        if embedded == Some(true) {
            storage::ask_to_keep();
        }
        let id = Client::unique_id();
        self.id.set_value(id.clone());
        self.stage.set(Stage::Importing(None));
        let media_type = media_type(inspection.format);
        self.run(async move {
            let client = self.client.get_value();
            let watched = spawn(self.watch(id.clone()));
            let sent = client
                .put_import(&id, &options, media_type, file.into())
                .await;
            drop(watched);
            match sent {
                Ok(import) if import.status == ImportStatus::Complete => {
                    self.session.data_changed();
                    self.stage.set(Stage::Done(import));
                }
                Ok(import) => {
                    let unknown = match import.status {
                        ImportStatus::Cancelled => "The import was cancelled",
                        _ => "The backend gave no reason",
                    };
                    let detail = import.detail.unwrap_or_else(|| unknown.to_owned());
                    self.stage.set(Stage::Failed(ApiError::Failed(detail)));
                }
                Err(error) => self.stage.set(Stage::Failed(error)),
            }
        });
    }

    /// Asks how far the import is as long as it is under way.
    async fn watch(self, id: String) {
        let client = self.client.get_value();
        loop {
            sleep(ASK_MS).await;
            // The import itself tells what is wrong; until it does, an unanswered question is no news.
            if let Ok(import) = client.import(&id).await {
                self.stage.try_update(|stage| {
                    if matches!(stage, Stage::Importing(_)) {
                        *stage = Stage::Importing(Some(import));
                    }
                });
            }
        }
    }

    /// Stops the import; nothing of it stays.
    fn cancel(self) {
        let client = self.client.get_value();
        let id = self.id.get_value();
        self.under_way.set_value(None);
        self.stage.set(Stage::Idle);
        let toaster = Toaster::expect();
        let name = self.name.get_untracked();
        spawn(async move {
            toaster.show(match client.cancel_import(&id).await {
                // 404: it had not begun.
                Err(error) if error.status() != Some(404) => {
                    Toast::failed(format!("“{name}” could not be cancelled"))
                        .detail(sentence(&error.to_string()))
                }
                _ => Toast::done("Import cancelled").detail("Nothing of it stayed."),
            });
        })
        .detach();
    }

    /// Forgets the file.
    fn clear(self) {
        self.under_way.set_value(None);
        self.file.set_value(None);
        self.mapping.set(None);
        self.stage.set(Stage::Idle);
    }

    fn run(self, work: impl Future<Output = ()> + 'static) {
        self.under_way.set_value(Some(spawn(work)));
    }
}

fn unreadable() -> ApiError {
    ApiError::Unreachable {
        place: "The file".to_owned(),
        detail: "the browser no longer lets it be read; choose it again".to_owned(),
    }
}

/// Settings › Data.
#[component]
pub fn DataPage() -> impl IntoView {
    let arrival = Arrival::new();
    view! {
        <div class="us-page data-page">
            <header class="us-pagehead">
                <div class="us-pagehead__text">
                    <h1>"Data"</h1>
                    <p class="us-pagehead__sub">
                        "Events and users that every page asks about, and files of your own to add."
                    </p>
                </div>
            </header>
            <Current />
            <section class="us-card data-card" aria-labelledby="data-import">
                <div class="us-card__head">
                    <h2 id="data-import">"Bring in a file"</h2>
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
            DataSource::Demo => "Demo data, made up by the program",
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
                <dt>"Kept in"</dt>
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
    let backup = "put the files back from a backup and restart the server";
    let again = "go back to the demo data and import all your files again";
    let way = match (is_server, capabilities.reset) {
        (true, true) => format!("{backup}, or {again}"),
        (true, false) => backup.to_owned(),
        (false, _) => again.to_owned(),
    };
    format!(
        "Everything else still works. To get these parts back, {way}. A file that you import now is added to what can still be read."
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
                Ok(()) => Toast::done("The demo data is back"),
                Err(error) => {
                    Toast::failed("The demo data is not back").detail(sentence(&error.to_string()))
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
            "Back to the demo data"
        </button>
        <Confirm
            open=asking
            title="Go back to the demo data?"
            action="Delete imported data"
            danger=true
            on_confirm=reset
        >
            <p>
                "All imported events and users are deleted from here, and the demo shop takes their place. Your files stay as they are."
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
                        Some(true) => "Your file takes the place of the demo data.",
                        Some(false) => "A file is added to the data that is there. Equal rows are different events.",
                        None => "",
                    }}
                </p>
            }
            .into_any(),
            Stage::Inspecting => view! {
                <p role="status">
                    "Looking at "
                    <strong>
                        <bdi>{arrival.name}</bdi>
                    </strong>
                    "…"
                </p>
            }
            .into_any(),
            Stage::Mapping(inspection) => view! { <Form arrival inspection /> }.into_any(),
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
                            " Nothing of it stayed, and the data that was there is as it was."
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
                                        "Change the columns"
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
