//! What a question may cost.

use segments_model::limits::LIMITS;
use serde_json::{Value as Json, json};

use crate::support::{Backend, at, did, in_segment};

fn all(of: impl IntoIterator<Item = Json>) -> Json {
    json!({"definition": {"type": "all", "of": of.into_iter().collect::<Vec<_>>()}})
}

fn returned(period: u32) -> Json {
    json!({"type": "cohort", "start": [{"event": "View"}], "first_time": true, "return": {"event": "Order"}, "unit": "hour",
        "started": {"type": "all_time"}, "period": period, "match": "on", "outcome": "returned"})
}

#[tokio::test]
async fn limits_are_told() {
    let backend = Backend::empty().await;
    let project = backend.get("/project").await.ok(200);
    assert_eq!(project["limits"], serde_json::to_value(LIMITS).unwrap());
    assert_eq!(project["limits"]["question_ms"], 60_000);
}

#[tokio::test]
async fn what_would_take_long_is_refused_before_it_is_begun() {
    let backend = Backend::with_data().await;
    let mut definition = all((0..150).map(|_| returned(1_000_000)));
    definition["as_of"] = json!("9999-01-01T00:00:00Z");
    let told = backend
        .post("/segments/preview", definition)
        .await
        .refused(422, "invalid-input");
    assert_eq!(told.len(), 100);
    assert_eq!(told[0], at("/definition/of/0/period", "out_of_range"));

    let matches = |pattern: String| json!({"type": "user", "where": {"type": "property", "scope": "user", "name": "city", "op": "matches", "values": [pattern]}});
    for (definition, pointer) in [
        (
            all((0..150).map(|number| matches(format!("a{number}")))),
            "/definition/of/100/where/values/0",
        ),
        (
            all([matches("(?:a{1000}){1000}".to_owned())]),
            "/definition/of/0/where/values/0",
        ),
    ] {
        let told = backend.post("/segments/preview", definition).await;
        assert_eq!(
            told.refused(422, "invalid-input"),
            [at(pointer, "too_large")]
        );
    }
    // As far as it goes, the furthest period is looked up and not walked to.
    let mut definition = all((0..150).map(|_| returned(10_000)));
    definition["as_of"] = json!("9999-01-01T00:00:00Z");
    backend.post("/segments/preview", definition).await.ok(200);
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_stopped() {
    let backend = Backend::with_data().await;
    let preview = all([did("Order", 1), did("View", 1)]);
    backend.host.take(20_000);
    let answer = backend.post("/segments/preview", preview.clone()).await;
    assert_eq!(answer.refused(503, "over-budget"), []);
    assert_eq!(answer.header("retry-after"), "60");
    let exceeded = json!({"limit": "question_ms", "most": 60_000});
    assert_eq!(answer.json()["exceeded"], exceeded);
    backend.get("/project").await.ok(200);
    backend.host.take(0);
    backend.post("/segments/preview", preview).await.ok(200);
}

#[tokio::test]
async fn what_looks_wrong_is_looked_for_in_steps() {
    let backend = Backend::with_data().await;
    let segment = backend.made("A", "static", did("Order", 1)).await;
    let pauses = async |count: usize| {
        let definition = all((0..count).map(|_| in_segment(&segment)));
        backend.host.take(5);
        let before = backend.host.pauses();
        backend.post("/segments/preview", definition).await.ok(200);
        backend.host.pauses() - before
    };
    let (few, many) = (pauses(10).await, pauses(110).await);
    assert!(many - few >= 100, "{few} and {many}");
}
