//! Which definitions mean something, and what is wrong with the others, each with its place and what would be right.
//!
//! What is refused here is well-formed but meaningless. An empty range, a contradiction or an event that the data does not
//! have mean something (nobody), so they pass. How big things may be is said by [`limits`](crate::limits) and by
//! [`Limits`].
//!
//! # Regular expressions
//!
//! `matches` takes what regex-lite and RE2 share, so that every engine finds the same: literals, `.`, classes and the ASCII
//! classes `\d \w \s \b`, groups, alternation, repetition up to 1,000, anchors, and the flags `i`, `m`, `s` and `U`. Left out are Unicode
//! classes (`\p{…}`), look-around and back references, which one of them lacks, and verbose mode, `\<`, `\>`, `\u`, `\U`
//! and `\b{…}`, which only regex-lite has. Under `i` only ASCII letters have two cases.

use crate::criterion::{
    Behaviour, CohortCriterion, Did, EventCriterion, Exclusion, Order, SequenceCriterion, Step,
    UsersCriterion, Within,
};
use crate::filter::{Operator, PropertyFilter, Scope};
use crate::formula::Expression;
use crate::limits::{
    LIMITS, MAX_ALL_VALUES, MAX_COUNT, MAX_ERRORS, MAX_FILTERS, MAX_GROUP_BY, MAX_IDS, MAX_NAME,
    MAX_PATTERN_BYTES, MAX_PATTERNS, MAX_PATTERNS_BYTES, MAX_PERIOD, MAX_PERIODS,
    MAX_QUERY_FILTERS, MAX_QUERY_PATTERN_BYTES, MAX_QUERY_PATTERNS, MAX_QUERY_VALUES,
    MAX_REPETITION, MAX_ROWS, MAX_VALUES,
};
use crate::measure::{Compare, Measure};
use crate::problem::{Code, InputError};
use crate::project::Limits;
use crate::query::{
    CohortMeasure, CohortQuery, Comparison, Figure, Formula, FunnelGroupBy, FunnelQuery,
    GenerationBy, GroupBy, Query, QueryAggregate, QueryMatch, SegmentationQuery,
};
use crate::range::{CalendarUnit, Window};
use crate::sentence::group_digits;
use crate::value::{is_datetime, local_date};
use crate::{Criterion, Filter, Instant, Range, Value};

pub use crate::decode::{decode, decode_value};
pub use crate::limits::{
    MAX_DEPTH, MAX_GROUPS, MAX_NUMBER, MAX_OPTIONAL, MAX_PARTS, MAX_TEXT, MAX_UNORDERED,
    MAX_WINDOW_MILLIS,
};

/// How many criteria a definition made of a query's answer may have besides its audience.
const QUERY_CRITERIA: usize = 16;
/// How much deeper a condition stands in a definition made of a query's answer than in the query.
const QUERY_DEPTH: usize = 3;

const LESSER_FIRST: &str = "Enter the lesser one first";

/// The least size that a regular expression is counted as, in bytes.
const SMALLEST_PATTERN: usize = 1 << 10;

const EVENT: &str = "an event";
const PROPERTY: &str = "a property";
const SEGMENT: &str = "a segment";

/// Everything that is wrong with a definition, with JSON pointers into it; nothing if it is valid.
#[must_use]
pub fn validate(definition: &Criterion, limits: &Limits) -> Vec<InputError> {
    in_definition(limits, |check| check.criterion(definition))
}

fn in_definition(limits: &Limits, go: impl FnOnce(&mut Check)) -> Vec<InputError> {
    let mut check = Check::new(Most {
        whole: "A definition",
        depth: MAX_DEPTH,
        criteria: usize::try_from(limits.criteria).unwrap_or(usize::MAX),
        filters: MAX_FILTERS,
        values: MAX_ALL_VALUES,
        patterns: MAX_PATTERNS,
        pattern_bytes: MAX_PATTERNS_BYTES,
    });
    go(&mut check);
    check.finish()
}

/// Everything that is wrong with a range by itself.
#[must_use]
pub fn range(range: &Range) -> Vec<InputError> {
    in_definition(&LIMITS, |check| check.range(range))
}

/// What is wrong with a range that somebody enters: one that ends before it starts has a meaning, no time at all, but
/// nobody asks for it.
#[must_use]
pub fn backward(entered: &Range) -> Option<InputError> {
    let (pointer, detail) = match entered {
        Range::Between { from, to } if to < from => {
            ("/to", "Choose a last day that is not before the first")
        }
        Range::Ago { from, to } if from.unit == to.unit && from.count < to.count => {
            ("/to/count", "Enter an end that is not before the start")
        }
        _ => return None,
    };
    Some(InputError {
        pointer: pointer.to_owned(),
        code: Code::OutOfRange,
        detail: detail.to_owned(),
    })
}

/// Everything that is wrong with a comparison by itself.
#[must_use]
pub fn compare(compare: Compare) -> Vec<InputError> {
    in_definition(&LIMITS, |check| check.compare(compare))
}

