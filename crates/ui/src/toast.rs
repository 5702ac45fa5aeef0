//! Short messages about what has just happened, with a way to undo it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};
use crate::task::{sleep, spawn};

/// How long a message stays when nobody looks at it, in milliseconds. Failures stay until they are closed.
const STAYS_MS: u32 = 8_000;
/// A message whose action takes something back stays longer.
const STAYS_WITH_ACTION_MS: u32 = 12_000;

#[derive(Clone)]
pub struct Toast {
    title: String,
    detail: Option<String>,
    failed: bool,
    /// The buttons live as long as the message, which may be longer than what has sent it.
    actions: Vec<(String, Arc<dyn Fn() + Send + Sync>)>,
}

impl Toast {
    /// Something was done.
    pub fn done(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            detail: None,
            failed: false,
            actions: Vec::new(),
        }
    }

    /// Something did not work.
    pub fn failed(title: impl Into<String>) -> Self {
        Self {
            failed: true,
            ..Self::done(title)
        }
    }

    /// With a sentence that says more.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With a button, such as "Undo"; several stand in the order given.
    #[must_use]
    pub fn action(
        mut self,
        label: impl Into<String>,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        self.actions.push((label.into(), Arc::new(run)));
        self
    }
}

/// Where messages go: from the context, [`Toaster::expect`].
#[derive(Clone, Copy)]
pub struct Toaster {
    shown: RwSignal<Vec<(u32, Toast)>>,
    held: RwSignal<bool>,
    next: StoredValue<u32>,
}

impl Default for Toaster {
    fn default() -> Self {
        Self {
            shown: RwSignal::new(Vec::new()),
            held: RwSignal::new(false),
            next: StoredValue::new(1),
        }
    }
}

impl Toaster {
    /// The one in the context; outside of the app one that shows nothing.
    #[must_use]
    pub fn expect() -> Self {
        use_context().unwrap_or_default()
    }

    pub fn show(self, toast: Toast) {
        let Some(id) = self.next.try_get_value() else {
            return;
        };
        self.next.set_value(id + 1);
        let stays = match (toast.failed, !toast.actions.is_empty()) {
            (true, _) => None,
            (false, true) => Some(STAYS_WITH_ACTION_MS),
            (false, false) => Some(STAYS_MS),
        };
        self.shown.try_update(|shown| shown.push((id, toast)));
        if let Some(stays) = stays {
            spawn(async move {
                sleep(stays).await;
                // Whoever reads it, or is about to press its button, shall not lose it.
                while self.held.try_get_untracked() == Some(true) {
                    sleep(1_000).await;
                }
                self.close(id);
            })
            .detach();
        }
    }

    fn close(self, id: u32) {
        self.shown
            .try_update(|shown| shown.retain(|(shown, _)| *shown != id));
    }
}

/// Shows the messages of the context's [`Toaster`]. Once in the app.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = Toaster::expect();
    view! {
        <section
            class="us-toasts"
            aria-label="Notifications"
            on:mouseenter=move |_| toaster.held.set(true)
            on:mouseleave=move |_| toaster.held.set(false)
            on:focusin=move |_| toaster.held.set(true)
            on:focusout=move |_| toaster.held.set(false)
        >
            <div role="status" aria-live="polite">
                <For
                    each=move || toaster.shown.get()
                    key=|(id, _)| *id
                    children=move |(id, toast)| {
                        view! { <OneToast toast on_close=Callback::new(move |()| toaster.close(id)) /> }
                    }
                />
            </div>
        </section>
    }
}

#[component]
fn OneToast(toast: Toast, on_close: Callback<()>) -> impl IntoView {
    let glyph = if toast.failed {
        Glyph::Warning
    } else {
        Glyph::Ok
    };
    let several = toast.actions.len() > 1;
    let buttons = toast
        .actions
        .into_iter()
        .map(|(label, run)| {
            view! {
                <button
                    class="us-btn us-btn--ghost us-btn--sm"
                    type="button"
                    on:click=move |_| {
                        on_close.run(());
                        run();
                    }
                >
                    {label}
                </button>
            }
        })
        .collect_view();
    // Beside the text there is room for one.
    let (beside, below) = if several {
        (
            None,
            Some(view! { <div class="us-row us-row--wrap us-toast__acts">{buttons}</div> }),
        )
    } else {
        (Some(buttons), None)
    };
    view! {
        <div class="us-toast" class:us-toast--ok=!toast.failed class:us-toast--bad=toast.failed>
            <Icon glyph />
            <div class="us-grow">
                <strong>{toast.title}</strong>
                {toast.detail.map(|detail| view! { <p>{detail}</p> })}
                {below}
            </div>
            {beside}
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                aria-label="Dismiss"
                on:click=move |_| on_close.run(())
            >
                <Icon glyph=Glyph::Cross small=true />
            </button>
        </div>
    }
}
