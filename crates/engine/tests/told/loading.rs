//! From batches to a store.

use std::sync::Arc;

use segments_engine::batch::{Column, EventBatch, MISSING, MISSING_DATETIME, UserBatch, Values};
use segments_engine::{LoadError, Loader, Progress};
use segments_model::ValueType;

use crate::data::{Row, at, blobs, built, context, events, members, numbers, store, texts, users};

const ROWS: [Row<'static>; 6] = [
    (
        "ann",
        "Order",
        "2026-03-01T00:00:00.000Z",
        Some(1.0),
        Some("red"),
    ),
    ("bob", "View", "2026-03-02T00:00:00.000Z", None, None),
    (
        "ann",
        "View",
        "2026-02-01T00:00:00.000Z",
        None,
        Some("blue"),
    ),
    ("cid", "Order", "2026-03-01T00:00:00.000Z", Some(4.0), None),
    (
        "ann",
        "Order",
        "2026-03-01T00:00:00.000Z",
        Some(2.0),
        Some("red"),
    ),
    (
        "bob",
        "Order",
        "2025-12-31T23:59:59.999Z",
        Some(3.0),
        Some("green"),
    ),
];

#[test]
fn two_loads_make_the_store_of_one() {
    for split in 0..=ROWS.len() {
        let mut loader = Loader::new();
        loader.push_events(&events(&ROWS[..split])).unwrap();
        let first = built(loader);
        let before = blobs(&first);
        let mut loader = Loader::onto(&first);
        loader.push_events(&events(&ROWS[split..])).unwrap();
        let second = built(loader);
        assert_eq!(
            blobs(&second),
            blobs(&store(&ROWS, &[])),
            "split at {split}"
        );
        assert_eq!(blobs(&first), before, "the first store stays as it was");
        for user in 0..first.user_count() {
            assert_eq!(first.user_id(user), second.user_id(user));
        }
    }
}

#[test]
fn steps_do_not_change_what_is_built() {
    let mut loader = Loader::new();
    loader.push_events(&events(&ROWS)).unwrap();
    let mut steps = 0;
    let mut building = loader.clone().finish();
    let slowly = loop {
        match building.step(1) {
            Progress::Working { done, total } => {
                assert!(done < total);
                steps += 1;
            }
            Progress::Done(store) => break store,
        }
    };
    assert!(steps > 0);
    match loader.finish().step(usize::MAX) {
        Progress::Done(store) => assert_eq!(blobs(&slowly), blobs(&store)),
        Progress::Working { .. } => panic!("there was room for all"),
    }
}

#[test]
fn events_that_disagree_on_a_type_become_text() {
    let mut loader = Loader::new();
    loader
        .push_events(&EventBatch {
            users: [Some("ann"), Some("bob")].into_iter().collect(),
            events: [Some("Order"), Some("Order")].into_iter().collect(),
            times: vec![0, 0],
            properties: vec![
                numbers("size", [Some(0.1), Some(42.0)].into_iter()),
                Column {
                    name: "gift".to_owned(),
                    values: Values::Boolean(vec![1, 2]),
                },
                Column {
                    name: "due".to_owned(),
                    values: Values::Datetime(vec![MISSING_DATETIME, 1_500]),
                },
            ],
        })
        .unwrap();
    loader
        .push_events(&EventBatch {
            users: [Some("cid")].into_iter().collect(),
            events: [Some("Order")].into_iter().collect(),
            times: vec![0],
            properties: vec![
                texts("size", [Some("XL")].into_iter()),
                texts("gift", [None].into_iter()),
                numbers("due", [Some(7.0)].into_iter()),
            ],
        })
        .unwrap();
    let store = built(loader);
    let asked = context("2026-01-01T00:00:00.000Z", "UTC");
    for (property, value, user) in [
        ("size", "0.1", "ann"),
        ("size", "42", "bob"),
        ("size", "XL", "cid"),
        ("gift", "true", "ann"),
        ("due", "1970-01-01T00:00:01.500Z", "bob"),
        ("due", "7", "cid"),
    ] {
        assert_eq!(store.event_property_type(property), Some(ValueType::String));
        let definition = format!(
            r#"{{"type": "event", "event": "Order", "during": {{"type": "all_time"}}, "where":
                {{"type": "property", "scope": "event", "name": "{property}", "op": "is", "values": ["{value}"]}}}}"#
        );
        assert_eq!(
            members(&store, &definition, &asked),
            [user],
            "{property} is {value}"
        );
    }
}

