//! The part of an answer that was selected: what a menu shows of it, and how a link carries it.

use segments_charts::scene::Anchor;
use segments_format::url::Params;
use segments_forms::link::{Link, Opened, PARAM};
use segments_forms::tool::Tool;
use segments_model::query::Query;
use segments_model::selection::{Selection, SelectionRequest};
use serde_json::Value;

/// A part of an answer, in words and with the users that it can be about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerPart {
    /// The group that it is of, where its choices do not say so; empty: of none.
    pub of: String,
    /// What it is: `168 users on Mobile`.
    pub title: String,
    /// What it means, a sentence or two.
    pub text: String,
    /// Figures that belong to it.
    pub facts: Vec<PartFact>,
    /// Which users it can be about, the first one chosen: the point or its series, both sides of a step.
    pub choices: Vec<PartChoice>,
}

/// A figure that belongs to a part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartFact {
    /// Which series' sign stands before it.
    pub style: Option<usize>,
    pub name: String,
    pub figure: String,
    /// What stands beside it, such as a share; empty: nothing.
    pub detail: String,
}

/// Some users that a part can be about.
#[derive(Clone, Debug, PartialEq)]
pub struct PartChoice {
    /// Who: `Dropped after step 2`. Also says in the dialog what the segment is made from.
    pub label: String,
    /// How many there are, where the answer says so. They are counted anew in any case, and have to be as many.
    pub users: Option<u64>,
    /// The share beside that, in words; empty: none.
    pub detail: String,
    /// How many of them may still leave by going on, where the answer says so.
    pub pending: Option<u64>,
    /// The part of the answer.
    pub selection: Selection,
}

/// A part that was selected.
#[derive(Clone, Debug, PartialEq)]
pub struct PartSelection {
    /// The query, for the instant and the zone of its answer.
    pub query: Query,
    /// How it was shown; goes into the origin of a segment.
    pub view: Value,
    pub part: AnswerPart,
    /// Which of its choices, by its place.
    pub chosen: usize,
    /// Where it is on the screen.
    pub anchor: Anchor,
}

/// The parameter that says which tool's query the users are from.
pub const TOOL_PARAM: &str = "of";

/// The parameters of Users that list the users of a link.
#[must_use]
pub fn users_params(link: &Link) -> Params {
    Params::new()
        .with(TOOL_PARAM, Tool::of(&link.query).word())
        .with(PARAM, link.write())
}

/// Reads what a link to users says; none: the URL is of no such link.
///
/// # Errors
/// A sentence, where the link does not say whose users are meant.
#[must_use]
pub fn read_users(params: &Params) -> Option<Result<Opened, String>> {
    let text = params.get(PARAM)?;
    let of = params.get(TOOL_PARAM).unwrap_or_default();
    let tool = Tool::ALL.into_iter().find(|tool| tool.word() == of);
    let opened = match tool {
        Some(tool) => Link::read(text, tool),
        None if of.is_empty() => Err("The link does not name its tool.".to_owned()),
        None => Err(format!("There is no tool \u{201c}{of}\u{201d}.")),
    };
    Some(opened.and_then(|opened| match &opened.link.selection {
        None => Err("The link does not say which part of the results was selected.".to_owned()),
        Some(selection) if selection.fits(&opened.link.query) => Ok(opened),
        Some(_) => Err("The link\u{2019}s selection belongs to another tool.".to_owned()),
    }))
}

/// What the users of a link are asked by.
#[must_use]
pub fn request_of(link: &Link) -> Option<SelectionRequest> {
    Some(SelectionRequest {
        query: link.query.clone(),
        selection: link.selection.clone()?,
    })
}
