//! The sizes of segments, and their trends.

use std::collections::BTreeMap;

use segments_model::Instant;
use segments_model::limits::LIMITS;
use segments_model::problem::Code;
use segments_model::segment::{
    EvaluateSegments, EvaluatedSegment, EvaluatedSegments, Evaluation, EvaluationStatus,
    SegmentKind,
};

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::question::{Question, Subject};
use crate::ask::segments::evaluate::evaluate;
use crate::ask::segments::summary::evaluation;
use crate::ask::stamp::share;
use crate::error::Error;
use crate::store::library::Found;

/// The shortest time between two points of a trend.
const TREND_STEP_MILLIS: i64 = 3_600_000;
/// How many points a trend has at most.
const TREND_POINTS: usize = 30;
/// How old the last evaluation may be where nobody says for which instant to evaluate, in milliseconds.
const FRESH_MILLIS: i64 = 60_000;

/// The sizes of these segments, which are evaluated again where that is due.
///
/// # Errors
/// [`Error::Input`], [`Error::Full`], [`Error::Unavailable`]
pub async fn evaluate_all(
    backend: &Backend,
    request: &EvaluateSegments,
) -> Result<EvaluatedSegments, Error> {
    let most = LIMITS.page as usize;
    if request.ids.len() > most {
        return Err(Error::input(
            "/ids",
            Code::TooLarge,
            format!("at most {most} segments at once"),
        ));
    }
    let context = backend.context().await?;
    let mut fresh: BTreeMap<&str, (Evaluation, Option<Found>)> = BTreeMap::new();
    for id in &request.ids {
        if !fresh.contains_key(id.as_str()) {
            let outcome = bring_up_to_date(backend, &context, id, request.as_of).await;
            // Each segment has an answer of its own: that one is gone does not hide the sizes of the others.
            let outcome = outcome.or_else(|error| match error {
                Error::Unavailable(_) | Error::Full(_) => Err(error),
                error => Ok((failed(&error), None)),
            })?;
            fresh.insert(id, outcome);
        }
    }
    let found: Vec<(&str, &Found)> = fresh
        .iter()
        .filter_map(|(id, (_, found))| Some((*id, found.as_ref()?)))
        .collect();
    keep_found(backend, &found).await?;
    let items = request
        .ids
        .iter()
        .filter_map(|id| {
            let (evaluation, _) = fresh.get(id.as_str())?;
            Some(EvaluatedSegment {
                id: id.clone(),
                evaluation: evaluation.clone(),
            })
        })
        .collect();
    Ok(EvaluatedSegments { items })
}

fn failed(error: &Error) -> Evaluation {
    Evaluation {
        as_of: None,
        users: None,
        share: None,
        status: EvaluationStatus::Failed,
        detail: Some(error.to_string()),
    }
}

/// The size of a segment, and what was found where it had to be evaluated.
async fn bring_up_to_date(
    backend: &Backend,
    context: &RequestContext,
    id: &str,
    as_of: Option<Instant>,
) -> Result<(Evaluation, Option<Found>), Error> {
    let entry = context.library.entry(id)?;
    let known = context.library.found(id).map(|found| &found.value);
    if entry.segment.kind == SegmentKind::Static {
        return Ok((evaluation(context, entry, known), None));
    }
    let data = backend.data(context).await?;
    let is_fresh = |found: &&Found| match as_of {
        Some(as_of) => found.as_of == as_of,
        None => (0..FRESH_MILLIS).contains(&(context.now.millis() - found.as_of.millis())),
    };
    let question = Question::fingerprint_of(&context.library, entry);
    if let Some(known) = known.filter(is_fresh)
        && Some(&known.question) == question.as_ref()
        && known.data_version == data.version()
    {
        return Ok((evaluation(context, entry, Some(known)), None));
    }
    let as_of = as_of.unwrap_or(context.now);
    let subject = Subject::from(&**entry);
    let found = evaluate(backend, context, &entry.segment, subject, as_of)
        .await?
        .found;
    let evaluation = Evaluation {
        as_of: Some(found.as_of),
        users: Some(found.users),
        share: Some(share(found.users, found.all_users)),
        status: EvaluationStatus::Ready,
        detail: None,
    };
    Ok((evaluation, Some(found)))
}

/// Keeps what was found as of now or before, unless something newer is kept already.
async fn keep_found(backend: &Backend, found: &[(&str, &Found)]) -> Result<(), Error> {
    backend
        .change(move |RequestContext { now, library, .. }| async move {
            let mut changes = Vec::new();
            for (id, found) in found.iter().filter(|(_, found)| found.as_of <= now) {
                let known = library.found(id).map(|found| &found.value);
                let is_newer =
                    known.is_none_or(|known| known.as_of < found.as_of || known.as_of > now);
                if library.entry(id).is_ok() && is_newer {
                    changes.push(library.put_found(id, &grown(known, found, now))?);
                }
            }
            Ok((changes, ()))
        })
        .await
}

/// What was found, its trend being that of before, as far as it is no later than now, and one point more.
pub fn grown(known: Option<&Found>, found: &Found, now: Instant) -> Found {
    let mut trend = known.map(|known| known.trend.clone()).unwrap_or_default();
    trend.retain(|(at, _)| *at <= now);
    // The last point moves on with each evaluation until it is far enough from the one before it.
    if let [.., (before, _), (last, _)] = trend.as_slice()
        && last.millis() - before.millis() < TREND_STEP_MILLIS
    {
        trend.pop();
    }
    trend.push((found.as_of, found.users));
    let surplus = trend.len().saturating_sub(TREND_POINTS);
    trend.drain(..surplus);
    Found {
        trend,
        ..found.clone()
    }
}

#[cfg(test)]
mod tests {
    use segments_model::Instant;

    use super::{Found, grown};

    fn found(minutes: i64) -> Found {
        let as_of = Instant::from_millis_saturating(minutes * 60_000);
        Found {
            as_of,
            users: minutes.unsigned_abs(),
            all_users: 0,
            question: String::new(),
            data_version: String::new(),
            trend: vec![(as_of, minutes.unsigned_abs())],
        }
    }

    #[test]
    fn a_trend_has_points_an_hour_apart_and_the_last_one() {
        let mut known = found(0);
        for minutes in [10, 30, 59, 61, 70, 130, 131] {
            known = grown(Some(&known), &found(minutes), Instant::MAX);
        }
        let points: Vec<u64> = known.trend.iter().map(|(_, users)| *users).collect();
        assert_eq!(points, [0, 61, 130, 131]);
        for hour in 3..100 {
            known = grown(Some(&known), &found(hour * 60), Instant::MAX);
        }
        assert_eq!(known.trend.len(), 30);
        assert_eq!(known.trend.last().map(|(_, users)| *users), Some(99 * 60));
    }
}
