//! Calendars of time zones, judged by chrono-tz: another library with tables of its own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use segments_model::calendar::Zone;
use segments_model::range::{Ago, CalendarUnit};
use segments_model::{Instant, Range};

const ZONES: [&str; 11] = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Tehran",
    "Pacific/Chatham",
];

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What the clock of a zone shows and its offset in seconds, as chrono-tz has it.
fn judged(zone: &str, instant: Instant) -> (NaiveDateTime, i32) {
    let zone: Tz = zone.parse().unwrap();
    let time = zone.timestamp_millis_opt(instant.millis()).unwrap();
    (time.naive_local(), time.offset().fix().local_minus_utc())
}

fn bounds(zone_name: &str, range: &Range, as_of: &str) -> (String, String) {
    let bounds = zone(zone_name).bounds(range, at(as_of));
    (bounds.start.to_string(), bounds.end.to_string())
}

fn last(count: u32, unit: CalendarUnit, complete: bool) -> Range {
    Range::Last {
        count,
        unit,
        complete,
    }
}

fn pair(start: &str, end: &str) -> (String, String) {
    (at(start).to_string(), at(end).to_string())
}

#[test]
fn ranges_are_what_the_rules_say() {
    let as_of = "2026-11-24T15:30:00Z";
    let cases = [
        (
            last(7, CalendarUnit::Day, false),
            pair("2026-11-18T00:00:00Z", as_of),
        ),
        (
            last(7, CalendarUnit::Day, true),
            pair("2026-11-17T00:00:00Z", "2026-11-24T00:00:00Z"),
        ),
        (
            last(1, CalendarUnit::Hour, false),
            pair("2026-11-24T15:00:00Z", as_of),
        ),
        (
            last(2, CalendarUnit::Week, false),
            pair("2026-11-16T00:00:00Z", as_of),
        ),
        (
            last(3, CalendarUnit::Month, true),
            pair("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ),
        (
            last(2, CalendarUnit::Quarter, false),
            pair("2026-07-01T00:00:00Z", as_of),
        ),
        (
            last(1, CalendarUnit::Year, true),
            pair("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ),
        (
            Range::This {
                unit: CalendarUnit::Week,
            },
            pair("2026-11-23T00:00:00Z", as_of),
        ),
        (
            Range::Between {
                from: date("2026-05-01"),
                to: date("2026-05-29"),
            },
            pair("2026-05-01T00:00:00Z", "2026-05-30T00:00:00Z"),
        ),
        (
            Range::Between {
                from: date("2026-11-20"),
                to: date("2026-12-24"),
            },
            pair("2026-11-20T00:00:00Z", as_of),
        ),
        (
            Range::Between {
                from: date("2026-12-01"),
                to: date("2026-12-24"),
            },
            pair(as_of, as_of),
        ),
        (
            Range::Between {
                from: date("2026-05-29"),
                to: date("2026-05-01"),
            },
            pair("2026-05-29T00:00:00Z", "2026-05-29T00:00:00Z"),
        ),
        (
            Range::Since {
                from: date("2026-05-01"),
            },
            pair("2026-05-01T00:00:00Z", as_of),
        ),
        (
            Range::Ago {
                from: Ago {
                    count: 60,
                    unit: CalendarUnit::Day,
                },
                to: Ago {
                    count: 31,
                    unit: CalendarUnit::Day,
                },
            },
            pair("2026-09-25T00:00:00Z", "2026-10-25T00:00:00Z"),
        ),
        (
            Range::Ago {
                from: Ago {
                    count: 1,
                    unit: CalendarUnit::Month,
                },
                to: Ago {
                    count: 0,
                    unit: CalendarUnit::Day,
                },
            },
            pair("2026-10-01T00:00:00Z", as_of),
        ),
        (
            Range::Instants {
                start: at("2026-01-01T00:00:00Z"),
                end: at("2027-01-01T00:00:00Z"),
            },
            pair("2026-01-01T00:00:00Z", as_of),
        ),
        (Range::AllTime {}, pair("0001-01-01T00:00:00Z", as_of)),
    ];
    for (range, expected) in cases {
        assert_eq!(bounds("UTC", &range, as_of), expected, "{range:?}");
    }
}

#[test]
fn days_have_as_many_hours_as_their_zone_gives_them() {
    // New York: 23 hours on 8 March 2026, 25 on 1 November 2026.
    let day = |day: &str| {
        let zone = zone("America/New_York");
        let day = date(day);
        (zone.day_end(day).millis() - zone.day_start(day).millis()) / 3_600_000
    };
    assert_eq!(day("2026-03-08"), 23);
    assert_eq!(day("2026-07-01"), 24);
    assert_eq!(day("2026-11-01"), 25);
    assert_eq!(
        bounds(
            "America/New_York",
            &last(2, CalendarUnit::Day, false),
            "2026-11-02T12:00:00Z"
        ),
        pair("2026-11-01T04:00:00Z", "2026-11-02T12:00:00Z")
    );
}

#[test]
fn a_day_without_midnight_starts_at_its_first_instant() {
    let starts = [
        // The clock went from 00:00 to 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"),
        // The whole of 30 December 2011 was left out.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        // Midnight came twice.
        ("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z"),
    ];
    for (name, day, start) in starts {
        assert_eq!(
            zone(name).day_start(date(day)),
            at(start),
            "{name} on {day}"
        );
    }
    let apia = zone("Pacific/Apia");
    assert_eq!(apia.date(at("2011-12-30T10:00:00Z")), date("2011-12-31"));
    assert_eq!(
        apia.next_unit(CalendarUnit::Day, at("2011-12-30T09:59:59.999Z")),
        at("2011-12-30T10:00:00Z")
    );
}

#[test]
fn a_clock_put_back_over_midnight_does_not_end_the_day_twice() {
    // St. John's, 5 November 2006: at 00:01 the clock went back to 23:01 of the day before.
    let zone = zone("America/St_Johns");
    let first_midnight = at("2006-10-29T02:30:00Z");
    assert_eq!(zone.day_start(date("2006-10-29")), first_midnight);
    let days = zone.days(at("2006-10-28T00:00:00Z"), at("2006-10-31T00:00:00Z"));
    for minutes in 0..120 {
        let instant = first_midnight.saturating_add_millis(minutes * 60_000);
        assert_eq!(
            zone.date(instant),
            date("2006-10-29"),
            "{minutes} minutes on"
        );
        assert_eq!(days.number(instant.millis()), zone.day_number(instant));
    }
}

#[test]
fn hours_start_at_full_hours_and_where_the_clock_jumps() {
    let starts = |name: &str, from: &str, count: usize| -> Vec<String> {
        let zone = zone(name);
        let first = zone.unit_start(CalendarUnit::Hour, at(from));
        std::iter::successors(Some(first), |start| {
            Some(zone.next_unit(CalendarUnit::Hour, *start))
        })
        .take(count)
        .map(|start| {
            let text = start.to_string();
            text.get(8..16).unwrap().replace('T', " ")
        })
        .collect()
    };
    // Put back from 02:00 to 01:30 local.
    assert_eq!(
        starts("Australia/Lord_Howe", "2026-04-04T14:20:00Z", 4),
        ["04 14:00", "04 15:00", "04 15:30", "04 16:30"]
    );
    // Put forward from 02:00 to 02:30 local.
    assert_eq!(
        starts("Australia/Lord_Howe", "2026-10-03T14:40:00Z", 4),
        ["03 14:30", "03 15:30", "03 16:00", "03 17:00"]
    );
    // 01:00 to 02:00 comes twice.
    assert_eq!(
        starts("America/New_York", "2026-11-01T05:59:00Z", 3),
        ["01 05:00", "01 06:00", "01 07:00"]
    );
    assert_eq!(
        starts("Asia/Kathmandu", "2026-11-01T00:00:00Z", 2),
        ["31 23:15", "01 00:15"]
    );
}

/// What a range shows at its bounds, as a page without the database has it.
fn shown(zone: &str, range: &Range, as_of: &str) -> (String, String, bool) {
    let bounds = range.local_bounds(at(as_of), |instant| judged(zone, instant).0);
    let text = |time: NaiveDateTime| time.format("%Y-%m-%d %H:%M").to_string();
    (
        bounds.start.map(text).unwrap_or_default(),
        text(bounds.end),
        bounds.is_open,
    )
}

#[test]
fn a_clock_shows_the_bounds_of_a_range() {
    let new_york = "America/New_York";
    let as_of = "2026-11-23T14:14:07.250Z";
    let to = |text: &str| text.to_owned();
    // Over the end of summer time, from midnight to midnight.
    assert_eq!(
        shown(new_york, &last(30, CalendarUnit::Day, false), as_of),
        (to("2026-10-25 00:00"), to("2026-11-23 09:14"), true)
    );
    assert_eq!(
        shown(new_york, &last(1, CalendarUnit::Month, true), as_of),
        (to("2026-10-01 00:00"), to("2026-11-01 00:00"), false)
    );
    // The hour from 01:00 to 02:00 came twice.
    assert_eq!(
        shown(
            new_york,
            &last(4, CalendarUnit::Hour, false),
            "2026-11-01T07:30:00Z"
        ),
        (to("2026-11-01 00:00"), to("2026-11-01 02:30"), true)
    );
    assert_eq!(
        shown("UTC", &Range::AllTime {}, as_of),
        (String::new(), to("2026-11-23 14:14"), true)
    );
    let days = |from, to| Range::Between {
        from: date(from),
        to: date(to),
    };
    // A leap day, a year's end, and days that are still to come.
    assert_eq!(
        shown("UTC", &days("2024-02-29", "2024-12-31"), as_of),
        (to("2024-02-29 00:00"), to("2025-01-01 00:00"), false)
    );
    assert_eq!(
        shown("UTC", &days("2027-01-01", "2027-01-02"), as_of),
        (to("2026-11-23 14:14"), to("2026-11-23 14:14"), true)
    );
    let bounds = days("2024-02-29", "2024-12-31")
        .local_bounds(at(as_of), |instant| instant.to_utc().naive_utc());
    assert_eq!(bounds.last_day(), date("2024-12-31"));
}

#[test]
fn nothing_overflows() {
    let counts = [0, 1, 2, 1_000, u32::MAX - 1, u32::MAX];
    let instants = [
        Instant::MIN,
        at("0001-01-01T00:00:00.001Z"),
        at("1970-01-01T00:00:00Z"),
        at("2026-11-24T00:00:00Z"),
        at("9999-12-31T00:00:00Z"),
        Instant::MAX,
    ];
    let dates = [
        NaiveDate::MIN,
        date("0001-01-01"),
        date("9999-12-31"),
        NaiveDate::MAX,
    ];
    for name in [
        "UTC",
        "America/New_York",
        "Asia/Kathmandu",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
    ] {
        let zone = zone(name);
        for as_of in instants {
            for unit in CalendarUnit::ALL {
                for count in counts {
                    for complete in [false, true] {
                        let bounds = zone.bounds(&last(count, unit, complete), as_of);
                        assert!(bounds.start <= bounds.end && bounds.end <= as_of);
                    }
                    let ago = Ago { count, unit };
                    let none = Ago { count: 0, unit };
                    for (from, to) in [(ago, none), (none, ago), (ago, ago)] {
                        let bounds = zone.bounds(&Range::Ago { from, to }, as_of);
                        assert!(bounds.start <= bounds.end && bounds.end <= as_of);
                    }
                }
                assert!(zone.unit_start(unit, as_of) <= as_of);
                let next = zone.next_unit(unit, as_of);
                assert!(next > as_of || next == Instant::MAX);
            }
            for from in dates {
                for to in dates {
                    let bounds = zone.bounds(&Range::Between { from, to }, as_of);
                    assert!(bounds.start <= bounds.end && bounds.end <= as_of);
                }
            }
            assert!(!zone.days(as_of, as_of).pieces().is_empty());
        }
        assert_eq!(zone.local(NaiveDateTime::MIN), Instant::MIN);
        assert_eq!(zone.local(NaiveDateTime::MAX), Instant::MAX);
    }
}

#[test]
fn many_hours_back_are_found_by_the_change_not_by_the_hour() {
    let zone = zone("Europe/London");
    let as_of = at("2026-11-24T15:30:00Z");
    let begin = std::time::Instant::now();
    for _ in 0..1_000 {
        let bounds = zone.bounds(&last(87_600, CalendarUnit::Hour, false), as_of);
        assert_eq!(
            as_of.millis() - bounds.start.millis(),
            87_599 * 3_600_000 + 1_800_000
        );
    }
    assert!(begin.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn local_times_that_come_twice_or_never() {
    let zone = zone("America/New_York");
    let local = |text: &str| zone.local(text.parse().expect("a time"));
    assert_eq!(local("2026-11-01T01:30:00"), at("2026-11-01T05:30:00Z"));
    assert_eq!(local("2026-03-08T02:30:00"), at("2026-03-08T07:30:00Z"));
    assert_eq!(
        local("2026-07-01T12:00:00.0019"),
        at("2026-07-01T16:00:00.001Z")
    );
}

#[test]
fn names() {
    assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
    assert_eq!(zone("utc").name(), "UTC");
    assert_eq!(Zone::utc(), zone("UTC"));
    for wrong in [
        "",
        "Mars/Olympus",
        "Etc/Unknown",
        "+02:00",
        "EST5EDT,M3.2.0,M11.1.0",
        "../etc/passwd",
    ] {
        let error = Zone::parse(wrong).unwrap_err();
        assert!(error.to_string().contains("Europe/Berlin"));
    }
    let names = Zone::names();
    assert!(names.len() > 400 && names.iter().all(|name| Zone::parse(name).is_ok()));
}

fn instants() -> impl Strategy<Value = Instant> {
    // 1980 to 2037: where the tables of both libraries are made from the same rules. They differ in the day of 1979 on which
    // Tehran's clock was put forward.
    (
        315_705_600_000_i64..2_114_380_800_000,
        prop::bool::ANY,
        0_usize..ZONES.len(),
    )
        .prop_map(|(millis, near, name)| {
            let instant = Instant::from_millis_saturating(millis);
            if near {
                near_a_change(ZONES.get(name).unwrap(), instant)
            } else {
                instant
            }
        })
}

/// Somewhere within two days of a change of the clock, found by the judge.
fn near_a_change(name: &str, instant: Instant) -> Instant {
    let mut time = instant;
    for _ in 0..40 {
        let next = time.saturating_add_millis(10 * 86_400_000);
        if judged(name, time).1 != judged(name, next).1 {
            let mut width = 10 * 86_400_000;
            while width > 1_000 {
                width /= 2;
                if judged(name, time).1 == judged(name, time.saturating_add_millis(width)).1 {
                    time = time.saturating_add_millis(width);
                }
            }
            return time.saturating_add_millis(instant.millis() % 172_800_000 - 86_400_000);
        }
        time = next;
    }
    instant
}

fn any_unit() -> impl Strategy<Value = CalendarUnit> {
    prop::sample::select(CalendarUnit::ALL.to_vec())
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(ZONES.to_vec())
}

/// Whether the judge's clock was put back over midnight during the day before.
fn midnight_was_undone(name: &str, instant: Instant) -> bool {
    let shown = judged(name, instant).0.date();
    (0..=48).any(|quarters| {
        judged(name, instant.saturating_add_millis(-quarters * 900_000))
            .0
            .date()
            > shown
    }) || (0..=180).any(|minutes| {
        judged(name, instant.saturating_add_millis(-minutes * 60_000))
            .0
            .date()
            > shown
    })
}

fn ranges_of_days() -> impl Strategy<Value = Range> {
    let unit = || any_unit().prop_filter("hours are not days", |unit| *unit != CalendarUnit::Hour);
    let day = || (0_i64..60_000).prop_map(|days| date("1950-01-01") + TimeDelta::days(days));
    let ago = move || (0_u32..400, unit()).prop_map(|(count, unit)| Ago { count, unit });
    prop_oneof![
        Just(Range::AllTime {}),
        (0_u32..400, unit(), any::<bool>())
            .prop_map(|(count, unit, complete)| last(count, unit, complete)),
        unit().prop_map(|unit| Range::This { unit }),
        (day(), day()).prop_map(|(from, to)| Range::Between { from, to }),
        day().prop_map(|from| Range::Since { from }),
        (ago(), ago()).prop_map(|(from, to)| Range::Ago { from, to }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_day_is_the_one_that_the_clock_shows(name in any_zone(), instant in instants()) {
        let zone = zone(name);
        let shown = judged(name, instant).0.date();
        if midnight_was_undone(name, instant) {
            prop_assert!(zone.date(instant) > shown);
        } else {
            prop_assert_eq!(zone.date(instant), shown);
        }
    }

    #[test]
    fn a_day_starts_where_the_clock_first_shows_it(name in any_zone(), instant in instants()) {
        let zone = zone(name);
        let day = zone.date(instant);
        let start = zone.day_start(day);
        prop_assert!(start <= instant && instant < zone.day_end(day));
        prop_assert!(judged(name, start).0.date() >= day);
        prop_assert!(judged(name, start.saturating_add_millis(-1)).0.date() < day);
    }

    #[test]
    fn an_hour_is_one_hour_of_the_clock(name in any_zone(), instant in instants()) {
        let zone = zone(name);
        let start = zone.unit_start(CalendarUnit::Hour, instant);
        let end = zone.next_unit(CalendarUnit::Hour, instant);
        prop_assert!(start <= instant && instant < end);
        let (shown, offset) = judged(name, start);
        let (before, offset_before) = judged(name, start.saturating_add_millis(-1));
        prop_assert!((shown.minute() == 0 && shown.second() == 0) || offset != offset_before);
        prop_assert!(before.hour() != shown.hour() || offset != offset_before);
        let (shown_last, offset_last) = judged(name, end.saturating_add_millis(-1));
        prop_assert_eq!((shown.date(), shown.hour(), offset), (shown_last.date(), shown_last.hour(), offset_last));
    }

    #[test]
    fn what_a_clock_shows_at_the_bounds_are_the_bounds(name in any_zone(), range in ranges_of_days(), as_of in instants()) {
        prop_assume!(!midnight_was_undone(name, as_of));
        let zone = zone(name);
        let now = judged(name, as_of).0;
        let bounds = zone.bounds(&range, as_of);
        let local = range.local_bounds(as_of, |instant| judged(name, instant).0);
        let agree = |local: NaiveDateTime, instant: Instant| {
            // What is cut at as-of can be a time that the clock shows twice.
            zone.local(local) == instant || (instant == as_of && local == now)
        };
        match local.start {
            Some(start) => prop_assert!(agree(start, bounds.start), "{start} is not {}", bounds.start),
            None => prop_assert_eq!(bounds.start, Instant::MIN),
        }
        prop_assert!(agree(local.end, bounds.end), "{} is not {}", local.end, bounds.end);
        prop_assert!(!local.is_open || bounds.end == as_of);
    }

    #[test]
    fn hours_counted_by_a_clock_are_the_hours(count in 1_u32..20_000, complete in any::<bool>(), as_of in instants()) {
        // Where the clock is changed by whole hours the page needs no database for hours either.
        for name in ["UTC", "America/New_York", "Asia/Kathmandu"] {
            let range = last(count, CalendarUnit::Hour, complete);
            let bounds = zone(name).bounds(&range, as_of);
            prop_assume!(bounds.start > at("1990-01-01T00:00:00Z"));
            let local = range.local_bounds(as_of, |instant| judged(name, instant).0);
            prop_assert_eq!(local.start, Some(judged(name, bounds.start).0));
            prop_assert_eq!(local.end, judged(name, bounds.end).0);
        }
    }

    #[test]
    fn units_follow_each_other_without_a_gap(name in any_zone(), unit in any_unit(), instant in instants()) {
        let zone = zone(name);
        let start = zone.unit_start(unit, instant);
        let next = zone.next_unit(unit, instant);
        prop_assert!(start <= instant && instant < next);
        prop_assert_eq!(zone.unit_start(unit, start), start);
        prop_assert_eq!(zone.unit_start(unit, next.saturating_add_millis(-1)), start);
        prop_assert_eq!(zone.unit_start(unit, next), next);
        prop_assert_eq!(zone.next_unit(unit, start), next);
        prop_assert_eq!(zone.unit_before(unit, next, 0), next);
    }

    #[test]
    fn ranges_are_ordered_and_meet(name in any_zone(), unit in any_unit(), instant in instants(), count in 1_u32..200) {
        let zone = zone(name);
        let complete = zone.bounds(&last(count, unit, true), instant);
        let running = zone.bounds(&Range::This { unit }, instant);
        let both = zone.bounds(&last(count + 1, unit, false), instant);
        prop_assert!(complete.start <= complete.end && complete.end <= instant);
        prop_assert_eq!(complete.end, running.start);
        prop_assert_eq!((both.start, both.end), (complete.start, running.end));
        let back = |from: u32, to: u32| {
            let (from, to) = (Ago { count: from, unit }, Ago { count: to, unit });
            zone.bounds(&Range::Ago { from, to }, instant)
        };
        let (older, newer) = (back(count * 2, count + 1), back(count, 1));
        prop_assert_eq!(older.end, newer.start);
        prop_assert_eq!((newer.start, newer.end), (complete.start, complete.end));
    }

    #[test]
    fn so_many_hours_back_is_one_hour_back_so_often(name in any_zone(), instant in instants(), count in 0_u32..60) {
        let zone = zone(name);
        let mut expected = zone.unit_start(CalendarUnit::Hour, instant);
        for _ in 0..count {
            expected = zone.unit_start(CalendarUnit::Hour, expected.saturating_add_millis(-1));
        }
        prop_assert_eq!(zone.unit_before(CalendarUnit::Hour, instant, count), expected);
    }

    #[test]
    fn a_unit_is_so_many_back_from_where_it_is_so_many_ahead(
        name in any_zone(),
        unit in any_unit(),
        instant in instants(),
        count in 0_u32..3_000,
    ) {
        let zone = zone(name);
        let after = zone.unit_after(unit, instant, count);
        if count == 0 {
            prop_assert_eq!(after, zone.unit_start(unit, instant));
        } else if after < Instant::MAX {
            prop_assert!(zone.unit_before(unit, after, count - 1) > instant);
            prop_assert!(zone.unit_before(unit, after.saturating_add_millis(-1), count - 1) <= instant);
        }
    }

    #[test]
    fn the_table_of_days_is_right(name in any_zone(), instant in instants(), length in 0_i64..800 * 86_400_000, share in 0.0..=1.0_f64) {
        let zone = zone(name);
        let end = instant.saturating_add_millis(length);
        let days = zone.days(instant, end);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant between the two will do")]
        let between = instant.saturating_add_millis((length as f64 * share) as i64);
        for instant in [instant, between, end] {
            prop_assert_eq!(days.number(instant.millis()), zone.day_number(instant));
        }
    }

    #[test]
    fn local_times_are_read_back(name in any_zone(), instant in instants()) {
        let zone = zone(name);
        let shown = judged(name, instant).0;
        let read = zone.local(shown);
        prop_assert!(read <= instant);
        prop_assert_eq!(judged(name, read).0, shown);
        let mut clock = zone.local_clock();
        clock.instant(shown - TimeDelta::days(3));
        prop_assert_eq!(clock.instant(shown), read);
    }

    #[test]
    fn utc_is_plain(instant in instants()) {
        prop_assert_eq!(zone("UTC").date(instant), Utc.timestamp_millis_opt(instant.millis()).unwrap().date_naive());
    }
}
