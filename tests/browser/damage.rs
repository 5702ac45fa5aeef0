//! What the pages show of data that cannot be read, and of questions that the backend gives up.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::link::{Link, PARAM};
use serde_json::{Value, json};
use user_segments::app::Shell;
use user_segments::client::{Call, Client};
use user_segments::shell::route::Navigator;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Reply, Scripted, Stage};

const PLAN: &str = "the user property \"plan\": \"users\" has a checksum that does not match";

fn stamp() -> Value {
    json!({"as_of": "2026-01-02T03:04:05.000Z", "time_zone": "UTC", "start": null, "end": null, "unit": "users",
        "exact": true, "data_version": "1", "took_ms": 1})
}

/// A project of imported data.
fn project(backend: &str, users: u64, damaged: &[&str]) -> Value {
    json!({
        "name": "Shop", "time_zone": "UTC", "now": "2026-01-02T03:04:05.000Z",
        "data": {"version": "1", "source": "imported", "events": users * 10, "users": users, "first_event_at": null,
            "last_event_at": null, "damaged": damaged},
        "me": {"id": "me", "name": "Maya", "role": "admin"},
        "capabilities": {"backend": backend, "criteria": [], "import_formats": ["csv"], "export_formats": [],
            "reset": backend == "embedded"},
        "limits": {"page": 200, "criteria": 200, "body_bytes": 1000},
    })
}

fn segments(items: &[Value], failed: &[(&str, &str, &str)]) -> Value {
    let failed: Vec<Value> = failed
        .iter()
        .map(|(id, name, detail)| json!({"id": id, "name": name, "detail": detail}))
        .collect();
    json!({"stamp": stamp(), "items": items, "failed": failed})
}

fn import(detail: Option<&str>) -> Value {
    json!({"id": "i", "status": "complete", "bytes_read": 9, "bytes_total": 9, "lines": 1, "detail": detail,
        "report": {"kind": "events", "format": "csv", "user": "user", "event": "event", "time": "time",
            "time_formats": [], "time_zone": "UTC", "accepted": 1, "rejected": 0, "users": 1,
            "first_event_at": null, "last_event_at": null, "types": [], "rejects": []}})
}

/// What every page asks besides what a test is about.
fn rest(call: &Call) -> Reply {
    let path = call.path.split('?').next().unwrap_or_default();
    Reply::Json(
        200,
        match (call.method.name(), path) {
            ("GET", "/segments") => json!({"items": [], "next_cursor": null, "total": 0,
                "facets": {"dynamic": 0, "static": 0, "archived": 0, "categories": [], "creators": []}}),
            ("GET", "/dictionary") => {
                json!({"data_version": "1", "event_properties": [], "user_properties": [],
                "events": [{"name": "Ordered", "volume": 5, "users": 5, "first_seen": null, "last_seen": null,
                    "properties": [], "hidden": false}]})
            }
            ("POST", "/users/search") => {
                json!({"stamp": stamp(), "items": [{"id": "u1", "values": {}}],
                "next_cursor": null, "total": 1})
            }
            ("GET", "/users/u1") => json!({"stamp": stamp(), "id": "u1", "first_event_at": null,
                "last_event_at": null, "events": 0, "properties": []}),
            ("GET", "/users/u1/activity") => json!({"stamp": stamp(), "buckets": []}),
            ("GET", "/users/u1/events") => json!({"items": [], "next_cursor": null, "total": 0}),
            ("POST", "/imports/inspect") => {
                json!({"format": "csv", "delimiter": ",", "kind": "events",
                "columns": [], "user": "user", "event": "event", "time": "time", "time_format": "rfc3339"})
            }
            _ => project("embedded", 4, &[]),
        },
    )
}

fn show(path: &str, script: impl Fn(&str) -> Option<Reply> + 'static) -> Stage {
    let backend = Scripted::new(move |call, _| {
        let path = call.path.split('?').next().unwrap_or_default();
        script(&format!("{} {path}", call.method.name())).unwrap_or_else(|| rest(call))
    });
    let client = Client::new(Rc::new(backend));
    let path = path.to_owned();
    Stage::show(move || {
        provide_context(Navigator::in_memory(&path));
        view! { <div class="us-root"><Shell client /></div> }
    })
}

fn show_user(found: Value) -> Stage {
    show("/users/u1", move |call| {
        (call == "GET /users/u1/segments").then(|| Reply::Json(200, found.clone()))
    })
}

