//! A segment's row and what can be done with it.

use leptos::prelude::*;
use segments_format as format;
use segments_format::url::Params;
use segments_model::Instant;
use segments_model::export::ExportFormat;
use segments_model::segment::{Evaluation, EvaluationStatus, SegmentKind, SegmentSummary};
use segments_ui::avatar::colour;
use segments_ui::charts::spark::{FixedSpark, Spark};
use segments_ui::{
    Align, Avatar, Checkbox, CopyButton, Glyph, Icon, MenuButton, MenuItem, MenuLink, states,
};

use crate::pages::segments::actions::Actions;
use crate::pages::segments::manage::export;
use crate::pages::segments::manager::Manager;
use crate::pages::segments::state::{Column, kind_label};
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

/// A segment's row.
#[component]
pub fn Row(
    /// The page.
    manager: Manager,
    /// The segment's id.
    id: String,
) -> impl IntoView {
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
    move || {
        // A row that is about to go has no segment any more.
        let segment = details.get()?;
        let archived = segment.archived_at.is_some();
        let id = segment.id.clone();
        Some(view! {
            <tr
                data-segment=id
                class:is-archived=archived
                aria-selected=move || selected.get().to_string()
            >
                <Cells manager segment selected />
            </tr>
        })
    }
}

#[component]
fn Cells(manager: Manager, segment: SegmentSummary, selected: Memo<bool>) -> impl IntoView {
    let navigator = Navigator::expect();
    let SegmentSummary {
        id,
        name,
        description,
        category,
        kind,
        creator,
        created_at,
        updated_at,
        sentence,
        ..
    } = segment.clone();
    let id = StoredValue::new(id);
    let below = StoredValue::new(if description.is_empty() {
        states::sentence(&sentence)
    } else {
        description
    });
    let category = StoredValue::new(category);
    let creator = StoredValue::new(creator);
    let name_of_link = StoredValue::new(name.clone());
    let archived = segment.archived_at.is_some();
    let cell = move |column: Column| move || manager.has(column);
    let dated = move |instant: Instant| view! { <Dated instant /> };
    view! {
        <td class="us-table__check">
            <Checkbox
                label=format!("Select {name}")
                checked=selected
                on_change=Callback::new(move |selected| manager.select(&id.get_value(), selected))
            />
        </td>
        <th scope="row" class="c-name">
            <span class="us-two">
                <a
                    class="us-truncate"
                    data-row-link
                    href=open_href(navigator, &id.get_value())
                    title=sentence
                >
                    {name_of_link.get_value()}
                </a>
                <Show when=cell(Column::Description)>
                    <span class="us-truncate">{below.get_value()}</span>
                </Show>
            </span>
            {archived.then(|| view! { <span class="us-badge">"Archived"</span> })}
        </th>
        <Show when=cell(Column::Category)>
            <td class="c-cat">
                {(!category.get_value().is_empty())
                    .then(|| {
                        let category = category.get_value();
                        let (title, colour) = (category.clone(), colour(&category));
                        view! {
                            <span class="us-pill" style=("--c", colour) title=title>
                                <span class="us-truncate">{category}</span>
                            </span>
                        }
                    })}
            </td>
        </Show>
        <Show when=cell(Column::Kind)>
            <td class="c-type">
                <span class="us-type">
                    <Icon glyph=kind_glyph(kind) />
                    {kind_label(kind)}
                </span>
            </td>
        </Show>
        <Show when=cell(Column::Users)>
            <td class="c-users">
                <Size manager id=id.get_value() />
            </td>
        </Show>
        <Show when=cell(Column::Id)>
            <td class="c-id">
                <span class="us-id">
                    <span class="us-truncate">{id.get_value()}</span>
                    <CopyButton
                        label=format!("Copy id of {}", name_of_link.get_value())
                        text=id.get_value()
                    />
                </span>
            </td>
        </Show>
        <Show when=cell(Column::Creator)>
            <td class="c-who">
                {
                    let creator = creator.get_value();
                    view! {
                        <span class="us-who">
                            <Avatar name=creator.name.clone() id=creator.id.clone() />
                            <span class="us-truncate">{creator.name.clone()}</span>
                        </span>
                    }
                }
            </td>
        </Show>
        <Show when=cell(Column::Created)>
            <td class="c-date">{dated(created_at)}</td>
        </Show>
        <Show when=cell(Column::Updated)>
            <td class="c-date">{dated(updated_at)}</td>
        </Show>
        <td class="c-act">
            <RowActions manager segment />
        </td>
    }
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

/// How many users, which share, how it went, and for when.
#[component]
fn Size(manager: Manager, id: String) -> impl IntoView {
    let session = Session::expect();
    let (zone, now) = (session.zone(), session.now());
    let size = Memo::new(move |_| {
        manager
            .segment(&id)
            .map(|segment| (segment.kind, segment.evaluation, segment.trend))
    });
    move || {
        let (kind, evaluation, trend) = size.get()?;
        let Evaluation {
            as_of,
            users,
            share,
            status,
            detail,
        } = evaluation;
        if status == EvaluationStatus::Failed {
            let detail = detail.unwrap_or_else(|| "The size could not be worked out.".to_owned());
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
        let course = match kind {
            SegmentKind::Static => view! { <FixedSpark label="fixed size" /> }.into_any(),
            SegmentKind::Dynamic => {
                let label = trend_label(&trend);
                view! { <Spark values=trend label /> }.into_any()
            }
        };
        Some(
            view! {
                <span class="users" title=exact>
                    <b>{format::count(users)}</b>
                    <span>{share.map(format::percent)}</span>
                    {course}
                    <small>{when}</small>
                </span>
            }
            .into_any(),
        )
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
        <span class="users">
            <b>
                <span class="us-skel"></span>
                <span class="us-vh">"The size is being worked out"</span>
            </b>
        </span>
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
            <a class="us-btn us-btn--sm" href=users aria-label=format!("View Users of {name}")>
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
            <a class="us-btn us-btn--sm" href=href aria-label=label>
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
            class="us-btn us-btn--sm"
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
