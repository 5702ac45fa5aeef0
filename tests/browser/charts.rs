//! Charts.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::csv::time_csv;
use segments_charts::picture::PictureWords;
use segments_charts::series::LegendItem;
use segments_charts::time::{Figures, TimeBucket, TimeChart, TimeKind, TimePick, TimeSeries};
use segments_ui::charts::export::{ChartMenu, png_bytes, svg_text};
use segments_ui::charts::plot::TimePlot;
use segments_ui::charts::series::Legend;
use segments_ui::charts::table::ChartTable;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    DomParser, Element, HtmlElement, MutationObserver, MutationObserverInit, MutationRecord,
    PointerEvent, PointerEventInit, SupportedType, SvgElement,
};

use super::stage::{Stage, key, tick};

fn chart(kind: TimeKind, buckets: usize) -> TimeChart {
    let series = |name: &str, style: usize, base: usize| TimeSeries {
        name: name.to_owned(),
        unit: "users".to_owned(),
        style,
        values: (0..buckets)
            .map(|place| Some((base + place * 7_919 % 30) as f64))
            .collect(),
        previous: Vec::new(),
        running_from: None,
    };
    TimeChart {
        kind,
        buckets: (0..buckets)
            .map(|place| TimeBucket {
                short: format!("{} Nov", place + 1),
                long: format!("Day {}", place + 1),
                complete: true,
                weekend: place % 7 > 4,
                start: None,
            })
            .collect(),
        series: vec![series("Mobile", 0, 100), series("Desktop", 1, 20)],
        figures: Figures::Counts,
    }
}

/// A chart of 600 px, its cursor, and what was picked.
struct Shown {
    stage: Stage,
    cursor: RwSignal<Option<usize>>,
    picks: Rc<RefCell<Vec<TimePick>>>,
    chart: RwSignal<Arc<TimeChart>>,
    width: RwSignal<&'static str>,
}

impl Shown {
    async fn of(first: TimeChart) -> Self {
        let made = Rc::new(RefCell::new(None));
        let picks: Rc<RefCell<Vec<TimePick>>> = Rc::default();
        let stage = {
            let made = Rc::clone(&made);
            let picked = send_wrapper::SendWrapper::new(Rc::clone(&picks));
            Stage::show(move || {
                let cursor = RwSignal::new(None);
                let chart = RwSignal::new(Arc::new(first));
                let width = RwSignal::new("600px");
                *made.borrow_mut() = Some((cursor, chart, width));
                let on_pick = Callback::new(move |pick| picked.borrow_mut().push(pick));
                view! {
                    <div style:width=move || width.get() style:position="relative">
                        <TimePlot chart label="Buyers rise" cursor on_pick />
                    </div>
                }
            })
        };
        stage.wait_for("path.line, path.bar").await;
        let (cursor, chart, width) = made.borrow_mut().take().unwrap();
        Self {
            stage,
            cursor,
            picks,
            chart,
            width,
        }
    }

    fn plot(&self) -> HtmlElement {
        self.stage.get("[role=application]")
    }

    async fn key(&self, name: &str) {
        key(&self.plot(), name).await;
    }

    /// Where the cross stands, if it is seen.
    fn cross(&self) -> Option<String> {
        let cross = self.stage.get("line.cross");
        let layer = cross.parent_element().unwrap();
        (layer.get_attribute("visibility").is_none())
            .then(|| cross.get_attribute("transform").unwrap())
    }

    fn point(&self, kind: &str, x: f64, y: f64) {
        self.point_with("mouse", kind, x, y);
    }

    fn point_with(&self, pointer: &str, kind: &str, x: f64, y: f64) {
        let rect = self.plot().get_bounding_client_rect();
        let init = PointerEventInit::new();
        init.set_bubbles(true);
        init.set_pointer_type(pointer);
        init.set_client_x((rect.left() + x) as i32);
        init.set_client_y((rect.top() + y) as i32);
        let event = PointerEvent::new_with_event_init_dict(kind, &init).unwrap();
        self.plot().dispatch_event(&event).unwrap();
    }

    fn box_lines(&self) -> Vec<String> {
        self.stage.texts(".us-chart__line")
    }
}

