//! What else was done before or after an occurrence.

use std::sync::Arc;

use segments_engine::Store;

use crate::data::{context, members, store};

/// Ann looked around, ordered and came back; Bob ordered twice at one instant; Cid has ordered only.
fn shop() -> Arc<Store> {
    let at = |user, name, time| (user, name, time, Some(2.0), None);
    store(
        &[
            at("ann", "View", "2026-03-01T10:00:00.000Z"),
            at("ann", "Order", "2026-03-01T11:00:00.000Z"),
            at("ann", "View", "2026-03-01T12:00:00.001Z"),
            at("ann", "Order", "2026-03-03T00:00:00.000Z"),
            at("bob", "Order", "2026-03-01T10:00:00.000Z"),
            at("bob", "Order", "2026-03-01T10:00:00.000Z"),
            at("bob", "View", "2026-03-01T10:00:00.000Z"),
            at("cid", "Order", "2026-03-04T10:00:00.000Z"),
        ],
        &["dora"],
    )
}

fn ordered(did: &str, rest: &str) -> Vec<String> {
    let definition = format!(
        r#"{{"type": "event", "event": "Order", "did": [{did}], "during": {{"type": "all_time"}}{rest}}}"#
    );
    members(
        &shop(),
        &definition,
        &context("2026-03-05T00:00:00.000Z", "UTC"),
    )
}

#[test]
fn another_event_at_the_same_instant_is_neither_before_nor_after() {
    let before = r#"{"performed": true, "event": "View", "when": "before"}"#;
    assert_eq!(ordered(before, ""), ["ann"]);
    let after = r#"{"performed": true, "event": "View", "when": "after"}"#;
    assert_eq!(ordered(after, ""), ["ann"]);
    let not_before = r#"{"performed": false, "event": "View", "when": "before"}"#;
    assert_eq!(ordered(not_before, ""), ["bob", "cid"]);
}

#[test]
fn the_limit_itself_is_inside() {
    let within = |count: u32, unit| {
        format!(
            r#"{{"performed": true, "event": "View", "when": "before", "within": {{"count": {count}, "unit": "{unit}"}}}}"#
        )
    };
    assert_eq!(ordered(&within(1, "hour"), ""), ["ann"]);
    assert_eq!(ordered(&within(3_599, "second"), ""), [""; 0]);
    let after = r#"{"performed": true, "event": "View", "when": "after", "within": {"count": 1, "unit": "hour"}}"#;
    assert_eq!(ordered(after, ""), [""; 0], "a millisecond more");
}

#[test]
fn occurrences_that_fail_count_for_no_figure() {
    let twice = r#", "compare": {"op": "exactly", "value": 1}"#;
    let two_views = r#"{"performed": true, "event": "View", "when": "before", "compare": {"op": "at_least", "value": 2}}"#;
    assert_eq!(ordered(two_views, twice), ["ann"]);
    let days = r#", "measure": {"of": "distinct_days"}, "compare": {"op": "exactly", "value": 2}"#;
    let some_before = r#"{"performed": true, "event": "View", "when": "before"}"#;
    assert_eq!(ordered(some_before, days), ["ann"]);
    let sum = r#", "measure": {"of": "sum", "property": "amount"}, "compare": {"op": "exactly", "value": 2}"#;
    assert_eq!(ordered(two_views, sum), ["ann"]);
    let none = r#", "compare": {"op": "exactly", "value": 0}"#;
    assert_eq!(ordered(some_before, none), ["bob", "cid", "dora"]);
}

#[test]
fn every_condition_has_to_hold() {
    let both = r#"{"performed": true, "event": "View", "when": "before"}, {"performed": false, "event": null, "when": "after"}"#;
    assert_eq!(
        ordered(both, r#", "compare": {"op": "exactly", "value": 1}"#),
        ["ann"]
    );
    let neither = r#"{"performed": true, "event": "View", "when": "before"}, {"performed": false, "event": "View", "when": "before"}"#;
    assert_eq!(ordered(neither, ""), [""; 0]);
}
