//! Every part of an answer that can be clicked.

use segments_model::Value;
use segments_model::answer::{
    Answer, CohortAnswer, CohortCell, FunnelAnswer, FunnelPath, SegmentationAnswer,
};
use segments_model::criterion::CohortOutcome;
use segments_model::query::{CohortMeasure, FunnelQuery, Interval, Query};
use segments_model::selection::{
    CohortSelection, FunnelOutcome, FunnelSelection, PathSelection, SegmentationSelection,
    Selection,
};

/// A part, and how many users the answer itself tells for it where it tells users.
pub type Part = (Selection, Option<f64>);

/// The parts of an answer.
pub fn parts(query: &Query, answer: &Answer) -> Vec<Part> {
    match (query, answer) {
        (Query::Segmentation(query), Answer::Segmentation(answer)) => {
            let users: Vec<bool> = query
                .measures
                .iter()
                .map(|row| row.aggregate.of == segments_model::query::Figure::Users)
                .collect();
            of_segmentation(answer, &users, query.interval)
        }
        (Query::Funnel(query), Answer::Funnel(answer)) => of_funnel(query, answer),
        (Query::Cohort(query), Answer::Cohort(answer)) => {
            of_cohort(answer, query.measure == CohortMeasure::Users)
        }
        _ => unreachable!("an answer is one to its query"),
    }
}

fn of_segmentation(answer: &SegmentationAnswer, users: &[bool], interval: Interval) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = |measure, group, bucket, figure: Option<f64>| {
        let selection = SegmentationSelection {
            measure,
            group,
            bucket,
        };
        let figure = figure.filter(|_| users[measure as usize]);
        parts.push((Selection::Segmentation(selection), figure));
    };
    for series in &answer.series {
        let Some(measure) = series.measure else {
            continue;
        };
        part(measure, Some(series.group.clone()), None, series.total);
        for (bucket, value) in answer.buckets.iter().zip(&series.values) {
            if interval != Interval::Full {
                part(measure, Some(series.group.clone()), bucket.start, *value);
                part(measure, None, bucket.start, None);
            }
        }
    }
    for measure in 0..users.len() {
        part(measure as u32, None, None, None);
    }
    parts
}

fn of_funnel(query: &FunnelQuery, answer: &FunnelAnswer) -> Vec<Part> {
    let mut parts = Vec::new();
    for group in &answer.groups {
        let mut path = |path, users: u64| {
            let group = Some(group.group.clone());
            let selection = PathSelection { path, group };
            parts.push((Selection::Path(selection), Some(users as f64)));
        };
        for taken in &group.paths {
            path(taken.steps.clone(), taken.users);
        }
        let every: Vec<u32> = (1..=query.steps.len() as u32).collect();
        let known = |taken: &FunnelPath| taken.steps == every;
        if query.steps.iter().any(|step| step.optional) && !group.paths.iter().any(known) {
            path(every, 0);
        }
        let mut stretches = vec![(None, &group.steps)];
        if query.interval != Some(Interval::Full) {
            let buckets = group.buckets.iter();
            stretches.extend(buckets.map(|bucket| (bucket.bucket.start, &bucket.steps)));
        }
        for (bucket, steps) in stretches {
            for (place, step) in steps.iter().enumerate() {
                let mut part = |outcome, figure| {
                    let selection = FunnelSelection {
                        step: place as u32 + 1,
                        outcome,
                        group: Some(group.group.clone()),
                        bucket,
                    };
                    parts.push((Selection::Funnel(selection), figure));
                };
                part(FunnelOutcome::Reached, Some(step.users as f64));
                let next = (place + 1..steps.len()).find(|next| !query.steps[*next].optional);
                if let Some(next) = next {
                    let further = steps[next].users as f64;
                    // Whether an optional step was reached says nothing of the steps after it.
                    let is_counted = !query.steps[place].optional;
                    part(FunnelOutcome::Converted, is_counted.then_some(further));
                    part(
                        FunnelOutcome::Dropped,
                        is_counted.then_some(step.users as f64 - further),
                    );
                }
            }
        }
    }
    parts
}

fn of_cohort(answer: &CohortAnswer, users: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    for row in &answer.rows {
        of_row(
            Some(row.generation.clone()),
            row.users,
            &row.cells,
            users,
            &mut parts,
        );
    }
    let overall = &answer.overall;
    of_row(None, overall.users, &overall.cells, users, &mut parts);
    parts
}

fn of_row(
    generation: Option<Option<Value>>,
    started: u64,
    cells: &[CohortCell],
    users: bool,
    parts: &mut Vec<Part>,
) {
    let mut part = |period, outcome, figure| {
        let selection = CohortSelection {
            generation: generation.clone(),
            period,
            outcome,
        };
        parts.push((Selection::Cohort(selection), figure));
    };
    part(None, CohortOutcome::Started, Some(started as f64));
    part(None, CohortOutcome::Returned, None);
    part(None, CohortOutcome::NotReturned, None);
    for (period, cell) in cells.iter().enumerate() {
        if let Some(value) = cell.value {
            let (period, of) = (Some(period as u32), cell.users as f64);
            part(period, CohortOutcome::Started, Some(of));
            part(period, CohortOutcome::Returned, users.then_some(value));
            part(
                period,
                CohortOutcome::NotReturned,
                users.then_some(of - value),
            );
        }
    }
}
