//! One function for each call of the contract.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use segments_format::url::{Params, encode};
use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};
use segments_model::export::{Export, NewExport};
use segments_model::history::{Sizes, SizesRequest};
use segments_model::import::{Import, ImportOptions, Inspection};
use segments_model::json;
use segments_model::list::Page;
use segments_model::preview::{Preview, PreviewRequest};
use segments_model::project::{Project, ProjectPatch};
use segments_model::query::Query;
use segments_model::range::CalendarUnit;
use segments_model::segment::{
    EvaluateSegments, EvaluatedSegments, NewSegment, SegmentPage, SegmentPatch, SegmentQuery,
    SegmentSummary,
};
use segments_model::selection::{Selected, SelectionRequest};
use segments_model::user::{Activity, Event, User, UserPage, UserSearch, UserSegments};
use segments_model::version::SegmentVersion;
use segments_model::{Instant, Problem, Range, Segment};
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::ApiError;
use crate::client::transport::{Answer, Call, Method, RequestBody, Transport, Watcher};

/// Asks the backend. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: SendWrapper<Rc<dyn Transport>>,
}

/// A resource with the tag that a change of it has to name, so that nobody's change is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    /// The resource.
    pub value: T,
    /// Its `ETag`.
    pub tag: String,
}

/// Which events of a user to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserEvents {
    /// Only those of this name.
    pub event: Option<String>,
    /// Only those of this time.
    pub during: Option<Range>,
    /// How many a page has.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only those before this instant; none: now.
    pub as_of: Option<Instant>,
}

impl Client {
    /// A client that asks by this transport.
    #[must_use]
    pub fn new(transport: Rc<dyn Transport>) -> Self {
        Self {
            transport: SendWrapper::new(transport),
        }
    }

    /// What is at the other end, for people.
    #[must_use]
    pub fn place(&self) -> String {
        self.transport.place()
    }

    // ---- project

    /// The project.
    ///
    /// # Errors
    /// See [`ApiError`]; so for every call.
    pub async fn project(&self) -> Result<Versioned<Project>, ApiError> {
        self.versioned(Call::new(Method::Get, "/project")).await
    }

    /// Changes the project as long as it is still at this tag.
    pub async fn update_project(
        &self,
        tag: &str,
        patch: &ProjectPatch,
    ) -> Result<Versioned<Project>, ApiError> {
        let call = with_json(Call::new(Method::Patch, "/project"), patch)?;
        self.versioned(call.header("if-match", tag)).await
    }

    /// Goes back to the demo data.
    pub async fn reset_project(&self) -> Result<(), ApiError> {
        self.answer(Call::new(Method::Post, "/project/reset"))
            .await
            .map(drop)
    }

    // ---- dictionary

    /// Events and properties.
    pub async fn dictionary(&self) -> Result<Dictionary, ApiError> {
        self.json(Call::new(Method::Get, "/dictionary")).await
    }

    /// Values of a property to suggest, the most frequent first.
    pub async fn values(
        &self,
        kind: EntryKind,
        name: &str,
        search: &str,
    ) -> Result<Suggestions, ApiError> {
        let kind = match kind {
            EntryKind::Events => "events",
            EntryKind::EventProperties => "event_properties",
            EntryKind::UserProperties => "user_properties",
        };
        let search = (!search.is_empty()).then_some(search);
        let query = Params::new().with_opt("search", search).to_query();
        let path = format!("/dictionary/{kind}/{}/values{query}", encode(name));
        self.json(Call::new(Method::Get, path)).await
    }

    // ---- segments

    /// A page of segments.
    pub async fn segments(&self, query: &SegmentQuery) -> Result<SegmentPage, ApiError> {
        let kind = query.kind.as_ref().map(json_word);
        let query = Params::new()
            .with_opt("search", query.search.as_deref())
            .with_opt("kind", kind)
            .with_opt("category", query.category.as_deref())
            .with_opt("creator", query.creator.as_deref())
            .with_opt(
                "archived",
                query.archived.map(|archived| archived.to_string()),
            )
            .with_opt("sort", query.sort.map(|sort| sort.to_string()))
            .with_opt("limit", query.limit.map(|limit| limit.to_string()))
            .with_opt("cursor", query.cursor.as_deref())
            .to_query();
        self.json(Call::new(Method::Get, format!("/segments{query}")))
            .await
    }

    /// A segment, whole.
    pub async fn segment(&self, id: &str) -> Result<Versioned<Segment>, ApiError> {
        self.versioned(Call::new(Method::Get, segment_path(id, "")))
            .await
    }

    pub async fn segment_tag(&self, id: &str) -> Result<String, ApiError> {
        let answer = self
            .answer(Call::new(Method::Get, segment_path(id, "")))
            .await?;
        Ok(tag_of(&answer))
    }

    /// Makes a segment under a key from [`unique_id`](Self::unique_id). The same segment under the same key again is the
    /// same creation, so that nothing is made twice where an answer was lost.
    pub async fn create_segment(
        &self,
        new: &NewSegment,
        key: &str,
    ) -> Result<Versioned<Segment>, ApiError> {
        let call = with_json(Call::new(Method::Post, "/segments"), new)?;
        self.versioned(call.header("idempotency-key", key)).await
    }

