//! Questions: a definition or a query with everything that its answer depends on beside the data.

use std::collections::{BTreeMap, BTreeSet};

use segments_model::calendar::Zone;
use segments_model::problem::{Code, InputError};
use segments_model::query::Query;
use segments_model::segment::SegmentKind;
use segments_model::walk::{lists, query_lists, query_references, references};
use segments_model::{Criterion, Instant};

use crate::backend::Backend;
use crate::cursor::fingerprint;
use crate::error::Error;
use crate::library::{Entry, Members, Shelf};
use crate::words;

/// What a question is about: a definition or a query, by what it is the same as and what it refers to.
pub struct Subject {
    /// The same for the same questions.
    hash: String,
    /// The ids of the segments that it names, with the JSON pointers of where.
    segments: Vec<(String, String)>,
    /// The ids of the lists that it names, with the JSON pointers of where.
    lists: Vec<(String, String)>,
}

fn owned(references: Vec<(String, &str)>) -> Vec<(String, String)> {
    references
        .into_iter()
        .map(|(pointer, id)| (pointer, id.to_owned()))
        .collect()
}

impl From<&Criterion> for Subject {
    fn from(definition: &Criterion) -> Self {
        Self {
            hash: words::hash(definition),
            segments: owned(references(definition)),
            lists: owned(lists(definition)),
        }
    }
}

impl From<&Query> for Subject {
    fn from(query: &Query) -> Self {
        // Its zone and as-of are the question's, given or not.
        let mut json = serde_json::to_value(query).unwrap_or_default();
        if let Some(fields) = json.as_object_mut() {
            fields.remove("as_of");
            fields.remove("time_zone");
        }
        Self {
            hash: json.to_string(),
            segments: owned(query_references(query)),
            lists: owned(query_lists(query)),
        }
    }
}

impl From<&Entry> for Subject {
    /// The definition of a stored segment.
    fn from(entry: &Entry) -> Self {
        let named =
            |ids: &BTreeSet<String>| ids.iter().map(|id| (String::new(), id.clone())).collect();
        Self {
            hash: entry.hash().to_owned(),
            segments: named(&entry.refers_to),
            lists: named(&entry.lists),
        }
    }
}

impl Subject {
    /// Whether everything that it refers to is there, and none of it refers back to the segment `id`. It stands at
    /// `pointer` in the request's body.
    ///
    /// # Errors
    /// [`Error::Input`], [`Error::Cycle`], [`Error::Unavailable`]
    pub async fn check(
        &self,
        backend: &Backend,
        shelf: &Shelf,
        pointer: &str,
        id: Option<&str>,
    ) -> Result<(), Error> {
        let unknown = |place: &str, detail: String| InputError {
            pointer: format!("{pointer}{place}"),
            code: Code::Unknown,
            detail,
        };
        let mut errors: Vec<InputError> = self
            .segments
            .iter()
            .filter_map(|(place, to)| Some(unknown(place, shelf.entry(to).err()?.to_string())))
            .collect();
        for (place, list) in &self.lists {
            if !backend.has_list(list).await? {
                let detail = format!("there is no list \"{list}\": upload it first");
                errors.push(unknown(place, detail));
            }
        }
        if !errors.is_empty() {
            return Err(Error::Input(errors));
        }
        let Some(id) = id else { return Ok(()) };
        for (place, to) in &self.segments {
            if let Some(path) = shelf.cycle(id, to) {
                return Err(Error::Cycle {
                    pointer: format!("{pointer}{place}"),
                    path: path
                        .iter()
                        .map(|id| shelf.name(id).unwrap_or(id).to_owned())
                        .collect(),
                });
            }
        }
        Ok(())
    }
}

/// When and where something is asked for, and what the segments and lists are that it refers to.
pub struct Question {
    /// The instant that the answer is true for.
    pub as_of: Instant,
    /// The zone of its days, weeks and months.
    pub zone: Zone,
    /// The segments that it refers to, at any distance, by id.
    pub segments: BTreeMap<String, Source>,
    /// The users of the lists that it and these segments refer to, by id.
    pub lists: BTreeMap<String, Vec<String>>,
    /// The same where the subject, the zone and all of these segments are the same.
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
        let closure = closure(shelf, entry.refers_to.iter().cloned().collect(), None).ok()?;
        let zone = &entry.segment.time_zone;
        Some(print(shelf, entry.hash(), zone, &closure))
    }

    /// Asks about something; `instead` takes the place of the stored segment of its id.
    ///
    /// # Errors
    /// [`Error::DanglingReferences`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn ask(
        backend: &Backend,
        shelf: &Shelf,
        subject: impl Into<Subject>,
        zone: Zone,
        as_of: Instant,
        instead: Option<Instead<'_>>,
    ) -> Result<Self, Error> {
        let subject = subject.into();
        let named = subject.segments.into_iter().map(|(_, id)| id).collect();
        let closure = closure(shelf, named, instead)?;
        let mut segments = BTreeMap::new();
        let mut named: Vec<String> = subject.lists.into_iter().map(|(_, id)| id).collect();
        for (id, entry) in &closure {
            let source = match (instead, entry.segment.kind) {
                (Some(instead), _) if instead.id == id.as_str() => {
                    named.extend(
                        lists(instead.definition)
                            .iter()
                            .map(|(_, id)| (*id).to_owned()),
                    );
                    Source::Dynamic {
                        definition: Box::new(instead.definition.clone()),
                        zone: instead.zone.clone(),
                    }
                }
                (_, SegmentKind::Dynamic) => {
                    named.extend(entry.lists.iter().cloned());
                    Source::Dynamic {
                        definition: Box::new(entry.segment.definition.clone()),
                        zone: backend.stored_zone(&entry.segment.time_zone)?,
                    }
                }
                (_, SegmentKind::Static) => {
                    let Members { ids } = backend.members(id).await?.ok_or_else(|| {
                        Error::Broken(format!("the members of segment \"{id}\" are not stored"))
                    })?;
                    Source::Static(ids)
                }
            };
            segments.insert(id.clone(), source);
        }
        let mut fingerprint = print(shelf, &subject.hash, zone.name(), &closure);
        if let Some(instead) = instead {
            let hash = words::hash(instead.definition);
            fingerprint.push_str(&hash);
            fingerprint.push_str(instead.zone.name());
        }
        Ok(Self {
            as_of,
            zone,
            segments,
            lists: backend.lists(named).await?,
            fingerprint,
        })
    }
}

/// The segments of these ids and those that they refer to, at any distance.
fn closure<'a>(
    shelf: &'a Shelf,
    mut next: Vec<String>,
    instead: Option<Instead<'_>>,
) -> Result<BTreeMap<String, &'a Entry>, Error> {
    let mut closure: BTreeMap<String, &Entry> = BTreeMap::new();
    while let Some(id) = next.pop() {
        if closure.contains_key(&id) {
            continue;
        }
        let entry = shelf
            .entry(&id)
            .map_err(|_| Error::DanglingReferences(vec![format!("\"{id}\"")]))?;
        match instead {
            Some(instead) if instead.id == id => {
                let named = references(instead.definition);
                next.extend(named.into_iter().map(|(_, id)| id.to_owned()));
            }
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
