//! Distributions: how many fall into each stretch of a scale, a row a stretch.

use crate::scene::{Mark, Scene, Shape, TextAnchor};

/// The room for the words of a stretch, in px.
const WORDS: f64 = 80.0;
/// The least room for one of a bar's figures, the gap before it, and the width of a character of it.
const FIGURE: f64 = 44.0;
const BEFORE: f64 = 8.0;
const CHARACTER: f64 = 6.6;
/// The height of a bar, and of the room around the bars of a stretch.
const BAR: f64 = 14.0;
const AROUND: f64 = 10.0;
/// The gap between the bars of a stretch.
const GAP: f64 = 4.0;
/// The least width of what is not nothing.
const LEAST: f64 = 1.0;

/// What is to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// The stretches, the least first.
    pub stretches: Vec<String>,
    /// The series, each with a bar for each stretch.
    pub series: Vec<DistributionBars>,
}

/// The bars of a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DistributionBars {
    /// Which colour and pattern; none: that of a chart of one series.
    pub style: Option<usize>,
    /// The stretch that holds the median.
    pub median: Option<usize>,
    /// A bar for each stretch.
    pub bars: Vec<DistributionBar>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DistributionBar {
    /// Its share of the series, 0 to 1.
    pub share: f64,
    /// How many, in words; empty: not told.
    pub count: String,
    /// The share in words; empty: not told.
    pub percent: String,
}

/// Puts a distribution into a width in px; the height follows.
#[must_use]
pub fn layout(distribution: &Distribution, width: f64) -> Scene {
    let rows = distribution.series.len().max(1) as f64;
    let row = rows * BAR + (rows - 1.0) * GAP + AROUND;
    let bars = || distribution.series.iter().flat_map(|series| &series.bars);
    let figure = |of: fn(&DistributionBar) -> &String| {
        let longest = bars().map(|bar| of(bar).chars().count()).max();
        (longest.unwrap_or_default() as f64 * CHARACTER + BEFORE).max(FIGURE)
    };
    let percents = figure(|bar| &bar.percent);
    let room = (width - WORDS - figure(|bar| &bar.count) - percents).max(1.0);
    let greatest = bars().map(|bar| bar.share).fold(0.0, f64::max);
    let mut marks = Vec::new();
    for (stretch, words) in distribution.stretches.iter().enumerate() {
        let top = stretch as f64 * row + AROUND / 2.0;
        let holds_median = distribution
            .series
            .iter()
            .any(|series| series.median == Some(stretch));
        marks.push(text(
            if holds_median { "t-strong" } else { "t-2" },
            (0.0, top + BAR / 2.0 + 4.0),
            TextAnchor::Start,
            words,
        ));
        for (place, series) in distribution.series.iter().enumerate() {
            let Some(bar) = series.bars.get(stretch) else {
                continue;
            };
            let y = top + place as f64 * (BAR + GAP);
            if bar.share > 0.0 && greatest > 0.0 {
                marks.push(Mark {
                    class: if series.median == Some(stretch) {
                        "bar bar--stretch is-median"
                    } else {
                        "bar bar--stretch"
                    },
                    series: series.style,
                    shape: Shape::Rect {
                        x: WORDS,
                        y,
                        width: (bar.share / greatest * room).max(LEAST),
                        height: BAR,
                    },
                });
            }
            let baseline = y + BAR / 2.0 + 4.0;
            for (class, end, words) in [
                ("t-strong", width - percents, &bar.count),
                ("t-2", width, &bar.percent),
            ] {
                if !words.is_empty() {
                    marks.push(text(class, (end, baseline), TextAnchor::End, words));
                }
            }
        }
    }
    Scene {
        width,
        height: row * distribution.stretches.len() as f64,
        marks,
    }
}

fn text(class: &'static str, at: (f64, f64), anchor: TextAnchor, text: &str) -> Mark {
    Mark {
        class,
        series: None,
        shape: Shape::Text {
            at,
            anchor,
            text: text.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Distribution, DistributionBar, DistributionBars, layout};

    fn bar(share: f64, count: &str, percent: &str) -> DistributionBar {
        DistributionBar {
            share,
            count: count.to_owned(),
            percent: percent.to_owned(),
        }
    }

    #[test]
    fn the_greatest_fills_the_room_and_the_median_stands_out() {
        let distribution = Distribution {
            stretches: vec![
                "under 1 min".to_owned(),
                "1 to 2 min".to_owned(),
                "2 to 5 min".to_owned(),
            ],
            series: vec![DistributionBars {
                style: None,
                median: Some(1),
                bars: vec![
                    bar(0.25, "1", "25%"),
                    bar(0.75, "3", "75%"),
                    bar(0.0, "0", "0%"),
                ],
            }],
        };
        assert_eq!(
            layout(&distribution, 268.0).to_string(),
            "\
scene 268.0 x 72.0
t-2 text 0.0,16.0 start \"under 1 min\"
bar bar--stretch rect 80.0,5.0 33.3x14.0
t-strong text 224.0,16.0 end \"1\"
t-2 text 268.0,16.0 end \"25%\"
t-strong text 0.0,40.0 start \"1 to 2 min\"
bar bar--stretch is-median rect 80.0,29.0 100.0x14.0
t-strong text 224.0,40.0 end \"3\"
t-2 text 268.0,40.0 end \"75%\"
t-2 text 0.0,64.0 start \"2 to 5 min\"
t-strong text 224.0,64.0 end \"0\"
t-2 text 268.0,64.0 end \"0%\"
"
        );
    }

    #[test]
    fn long_figures_have_their_room() {
        let distribution = Distribution {
            stretches: vec!["under 1 min".to_owned()],
            series: vec![DistributionBars {
                bars: vec![bar(1.0, "1,234,567", "100.0%")],
                ..DistributionBars::default()
            }],
        };
        assert_eq!(
            layout(&distribution, 268.0).to_string(),
            "\
scene 268.0 x 24.0
t-2 text 0.0,16.0 start \"under 1 min\"
bar bar--stretch rect 80.0,5.0 73.0x14.0
t-strong text 220.4,16.0 end \"1,234,567\"
t-2 text 268.0,16.0 end \"100.0%\"
"
        );
    }

    #[test]
    fn series_stand_below_each_other_in_a_stretch() {
        let series = |style, share| DistributionBars {
            style: Some(style),
            median: None,
            bars: vec![bar(share, "", "")],
        };
        let distribution = Distribution {
            stretches: vec!["a".to_owned()],
            series: vec![series(1, 0.5), series(2, 1.0), series(3, 0.0)],
        };
        assert_eq!(
            layout(&distribution, 268.0).to_string(),
            "\
scene 268.0 x 60.0
t-2 text 0.0,16.0 start \"a\"
bar bar--stretch #1 rect 80.0,5.0 50.0x14.0
bar bar--stretch #2 rect 80.0,23.0 100.0x14.0
"
        );
    }

    #[test]
    fn nothing_has_no_height() {
        assert_eq!(layout(&Distribution::default(), 288.0).height, 0.0);
    }
}
