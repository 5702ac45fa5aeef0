//! Search, filters and the choice of columns.

use leptos::html;
use leptos::prelude::*;
use segments_format as format;
use segments_model::segment::SegmentKind;
use segments_ui::{
    Align, Glyph, Icon, MenuButton, MenuCheck, SearchField, Segmented, SegmentedOption, Switch,
};

use crate::pages::segments::manager::Manager;
use crate::pages::segments::state::OptionalColumn;
use crate::shell::session::Session;

/// Search, filters and the choice of columns.
#[component]
pub fn SegmentsToolbar(manager: Manager, search: NodeRef<html::Input>) -> impl IntoView {
    let session = Session::expect();
    let filters = manager.filters;
    let kinds = Signal::derive(move || {
        let library = session.library().value().unwrap_or_default();
        vec![
            SegmentedOption::new(None, "All"),
            SegmentedOption::new(Some(SegmentKind::Dynamic), "Dynamic")
                .detail(format::count(library.dynamic)),
            SegmentedOption::new(Some(SegmentKind::Static), "Static")
                .detail(format::count(library.fixed)),
        ]
    });
    let archived = move || {
        session
            .library()
            .map(|library| format::count(library.archived))
            .unwrap_or_default()
    };
    let categories = Signal::derive(move || {
        session
            .library()
            .map(|library| {
                library
                    .categories
                    .iter()
                    .map(|facet| Facet {
                        value: facet.category.clone(),
                        label: facet.category.clone(),
                        count: facet.segments,
                    })
                    .chain([Facet {
                        value: String::new(),
                        label: "None".to_owned(),
                        count: 0,
                    }])
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let creators = Signal::derive(move || {
        session
            .library()
            .map(|library| {
                library
                    .creators
                    .iter()
                    .map(|facet| Facet {
                        value: facet.creator.id.clone(),
                        label: facet.creator.name.clone(),
                        count: facet.segments,
                    })
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    view! {
        <div class="us-toolbar" role="search" aria-label="Segments">
            <div class="segsearch">
                <SearchField
                    label="Search segments"
                    placeholder="Search name, description or id"
                    value=Signal::derive(move || filters.with(|filters| filters.search.clone()))
                    on_input=Callback::new(move |text| {
                        filters.update(|filters| filters.search = text);
                    })
                    element=search
                    slash=true
                />
            </div>
            <Segmented
                legend="Type"
                options=kinds
                value=Signal::derive(move || filters.with(|filters| filters.kind))
                on_change=Callback::new(move |kind| filters.update(|filters| filters.kind = kind))
            />
            <FacetFilter
                name="Category"
                any="Any"
                facets=categories
                value=Signal::derive(move || filters.with(|filters| filters.category.clone()))
                on_change=Callback::new(move |category| {
                    filters.update(|filters| filters.category = category);
                })
            />
            <FacetFilter
                name="Creator"
                any="Anyone"
                facets=creators
                value=Signal::derive(move || filters.with(|filters| filters.creator.clone()))
                on_change=Callback::new(move |creator| {
                    filters.update(|filters| filters.creator = creator);
                })
            />
            <Switch
                on=Signal::derive(move || filters.with(|filters| filters.archived))
                on_change=Callback::new(move |archived| {
                    filters.update(|filters| filters.archived = archived);
                })
            >
                "Show archived "
                <span class="us-muted">{archived}</span>
            </Switch>
            <div class="us-toolbar__end us-hide-s">
                <SegmentColumnsMenu manager />
            </div>
        </div>
    }
}

/// One value that the library has, with how often.
#[derive(Clone, PartialEq)]
struct Facet {
    value: String,
    label: String,
    count: u64,
}

/// A menu of which one is chosen, or none of them.
#[component]
fn FacetFilter(
    name: &'static str,
    any: &'static str,
    facets: Signal<Vec<Facet>>,
    value: Signal<Option<String>>,
    on_change: Callback<Option<String>>,
) -> impl IntoView {
    let chosen = move || match value.get() {
        None => any.to_owned(),
        Some(value) => facets.with(|facets| {
            facets
                .iter()
                .find(|facet| facet.value == value)
                .map_or(value, |facet| facet.label.clone())
        }),
    };
    let open = RwSignal::new(false);
    let choose = move |value: Option<String>| {
        open.set(false);
        on_change.run(value);
    };
    view! {
        <MenuButton
            class="us-btn"
            menu_label=name
            open
            button=ViewFn::from(move || {
                view! {
                    <span class="us-btn__what">{name}</span>
                    <span class="us-truncate">{chosen}</span>
                    <Icon glyph=Glyph::Down small=true />
                }
            })
        >
            <MenuCheck
                label=any
                radio=true
                checked=Signal::derive(move || value.with(Option::is_none))
                on_toggle=Callback::new(move |()| choose(None))
            />
            <hr />
            {move || {
                facets
                    .get()
                    .into_iter()
                    .map(|Facet { value: this, label, count }| {
                        let chosen = this.clone();
                        let is_chosen = Signal::derive(move || {
                            value.with(|value| value.as_ref() == Some(&chosen))
                        });
                        let detail = Some(count)
                            .filter(|count| *count > 0)
                            .map(format::count)
                            .unwrap_or_default();
                        view! {
                            <MenuCheck
                                label
                                radio=true
                                detail
                                checked=is_chosen
                                on_toggle=Callback::new(move |()| choose(Some(this.clone())))
                            />
                        }
                    })
                    .collect_view()
            }}
        </MenuButton>
    }
}

#[component]
fn SegmentColumnsMenu(manager: Manager) -> impl IntoView {
    view! {
        <MenuButton
            class="us-btn"
            menu_label="Columns"
            align=Align::End
            button=ViewFn::from(|| {
                view! {
                    <Icon glyph=Glyph::Columns />
                    "Columns"
                }
            })
        >
            <MenuCheck
                label="Segment Name"
                checked=true
                fixed=true
                on_toggle=Callback::new(|()| ())
            />
            {OptionalColumn::ALL
                .map(|column| {
                    view! {
                        <MenuCheck
                            label=column.label()
                            checked=Signal::derive(move || manager.has(column))
                            on_toggle=Callback::new(move |()| {
                                manager.columns.update(|columns| columns.toggle(column));
                            })
                        />
                    }
                })
                .collect_view()}
        </MenuButton>
    }
}
