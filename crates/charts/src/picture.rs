//! A picture of charts that is read without the page: title, legend, drawings one below the other, and the stamp.

use crate::scale::{fitted_text, text_width, wrapped};
use crate::scene::{Mark, Scene, Shape, TextAnchor};
use crate::time::TimeChart;

/// The room at each side.
const MARGIN: f64 = 16.0;
/// The least width of what stands between the margins.
const LEAST: f64 = 288.0;
/// The height of a line of the title, of words, and of the small ones at the foot.
const TITLE: f64 = 22.0;
const LINE: f64 = 18.0;
const SMALL: f64 = 16.0;
/// How much wider letters of a title are than those of 11 px.
const TITLE_WIDER: f64 = 1.45;
/// Medium letters are a little wider than normal ones.
const STRONG_WIDER: f64 = 1.1;
/// Between one part and the next.
const APART: f64 = 12.0;
/// The width of a key, its distance from its name, and of a name from the next key.
const KEY: f64 = 18.0;
const KEY_BESIDE: f64 = 6.0;
const KEYS_APART: f64 = 16.0;
/// Between the parts of the stamp.
const DOT: &str = " \u{b7} ";

/// What a picture says around its drawings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PictureWords {
    /// What stands above each drawing, the uppermost first; an empty one is left out.
    pub headings: Vec<String>,
    /// What the signs mean.
    pub legend: Vec<PictureKey>,
    /// Lines above the columns of the first drawing, which share its plot evenly; the first line is strong.
    pub heads: Vec<Vec<String>>,
    /// Lines below them.
    pub feet: Vec<Vec<String>>,
    /// What has to be known besides.
    pub notes: Vec<String>,
    /// As of when, the bounds, the zone, the unit, the exactness.
    pub stamp: Vec<String>,
}

/// A sign with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureKey {
    pub sign: Sign,
    /// What it stands for.
    pub name: String,
}

/// A sign of a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The line and marker of a series.
    Line(usize),
    /// The bars or areas of a series.
    Surface(usize),
    /// The line of the range before.
    Before,
    Shaded,
    Hatched,
}

impl PictureWords {
    /// The legend of charts over time: every series once, and what is shaded, hatched and dotted in them.
    #[must_use]
    pub fn of_charts(charts: &[&TimeChart]) -> Self {
        let mut legend: Vec<PictureKey> = Vec::new();
        let mut add = |sign: Sign, name: &str| {
            let key = PictureKey {
                sign,
                name: name.to_owned(),
            };
            if !name.is_empty() && !legend.contains(&key) {
                legend.push(key);
            }
        };
        let series = |chart: &TimeChart| {
            let filled = chart.kind.is_filled();
            let keys = chart.series.iter().map(move |series| {
                let sign = if filled {
                    Sign::Surface(series.style)
                } else {
                    Sign::Line(series.style)
                };
                (sign, series.name.clone())
            });
            keys.collect::<Vec<_>>()
        };
        for (sign, name) in charts.iter().flat_map(|chart| series(chart)) {
            add(sign, &name);
        }
        let has_before = |chart: &&TimeChart| {
            let mut series = chart.series.iter();
            series.any(|series| !series.previous.is_empty())
        };
        if charts.iter().any(has_before) {
            add(Sign::Before, "Previous period");
        }
        let buckets = || charts.iter().flat_map(|chart| &chart.buckets);
        if buckets().any(|bucket| bucket.weekend) {
            add(Sign::Shaded, "Weekend");
        }
        if buckets().any(|bucket| !bucket.complete) {
            add(Sign::Hatched, "Partial interval");
        }
        Self {
            legend,
            ..Self::default()
        }
    }
}

/// A drawing that is to be in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PicturePart {
    pub width: f64,
    pub height: f64,
    /// How far from its left edge its plot begins.
    pub left: f64,
}

/// A picture with everything in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureLayout {
    /// Its ground and its words; the drawings lie upon it.
    pub scene: Scene,
    /// The upper left corner of each drawing.
    pub places: Vec<(f64, f64)>,
}

