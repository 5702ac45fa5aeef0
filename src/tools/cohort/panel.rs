//! The query panel: who starts, who returns, and how the two are counted.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::cohort::{CohortForm, MeasureChoice};
use segments_forms::event::EventChoice;
use segments_forms::group::GroupForm;
use segments_forms::number::Entry;
use segments_forms::occurrence::OccurrenceForm;
use segments_forms::rows::{RowId, Rows};
use segments_model::Instant;
use segments_model::criterion::CohortUnit;
use segments_model::query::QueryMatch;
use segments_ui::{Glyph, Icon, Segmented, SegmentedOption, Switch};

use crate::parts::audience::AudienceEditor;
use crate::parts::date_range::{DateRangePicker, ZonePicker};
use crate::parts::fields::NumberField;
use crate::parts::group::GroupByEditor;
use crate::parts::occurrence::OccurrenceEditor;
use crate::parts::pickers::PropertyPicker;
use crate::parts::rows::{RowKind, RowList, number_mark};
use crate::shell::session::Session;
use crate::tool::state::ToolState;

/// How many events a start may consist of.
const MOST_STARTS: usize = 10;

const STARTS: RowKind = RowKind {
    one: "start",
    most: MOST_STARTS,
    least: 1,
    mark: number_mark,
    hide: "",
    show: "",
};

type State = ToolState<CohortForm>;

/// The sections of the panel.
pub fn panel() -> AnyView {
    let state = State::expect();
    let form = state.form();
    let as_of = Memo::new(move |_| form.with(|form| form.as_of));
    view! {
        <Start />
        <Return />
        {grouping(state)}
        {counting(state)}
        <section class="us-query__sec">
            <header>
                <h2>"Cohorts from"</h2>
            </header>
            <DateRangePicker
                value=Memo::new(move |_| form.with(|form| form.during.clone()))
                zone=zone(state)
                stamp=Signal::derive(move || {
                    let answered = state.answered().get().filter(|_| !state.is_stale());
                    answered.map(|answered| answered.answer.stamp().clone())
                })
                on_change=Callback::new(move |during| {
                    state.change("change the date range", Some("during"), |form| form.during = during);
                })
            />
            {move || as_of.get().map(|as_of| pinned(state, as_of))}
        </section>
        <AudienceEditor
            value=Memo::new(move |_| form.with(|form| form.audience.clone()))
            on_change=Callback::new(move |audience| {
                state.change("change the audience", None, |form| form.audience = audience);
            })
        />
        {breakdown(state)}
        <section class="us-query__sec">
            <header>
                <h2>"Time zone"</h2>
            </header>
            <ZonePicker
                value=Memo::new(move |_| form.with(|form| form.time_zone.clone()))
                on_change=Callback::new(move |zone| {
                    state.change("change the time zone", None, |form| form.time_zone = zone);
                })
            />
        </section>
    }
    .into_any()
}

/// The instant that the query is asked for, which can be given up for now.
fn pinned(state: State, as_of: Instant) -> impl IntoView {
    let zone = zone(state);
    view! {
        <span class="us-chip cohort-chip">
            <Icon glyph=Glyph::Clock />
            {move || format!("As of {}", format::date_time(as_of, &zone.get()))}
            <button
                type="button"
                aria-label="Ask as of now"
                on:click=move |_| state.change("ask as of now", None, |form| form.as_of = None)
            >
                <Icon glyph=Glyph::Cross />
            </button>
        </span>
    }
}

/// The zone that the query is asked in.
fn zone(state: State) -> Memo<String> {
    let session = Session::expect();
    Memo::new(move |_| {
        state
            .form()
            .with(|form| form.time_zone.clone())
            .unwrap_or_else(|| session.zone().get())
    })
}

