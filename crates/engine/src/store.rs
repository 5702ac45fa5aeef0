//! The columnar event store.
//!
//! Events are kept per event name, each name a table sorted by user and, of one user, by time; of equal times the one that
//! came in first is first. Users are dense numbers in the order in which they were first met, so that a second load leaves
//! the numbers of the first one as they are. Texts are codes of a dictionary per property. A question touches the tables
//! of the events and the columns of the properties that it names, and nothing else.

use std::sync::OnceLock;

use segments_engine_api::Schema;
pub use segments_engine_api::{DamagedPart, StorePart};
use segments_model::sort::{map_of, set_of};
use segments_model::{Instant, ValueType};

use crate::batch::{Dictionary, Texts};
use crate::column::{Cell, Packed, Times};

/// How long before the last event of all an event is one of the [last](Store::lately), in milliseconds.
const LATELY_MILLIS: i64 = 2 * 86_400_000;
/// How many events are too many to keep the times of the last ones.
const MOST_LATELY: usize = 1 << 20;

/// The column of users that tells how many events each has.
pub(crate) const EVENTS: &str = "events";

/// Everything that is known of users and events. It never changes; loading more makes another one.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub(crate) users: Users,
    /// Seconds since 1970 that [`Times`] count from.
    pub(crate) base: i64,
    /// The event properties.
    pub(crate) properties: Vec<EventProperty>,
    /// A table for each event name, in the order in which the names were first met.
    pub(crate) tables: Vec<Table>,
    /// Milliseconds of the first and the last event, once somebody has asked for one of them.
    pub(crate) span: OnceLock<(i64, i64)>,
    /// The times of the last events, once somebody has asked for them.
    pub(crate) lately: OnceLock<Vec<i64>>,
    /// What could not be read and is missing.
    pub(crate) damaged: Vec<DamagedPart>,
}

/// The users, one row each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    pub(crate) ids: Dictionary,
    /// Milliseconds of the first event; [`i64::MAX`] without events.
    pub(crate) first: Vec<i64>,
    /// Milliseconds of the last event; [`i64::MIN`] without events.
    pub(crate) last: Vec<i64>,
    pub(crate) properties: Vec<UserProperty>,
}

impl Users {
    pub(crate) fn len(&self) -> usize {
        self.ids.texts().len()
    }
}

/// A user property: a row for each user.
#[derive(Clone, Debug)]
pub(crate) struct UserProperty {
    pub(crate) name: String,
    /// The texts that codes stand for; empty for other types.
    pub(crate) texts: Texts,
    pub(crate) values: Packed,
}

/// An event property. Its columns stand in the tables of the events that carry it.
#[derive(Clone, Debug)]
pub(crate) struct EventProperty {
    pub(crate) name: String,
    pub(crate) value_type: ValueType,
    /// The texts that codes stand for; empty for other types.
    pub(crate) texts: Texts,
}

/// The events of one name.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// The users that have such events, ascending.
    pub(crate) users: Vec<u32>,
    /// The first row of each of them, and at the end the number of rows.
    pub(crate) starts: Vec<u32>,
    pub(crate) times: Times,
    /// The properties that at least one of the events has.
    pub(crate) columns: Vec<TableColumn>,
}

/// A property's values in a table.
#[derive(Clone, Debug)]
pub(crate) struct TableColumn {
    /// The property's place in [`Store::properties`].
    pub(crate) property: u32,
    pub(crate) values: Packed,
}

impl Table {
    pub(crate) fn rows(&self) -> usize {
        self.times.len()
    }

    pub(crate) fn column(&self, property: u32) -> Option<&Packed> {
        self.columns
            .iter()
            .find(|column| column.property == property)
            .map(|column| &column.values)
    }

    /// The rows of a user.
    pub(crate) fn rows_of(&self, user: u32) -> std::ops::Range<usize> {
        match self.users.binary_search(&user) {
            Ok(place) => self.run(place),
            Err(_) => 0..0,
        }
    }

