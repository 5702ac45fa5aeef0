//! The segment manager against a scripted backend.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use serde_json::{Value, json};
use user_segments::app::Shell;
use user_segments::client::{Call, Client};
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Reply, Scripted, Stage, focused, key, write};

fn segment(id: &str, name: &str, users: u64) -> Value {
    json!({
        "id": id, "name": name, "description": "", "category": "Retention", "kind": "dynamic", "time_zone": "UTC",
        "creator": {"id": "me", "name": "Maya Okafor"}, "created_at": "2026-01-02T03:04:05.000Z",
        "updated_at": "2026-01-02T03:04:05.000Z", "version": 1,
        "evaluation": {"as_of": "2026-01-02T03:04:05.000Z", "users": users, "share": 0.5, "status": "ready"},
        "trend": [1, 2], "sentence": "users who did something", "hash": id, "definition": {"type": "all", "of": []},
    })
}

fn project() -> Value {
    json!({
        "name": "Shop", "time_zone": "UTC", "now": "2026-01-02T03:04:05.000Z",
        "data": {"version": "1", "source": "demo", "events": 10, "users": 4, "first_event_at": null, "last_event_at": null},
        "me": {"id": "me", "name": "Maya Okafor", "role": "admin"},
        "capabilities": {"backend": "embedded", "criteria": [], "import_formats": [], "export_formats": [], "reset": true},
        "limits": {"page": 200, "criteria": 200, "body_bytes": 1000},
    })
}

fn page(items: Vec<Value>) -> Value {
    json!({
        "total": items.len(), "next_cursor": null,
        "facets": {"dynamic": 2, "static": 0, "archived": 0,
            "categories": [{"category": "Retention", "segments": 2}],
            "creators": [{"creator": {"id": "me", "name": "Maya Okafor"}, "segments": 2}]},
        "items": items,
    })
}

/// A backend with two segments, of which the second is in use.
fn backend(bodies: Rc<RefCell<Vec<String>>>) -> Scripted {
    Scripted::new(move |call: &Call, body| {
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        if !body.is_empty() {
            bodies.borrow_mut().push(body.to_owned());
        }
        match (call.method.name(), path) {
            ("GET", "/project") => Reply::Json(200, project()),
            ("GET", "/segments") if query.contains("search=zebra") => {
                Reply::Json(200, page(Vec::new()))
            }
            ("GET", "/segments") => Reply::Json(
                200,
                page(vec![
                    segment("a", "Repeat buyers", 3),
                    segment("b", "Lapsed", 1),
                ]),
            ),
            ("POST", "/segments/evaluate") => Reply::Json(
                200,
                json!({"items": [{"id": "a", "evaluation":
                {"as_of": "2026-01-02T03:04:05.000Z", "users": 1234, "share": 0.25, "status": "ready"}}]}),
            ),
            ("DELETE", "/segments/b") => Reply::Json(
                409,
                json!({"type": "/problems/in-use", "title": "In use", "status": 409,
                "detail": "It is used", "used_by": [{"id": "c", "name": "Win back"}]}),
            ),
            ("PATCH", _) => Reply::Json(
                409,
                json!({"type": "/problems/name-taken", "title": "Name taken", "status": 409,
                "detail": "Choose another name", "errors": [{"pointer": "/name", "code": "name_taken", "detail": "another segment is named so"}]}),
            ),
            ("GET" | "POST", path) if path.contains("/b") => {
                Reply::Json(200, segment("b", "Lapsed", 1))
            }
            _ => Reply::Json(200, segment("a", "Repeat buyers", 3)),
        }
    })
}

fn show() -> (Stage, Scripted, Rc<RefCell<Vec<String>>>) {
    let bodies = Rc::<RefCell<Vec<String>>>::default();
    let backend = backend(Rc::clone(&bodies));
    let client = Client::new(Rc::new(backend.clone()));
    let stage = Stage::show(move || {
        provide_context(user_segments::shell::route::Navigator::in_memory(
            "/settings/segments",
        ));
        view! { <Shell client /> }
    });
    (stage, backend, bodies)
}

#[wasm_bindgen_test]
async fn it_lists_segments_and_brings_their_sizes_up_to_date() {
    let (stage, _, _) = show();
    stage.wait_for("tbody tr").await;
    assert_eq!(stage.texts("[data-row-link]"), ["Repeat buyers", "Lapsed"]);
    stage
        .until(
            || {
                stage
                    .texts("[data-column=users] b")
                    .first()
                    .is_some_and(|size| size == "1,234")
            },
            "the new size",
        )
        .await;
    assert_eq!(stage.texts("h1"), ["User Segments"]);
}

#[wasm_bindgen_test]
async fn a_search_without_a_match_can_be_cleared() {
    let (stage, backend, _) = show();
    stage.wait_for("tbody tr").await;
    write(&stage.get("input[type=search]"), "zebra").await;
    stage
        .until(
            || stage.texts(".us-empty h2") == ["No segment matches “zebra”"],
            "the empty list",
        )
        .await;
    assert!(
        backend
            .asked()
            .iter()
            .any(|call| call.contains("search=zebra") && call.contains("sort=-users"))
    );
    stage.press("Clear search and filters").await;
    stage.wait_for("tbody tr").await;
}

