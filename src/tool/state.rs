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

mod any_form;
mod field;
mod query;
mod view;

use std::ops::Deref;

use leptos::prelude::*;
use segments_forms::rows::{RowId, Rows};
use segments_forms::tool::ToolForm;

use crate::client::Client;
use crate::parts::vocabulary::Vocabulary;
pub(in crate::tool) use any_form::AnyForm;
pub(crate) use field::field;
pub use field::{Lens, Typed};
pub use query::{Answered, Notice, QueryState, Wait};
pub use view::AnswerView;

/// The state of a tool's page: its form, and the [`QueryState`] with everything else. From the context, cheap to copy.
pub struct ToolState<D: ToolForm> {
    state: QueryState,
    form: Memo<D>,
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
    /// Begins a page with what the URL says, and gives it to the context with the vocabulary.
    #[must_use]
    pub fn provide() -> Self {
        let client = expect_context::<Client>();
        provide_context(Vocabulary::load(client.clone()));
        let state = Self::start(client);
        provide_context(state);
        provide_context(state.state);
        state
    }

    /// Begins with what the URL says.
    #[must_use]
    pub fn start(client: Client) -> Self {
        let state = QueryState::start(client, D::TOOL, AnyForm::of(D::default()));
        let form = Memo::new(move |_| state.form().with(AnyForm::get::<D>));
        Self { state, form }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    #[must_use]
    pub const fn form(self) -> Memo<D> {
        self.form
    }

    /// Changes the form. The label says what was done, as "Undo" names it: "change the range". Changes with the same key,
    /// one right after the other, are one step.
    pub fn change(self, label: &str, key: Option<&str>, change: impl FnOnce(&mut D)) {
        let mut form = self.form.get_untracked();
        change(&mut form);
        self.state.put(AnyForm::of(form), label, key);
    }

    /// A part of the form, worked out.
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&D) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.form.with(&part))
    }

    /// A field of the form, for an editor.
    pub fn field<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        get: fn(&D) -> &T,
        get_mut: fn(&mut D) -> &mut T,
        label: &'static str,
        typed: Typed,
    ) -> Lens<T> {
        Lens {
            value: self.part(move |form| get(form).clone()).into(),
            on_change: Callback::new(move |value| {
                let key = (typed == Typed::ByLetters).then_some(label);
                self.change(label, key, |form| *get_mut(form) = value);
            }),
        }
    }

    /// A row of a list in the form.
    pub const fn row<R>(
        self,
        get: fn(&D) -> &Rows<R>,
        get_mut: fn(&mut D) -> &mut Rows<R>,
        id: RowId,
    ) -> RowState<D, R> {
        RowState {
            state: self,
            get,
            get_mut,
            id,
        }
    }
}

/// A row of a list in the form. Cheap to copy.
pub struct RowState<D: ToolForm, R: 'static> {
    state: ToolState<D>,
    get: fn(&D) -> &Rows<R>,
    get_mut: fn(&mut D) -> &mut Rows<R>,
    id: RowId,
}

impl<D: ToolForm, R> Clone for RowState<D, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ToolForm, R> Copy for RowState<D, R> {}

impl<D: ToolForm, R: Default + 'static> RowState<D, R> {
    /// Where it stands, counted from 0.
    #[must_use]
    pub fn place(self) -> Memo<usize> {
        self.state
            .part(move |form| (self.get)(form).place(self.id).unwrap_or_default())
    }

    pub fn change(self, label: &str, key: Option<&str>, change: impl FnOnce(&mut R)) {
        self.state.change(label, key, |form| {
            if let Some(row) = (self.get_mut)(form).get_mut(self.id) {
                change(&mut row.value);
            }
        });
    }

    /// A part of it, worked out. A row that is gone is as a new one, until its view is gone too.
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&R) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        self.state
            .part(move |form| match (self.get)(form).get(self.id) {
                Some(row) => part(&row.value),
                None => part(&R::default()),
            })
    }

    /// A field of it, for an editor.
    pub fn field<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        get: fn(&R) -> &T,
        get_mut: fn(&mut R) -> &mut T,
        label: &'static str,
        typed: Typed,
    ) -> Lens<T> {
        Lens {
            value: self.part(move |row| get(row).clone()).into(),
            on_change: Callback::new(move |value| {
                let key = (typed == Typed::ByLetters).then(|| self.key(label));
                self.change(label, key.as_deref(), |row| *get_mut(row) = value);
            }),
        }
    }

    fn key(self, label: &str) -> String {
        format!("{label} {}", self.id.number())
    }

    /// The same for an editor that says what it has done. What it calls a change may go on letter by letter.
    pub fn labelled<T: Send + Sync + 'static>(
        self,
        get_mut: fn(&mut R) -> &mut T,
    ) -> Callback<(&'static str, T)> {
        Callback::new(move |(label, value): (&'static str, T)| {
            let key = label.starts_with("change").then(|| self.key(label));
            self.change(label, key.as_deref(), |row| *get_mut(row) = value);
        })
    }
}
