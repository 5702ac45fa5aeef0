//! The head of a tool's page: its name, undo and redo, the link, and the pinned queries.

use leptos::prelude::*;
use segments_ui::task::{Task, spawn};
use segments_ui::{Dialog, Glyph, Icon, PopoverButton, Toast, Toaster, UndoButtons, copy};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlInputElement};

use crate::tool::pins::{MAX_NAME, Pin};
use crate::tool::state::QueryState;

/// The head.
#[component]
pub fn Head(
    /// The state.
    state: QueryState,
    /// What the query is called.
    name: Memo<String>,
) -> impl IntoView {
    let naming = RwSignal::new(None::<Naming>);
    let badge = Memo::new(move |_| {
        state.pin()?;
        Some(state.is_edited())
    });
    view! {
        <header class="us-tool__head">
            <h1 class="us-truncate">
                {move || {
                    let name = name.get();
                    if name.is_empty() { state.tool().label().to_owned() } else { name }
                }}
            </h1>
            {move || match badge.get() {
                Some(false) => view! { <span class="us-badge">"Saved"</span> }.into_any(),
                Some(true) => view! { <span class="us-badge us-badge--warn">"Edited"</span> }.into_any(),
                None => ().into_any(),
            }}
            <div class="us-tool__actions">
                <UndoButtons
                    undo=Memo::new(move |_| state.undo_label())
                    redo=Memo::new(move |_| state.redo_label())
                    on_undo=Callback::new(move |()| state.undo())
                    on_redo=Callback::new(move |()| state.redo())
                />
                <span class="us-sep"></span>
                <CopyLink state />
                <PinnedMenu state naming />
                <Save state naming />
            </div>
        </header>
        <NameDialog state naming name />
    }
    .into_any()
}

#[component]
fn CopyLink(state: QueryState) -> impl IntoView {
    let toaster = Toaster::expect();
    let copying = StoredValue::new_local(None::<Task>);
    let href = Memo::new(move |_| state.href());
    let by_hand = RwSignal::new(None::<String>);
    let press = move |_| {
        let Some(href) = href.get_untracked() else {
            return;
        };
        let origin = window().location().origin().unwrap_or_default();
        copying.set_value(Some(spawn(async move {
            let link = format!("{origin}{href}");
            if copy(&link).await {
                toaster
                    .show(Toast::done("Link copied").detail("It opens this query as it is now."));
            } else {
                by_hand.try_set(Some(link));
            }
        })));
    };
    view! {
        <button
            class="us-btn us-btn--ghost"
            type="button"
            aria-label="Copy link"
            disabled=move || href.with(Option::is_none)
            on:click=press
        >
            <Icon glyph=Glyph::Link />
            <span class="us-hide-s">"Copy link"</span>
        </button>
        <LinkDialog link=by_hand />
    }
}

/// The link to copy by hand, where the browser does not let the page do it.
#[component]
fn LinkDialog(link: RwSignal<Option<String>>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if link.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            link.set(None);
        }
    });
    view! {
        <Dialog
            open
            title="Copy the link"
            subtitle=Signal::stored(
                "The browser does not let this page write to the clipboard.".to_owned(),
            )
        >
            <div class="us-dialog__body">
                <div class="us-field">
                    <label class="us-label" for="tool-link">
                        "Link to this query"
                    </label>
                    <input
                        class="us-input us-mono"
                        id="tool-link"
                        readonly
                        autofocus
                        aria-describedby="tool-link-help"
                        prop:value=move || link.get().unwrap_or_default()
                        on:focus=select_all
                    />
                    <p class="us-help" id="tool-link-help">
                        "It is selected: press Ctrl C, or Cmd C, to copy it."
                    </p>
                </div>
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="button"
                    on:click=move |_| open.set(false)
                >
                    "Done"
                </button>
            </footer>
        </Dialog>
    }
}

/// Selects what a field holds when it gets the focus: typing replaces it, copying takes all of it.
fn select_all(event: impl AsRef<Event>) {
    let field = event
        .as_ref()
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        // The browser puts the cursor somewhere itself when it has told of the focus.
        request_animation_frame(move || field.select());
    }
}

/// What a name is asked for.
#[derive(Clone, PartialEq)]
enum Naming {
    /// The query on the page, as a new pin.
    New,
    /// A pin that gets another name.
    Rename(Pin),
}

