//! What stands in place of an answer that did not come.

use leptos::prelude::*;
use segments_ui::Busy;
use segments_ui::icon::{Glyph, Icon};
use segments_ui::states::sentence;

use crate::client::{ApiError, Status};

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

/// How far a list is that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListWait {
    /// Too short a time to say so.
    Begun,
    /// Long enough to say so.
    Slow,
    /// It did not come.
    Failed,
}

impl ListWait {
    /// None: the list is there.
    #[must_use]
    pub const fn of<T>(status: &Status<T>) -> Option<Self> {
        if status.value().is_some() {
            None
        } else if status.error().is_some() {
            Some(Self::Failed)
        } else if status.is_slow() {
            Some(Self::Slow)
        } else {
            Some(Self::Begun)
        }
    }
}

/// Stands in the place of a list that is not there.
#[component]
pub fn ListPlaceholder(
    /// How far the list is.
    wait: ListWait,
    /// The class of what keeps the place free at first; none: nothing does.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What is under way: "Loading segments".
    busy: &'static str,
    /// How many rows it seems to have.
    rows: usize,
    /// What is missing now: "Segments did not load".
    title: &'static str,
    /// Why.
    error: Option<ApiError>,
    /// Called to try again.
    on_retry: Callback<()>,
) -> impl IntoView {
    match wait {
        ListWait::Begun => class
            .map(|class| view! { <div class=format!("us-tablewrap {class}")></div> })
            .into_any(),
        ListWait::Slow => view! {
            <div class="us-tablewrap">
                <Busy label=busy rows />
            </div>
        }
        .into_any(),
        ListWait::Failed => error
            .map(|error| {
                view! {
                    <div class="us-tablewrap">
                        <ErrorState title error on_retry />
                    </div>
                }
            })
            .into_any(),
    }
}
