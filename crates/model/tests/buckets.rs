//! Ranges cut into buckets, and the range before a range.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use proptest::sample::select;
use segments_model::buckets::MAX_BUCKETS;
use segments_model::calendar::Zone;
use segments_model::range::{Ago, Bounds, CalendarUnit};
use segments_model::{Instant, Range};
use serde_json::{Value as Json, json};

const ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Tehran",
];

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The buckets of a range as `start end`, with a `~` after those that are not complete.
fn cut(name: &str, unit: &str, range: Json, as_of: &str) -> Vec<String> {
    let unit: Option<CalendarUnit> = serde_json::from_value(unit.into()).ok();
    let range: Range = serde_json::from_value(range).unwrap();
    let zone = zone(name);
    let short = |instant: Instant| instant.to_string().replace(":00.000Z", "");
    let first = Some(at("2026-05-20T10:00:00Z"));
    zone.buckets(unit, zone.bounds(&range, at(as_of)), at(as_of), first)
        .unwrap()
        .into_iter()
        .map(|bucket| {
            let start = bucket.start.map_or_else(|| "-".to_owned(), short);
            let open = if bucket.complete { "" } else { " ~" };
            format!("{start} {}{open}", short(bucket.end))
        })
        .collect()
}

#[test]
fn units_are_cut_to_the_range() {
    let noon = "2026-06-03T12:00:00Z";
    let between = |from: &str, to: &str| json!({"type": "between", "from": from, "to": to});
    let last = |count: u32, unit: &str| json!({"type": "last", "count": count, "unit": unit});
    let cases = [
        (
            "day",
            last(2, "day"),
            vec![
                "2026-06-02T00:00 2026-06-03T00:00",
                "2026-06-03T00:00 2026-06-03T12:00 ~",
            ],
        ),
        (
            "week",
            between("2026-05-06", "2026-05-19"),
            vec![
                "2026-05-06T00:00 2026-05-11T00:00 ~",
                "2026-05-11T00:00 2026-05-18T00:00",
                "2026-05-18T00:00 2026-05-20T00:00 ~",
            ],
        ),
        (
            "month",
            between("2026-04-01", "2026-05-31"),
            vec![
                "2026-04-01T00:00 2026-05-01T00:00",
                "2026-05-01T00:00 2026-06-01T00:00",
            ],
        ),
        (
            "quarter",
            json!({"type": "since", "from": "2026-01-01"}),
            vec![
                "2026-01-01T00:00 2026-04-01T00:00",
                "2026-04-01T00:00 2026-06-03T12:00 ~",
            ],
        ),
        (
            "full",
            between("2026-05-06", "2026-05-19"),
            vec!["2026-05-06T00:00 2026-05-20T00:00"],
        ),
        (
            "full",
            last(2, "day"),
            vec!["2026-06-02T00:00 2026-06-03T12:00 ~"],
        ),
        (
            "full",
            json!({"type": "all_time"}),
            vec!["- 2026-06-03T12:00 ~"],
        ),
        // Without a start the first event's unit is the first, as a whole.
        (
            "month",
            json!({"type": "all_time"}),
            vec![
                "2026-05-01T00:00 2026-06-01T00:00",
                "2026-06-01T00:00 2026-06-03T12:00 ~",
            ],
        ),
        ("day", between("2026-06-02", "2026-06-01"), vec![]),
        ("day", between("2026-07-01", "2026-07-02"), vec![]),
        (
            "full",
            between("2026-06-02", "2026-06-01"),
            vec!["2026-06-02T00:00 2026-06-02T00:00"],
        ),
        // Leap days.
        (
            "day",
            between("2024-02-28", "2024-03-01"),
            vec![
                "2024-02-28T00:00 2024-02-29T00:00",
                "2024-02-29T00:00 2024-03-01T00:00",
                "2024-03-01T00:00 2024-03-02T00:00",
            ],
        ),
        (
            "hour",
            json!({"type": "instants", "start": "2026-06-03T09:59:00Z", "end": "2026-06-03T11:00:00Z"}),
            vec![
                "2026-06-03T09:59 2026-06-03T10:00 ~",
                "2026-06-03T10:00 2026-06-03T11:00",
            ],
        ),
    ];
    for (unit, range, expected) in cases {
        assert_eq!(
            cut("UTC", unit, range.clone(), noon),
            expected,
            "{unit} {range}"
        );
    }
    // A unit that ends at as-of is over.
    assert_eq!(
        cut("UTC", "day", last(1, "day"), "2026-06-03T23:59:59.999Z"),
        ["2026-06-03T00:00 2026-06-03T23:59:59.999Z ~"]
    );
    let two = json!({"type": "between", "from": "2026-06-02", "to": "2026-06-09"});
    assert_eq!(
        cut("UTC", "day", two, "2026-06-03T00:00:00Z"),
        ["2026-06-02T00:00 2026-06-03T00:00"]
    );
}

