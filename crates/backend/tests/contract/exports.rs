//! Files of users going out.

use axum::body::Body;
use http::Method;
use serde_json::{Value as Json, json};

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
    use segments_backend::Files as _;
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
