//! Valid definitions of every kind, at random.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use segments_model::criterion::{
    Behaviour, CohortCriterion, CohortMatch, CohortOutcome, CohortUnit, Did, EventCriterion,
    Exclusion, FirstEventCriterion, Order, SegmentCriterion, SequenceCriterion, Step,
    UsersCriterion, When, Within, WithinOf,
};
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::measure::Aggregate;
use segments_model::query::{
    CohortMeasure, CohortQuery, Comparison, Figure, Formula, FunnelGroupBy, FunnelPropertyGroup,
    FunnelQuery, GenerationBy, GroupBy, Interval, PropertyGroup, Query, QueryAggregate, QueryMatch,
    QueryMeasure, SegmentGroup, SegmentationQuery,
};
use segments_model::range::{Ago, CalendarUnit, Window, WindowUnit};
use segments_model::{Compare, Criterion, Filter, Instant, Measure, Range, Value};

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

fn event() -> impl Strategy<Value = Option<String>> {
    of(word(&["Order Completed", "Product Viewed", "Signed Up"]))
}

fn property() -> impl Strategy<Value = String> {
    word(&["country", "price", "plan", "signed_up_at"])
}

fn segment_id() -> impl Strategy<Value = String> {
    word(&["s1", "s2"])
}

fn instant() -> impl Strategy<Value = Instant> {
    (0_i64..2_000_000_000_000).prop_map(Instant::from_millis_saturating)
}

fn date() -> impl Strategy<Value = chrono::NaiveDate> {
    instant().prop_map(|instant| instant.to_utc().date_naive())
}

fn unit() -> impl Strategy<Value = CalendarUnit> {
    select(CalendarUnit::ALL.to_vec())
}

fn ago() -> impl Strategy<Value = Ago> {
    (0_u32..100, unit()).prop_map(|(count, unit)| Ago { count, unit })
}

pub fn range() -> impl Strategy<Value = Range> {
    prop_oneof![
        Just(Range::AllTime {}),
        (1_u32..100, unit(), any::<bool>()).prop_map(|(count, unit, complete)| Range::Last {
            count,
            unit,
            complete
        }),
        unit().prop_map(|unit| Range::This { unit }),
        (date(), date()).prop_map(|(from, to)| Range::Between { from, to }),
        date().prop_map(|from| Range::Since { from }),
        (ago(), ago()).prop_map(|(from, to)| Range::Ago { from, to }),
        (instant(), instant()).prop_map(|(start, end)| Range::Instants { start, end }),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-1_000_i32..1_000).prop_map(f64::from),
        (-1e6..1e6_f64).prop_map(|number| (number * 100.0).round() / 100.0)
    ]
}

fn compare() -> impl Strategy<Value = Compare> {
    prop_oneof![
        Just(Compare::default()),
        number().prop_map(Compare::AtLeast),
        number().prop_map(Compare::AtMost),
        number().prop_map(Compare::Exactly),
        number().prop_map(Compare::MoreThan),
        number().prop_map(Compare::LessThan),
        (number(), number())
            .prop_map(|(one, other)| Compare::Between(one.min(other), one.max(other))),
    ]
}

fn texts() -> impl Strategy<Value = Vec<Value>> {
    vec(
        word(&["Germany", "Austria", "DE", "a.*b"]).prop_map(Value::String),
        1..4,
    )
}

fn numbers() -> impl Strategy<Value = Vec<Value>> {
    vec(number().prop_map(Value::Number), 1..4)
}

fn times() -> impl Strategy<Value = Value> {
    prop_oneof![
        instant().prop_map(|instant| Value::String(instant.to_string())),
        date().prop_map(|date| Value::String(date.to_string())),
    ]
}

fn comparison() -> impl Strategy<Value = (Operator, Vec<Value>, Option<Range>, bool)> {
    use Operator as Op;

    prop_oneof![
        (
            select(vec![
                Op::Is,
                Op::IsNot,
                Op::Contains,
                Op::DoesNotContain,
                Op::StartsWith,
                Op::EndsWith,
                Op::Matches
            ]),
            texts(),
            any::<bool>()
        )
            .prop_map(|(op, values, ignore_case)| (op, values, None, ignore_case)),
        (
            select(vec![
                Op::Is,
                Op::IsNot,
                Op::GreaterThan,
                Op::AtLeast,
                Op::LessThan,
                Op::AtMost
            ]),
            numbers()
        )
            .prop_map(|(op, values)| (op, values, None, false)),
        any::<bool>().prop_map(|value| (Op::Is, vec![Value::Boolean(value)], None, false)),
        (number(), number()).prop_map(|(one, other)| {
            let values = vec![one.min(other).into(), one.max(other).into()];
            (Op::Between, values, None, false)
        }),
        (select(vec![Op::Before, Op::After]), vec(times(), 1..3))
            .prop_map(|(op, values)| (op, values, None, false)),
        (select(vec![Op::InLast, Op::NotInLast]), range()).prop_map(|(op, range)| (
            op,
            Vec::new(),
            Some(range),
            false
        )),
        select(vec![Op::IsSet, Op::IsNotSet]).prop_map(|op| (op, Vec::new(), None, false)),
    ]
}

