//! A column of values whose type is known when the last one has come.

use rustc_hash::FxHashMap;
use segments_engine_api::batch::{
    self, Coded, Dictionary, MISSING, MISSING_BOOLEAN, MISSING_DATETIME, Texts, Values,
};
use segments_model::ValueType;
use segments_model::calendar::LocalClock;

use crate::time;

/// Beyond this, not every multiple of a millionth is a number of its own.
const LARGEST: f64 = 1e15;

/// Set in the code of a JSON number or boolean, which is another value than the text that reads the same.
const LITERAL: u32 = 1 << 31;

/// What a value says about its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A CSV value: what it reads as.
    Untyped,
    /// A JSON text: a time if it reads as one, never a number.
    Text,
    /// A JSON number.
    Number,
    /// A JSON boolean.
    Boolean,
}

/// The dictionary of a column cannot hold more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Values as they stand in the file, each different one once.
pub(crate) struct Column {
    pub(crate) name: String,
    texts: Dictionary,
    literals: Dictionary,
    codes: Vec<u32>,
    /// The code before, because values often repeat.
    last: u32,
    /// The type of the values so far; values of two types are text.
    type_so_far: Option<ValueType>,
    /// The codes of numbers that are too large, in ascending order: numbers alone come from one dictionary.
    huge: Vec<u32>,
}

