//! Sequences and funnels of one user, by trying every run there is.

use segments_model::criterion::{Exclusion, Order, Step, Within, WithinOf};

use crate::world::Event;

/// What is asked of the runs of a user.
#[derive(Clone, Copy)]
pub struct Path<'q> {
    pub steps: &'q [Step],
    pub order: Order,
    pub within: Option<Within>,
    pub exclude: &'q [Exclusion],
}

/// An event of the user, and the steps of a run that it matches.
#[derive(Clone)]
pub struct Candidate<'w> {
    /// None: an event that has not happened.
    pub event: Option<&'w Event>,
    pub time: i64,
    /// For each step whether it matches it.
    pub serves: Vec<bool>,
    /// For each exclusion whether it is the excluded event.
    pub excluded: Vec<bool>,
}

/// A choice of events, one for a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The steps, counted from 0. In any order those up to the furthest.
    pub steps: Vec<usize>,
    /// The time of each, ascending.
    pub times: Vec<i64>,
}

impl Run {
    /// The steps as they are told, counted from 1.
    pub fn numbers(&self) -> Vec<u32> {
        self.steps.iter().map(|step| *step as u32 + 1).collect()
    }
}

/// How far a user got.
pub struct Journey {
    pub reached: Vec<bool>,
    pub pending: Vec<bool>,
    /// None where not even step 1 was reached.
    pub best: Option<Run>,
}

/// How far the user got whose first step lies in the range.
pub fn journey(
    path: Path<'_>,
    candidates: &[Candidate<'_>],
    range: (i64, i64),
    as_of: i64,
) -> Journey {
    let (reached, best) = reached(path, candidates, range);
    let pending = (0..path.steps.len())
        .map(|step| {
            let Some(before) = required_before(path, step) else {
                return false;
            };
            let one_more = Candidate {
                event: None,
                time: as_of,
                serves: (0..path.steps.len()).map(|other| other == step).collect(),
                excluded: vec![false; path.exclude.len()],
            };
            reached[before]
                && !reached[step]
                && self::reached(path, &[candidates, &[one_more]].concat(), range).0[step]
        })
        .collect();
    Journey {
        reached,
        pending,
        best,
    }
}

/// The required step before a step.
pub fn required_before(path: Path<'_>, step: usize) -> Option<usize> {
    (0..step).rev().find(|step| !path.steps[*step].optional)
}

/// The required step after a step.
pub fn required_after(path: Path<'_>, step: usize) -> Option<usize> {
    (step + 1..path.steps.len()).find(|step| !path.steps[*step].optional)
}

/// The steps that were reached, and the best run.
pub fn reached(
    path: Path<'_>,
    candidates: &[Candidate<'_>],
    range: (i64, i64),
) -> (Vec<bool>, Option<Run>) {
    let required = |step: &usize| !path.steps[*step].optional;
    let mut ended = vec![false; path.steps.len()];
    each_run(path, candidates, range, &mut |run| {
        ended[*run.steps.last().unwrap()] = true
    });
    let reached: Vec<bool> = (0..path.steps.len())
        .map(|step| {
            let later = step + 1..path.steps.len();
            ended[step] || required(&step) && later.filter(required).any(|later| ended[later])
        })
        .collect();
    let furthest = (0..path.steps.len())
        .rev()
        .find(|step| required(step) && reached[*step]);
    let mut best: Option<Run> = None;
    each_run(path, candidates, range, &mut |run| {
        let last_required = run.steps.iter().copied().rfind(required);
        if last_required == furthest && best.as_ref().is_none_or(|best| is_better(run, best)) {
            best = Some(run.clone());
        }
    });
    (reached, best)
}

/// More steps, then earlier times, then the steps that come first in the funnel.
fn is_better(run: &Run, than: &Run) -> bool {
    if run.steps.len() != than.steps.len() {
        return run.steps.len() > than.steps.len();
    }
    (&run.times, &run.steps) < (&than.times, &than.steps)
}

/// Tells of every run whose first step lies in the range.
fn each_run(
    path: Path<'_>,
    candidates: &[Candidate<'_>],
    range: (i64, i64),
    on_run: &mut dyn FnMut(&Run),
) {
    if path.order == Order::Any {
        in_any_order(path, candidates, range, &mut Vec::new(), on_run);
        return;
    }
    for first in candidates {
        if first.serves[0] && range.0 <= first.time && first.time < range.1 {
            let mut run = Run {
                steps: vec![0],
                times: vec![first.time],
            };
            go_on(path, candidates, &mut run, on_run);
        }
    }
}

/// Tells of a run and of every run that goes on from it.
fn go_on(
    path: Path<'_>,
    candidates: &[Candidate<'_>],
    run: &mut Run,
    on_run: &mut dyn FnMut(&Run),
) {
    on_run(run);
    let last = *run.steps.last().unwrap();
    for step in last + 1..path.steps.len() {
        for candidate in candidates {
            if candidate.serves[step]
                && follows(path, candidates, run, (last, step), candidate.time)
            {
                run.steps.push(step);
                run.times.push(candidate.time);
                go_on(path, candidates, run, on_run);
                run.steps.pop();
                run.times.pop();
            }
        }
        if !path.steps[step].optional {
            break;
        }
    }
}

/// Whether an event at a time may be the next of a run.
fn follows(
    path: Path<'_>,
    candidates: &[Candidate<'_>],
    run: &Run,
    (last, step): (usize, usize),
    time: i64,
) -> bool {
    let before = *run.times.last().unwrap();
    let mut between = candidates
        .iter()
        .filter(|candidate| before < candidate.time && candidate.time < time);
    let in_time = path.within.is_none_or(|within| {
        let from = match within.of {
            WithinOf::Funnel => run.times[0],
            WithinOf::Step => before,
        };
        time - from <= within.window().millis()
    });
    let excluded = |candidate: &Candidate<'_>| {
        path.exclude
            .iter()
            .zip(&candidate.excluded)
            .any(|(exclusion, is)| {
                // Steps count from 1 in an exclusion and from 0 here.
                let (from, to) = (exclusion.from as usize - 1, exclusion.to as usize - 1);
                *is && last.max(from) < step.min(to)
            })
    };
    before < time
        && in_time
        && match path.order {
            Order::Strict => between.next().is_none(),
            _ => !between.any(excluded),
        }
}

/// Tells of every choice of different events for steps 1 to j, for every j.
fn in_any_order(
    path: Path<'_>,
    candidates: &[Candidate<'_>],
    range: (i64, i64),
    chosen: &mut Vec<usize>,
    on_run: &mut dyn FnMut(&Run),
) {
    if !chosen.is_empty() {
        let mut times: Vec<i64> = chosen.iter().map(|place| candidates[*place].time).collect();
        times.sort_unstable();
        let (first, last) = (times[0], *times.last().unwrap());
        let in_time = path.within.is_none_or(|within| {
            let longest = within.window().millis();
            match within.of {
                WithinOf::Funnel => last - first <= longest,
                WithinOf::Step => times.windows(2).all(|pair| pair[1] - pair[0] <= longest),
            }
        });
        if in_time && range.0 <= first && first < range.1 {
            on_run(&Run {
                steps: (0..chosen.len()).collect(),
                times,
            });
        }
    }
    if chosen.len() < path.steps.len() {
        for place in 0..candidates.len() {
            if candidates[place].serves[chosen.len()] && !chosen.contains(&place) {
                chosen.push(place);
                in_any_order(path, candidates, range, chosen, on_run);
                chosen.pop();
            }
        }
    }
}
