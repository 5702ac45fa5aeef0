//! What the tools' pages share, with a tiny form against a scripted backend.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::error::FormError;
use segments_forms::link::{Link, PARAM};
use segments_forms::tool::{FrameForm, Names, Tool, ToolForm};
use segments_model::query::Query;
use segments_model::selection::Selection;
use segments_ui::task::sleep;
use segments_ui::{Toaster, Toasts};
use serde_json::{Value, json};
use user_segments::client::{ApiError, Client};
use user_segments::shell::route::{Entries, Navigator};
use user_segments::tool::page::ToolPage;
use user_segments::tool::page::stamp::AsOf;
use user_segments::tool::state::{ToolState, Wait};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, KeyboardEvent, KeyboardEventInit};

use super::stage::{Reply, Scripted, Stage, focused, key, tick, write};

/// Counts an event, and may call the count something.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tiny {
    event: String,
    name: String,
    frame: FrameForm,
}

impl ToolForm for Tiny {
    const TOOL: Tool = Tool::Segmentation;

    fn frame(&self) -> &FrameForm {
        &self.frame
    }

    fn frame_mut(&mut self) -> &mut FrameForm {
        &mut self.frame
    }

    fn title(&self, _: Names<'_>) -> String {
        if self.event.is_empty() {
            Self::TOOL.label().to_owned()
        } else {
            self.event.clone()
        }
    }

    fn summary(&self, _: Names<'_>) -> (String, String) {
        ("One event".to_owned(), "last 7 days".to_owned())
    }

    fn query(&self) -> Result<Query, Vec<FormError>> {
        if self.event.is_empty() {
            return Err(vec![FormError::new("/measures/0/event", "choose an event")]);
        }
        Ok(serde_json::from_value(query(&self.event)).unwrap())
    }

    fn place(&self, pointer: &str) -> String {
        assert_eq!(pointer, "/measures/0/event");
        "measure A".to_owned()
    }

    fn view(&self) -> Value {
        if self.name.is_empty() {
            Value::Null
        } else {
            json!({"name": self.name})
        }
    }

    fn open(query: &Query, view: &Value) -> Self {
        let Query::Segmentation(query) = query else {
            return Self::default();
        };
        Self {
            event: query
                .measures
                .first()
                .and_then(|measure| measure.event.clone())
                .unwrap_or_default(),
            name: view["name"].as_str().unwrap_or_default().to_owned(),
            frame: FrameForm::default(),
        }
    }
}

fn query(event: &str) -> Value {
    json!({
        "tool": "segmentation", "measures": [{"event": event, "aggregate": {"of": "total"}}],
        "during": {"type": "last", "count": 7, "unit": "day"}, "interval": "day",
    })
}

fn stamp() -> Value {
    json!({"as_of": "2026-11-23T14:14:00.000Z", "time_zone": "America/New_York",
        "start": "2026-10-24T04:00:00.000Z", "end": "2026-11-23T05:00:00.000Z", "unit": "users", "exact": true,
        "data_version": "1", "took_ms": 96.4})
}

fn answer(total: f64) -> Value {
    json!({"tool": "segmentation", "stamp": stamp(), "buckets": [],
        "series": [{"measure": 0, "group": [], "values": [], "total": total}], "groups_left_out": 0})
}

fn link(event: &str) -> String {
    Link {
        query: serde_json::from_value(query(event)).unwrap(),
        view: Value::Null,
        selection: None,
    }
    .write()
}

fn at(text: &str) -> String {
    let params = Params::new().with(PARAM, text);
    format!("/tools/segmentation{}", params.to_readable_query())
}

/// The event that a request asks about.
fn event(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["measures"][0]["event"].as_str().unwrap().to_owned()
}

struct Page {
    stage: Stage,
    state: ToolState<Tiny>,
    entries: Entries,
    backend: Scripted,
}

impl Page {
    /// A page at a URL, with a backend that answers for an event.
    async fn open(url: &str, reply: impl Fn(&str) -> Reply + 'static) -> Self {
        user_segments::shell::storage::set("pins.segmentation", None);
        Self::open_again(url, reply).await
    }

