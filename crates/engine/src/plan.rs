//! A definition made into a list of parts, each worked out after those that it builds on.
//!
//! A criterion that stands in a definition twice is one part. A condition on users inside of a condition on events becomes a
//! part of its own, so that it is worked out once per user and not once per event.

use std::fmt::Write as _;

use roaring::RoaringBitmap;
use segments_model::calendar::{Days, Zone};
use segments_model::canonical::hash;
use segments_model::criterion::{
    self, Behaviour, CohortCriterion, EventCriterion, Exclusion, FirstEventCriterion, Order,
    SequenceCriterion, Step, When, Within,
};
use segments_model::filter::{PropertyFilter, Scope};
use segments_model::measure::Aggregate;
use segments_model::range::Bounds;
use segments_model::validate::MAX_PARTS;
use segments_model::walk::{self, walk};
use segments_model::{Compare, Criterion, Filter, Instant, Measure, Range};

use crate::cohort::{Cohort, Condition, MOST_UNITS, unit_starts};
use crate::moving::Moving;
use crate::predicate::Predicate;
use crate::question::{Context, EvaluateError, Source};
use crate::sequence::{MAX_ANY, Sequence, Shape};
use crate::store::{Store, Table};
use crate::units::Units;

/// The place of a part in a [`Plan`].
pub(crate) type PartId = usize;

/// A definition's parts, in the order in which they are worked out.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) parts: Vec<Part>,
    /// The whole definition.
    pub(crate) root: PartId,
    /// The part of each criterion of the definition itself and of each condition on users in it, by JSON pointer; parents
    /// come after their children.
    pub(crate) places: Vec<(String, PartId)>,
    /// What was made into a part, to find it again.
    made: Vec<(Made, Moment, PartId)>,
}

#[derive(Debug, PartialEq)]
enum Made {
    Criterion(Criterion),
    UserProperty(PropertyFilter),
}

/// What a part depends on besides what it was made of.
#[derive(Debug, PartialEq)]
struct Moment {
    as_of: Instant,
    known: Instant,
    fixed: bool,
    zone: String,
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
    shared: bool,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// In every one.
    All(Vec<PartId>),
    /// In at least one.
    Any(Vec<PartId>),
    /// Not in it.
    Not(PartId),
    /// These.
    Fixed(RoaringBitmap),
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
    /// What else the user has to have done, or not, for a row to count.
    pub(crate) did: Vec<Did>,
    pub(crate) figure: Figure,
}

/// A table with the filter of its rows.
#[derive(Debug)]
pub(crate) struct EventTable {
    /// The table's place in the store.
    pub(crate) table: usize,
    pub(crate) filter: RowFilter,
}

/// Occurrences of an event: rows of its tables in a time.
#[derive(Debug)]
pub(crate) struct Occurrences {
    pub(crate) tables: Vec<EventTable>,
    /// Milliseconds: rows from `start` on and before `end`.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) did: Vec<Did>,
}

impl Occurrences {
    /// How many rows its tables have.
    pub(crate) fn rows(&self, store: &Store) -> usize {
        let tables = self.tables.iter();
        tables
            .filter_map(|table| store.tables.get(table.table))
            .map(Table::rows)
            .sum()
    }
}

/// Another event strictly before or after an occurrence.
#[derive(Debug)]
pub(crate) struct Did {
    pub(crate) performed: bool,
    /// The other event.
    pub(crate) tables: Vec<EventTable>,
    /// Milliseconds: the other event's rows before this exist.
    pub(crate) as_of: i64,
    pub(crate) when: When,
    /// Milliseconds that the other event is at most away.
    pub(crate) within: Option<i64>,
    pub(crate) compare: Compare,
}

/// What a query or a criterion says of an event.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'q> {
    pub(crate) event: Option<&'q str>,
    pub(crate) filter: Option<&'q Filter>,
    pub(crate) did: &'q [criterion::Did],
}

