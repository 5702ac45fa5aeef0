//! Users and their events, told one by one.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use roaring::RoaringBitmap;
use segments_engine_api::{Facts, UserFacts};
use segments_model::calendar::Zone;
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::sort::{map_of, sort, sort_by};
use segments_model::user::{ActivityBucket, Event, PropertyValue, Sort, UserRow};
use segments_model::{Instant, Value};

use crate::column::{Cell, Packed};
use crate::store::{EVENTS, Store, Table, UserProperty, value};

/// The columns of users that are no properties. A property of the same name cannot be asked for as a column.
const FIRST_EVENT_AT: &str = "first_event_at";
const LAST_EVENT_AT: &str = "last_event_at";

/// Which users to list, and how.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    pub members: &'a RoaringBitmap,
    /// A text that the id, or the value of a text column asked for, has in it, whatever the case.
    pub search: &'a str,
    /// What to tell of each.
    pub columns: &'a [String],
    /// The order; none: by id.
    pub sort: Option<&'a Sort>,
    /// The instant that the columns are true for.
    pub as_of: Instant,
    /// How many users to leave out at the beginning.
    pub offset: usize,
    /// How many users to tell at most.
    pub limit: usize,
}

impl Store {
    /// How much data there is. O(users), and O(events) where `as_of` is more than two days before the last of them.
    #[must_use]
    pub fn facts(&self, as_of: Instant) -> Facts {
        let as_of = as_of.millis();
        let first = self.users.first.iter().min().copied();
        let last = self.users.last.iter().max().copied();
        let (events, last) = match last {
            Some(last) if last >= as_of => match self.events_before(as_of) {
                Some((events, last)) => (events, Some(last)),
                None => self.count_before(as_of),
            },
            other => (self.event_count(), other),
        };
        let (first, last) = if events == 0 {
            (None, None)
        } else {
            (first, last)
        };
        Facts {
            events,
            users: self.everyone(Instant::from_millis_saturating(as_of)).len(),
            first_event_at: first.and_then(Instant::from_millis),
            last_event_at: last.and_then(Instant::from_millis),
        }
    }

    /// How many events there are before an instant, and when the last of them was, found in all of them.
    fn count_before(&self, as_of: i64) -> (u64, Option<i64>) {
        let mut events = 0;
        let mut latest = None;
        for table in &self.tables {
            for row in 0..table.rows() {
                let time = table.times.get(row, self.base);
                if time < as_of {
                    events += 1;
                    latest = latest.max(Some(time));
                }
            }
        }
        (events, latest)
    }

    /// The users that exist as of an instant: those with an event before it, and those without any event.
    #[must_use]
    pub fn everyone(&self, as_of: Instant) -> RoaringBitmap {
        self.everyone_of(&(0..self.user_count()), as_of.millis())
    }

    /// The users of a range that exist as of an instant in milliseconds.
    pub(crate) fn everyone_of(&self, users: &Range<u32>, as_of: i64) -> RoaringBitmap {
        let exists = |first: &i64| u8::from((*first < as_of) | (*first == i64::MAX));
        // Bits are set eight at a time, from a user on whose number eights are counted.
        let start = users.start / 8 * 8;
        let all = self.users.first.get(start as usize..users.end as usize);
        let bytes: Vec<u8> = all
            .unwrap_or(&[])
            .chunks(8)
            .map(|eight| {
                let eight = eight.iter().rev();
                eight.fold(0, |byte, first| byte << 1 | exists(first))
            })
            .collect();
        let mut everyone = RoaringBitmap::from_lsb0_bytes(start, &bytes);
        everyone.remove_range(start..users.start);
        everyone
    }

    /// Whether users can be listed with this column: a user property, `first_event_at`, `last_event_at` or `events`.
    #[must_use]
    pub fn is_user_column(&self, name: &str) -> bool {
        matches!(name, FIRST_EVENT_AT | LAST_EVENT_AT | EVENTS)
            || self.user_property(name).is_some()
    }

