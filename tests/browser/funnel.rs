//! The tool Funnel against a scripted backend.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::link::{Link, PARAM};
use segments_forms::tool::Tool;
use serde_json::{Value, json};
use user_segments::app::Shell;
use user_segments::client::{Call, Client};
use user_segments::shell::route::Navigator;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlInputElement, HtmlSelectElement};

use super::stage::{Reply, Scripted, Stage, tick, usual};

type Asked = Rc<RefCell<Vec<Value>>>;

/// How many users of a group reach a step.
fn users(step: usize, of: u64) -> u64 {
    of >> step
}

fn steps(count: usize, of: u64) -> Value {
    let share = |users: u64, of: u64| (of > 0).then(|| users as f64 / of as f64);
    let steps: Vec<Value> = (0..count)
        .map(|step| {
            let here = users(step, of);
            json!({
                "users": here, "pending": if step == 1 { 58 } else { 0 },
                "from_start": share(here, of), "from_previous": share(here, users(step.saturating_sub(1), of)),
                "median_seconds": (step > 0).then_some(2_280.0), "average_seconds": (step > 0).then_some(3_000.0),
            })
        })
        .collect();
    json!(steps)
}

fn group(query: &Value, value: Value, of: u64) -> Value {
    let count = query["steps"].as_array().map_or(0, Vec::len);
    let converted = users(count - 1, of);
    let mut group = json!({
        "group": value, "users": of, "steps": steps(count, of),
        "median_seconds": (converted > 0).then_some(15_120.0), "average_seconds": (converted > 0).then_some(20_000.0),
        "times": if converted > 0 {
            json!([{"from_seconds": 10_800.0, "to_seconds": 21_600.0, "users": converted}])
        } else {
            json!([])
        },
    });
    if !query["interval"].is_null() {
        group["buckets"] = json!([
            {"start": "2026-01-01T00:00:00.000Z", "end": "2026-01-02T00:00:00.000Z", "complete": true,
                "steps": steps(count, of / 2)},
            {"start": "2026-01-02T00:00:00.000Z", "end": "2026-01-02T03:04:05.000Z", "complete": false,
                "steps": steps(count, of / 2)},
        ]);
    }
    if query["steps"]
        .as_array()
        .is_some_and(|steps| steps.iter().any(|step| step["optional"] == true))
    {
        group["paths"] =
            json!([{"steps": [1, 2, 3], "users": 600}, {"steps": [1, 3], "users": 400}]);
    }
    group
}

fn answer(query: &Value) -> Value {
    let nobody =
        ["Rare", "Gone"].contains(&query["steps"][0]["event"].as_str().unwrap_or_default());
    let all = if nobody { 0 } else { 4_000 };
    let mut groups = vec![group(query, json!([]), all)];
    if !query["group_by"].is_null() {
        groups.push(group(query, json!(["Mobile"]), 2_400));
        groups.push(group(query, json!([null]), 1_600));
    }
    json!({
        "tool": "funnel",
        "stamp": {"as_of": "2026-01-02T03:04:05.000Z", "time_zone": "UTC", "start": "2025-12-04T00:00:00.000Z",
            "end": "2026-01-02T03:04:05.000Z", "unit": "users", "exact": true, "data_version": "1", "took_ms": 3},
        "groups": groups, "groups_left_out": if query["group_by"].is_null() { 0 } else { 7 },
    })
}

fn backend(asked: Asked) -> Scripted {
    Scripted::new(move |call: &Call, body| {
        let path = call.path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let what = format!("{} {path}", call.method.name());
        let events = [("Viewed", 9), ("Carted", 7), ("Bought", 5), ("Rare", 1)];
        if let Some(reply) = usual(&what, "UTC", "2026-01-02T03:04:05.000Z", &events) {
            return reply;
        }
        match what.as_str() {
            "POST /query" => {
                asked.borrow_mut().push(body.clone());
                Reply::Json(200, answer(&body))
            }
            "POST /selection" => Reply::Json(
                200,
                json!({"definition": {"type": "all", "of": []}, "sentence": "users", "time_zone": "UTC",
                    "as_of": "2026-01-02T03:04:05.000Z", "users": 2_000}),
            ),
            _ => Reply::Json(404, json!({})),
        }
    })
}

fn show(path: String) -> (Stage, Asked) {
    let asked = Asked::default();
    let client = Client::new(Rc::new(backend(Rc::clone(&asked))));
    let stage = Stage::show(move || {
        provide_context(Navigator::in_memory(&path));
        view! { <Shell client /> }
    });
    (stage, asked)
}