#[test]
fn clocks_that_change_make_short_and_long_units() {
    let between = |from: &str, to: &str| json!({"type": "between", "from": from, "to": to});
    // Put forward on 29 March, put back on 25 October 2026.
    let later = "2027-01-01T00:00:00Z";
    assert_eq!(
        cut(
            "Europe/Berlin",
            "day",
            between("2026-03-28", "2026-03-30"),
            later
        ),
        [
            "2026-03-27T23:00 2026-03-28T23:00",
            "2026-03-28T23:00 2026-03-29T22:00",
            "2026-03-29T22:00 2026-03-30T22:00",
        ]
    );
    let day = between("2026-10-25", "2026-10-25");
    assert_eq!(
        cut("Europe/Berlin", "day", day.clone(), later),
        ["2026-10-24T22:00 2026-10-25T23:00"]
    );
    // The hour from two to three comes twice.
    let hours = cut("Europe/Berlin", "hour", day, later);
    assert_eq!(hours.len(), 25);
    assert_eq!(
        hours[2..4],
        [
            "2026-10-25T00:00 2026-10-25T01:00",
            "2026-10-25T01:00 2026-10-25T02:00"
        ]
    );
    assert_eq!(
        cut(
            "Europe/Berlin",
            "hour",
            between("2026-03-29", "2026-03-29"),
            later
        )
        .len(),
        23
    );
    // Samoa had no 30 December 2011.
    assert_eq!(
        cut(
            "Pacific/Apia",
            "day",
            between("2011-12-29", "2011-12-31"),
            later
        ),
        [
            "2011-12-29T10:00 2011-12-30T10:00",
            "2011-12-30T10:00 2011-12-31T10:00",
        ]
    );
}

#[test]
fn there_may_be_so_many_buckets() {
    let utc = Zone::utc();
    let as_of = at("2026-06-03T12:00:00Z");
    let hours = |count: i64| {
        let start = as_of.saturating_add_millis(-count * 3_600_000);
        let bounds = Bounds { start, end: as_of };
        utc.buckets(Some(CalendarUnit::Hour), bounds, as_of, None)
            .map(|buckets| buckets.len())
    };
    assert_eq!(hours(10_000), Some(MAX_BUCKETS));
    assert_eq!(hours(10_001), None);
    let all = utc.bounds(&Range::AllTime {}, as_of);
    let days = |first: Option<Instant>| utc.buckets(Some(CalendarUnit::Day), all, as_of, first);
    assert_eq!(days(Some(Instant::MIN)), None);
    assert_eq!(days(None).unwrap(), []);
    assert_eq!(days(Some(as_of)).unwrap(), []);
    let years = utc.buckets(Some(CalendarUnit::Year), all, as_of, Some(Instant::MIN));
    assert_eq!(years.unwrap().len(), 2_026);
}

