//! What was found of a user for a criterion.

use roaring::RoaringBitmap;
use segments_model::calendar::Zone;
use segments_model::criterion::{CohortCriterion, CohortMatch};
use segments_model::explain::{DecidingEvent, Found, FoundCondition, MAX_EVENTS};
use segments_model::filter::Scope;
use segments_model::{Criterion, Filter, Instant, Value};

use crate::cohort::{Returning, Start, Starting};
use crate::plan::{Condition, Events, Kind, Part};
use crate::source::Row;
use crate::store::{Store, value};
use crate::{scan, sequence};

/// One user, and what is known of the parts of a definition as of an instant.
pub(super) struct One<'e> {
    pub(super) store: &'e Store,
    pub(super) user: u32,
    pub(super) as_of: Instant,
    pub(super) zone: &'e Zone,
    pub(super) results: &'e [RoaringBitmap],
    /// Whether the criterion or the condition on users at a pointer holds.
    pub(super) holds: &'e dyn Fn(&str) -> bool,
}

impl One<'_> {
    /// What was found for a criterion at a pointer, whose part this is; nothing for a group.
    pub(super) fn found(&self, criterion: &Criterion, pointer: &str, part: &Part) -> Option<Found> {
        match (criterion, &part.kind) {
            (Criterion::Event(event), Kind::Events(events)) => {
                let (value, rows) = self.amount(events, part);
                let latest = rows.iter().rev().take(MAX_EVENTS);
                Some(Found::Figure {
                    value,
                    compare: event.compare,
                    start: start(events.start),
                    end: end(events.end),
                    events: latest.map(|row| self.event(*row, None)).collect(),
                    events_total: rows.len() as u64,
                })
            }
            (Criterion::FirstEvent(_), Kind::Events(events)) => {
                let (_, rows) = self.amount(events, part);
                Some(Found::First {
                    event: rows.first().map(|row| self.event(*row, None)),
                    start: start(events.start),
                    end: end(events.end),
                })
            }
            (Criterion::Sequence(_), Kind::Sequence { sequence, .. }) => {
                let (reached, run) =
                    sequence::of_user(self.store, sequence, self.results, self.user);
                Some(Found::Sequence {
                    reached: u32::BITS - reached.leading_zeros(),
                    events: run
                        .into_iter()
                        .map(|(row, step)| self.event(row, step.map(|step| step as u32 + 1)))
                        .collect(),
                    start: start(sequence.shape.start),
                    end: end(sequence.shape.end),
                })
            }
            (Criterion::Cohort(cohort), Kind::Cohort(condition)) => {
                Some(self.cohort(cohort, condition))
            }
            (Criterion::User { filter }, _) => {
                let mut conditions = Vec::new();
                self.conditions(filter, format!("{pointer}/where"), &mut conditions);
                Some(Found::Conditions { conditions })
            }
            (Criterion::Segment(segment), _) => Some(Found::Segment {
                id: segment.id.clone(),
                as_of: segment.as_of.unwrap_or(self.as_of),
            }),
            (Criterion::Users(_), _) => Some(Found::Users {}),
            _ => None,
        }
    }

    fn amount(&self, events: &Events, part: &Part) -> (Option<f64>, Vec<Row>) {
        scan::of_user(self.store, events, part.as_of, self.results, self.user)
    }

    fn event(&self, row: Row, step: Option<u32>) -> DecidingEvent {
        let table = self.store.tables.get(row.table as usize);
        DecidingEvent {
            event: table.map(|table| table.name.clone()).unwrap_or_default(),
            time: Instant::from_millis_saturating(row.time),
            step,
        }
    }

    fn cohort(&self, criterion: &CohortCriterion, condition: &Condition) -> Found {
        let range = condition.cohort.range;
        let users = self.user..self.user.saturating_add(1);
        let mut budget = usize::MAX;
        let mut starting = Starting::new(users, &condition.cohort, None);
        starting.step(self.store, &condition.cohort, self.results, &mut budget);
        let first = starting.into_starts(&condition.cohort).pop();
        let time = first.map(|first| Instant::from_millis_saturating(first.time));
        let unit = criterion.unit.unit();
        let ahead = |count: u32| Some(self.zone.unit_after(unit, time?, count));
        // Returns are later than the start, and in the units that are asked for.
        let later = time.map(|time| time.saturating_add_millis(1));
        let from = |period: u32| ahead(period).max(later);
        let until = |period: u32| ahead(period.saturating_add(1));
        let (returns_from, returns_until) = match (criterion.period, criterion.matching) {
            (None, _) => (later, None),
            (Some(period), CohortMatch::On) => (from(period), until(period)),
            (Some(period), CohortMatch::OnOrAfter) => (from(period), None),
            (Some(period), CohortMatch::OnOrBefore) => (later, until(period)),
        };
        Found::Cohort {
            started: first.map(|first| self.event(row(&first), None)),
            generation: ahead(0),
            returned: first.and_then(|first| self.returned(condition, &first)),
            returns_from,
            returns_until,
            start: start(range.0),
            end: end(range.1),
        }
    }

    /// The first return after a start that counts.
    fn returned(&self, condition: &Condition, start: &Start) -> Option<DecidingEvent> {
        let (cohort, units) = (&condition.cohort, condition.units());
        let unit = units.of(start.time);
        let mut budget = usize::MAX;
        let mut first: Option<DecidingEvent> = None;
        Returning::default().step(
            self.store,
            &cohort.returning,
            (std::slice::from_ref(start), units),
            self.results,
            &mut budget,
            |_, table, rows, of| {
                let counts = |of: &u32| condition.counts(of - unit);
                let mut rows = rows.iter().zip(of).filter(|(_, of)| counts(of));
                let Some((row, _)) = rows.next() else { return };
                let time = table.times.get(*row as usize, self.store.base);
                let time = Instant::from_millis_saturating(time);
                if first.as_ref().is_none_or(|first| time < first.time) {
                    first = Some(DecidingEvent {
                        event: table.name.clone(),
                        time,
                        step: None,
                    });
                }
            },
        );
        first
    }

    /// What each condition of a filter on users came to.
    fn conditions(&self, filter: &Filter, pointer: String, conditions: &mut Vec<FoundCondition>) {
        match filter {
            Filter::All { of } | Filter::Any { of } => {
                for (place, inner) in of.iter().enumerate() {
                    self.conditions(inner, format!("{pointer}/of/{place}"), conditions);
                }
            }
            Filter::Not { of } => self.conditions(of, format!("{pointer}/of"), conditions),
            Filter::Segment { .. } | Filter::Property(_) => {
                let property = match filter {
                    Filter::Property(property) if property.scope == Scope::User => Some(property),
                    _ => None,
                };
                let range = property.and_then(|property| property.during.as_ref());
                let bounds = range.map(|range| self.zone.bounds(range, self.as_of));
                conditions.push(FoundCondition {
                    condition: filter.clone(),
                    value: property.and_then(|property| self.value(&property.name)),
                    start: bounds.and_then(|bounds| start(bounds.start.millis())),
                    end: bounds.map(|bounds| bounds.end),
                    holds: (self.holds)(&pointer),
                    pointer,
                });
            }
        }
    }

    fn value(&self, property: &str) -> Option<Value> {
        let property = self.store.user_property(property)?;
        let cell = property.values.get(self.user as usize)?;
        Some(value(cell, &property.texts))
    }
}

fn row(start: &Start) -> Row {
    Row {
        time: start.time,
        table: start.table,
        row: start.row,
    }
}

/// The start of a range in milliseconds; none where it has none.
fn start(millis: i64) -> Option<Instant> {
    Some(Instant::from_millis_saturating(millis)).filter(|start| *start > Instant::MIN)
}

fn end(millis: i64) -> Instant {
    Instant::from_millis_saturating(millis)
}
