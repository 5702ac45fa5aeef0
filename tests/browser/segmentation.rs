//! The tool Segmentation against a scripted backend.

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

use super::stage::{Reply, Scripted, Stage, focused, key, tick, usual, write};

type Bodies = Rc<RefCell<Vec<(String, Value)>>>;

/// Three days, the last of them running; of each row and group as many as the row's place and the group's say.
fn answer(query: &Value, nothing: bool) -> Value {
    let bucket = |day: u32, complete: bool| {
        json!({"start": format!("2026-11-{day:02}T00:00:00.000Z"),
            "end": format!("2026-11-{:02}T00:00:00.000Z", day + 1), "complete": complete})
    };
    let groups = if query["group_by"].is_array() {
        vec![json!(["Mobile"]), json!([null])]
    } else {
        vec![json!([])]
    };
    let mut series = Vec::new();
    let rows = query["measures"].as_array().unwrap().len();
    let formulas = query["formulas"].as_array().map_or(0, Vec::len);
    for row in 0..rows + formulas {
        for (place, group) in groups.iter().enumerate() {
            let figure = if nothing { 0 } else { (row + 1) * 100 + place };
            let mut one =
                json!({"group": group, "values": [figure, figure + 10, 1], "total": figure * 2});
            if nothing {
                one["values"] = json!([0, 0, 0]);
            }
            if query["compare"].is_string() {
                one["previous"] = json!({"values": [figure, figure, figure], "total": figure});
            }
            if row < rows {
                one["measure"] = row.into();
            } else {
                one["formula"] = (row - rows).into();
            }
            series.push(one);
        }
    }
    let mut answer = json!({
        "tool": "segmentation",
        "stamp": {"as_of": "2026-11-03T12:00:00.000Z", "time_zone": "UTC", "start": "2026-11-01T00:00:00.000Z",
            "end": "2026-11-03T12:00:00.000Z", "unit": "users", "exact": true, "data_version": "1", "took_ms": 3},
        "buckets": [bucket(1, true), bucket(2, true), bucket(3, false)],
        "series": series, "groups_left_out": if groups.len() > 1 { 3 } else { 0 },
    });
    if query["compare"].is_string() {
        answer["previous"] = json!({"start": "2026-10-29T00:00:00.000Z", "end": "2026-11-01T00:00:00.000Z",
            "buckets": []});
    }
    answer
}

fn backend(bodies: Bodies, events: bool) -> Scripted {
    Scripted::new(move |call: &Call, body| {
        let path = call.path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let what = format!("{} {path}", call.method.name());
        bodies.borrow_mut().push((what.clone(), body.clone()));
        let known: &[(&str, u64)] = if events {
            &[("Visit", 5), ("Order", 50)]
        } else {
            &[]
        };
        if let Some(reply) = usual(&what, "UTC", "2026-11-03T12:00:00.000Z", known) {
            return reply;
        }
        match what.as_str() {
            "POST /query" => {
                let nothing =
                    body["measures"][0]["event"] == "Nothing" && body["during"]["unit"] == "day";
                Reply::Json(200, answer(&body, nothing))
            }
            "POST /selection" => Reply::Json(
                200,
                json!({"definition": {"type": "event", "event": "Order", "during": {"type": "all_time"}},
                    "sentence": "users who performed Order", "time_zone": "UTC",
                    "as_of": "2026-11-03T12:00:00.000Z", "users": 110}),
            ),
            _ => Reply::Never,
        }
    })
}

fn show_with(path: String, events: bool) -> (Stage, Bodies) {
    user_segments::shell::storage::set("pins.segmentation", None);
    let bodies = Bodies::default();
    let client = Client::new(Rc::new(backend(Rc::clone(&bodies), events)));
    let stage = Stage::show(move || {
        provide_context(Navigator::in_memory(&path));
        view! { <Shell client /> }
    });
    (stage, bodies)
}

fn show(query: Value) -> (Stage, Bodies) {
    let link = json!({"v": 1, "query": query}).to_string();
    let params = Params::new().with(PARAM, link);
    show_with(format!("/tools/segmentation{}", params.to_query()), true)
}

fn of(event: &str, figure: &str) -> Value {
    json!({"event": event, "aggregate": {"of": figure}})
}

fn query(measures: &[Value], grouped: bool) -> Value {
    let mut query = json!({
        "tool": "segmentation", "measures": measures, "interval": "day",
        "during": {"type": "last", "count": 3, "unit": "day"}, "compare": "previous_range",
    });
    if grouped {
        query["group_by"] = json!([{"scope": "event", "name": "device"}]);
    }
    query
}

