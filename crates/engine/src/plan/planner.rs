//! Makes parts of criteria and of what queries say of users and events.
//!
//! A definition refers to segments, whose definitions refer to others: that is the only recursion of the engine whose depth
//! other people decide, so it is counted here, and what is too deep is refused long before a stack would be full.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use segments_model::canonical::hash_of_writing;
use segments_model::criterion::{
    self, CohortCriterion, EventCriterion, FirstEventCriterion, Order, SequenceCriterion,
};
use segments_model::filter::{PropertyFilter, Scope};
use segments_model::limits::MAX_CLOSURE_DEPTH;
use segments_model::measure::Aggregate;
use segments_model::{Criterion, Filter, Instant, Measure};

use super::builder::Builder;
use super::cohort::{Cohort, Condition};
use super::filter::{PartId, RowFilter};
use super::inside::{Inside, InsideKey};
use super::occurrences::{Did, EventTable, Occurrences};
use super::parts::{Events, Figure, Kind, Plan};
use super::sequence::{Sequence, Shape};
use super::spec::{EventSpec, SequenceSpec};
use crate::prepare::Dictionary;
use crate::question::{Context, EvaluateError, Source};
use crate::store::Store;

/// The parts of a definition.
pub(crate) fn plan<'c>(
    store: &'c Store,
    definition: &'c Criterion,
    context: &'c Context,
) -> Result<Plan, EvaluateError> {
    let mut planner = Planner::new(store, context);
    let root = planner.criterion(definition, "", &planner.outermost())?;
    planner.finish(root)
}

/// Makes parts of criteria and of what queries say of users and events.
pub(crate) struct Planner<'c> {
    builder: Builder<'c>,
    /// The parts of the segments that are done, with how deep criteria and conditions are nested in them.
    segments: FxHashMap<(&'c str, InsideKey), (PartId, usize)>,
    /// How many criteria and conditions the one that is made into parts is nested in, itself counted in.
    depth: usize,
    /// The most there were, since it was last asked about.
    deepest: usize,
}

impl<'c> Planner<'c> {
    pub(crate) fn new(store: &'c Store, context: &'c Context) -> Self {
        Self {
            builder: Builder::new(store, context),
            segments: FxHashMap::default(),
            depth: 0,
            deepest: 0,
        }
    }

