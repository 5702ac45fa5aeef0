//! The demo's segments over the demo.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use chrono::NaiveDate;
use segments_demo::{SEED, demo, segments};
use segments_engine::batch::Batch;
use segments_engine::{Context, Evaluation, Loader, Progress, Source, Store};
use segments_model::Instant;
use segments_model::calendar::Zone;

/// The demo in a store.
fn store(day: NaiveDate) -> Arc<Store> {
    let mut loader = Loader::new();
    for batch in demo(SEED, day) {
        match batch {
            Batch::Users(batch) => loader.push_users(&batch).unwrap(),
            Batch::Events(batch) => loader.push_events(&batch).unwrap(),
        }
    }
    match loader.finish().step(usize::MAX) {
        Progress::Done(store) => Arc::new(store),
        Progress::Working { .. } => panic!("a step without end has ended"),
    }
}

#[test]
fn every_segment_has_some_users_and_none_has_all() {
    for day in [(2026, 10, 1), (2026, 11, 24), (2028, 3, 1)] {
        let date = NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap();
        let store = store(date);
        let mut context = Context::new(
            Instant::parse(&format!("{date}T00:00:01Z")).unwrap(),
            Zone::utc(),
        );
        for demo in segments() {
            let definition = demo.segment.definition;
            let mut evaluation =
                Evaluation::new(Arc::clone(&store), &definition, &context).unwrap();
            let Progress::Done(members) = evaluation.step(usize::MAX) else {
                panic!("a step without end has ended");
            };
            let (found, all) = (members.len(), u64::from(store.user_count()));
            assert!(
                (20..all / 2).contains(&found),
                "{}: {found} of {all} on {date}",
                demo.id
            );
            let zone = Zone::utc();
            let source = Source::Dynamic { definition, zone };
            context.segments.insert(demo.id.to_owned(), source);
        }
    }
}
