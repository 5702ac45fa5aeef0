//! What happens after a part of an answer was chosen, against a scripted backend: the menu, the dialog, Users, the way back.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::link::{Link, PARAM};
use segments_forms::tool::Tool;
use segments_model::query::Query;
use segments_model::selection::Selection;
use segments_ui::charts::anchor_of;
use segments_ui::{Toaster, Toasts};
use serde_json::{Value, json};
use user_segments::app::Shell;
use user_segments::client::{Call, Client};
use user_segments::parts::vocabulary::Vocabulary;
use user_segments::shell::route::{Navigator, Route};
use user_segments::shell::session::Session;
use user_segments::tool::selection::{
    AnswerPart, PartChoice, PartFact, PartSelection, users_params,
};
use user_segments::tool::selection_menu::SelectionMenu;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventInit, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};

use super::stage::{Reply, Scripted, Stage, focused, key, tick, write};

type Bodies = Rc<RefCell<Vec<(String, Value)>>>;

const AS_OF: &str = "2026-01-02T03:04:05.000Z";
const ZONE: &str = "America/New_York";

fn query() -> Value {
    json!({
        "tool": "funnel", "steps": [{"event": "Added"}, {"event": "Ordered"}], "order": "sequential",
        "during": {"type": "last", "count": 30, "unit": "day"}, "as_of": AS_OF, "time_zone": ZONE,
    })
}

fn view_of() -> Value {
    json!({"chart": "steps"})
}

fn selection(outcome: &str) -> Value {
    json!({"step": 1, "outcome": outcome})
}

fn link(outcome: &str) -> Link {
    Link {
        query: serde_json::from_value(query()).unwrap(),
        view: view_of(),
        selection: Some(serde_json::from_value(selection(outcome)).unwrap()),
    }
}

/// Those who converted did something in a range that is over, the others in one that moves.
fn definition(outcome: &str) -> Value {
    if outcome == "converted" {
        json!({"type": "event", "event": "Ordered", "during": {"type": "instants", "start": "2025-12-01T00:00:00.000Z", "end": "2025-12-02T00:00:00.000Z"}})
    } else {
        json!({"type": "event", "event": "Added", "during": {"type": "last", "count": 30, "unit": "day"}})
    }
}

fn selected(outcome: &str, users: u64) -> Value {
    json!({
        "definition": definition(outcome), "sentence": "users who did it", "time_zone": ZONE, "as_of": AS_OF, "users": users,
    })
}

fn segment(id: &str, name: &str, origin: &Value) -> Value {
    json!({
        "id": id, "name": name, "description": "", "category": "Conversion", "kind": "dynamic", "time_zone": ZONE,
        "creator": {"id": "me", "name": "Maya"}, "created_at": AS_OF, "updated_at": AS_OF, "version": 1,
        "evaluation": {"as_of": AS_OF, "users": 412, "share": 0.5, "status": "ready"}, "trend": [],
        "sentence": "users who did it", "hash": id, "has_origin": !origin.is_null(),
        "definition": definition("dropped"), "origin": origin,
    })
}

fn problem(status: u16, kind: &str, errors: &Value) -> Reply {
    Reply::Json(
        status,
        json!({"type": format!("/problems/{kind}"), "title": kind, "status": status, "detail": "it cannot be done",
            "errors": errors}),
    )
}

fn stamp() -> Value {
    json!({"as_of": AS_OF, "time_zone": ZONE, "start": null, "end": null, "unit": "users", "exact": true,
        "data_version": "1", "took_ms": 3})
}

fn page(items: &[Value]) -> Value {
    json!({"items": items, "next_cursor": null, "total": items.len(),
        "facets": {"dynamic": 1, "static": 0, "archived": 0,
            "categories": [{"category": "Conversion", "segments": 1}], "creators": []}})
}

