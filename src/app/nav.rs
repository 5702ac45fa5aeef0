//! The navigation.

use leptos::prelude::*;
use segments_format as format;
use segments_ui::{Glyph, Icon};

use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// Links to the pages, in groups.
#[component]
pub fn Nav(shortcuts_open: RwSignal<bool>) -> impl IntoView {
    let navigator = Navigator::expect();
    let session = Session::expect();
    let segments = Signal::derive(move || {
        session
            .library()
            .map(|library| format::count(library.dynamic + library.fixed))
    });
    view! {
        <nav class="us-nav" aria-label="Main">
            <a class="us-nav__brand" href=navigator.href(&Route::Segments)>
                <Mark />
                <span>"User Segments"</span>
            </a>
            <Group title="Tools">
                <NavEntry route=Route::Segmentation glyph=Glyph::Trend />
                <NavEntry route=Route::Funnel glyph=Glyph::Funnel />
                <NavEntry route=Route::Cohort glyph=Glyph::Cohort />
            </Group>
            <Group title="People">
                <NavEntry route=Route::Users glyph=Glyph::Users />
                <NavEntry route=Route::Composer glyph=Glyph::Compose />
            </Group>
            <Group title="Data">
                <NavEntry route=Route::Dictionary glyph=Glyph::Book />
            </Group>
            <Group title="Settings">
                <NavEntry route=Route::Segments glyph=Glyph::Segment count=segments />
                <NavEntry route=Route::Data glyph=Glyph::Database />
                <NavEntry route=Route::Preferences glyph=Glyph::Sliders />
            </Group>
            <ul class="us-nav__foot">
                <li>
                    <button
                        class="us-nav__item us-nav__button"
                        type="button"
                        title="Keyboard shortcuts"
                        on:click=move |_| shortcuts_open.set(true)
                    >
                        <Icon glyph=Glyph::Help />
                        <span>"Keyboard shortcuts"</span>
                        <kbd class="us-kbd us-nav__kbd" aria-hidden="true">
                            "?"
                        </kbd>
                    </button>
                </li>
            </ul>
        </nav>
    }
}

#[component]
fn Group(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="us-nav__group">
            <h2 class="us-nav__title">{title}</h2>
            <ul class="us-nav__list">{children()}</ul>
        </div>
    }
}

#[component]
fn NavEntry(
    route: Route,
    glyph: Glyph,
    #[prop(into, optional)] count: Option<Signal<Option<String>>>,
) -> impl IntoView {
    let navigator = Navigator::expect();
    let here = navigator.route();
    let title = route.title();
    let name = title.clone();
    let href = navigator.href(&route);
    let is_here =
        move || here.with(|here| here.as_ref().is_some_and(|here| here.belongs_to(&route)));
    view! {
        <li>
            <a
                class="us-nav__item"
                href=href
                title=name
                aria-current=move || is_here().then_some("page")
            >
                <Icon glyph />
                <span>{title}</span>
                {move || {
                    count
                        .and_then(|count| count.get())
                        .map(|count| view! { <span class="us-nav__count">{count}</span> })
                }}
            </a>
        </li>
    }
}

/// Two circles that overlap.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="us-nav__mark" viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="7.5" cy="10" r="5.75" fill="none" stroke="currentColor" stroke-width="1.75"></circle>
            <path d="M10 4.82a5.75 5.75 0 0 1 0 10.36 5.75 5.75 0 0 1 0-10.36z" fill="currentColor"></path>
            <circle cx="12.5" cy="10" r="5.75" fill="none" stroke="currentColor" stroke-width="1.75"></circle>
        </svg>
    }
}
