//! What can go wrong with a request, and how it is answered.

use segments_engine_api::{EngineError, EvaluateError};
use segments_model::Instant;
use segments_model::limits::{MAX_WAITING, QUESTION_MILLIS};
use segments_model::problem::{Code, InputError, Reference};

use crate::{CatalogError, FilesError};

/// Why a request was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Parts of the body are wrong.
    #[error("{}", first(.0))]
    Input(Vec<InputError>),
    /// The query string or a header cannot be understood.
    #[error("{0}")]
    Malformed(String),
    /// The query string or a header is well-formed but asks for something that cannot be.
    #[error("{0}")]
    Meaningless(String),
    /// There is no such thing.
    #[error("there is no {what} \"{id}\"")]
    NotFound {
        /// What was asked for: `segment`, `user`.
        what: &'static str,
        id: String,
    },
    /// It was there and can be brought back.
    #[error(
        "segment \"{id}\" was deleted at {at}; POST /segments/{id}/restore brings it back until {until}"
    )]
    Deleted {
        /// The segment's id.
        id: String,
        /// When it was deleted.
        at: Instant,
        /// When it goes away for good.
        until: Instant,
    },
    /// Nothing answers at this path.
    #[error("there is nothing at {0}")]
    NoRoute(String),
    /// Nothing answers to this method at this path.
    #[error("{path} does not support {method}; the Allow header lists what it supports")]
    Method {
        /// The method asked with.
        method: String,
        path: String,
    },
    /// Another segment has the name.
    #[error("\"{name}\" is the name of another segment: choose a different one")]
    NameTaken {
        name: String,
        /// The member of the body that gives the name; none: the body gives none.
        pointer: Option<&'static str>,
    },
    /// This backend does not do it.
    #[error("{0}")]
    Forbidden(String),
    /// Others refer to it.
    #[error(
        "\"{name}\" is used by {}: remove it from them first",
        names(.used_by)
    )]
    InUse {
        /// What is in use.
        name: String,
        /// What uses it.
        used_by: Vec<Reference>,
    },
    /// A reference closes a loop.
    #[error("a segment cannot contain itself: {}", .path.join(" → "))]
    Cycle {
        /// Where in the body the loop starts.
        pointer: String,
        /// The names of the segments that make the loop, the first one last again.
        path: Vec<String>,
    },
    /// It refers to segments that are not there any more.
    #[error("it uses {}, deleted since: restore {} first", .0.join(", "), if .0.len() == 1 { "it" } else { "them" })]
    DanglingReferences(Vec<String>),
    /// Somebody else writes the data.
    #[error("another import is running: wait until it has finished, or cancel it")]
    Busy,
    /// Something is not at the point at which this could be done.
    #[error("{0}")]
    NotNow(String),
    /// The cursor is of another version of the data.
    #[error("the list has changed since: start again at the first page")]
    CursorGone,
    /// Something was kept for a while only.
    #[error("{0}")]
    Expired(String),
    /// `If-Match` names another version.
    #[error("someone else has changed it since: reload it, then make your change again")]
    Stale,
    /// The body is larger than allowed.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// The body is of a type that is not understood.
    #[error("{0}")]
    MediaType(String),
    /// The range is not one of the file's.
    #[error("the range is beyond the end of the file, which has {length} bytes")]
    Range {
        /// How many bytes the file has.
        length: u64,
    },
    /// `If-Match` is missing.
    #[error("the If-Match header is missing: send the entity tag of what you want to change")]
    MatchMissing,
    /// The key was used for another request.
    #[error(
        "this Idempotency-Key was used for a different request: use a new one for each request"
    )]
    KeyReused,
    /// Imported data cannot be read any more.
    #[error(
        "the imported data is damaged: {what}. Restore the files from a backup and restart, or import the data again to replace it"
    )]
    Damaged {
        /// Which part of it, and what is wrong.
        what: String,
    },
    /// A part of the imported data that is asked about cannot be read; the rest can.
    #[error(
        "this needs data that is damaged: {what}. Restore the files from a backup and restart; questions that do not need them still work"
    )]
    DamagedPart {
        /// Which part, and what is wrong.
        what: String,
    },
    /// There are files of imported data, but no manifest that names them: the catalog is not the one that belongs to them.
    #[error(
        "the catalog is missing or empty, but there are {files} files of imported data that it should list, such as \"{file}\""
    )]
    CatalogLost {
        file: String,
        /// How many there are.
        files: usize,
    },
    /// The storage cannot be used for the moment.
    #[error("{0}")]
    Unavailable(String),
    /// The question took more computing time than one may.
    #[error(
        "this was stopped after {} seconds of computing time: try a shorter range or fewer criteria",
        QUESTION_MILLIS / 1_000
    )]
    OverBudget,
    /// So many questions wait already that this one was not taken.
    #[error("{MAX_WAITING} questions are already waiting: try again in a moment")]
    TooBusy,
    /// There is no room left.
    #[error("{0}")]
    Full(String),
    /// Stored data that cannot be understood, or another mistake of this program.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// One thing that is wrong with the body.
    #[must_use]
    pub fn input(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self::Input(vec![InputError {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }])
    }

    /// The same with a part of the request's body put before the place of each mistake.
    #[must_use]
    pub fn below(self, pointer: &str) -> Self {
        match self {
            Self::Input(errors) => Self::Input(
                errors
                    .into_iter()
                    .map(|error| InputError {
                        pointer: format!("{pointer}{}", error.pointer),
                        ..error
                    })
                    .collect(),
            ),
            other => other,
        }
    }
}

fn first(errors: &[InputError]) -> String {
    match errors {
        [] => "the input is invalid".to_owned(),
        [error] => error.to_string(),
        [error, others @ ..] => format!("{error} (and {} more)", others.len()),
    }
}

fn names(used_by: &[Reference]) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = used_by
        .iter()
        .take(SHOWN)
        .map(|reference| format!("\"{}\"", reference.name))
        .collect();
    if let Some(more) = used_by.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

impl From<CatalogError> for Error {
    fn from(error: CatalogError) -> Self {
        // Conflicts and taken texts are told apart where the change is made; here they have outlasted every try.
        Self::Unavailable(error.to_string())
    }
}

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Full(_) => Self::Full(error.to_string()),
            FilesError::Unavailable(_) => Self::Unavailable(error.to_string()),
            FilesError::Name(_) | FilesError::Missing(_) => Self::Broken(error.to_string()),
        }
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Evaluate(error) => {
                let code = match &error {
                    EvaluateError::UnknownSegment { .. } | EvaluateError::UnknownList { .. } => {
                        Code::Unknown
                    }
                    EvaluateError::Cycle { .. } => Code::Cycle,
                    EvaluateError::Unsupported { .. } => Code::Unsupported,
                    EvaluateError::Value { .. } => Code::ValueType,
                    EvaluateError::TooLong { .. }
                    | EvaluateError::TooMany { .. }
                    | EvaluateError::TooDeep { .. }
                    | EvaluateError::Exceeded { .. } => Code::TooLarge,
                    EvaluateError::Damaged { part, .. } => {
                        return Self::DamagedPart {
                            what: format!("{part}"),
                        };
                    }
                };
                Self::input(error.pointer(), code, error.to_string())
            }
            EngineError::Unavailable(_) => Self::Unavailable(error.to_string()),
            EngineError::Damaged { part, what } => Self::Damaged {
                what: format!("{part} {what}"),
            },
            EngineError::Foreign | EngineError::Version(_) => Self::Broken(error.to_string()),
        }
    }
}
