//! The laws of queries and of what is clicked in their answers.

use proptest::prelude::*;
use proptest::sample::Index;
use segments_model::calendar::Zone;
use segments_model::criterion::CohortOutcome;
use segments_model::decode::decode_value;
use segments_model::filter::Scope;
use segments_model::problem::Code;
use segments_model::project::Limits;
use segments_model::query::{FunnelGroupBy, GenerationBy, GroupBy, Query};
use segments_model::range::CalendarUnit;
use segments_model::selection::{
    CohortSelection, FunnelOutcome, FunnelSelection, PathSelection, SegmentationSelection,
    Selection, SelectionRequest, definition,
};
use segments_model::sentence::sentence;
use segments_model::validate::{check_query, validate};
use segments_model::{Instant, Range, Value, ValueType};
use serde_json::{Value as Json, json};

use super::strategies::{json as any_json, path, query};
use super::{agrees, damaged, refusals};

fn read(json: Json) -> Query {
    decode_value(json).unwrap()
}

fn errors(json: Json) -> Vec<(String, Code)> {
    check_query(&read(json), &Limits::default())
        .into_iter()
        .map(|error| (error.pointer, error.code))
        .collect()
}

fn with(mut base: Json, changes: Json) -> Json {
    for (key, value) in changes.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn segmentation(changes: Json) -> Json {
    let base = json!({
        "tool": "segmentation", "measures": [{"event": "A", "aggregate": {"of": "total"}}, {"event": "B", "aggregate": {"of": "users"}}],
        "during": {"type": "last", "count": 3, "unit": "day"}, "interval": "day",
    });
    with(base, changes)
}

fn funnel(changes: Json) -> Json {
    let base = json!({
        "tool": "funnel", "steps": [{"event": "A"}, {"event": "B"}, {"event": "C"}],
        "during": {"type": "last", "count": 3, "unit": "day"},
    });
    with(base, changes)
}

fn cohort(changes: Json) -> Json {
    let base = json!({
        "tool": "cohort", "start": [{"event": "A"}], "first_time": false, "return": {"event": "B"}, "unit": "week",
        "periods": 4, "match": "on", "during": {"type": "last", "count": 3, "unit": "week"},
    });
    with(base, changes)
}

#[test]
fn what_no_query_can_ask_is_refused_at_its_place() {
    let row = |aggregate: Json| {
        segmentation(json!({"measures": [{"event": "A", "aggregate": aggregate}]}))
    };
    let formula = |expression: &str| {
        segmentation(json!({"formulas": [{"name": "F", "expression": expression}]}))
    };
    let any = |changes: Json| with(funnel(json!({"order": "any"})), changes);
    let optional = |count: usize| {
        let mut steps = vec![json!({"event": "A"})];
        steps.extend(vec![json!({"event": "B", "optional": true}); count]);
        steps.push(json!({"event": "C"}));
        funnel(json!({"steps": steps}))
    };
    let wrong_user = json!({"type": "property", "scope": "event", "name": "p", "op": "is_set"});
    let mut deep = json!({"type": "segment", "id": "s"});
    for _ in 0..29 {
        deep = json!({"type": "not", "of": deep});
    }
    let many = json!({"type": "all", "of": vec![json!({"type": "segment", "id": "s"}); 484]});
    let conditions = json!({"type": "any", "of": vec![json!({"type": "segment", "id": "s"}); 400]});
    let cases = [
        (
            segmentation(json!({"measures": []})),
            "/measures",
            Code::Empty,
        ),
        (
            segmentation(
                json!({"measures": vec![json!({"event": "A", "aggregate": {"of": "total"}}); 27]}),
            ),
            "/measures",
            Code::TooLarge,
        ),
        (
            row(json!({"of": "sum"})),
            "/measures/0/aggregate",
            Code::Empty,
        ),
        (
            row(json!({"of": "sum", "property": ""})),
            "/measures/0/aggregate/property",
            Code::Empty,
        ),
        (
            row(json!({"of": "total", "property": "p"})),
            "/measures/0/aggregate/property",
            Code::NotAllowed,
        ),
        (
            row(json!({"of": "users", "per_user": true})),
            "/measures/0/aggregate/per_user",
            Code::NotAllowed,
        ),
        (
            formula("A / "),
            "/formulas/0/expression",
            Code::InvalidFormula,
        ),
        (
            formula("A + C"),
            "/formulas/0/expression",
            Code::InvalidFormula,
        ),
        (
            segmentation(json!({"formulas": [{"name": " ", "expression": "A"}]})),
            "/formulas/0/name",
            Code::Empty,
        ),
        (
            segmentation(json!({"group_by": vec![json!({"segment": "s"}); 6]})),
            "/group_by",
            Code::TooLarge,
        ),
        (
            segmentation(json!({"group_by": [{"segment": ""}]})),
            "/group_by/0/segment",
            Code::Empty,
        ),
        (
            segmentation(json!({"group_by": [{"scope": "user", "name": ""}]})),
            "/group_by/0/name",
            Code::Empty,
        ),
        (
            segmentation(json!({"during": {"type": "all_time"}, "compare": "previous_range"})),
            "/compare",
            Code::NotAllowed,
        ),
        (
            segmentation(json!({"max_groups": 0})),
            "/max_groups",
            Code::OutOfRange,
        ),
        (
            funnel(json!({"max_groups": 1001})),
            "/max_groups",
            Code::OutOfRange,
        ),
        (
            cohort(json!({"during": {"type": "last", "count": 0, "unit": "day"}})),
            "/during/count",
            Code::OutOfRange,
        ),
        (
            segmentation(json!({"audience": {"type": "user", "where": wrong_user}})),
            "/audience/where/scope",
            Code::NotAllowed,
        ),
        (segmentation(json!({"audience": many})), "", Code::TooLarge),
        (
            segmentation(json!({"audience": {"type": "user", "where": conditions}})),
            "",
            Code::TooLarge,
        ),
        (funnel(json!({"steps": []})), "/steps", Code::Empty),
        (
            funnel(json!({"steps": [{"event": "A"}, {"event": "B", "optional": true}]})),
            "/steps/1/optional",
            Code::NotAllowed,
        ),
        (
            funnel(json!({"steps": [{"event": "A", "optional": true}]})),
            "/steps/0/optional",
            Code::NotAllowed,
        ),
        (optional(5), "/steps", Code::TooLarge),
        (
            any(json!({"steps": vec![json!({"event": "A"}); 11]})),
            "/steps",
            Code::TooLarge,
        ),
        (
            any(json!({"steps": [{"event": "A"}, {"event": "B", "optional": true}]})),
            "/steps/1/optional",
            Code::NotAllowed,
        ),
        (
            any(json!({"exclude": [{"event": "X", "from": 1, "to": 2}]})),
            "/exclude",
            Code::NotAllowed,
        ),
        (
            funnel(json!({"within": {"of": "step", "count": 0, "unit": "day"}})),
            "/within/count",
            Code::OutOfRange,
        ),
        (
            funnel(json!({"group_by": {"scope": "event", "name": "p", "step": 4}})),
            "/group_by/step",
            Code::OutOfRange,
        ),
        (
            funnel(json!({"group_by": {"scope": "event", "name": "p", "step": 0}})),
            "/group_by/step",
            Code::OutOfRange,
        ),
        (
            funnel(json!({"group_by": {"segment": ""}})),
            "/group_by/segment",
            Code::Empty,
        ),
        (cohort(json!({"start": []})), "/start", Code::Empty),
        (
            cohort(json!({"periods": 367})),
            "/periods",
            Code::OutOfRange,
        ),
        (
            cohort(json!({"cumulative": true, "match": "on_or_after"})),
            "/cumulative",
            Code::NotAllowed,
        ),
        (
            cohort(json!({"measure": {"of": "sum", "property": ""}})),
            "/measure/property",
            Code::Empty,
        ),
        (
            cohort(json!({"generation": {"of": "property", "scope": "user", "name": ""}})),
            "/generation/name",
            Code::Empty,
        ),
        (
            cohort(json!({"generation": {"of": "segment", "id": ""}})),
            "/generation/id",
            Code::Empty,
        ),
    ];
    for (json, pointer, code) in cases {
        assert_eq!(errors(json.clone()), [(pointer.to_owned(), code)], "{json}");
    }
    for good in [
        segmentation(json!({})),
        funnel(json!({})),
        cohort(json!({})),
        optional(4),
    ] {
        assert_eq!(errors(good), []);
    }
    assert_eq!(
        errors(segmentation(json!({"audience": deep.clone()}))).len(),
        1
    );
    assert_eq!(errors(segmentation(json!({"audience": deep["of"]}))), []);
}

#[test]
fn a_formula_is_refused_with_the_character() {
    let query = read(segmentation(
        json!({"formulas": [{"name": "F", "expression": "A / Z"}]}),
    ));
    let [error] = check_query(&query, &Limits::default()).try_into().unwrap();
    assert!(error.detail.starts_with("at character 5: "), "{error}");
}

#[test]
fn a_selection_is_read_as_its_query_says() {
    let query = segmentation(json!({}));
    let refused = |selection: Json| {
        refusals::<SelectionRequest>(&json!({"query": query, "selection": selection}).to_string())
    };
    let wrong: Vec<String> = refused(json!({"step": 1, "outcome": "reached"}))
        .into_keys()
        .collect();
    assert_eq!(
        wrong,
        ["/selection", "/selection/outcome", "/selection/step"]
    );
    let part = |selection: Json| json!({"query": funnel(json!({})), "selection": selection});
    let told = |selection| refusals::<SelectionRequest>(&part(selection).to_string());
    assert_eq!(
        told(json!({"path": [1], "outcome": "reached"}))["/selection/outcome"],
        "there is no field \"outcome\" here: there are \"path\", \"group\""
    );
    assert_eq!(
        told(json!({"path": [1, "2"]}))
            .into_keys()
            .collect::<Vec<_>>(),
        ["/selection/path/1"]
    );
    let found = decode_value::<SelectionRequest>(part(json!({"path": [1, 2], "group": null})));
    assert_eq!(
        found.unwrap().selection,
        Selection::Path(PathSelection {
            path: vec![1, 2],
            group: None
        })
    );
    assert_eq!(
        refused(json!({"measure": 0, "bukket": null}))["/selection/bukket"],
        "there is no field \"bukket\" here: did you mean \"bucket\"?"
    );
    let missing: SelectionRequest = decode_value(json!({
        "query": cohort(json!({"generation": {"of": "property", "scope": "user", "name": "p"}})),
        "selection": {"generation": null, "outcome": "started"},
    }))
    .unwrap();
    let Selection::Cohort(selection) = &missing.selection else {
        panic!("{missing:?}")
    };
    assert_eq!(selection.generation, Some(None));
    let no_tool = refusals::<SelectionRequest>(r#"{"query": {"tol": "funnel"}, "selection": 7}"#);
    assert_eq!(no_tool.into_keys().collect::<Vec<_>>(), ["/query"]);
}

#[test]
fn a_choice_without_fields_takes_none() {
    let json = cohort(
        json!({"measure": {"of": "users", "count": 1}, "generation": {"of": "time", "x": 1}}),
    );
    let wrong = refusals::<Query>(&json.to_string());
    assert_eq!(
        wrong.into_keys().collect::<Vec<_>>(),
        ["/generation/x", "/measure/count"]
    );
    agrees::<Query>(&json).unwrap();
}

// ---- laws

fn types(_: Scope, name: &str) -> Option<ValueType> {
    match name {
        "country" => Some(ValueType::String),
        "price" => Some(ValueType::Number),
        "plan" => Some(ValueType::Boolean),
        "signed_up_at" => Some(ValueType::Datetime),
        _ => None,
    }
}

fn value(name: &str, choice: usize) -> Option<Value> {
    if choice.is_multiple_of(3) {
        return None;
    }
    Some(match name {
        "country" => "Germany".into(),
        "price" => 5.5.into(),
        "plan" => choice.is_multiple_of(2).into(),
        _ => "2026-05-01T10:00:00.000Z".into(),
    })
}

/// Choices, one after the other.
struct Choices<'a>(std::slice::Iter<'a, Index>);

impl Choices<'_> {
    fn of(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |index| index.index(count))
    }
}