#[wasm_bindgen_test]
async fn the_keys_move_a_cursor_that_is_read_out() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    let plot = shown.plot();
    assert_eq!(plot.get_attribute("tabindex").as_deref(), Some("0"));
    // The group is called as its image, and tells its keys.
    let image = shown.stage.get("svg[role=img]");
    assert_eq!(plot.get_attribute("aria-labelledby"), Some(image.id()));
    assert_eq!(
        image.get_attribute("aria-label").as_deref(),
        Some("Buyers rise")
    );
    let hint = plot.get_attribute("aria-describedby").unwrap();
    let hint = shown.stage.get(&format!("#{hint}"));
    assert!(hint.text_content().unwrap().contains("Enter to select"));
    assert_eq!(shown.cross(), None);

    shown.key("ArrowLeft").await;
    assert_eq!(shown.cursor.get_untracked(), Some(29));
    let newest = shown.cross().unwrap();
    shown.key("ArrowLeft").await;
    assert_eq!(shown.cursor.get_untracked(), Some(28));
    assert_ne!(shown.cross().unwrap(), newest);
    shown.key("Home").await;
    assert_eq!(shown.cursor.get_untracked(), Some(0));
    shown.key("PageDown").await;
    assert_eq!(shown.cursor.get_untracked(), Some(3));
    shown.key("ArrowDown").await;
    assert_eq!(shown.cursor.get_untracked(), Some(3));
    assert_eq!(
        shown.stage.texts(".us-chart__line.is-on"),
        ["Desktop47"],
        "{:?}",
        shown.box_lines()
    );

    // It is read out once the cursor rests, and not before.
    let status = shown.stage.get("[role=status]");
    let wanted = "Day 4, Desktop, 47 users.";
    shown
        .stage
        .until(
            || status.text_content().as_deref() == Some(wanted),
            "the point in words",
        )
        .await;

    shown.key("Enter").await;
    let pick = shown.picks.borrow()[0];
    assert_eq!((pick.series, pick.bucket), (1, 3));
    let rect = plot.get_bounding_client_rect();
    assert!(pick.anchor.x > rect.left() && pick.anchor.x < rect.right());
    assert!(pick.anchor.y > rect.top() && pick.anchor.y < rect.bottom());

    shown.key("Escape").await;
    assert_eq!(shown.cursor.get_untracked(), None);
    assert_eq!(shown.cross(), None);
}

#[wasm_bindgen_test]
async fn keys_that_mean_nothing_to_a_chart_are_left_to_the_page() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    let init = web_sys::KeyboardEventInit::new();
    init.set_cancelable(true);
    init.set_key("Escape");
    let event =
        web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    shown.plot().dispatch_event(&event).unwrap();
    assert!(!event.default_prevented());
    init.set_key("ArrowLeft");
    let event =
        web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    shown.plot().dispatch_event(&event).unwrap();
    assert!(event.default_prevented());
}

#[wasm_bindgen_test]
async fn a_click_picks_the_nearest_series_at_the_nearest_bucket() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    // Near the bottom it is Desktop, at the right end the last day.
    shown.point("pointermove", 540.0, 215.0);
    tick().await;
    shown.plot().click();
    // Near the top at the left end, Mobile on the first.
    shown.point("pointermove", 38.0, 60.0);
    tick().await;
    shown.plot().click();
    let found: Vec<(usize, usize)> = shown
        .picks
        .borrow()
        .iter()
        .map(|pick| (pick.series, pick.bucket))
        .collect();
    assert_eq!(found[1], (0, 0));
    assert_eq!(found[0].0, 1);
    assert!(found[0].1 >= 28, "{found:?}");
    // The mouse that goes takes the cursor with it.
    shown.point("pointerleave", 0.0, 0.0);
    tick().await;
    assert_eq!(shown.cursor.get_untracked(), None);
}

