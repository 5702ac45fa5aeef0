//! What is explained against what is asked instant by instant.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;
use proptest::prelude::*;
use segments_conformance::generate::{RandomCase, case};
use segments_conformance::world::{Plain, StoredSegment};
use segments_engine::{Context, Explained, Explaining, Progress, Store};
use segments_model::calendar::Zone;
use segments_model::criterion::{CohortOutcome, Order};
use segments_model::explain::{FLIP_HORIZON_DAYS, Found, FoundCondition, MAX_EVENTS};
use segments_model::range::CalendarUnit;
use segments_model::walk::{Part, walk};
use segments_model::{Criterion, Filter, Instant};

use crate::config;
use crate::engine;

const DAY: i64 = 86_400_000;

fn explained(
    store: &Arc<Store>,
    definition: &Criterion,
    context: &Context,
    user: u32,
    rows: usize,
) -> Explained {
    let mut explaining = Explaining::new(Arc::clone(store), definition, context, user).unwrap();
    loop {
        if let Progress::Done(explained) = explaining.step(rows) {
            return explained;
        }
    }
}

/// The criteria of a definition with their pointers.
fn criteria(definition: &Criterion) -> Vec<(String, &Criterion)> {
    let mut criteria = Vec::new();
    walk(definition, &mut |pointer, part| {
        if let Part::Criterion(criterion) = part {
            criteria.push((pointer.to_owned(), criterion));
        }
    });
    criteria
}

/// Instants after as-of at which something may change, and others besides: where units begin, where values begin to be
/// known, each a little earlier, and a few at random.
fn instants(case: &RandomCase, user: &str, random: &[i64]) -> BTreeSet<i64> {
    let mut zones: Vec<Tz> = vec![case.zone];
    for segment in case.world.segments.values() {
        if let StoredSegment::Dynamic { zone, .. } = segment {
            zones.push(*zone);
        }
    }
    let mut instants = BTreeSet::new();
    for zone in zones {
        let zone = Zone::parse(zone.name()).unwrap();
        for (unit, count) in [
            (CalendarUnit::Hour, 45),
            (CalendarUnit::Day, 60),
            (CalendarUnit::Week, 45),
            (CalendarUnit::Month, 45),
            (CalendarUnit::Year, 11),
        ] {
            let mut at = Instant::from_millis(case.as_of).unwrap();
            for _ in 0..count {
                at = zone.next_unit(unit, at);
                instants.insert(at.millis());
            }
        }
    }
    let events = case.world.events.iter().filter(|event| event.user == user);
    let properties = events
        .map(|event| &event.properties)
        .chain(case.world.users.get(user));
    for value in properties.flat_map(|properties| properties.values()) {
        if let Plain::Datetime(value) = value {
            instants.insert(value + 1);
        }
    }
    let earlier: Vec<i64> = instants.iter().map(|at| at - 1).collect();
    instants.extend(earlier);
    instants.extend(random.iter().map(|offset| case.as_of + offset));
    instants.retain(|at| (case.as_of + 1..=case.as_of + FLIP_HORIZON_DAYS * DAY).contains(at));
    instants
}

/// Whether what was found of a criterion says by itself that it holds; nothing where it does not say so.
fn holds_by_what_was_found(criterion: &Criterion, found: &Found) -> Option<bool> {
    let within = |time: Instant, start: &Option<Instant>, end: Instant| {
        start.is_none_or(|start| start <= time) && time < end
    };
    match (criterion, found) {
        (
            Criterion::Event(_),
            Found::Figure {
                value,
                compare,
                start,
                end,
                events,
                events_total,
            },
        ) => {
            assert_eq!(events.len() as u64, (*events_total).min(MAX_EVENTS as u64));
            assert!(events.is_sorted_by(|one, other| one.time >= other.time));
            assert!(events.iter().all(|event| within(event.time, start, *end)));
            Some(value.is_some_and(|value| compare.holds(value)))
        }
        (Criterion::FirstEvent(_), Found::First { event, start, end }) => {
            let event = event.as_ref();
            Some(event.is_some_and(|event| within(event.time, start, *end)))
        }
        (
            Criterion::Sequence(sequence),
            Found::Sequence {
                reached,
                events,
                start,
                end,
            },
        ) => {
            if let Some(first) = events.first() {
                assert!(within(first.time, start, *end));
            }
            if let Some(path) = &sequence.path {
                let taken = events.iter().map(|event| event.step);
                return Some(taken.eq(path.iter().copied().map(Some)));
            }
            if sequence.steps.iter().any(|step| step.optional) {
                return None;
            }
            assert_eq!(events.len(), *reached as usize);
            let any = sequence.order == Order::Any;
            for (place, event) in events.iter().enumerate() {
                assert_eq!(event.step, (!any).then_some(place as u32 + 1));
                let name = sequence.steps[place].event.as_ref();
                assert!(any || name.is_none_or(|name| *name == event.event));
            }
            for pair in events.windows(2) {
                assert!(pair[0].time < pair[1].time || (any && pair[0].time == pair[1].time));
            }
            let not = sequence.not_reached;
            Some(*reached >= sequence.reached && not.is_none_or(|not| *reached < not))
        }
        (
            Criterion::Cohort(cohort),
            Found::Cohort {
                started,
                generation,
                returned,
                returns_from,
                returns_until,
                start,
                end,
            },
        ) => {
            if let Some(started) = started {
                assert!(within(started.time, start, *end));
                assert!(generation.unwrap() <= started.time);
            }
            if let Some(returned) = returned {
                let after = started.as_ref().unwrap().time;
                assert!(after < returned.time && returns_from.unwrap() <= returned.time);
                assert!(returns_until.is_none_or(|until| returned.time < until));
            }
            if cohort.generation_where.is_some() {
                return None;
            }
            let asked = cohort.generation.is_none() || cohort.generation == *generation;
            let outcome = match cohort.outcome {
                CohortOutcome::Started => true,
                CohortOutcome::Returned => returned.is_some(),
                CohortOutcome::NotReturned => returned.is_none(),
            };
            Some(started.is_some() && asked && outcome)
        }
        (Criterion::User { filter }, Found::Conditions { conditions }) => {
            let mut conditions = conditions.iter();
            let holds = filter_holds(filter, &mut conditions);
            assert_eq!(conditions.next(), None);
            Some(holds)
        }
        (Criterion::Segment(segment), Found::Segment { id, .. }) => {
            assert_eq!(&segment.id, id);
            None
        }
        (Criterion::Users(_), Found::Users {}) => None,
        _ => panic!("{criterion:?} is no {found:?}"),
    }
}