/// Says so where the browser did not keep a change.
fn told(toaster: Toaster, kept: bool, toast: Toast) {
    toaster.show(if kept {
        toast
    } else {
        Toast::failed("The browser did not keep the pinned queries").detail(
            "Its storage is full or closed to this page. They are there until the page is left.",
        )
    });
}

#[component]
fn Save(state: QueryState, naming: RwSignal<Option<Naming>>) -> impl IntoView {
    let toaster = Toaster::expect();
    let is_done = Memo::new(move |_| {
        state.query().with(Result::is_err) || (state.pin().is_some() && !state.is_edited())
    });
    view! {
        <button
            class="us-btn us-btn--primary"
            type="button"
            // Disabled outright it would lose the focus as soon as it has done its work.
            aria-disabled=move || is_done.get().then_some("true")
            on:click=move |_| {
                if is_done.get_untracked() {
                    return;
                }
                match untrack(|| state.pin()) {
                    Some(pin) => update(state, toaster, pin),
                    None => naming.set(Some(Naming::New)),
                }
            }
        >
            "Save"
        </button>
    }
}

/// Puts the query on the page in place of a pin's.
fn update(state: QueryState, toaster: Toaster, pin: Pin) {
    let kept = state.put_pin(Some(pin.id.clone()), &pin.name);
    let toast = Toast::done(format!("“{}” saved", pin.name)).action("Undo", move || {
        state.restore_pin(pin.clone());
    });
    told(toaster, kept, toast);
}

fn remove(state: QueryState, toaster: Toaster, pin: Pin) {
    let kept = state.remove_pin(&pin.id);
    let toast = Toast::done(format!("“{}” deleted", pin.name)).action("Undo", move || {
        state.restore_pin(pin.clone());
    });
    told(toaster, kept, toast);
}

#[component]
fn PinnedMenu(state: QueryState, naming: RwSignal<Option<Naming>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let unfinished = Memo::new(move |_| state.query().with(Result::is_err));
    view! {
        <PopoverButton
            class="us-btn us-btn--ghost"
            label=Some(Signal::stored("Pinned queries".to_owned()))
            button=ViewFn::from(|| {
                view! {
                    <Icon glyph=Glyph::Pin />
                    <span class="us-hide-s">"Pinned"</span>
                    <Icon glyph=Glyph::Down small=true />
                }
            })
            panel_label="Pinned queries"
            align=segments_ui::Align::End
            open
        >
            <div class="us-popover__body tool__pins">
                <Show
                    when=move || state.pins().with(|pins| !pins.all().is_empty())
                    fallback=|| {
                        view! {
                            <p class="us-xs us-2">
                                "No pinned queries yet. A pinned query is kept in this browser under a name."
                            </p>
                        }
                    }
                >
                    <ul>
                        <For
                            each=move || state.pins().with(|pins| pins.all().to_vec())
                            key=Pin::clone
                            children=move |pin| view! { <Row state naming open pin /> }
                        />
                    </ul>
                </Show>
                <button
                    class="us-btn us-btn--sm"
                    type="button"
                    disabled=move || unfinished.get()
                    on:click=move |_| {
                        open.set(false);
                        naming.set(Some(Naming::New));
                    }
                >
                    <Icon glyph=Glyph::Plus small=true />
                    "Pin this query…"
                </button>
            </div>
        </PopoverButton>
    }
}

