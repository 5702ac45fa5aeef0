//! How long the demo takes, since it is made at the first start.

use chrono::NaiveDate;
use criterion::{Criterion, criterion_group, criterion_main};
use segments_demo::{SEED, demo};

fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("demo");
    group.sample_size(10);
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default();
    group.bench_function("whole", |bencher| {
        bencher.iter(|| demo(SEED, day).count());
    });
    group.finish();
}

criterion_group!(benches, whole);
criterion_main!(benches);
