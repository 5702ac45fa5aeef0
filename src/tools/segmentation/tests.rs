//! What of an answer is shown where, and what of it can be selected.

use std::sync::Arc;

use segments_charts::time::{Figures, TimeBucket, TimeKind};
use segments_forms::segmentation::{SegmentationChart, SegmentationForm, SeriesOf};
use segments_forms::tool::{Names, ToolForm as _};
use segments_model::answer::{Answer, SegmentationAnswer};
use segments_model::query::{Query, SegmentationQuery};
use segments_model::selection::Selection;
use serde_json::{Value, json};

use super::answer::{Change, Measured, SegmentationView, TimedAnswer, change, change_of, mark};
use super::chart::chart;
use super::columns::ColumnKind;
use super::selections::{located, part, selection};

const NAMES: Names<'_> = Names {
    event: &str::to_owned,
    segment: &|_| "Paid sign-ups".to_owned(),
};

fn timed(query: &SegmentationQuery, answer: &SegmentationAnswer) -> TimedAnswer {
    TimedAnswer {
        query: query.clone(),
        answer: answer.clone(),
        names: Vec::new(),
        axis: vec![TimeBucket::default(); answer.buckets.len()],
    }
}

fn view(
    query: &SegmentationQuery,
    answer: &SegmentationAnswer,
    form: &SegmentationForm,
) -> SegmentationView {
    SegmentationView::of(Arc::new(timed(query, answer)), form, NAMES)
}

fn query(measures: Value, formulas: Value, grouped: bool) -> SegmentationQuery {
    let group_by = if grouped {
        json!([{"scope": "event", "name": "device"}])
    } else {
        json!([])
    };
    let query = json!({
        "tool": "segmentation", "measures": measures, "formulas": formulas, "group_by": group_by,
        "during": {"type": "last", "count": 3, "unit": "day"}, "interval": "day",
    });
    match serde_json::from_value(query).unwrap() {
        Query::Segmentation(query) => query,
        _ => panic!("it is one"),
    }
}

fn of(figure: &str) -> Value {
    json!({"event": "Order", "aggregate": {"of": figure}})
}

fn of_price(figure: &str, per_user: bool) -> Value {
    json!({"event": "Order", "aggregate": {"of": figure, "property": "price", "per_user": per_user}})
}

/// Three days, the last of them running.
fn answer(series: Value) -> SegmentationAnswer {
    let day = |day: u32, complete: bool| {
        json!({"start": format!("2026-11-{day:02}T00:00:00.000Z"),
            "end": format!("2026-11-{:02}T00:00:00.000Z", day + 1), "complete": complete})
    };
    let answer = json!({
        "tool": "segmentation",
        "stamp": {"as_of": "2026-11-03T12:00:00.000Z", "time_zone": "UTC", "start": "2026-11-01T00:00:00.000Z",
            "end": "2026-11-03T12:00:00.000Z", "unit": "users", "exact": true, "data_version": "1", "took_ms": 1.0},
        "buckets": [day(1, true), day(2, true), day(3, false)],
        "series": series, "groups_left_out": 0,
    });
    match serde_json::from_value(answer).unwrap() {
        Answer::Segmentation(answer) => answer,
        _ => panic!("it is one"),
    }
}

fn series(measure: u32, group: Value, values: [Option<f64>; 3], total: f64) -> Value {
    json!({"measure": measure, "group": group, "values": values, "total": total})
}

fn form(query: &SegmentationQuery) -> SegmentationForm {
    SegmentationForm::open(&Query::Segmentation(query.clone()), &Value::Null)
}