#[wasm_bindgen_test]
async fn a_first_tap_shows_a_point_and_the_next_one_chooses_it() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    let tap = async |x: f64, y: f64| {
        shown.point_with("touch", "pointerdown", x, y);
        shown.point_with("touch", "pointerleave", x, y);
        shown.plot().click();
        tick().await;
    };
    tap(38.0, 60.0).await;
    assert_eq!(shown.cursor.get_untracked(), Some(0));
    assert!(shown.picks.borrow().is_empty());
    // Another place is shown first too.
    tap(300.0, 60.0).await;
    let bucket = shown.cursor.get_untracked().unwrap();
    assert!(bucket > 9 && shown.picks.borrow().is_empty());
    // A finger does not find the very same px again.
    tap(318.0, 64.0).await;
    let pick = shown.picks.borrow()[0];
    assert_eq!((pick.series, pick.bucket), (0, bucket));
    // The other series is another point.
    tap(300.0, 215.0).await;
    assert_eq!(shown.picks.borrow().len(), 1);
    tap(300.0, 215.0).await;
    assert_eq!(shown.picks.borrow()[1].series, 1);
}

#[wasm_bindgen_test]
async fn escape_sends_away_what_the_pointer_shows_wherever_the_focus_is() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    shown.point("pointermove", 300.0, 100.0);
    tick().await;
    assert!(shown.cursor.get_untracked().is_some());
    let init = web_sys::KeyboardEventInit::new();
    init.set_key("Escape");
    let escape =
        web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    web_sys::window().unwrap().dispatch_event(&escape).unwrap();
    tick().await;
    assert_eq!(shown.cursor.get_untracked(), None);
    // It stays away until the pointer comes anew.
    shown.point("pointermove", 320.0, 100.0);
    tick().await;
    assert_eq!(shown.cursor.get_untracked(), None);
    shown.point("pointerleave", 0.0, 0.0);
    shown.point("pointermove", 320.0, 100.0);
    tick().await;
    assert!(shown.cursor.get_untracked().is_some());
}

#[wasm_bindgen_test]
async fn the_cursor_is_where_it_was_when_the_focus_comes_back() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    let plot = shown.plot();
    plot.focus().unwrap();
    for name in ["Home", "ArrowRight", "ArrowDown", "Enter"] {
        shown.key(name).await;
    }
    plot.blur().unwrap();
    tick().await;
    assert_eq!(shown.cursor.get_untracked(), None);
    plot.focus().unwrap();
    tick().await;
    assert_eq!(shown.cursor.get_untracked(), Some(1));
    shown.key("ArrowRight").await;
    assert_eq!(shown.cursor.get_untracked(), Some(2));
    // Where nothing was chosen, nothing is kept.
    plot.blur().unwrap();
    plot.focus().unwrap();
    tick().await;
    assert_eq!(shown.cursor.get_untracked(), None);
}

#[wasm_bindgen_test]
async fn a_bar_can_be_clicked() {
    let shown = Shown::of(chart(TimeKind::StackedBar, 5)).await;
    let (left, width) = (36.0, 520.0);
    let middle = left + width / 10.0;
    // Mobile stands at the bottom, Desktop upon it.
    shown.point("pointermove", middle, 220.0);
    tick().await;
    shown.plot().click();
    let pick = shown.picks.borrow()[0];
    assert_eq!((pick.series, pick.bucket), (0, 0));
    assert!(pick.anchor.width > 40.0 && pick.anchor.height > 40.0);
}

/// Notes what changes in an element while it lives.
struct Watch {
    records: Rc<RefCell<Vec<MutationRecord>>>,
    observer: MutationObserver,
    _callback: Closure<dyn FnMut(js_sys::Array)>,
}

