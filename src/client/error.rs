//! What can go wrong with a call.

use segments_model::Problem;
use segments_model::problem::{Exceeded, InputError};

const DAMAGED_DATA: &str = "damaged-data";
const OVER_BUDGET: &str = "over-budget";
const TOO_BUSY: &str = "too-busy";

/// Why a call has no answer to show.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApiError {
    /// The backend refused, and said why.
    #[error("{}", describe(.0))]
    Problem(Problem),
    /// The backend answered with a status of failure and nothing that explains it.
    #[error("{place} answered with status {status}")]
    Status {
        /// What answered.
        place: String,
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
    #[error("{place} sent a response that could not be read: {detail}")]
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
            Self::Problem(problem) => {
                (problem.status >= 500 || problem.status == 429) && !is_of(problem, DAMAGED_DATA)
            }
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

fn is_of(problem: &Problem, kind: &str) -> bool {
    problem.kind.strip_prefix("/problems/") == Some(kind)
}

/// What a person reads of a problem: the backend's words, except where they are about its workings.
fn describe(problem: &Problem) -> String {
    match &problem.exceeded {
        Some(Exceeded { limit, most }) if is_of(problem, OVER_BUDGET) && limit == "question_ms" => {
            format!(
                "this took more than {} seconds and was stopped. Try a shorter range or fewer criteria",
                most.div_ceil(1_000)
            )
        }
        _ if is_of(problem, TOO_BUSY) => {
            "too many queries are running. Try again in a moment".to_owned()
        }
        _ => problem.detail.clone(),
    }
}

#[cfg(test)]
mod tests {
    use segments_model::Problem;
    use serde_json::json;

    use super::ApiError;

    fn problem(kind: &str, status: u16, limit: &str) -> ApiError {
        let problem: Problem = serde_json::from_value(json!({
            "type": format!("/problems/{kind}"), "title": "A title", "status": status, "detail": "as the backend says",
            "exceeded": {"limit": limit, "most": 60_000},
        }))
        .unwrap();
        ApiError::Problem(problem)
    }

    #[test]
    fn a_question_that_is_given_up_is_described_by_its_limit() {
        let over = problem("over-budget", 503, "question_ms");
        assert!(over.to_string().contains("60 seconds"), "{over}");
        let another = problem("over-budget", 503, "another_limit");
        assert_eq!(another.to_string(), "as the backend says");
        let busy = problem("too-busy", 503, "waiting");
        assert!(busy.to_string().contains("in a moment"), "{busy}");
        assert!(over.is_passing() && busy.is_passing());
    }

    #[test]
    fn damaged_data_stays_damaged() {
        let damaged = problem("damaged-data", 500, "none");
        assert!(!damaged.is_passing());
        assert!(problem("internal", 500, "none").is_passing());
    }
}
