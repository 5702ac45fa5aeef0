//! Settings › Preferences: how the page looks to this person, and the project's name and time zone.

use leptos::prelude::*;
use segments_format as format;
use segments_model::project::{Project, ProjectPatch, Role};
use segments_ui::states::sentence;
use segments_ui::task::{Task, spawn};
use segments_ui::{
    Busy, Choice, Combobox, Glyph, Icon, Segmented, SegmentedOption, Switch, Toast, Toaster,
};

use crate::client::{ApiError, Client, Versioned};
use crate::parts::states::ErrorState;
use crate::shell::look::{Density, Look, Theme};
use crate::shell::session::Session;

/// Settings › Preferences.
#[component]
pub fn PreferencesPage() -> impl IntoView {
    view! {
        <div class="us-page prefs">
            <header class="us-pagehead">
                <div class="us-pagehead__text">
                    <h1>"Preferences"</h1>
                </div>
            </header>
            <div class="us-stack us-stack--4">
                <Appearance />
                <ProjectCard />
            </div>
        </div>
    }
}

#[component]
fn Appearance() -> impl IntoView {
    let look: Look = expect_context();
    let themes = Theme::ALL.map(|theme| {
        SegmentedOption::new(
            theme,
            match theme {
                Theme::System => "System",
                Theme::Light => "Light",
                Theme::Dark => "Dark",
            },
        )
    });
    let densities = Density::ALL.map(|density| {
        SegmentedOption::new(
            density,
            match density {
                Density::Compact => "Compact",
                Density::Standard => "Standard",
                Density::Roomy => "Roomy",
            },
        )
    });
    view! {
        <section class="us-card" aria-labelledby="prefs-look">
            <header class="us-card__head">
                <h2 id="prefs-look">"Appearance"</h2>
                <span class="us-xs us-muted">"Saved in this browser"</span>
            </header>
            <div class="us-card__body us-stack us-stack--4">
                <div class="prefs__row">
                    <div>
                        <p class="us-label">"Theme"</p>
                        <p class="us-help">"System follows your computer's setting."</p>
                    </div>
                    <Segmented
                        legend="Theme"
                        options=themes.to_vec()
                        value=look.theme
                        on_change=Callback::new(move |theme| look.theme.set(theme))
                    />
                </div>
                <div class="prefs__row">
                    <div>
                        <p class="us-label">"Density"</p>
                        <p class="us-help">"How many rows fit on a screen."</p>
                    </div>
                    <Segmented
                        legend="Density"
                        options=densities.to_vec()
                        value=look.density
                        on_change=Callback::new(move |density| look.density.set(density))
                    />
                </div>
                <div class="prefs__row">
                    <div>
                        <p class="us-label">"Keyboard"</p>
                        <p class="us-help">
                            "Single letters run commands. Press ? for the list. Turn them off if you use voice input."
                        </p>
                    </div>
                    <Switch on=look.keys on_change=Callback::new(move |on| look.keys.set(on))>
                        "Single-key shortcuts"
                    </Switch>
                </div>
            </div>
        </section>
    }
}

#[component]
fn ProjectCard() -> impl IntoView {
    let project = Session::expect().project();
    // The form is made once for a project, not each time that it is asked for again.
    let loaded = Memo::new(move |_| project.map(|_| ()).is_some());
    let body = move || {
        if loaded.get() {
            return project
                .status()
                .with_untracked(|status| status.value().cloned())
                .map(|project| view! { <ProjectForm project /> })
                .into_any();
        }
        project.status().with(|status| match status.error() {
            Some(error) => view! {
                <ErrorState
                    title="The project did not load"
                    error=error.clone()
                    on_retry=Callback::new(move |()| project.reload())
                />
            }
            .into_any(),
            None if status.is_slow() => {
                view! { <Busy label="Loading the project" rows=2 /> }.into_any()
            }
            None => ().into_any(),
        })
    };
    view! {
        <section class="us-card" aria-labelledby="prefs-project">
            <header class="us-card__head">
                <h2 id="prefs-project">"Project"</h2>
                <span class="us-xs us-muted">"For everyone in this project"</span>
            </header>
            {body}
        </section>
    }
}