fn filter_holds<'f>(
    filter: &Filter,
    conditions: &mut impl Iterator<Item = &'f FoundCondition>,
) -> bool {
    let mut each = |of: &[Filter]| -> Vec<bool> {
        of.iter()
            .map(|inner| filter_holds(inner, conditions))
            .collect()
    };
    match filter {
        Filter::All { of } => !each(of).contains(&false),
        Filter::Any { of } => each(of).contains(&true),
        Filter::Not { of } => !filter_holds(of, conditions),
        Filter::Segment { .. } | Filter::Property(_) => {
            let condition = conditions.next().unwrap();
            assert_eq!(&condition.condition, filter);
            condition.holds
        }
    }
}

proptest! {
    #![proptest_config(config(1))]

    /// What holds is what the evaluator says, and by time alone it turns round when it is said to and not before.
    #[test]
    fn what_is_explained_is_what_holds_and_will(
        case in case(),
        which in any::<prop::sample::Index>(),
        rows in 1_usize..5_000,
        random in prop::collection::vec(1_i64..FLIP_HORIZON_DAYS * DAY, 5),
    ) {
        let universe: Vec<String> = case.world.universe(case.as_of).into_iter().collect();
        prop_assume!(!universe.is_empty());
        let user = which.get(&universe);
        let store = engine::store(&case.world);
        let context = engine::context(&store, &case.world, case.as_of, case.zone);
        let number = store.user_number(user).unwrap();
        let explained = explained(&store, &case.definition, &context, number, rows);
        let criteria = criteria(&case.definition);
        prop_assert_eq!(criteria.len(), explained.criteria.len());
        prop_assert_eq!(explained.holds, explained.criteria[0].holds);
        prop_assert_eq!(explained.flips_at, explained.criteria[0].flips_at);
        let instants = instants(&case, user, &random);
        for ((pointer, criterion), told) in criteria.iter().zip(&explained.criteria) {
            prop_assert_eq!(pointer, &told.pointer);
            let holds = engine::meets(&store, criterion, &context, user);
            prop_assert_eq!(told.holds, holds, "{}", pointer);
            match &told.found {
                Some(found) => {
                    if let Some(by_what_was_found) = holds_by_what_was_found(criterion, found) {
                        prop_assert_eq!(by_what_was_found, holds, "{}: {:?}", pointer, found);
                    }
                }
                None => {
                    let group = matches!(
                        criterion,
                        Criterion::All { .. } | Criterion::Any { .. } | Criterion::Not { .. }
                    );
                    prop_assert!(group, "{}", pointer);
                }
            }
            let then = |at: i64| {
                let context = Context {
                    as_of: Instant::from_millis(at).unwrap(),
                    known_until: Some(context.as_of),
                    ..context.clone()
                };
                engine::meets(&store, criterion, &context, user)
            };
            let turns = told.flips_at.map(Instant::millis);
            if let Some(turns) = turns {
                prop_assert!(then(turns) != holds, "{} at {}", pointer, turns);
                prop_assert_eq!(then(turns - 1), holds, "{} before {}", pointer, turns);
            }
            for at in instants.iter().take_while(|at| turns.is_none_or(|turns| **at < turns)) {
                prop_assert_eq!(then(*at), holds, "{} at {}, to turn at {:?}", pointer, at, turns);
            }
        }
    }
}
