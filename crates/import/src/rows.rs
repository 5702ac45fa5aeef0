//! Makes rows of lines.

use rustc_hash::FxHashMap;
use segments_engine_api::batch::{Batch, EventBatch, UserBatch};
use segments_model::calendar::{LocalClock, Zone};
use segments_model::import::{
    FileFormat, ImportKind, ImportOptions, ImportReport, PropertyType, TimeFormat, TimeFormatCount,
};
use segments_model::{Instant, ValueType};

use crate::column::{Column, Full, Kind};
use crate::csv::{self, Bounds};
use crate::error::{ImportError, LineError};
use crate::imported::{Imported, Known};
use crate::json::Flat;
use crate::limits::Limits;
use crate::lines::{Form, Line};
use crate::rejects::{Rejects, excerpt};
use crate::sample::{COLUMNS, Sample, is_blank};
use crate::time;

const USER: &str = "the user";
const EVENT: &str = "the event";
const TIME: &str = "the time";

/// Which columns are the user, the event and the time; the others are properties.
pub(crate) struct Roles {
    user: Option<String>,
    event: Option<String>,
    time: Option<String>,
}

impl Roles {
    /// The columns that were named.
    pub(crate) fn named(options: &ImportOptions) -> Self {
        let of_events = |column: &Option<String>| match options.kind {
            ImportKind::Events => column.clone(),
            ImportKind::Users => None,
        };
        Self {
            user: options.user.clone(),
            event: of_events(&options.event),
            time: of_events(&options.time),
        }
    }

    /// Refuses one column for two things.
    pub(crate) fn check(&self) -> Result<(), ImportError> {
        let pairs = [
            (&self.user, USER, &self.event, EVENT),
            (&self.user, USER, &self.time, TIME),
            (&self.event, EVENT, &self.time, TIME),
        ];
        for (first, first_role, second, second_role) in pairs {
            if let (Some(name), true) = (first, first == second) {
                return Err(ImportError::SameColumn {
                    name: name.clone(),
                    first: first_role,
                    second: second_role,
                });
            }
        }
        Ok(())
    }

    /// The columns that were named, and for the others the ones recognised.
    pub(crate) fn of(options: &ImportOptions, sample: &Sample) -> Result<Self, ImportError> {
        let named = Self::named(options);
        let taken = [&named.user, &named.event, &named.time].map(Clone::clone);
        let guess = sample.guess_without(&taken);
        let find = |role, named: Option<String>, guess: Option<usize>| match (named, guess) {
            (Some(name), _) if !sample.columns.iter().any(|column| column.name == name) => {
                Err(ImportError::MissingColumn {
                    role,
                    name,
                    columns: sample.columns_in_words(),
                })
            }
            (Some(name), _) => Ok(Some(name)),
            (None, Some(guess)) => Ok(Some(sample.name(guess))),
            (None, None) => Err(ImportError::Unrecognised {
                role,
                columns: sample.columns_in_words(),
            }),
        };
        let user = find(USER, named.user, guess.user)?;
        let (event, time) = match options.kind {
            ImportKind::Events => (
                find(EVENT, named.event, guess.event)?,
                find(TIME, named.time, guess.time)?,
            ),
            ImportKind::Users => (None, None),
        };
        Ok(Self { user, event, time })
    }
}

/// What a column of the file is.
#[derive(Clone, Copy)]
enum Target {
    User,
    Event,
    Time,
    Property(usize),
}

/// A row that holds a number that is too large, should its column turn out to be one of numbers.
struct Suspended {
    row: usize,
    column: usize,
    line: u64,
    value: String,
    text: String,
}

/// The rows so far.
pub(crate) struct Rows {
    kind: ImportKind,
    format: FileFormat,
    delimiter: Option<u8>,
    limits: Limits,
    /// What each column of the file is, by its name and in the file's order.
    targets: Vec<(String, Target)>,
    numbers: FxHashMap<String, usize>,
    roles: Roles,
    /// For NDJSON: the line that each column was last seen in.
    last_lines: Vec<u64>,
    header_due: bool,
    users: Column,
    events: Column,
    times: Vec<i64>,
    columns: Vec<Column>,
    rows: usize,
    time_formats: [u64; TimeFormat::ALL.len()],
    unclosed: usize,
    rejects: Rejects,
    suspended: Vec<Suspended>,
    suspended_bytes: usize,
    bounds: Bounds,
    flat: Flat,
}