pub fn filter(on_events: bool) -> impl Strategy<Value = Filter> {
    let scopes = if on_events {
        vec![Scope::Event, Scope::User]
    } else {
        vec![Scope::User]
    };
    let leaf = prop_oneof![
        1 => segment_id().prop_map(|id| Filter::Segment { id }),
        5 => (select(scopes), property(), comparison()).prop_map(
            |(scope, name, (op, values, during, ignore_case))| {
                Filter::Property(PropertyFilter { scope, name, op, values, during, ignore_case })
            }
        ),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|of| Filter::All { of }),
            vec(inner.clone(), 0..4).prop_map(|of| Filter::Any { of }),
            inner.prop_map(|of| Filter::Not { of: Box::new(of) }),
        ]
    })
}

fn where_filter() -> impl Strategy<Value = Option<Filter>> {
    of(filter(true))
}

fn window() -> impl Strategy<Value = Window> {
    (1_u32..100, window_unit()).prop_map(|(count, unit)| Window { count, unit })
}

fn window_unit() -> impl Strategy<Value = WindowUnit> {
    select(vec![
        WindowUnit::Second,
        WindowUnit::Minute,
        WindowUnit::Hour,
        WindowUnit::Day,
        WindowUnit::Week,
    ])
}

fn dids() -> impl Strategy<Value = Vec<Did>> {
    let did = (
        any::<bool>(),
        event(),
        where_filter(),
        select(vec![When::Before, When::After]),
        of(window()),
        compare(),
    )
        .prop_map(|(performed, event, filter, when, within, compare)| Did {
            performed,
            event,
            filter,
            when,
            within,
            compare,
        });
    vec(did, 0..3)
}

fn measure() -> impl Strategy<Value = Measure> {
    prop_oneof![
        Just(Measure::Count),
        Just(Measure::DistinctDays),
        (select(Aggregate::ALL.to_vec()), property()).prop_map(|(aggregate, property)| {
            Measure::Of {
                aggregate,
                property,
            }
        }),
    ]
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    (event(), where_filter()).prop_map(|(event, filter)| Behaviour { event, filter })
}

fn place(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap()
}

/// Steps with their order and the exclusions between them.
fn steps() -> impl Strategy<Value = (Vec<Step>, Order, Vec<Exclusion>)> {
    let step = (event(), where_filter(), dids(), any::<bool>()).prop_map(
        |(event, filter, did, optional)| Step {
            event,
            filter,
            did,
            optional,
        },
    );
    let exclusion = (event(), where_filter(), any::<Index>(), any::<Index>());
    (
        vec(step, 1..4),
        select(vec![Order::Sequential, Order::Strict, Order::Any]),
        vec(exclusion, 0..3),
    )
        .prop_map(|(mut steps, order, exclude)| {
            for (index, step) in steps.iter_mut().enumerate() {
                step.optional &= index > 0 && order != Order::Any;
            }
            let count = steps.len();
            let exclude = exclude
                .into_iter()
                .filter(|_| count > 1 && order != Order::Any)
                .map(|(event, filter, from, to)| {
                    let from = from.index(count - 1);
                    Exclusion {
                        event,
                        filter,
                        from: place(from),
                        to: place(from + 1 + to.index(count - from - 1)),
                    }
                })
                .collect();
            (steps, order, exclude)
        })
}

fn within() -> impl Strategy<Value = Option<Within>> {
    of((
        select(vec![WithinOf::Funnel, WithinOf::Step]),
        1_u32..50,
        window_unit(),
    )
        .prop_map(|(of, count, unit)| Within { of, count, unit }))
}

/// A path that goes as far as a step and may leave out the optional ones before it.
pub fn path(steps: &[Step], last: usize, taken: &Index) -> Vec<u32> {
    let taken = taken.index(1 << steps.len());
    (0..=last)
        .filter(|step| *step == last || !steps[*step].optional || taken >> step & 1 == 1)
        .map(place)
        .collect()
}

