//! The kernel against every run there is.

use std::ops::Range;

use proptest::prelude::*;
use segments_model::criterion::{Order, WithinOf};

use super::facts::{Facts, Marked, Outcome};
use super::kernel::Kernel;
use crate::plan::Shape;

/// A user's events: the time, and which steps and exclusions it serves.
type Event = (i64, u32, u32);

fn shape(optional: &[bool], order: Order) -> Shape {
    Shape {
        optional: optional.to_vec(),
        order,
        limit: None,
        exclude: Vec::new(),
        start: 0,
        end: 1_000,
        as_of: 1_000,
    }
}

/// The lists that a kernel is given.
#[derive(Debug)]
struct Lists {
    steps: Vec<Vec<i64>>,
    excluded: Vec<Vec<i64>>,
    instants: Vec<i64>,
    marked: Vec<Marked>,
}

impl Lists {
    fn new(shape: &Shape, events: &[Event]) -> Self {
        let mut events = events.to_vec();
        events.sort_unstable();
        let of = |passes: &dyn Fn(&Event) -> bool| {
            events
                .iter()
                .filter(|event| passes(event))
                .map(|event| event.0)
                .collect::<Vec<_>>()
        };
        Self {
            steps: (0..shape.steps())
                .map(|step| {
                    let range = shape.start..shape.end;
                    of(&|event| event.1 >> step & 1 == 1 && (step > 0 || range.contains(&event.0)))
                })
                .collect(),
            excluded: (0..shape.exclude.len())
                .map(|place| of(&|event| event.2 >> place & 1 == 1))
                .collect(),
            instants: of(&|_| true),
            marked: events
                .iter()
                .filter(|event| event.1 != 0)
                .map(|event| Marked {
                    time: event.0,
                    steps: event.1,
                })
                .collect(),
        }
    }

    fn facts(&self) -> Facts<'_> {
        let mut facts = Facts {
            count: self.steps.len(),
            instants: &self.instants,
            marked: &self.marked,
            ..Facts::NONE
        };
        for (list, times) in facts.steps.iter_mut().zip(&self.steps) {
            *list = times;
        }
        facts.excluded = &self.excluded;
        facts
    }
}

fn outcome(shape: &Shape, events: &[Event]) -> Outcome {
    let lists = Lists::new(shape, events);
    let mut outcome = Outcome::NONE;
    Kernel::new(shape).outcome(&lists.facts(), shape.start..shape.end, &mut outcome);
    outcome
}

/// Every run by the letter: which event for which step.
fn runs(shape: &Shape, events: &[Event], stretch: &Range<i64>) -> Vec<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
    while let Some(run) = open.pop() {
        for (place, event) in events.iter().enumerate() {
            for step in 0..shape.steps() {
                if event.1 >> step & 1 == 1 && goes_on(shape, events, stretch, &run, (step, place))
                {
                    let mut longer = run.clone();
                    longer.push((step, place));
                    found.push(longer.clone());
                    open.push(longer);
                }
            }
        }
    }
    found
}

fn goes_on(
    shape: &Shape,
    events: &[Event],
    stretch: &Range<i64>,
    run: &[(usize, usize)],
    (step, place): (usize, usize),
) -> bool {
    let time = events[place].0;
    let Some((last, before)) = run.last().copied() else {
        return stretch.contains(&time) && (step == 0 || shape.order == Order::Any);
    };
    let (earlier, start) = (events[before].0, events[run[0].1].0);
    let in_time = match shape.limit {
        None => true,
        Some((WithinOf::Funnel, limit)) => time - start <= limit,
        Some((WithinOf::Step, limit)) => time - earlier <= limit,
    };
    if shape.order == Order::Any {
        // Ties in one order only.
        let free = run.iter().all(|taken| taken.0 != step && taken.1 != place);
        return in_time && free && (earlier, before) < (time, place);
    }
    let between = |event: &&Event| earlier < event.0 && event.0 < time;
    let excluded = shape.exclude.iter().enumerate().any(|(exclusion, steps)| {
        last.max(steps.start) < step.min(steps.end)
            && events
                .iter()
                .filter(between)
                .any(|event| event.2 >> exclusion & 1 == 1)
    });
    last < step
        && (last + 1..step).all(|step| shape.optional[step])
        && earlier < time
        && in_time
        && !excluded
        && (shape.order != Order::Strict || !events.iter().any(|event| between(&event)))
}

fn reached_by(shape: &Shape, runs: &[Vec<(usize, usize)>]) -> u32 {
    let mut reached = 0;
    for run in runs {
        let steps = run.iter().fold(0, |steps, taken| steps | 1 << taken.0);
        if shape.order == Order::Any {
            let level = u32::trailing_ones(steps);
            if steps == (1 << level) - 1 {
                reached |= steps;
            }
        } else {
            reached |= 1 << run[run.len() - 1].0;
            reached |= run
                .iter()
                .filter(|taken| !shape.optional[taken.0])
                .fold(0, |steps, taken| steps | 1 << taken.0);
        }
    }
    reached
}

