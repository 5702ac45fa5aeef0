//! The parts of the query panel, by keyboard and pointer.

use std::rc::Rc;

use leptos::prelude::*;
use segments_forms::audience::AudienceForm;
use segments_forms::event::EventChoice;
use segments_forms::group::GroupForm;
use segments_forms::occurrence::{Occurrence, OccurrenceForm};
use segments_forms::rows::{RowId, Rows};
use segments_model::Criterion;
use segments_model::query::GroupBy;
use segments_ui::task::sleep;
use serde_json::{Value, json};
use user_segments::client::{Call, Client};
use user_segments::parts::audience::AudienceEditor;
use user_segments::parts::group::GroupByEditor;
use user_segments::parts::occurrence::OccurrenceEditor;
use user_segments::parts::rows::{AddRow, RowKind, RowList, letter_mark};
use user_segments::parts::vocabulary::Vocabulary;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, KeyboardEvent, KeyboardEventInit, PointerEvent, PointerEventInit};

use super::stage::{Reply, Scripted, Stage, focused, key, tick, write};

fn vocabulary() -> Vocabulary {
    let segment = |id: &str, name: &str, users: u64| {
        json!({
            "id": id, "name": name, "description": "", "category": "", "kind": "dynamic", "time_zone": "UTC",
            "creator": {"id": "me", "name": "Maya"}, "created_at": "2026-01-02T03:04:05.000Z",
            "updated_at": "2026-01-02T03:04:05.000Z", "version": 1, "sentence": "users", "hash": "h",
            "evaluation": {"as_of": "2026-01-02T03:04:05.000Z", "users": users, "share": 0.5, "status": "ready"},
        })
    };
    let event = |name: &str, more: Value| {
        let mut event = json!({"name": name, "volume": 1500, "users": 5, "first_seen": null, "last_seen": null,
            "properties": [], "hidden": false});
        for (key, value) in more.as_object().unwrap() {
            event[key] = value.clone();
        }
        event
    };
    let dictionary = json!({
        "data_version": "1",
        "events": [
            event("Order Completed", json!({"description": "Paid at the till", "category": "Shop"})),
            event("signup", json!({"display_name": "Signed Up", "category": "Account"})),
            event("Debug", json!({"hidden": true})),
        ],
        "event_properties": [
            {"name": "payment", "type": "string", "volume": 9, "fill_rate": 0.5, "events": ["Order Completed"],
                "samples": [], "hidden": false},
            {"name": "source", "type": "string", "volume": 9, "fill_rate": 1.0, "events": ["signup"], "samples": [],
                "hidden": false},
        ],
        "user_properties": [
            {"name": "plan", "type": "string", "volume": 9, "fill_rate": 1.0, "samples": [], "hidden": false},
        ],
    });
    let segments = json!({
        "items": [segment("a", "Buyers", 6702), segment("b", "Testers", 3)], "next_cursor": null, "total": 2,
        "facets": {"dynamic": 2, "static": 0, "archived": 0, "categories": [], "creators": []},
    });
    Vocabulary::known(
        serde_json::from_value(dictionary).unwrap(),
        serde_json::from_value(segments).unwrap(),
    )
}

/// Suggests values and counts what is built.
fn backend() -> Client {
    Client::new(Rc::new(Scripted::new(|call: &Call, _| {
        if call.path.ends_with("/preview") {
            return Reply::Json(
                200,
                json!({
                    "stamp": {"as_of": "2026-01-02T03:04:05.000Z", "time_zone": "UTC", "start": null, "end": null,
                        "unit": "users", "exact": true, "data_version": "1", "took_ms": 3},
                    "users": 1234, "share": 0.25, "all_users": 4000, "sentence": "users", "criteria": [], "sample": [],
                    "lint": [], "changes": null,
                }),
            );
        }
        Reply::Json(
            200,
            json!({"items": [{"value": "gift card", "count": 7}, {"value": "invoice", "count": 2}], "total": 2}),
        )
    })))
}

async fn chord(name: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(name);
    init.set_alt_key(true);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    focused().dispatch_event(&event).unwrap();
    tick().await;
}

fn point(element: &HtmlElement, name: &str, y: f64) {
    let init = PointerEventInit::new();
    init.set_pointer_id(7);
    init.set_client_y(y.round() as i32);
    init.set_bubbles(true);
    let event = PointerEvent::new_with_event_init_dict(name, &init).unwrap();
    element.dispatch_event(&event).unwrap();
}

