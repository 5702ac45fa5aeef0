//! Uploaded lists of users, and definitions that use them.

use http::Method;
use segments_backend::{Catalog as _, Change, Collection, Files as _};
use segments_model::Instant;
use segments_model::limits::MAX_USER_LISTS;
use serde_json::{Value as Json, json};

use crate::support::{Answer, Backend, NOW, at, did, in_segment};

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

async fn user_files(backend: &Backend) -> Vec<String> {
    let mut files = backend.files.list().await.unwrap();
    files.retain(|file| file.starts_with("members-"));
    files
}

async fn stored(backend: &Backend, collection: Collection, id: &str) -> Option<Json> {
    let record = backend.catalog.get(collection, id).await.unwrap();
    record.map(|record| serde_json::from_str(&record.body).unwrap())
}

#[tokio::test]
async fn users_are_kept_in_files_that_are_read_once() {
    let backend = Backend::with_data().await;
    let list = upload(&backend, "text/plain", "ann\ncid\nzoe")
        .await
        .ok(201);
    let list = list["id"].as_str().unwrap();
    let frozen = backend.made("Frozen", "static", did("Order", 1)).await;
    for (collection, id, users) in [
        (Collection::Lists, list, 3),
        (Collection::Members, &frozen, 3),
    ] {
        let body = stored(&backend, collection, id).await.unwrap();
        assert_eq!((&body["users"], &body["ids"]), (&json!(users), &Json::Null));
    }
    let files = user_files(&backend).await;
    assert_eq!(files.len(), 2);

    let again = backend.again().await;
    let both = json!({"type": "all", "of": [in_segment(&frozen), in_list(list)]});
    let preview = json!({"definition": both});
    let users = again.post("/segments/preview", preview).await.ok(200)["users"].clone();
    assert_eq!(users, 1);
    for file in files {
        again.files.remove(&file).await.unwrap();
    }
    let either = json!({"type": "any", "of": [in_segment(&frozen), in_list(list)]});
    let preview = json!({"definition": either});
    let users = again.post("/segments/preview", preview).await.ok(200)["users"].clone();
    assert_eq!(users, 4, "what was read is kept");
}

#[tokio::test]
async fn users_that_stood_in_records_move_to_files() {
    let backend = Backend::with_data().await;
    let list = upload(&backend, "text/plain", "ann\ncid").await.ok(201);
    let list = list["id"].as_str().unwrap();
    let frozen = backend.made("Frozen", "static", did("Order", 1)).await;
    for (collection, id, body) in [
        (
            Collection::Lists,
            list,
            json!({"ids": ["bea", "cid"], "duplicate": 7}),
        ),
        (
            Collection::Members,
            &*frozen,
            json!({"ids": ["bea", "zoe"]}),
        ),
    ] {
        let record = backend.catalog.get(collection, id).await.unwrap().unwrap();
        let as_before = Change::Put {
            collection,
            id: record.id,
            expected: Some(record.revision),
            unique: None,
            body: body.to_string(),
        };
        backend.catalog.commit(vec![as_before]).await.unwrap();
    }
    let users = async |backend: &Backend, definition: Json| {
        let search = json!({"definition": definition});
        let page = backend.post("/users/search", search).await.ok(200);
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let again = backend.again().await;
    for backend in [&backend, &again] {
        assert_eq!(users(backend, in_list(list)).await, ["bea", "cid"]);
        assert_eq!(users(backend, in_segment(&frozen)).await, ["bea"]);
    }
    let body = stored(&again, Collection::Lists, list).await.unwrap();
    assert_eq!(body["duplicate"], 7);
    let is_moved = async |collection, id: &str| {
        let body = stored(&again, collection, id).await.unwrap();
        body["users"] == 2 && body["ids"].is_null()
    };
    assert!(is_moved(Collection::Lists, list).await);
    assert!(is_moved(Collection::Members, &frozen).await);
}

#[tokio::test]
async fn a_list_that_nothing_uses_is_gone_after_a_day() {
    let backend = Backend::with_data().await;
    let mut lists = Vec::new();
    for text in ["ann", "bea", "cid", "dan", "eve"] {
        let list = upload(&backend, "text/plain", text).await.ok(201);
        lists.push(list["id"].as_str().unwrap().to_owned());
    }
    let [used, once, origin, deleted, unused] = <[String; 5]>::try_from(lists).unwrap();
    backend.made("Used", "dynamic", in_list(&used)).await;
    let changed = backend.made("Once", "dynamic", in_list(&once)).await;
    let path = format!("/segments/{changed}");
    let other = json!({"definition": did("Order", 1)});
    backend
        .patch(&path, &backend.tag(&path).await, other)
        .await
        .ok(200);
    let query = json!({"tool": "funnel", "steps": [{"event": "View"}], "during": {"type": "all_time"},
        "audience": in_list(&origin)});
    let new = json!({"name": "Origin", "kind": "static", "definition": did("Order", 1),
        "origin": {"query": query, "selection": {}}});
    backend.post("/segments", new).await.ok(201);
    let gone = backend.made("Deleted", "dynamic", in_list(&deleted)).await;
    let path = format!("/segments/{gone}");
    backend.delete(&path, &backend.tag(&path).await).await;

    let kept = async |backend: &Backend| {
        let mut kept = Vec::new();
        for list in [&used, &once, &origin, &deleted, &unused] {
            kept.push(stored(backend, Collection::Lists, list).await.is_some());
        }
        kept
    };
    backend.host.set("2026-03-02T11:59:59Z");
    assert_eq!(kept(&backend.again().await).await, [true; 5]);
    backend.host.set("2026-03-02T12:00:00Z");
    let again = backend.again().await;
    assert_eq!(kept(&again).await, [true, true, true, true, false]);
    assert_eq!(user_files(&again).await.len(), 5, "lists, and members");
    backend.host.set("2026-04-02T12:00:00Z");
    let again = backend.again().await;
    assert_eq!(kept(&again).await, [true, true, true, false, false]);
    assert_eq!(user_files(&again).await.len(), 4);
}

#[tokio::test]
async fn there_are_only_so_many_lists() {
    let backend = Backend::with_data().await;
    let first = upload(&backend, "text/plain", "ann").await.ok(201);
    let first = first["id"].as_str().unwrap();
    let record = backend.catalog.get(Collection::Lists, first).await;
    let body = record.unwrap().unwrap().body;
    let more = (1..MAX_USER_LISTS).map(|number| Change::Put {
        collection: Collection::Lists,
        id: number.to_string(),
        expected: None,
        unique: None,
        body: body.clone(),
    });
    backend.catalog.commit(more.collect()).await.unwrap();
    let answer = upload(&backend, "text/plain", "bea").await;
    assert_eq!(answer.refused(422, "invalid-input"), [at("", "too_large")]);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&MAX_USER_LISTS.to_string()), "{detail}");
    backend.host.set("2026-03-02T12:00:00Z");
    upload(&backend, "text/plain", "bea").await.ok(201);
    assert!(stored(&backend, Collection::Lists, first).await.is_none());

    // Neither may they be too large together.
    let large = Change::Put {
        collection: Collection::Lists,
        id: "large".to_owned(),
        expected: None,
        unique: None,
        body: json!({"file": "members-0-0", "users": 1, "bytes": 300_u64 << 20, "duplicate": 0, "at": "2026-03-02T12:00:00.000Z"})
            .to_string(),
    };
    backend.catalog.commit(vec![large]).await.unwrap();
    let answer = upload(&backend, "text/plain", "cid").await;
    assert_eq!(answer.refused(422, "invalid-input"), [at("", "too_large")]);
}

