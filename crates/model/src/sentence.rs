//! Definitions in plain words: "users who performed Order Completed at least 3 times in the last 30 days".
//!
//! Every definition has a sentence. Two that mean different things read differently, as far as the names in them differ:
//! groups inside of groups stand in brackets, texts in quotation marks. What does not matter is left out, such as the return
//! of a cohort's starters, and of many listed users only the first are named.
//!
//! A sentence comes as [`Span`]s, so that a page can set its parts apart, or as plain text.

mod names;
mod ranges;

use std::fmt::Write as _;

pub use names::{ALL_USERS, Formats, audience, breakdown, selection_name};
pub use ranges::{bounds, range_days, range_title};

use chrono::{Datelike, NaiveDate, Timelike};

use crate::criterion::{
    Behaviour, CohortCriterion, CohortMatch, CohortOutcome, CohortUnit, Did, EventCriterion, Order,
    SequenceCriterion, UsersCriterion, When, WithinOf,
};
use crate::filter::{Operator, PropertyFilter, Scope};
use crate::measure::{Aggregate, Compare, Measure};
use crate::range::{Ago, Window};
use crate::value::local_date;
use crate::{Criterion, Filter, Instant, Range, Value};

/// How many listed users are named.
const NAMED_USERS: usize = 20;

/// What every sentence starts with.
const USERS: &str = "users ";

/// What a segment's id is called; none where nobody knows it.
pub type Names<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its text, with the spaces that belong there.
    pub text: String,
    /// What it is.
    pub role: Role,
}

/// What a part of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Words between the others.
    Words,
    /// An event's name.
    Event,
    /// A property's name.
    Property,
    /// A value that is compared with.
    Value,
    /// How often or how much.
    Figure,
    /// A range or a length of time.
    Time,
    /// A segment's name.
    Segment,
    /// Users by their ids.
    Users,
}

/// Who belongs to it, in words that follow "This segment will contain ": `users who …`, without a full stop.
#[must_use]
pub fn sentence(definition: &Criterion, names: &Names<'_>) -> String {
    plain(&spans(definition, names))
}

/// What [`sentence`] says, in parts.
#[must_use]
pub fn spans(definition: &Criterion, names: &Names<'_>) -> Vec<Span> {
    let mut writer = Writer::new(names);
    writer.words(USERS);
    writer.criterion(definition);
    writer.spans
}

/// One criterion on its own, as a row of the composer shows it: `who …`.
#[must_use]
pub fn criterion_spans(criterion: &Criterion, names: &Names<'_>) -> Vec<Span> {
    let mut writer = Writer::new(names);
    writer.criterion(criterion);
    writer.spans
}

/// One filter on its own: `country is “Germany” or “Austria”`.
#[must_use]
pub fn filter_spans(filter: &Filter, names: &Names<'_>) -> Vec<Span> {
    let mut writer = Writer::new(names);
    writer.filter(filter);
    writer.spans
}

