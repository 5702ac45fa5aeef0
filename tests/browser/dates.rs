//! The calendar, and the pickers of ranges, zones and intervals.

use std::rc::Rc;

use chrono::NaiveDate;
use leptos::prelude::*;
use segments_forms::range::RangeForm;
use segments_model::query::Interval;
use segments_model::range::CalendarUnit;
use segments_model::stamp::Unit;
use segments_model::{Instant, Range, Stamp};
use segments_ui::Calendar;
use user_segments::client::Client;
use user_segments::parts::date_range::{DateRangePicker, ZonePicker};
use user_segments::parts::field::Field;
use user_segments::parts::interval::IntervalPicker;
use user_segments::parts::range_picker::RangePicker;
use user_segments::shell::session::Session;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, KeyboardEvent, KeyboardEventInit};

use super::stage::{Reply, Scripted, Stage, focused, key, tick, write};

const CSS: &str = include_str!("../../style/dates.css");
const NEW_YORK: &str = "America/New_York";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

type Days = Option<(NaiveDate, NaiveDate)>;

/// A calendar in so many px, with 23 November 2026 as today.
fn calendar(value: RwSignal<Days>, single: bool, width: &'static str) -> Stage {
    Stage::show(move || {
        view! {
            <style>{CSS}</style>
            <div style:width=width>
                <Calendar
                    label="Days"
                    value
                    single
                    today=Signal::stored(day("2026-11-23"))
                    on_change=Callback::new(move |days| value.set(Some(days)))
                />
            </div>
        }
    })
}

fn cell(stage: &Stage, day: &str) -> HtmlElement {
    stage.get(&format!("[data-day=\"{day}\"]"))
}

fn at_focus() -> Option<String> {
    focused().get_attribute("data-day")
}

async fn shift_key(name: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(name);
    init.set_shift_key(true);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    focused().dispatch_event(&event).unwrap();
    tick().await;
}

async fn until_at(stage: &Stage, day: &str) {
    stage
        .until(|| at_focus().as_deref() == Some(day), day)
        .await;
}

#[wasm_bindgen_test]
async fn a_calendar_moves_by_keys_over_months_years_and_leap_days() {
    let value = RwSignal::new(Some((day("2024-02-28"), day("2024-02-28"))));
    let stage = calendar(value, false, "480px");
    tick().await;
    // One day is in the order of the Tab key.
    assert_eq!(stage.texts("[data-day][tabindex='0']"), ["28"]);
    cell(&stage, "2024-02-28").focus().unwrap();
    for (name, to) in [
        ("ArrowRight", "2024-02-29"),
        ("ArrowRight", "2024-03-01"),
        ("ArrowDown", "2024-03-08"),
        ("ArrowUp", "2024-03-01"),
        ("Home", "2024-02-26"),
        ("End", "2024-03-03"),
        ("PageDown", "2024-04-03"),
        ("PageUp", "2024-03-03"),
        ("PageUp", "2024-02-03"),
        ("PageUp", "2024-01-03"),
        ("PageUp", "2023-12-03"),
    ] {
        key(&focused(), name).await;
        until_at(&stage, to).await;
    }
    shift_key("PageDown").await;
    until_at(&stage, "2024-12-03").await;
    shift_key("PageUp").await;
    until_at(&stage, "2023-12-03").await;
    // The month shown is that of the day, and its days begin on the right weekday: 1 December 2023 was a Friday.
    assert_eq!(stage.texts("[data-day][tabindex='0']"), ["3"]);
    let row = cell(&stage, "2023-12-01").parent_element().unwrap();
    assert_eq!(row.child_element_count(), 7);
    assert_eq!(
        row.children()
            .item(4)
            .unwrap()
            .get_attribute("data-day")
            .as_deref(),
        Some("2023-12-01")
    );
}

