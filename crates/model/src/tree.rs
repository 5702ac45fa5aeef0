//! The tree that a definition is: walking it, and what it is made of.

use std::collections::BTreeSet;

use crate::filter::Scope;
use crate::measure::{Aggregate, Measure};
use crate::range::WindowUnit;
use crate::{Criterion, Filter, Instant, Range};

/// A part of a definition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part<'definition> {
    /// A criterion.
    Criterion(&'definition Criterion),
    /// A filter.
    Filter(&'definition Filter),
    /// The name of an event; none: any event.
    Event(Option<&'definition str>),
    /// A range.
    Range(&'definition Range),
}

/// Goes through a definition from the root on, telling each part with its JSON pointer into the definition: a parent comes
/// before its children, siblings come in order.
pub fn walk<'definition>(
    definition: &'definition Criterion,
    visit: &mut dyn FnMut(&str, Part<'definition>),
) {
    let mut pointer = String::new();
    Walk {
        pointer: &mut pointer,
        visit,
    }
    .criterion(definition);
}

/// The ids of the segments that a definition refers to, itself or in a filter, in order.
#[must_use]
pub fn dependencies(definition: &Criterion) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    walk(definition, &mut |_, part| match part {
        Part::Criterion(Criterion::Segment(segment)) => {
            ids.insert(segment.id.clone());
        }
        Part::Filter(Filter::Segment { id }) => {
            ids.insert(id.clone());
        }
        _ => {}
    });
    ids
}

/// The types of criteria that a definition uses, as in its JSON, in order: `all`, `event`, …
#[must_use]
pub fn criterion_types(definition: &Criterion) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    walk(definition, &mut |_, part| {
        if let Part::Criterion(criterion) = part {
            types.insert(criterion.type_name());
        }
    });
    types
}

/// Whether a definition keeps its members as time goes on after `as_of`.
///
/// That is so if all of its ranges lie in the past for good, nothing in it depends on later events, on the users' properties
/// or on another segment, and users who come later are not in it for want of events. Where the time zone matters (for the
/// last day of a range) it says no until the day has ended everywhere.
#[must_use]
pub fn never_changes(definition: &Criterion, as_of: Instant) -> bool {
    let mut fixed = true;
    walk(definition, &mut |_, part| {
        fixed &= match part {
            Part::Criterion(criterion) => match criterion {
                // A later event can be the step or the return that was missing.
                Criterion::Sequence(_) | Criterion::Cohort(_) => false,
                Criterion::Event(event) => event.did.is_empty(),
                Criterion::Segment(segment) => segment.as_of.is_some(),
                _ => true,
            },
            Part::Filter(Filter::Segment { .. }) => false,
            Part::Filter(Filter::Property(property)) => property.scope == Scope::Event,
            Part::Filter(_) | Part::Event(_) => true,
            Part::Range(range) => is_past(range, as_of),
        };
    });
    fixed && !holds_without_events(definition)
}

fn is_past(range: &Range, as_of: Instant) -> bool {
    match range {
        Range::Instants { end, .. } => *end <= as_of,
        Range::Between { to, .. } => {
            // The last place on Earth where a day ends is twelve hours behind UTC.
            to.and_time(chrono::NaiveTime::MIN)
                .and_utc()
                .timestamp_millis()
                .saturating_add(WindowUnit::Day.millis() + 12 * WindowUnit::Hour.millis())
                <= as_of.millis()
        }
        Range::AllTime {}
        | Range::Last { .. }
        | Range::This { .. }
        | Range::Since { .. }
        | Range::Ago { .. } => false,
    }
}

/// Whether a user without an event meets a criterion.
fn holds_without_events(criterion: &Criterion) -> bool {
    match criterion {
        Criterion::All { of } => of.iter().all(holds_without_events),
        Criterion::Any { of } => of.iter().any(holds_without_events),
        Criterion::Not { of } => !holds_without_events(of),
        Criterion::Event(event) => match event.measure {
            Measure::Count
            | Measure::DistinctDays
            | Measure::Of {
                aggregate: Aggregate::Sum | Aggregate::Distinct,
                ..
            } => event.compare.holds(0.0),
            Measure::Of { .. } => false,
        },
        _ => false,
    }
}

impl Criterion {
    /// The criterion's type, as in its JSON.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::All { .. } => "all",
            Self::Any { .. } => "any",
            Self::Not { .. } => "not",
            Self::Event(_) => "event",
            Self::FirstEvent(_) => "first_event",
            Self::User { .. } => "user",
            Self::Sequence(_) => "sequence",
            Self::Cohort(_) => "cohort",
            Self::Segment(_) => "segment",
            Self::Users(_) => "users",
        }
    }
}

