//! What looks wrong with a definition: against the data that there is, and in itself.

use std::collections::HashMap;

use segments_engine_api::{Previewed, Runtime, Schema, StepTimer};
use segments_model::canonical::canonical;
use segments_model::criterion::{
    CohortCriterion, CohortMatch, CohortOutcome, Did, EventCriterion, Order, SequenceCriterion,
};
use segments_model::facts::never_changes;
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::preview::{Lint, LintCode, Severity};
use segments_model::project::DataFacts;
use segments_model::sentence::criterion_number;
use segments_model::walk::{Part, walk};
use segments_model::{Compare, Criterion, Filter, Instant, Measure, Range, Value, ValueType};

use crate::ask::question::Question;

/// What is wrong with a count below 0.
const NEVER: &str = "Nothing happens fewer than 0 times, so no user matches.";

/// What looks wrong with a definition, in the order of the JSON; `outcome` is what trying it out found. Gives way between
/// its parts.
pub async fn lint(
    runtime: &dyn Runtime,
    definition: &Criterion,
    question: &Question,
    schema: &Schema,
    facts: &DataFacts,
    outcome: &Previewed,
) -> Vec<Lint> {
    let mut timer = StepTimer::begin(runtime);
    let mut linter = Linter {
        schema,
        facts,
        question,
        found: Vec::new(),
        suggestions: MAX_SUGGESTIONS,
    };
    linter.nobody(definition, outcome);
    linter.effects(definition, outcome);
    let mut parts = Vec::new();
    walk(definition, &mut |pointer, part| {
        parts.push((pointer.to_owned(), part));
    });
    for (pointer, part) in parts {
        linter.part(&pointer, part);
        if let Part::Criterion(Criterion::All { of }) = part
            && let Some((a, b)) = contradiction(of, &mut timer).await
        {
            linter.tell(
                &format!("{pointer}/of/{b}"),
                LintCode::Contradiction,
                Severity::Error,
                format!(
                    "No user can meet both this and criterion {}.",
                    outline(&format!("{pointer}/of/{a}"))
                ),
            );
        }
        timer.yield_if_due().await;
    }
    linter.found
}

/// For so many names of at most so many letters it is looked for the one that may be meant. Each is compared with every name
/// there is; a definition in which more are wrong was made for other data.
const MAX_SUGGESTIONS: usize = 10;
const MAX_SUGGESTED_LETTERS: usize = 64;

