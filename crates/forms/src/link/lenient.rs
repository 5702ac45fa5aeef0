//! Queries read as far as they can be understood.
//!
//! The model says with JSON pointers what of a query it cannot read. What it names is taken out, a field that has to be
//! there together with what holds it, until the rest can be read: of a row with an unknown figure the row goes, of a row
//! with an unknown condition the condition. What has to be there in every query, such as its range, becomes what a new query
//! has. Each loss is told with the part's name.

use std::collections::BTreeSet;

use segments_model::decode::{Fault, FaultKind, read_value};
use segments_model::query::Query;
use segments_model::sentence::capital;
use segments_model::sort::set_of;
use serde_json::{Map, Value, json};

use crate::error::is_within;
use crate::tool::Tool;

/// How often the rest is looked at again. Each time something has been taken out of it.
const MOST_ROUNDS: usize = 200;
/// How many losses are told one by one.
const MOST_TOLD: usize = 6;

/// A query as far as it was understood.
#[derive(Debug, PartialEq)]
pub struct ReadQuery {
    pub query: Query,
    /// What was left out, each as a sentence.
    pub lost: Vec<String>,
    /// Whether a row or step went that others stood behind, so that what is told by places is wrong now.
    pub moved: bool,
}

/// Something that was taken out.
struct Loss {
    /// Where it stood.
    place: String,
    reason: String,
}

/// Reads a query of a tool.
///
/// # Errors
/// A sentence, where nothing of it can be understood.
pub fn query(tool: Tool, fields: Map<String, Value>) -> Result<ReadQuery, String> {
    let mut whole = Value::Object(fields);
    let mut losses: Vec<Loss> = Vec::new();
    let mut missing = Vec::new();
    let nothing = || format!("It has no valid {} query.", tool.label());
    for _ in 0..MOST_ROUNDS {
        let out = set_of(losses.iter().map(|loss| loss.place.as_str()));
        let rest = without(&whole, "", &out);
        let errors = match read_value::<Query>(rest.clone()) {
            Ok(query) => {
                if is_nothing(&query) && !losses.is_empty() {
                    return Err(nothing());
                }
                let moved = losses.iter().any(|loss| is_row(tool, &loss.place));
                if moved && unhinge(tool, &whole, &mut losses) {
                    continue;
                }
                return Ok(ReadQuery {
                    query,
                    lost: told(tool, &losses, &missing),
                    moved,
                });
            }
            Err(errors) => errors,
        };
        let found: Vec<(String, Fault)> = errors
            .into_iter()
            .map(|fault| (original(&fault.pointer, &whole, &out), fault))
            .collect();
        let before = (losses.len(), missing.len());
        let mut changed = false;
        for (place, fault) in found {
            if place.is_empty() {
                let added = supply(tool, &mut whole, &mut losses);
                changed |= !added.is_empty();
                missing.extend(added);
            } else {
                changed |= lose(&whole, &mut losses, place, &fault);
            }
        }
        if !changed && before == (losses.len(), missing.len()) {
            break;
        }
    }
    Err(nothing())
}

/// Takes a place out, with what makes no sense without it. Answers whether it was still there.
fn lose(whole: &Value, losses: &mut Vec<Loss>, place: String, fault: &Fault) -> bool {
    if losses.iter().any(|loss| is_within(&place, &loss.place)) {
        return false;
    }
    // Something has to be there that was just taken out: the first reason stays.
    let reason = losses
        .iter()
        .find(|loss| is_within(&loss.place, &place))
        .map_or_else(|| reason(whole, &place, fault), |loss| loss.reason.clone());
    losses.retain(|loss| !is_within(&loss.place, &place));
    let emptied = place.rsplit_once('/').and_then(|(list, _)| {
        let (owner, name) = list.rsplit_once('/')?;
        let items = whole.pointer(list)?.as_array()?.len();
        let gone = 1 + losses
            .iter()
            .filter(|loss| {
                loss.place
                    .rsplit_once('/')
                    .is_some_and(|(of, _)| of == list)
            })
            .count();
        // Without any of its parts a group would let everybody through, or nobody.
        (matches!(name, "of" | "values" | "ids") && gone == items && !owner.is_empty())
            .then(|| owner.to_owned())
    });
    match emptied {
        Some(owner) => {
            losses.retain(|loss| !is_within(&loss.place, &owner));
            losses.push(Loss {
                place: owner,
                reason,
            });
        }
        None => losses.push(Loss { place, reason }),
    }
    true
}

