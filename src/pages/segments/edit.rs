//! The details of a segment in a dialog: name, description, category, type.

use leptos::prelude::*;
use segments_model::segment::{SegmentKind, SegmentPatch, SegmentSummary};
use segments_ui::states::sentence;
use segments_ui::task::{Task, spawn};
use segments_ui::{Choice, Combobox, Dialog, Glyph, Icon, Toast, Toaster};

use crate::client::{ApiError, Client};
use crate::pages::segments::actions::Actions;
use crate::pages::segments::state::kind_label;
use crate::shell::lazy::{LazyPlace, lazy};
use crate::shell::session::Session;

/// What stands in the form.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    name: String,
    description: String,
    category: String,
    kind: SegmentKind,
}

impl Draft {
    fn of(segment: &SegmentSummary) -> Self {
        Self {
            name: segment.name.clone(),
            description: segment.description.clone(),
            category: segment.category.clone(),
            kind: segment.kind,
        }
    }

    /// What differs from the segment; nothing where that is nothing.
    fn patch(&self, segment: &SegmentSummary) -> Option<SegmentPatch> {
        let changed = |new: &str, old: &str| (new != old).then(|| new.to_owned());
        let patch = SegmentPatch {
            name: changed(self.name.trim(), &segment.name),
            description: changed(self.description.trim(), &segment.description),
            category: changed(self.category.trim(), &segment.category),
            kind: (self.kind != segment.kind).then_some(self.kind),
            ..SegmentPatch::default()
        };
        (patch != SegmentPatch::default()).then_some(patch)
    }
}

/// Edits the details of the segment in `editing`; there as long as that is one.
#[component]
pub fn EditDialog(
    /// The segment.
    editing: RwSignal<Option<SegmentSummary>>,
    /// Tells the list what has changed.
    actions: Actions,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(editing.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && editing.with_untracked(Option::is_some) {
            editing.set(None);
        }
    });
    let subtitle = Signal::derive(move || {
        editing.with(|segment| {
            segment
                .as_ref()
                .map(|segment| segment.name.clone())
                .unwrap_or_default()
        })
    });
    let actions = StoredValue::new(actions);
    view! {
        <Dialog open title="Edit details" subtitle>
            {move || {
                editing
                    .get()
                    .map(|segment| {
                        EDIT_FORM.view(LazyPlace::Dialog, (segment, open, actions.get_value()))
                    })
            }}
        </Dialog>
    }
}

lazy! {
    const EDIT_FORM = manage::edit_form(edit: (SegmentSummary, RwSignal<bool>, Actions)) -> AnyView {
        let (segment, open, actions) = edit;
        view! { <EditForm segment open actions /> }.into_any()
    }
}

#[component]
fn EditForm(segment: SegmentSummary, open: RwSignal<bool>, actions: Actions) -> impl IntoView {
    let client: Client = expect_context();
    let toaster = Toaster::expect();
    let form = RwSignal::new(Draft::of(&segment));
    let error = RwSignal::new(None::<ApiError>);
    let saving = RwSignal::new(false);
    let task = StoredValue::new_local(None::<Task>);
    let nameless = Signal::derive(move || form.with(|form| form.name.trim().is_empty()));
    let save = move || {
        if saving.get_untracked() || nameless.get_untracked() {
            return;
        }
        let Some(patch) = form.with_untracked(|form| form.patch(&segment)) else {
            open.set(false);
            return;
        };
        saving.set(true);
        error.set(None);
        let (client, actions, id) = (client.clone(), actions.clone(), segment.id.clone());
        let seen = segment.version;
        task.set_value(Some(spawn(async move {
            match save(&client, &id, seen, &patch).await {
                Ok(changed) => {
                    toaster.show(Toast::done(format!("“{}” saved", changed.name)));
                    actions.put(&changed);
                    open.try_set(false);
                }
                Err(failure) => {
                    error.try_set(Some(failure));
                    saving.try_set(false);
                }
            }
        })));
    };
    let submit = save.clone();
    view! {
        <form
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
            on:keydown=move |event| {
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    save();
                }
            }
        >
            <div class="us-dialog__body us-stack us-stack--4">
                {move || {
                    error
                        .with(|error| error.as_ref().and_then(error_of_no_field))
                        .map(|detail| {
                            view! {
                                <div class="us-banner us-banner--bad" role="alert">
                                    <Icon glyph=Glyph::Warning small=true />
                                    <span>{detail}</span>
                                </div>
                            }
                        })
                }}
                <EditName form error nameless />
                <EditDescription form />
                <EditCategory form />
                <EditKind form />
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="submit"
                    disabled=nameless
                    aria-busy=move || saving.get().then_some("true")
                >
                    "Save changes"
                </button>
            </footer>
        </form>
    }
}

