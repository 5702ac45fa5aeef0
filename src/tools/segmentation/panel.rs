//! The query panel: measures, formulas, when, who and by what.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::audience::AudienceDraft;
use segments_forms::group::GroupDraft;
use segments_forms::interval;
use segments_forms::number::Entry;
use segments_forms::occurrence::OccurrenceDraft;
use segments_forms::range::RangeDraft;
use segments_forms::rows::{RowId, Rows};
use segments_forms::segmentation::{
    FormulaForm, MOST_FORMULAS, MOST_GROUPINGS, MeasureForm, SegmentationDraft, SeriesOf,
    figure_label,
};
use segments_model::Instant;
use segments_model::formula::{self, MAX_ROWS};
use segments_model::query::{Figure, Interval};
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon, Switch};

use crate::parts::audience::AudienceEditor;
use crate::parts::date_range::{DateRangePicker, ZonePicker};
use crate::parts::fields::{ErrorText, NumberField, Select};
use crate::parts::group::GroupByEditor;
use crate::parts::occurrence::OccurrenceEditor;
use crate::parts::pickers::PropertyPicker;
use crate::parts::rows::{RowKind, RowList};
use crate::shell::session::Session;
use crate::tool::state::Workbench;
use crate::tools::segmentation::figures::mark;

type Bench = Workbench<SegmentationDraft>;

const MEASURES: RowKind = RowKind {
    one: "measure",
    most: MAX_ROWS,
    least: 1,
    mark: |place| formula::letter(place).to_string(),
    hide: "Hide from the results",
    show: "Show in the results",
};

/// The sections of the panel.
#[component]
pub fn Panel() -> impl IntoView {
    view! {
        <Measures />
        <When />
        <Who />
        <Breakdown />
        <More />
    }
    .into_any()
}

#[component]
fn Measures() -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let rows = Memo::new(move |_| draft.with(|draft| draft.measures.clone()));
    let formulas = Memo::new(move |_| draft.with(|draft| draft.formulas.len()));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Measures"</h2>
            </header>
            <RowList
                rows
                kind=MEASURES
                title=|form: &MeasureForm| form.occurrence.event.words().to_owned()
                on_change=Callback::new(move |(label, rows): (String, Rows<MeasureForm>)| {
                    bench.change(&label, None, |draft| draft.set_measures(rows));
                })
                body=Callback::new(|id| view! { <Measure id /> }.into_any())
            />
            <Formulas />
            <div class="us-row us-row--3">
                <Show when=move || rows.with(|rows| rows.len() < MAX_ROWS)>
                    <button
                        class="us-add"
                        type="button"
                        on:click=move |_| {
                            bench.change("add a measure", None, |draft| {
                                draft.measures.add(MeasureForm::default());
                            });
                        }
                    >
                        <Icon glyph=Glyph::Plus />
                        "Add measure"
                    </button>
                </Show>
                <Show when=move || formulas.get() < MOST_FORMULAS>
                    <button
                        class="us-add"
                        type="button"
                        on:click=move |_| {
                            bench.change("add a formula", None, |draft| {
                                draft.formulas.add(FormulaForm::default());
                            });
                        }
                    >
                        <Icon glyph=Glyph::Sum />
                        "Formula"
                    </button>
                </Show>
            </div>
        </section>
    }
    .into_any()
}

/// What stands in a row: its event with what is measured of it, and its filters.
#[component]
fn Measure(id: RowId) -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let form = Memo::new(move |_| {
        draft.with(|draft| {
            draft
                .measures
                .get(id)
                .map(|row| row.value.clone())
                .unwrap_or_default()
        })
    });
    let place =
        Memo::new(move |_| draft.with(|draft| draft.measures.place(id).unwrap_or_default()));
    let owner = Signal::derive(move || format!("measure {}", formula::letter(place.get())));
    view! {
        <OccurrenceEditor
            value=Signal::derive(move || form.with(|form| form.occurrence.clone()))
            on_change=Callback::new(move |(label, occurrence): (&'static str, OccurrenceDraft)| {
                bench.change(label, None, |draft| {
                    if let Some(row) = draft.measures.get_mut(id) {
                        row.value.occurrence = occurrence;
                    }
                });
            })
            owner
            middle=ViewFn::from(move || view! { <Aggregate id form owner /> })
        />
    }
    .into_any()
}