/// What every test's backend answers.
fn usual(call: &Call, body: &Value) -> Reply {
    let path = call.path.split('?').next().unwrap_or_default();
    match format!("{} {path}", call.method.name()).as_str() {
        "GET /project" => Reply::Json(
            200,
            json!({
                "name": "Shop", "time_zone": "UTC", "now": AS_OF,
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
            json!({"data_version": "1", "events": [], "event_properties": [], "user_properties": []}),
        ),
        "GET /segments" => Reply::Json(
            200,
            page(&[segment("a", "Added, no Ordered", &Value::Null)]),
        ),
        "GET /segments/a" => Reply::Json(200, segment("a", "Added, no Ordered", &Value::Null)),
        "POST /segments" => Reply::Json(
            201,
            segment(
                "new",
                body["name"].as_str().unwrap_or_default(),
                &body["origin"],
            ),
        ),
        "POST /segments/preview" => Reply::Json(
            200,
            json!({"stamp": stamp(), "users": 412, "share": 0.125, "all_users": 3296, "sentence": "users", "criteria": [],
                "sample": [], "lint": []}),
        ),
        "POST /segments/preview/history" => Reply::Json(200, sizes(&[351, 446, 412])),
        "POST /segments/evaluate" => Reply::Json(200, json!({"items": []})),
        "POST /selection" => {
            let outcome = body["selection"]["outcome"].as_str().unwrap_or_default();
            Reply::Json(
                200,
                selected(outcome, if outcome == "converted" { 88 } else { 412 }),
            )
        }
        "POST /users/search" => Reply::Json(
            200,
            json!({"stamp": stamp(), "items": [{"id": "u1", "values": {}}, {"id": "u2", "values": {}}],
                "next_cursor": null, "total": 2}),
        ),
        _ => problem(404, "not-found", &json!([])),
    }
}

/// Sizes at the ends of the days before the instant, and at the instant.
fn sizes(users: &[u64]) -> Value {
    let days = users.len();
    let points: Vec<Value> = users
        .iter()
        .enumerate()
        .map(|(place, users)| {
            let at = if place + 1 == days {
                AS_OF.to_owned()
            } else {
                // Midnight in New York.
                format!("2026-01-0{}T05:00:00.000Z", place + 1)
            };
            json!({"at": at, "users": users})
        })
        .collect();
    json!({"stamp": stamp(), "points": points})
}

fn backend(bodies: &Bodies, script: impl Fn(&Call, &Value) -> Option<Reply> + 'static) -> Scripted {
    let bodies = Rc::clone(bodies);
    Scripted::new(move |call: &Call, body| {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let what = format!("{} {}", call.method.name(), call.path);
        bodies.borrow_mut().push((what, body.clone()));
        script(call, &body).unwrap_or_else(|| usual(call, &body))
    })
}

fn asked(bodies: &Bodies, what: &str) -> Vec<Value> {
    bodies
        .borrow()
        .iter()
        .filter(|(asked, _)| asked == what)
        .map(|(_, body)| body.clone())
        .collect()
}

/// A page with a mark to choose, and what of it a test looks at.
struct Shown {
    stage: Stage,
    backend: Scripted,
    bodies: Bodies,
    navigator: Navigator,
}

fn choices(clicked: u64) -> Vec<PartChoice> {
    let choice = |label: &str, users: u64, outcome: &str| PartChoice {
        label: label.to_owned(),
        users: Some(users),
        detail: String::new(),
        pending: (outcome == "dropped").then_some(58),
        selection: serde_json::from_value::<Selection>(selection(outcome)).unwrap(),
    };
    vec![
        choice("Dropped after step 1", clicked, "dropped"),
        choice("Converted to step 2", 88, "converted"),
    ]
}

fn show(
    choices: Vec<PartChoice>,
    script: impl Fn(&Call, &Value) -> Option<Reply> + 'static,
) -> Shown {
    user_segments::shell::storage::set("draft.new", None);
    let bodies = Bodies::default();
    let backend = backend(&bodies, script);
    let client = Client::new(Rc::new(backend.clone()));
    let kept = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&kept);
    let stage = Stage::show(move || {
        let navigator = Navigator::in_memory("/tools/funnel");
        *keep.borrow_mut() = Some(navigator);
        provide_context(navigator);
        provide_context(Session::start(&client));
        provide_context(Toaster::default());
        provide_context(Vocabulary::load(client.clone()));
        provide_context(client);
        let picked = RwSignal::new(None::<PartSelection>);
        let pick = move |event: web_sys::MouseEvent| {
            let mark: web_sys::Element = event.current_target().unwrap().unchecked_into();
            picked.set(Some(PartSelection {
                query: serde_json::from_value::<Query>(query()).unwrap(),
                view: view_of(),
                part: AnswerPart {
                    of: String::new(),
                    title: "412 users dropped here".to_owned(),
                    text: "Added, then not Ordered.".to_owned(),
                    facts: vec![PartFact {
                        style: Some(0),
                        name: "Mobile".to_owned(),
                        figure: "271".to_owned(),
                        detail: "65.8 %".to_owned(),
                    }],
                    choices: choices.clone(),
                },
                chosen: 0,
                anchor: anchor_of(&mark),
            }));
        };
        view! {
            <button id="mark" on:click=pick>
                "A mark"
            </button>
            <SelectionMenu selection=picked query="Checkout funnel".to_owned() />
            <Toasts />
        }
    });
    let navigator = kept.borrow_mut().take().unwrap();
    Shown {
        stage,
        backend,
        bodies,
        navigator,
    }
}

impl Shown {
    /// Chooses the mark and waits for what is told of the number.
    async fn pick(&self, told: &str) {
        let mark = self.stage.get("#mark");
        mark.focus().unwrap();
        mark.click();
        self.told(told).await;
    }

    async fn told(&self, told: &str) {
        self.stage
            .until(
                || self.stage.texts(".pick__count").concat().contains(told),
                told,
            )
            .await;
    }

    fn is_open(&self) -> bool {
        self.stage.find(".pick").is_some()
    }

    async fn choose(&self, place: usize) {
        let radio = self
            .stage
            .get(&format!(".pick__choice:nth-of-type({place}) input"));
        check(&radio).await;
    }

    /// Opens the dialog and waits until its name field has the focus.
    async fn create(&self) -> HtmlElement {
        let create = self.stage.named("Create User Segment").unwrap();
        create.focus().unwrap();
        create.click();
        let name = self.stage.wait_for("dialog input[required]").await;
        self.stage
            .until(|| focused() == name, "the focus in the name")
            .await;
        name
    }
}

async fn check(radio: &HtmlElement) {
    let input: &HtmlInputElement = radio.unchecked_ref();
    input.set_checked(true);
    let init = EventInit::new();
    init.set_bubbles(true);
    radio
        .dispatch_event(&Event::new_with_event_init_dict("change", &init).unwrap())
        .unwrap();
    tick().await;
}

fn text_of(field: &HtmlElement) -> String {
    field.unchecked_ref::<HtmlInputElement>().value()
}

#[wasm_bindgen_test]
async fn a_choice_asks_for_its_users_and_leads_to_them() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users, exact, as of 1 Jan 2026, 22:04").await;
    assert_eq!(
        asked(&tool.bodies, "POST /selection"),
        [json!({"query": query(), "selection": selection("dropped")})]
    );
    let panel = tool.stage.get(".pick");
    assert_eq!(panel.get_attribute("role").unwrap(), "dialog");
    let name = panel.get_attribute("aria-labelledby").unwrap();
    assert_eq!(
        tool.stage.texts(&format!("#{name}")),
        ["412 users dropped here"]
    );
    assert_eq!(
        tool.stage.texts(".us-mini span"),
        ["Mobile", "271", "65.8 %"]
    );
    assert!(
        focused()
            .matches(".pick__choice:nth-of-type(1) input")
            .unwrap()
    );
    assert!(
        !tool
            .stage
            .texts(".pick__count")
            .concat()
            .contains("changed")
    );

    tool.choose(2).await;
    tool.told("88 users").await;
    assert_eq!(
        asked(&tool.bodies, "POST /selection")[1]["selection"],
        selection("converted")
    );
    let href = tool
        .stage
        .named("View Users")
        .unwrap()
        .get_attribute("href")
        .unwrap();
    let (path, params) = href.split_once('?').unwrap();
    assert_eq!(path, "/users");
    let params = Params::parse(params);
    assert_eq!(params.get("of"), Some("funnel"));
    let opened = Link::read(params.get(PARAM).unwrap(), Tool::Funnel).unwrap();
    assert_eq!(opened.link, link("converted"));
}

