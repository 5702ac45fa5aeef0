//! A definition explained for a user, in steps.

use std::sync::Arc;

use segments_engine_api::Explained;
use segments_model::calendar::Zone;
use segments_model::explain::CriterionExplanation;
use segments_model::walk::{self, walk};
use segments_model::{Criterion, Instant};

use super::ahead::Ahead;
use super::flip;
use super::found::One;
use crate::Progress;
use crate::evaluate::Evaluation;
use crate::job::{Job, Run, Step};
use crate::question::{Context, EvaluateError};
use crate::store::Store;

/// Finds out why a user meets a definition, or does not, step by step, so that whoever runs it can give way or stop in
/// between. Dropping it stops it.
///
/// Costs a pass over the rows of the user alone, and one for each instant at which one of them, or a date, leaves or enters
/// a range by time alone, until everything has turned round that does.
#[derive(Debug)]
pub struct Explaining(Run<Explanation>);

/// A definition while it is explained for a user.
#[derive(Debug)]
struct Explanation {
    store: Arc<Store>,
    definition: Criterion,
    user: u32,
    as_of: Instant,
    zone: Zone,
    /// What is worked out, until that has begun.
    evaluation: Option<Evaluation>,
    explained: Explained,
}

/// What is worked out of the user.
#[derive(Debug)]
struct UnderWay {
    evaluation: Evaluation,
    /// What was found, before everything ahead is known.
    ahead: Option<(Explained, Ahead)>,
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
        Ok(Self(Run::new(Explanation {
            store,
            definition: definition.clone(),
            user,
            as_of: context.as_of,
            zone: context.zone.clone(),
            evaluation: Some(evaluation),
            explained: Explained::default(),
        })))
    }

    /// Works on about so many rows, at least on some.
    pub fn step(&mut self, rows: usize) -> Progress<Explained> {
        self.0.step(rows)
    }
}

impl Job for Explanation {
    type Share = UnderWay;
    type Answer = Explained;

    fn total(&self) -> u64 {
        // Nobody knows how far ahead there is anything.
        0
    }

    fn split(&mut self) -> Vec<UnderWay> {
        let under_way = |evaluation| UnderWay {
            evaluation,
            ahead: None,
        };
        self.evaluation.take().map(under_way).into_iter().collect()
    }

    fn step(&self, share: &mut UnderWay, rows: usize) -> Step {
        let UnderWay { evaluation, ahead } = share;
        let done = match ahead {
            Some((_, ahead)) => ahead.step(evaluation, rows),
            None => {
                if let Progress::Done(_) = evaluation.step(rows) {
                    *ahead = Some(self.begin(evaluation));
                }
                false
            }
        };
        Step { looked: rows, done }
    }

    fn merge(&mut self, shares: &mut Vec<UnderWay>) -> bool {
        for share in std::mem::take(shares) {
            let Some((mut explained, ahead)) = share.ahead else {
                continue;
            };
            for criterion in &mut explained.criteria {
                let place = share.evaluation.place(&criterion.pointer);
                criterion.flips_at = ahead.turned(place);
            }
            explained.flips_at = ahead.turned(share.evaluation.plan().root);
            self.explained = explained;
        }
        false
    }

    fn finish(&mut self) -> Explained {
        self.explained.clone()
    }
}

impl Explanation {
    /// What is known once it is known what holds.
    fn begin(&self, evaluation: &Evaluation) -> (Explained, Ahead) {
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
        let explained = Explained {
            holds: holds(""),
            criteria,
            flip: flip::fewest(&self.definition, &holds),
            flips_at: None,
        };
        let ahead = Ahead::new(&self.store, evaluation, awaited, self.user, self.as_of);
        (explained, ahead)
    }
}
