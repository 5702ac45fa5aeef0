//! The laws of the language: JSON, validity, the canonical form, the sentence.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "language/queries.rs"]
mod queries;
#[path = "language/strategies.rs"]
mod strategies;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use segments_model::canonical::{canonical, hash};
use segments_model::decode::{FaultKind, Form, decode, decode_value, read_value};
use segments_model::explain::ExplainRequest;
use segments_model::export::NewExport;
use segments_model::facts::{criterion_types, never_changes};
use segments_model::history::{OverlapRequest, SizesRequest};
use segments_model::limits::LIMITS;
use segments_model::preview::PreviewRequest;
use segments_model::problem::{Code, InputError};
use segments_model::project::{Limits, ProjectPatch};
use segments_model::segment::{EvaluateSegments, NewSegment, SegmentPatch};
use segments_model::sentence::{filter_spans, plain, sentence};
use segments_model::user::UserSearch;
use segments_model::validate::{MAX_DEPTH, text, time_zone, validate};
use segments_model::version::RerunRequest;
use segments_model::{Criterion, Filter, Instant, Range};
use serde_json::{Value as Json, json};

use strategies::{criterion, filter, json as any_json, range};

fn read(json: Json) -> Criterion {
    decode_value(json).unwrap()
}

fn in_words(definition: &Criterion) -> String {
    sentence(definition, &|_| None)
}

fn errors(json: Json) -> Vec<(String, Code)> {
    validate(&read(json), &Limits::default())
        .into_iter()
        .map(|error| (error.pointer, error.code))
        .collect()
}

fn refusals<T: Form + std::fmt::Debug>(json: &str) -> BTreeMap<String, String> {
    decode::<T>(json.as_bytes())
        .unwrap_err()
        .into_iter()
        .map(|error| (error.pointer, error.detail))
        .collect()
}

// ---- reading

#[test]
fn every_wrong_place_is_told_with_what_would_be_right() {
    let refused = refusals::<Criterion>(
        r#"{"type": "all", "of": [
            {"type": "event", "evnt": "a", "during": {"type": "lst"}},
            {"type": "event", "event": "a", "during": {"type": "last", "count": 3.5, "unit": "dya"},
             "where": {"type": "property", "scope": "event", "name": "p", "op": "is", "values": [null]}},
            {"type": "evnt"},
            7
        ]}"#,
    );
    let expected = [
        ("/of/0", "\"event\" is missing"),
        ("/of/0/evnt", "did you mean \"event\"?"),
        ("/of/0/during/type", "\"last\""),
        ("/of/1/during/count", "whole number"),
        ("/of/1/during/unit", "\"day\""),
        ("/of/1/where/values/0", "found null"),
        ("/of/2/type", "\"first_event\""),
        ("/of/3", "found 7"),
    ];
    assert_eq!(
        refused.keys().map(String::as_str).collect::<Vec<_>>(),
        ordered(expected.map(|(pointer, _)| pointer).to_vec())
    );
    for (pointer, part) in expected {
        assert!(
            refused[pointer].contains(part),
            "{pointer}: {}",
            refused[pointer]
        );
    }
}

#[test]
fn what_is_wrong_with_the_form_is_told_to_programs_too() {
    let faults = read_value::<Criterion>(json!({"type": "all", "of": [
        {"type": "event", "evnt": "a is missing", "during": {"type": "lst"}},
        {"type": "event", "event": 5, "during": {"type": "last", "count": 1, "unit": "dya"}},
        {"of": []},
        7
    ]}))
    .unwrap_err();
    let kinds: BTreeMap<&str, FaultKind> = faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.kind))
        .collect();
    assert_eq!(
        kinds,
        BTreeMap::from([
            ("/of/0", FaultKind::Missing("event")),
            ("/of/0/evnt", FaultKind::UnknownField),
            ("/of/0/during/type", FaultKind::UnknownWord),
            ("/of/1/event", FaultKind::Unexpected),
            ("/of/1/during/unit", FaultKind::UnknownWord),
            ("/of/2", FaultKind::Missing("type")),
            ("/of/3", FaultKind::Unexpected),
        ])
    );
}

fn ordered(mut pointers: Vec<&str>) -> Vec<&str> {
    pointers.sort_unstable();
    pointers
}

