//! Cohort queries, as the rules say it.

use std::collections::BTreeSet;

use segments_model::answer::{CohortAnswer, CohortCell, CohortOverall, CohortRow};
use segments_model::criterion::{CohortMatch, CohortOutcome};
use segments_model::query::{CohortMeasure, CohortQuery, GenerationBy, QueryMatch};
use segments_model::selection::CohortSelection;
use segments_model::stamp::Unit;
use segments_model::{Instant, Value};

use crate::calendar::{self, instant};
use crate::evaluate::{Context, in_segment, returns, start, sum};
use crate::groups;
use crate::starts::{calendar_unit, counts};
use crate::world::{Event, Plain};

/// A user who started.
struct Started<'w> {
    user: String,
    start: &'w Event,
    returns: Vec<&'w Event>,
}

struct Cohort<'q, 'w> {
    query: &'q CohortQuery,
    context: Context<'w>,
    /// The first instants of the units that the range touches.
    units: Vec<i64>,
    started: Vec<Started<'w>>,
}

impl<'q, 'w> Cohort<'q, 'w> {
    fn new(query: &'q CohortQuery, context: Context<'w>) -> Self {
        let range = calendar::bounds(&query.during, context.as_of, context.zone);
        let mut started = Vec::new();
        for user in groups::audience(query.audience.as_ref(), context) {
            if let Some(start) = start(&query.start, query.first_time, range, &user, context) {
                let mut returns = returns(&query.returning, start, &user, context);
                if let CohortMeasure::Sum { property } = &query.measure {
                    returns.retain(|event| event.properties.contains_key(property));
                }
                started.push(Started {
                    returns,
                    user,
                    start,
                });
            }
        }
        let first = match range.0 {
            i64::MIN => groups::first_event(context),
            start => Some(start),
        };
        let unit = calendar_unit(query.unit);
        let mut units = Vec::new();
        if let Some(first) = first.filter(|first| *first < range.1) {
            let mut unit_start = calendar::unit_of(first, unit, context.zone).0;
            while unit_start < range.1 {
                units.push(unit_start);
                unit_start = calendar::unit_of(unit_start, unit, context.zone).1;
            }
        }
        Self {
            query,
            context,
            units,
            started,
        }
    }

    /// The period so many units after the unit of an instant.
    fn period(&self, time: i64, period: u32) -> (i64, i64) {
        calendar::unit_after(
            time,
            calendar_unit(self.query.unit),
            period,
            self.context.zone,
        )
    }

    /// Whether a user's period is over.
    fn is_over(&self, started: &Started<'_>, period: u32) -> bool {
        self.period(started.start.time, period).1 <= self.context.as_of
    }

