//! Random worlds of few users whose events lie close together, many of them at one instant, and random sequences, cohorts and
//! queries about them that mostly have somebody.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use segments_model::criterion::{
    Behaviour, CohortCriterion, CohortMatch, CohortOutcome, CohortUnit, Did, EventCriterion,
    Exclusion, Order, SequenceCriterion, Step, When, Within, WithinOf,
};
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::query::{
    CohortMeasure, CohortQuery, Comparison, Figure, Formula, FunnelGroupBy, FunnelPropertyGroup,
    FunnelQuery, GenerationBy, GroupBy, Interval, PropertyGroup, Query, QueryAggregate, QueryMatch,
    QueryMeasure, SegmentGroup, SegmentationQuery,
};
use segments_model::range::{Ago, CalendarUnit, Window, WindowUnit};
use segments_model::{Compare, Criterion, Filter, Measure, Range, Value};

use super::{HOUR, PLACES, RandomCase, USERS, leaf, properties, user_properties};
use crate::calendar::{self, instant};
use crate::world::{Event, StoredSegment, World};

const NAMES: [&str; 5] = [
    "Order Completed",
    "Order Completed",
    "Product Viewed",
    "Product Viewed",
    "naïve",
];
const DAY: i64 = 24 * HOUR;

/// Where and how far apart things happen.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    zone: chrono_tz::Tz,
    centre: i64,
    /// The distance of events that do not lie at one instant.
    scale: i64,
}

/// A query and what it is asked of.
#[derive(Clone, Debug)]
pub struct RandomQuery {
    pub case: RandomCase,
    pub query: Query,
}

fn scene() -> impl Strategy<Value = Scene> {
    let scales = vec![1_000, 60_000, HOUR, HOUR, 12 * HOUR, DAY, DAY, 5 * DAY];
    (select(&PLACES[..]), select(scales)).prop_map(|((zone, centre), scale)| Scene {
        zone,
        centre,
        scale,
    })
}

/// Random definitions with sequences, cohorts and `did`.
pub fn case() -> impl Strategy<Value = RandomCase> {
    scene().prop_flat_map(|scene| {
        (world(scene), criterion(scene, true), as_of(scene)).prop_map(
            move |(world, definition, as_of)| random_case(scene, world, definition, as_of),
        )
    })
}

fn random_case(scene: Scene, world: World, definition: Criterion, as_of: i64) -> RandomCase {
    RandomCase {
        world,
        definition,
        as_of,
        zone: scene.zone,
    }
}

fn with_query(query: impl Fn(Scene) -> BoxedStrategy<Query>) -> impl Strategy<Value = RandomQuery> {
    scene().prop_flat_map(move |scene| {
        (world(scene), query(scene), as_of(scene)).prop_map(move |(world, query, as_of)| {
            RandomQuery {
                case: random_case(scene, world, Criterion::everyone(), as_of),
                query,
            }
        })
    })
}

/// Random segmentation queries.
pub fn segmentation() -> impl Strategy<Value = RandomQuery> {
    with_query(segmentation_query)
}

/// Random funnel queries.
pub fn funnel() -> impl Strategy<Value = RandomQuery> {
    with_query(funnel_query)
}

/// Random cohort queries.
pub fn cohort() -> impl Strategy<Value = RandomQuery> {
    with_query(cohort_query)
}

/// Random queries of any tool.
pub fn any_query() -> impl Strategy<Value = RandomQuery> {
    with_query(|scene| {
        prop_oneof![
            segmentation_query(scene),
            funnel_query(scene),
            cohort_query(scene)
        ]
        .boxed()
    })
}

/// An instant on a grid, or a millisecond beside it.
fn time(scene: Scene) -> impl Strategy<Value = i64> {
    (-2_i64..12, select(vec![0, 0, 0, 0, 0, 0, 0, 0, 1, -1]))
        .prop_map(move |(steps, beside)| scene.centre + steps * scene.scale + beside)
}

