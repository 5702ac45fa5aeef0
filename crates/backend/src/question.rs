//! Questions: a definition with everything that its answer depends on beside the data.

use std::collections::BTreeMap;

use segments_model::calendar::Zone;
use segments_model::segment::SegmentKind;
use segments_model::walk::references;
use segments_model::{Criterion, Instant};

use crate::backend::Backend;
use crate::cursor::fingerprint;
use crate::error::Error;
use crate::library::{Entry, Members, Shelf};
use crate::words;

/// When and where a definition is asked for, and what the segments are that it refers to.
pub struct Question {
    /// The instant that the answer is true for.
    pub as_of: Instant,
    /// The zone of its days, weeks and months.
    pub zone: Zone,
    /// The segments that it refers to, at any distance, by id.
    pub segments: BTreeMap<String, Source>,
    /// The same where the definition, the zone and all of these segments are the same.
    pub fingerprint: String,
}

/// Who a segment that is referred to holds.
pub enum Source {
    /// Whoever meets this definition in this zone.
    Dynamic {
        /// Who.
        definition: Box<Criterion>,
        /// Whose days, weeks and months are meant.
        zone: Zone,
    },
    /// These users.
    Static(Vec<String>),
}

/// A segment that takes the place of a stored one.
#[derive(Clone, Copy)]
pub struct Instead<'a> {
    /// The id of the stored segment.
    pub id: &'a str,
    /// Who it would hold.
    pub definition: &'a Criterion,
    /// Whose days, weeks and months are meant.
    pub zone: &'a Zone,
}

impl Question {
    /// The fingerprint that a segment's question has; none where it refers to segments that are not there.
    #[must_use]
    pub fn fingerprint_of(shelf: &Shelf, entry: &Entry) -> Option<String> {
        let closure = closure(shelf, &entry.segment.definition, None).ok()?;
        let zone = &entry.segment.time_zone;
        Some(print(shelf, entry.hash(), zone, &closure))
    }

    /// Asks for a definition; `instead` takes the place of the stored segment of its id.
    ///
    /// # Errors
    /// [`Error::DanglingReferences`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn ask(
        backend: &Backend,
        shelf: &Shelf,
        definition: &Criterion,
        zone: Zone,
        as_of: Instant,
        instead: Option<Instead<'_>>,
    ) -> Result<Self, Error> {
        let closure = closure(shelf, definition, instead)?;
        let mut segments = BTreeMap::new();
        for (id, entry) in &closure {
            let source = match (instead, entry.segment.kind) {
                (Some(instead), _) if instead.id == id.as_str() => Source::Dynamic {
                    definition: Box::new(instead.definition.clone()),
                    zone: instead.zone.clone(),
                },
                (_, SegmentKind::Dynamic) => Source::Dynamic {
                    definition: Box::new(entry.segment.definition.clone()),
                    zone: backend.stored_zone(&entry.segment.time_zone)?,
                },
                (_, SegmentKind::Static) => {
                    let Members { ids } = backend.members(id).await?.ok_or_else(|| {
                        Error::Broken(format!("the members of segment \"{id}\" are not stored"))
                    })?;
                    Source::Static(ids)
                }
            };
            segments.insert(id.clone(), source);
        }
        let mut fingerprint = print(shelf, &words::hash(definition), zone.name(), &closure);
        if let Some(instead) = instead {
            let hash = words::hash(instead.definition);
            fingerprint.push_str(&hash);
            fingerprint.push_str(instead.zone.name());
        }
        Ok(Self {
            as_of,
            zone,
            segments,
            fingerprint,
        })
    }
}

/// The segments that a definition refers to, at any distance.
fn closure<'a>(
    shelf: &'a Shelf,
    definition: &Criterion,
    instead: Option<Instead<'_>>,
) -> Result<BTreeMap<String, &'a Entry>, Error> {
    let mut closure: BTreeMap<String, &Entry> = BTreeMap::new();
    let ids = |definition: &Criterion| -> Vec<String> {
        references(definition)
            .into_iter()
            .map(|(_, id)| id.to_owned())
            .collect()
    };
    let mut next = ids(definition);
    while let Some(id) = next.pop() {
        if closure.contains_key(&id) {
            continue;
        }
        let entry = shelf
            .entry(&id)
            .map_err(|_| Error::DanglingReferences(vec![format!("\"{id}\"")]))?;
        match instead {
            Some(instead) if instead.id == id => next.extend(ids(instead.definition)),
            // Who is in a static segment is stored; its definition is not asked again.
            _ if entry.segment.kind == SegmentKind::Static => {}
            _ => next.extend(entry.refers_to.iter().cloned()),
        }
        closure.insert(id, entry);
    }
    Ok(closure)
}

fn print(shelf: &Shelf, hash: &str, zone: &str, closure: &BTreeMap<String, &Entry>) -> String {
    let mut parts = vec![hash.to_owned(), zone.to_owned()];
    for (id, entry) in closure {
        parts.push(id.clone());
        parts.push(match entry.segment.kind {
            SegmentKind::Dynamic => {
                format!("{} {}", entry.hash(), entry.segment.time_zone)
            }
            // Members are found again at another instant only.
            SegmentKind::Static => shelf
                .found(id)
                .map(|found| format!("{} {}", found.value.as_of, found.value.question))
                .unwrap_or_default(),
        });
    }
    fingerprint(parts.iter().map(String::as_bytes))
}
