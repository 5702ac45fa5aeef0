//! How fast a million rows of eight columns come in, beside the floor: csv-core alone over the same bytes.

use std::fmt::Write as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csv_core::{ReadRecordResult, Reader};
use segments_import::{Importer, Known, Limits};
use segments_model::calendar::Zone;
use segments_model::import::{ImportKind, ImportOptions};

const ROWS: u64 = 1_000_000;
const CHUNK: usize = 1 << 20;

/// Values of a row, from a small generator of numbers.
fn rows(mut row: impl FnMut(u64, [u64; 6])) {
    let mut state = 1_u64;
    for number in 0..ROWS {
        row(
            number,
            [50_000, 20, 12, 30_000, 2, 1_000].map(|below| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 33) % below
            }),
        );
    }
}

fn csv() -> String {
    let mut file = "user_id,event,time,country,price,vip,session,label\n".to_owned();
    rows(|number, [user, event, country, price, vip, label]| {
        let (minute, second) = (number / 60 % 60, number % 60);
        let hour = number / 3_600 % 24;
        let _ = writeln!(
            file,
            "user_{user},event {event},2024-03-13 {hour:02}:{minute:02}:{second:02},country {country},{}.{:02},{},s{},label {label}",
            price / 100,
            price % 100,
            vip == 1,
            number / 7,
        );
    });
    file
}

fn ndjson() -> String {
    let mut file = String::new();
    rows(|number, [user, event, country, price, vip, label]| {
        let _ = writeln!(
            file,
            "{{\"user_id\":\"user_{user}\",\"event\":\"event {event}\",\"time\":{},\"country\":\"country {country}\",\"price\":{}.{:02},\"vip\":{},\"session\":\"s{}\",\"label\":\"label {label}\"}}",
            1_710_325_274_000 + number,
            price / 100,
            price % 100,
            vip == 1,
            number / 7,
        );
    });
    file
}

fn import(file: &str) -> u64 {
    let options = ImportOptions {
        kind: ImportKind::Events,
        user: None,
        event: None,
        time: None,
        time_zone: None,
    };
    let imported = Importer::new(options, &Zone::utc(), Known::new(), Limits::default()).and_then(
        |mut importer| {
            for chunk in file.as_bytes().chunks(CHUNK) {
                importer.push(chunk)?;
            }
            importer.finish()
        },
    );
    imported.map_or(0, |imported| imported.report.accepted)
}

/// Reads every record and throws it away.
fn floor(mut bytes: &[u8]) -> u64 {
    let mut reader = Reader::new();
    let (mut output, mut ends) = (vec![0; 4_096], vec![0; 64]);
    let mut records = 0;
    loop {
        let (result, read, ..) = reader.read_record(bytes, &mut output, &mut ends);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            ReadRecordResult::Record => records += 1,
            ReadRecordResult::End => return records,
            _ => {}
        }
    }
}

fn million_rows(criterion: &mut Criterion) {
    let (csv, ndjson) = (csv(), ndjson());
    assert_eq!((import(&csv), import(&ndjson)), (ROWS, ROWS));
    let mut group = criterion.benchmark_group("million rows");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(csv.len() as u64));
    group.bench_function("csv", |bencher| bencher.iter(|| import(&csv)));
    group.bench_function("csv-core alone", |bencher| {
        bencher.iter(|| floor(csv.as_bytes()));
    });
    group.throughput(Throughput::Bytes(ndjson.len() as u64));
    group.bench_function("ndjson", |bencher| bencher.iter(|| import(&ndjson)));
    group.finish();
}

criterion_group!(benches, million_rows);
criterion_main!(benches);
