//! Every limit of the product, in one place: how big things may be, how much a question may cost, how long things stay.

// Segments that refer to segments.

/// How deep the criteria and conditions of a segment may be nested in each other, each segment that is referred to written
/// out at its place. Whatever is asked about a segment of this depth is less deep than [`MAX_CLOSURE_DEPTH`].
pub const MAX_SEGMENT_DEPTH: usize = 96;
/// How many criteria and conditions a segment may have, each segment that is referred to written out at every place.
pub const MAX_SEGMENT_CRITERIA: usize = 3_500;
/// How deep criteria and conditions may be nested in each other, through all segments that are referred to.
pub const MAX_CLOSURE_DEPTH: usize = 128;
/// How many criteria and conditions a definition may have together with the segments that it refers to, directly or through
/// others.
pub const MAX_CLOSURE_CRITERIA: usize = 5_000;

// Uploaded lists of users.

/// How many uploaded lists of users there may be.
pub const MAX_USER_LISTS: usize = 1_000;
/// How large all uploaded lists of users may be together, in bytes.
pub const MAX_USER_LISTS_BYTES: u64 = 256 << 20;
/// How long an uploaded list of users stays that no definition uses, in milliseconds.
pub const USER_LIST_KEPT_MILLIS: i64 = 86_400_000;
