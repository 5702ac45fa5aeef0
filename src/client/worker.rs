//! The backend in a Web Worker, spoken to in messages shaped like fetch.
//!
//! The page sends `{type: "request", id, method, path, headers, body}` and `{type: "cancel", id}`; the worker sends
//! `{type: "ready"}` once it listens, then, for some requests, `{type: "progress", id, done, total}` now and then, and
//! `{type: "response", id, status, headers, body}` or
//! `{type: "failed", id, message}`, and `{type: "start_failed", message}` where it cannot start.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use js_sys::{Array, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::client::ApiError;
use crate::client::transport::{Answer, Asked, Call, RequestBody, Transport, Watcher};

/// Where the contract stands among the worker's paths.
const ROOT: &str = "/api/v1";
const PLACE: &str = "The backend in this tab";

/// The smallest module with 128-bit vectors in it. A browser without them finds it invalid.
///
/// Its function makes a vector of sixteen zeros and counts the bits of each. The count came late into the standard, so a
/// browser that only knows a form of it is told apart too.
const VECTOR_MODULE: [u8; 31] = [
    0x00, b'a', b's', b'm', 0x01, 0x00, 0x00, 0x00, // a module, version 1
    0x01, 0x05, 0x01, 0x60, 0x00, 0x01,
    0x7b, // types, 5 bytes: one, of a function without parameters that returns v128
    0x03, 0x02, 0x01, 0x00, // functions, 2 bytes: one, of type 0
    0x0a, 0x0a, 0x01, 0x08, 0x00, // code, 10 bytes: one body, of 8 bytes, without variables
    0x41, 0x00, // i32.const 0
    0xfd, 0x0f, // i8x16.splat
    0xfd, 0x62, // i8x16.popcnt
    0x0b, // end
];

/// Whether this browser runs modules with 128-bit vectors. One on an old processor does not.
pub(super) fn has_vectors() -> bool {
    // Only what is no buffer at all would be an error.
    WebAssembly::validate(&Uint8Array::from(VECTOR_MODULE.as_slice())).unwrap_or(false)
}

/// Asks the backend in a worker. The worker is started by the first request, and again by the next one after it died.
pub struct WorkerTransport {
    shared: Rc<Shared>,
}

impl WorkerTransport {
    /// A worker whose module is at this URL.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            shared: Rc::new(Shared {
                url: url.to_owned(),
                next_id: Cell::new(1),
                waiting: RefCell::default(),
                running: RefCell::default(),
            }),
        }
    }
}

impl Transport for WorkerTransport {
    fn send(&self, mut call: Call) -> Asked {
        let (sender, receiver) = oneshot::channel();
        let watcher = call.watcher.take();
        let id = self.shared.next_id.get();
        self.shared.next_id.set(id + 1);
        let waiting = Waiter { sender, watcher };
        self.shared.waiting.borrow_mut().insert(id, waiting);
        let sent = self.shared.post(&Message::request(id, call));
        let cancelling = Cancelling {
            id,
            shared: Rc::downgrade(&self.shared),
        };
        Box::pin(async move {
            sent?;
            let answer = receiver.await.unwrap_or(Err(ApiError::Cancelled));
            drop(cancelling);
            answer
        })
    }

    fn place(&self) -> String {
        PLACE.to_owned()
    }
}

struct Shared {
    url: String,
    next_id: Cell<u32>,
    waiting: RefCell<HashMap<u32, Waiter>>,
    running: RefCell<Option<Running>>,
}

/// Who waits for an answer.
struct Waiter {
    sender: oneshot::Sender<Result<Answer, ApiError>>,
    watcher: Option<Watcher>,
}

