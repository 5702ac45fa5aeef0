//! What looks wrong with a definition: against the data that there is, and in itself.

use segments_engine::{Previewed, Store};
use segments_model::canonical::canonical;
use segments_model::criterion::EventCriterion;
use segments_model::facts::never_changes;
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::preview::{Lint, LintCode, Severity};
use segments_model::project::DataFacts;

use segments_model::walk::{Part, walk};
use segments_model::{Compare, Criterion, Filter, Measure, Range, Value, ValueType};

use crate::engine::Data;
use crate::question::Question;

/// What looks wrong with a definition, in the order of the JSON; `outcome` is what trying it out found.
#[must_use]
pub fn lint(
    definition: &Criterion,
    question: &Question,
    data: &Data,
    outcome: &Previewed,
) -> Vec<Lint> {
    let mut linter = Linter {
        store: data.store(),
        facts: data.facts(question.as_of),
        question,
        found: Vec::new(),
    };
    linter.nobody(definition, outcome);
    linter.effects(definition, outcome);
    walk(definition, &mut |pointer, part| linter.part(pointer, part));
    linter.found
}

struct Linter<'a> {
    store: &'a Store,
    facts: DataFacts,
    question: &'a Question,
    found: Vec<Lint>,
}

impl Linter<'_> {
    fn tell(&mut self, pointer: &str, code: LintCode, severity: Severity, detail: String) {
        self.found.push(Lint {
            pointer: pointer.to_owned(),
            code,
            severity,
            detail,
        });
    }

    /// What is true of the whole.
    fn nobody(&mut self, definition: &Criterion, outcome: &Previewed) {
        if outcome.members.is_empty() && self.facts.users > 0 {
            self.tell(
                "",
                LintCode::NoUsers,
                Severity::Warning,
                "nobody meets this".to_owned(),
            );
        }
        if never_changes(definition, self.question.as_of) {
            self.tell(
                "",
                LintCode::NeverChanges,
                Severity::Info,
                "every range lies in the past: as time goes on the members stay the same"
                    .to_owned(),
            );
        }
    }

    /// Members of groups that change nothing.
    ///
    /// What an `all` group loses at a member are those before it who do not meet it. Where that is nobody, the group is
    /// the same without the member, whatever comes after; so it is of an `any` group with those it gains.
    fn effects(&mut self, definition: &Criterion, outcome: &Previewed) {
        let groups = groups(definition);
        for effect in &outcome.criteria {
            let Some((group, number)) = effect.pointer.rsplit_once("/of/") else {
                continue;
            };
            let Some((_, kind)) = groups.iter().find(|(pointer, _)| pointer == group) else {
                continue;
            };
            // The first member is what the others are held against, and of nobody nothing can be taken.
            let matters = match kind {
                Group::All => effect.dropped > 0 || effect.kept == 0,
                Group::Any => effect.dropped > 0 || number == "0",
            };
            if !matters {
                let detail = match kind {
                    Group::All if number == "0" => "everybody meets this",
                    Group::All => "everybody who meets the conditions before it meets this too",
                    Group::Any => "nobody meets this who does not meet a condition before it",
                };
                self.tell(
                    &effect.pointer,
                    LintCode::NoEffect,
                    Severity::Info,
                    detail.to_owned(),
                );
            }
        }
    }

    fn part(&mut self, pointer: &str, part: Part<'_>) {
        match part {
            Part::Criterion(criterion) => self.criterion(pointer, criterion),
            Part::Event(name) => {
                if !self.store.has_event(name) {
                    self.tell(
                        pointer,
                        LintCode::UnknownEvent,
                        Severity::Error,
                        format!("the data has no event \"{name}\""),
                    );
                }
            }
            Part::Filter {
                filter: Filter::Property(filter),
                event,
            } => self.property(pointer, filter, event.flatten()),
            Part::Filter { .. } => {}
            Part::Range(range) => self.range(pointer, range),
        }
    }

    fn criterion(&mut self, pointer: &str, criterion: &Criterion) {
        match criterion {
            Criterion::All { of } => {
                if let Some((a, b)) = contradiction(of) {
                    self.tell(
                        &format!("{pointer}/of/{b}"),
                        LintCode::Contradiction,
                        Severity::Error,
                        format!("no user can meet this and condition {} of the group", a + 1),
                    );
                }
            }
            Criterion::Any { of } if of.is_empty() => self.tell(
                pointer,
                LintCode::Contradiction,
                Severity::Error,
                "a group of which any condition has to hold has none, so nobody meets it"
                    .to_owned(),
            ),
            Criterion::Event(event) => {
                if let Measure::Of {
                    aggregate,
                    property,
                } = &event.measure
                {
                    let pointer = format!("{pointer}/measure/property");
                    match self.event_property(event.event.as_deref(), property) {
                        Err(detail) => {
                            self.tell(&pointer, LintCode::UnknownProperty, Severity::Error, detail);
                        }
                        Ok(ValueType::Number) => {}
                        Ok(value_type) if aggregate.needs_numbers() => self.tell(
                            &pointer,
                            LintCode::TypeMismatch,
                            Severity::Error,
                            format!(
                                "\"{property}\" is a {value_type}: there is no {aggregate} of it"
                            ),
                        ),
                        Ok(_) => {}
                    }
                }
                if is_impossible(event) {
                    self.tell(
                        &format!("{pointer}/compare"),
                        LintCode::Contradiction,
                        Severity::Error,
                        "nothing can be done less than 0 times".to_owned(),
                    );
                }
            }
            _ => {}
        }
    }

    fn event_property(&self, event: Option<&str>, name: &str) -> Result<ValueType, String> {
        let value_type = self
            .store
            .event_property_type(name)
            .ok_or_else(|| format!("the data has no event property \"{name}\""))?;
        match event {
            // An event that is not there has a mistake of its own.
            Some(event) if self.store.has_event(event) && !self.store.carries(event, name) => {
                Err(format!("\"{event}\" never has a property \"{name}\""))
            }
            _ => Ok(value_type),
        }
    }

    fn property(&mut self, pointer: &str, filter: &PropertyFilter, event: Option<&str>) {
        let name = &filter.name;
        let value_type = match filter.scope {
            Scope::Event => self.event_property(event, name),
            Scope::User => self
                .store
                .user_property_type(name)
                .ok_or_else(|| format!("the data has no user property \"{name}\"")),
        };
        match value_type {
            Err(detail) => self.tell(
                &format!("{pointer}/name"),
                LintCode::UnknownProperty,
                Severity::Error,
                detail,
            ),
            Ok(value_type) => {
                if !takes(filter.op, value_type) {
                    self.tell(
                        &format!("{pointer}/op"),
                        LintCode::TypeMismatch,
                        Severity::Error,
                        format!(
                            "\"{name}\" is a {value_type}: this comparison takes no {value_type}"
                        ),
                    );
                } else if let Some(at) = filter
                    .values
                    .iter()
                    .position(|value| !is_of(value, value_type, filter.op))
                {
                    self.tell(
                        &format!("{pointer}/values/{at}"),
                        LintCode::TypeMismatch,
                        Severity::Error,
                        format!("\"{name}\" is a {value_type}, and this is not one"),
                    );
                }
            }
        }
    }

    fn range(&mut self, pointer: &str, range: &Range) {
        let (Some(first), Some(last)) = (self.facts.first_event_at, self.facts.last_event_at)
        else {
            return;
        };
        let bounds = self.question.zone.bounds(range, self.question.as_of);
        if bounds.end <= first || bounds.start > last || bounds.is_empty() {
            self.tell(
                pointer,
                LintCode::RangeWithoutData,
                Severity::Warning,
                format!("the data is from {first} to {last}: this range holds none of it"),
            );
        }
    }
}