#[wasm_bindgen_test]
async fn two_days_are_chosen_in_either_order_and_told() {
    let value = RwSignal::new(None);
    let stage = calendar(value, false, "480px");
    tick().await;
    let current = stage.get("[aria-current=date]");
    assert_eq!(
        current.get_attribute("data-day").as_deref(),
        Some("2026-11-23")
    );
    cell(&stage, "2026-11-02").click();
    tick().await;
    assert_eq!(value.get_untracked(), None);
    assert!(stage.texts("[role=status]")[0].contains("Choose the other day"));
    // What the range would be is seen on the way.
    let over = web_sys::Event::new("mouseenter").unwrap();
    cell(&stage, "2026-10-30").dispatch_event(&over).unwrap();
    tick().await;
    let marked = stage.texts(".us-cal__day.is-in");
    assert_eq!(marked, ["30", "31", "1", "2"]);
    assert_eq!(stage.texts("[aria-selected=true]"), ["2"]);
    cell(&stage, "2026-10-30").click();
    tick().await;
    assert_eq!(
        value.get_untracked(),
        Some((day("2026-10-30"), day("2026-11-02")))
    );
    assert_eq!(stage.texts("[aria-selected=true]"), marked);
    let name = |day: &str| cell(&stage, day).get_attribute("aria-label").unwrap();
    assert!(name("2026-10-30").ends_with(", first day"));
    assert!(name("2026-11-02").ends_with(", last day"));
    // The first day of the next range is given up by Escape.
    cell(&stage, "2026-11-10").click();
    tick().await;
    key(&cell(&stage, "2026-11-10"), "Escape").await;
    assert_eq!(stage.texts("[aria-selected=true]"), marked);
}

#[wasm_bindgen_test]
async fn a_narrow_calendar_has_one_month_and_shows_the_day_that_was_typed() {
    let value = RwSignal::new(Some((day("2026-11-01"), day("2026-11-23"))));
    let stage = calendar(value, false, "280px");
    let seen = |stage: &Stage| -> Vec<String> {
        let grids = stage.texts("[role=grid]").len();
        (1..=grids)
            .map(|place| stage.get(&format!("[role=grid]:nth-child({place})")))
            .filter(|grid| grid.offset_width() > 0)
            .map(|grid| grid.get_attribute("aria-label").unwrap())
            .collect()
    };
    stage.until(|| seen(&stage).len() == 1, "one month").await;
    stage
        .until(|| cell_is_seen(&stage, "2026-11-23"), "the last day")
        .await;
    assert!(cell(&stage, "2026-11-23").offset_width() >= 24);
    assert!(cell(&stage, "2026-11-23").offset_height() >= 24);
    value.set(Some((day("2025-12-31"), day("2026-11-23"))));
    stage
        .until(
            || cell_is_seen(&stage, "2025-12-31"),
            "the month of the day that was typed",
        )
        .await;
    cell(&stage, "2025-12-31").focus().unwrap();
    key(&focused(), "ArrowRight").await;
    until_at(&stage, "2026-01-01").await;
    assert!(cell_is_seen(&stage, "2026-01-01"));
    drop(stage);

    let stage = calendar(value, false, "480px");
    stage.until(|| seen(&stage).len() == 2, "two months").await;
}

fn cell_is_seen(stage: &Stage, day: &str) -> bool {
    stage
        .find(&format!("[data-day=\"{day}\"]"))
        .is_some_and(|cell| cell.offset_width() > 0)
}

#[wasm_bindgen_test]
async fn a_calendar_for_one_day_takes_the_first_that_is_pressed() {
    let value = RwSignal::new(None);
    let stage = calendar(value, true, "480px");
    tick().await;
    stage.press("Previous month").await;
    // The month that was gone to is within reach of the Tab key.
    assert_eq!(stage.texts("[data-day][tabindex='0']").len(), 1);
    cell(&stage, "2026-10-01").click();
    tick().await;
    assert_eq!(
        value.get_untracked(),
        Some((day("2026-10-01"), day("2026-10-01")))
    );
}

/// What is around the pickers on a page: the project's zone is UTC, and it is 09:14 in New York on 23 November 2026.
fn around() {
    let client = Client::new(Rc::new(Scripted::new(|_, _| Reply::Never)));
    let session = Session::start(&client);
    session.now().set(at("2026-11-23T14:14:00Z"));
    provide_context(session);
}

fn picker(value: RwSignal<RangeForm>, stamp: RwSignal<Option<Stamp>>) -> Stage {
    Stage::show(move || {
        around();
        view! {
            <style>{CSS}</style>
            <DateRangePicker
                value
                zone=Signal::stored(NEW_YORK.to_owned())
                stamp
                on_change=Callback::new(move |form| value.set(form))
            />
        }
    })
}

