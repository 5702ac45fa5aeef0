//! Files as people have them, sound and broken.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use segments_engine_api::batch::{Batch, Coded, EventBatch, UserBatch, Values};
use segments_import::{ImportError, Imported, Importer, Known, Limits, inspect};
use segments_model::ValueType;
use segments_model::calendar::Zone;
use segments_model::import::{FileFormat, ImportKind, ImportOptions, TimeFormat};

fn options(kind: ImportKind) -> ImportOptions {
    ImportOptions {
        kind,
        user: None,
        event: None,
        time: None,
        time_zone: None,
    }
}

fn import_with(
    options: ImportOptions,
    known: Known,
    file: impl AsRef<[u8]>,
) -> Result<Imported, ImportError> {
    let mut importer = Importer::new(options, &Zone::utc(), known, Limits::default())?;
    let file = file.as_ref();
    let chunk = if file.len() < 10_000 { 7 } else { 65_537 };
    for chunk in file.chunks(chunk) {
        importer.push(chunk)?;
    }
    importer.finish()
}

fn import(file: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
    import_with(options(ImportKind::Events), Known::new(), file)
}

fn events(imported: &Imported) -> &EventBatch {
    match &imported.batch {
        Batch::Events(batch) => batch,
        Batch::Users(_) => panic!("not events"),
    }
}

fn users(imported: &Imported) -> &UserBatch {
    match &imported.batch {
        Batch::Users(batch) => batch,
        Batch::Events(_) => panic!("not users"),
    }
}

fn texts(coded: &Coded) -> Vec<Option<&str>> {
    (0..coded.codes.len()).map(|row| coded.get(row)).collect()
}

fn property<'b>(batch: &'b EventBatch, name: &str) -> &'b Values {
    let column = batch.properties.iter().find(|column| column.name == name);
    &column.unwrap().values
}

fn strings<'b>(batch: &'b EventBatch, name: &str) -> Vec<Option<&'b str>> {
    match property(batch, name) {
        Values::String(coded) => texts(coded),
        other => panic!("{name} is {other:?}"),
    }
}

fn reasons(imported: &Imported) -> Vec<(u64, String)> {
    let listed = imported.rejects.listed().iter();
    listed
        .map(|reject| (reject.line, reject.reason.clone()))
        .collect()
}

const FILE: &str = "\
time,country,user_id,event,price,vip,zip,since
2024-03-13 10:21:14,Norway,u1,Order Completed,12.50,true,01234,2023-01-02
1710325275,,u2,\"Product, \"\"Viewed\"\"\",,False,99,
2024-03-13T12:21:16.0019+02:00,\"São
Paulo\",u1,Order Completed,-3,,7,2023-01-02T03:04:05Z
";

