//! Groups of rows by the values of properties and by segments.

#![expect(
    clippy::indexing_slicing,
    reason = "rows lie within the table's columns, users within the store's, and places within what is made for them here"
)]

use std::cmp::Ordering;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use segments_model::answer::Group;
use segments_model::filter::Scope;
use segments_model::limits::MAX_GROUP_BY;
use segments_model::query::GroupBy;
use segments_model::sort::sort_by;
use segments_model::{Value, ValueType};

use crate::column::{Cell, Packed};
use crate::plan::{PartId, Planner};
use crate::question::EvaluateError;
use crate::store::{Store, Table, value};

/// How many groups are counted by their place; where there can be more, those that there are are looked up.
const DENSE: usize = 1 << 20;

/// What is missing in a [`Key`]: what would be the bits of -0, which is 0 there, and of no instant.
const MISSING: u64 = 1 << 63;

/// The values of a group, one for each dimension, as bits: a text's code, a number's bits, 0 or 1, milliseconds.
pub(crate) type Key = [u64; MAX_GROUP_BY];

/// A thing that is grouped by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dimension {
    /// The property at this place of the store; none where there is no such property.
    Event(Option<u32>),
    /// The property at this place of the store's users; none where there is no such property.
    User(Option<usize>),
    /// Whether the user is in a part of the plan.
    Segment(PartId),
}

impl Dimension {
    /// A property that is grouped by at a pointer. Of an event's it is that of any event.
    pub(crate) fn of_property(
        scope: Scope,
        name: &str,
        planner: &mut Planner<'_>,
        pointer: &str,
    ) -> Result<Self, EvaluateError> {
        Ok(match scope {
            Scope::Event => Self::Event(planner.event_property_at(None, name, pointer)?),
            Scope::User => Self::User(planner.user_property_at(name, pointer)?),
        })
    }

