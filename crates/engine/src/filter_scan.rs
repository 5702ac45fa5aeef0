//! Which rows of a table lie in a time and pass a filter, as bits: a block of users at a time.
//!
//! Columns are gone through from end to end without regard to users, which the compiler makes wide instructions of; a
//! filter's columns are looked at only where the time left something.

#![expect(
    clippy::indexing_slicing,
    reason = "rows lie within the table's columns, which the loader and the codec see to, and bits are made for them here"
)]

use std::ops::Range;

use roaring::RoaringBitmap;

use crate::column::{Packed, Times};
use crate::plan::{EventTable, RowFilter};
use crate::predicate::{DatetimeTest, NumberTest, Predicate};
use crate::store::{Store, Table};

/// How many rows a block has, unless one user has more: as many as leave the columns of a block in the nearest cache.
pub(crate) const BLOCK: usize = 1 << 13;

/// From so many rows left of 64, a filter looks at all 64 rather than at one after the other.
const DENSE: u32 = 16;

/// A table, and which of its rows are asked for.
pub(crate) struct FilterScan<'s> {
    pub(crate) table: &'s Table,
    window: Window<'s>,
    filter: Bound<'s>,
    /// A bit for each row of the block.
    bits: Vec<u64>,
    /// The users of the block, by place in the table.
    block: Range<usize>,
    /// The first row of the block.
    first: usize,
}

impl<'s> FilterScan<'s> {
    /// Prepares to look for the rows from `start` on and before `end`, both in milliseconds, that pass the table's filter.
    /// None where there is no such table.
    pub(crate) fn new(
        store: &'s Store,
        table: &'s EventTable,
        (start, end): (i64, i64),
        results: &'s [RoaringBitmap],
    ) -> Option<Self> {
        let filter = &table.filter;
        let table = store.tables.get(table.table)?;
        Some(Self {
            table,
            window: Window::new(&table.times, store.base, start, end),
            filter: Bound::new(filter, table, results),
            bits: Vec::new(),
            block: 0..0,
            first: 0,
        })
    }

    /// Looks at the rows of the users from a place on, before `end`, of at least one and of up to about `rows` rows. Gives
    /// the users looked at, by place.
    pub(crate) fn fill(&mut self, place: usize, end: usize, rows: usize) -> Range<usize> {
        let starts = &self.table.starts;
        self.first = starts[place] as usize;
        let most = self.first + rows.min(BLOCK);
        let whole = starts[place + 1..=end].partition_point(|start| *start as usize <= most);
        self.block = place..place + whole.max(1);
        let rows = self.first..starts[self.block.end] as usize;
        self.bits.clear();
        self.bits.resize(rows.len().div_ceil(64), 0);
        self.window.mark(rows.clone(), &mut self.bits);
        let users = Users {
            users: &self.table.users[self.block.clone()],
            starts: &starts[self.block.start..=self.block.end],
        };
        self.filter.keep(rows, users, &mut self.bits);
        self.block.clone()
    }

    /// Looks at the block of users that starts at a place, unless that was done. Gives the users looked at, by place.
    pub(crate) fn reach(&mut self, place: usize, end: usize) -> Range<usize> {
        if !self.block.contains(&place) {
            self.fill(place, end, BLOCK);
        }
        self.block.clone()
    }

    /// Adds the rows asked for of users of the block, the users at these places, and the user of each row.
    pub(crate) fn select(&self, places: Range<usize>, rows: &mut Vec<u32>, users: &mut Vec<u32>) {
        self.select_rows(places.clone(), rows);
        let starts = &self.table.starts[places.start..=places.end];
        for (user, run) in self.table.users[places].iter().zip(starts.windows(2)) {
            let run = run[0] as usize - self.first..run[1] as usize - self.first;
            let count = ones(&self.bits, run) as usize;
            users.resize(users.len() + count, *user);
        }
    }

