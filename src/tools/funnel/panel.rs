//! The query panel of a funnel.

use leptos::prelude::*;
use segments_forms::audience::AudienceForm;
use segments_forms::funnel::{
    At, Breakdown, ExclusionForm, FunnelChart, FunnelForm, LimitForm, MOST_EXCLUSIONS, StepForm,
};
use segments_forms::group::GroupForm;
use segments_forms::number::Entry;
use segments_forms::occurrence::OccurrenceForm;
use segments_forms::range::RangeForm;
use segments_forms::rows::{RowId, Rows};
use segments_model::criterion::{Order, WithinOf};
use segments_model::filter::Scope;
use segments_model::range::WindowUnit;
use segments_model::validate::MAX_PARTS;
use segments_ui::dom::unique_id;
use segments_ui::tabs::{Segmented, SegmentedOption};
use segments_ui::{Glyph, Icon, PopoverButton};

use crate::parts::audience::AudienceEditor;
use crate::parts::date_range::{DateRangePicker, ZonePicker};
use crate::parts::fields::{ErrorText, NumberField, Select};
use crate::parts::group::GroupByEditor;
use crate::parts::occurrence::OccurrenceEditor;
use crate::parts::rows::{AddRow, RowKind, RowList, number_mark};
use crate::parts::vocabulary::Vocabulary;
use crate::shell::session::Session;
use crate::tool::state::ToolState;
use crate::tools::funnel::over_time::IntervalSelect;
use crate::tools::funnel::state::bounds_of;

type State = ToolState<FunnelForm>;

/// What the page knows about steps.
pub const STEP: RowKind = RowKind {
    one: "step",
    most: MAX_PARTS,
    least: 0,
    mark: number_mark,
    hide: "Leave this step out",
    show: "Take this step in again",
};

/// The sections of the panel.
#[component]
pub fn Panel() -> impl IntoView {
    view! {
        <Steps />
        <StepOrder />
        <Limit />
        <Exclusions />
        <When />
        <Audience />
        <BreakdownBy />
    }
    .into_any()
}

/// A text that is not said again while it stays the same.
fn error_at(state: State, place: &'static str) -> Signal<Option<String>> {
    Memo::new(move |_| state.error_at(place)).into()
}

/// What is wrong at exactly a place.
fn error_here(state: State, place: &'static str) -> Signal<Option<String>> {
    Memo::new(move |_| {
        state.query().with(|query| {
            query
                .as_ref()
                .err()?
                .iter()
                .find(|error| error.pointer == place)
                .map(|error| error.detail.clone())
        })
    })
    .into()
}

#[component]
fn Problem(error: Signal<Option<String>>) -> impl IntoView {
    view! { <ErrorText id=unique_id("funnel-error") error /> }
}

fn title_of(step: &StepForm) -> String {
    step.what.event.words().to_owned()
}

#[component]
fn Steps() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let rows = Signal::derive(move || form.with(|form| form.steps.clone()));
    let on_change = Callback::new(move |(label, rows): (String, Rows<StepForm>)| {
        state.change(&label, None, |form| form.set_steps(rows));
    });
    let count = move || {
        form.with(|form| {
            let live = form.live().count();
            let left_out = form.steps.len() - live;
            if left_out == 0 {
                format!("{live} of {}", form.most_steps())
            } else {
                format!("{live} of {}, {left_out} left out", form.most_steps())
            }
        })
    };
    let is_any = Memo::new(move |_| form.with(|form| form.order == Order::Any));
    let error = error_here(state, "/steps");
    // A form that nobody has begun with yet is not wrong; what to do is said where the answer will be.
    let steps_error = Signal::derive(move || {
        error
            .get()
            .filter(|_| form.with(|form| !form.steps.is_empty()))
    });
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Steps"</h2>
                <span class="us-xs us-muted">{count}</span>
            </header>
            <RowList
                rows
                kind=STEP
                title=title_of
                on_change
                body=Callback::new(move |id| view! { <StepBody id /> }.into_any())
            />
            {move || {
                let kind = RowKind {
                    most: form.with_untracked(FunnelForm::most_steps),
                    ..STEP
                };
                is_any.track();
                view! { <AddRow rows kind blank=StepForm::default on_change /> }
            }}
            <OptionalSteps />
            <Problem error=steps_error />
        </section>
    }
    .into_any()
}

