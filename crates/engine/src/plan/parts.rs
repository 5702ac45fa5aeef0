//! The parts of a definition.

use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use segments_model::calendar::{Days, Zone};
use segments_model::measure::Aggregate;
use segments_model::range::Bounds;
use segments_model::{Compare, Instant};

use super::cohort::{Cohort, Condition};
use super::filter::{PartId, RowFilter};
use super::occurrences::{Did, EventTable};
use super::sequence::Sequence;
use crate::moving::Moving;
use crate::predicate::Predicate;
use crate::prepare::Preparation;

/// By how many parts others are narrowed at most. Fewer only leave more users to look at.
const MOST_AMONG: usize = 64;

/// A definition's parts, in the order in which they are worked out.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) parts: Vec<Part>,
    /// The whole definition.
    pub(crate) root: PartId,
    /// The part of each criterion of the definition itself and of each condition on users in it, by JSON pointer.
    pub(crate) places: FxHashMap<String, PartId>,
    /// What has to be worked out before the parts.
    pub(crate) preparations: Vec<Preparation>,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    /// Events before this, in milliseconds, exist, and so do the users that have them.
    pub(crate) as_of: i64,
    /// The same for parts over the same store that hold the same users; none where that cannot be told.
    pub(crate) key: Option<String>,
    /// Only about users in all of these does it matter whether they are in the part; none: about every user.
    pub(crate) among: Vec<PartId>,
    /// Whether it stands in the definition more than once.
    pub(super) shared: bool,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// In every one.
    All(Vec<PartId>),
    /// In at least one.
    Any(Vec<PartId>),
    Not(PartId),
    /// These.
    Fixed(Arc<RoaringBitmap>),
    /// Whose property passes.
    UserProperty {
        /// The property's place in the store; none where there is no such property.
        property: Option<usize>,
        predicate: Predicate,
    },
    /// By what their events amount to.
    Events(Events),
    /// Who got to a step of a sequence, not to a later one, and by which steps. Steps count from 0.
    Sequence {
        sequence: Sequence,
        /// The range of the first event, where it moves on with as-of.
        moving: Option<Moving>,
        reached: usize,
        not_reached: Option<usize>,
        /// The steps of the best run, as bits.
        path: Option<u32>,
    },
    /// By whether they started and came back.
    Cohort(Box<Condition>),
}

/// A look at events, user by user.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) tables: Vec<EventTable>,
    /// Milliseconds: rows from `start` on and before `end`.
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// The range that these are the bounds of, where it moves on with as-of.
    pub(crate) moving: Option<Moving>,
    /// No row of the store lies outside of these.
    pub(crate) span: Bounds,
    /// What else the user has to have done, or not, for a row to count.
    pub(crate) did: Vec<Did>,
    pub(crate) figure: Figure,
}

/// What is asked of a user's rows.
#[derive(Debug)]
pub(crate) enum Figure {
    /// How many, compared.
    Count(Compare),
    /// On how many days, compared.
    Days(Days, Compare),
    /// A figure over a number property's values, compared; none where there is no such property.
    Numbers(Aggregate, Option<u32>, Compare),
    /// How many different values of a property, compared.
    Distinct(Option<u32>, Compare),
    /// The first row ever lies between `start` and `end`.
    First,
}

impl Events {
    /// When the rows to look at happened, in milliseconds.
    pub(crate) fn window(&self, as_of: i64) -> (i64, i64) {
        match self.figure {
            // What a first event is compared with is the first one ever.
            Figure::First => (i64::MIN, as_of),
            _ => (self.start, self.end),
        }
    }
}

/// The days of a range, as far as there are rows: a calendar of thousands of years would be long.
pub(super) fn days_of(zone: &Zone, bounds: Bounds, span: Bounds) -> Days {
    let start = bounds.start.max(span.start);
    zone.days(start, bounds.end.min(span.end).max(start))
}

impl Figure {
    /// What it is held against, unless it is a first row.
    pub(crate) fn compare(&self) -> Option<Compare> {
        match self {
            Self::Count(compare)
            | Self::Days(_, compare)
            | Self::Distinct(_, compare)
            | Self::Numbers(_, _, compare) => Some(*compare),
            Self::First => None,
        }
    }

    /// The place of the property whose values are measured, if they are and if there is such a property.
    pub(crate) fn property(&self) -> Option<Option<u32>> {
        match self {
            Self::Distinct(property, _) | Self::Numbers(_, property, _) => Some(*property),
            Self::Count(_) | Self::Days(..) | Self::First => None,
        }
    }

    /// Whether a user without any row passes.
    pub(crate) fn passes_without_rows(&self) -> bool {
        match self {
            Self::Count(compare)
            | Self::Days(_, compare)
            | Self::Distinct(_, compare)
            | Self::Numbers(Aggregate::Sum, _, compare) => compare.holds(0.0),
            Self::Numbers(..) | Self::First => false,
        }
    }
}