async fn focus_on(stage: &Stage, label: &str) {
    stage
        .until(
            || focused().get_attribute("aria-label").as_deref() == Some(label),
            &format!("the focus on {label}"),
        )
        .await;
}

// ---- occurrences

fn occurrence(form: OccurrenceForm) -> (Stage, RwSignal<OccurrenceForm>) {
    let value = RwSignal::new(form);
    let stage = Stage::show(move || {
        provide_context(vocabulary());
        provide_context(backend());
        view! {
            <div class="query-card">
                <OccurrenceEditor
                    value
                    on_change=Callback::new(move |(_, form)| value.set(form))
                    owner="measure A"
                />
            </div>
        }
    });
    (stage, value)
}

fn said(value: RwSignal<OccurrenceForm>) -> Value {
    let said = Occurrence::try_from(&value.get_untracked()).unwrap();
    json!({"event": said.event, "where": said.filter, "did": said.did})
}

#[wasm_bindgen_test]
async fn an_event_is_chosen_by_keyboard_from_a_list_that_says_what_it_means() {
    let (stage, value) = occurrence(OccurrenceForm::default());
    let token = stage.get(".us-tok--event");
    assert_eq!(token.text_content().unwrap(), "Choose an event");
    token.focus().unwrap();
    token.click();
    let field = stage.wait_for("[role=combobox]").await;
    stage.until(|| focused() == field, "the focus").await;
    stage.wait_for("[role=option]").await;
    // Hidden events are left out; the others stand by category.
    assert_eq!(
        stage.texts("[role=option] .us-truncate"),
        ["Any event", "Order Completed", "Signed Up"]
    );
    assert_eq!(
        stage.texts(".us-listbox .us-menu__title"),
        ["Shop", "Account"]
    );
    // What an event means is searched, too.
    write(&field, "till").await;
    assert_eq!(
        stage.texts("[role=option] .us-option__means"),
        ["Paid at the till"]
    );
    let option = stage.get("[role=option]");
    assert!(
        option
            .get_attribute("aria-label")
            .unwrap()
            .starts_with("Order Completed, ")
    );
    let means = option.get_attribute("aria-describedby").unwrap();
    assert_eq!(stage.texts(&format!("#{means}")), ["Paid at the till"]);
    key(&field, "ArrowDown").await;
    key(&field, "Enter").await;
    assert_eq!(
        value.get_untracked().event,
        EventChoice::Named("Order Completed".to_owned())
    );
    assert_eq!(stage.texts(".us-tok--event"), ["Order Completed"]);
    assert!(
        stage.find("a[href$='/dictionary']").is_none(),
        "the list is closed"
    );
}

#[wasm_bindgen_test]
async fn what_is_typed_takes_the_place_of_the_event_that_is_chosen() {
    let (stage, value) = occurrence(OccurrenceForm::of(&Some("signup".to_owned()), None, &[]));
    let token = stage.get(".us-tok--event");
    token.focus().unwrap();
    token.click();
    let field = stage.wait_for("[role=combobox]").await;
    let field: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(field);
    stage
        .until(|| field.value() == "Signed Up", "the event")
        .await;
    let is_selected = || field.selection_end().unwrap() == Some("Signed Up".len() as u32);
    stage.until(is_selected, "the event to be selected").await;
    assert_eq!(field.selection_start().unwrap(), Some(0));
    write(&field, "ord").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked().event.name(), Some("Order Completed"));
    // The focus is where the next one is chosen from.
    stage.until(|| focused() == token, "the focus").await;
}

#[wasm_bindgen_test]
async fn a_number_is_written_at_once_and_wrong_only_when_something_is() {
    let filter = json!({"type": "property", "scope": "event", "name": "total", "op": "at_least", "values": [7]});
    let filter = serde_json::from_value(filter).unwrap();
    let (stage, _) = occurrence(OccurrenceForm::of(
        &Some("Order Completed".to_owned()),
        Some(&filter),
        &[],
    ));
    stage.press("Values of total: 7").await;
    let field = stage.wait_for(".query-where [inputmode]").await;
    stage.until(|| focused() == field, "the focus").await;
    write(&field, "x").await;
    assert_eq!(field.get_attribute("aria-invalid").as_deref(), Some("true"));
    write(&field, "9").await;
    stage.press("Values of total: 9").await;
    stage.press("Operator of total: is at least").await;
    stage.press("is between").await;
    stage.press("Values of total: 9 and \u{2026}").await;
    stage
        .until(
            || stage.texts(".query-where [inputmode]").len() == 2,
            "two fields",
        )
        .await;
    assert!(
        stage.find("[aria-invalid]").is_none(),
        "nothing was written into the second yet"
    );
}

