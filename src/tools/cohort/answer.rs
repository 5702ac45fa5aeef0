//! An answer as the views of a cohort query show it.

use std::sync::Arc;

use segments_forms::cohort::{CellFigure, Shown};
use segments_model::answer::{Answer, CohortAnswer};
use segments_model::query::Query;

use crate::parts::vocabulary::Vocabulary;
use crate::tool::state::Answered;
use crate::tools::cohort::grid::Grid;
use crate::tools::cohort::words::Words;

/// An answer with its figures and what they are called.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The answer with what was asked.
    pub answered: Arc<Answered>,
    /// Its figures.
    pub grid: Grid,
    /// What they are called.
    pub words: Words,
}

impl Seen {
    /// The figures of an answer; none: it is of another tool.
    #[must_use]
    pub fn of(answered: Arc<Answered>, vocabulary: Vocabulary) -> Option<Self> {
        let (Query::Cohort(query), Answer::Cohort(answer)) = (&answered.query, &answered.answer)
        else {
            return None;
        };
        Some(Self {
            grid: Grid::of(answer),
            words: Words::of(query, answer, vocabulary),
            answered,
        })
    }

    /// The answer itself.
    #[must_use]
    pub fn answer(&self) -> Option<&CohortAnswer> {
        match &self.answered.answer {
            Answer::Cohort(answer) => Some(answer),
            _ => None,
        }
    }
}

/// Whether all cohorts together have a line. Of amounts it would fall only because fewer of them have come to each later
/// period.
#[must_use]
pub fn has_all(seen: &Seen, shown: &Shown) -> bool {
    shown.figure != CellFigure::Value && seen.grid.has_average()
}