/// Puts drawings below each other, with words around them.
#[must_use]
pub fn layout(title: &str, words: &PictureWords, parts: &[PicturePart]) -> PictureLayout {
    let room = parts.iter().map(|part| part.width).fold(LEAST, f64::max);
    let mut page = Page {
        room,
        y: MARGIN,
        marks: vec![Mark {
            class: "picture__ground",
            series: None,
            shape: Shape::Rect {
                x: 0.0,
                y: 0.0,
                width: room + 2.0 * MARGIN,
                height: 0.0,
            },
        }],
    };
    for line in wrapped(title, room, TITLE_WIDER) {
        page.line("t-strong picture__title", TITLE, line);
    }
    page.y += 6.0;
    page.legend(&words.legend);
    let mut places = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        page.y += APART;
        if let Some(heading) = words.headings.get(place) {
            for line in wrapped(heading, room, STRONG_WIDER) {
                page.line("t-strong", LINE, line);
            }
        }
        let columns = place == 0;
        if columns {
            page.columns(&words.heads, part);
        }
        places.push((MARGIN, page.y));
        page.y += part.height;
        if columns {
            page.columns(&words.feet, part);
        }
    }
    if !words.notes.is_empty() || !words.stamp.is_empty() {
        page.y += APART;
    }
    for note in &words.notes {
        for line in wrapped(note, room, 1.0) {
            page.line("t-2", SMALL, line);
        }
    }
    for line in joined(&words.stamp, room) {
        page.line("", SMALL, line);
    }
    let (width, height) = (room + 2.0 * MARGIN, page.y + MARGIN - 4.0);
    if let Some(Mark {
        shape: Shape::Rect { height: ground, .. },
        ..
    }) = page.marks.first_mut()
    {
        *ground = height;
    }
    PictureLayout {
        scene: Scene {
            width,
            height,
            marks: page.marks,
        },
        places,
    }
}

/// What is written so far.
struct Page {
    room: f64,
    y: f64,
    marks: Vec<Mark>,
}

impl Page {
    /// A line of words; `y` is its upper edge before, and its lower one afterwards.
    fn line(&mut self, class: &'static str, height: f64, text: String) {
        self.text(class, (MARGIN, self.y + height - 5.0), text);
        self.y += height;
    }

    fn text(&mut self, class: &'static str, at: (f64, f64), text: String) {
        self.marks.push(Mark {
            class,
            series: None,
            shape: Shape::Text {
                at,
                anchor: TextAnchor::Start,
                text,
            },
        });
    }

    fn legend(&mut self, keys: &[PictureKey]) {
        let mut x = 0.0;
        for key in keys {
            let name = fitted_text(&key.name, self.room - KEY - KEY_BESIDE);
            let width = KEY + KEY_BESIDE + text_width(&name);
            if x > 0.0 && x + width > self.room {
                x = 0.0;
                self.y += LINE;
            }
            self.key(key.sign, MARGIN + x, self.y + LINE / 2.0);
            let at = (MARGIN + x + KEY + KEY_BESIDE, self.y + LINE - 5.0);
            self.text("t-2", at, name);
            x += width + KEYS_APART;
        }
        if !keys.is_empty() {
            self.y += LINE;
        }
    }

    fn key(&mut self, sign: Sign, x: f64, middle: f64) {
        let mut push = |class, series, shape| {
            self.marks.push(Mark {
                class,
                series,
                shape,
            });
        };
        let line = || Shape::Line {
            from: (x, middle),
            to: (x + KEY, middle),
        };
        let surface = || Shape::Rect {
            x,
            y: middle - 5.0,
            width: KEY,
            height: 10.0,
        };
        match sign {
            Sign::Line(style) => {
                push("line", Some(style), line());
                let at = (x + KEY / 2.0, middle);
                push("dot", Some(style), Shape::Marker { at });
            }
            Sign::Surface(style) => push("bar", Some(style), surface()),
            Sign::Before => push("line line--prev", None, line()),
            Sign::Shaded => push("band", None, surface()),
            Sign::Hatched => push("unfinished", None, surface()),
        }
    }

    /// Lines in columns that share the plot of a drawing.
    fn columns(&mut self, columns: &[Vec<String>], part: &PicturePart) {
        let width = (part.width - part.left).max(0.0) / columns.len().max(1) as f64;
        let mut lines = 0;
        for (place, column) in columns.iter().enumerate() {
            let x = MARGIN + part.left + place as f64 * width;
            let mut line = 0;
            for (rank, text) in column.iter().enumerate() {
                let (class, wider) = if rank == 0 {
                    ("t-strong", STRONG_WIDER)
                } else {
                    ("t-2", 1.0)
                };
                for text in wrapped(text, width - 8.0, wider) {
                    line += 1;
                    let y = self.y + f64::from(line) * SMALL - 4.0;
                    self.text(class, (x, y), text);
                }
            }
            lines = lines.max(line);
        }
        if lines == 0 {
            return;
        }
        self.y += f64::from(lines) * SMALL + 4.0;
    }
}

