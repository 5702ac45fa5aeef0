//! Questions: a definition or a query with everything that its answer depends on beside the data.

use std::collections::BTreeMap;

use segments_model::calendar::Zone;
use segments_model::canonical;
use segments_model::problem::{Code, InputError};
use segments_model::query::Query;
use segments_model::segment::SegmentKind;
use segments_model::walk::{Mention, Outline};
use segments_model::{Criterion, Instant};

use crate::ask::closure::{ASKED, Extents, STORED, excess};
use crate::ask::cursor::fingerprint;
use crate::ask::zone::stored_zone;
use crate::error::Error;
use crate::store::library::{Entry, LibrarySnapshot};
use crate::store::user_sets::{UserSet, UserSets};

/// What a question is about: a definition or a query, by what it is the same as and what it refers to.
#[derive(Clone)]
pub struct Subject {
    /// The same for the same questions.
    hash: String,
    /// How large it is, and which segments and lists it names.
    outline: Outline,
}

impl From<&Criterion> for Subject {
    fn from(definition: &Criterion) -> Self {
        Self {
            hash: canonical::hash(definition),
            outline: Outline::from(definition),
        }
    }
}

impl From<&Query> for Subject {
    fn from(query: &Query) -> Self {
        // Its zone and as-of are the question's, given or not.
        let json = serde_json::to_string(query).and_then(|json| serde_json::from_str(&json));
        let mut json: serde_json::Value = json.unwrap_or_default();
        if let Some(fields) = json.as_object_mut() {
            fields.remove("as_of");
            fields.remove("time_zone");
        }
        Self {
            hash: json.to_string(),
            outline: Outline::from(query),
        }
    }
}

impl From<&Entry> for Subject {
    /// The definition of a stored segment.
    fn from(entry: &Entry) -> Self {
        Self {
            hash: entry.hash().to_owned(),
            outline: entry.outline.clone(),
        }
    }
}

/// The stored segment whose definition a subject is to be.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The segment's id; none: a new one.
    pub id: Option<&'a str>,
    pub kind: SegmentKind,
}

impl Subject {
    /// Whether everything that it refers to is there, none of it refers back to the segment whose definition it is to be,
    /// and neither it nor what refers to that segment becomes too large. It stands at `pointer` in the request's body.
    ///
    /// # Errors
    /// [`Error::Input`], [`Error::Cycle`], [`Error::Unavailable`]
    pub async fn check(
        &self,
        user_sets: &UserSets,
        library: &LibrarySnapshot,
        pointer: &str,
        place: Option<Place<'_>>,
    ) -> Result<(), Error> {
        let unknown = |mention: &Mention, detail: String| InputError {
            pointer: format!("{pointer}{}", mention.pointer),
            code: Code::Unknown,
            detail,
        };
        let segments = &self.outline.segments;
        let mut errors: Vec<InputError> = segments
            .iter()
            .filter_map(|to| Some(unknown(to, library.entry(&to.id).err()?.to_string())))
            .collect();
        for list in &self.outline.lists {
            if !user_sets.has_list(&list.id).await? {
                let detail = format!("there is no list \"{}\": upload it first", list.id);
                errors.push(unknown(list, detail));
            }
        }
        if !errors.is_empty() {
            return Err(Error::Input(errors));
        }
        if let Some(Place { id: Some(id), .. }) = place {
            for to in segments {
                if let Some(path) = library.cycle(id, &to.id) {
                    return Err(Error::Cycle {
                        pointer: format!("{pointer}{}", to.pointer),
                        path: names(library, path.iter().map(|id| &**id)),
                    });
                }
            }
        }
        self.check_size(library, pointer, place)
    }

    fn check_size(
        &self,
        library: &LibrarySnapshot,
        pointer: &str,
        place: Option<Place<'_>>,
    ) -> Result<(), Error> {
        let too_large = |place: &str, detail: String| {
            Error::input(format!("{pointer}{place}"), Code::TooLarge, detail)
        };
        let mut sizes = Extents::new(|id: &str| match place {
            Some(place) if place.id == Some(id) => {
                (place.kind == SegmentKind::Dynamic).then_some(&self.outline)
            }
            _ => library.outline(id),
        });
        let bound = if place.is_some() { STORED } else { ASKED };
        let size = sizes.of(&self.outline);
        if !size.fits(bound) {
            let way = names(library, sizes.way(&size, bound).into_iter());
            let at = size.reason(bound).map_or("", |mention| &mention.pointer);
            return Err(too_large(at, excess(&size, bound, &way)));
        }
        let Some(Place {
            id: Some(id),
            kind: SegmentKind::Dynamic,
        }) = place
        else {
            return Ok(());
        };
        let mut before = Extents::new(|id: &str| library.outline(id));
        for entry in library.above(id) {
            let size = sizes.of(&entry.outline);
            // What was too large before may only become smaller, or stay as it is.
            if size.exceeds(&before.of(&entry.outline), bound) {
                let mut way = vec![entry.segment.name.clone()];
                way.extend(names(library, sizes.way(&size, bound).into_iter()));
                let name = &entry.segment.name;
                let detail = format!(
                    "\"{name}\" would be too large: {}",
                    excess(&size, bound, &way)
                );
                return Err(too_large("", detail));
            }
        }
        Ok(())
    }
}

fn names<'a>(library: &LibrarySnapshot, ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    ids.map(|id| library.name(id).unwrap_or(id).to_owned())
        .collect()
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
    pub lists: BTreeMap<String, UserSet>,
    /// The same where the subject, the zone and all of these segments are the same.
    pub fingerprint: String,
}