/// What is wrong, unless it is about one of the fields.
fn error_of_no_field(error: &ApiError) -> Option<String> {
    let is_of_field = ["/name", "/description", "/category", "/kind"]
        .iter()
        .any(|pointer| error.at(pointer).is_some());
    (!is_of_field).then(|| match error.status() {
        Some(412) => {
            "Someone else changed this segment. Close this dialog and open it again to see the changes."
                .to_owned()
        }
        _ => sentence(&error.to_string()),
    })
}

#[component]
fn EditName(
    form: RwSignal<Draft>,
    error: RwSignal<Option<ApiError>>,
    nameless: Signal<bool>,
) -> impl IntoView {
    let name_error = move || {
        if nameless.get() {
            return Some("A segment needs a name.".to_owned());
        }
        error.with(|error| {
            let found = error.as_ref()?.at("/name")?;
            Some(sentence(&found.detail))
        })
    };
    view! {
        <div class="us-field">
            <label class="us-label" for="segment-name">
                "Name"
            </label>
            <input
                class="us-input"
                id="segment-name"
                maxlength="200"
                autofocus
                aria-required="true"
                aria-invalid=move || name_error().is_some().then_some("true")
                aria-describedby="segment-name-error"
                prop:value=move || form.with(|form| form.name.clone())
                on:input=move |event| {
                    error.set(None);
                    form.update(|form| form.name = event_target_value(&event));
                }
            />
            <p class="us-error" id="segment-name-error">
                {name_error}
            </p>
        </div>
    }
}

#[component]
fn EditDescription(form: RwSignal<Draft>) -> impl IntoView {
    view! {
        <div class="us-field">
            <label class="us-label" for="segment-description">
                "Description "
                <small>"optional"</small>
            </label>
            <textarea
                class="us-input"
                id="segment-description"
                rows="2"
                maxlength="2000"
                prop:value=move || form.with(|form| form.description.clone())
                on:input=move |event| {
                    form.update(|form| form.description = event_target_value(&event));
                }
            ></textarea>
        </div>
    }
}

#[component]
fn EditCategory(form: RwSignal<Draft>) -> impl IntoView {
    let session = Session::expect();
    let categories = Signal::derive(move || {
        session
            .library()
            .map(|library| {
                library
                    .categories
                    .iter()
                    .map(|facet| Choice::new(&facet.category).detail(facet.segments.to_string()))
                    .collect()
            })
            .unwrap_or_default()
    });
    view! {
        <div class="us-field">
            <label class="us-label" for="segment-category">
                "Category "
                <small>"optional"</small>
            </label>
            <Combobox
                id="segment-category"
                choices=categories
                value=Signal::derive(move || {
                    form
                        .with(|form| {
                            Some(form.category.clone())
                                .filter(|category| !category.is_empty())
                                .into_iter()
                                .collect()
                        })
                })
                free=true
                on_change=Callback::new(move |values: Vec<String>| {
                    form
                        .update(|form| {
                            form.category = values.into_iter().next().unwrap_or_default();
                        });
                })
            />
        </div>
    }
}

#[component]
fn EditKind(form: RwSignal<Draft>) -> impl IntoView {
    let card = move |kind: SegmentKind, glyph: Glyph, detail: &'static str| {
        view! {
            <label class="us-radiocard">
                <input
                    class="us-box"
                    type="radio"
                    name="segment-kind"
                    prop:checked=move || form.with(|form| form.kind == kind)
                    on:change=move |_| form.update(|form| form.kind = kind)
                />
                <b>
                    <Icon glyph small=true />
                    {kind_label(kind)}
                </b>
                <p>{detail}</p>
            </label>
        }
    };
    view! {
        <fieldset class="us-field">
            <legend class="us-label">"Type"</legend>
            <div class="us-cards">
                {card(
                    SegmentKind::Dynamic,
                    Glyph::Dynamic,
                    "Users join and leave as new data arrives.",
                )}
                {card(
                    SegmentKind::Static,
                    Glyph::Static,
                    "Keeps the users who match now, whatever they do next.",
                )}
            </div>
        </fieldset>
    }
}

/// Changes a segment that is still as it was seen.
async fn save(
    client: &Client,
    id: &str,
    seen: u64,
    patch: &SegmentPatch,
) -> Result<SegmentSummary, ApiError> {
    let current = client.segment(id).await?;
    if current.value.summary.version != seen {
        return Err(ApiError::Status {
            place: client.place(),
            status: 412,
        });
    }
    let changed = client.update_segment(id, &current.tag, patch).await?;
    Ok(changed.value.summary)
}