/// Everything that is wrong with a length of time by itself.
#[must_use]
pub fn window(window: Window) -> Vec<InputError> {
    in_definition(&LIMITS, |check| check.window(window))
}

/// Everything that is wrong with a filter of occurrences by itself.
#[must_use]
pub fn filter(filter: &Filter) -> Vec<InputError> {
    in_definition(&LIMITS, |check| check.filter(filter, true))
}

/// Everything that is wrong with which occurrences are meant, by itself.
#[must_use]
pub fn occurrence(event: Option<&String>, filter: Option<&Filter>, did: &[Did]) -> Vec<InputError> {
    in_definition(&LIMITS, |check| {
        check.occurrence(event, filter);
        check.did(did);
    })
}

/// Everything that is wrong with listed users by themselves.
#[must_use]
pub fn users(users: &UsersCriterion) -> Vec<InputError> {
    in_definition(&LIMITS, |check| check.users(users))
}

/// Everything that is wrong with a query, with JSON pointers into it; nothing if it is valid. Its time zone is not looked at,
/// as the time-zone database is needed for it ([`time_zone`]).
///
/// A valid query leaves room for the definitions that are made of its answer, so that they are valid too.
#[must_use]
pub fn check_query(query: &Query, limits: &Limits) -> Vec<InputError> {
    let criteria = usize::try_from(limits.criteria).unwrap_or(usize::MAX);
    let mut check = Check::new(Most {
        whole: "A query",
        depth: MAX_DEPTH - QUERY_DEPTH,
        criteria: criteria.saturating_sub(QUERY_CRITERIA),
        filters: MAX_QUERY_FILTERS,
        values: MAX_QUERY_VALUES,
        patterns: MAX_QUERY_PATTERNS,
        pattern_bytes: MAX_QUERY_PATTERN_BYTES,
    });
    match query {
        Query::Segmentation(query) => check.segmentation(query),
        Query::Funnel(query) => check.funnel(query),
        Query::Cohort(query) => check.cohort_query(query),
    }
    check.finish()
}

/// What is wrong with a name of a time zone, told for `pointer`.
#[cfg(feature = "zones")]
#[must_use]
pub fn time_zone(name: &str, pointer: &str) -> Option<InputError> {
    crate::calendar::Zone::parse(name)
        .err()
        .map(|error| InputError {
            pointer: pointer.to_owned(),
            code: Code::UnknownTimeZone,
            detail: error.to_string(),
        })
}

/// What is wrong with a text that people write, such as a segment's name, told for `pointer`: white space around it does not
/// count, it may have at most so many characters, and no control characters (but line breaks, where it may be empty).
#[must_use]
pub fn text(text: &str, max: usize, may_be_empty: bool, pointer: &str) -> Option<InputError> {
    let text = text.trim();
    let wrong = |code, detail| {
        Some(InputError {
            pointer: pointer.to_owned(),
            code,
            detail,
        })
    };
    if text.is_empty() && !may_be_empty {
        return wrong(Code::Empty, "Enter a name".to_owned());
    }
    if text.chars().count() > max {
        return wrong(Code::TooLarge, at_most(max, "characters"));
    }
    if text
        .chars()
        .any(|character| character.is_control() && !(may_be_empty && "\n\r\t".contains(character)))
    {
        return wrong(
            Code::NotAllowed,
            "Leave out control characters such as line breaks".to_owned(),
        );
    }
    None
}

/// How big the whole may be.
struct Most {
    whole: &'static str,
    depth: usize,
    criteria: usize,
    filters: usize,
    values: usize,
    patterns: usize,
    pattern_bytes: usize,
}

struct Check {
    pointer: String,
    errors: Vec<InputError>,
    most: Most,
    depth: usize,
    criteria: usize,
    filters: usize,
    values: usize,
    patterns: usize,
    pattern_bytes: usize,
}

impl Check {
    const fn new(most: Most) -> Self {
        Self {
            pointer: String::new(),
            errors: Vec::new(),
            most,
            depth: 0,
            criteria: 0,
            filters: 0,
            values: 0,
            patterns: 0,
            pattern_bytes: 0,
        }
    }

    fn finish(mut self) -> Vec<InputError> {
        for (what, count, most) in [
            ("criteria", self.criteria, self.most.criteria),
            ("conditions", self.filters, self.most.filters),
        ] {
            if count > most {
                self.wrong(
                    Code::TooLarge,
                    format!(
                        "{} may have at most {most} {what}, not {count}",
                        self.most.whole
                    ),
                );
            }
        }
        self.errors
    }

    /// Something that the whole may have so much of only. What is over it is told once, at the place where it gets too
    /// much, and not looked at any further.
    fn has_room(&mut self, had: usize, more: usize, most: usize, what: &str) -> bool {
        if had + more <= most {
            return true;
        }
        if had <= most {
            let detail = format!("{} may have at most {most} {what} in all", self.most.whole);
            self.wrong(Code::TooLarge, detail);
        }
        false
    }

