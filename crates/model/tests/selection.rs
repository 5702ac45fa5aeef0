//! What was clicked, as a definition.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use segments_model::Instant;
use segments_model::ValueType;
use segments_model::calendar::Zone;
use segments_model::filter::Scope;
use segments_model::problem::Code;
use segments_model::project::Limits;
use segments_model::query::Query;
use segments_model::selection::{Selection, definition};
use segments_model::sentence::sentence;
use segments_model::validate::validate;
use serde_json::{Value as Json, json};

const AS_OF: &str = "2026-06-03T12:00:00.000Z";

fn types(_: Scope, name: &str) -> Option<ValueType> {
    match name {
        "price" => Some(ValueType::Number),
        "vip" => Some(ValueType::Boolean),
        "born" => Some(ValueType::Datetime),
        "country" => Some(ValueType::String),
        _ => None,
    }
}

fn selection(query: &Query, json: Json) -> Selection {
    match query {
        Query::Segmentation(_) => Selection::Segmentation(serde_json::from_value(json).unwrap()),
        Query::Funnel(_) => serde_json::from_value(json).unwrap(),
        Query::Cohort(_) => Selection::Cohort(serde_json::from_value(json).unwrap()),
    }
}

fn clicked(query: &Json, part: Json) -> Json {
    let query: Query = serde_json::from_value(query.clone()).unwrap();
    let as_of = Instant::parse(AS_OF).unwrap();
    let selection = selection(&query, part);
    let definition = definition(&query, &selection, &Zone::utc(), as_of, &types).unwrap();
    assert_eq!(validate(&definition, &Limits::default()), []);
    serde_json::to_value(definition).unwrap()
}

fn refused(query: &Json, part: Json) -> Vec<(String, Code)> {
    let query: Query = serde_json::from_value(query.clone()).unwrap();
    let as_of = Instant::parse(AS_OF).unwrap();
    let selection = selection(&query, part);
    definition(&query, &selection, &Zone::utc(), as_of, &types)
        .unwrap_err()
        .into_iter()
        .map(|error| (error.pointer, error.code))
        .collect()
}

fn one(pointer: &str, code: Code) -> Vec<(String, Code)> {
    vec![(format!("/selection{pointer}"), code)]
}

fn with(base: &Json, changes: Json) -> Json {
    let mut json = base.clone();
    for (key, value) in changes.as_object().unwrap() {
        json.as_object_mut()
            .unwrap()
            .insert(key.clone(), value.clone());
    }
    json
}

fn property(scope: &str, name: &str, op: &str, values: Json) -> Json {
    let mut json = json!({"type": "property", "scope": scope, "name": name, "op": op});
    if values != json!([]) {
        json.as_object_mut()
            .unwrap()
            .insert("values".to_owned(), values);
    }
    json
}

// ---- segmentation

fn segmentation() -> Json {
    json!({
        "tool": "segmentation",
        "measures": [
            {"event": "Bought", "aggregate": {"of": "total"}},
            {"event": "Bought", "where": property("event", "vip", "is", json!([true])),
             "did": [{"performed": false, "event": "Viewed", "when": "before"}],
             "aggregate": {"of": "sum", "property": "price", "per_user": true}},
        ],
        "formulas": [{"name": "Mean", "expression": "B / A"}],
        "during": {"type": "last", "count": 3, "unit": "week"},
        "interval": "week",
    })
}