/// A link to the funnel Viewed, Carted, Bought with other fields.
fn link(query: Value, view: Value, selection: Value) -> String {
    let mut asked = json!({
        "tool": "funnel", "steps": [{"event": "Viewed"}, {"event": "Carted"}, {"event": "Bought"}],
        "within": {"of": "funnel", "count": 7, "unit": "day"}, "during": {"type": "last", "count": 30, "unit": "day"},
    });
    for (field, value) in query.as_object().unwrap() {
        asked[field] = value.clone();
    }
    let link = Link {
        query: serde_json::from_value(asked).unwrap(),
        view,
        selection: serde_json::from_value(selection).ok(),
    };
    let params = Params::new().with(PARAM, link.write());
    let opened = Link::read(params.get(PARAM).unwrap(), Tool::Funnel).unwrap();
    assert_eq!(opened.link, link);
    format!("/tools/funnel?{}", params.to_query())
}

#[wasm_bindgen_test]
async fn the_steps_are_told_in_figures_bars_and_a_table() {
    let (stage, asked) = show(link(json!({}), Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .bar").await;
    assert_eq!(asked.borrow().len(), 1);
    assert_eq!(
        stage.texts(".funnel-head__name"),
        ["Viewed", "Carted", "Bought"]
    );
    assert_eq!(
        stage.texts(".funnel-heads li:nth-child(2) .funnel-head"),
        ["Step 2Carted50.0%2,000 users"]
    );
    let drops = stage.texts(".funnel-drop");
    assert_eq!(
        drops,
        [
            "2,000 dropped 50.0% between step 1 and step 2",
            "1,000 dropped 50.0% between step 2 and step 3"
        ]
    );
    assert_eq!(stage.texts(".funnel-pending"), ["58 still have time"]);
    assert_eq!(stage.texts(".funnel-time")[0], "median 38 min from step 1");
    assert_eq!(stage.texts(".funnel-figure"), ["25.0%", "50.0%"]);
    // A bar a step, and what was lost above the second and the third.
    assert_eq!(stage.texts(".funnel-plot rect.bar").len(), 3);
    assert_eq!(stage.texts(".funnel-plot rect.drop").len(), 2);
    assert_eq!(stage.texts(".funnel-table tbody tr").len(), 1);
    assert!(stage.find(".funnel-table input").is_none());
}

#[wasm_bindgen_test]
async fn a_drop_off_is_chosen_and_marked_with_both_sides() {
    let (stage, _) = show(link(json!({}), Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .drop").await;
    stage
        .press("2,000 dropped 50.0% between step 1 and step 2")
        .await;
    stage.wait_for(".funnel-plot .drop.is-on").await;
    assert!(stage.find(".funnel-feet li:nth-child(2).is-on").is_some());
    let text = document().body().unwrap().text_content().unwrap();
    assert!(text.contains("2,000 users dropped here"), "{text}");
    assert!(text.contains("Viewed, then no Carted within 7 days. 58 of them still have time."));
    assert!(text.contains("Dropped after step 1"));
    assert!(text.contains("Went on to step 2"));
}

#[wasm_bindgen_test]
async fn a_link_marks_what_was_chosen() {
    let chosen = json!({"step": 2, "outcome": "dropped"});
    let (stage, _) = show(link(json!({}), Value::Null, chosen));
    stage.wait_for(".funnel-plot .drop.is-on").await;
    assert!(stage.find(".funnel-feet li:nth-child(3).is-on").is_some());
}

#[wasm_bindgen_test]
async fn groups_stand_beside_each_other_and_are_chosen_in_the_table() {
    let by = json!({"group_by": {"scope": "event", "name": "device", "step": 1}});
    let (stage, asked) = show(link(by, Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .bar").await;
    assert_eq!(stage.texts(".funnel-plot rect.bar").len(), 9);
    let rows = stage.texts(".funnel-table tbody th .us-truncate");
    assert_eq!(rows, ["All users", "Mobile", "(not set)"]);
    assert_eq!(
        stage.texts(".funnel-note"),
        ["A user can be in several groups."]
    );
    let left_out = stage.texts(".tool__left-out").join(" ");
    assert!(
        left_out.contains("7 more groups are not shown."),
        "{left_out}"
    );
    let box_of = |place: usize| -> HtmlInputElement {
        stage
            .get(&format!(".funnel-table tbody tr:nth-child({place}) input"))
            .unchecked_into()
    };
    box_of(2).click();
    tick().await;
    stage
        .until(
            || stage.texts(".funnel-plot rect.bar").len() == 6,
            "two groups",
        )
        .await;
    assert!(!box_of(2).checked());
    // The choice of groups asks nothing; more groups do.
    assert_eq!(asked.borrow().len(), 1);
    stage.press("Show more").await;
    stage
        .until(|| asked.borrow().len() == 2, "another question")
        .await;
    assert_eq!(asked.borrow()[1]["max_groups"], 17);
}

#[wasm_bindgen_test]
async fn over_time_asks_for_buckets_and_tells_which_are_open() {
    let (stage, asked) = show(link(json!({}), Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .bar").await;
    let over_time = stage.get(".funnel-charts label:nth-of-type(2) input");
    over_time.click();
    stage
        .until(|| asked.borrow().len() == 2, "the buckets")
        .await;
    assert_eq!(asked.borrow()[1]["interval"], "day");
    stage.wait_for(".us-results .us-plot .line").await;
    let half = stage.texts(".funnel-half").join(" ");
    assert!(half.contains("may still convert"), "{half}");
}

#[wasm_bindgen_test]
async fn times_are_told_in_stretches() {
    let view = json!({"chart": "time_to_convert"});
    let (stage, _) = show(link(json!({}), view, Value::Null));
    stage.wait_for(".funnel-times .bar").await;
    let half = stage.texts(".funnel-half").join(" ");
    assert_eq!(half, "Half within 4 h 12 min, all in less than 6 h");
    assert!(stage.find(".funnel-card").is_none());
}

#[wasm_bindgen_test]
async fn optional_steps_lose_nobody_and_have_ways_through() {
    let steps = json!({"steps": [{"event": "Viewed"}, {"event": "Carted", "optional": true}, {"event": "Bought"}]});
    let (stage, _) = show(link(steps, Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .bar--optional").await;
    assert_eq!(
        stage.texts(".funnel-drop"),
        ["3,000 dropped 75.0% between step 1 and step 3"]
    );
    assert_eq!(
        stage.texts(".funnel-way__steps"),
        [
            "1 Viewed \u{2192} 2 Carted \u{2192} 3 Bought",
            "1 Viewed \u{2192} 3 Bought"
        ]
    );
    assert_eq!(
        stage.texts(".funnel-way")[1],
        "1 Viewed \u{2192} 3 Boughtconverted400 users10.0%"
    );
    stage.get(".funnel-paths li:nth-child(2) button").click();
    stage.wait_for(".funnel-way.is-on").await;
    let text = document().body().unwrap().text_content().unwrap();
    assert!(text.contains("400 users took this path"), "{text}");
    assert!(text.contains("Viewed, then Bought within 7 days, without Carted."));
}

#[wasm_bindgen_test]
async fn a_link_marks_the_way_that_was_chosen() {
    let steps = json!({"steps": [{"event": "Viewed"}, {"event": "Carted", "optional": true}, {"event": "Bought"}]});
    let (stage, _) = show(link(steps, Value::Null, json!({"path": [1, 3]})));
    stage
        .wait_for(".funnel-paths li:nth-child(2) .funnel-way.is-on")
        .await;
    assert_eq!(stage.texts(".funnel-way.is-on").len(), 1);
}

#[wasm_bindgen_test]
async fn nobody_in_the_first_step_is_told_with_what_to_loosen() {
    let steps = json!({"steps": [{"event": "Rare"}, {"event": "Carted"}]});
    let (stage, _) = show(link(steps, Value::Null, Value::Null));
    let empty = stage.wait_for(".us-results .us-empty").await;
    let text = empty.text_content().unwrap();
    assert!(text.contains("Nobody did Rare"), "{text}");
    assert!(text.contains("a longer date range"), "{text}");
    assert!(stage.find(".funnel-plot").is_none());
}

#[wasm_bindgen_test]
async fn an_event_that_the_data_does_not_have_is_told_as_such() {
    let steps = json!({"steps": [{"event": "Gone"}, {"event": "Carted"}]});
    let (stage, _) = show(link(steps, Value::Null, Value::Null));
    stage
        .until(
            || {
                stage
                    .texts(".us-results .us-empty")
                    .join("")
                    .contains("The data has no event Gone")
            },
            "the event",
        )
        .await;
}

#[wasm_bindgen_test]
async fn the_table_is_sorted_by_its_heads_below_all_users() {
    let by = json!({"group_by": {"scope": "user", "name": "device"}});
    let (stage, asked) = show(link(by, Value::Null, Value::Null));
    stage.wait_for(".funnel-table .us-sort").await;
    let names = || stage.texts(".funnel-table tbody th .us-truncate");
    let is_sorted = |way: &str| {
        stage
            .find(&format!(".funnel-table th:nth-child(3)[aria-sort={way}]"))
            .is_some()
    };
    assert_eq!(names(), ["All users", "Mobile", "(not set)"]);
    assert_eq!(
        stage.texts(".funnel-table thead th"),
        [
            "device",
            "1\u{a0}Viewed",
            "2\u{a0}Carted",
            "3\u{a0}Bought",
            "Overall",
            "Median time"
        ]
    );
    let second = || stage.get(".funnel-table thead th:nth-child(3) .us-sort");
    second().click();
    tick().await;
    assert!(is_sorted("descending"));
    assert_eq!(names(), ["All users", "Mobile", "(not set)"]);
    second().click();
    tick().await;
    assert!(is_sorted("ascending"));
    assert_eq!(names(), ["All users", "(not set)", "Mobile"]);
    second().click();
    tick().await;
    assert!(stage.find(".funnel-table [aria-sort]").is_none());
    assert_eq!(names(), ["All users", "Mobile", "(not set)"]);
    assert_eq!(asked.borrow().len(), 1, "nothing is asked");
}

#[wasm_bindgen_test]
async fn a_step_that_is_left_out_keeps_its_place_and_its_number() {
    let view = json!({"left_out": [{"at": 1, "step": {"event": "Carted"}}]});
    let steps = json!({"steps": [{"event": "Viewed"}, {"event": "Bought"}]});
    let (stage, asked) = show(link(steps, view, Value::Null));
    stage.wait_for(".funnel-plot .bar").await;
    assert_eq!(asked.borrow()[0]["steps"].as_array().unwrap().len(), 2);
    assert_eq!(
        stage.texts(".funnel-heads .query-mark"),
        ["Step 1", "Step 3"]
    );
    assert!(stage.find(".query-row:nth-child(2).is-hidden").is_some());
    assert!(
        stage
            .texts(".us-query__sec header")
            .iter()
            .any(|head| head == "Steps2 of 20, 1 disabled")
    );
}

#[wasm_bindgen_test]
async fn any_order_offers_a_way_out_of_what_it_cannot_take() {
    let more = json!({
        "steps": [{"event": "Viewed"}, {"event": "Carted", "optional": true}, {"event": "Bought"}],
        "exclude": [{"event": "Viewed", "from": 1, "to": 3}],
    });
    let (stage, asked) = show(link(more, Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .bar").await;
    assert_eq!(stage.texts(".funnel-exclusion").len(), 1);
    stage
        .get("fieldset.us-seg--fill label:nth-of-type(2) input")
        .click();
    stage.wait_for(".funnel-clash").await;
    // What cannot be asked is not asked, and the answer stays.
    assert_eq!(asked.borrow().len(), 1);
    assert!(stage.find(".funnel-plot .bar").is_some());
    stage.press("Require all steps, remove exclusions").await;
    stage
        .until(|| asked.borrow().len() == 2, "the question")
        .await;
    let asked = asked.borrow();
    assert_eq!(asked[1]["order"], "any");
    assert!(asked[1]["exclude"].is_null());
    assert!(stage.find(".funnel-clash").is_none());
}

#[wasm_bindgen_test]
async fn an_exclusion_follows_the_steps_that_are_chosen_for_it() {
    let exclude = json!({"exclude": [{"event": "Viewed", "from": 1, "to": 2}]});
    let (stage, asked) = show(link(exclude, Value::Null, Value::Null));
    stage.wait_for(".funnel-plot .bar").await;
    let to: HtmlSelectElement = stage
        .get(".funnel-exclusion .funnel-step:last-of-type select")
        .unchecked_into();
    assert_eq!(
        to.get_attribute("aria-label").unwrap(),
        "Exclusion 1: before"
    );
    to.set_value("2");
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    to.dispatch_event(&web_sys::Event::new_with_event_init_dict("change", &init).unwrap())
        .unwrap();
    stage
        .until(|| asked.borrow().len() == 2, "the question")
        .await;
    assert_eq!(
        asked.borrow()[1]["exclude"],
        json!([{"event": "Viewed", "from": 1, "to": 3}])
    );
}
