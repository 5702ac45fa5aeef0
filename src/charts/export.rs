//! Charts and their figures as files: CSV, SVG and PNG.

use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, CssStyleDeclaration, Element,
    HtmlCanvasElement, HtmlImageElement, SvgElement, Url, XmlSerializer,
};

use super::time::TimeChart;
use crate::task::spawn;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::{Align, MenuButton, MenuItem, download};

/// The namespace of SVG.
const SVG: &str = "http://www.w3.org/2000/svg";
/// How many dots of a picture are one px of the page.
const DOTS: f64 = 2.0;
/// The room around a drawing in a file, and the height of its title.
const MARGIN: f64 = 16.0;
const TITLE: f64 = 28.0;

/// A table as CSV by RFC 4180. A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a
/// tab or a carriage return, and is no number) gets an apostrophe before it: what users typed is not to be trusted.
#[must_use]
pub fn csv<'a, R, F>(rows: R) -> String
where
    R: IntoIterator<Item = F>,
    F: IntoIterator<Item = &'a str>,
{
    let mut text = String::new();
    for row in rows {
        for (place, field) in row.into_iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            push_field(&mut text, field);
        }
        text.push_str("\r\n");
    }
    text
}

fn push_field(text: &mut String, field: &str) {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r'])
        && field
            .parse::<f64>()
            .map_or(true, |number| !number.is_finite());
    if !is_formula && !field.contains(['"', ',', '\n', '\r']) && field.trim() == field {
        text.push_str(field);
        return;
    }
    text.push('"');
    if is_formula {
        text.push('\'');
    }
    text.push_str(&field.replace('"', "\"\""));
    text.push('"');
}

/// A chart over time as CSV: a row a bucket, a column a series, and one for its range before. Figures are plain numbers.
#[must_use]
pub fn time_csv(chart: &TimeChart) -> String {
    csv(time_rows(chart, "Time", |value| value.to_string())
        .iter()
        .map(|row| row.iter().map(String::as_str)))
}

/// The head and the rows of a chart over time.
#[must_use]
pub fn time_rows(chart: &TimeChart, head: &str, write: impl Fn(f64) -> String) -> Vec<Vec<String>> {
    let mut rows = vec![time_head(chart, head)];
    rows.extend((0..chart.buckets.len()).map(|bucket| time_row(chart, bucket, &write)));
    rows
}

/// The names of the columns.
#[must_use]
pub fn time_head(chart: &TimeChart, head: &str) -> Vec<String> {
    let mut names = vec![head.to_owned()];
    for series in &chart.series {
        names.push(series.name.clone());
        if !series.previous.is_empty() {
            names.push(format!("{}, range before", series.name));
        }
    }
    names
}

/// The cells of a bucket; an empty one where there is no figure.
#[must_use]
pub fn time_row(chart: &TimeChart, bucket: usize, write: impl Fn(f64) -> String) -> Vec<String> {
    let name = chart
        .buckets
        .get(bucket)
        .map(|bucket| bucket.long.clone())
        .unwrap_or_default();
    let mut cells = vec![name];
    let cell = |values: &[Option<f64>]| {
        values
            .get(bucket)
            .copied()
            .flatten()
            .map(&write)
            .unwrap_or_default()
    };
    for series in &chart.series {
        cells.push(cell(&series.values));
        if !series.previous.is_empty() {
            cells.push(cell(&series.previous));
        }
    }
    cells
}

/// A title as the name of a file: `buyers-by-device.csv`.
#[must_use]
pub fn file_name(title: &str, ending: &str) -> String {
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let name: String = words.join("-").chars().take(80).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        format!("chart.{ending}")
    } else {
        format!("{name}.{ending}")
    }
}

/// What a drawing's look consists of, with what each is where nothing is said. Opacity and strokes that are as they
/// always are need not be written down.
const LOOK: [(&str, &str); 14] = [
    ("fill", "rgb(0, 0, 0)"),
    ("fill-opacity", "1"),
    ("stroke", "none"),
    ("stroke-width", "1px"),
    ("stroke-dasharray", "none"),
    ("stroke-linecap", "butt"),
    ("stroke-linejoin", "miter"),
    ("stroke-opacity", "1"),
    ("opacity", "1"),
    ("shape-rendering", "auto"),
    ("font-family", ""),
    ("font-size", ""),
    ("font-weight", ""),
    ("text-anchor", "start"),
];
/// These are for texts only.
const FONT: &str = "font-";