#[wasm_bindgen_test]
async fn an_event_that_the_data_lacks_is_warned_of() {
    let (stage, value) = occurrence(OccurrenceForm::of(&Some("Gone".to_owned()), None, &[]));
    assert_eq!(stage.texts(".us-tok--event.us-tok--bad"), ["Gone"]);
    value.update(|value| value.event = EventChoice::Named("signup".to_owned()));
    tick().await;
    assert!(stage.find(".us-tok--bad").is_none());
    assert_eq!(stage.texts(".us-tok--event"), ["Signed Up"]);
}

#[wasm_bindgen_test]
async fn a_filter_is_added_with_a_suggested_value_and_taken_away_with_the_focus_kept() {
    let (stage, value) = occurrence(OccurrenceForm::of(
        &Some("Order Completed".to_owned()),
        None,
        &[],
    ));
    stage.press("Add a condition to measure A").await;
    stage.press("Where\u{2026}").await;
    let field = stage.wait_for(".query-where [role=combobox]").await;
    stage.until(|| focused() == field, "the focus").await;
    write(&field, "pay").await;
    key(&field, "Enter").await;
    stage.press("Values of payment: \u{2026}").await;
    let values = stage
        .wait_for(".query-where [aria-label=Values][role=combobox]")
        .await;
    stage
        .until(
            || !stage.texts(".us-listbox [role=option]").is_empty(),
            "suggestions",
        )
        .await;
    key(&values, "ArrowDown").await;
    key(&values, "Enter").await;
    assert_eq!(
        said(value)["where"],
        json!({"type": "property", "scope": "event", "name": "payment", "op": "is", "values": ["gift card"]})
    );
    // The same button adds another condition.
    stage.press("Add a condition to measure A").await;
    stage.wait_for("[role=menuitem]").await;
    assert_eq!(
        stage.texts("[role=menuitem]"),
        ["And where\u{2026}", "Did\u{2026}", "Did not\u{2026}"]
    );
    key(&focused(), "Escape").await;
    stage.named("payment").unwrap().click();
    stage.press("Remove condition").await;
    assert_eq!(said(value)["where"], Value::Null);
    focus_on(&stage, "Add a condition to measure A").await;
}

#[wasm_bindgen_test]
async fn what_else_was_done_is_added_changed_and_taken_away() {
    let (stage, value) = occurrence(OccurrenceForm::of(
        &Some("Order Completed".to_owned()),
        None,
        &[],
    ));
    stage.press("Add a condition to measure A").await;
    stage.press("Did not\u{2026}").await;
    let field = stage.wait_for(".query-did [role=combobox]").await;
    stage.until(|| focused() == field, "the focus").await;
    write(&field, "sign").await;
    key(&field, "Enter").await;
    assert_eq!(
        said(value)["did"],
        json!([{"performed": false, "event": "signup", "when": "before"}])
    );
    stage.press("before it").await;
    let choose = |label: &str| {
        let place = stage
            .texts(".query-did .us-seg label")
            .iter()
            .position(|text| text == label)
            .unwrap();
        let inputs = document()
            .query_selector_all(".query-did .us-seg input")
            .unwrap();
        let input: HtmlElement = wasm_bindgen::JsCast::unchecked_into(
            inputs.get(u32::try_from(place).unwrap()).unwrap(),
        );
        input.click();
    };
    stage.wait_for(".query-did .us-seg").await;
    choose("After it");
    choose("Within");
    tick().await;
    let number = stage.wait_for(".query-did input[inputmode=decimal]").await;
    write(&number, "0").await;
    assert!(
        !stage.texts(".query-did .us-error").is_empty(),
        "0 days are no time"
    );
    assert_eq!(
        said(value)["did"][0]["within"],
        json!({"count": 7, "unit": "day"})
    );
    write(&number, "1,000").await;
    assert_eq!(said(value)["did"][0]["within"]["count"], json!(1_000));
    number
        .dispatch_event(&web_sys::Event::new("change").unwrap())
        .unwrap();
    tick().await;
    let field: &web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_ref(&number);
    assert_eq!(field.value(), "1000", "how it was read");
    write(&number, "3").await;
    assert_eq!(
        said(value)["did"],
        json!([{"performed": false, "event": "signup", "when": "after", "within": {"count": 3, "unit": "day"}}])
    );
    assert!(
        stage
            .texts(".us-tok")
            .contains(&"after it within 3 days".to_owned())
    );
    // The same, read back.
    let read = Occurrence::try_from(&value.get_untracked()).unwrap();
    assert_eq!(
        OccurrenceForm::of(&read.event, read.filter.as_ref(), &read.did),
        value.get_untracked()
    );
    stage
        .press("Remove \u{201c}did not\u{201d} of measure A")
        .await;
    assert_eq!(said(value)["did"], json!([]));
    focus_on(&stage, "Add a condition to measure A").await;
}

