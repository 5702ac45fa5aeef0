//! The query panel: who starts, who returns, and how the two are counted.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::cohort::{CohortDraft, MeasureChoice};
use segments_forms::event::EventChoice;
use segments_forms::group::GroupDraft;
use segments_forms::number::Entry;
use segments_forms::occurrence::OccurrenceDraft;
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
use crate::tool::state::Workbench;

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

type Bench = Workbench<CohortDraft>;

/// The sections of the panel.
pub fn panel() -> AnyView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let as_of = Memo::new(move |_| draft.with(|draft| draft.as_of));
    view! {
        <Start />
        <Return />
        {grouping(bench)}
        {counting(bench)}
        <section class="us-query__sec">
            <header>
                <h2>"Cohorts from"</h2>
            </header>
            <DateRangePicker
                value=Memo::new(move |_| draft.with(|draft| draft.during.clone()))
                zone=zone(bench)
                stamp=Signal::derive(move || {
                    let answered = bench.answered().get().filter(|_| !bench.is_stale());
                    answered.map(|answered| answered.answer.stamp().clone())
                })
                on_change=Callback::new(move |during| {
                    bench.change("change the date range", Some("during"), |draft| draft.during = during);
                })
            />
            {move || as_of.get().map(|as_of| pinned(bench, as_of))}
        </section>
        <AudienceEditor
            value=Memo::new(move |_| draft.with(|draft| draft.audience.clone()))
            on_change=Callback::new(move |audience| {
                bench.change("change the audience", None, |draft| draft.audience = audience);
            })
        />
        {breakdown(bench)}
        <section class="us-query__sec">
            <header>
                <h2>"Time zone"</h2>
            </header>
            <ZonePicker
                value=Memo::new(move |_| draft.with(|draft| draft.time_zone.clone()))
                on_change=Callback::new(move |zone| {
                    bench.change("change the time zone", None, |draft| draft.time_zone = zone);
                })
            />
        </section>
    }
    .into_any()
}

/// The instant that the query is asked for, which can be given up for now.
fn pinned(bench: Bench, as_of: Instant) -> impl IntoView {
    let zone = zone(bench);
    view! {
        <span class="us-chip cohort-chip">
            <Icon glyph=Glyph::Clock />
            {move || format!("As of {}", format::date_time(as_of, &zone.get()))}
            <button
                type="button"
                aria-label="Ask as of now"
                on:click=move |_| bench.change("ask as of now", None, |draft| draft.as_of = None)
            >
                <Icon glyph=Glyph::Cross />
            </button>
        </span>
    }
}

/// The zone that the query is asked in.
fn zone(bench: Bench) -> Memo<String> {
    let session = Session::expect();
    Memo::new(move |_| {
        bench
            .draft()
            .with(|draft| draft.time_zone.clone())
            .unwrap_or_else(|| session.zone().get())
    })
}

