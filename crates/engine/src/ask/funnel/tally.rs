//! What the ways of users add up to.

#![expect(
    clippy::indexing_slicing,
    reason = "there are figures for each step, and steps are those of the funnel"
)]

use rustc_hash::FxHashMap;
use segments_model::answer::{
    Bucket, FunnelBucket, FunnelGroup, FunnelPath, FunnelStep, Group, TimeStretch,
};
use segments_model::sort::sort_by;
use segments_model::validate::MAX_PARTS;

use crate::plan::Shape;
use crate::sequence::{Outcome, bits};

/// Where the stretches of the times begin, in seconds; the last one has no end.
const STRETCHES: [i64; 20] = [
    0, 60, 120, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800,
    1_209_600, 2_592_000, 5_184_000, 7_776_000, 15_552_000, 31_536_000,
];

/// How a user fared: in the whole range, and in each bucket in which the user reached a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Way {
    pub(super) whole: Outcome,
    pub(super) buckets: Vec<(u32, Outcome)>,
}

/// What the ways of some users add up to.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tally {
    whole: Figures,
    /// By the bucket's place; those without users are not there.
    buckets: FxHashMap<u32, Figures>,
}

/// What was found of a group.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    /// How many users reached the step of the groups.
    pub(super) users: u64,
    /// The users with the value. Of those that also count without it, what they come to so has to go.
    pub(super) more: Tally,
    pub(super) less: Tally,
}

impl Grouped {
    pub(super) fn merge(&mut self, other: Self) {
        self.users += other.users;
        self.more.merge(other.more);
        self.less.merge(other.less);
    }
}

#[derive(Debug, Default, PartialEq)]
struct Figures {
    steps: Vec<StepFigures>,
    /// Milliseconds that those who converted took.
    times: Vec<i64>,
    /// How many users' best run took these steps, a bit each.
    paths: FxHashMap<u32, u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct StepFigures {
    users: u64,
    pending: u64,
    /// Milliseconds that best runs took from the step before.
    times: Vec<i64>,
}

/// What the ways of some users add up to whose funnel has no optional step and who are told together.
#[derive(Debug)]
pub(super) struct Plain {
    /// By how many steps were reached: how many users, and how many whom an event at as-of would take one step further.
    users: [(u64, u64); MAX_PARTS + 1],
    figures: Figures,
}

/// What an answer shows of a tally.
#[derive(Clone, Copy)]
pub(super) struct TallyShape<'q> {
    pub(super) shape: &'q Shape,
    pub(super) buckets: &'q [Bucket],
}

impl Tally {
    pub(super) fn add(&mut self, way: &Way, shape: &Shape) {
        if way.whole.reached == 0 {
            return;
        }
        self.whole.add(&way.whole, shape);
        self.whole.add_run(&way.whole, shape);
        for (place, outcome) in &way.buckets {
            if outcome.reached != 0 {
                self.buckets.entry(*place).or_default().add(outcome, shape);
            }
        }
    }

    pub(super) fn add_plain(&mut self, plain: Plain) {
        let mut figures = plain.figures;
        let (mut reached, steps) = (0, figures.steps.len());
        for step in (0..steps).rev() {
            reached += plain.users[step + 1].0;
            figures.steps[step].users = reached;
            if step > 0 {
                figures.steps[step].pending = plain.users[step].1;
            }
        }
        // As of no way at all there are no figures of anybody.
        if reached > 0 {
            self.whole.merge(figures);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.whole.merge(other.whole);
        for (place, figures) in other.buckets {
            self.buckets.entry(place).or_default().merge(figures);
        }
    }

    /// Makes ready to be taken from with [`add_without`](Self::add_without).
    pub(super) fn sort(&mut self) {
        self.whole.sort();
        self.buckets.values_mut().for_each(Figures::sort);
    }

    /// Adds a sorted tally but for what is in the other one, all of which is in it.
    pub(super) fn add_without(&mut self, all: &Self, mut less: Self) {
        less.sort();
        self.whole.add_without(&all.whole, &less.whole);
        let none = Figures::default();
        for (place, figures) in &all.buckets {
            let less = less.buckets.get(place).unwrap_or(&none);
            let mine = self.buckets.entry(*place).or_default();
            mine.add_without(figures, less);
        }
    }

    pub(super) fn group(&mut self, shown: TallyShape<'_>, group: Group) -> FunnelGroup {
        let shape = shown.shape;
        let users = self.whole.steps.first().map_or(0, |step| step.users);
        let mut none = Figures::default();
        let optional = shape.optional.contains(&true);
        FunnelGroup {
            group,
            users,
            steps: self.whole.steps(shape),
            times: stretches(&self.whole.times),
            average_seconds: average(&self.whole.times),
            median_seconds: median(&mut self.whole.times),
            paths: if optional {
                self.whole.paths()
            } else {
                Vec::new()
            },
            buckets: (0..)
                .zip(shown.buckets)
                .map(|(place, bucket)| FunnelBucket {
                    bucket: *bucket,
                    steps: self
                        .buckets
                        .get_mut(&place)
                        .unwrap_or(&mut none)
                        .steps(shape),
                })
                .collect(),
        }
    }
}

impl Plain {
    pub(super) fn new(steps: usize) -> Self {
        let mut figures = Figures::default();
        figures.reserve(steps);
        Self {
            users: [(0, 0); MAX_PARTS + 1],
            figures,
        }
    }

    /// Adds a user who reached so many steps.
    pub(super) fn add(&mut self, steps: usize, pending: bool) {
        let (users, more) = &mut self.users[steps];
        *users += 1;
        *more += u64::from(pending);
    }

