//! The head of a tool's page: its name, undo and redo, the link, and the pinned queries.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::range::RangeKind;
use segments_model::Range;
use segments_model::sentence::range_title;
use segments_ui::task::spawn;
use segments_ui::{Dialog, Glyph, Icon, PopoverButton, Toast, Toaster, UndoButtons, copy};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlInputElement};

use crate::tool::pins::{MAX_NAME, Pin};
use crate::tool::state::QueryState;

#[derive(Clone, PartialEq)]
enum Open {
    None,
    /// The link to copy by hand, where the browser does not let the page do it.
    Link(String),
    /// The name of the query on the page, as a new pin.
    NewPin,
    /// Another name of a pin.
    Rename(Pin),
}

#[component]
pub fn ToolHead(
    state: QueryState,
    /// What the query is called.
    name: Memo<String>,
) -> impl IntoView {
    let open = RwSignal::new(Open::None);
    let badge = Memo::new(move |_| {
        state.pin()?;
        Some(state.is_edited())
    });
    view! {
        <header class="us-tool__head">
            <h1 class="us-truncate" title=move || name.get()>{move || name.get()}</h1>
            {move || {
                badge
                    .get()
                    .map(|edited| {
                        let words = if edited { "Edited" } else { "Saved" };
                        view! {
                            <span class="us-badge" class:us-badge--warn=edited>
                                {words}
                            </span>
                        }
                    })
            }}
            <div class="us-tool__actions">
                <UndoButtons
                    undo=Memo::new(move |_| state.undo_label())
                    redo=Memo::new(move |_| state.redo_label())
                    on_undo=Callback::new(move |()| state.undo())
                    on_redo=Callback::new(move |()| state.redo())
                />
                <span class="us-sep"></span>
                <CopyLink state open />
                <PinnedMenu state open />
                <Save state open />
            </div>
        </header>
        <LinkDialog open />
        <NameDialog state open name />
    }
    .into_any()
}

/// The range of a query that moves on with time.
fn moving_range(state: QueryState) -> Option<Range> {
    untrack(|| {
        state.form().with(|form| {
            let frame = form.frame();
            let moves = matches!(
                frame.during.kind,
                RangeKind::Last | RangeKind::Complete | RangeKind::This | RangeKind::Ago
            );
            let range = Range::try_from(&frame.during).ok();
            range.filter(|_| moves && frame.as_of.is_none())
        })
    })
}

#[component]
fn CopyLink(state: QueryState, open: RwSignal<Open>) -> impl IntoView {
    let toaster = Toaster::expect();
    let href = Memo::new(move |_| state.href());
    let put = move |href: String, copied: Toast| {
        let origin = window().location().origin().unwrap_or_default();
        // The message that offers another link may outlive the page.
        spawn(async move {
            let link = format!("{origin}{href}");
            if copy(&link).await {
                toaster.show(copied);
            } else {
                open.try_set(Open::Link(link));
            }
        })
        .detach();
    };
    let press = move |_| {
        let Some(href) = href.get_untracked() else {
            return;
        };
        let copied = Toast::done("Link copied");
        let copied = match moving_range(state) {
            None => copied.detail("Opens this query."),
            Some(range) => {
                let range = range_title(&range);
                let copied = copied.detail(format!(
                    "Opens this query. “{range}” will move with the date."
                ));
                match untrack(|| state.frozen()) {
                    None => copied,
                    Some((frozen, stamp)) => copied.action("Freeze the dates", move || {
                        let at = format::date_time(stamp.as_of, &stamp.time_zone);
                        let detail = format!("Opens this query as of {at}.");
                        put(frozen.clone(), Toast::done("Link copied").detail(detail));
                    }),
                }
            }
        };
        put(href, copied);
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
    }
}

