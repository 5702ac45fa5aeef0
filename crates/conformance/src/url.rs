//! Any backend, asked by the calls of the contract alone.
//!
//! Each world is put there anew: the project is reset, events and users are imported, lists and segments created. The ids
//! that the backend makes take the place of those that the questions name.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use segments_model::answer::Answer;
use segments_model::import::{Import, ImportStatus};
use segments_model::preview::Preview;
use segments_model::problem::Problem;
use segments_model::project::Project;
use segments_model::query::Query;
use segments_model::selection::Selected;
use segments_model::user::UserPage;
use segments_model::user_list::UserList;
use segments_model::walk::{Part, walk};
use segments_model::{Instant, Stamp, ValueType};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

use crate::answer::without_time;
use crate::cases::{Case, Question};
use crate::subject::{Finding, NoFinding, Subject};
use crate::transport::{Request, Response, Transport};
use crate::world::{Event, Plain, Properties, StoredSegment, World};

/// How many users a page has: few, so that there are several pages.
const PAGE: u32 = 3;
/// The columns of the files; no property may be called so.
const COLUMNS: [&str; 3] = ["_user", "_event", "_time"];

type Finds<T> = Result<T, NoFinding>;

/// A backend over HTTP. Its project is RESET again and again: the data there is lost, and lists and segments are added.
pub struct UrlSubject<T> {
    transport: T,
    project: Project,
    /// What sets the imports and segments of this run apart from those of others.
    run: String,
    imports: u64,
    /// The world that was put there last, and what became of it.
    put: Option<(World, Finds<Ids>)>,
}

/// The ids that the backend made, by those of the world.
#[derive(Clone, Debug, Default)]
struct Ids {
    segments: BTreeMap<String, String>,
    lists: BTreeMap<String, String>,
}

/// A call that was refused.
struct Refused {
    response: Response,
    call: String,
}

impl<T: Transport> UrlSubject<T> {
    /// The backend that a transport leads to. `run` sets the imports and segments of this run apart from those of others:
    /// letters, digits and hyphens.
    ///
    /// # Errors
    /// Where no backend answers, or one that cannot be reset or does not read NDJSON.
    pub fn new(transport: T, run: &str) -> Result<Self, String> {
        let mut transport = transport;
        let response = transport.send(Request {
            method: "GET",
            path: "/api/v1/project".to_owned(),
            content_type: "application/json",
            body: Vec::new(),
        })?;
        if response.status != 200 {
            return Err(format!("GET /project: {}", text(&response)));
        }
        let project: Project = serde_json::from_slice(&response.body)
            .map_err(|error| format!("GET /project: {error}: {}", text(&response)))?;
        if !project.capabilities.reset && !transport.replace() {
            return Err(
                "this backend cannot be reset: start one for this alone, such as `segments-server serve --demo` on a folder of its own"
                    .to_owned(),
            );
        }
        let formats = &project.capabilities.import_formats;
        if !formats.iter().any(|format| format == "ndjson") {
            return Err("this backend does not import NDJSON".to_owned());
        }
        Ok(Self {
            transport,
            project,
            run: run.to_owned(),
            imports: 0,
            put: None,
        })
    }

    // ---- calls

