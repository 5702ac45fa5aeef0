//! One user with a million events: what the engine says is known from how they were made.

use std::sync::Arc;

use segments_conformance::world::World;
use segments_engine::batch::{Column, EventBatch, Values};
use segments_engine::{Context, Loader, Progress, Store};
use segments_model::Criterion;
use segments_model::answer::Answer;
use segments_model::query::Query;

use crate::engine;

const EVENTS: i64 = 1_000_000;
/// 2026-03-02T00:00:00Z, a Monday.
const ZERO: i64 = 1_772_409_600_000;

/// A, B, C, A, B, C, … with so many milliseconds from one to the next, and a price of 0.1, 0.2, 0.3, 0.1, …
fn store(distance: i64) -> (Arc<Store>, Context) {
    let names = ["A", "B", "C"];
    let prices = (0..EVENTS).map(|place| [0.1, 0.2, 0.3][place as usize % 3]);
    let mut loader = Loader::new();
    let batch = EventBatch {
        users: (0..EVENTS).map(|_| Some("one")).collect(),
        events: (0..EVENTS)
            .map(|place| Some(names[place as usize % 3]))
            .collect(),
        times: (0..EVENTS).map(|place| ZERO + place * distance).collect(),
        properties: vec![Column {
            name: "price".to_owned(),
            values: Values::Number(prices.collect()),
        }],
    };
    loader.push_events(&batch).unwrap();
    let mut building = loader.finish();
    let store = loop {
        if let Progress::Done(store) = building.step(100_000) {
            break Arc::new(store);
        }
    };
    let as_of = ZERO + 20 * 86_400_000;
    let context = engine::context(&store, &World::default(), as_of, chrono_tz::Tz::UTC);
    (store, context)
}

fn holds(store: &Arc<Store>, context: &Context, definition: &str) -> bool {
    let definition: Criterion = serde_json::from_str(definition).unwrap();
    let members = engine::members(store, &definition, context, 65_536);
    assert!(members.len() <= 1);
    !members.is_empty()
}

fn sequence(steps: &str, rest: &str) -> String {
    let steps: Vec<String> = steps
        .split(' ')
        .map(|name| format!(r#"{{"event": "{name}"}}"#))
        .collect();
    let (last, steps) = (steps.len(), steps.join(", "));
    format!(
        r#"{{"type": "sequence", "steps": [{steps}], "during": {{"type": "all_time"}}, "reached": {last}{rest}}}"#
    )
}

fn did(rest: &str) -> String {
    format!(r#"{{"type": "event", "event": "A", "during": {{"type": "all_time"}}{rest}}}"#)
}

#[test]
fn criteria_on_a_million_events_a_second_apart() {
    let (store, context) = store(1_000);
    let holds = |definition: &str| holds(&store, &context, definition);
    let exactly = |value: &str| format!(r#", "compare": {{"op": "exactly", "value": {value}}}"#);
    assert!(holds(&did(&exactly("333334"))));
    // 333,334 times 0.1, exactly.
    let sum = r#", "measure": {"of": "sum", "property": "price"}"#;
    assert!(holds(&did(&format!("{sum}{}", exactly("33333.4")))));
    // 11 whole days and a part of the twelfth.
    let days = r#", "measure": {"of": "distinct_days"}"#;
    assert!(holds(&did(&format!("{days}{}", exactly("12")))));
    // The last A has no B after it.
    let next = r#", "did": [{"performed": true, "event": "B", "when": "after", "within": {"count": 1, "unit": "second"}}]"#;
    assert!(holds(&did(&format!("{next}{}", exactly("333333")))));
    let none = r#", "did": [{"performed": false, "event": "B", "when": "before"}]"#;
    assert!(holds(&did(&format!("{none}{}", exactly("1")))));

    let within = |of: &str, seconds: u32| {
        format!(r#", "within": {{"of": "{of}", "count": {seconds}, "unit": "second"}}"#)
    };
    let ten = "A B C A B C A B C A";
    assert!(holds(&sequence(ten, "")));
    assert!(holds(&sequence(ten, &within("funnel", 9))));
    assert!(!holds(&sequence(ten, &within("funnel", 8))));
    assert!(holds(&sequence("A C B A", &within("step", 2))));
    assert!(!holds(&sequence("A C B A", &within("step", 1))));
    assert!(holds(&sequence("A B C A", r#", "order": "strict""#)));
    assert!(!holds(&sequence("A C", r#", "order": "strict""#)));
    let without_b = r#", "exclude": [{"event": "B", "from": 1, "to": 2}]"#;
    assert!(!holds(&sequence("A C", without_b)));
    assert!(holds(&sequence("C A", without_b)));
    let any = |seconds| format!(r#", "order": "any"{}"#, within("funnel", seconds));
    assert!(holds(&sequence("A A B C", &any(3))));
    assert!(!holds(&sequence("A A B C", &any(2))));
}

#[test]
fn queries_on_a_million_events_a_second_apart() {
    let (store, context) = store(1_000);
    let answer = |query: &str| {
        let query: Query = serde_json::from_str(query).unwrap();
        engine::answer(&store, &query, &context, 65_536).unwrap()
    };
    let by_day = answer(
        r#"{"tool": "segmentation", "measures": [{"event": null, "aggregate": {"of": "total"}}],
            "during": {"type": "all_time"}, "interval": "day"}"#,
    );
    if let Answer::Segmentation(answer) = by_day {
        let mut expected = vec![Some(86_400.0); 11];
        expected.push(Some(1_000_000.0 - 11.0 * 86_400.0));
        expected.resize(20, Some(0.0));
        assert_eq!(answer.series[0].values, expected);
        assert_eq!(answer.series[0].total, Some(1_000_000.0));
    }
    let funnel = answer(
        r#"{"tool": "funnel", "steps": [{"event": "A"}, {"event": "A"}, {"event": "C"}], "during": {"type": "all_time"},
            "within": {"of": "funnel", "count": 5, "unit": "second"}, "interval": "day"}"#,
    );
    if let Answer::Funnel(answer) = funnel {
        let all = &answer.groups[0];
        assert_eq!(all.median_seconds, Some(5.0));
        let reached: Vec<u64> = all.steps.iter().map(|step| step.users).collect();
        assert_eq!(reached, [1, 1, 1]);
        let converted = |bucket: &segments_model::answer::FunnelBucket| bucket.steps[2].users;
        assert_eq!(all.buckets.iter().map(converted).sum::<u64>(), 12);
    }
    let cohort = answer(
        r#"{"tool": "cohort", "start": [{"event": "A"}], "first_time": true, "return": {"event": "B"}, "unit": "day",
            "measure": {"of": "sum", "property": "price"}, "periods": 1, "match": "on", "during": {"type": "all_time"}}"#,
    );
    if let Answer::Cohort(answer) = cohort {
        // A third of a day's events, 0.2 each.
        assert_eq!(answer.rows[0].cells[1].value, Some(5_760.0));
    }
}

#[test]
fn a_million_events_at_one_instant() {
    let (store, context) = store(0);
    let holds = |definition: &str| holds(&store, &context, definition);
    assert!(!holds(&sequence("A B", "")));
    assert!(holds(&sequence(
        "A B C A B C A B C A",
        r#", "order": "any""#
    )));
    let other = r#", "did": [{"performed": true, "event": "B", "when": "after"}]"#;
    assert!(!holds(&did(other)));
}
