//! What each criterion of a definition does.

use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::Criterion;
use segments_model::preview::CriterionEffect;

use super::evaluation::Evaluation;
use crate::Progress;
use crate::plan::plan;
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// A definition tried out: who meets it, and what each of its criteria does.
#[derive(Debug)]
pub struct Preview {
    definition: Criterion,
    /// The users that exist.
    everyone: RoaringBitmap,
    evaluation: Evaluation,
}

/// What a preview finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Previewed {
    /// Who meets the definition.
    pub members: RoaringBitmap,
    /// What each criterion does, the root first and each group before its members.
    pub criteria: Vec<CriterionEffect>,
}

impl Preview {
    /// Prepares to try a definition out.
    ///
    /// # Errors
    /// As [`Evaluation::new`].
    pub fn new(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let everyone = store.everyone(context.known(context.as_of));
        // Of each criterion all users are told, so none may be left out of any.
        let plan = plan(&store, definition, context)?;
        Ok(Self {
            definition: definition.clone(),
            everyone,
            evaluation: Evaluation::prepared(store, plan, context, None),
        })
    }

    /// Works on about so many rows, at least on some.
    pub fn step(&mut self, rows: usize) -> Progress<Previewed> {
        match self.evaluation.step(rows) {
            Progress::Working { done, total } => Progress::Working { done, total },
            Progress::Done(members) => {
                let mut criteria = Vec::new();
                let kept = members.len();
                self.effects(
                    &self.definition,
                    String::new(),
                    &self.everyone,
                    (kept, self.everyone.len() - kept),
                    &mut criteria,
                );
                Progress::Done(Previewed { members, criteria })
            }
        }
    }

    /// What a criterion and those below it do to the users that are left before it.
    fn effects(
        &self,
        criterion: &Criterion,
        pointer: String,
        left: &RoaringBitmap,
        (kept, dropped): (u64, u64),
        effects: &mut Vec<CriterionEffect>,
    ) {
        effects.push(CriterionEffect {
            users: self.evaluation.part_at(&pointer).len(),
            kept,
            dropped,
            pointer: pointer.clone(),
        });
        match criterion {
            Criterion::All { of } => {
                let mut left = left.clone();
                for (place, inner) in of.iter().enumerate() {
                    let pointer = format!("{pointer}/of/{place}");
                    let after = &left & self.evaluation.part_at(&pointer);
                    let change = (after.len(), left.len() - after.len());
                    self.effects(inner, pointer, &left, change, effects);
                    left = after;
                }
            }
            Criterion::Any { of } => {
                let mut found = RoaringBitmap::new();
                for (place, inner) in of.iter().enumerate() {
                    let pointer = format!("{pointer}/of/{place}");
                    let more = left & self.evaluation.part_at(&pointer);
                    let before = found.len();
                    found |= more;
                    let change = (found.len(), found.len() - before);
                    self.effects(inner, pointer, left, change, effects);
                }
            }
            Criterion::Not { of } => {
                let pointer = format!("{pointer}/of");
                let meeting = left.intersection_len(self.evaluation.part_at(&pointer));
                let change = (meeting, left.len() - meeting);
                self.effects(of, pointer, left, change, effects);
            }
            _ => {}
        }
    }
}
