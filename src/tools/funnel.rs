//! The tool Funnel: how many users get from step to step.
//!
//! `answer` is an answer as the results show it and `selections` the parts of it that can be selected, both plain and tested
//! by themselves. The rest shows them: the `panel`, the charts (`steps`, `over_time`, `times`), the `columns` of the table,
//! the `paths`.

mod answer;
mod columns;
mod over_time;
mod panel;
mod paths;
mod selections;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod times;

use leptos::prelude::*;
use segments_charts::csv::time_csv;
use segments_charts::picture::{PictureKey, PictureWords, Sign};
use segments_format as format;
use segments_forms::audience::AudienceKind;
use segments_forms::funnel::{FunnelChart, FunnelForm, ShareOf, StepForm};
use segments_model::answer::FunnelGroup;
use segments_ui::charts::anchor_of_pressed;
use segments_ui::charts::export::ChartMenu;
use segments_ui::tabs::{Segmented, SegmentedOption};
use segments_ui::{EmptyState, Glyph, Icon};
use web_sys::MouseEvent;

use crate::parts::vocabulary::Vocabulary;
use crate::shell::route::Navigator;
use crate::shell::session::Session;
use crate::tool::page::{ToolPage, stamp, start};
use crate::tool::state::ToolState;
use answer::{FunnelView, share, time_words, users};
use columns::{GroupTable, steps_file, times_file};
use over_time::{IntervalSelect, OverTime, chart_of};
use panel::FunnelPanel;
use paths::Paths;
use selections::{Side, StepPart};
use state::FunnelState;
use steps::{ShareSelect, StepChart, column_lines};
use times::{TimesCard, TimesChart};

#[component]
pub fn FunnelPage() -> impl IntoView {
    let tool = ToolState::<FunnelForm>::provide();
    FunnelState::provide(tool);
    let start = start(
        tool,
        "Choose the first step",
        "A funnel shows how many users continue from one step to the next.",
        |events| {
            let example = |(name, label): &(String, String)| {
                let form = FunnelForm {
                    steps: [StepForm::of(name)].into_iter().collect(),
                    ..FunnelForm::default()
                };
                (label.clone(), form)
            };
            events.iter().map(example).collect()
        },
    );
    view! {
        <ToolPage
            state=tool
            panel=ViewFn::from(|| view! { <FunnelPanel /> })
            results=ViewFn::from(|| view! { <FunnelResults /> })
            start
        />
    }
    .into_any()
}

/// The answer: figures, charts and table.
#[component]
fn FunnelResults() -> impl IntoView {
    let state = FunnelState::expect();
    let session = Session::expect();
    let chart = state.tool.part(|form| form.chart);
    let is_empty = Memo::new(move |_| {
        let users = state
            .view
            .with(|view| view.total().map(|total| total.users));
        users.flatten().is_none_or(|users| users == 0)
    });
    let options = vec![
        SegmentedOption::new(FunnelChart::Steps, "Steps"),
        SegmentedOption::new(FunnelChart::OverTime, "Over time"),
        SegmentedOption::new(FunnelChart::TimeToConvert, "Time to convert"),
    ];
    let choose = Callback::new(move |chart| {
        let bounds = state.tool.bounds_now(session);
        let show = |form: &mut FunnelForm| form.show(chart, bounds);
        state.tool.change("change the chart", Some("chart"), show);
    });
    let csv = Callback::new(move |()| {
        let file = |view: &FunnelView| match chart.get() {
            FunnelChart::Steps => steps_file(view),
            FunnelChart::OverTime => time_csv(&chart_of(view, &state.in_charts.get()), view.zone()),
            FunnelChart::TimeToConvert => times_file(view),
        };
        untrack(|| state.view.with(file)).unwrap_or_default()
    });
    let words = Callback::new(move |()| untrack(|| picture_words(state)));
    let title = Navigator::expect().title();
    let lead_has_times = state
        .view
        .part(move |view| view.has_times(state.lead.get()));
    let has_card =
        Memo::new(move |_| chart.get() != FunnelChart::TimeToConvert && lead_has_times.get());
    let body = move || {
        if is_empty.get() {
            return view! { <Nobody /> }.into_any();
        }
        view! {
            {move || match chart.get() {
                FunnelChart::Steps => view! { <StepChart /> }.into_any(),
                FunnelChart::OverTime => view! { <OverTime /> }.into_any(),
                FunnelChart::TimeToConvert => view! { <TimesChart /> }.into_any(),
            }}
            <div class="funnel-below" class:has-card=move || has_card.get()>
                <GroupTable />
                <Show when=move || has_card.get()>
                    <TimesCard />
                </Show>
            </div>
            <Paths />
        }
        .into_any()
    };
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
                <ChartMenu title csv drawings=vec![state.drawing] words />
            </div>
        </div>
        <FunnelNotice />
        {body}
    }
    .into_any()
}

