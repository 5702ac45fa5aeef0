//! How buckets, groups, series and figures read.

use chrono::{Datelike as _, NaiveDate, Weekday};
use segments_charts::time::TimeBucket;
use segments_format as format;
use segments_forms::interval;
use segments_forms::segmentation::{SegmentationForm, SeriesOf};
use segments_model::answer::{Bucket, Group};
use segments_model::query::{Figure, GroupBy, Interval, QueryMeasure, SegmentationQuery};
use segments_model::{Instant, Stamp, Value};

use crate::tools::segmentation::figures::{Change, Measured, Pane, Shown};

/// What the whole range is called.
pub const WHOLE_RANGE: &str = interval::label(Interval::Full);

/// Why the figures of a formula cannot be chosen.
pub const NO_USERS: &str = "A formula has no users of its own: choose one of its measures.";

/// An instant as the clock and the calendar of a zone show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The day; none where it was not understood.
    day: Option<NaiveDate>,
    /// The day in words: `23 Nov 2026`.
    date: String,
    /// The time: `09:14`.
    time: String,
    /// The short name of the zone then: `EST`.
    zone: String,
}

impl Local {
    /// An instant in a zone.
    #[must_use]
    pub fn at(instant: Instant, zone: &str) -> Self {
        let whole = format::date_time(instant, zone);
        Self::read(
            &format::date(instant, zone),
            &format::time(instant, zone),
            whole.rsplit(' ').next().unwrap_or_default(),
        )
    }

    fn read(date: &str, time: &str, zone: &str) -> Self {
        Self {
            day: NaiveDate::parse_from_str(date, "%d %b %Y").ok(),
            date: date.to_owned(),
            time: time.to_owned(),
            zone: zone.to_owned(),
        }
    }

    /// Mon 16 Nov 2026
    fn long_day(&self) -> String {
        self.day.map_or_else(
            || self.date.clone(),
            |day| format!("{} {}", day.weekday(), self.date),
        )
    }

    /// 16 Nov
    fn short_day(&self) -> String {
        match self.date.rsplit_once(' ') {
            Some((day, _)) => day.to_owned(),
            None => self.date.clone(),
        }
    }

    /// Nov 2026
    fn month(&self) -> String {
        match self.date.split_once(' ') {
            Some((_, month)) => month.to_owned(),
            None => self.date.clone(),
        }
    }
}

/// The names of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketNames {
    /// For an axis: `16 Nov`.
    pub short: String,
    /// For the head of a column: `Mon 16 Nov`.
    pub head: String,
    /// By itself: `Mon 16 Nov 2026`.
    pub long: String,
    /// Its bounds with the time zone's name: `Mon 16 Nov 2026, 00:00 to 24:00 EST`.
    pub bounds: String,
}

/// The names of a bucket: from its first instant to the last one within, and to the first one after it.
#[must_use]
pub fn bucket_names(
    interval: Interval,
    start: Option<&Local>,
    last: &Local,
    end: &Local,
) -> BucketNames {
    let Some(start) = start else {
        let long = format!("until {}", last.date);
        return BucketNames {
            short: WHOLE_RANGE.to_owned(),
            head: WHOLE_RANGE.to_owned(),
            bounds: format!("until {}, {} {}", end.date, end.time, end.zone),
            long,
        };
    };
    let days = || {
        if start.date == last.date {
            start.long_day()
        } else if start.month() == last.month() {
            let first = start.date.split(' ').next().unwrap_or_default();
            format!("{first} to {}", last.date)
        } else {
            format!("{} to {}", start.date, last.date)
        }
    };
    let (short, head, long) = match interval {
        Interval::Hour => {
            let short = if start.time == "00:00" {
                start.short_day()
            } else {
                start.time.clone()
            };
            let head = format!("{}, {}", start.short_day(), start.time);
            let long = format!("{}, {} to {}", start.long_day(), start.time, midnight(end));
            (short, head, long)
        }
        Interval::Day => {
            let long = start.long_day();
            let head = long
                .rsplit_once(' ')
                .map_or_else(|| long.clone(), |(day, _)| day.to_owned());
            (start.short_day(), head, long)
        }
        Interval::Week => (
            start.short_day(),
            format!("{} \u{2013} {}", start.short_day(), last.short_day()),
            days(),
        ),
        Interval::Month => (start.month(), start.month(), start.month()),
        Interval::Quarter => {
            let name = start.day.map_or_else(
                || start.date.clone(),
                |day| format!("Q{} {}", day.month0() / 3 + 1, day.year()),
            );
            (name.clone(), name.clone(), name)
        }
        Interval::Full => (WHOLE_RANGE.to_owned(), WHOLE_RANGE.to_owned(), days()),
    };
    let bounds = if start.date == last.date && start.zone == end.zone {
        format!(
            "{}, {} to {} {}",
            start.long_day(),
            start.time,
            midnight(end),
            start.zone
        )
    } else {
        format!(
            "{}, {} {} to {}, {} {}",
            start.date, start.time, start.zone, end.date, end.time, end.zone
        )
    };
    BucketNames {
        short,
        head,
        long,
        bounds,
    }
}

