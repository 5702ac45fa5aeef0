//! The Composer against a scripted backend.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use serde_json::{Value, json};
use user_segments::app::Shell;
use user_segments::client::{Call, Client};
use user_segments::shell::route::Navigator;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, KeyboardEvent, KeyboardEventInit};

use super::stage::{Reply, Scripted, Stage, focused, key, tick, write};

type Bodies = Rc<RefCell<Vec<(String, Value)>>>;

fn summary() -> Value {
    json!({
        "id": "high", "name": "High intent", "description": "", "category": "Conversion", "kind": "dynamic",
        "time_zone": "UTC", "creator": {"id": "me", "name": "Maya"}, "created_at": "2026-01-02T03:04:05.000Z",
        "updated_at": "2026-01-02T03:04:05.000Z", "version": 6,
        "evaluation": {"as_of": "2026-01-02T03:04:05.000Z", "users": 9, "share": 0.5, "status": "ready"},
        "trend": [], "sentence": "users who did something", "hash": "h",
        "definition": {"type": "all", "of": [
            {"type": "event", "event": "Signed Up", "during": {"type": "last", "count": 7, "unit": "day"}},
            {"type": "any", "of": [
                {"type": "event", "event": "Ordered", "during": {"type": "all_time"}},
                {"type": "not", "of": {"type": "segment", "id": "high2"}},
            ]},
        ]},
    })
}

/// An answer in which every criterion keeps half of what was there before.
fn preview(body: &Value) -> Value {
    fn walk(criterion: &Value, pointer: &str, into: &mut Vec<Value>) {
        into.push(json!({"pointer": pointer, "users": 50, "kept": 50, "dropped": 50}));
        match criterion["of"].as_array() {
            Some(of) => {
                for (index, inner) in of.iter().enumerate() {
                    walk(inner, &format!("{pointer}/of/{index}"), into);
                }
            }
            None if criterion["type"] == "not" => {
                walk(&criterion["of"], &format!("{pointer}/of"), into);
            }
            None => {}
        }
    }
    let definition = &body["definition"];
    let mut criteria = Vec::new();
    walk(definition, "", &mut criteria);
    let count = criteria.len();
    json!({
        "stamp": {"as_of": "2026-01-02T03:04:05.000Z", "time_zone": "UTC", "start": null, "end": null, "unit": "users",
            "exact": true, "data_version": "1", "took_ms": 3},
        "users": 1000 + count, "share": 0.25, "all_users": 4000, "sentence": "users", "criteria": criteria,
        "sample": [{"id": "u1", "values": {"plan": "Free"}}],
        "lint": [{"pointer": "/of/0/during", "code": "range_without_data", "severity": "warning", "detail": "No data then"}],
        "changes": if body["against"].is_null() { Value::Null } else {
            json!({"joined": 3, "left": 2, "dependents": []})
        },
    })
}

fn backend(bodies: Bodies) -> Scripted {
    Scripted::new(move |call: &Call, body| {
        let path = call.path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let what = format!("{} {path}", call.method.name());
        bodies.borrow_mut().push((what.clone(), body.clone()));
        match what.as_str() {
            "GET /project" => Reply::Json(
                200,
                json!({
                    "name": "Shop", "time_zone": "UTC", "now": "2026-01-02T03:04:05.000Z",
                    "data": {"version": "1", "source": "demo", "events": 10, "users": 4, "first_event_at": null,
                        "last_event_at": null},
                    "me": {"id": "me", "name": "Maya", "role": "admin"},
                    "capabilities": {"backend": "embedded", "criteria": [], "import_formats": [], "export_formats": [],
                        "reset": true},
                    "limits": {"page": 200, "criteria": 200, "body_bytes": 1000},
                }),
            ),
            "GET /dictionary" => Reply::Json(
                200,
                json!({
                    "data_version": "1",
                    "events": [{"name": "Signed Up", "volume": 5, "users": 5, "first_seen": null, "last_seen": null,
                        "properties": [], "hidden": false}],
                    "event_properties": [], "user_properties": [],
                }),
            ),
            "GET /segments" => Reply::Json(
                200,
                json!({"items": [summary()], "next_cursor": null, "total": 1,
                    "facets": {"dynamic": 1, "static": 0, "archived": 0,
                        "categories": [{"category": "Conversion", "segments": 1}], "creators": []}}),
            ),
            "POST /segments" if body["name"] == "Taken" => Reply::Json(
                409,
                json!({"type": "/problems/name-taken", "title": "Name taken", "status": 409, "detail": "Choose another",
                    "errors": [{"pointer": "/name", "code": "name_taken", "detail": "another segment has this name"}]}),
            ),
            "POST /segments/preview" => Reply::Json(200, preview(&body)),
            "PATCH /segments/high" => Reply::Json(
                412,
                json!({"type": "/problems/stale", "title": "Stale", "status": 412, "detail": "It has changed"}),
            ),
            _ => Reply::Json(200, summary()),
        }
    })
}

