//! What a query or a criterion says, as the planner takes it.

use segments_model::criterion::{Behaviour, Did, Exclusion, Order, Step, Within};
use segments_model::validate::{MAX_PARTS, MAX_UNORDERED};
use segments_model::{Filter, Range};

/// What a query or a criterion says of an event.
#[derive(Clone, Copy)]
pub(crate) struct EventSpec<'q> {
    pub(crate) event: Option<&'q str>,
    pub(crate) filter: Option<&'q Filter>,
    pub(crate) did: &'q [Did],
}

impl<'q> EventSpec<'q> {
    pub(crate) fn new(behaviour: &'q Behaviour) -> Self {
        Self {
            event: behaviour.event.as_deref(),
            filter: behaviour.filter.as_ref(),
            did: &[],
        }
    }
}

/// What a query or a criterion says of a sequence.
#[derive(Clone, Copy)]
pub(crate) struct SequenceSpec<'q> {
    pub(crate) steps: &'q [Step],
    pub(crate) order: Order,
    pub(crate) within: Option<Within>,
    pub(crate) exclude: &'q [Exclusion],
    pub(crate) during: &'q Range,
}

impl SequenceSpec<'_> {
    /// Whether it can be looked for; otherwise where it cannot and why.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let any = self.order == Order::Any;
        let (steps, most) = (
            self.steps.len(),
            if any { MAX_UNORDERED } else { MAX_PARTS },
        );
        if !(1..=most).contains(&steps) {
            return Err(("steps".to_owned(), format!("give 1 to {most} steps")));
        }
        if self.exclude.len() > MAX_PARTS {
            let detail = format!("give at most {MAX_PARTS} exclusions");
            return Err(("exclude".to_owned(), detail));
        }
        let mut optional = (0..).zip(self.steps).filter(|(_, step)| step.optional);
        if let Some((place, _)) = optional.find(|(place, _)| *place == 0 || any) {
            return Err((
                format!("steps/{place}/optional"),
                "neither the first step nor one in any order can be optional".to_owned(),
            ));
        }
        for (place, exclusion) in self.exclude.iter().enumerate() {
            let (from, to) = (exclusion.from as usize, exclusion.to as usize);
            if any || from == 0 || from >= to || to > steps {
                return Err((
                    format!("exclude/{place}"),
                    "an exclusion runs from a step, counted from 1, to a later one, and not in any order".to_owned(),
                ));
            }
        }
        Ok(())
    }
}
