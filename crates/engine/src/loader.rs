//! From batches of rows to a store.

use std::sync::Arc;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use segments_engine_api::LoadError;
use segments_model::validate::MAX_NUMBER;
use segments_model::{Instant, ValueType};

use crate::Progress;
use crate::batch::{
    Coded, Column, Dictionary, EventBatch, MISSING, MISSING_BOOLEAN, MISSING_DATETIME, Texts,
    UserBatch, Values,
};
use crate::column::{Cell, Packed, Times};
use crate::store::{EventProperty, Store, Table, TableColumn, UserProperty, Users};

/// Takes rows and makes a store of them.
///
/// Where batches disagree on a property's type, it becomes text: numbers as they read shortest, datetimes in RFC 3339. Of a
/// user property that is given twice for a user the later value wins, and a missing one takes nothing away. Equal rows of
/// events are different events.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    users: Dictionary,
    names: Dictionary,
    event_users: Vec<u32>,
    event_names: Vec<u32>,
    times: Vec<i64>,
    event_properties: Staging,
    user_properties: Staging,
}

impl Loader {
    /// Starts with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with what a store has; the store itself stays as it is. Copies it: O(events).
    #[must_use]
    pub fn onto(store: &Arc<Store>) -> Self {
        let mut loader = Self {
            users: store.users.ids.clone(),
            ..Self::default()
        };
        for property in &store.properties {
            loader.event_properties.add(StagedProperty {
                name: property.name.clone(),
                values: StagedValues::empty(property.value_type, property.texts.clone()),
            });
        }
        for property in &store.users.properties {
            let mut values =
                StagedValues::empty(property.values.value_type(), property.texts.clone());
            for row in 0..property.values.len() {
                values.push(property.values.get(row));
            }
            loader.user_properties.add(StagedProperty {
                name: property.name.clone(),
                values,
            });
        }
        for table in &store.tables {
            // A store has fewer names than a dictionary has room for.
            let name = loader.names.intern(&table.name).unwrap_or(MISSING);
            let before = loader.times.len();
            for place in 0..table.users.len() {
                let run = table.run(place);
                loader.event_users.extend(std::iter::repeat_n(
                    table.users.get(place).copied().unwrap_or(MISSING),
                    run.len(),
                ));
            }
            loader
                .event_names
                .extend(std::iter::repeat_n(name, table.rows()));
            loader
                .times
                .extend((0..table.rows()).map(|row| table.times.get(row, store.base)));
            for column in &table.columns {
                if let Some(staged) = loader
                    .event_properties
                    .properties
                    .get_mut(column.property as usize)
                {
                    staged.values.pad(before);
                    for row in 0..table.rows() {
                        staged.values.push(column.values.get(row));
                    }
                }
            }
        }
        loader
    }

    /// How many events are there.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.times.len()
    }

    /// Takes events.
    ///
    /// # Errors
    /// When the batch is not as [`EventBatch`] says; then nothing of it is taken.
    pub fn push_events(&mut self, batch: &EventBatch) -> Result<(), LoadError> {
        let rows = batch.times.len();
        check_codes(&batch.users, "user id", rows)?;
        check_codes(&batch.events, "event name", rows)?;
        check_columns(&batch.properties, rows)?;
        for (row, time) in batch.times.iter().enumerate() {
            Instant::from_millis(*time).ok_or(LoadError::Time { row })?;
        }
        if u32::try_from(self.times.len() + rows).is_err() {
            return Err(LoadError::Full("events"));
        }
        let users = translated(&batch.users, &mut self.users).ok_or(LoadError::Full("users"))?;
        let names =
            translated(&batch.events, &mut self.names).ok_or(LoadError::Full("event names"))?;
        let before = self.times.len();
        for column in &batch.properties {
            self.event_properties
                .column(&column.name, &column.values)
                .append(before, &column.values)
                .ok_or(LoadError::Full("texts"))?;
        }
        self.event_users.extend(users);
        self.event_names.extend(names);
        self.times.extend(&batch.times);
        Ok(())
    }

    /// Takes users.
    ///
    /// # Errors
    /// When the batch is not as [`UserBatch`] says; then nothing of it is taken.
    pub fn push_users(&mut self, batch: &UserBatch) -> Result<(), LoadError> {
        let rows = batch.users.codes.len();
        check_codes(&batch.users, "user id", rows)?;
        check_columns(&batch.properties, rows)?;
        let users: Vec<u32> = translated(&batch.users, &mut self.users)
            .ok_or(LoadError::Full("users"))?
            .collect();
        for column in &batch.properties {
            self.user_properties
                .column(&column.name, &column.values)
                .overwrite(&users, &column.values)
                .ok_or(LoadError::Full("texts"))?;
        }
        Ok(())
    }

    /// Starts to build the store.
    #[must_use]
    pub fn finish(self) -> Building {
        let names = self.names.texts().len();
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); names];
        for (row, name) in self.event_names.iter().enumerate() {
            if let Some(rows) = rows_of.get_mut(*name as usize) {
                rows.push(row as u32);
            }
        }
        let base = self.times.iter().copied().min().unwrap_or(0);
        Building {
            base: base.div_euclid(1_000),
            first: vec![i64::MAX; self.users.texts().len()],
            last: vec![i64::MIN; self.users.texts().len()],
            tables: Vec::with_capacity(names),
            rows_of,
            done: 0,
            rows: self,
        }
    }
}

