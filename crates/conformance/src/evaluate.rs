//! The judge: who meets a criterion, one user after the other, as the rules say it and with no regard to speed.
//!
//! It shares no range, window or filter code with the engine: only the types of the language.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use segments_model::criterion::{
    Behaviour, CohortCriterion, CohortOutcome, Did, EventCriterion, FirstEventCriterion,
    SequenceCriterion, When,
};
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::measure::Aggregate;
use segments_model::{Compare, Criterion, Filter, Instant, Measure, Value};

use crate::runs::{Candidate, Path};
use crate::world::{Event, Plain, Properties, StoredSegment, World};
use crate::{calendar, runs, starts};

/// The data, the instant and the zone of a question.
#[derive(Clone, Copy)]
pub struct Context<'w> {
    pub world: &'w World,
    /// Milliseconds since 1970.
    pub as_of: i64,
    pub zone: Tz,
}

/// The users that meet a criterion.
pub fn members(criterion: &Criterion, context: Context<'_>) -> BTreeSet<String> {
    context
        .world
        .universe(context.as_of)
        .into_iter()
        .filter(|user| meets(criterion, user, context))
        .collect()
}

pub fn meets(criterion: &Criterion, user: &str, context: Context<'_>) -> bool {
    match criterion {
        Criterion::All { of } => of.iter().all(|one| meets(one, user, context)),
        Criterion::Any { of } => of.iter().any(|one| meets(one, user, context)),
        Criterion::Not { of } => !meets(of, user, context),
        Criterion::Event(event) => meets_event(event, user, context),
        Criterion::FirstEvent(first) => meets_first_event(first, user, context),
        Criterion::User { filter } => passes(filter, None, user, context),
        Criterion::Segment(segment) => in_segment(
            &segment.id,
            user,
            Context {
                as_of: segment.as_of.map_or(context.as_of, Instant::millis),
                ..context
            },
        ),
        Criterion::Users(users) => match &users.list {
            Some(list) => context.world.lists[list].contains(user),
            None => users.ids.iter().flatten().any(|id| id == user),
        },
        Criterion::Sequence(sequence) => meets_sequence(sequence, user, context),
        Criterion::Cohort(cohort) => meets_cohort(cohort, user, context),
    }
}

pub fn in_segment(id: &str, user: &str, context: Context<'_>) -> bool {
    match &context.world.segments[id] {
        StoredSegment::Static(members) => members.contains(user),
        StoredSegment::Dynamic { definition, zone } => {
            let inside = Context {
                zone: *zone,
                ..context
            };
            context.world.universe(context.as_of).contains(user) && meets(definition, user, inside)
        }
    }
}

/// The user's events before as-of, the earliest first; of one instant in the order in which they came in.
pub fn history<'w>(user: &str, context: Context<'w>) -> Vec<&'w Event> {
    let mut events: Vec<&Event> = context
        .world
        .events
        .iter()
        .filter(|event| event.user == user && event.time < context.as_of)
        .collect();
    events.sort_by_key(|event| event.time);
    events
}

/// Those of the user's events before as-of that have the name, pass the filter and every `did`.
pub fn occurrences<'w>(
    name: Option<&str>,
    filter: Option<&Filter>,
    did: &[Did],
    user: &str,
    context: Context<'w>,
) -> Vec<&'w Event> {
    let mut events = history(user, context);
    events.retain(|event| name.is_none_or(|name| event.name == name));
    events.retain(|event| filter.is_none_or(|filter| passes(filter, Some(event), user, context)));
    for did in did {
        let others = occurrences(
            did.event.as_deref(),
            did.filter.as_ref(),
            &[],
            user,
            context,
        );
        events.retain(|event| holds(did, event.time, &others));
    }
    events
}

/// Whether the other event was performed, or was not, as asked around an occurrence at a time.
fn holds(did: &Did, time: i64, others: &[&Event]) -> bool {
    let distances = others.iter().map(|other| match did.when {
        When::Before => time - other.time,
        When::After => other.time - time,
    });
    let longest = did.within.map_or(i64::MAX, |window| window.millis());
    let count = distances
        .filter(|distance| 0 < *distance && *distance <= longest)
        .count();
    compares(did.compare, count as f64) == did.performed
}