/// The plain text of a sentence.
#[must_use]
pub fn plain(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

/// A range in words: `in the last 30 days`.
#[must_use]
pub fn range(range: &Range) -> String {
    match *range {
        Range::AllTime {} => "at any time".to_owned(),
        Range::Last {
            count,
            unit,
            complete,
        } => {
            let complete = if complete { "complete " } else { "" };
            let plural = if count == 1 { "" } else { "s" };
            format!(
                "in the last {} {complete}{}{plural}",
                whole(count),
                unit.word()
            )
        }
        Range::This {
            unit: crate::range::CalendarUnit::Day,
        } => "today".to_owned(),
        Range::This { unit } => format!("this {}", unit.word()),
        Range::Between { from, to } if from == to => format!("on {}", date(from)),
        Range::Between { from, to } => format!("between {} and {}", date(from), date(to)),
        Range::Since { from } => format!("since {}", date(from)),
        Range::Ago { from, to } if from.unit == to.unit => {
            format!("from {} to {} ago", whole(from.count), units(to))
        }
        Range::Ago { from, to } => format!("from {} ago to {} ago", units(from), units(to)),
        Range::Instants { start, end } if start == Instant::MIN => {
            format!("before {}", instant(end))
        }
        Range::Instants { start, end } => {
            format!("from {} until {}", instant(start), instant(end))
        }
    }
}

/// A comparison in words: `at least 3`.
#[must_use]
pub fn compare(compare: Compare) -> String {
    match compare {
        Compare::AtLeast(value) => format!("at least {}", number(value)),
        Compare::AtMost(value) => format!("at most {}", number(value)),
        Compare::Exactly(value) => format!("exactly {}", number(value)),
        Compare::MoreThan(value) => format!("more than {}", number(value)),
        Compare::LessThan(value) => format!("less than {}", number(value)),
        Compare::Between(least, most) => format!("between {} and {}", number(least), number(most)),
    }
}

/// How often in words: `at least 3 times`.
#[must_use]
pub fn times(often: Compare) -> String {
    match (often, is_one(often)) {
        (Compare::Between(..), true) => format!("{} time", compare(often)),
        (_, true) => compare(often).replace('1', "once"),
        _ => format!("{} times", compare(often)),
    }
}

/// On how many days in words: `on at least 3 different days`.
#[must_use]
pub fn days(many: Compare) -> String {
    let days = if is_one(many) { "day" } else { "days" };
    format!("on {} different {days}", compare(many))
}

/// On which side of an occurrence and how far from it in words: `after it within 7 days`.
#[must_use]
pub fn side(when: When, within: Option<Window>) -> String {
    let side = match when {
        When::Before => "before it",
        When::After => "after it",
    };
    within.map_or_else(
        || side.to_owned(),
        |within| format!("{side} within {}", window(within)),
    )
}

/// A length of time in words: `7 days`.
#[must_use]
pub fn window(window: Window) -> String {
    let plural = if window.count == 1 { "" } else { "s" };
    format!("{} {}{plural}", whole(window.count), window.unit.word())
}

/// A number in words: `1,250.5`.
#[must_use]
pub fn number(number: f64) -> String {
    let text = number.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let mut grouped = String::from(sign) + &group_digits(whole);
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// A text with a capital at its beginning, to stand for itself.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    first.map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The number of a criterion by its places in the groups around it, the outermost first and each counted from 0: 2 for the second
/// of the outermost group, 2b for the second in that, 2b1, … Empty for the definition itself.
#[must_use]
pub fn criterion_number(places: impl IntoIterator<Item = usize>) -> String {
    let own = |(level, place): (usize, usize)| {
        if level.is_multiple_of(2) {
            (place + 1).to_string()
        } else {
            lower_letters(place)
        }
    };
    places.into_iter().enumerate().map(own).collect()
}

/// a, b, …, z, aa, ab, …
fn lower_letters(place: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => letter.to_string(),
        more => lower_letters(more - 1) + &letter.to_string(),
    }
}

/// Digits grouped in threes: `1,250`.
#[must_use]
pub fn group_digits(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A date in words: `1 May 2026`.
#[must_use]
pub fn date(date: NaiveDate) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = MONTHS.get(date.month0() as usize).copied().unwrap_or("");
    format!("{} {month} {}", date.day(), date.year())
}

/// An instant in words: `1 May 2026 14:05 UTC`.
#[must_use]
pub fn instant(instant: Instant) -> String {
    let time = instant.to_utc().naive_utc();
    let mut clock = format!("{:02}:{:02}", time.hour(), time.minute());
    let millis = instant.millis().rem_euclid(1_000);
    // Writing into a String cannot fail.
    let _ = match (time.second(), millis) {
        (0, 0) => Ok(()),
        (second, 0) => write!(clock, ":{second:02}"),
        (second, millis) => write!(clock, ":{second:02}.{millis:03}"),
    };
    format!("{} {clock} UTC", date(time.date()))
}

fn whole(count: u32) -> String {
    number(count.into())
}

fn units(ago: Ago) -> String {
    let plural = if ago.count == 1 { "" } else { "s" };
    format!("{} {}{plural}", whole(ago.count), ago.unit.word())
}

fn quoted(text: &str) -> String {
    format!("“{text}”")
}

struct Writer<'a> {
    spans: Vec<Span>,
    names: &'a Names<'a>,
}

impl<'a> Writer<'a> {
    fn new(names: &'a Names<'a>) -> Self {
        Self {
            spans: Vec::new(),
            names,
        }
    }

