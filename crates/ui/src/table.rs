//! Tables whose columns are data: those that matter least go as the room for the table narrows, so that nothing scrolls
//! sideways and no name is squeezed.

use std::cmp::Ordering;

use leptos::html;
use leptos::prelude::*;
use segments_format as format;

use crate::columns::{ColumnKind, TableColumn, fit};
use crate::icon::{Glyph, Icon};
use crate::size::element_width;

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortDirection {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

impl SortDirection {
    /// Descending or not.
    #[must_use]
    pub const fn of(descending: bool) -> Self {
        if descending {
            Self::Descending
        } else {
            Self::Ascending
        }
    }

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
    #[prop(into)] label: Signal<String>,
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
                <span class="us-truncate">{words}</span>
                {move || view! { <Icon glyph=glyph() /> }}
            </button>
        </th>
    }
}

/// Rows that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSection {
    /// Its name; empty: the table's only section.
    pub title: String,
    /// What stands beside its name.
    pub detail: String,
    /// The keys of its rows.
    pub rows: Vec<String>,
}

impl TableSection {
    #[must_use]
    pub fn only(rows: Vec<String>) -> Vec<Self> {
        vec![Self {
            rows,
            ..Self::default()
        }]
    }
}

#[derive(Clone, Copy)]
pub struct TableRow {
    /// Whether it is selected, or open beside the table.
    pub selected: Signal<bool>,
    /// Draws the cell in the column of this key.
    pub cell: Callback<String, AnyView>,
}

/// A table of columns that are data. What there is no room for is named below it.
#[component]
pub fn Table(
    /// What it lists.
    #[prop(into)]
    caption: Signal<String>,
    #[prop(into)] columns: Signal<Vec<TableColumn>>,
    #[prop(into)] sections: Signal<Vec<TableSection>>,
    /// Makes the row of a key. It is there as long as the table has that key.
    row: Callback<String, TableRow>,
    /// The column that it is sorted by, and how.
    #[prop(into, optional)]
    sorted: Signal<Option<(String, SortDirection)>>,
    /// Called with the column to sort by, or the other way round.
    #[prop(into, optional)]
    on_sort: Option<Callback<String>>,
    /// Whether newer rows are under way.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// Whether rows have two lines.
    #[prop(optional)]
    tall: bool,
) -> impl IntoView {
    let wrap = NodeRef::<html::Div>::new();
    let fitted = FittedColumns::new(columns, element_width(wrap));
    let head = Callback::new(move |key: String| match fitted.column(&key) {
        Some(column) => head(column, sorted, on_sort),
        None => ().into_any(),
    });
    let row = Callback::new(move |key: String| row_view(row.run(key.clone()), key, fitted));
    let titles = Memo::new(move |_| {
        sections.with(|sections| {
            let titles = sections.iter().map(|section| section.title.clone());
            titles.collect::<Vec<_>>()
        })
    });
    let section =
        Callback::new(move |title: String| section_view(sections, title, fitted.shown, row));
    view! {
        <div
            class="us-tablewrap us-tablewrap--fit"
            node_ref=wrap
            aria-busy=move || busy.get().to_string()
        >
            <table class="us-table us-table--fit" class:us-table--2=tall>
                <caption class="us-vh">{move || caption.get()}</caption>
                <colgroup>{move || fitted.widths()}</colgroup>
                <thead>
                    <tr>{keyed(fitted.shown.into(), head)}</tr>
                </thead>
                {keyed(titles.into(), section)}
            </table>
        </div>
        <p class="us-table__more us-truncate">{move || fitted.left_out()}</p>
    }
}

/// The columns of a table with the room that each has. Cheap to copy.
#[derive(Clone, Copy)]
struct FittedColumns {
    /// No width: there is no room for it.
    all: Memo<Vec<(TableColumn, Option<f64>)>>,
    /// The keys of those that there is room for.
    shown: Memo<Vec<String>>,
}

impl FittedColumns {
    fn new(columns: Signal<Vec<TableColumn>>, room: Signal<f64>) -> Self {
        let all = Memo::new(move |_| {
            columns.with(|columns| {
                let widths = fit(columns, room.get());
                let all = columns.iter().cloned().zip(widths);
                all.collect::<Vec<(TableColumn, Option<f64>)>>()
            })
        });
        let shown = Memo::new(move |_| {
            all.with(|all| {
                let shown = all.iter().filter(|(_, width)| width.is_some());
                shown.map(|(column, _)| column.key.clone()).collect()
            })
        });
        Self { all, shown }
    }

