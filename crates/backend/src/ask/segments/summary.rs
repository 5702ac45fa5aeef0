//! Segments as they are shown.

use segments_model::Segment;
use segments_model::segment::{Evaluation, EvaluationStatus, SegmentKind, SegmentSummary};

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::question::Question;
use crate::ask::revision::Revised;
use crate::ask::stamp::share;
use crate::ask::words;
use crate::error::Error;
use crate::store::library::{Entry, Found};

/// A segment as it is now.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Deleted`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn read(backend: &Backend, id: &str) -> Result<Revised<Segment>, Error> {
    let context = backend.context().await?;
    let entry = context.library.entry(id)?;
    Ok(Revised {
        revision: entry.revision,
        value: Segment {
            summary: summary(&context, entry),
            definition: entry.segment.definition.clone(),
            origin: entry.segment.origin.clone(),
        },
    })
}

/// A segment as lists show it.
pub fn summary(context: &RequestContext, entry: &Entry) -> SegmentSummary {
    let segment = &entry.segment;
    let found = context.library.found(&entry.id).map(|found| &found.value);
    SegmentSummary {
        id: entry.id.clone(),
        name: segment.name.clone(),
        description: segment.description.clone(),
        category: segment.category.clone(),
        kind: segment.kind,
        time_zone: segment.time_zone.clone(),
        creator: segment.creator.clone(),
        created_at: segment.created_at,
        updated_at: segment.updated_at,
        version: segment.version,
        archived_at: segment.archived_at,
        evaluation: evaluation(context, entry, found),
        trend: found
            .map(|found| found.trend.iter().map(|(_, users)| *users).collect())
            .unwrap_or_default(),
        sentence: words::sentence(&context.library, &segment.definition),
        hash: entry.hash().to_owned(),
        has_origin: segment.origin.is_some(),
    }
}

/// What the last evaluation found, as far as it still answers the segment's question.
pub fn evaluation(context: &RequestContext, entry: &Entry, found: Option<&Found>) -> Evaluation {
    let current = |found: &&Found| {
        entry.segment.kind == SegmentKind::Static
            || (found.as_of <= context.now
                && Question::fingerprint_of(&context.library, entry)
                    .is_some_and(|question| question == found.question))
    };
    let Some(found) = found.filter(current) else {
        return Evaluation {
            as_of: None,
            users: None,
            share: None,
            status: EvaluationStatus::Computing,
            detail: None,
        };
    };
    let is_ready =
        entry.segment.kind == SegmentKind::Static || found.data_version == context.data_version;
    Evaluation {
        as_of: Some(found.as_of),
        users: Some(found.users),
        share: Some(share(found.users, found.all_users)),
        status: if is_ready {
            EvaluationStatus::Ready
        } else {
            EvaluationStatus::Computing
        },
        detail: None,
    }
}