#[component]
fn Row(
    state: QueryState,
    naming: RwSignal<Option<Naming>>,
    open: RwSignal<bool>,
    pin: Pin,
) -> impl IntoView {
    let toaster = Toaster::expect();
    let name = pin.name.clone();
    let pin = StoredValue::new(pin);
    let is_open = Memo::new(move |_| {
        let opened = state.pin().map(|pin| pin.id);
        pin.with_value(|pin| opened.as_deref() == Some(pin.id.as_str()))
    });
    let cannot_update = Memo::new(move |_| {
        state.query().with(Result::is_err) || (is_open.get() && !state.is_edited())
    });
    view! {
        <li class="us-row">
            <button
                class="us-menu__item us-grow"
                type="button"
                aria-current=move || is_open.get().then_some("true")
                on:click=move |_| {
                    open.set(false);
                    state.open_pin(&pin.get_value());
                }
            >
                <span class="us-menu__tick" aria-hidden="true">
                    <Show when=move || is_open.get()>
                        <Icon glyph=Glyph::Check />
                    </Show>
                </span>
                <span class="us-grow us-truncate">{name.clone()}</span>
            </button>
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                title="Save this query under the name"
                aria-label=format!("Save this query as “{name}”")
                disabled=move || cannot_update.get()
                on:click=move |_| {
                    open.set(false);
                    update(state, toaster, pin.get_value());
                }
            >
                <Icon glyph=Glyph::Save small=true />
            </button>
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                title="Rename"
                aria-label=format!("Rename “{name}”")
                on:click=move |_| {
                    open.set(false);
                    naming.set(Some(Naming::Rename(pin.get_value())));
                }
            >
                <Icon glyph=Glyph::Edit small=true />
            </button>
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                title="Delete"
                aria-label=format!("Delete “{name}”")
                on:click=move |_| {
                    open.set(false);
                    remove(state, toaster, pin.get_value());
                }
            >
                <Icon glyph=Glyph::Cross small=true />
            </button>
        </li>
    }
}

#[component]
fn NameDialog(
    state: QueryState,
    naming: RwSignal<Option<Naming>>,
    name: Memo<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    Effect::new(move |_| {
        naming.with(|naming| {
            text.set(match naming {
                Some(Naming::Rename(pin)) => pin.name.clone(),
                _ => name.get_untracked(),
            });
            tried.set(false);
            open.set(naming.is_some());
        });
    });
    Effect::new(move |_| {
        if !open.get() && naming.with_untracked(Option::is_some) {
            naming.set(None);
        }
    });
    let toaster = Toaster::expect();
    let id = move || {
        naming.with(|naming| match naming {
            Some(Naming::Rename(pin)) => Some(pin.id.clone()),
            _ => None,
        })
    };
    let wrong = Memo::new(move |_| {
        let id = id();
        let wrong = state
            .pins()
            .with(|pins| text.with(|text| pins.wrong_name(text, id.as_deref())))?;
        // Only what was written is wrong; an empty field is told when it is sent.
        (tried.get() || text.with(|text| !text.trim().is_empty())).then_some(wrong)
    });
    let save = move || {
        tried.set(true);
        if wrong.get_untracked().is_some() {
            return;
        }
        let (naming, name) = (naming.get_untracked(), text.get_untracked());
        open.set(false);
        match naming {
            Some(Naming::New) => {
                let kept = state.put_pin(None, &name);
                told(
                    toaster,
                    kept,
                    Toast::done(format!("“{}” pinned", name.trim()))
                        .detail("It is kept in this browser."),
                );
            }
            Some(Naming::Rename(pin)) => {
                let kept = state.restore_pin(Pin {
                    name: name.trim().to_owned(),
                    ..pin
                });
                told(
                    toaster,
                    kept,
                    Toast::done(format!("Renamed to “{}”", name.trim())),
                );
            }
            None => {}
        }
    };
    let is_rename =
        Memo::new(move |_| naming.with(|naming| matches!(naming, Some(Naming::Rename(_)))));
    let title = Signal::derive(move || {
        if is_rename.get() {
            "Rename pinned query"
        } else {
            "Pin query"
        }
        .to_owned()
    });
    view! {
        <Dialog open title subtitle=Signal::stored("Kept in this browser only.".to_owned())>
            <form
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    save();
                }
            >
                <div class="us-dialog__body">
                    <div class="us-field">
                        <label class="us-label" for="pin-name">
                            "Name"
                        </label>
                        <input
                            class="us-input"
                            id="pin-name"
                            maxlength=MAX_NAME.to_string()
                            autofocus
                            aria-required="true"
                            aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                            aria-describedby="pin-name-error"
                            prop:value=move || text.get()
                            on:focus=select_all
                            on:input=move |event| text.set(event_target_value(&event))
                        />
                        <p class="us-error" id="pin-name-error">
                            {move || wrong.get()}
                        </p>
                    </div>
                </div>
                <footer class="us-dialog__foot">
                    <span class="us-grow"></span>
                    <button
                        class="us-btn us-btn--lg"
                        type="button"
                        on:click=move |_| open.set(false)
                    >
                        "Cancel"
                    </button>
                    <button class="us-btn us-btn--lg us-btn--primary" type="submit">
                        {move || if is_rename.get() { "Rename" } else { "Pin query" }}
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}
