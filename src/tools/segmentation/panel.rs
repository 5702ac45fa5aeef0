//! The query panel: measures, formulas, when, who and by what.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::audience::AudienceForm;
use segments_forms::group::GroupForm;
use segments_forms::interval;
use segments_forms::number::Entry;
use segments_forms::occurrence::OccurrenceForm;
use segments_forms::range::RangeForm;
use segments_forms::rows::{RowId, Rows};
use segments_forms::segmentation::{
    FormulaForm, MOST_FORMULAS, MOST_GROUPINGS, MeasureRow, SegmentationForm, SeriesOf,
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
use crate::tool::state::ToolState;
use crate::tools::segmentation::figures::mark;

type State = ToolState<SegmentationForm>;

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
    let state = State::expect();
    let form = state.form();
    let rows = Memo::new(move |_| form.with(|form| form.measures.clone()));
    let formulas = Memo::new(move |_| form.with(|form| form.formulas.len()));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Measures"</h2>
            </header>
            <RowList
                rows
                kind=MEASURES
                title=|row: &MeasureRow| row.occurrence.event.words().to_owned()
                on_change=Callback::new(move |(label, rows): (String, Rows<MeasureRow>)| {
                    state.change(&label, None, |form| form.set_measures(rows));
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
                            state.change("add a measure", None, |form| {
                                form.measures.add(MeasureRow::default());
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
                            state.change("add a formula", None, |form| {
                                form.formulas.add(FormulaForm::default());
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
    let state = State::expect();
    let form = state.form();
    let row = Memo::new(move |_| {
        form.with(|form| {
            form.measures
                .get(id)
                .map(|row| row.value.clone())
                .unwrap_or_default()
        })
    });
    let place = Memo::new(move |_| form.with(|form| form.measures.place(id).unwrap_or_default()));
    let owner = Signal::derive(move || format!("measure {}", formula::letter(place.get())));
    view! {
        <OccurrenceEditor
            value=Signal::derive(move || row.with(|row| row.occurrence.clone()))
            on_change=Callback::new(move |(label, occurrence): (&'static str, OccurrenceForm)| {
                state.change(label, None, |form| {
                    if let Some(row) = form.measures.get_mut(id) {
                        row.value.occurrence = occurrence;
                    }
                });
            })
            owner
            middle=ViewFn::from(move || view! { <Aggregate id row owner /> })
        />
    }
    .into_any()
}

/// What is measured: the figure, its property, and whether it is the mean of the users' own.
#[component]
fn Aggregate(id: RowId, row: Memo<MeasureRow>, owner: Signal<String>) -> impl IntoView {
    let state = State::expect();
    let figure = Memo::new(move |_| row.with(|row| row.figure));
    let event = Memo::new(move |_| row.with(|row| row.occurrence.event.name().map(str::to_owned)));
    let change = move |label: &'static str, change: &dyn Fn(&mut MeasureRow)| {
        state.change(label, None, |form| {
            if let Some(row) = form.measures.get_mut(id) {
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
                    change("change what is measured", &|row| row.figure = figure);
                })
            />
            <Show when=move || figure.get().aggregate().is_some()>
                <PropertyPicker
                    value=Signal::derive(move || row.with(|row| row.property.clone()))
                    event
                    numbers=Signal::derive(move || {
                        figure.get().aggregate().is_some_and(|aggregate| aggregate.needs_numbers())
                    })
                    on_change=Callback::new(move |property: String| {
                        change("choose the property", &|row| row.property.clone_from(&property));
                    })
                />
            </Show>
            <Show when=move || figure.get() != Figure::Users>
                <span class="seg-per">
                    <Switch
                        on=Signal::derive(move || row.with(|row| row.per_user))
                        on_change=Callback::new(move |on| {
                            change("change whether it is per user", &|row| row.per_user = on);
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
    let state = State::expect();
    let form = state.form();
    let ids = Memo::new(move |_| {
        form.with(|form| {
            form.formulas
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
    let state = State::expect();
    let form = state.form();
    let row = Memo::new(move |_| {
        form.with(|form| {
            form.formulas
                .get(id)
                .map(|row| (row.value.clone(), row.hidden))
                .unwrap_or_default()
        })
    });
    let place = Memo::new(move |_| {
        form.with(|form| {
            (
                form.formulas.place(id).unwrap_or_default(),
                form.formulas.len(),
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
        state.change(label, key.as_deref(), |form| {
            if let Some(row) = form.formulas.get_mut(id) {
                change(&mut row.value);
            }
        });
    };
    let error = Signal::derive(move || {
        let (row, _) = row.get();
        // What was not begun is not wrong yet.
        if row.expression.trim().is_empty() {
            return None;
        }
        state.error_at(&format!("/formulas/{}", place.get().0))
    });
    let error_id = unique_id("formula-error");
    let describes = error_id.clone();
    let hidden = Memo::new(move |_| row.get().1);
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
                prop:value=move || row.get().0.name
                on:input=move |event| {
                    let text = event_target_value(&event);
                    change("name a formula", Some("name"), &|row| row.name.clone_from(&text));
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
                    state.change("hide or show a formula", None, |form| {
                        if let Some(row) = form.formulas.get_mut(id) {
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
                    state.change("remove a formula", None, |form| form.remove_formula(id));
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
                prop:value=move || row.get().0.expression
                on:input=move |event| {
                    let text = event_target_value(&event);
                    change("write a formula", Some("text"), &|row| row.expression.clone_from(&text));
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
    range: &RangeForm,
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
    let state = State::expect();
    let session = Session::expect();
    let form = state.form();
    let zone = Memo::new(move |_| {
        form.with(|form| form.zone.clone())
            .unwrap_or_else(|| session.zone().get())
    });
    let answered = state.answered();
    let stamp = Memo::new(move |_| {
        let stamp = answered
            .get()
            .map(|answered| answered.answer.stamp().clone());
        stamp.filter(|_| !state.is_stale())
    });
    let as_of = Memo::new(move |_| form.with(|form| form.as_of));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Date range"</h2>
            </header>
            <DateRangePicker
                value=Signal::derive(move || form.with(|form| form.range.clone()))
                zone
                stamp
                on_change=Callback::new(move |range: RangeForm| {
                    let first = untrack(|| session.project().map(|project| project.value.data.first_event_at)).flatten();
                    let now = session.now().get_untracked();
                    state.change("change the date range", Some("range"), |form| {
                        form.interval = zone.with_untracked(|zone| {
                            possible(form.interval, &range, first, now, zone)
                        });
                        form.range = range;
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
                                        state.change("ask as of now", None, |form| form.as_of = None);
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
    let state = State::expect();
    let form = state.form();
    view! {
        <AudienceEditor
            value=Signal::derive(move || form.with(|form| form.audience.clone()))
            on_change=Callback::new(move |audience: AudienceForm| {
                state.change("change the audience", None, |form| form.audience = audience);
            })
        />
    }
    .into_any()
}

#[component]
fn Breakdown() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let grouped = Memo::new(move |_| form.with(|form| !form.groups.is_empty()));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Breakdown"</h2>
            </header>
            <GroupByEditor
                value=Signal::derive(move || form.with(|form| form.groups.clone()))
                most=MOST_GROUPINGS
                events=Signal::derive(move || form.with(SegmentationForm::events))
                on_change=Callback::new(move |groups: Vec<GroupForm>| {
                    state.change("change the breakdown", None, |form| {
                        form.groups = groups;
                        // What was switched on or off were other groups.
                        form.series.clear();
                    });
                })
            />
            <Show when=move || grouped.get()>
                <div class="seg-most">
                    <NumberField
                        label="Number of groups, 10 if left empty"
                        value=Signal::derive(move || form.with(|form| form.max_groups.clone()))
                        on_change=Callback::new(move |entry: Entry| {
                            state.change("change the number of groups", Some("groups"), |form| {
                                form.max_groups = entry;
                            });
                        })
                        error=Signal::derive(move || state.error_at("/max_groups"))
                    />
                </div>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn More() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Time zone"</h2>
            </header>
            <ZonePicker
                value=Signal::derive(move || form.with(|form| form.zone.clone()))
                on_change=Callback::new(move |zone: Option<String>| {
                    state.change("change the time zone", None, |form| form.zone = zone);
                })
            />
        </section>
    }
    .into_any()
}
