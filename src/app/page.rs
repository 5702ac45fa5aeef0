//! Which route shows which page.

use leptos::prelude::*;

use crate::pages::{composer, data, dictionary, preferences, segments, users};
use crate::shell::route::{Navigator, Route};
use crate::tools::{cohort, funnel, segmentation};

/// The page of a route.
pub fn page(route: Option<Route>) -> AnyView {
    match route {
        Some(Route::Dictionary) => view! { <dictionary::DictionaryPage /> }.into_any(),
        Some(Route::Preferences) => view! { <preferences::PreferencesPage /> }.into_any(),
        Some(Route::Segments) => view! { <segments::SegmentsPage /> }.into_any(),
        Some(Route::Data) => view! { <data::DataPage /> }.into_any(),
        Some(Route::Users | Route::User(_)) => view! { <users::UsersPage /> }.into_any(),
        Some(Route::Composer) => view! { <composer::ComposerPage segment=None /> }.into_any(),
        Some(Route::ComposerOf(id)) => {
            view! { <composer::ComposerPage segment=Some(id) /> }.into_any()
        }
        Some(Route::Segmentation) => view! { <segmentation::SegmentationPage /> }.into_any(),
        Some(Route::Funnel) => view! { <funnel::FunnelPage /> }.into_any(),
        Some(Route::Cohort) => view! { <cohort::CohortPage /> }.into_any(),
        None | Some(Route::Segment(_)) => view! { <NotFound /> }.into_any(),
    }
}

/// The URL names no page.
#[component]
fn NotFound() -> impl IntoView {
    let manager = Navigator::expect().href(&Route::Segments);
    view! {
        <div class="us-page">
            <header class="us-pagehead">
                <div class="us-pagehead__text">
                    <h1>"Page not found"</h1>
                    <p class="us-pagehead__sub">"This address leads nowhere. It may have been mistyped."</p>
                </div>
            </header>
            <a class="us-btn us-btn--primary" href=manager>
                "Go to User Segments"
            </a>
        </div>
    }
}
