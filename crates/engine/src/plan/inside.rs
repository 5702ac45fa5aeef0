//! Where in a question a criterion stands.

use segments_model::calendar::Zone;
use segments_model::range::Bounds;
use segments_model::{Instant, Range};

use crate::moving::Moving;
use crate::question::Context;

/// What a part depends on besides what it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct InsideKey {
    as_of: Instant,
    known: Instant,
    fixed: bool,
    zone: String,
}

/// Whose calendar, as of when, and inside of which segments.
pub(crate) struct Inside<'c> {
    /// The instant that calendars run to.
    pub(super) as_of: Instant,
    /// Events before this exist: as-of, unless less is known.
    pub(super) known: Instant,
    /// Whether as-of stays where it is while time goes on.
    pub(super) fixed: bool,
    pub(super) zone: &'c Zone,
    /// The ids of the segments that are being made into parts, the outermost first.
    pub(super) segments: Vec<&'c str>,
    /// The JSON pointer of the reference that led into the outermost of them.
    pub(super) reference: Option<&'c str>,
}

impl<'c> Inside<'c> {
    /// Inside of nothing.
    pub(super) fn nothing(context: &'c Context) -> Self {
        Self {
            as_of: context.as_of,
            known: context.known(context.as_of),
            fixed: false,
            zone: &context.zone,
            segments: Vec::new(),
            reference: None,
        }
    }

    /// The instants of a range, as far as events exist.
    pub(super) fn bounds(&self, range: &Range) -> Bounds {
        let bounds = self.zone.bounds(range, self.as_of);
        Bounds::cut(bounds.start, bounds.end, self.known)
    }

    pub(super) fn key(&self) -> InsideKey {
        InsideKey {
            as_of: self.as_of,
            known: self.known,
            fixed: self.fixed,
            zone: self.zone.name().to_owned(),
        }
    }

    /// A range that moves on with as-of.
    pub(super) fn moving(&self, range: &Range) -> Option<Moving> {
        Moving::new(Some(range), self.fixed, self.zone)
    }

    /// Where a fault at a pointer is told.
    pub(super) fn place(&self, pointer: &str) -> String {
        self.reference.unwrap_or(pointer).to_owned()
    }

    /// The ids of the segments around, the outermost first.
    pub(super) fn path(&self) -> Vec<String> {
        let segments = self.segments.iter().copied();
        segments.map(str::to_owned).collect()
    }
}
