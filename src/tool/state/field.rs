//! A field of a form: how an editor reads and writes it.

use leptos::prelude::*;

/// A field of a form, as every editor takes it: what it is, and what to call with another value.
pub struct Lens<T: Send + Sync + 'static> {
    pub value: Signal<T>,
    pub on_change: Callback<T>,
}

impl<T: Send + Sync + 'static> Clone for Lens<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Lens<T> {}

/// How the values of a field come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Each is a step of its own, to be undone and gone back to.
    AtOnce,
    /// Those that come one after the other are one step.
    ByLetters,
}

/// The lens of a field: `field!(state.order, "change the order")` reads and writes `form.order`.
macro_rules! field {
    ($state:ident . $($path:ident).+, $label:expr) => {
        $crate::tool::state::field!($state.$($path).+, $label, AtOnce)
    };
    ($state:ident . $($path:ident).+, $label:expr, $typed:ident) => {
        $state.field(
            |form| &form.$($path).+,
            |form| &mut form.$($path).+,
            $label,
            $crate::tool::state::Typed::$typed,
        )
    };
}
pub(crate) use field;