    /// What a query groups by at a pointer.
    pub(crate) fn new<'c>(
        group: &'c GroupBy,
        planner: &mut Planner<'c>,
        pointer: &str,
    ) -> Result<Self, EvaluateError> {
        match group {
            GroupBy::Property(property) => Self::of_property(
                property.scope,
                &property.name,
                planner,
                &format!("{pointer}/name"),
            ),
            GroupBy::Segment(group) => {
                let part = planner.segment(&group.segment, &format!("{pointer}/segment"))?;
                Ok(Self::Segment(part))
            }
        }
    }

    /// The type of its values, and the texts that codes stand for; none where all are missing.
    fn values(self, store: &Store) -> Option<(ValueType, &crate::batch::Texts)> {
        match self {
            Self::Event(place) => {
                let property = store.properties.get(place? as usize)?;
                Some((property.value_type, &property.texts))
            }
            Self::User(place) => {
                let property = store.users.properties.get(place?)?;
                Some((property.values.value_type(), &property.texts))
            }
            Self::Segment(_) => None,
        }
    }

    /// How many codes there are, the one of missing values included; none where values have no codes.
    fn codes(self, store: &Store) -> Option<usize> {
        if let Self::Segment(_) = self {
            return Some(2);
        }
        match self.values(store) {
            None => Some(1),
            Some((ValueType::String, texts)) => Some(texts.len() + 1),
            Some((ValueType::Boolean, _)) => Some(3),
            Some((ValueType::Number | ValueType::Datetime, _)) => None,
        }
    }

    /// The bits that a code stands for.
    fn bits(self, store: &Store, code: usize) -> u64 {
        match (self, self.codes(store)) {
            (Self::Event(_) | Self::User(_), Some(codes)) if code + 1 == codes => MISSING,
            _ => code as u64,
        }
    }

    /// The order of two values: missing last.
    fn compare(self, store: &Store, one: u64, other: u64) -> Ordering {
        if one == other || one == MISSING || other == MISSING {
            return (one == MISSING).cmp(&(other == MISSING));
        }
        match self.values(store) {
            Some((ValueType::String, texts)) => texts.get(one as u32).cmp(&texts.get(other as u32)),
            Some((ValueType::Number, _)) => f64::from_bits(one).total_cmp(&f64::from_bits(other)),
            _ => one.cast_signed().cmp(&other.cast_signed()),
        }
    }

    /// The bits of one row of a user.
    pub(crate) fn bits_of(
        self,
        store: &Store,
        (table, row): (&Table, usize),
        user: u32,
        results: &[RoaringBitmap],
    ) -> u64 {
        match self {
            Self::Event(place) => {
                let column = place.and_then(|place| table.column(place));
                bits(column.and_then(|column| column.get(row)))
            }
            Self::User(place) => {
                let property = place.and_then(|place| store.users.properties.get(place));
                bits(property.and_then(|property| property.values.get(user as usize)))
            }
            Self::Segment(part) => {
                let members = results.get(part);
                u64::from(members.is_some_and(|members| members.contains(user)))
            }
        }
    }

    fn value(self, store: &Store, bits: u64) -> Option<Value> {
        if let Self::Segment(_) = self {
            return Some((bits == 1).into());
        }
        let (value_type, texts) = self.values(store)?;
        let cell = match value_type {
            _ if bits == MISSING => return None,
            ValueType::String => Cell::Code(bits as u32),
            ValueType::Number => Cell::Number(f64::from_bits(bits)),
            ValueType::Boolean => Cell::Boolean(bits == 1),
            ValueType::Datetime => Cell::Datetime(bits.cast_signed()),
        };
        Some(value(cell, texts))
    }

    /// Calls `set` with the bits of each row, in the order of rows.
    fn each_bits(self, from: &Rows<'_>, mut set: impl FnMut(usize, u64)) {
        match self {
            Self::Event(place) => {
                let column = place.and_then(|place| from.table.column(place));
                for (at, row) in from.rows.iter().enumerate() {
                    set(
                        at,
                        bits(column.and_then(|column| column.get(*row as usize))),
                    );
                }
            }
            Self::User(place) => {
                let property = place.and_then(|place| from.store.users.properties.get(place));
                from.each_user(
                    |user| bits(property.and_then(|property| property.values.get(user as usize))),
                    set,
                );
            }
            Self::Segment(part) => from.each_user(|user| u64::from(from.is_in(part, user)), set),
        }
    }

    /// Adds `stride` times the code of each row.
    fn add_codes(self, from: &Rows<'_>, codes: usize, stride: u32, groups: &mut [u32]) {
        let missing = (codes - 1) as u32;
        let property = match self {
            Self::Event(place) => place.and_then(|place| from.table.column(place)),
            Self::User(place) => place
                .and_then(|place| from.store.users.properties.get(place))
                .map(|property| &property.values),
            Self::Segment(part) => {
                from.each_user(
                    |user| u32::from(from.is_in(part, user)),
                    |at, code| {
                        groups[at] += stride * code;
                    },
                );
                return;
            }
        };
        let places = match self {
            Self::Event(_) => from.rows,
            _ => from.users,
        };
        let all = groups.iter_mut().zip(places);
        // The code of missing is the greatest of its width, and so no less than the number of texts.
        match property {
            Some(Packed::Code8(codes)) => {
                for (group, place) in all {
                    *group += stride * u32::from(codes[*place as usize]).min(missing);
                }
            }
            Some(Packed::Code16(codes)) => {
                for (group, place) in all {
                    *group += stride * u32::from(codes[*place as usize]).min(missing);
                }
            }
            Some(Packed::Code32(codes)) => {
                for (group, place) in all {
                    *group += stride * codes[*place as usize].min(missing);
                }
            }
            Some(Packed::Boolean(booleans)) => {
                for (group, place) in all {
                    *group += stride * u32::from(booleans[*place as usize]).min(missing);
                }
            }
            _ => {
                for (group, _) in all {
                    *group += stride * missing;
                }
            }
        }
    }
}

/// A value as bits.
pub(crate) fn bits(cell: Option<Cell>) -> u64 {
    match cell {
        None => MISSING,
        Some(Cell::Code(code)) => u64::from(code),
        // Adding 0 makes one zero of the two that there are.
        Some(Cell::Number(number)) => (number + 0.0).to_bits(),
        Some(Cell::Boolean(boolean)) => u64::from(boolean),
        Some(Cell::Datetime(time)) => time.cast_unsigned(),
    }
}

