//! Saving: a new segment by a dialog, an edit of a stored one as its next version.

use leptos::prelude::*;
use segments_format as format;
use segments_model::problem::Problem;
use segments_model::segment::{Segment, SegmentPatch};
use segments_ui::states::sentence;
use segments_ui::task::{Task, spawn};
use segments_ui::{Dialog, Toast, Toaster};

use crate::client::{Client, Versioned};
use crate::parts::create_segment::{CreateSegment, SegmentSource, Suggested, tell_saved};
use crate::parts::criteria::editor::Editor;
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// Says that a segment was saved, and goes to the manager.
pub fn saved(navigator: Navigator, session: Session, toaster: Toaster, segment: &Segment) {
    tell_saved(navigator, session, toaster, segment, false);
    navigator.go(&Route::Segments);
}

/// The dialog that makes a segment of the definition.
#[component]
pub fn CreateDialog(
    open: RwSignal<bool>,
    /// Called when the segment is there.
    on_saved: Callback<Segment>,
) -> impl IntoView {
    let editor = Editor::expect();
    let source = Memo::new(move |_| {
        let definition = editor
            .definition()
            .with(|definition| Some(definition.as_ref().ok()?.criterion.clone()))?;
        editor.preview().map(|answer| {
            let preview = &answer.preview;
            SegmentSource {
                definition,
                users: preview.users,
                share: Some((preview.share, preview.all_users)),
                as_of: preview.stamp.as_of,
                time_zone: preview.stamp.time_zone.clone(),
                exact: preview.stamp.exact,
                origin: None,
            }
        })
    });
    // A copy keeps what was written about the segment that it is made from.
    let suggested = Signal::derive(move || {
        editor.base().map_or_else(Suggested::default, |base| {
            let summary = base.value.summary;
            Suggested {
                name: String::new(),
                description: summary.description,
                category: summary.category,
            }
        })
    });
    view! {
        <CreateSegment
            open
            from="From the Composer"
            source
            obstacle=Memo::new(move |_| obstacle_now(editor))
            suggested
            on_saved
            on_refused=Callback::new(move |problem: Problem| editor.refuse(&problem))
        />
    }
    .into_any()
}

/// Why a definition with this answer cannot be saved; none: it can. What is unfinished comes first.
fn obstacle(
    unfinished: Option<(String, String)>,
    stale: bool,
    users: Option<u64>,
) -> Option<String> {
    if let Some((name, detail)) = unfinished {
        let name = sentence(&format!("{name} is unfinished"));
        return Some(format!("{name} {}", sentence(&detail)));
    }
    let obstacle = match users {
        _ if stale => "Wait for the count: the segment is saved with the size shown here.",
        None => "Users have not been counted yet.",
        Some(0) => {
            "No user matches this definition, so there is nothing to save. Loosen a criterion."
        }
        Some(_) => return None,
    };
    Some(obstacle.to_owned())
}

/// Why the definition on the page cannot be saved as it is now.
fn obstacle_now(editor: Editor) -> Option<String> {
    let unfinished = editor
        .first_unfinished()
        .map(|(_, name, detail)| (name, detail));
    let users = editor.preview().map(|answer| answer.preview.users);
    obstacle(unfinished, editor.is_stale(), users)
}

