//! What the first part of a file tells about the whole.

use std::collections::HashSet;

use segments_model::ValueType;
use segments_model::calendar::{LocalClock, Zone};
use segments_model::import::{FileFormat, ImportKind, InspectedColumn, Inspection, TimeFormat};

use crate::column::{Column, Full, Kind};
use crate::csv::{self, Bounds};
use crate::error::ImportError;
use crate::json::Flat;
use crate::lines::{Form, Line, Lines};
use crate::time;

/// How much of a file is looked at before its lines are read, in bytes. A CSV file's column names have to lie in it.
pub const SAMPLE_BYTES: usize = 256 * 1024;

/// How many columns a file may have.
pub(crate) const COLUMNS: usize = 1_000;

const ROWS: usize = 1_000;
const SAMPLES: usize = 5;
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The signs that may stand between two values, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Says what a file seems to be from its first bytes: [`SAMPLE_BYTES`] of them or the whole file, if it is shorter.
///
/// Types are those of the first 1,000 rows at most. Columns for the user, the event and the time are recognised by
/// name, then by what is in them.
///
/// # Errors
/// When an import would refuse the file as a whole, whatever the columns are taken for.
pub fn inspect(start: &[u8]) -> Result<Inspection, ImportError> {
    let sample = Sample::read(start)?;
    let guess = sample.guess();
    Ok(Inspection {
        format: sample.format,
        delimiter: sample.delimiter.map(char::from),
        kind: guess.kind,
        columns: sample
            .columns
            .iter()
            .map(|column| InspectedColumn {
                name: column.name.clone(),
                value_type: column.value_type(),
                samples: column.different().take(SAMPLES).map(shorten).collect(),
            })
            .collect(),
        time_format: guess.time.and_then(|time| sample.time_format(time)),
        user: guess.user.map(|column| sample.name(column)),
        event: guess.event.map(|column| sample.name(column)),
        time: guess.time.map(|column| sample.name(column)),
    })
}

fn shorten(text: &str) -> String {
    text.chars().take(100).collect()
}

/// The file's bytes without a byte order mark.
pub(crate) fn without_mark(start: &[u8]) -> &[u8] {
    start.strip_prefix(MARK).unwrap_or(start)
}

/// The first rows of a file.
pub(crate) struct Sample {
    pub(crate) format: FileFormat,
    /// For CSV: what stands between two values.
    pub(crate) delimiter: Option<u8>,
    pub(crate) columns: Vec<Column>,
    rows: usize,
}

/// Which columns are what, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guess {
    pub(crate) kind: ImportKind,
    pub(crate) user: Option<usize>,
    pub(crate) event: Option<usize>,
    pub(crate) time: Option<usize>,
}

impl Sample {
    pub(crate) fn read(start: &[u8]) -> Result<Self, ImportError> {
        refuse_other_formats(start)?;
        let start = without_mark(start);
        let start = start.get(..SAMPLE_BYTES).unwrap_or(start);
        match start.trim_ascii_start() {
            [] => Err(ImportError::Empty),
            [b'{', ..] => Self::ndjson(start),
            [b'[', ..] => Err(ImportError::Format {
                what: "a JSON array",
                hint: "write each object on its own line, for example with jq -c '.[]'",
            }),
            _ => Self::csv(start, delimiter(start)),
        }
    }

    fn csv(start: &[u8], delimiter: u8) -> Result<Self, ImportError> {
        let mut columns: Vec<Column> = Vec::new();
        let mut bounds = Bounds::new();
        let mut rows = 0;
        let mut bare = true;
        first_lines(start, Some(delimiter), |line| {
            if columns.is_empty() {
                columns = header(&line, delimiter, &mut bounds)?;
                return Ok(());
            }
            bare = false;
            let Ok(text) = csv::split(&line, delimiter, &mut bounds) else {
                return Ok(());
            };
            if bounds.len() != columns.len() || !is_whole(&line) {
                return Ok(());
            }
            for (column, bounds) in columns.iter_mut().zip(&bounds) {
                let value = text.get(bounds.clone()).unwrap_or_default();
                if !is_blank(value) {
                    put(column, rows, value, Kind::Untyped)?;
                }
            }
            rows += 1;
            Ok(())
        })?;
        if columns.is_empty() {
            return Err(ImportError::Empty);
        }
        if bare {
            return Err(ImportError::HeaderOnly);
        }
        Ok(Self {
            format: FileFormat::Csv,
            delimiter: Some(delimiter),
            columns,
            rows,
        })
    }