struct Linter<'a> {
    schema: &'a Schema,
    facts: &'a DataFacts,
    question: &'a Question,
    found: Vec<Lint>,
    /// For how many names it may still be looked for the one that is meant.
    suggestions: usize,
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
                "No users match this definition.".to_owned(),
            );
        }
        if never_changes(definition, self.question.as_of) {
            self.tell(
                "",
                LintCode::NeverChanges,
                Severity::Info,
                "Every date range is in the past, so the users stay the same as time goes on."
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
            let Some(kind) = groups.get(group) else {
                continue;
            };
            // The first member is what the others are held against, and of nobody nothing can be taken.
            let matters = match kind {
                Group::All => effect.dropped > 0 || effect.kept == 0,
                Group::Any => effect.dropped > 0 || number == "0",
            };
            if !matters {
                let detail = match (kind, before(group, number)) {
                    (Group::All, None) => "No effect: every user meets it.".to_owned(),
                    (Group::All, Some(before)) => {
                        format!("No effect: everyone who meets {before} also meets it.")
                    }
                    (Group::Any, before) => format!(
                        "No effect: everyone who meets it also meets {}.",
                        before.unwrap_or_default()
                    ),
                };
                self.tell(&effect.pointer, LintCode::NoEffect, Severity::Info, detail);
            }
        }
    }

    fn part(&mut self, pointer: &str, part: Part<'_>) {
        match part {
            Part::Criterion(criterion) => self.criterion(pointer, criterion),
            Part::Event(name) => {
                let events = &self.schema.events;
                if !events.contains_key(name) {
                    let detail = missing("event", name, events.keys(), &mut self.suggestions);
                    self.tell(pointer, LintCode::UnknownEvent, Severity::Error, detail);
                }
            }
            Part::Filter {
                filter: Filter::Property(filter),
                event,
            } => self.property(pointer, filter, event.flatten()),
            Part::Filter { .. } | Part::Segment(_) => {}
            Part::Range(range) => self.range(pointer, range),
        }
    }

    fn criterion(&mut self, pointer: &str, criterion: &Criterion) {
        match criterion {
            Criterion::Any { of } if of.is_empty() => self.tell(
                pointer,
                LintCode::Contradiction,
                Severity::Error,
                "This group is empty, so no user matches it. Add a criterion, or remove the group."
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
                                "\"{property}\" is {}, so it has no {aggregate}. Choose a property that is a number.",
                                kind(value_type)
                            ),
                        ),
                        Ok(_) => {}
                    }
                }
                if matches!(event.measure, Measure::Count | Measure::DistinctDays)
                    && is_impossible(event.compare)
                {
                    self.tell(
                        &format!("{pointer}/compare"),
                        LintCode::Contradiction,
                        Severity::Error,
                        NEVER.to_owned(),
                    );
                }
                self.dids(pointer, &event.did);
            }
            Criterion::Sequence(sequence) => {
                for (at, step) in sequence.steps.iter().enumerate() {
                    self.dids(&format!("{pointer}/steps/{at}"), &step.did);
                }
                if sequence.order == Order::Strict {
                    for at in 0..sequence.exclude.len() {
                        self.tell(
                            &format!("{pointer}/exclude/{at}"),
                            LintCode::NoEffect,
                            Severity::Info,
                            "No effect: in strict order no event can come between the steps."
                                .to_owned(),
                        );
                    }
                }
            }
            Criterion::Cohort(cohort) => self.cohort(pointer, cohort),
            _ => {}
        }
    }

    /// What was done, or not, beside an occurrence.
    fn dids(&mut self, pointer: &str, dids: &[Did]) {
        for (at, did) in dids.iter().enumerate() {
            let opposite = Did {
                performed: !did.performed,
                ..did.clone()
            };
            let detail = if did.performed && is_impossible(did.compare) {
                NEVER.to_owned()
            } else if !did.performed && is_certain(did.compare) {
                "Everything happens at least 0 times, so no occurrence matches.".to_owned()
            } else if let Some(other) = dids.iter().take(at).position(|other| *other == opposite) {
                format!(
                    "No occurrence can meet both this and condition {}.",
                    other + 1
                )
            } else {
                continue;
            };
            self.tell(
                &format!("{pointer}/did/{at}"),
                LintCode::Contradiction,
                Severity::Error,
                detail,
            );
        }
    }

    /// Generations that there are not, and periods that nobody has reached.
    fn cohort(&mut self, pointer: &str, cohort: &CohortCriterion) {
        let zone = &self.question.zone;
        let unit = cohort.unit.unit();
        let word = unit.word();
        let bounds = zone.bounds(&cohort.started, self.question.as_of);
        if let Some(generation) = cohort.generation {
            let pointer = format!("{pointer}/generation");
            let start = zone.unit_start(unit, generation);
            if start != generation {
                return self.tell(
                    &pointer,
                    LintCode::Contradiction,
                    Severity::Error,
                    format!(
                        "No {word} starts then. The {word} it falls in starts on {}.",
                        self.date(start)
                    ),
                );
            }
            let end = zone.next_unit(unit, generation);
            if bounds.is_empty() || end <= bounds.start || bounds.end <= generation {
                let detail =
                    format!("The cohort of this {word} is empty: it lies outside the start range.");
                let (code, severity) = (LintCode::RangeWithoutData, Severity::Warning);
                return self.tell(&pointer, code, severity, detail);
            }
        }
        let Some(period) = cohort.period else { return };
        // The earliest start is the first whose period begins and ends.
        let Some(first) = self.facts.first_event_at else {
            return;
        };
        let earliest = cohort.generation.unwrap_or(bounds.start).max(first);
        if cohort.outcome == CohortOutcome::Started || bounds.is_empty() || earliest >= bounds.end {
            return;
        }
        let begin = zone.unit_after(unit, earliest, period);
        let detail = if begin >= self.question.as_of {
            format!("No user has reached {word} {period} after the start yet.")
        } else if cohort.matching != CohortMatch::OnOrAfter
            && zone.next_unit(unit, begin) > self.question.as_of
        {
            format!("No user has completed {word} {period} after the start yet.")
        } else {
            return;
        };
        let pointer = format!("{pointer}/period");
        self.tell(&pointer, LintCode::NotOver, Severity::Warning, detail);
    }

    fn event_property(&mut self, event: Option<&str>, name: &str) -> Result<ValueType, String> {
        let known = &self.schema.event_properties;
        let value_type = known
            .get(name)
            .copied()
            .ok_or_else(|| missing("event property", name, known.keys(), &mut self.suggestions))?;
        match event {
            // An event that is not there has a mistake of its own.
            Some(event)
                if self.schema.events.contains_key(event) && !self.schema.carries(event, name) =>
            {
                Err(format!("\"{event}\" has no property \"{name}\"."))
            }
            _ => Ok(value_type),
        }
    }

    fn property(&mut self, pointer: &str, filter: &PropertyFilter, event: Option<&str>) {
        let name = &filter.name;
        let value_type = match filter.scope {
            Scope::Event => self.event_property(event, name),
            Scope::User => {
                let known = &self.schema.user_properties;
                known.get(name).copied().ok_or_else(|| {
                    missing("user property", name, known.keys(), &mut self.suggestions)
                })
            }
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
                            "\"{name}\" is {}. Choose another operator: this one doesn't compare that.",
                            kind(value_type)
                        ),
                    );
                } else if let Some(at) = filter
                    .values
                    .iter()
                    .position(|value| !is_of(value, value_type, filter.op))
                {
                    let value = filter.values.get(at).map(text);
                    self.tell(
                        &format!("{pointer}/values/{at}"),
                        LintCode::TypeMismatch,
                        Severity::Error,
                        format!(
                            "\"{name}\" is {}, and \"{}\" is not.",
                            kind(value_type),
                            value.unwrap_or_default()
                        ),
                    );
                }
            }
        }
    }

    /// A day as people write it, in the zone of the question.
    fn date(&self, instant: Instant) -> String {
        self.question
            .zone
            .date(instant)
            .format("%-d %b %Y")
            .to_string()
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
                format!(
                    "No events in this range. The data runs from {} to {}.",
                    self.date(first),
                    self.date(last)
                ),
            );
        }
    }
}