#[wasm_bindgen_test]
async fn escape_and_close_give_the_focus_back_and_a_press_elsewhere_closes() {
    let tool = show(choices(412), |_, _| None);
    for by_key in [true, false] {
        tool.pick("412 users").await;
        if by_key {
            key(&focused(), "Escape").await;
        } else {
            tool.stage.press("Close").await;
        }
        tool.stage
            .until(|| !tool.is_open(), "the menu to close")
            .await;
        tool.stage
            .until(|| focused().id() == "mark", "the focus to come back")
            .await;
    }
    tool.pick("412 users").await;
    let press = || {
        let init = EventInit::new();
        init.set_bubbles(true);
        Event::new_with_event_init_dict("pointerdown", &init).unwrap()
    };
    tool.stage.get(".pick h2").dispatch_event(&press()).unwrap();
    tick().await;
    assert!(tool.is_open());
    document().body().unwrap().dispatch_event(&press()).unwrap();
    tool.stage
        .until(|| !tool.is_open(), "the menu to close")
        .await;
}

#[wasm_bindgen_test]
async fn who_goes_on_while_the_menu_closes_keeps_the_focus() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users").await;
    let next: HtmlElement = document()
        .create_element("button")
        .unwrap()
        .unchecked_into();
    document().body().unwrap().append_child(&next).unwrap();
    let escape = KeyboardEventInit::new();
    escape.set_key("Escape");
    escape.set_bubbles(true);
    escape.set_cancelable(true);
    let escape = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &escape).unwrap();
    focused().dispatch_event(&escape).unwrap();
    // Before the next frame.
    next.focus().unwrap();
    tool.stage
        .until(|| !tool.is_open(), "the menu to close")
        .await;
    // The frame in which it would be taken back, and one more.
    for _ in 0..2 {
        let frame = Promise::new(&mut |drawn, _| {
            window().request_animation_frame(&drawn).unwrap();
        });
        JsFuture::from(frame).await.unwrap();
    }
    let kept = focused().is_same_node(Some(&next));
    next.remove();
    assert!(kept, "the focus was taken back");
}

