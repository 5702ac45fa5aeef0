//! An answer as a tool's results show it.

use std::sync::Arc;

use leptos::prelude::*;

/// The newest answer as a view of it, followed by whoever reads it. Cheap to copy.
pub struct AnswerView<V: Send + Sync + 'static>(Memo<Option<Arc<V>>>);

impl<V: Send + Sync> Clone for AnswerView<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Send + Sync> Copy for AnswerView<V> {}

impl<V: PartialEq + Send + Sync> AnswerView<V> {
    /// Works it out anew when what it reads changes; it is given the one before.
    pub fn new(view: impl Fn(Option<&Arc<V>>) -> Option<Arc<V>> + Send + Sync + 'static) -> Self {
        Self(Memo::new(move |before: Option<&Option<Arc<V>>>| {
            view(before.and_then(Option::as_ref))
        }))
    }

    /// The view; none without an answer.
    #[must_use]
    pub fn get(self) -> Option<Arc<V>> {
        self.0.get()
    }

    /// Something of it; none without an answer.
    pub fn with<T>(self, of: impl FnOnce(&V) -> T) -> Option<T> {
        self.0.with(|view| view.as_deref().map(of))
    }

    /// Something of it, kept up to date.
    pub fn part<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        of: impl Fn(&V) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.with(&of).unwrap_or_default())
    }
}