/// A criterion's number, by its pointer.
fn outline(pointer: &str) -> String {
    criterion_number(pointer.split('/').filter_map(|part| part.parse().ok()))
}

/// The criteria of a group before one of them: `criterion 1`, `criteria 1 to 3`; none before the first.
fn before(group: &str, number: &str) -> Option<String> {
    let at = |place: usize| outline(&format!("{group}/of/{place}"));
    match number.parse::<usize>().ok()? {
        0 => None,
        1 => Some(format!("criterion {}", at(0))),
        count => Some(format!("criteria {} to {}", at(0), at(count - 1))),
    }
}

/// That there is no such name, and which one may be meant, where it may still be looked for.
fn missing<'a>(
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'a String>,
    suggestions: &mut usize,
) -> String {
    let mut detail = format!("There is no {what} \"{name}\".");
    if *suggestions > 0 && name.chars().count() <= MAX_SUGGESTED_LETTERS {
        *suggestions -= 1;
        if let Some(known) = closest(name, names) {
            detail.push_str(&format!(" Did you mean \"{known}\"?"));
        }
    }
    detail
}

/// The name that may be meant: one that differs by a mistake or two, in one of three letters at most.
fn closest<'a>(name: &str, names: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let length = name.chars().count();
    let most = (length / 3).clamp(1, 3);
    let lower = name.to_lowercase();
    names
        .filter(|known| known.chars().count().abs_diff(length) <= most)
        .map(|known| (strsim::osa_distance(&known.to_lowercase(), &lower), known))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, known)| known)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
    }
}

/// What the values of a type are.
const fn kind(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String => "text",
        ValueType::Number => "a number",
        ValueType::Boolean => "true or false",
        ValueType::Datetime => "a time",
    }
}

enum Group {
    All,
    Any,
}

fn groups(definition: &Criterion) -> HashMap<String, Group> {
    let mut groups = HashMap::new();
    walk(definition, &mut |pointer, part| {
        let kind = match part {
            Part::Criterion(Criterion::All { .. }) => Group::All,
            Part::Criterion(Criterion::Any { .. }) => Group::Any,
            _ => return,
        };
        groups.insert(pointer.to_owned(), kind);
    });
    groups
}

/// Two conditions that exclude each other whatever the data: one is the other's opposite, or both ask the same figure for
/// what no number is at once, or one asks for what comes after a step, or a start, and the other for its not coming.
///
/// Each condition is brought into its normal form once and found by it: comparing each with each other would take long.
async fn contradiction(of: &[Criterion], timer: &mut StepTimer<'_>) -> Option<(usize, usize)> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut families: HashMap<String, Vec<(usize, Criterion)>> = HashMap::new();
    for (b, condition) in of.iter().enumerate() {
        let condition = canonical(condition);
        let opposite = match &condition {
            Criterion::Not { of } => json(of),
            other => json(&Criterion::Not {
                of: Box::new(other.clone()),
            }),
        };
        let mut earlier = places.get(&opposite).copied();
        places.entry(json(&condition)).or_insert(b);
        if let Some(family) = family(&condition) {
            let family = families.entry(json(&family)).or_default();
            let apart = family.iter().find(|(_, other)| excludes(other, &condition));
            let apart = apart.map(|(a, _)| *a);
            earlier = earlier.into_iter().chain(apart).min();
            family.push((b, condition));
        }
        if let Some(a) = earlier {
            return Some((a, b));
        }
        timer.yield_if_due().await;
    }
    None
}

