//! The answer to a funnel: figures, charts, table, and what a click on any of them chooses.

use leptos::prelude::*;
use segments_charts::csv::{csv, time_csv};
use segments_charts::picture::{PictureKey, PictureWords, Sign};
use segments_forms::funnel::{FunnelChart, ShareOf};
use segments_model::answer::{FunnelGroup, Group};
use segments_model::selection::Selection;
use segments_ui::charts::export::ChartMenu;
use segments_ui::tabs::{Segmented, SegmentedOption};
use segments_ui::{EmptyState, Glyph, Icon};
use web_sys::MouseEvent;

use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use crate::tool::page::{AsOf, as_of_words};
use crate::tool::picked::PickMenu;
use crate::tools::funnel::over_time::{IntervalSelect, OverTime};
use crate::tools::funnel::over_time_chart::{chart_of, value_words};
use crate::tools::funnel::paths::Paths;
use crate::tools::funnel::picks;
use crate::tools::funnel::picks::{Pick, Side};
use crate::tools::funnel::shown::{Shown, time_words};
use crate::tools::funnel::state::{SAY, View, bounds_of};
use crate::tools::funnel::steps::{ShareSelect, StepChart, column_lines};
use crate::tools::funnel::table::GroupTable;
use crate::tools::funnel::times::{TimesCard, TimesChart};

/// The answer.
#[component]
pub fn Results() -> impl IntoView {
    let view = View::expect();
    let session = Session::expect();
    let form = view.state.form();
    let chart = Memo::new(move |_| form.with(|form| form.chart));
    let is_empty = Memo::new(move |_| {
        view.with(|shown| shown.total().is_none_or(|total| total.users == 0))
            .unwrap_or(true)
    });
    let options = vec![
        SegmentedOption::new(FunnelChart::Steps, "Steps"),
        SegmentedOption::new(FunnelChart::OverTime, "Over time"),
        SegmentedOption::new(FunnelChart::TimeToConvert, "Time to convert"),
    ];
    let choose = Callback::new(move |chart| {
        view.state
            .change("change the chart", Some("chart"), |form| {
                let bounds = bounds_of(form, session);
                form.show(chart, bounds);
            });
    });
    let stamp = Memo::new(move |_| view.with(|shown| shown.stamp().clone()));
    let by_user_properties = view.state.by_user_properties();
    let title = Signal::derive(move || view.with(|shown| shown.title()).unwrap_or_default());
    // Whose users they are, where they are of a group: the choices themselves do not say it again.
    let from = Signal::derive(move || {
        let group = view
            .picked
            .with(|picked| picks::group_of(&picked.as_ref()?.choices.first()?.selection).cloned());
        let name = group.and_then(|group| view.with(|shown| shown.group_name(&group, value_words)));
        match name {
            Some(name) => format!("{}, {name}", title.get()),
            None => title.get(),
        }
    });
    let pending = Callback::new(move |selection: Selection| match selection {
        Selection::Funnel(selection) => view
            .with(|shown| picks::pending(shown, &selection))
            .flatten(),
        Selection::Path(_) | Selection::Segmentation(_) | Selection::Cohort(_) => None,
    });
    let heading = Navigator::expect().title();
    let csv = Callback::new(move |()| {
        let name = |shown: &Shown, group: &Group| shown.group_name(group, value_words);
        let rows = view.with_untracked(|shown| match chart.get_untracked() {
            FunnelChart::Steps => csv_of(&shown.rows(|group| name(shown, group))),
            FunnelChart::OverTime => time_csv(
                &chart_of(shown, &view.in_charts.get_untracked()),
                shown.zone(),
            ),
            FunnelChart::TimeToConvert => csv_of(&shown.time_rows(|group| name(shown, group))),
        });
        rows.unwrap_or_default()
    });
    let words = Callback::new(move |()| untrack(|| picture_words(view)));
    view! {
        <Stats />
        <div class="funnel-top">
            <Segmented legend="Chart" class="funnel-charts" options value=chart on_change=choose />
            {move || match chart.get() {
                FunnelChart::Steps => view! { <ShareSelect /> }.into_any(),
                FunnelChart::OverTime => view! { <IntervalSelect /> }.into_any(),
                FunnelChart::TimeToConvert => ().into_any(),
            }}
            <div class="funnel-menu">
                <ChartMenu title=heading csv drawings=vec![view.drawing] words />
            </div>
        </div>
        <Notice />
        {move || {
            if is_empty.get() {
                return view! { <Nobody /> }.into_any();
            }
            view! {
                {move || match chart.get() {
                    FunnelChart::Steps => view! { <StepChart /> }.into_any(),
                    FunnelChart::OverTime => view! { <OverTime /> }.into_any(),
                    FunnelChart::TimeToConvert => view! { <TimesChart /> }.into_any(),
                }}
                <div
                    class="funnel-below"
                    class:has-card=move || {
                        chart.get() != FunnelChart::TimeToConvert && view.lead_has_times()
                    }
                >
                    <GroupTable />
                    <Show when=move || chart.get() != FunnelChart::TimeToConvert>
                        <TimesCard />
                    </Show>
                </div>
                <Paths />
            }
            .into_any()
        }}
        {move || stamp.get().map(|stamp| view! { <AsOf stamp=Signal::stored(stamp) by_user_properties /> })}
        <PickMenu picked=view.picked from pending />
    }
    .into_any()
}

