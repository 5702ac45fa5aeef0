//! The project.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use segments_model::problem::Code;
use segments_model::project::{
    BackendKind, Capabilities, DataFacts, DataSource, Project, ProjectPatch,
};

use crate::ask::backend::Backend;
use crate::ask::moment::Moment;
use crate::error::Error;
use crate::http::request::{Input, NoInput, NoParams, Params, must_match};
use crate::http::respond;
use crate::store::library::{StoredProject, Tries};
use segments_model::limits::LIMITS;

type Shared = State<Arc<Backend>>;

fn revision(moment: &Moment) -> u64 {
    moment.shelf.project().map_or(0, |project| project.revision)
}

async fn shown(backend: &Backend) -> Result<Response, Error> {
    let moment = backend.moment().await?;
    let engine = backend.data_store.engine();
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let data = match backend.data(&moment).await {
        Ok(data) => data.facts(moment.now).await?,
        Err(error @ Error::Damaged { .. }) => DataFacts {
            version: moment.data_version.clone(),
            source: DataSource::Imported,
            events: 0,
            users: 0,
            first_event_at: None,
            last_event_at: None,
            damaged: vec![error.to_string()],
        },
        Err(error) => return Err(error),
    };
    let project = Project {
        name: backend.project_name(&moment.shelf),
        time_zone: backend.project_zone(&moment.shelf).to_owned(),
        now: moment.now,
        data,
        me: backend.host.me(),
        capabilities: Capabilities {
            backend: backend.host.kind(),
            criteria: texts(engine.criteria()),
            tools: texts(engine.tools()),
            import_formats: vec!["csv".to_owned(), "ndjson".to_owned()],
            export_formats: ["csv", "ndjson", "json"].map(str::to_owned).to_vec(),
            reset: backend.demo,
        },
        limits: LIMITS,
    };
    respond::tagged(StatusCode::OK, revision(&moment), &project)
}

/// `GET /project`
pub async fn read(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Error> {
    shown(&backend).await
}

/// `PATCH /project`
pub async fn patch(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
    Input { value: patch, .. }: Input<ProjectPatch>,
) -> Result<Response, Error> {
    const LONGEST: usize = 200;
    let name = patch.name.as_deref().map(str::trim);
    if let Some(name) = name {
        let wrong = if name.is_empty() {
            Some((Code::Empty, "give the project a name".to_owned()))
        } else if name.chars().count() > LONGEST {
            Some((Code::TooLarge, format!("at most {LONGEST} characters")))
        } else if name.chars().any(char::is_control) {
            Some((Code::NotAllowed, "no control characters".to_owned()))
        } else {
            None
        };
        if let Some((code, detail)) = wrong {
            return Err(Error::input("/name", code, detail));
        }
    }
    let mut tries = Tries::default();
    loop {
        let moment = backend.moment().await?;
        must_match(&headers)?.check(revision(&moment))?;
        let zone = backend.zone(&moment, patch.time_zone.as_deref(), "/time_zone")?;
        let before = moment.shelf.project();
        let project = StoredProject {
            name: name
                .map(str::to_owned)
                .or_else(|| before.and_then(|before| before.value.name.clone())),
            time_zone: zone.name().to_owned(),
        };
        let changes = vec![moment.shelf.put_project(&project)?];
        if tries
            .settle(backend.library.commit(changes).await)?
            .is_some()
        {
            return shown(&backend).await;
        }
    }
}

/// `POST /project/reset`
pub async fn reset(
    State(backend): Shared,
    Params(NoParams {}): Params<NoParams>,
    NoInput: NoInput,
) -> Result<Response, Error> {
    if !backend.demo {
        return Err(Error::Forbidden(match backend.host.kind() {
            BackendKind::Server => {
                "this server was started without --demo: there is no demo to go back to".to_owned()
            }
            BackendKind::Embedded => "there is no demo to go back to".to_owned(),
        }));
    }
    let guard = backend.data_store.files().try_lock().await?;
    crate::ask::demo::put(&backend, &guard.ok_or(Error::Busy)?).await?;
    shown(&backend).await
}
