//! How far a user got in a sequence of events, and by which of them.
//!
//! A sequence in order, without limits or with one for all of it, is walked with a place in each step's events that only
//! moves on. Whatever else restricts how neighbouring steps follow each other, it leaves to an event of a step a stretch of
//! time before it, and both ends of the stretch move on with the event: the best of what lies inside is known in linear time
//! ([`forward`](Kernel::forward)), as it is in the other direction ([`chain`](Kernel::chain)). In any order there are few steps, and
//! what counts is which of them some later events serve ([`sweep`]).

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of steps and of their events, which are counted here"
)]

use std::ops::Range;

use roaring::RoaringBitmap;
use segments_model::criterion::{Order, WithinOf};
use segments_model::validate::{MAX_PARTS, MAX_UNORDERED};

use crate::gather::{Gather, Row};
use crate::plan::{Sequence, Shape};
use crate::store::Store;

/// No run.
const NEVER: i64 = i64::MIN;
/// No run, where the least is looked for.
const NO_END: i64 = i64::MAX;

/// A sequence and the events it is about.

/// A list of times for each step.
pub(crate) type Times<'t> = [&'t [i64]; MAX_PARTS];

/// The events of a user, each list in order of time.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'t> {
    /// Those of the steps, unless any order will do.
    pub(crate) steps: Times<'t>,
    /// How many steps there are lists for: of those after it none can be reached.
    pub(crate) count: usize,
    /// Those that are excluded, a list for each exclusion.
    pub(crate) excluded: &'t [Vec<i64>],
    /// Any, where nothing may come between.
    pub(crate) instants: &'t [i64],
    /// Where any order will do, the events of all steps.
    pub(crate) marked: &'t [Marked],
}

impl<'t> Facts<'t> {
    pub(crate) const NONE: Self = Self {
        steps: [&[]; MAX_PARTS],
        count: 0,
        excluded: &[],
        instants: &[],
        marked: &[],
    };

    /// What was gathered of a user, as far as it was worth it; see [`load`].
    pub(crate) fn new(shape: &Shape, times: &'t [Vec<i64>], count: usize) -> Self {
        let mut facts = Self {
            count,
            ..Self::NONE
        };
        let (steps, others) = times.split_at(shape.steps());
        for (list, times) in facts.steps.iter_mut().zip(steps.iter().take(count)) {
            *list = times;
        }
        let (excluded, any) = others.split_at(shape.exclude.len());
        facts.excluded = excluded;
        if let Some(any) = any.first() {
            facts.instants = any;
        }
        facts
    }
}

/// An event with the steps that it serves, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) time: i64,
    pub(crate) steps: u32,
}

/// Makes one list of the rows of the steps, and of them one of events. A row that serves several steps is one event.
pub(crate) fn mark<'r>(
    steps: impl Iterator<Item = (usize, &'r [Row])>,
    rows: &mut Vec<(Row, u32)>,
    marked: &mut Vec<Marked>,
) {
    rows.clear();
    marked.clear();
    for (step, more) in steps {
        rows.extend(more.iter().map(|row| (*row, 1 << step)));
    }
    rows.sort();
    rows.dedup_by(|row, before| {
        let same = row.0 == before.0;
        if same {
            before.1 |= row.1;
        }
        same
    });
    marked.extend(rows.iter().map(|(row, steps)| Marked {
        time: row.time,
        steps: *steps,
    }));
}

/// Gathers the times of a user's events for a sequence in order, step by step, as long as there is a later event. Gives how
/// many steps there are lists for.
pub(crate) fn load(gather: &mut Gather<'_>, shape: &Shape, budget: &mut usize) -> usize {
    let mut earliest = NEVER;
    for (step, optional) in shape.optional.iter().enumerate() {
        let times = gather.times(step, budget);
        if *optional {
            continue;
        }
        match times.get(times.partition_point(|time| *time <= earliest)) {
            Some(time) => earliest = *time,
            None => return step,
        }
    }
    shape.steps()
}

/// Gathers what must not come between the steps.
pub(crate) fn load_others(gather: &mut Gather<'_>, sequence: &Sequence, budget: &mut usize) {
    for event in sequence.shape.steps()..sequence.events.len() {
        gather.times(event, budget);
    }
}

/// Gathers the events of a user for a sequence of so many steps in any order.
pub(crate) fn load_marked(
    gather: &mut Gather<'_>,
    steps: usize,
    rows: &mut Vec<(Row, u32)>,
    marked: &mut Vec<Marked>,
    budget: &mut usize,
) {
    for step in 0..steps {
        gather.rows(step, budget);
    }
    let found = gather.all_rows().iter().take(steps);
    mark(found.map(Vec::as_slice).enumerate(), rows, marked);
}