#[test]
fn a_series_keeps_the_range_and_a_point_takes_its_bucket() {
    let query = segmentation();
    assert_eq!(
        clicked(&query, json!({"measure": 0})),
        json!({"type": "event", "event": "Bought", "during": {"type": "last", "count": 3, "unit": "week"}})
    );
    let point = clicked(
        &query,
        json!({"measure": 0, "bucket": "2026-05-25T00:00:00Z"}),
    );
    assert_eq!(
        point["during"],
        json!({"type": "instants", "start": "2026-05-25T00:00:00.000Z", "end": "2026-06-01T00:00:00.000Z"})
    );
    let running = clicked(
        &query,
        json!({"measure": 0, "bucket": "2026-06-01T00:00:00Z"}),
    );
    assert_eq!(running["during"]["end"], AS_OF);
    let partial = with(
        &query,
        json!({"during": {"type": "between", "from": "2026-05-06", "to": "2026-05-12"}}),
    );
    assert_eq!(
        clicked(
            &partial,
            json!({"measure": 0, "bucket": "2026-05-06T00:00:00Z"})
        )["during"],
        json!({"type": "instants", "start": "2026-05-06T00:00:00.000Z", "end": "2026-05-11T00:00:00.000Z"})
    );
    for bucket in [
        "2026-05-04T00:00:00Z",
        "2026-05-07T00:00:00Z",
        "2026-05-13T00:00:00Z",
    ] {
        assert_eq!(
            refused(&partial, json!({"measure": 0, "bucket": bucket})),
            one("/bucket", Code::OutOfRange)
        );
    }
    let whole = with(&query, json!({"interval": "full"}));
    assert_eq!(
        refused(&whole, json!({"measure": 0, "bucket": AS_OF})),
        one("/bucket", Code::NotAllowed)
    );
}

#[test]
fn a_row_takes_its_conditions_and_its_property_along() {
    assert_eq!(
        clicked(&segmentation(), json!({"measure": 1})),
        json!({
            "type": "event", "event": "Bought",
            "where": {"type": "all", "of": [
                property("event", "vip", "is", json!([true])),
                property("event", "price", "is_set", json!([])),
            ]},
            "did": [{"performed": false, "event": "Viewed", "when": "before"}],
            "during": {"type": "last", "count": 3, "unit": "week"},
        })
    );
    assert_eq!(
        refused(&segmentation(), json!({"measure": 2})),
        one("/measure", Code::OutOfRange)
    );
}

#[test]
fn a_group_is_conditions_of_occurrences_and_of_users() {
    let query = with(
        &segmentation(),
        json!({
            "group_by": [
                {"scope": "event", "name": "born"}, {"scope": "event", "name": "price"}, {"scope": "user", "name": "country"},
                {"segment": "s1"}, {"segment": "s2"},
            ],
            "audience": {"type": "all", "of": [{"type": "segment", "id": "a"}, {"type": "segment", "id": "b"}]},
        }),
    );
    let born = "2026-01-01T00:00:00.000Z";
    assert_eq!(
        clicked(
            &query,
            json!({"measure": 0, "group": [born, null, "Chile", true, false]})
        ),
        json!({"type": "all", "of": [
            {"type": "event", "event": "Bought",
             "where": {"type": "all", "of": [
                property("event", "born", "between", json!([born, born])),
                property("event", "price", "is_not_set", json!([])),
             ]},
             "during": {"type": "last", "count": 3, "unit": "week"}},
            {"type": "user", "where": property("user", "country", "is", json!(["Chile"]))},
            {"type": "segment", "id": "s1"},
            {"type": "not", "of": {"type": "segment", "id": "s2"}},
            {"type": "segment", "id": "a"},
            {"type": "segment", "id": "b"},
        ]})
    );
    // A value of the property that is measured says that it is set.
    let of_price = clicked(
        &query,
        json!({"measure": 1, "group": [null, 5.0, null, true, true]}),
    );
    assert_eq!(
        of_price["of"][0]["where"]["of"],
        json!([
            property("event", "vip", "is", json!([true])),
            property("event", "born", "is_not_set", json!([])),
            property("event", "price", "is", json!([5.0])),
        ])
    );
    assert_eq!(
        refused(
            &query,
            json!({"measure": 0, "group": ["then", "5", true, null, "s2"]})
        )
        .into_iter()
        .map(|(pointer, _)| pointer)
        .collect::<Vec<_>>(),
        [
            "/selection/group/0",
            "/selection/group/1",
            "/selection/group/2",
            "/selection/group/3",
            "/selection/group/4"
        ]
    );
    assert_eq!(
        refused(&query, json!({"measure": 0, "group": [null]})),
        one("/group", Code::ValueCount)
    );
    assert_eq!(
        refused(&segmentation(), json!({"measure": 0, "group": ["x"]})),
        one("/group", Code::ValueCount)
    );
    assert_eq!(
        clicked(&segmentation(), json!({"measure": 0, "group": []}))["type"],
        "event"
    );
}

