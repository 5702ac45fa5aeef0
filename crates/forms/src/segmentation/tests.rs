use super::{
    FormulaForm, MeasureRow, SegmentationChart, SegmentationForm, SeriesOf, measure_words,
};
use crate::error::Errors;
use crate::group::GroupForm;
use crate::number::Entry;
use crate::range::RangeForm;
use crate::tool::{Names, ToolForm as _};
use segments_model::Range;
use segments_model::filter::Scope;
use segments_model::query::{Figure, Interval, Query};
use serde_json::{Value, json};

const NAMES: Names<'_> = Names {
    event: &str::to_owned,
    segment: &|_| "a segment".to_owned(),
};

fn two_rows() -> SegmentationForm {
    let mut form = SegmentationForm::of(["Order", "Visit"].map(MeasureRow::users_of));
    form.formulas.add(FormulaForm {
        name: "Buyers".to_owned(),
        expression: "A / B * 100".to_owned(),
    });
    form
}

fn expression(form: &SegmentationForm) -> &str {
    &form.formulas.all()[0].value.expression
}

#[test]
fn a_new_form_asks_for_an_event() {
    let form = SegmentationForm::default();
    assert!(form.is_blank());
    let errors = form.query().unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].pointer, "/measures/0/event");
    assert_eq!(form.place(&errors[0].pointer), "measure A");
    assert_eq!(form.view(), Value::Null);
    assert_eq!(form.title(NAMES), "Segmentation");
}

#[test]
fn everything_that_is_missing_is_told_at_its_place() {
    let mut form = two_rows();
    let ids: Vec<_> = form.measures.all().iter().map(|row| row.id).collect();
    form.measures.get_mut(ids[1]).unwrap().value.figure = Figure::Sum;
    form.formulas.add(FormulaForm {
        name: String::new(),
        expression: "A +".to_owned(),
    });
    form.formulas.add(FormulaForm::default());
    form.frame.max_groups = Entry::from(0);
    form.frame.during.count = Entry::default();
    let errors = form.query().unwrap_err();
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/measures/1/aggregate/property",
            "/formulas/2/expression",
            "/during/count",
            "/formulas/1/expression",
            "/max_groups",
        ]
    );
    let places: Vec<_> = pointers.iter().map(|pointer| form.place(pointer)).collect();
    assert_eq!(
        places,
        [
            "measure B",
            "formula 3",
            "date range",
            "formula A +",
            "number of groups"
        ]
    );
    assert!(errors[3].detail.contains("4"), "{}", errors[3].detail);
}

#[test]
fn letters_in_formulas_follow_their_rows() {
    let mut form = two_rows();
    let first = form.measures.all()[0].id;
    let mut rows = form.measures.clone();
    rows.move_to(first, 1);
    form.set_measures(rows.clone());
    assert_eq!(expression(&form), "B / A * 100");
    let copy = rows.duplicate(first).unwrap();
    form.set_measures(rows.clone());
    assert_eq!(expression(&form), "B / A * 100");
    form.show_series(form.key(SeriesOf::Measure(1), &vec![]).unwrap(), false);
    rows.remove(first);
    form.set_measures(rows);
    assert_eq!(expression(&form), "? / A * 100");
    assert_eq!(form.measures.place(copy), Some(1));
    assert_eq!(
        form.query().unwrap_err()[0].pointer,
        "/formulas/0/expression"
    );
    assert!(form.series.is_empty());
}

#[test]
fn what_a_figure_does_not_take_is_kept_and_not_asked() {
    let mut row = MeasureRow {
        property: "price".to_owned(),
        per_user: true,
        ..MeasureRow::users_of("Order")
    };
    let aggregate = row.measure("", &mut Errors::default()).aggregate;
    assert_eq!((aggregate.property, aggregate.per_user), (None, false));
    row.figure = Figure::Median;
    let aggregate = row.measure("", &mut Errors::default()).aggregate;
    assert_eq!(aggregate.property.as_deref(), Some("price"));
    assert!(aggregate.per_user);
}

#[test]
fn the_view_goes_through_a_link_unchanged() {
    let mut form = two_rows();
    let ids: Vec<_> = form.measures.all().iter().map(|row| row.id).collect();
    form.measures.get_mut(ids[0]).unwrap().name = "Buyers".to_owned();
    form.measures.get_mut(ids[1]).unwrap().hidden = true;
    let formula = form.formulas.all()[0].id;
    form.formulas.get_mut(formula).unwrap().hidden = true;
    form.groups.push(GroupForm::Property {
        scope: Scope::Event,
        name: "device".to_owned(),
    });
    form.cumulative = true;
    let key = form.key(SeriesOf::Measure(1), &vec![None]).unwrap();
    form.show_series(key.clone(), true);
    form.show_series(key.clone(), false);
    assert_eq!(form.series_shown(&key), Some(false));
    let key = form
        .key(SeriesOf::Formula(0), &vec![Some("Mobile".into())])
        .unwrap();
    form.show_series(key, true);
    for (chart, _) in SegmentationChart::ALL {
        form.chart = chart;
        let query = form.query().unwrap();
        assert_eq!(SegmentationForm::open(&query, &form.view()), form);
    }
}