    /// Keeps what an earlier page has pinned.
    async fn open_again(url: &str, reply: impl Fn(&str) -> Reply + 'static) -> Self {
        let backend = Scripted::new(move |_, body| reply(&event(body)));
        let client = Client::new(Rc::new(backend.clone()));
        let made = Rc::new(RefCell::new(None));
        let (url, making) = (url.to_owned(), Rc::clone(&made));
        let stage = Stage::show(move || {
            let (navigator, entries) = Navigator::with_entries(&url);
            provide_context(navigator);
            provide_context(Toaster::default());
            provide_context(client.clone());
            let state = ToolState::<Tiny>::start(client);
            provide_context(state);
            *making.borrow_mut() = Some((state, entries));
            view! {
                <div class="us-root">
                    <ToolPage
                        state=state
                        panel=ViewFn::from(move || {
                            view! {
                                <input
                                    id="event"
                                    aria-label="Event"
                                    prop:value=move || state.form().get().event
                                    on:input=move |input| {
                                        let text = event_target_value(&input);
                                        state.change("type an event", Some("event"), |form| form.event = text);
                                    }
                                />
                            }
                        })
                        results=ViewFn::from(move || {
                            view! {
                                <output>
                                    {move || {
                                        state.answered().get().map(|answered| total(&answered.answer))
                                    }}
                                </output>
                            }
                        })
                        start=ViewFn::from(|| view! { <p id="new">"Choose an event to begin"</p> })
                    />
                    <Toasts />
                </div>
            }
        });
        tick().await;
        let (state, entries) = made.borrow_mut().take().unwrap();
        Self {
            stage,
            state,
            entries,
            backend,
        }
    }

    fn ask_about(&self, event: &str) {
        self.state.change("choose an event", None, |form| {
            form.event = event.to_owned()
        });
    }

    /// Waits for a total in the results.
    async fn total(&self, total: &str) {
        let shown = || self.stage.texts("output") == [total];
        self.stage.until(shown, total).await;
    }

    async fn wait(&self, is: impl Fn(&Wait) -> bool, what: &str) {
        let state = self.state;
        self.stage
            .until(|| is(&untrack(|| state.wait())), what)
            .await;
    }

    fn asked(&self) -> usize {
        self.backend.asked().len()
    }

    fn urls(&self) -> Vec<String> {
        untrack(|| self.entries.all())
    }

    fn here(&self) -> String {
        untrack(|| self.entries.here())
    }

    fn event(&self) -> String {
        self.state.form().get_untracked().event
    }
}

fn total(answer: &segments_model::answer::Answer) -> String {
    match answer {
        segments_model::answer::Answer::Segmentation(answer) => {
            answer.series[0].total.unwrap_or_default().to_string()
        }
        _ => String::new(),
    }
}

/// Answers for events called by numbers with that number.
fn by_name(event: &str) -> Reply {
    match event.parse() {
        Ok(number) => Reply::Json(200, answer(number)),
        Err(_) => Reply::Never,
    }
}

async fn ctrl(name: &str, shift: bool, element: &Element) {
    let init = KeyboardEventInit::new();
    init.set_key(name);
    init.set_ctrl_key(true);
    init.set_shift_key(shift);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    element.dispatch_event(&event).unwrap();
    tick().await;
}

fn body() -> Element {
    document().body().unwrap().into()
}

#[wasm_bindgen_test]
async fn a_new_form_asks_nothing_and_says_what_to_do() {
    let page = Page::open("/tools/segmentation", by_name).await;
    assert!(page.stage.find("#new").is_some());
    assert_eq!(page.asked(), 0);
    assert_eq!(page.stage.texts("h1"), ["Segmentation"]);
    page.ask_about("3");
    page.total("3").await;
    assert!(page.stage.find("#new").is_none());
    assert_eq!(page.stage.texts("h1"), ["3"]);
    assert!(page.stage.texts(".us-query__foot")[0].contains("96 ms"));
    assert_eq!(
        page.urls(),
        ["/tools/segmentation".to_owned(), at(&link("3"))]
    );
}

