//! What the demo looks like, and that it is the same everywhere.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike};
use proptest::prelude::*;
use segments_demo::{EDITION, SEED, demo, first_day, segments};
use segments_engine_api::batch::{Batch, MISSING_BOOLEAN, MISSING_DATETIME, Values};

const DAY: i64 = 86_400_000;

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn today() -> NaiveDate {
    date(2026, 11, 24)
}

/// A value as text; none where it is missing.
fn value(values: &Values, row: usize) -> Option<String> {
    match values {
        Values::String(coded) => coded.get(row).map(str::to_owned),
        Values::Number(numbers) => Some(numbers[row])
            .filter(|number| !number.is_nan())
            .map(|number| number.to_string()),
        Values::Boolean(booleans) => Some(booleans[row])
            .filter(|boolean| *boolean != MISSING_BOOLEAN)
            .map(|boolean| boolean.to_string()),
        Values::Datetime(datetimes) => Some(datetimes[row])
            .filter(|datetime| *datetime != MISSING_DATETIME)
            .map(|datetime| datetime.to_string()),
    }
}

/// The events of a demo before an instant: time, user and event.
fn events(seed: u64, day: NaiveDate, before: i64) -> Vec<(i64, String, String)> {
    let mut rows = Vec::new();
    for batch in demo(seed, day) {
        let Batch::Events(batch) = batch else {
            continue;
        };
        for row in (0..batch.times.len()).filter(|row| batch.times[*row] < before) {
            rows.push((
                batch.times[row],
                batch.users.get(row).unwrap().to_owned(),
                batch.events.get(row).unwrap().to_owned(),
            ));
        }
    }
    rows.sort();
    rows
}

/// A number for each event of a demo before an instant, with all that it has, in an order of their own.
fn prints(seed: u64, day: NaiveDate, before: i64) -> Vec<u64> {
    let mut prints = Vec::new();
    for batch in demo(seed, day) {
        let Batch::Events(batch) = batch else {
            continue;
        };
        for row in (0..batch.times.len()).filter(|row| batch.times[*row] < before) {
            let mut hasher = DefaultHasher::new();
            batch.times[row].hash(&mut hasher);
            batch.users.get(row).hash(&mut hasher);
            batch.events.get(row).hash(&mut hasher);
            for column in &batch.properties {
                match &column.values {
                    Values::String(coded) => coded.get(row).hash(&mut hasher),
                    Values::Number(numbers) => numbers[row].to_bits().hash(&mut hasher),
                    Values::Boolean(booleans) => booleans[row].hash(&mut hasher),
                    Values::Datetime(datetimes) => datetimes[row].hash(&mut hasher),
                }
            }
            prints.push(hasher.finish());
        }
    }
    prints.sort_unstable();
    prints
}

fn user_ids(seed: u64, day: NaiveDate) -> Vec<String> {
    let mut ids = Vec::new();
    for batch in demo(seed, day) {
        if let Batch::Users(batch) = batch {
            ids.extend(
                (0..batch.users.codes.len()).map(|row| batch.users.get(row).unwrap().to_owned()),
            );
        }
    }
    ids
}

fn start_of(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days()) * DAY
}

/// A user with their properties by name.
type User = (String, BTreeMap<String, Option<String>>);

fn users(seed: u64, day: NaiveDate) -> Vec<User> {
    let mut users = Vec::new();
    for batch in demo(seed, day) {
        if let Batch::Users(batch) = batch {
            for row in 0..batch.users.codes.len() {
                let properties = batch
                    .properties
                    .iter()
                    .map(|column| (column.name.clone(), value(&column.values, row)))
                    .collect();
                users.push((batch.users.get(row).unwrap().to_owned(), properties));
            }
        }
    }
    users
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tomorrows_demo_is_todays_with_a_day_more(seed in any::<u64>(), later in 0_u64..600) {
        let day = date(2026, 10, 1).checked_add_days(Days::new(later)).unwrap();
        let next = day.succ_opt().unwrap();
        prop_assert_eq!(first_day(day), first_day(next));
        let end = start_of(next);
        prop_assert!(prints(seed, day, i64::MAX) == prints(seed, next, end));
        let (ids, later) = (user_ids(seed, day), user_ids(seed, next));
        prop_assert!(later.len() > ids.len());
        prop_assert_eq!(&later[..ids.len()], &ids);
    }
}