    /// Changes a segment as long as it is still at this tag.
    pub async fn update_segment(
        &self,
        id: &str,
        tag: &str,
        patch: &SegmentPatch,
    ) -> Result<Versioned<Segment>, ApiError> {
        let call = with_json(Call::new(Method::Patch, segment_path(id, "")), patch)?;
        self.versioned(call.header("if-match", tag)).await
    }

    /// Deletes a segment as long as it is still at this tag; 409 names what uses it.
    pub async fn delete_segment(&self, id: &str, tag: &str) -> Result<(), ApiError> {
        self.answer(Call::new(Method::Delete, segment_path(id, "")).header("if-match", tag))
            .await
            .map(drop)
    }

    /// Makes a copy under a free name.
    pub async fn duplicate_segment(&self, id: &str) -> Result<Versioned<SegmentSummary>, ApiError> {
        let call = Call::new(Method::Post, segment_path(id, "/duplicate"));
        self.versioned(call.header("idempotency-key", unique_id()))
            .await
    }

    /// Puts a segment out of the way.
    pub async fn archive_segment(&self, id: &str) -> Result<Versioned<SegmentSummary>, ApiError> {
        self.versioned(Call::new(Method::Post, segment_path(id, "/archive")))
            .await
    }

    /// Brings an archived or deleted segment back.
    pub async fn restore_segment(&self, id: &str) -> Result<Versioned<SegmentSummary>, ApiError> {
        self.versioned(Call::new(Method::Post, segment_path(id, "/restore")))
            .await
    }

    /// What a segment was, the newest first, as far as the backend tells it at once.
    pub async fn segment_versions(&self, id: &str) -> Result<Page<SegmentVersion>, ApiError> {
        let path = segment_path(id, "/versions?limit=200");
        self.json(Call::new(Method::Get, path)).await
    }

    /// Brings the sizes of segments up to date.
    pub async fn evaluate_segments(
        &self,
        request: &EvaluateSegments,
    ) -> Result<EvaluatedSegments, ApiError> {
        self.json(with_json(
            Call::new(Method::Post, "/segments/evaluate"),
            request,
        )?)
        .await
    }

    /// Tries a definition out.
    pub async fn preview(&self, request: &PreviewRequest) -> Result<Preview, ApiError> {
        self.json(with_json(
            Call::new(Method::Post, "/segments/preview"),
            request,
        )?)
        .await
    }

    /// How many users met a definition over time.
    pub async fn sizes(&self, request: &SizesRequest) -> Result<Sizes, ApiError> {
        self.json(with_json(
            Call::new(Method::Post, "/segments/preview/history"),
            request,
        )?)
        .await
    }

    // ---- queries

    /// Asks a query of one of the tools, and hears how far it is where the backend knows.
    pub async fn watched_query(
        &self,
        query: &Query,
        watcher: Watcher,
    ) -> Result<segments_model::answer::Answer, ApiError> {
        let mut call = with_json(Call::new(Method::Post, "/query"), query)?;
        call.watcher = Some(watcher);
        let answer = self.answer(call).await?;
        // The one answer that may be large: the detour by way of a value would hold up the page.
        serde_json::from_slice(&answer.body).map_err(|error| self.unreadable(&error))
    }

    /// Makes a definition of a part of a query's answer.
    pub async fn selection(&self, request: &SelectionRequest) -> Result<Selected, ApiError> {
        self.json(with_json(Call::new(Method::Post, "/selection"), request)?)
            .await
    }

    // ---- users

    /// A page of users.
    pub async fn users(&self, search: &UserSearch) -> Result<UserPage, ApiError> {
        self.json(with_json(Call::new(Method::Post, "/users/search"), search)?)
            .await
    }

    pub async fn user(&self, id: &str) -> Result<User, ApiError> {
        self.json(Call::new(Method::Get, format!("/users/{}", encode(id))))
            .await
    }

    /// A user's events, the newest first.
    pub async fn user_events(&self, id: &str, which: &UserEvents) -> Result<Page<Event>, ApiError> {
        let during = which.during.as_ref().map(json_text).transpose()?;
        let query = Params::new()
            .with_opt("event", which.event.as_deref())
            .with_opt("during", during)
            .with_opt("limit", which.limit.map(|limit| limit.to_string()))
            .with_opt("cursor", which.cursor.as_deref())
            .with_opt("as_of", which.as_of.map(|as_of| as_of.to_string()))
            .to_query();
        let path = format!("/users/{}/events{query}", encode(id));
        self.json(Call::new(Method::Get, path)).await
    }

    /// How many events a user has in each unit of time.
    pub async fn user_activity(&self, id: &str, unit: CalendarUnit) -> Result<Activity, ApiError> {
        let path = format!("/users/{}/activity?unit={}", encode(id), unit.word());
        self.json(Call::new(Method::Get, path)).await
    }

    /// The segments that hold a user.
    pub async fn user_segments(&self, id: &str) -> Result<UserSegments, ApiError> {
        let path = format!("/users/{}/segments", encode(id));
        self.json(Call::new(Method::Get, path)).await
    }