    /// Adds how many milliseconds a user took to a step from the one before.
    pub(super) fn took(&mut self, step: usize, millis: i64) {
        self.figures.steps[step].times.push(millis);
    }

    /// Adds how many milliseconds a user took who converted.
    pub(super) fn took_all(&mut self, millis: i64) {
        self.figures.times.push(millis);
    }
}

impl Figures {
    fn reserve(&mut self, steps: usize) {
        if self.steps.len() < steps {
            self.steps.resize_with(steps, StepFigures::default);
        }
    }

    fn add(&mut self, outcome: &Outcome, shape: &Shape) {
        self.reserve(shape.steps());
        for step in bits(outcome.reached) {
            self.steps[step].users += 1;
        }
        for step in bits(outcome.pending) {
            self.steps[step].pending += 1;
        }
        let mut before = None;
        for step in bits(outcome.taken) {
            let time = outcome.times[step];
            if let Some(before) = before {
                self.steps[step].times.push(time - before);
            }
            before = Some(time);
        }
    }

    fn add_run(&mut self, outcome: &Outcome, shape: &Shape) {
        let last = shape.steps() - 1;
        if outcome.has_reached(last) {
            self.times.push(outcome.times[last] - outcome.times[0]);
        }
        if shape.optional.contains(&true) {
            *self.paths.entry(outcome.taken).or_default() += 1;
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.reserve(other.steps.len());
        for (step, more) in self.steps.iter_mut().zip(&mut other.steps) {
            step.users += more.users;
            step.pending += more.pending;
            append(&mut step.times, &mut more.times);
        }
        append(&mut self.times, &mut other.times);
        for (path, users) in other.paths {
            *self.paths.entry(path).or_default() += users;
        }
    }

    fn sort(&mut self) {
        self.times.sort_unstable();
        for step in &mut self.steps {
            step.times.sort_unstable();
        }
    }

    fn add_without(&mut self, all: &Self, less: &Self) {
        self.reserve(all.steps.len());
        let nothing = StepFigures::default();
        for (place, (step, all)) in self.steps.iter_mut().zip(&all.steps).enumerate() {
            let less = less.steps.get(place).unwrap_or(&nothing);
            step.users += all.users - less.users;
            step.pending += all.pending - less.pending;
            extend_without(&mut step.times, &all.times, &less.times);
        }
        extend_without(&mut self.times, &all.times, &less.times);
        for (path, users) in &all.paths {
            let users = users - less.paths.get(path).copied().unwrap_or(0);
            if users > 0 {
                *self.paths.entry(*path).or_default() += users;
            }
        }
    }

    fn steps(&mut self, shape: &Shape) -> Vec<FunnelStep> {
        self.reserve(shape.steps());
        let users: Vec<u64> = self.steps.iter().map(|step| step.users).collect();
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        let steps = self.steps.iter_mut().take(shape.steps()).enumerate();
        steps
            .map(|(place, step)| FunnelStep {
                users: step.users,
                pending: step.pending,
                from_start: share(step.users, users[0]),
                from_previous: match place {
                    0 => Some(1.0),
                    _ => share(step.users, users[shape.required_before(place)]),
                },
                average_seconds: average(&step.times),
                median_seconds: median(&mut step.times),
            })
            .collect()
    }

    fn paths(&self) -> Vec<FunnelPath> {
        let mut paths: Vec<FunnelPath> = self
            .paths
            .iter()
            .map(|(taken, users)| FunnelPath {
                steps: bits(*taken).map(|step| step as u32 + 1).collect(),
                users: *users,
            })
            .collect();
        sort_by(&mut paths, |one, other| {
            (other.users.cmp(&one.users)).then_with(|| one.steps.cmp(&other.steps))
        });
        paths
    }
}

/// Moves times to the end of others, whichever list is the longer.
fn append(times: &mut Vec<i64>, more: &mut Vec<i64>) {
    if times.is_empty() {
        std::mem::swap(times, more);
    }
    times.append(more);
}

/// Adds sorted times but for some of them, sorted too.
fn extend_without(times: &mut Vec<i64>, all: &[i64], less: &[i64]) {
    let mut less = less.iter().peekable();
    times.extend(all.iter().filter(|time| less.next_if_eq(time).is_none()));
}

/// The mean of times, in seconds.
fn average(times: &[i64]) -> Option<f64> {
    let sum: i128 = times.iter().map(|time| i128::from(*time)).sum();
    (!times.is_empty()).then(|| sum as f64 / (times.len() as u64 * 1_000) as f64)
}

/// The time in the middle or the mean of the two there, in seconds.
fn median(times: &mut [i64]) -> Option<f64> {
    if times.is_empty() {
        return None;
    }
    let (middle, even) = (times.len() / 2, times.len().is_multiple_of(2));
    let (below, upper, _) = times.select_nth_unstable(middle);
    let lower = below.iter().max().filter(|_| even).unwrap_or(upper);
    Some((*lower + *upper) as f64 / 2_000.0)
}

/// How many took how long, from the first to the last stretch that has users.
fn stretches(times: &[i64]) -> Vec<TimeStretch> {
    let mut users = [0_u64; STRETCHES.len()];
    for time in times {
        let place = STRETCHES.partition_point(|start| start * 1_000 <= *time);
        users[place - 1] += 1;
    }
    let Some(first) = users.iter().position(|users| *users > 0) else {
        return Vec::new();
    };
    let last = users.iter().rposition(|users| *users > 0).unwrap_or(first);
    (first..=last)
        .map(|place| TimeStretch {
            from_seconds: STRETCHES[place] as f64,
            to_seconds: STRETCHES.get(place + 1).map(|end| *end as f64),
            users: users[place],
        })
        .collect()
}