/// What a picture of the chart says around it.
fn picture_words(view: View) -> PictureWords {
    let (chart, of) = view.state.form().with(|form| (form.chart, form.share));
    let legend = view.legend();
    let lead = legend.first().map(|item| item.name.clone());
    let several = legend.len() > 1;
    let mut keys = Vec::new();
    if several {
        keys.extend(legend.into_iter().map(|item| PictureKey {
            sign: Sign::Surface(item.style),
            name: item.name,
        }));
    }
    let words = view.with(|shown| {
        let words = match chart {
            FunnelChart::Steps => {
                let (heads, feet) = column_lines(shown, view.lead(), of);
                let lead = lead
                    .filter(|_| several)
                    .map(|lead| format!("The figures at the steps are of {lead}."));
                let of = match of {
                    ShareOf::Start => "Shares of step 1",
                    ShareOf::Previous => "Shares of the step before",
                };
                PictureWords {
                    headings: vec![of.to_owned()],
                    legend: keys,
                    heads,
                    feet,
                    notes: lead.into_iter().collect(),
                    ..PictureWords::default()
                }
            }
            FunnelChart::OverTime => PictureWords {
                headings: vec!["Conversion over time, by when step 1 happened".to_owned()],
                ..PictureWords::of_charts(&[&chart_of(shown, &view.in_charts.get())])
            },
            FunnelChart::TimeToConvert => {
                let lead = shown.groups().get(view.lead());
                PictureWords {
                    headings: vec!["Time to convert".to_owned()],
                    legend: keys,
                    notes: lead
                        .and_then(|group| time_words(group, SAY))
                        .into_iter()
                        .collect(),
                    ..PictureWords::default()
                }
            }
        };
        PictureWords {
            stamp: as_of_words(shown.stamp(), None),
            ..words
        }
    });
    words.unwrap_or_default()
}

fn csv_of(rows: &[Vec<String>]) -> String {
    csv(rows.iter().map(|row| row.iter().map(String::as_str)))
}

