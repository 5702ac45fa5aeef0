//! The tool Cohort against a scripted backend.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::link::PARAM;
use serde_json::{Value, json};
use user_segments::app::Shell;
use user_segments::client::{Call, Client};
use user_segments::shell::route::Navigator;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use super::stage::{Reply, Scripted, Stage, focused, key, tick, usual};

type Asked = Rc<RefCell<Vec<(String, Value)>>>;

const ZONE: &str = "America/New_York";

fn query(changes: &Value) -> Value {
    let mut query = json!({
        "tool": "cohort", "start": [{"event": "Signed Up"}], "first_time": true, "return": {"event": "Product Viewed"},
        "unit": "week", "periods": 3, "match": "on", "during": {"type": "last", "count": 3, "unit": "week"},
    });
    for (name, value) in changes.as_object().unwrap() {
        query[name] = value.clone();
    }
    query
}

fn cell(value: Option<f64>, users: u64, complete: bool) -> Value {
    json!({"value": value, "users": users, "complete": complete})
}

fn answer(rows: &Value, overall: &Value) -> Value {
    json!({
        "tool": "cohort",
        "stamp": {"as_of": "2026-11-04T14:00:00.000Z", "time_zone": ZONE, "start": "2026-10-19T04:00:00.000Z",
            "end": "2026-11-04T14:00:00.000Z", "unit": "users", "exact": true, "data_version": "1", "took_ms": 3},
        "rows": rows, "overall": overall, "groups_left_out": 0,
    })
}

/// Three weeks, the last of them running; the clock went back on 1 November. Nobody started in the second.
fn weeks() -> Value {
    let mut answer = answer(
        &json!([
            {"generation": "2026-10-19T04:00:00.000Z", "users": 1_087, "cells": [
                cell(Some(726.0), 1_087, true), cell(Some(268.0), 1_087, true), cell(Some(36.0), 1_087, false),
                cell(None, 1_087, false)]},
            {"generation": "2026-10-26T04:00:00.000Z", "users": 0, "cells": [
                cell(Some(0.0), 0, true), cell(Some(0.0), 0, false), cell(None, 0, false), cell(None, 0, false)]},
            {"generation": "2026-11-02T05:00:00.000Z", "users": 13, "cells": [
                cell(Some(5.0), 13, false), cell(None, 13, false), cell(None, 13, false), cell(None, 13, false)]},
        ]),
        &json!({"users": 1_100, "cells": [
            cell(Some(726.0), 1_087, true), cell(Some(268.0), 1_087, true), cell(None, 0, false), cell(None, 0, false)]}),
    );
    answer["units"] = json!([
        "2026-10-19T04:00:00.000Z",
        "2026-10-26T04:00:00.000Z",
        "2026-11-02T05:00:00.000Z",
        "2026-11-09T05:00:00.000Z"
    ]);
    answer
}

fn backend(asked: Asked, answer: Value) -> Scripted {
    Scripted::new(move |call: &Call, body| {
        let path = call.path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let what = format!("{} {path}", call.method.name());
        asked.borrow_mut().push((what.clone(), body.clone()));
        let events = [("Product Viewed", 50), ("Signed Up", 5)];
        if let Some(reply) = usual(&what, ZONE, "2026-11-04T14:00:00.000Z", &events) {
            return reply;
        }
        match what.as_str() {
            "POST /query" => Reply::Json(200, answer.clone()),
            "POST /selection" => Reply::Json(
                200,
                json!({"definition": {"type": "user", "filter": {"type": "all", "of": []}}, "sentence": "users", "users": 7,
                    "time_zone": ZONE, "as_of": "2026-11-04T14:00:00.000Z"}),
            ),
            _ => Reply::Json(
                404,
                json!({"type": "/problems/not-found", "title": "Not found", "status": 404}),
            ),
        }
    })
}

