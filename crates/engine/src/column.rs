//! Columns as they stand in memory: as narrow as their values allow.

use segments_model::{Instant, ValueType};

use crate::batch::{MISSING, MISSING_BOOLEAN, MISSING_DATETIME};

/// The values of a property for the rows of one table, packed.
///
/// Texts are codes of the property's dictionary, in one, two or four bytes; the greatest code of the width stands for
/// missing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Packed {
    Code8(Vec<u8>),
    Code16(Vec<u16>),
    Code32(Vec<u32>),
    Number(Vec<f64>),
    Boolean(Vec<u8>),
    Datetime(Vec<i64>),
}

impl Packed {
    /// Codes in the least width that has room for a dictionary of so many texts besides missing.
    pub(crate) fn codes(codes: Vec<u32>, texts: usize) -> Self {
        if texts < usize::from(u8::MAX) {
            Self::Code8(narrow(&codes, u8::MAX))
        } else if texts < usize::from(u16::MAX) {
            Self::Code16(narrow(&codes, u16::MAX))
        } else {
            Self::Code32(codes)
        }
    }

    /// No values of a type.
    pub(crate) const fn empty(value_type: ValueType) -> Self {
        match value_type {
            ValueType::String => Self::Code8(Vec::new()),
            ValueType::Number => Self::Number(Vec::new()),
            ValueType::Boolean => Self::Boolean(Vec::new()),
            ValueType::Datetime => Self::Datetime(Vec::new()),
        }
    }

    pub(crate) const fn value_type(&self) -> ValueType {
        match self {
            Self::Code8(_) | Self::Code16(_) | Self::Code32(_) => ValueType::String,
            Self::Number(_) => ValueType::Number,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Datetime(_) => ValueType::Datetime,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Code8(codes) | Self::Boolean(codes) => codes.len(),
            Self::Code16(codes) => codes.len(),
            Self::Code32(codes) => codes.len(),
            Self::Number(numbers) => numbers.len(),
            Self::Datetime(times) => times.len(),
        }
    }

    pub(crate) fn byte_len(&self) -> usize {
        self.len()
            * match self {
                Self::Code8(_) | Self::Boolean(_) => 1,
                Self::Code16(_) => 2,
                Self::Code32(_) => 4,
                Self::Number(_) | Self::Datetime(_) => 8,
            }
    }

    /// The value of a row; none where it is missing.
    pub(crate) fn get(&self, row: usize) -> Option<Cell> {
        Some(match self {
            Self::Code8(codes) => {
                Cell::Code(u32::from(*codes.get(row).filter(|code| **code != u8::MAX)?))
            }
            Self::Code16(codes) => Cell::Code(u32::from(
                *codes.get(row).filter(|code| **code != u16::MAX)?,
            )),
            Self::Code32(codes) => Cell::Code(*codes.get(row).filter(|code| **code != MISSING)?),
            Self::Number(numbers) => {
                Cell::Number(*numbers.get(row).filter(|number| !number.is_nan())?)
            }
            Self::Boolean(booleans) => {
                Cell::Boolean(*booleans.get(row).filter(|byte| **byte != MISSING_BOOLEAN)? == 1)
            }
            Self::Datetime(times) => {
                Cell::Datetime(*times.get(row).filter(|time| **time != MISSING_DATETIME)?)
            }
        })
    }

    /// Whether no row has a value.
    pub(crate) fn is_all_missing(&self) -> bool {
        match self {
            Self::Code8(codes) => codes.iter().all(|code| *code == u8::MAX),
            Self::Code16(codes) => codes.iter().all(|code| *code == u16::MAX),
            Self::Code32(codes) => codes.iter().all(|code| *code == MISSING),
            Self::Number(numbers) => numbers.iter().all(|number| number.is_nan()),
            Self::Boolean(booleans) => booleans.iter().all(|byte| *byte == MISSING_BOOLEAN),
            Self::Datetime(times) => times.iter().all(|time| *time == MISSING_DATETIME),
        }
    }
}

/// One value of a packed column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A text's number in the property's dictionary.
    Code(u32),
    Number(f64),
    Boolean(bool),
    /// Milliseconds since 1970.
    Datetime(i64),
}

/// A code type narrower than `u32`.
pub(crate) trait Narrow: Copy {
    fn narrowed(code: u32) -> Option<Self>;
}

impl Narrow for u8 {
    fn narrowed(code: u32) -> Option<Self> {
        Self::try_from(code).ok()
    }
}

