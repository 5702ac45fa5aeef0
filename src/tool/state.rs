//! The state of a tool's page: the form with its history and its place in the URL, and the answer.
//!
//! # The form and the URL
//!
//! A change of the form that leaves a finished query pushes an entry of the browser's history, so that "back" comes to the
//! query before; changes of the same key, one right after the other, are one entry, as they are one step of "undo". Undo
//! and redo are changes like any other. An unfinished form leaves the URL at the last finished one.
//!
//! When the URL changes from elsewhere (back, forward, a link), its query becomes the form as a step of its own: "undo"
//! brings back what was there, an unfinished form too. That writes nothing into the URL, so that it stays the address that
//! was opened even where a part of it could not be understood.
//!
//! # The form and the answer
//!
//! A finished query that has no answer yet is asked, after a moment in which another change may come. One that is under way
//! is cancelled by the next; the answer before stays, stale, until there is a new one. Without auto-run only
//! [`run`](Bench::run) asks, and what it asked is waited for whatever is changed meanwhile.

mod bench;

use std::ops::Deref;

use leptos::prelude::*;
use segments_forms::history::History;
use segments_forms::tool::ToolDraft;
use segments_model::query::Query;
use serde_json::Value;

use crate::client::Client;
pub use bench::{Answered, Bench, Notice, Wait};
use bench::{Form, start_of};

/// The state of a tool's page: its form, and the [`Bench`] with everything else. From the context, cheap to copy.
pub struct Workbench<D: ToolDraft> {
    bench: Bench,
    held: Held<D>,
}

impl<D: ToolDraft> Clone for Workbench<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ToolDraft> Copy for Workbench<D> {}

impl<D: ToolDraft> Deref for Workbench<D> {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

impl<D: ToolDraft> From<Workbench<D>> for Bench {
    fn from(workbench: Workbench<D>) -> Self {
        workbench.bench
    }
}

impl<D: ToolDraft> Workbench<D> {
    /// Begins with what the URL says.
    #[must_use]
    pub fn start(client: Client) -> Self {
        let (seen, start) = start_of(D::TOOL);
        let opened = start.opened.as_ref();
        let history = RwSignal::new(History::new(form_of::<D>(
            opened.map(|(query, view)| (query, view)),
        )));
        let draft = Memo::new(move |_| history.with(|history| history.now().clone()));
        let query = Memo::new(move |_| draft.with(D::query));
        let held = Held { history, draft };
        let bench = Bench::start(client, D::TOOL, (seen, start), Box::new(held), query);
        Self { bench, held }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// The form.
    #[must_use]
    pub const fn draft(self) -> Memo<D> {
        self.held.draft
    }

    /// Changes the form. The label says what was done, as "Undo" names it: "change the range". Changes with the same key,
    /// one right after the other, are one step.
    pub fn change(self, label: &str, key: Option<&str>, change: impl FnOnce(&mut D)) {
        let mut draft = self.held.draft.get_untracked();
        change(&mut draft);
        self.put(draft, label, key);
    }

    fn put(self, draft: D, label: &str, key: Option<&str>) {
        let before = self.bench.query().get_untracked();
        self.held.go(draft, label, key);
        self.bench.moved_from(&before);
        self.bench.write(key);
    }
}

/// The form of what was opened; of nothing an empty one.
fn form_of<D: ToolDraft>(opened: Option<(&Query, &Value)>) -> D {
    opened.map_or_else(D::default, |(query, view)| D::open(query, view))
}

/// A form with its history.
struct Held<D: ToolDraft> {
    history: RwSignal<History<D, String>>,
    draft: Memo<D>,
}

impl<D: ToolDraft> Clone for Held<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ToolDraft> Copy for Held<D> {}

impl<D: ToolDraft> Held<D> {
    fn go(self, draft: D, label: &str, key: Option<&str>) {
        self.history
            .update(|history| history.go(draft, label, key.map(str::to_owned)));
    }
}

impl<D: ToolDraft> Form for Held<D> {
    fn open(&self, opened: Option<(&Query, &Value)>, label: &str) {
        self.go(form_of(opened), label, None);
    }

    fn seal(&self) {
        self.history.update_untracked(History::seal);
    }

    fn undo(&self) {
        self.history.update(|history| {
            history.undo();
        });
    }

    fn redo(&self) {
        self.history.update(|history| {
            history.redo();
        });
    }

    fn undo_label(&self) -> Option<String> {
        self.history
            .with(|history| history.undo_label().map(str::to_owned))
    }

    fn redo_label(&self) -> Option<String> {
        self.history
            .with(|history| history.redo_label().map(str::to_owned))
    }

    fn view(&self) -> Value {
        self.draft.with(D::view)
    }

    fn place(&self, pointer: &str) -> String {
        self.draft.with(|draft| draft.place(pointer))
    }

    fn is_new(&self) -> bool {
        self.draft.with(|draft| *draft == D::default())
    }
}
