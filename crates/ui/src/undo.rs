//! The two buttons that go back and forth in what was done.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::dom::is_in_text;
use crate::icon::{Glyph, Icon};

/// A step in what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One back.
    Undo,
    /// One forward again.
    Redo,
}

impl Step {
    /// The step that a key press means: Ctrl Z, Ctrl Shift Z or Ctrl Y. In a field that takes text, which has an undo of its
    /// own, it means none.
    #[must_use]
    pub fn of(event: &KeyboardEvent) -> Option<Self> {
        let is_shortcut = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        if !is_shortcut || is_in_text(event) {
            return None;
        }
        match (event.key().to_lowercase().as_str(), event.shift_key()) {
            ("z", false) => Some(Self::Undo),
            ("z", true) | ("y", false) => Some(Self::Redo),
            _ => None,
        }
    }
}

/// Undo and Redo. The keys that they name are heard by whoever owns what was done, by [`Step::of`].
///
/// Where there is nothing to do they stay where the focus can be: the last step that is undone does not take it away.
#[component]
pub fn UndoButtons(
    /// What would be undone, in words; none: nothing.
    #[prop(into)]
    undo: Signal<Option<String>>,
    /// What would be done again.
    #[prop(into)]
    redo: Signal<Option<String>>,
    on_undo: Callback<()>,
    /// Called to do it again.
    on_redo: Callback<()>,
) -> impl IntoView {
    let named = |verb: &str, label: Option<String>| match label {
        Some(label) => format!("{verb}: {label}"),
        None => verb.to_owned(),
    };
    view! {
        <button
            class="us-btn us-btn--ghost us-btn--icon"
            type="button"
            title="Undo  Ctrl Z"
            aria-keyshortcuts="Control+Z"
            aria-label=move || named("Undo", undo.get())
            aria-disabled=move || undo.with(Option::is_none).then_some("true")
            on:click=move |_| {
                if undo.with_untracked(Option::is_some) {
                    on_undo.run(());
                }
            }
        >
            <Icon glyph=Glyph::Undo />
        </button>
        <button
            class="us-btn us-btn--ghost us-btn--icon"
            type="button"
            title="Redo  Ctrl Shift Z"
            aria-keyshortcuts="Control+Shift+Z"
            aria-label=move || named("Redo", redo.get())
            aria-disabled=move || redo.with(Option::is_none).then_some("true")
            on:click=move |_| {
                if redo.with_untracked(Option::is_some) {
                    on_redo.run(());
                }
            }
        >
            <Icon glyph=Glyph::Redo />
        </button>
    }
}