/// Whether a dialog is open; it closes itself by it.
fn is_open(open: RwSignal<Open>, is_this: fn(&Open) -> bool) -> RwSignal<bool> {
    let is_shown = RwSignal::new(false);
    Effect::new(move |_| is_shown.set(open.with(is_this)));
    Effect::new(move |_| {
        if !is_shown.get() && open.with_untracked(is_this) {
            open.set(Open::None);
        }
    });
    is_shown
}

#[component]
fn LinkDialog(open: RwSignal<Open>) -> impl IntoView {
    let is_shown = is_open(open, |open| matches!(open, Open::Link(_)));
    let link = move || match open.get() {
        Open::Link(link) => link,
        _ => String::new(),
    };
    view! {
        <Dialog
            open=is_shown
            title="Copy link"
            subtitle=Signal::stored("The browser blocked access to the clipboard.".to_owned())
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
                        prop:value=link
                        on:focus=select_all
                    />
                    <p class="us-help" id="tool-link-help">
                        "The link is selected. Press Ctrl C or Cmd C to copy it."
                    </p>
                </div>
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="button"
                    on:click=move |_| is_shown.set(false)
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
        // The browser puts the cursor somewhere itself after the event.
        request_animation_frame(move || field.select());
    }
}

/// Says what was done, or that the browser did not keep it.
fn report(toaster: Toaster, is_stored: bool, toast: Toast) {
    toaster.show(if is_stored {
        toast
    } else {
        Toast::failed("Pinned queries were not saved")
            .detail("The browser’s storage is full or blocked. They last until you leave the page.")
    });
}

#[component]
fn Save(state: QueryState, open: RwSignal<Open>) -> impl IntoView {
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
                    None => open.set(Open::NewPin),
                }
            }
        >
            "Save"
        </button>
    }
}

/// Puts the query on the page in place of a pin's.
fn update(state: QueryState, toaster: Toaster, pin: Pin) {
    let is_stored = state.put_pin(Some(pin.id.clone()), &pin.name);
    with_undo(state, toaster, is_stored, pin, "saved");
}

fn remove(state: QueryState, toaster: Toaster, pin: Pin) {
    let is_stored = state.remove_pin(&pin.id);
    with_undo(state, toaster, is_stored, pin, "deleted");
}

fn with_undo(state: QueryState, toaster: Toaster, is_stored: bool, pin: Pin, done: &str) {
    let toast = Toast::done(format!("“{}” {done}", pin.name)).action("Undo", move || {
        state.restore_pin(pin.clone());
    });
    report(toaster, is_stored, toast);
}

