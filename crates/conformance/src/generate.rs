//! Random worlds and random definitions about them: small, so that everything meets everything.

pub mod dense;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use segments_model::criterion::{
    EventCriterion, FirstEventCriterion, SegmentCriterion, UsersCriterion,
};
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::measure::Aggregate;
use segments_model::range::{Ago, CalendarUnit};
use segments_model::{Compare, Criterion, Filter, Instant, Measure, Range, Value};

use crate::world::{Event, Plain, Properties, StoredSegment, World};

const HOUR: i64 = 3_600_000;

const USERS: [&str; 9] = [
    "ada",
    "ben",
    "cleo",
    "日本",
    "e\u{301}mile",
    "zoë",
    "007",
    "x y",
    "\u{1F9ED}",
];
const NAMES: [&str; 4] = ["Order Completed", "Product Viewed", "naïve", "x"];
const TEXTS: [&str; 7] = ["red", "Red", "dark red", "", "ÉTÉ", "été", "a.b"];
const NUMBERS: [f64; 10] = [
    0.0,
    -0.0,
    1.0,
    -2.5,
    0.1,
    0.2,
    19.99,
    100_000_000_000_000.25,
    0.000_001,
    3.0,
];

/// Zones and an instant in each close to a change of its clock, a leap day or a new year.
const PLACES: [(Tz, i64); 9] = [
    (Tz::UTC, 1_709_164_800_000),                  // 2024-02-29
    (Tz::America__New_York, 1_710_054_000_000),    // 2024-03-10: forward
    (Tz::America__New_York, 1_730_613_600_000),    // 2024-11-03: back
    (Tz::Europe__London, 1_711_846_800_000),       // 2024-03-31: forward
    (Tz::Europe__London, 1_729_990_800_000),       // 2024-10-27: back
    (Tz::Australia__Lord_Howe, 1_712_415_600_000), // 2024-04-07: half an hour back
    (Tz::Australia__Lord_Howe, 1_728_142_200_000), // 2024-10-06: half an hour forward
    (Tz::Asia__Kathmandu, 1_704_046_500_000),      // new year at +05:45
    (Tz::America__Sao_Paulo, 1_541_300_400_000),   // 2018-11-04: no midnight
];

/// A question: the world, the definition, as-of and the zone.
#[derive(Clone, Debug)]
pub struct RandomCase {
    pub world: World,
    pub definition: Criterion,
    pub as_of: i64,
    pub zone: Tz,
}

/// Random cases.
pub fn case() -> impl Strategy<Value = RandomCase> {
    (select(&PLACES[..]), select(&PLACES[..])).prop_flat_map(|((zone, centre), (other, _))| {
        (
            world(centre, other),
            criterion(centre),
            offset().prop_map(move |offset| centre + offset),
        )
            .prop_map(move |(world, definition, as_of)| RandomCase {
                world,
                definition,
                as_of,
                zone,
            })
    })
}

/// Milliseconds around a centre: close by, some days off, or far.
fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => (-50_i64..50).prop_map(|half_hours| half_hours * HOUR / 2),
        2 => ((-50_i64..50), (-1_i64..=1)).prop_map(|(hours, millis)| hours * HOUR + millis),
        2 => (-40_i64..10).prop_map(|days| days * 24 * HOUR),
        1 => (-400_i64..30).prop_map(|days| days * 24 * HOUR + 12_345),
    ]
}

fn world(centre: i64, other: Tz) -> impl Strategy<Value = World> {
    (
        vec(event(centre), 0..60),
        proptest::collection::btree_map(
            select(&USERS[..]),
            user_properties(centre),
            0..USERS.len(),
        ),
        leaf(centre, false),
        proptest::collection::btree_set(select(&USERS[..]), 0..5),
        proptest::collection::btree_set(select(&USERS[..]), 0..5),
    )
        .prop_map(move |(events, users, definition, members, listed)| World {
            lists: BTreeMap::from([(
                "list".to_owned(),
                listed.into_iter().map(str::to_owned).collect(),
            )]),
            events,
            users: users
                .into_iter()
                .map(|(user, properties)| (user.to_owned(), properties))
                .collect(),
            segments: BTreeMap::from([
                (
                    "dynamic".to_owned(),
                    StoredSegment::Dynamic {
                        definition,
                        zone: other,
                    },
                ),
                (
                    "static".to_owned(),
                    StoredSegment::Static(members.into_iter().map(str::to_owned).collect()),
                ),
            ]),
        })
}