fn as_of(scene: Scene) -> impl Strategy<Value = i64> {
    let steps = prop_oneof![1 => 3_i64..9, 3 => 9_i64..16, 2 => 16_i64..40];
    (steps, select(vec![0, 0, 0, 1, -1]))
        .prop_map(move |(steps, beside)| scene.centre + steps * scene.scale + beside)
}

fn world(scene: Scene) -> impl Strategy<Value = World> {
    (
        prop_oneof![1 => vec(event(scene), 0..6), 6 => vec(event(scene), 9..36)],
        proptest::collection::btree_map(select(&USERS[..6]), user_properties(scene.centre), 0..6),
        prop_oneof![leaf(scene.centre, false), criterion(scene, false)],
        select(&PLACES[..]),
        proptest::collection::btree_set(select(&USERS[..6]), 0..4),
        proptest::collection::btree_set(select(&USERS[..6]), 0..4),
    )
        .prop_map(
            |(events, users, definition, (zone, _), members, listed)| World {
                lists: std::collections::BTreeMap::from([(
                    "list".to_owned(),
                    listed.into_iter().map(str::to_owned).collect(),
                )]),
                events,
                users: users
                    .into_iter()
                    .map(|(user, properties)| (user.to_owned(), properties))
                    .collect(),
                segments: std::collections::BTreeMap::from([
                    (
                        "dynamic".to_owned(),
                        StoredSegment::Dynamic { definition, zone },
                    ),
                    (
                        "static".to_owned(),
                        StoredSegment::Static(members.into_iter().map(str::to_owned).collect()),
                    ),
                ]),
            },
        )
}

fn event(scene: Scene) -> impl Strategy<Value = Event> {
    (
        select(&USERS[..3]),
        select(&NAMES[..]),
        time(scene),
        option::weighted(
            0.7,
            select(vec![1.0, 2.0, 2.0, 0.1, 19.99, 0.0, -0.0, -2.5]),
        ),
        option::weighted(0.7, select(vec!["red", "red", "Red", "été", ""])),
        option::weighted(0.6, any::<bool>()),
        option::weighted(0.5, time(scene)),
    )
        .prop_map(|(user, name, time, price, colour, gift, due)| Event {
            user: user.to_owned(),
            name: name.to_owned(),
            time,
            properties: properties(
                ("price", price),
                ("colour", colour),
                ("gift", gift),
                ("due", due),
            ),
        })
}

fn name() -> BoxedStrategy<Option<String>> {
    option::weighted(0.9, select(&NAMES[..]).prop_map(str::to_owned)).boxed()
}

/// A condition that about half of the occurrences pass.
fn filter(scene: Scene, segments: bool) -> BoxedStrategy<Filter> {
    let property = |scope, name: &str, op, values: Vec<Value>| {
        Filter::Property(PropertyFilter {
            scope,
            name: name.to_owned(),
            op,
            values,
            during: None,
            ignore_case: false,
        })
    };
    let simple = vec![
        property(Scope::Event, "colour", Operator::Is, vec!["red".into()]),
        property(Scope::Event, "colour", Operator::IsNot, vec!["red".into()]),
        property(Scope::Event, "price", Operator::AtLeast, vec![1.0.into()]),
        property(Scope::Event, "price", Operator::IsNotSet, Vec::new()),
        property(Scope::Event, "gift", Operator::Is, vec![true.into()]),
        property(Scope::Event, "due", Operator::IsSet, Vec::new()),
        property(Scope::User, "vip", Operator::Is, vec![true.into()]),
    ];
    prop_oneof![5 => select(simple), 1 => super::filter(scene.centre, true, segments)].boxed()
}

/// A length of time that some of the distances have.
fn window(scene: Scene) -> impl Strategy<Value = Window> {
    let unit = match scene.scale {
        1_000 => WindowUnit::Second,
        60_000 => WindowUnit::Minute,
        scale if scale < DAY => WindowUnit::Hour,
        _ => WindowUnit::Day,
    };
    (1_u32..6).prop_map(move |count| Window {
        count: count * u32::try_from(scene.scale / unit.millis()).unwrap(),
        unit,
    })
}

