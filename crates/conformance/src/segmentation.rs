//! Segmentation queries, as the rules say it.

use std::collections::BTreeSet;

use segments_model::answer::{PreviousFigures, PreviousRange, SegmentationAnswer, Series};
use segments_model::query::{Figure, GroupBy, QueryAggregate, QueryMeasure, SegmentationQuery};
use segments_model::selection::SegmentationSelection;
use segments_model::stamp::Unit;

use crate::calendar::{self, instant};
use crate::evaluate::{Context, figure_of, in_segment, occurrences, sum};
use crate::world::{Event, Plain};
use crate::{formula, groups};

/// The values that make a group.
type Key = Vec<Option<Plain>>;

/// Figures of the buckets, and that of the whole range.
type Figures = (Vec<Option<f64>>, Option<f64>);

/// Every occurrence of a row before as-of that counts, with its group.
fn matches<'w>(
    row: &QueryMeasure,
    query: &SegmentationQuery,
    context: Context<'w>,
) -> Vec<(&'w Event, Key)> {
    let mut matches = Vec::new();
    for user in groups::audience(query.audience.as_ref(), context) {
        let (name, filter) = (row.event.as_deref(), row.filter.as_ref());
        for event in occurrences(name, filter, &row.did, &user, context) {
            let measured = row.aggregate.property.as_ref();
            if measured.is_none_or(|property| event.properties.contains_key(property)) {
                let key = query.group_by.iter().map(|by| match by {
                    GroupBy::Property(by) => {
                        groups::property(by.scope, &by.name, Some(event), &user, context)
                    }
                    GroupBy::Segment(by) => {
                        Some(Plain::Boolean(in_segment(&by.segment, &user, context)))
                    }
                });
                matches.push((event, key.collect()));
            }
        }
    }
    matches
}

/// The figure over some matches.
fn figure(aggregate: &QueryAggregate, matches: &[&Event]) -> Option<f64> {
    let users: BTreeSet<&str> = matches.iter().map(|event| event.user.as_str()).collect();
    if aggregate.per_user {
        let own = QueryAggregate {
            per_user: false,
            ..aggregate.clone()
        };
        let figures: Vec<f64> = users
            .iter()
            .map(|user| {
                let theirs = matches.iter().copied().filter(|event| event.user == *user);
                figure(&own, &theirs.collect::<Vec<_>>()).unwrap()
            })
            .collect();
        return (!users.is_empty()).then(|| sum(&figures) / users.len() as f64);
    }
    match (aggregate.of, &aggregate.property) {
        (Figure::Total, _) => Some(matches.len() as f64),
        (Figure::Users, _) => Some(users.len() as f64),
        (other, Some(property)) => figure_of(other.aggregate().unwrap(), property, matches),
        (other, None) => unreachable!("{other:?} takes a property"),
    }
}

/// The answer to a segmentation query.
pub fn answer(query: &SegmentationQuery, context: Context<'_>) -> SegmentationAnswer {
    let within = |range: (i64, i64), event: &Event| range.0 <= event.time && event.time < range.1;
    let range = calendar::bounds(&query.during, context.as_of, context.zone);
    let first = groups::first_event(context);
    let buckets_of =
        |range| calendar::buckets(range, query.interval, first, context.as_of, context.zone);
    let rows: Vec<Vec<(&Event, Key)>> = query
        .measures
        .iter()
        .map(|row| matches(row, query, context))
        .collect();

    let in_range = rows
        .iter()
        .flatten()
        .filter(|(event, _)| within(range, event));
    let counted = groups::counted(in_range.map(|(_, key)| key.clone()), |one, other| {
        groups::by_values(one, other)
    });
    let mut listed: Vec<Key> = counted.into_iter().map(|(key, _)| key).collect();
    if query.group_by.is_empty() {
        listed = vec![Vec::new()];
    }
    let groups_left_out = groups::cut(&mut listed, query.max_groups);

    let row_figure = |row: usize, group: &Key, range: (i64, i64)| {
        let matches = rows[row]
            .iter()
            .filter(|(event, key)| key == group && within(range, event));
        let matches: Vec<&Event> = matches.map(|(event, _)| *event).collect();
        figure(&query.measures[row].aggregate, &matches)
    };
    let figures = |range: (i64, i64), figure: &dyn Fn((i64, i64)) -> Option<f64>| -> Figures {
        let values = buckets_of(range).into_iter().map(|bucket| {
            let start = bucket.start.map_or(i64::MIN, |start| start.millis());
            figure((start, bucket.end.millis()))
        });
        (values.collect(), figure(range))
    };
    let previous = query
        .compare
        .and_then(|_| calendar::previous(&query.during, context.as_of, context.zone));
    let series = |measure: Option<usize>,
                  formula: Option<usize>,
                  group: &Key,
                  figure: &dyn Fn((i64, i64)) -> Option<f64>| {
        let (values, total) = figures(range, figure);
        Series {
            measure: measure.map(|measure| measure as u32),
            formula: formula.map(|formula| formula as u32),
            group: groups::as_group(group),
            values,
            total,
            previous: previous.map(|range| {
                let (values, total) = figures(range, figure);
                PreviousFigures { values, total }
            }),
        }
    };
    let mut all = Vec::new();
    for row in 0..rows.len() {
        for group in &listed {
            all.push(series(Some(row), None, group, &|range| {
                row_figure(row, group, range)
            }));
        }
    }
    for (place, formula) in query.formulas.iter().enumerate() {
        for group in &listed {
            all.push(series(None, Some(place), group, &|range| {
                formula::evaluate(&formula.expression, &|row| row_figure(row, group, range))
            }));
        }
    }
    let only_users = |row: &QueryMeasure| row.aggregate.of == Figure::Users;
    let unit = if query.measures.iter().all(only_users) {
        Unit::Users
    } else {
        Unit::Events
    };
    SegmentationAnswer {
        stamp: groups::stamp(&query.during, unit, context),
        buckets: buckets_of(range),
        series: all,
        groups_left_out,
        previous: previous.map(|range| PreviousRange {
            start: instant(range.0),
            end: instant(range.1),
            buckets: buckets_of(range),
        }),
    }
}

/// The users behind a part of the answer.
pub fn counted(
    query: &SegmentationQuery,
    selection: &SegmentationSelection,
    context: Context<'_>,
) -> BTreeSet<String> {
    let range = calendar::bounds(&query.during, context.as_of, context.zone);
    let buckets = calendar::buckets(
        range,
        query.interval,
        groups::first_event(context),
        context.as_of,
        context.zone,
    );
    let (start, end) = match selection.bucket {
        None => range,
        Some(start) => {
            let bucket = buckets.iter().find(|bucket| bucket.start == Some(start));
            (start.millis(), bucket.unwrap().end.millis())
        }
    };
    matches(&query.measures[selection.measure as usize], query, context)
        .into_iter()
        .filter(|(event, _)| start <= event.time && event.time < end)
        .filter(|(_, key)| {
            let group = selection.group.as_ref();
            group.is_none_or(|group| groups::as_group(key) == *group)
        })
        .map(|(event, _)| event.user.clone())
        .collect()
}
