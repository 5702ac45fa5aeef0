//! Stores in files.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use segments_engine::codec::DecodeError;
use segments_engine::{EvaluateError, Evaluation, Loader, Progress, QueryJob, Store, StorePart};

use crate::data::{blobs, built, context, definition_of, events, numbers, texts, users};

fn sample() -> Arc<Store> {
    let mut loader = Loader::new();
    loader
        .push_events(&events(&[
            (
                "ann",
                "Order",
                "2026-03-01T00:00:00.000Z",
                Some(1.5),
                Some("red"),
            ),
            ("ann", "Order", "2026-03-01T00:00:00.250Z", Some(-0.0), None),
            (
                "zoë",
                "naïve",
                "2026-03-02T00:00:00.000Z",
                None,
                Some("日本"),
            ),
            (
                "zoë",
                "Order",
                "2026-03-02T00:00:00.000Z",
                None,
                Some("red"),
            ),
        ]))
        .unwrap();
    let columns = vec![
        texts("city", [Some("Bern"), None].into_iter()),
        numbers("age", [None, Some(30.0)].into_iter()),
    ];
    loader
        .push_users(&users(&["zoë", "dora"], columns))
        .unwrap();
    built(loader)
}

fn read(blobs: &BTreeMap<String, Vec<u8>>) -> Result<Store, DecodeError<String>> {
    Store::decode(|name| blobs.get(name).cloned().ok_or_else(|| name.to_owned()))
}

#[test]
fn what_was_written_is_read() {
    for store in [sample(), Arc::new(Store::empty())] {
        let written = blobs(&store);
        assert_eq!(blobs(&read(&written).unwrap()), written);
        let names: Vec<String> = Store::blob_names(store.table_count()).collect();
        assert_eq!(names.len(), written.len());
        assert!(names.iter().all(|name| written.contains_key(name)));
    }
}

/// The blob that a store without which nothing works, or a part of it, was found damaged in.
fn noticed(read: Result<Store, DecodeError<String>>) -> Option<String> {
    match read {
        Ok(store) => store.damaged().first().map(|part| part.blob.clone()),
        Err(DecodeError::Damaged { blob, .. } | DecodeError::Version { blob, .. }) => Some(blob),
        Err(DecodeError::Read(blob)) => Some(blob),
    }
}

#[test]
fn every_damaged_byte_is_noticed() {
    let written = blobs(&sample());
    for (name, bytes) in &written {
        for place in 0..bytes.len() {
            let mut damaged = written.clone();
            damaged.get_mut(name).unwrap()[place] ^= 0x10;
            let noticed = noticed(read(&damaged));
            assert_eq!(noticed.as_ref(), Some(name), "byte {place} of {name}");
        }
        for length in 0..bytes.len() {
            let mut damaged = written.clone();
            damaged.get_mut(name).unwrap().truncate(length);
            let noticed = noticed(read(&damaged));
            assert_eq!(noticed.as_ref(), Some(name), "{name} cut to {length} bytes");
        }
        let mut missing = written.clone();
        missing.remove(name);
        assert_eq!(noticed(read(&missing)).as_ref(), Some(name));
        let works = name.starts_with("events-");
        assert_eq!(read(&missing).is_ok(), works, "without {name}");
    }
}

/// The sample, damaged where a text stands in a blob, and read.
fn damaged_at(blob: &str, text: &[u8]) -> Arc<Store> {
    let mut written = blobs(&sample());
    let bytes = written.get_mut(blob).unwrap();
    let place = bytes.windows(text.len()).rposition(|part| part == text);
    bytes[place.unwrap()] ^= 0x01;
    Arc::new(read(&written).unwrap())
}

fn refused(store: &Arc<Store>, definition: &str) -> Option<(String, StorePart)> {
    let context = context("2026-03-09T00:00:00.000Z", "Europe/Zurich");
    match Evaluation::new(Arc::clone(store), &definition_of(definition), &context) {
        Ok(mut evaluation) => {
            while matches!(evaluation.step(1), Progress::Working { .. }) {}
            None
        }
        Err(EvaluateError::Damaged { pointer, part }) => Some((pointer, part.part)),
        Err(error) => panic!("{error}"),
    }
}

