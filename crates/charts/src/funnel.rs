//! Funnels: a bar a step and group, what was lost before it hatched above it, and the flow between the steps.

use crate::scene::{Mark, Scene, Shape, TextAnchor};

/// Room above the bars and below them, in px.
const ABOVE: f64 = 8.0;
const BELOW: f64 = 8.0;
/// The share of a step's room that one bar fills, and that several do.
const ONE: f64 = 0.62;
const SEVERAL: f64 = 0.86;
/// The greatest width of a bar in px: of one a step, and of several.
const WIDEST: f64 = 200.0;
const WIDEST_OF_SEVERAL: f64 = 96.0;
/// The gap between the bars of a step.
const GAP: f64 = 2.0;
/// The least height of what is not nothing.
const LEAST: f64 = 1.0;

/// What is to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelPicture {
    /// Which steps are optional; says how many there are.
    pub optional: Vec<bool>,
    /// The groups beside each other, each with a bar for each step.
    pub groups: Vec<FunnelBars>,
    /// The marks of the axis: a share of 0 to 1 and how it is written.
    pub ticks: Vec<(f64, String)>,
    /// Whether the bars of one group are joined by the flow from step to step: where all shares are of the same users.
    pub flow: bool,
    pub on: Option<FunnelPart>,
}

/// The bars of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelBars {
    /// Which colour and pattern; none: that of a chart of one series.
    pub style: Option<usize>,
    /// A bar for each step.
    pub bars: Vec<FunnelBar>,
}

/// A bar with what was lost before it, as shares of 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FunnelBar {
    /// How high the bar is.
    pub share: f64,
    /// How high what was lost reaches; where that is not above the bar, nothing was.
    pub before: f64,
}

/// A part of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunnelPart {
    /// Which group, by its place in the picture.
    pub group: usize,
    /// Which step, counted from 0.
    pub step: usize,
    /// Which of the two.
    pub side: FunnelSide,
}

/// A bar, or what is hatched above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelSide {
    /// Those who reached the step.
    Reached,
    /// Those who got to the step before and not to this one.
    Lost,
}

/// A part of the picture that can be chosen, and where it is in px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunnelHit {
    pub part: FunnelPart,
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A picture with everything in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelLayout {
    /// What there is to see.
    pub scene: Scene,
    /// What can be chosen, a part at most once.
    pub hits: Vec<FunnelHit>,
}

/// Puts a picture into a size in px. `left` is the room for the words of the axis; without it they are left out.
#[must_use]
pub fn layout(picture: &FunnelPicture, width: f64, height: f64, left: f64) -> FunnelLayout {
    let steps = picture.optional.len();
    let plot = FunnelPlot {
        left,
        width: (width - left).max(0.0),
        height: (height - ABOVE - BELOW).max(0.0),
        column: (width - left).max(0.0) / steps.max(1) as f64,
        groups: picture.groups.len(),
    };
    let mut marks = Vec::new();
    axis(picture, &plot, &mut marks);
    if let ([group], true) = (picture.groups.as_slice(), picture.flow) {
        flow(picture, group, &plot, &mut marks);
    }
    let mut hits = Vec::new();
    for step in 0..steps {
        for (place, group) in picture.groups.iter().enumerate() {
            if let Some(bar) = group.bars.get(step) {
                let at = Place {
                    group: place,
                    step,
                    style: group.style,
                };
                column(picture, &plot, *bar, &at, &mut marks, &mut hits);
            }
        }
    }
    FunnelLayout {
        scene: Scene {
            width,
            height,
            marks,
        },
        hits,
    }
}

struct FunnelPlot {
    left: f64,
    width: f64,
    height: f64,
    column: f64,
    groups: usize,
}

impl FunnelPlot {
    fn y(&self, share: f64) -> f64 {
        ABOVE + (1.0 - share.clamp(0.0, 1.0)) * self.height
    }

    /// The left edge and the width of a bar.
    fn bar(&self, step: usize, group: usize) -> (f64, f64) {
        let groups = self.groups.max(1) as f64;
        let (share, gap, widest) = if self.groups > 1 {
            (SEVERAL, GAP, WIDEST_OF_SEVERAL)
        } else {
            (ONE, 0.0, WIDEST)
        };
        let width = ((self.column * share - gap * (groups - 1.0)) / groups).clamp(1.0, widest);
        let start = self.left + self.column * step as f64;
        (start + group as f64 * (width + gap), width)
    }
}

