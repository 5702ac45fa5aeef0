//! Segmentation queries, worked out by hand.

use std::sync::Arc;

use segments_engine::{Context, EvaluateError, Progress, QueryJob, Source, Store};
use segments_model::answer::{Answer, Group, SegmentationAnswer};
use segments_model::query::Query;
use segments_model::stamp::Unit;

use crate::data::{at, context, dynamic, numbers, store, texts, users};

/// Answers in steps of a few rows and in one, of all users together and in shares.
fn asked(store: &Arc<Store>, json: &str, context: &Context) -> SegmentationAnswer {
    let query: Query = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    let answer = |rows, shares| {
        let context = Context {
            shares,
            ..context.clone()
        };
        let mut asking = QueryJob::new(Arc::clone(store), &query, &context).unwrap();
        loop {
            match asking.step(rows) {
                Progress::Done(Answer::Segmentation(answer)) => break answer,
                Progress::Done(other) => panic!("{other:?}"),
                Progress::Working { .. } => {}
            }
        }
    };
    let found = answer(1, 1);
    assert_eq!(found, answer(usize::MAX, 1), "{json}");
    assert_eq!(found, answer(2, 3), "{json}");
    found
}

fn query(measures: &str, rest: &str) -> String {
    format!(r#"{{"tool": "segmentation", "measures": [{measures}], {rest}}}"#)
}

fn measure(event: &str, aggregate: &str) -> String {
    let event = match event {
        "" => "null".to_owned(),
        event => format!("\"{event}\""),
    };
    format!(r#"{{"event": {event}, "aggregate": {{{aggregate}}}}}"#)
}

const DAYS: &str =
    r#""during": {"type": "between", "from": "2026-03-01", "to": "2026-03-03"}, "interval": "day""#;
const BY_COLOUR: &str = r#""group_by": [{"scope": "event", "name": "colour"}]"#;

/// Ann orders on the first and the second day, there twice; Bob on the second and the third; views besides.
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
            ("bob", "View", "2026-03-01T11:00:00.000Z", None, Some("red")),
            (
                "ann",
                "Order",
                "2026-03-02T00:00:00.000Z",
                Some(3.5),
                Some("blue"),
            ),
            (
                "ann",
                "Order",
                "2026-03-02T23:59:59.999Z",
                Some(0.25),
                Some("red"),
            ),
            ("bob", "Order", "2026-03-02T12:00:00.000Z", None, None),
            (
                "bob",
                "Order",
                "2026-03-03T12:00:00.000Z",
                Some(10.0),
                Some("blue"),
            ),
            (
                "ann",
                "View",
                "2026-03-03T09:00:00.000Z",
                None,
                Some("green"),
            ),
            (
                "cid",
                "View",
                "2026-03-04T09:00:00.000Z",
                None,
                Some("green"),
            ),
            (
                "ann",
                "Order",
                "2026-02-28T23:59:59.999Z",
                Some(100.0),
                Some("red"),
            ),
        ],
        &["dora"],
    )
}

/// The only series: a figure for each bucket, and the total.
fn only(answer: &SegmentationAnswer) -> (Vec<Option<f64>>, Option<f64>) {
    match answer.series.as_slice() {
        [series] => (series.values.clone(), series.total),
        _ => panic!("{answer:?}"),
    }
}