/// Who a segment that is referred to holds.
pub enum Source {
    /// Whoever meets this definition in this zone.
    Dynamic {
        definition: Box<Criterion>,
        /// Whose days, weeks and months are meant.
        zone: Zone,
    },
    /// These users.
    Static(UserSet),
}

/// A segment that takes the place of a stored one.
#[derive(Clone, Copy)]
pub struct Instead<'a> {
    /// The id of the stored segment.
    pub id: &'a str,
    /// Who it would hold.
    pub definition: &'a Criterion,
    /// The same as what a question is about.
    pub subject: &'a Subject,
    /// Whose days, weeks and months are meant.
    pub zone: &'a Zone,
}

impl Question {
    /// The fingerprint that a segment's question has; none where it refers to segments that are not there.
    #[must_use]
    pub fn fingerprint_of(library: &LibrarySnapshot, entry: &Entry) -> Option<String> {
        let closure = closure(library, entry.refers_to.iter().cloned().collect(), None).ok()?;
        let zone = &entry.segment.time_zone;
        Some(print(library, entry.hash(), zone, &closure))
    }

    /// Asks about something; `instead` takes the place of the stored segment of its id.
    ///
    /// # Errors
    /// [`Error::DanglingReferences`], [`Error::Unavailable`], [`Error::Broken`]
    pub async fn ask(
        user_sets: &UserSets,
        library: &LibrarySnapshot,
        subject: impl Into<Subject>,
        zone: Zone,
        as_of: Instant,
        instead: Option<Instead<'_>>,
    ) -> Result<Self, Error> {
        let subject = subject.into();
        let ids = |mentions: &[Mention]| mentions.iter().map(|at| at.id.clone()).collect();
        let closure = closure(library, ids(&subject.outline.segments), instead)?;
        let mut sizes = Extents::new(|id: &str| match instead {
            Some(instead) if instead.id == id => Some(&instead.subject.outline),
            _ => library.outline(id),
        });
        // What is asked was checked before; what was stored before there was a limit may be larger.
        let size = sizes.of(&subject.outline);
        if !size.fits(ASKED) {
            let way = names(library, sizes.way(&size, ASKED).into_iter());
            return Err(Error::Meaningless(excess(&size, ASKED, &way)));
        }
        let mut segments = BTreeMap::new();
        let mut named: Vec<String> = ids(&subject.outline.lists);
        for (id, entry) in &closure {
            let source = match (instead, entry.segment.kind) {
                (Some(instead), _) if instead.id == id.as_str() => {
                    named.extend(ids(&instead.subject.outline.lists));
                    Source::Dynamic {
                        definition: Box::new(instead.definition.clone()),
                        zone: instead.zone.clone(),
                    }
                }
                (_, SegmentKind::Dynamic) => {
                    named.extend(entry.lists.iter().cloned());
                    Source::Dynamic {
                        definition: Box::new(entry.segment.definition.clone()),
                        zone: stored_zone(&entry.segment.time_zone)?,
                    }
                }
                (_, SegmentKind::Static) => {
                    let members = user_sets.members(id).await?;
                    Source::Static(members.ok_or_else(|| not_stored(id))?)
                }
            };
            segments.insert(id.clone(), source);
        }
        let mut fingerprint = print(library, &subject.hash, zone.name(), &closure);
        if let Some(instead) = instead {
            fingerprint.push_str(&instead.subject.hash);
            fingerprint.push_str(instead.zone.name());
        }
        Ok(Self {
            as_of,
            zone,
            segments,
            lists: user_sets.lists(named).await?,
            fingerprint,
        })
    }
}

/// The members of a static segment are gone.
pub fn not_stored(id: &str) -> Error {
    Error::Broken(format!("the members of segment \"{id}\" are not stored"))
}

/// The segments of these ids and those that they refer to, at any distance.
fn closure<'a>(
    library: &'a LibrarySnapshot,
    mut next: Vec<String>,
    instead: Option<Instead<'_>>,
) -> Result<BTreeMap<String, &'a Entry>, Error> {
    let mut closure: BTreeMap<String, &Entry> = BTreeMap::new();
    while let Some(id) = next.pop() {
        if closure.contains_key(&id) {
            continue;
        }
        let entry = library
            .entry(&id)
            .map_err(|_| Error::DanglingReferences(vec![format!("\"{id}\"")]))?;
        match instead {
            Some(instead) if instead.id == id => {
                let named = &instead.subject.outline.segments;
                next.extend(named.iter().map(|at| at.id.clone()));
            }
            // Who is in a static segment is stored; its definition is not asked again.
            _ if entry.segment.kind == SegmentKind::Static => {}
            _ => next.extend(entry.refers_to.iter().cloned()),
        }
        closure.insert(id, entry);
    }
    Ok(closure)
}

fn print(
    library: &LibrarySnapshot,
    hash: &str,
    zone: &str,
    closure: &BTreeMap<String, &Entry>,
) -> String {
    let mut parts = vec![hash.to_owned(), zone.to_owned()];
    for (id, entry) in closure {
        parts.push(id.clone());
        parts.push(match entry.segment.kind {
            SegmentKind::Dynamic => {
                format!("{} {}", entry.hash(), entry.segment.time_zone)
            }
            // Members are found again as of another instant, or of other data.
            SegmentKind::Static => library
                .found(id)
                .map(|found| &found.value)
                .map(|found| format!("{} {} {}", found.as_of, found.question, found.data_version))
                .unwrap_or_default(),
        });
    }
    fingerprint(parts.iter().map(String::as_bytes))
}