fn dids(scene: Scene, likely: f64, segments: bool) -> BoxedStrategy<Vec<Did>> {
    let compare = prop_oneof![
        6 => Just(Compare::default()),
        1 => Just(Compare::Exactly(1.0)),
        1 => Just(Compare::AtMost(1.0)),
        1 => Just(Compare::AtLeast(2.0)),
        1 => Just(Compare::Exactly(0.0)),
    ];
    let did = (
        any::<bool>(),
        name(),
        option::weighted(0.15, filter(scene, segments)),
        any::<bool>(),
        option::weighted(0.6, window(scene)),
        compare,
    )
        .prop_map(|(performed, event, filter, before, within, compare)| Did {
            performed,
            event,
            filter,
            when: if before { When::Before } else { When::After },
            within,
            compare,
        });
    option::weighted(likely, vec(did, 1..3))
        .prop_map(Option::unwrap_or_default)
        .boxed()
}

/// The units that cut the world into some pieces and not into many.
fn units(scene: Scene) -> Vec<CalendarUnit> {
    use CalendarUnit as Unit;
    match scene.scale {
        1_000 | 60_000 => vec![Unit::Hour, Unit::Day],
        HOUR => vec![Unit::Hour, Unit::Hour, Unit::Day, Unit::Week],
        scale if scale <= DAY => vec![Unit::Day, Unit::Day, Unit::Week, Unit::Month],
        _ => vec![
            Unit::Day,
            Unit::Week,
            Unit::Week,
            Unit::Month,
            Unit::Quarter,
        ],
    }
}

fn cohort_unit(scene: Scene) -> impl Strategy<Value = CohortUnit> {
    select(units(scene)).prop_map(|unit| match unit {
        CalendarUnit::Hour => CohortUnit::Hour,
        CalendarUnit::Day => CohortUnit::Day,
        CalendarUnit::Week => CohortUnit::Week,
        _ => CohortUnit::Month,
    })
}

fn interval(scene: Scene) -> impl Strategy<Value = Interval> {
    let unit = select(units(scene)).prop_map(|unit| match unit {
        CalendarUnit::Hour => Interval::Hour,
        CalendarUnit::Day => Interval::Day,
        CalendarUnit::Week => Interval::Week,
        CalendarUnit::Month => Interval::Month,
        _ => Interval::Quarter,
    });
    prop_oneof![5 => unit, 1 => Just(Interval::Full)]
}

/// A range that some of the events lie in and that has few units.
fn range(scene: Scene) -> BoxedStrategy<Range> {
    let date = || time(scene).prop_map(move |time| calendar::date_of(time, scene.zone));
    prop_oneof![
        6 => Just(Range::AllTime {}),
        2 => (time(scene), time(scene)).prop_map(|(one, other)| Range::Instants {
            start: instant(one.min(other)),
            end: instant(one.max(other)),
        }),
        4 => (time(scene), 4_i64..12).prop_map(move |(start, steps)| Range::Instants {
            start: instant(start - 2 * scene.scale),
            end: instant(start + steps * scene.scale),
        }),
        2 => (1_u32..5, select(units(scene)), any::<bool>()).prop_map(|(count, unit, complete)| {
            Range::Last { count, unit, complete }
        }),
        1 => select(units(scene)).prop_map(|unit| Range::This { unit }),
        2 => (date(), date()).prop_map(|(one, other)| Range::Between {
            from: one.min(other),
            to: one.max(other),
        }),
        1 => date().prop_map(|from| Range::Since { from }),
        1 => (select(units(scene)), 0_u32..6, 0_u32..6).prop_map(|(unit, one, other)| Range::Ago {
            from: Ago { count: one.max(other), unit },
            to: Ago { count: one.min(other), unit },
        }),
    ]
    .boxed()
}

/// What sequences and funnels have in common.
#[derive(Clone, Debug)]
struct Path {
    steps: Vec<Step>,
    order: Order,
    within: Option<Within>,
    exclude: Vec<Exclusion>,
}