fn asked(store: &Arc<Store>, query: &str) -> Option<(String, StorePart)> {
    let context = context("2026-03-09T00:00:00.000Z", "Europe/Zurich");
    let query = serde_json::from_str(query).unwrap();
    match QueryJob::new(Arc::clone(store), &query, &context) {
        Ok(_) => None,
        Err(EvaluateError::Damaged { pointer, part }) => Some((pointer, part.part)),
        Err(error) => panic!("{error}"),
    }
}

fn done(event: &str, rest: &str) -> String {
    format!(r#"{{"type": "event", "event": {event}, "during": {{"type": "all_time"}}{rest}}}"#)
}

fn having(scope: &str, property: &str) -> String {
    format!(r#"{{"type": "property", "scope": "{scope}", "name": "{property}", "op": "is_set"}}"#)
}

const GROUPED: &str = r#"{"tool": "segmentation", "measures": [{"event": "Order", "aggregate": {"of": "total"}}],
    "group_by": [{"scope": "event", "name": "colour"}], "during": {"type": "all_time"}, "interval": "full"}"#;

#[test]
fn a_damaged_event_property_is_missed_only_where_it_is_needed() {
    // The numbers of an event.
    let store = damaged_at("events-0", &1.5_f64.to_le_bytes());
    let part = StorePart::EventProperty {
        event: Some("Order".to_owned()),
        property: "amount".to_owned(),
    };
    let damaged: Vec<&StorePart> = store.damaged().iter().map(|part| &part.part).collect();
    assert_eq!(damaged, [&part]);
    let filter = |event: &str| {
        done(
            event,
            &format!(r#", "where": {}"#, having("event", "amount")),
        )
    };
    let pointer = "/where/name".to_owned();
    for event in [r#""Order""#, "null"] {
        assert_eq!(
            refused(&store, &filter(event)),
            Some((pointer.clone(), part.clone()))
        );
    }
    let sum = done(
        r#""Order""#,
        r#", "measure": {"of": "sum", "property": "amount"}"#,
    );
    assert_eq!(
        refused(&store, &sum),
        Some(("/measure/property".to_owned(), part))
    );
    assert_eq!(refused(&store, &filter(r#""naïve""#)), None);
    assert_eq!(refused(&store, &done("null", "")), None);
    assert_eq!(asked(&store, GROUPED), None);
}

#[test]
fn texts_that_are_damaged_take_their_property_with_them() {
    let store = damaged_at("index", "日本".as_bytes());
    let part = StorePart::EventProperty {
        event: None,
        property: "colour".to_owned(),
    };
    let filter = done(
        "null",
        &format!(r#", "where": {}"#, having("event", "colour")),
    );
    let pointer = "/where/name".to_owned();
    assert_eq!(refused(&store, &filter), Some((pointer, part.clone())));
    let pointer = "/group_by/0/name".to_owned();
    assert_eq!(asked(&store, GROUPED), Some((pointer, part)));
    assert_eq!(refused(&store, &done(r#""Order""#, "")), None);
    let (ann, at) = (
        store.user_number("ann").unwrap(),
        context("2026-03-09T00:00:00.000Z", "UTC"),
    );
    let always = segments_model::Bounds {
        start: segments_model::Instant::MIN,
        end: at.as_of,
    };
    let (events, _) = store.user_events(ann, None, always, 0, 10);
    assert!(
        events
            .iter()
            .all(|event| !event.properties.contains_key("colour"))
    );
}

#[test]
fn a_damaged_user_property_is_missed_only_where_it_is_needed() {
    let store = damaged_at("users", b"Bern");
    let part = StorePart::UserProperty {
        property: "city".to_owned(),
    };
    let user = |name: &str| format!(r#"{{"type": "user", "where": {}}}"#, having("user", name));
    let pointer = "/where/name".to_owned();
    assert_eq!(
        refused(&store, &user("city")),
        Some((pointer, part.clone()))
    );
    assert_eq!(refused(&store, &user("age")), None);
    assert_eq!(
        store.damage_of_column("city").map(|damaged| &damaged.part),
        Some(&part)
    );
    assert_eq!(store.damage_of_column("age"), None);
    assert_eq!(store.damage_of_column("events"), None);
    assert!(store.is_user_column("city"), "there is such a column");
}

#[test]
fn a_damaged_event_is_missed_only_where_it_is_needed() {
    let mut written = blobs(&sample());
    written.remove("events-1");
    let store = Arc::new(read(&written).unwrap());
    let part = StorePart::Events {
        event: "naïve".to_owned(),
    };
    let pointer = "/event".to_owned();
    for event in [r#""naïve""#, "null"] {
        assert_eq!(
            refused(&store, &done(event, "")),
            Some((pointer.clone(), part.clone()))
        );
    }
    assert_eq!(refused(&store, &done(r#""Order""#, "")), None);
    assert_eq!(
        store
            .damage_of_column("events")
            .map(|damaged| &damaged.part),
        Some(&part)
    );
    // Who has been there is known all the same.
    assert_eq!(store.user_count(), sample().user_count());
}

#[test]
fn the_format_before_is_read() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/told/format-1");
    let written = ["index", "users", "events-0", "events-1"].map(|name| {
        let bytes = std::fs::read(directory.join(name)).unwrap();
        (name.to_owned(), bytes)
    });
    let store = read(&BTreeMap::from(written)).unwrap();
    assert_eq!(store.damaged(), []);
    assert_eq!(blobs(&store), blobs(&sample()));
}

#[test]
fn another_version_is_told_apart_from_damage() {
    let mut written = blobs(&sample());
    written.get_mut("users").unwrap()[4] = 99;
    assert!(matches!(
        read(&written),
        Err(DecodeError::Version { blob, found: 99 }) if blob == "users"
    ));
}

#[test]
fn blobs_of_different_stores_do_not_pass_for_one() {
    let mut mixed = blobs(&sample());
    mixed.insert("users".to_owned(), blobs(&Store::empty())["users"].clone());
    let store = read(&mixed).unwrap();
    assert_eq!(store.damaged().len(), store.table_count());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes that were changed on purpose, checksum and all, may give another store or an error, but nothing worse: neither
    /// when they are read nor when the store is asked.
    #[test]
    fn forged_bytes_do_no_harm(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut written = blobs(&sample());
        let name = which.get(&written.keys().cloned().collect::<Vec<_>>()).clone();
        let bytes = written.get_mut(&name).unwrap();
        let content = bytes.len() - 4;
        for (place, byte) in changes {
            bytes[8 + place.index(content - 8)] = byte;
        }
        let sum = crc32fast::hash(&bytes[..content]);
        bytes[content..].copy_from_slice(&sum.to_le_bytes());
        if let Ok(store) = read(&written) {
            let store = Arc::new(store);
            let context = context("2026-03-02T00:00:00.000Z", "Europe/Zurich");
            for definition in [
                r#"{"type": "event", "event": null, "during": {"type": "all_time"}, "where":
                    {"type": "property", "scope": "event", "name": "colour", "op": "is_not", "values": ["red"]}}"#,
                r#"{"type": "event", "event": "Order", "during": {"type": "all_time"}, "measure": {"of": "sum", "property": "amount"}}"#,
                r#"{"type": "event", "event": "Order", "during": {"type": "all_time"}, "measure": {"of": "distinct_days"}}"#,
                r#"{"type": "first_event", "event": null, "during": {"type": "all_time"}}"#,
                r#"{"type": "user", "where": {"type": "property", "scope": "user", "name": "city", "op": "contains", "values": ["e"]}}"#,
            ] {
                match Evaluation::new(Arc::clone(&store), &definition_of(definition), &context) {
                    Ok(mut evaluation) => while matches!(evaluation.step(1), Progress::Working { .. }) {},
                    Err(error) => prop_assert!(!store.damaged().is_empty(), "{}", error),
                }
            }
            for user in 0..store.user_count() {
                prop_assert!(store.user_facts(user, context.as_of).events <= store.event_count());
            }
            prop_assert!(store.facts(context.as_of).users <= u64::from(store.user_count()));
        }
    }
}
