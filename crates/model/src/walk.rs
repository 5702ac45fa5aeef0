//! Going through a definition, part by part.

use crate::criterion::{Behaviour, Criterion, Exclusion, Step};
use crate::query::{FunnelGroupBy, GenerationBy, GroupBy, Query};
use crate::{Filter, Range};

/// A part of a definition or of a query.
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
    /// A range of time of a criterion or of a query.
    Range(&'a Range),
    /// The id of a segment that is referred to.
    Segment(&'a str),
}

/// Shows every part of a definition, in the order of the JSON, with the JSON pointer of where it stands.
///
/// Like everything that goes through a definition it calls itself for what is nested, which decoding and validation bound:
/// a definition has not more than [`MAX_DEPTH`](crate::validate::MAX_DEPTH) levels. It never goes on into a segment that is
/// referred to.
pub fn walk<'a>(criterion: &'a Criterion, visit: &mut dyn FnMut(&str, Part<'a>)) {
    Walk::new(&mut |pointer, _, part| visit(pointer, part)).criterion(criterion);
}

/// Shows every part of a query, as [`walk`] does: its audience, and what it groups by too.
pub fn walk_query<'a>(query: &'a Query, visit: &mut dyn FnMut(&str, Part<'a>)) {
    Walk::new(&mut |pointer, _, part| visit(pointer, part)).query(query);
}

/// How large a definition or a query is, and what it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// How many criteria and filters it has.
    pub parts: usize,
    /// How deep they are nested in each other.
    pub depth: usize,
    /// Where it refers to segments, in the order of the JSON.
    pub segments: Vec<Mention>,
    /// Where it refers to uploaded lists of users, in the order of the JSON.
    pub lists: Vec<Mention>,
}

/// A place that refers to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The JSON pointer of the id.
    pub pointer: String,
    /// The id.
    pub id: String,
    /// In how many criteria and filters it stands.
    pub depth: usize,
}

impl Outline {
    fn add(&mut self, pointer: &str, depth: usize, part: Part<'_>) {
        let mention = |pointer: &str, id: &str| Mention {
            pointer: pointer.to_owned(),
            id: id.to_owned(),
            depth,
        };
        match part {
            Part::Segment(id) => self.segments.push(mention(pointer, id)),
            Part::Criterion(_) | Part::Filter { .. } => {
                self.parts += 1;
                self.depth = self.depth.max(depth);
                if let Some((pointer, id)) = list(pointer, part) {
                    self.lists.push(mention(&pointer, id));
                }
            }
            Part::Event(_) | Part::Range(_) => {}
        }
    }
}

impl From<&Criterion> for Outline {
    fn from(criterion: &Criterion) -> Self {
        let mut outline = Self::default();
        Walk::new(&mut |pointer, depth, part| outline.add(pointer, depth, part))
            .criterion(criterion);
        outline
    }
}

impl From<&Query> for Outline {
    fn from(query: &Query) -> Self {
        let mut outline = Self::default();
        Walk::new(&mut |pointer, depth, part| outline.add(pointer, depth, part)).query(query);
        outline
    }
}

/// The segments that a definition refers to, in the order of the JSON, with the JSON pointer of where each id stands.
#[must_use]
pub fn references(criterion: &Criterion) -> Vec<(String, &str)> {
    let mut references = Vec::new();
    walk(criterion, &mut |pointer, part| {
        if let Part::Segment(id) = part {
            references.push((pointer.to_owned(), id));
        }
    });
    references
}

/// The segments that a query refers to, as [`references`].
#[must_use]
pub fn query_references(query: &Query) -> Vec<(String, &str)> {
    let mut references = Vec::new();
    walk_query(query, &mut |pointer, part| {
        if let Part::Segment(id) = part {
            references.push((pointer.to_owned(), id));
        }
    });
    references
}

/// The uploaded lists of users that a definition refers to, as [`references`] tells segments.
#[must_use]
pub fn lists(criterion: &Criterion) -> Vec<(String, &str)> {
    let mut lists = Vec::new();
    walk(criterion, &mut |pointer, part| {
        lists.extend(list(pointer, part));
    });
    lists
}

/// The uploaded lists of users that a query refers to, as [`references`] tells segments.
#[must_use]
pub fn query_lists(query: &Query) -> Vec<(String, &str)> {
    let mut lists = Vec::new();
    walk_query(query, &mut |pointer, part| {
        lists.extend(list(pointer, part));
    });
    lists
}

fn list<'a>(pointer: &str, part: Part<'a>) -> Option<(String, &'a str)> {
    match part {
        Part::Criterion(Criterion::Users(users)) => {
            Some((format!("{pointer}/list"), users.list.as_deref()?))
        }
        _ => None,
    }
}