/// Rows to find the groups of, with the user of each.
pub(crate) struct Rows<'r> {
    pub(crate) store: &'r Store,
    pub(crate) table: &'r Table,
    pub(crate) results: &'r [RoaringBitmap],
    pub(crate) rows: &'r [u32],
    pub(crate) users: &'r [u32],
}

impl Rows<'_> {
    fn is_in(&self, part: PartId, user: u32) -> bool {
        self.results
            .get(part)
            .is_some_and(|members| members.contains(user))
    }

    /// Tells of each row what is found of its user, once for neighbouring rows of one user.
    fn each_user<T: Copy>(&self, of: impl Fn(u32) -> T, mut set: impl FnMut(usize, T)) {
        let mut last = None;
        for (at, user) in self.users.iter().enumerate() {
            let found = match last {
                Some((before, found)) if before == *user => found,
                _ => of(*user),
            };
            last = Some((*user, found));
            set(at, found);
        }
    }
}

/// Every group that rows can be in.
#[derive(Debug)]
pub(crate) struct Groups {
    dimensions: Vec<Dimension>,
    /// Of each dimension the number of codes, where all have codes and there are few enough groups to count them by place.
    dense: Option<Vec<usize>>,
}

/// How many rows each group has.
#[derive(Debug)]
pub(crate) enum Counts {
    /// By the group's place.
    Dense(Vec<u64>),
    Sparse(FxHashMap<Key, u64>),
}

/// The groups that are told, by number.
#[derive(Debug)]
pub(crate) enum Told {
    /// Every group, its place is its number.
    Every,
    /// The number of each group by its place; [`LEFT_OUT`] where it is not told.
    Dense(Vec<u32>),
    Sparse(FxHashMap<Key, u32>),
}

/// The number of rows whose group is not told.
pub(crate) const LEFT_OUT: u32 = u32::MAX;

impl Groups {
    pub(crate) fn new(store: &Store, dimensions: Vec<Dimension>) -> Self {
        let codes: Option<Vec<usize>> = dimensions
            .iter()
            .map(|dimension| dimension.codes(store))
            .collect();
        let dense = codes.filter(|codes| {
            codes
                .iter()
                .try_fold(1_usize, |all, codes| all.checked_mul(*codes))
                .is_some_and(|all| all <= DENSE)
        });
        Self { dimensions, dense }
    }

    /// How many there can be, where groups have places.
    pub(crate) fn places(&self) -> Option<usize> {
        Some(self.dense.as_ref()?.iter().product())
    }

    pub(crate) fn counts(&self) -> Counts {
        match self.places() {
            Some(places) => Counts::Dense(vec![0; places]),
            None => Counts::Sparse(FxHashMap::default()),
        }
    }

    /// The groups of rows by place.
    fn fill_places(&self, from: &Rows<'_>, codes: &[usize], groups: &mut Vec<u32>) {
        groups.clear();
        groups.resize(from.rows.len(), 0);
        let mut stride = 1;
        for (dimension, codes) in self.dimensions.iter().zip(codes) {
            dimension.add_codes(from, *codes, stride, groups);
            stride *= *codes as u32;
        }
    }

    fn fill_keys(&self, from: &Rows<'_>, keys: &mut Vec<Key>) {
        keys.clear();
        keys.resize(from.rows.len(), [0; MAX_GROUP_BY]);
        for (place, dimension) in self.dimensions.iter().take(MAX_GROUP_BY).enumerate() {
            dimension.each_bits(from, |at, bits| keys[at][place] = bits);
        }
    }