/// Drawings as one SVG that looks the same everywhere: each below the other, with a title, a background and all colours
/// in place. None where the browser does not show them.
#[must_use]
pub fn svg_text(title: &str, drawings: &[SvgElement]) -> Option<String> {
    let document = document();
    let root = document.create_element_ns(Some(SVG), "svg").ok()?;
    let heading = document.create_element_ns(Some(SVG), "title").ok()?;
    heading.set_text_content(Some(title));
    root.append_child(&heading).ok()?;
    let page = drawings.first()?;
    let page = window().get_computed_style(page).ok()??;
    let colour = |name: &str| page.get_property_value(name).unwrap_or_default();
    let back = document.create_element_ns(Some(SVG), "rect").ok()?;
    put(&back, "width", "100%");
    put(&back, "height", "100%");
    put(&back, "fill", &background(drawings.first()?));
    root.append_child(&back).ok()?;
    let words = document.create_element_ns(Some(SVG), "text").ok()?;
    words.set_text_content(Some(title));
    for (name, value) in [
        ("x", MARGIN.to_string()),
        ("y", (MARGIN + 12.0).to_string()),
        ("fill", colour("color")),
        ("font-family", colour("font-family")),
        ("font-size", "14px".to_owned()),
        ("font-weight", "600".to_owned()),
    ] {
        put(&words, name, &value);
    }
    root.append_child(&words).ok()?;
    let (mut width, mut y) = (0.0_f64, MARGIN + TITLE);
    for drawing in drawings {
        let size = drawing.get_bounding_client_rect();
        let copy: Element = drawing.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
        dress(drawing, &copy);
        put(&copy, "x", &MARGIN.to_string());
        put(&copy, "y", &y.to_string());
        put(&copy, "width", &size.width().to_string());
        put(&copy, "height", &size.height().to_string());
        put(&copy, "overflow", "visible");
        root.append_child(&copy).ok()?;
        width = width.max(size.width());
        y += size.height() + MARGIN;
    }
    let width = width + 2.0 * MARGIN;
    put(&root, "width", &width.to_string());
    put(&root, "height", &y.to_string());
    put(&root, "viewBox", &format!("0 0 {width} {y}"));
    XmlSerializer::new().ok()?.serialize_to_string(&root).ok()
}

fn put(element: &Element, name: &str, value: &str) {
    // A name that is written here is always a valid one.
    drop(element.set_attribute(name, value));
}

/// The colour behind an element.
fn background(element: &Element) -> String {
    let mut element = Some(element.clone());
    while let Some(found) = element {
        let colour = window()
            .get_computed_style(&found)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value("background-color").ok());
        if let Some(colour) = colour
            && !matches!(colour.as_str(), "" | "transparent" | "rgba(0, 0, 0, 0)")
        {
            return colour;
        }
        element = found.parent_element();
    }
    "rgb(255, 255, 255)".to_owned()
}

/// Writes down in a copy how the original looks, and takes away what only the page understands.
fn dress(original: &Element, copy: &Element) {
    if let Ok(Some(style)) = window().get_computed_style(original) {
        for name in ["class", "style", "data-series", "aria-label", "role"] {
            drop(copy.remove_attribute(name));
        }
        let is_text = original.local_name() == "text";
        for (name, usual) in LOOK {
            if !name.starts_with(FONT) || is_text {
                let value = look(&style, name);
                if !value.is_empty() && value != usual {
                    put(copy, name, &value);
                }
            }
        }
    }
    let (originals, copies) = (original.children(), copy.children());
    for place in 0..originals.length() {
        if let (Some(original), Some(copy)) = (originals.item(place), copies.item(place)) {
            dress(&original, &copy);
        }
    }
}

/// A property as it came out in the end. Patterns are named by what follows `#`: elsewhere there is no page before it.
fn look(style: &CssStyleDeclaration, name: &str) -> String {
    let value = style.get_property_value(name).unwrap_or_default();
    match value
        .strip_prefix("url(")
        .and_then(|rest| rest.split_once('#'))
    {
        Some((_, id)) => {
            let id = id.split(['"', '\'', ')']).next().unwrap_or_default();
            format!("url(#{id})")
        }
        None => value,
    }
}

/// An SVG as a picture in PNG, with two dots a px.
pub async fn png_bytes(svg: &str) -> Result<Vec<u8>, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&svg.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let image = HtmlImageElement::new()?;
    image.set_src(&url);
    let loaded = JsFuture::from(image.decode()).await;
    Url::revoke_object_url(&url)?;
    loaded?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    canvas.set_width((width * DOTS) as u32);
    canvas.set_height((height * DOTS) as u32);
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    context.draw_image_with_html_image_element_and_dw_and_dh(
        &image,
        0.0,
        0.0,
        width * DOTS,
        height * DOTS,
    )?;
    let blob: Blob = JsFuture::from(js_sys::Promise::new(&mut |resolve, reject| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            // Nobody waits any more where the page has gone.
            drop(resolve.call1(&JsValue::NULL, &blob));
        });
        if let Err(error) = canvas.to_blob(done.unchecked_ref()) {
            drop(reject.call1(&JsValue::NULL, &error));
        }
    }))
    .await?
    .dyn_into()?;
    let bytes = JsFuture::from(blob.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&bytes).to_vec())
}

