//! What the parts of the results share: the answer as it is shown, what of it is selected, and its drawings.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::scene::Anchor;
use segments_forms::segmentation::SegmentationForm;
use segments_model::selection::Selection;
use segments_ui::{Toast, Toaster};

use crate::parts::vocabulary::Vocabulary;
use crate::tool::names::named;
use crate::tool::state::{AnswerView, ToolState};
use crate::tools::segmentation::answer::{Location, Measured, SegmentationView, TimedAnswer};
use crate::tools::segmentation::selections::{located, part};

/// What the parts of the results share. From the context, cheap to copy.
#[derive(Clone, Copy)]
pub struct SegmentationState {
    /// The state of the page.
    pub tool: ToolState<SegmentationForm>,
    /// The form as it is shown: it follows once the page has painted what was pressed, so that a control answers at once
    /// however much there is to draw.
    pub painted: RwSignal<SegmentationForm>,
    /// The newest answer.
    pub view: AnswerView<SegmentationView>,
    /// Whether nothing at all was found.
    pub nothing: Memo<bool>,
    pub selected: Memo<Option<Location>>,
    /// The drawings of the panes that are there, in any order, each with an id of its own.
    pub drawings: RwSignal<Vec<(String, Measured, NodeRef<Svg>)>>,
    toaster: Toaster,
}

impl SegmentationState {
    /// Reads the answers of a page, and gives itself to the context.
    pub fn provide(tool: ToolState<SegmentationForm>) -> Self {
        let vocabulary = Vocabulary::expect();
        let answered = tool.answered();
        let timed = Memo::new(move |_| TimedAnswer::of(&*answered.get()?).map(Arc::new));
        let painted = painted_form(tool.form());
        let view = AnswerView::new(move |_| {
            let timed = timed.get()?;
            let view = painted
                .with(|form| named(vocabulary, |names| SegmentationView::of(timed, form, names)));
            Some(Arc::new(view))
        });
        let state = Self {
            tool,
            painted,
            view,
            nothing: Memo::new(move |_| timed.get().is_some_and(|answer| answer.is_empty())),
            selected: Memo::new(move |_| {
                let Selection::Segmentation(selection) = tool.selection().get()? else {
                    return None;
                };
                timed.with(|answer| located(&answer.as_ref()?.answer, &selection))
            }),
            drawings: RwSignal::default(),
            toaster: Toaster::expect(),
        };
        provide_context(state);
        state
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Selects a series, of one bucket or of the whole range.
    pub fn select(self, place: usize, bucket: Option<usize>, anchor: Anchor) {
        match untrack(|| self.view.with(|view| part(view, place, bucket))) {
            Some(Ok(part)) => self.tool.select(part, anchor),
            Some(Err(why)) => self.toaster.show(Toast::done("No users here").detail(why)),
            None => {}
        }
    }
}

/// Follows how the form shows its answer, once the page has painted what was pressed.
fn painted_form(form: Memo<SegmentationForm>) -> RwSignal<SegmentationForm> {
    let painted = RwSignal::new(form.get_untracked());
    Effect::new(move |before: Option<()>| {
        let newest = form.get();
        // What is only asked otherwise is shown once there is an answer.
        if before.is_none() || painted.with_untracked(|painted| painted.shows_as(&newest)) {
            return;
        }
        request_animation_frame(move || {
            let show = move || {
                if form.try_with_untracked(|form| *form == newest) == Some(true) {
                    painted.try_set(newest);
                }
            };
            // A timer of a frame fires after its paint.
            set_timeout(show, Duration::ZERO);
        });
    });
    painted
}
