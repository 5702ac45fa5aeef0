//! Bars: how many in each unit of time.

use leptos::prelude::*;

/// The height of the drawing, in its own units; the width is 1,000.
const HEIGHT: f64 = 100.0;
const WIDTH: f64 = 1_000.0;
/// The share of a bar's room that stays free beside it.
const GAP: f64 = 0.2;

/// A bar: its left end, top, width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Its left end.
    pub x: f64,
    /// Its top.
    pub y: f64,
    pub width: f64,
    /// Its height; 0 for nothing.
    pub height: f64,
}

/// The bars of some values in a box of 1,000 by 100, the greatest as high as the box. What is not 0 is at least 2 high.
#[must_use]
pub fn layout(values: &[u64]) -> Vec<Bar> {
    let greatest = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    let room = WIDTH / values.len().max(1) as f64;
    values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            let height = match *value {
                0 => 0.0,
                value => (value as f64 / greatest * HEIGHT).max(2.0),
            };
            Bar {
                x: (place as f64 + GAP / 2.0) * room,
                y: HEIGHT - height,
                width: room * (1.0 - GAP),
                height,
            }
        })
        .collect()
}

/// Bars that fill the width they are given. Says only what `label` says: the values stand in words beside it.
#[component]
pub fn Bars(
    /// The values, the oldest first.
    values: Vec<u64>,
    /// What the bars show, as a sentence with its finding.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let path: String = layout(&values)
        .iter()
        .filter(|bar| bar.height > 0.0)
        .map(|bar| {
            format!(
                "M{:.2} {HEIGHT}V{:.2}h{:.2}V{HEIGHT}z",
                bar.x, bar.y, bar.width
            )
        })
        .collect();
    view! {
        <svg class="us-bars" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label=label>
            <path d=path></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn bars_share_the_width_and_the_greatest_fills_the_height() {
        let bars = layout(&[0, 1, 50, 100]);
        assert_eq!(bars.len(), 4);
        assert_eq!(bars[0].height, 0.0);
        // One in a hundred would be lost: it is as high as can be seen.
        assert_eq!(bars[1].height, 2.0);
        assert_eq!(bars[2].height, 50.0);
        assert_eq!((bars[3].y, bars[3].height), (0.0, 100.0));
        for pair in bars.windows(2) {
            assert!(pair[0].x + pair[0].width < pair[1].x);
        }
        assert!(bars[3].x + bars[3].width <= 1_000.0);
    }

    #[test]
    fn nothing_has_no_bars() {
        assert!(layout(&[]).is_empty());
        assert!(layout(&[0, 0]).iter().all(|bar| bar.height == 0.0));
    }
}
