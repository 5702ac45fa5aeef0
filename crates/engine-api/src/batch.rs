//! Rows on their way in, column by column.
//!
//! Whoever has rows (an import, the demo) fills batches; a loader turns them into a store. Texts are coded: each
//! different one stands once in a dictionary and the rows hold its number, because names, ids and most text properties
//! repeat a lot.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

/// The code that stands for a missing text.
pub const MISSING: u32 = u32::MAX;

/// The byte that stands for a missing boolean; 0 is false, 1 is true.
pub const MISSING_BOOLEAN: u8 = 2;

/// The milliseconds that stand for a missing datetime.
pub const MISSING_DATETIME: i64 = i64::MIN;

/// Texts end to end in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// No texts.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: String::new(),
            ends: Vec::new(),
        }
    }

    /// The texts that end at these bytes, each where the next one starts; none where that does not add up.
    #[must_use]
    pub fn from_parts(bytes: String, ends: Vec<u32>) -> Option<Self> {
        let whole = ends.last().map_or(0, |end| *end as usize) == bytes.len();
        let fits = ends.is_sorted() && ends.iter().all(|end| bytes.is_char_boundary(*end as usize));
        (whole && fits).then_some(Self { bytes, ends })
    }

    /// Adds a text at the end and gives its number; none where it no longer fits: together the texts may have up to
    /// 4 GiB less one byte.
    pub fn push(&mut self, text: &str) -> Option<u32> {
        let end = u32::try_from(self.bytes.len() + text.len()).ok()?;
        let number = u32::try_from(self.ends.len())
            .ok()
            .filter(|number| *number != MISSING)?;
        self.bytes.push_str(text);
        self.ends.push(end);
        Some(number)
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let end = *self.ends.get(number)? as usize;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.bytes.get(start..end)
    }

    /// The texts, in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.get(number as u32).unwrap_or_default())
    }

    /// How many bytes the texts have together.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Texts of which each different one has a number.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    texts: Texts,
    numbers: hashbrown::HashTable<u32>,
}

impl Dictionary {
    /// The number of a text, given at its first use; none where no more fit.
    pub fn intern(&mut self, text: &str) -> Option<u32> {
        let hash = FxBuildHasher.hash_one(text);
        let same = |number: &u32| self.texts.get(*number) == Some(text);
        if let Some(number) = self.numbers.find(hash, same) {
            return Some(*number);
        }
        let number = self.texts.push(text)?;
        let texts = &self.texts;
        self.numbers.insert_unique(hash, number, |number| {
            FxBuildHasher.hash_one(texts.get(*number).unwrap_or_default())
        });
        Some(number)
    }

    /// The number of a text that has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        let same = |number: &u32| self.texts.get(*number) == Some(text);
        self.numbers
            .find(FxBuildHasher.hash_one(text), same)
            .copied()
    }

    /// The texts.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The texts without their index.
    #[must_use]
    pub fn into_texts(self) -> Texts {
        self.texts
    }
}

impl From<Texts> for Dictionary {
    /// The index of texts that differ; of equal ones the first is found.
    fn from(texts: Texts) -> Self {
        let mut numbers = hashbrown::HashTable::with_capacity(texts.len());
        for (number, text) in texts.iter().enumerate() {
            let hash = FxBuildHasher.hash_one(text);
            let same = |other: &u32| texts.get(*other) == Some(text);
            if numbers.find(hash, same).is_none() {
                numbers.insert_unique(hash, number as u32, |number| {
                    FxBuildHasher.hash_one(texts.get(*number).unwrap_or_default())
                });
            }
        }
        Self { texts, numbers }
    }
}

/// A column of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    /// Each different text.
    pub dictionary: Texts,
    /// The text's number for each row, or [`MISSING`].
    pub codes: Vec<u32>,
}

impl Coded {
    /// The text of a row; none where it is missing.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.dictionary.get(*self.codes.get(row)?)
    }
}

/// Fills a [`Coded`] row by row.
#[derive(Clone, Debug, Default)]
pub struct CodedBuilder {
    dictionary: Dictionary,
    codes: Vec<u32>,
}