fn asked(bodies: &Bodies, what: &str) -> Vec<Value> {
    bodies
        .borrow()
        .iter()
        .filter(|(asked, _)| asked == what)
        .map(|(_, body)| body.clone())
        .collect()
}

/// Chooses one of the radio buttons that look like a bar.
async fn choose(stage: &Stage, legend: &str, label: &str) {
    let found = document().query_selector_all(".us-seg").unwrap();
    let bar = (0..found.length())
        .map(|place| found.get(place).unwrap())
        .find(|bar| bar.text_content().unwrap().starts_with(legend))
        .unwrap_or_else(|| panic!("no bar {legend}"));
    let labels = bar.child_nodes();
    let option = (0..labels.length())
        .map(|place| labels.get(place).unwrap())
        .find(|option| option.text_content().unwrap().trim() == label)
        .unwrap_or_else(|| panic!("no {label} in {legend}"));
    let option: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(option);
    option.click();
    tick().await;
    let _ = stage;
}

#[wasm_bindgen_test]
async fn an_example_begins_with_the_most_frequent_event() {
    let (stage, bodies) = show_with("/tools/segmentation".to_owned(), true);
    stage.wait_for(".tool__examples button").await;
    assert!(
        asked(&bodies, "POST /query").is_empty(),
        "nothing is asked silently"
    );
    assert!(stage.texts(".tool__examples li")[0].contains("Users who performed Order"));
    stage
        .press("Users who performed Order, last 30 days, by day")
        .await;
    stage
        .until(
            || stage.texts("h1") == ["Users who performed Order"],
            "the heading",
        )
        .await;
    stage.wait_for(".seg-table tbody tr").await;
    let sent = asked(&bodies, "POST /query").pop().unwrap();
    assert_eq!(sent["measures"], json!([of("Order", "users")]));
    assert_eq!(
        sent["during"],
        json!({"type": "last", "count": 30, "unit": "day"})
    );
}

#[wasm_bindgen_test]
async fn without_data_the_page_leads_to_data() {
    let (stage, _) = show_with("/tools/segmentation".to_owned(), false);
    stage
        .until(
            || stage.named("Go to Data").is_some(),
            "the way to the data",
        )
        .await;
    assert!(stage.find(".tool__examples").is_none());
}

#[wasm_bindgen_test]
async fn rows_of_different_units_have_their_own_charts_and_every_figure_is_told() {
    let (stage, _) = show(query(&[of("Order", "users"), of("Visit", "total")], true));
    stage.wait_for(".seg-table tbody tr").await;
    assert_eq!(
        stage.texts(".seg-pane__t"),
        ["AOrder, users per day", "BVisit, total count per day"]
    );
    let first: Vec<String> = stage.texts(".seg-table tbody tr:first-child > *");
    assert_eq!(first[0], "AMobile");
    // The total is the answer's own, and the running day is in no mean.
    assert_eq!(&first[1..6], ["200", "105", "100", "110", "1"]);
    assert!(first[6].contains("+100"), "{first:?}");
    assert_eq!(stage.texts(".seg-table tbody th")[1], "A(not set)");
    let heads = stage.texts(".seg-table thead th");
    assert_eq!(heads[5], "Tue 3 Nov, so far");
    assert_eq!(heads[6], "vs 3 days before");
    assert!(stage.texts(".tool__left-out")[0].starts_with("3 more groups are not shown."));
    assert!(
        stage.texts(".us-asof")[0].contains("A users, B events"),
        "{:?}",
        stage.texts(".us-asof")
    );
}

#[wasm_bindgen_test]
async fn a_series_is_hidden_and_more_groups_are_asked_for() {
    let (stage, bodies) = show(query(&[of("Order", "users")], true));
    stage.wait_for(".seg-table tbody tr").await;
    assert_eq!(stage.texts(".us-legend")[0].matches("Mobile").count(), 1);
    stage.get(".seg-table tbody [type=checkbox]").click();
    stage
        .until(
            || !stage.texts(".us-legend")[0].contains("Mobile"),
            "the series to go",
        )
        .await;
    assert_eq!(stage.texts(".seg-table tbody tr").len(), 2);
    assert_eq!(
        asked(&bodies, "POST /query").len(),
        1,
        "the answer is the same"
    );
    stage.press("Show more").await;
    stage
        .until(
            || {
                asked(&bodies, "POST /query")
                    .last()
                    .is_some_and(|sent| sent["max_groups"] == 13)
            },
            "the three others",
        )
        .await;
}

