//! Links: what is written comes back, what is broken opens as far as it can, what was written once opens for ever.

use proptest::prelude::*;
use segments_format::url::Params;
use segments_model::query::Query;
use segments_model::segment::Origin;
use segments_model::selection::Selection;
use segments_model::validate::decode_value;
use serde_json::{Value, json};

use crate::link::{Link, Opened, PARAM};
use crate::tool::Tool;

fn query(json: Value) -> Query {
    decode_value(json.clone()).unwrap_or_else(|errors| panic!("{json}: {errors:?}"))
}

fn link(json: Value) -> Link {
    Link {
        query: query(json),
        view: Value::Null,
        selection: None,
    }
}

fn segmentation() -> Value {
    json!({
        "tool": "segmentation",
        "measures": [
            {"event": "Order Completed", "aggregate": {"of": "users"},
                "where": {"type": "property", "scope": "event", "name": "payment", "op": "is_not", "values": ["gift card"]}},
            {"event": "Order Completed", "aggregate": {"of": "average", "property": "order_value"}},
        ],
        "group_by": [{"scope": "event", "name": "device"}],
        "during": {"type": "last", "count": 30, "unit": "day"},
        "interval": "day",
    })
}

fn funnel() -> Value {
    json!({
        "tool": "funnel",
        "steps": [{"event": "Product Viewed"}, {"event": "Added to Cart"}, {"event": "Checkout Started", "optional": true},
            {"event": "Order Completed"}],
        "order": "sequential",
        "within": {"of": "funnel", "count": 7, "unit": "day"},
        "exclude": [{"event": "Removed from Cart", "from": 2, "to": 4}],
        "during": {"type": "last", "count": 30, "unit": "day"},
        "group_by": {"scope": "event", "name": "device", "step": 1},
    })
}

fn cohort() -> Value {
    json!({
        "tool": "cohort",
        "start": [{"event": "Signed Up"}],
        "first_time": true,
        "return": {"event": "Order Completed"},
        "measure": {"of": "users"},
        "generation": {"of": "time"},
        "unit": "week",
        "periods": 8,
        "match": "on",
        "cumulative": false,
        "during": {"type": "last", "count": 12, "unit": "week"},
        "audience": {"type": "segment", "id": "seg_1"},
    })
}

/// Queries with awkward names and every kind of part.
fn any_query() -> impl Strategy<Value = Query> {
    let name = prop_oneof!["[A-Za-z ]{1,12}", "[(),:!+&%'\"0-9 ]{1,6}", any::<String>()];
    let scalar = prop_oneof![
        name.clone().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        (-4_000..4_000_i32).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
    ];
    let filter = (name.clone(), prop::collection::vec(scalar, 1..3), any::<bool>()).prop_map(
        |(name, values, any)| {
            let property =
                json!({"type": "property", "scope": "event", "name": name, "op": "is", "values": values});
            if any {
                json!({"type": "any", "of": [property, {"type": "segment", "id": name}]})
            } else {
                property
            }
        },
    );
    let event =
        (prop::option::of(name.clone()), prop::option::of(filter)).prop_map(|(event, filter)| {
            match filter {
                Some(filter) => json!({"event": event, "where": filter}),
                None => json!({"event": event}),
            }
        });
    let events = prop::collection::vec(event.clone(), 1..4);
    let during = prop::sample::select(vec![
        json!({"type": "last", "count": 7, "unit": "day"}),
        json!({"type": "all_time"}),
        json!({"type": "between", "from": "2026-01-02", "to": "2026-02-03"}),
        json!({"type": "instants", "start": "2026-01-02T03:04:05.678Z", "end": "2026-01-03T03:04:05.678Z"}),
        json!({"type": "last", "count": 3, "unit": "month", "complete": true}),
    ]);
    let audience = prop::option::of((name, during.clone()).prop_map(|(name, during)| {
        json!({"type": "all", "of": [
            {"type": "segment", "id": name},
            {"type": "event", "event": name, "during": during, "compare": {"op": "at_least", "value": 2.0}},
            {"type": "sequence", "steps": [{"event": name}], "during": during, "reached": 1, "order": "strict"},
        ]})
    }));
    let choice = prop::sample::select(vec!["sequential", "strict", "any"]);
    (events, event, during, audience, choice, any::<bool>(), 0..3_u8).prop_map(
        |(events, event, during, audience, order, flag, tool)| {
            let aggregate = |mut event: Value| {
                event["aggregate"] = if flag {
                    json!({"of": "sum", "property": "price", "per_user": true})
                } else {
                    json!({"of": "total"})
                };
                event
            };
            query(match tool {
                0 => json!({"tool": "segmentation", "during": during, "interval": "week", "audience": audience,
                    "measures": events.into_iter().map(aggregate).collect::<Vec<_>>(),
                    "compare": flag.then_some("previous_range")}),
                1 => json!({"tool": "funnel", "steps": events, "order": order, "during": during, "audience": audience,
                    "max_groups": flag.then_some(5)}),
                _ => json!({"tool": "cohort", "start": events, "return": event, "first_time": flag, "unit": "day",
                    "periods": 7, "match": "on", "cumulative": flag, "during": during, "audience": audience,
                    "measure": if flag { json!({"of": "sum", "property": "price"}) } else { json!({"of": "users"}) },
                    "generation": if flag { json!({"of": "segment", "id": "s"}) } else { json!({"of": "time"}) }}),
            })
        },
    )
}

