//! The fast evaluator against a plain one, on random data and random definitions: equal to the last user.
//!
//! The number of cases is that of the environment variable `PROPTEST_CASES`, 2,000 where it is not set.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "a test fails by panicking"
)]

mod calendar;
mod engine;
mod evaluate;
mod generate;
mod world;

use std::collections::BTreeSet;

use evaluate::{Asked, members};
use generate::{Case, case};
use proptest::prelude::*;
use segments_model::Criterion;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2_000);
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

fn judged(case: &Case, definition: &Criterion) -> BTreeSet<String> {
    let asked = Asked {
        world: &case.world,
        as_of: case.as_of,
        zone: case.zone,
    };
    members(definition, asked)
}

proptest! {
    #![proptest_config(config())]

    /// Whatever the budget of a step, however the data came in, and after it went through files.
    #[test]
    fn engine_and_judge_agree(case in case(), rows in 1_usize..200, first in 0.0..1.0_f64) {
        let expected = judged(&case, &case.definition);
        let store = engine::store(&case.world);
        let context = engine::context(&store, &case.world, case.as_of, case.zone);
        let found = engine::members(&store, &case.definition, &context, rows);
        prop_assert_eq!(&found, &expected, "in steps of {} rows", rows);

        let half = (case.world.events.len() as f64 * first) as usize;
        let twice = engine::store_of_two_loads(&case.world, half);
        let context = engine::context(&twice, &case.world, case.as_of, case.zone);
        let found = engine::members(&twice, &case.definition, &context, usize::MAX);
        prop_assert_eq!(&found, &expected, "of a store loaded in two");

        let blobs: std::collections::BTreeMap<String, Vec<u8>> = twice.encode().collect();
        let read = segments_engine::Store::decode(|name| {
            blobs.get(name).cloned().ok_or_else(|| name.to_owned())
        });
        let read = std::sync::Arc::new(read.unwrap());
        let context = engine::context(&read, &case.world, case.as_of, case.zone);
        let found = engine::members(&read, &case.definition, &context, usize::MAX);
        prop_assert_eq!(&found, &expected, "of a store read from files");
    }

    /// One user alone is judged as among all.
    #[test]
    fn one_user_is_told_as_among_all(case in case()) {
        let expected = judged(&case, &case.definition);
        let store = engine::store(&case.world);
        let context = engine::context(&store, &case.world, case.as_of, case.zone);
        let universe = case.world.universe(i64::MAX);
        for user in &universe {
            prop_assert_eq!(
                engine::meets(&store, &case.definition, &context, user),
                expected.contains(user),
                "{}", user
            );
        }
    }

    /// Rule 6: a criterion and its complement are disjoint and together all users; and De Morgan's laws.
    #[test]
    fn complement_and_de_morgan(one in case(), other in generate::criterion(1_710_054_000_000)) {
        let store = engine::store(&one.world);
        let context = engine::context(&store, &one.world, one.as_of, one.zone);
        let ask = |definition: &Criterion| engine::members(&store, definition, &context, 64);
        let not = |definition: &Criterion| Criterion::Not { of: Box::new(definition.clone()) };
        let everyone = ask(&Criterion::everyone());
        prop_assert_eq!(&everyone, &one.world.universe(one.as_of));
        let inside = ask(&one.definition);
        let outside = ask(&not(&one.definition));
        prop_assert!(inside.is_disjoint(&outside));
        prop_assert_eq!(&(&inside | &outside), &everyone);
        let both = |definitions: Vec<Criterion>| Criterion::All { of: definitions };
        let either = |definitions: Vec<Criterion>| Criterion::Any { of: definitions };
        let (a, b) = (one.definition, other);
        prop_assert_eq!(
            ask(&not(&both(vec![a.clone(), b.clone()]))),
            ask(&either(vec![not(&a), not(&b)]))
        );
        prop_assert_eq!(
            ask(&not(&either(vec![a.clone(), b.clone()]))),
            ask(&both(vec![not(&a), not(&b)]))
        );
        prop_assert_eq!(ask(&both(vec![a.clone(), a.clone()])), inside.clone());
        prop_assert_eq!(ask(&either(vec![a.clone(), a])), inside);
    }

    /// What a preview says of each criterion adds up, and is what the criterion gives by itself.
    #[test]
    fn previews_add_up(case in case()) {
        let store = engine::store(&case.world);
        let context = engine::context(&store, &case.world, case.as_of, case.zone);
        let previewed = engine::preview(&store, &case.definition, &context);
        let everyone = case.world.universe(case.as_of);
        let effect = |pointer: &str| {
            previewed
                .criteria
                .iter()
                .find(|effect| effect.pointer == pointer)
                .unwrap_or_else(|| panic!("nothing is said of {pointer:?}"))
        };
        prop_assert_eq!(effect("").kept, previewed.members.len());
        prop_assert_eq!(effect("").dropped, everyone.len() as u64 - previewed.members.len());
        let mut places = vec![(String::new(), &case.definition, everyone)];
        let mut seen = 0;
        while let Some((pointer, criterion, left)) = places.pop() {
            seen += 1;
            let alone = judged(&case, criterion);
            prop_assert_eq!(effect(&pointer).users, alone.len() as u64, "{}", pointer);
            match criterion {
                Criterion::All { of } => {
                    let mut left = left;
                    for (place, inner) in of.iter().enumerate() {
                        let pointer = format!("{pointer}/of/{place}");
                        let after = &left & &judged(&case, inner);
                        prop_assert_eq!(effect(&pointer).kept, after.len() as u64);
                        prop_assert_eq!(effect(&pointer).dropped, (left.len() - after.len()) as u64);
                        places.push((pointer, inner, left));
                        left = after;
                    }
                }
                Criterion::Any { of } => {
                    let mut found = BTreeSet::new();
                    for (place, inner) in of.iter().enumerate() {
                        let pointer = format!("{pointer}/of/{place}");
                        let more = &found | &(&left & &judged(&case, inner));
                        prop_assert_eq!(effect(&pointer).kept, more.len() as u64);
                        prop_assert_eq!(effect(&pointer).dropped, (more.len() - found.len()) as u64);
                        places.push((pointer, inner, left.clone()));
                        found = more;
                    }
                }
                Criterion::Not { of } => {
                    let pointer = format!("{pointer}/of");
                    let meeting = &left & &judged(&case, of);
                    prop_assert_eq!(effect(&pointer).kept, meeting.len() as u64);
                    prop_assert_eq!(effect(&pointer).dropped, (left.len() - meeting.len()) as u64);
                    places.push((pointer, of, left));
                }
                _ => {}
            }
        }
        prop_assert_eq!(seen, previewed.criteria.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 40, ..config() })]

    /// Histories that are longer than what the engine looks at in one go.
    #[test]
    fn engine_and_judge_agree_on_long_histories(
        mut case in case(),
        copies in 2_usize..400,
        rows in 1_usize..30_000,
    ) {
        let once = std::mem::take(&mut case.world.events);
        for copy in 0..copies {
            case.world.events.extend(once.iter().cloned().map(|mut event| {
                event.time += copy as i64 * 420_001;
                event
            }));
        }
        let expected = judged(&case, &case.definition);
        let store = engine::store(&case.world);
        let context = engine::context(&store, &case.world, case.as_of, case.zone);
        let found = engine::members(&store, &case.definition, &context, rows);
        prop_assert_eq!(&found, &expected, "{} events in steps of {} rows", case.world.events.len(), rows);
    }
}