impl Plan {
    /// Finds out for each part about which users alone it matters: a member of an `all` group need not be asked about
    /// users that a member before it has ruled out. Then only the whole definition has the right users, its parts
    /// may have others among those ruled out.
    pub(crate) fn narrow(&mut self) {
        // Parents come after their children, so going back each is reached before what it is made of.
        for place in (0..self.parts.len()).rev() {
            let Some(part) = self.parts.get(place) else {
                continue;
            };
            let outer = part.among.clone();
            let (members, all) = match &part.kind {
                Kind::All(of) => (of.clone(), true),
                Kind::Any(of) => (of.clone(), false),
                Kind::Not(of) => (vec![*of], false),
                _ => continue,
            };
            for (at, member) in members.iter().enumerate() {
                let before = members.iter().take(if all { at } else { 0 });
                let among = outer.iter().chain(before).copied();
                // It is worked out after what it is among, which is so only of what stands before it.
                let among = among.filter(|other| other < member);
                let among: Vec<PartId> = among.take(MOST_AMONG).collect();
                if let Some(member) = self.parts.get_mut(*member).filter(|part| !part.shared) {
                    member.among = among;
                }
            }
        }
    }
}

impl Part {
    pub(super) const fn new(kind: Kind, as_of: i64) -> Self {
        Self {
            kind,
            as_of,
            key: None,
            among: Vec::new(),
            shared: false,
        }
    }

    /// Moves its ranges on to another as-of, where they move; the same events stay known.
    pub(crate) fn move_to(&mut self, as_of: Instant) {
        let known = Instant::from_millis_saturating(self.as_of);
        let bounds = |moving: &Option<Moving>| {
            let bounds = moving.as_ref()?.bounds(as_of);
            Some(Bounds::cut(bounds.start, bounds.end, known))
        };
        match &mut self.kind {
            Kind::Events(events) => {
                if let Some(bounds) = bounds(&events.moving) {
                    events.start = bounds.start.millis();
                    events.end = bounds.end.millis();
                    if let (Figure::Days(days, _), Some(moving)) =
                        (&mut events.figure, &events.moving)
                    {
                        *days = days_of(&moving.zone, bounds, events.span);
                    }
                }
            }
            Kind::Sequence {
                sequence, moving, ..
            } => {
                if let Some(bounds) = bounds(moving) {
                    sequence.move_to(bounds.start.millis(), bounds.end.millis());
                }
            }
            Kind::Cohort(condition) => {
                if let Some(bounds) = bounds(&condition.moving) {
                    condition.move_to(bounds.start.millis(), bounds.end.millis());
                }
            }
            Kind::UserProperty { predicate, .. } => predicate.move_to(as_of),
            Kind::All(_) | Kind::Any(_) | Kind::Not(_) | Kind::Fixed(_) => {}
        }
        self.each_filter_mut(&mut |filter| filter.move_to(as_of));
    }

    /// Shows the parts that it builds on.
    pub(crate) fn each_below(&self, show: &mut impl FnMut(PartId)) {
        match &self.kind {
            Kind::All(of) | Kind::Any(of) => of.iter().copied().for_each(&mut *show),
            Kind::Not(of) => show(*of),
            _ => {}
        }
        self.each_filter(&mut |_, filter| filter.each_part(show));
    }

    /// Shows the filters of rows that it has, each with the place of the table whose rows it is about.
    pub(crate) fn each_filter<'p>(&'p self, show: &mut impl FnMut(usize, &'p RowFilter)) {
        let mut tables = |tables: &'p [EventTable]| {
            for table in tables {
                show(table.table, &table.filter);
            }
        };
        match &self.kind {
            Kind::Events(events) => {
                tables(&events.tables);
                events.did.iter().for_each(|did| tables(&did.tables));
            }
            Kind::Sequence { sequence, .. } => {
                let events = sequence.events.iter();
                events.for_each(|event| event.each_table(&mut tables));
            }
            Kind::Cohort(condition) => {
                let Cohort {
                    chain, returning, ..
                } = &condition.cohort;
                let events = chain.iter().chain([returning]);
                events.for_each(|event| event.each_table(&mut tables));
                if let (Some(last), Some(filter)) = (chain.last(), &condition.generation_where) {
                    for table in &last.tables {
                        show(table.table, filter);
                    }
                }
            }
            Kind::All(_)
            | Kind::Any(_)
            | Kind::Not(_)
            | Kind::Fixed(_)
            | Kind::UserProperty { .. } => {}
        }
    }

    fn each_filter_mut(&mut self, show: &mut impl FnMut(&mut RowFilter)) {
        let mut tables = |tables: &mut [EventTable]| {
            for table in tables {
                show(&mut table.filter);
            }
        };
        match &mut self.kind {
            Kind::Events(events) => {
                tables(&mut events.tables);
                let did = events.did.iter_mut();
                did.for_each(|did| tables(&mut did.tables));
            }
            Kind::Sequence { sequence, .. } => {
                let events = sequence.events.iter_mut();
                events.for_each(|event| event.each_table_mut(&mut tables));
            }
            Kind::Cohort(condition) => {
                let Cohort {
                    chain, returning, ..
                } = &mut condition.cohort;
                let events = chain.iter_mut().chain([returning]);
                events.for_each(|event| event.each_table_mut(&mut tables));
                if let Some(filter) = &mut condition.generation_where {
                    show(filter);
                }
            }
            Kind::All(_)
            | Kind::Any(_)
            | Kind::Not(_)
            | Kind::Fixed(_)
            | Kind::UserProperty { .. } => {}
        }
    }
}