/// Takes out what is told by the places of rows or steps, of which some have gone. Answers whether there was such.
fn unhinge(tool: Tool, whole: &Value, losses: &mut Vec<Loss>) -> bool {
    let places: &[&str] = match tool {
        Tool::Segmentation => &["/formulas"],
        Tool::Funnel => &["/exclude", "/group_by/step"],
        Tool::Cohort => &[],
    };
    let before = losses.len();
    for place in places {
        let there = whole.pointer(place).is_some_and(|value| !value.is_null());
        if there && !losses.iter().any(|loss| is_within(place, &loss.place)) {
            losses.retain(|loss| !is_within(&loss.place, place));
            losses.push(Loss {
                place: (*place).to_owned(),
                reason: match tool {
                    Tool::Segmentation => "the rows have different letters now".to_owned(),
                    Tool::Funnel | Tool::Cohort => {
                        "the steps have different numbers now".to_owned()
                    }
                },
            });
            return true;
        }
    }
    losses.len() != before
}

/// Puts in what every query of the tool has, as a new one has it, where it is not there. Answers the names.
fn supply(tool: Tool, whole: &mut Value, losses: &mut Vec<Loss>) -> Vec<String> {
    let during = json!({"type": "last", "count": 30, "unit": "day"});
    let needed: Vec<(&str, Value)> = match tool {
        Tool::Segmentation => vec![
            ("measures", json!([])),
            ("during", during),
            ("interval", "day".into()),
        ],
        Tool::Funnel => vec![("steps", json!([])), ("during", during)],
        Tool::Cohort => vec![
            ("start", json!([])),
            ("return", json!({"event": null})),
            ("first_time", false.into()),
            ("unit", "week".into()),
            ("periods", 8.into()),
            ("match", "on".into()),
            ("during", during),
        ],
    };
    let Some(fields) = whole.as_object_mut() else {
        return Vec::new();
    };
    let mut added = Vec::new();
    for (name, value) in needed {
        let place = format!("/{name}");
        let lost = losses.iter().position(|loss| loss.place == place);
        if fields.contains_key(name) && lost.is_none() {
            continue;
        }
        fields.insert(name.to_owned(), value);
        added.push(match lost.map(|lost| losses.remove(lost)) {
            Some(loss) => sentence(&format!(
                "{} was left out: {}",
                named(tool, &place),
                loss.reason
            )),
            None => sentence(&format!("{} is missing", named(tool, &place))),
        });
    }
    added
}

/// Whether a query asks nothing any more.
fn is_nothing(query: &Query) -> bool {
    let rows = match query {
        Query::Segmentation(query) => query.measures.len(),
        Query::Funnel(query) => query.steps.len(),
        Query::Cohort(query) => query.start.len(),
    };
    rows == 0 && query.audience().is_none()
}

/// A value without some places.
fn without(value: &Value, place: &str, out: &BTreeSet<&str>) -> Value {
    let inner = |key: &str, value: &Value| {
        let place = format!("{place}/{}", escaped(key));
        (!out.contains(place.as_str())).then(|| without(value, &place, out))
    };
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| inner(&index.to_string(), item))
            .collect(),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), inner(name, value)?)))
                .collect(),
        ),
        _ => value.clone(),
    }
}

/// Where something stood before places were taken out.
fn original(pointer: &str, whole: &Value, out: &BTreeSet<&str>) -> String {
    let mut place = String::new();
    let mut here = Some(whole);
    for part in pointer.split('/').skip(1) {
        let part = match (here, part.parse::<usize>()) {
            (Some(Value::Array(items)), Ok(index)) => (0..items.len())
                .filter(|index| !out.contains(format!("{place}/{index}").as_str()))
                .nth(index)
                .unwrap_or(index)
                .to_string(),
            _ => part.to_owned(),
        };
        here = here.and_then(|value| value.pointer(&format!("/{part}")));
        place.push('/');
        place.push_str(&part);
    }
    place
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The list that a tool's query is made of first of all.
const fn rows(tool: Tool) -> &'static str {
    match tool {
        Tool::Segmentation => "measures",
        Tool::Funnel => "steps",
        Tool::Cohort => "start",
    }
}

fn is_row(tool: Tool, place: &str) -> bool {
    place
        .strip_prefix('/')
        .and_then(|place| place.strip_prefix(rows(tool)))
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|index| !index.contains('/'))
}

