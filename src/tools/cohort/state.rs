//! What the parts of the results share: the answer, how it is shown, what of it is selected, and its drawings.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::scene::Anchor;
use segments_forms::cohort::{CohortForm, CohortLook};

use crate::parts::vocabulary::Vocabulary;
use crate::tool::names::named;
use crate::tool::state::{AnswerView, ToolState};
use crate::tools::cohort::answer::CohortView;
use crate::tools::cohort::grid::CohortPart;
use crate::tools::cohort::selections::part;

/// What the parts of the results share. From the context, cheap to copy.
#[derive(Clone, Copy)]
pub struct CohortState {
    /// The state of the page.
    pub tool: ToolState<CohortForm>,
    /// The newest answer.
    pub view: AnswerView<CohortView>,
    pub look: Memo<CohortLook>,
    pub selected: Memo<Option<CohortPart>>,
    /// The images that can be had as files: the curve, the heat map, the lines.
    pub curve: NodeRef<Svg>,
    pub heat: NodeRef<Svg>,
    pub lines: NodeRef<Svg>,
}

impl CohortState {
    /// Reads the answers of a page, and gives itself to the context.
    pub fn provide(tool: ToolState<CohortForm>) -> Self {
        let vocabulary = Vocabulary::expect();
        let state = Self {
            tool,
            view: AnswerView::new(move |_| {
                let answered = tool.answered().get()?;
                let view = named(vocabulary, |names| CohortView::of(&answered, names));
                view.map(Arc::new)
            }),
            look: tool.part(|form| form.look.clone()),
            selected: Memo::new(move |_| {
                let selection = tool.selection();
                selection.with(|selection| CohortPart::of(selection.as_ref()?))
            }),
            curve: NodeRef::new(),
            heat: NodeRef::new(),
            lines: NodeRef::new(),
        };
        provide_context(state);
        state
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Selects a part of the answer.
    pub fn select(self, at: &CohortPart, anchor: Anchor) {
        if let Some(part) = untrack(|| self.view.with(|view| part(view, at))).flatten() {
            self.tool.select(part, anchor);
        }
    }
}
