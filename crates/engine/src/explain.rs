//! Why a user meets a definition, or does not.

mod ahead;
mod flip;
mod found;

use std::sync::Arc;

use segments_engine_api::Explained;
use segments_model::calendar::Zone;
use segments_model::explain::CriterionExplanation;
use segments_model::walk::{self, walk};
use segments_model::{Criterion, Instant};

use crate::Progress;
use crate::evaluate::Evaluation;
use crate::question::{Context, EvaluateError};
use crate::store::Store;

use ahead::Ahead;
use found::One;

/// Finds out why a user meets a definition, or does not, step by step, so that whoever runs it can give way or stop in
/// between. Dropping it stops it.
///
/// Costs a pass over the rows of the user alone, and one for each instant at which one of them, or a date, leaves or enters
/// a range by time alone, until everything has turned round that does.
#[derive(Debug)]
pub struct Explaining {
    store: Arc<Store>,
    definition: Criterion,
    user: u32,
    as_of: Instant,
    zone: Zone,
    evaluation: Evaluation,
    under_way: Option<UnderWay>,
}

/// What was found, before everything ahead is known.
#[derive(Debug)]
struct UnderWay {
    explained: Explained,
    ahead: Ahead,
}

impl Explaining {
    /// Prepares to explain a definition for a user.
    ///
    /// # Errors
    /// As [`Evaluation::new`].
    pub fn new(
        store: Arc<Store>,
        definition: &Criterion,
        context: &Context,
        user: u32,
    ) -> Result<Self, EvaluateError> {
        let evaluation = Evaluation::of_user(Arc::clone(&store), definition, context, user)?;
        Ok(Self {
            store,
            definition: definition.clone(),
            user,
            as_of: context.as_of,
            zone: context.zone.clone(),
            evaluation,
            under_way: None,
        })
    }

    /// Works on about so many rows, at least on some.
    pub fn step(&mut self, rows: usize) -> Progress<Explained> {
        if self.under_way.is_none() {
            if let Progress::Working { done, total } = self.evaluation.step(rows) {
                return Progress::Working { done, total };
            }
            self.under_way = Some(self.begin());
        }
        let Some(UnderWay { explained, ahead }) = &mut self.under_way else {
            return Progress::Working { done: 0, total: 0 };
        };
        if !ahead.step(&mut self.evaluation, rows) {
            return Progress::Working { done: 0, total: 0 };
        }
        for criterion in &mut explained.criteria {
            criterion.flips_at = ahead.turned(self.evaluation.place(&criterion.pointer));
        }
        explained.flips_at = ahead.turned(self.evaluation.plan().root);
        Progress::Done(explained.clone())
    }

    /// What is known once it is known what holds.
    fn begin(&self) -> UnderWay {
        let evaluation = &self.evaluation;
        let holds = |pointer: &str| {
            let users = evaluation.results().get(evaluation.place(pointer));
            users.is_some_and(|users| users.contains(self.user))
        };
        let one = One {
            store: &self.store,
            user: self.user,
            as_of: self.as_of,
            zone: &self.zone,
            results: evaluation.results(),
            holds: &holds,
        };
        let mut criteria = Vec::new();
        let mut awaited = Vec::new();
        walk(&self.definition, &mut |pointer, part| {
            if let walk::Part::Criterion(criterion) = part {
                let place = evaluation.place(pointer);
                let part = evaluation.plan().parts.get(place);
                criteria.push(CriterionExplanation {
                    pointer: pointer.to_owned(),
                    holds: holds(pointer),
                    found: part.and_then(|part| one.found(criterion, pointer, part)),
                    flips_at: None,
                });
                awaited.push(place);
            }
        });
        UnderWay {
            explained: Explained {
                holds: holds(""),
                criteria,
                flip: flip::fewest(&self.definition, &holds),
                flips_at: None,
            },
            ahead: Ahead::new(&self.store, evaluation, awaited, self.user, self.as_of),
        }
    }
}
