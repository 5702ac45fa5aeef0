//! Files of users going out.

use axum::body::Body;
use http::Method;
use segments_backend::{Files as _, Options};
use serde_json::{Value as Json, json};

use crate::faults::{Fault, Faults, StuckHost, settle};
use crate::support::{Answer, Backend, NOW, at, did};

async fn exported(backend: &Backend, order: Json) -> String {
    let started = backend.post("/exports", order).await;
    let export = started.ok(202);
    let id = export["id"].as_str().unwrap().to_owned();
    assert_eq!(started.header("location"), format!("/api/v1/exports/{id}"));
    loop {
        let export = backend.get(&format!("/exports/{id}")).await.ok(200);
        match export["status"].as_str().unwrap() {
            "complete" => return id,
            "failed" => assert_eq!(export["detail"], Json::Null, "it failed"),
            _ => tokio::task::yield_now().await,
        }
    }
}

async fn file(backend: &Backend, id: &str, headers: &[(&str, &str)]) -> Answer {
    let path = format!("/exports/{id}/file");
    backend
        .send(Method::GET, &path, headers, Body::empty())
        .await
}

#[tokio::test]
async fn users_are_exported_in_every_format() {
    let backend = Backend::with_data().await;
    let segment = backend.made("Buyers", "dynamic", did("Order", 1)).await;
    for (order, media, name, expected) in [
        (
            json!({"segment": segment}),
            "text/csv; charset=utf-8",
            "users.csv",
            "id\r\nann\r\nbea\r\ndan\r\n",
        ),
        (
            json!({"definition": did("Order", 2), "format": "ndjson", "columns": ["city", "events"]}),
            "application/x-ndjson",
            "users.ndjson",
            "{\"id\":\"ann\",\"city\":\"Zürich\",\"events\":3.0}\n",
        ),
        (
            json!({"segment": segment, "format": "json", "columns": ["age"], "as_of": "2026-02-10T00:00:00Z"}),
            "application/json",
            "users.json",
            "[\n{\"id\":\"ann\",\"age\":30.0},\n{\"id\":\"bea\",\"age\":20.0}\n]\n",
        ),
    ] {
        let id = exported(&backend, order).await;
        let answer = file(&backend, &id, &[]).await;
        assert_eq!(String::from_utf8_lossy(&answer.bytes), expected);
        assert_eq!(answer.header("content-type"), media);
        assert_eq!(answer.header("content-length"), expected.len().to_string());
        assert!(answer.header("content-disposition").contains(name));
        let export = backend.get(&format!("/exports/{id}")).await.ok(200);
        assert_eq!(export["written"], export["users"]);
        assert_eq!(export["href"], format!("/api/v1/exports/{id}/file"));
    }
}