#[wasm_bindgen_test]
async fn tab_goes_round_in_the_menu() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users").await;
    tool.stage
        .named("Create User Segment")
        .unwrap()
        .focus()
        .unwrap();
    key(&focused(), "Tab").await;
    assert_eq!(
        focused().get_attribute("aria-label").as_deref(),
        Some("Close")
    );
}

#[wasm_bindgen_test]
async fn nobody_is_no_segment() {
    let tool = show(choices(0), |call, body| {
        let nobody = call.path == "/selection" && body["selection"]["outcome"] == "dropped";
        nobody.then(|| Reply::Json(200, selected("dropped", 0)))
    });
    tool.pick("No users: nothing to save.").await;
    let create = tool.stage.named("Create User Segment").unwrap();
    assert_eq!(
        create.get_attribute("aria-disabled").as_deref(),
        Some("true")
    );
    let reason = create.get_attribute("aria-describedby").unwrap();
    assert_eq!(
        tool.stage.texts(&format!("#{reason}")),
        ["No users: nothing to save."]
    );
    create.click();
    tick().await;
    assert!(tool.stage.find("dialog").is_none());
    assert_eq!(
        tool.stage
            .named("View Users")
            .unwrap()
            .get_attribute("href"),
        None
    );
    tool.choose(2).await;
    tool.told("88 users").await;
    assert_eq!(
        create.get_attribute("aria-disabled").as_deref(),
        Some("false")
    );
    assert!(
        tool.stage
            .named("View Users")
            .unwrap()
            .has_attribute("href")
    );
}

#[wasm_bindgen_test]
async fn a_number_that_does_not_come_is_told_and_asked_for_again() {
    let tries = Rc::new(RefCell::new(0));
    let tool = show(choices(412), move |call, _| {
        (call.path == "/selection").then(|| {
            *tries.borrow_mut() += 1;
            let tried = *tries.borrow();
            if tried == 1 {
                Reply::Gone
            } else {
                Reply::Late(600, selected("dropped", 412))
            }
        })
    });
    tool.pick("").await;
    let alert = tool.stage.wait_for(".pick [role=alert]").await;
    assert!(
        alert
            .text_content()
            .unwrap()
            .starts_with("Users could not be counted.")
    );
    tool.stage.press("Try again").await;
    assert!(tool.stage.find(".pick [role=alert]").is_none());
    tool.stage.wait_for(".pick__skel").await;
    tool.told("412 users").await;
    assert!(tool.stage.find(".pick__skel").is_none());
}

#[wasm_bindgen_test]
async fn another_number_than_was_clicked_is_told() {
    let tool = show(choices(400), |_, _| None);
    tool.pick("The results say 400: the data has changed since.")
        .await;
}