// ---- funnel

fn funnel() -> Json {
    json!({
        "tool": "funnel",
        "steps": [{"event": "A"}, {"event": "B", "optional": true}, {"event": "C"}, {"event": "D"}],
        "within": {"of": "funnel", "count": 1, "unit": "day"},
        "during": {"type": "last", "count": 2, "unit": "day"},
        "interval": "day",
    })
}

fn places(definition: &Json) -> (Json, Json) {
    (
        definition["reached"].clone(),
        definition["not_reached"].clone(),
    )
}

#[test]
fn the_outcomes_of_a_step_are_steps_of_a_sequence() {
    let query = funnel();
    let part =
        |step: u32, outcome: &str| clicked(&query, json!({"step": step, "outcome": outcome}));
    assert_eq!(
        part(1, "reached"),
        json!({
            "type": "sequence", "steps": query["steps"], "order": "sequential", "within": query["within"],
            "during": query["during"], "reached": 1,
        })
    );
    assert_eq!(places(&part(1, "dropped")), (json!(1), json!(3)));
    assert_eq!(places(&part(2, "dropped")), (json!(2), json!(3)));
    assert_eq!(places(&part(1, "converted")), (json!(3), Json::Null));
    let optional = part(2, "converted");
    assert_eq!(places(&optional["of"][0]), (json!(2), Json::Null));
    assert_eq!(places(&optional["of"][1]), (json!(3), Json::Null));
    assert_eq!(places(&part(4, "reached")), (json!(4), Json::Null));
    for step in [0, 5] {
        assert_eq!(
            refused(&query, json!({"step": step, "outcome": "reached"})),
            one("/step", Code::OutOfRange)
        );
    }
    for outcome in ["converted", "dropped"] {
        assert_eq!(
            refused(&query, json!({"step": 4, "outcome": outcome})),
            one("/outcome", Code::NotAllowed)
        );
    }
    assert_eq!(
        clicked(
            &query,
            json!({"step": 1, "outcome": "reached", "bucket": "2026-06-02T00:00:00Z"})
        )["during"],
        json!({"type": "instants", "start": "2026-06-02T00:00:00.000Z", "end": "2026-06-03T00:00:00.000Z"})
    );
}

#[test]
fn a_path_is_the_steps_of_the_best_run() {
    let query = funnel();
    assert_eq!(
        clicked(&query, json!({"path": [1, 3, 4]})),
        json!({
            "type": "sequence", "steps": query["steps"], "order": "sequential", "within": query["within"],
            "during": query["during"], "reached": 4, "path": [1, 3, 4],
        })
    );
    assert_eq!(clicked(&query, json!({"path": [1, 2]}))["reached"], 2);
    let grouped = with(
        &query,
        json!({"group_by": {"scope": "user", "name": "country"}}),
    );
    let of_group = clicked(&grouped, json!({"path": [1], "group": ["Chile"]}));
    assert_eq!(of_group["of"][0]["path"], json!([1]));
    assert_eq!(
        of_group["of"][1]["where"],
        property("user", "country", "is", json!(["Chile"]))
    );
    for (path, place, code) in [
        (json!([]), "", Code::Empty),
        (json!([2, 3]), "/0", Code::OutOfRange),
        (json!([1, 2, 4]), "/2", Code::OutOfRange),
        (json!([1, 3, 2]), "/2", Code::OutOfRange),
        (json!([1, 5]), "/1", Code::OutOfRange),
        (json!([1, 3, 4, 5]), "/3", Code::OutOfRange),
    ] {
        assert_eq!(
            refused(&query, json!({"path": path})),
            one(&format!("/path{place}"), code)
        );
    }
    let plain = with(&query, json!({"steps": [{"event": "A"}, {"event": "B"}]}));
    assert_eq!(
        refused(&plain, json!({"path": [1, 2]})),
        one("/path", Code::NotAllowed)
    );
}

