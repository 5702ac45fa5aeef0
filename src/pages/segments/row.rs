//! A segment's row and what can be done with it.

use leptos::prelude::*;
use segments_format as format;
use segments_format::url::Params;
use segments_model::Instant;
use segments_model::export::ExportFormat;
use segments_model::segment::{
    Evaluation, EvaluationStatus, SegmentColumn, SegmentKind, SegmentSummary,
};
use segments_ui::avatar::colour;
use segments_ui::charts::spark::{FixedSpark, Spark};
use segments_ui::{
    Align, Avatar, Checkbox, ColumnKind, CopyButton, Glyph, Icon, MenuButton, MenuItem, MenuLink,
    TableColumn, TableRow, states,
};

use crate::pages::segments::actions::Actions;
use crate::pages::segments::manage::export;
use crate::pages::segments::manager::Manager;
use crate::pages::segments::state::{OptionalColumn, kind_label};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;

/// Where a segment is looked at and changed.
pub fn open_href(navigator: Navigator, id: &str) -> String {
    navigator.href(&Route::ComposerOf(id.to_owned()))
}

/// Where its users are.
pub fn users_href(navigator: Navigator, id: &str) -> String {
    navigator.href_with(&Route::Users, &Params::new().with("segment", id))
}

/// A column of the manager's table.
struct ColumnSpec {
    key: &'static str,
    label: &'static str,
    kind: ColumnKind,
    width: f64,
    priority: usize,
    sort: Option<SegmentColumn>,
    /// What people choose it by; none: it is always there.
    chosen: Option<OptionalColumn>,
}

const SELECT: &str = "select";

/// The columns in their order. Those of the greatest priority go first where there is no room.
const COLUMNS: [ColumnSpec; 12] = [
    fixed(SELECT, "Select", ColumnKind::Control, 36.0),
    ColumnSpec {
        sort: Some(SegmentColumn::Name),
        ..fixed("name", "Segment Name", ColumnKind::Heading, 220.0)
    },
    ColumnSpec {
        priority: 3,
        sort: Some(SegmentColumn::Category),
        ..chosen(
            "category",
            OptionalColumn::Category,
            ColumnKind::Text,
            124.0,
        )
    },
    ColumnSpec {
        priority: 4,
        sort: Some(SegmentColumn::Kind),
        ..chosen("kind", OptionalColumn::Kind, ColumnKind::Text, 104.0)
    },
    ColumnSpec {
        priority: 1,
        sort: Some(SegmentColumn::Users),
        ..chosen("users", OptionalColumn::Users, ColumnKind::Figure, 100.0)
    },
    ColumnSpec {
        label: "Share",
        priority: 2,
        ..chosen("share", OptionalColumn::Users, ColumnKind::Figure, 72.0)
    },
    ColumnSpec {
        label: "Trend",
        priority: 5,
        ..chosen("trend", OptionalColumn::Users, ColumnKind::Figure, 84.0)
    },
    ColumnSpec {
        priority: 6,
        ..chosen("id", OptionalColumn::Id, ColumnKind::Text, 148.0)
    },
    ColumnSpec {
        priority: 7,
        sort: Some(SegmentColumn::Creator),
        ..chosen("creator", OptionalColumn::Creator, ColumnKind::Text, 136.0)
    },
    ColumnSpec {
        priority: 8,
        sort: Some(SegmentColumn::CreatedAt),
        ..chosen("created", OptionalColumn::Created, ColumnKind::Text, 168.0)
    },
    ColumnSpec {
        priority: 9,
        sort: Some(SegmentColumn::UpdatedAt),
        ..chosen("updated", OptionalColumn::Updated, ColumnKind::Text, 168.0)
    },
    fixed("actions", "Actions", ColumnKind::Control, 0.0),
];

const fn fixed(key: &'static str, label: &'static str, kind: ColumnKind, width: f64) -> ColumnSpec {
    ColumnSpec {
        key,
        label,
        kind,
        width,
        priority: 0,
        sort: None,
        chosen: None,
    }
}

const fn chosen(
    key: &'static str,
    column: OptionalColumn,
    kind: ColumnKind,
    width: f64,
) -> ColumnSpec {
    ColumnSpec {
        chosen: Some(column),
        ..fixed(key, column.label(), kind, width)
    }
}