#[wasm_bindgen_test]
async fn a_segment_of_which_it_is_not_known_is_below_those_that_hold_the_user() {
    let buyers = json!({"id": "a", "name": "Buyers", "sentence": "users who did Ordered"});
    let stage = show_user(segments(
        &[buyers],
        &[(
            "b",
            "On a plan",
            "the user property \"plan\" cannot be read",
        )],
    ));
    let heading = stage.wait_for(".profile__failed h4").await;
    assert_eq!(heading.text_content().unwrap(), "Could not be evaluated");
    let list = stage.get(".profile__failed ul");
    assert_eq!(
        list.get_attribute("aria-labelledby").unwrap(),
        heading.id(),
        "a screen reader says what the list is"
    );
    assert_eq!(
        stage.texts(".profile__segments a"),
        ["Buyers", "On a plan"],
        "those that hold the user come first"
    );
    let link = stage.named("On a plan").unwrap();
    assert_eq!(link.get_attribute("href").unwrap(), "/composer/b");
    assert_eq!(
        stage.texts(".profile__failed li .us-muted"),
        ["The user property \"plan\" cannot be read."]
    );
}

#[wasm_bindgen_test]
async fn no_segment_is_said_to_hold_the_user_only_of_those_that_are_known() {
    let stage = show_user(segments(&[], &[]));
    stage
        .until(
            || stage.texts(".profile__none") == ["This user is not in any segment."],
            "no segment",
        )
        .await;
    assert!(stage.find(".profile__failed").is_none());
    drop(stage);
    let stage = show_user(segments(&[], &[("b", "On a plan", "it is gone")]));
    stage
        .until(
            || stage.texts(".profile__none") == ["This user is not in any other segment."],
            "the others",
        )
        .await;
    assert_eq!(stage.texts(".profile__failed a"), ["On a plan"]);
}

#[wasm_bindgen_test]
async fn what_a_profile_could_not_ask_is_asked_again() {
    let tries = Rc::new(Cell::new(0));
    let count = Rc::clone(&tries);
    let stage = show("/users/u1", move |call| {
        if call != "GET /users/u1/segments" {
            return None;
        }
        count.set(count.get() + 1);
        Some(match count.get() {
            1 => too_busy(),
            _ => Reply::Json(200, segments(&[], &[])),
        })
    });
    stage.wait_for(".profile .us-error").await;
    assert_eq!(
        stage.texts(".profile .us-error"),
        ["Too many queries are running. Try again in a moment."]
    );
    stage.press("Try again").await;
    stage.wait_for(".profile__none").await;
    assert_eq!(tries.get(), 2);
}

async fn show_data(project: Value) -> Stage {
    let stage = show("/settings/data", move |call| {
        (call == "GET /project").then(|| Reply::Json(200, project.clone()))
    });
    stage.wait_for(".data-page dl").await;
    stage
}

#[wasm_bindgen_test]
async fn damaged_parts_are_named_with_what_to_do() {
    let stage = show_data(project("server", 4, &[PLAN])).await;
    let banner = stage.get(".data-damaged[role=status]");
    assert_eq!(
        stage.texts(".data-damaged strong"),
        ["Part of the imported data cannot be read."]
    );
    assert_eq!(
        stage.texts(".data-damaged li"),
        ["The user property \"plan\": \"users\" has a checksum that does not match."]
    );
    let text = banner.text_content().unwrap();
    assert!(text.contains("from a backup"), "{text}");
    assert!(!text.contains("demo"), "this backend has none: {text}");
    drop(stage);

    let stage = show_data(project("embedded", 4, &[PLAN])).await;
    let text = stage.get(".data-damaged").text_content().unwrap();
    assert!(text.contains("demo data"), "{text}");
    assert!(!text.contains("backup"), "a tab has no files: {text}");
}

#[wasm_bindgen_test]
async fn data_that_is_lost_has_the_backends_advice_and_whole_data_has_no_banner() {
    let told = "the imported data is damaged: the file \"store-1-0\". Import the data again";
    let stage = show_data(project("server", 0, &[told])).await;
    assert_eq!(
        stage.texts(".data-damaged .us-grow"),
        [
            "The imported data cannot be read. The imported data is damaged: the file \"store-1-0\". Import the data again."
        ]
    );
    drop(stage);
    let stage = show_data(project("server", 4, &[])).await;
    assert!(stage.find(".data-damaged").is_none());
    assert!(stage.find("a.us-status").is_none());
}

#[wasm_bindgen_test]
async fn every_page_leads_to_what_is_damaged() {
    let stage = show("/settings/preferences", |call| {
        (call == "GET /project").then(|| Reply::Json(200, project("server", 4, &[PLAN])))
    });
    let link = stage.wait_for("a.us-status").await;
    assert_eq!(link.text_content().unwrap(), "Data damaged");
    assert_eq!(link.get_attribute("href").unwrap(), "/settings/data");
}

