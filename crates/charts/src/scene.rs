//! What a chart consists of once everything has its place.

use std::fmt;

/// A chart of a size in px. Marks that come later lie above those before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub width: f64,
    pub height: f64,
    /// What there is to see.
    pub marks: Vec<Mark>,
}

/// Something to see. Its class says how it looks; colours come from [`Mark::series`].
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Classes of the stylesheet: `grid`, `axis`, `line`, `area`, `bar`, `drop`, `band`, `t-strong`, …
    pub class: &'static str,
    /// Which of the series' colours, dashes and patterns it has; none: none of them.
    pub series: Option<usize>,
    pub shape: Shape,
}

/// A shape, in px from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A path in SVG's notation.
    Path(String),
    Line {
        /// Where it begins.
        from: (f64, f64),
        /// Where it ends.
        to: (f64, f64),
    },
    /// A rectangle.
    Rect {
        x: f64,
        /// The upper edge.
        y: f64,
        width: f64,
        height: f64,
    },
    /// A word or a number.
    Text {
        /// Where it is anchored.
        at: (f64, f64),
        /// Which part of it stands there.
        anchor: TextAnchor,
        text: String,
    },
    /// The marker of a series: a circle, a square, a diamond, … as its series has it.
    Marker {
        /// Its middle.
        at: (f64, f64),
    },
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextAnchor {
    /// Its beginning.
    Start,
    Middle,
    End,
}

impl TextAnchor {
    /// The word of SVG's `text-anchor`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A line a mark, with one decimal: what golden tests compare.
impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "scene {:.1} x {:.1}", self.width, self.height)?;
        for mark in &self.marks {
            write!(f, "{}", mark.class)?;
            if let Some(series) = mark.series {
                write!(f, " #{series}")?;
            }
            match &mark.shape {
                Shape::Path(path) => writeln!(f, " path {path}")?,
                Shape::Line { from, to } => writeln!(
                    f,
                    " line {:.1},{:.1} {:.1},{:.1}",
                    from.0, from.1, to.0, to.1
                )?,
                Shape::Rect {
                    x,
                    y,
                    width,
                    height,
                } => writeln!(f, " rect {x:.1},{y:.1} {width:.1}x{height:.1}")?,
                Shape::Text { at, anchor, text } => writeln!(
                    f,
                    " text {:.1},{:.1} {} {text:?}",
                    at.0,
                    at.1,
                    anchor.word()
                )?,
                Shape::Marker { at } => writeln!(f, " marker {:.1},{:.1}", at.0, at.1)?,
            }
        }
        Ok(())
    }
}

/// Where on the screen something was chosen, in px of the window: what floats beside it stands here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Anchor {
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    pub width: f64,
    pub height: f64,
}