fn path(scene: Scene, segments: bool) -> BoxedStrategy<Path> {
    let step = (
        name(),
        option::weighted(0.15, filter(scene, segments)),
        dids(scene, 0.1, segments),
        prop::bool::weighted(0.5),
    )
        .prop_map(|(event, filter, did, optional)| Step {
            event,
            filter,
            did,
            optional,
        });
    let exclusion = (
        name(),
        option::weighted(0.3, filter(scene, segments)),
        1_u32..5,
        1_u32..5,
    );
    let order = prop_oneof![
        4 => Just(Order::Sequential),
        2 => Just(Order::Strict),
        3 => Just(Order::Any),
    ];
    (
        vec(step, 1..5),
        order,
        option::weighted(0.6, (any::<bool>(), window(scene))),
        option::weighted(0.4, vec(exclusion, 1..3)),
    )
        .prop_map(|(mut steps, order, within, exclude)| {
            let last = steps.len() - 1;
            for (place, step) in steps.iter_mut().enumerate() {
                step.optional &= place != 0 && place != last && order != Order::Any;
            }
            let exclude = exclude.unwrap_or_default().into_iter();
            let exclude = exclude.filter_map(|(event, filter, one, other)| {
                let (from, to) = (one.min(other), one.max(other));
                let fits = from < to && to as usize <= steps.len() && order != Order::Any;
                fits.then_some(Exclusion {
                    event,
                    filter,
                    from,
                    to,
                })
            });
            Path {
                exclude: exclude.collect(),
                order,
                within: within.map(|(funnel, window)| Within {
                    of: if funnel {
                        WithinOf::Funnel
                    } else {
                        WithinOf::Step
                    },
                    count: window.count,
                    unit: window.unit,
                }),
                steps,
            }
        })
        .boxed()
}

fn sequence(scene: Scene, segments: bool) -> BoxedStrategy<Criterion> {
    let last = (0_usize..8, 0_usize..8, option::weighted(0.5, any::<u8>()));
    (path(scene, segments), range(scene), last)
        .prop_map(|(path, during, (reached, further, taken))| {
            let steps = path.steps.len();
            let reached = reached % steps + 1;
            let not_reached = reached + 1 + further;
            let taken = taken.filter(|_| path.order != Order::Any).map(|taken| {
                let is_taken = |number: &usize| {
                    *number == reached
                        || !path.steps[number - 1].optional
                        || taken >> (number - 1) & 1 == 1
                };
                let numbers = (1..=reached).filter(is_taken);
                numbers.map(|number| number as u32).collect()
            });
            Criterion::Sequence(SequenceCriterion {
                steps: path.steps,
                order: path.order,
                within: path.within,
                exclude: path.exclude,
                during,
                reached: reached as u32,
                not_reached: (not_reached <= steps && taken.is_none())
                    .then_some(not_reached as u32),
                path: taken,
            })
        })
        .boxed()
}

fn behaviour(scene: Scene, segments: bool) -> BoxedStrategy<Behaviour> {
    (name(), option::weighted(0.15, filter(scene, segments)))
        .prop_map(|(event, filter)| Behaviour { event, filter })
        .boxed()
}

fn chain(scene: Scene, segments: bool) -> BoxedStrategy<Vec<Behaviour>> {
    let one = || behaviour(scene, segments);
    prop_oneof![4 => vec(one(), 1..2), 2 => vec(one(), 2..3), 1 => vec(one(), 3..4)].boxed()
}

fn cohort_criterion(scene: Scene, segments: bool) -> BoxedStrategy<Criterion> {
    let matching = select(vec![
        CohortMatch::On,
        CohortMatch::OnOrAfter,
        CohortMatch::OnOrBefore,
    ]);
    let outcome = select(vec![
        CohortOutcome::Started,
        CohortOutcome::Returned,
        CohortOutcome::NotReturned,
    ]);
    (
        (
            chain(scene, segments),
            any::<bool>(),
            behaviour(scene, segments),
        ),
        (
            cohort_unit(scene),
            range(scene),
            option::weighted(0.3, time(scene)),
        ),
        option::weighted(0.15, filter(scene, segments)),
        (option::weighted(0.7, 0_u32..4), matching, outcome),
    )
        .prop_map(
            move |(
                (start, first_time, returning),
                (unit, started, generation),
                generation_where,
                (period, matching, outcome),
            )| {
                let generation = generation
                    .map(|time| instant(calendar::unit_of(time, unit.unit(), scene.zone).0));
                Criterion::Cohort(CohortCriterion {
                    start,
                    first_time,
                    returning,
                    unit,
                    started,
                    generation,
                    generation_where,
                    period,
                    matching,
                    outcome,
                })
            },
        )
        .boxed()
}

