//! The parts of an answer that can be selected, in words and with their users.

use segments_format as format;
use segments_forms::segmentation::SeriesOf;
use segments_model::answer::SegmentationAnswer;
use segments_model::query::{GroupBy, Interval, QueryMeasure};
use segments_model::selection::{SegmentationSelection, Selection};
use segments_model::sentence::capital;

use crate::tool::buckets::{bucket_bounds, is_running};
use crate::tool::selection::{AnswerPart, PartChoice, PartFact};
use crate::tools::segmentation::answer::{
    Change, Location, Measured, SegmentationView, SeriesView, TimedAnswer, change, figure_name,
};

/// Why the figures of a formula cannot be selected.
pub const NO_USERS: &str = "A formula has no users of its own. Select one of its measures.";

/// How many other series stand beside what was selected.
const MOST_FACTS: usize = 8;

/// A series of one bucket or of the whole range, or why it has no users.
pub fn part(
    view: &SegmentationView,
    place: usize,
    bucket: Option<usize>,
) -> Result<AnswerPart, String> {
    let (query, answer) = (&view.query, &view.answer);
    let gone = "These results no longer have it.".to_owned();
    let Some((series, shown)) = answer.series.get(place).zip(view.series_at(place)) else {
        return Err(gone);
    };
    let SeriesOf::Measure(row) = shown.of else {
        return Err(NO_USERS.to_owned());
    };
    let measure = query.measures.get(row).ok_or(gone)?;
    let measured = Measured::of(&measure.aggregate);
    let Some(figure) = view.figure(place, bucket) else {
        return Err("No values to measure here.".to_owned());
    };
    if figure == 0.0 && matches!(measured, Measured::Users | Measured::Events) {
        return Err("Nobody did this then.".to_owned());
    }
    let is_users = measured == Measured::Users;
    let count = |value: Option<f64>| value.filter(|_| is_users).map(whole);
    let grouped = !query.group_by.is_empty();
    let who = if grouped { &shown.group_name } else { "All" };
    let whole_range = "whole range";
    let bucket = bucket.filter(|_| query.interval != Interval::Full);
    let head = |bucket: usize| Some(view.names.get(bucket)?.head.as_str());
    let when = bucket.and_then(head).unwrap_or(whole_range);
    let share = match (bucket, is_users, series.total) {
        (Some(_), true, Some(total)) if total > 0.0 => {
            format!("{} of the whole range", format::percent(figure / total))
        }
        _ => String::new(),
    };
    let mut choices = Vec::new();
    let mut choose = |who: &str, when: &str, users, detail, bucket, all| {
        if let Some(selection) = selection(view, place, bucket, all) {
            choices.push(PartChoice {
                label: format!("{who}, {when}"),
                users,
                detail,
                pending: None,
                selection,
            });
        }
    };
    choose(who, when, count(Some(figure)), share, bucket, false);
    if bucket.is_some() {
        let total = count(series.total);
        choose(who, whole_range, total, String::new(), None, false);
    }
    if grouped {
        let all = "All groups";
        if bucket.is_some() {
            choose(all, when, None, String::new(), bucket, true);
        }
        choose(all, whole_range, None, String::new(), None, true);
    }
    let by = query.group_by.first();
    Ok(AnswerPart {
        of: String::new(),
        title: title(measure, &shown.write(Some(figure)), figure == 1.0)
            + &in_group(&shown.group_name, by),
        text: text(view, place, bucket, is_users),
        facts: facts(view, row, place, bucket),
        choices,
    })
}

/// What is selected: "168 users", "Average price 68.93".
fn title(measure: &QueryMeasure, figure: &str, one: bool) -> String {
    match (Measured::of(&measure.aggregate), one) {
        (Measured::Users, true) => format!("{figure} user"),
        (Measured::Events, true) => format!("{figure} event"),
        (measured @ (Measured::Users | Measured::Events | Measured::EventsPerUser), _) => {
            format!("{figure} {}", measured.unit())
        }
        _ => format!("{} {figure}", capital(&figure_name(measure))),
    }
}

/// Which users, after a number of them: " in Mobile", " in Paid-social sign-ups"; empty: all.
fn in_group(name: &str, by: Option<&GroupBy>) -> String {
    match by {
        None => String::new(),
        Some(GroupBy::Property(_)) => format!(" in {name}"),
        // "In Paid-social sign-ups" goes on as a sentence does.
        Some(GroupBy::Segment(_)) => match name.strip_prefix("Not in") {
            Some(name) => format!(" not in{name}"),
            None => format!(" in{}", name.trim_start_matches("In")),
        },
    }
}

