//! What the data has: events and properties with how often they are there, and the values of a property.

use std::collections::HashMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::dictionary::{
    Dictionary, EntryKind, EventEntry, EventPropertyEntry, Notes, Suggestion, Suggestions,
    UserPropertyEntry,
};
use segments_model::sort::{sort, sort_by};
use segments_model::{Instant, Value};

use crate::Progress;
use crate::batch::Texts;
use crate::column::{Cell, Packed};
use crate::job::{Job, Run, Step};
use crate::store::{Store, Table, UserProperty, value};

/// How many values an entry of the dictionary shows.
const SAMPLES: usize = 5;
/// How many rows are looked at to find samples.
const SAMPLED_ROWS: usize = 20_000;

impl Store {
    /// Whether there is an event of this name, whenever it was.
    #[must_use]
    pub fn has_event(&self, name: &str) -> bool {
        self.table(name).is_some()
    }

    /// Whether an event of this name ever has a value of a property.
    #[must_use]
    pub fn carries(&self, event: &str, property: &str) -> bool {
        self.table(event)
            .zip(self.event_property(property))
            .is_some_and(|(table, (place, _))| table.column(place).is_some())
    }
}

/// The dictionary of a store, worked out step by step.
#[derive(Debug)]
pub struct Survey(Run<Surveying>);

/// A dictionary while it is worked out.
#[derive(Debug)]
struct Surveying {
    store: Arc<Store>,
    as_of: i64,
    everyone: RoaringBitmap,
    seen: SeenAll,
}

/// What was seen of all so far.
#[derive(Debug, Default)]
struct SeenAll {
    /// The next table, and the next column of it.
    at: (usize, usize),
    events: Vec<EventEntry>,
    properties: Vec<Seen>,
    users: Vec<UserPropertyEntry>,
}

/// What was seen of an event property so far.
#[derive(Clone, Debug, Default)]
struct Seen {
    volume: u64,
    /// How many events there are of the names that carry it.
    rows: u64,
    events: Vec<String>,
    counts: Counts,
}

impl Survey {
    /// Starts.
    #[must_use]
    pub fn new(store: Arc<Store>, as_of: Instant) -> Self {
        Self(Run::new(Surveying {
            everyone: store.everyone(as_of),
            as_of: as_of.millis(),
            store,
            seen: SeenAll::default(),
        }))
    }

    /// Looks at columns until about so many rows were looked at, at least one column.
    pub fn step(&mut self, rows: usize) -> Progress<Dictionary> {
        self.0.step(rows)
    }
}

impl Job for Surveying {
    type Share = SeenAll;
    type Answer = Dictionary;

    fn total(&self) -> u64 {
        let tables = self.store.tables.iter();
        let rows = tables.map(|table| table.rows() * (1 + table.columns.len()));
        let users = self.store.users.properties.len() * self.store.users.len();
        (rows.sum::<usize>() + users) as u64
    }

    fn split(&mut self) -> Vec<SeenAll> {
        vec![SeenAll {
            properties: vec![Seen::default(); self.store.properties.len()],
            ..SeenAll::default()
        }]
    }

    fn step(&self, share: &mut SeenAll, rows: usize) -> Step {
        let mut looked = 0;
        let mut done = false;
        while looked < rows && !done {
            match self.look(share) {
                Some(rows) => looked += rows,
                None => done = true,
            }
        }
        Step { looked, done }
    }

    fn merge(&mut self, shares: &mut Vec<SeenAll>) -> bool {
        self.seen = shares.pop().unwrap_or_default();
        false
    }

    fn finish(&mut self) -> Dictionary {
        self.dictionary()
    }
}

