//! Sequences in any order. There are few steps, and what counts is which of them some later events serve ([`sweep`]).

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of steps and of their events, which are counted here"
)]

use segments_model::criterion::WithinOf;
use segments_model::validate::{MAX_PARTS, MAX_UNORDERED};

use super::facts::{Marked, NO_END, Outcome, bits, first, from};
use crate::plan::Shape;

/// Works out how far users got, one after the other.
pub(super) struct AnyOrder<'q> {
    shape: &'q Shape,
    /// By set of steps: how soon events serve them.
    sets: Vec<i64>,
}

impl<'q> AnyOrder<'q> {
    pub(super) const fn new(shape: &'q Shape) -> Self {
        Self {
            shape,
            sets: Vec::new(),
        }
    }

    /// How far the user got by runs that start before an instant.
    pub(super) fn outcome(&mut self, marked: &[Marked], end: i64, outcome: &mut Outcome) {
        let Some((level, start)) = self.reached(marked, end) else {
            return;
        };
        let shape = self.shape;
        let steps = first(level);
        outcome.reached = steps;
        outcome.taken = steps;
        match shape.step_limit() {
            Some(limit) => {
                let times = self.near(from(marked, start), level, start, limit);
                for (place, time) in outcome.times.iter_mut().zip(times) {
                    *place = time;
                }
            }
            None => {
                serve(from(marked, start), steps, &mut outcome.times);
            }
        }
        if level < shape.steps() {
            let would = shape.limit.is_none_or(|_| {
                let recent = from(marked, shape.as_of.saturating_sub(shape.span()));
                self.limited(recent, end, Some(level)).is_some()
            });
            outcome.pending = u32::from(would) << level;
        }
    }

    /// How many steps were reached, and the earliest start of a run to the last of them.
    pub(super) fn reached(&mut self, marked: &[Marked], end: i64) -> Option<(usize, i64)> {
        if self.shape.limit.is_some() {
            let span = self.shape.span();
            let marked =
                &marked[..marked.partition_point(|event| event.time < end.saturating_add(span))];
            return self.limited(marked, end, None);
        }
        let there = marked.iter().fold(0, |steps, event| steps | event.steps);
        let mut times = [0; MAX_PARTS];
        (1..=there.trailing_ones() as usize)
            .rev()
            .find(|level| serve(marked, first(*level), &mut times) == *level && times[0] < end)
            .map(|level| (level, times[0]))
    }

    /// The same with a limit. With `ending` only runs count that an event at as-of, which serves that step alone, ends.
    fn limited(
        &mut self,
        marked: &[Marked],
        end: i64,
        ending: Option<usize>,
    ) -> Option<(usize, i64)> {
        let shape = self.shape;
        let mut best: Option<(usize, i64)> = None;
        sweep(
            &mut self.sets,
            marked,
            first(shape.steps()),
            shape,
            ending,
            |time, steps| {
                let level = steps.trailing_ones() as usize;
                // Only steps without a gap make a run, and earlier starts come last.
                if time < end && steps == first(level) && best.is_none_or(|(best, _)| level >= best)
                {
                    best = Some((level, time));
                }
            },
        );
        best
    }