    fn ndjson(start: &[u8]) -> Result<Self, ImportError> {
        let mut columns: Vec<Column> = Vec::new();
        let mut flat = Flat::default();
        let mut rows = 0;
        let mut first = true;
        first_lines(start, None, |line| {
            let text = std::str::from_utf8(line.raw).unwrap_or_default();
            if std::mem::take(&mut first) && text.trim_ascii() == "{" {
                return Err(ImportError::Format {
                    what: "JSON over several lines",
                    hint: "write each object on one line, for example with jq -c .",
                });
            }
            if !is_whole(&line) || flat.read(text).is_err() {
                return Ok(());
            }
            for (name, kind, value) in flat.cells() {
                let at = columns.iter().position(|column| column.name == name);
                let at = at.unwrap_or(columns.len());
                if at == COLUMNS {
                    return Err(ImportError::TooManyColumns { limit: COLUMNS });
                }
                if at == columns.len() {
                    columns.push(Column::new(name));
                }
                if let Some(column) = columns.get_mut(at) {
                    put(column, rows, value, kind)?;
                }
            }
            rows += 1;
            Ok(())
        })?;
        Ok(Self {
            format: FileFormat::Ndjson,
            delimiter: None,
            columns,
            rows,
        })
    }

    pub(crate) fn name(&self, column: usize) -> String {
        self.columns
            .get(column)
            .map(|column| column.name.clone())
            .unwrap_or_default()
    }

    /// The columns in words, for an error.
    pub(crate) fn columns_in_words(&self) -> String {
        const NAMED: usize = 20;
        let count = self.columns.len();
        let names: Vec<String> = self
            .columns
            .iter()
            .take(NAMED)
            .map(|column| format!("\"{}\"", shorten(&column.name)))
            .collect();
        let more = if count > NAMED { ", …" } else { "" };
        match count {
            0 => "no columns".to_owned(),
            1 => format!("1 column, {}", names.join(", ")),
            _ => format!("{count} columns: {}{more}", names.join(", ")),
        }
    }

    /// Recognises columns by name, then by what is in them.
    pub(crate) fn guess(&self) -> Guess {
        self.guess_without(&[])
    }

    /// Recognises columns other than those that were named for something.
    pub(crate) fn guess_without(&self, taken: &[Option<String>]) -> Guess {
        let free = |column: &Column| !taken.iter().flatten().any(|name| *name == column.name);
        let user = self.named(USER, free).or_else(|| {
            self.position(|column| {
                let name = plain(&column.name);
                free(column) && (name.ends_with("id") || name.contains("user"))
            })
        });
        let free = |column: &Column| {
            free(column) && user.is_none_or(|user| self.name(user) != column.name)
        };
        let named_event = self.named(EVENT, |column| {
            free(column) && matches!(column.value_type(), Some(ValueType::String) | None)
        });
        let free = |column: &Column| {
            free(column) && named_event.is_none_or(|event| self.name(event) != column.name)
        };
        let time = self
            .named(TIME, |column| free(column) && column.is_all_times())
            .or_else(|| {
                self.position(|column| {
                    free(column) && column.value_type() == Some(ValueType::Datetime)
                })
            })
            .or_else(|| self.position(|column| free(column) && column.is_all_recent_times()))
            .or_else(|| self.named(TIME, free));
        let events = time.is_some() && (named_event.is_some() || self.repeats(user));
        let event = named_event.or_else(|| {
            (0..self.columns.len()).find(|column| {
                let column = self.columns.get(*column);
                column.is_some_and(|column| free(column) && self.seems_of_names(column))
            })
        });
        Guess {
            kind: if events && event.is_some() {
                ImportKind::Events
            } else {
                ImportKind::Users
            },
            user,
            event,
            time,
        }
    }