fn show(path: &'static str) -> (Stage, Bodies) {
    for name in ["draft.new", "draft.high"] {
        user_segments::shell::storage::set(name, None);
    }
    show_again(path)
}

/// Keeps the draft that an earlier visit has left.
fn show_again(path: &'static str) -> (Stage, Bodies) {
    let bodies = Bodies::default();
    let client = Client::new(Rc::new(backend(Rc::clone(&bodies))));
    let stage = Stage::show(move || {
        provide_context(Navigator::in_memory(path));
        view! { <Shell client /> }
    });
    (stage, bodies)
}

fn asked(bodies: &Bodies, what: &str) -> Vec<Value> {
    bodies
        .borrow()
        .iter()
        .filter(|(asked, _)| asked == what)
        .map(|(_, body)| body.clone())
        .collect()
}

/// A key press with Alt or Ctrl.
async fn chord(element: &Element, name: &str, alt: bool, ctrl: bool, shift: bool) {
    let init = KeyboardEventInit::new();
    init.set_key(name);
    init.set_alt_key(alt);
    init.set_ctrl_key(ctrl);
    init.set_shift_key(shift);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    element.dispatch_event(&event).unwrap();
    tick().await;
}

fn events(stage: &Stage) -> Vec<String> {
    stage.texts(".crit .us-tok--event")
}

#[wasm_bindgen_test]
async fn a_stored_definition_is_shown_with_its_effect_and_every_part_has_a_name() {
    let (stage, bodies) = show("/composer/high");
    stage.wait_for(".cnt small").await;
    stage
        .until(
            || stage.texts(".live .us-figure") == ["1,006"],
            "the live size",
        )
        .await;
    assert_eq!(stage.texts(".no"), ["1", "2", "2a", "2b"]);
    assert_eq!(events(&stage), ["Signed Up", "Ordered"]);
    assert_eq!(stage.texts("h1"), ["High intent"]);
    let group = stage.get(".group");
    assert_eq!(
        group.get_attribute("aria-label").unwrap(),
        "Group 2, any of these, inside the outermost group, all of these"
    );
    assert_eq!(
        stage
            .get(".group .crit")
            .get_attribute("aria-label")
            .unwrap(),
        "Criterion 2a, inside group 2, any of these"
    );
    // The data knows "Signed Up" and not "Ordered".
    assert_eq!(stage.texts(".us-tok--event.us-tok--bad"), ["Ordered"]);
    assert_eq!(
        asked(&bodies, "POST /segments/preview")[0]["against"],
        "high"
    );
    assert_eq!(stage.texts(".jl + div span")[1], "had 1,005, now +1");
}

#[wasm_bindgen_test]
async fn keys_move_a_criterion_and_undo_brings_it_back() {
    let (stage, _) = show("/composer/high");
    stage.wait_for(".crit").await;
    stage.get(".crit .us-grip").focus().unwrap();
    chord(&focused(), "ArrowDown", true, false, false).await;
    stage
        .until(
            || stage.texts(".no") == ["1", "1a", "1b", "2"],
            "the criterion to be the second",
        )
        .await;
    assert_eq!(events(&stage), ["Ordered", "Signed Up"]);
    stage
        .until(
            || focused().get_attribute("aria-label").as_deref() == Some("Move criterion 2"),
            "the focus to stay with it",
        )
        .await;
    chord(&focused(), "ArrowRight", true, false, false).await;
    stage
        .until(
            || stage.texts(".no") == ["1", "1a", "1b", "1c"],
            "the criterion to be in the group",
        )
        .await;
    chord(&document().body().unwrap(), "z", false, true, false).await;
    chord(&document().body().unwrap(), "z", false, true, false).await;
    assert_eq!(stage.texts(".no"), ["1", "2", "2a", "2b"]);
    chord(&document().body().unwrap(), "z", false, true, true).await;
    assert_eq!(stage.texts(".no"), ["1", "1a", "1b", "2"]);
}

#[wasm_bindgen_test]
async fn an_event_is_added_by_keyboard_and_counted_when_it_is_finished() {
    let (stage, bodies) = show("/composer");
    stage
        .until(
            || stage.texts(".live .us-figure") == ["1,001"],
            "every user to be counted",
        )
        .await;
    let before = asked(&bodies, "POST /segments/preview").len();
    stage.press("Add: Event").await;
    let field = stage.wait_for(".query-pick [role=combobox]").await;
    stage
        .until(|| focused() == field, "the focus in the list of events")
        .await;
    stage
        .until(
            || stage.texts(".live__wait")[0].contains("criterion 1 is unfinished"),
            "what is missing",
        )
        .await;
    assert_eq!(asked(&bodies, "POST /segments/preview").len(), before);
    write(&field, "sign").await;
    key(&field, "ArrowDown").await;
    key(&field, "Enter").await;
    stage
        .until(|| events(&stage) == ["Signed Up"], "the event")
        .await;
    stage
        .until(
            || stage.texts(".live .us-figure") == ["1,002"],
            "the new size",
        )
        .await;
    let sent = asked(&bodies, "POST /segments/preview").pop().unwrap();
    assert_eq!(
        sent["definition"],
        json!({"type": "all", "of": [
            {"type": "event", "event": "Signed Up", "during": {"type": "last", "count": 30, "unit": "day"}}]})
    );
    assert!(
        stage.texts(".live__words")[0].starts_with("Users who performed Signed Up"),
        "{:?}",
        stage.texts(".live__words")
    );
}