impl Column {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            texts: Dictionary::default(),
            literals: Dictionary::default(),
            codes: Vec::new(),
            last: MISSING,
            type_so_far: None,
            huge: Vec::new(),
        }
    }

    /// A column that is text whatever it reads as: ids and names.
    pub(crate) fn of_texts(name: &str) -> Self {
        Self {
            type_so_far: Some(ValueType::String),
            ..Self::new(name)
        }
    }

    /// Sets a row's value; rows in between are missing. Says whether it is a number that is too large.
    #[inline]
    pub(crate) fn put(&mut self, row: usize, value: &str, kind: Kind) -> Result<bool, Full> {
        let code = self.code(value, kind)?;
        self.last = code;
        if self.codes.len() < row {
            self.codes.resize(row, MISSING);
        }
        self.codes.push(code);
        Ok(!self.huge.is_empty()
            && self.type_so_far == Some(ValueType::Number)
            && self.huge.binary_search(&code).is_ok())
    }

    #[inline]
    fn code(&mut self, value: &str, kind: Kind) -> Result<u32, Full> {
        let literal = matches!(kind, Kind::Number | Kind::Boolean);
        let dictionary = if literal {
            &mut self.literals
        } else {
            &mut self.texts
        };
        let bit = if literal { LITERAL } else { 0 };
        if self.last != MISSING
            && self.last & LITERAL == bit
            && dictionary.texts().get(self.last & !LITERAL) == Some(value)
        {
            return Ok(self.last);
        }
        let known = dictionary.texts().len();
        let number = dictionary
            .intern(value)
            .filter(|number| *number < LITERAL - 1)
            .ok_or(Full)?;
        let code = number | bit;
        if number as usize == known && self.type_so_far != Some(ValueType::String) {
            self.learn(value, kind, code);
        }
        Ok(code)
    }

    /// Takes account of a value that was not there before.
    fn learn(&mut self, value: &str, kind: Kind, code: u32) {
        let value_type = match kind {
            Kind::Number => ValueType::Number,
            Kind::Boolean => ValueType::Boolean,
            Kind::Text if is_datetime(value) => ValueType::Datetime,
            Kind::Text => ValueType::String,
            Kind::Untyped => read_type(value),
        };
        match self.type_so_far {
            None => self.type_so_far = Some(value_type),
            Some(before) if before != value_type => {
                self.type_so_far = Some(ValueType::String);
                self.huge = Vec::new();
                return;
            }
            Some(_) => {}
        }
        if value_type == ValueType::Number && is_huge(value) {
            self.huge.push(code);
        }
    }

    /// The type of the values so far.
    pub(crate) fn value_type(&self) -> Option<ValueType> {
        // Where most of the different numbers are too large to be quantities, they are ids written in digits.
        let different = self.texts.texts().len() + self.literals.texts().len();
        match self.type_so_far {
            Some(ValueType::Number) if self.huge.len() * 2 > different => Some(ValueType::String),
            value_type => value_type,
        }
    }

    /// The type, where the same property of the data that is there has this one.
    pub(crate) fn type_onto(&self, known: Option<ValueType>) -> Option<ValueType> {
        match (self.type_so_far?, self.value_type()?, known) {
            (value_type, _, Some(known)) if value_type == known => Some(known),
            (_, _, Some(_)) => Some(ValueType::String),
            (_, value_type, None) => Some(value_type),
        }
    }

    /// The different values so far.
    pub(crate) fn different(&self) -> impl Iterator<Item = &str> {
        self.texts
            .texts()
            .iter()
            .chain(self.literals.texts().iter())
    }

    /// Which rows hold a number that is too large.
    pub(crate) fn huge_rows(&self) -> impl Iterator<Item = usize> {
        let rows = if self.huge.is_empty() {
            &[]
        } else {
            self.codes.as_slice()
        };
        rows.iter()
            .enumerate()
            .filter(|(_, code)| self.huge.binary_search(code).is_ok())
            .map(|(row, _)| row)
    }

    /// The codes of so many rows, without those that are not kept.
    fn rows(&mut self, rows: usize, keep: Option<&[bool]>) -> Vec<u32> {
        let mut codes = std::mem::take(&mut self.codes);
        codes.resize(rows, MISSING);
        if let Some(keep) = keep {
            let mut keep_row = keep.iter().copied();
            codes.retain(|_| keep_row.next().unwrap_or(true));
        }
        codes
    }

    /// The values of so many rows as texts.
    pub(crate) fn into_coded(mut self, rows: usize, keep: Option<&[bool]>) -> Coded {
        let mut codes = self.rows(rows, keep);
        let mut texts = self.texts;
        // Texts of both dictionaries can never be more than what was accepted one by one, so that they fit.
        let literals: Vec<u32> = self
            .literals
            .texts()
            .iter()
            .map(|literal| texts.intern(literal).unwrap_or(MISSING))
            .collect();
        if !literals.is_empty() {
            for code in &mut codes {
                if *code != MISSING && *code & LITERAL != 0 {
                    let literal = literals.get((*code & !LITERAL) as usize);
                    *code = literal.copied().unwrap_or(MISSING);
                }
            }
        }
        let coded = Coded {
            dictionary: texts.into_texts(),
            codes,
        };
        if keep.is_some() { used(&coded) } else { coded }
    }

    /// The values of so many rows as a column of this type, with how many of them there are.
    pub(crate) fn into_values(
        mut self,
        value_type: ValueType,
        rows: usize,
        keep: Option<&[bool]>,
        clock: &mut LocalClock<'_>,
    ) -> (batch::Column, u64) {
        let name = std::mem::take(&mut self.name);
        let (values, missing) = match value_type {
            ValueType::String => {
                let coded = self.into_coded(rows, keep);
                let missing = count(&coded.codes, |code| *code == MISSING);
                (Values::String(coded), missing)
            }
            ValueType::Number => {
                let numbers = self.read_all(rows, keep, f64::NAN, |text| {
                    // Minus zero is zero.
                    text.trim_ascii()
                        .parse::<f64>()
                        .ok()
                        .map(|number| number + 0.0)
                });
                let missing = count(&numbers, |number| number.is_nan());
                (Values::Number(numbers), missing)
            }
            ValueType::Boolean => {
                let booleans = self.read_all(rows, keep, MISSING_BOOLEAN, |text| {
                    read_boolean(text).map(u8::from)
                });
                let missing = count(&booleans, |boolean| *boolean == MISSING_BOOLEAN);
                (Values::Boolean(booleans), missing)
            }
            ValueType::Datetime => {
                let datetimes = self.read_all(rows, keep, MISSING_DATETIME, |text| {
                    let written = time::calendar(text.trim_ascii())?;
                    Some(written.resolve(clock).0.millis())
                });
                let missing = count(&datetimes, |datetime| *datetime == MISSING_DATETIME);
                (Values::Datetime(datetimes), missing)
            }
        };
        let present = values.len() - missing;
        (batch::Column { name, values }, present as u64)
    }

    /// Reads each different value once.
    fn read_all<T: Copy>(
        mut self,
        rows: usize,
        keep: Option<&[bool]>,
        missing: T,
        mut read: impl FnMut(&str) -> Option<T>,
    ) -> Vec<T> {
        let codes = self.rows(rows, keep);
        let mut read_texts = |texts: &Texts| -> Vec<T> {
            texts
                .iter()
                .map(|text| read(text).unwrap_or(missing))
                .collect()
        };
        let texts = read_texts(self.texts.texts());
        let literals = read_texts(self.literals.texts());
        let value = |code: u32| match code {
            MISSING => None,
            code if code & LITERAL == 0 => texts.get(code as usize),
            code => literals.get((code & !LITERAL) as usize),
        };
        codes
            .into_iter()
            .map(|code| value(code).copied().unwrap_or(missing))
            .collect()
    }
}

fn count<T>(values: &[T], is: impl Fn(&T) -> bool) -> usize {
    values.iter().filter(|value| is(value)).count()
}

/// The same texts without those that no row has.
fn used(coded: &Coded) -> Coded {
    let mut texts = Texts::new();
    let mut numbers = FxHashMap::default();
    let codes = coded
        .codes
        .iter()
        .map(|code| match coded.dictionary.get(*code) {
            Some(text) => *numbers
                .entry(*code)
                .or_insert_with(|| texts.push(text).unwrap_or(MISSING)),
            None => MISSING,
        })
        .collect();
    Coded {
        dictionary: texts,
        codes,
    }
}