    /// The returns of a user that count for a period.
    fn returns(&self, started: &Started<'w>, period: u32) -> Vec<&'w Event> {
        let matching = match (self.query.matching, self.query.cumulative) {
            (_, true) => CohortMatch::OnOrBefore,
            (QueryMatch::On, false) => CohortMatch::On,
            (QueryMatch::OnOrAfter, false) => CohortMatch::OnOrAfter,
        };
        let mut returns = started.returns.clone();
        returns.retain(|event| {
            counts(
                event,
                started.start,
                self.query.unit,
                period,
                matching,
                self.context.zone,
            )
        });
        returns
    }

    fn value(&self, users: &[&Started<'w>], period: u32) -> f64 {
        match &self.query.measure {
            CohortMeasure::Users => users
                .iter()
                .filter(|started| !self.returns(started, period).is_empty())
                .count() as f64,
            CohortMeasure::Sum { property } => {
                let returns = users
                    .iter()
                    .flat_map(|started| self.returns(started, period));
                let numbers = returns.filter_map(|event| match event.properties.get(property) {
                    Some(Plain::Number(number)) => Some(*number),
                    _ => None,
                });
                sum(&numbers.collect::<Vec<_>>())
            }
        }
    }

    /// The cells of the generation of a unit.
    fn cells_of_unit(&self, unit: i64, users: &[&Started<'w>]) -> Vec<CohortCell> {
        (0..=self.query.periods)
            .map(|period| {
                let (begins, ends) = self.period(unit, period);
                CohortCell {
                    value: (begins < self.context.as_of).then(|| self.value(users, period)),
                    users: users.len() as u64,
                    complete: ends <= self.context.as_of,
                }
            })
            .collect()
    }

    /// The first instants of the units that cells by time have, as far as time has come, and the one after the last.
    fn bounds_of_cells(&self) -> Vec<Instant> {
        let by_time = self.query.generation == GenerationBy::Time;
        let Some(first) = self.units.first().filter(|_| by_time) else {
            return Vec::new();
        };
        let last = self.units.len() as u32 + self.query.periods;
        let mut bounds = Vec::new();
        for unit in 0..=last {
            let start = self.period(*first, unit).0;
            bounds.push(instant(start));
            if start >= self.context.as_of {
                break;
            }
        }
        bounds
    }

    /// The cells of users of several generations by time: of those whose period is over.
    fn cells_of_many(&self, users: &[&Started<'w>]) -> Vec<CohortCell> {
        (0..=self.query.periods)
            .map(|period| {
                let mut units = self.units.iter();
                let any = units.any(|unit| self.period(*unit, period).1 <= self.context.as_of);
                let mut users = users.to_vec();
                users.retain(|started| self.is_over(started, period));
                CohortCell {
                    value: any.then(|| self.value(&users, period)),
                    users: users.len() as u64,
                    complete: any,
                }
            })
            .collect()
    }

    /// The value that a user's generation has: not that of the unit of time.
    fn property(&self, started: &Started<'_>) -> Option<Plain> {
        match &self.query.generation {
            GenerationBy::Time => unreachable!("this is no generation by time"),
            GenerationBy::Property { scope, name } => {
                let (start, user) = (Some(started.start), &started.user);
                groups::property(*scope, name, start, user, self.context)
            }
            GenerationBy::Segment { id } => {
                Some(Plain::Boolean(in_segment(id, &started.user, self.context)))
            }
        }
    }

    /// A user's generation as its row tells it.
    fn generation(&self, started: &Started<'_>) -> Option<Value> {
        match self.query.generation {
            GenerationBy::Time => Some(text(self.period(started.start.time, 0).0)),
            _ => groups::as_value(self.property(started).as_ref()),
        }
    }

    /// Every generation, as its row tells it.
    fn generations(&self) -> Vec<Option<Value>> {
        match self.query.generation {
            GenerationBy::Time => self.units.iter().map(|unit| Some(text(*unit))).collect(),
            GenerationBy::Segment { .. } => {
                vec![Some(Value::Boolean(true)), Some(Value::Boolean(false))]
            }
            GenerationBy::Property { .. } => {
                let values = self.started.iter().map(|started| self.property(started));
                groups::counted(values, groups::by_value)
                    .into_iter()
                    .map(|(value, _)| groups::as_value(value.as_ref()))
                    .collect()
            }
        }
    }
}

fn text(time: i64) -> Value {
    Value::String(instant(time).to_string())
}

/// The answer to a cohort query.
pub fn answer(query: &CohortQuery, context: Context<'_>) -> CohortAnswer {
    let cohort = Cohort::new(query, context);
    let mut generations = cohort.generations();
    let groups_left_out = match query.generation {
        GenerationBy::Property { .. } => groups::cut(&mut generations, query.max_groups),
        _ => 0,
    };
    let rows = generations
        .into_iter()
        .enumerate()
        .map(|(place, generation)| {
            let mut users: Vec<&Started<'_>> = cohort.started.iter().collect();
            users.retain(|started| cohort.generation(started) == generation);
            CohortRow {
                generation,
                users: users.len() as u64,
                cells: match query.generation {
                    GenerationBy::Time => cohort.cells_of_unit(cohort.units[place], &users),
                    _ => cohort.cells_of_many(&users),
                },
            }
        });
    let all: Vec<&Started<'_>> = cohort.started.iter().collect();
    CohortAnswer {
        stamp: groups::stamp(&query.during, Unit::Users, context),
        rows: rows.collect(),
        overall: CohortOverall {
            users: all.len() as u64,
            cells: cohort.cells_of_many(&all),
        },
        groups_left_out,
        units: cohort.bounds_of_cells(),
    }
}

/// The users behind a part of the answer.
pub fn counted(
    query: &CohortQuery,
    selection: &CohortSelection,
    context: Context<'_>,
) -> BTreeSet<String> {
    let cohort = Cohort::new(query, context);
    let by_time = query.generation == GenerationBy::Time && selection.generation.is_some();
    let generation = |started: &Started<'_>| match &selection.generation {
        None => true,
        Some(Some(Value::String(text))) if by_time => {
            let start = Instant::parse(text).unwrap().millis();
            cohort.period(started.start.time, 0).0 == start
        }
        Some(wanted) => cohort.generation(started) == *wanted,
    };
    let over = |started: &Started<'_>| {
        let mut period = selection.period.iter();
        by_time || period.all(|period| cohort.is_over(started, *period))
    };
    let returned = |started: &Started<'_>| match selection.period {
        None => !started.returns.is_empty(),
        Some(period) => !cohort.returns(started, period).is_empty(),
    };
    let chosen = cohort.started.iter().filter(|started| {
        generation(started)
            && over(started)
            && match selection.outcome {
                CohortOutcome::Started => true,
                CohortOutcome::Returned => returned(started),
                CohortOutcome::NotReturned => !returned(started),
            }
    });
    chosen.map(|started| started.user.clone()).collect()
}
