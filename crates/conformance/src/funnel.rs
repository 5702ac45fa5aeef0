//! Funnel queries, as the rules say it.

use std::collections::{BTreeMap, BTreeSet};

use segments_model::answer::{
    FunnelAnswer, FunnelBucket, FunnelGroup, FunnelPath, FunnelStep, Group, TimeStretch,
};
use segments_model::filter::Scope;
use segments_model::query::{FunnelGroupBy, FunnelQuery};
use segments_model::selection::{FunnelOutcome, FunnelSelection, PathSelection};
use segments_model::stamp::Unit;

use crate::calendar;
use crate::evaluate::{Context, candidates, in_segment};
use crate::groups;
use crate::runs::{Candidate, Journey, Path, Run, journey, required_after, required_before};
use crate::world::Plain;

/// Where the stretches of the times begin, in seconds.
const STRETCHES: [f64; 20] = [
    0.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1800.0,
    3600.0,
    10800.0,
    21600.0,
    43200.0,
    86400.0,
    172_800.0,
    345_600.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    5_184_000.0,
    7_776_000.0,
    15_552_000.0,
    31_536_000.0,
];

/// A funnel that is asked, and the events of its audience.
struct Funnel<'q, 'w> {
    query: &'q FunnelQuery,
    path: Path<'q>,
    context: Context<'w>,
    range: (i64, i64),
    users: BTreeMap<String, Vec<Candidate<'w>>>,
}

impl<'q, 'w> Funnel<'q, 'w> {
    fn new(query: &'q FunnelQuery, context: Context<'w>) -> Self {
        let path = Path {
            steps: &query.steps,
            order: query.order,
            within: query.within,
            exclude: &query.exclude,
        };
        let audience = groups::audience(query.audience.as_ref(), context);
        let candidates_of = |user: String| {
            let candidates = candidates(path, &user, context);
            (user, candidates)
        };
        Self {
            query,
            path,
            context,
            range: calendar::bounds(&query.during, context.as_of, context.zone),
            users: audience.into_iter().map(candidates_of).collect(),
        }
    }

    /// What the query groups by of a user's event.
    fn value(&self, user: &str, candidate: &Candidate<'_>) -> Option<Plain> {
        match self.query.group_by.as_ref().unwrap() {
            FunnelGroupBy::Property(by) => {
                groups::property(by.scope, &by.name, candidate.event, user, self.context)
            }
            FunnelGroupBy::Segment(by) => {
                Some(Plain::Boolean(in_segment(&by.segment, user, self.context)))
            }
        }
    }

    /// The steps whose occurrences are filtered to the group's value: by what is the user's own it makes no difference which.
    fn filtered(&self) -> std::ops::Range<usize> {
        match self.query.group_by.as_ref() {
            Some(FunnelGroupBy::Property(by)) if by.scope == Scope::Event => match by.step {
                Some(step) => step as usize - 1..step as usize,
                None => 0..self.path.steps.len(),
            },
            _ => 0..self.path.steps.len(),
        }
    }

    /// How far each user got in the funnel of a group whose first step lies in the range.
    fn journeys(
        &self,
        group: Option<&Option<Plain>>,
        range: (i64, i64),
    ) -> BTreeMap<&str, Journey> {
        let mut journeys = BTreeMap::new();
        for (user, candidates) in &self.users {
            let mut candidates = candidates.clone();
            if let Some(value) = group {
                for candidate in &mut candidates {
                    if self.value(user, candidate) != *value {
                        candidate.serves[self.filtered()].fill(false);
                    }
                }
            }
            let journey = journey(self.path, &candidates, range, self.context.as_of);
            journeys.insert(user.as_str(), journey);
        }
        journeys
    }