    /// The first of these names that a column has; of keys inside of objects the last part counts too.
    fn named(&self, names: &[&str], fits: impl Fn(&Column) -> bool) -> Option<usize> {
        let whole = |column: &Column| plain(&column.name);
        let last = |column: &Column| plain(column.name.rsplit('.').next().unwrap_or_default());
        let find = |part: &dyn Fn(&Column) -> String| {
            names
                .iter()
                .find_map(|name| self.position(|column| part(column) == *name && fits(column)))
        };
        find(&whole).or_else(|| find(&last))
    }

    fn position(&self, is: impl Fn(&Column) -> bool) -> Option<usize> {
        self.columns.iter().position(is)
    }

    /// Whether rows share values of this column, as the events of a user do.
    fn repeats(&self, column: Option<usize>) -> bool {
        column
            .and_then(|column| self.columns.get(column))
            .is_some_and(|column| column.different().count() < self.rows)
    }

    /// Whether the column has few different texts that repeat, as names of events do.
    fn seems_of_names(&self, column: &Column) -> bool {
        let different = column.different().count();
        column.value_type() == Some(ValueType::String)
            && (2..=200).contains(&different)
            && different * 3 <= self.rows
    }

    fn time_format(&self, time: usize) -> Option<TimeFormat> {
        let first = self.columns.get(time)?.different().next()?;
        let zone = Zone::utc();
        let mut clock: LocalClock<'_> = zone.local_clock();
        Some(time::event_time(first)?.resolve(&mut clock).1)
    }
}

impl Column {
    fn is_all_times(&self) -> bool {
        self.different()
            .all(|value| time::event_time(value).is_some())
    }

    /// Whether every value is a number since 1970 and of the years 2000 to 2100.
    fn is_all_recent_times(&self) -> bool {
        const RECENT: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;
        self.value_type() == Some(ValueType::Number)
            && self.different().all(|value| {
                time::epoch(value.trim_ascii())
                    .is_some_and(|(instant, _)| RECENT.contains(&instant.millis()))
            })
    }
}

const USER: &[&str] = &[
    "userid",
    "distinctid",
    "customerid",
    "userpseudoid",
    "user",
    "memberid",
    "visitorid",
    "clientid",
    "accountid",
    "profileid",
    "personid",
    "subscriberid",
    "contactid",
    "playerid",
    "customer",
    "uid",
    "visitor",
    "member",
    "anonymousid",
    "deviceid",
    "email",
    "id",
];

const EVENT: &[&str] = &[
    "event",
    "eventname",
    "eventtype",
    "action",
    "activity",
    "eventaction",
    "actionname",
    "activityname",
    "actiontype",
    "activitytype",
];

const TIME: &[&str] = &[
    "timestamp",
    "eventtimestamp",
    "eventtime",
    "time",
    "ts",
    "datetime",
    "eventdatetime",
    "occurredat",
    "happenedat",
    "eventat",
    "createdat",
    "clienttime",
    "clientts",
    "originaltimestamp",
    "sentat",
    "receivedat",
    "servertime",
    "loggedat",
    "created",
    "date",
    "eventdate",
    "at",
    "t",
];

/// A name without case, blanks and signs: "User ID", "user_id" and "userId" are one.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a value is missing: a CSV value without a sign in it.
pub(crate) fn is_blank(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_whitespace())
}

fn is_whole(line: &Line<'_>) -> bool {
    matches!(line.form, Form::Plain | Form::Unquoted { .. })
}