/// A number of users.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of users"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// When it was, how that compares, and whose users are meant.
fn text(view: &TimedAnswer, place: usize, bucket: Option<usize>, is_users: bool) -> String {
    let stamp = &view.answer.stamp;
    let zone = &stamp.time_zone;
    let of_bucket = bucket.and_then(|bucket| view.answer.buckets.get(bucket));
    let at = |instant| format::date_time(instant, zone);
    let when = match (of_bucket, stamp.start, stamp.end) {
        (Some(bucket), ..) => bucket_bounds(bucket, zone),
        (None, Some(start), Some(end)) => format!("{} to {}", at(start), at(end)),
        (None, None, Some(end)) => format!("Until {}", at(end)),
        (None, _, None) => "The whole range".to_owned(),
    };
    let unit = view.unit();
    let compared = match of_bucket {
        Some(this) if is_running(this, stamp) => format!(" The {unit} is not over."),
        Some(this) if !this.complete => format!(" The range covers only part of this {unit}."),
        _ => bucket
            .and_then(|bucket| against(view, place, bucket))
            .unwrap_or_default(),
    };
    let whose = if is_users {
        ""
    } else {
        " Selects the users with at least one of these events."
    };
    format!("{when}.{compared}{whose}")
}

/// How a bucket compares with the one before; a day with the same day of the week before.
fn against(view: &TimedAnswer, place: usize, bucket: usize) -> Option<String> {
    let (back, before) = match view.query.interval {
        Interval::Day => {
            let start = view.axis.get(bucket)?.start?;
            (7, format!("the {} before", start.format("%A")))
        }
        _ => (1, format!("the {} before", view.unit())),
    };
    let then = bucket.checked_sub(back)?;
    if !view.answer.buckets.get(then)?.complete {
        return None;
    }
    let (now, then) = (
        view.figure(place, Some(bucket)),
        view.figure(place, Some(then)),
    );
    let Change::By(change) = change(now, then) else {
        return None;
    };
    Some(match change {
        0.0 => format!(" Same as {before}."),
        change => {
            let more = if change > 0.0 { "more" } else { "less" };
            format!(" {} {more} than {before}.", format::percent(change.abs()))
        }
    })
}

/// The other series of the same time: the groups of the same measure with the figure of another one beside it, or the other
/// measures.
fn facts(
    view: &SegmentationView,
    row: usize,
    place: usize,
    bucket: Option<usize>,
) -> Vec<PartFact> {
    let drawn = || {
        view.series()
            .filter(|series| series.drawn || series.place == place)
    };
    let figure = |series: &SeriesView| series.write(view.figure(series.place, bucket));
    if view.query.group_by.is_empty() {
        let others = drawn().filter(|series| series.place != place);
        let fact = |series: &SeriesView| PartFact {
            name: series.row.clone(),
            figure: figure(series),
            ..PartFact::default()
        };
        return others.take(MOST_FACTS).map(fact).collect();
    }
    let this = SeriesOf::Measure(row);
    let other = drawn().map(|series| series.of).find(|of| *of != this);
    let beside = |group: &SeriesView| {
        drawn().find(|series| Some(series.of) == other && series.group == group.group)
    };
    let groups = drawn().filter(|series| series.of == this);
    let fact = |series: &SeriesView| PartFact {
        style: Some(series.style),
        name: series.group_name.clone(),
        figure: figure(series),
        detail: beside(series).map(figure).unwrap_or_default(),
    };
    groups.take(MOST_FACTS).map(fact).collect()
}

/// What a series and bucket stand for; none: it has no users of its own.
#[must_use]
pub fn selection(
    view: &TimedAnswer,
    place: usize,
    bucket: Option<usize>,
    all_groups: bool,
) -> Option<Selection> {
    let series = view.answer.series.get(place)?;
    let grouped = !view.query.group_by.is_empty();
    let bucket = match (bucket, view.query.interval.unit()) {
        // The only bucket is the range itself, which moves on with time.
        (None, _) | (_, None) => None,
        (Some(bucket), Some(_)) => Some(view.answer.buckets.get(bucket)?.start?),
    };
    Some(Selection::Segmentation(SegmentationSelection {
        measure: series.measure?,
        group: (grouped && !all_groups).then(|| series.group.clone()),
        bucket,
    }))
}

/// Where a selection lies in an answer; none: the answer does not have it.
#[must_use]
pub fn located(answer: &SegmentationAnswer, selection: &SegmentationSelection) -> Option<Location> {
    let is_grouped = answer.series.iter().any(|series| !series.group.is_empty());
    let series = match &selection.group {
        None if is_grouped => None,
        group => {
            let group = group.as_deref().unwrap_or_default();
            let mut series = answer.series.iter();
            Some(series.position(|series| {
                series.measure == Some(selection.measure) && series.group == group
            })?)
        }
    };
    let mut buckets = answer.buckets.iter();
    let bucket = match selection.bucket {
        None => None,
        start => Some(buckets.position(|bucket| bucket.start == start)?),
    };
    Some((series, bucket))
}