    /// A call, whose answer has to come with this status.
    fn call<A: DeserializeOwned>(
        &mut self,
        (method, path): (&'static str, &str),
        (content_type, body): (&'static str, Vec<u8>),
        status: u16,
    ) -> Finds<Result<A, Refused>> {
        let call = format!("{method} {path}");
        let response = self
            .transport
            .send(Request {
                method,
                path: format!("/api/v1{path}"),
                content_type,
                body,
            })
            .map_err(NoFinding::Broken)?;
        if response.status != status {
            return Ok(Err(Refused { response, call }));
        }
        match serde_json::from_slice(&response.body) {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => Err(NoFinding::Broken(format!(
                "{call}: {error}: {}",
                text(&response)
            ))),
        }
    }

    fn post<A: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &Json,
        status: u16,
    ) -> Finds<Result<A, Refused>> {
        let body = body.to_string().into_bytes();
        self.call(("POST", path), ("application/json", body), status)
    }

    // ---- worlds

    /// Puts a world there unless it is the one that was put last.
    fn put(&mut self, world: &World) -> Finds<Ids> {
        if let Some((put, ids)) = &self.put
            && put == world
        {
            return ids.clone();
        }
        let ids = cannot_be_put(world).map_or_else(|| self.put_anew(world), skipped);
        self.put = Some((world.clone(), ids.clone()));
        ids
    }

    fn put_anew(&mut self, world: &World) -> Finds<Ids> {
        if !self.transport.replace() {
            let nothing = ("application/json", Vec::new());
            self.call::<Project>(("POST", "/project/reset"), nothing, 200)?
                .map_err(Refused::broken)?;
        }
        if !world.users.is_empty() {
            let lines = world.users.iter().map(|(user, properties)| {
                line(
                    Map::from_iter([(COLUMNS[0].to_owned(), json!(user))]),
                    properties,
                )
            });
            let rows: Vec<&Properties> = world.users.values().collect();
            self.import("users", "", lines.collect(), &rows)?;
        }
        if !world.events.is_empty() {
            let lines = world.events.iter().map(event_line).collect();
            let rows: Vec<&Properties> =
                world.events.iter().map(|event| &event.properties).collect();
            let columns = format!("&event={}&time={}", COLUMNS[1], COLUMNS[2]);
            self.import("events", &columns, lines, &rows)?;
        }
        let mut ids = Ids::default();
        for (id, members) in &world.lists {
            let text: Vec<&str> = members.iter().map(String::as_str).collect();
            let list: UserList = self
                .call(
                    ("POST", "/user_lists"),
                    ("text/plain", text.join("\n").into_bytes()),
                    201,
                )?
                .map_err(Refused::broken)?;
            ids.lists.insert(id.clone(), list.id);
        }
        self.create_segments(world, &mut ids)?;
        Ok(ids)
    }

    /// Imports a file of NDJSON, each column named, and holds its report to what was in it.
    fn import(
        &mut self,
        kind: &str,
        columns: &str,
        lines: Vec<String>,
        rows: &[&Properties],
    ) -> Finds<()> {
        self.imports += 1;
        let path = format!(
            "/imports/{}-{}?kind={kind}&user={}{columns}&time_zone=UTC",
            self.run, self.imports, COLUMNS[0]
        );
        let body = ("application/x-ndjson", lines.concat().into_bytes());
        let import: Import = self
            .call(("PUT", &path), body, 201)?
            .map_err(Refused::broken)?;
        let accepted = import.report.as_ref().map(|report| report.accepted);
        if import.status != ImportStatus::Complete || accepted != Some(lines.len() as u64) {
            return broken(format!(
                "PUT {path}: of {} lines not all were taken: {import:?}",
                lines.len()
            ));
        }
        let read_types = import.report.map(|report| report.types).unwrap_or_default();
        let read_types: BTreeMap<&str, ValueType> = read_types
            .iter()
            .map(|column| (column.name.as_str(), column.value_type))
            .collect();
        for (name, value_type) in types(rows) {
            let read = read_types.get(name).copied();
            if read != Some(value_type) {
                return skipped(format!(
                    "in a file the property \"{name}\" is read as {read:?}, and is meant as {value_type:?}"
                ));
            }
        }
        Ok(())
    }

    /// Creates the segments, each after those that it refers to.
    fn create_segments(&mut self, world: &World, ids: &mut Ids) -> Finds<()> {
        let mut left: Vec<_> = world.segments.iter().collect();
        // All users of the data exist then.
        let end = world.events.iter().map(|event| event.time).max();
        let end = Instant::from_millis_saturating(end.unwrap_or(0) + 1);
        while !left.is_empty() {
            let names: Vec<&String> = left.iter().map(|(id, _)| *id).collect();
            let is_free = |segment: &StoredSegment| match segment {
                StoredSegment::Static(_) => true,
                StoredSegment::Dynamic { definition, .. } => {
                    let mut named = Vec::new();
                    references(&mut json!(definition), &mut |key, id| {
                        if key == Reference::Segment {
                            named.push(id.clone());
                        }
                    });
                    !named.iter().any(|id| names.contains(&id))
                }
            };
            let Some(next) = left.iter().position(|(_, segment)| is_free(segment)) else {
                return skipped("its segments refer to each other in a circle".to_owned());
            };
            let (id, segment) = left.swap_remove(next);
            // A reset may leave the segments of the world before.
            let name = format!("{id} {} {}", self.run, self.imports);
            let body = match segment {
                StoredSegment::Static(members) => json!({
                    "name": name,
                    "kind": "static",
                    "definition": {"type": "users", "ids": members},
                    "as_of": end,
                }),
                StoredSegment::Dynamic { definition, zone } => json!({
                    "name": name,
                    "kind": "dynamic",
                    "definition": ids.replaced(json!(definition)),
                    "time_zone": zone.name(),
                }),
            };
            let created: Json = self
                .post("/segments", &body, 201)?
                .map_err(Refused::broken)?;
            match created.get("id").and_then(Json::as_str) {
                Some(created) => ids.segments.insert(id.clone(), created.to_owned()),
                None => return broken(format!("POST /segments: no id: {created}")),
            };
        }
        Ok(())
    }

    // ---- questions

    fn definition(&mut self, case: &Case, definition: Json) -> Finds<Finding> {
        let mut body = json!({
            "definition": definition,
            "as_of": Instant::from_millis_saturating(case.as_of),
            "time_zone": case.zone.name(),
        });
        match self.post::<Preview>("/segments/preview", &body, 200)? {
            Err(refused) => refused.finding("/definition"),
            Ok(preview) => {
                hold("POST /segments/preview", &preview.stamp, case)?;
                self.users(&mut body, preview.users)
            }
        }
    }

    /// The users that a search finds on all its pages; so many have to be there.
    fn users(&mut self, search: &mut Json, counted: u64) -> Finds<Finding> {
        search["limit"] = json!(PAGE.min(self.project.limits.page));
        let mut listed = Vec::new();
        loop {
            let page: UserPage = match self.post("/users/search", search, 200)? {
                Ok(page) => page,
                Err(refused) => return Err(refused.broken()),
            };
            if page.total != counted {
                return broken(format!(
                    "{counted} users were counted, and POST /users/search finds {} with {search}",
                    page.total
                ));
            }
            let before = listed.len();
            listed.extend(page.items.into_iter().map(|user| user.id));
            match page.next_cursor {
                Some(cursor) if listed.len() > before => search["cursor"] = json!(cursor),
                Some(_) => {
                    return broken("POST /users/search: an empty page in between".to_owned());
                }
                None => break,
            }
        }
        let total = listed.len() as u64;
        let users: std::collections::BTreeSet<String> = listed.into_iter().collect();
        if total != counted || users.len() as u64 != counted {
            return broken(format!(
                "the pages of POST /users/search have {total} users, {} different ones, in place of {counted}: {search}",
                users.len()
            ));
        }
        Ok(Finding::Users(users))
    }

    fn query(&mut self, case: &Case, query: &Json) -> Finds<Finding> {
        match self.post::<Answer>("/query", query, 200)? {
            Err(refused) => refused.finding(""),
            Ok(answer) => {
                let stamp = match &answer {
                    Answer::Segmentation(answer) => &answer.stamp,
                    Answer::Funnel(answer) => &answer.stamp,
                    Answer::Cohort(answer) => &answer.stamp,
                };
                hold("POST /query", stamp, case)?;
                Ok(Finding::Answer(Box::new(without_time(answer))))
            }
        }
    }

    fn selection(&mut self, query: &Json, selection: &Json) -> Finds<Finding> {
        let body = json!({"query": query, "selection": selection});
        match self.post::<Json>("/selection", &body, 200)? {
            Err(refused) => refused.finding("/query"),
            Ok(answer) => {
                let selected: Selected = serde_json::from_value(answer.clone())
                    .map_err(|error| NoFinding::Broken(format!("{error}: {answer}")))?;
                let mut search = json!({
                    "definition": answer["definition"],
                    "as_of": selected.as_of,
                    "time_zone": selected.time_zone,
                });
                self.users(&mut search, selected.users)
            }
        }
    }

    /// What of the question this backend says that it does not answer.
    fn is_unknown(&self, case: &Case) -> Option<String> {
        let known = &self.project.capabilities;
        let question = case.question().ok()?;
        let (tool, criterion) = match &question {
            Question::Definition(definition) => (None, Some(definition)),
            Question::Query(query) | Question::Selection(query, _) => {
                (Some(tool(query)), query.audience())
            }
        };
        if let Some(tool) = tool.filter(|tool| !known.tools.iter().any(|known| known == tool)) {
            return Some(format!(
                "\"{tool}\" is not among the tools that this backend has"
            ));
        }
        let mut unknown = None;
        walk(criterion?, &mut |_, part| {
            if let Part::Criterion(criterion) = part {
                let name = criterion.type_name();
                if !known.criteria.iter().any(|known| known == name) {
                    unknown = Some(name);
                }
            }
        });
        unknown.map(|name| format!("\"{name}\" is not among the criteria that this backend has"))
    }
}

impl<T: Transport> Subject for UrlSubject<T> {
    fn name(&self) -> &str {
        "backend"
    }

