//! What answers are broken down by: values, their order, and what stands around every answer.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use segments_model::answer::Group;
use segments_model::filter::Scope;
use segments_model::query::DEFAULT_GROUPS;
use segments_model::stamp::Unit;
use segments_model::{Criterion, Range, Stamp, Value};

use crate::calendar::{self, instant};
use crate::evaluate::{Context, meets};
use crate::world::{Event, Plain};

/// A property's value; none is missing.
pub fn property(
    scope: Scope,
    name: &str,
    event: Option<&Event>,
    user: &str,
    context: Context<'_>,
) -> Option<Plain> {
    match scope {
        Scope::Event => event?.properties.get(name).cloned(),
        Scope::User => context.world.users.get(user)?.get(name).cloned(),
    }
}

/// A value as an answer tells it.
pub fn as_value(value: Option<&Plain>) -> Option<Value> {
    Some(match value? {
        Plain::Text(text) => Value::String(text.clone()),
        Plain::Number(number) => Value::Number(*number),
        Plain::Boolean(boolean) => Value::Boolean(*boolean),
        Plain::Datetime(time) => Value::String(instant(*time).to_string()),
    })
}

/// The values of a group as an answer tells them.
pub fn as_group(values: &[Option<Plain>]) -> Group {
    values
        .iter()
        .map(|value| as_value(value.as_ref()))
        .collect()
}

/// False before true, numbers and instants ascending, texts by their code points, missing last.
pub fn by_value(one: &Option<Plain>, other: &Option<Plain>) -> Ordering {
    match (one, other) {
        (Some(Plain::Text(one)), Some(Plain::Text(other))) => one.chars().cmp(other.chars()),
        (Some(Plain::Number(one)), Some(Plain::Number(other))) => one.partial_cmp(other).unwrap(),
        (Some(Plain::Boolean(one)), Some(Plain::Boolean(other))) => one.cmp(other),
        (Some(Plain::Datetime(one)), Some(Plain::Datetime(other))) => one.cmp(other),
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        _ => unreachable!("a property has one type"),
    }
}

/// By the first values that differ.
pub fn by_values(one: &[Option<Plain>], other: &[Option<Plain>]) -> Ordering {
    one.iter()
        .zip(other)
        .map(|(one, other)| by_value(one, other))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Counts equal things; the most frequent first, of those as many by their order.
pub fn counted<T: PartialEq>(
    things: impl IntoIterator<Item = T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Vec<(T, u64)> {
    let mut counted: Vec<(T, u64)> = Vec::new();
    for thing in things {
        match counted.iter_mut().find(|(known, _)| *known == thing) {
            Some((_, count)) => *count += 1,
            None => counted.push((thing, 1)),
        }
    }
    counted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| order(&one.0, &other.0)));
    counted
}

/// Leaves the groups that are told, and says how many are not.
pub fn cut<T>(groups: &mut Vec<T>, max_groups: Option<u32>) -> u64 {
    let most = max_groups.unwrap_or(DEFAULT_GROUPS) as usize;
    let left_out = groups.len().saturating_sub(most);
    groups.truncate(most);
    left_out as u64
}

/// The users who are asked about.
pub fn audience(audience: Option<&Criterion>, context: Context<'_>) -> BTreeSet<String> {
    let mut users = context.world.universe(context.as_of);
    users.retain(|user| audience.is_none_or(|audience| meets(audience, user, context)));
    users
}

/// The time of the data's first event before as-of.
pub fn first_event(context: Context<'_>) -> Option<i64> {
    let times = context.world.events.iter().map(|event| event.time);
    times.filter(|time| *time < context.as_of).min()
}

/// What an answer is true for.
pub fn stamp(during: &Range, unit: Unit, context: Context<'_>) -> Stamp {
    let (start, end) = calendar::bounds(during, context.as_of, context.zone);
    Stamp {
        as_of: instant(context.as_of),
        time_zone: context.zone.name().to_owned(),
        start: (start != i64::MIN).then(|| instant(start)),
        end: Some(instant(end)),
        unit,
        exact: true,
        data_version: String::new(),
        took_ms: 0.0,
    }
}