#[test]
fn requests_are_read_strictly_too() {
    assert_eq!(
        refusals::<NewSegment>(
            r#"{"name": 1, "kind": "dynamic", "definition": {"type": "any"}, "a/b~": 0}"#
        )
        .into_keys()
        .collect::<Vec<_>>(),
        ["/a~1b~0", "/definition", "/name"]
    );
    assert_eq!(
        refusals::<UserSearch>(r#"{"limit": -1, "sort": {"by": "id", "desc": true}}"#)
            .into_keys()
            .collect::<Vec<_>>(),
        ["/limit", "/sort/desc"]
    );
}

#[test]
fn what_is_no_json_is_refused_as_a_whole() {
    let twice = r#"{"type": "all", "of": [{"type": "all", "of": [], "of": []}]}"#;
    for broken in ["", "{", "\u{feff}{}", "{}{}", "nul", "[1,]", "1e999", twice] {
        let errors = decode::<Criterion>(broken.as_bytes()).unwrap_err();
        assert_eq!(
            (errors.len(), errors[0].pointer.as_str(), errors[0].code),
            (1, "", Code::Malformed)
        );
    }
    assert!(decode::<Criterion>(&[0x22, 0xff, 0x22]).is_err());
}

#[test]
fn nesting_is_limited_before_anything_recurses() {
    let deep = |levels: usize| {
        format!(
            "{}{}{}",
            r#"{"type":"not","of":"#.repeat(levels),
            r#"{"type":"all","of":[]}"#,
            "}".repeat(levels)
        )
    };
    let fits = decode::<Criterion>(deep(MAX_DEPTH - 1).as_bytes()).unwrap();
    assert_eq!(validate(&fits, &Limits::default()), []);
    let too_deep = decode::<Criterion>(deep(MAX_DEPTH).as_bytes()).unwrap();
    let told = validate(&too_deep, &Limits::default());
    assert_eq!((told.len(), told[0].code), (1, Code::TooLarge));
    assert_eq!(told[0].pointer, "/of".repeat(MAX_DEPTH));
    for levels in [125, 100_000] {
        let told = decode::<Criterion>(deep(levels).as_bytes()).unwrap_err();
        assert_eq!((told.len(), told[0].code), (1, Code::TooLarge));
    }
    let mut value = json!({"type": "all", "of": []});
    for _ in 0..1_000 {
        value = json!({"type": "not", "of": value});
    }
    let told = decode_value::<Criterion>(value).unwrap_err();
    assert_eq!((told.len(), told[0].code), (1, Code::TooLarge));
}

// ---- validity

fn event(part: Json) -> Json {
    let mut event = json!({"type": "event", "event": "A", "during": {"type": "all_time"}});
    for (key, value) in part.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

fn property(part: Json) -> Json {
    let mut property =
        json!({"type": "property", "scope": "event", "name": "p", "op": "is", "values": ["x"]});
    for (key, value) in part.as_object().unwrap() {
        property[key] = value.clone();
    }
    event(json!({"where": property}))
}

fn sequence(part: Json) -> Json {
    let mut sequence = json!({"type": "sequence", "steps": [{"event": "A"}, {"event": "B"}], "during": {"type": "all_time"}, "reached": 2});
    for (key, value) in part.as_object().unwrap() {
        sequence[key] = value.clone();
    }
    sequence
}

#[test]
fn what_means_nothing_is_refused_at_its_place() {
    let day = json!({"type": "last", "count": 1, "unit": "day"});
    let cases = [
        (event(json!({"event": ""})), "/event", Code::Empty),
        (
            event(json!({"event": "x".repeat(1_001)})),
            "/event",
            Code::TooLarge,
        ),
        (
            event(json!({"measure": {"of": "sum", "property": ""}})),
            "/measure/property",
            Code::Empty,
        ),
        (
            event(json!({"compare": {"op": "at_least", "value": 1e16}})),
            "/compare/value",
            Code::OutOfRange,
        ),
        (
            event(json!({"compare": {"op": "between", "value": [2, 1]}})),
            "/compare/value",
            Code::OutOfRange,
        ),
        (
            event(json!({"during": {"type": "last", "count": 0, "unit": "day"}})),
            "/during/count",
            Code::OutOfRange,
        ),
        (
            event(json!({"during": {"type": "last", "count": 1_000_001, "unit": "hour"}})),
            "/during/count",
            Code::OutOfRange,
        ),
        (
            event(
                json!({"during": {"type": "ago", "from": {"count": 4_000_000_000_u32, "unit": "day"}, "to": {"count": 0, "unit": "day"}}}),
            ),
            "/during/from/count",
            Code::OutOfRange,
        ),
        (
            event(
                json!({"did": [{"performed": true, "event": "B", "when": "after", "within": {"count": 0, "unit": "day"}}]}),
            ),
            "/did/0/within/count",
            Code::OutOfRange,
        ),
        (
            event(
                json!({"did": [{"performed": true, "event": "B", "when": "after", "within": {"count": 5_219, "unit": "week"}}]}),
            ),
            "/did/0/within/count",
            Code::OutOfRange,
        ),
        (property(json!({"name": ""})), "/where/name", Code::Empty),
        (
            property(json!({"values": []})),
            "/where/values",
            Code::ValueCount,
        ),
        (
            property(json!({"values": ["x", 1]})),
            "/where/values/1",
            Code::ValueType,
        ),
        (
            property(json!({"op": "contains", "values": [1]})),
            "/where/values/0",
            Code::ValueType,
        ),
        (
            property(json!({"op": "contains", "values": [""]})),
            "/where/values/0",
            Code::Empty,
        ),
        (
            property(json!({"op": "greater_than", "values": ["1"]})),
            "/where/values/0",
            Code::ValueType,
        ),
        (
            property(json!({"op": "is_not", "values": [true]})),
            "/where/values/0",
            Code::OperatorMismatch,
        ),
        (
            property(json!({"op": "before", "values": ["yesterday"]})),
            "/where/values/0",
            Code::ValueType,
        ),
        (
            property(json!({"op": "between", "values": [1]})),
            "/where/values",
            Code::ValueCount,
        ),
        (
            property(json!({"op": "between", "values": [2, 1]})),
            "/where/values",
            Code::OutOfRange,
        ),
        (
            property(json!({"op": "between", "values": ["2026-05-29", "2026-05-01"]})),
            "/where/values",
            Code::OutOfRange,
        ),
        (
            property(json!({"op": "between", "values": ["2026-05-29", 1]})),
            "/where/values/1",
            Code::ValueType,
        ),
        (
            property(json!({"op": "is_set"})),
            "/where/values",
            Code::ValueCount,
        ),
        (
            property(json!({"op": "in_last", "values": []})),
            "/where",
            Code::ValueCount,
        ),
        (
            property(json!({"during": day})),
            "/where/during",
            Code::NotAllowed,
        ),
        (
            property(json!({"values": [1], "ignore_case": true})),
            "/where/ignore_case",
            Code::NotAllowed,
        ),
        (
            property(json!({"values": vec!["x"; 1_001]})),
            "/where/values",
            Code::TooLarge,
        ),
        (
            json!({"type": "user", "where": {"type": "not", "of": {"type": "property", "scope": "event", "name": "p", "op": "is_set"}}}),
            "/where/of/scope",
            Code::NotAllowed,
        ),
        (
            sequence(json!({"steps": [], "reached": 1})),
            "/steps",
            Code::Empty,
        ),
        (
            sequence(json!({"steps": [{"event": "A", "optional": true}, {"event": "B"}]})),
            "/steps/0/optional",
            Code::NotAllowed,
        ),
        (
            sequence(json!({"reached": 0})),
            "/reached",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"reached": 3})),
            "/reached",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"reached": 1, "not_reached": 1})),
            "/not_reached",
            Code::OutOfRange,
        ),
        (sequence(json!({"path": []})), "/path", Code::Empty),
        (
            sequence(json!({"path": [0, 1, 2]})),
            "/path/0",
            Code::OutOfRange,
        ),
        (sequence(json!({"path": [2]})), "/path/0", Code::OutOfRange),
        (
            sequence(json!({"path": [1, 1, 2]})),
            "/path/1",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"path": [1, 3]})),
            "/path/1",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"path": [1, 2, 2]})),
            "/path/2",
            Code::OutOfRange,
        ),
        (
            sequence(
                json!({"steps": [{"event": "A"}, {"event": "B"}, {"event": "C", "optional": true}], "reached": 3, "path": [1, 3]}),
            ),
            "/path/1",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"path": [1, 2], "reached": 1})),
            "/reached",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"path": [1], "reached": 1, "not_reached": 2})),
            "/not_reached",
            Code::NotAllowed,
        ),
        (
            sequence(json!({"path": [1, 2], "order": "any"})),
            "/path",
            Code::NotAllowed,
        ),
        (
            sequence(json!({"exclude": [{"event": "C", "from": 2, "to": 2}]})),
            "/exclude/0/from",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"exclude": [{"event": "C", "from": 1, "to": 3}]})),
            "/exclude/0/to",
            Code::OutOfRange,
        ),
        (
            sequence(json!({"order": "any", "steps": vec![json!({"event": "A"}); 11]})),
            "/steps",
            Code::TooLarge,
        ),
        (
            sequence(
                json!({"order": "any", "steps": [{"event": "A"}, {"event": "B", "optional": true}]}),
            ),
            "/steps/1/optional",
            Code::NotAllowed,
        ),
        (
            sequence(json!({"order": "any", "exclude": [{"event": "C", "from": 1, "to": 2}]})),
            "/exclude",
            Code::NotAllowed,
        ),
        (
            sequence(json!({"steps": [
                {"event": "A"}, {"event": "B", "optional": true}, {"event": "C", "optional": true}, {"event": "D", "optional": true},
                {"event": "E", "optional": true}, {"event": "F", "optional": true},
            ]})),
            "/steps",
            Code::TooLarge,
        ),
        (
            sequence(json!({"steps": vec![json!({"event": "A"}); 21]})),
            "/steps",
            Code::TooLarge,
        ),
        (
            json!({"type": "cohort", "start": [], "first_time": false, "return": {"event": "B"}, "unit": "day", "started": {"type": "all_time"}, "match": "on", "outcome": "returned"}),
            "/start",
            Code::Empty,
        ),
        (
            json!({"type": "cohort", "start": [{"event": "A"}], "first_time": false, "return": {"event": "B"}, "unit": "day", "started": {"type": "all_time"}, "period": 10_001, "match": "on", "outcome": "returned"}),
            "/period",
            Code::OutOfRange,
        ),
        (json!({"type": "segment", "id": ""}), "/id", Code::Empty),
        (json!({"type": "users"}), "", Code::Empty),
        (
            json!({"type": "users", "ids": ["a"], "list": "l"}),
            "/list",
            Code::NotAllowed,
        ),
        (
            json!({"type": "users", "ids": vec!["a"; 1_001]}),
            "/ids",
            Code::TooLarge,
        ),
        (
            json!({"type": "users", "ids": ["a", ""]}),
            "/ids/1",
            Code::Empty,
        ),
    ];
    for (json, pointer, code) in cases {
        let text = json.to_string();
        let mut inside = json!({"type": "any", "of": [{"type": "all", "of": []}]});
        inside["of"].as_array_mut().unwrap().push(json.clone());
        assert_eq!(
            errors(json),
            [(pointer.to_owned(), code)],
            "{}",
            text.get(..200).unwrap_or(&text)
        );
        assert_eq!(errors(inside), [(format!("/of/1{pointer}"), code)]);
    }
}

