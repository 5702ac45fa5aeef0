//! A plan in the making: what was made into parts, found again, and how much there may be of it.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use segments_model::calendar::{Days, Zone};
use segments_model::canonical::hash_of_writing;
use segments_model::filter::PropertyFilter;
use segments_model::limits::{MAX_CLOSURE_CRITERIA, MAX_COHORT_UNITS, MAX_QUESTION_BYTES};
use segments_model::range::{Bounds, CalendarUnit};
use segments_model::walk::{self, walk};
use segments_model::{Criterion, Filter, Instant, ValueType};

use super::filter::{PartId, RowFilter};
use super::inside::{Inside, InsideKey};
use super::occurrences::EventTable;
use super::parts::{Kind, Part, Plan, days_of};
use crate::patterns::Patterns;
use crate::predicate::{Codes, Fault, Predicate, Ready};
use crate::prepare::{Dictionary, Preparation, units_touched};
use crate::question::{Context, EvaluateError, QuestionLimit};
use crate::store::{DamagedPart, Store};
use crate::units::Units;

/// What tells what parts are made of apart: a hash over how it is written.
pub(super) type Print = [u8; 32];

/// Units by the zone, the unit, and the first and last instant.
type OfUnits = (String, CalendarUnit, Instant, Instant);

pub(super) struct Builder<'c> {
    pub(super) store: &'c Store,
    pub(super) context: &'c Context,
    plan: Plan,
    /// What was made into a part, with how deep criteria and conditions are nested in it.
    made: FxHashMap<(InsideKey, Print), (PartId, usize)>,
    patterns: Patterns,
    /// Which texts of a dictionary pass a filter.
    texts: FxHashMap<(Dictionary, Print), Codes>,
    days: FxHashMap<(String, Bounds), Days>,
    units: FxHashMap<OfUnits, Arc<OnceLock<Units>>>,
    /// How many units there may be besides.
    units_left: usize,
    /// How many criteria and conditions there were.
    criteria: usize,
    /// How many bytes there will be to keep.
    bytes: usize,
}

impl<'c> Builder<'c> {
    pub(super) fn new(store: &'c Store, context: &'c Context) -> Self {
        Self {
            store,
            context,
            plan: Plan::default(),
            made: FxHashMap::default(),
            patterns: Patterns::new(),
            texts: FxHashMap::default(),
            days: FxHashMap::default(),
            units: FxHashMap::default(),
            units_left: MAX_COHORT_UNITS,
            criteria: 0,
            bytes: 0,
        }
    }

    /// The plan of everything that was made into parts, with the part that is asked about.
    pub(super) fn finish(mut self, root: PartId) -> Result<Plan, EvaluateError> {
        // At most a bit for each user, of each part and of those that exist.
        let moments: FxHashSet<i64> = self.plan.parts.iter().map(|part| part.as_of).collect();
        let users = self.store.user_count() as usize;
        let bytes = (self.plan.parts.len() + moments.len()).saturating_mul(users.div_ceil(8));
        self.take(bytes, String::new)?;
        self.plan.root = root;
        Ok(self.plan)
    }

    /// Counts a criterion or a condition.
    pub(super) fn count(
        &mut self,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<(), EvaluateError> {
        self.criteria += 1;
        if self.criteria > MAX_CLOSURE_CRITERIA {
            return Err(EvaluateError::Exceeded {
                pointer: inside.place(pointer),
                limit: QuestionLimit::Criteria,
            });
        }
        Ok(())
    }

    /// Takes so many bytes of those that there may be.
    fn take(&mut self, bytes: usize, pointer: impl Fn() -> String) -> Result<(), EvaluateError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_QUESTION_BYTES {
            return Err(EvaluateError::Exceeded {
                pointer: pointer(),
                limit: QuestionLimit::Memory,
            });
        }
        Ok(())
    }

    pub(super) fn push(&mut self, kind: Kind, inside: &Inside<'_>) -> PartId {
        self.plan.parts.push(Part::new(kind, inside.known.millis()));
        self.plan.parts.len() - 1
    }