    fn wrong(&mut self, code: Code, detail: impl Into<String>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(InputError {
                pointer: self.pointer.clone(),
                code,
                detail: detail.into(),
            });
        }
    }

    fn at(&mut self, path: &str, go: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(path);
        go(self);
        self.pointer.truncate(length);
    }

    fn wrong_at(&mut self, path: &str, code: Code, detail: impl Into<String>) {
        self.at(path, |check| check.wrong(code, detail));
    }

    fn each<T>(&mut self, path: &str, items: &[T], go: impl Fn(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            self.at(&format!("{path}/{index}"), |check| go(check, item));
        }
    }

    fn deeper(&mut self, go: impl FnOnce(&mut Self)) {
        if self.depth == self.most.depth {
            self.wrong(
                Code::TooLarge,
                format!(
                    "Criteria and conditions may be nested {} deep",
                    self.most.depth
                ),
            );
            return;
        }
        self.depth += 1;
        go(self);
        self.depth -= 1;
    }

    fn name(&mut self, path: &str, what: &str, name: &str) {
        if name.is_empty() {
            self.wrong_at(path, Code::Empty, format!("Choose {what}"));
        } else if name.chars().count() > MAX_TEXT {
            self.wrong_at(path, Code::TooLarge, at_most(MAX_TEXT, "characters"));
        }
    }

    fn event(&mut self, event: Option<&String>) {
        if let Some(event) = event {
            self.name("event", EVENT, event);
        }
    }

    fn occurrence(&mut self, event: Option<&String>, filter: Option<&Filter>) {
        self.event(event);
        if let Some(filter) = filter {
            self.at("where", |check| check.filter(filter, true));
        }
    }

    fn at_most_parts<T>(&mut self, path: &str, what: &str, items: &[T]) {
        if items.len() > MAX_PARTS {
            self.wrong_at(
                path,
                Code::TooLarge,
                format!(
                    "There may be at most {MAX_PARTS} {what}, not {}",
                    items.len()
                ),
            );
        }
    }

    fn criterion(&mut self, criterion: &Criterion) {
        self.criteria += 1;
        self.deeper(|check| match criterion {
            Criterion::All { of } | Criterion::Any { of } => {
                check.each("of", of, Self::criterion);
            }
            Criterion::Not { of } => check.at("of", |check| check.criterion(of)),
            Criterion::Event(event) => check.event_criterion(event),
            Criterion::FirstEvent(first) => {
                check.occurrence(first.event.as_ref(), first.filter.as_ref());
                check.range_at("during", &first.during);
            }
            Criterion::User { filter } => check.at("where", |check| check.filter(filter, false)),
            Criterion::Sequence(sequence) => check.sequence(sequence),
            Criterion::Cohort(cohort) => check.cohort(cohort),
            Criterion::Segment(segment) => check.name("id", SEGMENT, &segment.id),
            Criterion::Users(users) => check.users(users),
        });
    }

    fn event_criterion(&mut self, event: &EventCriterion) {
        self.occurrence(event.event.as_ref(), event.filter.as_ref());
        self.did(&event.did);
        if let Measure::Of { property, .. } = &event.measure {
            self.at("measure", |check| {
                check.name("property", PROPERTY, property);
            });
        }
        self.at("compare", |check| check.compare(event.compare));
        self.range_at("during", &event.during);
    }

    fn did(&mut self, did: &[Did]) {
        self.at_most_parts("did", "conditions of other events", did);
        self.each("did", did, |check, did| {
            check.occurrence(did.event.as_ref(), did.filter.as_ref());
            if let Some(within) = did.within {
                check.at("within", |check| check.window(within));
            }
            check.at("compare", |check| check.compare(did.compare));
        });
    }

    fn compare(&mut self, compare: Compare) {
        self.at("value", |check| match compare {
            Compare::AtLeast(value)
            | Compare::AtMost(value)
            | Compare::Exactly(value)
            | Compare::MoreThan(value)
            | Compare::LessThan(value) => check.number(value),
            Compare::Between(least, most) => {
                check.at("0", |check| check.number(least));
                check.at("1", |check| check.number(most));
                if least > most {
                    check.wrong(Code::OutOfRange, LESSER_FIRST);
                }
            }
        });
    }

    fn number(&mut self, number: f64) {
        if !(number.is_finite() && number.abs() <= MAX_NUMBER) {
            self.wrong(Code::OutOfRange, "Enter a number between -10^15 and 10^15");
        }
    }

    fn window(&mut self, window: Window) {
        if window.count == 0 || window.millis() > MAX_WINDOW_MILLIS {
            self.wrong_at(
                "count",
                Code::OutOfRange,
                format!(
                    "Enter 1 to {} {}s",
                    grouped(MAX_WINDOW_MILLIS / window.unit.millis()),
                    window.unit.word()
                ),
            );
        }
    }

    fn range_at(&mut self, path: &str, range: &Range) {
        self.at(path, |check| check.range(range));
    }

    fn range(&mut self, range: &Range) {
        match *range {
            Range::Last { count, unit, .. } => self.units(count, 1, unit),
            Range::Between { from, to } => {
                self.date("from", from);
                self.date("to", to);
            }
            Range::Since { from } => self.date("from", from),
            Range::Ago { from, to } => {
                self.at("from", |check| check.units(from.count, 0, from.unit));
                self.at("to", |check| check.units(to.count, 0, to.unit));
            }
            Range::AllTime {} | Range::This { .. } | Range::Instants { .. } => {}
        }
    }

    fn units(&mut self, count: u32, least: u32, unit: CalendarUnit) {
        if !(least..=MAX_COUNT).contains(&count) {
            let (most, unit) = (grouped(MAX_COUNT), unit.word());
            let detail = format!("Enter {least} to {most} {unit}s");
            self.wrong_at("count", Code::OutOfRange, detail);
        }
    }

    fn date(&mut self, path: &str, date: chrono::NaiveDate) {
        use chrono::Datelike as _;

        if !(1..=9_999).contains(&date.year()) {
            self.wrong_at(
                path,
                Code::OutOfRange,
                "Choose a day of the years 1 to 9999",
            );
        }
    }

    fn sequence(&mut self, sequence: &SequenceCriterion) {
        self.steps(
            &sequence.steps,
            sequence.order,
            sequence.within,
            &sequence.exclude,
        );
        let steps = u32::try_from(sequence.steps.len()).unwrap_or(u32::MAX);
        self.range_at("during", &sequence.during);
        if steps > 0 && (sequence.reached == 0 || sequence.reached > steps) {
            self.wrong_at(
                "reached",
                Code::OutOfRange,
                format!("Give the step that was reached: 1 to {steps}"),
            );
        }
        if let Some(path) = &sequence.path {
            self.path(sequence, path);
        } else if let Some(not_reached) = sequence.not_reached
            && (not_reached <= sequence.reached || not_reached > steps)
        {
            self.wrong_at(
                "not_reached",
                Code::OutOfRange,
                format!(
                    "Give a step after the one that was reached: {} to {steps}",
                    sequence.reached.saturating_add(1)
                ),
            );
        }
    }

    fn path(&mut self, sequence: &SequenceCriterion, path: &[u32]) {
        if sequence.order == Order::Any {
            self.wrong_at(
                "path",
                Code::NotAllowed,
                "In any order steps make no path: leave it out, or give another order",
            );
        } else if let Some((place, code, detail)) = wrong_path(path, &sequence.steps) {
            self.wrong_at(&format!("path{place}"), code, detail);
        } else if let Some(last) = path.last().filter(|last| **last != sequence.reached) {
            self.wrong_at(
                "reached",
                Code::OutOfRange,
                format!("Give the last step of the path: {last}"),
            );
        }
        if sequence.not_reached.is_some() {
            self.wrong_at(
                "not_reached",
                Code::NotAllowed,
                "The path says where its users stopped: leave this out",
            );
        }
    }

    fn steps(
        &mut self,
        steps: &[Step],
        order: Order,
        within: Option<Within>,
        exclude: &[Exclusion],
    ) {
        let count = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        self.at_most_parts("steps", "steps", steps);
        self.at_most_parts("exclude", "exclusions", exclude);
        if steps.is_empty() {
            self.wrong_at("steps", Code::Empty, "Give at least one step");
        }
        self.each("steps", steps, |check, step| {
            check.occurrence(step.event.as_ref(), step.filter.as_ref());
            check.did(&step.did);
            if step.optional && order == Order::Any {
                check.wrong_at(
                    "optional",
                    Code::NotAllowed,
                    "In any order no step can be optional: leave it out, or give another order",
                );
            }
        });
        if order == Order::Any {
            if (MAX_UNORDERED + 1..=MAX_PARTS).contains(&steps.len()) {
                self.wrong_at(
                    "steps",
                    Code::TooLarge,
                    format!("In any order there may be at most {MAX_UNORDERED} steps, not {count}"),
                );
            }
            if !exclude.is_empty() {
                self.wrong_at(
                    "exclude",
                    Code::NotAllowed,
                    "In any order nothing lies between two steps: leave the exclusions out, or give another order",
                );
            }
        } else if steps.first().is_some_and(|first| first.optional) {
            self.wrong_at(
                "steps/0/optional",
                Code::NotAllowed,
                "The first step starts the sequence, so it cannot be optional",
            );
        }
        let optional = steps.iter().filter(|step| step.optional).count();
        if optional > MAX_OPTIONAL {
            self.wrong_at(
                "steps",
                Code::TooLarge,
                format!("At most {MAX_OPTIONAL} steps may be optional, not {optional}"),
            );
        }
        if let Some(within) = within {
            self.at("within", |check| check.window(Within::window(within)));
        }
        self.each("exclude", exclude, |check, exclusion| {
            check.occurrence(exclusion.event.as_ref(), exclusion.filter.as_ref());
            if exclusion.from == 0 || exclusion.from >= exclusion.to {
                check.wrong_at(
                    "from",
                    Code::OutOfRange,
                    "An exclusion runs from a step, counted from 1, to a later one",
                );
            }
            if exclusion.to > count {
                check.wrong_at(
                    "to",
                    Code::OutOfRange,
                    format!("The sequence has {count} steps"),
                );
            }
        });
    }

    fn cohort(&mut self, cohort: &CohortCriterion) {
        self.starts(&cohort.start, &cohort.returning);
        self.range_at("started", &cohort.started);
        if let Some(filter) = &cohort.generation_where {
            self.at("generation_where", |check| check.filter(filter, true));
        }
        if cohort.period.is_some_and(|period| period > MAX_PERIOD) {
            self.wrong_at(
                "period",
                Code::OutOfRange,
                format!("Give a period from 0 to {MAX_PERIOD}"),
            );
        }
    }

    fn starts(&mut self, start: &[Behaviour], returning: &Behaviour) {
        self.at_most_parts("start", "starting events", start);
        if start.is_empty() {
            self.wrong_at("start", Code::Empty, "Give at least one event that starts");
        }
        self.each("start", start, |check, start| {
            check.occurrence(start.event.as_ref(), start.filter.as_ref());
        });
        self.at("return", |check| {
            check.occurrence(returning.event.as_ref(), returning.filter.as_ref());
        });
    }

    fn segmentation(&mut self, query: &SegmentationQuery) {
        let rows = query.measures.len();
        if rows == 0 {
            self.wrong_at("measures", Code::Empty, "Give at least one row");
        } else if rows > MAX_ROWS {
            self.wrong_at(
                "measures",
                Code::TooLarge,
                format!("There may be at most {MAX_ROWS} rows, not {rows}"),
            );
        }
        self.each("measures", &query.measures, |check, measure| {
            check.occurrence(measure.event.as_ref(), measure.filter.as_ref());
            check.did(&measure.did);
            check.at("aggregate", |check| check.aggregate(&measure.aggregate));
        });
        self.at_most_parts("formulas", "formulas", &query.formulas);
        self.each("formulas", &query.formulas, |check, formula| {
            check.formula(formula, rows);
        });
        self.audience(query.audience.as_ref());
        if query.group_by.len() > MAX_GROUP_BY {
            self.wrong_at(
                "group_by",
                Code::TooLarge,
                format!(
                    "An answer may be broken down by at most {MAX_GROUP_BY} things, not {}",
                    query.group_by.len()
                ),
            );
        }
        self.each("group_by", &query.group_by, |check, by| match by {
            GroupBy::Property(by) => check.name("name", PROPERTY, &by.name),
            GroupBy::Segment(by) => check.name("segment", SEGMENT, &by.segment),
        });
        self.range_at("during", &query.during);
        match (query.compare, &query.during) {
            (Some(Comparison::PreviousRange), Range::AllTime {}) => self.wrong_at(
                "compare",
                Code::NotAllowed,
                "Nothing lies before all time: leave this out, or give a range with a start",
            ),
            (Some(Comparison::PreviousRange), _) | (None, _) => {}
        }
        self.max_groups(query.max_groups);
    }

    fn aggregate(&mut self, aggregate: &QueryAggregate) {
        match (aggregate.of.aggregate(), &aggregate.property) {
            (Some(_), Some(property)) => self.name("property", PROPERTY, property),
            (Some(of), None) => self.wrong(
                Code::Empty,
                format!("\"{of}\" is worked out over an event property: give it as \"property\""),
            ),
            (None, Some(_)) => self.wrong_at(
                "property",
                Code::NotAllowed,
                "\"total\" and \"users\" count occurrences and users: leave the property out",
            ),
            (None, None) => {}
        }
        if aggregate.per_user && aggregate.of == Figure::Users {
            self.wrong_at(
                "per_user",
                Code::NotAllowed,
                "\"users\" has no figure per user, as it would always be 1: leave this out",
            );
        }
    }

    fn formula(&mut self, formula: &Formula, rows: usize) {
        self.errors.extend(text(
            &formula.name,
            MAX_NAME,
            false,
            &format!("{}/name", self.pointer),
        ));
        if let Err(error) = Expression::parse(&formula.expression, rows) {
            self.wrong_at("expression", Code::InvalidFormula, error.to_string());
        }
    }

    fn funnel(&mut self, query: &FunnelQuery) {
        self.steps(&query.steps, query.order, query.within, &query.exclude);
        let last = query.steps.len().saturating_sub(1);
        if last > 0
            && query.order != Order::Any
            && query.steps.last().is_some_and(|last| last.optional)
        {
            self.wrong_at(
                &format!("steps/{last}/optional"),
                Code::NotAllowed,
                "The last step is where the funnel leads to, so it cannot be optional",
            );
        }
        self.range_at("during", &query.during);
        self.audience(query.audience.as_ref());
        match &query.group_by {
            Some(FunnelGroupBy::Property(by)) => self.at("group_by", |check| {
                check.name("name", PROPERTY, &by.name);
                if let Some(step) = by.step
                    && !(1..=query.steps.len()).contains(&usize::try_from(step).unwrap_or(0))
                {
                    check.wrong_at(
                        "step",
                        Code::OutOfRange,
                        format!(
                            "Give a step from 1 to {}, or none for all of them",
                            query.steps.len()
                        ),
                    );
                }
            }),
            Some(FunnelGroupBy::Segment(by)) => {
                self.name("group_by/segment", SEGMENT, &by.segment);
            }
            None => {}
        }
        self.max_groups(query.max_groups);
    }

    fn cohort_query(&mut self, query: &CohortQuery) {
        self.starts(&query.start, &query.returning);
        if let CohortMeasure::Sum { property } = &query.measure {
            self.name("measure/property", PROPERTY, property);
        }
        match &query.generation {
            GenerationBy::Time => {}
            GenerationBy::Property { name, .. } => {
                self.name("generation/name", PROPERTY, name);
            }
            GenerationBy::Segment { id } => self.name("generation/id", SEGMENT, id),
        }
        if query.periods > MAX_PERIODS {
            self.wrong_at(
                "periods",
                Code::OutOfRange,
                format!("Give the last period, from 0 to {MAX_PERIODS}"),
            );
        }
        if query.cumulative && query.matching == QueryMatch::OnOrAfter {
            self.wrong_at(
                "cumulative",
                Code::NotAllowed,
                "\"on_or_after\" takes the periods after a cell, cumulative those before it: give one of the two",
            );
        }
        self.range_at("during", &query.during);
        self.audience(query.audience.as_ref());
        self.max_groups(query.max_groups);
    }

    fn audience(&mut self, audience: Option<&Criterion>) {
        if let Some(audience) = audience {
            self.at("audience", |check| check.criterion(audience));
        }
    }

    fn max_groups(&mut self, max_groups: Option<u32>) {
        if max_groups.is_some_and(|most| !(1..=MAX_GROUPS).contains(&most)) {
            self.wrong_at(
                "max_groups",
                Code::OutOfRange,
                format!("Give 1 to {MAX_GROUPS} groups"),
            );
        }
    }

    fn users(&mut self, users: &UsersCriterion) {
        match (&users.ids, &users.list) {
            (Some(ids), None) => {
                if ids.len() > MAX_IDS {
                    self.wrong_at(
                        "ids",
                        Code::TooLarge,
                        format!(
                            "{}. Upload more of them as a list",
                            at_most(MAX_IDS, "user ids")
                        ),
                    );
                    return;
                }
                if !self.more_values("ids", ids.len()) {
                    return;
                }
                for (index, id) in ids.iter().enumerate() {
                    self.name(&format!("ids/{index}"), "a user", id);
                }
            }
            (None, Some(list)) => self.name("list", "a list", list),
            (Some(_), Some(_)) => {
                self.wrong_at(
                    "list",
                    Code::NotAllowed,
                    "Give either \"ids\" or \"list\", not both",
                );
            }
            (None, None) => self.wrong(Code::Empty, "Give either \"ids\" or \"list\""),
        }
    }

    fn filter(&mut self, filter: &Filter, on_events: bool) {
        self.filters += 1;
        self.deeper(|check| match filter {
            Filter::All { of } | Filter::Any { of } => {
                check.each("of", of, |check, filter| check.filter(filter, on_events));
            }
            Filter::Not { of } => check.at("of", |check| check.filter(of, on_events)),
            Filter::Segment { id } => check.name("id", SEGMENT, id),
            Filter::Property(property) => {
                if property.scope == Scope::Event && !on_events {
                    check.wrong_at(
                        "scope",
                        Code::NotAllowed,
                        "A condition on users can ask for user properties only: give \"user\", or move the condition into an event criterion",
                    );
                }
                check.property(property);
            }
        });
    }

    fn property(&mut self, property: &PropertyFilter) {
        self.name("name", PROPERTY, &property.name);
        let takes = Takes::of(property.op);
        match (&property.during, takes) {
            (Some(range), Takes::Range) => self.range_at("during", range),
            (Some(_), _) => self.wrong_at(
                "during",
                Code::NotAllowed,
                "Only in_last and not_in_last take a range",
            ),
            (None, Takes::Range) => self.wrong(
                Code::ValueCount,
                "In_last and not_in_last need a range as \"during\"",
            ),
            (None, _) => {}
        }
        let count = property.values.len();
        let wanted = match takes {
            Takes::Range | Takes::Nothing if count != 0 => Some("This operator takes no values"),
            Takes::Two if count != 2 => Some("Enter two values"),
            Takes::Some if count == 0 => Some("Choose a value"),
            _ => None,
        };
        if let Some(wanted) = wanted {
            self.wrong_at("values", Code::ValueCount, wanted);
            return;
        }
        if count > MAX_VALUES {
            self.wrong_at("values", Code::TooLarge, at_most(MAX_VALUES, "values"));
            return;
        }
        if !self.more_values("values", count) {
            return;
        }
        for (index, value) in property.values.iter().enumerate() {
            self.at(&format!("values/{index}"), |check| {
                check.value(property, value);
            });
        }
        if property.op == Operator::Between {
            self.at("values", |check| check.ordered(&property.values));
        }
        if property.ignore_case
            && !(property.op.compares_texts()
                && property
                    .values
                    .iter()
                    .all(|value| matches!(value, Value::String(_))))
        {
            self.wrong_at(
                "ignore_case",
                Code::NotAllowed,
                "Only comparisons of texts can go without regard to case",
            );
        }
    }

    fn value(&mut self, property: &PropertyFilter, value: &Value) {
        use Operator as Op;

        match value {
            Value::Number(number) => self.number(*number),
            Value::String(text) if text.chars().count() > MAX_TEXT => {
                self.wrong(Code::TooLarge, at_most(MAX_TEXT, "characters"))
            }
            _ => {}
        }
        let wanted = match (property.op, value) {
            (Op::IsNot, Value::Boolean(_)) => {
                self.wrong(
                    Code::OperatorMismatch,
                    "True and false are compared with \"is\": put it into a \"not\", or ask for the other one",
                );
                return;
            }
            (Op::Is | Op::IsNot, value) => {
                // A property has one type, so values of two types cannot all be meant.
                match property.values.first() {
                    Some(first)
                        if std::mem::discriminant(first) != std::mem::discriminant(value) =>
                    {
                        Some("values that are all texts, all numbers or all true or false")
                    }
                    _ => None,
                }
            }
            (
                Op::Contains | Op::DoesNotContain | Op::StartsWith | Op::EndsWith,
                Value::String(text),
            ) => {
                if text.is_empty() {
                    self.wrong(
                        Code::Empty,
                        "An empty text is in every text: give some characters",
                    );
                }
                None
            }
            (Op::Matches, Value::String(pattern)) => {
                self.pattern(pattern);
                None
            }
            (
                Op::Contains | Op::DoesNotContain | Op::StartsWith | Op::EndsWith | Op::Matches,
                _,
            ) => Some("texts"),
            (
                Op::GreaterThan | Op::AtLeast | Op::LessThan | Op::AtMost | Op::Between,
                Value::Number(_),
            ) => None,
            (Op::GreaterThan | Op::AtLeast | Op::LessThan | Op::AtMost, _) => Some("numbers"),
            (Op::Before | Op::After | Op::Between, Value::String(text)) if is_datetime(text) => {
                None
            }
            (Op::Before | Op::After, _) => {
                Some("instants such as 2026-11-23T14:14:00.000Z or local dates such as 2026-11-23")
            }
            (Op::Between, _) => Some(
                "two numbers, or two instants such as 2026-11-23T14:14:00.000Z or local dates such as 2026-11-23",
            ),
            (Op::InLast | Op::NotInLast | Op::IsSet | Op::IsNotSet, _) => None,
        };
        if let Some(wanted) = wanted {
            self.wrong(Code::ValueType, format!("This operator takes {wanted}"));
        }
    }

    fn more_values(&mut self, path: &str, count: usize) -> bool {
        let had = self.values;
        self.values += count;
        let mut has_room = true;
        self.at(path, |check| {
            has_room = check.has_room(had, count, check.most.values, "values and ids");
        });
        has_room
    }

    fn pattern(&mut self, pattern: &str) {
        let had = self.patterns;
        self.patterns += 1;
        if !self.has_room(had, 1, self.most.patterns, "regular expressions")
            || self.pattern_bytes > self.most.pattern_bytes
        {
            return;
        }
        match pattern_bytes(pattern) {
            Ok(bytes) => {
                let had = self.pattern_bytes;
                self.pattern_bytes += bytes;
                let what = "bytes of compiled regular expressions";
                self.has_room(had, bytes, self.most.pattern_bytes, what);
            }
            Err((code, detail)) => self.wrong(code, detail),
        }
    }

    /// Of two values the lesser one has to come first. A date and an instant can only be told apart in a time zone.
    fn ordered(&mut self, values: &[Value]) {
        let [first, second] = values else { return };
        let turned = match (first, second) {
            (Value::Number(first), Value::Number(second)) => first > second,
            (Value::String(first), Value::String(second)) => {
                match (Instant::parse(first), Instant::parse(second)) {
                    (Ok(first), Ok(second)) => first > second,
                    _ => match (local_date(first), local_date(second)) {
                        (Some(first), Some(second)) => first > second,
                        _ => false,
                    },
                }
            }
            _ => {
                self.wrong_at("1", Code::ValueType, "Both values have to be of one type");
                false
            }
        };
        if turned {
            self.wrong(Code::OutOfRange, LESSER_FIRST);
        }
    }
}