/// What is measured: the figure, its property, and whether it is the mean of the users' own.
#[component]
fn Aggregate(id: RowId, form: Memo<MeasureForm>, owner: Signal<String>) -> impl IntoView {
    let bench = Bench::expect();
    let figure = Memo::new(move |_| form.with(|form| form.figure));
    let event =
        Memo::new(move |_| form.with(|form| form.occurrence.event.name().map(str::to_owned)));
    let change = move |label: &'static str, change: &dyn Fn(&mut MeasureForm)| {
        bench.change(label, None, |draft| {
            if let Some(row) = draft.measures.get_mut(id) {
                change(&mut row.value);
            }
        });
    };
    view! {
        <div class="seg-what">
            <Select
                label=format!("What is told of {}", owner.get_untracked())
                bare=true
                options=Figure::ALL.into_iter().map(|figure| (figure, figure_label(figure))).collect()
                value=figure
                on_change=Callback::new(move |figure| {
                    change("change what is measured", &|form| form.figure = figure);
                })
            />
            <Show when=move || figure.get().aggregate().is_some()>
                <PropertyPicker
                    value=Signal::derive(move || form.with(|form| form.property.clone()))
                    event
                    numbers=Signal::derive(move || {
                        figure.get().aggregate().is_some_and(|aggregate| aggregate.needs_numbers())
                    })
                    on_change=Callback::new(move |property: String| {
                        change("choose the property", &|form| form.property.clone_from(&property));
                    })
                />
            </Show>
            <Show when=move || figure.get() != Figure::Users>
                <span class="seg-per">
                    <Switch
                        on=Signal::derive(move || form.with(|form| form.per_user))
                        on_change=Callback::new(move |on| {
                            change("change whether it is per user", &|form| form.per_user = on);
                        })
                    >
                        "Average per user"
                    </Switch>
                </span>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Formulas() -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let ids = Memo::new(move |_| {
        draft.with(|draft| {
            draft
                .formulas
                .all()
                .iter()
                .map(|row| row.id)
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty())>
            <ol class="seg-formulas">
                <For each=move || ids.get() key=|id| *id children=move |id| view! { <FormulaRow id /> } />
            </ol>
            <p class="us-help seg-help">
                "Measures by their letters, numbers, + \u{2212} * / and brackets, such as (A \u{2212} B) / A * 100."
            </p>
        </Show>
    }
    .into_any()
}

#[component]
fn FormulaRow(id: RowId) -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let form = Memo::new(move |_| {
        draft.with(|draft| {
            draft
                .formulas
                .get(id)
                .map(|row| (row.value.clone(), row.hidden))
                .unwrap_or_default()
        })
    });
    let place = Memo::new(move |_| {
        draft.with(|draft| {
            (
                draft.formulas.place(id).unwrap_or_default(),
                draft.formulas.len(),
            )
        })
    });
    let sign = move || {
        let (place, of) = place.get();
        mark(SeriesOf::Formula(place), of)
    };
    let named = move |what: &str| format!("{what} of formula {}", place.get().0 + 1);
    let change = move |label: &str, key: Option<&str>, change: &dyn Fn(&mut FormulaForm)| {
        let key = key.map(|key| format!("formula {id:?} {key}"));
        bench.change(label, key.as_deref(), |draft| {
            if let Some(row) = draft.formulas.get_mut(id) {
                change(&mut row.value);
            }
        });
    };
    let error = Signal::derive(move || {
        let (form, _) = form.get();
        // What was not begun is not wrong yet.
        if form.expression.trim().is_empty() {
            return None;
        }
        bench.error_at(&format!("/formulas/{}", place.get().0))
    });
    let error_id = unique_id("formula-error");
    let describes = error_id.clone();
    let hidden = Memo::new(move |_| form.get().1);
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
                aria-label=move || named("Name")
                prop:value=move || form.get().0.name
                on:input=move |event| {
                    let text = event_target_value(&event);
                    change("name a formula", Some("name"), &|form| form.name.clone_from(&text));
                }
            />
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                aria-label=move || {
                    let what = if hidden.get() { "Show" } else { "Hide" };
                    format!("{what} formula {}", place.get().0 + 1)
                }
                aria-pressed=move || hidden.get().to_string()
                on:click=move |_| {
                    bench.change("hide or show a formula", None, |draft| {
                        if let Some(row) = draft.formulas.get_mut(id) {
                            row.hidden = !row.hidden;
                        }
                    });
                }
            >
                {move || {
                    let glyph = if hidden.get() { Glyph::Not } else { Glyph::Eye };
                    view! { <Icon glyph small=true /> }
                }}
            </button>
            <button
                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                type="button"
                aria-label=move || format!("Remove formula {}", place.get().0 + 1)
                on:click=move |_| {
                    bench.change("remove a formula", None, |draft| draft.remove_formula(id));
                }
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
                aria-label=move || named("Expression")
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || error.get().map(|_| describes.clone())
                prop:value=move || form.get().0.expression
                on:input=move |event| {
                    let text = event_target_value(&event);
                    change("write a formula", Some("text"), &|form| form.expression.clone_from(&text));
                }
            />
            <ErrorText id=error_id error />
        </li>
    }
    .into_any()
}

