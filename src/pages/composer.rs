//! The Composer: a segment's definition, built criterion by criterion with its effect beside it.
//!
//! The builder itself is [`criteria`](crate::parts::criteria). Here it stands with what it makes beside it: a
//! [`draft`](segments_forms::draft) survives a reload, the rest shows the live answer and saves.

mod live;
mod save;

use leptos::prelude::*;
use segments_format as format;
use segments_forms::criteria::tree::Tree;
use segments_forms::draft::Draft;
use segments_model::segment::{Segment, SegmentKind};
use segments_ui::dom::is_dialog_open;
use segments_ui::task::{Task, sleep, spawn};
use segments_ui::{Busy, Glyph, Icon, Step, Toaster, UndoButtons};
use web_sys::KeyboardEvent;

use crate::client::{Client, Loader, Status, Versioned};
use crate::parts::criteria::editor::Editor;
use crate::parts::criteria::rows::Rows;
use crate::parts::states::ErrorState;
use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use crate::shell::storage;
use live::Live;
use save::{CreateDialog, SaveEdit, saved};

/// How long a change waits for another one before the draft is kept, in milliseconds.
const KEEP_AFTER_MS: u32 = 300;

/// The page with a new definition, or with that of a stored segment.
#[component]
pub fn ComposerPage(
    /// The segment's id; none: a new one.
    segment: Option<String>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    provide_context(Vocabulary::load(client.clone()));
    match segment {
        None => view! { <Builder base=None /> }.into_any(),
        Some(id) => {
            let stored = Loader::new(
                move || Some(id.clone()),
                move |id: String| {
                    let client = client.clone();
                    async move { client.segment(&id).await }
                },
            );
            view! { <Stored stored /> }.into_any()
        }
    }
}

#[component]
fn Stored(stored: Loader<Versioned<Segment>>) -> impl IntoView {
    #[derive(Clone, PartialEq)]
    enum Show {
        Nothing,
        Busy,
        Failed(crate::client::ApiError),
        Ready(Box<Versioned<Segment>>),
    }
    let show = Memo::new(move |_| {
        stored.status().with(|status| match status {
            Status::Loading(None) => Show::Nothing,
            Status::Slow(None) => Show::Busy,
            Status::Failed(error, None) => Show::Failed(error.clone()),
            Status::Ready(segment)
            | Status::Loading(Some(segment))
            | Status::Slow(Some(segment))
            | Status::Failed(_, Some(segment)) => Show::Ready(Box::new(segment.clone())),
        })
    });
    view! {
        {move || match show.get() {
            Show::Nothing => ().into_any(),
            Show::Busy => view! {
                <h1 class="us-vh">"Composer"</h1>
                <Busy label="Loading the segment" />
            }
            .into_any(),
            Show::Failed(error) => view! {
                <h1 class="us-vh">"Composer"</h1>
                <ErrorState
                    title="The segment did not load"
                    error
                    on_retry=Callback::new(move |()| stored.reload())
                />
            }
            .into_any(),
            Show::Ready(segment) => view! {
                <Builder
                    base=Some(*segment)
                    on_reload=Callback::new(move |theirs: Versioned<Segment>| {
                        stored.change(|segment| *segment = theirs);
                    })
                />
            }
            .into_any(),
        }}
    }
    .into_any()
}

/// The tree beside its live result, with the buttons above.
#[component]
fn Builder(
    base: Option<Versioned<Segment>>,
    #[prop(into, optional)] on_reload: Option<Callback<Versioned<Segment>>>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let navigator = Navigator::expect();
    let session = Session::expect();
    let toaster = Toaster::expect();

    let id = base.as_ref().map(|base| base.value.summary.id.clone());
    let version = base.as_ref().map(|base| base.value.summary.version);
    let key = Draft::name(id.as_deref());
    let kept = storage::get(&key).and_then(|text| Draft::read(&text));
    let base_tree = base
        .as_ref()
        .map_or_else(Tree::default, |base| Tree::from(&base.value.definition));
    let restored = RwSignal::new(kept.as_ref().map(|draft| Restored {
        from: draft.from.clone(),
        kept_at: draft.kept_at,
        is_older: draft.version != version,
    }));
    let tree = kept.map_or(base_tree, |draft| draft.tree);
    let editor = Editor::new(tree, base.clone(), client);
    provide_context(editor);
    if !untrack(|| editor.is_changed()) {
        restored.set(None);
    }
    keep_draft(editor, session, key.clone(), version);
    let keys = window_event_listener(leptos::ev::keydown, move |event| shortcut(editor, &event));
    on_cleanup(move || keys.remove());

    let creating = RwSignal::new(false);
    let draft_key = StoredValue::new(key);
    let on_saved = Callback::new(move |segment: Segment| {
        storage::set(&draft_key.get_value(), None);
        saved(navigator, session, toaster, &segment);
    });
    let on_reload = Callback::new(move |theirs: Versioned<Segment>| {
        storage::set(&draft_key.get_value(), None);
        if let Some(on_reload) = on_reload {
            on_reload.run(theirs);
        }
    });
    let title = base.as_ref().map_or_else(
        || "New segment".to_owned(),
        |base| base.value.summary.name.clone(),
    );
    let window_title = title.clone();
    navigator.set_title(move || Some(format!("{window_title} \u{b7} Composer")));
    let save = save_buttons(base.clone(), creating, on_saved, on_reload);
    view! {
        <div class="us-tool comp">
            <header class="us-tool__head">
                <h1 class="us-truncate">{title}</h1>
                {base.as_ref().map(|base| kind_sign(base.value.summary.kind))}
                <Show when=move || editor.is_changed()>
                    <span class="us-badge us-badge--warn">
                        {version.map_or_else(|| "Draft".to_owned(), |version| format!("Draft of v{}", version + 1))}
                    </span>
                </Show>
                <div class="us-tool__actions">
                    <UndoButtons
                        undo=Memo::new(move |_| editor.undo_label())
                        redo=Memo::new(move |_| editor.redo_label())
                        on_undo=Callback::new(move |()| editor.step(Step::Undo))
                        on_redo=Callback::new(move |()| editor.step(Step::Redo))
                    />
                    <span class="us-sep us-hide-s"></span>
                    <Show when=move || editor.is_changed()>
                        <button
                            class="us-btn us-btn--ghost us-hide-s"
                            type="button"
                            on:click=move |_| {
                                restored.set(None);
                                editor.discard();
                            }
                        >
                            "Discard changes"
                        </button>
                    </Show>
                    {save}
                </div>
            </header>
            <section class="builder" aria-label="Definition">
                <RestoredNotice restored />
                <div class="start">
                    <span>"Start with"</span>
                    <span class="start__who">
                        <Icon glyph=Glyph::Users small=true />
                        "All users"
                    </span>
                    <span class="us-grow">"and keep those who match"</span>
                    <span class="colhead" aria-hidden="true">
                        <span>"Kept"</span>
                        <span>"Dropped"</span>
                    </span>
                </div>
                <Rows />
                <p class="us-vh" role="status">
                    {move || editor.announcement().get()}
                </p>
            </section>
            <Live />
        </div>
        <CreateDialog open=creating on_saved />
    }
    .into_any()
}