/// The end of a stretch within a day: its last midnight is 24:00.
fn midnight(end: &Local) -> &str {
    match end.time.as_str() {
        "00:00" => "24:00",
        time => time,
    }
}

/// The names of an answer's buckets.
#[must_use]
pub fn names_of(interval: Interval, buckets: &[Bucket], zone: &str) -> Vec<BucketNames> {
    buckets
        .iter()
        .map(|bucket| {
            let start = bucket.start.map(|start| Local::at(start, zone));
            bucket_names(
                interval,
                start.as_ref(),
                &Local::at(bucket.end.saturating_add_millis(-1), zone),
                &Local::at(bucket.end, zone),
            )
        })
        .collect()
}

/// An answer's buckets as the axis of time has them.
#[must_use]
pub fn axis(
    interval: Interval,
    buckets: &[Bucket],
    names: &[BucketNames],
    zone: &str,
) -> Vec<TimeBucket> {
    buckets
        .iter()
        .zip(names)
        .map(|(bucket, names)| {
            let start = bucket.start.map(|start| format::clock(start, zone));
            TimeBucket {
                short: names.short.clone(),
                long: names.long.clone(),
                // The range is what was asked for: nothing of it is missing.
                complete: bucket.complete || interval == Interval::Full,
                weekend: interval == Interval::Day
                    && start.is_some_and(|start| is_weekend(start.date_naive())),
                start,
            }
        })
        .collect()
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// What a bucket is, in a word: "day".
#[must_use]
pub fn interval_word(interval: Interval) -> &'static str {
    interval.unit().map_or("range", |unit| unit.word())
}

/// Whether a bucket that is not complete is so because it is not over; else the range cuts it.
#[must_use]
pub fn is_running(bucket: &Bucket, stamp: &Stamp) -> bool {
    !bucket.complete && bucket.end >= stamp.as_of
}

/// What reads values and names segments.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The name that an event is shown by.
    pub event: &'a dyn Fn(&str) -> String,
    /// A segment's name, where it is known.
    pub segment: &'a dyn Fn(&str) -> Option<String>,
    /// A property's value.
    pub value: &'a dyn Fn(&Value) -> String,
}

/// A group in words: "Mobile", "in Paid-social sign-ups, (not set)".
#[must_use]
pub fn group_words(group: &Group, group_by: &[GroupBy], names: Names<'_>) -> String {
    let words: Vec<String> = group
        .iter()
        .zip(group_by)
        .map(|(value, by)| match (by, value) {
            (_, None) => "(not set)".to_owned(),
            (GroupBy::Segment(segment), Some(value)) => {
                let name =
                    (names.segment)(&segment.segment).unwrap_or_else(|| "the segment".to_owned());
                let not = if *value == Value::Boolean(true) {
                    ""
                } else {
                    "not "
                };
                format!("{not}in {name}")
            }
            (GroupBy::Property(property), Some(value @ Value::Boolean(_))) => {
                format!("{}: {}", property.name, (names.value)(value))
            }
            (GroupBy::Property(_), Some(Value::String(text))) if text.is_empty() => {
                "(empty)".to_owned()
            }
            (GroupBy::Property(_), Some(value)) => (names.value)(value),
        })
        .collect();
    words.join(", ")
}

