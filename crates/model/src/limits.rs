//! Every limit of the product, in one place: how big things may be, how much a question may cost, how long things stay.
//!
//! A client reads them as `limits` of `GET /project` ([`LIMITS`]). What is over a limit is refused with what the limit is,
//! before any work is done for it; what only shows while the work is under way ends it.

use serde::{Deserialize, Serialize};

// Definitions and queries.

/// How deep criteria and filters may be nested in each other.
pub const MAX_DEPTH: usize = 32;
/// How deep JSON may be nested. It is more than a definition of [`MAX_DEPTH`] needs.
pub const MAX_JSON_DEPTH: usize = 120;
/// How many criteria a definition may have, groups included.
pub const MAX_CRITERIA: u32 = 200;
/// How many conditions on properties a definition may have, groups of them included.
pub const MAX_FILTERS: usize = 1_000;
/// How many conditions on properties a query may have. A definition made of its answer can have each of them twice, and others.
pub const MAX_QUERY_FILTERS: usize = 400;
/// How long a name, an id or a value may be, in characters.
pub const MAX_TEXT: usize = 1_000;
/// How many values a filter may have.
pub const MAX_VALUES: usize = 1_000;
/// How many user ids a criterion may have. Longer lists are uploaded.
pub const MAX_IDS: usize = 1_000;
/// How many values and ids a definition may have in all.
pub const MAX_ALL_VALUES: usize = 50_000;
/// How many values and ids a query may have in all; see [`MAX_QUERY_FILTERS`].
pub const MAX_QUERY_VALUES: usize = 20_000;
/// How many regular expressions a definition may have.
pub const MAX_PATTERNS: usize = 100;
/// How many regular expressions a query may have; see [`MAX_QUERY_FILTERS`].
pub const MAX_QUERY_PATTERNS: usize = 50;
/// How large a regular expression may be once it is compiled, in bytes.
pub const MAX_PATTERN_BYTES: usize = 1 << 18;
/// How large all regular expressions of a definition may be together once they are compiled, in bytes.
pub const MAX_PATTERNS_BYTES: usize = 1 << 21;
/// How large all regular expressions of a query may be together; see [`MAX_QUERY_FILTERS`].
pub const MAX_QUERY_PATTERN_BYTES: usize = 1 << 20;
/// How often a regular expression may repeat something.
pub const MAX_REPETITION: u32 = 1_000;
/// How many steps a sequence, and how many exclusions, conditions of `did`, or starts of a cohort a criterion may have.
pub const MAX_PARTS: usize = 20;
/// How many steps may stand in any order.
pub const MAX_UNORDERED: usize = 10;
/// How many steps may be optional.
pub const MAX_OPTIONAL: usize = 4;
/// How many units a range may go back.
pub const MAX_COUNT: u32 = 1_000_000;
/// The last period that a cohort criterion may ask about.
pub const MAX_PERIOD: u32 = 10_000;
/// How long the time between two occurrences may be: 100 years, in milliseconds.
pub const MAX_WINDOW_MILLIS: i64 = 36_525 * 86_400_000;
/// How large a number may be: as in the data. Beyond it sums would no longer be exact.
pub const MAX_NUMBER: f64 = 1e15;
/// How many rows a segmentation may have: one for each letter.
pub const MAX_ROWS: usize = 26;
/// How long the name of a formula may be, in characters.
pub const MAX_NAME: usize = 200;
/// How many things a query may group by.
pub const MAX_GROUP_BY: usize = 5;
/// How many groups an answer may have.
pub const MAX_GROUPS: u32 = 1_000;
/// How many figures an answer may have: buckets times groups times rows.
pub const MAX_FIGURES: usize = 2_000_000;
/// How many units of time a user's activity may have.
pub const MAX_ACTIVITY_UNITS: usize = 50_000;
/// How many buckets an answer may have.
pub const MAX_BUCKETS: usize = 10_000;
/// The last period of a cohort query.
pub const MAX_PERIODS: u32 = 366;
/// How many errors of one request are answered.
pub const MAX_ERRORS: usize = 100;

// Segments.

/// How long a segment's name may be, in characters.
pub const NAME_CHARACTERS: usize = 200;
/// How long a segment's description may be, in characters.
pub const DESCRIPTION_CHARACTERS: usize = 2_000;
/// How long a segment's category may be, in characters.
pub const CATEGORY_CHARACTERS: usize = 100;
/// How many segments may be laid over each other.
pub const MAX_OVERLAP: usize = 10;
/// How many points a history has at most: a year by day and some.
pub const MAX_POINTS: usize = 400;

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

// Requests.

/// The largest page of a list.
pub const MAX_PAGE: u32 = 500;
/// The largest body of a request that is JSON, in bytes.
pub const BODY_BYTES: u64 = 1 << 20;
/// The largest list of users, in bytes.
pub const LIST_BYTES: u64 = 16 << 20;
/// How long a line of a file may be, in bytes, or a row whose values in quotes span several lines.
pub const LINE_BYTES: usize = 1 << 20;
/// How many bytes of refused lines and reasons an import keeps; further ones are counted.
pub const REJECT_BYTES: usize = 8 << 20;
/// After how many quotes that are opened and never closed a file is refused.
pub const MAX_UNCLOSED_QUOTES: usize = 100;
/// How many refused lines an import's report has one by one.
pub const MAX_REJECTS: usize = 100;