#[component]
fn StepBody(id: RowId) -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let value = Memo::new(move |_| {
        form.with(|form| {
            form.steps
                .get(id)
                .map(|row| row.value.what.clone())
                .unwrap_or_default()
        })
    });
    let owner = Signal::derive(move || form.with(|form| format!("step {}", form.number(id))));
    let on_change = Callback::new(move |(label, what): (&'static str, OccurrenceForm)| {
        let key = format!("{}/{label}", owner.get_untracked());
        state.change(label, Some(&key), |form| {
            if let Some(row) = form.steps.get_mut(id) {
                row.value.what = what;
            }
        });
    });
    let optional = Memo::new(move |_| is_optional(form, id));
    let error = Signal::derive(move || {
        let place = form.with(|form| form.step_pointer(id))?;
        state.error_at(&format!("{place}/optional"))
    });
    view! {
        <OccurrenceEditor value on_change owner />
        <Show when=move || optional.get()>
            <span class="funnel-optional">
                <span class="us-badge">"Optional"</span>
            </span>
        </Show>
        <Problem error />
    }
    .into_any()
}

fn is_optional(form: Memo<FunnelForm>, id: RowId) -> bool {
    form.with(|form| form.steps.get(id).is_some_and(|row| row.value.optional))
}

/// Which steps are optional, a button a step that can be.
#[component]
fn OptionalSteps() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let ids = Memo::new(move |_| {
        form.with(|form| {
            form.live()
                .filter(|row| row.value.optional || form.optional_problem(row.id).is_none())
                .map(|row| row.id)
                .collect::<Vec<_>>()
        })
    });
    let number = move |id| form.with(|form| form.number(id));
    let toggle = move |id| {
        let optional = !untrack(|| is_optional(form, id));
        let number = untrack(|| number(id));
        let label = if optional {
            format!("make step {number} optional")
        } else {
            format!("make step {number} required")
        };
        state.change(&label, None, |form| {
            if let Some(row) = form.steps.get_mut(id) {
                row.value.optional = optional;
            }
        });
    };
    view! {
        <Show when=move || !ids.with(Vec::is_empty)>
            <div class="funnel-optionals" role="group" aria-label="Optional steps">
                <span class="funnel-word">"Optional"</span>
                <For
                    each=move || ids.get()
                    key=|id| *id
                    children=move |id| {
                        view! {
                            <button
                                class="us-chip us-chip--pick"
                                type="button"
                                aria-pressed=move || is_optional(form, id).to_string()
                                aria-label=move || format!("Step {} is optional", number(id))
                                on:click=move |_| toggle(id)
                            >
                                {move || number(id)}
                            </button>
                        }
                    }
                />
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn StepOrder() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let order = Memo::new(move |_| form.with(|form| form.order));
    let options = vec![
        SegmentedOption::new(Order::Sequential, "This order"),
        SegmentedOption::new(Order::Any, "Any order"),
        SegmentedOption::new(Order::Strict, "Strict"),
    ];
    let help = move || match order.get() {
        Order::Sequential => "Each step later than the one before; other events may lie between.",
        Order::Any => "Different events serve the steps, whichever comes first.",
        Order::Strict => "Each step is the very next event of the user.",
    };
    let clash = Memo::new(move |_| {
        form.with(|form| {
            form.order == Order::Any
                && (form.live_exclusions().next().is_some()
                    || form.live().any(|row| row.value.optional))
        })
    });
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Order of steps"</h2>
            </header>
            <Segmented
                legend="Order of steps"
                class="us-seg--fill"
                options
                value=order
                on_change=Callback::new(move |order| {
                    state.change("change the order of steps", None, |form| form.order = order);
                })
            />
            <p class="us-help funnel-help">{help}</p>
            <Show when=move || clash.get()>
                <div class="us-banner us-banner--warn funnel-clash" role="status">
                    <Icon glyph=Glyph::Warning small=true />
                    <span class="us-grow">
                        "In any order no step is optional and nothing lies between two."
                    </span>
                    <button
                        class="us-btn us-btn--sm"
                        type="button"
                        on:click=move |_| {
                            state.change("fit the steps to any order", None, FunnelForm::fit_any_order);
                        }
                    >
                        "Require all, drop exclusions"
                    </button>
                </div>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Limit() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let limit = Memo::new(move |_| form.with(|form| form.limit.clone()));
    let change = move |change: &dyn Fn(&mut LimitForm)| {
        state.change("change the time to convert", Some("limit"), |form| {
            change(&mut form.limit);
        });
    };
    let of = Memo::new(move |_| limit.with(|limit| limit.of));
    let wrong = Memo::new(move |_| limit.with(|limit| limit.within().is_err()));
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Convert within"</h2>
            </header>
            <PopoverButton
                class=Signal::derive(move || {
                    let bad = if wrong.get() { " us-tok--bad" } else { "" };
                    format!("us-tok us-tok--fill{bad}")
                })
                button=ViewFn::from(move || {
                    view! {
                        <Icon glyph=Glyph::Clock />
                        <span class="us-truncate">{limit.with(LimitForm::words)}</span>
                        <Icon glyph=Glyph::Down />
                    }
                })
                panel_label="Convert within"
            >
                <div class="us-popover__body">
                    <Select
                        label="How long it may take"
                        options=vec![
                            (None, "As long as it takes"),
                            (Some(WithinOf::Funnel), "From step 1 to the last"),
                            (Some(WithinOf::Step), "From each step to the next"),
                        ]
                        value=of
                        on_change=Callback::new(move |of| change(&|limit| limit.of = of))
                    />
                    <Show when=move || of.get().is_some()>
                        <div class="query-pair">
                            <NumberField
                                label="At most"
                                value=Signal::derive(move || limit.with(|limit| limit.count.clone()))
                                on_change=Callback::new(move |count: Entry| {
                                    change(&|limit| limit.count = count.clone());
                                })
                                error=error_at(state, "/within")
                            />
                            <Select
                                label="Unit"
                                options=vec![
                                    (WindowUnit::Second, "seconds"),
                                    (WindowUnit::Minute, "minutes"),
                                    (WindowUnit::Hour, "hours"),
                                    (WindowUnit::Day, "days"),
                                    (WindowUnit::Week, "weeks"),
                                ]
                                value=Signal::derive(move || limit.with(|limit| limit.unit))
                                on_change=Callback::new(move |unit| change(&|limit| limit.unit = unit))
                            />
                        </div>
                    </Show>
                    <p class="us-help">"The limit itself is inside. A day is 24 hours."</p>
                </div>
            </PopoverButton>
        </section>
    }
    .into_any()
}