impl CodedBuilder {
    /// Adds a row; false where the dictionary is full, and then no row was added.
    #[must_use]
    pub fn push(&mut self, text: Option<&str>) -> bool {
        let code = match text {
            Some(text) => self.dictionary.intern(text),
            None => Some(MISSING),
        };
        if let Some(code) = code {
            self.codes.push(code);
        }
        code.is_some()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The column.
    #[must_use]
    pub fn finish(self) -> Coded {
        Coded {
            dictionary: self.dictionary.into_texts(),
            codes: self.codes,
        }
    }
}

impl<'t> FromIterator<Option<&'t str>> for Coded {
    /// Texts beyond what a dictionary holds become missing.
    fn from_iter<I: IntoIterator<Item = Option<&'t str>>>(texts: I) -> Self {
        let mut builder = CodedBuilder::default();
        for text in texts {
            if !builder.push(text) {
                builder.codes.push(MISSING);
            }
        }
        builder.finish()
    }
}

/// The values of a property, one for each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Texts.
    String(Coded),
    /// Numbers; NaN stands for missing.
    Number(Vec<f64>),
    /// 0, 1, or [`MISSING_BOOLEAN`].
    Boolean(Vec<u8>),
    /// Milliseconds since 1970, or [`MISSING_DATETIME`].
    Datetime(Vec<i64>),
}

impl Values {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::String(coded) => coded.codes.len(),
            Self::Number(numbers) => numbers.len(),
            Self::Boolean(booleans) => booleans.len(),
            Self::Datetime(datetimes) => datetimes.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A property.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Values,
}

/// Events: every column has as many rows as `times`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventBatch {
    /// Whose event; never missing.
    pub users: Coded,
    /// The event's name; never missing.
    pub events: Coded,
    /// When, in milliseconds since 1970.
    pub times: Vec<i64>,
    /// The event properties.
    pub properties: Vec<Column>,
}

/// Users with their properties: every column has as many rows as `users`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserBatch {
    /// Who; never missing. A user may stand in several rows.
    pub users: Coded,
    /// The user properties.
    pub properties: Vec<Column>,
}

/// Rows of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Batch {
    /// Users with their properties.
    Users(UserBatch),
    /// Events.
    Events(EventBatch),
}

#[cfg(test)]
mod tests {
    use super::{Coded, CodedBuilder, Dictionary, MISSING, Texts};

    #[test]
    fn texts_come_back_by_number() {
        let mut texts = Texts::new();
        for text in ["", "a", "", "größer", "🧭"] {
            texts.push(text).unwrap();
        }
        assert_eq!(
            texts.iter().collect::<Vec<_>>(),
            ["", "a", "", "größer", "🧭"]
        );
        assert_eq!(texts.get(5), None);
        assert_eq!(texts.get(MISSING), None);
        assert_eq!(texts.byte_len(), "agrößer🧭".len());
    }

    #[test]
    fn equal_texts_have_one_number() {
        let texts: Vec<String> = (0..10_000)
            .map(|number| format!("text {}", number % 777))
            .collect();
        let mut builder = CodedBuilder::default();
        for text in &texts {
            assert!(builder.push(Some(text)));
        }
        assert!(builder.push(None));
        let coded = builder.finish();
        assert_eq!(coded.dictionary.len(), 777);
        for (row, text) in texts.iter().enumerate() {
            assert_eq!(coded.get(row), Some(text.as_str()));
        }
        assert_eq!(coded.codes.last(), Some(&MISSING));
        assert_eq!(coded.get(texts.len()), None);
    }

    #[test]
    fn a_dictionary_is_found_again_from_its_texts() {
        let coded: Coded = [Some("x"), None, Some("y"), Some("x")]
            .into_iter()
            .collect();
        let mut dictionary = Dictionary::from(coded.dictionary);
        assert_eq!(dictionary.find("y"), Some(1));
        assert_eq!(dictionary.find("z"), None);
        assert_eq!(dictionary.intern("x"), Some(0));
        assert_eq!(dictionary.intern("z"), Some(2));
        assert_eq!(dictionary.find("z"), Some(2));
    }
}