#[test]
fn what_means_nobody_is_allowed() {
    for json in [
        json!({"type": "any", "of": []}),
        json!({"type": "users", "ids": []}),
        event(json!({"during": {"type": "between", "from": "2026-05-29", "to": "2026-05-01"}})),
        event(json!({"compare": {"op": "at_most", "value": -1}})),
        event(
            json!({"during": {"type": "ago", "from": {"count": 1, "unit": "day"}, "to": {"count": 9, "unit": "day"}}}),
        ),
    ] {
        assert_eq!(errors(json), []);
    }
}

/// A definition of so many conditions on users that each hold one regular expression.
fn patterns(patterns: impl IntoIterator<Item = String>) -> Json {
    let of: Vec<Json> = patterns
        .into_iter()
        .map(|pattern| json!({"type": "user", "where": {"type": "property", "scope": "user", "name": "n", "op": "matches", "values": [pattern]}}))
        .collect();
    json!({"type": "all", "of": of})
}

#[test]
fn regular_expressions_have_a_budget() {
    let place = |at: usize| (format!("/of/{at}/where/values/0"), Code::TooLarge);
    let small = |count: usize| patterns((0..count).map(|at| format!("^a{at}|b$")));
    assert_eq!(errors(small(100)), []);
    assert_eq!(errors(small(103)), [place(100)], "told once");
    let many = patterns((0..50).map(|at| format!(r"[a-z0-9_.-]{{900}}{at}")));
    let told = errors(many);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1, Code::TooLarge);
    assert_ne!(told[0], place(0), "one of them alone is allowed");
    for huge in [
        "(?:a{1000}){1000}".to_owned(),
        "(?:(?:(?:){1000}){1000}){1000}".to_owned(),
        // What is kept of each group counts too.
        format!("{}(?:a{{500}}){{8}}", "()".repeat(300)),
    ] {
        assert_eq!(errors(patterns([huge.clone()])), [place(0)], "{huge}");
    }
    assert_eq!(
        errors(patterns(["(?:a{1000}){1000}(".to_owned()])),
        [(place(0).0, Code::InvalidPattern)]
    );
}