#[wasm_bindgen_test]
async fn an_outdated_question_is_cancelled_and_the_old_answer_stays() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.ask_about("slow");
    page.wait(|wait| matches!(wait, Wait::Slow { .. }), "a slow question")
        .await;
    tick().await;
    assert_eq!(page.stage.texts("output"), ["1"]);
    assert!(page.stage.find(".tool__body.is-stale").is_some());
    assert!(page.stage.find("[role=progressbar]").is_some());
    assert_eq!(
        page.stage
            .get(".us-results")
            .get_attribute("aria-busy")
            .unwrap(),
        "true"
    );
    page.ask_about("2");
    page.total("2").await;
    assert_eq!(page.backend.cancelled(), ["POST /query"]);
    assert!(page.stage.find(".is-stale").is_none());
    assert!(page.stage.find("[role=progressbar]").is_none());
}

#[wasm_bindgen_test]
async fn what_is_typed_is_asked_once() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    for text in ["1", "12", "123"] {
        let text = text.to_owned();
        page.state
            .change("type", Some("event"), |form| form.event = text);
        tick().await;
    }
    page.total("123").await;
    assert_eq!(page.asked(), 2);
    // One entry of the browser's history, as it is one step of undo.
    assert_eq!(page.urls(), [at(&link("1")), at(&link("123"))]);
    page.state.undo();
    page.total("1").await;
    assert_eq!(page.here(), at(&link("1")));
    assert_eq!(page.urls().len(), 3);
}

#[wasm_bindgen_test]
async fn a_question_can_be_stopped_and_asked_again() {
    let asked = Rc::new(RefCell::new(0));
    let count = Rc::clone(&asked);
    let page = Page::open(&at(&link("1")), move |_| {
        *count.borrow_mut() += 1;
        if *count.borrow() == 2 {
            Reply::Never
        } else {
            Reply::Json(200, answer(f64::from(*count.borrow())))
        }
    })
    .await;
    page.total("1").await;
    page.ask_about("2");
    page.stage.press("Stop").await;
    assert_eq!(untrack(|| page.state.wait()), Wait::Stopped);
    assert_eq!(page.backend.cancelled().len(), 1);
    assert!(page.stage.texts(".tool__state")[0].contains("Stopped"));
    ctrl("Enter", false, &body()).await;
    page.total("3").await;
    assert_eq!(untrack(|| page.state.wait()), Wait::Nothing);
    // The same query is asked again where somebody wants that.
    page.state.run();
    page.total("4").await;
}

#[wasm_bindgen_test]
async fn without_auto_run_only_run_asks() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.stage.get("[role=switch]").click();
    page.ask_about("2");
    sleep(300).await;
    assert_eq!(page.asked(), 1);
    assert_eq!(untrack(|| page.state.wait()), Wait::Changed);
    assert!(page.stage.texts(".tool__state")[0].contains("The query changed since the last run"));
    // What was asked is waited for, whatever is changed meanwhile.
    page.ask_about("slow");
    page.state.run();
    tick().await;
    page.ask_about("2");
    sleep(200).await;
    assert_eq!(page.backend.cancelled().len(), 0);
    page.state.run();
    page.total("2").await;
    assert_eq!(untrack(|| page.state.wait()), Wait::Nothing);
    page.ask_about("3");
    page.stage.get("[role=switch]").click();
    page.total("3").await;
}

#[wasm_bindgen_test]
async fn an_unfinished_form_says_which_part() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.ask_about("slow");
    tick().await;
    page.ask_about("");
    tick().await;
    assert_eq!(
        untrack(|| page.state.wait()),
        Wait::Unfinished("Measure A: choose an event".to_owned())
    );
    assert!(page.stage.texts(".tool__state")[0].contains("Measure A: choose an event."));
    assert_eq!(page.stage.texts("output"), ["1"]);
    assert!(page.stage.find("button[type=submit][disabled]").is_some());
    // The address stays at the last query that can be asked.
    assert_eq!(page.here(), at(&link("slow")));
    page.state.undo();
    page.state.undo();
    tick().await;
    // The answer to this one is there.
    assert_eq!(untrack(|| page.state.wait()), Wait::Nothing);
    assert_eq!(page.stage.texts("output"), ["1"]);
    assert_eq!(page.asked(), 1);
}

