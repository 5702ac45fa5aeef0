//! The users of a share, one after the other.

#![expect(
    clippy::indexing_slicing,
    reason = "lists are made for each step, and ranges of them are found in them"
)]

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use segments_model::answer::Bucket;
use segments_model::criterion::Order;

use super::direct;
use super::question::{At, By, FunnelQuestion, Task, stretch};
use super::tally::{Grouped, Tally, Way};
use crate::plan::Shape;
use crate::sequence::{Facts, Kernel, Marked, load, load_marked, load_others};
use crate::source::Row;
use crate::user_scan::UserScan;

/// How many groups are worked out before it is known which are told, besides many times as many as are told.
const MOST_GROUPS: usize = 1_000;

/// A range of the users, and what was found of them.
#[derive(Debug)]
pub(super) struct Share {
    users: Range<u32>,
    /// The next user.
    next: u32,
    pub(super) overall: Tally,
    pub(super) without: Tally,
    pub(super) groups: FxHashMap<u64, Grouped>,
    /// Whether groups are only counted, as there are too many of them.
    counting: bool,
    /// In a second pass, the only groups to work out.
    wanted: Option<FxHashSet<u64>>,
}

/// Room for one user after the other.
#[derive(Default)]
struct Room {
    rows: Vec<(Row, u32)>,
    marked: Vec<Marked>,
    /// The values of rows with what they belong to: by value, then in order.
    valued: Vec<(u64, Marked)>,
    /// Of each step the rows by value, and their times alone.
    by_value: Vec<Vec<(u64, i64)>>,
    times: Vec<Vec<i64>>,
    /// The events of one group.
    chosen: Vec<Marked>,
    /// The user's way among all users, and the group that it counts in if users are grouped.
    way: Way,
    group: Option<u64>,
    /// The user's ways in other groups.
    ways: Vec<(u64, Way)>,
    /// The user's way if nothing served the step of the groups.
    without: Option<Way>,
}

impl Share {
    pub(super) fn new(users: Range<u32>) -> Self {
        Self {
            next: users.start,
            users,
            overall: Tally::default(),
            without: Tally::default(),
            groups: FxHashMap::default(),
            counting: false,
            wanted: None,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.next >= self.users.end
    }

    /// Whether the groups are worked out, not only counted.
    pub(super) fn is_complete(&self) -> bool {
        !self.counting
    }

    /// Prepares for a second pass for these groups.
    pub(super) fn begin_again(&mut self, wanted: &[u64]) {
        self.next = self.users.start;
        self.wanted = Some(wanted.iter().copied().collect());
        self.counting = false;
    }

    /// Looks at about so many rows, and tells at how many.
    pub(super) fn step(&mut self, task: &Task<'_>, rows: usize) -> usize {
        let mut budget = rows;
        let range = self.next..self.users.end;
        if let Some((plain, next)) = direct::step(task, &range, &mut budget) {
            self.overall.add_plain(plain);
            self.next = next;
        } else {
            self.walk(task, &mut budget);
        }
        rows - budget
    }

    /// Goes over users one by one until the budget of rows is used up.
    pub(super) fn walk(&mut self, task: &Task<'_>, budget: &mut usize) {
        let question = task.question;
        let shape = &question.sequence.shape;
        let audience = question.audience.and_then(|part| task.results.get(part));
        let range = self.next..self.users.end;
        let events = &question.sequence.events;
        let mut user_scan = UserScan::new(task.store, events, 0, task.results, range);
        let mut kernel = Kernel::new(shape);
        let mut room = Room::default();
        while let Some(user) = user_scan.advance(budget) {
            if audience.is_some_and(|audience| !audience.contains(user)) {
                continue;
            }
            let mut walker = Walker {
                task,
                shape,
                ways: Ways {
                    shape,
                    buckets: question.buckets.as_deref(),
                    kernel: &mut kernel,
                },
                user_scan: &mut user_scan,
                budget: &mut *budget,
                wanted: self.wanted.as_ref(),
            };
            walker.walk(&mut room, user);
            self.add(&mut room, question);
        }
        self.next = user_scan.next_user();
    }

    /// Adds a user's way, and those of the user's groups.
    fn add(&mut self, room: &mut Room, question: &FunnelQuestion) {
        let shape = &question.sequence.shape;
        let again = self.wanted.is_some();
        if !again {
            self.overall.add(&room.way, shape);
        }
        let Some(by) = &question.by else { return };
        if let Some(bits) = room.group {
            let group = self.groups.entry(bits).or_default();
            group.users += 1;
            if !self.counting {
                group.more.add(&room.way, shape);
            }
        }
        let without = room.without.take();
        if !again && let Some(without) = &without {
            self.without.add(without, shape);
        }
        for (bits, way) in room.ways.drain(..) {
            // Who would fare the same without the value is among those.
            if without.as_ref() == Some(&way) {
                continue;
            }
            let group = self.groups.entry(bits).or_default();
            group.users += u64::from(way.whole.has_reached(by.step()));
            if !self.counting {
                group.more.add(&way, shape);
                if let Some(without) = &without {
                    group.less.add(without, shape);
                }
            }
        }
        if !again && !self.counting && self.groups.len() > MOST_GROUPS.max(question.most * 4) {
            self.counting = true;
            for group in self.groups.values_mut() {
                group.more = Tally::default();
                group.less = Tally::default();
            }
        }
    }
}

/// Finds the ways of a user.
struct Walker<'w, 'a> {
    task: &'w Task<'a>,
    shape: &'a Shape,
    ways: Ways<'w, 'a>,
    user_scan: &'w mut UserScan<'a>,
    budget: &'w mut usize,
    wanted: Option<&'w FxHashSet<u64>>,
}

impl Walker<'_, '_> {
    /// Finds a user's way among all users, those in the user's groups, and the one without any.
    fn walk(&mut self, room: &mut Room, user: u32) {
        room.ways.clear();
        room.without = None;
        if self.shape.order == Order::Any {
            self.any(room, user);
        } else {
            self.in_order(room, user);
        }
        room.group = None;
        if let Some(by) = &self.task.question.by
            && by.at == At::Users
            && room.way.whole.reached != 0
        {
            let nowhere = (&self.task.store.tables[0], 0);
            let (store, results) = (self.task.store, self.task.results);
            let bits = by.dimension.bits_of(store, nowhere, user, results);
            room.group = self.is_wanted(bits).then_some(bits);
        }
    }

