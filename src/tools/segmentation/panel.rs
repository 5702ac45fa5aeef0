//! The query panel: measures and formulas, and the sections that every tool has.

use leptos::prelude::*;
use segments_forms::group::GroupForm;
use segments_forms::occurrence::OccurrenceForm;
use segments_forms::rows::{RowId, Rows};
use segments_forms::segmentation::{
    FormulaForm, MOST_FORMULAS, MOST_GROUPINGS, MeasureRow, SegmentationForm, SeriesOf,
    figure_label,
};
use segments_model::formula::{self, MAX_ROWS};
use segments_model::query::Figure;
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon, Switch};

use crate::parts::fields::{ErrorText, NumberField, Select};
use crate::parts::occurrence::OccurrenceEditor;
use crate::parts::pickers::PropertyPicker;
use crate::parts::rows::{RowKind, RowList, letter_mark};
use crate::tool::sections::{Breakdown, PanelSection, When, Who, Zone};
use crate::tool::state::{RowState, ToolState, field};
use crate::tools::segmentation::answer::mark;

type SegmentationTool = ToolState<SegmentationForm>;

const MEASURES: RowKind = RowKind {
    one: "measure",
    most: MAX_ROWS,
    least: 1,
    mark: letter_mark,
    hide: "Hide from the results",
    show: "Show in the results",
};

/// The sections of the panel.
#[component]
pub fn SegmentationPanel() -> impl IntoView {
    view! {
        <Measures />
        <When />
        <Who />
        <Groups />
        <Zone />
    }
    .into_any()
}

#[component]
fn Measures() -> impl IntoView {
    let state = SegmentationTool::expect();
    let rows = state.part(|form| form.measures.clone());
    let formulas = state.part(|form| form.formulas.ids());
    let add = move |is_offered: Memo<bool>,
                    glyph,
                    words: &'static str,
                    label: &'static str,
                    add: fn(&mut SegmentationForm)| {
        view! {
            <Show when=move || is_offered.get()>
                <button class="us-add" type="button" on:click=move |_| state.change(label, None, add)>
                    <Icon glyph />
                    {words}
                </button>
            </Show>
        }
    };
    let has_measures = Memo::new(move |_| rows.with(|rows| rows.len() < MAX_ROWS));
    let has_formulas = Memo::new(move |_| formulas.with(Vec::len) < MOST_FORMULAS);
    view! {
        <PanelSection title="Measures".to_owned()>
            <RowList
                rows
                kind=MEASURES
                title=|row: &MeasureRow| row.occurrence.event.words().to_owned()
                on_change=Callback::new(move |(label, rows): (String, Rows<MeasureRow>)| {
                    state.change(&label, None, |form| form.set_measures(rows));
                })
                body=Callback::new(|id| view! { <Measure id /> }.into_any())
            />
            <Show when=move || formulas.with(|ids| !ids.is_empty())>
                <ol class="seg-formulas">
                    <For each=move || formulas.get() key=|id| *id children=move |id| view! { <Formula id /> } />
                </ol>
                <p class="us-help seg-help">
                    "Use measures by their letters, numbers, + \u{2212} * / and brackets, such as (A \u{2212} B) / A * 100."
                </p>
            </Show>
            <div class="us-row us-row--3">
                {add(has_measures, Glyph::Plus, "Add measure", "add a measure", |form| {
                    form.measures.add(MeasureRow::default());
                })}
                {add(has_formulas, Glyph::Sum, "Formula", "add a formula", |form| {
                    form.formulas.add(FormulaForm::default());
                })}
            </div>
        </PanelSection>
    }
    .into_any()
}

type MeasureState = RowState<SegmentationForm, MeasureRow>;

/// What stands in a row: its event with what is measured of it, and its filters.
#[component]
fn Measure(id: RowId) -> impl IntoView {
    let row = SegmentationTool::expect().row(|form| &form.measures, |form| &mut form.measures, id);
    let place = row.place();
    let owner = Signal::derive(move || format!("measure {}", formula::letter(place.get())));
    view! {
        <OccurrenceEditor
            value=row.part(|row| row.occurrence.clone())
            on_change=row.labelled(|row: &mut MeasureRow| -> &mut OccurrenceForm { &mut row.occurrence })
            owner
            middle=ViewFn::from(move || view! { <Aggregate row owner /> })
        />
    }
    .into_any()
}

