//! Users and their events.

use segments_backend::{Catalog as _, Change, Collection};
use serde_json::{Value as Json, json};

use crate::support::{Backend, at, did, in_segment};

fn ids(page: &Json) -> Vec<String> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn users_are_listed_searched_and_sorted() {
    let backend = Backend::with_data().await;
    let page = backend.post("/users/search", json!({})).await.ok(200);
    assert_eq!(ids(&page), ["ann", "bea", "cid", "dan", "eve"]);
    assert_eq!(
        (&page["total"], &page["next_cursor"]),
        (&json!(5), &Json::Null)
    );
    assert_eq!(page["stamp"]["unit"], "users");
    let page = backend
        .post(
            "/users/search",
            json!({"definition": did("Order", 1), "columns": ["events", "city"], "sort": {"by": "events", "descending": true}}),
        )
        .await
        .ok(200);
    assert_eq!(ids(&page), ["ann", "bea", "dan"]);
    assert_eq!(
        page["items"][0]["values"],
        json!({"events": 3.0, "city": "Zürich"})
    );
    assert_eq!(page["items"][2]["values"], json!({"events": 1.0}));
    let page = backend
        .post(
            "/users/search",
            json!({"search": "AAR", "columns": ["city"]}),
        )
        .await
        .ok(200);
    assert_eq!(ids(&page), ["bea"]);
    let early = json!({"as_of": "2026-02-03T00:00:00Z"});
    let page = backend.post("/users/search", early).await.ok(200);
    assert_eq!(ids(&page), ["ann", "bea", "eve"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_search_is_told_at_its_place() {
    let backend = Backend::with_data().await;
    let wrong = json!({"columns": ["city", "town"], "sort": {"by": "size"}, "limit": 0,
        "definition": {"type": "event", "event": "", "during": {"type": "last", "count": 0, "unit": "day"}}});
    let errors = backend
        .post("/users/search", wrong)
        .await
        .refused(422, "invalid-input");
    for place in [
        "/columns/1",
        "/sort/by",
        "/limit",
        "/definition/event",
        "/definition/during/count",
    ] {
        assert!(
            errors.iter().any(|(pointer, _)| pointer == place),
            "{place} in {errors:?}"
        );
    }
    let errors = backend
        .post("/users/search", json!({"definition": in_segment("none")}))
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/definition/id", "unknown")]);
    let errors = backend
        .post("/users/search", json!({"time_zone": "Mars"}))
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/time_zone", "unknown_time_zone")]);
    let sequence = json!({"type": "all", "of": [{"type": "sequence", "steps": [{"event": "View"}, {"event": "Order"}],
        "during": {"type": "all_time"}, "reached": 3}]});
    let errors = backend
        .post("/users/search", json!({"definition": sequence}))
        .await
        .refused(422, "invalid-input");
    assert_eq!(errors, [at("/definition/of/0/reached", "out_of_range")]);
}

#[tokio::test]
async fn pages_fit_together_and_end_with_their_data() {
    let backend = Backend::with_data().await;
    let question = |cursor: Option<&str>| {
        let mut question = json!({"limit": 2, "sort": {"by": "id", "descending": true}});
        if let Some(cursor) = cursor {
            question["cursor"] = json!(cursor);
        }
        question
    };
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    let first = backend.post("/users/search", question(None)).await.ok(200);
    let first_cursor = first["next_cursor"].as_str().unwrap().to_owned();
    loop {
        let page = backend
            .post("/users/search", question(cursor.as_deref()))
            .await
            .ok(200);
        seen.extend(ids(&page));
        // Time goes on between pages, and the question stays the one of the first page.
        backend.host.set("2026-03-02T00:00:00Z");
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen, ["eve", "dan", "cid", "bea", "ann"]);

    let mut other = question(Some(&first_cursor));
    other["search"] = json!("a");
    backend
        .post("/users/search", other)
        .await
        .refused(400, "malformed");
    backend
        .post("/users/search", question(Some("x")))
        .await
        .refused(400, "malformed");
    backend
        .put(
            "/imports/3?kind=events",
            "user,event,time\nfay,View,2026-02-05\n",
        )
        .await
        .ok(201);
    backend
        .post("/users/search", question(Some(&first_cursor)))
        .await
        .refused(410, "cursor-gone");
}

#[tokio::test]
async fn a_user_is_told_with_properties_events_and_activity() {
    let backend = Backend::with_data().await;
    let ann = backend.get("/users/ann").await.ok(200);
    assert_eq!((&ann["id"], &ann["events"]), (&json!("ann"), &json!(3)));
    assert_eq!(ann["first_event_at"], "2026-02-01T10:00:00.000Z");
    assert_eq!(
        ann["properties"],
        json!([
            {"name": "age", "type": "number", "value": 30.0},
            {"name": "city", "type": "string", "value": "Zürich"},
            {"name": "member", "type": "boolean", "value": true}
        ])
    );
    assert_eq!(
        backend.get("/users/cid").await.ok(200)["properties"][0]["value"],
        Json::Null
    );
    backend.get("/users/nobody").await.refused(404, "not-found");
    backend
        .get("/users/dan?as_of=2026-02-01T00:00:00Z")
        .await
        .refused(404, "not-found");
    backend
        .get("/users/ann?time_zone=Mars")
        .await
        .refused(422, "invalid-input");

    let events = backend.get("/users/ann/events?limit=2").await.ok(200);
    assert_eq!(events["total"], 3);
    assert_eq!(events["items"][0]["time"], "2026-02-20T11:00:00.000Z");
    assert_eq!(
        events["items"][0]["properties"],
        json!({"amount": 30.0, "paid": "cash"})
    );
    let cursor = events["next_cursor"].as_str().unwrap();
    let rest = backend
        .get(&format!("/users/ann/events?limit=2&cursor={cursor}"))
        .await
        .ok(200);
    assert_eq!(rest["items"][0]["event"], "View");
    assert_eq!(rest["next_cursor"], Json::Null);
    let during = "%7B%22type%22%3A%22between%22%2C%22from%22%3A%222026-02-01%22%2C%22to%22%3A%222026-02-01%22%7D";
    let events = backend
        .get(&format!("/users/ann/events?event=Order&during={during}"))
        .await
        .ok(200);
    assert_eq!(events["total"], 1);
    backend
        .get("/users/ann/events?during=lately")
        .await
        .refused(400, "malformed");
    backend
        .get("/users/ann/events?during=%7B%22type%22%3A%22last%22%2C%22count%22%3A0%2C%22unit%22%3A%22day%22%7D")
        .await
        .refused(422, "invalid-input");
    backend
        .get("/users/ann/events?limit=501")
        .await
        .refused(422, "invalid-input");

    let activity = backend.get("/users/ann/activity?unit=week").await.ok(200);
    let counts: Vec<&Json> = activity["buckets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bucket| &bucket["events"])
        .collect();
    assert_eq!(counts, [&json!(2), &json!(0), &json!(0), &json!(1)]);
    assert_eq!(activity["stamp"]["unit"], "events");
    backend
        .get("/users/ann/activity?unit=decade")
        .await
        .refused(400, "malformed");
}

#[tokio::test]
async fn a_user_is_told_with_the_segments_that_hold_it() {
    let backend = Backend::with_data().await;
    let often = backend.made("often", "dynamic", did("Order", 2)).await;
    backend.made("Once", "dynamic", did("Order", 1)).await;
    backend.made("nested", "static", in_segment(&often)).await;
    let archived = backend.made("old", "dynamic", did("View", 1)).await;
    backend
        .act(&format!("/segments/{archived}/archive"))
        .await
        .ok(200);
    let names = |json: Json| -> Vec<String> {
        json["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(backend.get("/users/ann/segments").await.ok(200)),
        ["nested", "often", "Once"]
    );
    assert_eq!(
        names(backend.get("/users/dan/segments").await.ok(200)),
        ["Once"]
    );
    assert!(names(backend.get("/users/cid/segments").await.ok(200)).is_empty());
}

#[tokio::test]
async fn a_segment_that_cannot_be_evaluated_hides_no_other() {
    let backend = Backend::with_data().await;
    backend.made("Fine", "dynamic", did("Order", 1)).await;
    let lost = backend.made("Lost", "static", did("Order", 1)).await;
    let of_lost = json!({"type": "any", "of": [in_segment(&lost), did("Order", 1)]});
    backend.made("Of the lost", "dynamic", of_lost).await;
    backend.made("Still", "static", did("Order", 1)).await;
    let record = backend.catalog.get(Collection::Members, &lost).await;
    let record = record.unwrap().unwrap();
    let gone = Change::Delete {
        collection: record.collection,
        id: record.id,
        expected: record.revision,
    };
    backend.catalog.commit(vec![gone]).await.unwrap();
    let found = backend.get("/users/ann/segments").await.ok(200);
    let names = |member: &str| -> Vec<String> {
        let items = found[member].as_array().unwrap().iter();
        items
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("items"), ["Fine", "Still"]);
    assert_eq!(names("failed"), ["Lost", "Of the lost"]);
    let detail = found["failed"][1]["detail"].as_str().unwrap();
    assert!(detail.contains(&lost), "{detail}");
}