    // ---- data in and out

    /// What the first part of a file seems to be.
    pub async fn inspect_import(&self, start: web_sys::Blob) -> Result<Inspection, ApiError> {
        let mut call = Call::new(Method::Post, "/imports/inspect");
        call.body = RequestBody::File(start);
        self.json(call).await
    }

    /// Imports a file under an id from [`unique_id`](Self::unique_id). The answer comes when it has ended; until then
    /// [`import`](Self::import) tells how far it is. The same id again is the same import.
    pub async fn put_import(
        &self,
        id: &str,
        options: &ImportOptions,
        media_type: &str,
        file: web_sys::Blob,
    ) -> Result<Import, ApiError> {
        let query = Params::new()
            .with("kind", json_word(&options.kind))
            .with_opt("user", options.user.as_deref())
            .with_opt("event", options.event.as_deref())
            .with_opt("time", options.time.as_deref())
            .with_opt("time_zone", options.time_zone.as_deref())
            .to_query();
        let mut call = Call::new(Method::Put, format!("/imports/{}{query}", encode(id)))
            .header("content-type", media_type);
        call.body = RequestBody::File(file);
        self.json(call).await
    }

    /// How far an import is.
    pub async fn import(&self, id: &str) -> Result<Import, ApiError> {
        self.json(Call::new(Method::Get, format!("/imports/{}", encode(id))))
            .await
    }

    /// Cancels an import; nothing of it stays.
    pub async fn cancel_import(&self, id: &str) -> Result<(), ApiError> {
        self.answer(Call::new(
            Method::Delete,
            format!("/imports/{}", encode(id)),
        ))
        .await
        .map(drop)
    }

    /// The refused lines with their reasons, as CSV.
    pub async fn import_rejects(&self, id: &str) -> Result<Vec<u8>, ApiError> {
        let path = format!("/imports/{}/rejects", encode(id));
        self.answer(Call::new(Method::Get, path))
            .await
            .map(|answer| answer.body)
    }

    /// Starts an export.
    pub async fn create_export(&self, new: &NewExport) -> Result<Export, ApiError> {
        let call = with_json(Call::new(Method::Post, "/exports"), new)?;
        self.json(call.header("idempotency-key", unique_id())).await
    }

    /// How far an export is.
    pub async fn export(&self, id: &str) -> Result<Export, ApiError> {
        self.json(Call::new(Method::Get, format!("/exports/{}", encode(id))))
            .await
    }

    /// An export's file. Read through the client, because a backend in the tab has no URL that a link could name.
    pub async fn export_file(&self, id: &str) -> Result<Vec<u8>, ApiError> {
        let path = format!("/exports/{}/file", encode(id));
        self.answer(Call::new(Method::Get, path))
            .await
            .map(|answer| answer.body)
    }

    pub async fn cancel_export(&self, id: &str) -> Result<(), ApiError> {
        self.answer(Call::new(
            Method::Delete,
            format!("/exports/{}", encode(id)),
        ))
        .await
        .map(drop)
    }

    /// An id that nothing else has.
    #[must_use]
    pub fn unique_id() -> String {
        unique_id()
    }

    // ---- what all calls share

    async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, ApiError> {
        let answer = self.answer(call).await?;
        self.decode(&answer)
    }

    async fn versioned<T: DeserializeOwned>(&self, call: Call) -> Result<Versioned<T>, ApiError> {
        let answer = self.answer(call).await?;
        Ok(Versioned {
            value: self.decode(&answer)?,
            tag: tag_of(&answer),
        })
    }

    fn decode<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, ApiError> {
        json::read(&answer.body).map_err(|error| self.unreadable(&error))
    }

    fn unreadable(&self, error: &serde_json::Error) -> ApiError {
        ApiError::Decode {
            place: self.place(),
            detail: error.to_string(),
        }
    }

    /// A box, so that each call holds what waits for its answer and not how that is done.
    fn answer(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let answer = self.transport.send(call).await?;
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            Err(json::read::<Problem>(&answer.body).map_or_else(
                |_| ApiError::Status {
                    place: self.place(),
                    status: answer.status,
                },
                ApiError::Problem,
            ))
        })
    }
}

fn tag_of(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_default().to_owned()
}

fn segment_path(id: &str, action: &str) -> String {
    format!("/segments/{}{action}", encode(id))
}

fn with_json(mut call: Call, value: &impl Serialize) -> Result<Call, ApiError> {
    call.body = RequestBody::Json(json_text(value)?.into_bytes());
    Ok(call)
}

fn json_text(value: &impl Serialize) -> Result<String, ApiError> {
    json::write(value).map_err(|error| ApiError::Decode {
        place: "This page".to_owned(),
        detail: error.to_string(),
    })
}

/// The word that a plain enum's value has in JSON.
fn json_word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// 120 random bits. They have to differ, not to be secret.
fn unique_id() -> String {
    (0..5)
        .map(|_| {
            format!(
                "{:06x}",
                (js_sys::Math::random() * f64::from(1 << 24)) as u32
            )
        })
        .collect()
}
