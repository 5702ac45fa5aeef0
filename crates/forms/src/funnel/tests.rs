use super::EventChoice;
use super::{
    Breakdown, ExclusionForm, FunnelChart, FunnelForm, GroupForm, RowId, ShareOf, StepForm,
};
use crate::error::FormError;
use crate::filter::tests::filter;
use crate::number::Entry;
use crate::tool::{Names, ToolForm as _};
use proptest::option;
use proptest::prelude::*;
use segments_model::criterion::{Did, Exclusion, Order, Step, When, Within, WithinOf};
use segments_model::filter::Scope;
use segments_model::project::Limits;
use segments_model::query::{
    CohortQuery, FunnelGroupBy, FunnelPropertyGroup, FunnelQuery, Interval, Query, SegmentGroup,
};
use segments_model::range::{CalendarUnit, LocalBounds, Window, WindowUnit};
use segments_model::validate::check_query;
use segments_model::{Compare, Criterion, Instant, Range};
use serde_json::{Value, json};

fn did() -> impl Strategy<Value = Did> {
    (
        any::<bool>(),
        option::of("[A-Z][a-z]{0,3}"),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(performed, event, before, within)| Did {
            performed,
            event,
            filter: None,
            when: if before { When::Before } else { When::After },
            within: within.then_some(Window {
                count: 3,
                unit: WindowUnit::Hour,
            }),
            compare: Compare::AtLeast(2.0),
        })
}

fn step() -> impl Strategy<Value = Step> {
    (
        option::of("[A-Z][a-z]{0,3}"),
        option::of(filter()),
        prop::collection::vec(did(), 0..3),
        any::<bool>(),
    )
        .prop_map(|(event, filter, did, optional)| Step {
            event,
            filter,
            did,
            optional,
        })
}

fn exclusion(steps: u32) -> impl Strategy<Value = Exclusion> {
    (
        option::of("[A-Z][a-z]{0,3}"),
        option::of(filter()),
        1..steps.max(2),
        1..20_u32,
    )
        .prop_map(move |(event, filter, from, more)| Exclusion {
            event,
            filter,
            from,
            to: (from + more).min(steps.max(2)),
        })
}

fn within() -> impl Strategy<Value = Within> {
    (
        any::<bool>(),
        1..1000_u32,
        prop::sample::select(
            &[
                WindowUnit::Second,
                WindowUnit::Minute,
                WindowUnit::Hour,
                WindowUnit::Day,
                WindowUnit::Week,
            ][..],
        ),
    )
        .prop_map(|(step, count, unit)| Within {
            of: if step {
                WithinOf::Step
            } else {
                WithinOf::Funnel
            },
            count,
            unit,
        })
}

fn group_by(steps: u32) -> impl Strategy<Value = FunnelGroupBy> {
    prop_oneof![
        "[a-z]{1,3}".prop_map(|segment| FunnelGroupBy::Segment(SegmentGroup { segment })),
        (any::<bool>(), "[a-z]{1,3}", option::of(1..=steps)).prop_map(|(user, name, step)| {
            FunnelGroupBy::Property(FunnelPropertyGroup {
                scope: if user { Scope::User } else { Scope::Event },
                name,
                step,
            })
        }),
    ]
}

/// Whether the model allows a query: random conditions may have values that it does not.
fn is_allowed(query: &Query) -> bool {
    let refused = check_query(query, &Limits::default());
    let refused = refused
        .iter()
        .find(|error| !error.pointer.contains("/values/"));
    assert_eq!(refused, None);
    check_query(query, &Limits::default()).is_empty()
}

/// Queries that the model allows.
fn query() -> impl Strategy<Value = FunnelQuery> {
    (
        prop::collection::vec(step(), 1..8),
        prop::sample::select(&[Order::Sequential, Order::Strict, Order::Any][..]),
        option::of(within()),
    )
        .prop_flat_map(|(mut steps, order, within)| {
            let last = steps.len() - 1;
            let mut optional = 0;
            for (index, step) in steps.iter_mut().enumerate() {
                step.optional &= order != Order::Any && index > 0 && index < last && optional < 4;
                optional += usize::from(step.optional);
            }
            let count = u32::try_from(steps.len()).unwrap();
            let most = if order == Order::Any || count < 2 {
                1
            } else {
                4
            };
            (
                Just((steps, order, within)),
                prop::collection::vec(exclusion(count), 0..most),
                option::of(group_by(count)),
                option::of(prop::sample::select(&Interval::ALL[..])),
                option::of(1..1000_u32),
                any::<(bool, bool, bool)>(),
            )
        })
        .prop_map(
            |((steps, order, within), exclude, group_by, interval, max_groups, flags)| {
                FunnelQuery {
                    steps,
                    order,
                    within,
                    exclude,
                    during: Range::Last {
                        count: 30,
                        unit: CalendarUnit::Day,
                        complete: flags.0,
                    },
                    audience: None,
                    group_by,
                    interval,
                    max_groups,
                    as_of: flags
                        .1
                        .then(|| Instant::parse("2026-05-01T00:00:00Z").unwrap()),
                    time_zone: flags.2.then(|| "Europe/Berlin".to_owned()),
                }
            },
        )
}

