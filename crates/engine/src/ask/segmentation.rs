//! Segmentation queries.
//!
//! Groups that can be counted by place, where there are few, are all worked out in one pass and the most frequent ones
//! told. Otherwise a first pass finds the most frequent groups, and a second one works out the figures of these alone.

#![expect(
    clippy::indexing_slicing,
    reason = "a share has a cursor and an end for each table of what it looks at"
)]

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;
use segments_model::Instant;
use segments_model::answer::{
    Answer, Bucket, PreviousFigures, PreviousRange, SegmentationAnswer, Series,
};
use segments_model::buckets::MAX_BUCKETS;
use segments_model::formula::Expression;
use segments_model::limits::MAX_FIGURES;
use segments_model::query::{
    Comparison, DEFAULT_GROUPS, Figure, QueryAggregate, QueryMeasure, SegmentationQuery,
};
use segments_model::range::Bounds;
use segments_model::stamp::{Stamp, Unit};

use super::group::{Counts, Dimension, Groups, Key, LEFT_OUT, Rows, Told, bits};
use super::query::{Prepared, Query, stamp};
use super::tally::{Batch, Shape, Tally};
use crate::column::Packed;
use crate::did::Dids;
use crate::filter_scan::FilterScan;
use crate::job::{Job, Run, Step, ranges};
use crate::plan::{Did, EventSpec, EventTable, Occurrences, PartId, Planner, RowFilter};
use crate::question::{Context, EvaluateError};
use crate::store::{Store, Table};
use crate::units::Units;

/// How many cells of all rows together may be worked out before it is known which groups are told.
const AT_ONCE: usize = 1 << 18;

#[derive(Debug)]
struct Segmentation {
    store: Arc<Store>,
    question: SegmentationQuestion,
    /// How many shares of the users to work on at the same time.
    shares: usize,
    /// The users of each part of the plan.
    users: Vec<RoaringBitmap>,
    stage: Stage,
    total: u64,
    counts: Counts,
    /// The groups that are told, the most frequent first, and how many there are besides; none until they are known.
    told: Option<(Vec<Key>, u64)>,
    /// The look-up of the groups that are told; of every group until they are known.
    numbers: Told,
    /// The figures of each row, first of the range, then of the one before it; of each group together.
    figures: Vec<Vec<Option<f64>>>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The rows of groups are counted, of the row of the query with this number.
    Counting(usize),
    /// Figures are worked out: of this row of the query, in this span.
    Measuring(usize, usize),
}

/// What is asked.
#[derive(Debug)]
struct SegmentationQuestion {
    measures: Vec<Measure>,
    formulas: Vec<Expression>,
    groups: Groups,
    grouped: bool,
    most: usize,
    /// The range, then the one before it where it is asked for.
    spans: Vec<Span>,
    stamp: Stamp,
}

/// A row of the query.
#[derive(Debug)]
struct Measure {
    tables: Vec<EventTable>,
    /// What else the user has to have done, or not, for a row to count.
    did: Vec<Did>,
    aggregate: QueryAggregate,
    /// The place of the property that is measured; none where the figure has none.
    property: Option<u32>,
}

/// The figures of each bucket, and the one of all of the time.
type Figures = (Vec<Option<f64>>, Option<f64>);

/// A time with its buckets.
#[derive(Debug)]
struct Span {
    bounds: Bounds,
    /// Milliseconds: rows from the first on and before the second.
    window: (i64, i64),
    buckets: Vec<Bucket>,
    units: Units,
}

