//! What is worked out of an answer, and what of it can be selected.

use std::sync::Arc;

use segments_forms::funnel::{FunnelForm, ShareOf};
use segments_forms::tool::{Names, ToolForm as _};
use segments_model::answer::{Answer, FunnelAnswer, FunnelGroup};
use segments_model::query::Interval;
use segments_model::selection::{FunnelOutcome, FunnelSelection, PathSelection, Selection};
use segments_model::{Instant, Value};
use serde_json::{Value as Json, json};

use super::answer::{FunnelView, began_words, share, time_words};
use super::columns::{steps_file, times_file};
use super::selections::{PathPart, Side, StepPart, located, located_path, path_part, step_part};
use crate::tool::selection::AnswerPart;
use crate::tool::state::Answered;

const NAMES: Names<'_> = Names {
    event: &str::to_owned,
    segment: &str::to_owned,
};

fn steps(users: [u64; 3], pending: [u64; 3]) -> Json {
    let share = |users: u64, of: u64| (of > 0).then(|| users as f64 / of as f64);
    let steps: Vec<Json> = (0..3)
        .map(|step| {
            json!({
                "users": users[step], "pending": pending[step], "from_start": share(users[step], users[0]),
                "from_previous": share(users[step], users[step.saturating_sub(1)]),
                "median_seconds": (step > 0).then_some(90.0), "average_seconds": null,
            })
        })
        .collect();
    json!(steps)
}

fn group(value: Json, users: [u64; 3], pending: [u64; 3]) -> Json {
    json!({
        "group": value, "users": users[0], "steps": steps(users, pending), "median_seconds": 15_120.0,
        "average_seconds": 20_000.0,
        "paths": [
            {"steps": [1], "users": users[0] - users[1]},
            {"steps": [1, 2], "users": users[1] - users[2]},
            {"steps": [1, 3], "users": users[2]},
        ],
        "times": [
            {"from_seconds": 0.0, "to_seconds": 60.0, "users": 100},
            {"from_seconds": 60.0, "to_seconds": 120.0, "users": 0},
            {"from_seconds": 10_800.0, "to_seconds": 21_600.0, "users": 850},
            {"from_seconds": 86_400.0, "to_seconds": 172_800.0, "users": 50},
        ],
        "buckets": [
            {"start": "2026-11-16T00:00:00.000Z", "end": "2026-11-17T00:00:00.000Z", "complete": true,
                "steps": steps([40, 20, 10], [0; 3])},
            {"start": "2026-11-22T00:00:00.000Z", "end": "2026-11-23T00:00:00.000Z", "complete": true,
                "steps": steps([4, 2, 0], [0, 1, 1])},
        ],
    })
}

/// An answer of three steps and two groups, changed.
fn answered(query: Json, change: impl FnOnce(&mut FunnelAnswer)) -> FunnelView {
    let mut changed = json!({
        "tool": "funnel",
        "steps": [{"event": "Product Viewed"}, {"event": "Added to Cart"}, {"event": "Checkout Started"}],
        "within": {"of": "funnel", "count": 7, "unit": "day"},
        "during": {"type": "last", "count": 30, "unit": "day"},
        "group_by": {"scope": "event", "name": "device", "step": 1},
    });
    for (field, value) in query.as_object().unwrap() {
        changed[field] = value.clone();
    }
    let answer = json!({
        "tool": "funnel",
        "stamp": {"as_of": "2026-11-24T00:00:00.000Z", "time_zone": "UTC", "start": null, "end": null,
            "unit": "users", "exact": true, "data_version": "1", "took_ms": 3},
        "groups": [
            group(json!([]), [4286, 1538, 1126], [0, 9, 58]),
            group(json!(["Mobile"]), [2604, 842, 571], [0, 0, 0]),
            group(json!([null]), [1682, 696, 555], [0, 0, 0]),
        ],
        "groups_left_out": 3,
    });
    let mut answer: Answer = serde_json::from_value(answer).unwrap();
    if let Answer::Funnel(answer) = &mut answer {
        change(answer);
    }
    let answered = Arc::new(Answered {
        query: serde_json::from_value(changed).unwrap(),
        answer,
    });
    let form = FunnelForm::open(&answered.query, &Json::Null);
    FunnelView::of(&answered, &form, NAMES).unwrap()
}

