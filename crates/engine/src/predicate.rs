//! Filters of one property, made ready for columns.
//!
//! Of texts, the filter is asked once for each text of the dictionary, and rows look the answer up by their code. As there
//! may be many texts, that is left for steps to do: see [`prepare`](crate::prepare).

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;
use segments_model::calendar::Zone;
use segments_model::filter::{Operator, PropertyFilter};
use segments_model::range::Bounds;
use segments_model::sort::sort_by;
use segments_model::{Instant, Value, ValueType};

use crate::batch::{MISSING_BOOLEAN, MISSING_DATETIME};
use crate::column::Packed;
use crate::moving::Moving;
use crate::patterns::{Pattern, PatternError, Patterns};

/// A filter of one property, for a column of one type.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    /// Every row passes, or none does, whatever its value.
    Constant(bool),
    /// By the text's code.
    Codes(Codes),
    Number(NumberTest),
    /// For false, true and missing.
    Boolean([bool; 3]),
    Datetime(DatetimeTest),
}

/// Which texts of a dictionary pass. It is worked out before rows are looked at; until then every text counts as missing.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    missing: bool,
    /// By code; the last entry is for missing.
    passes: Arc<OnceLock<Vec<bool>>>,
}

impl Codes {
    fn new(missing: bool) -> Self {
        Self {
            missing,
            passes: Arc::default(),
        }
    }

    /// Whether a text passes, by code; the last entry is for missing.
    pub(crate) fn passes(&self) -> &[bool] {
        match self.passes.get() {
            Some(passes) => passes,
            None if self.missing => &[true],
            None => &[false],
        }
    }

    /// Sets which texts pass.
    pub(crate) fn set(&self, mut passes: Vec<bool>) {
        passes.push(self.missing);
        // What is known already is the same.
        let _ = self.passes.set(passes);
    }
}

/// A filter made ready.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) predicate: Predicate,
    /// Where the property has texts: what they have to be held against before.
    pub(crate) texts: Option<(Codes, TextTest)>,
}

/// Why a filter cannot be made ready.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A value cannot be read: says what is wrong.
    Value(String),
    /// A pattern takes too much memory.
    PatternTooLarge,
    /// All patterns together take too much memory.
    TooManyPatterns,
}

/// Passes a number that lies in one of the intervals; turned around where `negative`.
#[derive(Clone, Debug)]
pub(crate) struct NumberTest {
    /// Least and greatest, both included; ascending, and none touches another.
    intervals: Vec<(f64, f64)>,
    negative: bool,
    missing: bool,
}

impl NumberTest {
    pub(crate) fn passes(&self, number: f64) -> bool {
        if number.is_nan() {
            return self.missing;
        }
        /// From so many on they are searched.
        const MANY: usize = 16;
        let within = |(least, greatest): &(f64, f64)| *least <= number && number <= *greatest;
        let inside = if self.intervals.len() < MANY {
            self.intervals.iter().any(within)
        } else {
            let after = self
                .intervals
                .partition_point(|(least, _)| *least <= number);
            let last = after
                .checked_sub(1)
                .and_then(|last| self.intervals.get(last));
            last.is_some_and(within)
        };
        inside != self.negative
    }
}

/// Puts intervals in order and those together that touch each other.
fn ordered(mut intervals: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    sort_by(&mut intervals, |one, other| one.0.total_cmp(&other.0));
    intervals.dedup_by(|next, last| {
        let touch = next.0 <= last.1;
        if touch {
            last.1 = last.1.max(next.1);
        }
        touch
    });
    intervals
}

/// Passes an instant that lies in one of the intervals; turned around where `negative`.
#[derive(Clone, Debug)]
pub(crate) struct DatetimeTest {
    /// First and last millisecond, both included.
    intervals: Vec<(i64, i64)>,
    negative: bool,
    missing: bool,
    /// The range that the intervals are, where it moves on with as-of.
    moving: Option<Moving>,
}

impl DatetimeTest {
    pub(crate) fn passes(&self, time: i64) -> bool {
        if time == MISSING_DATETIME {
            return self.missing;
        }
        let inside = self
            .intervals
            .iter()
            .any(|(first, last)| *first <= time && time <= *last);
        inside != self.negative
    }
}

