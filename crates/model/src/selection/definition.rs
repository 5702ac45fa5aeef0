//! What was clicked, as a definition that holds exactly those users as of the same instant.

use crate::answer::Group;
use crate::criterion::{
    Behaviour, CohortCriterion, CohortMatch, CohortOutcome, EventCriterion, SegmentCriterion,
    SequenceCriterion, Step,
};
use crate::filter::{Operator, PropertyFilter, Scope};
use crate::limits::{MAX_NUMBER, MAX_TEXT};
use crate::measure::{Compare, Measure};
use crate::problem::{Code, InputError};
use crate::query::{
    CohortMeasure, CohortQuery, FunnelGroupBy, FunnelQuery, GenerationBy, GroupBy, Query,
    QueryMatch, SegmentationQuery,
};
use crate::range::{Bounds, CalendarUnit};
use crate::selection::{
    CohortSelection, FunnelOutcome, FunnelSelection, PathSelection, SegmentationSelection,
    Selection,
};
use crate::validate::wrong_path;
use crate::{Criterion, Filter, Instant, Range, Value, ValueType};

use crate::calendar::Zone;

/// The users behind a part of a query's answer.
///
/// The query has to be valid ([`check_query`](crate::validate::check_query)); then so is the definition. `zone` and `as_of` are
/// those of the answer, `types` tells the types of the properties that the query groups by (none where the data has no such
/// property): a text is an instant where its property holds instants.
///
/// # Errors
/// What the query's answer does not have, each with its place below `/selection` and what would be right.
pub fn definition(
    query: &Query,
    selection: &Selection,
    zone: &Zone,
    as_of: Instant,
    types: &dyn Fn(Scope, &str) -> Option<ValueType>,
) -> Result<Criterion, Vec<InputError>> {
    let mut maker = Maker {
        zone,
        as_of,
        types,
        errors: Vec::new(),
    };
    let criteria = match (query, selection) {
        (Query::Segmentation(query), Selection::Segmentation(selection)) => {
            maker.segmentation(query, selection)
        }
        (Query::Funnel(query), Selection::Funnel(selection)) => maker.funnel(query, selection),
        (Query::Funnel(query), Selection::Path(selection)) => maker.path(query, selection),
        (Query::Cohort(query), Selection::Cohort(selection)) => maker.cohort(query, selection),
        (query, _) => {
            let (tool, fields) = match query {
                Query::Segmentation(_) => ("segmentation", "\"measure\""),
                Query::Funnel(_) => ("funnel", "\"step\" and \"outcome\", or \"path\""),
                Query::Cohort(_) => ("cohort", "\"outcome\""),
            };
            maker.wrong(
                "",
                Code::NotAllowed,
                format!("this is no part of the answer to a {tool} query: give {fields}"),
            );
            None
        }
    };
    match criteria {
        Some(mut criteria) if maker.errors.is_empty() => {
            match query.audience() {
                Some(Criterion::All { of }) => criteria.extend(of.iter().cloned()),
                Some(audience) => criteria.push(audience.clone()),
                None => {}
            }
            Ok(all(criteria))
        }
        _ => Err(maker.errors),
    }
}

/// All of these, without a group around only one.
fn all(mut criteria: Vec<Criterion>) -> Criterion {
    match criteria.pop() {
        Some(only) if criteria.is_empty() => only,
        last => {
            criteria.extend(last);
            Criterion::All { of: criteria }
        }
    }
}

/// A filter with further conditions.
fn and(filter: Option<&Filter>, conditions: impl IntoIterator<Item = Filter>) -> Option<Filter> {
    let mut of = match filter {
        Some(Filter::All { of }) => of.clone(),
        Some(filter) => vec![filter.clone()],
        None => Vec::new(),
    };
    of.extend(conditions);
    match of.pop() {
        Some(only) if of.is_empty() => Some(only),
        Some(last) => {
            of.push(last);
            Some(Filter::All { of })
        }
        None => None,
    }
}

fn property(scope: Scope, name: &str, op: Operator, values: Vec<Value>) -> Filter {
    Filter::Property(PropertyFilter {
        scope,
        name: name.to_owned(),
        op,
        values,
        during: None,
        ignore_case: false,
    })
}

