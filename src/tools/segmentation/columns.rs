//! The columns of the table of series: what each comes to, or every figure of every bucket.

use std::sync::Arc;

use leptos::prelude::*;
use segments_charts::time::Figures;
use segments_format as format;
use segments_forms::segmentation::SeriesOf;
use segments_model::answer::{self, Bucket};
use segments_model::query::Interval;
use segments_model::{Instant, Stamp};
use segments_ui::Glyph;

use crate::tool::answer_table::{
    AnswerCell, AnswerColumn, AnswerRow, AnswerTable, AnswerTableView, At, InChart,
};
use crate::tool::buckets::{WHOLE_RANGE, is_running};
use crate::tools::segmentation::answer::{
    Change, SegmentationView, SeriesView, TimedAnswer, change_of,
};
use crate::tools::segmentation::chart::is_filled;
use crate::tools::segmentation::selections::NO_USERS;
use crate::tools::segmentation::state::SegmentationState;

/// How many buckets the table of all figures has columns for.
const MOST_COLUMNS: usize = 200;

/// A change as it stands in a table or on a tile.
#[must_use]
pub fn change_cell(change: Change) -> AnswerCell {
    match change {
        Change::None => AnswerCell::default(),
        Change::By(share) => {
            let (glyph, sign) = match share {
                share if share > 0.0 => (Some(Glyph::Up), "+"),
                share if share < 0.0 => (Some(Glyph::ArrowDown), "\u{2212}"),
                _ => (None, ""),
            };
            AnswerCell {
                glyph,
                text: format!("{sign}{}", format::percent(share.abs())),
                ..AnswerCell::default()
            }
        }
        Change::Not(why) => AnswerCell {
            hint: why.to_owned(),
            ..AnswerCell::default()
        },
    }
}

/// What a column tells of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// The whole range, as the answer tells it.
    Total,
    /// The mean of the complete buckets.
    Mean,
    /// The lowest of them.
    Lowest,
    /// The highest of them.
    Highest,
    /// A bucket by its place, complete or not.
    Bucket(usize),
    /// Against the range before.
    Change,
}

impl ColumnKind {
    /// The figure of a series, and the bucket that it is of; none: it is of several.
    #[must_use]
    pub fn figure(
        self,
        series: &answer::Series,
        buckets: &[Bucket],
    ) -> (Option<f64>, Option<usize>) {
        let complete = || {
            let values = series.values.iter().zip(buckets).enumerate();
            values
                .filter(|(_, (_, bucket))| bucket.complete)
                .filter_map(|(place, (value, _))| Some((place, (*value)?)))
        };
        let best = |is_better: fn(f64, f64) -> bool| {
            let best = complete().reduce(|best, next| {
                if is_better(next.1, best.1) {
                    next
                } else {
                    best
                }
            });
            (best.map(|(_, value)| value), best.map(|(place, _)| place))
        };
        match self {
            Self::Total => (series.total, None),
            Self::Mean => {
                let sum: f64 = complete().map(|(_, value)| value).sum();
                let count = complete().count();
                ((count > 0).then(|| sum / count as f64), None)
            }
            Self::Lowest => best(|next, best| next < best),
            Self::Highest => best(|next, best| next > best),
            Self::Bucket(place) => (series.values.get(place).copied().flatten(), Some(place)),
            Self::Change => match change_of(series) {
                Change::By(share) => (Some(share), None),
                Change::None | Change::Not(_) => (None, None),
            },
        }
    }