fn token(stage: &Stage) -> String {
    stage.texts(".us-tok")[0].clone()
}

async fn choose(stage: &Stage, select: &str, option: &str) {
    let field = stage.wait_for(select).await;
    let field: &web_sys::HtmlSelectElement = wasm_bindgen::JsCast::unchecked_ref(&field);
    let place = stage
        .texts(&format!("{select} option"))
        .iter()
        .position(|words| words == option)
        .unwrap();
    field.set_selected_index(i32::try_from(place).unwrap());
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    let event = web_sys::Event::new_with_event_init_dict("change", &init).unwrap();
    field.dispatch_event(&event).unwrap();
    tick().await;
}

#[wasm_bindgen_test]
async fn a_preset_is_applied_and_closes() {
    let value = RwSignal::new(RangeForm::default());
    let stage = picker(value, RwSignal::new(None));
    assert_eq!(token(&stage), "Last 30 days 25 Oct \u{2013} 23 Nov 2026");
    stage.get(".us-tok").click();
    stage.wait_for("[aria-pressed=true]").await;
    assert_eq!(stage.texts("[aria-pressed=true]"), ["Last 30 days"]);
    stage.press("Last full month").await;
    assert_eq!(
        Range::try_from(&value.get_untracked()),
        Ok(Range::Last {
            count: 1,
            unit: CalendarUnit::Month,
            complete: true
        })
    );
    assert_eq!(token(&stage), "Last full month 1 \u{2013} 31 Oct 2026");
    stage
        .until(
            || stage.find(".range-pop:popover-open").is_none(),
            "it to close",
        )
        .await;
}

#[wasm_bindgen_test]
async fn days_are_chosen_beginning_with_those_there_were_and_bounds_are_told() {
    let value = RwSignal::new(RangeForm::default());
    let stamp = RwSignal::new(None);
    let stage = picker(value, stamp);
    stage.get(".us-tok").click();
    let bounds = || stage.texts(".range-pop__bounds").concat();
    stage.wait_for(".range-pop__bounds").await;
    assert!(bounds().starts_with("25 Oct 2026 00:00 to 23 Nov 2026, now"));
    choose(&stage, ".range-pop__form select", "Between two days").await;
    assert_eq!(
        Range::try_from(&value.get_untracked()),
        Ok(Range::Between {
            from: day("2026-10-25"),
            to: day("2026-11-23")
        })
    );
    // Each valid change counts at once, and the popover stays.
    stage.wait_for("[data-day='2026-11-01']").await;
    cell(&stage, "2026-11-01").click();
    tick().await;
    cell(&stage, "2026-10-31").click();
    tick().await;
    assert_eq!(
        Range::try_from(&value.get_untracked()),
        Ok(Range::Between {
            from: day("2026-10-31"),
            to: day("2026-11-01")
        })
    );
    assert!(stage.find(".range-pop:popover-open").is_some());
    assert!(bounds().starts_with("31 Oct 2026 00:00 to 2 Nov 2026 00:00"));
    assert_eq!(token(&stage), "31 Oct \u{2013} 1 Nov 2026 2 days");
    // Summer time ended in between, which the answer tells.
    stamp.set(Some(Stamp {
        as_of: at("2026-11-23T14:14:00Z"),
        time_zone: NEW_YORK.to_owned(),
        start: Some(at("2026-10-31T04:00:00Z")),
        end: Some(at("2026-11-02T05:00:00Z")),
        unit: Unit::Users,
        exact: true,
        data_version: "1".to_owned(),
        took_ms: 1.0,
    }));
    tick().await;
    assert!(bounds().starts_with("31 Oct 2026 00:00 EDT to 2 Nov 2026 00:00 EST"));
    assert!(bounds().ends_with(NEW_YORK));
}

