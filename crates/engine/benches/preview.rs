//! What a live count costs: "did X at least 3 times in the last 30 days, with a property" over 1 and 10 million events,
//! beside a floor: one pass over as many seconds.
//!
//! The events are those of a year, 20 for each user on average, of eight names: every second one is "Page Viewed", every
//! fourth "Product Viewed" and so on. They carry two text properties, a number and a boolean.
//!
//! Where the system tells it (Linux), times are those that the benchmark had a processor, so that what else runs on the
//! machine counts for less.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkId, Criterion as Bench, Throughput, criterion_group, criterion_main};
use segments_engine::batch::{Coded, Column, EventBatch, MISSING, MISSING_BOOLEAN, Texts, Values};
use segments_engine::{Context, Loader, Preview, Previewed, Progress, Store};
use segments_model::calendar::Zone;
use segments_model::{Criterion, Instant};

const NAMES: [&str; 8] = [
    "Page Viewed",
    "Product Viewed",
    "Product Searched",
    "Product Added",
    "Cart Viewed",
    "Checkout Started",
    "Order Completed",
    "Review Written",
];
const YEAR: u64 = 365 * 24 * 3_600;
const START: i64 = 1_767_225_600_000; // 2026-01-01
const BATCH: usize = 1 << 16;

/// Numbers without a pattern that matters here, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) * bound) >> 31
    }
}

fn texts<'t>(all: impl IntoIterator<Item = &'t str>) -> Texts {
    let mut texts = Texts::new();
    for text in all {
        texts.push(text).unwrap();
    }
    texts
}

fn store(events: usize) -> Store {
    let mut random = Random(1);
    let mut loader = Loader::new();
    let users = events / 20;
    let mut made = 0;
    let mut user = 0;
    while made < events {
        let mut ids = Texts::new();
        let mut rows: (Vec<u32>, Vec<u32>, Vec<i64>) = Default::default();
        let (mut countries, mut paths, mut prices, mut gifts) = (vec![], vec![], vec![], vec![]);
        while rows.0.len() < BATCH && made < events {
            let id = ids.push(&format!("user-{user:07}")).unwrap();
            user += 1;
            // From 1 to 39 events, all the rest for the last user.
            let count = match user == users {
                true => events - made,
                false => (1 + random.below(39) as usize).min(events - made),
            };
            made += count;
            let country = random.below(40) as u32;
            for _ in 0..count {
                rows.0.push(id);
                // 0 half of the time, 1 a quarter and so on.
                let name = (random.below(256) as u32 | 256).trailing_zeros().min(7);
                rows.1.push(name);
                rows.2.push(START + random.below(YEAR) as i64 * 1_000);
                countries.push(country);
                paths.push(match random.below(10) {
                    0 => MISSING,
                    _ => random.below(1_000) as u32,
                });
                prices.push(match name {
                    1 | 3 | 6 => random.below(20_000) as f64 / 100.0,
                    _ => f64::NAN,
                });
                gifts.push(match name {
                    6 => random.below(2) as u8,
                    _ => MISSING_BOOLEAN,
                });
            }
        }
        let number: Vec<String> = (0..1_000).map(|number| format!("/path/{number}")).collect();
        let column = |name: &str, values| Column {
            name: name.to_owned(),
            values,
        };
        loader
            .push_events(&EventBatch {
                users: Coded {
                    dictionary: ids,
                    codes: rows.0,
                },
                events: Coded {
                    dictionary: texts(NAMES),
                    codes: rows.1,
                },
                times: rows.2,
                properties: vec![
                    column(
                        "country",
                        Values::String(Coded {
                            dictionary: texts(number.iter().take(40).map(String::as_str)),
                            codes: countries,
                        }),
                    ),
                    column(
                        "path",
                        Values::String(Coded {
                            dictionary: texts(number.iter().map(String::as_str)),
                            codes: paths,
                        }),
                    ),
                    column("price", Values::Number(prices)),
                    column("gift", Values::Boolean(gifts)),
                ],
            })
            .unwrap();
    }
    let mut building = loader.finish();
    loop {
        if let Progress::Done(store) = building.step(usize::MAX) {
            return store;
        }
    }
}

fn context() -> Context {
    Context::new(
        Instant::from_millis(START + YEAR as i64 * 1_000).unwrap(),
        Zone::parse("America/New_York").unwrap(),
    )
}

fn preview(
    store: &Arc<Store>,
    definition: &Criterion,
    context: &Context,
    rows: usize,
) -> Previewed {
    let mut preview = Preview::new(Arc::clone(store), definition, context).unwrap();
    loop {
        if let Progress::Done(previewed) = preview.step(rows) {
            return previewed;
        }
    }
}