#[component]
fn ProjectForm(project: Versioned<Project>) -> impl IntoView {
    let client: Client = expect_context();
    let session = Session::expect();
    let toaster = Toaster::expect();
    let may_change = project.value.me.role == Role::Admin;
    let saved = RwSignal::new(project);
    let name = RwSignal::new(saved.with_untracked(|saved| saved.value.name.clone()));
    let zone = RwSignal::new(saved.with_untracked(|saved| saved.value.time_zone.clone()));
    let error = RwSignal::new(None::<ApiError>);
    let saving = RwSignal::new(false);
    let task = StoredValue::new_local(None::<Task>);

    let patch = move || {
        let name = name.get().trim().to_owned();
        let zone = zone.get();
        saved.with(|saved| ProjectPatch {
            name: (name != saved.value.name).then_some(name),
            time_zone: (zone != saved.value.time_zone).then_some(zone),
        })
    };
    let nameless = Signal::derive(move || name.with(|name| name.trim().is_empty()));
    let unchanged = move || patch() == ProjectPatch::default();
    let save = move || {
        let patch = untrack(patch);
        let tag = saved.with_untracked(|saved| saved.tag.clone());
        let client = client.clone();
        saving.set(true);
        error.set(None);
        task.set_value(Some(spawn(async move {
            match client.update_project(&tag, &patch).await {
                Ok(project) => {
                    session.project().change(|shown| shown.clone_from(&project));
                    session.data_changed();
                    name.try_set(project.value.name.clone());
                    saved.try_set(project);
                    toaster.show(Toast::done("Project saved"));
                }
                Err(failure) => {
                    error.try_set(Some(failure));
                }
            }
            saving.try_set(false);
        })));
    };
    view! {
        <form
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                if !untrack(|| nameless.get() || unchanged()) && !saving.get_untracked() {
                    save();
                }
            }
        >
            <div class="us-card__body us-stack us-stack--4">
                {move || error.get().map(|error| not_saved(&error))}
                <ProjectName name nameless may_change />
                <ProjectZone zone />
            </div>
            <footer class="us-card__foot us-row">
                <Show when=move || !may_change>
                    <span class="us-help">"Only admins can change the project."</span>
                </Show>
                <span class="us-grow"></span>
                <button
                    class="us-btn us-btn--primary"
                    type="submit"
                    disabled=move || !may_change || nameless.get() || unchanged()
                    aria-busy=move || saving.get().then_some("true")
                >
                    "Save project"
                </button>
            </footer>
        </form>
    }
}

/// Why the project was not saved.
fn not_saved(error: &ApiError) -> impl IntoView + use<> {
    let failure = match error.status() {
        Some(412) => {
            "Someone else changed the project. Reload the page to see the changes.".to_owned()
        }
        _ => sentence(&error.to_string()),
    };
    view! {
        <div class="us-banner us-banner--bad" role="alert">
            <Icon glyph=Glyph::Warning small=true />
            <span>{failure}</span>
        </div>
    }
}

#[component]
fn ProjectName(name: RwSignal<String>, nameless: Signal<bool>, may_change: bool) -> impl IntoView {
    view! {
        <div class="us-field prefs__field">
            <label class="us-label" for="project-name">
                "Name"
            </label>
            <input
                class="us-input"
                id="project-name"
                maxlength="200"
                aria-required="true"
                disabled=!may_change
                aria-invalid=move || nameless.get().then_some("true")
                aria-describedby="project-name-error"
                prop:value=move || name.get()
                on:input=move |event| name.set(event_target_value(&event))
            />
            <p class="us-error" id="project-name-error">
                {move || nameless.get().then_some("A project needs a name.")}
            </p>
        </div>
    }
}

#[component]
fn ProjectZone(zone: RwSignal<String>) -> impl IntoView {
    let session = Session::expect();
    let choices: Vec<Choice> = format::zones()
        .into_iter()
        .map(|zone| {
            let label = zone.replace('_', " ");
            Choice::new(zone).label(label)
        })
        .collect();
    let here = format::browser_zone();
    let clock = move || format::date_time(session.now().get(), &zone.get());
    view! {
        <div class="us-field prefs__field">
            <label class="us-label" for="project-zone">
                "Time zone"
            </label>
            <Combobox
                id="project-zone"
                choices=Signal::stored(choices)
                value=Signal::derive(move || vec![zone.get()])
                described_by="project-zone-help"
                on_change=Callback::new(move |values: Vec<String>| {
                    if let Some(chosen) = values.into_iter().next() {
                        zone.set(chosen);
                    }
                })
            />
            <p class="us-help" id="project-zone-help">
                "Days, weeks and months follow this time zone. The time there is "
                {clock}
                ". Segments keep the time zone they were created in."
            </p>
            {move || {
                let here = here.clone().filter(|here| *here != zone.get())?;
                let label = format!("Use this browser's time zone, {}", here.replace('_', " "));
                Some(
                    view! {
                        <button
                            class="us-link prefs__here"
                            type="button"
                            on:click=move |_| zone.set(here.clone())
                        >
                            {label}
                        </button>
                    },
                )
            }}
        </div>
    }
}
