//! The queries of the tools, and what is clicked in their answers.

use std::future::poll_fn;
use std::task::Poll;

use serde_json::{Value as Json, json};

use crate::support::{Backend, NOW, at, did, in_segment};

fn with(mut body: Json, changes: Json) -> Json {
    for (member, value) in changes.as_object().unwrap() {
        body[member] = value.clone();
    }
    body
}

/// How many orders, by how many users, each month.
fn orders() -> Json {
    json!({"tool": "segmentation", "measures": [
            {"event": "Order", "aggregate": {"of": "total"}},
            {"event": "Order", "aggregate": {"of": "users"}},
            {"event": "Order", "aggregate": {"of": "sum", "property": "amount"}}],
        "during": {"type": "last", "count": 2, "unit": "month"}, "interval": "month"})
}

/// From looking to ordering.
fn funnel() -> Json {
    json!({"tool": "funnel", "steps": [{"event": "View"}, {"event": "Order"}], "during": {"type": "all_time"}})
}

/// Who orders again.
fn cohort() -> Json {
    json!({"tool": "cohort", "start": [{"event": "Order"}], "first_time": true, "return": {"event": "Order"},
        "unit": "week", "periods": 3, "match": "on", "during": {"type": "last", "count": 5, "unit": "week"}})
}

fn values(answer: &Json) -> Vec<Json> {
    let series = answer["series"].as_array().unwrap();
    series
        .iter()
        .map(|series| series["values"].clone())
        .collect()
}