/// A view as a page may have it: any object of plain values.
fn any_view() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        ("[a-z]{1,5}", any::<String>(), any::<i32>())
            .prop_map(|(name, text, number)| json!({name: [text, number, {"on": true}]})),
    ]
}

proptest! {
    #[test]
    fn every_link_comes_back_through_the_address(query in any_query(), view in any_view()) {
        let selection = match &query {
            Query::Segmentation(_) => json!({"measure": 0, "group": ["a", null, 1.5, true]}),
            Query::Funnel(_) if view.is_null() => json!({"path": [1], "group": [null]}),
            Query::Funnel(_) => json!({"step": 1, "outcome": "dropped", "bucket": "2026-01-02T03:04:05.678Z"}),
            Query::Cohort(_) => json!({"generation": null, "period": 3, "outcome": "returned"}),
        };
        let link = Link { view, selection: serde_json::from_value(selection).ok(), query };
        prop_assert!(link.selection.is_some());
        let address = Params::new().with(PARAM, link.write()).to_readable_query();
        prop_assert!(address.ends_with("v:1"), "{address}");
        prop_assert!(address.chars().all(|character| character.is_ascii_graphic() && !"\"'<>#".contains(character)));
        let params = Params::parse(&address);
        let opened = Link::read(params.get(PARAM).unwrap_or_default(), Tool::of(&link.query));
        prop_assert_eq!(opened, Ok(Opened { link, lost: Vec::new() }));
    }

    #[test]
    fn a_link_cut_off_anywhere_opens_or_says_why(query in any_query(), cut in any::<prop::sample::Index>()) {
        let tool = Tool::of(&query);
        let text = Link { query, view: Value::Null, selection: None }.write();
        let at = cut.index(text.chars().count());
        let start: String = text.chars().take(at).collect();
        if let Ok(opened) = Link::read(&start, tool) {
            prop_assert!(!opened.lost.is_empty(), "{start}");
        }
    }

    #[test]
    fn whatever_is_changed_in_a_link_opens_or_says_why(
        query in any_query(),
        cut in any::<prop::sample::Index>(),
        instead in prop::sample::select(vec!["x", "(", ")", ":", ",", "!", "1"]),
    ) {
        let tool = Tool::of(&query);
        let text = Link { query, view: Value::Null, selection: None }.write();
        let at = cut.index(text.chars().count());
        let changed: String = text
            .chars()
            .enumerate()
            .map(|(place, character)| if place == at { instead.to_owned() } else { character.to_string() })
            .collect();
        let _ = Link::read(&changed, tool);
    }

    #[test]
    fn json_opens_as_it_is_in_the_contract(query in any_query()) {
        let tool = Tool::of(&query);
        let text = serde_json::to_string(&query).unwrap_or_default();
        let opened = Link::read(&text, tool).map(|opened| (opened.link.query, opened.lost));
        prop_assert_eq!(opened, Ok((query, Vec::new())));
    }
}

#[test]
fn links_are_shorter_than_encoded_json() {
    for (json, most) in [(segmentation(), 0.6), (funnel(), 0.6), (cohort(), 0.4)] {
        let written = |text: String| Params::new().with(PARAM, text);
        let encoded = written(json.to_string()).to_query().len();
        let short = written(link(json).write()).to_readable_query();
        assert!(
            (short.len() as f64) < most * encoded as f64,
            "{} of {encoded}: {short}",
            short.len()
        );
    }
}

