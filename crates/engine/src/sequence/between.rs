//! How two neighbouring steps of a run in order follow each other.

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of steps and of their events, which are counted here"
)]

use segments_model::criterion::Order;
use segments_model::validate::MAX_PARTS;

use super::facts::{Facts, NEVER, NO_END};
use crate::plan::Shape;

/// What lies between two neighbouring steps of a run.
pub(super) struct Between<'t> {
    limit: i64,
    /// What must not lie between, with the place that was looked at last.
    lists: [(&'t [i64], Option<usize>); MAX_PARTS + 1],
    count: usize,
}

impl<'t> Between<'t> {
    pub(super) fn new(shape: &Shape, facts: &Facts<'t>, earlier: usize, later: usize) -> Self {
        let mut between = Self {
            limit: shape.step_limit().unwrap_or(i64::MAX),
            lists: [(&[], None); MAX_PARTS + 1],
            count: 0,
        };
        for (steps, times) in shape.exclude.iter().zip(facts.excluded) {
            if earlier.max(steps.start) < later.min(steps.end) {
                between.add(times);
            }
        }
        if shape.order == Order::Strict {
            between.add(facts.instants);
        }
        between
    }

    fn add(&mut self, times: &'t [i64]) {
        self.lists[self.count] = (times, None);
        self.count += 1;
    }

    /// The earliest instant that the step before an event may have; events come in order.
    pub(super) fn low(&mut self, time: i64) -> i64 {
        let mut low = time.saturating_sub(self.limit);
        for (times, place) in &mut self.lists[..self.count] {
            let mut next = place.unwrap_or_else(|| times.partition_point(|other| *other < time));
            while next < times.len() && times[next] < time {
                next += 1;
            }
            *place = Some(next);
            if next > 0 {
                low = low.max(times[next - 1]);
            }
        }
        low
    }

    /// The latest instant that the step after an event may have; events come in reverse order.
    fn high(&mut self, time: i64) -> i64 {
        let mut high = time.saturating_add(self.limit);
        for (times, place) in &mut self.lists[..self.count] {
            let mut next = place.unwrap_or_else(|| times.partition_point(|other| *other <= time));
            while next > 0 && times[next - 1] > time {
                next -= 1;
            }
            *place = Some(next);
            if let Some(other) = times.get(next) {
                high = high.min(*other);
            }
        }
        high
    }
}

/// For each event of a step the latest start among the events of a step before it that may come before.
pub(super) fn latest(
    (before, from): (&[i64], &[i64]),
    (times, starts): (&[i64], &mut [i64]),
    mut between: Between<'_>,
    limit: Option<i64>,
    queue: &mut Vec<usize>,
) {
    // Those before the event, each with a start that is earlier than those of the ones before it in the queue.
    queue.clear();
    let (mut head, mut next) = (0, 0);
    for (time, start) in times.iter().zip(starts) {
        while next < before.len() && before[next] < *time {
            if from[next] != NEVER {
                while queue.len() > head
                    && queue.last().is_some_and(|last| from[*last] <= from[next])
                {
                    queue.pop();
                }
                queue.push(next);
            }
            next += 1;
        }
        let low = between.low(*time);
        while head < queue.len() && before[queue[head]] < low {
            head += 1;
        }
        if let Some(best) = queue.get(head).map(|place| from[*place])
            && limit.is_none_or(|limit| *time - best <= limit)
        {
            *start = best.max(*start);
        }
    }
}

/// For each event of a step the earliest end among the events of a step after it that may come after.
pub(super) fn earliest(
    (times, ends): (&[i64], &mut [i64]),
    (after, to): (&[i64], &[i64]),
    mut between: Between<'_>,
    queue: &mut Vec<usize>,
) {
    queue.clear();
    let (mut head, mut next) = (0, after.len());
    for (time, end) in times.iter().zip(ends).rev() {
        while next > 0 && after[next - 1] > *time {
            next -= 1;
            if to[next] != NO_END {
                while queue.len() > head && queue.last().is_some_and(|last| to[*last] >= to[next]) {
                    queue.pop();
                }
                queue.push(next);
            }
        }
        let high = between.high(*time);
        while head < queue.len() && after[queue[head]] > high {
            head += 1;
        }
        if let Some(place) = queue.get(head) {
            *end = to[*place];
        }
    }
}
