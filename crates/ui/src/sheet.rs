//! A part of the page that, where there is no room for it, stands over the page as a dialog.
//!
//! The stylesheet decides where there is room and hides the part's place elsewhere. Opened, the part moves into a modal
//! dialog as it is, with all that was written into it; closed, it moves back.

use leptos::html;
use leptos::prelude::*;

use crate::dom::unique_id;

/// A part of the page that can be opened as a dialog.
#[component]
pub fn Sheet(
    /// Whether it is open as a dialog. Set to false by Escape and by its button.
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// The classes of its place on the page.
    #[prop(into, optional)]
    class: String,
    children: Children,
) -> impl IntoView {
    let home = NodeRef::<html::Div>::new();
    let part = NodeRef::<html::Div>::new();
    let slot = NodeRef::<html::Div>::new();
    let dialog = NodeRef::<html::Dialog>::new();
    let title_id = unique_id("sheet");
    let heading_id = title_id.clone();
    Effect::new(move |_| {
        let is_open = open.get();
        let (Some(home), Some(part), Some(slot), Some(dialog)) =
            (home.get(), part.get(), slot.get(), dialog.get())
        else {
            return;
        };
        // None of these can fail with elements that are in the document.
        if is_open && !dialog.open() {
            drop(slot.append_child(&part));
            drop(dialog.show_modal());
        } else if !is_open && slot.contains(Some(&part)) {
            // First closed: the browser gives the focus back to what had it.
            dialog.close();
            drop(home.append_child(&part));
        }
    });
    // Where there is room again it belongs there.
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if open.get_untracked()
            && home
                .get_untracked()
                .is_some_and(|home| home.client_width() > 0)
        {
            open.set(false);
        }
    });
    on_cleanup(move || resized.remove());
    view! {
        <div class=class node_ref=home>
            <div class="us-sheet__part" node_ref=part>
                {children()}
            </div>
        </div>
        <dialog
            class="us-dialog us-sheet"
            node_ref=dialog
            aria-labelledby=heading_id
            on:close=move |_| {
                open.try_set(false);
            }
        >
            <header class="us-dialog__head">
                <h2 id=title_id class="us-grow">
                    {move || title.get()}
                </h2>
                <button
                    class="us-btn us-btn--primary"
                    type="button"
                    on:click=move |_| open.set(false)
                >
                    "Done"
                </button>
            </header>
            <div class="us-sheet__slot" node_ref=slot></div>
        </dialog>
    }
}