/// A store being built, step by step.
#[derive(Debug, Default)]
pub struct Building {
    rows: Loader,
    base: i64,
    rows_of: Vec<Vec<u32>>,
    tables: Vec<Table>,
    first: Vec<i64>,
    last: Vec<i64>,
    done: u64,
}

impl Building {
    /// Builds tables until about so many rows were worked on, at least one table.
    pub fn step(&mut self, rows: usize) -> Progress<Store> {
        let total = self.rows.times.len() as u64;
        let mut worked = 0;
        while let Some(mut table_rows) = self.rows_of.get_mut(self.tables.len()).map(std::mem::take)
        {
            worked += table_rows.len().max(1);
            self.done += table_rows.len() as u64;
            let table = self.table(&mut table_rows);
            self.tables.push(table);
            if worked >= rows && self.tables.len() < self.rows_of.len() {
                return Progress::Working {
                    done: self.done,
                    total,
                };
            }
        }
        Progress::Done(std::mem::take(self).into_store())
    }

    fn table(&mut self, rows: &mut [u32]) -> Table {
        let loader = &self.rows;
        let user = |row: u32| {
            loader
                .event_users
                .get(row as usize)
                .copied()
                .unwrap_or(MISSING)
        };
        let time = |row: u32| loader.times.get(row as usize).copied().unwrap_or(0);
        // Rows come in order, so that a stable sort keeps equal times as they came; most files are nearly sorted, which
        // is what it is quick at.
        rows.sort_by_key(|row| (user(*row), time(*row)));
        let mut users = Vec::new();
        let mut starts = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            if users.last() != Some(&user(*row)) {
                users.push(user(*row));
                starts.push(place as u32);
            }
        }
        starts.push(rows.len() as u32);
        users.shrink_to_fit();
        starts.shrink_to_fit();
        let times: Vec<i64> = rows.iter().map(|row| time(*row)).collect();
        for (user, bounds) in users.iter().zip(starts.windows(2)) {
            let [start, end] = bounds else { continue };
            let run = times.get(*start as usize..*end as usize).unwrap_or(&[]);
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                let user = *user as usize;
                if let Some(known) = self.first.get_mut(user) {
                    *known = (*known).min(*first);
                }
                if let Some(known) = self.last.get_mut(user) {
                    *known = (*known).max(*last);
                }
            }
        }
        let columns = loader
            .event_properties
            .properties
            .iter()
            .enumerate()
            .filter_map(|(place, property)| {
                let values = property.values.pack(rows);
                (!values.is_all_missing()).then_some(TableColumn {
                    property: place as u32,
                    values,
                })
            })
            .collect();
        Table {
            name: loader
                .names
                .texts()
                .get(self.tables.len() as u32)
                .unwrap_or_default()
                .to_owned(),
            users,
            starts,
            times: Times::pack(&times, self.base),
            columns,
        }
    }

    fn into_store(self) -> Store {
        let users = self.rows.users.texts().len();
        let everyone: Vec<u32> = (0..users as u32).collect();
        let user_properties = self
            .rows
            .user_properties
            .properties
            .into_iter()
            .map(|property| UserProperty {
                values: property.values.pack(&everyone),
                texts: property.values.into_texts(),
                name: property.name,
            })
            .collect();
        let properties = self
            .rows
            .event_properties
            .properties
            .into_iter()
            .map(|property| EventProperty {
                value_type: property.values.value_type(),
                texts: property.values.into_texts(),
                name: property.name,
            })
            .collect();
        Store {
            users: Users {
                ids: self.rows.users,
                first: self.first,
                last: self.last,
                properties: user_properties,
            },
            base: self.base,
            properties,
            tables: self.tables,
            span: OnceLock::new(),
            lately: OnceLock::new(),
            damaged: Vec::new(),
        }
    }
}

/// Properties by name, in the order in which they were first met.
#[derive(Clone, Debug, Default)]
struct Staging {
    properties: Vec<StagedProperty>,
    places: FxHashMap<String, usize>,
}

#[derive(Clone, Debug)]
struct StagedProperty {
    name: String,
    values: StagedValues,
}

