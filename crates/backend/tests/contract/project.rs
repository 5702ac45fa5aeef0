//! The project, the dictionary, and what is no call at all.

use axum::body::Body;
use http::Method;
use serde_json::json;

use crate::support::{Backend, NOW, at};

#[tokio::test]
async fn the_project_tells_what_there_is() {
    let backend = Backend::empty().await;
    let project = backend.get("/project").await.ok(200);
    assert_eq!(project["time_zone"], "UTC");
    assert_eq!(project["now"], NOW);
    assert_eq!(project["data"]["source"], "empty");
    assert_eq!(project["data"]["users"], 0);
    assert_eq!(project["me"]["id"], "me");
    assert_eq!(project["capabilities"]["reset"], false);
    assert_eq!(
        project["capabilities"]["tools"],
        json!(["segmentation", "funnel", "cohort"])
    );

    let backend = Backend::with_data().await;
    let data = backend.get("/project").await.ok(200)["data"].clone();
    assert_eq!(data["source"], "imported");
    assert_eq!((&data["events"], &data["users"]), (&json!(7), &json!(5)));
    assert_eq!(data["first_event_at"], "2026-02-01T10:00:00.000Z");
    assert_eq!(data["last_event_at"], "2026-02-28T23:30:00.000Z");
}

#[tokio::test]
async fn the_project_is_changed_by_whoever_knows_it() {
    let backend = Backend::empty().await;
    let tag = backend.tag("/project").await;
    let patch = json!({"name": " Shop ", "time_zone": "Europe/Zurich"});
    backend
        .send(
            Method::PATCH,
            "/project",
            &[("content-type", "application/json")],
            patch.to_string().into(),
        )
        .await
        .refused(428, "match-missing");
    let changed = backend.patch("/project", &tag, patch.clone()).await;
    let project = changed.ok(200);
    assert_eq!(
        (&project["name"], &project["time_zone"]),
        (&json!("Shop"), &json!("Europe/Zurich"))
    );
    backend
        .patch("/project", &tag, patch)
        .await
        .refused(412, "stale");
    let tag = changed.tag();
    for (patch, status, kind, errors) in [
        (
            json!({"time_zone": "Mars"}),
            422,
            "invalid-input",
            vec![at("/time_zone", "unknown_time_zone")],
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
            json!({"color": 1}),
            400,
            "malformed",
            vec![at("/color", "malformed")],
        ),
    ] {
        let answer = backend.patch("/project", &tag, patch).await;
        assert_eq!(answer.refused(status, kind), errors);
    }
    assert_eq!(
        backend.again().await.get("/project").await.ok(200)["name"],
        "Shop"
    );
    backend
        .act("/project/reset")
        .await
        .refused(403, "forbidden");
}

#[tokio::test]
async fn the_dictionary_tells_what_the_data_has() {
    let backend = Backend::with_data().await;
    let dictionary = backend.get("/dictionary").await.ok(200);
    assert_eq!(dictionary["events"][0]["name"], "Order");
    assert_eq!(dictionary["events"][0]["volume"], 4);
    assert_eq!(
        dictionary["events"][0]["properties"],
        json!(["amount", "paid"])
    );
    assert_eq!(dictionary["event_properties"][0]["type"], "number");
    let names: Vec<&str> = dictionary["user_properties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["city", "member", "age"], "the fullest first");
    let early = backend
        .get("/dictionary?as_of=2026-02-01T10:30:00Z")
        .await
        .ok(200);
    assert_eq!(early["events"].as_array().unwrap().len(), 1);
    backend
        .get("/dictionary?as_of=yesterday")
        .await
        .refused(400, "malformed");

    let values = backend
        .get("/dictionary/event_properties/paid/values")
        .await
        .ok(200);
    assert_eq!(values["items"][0], json!({"value": "card", "count": 3}));
    let values = backend
        .get("/dictionary/user_properties/city/values?search=Z%C3%BC&limit=1")
        .await
        .ok(200);
    assert_eq!(
        (&values["items"][0]["value"], &values["total"]),
        (&json!("Zürich"), &json!(1))
    );
    backend
        .get("/dictionary/event_properties/none/values")
        .await
        .refused(404, "not-found");
    backend
        .get("/dictionary/kinds/paid/values")
        .await
        .refused(404, "not-found");
    backend
        .get("/dictionary/events/Order/values?limit=0")
        .await
        .refused(422, "invalid-input");
}

#[tokio::test]
async fn what_is_no_call_is_a_problem_too() {
    let backend = Backend::empty().await;
    backend.get("/nothing").await.refused(404, "not-found");
    backend
        .get("/segments/x/y/z")
        .await
        .refused(404, "not-found");
    let answer = backend
        .send(Method::PUT, "/project", &[], Body::empty())
        .await;
    answer.refused(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD,PATCH");
    backend
        .get("/project?verbose=1")
        .await
        .refused(400, "malformed");
    backend.get("/users/%FF").await.refused(400, "malformed");

    let large = format!("{{\"ids\": [\"{}\"]}}", "x".repeat(1 << 20));
    let json = [("content-type", "application/json")];
    backend
        .send(Method::POST, "/segments/evaluate", &json, large.into())
        .await
        .refused(413, "too-large");
    backend
        .send(
            Method::POST,
            "/segments/evaluate",
            &json,
            "{\"ids\": [".into(),
        )
        .await
        .refused(400, "malformed");
    backend
        .send(
            Method::POST,
            "/segments/evaluate",
            &[("content-type", "text/plain")],
            "{\"ids\": []}".into(),
        )
        .await
        .refused(415, "media-type");
    backend
        .send(
            Method::POST,
            "/project/reset",
            &[],
            "{\"now\": true}".into(),
        )
        .await
        .refused(400, "malformed");
}
