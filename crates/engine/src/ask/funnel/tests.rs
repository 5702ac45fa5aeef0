//! The two ways to go over users.

use std::sync::Arc;

use proptest::prelude::*;
use segments_model::Instant;
use segments_model::calendar::Zone;
use segments_model::criterion::WithinOf;
use segments_model::query::FunnelQuery;
use serde_json::json;

use super::direct;
use super::question::{FunnelQuestion, Task};
use super::share::Share;
use crate::question::Context;
use crate::testing::store_of_colours;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever the limit, the range, as-of, the filters, how times are kept and the budget.
    #[test]
    fn straight_and_one_by_one_users_fare_alike(
        events in proptest::collection::vec((0_u32..40, 0_usize..3, 0_i64..60, any::<bool>()), 1..300),
        steps in proptest::collection::vec((0_usize..3, proptest::option::of(any::<bool>())), 1..5),
        filtered in any::<bool>(),
        unit in prop_oneof![Just(1_000_i64), Just(1), Just(700), Just(1_i64 << 38)],
        limit in proptest::option::of(0_i64..30),
        (start, end, as_of) in (0_i64..60, 0_i64..60, 0_i64..70),
        off in prop_oneof![Just(0), -999_i64..1_000],
        budget in prop_oneof![3 => 1_usize..50, 1 => Just(usize::MAX)],
        one_of in 1_u32..4,
    ) {
        const NAMES: [&str; 3] = ["a", "b", "c"];
        let mut rows: Vec<_> = events
            .iter()
            .map(|(user, name, time, red)| {
                (*user, NAMES[*name], time * unit, Some(if *red { "red" } else { "blue" }))
            })
            .collect();
        // So that users are numbered by their ids.
        rows.sort_by_key(|row| row.0);
        let store = Arc::new(store_of_colours(&rows));
        let of_step = |(name, red): &(usize, Option<bool>)| match red.filter(|_| filtered) {
            None => json!({"event": NAMES[*name]}),
            Some(red) => json!({"event": NAMES[*name], "where": {
                "type": "property", "scope": "event", "name": "colour",
                "op": if red { "is" } else { "is_not" }, "values": ["red"],
            }}),
        };
        let query: FunnelQuery = serde_json::from_value(json!({
            "steps": steps.iter().map(of_step).collect::<Vec<_>>(),
            "during": {"type": "all_time"},
        })).unwrap();
        let context = Context::new(Instant::from_millis(0).unwrap(), Zone::utc());
        let (mut question, _) = FunnelQuestion::new(&store, &query, &context).unwrap();
        let as_of = as_of * unit + off;
        let sequence = &mut question.sequence;
        sequence.shape.limit = limit.map(|limit| (WithinOf::Funnel, limit * unit + off.abs()));
        sequence.shape.as_of = as_of;
        for event in &mut sequence.events {
            event.end = as_of;
        }
        sequence.move_to(start * unit + off, (end * unit - off).min(as_of));
        question.audience = (one_of > 1).then_some(0);
        let task = Task {
            store: &store,
            question: &question,
            results: &[(0..40).filter(|user| user % one_of == 0).collect()],
        };
        let users = 0..store.user_count();
        let known = |step: &(usize, Option<bool>)| rows.iter().any(|row| row.1 == NAMES[step.0]);
        prop_assert_eq!(
            direct::step(&task, &users, &mut 1).is_some(),
            steps.iter().all(known)
        );
        let mut straight = Share::new(users.clone());
        while !straight.is_finished() {
            straight.step(&task, budget);
        }
        let mut one_by_one = Share::new(users);
        one_by_one.walk(&task, &mut usize::MAX.clone());
        straight.overall.sort();
        one_by_one.overall.sort();
        prop_assert_eq!(straight.overall, one_by_one.overall);
    }
}