struct Walk<'v, 'a> {
    pointer: String,
    /// In how many criteria and filters the place is.
    depth: usize,
    visit: &'v mut dyn FnMut(&str, usize, Part<'a>),
}

impl<'v, 'a> Walk<'v, 'a> {
    fn new(visit: &'v mut dyn FnMut(&str, usize, Part<'a>)) -> Self {
        Self {
            pointer: String::new(),
            depth: 0,
            visit,
        }
    }

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
        (self.visit)(&self.pointer, self.depth, part);
    }

    fn criterion(&mut self, criterion: &'a Criterion) {
        self.depth += 1;
        self.show(Part::Criterion(criterion));
        self.inside(criterion);
        self.depth -= 1;
    }

    fn inside(&mut self, criterion: &'a Criterion) {
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
                self.steps(&sequence.steps);
                self.exclusions(&sequence.exclude);
                self.range("during", &sequence.during);
            }
            Criterion::Cohort(cohort) => {
                self.starts(&cohort.start, &cohort.returning);
                self.range("started", &cohort.started);
                if let Some(filter) = &cohort.generation_where {
                    // It is about the occurrence that completes the chain.
                    let event = cohort.start.last().and_then(|last| last.event.as_deref());
                    self.at("generation_where", |walk| walk.filter(filter, Some(event)));
                }
            }
            Criterion::Segment(segment) => self.segment("id", &segment.id),
            Criterion::Users(_) => {}
        }
    }

    fn query(&mut self, query: &'a Query) {
        match query {
            Query::Segmentation(query) => {
                self.each("measures", &query.measures, |walk, measure| {
                    walk.behaviour(measure.event.as_deref(), measure.filter.as_ref());
                    walk.dids(&measure.did);
                });
                self.audience(query.audience.as_ref());
                self.each("group_by", &query.group_by, |walk, by| match by {
                    GroupBy::Property(_) => {}
                    GroupBy::Segment(by) => walk.segment("segment", &by.segment),
                });
                self.range("during", &query.during);
            }
            Query::Funnel(query) => {
                self.steps(&query.steps);
                self.exclusions(&query.exclude);
                self.range("during", &query.during);
                self.audience(query.audience.as_ref());
                if let Some(FunnelGroupBy::Segment(by)) = &query.group_by {
                    self.segment("group_by/segment", &by.segment);
                }
            }
            Query::Cohort(query) => {
                self.starts(&query.start, &query.returning);
                if let GenerationBy::Segment { id } = &query.generation {
                    self.segment("generation/id", id);
                }
                self.range("during", &query.during);
                self.audience(query.audience.as_ref());
            }
        }
    }

    fn audience(&mut self, audience: Option<&'a Criterion>) {
        if let Some(audience) = audience {
            self.at("audience", |walk| walk.criterion(audience));
        }
    }

    fn steps(&mut self, steps: &'a [Step]) {
        self.each("steps", steps, |walk, step| {
            walk.behaviour(step.event.as_deref(), step.filter.as_ref());
            walk.dids(&step.did);
        });
    }

    fn exclusions(&mut self, exclude: &'a [Exclusion]) {
        self.each("exclude", exclude, |walk, exclusion| {
            walk.behaviour(exclusion.event.as_deref(), exclusion.filter.as_ref());
        });
    }

    fn starts(&mut self, starts: &'a [Behaviour], returning: &'a Behaviour) {
        self.each("start", starts, |walk, start| {
            walk.behaviour(start.event.as_deref(), start.filter.as_ref());
        });
        self.at("return", |walk| {
            walk.behaviour(returning.event.as_deref(), returning.filter.as_ref());
        });
    }

    fn segment(&mut self, member: &str, id: &'a str) {
        self.at(member, |walk| walk.show(Part::Segment(id)));
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
        self.depth += 1;
        self.show(Part::Filter { filter, event });
        match filter {
            Filter::All { of } | Filter::Any { of } => {
                self.each("of", of, |walk, filter| walk.filter(filter, event));
            }
            Filter::Not { of } => self.at("of", |walk| walk.filter(of, event)),
            Filter::Segment { id } => self.segment("id", id),
            Filter::Property(_) => {}
        }
        self.depth -= 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        Outline, Part, lists, query_lists, query_references, references, walk, walk_query,
    };
    use crate::Criterion;
    use crate::query::Query;

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
             "started": {"type": "all_time"}, "generation_where": {"type": "segment", "id": "of a generation"}, "match": "on",
             "outcome": "returned"}
        ]}))
        .unwrap()
    }

    /// The kind of a part, and its JSON.
    fn shown(part: Part<'_>) -> (usize, serde_json::Value) {
        let (kind, json) = match part {
            Part::Criterion(criterion) => (0, serde_json::to_value(criterion)),
            Part::Event(name) => (1, serde_json::to_value(name)),
            Part::Filter { filter, .. } => (2, serde_json::to_value(filter)),
            Part::Range(range) => (3, serde_json::to_value(range)),
            Part::Segment(id) => (4, serde_json::to_value(id)),
        };
        (kind, json.unwrap())
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
                "of a return",
                "of a generation"
            ]
        );
        for (pointer, id) in found {
            assert_eq!(json.pointer(&pointer), Some(&json!(id)), "{pointer}");
        }
    }

    #[test]
    fn every_reference_of_a_query_stands_where_its_pointer_says() {
        let inside = |id: &str| json!({"type": "segment", "id": id});
        let audience = inside("of the audience");
        let range = json!({"type": "all_time"});
        let queries = [
            (
                json!({
                    "tool": "segmentation", "measures": [{"event": "A", "where": inside("of a row"), "aggregate": {"of": "total"},
                        "did": [{"performed": true, "event": "B", "where": inside("of a did"), "when": "after"}]}],
                    "audience": audience, "group_by": [{"scope": "user", "name": "p"}, {"segment": "of a group"}],
                    "during": range, "interval": "day",
                }),
                vec!["of a row", "of a did", "of the audience", "of a group"],
                [1, 2, 2, 1, 4],
            ),
            (
                json!({
                    "tool": "funnel", "steps": [{"event": "A", "where": inside("of a step")}],
                    "exclude": [{"event": "B", "where": inside("of an exclusion"), "from": 1, "to": 2}], "during": range,
                    "audience": audience, "group_by": {"segment": "of the groups"},
                }),
                vec![
                    "of a step",
                    "of an exclusion",
                    "of the audience",
                    "of the groups",
                ],
                [1, 2, 2, 1, 4],
            ),
            (
                json!({
                    "tool": "cohort", "start": [{"event": "A", "where": inside("of a start")}], "first_time": true,
                    "return": {"event": "B", "where": inside("of a return")}, "unit": "day", "periods": 3, "match": "on",
                    "generation": {"of": "segment", "id": "of the generations"}, "during": range, "audience": audience,
                }),
                vec![
                    "of a start",
                    "of a return",
                    "of the generations",
                    "of the audience",
                ],
                [1, 2, 2, 1, 4],
            ),
        ];
        for (json, ids, kinds) in queries {
            let query = serde_json::from_value(json).unwrap();
            let json = serde_json::to_value(&query).unwrap();
            let found = query_references(&query);
            assert_eq!(found.iter().map(|(_, id)| *id).collect::<Vec<_>>(), ids);
            for (pointer, id) in found {
                assert_eq!(json.pointer(&pointer), Some(&json!(id)), "{pointer}");
            }
            let mut seen = [0; 5];
            walk_query(&query, &mut |pointer, part| {
                let (kind, part) = shown(part);
                seen[kind] += 1;
                assert_eq!(json.pointer(pointer), Some(&part), "{pointer}");
            });
            assert_eq!(seen, kinds);
        }
    }

    #[test]
    fn an_outline_tells_how_deep_and_how_many() {
        let outline = Outline::from(&definition());
        let depths: Vec<usize> = outline.segments.iter().map(|at| at.depth).collect();
        assert_eq!(depths, [4, 4, 3, 3, 3, 3, 3, 3, 3]);
        assert_eq!((outline.parts, outline.depth), (17, 4));
        let found = outline.segments.iter();
        let found: Vec<_> = found.map(|at| (at.pointer.clone(), &*at.id)).collect();
        assert_eq!(found, references(&definition()));
        assert_eq!(Outline::from(&Criterion::everyone()).depth, 1);
    }

    #[test]
    fn every_list_stands_where_its_pointer_says() {
        let json = json!({"type": "not", "of": {"type": "any", "of": [
            {"type": "users", "ids": ["a"]}, {"type": "users", "list": "l"}]}});
        let definition: Criterion = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(lists(&definition), [("/of/of/1/list".to_owned(), "l")]);
        let query = json!({"tool": "funnel", "steps": [{"event": "A"}], "audience": json, "during": {"type": "all_time"}});
        let query: Query = serde_json::from_value(query).unwrap();
        assert_eq!(
            query_lists(&query),
            [("/audience/of/of/1/list".to_owned(), "l")]
        );
    }

    #[test]
    fn every_part_stands_where_its_pointer_says() {
        let definition = definition();
        let json = serde_json::to_value(&definition).unwrap();
        let mut seen = [0; 5];
        walk(&definition, &mut |pointer, part| {
            let (kind, part) = shown(part);
            seen[kind] += 1;
            assert_eq!(json.pointer(pointer), Some(&part), "{pointer}");
        });
        assert_eq!(seen, [7, 7, 10, 3, 9]);
    }
}
