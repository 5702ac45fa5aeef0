//! The messages between the page and the worker.
//!
//! From the page:
//!
//! - `{type: "request", id, method, path, headers: [[name, value], …], body: null | ArrayBuffer | Blob}`
//! - `{type: "cancel", id}`: nobody waits for the answer any more; none is sent.
//!
//! To the page:
//!
//! - `{type: "ready"}`: requests are listened to from now on.
//! - `{type: "progress", id, done, total}`: the work on the request is that far; some requests tell so, now and then.
//! - `{type: "response", id, status, headers, body: ArrayBuffer}`: the body is transferred.
//! - `{type: "failed", id, message}`: there is no response, because the request made no sense as one or the worker broke.
//! - `{type: "start_failed", message}`: this worker answers nothing, or nothing any more; another one has to be started.
//!
//! The page chooses the ids, whole numbers, and uses none twice while it is open.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use web_sys::{Blob, MessagePort};

#[wasm_bindgen]
extern "C" {
    type Envelope;
    #[wasm_bindgen(method, getter, structural, js_name = "type")]
    fn kind(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn id(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn method(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn path(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn headers(this: &Envelope) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    fn body(this: &Envelope) -> JsValue;
}

/// The page's number for a request.
pub(crate) type Id = u32;

/// What the page says.
pub(crate) enum Incoming {
    Request(Id, Request),
    Cancel(Id),
}

/// A request as the page sends it.
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Content,
}

/// A request's body.
pub(crate) enum Content {
    None,
    Bytes(Vec<u8>),
    Blob(Blob),
}

/// Reads a message; none where it is not one of the page's.
pub(crate) fn read(message: JsValue) -> Option<Incoming> {
    if !message.is_object() {
        return None;
    }
    let message: Envelope = message.unchecked_into();
    let id = number(&message.id())?;
    match message.kind().as_string()?.as_str() {
        "cancel" => Some(Incoming::Cancel(id)),
        "request" => Some(Incoming::Request(
            id,
            Request {
                method: message.method().as_string()?,
                path: message.path().as_string()?,
                headers: headers(&message.headers())?,
                body: content(message.body())?,
            },
        )),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "compared with the number afterwards"
)]
fn number(value: &JsValue) -> Option<Id> {
    let value = value.as_f64()?;
    let id = value as Id;
    (f64::from(id) == value).then_some(id)
}

fn headers(value: &JsValue) -> Option<Vec<(String, String)>> {
    if value.is_undefined() {
        return Some(Vec::new());
    }
    value
        .dyn_ref::<Array>()?
        .iter()
        .map(|pair| {
            let pair = pair.dyn_into::<Array>().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

fn content(value: JsValue) -> Option<Content> {
    if value.is_null() || value.is_undefined() {
        Some(Content::None)
    } else if value.is_instance_of::<Blob>() {
        Some(Content::Blob(value.unchecked_into()))
    } else if value.is_instance_of::<js_sys::ArrayBuffer>() {
        Some(Content::Bytes(Uint8Array::new(&value).to_vec()))
    } else {
        None
    }
}

/// What the worker says.
pub(crate) enum Outgoing<'a> {
    Ready,
    Response {
        id: Id,
        status: u16,
        headers: Vec<(&'a str, String)>,
        body: &'a [u8],
    },
    Progress {
        id: Id,
        done: u64,
        total: u64,
    },
    Failed {
        id: Id,
        message: &'a str,
    },
    StartFailed {
        message: &'a str,
    },
}

impl Outgoing<'_> {
    /// Sends it to the page.
    pub(crate) fn send(self, port: &MessagePort) {
        // The only values that cannot be sent are functions and the like.
        let _ = self.post(port);
    }

    fn post(self, port: &MessagePort) -> Result<(), JsValue> {
        let message = Object::new();
        let set = |name: &str, value: JsValue| Reflect::set(&message, &name.into(), &value);
        match self {
            Self::Ready => {
                set("type", "ready".into())?;
            }
            Self::Response {
                id,
                status,
                headers,
                body,
            } => {
                let body = Uint8Array::from(body).buffer();
                let headers: Array = headers
                    .into_iter()
                    .map(|(name, value)| Array::of2(&name.into(), &value.into()))
                    .collect();
                set("type", "response".into())?;
                set("id", id.into())?;
                set("status", status.into())?;
                set("headers", headers.into())?;
                set("body", body.clone().into())?;
                return port.post_message_with_transferable(&message, &Array::of1(&body));
            }
            Self::Progress { id, done, total } => {
                set("type", "progress".into())?;
                set("id", id.into())?;
                // Rows stay far below the 2^53 up to which a double is exact.
                set("done", (done as f64).into())?;
                set("total", (total as f64).into())?;
            }
            Self::Failed { id, message: text } => {
                set("type", "failed".into())?;
                set("id", id.into())?;
                set("message", text.into())?;
            }
            Self::StartFailed { message: text } => {
                set("type", "start_failed".into())?;
                set("message", text.into())?;
            }
        }
        port.post_message(&message)
    }
}