/// The columns that people chose; `select` is the head of those that select.
pub fn columns(manager: Manager, select: ViewFn) -> Signal<Vec<TableColumn>> {
    let zone = Session::expect().zone();
    let column = move |spec: &ColumnSpec| {
        let ColumnSpec {
            key, label, chosen, ..
        } = *spec;
        let label = Signal::derive(move || match chosen {
            Some(OptionalColumn::Created | OptionalColumn::Updated) => {
                format!("{label} ({})", zone.get())
            }
            _ => label.to_owned(),
        });
        let column = TableColumn {
            sorts: spec.sort.is_some(),
            ..TableColumn::new(spec.kind, key, label, spec.width).priority(spec.priority)
        };
        if key == SELECT {
            column.head(select.clone())
        } else {
            column
        }
    };
    Signal::derive(move || {
        let specs = COLUMNS.iter();
        specs
            .filter(|spec| spec.chosen.is_none_or(|chosen| manager.has(chosen)))
            .map(&column)
            .collect()
    })
}

/// The key of the column that sorts by this.
pub fn key_of(by: SegmentColumn) -> String {
    let spec = COLUMNS.iter().find(|spec| spec.sort == Some(by));
    spec.map(|spec| spec.key.to_owned()).unwrap_or_default()
}

/// What the column of this key sorts by.
pub fn sort_of(key: &str) -> Option<SegmentColumn> {
    COLUMNS.iter().find(|spec| spec.key == key)?.sort
}

pub fn row(manager: Manager, id: String) -> TableRow {
    let key = id.clone();
    let selected = Memo::new(move |_| {
        manager
            .selection
            .with(|selection| selection.contains_key(&key))
    });
    let key = id.clone();
    // What people said of the segment. Its size changes by itself and shall not make the row anew under their fingers.
    let details = Memo::new(move |_| {
        manager.segment(&key).map(|mut segment| {
            segment.evaluation = Evaluation {
                as_of: None,
                users: None,
                share: None,
                status: EvaluationStatus::Computing,
                detail: None,
            };
            segment.trend = Vec::new();
            segment
        })
    });
    let size = Memo::new(move |_| {
        manager
            .segment(&id)
            .map(|segment| (segment.kind, segment.evaluation, segment.trend))
    });
    let cell = Callback::new(move |column: String| {
        (move || {
            // A row that is about to go has no segment any more.
            let segment = details.get()?;
            Some(cell(manager, &column, segment, selected, size))
        })
        .into_any()
    });
    TableRow {
        selected: selected.into(),
        cell,
    }
}

fn cell(
    manager: Manager,
    column: &str,
    segment: SegmentSummary,
    selected: Memo<bool>,
    size: Memo<Option<SegmentSize>>,
) -> AnyView {
    match column {
        SELECT => {
            let SegmentSummary { id, name, .. } = segment;
            view! {
                <Checkbox
                    label=format!("Select {name}")
                    checked=selected
                    on_change=Callback::new(move |selected| manager.select(&id, selected))
                />
            }
            .into_any()
        }
        "name" => view! { <Name manager segment /> }.into_any(),
        "category" => category_cell(segment.category),
        "kind" => view! {
            <span class="us-type">
                <Icon glyph=kind_glyph(segment.kind) />
                {kind_label(segment.kind)}
            </span>
        }
        .into_any(),
        "users" => view! { <SizeCell size /> }.into_any(),
        "share" => {
            let share = move || size.get().and_then(|(_, evaluation, _)| evaluation.share);
            view! { <span class="us-2">{move || share().map(format::percent)}</span> }.into_any()
        }
        "trend" => (move || size.get().map(|(kind, _, trend)| spark(kind, trend))).into_any(),
        "id" => view! {
            <span class="us-id">
                <span class="us-truncate">{segment.id.clone()}</span>
                <CopyButton label=format!("Copy id of {}", segment.name) text=segment.id />
            </span>
        }
        .into_any(),
        "creator" => view! {
            <span class="us-who">
                <Avatar name=segment.creator.name.clone() id=segment.creator.id />
                <span class="us-truncate">{segment.creator.name}</span>
            </span>
        }
        .into_any(),
        "created" => view! { <Dated instant=segment.created_at /> }.into_any(),
        "updated" => view! { <Dated instant=segment.updated_at /> }.into_any(),
        _ => view! { <RowActions manager segment /> }.into_any(),
    }
}