/// A menu of the files that a result can be had as.
#[component]
pub fn ChartMenu(
    /// The result's title, which becomes the files' name.
    #[prop(into)]
    title: Signal<String>,
    /// The figures as CSV.
    #[prop(into)]
    csv: Callback<(), String>,
    /// The drawings, the uppermost first; none: only the figures can be had.
    #[prop(into, optional)]
    drawings: Signal<Vec<NodeRef<Svg>>>,
) -> impl IntoView {
    let failed = RwSignal::new(false);
    let name = move |ending: &str| title.with_untracked(|title| file_name(title, ending));
    let svg = move || {
        let shown: Vec<SvgElement> = drawings.with_untracked(|drawings| {
            drawings
                .iter()
                .filter_map(|node| node.get_untracked()?.dyn_into().ok())
                .collect()
        });
        title.with_untracked(|title| svg_text(title, &shown))
    };
    let on_csv = Callback::new(move |()| {
        download(
            csv.run(()).as_bytes(),
            &name("csv"),
            "text/csv;charset=utf-8",
        );
    });
    let on_svg = Callback::new(move |()| {
        let text = svg();
        failed.set(text.is_none());
        if let Some(text) = text {
            download(text.as_bytes(), &name("svg"), "image/svg+xml");
        }
    });
    let on_png = Callback::new(move |()| {
        let (text, name) = (svg(), name("png"));
        // A picture is ready a little later; it is handed over even if the page has gone on.
        spawn(async move {
            let bytes = match text {
                Some(text) => png_bytes(&text).await.ok(),
                None => None,
            };
            let _ = failed.try_set(bytes.is_none());
            if let Some(bytes) = bytes {
                download(&bytes, &name, "image/png");
            }
        })
        .detach();
    });
    view! {
        <MenuButton
            class="us-btn us-btn--sm"
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Download small=true />"Download" })
            menu_label="Download"
            align=Align::End
        >
            <MenuItem label="Figures (CSV)" on_select=on_csv />
            {move || {
                drawings
                    .with(|drawings| !drawings.is_empty())
                    .then(|| {
                        view! {
                            <MenuItem label="Drawing (SVG)" on_select=on_svg />
                            <MenuItem label="Picture (PNG)" on_select=on_png />
                        }
                    })
            }}
        </MenuButton>
        <span class="us-xs us-chart__failed" role="status">
            {move || failed.get().then_some("The browser could not draw the chart. The CSV has its figures.")}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{csv, file_name, time_csv};
    use crate::charts::time::{TimeBucket, TimeChart, TimeSeries};

    #[test]
    fn csv_quotes_what_has_to_be_and_lets_no_formula_through() {
        let rows = [
            vec!["plain", "a, b", "say \"hi\"", " room ", "two\nlines"],
            vec!["=1+1", "@x", "-5", "+a", "-"],
            vec!["", "inf", "-inf", "\tx"],
        ];
        assert_eq!(
            csv(rows),
            "plain,\"a, b\",\"say \"\"hi\"\"\",\" room \",\"two\nlines\"\r\n\
             \"'=1+1\",\"'@x\",-5,\"'+a\",\"'-\"\r\n\
             ,inf,\"'-inf\",\"'\tx\"\r\n"
        );
    }

    #[test]
    fn a_chart_over_time_becomes_a_row_a_bucket() {
        let bucket = |long: &str| TimeBucket {
            long: long.to_owned(),
            ..TimeBucket::default()
        };
        let chart = TimeChart {
            buckets: vec![bucket("Mon 2 Nov 2026"), bucket("Tue 3 Nov 2026")],
            series: vec![
                TimeSeries {
                    name: "Mobile".to_owned(),
                    values: vec![Some(1.0), None],
                    previous: vec![None, Some(0.5)],
                    ..TimeSeries::default()
                },
                TimeSeries {
                    name: "=cmd".to_owned(),
                    values: vec![Some(-2.25)],
                    ..TimeSeries::default()
                },
            ],
            ..TimeChart::default()
        };
        assert_eq!(
            time_csv(&chart),
            "Time,Mobile,\"Mobile, range before\",\"'=cmd\"\r\n\
             Mon 2 Nov 2026,1,,-2.25\r\n\
             Tue 3 Nov 2026,,0.5,\r\n"
        );
    }

    #[test]
    fn files_are_named_by_the_title() {
        assert_eq!(
            file_name("Buyers & order value, by device", "csv"),
            "buyers-order-value-by-device.csv"
        );
        assert_eq!(file_name("../../etc", "svg"), "etc.svg");
        assert_eq!(file_name("Käufer", "png"), "käufer.png");
        assert_eq!(file_name(" – ", "png"), "chart.png");
        assert!(file_name(&"long ".repeat(99), "csv").len() <= 84);
    }
}