#[wasm_bindgen_test]
async fn keys_move_through_the_list_and_open_the_details() {
    let (stage, _, bodies) = show();
    stage.wait_for("tbody tr").await;
    let body = document().body().unwrap();
    key(&body, "j").await;
    assert_eq!(focused().text_content().unwrap(), "Repeat buyers");
    key(&focused(), "ArrowDown").await;
    assert_eq!(focused().text_content().unwrap(), "Lapsed");
    key(&focused(), "x").await;
    assert_eq!(stage.texts(".us-bulk strong"), ["1 selected"]);
    key(&focused(), "e").await;
    let name = stage.wait_for("#segment-name").await;
    write(&name, "Repeat buyers").await;
    bodies.borrow_mut().clear();
    stage.press("Save changes").await;
    stage
        .until(
            || stage.texts("#segment-name-error") == ["Another segment is named so."],
            "the name's error",
        )
        .await;
    assert_eq!(bodies.borrow().as_slice(), [r#"{"name":"Repeat buyers"}"#]);
    stage.press("Cancel").await;
    stage
        .until(
            || focused().text_content().unwrap() == "Lapsed",
            "the focus to come back",
        )
        .await;
}

#[wasm_bindgen_test]
async fn what_is_in_use_is_not_deleted_and_its_users_are_named() {
    let (stage, _, _) = show();
    stage.wait_for("tbody tr").await;
    stage.named("Lapsed").unwrap().focus().unwrap();
    key(&focused(), "Delete").await;
    stage
        .until(
            || stage.texts("dialog h2") == ["Delete “Lapsed”?"],
            "the question",
        )
        .await;
    stage.get("dialog .us-btn--danger").click();
    stage
        .until(
            || stage.texts("dialog h2") == ["“Lapsed” is in use"],
            "what uses it",
        )
        .await;
    assert_eq!(stage.texts("dialog li"), ["Win back"]);
}

#[wasm_bindgen_test]
async fn archiving_can_be_undone() {
    let (stage, backend, _) = show();
    stage.wait_for("tbody tr").await;
    stage.named("Repeat buyers").unwrap().focus().unwrap();
    key(&focused(), "a").await;
    stage
        .until(
            || stage.texts(".us-toast strong") == ["“Repeat buyers” archived"],
            "the message",
        )
        .await;
    stage.press("Undo").await;
    stage
        .until(
            || {
                backend
                    .asked()
                    .contains(&"POST /segments/a/restore".to_owned())
            },
            "the way back",
        )
        .await;
}

#[wasm_bindgen_test]
async fn an_export_that_failed_says_why_and_can_be_tried_again() {
    let export = |status: &str, detail: Option<&str>| {
        json!({"id": "x", "status": status, "format": "csv", "as_of": "2026-01-02T03:04:05.000Z", "written": 3,
            "users": 3, "href": null, "expires_at": null, "detail": detail})
    };
    let gone = |status: u16| json!({"type": "/problems/gone", "title": "Gone", "status": status, "detail": "there is none"});
    let begun = Rc::new(RefCell::new(0));
    let count = Rc::clone(&begun);
    let backend = Scripted::new(
        move |call, _| match (call.method.name(), call.path.as_str()) {
            ("GET", "/project") => Reply::Json(200, project()),
            ("POST", "/exports") => {
                *count.borrow_mut() += 1;
                Reply::Json(202, export("running", None))
            }
            ("GET", "/exports/x") => match *count.borrow() {
                1 => Reply::Json(200, export("failed", Some("the disk is full"))),
                2 => Reply::Json(404, gone(404)),
                3 => Reply::Json(410, gone(410)),
                _ => Reply::Json(200, export("complete", None)),
            },
            ("GET", "/exports/x/file") => Reply::Json(200, json!("ids")),
            _ => Reply::Json(200, page(vec![segment("a", "Repeat buyers", 3)])),
        },
    );
    let client = Client::new(Rc::new(backend));
    let stage = Stage::show(move || {
        provide_context(user_segments::shell::route::Navigator::in_memory(
            "/settings/segments",
        ));
        view! { <Shell client /> }
    });
    stage.wait_for("tbody tr").await;
    stage.press("More actions for Repeat buyers").await;
    stage.press("Export ids as CSV").await;
    for (title, detail) in [
        ("was not exported", "The disk is full."),
        ("was not exported", "The export was cancelled."),
        ("was not exported", "The file has expired."),
        ("exported", "3 users in Repeat buyers.csv."),
    ] {
        stage
            .until(
                || stage.texts(".us-toast p") == [detail],
                &format!("the message: {detail}"),
            )
            .await;
        assert_eq!(
            stage.texts(".us-toast strong"),
            [format!("\u{201c}Repeat buyers\u{201d} {title}")]
        );
        if title != "exported" {
            stage.press("Try again").await;
        }
    }
    assert_eq!(*begun.borrow(), 4);
}

#[wasm_bindgen_test]
async fn an_unreachable_backend_is_told_and_asked_again() {
    let reachable = Rc::new(RefCell::new(false));
    let switch = Rc::clone(&reachable);
    let backend = Scripted::new(
        move |call, _| match (*switch.borrow(), call.path.as_str()) {
            (false, _) => Reply::Gone,
            (true, "/project") => Reply::Json(200, project()),
            (true, _) => Reply::Json(200, page(vec![segment("a", "Repeat buyers", 3)])),
        },
    );
    let client = Client::new(Rc::new(backend));
    let stage = Stage::show(move || {
        provide_context(user_segments::shell::route::Navigator::in_memory(
            "/settings/segments",
        ));
        view! { <Shell client /> }
    });
    stage.wait_for("[role=alert]").await;
    assert_eq!(stage.texts("[role=alert] h2"), ["Segments did not load"]);
    *reachable.borrow_mut() = true;
    stage.press("Try again").await;
    stage.wait_for("tbody tr").await;
}