enum Group {
    All,
    Any,
}

fn groups(definition: &Criterion) -> Vec<(String, Group)> {
    let mut groups = Vec::new();
    walk(definition, &mut |pointer, part| match part {
        Part::Criterion(Criterion::All { .. }) => groups.push((pointer.to_owned(), Group::All)),
        Part::Criterion(Criterion::Any { .. }) => groups.push((pointer.to_owned(), Group::Any)),
        _ => {}
    });
    groups
}

/// Two conditions that exclude each other whatever the data: one is the other's opposite, or both ask the same figure for
/// what no number is at once.
fn contradiction(of: &[Criterion]) -> Option<(usize, usize)> {
    let normal: Vec<Criterion> = of.iter().map(canonical).collect();
    for (b, second) in normal.iter().enumerate() {
        for (a, first) in normal.iter().enumerate().take(b) {
            let opposite = Criterion::Not {
                of: Box::new(first.clone()),
            };
            let excludes = canonical(&opposite) == *second
                || match (first, second) {
                    (Criterion::Event(first), Criterion::Event(second)) => apart(first, second),
                    _ => false,
                };
            if excludes {
                return Some((a, b));
            }
        }
    }
    None
}

fn apart(first: &EventCriterion, second: &EventCriterion) -> bool {
    let same_figure = EventCriterion {
        compare: second.compare,
        ..first.clone()
    } == *second;
    let ((from, to), (least, most)) = (span(first.compare), span(second.compare));
    same_figure
        && (to < least
            || most < from
            || (to == least && !(ends_in(first.compare) && begins_in(second.compare)))
            || (most == from && !(ends_in(second.compare) && begins_in(first.compare))))
}