#[wasm_bindgen_test]
async fn back_and_forward_walk_through_the_queries() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.ask_about("2");
    page.ask_about("3");
    page.total("3").await;
    page.entries.back();
    page.total("2").await;
    page.entries.back();
    page.total("1").await;
    page.entries.forward();
    page.total("2").await;
    // Nothing of that was written into the history.
    assert_eq!(page.urls(), ["1", "2", "3"].map(|event| at(&link(event))));
    assert_eq!(page.here(), at(&link("2")));
    // It is a step like any other.
    page.state.undo();
    page.total("1").await;
    assert_eq!(
        page.urls().len(),
        3,
        "the entry after was replaced by the undone one"
    );
    assert_eq!(page.here(), at(&link("1")));
}

#[wasm_bindgen_test]
async fn an_unfinished_form_comes_back_after_going_back() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.ask_about("2");
    page.state.change("name it", None, |form| {
        form.event.clear();
        form.name = "Half".to_owned();
    });
    tick().await;
    page.entries.back();
    tick().await;
    page.total("1").await;
    assert_eq!(page.event(), "1");
    page.state.undo();
    tick().await;
    let form = page.state.form().get_untracked();
    assert_eq!((form.event.as_str(), form.name.as_str()), ("", "Half"));
}

#[wasm_bindgen_test]
async fn how_it_is_shown_is_in_the_link_but_asks_nothing() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.state
        .change("name it", None, |form| form.name = "Mine".to_owned());
    sleep(250).await;
    assert_eq!(page.asked(), 1);
    assert!(page.here().contains("view:(name:Mine)"), "{}", page.here());
    page.state.selection().set(Some(chosen()));
    tick().await;
    assert!(page.here().contains("selection:(measure:0)"));
    assert_eq!(page.urls().len(), 2, "what is chosen is no step");
    page.ask_about("2");
    tick().await;
    assert_eq!(page.state.selection().get_untracked(), None);
    assert!(!page.here().contains("selection"));
}

fn chosen() -> Selection {
    serde_json::from_value(json!({"measure": 0})).unwrap()
}

#[wasm_bindgen_test]
async fn a_link_opens_with_what_was_chosen() {
    let text = Link {
        query: serde_json::from_value(query("5")).unwrap(),
        view: json!({"name": "Five"}),
        selection: Some(chosen()),
    }
    .write();
    let page = Page::open(&at(&text), by_name).await;
    page.total("5").await;
    assert_eq!(page.state.selection().get_untracked(), Some(chosen()));
    assert_eq!(page.state.form().get_untracked().name, "Five");
    assert_eq!(page.urls(), [at(&text)]);
}

#[wasm_bindgen_test]
async fn a_bad_link_says_what_was_lost_and_opens_the_rest() {
    let mut broken = query("7");
    broken["measures"]
        .as_array_mut()
        .unwrap()
        .push(json!({"event": "8", "aggregate": {"of": "p99"}}));
    let page = Page::open(&at(&broken.to_string()), by_name).await;
    page.total("7").await;
    let notice = page.stage.texts(".tool__notice")[0].clone();
    assert!(
        notice.contains("Measure B was left out: it names an unknown figure 'p99'."),
        "{notice}"
    );
    assert_eq!(
        page.urls(),
        [at(&broken.to_string())],
        "the address is left as it is"
    );
    page.stage.press("Close notice").await;
    assert!(page.stage.find(".tool__notice").is_none());

    let page = Page::open(&at("nonsense"), by_name).await;
    assert!(page.stage.texts(".tool__notice")[0].contains("could not be opened"));
    assert!(page.stage.find("#new").is_some());
}