struct Walk<'walk, 'definition> {
    pointer: &'walk mut String,
    visit: &'walk mut dyn FnMut(&str, Part<'definition>),
}

impl<'definition> Walk<'_, 'definition> {
    fn tell(&mut self, part: Part<'definition>) {
        (self.visit)(self.pointer, part);
    }

    fn at(&mut self, path: &str, go: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(path);
        go(self);
        self.pointer.truncate(length);
    }

    fn each<T>(
        &mut self,
        path: &str,
        items: &'definition [T],
        go: impl Fn(&mut Self, &'definition T),
    ) {
        for (index, item) in items.iter().enumerate() {
            self.at(&format!("{path}/{index}"), |walk| go(walk, item));
        }
    }

    fn occurrence(
        &mut self,
        event: Option<&'definition String>,
        filter: Option<&'definition Filter>,
    ) {
        self.at("event", |walk| {
            walk.tell(Part::Event(event.map(String::as_str)));
        });
        if let Some(filter) = filter {
            self.at("where", |walk| walk.filter(filter));
        }
    }

    fn range(&mut self, path: &str, range: &'definition Range) {
        self.at(path, |walk| walk.tell(Part::Range(range)));
    }

    fn did(&mut self, did: &'definition [crate::criterion::Did]) {
        self.each("did", did, |walk, did| {
            walk.occurrence(did.event.as_ref(), did.filter.as_ref());
        });
    }

    fn criterion(&mut self, criterion: &'definition Criterion) {
        self.tell(Part::Criterion(criterion));
        match criterion {
            Criterion::All { of } | Criterion::Any { of } => self.each("of", of, Self::criterion),
            Criterion::Not { of } => self.at("of", |walk| walk.criterion(of)),
            Criterion::Event(event) => {
                self.occurrence(event.event.as_ref(), event.filter.as_ref());
                self.did(&event.did);
                self.range("during", &event.during);
            }
            Criterion::FirstEvent(first) => {
                self.occurrence(first.event.as_ref(), first.filter.as_ref());
                self.range("during", &first.during);
            }
            Criterion::User { filter } => self.at("where", |walk| walk.filter(filter)),
            Criterion::Sequence(sequence) => {
                self.each("steps", &sequence.steps, |walk, step| {
                    walk.occurrence(step.event.as_ref(), step.filter.as_ref());
                    walk.did(&step.did);
                });
                self.each("exclude", &sequence.exclude, |walk, exclusion| {
                    walk.occurrence(exclusion.event.as_ref(), exclusion.filter.as_ref());
                });
                self.range("during", &sequence.during);
            }
            Criterion::Cohort(cohort) => {
                self.each("start", &cohort.start, |walk, start| {
                    walk.occurrence(start.event.as_ref(), start.filter.as_ref());
                });
                self.at("return", |walk| {
                    walk.occurrence(
                        cohort.returning.event.as_ref(),
                        cohort.returning.filter.as_ref(),
                    );
                });
                self.range("started", &cohort.started);
            }
            Criterion::Segment(_) | Criterion::Users(_) => {}
        }
    }

    fn filter(&mut self, filter: &'definition Filter) {
        self.tell(Part::Filter(filter));
        match filter {
            Filter::All { of } | Filter::Any { of } => self.each("of", of, Self::filter),
            Filter::Not { of } => self.at("of", |walk| walk.filter(of)),
            Filter::Property(property) => {
                if let Some(during) = &property.during {
                    self.range("during", during);
                }
            }
            Filter::Segment { .. } => {}
        }
    }
}