#[test]
fn the_range_before_a_range_is_as_long() {
    let cases = [
        (
            "UTC",
            json!({"type": "last", "count": 7, "unit": "day"}),
            "2026-05-21T00:00:00Z 2026-05-28T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "last", "count": 7, "unit": "day", "complete": true}),
            "2026-05-20T00:00:00Z 2026-05-27T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "last", "count": 2, "unit": "hour"}),
            "2026-06-03T09:00:00Z 2026-06-03T11:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "last", "count": 3, "unit": "month"}),
            "2026-01-01T00:00:00Z 2026-04-01T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "this", "unit": "quarter"}),
            "2026-01-01T00:00:00Z 2026-04-01T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "this", "unit": "year"}),
            "2025-01-01T00:00:00Z 2026-01-01T00:00:00Z",
        ),
        // Days, also where as-of cuts the last one or takes some away.
        (
            "UTC",
            json!({"type": "between", "from": "2026-05-01", "to": "2026-05-10"}),
            "2026-04-21T00:00:00Z 2026-05-01T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "between", "from": "2026-06-02", "to": "2026-06-30"}),
            "2026-05-31T00:00:00Z 2026-06-02T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "since", "from": "2026-06-01"}),
            "2026-05-29T00:00:00Z 2026-06-01T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "ago", "from": {"count": 2, "unit": "month"}, "to": {"count": 1, "unit": "week"}}),
            // From 1 April to 31 May: 61 days.
            "2026-01-30T00:00:00Z 2026-04-01T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "ago", "from": {"count": 5, "unit": "hour"}, "to": {"count": 3, "unit": "hour"}}),
            "2026-06-03T04:00:00Z 2026-06-03T07:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "instants", "start": "2026-05-01T00:00:00Z", "end": "2026-05-03T00:00:00Z"}),
            "2026-04-29T00:00:00Z 2026-05-01T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "instants", "start": "2026-06-02T00:00:00Z", "end": "2026-07-01T00:00:00Z"}),
            "2026-05-31T00:00:00Z 2026-06-02T00:00:00Z",
        ),
        (
            "UTC",
            json!({"type": "instants", "start": "2026-05-01T00:00:00Z", "end": "2026-05-01T00:00:00.007Z"}),
            "2026-04-30T23:59:59.993Z 2026-05-01T00:00:00Z",
        ),
        // A day before the clock was put forward is as good as the one after it.
        (
            "Europe/Berlin",
            json!({"type": "between", "from": "2026-03-30", "to": "2026-03-31"}),
            "2026-03-27T23:00:00Z 2026-03-29T22:00:00Z",
        ),
        (
            "Europe/Berlin",
            json!({"type": "instants", "start": "2026-03-29T22:00:00Z", "end": "2026-03-30T22:00:00Z"}),
            "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z",
        ),
        // The 29th has no counterpart in a year without one, so days are counted.
        (
            "UTC",
            json!({"type": "between", "from": "2024-03-01", "to": "2024-03-31"}),
            "2024-01-30T00:00:00Z 2024-03-01T00:00:00Z",
        ),
        // Nothing is as long as nothing.
        (
            "UTC",
            json!({"type": "between", "from": "2026-05-03", "to": "2026-05-01"}),
            "2026-05-03T00:00:00Z 2026-05-03T00:00:00Z",
        ),
    ];
    let as_of = at("2026-06-03T12:30:00Z");
    for (name, range, expected) in cases {
        let read: Range = serde_json::from_value(range.clone()).unwrap();
        let previous = zone(name).previous(&read, as_of).unwrap();
        let (start, end) = expected.split_once(' ').unwrap();
        assert_eq!(
            (previous.start, previous.end),
            (at(start), at(end)),
            "{range}"
        );
    }
    for range in [
        Range::AllTime {},
        Range::Last {
            count: 1_000_000,
            unit: CalendarUnit::Year,
            complete: false,
        },
        Range::Instants {
            start: Instant::MIN,
            end: as_of,
        },
    ] {
        assert_eq!(Zone::utc().previous(&range, as_of), None);
    }
}

fn instants() -> impl Strategy<Value = Instant> {
    // Mostly of times whose clocks change, at odd milliseconds or near a day of them.
    prop_oneof![
        3 => (0_i64..2_000_000_000_000).prop_map(Instant::from_millis_saturating),
        1 => (0_i64..23_000, -3_i64..4).prop_map(|(day, hour)| {
            Instant::from_millis_saturating(day * 86_400_000 + hour * 3_600_000)
        }),
        1 => (1_325_100_000_000_i64..1_325_400_000_000).prop_map(Instant::from_millis_saturating),
    ]
}