// ---- breakdown

#[wasm_bindgen_test]
async fn a_breakdown_is_chosen_ordered_and_taken_away() {
    let value = RwSignal::new(Vec::<GroupForm>::new());
    let stage = Stage::show(move || {
        provide_context(vocabulary());
        view! {
            <GroupByEditor
                value
                most=2
                events=Signal::stored(vec!["signup".to_owned()])
                on_change=Callback::new(move |groups| value.set(groups))
            />
        }
    });
    let groups = || {
        let groups: Vec<_> = value.get_untracked().iter().map(GroupBy::from).collect();
        serde_json::to_value(groups).unwrap()
    };
    stage.press("Property or segment").await;
    let field = stage.wait_for("[role=combobox]").await;
    stage.wait_for("[role=option]").await;
    assert_eq!(
        stage.texts(".us-listbox .us-menu__title"),
        [
            "Properties of signup",
            "Other event properties",
            "User properties",
            "User segments"
        ]
    );
    write(&field, "source").await;
    key(&field, "Enter").await;
    focus_on(&stage, "Breakdown 1: source of the event").await;
    stage.press("Property or segment").await;
    let field = stage.wait_for("[role=combobox]").await;
    write(&field, "buyers").await;
    key(&field, "Enter").await;
    let (source, buyers) = (
        json!({"scope": "event", "name": "source"}),
        json!({"segment": "a"}),
    );
    assert_eq!(groups(), json!([source, buyers]));
    // There are as many as there may be.
    assert!(stage.named("Property or segment").is_none());
    focus_on(&stage, "Breakdown 2: In Buyers").await;
    chord("ArrowUp").await;
    assert_eq!(groups(), json!([buyers, source]));
    focus_on(&stage, "Breakdown 1: In Buyers").await;
    assert_eq!(
        stage.texts("[role=status]"),
        ["Moved In Buyers to position 1 of 2"]
    );
    chord("ArrowUp").await;
    assert_eq!(groups(), json!([buyers, source]));
    stage.press("Remove breakdown In Buyers").await;
    assert_eq!(groups(), json!([source]));
    focus_on(&stage, "Breakdown 1: source of the event").await;
}

// ---- audience

fn audience(form: AudienceForm) -> (Stage, RwSignal<AudienceForm>) {
    let value = RwSignal::new(form);
    let stage = Stage::show(move || {
        provide_context(vocabulary());
        provide_context(backend());
        view! { <AudienceEditor value on_change=Callback::new(move |form| value.set(form)) /> }
    });
    (stage, value)
}

fn criterion(value: RwSignal<AudienceForm>) -> Option<Criterion> {
    (&value.get_untracked()).try_into().unwrap()
}

fn asked(value: RwSignal<AudienceForm>) -> Value {
    serde_json::to_value(criterion(value)).unwrap()
}