#[test]
fn what_is_of_another_unit_has_an_axis_of_its_own() {
    let query = query(
        json!([
            of("users"),
            of_price("average", false),
            of("users"),
            of("total"),
            of_price("sum", false),
            of_price("max", false),
            of_price("distinct", true),
        ]),
        json!([{"name": "x", "expression": "A / C"}, {"name": "y", "expression": "C / A"}]),
        false,
    );
    let mut all: Vec<Value> = (0..7)
        .map(|row| series(row, json!([]), [None; 3], 1.0))
        .collect();
    all.extend(
        (0..2).map(|row| json!({"formula": row, "group": [], "values": [1, 2, null], "total": 1})),
    );
    let answer = answer(all.into());
    let mut form = form(&query);
    let panes = view(&query, &answer, &form).panes;
    let units: Vec<_> = panes.iter().map(|pane| pane.measured.unit()).collect();
    assert_eq!(
        units,
        [
            "users",
            "price",
            "events",
            "price",
            "values of price per user",
            "",
            ""
        ]
    );
    let marks: Vec<Vec<_>> = panes
        .iter()
        .map(|pane| {
            pane.series
                .iter()
                .map(|series| series.mark.as_str())
                .collect()
        })
        .collect();
    assert_eq!(marks[0], ["A", "C"]);
    assert_eq!(marks[1], ["B", "F"]);
    assert_eq!(marks[6], ["\u{192}2"]);
    let styles = |pane: usize| -> Vec<_> {
        panes[pane]
            .series
            .iter()
            .map(|series| series.style)
            .collect()
    };
    assert_eq!((styles(0), styles(1)), (vec![0, 2], vec![1, 5]));
    assert_eq!(panes[0].measured.figures(), Figures::Counts);
    assert_eq!(panes[4].measured.figures(), Figures::Numbers);
    let hidden = form.measures.all()[0].id;
    form.measures.get_mut(hidden).unwrap().hidden = true;
    let panes = view(&query, &answer, &form).panes;
    assert_eq!(
        panes[0].measured,
        Measured::Property {
            name: "price".to_owned(),
            sum: false,
            per_user: false
        }
    );
    assert_eq!(mark(SeriesOf::Formula(0), 1), "\u{192}");
}

#[test]
fn the_first_ten_groups_are_drawn_and_others_when_somebody_says_so() {
    let query = query(json!([of("users")]), json!([]), true);
    let all: Vec<Value> = (0..12)
        .map(|group| series(0, json!([format!("g{group}")]), [Some(1.0); 3], 1.0))
        .collect();
    let answer = answer(all.into());
    let mut form = form(&query);
    let drawn = |form: &SegmentationForm| -> Vec<usize> {
        let panes = view(&query, &answer, form).panes;
        panes[0]
            .series
            .iter()
            .filter(|series| series.drawn)
            .map(|series| series.style)
            .collect()
    };
    assert_eq!(drawn(&form), (0..10).collect::<Vec<_>>());
    let key = |form: &SegmentationForm, place: usize| {
        form.key(SeriesOf::Measure(0), &answer.series[place].group)
            .unwrap()
    };
    form.show_series(key(&form, 11), true);
    form.show_series(key(&form, 0), false);
    assert_eq!(drawn(&form), (1..10).chain([11]).collect::<Vec<_>>());
}

#[test]
fn only_what_adds_up_is_cumulative() {
    let query = query(
        json!([
            of("total"),
            of("users"),
            of_price("sum", false),
            of_price("sum", true)
        ]),
        json!([]),
        false,
    );
    let all: Vec<Value> = (0..4)
        .map(|row| series(row, json!([]), [Some(1.0); 3], 3.0))
        .collect();
    let answer = answer(all.into());
    let mut form = form(&query);
    form.cumulative = true;
    let cumulative: Vec<_> = view(&query, &answer, &form)
        .panes
        .iter()
        .map(|pane| pane.cumulative)
        .collect();
    // A sum per user is measured as a sum is, yet those of several buckets cannot be added up.
    assert_eq!(cumulative, [true, false, true, false]);
}