#[test]
fn the_demo_is_the_same_everywhere() {
    // FNV-1a over the first batches, whatever they are made of.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for batch in demo(SEED, today()).take(18) {
        let (users, events, times, properties) = match batch {
            Batch::Users(batch) => (batch.users, None, Vec::new(), batch.properties),
            Batch::Events(batch) => (
                batch.users,
                Some(batch.events),
                batch.times,
                batch.properties,
            ),
        };
        for row in 0..users.codes.len() {
            eat(users.get(row).unwrap());
            eat(events
                .as_ref()
                .and_then(|events| events.get(row))
                .unwrap_or("-"));
            eat(&times.get(row).map_or("-".to_owned(), i64::to_string));
            for column in &properties {
                eat(&column.name);
                eat(value(&column.values, row).as_deref().unwrap_or("-"));
            }
        }
    }
    // Where the rows are others, so is the edition: what was stored of the one before is made anew.
    assert_eq!((EDITION, hash), (1, 0x2ad5_9e0a_fd8f_5fbb), "{hash:#x}");
}

#[test]
fn a_year_has_50_000_users_and_a_million_events() {
    // The day with the fewest days before it.
    let least = date(2026, 10, 1);
    assert_eq!((least - first_day(least)).num_days(), 365);
    let count = events(SEED, least, i64::MAX).len();
    assert!((1_000_000..1_400_000).contains(&count), "{count} events");
    let count = user_ids(SEED, least).len();
    assert!((50_000..70_000).contains(&count), "{count} users");
}

#[test]
fn every_user_stands_once_and_every_event_has_a_user() {
    let ids = user_ids(SEED, today());
    let known: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(known.len(), ids.len());
    let first = start_of(first_day(today()));
    for (time, user, _) in events(SEED, today(), i64::MAX) {
        assert!((first..start_of(today()) + DAY).contains(&time));
        assert!(known.contains(&user));
    }
}

#[test]
fn what_is_known_of_users_is_what_happened_before_the_last_day() {
    let day = date(2026, 2, 1);
    let mut orders: HashMap<String, (u32, i64)> = HashMap::new();
    for (time, user, event) in events(SEED, day, start_of(day)) {
        if event == "Order Completed" {
            let known = orders.entry(user).or_default();
            known.0 += 1;
            known.1 = known.1.max(time);
        }
    }
    let mut with = 0;
    for (id, properties) in users(SEED, day) {
        let (count, last) = orders.get(&id).copied().unwrap_or_default();
        assert_eq!(properties["orders"], Some(count.to_string()), "{id}");
        let last = (count > 0).then(|| last.to_string());
        assert_eq!(properties["last_order_at"], last, "{id}");
        assert_eq!(properties["lifetime_value"].is_some(), count > 0, "{id}");
        with += u32::from(count > 0);
    }
    assert!(with > 1_000);
}

#[test]
fn properties_are_of_every_type_and_some_values_are_missing() {
    let mut filled: BTreeMap<(bool, String, &str), (u64, u64)> = BTreeMap::new();
    for batch in demo(SEED, today()).take(200) {
        let (of_users, properties) = match batch {
            Batch::Users(batch) => (true, batch.properties),
            Batch::Events(batch) => (false, batch.properties),
        };
        for column in properties {
            let value_type = match &column.values {
                Values::String(_) => "string",
                Values::Number(_) => "number",
                Values::Boolean(_) => "boolean",
                Values::Datetime(_) => "datetime",
            };
            let present = (0..column.values.len())
                .filter(|row| value(&column.values, *row).is_some())
                .count();
            let counts = filled
                .entry((of_users, column.name, value_type))
                .or_default();
            counts.0 += present as u64;
            counts.1 += column.values.len() as u64;
        }
    }
    for of_users in [false, true] {
        let types: BTreeSet<&str> = filled
            .keys()
            .filter(|(users, ..)| *users == of_users)
            .map(|(_, _, value_type)| *value_type)
            .collect();
        assert_eq!(types.len(), 4, "{types:?}");
        let some_missing = filled
            .iter()
            .filter(|((users, ..), (present, all))| *users == of_users && present < all);
        assert!(some_missing.count() >= 3);
    }
    // A property has one type, whatever the event.
    let names: BTreeSet<_> = filled
        .keys()
        .map(|(users, name, _)| (users, name))
        .collect();
    assert_eq!(names.len(), filled.len());
    for ((_, name, _), (present, _)) in &filled {
        assert!(*present > 0, "{name} is never there");
    }
    let (present, all) = filled[&(true, "age".to_owned(), "number")];
    assert!((500..750).contains(&(present * 1_000 / all)));
}

