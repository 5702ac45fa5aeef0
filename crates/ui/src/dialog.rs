//! Modal dialogs on the platform's own `<dialog>`: the rest of the page is inert, Escape closes, and the focus goes back
//! to where it came from.

use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

use crate::dom::{active_element, focus, unique_id};
use crate::icon::{Glyph, Icon};

/// A modal dialog, there as long as `open` holds.
#[component]
pub fn Dialog(
    /// Whether it is open. Set to false by Escape and by its close button.
    open: RwSignal<bool>,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// A line below the title.
    #[prop(into, optional)]
    subtitle: Option<Signal<String>>,
    /// Twice as wide.
    #[prop(optional)]
    wide: bool,
    /// What it holds, made anew each time it opens: body and, of class `us-dialog__foot`, the buttons.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Show when=move || open.get()>
            <OpenDialog open title subtitle wide>
                {move || children.with_value(|children| children())}
            </OpenDialog>
        </Show>
    }
}

#[component]
fn OpenDialog(
    open: RwSignal<bool>,
    title: Signal<String>,
    subtitle: Option<Signal<String>>,
    wide: bool,
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    let title_id = unique_id("dialog");
    let heading_id = title_id.clone();
    let opener = active_element().map(SendWrapper::new);
    Effect::new(move |_| {
        if let Some(dialog) = element.get()
            && !dialog.open()
        {
            // Only a dialog that is not in the document refuses to open.
            drop(dialog.show_modal());
        }
    });
    on_cleanup(move || {
        let Some(opener) = opener else { return };
        // As long as the dialog is in the document, nothing outside of it takes the focus.
        queue_microtask(move || {
            if opener.is_connected() {
                focus(&opener);
            }
        });
    });
    view! {
        <dialog
            class="us-dialog"
            class:us-dialog--wide=wide
            node_ref=element
            aria-labelledby=heading_id
            on:close=move |_| {
                open.try_set(false);
            }
        >
            <header class="us-dialog__head">
                <div>
                    <h2 id=title_id>{move || title.get()}</h2>
                    {subtitle.map(|subtitle| view! { <p class="us-2">{move || subtitle.get()}</p> })}
                </div>
                <button
                    class="us-btn us-btn--ghost us-btn--icon"
                    type="button"
                    aria-label="Close"
                    on:click=move |_| open.set(false)
                >
                    <Icon glyph=Glyph::Cross />
                </button>
            </header>
            {children()}
        </dialog>
    }
}

/// Asks before something happens.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// What will happen.
    children: ChildrenFn,
    /// The button that lets it happen: a verb.
    #[prop(into)]
    action: Signal<String>,
    /// Whether it takes something away.
    #[prop(optional)]
    danger: bool,
    /// Called when it shall happen; the dialog is closed by then.
    on_confirm: Callback<()>,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Dialog open title>
            <div class="us-dialog__body">{move || children.with_value(|children| children())}</div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    class="us-btn us-btn--lg"
                    class:us-btn--primary=!danger
                    class:us-btn--danger=danger
                    type="button"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {move || action.get()}
                </button>
            </footer>
        </Dialog>
    }
}
