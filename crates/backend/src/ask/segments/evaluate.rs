//! Segments evaluated, and what is stored of that.

use segments_model::Instant;
use segments_model::segment::SegmentKind;

use crate::ask::backend::Backend;
use crate::ask::context::RequestContext;
use crate::ask::question::{Question, Subject};
use crate::error::Error;
use crate::store::library::{Found, Stored};
use crate::store::user_sets::put_members;
use crate::{Change, Collection};

/// An evaluation of a segment that is not stored yet.
pub struct Evaluated {
    pub found: Found,
    /// Of a static segment the members.
    pub ids: Option<Vec<String>>,
}

/// Evaluates a segment, whose definition is the subject.
///
/// # Errors
/// [`Error::Input`], [`Error::DanglingReferences`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn evaluate(
    backend: &Backend,
    context: &RequestContext,
    segment: &Stored,
    subject: Subject,
    as_of: Instant,
) -> Result<Evaluated, Error> {
    let zone = backend.zone(context, Some(&segment.time_zone), "/time_zone")?;
    let question = Question::ask(
        &backend.user_sets,
        &context.library,
        subject,
        zone,
        as_of,
        None,
    )
    .await?;
    let data = backend.data(context).await?;
    let members = data
        .evaluate(&segment.definition, &question)
        .await
        .map_err(|error| error.below("/definition"))?;
    let users = members.len();
    Ok(Evaluated {
        found: Found {
            as_of,
            users,
            all_users: data.users_at(as_of).await?,
            question: question.fingerprint,
            data_version: data.version().to_owned(),
            trend: vec![(as_of, users)],
        },
        ids: match segment.kind {
            SegmentKind::Static => Some(data.snapshot().ids(&members).await?),
            SegmentKind::Dynamic => None,
        },
    })
}

impl Evaluated {
    /// The changes that store it: `members` is the revision of the members stored before.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn changes(
        self,
        backend: &Backend,
        context: &RequestContext,
        id: &str,
        kind: SegmentKind,
        members: Option<u64>,
    ) -> Result<Vec<Change>, Error> {
        let mut changes = vec![context.library.put_found(id, &self.found)?];
        match (kind, self.ids, members) {
            (SegmentKind::Static, Some(ids), _) => {
                let stored = backend.user_sets.write(&ids).await?;
                changes.push(put_members(id, members, &stored)?);
            }
            (_, _, Some(expected)) => changes.push(Change::Delete {
                collection: Collection::Members,
                id: id.to_owned(),
                expected,
            }),
            (_, _, None) => {}
        }
        Ok(changes)
    }
}