/// Each fixture is a tool, a link and, on the next line, the query that it opens.
#[test]
fn links_of_version_1_open_for_ever() {
    let mut lines = include_str!("v1.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    while let (Some(address), Some(json)) = (lines.next(), lines.next()) {
        let (tool, address) = address.split_once('?').unwrap_or_default();
        let tool = Tool::ALL
            .into_iter()
            .find(|known| known.word() == tool)
            .unwrap_or_else(|| panic!("no tool in {address}"));
        let expected: Value = serde_json::from_str(json).unwrap_or_default();
        let params = Params::parse(address);
        let opened = Link::read(params.get(PARAM).unwrap_or_default(), tool)
            .unwrap_or_else(|error| panic!("{address}: {error}"));
        assert_eq!(opened.lost, Vec::<String>::new(), "{address}");
        let found = json!({
            "query": opened.link.query,
            "view": opened.link.view,
            "selection": opened.link.selection,
        });
        assert_eq!(found, expected, "{address}");
        // It is still what is written.
        let again = Params::new().with(PARAM, opened.link.write());
        assert_eq!(again.to_readable_query(), format!("?{address}"));
        count += 1;
    }
    assert!(count >= 5, "{count} links");
}

fn lost(tool: Tool, json: Value) -> Vec<String> {
    Link::read(&json.to_string(), tool)
        .unwrap_or_else(|error| panic!("{json}: {error}"))
        .lost
}

#[test]
fn a_row_that_cannot_be_understood_is_left_out_and_told() {
    let mut json = segmentation();
    let row = json!({"event": "Order Completed", "aggregate": {"of": "p99", "property": "price"}});
    json["measures"]
        .as_array_mut()
        .map(|rows| rows.push(row))
        .unwrap_or_default();
    assert_eq!(
        lost(Tool::Segmentation, json.clone()),
        ["Measure C was left out: it names an unknown figure 'p99'."]
    );
    // Rows are named as the link counts them, whatever else went.
    json["measures"][0]["aggregate"] = json!({"of": 5});
    json["formulas"] = json!([{"name": "A per B", "expression": "A / B"}]);
    json["view"] = Value::Null;
    let opened = Link::read(
        &json!({"query": json, "view": {"chart": "bar"}, "v": 1}).to_string(),
        Tool::Segmentation,
    );
    let opened = opened.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        opened.lost,
        [
            "\"view\" of the Segmentation query was left out: \"view\" is not a known field.",
            "Measure A was left out: it has a figure that does not fit: 5.",
            "Measure C was left out: it names an unknown figure 'p99'.",
            "The list of formulas was left out: the rows have different letters now.",
            "The view was left out because the rows it refers to have changed.",
        ]
    );
    let Query::Segmentation(query) = opened.link.query else {
        panic!("another tool");
    };
    assert_eq!((query.measures.len(), query.formulas.len()), (1, 0));
}