#[track_caller]
fn is_the_file(imported: &Imported) {
    let batch = events(imported);
    assert_eq!(texts(&batch.users), [Some("u1"), Some("u2"), Some("u1")]);
    assert_eq!(
        texts(&batch.events),
        [
            Some("Order Completed"),
            Some("Product, \"Viewed\""),
            Some("Order Completed")
        ]
    );
    assert_eq!(
        batch.times,
        [1_710_325_274_000, 1_710_325_275_000, 1_710_325_276_001]
    );
    assert_eq!(
        strings(batch, "zip"),
        [Some("01234"), Some("99"), Some("7")]
    );
    assert_eq!(*property(batch, "vip"), Values::Boolean(vec![1, 0, 2]));
    match property(batch, "price") {
        Values::Number(numbers) => {
            assert_eq!((numbers[0], numbers[2]), (12.5, -3.0));
            assert!(numbers[1].is_nan());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        *property(batch, "since"),
        Values::Datetime(vec![1_672_617_600_000, i64::MIN, 1_672_628_645_000])
    );
    assert_eq!(imported.report.accepted, 3);
    assert_eq!(imported.report.rejected, 0);
    assert_eq!(imported.report.users, 2);
}

#[test]
fn a_file_in_every_dress_is_the_same_file() {
    let plain = FILE.replace("\"São\nPaulo\"", "Brazil");
    let imported = import(FILE).unwrap();
    is_the_file(&imported);
    assert_eq!(
        strings(events(&imported), "country"),
        [Some("Norway"), None, Some("São\nPaulo")]
    );
    for dressed in [
        plain.clone(),
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', "\n\n"),
        plain.trim_end().to_owned(),
        format!("\u{feff}{plain}"),
        plain
            .replace("Product, ", "Product; ")
            .replace(',', "\t")
            .replace("Product; ", "Product, "),
        plain.replace(',', ";").replace("Product;", "Product,"),
        plain.replace(',', "|").replace("Product|", "Product,"),
    ] {
        is_the_file(&import(dressed).unwrap());
    }
}

#[test]
fn the_report_says_what_was_found() {
    let report = import(FILE).unwrap().report;
    assert_eq!(report.format, FileFormat::Csv);
    assert_eq!(report.user, "user_id");
    assert_eq!(report.event.as_deref(), Some("event"));
    assert_eq!(report.time.as_deref(), Some("time"));
    let formats: Vec<_> = report
        .time_formats
        .iter()
        .map(|format| (format.format, format.count))
        .collect();
    assert_eq!(
        formats,
        [
            (TimeFormat::EpochSeconds, 1),
            (TimeFormat::Rfc3339, 1),
            (TimeFormat::Local, 1)
        ]
    );
    let types: Vec<_> = report
        .types
        .iter()
        .map(|property| (property.name.as_str(), property.value_type, property.values))
        .collect();
    assert_eq!(
        types,
        [
            ("country", ValueType::String, 2),
            ("price", ValueType::Number, 2),
            ("vip", ValueType::Boolean, 2),
            ("zip", ValueType::String, 3),
            ("since", ValueType::Datetime, 2),
        ]
    );
    assert_eq!(
        report.first_event_at.unwrap().to_string(),
        "2024-03-13T10:21:14.000Z"
    );
    assert_eq!(report.time_zone, "UTC");
}

#[test]
fn times_without_a_zone_are_of_the_imports_zone() {
    let file = "user,event,time,due\nu,e,2024-07-01 12:00:00,2024-07-01\n";
    let mut named = options(ImportKind::Events);
    named.time_zone = Some("america/new_york".to_owned());
    let imported = import_with(named.clone(), Known::new(), file).unwrap();
    assert_eq!(events(&imported).times, [1_719_849_600_000]);
    assert_eq!(
        *property(events(&imported), "due"),
        Values::Datetime(vec![1_719_806_400_000])
    );
    assert_eq!(imported.report.time_zone, "America/New_York");
    named.time_zone = Some("Mars/Base".to_owned());
    assert!(matches!(
        import_with(named, Known::new(), file),
        Err(ImportError::Zone(_))
    ));
}

#[test]
fn ndjson_is_laid_flat() {
    let file = r#"{"event":"View","user":{"id":17},"ts":1710325274123,"properties":{"price":1.5,"tags":["a","b"],"code":"007"}}

{"user":{"id":"17"},"properties":{"price":2,"code":"8","note":null,"flag":true},"event":"View","ts":"2024-03-13T10:21:15Z"}
"#;
    let mut named = options(ImportKind::Events);
    named.user = Some("user.id".to_owned());
    let imported = import_with(named, Known::new(), file).unwrap();
    let batch = events(&imported);
    assert_eq!(texts(&batch.users), [Some("17"), Some("17")]);
    assert_eq!(batch.times, [1_710_325_274_123, 1_710_325_275_000]);
    assert_eq!(
        *property(batch, "properties.price"),
        Values::Number(vec![1.5, 2.0])
    );
    assert_eq!(
        strings(batch, "properties.tags"),
        [Some(r#"["a","b"]"#), None]
    );
    assert_eq!(strings(batch, "properties.code"), [Some("007"), Some("8")]);
    assert_eq!(
        *property(batch, "properties.flag"),
        Values::Boolean(vec![2, 1])
    );
    assert_eq!(batch.properties.len(), 4);
    assert_eq!(imported.report.format, FileFormat::Ndjson);
    assert_eq!(imported.report.users, 1);
}

#[test]
fn values_of_two_json_types_are_text() {
    let file = r#"{"user_id":"u","event":"e","time":1,"x":1.0}
{"user_id":"u","event":"e","time":1,"x":"1"}
{"user_id":"u","event":"e","time":1,"x":true}
"#;
    let imported = import(file).unwrap();
    assert_eq!(
        strings(events(&imported), "x"),
        [Some("1"), Some("1"), Some("true")]
    );
}

#[test]
fn users_need_an_id_alone() {
    let file = "email,plan,id\na@x,free,1\nb@x,,2\n,pro,\n";
    let mut named = options(ImportKind::Users);
    named.user = Some("id".to_owned());
    let imported = import_with(named, Known::new(), file).unwrap();
    assert_eq!(texts(&users(&imported).users), [Some("1"), Some("2")]);
    assert_eq!(users(&imported).properties.len(), 2);
    assert_eq!(
        reasons(&imported),
        [(4, "the user is missing: \"id\" has no value".to_owned())]
    );
}

#[test]
fn lines_are_refused_with_their_number_and_reason() {
    let file = b"user_id,event,time,n\n\
        u1,e,2024-01-01,1\n\
        u1,e,2024-01-01\n\
        \n\
        \"u\n2\",e,2024-01-01,1,2\n\
        ,e,2024-01-01,1\n\
        u1, ,2024-01-01,1\n\
        u1,e,,1\n\
        u1,e,soon,1\n\
        u1,e,2024-01-01,\xff\n\
        u1,e,2024-01-01,\0\n\
        u1,e,2024-01-01,1000000000000001\n\
        u1,e,2024-01-01,2\n\
        u1,e";
    let imported = import(file).unwrap();
    let rejected: Vec<(u64, String)> = reasons(&imported);
    let lines: Vec<u64> = rejected.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 5, 7, 8, 9, 10, 11, 12, 13, 15]);
    for ((_, reason), part) in rejected.iter().zip([
        "3 values, but the first line names 4",
        "5 values, but",
        "the user is missing",
        "the event is missing",
        "the time is missing",
        "\"soon\" is not a time",
        "not UTF-8",
        "NUL",
        "\"n\" is a number column and 1000000000000001 is beyond 10^15",
        "2 values, but",
    ]) {
        assert!(reason.contains(part), "{reason} / {part}");
    }
    assert_eq!(imported.report.accepted, 2);
    assert_eq!(imported.report.rejected, 10);
    assert_eq!(
        *property(events(&imported), "n"),
        Values::Number(vec![1.0, 2.0])
    );
    assert_eq!(imported.report.rejects[1].text, "\"u\n2\",e,2024-01-01,1,2");
}

#[test]
fn a_user_only_on_refused_lines_is_no_user() {
    let file = "user_id,event,time,n,s\n\
        u1,e,2024-01-01,1,a\nu2,f,2025-01-01,1e16,b\nu1,e,2024-01-01,2,a\nu3,e,2024-01-01,3,a\n";
    let imported = import(file).unwrap();
    let batch = events(&imported);
    assert_eq!(imported.report.users, 2);
    assert_eq!(batch.users.dictionary.len(), 2);
    assert_eq!(batch.events.dictionary.len(), 1);
    assert_eq!(strings(batch, "s"), [Some("a"); 3]);
    assert_eq!(
        imported.report.last_event_at,
        imported.report.first_event_at
    );
    assert_eq!(reasons(&imported)[0].0, 3);
}

#[test]
fn ids_of_many_digits_are_text() {
    let file = "user_id,event,time,order\nu1,e,2024-01-01,12345678901234567\nu2,e,2024-01-01,12345678901234568\n";
    let imported = import(file).unwrap();
    assert_eq!(
        strings(events(&imported), "order"),
        [Some("12345678901234567"), Some("12345678901234568")]
    );
    // Onto data where it is a number, the lines are refused.
    let known = Known::from([("order".to_owned(), ValueType::Number)]);
    let imported = import_with(options(ImportKind::Events), known, file).unwrap();
    assert_eq!((imported.report.accepted, imported.report.rejected), (0, 2));
    assert!(imported.report.types.is_empty());
}

#[test]
fn a_type_that_the_data_has_otherwise_makes_text() {
    let file = "user_id,event,time,x\nu1,e,2024-01-01,1\n";
    for (known, expected) in [
        (ValueType::Number, ValueType::Number),
        (ValueType::String, ValueType::String),
        (ValueType::Boolean, ValueType::String),
    ] {
        let known = Known::from([("x".to_owned(), known)]);
        let imported = import_with(options(ImportKind::Events), known, file).unwrap();
        assert_eq!(imported.report.types[0].value_type, expected);
    }
}

#[test]
fn equal_rows_are_different_events() {
    let file = format!("user_id,event,time\n{}", "u1,e,2024-01-01\n".repeat(5));
    assert_eq!(events(&import(file).unwrap()).times.len(), 5);
}

#[test]
fn an_unclosed_quote_refuses_its_line_alone() {
    let file = "user_id,event,time\nu1,\"e,2024-01-01\nu2,e,2024-01-01\nu3,e,2024-01-01\n";
    let imported = import(file).unwrap();
    assert_eq!(texts(&events(&imported).users), [Some("u2"), Some("u3")]);
    let rejected = reasons(&imported);
    assert_eq!(rejected.len(), 1);
    assert_eq!(rejected[0].0, 2);
    assert!(rejected[0].1.contains("quotation mark"));

    // The same within a file that goes on for longer than a line may be.
    let long = format!(
        "user_id,event,time\nu1,\"e,2024-01-01\n{}",
        "u2,e,2024-01-01\n".repeat(100_000)
    );
    let imported = import(long).unwrap();
    assert_eq!(imported.report.accepted, 100_000);
    assert_eq!(reasons(&imported)[0].0, 2);
}

#[test]
fn quotes_that_never_match_end_in_bounded_time() {
    let file = format!("user_id,event,time\n{}", "a\"b,\"c\n".repeat(500_000));
    assert!(matches!(import(file), Err(ImportError::Quotes { .. })));
}

#[test]
fn a_line_of_100_megabytes_is_refused_alone() {
    let mut importer = Importer::new(
        options(ImportKind::Events),
        &Zone::utc(),
        Known::new(),
        Limits::default(),
    )
    .unwrap();
    importer
        .push(b"user_id,event,time\nu1,e,2024-01-01\nu1,\"")
        .unwrap();
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        importer.push(&megabyte).unwrap();
    }
    importer.push(b"\nu2,e,2024-01-01\n").unwrap();
    let progress = importer.progress();
    assert_eq!(
        (progress.lines, progress.accepted, progress.rejected),
        (4, 2, 1)
    );
    let imported = importer.finish().unwrap();
    assert_eq!(imported.report.accepted, 2);
    let reject = &imported.rejects.listed()[0];
    assert_eq!(reject.line, 3);
    assert_eq!(reject.text.len(), 1_000);
    assert!(reject.reason.contains("longer than 1048576 bytes"));
}