    /// The rows of the user at a place of [`Table::users`].
    pub(crate) fn run(&self, place: usize) -> std::ops::Range<usize> {
        match (self.starts.get(place), self.starts.get(place + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }
}

/// How many bytes a store takes in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Who did what when: users, offsets and times of all tables.
    pub core: usize,
    /// The event properties, dictionaries included.
    pub event_properties: usize,
    /// The users: ids, first and last events, properties.
    pub users: usize,
}

impl Store {
    /// A store without users and events.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// How many users there are, whenever their events were.
    #[must_use]
    pub fn user_count(&self) -> u32 {
        self.users.len() as u32
    }

    /// How many events there are, whenever they were.
    #[must_use]
    pub fn event_count(&self) -> u64 {
        self.tables.iter().map(|table| table.rows() as u64).sum()
    }

    /// The number of a user.
    #[must_use]
    pub fn user_number(&self, id: &str) -> Option<u32> {
        self.users.ids.find(id)
    }

    /// The id of a user.
    #[must_use]
    pub fn user_id(&self, user: u32) -> Option<&str> {
        self.users.ids.texts().get(user)
    }

    /// The type of an event property.
    #[must_use]
    pub fn event_property_type(&self, name: &str) -> Option<ValueType> {
        self.event_property(name)
            .map(|(_, property)| property.value_type)
    }

    /// The type of a user property.
    #[must_use]
    pub fn user_property_type(&self, name: &str) -> Option<ValueType> {
        self.user_property(name)
            .map(|property| property.values.value_type())
    }

    /// The event properties with their types.
    pub fn event_property_types(&self) -> impl Iterator<Item = (&str, ValueType)> {
        self.properties
            .iter()
            .map(|property| (property.name.as_str(), property.value_type))
    }

    /// The user properties with their types.
    pub fn user_property_types(&self) -> impl Iterator<Item = (&str, ValueType)> {
        self.users
            .properties
            .iter()
            .map(|property| (property.name.as_str(), property.values.value_type()))
    }

