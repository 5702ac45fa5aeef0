//! Lists that come in pages.

use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items, in the order that was asked for.
    pub items: Vec<T>,
    /// What to ask for the next page with; none on the last page.
    ///
    /// A cursor belongs to its question and to one version of the data, so that pages fit together.
    pub next_cursor: Option<String>,
    /// How many items all the pages have.
    pub total: u64,
}