#[wasm_bindgen_test]
async fn the_row_of_a_series_stays_with_the_focus_when_it_is_hidden() {
    let (stage, _) = show(query(&[of("Order", "users")], true));
    let check = stage.wait_for(".seg-table tbody [type=checkbox]").await;
    check.focus().unwrap();
    check.click();
    stage
        .until(
            || !stage.texts(".us-legend")[0].contains("Mobile"),
            "the series to go",
        )
        .await;
    assert_eq!(focused(), check);
    assert!(check.is_connected());
}

#[wasm_bindgen_test]
async fn the_tables_are_sorted_by_the_head_that_is_pressed() {
    let (stage, _) = show(query(&[of("Order", "users")], true));
    stage.wait_for(".seg-table tbody tr").await;
    let names = || stage.texts(".seg-table tbody th");
    assert_eq!(names(), ["AMobile", "A(not set)"]);
    stage.press("Whole range").await;
    stage
        .until(
            || names() == ["A(not set)", "AMobile"],
            "the greatest first",
        )
        .await;
    let sorted = || {
        let head = stage.find(".seg-table th[aria-sort]")?;
        Some((head.text_content()?, head.get_attribute("aria-sort")?))
    };
    let by = |column: &str, direction: &str| Some((column.to_owned(), direction.to_owned()));
    assert_eq!(sorted(), by("Whole range", "descending"));
    choose(&stage, "Chart", "Table").await;
    stage.wait_for(".seg-table--all").await;
    assert_eq!(names(), ["AMobile", "A(not set)"]);
    stage.press("Mon 2 Nov").await;
    stage
        .until(
            || names() == ["A(not set)", "AMobile"],
            "the greatest first",
        )
        .await;
    stage.press("Mon 2 Nov").await;
    stage
        .until(|| names() == ["AMobile", "A(not set)"], "the least first")
        .await;
    assert_eq!(sorted(), by("Mon 2 Nov", "ascending"));
}

#[wasm_bindgen_test]
async fn the_interval_and_the_previous_range_are_asked_for_above_the_chart() {
    let (stage, bodies) = show(query(&[of("Order", "total")], false));
    stage.wait_for(".seg-table tbody tr").await;
    // Each has one control on the page.
    assert_eq!(stage.texts(".tool__panel select").len(), 1);
    assert_eq!(stage.texts("[role=switch]").len(), 4);
    stage.get(".seg-toggle input").click();
    choose(&stage, "Interval", "Week").await;
    stage
        .until(
            || {
                asked(&bodies, "POST /query")
                    .last()
                    .is_some_and(|sent| sent["interval"] == "week" && sent["compare"].is_null())
            },
            "weeks without what was before",
        )
        .await;
    stage
        .until(
            || !stage.texts(".seg-table thead")[0].contains("vs 3 days before"),
            "the column of changes to go",
        )
        .await;
}

#[wasm_bindgen_test]
async fn the_toolbar_is_there_before_there_is_an_answer() {
    let mut unfinished = query(&[of("Order", "users")], false);
    unfinished["formulas"] = json!([{"name": "x", "expression": "A / C"}]);
    unfinished["during"] = json!({"type": "all_time"});
    let (stage, _) = show(unfinished);
    stage
        .until(
            || stage.texts(".us-empty h2") == ["Finish the query"],
            "what is missing",
        )
        .await;
    choose(&stage, "Interval", "Month").await;
    choose(&stage, "Chart", "Bar").await;
    let switches = stage.texts(".seg-bar .is-off");
    assert_eq!(switches, ["Previous period", "Cumulative"]);
    assert!(stage.named("Why Previous period is off").is_some());
}

#[wasm_bindgen_test]
async fn the_stamp_says_that_user_properties_are_as_they_are_now() {
    let says = "User properties are current values";
    let (stage, _) = show(query(&[of("Order", "users")], true));
    stage.wait_for(".us-asof").await;
    assert!(!stage.texts(".us-asof")[0].contains(says));
    drop(stage);
    let mut by_user = query(&[of("Order", "users")], true);
    by_user["group_by"] = json!([{"scope": "user", "name": "plan"}]);
    let (stage, _) = show(by_user);
    stage.wait_for(".us-asof").await;
    assert!(stage.texts(".us-asof")[0].contains(says));
}

