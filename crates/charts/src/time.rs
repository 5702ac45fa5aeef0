//! Figures over time: lines, areas and bars, each series over the same buckets.

pub mod cursor;
pub mod decimate;
pub mod layout;
pub mod ticks;

use chrono::{DateTime, FixedOffset};

pub use crate::figures::Figures;
use crate::scene::Anchor;

/// How the figures are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimeKind {
    /// A line a series.
    #[default]
    Line,
    /// Areas, one upon the other.
    Area,
    /// Bars beside each other.
    Bar,
    /// Bars, one upon the other.
    StackedBar,
}

impl TimeKind {
    /// Whether the series are surfaces rather than lines.
    #[must_use]
    pub const fn is_filled(self) -> bool {
        match self {
            Self::Line => false,
            Self::Area | Self::Bar | Self::StackedBar => true,
        }
    }

    /// Whether the first and the last bucket stand at the edges; otherwise each bucket has a stretch of the axis.
    #[must_use]
    pub const fn reaches_edges(self) -> bool {
        match self {
            Self::Line | Self::Area => true,
            Self::Bar | Self::StackedBar => false,
        }
    }
}

/// What is to be shown. All series have a figure for each bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeChart {
    /// How.
    pub kind: TimeKind,
    /// The buckets, the earliest first.
    pub buckets: Vec<TimeBucket>,
    pub series: Vec<TimeSeries>,
    /// How the figures are written.
    pub figures: Figures,
}

/// A bucket as the axis names it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeBucket {
    /// A short name for the axis: `16 Nov`.
    pub short: String,
    /// Its whole name, for the cursor: `Mon 16 Nov 2026`.
    pub long: String,
    /// Whether it is a whole unit and over; what is not is drawn as unfinished.
    pub complete: bool,
    /// Whether it lies on a weekend, which is shaded.
    pub weekend: bool,
    /// When it begins, by the clock of the zone; none where it is no stretch of time.
    pub start: Option<DateTime<FixedOffset>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeSeries {
    pub name: String,
    /// What its figures count or measure: `users`; empty where the figures say it themselves.
    pub unit: String,
    /// Which colour, dash and marker.
    pub style: usize,
    /// A figure for each bucket; none where it is missing.
    pub values: Vec<Option<f64>>,
    /// The figures of the range before, bucket by bucket; empty: not compared.
    pub previous: Vec<Option<f64>>,
    /// The bucket from which on its own figures are still running, whatever the bucket is for others; none: none are.
    pub running_from: Option<usize>,
}

impl TimeSeries {
    /// Whether the series' own figure of a bucket is still running.
    #[must_use]
    pub fn is_running(&self, bucket: usize) -> bool {
        let figure = self.values.get(bucket).copied().flatten();
        figure.is_some() && self.running_from.is_some_and(|from| from <= bucket)
    }
}

/// What was chosen in a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimePick {
    /// Which series, by its place in the chart.
    pub series: usize,
    pub bucket: usize,
    /// Where it is on the screen.
    pub anchor: Anchor,
}