#[test]
fn values_and_ids_have_a_budget() {
    let ids = |count: usize| {
        let users = json!({"type": "users", "ids": vec!["a"; 1_000]});
        json!({"type": "any", "of": vec![users; count]})
    };
    assert_eq!(errors(ids(50)), []);
    assert_eq!(
        errors(ids(53)),
        [("/of/50/ids".to_owned(), Code::TooLarge)],
        "told once"
    );
    let values = |count: usize| {
        let user = json!({"type": "user", "where": {"type": "property", "scope": "user", "name": "n", "op": "is", "values": vec![1; 1_000]}});
        json!({"type": "any", "of": vec![user; count]})
    };
    assert_eq!(
        errors(values(51)),
        [("/of/50/where/values".to_owned(), Code::TooLarge)]
    );
}

#[test]
fn limits_that_an_older_backend_does_not_tell_are_the_usual_ones() {
    let json = json!({"page": 200, "criteria": 150, "body_bytes": 1_000});
    let limits: Limits = serde_json::from_value(json).unwrap();
    assert_eq!(
        limits,
        Limits {
            page: 200,
            criteria: 150,
            body_bytes: 1_000,
            ..LIMITS
        }
    );
}

#[test]
fn no_more_errors_are_told_than_somebody_reads() {
    let wrong = vec![json!({"type": "segment", "id": ""}); 150];
    assert_eq!(errors(json!({"type": "any", "of": wrong})).len(), 100);
}

#[test]
fn a_definition_may_have_so_many_criteria() {
    let limits = Limits {
        criteria: 3,
        ..Limits::default()
    };
    let of = |count: usize| {
        read(json!({"type": "all", "of": vec![json!({"type": "segment", "id": "s"}); count]}))
    };
    assert_eq!(validate(&of(2), &limits), []);
    assert!(matches!(
        validate(&of(3), &limits).as_slice(),
        [InputError {
            code: Code::TooLarge,
            ..
        }]
    ));
}