/// Prepares to answer a query.
pub(super) fn prepare(
    store: &Arc<Store>,
    query: &SegmentationQuery,
    context: &Context,
) -> Result<Prepared, EvaluateError> {
    let mut planner = Planner::new(store, context);
    let audience = planner.audience(query.audience.as_ref())?;
    let audience_only = query.audience.as_ref().map(|_| audience);
    let measures = query
        .measures
        .iter()
        .enumerate()
        .map(|(place, measure)| {
            Measure::new(
                store,
                measure,
                audience_only,
                &mut planner,
                &format!("/measures/{place}"),
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    let formulas = query
        .formulas
        .iter()
        .enumerate()
        .map(|(place, formula)| {
            Expression::parse(&formula.expression, measures.len()).map_err(|error| {
                EvaluateError::Value {
                    pointer: format!("/formulas/{place}/expression"),
                    detail: error.to_string(),
                }
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let dimensions = query
        .group_by
        .iter()
        .enumerate()
        .map(|(place, group)| Dimension::new(group, &mut planner, &format!("/group_by/{place}")))
        .collect::<Result<Vec<_>, _>>()?;
    let plan = planner.finish(audience)?;
    let groups = Groups::new(store, dimensions);
    let bounds = context.zone.bounds(&query.during, context.as_of);
    let previous = query
        .compare
        .and_then(|Comparison::PreviousRange| context.zone.previous(&query.during, context.as_of));
    let spans = [Some(bounds), previous]
        .into_iter()
        .flatten()
        .map(|bounds| Span::new(store, query, bounds, context))
        .collect::<Result<Vec<_>, _>>()?;
    let users_only = query
        .measures
        .iter()
        .all(|measure| measure.aggregate.of == Figure::Users);
    let question = SegmentationQuestion {
        grouped: !query.group_by.is_empty(),
        most: query.max_groups.unwrap_or(DEFAULT_GROUPS) as usize,
        stamp: stamp(
            context,
            bounds,
            if users_only {
                Unit::Users
            } else {
                Unit::Events
            },
        ),
        measures,
        formulas,
        groups,
        spans,
    };
    if question.figures() > MAX_FIGURES {
        return Err(EvaluateError::TooMany {
            pointer: "/max_groups".to_owned(),
            most: MAX_FIGURES,
        });
    }
    let rows: u64 = question
        .measures
        .iter()
        .map(|measure| measure.rows(store))
        .sum();
    let passes = question.spans.len() + usize::from(!question.in_one_pass());
    let query = Segmentation {
        shares: context.shares,
        users: Vec::new(),
        stage: Stage::Counting(0),
        total: rows * passes as u64,
        counts: question.groups.counts(),
        store: Arc::clone(store),
        told: None,
        numbers: Told::Every,
        figures: Vec::new(),
        question,
    };
    Ok((plan, Box::new(Run::new(query))))
}

impl Query for Segmentation {
    fn know(&mut self, users: Vec<RoaringBitmap>) {
        self.users = users;
    }
}

impl Job for Segmentation {
    type Share = Share;
    type Answer = Answer;

    fn total(&self) -> u64 {
        self.total
    }

    fn split(&mut self) -> Vec<Share> {
        if !self.question.grouped {
            self.tell(vec![Key::default()], 0);
        }
        self.stage = match self.told.is_some() || self.question.in_one_pass() {
            true => Stage::Measuring(0, 0),
            false => Stage::Counting(0),
        };
        let ranges = ranges(self.store.user_count(), self.shares).into_iter();
        let mut shares: Vec<Share> = ranges
            .map(|users| Share::new(users, &self.question.groups))
            .collect();
        self.prepare(&mut shares);
        shares
    }

    fn step(&self, share: &mut Share, rows: usize) -> Step {
        let (measure, span) = match self.stage {
            Stage::Counting(measure) => (measure, 0),
            Stage::Measuring(measure, span) => (measure, span),
        };
        let question = &self.question;
        let (Some(measure), Some(span)) =
            (question.measures.get(measure), question.spans.get(span))
        else {
            return Step {
                looked: 0,
                done: true,
            };
        };
        let task = Task {
            store: &self.store,
            results: &self.users,
            measure,
            span,
            groups: &question.groups,
            counting: self.told.is_none(),
            told: match self.stage {
                Stage::Measuring(..) => Some(&self.numbers),
                Stage::Counting(_) => None,
            },
        };
        let looked = share.step(&task, rows);
        Step {
            looked,
            done: share.finished,
        }
    }

    fn merge(&mut self, shares: &mut Vec<Share>) -> bool {
        let last = |measure: usize| measure + 1 >= self.question.measures.len();
        self.stage = match self.stage {
            Stage::Counting(measure) if last(measure) => {
                self.count(shares);
                Stage::Measuring(0, 0)
            }
            Stage::Counting(measure) => Stage::Counting(measure + 1),
            Stage::Measuring(measure, span) => {
                let ends = last(measure);
                self.put_together(measure, shares);
                if ends && self.told.is_none() {
                    self.count(shares);
                }
                match ends {
                    true => Stage::Measuring(0, span + 1),
                    false => Stage::Measuring(measure + 1, span),
                }
            }
        };
        if let Stage::Measuring(_, span) = self.stage
            && span >= self.question.spans.len()
        {
            return false;
        }
        self.prepare(shares);
        true
    }

    fn finish(&mut self) -> Answer {
        self.answer()
    }
}

impl Segmentation {
    /// Makes the shares ready for the stage.
    fn prepare(&self, shares: &mut [Share]) {
        let (measure, span) = match self.stage {
            Stage::Counting(measure) => (measure, None),
            Stage::Measuring(measure, span) => (measure, self.question.spans.get(span)),
        };
        let Some(measure) = self.question.measures.get(measure) else {
            return;
        };
        let tally = span.map(|span| {
            let groups = match &self.told {
                Some((keys, _)) => keys.len(),
                None => self.question.groups.places().unwrap_or(0),
            };
            let shape = Shape {
                groups,
                stretches: span.buckets.len(),
            };
            (measure.aggregate.clone(), shape)
        });
        for share in shares {
            share.prepare(&self.store, measure);
            share.tally = tally
                .as_ref()
                .map(|(question, shape)| Tally::new(question, *shape));
        }
    }

    /// Puts the figures of the shares together.
    fn put_together(&mut self, measure: usize, shares: &mut [Share]) {
        let tallies = shares.iter_mut().filter_map(|share| share.tally.take());
        let whole = tallies.reduce(|mut whole, tally| {
            whole.merge(tally);
            whole
        });
        let of = self
            .question
            .measures
            .get(measure)
            .map(|measure| measure.aggregate.of);
        if let (Some(whole), Some(of)) = (whole, of) {
            self.figures.push(whole.figures(of));
        }
    }

    /// Finds the groups that are told. Figures that are there already, of every group, become those of the groups told.
    fn count(&mut self, shares: &[Share]) {
        for share in shares {
            self.counts.merge(&share.counts);
        }
        let groups = &self.question.groups;
        let (keys, left_out) = groups.most_frequent(&self.store, &self.counts, self.question.most);
        for figures in &mut self.figures {
            let width = figures.len() / groups.places().unwrap_or(1).max(1);
            *figures = keys
                .iter()
                .filter_map(|key| {
                    let start = groups.place(key)? * width;
                    figures.get(start..start + width)
                })
                .flatten()
                .copied()
                .collect();
        }
        self.tell(keys, left_out);
    }

    /// These groups are told, and so many are not.
    fn tell(&mut self, keys: Vec<Key>, left_out: u64) {
        // Without groups there is one, which is every group there is.
        if self.question.grouped {
            self.numbers = self.question.groups.told(&keys);
        }
        self.told = Some((keys, left_out));
    }

    fn answer(&self) -> Answer {
        let question = &self.question;
        let (keys, left_out) = self.told.as_ref().map_or((&[][..], 0), |(keys, left_out)| {
            (keys.as_slice(), *left_out)
        });
        // The figures of a group: each bucket, then the whole.
        let of = |measure: usize, span: usize, group: usize| -> Figures {
            let width = question
                .spans
                .get(span)
                .map_or(0, |span| span.buckets.len())
                + 1;
            let all = self.figures.get(span * question.measures.len() + measure);
            let of_group = all
                .and_then(|all| all.get(group * width..(group + 1) * width))
                .unwrap_or(&[]);
            match of_group.split_last() {
                Some((total, values)) => (values.to_vec(), *total),
                None => (Vec::new(), None),
            }
        };
        let of_formula = |formula: &Expression, span: usize, group: usize| {
            let rows: Vec<_> = (0..question.measures.len())
                .map(|measure| of(measure, span, group))
                .collect();
            let width = rows.first().map_or(0, |(values, _)| values.len());
            let at = |bucket: usize| -> Option<f64> {
                let figures: Vec<Option<f64>> = rows
                    .iter()
                    .map(|(values, _)| values.get(bucket).copied().flatten())
                    .collect();
                formula.evaluate(&figures)
            };
            let totals: Vec<Option<f64>> = rows.iter().map(|(_, total)| *total).collect();
            ((0..width).map(at).collect(), formula.evaluate(&totals))
        };
        let mut series = Vec::new();
        let mut tell = |place: (Option<u32>, Option<u32>),
                        figures: &dyn Fn(usize, usize) -> Figures| {
            for (group, key) in keys.iter().enumerate() {
                let (values, total) = figures(0, group);
                series.push(Series {
                    measure: place.0,
                    formula: place.1,
                    group: question.groups.values(&self.store, key),
                    values,
                    total,
                    previous: question.spans.get(1).map(|_| {
                        let (values, total) = figures(1, group);
                        PreviousFigures { values, total }
                    }),
                });
            }
        };
        for measure in 0..question.measures.len() {
            tell((Some(measure as u32), None), &|span, group| {
                of(measure, span, group)
            });
        }
        for (place, formula) in question.formulas.iter().enumerate() {
            tell((None, Some(place as u32)), &|span, group| {
                of_formula(formula, span, group)
            });
        }
        Answer::Segmentation(SegmentationAnswer {
            stamp: question.stamp.clone(),
            buckets: question
                .spans
                .first()
                .map_or_else(Vec::new, |span| span.buckets.clone()),
            series,
            groups_left_out: left_out,
            previous: question.spans.get(1).map(|span| PreviousRange {
                start: span.bounds.start,
                end: span.bounds.end,
                buckets: span.buckets.clone(),
            }),
        })
    }
}

impl SegmentationQuestion {
    /// How many figures there can be.
    fn figures(&self) -> usize {
        let groups = match (self.grouped, self.groups.places()) {
            (false, _) => 1,
            (true, Some(places)) => places.min(self.most),
            (true, None) => self.most,
        };
        let stretches = self.spans.iter().map(|span| span.buckets.len() + 1);
        let each = stretches.sum::<usize>();
        let series = self.measures.len() + self.formulas.len();
        groups.saturating_mul(each).saturating_mul(series)
    }

    /// Whether every group's figures can be worked out in one pass, and those that are told found afterwards.
    fn in_one_pass(&self) -> bool {
        let stretches = self.spans.first().map_or(0, |span| span.buckets.len()) + 1;
        !self.grouped
            || self
                .groups
                .places()
                .and_then(|places| {
                    places
                        .checked_mul(stretches)?
                        .checked_mul(self.measures.len())
                })
                .is_some_and(|cells| cells <= AT_ONCE)
    }
}

impl Measure {
    fn new<'c>(
        store: &Store,
        measure: &'c QueryMeasure,
        audience: Option<PartId>,
        planner: &mut Planner<'c>,
        pointer: &str,
    ) -> Result<Self, EvaluateError> {
        let question = EventSpec {
            event: measure.event.as_deref(),
            filter: measure.filter.as_ref(),
            did: &measure.did,
        };
        let inside = planner.outermost();
        let always = (i64::MIN, i64::MAX);
        let Occurrences {
            mut tables, did, ..
        } = planner.occurrences(question, always, pointer, &inside)?;
        if let Some(audience) = audience {
            for table in &mut tables {
                let filter = std::mem::replace(&mut table.filter, RowFilter::Constant(true));
                table.filter = RowFilter::All(vec![RowFilter::User(audience), filter]);
            }
        }
        let name = measure.aggregate.property.as_deref();
        let property = name
            .map(|name| {
                let pointer = format!("{pointer}/aggregate/property");
                planner.event_property_at(measure.event.as_deref(), name, &pointer)
            })
            .transpose()?;
        if let Some(property) = property {
            let numbers = measure
                .aggregate
                .of
                .aggregate()
                .is_some_and(|aggregate| aggregate.needs_numbers());
            tables.retain(|table| {
                let table = store.tables.get(table.table);
                let column = table
                    .zip(property)
                    .and_then(|(table, place)| table.column(place));
                match column {
                    Some(Packed::Number(_)) => true,
                    Some(_) => !numbers,
                    None => false,
                }
            });
        }
        Ok(Self {
            tables,
            did,
            aggregate: measure.aggregate.clone(),
            property: property.flatten(),
        })
    }

    fn rows(&self, store: &Store) -> u64 {
        self.tables
            .iter()
            .filter_map(|table| store.tables.get(table.table))
            .map(|table| table.rows() as u64)
            .sum()
    }
}

impl Span {
    fn new(
        store: &Store,
        query: &SegmentationQuery,
        bounds: Bounds,
        context: &Context,
    ) -> Result<Self, EvaluateError> {
        let unit = query.interval.unit();
        let known = context.known(context.as_of);
        let buckets = context
            .zone
            .buckets(unit, bounds, context.as_of, store.first_event(known))
            .ok_or_else(|| EvaluateError::TooLong {
                pointer: "/interval".to_owned(),
                most: MAX_BUCKETS,
            })?;
        let starts = buckets
            .iter()
            .map(|bucket| bucket.start.unwrap_or(Instant::MIN).millis())
            .collect();
        Ok(Self {
            bounds,
            window: (bounds.start.millis(), bounds.end.min(known).millis()),
            units: Units::new(starts, store.base),
            buckets,
        })
    }
}

/// What the shares are to do: look at a row of the query in a span.
struct Task<'t> {
    store: &'t Store,
    results: &'t [RoaringBitmap],
    measure: &'t Measure,
    span: &'t Span,
    groups: &'t Groups,
    /// Whether the rows of groups are counted.
    counting: bool,
    /// The groups whose figures are worked out; none where rows are only counted.
    told: Option<&'t Told>,
}

/// A share of the users, and what was found of them.
#[derive(Debug)]
struct Share {
    users: Range<u32>,
    /// The next user of each table, by place.
    cursors: Vec<usize>,
    /// The places after the last user of each table.
    ends: Vec<usize>,
    counts: Counts,
    tally: Option<Tally>,
    batch: Batch,
    keys: Vec<Key>,
    /// How many rows this step has looked at.
    looked: usize,
    finished: bool,
}

impl Share {
    fn new(users: Range<u32>, groups: &Groups) -> Self {
        Self {
            users,
            cursors: Vec::new(),
            ends: Vec::new(),
            counts: groups.counts(),
            tally: None,
            batch: Batch::default(),
            keys: Vec::new(),
            looked: 0,
            finished: false,
        }
    }

    fn prepare(&mut self, store: &Store, measure: &Measure) {
        let place = |table: &EventTable, user: u32| {
            let users = store
                .tables
                .get(table.table)
                .map_or(&[][..], |table| &table.users);
            users.partition_point(|other| *other < user)
        };
        let places = |user: u32| {
            measure
                .tables
                .iter()
                .map(|table| place(table, user))
                .collect()
        };
        self.cursors = places(self.users.start);
        self.ends = places(self.users.end);
        self.finished = false;
    }

    /// The users that were not looked at.
    fn left(&self, store: &Store, measure: &Measure) -> Range<u32> {
        let next = measure
            .tables
            .iter()
            .zip(self.cursors.iter().zip(&self.ends))
            .filter(|(_, (cursor, end))| cursor < end)
            .filter_map(|(table, (cursor, _))| store.tables.get(table.table)?.users.get(*cursor))
            .min();
        next.map_or(self.users.end, |user| *user)..self.users.end
    }

    /// Looks at about so many rows, and tells at how many.
    fn step(&mut self, task: &Task<'_>, budget: usize) -> usize {
        self.looked = 0;
        if !self.finished {
            self.look(task, budget);
        }
        self.looked
    }

    fn look(&mut self, task: &Task<'_>, budget: usize) {
        let window = task.span.window;
        let mut filter_scans: Vec<FilterScan<'_>> = task
            .measure
            .tables
            .iter()
            .filter_map(|table| FilterScan::new(task.store, table, window, task.results))
            .collect();
        let left = self.left(task.store, task.measure);
        let mut dids = Dids::new(task.store, &task.measure.did, task.results, &left);
        let by_user = self.tally.as_ref().is_some_and(Tally::by_user) || !dids.is_empty();
        let together = filter_scans.len() > 1 && by_user;
        while self.looked < budget {
            let next =
                (0..filter_scans.len()).filter(|table| self.cursors[*table] < self.ends[*table]);
            if together {
                // All tables' rows of 64 users at a time; of one where what else a user did has to be known in order.
                let first = next
                    .map(|table| filter_scans[table].table.users[self.cursors[table]])
                    .min();
                let Some(first) = first else {
                    self.finished = true;
                    return;
                };
                let last = if dids.is_empty() { first | 63 } else { first };
                for (table, filter_scan) in filter_scans.iter_mut().enumerate() {
                    self.look_until(task, table, (filter_scan, &mut dids), last);
                }
            } else {
                let mut next = next;
                let Some(table) = next.next() else {
                    self.finished = true;
                    return;
                };
                let filter_scan = &mut filter_scans[table];
                let places =
                    filter_scan.fill(self.cursors[table], self.ends[table], budget - self.looked);
                self.add(task, table, (filter_scan, &mut dids), places);
            }
            if let Some(tally) = &mut self.tally {
                tally.flush();
            }
        }
    }

    /// Looks at the users of a table up to one of them.
    fn look_until(
        &mut self,
        task: &Task<'_>,
        table: usize,
        (filter_scan, dids): (&mut FilterScan<'_>, &mut Dids<'_>),
        last: u32,
    ) {
        loop {
            let (cursor, end) = (self.cursors[table], self.ends[table]);
            let users = &filter_scan.table.users[cursor..end];
            if users.first().is_none_or(|user| *user > last) {
                return;
            }
            let block = filter_scan.reach(cursor, end);
            let within =
                filter_scan.table.users[cursor..block.end].partition_point(|user| *user <= last);
            self.add(task, table, (filter_scan, dids), cursor..cursor + within);
        }
    }

    /// Adds the rows asked for of users, by place in the table and all of them in the sieve's block.
    fn add(
        &mut self,
        task: &Task<'_>,
        table: usize,
        (filter_scan, dids): (&mut FilterScan<'_>, &mut Dids<'_>),
        places: Range<usize>,
    ) {
        let starts = &filter_scan.table.starts;
        self.looked += (starts[places.end] - starts[places.start]) as usize;
        self.cursors[table] = places.end;
        if !dids.is_empty() {
            for place in places.clone() {
                if filter_scan.any(place) {
                    let mut budget = usize::MAX;
                    dids.load(filter_scan.table.users[place], &mut budget);
                    self.looked += usize::MAX - budget;
                    dids.judge(filter_scan, place);
                }
            }
        }
        let batch = &mut self.batch;
        batch.clear();
        filter_scan.select(places, &mut batch.rows, &mut batch.users);
        let column = task
            .measure
            .property
            .and_then(|property| filter_scan.table.column(property));
        match column {
            Some(Packed::Number(numbers)) => {
                batch.retain(|row, _| !numbers[row as usize].is_nan());
            }
            Some(column) => batch.retain(|row, _| column.get(row as usize).is_some()),
            None => {}
        }
        if batch.rows.is_empty() {
            return;
        }
        let from = Rows {
            store: task.store,
            table: filter_scan.table,
            results: task.results,
            rows: &batch.rows,
            users: &batch.users,
        };
        let counts = task.counting.then_some(&mut self.counts);
        let found = (&mut batch.groups, &mut self.keys);
        task.groups.find(&from, counts, task.told, found);
        let Some(tally) = &mut self.tally else {
            return;
        };
        if !matches!(task.told, Some(Told::Every)) {
            batch.retain_told(LEFT_OUT);
        }
        batch.measure(task, filter_scan.table, column);
        tally.add(batch);
    }
}

impl Batch {
    /// Finds the bucket and the measured value of each row.
    fn measure(&mut self, task: &Task<'_>, table: &Table, column: Option<&Packed>) {
        task.span
            .units
            .of_rows(&table.times, &self.rows, &mut self.stretches);
        let rows = self.rows.iter().map(|row| *row as usize);
        match (column, task.measure.aggregate.of) {
            (None, _) => {}
            (Some(column), Figure::Distinct) => {
                self.bits.extend(rows.map(|row| bits(column.get(row))));
            }
            (Some(Packed::Number(numbers)), _) => {
                self.numbers.extend(rows.map(|row| numbers[row]));
            }
            (Some(_), _) => {}
        }
    }
}
