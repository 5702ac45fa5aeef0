//! When two definitions are the same: one form for all that differ in writing only, and a hash over it.
//!
//! # Rules
//!
//! In criteria and in filters alike:
//!
//! - an `all` inside an `all`, or an `any` inside an `any`, gives its children to the outer group;
//! - a group of one child is that child;
//! - `not` of `not` of something is that something;
//! - the children of a group come in one order, and of equal ones only the first stays.
//!
//! Besides:
//!
//! - the conditions of `did`, exclusions, user ids, and a filter's values (not those of `between`) come in one order, each
//!   once: all of them have to hold, or any of them may, in whatever order;
//! - of a cohort what does not matter is one: the return and the period of those who only started, `match` without a period,
//!   the unit without a period and a generation;
//! - what is written although it is the default (`"measure": {"of": "count"}`) is left out, and `-0` is `0`.
//!
//! Nothing that changes the meaning is touched: steps, chains of starts, ranges, and comparisons stay as they are. Two
//! definitions with one meaning may still differ, such as `last 1 day` and `this day`; two with one form never do.

use std::cmp::Ordering;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::criterion::{
    Behaviour, CohortCriterion, CohortMatch, CohortOutcome, CohortUnit, Did, EventCriterion,
    Exclusion, FirstEventCriterion, SequenceCriterion, Step, UsersCriterion,
};
use crate::filter::{Operator, PropertyFilter};
use crate::measure::Compare;
use crate::{Criterion, Filter, Value, sort};

/// The form that every definition which differs in writing only has in common.
#[must_use]
pub fn canonical(definition: &Criterion) -> Criterion {
    match definition {
        Criterion::All { of } => group(
            of.iter().map(canonical),
            |child| match child {
                Criterion::All { of } => of,
                other => vec![other],
            },
            |of| Criterion::All { of },
        ),
        Criterion::Any { of } => group(
            of.iter().map(canonical),
            |child| match child {
                Criterion::Any { of } => of,
                other => vec![other],
            },
            |of| Criterion::Any { of },
        ),
        Criterion::Not { of } => match canonical(of) {
            Criterion::Not { of } => *of,
            other => Criterion::Not {
                of: Box::new(other),
            },
        },
        Criterion::Event(event) => Criterion::Event(EventCriterion {
            filter: filtered(event.filter.as_ref()),
            did: conditions(&event.did),
            compare: compare(event.compare),
            ..event.clone()
        }),
        Criterion::FirstEvent(first) => Criterion::FirstEvent(FirstEventCriterion {
            filter: filtered(first.filter.as_ref()),
            ..first.clone()
        }),
        Criterion::User { filter } => Criterion::User {
            filter: canonical_filter(filter),
        },
        Criterion::Sequence(sequence) => Criterion::Sequence(SequenceCriterion {
            steps: sequence
                .steps
                .iter()
                .map(|step| Step {
                    filter: filtered(step.filter.as_ref()),
                    did: conditions(&step.did),
                    ..step.clone()
                })
                .collect(),
            exclude: in_order(
                sequence
                    .exclude
                    .iter()
                    .map(|exclusion| Exclusion {
                        filter: filtered(exclusion.filter.as_ref()),
                        ..exclusion.clone()
                    })
                    .collect(),
            ),
            ..sequence.clone()
        }),
        Criterion::Cohort(cohort) => Criterion::Cohort(canonical_cohort(cohort)),
        Criterion::Segment(segment) => Criterion::Segment(segment.clone()),
        Criterion::Users(users) => Criterion::Users(UsersCriterion {
            ids: users.ids.clone().map(|mut ids| {
                sort::sort(&mut ids);
                ids.dedup();
                ids
            }),
            list: users.list.clone(),
        }),
    }
}

fn canonical_cohort(cohort: &CohortCriterion) -> CohortCriterion {
    let returns = cohort.outcome != CohortOutcome::Started;
    let period = cohort.period.filter(|_| returns);
    CohortCriterion {
        start: cohort.start.iter().map(behaviour).collect(),
        returning: if returns {
            behaviour(&cohort.returning)
        } else {
            Behaviour {
                event: None,
                filter: None,
            }
        },
        unit: if period.is_none() && cohort.generation.is_none() {
            CohortUnit::Day
        } else {
            cohort.unit
        },
        generation_where: filtered(cohort.generation_where.as_ref()),
        period,
        matching: if period.is_none() {
            CohortMatch::On
        } else {
            cohort.matching
        },
        ..cohort.clone()
    }
}

