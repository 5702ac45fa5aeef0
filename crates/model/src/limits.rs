//! How much there may be of what is kept and of what is asked.

/// How many exports that failed are remembered.
pub const MAX_FAILED_EXPORTS: usize = 100;