/// The same answer to a query with other fields than usual.
fn view_of(query: Json) -> FunnelView {
    answered(query, |_| ())
}

fn fields(file: &str) -> Vec<String> {
    file.lines().map(|line| line.replace(',', "|")).collect()
}

fn selected(group: usize, step: usize, side: Side) -> StepPart {
    StepPart::new(group, step, side)
}

fn part_at(view: &FunnelView, at: StepPart) -> AnswerPart {
    step_part(view, &at, &[(0, 0), (1, 1)]).unwrap()
}

fn part_of_path(view: &FunnelView, group: usize, path: usize) -> AnswerPart {
    path_part(view, &PathPart { group, path }, &[(0, 0), (1, 1)]).unwrap()
}

#[test]
fn the_largest_loss_is_the_largest_share() {
    let view = view_of(json!({}));
    let (step, lost) = view.largest_loss(view.total().unwrap()).unwrap();
    assert_eq!(
        (step, lost.from, lost.users, lost.pending),
        (1, 0, 2_748, 9)
    );
    assert_eq!(share(lost.share), "64.1%");
}

#[test]
fn groups_are_named_by_their_value() {
    let names = |view: &FunnelView| {
        (0..3)
            .map(|place| view.name(place).to_owned())
            .collect::<Vec<_>>()
    };
    let by_property = view_of(json!({}));
    assert_eq!(names(&by_property), ["All users", "Mobile", "(not set)"]);
    assert_eq!(by_property.breakdown.as_deref(), Some("device at step 1"));
    assert!(by_property.groups_overlap());
    let by_segment = answered(json!({"group_by": {"segment": "Paid"}}), |answer| {
        answer.groups[1].group = vec![Some(Value::Boolean(true))];
        answer.groups[2].group = vec![Some(Value::Boolean(false))];
    });
    assert_eq!(names(&by_segment), ["All users", "In Paid", "Not in Paid"]);
    assert!(!by_segment.groups_overlap() && by_segment.groups_are_parts());
    let by_user = view_of(json!({"group_by": {"scope": "user", "name": "plan"}}));
    assert_eq!(
        (by_user.breakdown.as_deref(), by_user.groups_overlap()),
        (Some("plan"), false)
    );
}

#[test]
fn groups_of_events_are_parts_where_each_user_is_in_one() {
    let by = |step: Option<u32>, change: fn(&mut FunnelAnswer)| {
        let mut by = json!({"scope": "event", "name": "device"});
        if let Some(step) = step {
            by["step"] = json!(step);
        }
        answered(json!({"group_by": by}), change).groups_are_parts()
    };
    // The groups add up, but others are left out.
    assert!(!by(Some(1), |_| ()));
    assert!(by(Some(1), |answer| answer.groups_left_out = 0));
    assert!(!by(Some(1), |answer| {
        answer.groups_left_out = 0;
        answer.groups[1].users += 1;
    }));
    // Later a value is that of a step, so that the others are without it in each group.
    assert!(!by(Some(2), |_| ()) && !by(None, |_| ()));
}

#[test]
fn chosen_groups_stand_in_the_charts_and_keep_their_styles() {
    let view = view_of(json!({}));
    assert_eq!(view.in_charts(None), [(0, 0), (1, 1), (2, 2)]);
    assert_eq!(view.in_charts(Some(&[vec![None]])), [(2, 2)]);
    // Of groups that the answer does not have there is nothing to show: all users stand in.
    assert_eq!(
        view.in_charts(Some(&[vec![Some("Tablet".into())]])),
        [(0, 0)]
    );
}

#[test]
fn bars_lose_from_the_required_step_before() {
    let view = view_of(json!({"steps": [
        {"event": "Product Viewed"},
        {"event": "Added to Cart", "optional": true},
        {"event": "Checkout Started"},
    ]}));
    let bars = |of| {
        view.picture(&[(0, 0)], of).groups[0]
            .bars
            .iter()
            .map(|bar| format!("{:.3} {:.3}", bar.share, bar.before))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        bars(ShareOf::Start),
        ["1.000 0.000", "0.359 0.000", "0.263 1.000"]
    );
    assert_eq!(bars(ShareOf::Previous)[2], "0.732 1.000");
    let picture = view.picture(&[(0, 0), (1, 1)], ShareOf::Previous);
    assert!(!picture.flow);
    assert_eq!(picture.groups[1].style, Some(1));
    assert_eq!(picture.ticks[1], (0.25, "25%".to_owned()));
}

