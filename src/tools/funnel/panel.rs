//! The query panel of a funnel: its steps, how they follow each other, and the sections that every tool has.

use leptos::prelude::*;
use segments_forms::funnel::{
    Breakdown, ExclusionForm, FunnelChart, FunnelForm, LimitForm, MOST_EXCLUSIONS, StepForm,
};
use segments_forms::group::GroupForm;
use segments_forms::rows::{Row, RowId, Rows};
use segments_forms::tool::Names;
use segments_model::criterion::{Order, WithinOf};
use segments_model::filter::Scope;
use segments_model::limits::MAX_PARTS;
use segments_model::range::WindowUnit;
use segments_ui::dom::unique_id;
use segments_ui::tabs::{Segmented, SegmentedOption};
use segments_ui::{Glyph, Icon, PopoverButton};

use crate::parts::fields::{NumberField, Select, open_first_unset};
use crate::parts::occurrence::OccurrenceEditor;
use crate::parts::rows::{AddRow, RowKind, RowList, number_mark};
use crate::parts::vocabulary::Vocabulary;
use crate::tool::names::named;
use crate::tool::sections::{
    Breakdown as BreakdownSection, PanelSection, Problem, When, Who, Zone,
};
use crate::tool::state::{RowState, ToolState, field};
use crate::tools::funnel::over_time::IntervalSelect;

type FunnelTool = ToolState<FunnelForm>;

/// What the page knows about steps.
const STEP: RowKind = RowKind {
    one: "step",
    most: MAX_PARTS,
    least: 0,
    mark: number_mark,
    hide: "Disable",
    show: "Enable",
};

/// The sections of the panel.
#[component]
pub fn FunnelPanel() -> impl IntoView {
    let state = FunnelTool::expect();
    let over_time = state.part(|form| form.chart == FunnelChart::OverTime);
    view! {
        <Steps />
        <StepOrder />
        <Limit />
        <Exclusions />
        <When
            of="when step 1 happened"
            // Beside the chart too; here also where there is no answer, as the interval is too short for one.
            more=ViewFn::from(move || {
                view! {
                    <Show when=move || over_time.get()>
                        <IntervalSelect />
                    </Show>
                }
            })
        />
        <Who />
        <FunnelBreakdown />
        <Zone />
    }
    .into_any()
}

fn error_at(state: FunnelTool, place: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || state.error_at(place))
}

#[component]
fn Steps() -> impl IntoView {
    let state = FunnelTool::expect();
    let rows = state.part(|form| form.steps.clone());
    let on_change = Callback::new(move |(label, rows): (String, Rows<StepForm>)| {
        state.change(&label, None, |form| form.set_steps(rows));
    });
    let count = state.part(|form| {
        let live = form.live().count();
        let disabled = match form.steps.len() - live {
            0 => String::new(),
            disabled => format!(", {disabled} disabled"),
        };
        format!("{live} of {}{disabled}", form.most_steps())
    });
    let most = state.part(FunnelForm::most_steps);
    // A form that nobody has begun with yet is not wrong; what to do is said where the answer will be.
    let error = move || {
        let error = state.error_of("/steps");
        error.filter(|_| rows.with(|rows| !rows.is_empty()))
    };
    view! {
        <PanelSection
            title="Steps".to_owned()
            aside=ViewFn::from(move || view! { <span class="us-xs us-muted">{move || count.get()}</span> })
        >
            <RowList
                rows
                kind=STEP
                title=|step: &StepForm| step.what.event.words().to_owned()
                on_change
                body=Callback::new(move |id| view! { <StepBody id /> }.into_any())
            />
            {move || {
                let kind = RowKind { most: most.get(), ..STEP };
                view! { <AddRow rows kind blank=StepForm::default on_change /> }
            }}
            <OptionalSteps />
            <Problem error=Signal::derive(error) />
        </PanelSection>
    }
    .into_any()
}

#[component]
fn StepBody(id: RowId) -> impl IntoView {
    let state = FunnelTool::expect();
    let row = state.row(|form| &form.steps, |form| &mut form.steps, id);
    let owner = state.part(move |form| format!("step {}", form.number(id)));
    let optional = row.part(|step| step.optional);
    let error = move || {
        let place = state.form().with(|form| form.step_pointer(id))?;
        state.error_at(&format!("{place}/optional"))
    };
    view! {
        <OccurrenceEditor
            value=row.part(|step| step.what.clone())
            on_change=row.labelled(|step| &mut step.what)
            owner
        />
        <Show when=move || optional.get()>
            <span class="funnel-optional">
                <span class="us-badge">"Optional"</span>
            </span>
        </Show>
        <Problem error=Signal::derive(error) />
    }
    .into_any()
}

