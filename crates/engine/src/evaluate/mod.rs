//! Who meets a definition, and what each of its criteria does.

mod conditions;
mod evaluation;
mod preview;
mod share;

pub use evaluation::Evaluation;
pub use preview::{Preview, Previewed};
