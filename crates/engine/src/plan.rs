//! A definition made into a list of parts, each worked out after those that it builds on.
//!
//! A criterion that stands in a definition twice is one part. A condition on users inside of a condition on events becomes a
//! part of its own, so that it is worked out once per user and not once per event.

use std::fmt::Write as _;

use roaring::RoaringBitmap;
use segments_model::calendar::{Days, Zone};
use segments_model::canonical::hash;
use segments_model::criterion::{EventCriterion, FirstEventCriterion};
use segments_model::filter::{PropertyFilter, Scope};
use segments_model::measure::Aggregate;
use segments_model::range::Bounds;
use segments_model::walk::{self, walk};
use segments_model::{Compare, Criterion, Filter, Instant, Measure, Range};

use crate::predicate::Predicate;
use crate::question::{Context, EvaluateError, Source};
use crate::store::Store;

/// The place of a part in a [`Plan`].
pub(crate) type PartId = usize;

/// A definition's parts, in the order in which they are worked out.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) parts: Vec<Part>,
    /// The whole definition.
    pub(crate) root: PartId,
    /// The part of each criterion of the definition itself, by JSON pointer; parents come after their children.
    pub(crate) places: Vec<(String, PartId)>,
    /// What was made into a part, to find it again: the criterion, its as-of and its zone.
    made: Vec<(Made, Instant, String, PartId)>,
}

#[derive(Debug, PartialEq)]
enum Made {
    Criterion(Criterion),
    UserProperty(PropertyFilter),
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
}

/// A look at events, user by user.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) tables: Vec<EventTable>,
    /// Milliseconds: rows from `start` on and before `end`.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) figure: Figure,
}

/// A table with the filter of its rows.
#[derive(Debug)]
pub(crate) struct EventTable {
    /// The table's place in the store.
    pub(crate) table: usize,
    pub(crate) filter: RowFilter,
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

impl Figure {
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
struct Inside<'c> {
    /// The instant that calendars run to.
    as_of: Instant,
    /// Events before this exist: as-of, unless less is known.
    known: Instant,
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
        let mut planner = Planner {
            store,
            context,
            plan: Self::default(),
        };
        let inside = Inside {
            as_of: context.as_of,
            known: context.known(context.as_of),
            zone: &context.zone,
            segments: Vec::new(),
            reference: None,
        };
        planner.plan.root = planner.criterion(definition, "", &inside)?;
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

struct Planner<'c> {
    store: &'c Store,
    context: &'c Context,
    plan: Plan,
}

impl Planner<'_> {
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
        let unsupported = |pointer: &str, what| EvaluateError::Unsupported {
            pointer: inside.place(pointer),
            what,
        };
        match criterion {
            Criterion::All { of } => Ok(Kind::All(self.each(of, pointer, inside)?)),
            Criterion::Any { of } => Ok(Kind::Any(self.each(of, pointer, inside)?)),
            Criterion::Not { of } => {
                let part = self.criterion(of, &format!("{pointer}/of"), inside)?;
                Ok(Kind::Not(part))
            }
            Criterion::Event(event) if !event.did.is_empty() => Err(unsupported(
                &format!("{pointer}/did"),
                "what a user did before or after an event",
            )),
            Criterion::Event(event) => self.event(event, pointer, inside),
            Criterion::FirstEvent(first) => self.first_event(first, pointer, inside),
            Criterion::User { filter } => {
                let part = self.user_filter(filter, &format!("{pointer}/where"), inside)?;
                Ok(Kind::All(vec![part]))
            }
            Criterion::Segment(segment) => {
                self.segment_by_id(&segment.id, segment.as_of, pointer, inside)
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
            Criterion::Sequence(_) => Err(unsupported(pointer, "a sequence")),
            Criterion::Cohort(_) => Err(unsupported(pointer, "a cohort")),
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
            figure,
        }))
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
            figure: Figure::First,
        }))
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
            Filter::Segment { id } => self.segment_by_id(id, None, pointer, inside)?,
            Filter::Property(property) => {
                if property.scope == Scope::Event {
                    return Err(EvaluateError::Value {
                        pointer: inside.place(pointer),
                        detail: "a condition on users has no event whose property it could ask for"
                            .to_owned(),
                    });
                }
                let made = Made::UserProperty(property.clone());
                if let Some(part) = self.found(&made, inside) {
                    return Ok(part);
                }
                let kind = self.user_property(property, pointer, inside)?;
                let part = self.push(kind, inside);
                self.remember(made, inside, part);
                return Ok(part);
            }
        };
        Ok(self.push(kind, inside))
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
        let predicate =
            Predicate::of(filter, found, inside.as_of, inside.zone).map_err(|detail| {
                EvaluateError::Value {
                    pointer: inside.place(&format!("{pointer}/values")),
                    detail,
                }
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
                let as_of = as_of.unwrap_or(inside.as_of);
                let inner = Inside {
                    as_of,
                    known: context.known(as_of),
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
        self.plan
            .made
            .iter()
            .find(|(other, as_of, zone, _)| {
                *as_of == inside.as_of && zone == inside.zone.name() && other == made
            })
            .map(|(.., part)| *part)
    }

    fn remember(&mut self, made: Made, inside: &Inside<'_>, part: PartId) {
        let zone = inside.zone.name().to_owned();
        self.plan.made.push((made, inside.as_of, zone, part));
    }

    fn place(&mut self, pointer: &str, part: PartId, inside: &Inside<'_>) {
        if inside.reference.is_none() {
            self.plan.places.push((pointer.to_owned(), part));
        }
    }
}

impl RowFilter {
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