    fn column(self, key: &str) -> Option<TableColumn> {
        self.all.with_untracked(|all| {
            let found = all.iter().find(|(column, _)| column.key == key);
            found.map(|(column, _)| column.clone())
        })
    }

    fn widths(self) -> impl IntoView + use<> {
        self.all.with(|all| {
            let widths = all.iter().filter_map(|(_, width)| *width);
            widths
                .map(|width| view! { <col style:inline-size=format!("{width:.2}px") /> })
                .collect_view()
        })
    }

    /// Names those that there is no room for.
    fn left_out(self) -> Option<String> {
        let names = self.all.with(|all| {
            let left_out = all.iter().filter(|(_, width)| width.is_none());
            left_out
                .map(|(column, _)| column.label.get())
                .collect::<Vec<_>>()
        });
        (!names.is_empty()).then(|| format!("Hidden at this width: {}", names.join(", ")))
    }
}

/// A row with its cells.
fn row_view(row: TableRow, key: String, columns: FittedColumns) -> AnyView {
    let TableRow { selected, cell } = row;
    let cell = Callback::new(move |key: String| {
        let content = cell.run(key.clone());
        match columns.column(&key).map(|column| column.kind) {
            Some(ColumnKind::Heading) => view! {
                <th scope="row" data-column=key>
                    {content}
                </th>
            }
            .into_any(),
            kind => view! {
                <td class=kind.map(class_of) data-column=key>
                    {content}
                </td>
            }
            .into_any(),
        }
    });
    view! {
        <tr data-row=key aria-selected=move || selected.get().then_some("true")>
            {keyed(columns.shown.into(), cell)}
        </tr>
    }
    .into_any()
}

/// The rows of the section of this title, below its heading if it has one.
fn section_view(
    sections: Signal<Vec<TableSection>>,
    title: String,
    shown: Memo<Vec<String>>,
    row: Callback<String, AnyView>,
) -> AnyView {
    let read = move |read: fn(&TableSection) -> Vec<String>| {
        let title = title.clone();
        Memo::new(move |_| {
            sections.with(|sections| {
                let section = sections.iter().find(|section| section.title == title);
                section.map(read).unwrap_or_default()
            })
        })
    };
    let words = read(|section| vec![section.title.clone(), section.detail.clone()]);
    let rows = read(|section| section.rows.clone());
    let heading = move || {
        let words = words.get();
        let [title, detail] = words.as_slice() else {
            return None;
        };
        (!title.is_empty()).then(|| {
            view! {
                <tr class="us-table__group">
                    <th colspan=move || shown.with(Vec::len) scope="rowgroup">
                        {title.clone()}
                        " "
                        <span class="us-muted">{detail.clone()}</span>
                    </th>
                </tr>
            }
        })
    };
    view! { <tbody>{heading} {keyed(rows.into(), row)}</tbody> }.into_any()
}

/// One view for each key, as long as the key is there.
fn keyed(keys: Signal<Vec<String>>, view: Callback<String, AnyView>) -> AnyView {
    view! { <For each=move || keys.get() key=Clone::clone children=move |key| view.run(key) /> }
        .into_any()
}

const fn class_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Heading | ColumnKind::Text => "",
        ColumnKind::Figure => "us-num",
        ColumnKind::Control => "us-table__control",
    }
}

fn head(
    column: TableColumn,
    sorted: Signal<Option<(String, SortDirection)>>,
    on_sort: Option<Callback<String>>,
) -> AnyView {
    let TableColumn {
        key,
        label,
        kind,
        sorts,
        head,
        ..
    } = column;
    let class = class_of(kind);
    if let Some(on_sort) = on_sort.filter(|_| sorts) {
        let this = key.clone();
        let direction = Signal::derive(move || {
            sorted.with(|sorted| {
                let sorted = sorted.as_ref().filter(|(by, _)| *by == this);
                sorted.map(|(_, direction)| *direction)
            })
        });
        let on_sort = Callback::new(move |()| on_sort.run(key.clone()));
        return view! { <SortHead label class sorted=direction on_sort /> }.into_any();
    }
    let words = match head {
        Some(head) => head.run(),
        None if kind == ColumnKind::Control => {
            view! { <span class="us-vh">{move || label.get()}</span> }.into_any()
        }
        None => (move || label.get()).into_any(),
    };
    view! {
        <th scope="col" class=class data-column=key>
            {words}
        </th>
    }
    .into_any()
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
    on_previous: Callback<()>,
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
