//! The engine's own column format: how a store is kept in files.
//!
//! A store is written as named blobs: one for the users, one for the list of properties and events, and one for each
//! event's table. A blob begins with a magic number and the version of the format. Then come its core, without which nothing
//! of it is of use, and a section for each column, each followed by a CRC-32: a section that is damaged is left out, and the
//! others are read. In them are arrays in little-endian order, each led by its length in bytes and padded to 8 bytes. Reading
//! takes one copy per array.
//!
//! Format 1, which is read too, had one CRC-32 at the end of a blob and no sections.

use std::sync::OnceLock;

use bytemuck::{AnyBitPattern, NoUninit};
use segments_model::validate::MAX_NUMBER;
use segments_model::{Instant, ValueType};

use crate::batch::{Dictionary, Texts};
use crate::checksum;
use crate::column::{Packed, Times};
use crate::store::{
    DamagedPart, EventProperty, Store, StorePart, Table, TableColumn, UserProperty, Users,
};

#[cfg(target_endian = "big")]
compile_error!("the column format is little-endian and is read by copying");

const MAGIC: [u8; 4] = *b"USEG";
/// The version of the format. Of others only the one before is read.
pub const FORMAT: u32 = 2;
/// The version before, which had no sections.
const FORMAT_1: u32 = 1;

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
    #[error("\"{blob}\" is in version {found} of the column format, not in {FORMAT} or before")]
    Version {
        blob: String,
        /// Its version.
        found: u32,
    },
    /// A blob is not what was written.
    #[error("\"{blob}\" is damaged: {what}")]
    Damaged {
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

    /// The store that the blobs hold, as far as they can be read. The blob of an event that cannot be had or is damaged is left
    /// out, and so are damaged columns: see [`damaged`](Store::damaged).
    ///
    /// # Errors
    /// When a blob without which nothing works, the list of the others or the users, cannot be had or is damaged, or when one
    /// was written by another version.
    pub fn decode<E>(
        mut get: impl FnMut(&str) -> Result<Vec<u8>, E>,
    ) -> Result<Self, DecodeError<E>> {
        let mut read = |name: &str| get(name).map_err(DecodeError::Read);
        let mut damaged = Vec::new();
        let mut store = in_blob(INDEX, &read(INDEX)?, |blob| {
            decode_index(blob, &mut damaged)
        })?;
        store.users = in_blob(USERS, &read(USERS)?, |blob| {
            decode_users(blob, &mut damaged)
        })?;
        let users = store.users.len();
        for place in 0..store.tables.len() {
            let Some(slot) = store.tables.get_mut(place) else {
                continue;
            };
            let name = table_name(place);
            let event = std::mem::take(&mut slot.name);
            let table = read(&name).and_then(|bytes| {
                in_blob(&name, &bytes, |blob| {
                    decode_table(blob, &event, users, (&store.properties, &mut damaged))
                })
            });
            match table {
                Ok(table) => *slot = table,
                Err(error @ DecodeError::Version { .. }) => return Err(error),
                Err(DecodeError::Damaged { what, .. }) => damaged.push(events(&event, name, what)),
                Err(DecodeError::Read(_)) => {
                    damaged.push(events(&event, name, "it cannot be had"));
                }
            }
            slot.name = event;
        }
        store.damaged = damaged;
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
        let mut blob = Writer::new(self.properties.len());
        blob.array(&[self.base]);
        let properties = self.properties.iter();
        blob.texts(properties.clone().map(|property| property.name.as_str()));
        let types = properties.map(|property| type_number(property.value_type));
        blob.array(&types.collect::<Vec<_>>());
        blob.texts(self.tables.iter().map(|table| table.name.as_str()));
        for property in &self.properties {
            blob.section(|blob| blob.texts(property.texts.iter()));
        }
        blob.finish()
    }

    fn encode_users(&self) -> Vec<u8> {
        let mut blob = Writer::new(self.users.properties.len());
        blob.texts(self.users.ids.texts().iter());
        blob.array(&self.users.first);
        blob.array(&self.users.last);
        let properties = self.users.properties.iter();
        blob.texts(properties.clone().map(|property| property.name.as_str()));
        let types = properties.map(|property| type_number(property.values.value_type()));
        blob.array(&types.collect::<Vec<_>>());
        for property in &self.users.properties {
            blob.section(|blob| {
                blob.texts(property.texts.iter());
                blob.packed(&property.values);
            });
        }
        blob.finish()
    }
}

fn events(event: &str, blob: String, what: &'static str) -> DamagedPart {
    DamagedPart {
        part: StorePart::Events {
            event: event.to_owned(),
        },
        blob,
        what,
    }
}

fn table_name(place: usize) -> String {
    format!("events-{place}")
}

fn encode_table(table: &Table) -> Vec<u8> {
    let mut blob = Writer::new(table.columns.len());
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
        blob.section(|blob| blob.packed(&column.values));
    }
    blob.finish()
}

