//! The backend over the browser's storage: what stays over a reload, and what two tabs do to each other.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::{fmt::Write as _, pin::pin};

use axum::{Router, body::Body};
use futures_channel::mpsc;
use futures_util::{
    StreamExt as _,
    future::{Either, join, select},
    stream,
};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use segments_backend::{Files as _, Host as _, Options, Runtime as _};
use segments_worker::{BrowserFiles, Database, StartError, StorageError, WorkerHost, open};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A storage of this test's own.
struct Storage(String);

impl Storage {
    fn new(name: &str) -> Self {
        let random = WorkerHost::new().unwrap().random();
        Self(format!("test-{name}-{random:032x}"))
    }

    /// A tab; also what a reload gets.
    async fn tab(&self) -> Router {
        open(&self.0, Options::default()).await.unwrap()
    }

    async fn delete(self) {
        Database::delete(&self.0).await.unwrap();
        BrowserFiles::delete_folder(&self.0).await.unwrap();
    }
}

async fn ask(tab: &Router, method: &str, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    send(tab, method, path, "application/json", body).await
}

async fn send(
    tab: &Router,
    method: &str,
    path: &str,
    media: &str,
    body: impl Into<Body>,
) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("content-type", media)
        .body(body.into())
        .unwrap();
    let response = tab.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

/// Events of so many users, one each.
fn events(users: std::ops::Range<u32>) -> String {
    let mut file = "user,event,time,country\n".to_owned();
    for user in users {
        writeln!(
            file,
            "u{user},Seen,2026-05-{:02}T10:00:00Z,DE",
            user % 28 + 1
        )
        .unwrap();
    }
    file
}

async fn import(tab: &Router, id: &str, file: impl Into<Body>) -> (StatusCode, Value) {
    let path = format!("/imports/{id}?kind=events&user=user&event=event&time=time");
    let request = Request::builder()
        .method("PUT")
        .uri(format!("/api/v1{path}"))
        .header("content-type", "text/csv")
        .body(file.into())
        .unwrap();
    let response = tab.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let mut import = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    while ["reading", "building"].contains(&import["status"].as_str().unwrap_or("")) {
        WorkerHost::new().unwrap().pause().await;
        import = ask(tab, "GET", &format!("/imports/{id}"), Body::empty())
            .await
            .1;
    }
    (status, import)
}

async fn event_count(tab: &Router) -> u64 {
    let (_, project) = ask(tab, "GET", "/project", Body::empty()).await;
    project["data"]["events"].as_u64().unwrap()
}

