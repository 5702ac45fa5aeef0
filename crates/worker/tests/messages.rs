//! Requests and responses as messages between a page and the worker.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, Uri},
    response::IntoResponse as _,
    routing::{any, get},
};
use futures_util::future::pending;
use http_body_util::BodyExt as _;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use segments_backend::{OnProgress, Runtime as _};
use segments_worker::{Service, WorkerHost};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, MessageChannel, MessageEvent, MessagePort};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The page's side.
struct Page {
    port: MessagePort,
    heard: Rc<RefCell<VecDeque<JsValue>>>,
    service: Rc<Service>,
}

impl Page {
    fn new() -> Self {
        let channel = MessageChannel::new().unwrap();
        let heard = Rc::<RefCell<VecDeque<JsValue>>>::default();
        let hear = {
            let heard = Rc::clone(&heard);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                heard.borrow_mut().push_back(event.data());
            })
            .into_js_value()
        };
        channel.port1().set_onmessage(Some(hear.unchecked_ref()));
        Self {
            port: channel.port1(),
            heard,
            service: Service::new(channel.port2()),
        }
    }

    async fn listening(router: Router) -> Self {
        let page = Self::new();
        page.service.listen(router);
        assert_eq!(text(&page.next().await, "type"), "ready");
        page
    }

    async fn next(&self) -> JsValue {
        let host = WorkerHost::new().unwrap();
        loop {
            let heard = self.heard.borrow_mut().pop_front();
            if let Some(message) = heard {
                return message;
            }
            host.pause().await;
        }
    }

    fn request(&self, id: u32, method: &str, path: &str, headers: &[(&str, &str)], body: &JsValue) {
        let message = Object::new();
        set(&message, "type", &"request".into());
        set(&message, "id", &id.into());
        set(&message, "method", &method.into());
        set(&message, "path", &path.into());
        let headers: Array = headers
            .iter()
            .map(|(name, value)| Array::of2(&(*name).into(), &(*value).into()))
            .collect();
        set(&message, "headers", &headers);
        set(&message, "body", body);
        self.port.post_message(&message).unwrap();
    }

    fn cancel(&self, id: u32) {
        let message = Object::new();
        set(&message, "type", &"cancel".into());
        set(&message, "id", &id.into());
        self.port.post_message(&message).unwrap();
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.port.close();
    }
}

fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).unwrap();
}

fn field(message: &JsValue, name: &str) -> JsValue {
    Reflect::get(message, &name.into()).unwrap()
}

fn text(message: &JsValue, name: &str) -> String {
    field(message, name).as_string().unwrap()
}

fn number(message: &JsValue, name: &str) -> f64 {
    field(message, name).as_f64().unwrap()
}

fn body(message: &JsValue) -> Vec<u8> {
    let buffer: ArrayBuffer = field(message, "body").dyn_into().unwrap();
    Uint8Array::new(&buffer).to_vec()
}

fn header(message: &JsValue, name: &str) -> Option<String> {
    field(message, "headers")
        .unchecked_into::<Array>()
        .iter()
        .map(|pair| pair.unchecked_into::<Array>())
        .find(|pair| pair.get(0).as_string().as_deref() == Some(name))
        .and_then(|pair| pair.get(1).as_string())
}

fn echo() -> Router {
    Router::new().route(
        "/echo",
        any(|uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let mut answer = HeaderMap::new();
            answer.insert("x-query", uri.query().unwrap_or("").parse().unwrap());
            answer.insert("x-length", headers["content-length"].clone());
            answer.insert("x-asked", headers["x-asked"].clone());
            (StatusCode::IM_A_TEAPOT, answer, body)
        }),
    )
}

#[wasm_bindgen_test]
async fn a_request_is_answered() {
    let page = Page::listening(echo()).await;
    let bytes = Uint8Array::from(b"\x00\xffbody".as_slice()).buffer();
    page.request(
        7,
        "PUT",
        "/echo?search=%C3%A4",
        &[("X-Asked", "yes")],
        &bytes,
    );
    let response = page.next().await;
    assert_eq!(text(&response, "type"), "response");
    assert_eq!(number(&response, "id"), 7.0);
    assert_eq!(number(&response, "status"), 418.0);
    assert_eq!(header(&response, "x-query").unwrap(), "search=%C3%A4");
    assert_eq!(header(&response, "x-length").unwrap(), "6");
    assert_eq!(header(&response, "x-asked").unwrap(), "yes");
    assert_eq!(body(&response), b"\x00\xffbody");
}

#[wasm_bindgen_test]
async fn what_makes_no_request_fails() {
    let page = Page::listening(echo()).await;
    for (method, path, header, word) in [
        ("A B", "/echo", ("x-asked", "1"), "method"),
        ("GET", "", ("x-asked", "1"), "path"),
        ("GET", "/echo", ("x asked", "1"), "header"),
        ("GET", "/echo", ("x-asked", "1\n2"), "header"),
    ] {
        page.request(1, method, path, &[header], &JsValue::NULL);
        let answer = page.next().await;
        assert_eq!(text(&answer, "type"), "failed");
        assert_eq!(number(&answer, "id"), 1.0);
        assert!(text(&answer, "message").contains(word));
    }
    // What is no message of the page's is passed over, and what follows is answered.
    page.port.post_message(&JsValue::NULL).unwrap();
    page.port.post_message(&Object::new()).unwrap();
    page.request(2, "GET", "/nowhere", &[], &JsValue::NULL);
    assert_eq!(number(&page.next().await, "status"), 404.0);
}