#[test]
fn refused_lines_are_kept_up_to_a_bound() {
    let mut file = "user_id,event,time,n\n".to_owned();
    for number in 0..100_000 {
        file.push_str(&format!("u1,e,never{number},{number}\n"));
    }
    let limits = Limits {
        reject_bytes: 10_000,
        ..Limits::default()
    };
    let options = options(ImportKind::Events);
    let mut importer = Importer::new(options, &Zone::utc(), Known::new(), limits).unwrap();
    importer.push(file.as_bytes()).unwrap();
    let imported = importer.finish().unwrap();
    assert_eq!(imported.report.rejected, 100_000);
    assert!(imported.rejects.is_cut());
    assert!(imported.rejects.to_csv().len() < 20_000);
    assert!(
        imported
            .rejects
            .to_csv()
            .contains("more rows were rejected")
    );
}

#[test]
fn broken_files_are_refused_with_a_reason() {
    let wide = (0..1_000_000)
        .map(|number| number.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let wider = (0..2_000)
        .map(|number| format!("c{number}"))
        .collect::<Vec<_>>()
        .join(",");
    let keys = (0..2_000).fold(String::new(), |lines, number| {
        format!("{lines}{{\"user_id\":\"u\",\"event\":\"e\",\"time\":1,\"k{number}\":1}}\n")
    });
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "empty"),
        (b"\n \r\n".to_vec(), "empty"),
        (b"user_id,event,time\n".to_vec(), "no rows"),
        (b"user_id,event,time".to_vec(), "no rows"),
        (
            b"\x1f\x8b\x08rest".to_vec(),
            "gzip, not CSV or NDJSON: unpack it",
        ),
        (b"PK\x03\x04rest".to_vec(), "ZIP"),
        (b"PAR1rest".to_vec(), "Parquet"),
        (b"\xff\xfeu\0s\0".to_vec(), "UTF-16"),
        (b"\x7fELF\x02\x01\0\0\0\nrest\n".to_vec(), "not UTF-8"),
        (b"us\xffer,event,time\nu,e,1\n".to_vec(), "not UTF-8"),
        (b"[{\"user_id\":1}]".to_vec(), "JSON array"),
        (b"{\n\"user_id\":1}".to_vec(), "several lines"),
        (
            b"user_id,event,time,event\nu,e,1,1\n".to_vec(),
            "two columns are named \"event\"",
        ),
        (
            b"user_id:event:time\nu:e:1\n".to_vec(),
            "no column was recognised",
        ),
        (
            b"a,b,c\n1,2,3\n".to_vec(),
            "no column was recognised as the user",
        ),
        (b"user_id,event,time\"\n".to_vec(), "no rows"),
        (
            b"user_id,\"event,time\nu,e,1\n".to_vec(),
            "first line is not closed",
        ),
        (wide.into_bytes(), "longer than"),
        (
            format!("{wider}\n1\n").into_bytes(),
            "more than 1000 columns",
        ),
        (keys.into_bytes(), "more than 1000 columns"),
    ];
    for (file, part) in cases {
        let start = String::from_utf8_lossy(&file[..file.len().min(40)]).into_owned();
        let error = import(&file).unwrap_err().to_string();
        assert!(error.contains(part), "{start:?} gave {error}");
    }
}