    /// Adds rows to the counts of their groups, and finds the number of each row's group where it is told.
    pub(crate) fn find(
        &self,
        from: &Rows<'_>,
        counts: Option<&mut Counts>,
        told: Option<&Told>,
        (groups, keys): (&mut Vec<u32>, &mut Vec<Key>),
    ) {
        match &self.dense {
            Some(codes) => {
                self.fill_places(from, codes, groups);
                if let Some(Counts::Dense(counts)) = counts {
                    for place in groups.iter() {
                        counts[*place as usize] += 1;
                    }
                }
                if let Some(Told::Dense(numbers)) = told {
                    for group in groups.iter_mut() {
                        *group = numbers[*group as usize];
                    }
                }
            }
            None => {
                self.fill_keys(from, keys);
                if let Some(Counts::Sparse(counts)) = counts {
                    for key in keys.iter() {
                        *counts.entry(*key).or_default() += 1;
                    }
                }
                if let Some(Told::Sparse(numbers)) = told {
                    groups.clear();
                    groups.extend(
                        keys.iter()
                            .map(|key| numbers.get(key).copied().unwrap_or(LEFT_OUT)),
                    );
                }
            }
        }
    }

    /// The groups that have a row, the most frequent first, then by value; at most so many, and how many there are
    /// besides.
    pub(crate) fn most_frequent(
        &self,
        store: &Store,
        counts: &Counts,
        most: usize,
    ) -> (Vec<Key>, u64) {
        let mut found: Vec<(u64, Key)> = match counts {
            Counts::Dense(counts) => counts
                .iter()
                .enumerate()
                .filter(|(_, count)| **count > 0)
                .map(|(place, count)| (*count, self.key(store, place)))
                .collect(),
            Counts::Sparse(counts) => counts.iter().map(|(key, count)| (*count, *key)).collect(),
        };
        let left_out = found.len().saturating_sub(most);
        let order = |one: &(u64, Key), other: &(u64, Key)| {
            other
                .0
                .cmp(&one.0)
                .then_with(|| self.compare(store, &one.1, &other.1))
        };
        if left_out > 0 && most > 0 {
            found.select_nth_unstable_by(most - 1, order);
        }
        found.truncate(most);
        sort_by(&mut found, order);
        let keys = found.into_iter().map(|(_, key)| key).collect();
        (keys, left_out as u64)
    }

    /// The order of values, the first dimension first.
    pub(crate) fn compare(&self, store: &Store, one: &Key, other: &Key) -> Ordering {
        self.dimensions
            .iter()
            .zip(one.iter().zip(other))
            .map(|(dimension, (one, other))| dimension.compare(store, *one, *other))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// The look-up of groups that are told: by the place in the list.
    pub(crate) fn told(&self, keys: &[Key]) -> Told {
        match self.places() {
            Some(places) => {
                let mut numbers = vec![LEFT_OUT; places];
                for (number, key) in keys.iter().enumerate() {
                    if let Some(place) = self.place(key) {
                        numbers[place] = number as u32;
                    }
                }
                Told::Dense(numbers)
            }
            None => Told::Sparse(
                keys.iter()
                    .enumerate()
                    .map(|(number, key)| (*key, number as u32))
                    .collect(),
            ),
        }
    }

    /// The values of a group.
    pub(crate) fn values(&self, store: &Store, key: &Key) -> Group {
        self.dimensions
            .iter()
            .zip(key)
            .map(|(dimension, bits)| dimension.value(store, *bits))
            .collect()
    }

    /// The place of a group; none where groups have none.
    pub(crate) fn place(&self, key: &Key) -> Option<usize> {
        let mut stride = 1;
        let mut place = 0;
        for (codes, bits) in self.dense.as_ref()?.iter().zip(key) {
            place += stride * (*bits).min(*codes as u64 - 1) as usize;
            stride *= codes;
        }
        Some(place)
    }

    fn key(&self, store: &Store, mut place: usize) -> Key {
        let mut key = [0; MAX_GROUP_BY];
        let dense = self.dense.as_deref().unwrap_or(&[]);
        for ((dimension, codes), bits) in self.dimensions.iter().zip(dense).zip(&mut key) {
            *bits = dimension.bits(store, place % codes);
            place /= codes;
        }
        key
    }
}

impl Counts {
    pub(crate) fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Dense(counts), Self::Dense(more)) => {
                for (count, more) in counts.iter_mut().zip(more) {
                    *count += more;
                }
            }
            (Self::Sparse(counts), Self::Sparse(more)) => {
                for (key, more) in more {
                    *counts.entry(*key).or_default() += more;
                }
            }
            // Both are made by the same groups.
            _ => {}
        }
    }
}