#[wasm_bindgen_test]
async fn what_failed_can_be_tried_again() {
    let tries = Rc::new(RefCell::new(0));
    let count = Rc::clone(&tries);
    let page = Page::open(&at(&link("1")), move |event| {
        *count.borrow_mut() += 1;
        match (*count.borrow(), event) {
            (1, _) => Reply::Json(
                500,
                json!({"type": "/problems/broken", "title": "Broken", "status": 500, "detail": "it broke"}),
            ),
            (3, _) => Reply::Gone,
            (_, event) => by_name(event),
        }
    })
    .await;
    page.wait(
        |wait| matches!(wait, Wait::Failed(ApiError::Problem(_))),
        "a failure",
    )
    .await;
    tick().await;
    assert!(page.stage.texts("[role=alert]")[0].contains("It broke."));
    page.stage.press("Try again").await;
    page.total("1").await;
    page.ask_about("2");
    page.wait(|wait| *wait == Wait::Offline, "no backend").await;
    tick().await;
    assert!(page.stage.texts(".tool__state")[0].contains("cannot be reached"));
    assert_eq!(page.stage.texts("output"), ["1"]);
    // Undone, nothing is wrong any more.
    page.state.undo();
    tick().await;
    assert_eq!(untrack(|| page.state.wait()), Wait::Nothing);
    assert_eq!(page.asked(), 3);
    page.state.redo();
    page.total("2").await;
}

#[wasm_bindgen_test]
async fn a_refusal_calls_the_place_as_the_page_does() {
    let page = Page::open(&at(&link("1")), |event| match event {
        "gone" => Reply::Json(
            422,
            json!({"type": "/problems/input", "title": "Input", "status": 422,
                "detail": "/measures/0/event: there is no event \"gone\"",
                "errors": [{"pointer": "/measures/0/event", "code": "unknown", "detail": "there is no event \"gone\""}]}),
        ),
        event => by_name(event),
    })
    .await;
    page.total("1").await;
    page.ask_about("gone");
    page.wait(|wait| matches!(wait, Wait::Failed(_)), "a refusal")
        .await;
    tick().await;
    let state = &page.stage.texts(".tool__state")[0];
    assert!(
        state.starts_with("Measure A: there is no event \"gone\"."),
        "{state}"
    );
}

#[wasm_bindgen_test]
async fn only_what_takes_text_has_an_undo_of_its_own() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.ask_about("2");
    tick().await;
    let panel = page.stage.get("form");
    let add = |name: &str, attribute: (&str, &str)| {
        let element = document().create_element(name).unwrap();
        element.set_attribute(attribute.0, attribute.1).unwrap();
        panel.append_child(&element).unwrap();
        element
    };
    for (name, attribute) in [
        ("textarea", ("rows", "2")),
        ("div", ("contenteditable", "true")),
        ("input", ("type", "date")),
    ] {
        ctrl("z", false, &add(name, attribute)).await;
        assert_eq!(page.event(), "2", "{name}");
    }
    for (name, attribute) in [
        ("select", ("name", "unit")),
        ("input", ("type", "checkbox")),
        ("button", ("type", "button")),
    ] {
        let element = add(name, attribute);
        ctrl("z", false, &element).await;
        assert_eq!(page.event(), "1", "{name}");
        ctrl("y", false, &element).await;
        assert_eq!(page.event(), "2", "{name}");
    }
}

#[wasm_bindgen_test]
async fn a_button_that_has_done_its_work_keeps_the_focus() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.ask_about("2");
    tick().await;
    let undo = page.stage.named("Undo: choose an event").unwrap();
    undo.focus().unwrap();
    undo.click();
    tick().await;
    assert_eq!(undo.get_attribute("aria-disabled").as_deref(), Some("true"));
    assert_eq!(focused(), undo);
    undo.click();
    assert_eq!(page.event(), "1");
    let save = page.stage.named("Save").unwrap();
    save.focus().unwrap();
    page.stage.press("Save").await;
    let field = page.stage.wait_for("#pin-name").await;
    let field: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(field);
    // The name that the query has by itself is selected, for another to take its place.
    let is_selected = || field.selection_end().unwrap() == Some(1);
    page.stage
        .until(is_selected, "the name to be selected")
        .await;
    assert_eq!(field.selection_start().unwrap(), Some(0));
    page.stage.get("dialog form button[type=submit]").click();
    tick().await;
    assert_eq!(save.get_attribute("aria-disabled").as_deref(), Some("true"));
    page.stage.until(|| focused() == save, "the focus").await;
    save.click();
    tick().await;
    assert!(page.stage.find("dialog[open]").is_none());
}