    fn ask(&mut self, case: &Case) -> Finds<Finding> {
        let read = |json: &str| {
            serde_json::from_str::<Json>(json)
                .map_err(|error| NoFinding::Skipped(format!("it is no JSON: {error}")))
        };
        let question = read(&case.ask)?;
        if let Some(unknown) = self.is_unknown(case) {
            return skipped(unknown);
        }
        let ids = self.put(&case.world)?;
        let mut question = ids.replaced(question);
        if !case.is_query() {
            return self.definition(case, question);
        }
        question["as_of"] = json!(Instant::from_millis_saturating(case.as_of));
        question["time_zone"] = json!(case.zone.name());
        if case.select.is_empty() {
            self.query(case, &question)
        } else {
            let selection = read(&case.select)?;
            self.selection(&question, &selection)
        }
    }
}

const fn tool(query: &Query) -> &'static str {
    match query {
        Query::Segmentation(_) => "segmentation",
        Query::Funnel(_) => "funnel",
        Query::Cohort(_) => "cohort",
    }
}

/// An answer has to be as of the instant that was asked, in the zone that was asked.
fn hold(call: &str, stamp: &Stamp, case: &Case) -> Finds<()> {
    if stamp.as_of.millis() == case.as_of && stamp.time_zone == case.zone.name() {
        return Ok(());
    }
    broken(format!(
        "{call} answers as of another instant or in another zone: {stamp:?}"
    ))
}