#[test]
fn there_are_stories_in_it() {
    let rows = events(SEED, today(), i64::MAX);
    let mut by_event: HashMap<&str, u32> = HashMap::new();
    let mut users_by_event: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    let mut by_weekday = [0_u32; 7];
    let mut by_month: HashMap<(i32, u32), u32> = HashMap::new();
    let mut by_hour = [0_u32; 24];
    let mut active: HashMap<&str, Vec<i64>> = HashMap::new();
    for (time, user, event) in &rows {
        let at = DateTime::from_timestamp_millis(*time).unwrap();
        *by_event.entry(event).or_default() += 1;
        users_by_event.entry(event).or_default().insert(user);
        by_weekday[at.weekday().num_days_from_monday() as usize] += 1;
        *by_month.entry((at.year(), at.month())).or_default() += 1;
        by_hour[at.hour() as usize] += 1;
        active.entry(user).or_default().push(*time);
    }

    // A funnel narrows at each step, and not to nothing.
    let funnel = [
        "Page Viewed",
        "Product Viewed",
        "Added to Cart",
        "Checkout Started",
        "Order Completed",
        "Order Refunded",
    ];
    for steps in funnel.windows(2) {
        let (before, after) = (
            users_by_event[steps[0]].len(),
            users_by_event[steps[1]].len(),
        );
        assert!(
            before > after && after * 20 > before,
            "{steps:?}: {before} {after}"
        );
    }
    assert_eq!(by_event.len(), 17);
    // The week.
    assert!(by_weekday[5] > by_weekday[1] * 11 / 10, "{by_weekday:?}");
    // The season.
    assert!(
        by_month[&(2025, 12)] > by_month[&(2026, 2)] * 12 / 10,
        "{by_month:?}"
    );
    // The day.
    let (busiest, quietest) = (by_hour.iter().max().unwrap(), by_hour.iter().min().unwrap());
    assert!(*busiest > quietest * 2, "{by_hour:?}");
    // Retention decays: of the newcomers of a quarter fewer come in each later month.
    let first = start_of(first_day(today()));
    let newcomers: Vec<&Vec<i64>> = active
        .values()
        .filter(|times| (first + 60 * DAY..first + 150 * DAY).contains(&times[0]))
        .collect();
    let share = |from: i64, to: i64| {
        newcomers
            .iter()
            .filter(|times| {
                times
                    .iter()
                    .any(|time| (times[0] + from * DAY..times[0] + to * DAY).contains(time))
            })
            .count()
    };
    let months: Vec<usize> = (0..6)
        .map(|month| share(month * 30 + 1, month * 30 + 31))
        .collect();
    for pair in months.windows(2) {
        assert!(pair[0] > pair[1], "{months:?}");
    }
    assert!(months[5] * 50 > newcomers.len(), "{months:?}");
    // The wish list came midway.
    let launched = rows
        .iter()
        .find(|(_, _, event)| event == "Added to Wishlist")
        .unwrap();
    assert_eq!((launched.0 - first) / DAY, 200);
}

#[test]
fn channels_bring_customers_of_different_worth() {
    let mut by_channel: HashMap<String, (u32, u32)> = HashMap::new();
    for (_, properties) in users(SEED, today()) {
        let counts = by_channel
            .entry(properties["acquisition_channel"].clone().unwrap())
            .or_default();
        counts.0 += 1;
        counts.1 += u32::from(properties["last_order_at"].is_some());
    }
    let share = |channel: &str| {
        let (all, with) = by_channel[channel];
        with * 1_000 / all
    };
    assert!(share("Referral") > share("Social") * 3 / 2);
    assert!(share("Email") > share("Paid Search"));
}

#[test]
fn segments_refer_to_segments_before_them() {
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    for demo in segments() {
        let definition = serde_json::to_string(&demo.segment.definition).unwrap();
        if let Some((_, rest)) = definition.split_once("\"type\":\"segment\",\"id\":\"") {
            let id = rest.split('"').next().unwrap();
            assert!(seen.contains(id), "{id}");
        }
        assert!(seen.insert(demo.id));
        assert!(names.insert(demo.segment.name.to_lowercase()));
        assert!(!demo.segment.description.is_empty() && !demo.segment.category.is_empty());
    }
}