    fn cell(self, view: &TimedAnswer, shown: &SeriesView) -> AnswerCell {
        let Some(series) = view.answer.series.get(shown.place) else {
            return AnswerCell::default();
        };
        if self == Self::Change {
            return change_cell(change_of(series));
        }
        let (figure, bucket) = self.figure(series, &view.answer.buckets);
        let text = match (self, shown.figures, figure) {
            // A mean of whole numbers has one decimal.
            (Self::Mean, Figures::Counts, Some(mean)) => {
                format::decimal((mean * 10.0).round() / 10.0)
            }
            _ => shown.write(figure),
        };
        let when = bucket.and_then(|bucket| view.names.get(bucket));
        let when = when.map(|names| names.head.as_str());
        let hint = match (figure, shown.of, self) {
            (None, ..) => "No values to measure here.",
            (Some(_), SeriesOf::Formula(_), _) => NO_USERS,
            (Some(_), _, Self::Lowest | Self::Highest) => when.unwrap_or_default(),
            _ => "",
        };
        let has_users = figure.is_some() && shown.has_users() && self != Self::Mean;
        AnswerCell {
            hint: hint.to_owned(),
            press: has_users.then(|| {
                let when = when.unwrap_or("whole range");
                format!("{text}, {} {}, {when}", shown.mark, shown.name())
            }),
            text,
            ..AnswerCell::default()
        }
    }
}

/// The columns of an answer: what its series come to, or all buckets, the last of them at least.
fn columns(view: &TimedAnswer, all: bool) -> Vec<(ColumnKind, String)> {
    let buckets = &view.answer.buckets;
    let unit = view.unit();
    let bucket = |place: usize| {
        let name = view.names.get(place).map_or("", |names| &names.head);
        let so_far = buckets
            .get(place)
            .map_or("", |bucket| so_far(bucket, &view.answer.stamp));
        (ColumnKind::Bucket(place), format!("{name}{so_far}"))
    };
    let mut columns = vec![(ColumnKind::Total, WHOLE_RANGE.to_owned())];
    match buckets.len().checked_sub(1) {
        // The only bucket is the range itself.
        _ if view.query.interval == Interval::Full => {}
        _ if all => columns.extend((left_out(view)..buckets.len()).map(bucket)),
        Some(last) => columns.extend([
            (ColumnKind::Mean, format!("Mean per {unit}")),
            (ColumnKind::Lowest, format!("Lowest {unit}")),
            (ColumnKind::Highest, format!("Highest {unit}")),
            bucket(last),
        ]),
        None => {}
    }
    if let Some(previous) = &view.answer.previous {
        let days = whole_days(previous.start, previous.end);
        columns.push((ColumnKind::Change, previous_label(days)));
    }
    columns
}

fn so_far(bucket: &Bucket, stamp: &Stamp) -> &'static str {
    if bucket.complete {
        ""
    } else if is_running(bucket, stamp) {
        ", so far"
    } else {
        ", in part"
    }
}

/// The column of changes: "vs 30 days before".
fn previous_label(days: Option<u64>) -> String {
    match days {
        Some(1) => "vs the day before".to_owned(),
        Some(days) => format!("vs {days} days before"),
        None => "vs previous period".to_owned(),
    }
}

/// How many whole days a range has, give or take an hour of daylight saving; none: it has no whole number of them.
fn whole_days(start: Instant, end: Instant) -> Option<u64> {
    const DAY: i64 = 86_400_000;
    const HOUR: i64 = 3_600_000;
    let millis = end.millis() - start.millis();
    let days = (millis + DAY / 2) / DAY;
    let is_whole = (millis - days * DAY).abs() <= HOUR && days > 0;
    u64::try_from(days).ok().filter(|_| is_whole)
}

/// How many buckets, the earliest of all, have no column.
fn left_out(view: &TimedAnswer) -> usize {
    view.answer.buckets.len().saturating_sub(MOST_COLUMNS)
}

