//! The figures of an answer as they are shown: rows of generations, columns of periods.

use segments_charts::heat::{LEVELS, Scale};
use segments_model::Value;
use segments_model::answer::{CohortAnswer, CohortCell};
use segments_model::criterion::CohortOutcome;
use segments_model::selection::{CohortSelection, Selection};

/// Which generation, none for the missing value; none: all of them together.
pub type Generation = Option<Option<Value>>;

/// A part of an answer: a cell, a row, a column, or all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CohortPart {
    /// The generation; none: all of them together.
    pub generation: Generation,
    /// The period; none: the whole row.
    pub period: Option<usize>,
}

impl CohortPart {
    /// The part that a selection is about, whichever of its users.
    #[must_use]
    pub fn of(selection: &Selection) -> Option<Self> {
        let Selection::Cohort(selection) = selection else {
            return None;
        };
        let period = |period| usize::try_from(period).unwrap_or(usize::MAX);
        Some(Self {
            generation: selection.generation.clone(),
            period: selection.period.map(period),
        })
    }

    /// Some of its users.
    #[must_use]
    pub fn selection(&self, outcome: CohortOutcome) -> Selection {
        let period = |period| u32::try_from(period).unwrap_or(u32::MAX);
        Selection::Cohort(CohortSelection {
            generation: self.generation.clone(),
            period: self.period.map(period),
            outcome,
        })
    }
}

/// The figures of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// All generations together.
    pub overall: GridRow,
    /// The generations that have users.
    pub rows: Vec<GridRow>,
    /// How many periods have begun for anybody.
    pub periods: usize,
    /// How many periods nobody has come to yet.
    pub not_begun: usize,
    /// Which rates have which colour.
    pub scale: Scale,
}

/// A generation, or all together.
#[derive(Clone, Debug, PartialEq)]
pub struct GridRow {
    pub generation: Generation,
    /// How many users started.
    pub users: u64,
    /// A cell for each period that has begun for anybody; none where it has not for this generation.
    pub cells: Vec<Option<GridCell>>,
}

impl GridRow {
    /// The cell of a period, where it has begun.
    #[must_use]
    pub fn cell(&self, period: usize) -> Option<GridCell> {
        self.cells.get(period).copied().flatten()
    }
}

/// A generation in a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridCell {
    /// How many users returned, or their sum.
    pub value: f64,
    /// Of how many users.
    pub users: u64,
    /// The value for each of these users: a share where users are counted. Missing where there are none.
    pub rate: Option<f64>,
    /// How much the rate differs from that of the period before.
    pub change: Option<f64>,
    /// Whether the period is over.
    pub complete: bool,
}

impl Grid {
    /// The figures of an answer.
    #[must_use]
    pub fn of(answer: &CohortAnswer) -> Self {
        let has = |cells: &[CohortCell]| {
            cells
                .iter()
                .rposition(|cell| cell.value.is_some())
                .map_or(0, |last| last + 1)
        };
        let all = answer.overall.cells.len();
        let rows = answer.rows.iter().filter(|row| row.users > 0);
        let periods = rows
            .clone()
            .map(|row| has(&row.cells))
            .chain([has(&answer.overall.cells)])
            .max()
            .unwrap_or(0);
        let overall = row(None, answer.overall.users, &answer.overall.cells, periods);
        let rows: Vec<_> = rows
            .map(|of| row(Some(of.generation.clone()), of.users, &of.cells, periods))
            .collect();
        let scale = scale(&rows);
        Self {
            overall,
            rows,
            periods,
            not_begun: all.saturating_sub(periods),
            scale,
        }
    }

    /// The row of a generation, or of all together.
    #[must_use]
    pub fn row(&self, generation: &Generation) -> Option<&GridRow> {
        self.all().find(|row| row.generation == *generation)
    }

    /// The row of all generations together, and then those of each.
    pub fn all(&self) -> impl Iterator<Item = &GridRow> {
        std::iter::once(&self.overall).chain(&self.rows)
    }

    /// Which row and which period a part is at; the first ones where it is of all of them.
    #[must_use]
    pub fn place(&self, part: &CohortPart) -> (usize, usize) {
        let mut rows = self.rows.iter();
        let row = rows.position(|row| row.generation == part.generation);
        (row.unwrap_or(0), part.period.unwrap_or(0))
    }

    /// Whether there is a period of which all generations together have a figure.
    #[must_use]
    pub fn has_average(&self) -> bool {
        let mut cells = self.overall.cells.iter().flatten();
        cells.any(|cell| cell.rate.is_some())
    }