struct Place {
    group: usize,
    step: usize,
    style: Option<usize>,
}

fn axis(picture: &FunnelPicture, plot: &FunnelPlot, marks: &mut Vec<Mark>) {
    for (share, words) in &picture.ticks {
        let y = plot.y(*share);
        marks.push(Mark {
            class: if *share == 0.0 { "axis" } else { "grid" },
            series: None,
            shape: Shape::Line {
                from: (plot.left, y),
                to: (plot.left + plot.width, y),
            },
        });
        if plot.left > 0.0 {
            marks.push(Mark {
                class: "tick",
                series: None,
                shape: Shape::Text {
                    at: (plot.left - 8.0, y + 4.0),
                    anchor: TextAnchor::End,
                    text: words.clone(),
                },
            });
        }
    }
}

/// From each required step to the next; optional ones stand before it.
fn flow(picture: &FunnelPicture, group: &FunnelBars, plot: &FunnelPlot, marks: &mut Vec<Mark>) {
    let required: Vec<(usize, FunnelBar)> = picture
        .optional
        .iter()
        .zip(&group.bars)
        .enumerate()
        .filter(|(_, (optional, _))| !**optional)
        .map(|(step, (_, bar))| (step, *bar))
        .collect();
    for pair in required.windows(2) {
        let [(from, before), (to, after)] = pair else {
            continue;
        };
        let (x, width) = plot.bar(*from, 0);
        let (end, _) = plot.bar(*to, 0);
        let (high, low, base) = (plot.y(before.share), plot.y(after.share), plot.y(0.0));
        marks.push(Mark {
            class: "flow",
            series: None,
            shape: Shape::Path(format!(
                "M{:.1} {high:.1}L{end:.1} {low:.1}V{base:.1}H{:.1}Z",
                x + width,
                x + width
            )),
        });
    }
}