/// What is asked about a sequence: the step that was reached, and one that was not.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'q> {
    pub(crate) sequence: &'q Sequence,
    pub(crate) reached: usize,
    pub(crate) not_reached: Option<usize>,
    /// The steps of the best run as bits, not where any order will do; none: whichever they are.
    pub(crate) path: Option<u32>,
}

/// Where a search for the users that got so far is.
#[derive(Debug)]
pub(crate) struct Search {
    /// The next user.
    next: u32,
    /// The only users that matter.
    among: Option<RoaringBitmap>,
    /// Those that were found, ascending.
    found: Vec<u32>,
}

impl Search {
    pub(crate) fn new(first: u32, among: Option<RoaringBitmap>) -> Self {
        Self {
            next: first,
            among,
            found: Vec::new(),
        }
    }

    pub(crate) fn into_found(self) -> RoaringBitmap {
        self.found.into_iter().collect()
    }

    /// Goes on until the budget of rows is used up; true when every user was looked at.
    pub(crate) fn step(
        &mut self,
        store: &Store,
        sought: Sought<'_>,
        results: &[RoaringBitmap],
        end: u32,
        budget: &mut usize,
    ) -> bool {
        let Sequence { shape, events } = sought.sequence;
        // Whoever got so far has events of each of these, so those that are the fewest lead.
        let needed = |step: &usize| {
            let on_path = sought.path.is_some_and(|path| path >> step & 1 == 1);
            !shape.optional[*step] || *step == sought.reached || on_path
        };
        let leading = (0..=sought.reached)
            .filter(needed)
            .min_by_key(|step| events[*step].rows(store))
            .unwrap_or(0);
        let mut gather = Gather::new(store, events, leading, results, self.next..end);
        let mut kernel = Kernel::new(shape);
        let (mut rows, mut marked) = (Vec::new(), Vec::new());
        let range = shape.start..shape.end;
        while let Some(user) = gather.advance(budget) {
            if self
                .among
                .as_ref()
                .is_some_and(|among| !among.contains(user))
            {
                continue;
            }
            let facts = if shape.order == Order::Any {
                load_marked(&mut gather, shape.steps(), &mut rows, &mut marked, budget);
                Facts {
                    marked: &marked,
                    ..Facts::NONE
                }
            } else {
                let count = load(&mut gather, shape, budget);
                if count <= sought.reached {
                    continue;
                }
                load_others(&mut gather, sought.sequence, budget);
                Facts::new(shape, gather.all_times(), count)
            };
            let reached = kernel.reached(&facts, range.clone());
            let has = |step: usize| reached >> step & 1 == 1;
            if has(sought.reached)
                && !sought.not_reached.is_some_and(has)
                && sought
                    .path
                    .is_none_or(|path| kernel.taken(&facts, reached) == path)
            {
                self.found.push(user);
            }
        }
        self.next = gather.next_user();
        self.next >= end
    }
}

/// How far one user got: the steps that were reached, as bits, and the events of the best run, in order, with the steps that
/// they served, which are not told where any order will do.
pub(crate) fn of_user(
    store: &Store,
    sequence: &Sequence,
    results: &[RoaringBitmap],
    user: u32,
) -> (u32, Vec<(Row, Option<usize>)>) {
    let Sequence { shape, events } = sequence;
    let mut budget = usize::MAX;
    let mut gather = Gather::new(store, events, 0, results, user..user + 1);
    // Nobody gets anywhere without events of the first step.
    if gather.advance(&mut budget).is_none() {
        return (0, Vec::new());
    }
    let mut kernel = Kernel::new(shape);
    let range = shape.start..shape.end;
    let any = shape.order == Order::Any;
    let mut outcome = Outcome::NONE;
    if any {
        let (mut rows, mut marked) = (Vec::new(), Vec::new());
        let steps = shape.steps();
        load_marked(&mut gather, steps, &mut rows, &mut marked, &mut budget);
        let facts = Facts {
            marked: &marked,
            ..Facts::NONE
        };
        kernel.outcome(&facts, range, &mut outcome);
    } else {
        let count = load(&mut gather, shape, &mut budget);
        load_others(&mut gather, sequence, &mut budget);
        let facts = Facts::new(shape, gather.all_times(), count);
        kernel.outcome(&facts, range, &mut outcome);
    }
    let mut run: Vec<(Row, Option<usize>)> = Vec::new();
    for step in bits(outcome.taken) {
        let at = outcome.times[step];
        let serving = match any {
            true => 0..shape.steps(),
            false => step..step + 1,
        };
        let mut rows = Vec::new();
        for step in serving {
            let happened = gather.rows(step, &mut budget).iter();
            rows.extend(happened.filter(|row| row.time == at).copied());
        }
        let new = |row: &Row| !run.iter().any(|(other, _)| other == row);
        if let Some(row) = rows.into_iter().find(new) {
            run.push((row, (!any).then_some(step)));
        }
    }
    (outcome.reached, run)
}