#[test]
fn expressions_are_those_that_every_engine_reads_alike() {
    let pattern = |pattern: &str| errors(property(json!({"op": "matches", "values": [pattern]})));
    for good in [
        "^a.*b$",
        r"\d{1,3}(\.\d+)?",
        "[^a-z]+|x",
        "(?i)abc",
        "(?P<year>[0-9]+)",
        "(?:a|b)+?",
        r"\bword\b",
        "[[:alpha:]]",
        r"\{x\}",
        "x{1000}",
    ] {
        assert_eq!(pattern(good), [], "{good}");
    }
    for bad in [
        "",
        "(",
        "a**b{",
        r"\p{Greek}",
        "(?=a)",
        r"(a)\1",
        "(?x)a b",
        r"\<a\>",
        r"\u0041",
        r"\b{start}a",
        "x{1001}",
        "x{,3}",
        "x{1, 3}",
        "(?R)a$",
    ] {
        assert_eq!(
            pattern(bad),
            [("/where/values/0".to_owned(), Code::InvalidPattern)],
            "{bad}"
        );
    }
}

// ---- sentences

#[test]
fn sentences_read_like_this() {
    let german = json!({"type": "property", "scope": "event", "name": "country", "op": "is", "values": ["Germany", "Austria"]});
    let last = json!({"type": "last", "count": 30, "unit": "day"});
    let bought = json!({"type": "event", "event": "Order Completed", "where": german, "compare": {"op": "at_least", "value": 3}, "during": last});
    let pro = json!({"type": "user", "where": {"type": "property", "scope": "user", "name": "plan", "op": "is", "values": ["pro"]}});
    let cases = [
        (
            bought.clone(),
            "users who performed Order Completed (where country is “Germany” or “Austria”) at least 3 times in the last 30 days",
        ),
        (
            json!({"type": "not", "of": event(json!({"during": {"type": "between", "from": "2026-05-01", "to": "2026-05-01"}}))}),
            "users who did not perform A on 1 May 2026",
        ),
        (
            json!({"type": "any", "of": [pro, {"type": "all", "of": [{"type": "segment", "id": "s1"}, {"type": "not", "of": {"type": "segment", "id": "s2"}}]}]}),
            "users whose plan is “pro” or (who are in the segment “Loyal” and who are not in the segment with the id “s2”)",
        ),
        (
            event(
                json!({"measure": {"of": "sum", "property": "price"}, "compare": {"op": "more_than", "value": 1250.5}, "during": {"type": "ago", "from": {"count": 60, "unit": "day"}, "to": {"count": 31, "unit": "day"}}}),
            ),
            "users who have a sum of price of more than 1,250.5 over A from 60 to 31 days ago",
        ),
        (
            event(
                json!({"measure": {"of": "distinct_days"}, "compare": {"op": "between", "value": [2, 5]}, "during": {"type": "this", "unit": "month"}}),
            ),
            "users who performed A on between 2 and 5 different days this month",
        ),
        (
            event(
                json!({"did": [{"performed": false, "event": "B", "when": "after", "within": {"count": 7, "unit": "day"}}]}),
            ),
            "users who performed A (not followed by B within 7 days) at any time",
        ),
        (
            json!({"type": "first_event", "event": null, "during": {"type": "last", "count": 1, "unit": "week", "complete": true}}),
            "users who performed any event for the first time ever in the last 1 complete week",
        ),
        (
            sequence(
                json!({"reached": 1, "not_reached": 2, "within": {"of": "funnel", "count": 1, "unit": "hour"}, "exclude": [{"event": "C", "from": 1, "to": 2}]}),
            ),
            "users who reached step 1 but not step 2 of the sequence A, then B (within 1 hour of the first step, without C between steps 1 and 2, starting at any time)",
        ),
        (
            json!({"type": "cohort", "start": [{"event": "A"}], "first_time": true, "return": {"event": "B"}, "unit": "week", "started": {"type": "since", "from": "2026-01-01"}, "period": 3, "match": "on_or_after", "outcome": "not_returned"}),
            "users who started with A for the first time ever since 1 January 2026 and did not come back with B in week 3 or later",
        ),
        (
            json!({"type": "users", "ids": ["u1", "u2"]}),
            "users who are one of the users “u1”, “u2”",
        ),
        (
            json!({"type": "all", "of": []}),
            "users who are in the project",
        ),
    ];
    for (json, expected) in cases {
        let names = |id: &str| (id == "s1").then(|| "Loyal".to_owned());
        assert_eq!(sentence(&read(json), &names), expected);
    }
}

#[test]
fn numbers_dates_and_instants_in_words() {
    use segments_model::sentence::{date, instant, number};

    for (value, expected) in [
        (0.0, "0"),
        (999.0, "999"),
        (-1_000.0, "-1,000"),
        (1_234_567.25, "1,234,567.25"),
        (1e15, "1,000,000,000,000,000"),
    ] {
        assert_eq!(number(value), expected);
    }
    assert_eq!(date("2026-12-09".parse().unwrap()), "9 December 2026");
    for (text, expected) in [
        ("2026-05-01T00:00:00Z", "1 May 2026 00:00 UTC"),
        ("2026-05-01T14:05:09Z", "1 May 2026 14:05:09 UTC"),
        ("2026-05-01T14:05:09.007Z", "1 May 2026 14:05:09.007 UTC"),
    ] {
        assert_eq!(instant(Instant::parse(text).unwrap()), expected);
    }
}