    /// Inside of no segment.
    pub(crate) fn outermost(&self) -> Inside<'c> {
        Inside::nothing(self.builder.context)
    }

    /// The place of an event property that is asked about at a pointer; none where the data has no such property.
    pub(crate) fn event_property_at(
        &mut self,
        event: Option<&str>,
        name: &str,
        pointer: &str,
    ) -> Result<Option<u32>, EvaluateError> {
        let inside = self.outermost();
        self.builder.event_property(event, name, pointer, &inside)
    }

    /// The same of a user property.
    pub(crate) fn user_property_at(
        &mut self,
        name: &str,
        pointer: &str,
    ) -> Result<Option<usize>, EvaluateError> {
        let inside = self.outermost();
        self.builder.user_property(name, pointer, &inside)
    }

    /// The plan of everything that was made into parts, with the part that is asked about: as a rule the audience.
    ///
    /// # Errors
    /// When all of it would take too much memory.
    pub(crate) fn finish(self, root: PartId) -> Result<Plan, EvaluateError> {
        self.builder.finish(root)
    }

    /// Those a query asks about.
    pub(crate) fn audience(
        &mut self,
        audience: Option<&'c Criterion>,
    ) -> Result<PartId, EvaluateError> {
        let inside = self.outermost();
        match audience {
            Some(audience) => self.criterion(audience, "/audience", &inside),
            None => Ok(self.builder.push(Kind::All(Vec::new()), &inside)),
        }
    }

    /// Those in a segment.
    pub(crate) fn segment(&mut self, id: &'c str, pointer: &str) -> Result<PartId, EvaluateError> {
        let inside = self.outermost();
        self.segment_by_id(id, None, pointer, &inside)
    }

    /// The occurrences of an event in a time, in milliseconds: from the first on and before the second.
    pub(crate) fn occurrences(
        &mut self,
        spec: EventSpec<'c>,
        (start, end): (i64, i64),
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Occurrences, EvaluateError> {
        Ok(Occurrences {
            tables: self.tables(spec.event, spec.filter, pointer, inside)?,
            start,
            end,
            did: self.did(spec.did, pointer, inside)?,
        })
    }

    fn did(
        &mut self,
        did: &'c [criterion::Did],
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<Did>, EvaluateError> {
        let each = did.iter().enumerate();
        each.map(|(place, did)| {
            let pointer = format!("{pointer}/did/{place}");
            let (event, filter) = (did.event.as_deref(), did.filter.as_ref());
            Ok(Did {
                performed: did.performed,
                tables: self.tables(event, filter, &pointer, inside)?,
                as_of: inside.known.millis(),
                when: did.when,
                within: did.within.map(|within| within.millis()),
                compare: did.compare,
            })
        })
        .collect()
    }

    /// Goes into a criterion or a condition; [`leave`](Self::leave) goes out again.
    fn enter(&mut self, pointer: &str, inside: &Inside<'_>) -> Result<(), EvaluateError> {
        self.builder.count(pointer, inside)?;
        self.reach(1, pointer, inside)?;
        self.depth += 1;
        Ok(())
    }

    const fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Something is nested so deep in the criterion that is made into parts.
    fn reach(
        &mut self,
        height: usize,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<(), EvaluateError> {
        let depth = self.depth + height;
        if depth > MAX_CLOSURE_DEPTH {
            return Err(EvaluateError::TooDeep {
                pointer: inside.place(pointer),
                path: inside.path(),
            });
        }
        self.deepest = self.deepest.max(depth);
        Ok(())
    }

    /// Makes something into parts, and tells how deep it is nested in itself.
    fn measured<T>(
        &mut self,
        make: impl FnOnce(&mut Self) -> Result<T, EvaluateError>,
    ) -> Result<(T, usize), EvaluateError> {
        let before = std::mem::replace(&mut self.deepest, self.depth);
        let made = make(self)?;
        let height = self.deepest - self.depth;
        self.deepest = self.deepest.max(before);
        Ok((made, height))
    }

    fn criterion(
        &mut self,
        criterion: &'c Criterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        self.enter(pointer, inside)?;
        let part = match criterion {
            Criterion::All { of } => {
                let of = self.each(of, pointer, inside)?;
                self.builder.push(Kind::All(of), inside)
            }
            Criterion::Any { of } => {
                let of = self.each(of, pointer, inside)?;
                self.builder.push(Kind::Any(of), inside)
            }
            Criterion::Not { of } => {
                let of = self.criterion(of, &format!("{pointer}/of"), inside)?;
                self.builder.push(Kind::Not(of), inside)
            }
            Criterion::User { filter } => {
                let of = self.user_filter(filter, &format!("{pointer}/where"), inside)?;
                self.builder.push(Kind::All(vec![of]), inside)
            }
            Criterion::Segment(segment) => {
                let pointer = format!("{pointer}/id");
                self.segment_by_id(&segment.id, segment.as_of, &pointer, inside)?
            }
            leaf => self.leaf(leaf, pointer, inside)?,
        };
        self.leave();
        self.builder.place(pointer, part, inside);
        Ok(part)
    }

    fn each(
        &mut self,
        criteria: &'c [Criterion],
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<PartId>, EvaluateError> {
        let mut parts = Vec::with_capacity(criteria.len());
        for (place, criterion) in criteria.iter().enumerate() {
            parts.push(self.criterion(criterion, &format!("{pointer}/of/{place}"), inside)?);
        }
        Ok(parts)
    }

    /// A criterion that is no group, looked up where it stands again. Groups are not: the places of their members have to be
    /// told for each place that they stand in.
    fn leaf(
        &mut self,
        leaf: &'c Criterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        let made = hash_of_writing(leaf);
        if let Some((part, height)) = self.builder.found(made, inside) {
            self.reach(height, pointer, inside)?;
            return Ok(part);
        }
        let (kind, height) = self.measured(|planner| planner.leaf_kind(leaf, pointer, inside))?;
        let part = self.builder.push(kind, inside);
        self.builder.keep((leaf, made), part, inside);
        self.builder.remember(made, inside, part, height);
        Ok(part)
    }

    fn leaf_kind(
        &mut self,
        leaf: &'c Criterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        match leaf {
            Criterion::Event(event) => self.event(event, pointer, inside),
            Criterion::FirstEvent(first) => self.first_event(first, pointer, inside),
            Criterion::Sequence(sequence) => self.reached(sequence, pointer, inside),
            Criterion::Cohort(cohort) => self.cohort(cohort, pointer, inside),
            Criterion::Users(users) => {
                if let Some(id) = &users.list {
                    return match self.builder.context.lists.get(id) {
                        Some(members) => Ok(Kind::Fixed(Arc::new(members.clone()))),
                        None => Err(EvaluateError::UnknownList {
                            pointer: inside.place(&format!("{pointer}/list")),
                            id: id.clone(),
                        }),
                    };
                }
                let ids = users.ids.iter().flatten();
                let users = ids.filter_map(|id| self.builder.store.user_number(id));
                Ok(Kind::Fixed(Arc::new(users.collect())))
            }
            Criterion::All { .. }
            | Criterion::Any { .. }
            | Criterion::Not { .. }
            | Criterion::User { .. }
            | Criterion::Segment(_) => Ok(Kind::All(vec![self.criterion(leaf, pointer, inside)?])),
        }
    }

    fn event(
        &mut self,
        event: &'c EventCriterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let bounds = inside.bounds(&event.during);
        let compare = event.compare;
        let span = self.builder.span();
        let place = |name: &str| {
            let event = event.event.as_deref();
            let pointer = format!("{pointer}/measure/property");
            self.builder.event_property(event, name, &pointer, inside)
        };
        let figure = match &event.measure {
            Measure::Count => Figure::Count(compare),
            Measure::DistinctDays => Figure::Days(self.builder.days(bounds, inside), compare),
            Measure::Of {
                aggregate: Aggregate::Distinct,
                property,
            } => Figure::Distinct(place(property)?, compare),
            Measure::Of {
                aggregate,
                property,
            } => Figure::Numbers(*aggregate, place(property)?, compare),
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
            span,
            did: self.did(&event.did, pointer, inside)?,
            figure,
        }))
    }

    fn first_event(
        &mut self,
        first: &'c FirstEventCriterion,
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
            span: self.builder.span(),
            did: Vec::new(),
            figure: Figure::First,
        }))
    }

    fn cohort(
        &mut self,
        cohort: &'c CohortCriterion,
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
            chain.push(self.occurrences(EventSpec::new(start), window, &pointer, inside)?);
        }
        let asked = EventSpec::new(&cohort.returning);
        let returning = self.occurrences(asked, ever, &format!("{pointer}/return"), inside)?;
        let generation_where = match &cohort.generation_where {
            Some(filter) => {
                // It is about the occurrence that completes the chain.
                let event = cohort.start.last().and_then(|last| last.event.as_deref());
                let pointer = format!("{pointer}/generation_where");
                Some(self.row_filter(filter, event, &pointer, inside)?)
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
        let units = match cohort.period {
            Some(_) => {
                let from = cohort.generation.unwrap_or(bounds.start);
                self.builder.units(unit, from, pointer, inside)?
            }
            None => self.builder.no_units(),
        };
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
            units,
            period: cohort.period,
            matching: cohort.matching,
            outcome: cohort.outcome,
        })))
    }

    fn reached(
        &mut self,
        criterion: &'c SequenceCriterion,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Kind, EvaluateError> {
        let asked = SequenceSpec {
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
        asked: SequenceSpec<'c>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Sequence, EvaluateError> {
        asked
            .check()
            .map_err(|(place, detail)| EvaluateError::Value {
                pointer: inside.place(&format!("{pointer}/{place}")),
                detail,
            })?;
        let any = asked.order == Order::Any;
        let bounds = inside.bounds(asked.during);
        let (start, end) = (bounds.start.millis(), bounds.end.millis());
        let until = inside.known.millis();
        let mut events = Vec::new();
        for (place, step) in asked.steps.iter().enumerate() {
            let event = EventSpec {
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
            let event = EventSpec {
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
            let event = EventSpec {
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

    /// The tables of an event, or of all, with the filter made ready for each; those where no row passes are left out.
    fn tables(
        &mut self,
        event: Option<&'c str>,
        filter: Option<&'c Filter>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<EventTable>, EvaluateError> {
        let filter = match filter {
            Some(filter) => self.row_filter(filter, event, &format!("{pointer}/where"), inside)?,
            None => RowFilter::Constant(true),
        };
        self.builder.tables(event, &filter, pointer, inside)
    }

    /// A condition on rows of an event, of any where no name is given.
    fn row_filter(
        &mut self,
        filter: &'c Filter,
        event: Option<&str>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<RowFilter, EvaluateError> {
        if let Filter::Segment { .. } = filter {
            return Ok(RowFilter::User(self.user_filter(filter, pointer, inside)?));
        }
        if let Filter::Property(property) = filter {
            if property.scope == Scope::User {
                return Ok(RowFilter::User(self.user_filter(filter, pointer, inside)?));
            }
            self.builder.count(pointer, inside)?;
            return self.event_property(property, event, pointer, inside);
        }
        self.enter(pointer, inside)?;
        let made = match filter {
            Filter::All { of } => RowFilter::All(self.row_filters(of, event, pointer, inside)?),
            Filter::Any { of } => RowFilter::Any(self.row_filters(of, event, pointer, inside)?),
            Filter::Not { of } => {
                let of = self.row_filter(of, event, &format!("{pointer}/of"), inside)?;
                RowFilter::Not(Box::new(of))
            }
            Filter::Segment { .. } | Filter::Property(_) => RowFilter::Constant(false),
        };
        self.leave();
        Ok(made)
    }

    fn row_filters(
        &mut self,
        filters: &'c [Filter],
        event: Option<&str>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<RowFilter>, EvaluateError> {
        let mut made = Vec::with_capacity(filters.len());
        for (place, filter) in filters.iter().enumerate() {
            made.push(self.row_filter(filter, event, &format!("{pointer}/of/{place}"), inside)?);
        }
        Ok(made)
    }

    fn event_property(
        &mut self,
        filter: &'c PropertyFilter,
        event: Option<&str>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<RowFilter, EvaluateError> {
        let name = format!("{pointer}/name");
        let place = self
            .builder
            .event_property(event, &filter.name, &name, inside)?;
        let found = place.and_then(|place| {
            let property = self.builder.store.properties.get(place as usize)?;
            Some((property.value_type, Dictionary::Event(place)))
        });
        let predicate = self.builder.predicate(filter, found, pointer, inside)?;
        Ok(match place {
            Some(property) => RowFilter::Property {
                property,
                predicate: Arc::new(predicate),
            },
            None => RowFilter::Constant(predicate.of_missing()),
        })
    }

    fn user_filter(
        &mut self,
        filter: &'c Filter,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        self.enter(pointer, inside)?;
        let part = match filter {
            Filter::All { of } => {
                let of = self.user_filters(of, pointer, inside)?;
                self.builder.push(Kind::All(of), inside)
            }
            Filter::Any { of } => {
                let of = self.user_filters(of, pointer, inside)?;
                self.builder.push(Kind::Any(of), inside)
            }
            Filter::Not { of } => {
                let of = self.user_filter(of, &format!("{pointer}/of"), inside)?;
                self.builder.push(Kind::Not(of), inside)
            }
            Filter::Segment { id } => {
                self.segment_by_id(id, None, &format!("{pointer}/id"), inside)?
            }
            Filter::Property(property) => self.user_property(property, pointer, inside)?,
        };
        self.leave();
        self.builder.place(pointer, part, inside);
        Ok(part)
    }

    fn user_filters(
        &mut self,
        filters: &'c [Filter],
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<PartId>, EvaluateError> {
        let mut parts = Vec::with_capacity(filters.len());
        for (place, filter) in filters.iter().enumerate() {
            parts.push(self.user_filter(filter, &format!("{pointer}/of/{place}"), inside)?);
        }
        Ok(parts)
    }

    fn user_property(
        &mut self,
        filter: &'c PropertyFilter,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        if filter.scope == Scope::Event {
            return Err(EvaluateError::Value {
                pointer: inside.place(pointer),
                detail: "a condition on users has no event whose property it could ask for"
                    .to_owned(),
            });
        }
        let made = hash_of_writing(filter);
        if let Some((part, _)) = self.builder.found(made, inside) {
            return Ok(part);
        }
        let name = format!("{pointer}/name");
        let place = self.builder.user_property(&filter.name, &name, inside)?;
        let property = place.and_then(|place| {
            let property = self.builder.store.users.properties.get(place)?;
            Some((property.values.value_type(), Dictionary::User(place)))
        });
        let predicate = self.builder.predicate(filter, property, pointer, inside)?;
        let kind = Kind::UserProperty {
            property: place,
            predicate,
        };
        let part = self.builder.push(kind, inside);
        self.builder.remember(made, inside, part, 0);
        Ok(part)
    }

    /// Those in a segment, which is made into parts once for each as-of.
    fn segment_by_id(
        &mut self,
        id: &'c str,
        as_of: Option<Instant>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<PartId, EvaluateError> {
        let context = self.builder.context;
        let (definition, zone) = match context.segments.get(id) {
            None => {
                return Err(EvaluateError::UnknownSegment {
                    pointer: inside.place(pointer),
                    id: id.to_owned(),
                });
            }
            Some(Source::Static(members)) => {
                let key = (id, inside.key());
                if let Some((part, _)) = self.segments.get(&key) {
                    let part = *part;
                    self.builder.share(part);
                    return Ok(self.builder.push(Kind::All(vec![part]), inside));
                }
                let members = Arc::new(members.clone());
                let part = self.builder.push(Kind::Fixed(members), inside);
                self.segments.insert(key, (part, 0));
                return Ok(self.builder.push(Kind::All(vec![part]), inside));
            }
            Some(Source::Dynamic { definition, zone }) => (definition, zone),
        };
        if let Some(start) = inside.segments.iter().position(|outer| *outer == id) {
            let circle = inside.segments.iter().skip(start).copied().chain([id]);
            return Err(EvaluateError::Cycle {
                pointer: inside.place(pointer),
                path: circle.map(str::to_owned).collect(),
            });
        }
        let inner = Inside {
            as_of: as_of.unwrap_or(inside.as_of),
            // What was before an instant that is told stays as it was.
            known: as_of.unwrap_or(inside.known),
            fixed: inside.fixed || as_of.is_some(),
            zone,
            segments: inside.segments.iter().copied().chain([id]).collect(),
            reference: Some(inside.reference.unwrap_or(pointer)),
        };
        let key = (id, inner.key());
        let part = match self.segments.get(&key).copied() {
            Some((part, height)) => {
                self.reach(height, pointer, &inner)?;
                self.builder.share(part);
                part
            }
            None => {
                let (part, height) =
                    self.measured(|planner| planner.criterion(definition, "", &inner))?;
                self.segments.insert(key, (part, height));
                part
            }
        };
        Ok(self.builder.push(Kind::All(vec![part]), inside))
    }
}

#[cfg(test)]
mod tests {
    use segments_model::calendar::Zone;
    use segments_model::{Criterion, Instant};

    use super::plan;
    use crate::batch::{Dictionary, Texts};
    use crate::question::{Context, EvaluateError, QuestionLimit};
    use crate::store::Store;
    use crate::testing::store_of_colours;

    fn preparations(criteria: &[String], first: &str) -> Result<usize, EvaluateError> {
        let at = |text| Instant::parse(text).unwrap().millis();
        let store = store_of_colours(&[
            (1, "Order", at(first), Some("red")),
            (2, "Order", at("2026-03-01T00:00:00Z"), None),
        ]);
        let context = Context::new(Instant::MAX, Zone::parse("Europe/Zurich").unwrap());
        let definition = format!(r#"{{"type": "all", "of": [{}]}}"#, criteria.join(","));
        let definition: Criterion = serde_json::from_str(&definition).unwrap();
        Ok(plan(&store, &definition, &context)?.preparations.len())
    }

    fn cohort(period: u32, unit: &str) -> String {
        let started = format!(r#"{{"type": "last", "count": {period}, "unit": "year"}}"#);
        cohort_of(&started, period, unit)
    }

    fn cohort_of(started: &str, period: u32, unit: &str) -> String {
        format!(
            r#"{{"type": "cohort", "start": [{{"event": "Order"}}], "first_time": true, "return": {{"event": "Order"}}, "unit": "{unit}",
                 "started": {started}, "period": {period}, "match": "on", "outcome": "returned"}}"#
        )
    }

    fn contains(text: &str, count: u32) -> String {
        format!(
            r#"{{"type": "event", "event": null, "during": {{"type": "all_time"}}, "compare": {{"op": "at_least", "value": {count}}},
                 "where": {{"type": "property", "scope": "event", "name": "colour", "op": "contains", "values": ["{text}"]}}}}"#
        )
    }

    #[test]
    fn what_many_criteria_need_is_prepared_once() {
        let cohorts: Vec<String> = (1..100).map(|period| cohort(period, "hour")).collect();
        let lately = "2020-01-01T00:00:00Z";
        assert_eq!(preparations(&cohorts, lately), Ok(1));
        let both = [cohort(1, "hour"), cohort(1, "day"), cohort(2, "day")];
        assert_eq!(preparations(&both, lately), Ok(2));
        let filters: Vec<String> = (1..100).map(|count| contains("red", count)).collect();
        assert_eq!(preparations(&filters, lately), Ok(1));
        let filters = [contains("red", 1), contains("r", 1), contains("r", 2)];
        assert_eq!(preparations(&filters, lately), Ok(2));
    }

    #[test]
    fn units_of_time_are_bounded_together() {
        let ever = |unit| [cohort_of(r#"{"type": "all_time"}"#, 1, unit)];
        let (long_ago, longer_ago) = ("1960-01-01T00:00:00Z", "1900-01-01T00:00:00Z");
        assert_eq!(preparations(&ever("hour"), long_ago), Ok(1));
        assert_eq!(preparations(&ever("day"), longer_ago), Ok(1));
        let error = preparations(&ever("hour"), longer_ago).unwrap_err();
        assert!(matches!(error, EvaluateError::TooLong { pointer, .. } if pointer == "/of/0/unit"));
        // Where only the last years are asked about, only these are needed.
        assert_eq!(preparations(&[cohort(1, "hour")], longer_ago), Ok(1));
    }

    #[test]
    fn what_has_to_be_known_at_the_same_time_is_bounded() {
        let context = Context::new(Instant::MAX, Zone::utc());
        let mut store = Store::empty();
        let users = Texts::from_parts(String::new(), vec![0; 1_000_000]);
        store.users.ids = Dictionary::from(users.unwrap());
        let groups = |count| Criterion::All {
            of: vec![Criterion::everyone(); count],
        };
        assert!(plan(&store, &groups(4_000), &context).is_ok());
        let error = plan(&store, &groups(4_900), &context).unwrap_err();
        let limit = QuestionLimit::Memory;
        assert!(matches!(error, EvaluateError::Exceeded { limit: found, .. } if found == limit));
    }
}
