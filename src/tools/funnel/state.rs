//! What the parts of the results share: the answer with its names, what of it is selected, and its drawing.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::scene::Anchor;
use segments_charts::series::LegendItem;
use segments_forms::funnel::FunnelForm;
use segments_model::selection::Selection;

use crate::parts::vocabulary::Vocabulary;
use crate::tool::names::named;
use crate::tool::state::{AnswerView, ToolState};
use crate::tools::funnel::answer::FunnelView;
use crate::tools::funnel::selections::{
    PathPart, StepPart, located, located_path, path_part, step_part,
};

/// What the parts of the results share. From the context, cheap to copy.
#[derive(Clone, Copy)]
pub struct FunnelState {
    /// The state of the page.
    pub tool: ToolState<FunnelForm>,
    /// The answer with the names of its steps.
    pub view: AnswerView<FunnelView>,
    /// The groups in the charts with their styles.
    pub in_charts: Memo<Vec<(usize, usize)>>,
    /// The group whose figures stand at the steps: all users together, or the first of the chart where these are not in it.
    pub lead: Memo<usize>,
    /// Whether several groups are in the charts.
    pub several: Memo<bool>,
    /// The part of the answer that is selected.
    pub selected: Memo<Option<StepPart>>,
    /// The path through the steps that is selected.
    pub selected_path: Memo<Option<PathPart>>,
    /// The chart's image, for files.
    pub drawing: NodeRef<Svg>,
}

impl FunnelState {
    /// Reads the answers of a page, and gives itself to the context.
    pub fn provide(tool: ToolState<FunnelForm>) -> Self {
        let vocabulary = Vocabulary::expect();
        let form = tool.form();
        let view = AnswerView::<FunnelView>::new(move |before| {
            let answered = tool.answered().get()?;
            let is_asked = |query: &Result<_, _>| query.as_ref().ok() == Some(&answered.query);
            // While the form says something else already, the steps keep the names that they were asked by.
            if !tool.query().with(is_asked)
                && let Some(before) = before
                && before.is_of(&answered)
            {
                return Some(Arc::clone(before));
            }
            let view =
                form.with(|form| named(vocabulary, |names| FunnelView::of(&answered, form, names)));
            view.map(Arc::new)
        });
        let shown = tool.part(|form| form.shown.clone());
        let in_charts = Memo::new(move |_| {
            let shown = shown.get();
            let in_charts = view.with(|view| view.in_charts(shown.as_deref()));
            in_charts.unwrap_or_default()
        });
        let state = Self {
            tool,
            view,
            in_charts,
            lead: Memo::new(move |_| {
                in_charts.with(|in_charts| in_charts.first().map_or(0, |lead| lead.0))
            }),
            several: Memo::new(move |_| in_charts.with(|in_charts| in_charts.len() > 1)),
            selected: Memo::new(move |_| match tool.selection().get()? {
                Selection::Funnel(selection) => view.with(|view| located(view, &selection))?,
                _ => None,
            }),
            selected_path: Memo::new(move |_| match tool.selection().get()? {
                Selection::Path(path) => view.with(|view| located_path(view, &path))?,
                _ => None,
            }),
            drawing: NodeRef::new(),
        };
        provide_context(state);
        state
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// The groups in the charts by name, for a legend.
    #[must_use]
    pub fn legend(self) -> Vec<LegendItem> {
        let item = |view: &FunnelView, (place, style): (usize, usize)| LegendItem {
            name: view.name(place).to_owned(),
            style,
            shown: true,
        };
        let in_charts = self.in_charts.get().into_iter();
        self.view
            .with(|view| in_charts.map(|group| item(view, group)).collect())
            .unwrap_or_default()
    }

    /// Selects users of a step.
    pub fn select(self, at: StepPart, anchor: Anchor) {
        let in_charts = self.in_charts.get_untracked();
        let part = untrack(|| self.view.with(|view| step_part(view, &at, &in_charts)));
        if let Some(part) = part.flatten() {
            self.tool.select(part, anchor);
        }
    }

    /// Selects a path through the steps.
    pub fn select_path(self, at: PathPart, anchor: Anchor) {
        let in_charts = self.in_charts.get_untracked();
        let part = untrack(|| self.view.with(|view| path_part(view, &at, &in_charts)));
        if let Some(part) = part.flatten() {
            self.tool.select(part, anchor);
        }
    }
}
