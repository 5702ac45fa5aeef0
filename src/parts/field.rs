//! A value of a form with how to change it: what an editor is bound to, whole or part by part.

use leptos::prelude::*;

/// A value with how to change it. Cheap to copy.
pub struct Field<T: Send + Sync + 'static> {
    value: Signal<T>,
    on_change: Callback<(&'static str, T)>,
    /// What a change is called where it can be undone.
    label: &'static str,
}

impl<T: Send + Sync> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync> Copy for Field<T> {}

impl<T: Clone + Send + Sync + 'static> Field<T> {
    /// A value whose changes come with what was done in words.
    #[must_use]
    pub fn new(value: impl Into<Signal<T>>, on_change: Callback<(&'static str, T)>) -> Self {
        Self {
            value: value.into(),
            on_change,
            label: "",
        }
    }

    /// A value whose changes need no words.
    #[must_use]
    pub fn of(value: impl Into<Signal<T>>, on_change: Callback<T>) -> Self {
        Self::new(value, Callback::new(move |(_, value)| on_change.run(value)))
    }

    /// The same, its changes called otherwise.
    #[must_use]
    pub const fn called(self, label: &'static str) -> Self {
        Self { label, ..self }
    }

    #[must_use]
    pub const fn value(self) -> Signal<T> {
        self.value
    }

    #[must_use]
    pub fn get(self) -> T {
        self.value.get()
    }

    pub fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        self.value.with(look)
    }

    /// Something of the value, that only says when it changes itself.
    pub fn memo<U: PartialEq + Send + Sync + 'static>(
        self,
        get: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Memo<U> {
        Memo::new(move |_| self.value.with(&get))
    }

    /// Puts another value in its place.
    pub fn set(self, value: T) {
        self.on_change.run((self.label, value));
    }

    pub fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.value.get_untracked();
        change(&mut value);
        self.set(value);
    }

    #[must_use]
    pub fn on_change(self) -> Callback<T> {
        Callback::new(move |value| self.set(value))
    }

    #[must_use]
    pub fn part<U: Clone + Send + Sync + 'static>(self, part: fn(&mut T) -> &mut U) -> Field<U> {
        let get = move |mut whole: T| part(&mut whole).clone();
        self.through(get, move |whole, value| {
            *part(whole) = value;
            true
        })
    }

    /// A part that it may not have: then it is the usual one, and is not changed.
    #[must_use]
    pub fn maybe<U: Clone + Default + Send + Sync + 'static>(
        self,
        part: impl Fn(&mut T) -> Option<&mut U> + Clone + Send + Sync + 'static,
    ) -> Field<U> {
        let at = part.clone();
        let get = move |mut whole: T| at(&mut whole).cloned().unwrap_or_default();
        self.through(get, move |whole, value| {
            part(whole).map(|place| *place = value).is_some()
        })
    }

    fn through<U: Send + Sync + 'static>(
        self,
        get: impl Fn(T) -> U + Send + Sync + 'static,
        put: impl Fn(&mut T, U) -> bool + Send + Sync + 'static,
    ) -> Field<U> {
        Field {
            value: Signal::derive(move || get(self.value.get())),
            on_change: Callback::new(move |(label, value): (&'static str, U)| {
                let mut whole = self.value.get_untracked();
                if put(&mut whole, value) {
                    let label = if label.is_empty() { self.label } else { label };
                    self.on_change.run((label, whole));
                }
            }),
            label: "",
        }
    }
}
