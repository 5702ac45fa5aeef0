//! A definition made into a list of parts, each worked out after those that it builds on.
//!
//! A criterion that stands in a definition twice is one part. A condition on users inside of a condition on events becomes a
//! part of its own, so that it is worked out once per user and not once per event.
//!
//! The types below know the store and nothing of how parts are worked out; the planner makes them of definitions and queries.
//! What would take long or much memory is not done here but prepared in steps; how much there may be of it is bounded.

mod builder;
mod cohort;
mod filter;
mod inside;
mod occurrences;
mod parts;
mod planner;
mod sequence;
mod spec;

pub(crate) use cohort::{Cohort, Condition};
pub(crate) use filter::{PartId, RowFilter};
pub(crate) use occurrences::{Did, EventTable, Occurrences};
pub(crate) use parts::{Events, Figure, Kind, Part, Plan};
pub(crate) use planner::{Planner, plan};
pub(crate) use sequence::{Sequence, Shape};
pub(crate) use spec::{EventSpec, SequenceSpec};
