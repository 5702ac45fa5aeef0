//! How far users got in sequences of events.

mod any;
mod between;
mod facts;
mod kernel;
mod search;
#[cfg(test)]
mod tests;

pub(crate) use facts::{Facts, Marked, Outcome, bits};
pub(crate) use kernel::Kernel;
pub(crate) use search::{Search, Target, load, load_marked, load_others, of_user};