impl Refused {
    fn broken(self) -> NoFinding {
        NoFinding::Broken(format!("{}: {}", self.call, text(&self.response)))
    }

    /// The first error of the problem, its pointer counted from below a member of the body.
    fn finding(self, below: &str) -> Finds<Finding> {
        let problem: Option<Problem> = serde_json::from_slice(&self.response.body).ok();
        let first = problem.and_then(|problem| problem.errors.into_iter().next());
        match first {
            Some(error) if self.response.status == 400 || self.response.status == 422 => {
                let pointer = error.pointer.strip_prefix(below).unwrap_or(&error.pointer);
                Ok(Finding::Error {
                    pointer: pointer.to_owned(),
                    detail: error.detail,
                })
            }
            _ => Err(self.broken()),
        }
    }
}

fn text(response: &Response) -> String {
    format!(
        "{} {}",
        response.status,
        String::from_utf8_lossy(&response.body)
    )
}

fn broken<T>(reason: String) -> Finds<T> {
    Err(NoFinding::Broken(reason))
}

fn skipped<T>(reason: String) -> Finds<T> {
    Err(NoFinding::Skipped(reason))
}

// ---- worlds as files

/// Why a world cannot come in by files and calls.
fn cannot_be_put(world: &World) -> Option<String> {
    if world.events.is_empty() && world.users.is_empty() {
        return Some(
            "a project without any data cannot be made: it begins with the demo".to_owned(),
        );
    }
    let mut ids = world
        .users
        .keys()
        .chain(world.events.iter().map(|event| &event.user));
    if let Some(id) = ids.find(|id| id.trim() != id.as_str() || id.is_empty()) {
        return Some(format!(
            "in a file, blanks around an id such as {id:?} do not count"
        ));
    }
    let mut listed = world.lists.values().flatten();
    if let Some(id) = listed.find(|id| id.trim() != id.as_str() || id.contains(['\n', '\r'])) {
        return Some(format!(
            "in a list, blanks around an id such as {id:?} do not count"
        ));
    }
    if world
        .lists
        .values()
        .any(std::collections::BTreeSet::is_empty)
    {
        return Some("a list without users cannot be uploaded".to_owned());
    }
    let names = world
        .events
        .iter()
        .map(|event| &event.properties)
        .chain(world.users.values());
    names
        .flat_map(Properties::keys)
        .find(|name| COLUMNS.contains(&name.as_str()))
        .map(|name| format!("the files have a column \"{name}\" of their own"))
}