#[test]
fn of_user_properties_the_later_value_wins_and_a_missing_one_takes_nothing_away() {
    let mut loader = Loader::new();
    let push = |loader: &mut Loader, ids: &[&str], ages: &[Option<f64>]| {
        loader
            .push_users(&users(ids, vec![numbers("age", ages.iter().copied())]))
            .unwrap();
    };
    push(
        &mut loader,
        &["ann", "bob", "ann"],
        &[Some(1.0), Some(2.0), Some(3.0)],
    );
    let mut loader = Loader::onto(&built(loader));
    push(
        &mut loader,
        &["bob", "ann", "cid"],
        &[Some(5.0), None, Some(6.0)],
    );
    let store = built(loader);
    let age = |user: &str| {
        let facts = store.user_facts(
            store.user_number(user).unwrap(),
            at("2026-01-01T00:00:00.000Z"),
        );
        serde_json::to_value(&facts.properties[0].value).unwrap()
    };
    assert_eq!([age("ann"), age("bob"), age("cid")], [3.0, 5.0, 6.0]);
}

#[test]
fn numbers_that_cannot_be_added_exactly_are_refused() {
    for number in [
        1.000_000_1e15,
        -1.000_000_1e15,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        let mut loader = Loader::new();
        let row = |number| {
            (
                "ann",
                "Order",
                "2026-03-01T00:00:00.000Z",
                Some(number),
                None,
            )
        };
        let error = loader
            .push_events(&events(&[row(1.0), row(number)]))
            .unwrap_err();
        let expected = LoadError::Number {
            column: "amount".to_owned(),
            row: 1,
        };
        assert_eq!(error, expected, "{number}");
        assert_eq!(
            loader.event_count(),
            0,
            "of a refused batch nothing is taken"
        );
        loader
            .push_events(&events(&[row(1e15), row(-1e15)]))
            .unwrap();
    }
}

#[test]
fn batches_that_do_not_add_up_are_refused() {
    let good = || events(&ROWS);
    let refused = |batch: EventBatch| Loader::new().push_events(&batch).unwrap_err();
    let mut batch = good();
    batch.users.codes[3] = MISSING;
    assert!(matches!(refused(batch), LoadError::Missing { row: 3, .. }));
    let mut batch = good();
    batch.events.codes[2] = 77;
    assert!(matches!(refused(batch), LoadError::Missing { row: 2, .. }));
    let mut batch = good();
    batch.times.pop();
    assert!(matches!(refused(batch), LoadError::Rows { .. }));
    let mut batch = good();
    batch.times[1] = i64::MAX;
    assert_eq!(refused(batch), LoadError::Time { row: 1 });
    let mut batch = good();
    batch
        .properties
        .push(texts("short", [Some("x")].into_iter()));
    assert!(matches!(refused(batch), LoadError::Rows { column, .. } if column == "short"));
    let users = UserBatch {
        users: [Some("ann"), None].into_iter().collect(),
        properties: Vec::new(),
    };
    assert!(matches!(
        Loader::new().push_users(&users),
        Err(LoadError::Missing { row: 1, .. })
    ));
}

#[test]
fn the_core_of_an_event_takes_less_than_12_bytes() {
    // The worst case: milliseconds, and a user for each event.
    let ids: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    let batch = |per_user: usize, step: i64| EventBatch {
        users: ids
            .iter()
            .flat_map(|id| std::iter::repeat_n(Some(id.as_str()), per_user))
            .collect(),
        events: std::iter::repeat_n(Some("View"), ids.len() * per_user).collect(),
        times: (0..(ids.len() * per_user) as i64)
            .map(|row| row * step)
            .collect(),
        properties: vec![texts(
            "absent",
            std::iter::repeat_n(None, ids.len() * per_user),
        )],
    };
    let core = |per_user: usize, step: i64| {
        let mut loader = Loader::new();
        loader.push_events(&batch(per_user, step)).unwrap();
        let store = built(loader);
        assert_eq!(
            store.memory().event_properties,
            0,
            "an absent column costs nothing"
        );
        store.memory().core as f64 / store.event_count() as f64
    };
    assert!(core(10, 1_000) < 5.0);
    assert!(core(10, 999) < 7.0);
    assert!(core(1, 1_000) < 12.1);
}

#[test]
fn a_store_without_rows_answers() {
    let store = built(Loader::new());
    assert_eq!((store.user_count(), store.event_count()), (0, 0));
    let asked = context("2026-01-01T00:00:00.000Z", "UTC");
    assert_eq!(
        members(&store, r#"{"type": "all", "of": []}"#, &asked),
        [""; 0]
    );
    assert_eq!(
        blobs(&Arc::new(segments_engine::Store::empty())),
        blobs(&store)
    );
}