#[test]
fn times_are_told_in_fewer_stretches_where_room_is_short() {
    let view = view_of(json!({}));
    let fine = view.times(&[(0, 0)], false);
    assert_eq!(
        fine.stretches,
        ["under 1 min", "1 to 2 min", "3 to 6 h", "1 to 2 d"]
    );
    assert_eq!(fine.series[0].median, Some(2));
    let coarse = view.times(&[(0, 0)], true);
    assert_eq!(
        coarse.stretches,
        ["under 1 min", "1 to 10 min", "1 to 6 h", "1 to 4 d"]
    );
    let counts: Vec<_> = coarse.series[0]
        .bars
        .iter()
        .map(|bar| bar.count.as_str())
        .collect();
    assert_eq!(counts, ["100", "0", "850", "50"]);
}

#[test]
fn one_step_takes_no_time() {
    let several = view_of(json!({}));
    assert!(several.has_times(0) && !several.has_times(9));
    assert_eq!(several.took(Some(90.0)), "1 min 30 s");
    let one = view_of(json!({"steps": [{"event": "Product Viewed"}]}));
    assert!(!one.has_times(0));
    assert_eq!(one.took(Some(0.0)), "\u{2013}");
}

#[test]
fn only_what_is_certain_is_said_of_times() {
    let view = view_of(json!({}));
    let total = view.total().unwrap().clone();
    assert_eq!(
        time_words(&total).as_deref(),
        Some("Half within 4 h 12 min, 95.0% in less than 6 h")
    );
    // Of a few nothing is said but the middle; of nobody nothing.
    let mut few = total.clone();
    few.times.retain(|time| time.users == 50);
    few.times[0].users = 9;
    assert_eq!(time_words(&few).as_deref(), Some("Half within 4 h 12 min"));
    let nobody = FunnelGroup {
        median_seconds: None,
        times: Vec::new(),
        ..total
    };
    assert_eq!(time_words(&nobody), None);
}

#[test]
fn a_bucket_is_open_until_the_limit_of_its_last_user_is_over() {
    let at = |text: &str| Instant::parse(text).unwrap();
    let began = at("2026-11-16T00:00:00Z");
    assert_eq!(
        view_of(json!({})).open_until(began),
        Some(at("2026-11-23T00:00:00Z"))
    );
    let by_step = json!({"within": {"of": "step", "count": 1, "unit": "day"}});
    assert_eq!(
        view_of(by_step).open_until(began),
        Some(at("2026-11-18T00:00:00Z"))
    );
    assert_eq!(view_of(json!({"within": null})).open_until(began), None);
}

#[test]
fn files_have_plain_numbers() {
    let view = view_of(json!({}));
    let rows = fields(&steps_file(&view));
    assert_eq!(rows.len(), 1 + 3 * 3);
    assert_eq!(
        rows[5],
        "Mobile|2|Added to Cart|no|842|0.32334869431643626|0.32334869431643626|1762|0|90|"
    );
    let times = fields(&times_file(&view));
    assert_eq!(times.len(), 1 + 3 * 4);
    assert_eq!(times[3], "All users|10800|21600|850");
}

#[test]
fn steps_are_called_as_somebody_named_them() {
    let answered = Arc::new(Answered {
        query: serde_json::from_value(json!({
            "tool": "funnel", "steps": [{"event": "Product Viewed"}, {"event": "Added to Cart"}],
            "during": {"type": "all_time"},
        }))
        .unwrap(),
        answer: Answer::Funnel(view_of(json!({})).answer),
    });
    let mut form = FunnelForm::open(&answered.query, &Json::Null);
    let id = form.steps.all()[1].id;
    form.steps.get_mut(id).unwrap().name = "Cart".to_owned();
    let view = FunnelView::of(&answered, &form, NAMES).unwrap();
    let names: Vec<_> = view.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["Product Viewed", "Cart"]);
}