/// What a query or a criterion says of a sequence.
#[derive(Clone, Copy)]
pub(crate) struct AskedSequence<'q> {
    pub(crate) steps: &'q [Step],
    pub(crate) order: Order,
    pub(crate) within: Option<Within>,
    pub(crate) exclude: &'q [Exclusion],
    pub(crate) during: &'q Range,
}

impl<'q> Asked<'q> {
    pub(crate) fn new(behaviour: &'q Behaviour) -> Self {
        Self {
            event: behaviour.event.as_deref(),
            filter: behaviour.filter.as_ref(),
            did: &[],
        }
    }
}

/// A condition on a row and its user.
#[derive(Clone, Debug)]
pub(crate) enum RowFilter {
    All(Vec<RowFilter>),
    Any(Vec<RowFilter>),
    Not(Box<RowFilter>),
    /// The row's value of an event property.
    Property {
        /// The property's place in the store.
        property: u32,
        predicate: Predicate,
    },
    /// The row's user is in a part.
    User(PartId),
    Constant(bool),
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

/// Whose calendar, as of when, and inside of which segments.
pub(crate) struct Inside<'c> {
    /// The instant that calendars run to.
    as_of: Instant,
    /// Events before this exist: as-of, unless less is known.
    known: Instant,
    /// Whether as-of stays where it is while time goes on.
    fixed: bool,
    zone: &'c Zone,
    /// The ids of the segments that are being made into parts, the outermost first.
    segments: Vec<&'c str>,
    /// The JSON pointer of the reference that led into the outermost of them.
    reference: Option<&'c str>,
}

impl Inside<'_> {
    /// The instants of a range, as far as events exist.
    fn bounds(&self, range: &Range) -> Bounds {
        let bounds = self.zone.bounds(range, self.as_of);
        Bounds::cut(bounds.start, bounds.end, self.known)
    }

    fn moment(&self) -> Moment {
        Moment {
            as_of: self.as_of,
            known: self.known,
            fixed: self.fixed,
            zone: self.zone.name().to_owned(),
        }
    }

    /// A range that moves on with as-of.
    fn moving(&self, range: &Range) -> Option<Moving> {
        Moving::new(Some(range), self.fixed, self.zone)
    }

    /// Where a fault at a pointer is told.
    fn place(&self, pointer: &str) -> String {
        self.reference.unwrap_or(pointer).to_owned()
    }
}

impl Plan {
    /// The parts of a definition.
    pub(crate) fn new(
        store: &Store,
        definition: &Criterion,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let mut planner = Planner::new(store, context);
        planner.plan.root = planner.criterion(definition, "", &planner.outermost())?;
        Ok(planner.plan)
    }

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
                let among: Vec<PartId> = among.filter(|other| other < member).collect();
                if let Some(member) = self.parts.get_mut(*member).filter(|part| !part.shared) {
                    member.among = among;
                }
            }
        }
    }
}

/// Makes parts of criteria and of what queries say of users and events.
pub(crate) struct Planner<'c> {
    store: &'c Store,
    context: &'c Context,
    plan: Plan,
}

impl<'c> Planner<'c> {
    pub(crate) fn new(store: &'c Store, context: &'c Context) -> Self {
        Self {
            store,
            context,
            plan: Plan::default(),
        }
    }

