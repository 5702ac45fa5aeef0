//! The rules of the numbers, one after the other.

use std::sync::Arc;

use segments_engine::{EvaluateError, Evaluation, Source, Store};

use crate::data::{
    built, context, definition_of, dynamic, events, members, numbers, store, texts, users,
};

const NONE: Option<f64> = None;

/// An event criterion over all time; `rest` adds to it.
fn did(event: &str, rest: &str) -> String {
    format!(r#"{{"type": "event", "event": "{event}", "during": {{"type": "all_time"}}{rest}}}"#)
}

fn compared(event: &str, measure: &str, op: &str, value: &str) -> String {
    let measured = match measure {
        "count" | "distinct_days" => format!(r#"{{"of": "{measure}"}}"#),
        _ => format!(r#"{{"of": "{measure}", "property": "amount"}}"#),
    };
    let rest = format!(r#", "measure": {measured}, "compare": {{"op": "{op}", "value": {value}}}"#);
    did(event, &rest)
}

fn not(definition: &str) -> String {
    format!(r#"{{"type": "not", "of": {definition}}}"#)
}

fn where_user(property: &str) -> String {
    format!(r#"{{"type": "user", "where": {{"type": "property", "scope": "user", {property}}}}}"#)
}

const EVERYONE: &str = r#"{"type": "all", "of": []}"#;
const NOBODY: &str = r#"{"type": "any", "of": []}"#;

/// Ann ordered twice, Bob once, Cid only later; Dora is known without any event.
fn shop() -> Arc<Store> {
    store(
        &[
            (
                "ann",
                "Order",
                "2026-03-01T10:00:00.000Z",
                Some(2.0),
                Some("red"),
            ),
            ("ann", "Order", "2026-03-02T10:00:00.000Z", Some(3.0), None),
            ("ann", "View", "2026-03-02T10:00:00.000Z", NONE, None),
            (
                "bob",
                "Order",
                "2026-03-02T10:00:00.001Z",
                Some(-1.0),
                Some("blue"),
            ),
            (
                "cid",
                "Order",
                "2026-03-05T00:00:00.000Z",
                Some(9.0),
                Some("red"),
            ),
        ],
        &["dora"],
    )
}

#[test]
fn rule_1_events_and_their_users_exist_before_as_of() {
    let store = shop();
    let ask = |definition: &str, as_of: &str| members(&store, definition, &context(as_of, "UTC"));
    // An event at the very as-of is not there yet, and neither is a user who has no other.
    assert_eq!(
        ask(EVERYONE, "2026-03-05T00:00:00.000Z"),
        ["ann", "bob", "dora"]
    );
    assert_eq!(
        ask(EVERYONE, "2026-03-05T00:00:00.001Z"),
        ["ann", "bob", "cid", "dora"]
    );
    assert_eq!(ask(&did("Order", ""), "2026-03-02T10:00:00.001Z"), ["ann"]);
    assert_eq!(
        ask(&did("Order", ""), "2026-03-02T10:00:00.002Z"),
        ["ann", "bob"]
    );
    // Before all events there are only those without any.
    assert_eq!(ask(EVERYONE, "2020-01-01T00:00:00.000Z"), ["dora"]);
    assert_eq!(
        ask(&not(&did("Order", "")), "2020-01-01T00:00:00.000Z"),
        ["dora"]
    );
    assert_eq!(ask(NOBODY, "2026-04-01T00:00:00.000Z"), [""; 0]);
}

#[test]
fn rule_1_listed_users_that_do_not_exist_yet_are_no_members() {
    let store = shop();
    let listed = r#"{"type": "users", "ids": ["cid", "ann", "who?", "ann"]}"#;
    assert_eq!(
        members(&store, listed, &context("2026-03-04T00:00:00.000Z", "UTC")),
        ["ann"]
    );
    assert_eq!(
        members(&store, listed, &context("2026-03-06T00:00:00.000Z", "UTC")),
        ["ann", "cid"]
    );
    let uploaded = r#"{"type": "users", "list": "l"}"#;
    for (as_of, expected) in [
        ("2026-03-04T00:00:00.000Z", &["ann"][..]),
        ("2026-03-06T00:00:00.000Z", &["ann", "cid"]),
    ] {
        let mut asked = context(as_of, "UTC");
        let users = ["cid", "ann"].map(|id| store.user_number(id).unwrap());
        asked
            .lists
            .insert("l".to_owned(), users.into_iter().collect());
        assert_eq!(members(&store, uploaded, &asked), expected);
    }
}

#[test]
fn rule_2_days_are_those_of_the_zone() {
    // 23:30 in New York on 7 March and 03:30 on 8 March, the day on which its clock goes forward.
    let store = store(
        &[
            ("ann", "View", "2026-03-08T04:30:00.000Z", NONE, None),
            ("ann", "View", "2026-03-08T07:30:00.000Z", NONE, None),
        ],
        &[],
    );
    let two_days = compared("View", "distinct_days", "exactly", "2");
    let as_of = "2026-03-09T12:00:00.000Z";
    assert_eq!(
        members(&store, &two_days, &context(as_of, "America/New_York")),
        ["ann"]
    );
    assert_eq!(members(&store, &two_days, &context(as_of, "UTC")), [""; 0]);
}

#[test]
fn rule_3_ranges_are_half_open_and_cut_at_as_of() {
    let store = store(
        &[
            ("at start", "View", "2026-03-04T00:00:00.000Z", NONE, None),
            ("before", "View", "2026-03-03T23:59:59.999Z", NONE, None),
            ("at end", "View", "2026-03-06T00:00:00.000Z", NONE, None),
            ("last", "View", "2026-03-05T23:59:59.999Z", NONE, None),
        ],
        &[],
    );
    let ask = |range: &str, as_of: &str| {
        let definition = format!(r#"{{"type": "event", "event": "View", "during": {range}}}"#);
        members(&store, &definition, &context(as_of, "UTC"))
    };
    let instants = r#"{"type": "instants", "start": "2026-03-04T00:00:00.000Z", "end": "2026-03-06T00:00:00.000Z"}"#;
    let between = r#"{"type": "between", "from": "2026-03-04", "to": "2026-03-05"}"#;
    let last = r#"{"type": "last", "count": 2, "unit": "day"}"#;
    let complete = r#"{"type": "last", "count": 2, "unit": "day", "complete": true}"#;
    assert_eq!(
        ask(instants, "2026-04-01T00:00:00.000Z"),
        ["at start", "last"]
    );
    assert_eq!(
        ask(between, "2026-04-01T00:00:00.000Z"),
        ["at start", "last"]
    );
    assert_eq!(ask(between, "2026-03-05T00:00:00.000Z"), ["at start"]);
    assert_eq!(ask(last, "2026-03-05T23:59:59.999Z"), ["at start"]);
    assert_eq!(
        ask(complete, "2026-03-06T12:00:00.000Z"),
        ["at start", "last"]
    );
    // An empty range is valid and holds nothing.
    let empty = r#"{"type": "instants", "start": "2026-03-04T00:00:00.000Z", "end": "2026-03-04T00:00:00.000Z"}"#;
    assert_eq!(ask(empty, "2026-04-01T00:00:00.000Z"), [""; 0]);
}

#[test]
fn rule_5_a_missing_value_fails_every_comparison_but_the_negative_ones() {
    let mut loader = segments_engine::Loader::new();
    let ids = ["has", "none"];
    let columns = vec![
        texts("city", [Some("Bern"), None].into_iter()),
        numbers("age", [Some(30.0), None].into_iter()),
    ];
    loader.push_users(&users(&ids, columns)).unwrap();
    let store = built(loader);
    let ask = |property: &str| {
        members(
            &store,
            &where_user(property),
            &context("2026-01-01T00:00:00.000Z", "UTC"),
        )
    };
    for property in [
        r#""name": "city", "op": "is", "values": ["Bern"]"#,
        r#""name": "city", "op": "contains", "values": ["ern"]"#,
        r#""name": "city", "op": "starts_with", "values": [""]"#,
        r#""name": "city", "op": "ends_with", "values": ["n"]"#,
        r#""name": "city", "op": "matches", "values": [".*"]"#,
        r#""name": "city", "op": "is_set", "values": []"#,
        r#""name": "age", "op": "at_most", "values": [30]"#,
        r#""name": "age", "op": "less_than", "values": [31]"#,
        r#""name": "age", "op": "between", "values": [30, 30]"#,
    ] {
        assert_eq!(ask(property), ["has"], "{property}");
    }
    for property in [
        r#""name": "city", "op": "is_not", "values": ["Bern"]"#,
        r#""name": "city", "op": "does_not_contain", "values": ["ern"]"#,
        r#""name": "city", "op": "is_not_set", "values": []"#,
        r#""name": "age", "op": "is_not", "values": [30, 31]"#,
        r#""name": "age", "op": "is_not_set", "values": []"#,
    ] {
        assert_eq!(ask(property), ["none"], "{property}");
    }
    // A property that the data does not have is missing for all.
    assert_eq!(
        ask(r#""name": "shoe", "op": "is_not", "values": ["9"]"#),
        ["has", "none"]
    );
    assert_eq!(
        ask(r#""name": "shoe", "op": "is", "values": ["9"]"#),
        [""; 0]
    );
}

#[test]
fn rule_5_of_no_occurrences_sums_are_0_and_averages_are_missing() {
    let store = shop();
    let ask = |definition: &str| {
        members(
            &store,
            definition,
            &context("2026-03-04T00:00:00.000Z", "UTC"),
        )
    };
    assert_eq!(
        ask(&compared("Order", "count", "at_most", "1")),
        ["bob", "dora"]
    );
    assert_eq!(ask(&compared("Order", "count", "exactly", "0")), ["dora"]);
    assert_eq!(ask(&compared("Order", "count", "less_than", "1")), ["dora"]);
    assert_eq!(
        ask(&compared("Order", "count", "between", "[0, 1]")),
        ["bob", "dora"]
    );
    assert_eq!(
        ask(&compared("Order", "sum", "at_most", "0")),
        ["bob", "dora"]
    );
    assert_eq!(
        ask(&compared("Order", "distinct", "at_most", "1")),
        ["bob", "dora"]
    );
    assert_eq!(
        ask(&compared("Order", "distinct_days", "at_most", "1")),
        ["bob", "dora"]
    );
    for measure in ["average", "median", "min", "max"] {
        assert_eq!(
            ask(&compared("Order", measure, "at_most", "100")),
            ["ann", "bob"],
            "{measure}"
        );
        // So the complement holds those whose figure is missing.
        let complement = not(&compared("Order", measure, "at_most", "100"));
        assert_eq!(ask(&complement), ["dora"], "{measure}");
    }
    // Occurrences without the property give the same: Ann viewed without an amount.
    assert_eq!(
        ask(&compared("View", "sum", "exactly", "0")),
        ["ann", "bob", "dora"]
    );
    assert_eq!(ask(&compared("View", "max", "at_least", "-1000")), [""; 0]);
}

#[test]
fn rule_5_an_event_that_never_happened_is_one_that_nobody_did() {
    let store = shop();
    let ask = |definition: &str| {
        members(
            &store,
            definition,
            &context("2026-03-04T00:00:00.000Z", "UTC"),
        )
    };
    assert_eq!(ask(&did("Refund", "")), [""; 0]);
    assert_eq!(
        ask(&compared("Refund", "count", "at_most", "2")),
        ["ann", "bob", "dora"]
    );
}

#[test]
fn rule_6_a_criterion_and_its_complement_are_all_users() {
    let store = shop();
    for as_of in [
        "2026-03-02T10:00:00.000Z",
        "2026-03-04T00:00:00.000Z",
        "2027-01-01T00:00:00.000Z",
    ] {
        let context = context(as_of, "UTC");
        let everyone = members(&store, EVERYONE, &context);
        for op in ["at_least", "at_most", "exactly", "more_than", "less_than"] {
            for measure in [
                "count",
                "sum",
                "average",
                "median",
                "min",
                "max",
                "distinct",
                "distinct_days",
            ] {
                let definition = compared("Order", measure, op, "2");
                let inside = members(&store, &definition, &context);
                let outside = members(&store, &not(&definition), &context);
                let mut both = [inside, outside].concat();
                both.sort();
                assert_eq!(both, everyone, "{definition}");
            }
        }
    }
}

#[test]
fn rule_8_sums_are_exact_and_medians_the_mean_of_the_middle() {
    let amounts = [
        0.1,
        0.2,
        0.3,
        100_000_000_000_000.25,
        -100_000_000_000_000.25,
    ];
    let mut rows: Vec<_> = amounts
        .iter()
        .map(|amount| {
            (
                "ann",
                "Order",
                "2026-03-01T00:00:00.000Z",
                Some(*amount),
                None,
            )
        })
        .collect();
    rows.extend([1.0, 2.0, 4.0, 8.0].map(|amount| {
        (
            "bob",
            "Order",
            "2026-03-01T00:00:00.000Z",
            Some(amount),
            None,
        )
    }));
    let context = context("2026-04-01T00:00:00.000Z", "UTC");
    for _ in 0..rows.len() {
        rows.rotate_left(1);
        let store = store(&rows, &[]);
        let ask = |measure: &str, value: &str| {
            members(
                &store,
                &compared("Order", measure, "exactly", value),
                &context,
            )
        };
        // As doubles, 0.1 + 0.2 + 0.3 would be 0.6000000000000001.
        assert_eq!(ask("sum", "0.6"), ["ann"]);
        assert_eq!(ask("average", "0.12"), ["ann"]);
        assert_eq!(ask("median", "0.2"), ["ann"]);
        assert_eq!(ask("median", "3"), ["bob"]);
        assert_eq!(ask("min", "1"), ["bob"]);
        assert_eq!(ask("max", "8"), ["bob"]);
        assert_eq!(ask("distinct", "4"), ["bob"]);
    }
}

#[test]
fn rule_12_the_first_event_is_the_first_ever_that_matches() {
    let store = shop();
    let ask = |filter: &str, from: &str, as_of: &str| {
        let definition = format!(
            r#"{{"type": "first_event", "event": "Order"{filter}, "during": {{"type": "since", "from": "{from}"}}}}"#
        );
        members(&store, &definition, &context(as_of, "UTC"))
    };
    let as_of = "2026-03-04T00:00:00.000Z";
    assert_eq!(ask("", "2026-03-01", as_of), ["ann", "bob"]);
    // Ann ordered on the 2nd, but not for the first time.
    assert_eq!(ask("", "2026-03-02", as_of), ["bob"]);
    // The first of more than 2 was on the 2nd.
    let more = r#", "where": {"type": "property", "scope": "event", "name": "amount", "op": "greater_than", "values": [2]}"#;
    assert_eq!(ask(more, "2026-03-02", as_of), ["ann"]);
    assert_eq!(ask("", "2026-03-02", "2026-03-02T10:00:00.001Z"), [""; 0]);
}

#[test]
fn rule_13_segments_in_definitions() {
    let store = store(
        &[
            ("ann", "View", "2026-03-08T04:30:00.000Z", NONE, None),
            ("bob", "View", "2026-03-20T04:30:00.000Z", NONE, None),
        ],
        &["dora"],
    );
    let today = r#"{"type": "event", "event": "View", "during": {"type": "this", "unit": "day"}}"#;
    let mut asked = context("2026-03-08T05:30:00.000Z", "UTC");
    asked
        .segments
        .insert("utc".to_owned(), dynamic(today, "UTC"));
    asked
        .segments
        .insert("york".to_owned(), dynamic(today, "America/New_York"));
    let dora = store.user_number("dora").unwrap();
    let bob = store.user_number("bob").unwrap();
    asked.segments.insert(
        "frozen".to_owned(),
        Source::Static([bob, dora].into_iter().collect()),
    );
    let ask = |definition: &str| members(&store, definition, &asked);
    // Its own zone: 23:30 of the day before in New York, whatever the zone of the question.
    assert_eq!(ask(r#"{"type": "segment", "id": "utc"}"#), ["ann"]);
    assert_eq!(ask(r#"{"type": "segment", "id": "york"}"#), [""; 0]);
    // The outer as-of, unless the reference names one.
    let earlier = r#"{"type": "segment", "id": "york", "as_of": "2026-03-08T04:45:00.000Z"}"#;
    assert_eq!(ask(earlier), ["ann"]);
    // A static one is its members, of those who exist.
    assert_eq!(ask(r#"{"type": "segment", "id": "frozen"}"#), ["dora"]);
    // As a filter of occurrences and of users.
    assert_eq!(
        ask(&did(
            "View",
            r#", "where": {"type": "segment", "id": "utc"}"#
        )),
        ["ann"]
    );
    assert_eq!(
        ask(
            r#"{"type": "user", "where": {"type": "not", "of": {"type": "segment", "id": "frozen"}}}"#
        ),
        ["ann"]
    );
}

#[test]
fn rule_14_circles_are_refused_with_the_path() {
    let store = shop();
    let mut asked = context("2026-04-01T00:00:00.000Z", "UTC");
    let refers = |id: &str| {
        dynamic(
            &format!(r#"{{"type": "not", "of": {{"type": "segment", "id": "{id}"}}}}"#),
            "UTC",
        )
    };
    asked.segments.insert("a".to_owned(), refers("b"));
    asked.segments.insert("b".to_owned(), refers("c"));
    asked.segments.insert("c".to_owned(), refers("b"));
    let definition = definition_of(r#"{"type": "all", "of": [{"type": "segment", "id": "a"}]}"#);
    let error = Evaluation::new(Arc::clone(&store), &definition, &asked).unwrap_err();
    assert_eq!(
        error,
        EvaluateError::Cycle {
            pointer: "/of/0/id".to_owned(),
            path: ["b", "c", "b"].map(str::to_owned).to_vec(),
        }
    );
    // The same segment twice is no circle.
    asked
        .segments
        .insert("c".to_owned(), dynamic(EVERYONE, "UTC"));
    let twice = r#"{"type": "all", "of": [{"type": "segment", "id": "a"}, {"type": "segment", "id": "a"}]}"#;
    assert_eq!(
        members(&store, twice, &asked),
        ["ann", "bob", "cid", "dora"]
    );
}

#[test]
fn rule_15_equal_rows_are_different_events() {
    let row = (
        "ann",
        "Order",
        "2026-03-01T00:00:00.000Z",
        Some(1.0),
        Some("red"),
    );
    let store = store(&[row, row, row], &[]);
    let asked = context("2026-04-01T00:00:00.000Z", "UTC");
    assert_eq!(
        members(&store, &compared("Order", "count", "exactly", "3"), &asked),
        ["ann"]
    );
    assert_eq!(
        members(&store, &compared("Order", "sum", "exactly", "3"), &asked),
        ["ann"]
    );
    assert_eq!(
        members(
            &store,
            &compared("Order", "distinct", "exactly", "1"),
            &asked
        ),
        ["ann"]
    );
}

#[test]
fn rule_16_the_order_of_rows_does_not_matter() {
    let rows = [
        (
            "ann",
            "Order",
            "2026-03-01T00:00:00.000Z",
            Some(1.0),
            Some("red"),
        ),
        (
            "ann",
            "Order",
            "2026-03-01T00:00:00.000Z",
            Some(2.0),
            Some("blue"),
        ),
        ("bob", "View", "2026-03-02T00:00:00.000Z", None, Some("red")),
        ("bob", "Order", "2026-03-01T00:00:00.000Z", Some(3.0), None),
    ];
    let mut backwards = rows;
    backwards.reverse();
    let asked = context("2026-04-01T00:00:00.000Z", "UTC");
    let red = r#", "where": {"type": "property", "scope": "event", "name": "colour", "op": "is_not", "values": ["red"]}"#;
    for definition in [
        did("Order", red),
        compared("Order", "median", "exactly", "1.5"),
    ] {
        assert_eq!(
            members(&store(&rows, &[]), &definition, &asked),
            members(&store(&backwards, &[]), &definition, &asked),
        );
    }
}

#[test]
fn any_event_takes_all_names_together() {
    let store = shop();
    let any = |op: &str, value: u32| {
        format!(
            r#"{{"type": "event", "event": null, "compare": {{"op": "{op}", "value": {value}}}, "during": {{"type": "all_time"}}}}"#
        )
    };
    let asked = context("2026-03-04T00:00:00.000Z", "UTC");
    assert_eq!(members(&store, &any("exactly", 3), &asked), ["ann"]);
    assert_eq!(members(&store, &any("at_most", 1), &asked), ["bob", "dora"]);
}

#[test]
fn what_is_not_answered_says_so_and_where() {
    let store = shop();
    let asked = context("2026-03-04T00:00:00.000Z", "UTC");
    let refused = |definition: &str| {
        Evaluation::new(Arc::clone(&store), &definition_of(definition), &asked).unwrap_err()
    };
    let list = r#"{"type": "not", "of": {"type": "users", "list": "x"}}"#;
    assert!(matches!(refused(list), EvaluateError::UnknownList { id, .. } if id == "x"));
    assert_eq!(refused(list).pointer(), "/of/list");
    let unknown = r#"{"type": "segment", "id": "gone"}"#;
    assert!(matches!(refused(unknown), EvaluateError::UnknownSegment { id, .. } if id == "gone"));
    let pattern = where_user(r#""name": "city", "op": "matches", "values": ["("]"#);
    assert_eq!(refused(&pattern).pointer(), "/where/values");
}

#[test]
fn rows_of_one_batch_may_come_in_any_order() {
    let mut loader = segments_engine::Loader::new();
    loader
        .push_events(&events(&[
            ("bob", "Order", "2026-03-03T00:00:00.000Z", Some(3.0), None),
            ("ann", "Order", "2026-03-02T00:00:00.000Z", Some(2.0), None),
            ("bob", "Order", "2026-03-01T00:00:00.000Z", Some(1.0), None),
        ]))
        .unwrap();
    let store = built(loader);
    let asked = context("2026-03-03T00:00:00.000Z", "UTC");
    assert_eq!(
        members(&store, &compared("Order", "max", "exactly", "1"), &asked),
        ["bob"]
    );
}
