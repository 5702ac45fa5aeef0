//! Who meets a definition.

use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::{Criterion, Instant};

use super::conditions::Conditions;
use super::share::of_part;
use crate::Progress;
use crate::job::{Job, Run};
use crate::plan::{PartId, Plan, plan};
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// Finds the users that meet a definition, step by step, so that whoever runs it can give way or stop in between.
///
/// Costs one pass over the rows of the events that the definition names, for each different criterion in it. Dropping it
/// stops it.
#[derive(Debug)]
pub struct Evaluation(Run<Conditions>);

impl Evaluation {
    /// Prepares to find the users of a definition.
    ///
    /// # Errors
    /// When the definition refers to what is not there, or asks what the engine does not answer.
    pub fn new(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let mut plan = plan(&store, definition, context)?;
        plan.narrow();
        Ok(Self::prepared(store, plan, context, None))
    }

    /// Prepares to find out whether one user meets a definition: touches the events of that user only.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_user(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
        user: u32,
    ) -> Result<Self, EvaluateError> {
        let plan = plan(&store, definition, context)?;
        Ok(Self::prepared(store, plan, context, Some(user)))
    }

    /// Prepares to work out the parts of a plan, of one user where only that one is asked about.
    pub(crate) fn prepared(
        store: Arc<Store>,
        plan: Plan,
        context: &Context,
        only: Option<u32>,
    ) -> Self {
        Self(Run::new(Conditions::new(store, plan, context, only)))
    }

    /// Works on about so many rows of each share, at least on some, and tells the users once they are found.
    pub fn step(&mut self, rows: usize) -> Progress<RoaringBitmap> {
        self.0.step(rows)
    }

    /// How many rows there are to look at in all.
    pub(crate) fn total(&self) -> u64 {
        self.0.job().total()
    }

    /// Moves parts of one user's evaluation, which is done, on to another as-of. In the steps that follow these and what
    /// builds on them are worked out anew, where they are needed.
    pub(crate) fn move_to(&mut self, user: u32, as_of: Instant, moved: &[PartId], needed: &[bool]) {
        self.0.restart().move_to(user, as_of, moved, needed);
    }

    pub(crate) const fn plan(&self) -> &Plan {
        self.0.job().plan()
    }

    /// The users of each part, once all are done.
    pub(crate) fn results(&self) -> &[RoaringBitmap] {
        self.0.job().results()
    }

    /// The same, given away.
    pub(crate) fn take_results(&mut self) -> Vec<RoaringBitmap> {
        self.0.restart().take_results()
    }

    /// The users of the criterion, or of the condition on users, at a pointer, once all are done.
    pub(super) fn part_at(&self, pointer: &str) -> &RoaringBitmap {
        of_part(self.results(), self.place(pointer))
    }

    /// The part of the criterion, or of the condition on users, at a pointer.
    pub(crate) fn place(&self, pointer: &str) -> PartId {
        let place = self.plan().places.get(pointer);
        place.copied().unwrap_or(PartId::MAX)
    }
}
