//! The project: whose data it is, its time zone and what its backend can do.

use serde::{Deserialize, Serialize};

use crate::Instant;

pub use crate::limits::Limits;

/// The project, as `GET /project` answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its IANA time zone; UTC where nobody set one.
    pub time_zone: String,
    /// The backend's clock.
    pub now: Instant,
    /// The data.
    pub data: DataFacts,
    /// Who asks.
    pub me: Me,
    /// What this backend can do.
    pub capabilities: Capabilities,
    /// How much it takes.
    pub limits: Limits,
}

/// The data that the project has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataFacts {
    /// Changes whenever the data does.
    pub version: String,
    /// Where the data comes from.
    pub source: DataSource,
    /// How many events there are.
    pub events: u64,
    /// How many users there are.
    pub users: u64,
    /// The first event's instant.
    pub first_event_at: Option<Instant>,
    /// The last event's instant.
    pub last_event_at: Option<Instant>,
    /// What of it cannot be read, and what to do about it; the numbers here are without that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<String>,
}

/// Where the data comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSource {
    /// Made up by the program.
    Demo,
    /// Imported.
    Imported,
    /// There is none.
    Empty,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The person's id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Viewer,
    /// Look and change segments.
    Editor,
    /// Everything, imports and the project included.
    Admin,
}

/// What a backend can do. The page leaves out what it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// What the backend is.
    pub backend: BackendKind,
    /// The types of criteria that it evaluates, as in the JSON.
    pub criteria: Vec<String>,
    /// The tools whose queries it answers: `segmentation`, `funnel`, `cohort`.
    #[serde(default)]
    pub tools: Vec<String>,
    /// The file formats that it imports: `csv`, `ndjson`, `parquet`.
    pub import_formats: Vec<String>,
    /// The file formats that it exports: `csv`, `ndjson`, `json`.
    pub export_formats: Vec<String>,
    /// Whether it can go back to the demo data.
    pub reset: bool,
}

/// What a backend is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// It runs in the browser tab; nothing leaves it.
    Embedded,
    /// It runs on a server.
    #[default]
    Server,
}

/// A change of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectPatch {
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its new IANA time zone. Segments keep the zone that they were made in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}