impl Predicate {
    /// Makes a filter ready for a property of this type; of none, where the data has no such property. A range of the filter
    /// moves on with as-of where that is not `fixed`.
    ///
    /// # Errors
    /// When a pattern or an instant cannot be read, or patterns take too much memory.
    pub(crate) fn of(
        filter: &PropertyFilter,
        property: Option<ValueType>,
        patterns: &mut Patterns,
        (as_of, fixed, zone): (Instant, bool, &Zone),
    ) -> Result<Ready, Fault> {
        let negative = filter.op.holds_for_missing();
        // A pattern or a date that cannot be read is an error also where the data has nothing to hold it against.
        let test = TextTest::of(filter, negative, patterns)?;
        let times = datetime_intervals(filter, as_of, zone).map_err(Fault::Value)?;
        let set = matches!(filter.op, Operator::IsSet | Operator::IsNotSet);
        let mut texts = None;
        let predicate = match property {
            None => Self::Constant(negative),
            Some(ValueType::String) => {
                let codes = Codes::new(negative);
                texts = Some((codes.clone(), test));
                Self::Codes(codes)
            }
            Some(ValueType::Number) => Self::Number(NumberTest {
                intervals: if set {
                    vec![(f64::NEG_INFINITY, f64::INFINITY)]
                } else {
                    ordered(number_intervals(filter))
                },
                negative,
                missing: negative,
            }),
            Some(ValueType::Boolean) => {
                let passes = |value: bool| {
                    let is = matches!(filter.op, Operator::Is | Operator::IsNot)
                        && filter.values.contains(&Value::Boolean(value));
                    (set || is) != negative
                };
                Self::Boolean([passes(false), passes(true), negative])
            }
            Some(ValueType::Datetime) => Self::Datetime(DatetimeTest {
                intervals: if set {
                    vec![(i64::MIN, i64::MAX)]
                } else {
                    times
                },
                negative,
                missing: negative,
                moving: Moving::new(filter.during.as_ref(), fixed, zone),
            }),
        };
        Ok(Ready { predicate, texts })
    }

    /// The range of the predicate, where it moves on with as-of.
    pub(crate) fn moving(&self) -> Option<&Moving> {
        match self {
            Self::Datetime(test) => test.moving.as_ref(),
            _ => None,
        }
    }

    /// Moves a range of the predicate on to another as-of.
    pub(crate) fn move_to(&mut self, as_of: Instant) {
        if let Self::Datetime(test) = self
            && let Some(moving) = &test.moving
        {
            test.intervals = vec![inclusive(moving.bounds(as_of))];
        }
    }

    /// What it answers where every row is missing.
    pub(crate) fn of_missing(&self) -> bool {
        match self {
            Self::Constant(passes) => *passes,
            Self::Codes(codes) => codes.missing,
            Self::Number(test) => test.missing,
            Self::Boolean([_, _, missing]) => *missing,
            Self::Datetime(test) => test.missing,
        }
    }

    /// What it answers for a row of a column. A column of another type than it was made for counts as missing.
    pub(crate) fn passes(&self, column: &Packed, row: usize) -> bool {
        let code = |code: Option<usize>, missing: usize| match (self, code) {
            (Self::Codes(codes), Some(code)) if code != missing => {
                codes.passes().get(code).copied().unwrap_or(false)
            }
            _ => self.of_missing(),
        };
        match (self, column) {
            (Self::Constant(passes), _) => *passes,
            (_, Packed::Code8(codes)) => code(codes.get(row).map(|code| usize::from(*code)), 0xFF),
            (_, Packed::Code16(codes)) => {
                code(codes.get(row).map(|code| usize::from(*code)), 0xFFFF)
            }
            (_, Packed::Code32(codes)) => {
                code(codes.get(row).map(|code| *code as usize), 0xFFFF_FFFF)
            }
            (Self::Number(test), Packed::Number(numbers)) => {
                test.passes(numbers.get(row).copied().unwrap_or(f64::NAN))
            }
            (Self::Boolean(passes), Packed::Boolean(booleans)) => {
                let byte = booleans.get(row).copied().unwrap_or(MISSING_BOOLEAN);
                passes.get(usize::from(byte)).copied().unwrap_or(false)
            }
            (Self::Datetime(test), Packed::Datetime(times)) => {
                test.passes(times.get(row).copied().unwrap_or(MISSING_DATETIME))
            }
            _ => self.of_missing(),
        }
    }
}