/// What an exclusion's list or the breakdown's list of steps offers: number and name.
fn step_options(form: &FunnelForm, vocabulary: Vocabulary) -> Vec<(RowId, String)> {
    form.steps
        .all()
        .iter()
        .map(|row| {
            let name = if row.name.is_empty() {
                row.value.what.event.name().map_or_else(
                    || row.value.what.event.words().to_owned(),
                    |name| vocabulary.event_label(name),
                )
            } else {
                row.name.clone()
            };
            let left_out = if row.hidden { " (left out)" } else { "" };
            (row.id, format!("{} {name}{left_out}", form.number(row.id)))
        })
        .collect()
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
    /// Whether what was chosen is gone, so that nothing is chosen.
    #[prop(into, optional)]
    gone: Signal<bool>,
    /// What is wrong with it.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    on_change: Callback<Option<RowId>>,
) -> impl IntoView {
    let form = State::expect().form();
    let vocabulary = Vocabulary::expect();
    let steps = Memo::new(move |_| form.with(|form| step_options(form, vocabulary)));
    let choose = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        let id = place
            .and_then(|place| steps.with_untracked(|steps| steps.get(place).map(|(id, _)| *id)));
        on_change.run(id);
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
                    <option value="" prop:selected=move || value.get().is_none() && !gone.get()>
                        {none}
                    </option>
                </Show>
                {move || {
                    steps
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(place, (id, name))| {
                            view! {
                                <option value=place.to_string() prop:selected=move || value.get() == Some(id)>
                                    {name}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
            <Icon glyph=Glyph::Down small=true />
        </span>
    }
    .into_any()
}

#[component]
fn Exclusions() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let ids = Memo::new(move |_| {
        form.with(|form| {
            form.exclusions
                .all()
                .iter()
                .map(|row| row.id)
                .collect::<Vec<_>>()
        })
    });
    let blocked = Memo::new(move |_| {
        form.with(|form| {
            if form.order == Order::Any {
                Some("In any order nothing lies between two steps")
            } else if form.live().count() < 2 {
                Some("There have to be two steps for something to lie between")
            } else if form.exclusions.len() >= MOST_EXCLUSIONS {
                Some("There are as many exclusions as can be")
            } else {
                None
            }
        })
    });
    let list = unique_id("exclusions");
    let added = list.clone();
    let add = move |_| {
        state.change("add an exclusion", None, |form| {
            let exclusion = form.new_exclusion();
            form.exclusions.add(exclusion);
        });
        crate::parts::fields::open_first_unset(added.clone());
    };
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Exclusions"</h2>
            </header>
            <ul class="funnel-exclusions" id=list>
                <For
                    each=move || ids.get()
                    key=|id| *id
                    children=move |id| view! { <ExclusionRow id /> }
                />
            </ul>
            <Problem error=error_here(state, "/exclude") />
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
        </section>
    }
    .into_any()
}

#[component]
fn ExclusionRow(id: RowId) -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let exclusion = Memo::new(move |_| {
        form.with(|form| {
            form.exclusions
                .get(id)
                .map(|row| row.value.clone())
                .unwrap_or_default()
        })
    });
    let number = Memo::new(move |_| {
        form.with(|form| form.exclusions.place(id).map_or(0, |place| place + 1))
    });
    let left_out = Memo::new(move |_| form.with(|form| form.is_left_out(&exclusion.get())));
    let change = move |label: &str, key: Option<&str>, change: &dyn Fn(&mut ExclusionForm)| {
        state.change(label, key, |form| {
            if let Some(row) = form.exclusions.get_mut(id) {
                change(&mut row.value);
            }
        });
    };
    let on_what = Callback::new(move |(label, what): (&'static str, OccurrenceForm)| {
        let key = format!("exclusion {}/{label}", number.get_untracked());
        change(label, Some(&key), &|exclusion| {
            exclusion.what = what.clone()
        });
    });
    let error = move |part: &'static str| {
        Signal::derive(move || {
            let place = form.with(|form| form.exclusion_pointer(id))?;
            state.error_at(&format!("{place}{part}"))
        })
    };
    let ends = Signal::derive(move || error("/from").get().or_else(|| error("/to").get()));
    view! {
        <li
            class="funnel-exclusion"
            class:is-left-out=move || left_out.get()
            aria-label=move || format!("Exclusion {}", number.get())
        >
            <div class="funnel-exclusion__what">
                <span class="funnel-word">"Without"</span>
                <div class="us-grow funnel-exclusion__event">
                    <OccurrenceEditor
                        value=Signal::derive(move || exclusion.with(|exclusion| exclusion.what.clone()))
                        on_change=on_what
                        owner=Signal::derive(move || format!("exclusion {}", number.get()))
                        with_did=false
                    />
                </div>
                <button
                    class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                    type="button"
                    aria-label=move || format!("Remove exclusion {}", number.get())
                    on:click=move |_| {
                        let label = format!("remove exclusion {}", number.get_untracked());
                        state.change(&label, None, |form| form.exclusions.remove(id));
                    }
                >
                    <Icon glyph=Glyph::Cross small=true />
                </button>
            </div>
            <div class="funnel-exclusion__ends">
                <span class="funnel-word">"between"</span>
                <StepSelect
                    label=Signal::derive(move || format!("Exclusion {}: after", number.get()))
                    value=Signal::derive(move || exclusion.with(|exclusion| exclusion.from))
                    none="Choose a step"
                    error=error("/from")
                    on_change=Callback::new(move |step| {
                        change("change an exclusion", None, &|exclusion| exclusion.from = step);
                    })
                />
                <span class="funnel-word">"and"</span>
                <StepSelect
                    label=Signal::derive(move || format!("Exclusion {}: before", number.get()))
                    value=Signal::derive(move || exclusion.with(|exclusion| exclusion.to))
                    none="Choose a step"
                    error=error("/to")
                    on_change=Callback::new(move |step| {
                        change("change an exclusion", None, &|exclusion| exclusion.to = step);
                    })
                />
            </div>
            <Show when=move || left_out.get()>
                <p class="us-help">"Left out with its step."</p>
            </Show>
            <Problem error=ends />
        </li>
    }
    .into_any()
}