#[test]
fn those_of_a_bucket_began_in_it() {
    let start = "2026-11-09T00:00:00".parse().unwrap();
    for (interval, expected) in [
        (Interval::Hour, "on Mon 9 Nov 2026, 00:00"),
        (Interval::Day, "on Mon 9 Nov 2026"),
        (Interval::Week, "in the week from 9 Nov 2026"),
        (Interval::Month, "in Nov 2026"),
        (Interval::Quarter, "in Q4 2026"),
        (Interval::Full, "in the whole range"),
    ] {
        assert_eq!(began_words(interval, start), expected);
    }
}

fn choices(part: &AnswerPart) -> Vec<(String, Option<u64>, String)> {
    part.choices
        .iter()
        .map(|choice| (choice.label.clone(), choice.users, choice.detail.clone()))
        .collect()
}

fn parts(part: &AnswerPart) -> Vec<(u32, FunnelOutcome)> {
    part.choices
        .iter()
        .map(|choice| match &choice.selection {
            Selection::Funnel(FunnelSelection { step, outcome, .. }) => (*step, *outcome),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn facts(part: &AnswerPart) -> Vec<(&str, &str, &str, Option<usize>)> {
    part.facts
        .iter()
        .map(|fact| {
            (
                fact.name.as_str(),
                fact.figure.as_str(),
                fact.detail.as_str(),
                fact.style,
            )
        })
        .collect()
}

#[test]
fn a_drop_is_of_the_step_before_and_has_both_sides() {
    let view = view_of(json!({"group_by": {"scope": "user", "name": "device"}}));
    let part = part_at(&view, selected(0, 2, Side::Lost));
    assert_eq!(part.title, "412 users dropped here");
    assert_eq!(
        part.text,
        "Added to Cart, then no Checkout Started within 7 days. 58 of them still have time."
    );
    assert_eq!(
        choices(&part),
        [
            (
                "Dropped after step 2".to_owned(),
                Some(412),
                "26.8% of step 2".to_owned()
            ),
            (
                "Went on to step 3".to_owned(),
                Some(1_126),
                "73.2% of step 2".to_owned()
            ),
            (
                "Reached step 2".to_owned(),
                Some(1_538),
                "35.9% of step 1".to_owned()
            ),
        ]
    );
    assert_eq!(
        parts(&part),
        [
            (2, FunnelOutcome::Dropped),
            (2, FunnelOutcome::Converted),
            (2, FunnelOutcome::Reached)
        ]
    );
    // The groups, with their share of those who were lost, and the sign of the one in the chart.
    assert_eq!(
        facts(&part),
        [
            ("Mobile", "271", "65.8%", Some(1)),
            ("(not set)", "141", "34.2%", None)
        ]
    );
}

#[test]
fn what_the_groups_told_leave_is_of_the_others() {
    let by = json!({"group_by": {"scope": "user", "name": "device"}});
    // Groups of 89 to 100 users, in place of those that there are.
    let view = answered(by, |answer| {
        let one = answer.groups.pop().unwrap();
        answer.groups.truncate(1);
        answer.groups.extend((1..=12_u64).map(|place| {
            let mut group = one.clone();
            group.group = vec![Some(Value::String(place.to_string()))];
            group.steps[0].users = 88 + place;
            group
        }));
    });
    let part = part_at(&view, selected(0, 0, Side::Reached));
    assert_eq!(part.facts.len(), 9);
    // Of 4286 the eight largest of twelve groups have 100 to 93; three groups are not told at all.
    assert_eq!(
        facts(&part).last(),
        Some(&("7 other groups", "3514", "82.0%", None))
    );
    assert_eq!(part.facts[0].figure, "100");
}

#[test]
fn groups_that_overlap_are_told_as_such() {
    let view = view_of(json!({}));
    // Whoever drops in a group need not drop at all: a share would be of something else.
    let lost = part_at(&view, selected(0, 2, Side::Lost));
    assert!(
        lost.text.ends_with(
            "A user can be in several groups, and drop off in one while continuing in another."
        ),
        "{}",
        lost.text
    );
    assert_eq!(
        facts(&lost),
        [
            ("Mobile", "271", "", Some(1)),
            ("(not set)", "141", "", None),
            ("3 other groups", "", "", None)
        ]
    );
    let reached = part_at(&view, selected(0, 1, Side::Reached));
    assert!(
        reached.text.ends_with("A user can be in several groups."),
        "{}",
        reached.text
    );
    assert_eq!(facts(&reached)[0], ("Mobile", "842", "54.7%", Some(1)));
    // Of a group itself there is nothing to say.
    assert!(
        !part_at(&view, selected(1, 2, Side::Lost))
            .text
            .contains("several")
    );
}

#[test]
fn what_may_still_leave_a_selection_is_said_of_drop_offs_alone() {
    let view = view_of(json!({}));
    let pending = |part: AnswerPart| {
        part.choices
            .iter()
            .map(|choice| choice.pending)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pending(part_at(&view, selected(0, 2, Side::Lost))),
        [Some(58), None, None]
    );
    assert_eq!(
        pending(part_at(&view, selected(0, 1, Side::Lost)))[0],
        Some(9)
    );
    assert_eq!(
        pending(part_at(&view, selected(0, 1, Side::Reached))),
        [None, None, Some(58)]
    );
}

#[test]
fn a_bar_is_who_reached_it_and_what_they_did_next() {
    let view = view_of(json!({}));
    let part = part_at(&view, selected(0, 1, Side::Reached));
    assert_eq!(part.title, "1538 users reached step 2");
    assert_eq!(
        part.text,
        "Product Viewed, then Added to Cart within 7 days. A user can be in several groups."
    );
    assert_eq!(
        parts(&part),
        [
            (2, FunnelOutcome::Reached),
            (2, FunnelOutcome::Converted),
            (2, FunnelOutcome::Dropped)
        ]
    );
    let last = part_at(&view, selected(0, 2, Side::Reached));
    assert_eq!(last.title, "1126 users converted");
    assert_eq!(parts(&last), [(3, FunnelOutcome::Reached)]);
    let first = part_at(&view, selected(0, 0, Side::Reached));
    assert_eq!(
        (first.title.as_str(), first.text.as_str()),
        (
            "4286 users started",
            "Product Viewed. A user can be in several groups."
        )
    );
}

#[test]
fn a_part_of_a_group_names_it_and_selects_it() {
    let view = view_of(json!({}));
    let part = part_at(&view, selected(1, 2, Side::Lost));
    assert_eq!(part.title, "Mobile: 271 users dropped here");
    assert_eq!(part.choices[0].label, "Dropped after step 2");
    let Selection::Funnel(selection) = &part.choices[0].selection else {
        panic!("of a funnel")
    };
    assert_eq!(selection.group, Some(vec![Some("Mobile".into())]));
    let Selection::Funnel(missing) =
        &part_at(&view, selected(2, 0, Side::Reached)).choices[0].selection
    else {
        panic!("of a funnel")
    };
    assert_eq!(missing.group, Some(vec![None]));
}

#[test]
fn at_an_optional_step_nobody_is_lost_and_not_all_is_told() {
    let view = view_of(json!({"steps": [
        {"event": "Product Viewed"},
        {"event": "Added to Cart", "optional": true},
        {"event": "Checkout Started"},
    ]}));
    // What is lost before the step after it is lost after the required step before it.
    let lost = part_at(&view, selected(0, 2, Side::Lost));
    assert_eq!(parts(&lost)[0], (1, FunnelOutcome::Dropped));
    assert_eq!(lost.choices[0].users, Some(4_286 - 1_126));
    let optional = part_at(&view, selected(0, 1, Side::Reached));
    assert_eq!(
        choices(&optional),
        [
            (
                "Reached step 2".to_owned(),
                Some(1_538),
                "35.9% of step 1".to_owned()
            ),
            ("Went on from step 2 to 3".to_owned(), None, String::new()),
            ("Dropped after step 2".to_owned(), None, String::new()),
        ]
    );
}

#[test]
fn a_bucket_tells_who_converted_began_and_was_lost() {
    let view = view_of(json!({"interval": "day"}));
    let part = part_at(
        &view,
        StepPart {
            bucket: Some(0),
            ..selected(0, 2, Side::Reached)
        },
    );
    assert_eq!(part.title, "10 users converted");
    assert!(
        part.text.contains("started on Mon 16 Nov 2026"),
        "{}",
        part.text
    );
    assert_eq!(
        parts(&part),
        [
            (3, FunnelOutcome::Reached),
            (1, FunnelOutcome::Reached),
            (1, FunnelOutcome::Dropped),
            (2, FunnelOutcome::Dropped),
        ]
    );
    for choice in &part.choices {
        let Selection::Funnel(selection) = &choice.selection else {
            panic!("of a funnel")
        };
        assert!(selection.bucket.is_some());
    }
}

fn optional(by: serde_json::Value) -> FunnelView {
    view_of(json!({
        "steps": [
            {"event": "Product Viewed"},
            {"event": "Added to Cart", "optional": true},
            {"event": "Checkout Started"},
        ],
        "group_by": by,
    }))
}

#[test]
fn a_way_is_the_steps_that_were_taken_and_those_that_were_not() {
    let view = optional(json!({"scope": "user", "name": "device"}));
    let part = part_of_path(&view, 0, 2);
    assert_eq!(part.title, "1126 users took this path");
    assert_eq!(
        part.text,
        "Product Viewed, then Checkout Started within 7 days, without Added to Cart. The longest path of \
         each user counts."
    );
    assert_eq!(
        choices(&part),
        [(
            "Took steps 1 and 3".to_owned(),
            Some(1_126),
            "26.3% of step 1".to_owned()
        )]
    );
    assert_eq!(
        facts(&part),
        [
            ("Mobile", "571", "50.7%", Some(1)),
            ("(not set)", "555", "49.3%", None)
        ]
    );
    let dropped = part_of_path(&view, 1, 0);
    assert_eq!(dropped.title, "Mobile: 1762 users took this path");
    assert_eq!(dropped.choices[0].label, "Took only step 1");
    assert!(
        dropped
            .text
            .starts_with("Product Viewed, without Added to Cart, Checkout Started within 7 days."),
        "{}",
        dropped.text
    );
    // Groups that overlap have no shares of it.
    let part = part_of_path(
        &optional(json!({"scope": "event", "name": "device", "step": 1})),
        0,
        2,
    );
    assert_eq!(facts(&part)[0], ("Mobile", "571", "", Some(1)));
}

#[test]
fn every_way_is_marked_again() {
    let view = optional(json!({"scope": "user", "name": "device"}));
    for group in 0..3 {
        for path in 0..3 {
            let part = part_of_path(&view, group, path);
            let Selection::Path(selection) = &part.choices[0].selection else {
                panic!("of a path")
            };
            assert_eq!(
                located_path(&view, selection),
                Some(PathPart { group, path })
            );
        }
    }
    let gone = PathSelection {
        path: vec![1, 2, 3],
        group: None,
    };
    assert_eq!(located_path(&view, &gone), None);
}

#[test]
fn what_still_may_come_is_told_as_it_is() {
    let text = |mut change: serde_json::Value| {
        change["group_by"] = json!({"scope": "user", "name": "device"});
        part_at(&view_of(change), selected(0, 2, Side::Lost)).text
    };
    assert!(
        text(json!({"within": null})).ends_with("58 of them may still convert."),
        "{}",
        text(json!({"within": null}))
    );
    assert_eq!(
        text(json!({"order": "strict"})),
        "Added to Cart, then no Checkout Started as the next event within 7 days. 58 of them still have time."
    );
    assert!(
        text(json!({"order": "any"}))
            .starts_with("Product Viewed, Added to Cart, but not Checkout Started")
    );
    assert!(
        text(json!({"exclude": [{"event": "Refund", "from": 1, "to": 2}]}))
            .contains("Users with an excluded event in between do not convert.")
    );
}

#[test]
fn every_part_that_can_be_clicked_is_marked_again() {
    let view = view_of(json!({"interval": "day"}));
    for group in 0..3 {
        for step in 0..3 {
            for side in [Side::Reached, Side::Lost] {
                if side == Side::Lost && step == 0 {
                    continue;
                }
                let selected = selected(group, step, side);
                let Selection::Funnel(selection) = &part_at(&view, selected).choices[0].selection
                else {
                    panic!("of a funnel")
                };
                assert_eq!(located(&view, selection), Some(selected));
            }
        }
    }
    let gone = FunnelSelection {
        step: 9,
        outcome: FunnelOutcome::Reached,
        group: None,
        bucket: None,
    };
    assert_eq!(located(&view, &gone), None);
    let other = FunnelSelection {
        step: 1,
        group: Some(vec![Some("Tablet".into())]),
        ..gone
    };
    assert_eq!(located(&view, &other), None);
}