/// What a text is held against.
#[derive(Debug)]
pub(crate) struct TextTest {
    how: How,
    ignore_case: bool,
    /// Whether those pass that do not match.
    negative: bool,
}

#[derive(Debug)]
enum How {
    Equals(FxHashSet<String>),
    Contains(Vec<String>),
    StartsWith(Vec<String>),
    EndsWith(Vec<String>),
    Matches(Vec<Pattern>),
    Always,
    /// An operator that texts do not have.
    Never,
}

impl TextTest {
    fn of(filter: &PropertyFilter, negative: bool, patterns: &mut Patterns) -> Result<Self, Fault> {
        let ignore_case = filter.ignore_case;
        let values = filter.values.iter().filter_map(|value| match value {
            Value::String(text) => Some(text),
            Value::Boolean(_) | Value::Number(_) => None,
        });
        let texts = values.clone().map(|text| folded(text, ignore_case));
        let how = match filter.op {
            Operator::Is | Operator::IsNot => How::Equals(texts.collect()),
            Operator::Contains | Operator::DoesNotContain => How::Contains(texts.collect()),
            Operator::StartsWith => How::StartsWith(texts.collect()),
            Operator::EndsWith => How::EndsWith(texts.collect()),
            Operator::Matches => How::Matches(
                values
                    .map(|text| {
                        patterns
                            .get(text, ignore_case)
                            .map_err(|error| match error {
                                PatternError::Syntax(error) => Fault::Value(format!(
                                    "\"{text}\" is no regular expression: {error}"
                                )),
                                PatternError::TooLarge => Fault::PatternTooLarge,
                                PatternError::TooMany => Fault::TooManyPatterns,
                            })
                    })
                    .collect::<Result<_, _>>()?,
            ),
            Operator::IsSet | Operator::IsNotSet => How::Always,
            Operator::GreaterThan
            | Operator::AtLeast
            | Operator::LessThan
            | Operator::AtMost
            | Operator::Between
            | Operator::Before
            | Operator::After
            | Operator::InLast
            | Operator::NotInLast => How::Never,
        };
        Ok(Self {
            how,
            ignore_case,
            negative,
        })
    }

    /// Whether a text passes.
    pub(crate) fn passes(&self, text: &str) -> bool {
        self.matches(text) != self.negative
    }

    /// What holding a text against it costs, in rows.
    pub(crate) fn cost(&self, text: &str) -> usize {
        /// How many bytes of a text a search goes over in the time of a row.
        const FAST: usize = 16;
        /// How many bytes of a pattern are as much work for a byte of a text as a row is.
        const SLOW: usize = 256;
        let each = |texts: &[String]| texts.len() * (1 + text.len() / FAST);
        let of = match &self.how {
            How::Equals(_) | How::Always | How::Never => text.len() / FAST,
            How::Contains(texts) | How::StartsWith(texts) | How::EndsWith(texts) => each(texts),
            How::Matches(patterns) => {
                let bytes: usize = patterns.iter().map(|pattern| pattern.bytes).sum();
                (1 + text.len()) * bytes.div_ceil(SLOW)
            }
        };
        1 + of
    }

    fn matches(&self, text: &str) -> bool {
        let any = |texts: &[String], test: fn(&str, &str) -> bool| {
            if self.ignore_case {
                let text = text.to_lowercase();
                texts.iter().any(|wanted| test(&text, wanted))
            } else {
                texts.iter().any(|wanted| test(text, wanted))
            }
        };
        match &self.how {
            How::Equals(texts) if self.ignore_case => texts.contains(&text.to_lowercase()),
            How::Equals(texts) => texts.contains(text),
            How::Contains(texts) => any(texts, |text, part| text.contains(part)),
            How::StartsWith(texts) => any(texts, |text, start| text.starts_with(start)),
            How::EndsWith(texts) => any(texts, |text, end| text.ends_with(end)),
            How::Matches(patterns) => patterns.iter().any(|pattern| pattern.regex.is_match(text)),
            How::Always => true,
            How::Never => false,
        }
    }
}