#[wasm_bindgen_test]
async fn a_draft_survives_a_reload_and_can_be_discarded() {
    let (stage, _) = show("/composer/high");
    stage.wait_for(".crit").await;
    stage.press("Remove criterion 1").await;
    stage
        .until(
            || user_segments::shell::storage::get("draft.high").is_some(),
            "the draft to be kept",
        )
        .await;
    drop(stage);
    let (stage, _) = show_again("/composer/high");
    stage.wait_for(".comp__notice").await;
    assert_eq!(events(&stage), ["Ordered"]);
    stage.press("Discard draft").await;
    assert_eq!(events(&stage), ["Signed Up", "Ordered"]);
    stage
        .until(
            || user_segments::shell::storage::get("draft.high").is_none(),
            "the draft to go",
        )
        .await;
}

#[wasm_bindgen_test]
async fn a_taken_name_is_told_at_the_field_and_another_one_is_saved() {
    let (stage, bodies) = show("/composer");
    stage.press("Add: User ids").await;
    let ids = stage.wait_for("textarea").await;
    // A textarea takes its text as a field does.
    js_sys::Reflect::set(&ids, &"value".into(), &"u1, u2, u1".into()).unwrap();
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    ids.dispatch_event(&web_sys::Event::new_with_event_init_dict("input", &init).unwrap())
        .unwrap();
    stage
        .until(
            || stage.texts(".live .us-figure") == ["1,002"],
            "the live size",
        )
        .await;
    stage.press("Create segment…").await;
    let name = stage.wait_for("dialog input[required]").await;
    stage.get("dialog [type=submit]").click();
    stage
        .until(
            || stage.texts("dialog .us-field .us-error")[0] == "Enter a name.",
            "that a name is needed",
        )
        .await;
    write(&name, "Taken").await;
    stage.get("dialog [type=submit]").click();
    stage
        .until(
            || stage.texts("dialog .us-field .us-error")[0] == "This name is taken. Try Taken 2.",
            "that the name is taken",
        )
        .await;
    write(&name, "Two people").await;
    stage.get("dialog [type=submit]").click();
    stage
        .until(|| stage.texts("h1") == ["User Segments"], "the manager")
        .await;
    let saved = asked(&bodies, "POST /segments").pop().unwrap();
    assert_eq!(saved["name"], "Two people");
    assert_eq!(saved["kind"], "dynamic");
    assert_eq!(saved["as_of"], "2026-01-02T03:04:05.000Z");
    assert_eq!(
        saved["definition"],
        json!({"type": "all", "of": [{"type": "users", "ids": ["u1", "u2"]}]})
    );
    assert_eq!(user_segments::shell::storage::get("draft.new"), None);
}

#[wasm_bindgen_test]
async fn a_change_by_somebody_else_is_told_and_can_be_overwritten() {
    let (stage, bodies) = show("/composer/high");
    stage.wait_for(".crit").await;
    stage.press("Remove criterion 1").await;
    stage
        .until(
            || {
                stage.named("Save as v7").is_some_and(|save| {
                    save.get_attribute("aria-disabled").as_deref() == Some("false")
                })
            },
            "that it can be saved",
        )
        .await;
    stage.press("Save as v7").await;
    stage
        .until(
            || stage.texts("dialog h2") == ["Someone else changed this segment"],
            "the question",
        )
        .await;
    stage.press("Overwrite segment").await;
    stage
        .until(
            || asked(&bodies, "PATCH /segments/high").len() == 2,
            "the second try",
        )
        .await;
}

#[wasm_bindgen_test]
async fn the_mode_of_a_group_is_chosen_from_a_menu_and_a_lint_leads_to_its_row() {
    let (stage, bodies) = show("/composer/high");
    stage.wait_for(".crit").await;
    stage.press("Any of these, in group 2").await;
    stage.press("None").await;
    stage
        .until(
            || {
                asked(&bodies, "POST /segments/preview")
                    .last()
                    .is_some_and(|sent| sent["definition"]["of"][1]["type"] == "not")
            },
            "the negated group",
        )
        .await;
    stage
        .until(|| !stage.texts(".lint li").is_empty(), "the check")
        .await;
    assert_eq!(stage.texts(".lint li b"), ["1"]);
    stage.press("Show criterion 1").await;
    stage
        .until(
            || focused().get_attribute("aria-label").as_deref() == Some("Move criterion 1"),
            "the row to have the focus",
        )
        .await;
}
