//! The form of whichever tool: what the page needs of it is the same code for all of them.

use std::any::Any;
use std::sync::Arc;

use chrono::NaiveDateTime;
use segments_forms::error::FormError;
use segments_forms::tool::{FrameForm, Names, ToolForm};
use segments_model::query::Query;
use segments_model::range::LocalBounds;
use serde_json::Value;

/// A form. Cheap to clone.
#[derive(Clone)]
pub struct AnyForm(Arc<dyn Form>);

impl PartialEq for AnyForm {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.is(other.0.as_any())
    }
}

impl AnyForm {
    pub fn of(form: impl ToolForm) -> Self {
        Self(Arc::new(form))
    }

    pub fn get<D: ToolForm>(&self) -> D {
        self.0
            .as_any()
            .downcast_ref::<D>()
            .cloned()
            .unwrap_or_default()
    }

    pub fn query(&self) -> Result<Query, Vec<FormError>> {
        self.0.query()
    }

    pub fn view(&self) -> Value {
        self.0.view()
    }

    pub fn place(&self, pointer: &str) -> String {
        self.0.place(pointer)
    }

    pub fn title(&self, names: Names<'_>) -> String {
        self.0.title(names)
    }

    pub fn summary(&self, names: Names<'_>) -> (String, String) {
        self.0.summary(names)
    }

    pub fn frame(&self) -> &FrameForm {
        self.0.frame()
    }

    /// The same form in another frame.
    pub fn framed(&self, change: impl FnOnce(&mut FrameForm)) -> Self {
        let mut frame = self.0.frame().clone();
        change(&mut frame);
        Self(self.0.framed(frame))
    }

    /// The same form after a change of its range.
    pub fn following(&self, bounds: LocalBounds, first: Option<NaiveDateTime>) -> Self {
        Self(self.0.following(bounds, first))
    }

    /// The form of another query of the same tool; none: a new one.
    pub fn open(&self, opened: Option<(&Query, &Value)>) -> Self {
        Self(self.0.open(opened))
    }
}

trait Form: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is(&self, other: &dyn Any) -> bool;
    fn query(&self) -> Result<Query, Vec<FormError>>;
    fn view(&self) -> Value;
    fn place(&self, pointer: &str) -> String;
    fn title(&self, names: Names<'_>) -> String;
    fn summary(&self, names: Names<'_>) -> (String, String);
    fn frame(&self) -> &FrameForm;
    fn framed(&self, frame: FrameForm) -> Arc<dyn Form>;
    fn following(&self, bounds: LocalBounds, first: Option<NaiveDateTime>) -> Arc<dyn Form>;
    fn open(&self, opened: Option<(&Query, &Value)>) -> Arc<dyn Form>;
}

impl<D: ToolForm> Form for D {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn query(&self) -> Result<Query, Vec<FormError>> {
        ToolForm::query(self)
    }

    fn view(&self) -> Value {
        ToolForm::view(self)
    }

    fn place(&self, pointer: &str) -> String {
        ToolForm::place(self, pointer)
    }

    fn title(&self, names: Names<'_>) -> String {
        ToolForm::title(self, names)
    }

    fn summary(&self, names: Names<'_>) -> (String, String) {
        ToolForm::summary(self, names)
    }

    fn frame(&self) -> &FrameForm {
        ToolForm::frame(self)
    }

    fn framed(&self, frame: FrameForm) -> Arc<dyn Form> {
        let mut form = self.clone();
        *form.frame_mut() = frame;
        Arc::new(form)
    }

    fn following(&self, bounds: LocalBounds, first: Option<NaiveDateTime>) -> Arc<dyn Form> {
        let mut form = self.clone();
        form.follow_range(bounds, first);
        Arc::new(form)
    }

    fn open(&self, opened: Option<(&Query, &Value)>) -> Arc<dyn Form> {
        Arc::new(opened.map_or_else(D::default, |(query, view)| {
            <D as ToolForm>::open(query, view)
        }))
    }
}