fn decode_index(
    blob: &mut Blob<'_>,
    damaged: &mut Vec<DamagedPart>,
) -> Result<Store, &'static str> {
    let core = &mut blob.core;
    let base: i64 = core.one()?;
    if base
        .checked_mul(1_000)
        .and_then(Instant::from_millis)
        .is_none()
    {
        return Err("the base of times lies outside of the years 1 to 9999");
    }
    let names = core.texts()?;
    let mut properties = Vec::new();
    let tables = if blob.sections.is_none() {
        for name in names.iter() {
            properties.push(EventProperty {
                name: name.to_owned(),
                value_type: number_type(core.one()?)?,
                texts: core.texts()?,
            });
        }
        core.texts()?
    } else {
        let types = core.types(names.len())?;
        let tables = core.texts()?;
        for (name, value_type) in names.iter().zip(types) {
            let texts = blob.section(Reader::texts).unwrap_or_else(|what| {
                damaged.push(DamagedPart {
                    part: StorePart::EventProperty {
                        event: None,
                        property: name.to_owned(),
                    },
                    blob: INDEX.to_owned(),
                    what,
                });
                Texts::new()
            });
            properties.push(EventProperty {
                name: name.to_owned(),
                value_type,
                texts,
            });
        }
        tables
    };
    let tables = tables.iter().map(|name| Table {
        name: name.to_owned(),
        users: Vec::new(),
        starts: vec![0],
        times: Times::Seconds(Vec::new()),
        columns: Vec::new(),
    });
    Ok(Store {
        users: Users::default(),
        base,
        properties,
        tables: tables.collect(),
        span: OnceLock::new(),
        lately: OnceLock::new(),
        damaged: Vec::new(),
    })
}

fn decode_users(
    blob: &mut Blob<'_>,
    damaged: &mut Vec<DamagedPart>,
) -> Result<Users, &'static str> {
    let core = &mut blob.core;
    let ids = core.texts()?;
    let users = Users {
        first: core.array()?,
        last: core.array()?,
        properties: Vec::new(),
        ids: Dictionary::from(ids),
    };
    if users.first.len() != users.len() || users.last.len() != users.len() {
        return Err("users and their events do not go together");
    }
    let names = core.texts()?;
    let types = match blob.sections {
        Some(_) => core.types(names.len())?,
        None => vec![ValueType::String; names.len()],
    };
    let mut properties = Vec::new();
    for (name, value_type) in names.iter().zip(types) {
        let read = blob.section(|blob| {
            let (texts, values) = (blob.texts()?, blob.packed()?);
            match values.len() <= users.len() {
                true => Ok((texts, values)),
                false => Err("a property has more rows than there are users"),
            }
        });
        let (texts, values) = read.unwrap_or_else(|what| {
            damaged.push(DamagedPart {
                part: StorePart::UserProperty {
                    property: name.to_owned(),
                },
                blob: USERS.to_owned(),
                what,
            });
            (Texts::new(), Packed::empty(value_type))
        });
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
    blob: &mut Blob<'_>,
    event: &str,
    users: usize,
    (properties, damaged): (&[EventProperty], &mut Vec<DamagedPart>),
) -> Result<Table, &'static str> {
    let core = &mut blob.core;
    let table_users: Vec<u32> = core.array()?;
    let starts: Vec<u32> = core.array()?;
    let times = match core.one::<u32>()? {
        0 => Times::Seconds(core.array()?),
        1 => Times::Millis {
            seconds: core.array()?,
            millis: core.array()?,
        },
        2 => Times::Wide(core.array()?),
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
    for property in core.array::<u32>()? {
        let Some(of) = properties.get(property as usize) else {
            return Err("a column is of an unknown property");
        };
        let read = blob.section(|blob| {
            let values = blob.packed()?;
            match values.value_type() == of.value_type && values.len() == times.len() {
                true => Ok(values),
                false => Err("a column does not go with its table"),
            }
        });
        let without_texts = |damaged: &DamagedPart| match &damaged.part {
            StorePart::EventProperty {
                event: None,
                property,
            } => *property == of.name,
            _ => false,
        };
        match read {
            // Codes of texts that are not there would say nothing.
            Ok(_) if damaged.iter().any(without_texts) => {}
            Ok(values) => columns.push(TableColumn { property, values }),
            Err(what) => damaged.push(DamagedPart {
                part: StorePart::EventProperty {
                    event: Some(event.to_owned()),
                    property: of.name.clone(),
                },
                blob: blob.name.to_owned(),
                what,
            }),
        }
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
    read: impl FnOnce(&mut Blob<'_>) -> Result<T, &'static str>,
) -> Result<T, DecodeError<E>> {
    let damaged = |what| DecodeError::Damaged {
        blob: name.to_owned(),
        what,
    };
    let (head, _) = bytes
        .split_first_chunk::<8>()
        .ok_or_else(|| damaged("it is too short"))?;
    let [m0, m1, m2, m3, version @ ..] = *head;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(damaged("it is no blob of a store"));
    }
    let mut blob = match u32::from_le_bytes(version) {
        FORMAT => Blob::new(name, bytes),
        FORMAT_1 => Blob::of_format_1(name, bytes),
        found => {
            return Err(DecodeError::Version {
                blob: name.to_owned(),
                found,
            });
        }
    }
    .map_err(damaged)?;
    read(&mut blob).map_err(damaged)
}

const SHORT: &str = "it is too short";
const OTHER_SUM: &str = "its checksum does not agree";

/// A blob that is read.
struct Blob<'b> {
    name: &'b str,
    core: Reader<'b>,
    /// The sections, or what is wrong with each; none where there are no sections and the core goes on.
    sections: Option<std::vec::IntoIter<Result<Reader<'b>, &'static str>>>,
}

