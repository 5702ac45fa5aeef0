//! The fast evaluator against a plain one, on random data and random definitions: equal to the last user.
//!
//! There are as many cases in all as the environment variable `JUDGE_CASES` says, 10,000 where it is not set, and always the
//! same ones; `JUDGE_SEED` asks for others. `docs/correctness.md` tells how it works.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod cases;
mod engine;
mod explain;
mod million;
mod shares;

use std::collections::BTreeSet;

use proptest::prelude::*;
use segments_conformance::evaluate::members;
use segments_conformance::generate::dense::{self, RandomQuery};
use segments_conformance::generate::{self, RandomCase, case};
use segments_conformance::random::{self, config};
use segments_conformance::{answer, parts};
use segments_model::Criterion;
use segments_model::project::Limits;
use segments_model::validate::{check_query, validate};

fn judged(case: &RandomCase, definition: &Criterion) -> BTreeSet<String> {
    members(definition, random::context(case))
}

/// Whatever the budget of a step, however the data came in, and after it went through files.
fn engine_agrees(case: &RandomCase, rows: usize, first: f64) -> Result<(), TestCaseError> {
    let expected = judged(case, &case.definition);
    let store = engine::store(&case.world);
    let context = engine::context(&store, &case.world, case.as_of, case.zone);
    let found = engine::members(&store, &case.definition, &context, rows);
    prop_assert_eq!(&found, &expected, "in steps of {} rows", rows);

    let half = (case.world.events.len() as f64 * first) as usize;
    let twice = engine::store_of_two_loads(&case.world, half);
    let context = engine::context(&twice, &case.world, case.as_of, case.zone);
    let found = engine::members(&twice, &case.definition, &context, usize::MAX);
    prop_assert_eq!(&found, &expected, "of a store loaded in two");

    let read = engine::through_files(&twice);
    let context = engine::context(&read, &case.world, case.as_of, case.zone);
    for time in ["first", "second"] {
        let found = engine::members(&read, &case.definition, &context, rows);
        prop_assert_eq!(
            &found,
            &expected,
            "of a store read from files, for the {} time",
            time
        );
    }
    Ok(())
}

/// Whatever the budget of a step and however the data came in.
fn answers_agree(asking: &RandomQuery, rows: usize, first: f64) -> Result<(), TestCaseError> {
    let RandomQuery { case, query } = asking;
    let expected = answer::answer(query, random::context(case));
    let store = engine::store(&case.world);
    let context = engine::context(&store, &case.world, case.as_of, case.zone);
    let found = engine::answer(&store, query, &context, rows).unwrap();
    prop_assert_eq!(&found, &expected, "in steps of {} rows", rows);
    let half = (case.world.events.len() as f64 * first) as usize;
    let twice = engine::store_of_two_loads(&case.world, half);
    let context = engine::context(&twice, &case.world, case.as_of, case.zone);
    let found = engine::answer(&twice, query, &context, usize::MAX).unwrap();
    prop_assert_eq!(&found, &expected, "of a store loaded in two");
    let read = engine::through_files(&twice);
    let context = engine::context(&read, &case.world, case.as_of, case.zone);
    for time in ["first", "second"] {
        let found = engine::answer(&read, query, &context, rows).unwrap();
        prop_assert_eq!(
            &found,
            &expected,
            "of a store read from files, for the {} time",
            time
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(20))]

    #[test]
    fn engine_and_judge_agree(case in case(), rows in 1_usize..200, first in 0.0..1.0_f64) {
        engine_agrees(&case, rows, first)?;
    }
}

proptest! {
    #![proptest_config(config(20))]

    #[test]
    fn engine_and_judge_agree_on_sequences_and_cohorts(
        case in dense::case(),
        rows in 1_usize..60,
        first in 0.0..1.0_f64,
    ) {
        engine_agrees(&case, rows, first)?;
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn segmentations_agree(
        asking in dense::segmentation(),
        rows in 1_usize..60,
        first in 0.0..1.0_f64,
    ) {
        answers_agree(&asking, rows, first)?;
    }

    #[test]
    fn funnels_agree(asking in dense::funnel(), rows in 1_usize..60, first in 0.0..1.0_f64) {
        answers_agree(&asking, rows, first)?;
    }

    #[test]
    fn cohorts_agree(asking in dense::cohort(), rows in 1_usize..60, first in 0.0..1.0_f64) {
        answers_agree(&asking, rows, first)?;
    }

    /// Rule 7: a clicked part of an answer is a definition of exactly the users that were counted there.
    #[test]
    fn what_was_clicked_is_what_one_gets(asking in dense::any_query(), pick in any::<usize>()) {
        let RandomQuery { case, query } = &asking;
        let store = engine::store(&case.world);
        let context = engine::context(&store, &case.world, case.as_of, case.zone);
        let parts = parts::parts(query, &answer::answer(query, random::context(case)));
        let valid = check_query(query, &Limits::default()).is_empty();
        // Some of them, all over the answer.
        let every = parts.len().div_ceil(25);
        for (selection, told) in parts.into_iter().skip(pick % every).step_by(every) {
            let counted = answer::counted(query, &selection, random::context(case));
            if let Some(told) = told {
                prop_assert_eq!(counted.len() as f64, told, "{:?}", selection);
            }
            let definition = engine::selected(&case.world, query, &selection, &context);
            let errors = validate(&definition, &Limits::default());
            prop_assert!(!valid || errors.is_empty(), "{:?}: {:?}", selection, errors);
            prop_assert_eq!(&judged(case, &definition), &counted, "{:?}: {:?}", selection, definition);
            let found = engine::members(&store, &definition, &context, 7);
            prop_assert_eq!(&found, &counted, "{:?}: {:?}", selection, definition);
        }
    }
}

proptest! {
    #![proptest_config(config(4))]

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
    #![proptest_config(config(1))]

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