#[wasm_bindgen_test]
async fn a_link_is_copied_by_hand_where_the_browser_does_not_let_the_page() {
    let refuse = "Object.defineProperty(navigator, 'clipboard', {configurable: true, \
         value: {writeText: () => Promise.reject(new Error('no'))}})";
    js_sys::eval(refuse).unwrap();
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.stage.press("Copy link").await;
    let field = page.stage.wait_for("dialog[open] #tool-link").await;
    let field: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(field);
    let origin = window().location().origin().unwrap();
    assert_eq!(field.value(), format!("{origin}{}", at(&link("1"))));
    let all = u32::try_from(field.value().len()).ok();
    let is_selected = || field.selection_end().unwrap() == all;
    page.stage
        .until(is_selected, "the link to be selected")
        .await;
    assert_eq!(field.selection_start().unwrap(), Some(0));
    assert!(page.stage.find(".us-toast").is_none());
    page.stage.press("Done").await;
    js_sys::eval("delete navigator.clipboard").unwrap();
    assert!(page.stage.find("dialog[open]").is_none());
}

#[wasm_bindgen_test]
async fn a_copied_link_moves_with_the_date_or_is_frozen() {
    let take = "Object.defineProperty(navigator, 'clipboard', {configurable: true, \
         value: {writeText: (text) => { globalThis.copied = text; return Promise.resolve(); }}})";
    js_sys::eval(take).unwrap();
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    let copied = || {
        let text = js_sys::eval("globalThis.copied").unwrap().as_string();
        text.unwrap_or_default()
    };
    page.stage.press("Copy link").await;
    let toast = || page.stage.texts(".us-toast p").pop().unwrap_or_default();
    page.stage
        .until(
            || toast().contains("will move with the date"),
            "the message",
        )
        .await;
    assert!(!copied().contains("as_of"), "{}", copied());
    page.stage.press("Freeze the dates").await;
    page.stage
        .until(
            || toast().contains("as of 23 Nov 2026, 09:14"),
            "the other one",
        )
        .await;
    assert!(copied().contains("as_of:2026-11-23T14"), "{}", copied());
    assert!(
        copied().contains("time_zone:America/New_York"),
        "{}",
        copied()
    );
    js_sys::eval("delete navigator.clipboard; delete globalThis.copied").unwrap();
}

#[wasm_bindgen_test]
async fn the_keyboard_undoes_except_in_a_field() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.ask_about("2");
    tick().await;
    ctrl("z", false, &page.stage.get("#event")).await;
    assert_eq!(page.event(), "2");
    ctrl("z", false, &body()).await;
    assert_eq!(page.event(), "1");
    ctrl("Z", true, &body()).await;
    assert_eq!(page.event(), "2");
    assert!(page.stage.named("Undo: choose an event").is_some());
}