impl<'b> Blob<'b> {
    fn new(name: &'b str, bytes: &'b [u8]) -> Result<Self, &'static str> {
        let length = bytes.get(8..).and_then(<[u8]>::first_chunk).ok_or(SHORT)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SHORT)?;
        let end = length.checked_add(HEAD).ok_or(SHORT)?;
        let (core, rest) = bytes.split_at_checked(end).ok_or(SHORT)?;
        let (sum, mut rest) = rest.split_first_chunk::<8>().ok_or(SHORT)?;
        if sum_of(core) != *sum {
            return Err(OTHER_SUM);
        }
        let mut core = Reader {
            rest: core.get(HEAD..).ok_or(SHORT)?,
        };
        let mut sections = Vec::new();
        for length in core.array::<u64>()? {
            let section = usize::try_from(length)
                .ok()
                .and_then(|length| rest.split_at_checked(length))
                .and_then(|(content, after)| Some((content, after.split_first_chunk::<8>()?)));
            let Some((content, (sum, after))) = section else {
                // Nothing follows what is cut short.
                rest = &[];
                sections.push(Err(SHORT));
                continue;
            };
            rest = after;
            sections.push(match sum_of(content) == *sum {
                true => Ok(Reader { rest: content }),
                false => Err(OTHER_SUM),
            });
        }
        Ok(Self {
            name,
            core,
            sections: Some(sections.into_iter()),
        })
    }

    fn of_format_1(name: &'b str, bytes: &'b [u8]) -> Result<Self, &'static str> {
        let (content, sum) = bytes.split_last_chunk::<4>().ok_or(SHORT)?;
        if checksum::of(content) != u32::from_le_bytes(*sum) {
            return Err(OTHER_SUM);
        }
        Ok(Self {
            name,
            core: Reader {
                rest: content.get(8..).ok_or(SHORT)?,
            },
            sections: None,
        })
    }

    /// Reads the next section.
    fn section<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, &'static str>,
    ) -> Result<T, &'static str> {
        match &mut self.sections {
            Some(sections) => read(&mut sections.next().unwrap_or(Err(SHORT))?),
            None => read(&mut self.core),
        }
    }
}

/// The bytes before the core of a blob: the magic number, the version and the length of the core.
const HEAD: usize = 16;

/// What stands behind a stretch of bytes to tell whether they are whole.
fn sum_of(bytes: &[u8]) -> [u8; 8] {
    u64::from(checksum::of(bytes)).to_le_bytes()
}

/// Bytes with their checksum behind them.
pub(crate) fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = sum_of(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// The bytes before their checksum; none where it is not theirs.
pub(crate) fn without_sum(bytes: &[u8]) -> Option<&[u8]> {
    let (content, sum) = bytes.split_last_chunk()?;
    (sum_of(content) == *sum).then_some(content)
}

struct Writer {
    bytes: Vec<u8>,
    /// Where the core ends, once it does.
    core: Option<usize>,
    /// How long each section is.
    lengths: Vec<u64>,
}

impl Writer {
    /// Starts a blob that will have so many sections with its core.
    fn new(sections: usize) -> Self {
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.resize(HEAD, 0);
        let mut writer = Self {
            bytes,
            core: None,
            lengths: Vec::new(),
        };
        writer.array(&vec![0_u64; sections]);
        writer
    }

    /// Ends the core, whose checksum depends on what is still to come.
    fn end_core(&mut self) {
        if self.core.is_none() {
            self.core = Some(self.bytes.len());
            self.bytes.extend([0; 8]);
        }
    }

    fn section(&mut self, write: impl FnOnce(&mut Self)) {
        self.end_core();
        let start = self.bytes.len();
        write(self);
        let content = self.bytes.get(start..).unwrap_or(&[]);
        let sum = sum_of(content);
        self.lengths.push(content.len() as u64);
        self.bytes.extend(sum);
    }

    fn finish(mut self) -> Vec<u8> {
        self.end_core();
        let core = self.core.unwrap_or(self.bytes.len());
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(place) = self.bytes.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        };
        put(HEAD - 8, &((core - HEAD) as u64).to_le_bytes());
        put(HEAD + 8, bytemuck::cast_slice(&self.lengths));
        let sum = sum_of(self.bytes.get(..core).unwrap_or(&[]));
        if let Some(place) = self.bytes.get_mut(core..core + sum.len()) {
            place.copy_from_slice(&sum);
        }
        self.bytes
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

    fn types(&mut self, count: usize) -> Result<Vec<ValueType>, &'static str> {
        let numbers: Vec<u32> = self.array()?;
        if numbers.len() != count {
            return Err("properties and their types do not go together");
        }
        numbers.into_iter().map(number_type).collect()
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
