//! Segments: made, listed, changed, taken away, brought back, evaluated and tried out.

use axum::body::Body;
use http::Method;
use segments_backend::{Catalog as _, Change, Collection};
use segments_model::limits::MAX_SEGMENT_DEPTH;
use serde_json::{Value as Json, json};

use crate::support::{Backend, NOW, at, did, in_segment};

fn names(page: &Json) -> Vec<String> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_segment_is_made_and_read() {
    let backend = Backend::with_data().await;
    let new = json!({"name": " Buyers ", "description": "who bought", "category": "Sales", "kind": "dynamic",
        "definition": did("Order", 1), "time_zone": "europe/zurich",
        "origin": {"query": {"tool": "funnel"}, "selection": {"step": 1}}});
    let answer = backend.post("/segments", new).await;
    let segment = answer.ok(201);
    let path = format!("/segments/{}", segment["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), format!("/api/v1{path}"));
    assert_eq!(segment["name"], "Buyers");
    assert_eq!(segment["time_zone"], "Europe/Zurich");
    assert_eq!(
        (&segment["version"], &segment["has_origin"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(segment["created_at"], NOW);
    assert_eq!(segment["creator"], json!({"id": "me", "name": "Me Myself"}));
    assert_eq!(
        segment["evaluation"],
        json!({"as_of": NOW, "users": 3, "share": 0.6, "status": "ready"})
    );
    assert_eq!(segment["trend"], json!([3]));
    assert!(segment["sentence"].as_str().unwrap().contains("Order"));

    let read = backend.get(&path).await;
    assert_eq!(read.ok(200), segment);
    assert_eq!(read.tag(), answer.tag());
    let known = [("if-none-match", read.header("etag"))];
    let again = backend
        .send(Method::GET, &path, &known, Body::empty())
        .await;
    assert_eq!(again.status, 304);
    assert!(again.bytes.is_empty());
    assert_eq!(again.tag(), read.tag());
    backend
        .get("/segments/none")
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn what_is_wrong_with_a_new_segment_is_told_at_its_place() {
    let backend = Backend::with_data().await;
    backend.made("Käufer", "dynamic", did("Order", 1)).await;
    let new = |changes: Json| {
        let mut new = json!({"name": "New", "kind": "dynamic", "definition": did("Order", 1)});
        for (member, value) in changes.as_object().unwrap() {
            new[member] = value.clone();
        }
        new
    };
    for (changes, status, kind, errors) in [
        (
            json!({"name": "KÄUFER "}),
            409,
            "name-taken",
            vec![at("/name", "name_taken")],
        ),
        (
            json!({"name": " "}),
            422,
            "invalid-input",
            vec![at("/name", "empty")],
        ),
        (
            json!({"name": "x".repeat(201)}),
            422,
            "invalid-input",
            vec![at("/name", "too_large")],
        ),
        (
            json!({"name": "a\nb"}),
            422,
            "invalid-input",
            vec![at("/name", "not_allowed")],
        ),
        (
            json!({"description": "x".repeat(2_001)}),
            422,
            "invalid-input",
            vec![at("/description", "too_large")],
        ),
        (
            json!({"category": "x".repeat(101)}),
            422,
            "invalid-input",
            vec![at("/category", "too_large")],
        ),
        (
            json!({"time_zone": "Mars"}),
            422,
            "invalid-input",
            vec![at("/time_zone", "unknown_time_zone")],
        ),
        (
            json!({"kind": "living"}),
            400,
            "malformed",
            vec![at("/kind", "malformed")],
        ),
        (
            json!({"colour": "red"}),
            400,
            "malformed",
            vec![at("/colour", "malformed")],
        ),
        (
            json!({"definition": {"type": "any", "of": [did("Order", 1), {"type": "evnt"}]}}),
            400,
            "malformed",
            vec![at("/definition/of/1/type", "malformed")],
        ),
        (
            json!({"definition": {"type": "not", "of": in_segment("none")}}),
            422,
            "invalid-input",
            vec![at("/definition/of/id", "unknown")],
        ),
    ] {
        let answer = backend.post("/segments", new(changes.clone())).await;
        assert_eq!(answer.refused(status, kind), errors, "{changes}");
    }
    assert_eq!(
        backend.get("/segments").await.ok(200)["total"],
        1,
        "nothing of it stays"
    );
}

#[tokio::test]
async fn one_key_makes_one_segment() {
    let backend = Backend::with_data().await;
    let body = json!({"name": "Once", "kind": "dynamic", "definition": did("Order", 1)});
    let key = [("idempotency-key", "k1")];
    let first = backend.post_with("/segments", &key, body.clone()).await;
    let again = backend
        .again()
        .await
        .post_with("/segments", &key, body.clone())
        .await;
    assert_eq!(first.ok(201)["id"], again.ok(201)["id"]);
    let mut other = body.clone();
    other["name"] = json!("Twice");
    backend
        .post_with("/segments", &key, other.clone())
        .await
        .refused(422, "key-reused");
    backend
        .post_with("/segments", &[("idempotency-key", "")], other.clone())
        .await
        .refused(400, "malformed");
    backend.host.set("2026-03-02T12:00:00.001Z");
    backend.post_with("/segments", &key, other).await.ok(201);

    let id = first.ok(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/segments/{id}/duplicate");
    let copy = [("idempotency-key", "k2")];
    let one = backend
        .send(Method::POST, &path, &copy, Body::empty())
        .await
        .ok(201);
    let two = backend
        .send(Method::POST, &path, &copy, Body::empty())
        .await
        .ok(201);
    assert_eq!(one["id"], two["id"]);
}

#[tokio::test]
async fn segments_are_listed_filtered_and_sorted() {
    let backend = Backend::with_data().await;
    for (name, kind, category, times) in [
        ("beta", "dynamic", "Sales", 1),
        ("Alpha", "static", "sales", 2),
        ("Gamma", "dynamic", "", 9),
    ] {
        let new = json!({"name": name, "kind": kind, "category": category, "description": format!("the {name} one"),
            "definition": did("Order", times)});
        backend.post("/segments", new).await.ok(201);
    }
    let old = backend.made("old", "dynamic", did("View", 1)).await;
    backend
        .act(&format!("/segments/{old}/archive"))
        .await
        .ok(200);

    for (query, expected) in [
        ("", &["Alpha", "beta", "Gamma"][..]),
        ("?sort=-name", &["Gamma", "beta", "Alpha"]),
        ("?sort=users", &["Gamma", "Alpha", "beta"]),
        ("?sort=-users", &["beta", "Alpha", "Gamma"]),
        ("?sort=kind", &["Alpha", "beta", "Gamma"]),
        ("?sort=category", &["Gamma", "Alpha", "beta"]),
        ("?search=BET", &["beta"]),
        ("?search=the%20g", &["Gamma"]),
        ("?kind=static", &["Alpha"]),
        ("?category=SALES", &["Alpha", "beta"]),
        ("?category=", &["Gamma"]),
        ("?creator=me", &["Alpha", "beta", "Gamma"]),
        ("?creator=you", &[]),
        ("?archived=true", &["Alpha", "beta", "Gamma", "old"]),
    ] {
        let page = backend.get(&format!("/segments{query}")).await.ok(200);
        assert_eq!(names(&page), expected, "{query}");
        assert_eq!(page["total"], expected.len());
    }
    let page = backend.get("/segments").await.ok(200);
    assert_eq!(
        page["facets"],
        json!({"dynamic": 2, "static": 1, "archived": 1,
            "categories": [{"category": page["items"][0]["category"], "segments": 2}],
            "creators": [{"creator": {"id": "me", "name": "Me Myself"}, "segments": 4}]})
    );
    assert_eq!(
        page["items"][0]["definition"],
        Json::Null,
        "lists go without"
    );
    for query in [
        "?sort=size",
        "?kind=living",
        "?x=1",
        "?archived=maybe",
        "?limit=1&limit=2",
    ] {
        backend
            .get(&format!("/segments{query}"))
            .await
            .refused(400, "malformed");
    }
    backend
        .get("/segments?limit=501")
        .await
        .refused(422, "invalid-input");
}

#[tokio::test]
async fn pages_of_segments_fit_together() {
    let backend = Backend::with_data().await;
    for name in ["a", "b", "c"] {
        backend.made(name, "dynamic", did("Order", 1)).await;
    }
    let first = backend.get("/segments?limit=2").await;
    let tag = first.tag();
    assert_eq!(names(&first.ok(200)), ["a", "b"]);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let rest = format!("/segments?limit=2&cursor={cursor}");
    let page = backend.get(&rest).await.ok(200);
    assert_eq!(
        (names(&page), &page["next_cursor"]),
        (vec!["c".to_owned()], &Json::Null)
    );
    backend
        .get(&format!("/segments?limit=2&sort=-name&cursor={cursor}"))
        .await
        .refused(400, "malformed");
    backend.host.set("2026-03-01T12:00:01Z");
    let known = [("if-none-match", tag.as_str())];
    let same = backend
        .send(Method::GET, "/segments?limit=2", &known, Body::empty())
        .await;
    assert_eq!(same.status, 304);
    backend.made("aa", "dynamic", did("Order", 1)).await;
    backend.get(&rest).await.refused(410, "cursor-gone");
    let other = backend
        .send(Method::GET, "/segments?limit=2", &known, Body::empty())
        .await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn a_segment_is_changed_by_whoever_knows_it() {
    let backend = Backend::with_data().await;
    let id = backend.made("One", "dynamic", did("Order", 1)).await;
    backend.made("Other", "dynamic", did("View", 1)).await;
    let path = format!("/segments/{id}");
    let tag = backend.tag(&path).await;
    backend
        .send(
            Method::PATCH,
            &path,
            &[("content-type", "application/json")],
            "{\"name\": \"x\"}".into(),
        )
        .await
        .refused(428, "match-missing");
    backend.host.set("2026-03-01T13:00:00Z");
    let changed = backend
        .patch(&path, &tag, json!({"name": "ONE", "category": " New "}))
        .await;
    let segment = changed.ok(200);
    assert_eq!(
        (&segment["name"], &segment["category"], &segment["version"]),
        (&json!("ONE"), &json!("New"), &json!(2))
    );
    assert_eq!(segment["updated_at"], "2026-03-01T13:00:00.000Z");
    assert_eq!(segment["evaluation"]["as_of"], NOW, "nobody asked anew");
    backend
        .patch(&path, &tag, json!({"name": "Two"}))
        .await
        .refused(412, "stale");
    let tag = changed.tag();
    backend
        .patch(&path, &tag, json!({"name": "OTHER"}))
        .await
        .refused(409, "name-taken");
    let same = backend.patch(&path, &tag, json!({"name": "ONE"})).await;
    assert_eq!(
        (same.ok(200)["version"].clone(), same.tag()),
        (json!(2), tag.clone()),
        "no change, no version"
    );

    let changed = backend
        .patch(&path, &tag, json!({"definition": did("Order", 2)}))
        .await;
    let segment = changed.ok(200);
    assert_eq!(
        segment["evaluation"],
        json!({"as_of": "2026-03-01T13:00:00.000Z", "users": 1, "share": 0.2, "status": "ready"})
    );
    assert_ne!(segment["hash"], same.ok(200)["hash"]);
    // An evaluation in between changes what is shown, not what is to be changed.
    let tag = changed.tag();
    backend.host.set("2026-03-01T16:00:00Z");
    backend
        .post("/segments/evaluate", json!({"ids": [id]}))
        .await
        .ok(200);
    assert_ne!(backend.tag(&path).await, tag);
    backend
        .patch(&path, &tag, json!({"description": "new"}))
        .await
        .ok(200);
}

#[tokio::test]
async fn of_two_who_change_a_segment_at_once_one_wins() {
    let backend = Backend::with_data().await;
    let other = backend.again().await;
    let id = backend.made("One", "dynamic", did("Order", 1)).await;
    let path = format!("/segments/{id}");
    for round in 0..20 {
        let tag = backend.tag(&path).await;
        let (a, b) = futures_util::future::join(
            backend.patch(&path, &tag, json!({"description": format!("here {round}")})),
            other.patch(
                &path,
                &tag,
                json!({"description": format!("there {round}")}),
            ),
        )
        .await;
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
    assert_eq!(backend.get(&path).await.ok(200)["version"], 21);
}

#[tokio::test]
async fn static_segments_keep_their_members() {
    let backend = Backend::with_data().await;
    let early = json!({"name": "Early", "kind": "static", "definition": did("Order", 1), "as_of": "2026-02-10T00:00:00Z"});
    let segment = backend.post("/segments", early).await.ok(201);
    assert_eq!(segment["evaluation"]["as_of"], "2026-02-10T00:00:00.000Z");
    assert_eq!(segment["evaluation"]["users"], 2);
    let id = segment["id"].as_str().unwrap().to_owned();
    let path = format!("/segments/{id}");
    let members = async || {
        let page = backend
            .post("/users/search", json!({"definition": in_segment(&id)}))
            .await
            .ok(200);
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(members().await, ["ann", "bea"]);
    backend
        .put(
            "/imports/3?kind=events",
            "user,event,time\nfay,Order,2026-02-05\n",
        )
        .await
        .ok(201);
    assert_eq!(members().await, ["ann", "bea"], "whatever comes in");
    let evaluated = backend
        .post("/segments/evaluate", json!({"ids": [id]}))
        .await
        .ok(200);
    assert_eq!(evaluated["items"][0]["evaluation"]["users"], 2);
    assert_eq!(
        backend.get(&path).await.ok(200)["evaluation"]["status"],
        "ready"
    );

    let tag = backend.tag(&path).await;
    let dynamic = backend.patch(&path, &tag, json!({"kind": "dynamic"})).await;
    assert_eq!(dynamic.ok(200)["evaluation"]["users"], 4);
    assert_eq!(members().await, ["ann", "bea", "dan", "fay"]);
    let frozen = backend
        .patch(&path, &dynamic.tag(), json!({"kind": "static"}))
        .await;
    let tag = frozen.tag();
    backend
        .put(
            "/imports/4?kind=events",
            "user,event,time\ngus,Order,2026-02-05\n",
        )
        .await
        .ok(201);
    assert_eq!(members().await, ["ann", "bea", "dan", "fay"]);
    backend
        .patch(&path, &tag, json!({"definition": did("Order", 2)}))
        .await
        .ok(200);
    assert_eq!(members().await, ["ann"]);
    let copy = backend.act(&format!("{path}/duplicate")).await.ok(201);
    assert_eq!(
        (&copy["name"], &copy["evaluation"]["users"]),
        (&json!("Early (copy)"), &json!(1))
    );
}

#[tokio::test]
async fn loops_are_refused_with_the_way_they_go() {
    let backend = Backend::with_data().await;
    let a = backend.made("A", "dynamic", did("Order", 1)).await;
    let b = backend
        .made("B", "dynamic", json!({"type": "not", "of": in_segment(&a)}))
        .await;
    let c = backend
        .made(
            "C",
            "dynamic",
            json!({"type": "user", "where": {"type": "segment", "id": b}}),
        )
        .await;
    let path = format!("/segments/{a}");
    let tag = backend.tag(&path).await;
    let closing = json!({"definition": {"type": "all", "of": [did("Order", 1), in_segment(&c)]}});
    let answer = backend.patch(&path, &tag, closing.clone()).await;
    assert_eq!(
        answer.refused(409, "cycle"),
        [at("/definition/of/1/id", "cycle")]
    );
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("A → C → B → A"),
        "{}",
        answer.json()["detail"]
    );
    let itself = json!({"definition": in_segment(&a)});
    let answer = backend.patch(&path, &tag, itself).await;
    assert_eq!(
        answer.refused(409, "cycle"),
        [at("/definition/id", "cycle")]
    );
    let preview = json!({"definition": in_segment(&c), "against": a});
    backend
        .post("/segments/preview", preview)
        .await
        .refused(409, "cycle");
}

/// A definition in so many `not`s.
fn nested(levels: usize, definition: Json) -> Json {
    (0..levels).fold(definition, |of, _| json!({"type": "not", "of": of}))
}

#[tokio::test]
async fn a_chain_of_segments_ends_where_it_could_not_be_evaluated() {
    let backend = Backend::with_data().await;
    for (levels, most) in [(0, MAX_SEGMENT_DEPTH), (30, MAX_SEGMENT_DEPTH / 31)] {
        let mut before = did("Order", 1);
        for number in 0..=most {
            let definition = nested(levels, before.clone());
            let name = format!("{levels} nots, {number}");
            let new = json!({"name": name, "kind": "dynamic", "definition": definition});
            let answer = backend.post("/segments", new).await;
            if number < most {
                before = in_segment(answer.ok(201)["id"].as_str().unwrap());
                continue;
            }
            let place = format!("/definition{}/id", "/of".repeat(levels));
            let errors = answer.refused(422, "invalid-input");
            assert_eq!(errors, [at(&place, "too_large")]);
            let last = format!("→ {levels} nots, 0");
            assert!(answer.json()["detail"].as_str().unwrap().ends_with(&last));
            let body = json!({"definition": definition});
            let preview = backend.post("/segments/preview", body.clone()).await;
            let errors = preview.refused(422, "invalid-input");
            assert_eq!(errors, [at(&place, "too_large")]);
            // There is room for what is only asked about the largest segment.
            for path in ["/users/search", "/users/ann/explain"] {
                backend.post(path, body.clone()).await.ok(200);
            }
        }
    }
}

#[tokio::test]
async fn a_chain_of_segments_does_not_become_longer_from_below() {
    let backend = Backend::with_data().await;
    // From the top down: each segment is there before the one that it comes to refer to is changed.
    let mut ids = Vec::new();
    for number in 0..5 {
        let name = format!("Segment {number}");
        ids.push(backend.made(&name, "dynamic", did("Order", 1)).await);
    }
    let mut answers = Vec::new();
    for pair in ids.windows(2) {
        let path = format!("/segments/{}", pair[0]);
        let definition = json!({"definition": nested(29, in_segment(&pair[1]))});
        answers.push(
            backend
                .patch(&path, &backend.tag(&path).await, definition)
                .await,
        );
    }
    let (last, others) = answers.split_last().unwrap();
    for answer in others {
        answer.ok(200);
    }
    let errors = last.refused(422, "invalid-input");
    assert_eq!(errors, [at("/definition", "too_large")]);
    let detail = last.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("\"Segment 0\"") && detail.contains("→ Segment 4"),
        "{detail}"
    );

    // Neither does it where its upper end was gone while it grew.
    let top = backend
        .made("Top", "dynamic", nested(29, in_segment(&ids[1])))
        .await;
    let path = format!("/segments/{top}");
    backend.delete(&path, &backend.tag(&path).await).await;
    let path = format!("/segments/{}", ids[0]);
    backend.delete(&path, &backend.tag(&path).await).await;
    let path = format!("/segments/{}", ids[3]);
    let longer = json!({"definition": nested(29, in_segment(&ids[4]))});
    backend
        .patch(&path, &backend.tag(&path).await, longer)
        .await
        .ok(200);
    let restored = backend.act(&format!("/segments/{top}/restore")).await;
    assert_eq!(restored.refused(422, "invalid-input")[0].1, "too_large");
}

#[tokio::test]
async fn a_chain_that_is_stored_already_fails_alone() {
    let backend = Backend::with_data().await;
    let fine = backend.made("Fine", "dynamic", did("Order", 1)).await;
    let records = backend.catalog.all(Collection::Segments).await.unwrap();
    let body: Json = serde_json::from_str(&records[0].body).unwrap();
    let put = |number: usize| {
        let mut body = body.clone();
        body["name"] = json!(format!("Segment {number}"));
        if number > 0 {
            body["definition"] = nested(29, in_segment(&format!("s{}", number - 1)));
        }
        Change::Put {
            collection: Collection::Segments,
            id: format!("s{number}"),
            expected: None,
            unique: Some(format!("segment {number}")),
            body: body.to_string(),
        }
    };
    backend
        .catalog
        .commit((0..200).map(put).collect())
        .await
        .unwrap();
    let again = backend.again().await;
    let ids = json!({"ids": ["s199", "s2", fine]});
    let items = again.post("/segments/evaluate", ids).await.ok(200)["items"].clone();
    let statuses = [0, 1, 2].map(|at: usize| items[at]["evaluation"]["status"].clone());
    assert_eq!(statuses, ["failed", "ready", "ready"]);
    again
        .get("/segments/s199/history")
        .await
        .refused(422, "invalid-input");
    again.get("/segments/s0/relations").await.ok(200);
    // It can be made shorter, though it stays too long.
    let path = "/segments/s100";
    let shorter = json!({"definition": nested(20, in_segment("s0"))});
    again
        .patch(path, &again.tag(path).await, shorter)
        .await
        .ok(200);
    let longer = json!({"definition": nested(21, in_segment("s0"))});
    let answer = again.patch(path, &again.tag(path).await, longer).await;
    assert_eq!(
        answer.refused(422, "invalid-input"),
        [at("/definition", "too_large")]
    );
}

#[tokio::test]
async fn of_two_changes_that_close_a_loop_together_one_fails() {
    let backend = Backend::with_data().await;
    let other = backend.again().await;
    for round in 0..10 {
        let a = backend
            .made(&format!("A{round}"), "dynamic", did("Order", 1))
            .await;
        let b = backend
            .made(&format!("B{round}"), "dynamic", did("View", 1))
            .await;
        let (path_a, path_b) = (format!("/segments/{a}"), format!("/segments/{b}"));
        let (tag_a, tag_b) = (backend.tag(&path_a).await, other.tag(&path_b).await);
        let (one, two) = futures_util::future::join(
            backend.patch(&path_a, &tag_a, json!({"definition": in_segment(&b)})),
            other.patch(&path_b, &tag_b, json!({"definition": in_segment(&a)})),
        )
        .await;
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let backend = Backend::with_data().await;
    let a = backend.made("A", "dynamic", did("Order", 1)).await;
    let b = backend.made("B", "dynamic", in_segment(&a)).await;
    let path = format!("/segments/{a}");
    let tag = backend.tag(&path).await;
    backend
        .send(Method::DELETE, &path, &[], Body::empty())
        .await
        .refused(428, "match-missing");
    let answer = backend.delete(&path, &tag).await;
    answer.refused(409, "in-use");
    assert_eq!(answer.json()["used_by"], json!([{"id": b, "name": "B"}]));

    let path_b = format!("/segments/{b}");
    let tag_b = backend.tag(&path_b).await;
    assert_eq!(backend.delete(&path_b, &tag_b).await.status, 204);
    assert_eq!(backend.delete(&path, &tag).await.status, 204);
    backend.get(&path).await.refused(404, "not-found");
    backend.delete(&path, &tag).await.refused(404, "not-found");
    backend
        .post("/segments/preview", json!({"definition": in_segment(&a)}))
        .await
        .refused(422, "invalid-input");
    // What it refers to has to be there first.
    backend
        .act(&format!("{path_b}/restore"))
        .await
        .refused(409, "dangling-reference");
    backend.act(&format!("{path}/restore")).await.ok(200);
    backend.act(&format!("{path_b}/restore")).await.ok(200);
    assert_eq!(backend.get("/segments").await.ok(200)["total"], 2);
}

#[tokio::test]
async fn deleted_segments_are_kept_for_thirty_days() {
    let backend = Backend::with_data().await;
    let id = backend.made("Gone", "static", did("Order", 1)).await;
    let path = format!("/segments/{id}");
    let tag = backend.tag(&path).await;
    assert_eq!(backend.delete(&path, &tag).await.status, 204);
    let taken = backend.made("gone", "dynamic", did("View", 1)).await;
    backend
        .act(&format!("{path}/restore"))
        .await
        .refused(409, "name-taken");
    let tag = backend.tag(&format!("/segments/{taken}")).await;
    backend
        .patch(&format!("/segments/{taken}"), &tag, json!({"name": "Free"}))
        .await
        .ok(200);
    let restored = backend.act(&format!("{path}/restore")).await.ok(200);
    assert_eq!(restored["evaluation"]["users"], 3);

    let tag = backend.tag(&path).await;
    assert_eq!(backend.delete(&path, &tag).await.status, 204);
    backend.host.set("2026-03-31T11:59:59Z");
    backend
        .again()
        .await
        .act(&format!("{path}/restore"))
        .await
        .ok(200);
    let tag = backend.tag(&path).await;
    assert_eq!(backend.delete(&path, &tag).await.status, 204);
    backend.host.set("2026-04-30T12:00:00Z");
    let later = backend.again().await;
    let answer = later.act(&format!("{path}/restore")).await;
    answer.refused(404, "not-found");
}

#[tokio::test]
async fn segments_are_archived_and_taken_out_again() {
    let backend = Backend::with_data().await;
    let id = backend.made("A", "dynamic", did("Order", 1)).await;
    let path = format!("/segments/{id}");
    let archived = backend.act(&format!("{path}/archive")).await.ok(200);
    assert_eq!(archived["archived_at"], NOW);
    assert_eq!(
        backend.act(&format!("{path}/archive")).await.ok(200)["archived_at"],
        NOW
    );
    assert_eq!(backend.get("/segments").await.ok(200)["total"], 0);
    backend
        .send(
            Method::POST,
            &format!("{path}/restore"),
            &[("if-match", "\"1.x\"")],
            Body::empty(),
        )
        .await
        .refused(412, "stale");
    let restored = backend.act(&format!("{path}/restore")).await.ok(200);
    assert_eq!(restored["archived_at"], Json::Null);
    for call in ["archive", "restore", "duplicate"] {
        backend
            .act(&format!("/segments/none/{call}"))
            .await
            .refused(404, "not-found");
    }
}

#[tokio::test]
async fn copies_have_names_of_their_own() {
    let backend = Backend::with_data().await;
    let long = "x".repeat(200);
    for (name, expected) in [
        ("A", ["A (copy)", "A (copy 2)", "A (copy 3)"]),
        (
            &long,
            [
                &format!("{} (copy)", "x".repeat(193)),
                &format!("{} (copy 2)", "x".repeat(191)),
                &format!("{} (copy 3)", "x".repeat(191)),
            ],
        ),
    ] {
        let id = backend.made(name, "dynamic", did("Order", 1)).await;
        for expected in expected {
            let copy = backend
                .act(&format!("/segments/{id}/duplicate"))
                .await
                .ok(201);
            assert_eq!(copy["name"], *expected);
        }
    }
    let page = backend.get("/segments?search=A%20(copy%202)").await.ok(200);
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    let copy = backend
        .act(&format!("/segments/{id}/duplicate"))
        .await
        .ok(201);
    assert_eq!(copy["name"], "A (copy 4)", "no copy of a copy");
}

#[tokio::test]
async fn sizes_are_brought_up_to_date() {
    let backend = Backend::with_data().await;
    let a = backend.made("A", "dynamic", did("Order", 1)).await;
    let b = backend.made("B", "dynamic", in_segment(&a)).await;
    backend
        .put(
            "/imports/3?kind=events",
            "user,event,time\nfay,Order,2026-02-05\n",
        )
        .await
        .ok(201);
    let shown = backend.get(&format!("/segments/{b}")).await.ok(200);
    assert_eq!(
        (
            &shown["evaluation"]["status"],
            &shown["evaluation"]["users"]
        ),
        (&json!("computing"), &json!(3))
    );
    backend.host.set("2026-03-01T14:00:00Z");
    let items = backend
        .post("/segments/evaluate", json!({"ids": [b, "none", a, b]}))
        .await
        .ok(200)["items"]
        .clone();
    let users: Vec<&Json> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["evaluation"]["users"])
        .collect();
    assert_eq!(users, [&json!(4), &Json::Null, &json!(4), &json!(4)]);
    assert_eq!(items[1]["evaluation"]["status"], "failed");
    let shown = backend.get(&format!("/segments/{b}")).await.ok(200);
    assert_eq!(shown["evaluation"]["as_of"], "2026-03-01T14:00:00.000Z");
    assert_eq!(shown["trend"], json!([3, 4]));

    // An answer for another instant is no newer one.
    let early = json!({"ids": [a], "as_of": "2026-02-02T00:00:00Z"});
    let items = backend.post("/segments/evaluate", early).await.ok(200)["items"].clone();
    assert_eq!(items[0]["evaluation"]["users"], 1);
    assert_eq!(
        backend.get(&format!("/segments/{a}")).await.ok(200)["evaluation"]["users"],
        4
    );

    // Who is in a segment changes with the segments that it is made of.
    let path = format!("/segments/{a}");
    let tag = backend.tag(&path).await;
    backend
        .patch(&path, &tag, json!({"definition": did("Order", 2)}))
        .await
        .ok(200);
    let shown = backend.get(&format!("/segments/{b}")).await.ok(200);
    assert_eq!(
        (
            &shown["evaluation"]["status"],
            &shown["evaluation"]["users"]
        ),
        (&json!("computing"), &Json::Null)
    );
    let many: Vec<String> = (0..501).map(|number| number.to_string()).collect();
    let errors = backend
        .post("/segments/evaluate", json!({"ids": many}))
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/ids", "too_large")]);
}

#[tokio::test]
async fn a_size_of_the_future_is_told_and_not_kept() {
    let backend = Backend::with_data().await;
    let lately = json!({"type": "event", "event": "Order", "compare": {"op": "at_least", "value": 1},
        "during": {"type": "last", "count": 7, "unit": "day"}});
    let later = "2026-06-01T00:00:00.000Z";
    let size = |segment: &Json| {
        let evaluation = &segment["evaluation"];
        (evaluation["as_of"].clone(), evaluation["users"].clone())
    };
    let new = json!({"name": "Lately", "kind": "dynamic", "definition": lately, "as_of": later});
    let made = backend.post("/segments", new).await.ok(201);
    assert_eq!(size(&made), (json!(NOW), json!(1)));
    let id = made["id"].as_str().unwrap();
    let path = format!("/segments/{id}");

    let then = json!({"ids": [id], "as_of": later});
    let items = backend.post("/segments/evaluate", then).await.ok(200)["items"].clone();
    assert_eq!(size(&items[0]), (json!(later), json!(0)));
    assert_eq!(
        size(&backend.get(&path).await.ok(200)),
        (json!(NOW), json!(1))
    );

    // A store in which such a size was kept before recovers.
    let records = backend.catalog.all(Collection::Evaluations).await.unwrap();
    let record = records.into_iter().find(|record| record.id == id).unwrap();
    let mut body: Json = serde_json::from_str(&record.body).unwrap();
    body["as_of"] = json!(later);
    body["users"] = json!(0);
    body["trend"]
        .as_array_mut()
        .unwrap()
        .push(json!([later, 0]));
    let spoiled = Change::Put {
        collection: record.collection,
        id: record.id,
        expected: Some(record.revision),
        unique: None,
        body: body.to_string(),
    };
    backend.catalog.commit(vec![spoiled]).await.unwrap();
    assert_eq!(
        size(&backend.get(&path).await.ok(200)),
        (Json::Null, Json::Null)
    );
    let hour = "2026-03-01T13:00:00.000Z";
    backend.host.set(hour);
    let all = json!({"ids": [id]});
    backend.post("/segments/evaluate", all).await.ok(200);
    let shown = backend.get(&path).await.ok(200);
    assert_eq!(size(&shown), (json!(hour), json!(1)));
    assert_eq!(shown["trend"], json!([1, 1]));
}

#[tokio::test]
async fn a_definition_is_tried_out() {
    let backend = Backend::with_data().await;
    let definition = json!({"type": "all", "of": [did("View", 1), did("Order", 2)]});
    let preview = backend
        .post("/segments/preview", json!({"definition": definition}))
        .await
        .ok(200);
    assert_eq!(
        (&preview["users"], &preview["all_users"], &preview["share"]),
        (&json!(1), &json!(5), &json!(0.2))
    );
    assert_eq!(
        preview["criteria"],
        json!([
            {"pointer": "", "users": 1, "kept": 1, "dropped": 4},
            {"pointer": "/of/0", "users": 3, "kept": 3, "dropped": 2},
            {"pointer": "/of/1", "users": 1, "kept": 1, "dropped": 2}
        ])
    );
    assert_eq!(preview["sample"][0]["id"], "ann");
    assert_eq!(preview["lint"], json!([]));
    assert_eq!(preview["stamp"]["as_of"], NOW);
    assert_eq!(preview["changes"], Json::Null);
    let errors = backend
        .post("/segments/preview", json!({"definition": {"type": "user", "where": {"type": "property", "scope": "event", "name": "x", "op": "is_set"}}}))
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/definition/where/scope", "not_allowed")]);
}

#[tokio::test]
async fn a_definition_is_compared_with_what_is_stored() {
    let backend = Backend::with_data().await;
    let a = backend.made("A", "dynamic", did("Order", 1)).await;
    backend
        .made(
            "Not A",
            "dynamic",
            json!({"type": "not", "of": in_segment(&a)}),
        )
        .await;
    backend.made("Frozen", "static", in_segment(&a)).await;
    let preview = json!({"definition": did("View", 1), "against": a});
    let changes = backend.post("/segments/preview", preview).await.ok(200)["changes"].clone();
    assert_eq!(
        (&changes["joined"], &changes["left"]),
        (&json!(1), &json!(1)),
        "cid for dan"
    );
    let dependents = changes["dependents"].as_array().unwrap();
    assert_eq!(dependents.len(), 1, "frozen ones stay");
    assert_eq!(dependents[0]["name"], "Not A");
    assert_eq!(
        (&dependents[0]["joined"], &dependents[0]["left"]),
        (&json!(1), &json!(1))
    );
    let errors = backend
        .post(
            "/segments/preview",
            json!({"definition": did("View", 1), "against": "none"}),
        )
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/against", "unknown")]);
}

#[tokio::test]
async fn what_looks_wrong_is_told() {
    let backend = Backend::with_data().await;
    let property = |scope: &str, name: &str, op: &str, values: Json| json!({"type": "property", "scope": scope, "name": name, "op": op, "values": values});
    let with = |filter: Json| json!({"type": "event", "event": "Order", "where": filter, "during": {"type": "all_time"}});
    let sum = |event: &str, property: &str| json!({"type": "event", "event": event, "measure": {"of": "sum", "property": property}, "during": {"type": "all_time"}});
    let during = |range: Json| json!({"type": "event", "event": "Order", "during": range});
    let beside = |dids: Json| json!({"type": "event", "event": "Order", "did": dids, "during": {"type": "all_time"}});
    let changed = |mut criterion: Json, changes: Json| {
        for (member, value) in changes.as_object().unwrap() {
            criterion[member] = value.clone();
        }
        criterion
    };
    let sequence = |changes: Json| {
        let sequence = json!({"type": "sequence", "steps": [{"event": "View"}, {"event": "Order"}],
            "during": {"type": "all_time"}, "reached": 2});
        changed(sequence, changes)
    };
    // The first start is in the week from 26 January; now is in the fifth week from there.
    let cohort = |changes: Json| {
        let cohort = json!({"type": "cohort", "start": [{"event": "View"}], "first_time": true, "return": {"event": "Order"},
            "unit": "week", "started": {"type": "all_time"}, "match": "on", "outcome": "returned"});
        changed(cohort, changes)
    };
    for (definition, pointer, code) in [
        (did("Ordr", 1), "/event", "unknown_event"),
        (did("Ordr", 1), "", "no_users"),
        (
            with(property("event", "colour", "is", json!(["red"]))),
            "/where/name",
            "unknown_property",
        ),
        (
            with(property("user", "amount", "is", json!([1]))),
            "/where/name",
            "unknown_property",
        ),
        (
            with(property("event", "amount", "contains", json!(["1"]))),
            "/where/op",
            "type_mismatch",
        ),
        (
            with(property("event", "amount", "is", json!(["x"]))),
            "/where/values/0",
            "type_mismatch",
        ),
        (
            sum("View", "amount"),
            "/measure/property",
            "unknown_property",
        ),
        (sum("Order", "paid"), "/measure/property", "type_mismatch"),
        (
            during(json!({"type": "between", "from": "2020-01-01", "to": "2020-02-01"})),
            "/during",
            "range_without_data",
        ),
        (
            during(json!({"type": "between", "from": "2026-02-01", "to": "2026-02-05"})),
            "",
            "never_changes",
        ),
        (
            json!({"type": "all", "of": [did("Order", 1), {"type": "not", "of": did("Order", 1)}]}),
            "/of/1",
            "contradiction",
        ),
        (
            json!({"type": "all", "of": [did("Order", 2), did("Order", 1)]}),
            "/of/1",
            "no_effect",
        ),
        (
            json!({"type": "any", "of": [did("Order", 1), did("Order", 2)]}),
            "/of/1",
            "no_effect",
        ),
        (json!({"type": "any", "of": []}), "", "contradiction"),
        (
            beside(json!([{"performed": true, "event": "Viw", "when": "before"}])),
            "/did/0/event",
            "unknown_event",
        ),
        (
            beside(
                json!([{"performed": true, "event": "View", "when": "before",
                "where": property("event", "amount", "is", json!([1]))}]),
            ),
            "/did/0/where/name",
            "unknown_property",
        ),
        (
            beside(
                json!([{"performed": false, "event": "View", "when": "before",
                "compare": {"op": "at_least", "value": 0}}]),
            ),
            "/did/0",
            "contradiction",
        ),
        (
            beside(
                json!([{"performed": false, "event": "View", "when": "before"},
                {"performed": true, "event": "View", "when": "before"}]),
            ),
            "/did/1",
            "contradiction",
        ),
        (
            sequence(json!({"steps": [{"event": "View"}, {"event": "Ordr"}]})),
            "/steps/1/event",
            "unknown_event",
        ),
        (
            sequence(
                json!({"order": "strict", "exclude": [{"event": "View", "from": 1, "to": 2}]}),
            ),
            "/exclude/0",
            "no_effect",
        ),
        (
            sequence(json!({"during": {"type": "since", "from": "2026-03-01"}})),
            "/during",
            "range_without_data",
        ),
        (
            cohort(json!({"return": {"event": "Ordr"}})),
            "/return/event",
            "unknown_event",
        ),
        (
            cohort(json!({"generation": "2026-02-03T00:00:00Z"})),
            "/generation",
            "contradiction",
        ),
        (
            cohort(
                json!({"generation": "2026-02-02T00:00:00Z", "started": {"type": "last", "count": 1, "unit": "week"}}),
            ),
            "/generation",
            "range_without_data",
        ),
        (cohort(json!({"period": 4})), "/period", "not_over"),
        (cohort(json!({"period": 5})), "/period", "not_over"),
        (
            cohort(json!({"period": 5, "match": "on_or_after"})),
            "/period",
            "not_over",
        ),
    ] {
        let lint = backend
            .post("/segments/preview", json!({"definition": definition}))
            .await
            .ok(200)["lint"]
            .clone();
        let found = lint
            .as_array()
            .unwrap()
            .iter()
            .any(|lint| lint["pointer"] == pointer && lint["code"] == code);
        assert!(found, "{code} at \"{pointer}\" of {definition} in {lint}");
    }
    for definition in [
        cohort(json!({"period": 3})),
        cohort(json!({"period": 4, "match": "on_or_after"})),
        cohort(json!({"period": 9, "outcome": "started"})),
        cohort(json!({"generation": "2026-01-26T00:00:00Z"})),
        sequence(json!({"exclude": [{"event": "View", "from": 1, "to": 2}]})),
        beside(
            json!([{"performed": true, "event": "View", "when": "before"},
            {"performed": false, "event": "View", "when": "after"}]),
        ),
    ] {
        let preview = backend
            .post("/segments/preview", json!({"definition": definition}))
            .await
            .ok(200);
        let lint = preview["lint"].as_array().unwrap();
        let wrong = lint.iter().find(|lint| lint["code"] != "no_users");
        assert_eq!(wrong, None, "{definition}");
    }
}

#[tokio::test]
async fn the_list_stays_quick_with_ten_thousand_segments() {
    use std::time::Instant;

    use segments_backend::{Catalog as _, Change, Collection};

    let backend = Backend::with_data().await;
    let first = backend.made("Segment", "dynamic", did("Order", 1)).await;
    let record = backend
        .catalog
        .get(Collection::Segments, &first)
        .await
        .unwrap()
        .unwrap();
    let copies = (0..10_000).map(|number| {
        let name = format!("Segment {number:05}");
        Change::Put {
            collection: Collection::Segments,
            id: format!("{number:032}"),
            expected: None,
            unique: Some(name.to_lowercase()),
            body: record.body.replace("\"Segment\"", &format!("\"{name}\"")),
        }
    });
    backend.catalog.commit(copies.collect()).await.unwrap();
    let begin = Instant::now();
    let page = backend.get("/segments?limit=50&sort=-name").await.ok(200);
    let read = begin.elapsed();
    assert_eq!(page["total"], 10_001);
    assert_eq!(page["items"][0]["name"], "Segment 09999");

    // Once they are known, neither a page nor a change reads them all again, nor evaluates them, which would take far longer.
    let begin = Instant::now();
    backend.made("One more", "dynamic", did("View", 1)).await;
    let page = backend
        .get("/segments?search=segment%2000&sort=users")
        .await
        .ok(200);
    assert_eq!(page["total"], 1_000);
    assert!(
        begin.elapsed() < read * 4,
        "{:?} after {read:?}",
        begin.elapsed()
    );
    assert_eq!(
        page["items"][0]["evaluation"]["status"], "computing",
        "a list evaluates nothing"
    );
    // Equal definitions are asked once, so that the whole library is compared soon.
    let begin = Instant::now();
    let relations = backend.get(&format!("/segments/{first}/relations")).await;
    assert_eq!(relations.ok(200)["same"].as_array().unwrap().len(), 10_000);
    assert!(
        begin.elapsed() < read * 10,
        "{:?} after {read:?}",
        begin.elapsed()
    );
    // Another one reads all of it anew and finds the same.
    let again = backend.again().await;
    let same = again
        .get("/segments?search=segment%2000&sort=users")
        .await
        .ok(200);
    assert_eq!(same["items"], page["items"]);
}
