//! What holds for every file.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use proptest::sample::select;
use segments_engine_api::batch::{Batch, EventBatch, Values};
use segments_import::{ImportError, Imported, Importer, Known, Limits, inspect};
use segments_model::Instant;
use segments_model::calendar::Zone;
use segments_model::import::{ImportKind, ImportOptions};

fn options(kind: ImportKind) -> ImportOptions {
    let named = |name: &str| Some(name.to_owned()).filter(|_| kind == ImportKind::Events);
    ImportOptions {
        kind,
        user: Some("u".to_owned()),
        event: named("e"),
        time: named("t"),
        time_zone: Some("Europe/Berlin".to_owned()),
    }
}

/// Small limits, so that small files reach them.
const LIMITS: Limits = Limits {
    line_bytes: 60,
    reject_bytes: 500,
    unclosed_quotes: 3,
};

fn import<'f>(
    options: ImportOptions,
    limits: Limits,
    chunks: impl IntoIterator<Item = &'f [u8]>,
) -> Result<Imported, ImportError> {
    let mut importer = Importer::new(options, &Zone::utc(), Known::new(), limits)?;
    for chunk in chunks {
        importer.push(chunk)?;
    }
    importer.finish()
}

/// What came of an import; missing numbers are not equal to each other, but read the same.
fn describe(result: &Result<Imported, ImportError>) -> String {
    format!("{result:?}")
}

/// A file of parts that mean something to a reader, in an order that need not.
fn broken_file() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        3 => select(vec![
            "u,e,t,x\n", "u;e;t\r\n", "{\"u\":", "\"a\"", "{\"u\":\"1\",\"e\":\"b\",\"t\":1}\n", "1,b,2024-01-01,2\n",
            "1,\"b\",2024-01-01,1e16\r\n", ",", "\"", "\"\"", "\n", "\r", "\r\n", "\t", "|", "{", "}", "[", "\u{feff}", "\0",
            "2024-03-31 02:30:00", "1710325274", "é", "x,\"y\nz\",", "1,2,3,4\n", "true",
        ]).prop_map(|part: &str| part.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => (0_usize..80).prop_map(|length| vec![b'a'; length]),
    ];
    let start = select(vec![
        "",
        "u,e,t,x\n",
        "u,e,t\n",
        "{\"u\":\"1\",\"e\":\"b\",\"t\":1}\n",
    ]);
    (start, prop::collection::vec(part, 0..40))
        .prop_map(|(start, parts)| [start.as_bytes().to_vec(), parts.concat()].concat())
}

/// Cuts a file at these places.
fn chunks<'f>(file: &'f [u8], cuts: &[prop::sample::Index]) -> Vec<&'f [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(file.len() + 1)).collect();
    places.extend([0, file.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|ends| &file[ends[0]..ends[1]])
        .collect()
}

#[derive(Clone, Debug)]
struct Row {
    user: String,
    event: String,
    time: i64,
    text: Option<String>,
    number: Option<f64>,
    boolean: Option<bool>,
    datetime: Option<i64>,
}

/// A text that is no blank, and reads as nothing else because of its first letter.
fn text() -> impl Strategy<Value = String> {
    "x[ -~\r\n\"\\\\,;|\té日🧭]{0,8}"
}

fn millis() -> impl Strategy<Value = i64> {
    -62_135_596_800_000_i64..=253_402_300_799_999
}

fn row() -> impl Strategy<Value = Row> {
    (
        text(),
        text(),
        millis(),
        prop::option::of(text()),
        prop::option::of(-1e15..1e15_f64),
        prop::option::of(any::<bool>()),
        prop::option::of(millis()),
    )
        .prop_map(|(user, event, time, text, number, boolean, datetime)| Row {
            user,
            event,
            time,
            text,
            number,
            boolean,
            datetime,
        })
}

fn instant(millis: i64) -> String {
    Instant::from_millis(millis).unwrap().to_string()
}

fn csv(rows: &[Row], delimiter: char) -> String {
    let quote = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
    let mut file = [
        "time", "u", "number", "e", "boolean", "t", "text", "datetime",
    ]
    .join(&delimiter.to_string())
    .replacen("time", "id", 1);
    file.push('\n');
    for (number, row) in rows.iter().enumerate() {
        let values = [
            number.to_string(),
            quote(&row.user),
            row.number
                .map(|number| number.to_string())
                .unwrap_or_default(),
            quote(&row.event),
            row.boolean
                .map(|boolean| boolean.to_string())
                .unwrap_or_default(),
            instant(row.time),
            row.text.as_deref().map(quote).unwrap_or_default(),
            row.datetime.map(instant).unwrap_or_default(),
        ];
        file.push_str(&values.join(&delimiter.to_string()));
        file.push_str("\r\n");
    }
    file
}