impl Surveying {
    /// Looks at the next column; how many rows that were, none where there is no other.
    fn look(&self, seen: &mut SeenAll) -> Option<usize> {
        let store = &*self.store;
        let Some(table) = store.tables.get(seen.at.0) else {
            let property = store.users.properties.get(seen.users.len())?;
            seen.users.push(self.user_property(property));
            return Some(store.users.len().max(1));
        };
        if seen.at.1 == 0 {
            seen.events.extend(event(store, table, self.as_of));
        }
        match table.columns.get(seen.at.1) {
            Some(column) => {
                let place = column.property as usize;
                if let (Some(property), Some(of)) =
                    (store.properties.get(place), seen.properties.get_mut(place))
                {
                    let filled = of.look(store, table, &column.values, self.as_of);
                    let mut entries = seen.events.last_mut().into_iter();
                    if filled > 0
                        && let Some(entry) = entries.find(|entry| entry.name == table.name)
                    {
                        entry.properties.push(property.name.clone());
                    }
                }
                seen.at.1 += 1;
            }
            None => seen.at = (seen.at.0 + 1, 0),
        }
        Some(table.rows().max(1))
    }

    fn dictionary(&mut self) -> Dictionary {
        let SeenAll {
            mut events,
            properties,
            mut users,
            ..
        } = std::mem::take(&mut self.seen);
        for entry in &mut events {
            sort(&mut entry.properties);
        }
        sort_by(&mut events, |a, b| {
            (b.volume, &a.name).cmp(&(a.volume, &b.name))
        });
        let mut event_properties: Vec<EventPropertyEntry> = self
            .store
            .properties
            .iter()
            .zip(&properties)
            .filter(|(_, seen)| seen.volume > 0)
            .map(|(property, seen)| EventPropertyEntry {
                name: property.name.clone(),
                value_type: property.value_type,
                volume: seen.volume,
                fill_rate: rate(seen.volume, seen.rows),
                events: {
                    let mut events = seen.events.clone();
                    sort(&mut events);
                    events
                },
                samples: seen.counts.samples(&property.texts),
                notes: Notes::default(),
            })
            .collect();
        sort_by(&mut event_properties, |a, b| {
            (b.volume, &a.name).cmp(&(a.volume, &b.name))
        });
        sort_by(&mut users, |a, b| {
            (b.volume, &a.name).cmp(&(a.volume, &b.name))
        });
        Dictionary {
            data_version: String::new(),
            events,
            event_properties,
            user_properties: users,
        }
    }

    fn user_property(&self, property: &UserProperty) -> UserPropertyEntry {
        let mut counts = Counts::default();
        let mut volume = 0;
        for user in &self.everyone {
            if let Some(cell) = property.values.get(user as usize) {
                volume += 1;
                if volume <= SAMPLED_ROWS as u64 {
                    counts.add(cell);
                }
            }
        }
        UserPropertyEntry {
            name: property.name.clone(),
            value_type: property.values.value_type(),
            volume,
            fill_rate: rate(volume, self.everyone.len()),
            samples: counts.samples(&property.texts),
            notes: Notes::default(),
        }
    }
}

impl Seen {
    /// Looks at the values in a table; how many there are.
    fn look(&mut self, store: &Store, table: &Table, values: &Packed, as_of: i64) -> u64 {
        let (mut rows, mut filled) = (0, 0);
        for row in 0..table.rows() {
            if table.times.get(row, store.base) < as_of {
                rows += 1;
                if let Some(cell) = values.get(row) {
                    filled += 1;
                    if filled <= SAMPLED_ROWS as u64 {
                        self.counts.add(cell);
                    }
                }
            }
        }
        if filled > 0 {
            self.volume += filled;
            self.rows += rows;
            self.events.push(table.name.clone());
        }
        filled
    }
}

fn event(store: &Store, table: &Table, as_of: i64) -> Option<EventEntry> {
    let (mut volume, mut users) = (0, 0);
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for place in 0..table.users.len() {
        let mut is_there = false;
        for row in table.run(place) {
            let time = table.times.get(row, store.base);
            if time < as_of {
                volume += 1;
                is_there = true;
                first = first.min(time);
                last = last.max(time);
            }
        }
        users += u64::from(is_there);
    }
    (volume > 0).then(|| EventEntry {
        name: table.name.clone(),
        volume,
        users,
        first_seen: Instant::from_millis(first),
        last_seen: Instant::from_millis(last),
        properties: Vec::new(),
        notes: Notes::default(),
    })
}

/// The share of 0 to 1; of nothing 0.
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// How often values stand.
#[derive(Clone, Debug, Default)]
struct Counts(HashMap<Key, u64, rustc_hash::FxBuildHasher>);

