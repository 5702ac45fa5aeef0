//! A file on its way in: looked at, mapped, imported.

use leptos::prelude::*;
use segments_model::import::{Import, ImportOptions, ImportStatus, Inspection};
use segments_model::project::BackendKind;
use segments_ui::drop::SendFile;
use segments_ui::states::sentence;
use segments_ui::task::{Task, sleep, spawn};
use segments_ui::{Toast, Toaster};
use web_sys::File;

use crate::client::{ApiError, Client};
use crate::pages::data::mapping::{Mapping, media_type};
use crate::shell::session::Session;
use crate::shell::storage;

/// So much of a file is looked at to recognise its columns, in bytes.
pub const LOOKED_AT: f64 = 262_144.0;
/// How often an import is asked how far it is, in milliseconds.
pub const ASK_MS: u32 = 250;

/// How far a file is.
#[derive(Clone)]
pub enum Stage {
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
pub struct Arrival {
    pub stage: RwSignal<Stage>,
    pub file: StoredValue<Option<File>, LocalStorage>,
    pub name: RwSignal<String>,
    pub size: RwSignal<u64>,
    pub mapping: RwSignal<Option<Mapping>>,
    pub id: StoredValue<String>,
    pub under_way: StoredValue<Option<Task>, LocalStorage>,
    pub client: StoredValue<Client>,
    pub session: Session,
}

impl Arrival {
    pub fn new() -> Self {
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
    pub fn take(self, SendFile(file): SendFile) {
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

    pub fn import(self, inspection: &Inspection, options: ImportOptions) {
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
    pub async fn watch(self, id: String) {
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
    pub fn cancel(self) {
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
                _ => Toast::done("Import cancelled").detail("Nothing was imported."),
            });
        })
        .detach();
    }

    pub fn clear(self) {
        self.under_way.set_value(None);
        self.file.set_value(None);
        self.mapping.set(None);
        self.stage.set(Stage::Idle);
    }

    pub fn run(self, work: impl Future<Output = ()> + 'static) {
        self.under_way.set_value(Some(spawn(work)));
    }
}

fn unreadable() -> ApiError {
    ApiError::Unreachable {
        place: "The file".to_owned(),
        detail: "the browser can no longer read it. Choose it again".to_owned(),
    }
}
