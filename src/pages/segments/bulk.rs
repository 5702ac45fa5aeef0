//! What is done with several segments at once, and what is asked or told before some are deleted.

use std::collections::BTreeMap;

use leptos::prelude::*;
use segments_format as format;
use segments_model::segment::SegmentSummary;
use segments_ui::{Confirm, Dialog, Glyph, Icon};

use crate::pages::segments::actions::{Actions, InUse};
use crate::pages::segments::manager::Manager;
use crate::shell::lazy::{LazyPlace, lazy};
use crate::shell::route::{Navigator, Route};

/// There from the first time that something of it is shown.
#[component]
pub fn Bulk(manager: Manager) -> impl IntoView {
    let in_use = manager.actions.with_value(Actions::in_use);
    let needed = Memo::new(move |before| {
        before == Some(&true)
            || manager.selection.with(|selection| !selection.is_empty())
            || manager.deleting.with(|deleting| !deleting.is_empty())
            || in_use.with(|in_use| !in_use.is_empty())
    });
    move || needed.get().then(|| BULK.view(LazyPlace::Inside, manager))
}

lazy! {
    const BULK = manage::bulk(manager: Manager) -> AnyView {
        let in_use = manager.actions.with_value(Actions::in_use);
        view! {
            <BulkBar manager />
            <ConfirmDelete manager />
            <InUseDialog in_use />
        }
        .into_any()
    }
}

/// What can be done with the selected segments together.
#[component]
fn BulkBar(manager: Manager) -> impl IntoView {
    let selected = move || -> Vec<SegmentSummary> {
        manager
            .selection
            .with_untracked(|selection| selection.values().cloned().collect())
    };
    let count = move || manager.selection.with(BTreeMap::len);
    let all_archived = move || {
        manager.selection.with(|selection| {
            selection
                .values()
                .all(|segment| segment.archived_at.is_some())
        })
    };
    view! {
        <div class="bulkdock">
            <Show when=move || { count() > 0 }>
                <div class="us-bulk" role="toolbar" aria-label="Selected segments">
                    <strong role="status">{move || format!("{} selected", count())}</strong>
                    <span class="us-sep"></span>
                    <button
                        class="us-btn us-btn--ghost"
                        type="button"
                        on:click=move |_| {
                            manager
                                .actions
                                .with_value(|actions| {
                                    if untrack(all_archived) {
                                        actions.restore(selected());
                                    } else {
                                        actions.archive(selected());
                                    }
                                });
                        }
                    >
                        <Icon glyph=Glyph::Archive />
                        {move || if all_archived() { "Restore" } else { "Archive" }}
                    </button>
                    <button
                        class="us-btn us-btn--ghost us-btn--danger-text"
                        type="button"
                        on:click=move |_| manager.deleting.set(selected())
                    >
                        <Icon glyph=Glyph::Cross />
                        "Delete"
                    </button>
                    <span class="us-sep"></span>
                    <button
                        class="us-btn us-btn--ghost us-btn--icon"
                        type="button"
                        aria-label="Clear selection"
                        on:click=move |_| manager.selection.set(BTreeMap::new())
                    >
                        <Icon glyph=Glyph::Cross />
                    </button>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn ConfirmDelete(manager: Manager) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if manager.deleting.with(|deleting| !deleting.is_empty()) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            manager.deleting.set(Vec::new());
        }
    });
    let pending = StoredValue::new(Vec::new());
    Effect::new(move |_| {
        manager.deleting.with(|deleting| {
            if !deleting.is_empty() {
                pending.set_value(deleting.clone());
            }
        });
    });
    let title = Signal::derive(move || {
        manager.deleting.with(|deleting| match deleting.as_slice() {
            [one] => format!("Delete “{}”?", one.name),
            many => format!(
                "Delete {}?",
                format::plural(many.len() as u64, "segment", "segments")
            ),
        })
    });
    view! {
        <Confirm
            open
            title
            action="Delete"
            danger=true
            on_confirm=Callback::new(move |()| {
                manager.actions.with_value(|actions| actions.delete(pending.get_value()));
            })
        >
            <p class="us-2">
                "Segments used by other segments are not deleted. You can undo this for 30 days."
            </p>
        </Confirm>
    }
}

/// Names what keeps segments from being deleted.
#[component]
fn InUseDialog(in_use: RwSignal<Vec<InUse>>) -> impl IntoView {
    let navigator = Navigator::expect();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if in_use.with(|in_use| !in_use.is_empty()) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            in_use.set(Vec::new());
        }
    });
    let title = Signal::derive(move || {
        in_use.with(|in_use| match in_use.as_slice() {
            [one] => format!("“{}” is in use", one.name),
            many => format!(
                "{} are in use",
                format::plural(many.len() as u64, "segment", "segments")
            ),
        })
    });
    let list = move || {
        in_use
            .get()
            .into_iter()
            .map(|InUse { name, used_by }| {
                let count = format::plural(used_by.len() as u64, "segment", "segments");
                let links = used_by
                    .into_iter()
                    .map(|user| {
                        view! {
                            <li>
                                <a
                                    class="us-link"
                                    href=navigator.href(&Route::ComposerOf(user.id))
                                    on:click=move |_| open.set(false)
                                >
                                    {user.name}
                                </a>
                            </li>
                        }
                    })
                    .collect_view();
                view! {
                    <section>
                        <p>
                            <strong>{name}</strong>
                            {format!(" is used by {count}:")}
                        </p>
                        <ul class="us-stack us-stack--1">{links}</ul>
                    </section>
                }
            })
            .collect_view()
    };
    let help = move || {
        if in_use.with(Vec::len) > 1 {
            "Remove them from these segments first, or archive them. An archived segment keeps working where it is used."
        } else {
            "Remove it from these segments first, or archive it. An archived segment keeps working where it is used."
        }
    };
    view! {
        <Dialog open title>
            <div class="us-dialog__body us-stack us-stack--4">
                <p class="us-2">{help}</p>
                {list}
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button
                    class="us-btn us-btn--lg us-btn--primary"
                    type="button"
                    on:click=move |_| open.set(false)
                >
                    "Close"
                </button>
            </footer>
        </Dialog>
    }
}