#[component]
fn Start() -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let rows = Memo::new(move |_| draft.with(|draft| draft.start.clone()));
    let first_time = Memo::new(move |_| draft.with(|draft| draft.first_time));
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
                on_change=Callback::new(move |(label, value): (&'static str, OccurrenceDraft)| {
                    bench
                        .change(
                            label,
                            None,
                            |draft| {
                                if let Some(row) = draft.start.get_mut(id) {
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
                title=|start: &OccurrenceDraft| start.event.words().to_owned()
                on_change=Callback::new(move |(label, rows): (String, Rows<OccurrenceDraft>)| {
                    bench.change(&label, None, |draft| draft.start = rows);
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
                        bench
                            .change(
                                "change which start counts",
                                None,
                                |draft| draft.first_time = first_time,
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
                        bench
                            .change(
                                "add a start",
                                None,
                                |draft| {
                                    draft.start.add(OccurrenceDraft::default());
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
    let bench = Bench::expect();
    let draft = bench.draft();
    let measure = Memo::new(move |_| draft.with(|draft| draft.measure));
    let event = Memo::new(move |_| draft.with(|draft| draft.returning.event.clone()));
    let sum = move || {
        (measure.get() == MeasureChoice::Sum).then(|| {
            view! {
                <PropertyPicker
                    value=Memo::new(move |_| draft.with(|draft| draft.property.clone()))
                    event=Signal::derive(move || event.with(|event| event.name().map(str::to_owned)))
                    numbers=true
                    on_change=Callback::new(move |property: String| {
                        bench.change("change what is added up", None, |draft| draft.property = property);
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
                    value=Memo::new(move |_| draft.with(|draft| draft.returning.clone()))
                    with_did=false
                    owner="the return"
                    on_change=Callback::new(move |(label, value): (&'static str, OccurrenceDraft)| {
                        bench.change(label, None, |draft| draft.returning = value);
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
                        bench.change("change what a cell tells", None, |draft| draft.measure = measure);
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

fn grouping(bench: Bench) -> AnyView {
    let draft = bench.draft();
    let unit = Memo::new(move |_| draft.with(|draft| draft.unit));
    let by_time = Memo::new(move |_| draft.with(|draft| draft.generation.is_none()));
    let zone = zone(bench);
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
                    bench.change("change the unit", None, |draft| draft.turn_to(unit));
                })
            />
            <p class="us-help">{help}</p>
        </section>
    }
    .into_any()
}

fn counting(bench: Bench) -> AnyView {
    let draft = bench.draft();
    let unit = Memo::new(move |_| draft.with(|draft| draft.unit));
    let word = Memo::new(move |_| unit.get().unit().word());
    let matching = Memo::new(move |_| draft.with(|draft| draft.matching));
    let cumulative = Memo::new(move |_| {
        draft.with(|draft| draft.cumulative && draft.matching == QueryMatch::On)
    });
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
                    bench.change("change which return counts", None, |draft| draft.matching = matching);
                })
            />
            <Show when=move || matching.get() == QueryMatch::On>
                <div class="cohort-line">
                    <Switch
                        on=cumulative
                        on_change=Callback::new(move |cumulative| {
                            bench
                                .change(
                                    "change whether returns add up",
                                    None,
                                    |draft| draft.cumulative = cumulative,
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
                value=Memo::new(move |_| draft.with(|draft| draft.periods.clone()))
                on_change=Callback::new(move |periods: Entry| {
                    bench
                        .change(
                            "change the number of periods",
                            Some("periods"),
                            |draft| draft.periods = periods,
                        );
                })
                error=Signal::derive(move || bench.error_at("/periods"))
            />
            <p class="us-help">{move || format!("{} 0 is the one of the start.", unit_label(unit.get()))}</p>
        </section>
    }
    .into_any()
}

fn breakdown(bench: Bench) -> AnyView {
    let draft = bench.draft();
    let value = Memo::new(move |_| {
        draft.with(|draft| draft.generation.iter().cloned().collect::<Vec<_>>())
    });
    let events = Memo::new(move |_| {
        draft.with(|draft| {
            let last = draft.start.all().last();
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
                on_change=Callback::new(move |groups: Vec<GroupDraft>| {
                    bench
                        .change(
                            "change the breakdown",
                            None,
                            |draft| draft.generation = groups.into_iter().next(),
                        );
                })
            />
            <p class="us-help">
                {move || {
                    draft
                        .with(|draft| match &draft.generation {
                            None => None,
                            Some(GroupDraft::Segment(_)) => {
                                Some("A row for those in the segment, one for the others.")
                            }
                            Some(GroupDraft::Property { .. }) => {
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
pub fn fill(draft: &mut CohortDraft, start: EventChoice, returning: EventChoice) {
    if let Some(id) = draft.start.all().first().map(|row| row.id)
        && let Some(row) = draft.start.get_mut(id)
    {
        row.value.event = start;
    }
    draft.returning.event = returning;
}