fn told(tool: Tool, losses: &[Loss], missing: &[String]) -> Vec<String> {
    let mut told = missing.to_vec();
    told.extend(losses.iter().map(|loss| {
        sentence(&format!(
            "{} was left out: {}",
            named(tool, &loss.place),
            loss.reason
        ))
    }));
    if told.len() > MOST_TOLD {
        let more = told.len() - MOST_TOLD + 1;
        told.truncate(MOST_TOLD - 1);
        told.push(format!("{more} more parts were left out."));
    }
    told
}

fn sentence(text: &str) -> String {
    capital(text) + "."
}

/// What a place in a query is called on the page.
fn named(tool: Tool, place: &str) -> String {
    let mut parts = place.split('/').skip(1);
    let field = parts.next().unwrap_or_default();
    let counted = |word: &str, index: Option<&str>| {
        let number = index.and_then(|index| index.parse::<usize>().ok());
        number.map(|number| format!("{word} {}", number + 1))
    };
    let index = parts.clone().next();
    let root = match field {
        "measures" => {
            let letter = index
                .and_then(|index| index.parse::<u8>().ok())
                .filter(|index| *index < 26)
                .map(|index| char::from(b'A' + index));
            match letter {
                Some(letter) => Some(format!("measure {letter}")),
                None => counted("measure", index),
            }
        }
        "steps" => counted("step", index),
        "formulas" => counted("formula", index),
        "exclude" => counted("exclusion", index),
        "group_by" => counted("breakdown", index),
        "start" => counted("start event", index),
        _ => None,
    };
    if root.is_some() {
        parts.next();
    }
    let root = root.unwrap_or_else(|| match field {
        "measures" => "the list of measures".to_owned(),
        "steps" => "the list of steps".to_owned(),
        "formulas" => "the list of formulas".to_owned(),
        "exclude" => "the list of exclusions".to_owned(),
        "group_by" => "the breakdown".to_owned(),
        "start" => "the list of start events".to_owned(),
        "return" => "the return event".to_owned(),
        "audience" => "the audience".to_owned(),
        "during" => "the date range".to_owned(),
        "interval" => "the interval".to_owned(),
        "compare" => "the comparison".to_owned(),
        "max_groups" => "the number of groups".to_owned(),
        "as_of" => "the as-of time".to_owned(),
        "time_zone" => "the time zone".to_owned(),
        "order" => "the order of the steps".to_owned(),
        "within" => "the conversion window".to_owned(),
        "measure" => "the cell value".to_owned(),
        "generation" => "the cohort breakdown".to_owned(),
        "unit" => "the cohort unit".to_owned(),
        "periods" => "the number of periods".to_owned(),
        "match" => "which return counts".to_owned(),
        "first_time" => "whether only the first start counts".to_owned(),
        "cumulative" => "whether cells add up".to_owned(),
        other => format!("\"{}\" of the {} query", cut(other), tool.label()),
    });
    match parts.next() {
        None => root,
        Some("where") => format!("a condition of {root}"),
        Some("did") => format!("a \"did\" condition of {root}"),
        Some("step") if field == "group_by" => "the step of the breakdown".to_owned(),
        Some(_) if field == "audience" => "a condition of the audience".to_owned(),
        Some(_) => format!("a part of {root}"),
    }
}

/// Why the model cannot read what stands at a place.
fn reason(whole: &Value, place: &str, fault: &Fault) -> String {
    let field = place.rsplit('/').next().unwrap_or_default();
    let word = match field {
        "of" => "figure",
        "op" => "operator",
        "event" => "event",
        "unit" => "unit",
        "type" => "kind of condition",
        "interval" => "interval",
        "compare" => "comparison",
        "order" => "order",
        "scope" => "scope",
        "name" | "property" => "property",
        "match" | "outcome" => "choice",
        _ => "value",
    };
    let value = whole.pointer(place);
    match fault.kind {
        FaultKind::Missing(name) => return format!("it has no \"{name}\""),
        FaultKind::UnknownField => {
            return format!("\"{}\" is not a known field", cut(field));
        }
        FaultKind::UnknownWord | FaultKind::TooDeep | FaultKind::Unexpected => {}
    }
    let found = match value {
        Some(Value::String(text)) => format!("'{}'", cut(text)),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => return fault.detail.trim_end_matches('.').to_owned(),
    };
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    if word != "value" && fault.kind == FaultKind::UnknownWord {
        format!("it names an unknown {word} {found}")
    } else {
        format!("it has {article} {word} that does not fit: {found}")
    }
}

fn cut(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
