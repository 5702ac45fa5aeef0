//! What is kept no longer.

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::creation::Made;
use crate::ask::versions;
use crate::error::Error;
use crate::store::library::parse;
use crate::{Change, Collection};

/// The changes that take away what is kept no longer: segments deleted too long ago, and keys.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn changes(backend: &Backend, context: &RequestContext) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for entry in context.library.purge(context.now) {
        changes.extend(versions::purge(backend, entry).await?);
        let records = [
            (Collection::Segments, Some(entry.revision)),
            (
                Collection::Evaluations,
                context.library.found(&entry.id).map(|found| found.revision),
            ),
            (
                Collection::Members,
                backend.members_revision(&entry.id).await?,
            ),
        ];
        for (collection, revision) in records {
            changes.extend(revision.map(|expected| Change::Delete {
                collection,
                id: entry.id.clone(),
                expected,
            }));
        }
    }
    for record in backend.library.catalog().all(Collection::Keys).await? {
        if parse::<Made>(&record)?.is_over(context.now) {
            changes.push(Change::Delete {
                collection: Collection::Keys,
                id: record.id,
                expected: record.revision,
            });
        }
    }
    Ok(changes)
}
