//! Why a user meets a definition, or does not.

mod ahead;
mod explaining;
mod flip;
mod found;

pub use explaining::Explaining;