#[test]
fn columns_that_are_named_have_to_be_there() {
    let file = "who,what,when\nu,e,1\n";
    let mut named = options(ImportKind::Events);
    named.user = Some("who".to_owned());
    named.event = Some("what".to_owned());
    named.time = Some("wen".to_owned());
    let error = import_with(named.clone(), Known::new(), file).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no column \"wen\" for the time: the file has 3 columns: \"who\", \"what\", \"when\""
    );
    named.time = Some("when".to_owned());
    assert_eq!(
        import_with(named.clone(), Known::new(), file)
            .unwrap()
            .report
            .accepted,
        1
    );
    named.time = Some("what".to_owned());
    assert!(matches!(
        import_with(named, Known::new(), file),
        Err(ImportError::SameColumn { .. })
    ));
}

#[test]
fn the_same_error_comes_again() {
    let mut importer = Importer::new(
        options(ImportKind::Events),
        &Zone::utc(),
        Known::new(),
        Limits::default(),
    )
    .unwrap();
    let long = vec![b'a'; 1 << 20];
    let error = importer.push(&long).unwrap_err();
    assert_eq!(importer.push(b"x").unwrap_err(), error);
    assert_eq!(importer.finish().unwrap_err(), error);
}

#[test]
fn a_file_is_recognised() {
    let inspection = inspect(FILE.as_bytes()).unwrap();
    assert_eq!(inspection.kind, ImportKind::Events);
    assert_eq!(inspection.delimiter, Some(','));
    assert_eq!(inspection.user.as_deref(), Some("user_id"));
    assert_eq!(inspection.event.as_deref(), Some("event"));
    assert_eq!(inspection.time.as_deref(), Some("time"));
    assert_eq!(inspection.time_format, Some(TimeFormat::Local));
    let price = &inspection.columns[4];
    assert_eq!(price.value_type, Some(ValueType::Number));
    assert_eq!(price.samples, ["12.50", "-3"]);

    for (file, kind, columns) in [
        (
            "distinctId;eventName;ts\nu;e;1710325274\n",
            ImportKind::Events,
            "distinctId eventName ts",
        ),
        (
            "User ID\tAction\tCreated At\nu\te\t2024-01-01\n",
            ImportKind::Events,
            "User ID Action Created At",
        ),
        (
            "customer id|event|day\nu|e|2024-01-01\n",
            ImportKind::Events,
            "customer id event day",
        ),
        // By content: the users repeat, one column is a time, one has few texts.
        (
            "user,page,x,n\nu,a,1710325274,1\nv,a,1710325275,2\nu,b,1710325276,3\nv,b,1710325276,3\nu,b,1710325276,3\nv,b,1710325276,3\n",
            ImportKind::Events,
            "user page x",
        ),
        (
            "user_id,plan,signed_up_at\nu,free,2024-01-01\nv,free,2024-01-01\n",
            ImportKind::Users,
            "user_id  signed_up_at",
        ),
        (
            "{\"event\":\"e\",\"properties\":{\"distinct_id\":\"u\",\"time\":1710325274}}\n",
            ImportKind::Events,
            "properties.distinct_id event properties.time",
        ),
    ] {
        let inspection = inspect(file.as_bytes()).unwrap();
        let columns_read = [inspection.user, inspection.event, inspection.time]
            .map(Option::unwrap_or_default)
            .join(" ");
        assert_eq!(
            (inspection.kind, columns_read.trim()),
            (kind, columns),
            "{file}"
        );
    }
}

#[test]
fn a_part_of_a_file_is_recognised_as_well_as_the_whole() {
    let mut file = "user_id,event,time,price\n".to_owned();
    for number in 0..100 {
        file.push_str(&format!("u{number},e,2024-01-01 00:00:00,{number}\n"));
    }
    let whole = inspect(&file.as_bytes()[..2_000]).unwrap();
    for end in 1_000..1_100 {
        let part = inspect(&file.as_bytes()[..end]).unwrap();
        assert_eq!(part.time_format, whole.time_format);
        for (part, whole) in part.columns.iter().zip(&whole.columns) {
            assert_eq!(part.value_type, whole.value_type, "cut at {end}");
        }
    }
}