fn json(criterion: &Criterion) -> String {
    serde_json::to_string(criterion).unwrap_or_default()
}

/// What a condition has in common with those that it may exclude; none where only its opposite excludes it.
fn family(condition: &Criterion) -> Option<Criterion> {
    match condition {
        Criterion::Event(event) => Some(Criterion::Event(EventCriterion {
            compare: Compare::default(),
            ..event.clone()
        })),
        Criterion::Sequence(sequence) => Some(Criterion::Sequence(SequenceCriterion {
            reached: 0,
            not_reached: None,
            path: None,
            ..sequence.clone()
        })),
        Criterion::Cohort(cohort) => Some(Criterion::Cohort(CohortCriterion {
            outcome: CohortOutcome::Started,
            ..cohort.clone()
        })),
        _ => None,
    }
}

/// Whether two conditions of a family exclude each other.
fn excludes(first: &Criterion, second: &Criterion) -> bool {
    match (first, second) {
        (Criterion::Event(first), Criterion::Event(second)) => apart(first.compare, second.compare),
        (Criterion::Sequence(first), Criterion::Sequence(second)) => {
            stops_before(first, second) || stops_before(second, first)
        }
        (Criterion::Cohort(first), Criterion::Cohort(second)) => matches!(
            (first.outcome, second.outcome),
            (CohortOutcome::Returned, CohortOutcome::NotReturned)
                | (CohortOutcome::NotReturned, CohortOutcome::Returned)
        ),
        _ => false,
    }
}