#[wasm_bindgen_test]
async fn a_segment_is_saved_for_the_instant_and_the_zone_that_were_clicked() {
    let tool = show(choices(412), |call, body| {
        let taken = call.path == "/segments" && body["name"] == "Drop-offs";
        if call.path.starts_with("/segments?search=Drop-offs") {
            return Some(Reply::Json(
                200,
                page(&[
                    segment("b", "DROP-OFFS 2", &Value::Null),
                    segment("c", "Drop-offs", &Value::Null),
                ]),
            ));
        }
        taken.then(|| {
            problem(
                409,
                "name-taken",
                &json!([{"pointer": "/name", "code": "name_taken", "detail": "another segment has it"}]),
            )
        })
    });
    tool.pick("412 users").await;
    let name = tool.create().await;
    assert_eq!(
        tool.stage.texts("dialog header p"),
        ["From Checkout funnel, dropped after step 1"]
    );
    // The plain name is that of a segment which the pickers know.
    assert_eq!(text_of(&name), "Added, no Ordered 2");
    tool.stage
        .until(
            || tool.stage.texts(".pv__size") == ["412users, 12.5% of 3,296"],
            "size and share",
        )
        .await;
    assert!(
        tool.stage
            .texts(".pv .note")
            .concat()
            .starts_with("58 of the 412 can still convert.")
    );
    let previewed = asked(&tool.bodies, "POST /segments/preview");
    assert_eq!(previewed[0]["as_of"], AS_OF);
    assert_eq!(previewed[0]["time_zone"], ZONE);

    write(&name, "Drop-offs").await;
    tool.stage.get("dialog [type=submit]").click();
    tool.stage
        .until(
            || {
                tool.stage.texts("dialog .us-field .us-error")
                    == ["This name is taken. Try Drop-offs 3."]
            },
            "a name that is free",
        )
        .await;
    tool.stage.press("Drop-offs 3").await;
    assert_eq!(text_of(&name), "Drop-offs 3");
    assert_eq!(tool.stage.texts("dialog .us-field .us-error"), [""]);
    assert_eq!(focused(), name);
    tool.stage.press("Conversion").await;
    check(&tool.stage.get("dialog .us-radiocard:nth-of-type(2) input")).await;
    assert!(tool.stage.find(".pv .note").is_none());
    tool.stage.get("dialog [type=submit]").click();
    tool.stage
        .until(
            || tool.stage.texts(".us-toast strong") == ["Saved \u{201c}Drop-offs 3\u{201d}"],
            "that it is saved",
        )
        .await;
    assert_eq!(
        asked(&tool.bodies, "POST /segments").pop().unwrap(),
        json!({
            "name": "Drop-offs 3", "description": "", "category": "Conversion", "kind": "static",
            "definition": definition_sent("dropped"), "as_of": AS_OF, "time_zone": ZONE,
            "origin": {"query": query(), "selection": selection("dropped"), "view": view_of()},
        })
    );
    // The person stays where the query is.
    tool.stage
        .until(|| !tool.is_open(), "the menu to close")
        .await;
    tool.stage
        .until(|| focused().id() == "mark", "the focus to come back")
        .await;
    assert_eq!(tool.navigator.route().get_untracked(), Some(Route::Funnel));
    assert_eq!(
        tool.stage.texts(".us-toast__acts button"),
        ["View Users", "Open in User Segments"]
    );
    tool.stage.press("View Users").await;
    assert_eq!(tool.navigator.route().get_untracked(), Some(Route::Users));
    assert_eq!(
        tool.navigator.params().get_untracked().get("segment"),
        Some("new")
    );
}

#[wasm_bindgen_test]
async fn trying_again_is_the_same_creation_and_nothing_typed_is_lost() {
    let keys = Rc::new(RefCell::new(Vec::<String>::new()));
    let seen = Rc::clone(&keys);
    let tool = show(choices(412), move |call, body| {
        if call.path != "/segments" {
            return None;
        }
        let key = call
            .headers
            .iter()
            .find(|(name, _)| name == "idempotency-key")
            .map(|(_, key)| key.clone());
        seen.borrow_mut().push(key.unwrap());
        (seen.borrow().len() < 3 && body["name"] == "Kept").then_some(Reply::Gone)
    });
    tool.pick("412 users").await;
    let name = tool.create().await;
    write(&name, "Kept").await;
    let submit = tool.stage.get("dialog [type=submit]");
    let failed = || tool.stage.texts("dialog footer .us-error").len() == 1;
    for times in 1..3 {
        submit.focus().unwrap();
        submit.click();
        tool.stage
            .until(|| failed() && keys.borrow().len() == times, "the failure")
            .await;
    }
    assert_eq!(text_of(&name), "Kept");
    assert_eq!(focused(), submit, "the name is not what is wrong");
    write(&name, "Kept too").await;
    submit.click();
    tool.stage.wait_for(".us-toast").await;
    let keys = keys.borrow();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2], "another segment");
}