    /// The times of the earliest run that serves so many steps, each event near the one before it.
    fn near(&mut self, marked: &[Marked], level: usize, start: i64, limit: i64) -> Vec<i64> {
        let steps = first(level);
        let sets = &mut self.sets;
        let mut times = Vec::new();
        // What the events before may have served.
        let mut served = vec![false; 1 << level];
        served[0] = true;
        let mut time = start;
        while times.len() < level {
            let here = from(marked, time);
            let (here, later) = here.split_at(here.partition_point(|event| event.time == time));
            let left = (level - times.len()) as i64;
            let last = time.saturating_add(limit.saturating_mul(left));
            let later = &later[..later.partition_point(|event| event.time <= last)];
            sweep(sets, later, steps, self.shape, None, |_, _| {});
            // By the number of events of this instant: the more of them the run takes the better.
            let mut layers = vec![served];
            for event in here.iter().filter(|event| event.steps & steps != 0) {
                if layers.len() <= level {
                    layers.push(vec![false; 1 << level]);
                }
                for count in (1..layers.len()).rev() {
                    let (fewer, more) = layers.split_at_mut(count);
                    for set in (0..fewer[count - 1].len()).filter(|set| fewer[count - 1][*set]) {
                        for step in bits(event.steps & steps & !(set as u32)) {
                            more[0][set | 1 << step] = true;
                        }
                    }
                }
            }
            let goes_on = |set: usize| {
                let rest = steps as usize ^ set;
                rest == 0 || sets[rest] != NO_END && sets[rest] - time <= limit
            };
            let count = (1..layers.len())
                .rev()
                .find(|count| (0..1 << level).any(|set| layers[*count][set] && goes_on(set)));
            let Some(count) = count else { break };
            served = layers.swap_remove(count);
            times.extend(std::iter::repeat_n(time, count));
            let mut next = None;
            sweep(sets, later, steps, self.shape, None, |later, set| {
                // The earliest is near enough, as one that is near enough is among them.
                if served[(steps ^ set) as usize] {
                    next = Some(later);
                }
            });
            let Some(next) = next else { break };
            time = next;
        }
        times
    }
}

/// Serves steps by different events, the earliest that will do: each is taken that leaves a place for all others. Gives how many
/// steps are served and puts down the events' times.
fn serve(marked: &[Marked], steps: u32, times: &mut [i64]) -> usize {
    let mut served = [0; MAX_UNORDERED];
    let most = steps.count_ones() as usize;
    let mut count = 0;
    // Steps that the events taken serve among themselves: one more for them has no place.
    let mut full = 0;
    for event in marked {
        let mask = event.steps & steps;
        if mask & !full == 0 {
            continue;
        }
        let mut seen = 0;
        if place(mask, &mut served, &mut seen) {
            times[count] = event.time;
            count += 1;
            if count == most {
                break;
            }
        } else {
            full |= seen;
        }
    }
    count
}

/// Finds a step for an event, by moving others to other steps if need be. Events are the steps that they serve.
fn place(event: u32, served: &mut [u32; MAX_UNORDERED], seen: &mut u32) -> bool {
    for step in bits(event) {
        if *seen >> step & 1 == 1 {
            continue;
        }
        *seen |= 1 << step;
        if served[step] == 0 || place(served[step], served, seen) {
            served[step] = event;
            return true;
        }
    }
    false
}

/// Goes back from the last event and finds for each set of steps how soon later events serve it within the limit: with a limit
/// of the funnel the earliest end of such events, with one of steps the earliest start. Tells of each event the sets that events
/// from it on serve. With `ending` only those with an event at as-of that serves this step alone.
fn sweep(
    sets: &mut Vec<i64>,
    marked: &[Marked],
    steps: u32,
    shape: &Shape,
    ending: Option<usize>,
    mut each: impl FnMut(i64, u32),
) {
    sets.clear();
    sets.resize(steps as usize + 1, NO_END);
    let mut others = steps;
    if let Some(step) = ending {
        sets[1 << step] = shape.as_of;
        others &= !(1 << step);
    }
    let (of, limit) = shape.limit.unwrap_or((WithinOf::Funnel, i64::MAX));
    for event in marked.iter().rev() {
        let (time, serves) = (event.time, event.steps & others);
        if serves == 0 {
            continue;
        }
        // Greater sets come first, so that an event serves one step only.
        for set in (1..=steps).rev().filter(|set| set & serves != 0) {
            let mut soonest = NO_END;
            for step in bits(set & serves) {
                let rest = set & !(1 << step);
                let other = match (rest, ending) {
                    (0, None) => time,
                    (0, Some(_)) => NO_END,
                    _ => sets[rest as usize],
                };
                soonest = soonest.min(other);
            }
            if soonest == NO_END {
                continue;
            }
            let in_time = soonest - time <= limit;
            match of {
                WithinOf::Funnel => {
                    let known = &mut sets[set as usize];
                    *known = soonest.min(*known);
                }
                WithinOf::Step if in_time => sets[set as usize] = time,
                WithinOf::Step => {}
            }
            if in_time {
                each(time, set);
            }
        }
    }
}