#[tokio::test]
async fn files_come_in_ranges() {
    let backend = Backend::with_data().await;
    let id = exported(&backend, json!({"definition": did("Order", 1)})).await;
    let whole = file(&backend, &id, &[]).await;
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let tag = whole.tag();
    for (range, from, to) in [
        ("bytes=4-6", 4, 7),
        ("bytes=4-", 4, 19),
        ("bytes=-5", 14, 19),
    ] {
        let part = file(&backend, &id, &[("range", range), ("if-range", &tag)]).await;
        assert_eq!(part.status, 206);
        assert_eq!(part.bytes, whole.bytes[from..to]);
        assert_eq!(
            part.header("content-range"),
            format!("bytes {from}-{}/19", to - 1)
        );
    }
    let beyond = file(&backend, &id, &[("range", "bytes=19-")]).await;
    beyond.refused(416, "range");
    assert_eq!(beyond.header("content-range"), "bytes */19");
    for headers in [
        &[("range", "bytes=0-1,3-4")][..],
        &[("range", "bytes=0-1"), ("if-range", "\"other\"")],
    ] {
        assert_eq!(file(&backend, &id, headers).await.status, 200);
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_export_is_told_at_its_place() {
    let backend = Backend::with_data().await;
    for (order, errors) in [
        (json!({}), vec![at("", "not_allowed")]),
        (
            json!({"segment": "a", "definition": did("Order", 1)}),
            vec![at("", "not_allowed")],
        ),
        (json!({"segment": "none"}), vec![at("/segment", "unknown")]),
        (
            json!({"definition": did("Order", 1), "columns": ["town"]}),
            vec![at("/columns/0", "unknown")],
        ),
        (
            json!({"definition": did("Order", 1), "time_zone": "Mars"}),
            vec![at("/time_zone", "unknown_time_zone")],
        ),
    ] {
        assert_eq!(
            backend
                .post("/exports", order)
                .await
                .refused(422, "invalid-input"),
            errors
        );
    }
    let errors = backend
        .post(
            "/exports",
            json!({"definition": did("Order", 1), "format": "xlsx"}),
        )
        .await
        .refused(400, "malformed");
    assert_eq!(errors, [at("/format", "malformed")]);
    backend.get("/exports/none").await.refused(404, "not-found");
    file(&backend, "none", &[]).await.refused(404, "not-found");
    backend
        .delete("/exports/none", "*")
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn exports_are_kept_for_a_day_and_go_when_told() {
    let backend = Backend::with_data().await;
    let before = backend.files.list().await.unwrap();
    let key = [("idempotency-key", "k")];
    let order = json!({"definition": did("Order", 1)});
    let first = backend
        .post_with("/exports", &key, order.clone())
        .await
        .ok(202);
    let again = backend
        .post_with("/exports", &key, order.clone())
        .await
        .ok(202);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["as_of"], NOW);

    let gone = exported(&backend, order.clone()).await;
    assert_eq!(
        backend
            .delete(&format!("/exports/{gone}"), "*")
            .await
            .status,
        204
    );
    backend
        .get(&format!("/exports/{gone}"))
        .await
        .refused(404, "not-found");
    let over = exported(&backend, order).await;
    // Any process finds it.
    assert_eq!(file(&backend.again().await, &over, &[]).await.status, 200);
    backend.host.set("2026-03-02T12:00:00Z");
    file(&backend, &over, &[]).await.refused(410, "expired");
    backend.again().await;
    backend
        .get(&format!("/exports/{over}"))
        .await
        .refused(404, "not-found");
    assert_eq!(backend.files.list().await.unwrap(), before);
}

async fn cancel(backend: &Backend, id: &str) {
    let answer = backend.delete(&format!("/exports/{id}"), "*").await;
    assert_eq!(answer.status, 204);
}

fn id(started: &Answer) -> String {
    started.ok(202)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_export_that_was_cancelled_is_not_there_however_far_it_was() {
    let below = Backend::with_data().await;
    let before = below.files.list().await.unwrap();
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    for turns in 0..60 {
        let order = json!({"definition": did("Order", 1)});
        let id = id(&backend.post("/exports", order).await);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        cancel(&backend, &id).await;
        settle().await;
        backend
            .get(&format!("/exports/{id}"))
            .await
            .refused(404, "not-found");
        assert_eq!(below.files.list().await.unwrap(), before, "{turns}");
    }
}

#[tokio::test]
async fn the_evaluation_of_an_export_stops_when_it_is_cancelled() {
    let below = Backend::empty().await;
    let events: String = (0..60_000)
        .map(|number| format!("u{number},View,2026-02-01\n"))
        .collect();
    let file = format!("user,event,time\n{events}");
    below.put("/imports/1?kind=events", &file).await.ok(201);
    let host = StuckHost::over(&below.host);
    let backend = Faults::default()
        .before_on(&below, Options::default(), host.clone())
        .await
        .unwrap();
    backend.get("/project").await.ok(200);
    below.host.be_slow();
    let started = backend
        .post("/exports", json!({"definition": did("View", 1)}))
        .await;
    host.be_stuck(true);
    let id = id(&started);
    settle().await;
    assert_eq!(host.waiting(), 1);
    let export = backend.get(&format!("/exports/{id}")).await.ok(200);
    assert_eq!(
        (&export["status"], &export["users"]),
        (&json!("running"), &Json::Null)
    );
    cancel(&backend, &id).await;
    settle().await;
    assert_eq!(host.waiting(), 0, "it is still worked on");
}

#[tokio::test]
async fn one_key_starts_one_export_though_it_comes_twice_at_once() {
    let below = Backend::with_data().await;
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    let key = [("idempotency-key", "k")];
    let order = || json!({"definition": did("Order", 1)});
    let (one, other) = futures_util::future::join(
        backend.post_with("/exports", &key, order()),
        backend.post_with("/exports", &key, order()),
    )
    .await;
    assert_eq!(id(&one), id(&other));
}

#[tokio::test]
async fn a_failed_export_says_why_and_is_forgotten_in_the_end() {
    use segments_model::limits::MAX_FAILED_EXPORTS;
    let below = Backend::with_data().await;
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..MAX_FAILED_EXPORTS + 3 {
        faults.of_commits([Some(Fault::Before)]);
        let order = json!({"definition": did("Order", 1)});
        ids.push(id(&backend.post("/exports", order).await));
        settle().await;
        below.host.advance(1);
    }
    for (number, id) in ids.iter().enumerate() {
        let answer = backend.get(&format!("/exports/{id}")).await;
        if number < 3 {
            answer.refused(404, "not-found");
            continue;
        }
        let export = answer.ok(200);
        assert_eq!(export["status"], "failed");
        let detail = export["detail"].as_str().unwrap();
        assert!(detail.contains("the disk is away"), "{detail}");
    }
    below.host.set("2026-03-02T12:00:01Z");
    backend
        .post("/exports", json!({"definition": did("Order", 1)}))
        .await
        .ok(202);
    settle().await;
    backend
        .get(&format!("/exports/{}", ids[20]))
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn what_is_over_is_looked_for_now_and_then_and_not_with_each_export() {
    let below = Backend::with_data().await;
    let faults = Faults::default();
    let backend = faults.before(&below, Options::default()).await.unwrap();
    let asked = || faults.asked("list") + faults.asked("all exports");
    let start = async || {
        let order = json!({"definition": did("Order", 1)});
        let id = exported(&backend, order).await;
        settle().await;
        id
    };
    let before = asked();
    let first = start().await;
    start().await;
    assert_eq!(asked(), before);
    below.host.set("2026-03-02T12:00:00Z");
    start().await;
    assert!(asked() > before);
    backend
        .get(&format!("/exports/{first}"))
        .await
        .refused(404, "not-found");
}