fn expected(shape: &Shape, events: &[Event], stretch: &Range<i64>) -> Outcome {
    let runs = runs(shape, events, stretch);
    let reached = reached_by(shape, &runs);
    let mut outcome = Outcome {
        reached,
        ..Outcome::NONE
    };
    for step in 1..shape.steps() {
        if reached >> step & 1 == 0 && reached >> shape.required_before(step) & 1 == 1 {
            let mut more = events.to_vec();
            more.push((shape.as_of, 1 << step, 0));
            let would = reached_by(shape, &self::runs(shape, &more, stretch));
            outcome.pending |= would & 1 << step;
        }
    }
    let furthest = (0..shape.steps())
        .rev()
        .find(|step| reached >> step & 1 == 1 && !shape.optional[*step]);
    let Some(furthest) = furthest else {
        return outcome;
    };
    let best = runs
        .iter()
        .filter(|run| match shape.order {
            Order::Any => run.len() == furthest + 1 && run.iter().all(|taken| taken.0 <= furthest),
            _ => {
                run.iter()
                    .rev()
                    .find(|taken| !shape.optional[taken.0])
                    .unwrap()
                    .0
                    == furthest
            }
        })
        .map(|run| {
            let times: Vec<i64> = run.iter().map(|taken| events[taken.1].0).collect();
            let steps: Vec<usize> = run.iter().map(|taken| taken.0).collect();
            (std::cmp::Reverse(run.len()), times, steps)
        })
        .min()
        .unwrap();
    for (place, (time, step)) in best.1.iter().zip(&best.2).enumerate() {
        let step = if shape.order == Order::Any {
            place
        } else {
            *step
        };
        outcome.taken |= 1 << step;
        outcome.times[step] = *time;
    }
    outcome
}

fn some_shape() -> impl Strategy<Value = Shape> {
    let order = prop_oneof![
        Just(Order::Sequential),
        Just(Order::Strict),
        Just(Order::Any)
    ];
    let limit = proptest::option::of((
        prop_oneof![Just(WithinOf::Funnel), Just(WithinOf::Step)],
        1_i64..12,
    ));
    let exclude = proptest::collection::vec((0_usize..4, 1_usize..4), 0..3);
    let optional = proptest::collection::vec(any::<bool>(), 1..5);
    (order, limit, exclude, optional, any::<bool>(), 18_i64..25).prop_map(
        |(order, limit, exclude, mut optional, plain, as_of)| {
            let steps = optional.len();
            optional[0] = false;
            if plain || order == Order::Any {
                optional.fill(false);
            }
            let exclude = exclude
                .into_iter()
                .map(|(from, more)| from..from + more)
                .filter(|range| range.end < steps && order != Order::Any && !plain)
                .collect();
            Shape {
                optional,
                order,
                limit,
                exclude,
                start: 2,
                end: 12,
                as_of,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    /// Against every run there is.
    #[test]
    fn kernel_and_definition_agree(
        shape in some_shape(),
        events in proptest::collection::vec((2_i64..18, 0_u32..16, 0_u32..4), 0..7),
        sparse in any::<bool>(),
        (from, until) in (2_i64..12, 2_i64..12),
    ) {
        let mut events = events;
        events.sort_unstable();
        if sparse {
            // One step each, as it is where steps are of different names.
            events.iter_mut().for_each(|event| event.1 &= event.1.wrapping_neg());
        }
        events.iter_mut().for_each(|event| event.1 &= (1 << shape.steps()) - 1);
        let lists = Lists::new(&shape, &events);
        for stretch in [shape.start..shape.end, from..until.max(from)] {
            let mut kernel = Kernel::new(&shape);
            let expected = expected(&shape, &events, &stretch);
            let mut outcome = Outcome::NONE;
            kernel.outcome(&lists.facts(), stretch.clone(), &mut outcome);
            prop_assert_eq!(outcome, expected);
            prop_assert_eq!(kernel.reached(&lists.facts(), stretch.clone()), expected.reached);
            if shape.order != Order::Any && stretch == (shape.start..shape.end) && expected.reached != 0 {
                prop_assert_eq!(kernel.taken(&lists.facts(), expected.reached), expected.taken);
            }
        }
    }
}

fn times(outcome: &Outcome) -> Vec<i64> {
    super::bits(outcome.taken)
        .map(|step| outcome.times[step])
        .collect()
}

#[test]
fn the_earliest_of_the_longest_runs_counts() {
    let mut shape = shape(&[false; 3], Order::Sequential);
    let events = [
        (1, 1, 0),
        (2, 1, 0),
        (5, 2, 0),
        (6, 1, 0),
        (7, 2, 0),
        (9, 4, 0),
    ];
    assert_eq!(times(&outcome(&shape, &events)), [1, 5, 9]);
    shape.limit = Some((WithinOf::Funnel, 7));
    assert_eq!(times(&outcome(&shape, &events)), [2, 5, 9]);
    shape.limit = Some((WithinOf::Step, 3));
    assert_eq!(times(&outcome(&shape, &events)), [6, 7, 9]);
}

/// A million events in time that grows with their number, not with its square.
#[test]
fn a_user_may_have_a_million_events() {
    let started = std::time::Instant::now();
    let count = 1_000_000;
    let events: Vec<Event> = (0..count)
        .map(|place| {
            (
                i64::from(place),
                if place % 2 == 0 {
                    1
                } else {
                    2 + (place % 3) as u32
                },
                u32::from(place % 7 == 0),
            )
        })
        .collect();
    for order in [Order::Sequential, Order::Strict, Order::Any] {
        for limit in [
            None,
            Some((WithinOf::Funnel, 1_000)),
            Some((WithinOf::Step, 100_000)),
        ] {
            for last in [false, true] {
                let mut shape = shape(&[false, order != Order::Any, false, false], order);
                shape.end = 2_000_000;
                shape.as_of = 2_000_000;
                shape.limit = limit;
                if order == Order::Sequential {
                    shape.exclude = vec![0..2, 2..3];
                }
                let mut events = events.clone();
                if last {
                    events[999_999].1 = 8;
                }
                outcome(&shape, &events);
            }
        }
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(60));
}
