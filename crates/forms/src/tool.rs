//! What the tools have in common: a form that stands for a query, and how its answer is shown.

use segments_model::query::Query;
use serde_json::Value;

use crate::error::FormError;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// How much, how often, by how many users.
    Segmentation,
    /// How many get from step to step.
    Funnel,
    /// How many come back.
    Cohort,
}

impl Tool {
    /// Every tool, in the order of the navigation.
    pub const ALL: [Self; 3] = [Self::Segmentation, Self::Funnel, Self::Cohort];

    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Segmentation => "Segmentation",
            Self::Funnel => "Funnel",
            Self::Cohort => "Cohort",
        }
    }

    /// The word that it has in queries.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Segmentation => "segmentation",
            Self::Funnel => "funnel",
            Self::Cohort => "cohort",
        }
    }

    /// The tool that a query is of.
    #[must_use]
    pub const fn of(query: &Query) -> Self {
        match query {
            Query::Segmentation(_) => Self::Segmentation,
            Query::Funnel(_) => Self::Funnel,
            Query::Cohort(_) => Self::Cohort,
        }
    }
}

/// The form of a tool's query, with how its answer is shown. Plain and testable: the page shows it and changes it.
pub trait ToolForm: Clone + Default + PartialEq + Send + Sync + 'static {
    /// Whose form it is.
    const TOOL: Tool;

    /// The query that the form stands for.
    ///
    /// # Errors
    /// What is missing or cannot be, by its place in the query.
    fn query(&self) -> Result<Query, Vec<FormError>>;

    /// What a place in the query is called on the page, for messages: `/measures/1/event` is "measure B".
    fn place(&self, pointer: &str) -> String;

    /// What the form says beside the query, as it goes into links and into the origin of a segment: which chart, names of
    /// rows, what is hidden. What is as it begins is left out.
    fn view(&self) -> Value;

    /// The form of a query that is shown like this. Of a view only what can be understood is taken; a query of another
    /// tool makes an empty form.
    fn open(query: &Query, view: &Value) -> Self;
}
