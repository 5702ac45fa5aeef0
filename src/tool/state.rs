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
//! [`run`](QueryState::run) asks, and what it asked is waited for whatever is changed meanwhile.

mod query;

use std::ops::Deref;

use leptos::prelude::*;
use segments_forms::history::History;
use segments_forms::tool::ToolForm;
use segments_model::query::Query;
use serde_json::Value;

use crate::client::Client;
pub use query::{Answered, Notice, QueryState, Wait};
use query::{FormHistory, start_of};

/// The state of a tool's page: its form, and the [`QueryState`] with everything else. From the context, cheap to copy.
pub struct ToolState<D: ToolForm> {
    state: QueryState,
    form_state: FormState<D>,
}

impl<D: ToolForm> Clone for ToolState<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ToolForm> Copy for ToolState<D> {}

impl<D: ToolForm> Deref for ToolState<D> {
    type Target = QueryState;

    fn deref(&self) -> &QueryState {
        &self.state
    }
}

impl<D: ToolForm> From<ToolState<D>> for QueryState {
    fn from(state: ToolState<D>) -> Self {
        state.state
    }
}

impl<D: ToolForm> ToolState<D> {
    /// Begins with what the URL says.
    #[must_use]
    pub fn start(client: Client) -> Self {
        let (seen, start) = start_of(D::TOOL);
        let opened = start.opened.as_ref();
        let history = RwSignal::new(History::new(form_of::<D>(
            opened.map(|(query, view)| (query, view)),
        )));
        let form = Memo::new(move |_| history.with(|history| history.now().clone()));
        let query = Memo::new(move |_| form.with(D::query));
        let form_state = FormState { history, form };
        let state = QueryState::start(client, D::TOOL, (seen, start), Box::new(form_state), query);
        Self { state, form_state }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// The form.
    #[must_use]
    pub const fn form(self) -> Memo<D> {
        self.form_state.form
    }

    /// Changes the form. The label says what was done, as "Undo" names it: "change the range". Changes with the same key,
    /// one right after the other, are one step.
    pub fn change(self, label: &str, key: Option<&str>, change: impl FnOnce(&mut D)) {
        let mut form = self.form_state.form.get_untracked();
        change(&mut form);
        self.put(form, label, key);
    }

    fn put(self, form: D, label: &str, key: Option<&str>) {
        let before = self.state.query().get_untracked();
        self.form_state.go(form, label, key);
        self.state.moved_from(&before);
        self.state.write(key);
    }
}

/// The form of what was opened; of nothing an empty one.
fn form_of<D: ToolForm>(opened: Option<(&Query, &Value)>) -> D {
    opened.map_or_else(D::default, |(query, view)| D::open(query, view))
}

/// A form with its history.
struct FormState<D: ToolForm> {
    history: RwSignal<History<D, String>>,
    form: Memo<D>,
}

impl<D: ToolForm> Clone for FormState<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ToolForm> Copy for FormState<D> {}

impl<D: ToolForm> FormState<D> {
    fn go(self, form: D, label: &str, key: Option<&str>) {
        self.history
            .update(|history| history.go(form, label, key.map(str::to_owned)));
    }
}

impl<D: ToolForm> FormHistory for FormState<D> {
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
        self.form.with(D::view)
    }

    fn place(&self, pointer: &str) -> String {
        self.form.with(|form| form.place(pointer))
    }

    fn is_new(&self) -> bool {
        self.form.with(|form| *form == D::default())
    }
}
