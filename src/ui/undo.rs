//! The two buttons that go back and forth in what was done.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// Undo and Redo. The keys that they name are heard by whoever owns what was done.
#[component]
pub fn UndoButtons(
    /// What would be undone, in words; none: nothing.
    #[prop(into)]
    undo: Signal<Option<String>>,
    /// What would be done again.
    #[prop(into)]
    redo: Signal<Option<String>>,
    /// Called to undo it.
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
            disabled=move || undo.with(Option::is_none)
            on:click=move |_| on_undo.run(())
        >
            <Icon glyph=Glyph::Undo />
        </button>
        <button
            class="us-btn us-btn--ghost us-btn--icon"
            type="button"
            title="Redo  Ctrl Shift Z"
            aria-keyshortcuts="Control+Shift+Z"
            aria-label=move || named("Redo", redo.get())
            disabled=move || redo.with(Option::is_none)
            on:click=move |_| on_redo.run(())
        >
            <Icon glyph=Glyph::Redo />
        </button>
    }
}