#[component]
fn When() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let session = Session::expect();
    let zone = Signal::derive(move || {
        form.with(|form| form.time_zone.clone())
            .unwrap_or_else(|| session.zone().get())
    });
    let over_time = Memo::new(move |_| form.with(|form| form.chart == FunnelChart::OverTime));
    let answered = state.answered();
    let stamp = Signal::derive(move || {
        if state.is_stale() {
            return None;
        }
        answered.with(|answered| {
            answered
                .as_ref()
                .map(|answered| answered.answer.stamp().clone())
        })
    });
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Date range"</h2>
                <span class="us-xs us-muted">"when step 1 happened"</span>
            </header>
            <div class="us-stack funnel-when">
                <DateRangePicker
                    value=Signal::derive(move || form.with(|form| form.during.clone()))
                    zone
                    stamp
                    on_change=Callback::new(move |during: RangeForm| {
                        state.change("change the date range", Some("during"), |form| {
                            form.during = during;
                            let bounds = bounds_of(form, session);
                            form.fit_interval(bounds);
                        });
                    })
                />
                <ZonePicker
                    value=Signal::derive(move || form.with(|form| form.time_zone.clone()))
                    on_change=Callback::new(move |zone: Option<String>| {
                        state.change("change the time zone", None, |form| form.time_zone = zone);
                    })
                />
                // Beside the chart too; here also where there is no answer, as the interval is too short for one.
                <Show when=move || over_time.get()>
                    <IntervalSelect />
                </Show>
            </div>
            <Problem error=error_at(state, "/during") />
        </section>
    }
    .into_any()
}

