//! Numbers and times by the browser's `Intl`.

use segments_model::{Instant, Value};
use user_segments::format;
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
