//! How far a user got in a sequence of events, and by which of them.
//!
//! A sequence in order, without limits or with one for all of it, is walked with a place in each step's events that only
//! moves on. Whatever else restricts how neighbouring steps follow each other, it leaves to an event of a step a stretch of
//! time before it, and both ends of the stretch move on with the event: the best of what lies inside is known in linear time
//! ([`forward`](Kernel::forward)), as it is in the other direction ([`chain`](Kernel::chain)).

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of steps and of their events, which are counted here"
)]

use std::ops::Range;

use segments_model::criterion::Order;
use segments_model::validate::MAX_PARTS;

use super::any::AnyOrder;
use super::between::{Between, earliest, latest};
use super::facts::{Facts, NEVER, NO_END, Outcome, bits, first, from};
use crate::plan::Shape;

/// Works out how far users got, one after the other.
pub(crate) struct Kernel<'q> {
    shape: &'q Shape,
    /// Of each event of each step: the latest start of a run to it.
    starts: Vec<Vec<i64>>,
    /// Of each event of each step of a chain: the earliest end of a run from it.
    ends: Vec<Vec<i64>>,
    queue: Vec<usize>,
    any: AnyOrder<'q>,
}

impl<'q> Kernel<'q> {
    pub(crate) fn new(shape: &'q Shape) -> Self {
        Self {
            shape,
            starts: vec![Vec::new(); shape.steps()],
            ends: vec![Vec::new(); shape.steps()],
            queue: Vec::new(),
            any: AnyOrder::new(shape),
        }
    }

    /// The steps that the user reached by runs that start in a stretch of the range.
    pub(crate) fn reached(&mut self, facts: &Facts<'_>, stretch: Range<i64>) -> u32 {
        if self.shape.order == Order::Any {
            let marked = from(facts.marked, stretch.start);
            let reached = self.any.reached(marked, stretch.end);
            return first(reached.map_or(0, |(level, _)| level));
        }
        if self.shape.is_plain() {
            let mut outcome = Outcome::NONE;
            self.outcome(facts, stretch, &mut outcome);
            return outcome.reached;
        }
        if self.is_whole(&stretch) {
            return self.forward(facts);
        }
        let facts = self.cut(facts, stretch);
        self.forward(&facts)
    }

    /// The steps of the best run in the whole range, of those that the user reached in it.
    pub(super) fn taken(&mut self, facts: &Facts<'_>, reached: u32) -> u32 {
        let mut outcome = Outcome {
            reached,
            ..Outcome::NONE
        };
        self.best(facts, &mut outcome);
        outcome.taken
    }

    /// How far the user got by runs that start in a stretch of the range.
    pub(crate) fn outcome(
        &mut self,
        facts: &Facts<'_>,
        stretch: Range<i64>,
        outcome: &mut Outcome,
    ) {
        *outcome = Outcome::NONE;
        if self.shape.order == Order::Any {
            let marked = from(facts.marked, stretch.start);
            self.any.outcome(marked, stretch.end, outcome);
        } else if self.is_whole(&stretch) {
            self.in_order(facts, outcome);
        } else {
            let facts = self.cut(facts, stretch);
            self.in_order(&facts, outcome);
        }
    }

    /// Whether a stretch is all of the range, in which the events of the first step lie anyway.
    fn is_whole(&self, stretch: &Range<i64>) -> bool {
        stretch.start <= self.shape.start && self.shape.end <= stretch.end
    }

    fn in_order(&mut self, facts: &Facts<'_>, outcome: &mut Outcome) {
        if facts.count == 0 {
            return;
        }
        if self.shape.is_plain() {
            self.plain(facts, outcome);
            return;
        }
        outcome.reached = self.forward(facts);
        if outcome.reached != 0 {
            outcome.pending = self.pending(facts, outcome.reached);
            self.best(facts, outcome);
        }
    }