    /// What events and properties there are.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let name = |column: &TableColumn| {
            let property = self.properties.get(column.property as usize)?;
            Some(property.name.clone())
        };
        let owned = |(name, value_type): (&str, ValueType)| (name.to_owned(), value_type);
        Schema {
            events: map_of(self.tables.iter().map(|table| {
                let properties = table.columns.iter().filter_map(name);
                (table.name.clone(), set_of(properties))
            })),
            event_properties: map_of(self.event_property_types().map(owned)),
            user_properties: map_of(self.user_property_types().map(owned)),
        }
    }

    /// What could not be read of it. Definitions and queries that need one of these are refused.
    #[must_use]
    pub fn damaged(&self) -> &[DamagedPart] {
        &self.damaged
    }

    /// What is damaged that a column of users is in: see [`is_user_column`](Store::is_user_column). Its values are missing.
    #[must_use]
    pub fn damage_of_column(&self, name: &str) -> Option<&DamagedPart> {
        match name {
            // How many there are is counted.
            EVENTS => self.damage_of_events(None),
            name => self.damage_of_user_property(name),
        }
    }

    /// What is damaged that the events of a name are in; of any name where none is given.
    pub(crate) fn damage_of_events(&self, event: Option<&str>) -> Option<&DamagedPart> {
        self.damaged.iter().find(|damaged| match &damaged.part {
            StorePart::Events { event: name } => event.is_none_or(|event| event == name),
            _ => false,
        })
    }

    /// What is damaged that an event's values of a property are in; any event's where none is given.
    pub(crate) fn damage_of_event_property(
        &self,
        event: Option<&str>,
        property: &str,
    ) -> Option<&DamagedPart> {
        self.damaged.iter().find(|damaged| match &damaged.part {
            StorePart::EventProperty {
                event: of,
                property: name,
            } => {
                let same = of
                    .as_deref()
                    .zip(event)
                    .is_none_or(|(of, event)| of == event);
                same && name == property
            }
            _ => false,
        })
    }

    /// What is damaged that a user property is in.
    pub(crate) fn damage_of_user_property(&self, property: &str) -> Option<&DamagedPart> {
        self.damaged.iter().find(|damaged| match &damaged.part {
            StorePart::UserProperty { property: name } => name == property,
            _ => false,
        })
    }

    /// How many bytes the store takes.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let text_bytes = |texts: &Texts| texts.byte_len() + texts.len() * 4;
        let mut memory = Memory::default();
        for table in &self.tables {
            memory.core += table.times.byte_len()
                + (table.users.len() + table.starts.len()) * size_of::<u32>();
            memory.event_properties += table
                .columns
                .iter()
                .map(|column| column.values.byte_len())
                .sum::<usize>();
        }
        for property in &self.properties {
            memory.event_properties += text_bytes(&property.texts);
        }
        // The ids' index holds a number for each, at a load of at most seven eighths.
        memory.users = text_bytes(self.users.ids.texts()) + self.users.len() * (6 + 16);
        for property in &self.users.properties {
            memory.users += property.values.byte_len() + text_bytes(&property.texts);
        }
        memory
    }

    /// The first event of all before an instant.
    pub(crate) fn first_event(&self, before: Instant) -> Option<Instant> {
        let (first, _) = self.span();
        (first < before.millis()).then(|| Instant::from_millis_saturating(first))
    }

    /// The instant of the last event; [`Instant::MIN`] without events.
    pub(crate) fn last_event(&self) -> Instant {
        Instant::from_millis_saturating(self.span().1)
    }

    /// Found once: going over all users would be felt where many definitions are asked of one of them.
    fn span(&self) -> (i64, i64) {
        *self.span.get_or_init(|| {
            let first = self.users.first.iter().min().copied();
            let last = self.users.last.iter().max().copied();
            (first.unwrap_or(i64::MAX), last.unwrap_or(i64::MIN))
        })
    }

    /// The instant from which on no event happens before as-of; as-of itself where finding it would take long.
    pub(crate) fn quiet_since(&self, as_of: Instant) -> Instant {
        let last = self.span().1;
        let before = if last < as_of.millis() {
            Some(last)
        } else {
            self.events_before(as_of.millis()).map(|(_, last)| last)
        };
        before.map_or(as_of, |last| {
            Instant::from_millis_saturating(last.saturating_add(1))
        })
    }

    /// How many events there are before an instant that lies among the last ones, and when the last of them was.
    pub(crate) fn events_before(&self, as_of: i64) -> Option<(u64, i64)> {
        let lately = self.lately();
        let before = lately.partition_point(|time| *time < as_of);
        let last = lately.get(before.checked_sub(1)?)?;
        let after = (lately.len() - before) as u64;
        Some((self.event_count() - after, *last))
    }

    /// The times of the last events, ascending; none where they are too many. Found once: data may have events of its last
    /// day that have not happened yet, and every question asks which of them have.
    fn lately(&self) -> &[i64] {
        self.lately.get_or_init(|| {
            let from = self.span().1.saturating_sub(LATELY_MILLIS);
            let mut times = Vec::new();
            for table in &self.tables {
                for (place, user) in table.users.iter().enumerate() {
                    if self
                        .users
                        .last
                        .get(*user as usize)
                        .is_none_or(|last| *last < from)
                    {
                        continue;
                    }
                    let rows = table.run(place).rev();
                    let lately = rows.map(|row| table.times.get(row, self.base));
                    times.extend(lately.take_while(|time| *time >= from));
                    if times.len() > MOST_LATELY {
                        return Vec::new();
                    }
                }
            }
            times.sort_unstable();
            times
        })
    }

    pub(crate) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    pub(crate) fn event_property(&self, name: &str) -> Option<(u32, &EventProperty)> {
        self.properties
            .iter()
            .position(|property| property.name == name)
            .and_then(|place| Some((place as u32, self.properties.get(place)?)))
    }

    pub(crate) fn user_property(&self, name: &str) -> Option<&UserProperty> {
        self.users
            .properties
            .iter()
            .find(|property| property.name == name)
    }

    /// Whether a user exists for a question of this as-of: has an event before it, or none at all.
    pub(crate) fn exists(&self, user: u32, as_of: i64) -> bool {
        self.users
            .first
            .get(user as usize)
            .is_some_and(|first| *first < as_of || *first == i64::MAX)
    }
}

/// A cell as a value of the contract's JSON.
pub(crate) fn value(cell: Cell, texts: &Texts) -> segments_model::Value {
    match cell {
        Cell::Code(code) => texts.get(code).unwrap_or_default().into(),
        Cell::Number(number) => number.into(),
        Cell::Boolean(boolean) => boolean.into(),
        Cell::Datetime(time) => {
            segments_model::Value::String(Instant::from_millis_saturating(time).to_string())
        }
    }
}