fn meets_event(criterion: &EventCriterion, user: &str, context: Context<'_>) -> bool {
    let mut events = occurrences(
        criterion.event.as_deref(),
        criterion.filter.as_ref(),
        &criterion.did,
        user,
        context,
    );
    events.retain(|event| {
        calendar::holds(&criterion.during, event.time, context.as_of, context.zone)
    });
    figure(&criterion.measure, &events, context.zone)
        .is_some_and(|figure| compares(criterion.compare, figure))
}

fn meets_first_event(criterion: &FirstEventCriterion, user: &str, context: Context<'_>) -> bool {
    occurrences(
        criterion.event.as_deref(),
        criterion.filter.as_ref(),
        &[],
        user,
        context,
    )
    .first()
    .is_some_and(|event| {
        calendar::holds(&criterion.during, event.time, context.as_of, context.zone)
    })
}

/// Every event of a user before as-of, as a path sees it.
pub fn candidates<'w>(path: Path<'_>, user: &str, context: Context<'w>) -> Vec<Candidate<'w>> {
    let serving: Vec<Vec<&Event>> = path
        .steps
        .iter()
        .map(|step| {
            let (name, filter) = (step.event.as_deref(), step.filter.as_ref());
            occurrences(name, filter, &step.did, user, context)
        })
        .collect();
    let excluded: Vec<Vec<&Event>> = path
        .exclude
        .iter()
        .map(|exclusion| {
            let (name, filter) = (exclusion.event.as_deref(), exclusion.filter.as_ref());
            occurrences(name, filter, &[], user, context)
        })
        .collect();
    let among =
        |these: &Vec<&Event>, event: &Event| these.iter().any(|one| std::ptr::eq(*one, event));
    history(user, context)
        .into_iter()
        .map(|event| Candidate {
            event: Some(event),
            time: event.time,
            serves: serving.iter().map(|these| among(these, event)).collect(),
            excluded: excluded.iter().map(|these| among(these, event)).collect(),
        })
        .collect()
}

/// Whether a user meets a sequence criterion.
fn meets_sequence(sequence: &SequenceCriterion, user: &str, context: Context<'_>) -> bool {
    let path = Path {
        steps: &sequence.steps,
        order: sequence.order,
        within: sequence.within,
        exclude: &sequence.exclude,
    };
    let range = calendar::bounds(&sequence.during, context.as_of, context.zone);
    let (reached, best) = runs::reached(path, &candidates(path, user, context), range);
    reached[sequence.reached as usize - 1]
        && sequence
            .not_reached
            .is_none_or(|step| !reached[step as usize - 1])
        && sequence
            .path
            .as_ref()
            .is_none_or(|path| best.is_some_and(|best| best.numbers() == *path))
}

/// The occurrence that is the user's start.
pub fn start<'w>(
    chain: &[Behaviour],
    first_time: bool,
    range: (i64, i64),
    user: &str,
    context: Context<'w>,
) -> Option<&'w Event> {
    let chain: Vec<Vec<&Event>> = chain
        .iter()
        .map(|one| behaved(one, user, context))
        .collect();
    starts::start(&chain, first_time, range)
}

/// The returns of a user who started, in the order of their times.
pub fn returns<'w>(
    returning: &Behaviour,
    start: &Event,
    user: &str,
    context: Context<'w>,
) -> Vec<&'w Event> {
    let mut returns = behaved(returning, user, context);
    returns.retain(|event| event.time > start.time);
    returns
}

fn behaved<'w>(behaviour: &Behaviour, user: &str, context: Context<'w>) -> Vec<&'w Event> {
    let (name, filter) = (behaviour.event.as_deref(), behaviour.filter.as_ref());
    occurrences(name, filter, &[], user, context)
}

/// Whether a user meets a cohort criterion.
fn meets_cohort(cohort: &CohortCriterion, user: &str, context: Context<'_>) -> bool {
    let range = calendar::bounds(&cohort.started, context.as_of, context.zone);
    let Some(start) = start(&cohort.start, cohort.first_time, range, user, context) else {
        return false;
    };
    let (generation, _) =
        calendar::unit_of(start.time, starts::calendar_unit(cohort.unit), context.zone);
    if cohort
        .generation
        .is_some_and(|wanted| wanted.millis() != generation)
    {
        return false;
    }
    if let Some(filter) = &cohort.generation_where
        && !passes(filter, Some(start), user, context)
    {
        return false;
    }
    let returned = returns(&cohort.returning, start, user, context)
        .into_iter()
        .any(|event| {
            cohort.period.is_none_or(|period| {
                starts::counts(
                    event,
                    start,
                    cohort.unit,
                    period,
                    cohort.matching,
                    context.zone,
                )
            })
        });
    match cohort.outcome {
        CohortOutcome::Started => true,
        CohortOutcome::Returned => returned,
        CohortOutcome::NotReturned => !returned,
    }
}