/// What a picture of the chart says around it.
fn picture_words(state: FunnelState) -> PictureWords {
    let (chart, of) = state.tool.form().with(|form| (form.chart, form.share));
    let several = state.several.get();
    let key = |item: segments_charts::series::LegendItem| PictureKey {
        sign: Sign::Surface(item.style),
        name: item.name,
    };
    let legend = state
        .legend()
        .into_iter()
        .filter(|_| several)
        .map(key)
        .collect();
    let lead = state.lead.get();
    let words = state.view.with(|view| {
        let words = match chart {
            FunnelChart::Steps => {
                let (heads, feet) = column_lines(view, lead, of);
                let of = match of {
                    ShareOf::Start => "Share of step 1",
                    ShareOf::Previous => "Share of previous step",
                };
                let name = view.name(lead);
                let note = several.then(|| format!("Figures at the steps: {name}."));
                PictureWords {
                    headings: vec![of.to_owned()],
                    legend,
                    heads,
                    feet,
                    notes: note.into_iter().collect(),
                    ..PictureWords::default()
                }
            }
            FunnelChart::OverTime => PictureWords {
                headings: vec!["Conversion over time, by when step 1 happened".to_owned()],
                ..PictureWords::of_charts(&[&chart_of(view, &state.in_charts.get())])
            },
            FunnelChart::TimeToConvert => PictureWords {
                headings: vec!["Time to convert".to_owned()],
                legend,
                notes: view
                    .groups()
                    .get(lead)
                    .and_then(time_words)
                    .into_iter()
                    .collect(),
                ..PictureWords::default()
            },
        };
        PictureWords {
            stamp: stamp::parts(&view.answer.stamp, None).to_vec(),
            ..words
        }
    });
    words.unwrap_or_default()
}

