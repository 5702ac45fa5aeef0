//! The client: what is cancelled, what is kept, and the worker's messages.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use segments_ui::task::{sleep, spawn};
use serde_json::json;
use user_segments::client::config::Boot;
use user_segments::client::{
    ApiError, Call, Client, Loader, Method, Status, Transport as _, Watcher, WorkerTransport,
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::stage::{Reply, Scripted, Stage};

fn dictionary(version: &str) -> serde_json::Value {
    json!({"data_version": version, "events": [], "event_properties": [], "user_properties": []})
}

#[wasm_bindgen_test]
fn a_browser_with_vectors_takes_the_worker_with_vectors() {
    let document = web_sys::window().unwrap().document().unwrap();
    let element = document.create_element("script").unwrap();
    element.set_attribute("id", "boot").unwrap();
    element.set_attribute("data-worker", "plain.js").unwrap();
    document.body().unwrap().append_child(&element).unwrap();
    assert_eq!(Boot::read().worker.as_deref(), Some("plain.js"));
    element
        .set_attribute("data-worker-simd", "simd.js")
        .unwrap();
    assert_eq!(Boot::read().worker.as_deref(), Some("simd.js"));
    element.remove();
}

#[wasm_bindgen_test]
async fn a_dropped_task_cancels_its_request() {
    let backend = Scripted::new(|_, _| Reply::Never);
    let client = Client::new(Rc::new(backend.clone()));
    let task = spawn(async move {
        let _ = client.dictionary().await;
    });
    sleep(5).await;
    assert_eq!(backend.asked(), ["GET /dictionary"]);
    assert!(backend.cancelled().is_empty());
    drop(task);
    sleep(5).await;
    assert_eq!(backend.cancelled(), ["GET /dictionary"]);
}

#[wasm_bindgen_test]
async fn a_problem_keeps_its_words_and_an_unknown_answer_is_told() {
    let backend = Scripted::new(|call, _| match call.path.as_str() {
        "/dictionary" => Reply::Json(
            503,
            json!({"type": "/problems/busy", "title": "Busy", "status": 503, "detail": "Come back"}),
        ),
        "/project" => Reply::Json(502, json!("gateway")),
        _ => Reply::Json(200, json!({"items": 3})),
    });
    let client = Client::new(Rc::new(backend));
    let busy = client.dictionary().await.unwrap_err();
    assert_eq!(
        (busy.to_string().as_str(), busy.status(), busy.is_passing()),
        ("Come back", Some(503), true)
    );
    assert!(matches!(
        client.project().await,
        Err(ApiError::Status { status: 502, .. })
    ));
    assert!(matches!(
        client.user("x").await,
        Err(ApiError::Decode { .. })
    ));
}

#[wasm_bindgen_test]
async fn a_loader_cancels_the_stale_question_and_keeps_the_old_answer() {
    let backend = Scripted::new(|call, _| match call.path.as_str() {
        "/dictionary/events/a/values" => Reply::Json(200, json!({"items": [], "total": 1})),
        "/dictionary/events/b/values" => Reply::Never,
        _ => Reply::Gone,
    });
    let client = Client::new(Rc::new(backend.clone()));
    let name = RwSignal::new("a");
    let status = RwSignal::new(None);
    let stage = Stage::show(move || {
        let loader = Loader::new(
            move || Some(name.get()),
            move |name: &str| {
                let client = client.clone();
                async move {
                    client
                        .values(segments_model::dictionary::EntryKind::Events, name, "")
                        .await
                }
            },
        );
        Effect::new(move |_| status.set(Some(loader.status().get())));
    });
    let total =
        move || status.with_untracked(|status| status.as_ref()?.value().map(|found| found.total));
    stage.until(|| total() == Some(1), "the first answer").await;
    name.set("b");
    stage
        .until(
            || status.with_untracked(|status| status.as_ref().is_some_and(Status::is_slow)),
            "being slow",
        )
        .await;
    assert_eq!(total(), Some(1));
    name.set("c");
    stage
        .until(
            || {
                status.with_untracked(|status| {
                    status
                        .as_ref()
                        .is_some_and(|status| status.error().is_some())
                })
            },
            "the failure",
        )
        .await;
    assert_eq!(total(), Some(1));
    assert_eq!(backend.cancelled(), ["GET /dictionary/events/b/values"]);
}

#[wasm_bindgen_test]
async fn a_loader_that_goes_cancels_its_question() {
    let backend = Scripted::new(|_, _| Reply::Never);
    let client = Client::new(Rc::new(backend.clone()));
    let stage = Stage::show(move || {
        Loader::new(
            || Some(()),
            move |()| {
                let client = client.clone();
                async move { client.dictionary().await }
            },
        );
    });
    stage
        .until(|| !backend.asked().is_empty(), "the question")
        .await;
    drop(stage);
    sleep(20).await;
    assert_eq!(backend.cancelled(), ["GET /dictionary"]);
}

#[wasm_bindgen_test]
async fn a_debounced_loader_asks_once_for_a_word() {
    let backend = Scripted::new(|_, _| Reply::Late(1, dictionary("1")));
    let client = Client::new(Rc::new(backend.clone()));
    let text = RwSignal::new(String::new());
    let stage = Stage::show(move || {
        Loader::debounced(
            30,
            move || Some(text.get()),
            move |_| {
                let client = client.clone();
                async move { client.dictionary().await }
            },
        );
    });
    stage
        .until(|| backend.asked().len() == 1, "the first question")
        .await;
    for letters in ["o", "or", "ord"] {
        text.set(letters.to_owned());
        sleep(5).await;
    }
    sleep(80).await;
    assert_eq!(backend.asked().len(), 2);
}

/// A worker that says what it was asked; it is told by paths to die or to stay silent.
const WORKER: &str = r#"
const silent = new Map();
onmessage = ({ data }) => {
  if (data.type === "cancel") { postMessage({ type: "response", id: silent.get("next"), status: 200, headers: [], body: new TextEncoder().encode(`cancelled ${data.id}`).buffer }); return; }
  if (data.path.endsWith("/die")) { setTimeout(() => { throw new Error("worker fell over"); }); return; }
  if (data.path.endsWith("/fail")) { postMessage({ type: "failed", id: data.id, message: "no disk" }); return; }
  if (data.path.endsWith("/silent")) return;
  if (data.path.endsWith("/slow")) { for (const done of [1, 3, 9]) postMessage({ type: "progress", id: data.id, done, total: 4 }); }
  if (data.path.endsWith("/next")) { silent.set("next", data.id); return; }
  const text = data.body ? new TextDecoder().decode(data.body) : "";
  const body = new TextEncoder().encode(`${data.method} ${data.path} ${JSON.stringify(data.headers)} ${text}`).buffer;
  postMessage({ type: "response", id: data.id, status: 201, headers: [["etag", "\"7\""]], body }, [body]);
};
setTimeout(() => postMessage({ type: "ready" }), 30);
"#;

fn worker() -> WorkerTransport {
    let parts = js_sys::Array::of1(&WORKER.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/javascript");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).unwrap();
    WorkerTransport::new(&web_sys::Url::create_object_url_with_blob(&blob).unwrap())
}

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

#[wasm_bindgen_test]
async fn the_worker_gets_what_was_asked_before_it_listened() {
    let worker = worker();
    let mut call = Call::new(Method::Post, "/x?y=1").header("if-match", "\"1\"");
    call.body = user_segments::client::RequestBody::Json(b"{}".to_vec());
    let (first, second) =
        futures_util::future::join(worker.send(call), worker.send(Call::new(Method::Get, "/z")))
            .await;
    let first = first.unwrap();
    assert_eq!((first.status, first.header("ETag")), (201, Some("\"7\"")));
    assert_eq!(
        text(first.body),
        r#"POST /api/v1/x?y=1 [["if-match","\"1\""],["content-type","application/json"]] {}"#
    );
    assert_eq!(text(second.unwrap().body), "GET /api/v1/z [] ");
}

#[wasm_bindgen_test]
async fn the_worker_tells_how_far_it_is() {
    let worker = worker();
    let told = Rc::new(RefCell::new(Vec::new()));
    let watched = Rc::clone(&told);
    let mut call = Call::new(Method::Get, "/slow");
    call.watcher = Some(Watcher::new(move |share| watched.borrow_mut().push(share)));
    worker.send(call).await.unwrap();
    // Nobody asked to be told of this one.
    worker.send(Call::new(Method::Get, "/slow")).await.unwrap();
    assert_eq!(*told.borrow(), [0.25, 0.75, 1.0]);
}

#[wasm_bindgen_test]
async fn the_worker_is_told_to_stop() {
    let worker = worker();
    worker.send(Call::new(Method::Get, "/ready")).await.unwrap();
    let silent = worker.send(Call::new(Method::Get, "/silent"));
    let next = worker.send(Call::new(Method::Get, "/next"));
    drop(silent);
    assert_eq!(text(next.await.unwrap().body), "cancelled 2");
}

#[wasm_bindgen_test]
async fn a_worker_that_died_is_started_again() {
    let worker = worker();
    let failed = worker
        .send(Call::new(Method::Get, "/fail"))
        .await
        .unwrap_err();
    assert_eq!(
        failed.to_string(),
        "The backend in this tab cannot be reached: no disk"
    );
    let silent = worker.send(Call::new(Method::Get, "/silent"));
    let dead = worker
        .send(Call::new(Method::Get, "/die"))
        .await
        .unwrap_err();
    assert!(dead.to_string().contains("worker fell over"), "{dead}");
    assert!(silent.await.unwrap_err().is_unreachable());
    assert_eq!(
        worker
            .send(Call::new(Method::Get, "/again"))
            .await
            .unwrap()
            .status,
        201
    );
}