#[test]
fn texts_that_people_write() {
    let code = |written: &str, may_be_empty| {
        text(written, 5, may_be_empty, "/name").map(|error| (error.pointer, error.code))
    };
    let wrong = |code| Some(("/name".to_owned(), code));
    assert_eq!(code(" äöüßé ", false), None);
    assert_eq!(code("äöüßéa", false), wrong(Code::TooLarge));
    assert_eq!(code(" \t", false), wrong(Code::Empty));
    assert_eq!(code("", true), None);
    assert_eq!(code("a\nb", false), wrong(Code::NotAllowed));
    assert_eq!(code("a\nb", true), None);
    assert_eq!(code("a\0b", true), wrong(Code::NotAllowed));
    assert_eq!(time_zone("Europe/Berlin", "/time_zone"), None);
    assert_eq!(
        time_zone("Europe/Berlim", "/time_zone").map(|error| (error.pointer, error.code)),
        Some(("/time_zone".to_owned(), Code::UnknownTimeZone))
    );
}

// ---- what never changes

#[test]
fn a_definition_never_changes_if_all_of_it_is_past() {
    let as_of = Instant::parse("2026-06-01T12:00:00Z").unwrap();
    let past = json!({"during": {"type": "between", "from": "2026-05-01", "to": "2026-05-31"}});
    let fixed = |json: Json| never_changes(&read(json), as_of);
    assert!(fixed(event(past.clone())));
    assert!(!never_changes(
        &read(event(past.clone())),
        as_of.saturating_add_millis(-1)
    ));
    assert!(fixed(
        json!({"type": "any", "of": [event(past.clone()), {"type": "users", "ids": ["u"]}]})
    ));
    // Whoever comes later did not do it either.
    assert!(!fixed(json!({"type": "not", "of": event(past.clone())})));
    let mut seldom = event(past.clone());
    seldom["compare"] = json!({"op": "at_most", "value": 2});
    assert!(!fixed(seldom));
    for moving in [
        json!({"type": "all_time"}),
        json!({"type": "last", "count": 1, "unit": "day"}),
        json!({"type": "since", "from": "2026-05-01"}),
        json!({"type": "between", "from": "2026-05-01", "to": "2026-06-01"}),
        json!({"type": "ago", "from": {"count": 9, "unit": "day"}, "to": {"count": 8, "unit": "day"}}),
    ] {
        assert!(!fixed(
            json!({"type": "all", "of": [event(past.clone()), event(json!({"during": moving}))]})
        ));
    }
    assert!(!fixed(json!({"type": "segment", "id": "s"})));
    let types = criterion_types(&read(json!({"type": "not", "of": event(past)})));
    assert_eq!(types.into_iter().collect::<Vec<_>>(), ["event", "not"]);
}

// ---- laws

/// The same definition written otherwise.
fn rewritten(value: Json, choices: &mut impl Iterator<Item = usize>) -> Json {
    let is_group = |value: &Json, kind: &str| value["type"] == kind;
    match value {
        Json::Object(mut object) => {
            for field in [
                "of",
                "where",
                "generation_where",
                "did",
                "exclude",
                "steps",
                "start",
                "return",
            ] {
                if let Some(inner) = object.remove(field) {
                    object.insert(field.to_owned(), rewritten(inner, choices));
                }
            }
            for field in ["did", "exclude", "ids", "values"] {
                if object.get("op") == Some(&json!("between")) {
                    continue;
                }
                if let Some(Json::Array(items)) = object.get_mut(field) {
                    shuffle(items, choices);
                }
            }
            let mut value = Json::Object(object);
            for kind in ["all", "any"] {
                if is_group(&value, kind) {
                    let items = value["of"].as_array_mut().unwrap();
                    shuffle(items, choices);
                    if choices.next().unwrap().is_multiple_of(2) {
                        let inner = items.split_off(items.len() / 2);
                        items.push(json!({"type": kind, "of": inner}));
                    }
                }
            }
            let groups = [
                "all",
                "any",
                "not",
                "event",
                "user",
                "segment",
                "users",
                "property",
                "first_event",
                "cohort",
                "sequence",
            ];
            if groups.iter().any(|kind| is_group(&value, kind)) {
                match choices.next().unwrap() % 6 {
                    0 => value = json!({"type": "all", "of": [value]}),
                    1 => value = json!({"type": "any", "of": [value]}),
                    2 => value = json!({"type": "not", "of": {"type": "not", "of": value}}),
                    _ => {}
                }
            }
            value
        }
        Json::Array(items) => items
            .into_iter()
            .map(|item| rewritten(item, choices))
            .collect(),
        other => other,
    }
}

