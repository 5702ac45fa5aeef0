//! The project.

use segments_model::limits::LIMITS;
use segments_model::problem::Code;
use segments_model::project::{
    BackendKind, Capabilities, DataFacts, DataSource, Project, ProjectPatch,
};

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::demo;
use crate::ask::principal::{Action, Principal};
use crate::ask::revision::{Expected, Revised};
use crate::error::Error;
use crate::store::library::StoredProject;

fn revision(context: &RequestContext) -> u64 {
    context
        .library
        .project()
        .map_or(0, |project| project.revision)
}

/// The project as it is.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn read(backend: &Backend, principal: &Principal) -> Result<Revised<Project>, Error> {
    let context = backend.context().await?;
    let engine = backend.data_store.engine();
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let data = match backend.data(&context).await {
        Ok(data) => data.facts(context.now).await?,
        Err(error @ Error::Damaged { .. }) => DataFacts {
            version: context.data_version.clone(),
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
        name: backend.project_name(&context.library),
        time_zone: backend.project_zone(&context.library).to_owned(),
        now: context.now,
        data,
        me: principal.me().clone(),
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
    Ok(Revised {
        revision: revision(&context),
        value: project,
    })
}

/// The name that a project is to have, without white space around it.
fn checked(name: &str) -> Result<&str, Error> {
    const LONGEST: usize = 200;
    let name = name.trim();
    let (code, detail) = if name.is_empty() {
        (Code::Empty, "give the project a name".to_owned())
    } else if name.chars().count() > LONGEST {
        (Code::TooLarge, format!("at most {LONGEST} characters"))
    } else if name.chars().any(char::is_control) {
        (Code::NotAllowed, "no control characters".to_owned())
    } else {
        return Ok(name);
    };
    Err(Error::input("/name", code, detail))
}

/// Gives the project another name or zone.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Input`], [`Error::Stale`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn patch(
    backend: &Backend,
    principal: &Principal,
    patch: &ProjectPatch,
    expected: &Expected,
) -> Result<Revised<Project>, Error> {
    principal.may(Action::ChangeProject)?;
    let name = patch.name.as_deref().map(checked).transpose()?;
    backend
        .change(|context| async move {
            expected.check(revision(&context))?;
            let zone = backend.zone(&context, patch.time_zone.as_deref(), "/time_zone")?;
            let before = context.library.project();
            let project = StoredProject {
                name: name
                    .map(str::to_owned)
                    .or_else(|| before.and_then(|before| before.value.name.clone())),
                time_zone: zone.name().to_owned(),
            };
            Ok((vec![context.library.put_project(&project)?], ()))
        })
        .await?;
    read(backend, principal).await
}

/// Puts the demo in the data's place.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Busy`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn reset(backend: &Backend, principal: &Principal) -> Result<Revised<Project>, Error> {
    principal.may(Action::ChangeData)?;
    if !backend.demo {
        return Err(Error::Forbidden(match backend.host.kind() {
            BackendKind::Server => {
                "this server was started without --demo: there is no demo to go back to".to_owned()
            }
            BackendKind::Embedded => "there is no demo to go back to".to_owned(),
        }));
    }
    let guard = backend.write_guard().await?;
    demo::put(backend, &guard).await?;
    read(backend, principal).await
}