#[wasm_bindgen_test]
async fn the_answer_is_shown_as_table_and_as_numbers() {
    let (stage, _) = show(query(&[of("Order", "users")], true));
    stage.wait_for(".seg-pane").await;
    choose(&stage, "Chart", "Table").await;
    stage.wait_for(".seg-table--all").await;
    let heads = stage.texts(".seg-table--all thead th");
    assert_eq!(
        heads,
        [
            "Series",
            "Whole range",
            "Sun 1 Nov",
            "Mon 2 Nov",
            "Tue 3 Nov, so far",
            "vs 3 days before"
        ]
    );
    let first = stage.texts(".seg-table--all tbody tr:first-child td");
    assert_eq!(first[..4], ["200", "100", "110", "1"]);
    choose(&stage, "Chart", "Number").await;
    stage.wait_for(".seg-number").await;
    assert_eq!(stage.texts(".seg-number__figure"), ["200", "202"]);
}

#[wasm_bindgen_test]
async fn a_cell_and_a_point_are_chosen_with_their_users() {
    let (stage, bodies) = show(query(&[of("Order", "users")], true));
    stage.press("110, A Mobile, Mon 2 Nov").await;
    stage
        .until(
            || !asked(&bodies, "POST /selection").is_empty(),
            "the users to be counted",
        )
        .await;
    assert_eq!(
        asked(&bodies, "POST /selection")[0]["selection"],
        json!({"measure": 0, "group": ["Mobile"], "bucket": "2026-11-02T00:00:00.000Z"})
    );
    // As of the answer, not of a moment later.
    assert_eq!(
        asked(&bodies, "POST /selection")[0]["query"]["as_of"],
        "2026-11-03T12:00:00.000Z"
    );
    stage.wait_for(".pick").await;
    let menu = stage.texts(".pick")[0].clone();
    for words in [
        "110 users in Mobile",
        "Mon 2 Nov 2026, 00:00 to 24:00 UTC.",
        "All groups, whole range",
    ] {
        assert!(menu.contains(words), "{words} in {menu}");
    }
    stage.press("Close").await;
    stage
        .until(|| stage.texts(".seg-chosen").len() == 1, "what is chosen")
        .await;
    stage.press("Clear selection").await;
    stage
        .until(
            || stage.find(".seg-chosen").is_none(),
            "nothing to be chosen",
        )
        .await;
    let chart = stage.get("[aria-roledescription=chart]");
    chart.focus().unwrap();
    key(&chart, "Home").await;
    key(&chart, "Enter").await;
    stage
        .until(
            || {
                asked(&bodies, "POST /selection")
                    .last()
                    .is_some_and(|sent| sent["selection"]["bucket"] == "2026-11-01T00:00:00.000Z")
            },
            "the first day to be chosen by keys",
        )
        .await;
}

#[wasm_bindgen_test]
async fn a_formula_is_written_and_what_is_wrong_with_it_is_told_at_its_field() {
    let (stage, bodies) = show(query(&[of("Order", "users"), of("Visit", "users")], false));
    stage.wait_for(".seg-table tbody tr").await;
    stage.press("Formula").await;
    let field = stage.wait_for(".seg-formula__text").await;
    write(&field, "A / C").await;
    stage
        .until(
            || {
                stage
                    .texts(".seg-formula .us-error")
                    .first()
                    .is_some_and(|error| error.contains("there is no row C"))
            },
            "what is wrong",
        )
        .await;
    write(&field, "A / B").await;
    stage
        .until(
            || {
                asked(&bodies, "POST /query").last().is_some_and(|sent| {
                    sent["formulas"] == json!([{"name": "A / B", "expression": "A / B"}])
                })
            },
            "the formula to be asked for",
        )
        .await;
    stage
        .until(|| stage.texts(".seg-table tbody tr").len() == 3, "its row")
        .await;
    // The same field is still there, and a formula has no users.
    assert_eq!(field.unchecked_ref_value(), "A / B");
    assert!(
        stage
            .find(".seg-table tbody tr:last-child button.seg-cell")
            .is_none()
    );
}

#[wasm_bindgen_test]
async fn no_match_says_what_to_loosen() {
    let (stage, bodies) = show(query(&[of("Nothing", "users")], false));
    stage
        .until(
            || stage.texts(".us-empty h2") == ["No match"],
            "that nothing was found",
        )
        .await;
    stage.press("Use the last 12 months").await;
    stage.wait_for(".seg-table tbody tr").await;
    let sent = asked(&bodies, "POST /query").pop().unwrap();
    assert_eq!(
        sent["during"],
        json!({"type": "last", "count": 12, "unit": "month"})
    );
    assert_eq!(sent["interval"], "month");
}

/// What stands in a field.
trait Written {
    fn unchecked_ref_value(&self) -> String;
}

impl Written for web_sys::HtmlElement {
    fn unchecked_ref_value(&self) -> String {
        wasm_bindgen::JsCast::unchecked_ref::<HtmlInputElement>(self).value()
    }
}
