//! Which route shows which page.

use leptos::prelude::*;

use crate::pages::{composer, data, dictionary, preferences, segments, users};
use crate::parts::{audience, create_segment, range_picker};
use crate::shell::lazy::{Lazy, LazyPlace, lazy};
use crate::shell::route::{Navigator, Route};
use crate::tools::{cohort, funnel, segmentation};

lazy!(const SEGMENTATION = segmentation::segmentation_page(_route: Route) -> AnyView {
    view! { <segmentation::SegmentationPage /> }.into_any()
});
lazy!(const FUNNEL = funnel::funnel_page(_route: Route) -> AnyView {
    view! { <funnel::FunnelPage /> }.into_any()
});
lazy!(const COHORT = cohort::cohort_page(_route: Route) -> AnyView {
    view! { <cohort::CohortPage /> }.into_any()
});
lazy!(const USERS = users::users_page(_route: Route) -> AnyView {
    view! { <users::UsersPage /> }.into_any()
});
lazy!(const COMPOSER = composer::composer_page(route: Route) -> AnyView {
    let segment = match route {
        Route::ComposerOf(id) => Some(id),
        _ => None,
    };
    view! { <composer::ComposerPage segment /> }.into_any()
});
lazy!(const DICTIONARY = dictionary::dictionary_page(_route: Route) -> AnyView {
    view! { <dictionary::DictionaryPage /> }.into_any()
});
lazy!(const DATA = data::data_page(_route: Route) -> AnyView {
    view! { <data::DataPage /> }.into_any()
});
lazy!(const PREFERENCES = preferences::preferences_page(_route: Route) -> AnyView {
    view! { <preferences::PreferencesPage /> }.into_any()
});

/// The page of a route that is loaded when somebody goes there; none: it is there from the start. Its chunk has the name of
/// one of the words of its path: by that boot.js finds what to fetch before the app runs.
const fn lazy_page(route: &Route) -> Option<&'static Lazy<Route, AnyView>> {
    Some(match route {
        Route::Segmentation => &SEGMENTATION,
        Route::Funnel => &FUNNEL,
        Route::Cohort => &COHORT,
        Route::Users | Route::User(_) => &USERS,
        Route::Composer | Route::ComposerOf(_) => &COMPOSER,
        Route::Dictionary => &DICTIONARY,
        Route::Data => &DATA,
        Route::Preferences => &PREFERENCES,
        Route::Segments | Route::Segment(_) => return None,
    })
}

/// Loads everything that is not there from the start, one chunk after the other. One that does not come is asked for again
/// when it is needed.
pub async fn load_the_rest() {
    let chunks = [
        segments::load(),
        SEGMENTATION.load(),
        FUNNEL.load(),
        COHORT.load(),
        USERS.load(),
        COMPOSER.load(),
        DICTIONARY.load(),
        DATA.load(),
        PREFERENCES.load(),
        range_picker::load(),
        audience::load(),
        create_segment::load(),
    ];
    for chunk in chunks {
        let _ = chunk.await;
    }
}

/// The page of a route.
pub fn page(route: Option<Route>) -> AnyView {
    match route {
        Some(Route::Segments) => view! { <segments::SegmentsPage /> }.into_any(),
        Some(route) if let Some(page) = lazy_page(&route) => page.view(LazyPlace::Page, route),
        _ => view! { <PageNotFound /> }.into_any(),
    }
}

/// The URL names no page.
#[component]
fn PageNotFound() -> impl IntoView {
    let manager = Navigator::expect().href(&Route::Segments);
    view! {
        <div class="us-page">
            <header class="us-pagehead">
                <div class="us-pagehead__text">
                    <h1>"Page not found"</h1>
                    <p class="us-pagehead__sub">"There is no page at this address. Check it for typos."</p>
                </div>
            </header>
            <a class="us-btn us-btn--primary" href=manager>
                "Go to User Segments"
            </a>
        </div>
    }
}
