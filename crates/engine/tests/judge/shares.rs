//! What share of the random cases says something: cases where nobody is counted would prove nothing.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use segments_conformance::answer;
use segments_conformance::generate::RandomCase;
use segments_conformance::generate::dense::{self, RandomQuery};
use segments_conformance::random;
use segments_model::Criterion;
use segments_model::answer::Answer;
use segments_model::criterion::Order;
use segments_model::query::Query;
use segments_model::walk::{Part, walk};

use crate::judged;

const CASES: usize = 300;

fn sample<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..CASES)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Holds a share to what it has at least.
fn holds<T>(what: &str, least: f64, all: &[T], which: impl Fn(&T) -> bool) {
    let share = all.iter().filter(|one| which(one)).count() as f64 / all.len() as f64;
    println!("{what}: {share:.2} of {}", all.len());
    assert!(share >= least, "{what}: only {share:.2}");
}

#[test]
fn many_definitions_hold_some_users_and_not_all() {
    let cases: Vec<RandomCase> = sample(dense::case());
    holds(
        "definitions that hold some and not all",
        0.18,
        &cases,
        |case| {
            let members = judged(case, &case.definition).len();
            0 < members && members < judged(case, &Criterion::everyone()).len()
        },
    );
    let mut paths: Vec<bool> = Vec::new();
    for case in &cases {
        walk(&case.definition, &mut |_, part| {
            if let Part::Criterion(criterion @ Criterion::Sequence(sequence)) = part
                && sequence.path.is_some()
                && sequence.steps.iter().any(|step| step.optional)
            {
                paths.push(!judged(case, criterion).is_empty());
            }
        });
    }
    assert!(paths.len() > 10, "only {} paths", paths.len());
    holds("paths that some took", 0.08, &paths, |took| *took);
    let is = |case: &&RandomCase, kind: &str| case.definition.type_name() == kind;
    for kind in ["event", "sequence", "cohort"] {
        let of_kind: Vec<&RandomCase> = cases.iter().filter(|case| is(case, kind)).collect();
        holds(kind, 0.18, &of_kind, |case| {
            !judged(case, &case.definition).is_empty()
        });
    }
}

#[test]
fn many_segmentations_have_figures_and_groups() {
    let answers = sample(dense::segmentation()).into_iter().map(answered);
    let answers: Vec<_> = answers
        .filter_map(|(_, answer)| match answer {
            Answer::Segmentation(answer) => Some(answer),
            _ => None,
        })
        .collect();
    holds("segmentations with matches", 0.30, &answers, |answer| {
        answer.series.iter().any(|series| series.total > Some(0.0))
    });
    holds("with several groups", 0.09, &answers, |answer| {
        answer
            .series
            .iter()
            .any(|series| series.group != answer.series[0].group)
    });
    holds("with groups left out", 0.06, &answers, |answer| {
        answer.groups_left_out > 0
    });
    holds("with several buckets", 0.24, &answers, |answer| {
        answer.buckets.len() > 1
    });
    holds("with figures before", 0.03, &answers, |answer| {
        let before = answer
            .series
            .iter()
            .filter_map(|series| series.previous.as_ref());
        before
            .filter_map(|previous| previous.total)
            .any(|total| total > 0.0)
    });
}

#[test]
fn many_funnels_have_users_in_later_steps() {
    let answers = sample(dense::funnel()).into_iter().map(answered);
    let answers: Vec<_> = answers
        .filter_map(|(query, answer)| match (query, answer) {
            (Query::Funnel(query), Answer::Funnel(answer)) => Some((query, answer)),
            _ => None,
        })
        .collect();
    for order in [Order::Sequential, Order::Strict, Order::Any] {
        let several = answers
            .iter()
            .filter(|(query, _)| query.steps.len() > 2 && query.order == order);
        let several: Vec<_> = several.collect();
        holds(
            &format!("{order:?}: step 1"),
            0.30,
            &several,
            |(_, answer)| answer.groups[0].users > 0,
        );
        holds(
            &format!("{order:?}: step 2"),
            0.12,
            &several,
            |(_, answer)| answer.groups[0].steps[1].users > 0,
        );
        holds(
            &format!("{order:?}: last step"),
            0.02,
            &several,
            |(_, answer)| answer.groups[0].steps.last().unwrap().users > 0,
        );
        holds(
            &format!("{order:?}: pending"),
            0.06,
            &several,
            |(_, answer)| answer.groups[0].steps.iter().any(|step| step.pending > 0),
        );
    }
    holds("funnels with groups", 0.06, &answers, |(_, answer)| {
        answer.groups.len() > 2
    });
    holds(
        "funnels with several paths",
        0.01,
        &answers,
        |(_, answer)| answer.groups[0].paths.len() > 1,
    );
}

#[test]
fn many_cohorts_have_returns() {
    let answers = sample(dense::cohort()).into_iter().map(answered);
    let answers: Vec<_> = answers
        .filter_map(|(_, answer)| match answer {
            Answer::Cohort(answer) => Some(answer),
            _ => None,
        })
        .collect();
    holds("cohorts with users", 0.30, &answers, |answer| {
        answer.overall.users > 0
    });
    let cells = |answer: &segments_model::answer::CohortAnswer, complete| {
        let mut cells = answer.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.complete == complete && cell.value > Some(0.0))
    };
    holds("with returns in complete cells", 0.09, &answers, |answer| {
        cells(answer, true)
    });
    holds("with returns in other cells", 0.06, &answers, |answer| {
        cells(answer, false)
    });
    holds("with several generations", 0.09, &answers, |answer| {
        answer.rows.iter().filter(|row| row.users > 0).count() > 1
    });
}

fn answered(asking: RandomQuery) -> (Query, Answer) {
    let answer = answer::answer(&asking.query, random::context(&asking.case));
    (asking.query, answer)
}
