//! Funnel queries.
//!
//! The events of a user are gathered once, and the user's way is worked out for all users together, for each group that the
//! user can be in, and for each bucket that has an event to start with. Only if there are very many groups, those that are
//! told are worked out in a second pass.

mod direct;
#[expect(
    clippy::module_inception,
    reason = "the job, beside what it is made of"
)]
mod funnel;
mod question;
mod share;
mod tally;
#[cfg(test)]
mod tests;

pub(super) use funnel::prepare;