#[wasm_bindgen_test]
async fn a_file_arrives_piece_by_piece() {
    const SIZE: usize = 20_000_000;
    let largest = Arc::new(AtomicUsize::new(0));
    let router = {
        let largest = Arc::clone(&largest);
        Router::new().route(
            "/count",
            any(move |mut body: Body| async move {
                let (mut count, mut sum) = (0, 0_u64);
                while let Some(frame) = body.frame().await {
                    let bytes = frame.unwrap().into_data().unwrap();
                    largest.fetch_max(bytes.len(), Ordering::Relaxed);
                    count += bytes.len();
                    sum += bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
                }
                format!("{count} {sum}")
            }),
        )
    };
    let page = Page::listening(router).await;
    let bytes = Uint8Array::new_with_length(u32::try_from(SIZE).unwrap());
    bytes.fill(3, 0, bytes.length());
    let file = Blob::new_with_buffer_source_sequence(&Array::of1(&bytes)).unwrap();
    page.request(1, "PUT", "/count", &[], &file);
    let response = page.next().await;
    assert_eq!(
        String::from_utf8(body(&response)).unwrap(),
        format!("{SIZE} {}", 3 * SIZE)
    );
    let largest = largest.load(Ordering::Relaxed);
    assert!(largest <= SIZE / 4, "{largest} bytes at once");
}

/// Counts how many of these are alive.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[wasm_bindgen_test]
async fn a_cancelled_request_is_dropped_and_not_answered() {
    let alive = Arc::new(AtomicUsize::new(0));
    let host = Arc::new(WorkerHost::new().unwrap());
    let router = {
        let (waiting, working) = (Arc::clone(&alive), Arc::clone(&alive));
        let host = Arc::clone(&host);
        Router::new()
            .route(
                "/wait",
                get(move || async move {
                    let _alive = Alive::new(&waiting);
                    pending::<StatusCode>().await
                }),
            )
            .route(
                // Work in steps hears of it between two of them.
                "/work",
                get(move || async move {
                    let _alive = Alive::new(&working);
                    loop {
                        let start = host.elapsed_ms();
                        while host.elapsed_ms() < start + 4.0 {}
                        host.pause().await;
                    }
                    #[expect(unreachable_code, reason = "says what a handler returns")]
                    StatusCode::OK.into_response()
                }),
            )
            .route("/quick", get(|| async { "quick" }))
    };
    let page = Page::listening(router).await;
    page.request(1, "GET", "/wait", &[], &JsValue::NULL);
    page.request(2, "GET", "/work", &[], &JsValue::NULL);
    page.request(3, "GET", "/quick", &[], &JsValue::NULL);
    assert_eq!(number(&page.next().await, "id"), 3.0);
    assert_eq!(alive.load(Ordering::Relaxed), 2);

    page.cancel(1);
    page.cancel(2);
    page.cancel(3);
    page.cancel(99);
    page.request(4, "GET", "/quick", &[], &JsValue::NULL);
    assert_eq!(number(&page.next().await, "id"), 4.0);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    assert!(page.heard.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_request_can_tell_how_far_it_is() {
    let router = Router::new().route(
        "/work",
        get(|Extension(on_progress): Extension<OnProgress>| async move {
            on_progress.call(30, 120);
            on_progress.call(90, 120);
            StatusCode::OK
        }),
    );
    let page = Page::listening(router).await;
    page.request(6, "GET", "/work", &[], &JsValue::NULL);
    for done in [30.0, 90.0] {
        let progress = page.next().await;
        assert_eq!(text(&progress, "type"), "progress");
        let figures = ["id", "done", "total"].map(|name| number(&progress, name));
        assert_eq!(figures, [6.0, done, 120.0]);
    }
    assert_eq!(text(&page.next().await, "type"), "response");
}

#[wasm_bindgen_test]
async fn a_service_that_gives_up_leaves_nobody_waiting() {
    let router = Router::new().route("/wait", get(pending::<StatusCode>));
    let page = Page::listening(router).await;
    page.request(5, "GET", "/wait", &[], &JsValue::NULL);
    let host = WorkerHost::new().unwrap();
    for _ in 0..10 {
        host.pause().await;
    }
    page.service.give_up("out of luck");
    let failed = page.next().await;
    assert_eq!(text(&failed, "type"), "failed");
    assert_eq!(number(&failed, "id"), 5.0);
    assert_eq!(text(&failed, "message"), "out of luck");
    let over = page.next().await;
    assert_eq!(text(&over, "type"), "start_failed");
    assert_eq!(text(&over, "message"), "out of luck");
}