#[test]
fn of_a_view_only_what_is_understood_is_taken() {
    let form = two_rows();
    let query = form.query().unwrap();
    let view = json!({
        "chart": "pie", "cumulative": "yes", "rows": [1, {"name": 3}, {"name": "x"}, {}],
        "formulas": "none", "series": [{"measure": 9, "group": [], "shown": false}, {"group": []}, 1],
        "colour": "red",
    });
    assert_eq!(SegmentationForm::open(&query, &view), form);
    assert_eq!(SegmentationForm::open(&query, &Value::Null), form);
}

#[test]
fn words_say_what_is_measured() {
    let mut form = two_rows();
    let words = |form: &SegmentationForm| form.title(NAMES);
    assert_eq!(words(&form), "Order and Visit");
    form.groups
        .extend(["device", "plan"].map(|name| GroupForm::Property {
            scope: Scope::User,
            name: name.to_owned(),
        }));
    form.groups.push(GroupForm::Segment("x".to_owned()));
    let mut rows = form.measures.clone();
    rows.remove(rows.all()[1].id);
    form.set_measures(rows.clone());
    assert_eq!(
        words(&form),
        "Users who performed Order by device, plan and a segment"
    );
    rows.duplicate(rows.all()[0].id);
    form.set_measures(rows);
    form.groups.clear();
    assert_eq!(words(&form), "2 measures of Order");
    let id = form.measures.all()[0].id;
    let row = form.measures.get_mut(id).unwrap();
    row.value.figure = Figure::Average;
    row.value.property = "price".to_owned();
    row.value.per_user = true;
    assert_eq!(
        measure_words(row, NAMES),
        "Average of price of Order per user"
    );
    row.name = "Basket".to_owned();
    assert_eq!(measure_words(row, NAMES), "Basket");
}

#[test]
fn only_what_is_seen_changes_how_an_answer_is_shown() {
    let form = two_rows();
    let changed = |change: &dyn Fn(&mut SegmentationForm)| {
        let mut other = form.clone();
        change(&mut other);
        !form.shows_as(&other)
    };
    assert!(!changed(&|form| form.interval = Interval::Week));
    assert!(!changed(&|form| form.frame.max_groups = Entry::from(3)));
    assert!(changed(&|form| form.chart = SegmentationChart::Bar));
    assert!(changed(&|form| form.cumulative = true));
    assert!(changed(&|form| {
        form.measures.add(MeasureRow::default());
    }));
    assert!(changed(&|form| {
        let id = form.measures.all()[1].id;
        form.measures.get_mut(id).unwrap().hidden = true;
    }));
    assert!(changed(&|form| {
        let key = form.key(SeriesOf::Measure(0), &vec![]).unwrap();
        form.show_series(key, false);
    }));
}

#[test]
fn nothing_lies_before_all_time() {
    let mut form = two_rows();
    form.compare = true;
    let compared = |form: &SegmentationForm| match form.query() {
        Ok(Query::Segmentation(query)) => query.compare.is_some(),
        _ => panic!("it is one"),
    };
    assert!(compared(&form));
    form.frame.during = RangeForm::from(&Range::AllTime {});
    assert!(!compared(&form));
}

#[test]
fn totals_and_sums_add_up_bucket_by_bucket() {
    let mut form = two_rows();
    assert!(!form.may_add_up());
    let id = form.measures.all()[1].id;
    form.measures.get_mut(id).unwrap().value.figure = Figure::Total;
    assert!(form.may_add_up());
    form.measures.get_mut(id).unwrap().value.per_user = true;
    assert!(!form.may_add_up());
    form.measures.get_mut(id).unwrap().value.figure = Figure::Sum;
    form.measures.get_mut(id).unwrap().value.per_user = false;
    assert!(form.may_add_up());
    form.interval = Interval::Full;
    assert!(!form.may_add_up());
}

#[test]
fn more_groups_are_told_as_far_as_there_are_others() {
    let mut form = SegmentationForm::default();
    form.frame.show_more_groups(3);
    assert_eq!(form.frame.most_groups(), 13);
    form.frame.show_more_groups(10_000);
    assert_eq!(form.frame.most_groups(), 26);
    form.frame.max_groups = Entry::from(900);
    form.frame.show_more_groups(10_000);
    assert_eq!(form.frame.most_groups(), 1_000);
}