fn show(link: Option<Value>, answer: Value) -> (Stage, Asked) {
    let path = link.map_or_else(
        || "/tools/cohort".to_owned(),
        |link| {
            let params = Params::new().with(PARAM, link.to_string());
            format!("/tools/cohort{}", params.to_readable_query())
        },
    );
    let asked = Asked::default();
    let client = Client::new(Rc::new(backend(Rc::clone(&asked), answer)));
    let stage = Stage::show(move || {
        provide_context(Navigator::in_memory(&path));
        view! {
            <div class="us-root">
                <Shell client />
            </div>
        }
    });
    (stage, asked)
}

fn link(changes: &Value) -> Value {
    json!({"v": 1, "query": query(changes)})
}

/// The last query that was asked.
fn last_query(asked: &Asked) -> Option<Value> {
    let asked = asked.borrow();
    let mut queries = asked.iter().filter(|(what, _)| what == "POST /query");
    queries.next_back().map(|(_, body)| body.clone())
}

fn names(stage: &Stage) -> Vec<String> {
    let cells = stage
        .get(".cohort-heat")
        .query_selector_all("td > button")
        .unwrap();
    (0..cells.length())
        .map(|place| {
            let cell: web_sys::Element =
                wasm_bindgen::JsCast::unchecked_into(cells.get(place).unwrap());
            cell.get_attribute("aria-label").unwrap()
        })
        .collect()
}

#[wasm_bindgen_test]
async fn a_cell_says_its_whole_sentence_and_what_is_empty_has_no_button() {
    let (stage, _) = show(Some(link(&json!({}))), weeks());
    stage.wait_for(".cohort-heat").await;
    assert_eq!(
        names(&stage),
        [
            "All cohorts, week 0: 66.8%, 726 of 1,087 users",
            "All cohorts, week 1: 24.7%, 268 of 1,087 users",
            "Week of 19 Oct 2026, week 0: 66.8%, 726 of 1,087 users",
            "Week of 19 Oct 2026, week 1: 24.7%, 268 of 1,087 users",
            "Week of 19 Oct 2026, week 2: 3.3%, 36 of 1,087 users, so far",
            "Week of 2 Nov 2026, week 0: 38.5%, 5 of 13 users, so far",
        ]
    );
    let cells = stage.texts(".cohort-heat tbody tr:not(.us-heat__sum) td > button");
    assert_eq!(cells, ["66.8", "24.7", "3.3*", "38.5*"]);
    assert_eq!(stage.texts(".cohort-heat td.is-part").len(), 2);
    assert_eq!(
        stage.texts(".cohort-heat tbody th"),
        ["All, weighted", "Week of 19 Oct", "Week of 2 Nov"]
    );
    assert!(
        stage
            .texts(".cohort-legend")
            .concat()
            .contains("week still running")
    );
    assert!(
        stage
            .texts(".cohort-legend")
            .concat()
            .contains("Week 3 has not started")
    );
    assert_eq!(stage.texts("h1"), ["Signed Up, then Product Viewed"]);
}

#[wasm_bindgen_test]
async fn figures_change_and_incomplete_cells_can_be_left_out() {
    let (stage, asked) = show(Some(link(&json!({}))), weeks());
    stage.wait_for(".cohort-heat").await;
    let queries = |asked: &Asked| {
        let asked = asked.borrow();
        asked
            .iter()
            .filter(|(what, _)| what == "POST /query")
            .count()
    };
    let before = queries(&asked);
    choose(&stage, "Cell values", "Users").await;
    let cells = ".cohort-heat tbody tr:not(.us-heat__sum) td > button";
    assert_eq!(stage.texts(cells), ["726", "268", "36*", "5*"]);
    choose(&stage, "Cell values", "Change").await;
    assert_eq!(
        stage.texts(cells),
        ["\u{2013}", "\u{2212}42.1", "\u{2212}21.3*", "\u{2013}*"]
    );
    assert!(
        names(&stage)
            .contains(&"Week of 19 Oct 2026, week 1: 24.7%, 268 of 1,087 users, 42.1 points less than in week 0".to_owned())
    );
    switch(&stage, "Incomplete weeks").await;
    assert_eq!(stage.texts(cells), ["\u{2013}", "\u{2212}42.1"]);
    assert!(
        !stage
            .texts(".cohort-legend")
            .concat()
            .contains("week still running")
    );
    // How it is shown asks nothing anew.
    assert_eq!(queries(&asked), before);
}

