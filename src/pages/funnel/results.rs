//! The answer to a funnel: figures, charts, table, and what a click on any of them chooses.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_model::answer::{FunnelGroup, Group};
use segments_model::selection::Selection;
use segments_model::{Instant, Value};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, MouseEvent};

use super::draft::{FunnelChart, FunnelDraft, ShareOf};
use super::over_time::{IntervalSelect, OverTime, began_words, chart_of};
use super::panel::bounds_of;
use super::paths::Paths;
use super::picks::{self, PathPick, Pick, Side, Told, Words};
use super::shown::{Say, Shown, time_words};
use super::steps::{ShareSelect, StepChart, column_lines};
use super::table::GroupTable;
use super::times::{TimesCard, TimesChart};
use crate::charts::Anchor;
use crate::charts::export::{ChartMenu, csv, time_csv};
use crate::charts::picture::{PictureKey, PictureWords, Sign};
use crate::charts::series::LegendItem;
use crate::format;
use crate::query::picked::{PickMenu, Picked};
use crate::query::tool_page::{AsOf, as_of_words};
use crate::query::vocabulary::Vocabulary;
use crate::query::workbench::Workbench;
use crate::route::Navigator;
use crate::session::Session;
use crate::ui::tabs::{Segmented, SegmentedOption};
use crate::ui::{EmptyState, Glyph, Icon};

/// How figures are written on the page.
pub const SAY: Say = Say {
    count: format::count,
    percent: format::percent,
};

/// What the parts of the results share. From the context, cheap to copy.
#[derive(Clone, Copy)]
pub struct View {
    /// The form and its answer.
    pub bench: Workbench<FunnelDraft>,
    /// The answer with the names of its steps.
    pub shown: Memo<Option<Arc<Shown>>>,
    /// The groups in the charts with their styles.
    pub in_charts: Memo<Vec<(usize, usize)>>,
    /// The part of the answer that is marked.
    pub marked: Memo<Option<Pick>>,
    /// The way through the steps that is marked.
    pub marked_path: Memo<Option<PathPick>>,
    /// The chart's image, for files.
    pub drawing: NodeRef<Svg>,
    picked: RwSignal<Option<Picked>>,
}

