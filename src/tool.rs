//! What the three tools share: the state of their pages, their frame, and what can be done with a part of an answer.

pub mod page;
pub mod picked;
pub mod pins;
pub mod state;