/// Chooses one of a few by its words.
async fn choose(stage: &Stage, legend: &str, words: &str) {
    input(stage, &format!("{legend}/{words}")).click();
    tick().await;
}

async fn switch(stage: &Stage, words: &str) {
    input(stage, words).click();
    tick().await;
}

/// The input of a label, in a group where a name stands before the slash.
fn input(stage: &Stage, name: &str) -> HtmlInputElement {
    let (group, words) = name.split_once('/').unwrap_or(("", name));
    let labels = stage.get("main").query_selector_all("label").unwrap();
    (0..labels.length())
        .map(|place| {
            wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(labels.get(place).unwrap())
        })
        .find(|label| {
            let legend = label
                .closest("fieldset")
                .unwrap()
                .and_then(|set| set.query_selector("legend").unwrap());
            let legend = legend
                .and_then(|legend| legend.text_content())
                .unwrap_or_default();
            label.text_content().unwrap().trim() == words && (group.is_empty() || legend == group)
        })
        .and_then(|label| label.query_selector("input").unwrap())
        .map(wasm_bindgen::JsCast::unchecked_into)
        .unwrap_or_else(|| panic!("no input {name}"))
}

#[wasm_bindgen_test]
async fn the_arrow_keys_go_over_the_grid_and_enter_chooses() {
    let (stage, asked) = show(Some(link(&json!({}))), weeks());
    stage.wait_for(".cohort-heat").await;
    let stops = || stage.texts(".cohort-heat button[tabindex='0']").len();
    assert_eq!(stops(), 1);
    stage
        .get(".cohort-heat button[tabindex='0']")
        .focus()
        .unwrap();
    for (arrow, text) in [
        ("ArrowRight", "66.8"),
        ("ArrowDown", "66.8"),
        ("End", "3.3*"),
        ("ArrowLeft", "24.7"),
        ("ArrowUp", "24.7"),
        ("ArrowUp", "1"),
        ("ArrowDown", "24.7"),
        ("ArrowDown", "24.7"),
    ] {
        key(&focused(), arrow).await;
        assert_eq!(focused().text_content().unwrap(), text, "after {arrow}");
    }
    assert_eq!(stops(), 1);
    assert_eq!(focused().get_attribute("tabindex").as_deref(), Some("0"));
    focused().click();
    stage
        .until(
            || stage.texts(".pick h2").concat().contains("came back"),
            "the menu",
        )
        .await;
    assert!(
        stage
            .texts(".pick h2")
            .concat()
            .contains("24.7% came back in week 1")
    );
    let text = stage.get("main").text_content().unwrap();
    assert!(
        text.contains("First performed Signed Up in the week of 19 Oct 2026. Week 1 is 26 Oct 2026, 00:00 EDT to 2 Nov 2026, 00:00 EST."),
        "{text}"
    );
    assert!(text.contains("268") && text.contains("819"));
    assert_eq!(stage.texts(".cohort-heat .is-on"), ["24.7"]);
    let selection = asked
        .borrow()
        .iter()
        .find(|(what, _)| what == "POST /selection")
        .map(|(_, body)| body["selection"].clone());
    assert_eq!(
        selection,
        Some(json!({"generation": "2026-10-19T04:00:00.000Z", "period": 1, "outcome": "returned"}))
    );
}

