//! How much there may be of what is kept and of what is asked.

/// How many exports that failed are remembered.
pub const MAX_FAILED_EXPORTS: usize = 100;
/// How many imports are remembered with their reports and refused lines: the last ones.
pub const MAX_IMPORTS: usize = 1_000;
/// For how many days an import is remembered.
pub const IMPORT_DAYS: i64 = 365;