/// Which steps are optional, a button a step that can be.
#[component]
fn OptionalSteps() -> impl IntoView {
    let state = FunnelTool::expect();
    let ids = state.part(|form| {
        let rows = form.live();
        let rows = rows.filter(|row| row.value.optional || form.can_be_optional(row.id));
        rows.map(|row| row.id).collect::<Vec<_>>()
    });
    let button = move |id| {
        let row = state.row(|form| &form.steps, |form| &mut form.steps, id);
        let optional = row.part(|step| step.optional);
        let number = state.part(move |form| form.number(id));
        let toggle = move |_| {
            let now = !optional.get_untracked();
            let what = if now { "optional" } else { "required" };
            let label = format!("make step {} {what}", number.get_untracked());
            row.change(&label, None, |step| step.optional = now);
        };
        view! {
            <button
                class="us-chip us-chip--pick"
                type="button"
                aria-pressed=move || optional.get().to_string()
                aria-label=move || format!("Step {} is optional", number.get())
                on:click=toggle
            >
                {move || number.get()}
            </button>
        }
    };
    view! {
        <Show when=move || !ids.with(Vec::is_empty)>
            <div class="funnel-optionals" role="group" aria-label="Optional steps">
                <span class="funnel-word">"Optional"</span>
                <For each=move || ids.get() key=|id| *id children=button />
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn StepOrder() -> impl IntoView {
    let state = FunnelTool::expect();
    let order = field!(state.order, "change the order of steps");
    let options = vec![
        SegmentedOption::new(Order::Sequential, "This order"),
        SegmentedOption::new(Order::Any, "Any order"),
        SegmentedOption::new(Order::Strict, "Strict"),
    ];
    let help = move || match order.value.get() {
        Order::Sequential => "Steps happen in this order, with other events allowed in between.",
        Order::Any => "Steps can happen in any order. Each one needs its own event.",
        Order::Strict => "Each step is the very next event of the user.",
    };
    let clash = state.part(FunnelForm::clashes_with_any_order);
    view! {
        <PanelSection title="Order of steps".to_owned()>
            <Segmented
                legend="Order of steps"
                class="us-seg--fill"
                options
                value=order.value
                on_change=order.on_change
            />
            <p class="us-help funnel-help">{help}</p>
            <Show when=move || clash.get()>
                <div class="us-banner us-banner--warn funnel-clash" role="status">
                    <Icon glyph=Glyph::Warning small=true />
                    <span class="us-grow">"Optional steps and exclusions do not work with any order."</span>
                    <button
                        class="us-btn us-btn--sm"
                        type="button"
                        on:click=move |_| {
                            state.change("fit the steps to any order", None, FunnelForm::fit_any_order);
                        }
                    >
                        "Require all steps, remove exclusions"
                    </button>
                </div>
            </Show>
        </PanelSection>
    }
    .into_any()
}

#[component]
fn Limit() -> impl IntoView {
    let state = FunnelTool::expect();
    let label = "change the conversion window";
    let of = field!(state.limit.of, label, ByLetters);
    let count = field!(state.limit.count, label, ByLetters);
    let unit = field!(state.limit.unit, label, ByLetters);
    let words = state.part(|form| LimitForm::words(&form.limit));
    let error = error_at(state, "/within");
    let class = move || {
        let bad = error.with(Option::is_some);
        format!(
            "us-tok us-tok--fill{}",
            if bad { " us-tok--bad" } else { "" }
        )
    };
    view! {
        <PanelSection title="Convert within".to_owned()>
            <PopoverButton
                class=Signal::derive(class)
                button=ViewFn::from(move || {
                    view! {
                        <Icon glyph=Glyph::Clock />
                        <span class="us-truncate">{words.get()}</span>
                        <Icon glyph=Glyph::Down />
                    }
                })
                panel_label="Convert within"
            >
                <div class="us-popover__body">
                    <Select
                        label="Conversion window"
                        options=vec![
                            (None, "No limit"),
                            (Some(WithinOf::Funnel), "From step 1 to the last"),
                            (Some(WithinOf::Step), "From each step to the next"),
                        ]
                        value=of.value
                        on_change=of.on_change
                    />
                    <Show when=move || of.value.with(Option::is_some)>
                        <div class="query-pair">
                            <NumberField label="At most" value=count.value on_change=count.on_change error />
                            <Select
                                label="Unit"
                                options=vec![
                                    (WindowUnit::Second, "seconds"),
                                    (WindowUnit::Minute, "minutes"),
                                    (WindowUnit::Hour, "hours"),
                                    (WindowUnit::Day, "days"),
                                    (WindowUnit::Week, "weeks"),
                                ]
                                value=unit.value
                                on_change=unit.on_change
                            />
                        </div>
                    </Show>
                    <p class="us-help">"Up to and including the limit. A day is 24 hours."</p>
                </div>
            </PopoverButton>
        </PanelSection>
    }
    .into_any()
}

/// One of the steps, by the browser's own list.
#[component]
fn StepSelect(
    #[prop(into)] label: Signal<String>,
    /// The one chosen; none: none.
    #[prop(into)]
    value: Signal<Option<RowId>>,
    /// What stands for none.
    none: &'static str,
    /// Whether none can be chosen.
    #[prop(optional)]
    with_none: bool,
    /// What is wrong with it.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    on_change: Callback<Option<RowId>>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let step = |form: &FunnelForm, row: &Row<StepForm>, names: Names<'_>| {
        let disabled = if row.hidden { " (disabled)" } else { "" };
        let name = names.row(row, &row.value.what.event);
        (row.id, format!("{} {name}{disabled}", form.number(row.id)))
    };
    let steps = FunnelTool::expect().part(move |form| {
        let rows = form.steps.all().iter();
        named(vocabulary, |names| {
            rows.map(|row| step(form, row, names)).collect::<Vec<_>>()
        })
    });
    // What was chosen may be gone since.
    let gone = Memo::new(move |_| {
        let id = value.get();
        id.is_some() && steps.with(|steps| steps.iter().all(|(step, _)| Some(*step) != id))
    });
    let choose = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        let step = |place: usize| steps.with_untracked(|steps| Some(steps.get(place)?.0));
        on_change.run(place.and_then(step));
    };
    let option = move |(place, (id, name)): (usize, (RowId, String))| {
        view! {
            <option value=place.to_string() prop:selected=move || value.get() == Some(id)>
                {name}
            </option>
        }
    };
    view! {
        <span class="us-selectwrap funnel-step">
            <select
                class="us-select"
                aria-label=move || label.get()
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change=choose
            >
                <Show when=move || gone.get()>
                    <option value="gone" disabled=true prop:selected=move || gone.get()>
                        "Choose a step"
                    </option>
                </Show>
                <Show when=move || with_none || value.get().is_none()>
                    <option value="" prop:selected=move || value.get().is_none()>
                        {none}
                    </option>
                </Show>
                {move || steps.get().into_iter().enumerate().map(option).collect_view()}
            </select>
            <Icon glyph=Glyph::Down small=true />
        </span>
    }
    .into_any()
}