#[test]
fn a_part_that_can_be_done_without_goes_alone() {
    let mut json = funnel();
    json["steps"][1]["where"] = json!({"type": "any", "of": [
        {"type": "property", "scope": "event", "name": "a", "op": "rhymes_with", "values": ["b"]},
        {"type": "property", "scope": "event", "name": "a", "op": "is", "values": ["c"]},
    ]});
    json["within"]["unit"] = "fortnight".into();
    json["colour"] = "red".into();
    let opened = Link::read(&json.to_string(), Tool::Funnel);
    let opened = opened.unwrap_or_else(|error| panic!("{error}"));
    let mut told = opened.lost;
    told.sort();
    assert_eq!(
        told,
        [
            "\"colour\" of the Funnel query was left out: \"colour\" is not a known field.",
            "A condition of step 2 was left out: it names an unknown operator 'rhymes_with'.",
            "The conversion window was left out: it names an unknown unit 'fortnight'.",
        ]
    );
    let kept = serde_json::to_value(&opened.link.query).unwrap_or_default();
    assert_eq!(kept["steps"][1]["where"]["of"][0]["values"], json!(["c"]));
    assert_eq!(kept["steps"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_group_that_has_lost_all_its_parts_goes() {
    let mut json = segmentation();
    json["audience"] = json!({"type": "all", "of": [
        {"type": "any", "of": [{"type": "user", "where": {"type": "property"}}]},
        {"type": "segment", "id": "s"},
    ]});
    let opened = Link::read(&json.to_string(), Tool::Segmentation);
    let opened = opened.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.lost.len(), 1, "{:?}", opened.lost);
    let kept = serde_json::to_value(opened.link.query.audience()).unwrap_or_default();
    assert_eq!(
        kept,
        json!({"type": "all", "of": [{"type": "segment", "id": "s"}]})
    );
}

#[test]
fn a_reason_does_not_depend_on_what_the_link_says() {
    let mut json = segmentation();
    json["measures"][0]["x is missing"] = json!({});
    json["measures"][1]["there is no field"] = json!(["one of"]);
    assert_eq!(
        lost(Tool::Segmentation, json),
        [
            "A part of measure A was left out: \"x is missing\" is not a known field.",
            "A part of measure B was left out: \"there is no field\" is not a known field.",
        ]
    );
}

#[test]
fn what_every_query_has_is_as_in_a_new_one() {
    let mut json = segmentation();
    json["during"] = json!({"type": "last", "count": -1, "unit": "day"});
    json.as_object_mut().map(|fields| fields.remove("interval"));
    assert_eq!(
        lost(Tool::Segmentation, json),
        [
            "The interval is missing.",
            "The date range was left out: it has a value that does not fit: -1.",
        ]
    );
}

#[test]
fn what_is_chosen_has_to_be_there() {
    let rows = (Tool::Segmentation, segmentation());
    let steps = json!([{"event": "A"}, {"event": "B", "optional": true}, {"event": "C"}]);
    let steps = (
        Tool::Funnel,
        json!({"steps": steps, "during": {"type": "all_time"}}),
    );
    for ((tool, query), selection, is_kept) in [
        (&rows, json!({"measure": 1}), true),
        (&rows, json!({"measure": 2}), false),
        (&rows, json!({"step": 1, "outcome": "reached"}), false),
        (&rows, json!({"path": [1]}), false),
        (&rows, json!("all"), false),
        (&steps, json!({"step": 3, "outcome": "reached"}), true),
        (&steps, json!({"step": 4, "outcome": "reached"}), false),
        (&steps, json!({"path": [1, 3]}), true),
        (&steps, json!({"path": [1, 4]}), false),
    ] {
        let text = json!({"query": query, "selection": selection, "v": 1}).to_string();
        let opened = Link::read(&text, *tool);
        let opened = opened.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.link.selection.is_some(), is_kept, "{selection}");
        assert_eq!(opened.lost.is_empty(), is_kept, "{selection}");
    }
}

#[test]
fn a_link_of_another_kind_says_so() {
    for (text, tool, words) in [
        ("", Tool::Funnel, "no query"),
        ("hello", Tool::Funnel, "no query"),
        ("{", Tool::Funnel, "JSON"),
        (
            r#"{"tool": "funnel"}"#,
            Tool::Cohort,
            "another tool: Funnel",
        ),
        (r#"{"tool": "map"}"#, Tool::Cohort, "unknown tool"),
        ("query:(steps:(7)),v:1", Tool::Funnel, "no valid"),
    ] {
        let error = Link::read(text, tool).expect_err(text);
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_newer_link_opens_as_far_as_it_is_understood() {
    let mut text = link(segmentation()).write();
    assert!(text.ends_with(",v:1"));
    text.truncate(text.len() - 1);
    let opened = Link::read(&format!("{text}2"), Tool::Segmentation);
    let opened = opened.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.link, link(segmentation()));
    assert_eq!(opened.lost.len(), 1);
    assert!(opened.lost[0].contains("version 2"), "{:?}", opened.lost);
}

#[test]
fn the_origin_of_a_segment_opens_the_same_way() {
    let mut query = funnel();
    query["steps"][3]["event"] = 5.into();
    let origin = Origin {
        query,
        selection: json!({"step": 2, "outcome": "dropped"}),
        view: json!({"chart": "steps"}),
    };
    let opened = Link::of_origin(&origin).unwrap_or_else(|error| panic!("{error}"));
    assert!(
        opened.lost[0].starts_with("Step 4 was left out"),
        "{:?}",
        opened.lost
    );
    assert_eq!(opened.link.selection, None::<Selection>);
    let nothing = Origin {
        query: Value::Null,
        selection: Value::Null,
        view: Value::Null,
    };
    assert!(Link::of_origin(&nothing).is_err());
}
