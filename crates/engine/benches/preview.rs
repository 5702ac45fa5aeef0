//! What a live count costs: "did X at least 3 times in the last 30 days, with a property" over 1 and 10 million events,
//! beside a floor: one pass over as many seconds.
//!
//! Where the system tells it (Linux), times are those that the benchmark had a processor, so that what else runs on the
//! machine counts for less.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkId, Criterion as Bench, Throughput, criterion_group, criterion_main};
use segments_engine::{Context, Preview, Previewed, Progress, Store};
use segments_model::calendar::Zone;
use segments_model::{Criterion, Instant};

use events::{START, YEAR};

#[path = "engine/busy.rs"]
mod busy;
#[path = "engine/events.rs"]
mod events;

fn context() -> Context {
    Context::new(
        Instant::from_millis(i64::from(START + YEAR) * 1_000).unwrap(),
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
    let country = r#""where": {"type": "property", "scope": "event", "name": "country", "op": "is", "values": ["C07", "C08", "C09"]}"#;
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
        busy::on_processor().unwrap_or_else(|| self.begun.elapsed())
    }

    fn end(&self, start: Duration) -> Duration {
        // A benchmark that takes no time at all is refused.
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
        let store = Arc::new(events::store(events));
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