fn save_buttons(
    base: Option<Versioned<Segment>>,
    creating: RwSignal<bool>,
    on_saved: Callback<Segment>,
    on_reload: Callback<Versioned<Segment>>,
) -> AnyView {
    match base {
        Some(base) => view! {
            <button class="us-btn us-hide-s" type="button" on:click=move |_| creating.set(true)>
                "Save as new…"
            </button>
            <SaveEdit base on_saved on_reload />
        }
        .into_any(),
        None => view! {
            <button class="us-btn us-btn--primary" type="button" on:click=move |_| creating.set(true)>
                "Create segment…"
            </button>
        }
        .into_any(),
    }
}

fn kind_sign(kind: SegmentKind) -> impl IntoView {
    let (glyph, word) = match kind {
        SegmentKind::Dynamic => (Glyph::Dynamic, "Dynamic"),
        SegmentKind::Static => (Glyph::Static, "Static"),
    };
    view! {
        <span class="us-type us-2 us-hide-s">
            <Icon glyph />
            {word}
        </span>
    }
}

/// Keeps the tree in the browser while it says something else than what is stored.
fn keep_draft(editor: Editor, session: Session, key: String, version: Option<u64>) {
    let keeping = StoredValue::new_local(None::<Task>);
    Effect::new(move |before: Option<()>| {
        let changed = editor.is_changed();
        let tree = editor.tree().get();
        if before.is_none() {
            return;
        }
        let key = key.clone();
        keeping.set_value(Some(spawn(async move {
            sleep(KEEP_AFTER_MS).await;
            let Some(now) = session.now().try_get_untracked() else {
                return;
            };
            let text = changed
                .then(|| Draft::new(version, now, tree).write())
                .flatten();
            storage::set(&key, text.as_deref());
        })));
    });
}

/// Ctrl Z and Ctrl Shift Z, except in a field, which has an undo of its own.
fn shortcut(editor: Editor, event: &KeyboardEvent) {
    if is_dialog_open() {
        return;
    }
    if let Some(step) = Step::of(event) {
        editor.step(step);
        event.prevent_default();
    }
}

/// A draft that was found in the browser.
#[derive(Clone, PartialEq)]
struct Restored {
    /// What it was handed over from; none: it began here.
    from: Option<String>,
    kept_at: segments_model::Instant,
    /// Whether the segment has changed since.
    is_older: bool,
}

#[component]
fn RestoredNotice(restored: RwSignal<Option<Restored>>) -> impl IntoView {
    let editor = Editor::expect();
    let session = Session::expect();
    view! {
        {move || {
            restored
                .get()
                .map(|draft| {
                    let (title, detail) = if let Some(from) = draft.from {
                        (format!("From {from}."), " Counted as of now, in the project's time zone. ".to_owned())
                    } else {
                        let when = format::relative(draft.kept_at, session.now().get());
                        ("Your draft is back.".to_owned(), format!(" Last changed {when}. "))
                    };
                    let class = if draft.is_older { "us-banner us-banner--warn" } else { "us-banner" };
                    view! {
                        <div class=format!("{class} comp__notice") role="status">
                            <Icon glyph=Glyph::History small=true />
                            <span class="us-grow">
                                <strong>{title}</strong>
                                {detail}
                                {draft
                                    .is_older
                                    .then_some("The segment has a newer version than this draft.")}
                            </span>
                            <button
                                class="us-btn us-btn--sm"
                                type="button"
                                on:click=move |_| {
                                    restored.set(None);
                                    editor.discard();
                                }
                            >
                                "Discard draft"
                            </button>
                            <button
                                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                                type="button"
                                aria-label="Keep draft and close notice"
                                on:click=move |_| restored.set(None)
                            >
                                <Icon glyph=Glyph::Cross small=true />
                            </button>
                        </div>
                    }
                })
        }}
    }
}