/// The conditions that make a group.
#[derive(Default)]
struct Conditions {
    /// Those on occurrences.
    filters: Vec<Filter>,
    /// Those on users.
    criteria: Vec<Criterion>,
}

struct Maker<'a> {
    zone: &'a Zone,
    as_of: Instant,
    types: &'a dyn Fn(Scope, &str) -> Option<ValueType>,
    errors: Vec<InputError>,
}

impl Maker<'_> {
    fn wrong(&mut self, path: &str, code: Code, detail: impl Into<String>) {
        self.errors.push(InputError {
            pointer: format!("/selection{path}"),
            code,
            detail: detail.into(),
        });
    }

    fn segmentation(
        &mut self,
        query: &SegmentationQuery,
        selection: &SegmentationSelection,
    ) -> Option<Vec<Criterion>> {
        let measure = usize::try_from(selection.measure)
            .ok()
            .and_then(|index| query.measures.get(index));
        if measure.is_none() {
            self.wrong(
                "/measure",
                Code::OutOfRange,
                format!(
                    "give a row of the query, 0 to {}; a formula has no users",
                    query.measures.len().saturating_sub(1)
                ),
            );
        }
        let during = self.during(&query.during, query.interval.unit(), selection.bucket);
        let mut conditions = Conditions::default();
        if let Some(group) = &selection.group
            && self.fits(group, query.group_by.len())
        {
            for (index, (by, value)) in query.group_by.iter().zip(group).enumerate() {
                let path = format!("/group/{index}");
                match by {
                    GroupBy::Property(by) => {
                        self.property(&path, by.scope, &by.name, value.as_ref(), &mut conditions);
                    }
                    GroupBy::Segment(by) => {
                        self.segment(&path, &by.segment, value.as_ref(), &mut conditions);
                    }
                }
            }
        }
        let measure = measure?;
        if let Some(name) = &measure.aggregate.property
            && !conditions.has_value(name)
        {
            let is_set = property(Scope::Event, name, Operator::IsSet, Vec::new());
            conditions.filters.insert(0, is_set);
        }
        let mut criteria = vec![Criterion::Event(EventCriterion {
            event: measure.event.clone(),
            filter: and(measure.filter.as_ref(), conditions.filters),
            did: measure.did.clone(),
            measure: Measure::Count,
            compare: Compare::default(),
            during: during?,
        })];
        criteria.extend(conditions.criteria);
        Some(criteria)
    }

    fn funnel(
        &mut self,
        query: &FunnelQuery,
        selection: &FunnelSelection,
    ) -> Option<Vec<Criterion>> {
        let step = usize::try_from(selection.step)
            .ok()
            .and_then(|step| step.checked_sub(1))
            .filter(|index| *index < query.steps.len());
        if step.is_none() {
            self.wrong(
                "/step",
                Code::OutOfRange,
                format!("give a step of the funnel, 1 to {}", query.steps.len()),
            );
        }
        let sequence = self.sequence(query, selection.group.as_ref(), selection.bucket);
        let step = step?;
        let next = query
            .steps
            .iter()
            .enumerate()
            .skip(step + 1)
            .find(|(_, step)| !step.optional)
            .and_then(|(index, _)| number(index));
        let reached = number(step)?;
        if next.is_none() && selection.outcome != FunnelOutcome::Reached {
            self.wrong(
                "/outcome",
                Code::NotAllowed,
                "no step that everybody has to reach follows this one: give \"reached\"",
            );
            return None;
        }
        let (sequence, of_users) = sequence?;
        let sequence = SequenceCriterion {
            reached,
            not_reached: next.filter(|_| selection.outcome == FunnelOutcome::Dropped),
            ..sequence
        };
        let mut criteria = Vec::new();
        if let Some(next) = next
            && selection.outcome == FunnelOutcome::Converted
        {
            criteria.push(Criterion::Sequence(SequenceCriterion {
                reached: next,
                ..sequence.clone()
            }));
            // Whoever reached the next required step reached this one too, unless it is optional.
            if query.steps.get(step).is_some_and(|step| step.optional) {
                criteria.insert(0, Criterion::Sequence(sequence));
            }
        } else {
            criteria.push(Criterion::Sequence(sequence));
        }
        criteria.extend(of_users);
        Some(criteria)
    }

    fn path(&mut self, query: &FunnelQuery, selection: &PathSelection) -> Option<Vec<Criterion>> {
        if !query.steps.iter().any(|step| step.optional) {
            self.wrong(
                "/path",
                Code::NotAllowed,
                "the funnel has no optional steps, so no paths: give \"step\" and \"outcome\"",
            );
        } else if let Some((place, code, detail)) = wrong_path(&selection.path, &query.steps) {
            self.wrong(&format!("/path{place}"), code, detail);
        }
        let (sequence, of_users) = self.sequence(query, selection.group.as_ref(), None)?;
        let mut criteria = vec![Criterion::Sequence(SequenceCriterion {
            reached: selection.path.last().copied()?,
            path: Some(selection.path.clone()),
            ..sequence
        })];
        criteria.extend(of_users);
        Some(criteria)
    }

    /// The funnel of a group and a bucket as a sequence whose first step was reached, and what its users are besides.
    fn sequence(
        &mut self,
        query: &FunnelQuery,
        group: Option<&Group>,
        bucket: Option<Instant>,
    ) -> Option<(SequenceCriterion, Vec<Criterion>)> {
        let during = self.during(
            &query.during,
            query.interval.and_then(crate::query::Interval::unit),
            bucket,
        );
        let mut conditions = Conditions::default();
        let mut filtered = None;
        if let Some(group) = group
            && !group.is_empty()
            && self.fits(group, usize::from(query.group_by.is_some()))
            && let (Some(by), Some(value)) = (&query.group_by, group.first())
        {
            match by {
                FunnelGroupBy::Property(by) => {
                    filtered = by.step;
                    self.property(
                        "/group/0",
                        by.scope,
                        &by.name,
                        value.as_ref(),
                        &mut conditions,
                    );
                }
                FunnelGroupBy::Segment(by) => {
                    self.segment("/group/0", &by.segment, value.as_ref(), &mut conditions);
                }
            }
        }
        let steps = query.steps.iter().zip(1..).map(|(step, place)| Step {
            filter: if filtered.is_none_or(|filtered| filtered == place) {
                and(step.filter.as_ref(), conditions.filters.iter().cloned())
            } else {
                step.filter.clone()
            },
            ..step.clone()
        });
        let sequence = SequenceCriterion {
            steps: steps.collect(),
            order: query.order,
            within: query.within,
            exclude: query.exclude.clone(),
            during: during?,
            reached: 1,
            not_reached: None,
            path: None,
        };
        Some((sequence, conditions.criteria))
    }

    fn cohort(
        &mut self,
        query: &CohortQuery,
        selection: &CohortSelection,
    ) -> Option<Vec<Criterion>> {
        let unit = query.unit.unit();
        let bounds = self.zone.bounds(&query.during, self.as_of);
        let mut conditions = Conditions::default();
        let mut generation = None;
        match (&query.generation, &selection.generation) {
            (_, None) => {}
            (GenerationBy::Time, Some(value)) => {
                generation = self.generation(unit, bounds, value.as_ref());
            }
            (GenerationBy::Property { scope, name }, Some(value)) => {
                self.property("/generation", *scope, name, value.as_ref(), &mut conditions);
            }
            (GenerationBy::Segment { id }, Some(value)) => {
                self.segment("/generation", id, value.as_ref(), &mut conditions);
            }
        }
        let mut started = query.during.clone();
        if let Some(period) = selection.period {
            if period > query.periods {
                self.wrong(
                    "/period",
                    Code::OutOfRange,
                    format!("give a period of the query, 0 to {}", query.periods),
                );
            } else if !self.errors.is_empty() {
                return None;
            } else if let Some(generation) = generation {
                let last = self.as_of.saturating_add_millis(-1);
                if self.unit_back(unit, last, period) < generation {
                    self.wrong(
                        "/period",
                        Code::OutOfRange,
                        format!("{} {period} of this generation has not begun", unit.word()),
                    );
                }
            } else {
                // The cells of all times together take those whose period is over.
                let end = self.unit_back(unit, self.as_of, period);
                if end <= bounds.start {
                    self.wrong(
                        "/period",
                        Code::OutOfRange,
                        format!(
                            "{} {period} is not over for anybody who started in the range",
                            unit.word()
                        ),
                    );
                } else if end < bounds.end {
                    started = Range::Instants {
                        start: bounds.start,
                        end,
                    };
                }
            }
        }
        let returns = selection.outcome != CohortOutcome::Started;
        let is_set = match &query.measure {
            CohortMeasure::Sum { property: name } if returns => {
                Some(property(Scope::Event, name, Operator::IsSet, Vec::new()))
            }
            _ => None,
        };
        // Without a period every return counts, and who started is the same whatever the period.
        let period = selection.period.filter(|_| returns);
        let matching = match (period, query.cumulative, query.matching) {
            (None, _, _) | (_, false, QueryMatch::On) => CohortMatch::On,
            (_, true, _) => CohortMatch::OnOrBefore,
            (_, false, QueryMatch::OnOrAfter) => CohortMatch::OnOrAfter,
        };
        let mut criteria = vec![Criterion::Cohort(CohortCriterion {
            start: query.start.clone(),
            first_time: query.first_time,
            returning: Behaviour {
                event: query.returning.event.clone(),
                filter: and(query.returning.filter.as_ref(), is_set),
            },
            unit: query.unit,
            started,
            generation,
            generation_where: and(None, conditions.filters),
            period,
            matching,
            outcome: selection.outcome,
        })];
        criteria.extend(conditions.criteria);
        Some(criteria)
    }

    /// The range of a selection: that of its bucket, or else the query's.
    fn during(
        &mut self,
        during: &Range,
        unit: Option<CalendarUnit>,
        bucket: Option<Instant>,
    ) -> Option<Range> {
        let Some(start) = bucket else {
            return Some(during.clone());
        };
        let Some(unit) = unit else {
            self.wrong(
                "/bucket",
                Code::NotAllowed,
                "the query does not cut its range into buckets: leave the bucket out",
            );
            return None;
        };
        let bounds = self.zone.bounds(during, self.as_of);
        let detail = if bounds.is_empty() {
            "the query's range is empty: leave the bucket out".to_owned()
        } else if !bounds.contains(start) {
            format!(
                "give the first instant of a bucket of the range, which runs from {} until {}",
                bounds.start, bounds.end
            )
        } else {
            let first = self.zone.unit_start(unit, start).max(bounds.start);
            if first == start {
                return Some(Range::Instants {
                    start,
                    end: self.zone.next_unit(unit, start).min(bounds.end),
                });
            }
            format!("this lies inside of a bucket: give its first instant, {first}")
        };
        self.wrong("/bucket", Code::OutOfRange, detail);
        None
    }

    fn fits(&mut self, group: &Group, wanted: usize) -> bool {
        let detail = match wanted {
            _ if group.len() == wanted => return true,
            0 => "the query does not group: leave the group out".to_owned(),
            1 => format!("give one value, not {}", group.len()),
            several => format!(
                "give {several} values, one for each thing that the query groups by, not {}",
                group.len()
            ),
        };
        self.wrong("/group", Code::ValueCount, detail);
        false
    }

    /// The condition that a property has a value, or that it is missing.
    fn property(
        &mut self,
        path: &str,
        scope: Scope,
        name: &str,
        value: Option<&Value>,
        conditions: &mut Conditions,
    ) {
        let Some(value) = value else {
            conditions.take(property(scope, name, Operator::IsNotSet, Vec::new()));
            return;
        };
        let is = |value: &Value| property(scope, name, Operator::Is, vec![value.clone()]);
        let found = (self.types)(scope, name);
        let condition = match (found, value) {
            (Some(ValueType::Datetime), Value::String(text)) if Instant::parse(text).is_ok() => {
                property(
                    scope,
                    name,
                    Operator::Between,
                    vec![value.clone(), value.clone()],
                )
            }
            (Some(ValueType::String) | None, Value::String(text)) => {
                if text.chars().count() > MAX_TEXT {
                    self.wrong(
                        path,
                        Code::TooLarge,
                        format!("a value may have at most {MAX_TEXT} characters"),
                    );
                    return;
                }
                is(value)
            }
            (Some(ValueType::Number) | None, Value::Number(number)) => {
                if !(number.is_finite() && number.abs() <= MAX_NUMBER) {
                    self.wrong(
                        path,
                        Code::OutOfRange,
                        "give a number between -10^15 and 10^15",
                    );
                    return;
                }
                is(value)
            }
            (Some(ValueType::Boolean) | None, Value::Boolean(_)) => is(value),
            (Some(wanted), _) => {
                let wanted = match wanted {
                    ValueType::String => "a text",
                    ValueType::Number => "a number",
                    ValueType::Boolean => "true or false",
                    ValueType::Datetime => "an instant such as 2026-11-23T14:14:00.000Z",
                };
                self.wrong(
                    path,
                    Code::ValueType,
                    format!("give {wanted}, or null for the group of missing values"),
                );
                return;
            }
        };
        conditions.take(condition);
    }

    /// The condition that a user is in a segment, or is not.
    fn segment(
        &mut self,
        path: &str,
        id: &str,
        value: Option<&Value>,
        conditions: &mut Conditions,
    ) {
        let inside = Criterion::Segment(SegmentCriterion {
            id: id.to_owned(),
            as_of: None,
        });
        match value {
            Some(Value::Boolean(true)) => conditions.criteria.push(inside),
            Some(Value::Boolean(false)) => conditions.criteria.push(Criterion::Not {
                of: Box::new(inside),
            }),
            _ => self.wrong(
                path,
                Code::ValueType,
                "give true for the users in the segment or false for the others",
            ),
        }
    }

    /// The first instant of a generation by time.
    fn generation(
        &mut self,
        unit: CalendarUnit,
        bounds: Bounds,
        value: Option<&Value>,
    ) -> Option<Instant> {
        let first = match value {
            Some(Value::String(text)) => Instant::parse(text).ok(),
            _ => None,
        };
        let Some(first) = first else {
            self.wrong(
                "/generation",
                Code::ValueType,
                format!(
                    "give the first instant of a {}, such as 2026-11-23T00:00:00.000Z",
                    unit.word()
                ),
            );
            return None;
        };
        let start = self.zone.unit_start(unit, first);
        let detail = if bounds.is_empty() {
            "the query's range is empty: it has no generations".to_owned()
        } else if first >= bounds.end || self.zone.next_unit(unit, first) <= bounds.start {
            format!(
                "give the first instant of a {} of the range, which runs from {} until {}",
                unit.word(),
                bounds.start,
                bounds.end
            )
        } else if start != first {
            format!(
                "this lies inside of a {}: give its first instant, {start}",
                unit.word()
            )
        } else {
            return Some(first);
        };
        self.wrong("/generation", Code::OutOfRange, detail);
        None
    }

    /// The first instant of the unit so many units before, days that the zone skips left out.
    fn unit_back(&self, unit: CalendarUnit, instant: Instant, count: u32) -> Instant {
        let mut start = self.zone.unit_start(unit, instant);
        for _ in 0..count {
            if start == Instant::MIN {
                break;
            }
            start = self.zone.unit_start(unit, start.saturating_add_millis(-1));
        }
        start
    }
}

impl Conditions {
    /// Whether they ask for a value of an event property.
    fn has_value(&self, name: &str) -> bool {
        self.filters.iter().any(|filter| match filter {
            Filter::Property(property) => {
                property.name == name && property.op != Operator::IsNotSet
            }
            _ => false,
        })
    }

    fn take(&mut self, condition: Filter) {
        match &condition {
            Filter::Property(property) if property.scope == Scope::Event => {
                self.filters.push(condition);
            }
            _ => self.criteria.push(Criterion::User { filter: condition }),
        }
    }
}

/// The number of a step, counted from 1.
fn number(index: usize) -> Option<u32> {
    u32::try_from(index).ok()?.checked_add(1)
}