fn ids(form: &FunnelForm) -> Vec<RowId> {
    form.steps.all().iter().map(|row| row.id).collect()
}

proptest! {
    #[test]
    fn a_query_goes_through_the_form_unchanged(query in query()) {
        let query = Query::Funnel(query);
        if is_allowed(&query) {
            prop_assert_eq!(FunnelForm::open(&query, &Value::Null).query(), Ok(query));
        }
    }

    #[test]
    fn a_form_goes_through_a_link_unchanged(
        query in query(),
        hidden in prop::collection::vec(any::<bool>(), 8),
        names in prop::collection::vec("[a-z]{0,2}", 8),
        previous in any::<bool>(),
    ) {
        let mut form = FunnelForm::open(&Query::Funnel(query), &Value::Null);
        for ((id, hidden), name) in ids(&form).into_iter().zip(hidden).zip(names) {
            let row = form.steps.get_mut(id).unwrap();
            row.hidden = hidden;
            row.name = name;
        }
        if previous {
            form.share = ShareOf::Previous;
            form.chart = FunnelChart::OverTime;
            form.shown = Some(vec![vec![], vec![Some("Mobile".into())], vec![None]]);
        }
        let Ok(query) = form.query() else { return Ok(()) };
        let again = FunnelForm::open(&query, &form.view());
        prop_assert_eq!(again, form);
    }
}

fn named(name: &str) -> StepForm {
    StepForm::of(name)
}

fn funnel(steps: usize) -> FunnelForm {
    FunnelForm {
        steps: (0..steps)
            .map(|step| named(&format!("Event {step}")))
            .collect(),
        ..FunnelForm::default()
    }
}

fn errors(form: &FunnelForm) -> Vec<(String, String)> {
    form.query()
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|FormError { pointer, detail }| (pointer, detail))
        .collect()
}

fn asked(form: &FunnelForm) -> FunnelQuery {
    match form.query() {
        Ok(Query::Funnel(query)) => query,
        other => panic!("{other:?}"),
    }
}

fn make_optional(form: &mut FunnelForm, places: &[usize]) {
    for place in places {
        let id = ids(form)[*place];
        form.steps.get_mut(id).unwrap().value.optional = true;
    }
}

#[test]
fn an_empty_form_asks_for_the_first_step() {
    assert_eq!(
        errors(&FunnelForm::default()),
        [("/steps".to_owned(), "Choose the first step".to_owned())]
    );
    assert_eq!(FunnelForm::default().view(), Value::Null);
}

#[test]
fn a_step_without_an_event_is_told_at_its_place() {
    let mut form = funnel(1);
    form.steps.add(StepForm::default());
    assert_eq!(
        errors(&form),
        [("/steps/1/event".to_owned(), "Choose an event".to_owned())]
    );
    assert_eq!(form.place("/steps/1/event"), "step 2");
}

#[test]
fn as_many_steps_as_the_model_takes() {
    assert!(funnel(20).query().is_ok());
    assert_eq!(errors(&funnel(21))[0].0, "/steps");
    let any = |steps| FunnelForm {
        order: Order::Any,
        ..funnel(steps)
    };
    assert!(any(10).query().is_ok());
    assert_eq!(
        errors(&any(11)),
        [(
            "/steps".to_owned(),
            "In any order there may be at most 10 steps, not 11".to_owned()
        )]
    );
    // One that is left out does not count.
    let mut form = any(11);
    let id = ids(&form)[4];
    form.steps.get_mut(id).unwrap().hidden = true;
    assert_eq!(asked(&form).steps.len(), 10);
}