/// Which users of a row, after a number of them: " on Mobile", " in Paid-social sign-ups"; empty: all.
fn on_group(group: &Group, group_by: &[GroupBy], names: Names<'_>) -> String {
    match group_by.first() {
        None => String::new(),
        Some(GroupBy::Segment(_)) => format!(" {}", group_words(group, group_by, names)),
        Some(GroupBy::Property(_)) => format!(" on {}", group_words(group, group_by, names)),
    }
}

/// What a row measures, without its event: "users", "average price per user".
#[must_use]
pub fn figure_words(measure: &QueryMeasure) -> String {
    let aggregate = &measure.aggregate;
    let property = aggregate.property.as_deref().unwrap_or_default();
    let mut words = match aggregate.of {
        Figure::Total => "total count".to_owned(),
        Figure::Users => "users".to_owned(),
        Figure::Sum => format!("sum of {property}"),
        Figure::Average => format!("average {property}"),
        Figure::Median => format!("median {property}"),
        Figure::Min => format!("smallest {property}"),
        Figure::Max => format!("greatest {property}"),
        Figure::Distinct => format!("different values of {property}"),
    };
    if aggregate.per_user {
        words.push_str(" per user");
    }
    words
}

fn event_name(measure: &QueryMeasure, names: Names<'_>) -> String {
    measure
        .event
        .as_deref()
        .map_or_else(|| "Any event".to_owned(), names.event)
}

/// A row or formula as it was asked, by the name it was given or by what it says: "Order Completed, users".
#[must_use]
pub fn of_words(
    of: SeriesOf<usize>,
    query: &SegmentationQuery,
    form: &SegmentationForm,
    names: Names<'_>,
) -> String {
    match of {
        SeriesOf::Measure(place) => {
            let given = form.measures.all().get(place).map(|row| row.name.trim());
            match (given, query.measures.get(place)) {
                (Some(given), _) if !given.is_empty() => given.to_owned(),
                (_, Some(measure)) => {
                    format!("{}, {}", event_name(measure, names), figure_words(measure))
                }
                (_, None) => String::new(),
            }
        }
        SeriesOf::Formula(place) => query
            .formulas
            .get(place)
            .map(|formula| formula.name.clone())
            .unwrap_or_default(),
    }
}

/// The title of a part of a pane: "Order Completed, users per day".
#[must_use]
pub fn pane_words(
    of: SeriesOf<usize>,
    query: &SegmentationQuery,
    form: &SegmentationForm,
    cumulative: bool,
    names: Names<'_>,
) -> String {
    let words = of_words(of, query, form, names);
    if query.interval == Interval::Full {
        return words;
    }
    let unit = interval_word(query.interval);
    if cumulative {
        format!("{words}, added up by {unit}")
    } else {
        format!("{words} per {unit}")
    }
}

/// A series by itself, where its row stands beside it: its group, or what its row says.
#[must_use]
pub fn series_words(
    shown: &Shown,
    query: &SegmentationQuery,
    form: &SegmentationForm,
    names: Names<'_>,
) -> String {
    if query.group_by.is_empty() {
        of_words(shown.of, query, form, names)
    } else {
        group_words(&shown.group, &query.group_by, names)
    }
}

/// A series in a file, where nothing else tells it apart: "A Order Completed, users, Mobile".
#[must_use]
pub fn file_words(
    shown: &Shown,
    query: &SegmentationQuery,
    form: &SegmentationForm,
    names: Names<'_>,
) -> String {
    let row = of_words(shown.of, query, form, names);
    let mut words = format!("{} {row}", shown.mark);
    if !query.group_by.is_empty() {
        words.push_str(", ");
        words.push_str(&group_words(&shown.group, &query.group_by, names));
    }
    words
}