#[wasm_bindgen_test]
async fn a_saved_segment_leads_to_its_row() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users").await;
    let name = tool.create().await;
    write(&name, "Lost at the till").await;
    tool.stage.get("dialog [type=submit]").click();
    tool.stage.press("Open in User Segments").await;
    assert_eq!(
        tool.navigator.route().get_untracked(),
        Some(Route::Segments)
    );
    assert_eq!(
        tool.navigator.params().get_untracked().get("q"),
        Some("Lost at the till")
    );
}

const COURSE: &str = "POST /segments/preview/history";

#[wasm_bindgen_test]
async fn the_size_of_the_last_30_days_ends_with_the_number_that_was_clicked() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users").await;
    assert!(
        asked(&tool.bodies, COURSE).is_empty(),
        "before it is wanted"
    );
    tool.create().await;
    let chart = tool.stage.wait_for(".pv__course svg[role=img]").await;
    assert_eq!(
        asked(&tool.bodies, COURSE),
        [json!({"definition": definition_sent("dropped"), "as_of": AS_OF, "time_zone": ZONE})]
    );
    let told = chart.get_attribute("aria-label").unwrap();
    for part in [
        "from 351 users on ",
        " to 412 users on ",
        "lowest 351 users on ",
        "highest 446 users on ",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert_eq!(
        tool.stage.texts(".pv__course .grid + text"),
        ["350", "400", "450"]
    );
    assert_eq!(
        tool.stage
            .get(".pv__course circle")
            .get_attribute("cy")
            .as_deref(),
        Some("38.00%")
    );
}

#[wasm_bindgen_test]
async fn the_last_30_days_are_given_up_with_the_dialog() {
    let tool = show(choices(412), |call, _| {
        (call.path == "/segments/preview/history").then_some(Reply::Never)
    });
    tool.pick("412 users").await;
    tool.create().await;
    let course = tool
        .stage
        .wait_for(".pv__course .us-skel")
        .await
        .parent_element()
        .unwrap();
    assert_eq!(course.get_attribute("aria-busy").as_deref(), Some("true"));
    assert_eq!(
        tool.stage
            .get("dialog [type=submit]")
            .get_attribute("aria-disabled")
            .as_deref(),
        Some("false"),
        "nobody has to wait for it"
    );
    assert!(tool.backend.cancelled().is_empty());
    tool.stage.press("Cancel").await;
    tool.stage
        .until(
            || tool.backend.cancelled() == [COURSE],
            "the question to be given up",
        )
        .await;
}

#[wasm_bindgen_test]
async fn last_30_days_that_are_not_to_be_had_are_told_and_asked_for_again() {
    let gone = Rc::new(RefCell::new(true));
    let is_gone = Rc::clone(&gone);
    let tool = show(choices(412), move |call, _| {
        (call.path == "/segments/preview/history" && *is_gone.borrow()).then_some(Reply::Gone)
    });
    tool.pick("412 users").await;
    tool.create().await;
    tool.stage.wait_for(".pv__course [role=status]").await;
    assert!(
        tool.stage.texts(".pv__course")[0].starts_with("The last 30 days did not load."),
        "{:?}",
        tool.stage.texts(".pv__course")
    );
    *gone.borrow_mut() = false;
    tool.stage.press("Try again").await;
    tool.stage.wait_for(".pv__course svg[role=img]").await;
}

/// The definition as the page sends it.
fn definition_sent(outcome: &str) -> Value {
    let definition: segments_model::Criterion =
        serde_json::from_value(definition(outcome)).unwrap();
    serde_json::to_value(definition).unwrap()
}

#[wasm_bindgen_test]
async fn a_dynamic_segment_that_cannot_change_is_told_and_allowed() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users").await;
    tool.choose(2).await;
    tool.told("88 users").await;
    tool.create().await;
    let note = || tool.stage.texts(".pv .note").concat();
    assert!(
        note().starts_with("All its dates are in the past"),
        "{}",
        note()
    );
    let submit = tool.stage.get("dialog [type=submit]");
    assert_eq!(
        submit.get_attribute("aria-disabled").as_deref(),
        Some("false")
    );
    check(&tool.stage.get("dialog .us-radiocard:nth-of-type(2) input")).await;
    assert_eq!(note(), "");
    tool.stage.press("Cancel").await;
    tool.stage
        .until(
            || focused().text_content().unwrap() == "Create User Segment",
            "the focus to come back to the menu",
        )
        .await;
    assert!(tool.is_open());
}