/// Parts with dots between them, in lines that end with a whole part where it has room.
fn joined(parts: &[String], room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        match lines.last_mut() {
            Some(line) if text_width(line) + text_width(DOT) + text_width(part) <= room => {
                line.push_str(DOT);
                line.push_str(part);
            }
            _ => lines.extend(wrapped(part, room, 1.0)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{PictureKey, PicturePart, PictureWords, Sign, layout};
    use crate::golden;
    use crate::scale::text_width;
    use crate::scene::Shape;
    use crate::time::{TimeBucket, TimeChart, TimeKind, TimeSeries};

    fn stamp() -> Vec<String> {
        [
            "As of 23 Nov 2026, 09:14 EST",
            "25 Oct 2026 00:00 EDT (UTC\u{2212}4) to 23 Nov 2026 09:14 EST (UTC\u{2212}5), 30 days",
            "America/New_York",
            "A users, B events",
            "Exact",
        ]
        .map(str::to_owned)
        .into()
    }

    fn key(sign: Sign, name: &str) -> PictureKey {
        PictureKey {
            sign,
            name: name.to_owned(),
        }
    }

    fn part(width: f64, height: f64, left: f64) -> PicturePart {
        PicturePart {
            width,
            height,
            left,
        }
    }

    /// Two panes of three series.
    fn panes() -> PictureWords {
        PictureWords {
            headings: vec![
                "A Product Viewed, users per day".to_owned(),
                "B Order Completed, total count per day".to_owned(),
            ],
            legend: vec![
                key(Sign::Line(0), "United States"),
                key(Sign::Line(1), "United Kingdom"),
                key(Sign::Line(10), "Germany"),
                key(Sign::Before, "Previous period"),
                key(Sign::Shaded, "Weekend"),
                key(Sign::Hatched, "Partial interval"),
            ],
            stamp: stamp(),
            ..PictureWords::default()
        }
    }

    #[test]
    fn pictures_stand_as_they_did() {
        let title = "Product Viewed and Order Completed by country";
        let wide = [part(864.0, 252.0, 36.0), part(864.0, 152.0, 36.0)];
        golden::check("picture_panes", &layout(title, &panes(), &wide).scene);
        let narrow = [part(326.0, 252.0, 36.0), part(326.0, 152.0, 36.0)];
        golden::check("picture_phone", &layout(title, &panes(), &narrow).scene);
        let column = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let funnel = PictureWords {
            legend: vec![
                key(Sign::Surface(0), "All users"),
                key(Sign::Surface(3), "Germany"),
            ],
            heads: vec![
                column(&["1 Product Viewed", "100.0%", "11,464 users"]),
                column(&[
                    "2 A step with a name that has no room at all here",
                    "39.3%",
                    "4,502 users",
                ]),
            ],
            feet: vec![
                Vec::new(),
                column(&["6,962 dropped 60.7%", "4,083 still have time"]),
            ],
            notes: vec!["Figures are of all users.".to_owned()],
            stamp: stamp(),
            ..PictureWords::default()
        };
        let scene = layout(
            "Product Viewed to Order Completed",
            &funnel,
            &[part(400.0, 280.0, 40.0)],
        );
        golden::check("picture_funnel", &scene.scene);
    }

    #[test]
    fn drawings_are_below_each_other_and_words_stay_beside_them() {
        for width in [200.0, 326.0, 864.0] {
            let parts = [part(width, 252.0, 36.0), part(width, 152.0, 36.0)];
            let long = "A query whose title goes on for longer than any picture is wide ".repeat(4);
            let laid = layout(&long, &panes(), &parts);
            let [(_, first), (_, second)] = laid.places[..] else {
                panic!("two drawings have two places");
            };
            assert!(first + 252.0 < second);
            let mut below = 0;
            for mark in &laid.scene.marks {
                if let Shape::Text { at, text, .. } = &mark.shape {
                    let inside = |top: f64, height: f64| at.1 > top && at.1 - 11.0 < top + height;
                    assert!(!inside(first, 252.0) && !inside(second, 152.0), "{text}");
                    assert!(at.0 + text_width(text) <= laid.scene.width, "{text}");
                    below += usize::from(at.1 > second + 152.0);
                }
                if let Shape::Rect { width, height, .. } = mark.shape
                    && mark.class == "picture__ground"
                {
                    assert_eq!((width, height), (laid.scene.width, laid.scene.height));
                }
            }
            assert!(below > 0);
        }
    }

    #[test]
    fn the_legend_of_charts_names_each_sign_once() {
        let chart = |kind| TimeChart {
            kind,
            buckets: vec![TimeBucket {
                weekend: true,
                ..TimeBucket::default()
            }],
            series: vec![
                TimeSeries {
                    name: "Mobile".to_owned(),
                    style: 2,
                    previous: vec![Some(1.0)],
                    ..TimeSeries::default()
                },
                TimeSeries::default(),
            ],
            ..TimeChart::default()
        };
        let words = PictureWords::of_charts(&[&chart(TimeKind::Line), &chart(TimeKind::Line)]);
        assert_eq!(
            words.legend,
            [
                key(Sign::Line(2), "Mobile"),
                key(Sign::Before, "Previous period"),
                key(Sign::Shaded, "Weekend"),
                key(Sign::Hatched, "Partial interval"),
            ]
        );
        let words = PictureWords::of_charts(&[&chart(TimeKind::Area)]);
        assert_eq!(words.legend[0].sign, Sign::Surface(2));
        assert_eq!(PictureWords::of_charts(&[]), PictureWords::default());
    }
}
