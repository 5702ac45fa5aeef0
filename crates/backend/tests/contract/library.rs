//! What is asked of the segments together, and over time: versions, reruns, usage, relations, overlap, history.

use segments_backend::{Catalog as _, Change, Collection};
use serde_json::{Value as Json, json};

use crate::support::{Backend, NOW, at, did, in_segment};

/// Whoever completed an event in the last so many days.
fn lately(event: &str, days: u32) -> Json {
    json!({"type": "event", "event": event, "during": {"type": "last", "count": days, "unit": "day"}})
}

fn names(related: &Json) -> Vec<(&str, u64, u64)> {
    related
        .as_array()
        .unwrap()
        .iter()
        .map(|related| {
            let number = |member: &str| related[member].as_u64().unwrap();
            let name = related["name"].as_str().unwrap();
            (name, number("users"), number("shared"))
        })
        .collect()
}

async fn changed(backend: &Backend, id: &str, body: Json) -> Json {
    let path = format!("/segments/{id}");
    let tag = backend.tag(&path).await;
    backend.patch(&path, &tag, body).await.ok(200)
}

#[tokio::test]
async fn every_change_is_a_version() {
    let backend = Backend::with_data().await;
    let id = backend.made("One", "dynamic", did("Order", 1)).await;
    let path = format!("/segments/{id}/versions");
    let first = backend.get(&path).await.ok(200);
    assert_eq!(
        (&first["total"], &first["next_cursor"]),
        (&json!(1), &Json::Null)
    );
    assert_eq!(first["items"][0]["version"], 1);
    assert_eq!(first["items"][0]["at"], NOW);
    assert_eq!(first["items"][0]["changed"], json!([]));
    assert_eq!(first["items"][0]["author"]["id"], "me");

    backend.host.set("2026-03-01T13:00:00Z");
    changed(&backend, &id, json!({"name": "Two", "category": "C"})).await;
    backend.host.set("2026-03-01T14:00:00Z");
    let body = json!({"definition": did("Order", 2), "time_zone": "Europe/Zurich"});
    changed(&backend, &id, body).await;
    backend.host.set("2026-03-01T15:00:00Z");
    changed(&backend, &id, json!({"kind": "static"})).await;
    backend
        .act(&format!("/segments/{id}/archive"))
        .await
        .ok(200);

    let page = backend.get(&path).await.ok(200);
    let items = page["items"].as_array().unwrap();
    let told: Vec<(u64, &str, Json)> = items
        .iter()
        .map(|item| {
            (
                item["version"].as_u64().unwrap(),
                item["name"].as_str().unwrap(),
                item["changed"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (4, "Two", json!(["kind"])),
            (3, "Two", json!(["definition", "time_zone"])),
            (2, "Two", json!(["name", "category"])),
            (1, "One", json!([])),
        ]
    );
    assert_eq!(items[0]["members_as_of"], "2026-03-01T15:00:00.000Z");
    assert_eq!(items[1]["members_as_of"], Json::Null);
    assert_eq!(items[1]["definition"]["compare"]["value"], 2.0);
    assert_eq!(
        items[2]["definition"]["compare"],
        Json::Null,
        "at least once"
    );
    assert!(items[1]["sentence"].as_str().unwrap().contains("Order"));

    let start = backend.get(&format!("{path}?limit=3")).await.ok(200);
    let cursor = start["next_cursor"].as_str().unwrap().to_owned();
    let rest = backend
        .get(&format!("{path}?limit=3&cursor={cursor}"))
        .await;
    assert_eq!(rest.ok(200)["items"], json!([items[3]]));
    changed(&backend, &id, json!({"name": "Three"})).await;
    backend
        .get(&format!("{path}?limit=3&cursor={cursor}"))
        .await
        .refused(410, "cursor-gone");
    backend
        .get("/segments/none/versions")
        .await
        .refused(404, "not-found");
    backend
        .get(&format!("{path}?limit=0"))
        .await
        .refused(422, "invalid-input");

    let copy = backend.act(&format!("/segments/{id}/duplicate")).await;
    let copy = copy.ok(201)["id"].as_str().unwrap().to_owned();
    let versions = backend.get(&format!("/segments/{copy}/versions")).await;
    assert_eq!(versions.ok(200)["total"], 1, "a copy begins anew");
}

#[tokio::test]
async fn a_segment_from_before_versions_has_the_current_one() {
    let backend = Backend::with_data().await;
    let id = backend.made("Old", "static", did("Order", 1)).await;
    changed(&backend, &id, json!({"name": "Older"})).await;
    // As a store has it that was made before versions were kept.
    for record in backend.catalog.all(Collection::Versions).await.unwrap() {
        let change = Change::Delete {
            collection: record.collection,
            id: record.id,
            expected: record.revision,
        };
        backend.catalog.commit(vec![change]).await.unwrap();
    }
    let path = format!("/segments/{id}/versions");
    let versions = backend.get(&path).await.ok(200);
    assert_eq!(versions["total"], 1);
    assert_eq!(versions["items"][0]["version"], 2);
    assert_eq!(versions["items"][0]["members_as_of"], NOW);

    backend.host.set("2026-03-02T12:00:00Z");
    changed(&backend, &id, json!({"definition": did("Order", 2)})).await;
    let versions = backend.get(&path).await.ok(200);
    assert_eq!(versions["total"], 2);
    assert_eq!(versions["items"][1]["version"], 2);
    assert_eq!(versions["items"][1]["definition"]["event"], "Order");
    let history = history(&backend, &id, "last", 2, "").await;
    assert_eq!(
        sizes(&history),
        [3, 1],
        "the members of the version before are kept"
    );
}

#[tokio::test]
async fn versions_go_with_the_segment() {
    let backend = Backend::with_data().await;
    let id = backend.made("Gone", "static", did("Order", 1)).await;
    changed(&backend, &id, json!({"definition": did("Order", 2)})).await;
    let kept = backend.made("Kept", "static", did("Order", 1)).await;
    let path = format!("/segments/{id}");
    backend.delete(&path, &backend.tag(&path).await).await;
    backend.host.set("2026-04-15T12:00:00Z");
    let again = backend.again().await;
    for collection in [Collection::Versions, Collection::Members] {
        let records = again.catalog.all(collection).await.unwrap();
        let of_kept = records.iter().all(|record| record.id.starts_with(&kept));
        assert!(of_kept && records.len() == 1, "{collection:?}: {records:?}");
    }
}

#[tokio::test]
async fn a_static_segment_is_run_again() {
    let backend = Backend::with_data().await;
    let early = json!({"name": "Early", "kind": "static", "definition": did("Order", 1), "as_of": "2026-02-10T00:00:00Z"});
    let segment = backend.post("/segments", early).await.ok(201);
    let id = segment["id"].as_str().unwrap();
    let path = format!("/segments/{id}/rerun");
    backend.host.set("2026-03-02T12:00:00Z");
    let told = backend.act(&path).await.ok(200);
    assert_eq!(backend.post(&path, json!({})).await.ok(200), told);
    assert_eq!(
        (
            &told["before"],
            &told["users"],
            &told["applied"],
            &told["version"]
        ),
        (&json!(2), &json!(3), &json!(false), &json!(1))
    );
    assert_eq!(told["before_as_of"], "2026-02-10T00:00:00.000Z");
    assert_eq!(told["joined"]["users"], 1);
    assert_eq!(told["joined"]["sample"][0]["id"], "dan");
    assert_eq!(told["left"], json!({"users": 0, "sample": []}));
    let same = backend.get(&format!("/segments/{id}")).await.ok(200);
    assert_eq!(same["evaluation"], segment["evaluation"], "only told");

    let stale = [("if-match", "\"1.x\"")];
    backend
        .post_with(&path, &stale, json!({"apply": true}))
        .await
        .refused(412, "stale");
    let done = backend.post(&path, json!({"apply": true})).await.ok(200);
    assert_eq!(
        (&done["applied"], &done["version"]),
        (&json!(true), &json!(2))
    );
    let now = backend.get(&format!("/segments/{id}")).await.ok(200);
    assert_eq!(now["evaluation"]["users"], 3);
    assert_eq!(now["evaluation"]["as_of"], "2026-03-02T12:00:00.000Z");
    assert_eq!(now["trend"], json!([2, 3]));
    let versions = backend
        .get(&format!("/segments/{id}/versions"))
        .await
        .ok(200);
    assert_eq!(versions["items"][0]["changed"], json!(["members"]));
    assert_eq!(
        versions["items"][1]["members_as_of"],
        "2026-02-10T00:00:00.000Z"
    );

    let early = json!({"apply": true, "as_of": "2026-02-02T12:00:00Z"});
    let back = backend.post(&path, early).await.ok(200);
    assert_eq!(
        (&back["users"], &back["left"]["users"]),
        (&json!(1), &json!(2))
    );

    let dynamic = backend.made("Dynamic", "dynamic", did("Order", 1)).await;
    backend
        .post(&format!("/segments/{dynamic}/rerun"), json!({}))
        .await
        .refused(422, "invalid-input");
    backend
        .post("/segments/none/rerun", json!({}))
        .await
        .refused(404, "not-found");
    backend
        .post(&path, json!({"aply": true}))
        .await
        .refused(400, "malformed");
}

#[tokio::test]
async fn what_refers_to_a_static_segment_sees_it_run_again() {
    let backend = Backend::with_data().await;
    let id = backend.made("Frozen", "static", did("Order", 1)).await;
    let later = "user,event,time\nfay,Order,2026-02-05\n";
    backend.put("/imports/3?kind=events", later).await.ok(201);
    let search = json!({"definition": in_segment(&id)});
    let users = backend.post("/users/search", search.clone()).await;
    assert_eq!(users.ok(200)["total"], 3);
    // As of the same instant, though of other data.
    let again = format!("/segments/{id}/rerun");
    let outcome = backend.post(&again, json!({"apply": true})).await.ok(200);
    assert_eq!(outcome["users"], 4);
    let users = backend.post("/users/search", search).await;
    assert_eq!(users.ok(200)["total"], 4);
}

#[tokio::test]
async fn what_uses_a_segment_is_told_with_where() {
    let backend = Backend::with_data().await;
    let base = backend.made("Base", "dynamic", did("Order", 1)).await;
    let definition =
        json!({"type": "all", "of": [did("View", 1), {"type": "not", "of": in_segment(&base)}]});
    let direct = backend.made("Direct", "dynamic", definition).await;
    let frozen = backend.made("Frozen", "static", in_segment(&base)).await;
    let indirect = backend
        .made("Indirect", "dynamic", in_segment(&direct))
        .await;
    backend
        .made("Over frozen", "dynamic", in_segment(&frozen))
        .await;
    let usage = backend
        .get(&format!("/segments/{base}/usage"))
        .await
        .ok(200);
    assert_eq!(
        usage,
        json!({"segments": [
            {"id": direct, "name": "Direct", "kind": "dynamic", "archived": false, "pointers": ["/of/1/of/id"]},
            {"id": frozen, "name": "Frozen", "kind": "static", "archived": false, "pointers": ["/id"]},
        ], "indirect": [{"id": indirect, "name": "Indirect"}]})
    );
    let unused = backend.get(&format!("/segments/{indirect}/usage")).await;
    assert_eq!(unused.ok(200), json!({"segments": [], "indirect": []}));
    backend
        .get("/segments/none/usage")
        .await
        .refused(404, "not-found");
}

#[tokio::test]
async fn segments_lie_to_each_other_as_their_users_do() {
    let backend = Backend::with_data().await;
    let id = backend.made("Orders", "dynamic", did("Order", 1)).await;
    backend
        .made(
            "Same",
            "static",
            json!({"type": "users", "ids": ["ann", "bea", "dan"]}),
        )
        .await;
    backend.made("Twice", "dynamic", did("Order", 2)).await;
    backend
        .made("All", "dynamic", json!({"type": "all", "of": []}))
        .await;
    backend
        .made("Eve", "dynamic", json!({"type": "users", "ids": ["eve"]}))
        .await;
    backend
        .made("Nobody", "dynamic", json!({"type": "any", "of": []}))
        .await;
    backend.made("Viewers", "dynamic", did("View", 1)).await;
    backend
        .made(
            "Cid and Dan",
            "dynamic",
            json!({"type": "users", "ids": ["cid", "dan"]}),
        )
        .await;
    let old = backend.made("Old", "dynamic", did("Order", 1)).await;
    backend
        .act(&format!("/segments/{old}/archive"))
        .await
        .ok(200);
    let relations = backend
        .get(&format!("/segments/{id}/relations"))
        .await
        .ok(200);
    assert_eq!(relations["users"], 3);
    assert_eq!(relations["stamp"]["as_of"], NOW);
    assert_eq!(names(&relations["same"]), [("Same", 3, 3)]);
    assert_eq!(names(&relations["inside"]), [("Twice", 1, 1)]);
    assert_eq!(names(&relations["around"]), [("All", 5, 3)]);
    assert_eq!(
        names(&relations["apart"]),
        [("Eve", 1, 0), ("Nobody", 0, 0)]
    );
    assert_eq!(
        names(&relations["overlapping"]),
        [("Viewers", 3, 2), ("Cid and Dan", 2, 1)]
    );
    assert_eq!(relations["failed"], Json::Null);

    let early = format!("/segments/{id}/relations?as_of=2026-02-01T00:00:00Z");
    let early = backend.get(&early).await.ok(200);
    assert_eq!(early["users"], 0);
    assert_eq!(names(&early["same"]).len(), 5, "nobody is nobody");
    backend
        .get("/segments/none/relations")
        .await
        .refused(404, "not-found");
    backend
        .get(&format!("/segments/{id}/relations?time_zone=Mars"))
        .await
        .refused(422, "invalid-input");
}

#[tokio::test]
async fn segments_are_laid_over_each_other() {
    let backend = Backend::with_data().await;
    let orders = backend.made("Orders", "dynamic", did("Order", 1)).await;
    let views = backend.made("Views", "dynamic", did("View", 1)).await;
    let all = backend
        .made("All", "dynamic", json!({"type": "all", "of": []}))
        .await;
    let ask = async |ids: &[&str]| {
        backend
            .post("/segments/overlap", json!({"segments": ids}))
            .await
    };
    let overlap = ask(&[&orders, &views, &all]).await.ok(200);
    assert_eq!(
        names(&overlap["segments"]),
        [("Orders", 3, 3), ("Views", 3, 3), ("All", 5, 5)].map(|(name, users, shared)| {
            // Eve is in no other one.
            (name, users, if name == "All" { 4 } else { shared })
        })
    );
    assert_eq!(
        overlap["regions"],
        json!([
            {"segments": [orders, views, all], "users": 2},
            {"segments": [orders, all], "users": 1},
            {"segments": [views, all], "users": 1},
            {"segments": [all], "users": 1},
        ])
    );
    assert_eq!(
        ask(&[&orders]).await.refused(422, "invalid-input"),
        [at("/segments", "empty")]
    );
    let many = vec!["x"; 11];
    assert_eq!(
        ask(&many).await.refused(422, "invalid-input"),
        [at("/segments", "too_large")]
    );
    assert_eq!(
        ask(&[&orders, "none", &orders])
            .await
            .refused(422, "invalid-input"),
        [
            at("/segments/1", "unknown"),
            at("/segments/2", "not_allowed")
        ]
    );
}

// ---- history

async fn history(backend: &Backend, id: &str, kind: &str, days: u32, more: &str) -> Json {
    let during = match kind {
        "last" => format!("%7B%22type%22:%22last%22,%22count%22:{days},%22unit%22:%22day%22%7D"),
        other => format!("%7B%22type%22:%22{other}%22%7D"),
    };
    let path = format!("/segments/{id}/history?during={during}{more}");
    let history = backend.get(&path).await.ok(200);
    balanced(&history);
    history
}

/// What joins and leaves is what the size changes by, and each reason is part of all.
#[track_caller]
fn balanced(history: &Json) {
    let mut before: Option<i64> = None;
    for point in history["points"].as_array().unwrap() {
        let number = |value: &Json| value.as_i64().unwrap();
        for moves in [&point["joined"], &point["left"]] {
            let reasons = ["new_event", "window_passed", "definition_edited"];
            let sum: i64 = reasons.iter().map(|reason| number(&moves[*reason])).sum();
            assert_eq!(number(&moves["total"]), sum, "{point}");
        }
        let users = number(&point["users"]);
        let change = number(&point["joined"]["total"]) - number(&point["left"]["total"]);
        assert_eq!(
            users,
            before.map_or(users, |before| before + change),
            "{point}"
        );
        before = Some(users);
    }
}

fn sizes(history: &Json) -> Vec<u64> {
    let points = history["points"].as_array().unwrap();
    let users = points.iter().map(|point| point["users"].as_u64().unwrap());
    users.collect()
}

/// The points where somebody moved: when, and how many joined and left by event, window and edit.
fn moves(history: &Json) -> Vec<(&str, [u64; 3], [u64; 3])> {
    let reasons = |moves: &Json| {
        ["new_event", "window_passed", "definition_edited"]
            .map(|reason| moves[reason].as_u64().unwrap())
    };
    history["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| {
            (
                &point["at"].as_str().unwrap()[..10],
                reasons(&point["joined"]),
                reasons(&point["left"]),
            )
        })
        .filter(|(_, joined, left)| joined != &[0; 3] || left != &[0; 3])
        .collect()
}

#[tokio::test]
async fn a_history_tells_who_came_by_events_and_who_left_by_time() {
    let backend = Backend::with_data().await;
    let id = backend.made("Lately", "dynamic", lately("Order", 7)).await;
    let history = history(&backend, &id, "last", 30, "").await;
    assert_eq!(history["points"].as_array().unwrap().len(), 30);
    assert_eq!(history["points"][29]["at"], NOW, "cut at as-of");
    assert_eq!(history["stamp"]["start"], "2026-01-31T00:00:00.000Z");
    assert_eq!(
        moves(&history),
        [
            ("2026-02-02", [1, 0, 0], [0, 0, 0]),
            ("2026-02-04", [1, 0, 0], [0, 0, 0]),
            ("2026-02-08", [0, 0, 0], [0, 1, 0]),
            ("2026-02-10", [0, 0, 0], [0, 1, 0]),
            ("2026-02-21", [1, 0, 0], [0, 0, 0]),
            ("2026-02-27", [0, 0, 0], [0, 1, 0]),
            ("2026-03-01", [1, 0, 0], [0, 0, 0]),
        ]
    );
    let last = history["points"][29]["users"].clone();
    let now = backend
        .post("/users/search", json!({"definition": in_segment(&id)}))
        .await;
    assert_eq!(now.ok(200)["total"], last);

    // Time brings in who has not done something for a while, and an event takes out.
    let quiet =
        json!({"type": "all", "of": [did("Order", 1), {"type": "not", "of": lately("Order", 7)}]});
    let quiet = backend.made("Quiet", "dynamic", quiet).await;
    let of_quiet = self::history(&backend, &quiet, "last", 30, "").await;
    assert_eq!(
        moves(&of_quiet),
        [
            ("2026-02-08", [0, 1, 0], [0, 0, 0]),
            ("2026-02-10", [0, 1, 0], [0, 0, 0]),
            ("2026-02-21", [0, 0, 0], [1, 0, 0]),
            ("2026-02-27", [0, 1, 0], [0, 0, 0]),
        ]
    );
    let whole = self::history(&backend, &id, "all_time", 0, "&unit=month").await;
    assert_eq!(sizes(&whole), [1, 1], "from the first event on");
    let default = backend
        .get(&format!("/segments/{id}/history"))
        .await
        .ok(200);
    assert_eq!(default["points"], history["points"]);
}

#[tokio::test]
async fn at_each_point_a_history_has_the_users_of_that_instant() {
    let backend = Backend::with_data().await;
    let since = |days: u32| json!({"type": "ago", "from": {"count": days, "unit": "day"}, "to": {"count": 3, "unit": "day"}});
    for (number, definition) in [
        json!({"type": "not", "of": lately("View", 5)}),
        json!({"type": "event", "event": "Order", "compare": {"op": "at_most", "value": 1}, "during": since(20)}),
        json!({"type": "event", "event": "Order", "measure": {"of": "sum", "property": "amount"}, "compare": {"op": "less_than", "value": 25},
            "during": {"type": "last", "count": 3, "unit": "week"}}),
        json!({"type": "first_event", "event": null, "during": {"type": "last", "count": 2, "unit": "day"}}),
        json!({"type": "any", "of": [{"type": "not", "of": did("Order", 1)}, lately("Order", 1)]}),
        json!({"type": "users", "ids": ["ann", "dan", "eve"]}),
        json!({"type": "sequence", "steps": [{"event": "View"}, {"event": "Order"}], "within": {"of": "funnel", "count": 1, "unit": "day"},
            "during": {"type": "last", "count": 10, "unit": "day"}, "reached": 1, "not_reached": 2}),
        json!({"type": "cohort", "start": [{"event": "Order"}], "first_time": true, "return": {"event": "Order"}, "unit": "week",
            "started": {"type": "last", "count": 3, "unit": "week"}, "period": 1, "match": "on", "outcome": "not_returned"}),
        json!({"type": "event", "event": "View", "did": [{"performed": false, "event": "Order", "when": "after",
            "within": {"count": 2, "unit": "hour"}}], "during": {"type": "last", "count": 9, "unit": "day"}}),
    ]
    .into_iter()
    .enumerate()
    {
        let id = backend.made(&format!("S{number}"), "dynamic", definition).await;
        for more in ["&unit=day", "&unit=week&time_zone=Asia/Tokyo"] {
            let history = history(&backend, &id, "all_time", 0, more).await;
            let points = history["points"].as_array().unwrap();
            assert!(points.len() > 4);
            for point in points {
                let search = json!({"definition": in_segment(&id), "as_of": point["at"]});
                let found = backend.post("/users/search", search).await.ok(200);
                assert_eq!(found["total"], point["users"], "{number} {point}");
            }
        }
    }
}

#[tokio::test]
async fn a_history_tells_edits_from_what_happened() {
    let backend = Backend::with_data().await;
    backend.host.set("2026-02-10T12:00:00Z");
    let id = backend.made("Edited", "dynamic", did("Order", 1)).await;
    let around = backend.made("Around", "dynamic", in_segment(&id)).await;
    backend.host.set("2026-02-20T12:00:00Z");
    changed(&backend, &id, json!({"definition": did("View", 1)})).await;
    backend.host.set("2026-02-25T12:00:00Z");
    changed(&backend, &id, json!({"name": "Renamed"})).await;
    backend.host.set(NOW);
    let expected = [
        ("2026-02-02", [1, 0, 0], [0, 0, 0]),
        ("2026-02-04", [1, 0, 0], [0, 0, 0]),
        ("2026-02-21", [0, 0, 1], [0, 0, 0]),
    ];
    for id in [&id, &around] {
        let history = history(&backend, id, "last", 30, "").await;
        assert_eq!(moves(&history), expected);
    }
    changed(&backend, &id, json!({"kind": "static"})).await;
    changed(&backend, &id, json!({"definition": did("Order", 2)})).await;
    backend.host.set("2026-03-02T12:00:00Z");
    let history = history(&backend, &id, "last", 2, "").await;
    assert_eq!(sizes(&history), [1, 1]);
}

#[tokio::test]
async fn a_static_segment_changes_when_it_is_run_again() {
    let backend = Backend::with_data().await;
    backend.host.set("2026-02-02T12:00:00Z");
    let id = backend.made("Static", "static", did("Order", 1)).await;
    backend.host.set("2026-02-20T12:00:00Z");
    let rerun = format!("/segments/{id}/rerun");
    backend.post(&rerun, json!({"apply": true})).await.ok(200);
    changed(&backend, &id, json!({"description": "d"})).await;
    backend.host.set("2026-02-28T23:45:00Z");
    backend.post(&rerun, json!({"apply": true})).await.ok(200);
    backend.host.set(NOW);
    let history = history(&backend, &id, "last", 40, "").await;
    assert_eq!(
        sizes(&history)[0],
        1,
        "before it was made it has its first members"
    );
    assert_eq!(
        moves(&history),
        [
            ("2026-02-21", [0, 0, 1], [0, 0, 0]),
            ("2026-03-01", [0, 0, 1], [0, 0, 0]),
        ]
    );
}

#[tokio::test]
async fn the_history_of_what_is_not_saved_is_that_of_the_segment_made_of_it() {
    let backend = Backend::with_data().await;
    let inner = backend.made("Inner", "dynamic", did("View", 1)).await;
    let definition = json!({"type": "all", "of": [in_segment(&inner), lately("Order", 7)]});
    let id = backend.made("Saved", "dynamic", definition.clone()).await;
    for (kind, days, unit, zone) in [
        ("last", 30, "day", "UTC"),
        ("all_time", 0, "week", "Asia/Tokyo"),
    ] {
        let more = format!("&unit={unit}&time_zone={zone}");
        let saved = history(&backend, &id, kind, days, &more).await;
        let during = match kind {
            "last" => json!({"type": "last", "count": days, "unit": "day"}),
            other => json!({"type": other}),
        };
        let body =
            json!({"definition": definition, "during": during, "unit": unit, "time_zone": zone});
        let asked = backend.post("/segments/preview/history", body).await;
        let asked = asked.ok(200);
        assert_eq!(sizes(&asked), sizes(&saved), "{kind}");
        for member in ["as_of", "start", "end", "time_zone", "unit", "exact"] {
            assert_eq!(asked["stamp"][member], saved["stamp"][member], "{member}");
        }
    }
    // Of an earlier instant, where nothing else is said: its last point is what a preview says.
    let as_of = "2026-02-20T12:00:00.000Z";
    let body = json!({"definition": definition, "as_of": as_of});
    let asked = backend
        .post("/segments/preview/history", body.clone())
        .await;
    let asked = asked.ok(200);
    assert_eq!(asked["points"].as_array().unwrap().len(), 30);
    let preview = backend.post("/segments/preview", body).await.ok(200);
    let last = &asked["points"][29];
    assert_eq!(
        (&last["at"], &last["users"]),
        (&json!(as_of), &preview["users"])
    );
    // What is referred to is as it is now, at every point.
    let path = format!("/segments/{inner}");
    let tag = backend.tag(&path).await;
    let nobody = json!({"definition": {"type": "users", "ids": []}});
    backend.patch(&path, &tag, nobody).await.ok(200);
    let body = json!({"definition": definition});
    let changed = backend.post("/segments/preview/history", body).await;
    assert_eq!(sizes(&changed.ok(200)), [0; 30]);
}

#[tokio::test]
async fn what_the_history_of_a_definition_cannot_tell_is_refused() {
    let backend = Backend::with_data().await;
    let last = |count: u32, unit: &str| json!({"type": "last", "count": count, "unit": unit});
    for (body, expected) in [
        (
            json!({"definition": did("Order", 1), "unit": "hour", "during": last(20, "day")}),
            at("/unit", "out_of_range"),
        ),
        (
            json!({"definition": did("Order", 1), "during": last(0, "day")}),
            at("/during/count", "out_of_range"),
        ),
        (
            json!({"definition": in_segment("none")}),
            at("/definition/id", "unknown"),
        ),
        (
            json!({"definition": did("Order", 1), "time_zone": "Mars"}),
            at("/time_zone", "unknown_time_zone"),
        ),
    ] {
        let answer = backend.post("/segments/preview/history", body).await;
        assert_eq!(answer.refused(422, "invalid-input"), [expected]);
    }
    let empty = Backend::empty().await;
    let body = json!({"definition": did("Order", 1), "during": {"type": "all_time"}});
    let answer = empty.post("/segments/preview/history", body).await.ok(200);
    assert_eq!(sizes(&answer), [0]);
}

#[tokio::test]
async fn what_a_history_cannot_tell_is_refused() {
    let backend = Backend::with_data().await;
    let id = backend.made("One", "dynamic", did("Order", 1)).await;
    let path = format!("/segments/{id}/history");
    for (query, status, kind) in [
        (
            "?unit=hour&during=%7B%22type%22:%22last%22,%22count%22:20,%22unit%22:%22day%22%7D",
            422,
            "invalid-input",
        ),
        ("?unit=minute", 400, "malformed"),
        ("?during=%7B%22type%22:%22lst%22%7D", 400, "malformed"),
        (
            "?during=%7B%22type%22:%22last%22,%22count%22:0,%22unit%22:%22day%22%7D",
            422,
            "invalid-input",
        ),
        ("?time_zone=Mars", 422, "invalid-input"),
        ("?x=1", 400, "malformed"),
    ] {
        backend
            .get(&format!("{path}{query}"))
            .await
            .refused(status, kind);
    }
    backend
        .get("/segments/none/history")
        .await
        .refused(404, "not-found");
    let empty = Backend::empty().await;
    let id = empty.made("None", "dynamic", did("Order", 1)).await;
    let history = history(&empty, &id, "all_time", 0, "").await;
    assert_eq!(sizes(&history), [0]);
    let future = format!(
        "/segments/{id}/history?during=%7B%22type%22:%22since%22,%22from%22:%222027-01-01%22%7D"
    );
    let future = empty.get(&future).await.ok(200);
    assert_eq!(
        future["points"].as_array().unwrap().len(),
        1,
        "the end of an empty range"
    );
}