fn ndjson(rows: &[Row]) -> String {
    let mut file = String::new();
    for (number, row) in rows.iter().enumerate() {
        let line = serde_json::json!({
            "id": number, "u": row.user, "number": row.number, "e": row.event, "boolean": row.boolean,
            "t": instant(row.time), "text": row.text, "datetime": row.datetime.map(instant),
        });
        file.push_str(&line.to_string());
        file.push('\n');
    }
    file
}

fn events(imported: Imported) -> EventBatch {
    match imported.batch {
        Batch::Events(batch) => batch,
        Batch::Users(_) => panic!("not events"),
    }
}

/// The rows of a batch as texts.
fn read_back(batch: &EventBatch) -> Vec<Vec<Option<String>>> {
    let names = ["text", "number", "boolean", "datetime"];
    let mut rows = Vec::new();
    for row in 0..batch.times.len() {
        let mut values = vec![
            batch.users.get(row).map(str::to_owned),
            batch.events.get(row).map(str::to_owned),
            Some(batch.times[row].to_string()),
        ];
        for name in names {
            let column = batch.properties.iter().find(|column| column.name == name);
            values.push(column.and_then(|column| {
                match &column.values {
                    Values::String(coded) => coded.get(row).map(str::to_owned),
                    Values::Number(numbers) => Some(numbers[row])
                        .filter(|number| !number.is_nan())
                        .map(|number| number.to_string()),
                    Values::Boolean(booleans) => Some(booleans[row])
                        .filter(|boolean| *boolean != 2)
                        .map(|boolean| (boolean == 1).to_string()),
                    Values::Datetime(datetimes) => Some(datetimes[row])
                        .filter(|datetime| *datetime != i64::MIN)
                        .map(|datetime| datetime.to_string()),
                }
            }));
        }
        rows.push(values);
    }
    rows
}

fn expected(rows: &[Row]) -> Vec<Vec<Option<String>>> {
    rows.iter()
        .map(|row| {
            vec![
                Some(row.user.clone()),
                Some(row.event.clone()),
                Some(row.time.to_string()),
                row.text.clone(),
                row.number.map(|number| number.to_string()),
                row.boolean.map(|boolean| boolean.to_string()),
                row.datetime.map(|datetime| datetime.to_string()),
            ]
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn chunks_make_no_difference(
        file in broken_file(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        users in any::<bool>(),
    ) {
        let kind = if users { ImportKind::Users } else { ImportKind::Events };
        let whole = describe(&import(options(kind), LIMITS, [file.as_slice()]));
        let cut = describe(&import(options(kind), LIMITS, chunks(&file, &cuts)));
        let bytes = describe(&import(options(kind), LIMITS, file.chunks(1)));
        prop_assert_eq!(&whole, &cut);
        prop_assert_eq!(&whole, &bytes);
    }

    #[test]
    fn no_bytes_make_it_panic(file in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = inspect(&file);
        let _ = import(options(ImportKind::Users), LIMITS, [file.as_slice()]);
        let lines = [b"u,e,t\n".as_slice(), &file].concat();
        let _ = inspect(&lines);
        let _ = import(options(ImportKind::Events), LIMITS, [lines.as_slice()]);
    }

    #[test]
    fn every_line_is_taken_or_refused(lines in prop::collection::vec("[a-z,0-9 ]{1,20}", 1..40)) {
        let file = format!("u,e,t,x\n{}\n", lines.join("\n"));
        let report = import(options(ImportKind::Events), Limits::default(), [file.as_bytes()]).unwrap().report;
        prop_assert_eq!(report.accepted + report.rejected, lines.len() as u64);
    }

    #[test]
    fn what_was_written_is_read(
        rows in prop::collection::vec(row(), 1..20),
        delimiter in select(vec![',', '\t', ';', '|']),
        chunk in 1_usize..40,
    ) {
        for file in [csv(&rows, delimiter), ndjson(&rows)] {
            let imported = import(options(ImportKind::Events), Limits::default(), file.as_bytes().chunks(chunk)).unwrap();
            prop_assert_eq!(imported.report.rejected, 0, "{:?}", imported.report.rejects);
            prop_assert_eq!(read_back(&events(imported)), expected(&rows), "{}", file);
        }
    }

    #[test]
    fn the_order_of_rows_makes_no_difference(rows in prop::collection::vec(row(), 1..20).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        let read = |rows: &[Row]| {
            let imported = import(options(ImportKind::Events), Limits::default(), [csv(rows, ',').as_bytes()]).unwrap();
            let types = imported.report.types.clone();
            let mut rows = read_back(&events(imported));
            rows.sort();
            (types, rows)
        };
        prop_assert_eq!(read(&rows.0), read(&rows.1));
    }
}
