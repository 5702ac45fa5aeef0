//! What can go wrong with a request, as it is answered.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use segments_model::Problem;
use segments_model::limits::LIMITS;
use segments_model::problem::{Code, Exceeded, InputError};

use crate::Error;

impl Error {
    /// The answer's body.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (kind, title, status) = self.class();
        let (errors, used_by) = match self {
            Self::Input(errors) => (errors.clone(), Vec::new()),
            Self::NameTaken {
                pointer: Some(pointer),
                ..
            } => (vec![self.at(*pointer, Code::NameTaken)], Vec::new()),
            Self::Cycle { pointer, .. } => (vec![self.at(pointer, Code::Cycle)], Vec::new()),
            Self::InUse { used_by, .. } => (Vec::new(), used_by.clone()),
            _ => (Vec::new(), Vec::new()),
        };
        Problem {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            errors,
            used_by,
            exceeded: self.exceeded(),
        }
    }

    fn exceeded(&self) -> Option<Exceeded> {
        let (limit, most) = match self {
            Self::OverBudget => ("question_ms", u64::from(LIMITS.question_ms)),
            Self::TooBusy => ("waiting", u64::from(LIMITS.waiting)),
            _ => return None,
        };
        Some(Exceeded {
            limit: limit.to_owned(),
            most,
        })
    }

    fn at(&self, pointer: impl Into<String>, code: Code) -> InputError {
        InputError {
            pointer: pointer.into(),
            code,
            detail: self.to_string(),
        }
    }

    /// The kind's name in URLs, its title and its status.
    fn class(&self) -> (&'static str, &'static str, StatusCode) {
        use StatusCode as S;
        match self {
            Self::Input(errors) if errors.iter().any(|error| error.code == Code::Malformed) => {
                ("malformed", "Malformed request", S::BAD_REQUEST)
            }
            Self::Malformed(_) => ("malformed", "Malformed request", S::BAD_REQUEST),
            Self::Input(_) | Self::Meaningless(_) => {
                ("invalid-input", "Invalid input", S::UNPROCESSABLE_ENTITY)
            }
            Self::NotFound { .. } | Self::Deleted { .. } | Self::NoRoute(_) => {
                ("not-found", "Not found", S::NOT_FOUND)
            }
            Self::Forbidden(_) => ("forbidden", "Not allowed", S::FORBIDDEN),
            Self::Method { .. } => (
                "method-not-allowed",
                "Method not allowed",
                S::METHOD_NOT_ALLOWED,
            ),
            Self::NameTaken { .. } => ("name-taken", "Name taken", S::CONFLICT),
            Self::InUse { .. } => ("in-use", "Still in use", S::CONFLICT),
            Self::Cycle { .. } => ("cycle", "A segment cannot contain itself", S::CONFLICT),
            Self::DanglingReferences(_) => {
                ("dangling-reference", "Uses something deleted", S::CONFLICT)
            }
            Self::Busy => ("busy", "Another import is running", S::CONFLICT),
            Self::NotNow(_) => ("not-now", "Not possible right now", S::CONFLICT),
            Self::CursorGone => ("cursor-gone", "The list has changed", S::GONE),
            Self::Expired(_) => ("expired", "Expired", S::GONE),
            Self::Stale => ("stale", "Changed by someone else", S::PRECONDITION_FAILED),
            Self::TooLarge { .. } => ("too-large", "The body is too large", S::PAYLOAD_TOO_LARGE),
            Self::MediaType(_) => (
                "media-type",
                "Unsupported media type",
                S::UNSUPPORTED_MEDIA_TYPE,
            ),
            Self::Range { .. } => ("range", "Range not satisfiable", S::RANGE_NOT_SATISFIABLE),
            Self::MatchMissing => (
                "match-missing",
                "If-Match is missing",
                S::PRECONDITION_REQUIRED,
            ),
            Self::KeyReused => (
                "key-reused",
                "Idempotency key reused",
                S::UNPROCESSABLE_ENTITY,
            ),
            Self::Damaged { .. } | Self::DamagedPart { .. } => (
                "damaged-data",
                "The imported data is damaged",
                S::INTERNAL_SERVER_ERROR,
            ),
            Self::CatalogLost { .. } => (
                "catalog-lost",
                "The catalog does not match the data",
                S::INTERNAL_SERVER_ERROR,
            ),
            Self::Unavailable(_) => (
                "unavailable",
                "Temporarily unavailable",
                S::SERVICE_UNAVAILABLE,
            ),
            Self::OverBudget => (
                "over-budget",
                "Question too expensive",
                S::SERVICE_UNAVAILABLE,
            ),
            Self::TooBusy => (
                "too-busy",
                "Too many questions at once",
                S::SERVICE_UNAVAILABLE,
            ),
            Self::Full(_) => ("no-room", "No space left", S::INSUFFICIENT_STORAGE),
            Self::Broken(_) => ("internal", "Internal error", S::INTERNAL_SERVER_ERROR),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response =
            (status, serde_json::to_vec(&problem).unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        match &self {
            Self::Unavailable(_) | Self::TooBusy => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // What was worked out on the way may be in the caches, so it is not pointless.
            Self::OverBudget => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
            }
            Self::Range { length } => {
                if let Ok(value) = HeaderValue::from_str(&format!("bytes */{length}")) {
                    headers.insert(http::header::CONTENT_RANGE, value);
                }
            }
            _ => {}
        }
        response
    }
}