fn sequence() -> impl Strategy<Value = Criterion> {
    (
        steps(),
        within(),
        range(),
        any::<Index>(),
        of(any::<Index>()),
        of(any::<Index>()),
    )
        .prop_map(
            |((steps, order, exclude), within, during, reached, not_reached, taken)| {
                let count = steps.len();
                let reached = reached.index(count);
                let path = taken
                    .filter(|_| order != Order::Any)
                    .map(|taken| path(&steps, reached, &taken));
                Criterion::Sequence(SequenceCriterion {
                    exclude,
                    not_reached: not_reached
                        .filter(|_| reached + 1 < count && path.is_none())
                        .map(|index| place(reached + 1 + index.index(count - reached - 1))),
                    reached: place(reached),
                    path,
                    steps,
                    order,
                    within,
                    during,
                })
            },
        )
}

fn cohort_unit() -> impl Strategy<Value = CohortUnit> {
    select(vec![
        CohortUnit::Hour,
        CohortUnit::Day,
        CohortUnit::Week,
        CohortUnit::Month,
    ])
}

fn cohort() -> impl Strategy<Value = Criterion> {
    (
        (vec(behaviour(), 1..3), any::<bool>(), behaviour()),
        cohort_unit(),
        range(),
        (of(instant()), where_filter()),
        of(0_u32..20),
        select(vec![
            CohortMatch::On,
            CohortMatch::OnOrAfter,
            CohortMatch::OnOrBefore,
        ]),
        select(vec![
            CohortOutcome::Started,
            CohortOutcome::Returned,
            CohortOutcome::NotReturned,
        ]),
    )
        .prop_map(
            |(
                (start, first_time, returning),
                unit,
                started,
                (generation, generation_where),
                period,
                matching,
                outcome,
            )| {
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
}

fn leaf() -> impl Strategy<Value = Criterion> {
    prop_oneof![
        (
            event(),
            where_filter(),
            dids(),
            measure(),
            compare(),
            range()
        )
            .prop_map(|(event, filter, did, measure, compare, during)| {
                Criterion::Event(EventCriterion {
                    event,
                    filter,
                    did,
                    measure,
                    compare,
                    during,
                })
            }),
        (event(), where_filter(), range()).prop_map(|(event, filter, during)| {
            Criterion::FirstEvent(FirstEventCriterion {
                event,
                filter,
                during,
            })
        }),
        filter(false).prop_map(|filter| Criterion::User { filter }),
        sequence(),
        cohort(),
        (segment_id(), of(instant()))
            .prop_map(|(id, as_of)| Criterion::Segment(SegmentCriterion { id, as_of })),
        vec(word(&["u1", "u2", "u3"]), 0..4).prop_map(|ids| Criterion::Users(UsersCriterion {
            ids: Some(ids),
            list: None
        })),
        word(&["l1", "l2"]).prop_map(|list| Criterion::Users(UsersCriterion {
            ids: None,
            list: Some(list)
        })),
    ]
}

pub fn criterion() -> impl Strategy<Value = Criterion> {
    leaf().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|of| Criterion::All { of }),
            vec(inner.clone(), 0..4).prop_map(|of| Criterion::Any { of }),
            inner.prop_map(|of| Criterion::Not { of: Box::new(of) }),
        ]
    })
}

// ---- queries

type Asked = (
    Range,
    Option<Criterion>,
    Option<u32>,
    Option<Instant>,
    Option<String>,
);

/// What every query has.
fn asked() -> impl Strategy<Value = Asked> {
    (
        range(),
        of(criterion()),
        of(1_u32..1_001),
        of(instant()),
        of(word(&["UTC", "Europe/Berlin"])),
    )
}

fn interval() -> impl Strategy<Value = Interval> {
    select(Interval::ALL.to_vec())
}

fn property_group() -> impl Strategy<Value = PropertyGroup> {
    (select(vec![Scope::Event, Scope::User]), property())
        .prop_map(|(scope, name)| PropertyGroup { scope, name })
}

fn segment_group() -> impl Strategy<Value = SegmentGroup> {
    segment_id().prop_map(|segment| SegmentGroup { segment })
}

fn query_measure() -> impl Strategy<Value = QueryMeasure> {
    (
        (event(), where_filter(), dids()),
        select(Figure::ALL.to_vec()),
        property(),
        any::<bool>(),
    )
        .prop_map(
            |((event, filter, did), of, property, per_user)| QueryMeasure {
                event,
                filter,
                did,
                aggregate: QueryAggregate {
                    of,
                    property: of.aggregate().map(|_| property),
                    per_user: per_user && of != Figure::Users,
                },
            },
        )
}