#[test]
fn the_first_and_the_last_step_and_more_than_four_are_not_optional() {
    let mut form = funnel(7);
    make_optional(&mut form, &[0, 6]);
    let places: Vec<_> = errors(&form).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/steps/0/optional", "/steps/6/optional"]);
    let mut form = funnel(7);
    make_optional(&mut form, &[1, 2, 3, 4, 5]);
    assert_eq!(
        errors(&form),
        [(
            "/steps".to_owned(),
            "At most 4 steps may be optional, not 5".to_owned()
        )]
    );
    // What is last follows from the steps that are asked about.
    let mut form = funnel(4);
    make_optional(&mut form, &[1]);
    for id in &ids(&form)[2..] {
        form.steps.get_mut(*id).unwrap().hidden = true;
    }
    assert_eq!(errors(&form)[0].0, "/steps/1/optional");
    let ids = ids(&funnel(4));
    let can_be: Vec<_> = ids
        .iter()
        .map(|id| funnel(4).can_be_optional(*id))
        .collect();
    assert_eq!(can_be, [false, true, true, false]);
}

#[test]
fn any_order_takes_no_optional_steps_and_no_exclusions() {
    let mut form = funnel(4);
    make_optional(&mut form, &[1]);
    let mut exclusion = form.new_exclusion();
    exclusion.what.event = EventChoice::Named("Refund".to_owned());
    form.exclusions.add(exclusion);
    assert!(form.query().is_ok());
    form.order = Order::Any;
    let places: Vec<_> = errors(&form).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/steps/1/optional", "/exclude"]);
    form.fit_any_order();
    assert_eq!(asked(&form).exclude, []);
}

#[test]
fn exclusions_follow_their_steps() {
    let mut form = funnel(4);
    let at = ids(&form);
    form.exclusions.add(ExclusionForm {
        what: named("Refund").what,
        from: Some(at[1]),
        to: Some(at[2]),
    });
    let span = |form: &FunnelForm| {
        asked(form)
            .exclude
            .iter()
            .map(|x| (x.from, x.to))
            .collect::<Vec<_>>()
    };
    assert_eq!(span(&form), [(2, 3)]);
    form.steps.move_to(at[1], 3);
    assert_eq!(
        span(&form),
        [(2, 4)],
        "the earlier one first, whichever it is"
    );
    form.steps.get_mut(at[0]).unwrap().hidden = true;
    assert_eq!(span(&form), [(1, 3)]);
    assert_eq!(form.place("/exclude/0/from"), "exclusion 1");
    // With one of its steps left out it is left out, and comes back with it.
    form.steps.get_mut(at[2]).unwrap().hidden = true;
    assert_eq!(span(&form), []);
    let mut again = FunnelForm::open(&Query::Funnel(asked(&form)), &form.view());
    for id in ids(&again) {
        again.steps.get_mut(id).unwrap().hidden = false;
    }
    assert_eq!(span(&again), [(2, 4)]);
    // With one of them gone it asks for another.
    let mut steps = form.steps.clone();
    steps.remove(at[2]);
    form.set_steps(steps);
    assert_eq!(
        errors(&form),
        [("/exclude/0/from".to_owned(), "Choose a step".to_owned())]
            .map(|(place, detail)| { (place.replace("from", "to"), detail) })
    );
}

#[test]
fn an_exclusion_lies_between_two_steps() {
    let mut form = funnel(2);
    let at = ids(&form);
    form.exclusions.add(ExclusionForm {
        what: named("Refund").what,
        from: Some(at[1]),
        to: Some(at[1]),
    });
    assert_eq!(errors(&form)[0].0, "/exclude/0/from");
}

#[test]
fn steps_keep_their_numbers_when_one_is_left_out() {
    let mut form = funnel(3);
    let at = ids(&form);
    form.steps.get_mut(at[0]).unwrap().hidden = true;
    form.steps.get_mut(at[2]).unwrap().name = "Bought".to_owned();
    assert_eq!((form.number_of(0), form.number_of(1)), (2, 3));
    assert_eq!((form.name_of(0), form.name_of(1)), (None, Some("Bought")));
    assert_eq!(form.place("/steps/1"), "step 3");
    assert_eq!(form.step_pointer(at[2]).as_deref(), Some("/steps/1"));
    assert_eq!(form.step_pointer(at[0]), None);
}

#[test]
fn a_breakdown_at_a_step_that_is_left_out_or_gone_asks_for_another() {
    let query = FunnelQuery {
        group_by: Some(FunnelGroupBy::Property(FunnelPropertyGroup {
            scope: Scope::Event,
            name: "device".to_owned(),
            step: Some(2),
        })),
        ..asked(&funnel(3))
    };
    let mut form = FunnelForm::open(&Query::Funnel(query), &Value::Null);
    let at = ids(&form)[1];
    assert_eq!(form.breakdown.as_ref().unwrap().at, Some(at));
    form.steps.get_mut(at).unwrap().hidden = true;
    assert_eq!(
        errors(&form),
        [(
            "/group_by/step".to_owned(),
            "Step 2 is disabled: choose another step".to_owned()
        )]
    );
    let mut steps = form.steps.clone();
    steps.remove(at);
    form.set_steps(steps);
    assert_eq!(errors(&form)[0].0, "/group_by/step");
}