fn event_criterion(scene: Scene, segments: bool) -> BoxedStrategy<Criterion> {
    (
        name(),
        option::weighted(0.15, filter(scene, segments)),
        dids(scene, 0.9, segments),
        prop_oneof![4 => Just((Measure::Count, Compare::default())), 1 => (super::measure(), super::compare())],
        range(scene),
    )
        .prop_map(|(event, filter, did, (measure, compare), during)| {
            Criterion::Event(EventCriterion {
                event,
                filter,
                did,
                measure,
                compare,
                during,
            })
        })
        .boxed()
}

fn criterion(scene: Scene, segments: bool) -> BoxedStrategy<Criterion> {
    let one = prop_oneof![
        4 => event_criterion(scene, segments),
        6 => sequence(scene, segments),
        5 => cohort_criterion(scene, segments),
        1 => leaf(scene.centre, segments),
    ];
    one.prop_recursive(2, 4, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(|of| Criterion::All { of }),
            vec(inner.clone(), 1..3).prop_map(|of| Criterion::Any { of }),
            inner.prop_map(|of| Criterion::Not { of: Box::new(of) }),
        ]
    })
    .boxed()
}

fn audience(scene: Scene) -> BoxedStrategy<Option<Criterion>> {
    let audience = prop_oneof![leaf(scene.centre, true), criterion(scene, true)];
    option::weighted(0.15, audience).boxed()
}

fn group_property() -> impl Strategy<Value = (Scope, String)> {
    select(vec![
        (Scope::Event, "colour"),
        (Scope::Event, "colour"),
        (Scope::Event, "price"),
        (Scope::Event, "gift"),
        (Scope::Event, "due"),
        (Scope::Event, "unheard of"),
        (Scope::User, "plan"),
        (Scope::User, "age"),
        (Scope::User, "vip"),
        (Scope::User, "born"),
    ])
    .prop_map(|(scope, name)| (scope, name.to_owned()))
}

fn segment() -> impl Strategy<Value = String> {
    select(vec!["dynamic", "static"]).prop_map(str::to_owned)
}

fn max_groups() -> impl Strategy<Value = Option<u32>> {
    option::weighted(0.5, 1_u32..4)
}

fn aggregate() -> impl Strategy<Value = QueryAggregate> {
    let aggregate = |of, property: Option<&str>, per_user| QueryAggregate {
        of,
        property: property.map(str::to_owned),
        per_user,
    };
    prop_oneof![
        3 => any::<bool>().prop_map(move |per_user| aggregate(Figure::Total, None, per_user)),
        2 => Just(aggregate(Figure::Users, None, false)),
        6 => (
            select(vec![Figure::Sum, Figure::Average, Figure::Median, Figure::Min, Figure::Max, Figure::Distinct]),
            any::<bool>(),
        )
            .prop_map(move |(of, per_user)| aggregate(of, Some("price"), per_user)),
        1 => (select(vec!["colour", "gift", "due", "unheard of"]), any::<bool>())
            .prop_map(move |(property, per_user)| aggregate(Figure::Distinct, Some(property), per_user)),
    ]
}

