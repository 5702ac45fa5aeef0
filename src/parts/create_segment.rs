//! The dialog that makes a segment: of the Composer's definition, or of users who were chosen of an answer.

mod facts;
mod fields;
mod form;
mod of_selection;
mod source;
mod state;

pub use form::{CreateSegment, load, tell_saved};
pub use of_selection::{CreateOfSelection, NOBODY, name_of};
pub use source::{SegmentSource, Suggested};
