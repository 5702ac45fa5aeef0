//! Pieces of tables.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::format;

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortDirection {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// The head of a column that can be sorted by.
#[component]
pub fn SortHead(
    /// The column's name.
    #[prop(into)]
    label: Signal<String>,
    /// More classes of the cell.
    #[prop(into, optional)]
    class: String,
    /// How it is sorted by this column, if it is.
    #[prop(into)]
    sorted: Signal<Option<SortDirection>>,
    /// Called to sort by it, or the other way round.
    on_sort: Callback<()>,
) -> impl IntoView {
    let glyph = move || match sorted.get() {
        None => Glyph::Sort,
        Some(SortDirection::Ascending) => Glyph::SortUp,
        Some(SortDirection::Descending) => Glyph::SortDown,
    };
    view! {
        <th
            scope="col"
            class=class
            aria-sort=move || {
                sorted
                    .get()
                    .map(|direction| match direction {
                        SortDirection::Ascending => "ascending",
                        SortDirection::Descending => "descending",
                    })
            }
        >
            <button class="us-sort" type="button" on:click=move |_| on_sort.run(())>
                {move || label.get()}
                {move || view! { <Icon glyph=glyph() /> }}
            </button>
        </th>
    }
}

/// Goes through a list page by page.
#[component]
pub fn Pagination(
    /// The page's place, from 0.
    #[prop(into)]
    page: Signal<usize>,
    /// How many items a page has.
    page_size: u32,
    /// How many items there are.
    #[prop(into)]
    total: Signal<u64>,
    /// The name of what is listed: "Segments".
    #[prop(into)]
    label: String,
    /// Whether there is a page after this one.
    #[prop(into)]
    has_next: Signal<bool>,
    /// Called to go back.
    on_previous: Callback<()>,
    /// Called to go on.
    on_next: Callback<()>,
) -> impl IntoView {
    let shown = move || {
        let first = page.get() as u64 * u64::from(page_size) + 1;
        let last = (first + u64::from(page_size) - 1).min(total.get());
        format!(
            "{} to {} of {}",
            format::count(first),
            format::count(last),
            format::count(total.get())
        )
    };
    view! {
        <nav class="us-row us-pages" aria-label=format!("{label}: pages")>
            <button
                class="us-btn us-btn--sm"
                type="button"
                disabled=move || page.get() == 0
                on:click=move |_| on_previous.run(())
            >
                <Icon glyph=Glyph::Left small=true />
                "Previous"
            </button>
            <span>{shown}</span>
            <button
                class="us-btn us-btn--sm"
                type="button"
                disabled=move || !has_next.get()
                on:click=move |_| on_next.run(())
            >
                "Next"
                <Icon glyph=Glyph::Right small=true />
            </button>
        </nav>
    }
}