/// The interval that there is, or another one where it would cut the range into more buckets than an answer may have.
fn possible(
    interval: Interval,
    range: &RangeDraft,
    first_event: Option<Instant>,
    now: Instant,
    zone: &str,
) -> Interval {
    let Ok(range) = range.range() else {
        return interval;
    };
    let local = |instant| format::local(instant, zone);
    let (bounds, first) = (range.local_bounds(now, local), first_event.map(local));
    match interval::refusal(interval, bounds, first) {
        Some(_) => interval::fitting(interval, bounds, first),
        None => interval,
    }
}

#[component]
fn When() -> impl IntoView {
    let bench = Bench::expect();
    let session = Session::expect();
    let draft = bench.draft();
    let zone = Memo::new(move |_| {
        draft
            .with(|draft| draft.zone.clone())
            .unwrap_or_else(|| session.zone().get())
    });
    let answered = bench.answered();
    let stamp = Memo::new(move |_| {
        let stamp = answered
            .get()
            .map(|answered| answered.answer.stamp().clone());
        stamp.filter(|_| !bench.is_stale())
    });
    let as_of = Memo::new(move |_| draft.with(|draft| draft.as_of));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Date range"</h2>
            </header>
            <DateRangePicker
                value=Signal::derive(move || draft.with(|draft| draft.range.clone()))
                zone
                stamp
                on_change=Callback::new(move |range: RangeDraft| {
                    let first = untrack(|| session.project().map(|project| project.value.data.first_event_at)).flatten();
                    let now = session.now().get_untracked();
                    bench.change("change the date range", Some("range"), |draft| {
                        draft.interval = zone.with_untracked(|zone| {
                            possible(draft.interval, &range, first, now, zone)
                        });
                        draft.range = range;
                    });
                })
            />
            {move || {
                as_of
                    .get()
                    .map(|as_of| {
                        let words = format!("As of {}", format::date_time(as_of, &zone.get()));
                        view! {
                            <span class="us-chip seg-chip">
                                <Icon glyph=Glyph::Clock />
                                {words}
                                <button
                                    type="button"
                                    aria-label="Ask as of now"
                                    on:click=move |_| {
                                        bench.change("ask as of now", None, |draft| draft.as_of = None);
                                    }
                                >
                                    <Icon glyph=Glyph::Cross />
                                </button>
                            </span>
                        }
                    })
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Who() -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    view! {
        <AudienceEditor
            value=Signal::derive(move || draft.with(|draft| draft.audience.clone()))
            on_change=Callback::new(move |audience: AudienceDraft| {
                bench.change("change the audience", None, |draft| draft.audience = audience);
            })
        />
    }
    .into_any()
}

#[component]
fn Breakdown() -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    let grouped = Memo::new(move |_| draft.with(|draft| !draft.groups.is_empty()));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Breakdown"</h2>
            </header>
            <GroupByEditor
                value=Signal::derive(move || draft.with(|draft| draft.groups.clone()))
                most=MOST_GROUPINGS
                events=Signal::derive(move || draft.with(SegmentationDraft::events))
                on_change=Callback::new(move |groups: Vec<GroupDraft>| {
                    bench.change("change the breakdown", None, |draft| {
                        draft.groups = groups;
                        // What was switched on or off were other groups.
                        draft.series.clear();
                    });
                })
            />
            <Show when=move || grouped.get()>
                <div class="seg-most">
                    <NumberField
                        label="Number of groups, 10 if left empty"
                        value=Signal::derive(move || draft.with(|draft| draft.max_groups.clone()))
                        on_change=Callback::new(move |entry: Entry| {
                            bench.change("change the number of groups", Some("groups"), |draft| {
                                draft.max_groups = entry;
                            });
                        })
                        error=Signal::derive(move || bench.error_at("/max_groups"))
                    />
                </div>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn More() -> impl IntoView {
    let bench = Bench::expect();
    let draft = bench.draft();
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Time zone"</h2>
            </header>
            <ZonePicker
                value=Signal::derive(move || draft.with(|draft| draft.zone.clone()))
                on_change=Callback::new(move |zone: Option<String>| {
                    bench.change("change the time zone", None, |draft| draft.zone = zone);
                })
            />
        </section>
    }
    .into_any()
}
