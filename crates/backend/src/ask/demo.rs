//! The demo put in place: its data, and a few segments over it.

use segments_demo::DemoSegment;
use segments_model::Instant;
use segments_model::segment::{Person, SegmentKind};

use crate::WriteGuard;
use crate::ask::backend::Backend;
use crate::ask::segments::create::new_segment;
use crate::error::Error;

/// How many weeks the trend of a demo segment goes back.
const WEEKS: i64 = 7;
const WEEK_MILLIS: i64 = 7 * 86_400_000;

/// Puts the demo in the data's place, and adds those of its segments that are not there. Where this is broken off the next
/// start goes on with it.
///
/// # Errors
/// [`Error::Unavailable`], [`Error::Broken`]
pub async fn put(backend: &Backend, guard: &WriteGuard) -> Result<(), Error> {
    let (engine, library) = (&backend.data_store, &backend.library);
    engine.put_demo(library, true, guard).await?;
    add_segments(backend).await?;
    engine.put_demo(library, false, guard).await
}

async fn add_segments(backend: &Backend) -> Result<(), Error> {
    let creator = &Person {
        id: "demo".to_owned(),
        name: "Demo".to_owned(),
    };
    for DemoSegment { id, segment } in &segments_demo::segments() {
        backend
            .change(|context| async move {
                let is_there = context.library.any_entry(id).is_ok()
                    || context.library.named(&segment.name, None).is_some();
                if is_there {
                    return Ok((Vec::new(), ()));
                }
                // A static segment has no other members than those of one instant.
                let weeks: Vec<Instant> = match segment.kind {
                    SegmentKind::Static => Vec::new(),
                    SegmentKind::Dynamic => (1..=WEEKS)
                        .rev()
                        .map(|weeks| context.now.saturating_add_millis(-weeks * WEEK_MILLIS))
                        .collect(),
                };
                let creator = creator.clone();
                let changes = new_segment(backend, &context, id, segment, creator, &weeks).await?;
                Ok((changes, ()))
            })
            .await?;
    }
    Ok(())
}
