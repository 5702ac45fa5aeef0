//! A place in the document for what is tested, and hands to use it with.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use segments_ui::task::sleep;
use serde_json::{Value, json};
use user_segments::client::{Answer, ApiError, Asked, Call, RequestBody, Transport};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};

/// How long to wait for what is promised, in steps of [`STEP_MS`].
/// Long enough for a machine that is busy with something else.
const STEPS: u32 = 1_500;
const STEP_MS: u32 = 10;

/// A view in a container of its own, gone when this is dropped.
pub struct Stage {
    container: HtmlElement,
    _handle: Box<dyn std::any::Any>,
}

impl Stage {
    /// Shows a view.
    pub fn show<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Self {
        let container: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&container).unwrap();
        let handle: UnmountHandle<_> = mount_to(container.clone(), move || view().into_any());
        Self {
            container,
            _handle: Box::new(handle),
        }
    }

    /// The first element that matches a selector.
    pub fn find(&self, selector: &str) -> Option<HtmlElement> {
        self.container
            .query_selector(selector)
            .unwrap()
            .map(|element| element.unchecked_into())
    }

    /// The first element that matches a selector; it has to be there.
    pub fn get(&self, selector: &str) -> HtmlElement {
        self.find(selector)
            .unwrap_or_else(|| panic!("nothing is {selector} in {}", self.container.inner_html()))
    }

    /// The same, waiting for it.
    pub async fn wait_for(&self, selector: &str) -> HtmlElement {
        self.until(|| self.find(selector).is_some(), selector).await;
        self.get(selector)
    }

    /// The texts of all elements that match a selector.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let found = self.container.query_selector_all(selector).unwrap();
        (0..found.length())
            .map(|place| found.get(place).unwrap().text_content().unwrap())
            .collect()
    }

    /// The button, link or menu item with this name.
    pub fn named(&self, name: &str) -> Option<HtmlElement> {
        let all = self
            .container
            .query_selector_all("button, a, [role^=menuitem], [role=option]")
            .unwrap();
        (0..all.length())
            .map(|place| all.get(place).unwrap().unchecked_into::<HtmlElement>())
            .find(|element| {
                element.get_attribute("aria-label").as_deref() == Some(name)
                    || element.text_content().unwrap().trim() == name
            })
    }

    /// Presses the button, link or menu item with this name, waiting for it.
    pub async fn press(&self, name: &str) {
        self.until(|| self.named(name).is_some(), name).await;
        self.named(name).unwrap().click();
        tick().await;
    }

    /// Waits until something holds.
    pub async fn until(&self, holds: impl Fn() -> bool, what: &str) {
        for _ in 0..STEPS {
            if holds() {
                return;
            }
            sleep(STEP_MS).await;
        }
        panic!("waited in vain for {what}: {}", self.container.inner_html());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.container.remove();
    }
}

/// Lets effects and the browser's own tasks happen, and what waits for the next frame, which comes late on a busy machine.
pub async fn tick() {
    sleep(20).await;
    let frame = js_sys::Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).unwrap();
    });
    JsFuture::from(frame).await.unwrap();
}

/// Presses a key where the focus is, or where `element` is.
pub async fn key(element: &Element, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    element.dispatch_event(&event).unwrap();
    tick().await;
}

/// The element that has the focus.
pub fn focused() -> HtmlElement {
    document().active_element().unwrap().unchecked_into()
}

/// Writes into a field as a person does.
pub async fn write(field: &HtmlElement, text: &str) {
    field.focus().unwrap();
    let input: &HtmlInputElement = field.unchecked_ref();
    input.set_value(text);
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    let event = web_sys::Event::new_with_event_init_dict("input", &init).unwrap();
    field.dispatch_event(&event).unwrap();
    tick().await;
}

/// What a scripted backend does with a call.
pub enum Reply {
    /// It answers.
    Json(u16, serde_json::Value),
    /// It answers after so many milliseconds.
    Late(u32, serde_json::Value),
    /// It never answers.
    Never,
    /// It cannot be reached.
    Gone,
}