/// Chooses a file as a person does.
fn choose_file(stage: &Stage) {
    let choose = js_sys::Function::new_with_args(
        "input",
        "const files = new DataTransfer();
        files.items.add(new File(['user,event,time'], 'more.csv'));
        input.files = files.files;
        input.dispatchEvent(new Event('change', {bubbles: true}));",
    );
    let input = stage.get("input[type=file]");
    choose.call1(&JsValue::NULL, &input).unwrap();
}

#[wasm_bindgen_test]
async fn a_complete_import_says_what_became_of_the_data_before_it() {
    for detail in [Some("the earlier data could not be read"), None] {
        let stage = show("/settings/data", move |call| {
            call.starts_with("PUT /imports/")
                .then(|| Reply::Json(201, import(detail)))
        });
        stage.wait_for("input[type=file]").await;
        choose_file(&stage);
        stage.wait_for(".data-form [type=submit]").await.click();
        stage.wait_for(".data-facts").await;
        let expected: &[&str] = match detail {
            Some(_) => &["The earlier data could not be read."],
            None => &[],
        };
        assert_eq!(stage.texts(".us-banner--warn"), expected);
    }
}

fn too_busy() -> Reply {
    Reply::Json(
        503,
        json!({"type": "/problems/too-busy", "title": "Too many", "status": 503, "detail": "as the backend says",
            "exceeded": {"limit": "waiting", "most": 100}}),
    )
}

fn over_budget() -> Reply {
    Reply::Json(
        503,
        json!({"type": "/problems/over-budget", "title": "Too much", "status": 503, "detail": "as the backend says",
            "exceeded": {"limit": "question_ms", "most": 60_000}}),
    )
}

fn damaged_data() -> Reply {
    Reply::Json(
        500,
        json!({"type": "/problems/damaged-data", "title": "Damaged", "status": 500,
            "detail": "the imported data is damaged: the events \"Ordered\""}),
    )
}

const TOO_LONG: &str =
    "This took more than 60 seconds and was stopped. Try a shorter range or fewer criteria.";

#[wasm_bindgen_test]
async fn a_tool_says_why_there_is_no_answer_and_asks_again() {
    let query = json!({
        "tool": "segmentation", "measures": [{"event": "Ordered", "aggregate": {"of": "total"}}],
        "during": {"type": "last", "count": 7, "unit": "day"}, "interval": "day",
    });
    let link = Link {
        query: serde_json::from_value(query).unwrap(),
        view: Value::Null,
        selection: None,
    };
    let params = Params::new().with(PARAM, link.write());
    let tries = Rc::new(Cell::new(0));
    let count = Rc::clone(&tries);
    let stage = show(
        &format!("/tools/segmentation{}", params.to_readable_query()),
        move |call| {
            if call != "POST /query" {
                return None;
            }
            count.set(count.get() + 1);
            Some(match count.get() {
                1 => over_budget(),
                2 => too_busy(),
                _ => damaged_data(),
            })
        },
    );
    for (title, text) in [
        ("No results", TOO_LONG),
        (
            "No results",
            "Too many queries are running. Try again in a moment.",
        ),
        (
            "The query cannot be answered",
            "The imported data is damaged: the events \"Ordered\".",
        ),
    ] {
        stage
            .until(|| stage.texts(".us-empty[role=alert] p") == [text], text)
            .await;
        assert_eq!(stage.texts(".us-empty h2"), [title]);
        stage.press("Try again").await;
    }
    stage.until(|| tries.get() == 4, "the last try").await;
}

#[wasm_bindgen_test]
async fn the_list_of_users_and_the_composer_do_too() {
    let stage = show("/users", |call| {
        (call == "POST /users/search").then(over_budget)
    });
    stage.wait_for(".users-page .us-empty").await;
    assert_eq!(stage.texts(".us-empty p"), [TOO_LONG]);
    assert!(stage.named("Try again").is_some());
    drop(stage);

    user_segments::shell::storage::set("draft.new", None);
    let tries = Rc::new(Cell::new(0));
    let count = Rc::clone(&tries);
    let stage = show("/composer", move |call| {
        if call != "POST /segments/preview" {
            return None;
        }
        count.set(count.get() + 1);
        Some(damaged_data())
    });
    let text = "The imported data is damaged: the events \"Ordered\".";
    stage
        .until(
            || stage.texts(".live__wait[role=alert] .us-grow") == [text],
            "the banner",
        )
        .await;
    let before = tries.get();
    stage.press("Try again").await;
    stage.until(|| tries.get() > before, "another try").await;
}
