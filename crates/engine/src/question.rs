//! What surrounds a question.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_engine_api::WeightedCache;
pub use segments_engine_api::{EvaluateError, QuestionLimit};
use segments_model::calendar::Zone;
use segments_model::{Criterion, Instant};

/// The users of parts of definitions over one store, by the keys of the parts.
///
/// Of two questions a moment apart most parts are the same: the ones that nobody has edited.
pub type PartCache = WeightedCache<Arc<RoaringBitmap>>;

/// The instant and the calendar of a question, and what its definition refers to, directly or through segments.
#[derive(Clone, Debug)]
pub struct Context {
    /// Events before this instant exist.
    pub as_of: Instant,
    /// Whose days, weeks and months are meant.
    pub zone: Zone,
    /// The segments by id.
    pub segments: BTreeMap<String, Source>,
    /// The users of uploaded lists, by the list's id.
    pub lists: BTreeMap<String, RoaringBitmap>,
    /// Events from this instant on do not exist either, although time has come to as-of: what would be if nothing had
    /// happened since. None: all events before as-of exist.
    pub known_until: Option<Instant>,
    /// How many shares of the users to work on at the same time; 1 where there are no threads.
    pub shares: usize,
    /// Where to keep what parts of definitions come to, for the next question about the same store.
    pub cache: Option<Arc<PartCache>>,
}

impl Context {
    /// Surroundings in which nothing is referred to.
    #[must_use]
    pub const fn new(as_of: Instant, zone: Zone) -> Self {
        Self {
            as_of,
            zone,
            segments: BTreeMap::new(),
            lists: BTreeMap::new(),
            known_until: None,
            shares: 1,
            cache: None,
        }
    }

    /// Which events exist for a definition as of an instant: those before this.
    pub(crate) fn known(&self, as_of: Instant) -> Instant {
        self.known_until.map_or(as_of, |known| known.min(as_of))
    }
}

/// What a stored segment means.
#[derive(Clone, Debug)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "a question refers to a few segments; a box would only be in the way"
    )
)]
pub enum Source {
    /// Whoever meets the definition when it is asked, by the segment's own calendar.
    Dynamic {
        /// Who belongs to it.
        definition: Criterion,
        /// The segment's zone.
        zone: Zone,
    },
    /// These users of the store, whatever the as-of.
    Static(RoaringBitmap),
}
