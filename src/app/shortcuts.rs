//! The keyboard shortcuts, told in a dialog.

use leptos::prelude::*;
use segments_ui::Dialog;

/// What keys do, by the place where they do it.
const SHORTCUTS: &[(&str, &[(&str, &str)])] = &[
    (
        "Everywhere",
        &[
            ("?", "Show this list"),
            ("/", "Go to the search field"),
            ("Esc", "Close the open panel, or clear the search"),
        ],
    ),
    (
        "Tools",
        &[
            ("Ctrl Enter", "Run the query"),
            ("Ctrl Z", "Undo the last change"),
            ("Ctrl Shift Z", "Redo the last change"),
        ],
    ),
    (
        "User Segments",
        &[
            ("J ↓", "Next segment"),
            ("K ↑", "Previous segment"),
            ("X", "Select the segment"),
            ("Enter", "Open the segment"),
            ("O", "Open its query"),
            ("V", "View its users"),
            ("E", "Edit its details"),
            ("D", "Duplicate it"),
            ("A", "Archive or restore it"),
            ("Delete", "Delete it"),
            ("C", "Create a segment in the Composer"),
        ],
    ),
];

#[component]
pub fn ShortcutsDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title="Keyboard shortcuts">
            <div class="us-dialog__body us-stack us-stack--4">
                {SHORTCUTS
                    .iter()
                    .map(|(place, keys)| {
                        view! {
                            <section>
                                <h3 class="us-label">{*place}</h3>
                                <dl class="us-shortcuts">
                                    {keys
                                        .iter()
                                        .map(|(key, does)| {
                                            view! {
                                                <div>
                                                    <dt>
                                                        {key
                                                            .split(' ')
                                                            .map(|key| view! { <kbd class="us-kbd">{key}</kbd> })
                                                            .collect_view()}
                                                    </dt>
                                                    <dd>{*does}</dd>
                                                </div>
                                            }
                                        })
                                        .collect_view()}
                                </dl>
                            </section>
                        }
                    })
                    .collect_view()}
            </div>
        </Dialog>
    }
}