#[component]
fn Name(manager: Manager, segment: SegmentSummary) -> impl IntoView {
    let navigator = Navigator::expect();
    let below = StoredValue::new(if segment.description.is_empty() {
        states::sentence(&segment.sentence)
    } else {
        segment.description
    });
    let archived = segment.archived_at.is_some();
    view! {
        <span class="us-two" class:is-archived=archived>
            <a
                class="us-truncate"
                data-row-link
                href=open_href(navigator, &segment.id)
                title=segment.sentence
            >
                {segment.name}
            </a>
            <Show when=move || manager.has(OptionalColumn::Description)>
                <span class="us-truncate">{below.get_value()}</span>
            </Show>
        </span>
        {archived.then(|| view! { <span class="us-badge">"Archived"</span> })}
    }
}

fn category_cell(category: String) -> AnyView {
    if category.is_empty() {
        return ().into_any();
    }
    let colour = colour(&category);
    view! {
        <span class="us-pill" style=("--c", colour)>
            <span class="us-truncate">{category}</span>
        </span>
    }
    .into_any()
}

/// What the kind's icon is.
pub const fn kind_glyph(kind: SegmentKind) -> Glyph {
    match kind {
        SegmentKind::Static => Glyph::Static,
        SegmentKind::Dynamic => Glyph::Dynamic,
    }
}

/// A day with its time, in the project's zone.
#[component]
fn Dated(instant: Instant) -> impl IntoView {
    let zone = Session::expect().zone();
    view! {
        <time datetime=instant.to_string() title=move || format::exact(instant, &zone.get())>
            {move || format::date(instant, &zone.get())}
        </time>
        " "
        <span class="us-muted">{move || format::time(instant, &zone.get())}</span>
    }
}

/// What a size is drawn from: the kind, the size, and the ones before it.
type SegmentSize = (SegmentKind, Evaluation, Vec<u64>);

/// How many users, and when that was true.
#[component]
fn SizeCell(size: Memo<Option<SegmentSize>>) -> impl IntoView {
    let session = Session::expect();
    let (zone, now) = (session.zone(), session.now());
    move || {
        let (kind, evaluation, _) = size.get()?;
        let Evaluation {
            as_of,
            users,
            status,
            detail,
            ..
        } = evaluation;
        if status == EvaluationStatus::Failed {
            let detail = detail.unwrap_or_else(|| "The size could not be calculated.".to_owned());
            return Some(view! { <NoSize detail /> }.into_any());
        }
        let Some(users) = users else {
            return Some(view! { <SizeToCome /> }.into_any());
        };
        let when = move || match (kind, as_of) {
            (SegmentKind::Static, _) => "fixed list".to_owned(),
            (SegmentKind::Dynamic, Some(as_of)) => format::relative(as_of, now.get()),
            (SegmentKind::Dynamic, None) => String::new(),
        };
        let exact =
            move || as_of.map(|as_of| format!("as of {}", format::exact(as_of, &zone.get())));
        Some(
            view! {
                <span class="us-two" title=exact>
                    <b>{format::count(users)}</b>
                    <small>{when}</small>
                </span>
            }
            .into_any(),
        )
    }
}

fn spark(kind: SegmentKind, trend: Vec<u64>) -> AnyView {
    match kind {
        SegmentKind::Static => view! { <FixedSpark label="fixed size" /> }.into_any(),
        SegmentKind::Dynamic => {
            let label = trend_label(&trend);
            view! { <Spark values=trend label /> }.into_any()
        }
    }
}

#[component]
fn NoSize(detail: String) -> impl IntoView {
    let title = detail.clone();
    view! {
        <span class="us-badge us-badge--warn" title=title>
            <Icon glyph=Glyph::Warning />
            "No size"
            <span class="us-vh">{detail}</span>
        </span>
    }
}

#[component]
fn SizeToCome() -> impl IntoView {
    view! {
        <span class="us-skel"></span>
        <span class="us-vh">"Calculating size"</span>
    }
}

fn trend_label(trend: &[u64]) -> String {
    match (trend.first(), trend.last()) {
        (Some(first), Some(last)) => format!(
            "size at the last {} evaluations, from {} to {}",
            trend.len(),
            format::count(*first),
            format::count(*last)
        ),
        _ => String::new(),
    }
}