    /// Adds the rows asked for of users of the block, the users at these places, and of each user where its rows end.
    pub(crate) fn select_runs(
        &self,
        places: Range<usize>,
        rows: &mut Vec<u32>,
        ends: &mut Vec<u32>,
    ) {
        let mut end = rows.len() as u32;
        self.select_rows(places.clone(), rows);
        let starts = &self.table.starts[places.start..=places.end];
        let every = starts[places.len()] - starts[0] == rows.len() as u32 - end;
        ends.extend(starts.windows(2).map(|run| {
            end += if every {
                run[1] - run[0]
            } else {
                let run = run[0] as usize - self.first..run[1] as usize - self.first;
                ones(&self.bits, run)
            };
            end
        }));
    }

    fn select_rows(&self, places: Range<usize>, rows: &mut Vec<u32>) {
        let starts = &self.table.starts;
        let all =
            starts[places.start] as usize - self.first..starts[places.end] as usize - self.first;
        for word in all.start / 64..all.end.div_ceil(64) {
            let first = word * 64;
            let mut left = self.bits[word];
            if first < all.start {
                left &= !0 << (all.start - first);
            }
            if first + 64 > all.end {
                left &= !0 >> (first + 64 - all.end);
            }
            let first = (self.first + first) as u32;
            if left == !0 {
                rows.extend(first..first + 64);
                continue;
            }
            while left != 0 {
                rows.push(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    /// How many rows of each user of the block are asked for, in the order of users.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u32, u32)> {
        let users = self.table.users[self.block.clone()].iter();
        let starts = &self.table.starts[self.block.start..=self.block.end];
        users.zip(starts.windows(2)).map(|(user, run)| {
            let run = run[0] as usize - self.first..run[1] as usize - self.first;
            (*user, ones(&self.bits, run))
        })
    }

    /// Whether a user of the block has rows that are asked for.
    pub(crate) fn any(&self, place: usize) -> bool {
        let run = self.table.run(place);
        ones(&self.bits, run.start - self.first..run.end - self.first) > 0
    }

    /// Whether the user at a place is one of the block.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.block.contains(&place)
    }

    /// How many users the block has.
    pub(crate) fn users(&self) -> usize {
        self.block.len()
    }

    /// Leaves out those rows of a user of the block that do not pass.
    pub(crate) fn retain(&mut self, place: usize, mut passes: impl FnMut(usize) -> bool) {
        let run = self.table.run(place);
        let (start, end) = (run.start - self.first, run.end - self.first);
        for word in start / 64..end.div_ceil(64) {
            let mut left = self.bits[word];
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                let row = word * 64 + bit;
                if start <= row && row < end && !passes(row + self.first) {
                    self.bits[word] &= !(1 << bit);
                }
            }
        }
    }

    /// The rows asked for of a user of the block, in order of time.
    pub(crate) fn rows(&self, place: usize) -> impl Iterator<Item = usize> + use<'_, 's> {
        let run = self.table.run(place);
        let (start, end) = (run.start - self.first, run.end - self.first);
        let mut word = start / 64;
        let mut left = self
            .bits
            .get(word)
            .map_or(0, |bits| bits & (!0 << (start % 64)));
        std::iter::from_fn(move || {
            while left == 0 {
                word += 1;
                if word * 64 >= end {
                    return None;
                }
                left = self.bits[word];
            }
            let row = word * 64 + left.trailing_zeros() as usize;
            left &= left - 1;
            (row < end).then_some(row + self.first)
        })
    }
}

/// How many bits of a range that is not empty are ones.
fn ones(bits: &[u64], range: Range<usize>) -> u32 {
    let (first, last) = (range.start / 64, (range.end - 1) / 64);
    let low = !0_u64 << (range.start % 64);
    let high = !0_u64 >> (63 - (range.end - 1) % 64);
    if first == last {
        return (bits[first] & low & high).count_ones();
    }
    let between: u32 = bits[first + 1..last]
        .iter()
        .map(|bits| bits.count_ones())
        .sum();
    (bits[first] & low).count_ones() + between + (bits[last] & high).count_ones()
}

/// 64 bytes that are 0 or 1 as bits.
fn packed(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().rev().fold(0, |word, eight| {
        // Each byte's bit is moved to its place in the highest byte; none of the products meet.
        word << 8 | u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Sets the bits of the values that pass.
fn mark<T: Copy>(bits: &mut [u64], values: &[T], passes: impl Fn(T) -> bool) {
    for (word, values) in bits.iter_mut().zip(values.chunks(64)) {
        let mut bytes = [0; 64];
        for (byte, value) in bytes.iter_mut().zip(values) {
            *byte = u8::from(passes(*value));
        }
        *word = packed(&bytes);
    }
}

/// Clears the bits of the values that do not pass.
fn keep<T: Copy>(bits: &mut [u64], values: &[T], passes: impl Fn(T) -> bool) {
    for (word, values) in bits.iter_mut().zip(values.chunks(64)) {
        if word.count_ones() < DENSE {
            let mut left = *word;
            while left != 0 {
                let row = left.trailing_zeros();
                *word &= !(u64::from(!passes(values[row as usize])) << row);
                left &= left - 1;
            }
        } else {
            let mut bytes = [0; 64];
            for (byte, value) in bytes.iter_mut().zip(values) {
                *byte = u8::from(passes(*value));
            }
            *word &= packed(&bytes);
        }
    }
}

/// The rows of a time.
enum Window<'s> {
    /// Whole seconds since the base: from one on, so many.
    Seconds {
        seconds: &'s [u32],
        from: u32,
        length: u32,
    },
    /// Seconds since the base and milliseconds besides: from one instant on and before another.
    Millis {
        seconds: &'s [u32],
        millis: &'s [u16],
        from: (u32, u16),
        until: (u32, u16),
    },
    /// Milliseconds since 1970.
    Wide {
        times: &'s [i64],
        from: i64,
        until: i64,
    },
}

impl<'s> Window<'s> {
    fn new(times: &'s Times, base: i64, start: i64, end: i64) -> Self {
        let latest = (base + i64::from(u32::MAX)) * 1_000;
        // Seconds since the base and milliseconds besides. No row is before the base, and none that is packed at the latest
        // second or after it.
        let parts = |instant: i64| {
            let since = instant.clamp(base * 1_000, latest) - base * 1_000;
            ((since / 1_000) as u32, (since % 1_000) as u16)
        };
        match times {
            Times::Seconds(seconds) => {
                // A whole second is at or after an instant if it is at or after the next whole second.
                let whole = |instant| {
                    let (second, milli) = parts(instant);
                    second.saturating_add(u32::from(milli > 0))
                };
                let from = whole(start);
                Self::Seconds {
                    seconds,
                    from,
                    length: whole(end).saturating_sub(from),
                }
            }
            Times::Millis { seconds, millis } => Self::Millis {
                seconds,
                millis,
                from: parts(start),
                until: parts(end),
            },
            Times::Wide(times) => Self::Wide {
                times,
                from: start,
                until: end,
            },
        }
    }

    /// Sets the bits of the rows that lie within.
    fn mark(&self, rows: Range<usize>, bits: &mut [u64]) {
        match self {
            Self::Seconds {
                seconds,
                from,
                length,
            } => mark(bits, &seconds[rows], |second| {
                second.wrapping_sub(*from) < *length
            }),
            Self::Millis {
                seconds,
                millis,
                from,
                until,
            } => {
                let (seconds, millis) = (seconds[rows.clone()].chunks(64), millis[rows].chunks(64));
                for (word, (seconds, millis)) in bits.iter_mut().zip(seconds.zip(millis)) {
                    let mut bytes = [0; 64];
                    for (byte, (second, milli)) in bytes.iter_mut().zip(seconds.iter().zip(millis))
                    {
                        let late = (*second > from.0) | ((*second == from.0) & (*milli >= from.1));
                        let early =
                            (*second < until.0) | ((*second == until.0) & (*milli < until.1));
                        *byte = u8::from(late & early);
                    }
                    *word = packed(&bytes);
                }
            }
            Self::Wide { times, from, until } => {
                mark(bits, &times[rows], |time| (*from <= time) & (time < *until))
            }
        }
    }
}

/// The users of a block with the first row of each, and at the end the row after the last.
#[derive(Clone, Copy)]
struct Users<'s> {
    users: &'s [u32],
    starts: &'s [u32],
}

/// A filter with the columns that it looks at.
enum Bound<'s> {
    Constant(bool),
    Code8(&'s [u8], Box<[bool; 256]>),
    Code16(&'s [u16], &'s [bool]),
    Code32(&'s [u32], &'s [bool]),
    Number(&'s [f64], &'s NumberTest),
    Boolean(&'s [u8], &'s [bool; 3]),
    Datetime(&'s [i64], &'s DatetimeTest),
    User(&'s RoaringBitmap),
    All(Vec<Bound<'s>>),
    Any(Vec<Bound<'s>>),
    Not(Box<Bound<'s>>),
}

impl<'s> Bound<'s> {
    fn new(filter: &'s RowFilter, table: &'s Table, results: &'s [RoaringBitmap]) -> Self {
        let each = |of: &'s [RowFilter]| {
            of.iter()
                .map(|filter| Self::new(filter, table, results))
                .collect()
        };
        match filter {
            RowFilter::All(of) => Self::All(each(of)),
            RowFilter::Any(of) => Self::Any(each(of)),
            RowFilter::Not(of) => Self::Not(Box::new(Self::new(of, table, results))),
            RowFilter::Constant(passes) => Self::Constant(*passes),
            RowFilter::User(part) => match results.get(*part) {
                Some(users) => Self::User(users),
                None => Self::Constant(false),
            },
            RowFilter::Property {
                property,
                predicate,
            } => match table.column(*property) {
                Some(column) => Self::of_column(column, predicate),
                None => Self::Constant(predicate.of_missing()),
            },
        }
    }

    fn of_column(column: &'s Packed, predicate: &'s Predicate) -> Self {
        match (column, predicate) {
            (Packed::Code8(codes), Predicate::Codes(passes)) => {
                let mut table = Box::new([predicate.of_missing(); 256]);
                for (place, passes) in table.iter_mut().zip(passes.passes()) {
                    *place = *passes;
                }
                Self::Code8(codes, table)
            }
            (Packed::Code16(codes), Predicate::Codes(passes)) => {
                Self::Code16(codes, passes.passes())
            }
            (Packed::Code32(codes), Predicate::Codes(passes)) => {
                Self::Code32(codes, passes.passes())
            }
            (Packed::Number(numbers), Predicate::Number(test)) => Self::Number(numbers, test),
            (Packed::Boolean(booleans), Predicate::Boolean(passes)) => {
                Self::Boolean(booleans, passes)
            }
            (Packed::Datetime(times), Predicate::Datetime(test)) => Self::Datetime(times, test),
            // A column of another type than the filter was made for counts as missing.
            _ => Self::Constant(predicate.of_missing()),
        }
    }

    /// Clears the bits of the rows that do not pass.
    fn keep(&self, rows: Range<usize>, users: Users<'_>, bits: &mut [u64]) {
        match self {
            Self::Constant(true) => {}
            Self::Constant(false) => bits.fill(0),
            Self::Code8(codes, passes) => {
                keep(bits, &codes[rows], |code| passes[usize::from(code)]);
            }
            // The last entry is for missing, whose code is the greatest of the width.
            Self::Code16(codes, passes) => {
                let missing = passes.len() - 1;
                keep(bits, &codes[rows], |code| {
                    passes[usize::from(code).min(missing)]
                });
            }
            Self::Code32(codes, passes) => {
                let missing = passes.len() - 1;
                keep(bits, &codes[rows], |code| {
                    passes[(code as usize).min(missing)]
                });
            }
            Self::Number(numbers, test) => {
                keep(bits, &numbers[rows], |number| test.passes(number));
            }
            Self::Boolean(booleans, passes) => {
                keep(bits, &booleans[rows], |byte| {
                    passes[usize::from(byte.min(2))]
                });
            }
            Self::Datetime(times, test) => keep(bits, &times[rows], |time| test.passes(time)),
            Self::User(members) => {
                for (user, run) in users.users.iter().zip(users.starts.windows(2)) {
                    if !members.contains(*user) {
                        clear(
                            bits,
                            run[0] as usize - rows.start..run[1] as usize - rows.start,
                        );
                    }
                }
            }
            Self::All(of) => {
                for filter in of {
                    filter.keep(rows.clone(), users, bits);
                }
            }
            Self::Any(of) => {
                let mut found = vec![0; bits.len()];
                for filter in of {
                    // Only those rows that passed none so far.
                    let mut more: Vec<u64> = bits
                        .iter()
                        .zip(&found)
                        .map(|(bits, found)| bits & !found)
                        .collect();
                    filter.keep(rows.clone(), users, &mut more);
                    for (found, more) in found.iter_mut().zip(more) {
                        *found |= more;
                    }
                }
                bits.copy_from_slice(&found);
            }
            Self::Not(of) => {
                let mut passing = bits.to_vec();
                of.keep(rows, users, &mut passing);
                for (bits, passing) in bits.iter_mut().zip(passing) {
                    *bits &= !passing;
                }
            }
        }
    }
}

/// Clears the bits of a range that is not empty.
fn clear(bits: &mut [u64], range: Range<usize>) {
    let (first, last) = (range.start / 64, (range.end - 1) / 64);
    let low = !0_u64 << (range.start % 64);
    let high = !0_u64 >> (63 - (range.end - 1) % 64);
    if first == last {
        bits[first] &= !(low & high);
        return;
    }
    bits[first] &= !low;
    bits[first + 1..last].fill(0);
    bits[last] &= !high;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Window, clear, keep, mark, ones, packed};
    use crate::column::Times;

    proptest! {
        #[test]
        fn bytes_become_bits_in_their_order(word in any::<u64>()) {
            let bytes = std::array::from_fn(|place| (word >> place & 1) as u8);
            prop_assert_eq!(packed(&bytes), word);
        }

        #[test]
        fn ranges_of_bits_are_counted_and_cleared(
            mut bits in proptest::collection::vec(any::<u64>(), 3),
            start in 0_usize..191,
            length in 1_usize..192,
        ) {
            let range = start..(start + length).min(192);
            let is_one = |bits: &[u64], place: usize| bits[place / 64] >> (place % 64) & 1 == 1;
            let expected = range.clone().filter(|place| is_one(&bits, *place)).count();
            prop_assert_eq!(ones(&bits, range.clone()) as usize, expected);
            let before = bits.clone();
            clear(&mut bits, range.clone());
            for place in 0..192 {
                prop_assert_eq!(
                    is_one(&bits, place),
                    is_one(&before, place) && !range.contains(&place)
                );
            }
        }

        #[test]
        fn few_and_many_are_kept_alike(
            values in proptest::collection::vec(0_u8..4, 1..200),
            least in 0_u8..4,
            other in 0_u8..4,
        ) {
            let mut bits = vec![0; values.len().div_ceil(64)];
            mark(&mut bits, &values, |value| value >= least);
            keep(&mut bits, &values, |value| value != other);
            let expected: Vec<usize> = (0..values.len())
                .filter(|row| values[*row] >= least && values[*row] != other)
                .collect();
            let found: Vec<usize> =
                (0..bits.len() * 64).filter(|row| bits[row / 64] >> (row % 64) & 1 == 1).collect();
            prop_assert_eq!(found, expected);
        }

        /// Windows that start and end at, between and far from the times, in each way in which times are kept.
        #[test]
        fn windows_take_their_start_in_and_leave_their_end_out(
            mut times in proptest::collection::vec(0_i64..5_000, 1..100),
            kind in 0_u8..3,
            start in prop_oneof![-1_000_i64..6_000, Just(i64::MIN / 1_000), Just(i64::MAX / 1_000)],
            end in prop_oneof![-1_000_i64..6_000, Just(i64::MIN / 1_000), Just(i64::MAX / 1_000)],
        ) {
            let base = -3;
            if kind == 0 {
                times.iter_mut().for_each(|time| *time -= *time % 1_000);
            }
            let packed = match kind {
                2 => Times::Wide(times.clone()),
                _ => Times::pack(&times, base),
            };
            let mut bits = vec![0; times.len().div_ceil(64)];
            Window::new(&packed, base, start, end).mark(0..times.len(), &mut bits);
            for (row, time) in times.iter().enumerate() {
                let within = start <= *time && *time < end;
                prop_assert_eq!(bits[row / 64] >> (row % 64) & 1 == 1, within, "{} at {}", time, row);
            }
        }
    }
}