type Script = Box<dyn Fn(&Call, &str) -> Reply>;

/// A backend that does what a test says, and remembers what it was asked.
#[derive(Clone)]
pub struct Scripted {
    script: Rc<Script>,
    asked: Rc<RefCell<Vec<String>>>,
    cancelled: Rc<RefCell<Vec<String>>>,
}

impl Scripted {
    /// The script gets the call and its body.
    pub fn new(script: impl Fn(&Call, &str) -> Reply + 'static) -> Self {
        Self {
            script: Rc::new(Box::new(script)),
            asked: Rc::default(),
            cancelled: Rc::default(),
        }
    }

    /// What was asked so far: `GET /segments`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// What was asked and cancelled.
    pub fn cancelled(&self) -> Vec<String> {
        self.cancelled.borrow().clone()
    }
}

struct Cancelling {
    what: Option<String>,
    cancelled: Rc<RefCell<Vec<String>>>,
}

impl Cancelling {
    fn disarm(mut self) {
        self.what = None;
    }
}

impl Drop for Cancelling {
    fn drop(&mut self) {
        if let Some(what) = self.what.take() {
            self.cancelled.borrow_mut().push(what);
        }
    }
}

impl Transport for Scripted {
    fn send(&self, call: Call) -> Asked {
        let body = match &call.body {
            RequestBody::Json(bytes) => String::from_utf8(bytes.clone()).unwrap(),
            _ => String::new(),
        };
        let what = format!("{} {}", call.method.name(), call.path);
        self.asked.borrow_mut().push(what.clone());
        let reply = (self.script)(&call, &body);
        let cancelling = Cancelling {
            what: Some(what),
            cancelled: Rc::clone(&self.cancelled),
        };
        let future: Pin<Box<dyn Future<Output = Result<Answer, ApiError>>>> =
            Box::pin(async move {
                let answer = |status, value: serde_json::Value| Answer {
                    status,
                    headers: vec![("ETag".to_owned(), "\"1\"".to_owned())],
                    body: serde_json::to_vec(&value).unwrap(),
                };
                let answer = match reply {
                    Reply::Json(status, value) => Ok(answer(status, value)),
                    Reply::Late(millis, value) => {
                        sleep(millis).await;
                        Ok(answer(200, value))
                    }
                    Reply::Never => std::future::pending().await,
                    Reply::Gone => Err(ApiError::Unreachable {
                        place: "The script".to_owned(),
                        detail: "it is gone".to_owned(),
                    }),
                };
                cancelling.disarm();
                answer
            });
        future
    }

    fn place(&self) -> String {
        "The script".to_owned()
    }
}

/// What a tool's page asks besides its own: the project, its events by name and volume, and a library without segments.
pub fn usual(what: &str, zone: &str, now: &str, events: &[(&str, u64)]) -> Option<Reply> {
    let event = |(name, volume): &(&str, u64)| {
        json!({"name": name, "volume": volume, "users": 5, "first_seen": null, "last_seen": null,
            "properties": ["price", "device"], "hidden": false})
    };
    let events: Vec<Value> = events.iter().map(event).collect();
    let body = match what {
        "GET /project" => json!({
            "name": "Shop", "time_zone": zone, "now": now,
            "data": {"version": "1", "source": "demo", "events": 10, "users": 4, "first_event_at": null,
                "last_event_at": null},
            "me": {"id": "me", "name": "Maya", "role": "admin"},
            "capabilities": {"backend": "embedded", "criteria": [], "import_formats": [], "export_formats": [],
                "reset": true},
            "limits": {"page": 200, "criteria": 200, "body_bytes": 1000},
        }),
        "GET /dictionary" => {
            json!({"data_version": "1", "events": events, "event_properties": [], "user_properties": []})
        }
        "GET /segments" => json!({"items": [], "next_cursor": null, "total": 0,
            "facets": {"dynamic": 0, "static": 0, "archived": 0, "categories": [], "creators": []}}),
        _ => return None,
    };
    Some(Reply::Json(200, body))
}
