//! The engine's own column format: how a store is kept in files.
//!
//! A store is written as named blobs: one for the users, one for the list of properties and events, and one for each
//! event's table. A blob begins with a magic number and the version of the format and ends with a CRC-32 of all that is
//! before; in between are arrays in little-endian order, each led by its length in bytes and padded to 8 bytes. Reading
//! takes one copy per array.

use std::sync::OnceLock;

use bytemuck::{AnyBitPattern, NoUninit};
use segments_model::validate::MAX_NUMBER;
use segments_model::{Instant, ValueType};

use crate::batch::{Dictionary, Texts};
use crate::column::{Packed, Times};
use crate::store::{EventProperty, Store, Table, TableColumn, UserProperty, Users};

#[cfg(target_endian = "big")]
compile_error!("the column format is little-endian and is read by copying");

const MAGIC: [u8; 4] = *b"USEG";
/// The version of the format. Another one is not read.
pub const FORMAT: u32 = 1;

/// The name of the blob that lists the others.
const INDEX: &str = "index";
const USERS: &str = "users";

/// Why a store could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError<E> {
    /// A blob could not be had.
    #[error(transparent)]
    Read(E),
    /// A blob was written by another version.
    #[error("\"{blob}\" is in version {found} of the column format, not in {FORMAT}")]
    Version {
        /// The blob.
        blob: String,
        /// Its version.
        found: u32,
    },
    /// A blob is not what was written.
    #[error("\"{blob}\" is damaged: {what}")]
    Damaged {
        /// The blob.
        blob: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl Store {
    /// The store as named blobs, one after the other.
    pub fn encode(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let index = std::iter::once_with(|| (INDEX.to_owned(), self.encode_index()));
        let users = std::iter::once_with(|| (USERS.to_owned(), self.encode_users()));
        let tables = self
            .tables
            .iter()
            .enumerate()
            .map(|(place, table)| (table_name(place), encode_table(table)));
        index.chain(users).chain(tables)
    }

    /// The store that the blobs hold.
    ///
    /// # Errors
    /// When a blob cannot be had, was written by another version or is damaged.
    pub fn decode<E>(
        mut get: impl FnMut(&str) -> Result<Vec<u8>, E>,
    ) -> Result<Self, DecodeError<E>> {
        let mut read = |name: &str| get(name).map_err(DecodeError::Read);
        let bytes = read(INDEX)?;
        let mut store = in_blob(INDEX, &bytes, decode_index)?;
        let bytes = read(USERS)?;
        store.users = in_blob(USERS, &bytes, decode_users)?;
        let users = store.users.len();
        for place in 0..store.tables.len() {
            let name = table_name(place);
            let bytes = read(&name)?;
            let table = in_blob(&name, &bytes, |blob| {
                decode_table(blob, users, &store.properties)
            })?;
            if let Some(slot) = store.tables.get_mut(place) {
                *slot = Table {
                    name: std::mem::take(&mut slot.name),
                    ..table
                };
            }
        }
        Ok(store)
    }

    /// The names of the blobs that a store of so many event names is kept in.
    pub fn blob_names(tables: usize) -> impl Iterator<Item = String> {
        [INDEX.to_owned(), USERS.to_owned()]
            .into_iter()
            .chain((0..tables).map(table_name))
    }

    /// How many event names there are.
    #[must_use]
    pub const fn table_count(&self) -> usize {
        self.tables.len()
    }

    fn encode_index(&self) -> Vec<u8> {
        let mut blob = Writer::new();
        blob.array(&[self.base]);
        blob.texts(
            self.properties
                .iter()
                .map(|property| property.name.as_str()),
        );
        for property in &self.properties {
            blob.array(&[type_number(property.value_type)]);
            blob.texts(property.texts.iter());
        }
        blob.texts(self.tables.iter().map(|table| table.name.as_str()));
        blob.finish()
    }

    fn encode_users(&self) -> Vec<u8> {
        let mut blob = Writer::new();
        blob.texts(self.users.ids.texts().iter());
        blob.array(&self.users.first);
        blob.array(&self.users.last);
        blob.texts(
            self.users
                .properties
                .iter()
                .map(|property| property.name.as_str()),
        );
        for property in &self.users.properties {
            blob.texts(property.texts.iter());
            blob.packed(&property.values);
        }
        blob.finish()
    }
}

fn table_name(place: usize) -> String {
    format!("events-{place}")
}

fn encode_table(table: &Table) -> Vec<u8> {
    let mut blob = Writer::new();
    blob.array(&table.users);
    blob.array(&table.starts);
    match &table.times {
        Times::Seconds(seconds) => {
            blob.array(&[0_u32]);
            blob.array(seconds);
        }
        Times::Millis { seconds, millis } => {
            blob.array(&[1_u32]);
            blob.array(seconds);
            blob.array(millis);
        }
        Times::Wide(times) => {
            blob.array(&[2_u32]);
            blob.array(times);
        }
    }
    let properties: Vec<u32> = table.columns.iter().map(|column| column.property).collect();
    blob.array(&properties);
    for column in &table.columns {
        blob.packed(&column.values);
    }
    blob.finish()
}

fn decode_index(blob: &mut Reader<'_>) -> Result<Store, &'static str> {
    let base: i64 = blob.one()?;
    if base
        .checked_mul(1_000)
        .and_then(Instant::from_millis)
        .is_none()
    {
        return Err("the base of times lies outside of the years 1 to 9999");
    }
    let names = blob.texts()?;
    let mut properties = Vec::new();
    for name in names.iter() {
        properties.push(EventProperty {
            name: name.to_owned(),
            value_type: number_type(blob.one()?)?,
            texts: blob.texts()?,
        });
    }
    let tables = blob
        .texts()?
        .iter()
        .map(|name| Table {
            name: name.to_owned(),
            users: Vec::new(),
            starts: vec![0],
            times: Times::Seconds(Vec::new()),
            columns: Vec::new(),
        })
        .collect();
    Ok(Store {
        users: Users::default(),
        base,
        properties,
        tables,
        span: OnceLock::new(),
        damaged: Vec::new(),
    })
}

fn decode_users(blob: &mut Reader<'_>) -> Result<Users, &'static str> {
    let ids = blob.texts()?;
    let users = Users {
        first: blob.array()?,
        last: blob.array()?,
        properties: Vec::new(),
        ids: Dictionary::from(ids),
    };
    if users.first.len() != users.len() || users.last.len() != users.len() {
        return Err("users and their events do not go together");
    }
    let mut properties = Vec::new();
    for name in blob.texts()?.iter() {
        let texts = blob.texts()?;
        let values = blob.packed()?;
        if values.len() > users.len() {
            return Err("a property has more rows than there are users");
        }
        properties.push(UserProperty {
            name: name.to_owned(),
            texts,
            values,
        });
    }
    Ok(Users {
        properties,
        ..users
    })
}

fn decode_table(
    blob: &mut Reader<'_>,
    users: usize,
    properties: &[EventProperty],
) -> Result<Table, &'static str> {
    let table_users: Vec<u32> = blob.array()?;
    let starts: Vec<u32> = blob.array()?;
    let times = match blob.one::<u32>()? {
        0 => Times::Seconds(blob.array()?),
        1 => Times::Millis {
            seconds: blob.array()?,
            millis: blob.array()?,
        },
        2 => Times::Wide(blob.array()?),
        _ => return Err("times of an unknown width"),
    };
    if let Times::Wide(times) = &times
        && times
            .iter()
            .any(|time| Instant::from_millis(*time).is_none())
    {
        return Err("a time lies outside of the years 1 to 9999");
    }
    if let Times::Millis { seconds, millis } = &times
        && seconds.len() != millis.len()
    {
        return Err("seconds and milliseconds do not go together");
    }
    let ascending = table_users.is_sorted_by(|one, other| one < other);
    if !ascending
        || table_users
            .last()
            .is_some_and(|last| *last as usize >= users)
    {
        return Err("users are out of order or unknown");
    }
    let whole = starts.first() == Some(&0)
        && starts
            .last()
            .is_some_and(|end| *end as usize == times.len())
        && starts.len() == table_users.len() + 1;
    if !whole || !starts.is_sorted_by(|one, other| one < other) {
        return Err("the rows of the users do not add up");
    }
    let mut columns = Vec::new();
    for property in blob.array::<u32>()? {
        let values = blob.packed()?;
        let typed = properties
            .get(property as usize)
            .is_some_and(|property| property.value_type == values.value_type());
        if !typed || values.len() != times.len() {
            return Err("a column does not go with its table");
        }
        columns.push(TableColumn { property, values });
    }
    Ok(Table {
        name: String::new(),
        users: table_users,
        starts,
        times,
        columns,
    })
}

const fn type_number(value_type: ValueType) -> u32 {
    match value_type {
        ValueType::String => 0,
        ValueType::Number => 1,
        ValueType::Boolean => 2,
        ValueType::Datetime => 3,
    }
}

const fn number_type(number: u32) -> Result<ValueType, &'static str> {
    Ok(match number {
        0 => ValueType::String,
        1 => ValueType::Number,
        2 => ValueType::Boolean,
        3 => ValueType::Datetime,
        _ => return Err("a property of an unknown type"),
    })
}

/// Checks a blob's frame and reads what is in it.
fn in_blob<T, E>(
    name: &str,
    bytes: &[u8],
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, &'static str>,
) -> Result<T, DecodeError<E>> {
    let damaged = |what| DecodeError::Damaged {
        blob: name.to_owned(),
        what,
    };
    let (content, sum) = bytes
        .split_last_chunk::<4>()
        .ok_or_else(|| damaged("it is too short"))?;
    let (head, arrays) = content
        .split_first_chunk::<8>()
        .ok_or_else(|| damaged("it is too short"))?;
    let [m0, m1, m2, m3, version @ ..] = *head;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(damaged("it is no blob of a store"));
    }
    let found = u32::from_le_bytes(version);
    if found != FORMAT {
        return Err(DecodeError::Version {
            blob: name.to_owned(),
            found,
        });
    }
    if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
        return Err(damaged("its checksum does not agree"));
    }
    read(&mut Reader { rest: arrays }).map_err(damaged)
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn new() -> Self {
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        Self { bytes }
    }

    fn array<T: NoUninit>(&mut self, values: &[T]) {
        let content: &[u8] = bytemuck::cast_slice(values);
        self.bytes.extend((content.len() as u64).to_le_bytes());
        self.bytes.extend(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }

    fn texts<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let mut bytes: Vec<u8> = Vec::new();
        let mut ends = Vec::new();
        for text in texts {
            bytes.extend(text.as_bytes());
            ends.push(bytes.len() as u32);
        }
        self.array(&bytes);
        self.array(&ends);
    }

    fn packed(&mut self, values: &Packed) {
        match values {
            Packed::Code8(codes) => self.column(0, codes),
            Packed::Code16(codes) => self.column(1, codes),
            Packed::Code32(codes) => self.column(2, codes),
            Packed::Number(numbers) => self.column(3, numbers),
            Packed::Boolean(booleans) => self.column(4, booleans),
            Packed::Datetime(times) => self.column(5, times),
        }
    }

    fn column<T: NoUninit>(&mut self, kind: u32, values: &[T]) {
        self.array(&[kind]);
        self.array(values);
    }

    fn finish(mut self) -> Vec<u8> {
        let sum = crc32fast::hash(&self.bytes);
        self.bytes.extend(sum.to_le_bytes());
        self.bytes
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl Reader<'_> {
    fn array<T: AnyBitPattern + NoUninit>(&mut self) -> Result<Vec<T>, &'static str> {
        const SHORT: &str = "an array is longer than the blob";
        let (length, rest) = self.rest.split_first_chunk::<8>().ok_or(SHORT)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SHORT)?;
        let content = rest.get(..length).ok_or(SHORT)?;
        if !length.is_multiple_of(size_of::<T>()) {
            return Err("an array has a broken value at its end");
        }
        self.rest = rest.get(length.next_multiple_of(8)..).ok_or(SHORT)?;
        Ok(bytemuck::pod_collect_to_vec(content))
    }

    fn one<T: AnyBitPattern + NoUninit>(&mut self) -> Result<T, &'static str> {
        match self.array::<T>()?.as_slice() {
            [value] => Ok(*value),
            _ => Err("one value was expected"),
        }
    }

    fn texts(&mut self) -> Result<Texts, &'static str> {
        let bytes = String::from_utf8(self.array()?).map_err(|_| "a text is no UTF-8")?;
        Texts::from_parts(bytes, self.array()?).ok_or("the ends of texts do not add up")
    }

    fn packed(&mut self) -> Result<Packed, &'static str> {
        Ok(match self.one::<u32>()? {
            0 => Packed::Code8(self.array()?),
            1 => Packed::Code16(self.array()?),
            2 => Packed::Code32(self.array()?),
            3 => {
                let numbers: Vec<f64> = self.array()?;
                if numbers.iter().any(|number| number.abs() > MAX_NUMBER) {
                    return Err("a number is too great for exact sums");
                }
                Packed::Number(numbers)
            }
            4 => Packed::Boolean(self.array()?),
            5 => Packed::Datetime(self.array()?),
            _ => return Err("a column of an unknown kind"),
        })
    }
}