/// Turns a list of alternatives round and says some of them twice.
fn shuffle(items: &mut Vec<Json>, choices: &mut impl Iterator<Item = usize>) {
    if items.is_empty() {
        return;
    }
    let by = choices.next().unwrap() % items.len();
    items.rotate_left(by);
    if choices.next().unwrap().is_multiple_of(3) {
        items.push(items[by].clone());
    }
}

/// The JSON pointers of all values that are no lists or objects.
fn leaves(value: &Json, pointer: &str, found: &mut Vec<String>) {
    match value {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{pointer}/{index}"), found);
            }
        }
        Json::Object(fields) => {
            for (key, value) in fields {
                leaves(value, &format!("{pointer}/{key}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

/// Another value in place of one, of the same shape as often as not.
fn changed(leaf: &Json, choice: usize) -> Json {
    let words = [
        "Germany",
        "DE",
        "s1",
        "s2",
        "u1",
        "plan",
        "price",
        "Signed Up",
        "day",
        "week",
        "month",
        "hour",
        "all",
        "any",
        "at_least",
        "exactly",
        "is",
        "is_not",
        "before",
        "after",
        "event",
        "user",
        "strict",
        "funnel",
        "step",
        "on",
        "returned",
        "sum",
        "max",
        "2026-05-01",
        "2026-05-02",
        "2026-05-01T00:00:00.001Z",
    ];
    match leaf {
        Json::Bool(boolean) => json!(!boolean),
        Json::Number(number) => match number.as_u64() {
            Some(number) => json!(number + 1 + choice as u64 % 3),
            None => json!(number.as_f64().unwrap() + 0.5),
        },
        _ => json!(words[choice % words.len()]),
    }
}

/// What is read is what serde would read, but for three liberties of serde that the contract does not give: a list of the
/// fields in place of an object, a number in place of a variant's name, and any fields besides the name of a variant without.
fn agrees<T: Form>(json: &Json) -> Result<(), TestCaseError> {
    let by_serde = serde_json::from_value::<T>(json.clone()).is_ok();
    match decode_value::<T>(json.clone()) {
        Ok(_) => prop_assert!(by_serde, "{}", json),
        Err(errors) => {
            let liberty = |error: &InputError| {
                let found = json.pointer(&error.pointer);
                let (object, _) = error.pointer.rsplit_once('/').unwrap_or_default();
                let of = json
                    .pointer(object)
                    .and_then(|object| object["of"].as_str());
                found.is_some_and(|found| found.is_array() || found.is_u64())
                    || matches!(of, Some("users" | "time"))
            };
            prop_assert!(!by_serde || errors.iter().all(liberty), "{}", json);
        }
    }
    Ok(())
}

/// A value with one part taken away, put in, or exchanged.
fn damaged(value: &Json, at: &Index, with: &Json, choice: usize) -> Json {
    let mut pointers = Vec::new();
    nodes(value, "", &mut pointers);
    let pointer = &pointers[at.index(pointers.len())];
    let mut damaged = value.clone();
    let node = damaged.pointer_mut(pointer).unwrap();
    match (choice % 4, node) {
        (0, Json::Object(fields)) if !fields.is_empty() => {
            let key = fields
                .keys()
                .nth(choice / 4 % fields.len())
                .unwrap()
                .clone();
            fields.remove(&key);
        }
        (1, Json::Object(fields)) => {
            fields.insert("count".to_owned(), with.clone());
        }
        (2, Json::Array(items)) => items.push(with.clone()),
        (_, node) => *node = with.clone(),
    }
    damaged
}

fn nodes(value: &Json, pointer: &str, found: &mut Vec<String>) {
    found.push(pointer.to_owned());
    match value {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                nodes(item, &format!("{pointer}/{index}"), found);
            }
        }
        Json::Object(fields) => {
            for (key, value) in fields {
                nodes(value, &format!("{pointer}/{key}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_request_is_read_as_serde_reads_it() {
    let definition = json!({"type": "all", "of": []});
    let whole = json!({
        "name": "n", "description": "d", "category": "c", "kind": "static", "definition": definition,
        "origin": {"query": {"tool": "funnel"}, "selection": 1, "view": null}, "as_of": "2026-01-01T00:00:00Z",
        "time_zone": "UTC", "against": "s", "ids": ["s"], "search": "x", "columns": ["a"],
        "sort": {"by": "id", "descending": true}, "limit": 5, "cursor": "c", "segment": "s", "format": "json",
        "range": {"type": "all_time"}, "segments": ["s", "t"], "apply": true, "during": {"type": "all_time"}, "unit": "day",
    });
    fn check<T: Form>(whole: &Json, needed: &[&str]) {
        let names = whole.as_object().unwrap().keys();
        let mut taken = 0;
        for name in names {
            for value in [whole[name].clone(), Json::Null, json!(7), json!({"x": 1})] {
                let mut request: serde_json::Map<String, Json> = needed
                    .iter()
                    .map(|name| ((*name).to_owned(), whole[*name].clone()))
                    .collect();
                request.insert(name.clone(), value);
                let request = Json::Object(request);
                agrees::<T>(&request).unwrap();
                taken += usize::from(decode_value::<T>(request).is_ok());
            }
        }
        for left_out in needed {
            let request: serde_json::Map<String, Json> = needed
                .iter()
                .filter(|name| *name != left_out)
                .map(|name| ((*name).to_owned(), whole[*name].clone()))
                .collect();
            assert!(decode_value::<T>(request.clone().into()).is_err());
            agrees::<T>(&request.into()).unwrap();
        }
        assert!(taken > 1);
    }
    check::<NewSegment>(&whole, &["name", "kind", "definition"]);
    check::<SegmentPatch>(&whole, &[]);
    check::<ProjectPatch>(&whole, &[]);
    check::<PreviewRequest>(&whole, &["definition"]);
    check::<SizesRequest>(&whole, &["definition"]);
    check::<EvaluateSegments>(&whole, &["ids"]);
    check::<UserSearch>(&whole, &[]);
    check::<NewExport>(&whole, &[]);
    check::<ExplainRequest>(&whole, &[]);
    check::<OverlapRequest>(&whole, &["segments"]);
    check::<RerunRequest>(&whole, &[]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_goes_there_and_back(definition in criterion(), filter in filter(true), range in range()) {
        let json = serde_json::to_vec(&definition).unwrap();
        prop_assert_eq!(&decode::<Criterion>(&json).unwrap(), &definition);
        let json = serde_json::to_value(&filter).unwrap();
        prop_assert_eq!(&decode_value::<Filter>(json).unwrap(), &filter);
        let json = serde_json::to_value(&range).unwrap();
        prop_assert_eq!(&decode_value::<Range>(json).unwrap(), &range);
    }

    #[test]
    fn good_definitions_are_valid(definition in criterion()) {
        prop_assert_eq!(validate(&definition, &Limits::default()), []);
    }

    #[test]
    fn the_canonical_form_is_stable(definition in criterion()) {
        let form = canonical(&definition);
        prop_assert_eq!(&canonical(&form), &form);
        prop_assert_eq!(hash(&form), hash(&definition));
        prop_assert_eq!(validate(&form, &Limits::default()), []);
        prop_assert!(hash(&form).len() == 32 && hash(&form).chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f')));
    }

    #[test]
    fn writing_it_otherwise_changes_no_hash(definition in criterion(), choices in prop::collection::vec(any::<usize>(), 50)) {
        let json = serde_json::to_value(&definition).unwrap();
        let other = read(rewritten(json, &mut choices.into_iter().cycle()));
        prop_assert_eq!(canonical(&other), canonical(&definition));
        prop_assert_eq!(hash(&other), hash(&definition));
    }

    #[test]
    fn every_definition_has_a_sentence(definition in criterion(), filter in filter(true)) {
        let sentence = in_words(&definition);
        prop_assert!(sentence.starts_with("users who"), "{}", sentence);
        prop_assert!(!sentence.contains("  ") && !sentence.ends_with(' '), "{}", sentence);
        prop_assert_eq!(sentence.matches('(').count(), sentence.matches(')').count());
        prop_assert!(!plain(&filter_spans(&filter, &|_| None)).is_empty());
    }

    #[test]
    fn different_definitions_read_differently(definition in criterion(), at in any::<Index>(), choice in any::<usize>()) {
        let json = serde_json::to_value(&definition).unwrap();
        let mut pointers = Vec::new();
        leaves(&json, "", &mut pointers);
        if let Some(pointer) = pointers.get(at.index(pointers.len().max(1))) {
            let mut other = json.clone();
            let leaf = other.pointer_mut(pointer).unwrap();
            *leaf = changed(leaf, choice);
            if let Ok(other) = decode_value::<Criterion>(other)
                && validate(&other, &Limits::default()).is_empty()
                && hash(&other) != hash(&definition)
            {
                prop_assert_ne!(in_words(&other), in_words(&definition));
            }
        }
    }

    #[test]
    fn any_json_is_read_or_refused(json in any_json(), bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        agrees::<Criterion>(&json)?;
        agrees::<Filter>(&json)?;
        agrees::<Range>(&json)?;
        prop_assert!(decode::<Criterion>(&bytes).is_err());
    }

    #[test]
    fn damaged_definitions_are_read_as_serde_reads_them(
        definition in criterion(), at in any::<Index>(), with in any_json(), choice in any::<usize>()
    ) {
        let json = damaged(&serde_json::to_value(&definition).unwrap(), &at, &with, choice);
        agrees::<Criterion>(&json)?;
        if let Ok(definition) = decode_value::<Criterion>(json.clone()) {
            drop(validate(&definition, &Limits::default()));
            prop_assert!(!in_words(&definition).is_empty());
            prop_assert_eq!(hash(&definition), hash(&canonical(&definition)));
        } else if let Err(errors) = decode_value::<Criterion>(json.clone()) {
            for error in errors {
                // A place that is told is there.
                prop_assert!(json.pointer(&error.pointer).is_some(), "{}", error);
            }
        }
    }
}
