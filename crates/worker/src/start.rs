//! Puts the worker together.

use std::{panic, rc::Rc, sync::Arc};

use axum::Router;
use segments_backend::{Options, Parts, Runtime};
use segments_engine::EmbeddedEngine;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;

use crate::{
    BrowserFiles, Database, IndexedDbCatalog, Service, StorageError, WorkerHost, storage::scope,
};

/// The database and the folder that the app keeps everything in.
const NAME: &str = "user-segments";

/// Why the backend could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The browser's storage cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The records and the files do not go together.
    #[error(
        "the stored project was not opened, and nothing was changed: {0}. Removing this site's data in the browser's settings begins anew, without them"
    )]
    CatalogLost(segments_backend::Error),
    /// What is stored cannot be used.
    #[error(transparent)]
    Backend(segments_backend::Error),
}

impl From<segments_backend::Error> for StartError {
    fn from(error: segments_backend::Error) -> Self {
        match error {
            segments_backend::Error::CatalogLost { .. } => Self::CatalogLost(error),
            error => Self::Backend(error),
        }
    }
}

/// Starts the backend in the dedicated worker that this runs in, and tells the page when it listens, or why it does not.
///
/// After a panic the worker answers nothing any more, and says so.
pub fn start() {
    let Ok(scope) = scope() else {
        return;
    };
    let service = Service::new(scope.unchecked_into());
    give_up_on_panic(&service);
    spawn_local(async move {
        let options = Options {
            demo: true,
            ..Options::default()
        };
        match open(NAME, options).await {
            Ok(router) => service.listen(router),
            Err(error) => service.give_up(&error.to_string()),
        }
    });
}

/// The backend over the browser's storage of this name. Several may be open at the same time, in one worker or in many.
///
/// # Errors
/// [`StartError`] where the storage, or what is in it, cannot be used.
pub async fn open(name: &str, options: Options) -> Result<Router, StartError> {
    let database = Rc::new(Database::open(name).await?);
    let files = BrowserFiles::open(name, Rc::clone(&database)).await?;
    let host = Arc::new(WorkerHost::new()?);
    let runtime: Arc<dyn Runtime> = Arc::<WorkerHost>::clone(&host);
    let parts = Parts {
        catalog: Arc::new(IndexedDbCatalog::new(database)),
        files: Arc::new(files),
        engine: Arc::new(EmbeddedEngine::new(runtime)),
        host,
    };
    Ok(segments_backend::open(parts, options).await?)
}

fn give_up_on_panic(service: &Rc<Service>) {
    let service = SendWrapper::new(Rc::clone(service));
    panic::set_hook(Box::new(move |panic| {
        console_error_panic_hook::hook(panic);
        let place = panic
            .location()
            .map(|at| format!(" ({}:{})", at.file(), at.line()))
            .unwrap_or_default();
        service.give_up(&format!(
            "the backend in this tab has broken down by a mistake of its own{place}"
        ));
    }));
}