fn event_line(event: &Event) -> String {
    let fields = [
        json!(event.user),
        json!(event.name),
        json!(Instant::from_millis_saturating(event.time)),
    ];
    let names = COLUMNS.map(str::to_owned);
    line(names.into_iter().zip(fields).collect(), &event.properties)
}

fn line(mut object: Map<String, Json>, properties: &Properties) -> String {
    for (name, value) in properties {
        let value = match value {
            Plain::Text(text) => json!(text),
            Plain::Number(number) => json!(number),
            Plain::Boolean(boolean) => json!(boolean),
            Plain::Datetime(time) => json!(Instant::from_millis_saturating(*time)),
        };
        object.insert(name.clone(), value);
    }
    let mut line = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(line, "{}", Json::Object(object));
    line
}

/// The type of each property: that of its first value.
fn types<'w>(rows: &[&'w Properties]) -> BTreeMap<&'w str, ValueType> {
    let mut types = BTreeMap::new();
    for (name, value) in rows.iter().flat_map(|row| row.iter()) {
        types
            .entry(name.as_str())
            .or_insert_with(|| value.value_type());
    }
    types
}

// ---- ids

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reference {
    Segment,
    List,
}

impl Ids {
    /// A question with the backend's ids in place of those of the world. Ids that the world does not have stay.
    fn replaced(&self, mut question: Json) -> Json {
        references(&mut question, &mut |reference, id| {
            let ids = match reference {
                Reference::Segment => &self.segments,
                Reference::List => &self.lists,
            };
            if let Some(created) = ids.get(id) {
                id.clone_from(created);
            }
        });
        question
    }
}

