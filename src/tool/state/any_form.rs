//! The form of whichever tool: what the page needs of it is the same code for all of them.

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;

use chrono::NaiveDateTime;
use segments_forms::error::FormError;
use segments_forms::tool::{FrameForm, Names, ToolForm};
use segments_model::query::Query;
use segments_model::range::LocalBounds;
use serde_json::Value;

/// A form. Cheap to clone.
#[derive(Clone)]
pub struct AnyForm(Arc<dyn DynForm>);

impl PartialEq for AnyForm {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.is(other.as_any())
    }
}

impl Deref for AnyForm {
    type Target = dyn DynForm;

    fn deref(&self) -> &(dyn DynForm + 'static) {
        &*self.0
    }
}

impl AnyForm {
    pub fn of(form: impl ToolForm) -> Self {
        Self(Arc::new(form))
    }

    pub fn get<D: ToolForm>(&self) -> D {
        let form = self.as_any().downcast_ref::<D>();
        form.cloned().unwrap_or_default()
    }

    /// The same form in another frame.
    pub fn framed(&self, change: impl FnOnce(&mut FrameForm)) -> Self {
        let mut frame = self.frame().clone();
        change(&mut frame);
        self.with_frame(frame)
    }
}

/// What a page needs of a [`ToolForm`] whose type it does not know.
pub trait DynForm: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is(&self, other: &dyn Any) -> bool;
    fn query(&self) -> Result<Query, Vec<FormError>>;
    fn view(&self) -> Value;
    fn place(&self, pointer: &str) -> String;
    fn title(&self, names: Names<'_>) -> String;
    fn summary(&self, names: Names<'_>) -> (String, String);
    fn frame(&self) -> &FrameForm;
    fn with_frame(&self, frame: FrameForm) -> AnyForm;
    /// The same form after a change of its range.
    fn following(&self, bounds: LocalBounds, first: Option<NaiveDateTime>) -> AnyForm;
    /// The form of another query of the same tool; none: a new one.
    fn open(&self, opened: Option<(&Query, &Value)>) -> AnyForm;
}

impl<D: ToolForm> DynForm for D {
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

    fn with_frame(&self, frame: FrameForm) -> AnyForm {
        let mut form = self.clone();
        *form.frame_mut() = frame;
        AnyForm::of(form)
    }

    fn following(&self, bounds: LocalBounds, first: Option<NaiveDateTime>) -> AnyForm {
        let mut form = self.clone();
        form.follow_range(bounds, first);
        AnyForm::of(form)
    }

    fn open(&self, opened: Option<(&Query, &Value)>) -> AnyForm {
        let form = opened.map(|(query, view)| <D as ToolForm>::open(query, view));
        AnyForm::of(form.unwrap_or_default())
    }
}
