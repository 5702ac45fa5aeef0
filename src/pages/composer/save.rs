//! Saving: a new segment by a dialog, an edit of a stored one as its next version.

use leptos::html;
use leptos::prelude::*;
use segments_model::facts::never_changes;
use segments_model::segment::{NewSegment, Segment, SegmentKind, SegmentPatch};

use super::editor::Editor;
use super::live::{sentence_view, words};
use crate::client::{ApiError, Client, Versioned};
use crate::format;
use crate::query::vocabulary::Vocabulary;
use crate::route::{Navigator, Route};
use crate::session::Session;
use crate::task::{Task, spawn};
use crate::ui::dom::{focus, unique_id};
use crate::ui::states::sentence;
use crate::ui::{Choice, Combobox, Dialog, Glyph, Icon, Toast, Toaster};
use crate::url::Params;

/// The most characters that a name has.
const NAME_MOST: usize = 200;

/// Says that a segment was saved, and goes to the manager.
pub fn saved(navigator: Navigator, session: Session, toaster: Toaster, segment: &Segment) {
    session.segments_changed();
    let id = segment.summary.id.clone();
    toaster.show(
        Toast::done(format!("Saved \u{201c}{}\u{201d}", segment.summary.name)).action(
            "View Users",
            move || {
                let params = Params::new().with("segment", id.as_str());
                navigator.go_with(&Route::Users, &params);
            },
        ),
    );
    navigator.go(&Route::Segments);
}

/// The dialog that makes a segment of the definition.
#[component]
pub fn CreateDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Called when the segment is there.
    on_saved: Callback<Segment>,
) -> impl IntoView {
    view! {
        <Dialog open title="Create User Segment" subtitle=Signal::stored("From the Composer".to_owned()) wide=true>
            <CreateForm open on_saved />
        </Dialog>
    }
    .into_any()
}

/// What the name lacks; none: it will do.
fn name_error(name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        Some("Give the segment a name".to_owned())
    } else if name.chars().count() > NAME_MOST {
        Some(format!("A name has at most {NAME_MOST} characters"))
    } else {
        None
    }
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
        _ if stale => {
            "Wait until the users are counted: a segment is saved with the size that you see."
        }
        None => "The users are not counted yet.",
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