#[wasm_bindgen_test]
async fn a_definition_goes_to_the_composer_and_asks_before_it_takes_a_drafts_place() {
    let tool = show(choices(412), |_, _| None);
    tool.pick("412 users").await;
    tool.create().await;
    tool.stage.press("Refine in Composer").await;
    assert_eq!(
        tool.navigator.route().get_untracked(),
        Some(Route::Composer)
    );
    let kept: Value =
        serde_json::from_str(&user_segments::shell::storage::get("draft.new").unwrap()).unwrap();
    assert_eq!(kept["from"], "Checkout funnel");
    assert!(kept["tree"].to_string().contains("Added"));

    user_segments::shell::storage::set(
        "draft.new",
        Some(&kept.to_string().replace("Added", "Theirs")),
    );
    tool.create().await;
    tool.stage.press("Refine in Composer").await;
    tool.stage
        .until(
            || {
                tool.stage
                    .texts("dialog h2")
                    .contains(&"Replace the draft in the Composer?".to_owned())
            },
            "the question",
        )
        .await;
    assert!(
        user_segments::shell::storage::get("draft.new")
            .unwrap()
            .contains("Theirs")
    );
    tool.stage.press("Replace draft").await;
    assert!(
        !user_segments::shell::storage::get("draft.new")
            .unwrap()
            .contains("Theirs")
    );
    user_segments::shell::storage::set("draft.new", None);
}

fn show_app(path: String, script: impl Fn(&Call, &Value) -> Option<Reply> + 'static) -> Shown {
    let bodies = Bodies::default();
    let backend = backend(&bodies, script);
    let client = Client::new(Rc::new(backend.clone()));
    let kept = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&kept);
    let stage = Stage::show(move || {
        let navigator = Navigator::in_memory(&path);
        *keep.borrow_mut() = Some(navigator);
        provide_context(navigator);
        view! { <Shell client /> }
    });
    let navigator = kept.borrow_mut().take().unwrap();
    Shown {
        stage,
        backend,
        bodies,
        navigator,
    }
}

#[wasm_bindgen_test]
async fn users_lists_those_who_were_chosen_as_of_the_same_instant() {
    let path = format!("/users{}", users_params(&link("dropped")).to_query());
    let app = show_app(path, |_, _| None);
    app.stage.wait_for("tbody tr").await;
    assert_eq!(
        asked(&app.bodies, "POST /selection"),
        [json!({"query": query(), "selection": selection("dropped")})]
    );
    let searched = asked(&app.bodies, "POST /users/search");
    assert!(!searched.is_empty());
    for search in searched {
        assert_eq!(search["definition"], definition_sent("dropped"));
        assert_eq!(search["as_of"], AS_OF);
        assert_eq!(search["time_zone"], ZONE);
    }
    assert!(
        app.stage
            .texts(".users-chosen .sent")
            .concat()
            .starts_with("Users who performed Added")
    );
    let stamp = app.stage.texts(".users-chosen .us-asof").concat();
    assert!(
        stamp.contains("412 users") && stamp.contains("1 Jan 2026, 22:04"),
        "{stamp}"
    );
    let back = app
        .stage
        .named("Back to Funnel")
        .unwrap()
        .get_attribute("href")
        .unwrap();
    let (path, params) = back.split_once('?').unwrap();
    assert_eq!(path, "/tools/funnel");
    let text = Params::parse(params).get(PARAM).unwrap().to_owned();
    assert_eq!(
        Link::read(&text, Tool::Funnel).unwrap().link,
        link("dropped")
    );

    // Another order keeps them, and a user beside the list too.
    app.stage.press("Events").await;
    app.stage
        .until(
            || {
                asked(&app.bodies, "POST /users/search")
                    .last()
                    .is_some_and(|search| search["sort"]["by"] == "events")
            },
            "the other order",
        )
        .await;
    let last = asked(&app.bodies, "POST /users/search").pop().unwrap();
    assert_eq!(last["definition"], definition_sent("dropped"));
    let user = app.stage.get("tbody a").get_attribute("href").unwrap();
    assert!(
        user.starts_with("/users/u1?") && user.contains("of=funnel"),
        "{user}"
    );

    app.stage.press("Create User Segment").await;
    let name = app.stage.wait_for("dialog input[required]").await;
    write(&name, "From here").await;
    app.stage.get("dialog [type=submit]").click();
    app.stage
        .until(
            || !asked(&app.bodies, "POST /segments").is_empty(),
            "the segment",
        )
        .await;
    let sent = asked(&app.bodies, "POST /segments").pop().unwrap();
    assert_eq!(sent["as_of"], AS_OF);
    assert_eq!(
        sent["origin"],
        json!({"query": query(), "selection": selection("dropped"), "view": view_of()})
    );
}