#[wasm_bindgen_test]
async fn what_is_wrong_is_told_at_its_field_and_in_the_token() {
    let value = RwSignal::new(RangeForm::default());
    let stage = picker(value, RwSignal::new(None));
    stage.get(".us-tok").click();
    let field = stage.wait_for(".range-pop__form input").await;
    write(&field, "none").await;
    assert_eq!(field.get_attribute("aria-invalid").as_deref(), Some("true"));
    assert!(stage.find(".us-tok--bad").is_some());
    assert_eq!(stage.texts(".range-pop__bounds"), ["Incomplete range"]);
    // What is typed makes no new field.
    write(&field, "14").await;
    assert!(field.is_connected());
    assert_eq!(token(&stage), "Last 14 days 10 \u{2013} 23 Nov 2026");
    choose(&stage, ".range-pop__form select", "Between two days").await;
    let last = stage.wait_for(".query-pair > :last-child input").await;
    write(&last, "2026-11-01").await;
    assert!(
        stage.texts(".us-error")[0].contains("not before the first"),
        "{:?}",
        stage.texts(".us-error")
    );
    write(&last, "2027-01-02").await;
    assert!(stage.texts(".us-error").is_empty());
    // The calendar has gone to the day that was typed.
    stage.wait_for("[data-day='2027-01-02']").await;
    // A unit is one after "this" and many after "last".
    choose(&stage, ".range-pop__form select", "This").await;
    let units = ".range-pop__form label:last-of-type option:nth-child(2)";
    assert_eq!(stage.texts(units), ["day"]);
}

#[wasm_bindgen_test]
async fn the_picker_of_a_condition_has_the_calendar_too() {
    let value = RwSignal::new(RangeForm::default());
    let stage = Stage::show(move || {
        around();
        view! { <RangePicker range=Field::of(value, Callback::new(move |range| value.set(range))) /> }
    });
    stage.get(".us-tok").click();
    choose(&stage, ".range-pick select", "Since a day").await;
    stage.wait_for("[data-day='2026-11-05']").await;
    cell(&stage, "2026-11-05").click();
    tick().await;
    assert_eq!(
        Range::try_from(&value.get_untracked()),
        Ok(Range::Since {
            from: day("2026-11-05")
        })
    );
    // All days from it up to today.
    assert_eq!(stage.texts("[aria-selected=true]").len(), 19);
}

#[wasm_bindgen_test]
async fn a_zone_is_searched_shown_with_its_time_and_taken_back() {
    let value = RwSignal::new(None);
    let stage = Stage::show(move || {
        around();
        view! { <ZonePicker value on_change=Callback::new(move |zone| value.set(zone)) /> }
    });
    assert_eq!(token(&stage), "Project\u{2019}s zone (UTC)");
    stage.get(".us-tok").click();
    let field = stage.wait_for("[role=combobox]").await;
    write(&field, "new york").await;
    key(&field, "Enter").await;
    assert_eq!(value.get_untracked().as_deref(), Some(NEW_YORK));
    assert_eq!(token(&stage), NEW_YORK);
    stage.get(".us-tok").click();
    stage
        .until(
            || {
                stage
                    .texts(".us-help")
                    .iter()
                    .any(|text| text == "It is 23 Nov 2026, 09:14 EST there")
            },
            "the time there",
        )
        .await;
    stage.press("Use the project\u{2019}s zone (UTC)").await;
    assert_eq!(value.get_untracked(), None);
}

#[wasm_bindgen_test]
async fn an_interval_of_too_many_buckets_cannot_be_chosen_and_says_why() {
    let range = RwSignal::new(RangeForm::default());
    let value = RwSignal::new(Interval::Day);
    let stage = Stage::show(move || {
        around();
        view! {
            <IntervalPicker
                value
                range
                zone=Signal::stored(NEW_YORK.to_owned())
                on_change=Callback::new(move |interval| value.set(interval))
            />
        }
    });
    assert!(stage.find("input:disabled").is_none());
    stage.get("label:first-of-type input").click();
    tick().await;
    assert_eq!(value.get_untracked(), Interval::Hour);
    range.set(RangeForm::from(&Range::Since {
        from: day("2020-01-01"),
    }));
    let hour = stage.wait_for("input:disabled").await;
    let reason = hour.get_attribute("aria-describedby").unwrap();
    assert!(stage.texts(&format!("#{reason}"))[0].contains("hours. The limit is 10,000"));
    assert_eq!(stage.texts("label:has(:disabled)"), ["Hour"]);
}