fn event(centre: i64) -> impl Strategy<Value = Event> {
    (
        select(&USERS[..8]),
        select(&NAMES[..]),
        offset(),
        option::weighted(0.7, select(&NUMBERS[..])),
        option::weighted(0.7, select(&TEXTS[..])),
        option::weighted(0.6, any::<bool>()),
        option::weighted(0.6, offset()),
    )
        .prop_map(move |(user, name, time, price, colour, gift, due)| Event {
            user: user.to_owned(),
            name: name.to_owned(),
            time: centre + time,
            properties: properties(
                ("price", price),
                ("colour", colour),
                ("gift", gift),
                ("due", due.map(|due| centre + due)),
            ),
        })
}

fn user_properties(centre: i64) -> impl Strategy<Value = Properties> {
    (
        option::weighted(0.7, select(&NUMBERS[..])),
        option::weighted(0.7, select(&TEXTS[..])),
        option::weighted(0.6, any::<bool>()),
        option::weighted(0.6, offset()),
    )
        .prop_map(move |(age, plan, vip, born)| {
            properties(
                ("age", age),
                ("plan", plan),
                ("vip", vip),
                ("born", born.map(|born| centre + born)),
            )
        })
}

fn properties(
    number: (&str, Option<f64>),
    text: (&str, Option<&str>),
    boolean: (&str, Option<bool>),
    datetime: (&str, Option<i64>),
) -> Properties {
    [
        (number.0, number.1.map(Plain::Number)),
        (text.0, text.1.map(|text| Plain::Text(text.to_owned()))),
        (boolean.0, boolean.1.map(Plain::Boolean)),
        (datetime.0, datetime.1.map(Plain::Datetime)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// A random definition.
pub fn criterion(centre: i64) -> impl Strategy<Value = Criterion> {
    leaf(centre, true).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|of| Criterion::All { of }),
            vec(inner.clone(), 0..4).prop_map(|of| Criterion::Any { of }),
            inner.prop_map(|of| Criterion::Not { of: Box::new(of) }),
        ]
    })
}

/// A criterion that is no group; of a stored segment one that refers to no segment.
fn leaf(centre: i64, segments: bool) -> BoxedStrategy<Criterion> {
    let alone = prop_oneof![
        6 => event_criterion(centre, segments).prop_map(Criterion::Event),
        2 => (name(), option::weighted(0.4, filter(centre, true, segments)), range(centre)).prop_map(
            |(event, filter, during)| Criterion::FirstEvent(FirstEventCriterion {
                event,
                filter,
                during
            })
        ),
        3 => filter(centre, false, segments).prop_map(|filter| Criterion::User { filter }),
        1 => vec(select(&USERS[..]), 0..4).prop_map(|ids| Criterion::Users(UsersCriterion {
            ids: Some(ids.into_iter().map(str::to_owned).chain(["nobody".to_owned()]).collect()),
            list: None,
        })),
        1 => Just(Criterion::Users(UsersCriterion {
            ids: None,
            list: Some("list".to_owned()),
        })),
    ];
    if !segments {
        return alone.boxed();
    }
    prop_oneof![
        10 => alone,
        2 => (select(vec!["dynamic", "static"]), option::weighted(0.3, offset())).prop_map(
            move |(id, as_of)| Criterion::Segment(SegmentCriterion {
                id: id.to_owned(),
                as_of: as_of.and_then(|as_of| Instant::from_millis(centre + as_of)),
            })
        ),
    ]
    .boxed()
}