#[wasm_bindgen_test]
async fn an_audience_of_segments_takes_in_and_leaves_out() {
    let (stage, value) = audience(AudienceForm::default());
    assert_eq!(asked(value), Value::Null);
    stage.get(".us-seg label:nth-of-type(2) input").click();
    tick().await;
    for name in ["buy", "test"] {
        stage.wait_for(".query-groups > .us-add").await.click();
        let field = stage.wait_for("[role=combobox]").await;
        write(&field, name).await;
        key(&field, "Enter").await;
    }
    assert_eq!(
        asked(value),
        json!({"type": "any", "of": [{"type": "segment", "id": "a"}, {"type": "segment", "id": "b"}]})
    );
    assert_eq!(
        stage.texts(".query-chip__name"),
        ["in Buyers 6,702", "or in Testers 3"]
    );
    stage.press("or in Testers 3").await;
    let apart = json!({"type": "all", "of": [
        {"type": "segment", "id": "a"}, {"type": "not", "of": {"type": "segment", "id": "b"}}]});
    assert_eq!(asked(value), apart);
    assert_eq!(
        stage.texts(".query-chip__name"),
        ["in Buyers 6,702", "not in Testers 3"]
    );
    // A link with this audience opens in the same form.
    let (again, _) = audience(AudienceForm::of(criterion(value).as_ref()));
    assert_eq!(
        again.texts(".query-chip__name"),
        ["in Buyers 6,702", "not in Testers 3"]
    );
    drop(again);
    stage.press("Remove Buyers").await;
    assert_eq!(
        asked(value),
        json!({"type": "not", "of": {"type": "segment", "id": "b"}})
    );
    stage
        .until(
            || focused().text_content().unwrap() == "not in Testers 3",
            "the focus on the segment that is left",
        )
        .await;
}

#[wasm_bindgen_test]
async fn an_audience_by_criteria_is_built_in_a_dialog_and_counts_when_it_is_applied() {
    let (stage, value) = audience(AudienceForm::default());
    let kind = |place: usize| stage.get(&format!(".us-seg label:nth-of-type({place}) input"));
    kind(3).click();
    stage.press("Cancel").await;
    stage
        .until(
            || value.get_untracked() == AudienceForm::default(),
            "all users",
        )
        .await;
    assert!(
        stage
            .find(".us-seg label:nth-of-type(1) input:checked")
            .is_some()
    );
    kind(3).click();
    stage.wait_for("dialog[open] .root").await;
    stage
        .until(
            || stage.texts(".query-builder__size")[0].starts_with("1,234 users"),
            "the count",
        )
        .await;
    stage.press("Add: Event").await;
    stage.wait_for("dialog [role=combobox]").await;
    stage.get("dialog .us-tok--event").click();
    stage
        .until(
            || stage.find("dialog [role=combobox]").is_none(),
            "the list to close",
        )
        .await;
    // What is unfinished says why it cannot be applied, and applying leads there.
    stage
        .until(
            || {
                stage.texts(".query-builder__size")[0]
                    == "Criterion 1 is unfinished. Choose an event."
            },
            "what is missing",
        )
        .await;
    stage.press("Apply").await;
    assert!(stage.find("dialog[open]").is_some());
    let field = stage.wait_for("dialog [role=combobox]").await;
    write(&field, "signed").await;
    key(&field, "Enter").await;
    stage
        .until(
            || stage.texts(".query-builder__size")[0].starts_with("1,234 users"),
            "the count",
        )
        .await;
    assert!(
        value.get_untracked().criteria.is_none(),
        "nothing is applied yet"
    );
    stage.press("Apply").await;
    assert!(stage.find("dialog").is_none());
    let event = json!({"type": "event", "event": "signup", "during": {"type": "last", "count": 30, "unit": "day"}});
    assert_eq!(asked(value), json!({"type": "all", "of": [event]}));
    let words = stage.texts(".query-criteria__words").remove(0);
    assert!(words.starts_with("Users who performed signup"), "{words}");
    // Cancelling changes nothing.
    let edit = stage.named("Edit audience criteria").unwrap();
    edit.focus().unwrap();
    edit.click();
    stage.press("Remove criterion 1").await;
    stage.press("Cancel").await;
    assert_eq!(asked(value), json!({"type": "all", "of": [event]}));
    focus_on(&stage, "Edit audience criteria").await;
}

// ---- rows

const KIND: RowKind = RowKind {
    one: "measure",
    most: 4,
    least: 1,
    mark: letter_mark,
    hide: "Hide from the chart",
    show: "Show in the chart",
};

fn rows() -> (Stage, RwSignal<Rows<String>>, RwSignal<Vec<String>>) {
    let value = RwSignal::new(
        ["one", "two", "three"]
            .map(str::to_owned)
            .into_iter()
            .collect::<Rows<_>>(),
    );
    let labels = RwSignal::new(Vec::new());
    let stage = Stage::show(move || {
        let on_change = Callback::new(move |(label, rows): (String, Rows<String>)| {
            labels.update(|labels| labels.push(label));
            value.set(rows);
        });
        let text = move |id: RowId| {
            value.with(|rows| {
                rows.get(id)
                    .map(|row| row.value.clone())
                    .unwrap_or_default()
            })
        };
        view! {
            <RowList
                rows=value
                kind=KIND
                title=|value: &String| value.clone()
                on_change
                body=Callback::new(move |id| {
                    view! { <span class="text">{move || text(id)}</span> }.into_any()
                })
            />
            <AddRow rows=value kind=KIND blank=|| "new".to_owned() on_change />
        }
    });
    (stage, value, labels)
}