#[component]
fn Exclusions() -> impl IntoView {
    let state = FunnelTool::expect();
    let ids = state.part(|form| form.exclusions.ids());
    let blocked = state.part(|form| {
        if form.order == Order::Any {
            Some("Exclusions do not work with steps in any order")
        } else if form.live().count() < 2 {
            Some("Add a second step first")
        } else if form.exclusions.len() >= MOST_EXCLUSIONS {
            Some("You have reached the limit of exclusions")
        } else {
            None
        }
    });
    let list = unique_id("exclusions");
    let added = list.clone();
    let add = move |_| {
        state.change("add an exclusion", None, |form| {
            form.exclusions.add(form.new_exclusion());
        });
        open_first_unset(added.clone());
    };
    view! {
        <PanelSection title="Exclusions".to_owned()>
            <ul class="funnel-exclusions" id=list>
                <For each=move || ids.get() key=|id| *id children=move |id| view! { <Exclusion id /> } />
            </ul>
            <Problem error=Signal::derive(move || state.error_of("/exclude")) />
            <button
                class="us-add"
                type="button"
                disabled=move || blocked.get().is_some()
                title=move || blocked.get()
                on:click=add
            >
                <Icon glyph=Glyph::Plus />
                "Add exclusion"
            </button>
        </PanelSection>
    }
    .into_any()
}

type ExclusionState = RowState<FunnelForm, ExclusionForm>;

