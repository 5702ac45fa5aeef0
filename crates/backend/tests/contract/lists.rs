//! Uploaded lists of users, and definitions that use them.

use http::Method;
use serde_json::{Value as Json, json};

use crate::support::{Answer, Backend, at, did};

async fn upload(backend: &Backend, media: &str, list: &str) -> Answer {
    let headers = [("content-type", media)];
    backend
        .send(
            Method::POST,
            "/user_lists",
            &headers,
            list.to_owned().into(),
        )
        .await
}

fn told(list: &Json) -> [u64; 3] {
    ["matched", "unknown", "duplicate"].map(|member| list[member].as_u64().unwrap())
}

fn in_list(id: &str) -> Json {
    json!({"type": "users", "list": id})
}

#[tokio::test]
async fn lists_are_taken_as_text_and_as_csv() {
    let backend = Backend::with_data().await;
    for (media, list, expected) in [
        ("text/plain", "ann\nbea\r\nann\nzoe\n", [2, 1, 1]),
        (
            "text/plain; charset=utf-8",
            "\u{feff}User ID\n\n ann \n",
            [1, 0, 0],
        ),
        (
            "text/csv",
            "user_id,city\nann,Bern\n\"bea\",\"a\nb\"\neve,\n",
            [3, 0, 0],
        ),
        ("TEXT/CSV", "dan;x\ncid;y", [2, 0, 0]),
        ("text/plain", "id, please\n", [0, 1, 0]),
        ("text/plain", "ann\nid\n", [1, 1, 0]),
    ] {
        let list = upload(&backend, media, list).await.ok(201);
        assert_eq!(told(&list), expected, "{list}");
        assert!(!list["id"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_taken_is_refused() {
    let backend = Backend::with_data().await;
    for (media, list, status, kind) in [
        (
            "application/json",
            "[\"ann\"]".to_owned(),
            415,
            "media-type",
        ),
        ("text/plain", String::new(), 422, "invalid-input"),
        ("text/csv", "user_id\n\n".to_owned(), 422, "invalid-input"),
        ("text/csv", "ann\n\"bea\n".to_owned(), 400, "malformed"),
        ("text/plain", "x".repeat(1_001), 422, "invalid-input"),
        ("text/plain", "x\n".repeat((8 << 20) + 1), 413, "too-large"),
    ] {
        upload(&backend, media, &list).await.refused(status, kind);
    }
    let headers = [("content-type", "text/plain")];
    backend
        .send(
            Method::POST,
            "/user_lists",
            &headers,
            vec![b'a', 0xff].into(),
        )
        .await
        .refused(400, "malformed");
    upload(&Backend::empty().await, "text/plain", "ann")
        .await
        .ok(201);
}

#[tokio::test]
async fn one_key_makes_one_list() {
    let backend = Backend::with_data().await;
    let send = async |list: &'static str| {
        let headers = [("content-type", "text/plain"), ("idempotency-key", "k")];
        backend
            .send(Method::POST, "/user_lists", &headers, list.into())
            .await
    };
    let first = send("ann\nann\nzoe").await.ok(201);
    assert_eq!(send("ann\nann\nzoe").await.ok(201), first);
    send("bea").await.refused(422, "key-reused");
}

#[tokio::test]
async fn a_list_stands_in_definitions() {
    let backend = Backend::with_data().await;
    let list = upload(&backend, "text/plain", "ann\ncid\nzoe")
        .await
        .ok(201);
    let list = list["id"].as_str().unwrap();
    let id = backend.made("Listed", "dynamic", in_list(list)).await;
    let segment = backend.get(&format!("/segments/{id}")).await.ok(200);
    assert_eq!(segment["evaluation"]["users"], 2);

    // In another segment, in one that takes its place, in a history, and from another process.
    let buyers = json!({"type": "all", "of": [did("Order", 1), {"type": "segment", "id": id}]});
    let preview = json!({"definition": buyers, "against": backend.made("None", "dynamic", in_list(list)).await});
    let preview = backend
        .again()
        .await
        .post("/segments/preview", preview)
        .await
        .ok(200);
    assert_eq!(
        (&preview["users"], &preview["changes"]["left"]),
        (&json!(1), &json!(1))
    );
    let around = backend.made("Around", "dynamic", buyers).await;
    let instead = json!({"definition": {"type": "not", "of": in_list(list)}, "against": id});
    let changes = backend.post("/segments/preview", instead).await.ok(200)["changes"].clone();
    assert_eq!(
        changes["dependents"],
        json!([{"id": around, "name": "Around", "joined": 2, "left": 1}])
    );
    let history = backend
        .get(&format!("/segments/{around}/history"))
        .await
        .ok(200);
    assert_eq!(history["points"][29]["users"], 1);

    // Users who come later are known by the list too.
    let later = "user,event,time\nzoe,View,2026-02-25 10:00:00\n";
    backend.put("/imports/3?kind=events", later).await.ok(201);
    let search = json!({"definition": in_list(list)});
    assert_eq!(
        backend.post("/users/search", search).await.ok(200)["total"],
        3
    );
}

#[tokio::test]
async fn a_list_that_is_not_there_is_told_at_its_place() {
    let backend = Backend::with_data().await;
    let definition = json!({"type": "any", "of": [did("Order", 1), in_list("none")]});
    let new = json!({"name": "New", "kind": "dynamic", "definition": definition});
    let preview = json!({"definition": definition});
    for (path, body) in [
        ("/segments", new),
        ("/segments/preview", preview.clone()),
        ("/users/search", preview.clone()),
        ("/exports", preview),
    ] {
        let errors = backend.post(path, body).await.refused(422, "invalid-input");
        assert_eq!(errors, [at("/definition/of/1/list", "unknown")], "{path}");
    }
    let query = json!({"tool": "funnel", "steps": [{"event": "View"}], "during": {"type": "all_time"}, "audience": definition});
    let errors = backend
        .post("/query", query)
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/audience/of/1/list", "unknown")]);
}