/// Shown while the pointer or the focus is on the row.
#[component]
fn RowActions(manager: Manager, segment: SegmentSummary) -> impl IntoView {
    let navigator = Navigator::expect();
    let users = users_href(navigator, &segment.id);
    let name = segment.name.clone();
    let open = open_query(manager, navigator, &segment);
    let segment = StoredValue::new(segment);
    view! {
        <div class="rowact">
            {open}
            <a class="us-btn us-btn--sm rowact__wide" href=users aria-label=format!("View Users of {name}")>
                "View Users"
            </a>
            <MenuButton
                class="us-btn us-btn--sm us-btn--icon"
                label=format!("More actions for {name}")
                menu_label=format!("Actions for {name}")
                align=Align::End
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::Dots /> })
            >
                <RowMenu manager segment=segment.get_value() />
            </MenuButton>
        </div>
    }
}

/// The button that goes to the query which the segment was made from; without one, the link to its definition.
fn open_query(manager: Manager, navigator: Navigator, segment: &SegmentSummary) -> AnyView {
    let label = format!("Open Query of {}", segment.name);
    if !segment.has_origin {
        let href = open_href(navigator, &segment.id);
        return view! {
            <a class="us-btn us-btn--sm rowact__wide" href=href aria-label=label>
                "Open Query"
            </a>
        }
        .into_any();
    }
    let id = segment.id.clone();
    let segment = StoredValue::new(segment.clone());
    let busy = move || {
        manager
            .opening
            .with(|opening| opening.as_ref() == Some(&id))
            .to_string()
    };
    view! {
        <button
            class="us-btn us-btn--sm rowact__wide"
            type="button"
            aria-label=label
            aria-busy=busy
            on:click=move |_| segment.with_value(|segment| manager.open_query(navigator, segment))
        >
            "Open Query"
        </button>
    }
    .into_any()
}

#[component]
fn RowMenu(manager: Manager, segment: SegmentSummary) -> impl IntoView {
    let navigator = Navigator::expect();
    let users = users_href(navigator, &segment.id);
    let open = open_href(navigator, &segment.id);
    let has_origin = segment.has_origin;
    let archived = segment.archived_at.is_some();
    let segment = StoredValue::new(segment);
    let with_actions = move |run: fn(&Actions, &SegmentSummary)| {
        Callback::new(move |()| {
            manager
                .actions
                .with_value(|actions| segment.with_value(|segment| run(actions, segment)));
        })
    };
    view! {
        <MenuItem
            glyph=Glyph::Edit
            label="Edit details"
            key="E"
            on_select=Callback::new(move |()| manager.editing.set(Some(segment.get_value())))
        />
        <MenuItem
            glyph=Glyph::Duplicate
            label="Duplicate"
            key="D"
            on_select=with_actions(|actions, segment| actions.duplicate(segment))
        />
        {if has_origin {
            view! {
                <MenuItem
                    glyph=Glyph::Trend
                    label="Open Query"
                    key="O"
                    on_select=Callback::new(move |()| {
                        segment.with_value(|segment| manager.open_query(navigator, segment));
                    })
                />
            }
                .into_any()
        } else {
            view! { <MenuLink glyph=Glyph::Compose label="Open Query" key="O" href=open /> }.into_any()
        }}
        <MenuLink glyph=Glyph::Users label="View Users" key="V" href=users />
        <hr />
        <MenuItem
            glyph=Glyph::Download
            label="Export ids as CSV"
            on_select=with_actions(|actions, segment| export(actions, segment, ExportFormat::Csv))
        />
        <MenuItem
            glyph=Glyph::Download
            label="Export ids as NDJSON"
            on_select=with_actions(|actions, segment| export(actions, segment, ExportFormat::Ndjson))
        />
        <hr />
        <MenuItem
            glyph=Glyph::Archive
            label=if archived { "Restore" } else { "Archive" }
            key="A"
            on_select=with_actions(Actions::archive_or_restore)
        />
        <MenuItem
            glyph=Glyph::Cross
            label="Delete"
            danger=true
            on_select=Callback::new(move |()| manager.deleting.set(vec![segment.get_value()]))
        />
    }
}