/// A bucket of a range, if it has one, or none.
fn bucket(
    choices: &mut Choices<'_>,
    unit: Option<CalendarUnit>,
    range: &Range,
    zone: &Zone,
    as_of: Instant,
) -> Option<Instant> {
    let bounds = zone.bounds(range, as_of);
    let first = as_of.saturating_add_millis(-5_000_000_000);
    let buckets = zone.buckets(Some(unit?), bounds, as_of, Some(first))?;
    if buckets.is_empty() || choices.of(3) == 0 {
        return None;
    }
    buckets[choices.of(buckets.len())].start
}

/// A part of the answer to a query that can be clicked; none where a cohort has none at the place chosen.
fn selection(
    query: &Query,
    zone: &Zone,
    as_of: Instant,
    choices: &mut Choices<'_>,
) -> Option<Selection> {
    let in_segment = |choice: usize| Some(Value::from(choice == 0));
    Some(match query {
        Query::Segmentation(query) => {
            let group = query
                .group_by
                .iter()
                .map(|by| match by {
                    GroupBy::Property(by) => value(&by.name, choices.of(9)),
                    GroupBy::Segment(_) => in_segment(choices.of(2)),
                })
                .collect();
            Selection::Segmentation(SegmentationSelection {
                measure: u32::try_from(choices.of(query.measures.len())).unwrap(),
                group: (choices.of(3) > 0).then_some(group),
                bucket: bucket(choices, query.interval.unit(), &query.during, zone, as_of),
            })
        }
        Query::Funnel(query) => {
            let group = query.group_by.as_ref().map(|by| match by {
                FunnelGroupBy::Property(by) => value(&by.name, choices.of(9)),
                FunnelGroupBy::Segment(_) => in_segment(choices.of(2)),
            });
            let step = choices.of(query.steps.len());
            let group = (choices.of(3) > 0).then(|| group.into_iter().collect());
            if query.steps.iter().any(|step| step.optional) && choices.of(2) == 0 {
                let taken = choices.0.next()?;
                return Some(Selection::Path(PathSelection {
                    path: path(&query.steps, step, taken),
                    group,
                }));
            }
            let outcomes = if step + 1 == query.steps.len() { 1 } else { 3 };
            let unit = query.interval.and_then(|interval| interval.unit());
            Selection::Funnel(FunnelSelection {
                step: u32::try_from(step + 1).unwrap(),
                outcome: [
                    FunnelOutcome::Reached,
                    FunnelOutcome::Converted,
                    FunnelOutcome::Dropped,
                ][choices.of(outcomes)],
                group,
                bucket: bucket(choices, unit, &query.during, zone, as_of),
            })
        }
        Query::Cohort(query) => {
            let unit = query.unit.unit();
            let bounds = zone.bounds(&query.during, as_of);
            let generation = match &query.generation {
                _ if choices.of(3) == 0 => None,
                GenerationBy::Time => {
                    let first = as_of.saturating_add_millis(-5_000_000_000);
                    let buckets = zone.buckets(Some(unit), bounds, as_of, Some(first))?;
                    let bucket = buckets.get(choices.of(buckets.len().max(1)))?;
                    let start = zone.unit_start(unit, bucket.start?);
                    Some(Some(Value::String(start.to_string())))
                }
                GenerationBy::Property { name, .. } => Some(value(name, choices.of(9))),
                GenerationBy::Segment { .. } => Some(in_segment(choices.of(2))),
            };
            let period = u32::try_from(choices.of(query.periods as usize + 1)).unwrap();
            let by_time = query.generation == GenerationBy::Time && generation.is_some();
            let period = (choices.of(4) > 0).then_some(period).filter(|period| {
                if by_time {
                    *period == 0
                } else {
                    // Somebody who started in the first unit can have this period behind.
                    (0..=*period).fold(bounds.start, |at, _| zone.next_unit(unit, at)) <= as_of
                        && !bounds.is_empty()
                }
            });
            Selection::Cohort(CohortSelection {
                generation,
                period,
                outcome: [
                    CohortOutcome::Started,
                    CohortOutcome::Returned,
                    CohortOutcome::NotReturned,
                ][choices.of(3)],
            })
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_go_there_and_back_and_are_valid(query in query()) {
        let json = serde_json::to_value(&query).unwrap();
        prop_assert_eq!(&decode_value::<Query>(json).unwrap(), &query);
        prop_assert_eq!(check_query(&query, &Limits::default()), []);
    }

    #[test]
    fn damaged_queries_are_read_as_serde_reads_them(
        query in query(), at in any::<Index>(), with in any_json(), choice in any::<usize>()
    ) {
        let json = damaged(&serde_json::to_value(&query).unwrap(), &at, &with, choice);
        agrees::<Query>(&json)?;
        if let Ok(query) = decode_value::<Query>(json) {
            drop(check_query(&query, &Limits::default()));
        }
    }

    #[test]
    fn what_can_be_clicked_is_a_valid_definition(
        query in query(), choices in prop::collection::vec(any::<Index>(), 20), as_of in 0_i64..2_000_000_000_000,
        at in any::<Index>(), other in any_json(), choice in any::<usize>()
    ) {
        let zone = Zone::parse(query.time_zone().unwrap_or("America/Sao_Paulo")).unwrap();
        let as_of = Instant::from_millis_saturating(as_of);
        if let Some(selection) = selection(&query, &zone, as_of, &mut Choices(choices.iter())) {
            let request = SelectionRequest { query, selection };
            let json = serde_json::to_value(&request).unwrap();
            prop_assert_eq!(&decode_value::<SelectionRequest>(json.clone()).unwrap(), &request);
            let SelectionRequest { query, selection } = request;
            let made = definition(&query, &selection, &zone, as_of, &types);
            let definition = made.map_err(|errors| TestCaseError::fail(format!("{errors:?} {selection:?}")))?;
            prop_assert_eq!(validate(&definition, &Limits::default()), []);
            let sentence = sentence(&definition, &|_| None);
            prop_assert_eq!(sentence.matches('(').count(), sentence.matches(')').count());
            prop_assert!(sentence.starts_with("users who"), "{}", sentence);

            // Whatever else is asked for is a definition or refused, in place.
            let mut json = json;
            json["selection"] = damaged(&json["selection"], &at, &other, choice);
            agrees::<SelectionRequest>(&json)?;
            if let Ok(request) = decode_value::<SelectionRequest>(json) {
                match self::definition(&request.query, &request.selection, &zone, as_of, &types) {
                    Ok(definition) => prop_assert_eq!(validate(&definition, &Limits::default()), []),
                    Err(errors) => prop_assert!(
                        !errors.is_empty() && errors.iter().all(|error| error.pointer.starts_with("/selection"))
                    ),
                }
            }
        }
    }
}
