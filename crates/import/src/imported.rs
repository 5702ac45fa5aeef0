//! What comes of a file, and what is there already.

use std::collections::BTreeMap;

use segments_engine_api::batch::Batch;
use segments_model::ValueType;
use segments_model::import::ImportReport;

use crate::rejects::Rejects;

/// The types of the properties that are there already, by name.
pub type Known = BTreeMap<String, ValueType>;

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its rows.
    pub batch: Batch,
    /// What was taken and what was refused.
    pub report: ImportReport,
    /// The lines that were refused.
    pub rejects: Rejects,
}
