//! The data dictionary.

use std::sync::Arc;

use segments_model::Instant;
use segments_model::dictionary::{Dictionary, EntryKind, Suggestions};

use crate::ask::backend::Backend;
use crate::error::Error;

/// What there is, at an instant or now.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Unavailable`], [`Error::Broken`]; so of the values.
pub async fn dictionary(
    backend: &Backend,
    as_of: Option<Instant>,
) -> Result<Arc<Dictionary>, Error> {
    let context = backend.context().await?;
    let data = backend.data(&context).await?;
    data.dictionary(as_of.unwrap_or(context.now)).await
}

/// Which values to suggest.
pub struct ValuesOf<'a> {
    pub kind: EntryKind,
    pub name: &'a str,
    /// What is in the values.
    pub search: &'a str,
    /// How many at most.
    pub limit: Option<u32>,
    /// At which instant, if not now.
    pub as_of: Option<Instant>,
}

/// Values of a property. Of an event: its name alone, where the search matches.
///
/// # Errors
/// [`Error::NotFound`] too.
pub async fn values(backend: &Backend, of: &ValuesOf<'_>) -> Result<Suggestions, Error> {
    let limit = backend.page(of.limit)?;
    let context = backend.context().await?;
    let data = backend.data(&context).await?;
    let as_of = of.as_of.unwrap_or(context.now);
    let suggestions = data
        .snapshot()
        .values(of.kind, of.name, of.search, limit, as_of)
        .await?;
    suggestions.ok_or_else(|| Error::NotFound {
        what: match of.kind {
            EntryKind::Events => "event",
            EntryKind::EventProperties => "event property",
            EntryKind::UserProperties => "user property",
        },
        id: of.name.to_owned(),
    })
}