impl View {
    /// Begins with what the workbench has.
    #[must_use]
    pub fn start(bench: Workbench<FunnelDraft>) -> Self {
        let vocabulary = Vocabulary::expect();
        let answered = bench.answered();
        let draft = bench.draft();
        let shown = Memo::new(move |before: Option<&Option<Arc<Shown>>>| {
            let answered = answered.get()?;
            let of_form = bench
                .query()
                .with(|query| query.as_ref().ok() == Some(&answered.query));
            // While the form says something else already, the steps keep the names that they were asked by.
            if !of_form
                && let Some(Some(before)) = before
                && before.is_of(&answered)
            {
                return Some(Arc::clone(before));
            }
            draft.with(|draft| {
                Shown::of(
                    &answered,
                    draft,
                    |event| vocabulary.event_label(event),
                    |id| {
                        vocabulary
                            .segment_name(id)
                            .unwrap_or_else(|| "the segment".to_owned())
                    },
                )
                .map(Arc::new)
            })
        });
        let chosen = Memo::new(move |_| draft.with(|draft| draft.shown.clone()));
        let in_charts = Memo::new(move |_| {
            let chosen = chosen.get();
            with_shown(shown, |shown| shown.in_charts(chosen.as_deref())).unwrap_or_default()
        });
        let marked = Memo::new(move |_| match bench.selection().get()? {
            Selection::Funnel(selection) => {
                with_shown(shown, |shown| picks::marked(shown, &selection)).flatten()
            }
            Selection::Path(_) | Selection::Segmentation(_) | Selection::Cohort(_) => None,
        });
        let marked_path = Memo::new(move |_| match bench.selection().get()? {
            Selection::Path(selection) => {
                with_shown(shown, |shown| picks::marked_path(shown, &selection)).flatten()
            }
            Selection::Funnel(_) | Selection::Segmentation(_) | Selection::Cohort(_) => None,
        });
        Self {
            bench,
            shown,
            in_charts,
            marked,
            marked_path,
            drawing: NodeRef::new(),
            picked: RwSignal::new(None),
        }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Something of the answer; none without one.
    pub fn with<T>(self, of: impl FnOnce(&Shown) -> T) -> Option<T> {
        with_shown(self.shown, of)
    }

    /// The same, without following it.
    pub fn with_untracked<T>(self, of: impl FnOnce(&Shown) -> T) -> Option<T> {
        self.shown.with_untracked(|shown| shown.as_deref().map(of))
    }

    /// The group whose figures stand at the steps: all users together, or the first of the chart where these are not in it.
    #[must_use]
    pub fn lead(self) -> usize {
        self.in_charts
            .with(|shown| shown.first().map_or(0, |(place, _)| *place))
    }

    /// Whether it is told how long those of that group took who converted.
    #[must_use]
    pub fn lead_has_times(self) -> bool {
        self.with(|shown| shown.has_times(self.lead()))
            .unwrap_or_default()
    }

    /// Whether several groups are in the charts.
    #[must_use]
    pub fn is_several(self) -> bool {
        self.in_charts.with(|shown| shown.len() > 1)
    }

    /// The groups in the charts by name, for a legend.
    #[must_use]
    pub fn legend(self) -> Vec<LegendItem> {
        let shown = self.in_charts.get();
        self.with(|answer| {
            shown
                .into_iter()
                .filter_map(|(place, style)| {
                    let group = answer.groups().get(place)?;
                    Some(LegendItem {
                        name: answer.group_name(&group.group, value_words),
                        style,
                        shown: true,
                    })
                })
                .collect()
        })
        .unwrap_or_default()
    }

    /// Chooses a part of the answer.
    pub fn pick(self, pick: Pick, anchor: Anchor) {
        self.choose(anchor, |shown, words| picks::told(shown, &pick, words));
    }

    /// The same, beside the button that was pressed.
    pub fn pick_at(self, pick: Pick, event: &MouseEvent) {
        if let Some(anchor) = pressed(event) {
            self.pick(pick, anchor);
        }
    }

    /// Chooses a way through the steps, beside the button that was pressed.
    pub fn pick_path_at(self, pick: PathPick, event: &MouseEvent) {
        if let Some(anchor) = pressed(event) {
            self.choose(anchor, |shown, words| {
                picks::told_of_path(shown, &pick, words)
            });
        }
    }

    fn choose(self, anchor: Anchor, tell: impl FnOnce(&Shown, &Words<'_>) -> Option<Told>) {
        let Some(shown) = self.shown.get_untracked() else {
            return;
        };
        let in_charts = self.in_charts.get_untracked();
        let name = |group: &Group| shown.group_name(group, value_words);
        let bucket = |start: Instant| began_words(&shown, start);
        let words = Words {
            say: SAY,
            group: &name,
            bucket: &bucket,
            shown: &in_charts,
        };
        let Some(told) = tell(&shown, &words) else {
            return;
        };
        let view = self
            .bench
            .draft()
            .with_untracked(<FunnelDraft as crate::query::tool::ToolDraft>::view);
        if let Some(first) = told.choices.first() {
            self.bench.selection().set(Some(first.selection.clone()));
        }
        self.picked.set(Some(Picked {
            query: shown.pinned(),
            view,
            title: told.title,
            text: told.text,
            facts: told.facts,
            choices: told.choices,
            anchor,
        }));
    }
}

/// Where the button is that was pressed.
fn pressed(event: &MouseEvent) -> Option<Anchor> {
    let button = event.current_target()?.dyn_into::<Element>().ok()?;
    Some(Anchor::of(&button))
}

fn with_shown<T>(shown: Memo<Option<Arc<Shown>>>, of: impl FnOnce(&Shown) -> T) -> Option<T> {
    shown.with(|shown| shown.as_deref().map(of))
}

/// A property's value.
pub fn value_words(value: &Value, zone: &str) -> String {
    format::value(value, zone)
}

/// The answer.
#[component]
pub fn Results() -> impl IntoView {
    let view = View::expect();
    let session = Session::expect();
    let draft = view.bench.draft();
    let chart = Memo::new(move |_| draft.with(|draft| draft.chart));
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
        view.bench
            .change("change the chart", Some("chart"), |draft| {
                let bounds = bounds_of(draft, session);
                draft.show(chart, bounds);
            });
    });
    let stamp = Memo::new(move |_| view.with(|shown| shown.stamp().clone()));
    let by_user_properties = view.bench.by_user_properties();
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
    let (chart, of) = view.bench.draft().with(|draft| (draft.chart, draft.share));
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
    let draft = view.bench.draft();
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
        draft.with(|draft| {
            let mut loosen = vec!["a longer date range"];
            let first = draft.live().next();
            if first.is_some_and(|row| !row.value.what.filter.is_empty()) {
                loosen.push("fewer conditions on step 1");
            }
            if first.is_some_and(|row| !row.value.what.did.is_empty()) {
                loosen.push("step 1 without what else was performed");
            }
            if draft.audience != crate::query::audience::AudienceDraft::default() {
                loosen.push("all users as the audience");
            }
            format!("Try {}.", loosen.join(", or "))
        })
    });
    view! { <EmptyState glyph=Glyph::Funnel title detail /> }.into_any()
}