/// The figure over some occurrences, or none where it is missing.
fn figure(measure: &Measure, events: &[&Event], zone: Tz) -> Option<f64> {
    let (aggregate, property) = match measure {
        Measure::Count => return Some(events.len() as f64),
        Measure::DistinctDays => {
            let days: BTreeSet<NaiveDate> = events
                .iter()
                .map(|event| calendar::date_of(event.time, zone))
                .collect();
            return Some(days.len() as f64);
        }
        Measure::Of {
            aggregate,
            property,
        } => (aggregate, property),
    };
    figure_of(*aggregate, property, events)
}

/// The figure over a property's values, or none where it is missing.
pub fn figure_of(aggregate: Aggregate, property: &str, events: &[&Event]) -> Option<f64> {
    let values: Vec<&Plain> = events
        .iter()
        .filter_map(|event| event.properties.get(property))
        .collect();
    if aggregate == Aggregate::Distinct {
        let mut different: Vec<&Plain> = Vec::new();
        for value in values {
            if !different.contains(&value) {
                different.push(value);
            }
        }
        return Some(different.len() as f64);
    }
    let mut numbers: Vec<f64> = values
        .iter()
        .filter_map(|value| match value {
            Plain::Number(number) => Some(*number),
            _ => None,
        })
        .collect();
    numbers.sort_by(f64::total_cmp);
    let sum = sum(&numbers);
    match aggregate {
        Aggregate::Sum => Some(sum),
        Aggregate::Average if numbers.is_empty() => None,
        Aggregate::Average => Some(sum / numbers.len() as f64),
        Aggregate::Median if numbers.is_empty() => None,
        Aggregate::Median => {
            let middle = numbers.len() / 2;
            Some(if numbers.len() % 2 == 1 {
                numbers[middle]
            } else {
                (numbers[middle - 1] + numbers[middle]) / 2.0
            })
        }
        Aggregate::Min => numbers.first().copied(),
        Aggregate::Max => numbers.last().copied(),
        Aggregate::Distinct => unreachable!("answered above"),
    }
}

/// The sum of numbers, each rounded to six decimals.
pub fn sum(numbers: &[f64]) -> f64 {
    let millionths: i128 = numbers.iter().map(|number| millionths(*number)).sum();
    millionths as f64 / 1e6
}

/// A number in millionths, rounded exactly: by its decimal digits.
fn millionths(number: f64) -> i128 {
    format!("{number:.6}").replace('.', "").parse().unwrap()
}

fn compares(compare: Compare, figure: f64) -> bool {
    match compare {
        Compare::AtLeast(value) => figure >= value,
        Compare::AtMost(value) => figure <= value,
        Compare::Exactly(value) => figure == value,
        Compare::MoreThan(value) => figure > value,
        Compare::LessThan(value) => figure < value,
        Compare::Between(least, most) => figure >= least && figure <= most,
    }
}

/// Whether an occurrence (or, with none, the user) passes a filter.
pub fn passes(filter: &Filter, event: Option<&Event>, user: &str, context: Context<'_>) -> bool {
    match filter {
        Filter::All { of } => of.iter().all(|one| passes(one, event, user, context)),
        Filter::Any { of } => of.iter().any(|one| passes(one, event, user, context)),
        Filter::Not { of } => !passes(of, event, user, context),
        Filter::Segment { id } => in_segment(id, user, context),
        Filter::Property(property) => {
            let none = Properties::new();
            let properties = match property.scope {
                Scope::Event => &event.unwrap().properties,
                Scope::User => context.world.users.get(user).unwrap_or(&none),
            };
            property_passes(property, properties.get(&property.name), context)
        }
    }
}