/// A worker that was started.
struct Running {
    worker: Worker,
    /// Messages for a worker that does not listen yet; none once it does.
    early: Option<Vec<Message>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Shared {
    fn post(self: &Rc<Self>, message: &Message) -> Result<(), ApiError> {
        let mut running = self.running.borrow_mut();
        if running.is_none() {
            *running = Some(self.start()?);
        }
        match running.as_mut() {
            Some(Running {
                early: Some(early), ..
            }) => {
                early.push(message.clone());
                Ok(())
            }
            Some(Running { worker, .. }) => message.post_to(worker),
            None => Err(unreachable("it did not start")),
        }
    }

    fn start(self: &Rc<Self>) -> Result<Running, ApiError> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&self.url, &options)
            .map_err(|error| unreachable(&text_of(&error)))?;
        let weak = Rc::downgrade(self);
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(shared) = weak.upgrade() {
                shared.heard(&event.data());
            }
        });
        let weak = Rc::downgrade(self);
        let on_error = Closure::new(move |event: Event| {
            if let Some(shared) = weak.upgrade() {
                let message = event
                    .dyn_ref::<ErrorEvent>()
                    .map(ErrorEvent::message)
                    .filter(|message| !message.is_empty())
                    .unwrap_or_else(|| "it could not be loaded".to_owned());
                shared.died(&message);
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Running {
            worker,
            early: Some(Vec::new()),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    fn heard(&self, message: &JsValue) {
        match text(message, "type").as_deref() {
            Some("ready") => self.listens(),
            Some("start_failed") => {
                self.died(&text(message, "message").unwrap_or_default());
            }
            Some("progress") => self.told(message),
            Some("response") => {
                if let Some(sender) = self.take(message) {
                    // Whoever asked may be gone by now.
                    drop(sender.send(answer(message)));
                }
            }
            Some("failed") => {
                if let Some(sender) = self.take(message) {
                    let detail = text(message, "message").unwrap_or_default();
                    drop(sender.send(Err(unreachable(&detail))));
                }
            }
            _ => {}
        }
    }

    fn told(&self, message: &JsValue) {
        let watcher = number(message, "id").and_then(|id| {
            let waiting = self.waiting.borrow();
            waiting.get(&id)?.watcher.clone()
        });
        let figure = |name: &str| get(message, name)?.as_f64();
        if let (Some(watcher), Some(done), Some(total)) = (watcher, figure("done"), figure("total"))
            && total > 0.0
        {
            watcher.tell((done / total).clamp(0.0, 1.0));
        }
    }

    fn listens(&self) {
        let (worker, early) = match self.running.borrow_mut().as_mut() {
            Some(running) => (running.worker.clone(), running.early.take()),
            None => return,
        };
        for message in early.into_iter().flatten() {
            if let Err(error) = message.post_to(&worker)
                && let Some(waiting) = self.waiting.borrow_mut().remove(&message.id)
            {
                drop(waiting.sender.send(Err(error)));
            }
        }
    }

    fn take(&self, message: &JsValue) -> Option<oneshot::Sender<Result<Answer, ApiError>>> {
        let id = number(message, "id")?;
        let waiting = self.waiting.borrow_mut().remove(&id)?;
        Some(waiting.sender)
    }

    /// Answers everything that waits; the next request starts another worker.
    fn died(&self, message: &str) {
        let waiting = self.waiting.take();
        for waiting in waiting.into_values() {
            drop(waiting.sender.send(Err(unreachable(message))));
        }
        // The closure that called this belongs to what is dropped here: let it return first.
        let running = self.running.take();
        segments_ui::task::spawn(async move {
            drop(running);
        })
        .detach();
    }
}

/// Tells the worker to stop, when a request is dropped before its answer is there.
struct Cancelling {
    id: u32,
    shared: Weak<Shared>,
}

impl Drop for Cancelling {
    fn drop(&mut self) {
        let Some(shared) = self.shared.upgrade() else {
            return;
        };
        if shared.waiting.borrow_mut().remove(&self.id).is_none() {
            return;
        }
        let mut running = shared.running.borrow_mut();
        let Some(running) = running.as_mut() else {
            return;
        };
        match &mut running.early {
            Some(early) => early.retain(|message| message.id != self.id),
            // A worker that cannot be told works on for nothing; its answer is dropped.
            None => drop(Message::cancel(self.id).post_to(&running.worker)),
        }
    }
}

#[derive(Clone)]
struct Message {
    id: u32,
    value: Object,
    transfer: Array,
}

impl Message {
    fn request(id: u32, call: Call) -> Self {
        let value = Object::new();
        let transfer = Array::new();
        let headers = Array::new();
        let header = |name: &str, text: &str| {
            headers.push(&Array::of2(&name.into(), &text.into()));
        };
        for (name, text) in &call.headers {
            header(name, text);
        }
        let body = match call.body {
            RequestBody::Empty => JsValue::NULL,
            RequestBody::Json(bytes) => {
                header("content-type", "application/json");
                let buffer = Uint8Array::from(bytes.as_slice()).buffer();
                transfer.push(&buffer);
                buffer.into()
            }
            RequestBody::File(file) => file.into(),
        };
        set(&value, "type", &"request".into());
        set(&value, "id", &id.into());
        set(&value, "method", &call.method.name().into());
        set(&value, "path", &format!("{ROOT}{}", call.path).into());
        set(&value, "headers", &headers);
        set(&value, "body", &body);
        Self {
            id,
            value,
            transfer,
        }
    }

    fn cancel(id: u32) -> Self {
        let value = Object::new();
        set(&value, "type", &"cancel".into());
        set(&value, "id", &id.into());
        Self {
            id,
            value,
            transfer: Array::new(),
        }
    }

    fn post_to(&self, worker: &Worker) -> Result<(), ApiError> {
        worker
            .post_message_with_transfer(&self.value, &self.transfer)
            .map_err(|error| unreachable(&text_of(&error)))
    }
}

fn answer(message: &JsValue) -> Result<Answer, ApiError> {
    let status = number(message, "status")
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| ApiError::Decode {
            place: PLACE.to_owned(),
            detail: "a response without a status".to_owned(),
        })?;
    let headers = get(message, "headers")
        .and_then(|headers| headers.dyn_into::<Array>().ok())
        .map(|headers| {
            headers
                .iter()
                .filter_map(|pair| {
                    let pair = pair.dyn_into::<Array>().ok()?;
                    Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
                })
                .collect()
        })
        .unwrap_or_default();
    let body = get(message, "body")
        .filter(|body| !body.is_null() && !body.is_undefined())
        .map(|body| Uint8Array::new(&body).to_vec())
        .unwrap_or_default();
    Ok(Answer {
        status,
        headers,
        body,
    })
}

fn unreachable(detail: &str) -> ApiError {
    ApiError::Unreachable {
        place: PLACE.to_owned(),
        detail: detail.to_owned(),
    }
}

fn get(value: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(value, &name.into()).ok()
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a property of a plain object cannot fail.
    drop(Reflect::set(object, &name.into(), value));
}

fn text(value: &JsValue, name: &str) -> Option<String> {
    get(value, name)?.as_string()
}

fn number(value: &JsValue, name: &str) -> Option<u32> {
    let number = get(value, name)?.as_f64()?;
    (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
}

fn text_of(error: &JsValue) -> String {
    text(error, "message").unwrap_or_else(|| format!("{error:?}"))
}
