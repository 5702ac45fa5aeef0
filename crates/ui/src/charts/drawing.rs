//! The one renderer of scenes.

use leptos::prelude::*;
use leptos::svg::Svg;
use segments_charts::scene::{Mark, Scene, Shape};
use segments_charts::series::{STYLES, TILE, marker, texture};

use crate::dom::unique_id;

/// A scene as SVG. It is an image with a name; what there is to operate lies beside or above it.
#[component]
pub fn Drawing(
    #[prop(into)] scene: Signal<Scene>,
    /// What it shows, as a sentence with its finding.
    #[prop(into)]
    label: Signal<String>,
    /// Becomes the image, for those who export it.
    #[prop(optional)]
    node: Option<NodeRef<Svg>>,
    /// The image's id, for those who name something by it: they say what it shows, and it does not say it again.
    #[prop(into, optional)]
    id: Option<String>,
) -> impl IntoView {
    let prefix = unique_id("plot");
    let hidden = id.is_some().then_some("true");
    let id = id.unwrap_or_else(|| prefix.clone());
    let node = node.unwrap_or_default();
    // Which patterns there have to be.
    let filled = Memo::new(move |_| scene.with(filled_styles));
    let patterns = {
        let prefix = prefix.clone();
        move || {
            filled
                .get()
                .into_iter()
                .map(|style| patterns_of(&prefix, style))
                .collect_view()
        }
    };
    let hatch = format!("{prefix}-hatch");
    let hatch_on = format!("{prefix}-hatch-on");
    let (hatch_url, hatch_on_url) = (url(&hatch), url(&hatch_on));
    let marks = move || {
        scene.with(|scene| {
            scene
                .marks
                .iter()
                .map(|mark| shown(mark, &prefix))
                .collect_view()
        })
    };
    view! {
        <svg
            class="us-plot us-plot--sized"
            id=id
            role="img"
            node_ref=node
            aria-label=move || label.get()
            aria-hidden=hidden
            width=move || scene.with(|scene| scene.width)
            height=move || scene.with(|scene| scene.height)
            style:--us-hatch=hatch_url
            style:--us-hatch-on=hatch_on_url
        >
            <defs>
                <pattern id=hatch class="hatch" width="6" height="6" patternUnits="userSpaceOnUse">
                    <rect width="6" height="6"></rect>
                    <path d="M-1.5 1.5L1.5 -1.5M0 6L6 0M4.5 7.5L7.5 4.5"></path>
                </pattern>
                <pattern id=hatch_on class="hatch-on" width="6" height="6" patternUnits="userSpaceOnUse">
                    <rect width="6" height="6"></rect>
                    <path d="M-1.5 1.5L1.5 -1.5M0 6L6 0M4.5 7.5L7.5 4.5"></path>
                </pattern>
                {patterns}
            </defs>
            {marks}
        </svg>
    }
}

fn url(id: &str) -> String {
    format!("url(#{id})")
}

/// Whether a mark of this class is a surface with its series' texture, and whether an unfinished one.
fn fill_of(class: &str) -> Option<Fill> {
    let mut words = class.split(' ');
    if !matches!(words.next(), Some("bar" | "layer")) {
        return None;
    }
    Some(if words.any(|word| word == "is-part") {
        Fill::Part
    } else {
        Fill::Whole
    })
}

/// How a surface is filled.
#[derive(Clone, Copy, PartialEq)]
enum Fill {
    Whole,
    Part,
}

impl Fill {
    const fn word(self) -> &'static str {
        match self {
            Self::Whole => "fill",
            Self::Part => "part",
        }
    }
}

fn filled_styles(scene: &Scene) -> Vec<usize> {
    let mut styles: Vec<usize> = scene
        .marks
        .iter()
        .filter(|mark| fill_of(mark.class).is_some())
        .filter_map(|mark| mark.series)
        .map(|series| series % STYLES)
        .collect();
    styles.sort_unstable();
    styles.dedup();
    styles
}

/// The texture of a style, and the hatch of what is unfinished in it. A pattern takes its colours from where it stands.
fn patterns_of(prefix: &str, style: usize) -> impl IntoView + use<> {
    let id = |fill: Fill| format!("{prefix}-{}-{style}", fill.word());
    view! {
        <pattern
            id=id(Fill::Whole)
            class="texture"
            data-series=style.to_string()
            width=TILE
            height=TILE
            patternUnits="userSpaceOnUse"
        >
            <rect width=TILE height=TILE></rect>
            <path d=texture(style)></path>
        </pattern>
        <pattern
            id=id(Fill::Part)
            class="part"
            data-series=style.to_string()
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
        >
            <rect width="5" height="5"></rect>
            <path d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4"></path>
        </pattern>
    }
}

fn shown(mark: &Mark, prefix: &str) -> AnyView {
    let class = mark.class;
    let style = mark.series.map(|series| series % STYLES);
    let series = style.map(|style| style.to_string());
    let fill = style
        .zip(fill_of(class))
        .map(|(style, fill)| url(&format!("{prefix}-{}-{style}", fill.word())));
    match &mark.shape {
        Shape::Path(path) => view! {
            <path class=class data-series=series style:--fill=fill d=path.clone()></path>
        }
        .into_any(),
        Shape::Line { from, to } => view! {
            <line class=class data-series=series x1=from.0 y1=from.1 x2=to.0 y2=to.1></line>
        }
        .into_any(),
        Shape::Rect {
            x,
            y,
            width,
            height,
        } => view! {
            <rect class=class data-series=series style:--fill=fill x=*x y=*y width=*width height=*height></rect>
        }
        .into_any(),
        Shape::Text { at, anchor, text } => view! {
            <text class=class data-series=series x=at.0 y=at.1 text-anchor=anchor.word()>{text.clone()}</text>
        }
        .into_any(),
        Shape::Marker { at } => view! {
            <path
                class=class
                data-series=series
                transform=format!("translate({:.1} {:.1})", at.0, at.1)
                d=marker(style.unwrap_or_default())
            ></path>
        }
        .into_any(),
    }
}