/// What is measured: the figure, its property, and whether it is the mean of the users' own.
#[component]
fn Aggregate(row: MeasureState, owner: Signal<String>) -> impl IntoView {
    let figure = field!(row.figure, "change what is measured");
    let property = field!(row.property, "choose the property");
    let per_user = field!(row.per_user, "change whether it is per user");
    let aggregate = Memo::new(move |_| figure.value.get().aggregate());
    let event = row.part(|row| row.occurrence.event.name().map(str::to_owned));
    let numbers = move || {
        aggregate
            .get()
            .is_some_and(|aggregate| aggregate.needs_numbers())
    };
    view! {
        <div class="seg-what">
            <Select
                label=format!("What to measure in {}", owner.get_untracked())
                bare=true
                options=Figure::ALL.into_iter().map(|figure| (figure, figure_label(figure))).collect()
                value=figure.value
                on_change=figure.on_change
            />
            <Show when=move || aggregate.get().is_some()>
                <PropertyPicker
                    value=property.value
                    event
                    numbers=Signal::derive(numbers)
                    on_change=property.on_change
                />
            </Show>
            <Show when=move || figure.value.get() != Figure::Users>
                <span class="seg-per">
                    <Switch on=per_user.value on_change=per_user.on_change>
                        "Average per user"
                    </Switch>
                </span>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Formula(id: RowId) -> impl IntoView {
    let state = SegmentationTool::expect();
    let row = state.row(|form| &form.formulas, |form| &mut form.formulas, id);
    let place = row.place();
    let number = move || place.get() + 1;
    let sign = move || {
        let formulas = state.form().with(|form| form.formulas.len());
        mark(SeriesOf::Formula(place.get()), formulas)
    };
    let name = field!(row.name, "name a formula", ByLetters);
    let expression = field!(row.expression, "write a formula", ByLetters);
    let error = Signal::derive(move || {
        // What was not begun is not wrong yet.
        let is_begun = expression.value.with(|text| !text.trim().is_empty());
        is_begun
            .then(|| state.error_at(&format!("/formulas/{}", place.get())))
            .flatten()
    });
    let error_id = unique_id("formula-error");
    let describes = error_id.clone();
    let hidden = state.part(move |form| form.formulas.get(id).is_some_and(|row| row.hidden));
    let hide = move |_| {
        state.change("hide or show a formula", None, |form| {
            if let Some(row) = form.formulas.get_mut(id) {
                row.hidden = !row.hidden;
            }
        });
    };
    view! {
        <li class="seg-formula" class:is-hidden=move || hidden.get()>
            <span class="seg-mark" aria-hidden="true">
                {sign}
            </span>
            <input
                class="us-input us-input--md"
                type="text"
                autocomplete="off"
                placeholder="Name"
                aria-label=move || format!("Name of formula {}", number())
                prop:value=move || name.value.get()
                on:input=move |event| name.on_change.run(event_target_value(&event))
            />
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                aria-label=move || {
                    let what = if hidden.get() { "Show" } else { "Hide" };
                    format!("{what} formula {}", number())
                }
                aria-pressed=move || hidden.get().to_string()
                on:click=hide
            >
                {move || {
                    let glyph = if hidden.get() { Glyph::Not } else { Glyph::Eye };
                    view! { <Icon glyph small=true /> }
                }}
            </button>
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                aria-label=move || format!("Remove formula {}", number())
                on:click=move |_| state.change("remove a formula", None, |form| form.remove_formula(id))
            >
                <Icon glyph=Glyph::Cross small=true />
            </button>
            <input
                class="us-input us-input--md seg-formula__text"
                type="text"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
                placeholder="A / B * 100"
                aria-label=move || format!("Expression of formula {}", number())
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || error.get().map(|_| describes.clone())
                prop:value=move || expression.value.get()
                on:input=move |event| expression.on_change.run(event_target_value(&event))
            />
            <ErrorText id=error_id error />
        </li>
    }
    .into_any()
}

#[component]
fn Groups() -> impl IntoView {
    let state = SegmentationTool::expect();
    let groups = state.part(|form| form.groups.clone());
    let most = field!(
        state.frame.max_groups,
        "change the number of groups",
        ByLetters
    );
    let on_change = Callback::new(move |groups: Vec<GroupForm>| {
        state.change("change the breakdown", None, |form| {
            form.groups = groups;
            // What was switched on or off were other groups.
            form.series.clear();
        });
    });
    view! {
        <Breakdown groups on_change most=MOST_GROUPINGS events=state.part(SegmentationForm::events)>
            <Show when=move || groups.with(|groups| !groups.is_empty())>
                <div class="seg-most">
                    <NumberField
                        label="Number of groups, 10 if left empty"
                        value=most.value
                        on_change=most.on_change
                        error=Signal::derive(move || state.error_at("/max_groups"))
                    />
                </div>
            </Show>
        </Breakdown>
    }
    .into_any()
}
