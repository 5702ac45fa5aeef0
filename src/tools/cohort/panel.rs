//! The query panel: who starts, who returns, how the two are counted, and the sections that every tool has.

use leptos::prelude::*;
use segments_forms::cohort::{CohortForm, MOST_STARTS, MeasureChoice};
use segments_forms::group::GroupForm;
use segments_forms::occurrence::OccurrenceForm;
use segments_forms::rows::{RowId, Rows};
use segments_model::criterion::CohortUnit;
use segments_model::query::QueryMatch;
use segments_model::sentence::capital;
use segments_ui::{Glyph, Icon, Segmented, SegmentedOption, Switch};

use crate::parts::fields::NumberField;
use crate::parts::occurrence::OccurrenceEditor;
use crate::parts::pickers::PropertyPicker;
use crate::parts::rows::{RowKind, RowList, number_mark};
use crate::tool::sections::{Breakdown, PanelSection, When, Who, Zone};
use crate::tool::state::{ToolState, field};

const STARTS: RowKind = RowKind {
    one: "start",
    most: MOST_STARTS,
    least: 1,
    mark: number_mark,
    hide: "",
    show: "",
};

/// The units of cohorts, each with what its stretches are.
const UNITS: [(CohortUnit, &str); 4] = [
    (CohortUnit::Hour, "Hours of the clock"),
    (CohortUnit::Day, "Calendar days"),
    (CohortUnit::Week, "Calendar weeks, Monday to Sunday"),
    (CohortUnit::Month, "Calendar months"),
];

type CohortTool = ToolState<CohortForm>;

/// The sections of the panel.
#[component]
pub fn CohortPanel() -> impl IntoView {
    view! {
        <StartEvents />
        <Return />
        <Grouping />
        <Counting />
        <Periods />
        <When title="Cohorts from" />
        <Who />
        <CohortBreakdown />
        <Zone />
    }
    .into_any()
}

#[component]
fn StartEvents() -> impl IntoView {
    let state = CohortTool::expect();
    let rows = state.part(|form| form.start.clone());
    let first_time = field!(state.first_time, "change which start counts");
    let is_chain = Memo::new(move |_| rows.with(|rows| rows.len() > 1));
    let editor = move |id: RowId| {
        let row = state.row(|form| &form.start, |form| &mut form.start, id);
        let place = row.place();
        let owner = move || match is_chain.get() {
            true => format!("start {}", place.get() + 1),
            false => "the start".to_owned(),
        };
        view! {
            <OccurrenceEditor
                value=row.part(OccurrenceForm::clone)
                with_did=false
                owner=Signal::derive(owner)
                on_change=row.labelled(|row| row)
            />
        }
        .into_any()
    };
    let only = Memo::new(move |_| rows.with(|rows| rows.all().first().map(|row| row.id)));
    let body = move || {
        if !is_chain.get() {
            return view! { <div class="query-card">{only.get().map(editor)}</div> }.into_any();
        }
        view! {
            <RowList
                rows
                kind=STARTS
                title=|start: &OccurrenceForm| start.event.words().to_owned()
                on_change=Callback::new(move |(label, rows): (String, Rows<OccurrenceForm>)| {
                    state.change(&label, None, |form| form.start = rows);
                })
                body=Callback::new(editor)
            />
        }
        .into_any()
    };
    let title = move || match first_time.value.get() {
        true => "Cohort: users who first did".to_owned(),
        false => "Cohort: users who did".to_owned(),
    };
    let first = move || {
        view! {
            <Segmented
                legend="Which start counts"
                class="cohort-small"
                options=vec![SegmentedOption::new(true, "First"), SegmentedOption::new(false, "Any")]
                value=first_time.value
                on_change=first_time.on_change
            />
        }
    };
    let help = move || match first_time.value.get() {
        true => "Only users whose first start ever is in the date range.",
        false => "By their first start in the date range, whatever they did before.",
    };
    view! {
        <PanelSection title=Signal::derive(title) aside=ViewFn::from(first)>
            {body}
            <div class="us-row us-row--3">
                <button
                    class="us-add"
                    type="button"
                    disabled=move || rows.with(|rows| rows.len() >= MOST_STARTS)
                    on:click=move |_| {
                        state.change("add a start", None, |form| {
                            form.start.add(OccurrenceForm::default());
                        });
                    }
                >
                    <Icon glyph=Glyph::Plus />
                    "And then performed"
                </button>
            </div>
            <p class="us-help">
                {help}
                {move || is_chain.get().then_some(" Each event follows the one before. The last one is the start.")}
            </p>
        </PanelSection>
    }
    .into_any()
}