#[component]
fn PinnedMenu(state: QueryState, open: RwSignal<Open>) -> impl IntoView {
    let menu = RwSignal::new(false);
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
            open=menu
        >
            <div class="us-popover__body tool__pins">
                <Show
                    when=move || state.pins().with(|pins| !pins.all().is_empty())
                    fallback=|| {
                        view! {
                            <p class="us-xs us-2">
                                "No pinned queries yet. Pin one to keep it in this browser under a name."
                            </p>
                        }
                    }
                >
                    <ul>
                        <For
                            each=move || state.pins().with(|pins| pins.all().to_vec())
                            key=Pin::clone
                            children=move |pin| view! { <PinRow state open menu pin /> }
                        />
                    </ul>
                </Show>
                <button
                    class="us-btn us-btn--sm"
                    type="button"
                    disabled=move || unfinished.get()
                    on:click=move |_| {
                        menu.set(false);
                        open.set(Open::NewPin);
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
fn PinRow(
    state: QueryState,
    open: RwSignal<Open>,
    menu: RwSignal<bool>,
    pin: Pin,
) -> impl IntoView {
    let toaster = Toaster::expect();
    let name = pin.name.clone();
    let pin = StoredValue::new(pin);
    let is_current = Memo::new(move |_| {
        let opened = state.pin().map(|pin| pin.id);
        pin.with_value(|pin| opened.as_deref() == Some(pin.id.as_str()))
    });
    let cannot_update = Memo::new(move |_| {
        state.query().with(Result::is_err) || (is_current.get() && !state.is_edited())
    });
    let press = move |act: &dyn Fn(Pin)| {
        menu.set(false);
        act(pin.get_value());
    };
    let button =
        |title: &'static str, label: String, glyph, disabled: Signal<bool>, act: Callback<Pin>| {
            view! {
                <button
                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                    type="button"
                    title=title
                    aria-label=label
                    disabled=move || disabled.get()
                    on:click=move |_| press(&|pin| act.run(pin))
                >
                    <Icon glyph small=true />
                </button>
            }
        };
    let never = Signal::stored(false);
    view! {
        <li class="us-row">
            <button
                class="us-menu__item us-grow"
                type="button"
                aria-current=move || is_current.get().then_some("true")
                on:click=move |_| press(&|pin| state.open_pin(&pin))
            >
                <span class="us-menu__tick" aria-hidden="true">
                    <Show when=move || is_current.get()>
                        <Icon glyph=Glyph::Check />
                    </Show>
                </span>
                <span class="us-grow us-truncate">{name.clone()}</span>
            </button>
            {button(
                "Save this query under the name",
                format!("Save this query as “{name}”"),
                Glyph::Save,
                cannot_update.into(),
                Callback::new(move |pin| update(state, toaster, pin)),
            )}
            {button(
                "Rename",
                format!("Rename “{name}”"),
                Glyph::Edit,
                never,
                Callback::new(move |pin| open.set(Open::Rename(pin))),
            )}
            {button(
                "Delete",
                format!("Delete “{name}”"),
                Glyph::Cross,
                never,
                Callback::new(move |pin| remove(state, toaster, pin)),
            )}
        </li>
    }
}

#[component]
fn NameDialog(state: QueryState, open: RwSignal<Open>, name: Memo<String>) -> impl IntoView {
    let is_shown = is_open(open, |open| matches!(open, Open::NewPin | Open::Rename(_)));
    let renamed = Memo::new(move |_| match open.get() {
        Open::Rename(pin) => Some(pin),
        _ => None,
    });
    let text = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    Effect::new(move |_| {
        open.track();
        let now = renamed.with_untracked(|pin| pin.as_ref().map(|pin| pin.name.clone()));
        text.set(now.unwrap_or_else(|| name.get_untracked()));
        tried.set(false);
    });
    let toaster = Toaster::expect();
    let wrong = Memo::new(move |_| {
        let id = renamed.get().map(|pin| pin.id);
        let wrong = state
            .pins()
            .with(|pins| text.with(|text| pins.wrong_name(text, id.as_deref())))?;
        // Only what was written is wrong; an empty field is, once it is sent.
        (tried.get() || text.with(|text| !text.trim().is_empty())).then_some(wrong)
    });
    let save = move || {
        tried.set(true);
        if wrong.get_untracked().is_some() {
            return;
        }
        let text = text.get_untracked();
        let name = text.trim();
        let (is_stored, toast) = match renamed.get_untracked() {
            None => {
                let toast = Toast::done(format!("“{name}” pinned")).detail("Kept in this browser.");
                (state.put_pin(None, name), toast)
            }
            Some(pin) => {
                let name = name.to_owned();
                let toast = Toast::done(format!("Renamed to “{name}”"));
                (state.restore_pin(Pin { name, ..pin }), toast)
            }
        };
        is_shown.set(false);
        report(toaster, is_stored, toast);
    };
    let is_rename = move || renamed.with(Option::is_some);
    let title = move || {
        if is_rename() {
            "Rename pinned query"
        } else {
            "Pin query"
        }
        .to_owned()
    };
    view! {
        <Dialog
            open=is_shown
            title=Signal::derive(title)
            subtitle=Signal::stored("Kept in this browser only.".to_owned())
        >
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
                        on:click=move |_| is_shown.set(false)
                    >
                        "Cancel"
                    </button>
                    <button class="us-btn us-btn--lg us-btn--primary" type="submit">
                        {move || if is_rename() { "Rename" } else { "Pin query" }}
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}