fn any_unit() -> impl Strategy<Value = CalendarUnit> {
    select(CalendarUnit::ALL.to_vec())
}

fn day(instant: Instant) -> chrono::NaiveDate {
    instant.to_utc().date_naive()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn buckets_lie_side_by_side(
        name in select(ZONES.to_vec()), unit in any_unit(), one in instants(), length in 0_i64..40_000, later in 0_i64..86_400_000
    ) {
        let zone = zone(name);
        // Up to about 40 units, in thousandths of one.
        let thousandth = [3_600, 86_400, 604_800, 2_629_800, 7_889_400, 31_557_600][unit as usize];
        let bounds = Bounds { start: one, end: one.saturating_add_millis(length * thousandth) };
        let as_of = bounds.end.saturating_add_millis(later);
        let buckets = zone.buckets(Some(unit), bounds, as_of, None).unwrap();
        prop_assert_eq!(buckets.is_empty(), bounds.is_empty());
        let mut next = bounds.start;
        for (index, bucket) in buckets.iter().enumerate() {
            let start = bucket.start.unwrap();
            prop_assert_eq!(start, next);
            prop_assert!(start < bucket.end);
            // One unit has the first and the last instant, and another one what lies after it.
            let unit_start = zone.unit_start(unit, start);
            prop_assert_eq!(zone.unit_start(unit, bucket.end.saturating_add_millis(-1)), unit_start);
            prop_assert!(index == 0 || unit_start == start);
            let over = zone.unit_start(unit, bucket.end) == bucket.end;
            prop_assert_eq!(bucket.complete, unit_start == start && over);
            prop_assert!(over || index + 1 == buckets.len());
            next = bucket.end;
        }
        prop_assert_eq!(next, bounds.end);
        let [whole] = zone.buckets(None, bounds, as_of, None).unwrap().try_into().unwrap();
        prop_assert_eq!((whole.start, whole.end, whole.complete), (Some(bounds.start), bounds.end, later > 0));
    }

    #[test]
    fn the_range_before_ends_where_the_range_starts(
        name in select(ZONES.to_vec()), unit in any_unit(), as_of in instants(), count in 1_u32..40, one in instants(), days in 0_u64..90
    ) {
        let zone = zone(name);
        let from = day(one);
        let to = from + chrono::Days::new(days);
        let ranges = [
            Range::Last { count, unit, complete: true },
            Range::Last { count, unit, complete: false },
            Range::This { unit },
            Range::Between { from, to },
            Range::Since { from },
            Range::Ago { from: Ago { count: count + 3, unit }, to: Ago { count, unit } },
            Range::Instants { start: one, end: one.saturating_add_millis(days.cast_signed() * 7_654_321) },
        ];
        for range in ranges {
            let bounds = zone.bounds(&range, as_of);
            let previous = zone.previous(&range, as_of).unwrap();
            prop_assert_eq!(previous.end, bounds.start, "{:?}", range);
            // A range of units can begin at as-of, and the day before one can be the one that Samoa skipped.
            let of_units = matches!(range, Range::Last { .. } | Range::This { .. });
            prop_assert!(
                of_units || name == "Pacific/Apia" || previous.is_empty() == bounds.is_empty(),
                "{:?}", range
            );
            match range {
                Range::Last { count, unit, .. } if unit != CalendarUnit::Hour => {
                    // A calendar's units differ in length, but not in number; Samoa's day that is missing counts.
                    let units = zone.buckets(Some(unit), previous, as_of, None).unwrap().len();
                    prop_assert!(units == count as usize || (name == "Pacific/Apia" && units + 1 == count as usize));
                }
                Range::Instants { start, end } if !bounds.is_empty() && zone.unit_start(CalendarUnit::Day, start) != start => {
                    prop_assert_eq!(previous.end.millis() - previous.start.millis(), end.min(as_of).millis() - start.millis());
                }
                _ => {}
            }
        }
    }
}