#[tokio::test]
async fn a_query_is_answered_with_its_stamp() {
    let backend = Backend::with_data().await;
    let answer = backend.post("/query", orders()).await.ok(200);
    assert_eq!(answer["tool"], "segmentation");
    assert_eq!(
        values(&answer),
        [json!([4.0, 0.0]), json!([3.0, 0.0]), json!([56.5, 0.0])]
    );
    let data = backend.get("/project").await.ok(200)["data"].clone();
    let stamp = &answer["stamp"];
    assert_eq!((&stamp["as_of"], &stamp["end"]), (&json!(NOW), &json!(NOW)));
    assert_eq!(stamp["start"], "2026-02-01T00:00:00.000Z");
    assert_eq!(
        (&stamp["time_zone"], &stamp["exact"]),
        (&json!("UTC"), &json!(true))
    );
    assert_eq!(stamp["data_version"], data["version"]);

    let early = json!({"as_of": "2026-02-15T00:00:00Z", "time_zone": "europe/zurich"});
    let early = backend.post("/query", with(orders(), early)).await.ok(200);
    assert_eq!(values(&early)[0], json!([0.0, 2.0]));
    assert_eq!(early["stamp"]["time_zone"], "Europe/Zurich");

    let funnel = backend.post("/query", funnel()).await.ok(200);
    let steps: Vec<&Json> = funnel["groups"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(
        (&steps[0]["users"], &steps[1]["users"]),
        (&json!(3), &json!(2))
    );
    let cohort = backend.post("/query", cohort()).await.ok(200);
    assert_eq!(cohort["overall"]["users"], 3);
    assert_eq!(cohort["rows"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_query_finds_nothing_where_there_is_nothing() {
    let backend = Backend::empty().await;
    let answer = backend.post("/query", orders()).await.ok(200);
    assert_eq!(values(&answer)[1], json!([0.0, 0.0]));
    let funnel = backend.post("/query", funnel()).await.ok(200);
    assert_eq!(funnel["groups"][0]["users"], 0);
    let cohort = backend.post("/query", cohort()).await.ok(200);
    assert_eq!(cohort["overall"]["users"], 0);
}

#[tokio::test]
async fn a_query_asks_of_segments_as_they_are() {
    let backend = Backend::with_data().await;
    let id = backend.made("Viewers", "dynamic", did("View", 1)).await;
    let around = backend.made("Around", "dynamic", in_segment(&id)).await;
    let asked =
        json!({"audience": in_segment(&around), "interval": "full", "group_by": [{"segment": id}]});
    let asked = with(orders(), asked);
    let answer = backend.post("/query", asked.clone()).await.ok(200);
    assert_eq!(values(&answer)[1], json!([2.0]));
    assert_eq!(answer["series"][1]["group"], json!([true]));
    let again = backend
        .post("/query", with(asked.clone(), json!({"as_of": NOW})))
        .await;
    assert_eq!(again.ok(200), answer, "the same question, its as-of given");

    let path = format!("/segments/{id}");
    let tag = backend.tag(&path).await;
    let body = json!({"definition": did("Order", 2)});
    backend.patch(&path, &tag, body).await.ok(200);
    let changed = backend.post("/query", asked.clone()).await.ok(200);
    assert_eq!(
        values(&changed)[1],
        json!([1.0]),
        "no answer outlives its question"
    );
    let more = "user,event,time\nann,Order,2026-02-25 10:00:00\n";
    backend.put("/imports/3?kind=events", more).await.ok(201);
    let more = backend.post("/query", asked).await.ok(200);
    assert_eq!(values(&more)[0], json!([3.0]), "nor its data");
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told_at_its_place() {
    let backend = Backend::with_data().await;
    for (query, status, errors) in [
        (
            json!({"tool": "funel"}),
            400,
            vec![at("/tool", "malformed")],
        ),
        (
            with(orders(), json!({"x": 1})),
            400,
            vec![at("/x", "malformed")],
        ),
        (
            with(funnel(), json!({"steps": [{"evnt": "A"}]})),
            400,
            vec![
                at("/steps/0/evnt", "malformed"),
                at("/steps/0", "malformed"),
            ],
        ),
        (
            with(orders(), json!({"measures": []})),
            422,
            vec![at("/measures", "empty")],
        ),
        (
            with(orders(), json!({"time_zone": "Mars"})),
            422,
            vec![at("/time_zone", "unknown_time_zone")],
        ),
        (
            with(orders(), json!({"group_by": [{"segment": "none"}]})),
            422,
            vec![at("/group_by/0/segment", "unknown")],
        ),
        (
            with(
                cohort(),
                json!({"generation": {"of": "segment", "id": "none"}}),
            ),
            422,
            vec![at("/generation/id", "unknown")],
        ),
        (
            with(
                funnel(),
                json!({"audience": {"type": "not", "of": in_segment("none")}}),
            ),
            422,
            vec![at("/audience/of/id", "unknown")],
        ),
    ] {
        let kind = if status == 400 {
            "malformed"
        } else {
            "invalid-input"
        };
        let answer = backend.post("/query", query.clone()).await;
        assert_eq!(answer.refused(status, kind), errors, "{query}");
        // The same query in a selection stands deeper.
        let request = json!({"query": query, "selection": {"measure": 0}});
        let answer = backend.post("/selection", request).await;
        if status == 422 && query["tool"] == "segmentation" {
            let deeper: Vec<_> = errors
                .iter()
                .map(|(pointer, code)| at(&format!("/query{pointer}"), code))
                .collect();
            assert_eq!(answer.refused(status, kind), deeper, "{query}");
        } else {
            assert!(answer.status.is_client_error(), "{query}");
        }
    }
}

#[tokio::test]
async fn what_was_clicked_is_what_the_segment_holds() {
    let backend = Backend::with_data().await;
    let users = async |query: Json, selection: Json| {
        let request = json!({"query": query, "selection": selection});
        let selected = backend.post("/selection", request).await.ok(200);
        let search = json!({"definition": selected["definition"], "as_of": selected["as_of"], "time_zone": selected["time_zone"]});
        let found = backend.post("/users/search", search).await.ok(200)["total"].clone();
        assert_eq!(found, selected["users"], "{selected}");
        assert!(!selected["sentence"].as_str().unwrap().is_empty());
        found.as_u64().unwrap()
    };
    let february = json!("2026-02-01T00:00:00.000Z");
    assert_eq!(
        users(orders(), json!({"measure": 0, "bucket": february})).await,
        3
    );
    assert_eq!(users(orders(), json!({"measure": 2})).await, 3);
    let paid = with(
        orders(),
        json!({"group_by": [{"scope": "event", "name": "paid"}, {"scope": "user", "name": "city"}]}),
    );
    assert_eq!(
        users(paid.clone(), json!({"measure": 0, "group": ["card", null]})).await,
        1
    );
    assert_eq!(
        users(funnel(), json!({"step": 1, "outcome": "reached"})).await,
        3
    );
    assert_eq!(
        users(funnel(), json!({"step": 1, "outcome": "dropped"})).await,
        1
    );
    let ways = with(
        funnel(),
        json!({"steps": [{"event": "View"}, {"event": "Order", "optional": true}, {"event": "Order"}], "group_by": null}),
    );
    let answer = backend.post("/query", ways.clone()).await.ok(200);
    let paths = answer["groups"][0]["paths"].as_array().unwrap();
    assert!(paths.len() > 1, "{answer}");
    for path in paths {
        let selection = json!({"path": path["steps"]});
        assert_eq!(users(ways.clone(), selection).await, path["users"]);
    }
    let week = json!("2026-01-26T00:00:00.000Z");
    let row = json!({"generation": week, "outcome": "started"});
    assert_eq!(users(cohort(), row).await, 1);
    let back = json!({"generation": week, "period": 3, "outcome": "returned"});
    assert_eq!(users(cohort(), back).await, 1);

    let refused = async |query: Json, selection: Json| {
        let request = json!({"query": query, "selection": selection});
        let answer = backend.post("/selection", request).await;
        let errors = answer.refused(422, "invalid-input");
        errors
            .into_iter()
            .map(|(pointer, _)| pointer)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        refused(orders(), json!({"measure": 3})).await,
        ["/selection/measure"]
    );
    assert_eq!(
        refused(paid, json!({"measure": 0, "group": ["card"]})).await,
        ["/selection/group"]
    );
    assert_eq!(
        refused(ways, json!({"path": [1, 2, 4]})).await,
        ["/selection/path/2"]
    );
    assert_eq!(
        refused(funnel(), json!({"path": [1, 2]})).await,
        ["/selection/path"]
    );
    let nothing = json!({"query": orders()});
    assert_eq!(
        backend
            .post("/selection", nothing)
            .await
            .refused(400, "malformed"),
        [at("", "malformed")]
    );
}

#[tokio::test]
async fn whoever_does_not_wait_stops_the_work() {
    let backend = Backend::with_data().await;
    let mut ids = Vec::new();
    for number in 0..20 {
        let definition = json!({"type": "all", "of": [did("Order", 1), did("View", number)]});
        ids.push(
            backend
                .made(&format!("Segment {number}"), "dynamic", definition)
                .await,
        );
    }
    backend.host.be_slow();
    let path = format!("/segments/{}/relations", ids[0]);
    let before = backend.host.pauses();
    let all = backend.get(&path).await.ok(200);
    assert!(
        backend.host.pauses() - before >= 19,
        "others have their turn between segments"
    );
    let told = ["same", "inside", "around", "apart", "overlapping"];
    let told = told.map(|kind| all[kind].as_array().unwrap().len());
    assert_eq!(told.iter().sum::<usize>(), 19);

    let history = format!("/segments/{}/history", ids[0]);
    let early = format!("{path}?as_of=2026-02-20T00:00:00Z");
    for path in [&history, &early] {
        let before = backend.host.pauses();
        {
            let mut waiting = std::pin::pin!(backend.get(path));
            while backend.host.pauses() < before + 3 {
                let polled = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context)));
                assert!(polled.await.is_pending());
            }
        }
        let then = backend.host.pauses();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(backend.host.pauses(), then, "{path}");
    }
}

fn without_time_taken(mut answer: Json) -> Json {
    answer["stamp"]["took_ms"] = Json::Null;
    answer
}

#[tokio::test]
async fn what_is_asked_again_is_answered_again_while_nothing_changes() {
    let backend = Backend::with_data().await;
    let later = "2026-03-01T12:00:07.123Z";
    let limited = json!({"within": {"of": "funnel", "count": 1, "unit": "day"}});
    for (query, is_kept) in [
        (orders(), true),
        (funnel(), true),
        (cohort(), true),
        (with(funnel(), limited), false),
        (with(orders(), json!({"interval": "full"})), true),
    ] {
        backend.host.set(NOW);
        backend.host.be_quick();
        let first = backend.post("/query", query.clone()).await.ok(200);
        assert_eq!(first["stamp"]["took_ms"], 0.0);
        backend.host.set(later);
        backend.host.be_slow();
        let again = backend.post("/query", query.clone()).await.ok(200);
        assert_eq!(again["stamp"]["took_ms"] == 0.0, is_kept, "{query}");
        let mut moved = first.clone();
        for stamp in ["as_of", "end"] {
            assert_eq!(again["stamp"][stamp], later);
            moved["stamp"][stamp] = json!(later);
        }
        let buckets = moved.get_mut("buckets").and_then(Json::as_array_mut);
        if let Some(last) = buckets.and_then(|buckets| buckets.last_mut()) {
            last["end"] = json!(later);
        }
        assert_eq!(
            without_time_taken(again),
            without_time_taken(moved),
            "{query}"
        );
    }

    // Whoever asks for users again asks the clock once only, and does not work.
    backend.host.be_slow();
    let took = async |search: Json| {
        let page = backend.post("/users/search", search).await.ok(200);
        page["stamp"]["took_ms"].as_f64().unwrap()
    };
    let hour = json!({"type": "event", "event": "Order", "during": {"type": "last", "count": 20, "unit": "hour"}});
    let search = json!({"definition": hour});
    backend.host.set(NOW);
    let first = took(search.clone()).await;
    backend.host.set(later);
    assert!(took(search.clone()).await < first);
    backend.host.set("2026-03-01T13:00:00Z");
    let in_time = took(search).await;
    assert!((in_time - first).abs() < 1.0, "{in_time} {first}");
}

#[tokio::test]
async fn an_answer_that_is_given_again_is_the_one_that_would_be_worked_out() {
    let backend = Backend::with_data().await;
    let joined = "user,joined\nann,2026-02-28\nbea,2026-03-01\ncid,2026-03-02\n";
    backend.put("/imports/3?kind=users", joined).await.ok(201);
    let last = |count: u32, unit: &str| json!({"type": "last", "count": count, "unit": unit});
    let ranges = [
        json!({"type": "all_time"}),
        last(7, "day"),
        last(30, "hour"),
        json!({"type": "last", "count": 2, "unit": "day", "complete": true}),
        json!({"type": "this", "unit": "month"}),
        json!({"type": "between", "from": "2026-02-20", "to": "2026-03-01"}),
        json!({"type": "ago", "from": {"count": 40, "unit": "hour"}, "to": {"count": 1, "unit": "hour"}}),
    ];
    let mut asked = Vec::new();
    for during in &ranges {
        for interval in ["hour", "day", "full"] {
            let compare =
                json!({"during": during, "interval": interval, "compare": "previous_range"});
            asked.push(("/query", with(orders(), compare)));
        }
        let funnel = with(funnel(), json!({"during": during, "interval": "day"}));
        let limit = json!({"within": {"of": "step", "count": 36, "unit": "hour"}});
        asked.push(("/query", with(funnel.clone(), limit)));
        asked.push(("/query", funnel));
        asked.push(("/query", with(cohort(), json!({"during": during}))));
        let event = json!({"type": "event", "event": "Order", "during": during});
        let joined = json!({"type": "user", "where": {"type": "property", "scope": "user", "name": "joined",
            "op": "in_last", "values": [], "during": during}});
        let came_back = json!({"type": "cohort", "start": [{"event": "Order"}], "first_time": true,
            "return": {"event": "Order"}, "unit": "week", "started": during, "match": "on", "outcome": "not_returned"});
        for definition in [event, joined, came_back] {
            asked.push((
                "/users/search",
                json!({"definition": {"type": "not", "of": definition}}),
            ));
        }
    }
    // Around the last event, the ends of hours, days and months, there and back.
    let instants = [
        "2026-02-28T23:29:59.999Z",
        "2026-02-28T23:30:00.000Z",
        "2026-02-28T23:30:00.001Z",
        "2026-02-28T23:59:59.999Z",
        "2026-03-01T00:00:00.000Z",
        "2026-03-01T00:00:00.001Z",
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:00:00.001Z",
        "2026-03-01T12:59:59.999Z",
        "2026-03-01T13:00:00.000Z",
        "2026-03-08T00:00:00.000Z",
        "2026-03-08T00:00:00.001Z",
        "2026-03-09T00:00:00.001Z",
    ];
    for as_of in instants.iter().chain(instants.iter().rev()) {
        let fresh = backend.again().await;
        for (path, body) in &asked {
            let body = with(body.clone(), json!({"as_of": as_of}));
            let known = backend.post(path, body.clone()).await;
            let worked_out = fresh.post(path, body.clone()).await;
            assert_eq!(known.status, worked_out.status, "{body}");
            assert_eq!(
                without_time_taken(known.json()),
                without_time_taken(worked_out.json()),
                "{path} {body}"
            );
        }
    }
}