/// What an operator is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Some,
    Two,
    Range,
}

impl Takes {
    const fn of(operator: Operator) -> Self {
        match operator {
            Operator::IsSet | Operator::IsNotSet => Self::Nothing,
            Operator::InLast | Operator::NotInLast => Self::Range,
            Operator::Between => Self::Two,
            _ => Self::Some,
        }
    }
}

/// A whole number with its digits grouped: `1,000`.
fn grouped(number: impl ToString) -> String {
    group_digits(&number.to_string())
}

fn at_most(most: usize, what: &str) -> String {
    format!("Enter at most {} {what}", grouped(most))
}

/// What is wrong with a path through these steps, with the end of the JSON pointer of where.
pub(crate) fn wrong_path(path: &[u32], steps: &[Step]) -> Option<(String, Code, String)> {
    if path.is_empty() {
        let detail = "Give the steps that were taken: the first one is 1".to_owned();
        return Some((String::new(), Code::Empty, detail));
    }
    let count = steps.len();
    let mut before = 0;
    for (place, step) in path.iter().enumerate() {
        let step = usize::try_from(*step).unwrap_or(usize::MAX);
        let mut passed = steps
            .iter()
            .zip(1..)
            .take(step.saturating_sub(1))
            .skip(before);
        let detail = if before == count {
            format!("Step {count} is the last one: leave out what follows it")
        } else if step <= before || step > count {
            format!("Steps ascend: give one from {} to {count}", before + 1)
        } else if let Some((_, required)) = passed.find(|(step, _)| !step.optional) {
            format!("Step {required} is not optional, so no path leaves it out")
        } else {
            before = step;
            continue;
        };
        return Some((format!("/{place}"), Code::OutOfRange, detail));
    }
    None
}