#[wasm_bindgen_test]
async fn queries_are_pinned_under_a_name() {
    let page = Page::open(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.stage.press("Save").await;
    let field = page.stage.wait_for("#pin-name").await;
    write(&field, "Buyers").await;
    page.stage.get("dialog form button[type=submit]").click();
    tick().await;
    assert_eq!(page.stage.texts("h1"), ["Buyers"]);
    assert_eq!(page.stage.texts(".us-tool__head .us-badge"), ["Saved"]);
    page.ask_about("2");
    tick().await;
    assert_eq!(page.stage.texts(".us-tool__head .us-badge"), ["Edited"]);
    assert_eq!(page.stage.texts("h1"), ["Buyers"]);
    // Saved over itself, and back.
    page.stage.press("Save").await;
    assert_eq!(page.stage.texts(".us-tool__head .us-badge"), ["Saved"]);
    page.stage.press("Undo").await;
    assert_eq!(page.stage.texts(".us-tool__head .us-badge"), ["Edited"]);
    drop(page);

    // Another visit: an address that says the same is the pin.
    let page = Page::open_again(&at(&link("1")), by_name).await;
    assert_eq!(page.stage.texts("h1"), ["Buyers"]);
    page.ask_about("9");
    page.total("9").await;
    page.stage.press("Pinned queries").await;
    page.stage.press("Buyers").await;
    page.total("1").await;
    assert_eq!(page.here(), at(&link("1")));

    page.stage.press("Pinned queries").await;
    page.stage.press("Rename “Buyers”").await;
    let field = page.stage.wait_for("#pin-name").await;
    write(&field, " ").await;
    page.stage.get("dialog form button[type=submit]").click();
    tick().await;
    assert_eq!(page.stage.texts("#pin-name-error"), ["Give it a name."]);
    write(&field, "Customers").await;
    page.stage.get("dialog form button[type=submit]").click();
    tick().await;
    assert_eq!(page.stage.texts("h1"), ["Customers"]);

    page.stage.press("Pinned queries").await;
    page.stage.press("Delete “Customers”").await;
    assert_eq!(page.stage.texts("h1"), ["1"]);
    let undo = || page.stage.named("Undo");
    page.stage.until(|| undo().is_some(), "Undo").await;
    let toasts = page.stage.texts(".us-toast");
    assert!(
        toasts.iter().any(|toast| toast.contains("deleted")),
        "{toasts:?}"
    );
    undo().unwrap().click();
    tick().await;
    assert_eq!(page.stage.texts("h1"), ["Customers"]);
}

#[wasm_bindgen_test]
async fn broken_pins_break_nothing() {
    user_segments::shell::storage::set(
        "pins.segmentation",
        Some(r#"[7, {"id": "a", "name": "Odd", "link": "??"}]"#),
    );
    let page = Page::open_again(&at(&link("1")), by_name).await;
    page.total("1").await;
    page.stage.press("Pinned queries").await;
    page.stage.press("Odd").await;
    assert!(page.stage.texts(".tool__notice")[0].contains("could not be opened"));
    page.state.undo();
    page.total("1").await;
}

#[wasm_bindgen_test]
async fn the_panel_opens_as_a_sheet_with_all_that_is_in_it() {
    let page = Page::open(&at(&link("1")), by_name).await;
    let opener = page.stage.named("Edit query").unwrap();
    // It is hidden where there is room; the stylesheets are not here.
    opener.focus().unwrap();
    let field = page.stage.get("#event");
    opener.click();
    tick().await;
    let dialog = page.stage.get("dialog[open]");
    assert!(dialog.contains(Some(&field)), "the same field");
    assert!(dialog.contains(Some(&focused())));
    write(&field, "4").await;
    page.total("4").await;
    // Undo works in it, as it is the page itself.
    ctrl("z", false, &dialog).await;
    assert_eq!(page.event(), "1");
    page.stage.press("Done").await;
    assert!(page.stage.find("dialog[open]").is_none());
    assert!(page.stage.get(".tool__panel").contains(Some(&field)));
    assert_eq!(focused(), opener);
    opener.click();
    tick().await;
    key(&page.stage.get("dialog[open]"), "Escape").await;
}

#[wasm_bindgen_test]
async fn the_stamp_tells_bounds_days_and_unit() {
    let stage = Stage::show(|| {
        let stamp: segments_model::Stamp = serde_json::from_value(stamp()).unwrap();
        view! { <AsOf stamp=Signal::stored(stamp) by_user_properties=Signal::stored(true) /> }
    });
    assert_eq!(
        stage.texts(".us-asof > span"),
        [
            "As of 23 Nov 2026, 09:14 EST",
            "24 Oct 2026 00:00 EDT (UTC\u{2212}4) to 23 Nov 2026 00:00 EST (UTC\u{2212}5), 30 days",
            "America/New_York",
            "Unique users",
            "Exact",
            "User properties are current values",
        ]
    );
}
