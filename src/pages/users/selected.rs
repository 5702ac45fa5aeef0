//! The users of a part of an answer, as the URL names it.

use leptos::prelude::*;
use segments_forms::link::{Link, Opened};
use segments_forms::tool::Tool;
use segments_model::selection::{Selected, SelectionRequest};

use crate::client::{ApiError, Client, Loader, Status};
use crate::pages::users::state::ListState;
use crate::parts::create_segment::name_of;
use crate::tool::selection::request_of;

/// Who is meant by the URL. Cheap to copy.
#[derive(Clone, Copy)]
pub struct ChosenUsers {
    pub opened: Memo<Option<Result<Opened, String>>>,
    pub selected: Loader<(SelectionRequest, Selected)>,
}

/// How far finding them is.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The URL names no part of an answer.
    All,
    /// What it says makes no sense; a sentence says why.
    Unreadable(String),
    /// Asked a moment ago.
    Asked,
    /// Asked a while ago.
    Slow,
    /// Nobody knows.
    Failed(ApiError),
    /// These are they.
    Users(Box<Link>, Box<Selected>),
}

impl ChosenUsers {
    /// Begins to ask, and asks again when the URL names others.
    #[must_use]
    pub fn start(state: RwSignal<ListState>) -> Self {
        let client: Client = expect_context();
        let opened = Memo::new(move |_| state.with(|state| Some(state.chosen.as_ref()?.read())));
        let selected = Loader::new(
            move || opened.with(|opened| request_of(&opened.as_ref()?.as_ref().ok()?.link)),
            move |request: SelectionRequest| {
                let client = client.clone();
                async move {
                    let selected = client.selection(&request).await?;
                    Ok((request, selected))
                }
            },
        );
        Self { opened, selected }
    }

    /// How far finding them is.
    #[must_use]
    pub fn found(self) -> Found {
        let link = match self.opened.get() {
            None => return Found::All,
            Some(Err(detail)) => return Found::Unreadable(detail),
            Some(Ok(opened)) => opened.link,
        };
        let asked = request_of(&link);
        self.selected.status().with(|status| match status {
            // An answer to another link says nothing of this one.
            Status::Ready((request, selected)) if Some(request) == asked.as_ref() => {
                Found::Users(Box::new(link), Box::new(selected.clone()))
            }
            Status::Ready(_) | Status::Loading(_) => Found::Asked,
            Status::Slow(_) => Found::Slow,
            Status::Failed(error, _) => Found::Failed(error.clone()),
        })
    }

    /// What the link says, where it could be read.
    #[must_use]
    pub fn link(self) -> Option<Link> {
        self.opened
            .with(|opened| Some(opened.as_ref()?.as_ref().ok()?.link.clone()))
    }

    /// What they may be called.
    #[must_use]
    pub fn name(self) -> Option<String> {
        name_of(&self.link()?)
    }

    /// What stands for them among the segments.
    #[must_use]
    pub fn label(self) -> String {
        self.link().map_or_else(
            || "From a link".to_owned(),
            |link| format!("From {}", Tool::of(&link.query).label()),
        )
    }

    pub fn selected(self) -> Option<Selected> {
        match self.found() {
            Found::Users(_, selected) => Some(*selected),
            _ => None,
        }
    }
}