/// The form that every filter which differs in writing only has in common.
#[must_use]
pub fn canonical_filter(filter: &Filter) -> Filter {
    match filter {
        Filter::All { of } => group(
            of.iter().map(canonical_filter),
            |child| match child {
                Filter::All { of } => of,
                other => vec![other],
            },
            |of| Filter::All { of },
        ),
        Filter::Any { of } => group(
            of.iter().map(canonical_filter),
            |child| match child {
                Filter::Any { of } => of,
                other => vec![other],
            },
            |of| Filter::Any { of },
        ),
        Filter::Not { of } => match canonical_filter(of) {
            Filter::Not { of } => *of,
            other => Filter::Not {
                of: Box::new(other),
            },
        },
        Filter::Segment { id } => Filter::Segment { id: id.clone() },
        Filter::Property(property) => Filter::Property(PropertyFilter {
            values: values(property.op, &property.values),
            ..property.clone()
        }),
    }
}

/// The same text for equal definitions everywhere: the first 128 bits of the SHA-256 over the canonical form's JSON (without
/// white space, fields in the order of the types, defaults left out), as 32 hexadecimal digits in lower case.
#[must_use]
pub fn hash(definition: &Criterion) -> String {
    use std::fmt::Write as _;

    let digest = Sha256::digest(json(&canonical(definition)));
    let mut text = String::with_capacity(32);
    for byte in digest.iter().take(16) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The JSON that decides about order and equality. No value of the model fails to become JSON, as no map has keys other
/// than texts; a number that is not finite, which validation refuses, becomes `null`.
/// A hash over a value as it is written: equal values have the same. Of two definitions that differ in writing only it
/// differs, unlike [`hash`]; it is quicker.
#[must_use]
pub fn hash_of_writing<T: Serialize>(value: &T) -> [u8; 32] {
    Sha256::digest(json(value)).into()
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn in_order<T: Serialize>(items: Vec<T>) -> Vec<T> {
    let mut items: Vec<(String, T)> = items.into_iter().map(|item| (json(&item), item)).collect();
    sort::sort_by(&mut items, |(one, _), (other, _)| one.cmp(other));
    items.dedup_by(|(one, _), (other, _)| one == other);
    items.into_iter().map(|(_, item)| item).collect()
}

fn group<T: Serialize>(
    children: impl Iterator<Item = T>,
    spread: impl Fn(T) -> Vec<T>,
    outer: impl Fn(Vec<T>) -> T,
) -> T {
    let mut flat = in_order(children.flat_map(spread).collect());
    match flat.pop() {
        Some(only) if flat.is_empty() => only,
        Some(last) => {
            flat.push(last);
            outer(flat)
        }
        None => outer(flat),
    }
}

fn filtered(filter: Option<&Filter>) -> Option<Filter> {
    // A filter that asks for nothing is no filter.
    filter
        .map(canonical_filter)
        .filter(|filter| !matches!(filter, Filter::All { of } if of.is_empty()))
}

fn behaviour(behaviour: &Behaviour) -> Behaviour {
    Behaviour {
        event: behaviour.event.clone(),
        filter: filtered(behaviour.filter.as_ref()),
    }
}

fn conditions(did: &[Did]) -> Vec<Did> {
    in_order(
        did.iter()
            .map(|did| Did {
                filter: filtered(did.filter.as_ref()),
                compare: compare(did.compare),
                ..did.clone()
            })
            .collect(),
    )
}

fn compare(compare: Compare) -> Compare {
    match compare {
        Compare::AtLeast(value) => Compare::AtLeast(positive(value)),
        Compare::AtMost(value) => Compare::AtMost(positive(value)),
        Compare::Exactly(value) => Compare::Exactly(positive(value)),
        Compare::MoreThan(value) => Compare::MoreThan(positive(value)),
        Compare::LessThan(value) => Compare::LessThan(positive(value)),
        Compare::Between(least, most) => Compare::Between(positive(least), positive(most)),
    }
}

/// `-0` is `0`.
fn positive(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value }
}

fn values(operator: Operator, values: &[Value]) -> Vec<Value> {
    let mut values: Vec<Value> = values
        .iter()
        .map(|value| match value {
            Value::Number(number) => Value::Number(positive(*number)),
            other => other.clone(),
        })
        .collect();
    if operator != Operator::Between {
        sort::sort_by(&mut values, order);
        values.dedup();
    }
    values
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.total_cmp(other),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Boolean(one), Value::Boolean(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Boolean(_) => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
    }
}