    /// The periods whose figures are told large: the first after the start, and the eighth or the last that is complete.
    #[must_use]
    pub fn notable(&self) -> Vec<usize> {
        let cells = self.overall.cells.iter().enumerate();
        let complete: Vec<usize> = cells
            .filter_map(|(period, cell)| cell.as_ref().map(|_| period))
            .collect();
        let first = complete.contains(&1).then_some(1);
        let mut late = complete.into_iter().rev();
        let late = late.find(|period| (2..=8).contains(period));
        first.into_iter().chain(late).collect()
    }

    /// The generations that have a line by themselves: the latest ones, by property the largest, of those whose line is at
    /// least half as long as the longest, or of all where none has a line yet; as many as can be told apart beside the line of
    /// all.
    #[must_use]
    pub fn usual_lines(&self, by_time: bool) -> Vec<Option<Value>> {
        const MOST: usize = 5;
        let length = |row: &GridRow| {
            let cells = row.cells.iter().flatten();
            cells.filter(|cell| cell.complete).count()
        };
        let longest = self.rows.iter().map(length).max().unwrap_or(0);
        let with_line = self
            .rows
            .iter()
            .filter(|row| longest < 2 || length(row) > 1 && length(row) * 2 >= longest);
        let generations: Vec<_> = with_line.filter_map(|row| row.generation.clone()).collect();
        let skip = if by_time {
            generations.len().saturating_sub(MOST)
        } else {
            0
        };
        generations.into_iter().skip(skip).take(MOST).collect()
    }
}

fn row(generation: Generation, users: u64, cells: &[CohortCell], periods: usize) -> GridRow {
    let mut before: Option<f64> = None;
    let cells = cells
        .iter()
        .take(periods)
        .map(|cell| {
            let rate = cell
                .value
                .filter(|_| cell.users > 0)
                .map(|value| value / cell.users as f64);
            let change = rate.zip(before).map(|(rate, before)| rate - before);
            before = rate;
            Some(GridCell {
                value: cell.value?,
                users: cell.users,
                rate,
                change,
                complete: cell.complete,
            })
        })
        .collect();
    GridRow {
        generation,
        users,
        cells,
    }
}

/// Which rates have which colour. What is still running would only make the least levels, so that it counts where there is
/// nothing else. The first period holds the start, as a rule with far more returns than any other: the levels are for the
/// others, where they are some.
fn scale(rows: &[GridRow]) -> Scale {
    let rates = |complete: bool| {
        let cells = rows.iter().flat_map(|row| row.cells.iter().enumerate());
        let cells = cells.filter_map(|(period, cell)| Some((period, cell.as_ref()?)));
        cells
            .filter(move |(_, cell)| cell.complete == complete)
            .filter_map(|(period, cell)| Some((period, cell.rate?)))
            .collect::<Vec<_>>()
    };
    let over = rates(true);
    let all = if over.is_empty() { rates(false) } else { over };
    let greatest = all.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let later = all
        .iter()
        .filter(|(period, rate)| *period > 0 && *rate > 0.0);
    let from = usize::from(later.count() >= LEVELS);
    let usual = all.iter().filter(|(period, _)| *period >= from);
    Scale::of(usual.map(|(_, rate)| *rate), greatest)
}