fn folded(text: &str, ignore_case: bool) -> String {
    if ignore_case {
        text.to_lowercase()
    } else {
        text.to_owned()
    }
}

fn number_intervals(filter: &PropertyFilter) -> Vec<(f64, f64)> {
    let numbers: Vec<f64> = filter
        .values
        .iter()
        .filter_map(|value| match value {
            Value::Number(number) => Some(*number),
            Value::Boolean(_) | Value::String(_) => None,
        })
        .collect();
    if filter.op == Operator::Between {
        return match numbers.as_slice() {
            [least, greatest] => vec![(*least, *greatest)],
            _ => Vec::new(),
        };
    }
    numbers
        .into_iter()
        .filter_map(|number| {
            Some(match filter.op {
                Operator::Is | Operator::IsNot => (number, number),
                Operator::GreaterThan => (number.next_up(), f64::INFINITY),
                Operator::AtLeast => (number, f64::INFINITY),
                Operator::LessThan => (f64::NEG_INFINITY, number.next_down()),
                Operator::AtMost => (f64::NEG_INFINITY, number),
                _ => return None,
            })
        })
        .collect()
}

fn datetime_intervals(
    filter: &PropertyFilter,
    as_of: Instant,
    zone: &Zone,
) -> Result<Vec<(i64, i64)>, String> {
    match filter.op {
        Operator::InLast | Operator::NotInLast => {
            let bounds = filter
                .during
                .as_ref()
                .map(|range| zone.bounds(range, as_of));
            return Ok(bounds.map(inclusive).into_iter().collect());
        }
        Operator::Before | Operator::After => {}
        Operator::Between => {
            // Of two numbers it is a condition on numbers.
            return match filter.values.as_slice() {
                [Value::String(first), Value::String(last)] => {
                    Ok(vec![(moment(first, zone)?.0, moment(last, zone)?.1)])
                }
                _ => Ok(Vec::new()),
            };
        }
        _ => return Ok(Vec::new()),
    }
    filter
        .values
        .iter()
        .filter_map(|value| match value {
            Value::String(text) => Some(text),
            Value::Boolean(_) | Value::Number(_) => None,
        })
        .map(|text| {
            let (first, last) = moment(text, zone)?;
            Ok(if filter.op == Operator::Before {
                (i64::MIN, first - 1)
            } else {
                (last + 1, i64::MAX)
            })
        })
        .collect()
}

/// The first and the last millisecond.
fn inclusive(bounds: Bounds) -> (i64, i64) {
    (bounds.start.millis(), bounds.end.millis() - 1)
}

/// The first and the last millisecond that a text stands for: of an instant the same, of a local date the whole day.
fn moment(text: &str, zone: &Zone) -> Result<(i64, i64), String> {
    if let Ok(instant) = Instant::parse(text) {
        return Ok((instant.millis(), instant.millis()));
    }
    match text.parse() {
        Ok(date) => Ok((
            zone.day_start(date).millis(),
            zone.day_end(date).millis() - 1,
        )),
        Err(_) => Err(format!(
            "\"{text}\" is no instant: give a date such as 2026-11-23 or RFC 3339 such as 2026-11-23T14:14:00.000Z"
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NumberTest, ordered};

    proptest! {
        #[test]
        fn intervals_in_order_hold_the_same_numbers(
            intervals in proptest::collection::vec((-30_i32..30, 0_i32..4), 0..40),
            number in -35_i32..35,
            negative in any::<bool>(),
        ) {
            let half = |number: i32| f64::from(number) / 2.0;
            let intervals: Vec<(f64, f64)> = intervals
                .into_iter()
                .map(|(least, more)| (half(least), half(least + more)))
                .collect();
            let number = half(number);
            let within = intervals.iter().any(|(least, greatest)| *least <= number && number <= *greatest);
            let test = NumberTest { intervals: ordered(intervals), negative, missing: false };
            prop_assert_eq!(test.passes(number), within != negative);
        }
    }
}