impl Narrow for u16 {
    fn narrowed(code: u32) -> Option<Self> {
        Self::try_from(code).ok()
    }
}

fn narrow<T: Narrow>(codes: &[u32], missing: T) -> Vec<T> {
    codes
        .iter()
        .map(|code| T::narrowed(*code).unwrap_or(missing))
        .collect()
}

/// When events happened: as compact as is exact to the millisecond.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Times {
    /// Whole seconds since the store's base.
    Seconds(Vec<u32>),
    /// Seconds since the base, and milliseconds besides.
    Millis { seconds: Vec<u32>, millis: Vec<u16> },
    /// Milliseconds since 1970: for data that spans more than 136 years.
    Wide(Vec<i64>),
}

impl Times {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Seconds(seconds) | Self::Millis { seconds, .. } => seconds.len(),
            Self::Wide(times) => times.len(),
        }
    }

    pub(crate) fn byte_len(&self) -> usize {
        match self {
            Self::Seconds(seconds) => seconds.len() * 4,
            Self::Millis { seconds, .. } => seconds.len() * 6,
            Self::Wide(times) => times.len() * 8,
        }
    }

    /// Packs milliseconds since 1970, none of them before `base`, which is in seconds since 1970.
    pub(crate) fn pack(times: &[i64], base: i64) -> Self {
        let narrow: Option<Vec<u32>> = times
            .iter()
            .map(|time| {
                // The greatest second is left free, so that each row is before an end that can be told.
                u32::try_from(time.div_euclid(1_000) - base)
                    .ok()
                    .filter(|second| *second < u32::MAX)
            })
            .collect();
        match narrow {
            None => Self::Wide(times.to_vec()),
            Some(seconds) if times.iter().all(|time| time.rem_euclid(1_000) == 0) => {
                Self::Seconds(seconds)
            }
            Some(seconds) => Self::Millis {
                seconds,
                millis: times
                    .iter()
                    .map(|time| time.rem_euclid(1_000) as u16)
                    .collect(),
            },
        }
    }

    /// Milliseconds since 1970 of a row; [`Instant::MAX`] beyond the last.
    pub(crate) fn get(&self, row: usize, base: i64) -> i64 {
        let found = match self {
            Self::Seconds(seconds) => seconds
                .get(row)
                .map(|second| (base + i64::from(*second)) * 1_000),
            Self::Millis { seconds, millis } => seconds
                .get(row)
                .zip(millis.get(row))
                .map(|(second, milli)| (base + i64::from(*second)) * 1_000 + i64::from(*milli)),
            Self::Wide(times) => times.get(row).copied(),
        };
        found.unwrap_or(Instant::MAX.millis())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Packed, Times};
    use crate::batch::MISSING;

    #[test]
    fn codes_are_as_narrow_as_the_dictionary_allows() {
        for (texts, width) in [(0, 1), (254, 1), (255, 2), (65_534, 2), (65_535, 4)] {
            let last = (texts as u32).saturating_sub(1);
            let packed = Packed::codes(vec![0, last, MISSING], texts);
            assert_eq!(packed.byte_len(), 3 * width, "{texts} texts");
            assert_eq!(packed.get(1), Some(Cell::Code(last)));
            assert_eq!(packed.get(2), None);
            assert_eq!(packed.get(3), None);
        }
    }

    #[test]
    fn times_are_exact_at_every_width() {
        let base = -5;
        for times in [
            vec![-5_000, 0, 1_000],
            vec![-5_000, -4_999, -1, 0, 1, 999],
            vec![-5_000, i64::from(u32::MAX) * 1_000 - 6_000 + 7],
            vec![-5_000, i64::from(u32::MAX) * 1_000 - 5_000],
            vec![],
        ] {
            let packed = Times::pack(&times, base);
            assert_eq!(packed.len(), times.len());
            for (row, time) in times.iter().enumerate() {
                assert_eq!(packed.get(row, base), *time);
            }
        }
        assert!(matches!(Times::pack(&[1_000], 0), Times::Seconds(_)));
        assert!(matches!(Times::pack(&[1_001], 0), Times::Millis { .. }));
        assert!(matches!(Times::pack(&[0, i64::MAX / 2], 0), Times::Wide(_)));
        let latest = i64::from(u32::MAX) * 1_000;
        assert!(matches!(
            Times::pack(&[latest - 1_000], 0),
            Times::Seconds(_)
        ));
        assert!(matches!(Times::pack(&[latest], 0), Times::Wide(_)));
    }
}