/// A series in a chart: its group, or what tells its row from the others; with its letter where the chart has several rows.
#[must_use]
pub fn chart_words(
    shown: &Shown,
    pane: &Pane,
    query: &SegmentationQuery,
    form: &SegmentationForm,
    names: Names<'_>,
) -> String {
    let words = if query.group_by.is_empty() {
        own_words(shown.of, query, form, names)
    } else {
        group_words(&shown.group, &query.group_by, names)
    };
    if pane.of.len() > 1 {
        format!("{} {words}", shown.mark)
    } else {
        words
    }
}

/// What tells a row from the others: its figure where all are of the same event, its event where all tell the same figure.
fn own_words(
    of: SeriesOf<usize>,
    query: &SegmentationQuery,
    form: &SegmentationForm,
    names: Names<'_>,
) -> String {
    let whole = of_words(of, query, form, names);
    let SeriesOf::Measure(place) = of else {
        return whole;
    };
    let Some(measure) = query.measures.get(place) else {
        return whole;
    };
    let figure = figure_words(measure);
    if whole != format!("{}, {figure}", event_name(measure, names)) {
        return whole;
    }
    let mut measures = query.measures.iter();
    if measures.all(|other| other.event == measure.event) {
        capital(figure)
    } else if query
        .measures
        .iter()
        .all(|other| figure_words(other) == figure)
    {
        event_name(measure, names)
    } else {
        whole
    }
}

fn capital(mut words: String) -> String {
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

/// What was chosen: "168 users on Mobile", "Average price 68.93 on Mobile".
#[must_use]
pub fn picked_title(
    measure: &QueryMeasure,
    figure: &str,
    one: bool,
    group: &Group,
    group_by: &[GroupBy],
    names: Names<'_>,
) -> String {
    let what = match (Measured::of(&measure.aggregate), one) {
        (Measured::Users, true) => format!("{figure} user"),
        (Measured::Events, true) => format!("{figure} event"),
        (measured @ (Measured::Users | Measured::Events | Measured::EventsPerUser), _) => {
            format!("{figure} {}", measured.word())
        }
        _ => format!("{} {figure}", capital(figure_words(measure))),
    };
    format!("{what}{}", on_group(group, group_by, names))
}

/// Why there is no change to tell; none: there is one, or none is asked for.
#[must_use]
pub const fn no_change(change: Change) -> Option<&'static str> {
    match change {
        Change::None | Change::By(_) => None,
        Change::WasZero => Some("It was 0 before, and nothing is a share of that."),
        Change::WasMissing => Some("There was nothing to measure in the range before."),
        Change::IsMissing => Some("There is nothing to measure now."),
    }
}

/// The units of the rows: "users", or "A users, B events, C price".
#[must_use]
pub fn units(panes: &[Pane]) -> String {
    let rows: Vec<(String, String)> = panes
        .iter()
        .flat_map(|pane| {
            pane.of.iter().filter_map(|of| match of {
                SeriesOf::Measure(place) => Some((
                    segments_model::formula::letter(*place).to_string(),
                    pane.measured.word(),
                )),
                SeriesOf::Formula(_) => None,
            })
        })
        .collect();
    match rows.as_slice() {
        [(_, unit)] => unit.clone(),
        rows => {
            let mut rows = rows.to_vec();
            rows.sort();
            let rows: Vec<String> = rows
                .into_iter()
                .map(|(letter, unit)| format!("{letter} {unit}"))
                .collect();
            rows.join(", ")
        }
    }
}

/// The column of changes: "vs 30 days before".
#[must_use]
pub fn previous_words(days: Option<u64>) -> String {
    match days {
        Some(1) => "vs the day before".to_owned(),
        Some(days) => format!("vs {days} days before"),
        None => "vs the range before".to_owned(),
    }
}