    fn span(&mut self, role: Role, text: impl Into<String>) {
        let text = text.into();
        match self.spans.last_mut() {
            Some(last) if last.role == Role::Words && role == Role::Words => {
                last.text.push_str(&text);
            }
            _ => self.spans.push(Span { text, role }),
        }
    }

    fn words(&mut self, text: &str) {
        self.span(Role::Words, text);
    }

    /// Several things one after the other: `A, B and C`.
    fn joined<T>(&mut self, items: &[T], word: &str, mut write: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 && index + 1 == items.len() {
                self.words(&format!(" {word} "));
            } else if index > 0 {
                self.words(", ");
            }
            write(self, item);
        }
    }

    fn criterion(&mut self, criterion: &Criterion) {
        match criterion {
            Criterion::All { of } => self.group(of, "and", "who are in the project"),
            Criterion::Any { of } => self.group(of, "or", "who meet one of no conditions"),
            Criterion::Not { of } => self.not(of),
            _ => self.single(criterion, false),
        }
    }

    fn group(&mut self, of: &[Criterion], word: &str, none: &str) {
        match of {
            [] => self.words(none),
            [only] => self.criterion(only),
            several => self.joined(several, word, Self::bracketed),
        }
    }

    /// A criterion as one of several, or under "not": a group of several stands in brackets.
    fn bracketed(&mut self, criterion: &Criterion) {
        match criterion {
            Criterion::All { of } | Criterion::Any { of } => match of.as_slice() {
                [] => self.criterion(criterion),
                [only] => self.bracketed(only),
                _ => {
                    if self.spans.len() == 1 && self.spans.iter().all(|span| span.text == USERS) {
                        self.words("who are those ");
                    }
                    self.words("(");
                    self.criterion(criterion);
                    self.words(")");
                }
            },
            _ => self.criterion(criterion),
        }
    }

    fn not(&mut self, of: &Criterion) {
        match of {
            Criterion::All { of } | Criterion::Any { of } if of.len() == 1 => {
                for only in of {
                    self.not(only);
                }
            }
            Criterion::All { .. }
            | Criterion::Any { .. }
            | Criterion::Not { .. }
            | Criterion::User { .. }
            | Criterion::Cohort(_) => {
                self.words("who are not among those ");
                self.bracketed(of);
            }
            _ => self.single(of, true),
        }
    }

    /// A criterion that is no group, or that it is not met.
    fn single(&mut self, criterion: &Criterion, not: bool) {
        let pick = |yes: &'static str, no: &'static str| if not { no } else { yes };
        match criterion {
            Criterion::All { .. } | Criterion::Any { .. } | Criterion::Not { .. } => {
                self.criterion(criterion);
            }
            Criterion::Event(event) => self.event_criterion(event, not),
            Criterion::FirstEvent(first) => {
                self.words(pick("who performed ", "who did not perform "));
                self.occurrence(first.event.as_ref(), first.filter.as_ref(), &[]);
                self.words(" for the first time ever ");
                self.during(&first.during);
            }
            Criterion::User { filter } => {
                match filter {
                    Filter::Property(property) if property.scope == Scope::User => {
                        self.words("whose ");
                        self.span(Role::Property, &property.name);
                        self.comparison(property);
                    }
                    _ => {
                        self.words("who fit: ");
                        self.bracketed_filter(filter);
                    }
                };
            }
            Criterion::Sequence(sequence) => self.sequence(sequence, not),
            Criterion::Cohort(cohort) => self.cohort(cohort),
            Criterion::Segment(segment) => {
                self.words(pick("who are in ", "who are not in "));
                self.segment(&segment.id);
                if let Some(as_of) = segment.as_of {
                    self.words(" as of ");
                    self.span(Role::Time, instant(as_of));
                }
            }
            Criterion::Users(users) => {
                self.words(pick("who are ", "who are not "));
                self.users(users);
            }
        }
    }

    fn event_criterion(&mut self, event: &EventCriterion, not: bool) {
        let often = match &event.measure {
            Measure::Count if event.compare == Compare::default() => None,
            Measure::Count => Some(times(event.compare)),
            Measure::DistinctDays => Some(days(event.compare)),
            Measure::Of {
                aggregate,
                property,
            } => {
                self.words(if not { "who do not have " } else { "who have " });
                if *aggregate == Aggregate::Distinct {
                    self.span(Role::Figure, compare(event.compare));
                    self.words(" different values of ");
                    self.span(Role::Property, property);
                } else {
                    self.words(match aggregate {
                        Aggregate::Sum | Aggregate::Distinct => "a sum of ",
                        Aggregate::Average => "an average ",
                        Aggregate::Median => "a median ",
                        Aggregate::Min => "a least ",
                        Aggregate::Max => "a greatest ",
                    });
                    self.span(Role::Property, property);
                    self.words(" of ");
                    self.span(Role::Figure, compare(event.compare));
                }
                self.words(" over ");
                self.occurrence(event.event.as_ref(), event.filter.as_ref(), &event.did);
                self.words(" ");
                self.during(&event.during);
                return;
            }
        };
        self.words(if not {
            "who did not perform "
        } else {
            "who performed "
        });
        self.occurrence(event.event.as_ref(), event.filter.as_ref(), &event.did);
        if let Some(often) = often {
            self.words(" ");
            self.span(Role::Figure, often);
        }
        self.words(" ");
        self.during(&event.during);
    }

    fn event(&mut self, event: Option<&String>) {
        match event {
            Some(event) => self.span(Role::Event, event),
            None => self.words("any event"),
        }
    }

    /// An event with what its occurrences have to meet in brackets.
    fn occurrence(&mut self, event: Option<&String>, filter: Option<&Filter>, did: &[Did]) {
        self.event(event);
        if filter.is_none() && did.is_empty() {
            return;
        }
        self.words(" (");
        if let Some(filter) = filter {
            self.words("where ");
            self.filter(filter);
        }
        for (index, did) in did.iter().enumerate() {
            if index > 0 || filter.is_some() {
                self.words("; ");
            }
            self.did(did);
        }
        self.words(")");
    }

    fn did(&mut self, did: &Did) {
        if !did.performed {
            self.words("not ");
        }
        self.words(match did.when {
            When::Before => "preceded ",
            When::After => "followed ",
        });
        if did.compare != Compare::default() {
            self.span(Role::Figure, times(did.compare));
            self.words(" ");
        }
        self.words("by ");
        self.occurrence(did.event.as_ref(), did.filter.as_ref(), &[]);
        if let Some(within) = did.within {
            self.words(" within ");
            self.span(Role::Time, window(within));
        }
    }

    fn during(&mut self, during: &Range) {
        self.span(Role::Time, range(during));
    }

    fn segment(&mut self, id: &str) {
        match (self.names)(id) {
            Some(name) => {
                self.words("the segment ");
                self.span(Role::Segment, quoted(&name));
            }
            None => {
                self.words("the segment with the id ");
                self.span(Role::Segment, quoted(id));
            }
        }
    }

    fn users(&mut self, users: &UsersCriterion) {
        if let Some(list) = &users.list {
            self.words("in the uploaded list ");
            self.span(Role::Users, quoted(list));
        }
        match users.ids.as_deref() {
            None => {}
            Some([]) => self.words("one of no users"),
            Some([only]) => {
                self.words("the user ");
                self.span(Role::Users, quoted(only));
            }
            Some(ids) => {
                self.words("one of the users ");
                let named: Vec<String> =
                    ids.iter().take(NAMED_USERS).map(|id| quoted(id)).collect();
                self.span(Role::Users, named.join(", "));
                if ids.len() > named.len() {
                    self.words(&format!(" and {} more", ids.len() - named.len()));
                }
            }
        }
    }

    fn sequence(&mut self, sequence: &SequenceCriterion, not: bool) {
        let path = sequence.path.as_deref();
        // A path names the optional steps itself, so its last required one says how far it goes.
        let reached = (1..)
            .zip(&sequence.steps)
            .take_while(|(number, _)| *number <= sequence.reached)
            .filter(|(_, step)| path.is_some() && !step.optional)
            .last()
            .map_or(sequence.reached, |(number, _)| number);
        let stop = sequence.stop();
        let whole = stop.is_none()
            && (path.is_some() || usize::try_from(reached) == Ok(sequence.steps.len()));
        if whole {
            self.words(if not {
                "who did not complete the sequence "
            } else {
                "who completed the sequence "
            });
        } else {
            self.words(if not {
                "who did not reach "
            } else {
                "who reached "
            });
            self.span(Role::Figure, format!("step {reached}"));
            if let Some(stop) = stop {
                self.words(" but not ");
                self.span(Role::Figure, format!("step {stop}"));
            }
            self.words(" of the sequence ");
        }
        for ((index, step), number) in sequence.steps.iter().enumerate().zip(1..) {
            let by_way = path
                .filter(|_| step.optional && stop.is_none_or(|stop| number < stop))
                .map(|path| path.contains(&number));
            if index > 0 {
                self.words(match sequence.order {
                    Order::Any if index + 1 == sequence.steps.len() => " and ",
                    Order::Any => ", ",
                    Order::Sequential | Order::Strict if by_way.is_some() => ", ",
                    Order::Sequential | Order::Strict => ", then ",
                });
            }
            self.words(match by_way {
                Some(true) => "by way of ",
                Some(false) => "not by way of ",
                None if step.optional => "optionally ",
                None => "",
            });
            self.occurrence(step.event.as_ref(), step.filter.as_ref(), &step.did);
        }
        self.words(" (");
        self.words(match sequence.order {
            Order::Sequential => "",
            Order::Strict => "with nothing in between, ",
            Order::Any => "in any order, ",
        });
        if let Some(within) = sequence.within {
            self.words("within ");
            self.span(Role::Time, window(within.window()));
            self.words(match within.of {
                WithinOf::Funnel => " of the first step, ",
                WithinOf::Step => " of the step before, ",
            });
        }
        for exclusion in &sequence.exclude {
            self.words("without ");
            self.occurrence(exclusion.event.as_ref(), exclusion.filter.as_ref(), &[]);
            self.words(&format!(
                " between steps {} and {}, ",
                exclusion.from, exclusion.to
            ));
        }
        self.words("starting ");
        self.during(&sequence.during);
        self.words(")");
    }

    fn cohort(&mut self, cohort: &CohortCriterion) {
        let unit = cohort.unit.unit().word();
        let on = if matches!(cohort.unit, CohortUnit::Day) {
            "on"
        } else {
            "in"
        };
        self.words("who started with ");
        for (index, start) in cohort.start.iter().enumerate() {
            if index > 0 {
                self.words(" and then ");
            }
            self.behaviour(start);
        }
        if cohort.first_time {
            self.words(" for the first time ever");
        }
        self.words(" ");
        self.during(&cohort.started);
        if let Some(generation) = cohort.generation {
            self.words(&format!(" ({on} the {unit} that began "));
            self.span(Role::Time, instant(generation));
        }
        if let Some(filter) = &cohort.generation_where {
            self.words(match cohort.generation {
                Some(_) => ", with a start where ",
                None => " (with a start where ",
            });
            self.filter(filter);
        }
        if cohort.generation.is_some() || cohort.generation_where.is_some() {
            self.words(")");
        }
        self.words(match cohort.outcome {
            CohortOutcome::Started => return,
            CohortOutcome::Returned => " and came back with ",
            CohortOutcome::NotReturned => " and did not come back with ",
        });
        self.behaviour(&cohort.returning);
        let place = match cohort.period {
            None => String::new(),
            Some(0) => format!("the same {unit}"),
            Some(period) => format!("{unit} {}", whole(period)),
        };
        let period = match (cohort.period, cohort.matching) {
            (None, _) => "at any later time".to_owned(),
            (Some(_), CohortMatch::On) => format!("{on} {place}"),
            (Some(_), CohortMatch::OnOrBefore) => format!("up to {place}"),
            (Some(_), CohortMatch::OnOrAfter) => format!("{on} {place} or later"),
        };
        self.words(" ");
        self.span(Role::Time, period);
    }

    fn behaviour(&mut self, behaviour: &Behaviour) {
        self.occurrence(behaviour.event.as_ref(), behaviour.filter.as_ref(), &[]);
    }

    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::All { of } => self.filters(of, "and", "nothing is asked for"),
            Filter::Any { of } => self.filters(of, "or", "one of no conditions holds"),
            Filter::Not { of } => {
                self.words("not (");
                self.filter(of);
                self.words(")");
            }
            Filter::Segment { id } => {
                self.words("the user is in ");
                self.segment(id);
            }
            Filter::Property(property) => {
                if property.scope == Scope::User {
                    self.words("the user’s ");
                }
                self.span(Role::Property, &property.name);
                self.comparison(property);
            }
        }
    }

    fn filters(&mut self, of: &[Filter], word: &str, none: &str) {
        match of {
            [] => self.words(none),
            [only] => self.filter(only),
            several => self.joined(several, word, Self::bracketed_filter),
        }
    }

    fn bracketed_filter(&mut self, filter: &Filter) {
        match filter {
            Filter::All { of } | Filter::Any { of } => match of.as_slice() {
                [] => self.filter(filter),
                [only] => self.bracketed_filter(only),
                _ => {
                    self.words("(");
                    self.filter(filter);
                    self.words(")");
                }
            },
            _ => self.filter(filter),
        }
    }

    /// What a property's name is followed by.
    fn comparison(&mut self, property: &PropertyFilter) {
        if let (Operator::Between, [first @ Value::String(_), second]) =
            (property.op, property.values.as_slice())
            && first == second
        {
            // The day or instant itself; texts stand in quotation marks.
            self.words(" is ");
            self.value(first, true);
            return;
        }
        let several = property.values.len() > 1;
        // The word of the operator, and the one between its values; none: a list after "none of".
        let (operator, between) = match property.op {
            Operator::Is => (" is ", Some("or")),
            Operator::IsNot if several => (" is none of ", None),
            Operator::IsNot => (" is not ", None),
            Operator::Contains => (" contains ", Some("or")),
            Operator::DoesNotContain if several => (" contains none of ", None),
            Operator::DoesNotContain => (" does not contain ", None),
            Operator::StartsWith => (" starts with ", Some("or")),
            Operator::EndsWith => (" ends with ", Some("or")),
            Operator::Matches => (" matches ", Some("or")),
            Operator::GreaterThan => (" is greater than ", Some("or")),
            Operator::AtLeast => (" is at least ", Some("or")),
            Operator::LessThan => (" is less than ", Some("or")),
            Operator::AtMost => (" is at most ", Some("or")),
            Operator::Between => (" is between ", Some("and")),
            Operator::Before => (" is before ", Some("or")),
            Operator::After => (" is after ", Some("or")),
            Operator::InLast => (" lies ", None),
            Operator::NotInLast => (" does not lie ", None),
            Operator::IsSet => (" is set", None),
            Operator::IsNotSet => (" is not set", None),
        };
        self.words(operator);
        if matches!(property.op, Operator::InLast | Operator::NotInLast)
            && let Some(during) = &property.during
        {
            self.during(during);
        }
        let as_time = matches!(
            property.op,
            Operator::Before | Operator::After | Operator::Between
        );
        match between {
            Some(word) => self.joined(&property.values, word, |writer, value| {
                writer.value(value, as_time);
            }),
            None => {
                for (index, value) in property.values.iter().enumerate() {
                    if index > 0 {
                        self.words(", ");
                    }
                    self.value(value, as_time);
                }
            }
        }
        if property.ignore_case {
            self.words(" in upper or lower case");
        }
    }

    fn value(&mut self, value: &Value, as_time: bool) {
        let text = match value {
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Number(value) => number(*value),
            Value::String(text) if as_time => match (local_date(text), Instant::parse(text)) {
                (Some(day), _) => date(day),
                (None, Ok(time)) => instant(time),
                (None, Err(_)) => quoted(text),
            },
            Value::String(text) => quoted(text),
        };
        self.span(Role::Value, text);
    }
}

/// Whether the last number of a comparison is 1, which what is counted agrees with.
fn is_one(compare: Compare) -> bool {
    let (Compare::AtLeast(value)
    | Compare::AtMost(value)
    | Compare::Exactly(value)
    | Compare::MoreThan(value)
    | Compare::LessThan(value)
    | Compare::Between(_, value)) = compare;
    value == 1.0
}