impl Staging {
    fn add(&mut self, property: StagedProperty) -> usize {
        let place = self.properties.len();
        self.places.insert(property.name.clone(), place);
        self.properties.push(property);
        place
    }

    /// The values of a property, made with the type of `values` where there are none yet.
    fn column(&mut self, name: &str, values: &Values) -> &mut StagedValues {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => self.add(StagedProperty {
                name: name.to_owned(),
                values: StagedValues::empty(type_of(values), Texts::new()),
            }),
        };
        #[expect(
            clippy::indexing_slicing,
            reason = "places are those of properties that are there"
        )]
        &mut self.properties[place].values
    }
}

/// The values of a property, not packed yet. Rows beyond the end are missing.
#[derive(Clone, Debug)]
enum StagedValues {
    String {
        dictionary: Dictionary,
        codes: Vec<u32>,
    },
    Number(Vec<f64>),
    Boolean(Vec<u8>),
    Datetime(Vec<i64>),
}

impl StagedValues {
    fn empty(value_type: ValueType, texts: Texts) -> Self {
        match value_type {
            ValueType::String => Self::String {
                dictionary: texts.into(),
                codes: Vec::new(),
            },
            ValueType::Number => Self::Number(Vec::new()),
            ValueType::Boolean => Self::Boolean(Vec::new()),
            ValueType::Datetime => Self::Datetime(Vec::new()),
        }
    }

    const fn value_type(&self) -> ValueType {
        match self {
            Self::String { .. } => ValueType::String,
            Self::Number(_) => ValueType::Number,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Datetime(_) => ValueType::Datetime,
        }
    }

    fn into_texts(self) -> Texts {
        match self {
            Self::String { dictionary, .. } => dictionary.into_texts(),
            _ => Texts::new(),
        }
    }

    /// Makes it at least so many rows long.
    fn pad(&mut self, rows: usize) {
        match self {
            Self::String { codes, .. } => codes.resize(codes.len().max(rows), MISSING),
            Self::Number(numbers) => numbers.resize(numbers.len().max(rows), f64::NAN),
            Self::Boolean(booleans) => {
                booleans.resize(booleans.len().max(rows), MISSING_BOOLEAN);
            }
            Self::Datetime(times) => times.resize(times.len().max(rows), MISSING_DATETIME),
        }
    }

    /// Adds a value of the same type at the end; another type counts as missing.
    fn push(&mut self, cell: Option<Cell>) {
        match (self, cell) {
            (Self::String { codes, .. }, Some(Cell::Code(code))) => codes.push(code),
            (Self::String { codes, .. }, _) => codes.push(MISSING),
            (Self::Number(numbers), Some(Cell::Number(number))) => numbers.push(number),
            (Self::Number(numbers), _) => numbers.push(f64::NAN),
            (Self::Boolean(booleans), Some(Cell::Boolean(boolean))) => {
                booleans.push(u8::from(boolean));
            }
            (Self::Boolean(booleans), _) => booleans.push(MISSING_BOOLEAN),
            (Self::Datetime(times), Some(Cell::Datetime(time))) => times.push(time),
            (Self::Datetime(times), _) => times.push(MISSING_DATETIME),
        }
    }