fn put(column: &mut Column, row: usize, value: &str, kind: Kind) -> Result<(), ImportError> {
    match column.put(row, value, kind) {
        Ok(_) => Ok(()),
        Err(Full) => Err(ImportError::TooLarge {
            column: column.name.clone(),
        }),
    }
}

/// The columns that a CSV file's first line names.
fn header(line: &Line<'_>, delimiter: u8, bounds: &mut Bounds) -> Result<Vec<Column>, ImportError> {
    match line.form {
        Form::TooLong => {
            return Err(ImportError::HeaderTooLong {
                limit: SAMPLE_BYTES,
            });
        }
        Form::Unclosed => return Err(ImportError::HeaderUnclosed),
        Form::Plain | Form::Unquoted { .. } => {}
    }
    let text = csv::split(line, delimiter, bounds).map_err(|_| ImportError::Binary)?;
    if line.raw.contains(&0) {
        return Err(ImportError::Binary);
    }
    if bounds.len() > COLUMNS {
        return Err(ImportError::TooManyColumns { limit: COLUMNS });
    }
    let mut names = HashSet::new();
    bounds
        .iter()
        .enumerate()
        .map(|(number, bounds)| {
            let name = text.get(bounds.clone()).unwrap_or_default().trim();
            let name = if name.is_empty() {
                format!("column {}", number + 1)
            } else {
                name.to_owned()
            };
            let column = Column::new(&name);
            if names.insert(name.clone()) {
                Ok(column)
            } else {
                Err(ImportError::DuplicateColumn { name })
            }
        })
        .collect()
}

/// The sign that cuts the first lines into the same number of values, the more the better.
fn delimiter(start: &[u8]) -> u8 {
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let (mut width, mut rows, mut even) = (0, 0, 0);
        let mut bounds = Bounds::new();
        let lines = first_lines(start, Some(delimiter), |line| {
            let count = match csv::split(&line, delimiter, &mut bounds) {
                Ok(_) if is_whole(&line) => bounds.len(),
                _ => 0,
            };
            if width == 0 {
                width = count;
            } else {
                rows += 1;
                even += usize::from(count == width);
            }
            Ok(())
        });
        let share = (even * 100usize).checked_div(rows).unwrap_or(100);
        if lines.is_ok() && width > 1 && (share, width) > best.1 {
            best = (delimiter, (share, width));
        }
    }
    best.0
}

/// Hands on the first lines; the last one, which may be cut off, only if it is needed.
fn first_lines(
    start: &[u8],
    delimiter: Option<u8>,
    mut sink: impl FnMut(Line<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut lines = Lines::new(SAMPLE_BYTES - 1, delimiter);
    let mut count = 0;
    let mut take = |line: Line<'_>| {
        count += 1;
        if count > ROWS { Ok(()) } else { sink(line) }
    };
    lines.push(start, &mut take)?;
    if lines.next_number() <= 2 {
        lines.finish(&mut take)?;
    }
    Ok(())
}

/// Files that are told by their first bytes.
fn refuse_other_formats(start: &[u8]) -> Result<(), ImportError> {
    const UNPACK: &str = "unpack it first";
    const UTF8: &str = "save it as UTF-8";
    let formats: [(&[u8], &str, &str); 9] = [
        (b"\x1f\x8b", "compressed with gzip", UNPACK),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd", UNPACK),
        (b"BZh", "compressed with bzip2", UNPACK),
        (b"\xfd7zXZ", "compressed with xz", UNPACK),
        (
            b"PK\x03\x04",
            "a ZIP archive or a spreadsheet",
            "unpack it, or save the sheet as CSV",
        ),
        (b"PAR1", "Parquet", "write it as CSV or NDJSON"),
        (b"%PDF-", "a PDF document", "save its table as CSV"),
        (b"\xff\xfe", "UTF-16 text", UTF8),
        (b"\xfe\xff", "UTF-16 text", UTF8),
    ];
    match formats.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some((_, what, hint)) => Err(ImportError::Format { what, hint }),
        None => Ok(()),
    }
}