#[test]
fn a_breakdown_filters_one_step_or_all() {
    let chile = property("event", "country", "is", json!(["Chile"]));
    let filters = |step: Json| {
        let query = with(
            &funnel(),
            json!({"group_by": {"scope": "event", "name": "country", "step": step}}),
        );
        let definition = clicked(
            &query,
            json!({"step": 1, "outcome": "reached", "group": ["Chile"]}),
        );
        let steps = definition["steps"].as_array().unwrap();
        steps
            .iter()
            .map(|step| step["where"] == chile)
            .collect::<Vec<_>>()
    };
    assert_eq!(filters(json!(3)), [false, false, true, false]);
    assert_eq!(filters(Json::Null), [true; 4]);
    for (by, value, beside) in [
        (
            json!({"scope": "user", "name": "country", "step": 2}),
            Json::Null,
            json!({"type": "user", "where": property("user", "country", "is_not_set", json!([]))}),
        ),
        (
            json!({"segment": "s"}),
            json!(true),
            json!({"type": "segment", "id": "s"}),
        ),
    ] {
        let query = with(&funnel(), json!({"group_by": by}));
        let definition = clicked(
            &query,
            json!({"step": 1, "outcome": "dropped", "group": [value]}),
        );
        assert_eq!(definition["of"][0]["steps"], query["steps"]);
        assert_eq!(definition["of"][1], beside);
        assert_eq!(
            clicked(
                &query,
                json!({"step": 1, "outcome": "reached", "group": []})
            )["type"],
            "sequence"
        );
    }
    assert_eq!(
        refused(
            &funnel(),
            json!({"step": 1, "outcome": "reached", "group": ["x"]})
        ),
        one("/group", Code::ValueCount)
    );
}

// ---- cohort

fn cohort() -> Json {
    json!({
        "tool": "cohort", "start": [{"event": "A"}, {"event": "B"}], "first_time": true, "return": {"event": "C"},
        "unit": "day", "periods": 5, "match": "on", "during": {"type": "last", "count": 4, "unit": "day"},
    })
}

#[test]
fn a_cell_by_time_is_a_generation_and_a_period() {
    let query = cohort();
    let second = "2026-06-01T00:00:00.000Z";
    assert_eq!(
        clicked(
            &query,
            json!({"generation": second, "period": 1, "outcome": "returned"})
        ),
        json!({
            "type": "cohort", "start": query["start"], "first_time": true, "return": {"event": "C"}, "unit": "day",
            "started": query["during"], "generation": second, "period": 1, "match": "on", "outcome": "returned",
        })
    );
    // The running period is there, the next one is not yet.
    clicked(
        &query,
        json!({"generation": second, "period": 2, "outcome": "not_returned"}),
    );
    assert_eq!(
        refused(
            &query,
            json!({"generation": second, "period": 3, "outcome": "returned"})
        ),
        one("/period", Code::OutOfRange)
    );
    assert_eq!(
        refused(&query, json!({"period": 6, "outcome": "returned"})),
        one("/period", Code::OutOfRange)
    );
    let row = clicked(&query, json!({"generation": second, "outcome": "started"}));
    assert_eq!(
        (&row["period"], &row["outcome"]),
        (&Json::Null, &json!("started"))
    );
    for (generation, code) in [
        (json!("2026-05-30T00:00:00Z"), Code::OutOfRange),
        (json!("2026-06-01T01:00:00Z"), Code::OutOfRange),
        (json!("2026-06-04T00:00:00Z"), Code::OutOfRange),
        (json!("monday"), Code::ValueType),
        (json!(null), Code::ValueType),
    ] {
        assert_eq!(
            refused(
                &query,
                json!({"generation": generation, "outcome": "started"})
            ),
            one("/generation", code)
        );
    }
    let matching = |changes: Json| {
        clicked(
            &with(&query, changes),
            json!({"generation": second, "period": 1, "outcome": "returned"}),
        )["match"]
            .clone()
    };
    assert_eq!(matching(json!({"match": "on_or_after"})), "on_or_after");
    assert_eq!(matching(json!({"cumulative": true})), "on_or_before");
}