#[test]
fn a_chart_has_the_series_that_are_drawn_and_one_bucket_is_a_bar() {
    let query = query(json!([of("users")]), json!([]), true);
    let mut all = answer(json!([
        series(0, json!(["a"]), [Some(1.0), Some(2.0), None], 3.0),
        series(0, json!([null]), [Some(4.0); 3], 4.0),
    ]));
    all.series[1].previous = Some(segments_model::answer::PreviousFigures {
        values: vec![Some(7.0)],
        total: Some(7.0),
    });
    let mut form = form(&query);
    let key = form
        .key(SeriesOf::Measure(0), &all.series[0].group)
        .unwrap();
    form.show_series(key, false);
    let groups_view = view(&query, &all, &form);
    let area = chart(&groups_view, &groups_view.panes[0], SegmentationChart::Area).unwrap();
    assert_eq!(area.kind, TimeKind::Area);
    assert_eq!((area.series.len(), area.series[0].style), (1, 1));
    assert_eq!(area.series[0].name, "(not set)");
    // The range before had fewer buckets.
    assert_eq!(area.series[0].previous, [Some(7.0), None, None]);
    assert_eq!(
        chart(
            &groups_view,
            &groups_view.panes[0],
            SegmentationChart::Table
        ),
        None
    );
    all.series[1].previous = None;
    all.buckets.truncate(1);
    let one_bucket = view(&query, &all, &form);
    let bar = chart(&one_bucket, &one_bucket.panes[0], SegmentationChart::Line).unwrap();
    assert_eq!(bar.kind, TimeKind::Bar);
    assert!(bar.series[0].previous.is_empty());
}

#[test]
fn the_table_tells_complete_buckets_and_the_answers_own_total() {
    let answer = answer(json!([series(
        0,
        json!([]),
        [Some(4.0), Some(2.0), Some(1.0)],
        5.0
    )]));
    let figure = |column: ColumnKind| column.figure(&answer.series[0], &answer.buckets);
    assert_eq!(figure(ColumnKind::Total), (Some(5.0), None));
    assert_eq!(figure(ColumnKind::Mean), (Some(3.0), None));
    assert_eq!(figure(ColumnKind::Lowest), (Some(2.0), Some(1)));
    assert_eq!(figure(ColumnKind::Highest), (Some(4.0), Some(0)));
    assert_eq!(figure(ColumnKind::Bucket(2)), (Some(1.0), Some(2)));
    assert_eq!(figure(ColumnKind::Bucket(3)), (None, Some(3)));
    assert_eq!(figure(ColumnKind::Change), (None, None));
    assert_eq!(change_of(&answer.series[0]), Change::None);
}

#[test]
fn a_change_is_a_share_or_why_there_is_none() {
    assert_eq!(change(Some(15.0), Some(10.0)), Change::By(0.5));
    assert_eq!(change(Some(-5.0), Some(-10.0)), Change::By(0.5));
    for (now, before) in [(Some(1.0), Some(0.0)), (Some(1.0), None), (None, Some(1.0))] {
        assert!(matches!(change(now, before), Change::Not(_)));
    }
}

#[test]
fn a_selection_is_found_where_it_was_made() {
    let query = query(
        json!([of("users"), of("total")]),
        json!([{"name": "x", "expression": "A"}]),
        true,
    );
    let answer = answer(json!([
        series(0, json!(["a"]), [Some(1.0); 3], 1.0),
        series(1, json!(["a"]), [Some(1.0); 3], 1.0),
        series(1, json!([null]), [Some(1.0); 3], 1.0),
        {"formula": 0, "group": ["a"], "values": [1, 2, 3], "total": 1},
    ]));
    let view = timed(&query, &answer);
    let locate = |selection: &Selection| match selection {
        Selection::Segmentation(selection) => located(&answer, selection),
        _ => None,
    };
    for place in 0..3 {
        for bucket in [None, Some(2)] {
            let selected = selection(&view, place, bucket, false).unwrap();
            assert_eq!(locate(&selected), Some((Some(place), bucket)));
            let all = selection(&view, place, bucket, true).unwrap();
            assert_eq!(locate(&all), Some((None, bucket)));
        }
    }
    assert_eq!(selection(&view, 3, None, false), None);
    let gone: Selection = serde_json::from_value(json!({"measure": 0, "group": ["z"]})).unwrap();
    assert_eq!(locate(&gone), None);
    let ungrouped = query_without_groups();
    let selected = selection(&timed(&ungrouped, &answer), 0, Some(1), false).unwrap();
    assert_eq!(
        serde_json::to_value(&selected).unwrap(),
        json!({"measure": 0, "bucket": "2026-11-02T00:00:00.000Z"})
    );
}