/// The 95 % interval of a share, least and greatest: where the share of the many that these users are a sample of may lie.
///
/// The interval of E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
/// American Statistical Association 22 (1927), 209–212. Unlike the one that is usual it stays within 0 and 1, and holds for
/// few users too.
#[must_use]
pub fn interval(of: f64, users: u64) -> Option<(f64, f64)> {
    /// The 97.5 % quantile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if users == 0 {
        return None;
    }
    let n = users as f64;
    let share = of / n;
    let weight = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / weight;
    let half = Z / weight * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer() -> CohortAnswer {
        let cell = |value: Option<f64>, users: u64, complete: bool| json!({"value": value, "users": users, "complete": complete});
        serde_json::from_value(json!({
            "stamp": {"as_of": "2026-03-25T00:00:00.000Z", "time_zone": "UTC", "start": null, "end": null, "unit": "users",
                "exact": true, "data_version": "1", "took_ms": 1},
            "rows": [
                {"generation": "2026-03-02T00:00:00.000Z", "users": 4, "cells": [
                    cell(Some(3.0), 4, true), cell(Some(1.0), 4, true), cell(Some(2.0), 4, false), cell(None, 4, false)]},
                {"generation": "2026-03-09T00:00:00.000Z", "users": 0, "cells": [
                    cell(Some(0.0), 0, true), cell(Some(0.0), 0, false), cell(None, 0, false), cell(None, 0, false)]},
                {"generation": "2026-03-16T00:00:00.000Z", "users": 6, "cells": [
                    cell(Some(6.0), 6, true), cell(Some(1.0), 6, false), cell(None, 6, false), cell(None, 6, false)]},
            ],
            "overall": {"users": 10, "cells": [
                cell(Some(9.0), 10, true), cell(Some(1.0), 4, true), cell(None, 0, false), cell(None, 0, false)]},
            "groups_left_out": 0,
        }))
        .unwrap()
    }

    #[test]
    fn only_generations_with_users_and_periods_that_began_are_shown() {
        let grid = Grid::of(&answer());
        assert_eq!((grid.periods, grid.not_begun), (3, 1));
        let users: Vec<_> = grid.rows.iter().map(|row| row.users).collect();
        assert_eq!(users, [4, 6]);
        assert_eq!(grid.rows[1].cells.len(), 3);
        assert_eq!(grid.rows[1].cells[2], None);
        assert_eq!(grid.overall.cells[2], None);
    }

    #[test]
    fn rates_are_of_the_users_of_the_cell_and_changes_of_rates() {
        let grid = Grid::of(&answer());
        let cells: Vec<_> = grid.rows[0].cells.iter().flatten().collect();
        let rates: Vec<_> = cells.iter().map(|cell| cell.rate).collect();
        assert_eq!(rates, [Some(0.75), Some(0.25), Some(0.5)]);
        let changes: Vec<_> = cells.iter().map(|cell| cell.change).collect();
        assert_eq!(changes, [None, Some(-0.5), Some(0.25)]);
        assert_eq!(grid.overall.cells[1].unwrap().change, Some(0.25 - 0.9));
    }

    #[test]
    fn only_complete_cells_make_the_scale_where_there_are_some() {
        let mut answer = answer();
        let scale = Grid::of(&answer).scale;
        answer.rows[0].cells[2].value = Some(400.0);
        assert_eq!(Grid::of(&answer).scale, scale);
        for row in &mut answer.rows {
            for cell in &mut row.cells {
                cell.complete = false;
            }
        }
        assert_ne!(Grid::of(&answer).scale, scale);
    }

    #[test]
    fn the_large_figures_are_of_complete_periods() {
        let mut grid = Grid::of(&answer());
        assert_eq!(grid.notable(), [1]);
        let cell = grid.overall.cells[1];
        for (count, periods) in [(12, vec![1, 8]), (4, vec![1, 3]), (2, vec![1]), (1, vec![])] {
            grid.overall.cells = vec![cell; count];
            assert_eq!(grid.notable(), periods);
        }
    }

    #[test]
    fn the_usual_lines_are_the_latest_or_the_largest() {
        let mut grid = Grid::of(&answer());
        // One complete cell is no line.
        assert_eq!(grid.usual_lines(true).len(), 1);
        let row = grid.rows[0].clone();
        grid.rows = (0..7)
            .map(|place| GridRow {
                generation: Some(Some(Value::from(f64::from(place)))),
                ..row.clone()
            })
            .collect();
        let numbers = |from: i32| {
            (from..from + 5)
                .map(|number| Some(Value::from(f64::from(number))))
                .collect::<Vec<_>>()
        };
        assert_eq!(grid.usual_lines(true), numbers(2));
        assert_eq!(grid.usual_lines(false), numbers(0));
    }

    #[test]
    fn a_part_goes_through_a_selection_unchanged() {
        for generation in [None, Some(None), Some(Some(Value::from("x")))] {
            for period in [None, Some(0), Some(7)] {
                let part = CohortPart {
                    generation: generation.clone(),
                    period,
                };
                for outcome in [CohortOutcome::Started, CohortOutcome::NotReturned] {
                    assert_eq!(CohortPart::of(&part.selection(outcome)), Some(part.clone()));
                }
            }
        }
    }

    #[test]
    fn intervals_are_those_of_wilson() {
        // The figures of a published table: 81 of 263 is 25.5 % to 36.6 %, 0 of 20 up to 16.1 %.
        let near = |interval: Option<(f64, f64)>, least: f64, most: f64| {
            let (low, high) = interval.unwrap();
            assert!(
                (low - least).abs() < 5e-4 && (high - most).abs() < 5e-4,
                "{low} {high}"
            );
        };
        near(interval(81.0, 263), 0.2553, 0.3662);
        near(interval(0.0, 20), 0.0, 0.1611);
        near(interval(20.0, 20), 0.8389, 1.0);
        assert_eq!(interval(0.0, 0), None);
        let (low, high) = interval(500.0, 1_000).unwrap();
        assert!(low < 0.5 && high > 0.5);
    }
}
