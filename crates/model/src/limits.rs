//! How much a question may ask of who answers it.

/// How deep criteria and conditions may be nested in each other, through all segments that are referred to.
pub const MAX_CLOSURE_DEPTH: usize = 128;
/// How many criteria and conditions a definition may have together with the segments that it refers to, directly or through
/// others.
pub const MAX_CLOSURE_CRITERIA: usize = 5_000;
/// How much memory a regular expression may take, in bytes.
pub const MAX_PATTERN_BYTES: usize = 256 << 10;
/// How much memory the different regular expressions of a question may take together, in bytes.
pub const MAX_PATTERNS_BYTES: usize = 2 << 20;
/// How much memory what a question has to know at the same time may take, in bytes: which users meet each of its criteria,
/// and which of a property's texts pass each of its conditions.
pub const MAX_QUESTION_BYTES: usize = 512 << 20;
/// How many units of time the periods of a question's cohorts may run over, from the first start there can be to the last
/// event.
pub const MAX_COHORT_UNITS: usize = 1_000_000;
