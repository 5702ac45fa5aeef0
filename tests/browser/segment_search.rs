//! Segments of a project that has more than a picker knows, against a scripted backend.

use std::rc::Rc;

use leptos::prelude::*;
use segments_forms::audience::{AudienceForm, AudienceKind};
use serde_json::{Value, json};
use user_segments::client::{Call, Client};
use user_segments::parts::audience::AudienceEditor;
use user_segments::parts::field::Field;
use user_segments::parts::pickers::SegmentPicker;
use user_segments::parts::vocabulary::Vocabulary;
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Reply, Scripted, Stage, key, tick, write};

const AT: &str = "2026-01-02T03:04:05.000Z";

fn segment(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "description": "", "category": "", "kind": "dynamic", "time_zone": "UTC",
        "creator": {"id": "me", "name": "Maya"}, "created_at": AT, "updated_at": AT, "version": 1,
        "evaluation": {"as_of": AT, "users": 12, "share": 0.5, "status": "ready"}, "trend": [],
        "sentence": "users who did it", "hash": id, "has_origin": false,
        "definition": {"type": "all", "of": []}, "origin": null,
    })
}

fn page(items: &[Value], more: bool) -> Reply {
    Reply::Json(
        200,
        json!({"items": items, "next_cursor": more.then_some("next"), "total": 201,
            "facets": {"dynamic": 201, "static": 0, "archived": 0, "categories": [], "creators": []}}),
    )
}

/// One segment is known; the others are found by their names or asked for by their ids.
fn backend() -> Scripted {
    Scripted::new(|call: &Call, _| match call.path.as_str() {
        "/dictionary" => Reply::Json(
            200,
            json!({"data_version": "1", "events": [], "event_properties": [], "user_properties": []}),
        ),
        "/segments?limit=200" => page(&[segment("near", "Buyers")], true),
        "/segments?search=zeb&limit=100" => Reply::Late(
            60,
            json!({"items": [segment("zebra", "Zebras")], "next_cursor": null, "total": 1,
                "facets": {"dynamic": 201, "static": 0, "archived": 0, "categories": [], "creators": []}}),
        ),
        "/segments?search=z&limit=100" => Reply::Never,
        "/segments?search=yak&limit=100" => Reply::Gone,
        "/segments?search=xenon&limit=100" => page(&[], false),
        "/segments/far" => Reply::Json(200, segment("far", "Far away")),
        "/segments/gone" => Reply::Json(
            404,
            json!({"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "no such segment",
                "errors": []}),
        ),
        other => panic!("nobody asks for {other}"),
    })
}

fn show(backend: &Scripted, value: RwSignal<String>) -> Stage {
    let client = Client::new(Rc::new(backend.clone()));
    Stage::show(move || {
        provide_context(Vocabulary::load(client));
        view! {
            <SegmentPicker
                segment=Field::of(value, Callback::new(move |id| value.set(id)))
                without=Signal::stored(None::<String>)
            />
        }
    })
}

#[wasm_bindgen_test]
async fn what_is_typed_is_looked_for_by_the_backend() {
    let backend = backend();
    let value = RwSignal::new(String::new());
    let stage = show(&backend, value);
    stage.press("Choose a segment").await;
    stage.wait_for("[role=option]").await;
    let field = stage.get("[role=combobox]");
    let options = || stage.texts("[role=option] .us-truncate");
    assert_eq!(options(), ["Buyers"]);
    // The first letter is asked for at once, the next ones when no other follows soon.
    write(&field, "z").await;
    assert_eq!(stage.texts("[role=status]"), ["Searching\u{2026}"]);
    write(&field, "ze").await;
    write(&field, "zeb").await;
    stage
        .until(|| options() == ["Zebras"], "what the backend finds")
        .await;
    assert_eq!(stage.texts("[role=status]"), [""]);
    let searches: Vec<String> = backend
        .asked()
        .into_iter()
        .filter(|asked| asked.contains("search"))
        .collect();
    assert_eq!(
        searches,
        [
            "GET /segments?search=z&limit=100",
            "GET /segments?search=zeb&limit=100"
        ]
    );
    assert_eq!(backend.cancelled(), ["GET /segments?search=z&limit=100"]);
    key(&field, "ArrowDown").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked(), "zebra");
    // Its name is known without another question.
    stage
        .until(|| stage.named("Zebras").is_some(), "its name")
        .await;
    assert!(!backend.asked().contains(&"GET /segments/zebra".to_owned()));
    // So it is when it is opened again.
    stage.press("Zebras").await;
    stage
        .until(
            || options() == ["Buyers", "Zebras"],
            "the chosen one among the known ones",
        )
        .await;
}

#[wasm_bindgen_test]
async fn nothing_found_and_nothing_searched_are_two_things() {
    let backend = backend();
    let stage = show(&backend, RwSignal::new(String::new()));
    stage.press("Choose a segment").await;
    stage.wait_for("[role=option]").await;
    let field = stage.get("[role=combobox]");
    write(&field, "xenon").await;
    stage
        .until(
            || stage.texts("[role=status]") == ["No segment matches \u{201c}xenon\u{201d}."],
            "that nothing is found",
        )
        .await;
    write(&field, "yak").await;
    stage
        .until(
            || stage.texts("[role=status]")[0].starts_with("Not all segments were searched."),
            "that nobody could be asked",
        )
        .await;
}

#[wasm_bindgen_test]
async fn a_chosen_segment_that_is_not_listed_keeps_its_name() {
    let backend = backend();
    let value = RwSignal::new("far".to_owned());
    let stage = show(&backend, value);
    stage
        .until(|| stage.named("Far away").is_some(), "its name")
        .await;
    assert!(stage.find(".us-tok--bad").is_none());
    value.set("gone".to_owned());
    stage.wait_for(".us-tok--bad").await;
    tick().await;
    let asked = backend.asked();
    for path in ["/segments/far", "/segments/gone"] {
        let times = asked.iter().filter(|asked| asked.ends_with(path)).count();
        assert_eq!(times, 1, "{path}");
    }
}

#[wasm_bindgen_test]
async fn an_audience_takes_in_what_was_found() {
    let backend = backend();
    let client = Client::new(Rc::new(backend));
    let value = RwSignal::new(AudienceForm {
        kind: AudienceKind::Segments,
        ..AudienceForm::default()
    });
    let stage = Stage::show(move || {
        provide_context(Vocabulary::load(client));
        view! { <AudienceEditor value on_change=Callback::new(move |form| value.set(form)) /> }
    });
    stage.press("Choose a segment").await;
    stage.wait_for("[role=option]").await;
    let options = || stage.texts("[role=option] .us-truncate");
    write(&stage.get("[role=combobox]"), "zeb").await;
    stage
        .until(|| options() == ["Zebras"], "what the backend finds")
        .await;
    stage.get("[role=option]").click();
    stage
        .until(
            || stage.texts(".query-chip__name .us-truncate") == ["Zebras "],
            "its chip",
        )
        .await;
    stage.press("Another segment").await;
    stage
        .until(|| options() == ["Buyers"], "only what is not chosen")
        .await;
}