#[test]
fn a_cell_of_all_times_takes_those_whose_period_is_over() {
    let query = cohort();
    let started = |query: &Json, period: u32, outcome: &str| {
        clicked(query, json!({"period": period, "outcome": outcome}))["started"].clone()
    };
    let until = |end: &str| json!({"type": "instants", "start": "2026-05-31T00:00:00.000Z", "end": format!("{end}T00:00:00.000Z")});
    for outcome in ["started", "returned", "not_returned"] {
        assert_eq!(started(&query, 0, outcome), until("2026-06-03"));
        assert_eq!(started(&query, 2, outcome), until("2026-06-01"));
    }
    assert_eq!(
        refused(&query, json!({"period": 3, "outcome": "returned"})),
        one("/period", Code::OutOfRange)
    );
    // Nothing is cut where every period is over.
    let past = with(
        &query,
        json!({"during": {"type": "last", "count": 2, "unit": "day", "complete": true}}),
    );
    assert_eq!(started(&past, 0, "returned"), past["during"]);
    // The last unit is cut where the range ends in the middle of it.
    let weeks = with(
        &query,
        json!({"unit": "week", "during": {"type": "between", "from": "2026-05-13", "to": "2026-05-27"}}),
    );
    assert_eq!(started(&weeks, 0, "returned"), weeks["during"]);
    assert_eq!(
        started(&weeks, 1, "returned"),
        json!({"type": "instants", "start": "2026-05-13T00:00:00.000Z", "end": "2026-05-25T00:00:00.000Z"})
    );
    let ever = with(&query, json!({"during": {"type": "all_time"}}));
    assert_eq!(
        started(&ever, 1, "returned"),
        json!({"type": "instants", "start": "0001-01-01T00:00:00.000Z", "end": "2026-06-02T00:00:00.000Z"})
    );
}

#[test]
fn generations_by_property_and_segment_are_conditions() {
    let by = |generation: Json, value: Json| {
        let query = with(
            &cohort(),
            json!({"generation": generation, "measure": {"of": "sum", "property": "price"}}),
        );
        clicked(
            &query,
            json!({"generation": value, "period": 1, "outcome": "not_returned"}),
        )
    };
    let of_event = by(
        json!({"of": "property", "scope": "event", "name": "country"}),
        json!("Chile"),
    );
    assert_eq!(
        of_event["generation_where"],
        property("event", "country", "is", json!(["Chile"]))
    );
    assert_eq!(
        of_event["return"]["where"],
        property("event", "price", "is_set", json!([]))
    );
    assert_eq!(of_event["started"]["end"], "2026-06-02T00:00:00.000Z");
    let missing = by(
        json!({"of": "property", "scope": "user", "name": "country"}),
        json!(null),
    );
    assert_eq!(
        missing["of"][1]["where"],
        property("user", "country", "is_not_set", json!([]))
    );
    let outside = by(json!({"of": "segment", "id": "s"}), json!(false));
    assert_eq!(
        outside["of"][1],
        json!({"type": "not", "of": {"type": "segment", "id": "s"}})
    );
}