async fn menu(stage: &Stage, row: &str, item: &str) {
    stage.press(&format!("More for measure {row}")).await;
    // The keys beside an item are a part of its text.
    stage
        .until(|| !stage.texts("[role=menuitem]").is_empty(), "the menu")
        .await;
    let items = document().query_selector_all("[role=menuitem]").unwrap();
    let item: HtmlElement = (0..items.length())
        .map(|place| wasm_bindgen::JsCast::unchecked_into(items.get(place).unwrap()))
        .find(|element: &HtmlElement| element.text_content().unwrap().starts_with(item))
        .unwrap();
    item.click();
    tick().await;
}

#[wasm_bindgen_test]
async fn a_row_is_moved_by_keyboard_and_the_focus_goes_with_it() {
    let (stage, _, labels) = rows();
    stage.named("Move measure A").unwrap().focus().unwrap();
    chord("ArrowDown").await;
    assert_eq!(stage.texts(".text"), ["two", "one", "three"]);
    assert_eq!(stage.texts(".query-mark"), ["A", "B", "C"]);
    focus_on(&stage, "Move measure B").await;
    assert_eq!(
        stage.texts("[role=status]"),
        ["Moved measure A, now measure B, 2 of 3"]
    );
    chord("ArrowDown").await;
    focus_on(&stage, "Move measure C").await;
    // At the end it stays.
    chord("ArrowDown").await;
    assert_eq!(stage.texts(".text"), ["two", "three", "one"]);
    assert_eq!(labels.get_untracked(), ["move measure A", "move measure B"]);
    menu(&stage, "C", "Move up").await;
    assert_eq!(stage.texts(".text"), ["two", "one", "three"]);
}

#[wasm_bindgen_test]
async fn a_row_is_dragged_to_where_the_line_is() {
    let (stage, value, labels) = rows();
    let grip = stage.named("Move measure A").unwrap();
    let rect = |place: usize| {
        let id = value.with_untracked(|rows| KIND.element_id(rows.all()[place].id));
        stage.get(&format!("#{id}")).get_bounding_client_rect()
    };
    let start = grip.get_bounding_client_rect().top() + 2.0;
    // A press that hardly moves drags nothing.
    point(&grip, "pointerdown", start);
    point(&grip, "pointermove", start + 2.0);
    point(&grip, "pointerup", start + 2.0);
    assert!(labels.get_untracked().is_empty());
    point(&grip, "pointerdown", start);
    point(&grip, "pointermove", rect(2).bottom() - 1.0);
    tick().await;
    assert_eq!(stage.texts(".is-dragged .text"), ["one"]);
    assert_eq!(stage.texts(".is-drop-after .text"), ["three"]);
    point(&grip, "pointermove", rect(2).top() + 1.0);
    tick().await;
    assert!(stage.find(".is-drop-after").is_none());
    assert_eq!(stage.texts(".is-drop-before .text"), ["three"]);
    point(&grip, "pointerup", rect(2).top() + 1.0);
    tick().await;
    assert_eq!(stage.texts(".text"), ["two", "one", "three"]);
    assert_eq!(labels.get_untracked(), ["move measure A"]);
    assert!(stage.find(".is-dragged, .is-drop-before").is_none());
    focus_on(&stage, "Move measure B").await;
    // Escape gives up.
    let grip = stage.named("Move measure A").unwrap();
    grip.focus().unwrap();
    point(&grip, "pointerdown", start);
    point(&grip, "pointermove", rect(2).bottom() + 9.0);
    key(&grip, "Escape").await;
    point(&grip, "pointerup", rect(2).bottom() + 9.0);
    tick().await;
    assert_eq!(stage.texts(".text"), ["two", "one", "three"]);
}

