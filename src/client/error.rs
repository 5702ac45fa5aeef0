//! What can go wrong with a call.

use segments_model::Problem;
use segments_model::problem::InputError;

/// Why a call has no answer to show.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApiError {
    /// The backend refused, and said why.
    #[error("{}", .0.detail)]
    Problem(Problem),
    /// The backend answered with a status of failure and nothing that explains it.
    #[error("{place} answered with status {status}")]
    Status {
        /// What answered.
        place: String,
        /// The HTTP status code.
        status: u16,
    },
    /// Nothing came back: no network, or a worker that died.
    #[error("{place} cannot be reached: {detail}")]
    Unreachable {
        /// What did not answer.
        place: String,
        /// What the browser says.
        detail: String,
    },
    /// Nobody waits for the answer any more.
    #[error("the request was cancelled")]
    Cancelled,
    /// What the backend had begun failed there, and it says why.
    #[error("{0}")]
    Failed(String),
    /// The answer is none that the contract knows.
    #[error("{place} gave an answer that cannot be read: {detail}")]
    Decode {
        /// What answered.
        place: String,
        /// What is wrong with the answer.
        detail: String,
    },
}

impl ApiError {
    /// Whether asking again, changing nothing, may well help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Cancelled => true,
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            Self::Problem(problem) => problem.status >= 500 || problem.status == 429,
            Self::Failed(_) | Self::Decode { .. } => false,
        }
    }

    /// Whether the backend cannot be reached.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// The HTTP status code, where there is one.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The problem, where the backend told one.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// What is wrong with the part of the input that a JSON pointer names.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&InputError> {
        self.problem()?
            .errors
            .iter()
            .find(|error| error.pointer == pointer)
    }
}