impl Watch {
    fn over(element: &Element) -> Self {
        let records: Rc<RefCell<Vec<MutationRecord>>> = Rc::default();
        let noted = Rc::clone(&records);
        let callback = Closure::new(move |found: js_sys::Array| {
            noted
                .borrow_mut()
                .extend(found.iter().map(|record| record.unchecked_into()));
        });
        let observer = MutationObserver::new(callback.as_ref().unchecked_ref()).unwrap();
        let options = MutationObserverInit::new();
        options.set_attributes(true);
        options.set_character_data(true);
        options.set_child_list(true);
        options.set_subtree(true);
        observer.observe_with_options(element, &options).unwrap();
        Self {
            records,
            observer,
            _callback: callback,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

#[wasm_bindgen_test]
async fn a_cursor_over_ten_thousand_points_leaves_the_drawing_alone() {
    let shown = Shown::of(chart(TimeKind::Line, 10_000)).await;
    let drawing = shown.stage.get("svg[role=img]");
    let vertices: usize = ["0", "1"]
        .map(|series| {
            let line = shown
                .stage
                .get(&format!("svg[role=img] path.line[data-series='{series}']"));
            line.get_attribute("d").unwrap().matches('L').count()
        })
        .iter()
        .sum();
    assert!(vertices < 2 * 4 * 600, "{vertices}");
    // The first move shows the cursor; what follows is what a moving pointer costs.
    shown.point("pointermove", 100.0, 100.0);
    tick().await;
    let in_drawing = Watch::over(&drawing);
    let in_all = Watch::over(&shown.plot());
    const MOVES: usize = 50;
    for step in 1..=MOVES {
        shown.point("pointermove", 100.0 + step as f64 * 3.0, 100.0);
        tick().await;
    }
    assert_eq!(in_drawing.records.borrow().len(), 0);
    let records = in_all.records.borrow();
    // Cross, box, two names of the bucket, and a marker and a figure a series; the name below has a place and a cover too.
    let most = MOVES * (6 + 2 * 2 + 4);
    assert!(
        (MOVES..=most).contains(&records.len()),
        "{} changes in {MOVES} moves",
        records.len()
    );
    // Nothing was made or taken away but letters.
    let is_element = |nodes: web_sys::NodeList| {
        (0..nodes.length()).any(|place| nodes.get(place).unwrap().node_type() == 1)
    };
    assert!(
        !records
            .iter()
            .any(|record| is_element(record.added_nodes()) || is_element(record.removed_nodes()))
    );
}

#[wasm_bindgen_test]
async fn pointing_within_a_bucket_changes_nothing() {
    let shown = Shown::of(chart(TimeKind::Line, 5)).await;
    shown.point("pointermove", 300.0, 100.0);
    tick().await;
    let watch = Watch::over(&shown.plot());
    shown.point("pointermove", 304.0, 101.0);
    tick().await;
    assert_eq!(watch.records.borrow().len(), 0);
}

#[wasm_bindgen_test]
async fn the_drawing_follows_its_width_and_its_chart() {
    let shown = Shown::of(chart(TimeKind::Line, 30)).await;
    let width = || {
        shown
            .stage
            .get("svg[role=img]")
            .get_attribute("width")
            .unwrap()
    };
    assert_eq!(width(), "600");
    shown.width.set("320px");
    shown.stage.until(|| width() == "320", "the width").await;
    shown.cursor.set(Some(29));
    shown.chart.set(Arc::new(chart(TimeKind::Bar, 4)));
    shown.stage.wait_for("path.bar").await;
    // The cursor is at a bucket that there is.
    assert_eq!(shown.stage.texts(".us-chart__box strong"), ["Day 4"]);
}

#[wasm_bindgen_test]
async fn two_charts_share_a_cursor_and_one_tells_its_figures() {
    let stage = Stage::show(|| {
        let cursor = RwSignal::new(None);
        view! {
            <div id="a">
                <TimePlot chart=Arc::new(chart(TimeKind::Line, 9)) label="A" cursor axis=false />
            </div>
            <div id="b">
                <TimePlot chart=Arc::new(chart(TimeKind::Line, 9)) label="B" cursor />
            </div>
        }
    });
    stage.wait_for("#b path.line").await;
    key(&stage.get("#a [role=application]"), "End").await;
    let cross = |chart: &str| {
        let cross = stage.get(&format!("{chart} line.cross"));
        cross.get_attribute("transform")
    };
    assert!(cross("#a").is_some());
    assert_eq!(cross("#a"), cross("#b"));
    assert!(stage.find("#a .us-chart__box.is-off").is_none());
    assert!(stage.find("#b .us-chart__box.is-off").is_some());
    assert_eq!(stage.texts(".us-chart__at"), ["9 Nov"]);
    // Nothing can be chosen here, and nothing says so.
    assert!(!stage.texts("p").concat().contains("Enter"));
}

#[wasm_bindgen_test]
async fn what_was_chosen_is_marked() {
    let stage = Stage::show(|| {
        let cursor = RwSignal::new(None);
        let chosen = RwSignal::new(Some((1_usize, 2_usize)));
        provide_context(chosen);
        view! {
            <TimePlot chart=Arc::new(chart(TimeKind::Line, 9)) label="A" cursor chosen />
            <button on:click=move |_| chosen.set(None)>"Nothing"</button>
        }
    });
    let mark = stage.wait_for(".us-chart__chosen").await;
    assert_eq!(mark.get_attribute("data-series").as_deref(), Some("1"));
    stage.press("Nothing").await;
    assert!(stage.find(".us-chart__chosen").is_none());
}

#[wasm_bindgen_test]
async fn the_table_has_every_figure() {
    let mut small = chart(TimeKind::Line, 3);
    small.series[0].values[1] = None;
    small.series[1].previous = vec![Some(1.0), None, Some(3.0)];
    small.buckets[2].complete = false;
    let stage = Stage::show(move || {
        view! { <ChartTable chart=Arc::new(small) caption="Buyers a day" bucket="Day" /> }
    });
    assert_eq!(stage.texts("caption"), ["Buyers a day"]);
    assert_eq!(
        stage.texts("thead th"),
        ["Day", "Mobile", "Desktop", "Desktop, previous period"]
    );
    assert_eq!(
        stage.texts("tbody th"),
        ["Day 1", "Day 2", "Day 3 (partial)"]
    );
    assert_eq!(
        stage.texts("tbody td"),
        ["100", "20", "1", "–", "49", "–", "128", "48", "3"]
    );
    // What scrolls can be reached by keys and has a name.
    let region = stage.get("[role=region]");
    assert_eq!(region.get_attribute("tabindex").as_deref(), Some("0"));
    assert!(stage.find("button").is_none());
}

#[wasm_bindgen_test]
async fn a_long_table_comes_in_pieces() {
    let stage = Stage::show(|| {
        view! { <ChartTable chart=Arc::new(chart(TimeKind::Line, 1_200)) caption="Buyers" /> }
    });
    assert_eq!(stage.texts("tbody tr").len(), 500);
    stage.press("Show 500 more of 700").await;
    stage.press("Show 200 more of 200").await;
    assert_eq!(stage.texts("tbody tr").len(), 1_200);
    assert!(stage.find("button").is_none());
}

#[wasm_bindgen_test]
async fn drawings_can_be_kept_as_a_picture_in_svg_and_png() {
    let node = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&node);
    let stage = Stage::show(move || {
        let (above, below) = (NodeRef::<Svg>::new(), NodeRef::<Svg>::new());
        *kept.borrow_mut() = Some([above, below]);
        let cursor = RwSignal::new(None);
        view! {
            <div class="us-root" data-theme="dark" style:width="600px" style:color-scheme="dark">
                <style>
                    ".us-root { --us-viz-1: light-dark(rgb(4, 5, 6), rgb(7, 8, 9)) }
                    .us-root[data-theme=light] { color-scheme: light }
                    .bar { fill: var(--fill) } .texture rect { fill: var(--us-viz-1) }
                    .picture__ground { fill: light-dark(rgb(250, 251, 252), rgb(1, 2, 3)) }"
                </style>
                <TimePlot chart=Arc::new(chart(TimeKind::Bar, 9)) label="A & B" cursor drawing=above />
                <TimePlot chart=Arc::new(chart(TimeKind::Line, 9)) label="C" cursor drawing=below />
            </div>
        }
    });
    stage.wait_for("path.bar").await;
    stage.wait_for("path.line").await;
    let before = stage.get("*").outer_html();
    let drawings: Vec<SvgElement> = node
        .borrow_mut()
        .take()
        .unwrap()
        .map(|drawing| drawing.get_untracked().unwrap().dyn_into().unwrap())
        .into();
    let charts = [chart(TimeKind::Bar, 9), chart(TimeKind::Line, 9)];
    let words = PictureWords {
        headings: vec!["Above".to_owned(), "Below".to_owned()],
        stamp: vec!["As of today".to_owned(), "UTC".to_owned()],
        ..PictureWords::of_charts(&[&charts[0], &charts[1]])
    };
    let text = svg_text("Buyers < & > sellers", &words, &drawings).unwrap();
    // What it was drawn on is gone.
    assert_eq!(stage.get("*").outer_html(), before);
    let parsed = DomParser::new()
        .unwrap()
        .parse_from_string(&text, SupportedType::ImageSvgXml)
        .unwrap();
    let find = |selector: &str| parsed.query_selector(selector).unwrap();
    assert!(find("parsererror").is_none(), "{text}");
    let root = parsed.document_element().unwrap();
    assert_eq!(root.get_attribute("width").as_deref(), Some("632"));
    assert_eq!(
        find("title").unwrap().text_content().as_deref(),
        Some("Buyers < & > sellers")
    );
    let said = root.text_content().unwrap();
    for words in [
        "Above",
        "Below",
        "Mobile",
        "Desktop",
        "Weekend",
        "As of today \u{b7} UTC",
        "1 Nov",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    // Nothing depends on the page: no class, no variable, but colours and patterns by name.
    for word in [
        "class=",
        "data-series",
        "var(",
        "style=",
        "light-dark",
        "<!--",
    ] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert_eq!(
        find("rect[width='632']")
            .unwrap()
            .get_attribute("fill")
            .as_deref(),
        Some("rgb(250, 251, 252)")
    );
    assert!(text.contains("rgb(4, 5, 6)"), "{text}");
    let bar = find("path[fill^='url(#']").unwrap();
    let fill = bar.get_attribute("fill").unwrap();
    let id = fill
        .trim_start_matches("url(#")
        .trim_end_matches(')')
        .to_owned();
    assert!(find(&format!("[id='{id}']")).is_some(), "{fill}");

    let png = png_bytes(&text).await.unwrap();
    assert_eq!(&png[1..4], b"PNG");
    // Two dots a px: the width stands in the head.
    assert_eq!(png[16..20], 1_264_u32.to_be_bytes());
}

#[wasm_bindgen_test]
async fn the_menu_offers_what_there_is() {
    let asked = RwSignal::new(0);
    let stage = Stage::show(move || {
        let csv = Callback::new(move |()| {
            asked.update(|asked| *asked += 1);
            time_csv(&chart(TimeKind::Line, 3), "UTC")
        });
        view! { <ChartMenu title="Buyers" csv /> }
    });
    stage.press("Download").await;
    assert_eq!(stage.texts("[role=menuitem]"), ["Data (CSV)"]);
    stage.press("Data (CSV)").await;
    assert_eq!(asked.get_untracked(), 1);

    // A drawing that is not there is said to be so.
    let stage = Stage::show(|| {
        let csv = Callback::new(|()| String::new());
        view! { <ChartMenu title="Buyers" csv drawings=vec![NodeRef::new()] /> }
    });
    stage.press("Download").await;
    assert_eq!(
        stage.texts("[role=menuitem]"),
        ["Data (CSV)", "Image (SVG)", "Image (PNG)"]
    );
    stage.press("Image (PNG)").await;
    stage
        .until(
            || stage.texts("[role=status]").concat().contains("could not"),
            "the failure",
        )
        .await;
}

#[wasm_bindgen_test]
async fn a_legend_names_series_and_can_switch_them() {
    let item = |name: &str, style| LegendItem {
        name: name.to_owned(),
        style,
        shown: style != 1,
    };
    let items = vec![item("Mobile", 0), item("Desktop", 1)];
    let toggled = RwSignal::new(None);
    let stage = Stage::show(move || {
        let on_toggle = Callback::new(move |place| toggled.set(Some(place)));
        view! {
            <Legend items=items.clone() on_toggle shaded=Some("Weekend") />
            <div id="still"><Legend items /></div>
        }
    });
    assert_eq!(stage.texts("#still li"), ["Mobile", "Desktop"]);
    assert!(stage.find("#still button").is_none());
    let pressed = |name: &str| stage.named(name).unwrap().get_attribute("aria-pressed");
    assert_eq!(pressed("Mobile").as_deref(), Some("true"));
    assert_eq!(pressed("Desktop").as_deref(), Some("false"));
    stage.press("Desktop").await;
    assert_eq!(toggled.get_untracked(), Some(1));
    assert_eq!(stage.texts("li").len(), 5);
}