#[component]
fn Start() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let rows = Memo::new(move |_| form.with(|form| form.start.clone()));
    let first_time = Memo::new(move |_| form.with(|form| form.first_time));
    let is_chain = Memo::new(move |_| rows.with(|rows| rows.len() > 1));
    let editor = move |id: RowId| {
        let value = Memo::new(move |_| {
            rows.with(|rows| rows.get(id).map(|row| row.value.clone()))
                .unwrap_or_default()
        });
        let owner = Signal::derive(
            move || match rows.with(|rows| (rows.len(), rows.place(id))) {
                (2.., Some(place)) => format!("start {}", place + 1),
                _ => "the start".to_owned(),
            },
        );
        view! {
            <OccurrenceEditor
                value
                with_did=false
                owner
                on_change=Callback::new(move |(label, value): (&'static str, OccurrenceForm)| {
                    state
                        .change(
                            label,
                            None,
                            |form| {
                                if let Some(row) = form.start.get_mut(id) {
                                    row.value = value;
                                }
                            },
                        );
                })
            />
        }
        .into_any()
    };
    let only = Memo::new(move |_| rows.with(|rows| rows.all().first().map(|row| row.id)));
    let several = move || {
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
    };
    let body = move || {
        if is_chain.get() {
            several().into_any()
        } else {
            view! { <div class="query-card">{only.get().map(editor)}</div> }.into_any()
        }
    };
    view! {
        <section class="us-query__sec">
            <header>
                <h2>
                    {move || {
                        if first_time.get() { "Cohort: users who first did" } else { "Cohort: users who did" }
                    }}
                </h2>
                <Segmented
                    legend="Which start counts"
                    class="cohort-small"
                    options=vec![
                        SegmentedOption::new(true, "First"),
                        SegmentedOption::new(false, "Any"),
                    ]
                    value=first_time
                    on_change=Callback::new(move |first_time| {
                        state
                            .change(
                                "change which start counts",
                                None,
                                |form| form.first_time = first_time,
                            );
                    })
                />
            </header>
            {body}
            <div class="us-row us-row--3">
                <button
                    class="us-add"
                    type="button"
                    disabled=move || rows.with(|rows| rows.len() >= MOST_STARTS)
                    on:click=move |_| {
                        state
                            .change(
                                "add a start",
                                None,
                                |form| {
                                    form.start.add(OccurrenceForm::default());
                                },
                            );
                    }
                >
                    <Icon glyph=Glyph::Plus />
                    "And then performed"
                </button>
            </div>
            <p class="us-help">
                {move || {
                    if first_time.get() {
                        "Only users whose first start ever lies in the date range."
                    } else {
                        "By their first start in the date range, whatever they did before."
                    }
                }}
                {move || is_chain.get().then_some(" Each strictly after the one before; the last one is the start.")}
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Return() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let measure = Memo::new(move |_| form.with(|form| form.measure));
    let event = Memo::new(move |_| form.with(|form| form.returning.event.clone()));
    let sum = move || {
        (measure.get() == MeasureChoice::Sum).then(|| {
            view! {
                <PropertyPicker
                    value=Memo::new(move |_| form.with(|form| form.property.clone()))
                    event=Signal::derive(move || event.with(|event| event.name().map(str::to_owned)))
                    numbers=true
                    on_change=Callback::new(move |property: String| {
                        state.change("change what is added up", None, |form| form.property = property);
                    })
                />
            }
        })
    };
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Then came back and did"</h2>
            </header>
            <div class="query-card">
                <OccurrenceEditor
                    value=Memo::new(move |_| form.with(|form| form.returning.clone()))
                    with_did=false
                    owner="the return"
                    on_change=Callback::new(move |(label, value): (&'static str, OccurrenceForm)| {
                        state.change(label, None, |form| form.returning = value);
                    })
                />
            </div>
            <div class="cohort-measure">
                <Segmented
                    legend="What a cell tells"
                    options=vec![
                        SegmentedOption::new(MeasureChoice::Users, "Users who returned"),
                        SegmentedOption::new(MeasureChoice::Sum, "Sum of"),
                    ]
                    value=measure
                    on_change=Callback::new(move |measure| {
                        state.change("change what a cell tells", None, |form| form.measure = measure);
                    })
                />
                {sum}
            </div>
        </section>
    }
    .into_any()
}

const fn unit_label(unit: CohortUnit) -> &'static str {
    match unit {
        CohortUnit::Hour => "Hour",
        CohortUnit::Day => "Day",
        CohortUnit::Week => "Week",
        CohortUnit::Month => "Month",
    }
}

fn grouping(state: State) -> AnyView {
    let form = state.form();
    let unit = Memo::new(move |_| form.with(|form| form.unit));
    let by_time = Memo::new(move |_| form.with(|form| form.generation.is_none()));
    let zone = zone(state);
    let units: Vec<_> = [
        CohortUnit::Hour,
        CohortUnit::Day,
        CohortUnit::Week,
        CohortUnit::Month,
    ]
    .into_iter()
    .map(|unit| SegmentedOption::new(unit, unit_label(unit)))
    .collect();
    let help = move || {
        let units = match unit.get() {
            CohortUnit::Hour => "Hours of the clock",
            CohortUnit::Day => "Calendar days",
            CohortUnit::Week => "Calendar weeks, Monday to Sunday",
            CohortUnit::Month => "Calendar months",
        };
        format!("{units}, {}", zone.get())
    };
    view! {
        <section class="us-query__sec">
            <header>
                <h2>{move || if by_time.get() { "Group cohorts by" } else { "Unit of periods" }}</h2>
            </header>
            <Segmented
                legend="Unit"
                class="us-seg--fill"
                options=units
                value=unit
                on_change=Callback::new(move |unit| {
                    state.change("change the unit", None, |form| form.turn_to(unit));
                })
            />
            <p class="us-help">{help}</p>
        </section>
    }
    .into_any()
}