fn table(view: &Arc<SegmentationView>, all: bool) -> AnswerTable {
    let columns = columns(view, all);
    let kinds: Arc<[ColumnKind]> = columns.iter().map(|(kind, _)| *kind).collect();
    let series: Arc<[SeriesView]> = view.series().cloned().collect();
    let heads = columns.into_iter().map(|(kind, label)| AnswerColumn {
        label,
        class: if kind == ColumnKind::Total {
            "seg-total"
        } else {
            ""
        },
        ..AnswerColumn::default()
    });
    let row = |series: &SeriesView| AnswerRow {
        mark: series.mark.clone(),
        name: series.name().to_owned(),
        is_total: false,
    };
    let (of_view, of_series, of_kinds) =
        (Arc::clone(view), Arc::clone(&series), Arc::clone(&kinds));
    let figure = move |row: usize, column: usize| {
        let series = of_view.answer.series.get(of_series.get(row)?.place)?;
        of_kinds
            .get(column)?
            .figure(series, &of_view.answer.buckets)
            .0
    };
    let caption = if all {
        "All figures, one column per interval."
    } else {
        "Totals of each series. Mean, lowest and highest cover complete intervals only."
    };
    let rows = series.iter().map(row).collect();
    let view = Arc::clone(view);
    let cell = move |row: usize, column: usize| {
        let cell = kinds.get(column).zip(series.get(row));
        cell.map(|(kind, series)| kind.cell(&view, series))
            .unwrap_or_default()
    };
    AnswerTable {
        caption: caption.to_owned(),
        name: "Series".to_owned(),
        columns: heads.collect(),
        rows,
        figure: Box::new(figure),
        cell: Box::new(cell),
    }
}

/// The series, sorted by any column; each figure with users can be pressed.
#[component]
pub fn SeriesTable(
    /// Whether every bucket has a column; else a series has what it comes to.
    #[prop(optional)]
    all: bool,
) -> impl IntoView {
    let state = SegmentationState::expect();
    // Which series are drawn is no part of a row, so that it stays as it is, with the focus in it, when that changes.
    let table = Memo::new(move |_| Some(Arc::new(table(&state.view.get()?, all))));
    let kinds = state.view.part(move |view| {
        let columns = columns(view, all).into_iter();
        columns.map(|(kind, _)| kind).collect::<Vec<_>>()
    });
    let series = move |row: usize| {
        state
            .view
            .with(|view| view.series().nth(row).cloned())
            .flatten()
    };
    let toggle = move |(row, on): (usize, bool)| {
        if let Some(series) = untrack(|| series(row)) {
            state.tool.change("show or hide a series", None, |form| {
                if let Some(key) = form.key(series.of, &series.group) {
                    form.show_series(key, on);
                }
            });
        }
    };
    let in_chart = InChart {
        has: Callback::new(move |row| series(row).is_some_and(|series| series.drawn)),
        style: Callback::new(move |row| Some(series(row)?.style)),
        filled: Signal::derive(move || state.painted.with(|form| is_filled(form.chart))),
        full: Signal::stored(None),
        label: |row| format!("Show {} {}", row.mark, row.name),
        on_toggle: Callback::new(toggle),
    };
    // The place of a series in the answer, and the bucket that its figure in a column is of.
    let location = move |(row, column): At| {
        state.view.with(|view| {
            let place = view.series().nth(row)?.place;
            let kind = column.and_then(|column| kinds.with(|kinds| kinds.get(column).copied()));
            let series = view.answer.series.get(place)?;
            let bucket = kind.and_then(|kind| kind.figure(series, &view.answer.buckets).1);
            Some((place, bucket))
        })?
    };
    let is_selected = move |at: At| {
        let selected = state.selected.get();
        selected.is_some_and(|(series, bucket)| match (location(at), at.1) {
            (Some((place, None)), None) => series == Some(place),
            (Some((place, Some(of))), Some(_)) => (series, bucket) == (Some(place), Some(of)),
            _ => false,
        })
    };
    let press = move |(row, column, anchor)| {
        if let Some((place, bucket)) = untrack(|| location((row, Some(column)))) {
            state.select(place, bucket, anchor);
        }
    };
    let left_out = state
        .view
        .part(move |view| if all { left_out(view) } else { 0 });
    view! {
        <Show when=move || left_out.get() != 0>
            <p class="us-help seg-help" role="status">
                {move || {
                    let left_out = format::count(left_out.get() as u64);
                    format!("Showing the last {MOST_COLUMNS} columns. {left_out} earlier ones are hidden. Choose a longer interval to see the whole range.")
                }}
            </p>
        </Show>
        <AnswerTableView
            table
            class="seg"
            more_class=if all { "seg-table--all" } else { "" }
            label=if all { "All figures" } else { "Series" }
            in_chart=Signal::stored(Some(in_chart))
            is_selected=Callback::new(is_selected)
            on_press=Callback::new(press)
        />
    }
    .into_any()
}