#[component]
fn CreateForm(open: RwSignal<bool>, on_saved: Callback<Segment>) -> impl IntoView {
    let editor = Editor::expect();
    let vocabulary = Vocabulary::expect();
    let client = expect_context::<Client>();
    let base = editor.base().map(|base| base.value);
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(
        base.as_ref()
            .map(|base| base.summary.description.clone())
            .unwrap_or_default(),
    );
    let category = RwSignal::new(
        base.as_ref()
            .map(|base| base.summary.category.clone())
            .unwrap_or_default(),
    );
    let kind = RwSignal::new(SegmentKind::Dynamic);
    let tried = RwSignal::new(false);
    let refused = RwSignal::new(None::<ApiError>);
    let saving = StoredValue::new_local(None::<Task>);
    let busy = RwSignal::new(false);
    let name_field = NodeRef::<html::Input>::new();
    let ids = FormIds::new();

    let size = Memo::new(move |_| {
        editor
            .preview()
            .map(|answer| (answer.preview.users, answer.preview.stamp.as_of))
            .map(|(users, as_of)| {
                let fixed = editor.definition().with(|definition| {
                    definition
                        .as_ref()
                        .is_ok_and(|definition| never_changes(&definition.criterion, as_of))
                });
                (users, fixed)
            })
    });
    let in_the_way = Memo::new(move |_| obstacle_now(editor));
    let name_wrong = Memo::new(move |_| {
        let taken = refused.with(|refused| {
            let error = refused.as_ref()?;
            error
                .at("/name")
                .map(|error| error.detail.clone())
                .or_else(|| (error.status() == Some(409)).then(|| error.to_string()))
        });
        taken.or_else(|| {
            tried
                .get()
                .then(|| name.with(|name| name_error(name)))
                .flatten()
        })
    });
    let other_error = Memo::new(move |_| {
        refused.with(|refused| {
            let error = refused.as_ref()?;
            (error.at("/name").is_none() && error.status() != Some(409)).then(|| error.to_string())
        })
    });
    Effect::new(move |_| {
        if let Some(field) = name_field.get() {
            request_animation_frame(move || focus(&field));
        }
    });

    let submit = move || {
        tried.set(true);
        refused.set(None);
        if name.with_untracked(|name| name_error(name)).is_some() {
            if let Some(field) = name_field.get_untracked() {
                focus(&field);
            }
            return;
        }
        if busy.get_untracked() || in_the_way.get_untracked().is_some() {
            return;
        }
        let Ok(definition) = editor.definition().get_untracked() else {
            return;
        };
        let stamp = untrack(|| editor.preview().map(|answer| answer.preview.stamp.clone()));
        let new = NewSegment {
            name: name.get_untracked().trim().to_owned(),
            description: description.get_untracked().trim().to_owned(),
            category: category.get_untracked().trim().to_owned(),
            kind: kind.get_untracked(),
            definition: definition.criterion,
            origin: None,
            as_of: stamp.as_ref().map(|stamp| stamp.as_of),
            time_zone: stamp.map(|stamp| stamp.time_zone),
        };
        let client = client.clone();
        busy.set(true);
        saving.set_value(Some(spawn(async move {
            let answer = client.create_segment(&new).await;
            busy.try_set(false);
            match answer {
                Ok(segment) => {
                    open.try_set(false);
                    on_saved.run(segment.value);
                }
                Err(error) => {
                    if let Some(problem) = error.problem()
                        && editor.refuse(problem)
                    {
                        open.try_set(false);
                    }
                    refused.try_set(Some(error));
                    if let Some(Some(field)) = name_field.try_get_untracked() {
                        focus(&field);
                    }
                }
            }
        })));
    };
    let submit = StoredValue::new_local(submit);
    let run = move || submit.with_value(|submit| submit());

    view! {
        <form
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                run();
            }
            on:keydown=move |event| {
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    run();
                }
            }
        >
            <div class="us-dialog__body dlg">
                <div class="us-stack us-stack--4">
                    <div class="us-field">
                        <label class="us-label" for=ids.name.clone()>
                            "Segment Name"
                        </label>
                        <input
                            class="us-input"
                            id=ids.name.clone()
                            node_ref=name_field
                            required=true
                            autocomplete="off"
                            aria-invalid=move || name_wrong.with(Option::is_some).then_some("true")
                            aria-describedby=ids.name_error.clone()
                            prop:value=move || name.get()
                            on:input=move |event| {
                                refused.set(None);
                                name.set(event_target_value(&event));
                            }
                        />
                        <p class="us-error" id=ids.name_error.clone() role="alert">
                            {move || {
                                name_wrong
                                    .get()
                                    .map(|error| {
                                        view! {
                                            <Icon glyph=Glyph::Warning />
                                            <span>{sentence(&error)}</span>
                                        }
                                    })
                            }}
                        </p>
                    </div>
                    <div class="us-field">
                        <label class="us-label" for=ids.description.clone()>
                            "Description "
                            <small>"optional"</small>
                        </label>
                        <textarea
                            class="us-input"
                            id=ids.description.clone()
                            rows="2"
                            maxlength="2000"
                            prop:value=move || description.get()
                            on:input=move |event| description.set(event_target_value(&event))
                        ></textarea>
                    </div>
                    <div class="us-field">
                        <label class="us-label" for=ids.category.clone()>
                            "Category "
                            <small>"optional"</small>
                        </label>
                        <Combobox
                            id=ids.category.clone()
                            placeholder="None"
                            choices=Signal::derive(move || {
                                vocabulary.categories().into_iter().map(Choice::new).collect::<Vec<_>>()
                            })
                            value=Signal::derive(move || {
                                Some(category.get()).filter(|it| !it.is_empty()).into_iter().collect::<Vec<_>>()
                            })
                            on_change=Callback::new(move |chosen: Vec<String>| {
                                category.set(chosen.into_iter().next().unwrap_or_default());
                            })
                            free=true
                        />
                        <div class="us-row us-row--wrap us-row--1" role="group" aria-label="Existing categories">
                            {move || {
                                vocabulary
                                    .categories()
                                    .into_iter()
                                    .take(8)
                                    .map(|each| {
                                        let this = each.clone();
                                        let pressed = each.clone();
                                        view! {
                                            <button
                                                class="us-chip us-chip--pick"
                                                type="button"
                                                aria-pressed=move || {
                                                    category.with(|category| *category == pressed).to_string()
                                                }
                                                on:click=move |_| {
                                                    category
                                                        .update(|category| {
                                                            *category = if *category == this {
                                                                String::new()
                                                            } else {
                                                                this.clone()
                                                            };
                                                        });
                                                }
                                            >
                                                {each}
                                            </button>
                                        }
                                    })
                                    .collect_view()
                            }}
                        </div>
                    </div>
                    <fieldset class="us-field">
                        <legend class="us-label">"Type"</legend>
                        <div class="us-cards">
                            {kind_card(
                                kind,
                                SegmentKind::Dynamic,
                                Glyph::Dynamic,
                                "Dynamic",
                                Signal::stored("Users join and leave as new data arrives.".to_owned()),
                            )}
                            {kind_card(
                                kind,
                                SegmentKind::Static,
                                Glyph::Static,
                                "Static",
                                Signal::derive(move || {
                                    size.get()
                                        .map_or_else(
                                            || "Keeps the users found now, whatever they do next.".to_owned(),
                                            |(users, _)| {
                                                format!(
                                                    "Keeps these {}, whatever they do next.",
                                                    format::plural(users, "user", "users"),
                                                )
                                            },
                                        )
                                }),
                            )}
                        </div>
                    </fieldset>
                </div>
                <Facts kind size in_the_way />
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow" role="alert">
                    {move || {
                        other_error
                            .get()
                            .map(|error| {
                                view! {
                                    <span class="us-error">
                                        <Icon glyph=Glyph::Warning />
                                        <span>{sentence(&error)}</span>
                                    </span>
                                }
                            })
                    }}
                </span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="submit"
                    aria-busy=move || busy.get().to_string()
                    aria-disabled=move || in_the_way.get().is_some().to_string()
                    aria-describedby=ids.obstacle
                >
                    "Create segment"
                    <kbd class="us-kbd us-hide-s" aria-hidden="true">
                        "Ctrl \u{21b5}"
                    </kbd>
                </button>
            </footer>
        </form>
    }
    .into_any()
}