    /// Inside of no segment.
    pub(crate) fn outermost(&self) -> Inside<'c> {
        Inside {
            as_of: self.context.as_of,
            known: self.context.known(self.context.as_of),
            fixed: false,
            zone: &self.context.zone,
            segments: Vec::new(),
            reference: None,
        }
    }

    /// The plan of everything that was made into parts, with the part that is asked about: as a rule the audience.
    pub(crate) fn finish(mut self, root: PartId) -> Plan {
        self.plan.root = root;
        self.plan
    }

    /// Those a query asks about.
    pub(crate) fn audience(
        &mut self,
        audience: Option<&Criterion>,
    ) -> Result<PartId, EvaluateError> {
        let inside = self.outermost();
        match audience {
            Some(audience) => self.criterion(audience, "/audience", &inside),
            None => Ok(self.push(Kind::All(Vec::new()), &inside)),
        }
    }

    /// Those in a segment.
    pub(crate) fn segment(&mut self, id: &str, pointer: &str) -> Result<PartId, EvaluateError> {
        let inside = self.outermost();
        let kind = self.segment_by_id(id, None, pointer, &inside)?;
        Ok(self.push(kind, &inside))
    }

    /// The occurrences of an event in a time, in milliseconds: from the first on and before the second.
    pub(crate) fn occurrences(
        &mut self,
        asked: Asked<'_>,
        (start, end): (i64, i64),
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Occurrences, EvaluateError> {
        Ok(Occurrences {
            tables: self.tables(asked.event, asked.filter, pointer, inside)?,
            start,
            end,
            did: self.did(asked.did, pointer, inside)?,
        })
    }

    fn did(
        &mut self,
        did: &[criterion::Did],
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<Did>, EvaluateError> {
        did.iter()
            .enumerate()
            .map(|(place, did)| {
                let pointer = format!("{pointer}/did/{place}");
                Ok(Did {
                    performed: did.performed,
                    tables: self.tables(
                        did.event.as_deref(),
                        did.filter.as_ref(),
                        &pointer,
                        inside,
                    )?,
                    as_of: inside.known.millis(),
                    when: did.when,
                    within: did.within.map(|within| within.millis()),
                    compare: did.compare,
                })
            })
            .collect()
    }

    fn criterion(
        &mut self,
        criterion: &Criterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        // A group is not looked up: the places of its members have to be told for each place it stands in.
        let made = match criterion {
            Criterion::All { .. } | Criterion::Any { .. } | Criterion::Not { .. } => None,
            leaf => Some(Made::Criterion(leaf.clone())),
        };
        let part = match made.as_ref().and_then(|made| self.found(made, inside)) {
            Some(part) => {
                if let Some(part) = self.plan.parts.get_mut(part) {
                    part.shared = true;
                }
                part
            }
            None => {
                let kind = self.kind(criterion, pointer, inside)?;
                let part = self.push(kind, inside);
                if let Some(made) = made {
                    self.keep(criterion, part, inside);
                    self.remember(made, inside, part);
                }
                part
            }
        };
        self.place(pointer, part, inside);
        Ok(part)
    }

    fn each(
        &mut self,
        criteria: &[Criterion],
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<PartId>, EvaluateError> {
        criteria
            .iter()
            .enumerate()
            .map(|(place, criterion)| {
                self.criterion(criterion, &format!("{pointer}/of/{place}"), inside)
            })
            .collect()
    }

    fn kind(
        &mut self,
        criterion: &Criterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        match criterion {
            Criterion::All { of } => Ok(Kind::All(self.each(of, pointer, inside)?)),
            Criterion::Any { of } => Ok(Kind::Any(self.each(of, pointer, inside)?)),
            Criterion::Not { of } => {
                let part = self.criterion(of, &format!("{pointer}/of"), inside)?;
                Ok(Kind::Not(part))
            }
            Criterion::Event(event) => self.event(event, pointer, inside),
            Criterion::FirstEvent(first) => self.first_event(first, pointer, inside),
            Criterion::User { filter } => {
                let part = self.user_filter(filter, &format!("{pointer}/where"), inside)?;
                Ok(Kind::All(vec![part]))
            }
            Criterion::Segment(segment) => {
                let pointer = format!("{pointer}/id");
                self.segment_by_id(&segment.id, segment.as_of, &pointer, inside)
            }
            Criterion::Users(users) => {
                if let Some(id) = &users.list {
                    return match self.context.lists.get(id) {
                        Some(members) => Ok(Kind::Fixed(members.clone())),
                        None => Err(EvaluateError::UnknownList {
                            pointer: inside.place(&format!("{pointer}/list")),
                            id: id.clone(),
                        }),
                    };
                }
                let numbers = users.ids.iter().flatten();
                Ok(Kind::Fixed(
                    numbers
                        .filter_map(|id| self.store.user_number(id))
                        .collect(),
                ))
            }
            Criterion::Sequence(sequence) => self.reached(sequence, pointer, inside),
            Criterion::Cohort(cohort) => self.cohort(cohort, pointer, inside),
        }
    }

    fn event(
        &mut self,
        event: &EventCriterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let bounds = inside.bounds(&event.during);
        let compare = event.compare;
        let place = |name: &str| self.store.event_property(name).map(|(place, _)| place);
        let figure = match &event.measure {
            Measure::Count => Figure::Count(compare),
            Measure::DistinctDays => {
                Figure::Days(inside.zone.days(bounds.start, bounds.end), compare)
            }
            Measure::Of {
                aggregate: Aggregate::Distinct,
                property,
            } => Figure::Distinct(place(property), compare),
            Measure::Of {
                aggregate,
                property,
            } => Figure::Numbers(*aggregate, place(property), compare),
        };
        Ok(Kind::Events(Events {
            tables: self.tables(
                event.event.as_deref(),
                event.filter.as_ref(),
                pointer,
                inside,
            )?,
            start: bounds.start.millis(),
            end: bounds.end.millis(),
            moving: inside.moving(&event.during),
            did: self.did(&event.did, pointer, inside)?,
            figure,
        }))
    }

    fn reached(
        &mut self,
        criterion: &SequenceCriterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let asked = AskedSequence {
            steps: &criterion.steps,
            order: criterion.order,
            within: criterion.within,
            exclude: &criterion.exclude,
            during: &criterion.during,
        };
        let sequence = self.sequence(asked, pointer, inside)?;
        let wrong = |name: &str, detail: String| EvaluateError::Value {
            pointer: inside.place(&format!("{pointer}/{name}")),
            detail,
        };
        let place = |step: u32, name: &str| match (step as usize).checked_sub(1) {
            Some(place) if place < criterion.steps.len() => Ok(place),
            _ => Err(wrong(
                name,
                format!("give a step: 1 to {}", criterion.steps.len()),
            )),
        };
        let mut path = None;
        for step in criterion.path.iter().flatten() {
            if criterion.order == Order::Any {
                let detail = "in any order steps make no path".to_owned();
                return Err(wrong("path", detail));
            }
            path = Some(path.unwrap_or(0) | 1 << place(*step, "path")?);
        }
        Ok(Kind::Sequence {
            sequence,
            moving: inside.moving(&criterion.during),
            reached: place(criterion.reached, "reached")?,
            not_reached: match criterion.stop() {
                Some(step) => Some(place(step, "not_reached")?),
                None => None,
            },
            path,
        })
    }

    /// A sequence with the events that it is about.
    pub(crate) fn sequence(
        &mut self,
        asked: AskedSequence<'_>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Sequence, EvaluateError> {
        let wrong = |place: String, detail: String| EvaluateError::Value {
            pointer: inside.place(&format!("{pointer}/{place}")),
            detail,
        };
        let any = asked.order == Order::Any;
        let (steps, most) = (asked.steps.len(), if any { MAX_ANY } else { MAX_PARTS });
        if !(1..=most).contains(&steps) {
            return Err(wrong("steps".to_owned(), format!("give 1 to {most} steps")));
        }
        if asked.exclude.len() > MAX_PARTS {
            let detail = format!("give at most {MAX_PARTS} exclusions");
            return Err(wrong("exclude".to_owned(), detail));
        }
        let bounds = inside.bounds(asked.during);
        let (start, end) = (bounds.start.millis(), bounds.end.millis());
        let until = inside.known.millis();
        let mut events = Vec::new();
        for (place, step) in asked.steps.iter().enumerate() {
            if step.optional && (place == 0 || any) {
                return Err(wrong(
                    format!("steps/{place}/optional"),
                    "neither the first step nor one in any order can be optional".to_owned(),
                ));
            }
            let event = Asked {
                event: step.event.as_deref(),
                filter: step.filter.as_ref(),
                did: &step.did,
            };
            // Whatever comes first in any order, it comes in the range.
            let end = if place == 0 && !any { end } else { until };
            events.push(self.occurrences(
                event,
                (start, end),
                &format!("{pointer}/steps/{place}"),
                inside,
            )?);
        }
        let mut exclude = Vec::new();
        for (place, exclusion) in asked.exclude.iter().enumerate() {
            let (from, to) = (exclusion.from as usize, exclusion.to as usize);
            if any || from == 0 || from >= to || to > steps {
                return Err(wrong(
                    format!("exclude/{place}"),
                    "an exclusion runs from a step, counted from 1, to a later one, and not in any order".to_owned(),
                ));
            }
            let event = Asked {
                event: exclusion.event.as_deref(),
                filter: exclusion.filter.as_ref(),
                did: &[],
            };
            events.push(self.occurrences(
                event,
                (start, until),
                &format!("{pointer}/exclude/{place}"),
                inside,
            )?);
            exclude.push(from - 1..to - 1);
        }
        if asked.order == Order::Strict {
            let event = Asked {
                event: None,
                filter: None,
                did: &[],
            };
            events.push(self.occurrences(event, (start, until), pointer, inside)?);
        }
        Ok(Sequence {
            shape: Shape {
                optional: asked.steps.iter().map(|step| step.optional).collect(),
                order: asked.order,
                limit: asked
                    .within
                    .map(|within| (within.of, within.window().millis())),
                exclude,
                start,
                end,
                as_of: inside.as_of.millis(),
            },
            events,
        })
    }

    fn first_event(
        &mut self,
        first: &FirstEventCriterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let bounds = inside.bounds(&first.during);
        Ok(Kind::Events(Events {
            tables: self.tables(
                first.event.as_deref(),
                first.filter.as_ref(),
                pointer,
                inside,
            )?,
            start: bounds.start.millis(),
            end: bounds.end.millis(),
            moving: inside.moving(&first.during),
            did: Vec::new(),
            figure: Figure::First,
        }))
    }

    fn cohort(
        &mut self,
        cohort: &CohortCriterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let zone = inside.zone;
        let bounds = inside.bounds(&cohort.started);
        let ever = (i64::MIN, inside.known.millis());
        let range = (bounds.start.millis(), bounds.end.millis());
        let last = cohort.start.len().saturating_sub(1);
        let mut chain = Vec::new();
        for (place, start) in cohort.start.iter().enumerate() {
            let window = match place == last && !cohort.first_time {
                true => range,
                false => ever,
            };
            let pointer = format!("{pointer}/start/{place}");
            chain.push(self.occurrences(Asked::new(start), window, &pointer, inside)?);
        }
        let asked = Asked::new(&cohort.returning);
        let returning = self.occurrences(asked, ever, &format!("{pointer}/return"), inside)?;
        let generation_where = match &cohort.generation_where {
            Some(filter) => {
                Some(self.row_filter(filter, &format!("{pointer}/generation_where"), inside)?)
            }
            None => None,
        };
        let unit = cohort.unit.unit();
        let generation = cohort.generation.map(|start| {
            // An instant inside of a unit is no generation's.
            let end = match zone.unit_start(unit, start) == start {
                true => zone.next_unit(unit, start),
                false => start,
            };
            (start.millis(), end.millis())
        });
        let mut starts = Vec::new();
        if let (Some(_), Some(first)) = (cohort.period, self.store.first_event(inside.known)) {
            let from = cohort.generation.unwrap_or(bounds.start).max(first);
            let until = self.store.last_event().min(inside.known);
            starts = unit_starts(zone, unit, (from, until), MOST_UNITS).ok_or_else(|| {
                EvaluateError::TooLong {
                    pointer: inside.place(&format!("{pointer}/unit")),
                    most: MOST_UNITS,
                }
            })?;
        }
        Ok(Kind::Cohort(Box::new(Condition {
            cohort: Cohort {
                chain,
                range,
                returning,
            },
            moving: inside.moving(&cohort.started),
            first_time: cohort.first_time,
            generation,
            generation_where,
            units: Units::new(starts, self.store.base),
            period: cohort.period,
            matching: cohort.matching,
            outcome: cohort.outcome,
        })))
    }

    /// The tables of an event, or of all, with the filter made ready for each; those where no row passes are left out.
    fn tables(
        &mut self,
        name: Option<&str>,
        filter: Option<&Filter>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<EventTable>, EvaluateError> {
        let filter = match filter {
            Some(filter) => self.row_filter(filter, &format!("{pointer}/where"), inside)?,
            None => RowFilter::Constant(true),
        };
        Ok(self
            .store
            .tables
            .iter()
            .enumerate()
            .filter(|(_, table)| name.is_none_or(|name| table.name == name))
            .map(|(place, table)| EventTable {
                table: place,
                filter: filter.for_columns(&|property| table.column(property).is_some()),
            })
            .filter(|table| !matches!(table.filter, RowFilter::Constant(false)))
            .collect())
    }

    fn row_filter(
        &mut self,
        filter: &Filter,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<RowFilter, EvaluateError> {
        let mut each = |of: &[Filter]| {
            of.iter()
                .enumerate()
                .map(|(place, filter)| {
                    self.row_filter(filter, &format!("{pointer}/of/{place}"), inside)
                })
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match filter {
            Filter::All { of } => RowFilter::All(each(of)?),
            Filter::Any { of } => RowFilter::Any(each(of)?),
            Filter::Not { of } => RowFilter::Not(Box::new(self.row_filter(
                of,
                &format!("{pointer}/of"),
                inside,
            )?)),
            Filter::Property(property) if property.scope == Scope::Event => {
                let found = self.store.event_property(&property.name);
                let predicate = Predicate::of(
                    property,
                    found.map(|(_, found)| (found.value_type, &found.texts)),
                    inside.as_of,
                    inside.fixed,
                    inside.zone,
                )
                .map_err(|detail| EvaluateError::Value {
                    pointer: inside.place(&format!("{pointer}/values")),
                    detail,
                })?;
                match found {
                    Some((place, _)) => RowFilter::Property {
                        property: place,
                        predicate,
                    },
                    None => RowFilter::Constant(predicate.of_missing()),
                }
            }
            Filter::Property(_) | Filter::Segment { .. } => {
                RowFilter::User(self.user_filter(filter, pointer, inside)?)
            }
        })
    }

    fn user_filter(
        &mut self,
        filter: &Filter,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        let mut each = |of: &[Filter]| {
            of.iter()
                .enumerate()
                .map(|(place, filter)| {
                    self.user_filter(filter, &format!("{pointer}/of/{place}"), inside)
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let kind = match filter {
            Filter::All { of } => Kind::All(each(of)?),
            Filter::Any { of } => Kind::Any(each(of)?),
            Filter::Not { of } => {
                Kind::Not(self.user_filter(of, &format!("{pointer}/of"), inside)?)
            }
            Filter::Segment { id } => {
                self.segment_by_id(id, None, &format!("{pointer}/id"), inside)?
            }
            Filter::Property(property) => {
                if property.scope == Scope::Event {
                    return Err(EvaluateError::Value {
                        pointer: inside.place(pointer),
                        detail: "a condition on users has no event whose property it could ask for"
                            .to_owned(),
                    });
                }
                let made = Made::UserProperty(property.clone());
                let part = match self.found(&made, inside) {
                    Some(part) => part,
                    None => {
                        let kind = self.user_property(property, pointer, inside)?;
                        let part = self.push(kind, inside);
                        self.remember(made, inside, part);
                        part
                    }
                };
                self.place(pointer, part, inside);
                return Ok(part);
            }
        };
        let part = self.push(kind, inside);
        self.place(pointer, part, inside);
        Ok(part)
    }

    fn user_property(
        &self,
        filter: &PropertyFilter,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let properties = &self.store.users.properties;
        let property = properties
            .iter()
            .position(|property| property.name == filter.name);
        let found = property
            .and_then(|place| properties.get(place))
            .map(|property| (property.values.value_type(), &property.texts));
        let predicate = Predicate::of(filter, found, inside.as_of, inside.fixed, inside.zone)
            .map_err(|detail| EvaluateError::Value {
                pointer: inside.place(&format!("{pointer}/values")),
                detail,
            })?;
        Ok(Kind::UserProperty {
            property,
            predicate,
        })
    }

    fn segment_by_id(
        &mut self,
        id: &str,
        as_of: Option<Instant>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let context = self.context;
        match context.segments.get(id) {
            None => Err(EvaluateError::UnknownSegment {
                pointer: inside.place(pointer),
                id: id.to_owned(),
            }),
            Some(Source::Static(members)) => Ok(Kind::Fixed(members.clone())),
            Some(Source::Dynamic { definition, zone }) => {
                if let Some(start) = inside.segments.iter().position(|outer| *outer == id) {
                    let circle = inside.segments.iter().skip(start).copied().chain([id]);
                    return Err(EvaluateError::Cycle {
                        pointer: inside.place(pointer),
                        path: circle.map(str::to_owned).collect(),
                    });
                }
                let reference = inside.reference.unwrap_or(pointer).to_owned();
                let inner = Inside {
                    as_of: as_of.unwrap_or(inside.as_of),
                    // What was before an instant that is told stays as it was.
                    known: as_of.unwrap_or(inside.known),
                    fixed: inside.fixed || as_of.is_some(),
                    zone,
                    segments: inside.segments.iter().copied().chain([id]).collect(),
                    reference: Some(&reference),
                };
                let part = self.criterion(definition, "", &inner)?;
                Ok(Kind::All(vec![part]))
            }
        }
    }

    fn push(&mut self, kind: Kind, inside: &Inside<'_>) -> PartId {
        self.plan.parts.push(Part {
            kind,
            as_of: inside.known.millis(),
            key: None,
            among: Vec::new(),
            shared: false,
        });
        self.plan.parts.len() - 1
    }

    /// Gives the part of a criterion the key that it is kept under, if it takes work and depends on nothing that a key does
    /// not tell.
    fn keep(&mut self, criterion: &Criterion, part: PartId, inside: &Inside<'_>) {
        if self.context.kept.is_none() {
            return;
        }
        let mut tells = matches!(
            criterion,
            Criterion::Event(_)
                | Criterion::FirstEvent(_)
                | Criterion::Sequence(_)
                | Criterion::Cohort(_)
        );
        // After the last event time goes on without any, so an instant then is as good as another, except for calendars.
        let after_all = self.store.last_event().saturating_add_millis(1);
        let known = inside.known.min(after_all);
        let mut key = format!("{} {} {known}", hash(criterion), inside.zone.name());
        walk(criterion, &mut |_, part| match part {
            walk::Part::Range(range) => {
                let bounds = inside.bounds(range);
                let (start, end) = (bounds.start.min(after_all), bounds.end.min(after_all));
                let _ = write!(key, " {start} {end}");
            }
            walk::Part::Filter { filter, .. } => match filter {
                Filter::Segment { .. } => tells = false,
                Filter::Property(PropertyFilter { during, .. }) if during.is_some() => {
                    let _ = write!(key, " {}", inside.as_of);
                }
                _ => {}
            },
            // What is complete or over depends on as-of itself.
            walk::Part::Criterion(Criterion::Cohort(_)) => {
                let _ = write!(key, " {}", inside.as_of);
            }
            _ => {}
        });
        if tells && let Some(part) = self.plan.parts.get_mut(part) {
            part.key = Some(key);
        }
    }

    fn found(&self, made: &Made, inside: &Inside<'_>) -> Option<PartId> {
        let moment = inside.moment();
        self.plan
            .made
            .iter()
            .find(|(other, when, _)| *when == moment && other == made)
            .map(|(.., part)| *part)
    }

    fn remember(&mut self, made: Made, inside: &Inside<'_>, part: PartId) {
        self.plan.made.push((made, inside.moment(), part));
    }

    fn place(&mut self, pointer: &str, part: PartId, inside: &Inside<'_>) {
        if inside.reference.is_none() {
            self.plan.places.push((pointer.to_owned(), part));
        }
    }
}

impl Part {
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
                        *days = moving.zone.days(bounds.start, bounds.end);
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

impl Occurrences {
    fn each_table<'p>(&'p self, show: &mut impl FnMut(&'p [EventTable])) {
        show(&self.tables);
        self.did.iter().for_each(|did| show(&did.tables));
    }

    fn each_table_mut(&mut self, show: &mut impl FnMut(&mut [EventTable])) {
        show(&mut self.tables);
        self.did.iter_mut().for_each(|did| show(&mut did.tables));
    }
}

impl RowFilter {
    fn move_to(&mut self, as_of: Instant) {
        match self {
            Self::Property { predicate, .. } => predicate.move_to(as_of),
            Self::All(of) | Self::Any(of) => of.iter_mut().for_each(|inner| inner.move_to(as_of)),
            Self::Not(of) => of.move_to(as_of),
            Self::User(_) | Self::Constant(_) => {}
        }
    }

    /// Shows the parts that it asks about the row's user.
    fn each_part(&self, show: &mut impl FnMut(PartId)) {
        match self {
            Self::User(part) => show(*part),
            Self::All(of) | Self::Any(of) => of.iter().for_each(|inner| inner.each_part(show)),
            Self::Not(of) => of.each_part(show),
            Self::Property { .. } | Self::Constant(_) => {}
        }
    }

    /// Shows each range of it that moves on with as-of, with the place of the property whose values have to lie in it.
    pub(crate) fn each_moving<'f>(&'f self, show: &mut impl FnMut(u32, &'f Moving)) {
        match self {
            Self::Property {
                property,
                predicate,
            } => {
                if let Some(moving) = predicate.moving() {
                    show(*property, moving);
                }
            }
            Self::All(of) | Self::Any(of) => of.iter().for_each(|inner| inner.each_moving(show)),
            Self::Not(of) => of.each_moving(show),
            Self::User(_) | Self::Constant(_) => {}
        }
    }

    /// Whether a row passes; `is_in` tells whether its user is in a part.
    pub(crate) fn passes(&self, table: &Table, row: usize, is_in: &dyn Fn(PartId) -> bool) -> bool {
        match self {
            Self::All(of) => of.iter().all(|filter| filter.passes(table, row, is_in)),
            Self::Any(of) => of.iter().any(|filter| filter.passes(table, row, is_in)),
            Self::Not(of) => !of.passes(table, row, is_in),
            Self::Property {
                property,
                predicate,
            } => match table.column(*property) {
                Some(column) => predicate.passes(column, row),
                None => predicate.of_missing(),
            },
            Self::User(part) => is_in(*part),
            Self::Constant(passes) => *passes,
        }
    }

    /// The same for a table that has only some of the columns; what no longer depends on the row becomes constant.
    fn for_columns(&self, has: &impl Fn(u32) -> bool) -> Self {
        match self {
            Self::Property {
                property,
                predicate,
            } if !has(*property) => Self::Constant(predicate.of_missing()),
            Self::Not(inner) => match inner.for_columns(has) {
                Self::Constant(passes) => Self::Constant(!passes),
                inner => Self::Not(Box::new(inner)),
            },
            Self::All(of) => Self::group(of, has, true),
            Self::Any(of) => Self::group(of, has, false),
            Self::Property { .. } | Self::User(_) | Self::Constant(_) => self.clone(),
        }
    }

    /// A group whose members that are constant either decide it or go.
    fn group(of: &[Self], has: &impl Fn(u32) -> bool, all: bool) -> Self {
        let mut kept = Vec::new();
        for filter in of {
            match filter.for_columns(has) {
                Self::Constant(passes) if passes == all => {}
                Self::Constant(passes) => return Self::Constant(passes),
                filter => kept.push(filter),
            }
        }
        match (kept.len(), all) {
            (0, _) => Self::Constant(all),
            (1, _) => kept.remove(0),
            (_, true) => Self::All(kept),
            (_, false) => Self::Any(kept),
        }
    }
}
