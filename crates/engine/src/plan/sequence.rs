//! Sequences of events.

#![expect(clippy::indexing_slicing, reason = "steps are counted here")]

use std::ops::Range;

use segments_model::criterion::{Order, WithinOf};

use super::occurrences::Occurrences;

/// A sequence and the events it is about.
#[derive(Debug)]
pub(crate) struct Sequence {
    pub(crate) shape: Shape,
    /// Those of the steps, then those of the exclusions, then, where nothing may come between, any.
    pub(crate) events: Vec<Occurrences>,
}

impl Sequence {
    /// Moves the range of the first event, in milliseconds.
    pub(crate) fn move_to(&mut self, start: i64, end: i64) {
        self.shape.start = start;
        self.shape.end = end;
        for event in &mut self.events {
            event.start = start;
        }
        // In any order each step may come first, and none has to.
        if self.shape.order != Order::Any
            && let Some(first) = self.events.first_mut()
        {
            first.end = end;
        }
    }
}

/// How the steps of a sequence follow each other.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Of each step whether it may be left out.
    pub(crate) optional: Vec<bool>,
    pub(crate) order: Order,
    /// Milliseconds that it may take.
    pub(crate) limit: Option<(WithinOf, i64)>,
    /// Between which steps, counted from 0, an excluded event must not happen.
    pub(crate) exclude: Vec<Range<usize>>,
    /// Milliseconds: the first event of a run lies from `start` on and before `end`.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) as_of: i64,
}

impl Shape {
    pub(crate) fn steps(&self) -> usize {
        self.optional.len()
    }

    /// The last required step before a step that is not the first.
    pub(crate) fn required_before(&self, step: usize) -> usize {
        (0..step)
            .rev()
            .find(|step| !self.optional[*step])
            .unwrap_or(0)
    }

    /// The steps that may come just before a step in a run.
    pub(crate) fn before(&self, step: usize) -> Range<usize> {
        self.required_before(step)..step
    }

    pub(crate) fn funnel_limit(&self) -> Option<i64> {
        self.limit
            .filter(|(of, _)| *of == WithinOf::Funnel)
            .map(|(_, limit)| limit)
    }

    pub(crate) fn step_limit(&self) -> Option<i64> {
        self.limit
            .filter(|(of, _)| *of == WithinOf::Step)
            .map(|(_, limit)| limit)
    }

    /// Whether a run that goes on with the earliest event each time is as good as any from the same start.
    pub(crate) fn is_plain(&self) -> bool {
        self.order == Order::Sequential
            && self.step_limit().is_none()
            && self.exclude.is_empty()
            && !self.optional.contains(&true)
    }

    /// The most time that a run can take.
    pub(crate) fn span(&self) -> i64 {
        match self.limit {
            None => i64::MAX,
            Some((WithinOf::Funnel, limit)) => limit,
            Some((WithinOf::Step, limit)) => limit.saturating_mul(self.steps() as i64),
        }
    }
}