/// The button that saves an edit of a stored segment, and the dialog for when somebody else was quicker.
#[component]
pub fn SaveEdit(
    /// The segment as it was when the edit began.
    base: Versioned<Segment>,
    /// Called when it is saved.
    on_saved: Callback<Segment>,
    /// Called with the other one's version, to go on from there.
    on_reload: Callback<Versioned<Segment>>,
) -> impl IntoView {
    let editor = Editor::expect();
    let client = expect_context::<Client>();
    let toaster = Toaster::expect();
    let id = base.value.summary.id.clone();
    let next = base.value.summary.version + 1;
    let tag = StoredValue::new(base.tag);
    let saving = StoredValue::new_local(None::<Task>);
    let state = RwSignal::new(SaveState::Idle);
    let conflict = RwSignal::new(false);
    let obstacle = Memo::new(move |_| {
        if editor.is_changed() {
            obstacle_now(editor)
        } else {
            Some("Nothing has changed.".to_owned())
        }
    });

    let save = move || {
        if state.with_untracked(|state| *state == SaveState::Saving) {
            return;
        }
        if let Some(obstacle) = obstacle.get_untracked() {
            toaster.show(Toast::failed("Not saved").detail(obstacle));
            return;
        }
        let Ok(definition) = editor.definition().get_untracked() else {
            return;
        };
        let patch = SegmentPatch {
            definition: Some(definition.criterion),
            ..SegmentPatch::default()
        };
        let client = client.clone();
        let id = id.clone();
        state.set(SaveState::Saving);
        saving.set_value(Some(spawn(async move {
            let answer = client.update_segment(&id, &tag.get_value(), &patch).await;
            let answer = match answer {
                Err(error) if error.status() == Some(412) => client.segment(&id).await.map(Err),
                other => other.map(Ok),
            };
            match answer {
                Ok(Ok(saved)) => {
                    state.try_set(SaveState::Idle);
                    on_saved.run(saved.value);
                }
                Ok(Err(theirs)) => {
                    state.try_set(SaveState::Conflict(Box::new(theirs)));
                    conflict.try_set(true);
                }
                Err(error) => {
                    state.try_set(SaveState::Idle);
                    if let Some(problem) = error.problem() {
                        editor.refuse(problem);
                    }
                    toaster.show(Toast::failed("Not saved").detail(error.to_string()));
                }
            }
        })));
    };
    let save = StoredValue::new_local(save);
    let overwrite = Callback::new(move |theirs: Versioned<Segment>| {
        tag.set_value(theirs.tag);
        save.with_value(|save| save());
    });
    view! {
        <button
            class="us-btn us-btn--primary"
            type="button"
            title=move || obstacle.get()
            aria-busy=move || state.with(|state| *state == SaveState::Saving).to_string()
            aria-disabled=move || obstacle.get().is_some().to_string()
            on:click=move |_| save.with_value(|save| save())
        >
            {format!("Save as v{next}")}
        </button>
        <Conflict open=conflict state on_reload on_overwrite=overwrite />
    }
    .into_any()
}

/// Where an edit is on its way.
#[derive(Clone, PartialEq)]
enum SaveState {
    Idle,
    Saving,
    /// Somebody else has changed the segment: as it is now.
    Conflict(Box<Versioned<Segment>>),
}

impl SaveState {
    fn theirs(&self) -> Option<Versioned<Segment>> {
        match self {
            Self::Conflict(theirs) => Some(theirs.as_ref().clone()),
            Self::Idle | Self::Saving => None,
        }
    }
}

/// Which of two versions counts.
#[component]
fn Conflict(
    open: RwSignal<bool>,
    state: RwSignal<SaveState>,
    on_reload: Callback<Versioned<Segment>>,
    on_overwrite: Callback<Versioned<Segment>>,
) -> impl IntoView {
    let zone = Session::expect().zone();
    let take = move |chosen: Callback<Versioned<Segment>>| {
        open.set(false);
        if let Some(theirs) = state.with_untracked(SaveState::theirs) {
            state.set(SaveState::Idle);
            chosen.run(theirs);
        }
    };
    view! {
        <Dialog open title="Someone else changed this segment">
            <div class="us-dialog__body us-stack us-stack--4">
                {move || {
                    state
                        .with(SaveState::theirs)
                        .map(|theirs| {
                            let summary = theirs.value.summary;
                            view! {
                                <p>
                                    {format!(
                                        "Version {} was saved on {} while you were editing. It now reads:",
                                        summary.version,
                                        format::date_time(summary.updated_at, &zone.get()),
                                    )}
                                </p>
                                <p class="us-sentence">{sentence(&summary.sentence)}</p>
                                <p class="us-2">
                                    "Overwrite to make your definition the newest version, or load theirs and lose your changes."
                                </p>
                            }
                        })
                }}
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    class="us-btn us-btn--lg"
                    type="button"
                    on:click=move |_| take(on_reload)
                >
                    "Load their version"
                </button>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="button"
                    on:click=move |_| take(on_overwrite)
                >
                    "Overwrite segment"
                </button>
            </footer>
        </Dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::obstacle;

    #[test]
    fn nobody_cannot_be_saved_and_neither_can_what_is_not_counted() {
        assert!(obstacle(None, false, Some(0)).is_some());
        assert!(obstacle(None, true, Some(5)).is_some());
        assert!(obstacle(None, false, None).is_some());
        assert_eq!(obstacle(None, false, Some(1)), None);
        let unfinished = Some(("criterion 2".to_owned(), "Choose a property".to_owned()));
        assert_eq!(
            obstacle(unfinished, true, Some(1)).as_deref(),
            Some("Criterion 2 is unfinished. Choose a property.")
        );
    }
}
