//! Going through a definition, part by part.

use crate::criterion::Criterion;
use crate::{Filter, Range};

/// A part of a definition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part<'a> {
    /// A criterion, before the parts of it.
    Criterion(&'a Criterion),
    /// The name of an event.
    Event(&'a str),
    /// A filter, before the filters in it.
    Filter {
        /// The filter.
        filter: &'a Filter,
        /// Where it is about occurrences: the name of their event, or none for any event.
        event: Option<Option<&'a str>>,
    },
    /// A range of time of a criterion.
    Range(&'a Range),
}

/// Shows every part of a definition, in the order of the JSON, with the JSON pointer of where it stands.
pub fn walk<'a>(criterion: &'a Criterion, visit: &mut dyn FnMut(&str, Part<'a>)) {
    Walk {
        pointer: String::new(),
        visit,
    }
    .criterion(criterion);
}

/// The segments that a definition refers to, in the order of the JSON, with the JSON pointer of where each id stands.
#[must_use]
pub fn references(criterion: &Criterion) -> Vec<(String, &str)> {
    let mut references = Vec::new();
    walk(criterion, &mut |pointer, part| match part {
        Part::Criterion(Criterion::Segment(segment)) => {
            references.push((format!("{pointer}/id"), segment.id.as_str()));
        }
        Part::Filter {
            filter: Filter::Segment { id },
            ..
        } => references.push((format!("{pointer}/id"), id.as_str())),
        _ => {}
    });
    references
}

struct Walk<'v, 'a> {
    pointer: String,
    visit: &'v mut dyn FnMut(&str, Part<'a>),
}

impl<'a> Walk<'_, 'a> {
    fn at(&mut self, step: &str, go: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(step);
        go(self);
        self.pointer.truncate(length);
    }

    fn each<T>(&mut self, member: &str, items: &'a [T], mut go: impl FnMut(&mut Self, &'a T)) {
        for (index, item) in items.iter().enumerate() {
            self.at(&format!("{member}/{index}"), |walk| go(walk, item));
        }
    }

    fn show(&mut self, part: Part<'a>) {
        (self.visit)(&self.pointer, part);
    }

    fn criterion(&mut self, criterion: &'a Criterion) {
        self.show(Part::Criterion(criterion));
        match criterion {
            Criterion::All { of } | Criterion::Any { of } => self.each("of", of, Self::criterion),
            Criterion::Not { of } => self.at("of", |walk| walk.criterion(of)),
            Criterion::Event(event) => {
                self.behaviour(event.event.as_deref(), event.filter.as_ref());
                self.dids(&event.did);
                self.range("during", &event.during);
            }
            Criterion::FirstEvent(event) => {
                self.behaviour(event.event.as_deref(), event.filter.as_ref());
                self.range("during", &event.during);
            }
            Criterion::User { filter } => self.at("where", |walk| walk.filter(filter, None)),
            Criterion::Sequence(sequence) => {
                self.each("steps", &sequence.steps, |walk, step| {
                    walk.behaviour(step.event.as_deref(), step.filter.as_ref());
                    walk.dids(&step.did);
                });
                self.each("exclude", &sequence.exclude, |walk, exclusion| {
                    walk.behaviour(exclusion.event.as_deref(), exclusion.filter.as_ref());
                });
                self.range("during", &sequence.during);
            }
            Criterion::Cohort(cohort) => {
                self.each("start", &cohort.start, |walk, start| {
                    walk.behaviour(start.event.as_deref(), start.filter.as_ref());
                });
                self.at("return", |walk| {
                    let returning = &cohort.returning;
                    walk.behaviour(returning.event.as_deref(), returning.filter.as_ref());
                });
                self.range("started", &cohort.started);
            }
            Criterion::Segment(_) | Criterion::Users(_) => {}
        }
    }

    fn behaviour(&mut self, event: Option<&'a str>, filter: Option<&'a Filter>) {
        if let Some(name) = event {
            self.at("event", |walk| walk.show(Part::Event(name)));
        }
        if let Some(filter) = filter {
            self.at("where", |walk| walk.filter(filter, Some(event)));
        }
    }

    fn dids(&mut self, dids: &'a [crate::criterion::Did]) {
        self.each("did", dids, |walk, did| {
            walk.behaviour(did.event.as_deref(), did.filter.as_ref());
        });
    }

    fn range(&mut self, member: &str, range: &'a Range) {
        self.at(member, |walk| walk.show(Part::Range(range)));
    }

    fn filter(&mut self, filter: &'a Filter, event: Option<Option<&'a str>>) {
        self.show(Part::Filter { filter, event });
        match filter {
            Filter::All { of } | Filter::Any { of } => {
                self.each("of", of, |walk, filter| walk.filter(filter, event));
            }
            Filter::Not { of } => self.at("of", |walk| walk.filter(of, event)),
            Filter::Segment { .. } | Filter::Property(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Part, references, walk};
    use crate::Criterion;

    fn definition() -> Criterion {
        serde_json::from_value(json!({"type": "all", "of": [
            {"type": "event", "event": "Order", "during": {"type": "all_time"},
             "where": {"type": "any", "of": [{"type": "segment", "id": "in a filter"}]},
             "did": [{"performed": true, "event": "View", "when": "before",
                      "where": {"type": "not", "of": {"type": "segment", "id": "in a did"}}}]},
            {"type": "not", "of": {"type": "segment", "id": "in a group"}},
            {"type": "user", "where": {"type": "segment", "id": "of a user"}},
            {"type": "sequence", "steps": [{"event": "A", "where": {"type": "segment", "id": "of a step"}}, {"event": "B"}],
             "exclude": [{"event": "C", "where": {"type": "segment", "id": "of an exclusion"}, "from": 1, "to": 2}],
             "during": {"type": "all_time"}, "reached": 2},
            {"type": "cohort", "start": [{"event": "A", "where": {"type": "segment", "id": "of a start"}}], "first_time": true,
             "return": {"event": "B", "where": {"type": "segment", "id": "of a return"}}, "unit": "week",
             "started": {"type": "all_time"}, "match": "on", "outcome": "returned"}
        ]}))
        .unwrap()
    }

    #[test]
    fn every_reference_stands_where_its_pointer_says() {
        let definition = definition();
        let found = references(&definition);
        let json = serde_json::to_value(&definition).unwrap();
        let ids: Vec<&str> = found.iter().map(|(_, id)| *id).collect();
        assert_eq!(
            ids,
            [
                "in a filter",
                "in a did",
                "in a group",
                "of a user",
                "of a step",
                "of an exclusion",
                "of a start",
                "of a return"
            ]
        );
        for (pointer, id) in found {
            assert_eq!(json.pointer(&pointer), Some(&json!(id)), "{pointer}");
        }
    }

    #[test]
    fn every_part_stands_where_its_pointer_says() {
        let definition = definition();
        let json = serde_json::to_value(&definition).unwrap();
        let mut seen = [0; 4];
        walk(&definition, &mut |pointer, part| {
            let (kind, part) = match part {
                Part::Criterion(criterion) => (0, serde_json::to_value(criterion)),
                Part::Event(name) => (1, serde_json::to_value(name)),
                Part::Filter { filter, .. } => (2, serde_json::to_value(filter)),
                Part::Range(range) => (3, serde_json::to_value(range)),
            };
            seen[kind] += 1;
            assert_eq!(json.pointer(pointer), Some(&part.unwrap()), "{pointer}");
        });
        assert_eq!(seen, [7, 7, 9, 3]);
    }
}