impl Rows {
    pub(crate) fn new(kind: ImportKind, sample: Sample, roles: Roles, limits: Limits) -> Self {
        let role = |name: &Option<String>| Column::of_texts(name.as_deref().unwrap_or_default());
        let mut rows = Self {
            kind,
            format: sample.format,
            delimiter: sample.delimiter,
            limits,
            targets: Vec::new(),
            numbers: FxHashMap::default(),
            last_lines: Vec::new(),
            header_due: sample.format == FileFormat::Csv,
            users: role(&roles.user),
            events: role(&roles.event),
            roles,
            times: Vec::new(),
            columns: Vec::new(),
            rows: 0,
            time_formats: [0; TimeFormat::ALL.len()],
            unclosed: 0,
            rejects: Rejects::new(limits.reject_bytes),
            suspended: Vec::new(),
            suspended_bytes: 0,
            bounds: Bounds::new(),
            flat: Flat::default(),
        };
        if rows.header_due {
            for column in &sample.columns {
                rows.add_column(&column.name);
            }
        }
        rows
    }

    fn add_column(&mut self, name: &str) -> usize {
        let number = self.targets.len();
        let is = |role: &Option<String>| role.as_deref() == Some(name);
        let target = if is(&self.roles.user) {
            Target::User
        } else if is(&self.roles.event) {
            Target::Event
        } else if is(&self.roles.time) {
            Target::Time
        } else {
            self.columns.push(Column::new(name));
            Target::Property(self.columns.len() - 1)
        };
        self.targets.push((name.to_owned(), target));
        self.numbers.insert(name.to_owned(), number);
        self.last_lines.push(0);
        number
    }

    pub(crate) const fn accepted(&self) -> u64 {
        self.rows as u64
    }

    pub(crate) const fn rejected(&self) -> u64 {
        self.rejects.count()
    }

    /// Takes a line or refuses it; fails where the file as a whole is refused.
    pub(crate) fn take(
        &mut self,
        line: &Line<'_>,
        clock: &mut LocalClock<'_>,
    ) -> Result<(), ImportError> {
        if std::mem::take(&mut self.header_due) {
            return Ok(());
        }
        let rejected = match line.form {
            Form::TooLong => Some(LineError::TooLong(self.limits.line_bytes)),
            Form::Unclosed => {
                self.unclosed += 1;
                if self.unclosed > self.limits.unclosed_quotes {
                    return Err(ImportError::Quotes {
                        count: self.limits.unclosed_quotes,
                        line: line.number,
                    });
                }
                Some(LineError::Unclosed)
            }
            Form::Plain | Form::Unquoted { .. } => match self.delimiter {
                Some(delimiter) => self.take_csv(line, delimiter, clock)?,
                None => self.take_json(line, clock)?,
            },
        };
        if let Some(error) = rejected {
            self.rejects.push(line.number, &error, line.raw);
        }
        Ok(())
    }

    /// Takes a CSV line, or says why not.
    fn take_csv(
        &mut self,
        line: &Line<'_>,
        delimiter: u8,
        clock: &mut LocalClock<'_>,
    ) -> Result<Option<LineError>, ImportError> {
        let mut bounds = std::mem::take(&mut self.bounds);
        let taken = match csv::split(line, delimiter, &mut bounds) {
            Err(error) => Ok(Some(error)),
            Ok(_) if memchr::memchr(0, line.raw).is_some() => Ok(Some(LineError::Nul)),
            Ok(_) if bounds.len() != self.targets.len() => Ok(Some(LineError::Width {
                values: bounds.len(),
                expected: self.targets.len(),
            })),
            Ok(text) => {
                let value = |number: usize| -> Option<(usize, Kind, &str)> {
                    let value = text.get(bounds.get(number)?.clone())?;
                    Some((number, Kind::Untyped, value))
                };
                self.take_row(line, clock, value)
            }
        };
        self.bounds = bounds;
        taken
    }

    /// Takes an NDJSON line, or says why not.
    fn take_json(
        &mut self,
        line: &Line<'_>,
        clock: &mut LocalClock<'_>,
    ) -> Result<Option<LineError>, ImportError> {
        let Ok(text) = std::str::from_utf8(line.raw) else {
            return Ok(Some(LineError::Encoding));
        };
        if is_blank(text) {
            return Ok(None);
        }
        let mut flat = std::mem::take(&mut self.flat);
        let taken = match flat.read(text) {
            Ok(()) => self.take_flat(line, &mut flat, clock),
            Err(_) if memchr::memchr(0, line.raw).is_some() => Ok(Some(LineError::Nul)),
            Err(error) => Ok(Some(LineError::Json(error))),
        };
        self.flat = flat;
        taken
    }