    /// A page of users, and how many there are on all pages. O(members), whatever the page.
    #[must_use]
    pub fn list_users(&self, listing: &Listing<'_>) -> (Vec<UserRow>, u64) {
        let mut users: Vec<u32> = match Matcher::new(self, listing.search, listing.columns) {
            None => listing.members.iter().collect(),
            Some(matcher) => listing
                .members
                .iter()
                .filter(|user| matcher.matches(self, *user))
                .collect(),
        };
        let total = users.len();
        let end = listing.offset.saturating_add(listing.limit).min(total);
        if listing.offset >= end {
            return (Vec::new(), total as u64);
        }
        let order = Order::new(self, listing.sort, listing.as_of);
        let compare = |a: &u32, b: &u32| order.compare(self, *a, *b);
        // Only the users up to the end of the page have to be in order.
        if end < total {
            users.select_nth_unstable_by(end, compare);
            users.truncate(end);
        }
        sort_by(&mut users, compare);
        let page = users.get(listing.offset..end).unwrap_or(&[]);
        (
            self.user_rows(page, listing.columns, listing.as_of),
            total as u64,
        )
    }

    /// Users by their numbers, with columns of them.
    #[must_use]
    pub fn user_rows(&self, users: &[u32], columns: &[String], as_of: Instant) -> Vec<UserRow> {
        let columns: Vec<(&String, UserColumn<'_>)> = columns
            .iter()
            .filter_map(|name| Some((name, UserColumn::find(self, name)?)))
            .collect();
        users
            .iter()
            .map(|user| UserRow {
                id: self.user_id(*user).unwrap_or_default().to_owned(),
                values: map_of(columns.iter().filter_map(|(name, column)| {
                    let value = match column {
                        UserColumn::First => self.first_event_at(*user, as_of)?.into(),
                        UserColumn::Last => self.last_event_at(*user, as_of)?.into(),
                        UserColumn::Events => Of::Number(self.events_of(*user, as_of) as f64),
                        UserColumn::Property(property) => {
                            Of::Value(value(property.values.get(*user as usize)?, &property.texts))
                        }
                    };
                    Some(((*name).clone(), value.into_value()))
                })),
            })
            .collect()
    }

    /// Users in the order of their ids.
    #[must_use]
    pub fn by_id(&self, members: &RoaringBitmap) -> Vec<u32> {
        let mut users: Vec<u32> = members.iter().collect();
        sort_by(&mut users, |a, b| self.user_id(*a).cmp(&self.user_id(*b)));
        users
    }

    /// What is known of a user.
    #[must_use]
    pub fn user_facts(&self, user: u32, as_of: Instant) -> UserFacts {
        let mut properties: Vec<PropertyValue> = self
            .users
            .properties
            .iter()
            .map(|property| PropertyValue {
                name: property.name.clone(),
                value_type: property.values.value_type(),
                value: property
                    .values
                    .get(user as usize)
                    .map(|cell| value(cell, &property.texts)),
            })
            .collect();
        sort_by(&mut properties, |a, b| a.name.cmp(&b.name));
        UserFacts {
            first_event_at: self.first_event_at(user, as_of),
            last_event_at: self.last_event_at(user, as_of),
            events: self.events_of(user, as_of),
            properties,
        }
    }

    /// A user's events within bounds, the newest first, and how many there are on all pages; of equal times the one that
    /// came in last is first within its name.
    #[must_use]
    pub fn user_events(
        &self,
        user: u32,
        event: Option<&str>,
        bounds: Bounds,
        offset: usize,
        limit: usize,
    ) -> (Vec<Event>, u64) {
        let mut found: Vec<(i64, usize, usize)> = Vec::new();
        for (place, table) in self.tables.iter().enumerate() {
            if event.is_none_or(|event| event == table.name) {
                for row in self.rows_within(table, user, bounds) {
                    found.push((table.times.get(row, self.base), place, row));
                }
            }
        }
        let total = found.len();
        let end = offset.saturating_add(limit).min(total);
        if offset >= end {
            return (Vec::new(), total as u64);
        }
        sort_by(&mut found, |a, b| b.cmp(a));
        let events = found
            .into_iter()
            .take(end)
            .skip(offset)
            .filter_map(|(time, place, row)| {
                let table = self.tables.get(place)?;
                Some(Event {
                    event: table.name.clone(),
                    time: Instant::from_millis_saturating(time),
                    properties: self.event_properties(table, row),
                })
            })
            .collect();
        (events, total as u64)
    }

    /// How many events a user has in each unit from the first event to the last one; none where that would be more than
    /// `most` units.
    #[must_use]
    pub fn user_activity(
        &self,
        user: u32,
        unit: CalendarUnit,
        zone: &Zone,
        as_of: Instant,
        most: usize,
    ) -> Option<Vec<ActivityBucket>> {
        let bounds = Bounds {
            start: Instant::MIN,
            end: as_of,
        };
        let mut times: Vec<i64> = Vec::new();
        for table in &self.tables {
            let rows = self.rows_within(table, user, bounds);
            times.extend(rows.map(|row| table.times.get(row, self.base)));
        }
        times.sort_unstable();
        let mut buckets: Vec<ActivityBucket> = Vec::new();
        let Some(first) = times.first() else {
            return Some(buckets);
        };
        let mut start = zone.unit_start(unit, Instant::from_millis_saturating(*first));
        let mut rest = times.as_slice();
        while !rest.is_empty() {
            if buckets.len() == most {
                return None;
            }
            let end = zone.next_unit(unit, start);
            let inside = rest.partition_point(|time| *time < end.millis());
            buckets.push(ActivityBucket {
                start,
                end,
                events: inside as u64,
            });
            rest = rest.get(inside..).unwrap_or(&[]);
            if end <= start {
                break;
            }
            start = end;
        }
        Some(buckets)
    }

    fn event_properties(&self, table: &Table, row: usize) -> BTreeMap<String, Value> {
        map_of(table.columns.iter().filter_map(|column| {
            let property = self.properties.get(column.property as usize)?;
            let cell = column.values.get(row)?;
            Some((property.name.clone(), value(cell, &property.texts)))
        }))
    }

    /// The rows of a user in a table whose times lie within bounds.
    fn rows_within(&self, table: &Table, user: u32, bounds: Bounds) -> std::ops::Range<usize> {
        let rows = table.rows_of(user);
        let first_at = |least: i64| {
            let (mut low, mut high) = (rows.start, rows.end);
            while low < high {
                let middle = low + (high - low) / 2;
                if table.times.get(middle, self.base) < least {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        first_at(bounds.start.millis())..first_at(bounds.end.millis())
    }

    fn first_event_at(&self, user: u32, as_of: Instant) -> Option<Instant> {
        let first = *self.users.first.get(user as usize)?;
        Instant::from_millis(first).filter(|first| *first < as_of)
    }

    fn last_event_at(&self, user: u32, as_of: Instant) -> Option<Instant> {
        let last = Instant::from_millis(*self.users.last.get(user as usize)?)?;
        if last < as_of {
            return Some(last);
        }
        let bounds = Bounds {
            start: Instant::MIN,
            end: as_of,
        };
        self.tables
            .iter()
            .filter_map(|table| {
                self.rows_within(table, user, bounds)
                    .next_back()
                    .map(|row| (table, row))
            })
            .map(|(table, row)| table.times.get(row, self.base))
            .max()
            .and_then(Instant::from_millis)
    }

    fn events_of(&self, user: u32, as_of: Instant) -> u64 {
        let bounds = Bounds {
            start: Instant::MIN,
            end: as_of,
        };
        self.tables
            .iter()
            .map(|table| self.rows_within(table, user, bounds).len() as u64)
            .sum()
    }
}

/// A value on its way into JSON.
enum Of {
    Instant(Instant),
    Number(f64),
    Value(Value),
}

impl From<Instant> for Of {
    fn from(instant: Instant) -> Self {
        Self::Instant(instant)
    }
}

impl Of {
    fn into_value(self) -> Value {
        match self {
            Self::Instant(instant) => Value::String(instant.to_string()),
            Self::Number(number) => Value::Number(number),
            Self::Value(value) => value,
        }
    }
}

enum UserColumn<'a> {
    First,
    Last,
    Events,
    Property(&'a UserProperty),
}

impl<'a> UserColumn<'a> {
    fn find(store: &'a Store, name: &str) -> Option<Self> {
        match name {
            FIRST_EVENT_AT => Some(Self::First),
            LAST_EVENT_AT => Some(Self::Last),
            EVENTS => Some(Self::Events),
            name => store.user_property(name).map(Self::Property),
        }
    }
}

/// Finds a text in ids and text columns.
struct Matcher<'a> {
    folded: String,
    /// Text columns, and which of their texts match.
    columns: Vec<(&'a Packed, Vec<bool>)>,
}

impl<'a> Matcher<'a> {
    /// None where every user matches.
    fn new(store: &'a Store, search: &str, columns: &[String]) -> Option<Self> {
        let folded = search.trim().to_lowercase();
        if folded.is_empty() {
            return None;
        }
        let columns = columns
            .iter()
            .filter_map(|name| match UserColumn::find(store, name)? {
                UserColumn::Property(property) if !property.texts.is_empty() => Some((
                    &property.values,
                    property
                        .texts
                        .iter()
                        .map(|text| text.to_lowercase().contains(&folded))
                        .collect(),
                )),
                _ => None,
            })
            .collect();
        Some(Self { folded, columns })
    }

    fn matches(&self, store: &Store, user: u32) -> bool {
        let in_column = |(values, matching): &(&Packed, Vec<bool>)| match values.get(user as usize)
        {
            Some(Cell::Code(code)) => matching.get(code as usize).copied().unwrap_or_default(),
            _ => false,
        };
        store
            .user_id(user)
            .is_some_and(|id| id.to_lowercase().contains(&self.folded))
            || self.columns.iter().any(in_column)
    }
}

/// An order of users: a key for each, if it is not by id.
struct Order {
    keys: Option<Vec<Option<f64>>>,
    descending: bool,
}

impl Order {
    fn new(store: &Store, sort: Option<&Sort>, as_of: Instant) -> Self {
        let Some(sort) = sort else {
            return Self {
                keys: None,
                descending: false,
            };
        };
        let users = 0..store.user_count();
        // Milliseconds of the years 1 to 9999 are exact as floating-point numbers.
        let millis = |instant: Option<Instant>| instant.map(|instant| instant.millis() as f64);
        let keys = UserColumn::find(store, &sort.by).map(|column| match column {
            UserColumn::First => users
                .map(|user| millis(store.first_event_at(user, as_of)))
                .collect(),
            UserColumn::Last => users
                .map(|user| millis(store.last_event_at(user, as_of)))
                .collect(),
            UserColumn::Events => users
                .map(|user| Some(store.events_of(user, as_of) as f64))
                .collect(),
            UserColumn::Property(property) => {
                let ranks = ranks(property);
                users
                    .map(|user| {
                        property
                            .values
                            .get(user as usize)
                            .and_then(|cell| match cell {
                                Cell::Code(code) => {
                                    ranks.get(code as usize).copied().map(f64::from)
                                }
                                Cell::Number(number) => Some(number),
                                Cell::Boolean(boolean) => Some(f64::from(u8::from(boolean))),
                                Cell::Datetime(millis) => Some(millis as f64),
                            })
                    })
                    .collect()
            }
        });
        Self {
            keys,
            descending: sort.descending,
        }
    }

    fn compare(&self, store: &Store, a: u32, b: u32) -> Ordering {
        let by_id = || store.user_id(a).cmp(&store.user_id(b));
        let Some(keys) = &self.keys else {
            return if self.descending {
                by_id().reverse()
            } else {
                by_id()
            };
        };
        let key = |user: u32| keys.get(user as usize).copied().flatten();
        let by_key = match (key(a), key(b)) {
            (Some(a), Some(b)) if self.descending => b.total_cmp(&a),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        by_key.then_with(by_id)
    }
}

/// The place of each text of a property in their order.
fn ranks(property: &UserProperty) -> Vec<u32> {
    let mut codes: Vec<(&str, u32)> = property.texts.iter().zip(0..).collect();
    sort(&mut codes);
    let mut ranks = vec![0; codes.len()];
    for ((_, code), rank) in codes.into_iter().zip(0..) {
        if let Some(slot) = ranks.get_mut(code as usize) {
            *slot = rank;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use segments_model::calendar::Zone;
    use segments_model::range::{Bounds, CalendarUnit};
    use segments_model::user::Sort;
    use segments_model::{Instant, Value};

    use super::{Facts, Listing};
    use crate::batch::{Column, EventBatch, UserBatch, Values};
    use crate::{Loader, Progress, Store};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// Three users with events, one without.
    pub(crate) fn store() -> Store {
        let mut loader = Loader::new();
        let rows = [
            ("bea", "Order", "2026-01-01T10:00:00Z", Some(5.0)),
            ("Ann", "View", "2026-01-01T09:00:00Z", None),
            ("Ann", "Order", "2026-01-03T09:00:00Z", Some(7.5)),
            ("Ann", "Order", "2026-01-03T09:00:00Z", None),
            ("cid", "View", "2026-02-01T00:00:00Z", None),
        ];
        loader
            .push_events(&EventBatch {
                users: rows.iter().map(|row| Some(row.0)).collect(),
                events: rows.iter().map(|row| Some(row.1)).collect(),
                times: rows.iter().map(|row| at(row.2).millis()).collect(),
                properties: vec![Column {
                    name: "amount".to_owned(),
                    values: Values::Number(
                        rows.iter().map(|row| row.3.unwrap_or(f64::NAN)).collect(),
                    ),
                }],
            })
            .unwrap();
        loader
            .push_users(&UserBatch {
                users: [Some("Ann"), Some("bea"), Some("dora")]
                    .into_iter()
                    .collect(),
                properties: vec![
                    Column {
                        name: "city".to_owned(),
                        values: Values::String(
                            [Some("Zürich"), None, Some("Aarau")].into_iter().collect(),
                        ),
                    },
                    Column {
                        name: "age".to_owned(),
                        values: Values::Number(vec![30.0, 20.0, f64::NAN]),
                    },
                ],
            })
            .unwrap();
        let mut building = loader.finish();
        loop {
            if let Progress::Done(store) = building.step(1_000) {
                return store;
            }
        }
    }

    fn listed(store: &Store, search: &str, sort: Option<(&str, bool)>, as_of: &str) -> Vec<String> {
        let as_of = at(as_of);
        let sort = sort.map(|(by, descending)| Sort {
            by: by.to_owned(),
            descending,
        });
        let columns = ["city".to_owned()];
        let members = store.everyone(as_of);
        let mut listing = Listing {
            members: &members,
            search,
            columns: &columns,
            sort: sort.as_ref(),
            as_of,
            offset: 0,
            limit: 100,
        };
        let (rows, total) = store.list_users(&listing);
        let ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
        assert_eq!(ids.len() as u64, total);
        // Page by page it is the same.
        listing.limit = 1;
        for (offset, id) in ids.iter().enumerate() {
            listing.offset = offset;
            let (page, pages) = store.list_users(&listing);
            assert_eq!((page[0].id.as_str(), pages), (id.as_str(), total));
        }
        ids
    }

    const LATE: &str = "2026-03-01T00:00:00Z";

    #[test]
    fn the_last_event_before_an_instant_is_found_among_the_last_ones() {
        let store = Arc::new(store());
        let quiet = |text| store.quiet_since(at(text)).to_string();
        assert_eq!(quiet("2026-03-01T00:00:00Z"), "2026-02-01T00:00:00.001Z");
        // Nothing is known of what is long before the last event.
        assert_eq!(quiet("2026-02-01T00:00:00Z"), "2026-02-01T00:00:00.000Z");
        let mut loader = Loader::onto(&store);
        let lately = [
            "2026-01-30T00:00:00.001Z",
            "2026-01-31T07:00:00Z",
            "2026-02-01T00:00:00.001Z",
        ];
        loader
            .push_events(&EventBatch {
                users: [Some("dora"), Some("cid"), Some("bea")]
                    .into_iter()
                    .collect(),
                events: [Some("Order"), Some("View"), Some("Late")]
                    .into_iter()
                    .collect(),
                times: lately.iter().map(|time| at(time).millis()).collect(),
                properties: Vec::new(),
            })
            .unwrap();
        let mut building = loader.finish();
        let store = loop {
            if let Progress::Done(store) = building.step(1_000) {
                break store;
            }
        };
        for as_of in lately
            .iter()
            .chain(&["2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z"])
        {
            let as_of = at(as_of).millis();
            let counted = store.count_before(as_of);
            match store.events_before(as_of) {
                Some((events, last)) => assert_eq!((events, Some(last)), counted),
                None => assert_eq!(as_of, at(lately[0]).millis()),
            }
        }
        assert_eq!(Store::empty().quiet_since(at(lately[0])), Instant::MIN);
    }

    #[test]
    fn users_come_in_the_order_asked_for_and_missing_ones_last() {
        let store = store();
        for (sort, expected) in [
            (None, ["Ann", "bea", "cid", "dora"]),
            (Some(("id", true)), ["dora", "cid", "bea", "Ann"]),
            (Some(("city", false)), ["dora", "Ann", "bea", "cid"]),
            (Some(("city", true)), ["Ann", "dora", "bea", "cid"]),
            (Some(("age", false)), ["bea", "Ann", "cid", "dora"]),
            (Some(("age", true)), ["Ann", "bea", "cid", "dora"]),
            (Some(("events", true)), ["Ann", "bea", "cid", "dora"]),
            (
                Some(("first_event_at", true)),
                ["cid", "bea", "Ann", "dora"],
            ),
            (
                Some(("last_event_at", false)),
                ["bea", "Ann", "cid", "dora"],
            ),
        ] {
            assert_eq!(listed(&store, "", sort, LATE), expected, "{sort:?}");
        }
    }

    #[test]
    fn users_are_found_by_id_and_by_the_texts_that_are_shown() {
        let store = store();
        assert_eq!(listed(&store, "AN", None, LATE), ["Ann"]);
        assert_eq!(listed(&store, "zÜR", None, LATE), ["Ann"]);
        assert_eq!(listed(&store, "a", None, LATE), ["Ann", "bea", "dora"]);
        assert!(listed(&store, "x", None, LATE).is_empty());
    }

    #[test]
    fn what_comes_after_as_of_is_not_there() {
        let store = store();
        let early = "2026-01-03T09:00:00Z";
        assert_eq!(listed(&store, "", None, early), ["Ann", "bea", "dora"]);
        assert_eq!(
            store.facts(at(early)),
            Facts {
                events: 2,
                users: 3,
                first_event_at: Some(at("2026-01-01T09:00:00Z")),
                last_event_at: Some(at("2026-01-01T10:00:00Z")),
            }
        );
        let ann = store.user_number("Ann").unwrap();
        let facts = store.user_facts(ann, at(early));
        assert_eq!(facts.events, 1);
        assert_eq!(facts.last_event_at, Some(at("2026-01-01T09:00:00Z")));
        assert_eq!(store.user_facts(ann, at(LATE)).events, 3);
        assert_eq!(store.facts(at(LATE)).events, 5);
        assert_eq!(store.facts(at("2020-01-01T00:00:00Z")).events, 0);
        assert_eq!(store.facts(at("2020-01-01T00:00:00Z")).first_event_at, None);
    }

    #[test]
    fn events_come_newest_first() {
        let store = store();
        let ann = store.user_number("Ann").unwrap();
        let all = Bounds {
            start: Instant::MIN,
            end: at(LATE),
        };
        let (events, total) = store.user_events(ann, None, all, 0, 10);
        assert_eq!(total, 3);
        let names: Vec<&str> = events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(names, ["Order", "Order", "View"]);
        assert_eq!(events[0].properties.get("amount"), None, "came in last");
        assert_eq!(
            events[1].properties.get("amount"),
            Some(&Value::Number(7.5))
        );
        let (page, total) = store.user_events(ann, Some("Order"), all, 1, 10);
        assert_eq!((page.as_slice(), total), (&events[1..2], 2));
        let until = Bounds {
            end: at("2026-01-03T09:00:00Z"),
            ..all
        };
        assert_eq!(store.user_events(ann, None, until, 0, 10).1, 1);
        assert_eq!(store.user_events(ann, Some("none"), all, 0, 10).1, 0);
    }

    #[test]
    fn activity_has_the_days_between_too() {
        let store = store();
        let ann = store.user_number("Ann").unwrap();
        let activity = |zone: &str, most| {
            let zone = Zone::parse(zone).unwrap();
            store
                .user_activity(ann, CalendarUnit::Day, &zone, at(LATE), most)
                .map(|buckets| {
                    buckets
                        .iter()
                        .map(|bucket| (bucket.start.to_string(), bucket.events))
                        .collect::<Vec<_>>()
                })
        };
        let day = |text: &str, events| (text.to_owned(), events);
        assert_eq!(
            activity("UTC", 3),
            Some(vec![
                day("2026-01-01T00:00:00.000Z", 1),
                day("2026-01-02T00:00:00.000Z", 0),
                day("2026-01-03T00:00:00.000Z", 2),
            ])
        );
        assert_eq!(
            activity("Asia/Kathmandu", 9).unwrap()[0],
            day("2025-12-31T18:15:00.000Z", 1)
        );
        assert_eq!(activity("UTC", 2), None);
    }
}