/// How large a regular expression is once it is compiled, with what it keeps of each group while it searches; or what is
/// wrong with it.
fn pattern_bytes(pattern: &str) -> Result<usize, (Code, String)> {
    let wrong = |detail| Err((Code::InvalidPattern, detail));
    if pattern.is_empty() {
        return wrong("An empty expression matches every text: give some characters".to_owned());
    }
    if let Some(detail) = not_in_re2(pattern) {
        return wrong(detail);
    }
    // The compiler tells no size, but stops at one. What is too large stops early, so that all tries together cost little
    // more than the last.
    let compiled = |pattern: &str, bytes: usize| {
        regex_lite::RegexBuilder::new(pattern)
            .size_limit(bytes)
            .build()
    };
    let too_large = compiled("a", 0).err();
    let mut bytes = SMALLEST_PATTERN;
    while bytes <= MAX_PATTERN_BYTES {
        match compiled(pattern, bytes) {
            Ok(regex) => {
                bytes = bytes.saturating_mul(regex.captures_len());
                if bytes <= MAX_PATTERN_BYTES {
                    return Ok(bytes);
                }
            }
            Err(error) if Some(&error) != too_large.as_ref() => {
                return wrong(format!(
                    "This is no regular expression that every engine reads: {error}"
                ));
            }
            Err(_) => bytes *= 2,
        }
    }
    Err((
        Code::TooLarge,
        format!(
            "This takes more than {MAX_PATTERN_BYTES} bytes once it is compiled: repeat less, or use fewer groups"
        ),
    ))
}

