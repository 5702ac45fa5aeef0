//! Sparklines: the course of a figure in the space of a word.

use leptos::prelude::*;

const WIDTH: f64 = 56.0;
const HEIGHT: f64 = 20.0;
/// Room for the line's width and for the dot at its end.
const MARGIN: f64 = 3.0;

/// Where a sparkline's marks are, in a box of 56 by 20.
#[derive(Clone, Debug, PartialEq)]
struct Marks {
    line: String,
    end: (f64, f64),
}

/// The least value at the bottom, the greatest at the top; of equal ones all are in the middle.
fn layout(values: &[u64]) -> Option<Marks> {
    let (least, greatest) = (values.iter().min()?, values.iter().max()?);
    if values.len() < 2 {
        return None;
    }
    let span = (greatest - least) as f64;
    let step = (WIDTH - MARGIN) / (values.len() - 1) as f64;
    let mut line = String::new();
    let mut end = (0.0, 0.0);
    for (place, value) in values.iter().enumerate() {
        let height = if span == 0.0 {
            0.5
        } else {
            (value - least) as f64 / span
        };
        end = (
            place as f64 * step,
            HEIGHT - MARGIN - height * (HEIGHT - 2.0 * MARGIN),
        );
        line.push(if place == 0 { 'M' } else { 'L' });
        line.push_str(&format!("{:.1} {:.1}", end.0, end.1));
    }
    Some(Marks { line, end })
}

/// A sparkline of at least two values; of fewer there is nothing to see.
#[component]
pub fn Spark(
    /// The values, the oldest first.
    values: Vec<u64>,
    #[prop(into)] label: String,
) -> impl IntoView {
    layout(&values).map(|marks| {
        let (x, y) = marks.end;
        let area = format!("{}V{HEIGHT}H0Z", marks.line);
        view! {
            <svg class="us-spark" viewBox="0 0 56 20" role="img" aria-label=label>
                <path class="area" d=area></path>
                <path class="c" d=marks.line></path>
                <circle cx=format!("{x:.1}") cy=format!("{y:.1}") r="2"></circle>
            </svg>
        }
    })
}

/// The line of a figure that never changes.
#[component]
pub fn FixedSpark(#[prop(into)] label: String) -> impl IntoView {
    view! {
        <svg class="us-spark us-spark--fixed" viewBox="0 0 56 20" role="img" aria-label=label>
            <path d="M0 10L56 10"></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn the_least_is_at_the_bottom_and_the_greatest_at_the_top() {
        let marks = layout(&[10, 20, 15]).unwrap();
        assert_eq!(marks.line, "M0.0 17.0L26.5 3.0L53.0 10.0");
        assert_eq!(marks.end, (53.0, 10.0));
    }

    #[test]
    fn equal_values_are_in_the_middle_and_one_is_no_course() {
        assert_eq!(layout(&[7, 7]).unwrap().line, "M0.0 10.0L53.0 10.0");
        assert_eq!(layout(&[7]), None);
        assert_eq!(layout(&[]), None);
    }
}
