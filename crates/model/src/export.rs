//! Files of users going out.

use serde::{Deserialize, Serialize};

use crate::{Criterion, Instant};

/// An export to start: of a stored segment or of a definition, exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// The id of a stored segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Who, in place of a stored segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Criterion>,
    /// How the file is written.
    #[serde(default)]
    pub format: ExportFormat,
    /// What to tell of each user beside the id: columns as of a user search.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The instant to evaluate for; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The IANA time zone; none: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// How an exported file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Values apart by commas, names in the first line.
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
}

impl ExportFormat {
    /// The word of the JSON, which is the file name's extension too.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }
}

/// An export, under way or ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Its id, given by the backend.
    pub id: String,
    /// How far it is.
    pub status: ExportStatus,
    /// How the file is written.
    pub format: ExportFormat,
    /// The instant that its users are those of.
    pub as_of: Instant,
    /// How many users are written so far.
    pub written: u64,
    /// How many users there are to write, once that is known.
    pub users: Option<u64>,
    /// Once complete: where the file is, a URL reference that needs no header.
    pub href: Option<String>,
    /// When the file goes away.
    pub expires_at: Option<Instant>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// It waits for others.
    Pending,
    /// Users are being written.
    Running,
    /// The file is there.
    Complete,
    /// It failed; there is no file.
    Failed,
}