/// How many users did anything at all.
async fn preview(tab: &Router) -> u64 {
    let body =
        json!({"definition": {"type": "event", "event": null, "during": {"type": "all_time"}}});
    let (status, preview) = ask(tab, "POST", "/segments/preview", body.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{preview}");
    preview["users"].as_u64().unwrap()
}

async fn create(tab: &Router, name: &str) -> StatusCode {
    let body = json!({
        "name": name,
        "description": "",
        "category": "",
        "kind": "dynamic",
        "definition": {"type": "event", "event": "Seen", "during": {"type": "all_time"}},
    });
    let (status, _) = ask(tab, "POST", "/segments", body.to_string()).await;
    status
}

async fn names(tab: &Router) -> Vec<String> {
    let (_, list) = ask(tab, "GET", "/segments?sort=name", Body::empty()).await;
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

#[wasm_bindgen_test]
async fn everything_is_there_after_a_reload() {
    let storage = Storage::new("reload");
    let tab = storage.tab().await;
    let (_, report) = import(&tab, "one", events(0..1_000)).await;
    assert_eq!(report["report"]["accepted"], 1_000, "{report}");
    assert_eq!(create(&tab, "Everybody").await, StatusCode::CREATED);
    drop(tab);

    let tab = storage.tab().await;
    assert_eq!(event_count(&tab).await, 1_000);
    assert_eq!(preview(&tab).await, 1_000);
    assert_eq!(names(&tab).await, ["Everybody"]);
    drop(tab);
    storage.delete().await;
}

#[wasm_bindgen_test]
async fn data_whose_records_are_lost_is_left_alone() {
    let storage = Storage::new("lost");
    let tab = storage.tab().await;
    import(&tab, "one", events(0..10)).await;
    drop(tab);
    Database::delete(&storage.0).await.unwrap();
    let files = BrowserFiles::in_folder(&storage.0).await.unwrap();
    let before = files.list().await.unwrap();
    assert!(!before.is_empty());
    let demo = Options {
        demo: true,
        ..Options::default()
    };
    let error = open(&storage.0, demo).await.err().unwrap();
    assert!(matches!(error, StartError::CatalogLost(_)), "{error}");
    assert_eq!(files.list().await.unwrap(), before);
    drop(files);
    storage.delete().await;
}

#[wasm_bindgen_test]
async fn a_tab_sees_what_another_one_does() {
    let storage = Storage::new("sees");
    let (here, there) = join(storage.tab(), storage.tab()).await;
    assert_eq!((preview(&here).await, preview(&there).await), (0, 0));

    import(&here, "one", events(0..300)).await;
    assert_eq!(preview(&there).await, 300);
    import(&there, "two", events(200..500)).await;
    assert_eq!(event_count(&here).await, 600);
    assert_eq!(preview(&here).await, 500);

    assert_eq!(create(&here, "Mine").await, StatusCode::CREATED);
    assert_eq!(create(&there, "MINE").await, StatusCode::CONFLICT);
    assert_eq!(names(&there).await, ["Mine"]);
    drop((here, there));
    storage.delete().await;
}

#[wasm_bindgen_test]
async fn two_tabs_that_import_at_once_lose_nothing_they_said_was_taken() {
    let storage = Storage::new("both");
    let (here, there) = join(storage.tab(), storage.tab()).await;
    let mut expected = 0;
    for round in 0..5 {
        let from = round * 1_000;
        let (first, second) = join(
            import(&here, &format!("h{round}"), events(from..from + 500)),
            import(
                &there,
                &format!("t{round}"),
                events(from + 500..from + 1_000),
            ),
        )
        .await;
        let mut taken = 0;
        for (status, import) in [first, second] {
            if import["status"] == "complete" {
                taken += import["report"]["accepted"].as_u64().unwrap();
            } else {
                assert!(
                    status.is_client_error() || status.is_server_error(),
                    "{status} {import}"
                );
            }
        }
        assert!(taken >= 500, "at least one of the two");
        expected += taken;
        assert_eq!(event_count(&here).await, expected);
        assert_eq!(preview(&there).await, expected);
    }
    drop((here, there));
    let later = storage.tab().await;
    assert_eq!(preview(&later).await, expected);
    drop(later);
    storage.delete().await;
}

#[wasm_bindgen_test]
async fn a_tab_that_opens_takes_nothing_from_one_that_imports() {
    let storage = Storage::new("opens");
    let here = storage.tab().await;
    let (sender, body) = mpsc::unbounded::<Result<String, StorageError>>();
    sender.unbounded_send(Ok(events(0..10_000))).unwrap();
    let rest = events(10_000..20_000)
        .split_once('\n')
        .unwrap()
        .1
        .to_owned();
    let mut importing = pin!(import(&here, "one", Body::from_stream(body)));
    let mut opened = 0;
    let (_, import) = loop {
        let other = pin!(storage.tab());
        match select(importing.as_mut(), other).await {
            Either::Left((done, _)) => break done,
            Either::Right(_) => opened += 1,
        }
        // The file ends only after a tab was opened while it came in.
        if opened == 1 {
            sender.unbounded_send(Ok(rest.clone())).unwrap();
            sender.close_channel();
        }
    };
    assert_eq!(import["status"], "complete", "{import}");
    assert!(opened > 0, "no other tab was opened");
    assert_eq!(preview(&here).await, 20_000);
    assert_eq!(preview(&storage.tab().await).await, 20_000);
    storage.delete().await;
}

#[wasm_bindgen_test]
async fn an_import_that_nobody_waits_for_leaves_nothing() {
    let storage = Storage::new("given-up");
    let tab = storage.tab().await;
    import(&tab, "one", events(0..10)).await;
    let host = WorkerHost::new().unwrap();
    {
        // A body that does not end keeps the import from being done.
        let start = stream::iter([Ok::<_, StorageError>(events(0..5_000))]);
        let body = Body::from_stream(start.chain(stream::pending()));
        let request = Request::builder()
            .method("PUT")
            .uri("/api/v1/imports/two?kind=events&user=user&event=event&time=time")
            .header("content-type", "text/csv")
            .body(body)
            .unwrap();
        let mut importing = pin!(tab.clone().oneshot(request));
        for _ in 0..20 {
            let waited = select(importing.as_mut(), host.pause()).await;
            assert!(matches!(waited, Either::Right(_)), "it cannot be done");
        }
    }
    assert_eq!(event_count(&tab).await, 10);
    assert_eq!(preview(&tab).await, 10);
    // The right to write is free again.
    let (_, import) = import(&tab, "three", events(10..30)).await;
    assert_eq!(import["status"], "complete", "{import}");
    assert_eq!(preview(&tab).await, 30);
    drop(tab);
    storage.delete().await;
}

#[wasm_bindgen_test]
async fn every_question_is_answered_in_the_tab() {
    let storage = Storage::new("questions");
    let tab = storage.tab().await;
    // Everybody was seen in May; every third user ordered in June.
    let mut file = events(0..300);
    for user in (0..300).step_by(3) {
        writeln!(file, "u{user},Ordered,2026-06-02T10:00:00Z,DE").unwrap();
    }
    import(&tab, "one", file).await;
    let post = async |path: &str, body: &Value| {
        let (status, answer) = ask(&tab, "POST", path, body.to_string()).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    };
    let get = async |path: &str| {
        let (status, answer) = ask(&tab, "GET", path, Body::empty()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    };
    let as_of = "2026-07-01T00:00:00.000Z";
    let during = json!({"type": "between", "from": "2026-05-01", "to": "2026-06-30"});
    let selected = async |query: &Value, selection: Value| {
        let request = json!({"query": query, "selection": selection});
        post("/selection", &request).await["users"]
            .as_u64()
            .unwrap()
    };

    let segmentation = json!({
        "tool": "segmentation", "during": during, "interval": "month", "as_of": as_of,
        "measures": [{"event": null, "aggregate": {"of": "users"}}],
    });
    let answer = post("/query", &segmentation).await;
    assert_eq!(answer["series"][0]["values"], json!([300.0, 100.0]));
    let june = json!({"measure": 0, "bucket": answer["buckets"][1]["start"]});
    assert_eq!(selected(&segmentation, june).await, 100);

    let funnel = json!({
        "tool": "funnel", "during": during, "as_of": as_of,
        "steps": [{"event": "Seen"}, {"event": "Ordered"}],
    });
    let answer = post("/query", &funnel).await;
    assert_eq!(answer["groups"][0]["steps"][0]["users"], 300);
    assert_eq!(answer["groups"][0]["steps"][1]["users"], 100);
    let dropped = json!({"step": 1, "outcome": "dropped"});
    assert_eq!(selected(&funnel, dropped).await, 200);

    let cohort = json!({
        "tool": "cohort", "during": during, "as_of": as_of, "unit": "month", "periods": 1,
        "start": [{"event": "Seen"}], "first_time": true, "return": {"event": "Ordered"}, "match": "on",
    });
    let answer = post("/query", &cohort).await;
    assert_eq!(answer["rows"][0]["cells"][1]["value"], 100.0);
    let stayed_away = json!({
        "generation": answer["rows"][0]["generation"], "period": 1, "outcome": "not_returned",
    });
    assert_eq!(selected(&cohort, stayed_away).await, 200);

    let ids = "u0\nu1\nu1\nnobody\n";
    let (status, list) = send(&tab, "POST", "/user_lists", "text/plain", ids).await;
    assert_eq!(status, StatusCode::CREATED, "{list}");
    assert_eq!(list["matched"], 2, "{list}");
    let create = async |name: &str, definition: Value| {
        let body = json!({
            "name": name, "description": "", "category": "", "kind": "dynamic", "definition": definition,
        });
        let created = post("/segments", &body).await;
        created["id"].as_str().unwrap().to_owned()
    };
    let all_time = json!({"type": "all_time"});
    let segment_id = create(
        "Seen",
        json!({"type": "event", "event": "Seen", "during": all_time}),
    )
    .await;
    let ordered = create(
        "Seen, then ordered",
        json!({"type": "sequence", "steps": [{"event": "Seen"}, {"event": "Ordered"}], "reached": 2, "during": all_time}),
    )
    .await;
    let listed = create("Listed", json!({"type": "users", "list": list["id"]})).await;

    let why = post("/users/u3/explain", &json!({"segment": ordered})).await;
    assert_eq!(why["holds"], true, "{why}");
    assert_eq!(why["criteria"][0]["found"]["reached"], 2, "{why}");
    let relations = get(&format!("/segments/{segment_id}/relations")).await;
    assert_eq!(relations["inside"].as_array().unwrap().len(), 2);
    let regions = json!({"segments": [ordered, listed]});
    let overlap = post("/segments/overlap", &regions).await;
    assert_eq!(overlap["regions"].as_array().unwrap().len(), 3);
    let during =
        "%7B%22type%22:%22between%22,%22from%22:%222026-05-01%22,%22to%22:%222026-06-30%22%7D";
    let path = format!("/segments/{ordered}/history?unit=month&during={during}&as_of={as_of}");
    let history = get(&path).await;
    let points = history["points"].as_array().unwrap();
    assert_eq!(points.last().unwrap()["users"], 100, "{history}");
    assert_eq!(points.last().unwrap()["joined"]["new_event"], 100);
    assert_eq!(
        get(&format!("/segments/{segment_id}/versions")).await["total"],
        1
    );
    get(&format!("/segments/{segment_id}/usage")).await;
    let nonsense = json!({"definition": {"type": "event", "event": "Sneezed", "during": all_time}});
    let preview = post("/segments/preview", &nonsense).await;
    assert_eq!(preview["lint"][0]["code"], "no_users", "{preview}");
    let sizes = post("/segments/preview/history", &nonsense).await;
    let sizes = sizes["points"].as_array().unwrap();
    assert_eq!(sizes.len(), 30);
    assert_eq!(sizes.last().unwrap()["users"], 0);
    drop(tab);
    storage.delete().await;
}