fn segmentation_query(scene: Scene) -> BoxedStrategy<Query> {
    let row = (
        name(),
        option::weighted(0.15, filter(scene, true)),
        dids(scene, 0.15, true),
        aggregate(),
    )
        .prop_map(|(event, filter, did, aggregate)| QueryMeasure {
            event,
            filter,
            did,
            aggregate,
        });
    let group = prop_oneof![
        4 => group_property()
            .prop_map(|(scope, name)| GroupBy::Property(PropertyGroup { scope, name })),
        1 => segment().prop_map(|segment| GroupBy::Segment(SegmentGroup { segment })),
    ];
    let formula = select(vec![
        "A / B",
        "A / A * 100",
        "-(A - 2.5) * 2",
        "1 / (A - 1)",
        "A - B - C",
        "(B + C) / (A - A)",
        "0.1 + 0.2",
    ]);
    (
        (vec(row, 1..4), vec(formula, 0..3)),
        (audience(scene), vec(group, 0..3)),
        (range(scene), interval(scene), any::<bool>(), max_groups()),
    )
        .prop_map(
            |((measures, formulas), (audience, group_by), (during, interval, compare, most))| {
                let known = |formula: &&str| {
                    let letters = formula.chars().filter(char::is_ascii_uppercase);
                    letters
                        .max()
                        .is_none_or(|last| (last as usize - 'A' as usize) < measures.len())
                };
                let formulas = formulas
                    .into_iter()
                    .filter(known)
                    .map(|expression| Formula {
                        name: "a formula".to_owned(),
                        expression: expression.to_owned(),
                    });
                Query::Segmentation(SegmentationQuery {
                    formulas: formulas.collect(),
                    measures,
                    audience,
                    group_by,
                    during,
                    interval,
                    compare: compare.then_some(Comparison::PreviousRange),
                    max_groups: most,
                    as_of: None,
                    time_zone: None,
                })
            },
        )
        .boxed()
}

fn funnel_query(scene: Scene) -> BoxedStrategy<Query> {
    let group = prop_oneof![
        4 => (group_property(), option::weighted(0.5, 0_usize..4))
            .prop_map(|((scope, name), step)| (Some((scope, name, step)), String::new())),
        1 => segment().prop_map(|segment| (None, segment)),
    ];
    (
        path(scene, true),
        range(scene),
        audience(scene),
        option::weighted(0.6, group),
        option::weighted(0.4, interval(scene)),
        max_groups(),
    )
        .prop_map(|(path, during, audience, group, interval, max_groups)| {
            let group_by = group.map(|(property, segment)| match property {
                Some((scope, name, step)) => FunnelGroupBy::Property(FunnelPropertyGroup {
                    scope,
                    name,
                    step: step.map(|step| (step % path.steps.len()) as u32 + 1),
                }),
                None => FunnelGroupBy::Segment(SegmentGroup { segment }),
            });
            Query::Funnel(FunnelQuery {
                steps: path.steps,
                order: path.order,
                within: path.within,
                exclude: path.exclude,
                during,
                audience,
                group_by,
                interval,
                max_groups,
                as_of: None,
                time_zone: None,
            })
        })
        .boxed()
}

fn cohort_query(scene: Scene) -> BoxedStrategy<Query> {
    let generation = prop_oneof![
        4 => Just(GenerationBy::Time),
        3 => group_property().prop_map(|(scope, name)| GenerationBy::Property { scope, name }),
        1 => segment().prop_map(|id| GenerationBy::Segment { id }),
    ];
    let measure = prop_oneof![
        2 => Just(CohortMeasure::Users),
        1 => Just(CohortMeasure::Sum { property: "price".to_owned() }),
    ];
    (
        (chain(scene, true), any::<bool>(), behaviour(scene, true)),
        (measure, generation, cohort_unit(scene), 0_u32..5),
        (0_usize..3, range(scene), audience(scene), max_groups()),
    )
        .prop_map(
            |(
                (start, first_time, returning),
                (measure, generation, unit, periods),
                (kind, during, audience, max_groups),
            )| {
                Query::Cohort(CohortQuery {
                    start,
                    first_time,
                    returning,
                    measure,
                    generation,
                    unit,
                    periods,
                    matching: if kind == 0 {
                        QueryMatch::OnOrAfter
                    } else {
                        QueryMatch::On
                    },
                    cumulative: kind == 1,
                    during,
                    audience,
                    max_groups,
                    as_of: None,
                    time_zone: None,
                })
            },
        )
        .boxed()
}