/// What regex-lite reads but RE2 does not, or reads otherwise.
fn not_in_re2(pattern: &str) -> Option<String> {
    let mut in_class = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match (characters.next(), characters.peek()) {
                (Some(escaped @ ('<' | '>' | 'u' | 'U')), _) => {
                    return Some(format!("\\{escaped} is not known to every engine"));
                }
                (Some('b'), Some('{')) => {
                    return Some("\\b{…} is not known to every engine: use \\b".to_owned());
                }
                _ => {}
            },
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && characters.peek() == Some(&'?') => {
                characters.next();
                while let Some(flag) =
                    characters.next_if(|next| next.is_alphabetic() || *next == '-')
                {
                    match flag {
                        'i' | 'm' | 's' | 'U' | '-' => {}
                        'P' => break,
                        other => {
                            return Some(format!(
                                "The flag \"{other}\" is not known to every engine: i, m, s and U are"
                            ));
                        }
                    }
                }
            }
            '{' if !in_class => {
                let mut inside = String::new();
                while let Some(next) = characters.next_if(|next| *next != '}') {
                    inside.push(next);
                }
                let mut bounds = inside.split(',').map(str::trim);
                if bounds.next().is_some_and(str::is_empty) {
                    return Some(
                        "A repetition needs its least number: {0,3}; a brace itself is \\{"
                            .to_owned(),
                    );
                }
                if inside.contains(char::is_whitespace)
                    || inside
                        .split(',')
                        .filter_map(|bound| bound.parse::<u64>().ok())
                        .any(|bound| bound > u64::from(MAX_REPETITION))
                {
                    return Some(format!(
                        "Something may be repeated {MAX_REPETITION} times at most, and there is no white space in {{…}}"
                    ));
                }
            }
            _ => {}
        }
    }
    None
}