fn segmentation_query() -> impl Strategy<Value = Query> {
    let by = prop_oneof![
        3 => property_group().prop_map(GroupBy::Property),
        1 => segment_group().prop_map(GroupBy::Segment),
    ];
    let formula = word(&["A", "A / A * 100", "-(A + 1)"]).prop_map(|expression| Formula {
        name: "F".to_owned(),
        expression,
    });
    (
        vec(query_measure(), 1..4),
        vec(formula, 0..2),
        vec(by, 0..4),
        interval(),
        any::<bool>(),
        asked(),
    )
        .prop_map(|(measures, formulas, group_by, interval, compare, asked)| {
            let (during, audience, max_groups, as_of, time_zone) = asked;
            Query::Segmentation(SegmentationQuery {
                measures,
                formulas,
                audience,
                group_by,
                interval,
                compare: (compare && during != Range::AllTime {})
                    .then_some(Comparison::PreviousRange),
                during,
                max_groups,
                as_of,
                time_zone,
            })
        })
}

fn funnel_query() -> impl Strategy<Value = Query> {
    let by = prop_oneof![
        3 => (property_group(), of(any::<Index>())).prop_map(|by| (Some(by), None)),
        1 => segment_group().prop_map(|by| (None, Some(by))),
    ];
    (steps(), within(), of(by), of(interval()), asked()).prop_map(
        |((mut steps, order, exclude), within, by, interval, asked)| {
            let (during, audience, max_groups, as_of, time_zone) = asked;
            if let Some(last) = steps.last_mut() {
                last.optional = false;
            }
            let count = steps.len();
            let group_by = by.and_then(|(property, segment)| {
                let property = property.map(|(by, step): (PropertyGroup, Option<Index>)| {
                    FunnelGroupBy::Property(FunnelPropertyGroup {
                        scope: by.scope,
                        name: by.name,
                        step: step.map(|step| place(step.index(count))),
                    })
                });
                property.or(segment.map(FunnelGroupBy::Segment))
            });
            Query::Funnel(FunnelQuery {
                steps,
                order,
                within,
                exclude,
                during,
                audience,
                group_by,
                interval,
                max_groups,
                as_of,
                time_zone,
            })
        },
    )
}

fn cohort_query() -> impl Strategy<Value = Query> {
    let generation = prop_oneof![
        Just(GenerationBy::Time),
        property_group().prop_map(|by| GenerationBy::Property {
            scope: by.scope,
            name: by.name
        }),
        segment_id().prop_map(|id| GenerationBy::Segment { id }),
    ];
    (
        (vec(behaviour(), 1..3), any::<bool>(), behaviour()),
        of(property()),
        generation,
        cohort_unit(),
        0_u32..20,
        select(vec![
            (QueryMatch::On, false),
            (QueryMatch::On, true),
            (QueryMatch::OnOrAfter, false),
        ]),
        asked(),
    )
        .prop_map(
            |((start, first_time, returning), sum, generation, unit, periods, matching, asked)| {
                let (during, audience, max_groups, as_of, time_zone) = asked;
                let (matching, cumulative) = matching;
                Query::Cohort(CohortQuery {
                    start,
                    first_time,
                    returning,
                    measure: sum.map_or(CohortMeasure::Users, |property| CohortMeasure::Sum {
                        property,
                    }),
                    generation,
                    unit,
                    periods,
                    matching,
                    cumulative,
                    during,
                    audience,
                    max_groups,
                    as_of,
                    time_zone,
                })
            },
        )
}

/// A valid query of any tool.
pub fn query() -> impl Strategy<Value = Query> {
    prop_oneof![segmentation_query(), funnel_query(), cohort_query()]
}

/// JSON of any form, made of the words of the contract so that it comes near to something valid.
pub fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;

    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (0_u32..4).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        select(
            &[
                "all", "any", "not", "event", "user", "property", "last", "day", "is", "at_least",
                "é", "~/"
            ][..]
        )
        .prop_map(Json::from),
        instant().prop_map(|instant| Json::from(instant.to_string())),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = select(
            &[
                "type", "of", "event", "where", "during", "compare", "op", "value", "values",
                "name", "scope", "count", "unit", "x/y~",
            ][..],
        );
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            vec((key.prop_map(str::to_owned), inner), 0..5)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}