#[wasm_bindgen_test]
async fn what_was_chosen_is_marked_when_a_link_opens() {
    let mut link = link(&json!({}));
    link["selection"] =
        json!({"generation": "2026-10-19T04:00:00.000Z", "period": 2, "outcome": "not_returned"});
    let (stage, _) = show(Some(link), weeks());
    stage.wait_for(".cohort-heat .is-on").await;
    assert_eq!(stage.texts(".cohort-heat .is-on"), ["3.3*"]);
}

#[wasm_bindgen_test]
async fn a_running_period_says_so_far_and_a_row_is_all_who_started() {
    let (stage, _) = show(Some(link(&json!({}))), weeks());
    stage.wait_for(".cohort-heat").await;
    stage
        .press("Week of 19 Oct 2026, week 2: 3.3%, 36 of 1,087 users, so far")
        .await;
    stage
        .until(
            || stage.texts(".pick h2").concat().contains("so far"),
            "the menu",
        )
        .await;
    assert!(
        stage
            .texts(".pick h2")
            .concat()
            .contains("3.3% came back in week 2 so far")
    );
    let text = stage.get("main").text_content().unwrap();
    assert!(
        text.contains("Week 2 began 2 Nov 2026, 00:00 EST and is still running."),
        "{text}"
    );
    assert!(text.contains("Not yet"));
    stage.press("Week of 2 Nov 2026: 13 users started").await;
    stage
        .until(
            || {
                stage
                    .texts(".pick h2")
                    .concat()
                    .contains("13 users started")
            },
            "the row",
        )
        .await;
}

#[wasm_bindgen_test]
async fn sums_are_told_as_figures_and_for_each_user() {
    let rows = json!([{"generation": "gold", "users": 4, "cells": [cell(Some(50_000.5), 4, true), cell(Some(-3.0), 4, true)]},
        {"generation": null, "users": 2, "cells": [cell(Some(0.25), 2, true), cell(None, 0, false)]}]);
    let overall =
        json!({"users": 6, "cells": [cell(Some(50_000.75), 6, true), cell(Some(-3.0), 4, true)]});
    let changes = json!({"measure": {"of": "sum", "property": "price"}, "periods": 1,
        "generation": {"of": "property", "scope": "user", "name": "plan"}});
    let (stage, _) = show(Some(link(&changes)), answer(&rows, &overall));
    stage.wait_for(".cohort-heat").await;
    let cells = ".cohort-heat tbody tr:not(.us-heat__sum) td > button";
    assert_eq!(stage.texts(cells), ["12.5K", "-0.75", "0.13"]);
    choose(&stage, "Cell values", "Sum").await;
    assert_eq!(stage.texts(cells), ["50K", "-3", "0.25"]);
    assert_eq!(
        stage.texts(".cohort-heat tbody th"),
        ["All cohorts", "gold", "(not set)"]
    );
    assert!(
        names(&stage).contains(&"gold, week 0: 50,000.5, 12,500.13 per user, 4 users".to_owned())
    );
    stage
        .press("gold, week 0: 50,000.5, 12,500.13 per user, 4 users")
        .await;
    stage
        .until(
            || {
                stage
                    .texts(".pick h2")
                    .concat()
                    .contains("50,000.5 in week 0")
            },
            "the menu",
        )
        .await;
}

#[wasm_bindgen_test]
async fn an_example_begins_and_nobody_is_told() {
    let nobody = answer(
        &json!([]),
        &json!({"users": 0, "cells": [cell(None, 0, false)]}),
    );
    let (stage, asked) = show(None, nobody);
    assert_eq!(last_query(&asked), None);
    stage.press("First Signed Up, then Product Viewed").await;
    stage
        .until(
            || stage.texts("h2").contains(&"Nobody started".to_owned()),
            "nobody",
        )
        .await;
    let query = last_query(&asked).unwrap();
    assert_eq!(query["start"], json!([{"event": "Signed Up"}]));
    assert_eq!(query["return"], json!({"event": "Product Viewed"}));
    assert_eq!(
        query["during"],
        json!({"type": "last", "count": 12, "unit": "week"})
    );
    choose(&stage, "Unit", "Day").await;
    stage
        .until(
            || last_query(&asked).is_some_and(|query| query["unit"] == "day"),
            "days",
        )
        .await;
    choose(&stage, "Which return counts", "That day or later").await;
    stage
        .until(
            || last_query(&asked).is_some_and(|query| query["match"] == "on_or_after"),
            "later",
        )
        .await;
}

