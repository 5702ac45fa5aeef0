//! What surrounds a question, and why it may have no answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::calendar::Zone;
use segments_model::limits::{
    MAX_CLOSURE_CRITERIA, MAX_CLOSURE_DEPTH, MAX_PATTERN_BYTES, MAX_PATTERNS_BYTES,
    MAX_QUESTION_BYTES,
};
use segments_model::{Criterion, Instant};

use crate::kept::Kept;
use crate::store::DamagedPart;

/// The instant and the calendar of a question, and what its definition refers to, directly or through segments.
#[derive(Clone, Debug)]
pub struct Context {
    /// Events before this instant exist.
    pub as_of: Instant,
    /// Whose days, weeks and months are meant.
    pub zone: Zone,
    /// The segments by id.
    pub segments: BTreeMap<String, Source>,
    /// The users of uploaded lists, by the list's id.
    pub lists: BTreeMap<String, RoaringBitmap>,
    /// Events from this instant on do not exist either, although time has come to as-of: what would be if nothing had
    /// happened since. None: all events before as-of exist.
    pub known_until: Option<Instant>,
    /// How many shares of the users to work on at the same time; 1 where there are no threads.
    pub shares: usize,
    /// Where to keep what parts of definitions come to, for the next question about the same store.
    pub kept: Option<Arc<Kept>>,
}

impl Context {
    /// Surroundings in which nothing is referred to.
    #[must_use]
    pub const fn new(as_of: Instant, zone: Zone) -> Self {
        Self {
            as_of,
            zone,
            segments: BTreeMap::new(),
            lists: BTreeMap::new(),
            known_until: None,
            shares: 1,
            kept: None,
        }
    }

    /// Which events exist for a definition as of an instant: those before this.
    pub(crate) fn known(&self, as_of: Instant) -> Instant {
        self.known_until.map_or(as_of, |known| known.min(as_of))
    }
}

/// What a stored segment means.
#[derive(Clone, Debug)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "a question refers to a few segments; a box would only be in the way"
    )
)]
pub enum Source {
    /// Whoever meets the definition when it is asked, by the segment's own calendar.
    Dynamic {
        /// Who belongs to it.
        definition: Criterion,
        /// The segment's zone.
        zone: Zone,
    },
    /// These users of the store, whatever the as-of.
    Static(RoaringBitmap),
}

/// Why a definition cannot be evaluated. The pointer is a JSON pointer into the definition that was asked; what is wrong
/// inside of a segment that it refers to is told at the reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// There is no such segment.
    #[error("there is no segment \"{id}\"")]
    UnknownSegment {
        /// Where.
        pointer: String,
        /// The id.
        id: String,
    },
    /// There is no such list of users.
    #[error("there is no list of users \"{id}\"")]
    UnknownList {
        /// Where.
        pointer: String,
        /// The id.
        id: String,
    },
    /// A segment refers to itself.
    #[error("segments refer to each other in a circle: {}", path.join(" → "))]
    Cycle {
        /// Where.
        pointer: String,
        /// The ids along the circle, the first one again at the end.
        path: Vec<String>,
    },
    /// The engine does not answer this.
    #[error("{what} cannot be evaluated by this backend yet")]
    Unsupported {
        /// Where.
        pointer: String,
        /// What it is.
        what: &'static str,
    },
    /// A value that cannot be read.
    #[error("{detail}")]
    Value {
        /// Where.
        pointer: String,
        /// What is wrong with it, and what would be right.
        detail: String,
    },
    /// The answer would have more figures than are told.
    #[error(
        "the answer could have more than {most} figures: ask for fewer groups or rows, or a longer interval"
    )]
    TooMany {
        /// Where.
        pointer: String,
        /// How many there may be.
        most: usize,
    },
    /// The answer would have more stretches of time than are told.
    #[error(
        "the range has more than {most} of these intervals: give a longer interval or a shorter range"
    )]
    TooLong {
        /// Where.
        pointer: String,
        /// How many there may be.
        most: usize,
    },
    /// Criteria are nested too deep, those of the segments referred to counted in.
    #[error(
        "criteria are nested more than {MAX_CLOSURE_DEPTH} deep, those of the segments referred to counted in: {}",
        path.join(" → ")
    )]
    TooDeep {
        /// Where.
        pointer: String,
        /// The ids of the segments that lead there, the outermost first.
        path: Vec<String>,
    },
    /// It would take more than a question may.
    #[error("{limit}")]
    Exceeded {
        /// Where it was noticed.
        pointer: String,
        /// More of what.
        limit: QuestionLimit,
    },
    /// A part of the data that it needs could not be read.
    #[error("{} cannot be read: the stored data is damaged there", part.part)]
    Damaged {
        /// Where.
        pointer: String,
        /// The part.
        part: Box<DamagedPart>,
    },
}

/// What a question may take only so much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionLimit {
    /// Criteria and conditions, those of the segments referred to counted in.
    Criteria,
    /// Memory for one regular expression.
    Pattern,
    /// Memory for all regular expressions.
    Patterns,
    /// Memory for what has to be known at the same time.
    Memory,
}

impl QuestionLimit {
    /// How much there may be: criteria and conditions, or bytes.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Criteria => MAX_CLOSURE_CRITERIA,
            Self::Pattern => MAX_PATTERN_BYTES,
            Self::Patterns => MAX_PATTERNS_BYTES,
            Self::Memory => MAX_QUESTION_BYTES,
        }
    }
}

impl std::fmt::Display for QuestionLimit {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(match self {
            Self::Criteria => {
                return write!(
                    to,
                    "there are more than {MAX_CLOSURE_CRITERIA} criteria and conditions, those of the segments referred to counted in"
                );
            }
            Self::Pattern => {
                "this regular expression takes too much memory: shorten it, or let it repeat less"
            }
            Self::Patterns => {
                "the regular expressions take too much memory together: give fewer or shorter ones"
            }
            Self::Memory => "this takes too much memory at once: ask with fewer criteria",
        })
    }
}

impl EvaluateError {
    /// Where in the definition.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::UnknownSegment { pointer, .. }
            | Self::UnknownList { pointer, .. }
            | Self::Cycle { pointer, .. }
            | Self::Unsupported { pointer, .. }
            | Self::Value { pointer, .. }
            | Self::TooMany { pointer, .. }
            | Self::TooLong { pointer, .. }
            | Self::TooDeep { pointer, .. }
            | Self::Exceeded { pointer, .. }
            | Self::Damaged { pointer, .. } => pointer,
        }
    }
}