#[wasm_bindgen_test]
async fn what_scrolls_goes_on_while_a_row_is_dragged_to_its_edge() {
    let (stage, value, _) = rows();
    let list = stage.get(".query-rows");
    for (name, to) in [
        ("max-height", "60px"),
        ("overflow", "auto"),
        ("display", "block"),
    ] {
        list.style().set_property(name, to).unwrap();
    }
    for row in 0..3 {
        let id = value.with_untracked(|rows| KIND.element_id(rows.all()[row].id));
        stage
            .get(&format!("#{id}"))
            .style()
            .set_property("height", "50px")
            .unwrap();
    }
    let at = list.get_bounding_client_rect();
    let grip = stage.named("Move measure A").unwrap();
    point(&grip, "pointerdown", at.top() + 20.0);
    point(&grip, "pointermove", at.bottom() - 1.0);
    let end = list.scroll_height() - list.client_height();
    assert!(end > 50, "there is something to scroll");
    stage
        .until(|| list.scroll_top() == end, "the end of the list")
        .await;
    // The pointer stands still, and so does the list in its middle.
    point(&grip, "pointermove", at.top() + 30.0);
    tick().await;
    assert_eq!(list.scroll_top(), end);
    point(&grip, "pointermove", at.bottom() - 1.0);
    point(&grip, "pointerup", at.bottom() - 1.0);
    tick().await;
    assert_eq!(stage.texts(".text"), ["two", "three", "one"]);
    // Nothing goes on when it is dropped.
    list.set_scroll_top(0);
    sleep(100).await;
    assert_eq!(list.scroll_top(), 0);
}

#[wasm_bindgen_test]
async fn a_row_is_named_in_its_place() {
    let (stage, value, _) = rows();
    menu(&stage, "B", "Rename").await;
    let field = stage.wait_for("input.query-row__name").await;
    stage.until(|| focused() == field, "the focus").await;
    assert_eq!(
        field.get_attribute("aria-label").unwrap(),
        "Name of measure B"
    );
    write(&field, " Buyers ").await;
    key(&field, "Enter").await;
    assert_eq!(stage.texts("b.query-row__name"), ["Buyers"]);
    focus_on(&stage, "More for measure B").await;
    menu(&stage, "B", "Rename").await;
    let field = stage.wait_for("input.query-row__name").await;
    write(&field, "Other").await;
    key(&field, "Escape").await;
    assert_eq!(stage.texts("b.query-row__name"), ["Buyers"]);
    focus_on(&stage, "More for measure B").await;
    menu(&stage, "B", "Remove its name").await;
    assert!(value.with_untracked(|rows| rows.all().iter().all(|row| row.name.is_empty())));
}

#[wasm_bindgen_test]
async fn rows_are_copied_hidden_added_and_removed() {
    let (stage, value, labels) = rows();
    menu(&stage, "A", "Duplicate").await;
    assert_eq!(stage.texts(".text"), ["one", "one", "two", "three"]);
    focus_on(&stage, "Move measure B").await;
    // There are as many as there may be.
    assert!(
        stage
            .named("Add measure")
            .unwrap()
            .has_attribute("disabled")
    );
    stage.press("More for measure A").await;
    stage.wait_for("[role=menuitem]").await;
    assert!(
        !stage
            .texts("[role=menuitem]")
            .contains(&"Duplicate".to_owned())
    );
    key(&focused(), "Escape").await;
    stage.press("More for measure A").await;
    menu(&stage, "B", "Hide from the chart").await;
    assert_eq!(stage.texts(".is-hidden .text"), ["one"]);
    stage.press("Show in the chart: measure B").await;
    assert!(stage.find(".is-hidden").is_none());
    menu(&stage, "B", "Remove").await;
    assert_eq!(stage.texts(".text"), ["one", "two", "three"]);
    // The next one has come to its place.
    focus_on(&stage, "Move measure B").await;
    menu(&stage, "C", "Remove").await;
    focus_on(&stage, "Move measure B").await;
    menu(&stage, "A", "Remove").await;
    assert_eq!(stage.texts(".text"), ["two"]);
    stage.press("More for measure A").await;
    stage.wait_for("[role=menuitem]").await;
    assert!(
        !stage
            .texts("[role=menuitem]")
            .contains(&"Remove".to_owned())
    );
    key(&focused(), "Escape").await;
    stage.press("Add measure").await;
    assert_eq!(stage.texts(".text"), ["two", "new"]);
    assert_eq!(value.with_untracked(Rows::len), 2);
    assert_eq!(
        labels.get_untracked().last().map(String::as_str),
        Some("add measure B")
    );
}