fn name() -> impl Strategy<Value = Option<String>> {
    option::weighted(
        0.8,
        prop_oneof![
            20 => select(&NAMES[..]).prop_map(str::to_owned),
            1 => Just("unheard of".to_owned()),
        ],
    )
}

fn event_criterion(centre: i64, segments: bool) -> impl Strategy<Value = EventCriterion> {
    (
        name(),
        option::weighted(0.4, filter(centre, true, segments)),
        measure(),
        compare(),
        range(centre),
    )
        .prop_map(|(event, filter, measure, compare, during)| EventCriterion {
            event,
            filter,
            did: Vec::new(),
            measure,
            compare,
            during,
        })
}

fn measure() -> impl Strategy<Value = Measure> {
    prop_oneof![
        3 => Just(Measure::Count),
        1 => Just(Measure::DistinctDays),
        4 => select(&Aggregate::ALL[..]).prop_map(|aggregate| Measure::Of {
            aggregate,
            property: "price".to_owned(),
        }),
        1 => select(vec!["colour", "gift", "due", "unheard of"]).prop_map(|property| Measure::Of {
            aggregate: Aggregate::Distinct,
            property: property.to_owned(),
        }),
    ]
}

fn compare() -> impl Strategy<Value = Compare> {
    let threshold = || {
        prop_oneof![
            3 => (0_i32..5).prop_map(f64::from),
            1 => select(&NUMBERS[..]),
            1 => select(vec![20.09, 39.98, 0.3, -2.4]),
        ]
    };
    prop_oneof![
        threshold().prop_map(Compare::AtLeast),
        threshold().prop_map(Compare::AtMost),
        threshold().prop_map(Compare::Exactly),
        threshold().prop_map(Compare::MoreThan),
        threshold().prop_map(Compare::LessThan),
        (threshold(), threshold())
            .prop_map(|(one, other)| Compare::Between(one.min(other), one.max(other))),
    ]
}

fn unit() -> impl Strategy<Value = CalendarUnit> {
    select(&CalendarUnit::ALL[..])
}

fn date(centre: i64) -> impl Strategy<Value = NaiveDate> {
    offset().prop_map(move |offset| {
        chrono::DateTime::from_timestamp_millis(centre + offset)
            .unwrap()
            .date_naive()
    })
}

/// A random range about as far from the centre as the events are.
pub fn range(centre: i64) -> BoxedStrategy<Range> {
    prop_oneof![
        2 => Just(Range::AllTime {}),
        4 => (1_u32..40, unit(), any::<bool>()).prop_map(|(count, unit, complete)| Range::Last {
            count,
            unit,
            complete,
        }),
        2 => unit().prop_map(|unit| Range::This { unit }),
        2 => (date(centre), date(centre)).prop_map(|(one, other)| Range::Between {
            from: one.min(other),
            to: one.max(other),
        }),
        1 => date(centre).prop_map(|from| Range::Since { from }),
        2 => (unit(), 0_u32..30, 0_u32..30).prop_map(|(unit, one, other)| Range::Ago {
            from: Ago { count: one.max(other), unit },
            to: Ago { count: one.min(other), unit },
        }),
        2 => (offset(), offset()).prop_map(move |(one, other)| Range::Instants {
            start: Instant::from_millis_saturating(centre + one.min(other)),
            end: Instant::from_millis_saturating(centre + one.max(other)),
        }),
    ]
    .boxed()
}

/// A random filter: of occurrences, or of users alone. A stored segment's own filters refer to no segment: no loops.
fn filter(centre: i64, events: bool, segments: bool) -> BoxedStrategy<Filter> {
    let property = if events {
        prop_oneof![
            4 => property_filter(centre, Scope::Event, ["colour", "price", "gift", "due"]),
            1 => property_filter(centre, Scope::User, ["plan", "age", "vip", "born"]),
        ]
        .boxed()
    } else {
        property_filter(centre, Scope::User, ["plan", "age", "vip", "born"]).boxed()
    };
    let leaf = if segments {
        prop_oneof![
            12 => property.prop_map(Filter::Property),
            1 => select(vec!["dynamic", "static"])
                .prop_map(|id| Filter::Segment { id: id.to_owned() }),
        ]
        .boxed()
    } else {
        property.prop_map(Filter::Property).boxed()
    };
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|of| Filter::All { of }),
            vec(inner.clone(), 0..3).prop_map(|of| Filter::Any { of }),
            inner.prop_map(|of| Filter::Not { of: Box::new(of) }),
        ]
    })
    .boxed()
}

