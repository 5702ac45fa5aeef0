//! The query in the URL: `?q=` opens a tool with a query, how it is shown, and what was chosen.
//!
//! What is written is `query:(…),view:(…),selection:(…),v:1` in [`notation`], without what is as it is anyway: the tool,
//! which the page says, and fields that have their default value. The version stands at the end, so that a link never
//! ends in a bracket, which programs that find links in texts leave off; a link without it was cut off. JSON is read too: the
//! same fields, or a query alone as in the contract.
//!
//! Reading is lenient, see `lenient`: what cannot be understood is left out and told, the rest opens. Links of older
//! versions go through `UPGRADES`; `link/v1.txt` holds links that have to open for ever.

mod lenient;
pub mod notation;

use segments_model::query::Query;
use segments_model::segment::Origin;
use segments_model::selection::Selection;
use serde_json::{Map, Value, json};

use crate::tool::Tool;

/// The version of the links that are written.
const VERSION: u64 = 1;

/// What leads from each version of links to the next, the first one from version 1 to version 2.
const UPGRADES: [fn(Value) -> Value; VERSION as usize - 1] = [];

/// The parameter that holds it.
pub const PARAM: &str = "q";

/// What a link says.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub query: Query,
    /// How it is shown; `null`: as a new one.
    pub view: Value,
    /// What was chosen of its answer.
    pub selection: Option<Selection>,
}

/// A link as far as it was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub link: Link,
    /// What of it could not be understood and was left out, each as a sentence.
    pub lost: Vec<String>,
}

impl Link {
    /// The text of the parameter.
    #[must_use]
    pub fn write(&self) -> String {
        let mut query = serde_json::to_value(&self.query).unwrap_or_default();
        if let Some(fields) = query.as_object_mut() {
            fields.remove("tool");
        }
        leave_out_defaults(&mut query);
        let mut fields = vec![("query", query)];
        if !self.view.is_null() {
            fields.push(("view", self.view.clone()));
        }
        if let Some(selection) = &self.selection {
            fields.push((
                "selection",
                serde_json::to_value(selection).unwrap_or_default(),
            ));
        }
        fields.push(("v", VERSION.into()));
        notation::write_fields(&fields)
    }

    /// Reads the text of the parameter on the page of a tool.
    ///
    /// # Errors
    /// A sentence, where there is no query in it.
    pub fn read(text: &str, tool: Tool) -> Result<Opened, String> {
        let mut lost = Vec::new();
        let mut fields = if text.trim_start().starts_with('{') {
            let value: Value = serde_json::from_str(text)
                .map_err(|error| format!("The link has JSON that cannot be read: {error}."))?;
            if value.get("query").is_some_and(Value::is_object) {
                value
            } else {
                json!({ "query": value })
            }
        } else {
            let read = notation::read_fields(text);
            if read.value.get("v").is_none() {
                lost.push(
                    "The end of the link is missing, so the query may be incomplete.".to_owned(),
                );
            } else if !read.whole {
                lost.push("Part of the link cannot be read and was left out.".to_owned());
            }
            read.value
        };
        match fields.get("v").map(Value::as_u64) {
            None => {}
            Some(Some(version)) if version > VERSION => lost.push(format!(
                "The link has version {version}, but this page reads links up to version {VERSION}. Newer parts were left out."
            )),
            Some(Some(version)) if version > 0 => fields = upgrade(fields, version),
            Some(_) => lost.push("The version of the link cannot be read.".to_owned()),
        }
        let mut take = |name: &str| fields.get_mut(name).map(Value::take).unwrap_or_default();
        open(
            take("query"),
            take("view"),
            take("selection"),
            Some(tool),
            lost,
        )
    }

    /// What a segment was made from.
    ///
    /// # Errors
    /// A sentence, where there is no query in it.
    pub fn of_origin(origin: &Origin) -> Result<Opened, String> {
        open(
            origin.query.clone(),
            origin.view.clone(),
            origin.selection.clone(),
            None,
            Vec::new(),
        )
    }
}

/// Brings the fields of a link from a version to the one of today.
fn upgrade(fields: Value, version: u64) -> Value {
    let known = usize::try_from(version - 1).unwrap_or(usize::MAX);
    UPGRADES
        .iter()
        .skip(known)
        .fold(fields, |fields, step| step(fields))
}

/// Takes fields away that say what is so without them. Wherever in a query they stand, these have this default.
fn leave_out_defaults(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(leave_out_defaults),
        Value::Object(fields) => {
            fields.retain(|name, value| match name.as_str() {
                "order" => *value != "sequential",
                "cumulative" => *value != false,
                "measure" => *value != json!({"of": "users"}),
                "generation" => *value != json!({"of": "time"}),
                _ => true,
            });
            fields.values_mut().for_each(leave_out_defaults);
        }
        _ => {}
    }
}

/// The tool that a query says it is of, and the query with the tool in it.
fn with_tool(query: Value, expected: Option<Tool>) -> Result<(Tool, Map<String, Value>), String> {
    let Value::Object(mut fields) = query else {
        return Err("It has no query.".to_owned());
    };
    let tool = match (fields.get("tool"), expected) {
        (None, Some(tool)) => tool,
        (None, None) => return Err("It does not say which tool it is for.".to_owned()),
        (Some(word), _) => Tool::ALL
            .into_iter()
            .find(|tool| *word == tool.word())
            .ok_or_else(|| format!("It is for an unknown tool: {word}."))?,
    };
    if let Some(expected) = expected
        && tool != expected
    {
        return Err(format!("It is for another tool: {}.", tool.label()));
    }
    fields.insert("tool".to_owned(), tool.word().into());
    Ok((tool, fields))
}

fn open(
    query: Value,
    view: Value,
    selection: Value,
    expected: Option<Tool>,
    mut lost: Vec<String>,
) -> Result<Opened, String> {
    let (tool, fields) = with_tool(query, expected)?;
    let read = lenient::query(tool, fields)?;
    lost.extend(read.lost);
    let mut link = Link {
        query: read.query,
        view: Value::Null,
        selection: None,
    };
    // What is told by places says something else once the places have moved.
    let moved =
        |what: &str| format!("{what} was left out because the rows it refers to have changed.");
    if !view.is_null() {
        if !view.is_object() {
            lost.push("The view cannot be read and was left out.".to_owned());
        } else if read.moved {
            lost.push(moved("The view"));
        } else {
            link.view = view;
        }
    }
    if !selection.is_null() {
        match serde_json::from_value::<Selection>(selection) {
            _ if read.moved => lost.push(moved("The selection")),
            Ok(selection) if is_there(&selection, &link.query) => link.selection = Some(selection),
            _ => {
                lost.push("The selection was left out: these results have no such part.".to_owned())
            }
        }
    }
    Ok(Opened { link, lost })
}

/// Whether the answer of a query has the row, step or path that was chosen.
fn is_there(selection: &Selection, query: &Query) -> bool {
    match (selection, query) {
        (Selection::Segmentation(selection), Query::Segmentation(query)) => {
            usize::try_from(selection.measure).is_ok_and(|row| row < query.measures.len())
        }
        (Selection::Funnel(selection), Query::Funnel(query)) => usize::try_from(selection.step)
            .is_ok_and(|step| (1..=query.steps.len()).contains(&step)),
        (Selection::Path(selection), Query::Funnel(query)) => selection.path.iter().all(|step| {
            usize::try_from(*step).is_ok_and(|step| (1..=query.steps.len()).contains(&step))
        }),
        (Selection::Cohort(selection), Query::Cohort(query)) => selection
            .period
            .is_none_or(|period| period <= query.periods),
        _ => false,
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
mod tests;
