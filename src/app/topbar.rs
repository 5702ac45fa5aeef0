//! The bar above the page: whose data it is, where the backend is, which theme.

use leptos::prelude::*;
use segments_format as format;
use segments_model::project::{BackendKind, DataSource, Project};
use segments_ui::{Glyph, Icon, Segmented, SegmentedOption};

use crate::client::Client;
use crate::shell::look::{Look, Theme};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// The bar above the page.
#[component]
pub fn Topbar(
    /// Whether the navigation is open on a small screen.
    nav_open: RwSignal<bool>,
) -> impl IntoView {
    let look: Look = expect_context();
    let themes = Theme::ALL.map(|theme| {
        let (label, glyph) = match theme {
            Theme::System => ("System theme", Glyph::Monitor),
            Theme::Light => ("Light theme", Glyph::Sun),
            Theme::Dark => ("Dark theme", Glyph::Moon),
        };
        SegmentedOption::new(theme, label).glyph(glyph)
    });
    view! {
        <header class="us-topbar">
            <label class="us-btn us-btn--ghost us-btn--icon us-topbar__menu">
                <input
                    class="us-vh"
                    type="checkbox"
                    id="us-nav-open"
                    aria-label="Menu"
                    prop:checked=move || nav_open.get()
                    on:change=move |event| nav_open.set(event_target_checked(&event))
                />
                <Icon glyph=Glyph::Menu />
            </label>
            <Crumbs />
            <div class="us-topbar__end">
                <BackendStatus />
                <Segmented
                    legend="Theme"
                    class="us-theme"
                    options=themes.to_vec()
                    value=look.theme
                    on_change=Callback::new(move |theme| look.theme.set(theme))
                />
            </div>
        </header>
    }
}

#[component]
fn Crumbs() -> impl IntoView {
    let navigator = Navigator::expect();
    let session = Session::expect();
    let route = navigator.route();
    let title = navigator.title();
    // A tool's title is its query, which stands right below.
    let title = Memo::new(move |_| match route.get() {
        Some(tool @ (Route::Segmentation | Route::Funnel | Route::Cohort)) => tool.title(),
        _ => title.get(),
    });
    let project = move || {
        session.project().map(|project| {
            let Project {
                name, time_zone, ..
            } = project.value.clone();
            let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            view! {
                <span class="us-project__mark" aria-hidden="true">
                    {initial}
                </span>
                <span class="us-project__name">{name}</span>
                <span class="us-project__tz">{time_zone}</span>
            }
        })
    };
    let section = move || {
        route
            .with(|route| route.as_ref().and_then(Route::section))
            .map(|section| {
                view! {
                    <li class="us-2">
                        <span class="us-crumbs__section">{section}</span>
                    </li>
                }
            })
    };
    view! {
        <nav class="us-crumbs" aria-label="Breadcrumb">
            <ol>
                <li>
                    <a
                        class="us-project"
                        href=navigator.href(&Route::Preferences)
                        title="Project preferences"
                    >
                        <span class="us-vh">"Project preferences: "</span>
                        {project}
                    </a>
                </li>
                {section}
                <li>
                    <span aria-current="page">{move || title.get()}</span>
                </li>
            </ol>
        </nav>
    }
}

#[component]
fn BackendStatus() -> impl IntoView {
    let session = Session::expect();
    let client: Client = expect_context();
    let data = Navigator::expect().href(&Route::Data);
    let damaged = move || {
        let damaged = session
            .project()
            .map(|project| !project.value.data.damaged.is_empty());
        (damaged == Some(true)).then(|| {
            view! {
                <a class="us-status us-status--warn us-hide-s" href=data.clone()>
                    <Icon glyph=Glyph::Warning small=true />
                    "Data damaged"
                </a>
            }
        })
    };
    let status = move || {
        session.project().status().with(|status| {
            if status.error().is_some() {
                return Some((
                    Glyph::Warning,
                    "us-status--warn",
                    "Not connected".to_owned(),
                ));
            }
            let project = &status.value()?.value;
            Some((
                glyph(project),
                "us-status--ok",
                describe(project, &client.place()),
            ))
        })
    };
    view! {
        {damaged}
        {move || {
            status()
                .map(|(glyph, tone, words)| {
                    view! {
                        <span class=format!("us-status us-hide-s {tone}")>
                            <Icon glyph small=true />
                            {words}
                        </span>
                    }
                })
        }}
    }
}

const fn glyph(project: &Project) -> Glyph {
    match project.capabilities.backend {
        BackendKind::Embedded => Glyph::Offline,
        BackendKind::Server => Glyph::CloudOk,
    }
}

/// Whose data it is, where it is and how much.
fn describe(project: &Project, place: &str) -> String {
    let source = match (project.data.source, project.capabilities.backend) {
        (DataSource::Demo, _) => "Demo data".to_owned(),
        (_, BackendKind::Embedded) => "In this tab".to_owned(),
        (_, BackendKind::Server) => place.to_owned(),
    };
    format!("{source} · {} events", format::compact(project.data.events))
}
