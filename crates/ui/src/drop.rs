//! A place to drop a file on, or to choose one.

use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, File};

use crate::icon::{Glyph, Icon};

/// A place to drop a file on; its button opens the browser's own choice of files.
#[component]
pub fn FileDrop(
    /// What to drop: "Drop a CSV or NDJSON file here".
    #[prop(into)]
    label: String,
    /// What the choice of files offers: `.csv,.ndjson`.
    #[prop(into)]
    accept: String,
    /// Whether a file can be taken now.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    on_file: Callback<SendFile>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let take = move |file: Option<File>| {
        if let Some(file) = file
            && !disabled.get_untracked()
        {
            on_file.run(SendFile(send_wrapper::SendWrapper::new(file)));
        }
    };
    view! {
        <div
            class="us-dropzone"
            class:is-over=move || over.get()
            on:dragover=move |event: DragEvent| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: DragEvent| {
                event.prevent_default();
                over.set(false);
                take(event.data_transfer().and_then(|data| data.files()?.get(0)));
            }
        >
            <Icon glyph=Glyph::Upload />
            <p>{label.clone()}</p>
            <button
                class="us-btn"
                type="button"
                disabled=move || disabled.get()
                on:click=move |_| {
                    if let Some(input) = input.get_untracked() {
                        input.click();
                    }
                }
            >
                "Choose a file"
            </button>
            <input
                class="us-vh"
                type="file"
                node_ref=input
                accept=accept
                tabindex="-1"
                aria-label=label
                on:change=move |_| {
                    if let Some(input) = input.get_untracked() {
                        take(input.files().and_then(|files| files.get(0)));
                        // The same file chosen again shall be told again.
                        input.set_value("");
                    }
                }
            />
        </div>
    }
}

/// A file in a callback. It never leaves the page's one thread.
#[derive(Clone)]
pub struct SendFile(pub send_wrapper::SendWrapper<File>);