#[component]
fn Audience() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    view! {
        <AudienceEditor
            value=Signal::derive(move || form.with(|form| form.audience.clone()))
            on_change=Callback::new(move |audience: AudienceForm| {
                state.change("change the audience", Some("audience"), |form| form.audience = audience);
            })
        />
    }
    .into_any()
}

#[component]
fn BreakdownBy() -> impl IntoView {
    let state = State::expect();
    let form = state.form();
    let value = Signal::derive(move || {
        form.with(|form| {
            form.breakdown
                .as_ref()
                .map(|breakdown| breakdown.by.clone())
                .into_iter()
                .collect::<Vec<_>>()
        })
    });
    let events = Signal::derive(move || {
        form.with(|form| {
            form.live()
                .filter_map(|row| row.value.what.event.name().map(str::to_owned))
                .collect::<Vec<_>>()
        })
    });
    let of_event = Memo::new(move |_| {
        form.with(|form| {
            matches!(
                &form.breakdown,
                Some(Breakdown {
                    by: GroupForm::Property {
                        scope: Scope::Event,
                        ..
                    },
                    ..
                })
            )
        })
    });
    let at = Signal::derive(move || {
        form.with(|form| match form.breakdown.as_ref()?.at {
            At::All => None,
            At::Step(id) => form.steps.get(id).map(|row| row.id),
        })
    });
    let gone = Memo::new(move |_| {
        form.with(
            |form| match form.breakdown.as_ref().map(|breakdown| breakdown.at) {
                Some(At::Step(id)) => form.steps.get(id).is_none(),
                Some(At::All) | None => false,
            },
        )
    });
    let on_group = Callback::new(move |groups: Vec<GroupForm>| {
        state.change("change the breakdown", None, |form| {
            let before = form.breakdown.as_ref().map(|breakdown| breakdown.at);
            // A value is most often looked for where the funnel begins.
            let first = form.live().next().map(|row| row.id);
            let at = before.unwrap_or_else(|| first.map_or(At::All, At::Step));
            form.breakdown = groups.into_iter().next().map(|by| Breakdown { by, at });
            form.shown = None;
        });
    });
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Breakdown"</h2>
            </header>
            <div class="funnel-breakdown">
                <GroupByEditor value most=1 events on_change=on_group />
                <Show when=move || of_event.get()>
                    <div class="funnel-exclusion__ends">
                        <span class="funnel-word">"at"</span>
                        <StepSelect
                            label="At which step the value is looked for"
                            value=at
                            none="all steps"
                            with_none=true
                            gone
                            error=error_at(state, "/group_by/step")
                            on_change=Callback::new(move |step: Option<RowId>| {
                                state.change("change the step of the breakdown", None, |form| {
                                    if let Some(breakdown) = &mut form.breakdown {
                                        breakdown.at = step.map_or(At::All, At::Step);
                                    }
                                });
                            })
                        />
                    </div>
                </Show>
            </div>
            <Problem error=error_at(state, "/group_by") />
        </section>
    }
    .into_any()
}
