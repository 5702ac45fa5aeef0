//! Why a user meets a definition.

use serde_json::{Value as Json, json};

use crate::support::{Backend, at, did, in_segment};

fn ordered_in_last(days: u32) -> Json {
    json!({"type": "event", "event": "Order", "during": {"type": "last", "count": days, "unit": "day"}})
}

async fn explained(backend: &Backend, user: &str, request: Json) -> Json {
    let path = format!("/users/{user}/explain");
    backend.post(&path, request).await.ok(200)
}

#[tokio::test]
async fn a_definition_is_explained_criterion_by_criterion() {
    let backend = Backend::with_data().await;
    let definition = json!({"type": "all", "of": [
        ordered_in_last(30),
        {"type": "user", "where": {"type": "property", "scope": "user", "name": "city", "op": "is", "values": ["Bern"]}},
    ]});
    let why = explained(&backend, "ann", json!({"definition": definition})).await;
    assert_eq!(why["definition"], definition);
    assert_eq!(why["holds"], false);
    assert!(why["sentence"].as_str().unwrap().contains("Order"));
    assert_eq!(why["stamp"]["as_of"], "2026-03-01T12:00:00.000Z");
    assert_eq!(why["stamp"]["unit"], "users");
    assert_eq!(
        why["flip"],
        json!([{"pointers": ["/of/1"], "to": true}]),
        "the city alone is in the way"
    );
    assert_eq!(why["flips_at"], Json::Null);
    let pointers: Vec<&Json> = why["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|criterion| &criterion["pointer"])
        .collect();
    assert_eq!(pointers, ["", "/of/0", "/of/1"]);
    assert_eq!(
        why["criteria"][1],
        json!({
            "pointer": "/of/0",
            "holds": true,
            "found": {
                "of": "figure",
                "value": 2.0,
                "compare": {"op": "at_least", "value": 1.0},
                "start": "2026-01-31T00:00:00.000Z",
                "end": "2026-03-01T12:00:00.000Z",
                "events": [
                    {"event": "Order", "time": "2026-02-20T11:00:00.000Z"},
                    {"event": "Order", "time": "2026-02-01T11:00:00.000Z"},
                ],
                "events_total": 2,
            },
            "flips_at": "2026-03-22T00:00:00.000Z",
        })
    );
    assert_eq!(
        why["criteria"][2]["found"]["conditions"][0]["value"],
        "Zürich"
    );
    assert_eq!(
        why["criteria"][2]["found"]["conditions"][0]["pointer"],
        "/of/1/where"
    );
}

#[tokio::test]
async fn a_segment_is_explained_in_its_own_zone() {
    let backend = Backend::with_data().await;
    let body = json!({"name": "lately", "kind": "dynamic", "definition": ordered_in_last(2),
        "time_zone": "Asia/Kathmandu"});
    let segment = backend.post("/segments", body).await.ok(201)["id"].clone();
    let why = explained(&backend, "dan", json!({"segment": segment})).await;
    assert_eq!(why["holds"], true);
    assert_eq!(why["stamp"]["time_zone"], "Asia/Kathmandu");
    // In Nepal the order was on 1 March, so it counts until the end of 2 March there.
    assert_eq!(why["flips_at"], "2026-03-02T18:15:00.000Z");
    let utc = json!({"segment": segment, "time_zone": "UTC"});
    let why = explained(&backend, "dan", utc).await;
    assert_eq!(why["flips_at"], "2026-03-02T00:00:00.000Z");
}

#[tokio::test]
async fn a_static_segment_is_explained_as_of_when_it_was_found() {
    let backend = Backend::with_data().await;
    let segment = backend.made("then", "static", ordered_in_last(2)).await;
    backend.host.set("2026-04-01T00:00:00Z");
    let why = explained(&backend, "dan", json!({"segment": segment})).await;
    assert_eq!(why["stamp"]["as_of"], "2026-03-01T12:00:00.000Z");
    assert_eq!(
        (&why["holds"], &why["flips_at"]),
        (&json!(true), &Json::Null)
    );
    assert_eq!(why["criteria"][0].get("flips_at"), None);
    let later = json!({"segment": segment, "as_of": "2026-04-01T00:00:00Z"});
    assert_eq!(explained(&backend, "dan", later).await["holds"], false);
    // Where another definition refers to it, its members are what they were.
    let why = explained(&backend, "dan", json!({"definition": in_segment(&segment)})).await;
    assert_eq!(why["holds"], true);
    assert_eq!(why["stamp"]["as_of"], "2026-04-01T00:00:00.000Z");
    assert_eq!(
        why["criteria"][0]["found"],
        json!({"of": "segment", "id": segment, "as_of": "2026-03-01T12:00:00.000Z"})
    );
}

#[tokio::test]
async fn what_cannot_be_explained_is_refused() {
    let backend = Backend::with_data().await;
    let ask = async |user: &str, request: Json| {
        let path = format!("/users/{user}/explain");
        backend.post(&path, request).await
    };
    let definition = did("Order", 1);
    ask("nobody", json!({"definition": definition}))
        .await
        .refused(404, "not-found");
    let before = json!({"definition": definition, "as_of": "2026-02-01T00:00:00Z"});
    ask("dan", before).await.refused(404, "not-found");
    let neither = ask("ann", json!({})).await.refused(422, "invalid-input");
    assert_eq!(neither, [at("", "not_allowed")]);
    let both = json!({"definition": definition, "segment": "x"});
    let both = ask("ann", both).await.refused(422, "invalid-input");
    assert_eq!(both, [at("", "not_allowed")]);
    let unknown = ask("ann", json!({"segment": "x"})).await;
    assert_eq!(
        unknown.refused(422, "invalid-input"),
        [at("/segment", "unknown")]
    );
    let unknown = ask("ann", json!({"definition": in_segment("x")})).await;
    assert_eq!(
        unknown.refused(422, "invalid-input"),
        [at("/definition/id", "unknown")]
    );
    let wrong = ask(
        "ann",
        json!({"definition": {"type": "event", "event": "",
        "during": {"type": "all_time"}}}),
    )
    .await;
    assert_eq!(
        wrong.refused(422, "invalid-input"),
        [at("/definition/event", "empty")]
    );
    let zone = json!({"definition": definition, "time_zone": "Mars"});
    assert_eq!(
        ask("ann", zone).await.refused(422, "invalid-input"),
        [at("/time_zone", "unknown_time_zone")]
    );
}