#[tokio::test]
async fn files_of_users_that_nothing_names_are_removed_where_that_is_certain() {
    let backend = Backend::with_data().await;
    let frozen = backend.made("Frozen", "static", did("Order", 1)).await;
    let named = user_files(&backend).await;
    let at = |instant: &str| {
        let millis = Instant::parse(instant).unwrap().millis();
        format!("members-{millis:x}-{:032x}", 7)
    };
    let (old, new) = (at("2026-02-28T12:00:00Z"), at(NOW));
    for file in [&old, &new] {
        backend.files.write(file, Vec::new()).await.unwrap();
    }
    let has = async |file: &str| {
        let files = user_files(&backend).await;
        files.iter().any(|other| other == file)
    };
    // A file that is named is missing: the records may be older than the files.
    let members = backend.files.read(&named[0]).await.unwrap();
    backend.files.remove(&named[0]).await.unwrap();
    backend.again().await;
    assert!(has(&old).await && has(&new).await);
    backend.files.write(&named[0], members).await.unwrap();
    backend.again().await;
    assert!(!has(&old).await && has(&new).await && has(&named[0]).await);
    let path = format!("/segments/{frozen}");
    let segment = backend.get(&path).await.ok(200);
    assert_eq!(segment["evaluation"]["users"], 3);
}

#[tokio::test]
async fn a_large_list_is_kept_as_the_engine_has_it_for_a_version_of_the_data() {
    let backend = Backend::with_data().await;
    let ids: String = (0..5_000)
        .map(|number| format!("nobody-{number}\n"))
        .collect();
    let list = upload(&backend, "text/plain", &format!("ann\nbea\n{ids}")).await;
    let id = list.ok(201)["id"].as_str().unwrap().to_owned();
    let users = async |backend: &Backend| {
        let preview = backend
            .post("/segments/preview", json!({"definition": in_list(&id)}))
            .await
            .ok(200);
        preview["users"].as_u64().unwrap()
    };
    let bitmaps = async |backend: &Backend| {
        let mut files = backend.files.list().await.unwrap();
        files.retain(|file| file.starts_with("bitmap-"));
        files
    };
    assert_eq!(users(&backend).await, 2);
    let [bitmap] = <[String; 1]>::try_from(bitmaps(&backend).await).unwrap();
    // One that is damaged is worked out again.
    let whole = backend.files.read(&bitmap).await.unwrap();
    let mut damaged = whole.clone();
    damaged[0] ^= 1;
    backend.files.remove(&bitmap).await.unwrap();
    backend.files.write(&bitmap, damaged).await.unwrap();
    assert_eq!(users(&backend.again().await).await, 2);
    assert_eq!(backend.files.read(&bitmap).await.unwrap(), whole);
    // Whoever has it does not read the ids.
    let again = backend.again().await;
    let [ids] = <[String; 1]>::try_from(user_files(&again).await).unwrap();
    let bytes = again.files.read(&ids).await.unwrap();
    again.files.remove(&ids).await.unwrap();
    assert_eq!(users(&again).await, 2);
    again.files.write(&ids, bytes).await.unwrap();
    // Of another version of the data it is of no use, and a start takes it away.
    backend
        .put(
            "/imports/3?kind=events",
            "user_id,event,time\nnobody-1,View,2026-01-01T00:00:00Z\n",
        )
        .await
        .ok(201);
    assert_eq!(bitmaps(&backend.again().await).await.len(), 0);
}