#[wasm_bindgen_test]
async fn a_link_to_users_that_cannot_be_read_is_told() {
    for (params, told) in [
        (
            Params::new().with("of", "tunnel").with("q", "v:1"),
            "There is no tool",
        ),
        (
            users_params(&Link {
                selection: None,
                ..link("dropped")
            }),
            "The link does not say which part of the results was selected.",
        ),
    ] {
        let app = show_app(format!("/users{}", params.to_query()), |_, _| None);
        // It is told at once, before the page has begun to follow its address.
        tick().await;
        app.stage.wait_for("[role=alert] h2").await;
        let text = app.stage.texts("[role=alert] p").concat();
        assert!(text.starts_with(told), "{text}");
        assert_eq!(
            asked(&app.bodies, "POST /users/search"),
            Vec::<Value>::new()
        );
        app.stage.press("Show all users").await;
        app.stage.wait_for("tbody tr").await;
        let search = asked(&app.bodies, "POST /users/search").pop().unwrap();
        assert_eq!(search.get("definition"), None);
    }
}

#[wasm_bindgen_test]
async fn users_that_cannot_be_found_out_are_told_and_asked_for_again() {
    let tries = Rc::new(RefCell::new(0));
    let path = format!("/users{}", users_params(&link("dropped")).to_query());
    let app = show_app(path, move |call, _| {
        if call.path != "/selection" {
            return None;
        }
        *tries.borrow_mut() += 1;
        (*tries.borrow() == 1).then_some(Reply::Gone)
    });
    app.stage
        .until(
            || app.stage.texts("[role=alert] h2") == ["The selected users did not load"],
            "the failure",
        )
        .await;
    app.stage.press("Try again").await;
    app.stage.wait_for("tbody tr").await;
}

#[wasm_bindgen_test]
async fn the_manager_opens_the_query_that_a_segment_was_made_from() {
    let origin = json!({"query": query(), "selection": selection("dropped"), "view": view_of()});
    let app = show_app("/settings/segments".to_owned(), move |call, _| {
        let mut with = segment("with", "From a funnel", &origin);
        with["version"] = 3.into();
        match call.path.split('?').next().unwrap_or_default() {
            "/segments" => Some(Reply::Json(
                200,
                page(&[
                    with,
                    segment("a", "Composed", &Value::Null),
                    segment("lost", "Lost", &json!({"query": {}})),
                ]),
            )),
            "/segments/with" => Some(Reply::Json(200, with)),
            "/segments/with/versions" => Some(Reply::Json(
                200,
                json!({"items": [version(3, "name"), version(2, "definition")], "next_cursor": null, "total": 2}),
            )),
            _ => None,
        }
    });
    app.stage.wait_for("tbody tr").await;
    let composed = app.stage.named("Open Query of Composed").unwrap();
    assert_eq!(
        composed.get_attribute("href").as_deref(),
        Some("/composer/a")
    );

    app.stage.press("Open Query of Lost").await;
    app.stage
        .until(
            || app.stage.texts(".us-toast strong") == ["The query of “Lost” was not opened"],
            "the failure",
        )
        .await;
    assert_eq!(app.navigator.route().get_untracked(), Some(Route::Segments));

    app.stage.press("Open Query of From a funnel").await;
    app.stage
        .until(
            || app.navigator.route().get_untracked() == Some(Route::Funnel),
            "the funnel",
        )
        .await;
    let params = app.navigator.params().get_untracked();
    let opened = Link::read(params.get(PARAM).unwrap(), Tool::Funnel).unwrap();
    assert_eq!(opened.link, link("dropped"));
    assert!(
        app.stage
            .texts(".us-toast strong")
            .contains(&"\u{201c}From a funnel\u{201d} was edited since".to_owned()),
        "{:?}",
        app.stage.texts(".us-toast strong")
    );
}

/// What was changed by a version of a segment.
fn version(number: u64, changed: &str) -> Value {
    json!({
        "version": number, "at": AS_OF, "author": {"id": "me", "name": "Maya"}, "changed": [changed],
        "name": "From a funnel", "description": "", "category": "", "kind": "dynamic", "time_zone": ZONE,
        "definition": definition("dropped"), "sentence": "users who did it",
    })
}