fn property_passes(filter: &PropertyFilter, value: Option<&Plain>, context: Context<'_>) -> bool {
    let positive = match filter.op {
        Operator::IsSet => return value.is_some(),
        Operator::IsNotSet => return value.is_none(),
        Operator::IsNot => Operator::Is,
        Operator::DoesNotContain => Operator::Contains,
        Operator::NotInLast => Operator::InLast,
        other => other,
    };
    let negative = positive != filter.op;
    let matched = value.is_some_and(|value| matches(positive, filter, value, context));
    matched != negative
}

fn matches(op: Operator, filter: &PropertyFilter, value: &Plain, context: Context<'_>) -> bool {
    let folded = |text: &str| {
        if filter.ignore_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let any_text = |test: &dyn Fn(&str, &str) -> bool| match value {
        Plain::Text(text) => filter.values.iter().any(|wanted| match wanted {
            Value::String(wanted) => test(&folded(text), &folded(wanted)),
            _ => false,
        }),
        _ => false,
    };
    let any_number = |test: &dyn Fn(f64, f64) -> bool| match value {
        Plain::Number(number) => filter.values.iter().any(|wanted| match wanted {
            Value::Number(wanted) => test(*number, *wanted),
            _ => false,
        }),
        _ => false,
    };
    match op {
        Operator::Is => match value {
            Plain::Text(_) => any_text(&|text, wanted| text == wanted),
            Plain::Number(_) => any_number(&|number, wanted| number == wanted),
            Plain::Boolean(boolean) => filter.values.contains(&Value::Boolean(*boolean)),
            Plain::Datetime(_) => false,
        },
        Operator::Contains => any_text(&|text, wanted| text.contains(wanted)),
        Operator::StartsWith => any_text(&|text, wanted| text.starts_with(wanted)),
        Operator::EndsWith => any_text(&|text, wanted| text.ends_with(wanted)),
        Operator::Matches => match value {
            Plain::Text(text) => filter.values.iter().any(|pattern| match pattern {
                Value::String(pattern) => regex_lite::RegexBuilder::new(pattern)
                    .case_insensitive(filter.ignore_case)
                    .build()
                    .unwrap()
                    .is_match(text),
                _ => false,
            }),
            _ => false,
        },
        Operator::GreaterThan => any_number(&|number, wanted| number > wanted),
        Operator::AtLeast => any_number(&|number, wanted| number >= wanted),
        Operator::LessThan => any_number(&|number, wanted| number < wanted),
        Operator::AtMost => any_number(&|number, wanted| number <= wanted),
        Operator::Between => match (value, filter.values.as_slice()) {
            (Plain::Number(number), [Value::Number(least), Value::Number(most)]) => {
                least <= number && number <= most
            }
            (Plain::Datetime(time), [Value::String(first), Value::String(last)]) => {
                instants_of(first, context.zone).0 <= *time
                    && *time <= instants_of(last, context.zone).1
            }
            _ => false,
        },
        Operator::Before => any_instant(filter, value, context, |time, (first, _)| time < first),
        Operator::After => any_instant(filter, value, context, |time, (_, last)| time > last),
        Operator::InLast => match (value, &filter.during) {
            (Plain::Datetime(time), Some(range)) => {
                calendar::holds(range, *time, context.as_of, context.zone)
            }
            _ => false,
        },
        Operator::IsNot
        | Operator::DoesNotContain
        | Operator::NotInLast
        | Operator::IsSet
        | Operator::IsNotSet => unreachable!("answered by the caller"),
    }
}

fn any_instant(
    filter: &PropertyFilter,
    value: &Plain,
    context: Context<'_>,
    test: impl Fn(i64, (i64, i64)) -> bool,
) -> bool {
    match value {
        Plain::Datetime(time) => filter.values.iter().any(|wanted| match wanted {
            Value::String(text) => test(*time, instants_of(text, context.zone)),
            _ => false,
        }),
        _ => false,
    }
}

/// The first and the last millisecond that a text stands for: an instant, or a whole local day.
fn instants_of(text: &str, zone: Tz) -> (i64, i64) {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) => (
            calendar::day_start(date, zone),
            calendar::day_start(date + Days::new(1), zone) - 1,
        ),
        Err(_) => {
            let time = Instant::parse(text).unwrap().millis();
            (time, time)
        }
    }
}