/// The questions, by name. Those of `X` ask for a name that is every second, every fourth or every 128th event.
fn questions() -> Vec<(&'static str, Criterion)> {
    let during = r#""during": {"type": "last", "count": 30, "unit": "day"}"#;
    let country = r#""where": {"type": "property", "scope": "event", "name": "country", "op": "is", "values": ["/path/7", "/path/8", "/path/9"]}"#;
    let path = r#""where": {"type": "property", "scope": "event", "name": "path", "op": "contains", "values": ["7"]}"#;
    let event = |name: &str, filter: &str, measure: &str, value: f64| {
        let filter = if filter.is_empty() {
            String::new()
        } else {
            format!("{filter},")
        };
        format!(
            r#"{{"type": "event", "event": {name}, {filter} "measure": {measure}, "compare": {{"op": "at_least", "value": {value}}}, {during}}}"#
        )
    };
    let count = r#"{"of": "count"}"#;
    let texts = [
        (
            "X (every 2nd event), country is one of three",
            event(r#""Page Viewed""#, country, count, 3.0),
        ),
        (
            "X (every 4th event), country is one of three",
            event(r#""Product Viewed""#, country, count, 3.0),
        ),
        (
            "X (every 2nd event), path contains",
            event(r#""Page Viewed""#, path, count, 3.0),
        ),
        (
            "X (every 128th event), country is one of three",
            event(r#""Order Completed""#, country, count, 3.0),
        ),
        (
            "any event, country is one of three",
            event("null", country, count, 3.0),
        ),
        ("any event", event("null", "", count, 3.0)),
        (
            "sum of a property of X (every 4th event)",
            event(
                r#""Product Viewed""#,
                "",
                r#"{"of": "sum", "property": "price"}"#,
                100.0,
            ),
        ),
        (
            "distinct days of X (every 2nd event)",
            event(r#""Page Viewed""#, "", r#"{"of": "distinct_days"}"#, 3.0),
        ),
    ];
    texts
        .into_iter()
        .map(|(name, text)| (name, serde_json::from_str(&text).unwrap()))
        .collect()
}

/// Time on a processor of this thread; time on the clock where the system does not tell.
struct Busy {
    begun: Clock,
}

impl Measurement for Busy {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        std::fs::read_to_string("/proc/thread-self/schedstat")
            .ok()
            .and_then(|told| told.split(' ').next()?.parse().ok())
            .map_or_else(|| self.begun.elapsed(), Duration::from_nanos)
    }

    fn end(&self, start: Duration) -> Duration {
        // The system counts by ticks of some milliseconds: within one there is nothing to tell.
        (self.start() - start).max(Duration::from_nanos(1))
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn previews(bench: &mut Bench<Busy>) {
    // Run as a test, it only shows that it runs.
    let sizes: &[usize] = match std::env::args().any(|argument| argument == "--bench") {
        true => &[1_000_000, 10_000_000],
        false => &[10_000],
    };
    for &events in sizes {
        let begun = Clock::now();
        let store = Arc::new(store(events));
        let memory = store.memory();
        let per_event = |bytes: usize| bytes as f64 / events as f64;
        println!(
            "{events} events of {} users, made and loaded in {:.1?}: {:.1} bytes per event for who, what and when, {:.1} for event properties, {:.1} for users",
            store.user_count(),
            begun.elapsed(),
            per_event(memory.core),
            per_event(memory.event_properties),
            per_event(memory.users),
        );
        let blobs: std::collections::BTreeMap<String, Vec<u8>> = store.encode().collect();
        let context = context();
        let mut group = bench.benchmark_group(format!("{events} events"));
        group.sample_size(20);
        group.throughput(Throughput::Elements(events as u64));
        let seconds: Vec<u32> = (0..events as u32)
            .map(|row| row.wrapping_mul(2_654_435_761))
            .collect();
        group.bench_function("floor: count of seconds in a window", |bench| {
            bench.iter(|| {
                let (start, end) = black_box((1 << 20, 1 << 28));
                seconds
                    .iter()
                    .filter(|second| (start..end).contains(*second))
                    .count()
            });
        });
        drop(seconds);
        for (name, definition) in questions() {
            let found = preview(&store, &definition, &context, usize::MAX).members;
            println!("{name}: {} users", found.len());
            group.bench_with_input(
                BenchmarkId::from_parameter(name),
                &definition,
                |bench, definition| {
                    bench.iter(|| preview(&store, definition, &context, usize::MAX));
                },
            );
        }
        let (name, definition) = questions().swap_remove(0);
        group.bench_function(format!("{name}, in steps of 1 million rows"), |bench| {
            bench.iter(|| preview(&store, &definition, &context, 1_000_000));
        });
        group.sample_size(10);
        group.bench_function("read from files in memory", |bench| {
            bench.iter(|| Store::decode(|name| blobs.get(name).cloned().ok_or(())).unwrap());
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Bench::default().with_measurement(Busy { begun: Clock::now() });
    targets = previews
}
criterion_main!(benches);
