//! For which other instants an answer is true.
//!
//! "Now" is another instant with every question, but an answer stays as it is until an event happens, or until a range or a
//! unit of the calendar moves on. What an answer depends on is written into its key instead of the instant itself.

use std::fmt::Write as _;

use segments_model::answer::{Answer, Bucket};
use segments_model::calendar::Zone;
use segments_model::query::{Comparison, Query};
use segments_model::range::CalendarUnit;
use segments_model::walk::{Part, walk, walk_query};
use segments_model::{Criterion, Filter, Instant, Range, Stamp};

use crate::ask::question::{Question, Source};

/// The same for all instants as of which the same users meet a definition. No event has happened from `known` on before the
/// question's as-of.
#[must_use]
pub fn of_members(definition: &Criterion, question: &Question, known: Instant) -> String {
    let mut validity = Validity::new(question, known);
    walk(definition, &mut |_, part| {
        validity.part(&question.zone, part);
    });
    validity.finish()
}

/// The same for all instants as of which a query has the same answer, apart from what [`move_to`] changes.
#[must_use]
pub fn of_answer(query: &Query, question: &Question, known: Instant) -> String {
    let mut validity = Validity::new(question, known);
    let zone = &question.zone;
    walk_query(query, &mut |_, part| validity.part(zone, part));
    match query {
        Query::Segmentation(query) => {
            validity.buckets(zone, &query.during, query.interval.unit());
            if let Some(Comparison::PreviousRange) = query.compare
                && let Some(bounds) = zone.previous(&query.during, question.as_of)
            {
                validity.tell(bounds.start);
                validity.tell(bounds.end);
                // A whole range is over only after its end.
                if bounds.end == question.as_of {
                    validity.text.push('!');
                }
            }
        }
        Query::Funnel(query) => {
            let unit = query.interval.and_then(|interval| interval.unit());
            validity.buckets(zone, &query.during, unit);
            // Who may still get on within a limit changes all the time.
            validity.exact |= query.within.is_some();
        }
        Query::Cohort(query) => {
            let unit = query.unit.unit();
            validity.buckets(zone, &query.during, Some(unit));
            // Periods go on after the range.
            validity.unit(zone, unit);
        }
    }
    validity.finish()
}

/// What an answer's figures are true for.
pub const fn stamp_of(answer: &mut Answer) -> &mut Stamp {
    match answer {
        Answer::Segmentation(answer) => &mut answer.stamp,
        Answer::Funnel(answer) => &mut answer.stamp,
        Answer::Cohort(answer) => &mut answer.stamp,
    }
}

/// Makes the answer for one instant the answer for another one for which it is true as well.
pub fn move_to(answer: &mut Answer, as_of: Instant) {
    let stamp = stamp_of(answer);
    let before = std::mem::replace(&mut stamp.as_of, as_of);
    let is_cut = |end: Instant| end == before;
    if stamp.end.is_some_and(is_cut) {
        stamp.end = Some(as_of);
    }
    let cut_anew = |bucket: &mut Bucket| {
        if is_cut(bucket.end) {
            bucket.end = as_of;
        }
    };
    match answer {
        Answer::Segmentation(answer) => answer.buckets.iter_mut().for_each(cut_anew),
        Answer::Funnel(answer) => {
            let buckets = answer
                .groups
                .iter_mut()
                .flat_map(|group| &mut group.buckets);
            buckets.map(|bucket| &mut bucket.bucket).for_each(cut_anew);
        }
        Answer::Cohort(_) => {}
    }
}

struct Validity {
    as_of: Instant,
    known: Instant,
    /// Whether the answer depends on as-of itself.
    exact: bool,
    text: String,
}

impl Validity {
    fn new(question: &Question, known: Instant) -> Self {
        let mut validity = Self {
            as_of: question.as_of,
            known,
            exact: false,
            text: question.fingerprint.clone(),
        };
        validity.tell(known);
        for source in question.segments.values() {
            if let Source::Dynamic { definition, zone } = source {
                walk(definition, &mut |_, part| validity.part(zone, part));
            }
        }
        validity
    }

    fn tell(&mut self, instant: Instant) {
        let _ = write!(self.text, " {}", instant.millis());
    }

    fn part(&mut self, zone: &Zone, part: Part<'_>) {
        match part {
            // Where a range lies after all events does not matter.
            Part::Range(range) => {
                let bounds = zone.bounds(range, self.as_of);
                self.tell(bounds.start.min(self.known));
                self.tell(bounds.end.min(self.known));
            }
            // Values of properties can lie anywhere in time, as-of included.
            Part::Filter {
                filter: Filter::Property(property),
                ..
            } => self.exact |= property.during.is_some(),
            // Which of its periods is over depends on as-of.
            Part::Criterion(Criterion::Cohort(_)) => self.exact = true,
            Part::Criterion(_) | Part::Filter { .. } | Part::Event(_) | Part::Segment(_) => {}
        }
    }

    /// The buckets that a range is told in.
    fn buckets(&mut self, zone: &Zone, during: &Range, unit: Option<CalendarUnit>) {
        let bounds = zone.bounds(during, self.as_of);
        self.tell(bounds.start);
        if bounds.end < self.as_of {
            self.tell(bounds.end);
            return;
        }
        // A range that has only just begun is empty.
        self.text
            .push_str(if bounds.is_empty() { " empty" } else { " cut" });
        if let Some(unit) = unit {
            self.unit(zone, unit);
        }
    }

    /// The unit that as-of lies in, at its very beginning or later.
    fn unit(&mut self, zone: &Zone, unit: CalendarUnit) {
        let start = zone.unit_start(unit, self.as_of);
        self.tell(start);
        if start == self.as_of {
            self.text.push('!');
        }
    }

    fn finish(mut self) -> String {
        if self.exact {
            self.tell(self.as_of);
        }
        self.text
    }
}
