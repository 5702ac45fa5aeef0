//! Stores in files.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use segments_engine::codec::DecodeError;
use segments_engine::{Evaluation, Loader, Progress, Store};

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

#[test]
fn every_damaged_byte_is_noticed() {
    let written = blobs(&sample());
    for (name, bytes) in &written {
        for place in 0..bytes.len() {
            let mut damaged = written.clone();
            damaged.get_mut(name).unwrap()[place] ^= 0x10;
            assert!(read(&damaged).is_err(), "byte {place} of {name}");
        }
        for length in 0..bytes.len() {
            let mut damaged = written.clone();
            damaged.get_mut(name).unwrap().truncate(length);
            assert!(
                matches!(read(&damaged), Err(DecodeError::Damaged { blob, .. }) if blob == *name),
                "{name} cut to {length} bytes"
            );
        }
        let mut missing = written.clone();
        missing.remove(name);
        assert!(matches!(read(&missing), Err(DecodeError::Read(gone)) if gone == *name));
    }
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
    assert!(matches!(read(&mixed), Err(DecodeError::Damaged { .. })));
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
                let mut evaluation =
                    Evaluation::new(Arc::clone(&store), &definition_of(definition), &context).unwrap();
                while matches!(evaluation.step(1), Progress::Working { .. }) {}
            }
            for user in 0..store.user_count() {
                prop_assert!(store.user_facts(user, context.as_of).events <= store.event_count());
            }
            prop_assert!(store.facts(context.as_of).users <= u64::from(store.user_count()));
        }
    }
}