#[component]
fn Return() -> impl IntoView {
    let state = CohortTool::expect();
    let measure = field!(state.measure, "change the cell values");
    let property = field!(state.property, "change what is added up");
    let event = state.part(|form| form.returning.event.name().map(str::to_owned));
    let on_change = Callback::new(move |(label, value): (&'static str, OccurrenceForm)| {
        state.change(label, None, |form| form.returning = value);
    });
    view! {
        <PanelSection title="Then came back and did".to_owned()>
            <div class="query-card">
                <OccurrenceEditor
                    value=state.part(|form| form.returning.clone())
                    with_did=false
                    owner="the return".to_owned()
                    on_change
                />
            </div>
            <div class="cohort-measure">
                <Segmented
                    legend="Cell values"
                    options=vec![
                        SegmentedOption::new(MeasureChoice::Users, "Users who returned"),
                        SegmentedOption::new(MeasureChoice::Sum, "Sum of"),
                    ]
                    value=measure.value
                    on_change=measure.on_change
                />
                <Show when=move || measure.value.get() == MeasureChoice::Sum>
                    <PropertyPicker value=property.value event numbers=true on_change=property.on_change />
                </Show>
            </div>
        </PanelSection>
    }
    .into_any()
}

#[component]
fn Grouping() -> impl IntoView {
    let state = CohortTool::expect();
    let unit = state.part(|form| form.unit);
    let by_time = state.part(|form| form.generation.is_none());
    let zone = state.zone();
    let options = UNITS.map(|(unit, _)| SegmentedOption::new(unit, capital(unit.unit().word())));
    let choose = move |unit| state.change("change the unit", None, |form| form.turn_to(unit));
    let help = move || {
        let unit = UNITS.iter().find(|(of, _)| *of == unit.get());
        let words = unit.map_or("", |(_, words)| words);
        format!("{words}, {}", zone.get())
    };
    let title = move || {
        if by_time.get() {
            "Group cohorts by"
        } else {
            "Unit of periods"
        }
        .to_owned()
    };
    view! {
        <PanelSection title=Signal::derive(title)>
            <Segmented
                legend="Unit"
                class="us-seg--fill"
                options=options.to_vec()
                value=unit
                on_change=Callback::new(choose)
            />
            <p class="us-help">{help}</p>
        </PanelSection>
    }
    .into_any()
}

#[component]
fn Counting() -> impl IntoView {
    let state = CohortTool::expect();
    let unit = state.part(|form| form.unit.unit().word());
    let matching = field!(state.matching, "change which return counts");
    let cumulative = field!(state.cumulative, "change whether returns add up");
    let options = Signal::derive(move || {
        let unit = unit.get();
        vec![
            SegmentedOption::new(QueryMatch::On, format!("In that {unit}")),
            SegmentedOption::new(QueryMatch::OnOrAfter, format!("That {unit} or later")),
        ]
    });
    let help = move || {
        let unit = unit.get();
        match (matching.value.get(), cumulative.value.get()) {
            (QueryMatch::OnOrAfter, _) => {
                format!("Users who returned in the {unit} or after it. Can still grow.")
            }
            (QueryMatch::On, true) => {
                format!("Users who returned in the {unit} or before it, since the start.")
            }
            (QueryMatch::On, false) => format!("Users who returned in the {unit} itself."),
        }
    };
    view! {
        <PanelSection title="Count a return".to_owned()>
            <Segmented
                legend="Which return counts"
                class="us-seg--fill"
                options
                value=matching.value
                on_change=matching.on_change
            />
            <Show when=move || matching.value.get() == QueryMatch::On>
                <div class="cohort-line">
                    <Switch on=cumulative.value on_change=cumulative.on_change>
                        "Cumulative"
                    </Switch>
                </div>
            </Show>
            <p class="us-help">{help}</p>
        </PanelSection>
    }
    .into_any()
}

#[component]
fn Periods() -> impl IntoView {
    let state = CohortTool::expect();
    let periods = field!(state.periods, "change the number of periods", ByLetters);
    let unit = state.part(|form| capital(form.unit.unit().word()));
    view! {
        <PanelSection title="Periods".to_owned() class="cohort-periods">
            <NumberField
                label="Number after the first"
                value=periods.value
                on_change=periods.on_change
                error=Signal::derive(move || state.error_at("/periods"))
            />
            <p class="us-help">{move || format!("{} 0 is when they start.", unit.get())}</p>
        </PanelSection>
    }
    .into_any()
}

#[component]
fn CohortBreakdown() -> impl IntoView {
    let state = CohortTool::expect();
    let groups = state.part(|form| Vec::from_iter(form.generation.clone()));
    let events = state.part(|form| {
        let last = form.start.all().last();
        let event = last.and_then(|row| row.value.event.name());
        Vec::from_iter(event.map(str::to_owned))
    });
    let on_change = Callback::new(move |groups: Vec<GroupForm>| {
        state.change("change the breakdown", None, |form| {
            form.generation = groups.into_iter().next();
        });
    });
    let help = move || {
        groups.with(|groups| match groups.first() {
            None => None,
            Some(GroupForm::Segment(_)) => {
                Some("One row for users in the segment, one for everyone else.")
            }
            Some(GroupForm::Property { .. }) => {
                Some("One row per value instead of per start time.")
            }
        })
    };
    view! {
        <Breakdown groups on_change most=1 events>
            <p class="us-help">{help}</p>
        </Breakdown>
    }
    .into_any()
}