    fn is_wanted(&self, bits: u64) -> bool {
        self.wanted.is_none_or(|wanted| wanted.contains(&bits))
    }

    fn bits(&self, by: &By, row: &Row, user: u32) -> u64 {
        let (store, results) = (self.task.store, self.task.results);
        let table = &store.tables[row.table as usize];
        by.dimension
            .bits_of(store, (table, row.row as usize), user, results)
    }

    fn in_order(&mut self, room: &mut Room, user: u32) {
        let count = load(self.user_scan, self.shape, self.budget);
        if count > 0 {
            load_others(self.user_scan, &self.task.question.sequence, self.budget);
        }
        let Some(by) = self
            .task
            .question
            .by
            .as_ref()
            .filter(|by| by.at != At::Users)
        else {
            let facts = Facts::new(self.shape, self.user_scan.all_times(), count);
            self.ways.find(&facts, &mut room.way);
            return;
        };
        let steps = match by.at {
            At::Step(step) => step..(step + 1).min(count.max(step)),
            _ => 0..count,
        };
        room.by_value.resize_with(self.shape.steps(), Vec::new);
        room.times.resize_with(self.shape.steps(), Vec::new);
        for step in steps.clone() {
            self.user_scan.rows(step, self.budget);
            let rows = &self.user_scan.all_rows()[step];
            let by_value = &mut room.by_value[step];
            by_value.clear();
            by_value.extend(rows.iter().map(|row| (self.bits(by, row, user), row.time)));
            by_value.sort_unstable();
            room.times[step].clear();
            room.times[step].extend(by_value.iter().map(|(_, time)| *time));
        }
        let facts = Facts::new(self.shape, self.user_scan.all_times(), count);
        self.ways.find(&facts, &mut room.way);
        let step = by.step();
        if step > 0 {
            let mut without = facts;
            without.steps[step] = &[];
            room.without = Some(if facts.steps[step].is_empty() {
                room.way.clone()
            } else {
                self.ways.of(&without)
            });
        }
        if room.way.whole.reached == 0 || steps.is_empty() {
            return;
        }
        let Room {
            by_value,
            times,
            way,
            ways,
            ..
        } = room;
        let values = by_value[step].chunk_by(|one, other| one.0 == other.0);
        for value in values.filter_map(|chunk| chunk.first().map(|first| first.0)) {
            if !self.is_wanted(value) {
                continue;
            }
            let mut of_value = facts;
            let mut all = true;
            for step in steps.clone() {
                let start = by_value[step].partition_point(|row| row.0 < value);
                let end = by_value[step].partition_point(|row| row.0 <= value);
                of_value.steps[step] = &times[step][start..end];
                all &= end - start == by_value[step].len();
            }
            ways.push((
                value,
                if all {
                    way.clone()
                } else {
                    self.ways.of(&of_value)
                },
            ));
        }
    }