#[test]
fn every_figure_is_told_by_day_and_over_the_whole_range() {
    let store = shop();
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let (none, some) = (None, Some);
    for (aggregate, values, total) in [
        (
            r#""of": "total""#,
            [some(1.0), some(3.0), some(1.0)],
            some(5.0),
        ),
        (
            r#""of": "users""#,
            [some(1.0), some(2.0), some(1.0)],
            some(2.0),
        ),
        (
            r#""of": "total", "per_user": true"#,
            [some(1.0), some(1.5), some(1.0)],
            some(2.5),
        ),
        (
            r#""of": "sum", "property": "amount""#,
            [some(2.0), some(3.75), some(10.0)],
            some(15.75),
        ),
        (
            r#""of": "sum", "property": "amount", "per_user": true"#,
            [some(2.0), some(3.75), some(10.0)],
            some(7.875),
        ),
        (
            r#""of": "average", "property": "amount""#,
            [some(2.0), some(1.875), some(10.0)],
            some(3.9375),
        ),
        (
            r#""of": "average", "property": "amount", "per_user": true"#,
            [some(2.0), some(1.875), some(10.0)],
            // Ann's is 5.75 / 3, which is 1.916667 to six decimals.
            some(5.9583335),
        ),
        (
            r#""of": "median", "property": "amount""#,
            [some(2.0), some(1.875), some(10.0)],
            some(2.75),
        ),
        (
            r#""of": "median", "property": "amount", "per_user": true"#,
            [some(2.0), some(1.875), some(10.0)],
            some(6.0),
        ),
        (
            r#""of": "min", "property": "amount""#,
            [some(2.0), some(0.25), some(10.0)],
            some(0.25),
        ),
        (
            r#""of": "max", "property": "amount""#,
            [some(2.0), some(3.5), some(10.0)],
            some(10.0),
        ),
        (
            r#""of": "max", "property": "amount", "per_user": true"#,
            [some(2.0), some(3.5), some(10.0)],
            some(6.75),
        ),
        (
            r#""of": "distinct", "property": "colour""#,
            [some(1.0), some(2.0), some(1.0)],
            some(2.0),
        ),
        (
            r#""of": "distinct", "property": "colour", "per_user": true"#,
            [some(1.0), some(2.0), some(1.0)],
            some(1.5),
        ),
        (
            r#""of": "sum", "property": "nothing""#,
            [some(0.0); 3],
            some(0.0),
        ),
        (r#""of": "average", "property": "nothing""#, [none; 3], none),
    ] {
        let answer = asked(&store, &query(&measure("Order", aggregate), DAYS), &context);
        assert_eq!(only(&answer), (values.to_vec(), total), "{aggregate}");
        assert_eq!(answer.buckets.len(), 3);
        assert_eq!(answer.series[0].group, Group::new());
        let unit = match aggregate {
            r#""of": "users""# => Unit::Users,
            _ => Unit::Events,
        };
        assert_eq!(answer.stamp.unit, unit);
        assert_eq!(answer.stamp.start, Some(at("2026-03-01T00:00:00Z")));
        assert_eq!(answer.stamp.end, Some(at("2026-03-04T00:00:00Z")));
    }
}

#[test]
fn a_user_of_several_events_is_one_user() {
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let of = |aggregate| {
        only(&asked(
            &shop(),
            &query(&measure("", aggregate), DAYS),
            &context,
        ))
    };
    let some = |values: [f64; 3]| values.map(Some).to_vec();
    assert_eq!(of(r#""of": "users""#), (some([2.0, 2.0, 2.0]), Some(2.0)));
    assert_eq!(of(r#""of": "total""#), (some([2.0, 3.0, 2.0]), Some(7.0)));
    assert_eq!(
        of(r#""of": "distinct", "property": "colour", "per_user": true"#),
        (some([1.0, 2.0, 1.0]), Some(2.5))
    );
}

#[test]
fn the_most_frequent_groups_come_first_then_by_value_and_the_rest_is_counted() {
    let store = shop();
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let group = |colour: Option<&str>| vec![colour.map(Into::into)];
    let ask = |most: u32, measures: &str| {
        let rest = format!(r#"{BY_COLOUR}, "max_groups": {most}, {DAYS}"#);
        asked(&store, &query(measures, &rest), &context)
    };
    let answer = ask(10, &measure("Order", r#""of": "total""#));
    let groups: Vec<Group> = answer
        .series
        .iter()
        .map(|series| series.group.clone())
        .collect();
    assert_eq!(
        groups,
        [group(Some("blue")), group(Some("red")), group(None)]
    );
    assert_eq!(answer.groups_left_out, 0);
    assert_eq!(answer.series[1].values, [Some(1.0), Some(1.0), Some(0.0)]);

    // Of both rows together red has three matches and green one, and a missing colour comes last.
    let both = [
        measure("Order", r#""of": "users""#),
        measure("View", r#""of": "total""#),
    ]
    .join(",");
    let answer = ask(3, &both);
    let groups: Vec<Group> = answer
        .series
        .iter()
        .map(|series| series.group.clone())
        .collect();
    let told = [
        group(Some("red")),
        group(Some("blue")),
        group(Some("green")),
    ];
    assert_eq!(groups, [told.clone(), told].concat());
    assert_eq!(answer.groups_left_out, 1);
    assert_eq!(answer.series[1].total, Some(2.0));
    assert_eq!(answer.series[2].total, Some(0.0));
    assert_eq!(answer.series[5].total, Some(1.0));
    assert_eq!(answer.stamp.unit, Unit::Events);
}

#[test]
fn numbers_group_as_they_are_and_several_groups_go_together() {
    let store = {
        let rows = [
            (
                "ann",
                "Order",
                "2026-03-01T10:00:00.000Z",
                Some(-0.0),
                Some("b"),
            ),
            (
                "ann",
                "Order",
                "2026-03-01T11:00:00.000Z",
                Some(0.0),
                Some("a"),
            ),
            (
                "bob",
                "Order",
                "2026-03-01T12:00:00.000Z",
                Some(-7.0),
                Some("a"),
            ),
            ("bob", "Order", "2026-03-02T12:00:00.000Z", None, Some("é")),
            ("bob", "Order", "2026-03-02T13:00:00.000Z", None, Some("z")),
        ];
        let mut loader = segments_engine::Loader::new();
        loader.push_events(&crate::data::events(&rows)).unwrap();
        let known = users(
            &["bob", "ann"],
            vec![
                texts("city", [Some("Bern"), None].into_iter()),
                numbers("age", [Some(30.0), None].into_iter()),
            ],
        );
        loader.push_users(&known).unwrap();
        crate::data::built(loader)
    };
    let mut context = context("2026-03-05T00:00:00Z", "UTC");
    let whole = r#""during": {"type": "all_time"}, "interval": "full""#;
    let groups = |group_by: &str, context: &Context| -> Vec<(Group, Option<f64>)> {
        let rest = format!(r#""group_by": [{group_by}], {whole}"#);
        let answer = asked(
            &store,
            &query(&measure("Order", r#""of": "total""#), &rest),
            context,
        );
        assert_eq!(answer.buckets.len(), 1);
        assert_eq!(answer.buckets[0].start, None);
        let series = answer.series.into_iter();
        series.map(|series| (series.group, series.total)).collect()
    };
    let amounts = groups(r#"{"scope": "event", "name": "amount"}"#, &context);
    assert_eq!(
        amounts,
        [
            (vec![Some(0.0.into())], Some(2.0)),
            (vec![None], Some(2.0)),
            (vec![Some((-7.0).into())], Some(1.0)),
        ]
    );
    let both = groups(
        r#"{"scope": "user", "name": "city"}, {"scope": "event", "name": "colour"}"#,
        &context,
    );
    let bern = || Some("Bern".into());
    assert_eq!(
        both,
        [
            (vec![bern(), Some("a".into())], Some(1.0)),
            (vec![bern(), Some("z".into())], Some(1.0)),
            (vec![bern(), Some("é".into())], Some(1.0)),
            (vec![None, Some("a".into())], Some(1.0)),
            (vec![None, Some("b".into())], Some(1.0)),
        ]
    );
    let young = r#"{"type": "user", "where": {"type": "property", "scope": "user", "name": "age", "op": "is_set"}}"#;
    context
        .segments
        .insert("aged".to_owned(), dynamic(young, "UTC"));
    let segments = groups(
        r#"{"segment": "aged"}, {"scope": "user", "name": "none"}"#,
        &context,
    );
    assert_eq!(
        segments,
        [
            (vec![Some(true.into()), None], Some(3.0)),
            (vec![Some(false.into()), None], Some(2.0)),
        ]
    );
    context
        .segments
        .insert("two".to_owned(), Source::Static([1].into_iter().collect()));
    assert_eq!(groups(r#"{"segment": "two"}"#, &context).len(), 2);
}

#[test]
fn the_audience_and_what_else_was_done_say_which_occurrences_count() {
    let store = shop();
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let audience = r#""audience": {"type": "event", "event": "View", "during": {"type": "all_time"},
        "where": {"type": "property", "scope": "event", "name": "colour", "op": "is", "values": ["red"]}}"#;
    let rest = format!("{audience}, {DAYS}");
    let total = measure("Order", r#""of": "total""#);
    let (values, total) = only(&asked(&store, &query(&total, &rest), &context));
    assert_eq!(
        (values, total),
        (vec![Some(0.0), Some(1.0), Some(1.0)], Some(2.0))
    );

    let did = r#"{"event": null, "aggregate": {"of": "total"},
        "did": [{"performed": true, "event": "View", "when": "before", "within": {"count": 1, "unit": "day"}},
                {"performed": false, "event": "View", "when": "after"}]}"#;
    let (values, total) = only(&asked(&store, &query(did, DAYS), &context));
    assert_eq!(
        (values, total),
        (vec![Some(0.0), Some(0.0), Some(0.0)], Some(0.0))
    );
    let did = did.replace(r#""count": 1"#, r#""count": 2"#);
    let (values, total) = only(&asked(&store, &query(&did, DAYS), &context));
    // Bob's view lies one hour more than a day before the order of the second day.
    assert_eq!(
        (values, total),
        (vec![Some(0.0), Some(1.0), Some(0.0)], Some(1.0))
    );
}

#[test]
fn the_range_before_has_its_own_figures_and_no_say_in_the_groups() {
    let store = shop();
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let rest = format!(
        r#"{BY_COLOUR}, "compare": "previous_range", "interval": "week",
           "during": {{"type": "between", "from": "2026-03-03", "to": "2026-03-04"}}"#
    );
    let answer = asked(
        &store,
        &query(
            &measure("Order", r#""of": "sum", "property": "amount""#),
            &rest,
        ),
        &context,
    );
    let previous = answer.previous.as_ref().unwrap();
    assert_eq!(previous.start, at("2026-03-01T00:00:00Z"));
    assert_eq!(previous.end, at("2026-03-03T00:00:00Z"));
    assert_eq!((answer.buckets.len(), previous.buckets.len()), (1, 2));
    // Red was ordered before only.
    assert_eq!(answer.series.len(), 1);
    let figures = answer.series[0].previous.as_ref().unwrap();
    assert_eq!(figures.values, [Some(0.0), Some(3.5)]);
    assert_eq!(figures.total, Some(3.5));
}

#[test]
fn days_are_those_of_the_zone_and_empty_ranges_have_none() {
    let store = store(
        &[
            ("ann", "Order", "2026-03-28T22:59:59.999Z", None, None),
            ("ann", "Order", "2026-03-28T23:00:00.000Z", None, None),
            ("ann", "Order", "2026-03-29T21:59:59.999Z", None, None),
            ("ann", "Order", "2026-03-29T22:00:00.000Z", None, None),
        ],
        &[],
    );
    let context = context("2026-03-30T12:00:00Z", "Europe/Berlin");
    let total = measure("Order", r#""of": "total""#);
    let all = r#""during": {"type": "all_time"}, "interval": "day""#;
    let answer = asked(&store, &query(&total, all), &context);
    assert_eq!(
        only(&answer),
        (vec![Some(1.0), Some(2.0), Some(1.0)], Some(4.0))
    );
    assert_eq!(answer.stamp.start, None);
    assert_eq!(answer.buckets[0].start, Some(at("2026-03-27T23:00:00Z")));
    assert_eq!(
        answer
            .buckets
            .iter()
            .map(|bucket| bucket.complete)
            .collect::<Vec<_>>(),
        [true, true, false]
    );
    let empty = r#""during": {"type": "since", "from": "2026-06-01"}, "interval": "day""#;
    assert_eq!(
        only(&asked(&store, &query(&total, empty), &context)),
        (vec![], Some(0.0))
    );
    let rest = format!("{BY_COLOUR}, {empty}");
    assert!(
        asked(&store, &query(&total, &rest), &context)
            .series
            .is_empty()
    );
}

#[test]
fn faults_are_told_where_they_are() {
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let fault = |json: &str| -> EvaluateError {
        let query: Query = serde_json::from_str(json).unwrap();
        QueryJob::new(shop(), &query, &context).unwrap_err()
    };
    let total = measure("Order", r#""of": "total""#);
    let long = r#""during": {"type": "between", "from": "2020-01-01", "to": "2026-01-01"}, "interval": "hour""#;
    assert_eq!(fault(&query(&total, long)).pointer(), "/interval");
    let many = r#""group_by": [{"scope": "event", "name": "amount"}], "max_groups": 1000, "interval": "day",
        "during": {"type": "between", "from": "2018-01-01", "to": "2026-01-01"}"#;
    assert_eq!(fault(&query(&total, many)).pointer(), "/max_groups");
    let segment = format!(r#""group_by": [{{"segment": "none"}}], {DAYS}"#);
    assert_eq!(
        fault(&query(&total, &segment)).pointer(),
        "/group_by/0/segment"
    );
    let audience = format!(r#""audience": {{"type": "segment", "id": "none"}}, {DAYS}"#);
    assert_eq!(fault(&query(&total, &audience)).pointer(), "/audience/id");
    let filtered = r#"{"event": "Order", "where": {"type": "segment", "id": "none"}, "aggregate": {"of": "total"}}"#;
    assert_eq!(
        fault(&query(filtered, DAYS)).pointer(),
        "/measures/0/where/id"
    );
}

#[test]
fn many_groups_and_buckets_are_told_as_few_are() {
    let colours: Vec<String> = (0..40).map(|colour| format!("colour {colour}")).collect();
    let times: Vec<String> = (0..400)
        .map(|place| {
            format!(
                "2025-{:02}-{:02}T{:02}:00:00Z",
                place % 12 + 1,
                place % 28 + 1,
                place % 24
            )
        })
        .collect();
    let ids = ["ann", "bob", "cid"];
    let rows: Vec<_> = (times.iter().enumerate())
        .map(|(place, time)| {
            let colour = &colours[(place * place + place / 3) % 40];
            let amount = Some((place % 7) as f64);
            (
                ids[place % 3],
                "Order",
                time.as_str(),
                amount,
                Some(colour.as_str()),
            )
        })
        .collect();
    let store = store(&rows, &[]);
    let context = context("2026-03-05T00:00:00Z", "UTC");
    let ask = |interval: &str, measures: &str| {
        let rest = format!(
            r#"{BY_COLOUR}, "max_groups": 3, "interval": "{interval}",
               "during": {{"type": "between", "from": "2025-01-01", "to": "2025-12-31"}}"#
        );
        asked(&store, &query(measures, &rest), &context)
    };
    let measures = [
        measure("Order", r#""of": "users""#),
        measure("Order", r#""of": "average", "property": "amount""#),
        measure(
            "Order",
            r#""of": "median", "property": "amount", "per_user": true"#,
        ),
    ]
    .join(",");
    let (hours, whole) = (ask("hour", &measures), ask("full", &measures));
    assert_eq!(hours.groups_left_out, whole.groups_left_out);
    assert_eq!((hours.series.len(), whole.series.len()), (9, 9));
    for (hours, whole) in hours.series.iter().zip(&whole.series) {
        assert_eq!(hours.group, whole.group);
        assert_eq!(hours.total, whole.total);
        assert_eq!(whole.values, [whole.total]);
        assert_eq!(hours.values.len(), 365 * 24);
    }
}