/// Whether no figure passes both comparisons.
fn apart(first: Compare, second: Compare) -> bool {
    let ((from, to), (least, most)) = (span(first), span(second));
    to < least
        || most < from
        || (to == least && !(ends_in(first) && begins_in(second)))
        || (most == from && !(ends_in(second) && begins_in(first)))
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
const fn is_impossible(compare: Compare) -> bool {
    match compare {
        Compare::LessThan(value) => value <= 0.0,
        Compare::AtMost(value) | Compare::Exactly(value) | Compare::Between(_, value) => {
            value < 0.0
        }
        Compare::AtLeast(_) | Compare::MoreThan(_) => false,
    }
}

/// Whether every count is as asked.
const fn is_certain(compare: Compare) -> bool {
    match compare {
        Compare::AtLeast(value) => value <= 0.0,
        Compare::MoreThan(value) => value < 0.0,
        Compare::AtMost(_) | Compare::LessThan(_) | Compare::Exactly(_) | Compare::Between(..) => {
            false
        }
    }
}

/// Whether of the same sequence the one is for users who got to a step, and the other for users who did not get so far, or
/// who took another path.
fn stops_before(first: &SequenceCriterion, second: &SequenceCriterion) -> bool {
    let step = |number: u32| {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        first.steps.get(place)
    };
    let is_required = |number: u32| step(number).is_some_and(|step| !step.optional);
    let reached = first.reached;
    let other_path =
        matches!((&first.path, &second.path), (Some(one), Some(other)) if one != other);
    // Who got to a required step got to every required step before it.
    let stops = second.stop().is_some_and(|stop| {
        stop == reached || (stop < reached && is_required(stop) && is_required(reached))
    });
    other_path || stops
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
    use segments_engine_api::{Boxed, Runtime, StepTimer};
    use segments_model::Criterion;
    use serde_json::json;

    use super::{before, contradiction, missing, outline};

    /// A clock that stands still.
    struct Still;

    impl Runtime for Still {
        fn elapsed_ms(&self) -> f64 {
            0.0
        }

        fn pause(&self) -> Boxed<'static, ()> {
            Box::pin(async {})
        }
    }

    fn event(op: &str, value: serde_json::Value) -> serde_json::Value {
        json!({"type": "event", "event": "Order", "compare": {"op": op, "value": value}, "during": {"type": "all_time"}})
    }

    fn found(of: serde_json::Value) -> Option<(usize, usize)> {
        let of: Vec<Criterion> = serde_json::from_value(of).unwrap();
        let mut timer = StepTimer::begin(&Still);
        futures_util::FutureExt::now_or_never(contradiction(&of, &mut timer)).unwrap()
    }

    fn contradicts(a: serde_json::Value, b: serde_json::Value) -> bool {
        found(json!([a, b])).is_some()
    }

    #[test]
    fn criteria_are_numbered_as_an_outline() {
        assert_eq!(outline("/of/1"), "2");
        assert_eq!(outline("/of/1/of/id/of/1/of/0"), "2b1");
        assert_eq!(outline("/of/0/of/27"), "1ab");
        assert_eq!(before("/of/1", "0"), None);
        assert_eq!(before("", "1").as_deref(), Some("criterion 1"));
        assert_eq!(before("/of/1", "3").as_deref(), Some("criteria 2a to 2c"));
    }

    #[test]
    fn a_close_name_is_suggested() {
        let names = ["Order Completed", "Page Viewed", "Order Completed (old)"].map(str::to_owned);
        let mut left = 2;
        let mut missing = |name| missing("event", name, names.iter(), &mut left);
        assert_eq!(
            missing("order complete"),
            "There is no event \"order complete\". Did you mean \"Order Completed\"?"
        );
        assert_eq!(missing("Refund"), "There is no event \"Refund\".");
        // So many are looked for, and no more.
        assert_eq!(missing("Page View"), "There is no event \"Page View\".");
    }

    #[test]
    fn the_first_two_that_contradict_are_told() {
        let segment = |id: &str| json!({"type": "segment", "id": id});
        let not = |of: serde_json::Value| json!({"type": "not", "of": of});
        let few = event("at_most", json!(2));
        assert_eq!(
            found(json!([
                segment("a"),
                few,
                event("at_least", json!(5)),
                not(segment("a"))
            ])),
            Some((1, 2))
        );
        assert_eq!(
            found(json!([
                not(few.clone()),
                event("at_least", json!(5)),
                segment("a"),
                few
            ])),
            Some((0, 3)),
            "the earliest of those that it excludes"
        );
        assert_eq!(found(json!([segment("a"), segment("a"), few, few])), None);
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
    fn who_stopped_at_a_step_did_not_get_further() {
        let sequence = |reached: u32, not_reached: Option<u32>| {
            let mut sequence = json!({"type": "sequence", "during": {"type": "all_time"}, "reached": reached,
                "steps": [{"event": "A"}, {"event": "B", "optional": true}, {"event": "C"}, {"event": "D"}]});
            if let Some(step) = not_reached {
                sequence["not_reached"] = json!(step);
            }
            sequence
        };
        for (one, stop, expected) in [
            (3, Some(3), true),
            (4, Some(3), true),
            (2, Some(2), true),
            (4, Some(2), false),
            (3, Some(4), false),
            (1, Some(3), false),
        ] {
            let other = sequence(1, stop);
            assert_eq!(
                contradicts(sequence(one, None), other.clone()),
                expected,
                "{one} {stop:?}"
            );
            assert_eq!(
                contradicts(other, sequence(one, None)),
                expected,
                "{one} {stop:?}"
            );
        }
        let path = |path: serde_json::Value| {
            let mut sequence = sequence(1, None);
            sequence["reached"] = path[path.as_array().unwrap().len() - 1].clone();
            sequence["path"] = path;
            sequence
        };
        for (one, other, expected) in [
            (path(json!([1, 3])), path(json!([1, 2, 3])), true),
            (path(json!([1, 3])), path(json!([1, 3])), false),
            (path(json!([1, 3])), sequence(4, None), true),
            (path(json!([1, 2])), sequence(3, None), true),
            (path(json!([1, 3])), sequence(3, None), false),
            (path(json!([1, 2, 3])), sequence(1, Some(3)), true),
            (path(json!([1, 2])), sequence(1, Some(3)), false),
        ] {
            assert_eq!(
                contradicts(one.clone(), other.clone()),
                expected,
                "{one} {other}"
            );
            assert_eq!(
                contradicts(other.clone(), one.clone()),
                expected,
                "{one} {other}"
            );
        }
        let mut elsewhere = sequence(1, Some(3));
        elsewhere["steps"][0]["event"] = json!("E");
        assert!(!contradicts(sequence(4, None), elsewhere));
    }

    #[test]
    fn who_returned_did_not_stay_away() {
        let cohort = |outcome: &str, period: u32| {
            json!({"type": "cohort", "start": [{"event": "A"}], "first_time": true, "return": {"event": "B"}, "unit": "week",
                "started": {"type": "all_time"}, "period": period, "match": "on", "outcome": outcome})
        };
        assert!(contradicts(
            cohort("returned", 1),
            cohort("not_returned", 1)
        ));
        assert!(!contradicts(
            cohort("returned", 1),
            cohort("not_returned", 2)
        ));
        assert!(!contradicts(cohort("returned", 1), cohort("started", 1)));
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