/// A figure of all users with what it is of; the part that pressing it selects.
type Stat = (&'static str, String, String, Option<(usize, Side)>);

fn stats(view: &FunnelView, total: &FunnelGroup) -> [Stat; 4] {
    let last = total.steps.get(view.last());
    let converted = last.and_then(|last| last.from_start);
    let of = last.map(|last| {
        let converted = format::count(last.users);
        format!("{converted} of {}", users(total.users))
    });
    let largest = view.largest_loss(total);
    let before = largest.map(|(step, _)| format!("before step {}", view.number(step)));
    [
        (
            "Overall conversion",
            share(converted),
            of.unwrap_or_default(),
            Some((view.last(), Side::Reached)),
        ),
        (
            "Median time to convert",
            view.took(total.median_seconds),
            String::new(),
            None,
        ),
        (
            "Average time",
            view.took(total.average_seconds),
            String::new(),
            None,
        ),
        (
            "Largest drop",
            share(largest.and_then(|(_, lost)| lost.share)),
            before.unwrap_or_default(),
            largest.map(|(step, _)| (step, Side::Lost)),
        ),
    ]
}

#[component]
fn Stats() -> impl IntoView {
    let state = FunnelState::expect();
    let all = state.view.part(|view| {
        let total = view.place(None).zip(view.total());
        let stats = total.map(|(place, total)| (place, Vec::from(stats(view, total))));
        stats.unwrap_or_default()
    });
    let figure = move |place: usize, (name, figure, of, part): Stat| {
        let figure = match part {
            None => figure.into_any(),
            Some((step, side)) => {
                let label = format!("{name} {figure}, {of}");
                let press = move |event: MouseEvent| {
                    state.select(StepPart::new(place, step, side), anchor_of_pressed(&event));
                };
                view! {
                    <button class="funnel-figure" type="button" aria-label=label on:click=press>
                        {figure}
                    </button>
                }
                .into_any()
            }
        };
        view! {
            <div class="us-stat">
                <dt>{name}</dt>
                <dd>{figure} {(!of.is_empty()).then(|| view! { <small>{of}</small> })}</dd>
            </div>
        }
    };
    let figures = move || {
        let (place, stats) = all.get();
        stats
            .into_iter()
            .map(|stat| figure(place, stat))
            .collect_view()
    };
    view! { <dl class="us-stats">{figures}</dl> }.into_any()
}

/// What the figures alone do not say: only one step, or nobody converted.
fn notice(view: &FunnelView) -> Option<String> {
    let total = view.total().filter(|total| total.users > 0)?;
    if view.steps.len() == 1 {
        return Some(
            "One step is only a count. Add a second step to see how many users continue."
                .to_owned(),
        );
    }
    if total.steps.get(view.last())?.users > 0 {
        return None;
    }
    let mut steps = total.steps.iter().zip(&view.steps);
    let far = steps.rfind(|(step, _)| step.users > 0);
    let far = far.map(|(_, step)| format!("Nobody got further than step {}. ", step.number));
    let more = if !view.has_limit() {
        "Try fewer filters, or another order of steps."
    } else if total.steps.iter().any(|step| step.pending > 0) {
        "Some users still have time. Try an earlier date range."
    } else {
        "Try a longer conversion window, fewer filters, or another order of steps."
    };
    Some(far.unwrap_or_default() + more)
}

#[component]
fn FunnelNotice() -> impl IntoView {
    let words = FunnelState::expect().view.part(notice);
    move || {
        words.get().map(|words| {
            view! {
                <p class="us-banner funnel-notice" role="status">
                    <Icon glyph=Glyph::Info small=true />
                    <span>{words}</span>
                </p>
            }
        })
    }
}

/// What may find somebody where nobody did the first step.
fn looser(form: &FunnelForm) -> String {
    let first = form.live().next().map(|row| &row.value.what);
    let mut loosen = vec!["a longer date range"];
    if first.is_some_and(|what| !what.filter.is_empty()) {
        loosen.push("fewer filters on step 1");
    }
    if first.is_some_and(|what| !what.did.is_empty()) {
        loosen.push("fewer conditions on step 1");
    }
    if form.frame.audience.kind != AudienceKind::All {
        loosen.push("all users as the audience");
    }
    format!("Try {}.", loosen.join(", or "))
}

/// Nobody did the first step.
#[component]
fn Nobody() -> impl IntoView {
    let state = FunnelState::expect();
    let vocabulary = Vocabulary::expect();
    let unknown = state.view.part(move |view| {
        let event = view.query.steps.first()?.event.clone()?;
        vocabulary.lacks_event(&event).then_some(event)
    });
    let first = state
        .view
        .part(|view| view.steps.first().map(|step| step.name.clone()));
    let title = move || match (unknown.get(), first.get()) {
        (Some(event), _) => format!("The data has no event {event}"),
        (None, first) => format!(
            "Nobody did {}",
            first.as_deref().unwrap_or("the first step")
        ),
    };
    let looser = state.tool.part(looser);
    let detail = move || match unknown.get() {
        Some(_) => "Choose another event for step 1.".to_owned(),
        None => looser.get(),
    };
    view! {
        <EmptyState
            glyph=Glyph::Funnel
            title=Signal::derive(title)
            detail=Signal::derive(detail)
        />
    }
    .into_any()
}