fn property_filter(
    centre: i64,
    scope: Scope,
    [text, number, boolean, datetime]: [&'static str; 4],
) -> impl Strategy<Value = PropertyFilter> {
    use Operator as Op;
    let filter = move |name: &str, op, values, during, ignore_case| PropertyFilter {
        scope,
        name: name.to_owned(),
        op,
        values,
        during,
        ignore_case,
    };
    let texts = vec(select(&TEXTS[..]), 1..3)
        .prop_map(|texts| texts.into_iter().map(Value::from).collect::<Vec<_>>());
    let numbers = vec(select(&NUMBERS[..]), 1..3)
        .prop_map(|numbers| numbers.into_iter().map(Value::from).collect::<Vec<_>>());
    prop_oneof![
        4 => (
            select(vec![
                Op::Is,
                Op::IsNot,
                Op::Contains,
                Op::DoesNotContain,
                Op::StartsWith,
                Op::EndsWith,
            ]),
            texts,
            any::<bool>(),
        )
            .prop_map(move |(op, values, ignore_case)| filter(text, op, values, None, ignore_case)),
        1 => (select(vec!["^r.d$", "é|É", "a\\.b", "^$", "[Rr]ed"]), any::<bool>()).prop_map(
            move |(pattern, ignore_case)| {
                filter(text, Op::Matches, vec![pattern.into()], None, ignore_case)
            }
        ),
        4 => (
            select(vec![
                Op::Is,
                Op::IsNot,
                Op::GreaterThan,
                Op::AtLeast,
                Op::LessThan,
                Op::AtMost,
            ]),
            numbers,
        )
            .prop_map(move |(op, values)| filter(number, op, values, None, false)),
        1 => (select(&NUMBERS[..]), select(&NUMBERS[..])).prop_map(move |(one, other)| {
            let between = vec![one.min(other).into(), one.max(other).into()];
            filter(number, Op::Between, between, None, false)
        }),
        2 => any::<bool>()
            .prop_map(move |wanted| filter(boolean, Op::Is, vec![wanted.into()], None, false)),
        2 => (
            select(vec![Op::Before, Op::After]),
            vec(instant(centre).prop_map(|(text, _)| Value::String(text)), 1..3),
        )
            .prop_map(move |(op, values)| filter(datetime, op, values, None, false)),
        1 => (instant(centre), instant(centre)).prop_map(move |(one, other)| {
            let (first, last) = if one.1 <= other.1 { (one, other) } else { (other, one) };
            let between = vec![Value::String(first.0), Value::String(last.0)];
            filter(datetime, Op::Between, between, None, false)
        }),
        2 => (select(vec![Op::InLast, Op::NotInLast]), range(centre))
            .prop_map(move |(op, range)| filter(datetime, op, Vec::new(), Some(range), false)),
        2 => (
            select(vec![Op::IsSet, Op::IsNotSet]),
            select(vec![text, number, boolean, datetime, "unheard of"]),
        )
            .prop_map(move |(op, name)| filter(name, op, Vec::new(), None, false)),
        1 => select(vec![Op::Is, Op::IsNot])
            .prop_map(move |op| filter("unheard of", op, vec!["red".into()], None, false)),
    ]
}

/// An instant or a local day as text, with what it sorts by.
fn instant(centre: i64) -> impl Strategy<Value = (String, i64)> {
    (offset(), any::<bool>()).prop_map(move |(offset, day)| {
        let instant = Instant::from_millis_saturating(centre + offset);
        let date = instant.to_utc().date_naive();
        let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc();
        if day {
            (date.to_string(), midnight.timestamp_millis())
        } else {
            (instant.to_string(), instant.millis())
        }
    })
}