    /// The same facts without the events that no run from the stretch can take.
    fn cut<'t>(&self, facts: &Facts<'t>, stretch: Range<i64>) -> Facts<'t> {
        let mut facts = *facts;
        let Some(starts) = facts.steps.first_mut().filter(|_| facts.count > 0) else {
            return facts;
        };
        let before = |time: i64| move |other: &i64| *other < time;
        *starts = &starts[starts.partition_point(before(stretch.start))..];
        *starts = &starts[..starts.partition_point(before(stretch.end))];
        let (Some(earliest), Some(latest)) = (starts.first().copied(), starts.last().copied())
        else {
            facts.count = 0;
            return facts;
        };
        let end = latest.saturating_add(self.shape.span());
        for step in facts.steps.iter_mut().take(facts.count).skip(1) {
            if step.first().is_some_and(|time| *time <= earliest) {
                *step = &step[step.partition_point(|time| *time <= earliest)..];
            }
            if step.last().is_some_and(|time| *time > end) {
                *step = &step[..step.partition_point(|time| *time <= end)];
            }
        }
        facts
    }

    /// Of a plain sequence.
    fn plain(&self, facts: &Facts<'_>, outcome: &mut Outcome) {
        let shape = self.shape;
        let limit = shape.funnel_limit();
        let mut times = [0; MAX_PARTS];
        let mut places = [0; MAX_PARTS];
        // The latest start from which so many steps were reached.
        let mut latest = [NEVER; MAX_PARTS + 1];
        let mut best = 0;
        for start in facts.steps[0] {
            times[0] = *start;
            let deadline = limit.map_or(i64::MAX, |limit| start.saturating_add(limit));
            let mut level = 1;
            while level < facts.count {
                let (step, place) = (facts.steps[level], &mut places[level]);
                let earlier = times[level - 1];
                while *place < step.len() && step[*place] <= earlier {
                    *place += 1;
                }
                match step.get(*place).filter(|time| **time <= deadline) {
                    Some(time) => times[level] = *time,
                    None => break,
                }
                level += 1;
            }
            latest[1..=level].fill(*start);
            if level > best {
                best = level;
                outcome.times = times;
            }
            // Without a limit no later start gets further.
            if best == shape.steps() || limit.is_none() {
                break;
            }
        }
        outcome.reached = first(best);
        outcome.taken = outcome.reached;
        if 0 < best && best < shape.steps() {
            let in_time = limit.is_none_or(|limit| latest[best] >= shape.as_of - limit);
            outcome.pending = u32::from(in_time) << best;
        }
    }

    /// The steps that were reached; leaves the latest start of a run to each event of them.
    fn forward(&mut self, facts: &Facts<'_>) -> u32 {
        let shape = self.shape;
        if facts.count == 0 || facts.steps[0].is_empty() {
            return 0;
        }
        self.starts[0].clear();
        self.starts[0].extend(facts.steps[0]);
        let mut reached = 1_u32;
        for step in 1..facts.count {
            let times = facts.steps[step];
            let (before, after) = self.starts.split_at_mut(step);
            let starts = &mut after[0];
            starts.clear();
            starts.resize(times.len(), NEVER);
            for earlier in shape
                .before(step)
                .filter(|earlier| reached >> earlier & 1 == 1)
            {
                let between = Between::new(shape, facts, earlier, step);
                let from = (facts.steps[earlier], before[earlier].as_slice());
                latest(
                    from,
                    (times, starts),
                    between,
                    shape.funnel_limit(),
                    &mut self.queue,
                );
            }
            if starts.iter().any(|start| *start != NEVER) {
                reached |= 1 << step;
            } else if !shape.optional[step] {
                break;
            }
        }
        reached
    }

    /// The steps that an event at as-of would reach, after [`forward`](Self::forward).
    fn pending(&self, facts: &Facts<'_>, reached: u32) -> u32 {
        let shape = self.shape;
        let least = shape
            .funnel_limit()
            .map_or(NEVER + 1, |limit| shape.as_of - limit);
        let is_pending = |step: &usize| {
            let before = shape.before(*step);
            reached >> step & 1 == 0
                && reached >> before.start & 1 == 1
                && before
                    .filter(|earlier| reached >> earlier & 1 == 1)
                    .any(|earlier| {
                        let low = Between::new(shape, facts, earlier, *step).low(shape.as_of);
                        let times = facts.steps[earlier].iter().zip(&self.starts[earlier]).rev();
                        times
                            .take_while(|(time, _)| **time >= low)
                            .any(|(_, start)| *start >= least)
                    })
        };
        (1..shape.steps())
            .filter(is_pending)
            .fold(0, |steps, step| steps | 1 << step)
    }

    /// Finds the best run to the steps that were reached.
    fn best(&mut self, facts: &Facts<'_>, outcome: &mut Outcome) {
        let shape = self.shape;
        let required = |step: &usize| !shape.optional[*step];
        let reached: u32 = bits(outcome.reached)
            .filter(required)
            .fold(0, |steps, step| steps | 1 << step);
        let next = (0..shape.steps())
            .filter(required)
            .find(|step| reached >> step & 1 == 0)
            .unwrap_or(shape.steps());
        let optional = outcome.reached & !reached & first(next);
        for most in (0..=optional.count_ones()).rev() {
            let mut best: Option<(Vec<(i64, usize)>, u32)> = None;
            // Every subset, by counting down with the other bits left out.
            let mut subset = optional;
            loop {
                if subset.count_ones() == most {
                    let taken = reached | subset;
                    if let Some(times) = self.chain(facts, taken) {
                        // Of equal times the steps decide; a comparison of pairs would look at a step before a later time.
                        let earlier = |best: &[(i64, usize)]| {
                            let (mine, others) = (times.iter(), best.iter());
                            mine.clone()
                                .map(|run| run.0)
                                .cmp(others.clone().map(|run| run.0))
                                .then(mine.map(|run| run.1).cmp(others.map(|run| run.1)))
                                .is_lt()
                        };
                        if best.as_ref().is_none_or(|(best, _)| earlier(best)) {
                            best = Some((times, taken));
                        }
                    }
                }
                if subset == 0 {
                    break;
                }
                subset = (subset - 1) & optional;
            }
            if let Some((times, taken)) = best {
                outcome.taken = taken;
                for (time, step) in times {
                    outcome.times[step] = time;
                }
                return;
            }
        }
    }

    /// The earliest run that takes these steps, with the time of each; none where there is no such run.
    fn chain(&mut self, facts: &Facts<'_>, taken: u32) -> Option<Vec<(i64, usize)>> {
        let shape = self.shape;
        let mut later: Option<usize> = None;
        for step in (0..shape.steps())
            .rev()
            .filter(|step| taken >> step & 1 == 1)
        {
            let times = facts.steps[step];
            let (before, after) = self.ends.split_at_mut(step + 1);
            let ends = &mut before[step];
            ends.clear();
            match later {
                None => ends.extend(times),
                Some(later) => {
                    ends.resize(times.len(), NO_END);
                    let between = Between::new(shape, facts, step, later);
                    let to = (facts.steps[later], after[later - step - 1].as_slice());
                    earliest((times, ends), to, between, &mut self.queue);
                }
            }
            later = Some(step);
        }
        let limit = shape.funnel_limit();
        let starts = facts.steps[0].iter().zip(&self.ends[0]);
        let mut in_time = starts.filter(|(start, end)| {
            **end != NO_END && limit.is_none_or(|limit| **end - **start <= limit)
        });
        let (start, _) = in_time.next()?;
        let last = limit.map_or(NO_END - 1, |limit| start.saturating_add(limit));
        let mut run = vec![(*start, 0)];
        let mut time = *start;
        for step in bits(taken).skip(1) {
            let times = facts.steps[step];
            let later = times.partition_point(|other| *other <= time);
            let mut ends = times[later..].iter().zip(&self.ends[step][later..]);
            // The first that leads to an end in time is near enough, as one that is near enough does.
            time = *ends.find(|(_, end)| **end <= last)?.0;
            run.push((time, step));
        }
        Some(run)
    }
}
