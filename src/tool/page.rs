//! What the pages of the tools share: head, query panel, results with their states, the stamp, and the selection's menu.

mod head;
mod results;
pub mod stamp;
mod start;

use leptos::prelude::*;
use segments_format as format;
use segments_ui::dom::is_other_dialog_open;
use segments_ui::{Glyph, Icon, Sheet, Step, Switch};
use web_sys::KeyboardEvent;

use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::Navigator;
use crate::tool::names::named;
use crate::tool::state::{QueryState, Wait};
use head::ToolHead;
use results::Results;
pub use start::start;

/// The page of a tool around what is its own. The same code for every tool.
#[component]
pub fn ToolPage(
    #[prop(into)] state: QueryState,
    /// The sections of the query panel.
    panel: ViewFn,
    /// The answer. Shown once there is one; it reads [`QueryState::answered`].
    results: ViewFn,
    /// What stands above the answer, and stays there whatever becomes of it.
    #[prop(into, optional)]
    toolbar: Option<ViewFn>,
    /// What to do where the query has nothing to ask about yet.
    start: ViewFn,
    /// The units of the figures, where they are others than the stamp's: `A users, B USD`.
    #[prop(into, optional)]
    units: Option<Signal<String>>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let form = state.form();
    let title = Memo::new(move |_| form.with(|form| named(vocabulary, |names| form.title(names))));
    let summary =
        Memo::new(move |_| form.with(|form| named(vocabulary, |names| form.summary(names))));
    let sheet = RwSignal::new(false);
    let name = Memo::new(move |_| state.pin().map_or_else(|| title.get(), |pin| pin.name));
    Navigator::expect().set_title(move || {
        let tool = state.tool().label();
        let name = name.get();
        Some(if name == tool {
            name
        } else {
            format!("{name} \u{b7} {tool}")
        })
    });
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        shortcut(state, &event);
    });
    on_cleanup(move || keys.remove());
    let panel_name = format!("{} query", state.tool().label());
    view! {
        <div class="us-tool tool">
            <ToolHead state name />
            <div class="us-query__sum tool__sum">
                <span class="us-grow">
                    {move || summary.get().0}
                    <br />
                    <span class="us-muted">{move || summary.get().1}</span>
                </span>
                <button
                    class="us-btn us-btn--sm"
                    type="button"
                    aria-haspopup="dialog"
                    on:click=move |_| sheet.set(true)
                >
                    <Icon glyph=Glyph::Edit small=true />
                    "Edit query"
                </button>
            </div>
            <Sheet open=sheet title=panel_name.clone() class="tool__panel">
                <form
                    class="us-query"
                    aria-label=panel_name
                    novalidate
                    on:submit=move |event| {
                        event.prevent_default();
                        state.run();
                    }
                >
                    <div class="us-query__scroll">{panel.run()}</div>
                    <QueryFoot state />
                </form>
            </Sheet>
            <Results state toolbar results start units title />
        </div>
    }
    .into_any()
}

/// Ctrl Enter asks; Ctrl Z and Ctrl Shift Z undo and redo.
fn shortcut(state: QueryState, event: &KeyboardEvent) {
    if is_other_dialog_open() {
        return;
    }
    let runs = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    match Step::of(event) {
        Some(Step::Undo) => state.undo(),
        Some(Step::Redo) => state.redo(),
        None if runs && event.key() == "Enter" => state.run(),
        None => return,
    }
    event.prevent_default();
}

/// What asks, below the panel.
#[component]
fn QueryFoot(state: QueryState) -> impl IntoView {
    let took = Memo::new(move |_| {
        let answered = state.answered().get()?;
        Some(answered.answer.stamp().took_ms)
    });
    let unfinished = Memo::new(move |_| state.query().with(Result::is_err));
    let status = move || {
        if state.is_asking() {
            Some("Running\u{2026}".to_owned())
        } else if state.wait() == Wait::Changed {
            Some("Changed".to_owned())
        } else {
            took.get().map(duration)
        }
    };
    view! {
        <div class="us-query__foot">
            <button
                class="us-btn us-btn--primary"
                type="submit"
                aria-keyshortcuts="Control+Enter"
                disabled=move || unfinished.get()
            >
                "Run"
                <kbd class="us-kbd" aria-hidden="true">
                    "Ctrl ↵"
                </kbd>
            </button>
            <span class="us-xs us-muted us-grow us-truncate">{status}</span>
            <span class="us-xs">
                <Switch on=state.auto() on_change=Callback::new(move |on| state.auto().set(on))>
                    "Auto-run"
                </Switch>
            </span>
        </div>
    }
}

/// 96 ms, 1.4 s
fn duration(millis: f64) -> String {
    if millis < 1_000.0 {
        format!("{} ms", format::decimal(millis.round()))
    } else {
        format!("{} s", format::decimal((millis / 100.0).round() / 10.0))
    }
}
