//! Charts and their figures as files: CSV, SVG and PNG.

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::csv::file_name;
use segments_charts::picture::{PicturePart, PictureWords, layout};
use segments_charts::scene::Scene;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, CssStyleDeclaration, Element,
    HtmlCanvasElement, HtmlElement, HtmlImageElement, Node, SvgElement, Url, XmlSerializer,
};

use crate::charts::drawing::Drawing;
use crate::icon::{Glyph, Icon};
use crate::task::spawn;
use crate::{Align, MenuButton, MenuItem, download};

/// The namespace of SVG.
const SVG: &str = "http://www.w3.org/2000/svg";
/// How many dots of a picture are one px of the page.
const DOTS: f64 = 2.0;
/// A font that is there, or has a twin of the same width, wherever the file is opened.
const FONT: &str = "Arial, Helvetica, 'Liberation Sans', sans-serif";

/// What a drawing's look consists of, with what each is where nothing is said. Opacity and strokes that are as they
/// always are need not be written down.
const LOOK: [(&str, &str); 13] = [
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
    ("font-size", ""),
    ("font-weight", ""),
    ("text-anchor", "start"),
];
/// These are for texts only.
const OF_TEXTS: &str = "font-";

/// Drawings as one picture in SVG that is read and looks the same everywhere: in the light colours whatever the page's are,
/// with all colours in place. None where the browser does not show them.
#[must_use]
pub fn svg_text(title: &str, words: &PictureWords, drawings: &[SvgElement]) -> Option<String> {
    let parts: Vec<PicturePart> = drawings.iter().map(part_of).collect();
    let laid = layout(title, words, &parts);
    let stage = LightStage::beside(drawings.first()?)?;
    let document = document();
    let root = document.create_element_ns(Some(SVG), "svg").ok()?;
    put(&root, "width", &laid.scene.width.to_string());
    put(&root, "height", &laid.scene.height.to_string());
    let (width, height) = (laid.scene.width, laid.scene.height);
    put(&root, "viewBox", &format!("0 0 {width} {height}"));
    put(&root, "font-family", FONT);
    let heading = document.create_element_ns(Some(SVG), "title").ok()?;
    heading.set_text_content(Some(title));
    root.append_child(&heading).ok()?;
    let ground = stage.drawn(laid.scene)?;
    root.append_child(&ground).ok()?;
    for ((drawing, part), (x, y)) in drawings.iter().zip(&parts).zip(&laid.places) {
        let copy = stage.dressed(drawing)?;
        put(&copy, "x", &x.to_string());
        put(&copy, "y", &y.to_string());
        put(&copy, "width", &part.width.to_string());
        put(&copy, "height", &part.height.to_string());
        put(&copy, "overflow", "visible");
        root.append_child(&copy).ok()?;
    }
    XmlSerializer::new().ok()?.serialize_to_string(&root).ok()
}

/// How large a drawing is, and where its plot begins: where its axis does.
fn part_of(drawing: &SvgElement) -> PicturePart {
    let number = |element: &Element, name: &str| element.get_attribute(name)?.parse::<f64>().ok();
    let size = drawing.get_bounding_client_rect();
    let axis = drawing.query_selector(".axis").ok().flatten();
    PicturePart {
        width: number(drawing, "width").unwrap_or_else(|| size.width()),
        height: number(drawing, "height").unwrap_or_else(|| size.height()),
        left: axis
            .and_then(|axis| number(&axis, "x1"))
            .unwrap_or_default(),
    }
}

/// A place beside a drawing where everything is in the light colours. Nobody sees it; it goes when it is dropped.
struct LightStage(HtmlElement);

impl Drop for LightStage {
    fn drop(&mut self) {
        self.0.remove();
    }
}

impl LightStage {
    fn beside(drawing: &Element) -> Option<Self> {
        let stage: HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
        // The stylesheet's own colours begin at each root.
        put(&stage, "class", "us-root");
        put(&stage, "data-theme", "light");
        put(&stage, "aria-hidden", "true");
        let style = stage.style();
        for (name, value) in [
            ("position", "fixed"),
            ("inset", "0 auto auto -99999px"),
            ("visibility", "hidden"),
        ] {
            style.set_property(name, value).ok()?;
        }
        drawing.parent_element()?.append_child(&stage).ok()?;
        Some(Self(stage))
    }

    /// A scene as the page would draw it.
    fn drawn(&self, scene: Scene) -> Option<Element> {
        let parent = self.0.clone();
        let shown = mount_to(parent, move || view! { <Drawing scene label="" /> });
        let dressed = self
            .0
            .query_selector("svg")
            .ok()
            .flatten()
            .and_then(|drawing| dressed(&drawing));
        drop(shown);
        dressed
    }

    /// A copy of a drawing that needs no stylesheet.
    fn dressed(&self, drawing: &Element) -> Option<Element> {
        let light: Element = drawing.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
        self.0.append_child(&light).ok()?;
        let dressed = dressed(&light);
        light.remove();
        dressed
    }
}

fn dressed(drawing: &Element) -> Option<Element> {
    let copy: Element = drawing.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    dress(drawing, &copy);
    Some(copy)
}

fn put(element: &Element, name: &str, value: &str) {
    // A name that is written here is always a valid one.
    drop(element.set_attribute(name, value));
}

/// Writes down in a copy how the original looks, and takes away what only the page understands.
fn dress(original: &Element, copy: &Element) {
    if let Ok(Some(style)) = window().get_computed_style(original) {
        for name in [
            "class",
            "style",
            "data-series",
            "aria-hidden",
            "aria-label",
            "role",
        ] {
            drop(copy.remove_attribute(name));
        }
        let is_text = original.local_name() == "text";
        for (name, usual) in LOOK {
            if !name.starts_with(OF_TEXTS) || is_text {
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
    // What keeps places for the page's changes has none here.
    let nodes = copy.child_nodes();
    for place in (0..nodes.length()).rev() {
        if let Some(node) = nodes.item(place)
            && node.node_type() == Node::COMMENT_NODE
        {
            drop(copy.remove_child(&node));
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
    /// What a picture says around the drawings; none: its title alone.
    #[prop(into, optional)]
    words: Option<Callback<(), PictureWords>>,
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
        let words = words.map(|words| words.run(())).unwrap_or_default();
        title.with_untracked(|title| svg_text(title, &words, &shown))
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
            <MenuItem label="Data (CSV)" on_select=on_csv />
            {move || {
                drawings
                    .with(|drawings| !drawings.is_empty())
                    .then(|| {
                        view! {
                            <MenuItem label="Image (SVG)" on_select=on_svg />
                            <MenuItem label="Image (PNG)" on_select=on_png />
                        }
                    })
            }}
        </MenuButton>
        <span class="us-xs us-chart__failed" role="status">
            {move || failed.get().then_some("The browser could not draw the chart. Download the data as CSV instead.")}
        </span>
    }
    .into_any()
}