    /// The values of the funnel's users, by how many of them reached the step that is filtered.
    fn groups(&self) -> Vec<Option<Plain>> {
        if self.query.group_by.is_none() {
            return Vec::new();
        }
        let step = self.filtered().start;
        let mut values: Vec<Option<Plain>> = Vec::new();
        for (user, candidates) in &self.users {
            for candidate in candidates.iter().filter(|candidate| candidate.serves[step]) {
                let value = self.value(user, candidate);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        let reached = values.into_iter().flat_map(|value| {
            let journeys = self.journeys(Some(&value), self.range);
            let users = journeys.values().filter(|journey| journey.reached[step]);
            vec![value; users.count()]
        });
        let counted = groups::counted(reached, groups::by_value);
        counted.into_iter().map(|(value, _)| value).collect()
    }

    /// The group that a selection means; none: all users together.
    fn selected(&self, group: Option<&Group>) -> Option<Option<Plain>> {
        let wanted = group?.first()?;
        let same = |value: &Option<Plain>| groups::as_value(value.as_ref()) == *wanted;
        Some(self.groups().into_iter().find(same).unwrap())
    }

    /// The users of a group who got so far from a first step in the range.
    fn users(
        &self,
        group: Option<&Option<Plain>>,
        range: (i64, i64),
        which: impl Fn(&Journey) -> bool,
    ) -> BTreeSet<String> {
        let journeys = self.journeys(group, range).into_iter();
        journeys
            .filter(|(_, journey)| which(journey))
            .map(|(user, _)| user.to_owned())
            .collect()
    }

    fn group(&self, group: Option<&Option<Plain>>) -> FunnelGroup {
        let journeys = self.journeys(group, self.range);
        let last = self.path.steps.len() - 1;
        let converted: Vec<i64> = journeys
            .values()
            .filter(|journey| journey.reached[last])
            .map(|journey| journey.best.as_ref().unwrap())
            .map(|best| best.times[best.times.len() - 1] - best.times[0])
            .collect();
        FunnelGroup {
            group: group
                .iter()
                .map(|value| groups::as_value(value.as_ref()))
                .collect(),
            users: count(&journeys, |journey| journey.reached[0]),
            steps: self.steps(&journeys),
            median_seconds: median_seconds(&converted),
            average_seconds: average_seconds(&converted),
            times: stretches(&converted),
            paths: self.paths(&journeys),
            buckets: self.buckets(group),
        }
    }

    fn steps(&self, journeys: &BTreeMap<&str, Journey>) -> Vec<FunnelStep> {
        let reached = |step: usize| count(journeys, |journey| journey.reached[step]);
        let share = |users: u64, of: u64| (of > 0).then(|| users as f64 / of as f64);
        (0..self.path.steps.len())
            .map(|step| {
                let users = reached(step);
                let times: Vec<i64> = journeys
                    .values()
                    .filter_map(|journey| {
                        let best = journey.best.as_ref()?;
                        let place = best.steps.iter().position(|taken| *taken == step)?;
                        Some(best.times[place] - best.times[place.checked_sub(1)?])
                    })
                    .collect();
                FunnelStep {
                    users,
                    pending: count(journeys, |journey| journey.pending[step]),
                    from_start: share(users, reached(0)),
                    from_previous: match required_before(self.path, step) {
                        Some(before) => share(users, reached(before)),
                        None => Some(1.0),
                    },
                    median_seconds: median_seconds(&times),
                    average_seconds: average_seconds(&times),
                }
            })
            .collect()
    }

    fn paths(&self, journeys: &BTreeMap<&str, Journey>) -> Vec<FunnelPath> {
        if !self.path.steps.iter().any(|step| step.optional) {
            return Vec::new();
        }
        let best = journeys
            .values()
            .filter_map(|journey| journey.best.as_ref());
        groups::counted(best.map(Run::numbers), Vec::cmp)
            .into_iter()
            .map(|(steps, users)| FunnelPath { steps, users })
            .collect()
    }

    fn buckets(&self, group: Option<&Option<Plain>>) -> Vec<FunnelBucket> {
        self.bucket_bounds()
            .into_iter()
            .map(|(bucket, range)| FunnelBucket {
                bucket,
                steps: self.steps(&self.journeys(group, range)),
            })
            .collect()
    }

    fn bucket_bounds(&self) -> Vec<(segments_model::answer::Bucket, (i64, i64))> {
        let Some(interval) = self.query.interval else {
            return Vec::new();
        };
        let first = groups::first_event(self.context);
        calendar::buckets(
            self.range,
            interval,
            first,
            self.context.as_of,
            self.context.zone,
        )
        .into_iter()
        .map(|bucket| {
            let start = bucket.start.map_or(i64::MIN, |start| start.millis());
            (bucket, (start, bucket.end.millis()))
        })
        .collect()
    }
}

fn count(journeys: &BTreeMap<&str, Journey>, which: impl Fn(&Journey) -> bool) -> u64 {
    journeys.values().filter(|journey| which(journey)).count() as u64
}

/// The time in the middle, of an even number the mean of the two.
fn median_seconds(millis: &[i64]) -> Option<f64> {
    let mut sorted = millis.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle] as f64 / 1_000.0),
        _ => Some((sorted[middle - 1] + sorted[middle]) as f64 / 2_000.0),
    }
}

