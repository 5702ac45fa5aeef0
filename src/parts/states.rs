//! What stands in place of an answer that did not come.

use leptos::prelude::*;
use segments_ui::icon::{Glyph, Icon};
use segments_ui::states::sentence;

use crate::client::ApiError;

/// An answer did not come.
#[component]
pub fn ErrorState(
    /// What is missing now: "Segments did not load".
    #[prop(into)]
    title: Signal<String>,
    error: ApiError,
    on_retry: Callback<()>,
) -> impl IntoView {
    let glyph = if error.is_unreachable() {
        Glyph::Offline
    } else {
        Glyph::Warning
    };
    view! {
        <div class="us-empty" role="alert">
            <Icon glyph />
            <h2>{move || title.get()}</h2>
            <p>{sentence(&error.to_string())}</p>
            <div class="us-row">
                <button
                    class="us-btn us-btn--primary"
                    type="button"
                    on:click=move |_| on_retry.run(())
                >
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </div>
        </div>
    }
}

/// Says above what is shown that it may be out of date, and why.
#[component]
pub fn Outdated(
    /// Why there is nothing newer; none: what is shown is new.
    #[prop(into)]
    error: Signal<Option<ApiError>>,
    on_retry: Callback<()>,
) -> impl IntoView {
    move || {
        error.get().map(|error| {
            let glyph = if error.is_unreachable() {
                Glyph::Offline
            } else {
                Glyph::Warning
            };
            view! {
                <div class="us-banner us-banner--warn us-outdated" role="status">
                    <Icon glyph small=true />
                    <span class="us-grow">
                        <strong>"The list could not be refreshed. "</strong>
                        {sentence(&error.to_string())}
                    </span>
                    <button class="us-link" type="button" on:click=move |_| on_retry.run(())>
                        "Try again"
                    </button>
                </div>
            }
        })
    }
}