/// How far a user got. Steps are bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) reached: u32,
    pub(crate) pending: u32,
    /// The steps of the best run.
    pub(crate) taken: u32,
    /// When the best run came to each step that it took.
    pub(crate) times: [i64; MAX_PARTS],
}

impl Default for Outcome {
    fn default() -> Self {
        Self::NONE
    }
}

impl Outcome {
    pub(crate) const NONE: Self = Self {
        reached: 0,
        pending: 0,
        taken: 0,
        times: [0; MAX_PARTS],
    };

    pub(crate) fn has_reached(&self, step: usize) -> bool {
        self.reached >> step & 1 == 1
    }
}

/// Steps 0 to one before `count`.
const fn first(count: usize) -> u32 {
    (1 << count) - 1
}

/// The steps of some bits, ascending.
pub(crate) fn bits(mut steps: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let step = (steps != 0).then(|| steps.trailing_zeros() as usize);
        steps &= steps.wrapping_sub(1);
        step
    })
}

/// Works out how far users got, one after the other.
pub(crate) struct Kernel<'q> {
    shape: &'q Shape,
    /// Of each event of each step: the latest start of a run to it.
    starts: Vec<Vec<i64>>,
    /// Of each event of each step of a chain: the earliest end of a run from it.
    ends: Vec<Vec<i64>>,
    queue: Vec<usize>,
    /// By set of steps: how soon events serve them.
    sets: Vec<i64>,
}

impl<'q> Kernel<'q> {
    pub(crate) fn new(shape: &'q Shape) -> Self {
        Self {
            shape,
            starts: vec![Vec::new(); shape.steps()],
            ends: vec![Vec::new(); shape.steps()],
            queue: Vec::new(),
            sets: Vec::new(),
        }
    }

    /// The steps that the user reached by runs that start in a stretch of the range.
    pub(crate) fn reached(&mut self, facts: &Facts<'_>, stretch: Range<i64>) -> u32 {
        if self.shape.order == Order::Any {
            let marked = from(facts.marked, stretch.start);
            return first(self.any(marked, stretch.end).map_or(0, |(level, _)| level));
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
    fn taken(&mut self, facts: &Facts<'_>, reached: u32) -> u32 {
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
            self.any_outcome(from(facts.marked, stretch.start), stretch.end, outcome);
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

/// What lies between two neighbouring steps of a run.
struct Between<'t> {
    limit: i64,
    /// What must not lie between, with the place that was looked at last.
    lists: [(&'t [i64], Option<usize>); MAX_PARTS + 1],
    count: usize,
}

impl<'t> Between<'t> {
    fn new(shape: &Shape, facts: &Facts<'t>, earlier: usize, later: usize) -> Self {
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
    fn low(&mut self, time: i64) -> i64 {
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
fn latest(
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
fn earliest(
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

/// Any order.
impl Kernel<'_> {
    fn any_outcome(&mut self, marked: &[Marked], end: i64, outcome: &mut Outcome) {
        let Some((level, start)) = self.any(marked, end) else {
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
    fn any(&mut self, marked: &[Marked], end: i64) -> Option<(usize, i64)> {
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

/// The events from an instant on.
fn from(marked: &[Marked], time: i64) -> &[Marked] {
    &marked[marked.partition_point(|event| event.time < time)..]
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

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;
    use segments_model::criterion::{Order, WithinOf};

    use super::{Facts, Kernel, Marked, Outcome, Shape};

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
                        of(&|event| {
                            event.1 >> step & 1 == 1 && (step > 0 || range.contains(&event.0))
                        })
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
                    if event.1 >> step & 1 == 1
                        && goes_on(shape, events, stretch, &run, (step, place))
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
                Order::Any => {
                    run.len() == furthest + 1 && run.iter().all(|taken| taken.0 <= furthest)
                }
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
}
