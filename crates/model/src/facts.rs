//! What can be said of a definition without any data.

use std::collections::BTreeSet;

use crate::filter::Scope;
use crate::measure::{Aggregate, Measure};
use crate::range::WindowUnit;
use crate::walk::{Part, walk};
use crate::{Criterion, Filter, Instant, Range};

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
            Part::Filter { filter, .. } => match filter {
                Filter::Segment { .. } => false,
                Filter::Property(property) => {
                    property.scope == Scope::Event
                        && property
                            .during
                            .as_ref()
                            .is_none_or(|range| is_past(range, as_of))
                }
                Filter::All { .. } | Filter::Any { .. } | Filter::Not { .. } => true,
            },
            Part::Event(_) | Part::Segment(_) => true,
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