    fn any(&mut self, room: &mut Room, user: u32) {
        let Room {
            rows,
            marked,
            valued,
            chosen,
            way,
            ways,
            without,
            ..
        } = room;
        load_marked(
            self.user_scan,
            self.shape.steps(),
            rows,
            marked,
            self.budget,
        );
        *way = self.ways.of_marked(marked);
        let Some(by) = self
            .task
            .question
            .by
            .as_ref()
            .filter(|by| by.at != At::Users)
        else {
            return;
        };
        valued.clear();
        valued.extend(rows.iter().zip(&*marked).map(|((row, _), marked)| {
            let bits = self.bits(by, row, user);
            (bits, *marked)
        }));
        let step = by.step();
        let only = match by.at {
            At::Step(_) => 1_u32 << step,
            _ => u32::MAX,
        };
        let mut values: Vec<u64> = valued
            .iter()
            .filter(|(_, marked)| marked.steps >> step & 1 == 1)
            .map(|(bits, _)| *bits)
            .collect();
        values.sort_unstable();
        values.dedup();
        if only == u32::MAX {
            // Stable, so that the events of each value stay in order.
            valued.sort_by_key(|(bits, _)| *bits);
        }
        let choose = |chosen: &mut Vec<Marked>, value: Option<u64>| {
            chosen.clear();
            let from = match value.filter(|_| only == u32::MAX) {
                Some(value) => {
                    let start = valued.partition_point(|(bits, _)| *bits < value);
                    let end = valued.partition_point(|(bits, _)| *bits <= value);
                    &valued[start..end]
                }
                None => valued,
            };
            chosen.extend(from.iter().filter_map(|(bits, marked)| {
                let keep = if Some(*bits) == value {
                    u32::MAX
                } else {
                    !only
                };
                let steps = marked.steps & keep;
                (steps != 0).then_some(Marked { steps, ..*marked })
            }));
        };
        if step > 0 {
            choose(chosen, None);
            *without = Some(self.ways.of_marked(chosen));
        }
        for value in values {
            if self.is_wanted(value) {
                choose(chosen, Some(value));
                ways.push((value, self.ways.of_marked(chosen)));
            }
        }
    }
}

/// Finds out how users fare.
struct Ways<'w, 'a> {
    shape: &'a Shape,
    buckets: Option<&'a [Bucket]>,
    kernel: &'w mut Kernel<'a>,
}

impl Ways<'_, '_> {
    fn of_marked(&mut self, marked: &[Marked]) -> Way {
        self.of(&Facts {
            marked,
            ..Facts::NONE
        })
    }

    fn of(&mut self, facts: &Facts<'_>) -> Way {
        let mut way = Way::default();
        self.find(facts, &mut way);
        way
    }

    /// Finds how a user with such events fares.
    fn find(&mut self, facts: &Facts<'_>, way: &mut Way) {
        let shape = self.shape;
        self.kernel
            .outcome(facts, shape.start..shape.end, &mut way.whole);
        way.buckets.clear();
        if let Some(buckets) = self.buckets
            && way.whole.reached != 0
        {
            if shape.order == Order::Any {
                let times = |place: usize| facts.marked.get(place).map(|event| event.time);
                self.each_bucket(facts, buckets, times, way);
            } else {
                let times = |place: usize| facts.steps[0].get(place).copied();
                self.each_bucket(facts, buckets, times, way);
            }
        }
    }

    /// Finds the user's way in each bucket that has one of these times, which are in order.
    fn each_bucket(
        &mut self,
        facts: &Facts<'_>,
        buckets: &[Bucket],
        times: impl Fn(usize) -> Option<i64>,
        way: &mut Way,
    ) {
        let end = self.shape.end;
        let mut place = 0;
        while let Some(time) = times(place).filter(|time| *time < end) {
            let after = buckets.partition_point(|bucket| stretch(bucket).start <= time);
            let Some(bucket) = after.checked_sub(1).and_then(|before| buckets.get(before)) else {
                return;
            };
            let stretch = stretch(bucket);
            let first = place == 0;
            while times(place).is_some_and(|time| time < stretch.end) {
                place += 1;
            }
            let all = first && times(place).is_none_or(|time| time >= end);
            let mut outcome = way.whole;
            if !all {
                self.kernel.outcome(facts, stretch, &mut outcome);
            }
            way.buckets.push(((after - 1) as u32, outcome));
        }
    }
}
