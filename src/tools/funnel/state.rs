//! What the parts of a funnel's results share: the answer with its names, what is marked, what was chosen.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::scene::Anchor;
use segments_charts::series::LegendItem;
use segments_format as format;
use segments_forms::funnel::FunnelForm;
use segments_model::Instant;
use segments_model::answer::Group;
use segments_model::range::LocalBounds;
use segments_model::selection::Selection;
use segments_ui::charts::anchor_of;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, MouseEvent};

use crate::parts::vocabulary::Vocabulary;
use crate::shell::session::Session;
use crate::tool::picked::Picked;
use crate::tool::state::ToolState;
use crate::tools::funnel::over_time_chart::{began_words, value_words};
use crate::tools::funnel::picks;
use crate::tools::funnel::picks::{PathPick, Pick, Told, Words};
use crate::tools::funnel::shown::{Say, Shown};

/// How figures are written on the page.
pub const SAY: Say = Say {
    count: format::count,
    percent: format::percent,
};

/// What the parts of the results share. From the context, cheap to copy.
#[derive(Clone, Copy)]
pub struct View {
    /// The form and its answer.
    pub state: ToolState<FunnelForm>,
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
    /// The part that was chosen.
    pub picked: RwSignal<Option<Picked>>,
}

impl View {
    /// Begins with what the state has.
    #[must_use]
    pub fn start(state: ToolState<FunnelForm>) -> Self {
        let vocabulary = Vocabulary::expect();
        let answered = state.answered();
        let form = state.form();
        let shown = Memo::new(move |before: Option<&Option<Arc<Shown>>>| {
            let answered = answered.get()?;
            let of_form = state
                .query()
                .with(|query| query.as_ref().ok() == Some(&answered.query));
            // While the form says something else already, the steps keep the names that they were asked by.
            if !of_form
                && let Some(Some(before)) = before
                && before.is_of(&answered)
            {
                return Some(Arc::clone(before));
            }
            form.with(|form| {
                Shown::of(
                    &answered,
                    form,
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
        let chosen = Memo::new(move |_| form.with(|form| form.shown.clone()));
        let in_charts = Memo::new(move |_| {
            let chosen = chosen.get();
            with_shown(shown, |shown| shown.in_charts(chosen.as_deref())).unwrap_or_default()
        });
        let marked = Memo::new(move |_| match state.selection().get()? {
            Selection::Funnel(selection) => {
                with_shown(shown, |shown| picks::marked(shown, &selection)).flatten()
            }
            Selection::Path(_) | Selection::Segmentation(_) | Selection::Cohort(_) => None,
        });
        let marked_path = Memo::new(move |_| match state.selection().get()? {
            Selection::Path(selection) => {
                with_shown(shown, |shown| picks::marked_path(shown, &selection)).flatten()
            }
            Selection::Funnel(_) | Selection::Segmentation(_) | Selection::Cohort(_) => None,
        });
        Self {
            state,
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
            .state
            .form()
            .with_untracked(<FunnelForm as segments_forms::tool::ToolForm>::view);
        if let Some(first) = told.choices.first() {
            self.state.selection().set(Some(first.selection.clone()));
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
    Some(anchor_of(&button))
}

fn with_shown<T>(shown: Memo<Option<Arc<Shown>>>, of: impl FnOnce(&Shown) -> T) -> Option<T> {
    shown.with(|shown| shown.as_deref().map(of))
}

/// The bounds of a form's range by the clock of its zone; none while it says nothing.
#[must_use]
pub fn bounds_of(form: &FunnelForm, session: Session) -> Option<LocalBounds> {
    let range = form.during.range().ok()?;
    let zone = form
        .time_zone
        .clone()
        .unwrap_or_else(|| session.zone().get_untracked());
    Some(
        range.local_bounds(session.now().get_untracked(), |instant| {
            format::local(instant, &zone)
        }),
    )
}
