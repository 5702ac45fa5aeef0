//! The columnar engine, asked as the backend asks it: every case, and random ones.
//!
//! How many random ones is said by `JUDGE_CASES` and `JUDGE_SEED`, as for the tests of the engine, of which these are a
//! modest share.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use segments_conformance::evaluate::members;
use segments_conformance::generate::dense::{self, RandomQuery};
use segments_conformance::generate::{self, RandomCase};
use segments_conformance::random::{config, context};
use segments_conformance::report::examine;
use segments_conformance::subject::EngineSubject;
use segments_conformance::{answer, cases, parts};
use segments_engine::EmbeddedEngine;
use segments_engine_api::{Boxed, Runtime};
use segments_model::Criterion;

/// A place with several threads whose clock goes on by itself, so that work gives way now and then.
struct Ticking {
    clock: AtomicU64,
    threads: usize,
}

impl Runtime for Ticking {
    fn elapsed_ms(&self) -> f64 {
        self.clock.fetch_add(5, Ordering::Relaxed) as f64
    }

    fn pause(&self) -> Boxed<'static, ()> {
        Box::pin(async {})
    }

    fn threads(&self) -> usize {
        self.threads
    }
}

fn engine(threads: usize) -> EmbeddedEngine {
    EmbeddedEngine::new(Arc::new(Ticking {
        clock: AtomicU64::new(0),
        threads,
    }))
}

#[test]
fn every_case_is_answered_so() {
    let cases = cases::all();
    for threads in [1, 3] {
        let engine = engine(threads);
        let mut subject = EngineSubject::new("engine", &engine);
        let report = examine(&mut subject, &cases, |_, _| {});
        assert!(report.failed.is_empty(), "{threads} threads:\n{report}");
        assert_eq!(report.passed, cases.len());
    }
}

fn members_agree(case: &RandomCase, threads: usize) -> Result<(), TestCaseError> {
    let engine = engine(threads);
    let mut subject = EngineSubject::new("engine", &engine);
    let expected = members(&case.definition, context(case));
    // The second time of what was kept from the first.
    for time in ["first", "second"] {
        let members = subject.members(&case.definition, context(case)).unwrap();
        prop_assert_eq!(&members, &expected, "for the {} time", time);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn engine_and_judge_agree(case in generate::case(), threads in 1_usize..4) {
        members_agree(&case, threads)?;
    }

    #[test]
    fn engine_and_judge_agree_on_sequences_and_cohorts(case in dense::case(), threads in 1_usize..4) {
        members_agree(&case, threads)?;
    }

    #[test]
    fn answers_agree(asking in dense::any_query(), threads in 1_usize..4) {
        let RandomQuery { case, query } = &asking;
        let engine = engine(threads);
        let mut subject = EngineSubject::new("engine", &engine);
        let expected = answer::answer(query, context(case));
        prop_assert_eq!(subject.answer(query, context(case)).unwrap(), expected);
    }

    /// Rule 7: a clicked part of an answer is a definition of exactly the users that were counted there.
    #[test]
    fn what_was_clicked_is_what_one_gets(asking in dense::any_query(), pick in any::<usize>()) {
        let RandomQuery { case, query } = &asking;
        let engine = engine(1);
        let mut subject = EngineSubject::new("engine", &engine);
        let parts = parts::parts(query, &subject.answer(query, context(case)).unwrap());
        // Some of them, all over the answer.
        let every = parts.len().div_ceil(10).max(1);
        for (selection, figure) in parts.into_iter().skip(pick % every).step_by(every) {
            let counted = answer::counted(query, &selection, context(case));
            if let Some(figure) = figure {
                prop_assert_eq!(counted.len() as f64, figure, "{:?}", selection);
            }
            let definition = subject.definition(query, &selection, context(case)).unwrap();
            let members = subject.members(&definition, context(case)).unwrap();
            prop_assert_eq!(&members, &counted, "{:?}: {:?}", selection, definition);
        }
    }

    /// Rule 6: a criterion and its complement are disjoint and together all users.
    #[test]
    fn complement(case in generate::case()) {
        let engine = engine(1);
        let mut subject = EngineSubject::new("engine", &engine);
        let mut ask = |definition: &Criterion| subject.members(definition, context(&case)).unwrap();
        let everyone: BTreeSet<String> = ask(&Criterion::everyone());
        prop_assert_eq!(&everyone, &case.world.universe(case.as_of));
        let inside = ask(&case.definition);
        let outside = ask(&Criterion::Not { of: Box::new(case.definition.clone()) });
        prop_assert!(inside.is_disjoint(&outside));
        prop_assert_eq!(&(&inside | &outside), &everyone);
    }
}