    /// Adds rows after `before` rows. None where a dictionary is full.
    fn append(&mut self, before: usize, values: &Values) -> Option<()> {
        self.agree_with(values)?;
        self.pad(before);
        match (self, values) {
            (Self::Number(numbers), Values::Number(more)) => numbers.extend(more),
            (Self::Boolean(booleans), Values::Boolean(more)) => booleans.extend(more),
            (Self::Datetime(times), Values::Datetime(more)) => times.extend(more),
            (Self::String { dictionary, codes }, Values::String(coded)) => {
                codes.extend(translated(coded, dictionary)?);
            }
            (Self::String { dictionary, codes }, other) => {
                for row in 0..other.len() {
                    codes.push(match as_text(other, row) {
                        Some(text) => dictionary.intern(&text)?,
                        None => MISSING,
                    });
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Writes values into the rows that they belong to; missing ones write nothing. None where a dictionary is full.
    fn overwrite(&mut self, rows: &[u32], values: &Values) -> Option<()> {
        self.agree_with(values)?;
        self.pad(rows.iter().map(|row| *row as usize + 1).max().unwrap_or(0));
        for (from, to) in rows.iter().enumerate() {
            let to = *to as usize;
            match (&mut *self, values) {
                (Self::Number(numbers), Values::Number(more)) => {
                    write(numbers, to, more.get(from), |number| !number.is_nan());
                }
                (Self::Boolean(booleans), Values::Boolean(more)) => {
                    write(booleans, to, more.get(from), |byte| {
                        *byte != MISSING_BOOLEAN
                    });
                }
                (Self::Datetime(times), Values::Datetime(more)) => {
                    write(times, to, more.get(from), |time| *time != MISSING_DATETIME);
                }
                (Self::String { dictionary, codes }, values) => {
                    if let Some(text) = as_text(values, from) {
                        let code = dictionary.intern(&text)?;
                        write(codes, to, Some(&code), |_| true);
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    /// Becomes text where the type of `values` is another one. None where the dictionary is full.
    fn agree_with(&mut self, values: &Values) -> Option<()> {
        if self.value_type() == type_of(values) || self.value_type() == ValueType::String {
            return Some(());
        }
        let old = match std::mem::replace(self, Self::Number(Vec::new())) {
            Self::Number(numbers) => Values::Number(numbers),
            Self::Boolean(booleans) => Values::Boolean(booleans),
            Self::Datetime(times) => Values::Datetime(times),
            Self::String { dictionary, codes } => Values::String(Coded {
                dictionary: dictionary.into_texts(),
                codes,
            }),
        };
        *self = Self::empty(ValueType::String, Texts::new());
        self.append(0, &old)
    }

    /// The values of some rows, packed.
    fn pack(&self, rows: &[u32]) -> Packed {
        fn user_scan<T: Copy>(values: &[T], rows: &[u32], missing: T) -> Vec<T> {
            rows.iter()
                .map(|row| values.get(*row as usize).copied().unwrap_or(missing))
                .collect()
        }
        match self {
            Self::String { dictionary, codes } => {
                Packed::codes(user_scan(codes, rows, MISSING), dictionary.texts().len())
            }
            Self::Number(numbers) => Packed::Number(user_scan(numbers, rows, f64::NAN)),
            Self::Boolean(booleans) => Packed::Boolean(user_scan(booleans, rows, MISSING_BOOLEAN)),
            Self::Datetime(times) => Packed::Datetime(user_scan(times, rows, MISSING_DATETIME)),
        }
    }
}

fn write<T: Copy>(values: &mut [T], row: usize, value: Option<&T>, present: impl Fn(&T) -> bool) {
    if let (Some(place), Some(value)) = (values.get_mut(row), value.filter(|value| present(value)))
    {
        *place = *value;
    }
}

const fn type_of(values: &Values) -> ValueType {
    match values {
        Values::String(_) => ValueType::String,
        Values::Number(_) => ValueType::Number,
        Values::Boolean(_) => ValueType::Boolean,
        Values::Datetime(_) => ValueType::Datetime,
    }
}

/// A value as it reads.
fn as_text(values: &Values, row: usize) -> Option<std::borrow::Cow<'_, str>> {
    Some(match values {
        Values::String(coded) => coded.get(row)?.into(),
        Values::Number(numbers) => numbers
            .get(row)
            .filter(|number| !number.is_nan())?
            .to_string()
            .into(),
        Values::Boolean(booleans) => match booleans.get(row)? {
            0 => "false".into(),
            1 => "true".into(),
            _ => return None,
        },
        Values::Datetime(times) => Instant::from_millis_saturating(
            *times.get(row).filter(|time| **time != MISSING_DATETIME)?,
        )
        .to_string()
        .into(),
    })
}

/// The codes of a column in another dictionary. None where that is full.
fn translated<'c>(
    coded: &'c Coded,
    dictionary: &mut Dictionary,
) -> Option<impl Iterator<Item = u32> + use<'c>> {
    let codes: Vec<u32> = coded
        .dictionary
        .iter()
        .map(|text| dictionary.intern(text))
        .collect::<Option<_>>()?;
    Some(
        coded
            .codes
            .iter()
            .map(move |code| codes.get(*code as usize).copied().unwrap_or(MISSING)),
    )
}

fn check_codes(coded: &Coded, what: &'static str, rows: usize) -> Result<(), LoadError> {
    if coded.codes.len() != rows {
        return Err(LoadError::Rows {
            column: what.to_owned(),
            found: coded.codes.len(),
            expected: rows,
        });
    }
    match coded
        .codes
        .iter()
        .position(|code| *code as usize >= coded.dictionary.len())
    {
        Some(row) => Err(LoadError::Missing { what, row }),
        None => Ok(()),
    }
}

fn check_columns(columns: &[Column], rows: usize) -> Result<(), LoadError> {
    for column in columns {
        if column.values.len() != rows {
            return Err(LoadError::Rows {
                column: column.name.clone(),
                found: column.values.len(),
                expected: rows,
            });
        }
        if let Values::Number(numbers) = &column.values
            && let Some(row) = numbers.iter().position(|number| number.abs() > MAX_NUMBER)
        {
            return Err(LoadError::Number {
                column: column.name.clone(),
                row,
            });
        }
    }
    Ok(())
}