    fn take_flat(
        &mut self,
        line: &Line<'_>,
        flat: &mut Flat,
        clock: &mut LocalClock<'_>,
    ) -> Result<Option<LineError>, ImportError> {
        let mut next = 0;
        let mut twice = None;
        flat.number(|name| {
            // Most lines have their keys in the order of the line before.
            let expected = self
                .targets
                .get(next)
                .is_some_and(|(expected, _)| expected == name);
            let number = if expected {
                next
            } else if let Some(number) = self.numbers.get(name) {
                *number
            } else {
                self.add_column(name)
            };
            next = number + 1;
            if let Some(last_line) = self.last_lines.get_mut(number) {
                if *last_line == line.number && twice.is_none() {
                    twice = Some(name.to_owned());
                }
                *last_line = line.number;
            }
            number
        });
        if self.targets.len() > COLUMNS {
            return Err(ImportError::TooManyColumns { limit: COLUMNS });
        }
        if let Some(name) = twice {
            return Ok(Some(LineError::DuplicateKey(name)));
        }
        self.take_row(line, clock, |number| flat.cell(number))
    }

    /// Takes the values of a line: the column's number, what kind of value, and its text.
    #[inline]
    fn take_row<'v>(
        &mut self,
        line: &Line<'_>,
        clock: &mut LocalClock<'_>,
        value: impl Fn(usize) -> Option<(usize, Kind, &'v str)>,
    ) -> Result<Option<LineError>, ImportError> {
        let (mut user, mut event, mut time) = (None, None, None);
        for number in 0.. {
            let Some((column, kind, text)) = value(number) else {
                break;
            };
            let role = match self.targets.get(column) {
                Some((_, Target::User)) => &mut user,
                Some((_, Target::Event)) => &mut event,
                Some((_, Target::Time)) => &mut time,
                Some((_, Target::Property(_))) | None => continue,
            };
            if kind == Kind::Boolean {
                return Ok(Some(self.unfit(column, text)));
            }
            *role = Some(text).filter(|text| !is_blank(text));
        }
        let Some(user) = user else {
            return Ok(Some(missing(USER, &self.roles.user)));
        };
        let row = self.rows;
        if self.kind == ImportKind::Events {
            let Some(event) = event else {
                return Ok(Some(missing(EVENT, &self.roles.event)));
            };
            let Some(time) = time else {
                return Ok(Some(missing(TIME, &self.roles.time)));
            };
            let Some(written) = time::event_time(time) else {
                return Ok(Some(LineError::Time(shorten(time))));
            };
            let (instant, format) = written.resolve(clock);
            if let Some(count) = self.time_formats.get_mut(format as usize) {
                *count += 1;
            }
            put(&mut self.events, row, event, Kind::Text)?;
            self.times.push(instant.millis());
        }
        put(&mut self.users, row, user, Kind::Text)?;
        self.rows += 1;
        for number in 0.. {
            let Some((column, kind, text)) = value(number) else {
                break;
            };
            let Some((_, Target::Property(property))) = self.targets.get(column) else {
                continue;
            };
            if kind == Kind::Untyped && is_blank(text) {
                continue;
            }
            let property = *property;
            if let Some(column) = self.columns.get_mut(property)
                && put(column, row, text, kind)?
            {
                self.suspend(row, property, text, line);
            }
        }
        Ok(None)
    }

    fn suspend(&mut self, row: usize, column: usize, value: &str, line: &Line<'_>) {
        if self.suspended_bytes >= self.limits.reject_bytes {
            return;
        }
        let text = excerpt(line.raw);
        self.suspended_bytes += text.len() + size_of::<Suspended>();
        self.suspended.push(Suspended {
            row,
            column,
            line: line.number,
            value: shorten(value),
            text,
        });
    }

    fn unfit(&self, column: usize, value: &str) -> LineError {
        let (column, role) = match self.targets.get(column) {
            Some((name, Target::Event)) => (name.clone(), EVENT),
            Some((name, Target::Time)) => (name.clone(), TIME),
            Some((name, _)) => (name.clone(), USER),
            None => (String::new(), USER),
        };
        LineError::Unfit {
            role,
            column,
            value: value.to_owned(),
        }
    }