fn query_without_groups() -> SegmentationQuery {
    query(json!([of("users")]), json!([]), false)
}

#[test]
fn the_only_bucket_is_the_range_itself() {
    let mut query = query_without_groups();
    query.interval = segments_model::query::Interval::Full;
    let answer = answer(json!([series(0, json!([]), [Some(1.0); 3], 1.0)]));
    let selected = selection(&timed(&query, &answer), 0, Some(0), false).unwrap();
    assert_eq!(
        serde_json::to_value(&selected).unwrap(),
        json!({"measure": 0})
    );
}

#[test]
fn nothing_but_zeros_is_no_match() {
    let is_empty = |answer| timed(&query_without_groups(), &answer).is_empty();
    assert!(is_empty(answer(json!([]))));
    assert!(is_empty(answer(json!([series(
        0,
        json!([]),
        [Some(0.0), None, None],
        0.0
    )]))));
    assert!(!is_empty(answer(json!([series(
        0,
        json!([]),
        [Some(1.0), Some(-1.0), None],
        0.0
    )]))));
    assert!(!is_empty(answer(json!([series(
        0,
        json!([]),
        [None; 3],
        2.0
    )]))));
}

#[test]
fn a_series_is_called_by_what_tells_it_from_the_others() {
    let names = |measures: Value, formulas: Value| -> Vec<String> {
        let count = u32::try_from(measures.as_array().unwrap().len()).unwrap();
        let query = query(measures, formulas.clone(), false);
        let mut all: Vec<Value> = (0..count)
            .map(|row| series(row, json!([]), [Some(1.0); 3], 1.0))
            .collect();
        if formulas != json!([]) {
            all.push(json!({"formula": 0, "group": [], "values": [1, 2, 3], "total": 1}));
        }
        let mut form = form(&query);
        let last = form.measures.all().last().unwrap().id;
        form.measures.get_mut(last).unwrap().name = "Mine".to_owned();
        let view = view(&query, &answer(all.into()), &form);
        let mut series: Vec<_> = view.series().collect();
        series.sort_by_key(|series| series.place);
        series
            .into_iter()
            .map(|series| series.short_row.clone())
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
fn a_selection_says_its_unit_and_its_group() {
    let title = |aggregate: Value, figure: f64| {
        let query = query(
            json!([{"event": "Order", "aggregate": aggregate}]),
            json!([]),
            true,
        );
        let answer = answer(json!([series(
            0,
            json!(["Mobile"]),
            [Some(1.0); 3],
            figure
        )]));
        part(&view(&query, &answer, &form(&query)), 0, None)
            .unwrap()
            .title
    };
    assert_eq!(title(json!({"of": "users"}), 168.0), "168 users in Mobile");
    assert_eq!(title(json!({"of": "users"}), 1.0), "1 user in Mobile");
    assert_eq!(title(json!({"of": "total"}), 168.0), "168 events in Mobile");
    assert_eq!(
        title(json!({"of": "median", "property": "price"}), 1.0),
        "Median price 1 in Mobile"
    );
    assert_eq!(
        title(json!({"of": "total", "per_user": true}), 168.0),
        "168 events per user in Mobile"
    );
}
