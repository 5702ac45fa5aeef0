//! What surrounds a question.

use std::collections::BTreeMap;

use segments_model::calendar::Zone;
use segments_model::{Criterion, Instant};

use crate::members::MemberSet;

/// The instant and the calendar of a question, and what its definition refers to, directly or through segments.
#[derive(Clone, Debug)]
pub struct QuestionContext {
    /// Events before this instant exist.
    pub as_of: Instant,
    /// Whose days, weeks and months are meant.
    pub zone: Zone,
    /// The segments that are referred to, at any distance, by id.
    pub segments: BTreeMap<String, Source>,
    /// The users of uploaded lists, by the list's id.
    pub lists: BTreeMap<String, MemberSet>,
    /// Events from this instant on do not exist either, although time has come to as-of: what would be if nothing had
    /// happened since. None: all events before as-of exist.
    pub known_until: Option<Instant>,
}

impl QuestionContext {
    /// A context in which nothing is referred to.
    #[must_use]
    pub const fn new(as_of: Instant, zone: Zone) -> Self {
        Self {
            as_of,
            zone,
            segments: BTreeMap::new(),
            lists: BTreeMap::new(),
            known_until: None,
        }
    }
}

/// What a stored segment means.
#[derive(Clone, Debug)]
pub enum Source {
    /// Whoever meets the definition when it is asked, by the segment's own calendar.
    Dynamic {
        /// Who belongs to it.
        definition: Box<Criterion>,
        /// The segment's zone.
        zone: Zone,
    },
    /// These users, whatever the as-of.
    Static(MemberSet),
}
