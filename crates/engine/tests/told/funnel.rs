//! Funnels, told case by case.

use std::collections::BTreeMap;
use std::sync::Arc;

use segments_engine::batch::{EventBatch, UserBatch};
use segments_engine::{Context, EvaluateError, Loader, Progress, QueryJob, Store};
use segments_model::answer::{Answer, FunnelAnswer, FunnelGroup};
use segments_model::query::Query;

use crate::data::{built, context, events, store, texts, users};

fn asked(store: &Arc<Store>, query: &str, context: &Context, rows: usize) -> FunnelAnswer {
    let query: Query = serde_json::from_str(&format!(r#"{{"tool": "funnel", {query}}}"#)).unwrap();
    let mut asking = QueryJob::new(Arc::clone(store), &query, context).unwrap();
    loop {
        match asking.step(rows) {
            Progress::Done(Answer::Funnel(answer)) => return answer,
            Progress::Done(other) => panic!("{other:?}"),
            Progress::Working { .. } => {}
        }
    }
}

fn march() -> Context {
    context("2026-03-05T00:00:00.000Z", "UTC")
}

const TWO_STEPS: &str =
    r#""steps": [{"event": "View"}, {"event": "Order"}], "during": {"type": "all_time"}"#;

/// How many users reached each step.
fn users_of(group: &FunnelGroup) -> Vec<u64> {
    group.steps.iter().map(|step| step.users).collect()
}

/// Ann looks at red and at blue and orders after an hour; Bob looks at red, and orders before and at that instant; Cid only looks.
fn shop() -> Arc<Store> {
    let at = |user, name, time, colour| (user, name, time, None, colour);
    store(
        &[
            at("ann", "View", "2026-03-01T10:00:00.000Z", Some("red")),
            at("ann", "View", "2026-03-02T10:00:00.000Z", Some("blue")),
            at("ann", "Order", "2026-03-02T11:00:00.000Z", Some("red")),
            at("bob", "Order", "2026-03-01T09:00:00.000Z", None),
            at("bob", "View", "2026-03-01T10:00:00.000Z", Some("red")),
            at("bob", "Order", "2026-03-01T10:00:00.000Z", None),
            at("cid", "View", "2026-03-04T12:00:00.001Z", None),
        ],
        &["dora"],
    )
}

#[test]
fn the_best_run_starts_with_the_earliest_event() {
    let answer = asked(&shop(), TWO_STEPS, &march(), 1);
    let [all] = answer.groups.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!(users_of(all), [3, 1]);
    assert_eq!(all.median_seconds, Some(90_000.0));
    assert_eq!(all.steps[1].from_start, Some(1.0 / 3.0));
    assert_eq!(all.steps[0].from_previous, Some(1.0));
    assert_eq!(all.steps[1].pending, 2);
    let [time] = all.times.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(
        (time.from_seconds, time.to_seconds, time.users),
        (86_400.0, Some(172_800.0), 1)
    );
    assert_eq!(answer.stamp.start, None);
}

#[test]
fn a_limit_takes_its_end_in_and_leaves_those_pending_who_have_time_left() {
    let within = |count, unit| {
        let limit = format!(
            r#"{TWO_STEPS}, "within": {{"of": "funnel", "count": {count}, "unit": "{unit}"}}"#
        );
        let answer = asked(&shop(), &limit, &march(), usize::MAX);
        let step = answer.groups[0].steps[1].clone();
        (step.users, step.pending, step.median_seconds)
    };
    assert_eq!(within(1, "hour"), (1, 0, Some(3_600.0)));
    assert_eq!(within(3_599, "second"), (0, 0, None));
    assert_eq!(within(12, "hour"), (1, 1, Some(3_600.0)));
    assert_eq!(within(43_199, "second"), (1, 0, Some(3_600.0)));
}

#[test]
fn a_breakdown_is_the_same_funnel_with_the_step_filtered() {
    let by = |step: &str| {
        let query =
            format!(r#"{TWO_STEPS}, "group_by": {{"scope": "event", "name": "colour"{step}}}"#);
        let answer = asked(&shop(), &query, &march(), 2);
        let groups = answer.groups.iter().skip(1);
        groups
            .map(|group| (format!("{:?}", group.group), users_of(group)))
            .collect::<Vec<_>>()
    };
    let group = |value: &str| format!("[Some(String({value:?}))]");
    let missing = || "[None]".to_owned();
    let first = [
        (group("red"), vec![2, 1]),
        (group("blue"), vec![1, 1]),
        (missing(), vec![1, 0]),
    ];
    assert_eq!(by(r#", "step": 1"#), first);
    // Whoever looked is in the funnel, whatever they ordered.
    assert_eq!(by(r#", "step": 2"#), [(group("red"), vec![3, 1])]);
    let all = [
        (group("red"), vec![2, 1]),
        (group("blue"), vec![1, 0]),
        (missing(), vec![1, 0]),
    ];
    assert_eq!(by(""), all);
}

#[test]
fn over_time_it_is_the_same_funnel_with_the_bucket_as_its_range() {
    let query = format!(r#"{TWO_STEPS}, "interval": "day""#);
    let answer = asked(&shop(), &query, &march(), 3);
    let buckets = &answer.groups[0].buckets;
    let users: Vec<Vec<u64>> = buckets
        .iter()
        .map(|bucket| bucket.steps.iter().map(|step| step.users).collect())
        .collect();
    assert_eq!(users, [[2, 1], [1, 1], [0, 0], [1, 0]]);
    assert_eq!(buckets[1].steps[1].median_seconds, Some(3_600.0));
    assert_eq!(buckets[2].steps[1].from_start, None);
}

/// More groups than are worked out before it is known which are told.
#[test]
fn of_very_many_groups_those_told_are_exact() {
    let colours: Vec<String> = (0..1_500)
        .map(|colour| format!("c{:04}", colour / 3 * 3))
        .collect();
    let names: Vec<String> = (0..1_500).map(|user| format!("u{user:04}")).collect();
    let mut rows = Vec::new();
    for (place, user) in names.iter().enumerate() {
        let colour = Some(if place < 9 {
            "common"
        } else {
            colours[place].as_str()
        });
        // By a second colour of its own each user has many groups.
        let own = Some(user.as_str());
        rows.push((
            user.as_str(),
            "View",
            "2026-03-01T10:00:00.000Z",
            None,
            colour,
        ));
        rows.push((user.as_str(), "View", "2026-03-01T12:00:00.000Z", None, own));
        rows.push((
            user.as_str(),
            "Order",
            "2026-03-01T11:00:00.000Z",
            None,
            colour,
        ));
        if place % 2 == 0 {
            rows.push((
                user.as_str(),
                "Order",
                "2026-03-01T13:00:00.000Z",
                None,
                own,
            ));
        }
    }
    let mut loader = Loader::new();
    loader.push_events(&events(&rows)).unwrap();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let batch = UserBatch {
        properties: vec![texts(
            "team",
            colours.iter().map(|colour| Some(colour.as_str())),
        )],
        ..users(&known, Vec::new())
    };
    loader.push_users(&batch).unwrap();
    let store = built(loader);
    let told = |group: &str, rows: usize| {
        let query =
            format!(r#"{TWO_STEPS}, "max_groups": 2, "interval": "day", "group_by": {group}"#);
        let one = asked(&store, &query, &march(), rows);
        let context = Context {
            shares: 3,
            ..march()
        };
        assert_eq!(one, asked(&store, &query, &context, 1_000));
        one
    };
    for (step, expected) in [(1, [[9, 9], [3, 3]]), (2, [[1_500, 9], [1_500, 3]])] {
        let group = format!(r#"{{"scope": "event", "name": "colour", "step": {step}}}"#);
        let answer = told(&group, usize::MAX);
        let users: Vec<Vec<u64>> = answer.groups.iter().skip(1).map(users_of).collect();
        assert_eq!(users, expected, "at step {step}");
        let own = if step == 1 { 1_500 } else { 750 };
        assert_eq!(answer.groups_left_out, 1 + 497 + own - 2);
        assert_eq!(answer.groups[1].average_seconds, Some(3_600.0));
        for group in &answer.groups {
            assert_eq!(group.buckets[0].steps, group.steps);
        }
    }
    let answer = told(r#"{"scope": "user", "name": "team"}"#, 700);
    assert_eq!(users_of(&answer.groups[1]), [3, 3]);
    assert_eq!(answer.groups_left_out, 498);
}

/// A user with very many events costs time that grows with their number.
#[test]
fn one_user_may_have_very_many_events() {
    let count = 300_000_i64;
    let batch = EventBatch {
        users: (0..count).map(|_| Some("ann")).collect(),
        events: (0..count)
            .map(|place| Some(["View", "Order", "Share"][place as usize % 3]))
            .collect(),
        times: (0..count)
            .map(|place| 1_740_000_000_000 + place * 60_000)
            .collect(),
        properties: vec![texts(
            "colour",
            (0..count).map(|place| Some(["red", "blue"][place as usize % 2])),
        )],
    };
    let mut loader = Loader::new();
    loader.push_events(&batch).unwrap();
    let store = built(loader);
    for rest in [
        r#""order": "sequential""#,
        r#""order": "sequential", "within": {"of": "step", "count": 1, "unit": "hour"}"#,
        r#""order": "strict""#,
        r#""order": "any", "within": {"of": "funnel", "count": 1, "unit": "hour"}"#,
    ] {
        let query = format!(
            r#"{TWO_STEPS}, {rest}, "interval": "week", "group_by": {{"scope": "event", "name": "colour", "step": 2}}"#
        );
        let answer = asked(&store, &query, &march(), 10_000);
        let groups: BTreeMap<usize, Vec<u64>> =
            answer.groups.iter().map(users_of).enumerate().collect();
        assert!(
            groups.values().all(|users| *users == [1, 1]),
            "{rest}: {groups:?}"
        );
    }
}

#[test]
fn what_is_wrong_is_told_where_it_stands_in_the_query() {
    let store = shop();
    let refused = |query: &str| -> EvaluateError {
        let query: Query =
            serde_json::from_str(&format!(r#"{{"tool": "funnel", {query}}}"#)).unwrap();
        QueryJob::new(Arc::clone(&store), &query, &march()).unwrap_err()
    };
    let during = r#""during": {"type": "all_time"}"#;
    let segment = r#"{"type": "segment", "id": "gone"}"#;
    for (query, pointer) in [
        (
            format!(r#""steps": [{{"event": "View", "where": {segment}}}], {during}"#),
            "/steps/0/where/id",
        ),
        (
            format!(r#"{TWO_STEPS}, "audience": {{"type": "not", "of": {segment}}}"#),
            "/audience/of/id",
        ),
        (
            format!(r#"{TWO_STEPS}, "group_by": {{"segment": "gone"}}"#),
            "/group_by/segment",
        ),
        (
            format!(
                r#"{TWO_STEPS}, "exclude": [{{"event": null, "from": 1, "to": 2, "where": {segment}}}]"#
            ),
            "/exclude/0/where/id",
        ),
        (
            format!(
                r#""steps": [{{"event": "View", "did": [{{"performed": true, "event": null, "when": "after", "where": {segment}}}]}}], {during}"#
            ),
            "/steps/0/did/0/where/id",
        ),
        (format!(r#""steps": [], {during}"#), "/steps"),
        (
            format!(
                r#"{TWO_STEPS}, "group_by": {{"scope": "event", "name": "colour", "step": 3}}"#
            ),
            "/group_by/step",
        ),
    ] {
        assert_eq!(refused(&query).pointer(), pointer, "{query}");
    }
}

#[test]
fn progress_goes_on_from_the_conditions_on_users() {
    let store = shop();
    let viewed =
        r#""audience": {"type": "event", "event": "View", "during": {"type": "all_time"}}"#;
    let cohort = r#""tool": "cohort", "start": [{"event": "View"}], "first_time": true, "return": {"event": "Order"},
        "unit": "day", "periods": 3, "match": "on", "during": {"type": "all_time"}"#;
    for query in [
        format!(r#""tool": "funnel", {TWO_STEPS}"#),
        cohort.to_owned(),
    ] {
        let query: Query = serde_json::from_str(&format!("{{{query}, {viewed}}}")).unwrap();
        let mut asking = QueryJob::new(Arc::clone(&store), &query, &march()).unwrap();
        let mut told = Vec::new();
        while let Progress::Working { done, total } = asking.step(1) {
            told.push((done, total));
        }
        let (_, total) = told[0];
        assert!(told.len() > 3, "{told:?}");
        assert!(told.is_sorted(), "{told:?}");
        assert!(
            told.iter().all(|of| of.1 == total && of.0 <= total),
            "{told:?}"
        );
    }
}
