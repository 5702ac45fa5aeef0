//! The answers of the tools, and the users behind their parts.

use std::collections::BTreeSet;

use segments_model::answer::Answer;
use segments_model::query::Query;
use segments_model::selection::Selection;

use crate::evaluate::Context;
use crate::{cohort, funnel, segmentation};

/// The answer to a query.
pub fn answer(query: &Query, context: Context<'_>) -> Answer {
    match query {
        Query::Segmentation(query) => Answer::Segmentation(segmentation::answer(query, context)),
        Query::Funnel(query) => Answer::Funnel(funnel::answer(query, context)),
        Query::Cohort(query) => Answer::Cohort(cohort::answer(query, context)),
    }
}

/// The users behind a part of the answer: those who were counted there.
pub fn counted(query: &Query, selection: &Selection, context: Context<'_>) -> BTreeSet<String> {
    match (query, selection) {
        (Query::Segmentation(query), Selection::Segmentation(selection)) => {
            segmentation::counted(query, selection, context)
        }
        (Query::Funnel(query), Selection::Funnel(selection)) => {
            funnel::counted(query, selection, context)
        }
        (Query::Funnel(query), Selection::Path(selection)) => {
            funnel::took(query, selection, context)
        }
        (Query::Cohort(query), Selection::Cohort(selection)) => {
            cohort::counted(query, selection, context)
        }
        _ => unreachable!("a selection is one of its query"),
    }
}

/// An answer without what differs from one time to the next: the version of the data and the time that it took.
#[must_use]
pub fn without_time(mut answer: Answer) -> Answer {
    let stamp = match &mut answer {
        Answer::Segmentation(answer) => &mut answer.stamp,
        Answer::Funnel(answer) => &mut answer.stamp,
        Answer::Cohort(answer) => &mut answer.stamp,
    };
    stamp.data_version = String::new();
    stamp.took_ms = 0.0;
    answer
}