/// The type that a CSV value reads as.
pub(crate) fn read_type(text: &str) -> ValueType {
    let text = text.trim_ascii();
    if is_number(text) {
        ValueType::Number
    } else if read_boolean(text).is_some() {
        ValueType::Boolean
    } else if is_datetime(text) {
        ValueType::Datetime
    } else {
        ValueType::String
    }
}

fn is_datetime(text: &str) -> bool {
    time::calendar(text.trim_ascii()).is_some()
}

fn read_boolean(text: &str) -> Option<bool> {
    let text = text.trim_ascii();
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Whether a text is a number as JSON writes them.
fn is_number(text: &str) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let bytes = text.as_bytes();
    let bytes = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = digits(bytes);
    if whole == 0 || (whole > 1 && bytes.first() == Some(&b'0')) {
        return false;
    }
    let mut rest = bytes.get(whole..).unwrap_or_default();
    if let [b'.', fraction @ ..] = rest {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            !power.is_empty() && digits(power) == power.len()
        }
        _ => false,
    }
}

/// Whether a number is too large in size to be exact.
fn is_huge(number: &str) -> bool {
    let number = number.trim_ascii();
    (number.len() > 15 || number.contains(['e', 'E']))
        && number
            .parse::<f64>()
            .is_ok_and(|number| number.abs() > LARGEST)
}

#[cfg(test)]
mod tests {
    use segments_model::ValueType;

    use super::{Column, Kind, is_huge, read_type};

    #[test]
    fn a_csv_value_is_what_it_reads_as() {
        use ValueType::{Boolean, Datetime, Number, String};
        for (text, expected) in [
            ("0", Number),
            ("-0", Number),
            ("7", Number),
            ("-12.50", Number),
            ("1e5", Number),
            ("1E-05", Number),
            (" 12 ", Number),
            ("0.1", Number),
            ("007", String),
            ("00", String),
            ("-01", String),
            ("+49", String),
            (".5", String),
            ("5.", String),
            ("1,5", String),
            ("1_000", String),
            ("0x10", String),
            ("1e", String),
            ("NaN", String),
            ("Infinity", String),
            ("-", String),
            ("1 2", String),
            ("１", String),
            ("true", Boolean),
            ("False", Boolean),
            ("TRUE", Boolean),
            ("yes", String),
            ("2024-03-13", Datetime),
            ("2024-03-13T10:21:14Z", Datetime),
            ("2024-02-30", String),
            ("1.2.3", String),
            ("a", String),
        ] {
            assert_eq!(read_type(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_beyond_ten_to_the_fifteenth_are_huge() {
        for text in [
            "1000000000000001",
            "-1000000000000001",
            "1e16",
            "1e400",
            "1234567890123456789",
        ] {
            assert!(is_huge(text), "{text}");
        }
        for text in [
            "1000000000000000",
            "1e15",
            "-1E15",
            "0.1234567890123456789",
            "1e-400",
        ] {
            assert!(!is_huge(text), "{text}");
        }
    }

    fn value_type(values: &[(&str, Kind)]) -> Option<ValueType> {
        let mut column = Column::new("x");
        for (row, (value, kind)) in values.iter().enumerate() {
            column.put(row, value, *kind).unwrap();
        }
        column.value_type()
    }

    #[test]
    fn values_of_two_types_are_text() {
        use Kind::{Boolean, Number, Text, Untyped};
        assert_eq!(value_type(&[]), None);
        assert_eq!(
            value_type(&[("1", Untyped), ("2", Untyped)]),
            Some(ValueType::Number)
        );
        assert_eq!(
            value_type(&[("1", Untyped), ("x", Untyped)]),
            Some(ValueType::String)
        );
        assert_eq!(
            value_type(&[("1", Untyped), ("true", Untyped)]),
            Some(ValueType::String)
        );
        assert_eq!(value_type(&[("1", Text)]), Some(ValueType::String));
        assert_eq!(
            value_type(&[("1", Number), ("1", Text)]),
            Some(ValueType::String)
        );
        assert_eq!(value_type(&[("true", Boolean)]), Some(ValueType::Boolean));
        assert_eq!(
            value_type(&[("2024-01-01", Text)]),
            Some(ValueType::Datetime)
        );
    }

    #[test]
    fn a_column_mostly_of_huge_numbers_is_of_ids() {
        use Kind::Untyped;
        let id = "1234567890123456789";
        assert_eq!(
            value_type(&[(id, Untyped), ("1", Untyped), ("2", Untyped)]),
            Some(ValueType::Number)
        );
        assert_eq!(value_type(&[(id, Untyped)]), Some(ValueType::String));
    }
}