// What is kept.

/// How many uploaded lists of users there may be.
pub const MAX_USER_LISTS: usize = 1_000;
/// How large all uploaded lists of users may be together, in bytes.
pub const MAX_USER_LISTS_BYTES: u64 = 256 << 20;
/// How long an uploaded list of users stays that no definition uses, in milliseconds.
pub const USER_LIST_KEPT_MILLIS: i64 = 86_400_000;
/// How many imports that came to nothing are remembered.
pub const MAX_FAILED_IMPORTS: usize = 100;
/// How many exports that failed are remembered.
pub const MAX_FAILED_EXPORTS: usize = 100;
/// How many imports are remembered with their reports and refused lines: the last ones.
pub const MAX_IMPORTS: usize = 1_000;
/// For how many days an import is remembered.
pub const IMPORT_DAYS: i64 = 365;

// Work.

/// How much memory the different regular expressions of a question may take together, in bytes, those of the segments
/// referred to counted in.
pub const MAX_QUESTION_PATTERNS_BYTES: usize = 8 << 20;
/// How much memory what a question has to know at the same time may take, in bytes: which users meet each of its criteria,
/// and which of a property's texts pass each of its conditions.
pub const MAX_QUESTION_BYTES: usize = 512 << 20;
/// How many units of time the periods of a question's cohorts may run over, from the first start there can be to the last
/// event.
pub const MAX_COHORT_UNITS: usize = 1_000_000;

/// How much computing time one question may take, in milliseconds. Waiting does not count.
pub const QUESTION_MILLIS: u32 = 60_000;
/// How many questions a server works on at the same time for each of its processors; further ones wait.
pub const QUESTIONS_PER_PROCESSOR: usize = 4;
/// How many questions may wait for their turn; further ones are refused.
pub const MAX_WAITING: usize = 100;

/// The limits as a client is told them.
pub const LIMITS: Limits = Limits {
    page: MAX_PAGE,
    criteria: MAX_CRITERIA,
    body_bytes: BODY_BYTES,
    list_bytes: LIST_BYTES,
    depth: MAX_DEPTH as u32,
    conditions: MAX_FILTERS as u32,
    parts: MAX_PARTS as u32,
    text_characters: MAX_TEXT as u32,
    values: MAX_VALUES as u32,
    all_values: MAX_ALL_VALUES as u32,
    patterns: MAX_PATTERNS as u32,
    pattern_bytes: MAX_PATTERN_BYTES as u32,
    all_pattern_bytes: MAX_PATTERNS_BYTES as u32,
    period: MAX_PERIOD,
    rows: MAX_ROWS as u32,
    group_by: MAX_GROUP_BY as u32,
    groups: MAX_GROUPS,
    buckets: MAX_BUCKETS as u32,
    periods: MAX_PERIODS,
    overlap: MAX_OVERLAP as u32,
    points: MAX_POINTS as u32,
    question_ms: QUESTION_MILLIS,
    waiting: MAX_WAITING as u32,
};

/// How much a backend takes. What an older backend does not tell is as in [`LIMITS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// The largest page of a list.
    pub page: u32,
    /// The most criteria in a definition, groups included.
    pub criteria: u32,
    /// The largest body of a request that is JSON, in bytes.
    pub body_bytes: u64,
    /// The largest list of users, in bytes.
    pub list_bytes: u64,
    /// How deep criteria and conditions may be nested in each other.
    pub depth: u32,
    /// The most conditions on properties in a definition, groups included.
    pub conditions: u32,
    /// The most steps of a sequence, exclusions, `did` conditions of an event, or starts of a cohort.
    pub parts: u32,
    /// The longest name, id or value, in characters.
    pub text_characters: u32,
    /// The most values of a condition, or ids of a criterion.
    pub values: u32,
    /// The most values and ids in a definition.
    pub all_values: u32,
    /// The most regular expressions in a definition.
    pub patterns: u32,
    /// The largest regular expression once it is compiled, in bytes.
    pub pattern_bytes: u32,
    /// The largest size of all regular expressions of a definition together, in bytes.
    pub all_pattern_bytes: u32,
    /// The last period that a cohort criterion may ask about.
    pub period: u32,
    /// The most rows of a segmentation.
    pub rows: u32,
    /// The most things that a query may group by.
    pub group_by: u32,
    /// The most groups of an answer.
    pub groups: u32,
    /// The most buckets of an answer.
    pub buckets: u32,
    /// The last period of a cohort query.
    pub periods: u32,
    /// The most segments that may be laid over each other.
    pub overlap: u32,
    /// The most points of a history.
    pub points: u32,
    /// How much computing time one question may take, in milliseconds.
    pub question_ms: u32,
    /// How many questions may wait for their turn on a busy server.
    pub waiting: u32,
}

impl Default for Limits {
    fn default() -> Self {
        LIMITS
    }
}
