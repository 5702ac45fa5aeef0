//! Why a question has no answer.

use segments_model::limits::{
    MAX_CLOSURE_CRITERIA, MAX_CLOSURE_DEPTH, MAX_PATTERN_BYTES, MAX_QUESTION_BYTES,
    MAX_QUESTION_PATTERNS_BYTES,
};

use crate::damage::DamagedPart;

/// Why an engine did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The question cannot be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Members, or data, that another engine made, or this one of another version of the data.
    #[error("these users are not of this data")]
    Foreign,
    /// Stored data without which nothing can be answered is missing, or not what was written.
    #[error("the part \"{part}\" of the stored data {what}")]
    Damaged {
        /// The part's name.
        part: String,
        /// What is wrong with it, such as "is missing".
        what: String,
    },
    /// Stored data that another version of the engine wrote.
    #[error("the stored data was written by another version of this program: {0}")]
    Version(String),
    /// The engine cannot be reached for the moment.
    #[error("the engine cannot be reached: {0}")]
    Unavailable(String),
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
            Self::Patterns => MAX_QUESTION_PATTERNS_BYTES,
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