fn average_seconds(millis: &[i64]) -> Option<f64> {
    let sum: i64 = millis.iter().sum();
    (!millis.is_empty()).then(|| sum as f64 / (millis.len() as f64 * 1_000.0))
}

/// How many users took how long, from the first to the last stretch that has users.
fn stretches(millis: &[i64]) -> Vec<TimeStretch> {
    let mut stretches: Vec<TimeStretch> = STRETCHES
        .iter()
        .enumerate()
        .map(|(place, from)| {
            let to = STRETCHES.get(place + 1).copied();
            let inside = |time: f64| *from <= time && to.is_none_or(|to| time < to);
            let seconds = millis.iter().map(|millis| *millis as f64 / 1_000.0);
            TimeStretch {
                from_seconds: *from,
                to_seconds: to,
                users: seconds.filter(|time| inside(*time)).count() as u64,
            }
        })
        .collect();
    while stretches.pop_if(|last| last.users == 0).is_some() {}
    let empty = stretches
        .iter()
        .take_while(|first| first.users == 0)
        .count();
    stretches.split_off(empty)
}

/// The answer to a funnel query.
pub fn answer(query: &FunnelQuery, context: Context<'_>) -> FunnelAnswer {
    let funnel = Funnel::new(query, context);
    let mut values = funnel.groups();
    let groups_left_out = groups::cut(&mut values, query.max_groups);
    let mut groups = vec![funnel.group(None)];
    groups.extend(values.iter().map(|value| funnel.group(Some(value))));
    FunnelAnswer {
        stamp: groups::stamp(&query.during, Unit::Users, context),
        groups,
        groups_left_out,
    }
}

/// The users behind a part of the answer.
pub fn counted(
    query: &FunnelQuery,
    selection: &FunnelSelection,
    context: Context<'_>,
) -> BTreeSet<String> {
    let funnel = Funnel::new(query, context);
    let group = funnel.selected(selection.group.as_ref());
    let range = match selection.bucket {
        None => funnel.range,
        Some(start) => {
            let buckets = funnel.bucket_bounds();
            let bucket = buckets
                .iter()
                .find(|(bucket, _)| bucket.start == Some(start));
            bucket.unwrap().1
        }
    };
    let step = selection.step as usize - 1;
    let further = |journey: &Journey| journey.reached[required_after(funnel.path, step).unwrap()];
    funnel.users(group.as_ref(), range, |journey| {
        journey.reached[step]
            && match selection.outcome {
                FunnelOutcome::Reached => true,
                FunnelOutcome::Converted => further(journey),
                FunnelOutcome::Dropped => !further(journey),
            }
    })
}

/// The users whose best run a path is.
pub fn took(
    query: &FunnelQuery,
    selection: &PathSelection,
    context: Context<'_>,
) -> BTreeSet<String> {
    let funnel = Funnel::new(query, context);
    let group = funnel.selected(selection.group.as_ref());
    funnel.users(group.as_ref(), funnel.range, |journey| {
        let best = journey.best.as_ref();
        best.is_some_and(|best| best.numbers() == selection.path)
    })
}