    /// The part that was made of the same before, with how deep criteria and conditions are nested in it.
    pub(super) fn found(&mut self, made: Print, inside: &Inside<'_>) -> Option<(PartId, usize)> {
        let found = *self.made.get(&(inside.key(), made))?;
        self.share(found.0);
        Some(found)
    }

    /// A part stands in the definition once more.
    pub(super) fn share(&mut self, part: PartId) {
        if let Some(part) = self.plan.parts.get_mut(part) {
            part.shared = true;
        }
    }

    pub(super) fn remember(
        &mut self,
        made: Print,
        inside: &Inside<'_>,
        part: PartId,
        height: usize,
    ) {
        self.made.insert((inside.key(), made), (part, height));
    }

    pub(super) fn place(&mut self, pointer: &str, part: PartId, inside: &Inside<'_>) {
        if inside.reference.is_none() {
            self.plan.places.insert(pointer.to_owned(), part);
        }
    }

    /// The bounds of all events.
    pub(super) fn span(&self) -> Bounds {
        let first = self.store.first_event(Instant::MAX);
        let end = self.store.last_event().saturating_add_millis(1);
        Bounds {
            start: first.unwrap_or(Instant::MIN),
            end: end.max(first.unwrap_or(Instant::MIN)),
        }
    }

    /// The local days of a time.
    pub(super) fn days(&mut self, bounds: Bounds, inside: &Inside<'_>) -> Days {
        let span = self.span();
        let key = (inside.zone.name().to_owned(), bounds);
        let days = self.days.entry(key);
        days.or_insert_with(|| days_of(inside.zone, bounds, span))
            .clone()
    }