fn counting(state: State) -> AnyView {
    let form = state.form();
    let unit = Memo::new(move |_| form.with(|form| form.unit));
    let word = Memo::new(move |_| unit.get().unit().word());
    let matching = Memo::new(move |_| form.with(|form| form.matching));
    let cumulative =
        Memo::new(move |_| form.with(|form| form.cumulative && form.matching == QueryMatch::On));
    let options = Signal::derive(move || {
        let word = word.get();
        vec![
            SegmentedOption::new(QueryMatch::On, format!("In that {word}")),
            SegmentedOption::new(QueryMatch::OnOrAfter, format!("That {word} or later")),
        ]
    });
    let help = move || {
        let word = word.get();
        match (matching.get(), cumulative.get()) {
            (QueryMatch::OnOrAfter, _) => {
                format!("Whoever returned in the {word} or after it. Can still grow.")
            }
            (QueryMatch::On, true) => {
                format!("Whoever returned in the {word} or before it, since the start.")
            }
            (QueryMatch::On, false) => format!("Whoever returned in the {word} itself."),
        }
    };
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Count a return"</h2>
            </header>
            <Segmented
                legend="Which return counts"
                class="us-seg--fill"
                options
                value=matching
                on_change=Callback::new(move |matching| {
                    state.change("change which return counts", None, |form| form.matching = matching);
                })
            />
            <Show when=move || matching.get() == QueryMatch::On>
                <div class="cohort-line">
                    <Switch
                        on=cumulative
                        on_change=Callback::new(move |cumulative| {
                            state
                                .change(
                                    "change whether returns add up",
                                    None,
                                    |form| form.cumulative = cumulative,
                                );
                        })
                    >
                        "Cumulative"
                    </Switch>
                </div>
            </Show>
            <p class="us-help">{help}</p>
        </section>
        <section class="us-query__sec cohort-periods">
            <header>
                <h2>"Periods"</h2>
            </header>
            <NumberField
                label="How many after the first"
                value=Memo::new(move |_| form.with(|form| form.periods.clone()))
                on_change=Callback::new(move |periods: Entry| {
                    state
                        .change(
                            "change the number of periods",
                            Some("periods"),
                            |form| form.periods = periods,
                        );
                })
                error=Signal::derive(move || state.error_at("/periods"))
            />
            <p class="us-help">{move || format!("{} 0 is the one of the start.", unit_label(unit.get()))}</p>
        </section>
    }
    .into_any()
}

fn breakdown(state: State) -> AnyView {
    let form = state.form();
    let value =
        Memo::new(move |_| form.with(|form| form.generation.iter().cloned().collect::<Vec<_>>()));
    let events = Memo::new(move |_| {
        form.with(|form| {
            let last = form.start.all().last();
            last.and_then(|row| row.value.event.name())
                .map(str::to_owned)
                .into_iter()
                .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Breakdown"</h2>
            </header>
            <GroupByEditor
                value
                most=1
                events
                on_change=Callback::new(move |groups: Vec<GroupForm>| {
                    state
                        .change(
                            "change the breakdown",
                            None,
                            |form| form.generation = groups.into_iter().next(),
                        );
                })
            />
            <p class="us-help">
                {move || {
                    form
                        .with(|form| match &form.generation {
                            None => None,
                            Some(GroupForm::Segment(_)) => {
                                Some("A row for those in the segment, one for the others.")
                            }
                            Some(GroupForm::Property { .. }) => {
                                Some("A row for each value, in place of the time of the start.")
                            }
                        })
                }}
            </p>
        </section>
    }
    .into_any()
}

/// Puts events into a form that has none yet.
pub fn fill(form: &mut CohortForm, start: EventChoice, returning: EventChoice) {
    if let Some(id) = form.start.all().first().map(|row| row.id)
        && let Some(row) = form.start.get_mut(id)
    {
        row.value.event = start;
    }
    form.returning.event = returning;
}