struct FormIds {
    name: String,
    name_error: String,
    description: String,
    category: String,
    obstacle: &'static str,
}

impl FormIds {
    fn new() -> Self {
        let name = unique_id("segment-name");
        Self {
            name_error: format!("{name}-error"),
            name,
            description: unique_id("segment-description"),
            category: unique_id("segment-category"),
            obstacle: OBSTACLE_ID,
        }
    }
}

/// The id of what says why the segment cannot be saved; only one such dialog is open at a time.
const OBSTACLE_ID: &str = "us-save-obstacle";

fn kind_card(
    kind: RwSignal<SegmentKind>,
    this: SegmentKind,
    glyph: Glyph,
    label: &'static str,
    explained: Signal<String>,
) -> impl IntoView {
    view! {
        <label class="us-radiocard">
            <input
                class="us-box"
                type="radio"
                name="us-segment-kind"
                prop:checked=move || kind.get() == this
                on:change=move |_| kind.set(this)
            />
            <b>
                <Icon glyph small=true />
                {label}
            </b>
            <p>{move || explained.get()}</p>
        </label>
    }
}

/// What will be saved: size, sentence, notes, stamp.
#[component]
fn Facts(
    kind: RwSignal<SegmentKind>,
    size: Memo<Option<(u64, bool)>>,
    in_the_way: Memo<Option<String>>,
) -> impl IntoView {
    let editor = Editor::expect();
    let vocabulary = Vocabulary::expect();
    let spans = Memo::new(move |_| {
        editor.definition().with(|definition| {
            definition
                .as_ref()
                .map(|definition| words(vocabulary, &definition.criterion))
                .unwrap_or_default()
        })
    });
    let shown = Memo::new(move |_| {
        editor.preview().map(|answer| {
            let preview = &answer.preview;
            (
                preview.users,
                preview.share,
                preview.all_users,
                preview.stamp.clone(),
            )
        })
    });
    view! {
        <div class="pv">
            {move || {
                shown
                    .get()
                    .map(|(users, share, all, stamp)| {
                        view! {
                            <section>
                                <h3 class="us-label">"Size now"</h3>
                                <p class="us-row live__size">
                                    <span class="us-figure">{format::count(users)}</span>
                                    <span class="us-2">
                                        {format!("users, {} of {}", format::percent(share), format::count(all))}
                                    </span>
                                </p>
                            </section>
                            <Show when=move || !spans.with(Vec::is_empty)>
                            <section>
                                <h3 class="us-label">"In words"</h3>
                                <p class="us-2 sent">
                                    <b>"This segment will contain "</b>
                                    {move || sentence_view(spans.get())}
                                </p>
                            </section>
                            </Show>
                            <p class="us-asof">
                                <span>
                                    "As of "
                                    <strong>{format::date_time(stamp.as_of, &stamp.time_zone)}</strong>
                                </span>
                                <span>{stamp.time_zone.clone()}</span>
                                <span>
                                    <strong>{if stamp.exact { "Exact" } else { "Estimate" }}</strong>
                                </span>
                            </p>
                        }
                    })
            }}
            <Show when=move || {
                kind.get() == SegmentKind::Dynamic && size.get().is_some_and(|(_, fixed)| fixed)
            }>
                <section class="us-xs us-2 note">
                    <Icon glyph=Glyph::Info small=true />
                    <span>
                        "All its dates lie in the past, so its users will not change as time goes on. A range such as \u{201c}in the last 30 days\u{201d} would move with it."
                    </span>
                </section>
            </Show>
            <p class="us-banner us-banner--warn" id=OBSTACLE_ID hidden=move || in_the_way.get().is_none()>
                <Icon glyph=Glyph::Warning small=true />
                <span>{move || in_the_way.get()}</span>
            </p>
        </div>
    }
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
    let busy = RwSignal::new(false);
    let theirs = RwSignal::new(None::<Versioned<Segment>>);
    let conflict = RwSignal::new(false);
    let obstacle = Memo::new(move |_| {
        if editor.is_changed() {
            obstacle_now(editor)
        } else {
            Some("Nothing has changed.".to_owned())
        }
    });

    let save = move || {
        if busy.get_untracked() {
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
        busy.set(true);
        saving.set_value(Some(spawn(async move {
            let answer = client.update_segment(&id, &tag.get_value(), &patch).await;
            let answer = match answer {
                Err(error) if error.status() == Some(412) => client.segment(&id).await.map(Err),
                other => other.map(Ok),
            };
            busy.try_set(false);
            match answer {
                Ok(Ok(saved)) => on_saved.run(saved.value),
                Ok(Err(current)) => {
                    theirs.try_set(Some(current));
                    conflict.try_set(true);
                }
                Err(error) => {
                    if let Some(problem) = error.problem() {
                        editor.refuse(problem);
                    }
                    toaster.show(Toast::failed("Not saved").detail(error.to_string()));
                }
            }
        })));
    };
    let save = StoredValue::new_local(save);
    let zone = Session::expect().zone();

    view! {
        <button
            class="us-btn us-btn--primary"
            type="button"
            title=move || obstacle.get()
            aria-busy=move || busy.get().to_string()
            aria-disabled=move || obstacle.get().is_some().to_string()
            on:click=move |_| save.with_value(|save| save())
        >
            {format!("Save as v{next}")}
        </button>
        <Dialog open=conflict title="Somebody else changed this segment">
            <div class="us-dialog__body us-stack us-stack--4">
                {move || {
                    theirs
                        .get()
                        .map(|theirs| {
                            let summary = theirs.value.summary;
                            view! {
                                <p>
                                    {format!(
                                        "It was changed to version {} on {}, after you began. It now reads:",
                                        summary.version,
                                        format::date_time(summary.updated_at, &zone.get()),
                                    )}
                                </p>
                                <p class="us-sentence">{sentence(&summary.sentence)}</p>
                                <p class="us-2">
                                    "Overwriting makes your definition the newest version. Loading theirs leaves your edit behind."
                                </p>
                            }
                        })
                }}
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| conflict.set(false)>
                    "Cancel"
                </button>
                <button
                    class="us-btn us-btn--lg"
                    type="button"
                    on:click=move |_| {
                        conflict.set(false);
                        if let Some(theirs) = theirs.get_untracked() {
                            on_reload.run(theirs);
                        }
                    }
                >
                    "Load theirs"
                </button>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="button"
                    on:click=move |_| {
                        conflict.set(false);
                        if let Some(theirs) = theirs.get_untracked() {
                            tag.set_value(theirs.tag);
                            save.with_value(|save| save());
                        }
                    }
                >
                    "Overwrite"
                </button>
            </footer>
        </Dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{NAME_MOST, name_error, obstacle};

    #[test]
    fn a_name_is_needed_and_bounded() {
        assert!(name_error(" \t").is_some());
        assert!(name_error(&"x".repeat(NAME_MOST + 1)).is_some());
        assert_eq!(name_error(&"\u{e9}".repeat(NAME_MOST)), None);
    }

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