/// A value by which it is counted: codes, bits of numbers, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Code(u32),
    Number(u64),
    Boolean(bool),
    Datetime(i64),
}

impl Counts {
    fn add(&mut self, cell: Cell) {
        let key = match cell {
            Cell::Code(code) => Key::Code(code),
            // The two zeros are one number.
            Cell::Number(number) => Key::Number((number + 0.0).to_bits()),
            Cell::Boolean(boolean) => Key::Boolean(boolean),
            Cell::Datetime(millis) => Key::Datetime(millis),
        };
        *self.0.entry(key).or_default() += 1;
    }

    /// The values whose texts match, the most frequent first, equally frequent ones in the order of their values.
    fn ranked(&self, texts: &Texts, matches: impl Fn(&Value) -> bool) -> Vec<(Value, u64)> {
        let mut values: Vec<(Value, u64)> = self
            .0
            .iter()
            .map(|(key, count)| {
                let cell = match *key {
                    Key::Code(code) => Cell::Code(code),
                    Key::Number(bits) => Cell::Number(f64::from_bits(bits)),
                    Key::Boolean(boolean) => Cell::Boolean(boolean),
                    Key::Datetime(millis) => Cell::Datetime(millis),
                };
                (value(cell, texts), *count)
            })
            .filter(|(value, _)| matches(value))
            .collect();
        sort_by(&mut values, |a, b| {
            b.1.cmp(&a.1)
                .then_with(|| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal))
        });
        values
    }

    fn samples(&self, texts: &Texts) -> Vec<Value> {
        let mut values = self.ranked(texts, |_| true);
        values.truncate(SAMPLES);
        values.into_iter().map(|(value, _)| value).collect()
    }
}

/// The values of a property to suggest, counted step by step.
#[derive(Debug)]
pub struct Suggesting(Run<Counting>);

/// Values while they are counted.
#[derive(Debug)]
struct Counting {
    store: Arc<Store>,
    as_of: i64,
    of: Of,
    folded: String,
    limit: usize,
    counts: Counts,
}

/// What was counted so far: up to this table, or this user.
#[derive(Debug, Default)]
struct Counted {
    next: usize,
    counts: Counts,
}

#[derive(Debug)]
enum Of {
    Event(String),
    EventProperty(u32),
    UserProperty(usize),
}

impl Suggesting {
    /// Starts; none where the data has no such event or property. Only values that have the text `search` in them, whatever
    /// the case, are suggested.
    #[must_use]
    pub fn new(
        store: Arc<Store>,
        kind: EntryKind,
        name: &str,
        search: &str,
        limit: usize,
        as_of: Instant,
    ) -> Option<Self> {
        let of = match kind {
            EntryKind::Events => Of::Event(store.table(name)?.name.clone()),
            EntryKind::EventProperties => Of::EventProperty(store.event_property(name)?.0),
            EntryKind::UserProperties => Of::UserProperty(
                store
                    .users
                    .properties
                    .iter()
                    .position(|property| property.name == name)?,
            ),
        };
        Some(Self(Run::new(Counting {
            store,
            as_of: as_of.millis(),
            of,
            folded: search.trim().to_lowercase(),
            limit,
            counts: Counts::default(),
        })))
    }

    /// Counts until about so many rows were looked at, at least one table.
    pub fn step(&mut self, rows: usize) -> Progress<Suggestions> {
        self.0.step(rows)
    }
}

impl Job for Counting {
    type Share = Counted;
    type Answer = Suggestions;

    fn total(&self) -> u64 {
        match self.of {
            Of::Event(_) => 0,
            Of::EventProperty(_) => self.store.event_count(),
            Of::UserProperty(_) => u64::from(self.store.user_count()),
        }
    }

    fn split(&mut self) -> Vec<Counted> {
        vec![Counted::default()]
    }

    fn step(&self, share: &mut Counted, rows: usize) -> Step {
        let mut looked = 0;
        let mut done = false;
        while looked < rows && !done {
            match self.look(share, rows - looked) {
                Some(rows) => looked += rows,
                None => done = true,
            }
        }
        Step { looked, done }
    }

