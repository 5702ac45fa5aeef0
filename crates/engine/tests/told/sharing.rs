//! What makes answers quick must not change them: shares of the users, kept parts, users that are ruled out.

use std::fmt::Write as _;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_engine::{Context, Evaluation, Loader, PartCache, Preview, Progress, Store};
use segments_model::Criterion;

use crate::data::{at, built, context, definition_of, events, numbers, users};

/// 300 users; user n has n % 7 orders of n, n % 3 views, and is n years old; every fifth has no event.
fn shop() -> Arc<Store> {
    let ids: Vec<String> = (0..300).map(|user| format!("user {user}")).collect();
    let mut rows = Vec::new();
    let mut times = Vec::new();
    for hour in 0..24 {
        let mut time = String::new();
        write!(time, "2026-03-{:02}T{hour:02}:00:00Z", hour % 9 + 1).unwrap();
        times.push(time);
    }
    for (user, id) in ids.iter().enumerate().filter(|(user, _)| user % 5 > 0) {
        for order in 0..user % 7 {
            let time = &times[(user + order * 5) % 24];
            rows.push((id.as_str(), "Order", time.as_str(), Some(user as f64), None));
        }
        for view in 0..user % 3 {
            let time = &times[(user * 3 + view) % 24];
            rows.push((id.as_str(), "View", time.as_str(), None, None));
        }
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut loader = Loader::new();
    loader
        .push_users(&users(
            &ids,
            vec![numbers("age", (0..300).map(|age| Some(f64::from(age))))],
        ))
        .unwrap();
    loader.push_events(&events(&rows)).unwrap();
    built(loader)
}

fn found(
    store: &Arc<Store>,
    definition: &Criterion,
    context: &Context,
    rows: usize,
) -> RoaringBitmap {
    let mut evaluation = Evaluation::new(Arc::clone(store), definition, context).unwrap();
    loop {
        if let Progress::Done(users) = evaluation.step(rows) {
            return users;
        }
    }
}

/// All users of each criterion, nobody ruled out.
fn previewed(store: &Arc<Store>, definition: &Criterion, context: &Context) -> RoaringBitmap {
    let mut preview = Preview::new(Arc::clone(store), definition, context).unwrap();
    loop {
        if let Progress::Done(previewed) = preview.step(10) {
            return previewed.members;
        }
    }
}

fn age(op: &str, value: &str) -> String {
    format!(
        r#"{{"type": "user", "where": {{"type": "property", "scope": "user", "name": "age", "op": "{op}", "values": [{value}]}}}}"#
    )
}

fn event(event: &str, rest: &str) -> String {
    format!(r#"{{"type": "event", "event": {event}, "during": {{"type": "all_time"}}{rest}}}"#)
}

fn definitions() -> Vec<Criterion> {
    let few = age("is", "3, 10, 51, 52, 298");
    let many = age("at_least", "20");
    let orders = |op: &str, value: u32| {
        event(
            r#""Order""#,
            &format!(r#", "compare": {{"op": "{op}", "value": {value}}}"#),
        )
    };
    let sum = event(
        r#""Order""#,
        r#", "measure": {"of": "sum", "property": "amount"}, "compare": {"op": "at_most", "value": 200}"#,
    );
    let any = event("null", r#", "compare": {"op": "at_least", "value": 4}"#);
    let group =
        |kind: &str, of: &[&str]| format!(r#"{{"type": "{kind}", "of": [{}]}}"#, of.join(", "));
    let not = |of: &str| format!(r#"{{"type": "not", "of": {of}}}"#);
    let cohort = |start: &str, outcome: &str| {
        format!(
            r#"{{"type": "cohort", "start": [{start}], "first_time": true, "return": {{"event": "Order"}}, "unit": "day",
                 "started": {{"type": "all_time"}}, "match": "on", "outcome": "{outcome}"}}"#
        )
    };
    let ordered = r#"{"event": "Order"}"#;
    let chain = r#"{"event": "View"}, {"event": null}"#;
    let path = r#"{"type": "sequence", "steps": [{"event": "Order"}, {"event": "View", "optional": true}, {"event": "Order"}],
        "during": {"type": "all_time"}, "reached": 3, "path": [1, 3]}"#;
    let texts = [
        group("all", &[&few, &cohort(ordered, "returned")]),
        group("all", &[&few, &cohort(ordered, "not_returned")]),
        group("all", &[&few, &cohort(r#"{"event": null}"#, "started")]),
        group("all", &[&many, &cohort(r#"{"event": null}"#, "returned")]),
        group("all", &[&few, &cohort(chain, "started")]),
        group("all", &[&many, &cohort(chain, "not_returned")]),
        group("all", &[&few, path]),
        group("all", &[&many, path]),
        group("all", &[&few, &orders("at_least", 2)]),
        group("all", &[&few, &orders("at_most", 2)]),
        group("all", &[&many, &sum, &orders("exactly", 3)]),
        group("all", &[&few, &not(&group("any", &[&sum, &any]))]),
        group("any", &[&group("all", &[&few, &any]), &any]),
        group(
            "all",
            &[&few, &group("all", &[&not(&orders("at_least", 3)), &sum])],
        ),
        not(&group("all", &[&few, &event(r#""View""#, ""), &any])),
        group("all", &[&group("any", &[]), &orders("at_most", 2)]),
        // The same leaf twice: once among few, once among all.
        group(
            "any",
            &[
                &group("all", &[&few, &orders("at_least", 2)]),
                &orders("at_least", 2),
            ],
        ),
    ];
    texts.iter().map(|text| definition_of(text)).collect()
}

#[test]
fn ruling_users_out_and_sharing_them_out_change_nothing() {
    let store = shop();
    for definition in definitions() {
        let mut context = context("2026-04-01T00:00:00Z", "UTC");
        let expected = previewed(&store, &definition, &context);
        assert!(!expected.is_full());
        for shares in [1, 2, 3, 64, 1_000] {
            context.shares = shares;
            for rows in [1, 50, usize::MAX] {
                assert_eq!(
                    found(&store, &definition, &context, rows),
                    expected,
                    "{definition:?} in {shares} shares"
                );
            }
            assert_eq!(previewed(&store, &definition, &context), expected);
        }
    }
}

#[test]
fn what_is_kept_is_what_would_be_found() {
    let store = shop();
    let kept = Arc::new(PartCache::new(1 << 20));
    for as_of in [
        "2026-03-04T12:00:00Z",
        "2026-03-09T00:00:00Z",
        "2026-04-01T00:00:00Z",
    ] {
        for zone in ["UTC", "Asia/Tokyo"] {
            for round in 0..2 {
                for definition in definitions() {
                    let plain = context(as_of, zone);
                    let keeping = Context {
                        cache: Some(Arc::clone(&kept)),
                        shares: round + 1,
                        ..plain.clone()
                    };
                    assert_eq!(
                        previewed(&store, &definition, &keeping),
                        previewed(&store, &definition, &plain)
                    );
                    assert_eq!(
                        found(&store, &definition, &keeping, 100),
                        found(&store, &definition, &plain, 100)
                    );
                }
            }
        }
    }
    assert!(kept.bytes() > 0);
}

#[test]
fn what_happened_since_can_be_left_out() {
    let store = shop();
    let last_two_days = definition_of(
        r#"{"type": "event", "event": "Order", "during": {"type": "last", "count": 2, "unit": "day"}}"#,
    );
    let on_the_fourth = context("2026-03-04T23:00:00Z", "UTC");
    let a_day_later = context("2026-03-05T23:00:00Z", "UTC");
    let as_if_nothing_happened = Context {
        known_until: Some(at("2026-03-04T23:00:00Z")),
        ..a_day_later.clone()
    };
    let before = found(&store, &last_two_days, &on_the_fourth, 100);
    let after = found(&store, &last_two_days, &a_day_later, 100);
    let without = found(&store, &last_two_days, &as_if_nothing_happened, 100);
    assert!(without.is_subset(&before) && without.is_subset(&after));
    assert!(without.len() < before.len() && without.len() < after.len());
    // Only the range has moved on: who is left did it on the fourth.
    let fourth = definition_of(
        r#"{"type": "event", "event": "Order", "during": {"type": "between", "from": "2026-03-04", "to": "2026-03-04"}}"#,
    );
    assert_eq!(without, found(&store, &fourth, &on_the_fourth, 100));
}