fn column(
    picture: &FunnelPicture,
    plot: &FunnelPlot,
    bar: FunnelBar,
    at: &Place,
    marks: &mut Vec<Mark>,
    hits: &mut Vec<FunnelHit>,
) {
    let (x, width) = plot.bar(at.step, at.group);
    let base = plot.y(0.0);
    let top = plot.y(bar.share);
    let part = |side| FunnelPart {
        group: at.group,
        step: at.step,
        side,
    };
    let is_on = |side| picture.on == Some(part(side));
    if bar.share > 0.0 {
        let height = (base - top).max(LEAST);
        let optional = picture.optional.get(at.step).copied().unwrap_or_default();
        let on = is_on(FunnelSide::Reached);
        let y = base - height;
        marks.push(Mark {
            class: match (optional, on) {
                (false, false) => "bar",
                (false, true) => "bar is-on",
                (true, false) => "bar bar--optional",
                (true, true) => "bar bar--optional is-on",
            },
            series: at.style,
            shape: Shape::Rect {
                x,
                y,
                width,
                height,
            },
        });
        hits.push(FunnelHit {
            part: part(FunnelSide::Reached),
            x,
            y,
            width,
            height,
        });
    }
    if bar.before > bar.share {
        let y = plot.y(bar.before);
        let height = (top - y).max(LEAST);
        marks.push(Mark {
            class: if is_on(FunnelSide::Lost) {
                "drop is-on"
            } else {
                "drop"
            },
            series: at.style,
            shape: Shape::Rect {
                x,
                y,
                width,
                height,
            },
        });
        hits.push(FunnelHit {
            part: part(FunnelSide::Lost),
            x,
            y,
            width,
            height,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{FunnelBar, FunnelBars, FunnelPart, FunnelPicture, FunnelSide, layout};

    fn bars(style: Option<usize>, bars: &[(f64, f64)]) -> FunnelBars {
        FunnelBars {
            style,
            bars: bars
                .iter()
                .map(|(share, before)| FunnelBar {
                    share: *share,
                    before: *before,
                })
                .collect(),
        }
    }

    fn ticks() -> Vec<(f64, String)> {
        vec![
            (0.0, "0%".to_owned()),
            (0.5, "50%".to_owned()),
            (1.0, "100%".to_owned()),
        ]
    }

    #[test]
    fn one_group_flows_from_step_to_step() {
        let picture = FunnelPicture {
            optional: vec![false, true, false],
            groups: vec![bars(None, &[(1.0, 1.0), (0.25, 0.25), (0.5, 1.0)])],
            ticks: ticks(),
            flow: true,
            on: Some(FunnelPart {
                group: 0,
                step: 2,
                side: FunnelSide::Lost,
            }),
        };
        assert_eq!(
            layout(&picture, 340.0, 216.0, 40.0).scene.to_string(),
            "\
scene 340.0 x 216.0
axis line 40.0,208.0 340.0,208.0
tick text 32.0,212.0 end \"0%\"
grid line 40.0,108.0 340.0,108.0
tick text 32.0,112.0 end \"50%\"
grid line 40.0,8.0 340.0,8.0
tick text 32.0,12.0 end \"100%\"
flow path M102.0 8.0L240.0 108.0V208.0H102.0Z
bar rect 40.0,8.0 62.0x200.0
bar bar--optional rect 140.0,158.0 62.0x50.0
bar rect 240.0,108.0 62.0x100.0
drop is-on rect 240.0,8.0 62.0x100.0
"
        );
    }

    #[test]
    fn several_groups_stand_beside_each_other() {
        let picture = FunnelPicture {
            optional: vec![false, false],
            groups: vec![
                bars(Some(0), &[(1.0, 1.0), (0.5, 1.0)]),
                bars(Some(3), &[(1.0, 1.0), (0.0, 1.0)]),
            ],
            ticks: Vec::new(),
            flow: true,
            on: Some(FunnelPart {
                group: 1,
                step: 0,
                side: FunnelSide::Reached,
            }),
        };
        let laid = layout(&picture, 200.0, 216.0, 0.0);
        assert_eq!(
            laid.scene.to_string(),
            "\
scene 200.0 x 216.0
bar #0 rect 0.0,8.0 42.0x200.0
bar is-on #3 rect 44.0,8.0 42.0x200.0
bar #0 rect 100.0,108.0 42.0x100.0
drop #0 rect 100.0,8.0 42.0x100.0
drop #3 rect 144.0,8.0 42.0x200.0
"
        );
        // What is not there cannot be chosen, everything else once.
        assert_eq!(laid.hits.len(), 5);
        for (place, hit) in laid.hits.iter().enumerate() {
            assert!(
                laid.hits
                    .iter()
                    .skip(place + 1)
                    .all(|other| other.part != hit.part)
            );
        }
    }

    #[test]
    fn what_is_hardly_there_can_be_seen() {
        let picture = FunnelPicture {
            optional: vec![false, false],
            groups: vec![bars(None, &[(1.0, 1.0), (0.000_1, 1.0)])],
            ..FunnelPicture::default()
        };
        let text = layout(&picture, 200.0, 216.0, 0.0).scene.to_string();
        assert!(text.contains("bar rect 100.0,207.0 62.0x1.0"), "{text}");
    }

    #[test]
    fn a_bar_is_not_wider_than_it_has_to_be() {
        let one = FunnelPicture {
            optional: vec![false],
            groups: vec![bars(None, &[(1.0, 1.0)])],
            ..FunnelPicture::default()
        };
        assert_eq!(layout(&one, 900.0, 216.0, 0.0).hits[0].width, 200.0);
        let two = FunnelPicture {
            groups: vec![bars(Some(0), &[(1.0, 1.0)]), bars(Some(1), &[(1.0, 1.0)])],
            ..one
        };
        let hits = layout(&two, 900.0, 216.0, 0.0).hits;
        assert_eq!((hits[0].width, hits[1].x), (96.0, 98.0));
    }

    #[test]
    fn nothing_is_an_empty_picture() {
        let laid = layout(&FunnelPicture::default(), 0.0, 0.0, 40.0);
        assert_eq!((laid.hits.len(), laid.scene.marks.len()), (0, 0));
    }
}
