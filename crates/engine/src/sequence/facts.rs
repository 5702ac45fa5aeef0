//! What is known of a user's events, and how far they lead.

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of steps and of their events, which are counted here"
)]

use segments_model::validate::MAX_PARTS;

use crate::plan::Shape;
use crate::source::Row;

/// No run.
pub(super) const NEVER: i64 = i64::MIN;
/// No run, where the least is looked for.
pub(super) const NO_END: i64 = i64::MAX;

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
    rows.sort_unstable();
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
pub(super) const fn first(count: usize) -> u32 {
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

/// The events from an instant on.
pub(super) fn from(marked: &[Marked], time: i64) -> &[Marked] {
    &marked[marked.partition_point(|event| event.time < time)..]
}