    /// The place of an event's property, of any event's where no name is given; none where there is no such property.
    pub(super) fn event_property(
        &self,
        event: Option<&str>,
        name: &str,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Option<u32>, EvaluateError> {
        match self.store.damage_of_event_property(event, name) {
            Some(damaged) => Err(is_damaged(damaged, pointer, inside)),
            None => Ok(self.store.event_property(name).map(|(place, _)| place)),
        }
    }

    /// The place of a user property; none where there is no such property.
    pub(super) fn user_property(
        &self,
        name: &str,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Option<usize>, EvaluateError> {
        if let Some(damaged) = self.store.damage_of_user_property(name) {
            return Err(is_damaged(damaged, pointer, inside));
        }
        let mut properties = self.store.users.properties.iter();
        Ok(properties.position(|property| property.name == name))
    }

    /// A filter made ready for a property; of none where the data has no such property.
    pub(super) fn predicate(
        &mut self,
        filter: &PropertyFilter,
        property: Option<(ValueType, Dictionary)>,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Predicate, EvaluateError> {
        let place = || inside.place(&format!("{pointer}/values"));
        let dictionary = property
            .filter(|(value_type, _)| *value_type == ValueType::String)
            .map(|(_, dictionary)| dictionary);
        let key = dictionary.map(|dictionary| (dictionary, hash_of_writing(filter)));
        if let Some(codes) = key.and_then(|key| self.texts.get(&key)) {
            return Ok(Predicate::Codes(codes.clone()));
        }
        let value_type = property.map(|(value_type, _)| value_type);
        let when = (inside.as_of, inside.fixed, inside.zone);
        let ready = Predicate::of(filter, value_type, &mut self.patterns, when);
        let Ready { predicate, texts } = ready.map_err(|fault| match fault {
            Fault::Value(detail) => EvaluateError::Value {
                pointer: place(),
                detail,
            },
            Fault::PatternTooLarge => EvaluateError::Exceeded {
                pointer: place(),
                limit: QuestionLimit::Pattern,
            },
            Fault::TooManyPatterns => EvaluateError::Exceeded {
                pointer: place(),
                limit: QuestionLimit::Patterns,
            },
        })?;
        if let (Some((codes, test)), Some(key)) = (texts, key) {
            let count = key.0.texts(self.store).map_or(0, |texts| texts.len());
            self.take(count, place)?;
            self.texts.insert(key, codes.clone());
            let preparation = Preparation::texts(key.0, test, codes);
            self.plan.preparations.push(preparation);
        }
        Ok(predicate)
    }

    /// The tables of an event, or of all, with the filter made ready for each; those where no row passes are left out.
    pub(super) fn tables(
        &mut self,
        name: Option<&str>,
        filter: &RowFilter,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Vec<EventTable>, EvaluateError> {
        if let Some(damaged) = self.store.damage_of_events(name) {
            return Err(is_damaged(damaged, &format!("{pointer}/event"), inside));
        }
        let mut tables = Vec::new();
        let mut conditions = 0;
        for (place, table) in self.store.tables.iter().enumerate() {
            if name.is_none_or(|name| table.name == name) {
                let filter = filter.for_columns(&|property| table.column(property).is_some());
                if !matches!(filter, RowFilter::Constant(false)) {
                    conditions += filter.size();
                    let table = place;
                    tables.push(EventTable { table, filter });
                }
            }
        }
        self.take(conditions * size_of::<RowFilter>(), || {
            inside.place(pointer)
        })?;
        Ok(tables)
    }

    /// The units from the one of an instant to the last event.
    pub(super) fn units(
        &mut self,
        unit: CalendarUnit,
        from: Instant,
        pointer: &str,
        inside: &Inside<'_>,
    ) -> Result<Arc<OnceLock<Units>>, EvaluateError> {
        let Some(first) = self.store.first_event(inside.known) else {
            return Ok(self.no_units());
        };
        let zone: &Zone = inside.zone;
        let until = self.store.last_event().min(inside.known);
        // What starts at the first event serves whatever starts later.
        let whole = units_touched(unit, (first, until));
        let from = match whole <= self.units_left {
            true => first,
            false => from.max(first),
        };
        let key = (zone.name().to_owned(), unit, from, until);
        if let Some(units) = self.units.get(&key) {
            return Ok(Arc::clone(units));
        }
        let count = units_touched(unit, (from, until));
        self.units_left =
            self.units_left
                .checked_sub(count)
                .ok_or_else(|| EvaluateError::TooLong {
                    pointer: inside.place(&format!("{pointer}/unit")),
                    most: MAX_COHORT_UNITS,
                })?;
        let units: Arc<OnceLock<Units>> = Arc::default();
        let preparation = Preparation::units(zone, unit, (from, until), Arc::clone(&units));
        self.plan.preparations.push(preparation);
        self.units.insert(key, Arc::clone(&units));
        Ok(units)
    }

    /// One unit for all of the time.
    pub(super) fn no_units(&self) -> Arc<OnceLock<Units>> {
        let units = OnceLock::from(Units::new(Vec::new(), self.store.base));
        Arc::new(units)
    }

    /// Gives the part of a criterion the key that it is kept under, if it takes work and depends on nothing that a key does
    /// not tell.
    pub(super) fn keep(
        &mut self,
        (criterion, made): (&Criterion, Print),
        part: PartId,
        inside: &Inside<'_>,
    ) {
        let mut tells = matches!(
            criterion,
            Criterion::Event(_)
                | Criterion::FirstEvent(_)
                | Criterion::Sequence(_)
                | Criterion::Cohort(_)
        );
        if self.context.cache.is_none() || !tells {
            return;
        }
        // After the last event time goes on without any, so an instant then is as good as another, except for calendars.
        let after_all = self.store.last_event().saturating_add_millis(1);
        let known = inside.known.min(after_all);
        let mut key = String::with_capacity(128);
        for byte in made {
            let _ = write!(key, "{byte:02x}");
        }
        let _ = write!(key, " {} {known}", inside.zone.name());
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
}

fn is_damaged(damaged: &DamagedPart, pointer: &str, inside: &Inside<'_>) -> EvaluateError {
    EvaluateError::Damaged {
        pointer: inside.place(pointer),
        part: Box::new(damaged.clone()),
    }
}