    fn merge(&mut self, shares: &mut Vec<Counted>) -> bool {
        self.counts = shares.pop().unwrap_or_default().counts;
        false
    }

    fn finish(&mut self) -> Suggestions {
        let store = &*self.store;
        let none = Texts::new();
        let texts = match &self.of {
            Of::Event(name) => return self.event(name),
            Of::EventProperty(place) => {
                let property = store.properties.get(*place as usize);
                property.map_or(&none, |property| &property.texts)
            }
            Of::UserProperty(place) => {
                let property = store.users.properties.get(*place);
                property.map_or(&none, |property| &property.texts)
            }
        };
        let mut values = self.counts.ranked(texts, |value| {
            self.folded.is_empty() || text(value).to_lowercase().contains(&self.folded)
        });
        let total = values.len() as u64;
        values.truncate(self.limit);
        Suggestions {
            items: values
                .into_iter()
                .map(|(value, count)| Suggestion { value, count })
                .collect(),
            total,
        }
    }
}

impl Counting {
    fn event(&self, name: &str) -> Suggestions {
        let table = self.store.table(name);
        let entry = table.and_then(|table| event(&self.store, table, self.as_of));
        let items: Vec<Suggestion> = entry
            .into_iter()
            .filter(|entry| entry.name.to_lowercase().contains(&self.folded))
            .map(|entry| Suggestion {
                value: Value::String(entry.name),
                count: entry.volume,
            })
            .collect();
        Suggestions {
            total: items.len() as u64,
            items,
        }
    }

    /// Counts in the next table, or about so many users; how many rows that were, none where there is no other.
    fn look(&self, counted: &mut Counted, rows: usize) -> Option<usize> {
        let store = &*self.store;
        let counts = &mut counted.counts;
        match &self.of {
            Of::Event(_) => None,
            Of::EventProperty(place) => {
                let table = store.tables.get(counted.next)?;
                counted.next += 1;
                let Some(values) = table.column(*place) else {
                    return Some(1);
                };
                for row in 0..table.rows() {
                    if let Some(cell) = values.get(row)
                        && table.times.get(row, store.base) < self.as_of
                    {
                        counts.add(cell);
                    }
                }
                Some(table.rows().max(1))
            }
            Of::UserProperty(place) => {
                let property = store.users.properties.get(*place)?;
                let end = store.users.len().min(counted.next.saturating_add(rows));
                let users = counted.next..end;
                for user in users.clone() {
                    if store.exists(user as u32, self.as_of)
                        && let Some(cell) = property.values.get(user)
                    {
                        counts.add(cell);
                    }
                }
                counted.next = end;
                (!users.is_empty()).then_some(users.len())
            }
        }
    }
}

