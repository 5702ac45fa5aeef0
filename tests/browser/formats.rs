//! Numbers and times by the browser's `Intl`.

use segments_format as format;
use segments_model::{Instant, Value};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn numbers() {
    assert_eq!(format::count(1_204_318), "1,204,318");
    assert_eq!(format::compact(1_204_318), "1.2M");
    assert_eq!(format::percent(0.1389), "13.9%");
    assert_eq!(format::decimal(8412.5), "8,412.5");
    assert_eq!(format::plural(1, "user", "users"), "1 user");
}

#[wasm_bindgen_test]
fn times_are_those_of_the_zone() {
    let instant = Instant::parse("2026-11-23T14:14:07.250Z").unwrap();
    assert_eq!(
        format::date_time(instant, "America/New_York"),
        "23 Nov 2026, 09:14 EST"
    );
    assert_eq!(format::date(instant, "Asia/Tokyo"), "23 Nov 2026");
    assert_eq!(format::time(instant, "Asia/Kathmandu"), "19:59");
    assert_eq!(
        format::exact(instant, "UTC"),
        "23 Nov 2026, 14:14:07.250 UTC"
    );
    assert_eq!(format::date(instant, "Mars/Olympus"), instant.to_string());
}

#[wasm_bindgen_test]
fn ranges_have_bounds_and_days() {
    let start = Instant::parse("2026-10-24T04:00:00Z").unwrap();
    let end = Instant::parse("2026-11-23T05:00:00Z").unwrap();
    let zone = "America/New_York";
    assert_eq!(
        format::bound(start, zone),
        "24 Oct 2026 00:00 EDT (UTC\u{2212}4)"
    );
    assert_eq!(
        format::bound(end, zone),
        "23 Nov 2026 00:00 EST (UTC\u{2212}5)"
    );
    assert_eq!(format::bound(end, "UTC"), "23 Nov 2026 05:00 UTC");
    assert!(format::bound(end, "Asia/Kathmandu").ends_with("(UTC+5:45)"));
    assert_eq!(format::days(start, end, zone), Some(30));
    assert_eq!(
        format::days(start, end.saturating_add_millis(1), zone),
        Some(31)
    );
    assert_eq!(format::days(start, start, zone), Some(0));
}

#[wasm_bindgen_test]
fn times_are_told_from_now() {
    let now = Instant::parse("2026-11-23T14:14:00Z").unwrap();
    let ago = |millis: i64| format::relative(now.saturating_add_millis(-millis), now);
    assert_eq!(ago(30_000), "now");
    assert_eq!(ago(240_000), "4 min. ago");
    assert_eq!(ago(86_400_000), "yesterday");
}

#[wasm_bindgen_test]
fn values_and_zones() {
    assert_eq!(format::value(&Value::Boolean(true), "UTC"), "yes");
    assert_eq!(
        format::value(&Value::from("2026-01-02T03:04:05Z"), "UTC"),
        "2 Jan 2026, 03:04 UTC"
    );
    let zones = format::zones();
    assert_eq!(zones.iter().filter(|zone| *zone == "UTC").count(), 1);
    assert!(zones.iter().any(|zone| zone == "Australia/Lord_Howe"));
}

#[wasm_bindgen_test]
fn a_zone_has_a_clock() {
    let shown = |instant: &str, zone: &str| {
        format::local(Instant::parse(instant).unwrap(), zone).to_string()
    };
    assert_eq!(
        shown("2026-11-23T14:14:07.250Z", "America/New_York"),
        "2026-11-23 09:14:07.250"
    );
    // Around the end of summer time, and where midnight is an hour of its own.
    assert_eq!(
        shown("2026-11-01T05:30:00Z", "America/New_York"),
        "2026-11-01 01:30:00"
    );
    assert_eq!(
        shown("2026-11-01T06:30:00Z", "America/New_York"),
        "2026-11-01 01:30:00"
    );
    assert_eq!(shown("2026-11-23T00:00:00Z", "UTC"), "2026-11-23 00:00:00");
    assert_eq!(
        shown("2026-12-31T18:20:00Z", "Asia/Kathmandu"),
        "2027-01-01 00:05:00"
    );
    assert_eq!(
        shown("2026-11-23T14:14:00Z", "Mars/Olympus"),
        "2026-11-23 14:14:00"
    );
    let summer = Instant::parse("2026-10-25T04:00:00Z").unwrap();
    assert_eq!(format::zone_word(summer, "America/New_York"), "EDT");
}

#[wasm_bindgen_test]
fn days_have_names() {
    // The language is the browser's, so what is asked is only that there are names and that they differ.
    let day = "2026-11-23".parse().unwrap();
    let next = "2026-12-01".parse().unwrap();
    assert_ne!(format::month_name(day), format::month_name(next));
    assert_ne!(format::weekday(day), format::weekday(next));
    assert!(format::whole_day(day).contains("2026"));
    assert!(!format::short_weekday(day).is_empty());
    assert!(format::language().is_some_and(|language| language.len() >= 2));
}