#[test]
fn what_was_clicked_reads_well() {
    let named = |id: &str| (id == "s").then(|| "Loyal".to_owned());
    let read = |query: &Json, part: Json| {
        let definition = serde_json::from_value(clicked(query, part)).unwrap();
        sentence(&definition, &named)
    };
    let point = json!({"measure": 0, "bucket": "2026-05-25T00:00:00Z"});
    assert_eq!(
        read(&segmentation(), point),
        "users who performed Bought from 25 May 2026 00:00 UTC until 1 June 2026 00:00 UTC"
    );
    let grouped = with(
        &segmentation(),
        json!({
            "group_by": [
                {"scope": "event", "name": "born"}, {"scope": "event", "name": "price"}, {"scope": "user", "name": "country"},
                {"segment": "s"},
            ],
            "audience": {"type": "segment", "id": "s"},
        }),
    );
    let group = json!({"measure": 1, "group": ["2026-01-01T10:00:00.000Z", 5.0, "Chile", false]});
    assert_eq!(
        read(&grouped, group),
        "users who performed Bought (where vip is true, born is 1 January 2026 10:00 UTC and price is 5; not preceded by Viewed) \
         in the last 3 weeks, whose country is “Chile”, who are not in the segment “Loyal” and who are in the segment “Loyal”"
    );
    let any = with(
        &funnel(),
        json!({"order": "any", "steps": [{"event": "A"}, {"event": "B"}, {"event": "C"}]}),
    );
    for (query, step, outcome, expected) in [
        (
            funnel(),
            1,
            "dropped",
            "users who reached step 1 but not step 3 of the sequence A, then optionally B, then C, then D \
             (within 1 day of the first step, starting in the last 2 days)",
        ),
        (
            funnel(),
            3,
            "converted",
            "users who completed the sequence A, then optionally B, then C, then D \
             (within 1 day of the first step, starting in the last 2 days)",
        ),
        (
            any,
            2,
            "reached",
            "users who reached step 2 of the sequence A, B and C \
             (in any order, within 1 day of the first step, starting in the last 2 days)",
        ),
    ] {
        assert_eq!(
            read(&query, json!({"step": step, "outcome": outcome})),
            expected
        );
    }
    let three = with(
        &funnel(),
        json!({"steps": [
            {"event": "A"}, {"event": "B", "optional": true}, {"event": "C", "optional": true}, {"event": "D"},
            {"event": "E", "optional": true}, {"event": "F"},
        ]}),
    );
    for (path, expected) in [
        (
            json!([1, 3, 4, 6]),
            "completed the sequence A, not by way of B, by way of C, then D, not by way of E, then F",
        ),
        (
            json!([1, 2, 4, 5]),
            "reached step 4 but not step 6 of the sequence A, by way of B, not by way of C, then D, by way of E, then F",
        ),
        (
            json!([1, 2]),
            "reached step 1 but not step 4 of the sequence A, by way of B, not by way of C, then D, then optionally E, then F",
        ),
    ] {
        let (path, expected) = (
            json!({"path": path}),
            format!(
                "users who {expected} (within 1 day of the first step, starting in the last 2 days)"
            ),
        );
        assert_eq!(read(&three, path), expected);
    }
    let generation = "2026-06-01T00:00:00.000Z";
    let by_country = with(
        &cohort(),
        json!({
            "generation": {"of": "property", "scope": "event", "name": "country"}, "during": {"type": "all_time"}, "cumulative": true,
            "measure": {"of": "sum", "property": "price"},
        }),
    );
    for (query, part, expected) in [
        (
            cohort(),
            json!({"generation": generation, "period": 1, "outcome": "returned"}),
            "in the last 4 days (on the day that began 1 June 2026 00:00 UTC) and came back with C on day 1",
        ),
        (
            cohort(),
            json!({"generation": generation, "period": 0, "outcome": "not_returned"}),
            "in the last 4 days (on the day that began 1 June 2026 00:00 UTC) and did not come back with C on the same day",
        ),
        (
            cohort(),
            json!({"outcome": "started"}),
            "in the last 4 days",
        ),
        (
            cohort(),
            json!({"outcome": "returned"}),
            "in the last 4 days and came back with C at any later time",
        ),
        (
            by_country,
            json!({"generation": null, "period": 2, "outcome": "not_returned"}),
            "before 1 June 2026 00:00 UTC (with a start where country is not set) \
             and did not come back with C (where price is set) up to day 2",
        ),
    ] {
        assert_eq!(
            read(&query, part),
            format!("users who started with A and then B for the first time ever {expected}")
        );
    }
}

#[test]
fn a_part_of_another_tool_is_refused() {
    let query: Query = serde_json::from_value(cohort()).unwrap();
    let other: Query = serde_json::from_value(segmentation()).unwrap();
    let selection = selection(&other, json!({"measure": 0}));
    let as_of = Instant::parse(AS_OF).unwrap();
    let errors = definition(&query, &selection, &Zone::utc(), as_of, &types).unwrap_err();
    let [error] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    assert_eq!(error.pointer, "/selection");
    assert!(error.detail.contains("cohort"));
}