#[wasm_bindgen_test]
async fn many_generations_come_page_by_page() {
    let rows: Vec<_> = (0..200)
        .map(|place| json!({"generation": format!("v{place}"), "users": 1, "cells": vec![cell(Some(1.0), 1, true); 200]}))
        .collect();
    let overall = json!({"users": 200, "cells": vec![cell(Some(200.0), 200, true); 200]});
    let changes = json!({"periods": 199, "max_groups": 200, "generation": {"of": "property", "scope": "user", "name": "plan"}});
    let (stage, _) = show(Some(link(&changes)), answer(&json!(rows), &overall));
    stage.wait_for(".cohort-heat").await;
    let heads = || stage.texts(".cohort-heat tbody th");
    assert_eq!(
        (heads().len(), stage.texts(".cohort-heat td > button").len()),
        (41, 41 * 40)
    );
    assert_eq!(heads()[1], "v0");
    stage.press("Next").await;
    stage
        .until(
            || heads().get(1).is_some_and(|head| head == "v40"),
            "the next page",
        )
        .await;

    // A link opens the page that has what was chosen.
    let mut link = link(&changes);
    link["selection"] = json!({"generation": "v130", "period": 90, "outcome": "returned"});
    let (stage, _) = show(Some(link), answer(&json!(rows), &overall));
    stage.wait_for(".cohort-heat .is-on").await;
    assert_eq!(stage.texts(".cohort-heat tbody th")[1], "v120");
    assert_eq!(stage.texts(".cohort-heat thead th")[2], "Week 80");
}

#[wasm_bindgen_test]
async fn lines_can_be_chosen() {
    let mut link = link(&json!({}));
    link["view"] = json!({"chart": "lines"});
    let (stage, _) = show(Some(link), weeks());
    stage.wait_for(".cohort-choices").await;
    let boxes = || {
        let boxes = stage
            .get(".cohort-choices")
            .query_selector_all("input:checked")
            .unwrap();
        boxes.length()
    };
    // A generation with only one complete cell, or none, has no line by itself.
    assert_eq!(boxes(), 1);
    let second = stage.get(".cohort-choices label:nth-of-type(2) input");
    second.click();
    stage.until(|| boxes() == 2, "the second line").await;
}

#[wasm_bindgen_test]
async fn a_line_ends_in_what_is_still_running_and_says_so() {
    let mut link = link(&json!({}));
    link["view"] = json!({"chart": "lines"});
    let (stage, _) = show(Some(link), weeks());
    stage.wait_for(".us-plot .line--part").await;
    let stretches = || {
        let main = stage.get("main");
        main.query_selector_all(".us-plot .line--part").unwrap()
    };
    assert_eq!(stretches().length(), 1);
    let style = |part: &str| stage.get(part).get_attribute("data-series");
    assert_eq!(style(".line--part"), style(".cohort-choices .us-key"));
    assert_eq!(style(".line--part"), style(".us-chart .dot"));
    let legend = || stage.texts(".cohort-legend").concat();
    assert!(legend().contains("Week still running, not in the average"));
    stage.get(".us-chart").focus().unwrap();
    for arrow in ["ArrowLeft", "ArrowDown"] {
        key(&focused(), arrow).await;
    }
    stage
        .until(
            || {
                stage
                    .texts("[role=status]")
                    .contains(&"Week 2, Week of 19 Oct, 3.3%. Still running.".to_owned())
            },
            "the point under the cursor",
        )
        .await;
    let cursor = stage.texts(".us-chart__box").concat();
    assert!(
        cursor.contains("3.3%*") && cursor.contains("* still running"),
        "{cursor}"
    );
    switch(&stage, "Incomplete weeks").await;
    stage
        .until(|| stretches().length() == 0, "no dotted stretch")
        .await;
    assert!(!legend().contains("still running"));
}