#[test]
fn a_limit_is_kept_while_it_is_not_asked_for() {
    let mut form = funnel(2);
    form.limit.count = Entry::from(3);
    assert_eq!(
        (asked(&form).within, form.limit.words().as_str()),
        (None, "No limit")
    );
    form.limit.of = Some(WithinOf::Step);
    assert_eq!(form.limit.words(), "3 days per step");
    form.limit.count = Entry::from(0);
    assert_eq!(errors(&form)[0].0, "/within/count");
    form.limit.count = Entry::from(36_526);
    assert_eq!(errors(&form)[0].0, "/within/count");
}

#[test]
fn of_a_view_only_what_can_be_understood_is_taken() {
    let query = Query::Funnel(asked(&funnel(2)));
    let plain = FunnelForm::open(&query, &Value::Null);
    for view in [
        json!("x"),
        json!({"chart": "pie", "share": 3, "names": {"a": 1}, "shown": "all"}),
        json!({"left_out": [{"at": 1}, 4], "left_out_exclusions": [{"at": 0, "exclusion": {"event": "E", "from": 1, "to": 2}}]}),
    ] {
        assert_eq!(FunnelForm::open(&query, &view), plain, "{view}");
    }
    let far = json!({"left_out": [{"at": 9, "step": {"event": "Far"}}]});
    let form = FunnelForm::open(&query, &far);
    assert_eq!((form.steps.len(), form.query()), (3, Ok(query)));
}

#[test]
fn a_query_of_another_tool_makes_an_empty_form() {
    let query: CohortQuery = serde_json::from_value(json!({
        "start": [{"event": "A"}], "first_time": true, "return": {"event": "B"}, "unit": "day", "periods": 7,
        "match": "on", "during": {"type": "all_time"}
    }))
    .unwrap();
    assert_eq!(
        FunnelForm::open(&Query::Cohort(query), &Value::Null),
        FunnelForm::default()
    );
}

#[test]
fn over_time_is_told_in_intervals_that_fit_the_range() {
    let bounds = |start: &str| {
        Some(LocalBounds {
            start: start.parse().ok(),
            end: "2026-11-23T00:00:00".parse().unwrap(),
            is_open: false,
        })
    };
    let mut form = funnel(2);
    form.follow_range(bounds("1990-01-01T00:00:00").unwrap(), None);
    assert_eq!(form.interval, None);
    form.show(FunnelChart::OverTime, bounds("2026-11-01T00:00:00"));
    assert_eq!(form.interval, Some(Interval::Day));
    form.interval = Some(Interval::Hour);
    form.follow_range(bounds("2024-11-23T00:00:00").unwrap(), None);
    assert_eq!(form.interval, Some(Interval::Month));
    form.show(FunnelChart::Steps, None);
    assert_eq!(form.interval, Some(Interval::Month));
}

#[test]
fn an_audience_is_kept() {
    let criterion: Criterion =
        serde_json::from_value(json!({"type": "segment", "id": "a"})).unwrap();
    let query = Query::Funnel(FunnelQuery {
        audience: Some(criterion),
        ..asked(&funnel(1))
    });
    assert_eq!(FunnelForm::open(&query, &Value::Null).query(), Ok(query));
}

#[test]
fn a_funnel_is_called_by_its_ends_and_its_breakdown() {
    let mut form = funnel(3);
    let names = Names {
        event: &str::to_uppercase,
        segment: &str::to_owned,
    };
    let title = |form: &FunnelForm| form.title(names);
    assert_eq!(title(&FunnelForm::default()), "Funnel");
    assert_eq!(title(&form), "EVENT 0 to EVENT 2");
    let last = ids(&form)[2];
    form.steps.get_mut(last).unwrap().name = "Bought".to_owned();
    form.breakdown = Some(Breakdown {
        by: GroupForm::Segment("Paid".to_owned()),
        at: None,
    });
    assert_eq!(title(&form), "EVENT 0 to Bought by Paid");
    form.limit.of = Some(WithinOf::Funnel);
    form.order = Order::Strict;
    let (first, second) = form.summary(names);
    assert_eq!(first, "3 steps in strict order, 7 days");
    assert!(second.ends_with(", by Paid"), "{second}");
}