#[component]
fn Stats() -> impl IntoView {
    let view = View::expect();
    let total = move |of: fn(&Shown, &FunnelGroup) -> Option<String>| {
        view.with(|shown| shown.total().and_then(|total| of(shown, total)))
            .flatten()
            .unwrap_or_else(|| "\u{2013}".to_owned())
    };
    let converted = move || {
        total(|shown, total| {
            let last = total.steps.get(shown.last())?;
            Some(SAY.share(last.from_start))
        })
    };
    let converted_of = move || {
        total(|shown, total| {
            let last = total.steps.get(shown.last())?;
            Some(format!(
                "{} of {}",
                (SAY.count)(last.users),
                SAY.users(total.users)
            ))
        })
    };
    let median = move || total(|shown, total| Some(shown.took(total.median_seconds)));
    let average = move || total(|shown, total| Some(shown.took(total.average_seconds)));
    let largest = Memo::new(move |_| {
        view.with(|shown| {
            let total = shown.total()?;
            let (step, lost) = shown.largest_loss(total)?;
            Some((step, SAY.share(lost.share), shown.number(step)))
        })
        .flatten()
    });
    let pick = move |step: usize, side: Side, event: &MouseEvent| {
        if let Some(group) = view.with_untracked(Shown::total_place).flatten() {
            view.pick_at(Pick::new(group, step, side), event);
        }
    };
    let last = move || view.with_untracked(Shown::last).unwrap_or_default();
    view! {
        <dl class="us-stats">
            <div class="us-stat">
                <dt>"Overall conversion"</dt>
                <dd>
                    <button
                        class="funnel-figure"
                        type="button"
                        aria-label=move || format!("Overall conversion {}, {}", converted(), converted_of())
                        on:click=move |event| pick(last(), Side::Reached, &event)
                    >
                        {converted}
                    </button>
                    <small>{converted_of}</small>
                </dd>
            </div>
            <div class="us-stat">
                <dt>"Median time to convert"</dt>
                <dd>{median}</dd>
            </div>
            <div class="us-stat">
                <dt>"Average time"</dt>
                <dd>{average}</dd>
            </div>
            <div class="us-stat">
                <dt>"Largest drop"</dt>
                <dd>
                    {move || match largest.get() {
                        None => "\u{2013}".into_any(),
                        Some((step, share, number)) => {
                            let name = format!("Largest drop {share}, before step {number}");
                            view! {
                                <button
                                    class="funnel-figure"
                                    type="button"
                                    aria-label=name
                                    on:click=move |event| pick(step, Side::Lost, &event)
                                >
                                    {share}
                                </button>
                                <small>{format!("before step {number}")}</small>
                            }
                            .into_any()
                        }
                    }}
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

/// What the figures alone do not say: only one step, or nobody converted.
#[component]
fn Notice() -> impl IntoView {
    let view = View::expect();
    let words = Memo::new(move |_| {
        view.with(|shown| {
            let total = shown.total()?;
            if total.users == 0 {
                return None;
            }
            if shown.steps.len() == 1 {
                return Some(
                    "One step is a count. Add a second step to see how many go on.".to_owned(),
                );
            }
            let last = total.steps.get(shown.last())?;
            if last.users > 0 {
                return None;
            }
            let far = total
                .steps
                .iter()
                .zip(&shown.steps)
                .rfind(|(step, _)| step.users > 0)
                .map(|(_, step)| format!("Nobody got further than step {}. ", step.number));
            let more = if !shown.has_limit() {
                "Try fewer conditions, or another order of steps."
            } else if total.steps.iter().any(|step| step.pending > 0) {
                "Some still have time: an earlier date range tells more."
            } else {
                "Try a longer limit, fewer conditions, or another order of steps."
            };
            Some(far.unwrap_or_default() + more)
        })
        .flatten()
    });
    view! {
        {move || {
            words
                .get()
                .map(|words| {
                    view! {
                        <p class="us-banner funnel-notice" role="status">
                            <Icon glyph=Glyph::Info small=true />
                            <span>{words}</span>
                        </p>
                    }
                })
        }}
    }
    .into_any()
}

/// Nobody did the first step.
#[component]
fn Nobody() -> impl IntoView {
    let view = View::expect();
    let vocabulary = Vocabulary::expect();
    let form = view.state.form();
    let unknown = Memo::new(move |_| {
        view.with(|shown| {
            let event = shown.query()?.steps.first()?.event.as_ref()?;
            vocabulary.lacks_event(event).then(|| event.clone())
        })
        .flatten()
    });
    let title = Signal::derive(move || {
        if let Some(event) = unknown.get() {
            return format!("The data has no event {event}");
        }
        view.with(|shown| {
            let name = shown
                .steps
                .first()
                .map_or("the first step", |step| step.name.as_str());
            format!("Nobody did {name}")
        })
        .unwrap_or_default()
    });
    let detail = Signal::derive(move || {
        if unknown.with(Option::is_some) {
            return "Choose another event for step 1.".to_owned();
        }
        form.with(|form| {
            let mut loosen = vec!["a longer date range"];
            let first = form.live().next();
            if first.is_some_and(|row| !row.value.what.filter.is_empty()) {
                loosen.push("fewer conditions on step 1");
            }
            if first.is_some_and(|row| !row.value.what.did.is_empty()) {
                loosen.push("step 1 without what else was performed");
            }
            if form.audience != segments_forms::audience::AudienceForm::default() {
                loosen.push("all users as the audience");
            }
            format!("Try {}.", loosen.join(", or "))
        })
    });
    view! { <EmptyState glyph=Glyph::Funnel title detail /> }.into_any()
}