/// A value as people read it.
fn text(value: &Value) -> String {
    match value {
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};
    use segments_model::{Instant, Value};

    use super::{Suggesting, Survey};
    use crate::batch::{Column, EventBatch, UserBatch, Values};
    use crate::{Loader, Progress, Store};

    fn store() -> Arc<Store> {
        let mut loader = Loader::new();
        let rows = [
            ("a", "Order", 1_000, Some("card"), 5.0),
            ("a", "Order", 2_000, Some("Cash"), 5.0),
            ("b", "Order", 3_000, Some("card"), f64::NAN),
            ("b", "View", 4_000, None, f64::NAN),
            ("c", "Order", 9_000, Some("cheque"), 1.0),
        ];
        loader
            .push_events(&EventBatch {
                users: rows.iter().map(|row| Some(row.0)).collect(),
                events: rows.iter().map(|row| Some(row.1)).collect(),
                times: rows.iter().map(|row| row.2).collect(),
                properties: vec![
                    Column {
                        name: "paid".to_owned(),
                        values: Values::String(rows.iter().map(|row| row.3).collect()),
                    },
                    Column {
                        name: "amount".to_owned(),
                        values: Values::Number(rows.iter().map(|row| row.4).collect()),
                    },
                ],
            })
            .unwrap();
        loader
            .push_users(&UserBatch {
                users: [Some("a"), Some("b"), Some("c"), Some("d")]
                    .into_iter()
                    .collect(),
                properties: vec![Column {
                    name: "member".to_owned(),
                    values: Values::Boolean(vec![1, 1, 0, 2]),
                }],
            })
            .unwrap();
        let mut building = loader.finish();
        loop {
            if let Progress::Done(store) = building.step(1) {
                return Arc::new(store);
            }
        }
    }

    fn survey(as_of: i64, rows: usize) -> Dictionary {
        let mut survey = Survey::new(store(), Instant::from_millis_saturating(as_of));
        loop {
            if let Progress::Done(dictionary) = survey.step(rows) {
                return dictionary;
            }
        }
    }

    fn suggested(
        kind: EntryKind,
        name: &str,
        search: &str,
        limit: usize,
        as_of: i64,
    ) -> Option<Suggestions> {
        let as_of = Instant::from_millis_saturating(as_of);
        let mut suggesting = Suggesting::new(store(), kind, name, search, limit, as_of)?;
        loop {
            if let Progress::Done(suggestions) = suggesting.step(1) {
                return Some(suggestions);
            }
        }
    }

    #[test]
    fn the_dictionary_counts_what_is_before_as_of() {
        let dictionary = survey(10_000, 1);
        assert_eq!(dictionary, survey(10_000, 1_000_000), "in one step or many");
        let order = &dictionary.events[0];
        assert_eq!(
            (order.name.as_str(), order.volume, order.users),
            ("Order", 4, 3)
        );
        assert_eq!(order.first_seen, Instant::from_millis(1_000));
        assert_eq!(order.last_seen, Instant::from_millis(9_000));
        assert_eq!(order.properties, ["amount", "paid"]);
        assert!(dictionary.events[1].properties.is_empty());
        let paid = &dictionary.event_properties[0];
        assert_eq!((paid.name.as_str(), paid.volume), ("paid", 4));
        assert_eq!(
            (paid.fill_rate, paid.events.as_slice()),
            (1.0, &["Order".to_owned()][..])
        );
        assert_eq!(paid.samples[0], Value::from("card"));
        let amount = &dictionary.event_properties[1];
        assert_eq!((amount.volume, amount.fill_rate), (3, 0.75));
        let member = &dictionary.user_properties[0];
        assert_eq!((member.volume, member.fill_rate), (3, 0.75));
        assert_eq!(member.samples, [Value::from(true), Value::from(false)]);

        let early = survey(2_000, 1);
        assert_eq!(early.events.len(), 1);
        assert_eq!(early.events[0].volume, 1);
        assert_eq!(
            early.user_properties[0].volume, 1,
            "b and c do not exist yet"
        );
        assert!(survey(0, 1).events.is_empty());
        assert!(survey(0, 1).event_properties.is_empty());
    }

    #[test]
    fn values_come_most_frequent_first_and_match() {
        let paid = |search, limit, as_of| {
            let found =
                suggested(EntryKind::EventProperties, "paid", search, limit, as_of).unwrap();
            let items: Vec<(Value, u64)> = found
                .items
                .into_iter()
                .map(|item| (item.value, item.count))
                .collect();
            (items, found.total)
        };
        let (card, cash, cheque) = (
            Value::from("card"),
            Value::from("Cash"),
            Value::from("cheque"),
        );
        assert_eq!(
            paid("", 10, 10_000),
            (vec![(card.clone(), 2), (cash.clone(), 1), (cheque, 1)], 3)
        );
        assert_eq!(
            paid("CA", 10, 10_000),
            (vec![(card.clone(), 2), (cash, 1)], 2)
        );
        assert_eq!(paid("", 1, 10_000), (vec![(card.clone(), 2)], 3));
        assert_eq!(paid("", 10, 2_000), (vec![(card, 1)], 1));
        let member = suggested(EntryKind::UserProperties, "member", "tr", 10, 10_000).unwrap();
        assert_eq!((member.items[0].count, member.total), (2, 1));
        let order = suggested(EntryKind::Events, "Order", "", 10, 10_000).unwrap();
        assert_eq!((order.items[0].count, order.total), (4, 1));
        assert!(suggested(EntryKind::Events, "none", "", 10, 10_000).is_none());
        assert!(suggested(EntryKind::EventProperties, "member", "", 10, 10_000).is_none());
    }
}