/// Calls with each id of a segment or a list that a question has in it.
fn references(json: &mut Json, visit: &mut dyn FnMut(Reference, &mut String)) {
    match json {
        Json::Array(items) => {
            for item in items {
                references(item, visit);
            }
        }
        Json::Object(object) => {
            let is = |key: &str, word: &str| object.get(key).and_then(Json::as_str) == Some(word);
            let places = [
                (
                    "id",
                    Reference::Segment,
                    is("type", "segment") || is("of", "segment"),
                ),
                // To group by.
                ("segment", Reference::Segment, !object.contains_key("type")),
                ("list", Reference::List, is("type", "users")),
            ];
            for (key, reference, _) in places.into_iter().filter(|(_, _, here)| *here) {
                if let Some(Json::String(id)) = object.get_mut(key) {
                    visit(reference, id);
                }
            }
            for value in object.values_mut() {
                references(value, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::{Ids, UrlSubject, cannot_be_put};
    use crate::cases::{Case, all};
    use crate::subject::{Finding, NoFinding, Subject as _};
    use crate::transport::{Request, Response, Transport};
    use crate::world::World;
    use segments_model::Instant;
    use serde_json::{Value as Json, json};

    /// A backend that knows the answer, in pages, unless it is told to be wrong.
    #[derive(Clone)]
    struct Parrot {
        users: Vec<&'static str>,
        /// How many users a preview says that there are.
        counted: usize,
        /// The answer to a preview in place of any users.
        refusal: Option<(u16, Json)>,
        can_reset: bool,
        calls: Rc<RefCell<Vec<String>>>,
    }

    impl Parrot {
        fn of(users: &[&'static str]) -> Self {
            Self {
                users: users.to_vec(),
                counted: users.len(),
                refusal: None,
                can_reset: true,
                calls: Rc::default(),
            }
        }

        fn project(&self) -> Json {
            json!({
                "name": "Parrot", "time_zone": "UTC", "now": "2026-06-01T00:00:00.000Z",
                "data": {"version": "1", "source": "demo", "events": 0, "users": 0, "first_event_at": null, "last_event_at": null},
                "me": {"id": "me", "name": "Me", "role": "admin"},
                "capabilities": {
                    "backend": "server", "criteria": ["all", "any", "not", "event", "first_event", "user", "sequence", "segment", "users"],
                    "tools": ["segmentation"], "import_formats": ["ndjson"], "export_formats": [], "reset": self.can_reset,
                },
                "limits": {"page": 1000, "criteria": 500, "body_bytes": 1_000_000},
            })
        }

        fn answer(&self, method: &str, path: &str, body: &[u8]) -> (u16, Json) {
            let body: Json = serde_json::from_slice(body).unwrap_or_default();
            let stamp = json!({
                "as_of": body["as_of"], "time_zone": body["time_zone"], "start": null, "end": null,
                "unit": "users", "exact": true, "data_version": "1", "took_ms": 1.0,
            });
            match (method, path) {
                ("PUT", _) => {
                    // Nothing of it is looked at.
                    (422, json!({}))
                }
                ("POST", "/segments/preview") => self.refusal.clone().unwrap_or((
                    200,
                    json!({
                        "stamp": stamp, "users": self.counted, "share": 0.5, "all_users": 9, "sentence": "", "criteria": [],
                        "sample": [], "lint": [],
                    }),
                )),
                ("POST", "/users/search") => {
                    let from: usize = body["cursor"].as_str().map_or(0, |at| at.parse().unwrap());
                    let limit = usize::try_from(body["limit"].as_u64().unwrap()).unwrap();
                    let page = self.users.iter().skip(from).take(limit);
                    let items: Vec<Json> = page.map(|id| json!({"id": id, "values": {}})).collect();
                    let next = from + items.len();
                    let cursor = (next < self.users.len()).then(|| next.to_string());
                    let total = self.users.len();
                    (
                        200,
                        json!({"stamp": stamp, "items": items, "next_cursor": cursor, "total": total}),
                    )
                }
                _ => (200, self.project()),
            }
        }
    }

    impl Transport for Parrot {
        fn send(&mut self, request: Request) -> Result<Response, String> {
            let path = request.path.strip_prefix("/api/v1").unwrap();
            self.calls
                .borrow_mut()
                .push(format!("{} {path}", request.method));
            let (status, body) = self.answer(request.method, path, &request.body);
            let body = body.to_string().into_bytes();
            Ok(Response { status, body })
        }
    }

    /// A definition, asked of data that counts as put already.
    fn ask(parrot: &Parrot) -> Result<Finding, NoFinding> {
        let case = case(r#"{"type": "all", "of": []}"#);
        let mut subject = UrlSubject::new(parrot.clone(), "test").unwrap();
        subject.put = Some((case.world.clone(), Ok(Ids::default())));
        subject.ask(&case)
    }

    fn case(ask: &str) -> Case {
        Case {
            ask: ask.to_owned(),
            as_of: Instant::parse("2026-05-01T00:00:00.000Z").unwrap().millis(),
            ..all().swap_remove(0)
        }
    }

    #[test]
    fn users_are_read_from_all_pages() {
        let parrot = Parrot::of(&["a", "b", "c", "d", "e", "f", "g"]);
        let users = parrot.users.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(ask(&parrot), Ok(Finding::Users(users)));
        let calls = parrot.calls.borrow();
        let searches = calls.iter().filter(|call| call.contains("search"));
        assert_eq!(searches.count(), 3);
    }

    #[test]
    fn a_backend_that_contradicts_itself_is_broken() {
        let mut parrot = Parrot::of(&["a", "b"]);
        parrot.counted = 3;
        assert!(matches!(ask(&parrot), Err(NoFinding::Broken(_))));
        let parrot = Parrot::of(&["a", "b", "c", "b"]);
        assert!(matches!(ask(&parrot), Err(NoFinding::Broken(_))));
    }

    #[test]
    fn the_first_error_of_a_problem_is_told_from_below_the_definition() {
        let problem = |status: u16, errors: Json| {
            let mut parrot = Parrot::of(&[]);
            let problem = json!({"type": "/problems/input", "title": "", "status": status, "detail": "", "errors": errors});
            parrot.refusal = Some((status, problem));
            ask(&parrot)
        };
        let errors = json!([
            {"pointer": "/definition/of/0", "code": "unknown", "detail": "gone"},
            {"pointer": "/definition", "code": "unknown", "detail": "other"},
        ]);
        let finding = Finding::Error {
            pointer: "/of/0".to_owned(),
            detail: "gone".to_owned(),
        };
        assert_eq!(problem(422, errors.clone()), Ok(finding));
        assert!(matches!(problem(500, errors), Err(NoFinding::Broken(_))));
        assert!(matches!(problem(422, json!([])), Err(NoFinding::Broken(_))));
    }

    #[test]
    fn what_a_backend_does_not_claim_to_answer_is_skipped() {
        let mut subject = UrlSubject::new(Parrot::of(&[]), "test").unwrap();
        let mut skipped = Vec::new();
        for case in all() {
            match subject.ask(&case) {
                Err(NoFinding::Skipped(reason)) => skipped.push(reason),
                // The import is refused.
                other => assert!(matches!(other, Err(NoFinding::Broken(_))), "{other:?}"),
            }
        }
        for name in [
            "\"cohort\" is not among the criteria",
            "\"funnel\" is not among the tools",
        ] {
            assert!(skipped.iter().any(|reason| reason.contains(name)), "{name}");
        }
        let mut parrot = Parrot::of(&[]);
        parrot.can_reset = false;
        assert!(UrlSubject::new(parrot, "test").is_err());
    }

    #[test]
    fn one_world_is_put_once_even_if_that_fails() {
        let parrot = Parrot::of(&[]);
        let mut subject = UrlSubject::new(parrot.clone(), "test").unwrap();
        let case = case(r#"{"type": "all", "of": []}"#);
        for _ in 0..3 {
            assert!(matches!(subject.ask(&case), Err(NoFinding::Broken(_))));
        }
        let calls = parrot.calls.borrow();
        let resets = calls.iter().filter(|call| call.contains("reset"));
        assert_eq!(resets.count(), 1);
    }

    #[test]
    fn worlds_that_no_file_can_hold_are_told() {
        let case = case("{}");
        assert_eq!(cannot_be_put(&case.world), None);
        assert!(cannot_be_put(&World::default()).is_some());
        let mut blank = case.world.clone();
        blank.events[0].user = " anna".to_owned();
        assert!(cannot_be_put(&blank).is_some());
        let mut list = case.world.clone();
        list.lists.insert("none".to_owned(), Default::default());
        assert!(cannot_be_put(&list).is_some());
        let mut column = case.world;
        let value = crate::world::Plain::Boolean(true);
        column.events[0]
            .properties
            .insert("_time".to_owned(), value);
        assert!(cannot_be_put(&column).is_some());
    }

    #[test]
    fn ids_are_replaced_where_they_refer_to_something() {
        let ids = Ids {
            segments: [("x".to_owned(), "S".to_owned())].into(),
            lists: [("x".to_owned(), "L".to_owned())].into(),
        };
        let question = |segment: &str, list: &str| {
            json!({
                "tool": "segmentation", "group_by": [{"scope": "user", "name": "x"}, {"segment": segment}],
                "measures": [{"event": "x", "where": {"type": "segment", "id": segment}}],
                "generation": {"of": "segment", "id": segment},
                "audience": {"type": "all", "of": [
                    {"type": "segment", "id": segment}, {"type": "segment", "id": "lost"},
                    {"type": "users", "ids": ["x"]}, {"type": "users", "list": list},
                    {"type": "user", "where": {"type": "property", "scope": "user", "name": "x", "op": "is", "values": ["x"]}},
                ]},
            })
        };
        assert_eq!(ids.replaced(question("x", "x")), question("S", "L"));
    }
}