#[wasm_bindgen_test]
async fn amounts_of_all_cohorts_have_no_line() {
    let mut link = link(&json!({}));
    link["view"] = json!({"chart": "lines", "figure": "value"});
    let (stage, _) = show(Some(link), weeks());
    stage.wait_for(".us-plot .line").await;
    let drawn = stage.texts(".us-chart > .us-plot text");
    assert!(!drawn.contains(&"All cohorts".to_owned()), "{drawn:?}");
    assert!(
        stage
            .texts(".cohort-legend")
            .concat()
            .contains("No line for all cohorts")
    );
    choose(&stage, "Cell values", "% of cohort").await;
    let drawn = stage.texts(".us-chart > .us-plot text");
    assert!(drawn.contains(&"All, weighted".to_owned()), "{drawn:?}");
}

#[wasm_bindgen_test]
async fn colours_say_where_they_begin() {
    let (stage, _) = show(Some(link(&json!({}))), weeks());
    stage.wait_for(".cohort-heat").await;
    let begins = stage.texts(".cohort-legend [data-h]:not(.is-part)");
    assert_eq!(begins.len(), 9);
    assert_eq!(begins[0], "0");
    let level = |cell: &str| stage.get(cell).get_attribute("data-h");
    let figure = |place: usize| begins[place].parse::<f64>().unwrap();
    for (cell, rate) in [
        ("td[data-h]:nth-of-type(2)", 66.8),
        ("td[data-h]:nth-of-type(3)", 24.7),
    ] {
        let level: usize = level(&format!(".cohort-heat tr:nth-child(2) {cell}"))
            .unwrap()
            .parse()
            .unwrap();
        assert!(figure(level - 1) <= rate, "{begins:?} {level} {rate}");
        assert!(
            level == 9 || rate < figure(level),
            "{begins:?} {level} {rate}"
        );
    }
}

#[wasm_bindgen_test]
async fn an_hour_that_comes_twice_says_which() {
    let hours: Vec<_> = ["04", "05", "06", "07"]
        .map(|hour| {
            json!({"generation": format!("2026-11-01T{hour}:00:00.000Z"), "users": 1,
                "cells": [cell(Some(1.0), 1, true)]})
        })
        .into();
    let changes = json!({"unit": "hour", "periods": 0});
    let overall = json!({"users": 4, "cells": [cell(Some(4.0), 4, true)]});
    let (stage, _) = show(Some(link(&changes)), answer(&json!(hours), &overall));
    stage.wait_for(".cohort-heat").await;
    assert_eq!(
        stage.texts(".cohort-heat tbody th")[1..],
        [
            "1 Nov, 00:00",
            "1 Nov, 01:00 EDT",
            "1 Nov, 01:00 EST",
            "1 Nov, 02:00"
        ]
    );
}

#[wasm_bindgen_test]
async fn without_a_period_that_is_over_there_is_no_curve() {
    let rows = json!([{"generation": "2026-11-02T05:00:00.000Z", "users": 13, "cells": [cell(Some(5.0), 13, false)]}]);
    let overall = json!({"users": 13, "cells": [cell(None, 0, false)]});
    let (stage, _) = show(Some(link(&json!({}))), answer(&rows, &overall));
    stage.wait_for(".cohort-heat").await;
    assert_eq!(stage.texts(".cohort-wrap > .us-plot").len(), 0);
    assert!(!stage.texts("main label").concat().contains("average"));
}