/// The least and the greatest figure that pass, or that all that pass come near.
const fn span(compare: Compare) -> (f64, f64) {
    match compare {
        Compare::AtLeast(least) | Compare::MoreThan(least) => (least, f64::INFINITY),
        Compare::AtMost(most) | Compare::LessThan(most) => (f64::NEG_INFINITY, most),
        Compare::Exactly(value) => (value, value),
        Compare::Between(least, most) => (least, most),
    }
}

const fn begins_in(compare: Compare) -> bool {
    !matches!(compare, Compare::MoreThan(_))
}

const fn ends_in(compare: Compare) -> bool {
    !matches!(compare, Compare::LessThan(_))
}

/// Whether a count is asked to be less than nothing.
fn is_impossible(event: &EventCriterion) -> bool {
    matches!(event.measure, Measure::Count | Measure::DistinctDays)
        && match event.compare {
            Compare::LessThan(value) => value <= 0.0,
            Compare::AtMost(value) | Compare::Exactly(value) | Compare::Between(_, value) => {
                value < 0.0
            }
            Compare::AtLeast(_) | Compare::MoreThan(_) => false,
        }
}

/// Whether an operator compares values of a type.
const fn takes(op: Operator, value_type: ValueType) -> bool {
    use Operator as O;
    use ValueType as T;
    match op {
        O::IsSet | O::IsNotSet => true,
        O::Is => !matches!(value_type, T::Datetime),
        O::IsNot => matches!(value_type, T::String | T::Number),
        O::Contains | O::DoesNotContain | O::StartsWith | O::EndsWith | O::Matches => {
            matches!(value_type, T::String)
        }
        O::GreaterThan | O::AtLeast | O::LessThan | O::AtMost => matches!(value_type, T::Number),
        O::Between => matches!(value_type, T::Number | T::Datetime),
        O::Before | O::After | O::InLast | O::NotInLast => matches!(value_type, T::Datetime),
    }
}

/// Whether a value is one that a property of a type can have, or that can be compared with it.
const fn is_of(value: &Value, value_type: ValueType, op: Operator) -> bool {
    match (value_type, value) {
        (ValueType::Number, Value::Number(_))
        | (ValueType::Boolean, Value::Boolean(_))
        | (ValueType::String | ValueType::Datetime, Value::String(_)) => true,
        _ => matches!(op, Operator::IsSet | Operator::IsNotSet),
    }
}

#[cfg(test)]
mod tests {
    use segments_model::Criterion;
    use serde_json::json;

    use super::contradiction;

    fn event(op: &str, value: serde_json::Value) -> serde_json::Value {
        json!({"type": "event", "event": "Order", "compare": {"op": op, "value": value}, "during": {"type": "all_time"}})
    }

    fn contradicts(a: serde_json::Value, b: serde_json::Value) -> bool {
        let of: Vec<Criterion> = serde_json::from_value(json!([a, b])).unwrap();
        contradiction(&of).is_some()
    }

    #[test]
    fn what_no_number_is_at_once_contradicts() {
        for (a, b, expected) in [
            (
                event("at_least", json!(3)),
                event("at_most", json!(2)),
                true,
            ),
            (
                event("at_least", json!(3)),
                event("at_most", json!(3)),
                false,
            ),
            (
                event("more_than", json!(3)),
                event("at_most", json!(3)),
                true,
            ),
            (
                event("at_least", json!(3)),
                event("less_than", json!(3)),
                true,
            ),
            (event("exactly", json!(2)), event("exactly", json!(3)), true),
            (
                event("between", json!([1, 2])),
                event("between", json!([2, 3])),
                false,
            ),
            (
                event("at_least", json!(1)),
                event("at_least", json!(9)),
                false,
            ),
        ] {
            assert_eq!(contradicts(a.clone(), b.clone()), expected, "{a} and {b}");
            assert_eq!(contradicts(b.clone(), a.clone()), expected, "{b} and {a}");
        }
        let other = json!({"type": "event", "event": "View", "compare": {"op": "at_most", "value": 0}, "during": {"type": "all_time"}});
        assert!(!contradicts(event("at_least", json!(1)), other));
    }

    #[test]
    fn a_condition_and_its_opposite_contradict() {
        let segment = json!({"type": "segment", "id": "a"});
        assert!(contradicts(
            segment.clone(),
            json!({"type": "not", "of": segment})
        ));
        assert!(contradicts(
            json!({"type": "not", "of": event("at_least", json!(2))}),
            event("at_least", json!(2))
        ));
        assert!(!contradicts(segment.clone(), segment));
    }
}
