//! Pieces of tables.

use std::cmp::Ordering;

use leptos::prelude::*;
use segments_format as format;

use crate::icon::{Glyph, Icon};

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortDirection {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

impl SortDirection {
    /// The other way.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// The order of two figures; what has none comes last either way.
    #[must_use]
    pub fn order(self, left: Option<f64>, right: Option<f64>) -> Ordering {
        match (left, right) {
            (Some(left), Some(right)) => match self {
                Self::Ascending => left.total_cmp(&right),
                Self::Descending => right.total_cmp(&left),
            },
            (left, right) => right.is_some().cmp(&left.is_some()),
        }
    }
}

/// How a table is sorted after a head was pressed: by that column, then the other way round, then as it came.
#[must_use]
pub fn sorted_after<C: PartialEq>(
    sorted: Option<(C, SortDirection)>,
    column: C,
    first: SortDirection,
) -> Option<(C, SortDirection)> {
    match sorted {
        Some((by, direction)) if by == column => {
            (direction == first).then(|| (column, direction.turned()))
        }
        _ => Some((column, first)),
    }
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
    /// How the head is written, where that is more than the name or may be cut short.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let title = children.is_some().then_some(label);
    let words = children.map_or_else(|| (move || label.get()).into_any(), |words| words());
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
            <button
                class="us-sort"
                type="button"
                title=move || title.map(|title| title.get())
                on:click=move |_| on_sort.run(())
            >
                {words}
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

#[cfg(test)]
mod tests {
    use super::SortDirection::{Ascending, Descending};
    use super::sorted_after;

    #[test]
    fn a_head_sorts_turns_and_lets_go() {
        let mut sorted = None;
        for expected in [Some(('a', Descending)), Some(('a', Ascending)), None] {
            sorted = sorted_after(sorted, 'a', Descending);
            assert_eq!(sorted, expected);
        }
        assert_eq!(
            sorted_after(Some(('a', Descending)), 'b', Ascending),
            Some(('b', Ascending))
        );
    }

    #[test]
    fn what_has_no_figure_comes_last_either_way() {
        for (direction, expected) in [
            (Ascending, [Some(1.0), Some(2.0), None]),
            (Descending, [Some(2.0), Some(1.0), None]),
        ] {
            let mut figures = [None, Some(2.0), Some(1.0)];
            figures.sort_by(|left, right| direction.order(*left, *right));
            assert_eq!(figures, expected);
        }
    }
}
