//! Goes through a list that the backend hands out page by page, each page by the cursor of the one before.

use leptos::prelude::*;
use segments_ui::Pagination;

/// The way to the pages before and after, where there are several.
#[component]
pub fn CursorPages(
    /// The cursors of the pages before this one and of this one; the first page has none.
    cursors: RwSignal<Vec<String>>,
    /// How many items a page has.
    page_size: u32,
    /// How many items there are.
    total: Signal<u64>,
    /// The name of what is listed: "Segments".
    label: &'static str,
    /// The cursor of the page after this one; none: this is the last.
    next: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <Show when=move || { total.get() > u64::from(page_size) }>
            <Pagination
                page=Signal::derive(move || cursors.with(Vec::len))
                page_size
                total
                label
                has_next=Signal::derive(move || next.with(Option::is_some))
                on_previous=Callback::new(move |()| {
                    cursors
                        .update(|cursors| {
                            cursors.pop();
                        });
                })
                on_next=Callback::new(move |()| {
                    if let Some(next) = next.get_untracked() {
                        cursors.update(|cursors| cursors.push(next));
                    }
                })
            />
        </Show>
    }
}