    /// The rows as a batch, with the types that hold over the whole file.
    pub(crate) fn finish(mut self, zone: &Zone, known: &Known) -> Result<Imported, ImportError> {
        let types: Vec<Option<ValueType>> = self
            .columns
            .iter()
            .map(|column| column.type_onto(known.get(&column.name).copied()))
            .collect();
        let keep = self.reject_huge(&types);
        let keep = keep.as_deref();
        let rows = self.rows;
        let mut clock = zone.local_clock();
        let mut properties = Vec::new();
        let mut property_types = Vec::new();
        for (column, value_type) in self.columns.into_iter().zip(types) {
            let Some(value_type) = value_type else {
                continue;
            };
            let (column, values) = column.into_values(value_type, rows, keep, &mut clock);
            if values > 0 {
                property_types.push(PropertyType {
                    name: column.name.clone(),
                    value_type,
                    values,
                });
                properties.push(column);
            }
        }
        let users = self.users.into_coded(rows, keep);
        let mut times = self.times;
        if let Some(keep) = keep {
            let mut keep_row = keep.iter().copied();
            times.retain(|_| keep_row.next().unwrap_or(true));
        }
        let instant =
            |millis: Option<&i64>| millis.and_then(|millis| Instant::from_millis(*millis));
        let report = ImportReport {
            kind: self.kind,
            format: self.format,
            user: self.roles.user.unwrap_or_default(),
            event: self.roles.event,
            time: self.roles.time,
            time_formats: TimeFormat::ALL
                .into_iter()
                .zip(self.time_formats)
                .filter(|(_, count)| *count > 0)
                .map(|(format, count)| TimeFormatCount { format, count })
                .collect(),
            time_zone: zone.name().to_owned(),
            accepted: users.codes.len() as u64,
            rejected: self.rejects.count(),
            users: users.dictionary.len() as u64,
            first_event_at: instant(times.iter().min()),
            last_event_at: instant(times.iter().max()),
            types: property_types,
            rejects: self
                .rejects
                .listed()
                .iter()
                .take(ImportReport::MAX_REJECTS)
                .cloned()
                .collect(),
        };
        let batch = match self.kind {
            ImportKind::Events => Batch::Events(EventBatch {
                users,
                events: self.events.into_coded(rows, keep),
                times,
                properties,
            }),
            ImportKind::Users => Batch::Users(UserBatch { users, properties }),
        };
        Ok(Imported {
            batch,
            report,
            rejects: self.rejects,
        })
    }

    /// Refuses the rows whose number is too large, now that it is known which columns are of numbers; says which rows
    /// stay, unless all do.
    fn reject_huge(&mut self, types: &[Option<ValueType>]) -> Option<Vec<bool>> {
        let is_number = |column: usize| types.get(column) == Some(&Some(ValueType::Number));
        let mut keep: Option<Vec<bool>> = None;
        let mut rejected = 0;
        for (number, column) in self.columns.iter().enumerate() {
            if !is_number(number) {
                continue;
            }
            for row in column.huge_rows() {
                let keep = keep.get_or_insert_with(|| vec![true; self.rows]);
                if let Some(keep_row) = keep.get_mut(row) {
                    rejected += u64::from(*keep_row);
                    *keep_row = false;
                }
            }
        }
        keep.as_ref()?;
        let mut suspended = std::mem::take(&mut self.suspended);
        suspended.retain(|suspended| is_number(suspended.column));
        suspended.dedup_by_key(|suspended| suspended.row);
        let unlisted = rejected - suspended.len() as u64;
        let lines = suspended
            .into_iter()
            .map(|suspended| {
                let column = self.columns.get(suspended.column);
                let error = LineError::Huge {
                    column: column.map(|column| column.name.clone()).unwrap_or_default(),
                    value: suspended.value,
                };
                (suspended.line, error, suspended.text)
            })
            .collect();
        self.rejects.merge(lines, unlisted);
        keep
    }
}

fn put(column: &mut Column, row: usize, text: &str, kind: Kind) -> Result<bool, ImportError> {
    column
        .put(row, text, kind)
        .map_err(|Full| ImportError::TooLarge {
            column: column.name.clone(),
        })
}

fn missing(role: &'static str, column: &Option<String>) -> LineError {
    LineError::Missing {
        role,
        column: column.clone().unwrap_or_default(),
    }
}

/// The beginning of a value, for a reason.
fn shorten(value: &str) -> String {
    const SHOWN: usize = 100;
    if value.chars().nth(SHOWN).is_none() {
        return value.to_owned();
    }
    let start: String = value.chars().take(SHOWN).collect();
    format!("{start}…")
}
