//! Why a user meets a definition, told case by case.

use std::sync::Arc;

use segments_engine::{Context, Explained, Explaining, Progress, Store};
use segments_model::explain::{DecidingEvent, Found};

use crate::data::{at, context, definition_of, dynamic, events, store};

fn explained(store: &Arc<Store>, definition: &str, context: &Context, user: &str) -> Explained {
    let definition = definition_of(definition);
    let user = store.user_number(user).unwrap();
    let mut explaining = Explaining::new(Arc::clone(store), &definition, context, user).unwrap();
    loop {
        if let Progress::Done(explained) = explaining.step(100) {
            return explained;
        }
    }
}

/// When the whole turns round.
fn turns(store: &Arc<Store>, definition: &str, context: &Context) -> Option<String> {
    let explained = explained(store, definition, context, "ann");
    explained.flips_at.map(|at| at.to_string())
}

fn viewed(during: &str, rest: &str) -> String {
    format!(r#"{{"type": "event", "event": "View", "during": {during}{rest}}}"#)
}

fn last(count: u32, unit: &str) -> String {
    format!(r#"{{"type": "last", "count": {count}, "unit": "{unit}"}}"#)
}

const AS_OF: &str = "2026-03-10T12:00:00.000Z";

/// Ann viewed three times in March and ordered once.
fn shop() -> Arc<Store> {
    store(
        &[
            ("ann", "View", "2026-03-01T10:00:00.000Z", None, None),
            ("ann", "View", "2026-03-05T10:30:00.000Z", None, None),
            ("ann", "Order", "2026-03-05T11:00:00.000Z", Some(7.5), None),
            ("ann", "View", "2026-03-10T10:00:00.000Z", None, None),
        ],
        &[],
    )
}

#[test]
fn a_criterion_turns_round_when_an_event_leaves_its_range() {
    let store = shop();
    let ask = |definition: &str| turns(&store, definition, &context(AS_OF, "UTC"));
    let twice = r#", "compare": {"op": "at_least", "value": 2}"#;
    // The day of 5 March is one of the last 30 until 3 April ends.
    assert_eq!(
        ask(&viewed(&last(30, "day"), twice)).as_deref(),
        Some("2026-04-04T00:00:00.000Z")
    );
    assert_eq!(
        ask(&viewed(&last(10_000, "hour"), "")).as_deref(),
        Some("2027-05-01T02:00:00.000Z"),
        "10,000 hours after the one of the last view"
    );
    assert_eq!(
        ask(&viewed(&last(365, "day"), "")).as_deref(),
        Some("2027-03-10T00:00:00.000Z")
    );
    let complete = r#"{"type": "last", "count": 1, "unit": "day", "complete": true}"#;
    // The view of today is one of yesterday tomorrow.
    assert_eq!(
        ask(&viewed(complete, "")).as_deref(),
        Some("2026-03-11T00:00:00.000Z")
    );
    assert_eq!(ask(&viewed(r#"{"type": "all_time"}"#, "")), None);
    assert_eq!(
        ask(&viewed(r#"{"type": "since", "from": "2026-03-02"}"#, "")),
        None
    );
    // Beyond the horizon.
    assert_eq!(ask(&viewed(&last(20, "year"), "")), None);
}

#[test]
fn a_path_turns_round_when_the_start_of_the_best_run_leaves_the_range() {
    let store = shop();
    let path = |path: &str| {
        format!(
            r#"{{"type": "sequence", "steps": [{{"event": "View"}}, {{"event": "View", "optional": true}}, {{"event": "Order"}}],
                 "during": {}, "reached": 3, "path": {path}}}"#,
            last(10, "day")
        )
    };
    let context = context(AS_OF, "UTC");
    // From 11 March on the view of 1 March is no start any more, and only one view is left before the order.
    for (steps, holds) in [("[1, 2, 3]", true), ("[1, 3]", false)] {
        let explained = explained(&store, &path(steps), &context, "ann");
        assert_eq!(explained.holds, holds, "{steps}");
        assert_eq!(
            explained.flips_at,
            Some(at("2026-03-11T00:00:00.000Z")),
            "{steps}"
        );
    }
}

#[test]
fn events_after_as_of_are_not_waited_for() {
    let store = shop();
    let before = context("2026-03-04T00:00:00.000Z", "UTC");
    assert_eq!(
        turns(&store, &viewed(&last(7, "day"), ""), &before).as_deref(),
        Some("2026-03-08T00:00:00.000Z")
    );
}

#[test]
fn a_day_ends_where_the_zone_says() {
    let store = shop();
    let ask = |zone: &str| turns(&store, &viewed(&last(1, "day"), ""), &context(AS_OF, zone));
    assert_eq!(ask("UTC").as_deref(), Some("2026-03-11T00:00:00.000Z"));
    assert_eq!(
        ask("America/New_York").as_deref(),
        Some("2026-03-11T04:00:00.000Z")
    );
}

#[test]
fn segments_move_on_in_their_own_zone_unless_their_instant_is_told() {
    let store = shop();
    let mut context = context(AS_OF, "UTC");
    let lately = viewed(&last(1, "day"), "");
    let source = dynamic(&lately, "Asia/Kathmandu");
    context.segments.insert("lately".to_owned(), source);
    let moving = r#"{"type": "segment", "id": "lately"}"#;
    assert_eq!(
        turns(&store, moving, &context).as_deref(),
        Some("2026-03-10T18:15:00.000Z")
    );
    let fixed = format!(r#"{{"type": "segment", "id": "lately", "as_of": "{AS_OF}"}}"#);
    assert_eq!(turns(&store, &fixed, &context), None);
    // Events after as-of that it counts stay counted.
    context.as_of = at("2026-03-10T00:00:00.000Z");
    assert!(explained(&store, &fixed, &context, "ann").holds);
    assert_eq!(turns(&store, &fixed, &context), None);
}

#[test]
fn a_group_turns_round_with_its_members() {
    let store = shop();
    let context = context(AS_OF, "UTC");
    let (week, month) = (viewed(&last(7, "day"), ""), viewed(&last(30, "day"), ""));
    // After a week nobody viewed within a week, and it is still within a month.
    let quiet = format!(r#"{{"type": "all", "of": [{{"type": "not", "of": {week}}}, {month}]}}"#);
    let why = explained(&store, &quiet, &context, "ann");
    let told: Vec<_> = why
        .criteria
        .iter()
        .map(|criterion| {
            let turns = criterion.flips_at.map(|at| at.to_string());
            (criterion.pointer.as_str(), criterion.holds, turns)
        })
        .collect();
    let (first, second) = (
        Some("2026-03-17T00:00:00.000Z".to_owned()),
        Some("2026-04-09T00:00:00.000Z".to_owned()),
    );
    assert_eq!(
        told,
        [
            ("", false, first.clone()),
            ("/of/0", false, first.clone()),
            ("/of/0/of", true, first),
            ("/of/1", true, second),
        ]
    );
    let flip = why.flip.unwrap();
    assert_eq!(flip.len(), 1);
    assert_eq!(
        (flip[0].pointers.as_slice(), flip[0].to),
        (&["/of/0/of".to_owned()][..], false)
    );
}

#[test]
fn what_decides_is_told() {
    let store = shop();
    let context = context(AS_OF, "UTC");
    let event = |name: &str, time: &str, step| DecidingEvent {
        event: name.to_owned(),
        time: at(time),
        step,
    };
    let found = |definition: &str| {
        explained(&store, definition, &context, "ann").criteria[0]
            .found
            .clone()
    };
    let views = found(&viewed(&last(6, "day"), ""));
    let Some(Found::Figure {
        value,
        events,
        events_total,
        start,
        end,
        ..
    }) = views
    else {
        panic!("{views:?}");
    };
    assert_eq!((value, events_total), (Some(2.0), 2));
    assert_eq!((start, end), (Some(at("2026-03-05T00:00:00Z")), at(AS_OF)));
    assert_eq!(
        events,
        [
            event("View", "2026-03-10T10:00:00Z", None),
            event("View", "2026-03-05T10:30:00Z", None),
        ]
    );
    let sum = found(
        r#"{"type": "event", "event": null, "during": {"type": "all_time"},
            "measure": {"of": "sum", "property": "amount"}, "compare": {"op": "more_than", "value": 7}}"#,
    );
    let Some(Found::Figure {
        value,
        events,
        start,
        ..
    }) = sum
    else {
        panic!("{sum:?}");
    };
    assert_eq!((value, start), (Some(7.5), None));
    assert_eq!(
        events,
        [event("Order", "2026-03-05T11:00:00Z", None)],
        "the only one with an amount"
    );
    let sequence = found(
        r#"{"type": "sequence", "steps": [{"event": "View"}, {"event": "Order"}, {"event": "Order"}],
            "during": {"type": "all_time"}, "reached": 3}"#,
    );
    let Some(Found::Sequence {
        reached, events, ..
    }) = sequence
    else {
        panic!("{sequence:?}");
    };
    assert_eq!(reached, 2);
    assert_eq!(
        events,
        [
            event("View", "2026-03-01T10:00:00Z", Some(1)),
            event("Order", "2026-03-05T11:00:00Z", Some(2)),
        ]
    );
    let path = found(
        r#"{"type": "sequence", "steps": [{"event": "View"}, {"event": "Sale", "optional": true}, {"event": "Order"}],
            "during": {"type": "all_time"}, "reached": 3, "path": [1, 2, 3]}"#,
    );
    let Some(Found::Sequence {
        reached, events, ..
    }) = path
    else {
        panic!("{path:?}");
    };
    assert_eq!(reached, 3);
    assert_eq!(
        events,
        [
            event("View", "2026-03-01T10:00:00Z", Some(1)),
            event("Order", "2026-03-05T11:00:00Z", Some(3)),
        ],
        "the path that was taken, not the one that was asked for"
    );
    let cohort = found(
        r#"{"type": "cohort", "start": [{"event": "View"}], "first_time": true, "return": {"event": "View"},
            "unit": "day", "started": {"type": "all_time"}, "period": 4, "match": "on_or_after", "outcome": "returned"}"#,
    );
    assert_eq!(
        cohort,
        Some(Found::Cohort {
            started: Some(event("View", "2026-03-01T10:00:00Z", None)),
            generation: Some(at("2026-03-01T00:00:00Z")),
            returned: Some(event("View", "2026-03-05T10:30:00Z", None)),
            returns_from: Some(at("2026-03-05T00:00:00Z")),
            returns_until: None,
            start: None,
            end: at(AS_OF),
        })
    );
}

/// Many events and many ranges: ahead in steps, each of which leaves off where its budget ends.
#[test]
fn long_histories_are_gone_through_in_steps() {
    let hours: Vec<String> = (0..2_000)
        .map(|hour| {
            at("2026-01-01T00:00:00Z")
                .saturating_add_millis(hour * 3_600_000)
                .to_string()
        })
        .collect();
    let rows: Vec<_> = hours
        .iter()
        .map(|time| ("ann", "View", time.as_str(), None, None))
        .collect();
    let mut loader = segments_engine::Loader::new();
    loader.push_events(&events(&rows)).unwrap();
    let store = crate::data::built(loader);
    let context = context("2026-03-25T08:00:00.000Z", "UTC");
    let definition = definition_of(&viewed(&last(10_000, "hour"), ""));
    let user = store.user_number("ann").unwrap();
    let mut explaining = Explaining::new(Arc::clone(&store), &definition, &context, user).unwrap();
    let mut steps = 0;
    let explained = loop {
        steps += 1;
        if let Progress::Done(explained) = explaining.step(10_000) {
            break explained;
        }
    };
    assert_eq!(explained.flips_at, Some(at("2027-05-15T23:00:00.000Z")));
    assert!((100..3_000).contains(&steps), "{steps} steps");
}