/// How many whole days a range has, give or take an hour of daylight saving; none: it has no whole number of them.
#[must_use]
pub fn whole_days(start: Instant, end: Instant) -> Option<u64> {
    const DAY: i64 = 86_400_000;
    const HOUR: i64 = 3_600_000;
    let millis = end.millis() - start.millis();
    let days = (millis + DAY / 2) / DAY;
    ((millis - days * DAY).abs() <= HOUR && days > 0)
        .then(|| u64::try_from(days).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::{
        BucketNames, Local, Names, bucket_names, group_words, is_weekend, own_words, picked_title,
        previous_words, whole_days,
    };
    use chrono::NaiveDate;
    use segments_forms::segmentation::{SegmentationForm, SeriesOf};
    use segments_forms::tool::ToolForm as _;
    use segments_model::query::{GroupBy, Interval, Query, QueryMeasure};
    use segments_model::{Instant, Value};
    use serde_json::json;

    fn local(date: &str, time: &str) -> Local {
        Local::read(date, time, "EST")
    }

    fn names(
        interval: Interval,
        start: (&str, &str),
        last: &str,
        end: (&str, &str),
    ) -> BucketNames {
        bucket_names(
            interval,
            Some(&local(start.0, start.1)),
            &local(last, "23:59"),
            &local(end.0, end.1),
        )
    }

    #[test]
    fn buckets_are_named_as_calendars_name_them() {
        let day = names(
            Interval::Day,
            ("11 Nov 2026", "00:00"),
            "11 Nov 2026",
            ("12 Nov 2026", "00:00"),
        );
        assert_eq!(
            (day.short.as_str(), day.head.as_str()),
            ("11 Nov", "Wed 11 Nov")
        );
        assert_eq!(day.long, "Wed 11 Nov 2026");
        assert_eq!(day.bounds, "Wed 11 Nov 2026, 00:00 to 24:00 EST");
        let hour = names(
            Interval::Hour,
            ("11 Nov 2026", "23:00"),
            "11 Nov 2026",
            ("12 Nov 2026", "00:00"),
        );
        assert_eq!(
            (hour.short.as_str(), hour.head.as_str()),
            ("23:00", "11 Nov, 23:00")
        );
        assert_eq!(hour.long, "Wed 11 Nov 2026, 23:00 to 24:00");
        let week = names(
            Interval::Week,
            ("30 Nov 2026", "00:00"),
            "6 Dec 2026",
            ("7 Dec 2026", "00:00"),
        );
        assert_eq!(week.head, "30 Nov \u{2013} 6 Dec");
        assert_eq!(week.long, "30 Nov 2026 to 6 Dec 2026");
        assert_eq!(
            week.bounds,
            "30 Nov 2026, 00:00 EST to 7 Dec 2026, 00:00 EST"
        );
        let quarter = names(
            Interval::Quarter,
            ("1 Oct 2026", "00:00"),
            "31 Dec 2026",
            ("1 Jan 2027", "00:00"),
        );
        assert_eq!(quarter.short, "Q4 2026");
        let month = names(
            Interval::Month,
            ("1 Oct 2026", "00:00"),
            "31 Oct 2026",
            ("1 Nov 2026", "00:00"),
        );
        assert_eq!(month.short, "Oct 2026");
        let all = names(
            Interval::Full,
            ("1 Oct 2026", "00:00"),
            "8 Oct 2026",
            ("9 Oct 2026", "00:00"),
        );
        assert_eq!(all.long, "1 to 8 Oct 2026");
        let open = bucket_names(
            Interval::Full,
            None,
            &local("8 Oct 2026", "11:59"),
            &local("8 Oct 2026", "12:00"),
        );
        assert_eq!(open.long, "until 8 Oct 2026");
    }

    #[test]
    fn weekends_are_saturdays_and_sundays() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        assert!(is_weekend(day(21)));
        assert!(is_weekend(day(22)));
        assert!(!is_weekend(day(23)));
    }

    fn value(value: &Value) -> String {
        match value {
            Value::Boolean(true) => "yes".to_owned(),
            Value::Boolean(false) => "no".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
        }
    }

    const NAMES: Names<'_> = Names {
        event: &|name| name.to_owned(),
        segment: &|id| (id == "s").then(|| "Paid sign-ups".to_owned()),
        value: &value,
    };

    #[test]
    fn groups_have_words_whatever_they_are() {
        let by: Vec<GroupBy> = serde_json::from_value(json!([
            {"scope": "event", "name": "device"}, {"segment": "s"}, {"scope": "user", "name": "member"},
        ]))
        .unwrap();
        let words = |group: serde_json::Value| {
            group_words(&serde_json::from_value(group).unwrap(), &by, NAMES)
        };
        assert_eq!(
            words(json!(["Mobile", true, true])),
            "Mobile, in Paid sign-ups, member: yes"
        );
        assert_eq!(
            words(json!([null, false, null])),
            "(not set), not in Paid sign-ups, (not set)"
        );
        assert_eq!(
            words(json!(["", true, false])),
            "(empty), in Paid sign-ups, member: no"
        );
        assert_eq!(
            words(json!([7.5, true, false])),
            "7.5, in Paid sign-ups, member: no"
        );
    }

    #[test]
    fn a_series_is_called_by_what_tells_it_from_the_others() {
        let names = |measures: serde_json::Value, formulas: serde_json::Value| -> Vec<String> {
            let query = json!({
                "tool": "segmentation", "measures": measures, "formulas": formulas,
                "during": {"type": "last", "count": 3, "unit": "day"}, "interval": "day",
            });
            let whole: Query = serde_json::from_value(query).unwrap();
            let mut form = SegmentationForm::open(&whole, &serde_json::Value::Null);
            let last = form.measures.all().last().unwrap().id;
            form.measures.get_mut(last).unwrap().name = "Mine".to_owned();
            let Query::Segmentation(query) = whole else {
                panic!("it is one");
            };
            let measures = (0..query.measures.len()).map(SeriesOf::Measure);
            measures
                .chain((0..query.formulas.len()).map(SeriesOf::Formula))
                .map(|of| own_words(of, &query, &form, NAMES))
                .collect()
        };
        let of = |event: &str, figure: &str| json!({"event": event, "aggregate": {"of": figure}});
        assert_eq!(
            names(
                json!([of("Order", "users"), of("Order", "total")]),
                json!([{"name": "Orders a buyer", "expression": "B / A"}])
            ),
            ["Users", "Mine", "Orders a buyer"]
        );
        assert_eq!(
            names(
                json!([of("Order", "users"), of("Visit", "users")]),
                json!([])
            ),
            ["Order", "Mine"]
        );
        assert_eq!(
            names(
                json!([of("Order", "users"), of("Visit", "total")]),
                json!([])
            ),
            ["Order, users", "Mine"]
        );
    }

    #[test]
    fn what_was_chosen_says_its_unit() {
        let by: Vec<GroupBy> =
            serde_json::from_value(json!([{"scope": "event", "name": "device"}])).unwrap();
        let title = |aggregate: serde_json::Value, one: bool| {
            let measure: QueryMeasure =
                serde_json::from_value(json!({"event": "Order", "aggregate": aggregate})).unwrap();
            let group = vec![Some(Value::from("Mobile"))];
            picked_title(&measure, "168", one, &group, &by, NAMES)
        };
        assert_eq!(title(json!({"of": "users"}), false), "168 users on Mobile");
        assert_eq!(title(json!({"of": "users"}), true), "168 user on Mobile");
        assert_eq!(title(json!({"of": "total"}), false), "168 events on Mobile");
        assert_eq!(
            title(json!({"of": "median", "property": "price"}), true),
            "Median price 168 on Mobile"
        );
        assert_eq!(
            title(json!({"of": "total", "per_user": true}), false),
            "168 events per user on Mobile"
        );
    }

    #[test]
    fn a_range_is_so_many_days_whatever_the_clocks_do() {
        let at = |text| Instant::parse(text).unwrap();
        let days = |start, end| whole_days(at(start), at(end));
        assert_eq!(
            days("2026-10-24T04:00:00Z", "2026-11-23T05:00:00Z"),
            Some(30)
        );
        assert_eq!(days("2026-10-24T00:00:00Z", "2026-10-24T12:00:00Z"), None);
        assert_eq!(days("2026-10-24T00:00:00Z", "2026-10-24T01:00:00Z"), None);
        assert_eq!(previous_words(Some(30)), "vs 30 days before");
        assert_eq!(previous_words(None), "vs the range before");
    }
}
