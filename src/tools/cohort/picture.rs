//! What the drawings say when they are taken along.

use segments_charts::picture::PictureWords;
use segments_forms::cohort::{CellFigure, Chart, Shown};

use crate::tool::page::as_of_words;
use crate::tools::cohort::answer::Seen;
use crate::tools::cohort::lines;

/// The words around the drawings of an answer as it is shown.
#[must_use]
pub fn words(seen: &Seen, shown: &Shown) -> PictureWords {
    let words = &seen.words;
    let figure = match (shown.figure, words.counts_users()) {
        (CellFigure::Rate, true) => "% of cohort".to_owned(),
        (CellFigure::Rate, false) => "per user".to_owned(),
        (CellFigure::Value, true) => "users".to_owned(),
        (CellFigure::Value, false) => "sum".to_owned(),
        (CellFigure::Change, _) => format!("change against the {} before", words.word()),
    };
    let figures = format!("{} by {}, {figure}", words.returning_title(), words.word());
    let around = match shown.chart {
        Chart::Lines => {
            let chart = lines::chart(seen, shown);
            let is_any_running = chart.series.iter().any(|series| {
                let mut buckets = 0..chart.buckets.len();
                buckets.any(|bucket| series.is_running(bucket))
            });
            let running = || format!("Dotted: {} still running", words.word());
            PictureWords {
                headings: vec![figures],
                notes: is_any_running.then(running).into_iter().collect(),
                ..PictureWords::of_charts(&[&chart])
            }
        }
        Chart::Heat => {
            let curve = if words.counts_users() {
                "All cohorts, weighted, with the 95% interval (Wilson)"
            } else {
                "All cohorts, weighted"
            };
            let is_drawn = shown.curve && seen.grid.has_average();
            let curve = is_drawn.then(|| curve.to_owned());
            PictureWords {
                headings: curve.into_iter().chain([figures]).collect(),
                ..PictureWords::default()
            }
        }
    };
    PictureWords {
        stamp: as_of_words(seen.answered.answer.stamp(), None),
        ..around
    }
}