#[component]
fn Exclusion(id: RowId) -> impl IntoView {
    let state = FunnelTool::expect();
    let row: ExclusionState = state.row(|form| &form.exclusions, |form| &mut form.exclusions, id);
    let place = row.place();
    let name = move || format!("exclusion {}", place.get() + 1);
    let disabled = state.part(move |form| {
        let row = form.exclusions.get(id);
        row.is_some_and(|row| form.is_left_out(&row.value))
    });
    let error = move |part: &'static str| {
        Signal::derive(move || {
            let place = state.form().with(|form| form.exclusion_pointer(id))?;
            state.error_at(&format!("{place}{part}"))
        })
    };
    let (from_error, to_error) = (error("/from"), error("/to"));
    let ends = move || from_error.get().or_else(|| to_error.get());
    let remove = move |_| {
        let label = format!("remove {}", untrack(name));
        state.change(&label, None, |form| form.exclusions.remove(id));
    };
    let from = field!(row.from, "change an exclusion");
    let to = field!(row.to, "change an exclusion");
    view! {
        <li
            class="funnel-exclusion"
            class:is-left-out=move || disabled.get()
            aria-label=move || format!("Exclusion {}", place.get() + 1)
        >
            <div class="funnel-exclusion__what">
                <span class="funnel-word">"Without"</span>
                <div class="us-grow funnel-exclusion__event">
                    <OccurrenceEditor
                        value=row.part(|exclusion| exclusion.what.clone())
                        on_change=row.labelled(|exclusion| &mut exclusion.what)
                        owner=Signal::derive(name)
                        with_did=false
                    />
                </div>
                <button
                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                    type="button"
                    aria-label=move || format!("Remove {}", name())
                    on:click=remove
                >
                    <Icon glyph=Glyph::Cross small=true />
                </button>
            </div>
            <div class="funnel-exclusion__ends">
                <span class="funnel-word">"between"</span>
                <StepSelect
                    label=Signal::derive(move || format!("Exclusion {}: after", place.get() + 1))
                    value=from.value
                    none="Choose a step"
                    error=from_error
                    on_change=from.on_change
                />
                <span class="funnel-word">"and"</span>
                <StepSelect
                    label=Signal::derive(move || format!("Exclusion {}: before", place.get() + 1))
                    value=to.value
                    none="Choose a step"
                    error=to_error
                    on_change=to.on_change
                />
            </div>
            <Show when=move || disabled.get()>
                <p class="us-help">"Disabled with its step."</p>
            </Show>
            <Problem error=Signal::derive(ends) />
        </li>
    }
    .into_any()
}

#[component]
fn FunnelBreakdown() -> impl IntoView {
    let state = FunnelTool::expect();
    let groups = state.part(|form| {
        let by = form
            .breakdown
            .as_ref()
            .map(|breakdown| breakdown.by.clone());
        Vec::from_iter(by)
    });
    let events = state.part(|form| {
        let names = form.live().filter_map(|row| row.value.what.event.name());
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    let of_event = Memo::new(move |_| {
        groups.with(|groups| {
            let by_event = |by: &GroupForm| {
                matches!(
                    by,
                    GroupForm::Property {
                        scope: Scope::Event,
                        ..
                    }
                )
            };
            groups.iter().any(by_event)
        })
    });
    let at = state.part(|form| form.breakdown.as_ref()?.at);
    let on_change = Callback::new(move |groups: Vec<GroupForm>| {
        state.change("change the breakdown", None, |form| {
            // A value is most often looked for where the funnel begins.
            let first = form.live().next().map(|row| row.id);
            let at = form.breakdown.take().map_or(first, |before| before.at);
            form.breakdown = groups.into_iter().next().map(|by| Breakdown { by, at });
            form.shown = None;
        });
    });
    let on_step = Callback::new(move |step: Option<RowId>| {
        state.change("change the step of the breakdown", None, |form| {
            if let Some(breakdown) = &mut form.breakdown {
                breakdown.at = step;
            }
        });
    });
    view! {
        <BreakdownSection groups on_change most=1 events>
            <Show when=move || of_event.get()>
                <div class="funnel-exclusion__ends">
                    <span class="funnel-word">"at"</span>
                    <StepSelect
                        label="Step whose value counts".to_owned()
                        value=at
                        none="all steps"
                        with_none=true
                        error=error_at(state, "/group_by/step")
                        on_change=on_step
                    />
                </div>
            </Show>
            <Problem error=error_at(state, "/group_by") />
        </BreakdownSection>
    }
    .into_any()
}
